//! Compares two OpenAPI 3.0, 3.1 or 3.2 documents by what they mean: what changed, for which operations, and whom
//! it breaks.
//!
//! ```
//! use openapi_diff::{Direction, Document, Verdict, diff};
//!
//! let contract = |limit: u32| {
//!     format!(
//!         "
//! openapi: 3.0.3
//! info: {{title: Pets, version: '1'}}
//! paths:
//!   /pets:
//!     post:
//!       requestBody:
//!         content: {{application/json: {{schema: {{$ref: '#/components/schemas/Pet'}}}}}}
//!       responses: {{'204': {{description: Done}}}}
//! components:
//!   schemas:
//!     Pet: {{type: object, properties: {{name: {{type: string, maxLength: {limit}}}}}}}
//! "
//!     )
//! };
//! let base = Document::parse("base.yaml", &contract(80))?;
//! let revision = Document::parse("revision.yaml", &contract(40))?;
//!
//! let changes = diff(&base, &revision);
//! assert_eq!(changes.len(), 1);
//! assert_eq!(changes[0].rule, "request-property-max-length-decreased");
//! assert_eq!(changes[0].direction, Direction::Request);
//! assert_eq!(changes[0].wire, Verdict::Breaking);
//! assert_eq!(changes[0].operations[0].to_string(), "POST /pets");
//! assert_eq!(changes[0].message, "`Pet.name` has at most 40 characters now, not 80");
//! # Ok::<(), Box<openapi_diff::Diagnostic>>(())
//! ```
//!
//! # Meaning, not text
//!
//! A schema is what it allows. References are followed, `allOf` is opened, alternatives are matched
//! by what they describe, and what limits nothing is taken away before anything is compared; so
//! extracting or inlining a `$ref`, renaming a component, wrapping in `allOf`, moving a parameter to
//! its path, renaming a variable of a path template, or another order of keys is no change. Each
//! change is found once, with every operation that it reaches, also through others' schemas.
//!
//! # Verdicts
//!
//! [`Change::wire`] is about messages: is what was right by the base right by the revision?
//! [`Change::run_time`] is about a client that was built against the base: does it get what it got?
//! Where that is something else, [`Change::run_time_note`] says why.
//!
//! | what happens to the values that are right | in a request | in a response |
//! |---|---|---|
//! | some are lost (a bound, `required`, `enum`, a type is stricter) | breaking | compatible |
//! | some are gained (the same is looser) | compatible | breaking |
//! | both, or nobody can tell | breaking | breaking |
//! | a property, parameter or header is gone that nobody had to send | potentially breaking | potentially breaking |
//! | a property, parameter or header is new and optional | compatible | compatible |
//! | names, descriptions, examples, deprecation | compatible | compatible |
//!
//! In a callback and in a webhook the service writes and the client reads: there the columns change
//! places. What a
//! property marked `readOnly` does in a request, or `writeOnly` in a response, does not count
//! (OpenAPI 3.0.3 section 4.7.24). [`rules`] has a sentence for every rule, and why its verdict is
//! what it is.
//!
//! Two properties of JSON Schema are read as their authors mean them. An object that does not forbid
//! other members is still what its properties say: adding one breaks nobody, although strictly it
//! limits what was anything before. And `nullable` counts beside `allOf`, `oneOf` and `anyOf`,
//! although strictly it needs a `type` beside it.
//!
//! # Versions
//!
//! A document is compared with one of another version: a contract that was written anew for OpenAPI 3.1
//! is the same contract. `nullable: true` is the type `null`, `exclusiveMinimum: true` a number,
//! `format: byte` is `contentEncoding: base64`, `format: binary` is `contentMediaType:
//! application/octet-stream`, and a body of any bytes needs no schema. Beside `nullable: true`, `null`
//! need not be listed in an `enum`; beside `type: [string, 'null']` it must. The keywords of JSON Schema
//! 2020-12 are compared in every version; only what stands beside a `$ref` is ignored in 3.0. `$id`,
//! `$anchor` and `$dynamicAnchor` lead where they do, as long as that is one place. Closed objects are
//! closed to what no part of the schema names, by `additionalProperties` as by `unevaluatedProperties`.
//!
//! What the comparison does not understand, it says when it differs, by a change named
//! `comparison-incomplete` that is potentially breaking: keywords and members that no version up to 3.1
//! has, such as a misspelt one or the `itemSchema` of 3.2 (its methods and `querystring` are compared),
//! another dialect of JSON Schema, `$vocabulary`, a `$dynamicRef` with several targets,
//! `unevaluatedItems` beside `contains`.
//!
//! # What is not looked at
//!
//! - Extensions (`x-…`), but for `x-etag`, which says where the entity tag of a resource is,
//!   `x-extensible-enum`, which lists values that are known, and `x-sunset`, when an operation goes.
//! - Examples, `$comment`, `externalDocs`, `xml`, contact and licence, the texts of tags.
//! - What a bearer token looks like: `bearerFormat`.
//! - References to the network: if both sides name the same URL in the same place, what is there is taken to be the
//!   same, and otherwise a change named `comparison-incomplete` says that nobody knows. References to other files
//!   are followed by [`Document::load`].
//! - Which of two patterns takes in the other. Patterns of names that the `regex` crate does not have,
//!   such as those that look ahead, are held against no name.
//! - Components that no operation leads to.
//!
//! # Features
//!
//! `cli`, which is on by default, is the `openapi-diff` command; libraries do without it. `report` is what that
//! shows, and what decides of it: `report`, `policy`, `config`, `accepted`.
//!
//! A document that is no contract has no operations, and so no changes: ask [`unfit`] first.

#[cfg(feature = "report")]
pub mod accepted;
mod change;
mod comparison;
#[cfg(feature = "report")]
pub mod config;
mod dialect;
mod diff;
mod finding;
mod fitness;
mod network;
mod numbers;
mod operation;
#[cfg(feature = "report")]
pub mod policy;
mod recorder;
mod render;
#[cfg(feature = "report")]
pub mod report;
mod rules;
mod schema;

pub use change::{Change, Direction, Location, OperationRef, Verdict};
pub use fitness::unfit;
pub use openapi_document::{Diagnostic, Document, Place, Source, escape, unescape};
pub use rules::{Rule, rules};

/// Every change from `base` to `revision`: of the document, of the operations that stayed, of those
/// that went, of those that came, of what they call back, of webhooks; each in the order of its document.
///
/// Takes any document and never panics; what is no part of a contract counts as absent. Schemas that
/// lead to each other in a circle are compared once. What was not compared, because a document is too
/// large or because nothing is known of a keyword, a change named `comparison-incomplete` says.
#[must_use]
pub fn diff(base: &Document, revision: &Document) -> Vec<Change> {
    diff::run(base, revision)
}
