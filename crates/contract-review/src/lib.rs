//! Ties the verdicts on a contract together: what the lint and the generator say of it, what changed on the
//! wire and at run time, what changed in the Rust API, and which change of the contract that comes from.

pub mod compile;
#[cfg(test)]
mod examples;
mod generated;
pub mod generator;
mod left_out;
pub mod notes;
pub mod report;
pub mod review;
pub mod rules;
pub mod snapshots;
mod trace;
pub mod workspace;

pub use generated::{Generated, findings, generate, lint, problems};
pub use left_out::LeftOut;
pub use openapi_diff::report::{annotation, words};
pub use trace::Trace;
