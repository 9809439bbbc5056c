//! Where things stand in a file, and what is wrong with them there.

use std::fmt;

use openapi_document::Source;
pub use openapi_document::{escape, within};

use crate::rules::{self, Severity};

/// Something that is wrong with the contract, or worth knowing of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that was broken, a stable name.
    pub rule: &'static str,
    /// How much it weighs, by the catalogue of [`crate::rules::RULES`].
    pub severity: Severity,
    /// The file, as given.
    pub path: String,
    /// Line and column, both from 1, if the place is known.
    pub place: Option<(u64, u64)>,
    /// The JSON Pointer of the value; empty for the whole document.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What was expected, or how to mend it.
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

/// A finding at `pointer`, or at its nearest ancestor that has a place.
#[must_use]
pub fn finding(
    source: &Source,
    rule: &'static str,
    pointer: &str,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Finding {
    Finding {
        rule,
        severity: rules::rule(rule).map_or(Severity::Error, |rule| rule.severity),
        path: source.path.clone(),
        place: source.place(pointer),
        pointer: pointer.to_owned(),
        message: message.into(),
        help: help.into(),
        waived: None,
    }
}

/// Two names that become the same Rust identifier have the same folded form: without case and
/// punctuation.
#[must_use]
pub fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
