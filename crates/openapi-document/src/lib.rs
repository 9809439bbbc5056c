//! Reads OpenAPI documents: where each value stands in its file, where a reference leads, which
//! operations there are.
//!
//! ```
//! use openapi_document::Document;
//!
//! let document = Document::parse(
//!     "pets.yaml",
//!     "
//! openapi: 3.0.3
//! info: {title: Pets, version: '1'}
//! paths:
//!   /pets:
//!     get: {responses: {'200': {$ref: '#/components/responses/Pets'}}}
//! components:
//!   responses:
//!     Pets: {description: All of them.}
//! ",
//! )?;
//! let operation = document.operations().next().ok_or("no operation")?;
//! assert_eq!((operation.method, operation.path), ("get", "/pets"));
//!
//! let response = document.at("/paths/~1pets/get/responses/200").ok_or("no response")?;
//! let response = document.resolve(response).ok_or("unresolved")?;
//! assert_eq!(response.pointer, "/components/responses/Pets");
//! assert_eq!(document.source.place(&response.pointer), Some((9, 5)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Any text may be read: what is no part of a contract counts as absent, and nothing panics.

mod contract;
mod cursor;
mod decimal;
mod diagnostic;
mod document;
mod files;
mod identifier;
mod keywords;
mod load;
mod names;
mod object;
mod operation;
mod places;
mod pointer;
mod reference;
mod revision;
mod scalar;
mod source;

pub use contract::Contract;
pub use cursor::Cursor;
pub use decimal::Decimal;
pub use diagnostic::{
    Bad, CIRCULAR, DANGLING, Diagnostic, Good, Profile, RULES, Rule, Severity, UNREADABLE, YAML,
};
pub use document::Document;
pub use files::{Files, Folder};
pub use identifier::{argument_name, field_name, type_name};
pub use keywords::{BOUNDS, is_said, type_of};
pub use names::{fold, nearest};
pub use operation::{METHODS, Operation, Parameter};
pub use pointer::{Pointer, escape, unescape};
pub use reference::Unread;
pub use revision::Revision;
pub use source::{Excerpt, Place, Source};
