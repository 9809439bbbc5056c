//! The customers of the partner: listed page by page, searched, read one by one.

use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_util::Stream;
use partner_center_api::ClientInfo;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::billing_profile::Customer;
use crate::call::{Operation, Request};
use crate::client::{PartnerCenter, Shared};
use crate::credential::Credential;
use crate::error::{Error, ErrorKind};
use crate::model::Readable;
use crate::models;
use crate::models::CustomerCollection;
use crate::retry::Retry;

/// The header that a page is asked for with.
const CONTINUATION: &str = "MS-ContinuationToken";

/// What is asked for with it.
const NEXT: &str = "Next";

impl<A: Credential> PartnerCenter<A> {
    /// The customers of the partner, to list or to search.
    pub fn customers(&self) -> Customers<A> {
        Customers {
            shared: self.shared.clone(),
            correlation_id: None,
            retry: None,
            // The service's own size. A page of the docs says that a size is required.
            first: Query { size: Some(0), ..Query::default() },
            kind: PhantomData,
        }
    }
}

impl<A: Credential> Customer<A> {
    /// Reads the customer: its company, its domains, its billing profile.
    ///
    /// Sends `GET`. It is repeated as [`Retry`] says, and changes nothing. To update the billing profile, read it
    /// by [`billing_profile`](Self::billing_profile): the one in here is not guarded by its entity tag.
    ///
    /// # Errors
    /// [`is_not_found`](Error::is_not_found): there is no such customer. See
    /// [`Resource::get`](crate::Resource::get) for the others.
    ///
    /// # Examples
    /// ```
    /// # partner_center_emulator::example(async |endpoint| {
    /// # use partner_center::{AppOnly, PartnerCenter};
    /// # let partner = PartnerCenter::builder(AppOnly::token("emulator-app-only")).endpoint(endpoint).build()?;
    /// let customer = partner.customer("eebd1b55-5360-4438-a11d-5c06918c3014".parse()?).get().await?;
    /// assert_eq!(customer.relationship_to_partner.as_deref(), Some("reseller"));
    /// # Ok(()) }).unwrap();
    /// ```
    pub async fn get(&self) -> Result<models::Customer, Error> {
        self.client().customers().get(self.id()).await
    }
}

/// The customers of the partner, all or those that a search finds.
///
/// It is a value with settings for the operations called on it.
///
/// | | sends | gives |
/// |---|---|---|
/// | [`list`](Self::list), [`list_from`](Self::list_from) | one `GET` for each page, when it is needed | one customer after the other |
/// | [`page`](Self::page) | one `GET` | the customers of one page, and where the next one is |
/// | [`get`](Self::get) | one `GET` | one customer, with more of it than a list has |
///
/// What is listed of a customer is its id and its company, without address: the service sends no more. In which
/// order they come is not documented, nor what a list has of customers that come and go meanwhile.
///
/// # Examples
/// ```
/// # partner_center_emulator::example(async |endpoint| {
/// use partner_center::{AppOnly, PartnerCenter};
///
/// let partner = PartnerCenter::builder(AppOnly::token("emulator-app-only")).endpoint(endpoint).build()?;
/// let mut customers = partner.customers().list();
/// while let Some(customer) = customers.try_next().await? {
///     let Some(id) = customer.id.as_deref() else { continue };
///     let profile = partner.customer(id.parse()?).billing_profile().get().await?;
///     println!("{id}: {:?}", profile.email);
/// }
/// # Ok(()) }).unwrap();
/// ```
#[must_use]
pub struct Customers<A> {
    shared: Arc<Shared>,
    correlation_id: Option<Uuid>,
    retry: Option<Retry>,
    first: Query,
    kind: PhantomData<fn() -> A>,
}

/// What the beginning of is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SearchBy {
    /// The name of the company.
    CompanyName,
    /// The domain. The service was reported to fail at that in 2019.
    Domain,
}

/// The query of a page and its header.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    size: Option<i32>,
    filter: Option<String>,
    seek: Option<String>,
    token: Option<String>,
}

/// Where a page of customers begins, to go on there later.
///
/// It holds what the service said to ask with, the filter of a search included. With serde it is stored, and
/// loaded by another process. How long the service takes one is not documented: one that it refuses, as a 400
/// most likely, is begun without again.
///
/// # Examples
/// ```
/// # partner_center_emulator::example(async |endpoint| {
/// # use partner_center::{AppOnly, PartnerCenter};
/// use partner_center::PageToken;
///
/// # let partner = PartnerCenter::builder(AppOnly::token("emulator-app-only")).endpoint(endpoint).build()?;
/// let customers = partner.customers().page_size(1);
/// let first = customers.page(None).await?;
/// let stored = serde_json::to_string(&first.next)?;
///
/// let next: Option<PageToken> = serde_json::from_str(&stored)?;
/// let second = customers.page(next.as_ref()).await?;
/// assert_ne!(first.customers[0].id, second.customers[0].id);
/// # Ok(()) }).unwrap();
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageToken(Query);

/// One page of customers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CustomerPage {
    /// The customers of this page. There may be none although there is a next page.
    pub customers: Vec<models::Customer>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<PageToken>,
}

impl<A: Credential> Customers<A> {
    /// Those alone whose company name or domain begins with `text`; upper and lower case are the same to the
    /// service. It replaces an earlier search.
    ///
    /// # Examples
    /// ```
    /// # partner_center_emulator::example(async |endpoint| {
    /// # use partner_center::{AppOnly, PartnerCenter};
    /// use partner_center::SearchBy;
    ///
    /// # let partner = PartnerCenter::builder(AppOnly::token("emulator-app-only")).endpoint(endpoint).build()?;
    /// let mut found = partner.customers().search(SearchBy::Domain, "abcdefgh1234.").list();
    /// let customer = found.try_next().await?.ok_or("nobody")?;
    /// assert_eq!(customer.id.as_deref(), Some("eebd1b55-5360-4438-a11d-5c06918c3014"));
    /// # Ok(()) }).unwrap();
    /// ```
    pub fn search(mut self, by: SearchBy, text: &str) -> Self {
        let field = match by {
            SearchBy::CompanyName => "CompanyName",
            SearchBy::Domain => "Domain",
        };
        let filter = json!({"Field": field, "Value": text, "Operator": "starts_with"});
        self.first.filter = Some(filter.to_string());
        self
    }

    /// How many customers the service puts on a page; as many as it likes if it is not set, or 0. That is 500
    /// according to the docs.
    pub fn page_size(mut self, size: u16) -> Self {
        self.first.size = Some(size.into());
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

    /// The customers one after the other, over all pages. Nothing is sent before the first is asked for.
    pub fn list(&self) -> CustomerList<A> {
        self.list_from(None)
    }

    /// The customers from a page on that was taken down before; see [`CustomerList::page_token`].
    pub fn list_from(&self, from: Option<&PageToken>) -> CustomerList<A> {
        CustomerList {
            source: self.clone(),
            given: Vec::new().into_iter(),
            at: from.cloned(),
            next: from.cloned(),
            state: State::Open,
            pending: None,
        }
    }

    /// Reads one customer, as [`Customer::get`] does, with the settings that are set here.
    ///
    /// # Errors
    /// As [`Customer::get`].
    pub async fn get(&self, id: Uuid) -> Result<models::Customer, Error> {
        read(&self.shared, self.retries(), self.correlation_id, "get", &id).await
    }

    fn retries(&self) -> &Retry {
        self.retry.as_ref().unwrap_or(&self.shared.retry)
    }

    /// Reads one page: the first one, or the one that begins there. A token knows its own search and page size:
    /// those that are set here are for the first page.
    ///
    /// Sends one `GET`. It is repeated as [`Retry`] says, and changes nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Response`]: the answer is no page, or has a next one and does not say how to get it.
    /// A token that is too old is refused with a [`status`](Error::status) of 400, most likely.
    /// See [`Resource::get`](crate::Resource::get) for the others.
    pub async fn page(&self, from: Option<&PageToken>) -> Result<CustomerPage, Error> {
        let asked = from.map_or(&self.first, |PageToken(asked)| asked);
        let page: CustomerCollection =
            read(&self.shared, self.retries(), self.correlation_id, "list", asked).await?;
        let next = next(&page, asked).map_err(|what| Error::new(ErrorKind::Response, what))?;
        Ok(CustomerPage { customers: page.items.unwrap_or_default(), next })
    }
}

/// One operation that reads.
pub(crate) async fn read<T: Readable>(
    shared: &Shared,
    retry: &Retry,
    correlation_id: Option<Uuid>,
    name: &'static str,
    address: &T::Address,
) -> Result<T, Error> {
    let operation = Operation::start::<T>(name, shared, retry, correlation_id);
    let read = operation.span.within(operation.send(address, Request::<T>::Get)).await;
    operation.ended(read.as_ref().err());
    read.map(|(document, _)| document.into_model())
}

/// Where the next page begins, by what this one says.
///
/// The link is never followed, only taken apart: it comes with `/v1` in front and without. The token is a header
/// of it, or, as the SDK reads it, a member of the page.
fn next(page: &CustomerCollection, asked: &Query) -> Result<Option<PageToken>, &'static str> {
    let link = page.links.as_ref().and_then(|links| links.next.as_ref());
    let mut headers = link.and_then(|link| link.headers.as_deref()).unwrap_or_default().iter();
    let header = headers
        .find(|header| {
            header.key.as_deref().is_some_and(|key| key.eq_ignore_ascii_case(CONTINUATION))
        })
        .and_then(|header| header.value.as_deref());
    let member = page.continuation_token.as_deref();
    let uri = link.and_then(|link| link.uri.as_deref());
    let Some(token) = header.or(member).filter(|token| !token.is_empty()) else {
        return match uri {
            None => Ok(None),
            Some(_) => Err("there is a next page, and no continuation token to get it with"),
        };
    };
    let mut next = match uri {
        Some(uri) => queried(uri),
        None => Query { token: None, ..asked.clone() },
    };
    next.token = Some(token.to_owned());
    next.seek.get_or_insert_with(|| NEXT.to_owned());
    if next == *asked {
        return Err("the next page is the page itself");
    }
    Ok(Some(PageToken(next)))
}

/// What the query of a link asks for.
fn queried(uri: &str) -> Query {
    let mut query = Query::default();
    let text = uri.split_once('?').map_or("", |(_, query)| query);
    // Where it is does not matter, only the way to read it.
    if let Ok(url) = Url::parse(&format!("http://localhost/?{text}")) {
        for (name, value) in url.query_pairs() {
            if name.eq_ignore_ascii_case("size") {
                query.size = value.parse().ok();
            } else if name.eq_ignore_ascii_case("filter") {
                query.filter = Some(value.into_owned());
            } else if name.eq_ignore_ascii_case("seekOperation") {
                query.seek = Some(value.into_owned());
            }
        }
    }
    query
}

impl Query {
    /// Size, filter, which page, and its token, as they are sent.
    pub(crate) fn parts(&self) -> (Option<i32>, Option<&str>, Option<&str>, Option<&str>) {
        (self.size, self.filter.as_deref(), self.seek.as_deref(), self.token.as_deref())
    }
}

type Reading = Pin<Box<dyn Future<Output = Result<CustomerPage, Error>> + Send>>;

/// The customers one after the other: a [`Stream`](futures_util::Stream), and without an extension trait
/// [`try_next`](Self::try_next).
///
/// It holds one page at a time, and reads the next one when that is empty. An error ends it; go on where it was
/// by [`page_token`](Self::page_token).
///
/// # Examples
/// A run over all customers that goes on after a failure, also in another process:
///
/// ```
/// # partner_center_emulator::example(async |endpoint| {
/// # use partner_center::{AppOnly, PartnerCenter};
/// # let partner = PartnerCenter::builder(AppOnly::token("emulator-app-only")).endpoint(endpoint).build()?;
/// let mut list = partner.customers().list();
/// let outcome = async {
///     while let Some(customer) = list.try_next().await? {
///         println!("{:?}", customer.id);
///     }
///     Ok::<_, partner_center::Error>(())
/// };
/// if outcome.await.is_err() {
///     let place = list.page_token().cloned(); // store it
///     let _list = partner.customers().list_from(place.as_ref());
/// }
/// # Ok(()) }).unwrap();
/// ```
#[must_use]
pub struct CustomerList<A> {
    source: Customers<A>,
    given: vec::IntoIter<models::Customer>,
    /// Of the page that was read last.
    at: Option<PageToken>,
    /// Of the page that is read next.
    next: Option<PageToken>,
    state: State,
    pending: Option<Reading>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// The last page was read.
    Complete,
    Failed,
}

impl<A: Credential> CustomerList<A> {
    /// The next customer; `None` after the last one, and after an error. Dropping the future loses nothing.
    ///
    /// # Errors
    /// As [`Customers::page`].
    pub async fn try_next(&mut self) -> Result<Option<models::Customer>, Error> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }

    /// Where to go on by [`Customers::list_from`] so that no customer is missed: the page that the next one is
    /// of, or the last page when all were given. `None` is the first page. Those of the page that were given
    /// already are given again.
    #[must_use]
    pub fn page_token(&self) -> Option<&PageToken> {
        let given_out = self.given.as_slice().is_empty() && self.state != State::Complete;
        if given_out { self.next.as_ref() } else { self.at.as_ref() }
    }
}

impl<A: Credential> Stream for CustomerList<A> {
    type Item = Result<models::Customer, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let list = self.get_mut();
        loop {
            if let Some(customer) = list.given.next() {
                return Poll::Ready(Some(Ok(customer)));
            }
            if list.state != State::Open {
                return Poll::Ready(None);
            }
            let reading = list.pending.get_or_insert_with(|| {
                let (source, from) = (list.source.clone(), list.next.clone());
                Box::pin(async move { source.page(from.as_ref()).await })
            });
            let read = ready!(reading.as_mut().poll(context));
            list.pending = None;
            match read {
                Ok(page) => {
                    list.given = page.customers.into_iter();
                    list.at = std::mem::replace(&mut list.next, page.next);
                    if list.next.is_none() {
                        list.state = State::Complete;
                    }
                }
                Err(error) => {
                    list.state = State::Failed;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl<A> Clone for Customers<A> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
            correlation_id: self.correlation_id,
            retry: self.retry.clone(),
            first: self.first.clone(),
            kind: PhantomData,
        }
    }
}

/// Without what is searched for, which may be a name.
impl<A> fmt::Debug for Customers<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Customers")
            .field("endpoint", &self.shared.api.baseurl())
            .field("correlation_id", &self.correlation_id)
            .field("retry", &self.retry)
            .field("page_size", &self.first.size)
            .field("searched", &self.first.filter.is_some())
            .finish_non_exhaustive()
    }
}

/// Without the filter of a search in it, and without the token, which may hold one.
impl fmt::Debug for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageToken").field("size", &self.0.size).finish_non_exhaustive()
    }
}

impl<A> fmt::Debug for CustomerList<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomerList")
            .field("source", &self.source)
            .field("left_of_page", &self.given.len())
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn asked() -> Query {
        Query { size: Some(3), filter: Some("{}".into()), ..Query::default() }
    }

    fn next_of(page: Value) -> Result<Option<Query>, &'static str> {
        let page = serde_json::from_value(page).expect("a page");
        next(&page, &asked()).map(|token| token.map(|PageToken(query)| query))
    }

    fn link(uri: &str) -> Value {
        json!({"uri": uri, "method": "GET", "headers": [{"key": "ms-continuationTOKEN", "value": "t=="}]})
    }

    #[test]
    fn the_next_page_is_where_the_link_says_with_a_prefix_and_without() {
        let host = "https://api.partnercenter.microsoft.com/v1";
        for before in ["", "/v1", "v1", host] {
            let uri =
                format!("{before}/customers?size=500&seekOperation=Next&filter=%7B%22a%22%7D");
            let query = Query {
                size: Some(500),
                filter: Some("{\"a\"}".into()),
                seek: Some("Next".into()),
                token: Some("t==".into()),
            };
            assert_eq!(next_of(json!({"links": {"next": link(&uri)}})), Ok(Some(query)), "{uri}");
        }
    }

    #[test]
    fn a_token_in_the_body_is_taken_too() {
        let query = Query { seek: Some("Next".into()), token: Some("t".into()), ..asked() };
        assert_eq!(next_of(json!({"continuationToken": "t"})), Ok(Some(query.clone())));
        let links = json!({"next": {"uri": "/customers?size=3&filter={}&seekOperation=Next"}});
        let page = json!({"continuationToken": "t", "links": links});
        assert_eq!(next_of(page), Ok(Some(query)));
    }

    #[test]
    fn without_a_link_and_a_token_it_is_the_last_page() {
        for page in [
            json!({}),
            json!({"continuationToken": null, "links": {"next": null}}),
            json!({"continuationToken": "", "links": {"self": link("/customers"), "next": {}}}),
        ] {
            assert_eq!(next_of(page.clone()), Ok(None), "{page}");
        }
    }

    #[test]
    fn a_next_page_that_cannot_be_asked_for_is_an_error_and_no_end() {
        let links = json!({"next": {"uri": "/customers?seekOperation=Next", "headers": []}});
        assert!(next_of(json!({"links": links})).is_err());
        let page = serde_json::from_value(json!({"continuationToken": "t"})).expect("a page");
        let Ok(Some(PageToken(same))) = next(&page, &asked()) else { panic!("no next page") };
        assert!(next(&page, &same).is_err(), "it would be read for ever");
    }
}
