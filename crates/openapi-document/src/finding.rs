//! What is wrong with a document, and where.

use std::fmt;

use crate::document::{Place, Source};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is generated until it is fixed.
    Error,
    /// The client lacks something that the contract says; it is generated all the same.
    Note,
}

impl Severity {
    /// The word for it: `error` or `note`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Note => "note",
        }
    }
}

/// A rule that a contract must follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its stable name.
    pub id: &'static str,
    /// What its findings weigh.
    pub severity: Severity,
    /// Whether the contract may make an exception of it.
    pub waivable: bool,
    /// What it asks, in one line.
    pub summary: &'static str,
}

impl Rule {
    /// A rule without which nothing can be read or generated: it cannot be waived.
    #[must_use]
    pub const fn required(id: &'static str, summary: &'static str) -> Self {
        Self { id, severity: Severity::Error, waivable: false, summary }
    }

    /// A rule whose findings are errors unless they are waived.
    #[must_use]
    pub const fn error(id: &'static str, summary: &'static str) -> Self {
        Self { id, severity: Severity::Error, waivable: true, summary }
    }

    /// A rule whose findings are notes.
    #[must_use]
    pub const fn note(id: &'static str, summary: &'static str) -> Self {
        Self { id, severity: Severity::Note, waivable: true, summary }
    }
}

/// Declares rules as constants, and all of them as `RULES`, in their order.
#[macro_export]
macro_rules! rules {
    ($($name:ident = $kind:ident($id:literal, $summary:literal);)*) => {
        $(
            #[doc = concat!("`", $id, "`: ", $summary, ".")]
            pub const $name: $crate::Rule = $crate::Rule::$kind($id, $summary);
        )*

        /// Every rule of this crate.
        pub const RULES: &[$crate::Rule] = &[$($name),*];
    };
}

/// Something that is wrong with the contract, or worth knowing of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that was broken, a stable name.
    pub rule: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// The file, as given.
    pub path: String,
    /// Line and column, both from 1, if the place is known.
    pub place: Option<Place>,
    /// The JSON Pointer of the value; empty for the whole document.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What was expected, or how to fix it.
    pub help: String,
    /// Why the contract lets it pass, if it does.
    pub waived: Option<String>,
}

impl Finding {
    /// Whether nothing can be generated because of it.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error && self.waived.is_none()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}[{}]: {}", self.severity.word(), self.rule, self.message)?;
        if !self.pointer.is_empty() {
            write!(f, "\n  at {}", self.pointer)?;
        }
        write!(f, "\n  help: {}", self.help)
    }
}

impl Source {
    /// A finding at `pointer`, or at its nearest ancestor that has a place.
    #[must_use]
    pub fn finding(
        &self,
        rule: Rule,
        pointer: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Finding {
        Finding {
            rule: rule.id,
            severity: rule.severity,
            path: self.path.clone(),
            place: self.place(pointer),
            pointer: pointer.to_owned(),
            message: message.into(),
            help: help.into(),
            waived: None,
        }
    }
}
