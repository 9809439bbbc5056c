//! Compares two OpenAPI 3.0 documents by what they mean.

mod annotations;
mod body;
mod change;
mod compare;
mod document;
mod header;
mod keywords;
mod node;
mod objects;
mod operation;
mod parameter;
mod response;
mod schema;
mod security;
mod server;
mod settle;
mod shape;
mod types;
mod unions;
mod values;
mod words;

pub use change::{Change, Direction, OperationRef, Site, Verdict};
pub use document::{Document, Malformed, Place, Source, escape, unescape};

/// Every change from `base` to `revision`.
#[must_use]
pub fn diff(base: &Document, revision: &Document) -> Vec<Change> {
    compare::Comparison::run(base, revision)
}
