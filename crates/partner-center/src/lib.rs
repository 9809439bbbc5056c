//! Read and update billing profiles in Microsoft Partner Center without losing an update.
//!
//! A billing profile is replaced as a whole by every update. Whoever changes one member sends all of
//! them, and overwrites what someone else changed in the meantime, unless the update names the version
//! it is based on. This crate does: what [`Resource::get`] returns is a [`Versioned`] profile, the
//! model together with its [`ETag`] and the document as it was read, and [`Resource::update`] sends
//! the document back with only the changed members replaced, under the condition that it is still
//! the one that was read.
//!
//! # Examples
//! ```
//! # async fn run(emulator: &partner_center_emulator::Emulator) -> Result<(), partner_center::Error> {
//! use partner_center::{AppUser, PartnerCenter};
//!
//! # let endpoint = emulator.url();
//! let partner = PartnerCenter::builder(AppUser::token("emulator-app-user")).endpoint(&endpoint).build()?;
//! let resource = partner.billing_profile();
//!
//! let mut profile = resource.get().await?;
//! profile.purchase_order_number = Some("9999".into());
//! let updated = resource.update(&profile).await?;
//! assert_ne!(updated.etag(), profile.etag());
//!
//! // The same version once more is refused: it has been changed since.
//! profile.purchase_order_number = Some("1111".into());
//! let refused = resource.update(&profile).await.unwrap_err();
//! assert!(refused.is_conflict());
//! # Ok(())
//! # }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! #     let emulator = partner_center_emulator::Emulator::start().await.unwrap();
//! #     run(&emulator).await.unwrap();
//! # });
//! ```
//!
//! # Features
//! - `rustls` (default): TLS by rustls with the certificate verifier of the platform.
//! - `native-tls`: TLS by the library of the platform.
//! - `schemars`: `schemars::JsonSchema` (1.x) for every model.
//! - `tracing`: a span for each operation and each of its requests, with OpenTelemetry's names for HTTP
//!   clients, and an event for each wait. No token and no member of a profile is in them.

mod billing_profile;
mod call;
mod client;
mod clock;
mod cloud;
mod conflict;
mod credential;
mod document;
mod error;
mod etag;
mod http;
pub mod merge;
mod model;
mod retry;
mod trace;
mod versioned;

pub use billing_profile::{Customer, Entry, Resource};
pub use client::{Builder, PartnerCenter};
pub use clock::{Clock, Sleep};
pub use cloud::Cloud;
pub use conflict::{Choice, Collisions, Conflict};
pub use credential::{AppOnly, AppUser, Credential, DeviceCode, DevicePrompt, RefreshToken};
pub use document::Change;
pub use error::{Error, ErrorKind};
pub use etag::{ETag, InvalidETag, StrongETag};
pub use model::Model;
pub use retry::Retry;
pub use versioned::Versioned;

#[doc(no_inline)]
pub use azure_core::credentials::{Secret, TokenCredential};
pub use partner_center_api::limits::{Rule, Violation};

/// The models, generated from the contract.
pub mod models {
    pub use partner_center_api::types::{
        Address, BillingProfile, Contact, CustomerBillingProfile, KeyValuePair, Link,
        ResourceAttributes, ResourceLinks,
    };
}

/// The example of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
