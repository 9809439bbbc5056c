//! The tests across crates, in one binary: linking takes longer than most of them run.

mod calls;
mod contract;
mod generated;
#[allow(deprecated, unused, clippy::pedantic)]
#[rustfmt::skip]
mod generated_calls;
mod scenarios;
mod short_stress;
mod wire;
mod workspace;
