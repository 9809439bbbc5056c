//! The tests across crates, in one binary: linking takes longer than most of them run.

mod calls;
mod contract;
mod generated;
mod scenarios;
mod short_stress;
mod wire;
mod workspace;
