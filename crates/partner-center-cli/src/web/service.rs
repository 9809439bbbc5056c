//! The library, by whoever calls: what the pages ask of it.

use axum::response::{IntoResponse, Redirect, Response};
use partner_center::models::{self, Address, BillingProfile, CustomerBillingProfile};
use partner_center::{
    AddressValidation, AppOnly, AppUser, CountryRules, CustomerPage, Error, HistoryPage,
    HistoryToken, PageToken, Resource, SearchBy, StrongETag, UpdateError, Versioned,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::trouble::Trouble;
use crate::failure::Failure;
use crate::member::Profile;
use crate::session::{Client, Session};

/// Whose profile it is.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Subject {
    Customer(Uuid),
    Partner,
}

impl Subject {
    /// Where its pages are.
    pub(super) fn path(self) -> String {
        match self {
            Self::Customer(id) => format!("/customers/{id}"),
            Self::Partner => "/profile".to_owned(),
        }
    }

    /// Leads on to the page of this name about a draft.
    pub(super) fn to(self, page: &str, draft: Uuid) -> Response {
        Redirect::to(&format!("{}/{page}?draft={draft}", self.path())).into_response()
    }
}

/// The billing profile of a subject, by whoever calls.
pub(super) enum Billing<T: Profile> {
    Application(Resource<AppOnly, T>),
    User(Resource<AppUser, T>),
}

/// Which profile a subject has.
pub(super) trait Billed: Profile {
    fn of(subject: Subject, session: &Session) -> Result<Billing<Self>, Trouble>;
}

impl Billed for CustomerBillingProfile {
    fn of(subject: Subject, session: &Session) -> Result<Billing<Self>, Trouble> {
        let Subject::Customer(id) = subject else { return Err(Trouble::not_found()) };
        Ok(match &session.client {
            Client::Application(client) => {
                Billing::Application(client.customer(id).billing_profile().precheck())
            }
            Client::User(client) => Billing::User(client.customer(id).billing_profile().precheck()),
        })
    }
}

impl Billed for BillingProfile {
    fn of(_: Subject, session: &Session) -> Result<Billing<Self>, Trouble> {
        Ok(Billing::User(session.user()?.billing_profile().precheck()))
    }
}

/// The same of either client.
macro_rules! either {
    ($of:expr, $kind:ident, $it:ident => $do:expr) => {
        match $of {
            $kind::Application($it) => $do,
            $kind::User($it) => $do,
        }
    };
}

impl<T: Profile> Billing<T> {
    pub(super) async fn get(&self) -> Result<Versioned<T>, Error> {
        either!(self, Billing, it => it.get().await)
    }

    pub(super) async fn update(
        &self,
        profile: &Versioned<T>,
    ) -> Result<Versioned<T>, UpdateError<T>> {
        either!(self, Billing, it => it.update(profile).await)
    }

    pub(super) fn check(&self, profile: &Versioned<T>) -> Result<(), Error> {
        either!(self, Billing, it => it.check(profile))
    }

    pub(super) fn resume(
        &self,
        document: &str,
        etag: Option<StrongETag>,
    ) -> Result<Versioned<T>, Error> {
        either!(self, Billing, it => it.resume(document, etag))
    }
}

/// What a list of customers is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Search {
    /// How the name or the domain begins; empty for all.
    pub(super) text: String,
    pub(super) by_domain: bool,
    /// How many are on a page.
    pub(super) size: u16,
}

pub(super) async fn customers(
    session: &Session,
    search: &Search,
    from: Option<&PageToken>,
) -> Result<CustomerPage, Failure> {
    let by = if search.by_domain { SearchBy::Domain } else { SearchBy::CompanyName };
    Ok(either!(&session.client, Client, client => {
        let mut customers = client.customers().page_size(search.size);
        if !search.text.is_empty() {
            customers = customers.search(by, &search.text);
        }
        customers.page(from).await?
    }))
}

pub(super) async fn customer(session: &Session, id: Uuid) -> Result<models::Customer, Error> {
    either!(&session.client, Client, client => client.customers().get(id).await)
}

pub(super) async fn history(
    session: &Session,
    id: Uuid,
    from: Option<&HistoryToken>,
) -> Result<HistoryPage, Error> {
    either!(&session.client, Client, client => {
        let history = client.customer(id).billing_profile().history();
        let mut page = history.page(from).await?;
        while let (true, Some(next)) = (page.changes.is_empty(), &page.next) {
            page = history.page(Some(next)).await?;
        }
        Ok(page)
    })
}

pub(super) async fn country_rules(session: &Session, country: &str) -> Result<CountryRules, Error> {
    either!(&session.client, Client, client => client.country_rules(country).await)
}

pub(super) async fn validate_address(
    session: &Session,
    address: &Address,
) -> Result<AddressValidation, Error> {
    either!(&session.client, Client, client => client.validate_address(address).await)
}
