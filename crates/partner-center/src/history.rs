//! Who changed a customer's billing profile, when, and from what to what, by the audit records of the service.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;

use futures_util::Stream;
use partner_center_api::validation::Constrained;
use partner_center_api::{ClientInfo, Document};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::billing_profile::Resource;
use crate::call::read;
use crate::client::Shared;
use crate::clock::utc;
use crate::credential::Credential;
use crate::document::{Change, Changes};
use crate::error::{Error, ErrorKind};
use crate::models::{AuditRecord, AuditRecordCollection, CustomerBillingProfile};
use crate::paging::{List, MemberToken, Query, next};
use crate::retry::Retry;

/// What an update of a customer's billing profile is called (docs, auditing-resources).
const OPERATION: &str = "update_customer_billing_profile";

/// How long records are kept (docs, get-a-record-of-partner-center-activity-by-user).
const RETAINED: u16 = 90;

/// How many days are asked for at once: the Swagger says that 30 is the most.
const WINDOW: i64 = 30;

impl<A: Credential> Resource<A, CustomerBillingProfile> {
    /// Who changed the profile, when, and from what to what, in the last 90 days. The settings of this resource
    /// that are for reading are those of the history.
    pub fn history(&self) -> History<A> {
        let (shared, customer, correlation_id, retry) = self.to_read();
        History {
            shared,
            customer,
            correlation_id,
            retry,
            days: RETAINED,
            size: None,
            kind: PhantomData,
        }
    }
}

/// The changes of a customer's billing profile, the latest first, as far as the service recorded them.
///
/// It is a value with settings for the operations called on it.
///
/// | | sends | gives |
/// |---|---|---|
/// | [`list`](Self::list), [`list_from`](Self::list_from) | one `GET` for each page, when it is needed | one change after the other |
/// | [`page`](Self::page) | one `GET` | the changes of one page, and where the next one is |
///
/// Records of everything that was done to the customer are asked for, in pieces of 30 days: the service has no filter
/// by operation (docs, get-a-record-of-partner-center-activity-by-user). Those of other operations are passed over.
/// It keeps records for 90 days. How soon after a change there is one is not documented, nor is any record of such a
/// change published: [`changes`](ProfileChange::changes) is read as the records of other operations suggest. There are
/// none in the cloud that 21Vianet operates, as far as the documentation says.
///
/// # Examples
/// ```
/// # partner_center_emulator::example(async |endpoint| {
/// use partner_center::{AppUser, PartnerCenter};
///
/// let partner = PartnerCenter::builder(AppUser::token("emulator-app-user")).endpoint(endpoint).build()?;
/// let profile = partner.customer("aaaa0000-bb11-2222-33cc-444444dddddd".parse()?).billing_profile();
/// let _ = profile.modify(|profile| profile.email = Some("ann@example.com".into())).await?;
///
/// let mut history = profile.history().list();
/// while let Some(change) = history.try_next().await? {
///     println!("{:?} by {:?}", change.record.operation_date, change.record.user_principal_name);
///     for change in change.changes.as_deref().unwrap_or_default() {
///         println!("  {}: {:?} -> {:?}", change.pointer, change.before, change.after);
///     }
/// }
/// # Ok(()) }).unwrap();
/// ```
#[must_use]
pub struct History<A> {
    shared: Arc<Shared>,
    customer: Uuid,
    correlation_id: Option<Uuid>,
    retry: Option<Retry>,
    days: u16,
    size: Option<i32>,
    kind: PhantomData<fn() -> A>,
}

/// One change of a billing profile.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct ProfileChange {
    /// Who, when, with which application, and whether it succeeded. A change that failed changed nothing.
    pub record: AuditRecord,
    /// The profile before the change; `None` if the record does not have it.
    pub before: Option<CustomerBillingProfile>,
    /// The profile after it; `None` if the record does not have it.
    pub after: Option<CustomerBillingProfile>,
    /// What was changed, leaf by leaf, without what belongs to the service, such as the entity tag; `None` if the
    /// record does not have both profiles. A list is one leaf.
    pub changes: Option<Vec<Change>>,
}

/// Where a page of a history begins, to go on there later.
///
/// It holds what the service said to ask with, the id of the customer included. With serde it is stored, and loaded
/// by another process. How long the service takes one is not documented.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryToken {
    query: Query,
    /// What the pieces after this one are asked for with.
    customer: Uuid,
    size: Option<i32>,
    /// The first day of the piece that the page is of, and of the history, in days since 1970.
    start: i64,
    oldest: i64,
}

/// One page of a history.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HistoryPage {
    /// The changes of this page. There may be none although there is a next page.
    pub changes: Vec<ProfileChange>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<HistoryToken>,
}

impl<A: Credential> History<A> {
    /// The last days alone, today included, by the calendar of UTC; 90 if it is not set. The service refuses more
    /// (docs). 0 is today, as 1 is.
    pub fn days(mut self, days: u16) -> Self {
        self.days = days;
        self
    }

    /// How many records the service puts on a page, those of other operations too; as many as it likes if it is not
    /// set. That is 500, in a sample.
    pub fn page_size(mut self, size: u16) -> Self {
        self.size = Some(size.into());
        self
    }

    /// Sends this `MS-CorrelationId` with every request; if it is not set, each page has a new one.
    pub fn correlation_id(mut self, id: Uuid) -> Self {
        self.correlation_id = Some(id);
        self
    }

    /// Repeats failed requests like this, not as the client does.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    /// The changes one after the other, over all pages. Nothing is sent before the first is asked for.
    pub fn list(&self) -> HistoryList<A> {
        self.list_from(None)
    }

    /// The changes from a page on that was taken down before; see [`HistoryList::page_token`].
    pub fn list_from(&self, from: Option<&HistoryToken>) -> HistoryList<A> {
        HistoryList(List::new(self.clone(), from.cloned()))
    }

    /// Reads one page: the first one, or the one that begins there. A token knows its own days, customer and page
    /// size: those that are set here are for the first page.
    ///
    /// Sends one `GET`. It is repeated as [`Retry`] says, and changes nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Response`]: the answer is no page, or has a next one and does not say how to get it.
    /// A token that is too old is refused with a [`status`](Error::status) of 400, most likely, and so are more than
    /// 90 days. See [`Resource::get`] for the others.
    pub async fn page(&self, from: Option<&HistoryToken>) -> Result<HistoryPage, Error> {
        let asked = from.cloned().unwrap_or_else(|| self.first());
        let retry = self.retry.as_ref().unwrap_or(&self.shared.retry);
        let page: AuditRecordCollection =
            read(&self.shared, retry, self.correlation_id, "history", &asked.query).await?;
        let (links, token) = (page.links.as_ref(), page.continuation_token.as_deref());
        let next = next(links, token, &asked.query, MemberToken::Seek)
            .map_err(|what| Error::new(ErrorKind::Response, what))?;
        let next = match next {
            Some(query) => Some(HistoryToken { query, ..asked }),
            None => asked.earlier(),
        };
        let records = page.items.unwrap_or_default().into_iter();
        let changes = records.filter(|record| {
            record
                .operation_type
                .as_deref()
                .is_some_and(|name| name.eq_ignore_ascii_case(OPERATION))
        });
        Ok(HistoryPage { changes: changes.map(ProfileChange::of).collect(), next })
    }

    /// The last 30 days. Without a last one, which is today by the clock of the service then.
    fn first(&self) -> HistoryToken {
        let since = utc(&*self.shared.clock).duration_since(SystemTime::UNIX_EPOCH);
        let today = i64::try_from(since.unwrap_or_default().as_secs() / 86_400).unwrap_or(i64::MAX);
        let oldest = today - i64::from(self.days.max(1)) + 1;
        HistoryToken::new(self.customer, self.size, oldest, today, None)
    }
}

impl HistoryToken {
    /// The first page of the 30 days that end with `last`.
    fn new(customer: Uuid, size: Option<i32>, oldest: i64, last: i64, end: Option<i64>) -> Self {
        let start = oldest.max(last.saturating_sub(WINDOW - 1));
        let filter = json!({
            "Field": "CustomerId", "Value": customer.to_string(), "Operator": "equals",
        });
        let query = Query {
            size,
            filter: Some(filter.to_string()),
            start: Some(date(start)),
            end: end.map(date),
            ..Query::default()
        };
        Self { query, customer, size, start, oldest }
    }

    /// The 30 days before, if there are any left.
    fn earlier(&self) -> Option<Self> {
        let end = self.start.checked_sub(1)?;
        (end >= self.oldest)
            .then(|| Self::new(self.customer, self.size, self.oldest, end, Some(end)))
    }
}

impl ProfileChange {
    fn of(record: AuditRecord) -> Self {
        let before = record.resource_old_value.as_deref().and_then(profile);
        let after = record.resource_new_value.as_deref().and_then(profile);
        let changes = before.as_ref().zip(after.as_ref());
        let changes = changes.and_then(|(before, after)| changes_between(before, after));
        Self { record, before, after, changes }
    }
}

/// The billing profile that a record has as JSON in a string: as it is, or within the customer, as the record of a
/// new one has it (docs, api-throttling-guidance).
fn profile(text: &str) -> Option<CustomerBillingProfile> {
    let members: Map<String, Value> = serde_json::from_str(text).ok()?;
    let inner = members.iter().find(|(name, _)| name.eq_ignore_ascii_case("billingProfile"));
    let text = match inner {
        Some((_, profile)) if profile.is_object() => profile.to_string(),
        Some(_) => return None,
        None => text.to_owned(),
    };
    Document::parse(text.into()).ok().map(Document::into_model)
}

fn changes_between(
    before: &CustomerBillingProfile,
    after: &CustomerBillingProfile,
) -> Option<Vec<Change>> {
    let text = |profile: &CustomerBillingProfile| {
        // A record has the tag, and links or none: they are the service's.
        let mut profile = profile.clone();
        (profile.attributes, profile.links) = (None, None);
        serde_json::to_string(&profile).ok()
    };
    let changes =
        Changes::between(&text(before)?, &text(after)?, CustomerBillingProfile::MEMBERS).ok()?;
    Some(changes.list())
}

/// A day since 1970 as `yyyy-mm-dd`, in the Gregorian calendar.
///
/// Years are counted from March, so that the day that comes and goes is the last of one; 400 of them are 146,097
/// days.
fn date(days: i64) -> String {
    let days = days.saturating_add(719_468);
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // 153 days in five months from March on, and from August on.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era * 400 + year + next_year;
    format!("{year:04}-{month:02}-{day:02}")
}

/// The changes one after the other: a [`Stream`](futures_util::Stream), and without an extension trait
/// [`try_next`](Self::try_next).
///
/// It holds one page at a time, and reads the next one when that is empty. An error ends it; go on where it was
/// by [`page_token`](Self::page_token).
#[must_use]
pub struct HistoryList<A>(List<History<A>, ProfileChange, HistoryToken>);

impl<A: Credential> HistoryList<A> {
    /// The next change, which is an earlier one; `None` after the last one, and after an error. Dropping the future
    /// loses nothing.
    ///
    /// # Errors
    /// As [`History::page`].
    pub async fn try_next(&mut self) -> Result<Option<ProfileChange>, Error> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }

    /// Where to go on by [`History::list_from`] so that no change is missed: the page that the next one is of, or
    /// the last page when all were given. `None` is the first page. Those of the page that were given already are
    /// given again.
    #[must_use]
    pub fn page_token(&self) -> Option<&HistoryToken> {
        self.0.place()
    }
}

impl<A: Credential> Stream for HistoryList<A> {
    type Item = Result<ProfileChange, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().0.poll(context, |source, from| {
            let source = source.clone();
            Box::pin(async move {
                let page = source.page(from.as_ref()).await?;
                Ok((page.changes, page.next))
            })
        })
    }
}

impl<A> Clone for History<A> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
            customer: self.customer,
            correlation_id: self.correlation_id,
            retry: self.retry.clone(),
            days: self.days,
            size: self.size,
            kind: PhantomData,
        }
    }
}

impl<A> fmt::Debug for History<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History")
            .field("endpoint", &self.shared.api.baseurl())
            .field("customer", &self.customer)
            .field("correlation_id", &self.correlation_id)
            .field("retry", &self.retry)
            .field("days", &self.days)
            .field("page_size", &self.size)
            .finish_non_exhaustive()
    }
}

/// Without the values, which are personal data, and without who it was.
impl fmt::Debug for ProfileChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProfileChange")
            .field("id", &self.record.id)
            .field("date", &self.record.operation_date)
            .field("status", &self.record.operation_status)
            .field("changes", &self.changes)
            .finish_non_exhaustive()
    }
}

/// Without the token of the service, which may hold anything.
impl fmt::Debug for HistoryToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HistoryToken")
            .field("start", &date(self.start))
            .field("oldest", &date(self.oldest))
            .finish_non_exhaustive()
    }
}

impl<A> fmt::Debug for HistoryList<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HistoryList")
            .field("source", &self.0.source)
            .field("left_of_page", &self.0.left_of_page())
            .field("at", &self.0.at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (days, text) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (18_507, "2020-09-02"),
            (20_818, "2026-12-31"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(date(days), text);
        }
        // By HTTP dates, which another crate reads and writes.
        for days in (0..60_000).step_by(5) {
            let day = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(days * 86_400);
            let http = httpdate::fmt_http_date(day);
            let days = i64::try_from(days).expect("a day");
            let (year, day) = (&http[12..16], &http[5..7]);
            let date = date(days);
            assert!(date.starts_with(year) && date.ends_with(day), "{date} {http}");
        }
    }

    fn sample(name: &str) -> AuditRecord {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/examples/");
        let json = std::fs::read(format!("{path}{name}.response.json")).expect(name);
        let page: AuditRecordCollection = serde_json::from_slice(&json).expect(name);
        page.items.expect("items").remove(0)
    }

    #[test]
    fn a_profile_is_found_as_it_is_and_within_a_customer() {
        let change = ProfileChange::of(sample("update-profile-audit-record"));
        let changes = change.changes.expect("changes");
        let [email] = changes.as_slice() else { panic!("{changes:?}") };
        assert_eq!(email.pointer, "/email");
        assert_eq!(email.before, Some("ann@contoso.example".into()));
        assert_eq!(email.after, Some("bob@contoso.example".into()));
        let tag = |profile: Option<CustomerBillingProfile>| profile?.attributes?.etag;
        assert_eq!(tag(change.before).as_deref(), Some("-2279334701316321663"));
        assert_eq!(tag(change.after).as_deref(), Some("5920358838484612121"));

        let new = ProfileChange::of(sample("add-customer-audit-record"));
        assert_eq!((new.before, new.changes), (None, None));
        let after = new.after.expect("a profile");
        assert_eq!(after.email.as_deref(), Some("ann@contoso.example"));
        assert_eq!(after.default_address.and_then(|it| it.city).as_deref(), Some("Seattle"));
    }

    #[test]
    fn a_value_that_is_no_profile_is_none() {
        for text in
            ["", "null", "[]", "1", "\"a\"", "{", "{\"BillingProfile\":null}", "{\"Email\":{}}"]
        {
            assert_eq!(profile(text), None, "{text}");
        }
    }
}
