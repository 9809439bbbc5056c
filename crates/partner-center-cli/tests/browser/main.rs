//! The pages of `partner-center web` in a real browser, from the first click to what the service has.
//!
//! Needs Chromium: on the path, or named by `PARTNER_CENTER_BROWSER`. Without one, nothing is tested and
//! the tests say so; with `PARTNER_CENTER_BROWSER=required`, they fail.
#![cfg(unix)]

#[path = "../../../../xtask/tests/commands/browser/found.rs"]
mod found;
#[path = "../command/home.rs"]
#[expect(dead_code, reason = "the tests of the command use the rest")]
mod home;

mod barriers;
mod conflicts;
mod flow;
mod person;
mod trouble;
