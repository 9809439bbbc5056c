#![doc = include_str!("../README.md")]

mod clock;
pub mod errors;
pub mod profiles;
mod requests;
mod sent;
mod service;
mod trouble;

pub use clock::VirtualClock;
pub use requests::Requests;
pub use service::{Builder, CUSTOMER, OTHER_CUSTOMER, STRANGER, TestService};
pub use trouble::Trouble;

/// The service itself: its switches, its faults and the exchanges that it keeps.
#[doc(no_inline)]
pub use partner_center_emulator as emulator;
