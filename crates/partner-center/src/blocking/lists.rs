//! What comes in pages, without `async`: customers, and the changes of a profile.

use std::fmt;

use uuid::Uuid;

use super::Worker;
use crate::credential::Credential;
use crate::customers::{CustomerPage, PageToken, SearchBy};
use crate::error::Error;
use crate::history::{HistoryPage, HistoryToken, ProfileChange};
use crate::models;
use crate::retry::Retry;

/// The [customers of the partner](crate::Customers), whose list blocks when a page is read.
///
/// # Examples
/// ```
/// # partner_center_emulator::example_blocking(|endpoint| {
/// use partner_center::{AppOnly, PartnerCenter, SearchBy};
///
/// let partner =
///     PartnerCenter::builder(AppOnly::token("emulator-app-only")).endpoint(endpoint).build_blocking()?;
/// for customer in partner.customers().search(SearchBy::CompanyName, "1kl").list() {
///     println!("{:?}", customer?.id);
/// }
/// # Ok(()) }).unwrap();
/// ```
#[must_use]
pub struct Customers<A> {
    pub(super) customers: crate::Customers<A>,
    pub(super) worker: Worker,
}

impl<A: Credential> Customers<A> {
    /// As [`Customers::search`](crate::Customers::search).
    pub fn search(self, by: SearchBy, text: &str) -> Self {
        self.with(|customers| customers.search(by, text))
    }

    /// As [`Customers::page_size`](crate::Customers::page_size).
    pub fn page_size(self, size: u16) -> Self {
        self.with(|customers| customers.page_size(size))
    }

    /// As [`Customers::correlation_id`](crate::Customers::correlation_id).
    pub fn correlation_id(self, id: Uuid) -> Self {
        self.with(|customers| customers.correlation_id(id))
    }

    /// As [`Customers::retry`](crate::Customers::retry).
    pub fn retry(self, retry: Retry) -> Self {
        self.with(|customers| customers.retry(retry))
    }

    /// The customers one after the other, over all pages. Nothing is sent before the first is asked for.
    pub fn list(&self) -> CustomerList<A> {
        self.list_from(None)
    }

    /// As [`Customers::list_from`](crate::Customers::list_from).
    pub fn list_from(&self, from: Option<&PageToken>) -> CustomerList<A> {
        let list = self.customers.list_from(from);
        CustomerList { list, worker: self.worker.clone(), ended: false }
    }

    /// Reads one customer, as [`Customer::get`](super::Customer::get) does, with the settings that are set here.
    ///
    /// # Errors
    /// As [`Customer::get`](super::Customer::get).
    pub fn get(&self, id: Uuid) -> Result<models::Customer, Error> {
        self.worker.wait(self.customers.get(id))
    }

    /// Reads one page, as [`Customers::page`](crate::Customers::page).
    ///
    /// # Errors
    /// As [`Customers::page`](crate::Customers::page) and [`Resource::get`](super::Resource::get).
    pub fn page(&self, from: Option<&PageToken>) -> Result<CustomerPage, Error> {
        self.worker.wait(self.customers.page(from))
    }

    fn with(self, set: impl FnOnce(crate::Customers<A>) -> crate::Customers<A>) -> Self {
        Self { customers: set(self.customers), worker: self.worker }
    }
}

/// The customers one after the other, as [`CustomerList`](crate::CustomerList). An error ends it.
#[must_use]
pub struct CustomerList<A> {
    list: crate::CustomerList<A>,
    worker: Worker,
    /// Also by an error for which nothing was asked for.
    ended: bool,
}

impl<A: Credential> CustomerList<A> {
    /// As [`CustomerList::page_token`](crate::CustomerList::page_token).
    #[must_use]
    pub fn page_token(&self) -> Option<&PageToken> {
        self.list.page_token()
    }
}

impl<A: Credential> Iterator for CustomerList<A> {
    type Item = Result<models::Customer, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.worker.wait(self.list.try_next()).transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

/// The [changes of a customer's billing profile](crate::History), whose list blocks when a page is read.
///
/// # Examples
/// ```
/// # partner_center_emulator::example_blocking(|endpoint| {
/// use partner_center::{AppUser, PartnerCenter};
///
/// let partner =
///     PartnerCenter::builder(AppUser::token("emulator-app-user")).endpoint(endpoint).build_blocking()?;
/// let profile = partner.customer("aaaa0000-bb11-2222-33cc-444444dddddd".parse()?).billing_profile();
/// let _ = profile.modify(|profile| profile.email = Some("ann@example.com".into()))?;
/// for change in profile.history().days(7).list() {
///     println!("{:?}", change?.record.operation_date);
/// }
/// # Ok(()) }).unwrap();
/// ```
#[must_use]
pub struct History<A> {
    pub(super) history: crate::History<A>,
    pub(super) worker: Worker,
}

impl<A: Credential> History<A> {
    /// As [`History::days`](crate::History::days).
    pub fn days(self, days: u16) -> Self {
        self.with(|history| history.days(days))
    }

    /// As [`History::page_size`](crate::History::page_size).
    pub fn page_size(self, size: u16) -> Self {
        self.with(|history| history.page_size(size))
    }

    /// As [`History::correlation_id`](crate::History::correlation_id).
    pub fn correlation_id(self, id: Uuid) -> Self {
        self.with(|history| history.correlation_id(id))
    }

    /// As [`History::retry`](crate::History::retry).
    pub fn retry(self, retry: Retry) -> Self {
        self.with(|history| history.retry(retry))
    }

    /// The changes one after the other, over all pages. Nothing is sent before the first is asked for.
    pub fn list(&self) -> HistoryList<A> {
        self.list_from(None)
    }

    /// As [`History::list_from`](crate::History::list_from).
    pub fn list_from(&self, from: Option<&HistoryToken>) -> HistoryList<A> {
        let list = self.history.list_from(from);
        HistoryList { list, worker: self.worker.clone(), ended: false }
    }

    /// Reads one page, as [`History::page`](crate::History::page).
    ///
    /// # Errors
    /// As [`History::page`](crate::History::page) and [`Resource::get`](super::Resource::get).
    pub fn page(&self, from: Option<&HistoryToken>) -> Result<HistoryPage, Error> {
        self.worker.wait(self.history.page(from))
    }

    fn with(self, set: impl FnOnce(crate::History<A>) -> crate::History<A>) -> Self {
        Self { history: set(self.history), worker: self.worker }
    }
}

/// The changes one after the other, the latest first, as [`HistoryList`](crate::HistoryList). An error ends it.
#[must_use]
pub struct HistoryList<A> {
    list: crate::HistoryList<A>,
    worker: Worker,
    /// Also by an error for which nothing was asked for.
    ended: bool,
}

impl<A: Credential> HistoryList<A> {
    /// As [`HistoryList::page_token`](crate::HistoryList::page_token).
    #[must_use]
    pub fn page_token(&self) -> Option<&HistoryToken> {
        self.list.page_token()
    }
}

impl<A: Credential> Iterator for HistoryList<A> {
    type Item = Result<ProfileChange, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.worker.wait(self.list.try_next()).transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

impl<A> Clone for Customers<A> {
    fn clone(&self) -> Self {
        Self { customers: self.customers.clone(), worker: self.worker.clone() }
    }
}

impl<A> Clone for History<A> {
    fn clone(&self) -> Self {
        Self { history: self.history.clone(), worker: self.worker.clone() }
    }
}

impl<A> fmt::Debug for Customers<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.customers.fmt(f)
    }
}

impl<A> fmt::Debug for CustomerList<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.list.fmt(f)
    }
}

impl<A> fmt::Debug for History<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.history.fmt(f)
    }
}

impl<A> fmt::Debug for HistoryList<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.list.fmt(f)
    }
}
