//! The library under stress: many writers, a service that fails in every way it can, and a log that says
//! what really happened. No acknowledged update is lost, none is made twice, and none that was made is
//! reported as not applied.
//!
//! The service is a fake of its own: it shares nothing with the emulator, so that a mistake in the one is
//! not excused by the same mistake in the other.
//!
//! ```sh
//! cargo run --release -p partner-center-tests --bin stress -- --operations 1000000
//! ```

pub mod driver;
pub mod fault;
pub mod figures;
pub mod http;
pub mod operation;
pub mod oracle;
pub mod scenario;
pub mod service;
pub mod store;
pub mod switches;
