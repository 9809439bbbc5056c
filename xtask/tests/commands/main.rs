//! The commands as they are called, in one binary: linking takes longer than most of these tests.

mod browser;
mod codegen;
mod config;
mod diff;
mod docs;
mod lint;
mod review;
#[path = "../../../crates/openapi-docs/tests/sound/mod.rs"]
mod sound;
mod workspace;
