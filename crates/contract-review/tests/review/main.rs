//! The verdicts on changes of a contract, put together.

mod report;
mod rust_api;
