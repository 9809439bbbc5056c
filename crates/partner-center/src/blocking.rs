//! The same client without `async`, for scripts and for programs that have no runtime.
//!
//! The words are those of the crate; [`Builder::build_blocking`](crate::Builder::build_blocking) makes the
//! client. Its connections live on a thread of their own. On a thread that runs async code, which must not be
//! blocked, every call is an [`ErrorKind::Configuration`]; so it is in a change that is given to `modify`, which
//! is such code. That is found out by a panic that is caught: with `panic = "abort"` it ends the program.
//!
//! # Examples
//! ```
//! # partner_center_emulator::example_blocking(|endpoint| {
//! use partner_center::{AppUser, PartnerCenter};
//!
//! let partner =
//!     PartnerCenter::builder(AppUser::token("emulator-app-user")).endpoint(endpoint).build_blocking()?;
//! let own = partner.billing_profile();
//! let profile = own.modify(|profile| profile.purchase_order_number = Some("9889".into()))?;
//! assert_eq!(profile.purchase_order_number.as_deref(), Some("9889"));
//! # Ok(()) }).unwrap();
//! ```

mod lists;

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::runtime::{Builder, Handle, Runtime};
use uuid::Uuid;

use crate::addresses::AddressValidation;
use crate::client;
use crate::counters::Counters;
use crate::countries::CountryRules;
use crate::credential::{AppUser, Credential};
use crate::error::{BoxError, Error, ErrorKind, UpdateError};
use crate::etag::StrongETag;
use crate::model::Model;
use crate::models;
use crate::models::{Address, BillingProfile, CustomerBillingProfile, CustomerCompanyProfile};
use crate::retry::Retry;
use crate::versioned::Versioned;

pub use lists::{CustomerList, Customers, History, HistoryList};

/// A [client](crate::PartnerCenter) that blocks. Cloning it is cheap.
#[derive(Clone)]
pub struct PartnerCenter<A> {
    client: crate::PartnerCenter<A>,
    worker: Worker,
}

impl<A: Credential> client::Builder<A> {
    /// Makes a client that blocks; see [`blocking`](crate::blocking).
    ///
    /// # Errors
    /// As [`build`](Self::build), and [`ErrorKind::Configuration`] if no thread can be started.
    pub fn build_blocking(self) -> Result<PartnerCenter<A>, Error> {
        Ok(PartnerCenter { client: self.build()?, worker: Worker::start()? })
    }
}

impl<A: Credential> PartnerCenter<A> {
    /// The customer whose tenant has this id.
    pub fn customer(&self, id: Uuid) -> Customer<A> {
        Customer { customer: self.client.customer(id), worker: self.worker.clone() }
    }

    /// The customers of the partner, to list or to search.
    pub fn customers(&self) -> Customers<A> {
        Customers { customers: self.client.customers(), worker: self.worker.clone() }
    }

    /// Asks the service to look an address up, as
    /// [`PartnerCenter::validate_address`](crate::PartnerCenter::validate_address).
    ///
    /// # Errors
    /// As there, and [`ErrorKind::Configuration`] on a thread that runs async code.
    ///
    /// # Examples
    /// ```
    /// # partner_center_emulator::example_blocking(|endpoint| {
    /// # use partner_center::{AppOnly, PartnerCenter};
    /// # let partner = PartnerCenter::builder(AppOnly::token("emulator-app-only")).endpoint(endpoint).build_blocking()?;
    /// let resource = partner.customer("eebd1b55-5360-4438-a11d-5c06918c3014".parse()?).billing_profile();
    /// let profile = resource.get()?;
    /// let address = profile.default_address.as_ref().ok_or("no address")?;
    /// let found = partner.validate_address(address)?;
    /// assert!(found.is_verified());
    /// assert_eq!(partner.country_rules("US")?.violations(&profile), []);
    /// # Ok(()) }).unwrap();
    /// ```
    pub fn validate_address(&self, address: &Address) -> Result<AddressValidation, Error> {
        self.worker.wait(self.client.validate_address(address))
    }

    /// The rules of a country, as [`PartnerCenter::country_rules`](crate::PartnerCenter::country_rules).
    ///
    /// # Errors
    /// As there, and [`ErrorKind::Configuration`] on a thread that runs async code.
    pub fn country_rules(&self, country: &str) -> Result<CountryRules, Error> {
        self.worker.wait(self.client.country_rules(country))
    }

    /// As [`PartnerCenter::counters`](crate::PartnerCenter::counters).
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.client.counters()
    }
}

impl PartnerCenter<AppUser> {
    /// The billing profile of the partner itself.
    pub fn billing_profile(&self) -> Resource<AppUser, BillingProfile> {
        Resource { resource: self.client.billing_profile(), worker: self.worker.clone() }
    }

    /// Whether the user passed multi-factor authentication, as
    /// [`PartnerCenter::is_mfa_compliant`](crate::PartnerCenter::is_mfa_compliant).
    ///
    /// # Errors
    /// As there, and [`ErrorKind::Configuration`] on a thread that runs async code.
    pub fn is_mfa_compliant(&self) -> Result<Option<bool>, Error> {
        self.worker.wait(self.client.is_mfa_compliant())
    }
}

/// A customer of the partner.
#[derive(Clone, Debug)]
#[must_use]
pub struct Customer<A> {
    customer: crate::Customer<A>,
    worker: Worker,
}

impl<A: Credential> Customer<A> {
    /// The id of the customer's tenant.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.customer.id()
    }

    /// The billing profile of the customer.
    pub fn billing_profile(&self) -> Resource<A, CustomerBillingProfile> {
        Resource { resource: self.customer.billing_profile(), worker: self.worker.clone() }
    }

    /// Reads the customer, as [`Customer::get`](crate::Customer::get).
    ///
    /// # Errors
    /// As [`Customer::get`](crate::Customer::get) and [`Resource::get`].
    pub fn get(&self) -> Result<models::Customer, Error> {
        self.worker.wait(self.customer.get())
    }
}

impl Customer<AppUser> {
    /// Reads the company of the customer, as [`Customer::company_profile`](crate::Customer::company_profile).
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn company_profile(&self) -> Result<CustomerCompanyProfile, Error> {
        self.worker.wait(self.customer.company_profile())
    }
}

/// A [billing profile](crate::Resource) that blocks while it is read and updated.
#[must_use]
pub struct Resource<A, T: Model> {
    resource: crate::Resource<A, T>,
    worker: Worker,
}

impl<A: Credential, T: Model> Resource<A, T> {
    /// As [`Resource::correlation_id`](crate::Resource::correlation_id).
    pub fn correlation_id(self, id: Uuid) -> Self {
        self.with(|resource| resource.correlation_id(id))
    }

    /// As [`Resource::retry`](crate::Resource::retry).
    pub fn retry(self, retry: Retry) -> Self {
        self.with(|resource| resource.retry(retry))
    }

    /// As [`Resource::without_limits`](crate::Resource::without_limits).
    pub fn without_limits(self) -> Self {
        self.with(crate::Resource::without_limits)
    }

    /// As [`Resource::precheck`](crate::Resource::precheck).
    pub fn precheck(self) -> Self {
        self.with(crate::Resource::precheck)
    }

    /// As [`Resource::idempotent`](crate::Resource::idempotent).
    pub fn idempotent(self) -> Self {
        self.with(crate::Resource::idempotent)
    }

    /// Reads the profile, with its entity tag, as [`Resource::get`](crate::Resource::get).
    ///
    /// # Errors
    /// As [`Resource::get`](crate::Resource::get), and [`ErrorKind::Configuration`] on a thread that runs
    /// async code.
    pub fn get(&self) -> Result<Versioned<T>, Error> {
        self.worker.wait(self.resource.get())
    }

    /// Writes the profile back, if it is still the one that was read, as
    /// [`Resource::update`](crate::Resource::update).
    ///
    /// # Errors
    /// As [`Resource::update`](crate::Resource::update) and [`get`](Self::get).
    pub fn update(&self, profile: &Versioned<T>) -> Result<Versioned<T>, UpdateError<T>> {
        self.worker.wait(self.resource.update(profile))
    }

    /// As [`Resource::check`](crate::Resource::check).
    ///
    /// # Errors
    /// As [`Resource::check`](crate::Resource::check).
    pub fn check(&self, profile: &Versioned<T>) -> Result<(), Error> {
        self.resource.check(profile)
    }

    /// Reads the profile, changes it, and writes it back, as [`Resource::modify`](crate::Resource::modify).
    ///
    /// # Errors
    /// As [`Resource::modify`](crate::Resource::modify) and [`get`](Self::get).
    pub fn modify(
        &self,
        change: impl FnMut(&mut T) + Send,
    ) -> Result<Versioned<T>, UpdateError<T>> {
        self.worker.wait(self.resource.modify(change))
    }

    /// Does what [`modify`](Self::modify) does with a change that can fail, as
    /// [`Resource::try_modify`](crate::Resource::try_modify).
    ///
    /// # Errors
    /// As [`Resource::try_modify`](crate::Resource::try_modify) and [`get`](Self::get).
    pub fn try_modify(
        &self,
        change: impl FnMut(&mut T) -> Result<(), BoxError> + Send,
    ) -> Result<Versioned<T>, UpdateError<T>> {
        self.worker.wait(self.resource.try_modify(change))
    }

    /// Reads the profile, to be changed and written step by step.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn entry(&self) -> Result<Entry<A, T>, Error> {
        let entry = self.worker.wait(self.resource.entry())?;
        Ok(Entry { entry, worker: self.worker.clone() })
    }

    /// As [`Resource::resume`](crate::Resource::resume).
    ///
    /// # Errors
    /// As [`Resource::resume`](crate::Resource::resume).
    pub fn resume(
        &self,
        document: impl Into<Vec<u8>>,
        version: Option<StrongETag>,
    ) -> Result<Versioned<T>, Error> {
        self.resource.resume(document, version)
    }

    fn with(self, set: impl FnOnce(crate::Resource<A, T>) -> crate::Resource<A, T>) -> Self {
        Self { resource: set(self.resource), worker: self.worker }
    }
}

impl<A: Credential> Resource<A, CustomerBillingProfile> {
    /// Who changed the profile, when, and from what to what, as [`Resource::history`](crate::Resource::history).
    pub fn history(&self) -> History<A> {
        History { history: self.resource.history(), worker: self.worker.clone() }
    }
}

/// An [entry](crate::Entry) that blocks while it is committed. Derefs to it, and so to the model.
#[must_use]
pub struct Entry<A, T: Model> {
    entry: crate::Entry<A, T>,
    worker: Worker,
}

impl<A: Credential, T: Model> Entry<A, T> {
    /// Writes what was changed, as [`Entry::commit`](crate::Entry::commit).
    ///
    /// # Errors
    /// As [`Entry::commit`](crate::Entry::commit), and [`ErrorKind::Configuration`] on a thread that runs
    /// async code.
    pub fn commit(&mut self) -> Result<(), UpdateError<T>> {
        self.worker.wait(self.entry.commit())
    }
}

impl<A, T: Model> Deref for Entry<A, T> {
    type Target = crate::Entry<A, T>;

    fn deref(&self) -> &Self::Target {
        &self.entry
    }
}

impl<A, T: Model> DerefMut for Entry<A, T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.entry
    }
}

/// The thread that the connections of a client live on: they are read from also between calls, so that one
/// which the service has closed is not taken for the next request.
#[derive(Clone)]
struct Worker(Arc<Background>);

struct Background(Option<Runtime>);

impl Worker {
    fn start() -> Result<Self, Error> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("partner-center")
            .enable_all()
            .build()
            .map_err(|cause| {
                Error::new(ErrorKind::Configuration, "no thread can be started").caused_by(cause)
            })?;
        Ok(Self(Arc::new(Background(Some(runtime)))))
    }

    /// Blocks until `future` is done.
    fn wait<R, E: From<Error>>(&self, future: impl Future<Output = Result<R, E>>) -> Result<R, E> {
        match &self.0.0 {
            Some(runtime) if may_block(runtime) => runtime.block_on(future),
            _ => {
                let what = "this thread runs async code, which a blocking client would hold up, or it \
                            ends; use the client that `build` makes, or `spawn_blocking`";
                Err(Error::new(ErrorKind::Configuration, what).into())
            }
        }
    }
}

/// Whether this thread may be blocked. One that knows a runtime may run its async code, or be there for what
/// blocks: blocking is the only way to find out, and panics on the former.
fn may_block(runtime: &Runtime) -> bool {
    match Handle::try_current() {
        // The thread ends.
        Err(error) if error.is_thread_local_destroyed() => false,
        Err(_) => true,
        Ok(_) => {
            let block = || runtime.block_on(std::future::ready(()));
            catch_unwind(AssertUnwindSafe(block)).is_ok()
        }
    }
}

impl Drop for Background {
    /// Waits for nothing: on a thread that runs async code it must not.
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Worker")
    }
}

impl<A> fmt::Debug for PartnerCenter<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.client.fmt(f)
    }
}

impl<A, T: Model> fmt::Debug for Resource<A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.resource.fmt(f)
    }
}

impl<A, T: Model> Clone for Resource<A, T> {
    fn clone(&self) -> Self {
        Self { resource: self.resource.clone(), worker: self.worker.clone() }
    }
}

impl<A, T: Model> fmt::Debug for Entry<A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entry.fmt(f)
    }
}
