//! Work with many customers: the rows of a file, what is written of them, and how far it is.
//!
//! Nothing here holds more than a few rows at a time, however long a file or a list is.

pub(crate) mod apply;
pub(crate) mod args;
pub(crate) mod export;
pub(crate) mod progress;
pub(crate) mod sheet;

use std::fmt;

use partner_center::{Credential, Customers, Error, ErrorKind, SearchBy};
use uuid::Uuid;

use crate::customers;
use crate::failure::Failure;
use crate::output::one_line;

/// How many profiles nobody may read before it is clear that none may be: the role is missing, most likely.
pub(crate) const ENOUGH: usize = 20;

/// The customer that a row is about: by the first that is there of its id, its domain and its company.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Who {
    pub(crate) id: Option<Uuid>,
    pub(crate) domain: Option<String>,
    pub(crate) company: Option<String>,
}

impl Who {
    /// Whether it names a customer at all.
    pub(crate) fn is_named(&self) -> bool {
        self.id.is_some() || self.domain.is_some() || self.company.is_some()
    }

    /// The same customer with its id. A domain or a company is searched for, and must be of one customer alone.
    ///
    /// Sends nothing if the id is there.
    ///
    /// # Errors
    /// There is none, or there are several; or the search failed.
    pub(crate) async fn found<A: Credential>(
        self,
        customers: &Customers<A>,
    ) -> Result<Found, Failure> {
        let (text, by) = match (self.id, &self.domain, &self.company) {
            (Some(id), ..) => return Ok(Found { id, who: self }),
            (None, Some(domain), _) => (domain, SearchBy::Domain),
            (None, None, Some(company)) => (company, SearchBy::CompanyName),
            (None, None, None) => return Err(Failure::usage("no customer is named")),
        };
        let (id, customer) = customers::only(customers, text, &[by]).await?;
        let company = customer.company_profile.unwrap_or_default();
        let (domain, company) = (company.domain, company.company_name);
        Ok(Found { id, who: Self { id: Some(id), domain, company } })
    }
}

/// By what it is looked for, as a person reads it.
impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.id, self.domain.as_ref().or(self.company.as_ref())) {
            (Some(id), _) => id.fmt(f),
            (None, Some(text)) => write!(f, "`{}`", one_line(text)),
            (None, None) => f.write_str("(no customer)"),
        }
    }
}

/// A customer that is known by its id.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) id: Uuid,
    pub(crate) who: Who,
}

/// Whether nobody else's profile could be read either: nobody is signed in, or the service cannot be reached. A 500 may
/// be about one customer.
pub(crate) fn ends_all(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Credential | ErrorKind::Configuration)
        || error.is_unauthorized()
        || (error.is_transient() && error.status() != Some(500))
}
