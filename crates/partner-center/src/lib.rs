//! Read and update billing profiles in Microsoft Partner Center without losing an update.
//!
//! A billing profile is replaced as a whole by every update. Whoever changes one member sends all of
//! them, and overwrites what someone else changed in the meantime, unless the update names the version
//! it is based on. This crate does, and it goes on from there: what became of an update is never guessed.
//!
//! # The first line
//! A client is made of a credential; its type says what can be called. Here the service is an emulator on
//! localhost: leave out [`endpoint`](Builder::endpoint) to call Partner Center.
//!
//! ```
//! # partner_center_emulator::example(async |endpoint| {
//! use partner_center::{AppOnly, PartnerCenter};
//!
//! let partner = PartnerCenter::builder(AppOnly::token("emulator-app-only")).endpoint(endpoint).build()?;
//! let resource = partner.customer("aaaa0000-bb11-2222-33cc-444444dddddd".parse()?).billing_profile();
//!
//! let profile = resource.get().await?;
//! println!("{:?}, version {:?}", profile.email, profile.etag());
//! # Ok(()) }).unwrap();
//! ```
//!
//! With the feature `sign-in`, `Browser`, `DeviceCode` and `RefreshToken` get the tokens of a user, `ClientSecret`,
//! `ClientCertificate` and `WorkloadIdentity` those of an application; with `azure-core`, so does any credential of
//! `azure_identity` 1.0: `AppUser::new(AzureCliCredential::new(None)?)`.
//!
//! # A change
//! [`Resource::modify`] reads, changes and writes, and starts over when someone else wrote in between:
//!
//! ```
//! # partner_center_emulator::example(async |endpoint| {
//! # use partner_center::{AppUser, PartnerCenter};
//! # let partner = PartnerCenter::builder(AppUser::token("emulator-app-user")).endpoint(endpoint).build()?;
//! let own = partner.billing_profile(); // of the partner itself: only with an `AppUser`
//! let _ = own.modify(|profile| profile.purchase_order_number = Some("9889".into())).await?;
//! # Ok(()) }).unwrap();
//! ```
//!
//! [`Resource::update`] writes what was read before, maybe long ago, and [`Resource::entry`] keeps edits
//! until they are committed. What is sent is always the document as it was read, with the changed
//! leaves replaced.
//!
//! # A conflict
//! An update that someone else got ahead of is refused. [`UpdateError::Conflict`] has what both sides made
//! of the profile; where they changed different members, the merge has both:
//!
//! ```
//! # partner_center_emulator::example(async |endpoint| {
//! # use partner_center::{AppUser, PartnerCenter};
//! use partner_center::UpdateError;
//!
//! # let partner = PartnerCenter::builder(AppUser::token("emulator-app-user")).endpoint(endpoint).build()?;
//! # let own = partner.billing_profile();
//! let mut mine = own.get().await?;
//! mine.tax_id = Some("98-7654321".into());
//! let _ = own.modify(|theirs| theirs.company_name = Some("Theirs Ltd.".into())).await?; // someone else
//!
//! let Err(UpdateError::Conflict(conflict)) = own.update(&mine).await else { panic!("no conflict") };
//! let merged = own.update(&conflict.merge()?).await?; // fails if members conflict, and names them
//! assert_eq!(merged.tax_id.as_deref(), Some("98-7654321"));
//! assert_eq!(merged.company_name.as_deref(), Some("Theirs Ltd."));
//! # Ok(()) }).unwrap();
//! ```
//!
//! # An address
//! [`PartnerCenter::validate_address`] asks the service for better ones, and [`PartnerCenter::country_rules`] for what a
//! country demands of a profile, so that it can be checked before it is written.
//!
//! # Many customers
//! [`PartnerCenter::bulk`] takes a stream of customers or of changed profiles and gives a stream of outcomes, of which
//! none ends the others. With the feature `journal`, a plan is on disk before anything is sent, and goes on after a
//! crash: nothing is written twice.
//!
//! # An error
//! There is one type, [`Error`], with a [`kind`](Error::kind) and predicates. The one to ask after a failed update is
//! [`may_have_been_applied`](Error::may_have_been_applied): it is true unless it is certain that it was not.
//!
//! # What it guarantees
//! On a service that compares entity tags:
//! - No acknowledged update is lost, and no update of another client is overwritten unseen.
//! - No update is applied twice and reported once. [`Resource::modify`] makes its change again only if it is
//!   certain that it was not applied, or if the change is [`idempotent`](Resource::idempotent).
//! - No outcome is guessed: an error whose `may_have_been_applied` is false was not applied.
//!
//! One hole no client can close: entity tags that are hashes of the content, as this service's may be, come
//! back when the content does. Where someone changes the profile back between a lost answer and the repeated
//! request, the update is applied a second time.
//!
//! # What it assumes
//! Nobody has documented what the service does with a stale entity tag, nor whether it compares them at
//! all. Every documented refusal is understood as a conflict; [`Resource::precheck`] is for a service
//! that compares nothing. A conflict is believed whoever sends it: a gateway has no reason to say so.
//!
//! # Features
//! - `rustls` (default): TLS by rustls with the certificate verifier of the platform.
//! - `rustls-no-provider`: the same, with the cryptography that the program installs
//!   (`rustls::crypto::CryptoProvider::install_default`); without one, building a client is an error.
//! - `native-tls`: TLS by the library of the platform.
//! - `azure-core`: `AppOnly::new` and `AppUser::new`, which take a `TokenCredential` of the Azure SDK.
//! - `sign-in`: the credentials that sign in by themselves, such as `Browser` and `ClientSecret`. It includes
//!   `azure-core`. Whoever brings an access token needs neither, and builds 52 crates less.
//! - `journal`: `Journal`, by which many updates go on after whatever ended them. It brings `redb`.
//! - `schemars`: `schemars::JsonSchema` (1.x) for every model.
//! - `blocking`: the same client without `async`, in the module `blocking`.
//! - `metrics`: counters and histograms of the `metrics` facade, with OpenTelemetry's names for HTTP clients.
//! - `tracing`: a span for each operation and each of its requests, with OpenTelemetry's names for HTTP
//!   clients, and an event for each wait. No token and no member of a profile is in them.
//!
//! # WebAssembly
//! It does not compile for `wasm32-unknown-unknown`. What reqwest is there, the browser's `fetch`, reads a body
//! as a whole only, so that a body without end could not be cut off; its futures stay on one thread, and those
//! of this crate can be sent; and it leaves proxies, certificates and redirects to the browser.

mod addresses;
mod billing_profile;
#[cfg(feature = "blocking")]
pub mod blocking;
mod bulk;
mod call;
mod client;
mod clock;
mod cloud;
mod conflict;
mod counters;
mod countries;
mod credential;
mod customers;
mod document;
mod entry;
mod error;
mod etag;
mod exact;
mod gate;
mod history;
mod list;
pub mod merge;
mod mfa;
mod model;
mod modify;
mod paging;
mod protocol;
mod retry;
mod trace;
mod transport;
mod version;
mod versioned;

pub use addresses::{AddressStatus, AddressValidation};
pub use billing_profile::{Customer, Resource};
pub use bulk::{Bulk, Outcome, OutcomeKind, OutcomeRecord};
#[cfg(feature = "journal")]
pub use bulk::{Journal, JournalRow, Rows};
pub use client::{Builder, PartnerCenter};
pub use clock::{Clock, Sleep};
pub use cloud::Cloud;
pub use conflict::{Choice, Conflict, MergeConflicts};
pub use counters::Counters;
pub use countries::{CountryRules, RuleViolation, UnreadablePattern};
#[cfg(all(feature = "sign-in", any(feature = "rustls", feature = "rustls-no-provider")))]
pub use credential::ClientCertificate;
pub use credential::{AppOnly, AppUser, Credential};
#[cfg(feature = "sign-in")]
pub use credential::{
    Browser, ClientSecret, DeviceCode, DevicePrompt, RefreshToken, SignInRefusal, WorkloadIdentity,
};
pub use customers::{CustomerList, CustomerPage, Customers, PageToken, SearchBy};
pub use document::Change;
pub use entry::Entry;
pub use error::{BoxError, Error, ErrorKind, Is, UpdateError};
pub use etag::{ETag, InvalidETag, StrongETag};
pub use history::{History, HistoryList, HistoryPage, HistoryToken, ProfileChange};
pub use model::Model;
pub use retry::Retry;
pub use transport::Transport;
pub use versioned::Versioned;

// What a caller needs of other crates to use this one.
#[cfg(feature = "azure-core")]
#[doc(no_inline)]
pub use azure_core::credentials::{Secret, TokenCredential};
pub use partner_center_api::pointer;
#[doc(no_inline)]
pub use serde_json::Value;
#[doc(no_inline)]
pub use uuid::Uuid;

/// What a credential of one's own is made of, from the Azure SDK.
///
/// # Examples
/// A broker on the machine gives out tokens; nothing else than this crate is needed to ask it.
///
/// ```
/// use std::sync::Arc;
/// use partner_center::azure::{
///     AccessToken, Error, ErrorKind, OffsetDateTime, TokenCredential, TokenRequestOptions,
///     async_trait,
/// };
/// use partner_center::{AppUser, PartnerCenter};
///
/// #[derive(Debug)]
/// struct Broker;
///
/// #[async_trait]
/// impl TokenCredential for Broker {
///     async fn get_token(
///         &self,
///         scopes: &[&str],
///         _: Option<TokenRequestOptions<'_>>,
///     ) -> Result<AccessToken, Error> {
///         let token = ask(scopes).map_err(|why| Error::new(ErrorKind::Credential, why))?;
///         Ok(AccessToken::new(token, OffsetDateTime::now_utc() + std::time::Duration::from_secs(3600)))
///     }
/// }
/// # fn ask(_: &[&str]) -> Result<String, std::io::Error> { Ok("token".into()) }
///
/// let partner = PartnerCenter::builder(AppUser::new(Arc::new(Broker))).build()?;
/// # Ok::<(), partner_center::Error>(())
/// ```
#[cfg(feature = "azure-core")]
pub mod azure {
    #[doc(no_inline)]
    pub use async_trait::async_trait;
    #[doc(no_inline)]
    pub use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
    #[doc(no_inline)]
    pub use azure_core::error::{Error, ErrorKind};
    #[doc(no_inline)]
    pub use azure_core::time::OffsetDateTime;
}

/// What the contract says that a request should satisfy.
pub mod validation {
    pub use partner_center_api::validation::{Constraint, Violation, violations};
}

/// The models, generated from the contract.
pub mod models {
    pub use partner_center_api::types::{
        Address, AuditRecord, AuditRecordCollection, BillingProfile, Contact,
        CountryValidationRules, Customer, CustomerBillingProfile, CustomerCollection,
        CustomerCompanyProfile, KeyValuePair, Link, ResourceAttributes, ResourceLinks,
    };
}

/// The example of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
