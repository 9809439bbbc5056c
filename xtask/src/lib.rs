//! The build steps of the workspace, as functions: `cargo xtask` calls them, and so do the tests.

pub mod annotation;
pub mod codegen;
pub mod contract;
pub mod lint;
pub mod page;
pub mod report;
pub mod review;
pub mod revision;
pub mod rules;
pub mod rust_api;
pub mod snapshots;
pub mod source;
mod structure;
pub mod words;
