//! Compares two OpenAPI 3.0 documents by what they mean.

mod body;
mod change;
mod compare;
mod document;
mod keywords;
mod node;
mod objects;
mod operation;
mod parameter;
mod response;
mod schema;
mod security;
mod server;
mod shape;
mod unions;
mod words;

pub use change::{Change, Direction, OperationRef, Site, Verdict};
pub use document::{Document, Malformed, Place, Source, escape, unescape};

/// Every change from `base` to `revision`.
#[must_use]
pub fn diff(base: &Document, revision: &Document) -> Vec<Change> {
    compare::Comparison::run(base, revision)
}
