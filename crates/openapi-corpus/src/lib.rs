//! Proves that generated models can be trusted: of many schemas the client is generated and compiled, and
//! many instances of each are read, written back and checked by it.

pub mod batch;
pub mod harness;
pub mod instances;
pub mod report;
pub mod run;
pub mod schemas;
pub mod validator;
mod verdict;
