//! Many customers at once: their profiles read and written side by side, each with an outcome of its own.

#[cfg(feature = "journal")]
mod journal;
mod outcome;

use std::fmt;

use futures_util::{Stream, StreamExt};
use uuid::Uuid;

#[cfg(feature = "journal")]
pub use self::journal::{Journal, JournalRow, Rows};
pub use self::outcome::{Outcome, OutcomeKind, OutcomeRecord};
use crate::billing_profile::Resource;
use crate::client::PartnerCenter;
use crate::credential::Credential;
use crate::error::{Error, UpdateError};
use crate::models::CustomerBillingProfile;
use crate::versioned::Versioned;

/// How many customers are worked on at once, if nothing else is said.
const CONCURRENCY: usize = 32;

impl<A: Credential> PartnerCenter<A> {
    /// The billing profiles of many customers, read and written side by side.
    pub fn bulk(&self) -> Bulk<A> {
        Bulk {
            client: self.clone(),
            concurrency: CONCURRENCY,
            limits: true,
            #[cfg(feature = "journal")]
            moved_from: None,
        }
    }
}

/// The billing profiles of many customers.
///
/// It takes a stream and gives one: of what comes in, no more is taken than is worked on, so that a million customers
/// need no more memory than a thousand. Whoever stops polling stops the work; what is in flight is dropped with the
/// stream. Results come in the order in which they are there. A customer that fails ends nothing.
///
/// All calls share the bounds of the client ([`max_in_flight`](crate::Builder::max_in_flight),
/// [`max_rate`](crate::Builder::max_rate)), and a throttling that one meets holds up all.
///
/// | | takes | sends | gives |
/// |---|---|---|---|
/// | [`read`](Self::read) | ids of customers | one `GET` each | their profiles, or errors |
/// | [`update`](Self::update) | profiles that were changed | one `PUT` each | [outcomes](Outcome) |
/// | `apply` (feature `journal`) | the plan of a journal | one `PUT` each | outcomes, each on disk before it is given |
///
/// # Examples
/// ```
/// # partner_center_emulator::example(async |endpoint| {
/// use futures_util::{StreamExt, TryStreamExt, stream};
/// use partner_center::{AppOnly, Outcome, PartnerCenter};
///
/// let partner = PartnerCenter::builder(AppOnly::token("emulator-app-only")).endpoint(endpoint).build()?;
/// let ids: Vec<_> = partner.customers().list().map_ok(|it| it.id).try_collect().await?;
/// let ids = ids.into_iter().flatten().filter_map(|id| id.parse().ok()).map(|id| ((), id));
///
/// let bulk = partner.bulk().concurrency(8);
/// let changed = bulk.read(stream::iter(ids)).filter_map(|((), read)| async move {
///     let mut profile = read.ok()?;
///     profile.language = Some("en".into());
///     Some(((), profile))
/// });
/// let mut outcomes = std::pin::pin!(bulk.update(changed));
/// while let Some(((), outcome)) = outcomes.next().await {
///     match outcome {
///         Outcome::Conflict(conflict) => println!("{} collisions", conflict.merge_conflicts().len()),
///         Outcome::Failed(error) => println!("{error}"),
///         _ => {}
///     }
/// }
/// # Ok(()) }).unwrap();
/// ```
#[derive(Clone)]
#[must_use]
pub struct Bulk<A> {
    client: PartnerCenter<A>,
    concurrency: usize,
    limits: bool,
    /// The address at which the service was when a journal was written.
    #[cfg(feature = "journal")]
    moved_from: Option<String>,
}

impl<A: Credential> Bulk<A> {
    /// How many customers are worked on at once; 0 is taken as 1, and 32 if it is not set.
    pub fn concurrency(mut self, customers: usize) -> Self {
        self.concurrency = customers.max(1);
        self
    }

    /// Leaves limits to the service, as [`Resource::without_limits`].
    pub fn without_limits(mut self) -> Self {
        self.limits = false;
        self
    }

    fn resource(&self, customer: Uuid) -> Resource<A, CustomerBillingProfile> {
        let resource = self.client.customer(customer).billing_profile();
        if self.limits { resource } else { resource.without_limits() }
    }

    /// Reads the profile of each customer. What comes with an id is given back with the profile.
    ///
    /// # Errors
    /// Those of each customer, as [`Resource::get`].
    pub fn read<K, S>(
        &self,
        customers: S,
    ) -> impl Stream<Item = (K, Result<Versioned<CustomerBillingProfile>, Error>)> + use<A, K, S>
    where
        S: Stream<Item = (K, Uuid)>,
    {
        let bulk = self.clone();
        customers
            .map(move |(key, customer)| {
                let resource = bulk.resource(customer);
                async move { (key, resource.get().await) }
            })
            .buffer_unordered(self.concurrency)
    }

    /// Writes each profile back, as [`Resource::update`], and merges it with what others changed meanwhile if they
    /// changed other members. What comes with a profile is given back with its outcome.
    ///
    /// Nothing that may have been applied is sent again on what others made of it: that is an
    /// [`Outcome::Conflict`] or [`Outcome::Failed`] that [may have been applied](Outcome::may_have_been_applied).
    pub fn update<K, S>(&self, profiles: S) -> impl Stream<Item = (K, Outcome)> + use<A, K, S>
    where
        S: Stream<Item = (K, Versioned<CustomerBillingProfile>)>,
    {
        let bulk = self.clone();
        profiles
            .map(move |(key, profile)| {
                let resource = bulk.resource(*profile.address());
                async move {
                    let update = Update { resource, profile, sent_before: false };
                    let nothing = async |_: Option<&Versioned<_>>| Ok(());
                    (key, update.run(nothing).await.unwrap_or_else(Outcome::Failed))
                }
            })
            .buffer_unordered(self.concurrency)
    }
}

impl<A> fmt::Debug for Bulk<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bulk")
            .field("client", &self.client)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

/// The update of one customer.
struct Update<A> {
    resource: Resource<A, CustomerBillingProfile>,
    profile: Versioned<CustomerBillingProfile>,
    /// Whether a process that is gone may have sent it.
    sent_before: bool,
}

impl<A: Credential> Update<A> {
    /// Writes the profile. `before_sending` runs before each `PUT`, with the profile if it is another one than the
    /// one that was given: merged with what others changed.
    ///
    /// # Errors
    /// Of `before_sending`: then the `PUT` was not sent.
    async fn run(
        self,
        mut before_sending: impl AsyncFnMut(
            Option<&Versioned<CustomerBillingProfile>>,
        ) -> Result<(), Error>,
    ) -> Result<Outcome, Error> {
        let Self { resource, mut profile, sent_before } = self;
        if sent_before {
            match resource.settle(&profile).await {
                Ok(Some(theirs)) => return Ok(Outcome::Updated(theirs)),
                Ok(None) => {}
                Err(error) => return Ok(Outcome::from(error)),
            }
        }
        let mut rounds = 0;
        loop {
            before_sending((rounds > 0).then_some(&profile)).await?;
            let conflict = match resource.update_if_changed(&profile).await {
                Ok(None) => return Ok(Outcome::Unchanged(profile)),
                Ok(Some(written)) if rounds > 0 => return Ok(Outcome::Merged(written)),
                Ok(Some(written)) => return Ok(Outcome::Updated(written)),
                Err(UpdateError::Conflict(conflict)) => conflict,
                Err(error) => return Ok(Outcome::from(error)),
            };
            if sent_before && conflict.is_applied() {
                return Ok(Outcome::Updated(conflict.into_theirs().recovered()));
            }
            let uncertain = sent_before || conflict.may_have_been_applied();
            match conflict.merge() {
                Ok(both) if !uncertain && rounds < resource.max_conflict_retries() => {
                    profile = both;
                    rounds += 1;
                }
                _ => return Ok(Outcome::Conflict(conflict)),
            }
        }
    }
}
