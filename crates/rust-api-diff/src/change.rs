//! What a comparison of two generated files found, item by item, and what it means for those who
//! compile against them.

use std::fmt;

use serde::Serialize;

/// The least that the version of the crate must go up by, as Cargo counts it.
///
/// Ordered: what breaks is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Semver {
    /// Nothing that a program is compiled against.
    Patch,
    /// Programs compile as before; some may see a warning, or have to say more where a type was
    /// inferred.
    Minor,
    /// A program that compiled may no longer compile.
    Major,
}

impl fmt::Display for Semver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        })
    }
}

/// One change of a public item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemChange {
    /// The path of the item: `types::Address::postal_code`, `Client::update_customer`,
    /// `types::Address: Default` for what a type implements.
    pub item: String,
    /// What the item is named after.
    pub subject: Subject,
    /// The rule that found it, one of [`RULES`](crate::RULES).
    pub rule: &'static str,
    /// What it means for those who compile against the crate.
    pub semver: Semver,
    /// The code as it was; `None` if there was none.
    pub before: Option<String>,
    /// The code as it is; `None` if there is none.
    pub after: Option<String>,
    /// What changed and what follows from it, a sentence.
    pub message: String,
}

/// What in the contract an item is named after, in the words of the code: whoever knows the contract finds it there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Subject {
    /// The contract as a whole.
    Contract,
    /// A schema.
    Type {
        /// The name of the type.
        name: String,
    },
    /// A property of a schema.
    Field {
        /// The name of the type.
        of: String,
        /// The name of the property on the wire; `None` for the properties that have no name.
        property: Option<String>,
    },
    /// A value of an `enum`, or a branch of `oneOf` or `anyOf`.
    Variant {
        /// The name of the type.
        of: String,
        /// The name of the variant.
        name: String,
        /// The value on the wire.
        value: String,
    },
    /// Properties of a schema and of those it refers to.
    Properties {
        /// The name of the type.
        of: String,
        /// JSON Pointers into a value of that type, in which `*` stands for every element of a list.
        pointers: Vec<String>,
    },
    /// An operation.
    Operation {
        /// The name of the method.
        method: String,
    },
    /// A parameter of an operation, or its request body.
    Parameter {
        /// The name of the method.
        method: String,
        /// The name of the argument.
        argument: String,
        /// What it was called before, if it is called something else.
        was: Option<String>,
    },
    /// What an operation answers.
    Answer {
        /// The name of the method.
        method: String,
        /// Whether it is one of success.
        success: bool,
    },
    /// Nothing: every generated client has the item.
    Nothing,
}

/// Accumulates the changes.
#[derive(Default)]
pub(super) struct Recorder {
    pub(super) changes: Vec<ItemChange>,
}

/// An item of both files, and what it is named after.
#[derive(Clone)]
pub(super) struct ItemContext {
    pub(super) item: String,
    pub(super) subject: Subject,
}

impl ItemContext {
    /// What is inside of the item, and what that is named after.
    pub(super) fn inner(&self, name: &str, subject: Subject) -> Self {
        Self { item: format!("{}::{name}", self.item), subject }
    }

    pub(super) fn about(&self, subject: Subject) -> Self {
        Self { item: self.item.clone(), subject }
    }
}

impl Recorder {
    pub(super) fn record(
        &mut self,
        context: &ItemContext,
        (rule, semver): (&'static str, Semver),
        (before, after): (Option<String>, Option<String>),
        message: impl Into<String>,
    ) {
        let ItemContext { item, subject } = context.clone();
        self.changes.push(ItemChange {
            item,
            subject,
            rule,
            semver,
            before,
            after,
            message: message.into(),
        });
    }
}
