//! Where things stand in a file, and what is wrong with them there.

use std::collections::BTreeMap;
use std::fmt;

/// The places of a document: JSON Pointer to line and column, both from 1.
#[derive(Debug)]
pub struct Source {
    pub(crate) path: String,
    pub(crate) places: BTreeMap<String, (u64, u64)>,
}

/// Something that is wrong with the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that was broken, a stable name.
    pub rule: &'static str,
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
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": error[{}]: {}", self.rule, self.message)?;
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
        rule: &'static str,
        pointer: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Finding {
        let mut at = pointer;
        let place = loop {
            if let Some(&place) = self.places.get(at) {
                break Some(place);
            }
            match at.rfind('/') {
                Some(end) => at = &at[..end],
                None => break None,
            }
        };
        Finding {
            rule,
            path: self.path.clone(),
            place,
            pointer: pointer.to_owned(),
            message: message.into(),
            help: help.into(),
        }
    }
}

/// Two names that become the same Rust identifier have the same folded form: without case and
/// punctuation.
#[must_use]
pub fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Escapes one reference token of a JSON Pointer (RFC 6901 section 3).
#[must_use]
pub fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}
