//! Lists that come in pages: where the next one is, and all of them as a stream that holds no more than one.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::models::ResourceLinks;

/// The header that a page is asked for with.
const CONTINUATION: &str = "MS-ContinuationToken";

/// What is asked for with it.
const NEXT: &str = "Next";

/// The query of a page and its header.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    pub(crate) size: Option<i32>,
    pub(crate) filter: Option<String>,
    pub(crate) seek: Option<String>,
    pub(crate) token: Option<String>,
    /// The first and the last day of audit records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) start: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) end: Option<String>,
    /// The token in the query, `seek`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) continuation: Option<String>,
}

/// What becomes of a token that is a member of the page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemberToken {
    /// The SDK sends it as the header.
    Header,
    /// It is sent as `seek`, in the words of the Swagger.
    Seek,
}

/// Where the next page begins, by what this one says.
///
/// The link is never followed, only taken apart: it comes with `/v1` in front and without. The token is a header
/// of it, in its query, or a member of the page.
pub(crate) fn next(
    links: Option<&ResourceLinks>,
    member: Option<&str>,
    asked: &Query,
    by_member: MemberToken,
) -> Result<Option<Query>, &'static str> {
    let link = links.and_then(|links| links.next.as_ref());
    let mut headers = link.and_then(|link| link.headers.as_deref()).unwrap_or_default().iter();
    let header = headers
        .find(|header| {
            header.key.as_deref().is_some_and(|key| key.eq_ignore_ascii_case(CONTINUATION))
        })
        .and_then(|header| header.value.as_deref())
        .filter(|token| !token.is_empty());
    let member = member.filter(|token| !token.is_empty());
    let uri = link.and_then(|link| link.uri.as_deref());
    let mut next = match uri {
        Some(uri) => queried(uri),
        None => Query { token: None, continuation: None, ..asked.clone() },
    };
    match (header, member) {
        (Some(token), _) => next.token = Some(token.to_owned()),
        (None, Some(token)) if by_member == MemberToken::Header => {
            next.token = Some(token.to_owned());
        }
        (None, Some(token)) => next.continuation = Some(token.to_owned()),
        (None, None) if next.continuation.is_some() && by_member == MemberToken::Seek => {}
        (None, None) => {
            return match uri {
                None => Ok(None),
                Some(_) => Err("there is a next page, and no continuation token to get it with"),
            };
        }
    }
    if next.token.is_some() {
        next.seek.get_or_insert_with(|| NEXT.to_owned());
    }
    if next == *asked {
        return Err("the next page is the page itself");
    }
    Ok(Some(next))
}

/// What the query of a link asks for.
fn queried(uri: &str) -> Query {
    let mut query = Query::default();
    let text = uri.split_once('?').map_or("", |(_, query)| query);
    // Where it is does not matter, only the way to read it.
    if let Ok(url) = Url::parse(&format!("http://localhost/?{text}")) {
        for (name, value) in url.query_pairs() {
            let member = match &*name.to_ascii_lowercase() {
                "size" => {
                    query.size = value.parse().ok();
                    continue;
                }
                "filter" => &mut query.filter,
                "seekoperation" => &mut query.seek,
                "startdate" => &mut query.start,
                "enddate" => &mut query.end,
                "seek" => &mut query.continuation,
                _ => continue,
            };
            *member = Some(value.into_owned());
        }
    }
    query
}

/// A page being read: its items, and where the next one begins.
pub(crate) type Reading<T, P> =
    Pin<Box<dyn Future<Output = Result<(Vec<T>, Option<P>), Error>> + Send>>;

/// Items one after the other. It holds one page at a time, and reads the next one when that is empty.
pub(crate) struct List<S, T, P> {
    pub(crate) source: S,
    given: vec::IntoIter<T>,
    /// Of the page that was read last.
    pub(crate) at: Option<P>,
    /// Of the page that is read next.
    next: Option<P>,
    state: State,
    pending: Option<Reading<T, P>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// The last page was read.
    Complete,
    Failed,
}

impl<S, T, P: Clone> List<S, T, P> {
    /// The items from this page on.
    pub(crate) fn new(source: S, from: Option<P>) -> Self {
        Self {
            source,
            given: Vec::new().into_iter(),
            at: from.clone(),
            next: from,
            state: State::Open,
            pending: None,
        }
    }

    /// How many items of the page were not given out.
    pub(crate) fn left_of_page(&self) -> usize {
        self.given.len()
    }

    /// Where to go on so that no item is missed: the page that the next one is of, or the last page when all were
    /// given.
    pub(crate) fn place(&self) -> Option<&P> {
        let given_out = self.given.as_slice().is_empty() && self.state != State::Complete;
        if given_out { self.next.as_ref() } else { self.at.as_ref() }
    }

    /// The next item, of a page that `read` begins to read where there is none. An error ends the list.
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
        read: impl Fn(&S, Option<P>) -> Reading<T, P>,
    ) -> Poll<Option<Result<T, Error>>> {
        loop {
            if let Some(item) = self.given.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            if self.state != State::Open {
                return Poll::Ready(None);
            }
            let reading = self.pending.get_or_insert_with(|| read(&self.source, self.next.clone()));
            let page = ready!(reading.as_mut().poll(context));
            self.pending = None;
            match page {
                Ok((items, next)) => {
                    self.given = items.into_iter();
                    self.at = std::mem::replace(&mut self.next, next);
                    if self.next.is_none() {
                        self.state = State::Complete;
                    }
                }
                Err(error) => {
                    self.state = State::Failed;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::models::CustomerCollection;

    fn asked() -> Query {
        Query { size: Some(3), filter: Some("{}".into()), ..Query::default() }
    }

    fn next_by(
        by_member: MemberToken,
        page: Value,
        asked: &Query,
    ) -> Result<Option<Query>, &'static str> {
        let page: CustomerCollection = serde_json::from_value(page).expect("a page");
        next(page.links.as_ref(), page.continuation_token.as_deref(), asked, by_member)
    }

    fn next_of(page: Value) -> Result<Option<Query>, &'static str> {
        next_by(MemberToken::Header, page, &asked())
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
                ..Query::default()
            };
            let page = json!({"links": {"next": link(&uri)}});
            assert_eq!(next_of(page.clone()), Ok(Some(query.clone())), "{uri}");
            assert_eq!(next_by(MemberToken::Seek, page, &asked()), Ok(Some(query)), "{uri}");
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
    fn the_token_of_audit_records_is_also_sent_in_the_query() {
        let by_seek = |page: Value| next_by(MemberToken::Seek, page, &asked());
        let seek = Query { continuation: Some("t".into()), ..asked() };
        assert_eq!(by_seek(json!({"continuationToken": "t"})), Ok(Some(seek.clone())));
        let uri = "/auditrecords?startDate=2026-01-01&endDate=2026-01-02&seek=t";
        let of_link = Query {
            start: Some("2026-01-01".into()),
            end: Some("2026-01-02".into()),
            continuation: Some("t".into()),
            ..Query::default()
        };
        assert_eq!(by_seek(json!({"links": {"next": {"uri": uri}}})), Ok(Some(of_link)));
        let page = json!({"continuationToken": "t"});
        assert!(next_by(MemberToken::Seek, page, &seek).is_err(), "it would be read for ever");
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
        let page = json!({"continuationToken": "t"});
        let Ok(Some(same)) = next_of(page.clone()) else { panic!("no next page") };
        assert!(next_by(MemberToken::Header, page, &same).is_err(), "it would be read for ever");
    }

    #[test]
    fn a_token_that_was_stored_before_is_read() {
        let stored = r#"{"size":500,"filter":null,"seek":"Next","token":"t"}"#;
        let query: Query = serde_json::from_str(stored).expect("a query");
        assert_eq!(serde_json::to_string(&query).expect("JSON"), stored);
    }
}
