//! What can go wrong, what it means for the update that was meant, and what to do.

mod fault;
mod hint;

use std::any::Any;
use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::StreamExt;
use memchr::memmem;
use partner_center_api::limits::Violation;
use partner_center_api::{ByteStream, ResponseValue, misfit, utf8};
use reqwest::StatusCode;
use reqwest::header::{self, HeaderMap, WWW_AUTHENTICATE};
use serde_json::Value;
use uuid::Uuid;

use self::fault::Fault;
pub(crate) use self::fault::is_fault;
use self::hint::hint;
use crate::conflict::Conflict;
use crate::etag::StrongETag;
use crate::model::Model;
use crate::protocol::Answer;

type Cause = Box<dyn StdError + Send + Sync>;

/// The headers that the service itself puts on an answer, and no gateway does (recorded).
const IDS: [&str; 5] =
    ["ms-requestid", "ms-correlationid", "ms-cv", "ms-serverid", "request-context"];

/// How much of the body of an error is kept, in bytes.
const BODY_LIMIT: usize = 64 * 1024;

/// How much more of it is read, so that a token that is cut off is behind what is kept.
const TOKEN_LIMIT: usize = 16 * 1024;

/// An error of this crate.
///
/// `Display` is one line: what happened, what the service said, what to do, and the ids to give to
/// support. Neither it nor `Debug` shows a token or the body of an answer.
///
/// # Examples
/// ```
/// # async fn run(emulator: &partner_center_emulator::Emulator) -> Result<(), Box<dyn std::error::Error>> {
/// # use partner_center::{AppOnly, PartnerCenter};
/// # let endpoint = emulator.url();
/// # let partner = PartnerCenter::builder(AppOnly::token("emulator-app-only")).endpoint(&endpoint).build()?;
/// let stranger = "11111111-2222-3333-4444-555555555555".parse()?;
/// let error = partner.customer(stranger).billing_profile().get().await.unwrap_err();
/// assert!(error.is_not_found());
/// // The code has a meaning only together with the status.
/// assert_eq!((error.status(), error.code()), (Some(404), Some("1000")));
/// assert!(error.correlation_id().is_some());
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// #     let emulator = partner_center_emulator::Emulator::start().await.unwrap();
/// #     run(&emulator).await.unwrap();
/// # });
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    what: String,
    hint: Option<Cow<'static, str>>,
    status: Option<u16>,
    fault: Fault,
    retry_after: Option<Duration>,
    body: Bytes,
    request_id: Option<Uuid>,
    correlation_id: Option<Uuid>,
    outcome: Outcome,
    /// Whether the service itself answered, not a gateway in front of it.
    own: bool,
    may_have_been_applied: bool,
    violations: Vec<Violation>,
    conflict: Option<Box<dyn Any + Send + Sync>>,
    source: Option<Cause>,
}

/// What became of the last request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// It was not sent.
    Unsent,
    /// It was sent, maybe, and no complete answer came.
    Unanswered { timeout: bool },
    /// It was answered.
    Answered,
}

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client is configured in a way that cannot work. Nothing was sent.
    Configuration,
    /// The credential gives no token that can be used. See `source()` for what the issuer said.
    Credential,
    /// What would be written exceeds limits that the contract documents; see
    /// [`violations`](Error::violations). Nothing was sent.
    Invalid,
    /// A read-only member was changed. Nothing was sent.
    ReadOnly,
    /// There is no entity tag to guard the update with. Nothing was sent.
    NoETag,
    /// The profile was read from another resource, or by another client; see
    /// [`resume`](crate::Resource::resume). Nothing was sent.
    OtherResource,
    /// The model cannot be written as JSON, a document not be read as one, or a conflict not be settled
    /// that way. Nothing was sent.
    Model,
    /// The resource was changed by someone else since it was read.
    Conflict,
    /// The service, or this client because of what the service said before, limits the rate of calls.
    Throttled,
    /// The service refused the request or failed.
    Service,
    /// There was no answer, or not a whole one.
    Transport,
    /// The answer cannot be understood.
    Response,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            what: line(&what.into()),
            hint: None,
            status: None,
            fault: Fault::default(),
            retry_after: None,
            body: Bytes::new(),
            request_id: None,
            correlation_id: None,
            outcome: Outcome::Unsent,
            own: false,
            may_have_been_applied: false,
            violations: Vec::new(),
            conflict: None,
            source: None,
        }))
    }

    pub(crate) fn caused_by(mut self, cause: impl Into<Cause>) -> Self {
        self.0.source = Some(cause.into());
        self
    }

    pub(crate) fn with_ids(mut self, request_id: Option<Uuid>, correlation_id: Uuid) -> Self {
        self.0.request_id = request_id;
        self.0.correlation_id = Some(correlation_id);
        self
    }

    pub(crate) fn applied_maybe(mut self, maybe: bool) -> Self {
        self.0.may_have_been_applied = maybe;
        self
    }

    /// A version was refused, and a reading gives it still.
    pub(crate) fn unexplained(mut self, tag: &StrongETag) -> Self {
        "the service refused a version that it still gives".clone_into(&mut self.0.what);
        self.advise(format!(
            "`If-Match: {tag}` was refused: reads may lag behind writes, so try again later; if it stays \
             so, the service compares another tag, which `resume` takes"
        ))
    }

    /// Says what to do, where nothing else does.
    pub(crate) fn advise(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Says that an earlier round of the update may have been applied, here and in the conflict.
    pub(crate) fn uncertain<T: Model>(mut self) -> Self {
        self.0.may_have_been_applied = true;
        let conflict = self.0.conflict.as_mut().and_then(|one| one.downcast_mut::<Conflict<T>>());
        if let Some(conflict) = conflict {
            conflict.doubt();
        }
        self
    }

    pub(crate) fn retry_in(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    pub(crate) fn carries(&self) -> Option<&(dyn Any + Send + Sync)> {
        self.0.conflict.as_deref()
    }

    /// The conflict that it carries, if it does: a `Conflict` of some model.
    pub(crate) fn carried(&mut self) -> &mut Option<Box<dyn Any + Send + Sync>> {
        &mut self.0.conflict
    }

    pub(crate) fn invalid(violations: Vec<Violation>) -> Self {
        let all: Vec<_> = violations.iter().map(ToString::to_string).collect();
        let mut error = Self::new(ErrorKind::Invalid, all.join("; "));
        error.0.violations = violations;
        error
    }

    /// There is no time left, and nothing was sent.
    pub(crate) fn late() -> Self {
        Self::new(ErrorKind::Transport, "the time for the operation is over")
    }

    /// An answer of success that is none of a profile.
    pub(crate) fn no_profile(what: &str, body: Bytes, token: &str) -> Self {
        let mut error = Self::new(ErrorKind::Response, what).answered(StatusCode::OK);
        error.0.body = without(token, body);
        error.0.fault = Fault::read(&error.0.body);
        error
    }

    /// A conflict that was found by reading again, without a refusal.
    pub(crate) fn changed() -> Self {
        Self::new(ErrorKind::Conflict, CHANGED)
    }

    /// Makes an error of what a generated operation returned.
    ///
    /// `token` is what was sent: it is taken out of the answer, should the service repeat it. A date in
    /// `Retry-After` is counted from that of the answer, or from `now`.
    pub(crate) async fn from_call(
        error: partner_center_api::Error<ByteStream>,
        now: SystemTime,
        token: &str,
    ) -> Self {
        use partner_center_api::Error as Api;
        match error {
            Api::ErrorResponse(response) => {
                let (status, headers) = (response.status(), response.headers().clone());
                match bounded(response).await {
                    Ok(body) => Self::from_response(status, &headers, without(token, body), now),
                    // What a refusal says is known when all of it is there.
                    Err(cause) => Self::cut_off(cause),
                }
            }
            Api::UnexpectedResponse(response) if response.status().is_success() => {
                let status = response.status();
                let what =
                    format!("the service succeeded with a status it is not known for ({status})");
                Self::new(ErrorKind::Response, what).answered(status)
            }
            Api::UnexpectedResponse(response) => {
                Self::from_response(response.status(), response.headers(), Bytes::new(), now)
            }
            Api::InvalidResponsePayload(body, cause) => {
                // Not the cause itself, which repeats a value.
                let place = format!(
                    "{:?} error at line {} column {}",
                    cause.classify(),
                    cause.line(),
                    cause.column()
                );
                let what = "the answer is not a billing profile";
                match misfit(&cause) {
                    Some(member) => Self::no_profile(&format!("{what}: {member}"), body, token),
                    None => Self::no_profile(what, body, token).caused_by(place),
                }
            }
            Api::Custom(why) => Self::new(ErrorKind::Response, why).answered(StatusCode::OK),
            Api::CommunicationError(cause) | Api::InvalidUpgrade(cause) => {
                let outcome = if cause.is_builder() || cause.is_connect() {
                    Outcome::Unsent
                } else {
                    Outcome::Unanswered { timeout: cause.is_timeout() }
                };
                let (kind, what) = match outcome {
                    _ if cause.is_builder() => {
                        (ErrorKind::Configuration, "the request cannot be made")
                    }
                    Outcome::Unsent => (ErrorKind::Transport, "the service cannot be reached"),
                    Outcome::Unanswered { timeout: true } => {
                        (ErrorKind::Transport, "the service did not answer in time")
                    }
                    _ => (ErrorKind::Transport, "the connection broke before an answer came"),
                };
                let mut error = Self::new(kind, what).caused_by(cause.without_url());
                error.0.outcome = outcome;
                error
            }
            Api::ResponseBodyError(cause) => Self::cut_off(cause),
            Api::InvalidRequest(why) => Self::new(ErrorKind::Configuration, why),
        }
    }

    /// An answer that is shorter than it promised to be.
    fn cut_off(cause: reqwest::Error) -> Self {
        let timeout = cause.is_timeout();
        let mut error =
            Self::new(ErrorKind::Transport, "the answer broke off").caused_by(cause.without_url());
        error.0.outcome = Outcome::Unanswered { timeout };
        error
    }

    fn from_response(
        status: StatusCode,
        headers: &HeaderMap,
        body: Bytes,
        now: SystemTime,
    ) -> Self {
        let fault = Fault::read(&body);
        let code = fault.code.as_deref();
        let (kind, what) = match (status.as_u16(), code) {
            (409 | 412 | 428, _) | (400, Some("2055")) | (417, Some("800036")) => {
                (ErrorKind::Conflict, CHANGED)
            }
            (429, _) => (ErrorKind::Throttled, "the service limits the rate of calls"),
            (401, _) => (ErrorKind::Service, "the service does not accept the access token"),
            (403, _) => (ErrorKind::Service, "the service does not allow that"),
            (404, _) => (ErrorKind::Service, "the service knows no such resource"),
            (500.., _) => (ErrorKind::Service, "the service failed"),
            _ => (ErrorKind::Service, "the service refused the request"),
        };
        let challenged = headers.contains_key(WWW_AUTHENTICATE);
        let hint = hint(status.as_u16(), code, body.is_empty(), challenged);
        let mut error = Self::new(kind, what).answered(status);
        error.0.hint = hint.map(Cow::Borrowed);
        error.0.own = fault.is_own() || IDS.iter().any(|name| headers.contains_key(*name));
        error.0.fault = fault;
        error.0.retry_after = retry_after(headers, now);
        error.0.body = body;
        error
    }

    fn answered(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status.as_u16());
        self.0.outcome = Outcome::Answered;
        self
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the resource was changed by someone else since it was read.
    ///
    /// Sending the update again does not help. [`into_conflict`](Self::into_conflict) has what both sides
    /// made of it. The service documents this in several ways that do not agree: 400 with code 2055,
    /// 409, 412 and 417 with code 800036 are all understood, and so is 428 (RFC 6585 section 3), which
    /// it does not document.
    ///
    /// # Troubleshooting
    /// Merge, settle what collides, and write again; or begin anew with
    /// [`modify`](crate::Resource::modify), which does that.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.0.kind == ErrorKind::Conflict
    }

    /// Whether the service limits the rate of calls, still after all attempts.
    ///
    /// # Troubleshooting
    /// Wait for [`retry_after`](Self::retry_after); use one client for all calls, which then slow down
    /// together; call less at the same time.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.0.kind == ErrorKind::Throttled
    }

    /// Whether the resource does not exist (404).
    ///
    /// # Troubleshooting
    /// Check the id of the customer: it is that of their tenant.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.status == Some(404)
    }

    /// Whether the access token was not accepted (401), also after another one was tried.
    ///
    /// # Troubleshooting
    /// [`hint`](Self::hint) tells a missing multi-factor authentication from a wrong audience.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.0.status == Some(401)
    }

    /// Whether the caller is known and may not do that (403).
    ///
    /// # Troubleshooting
    /// [`hint`](Self::hint) tells a missing role from a credential of the wrong kind.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.0.status == Some(403)
    }

    /// Whether the time for an answer was over.
    ///
    /// # Troubleshooting
    /// An update may have been applied: see
    /// [`may_have_been_applied`](Self::may_have_been_applied).
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.0.outcome == Outcome::Unanswered { timeout: true }
    }

    /// Whether the same call may succeed later: 408, 429, 5XX except 501 and 505, or no answer, be it of
    /// the service or of the one that signs in.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.0.kind {
            _ if self.0.status.is_some() => self.answer().is_transient(),
            ErrorKind::Credential => {
                let cause = self.0.source.as_ref().and_then(|cause| cause.downcast_ref());
                cause.is_some_and(|cause: &Arc<azure_core::Error>| {
                    matches!(cause.kind(), azure_core::error::ErrorKind::Io)
                })
            }
            kind => matches!(kind, ErrorKind::Transport | ErrorKind::Throttled),
        }
    }

    /// Whether an update may have been applied although it failed.
    ///
    /// It is true if any attempt at it got no whole answer, a 2xx response without a profile, a redirect,
    /// a 408 or a 5xx status, or any other refusal that the service itself did not send: a gateway may
    /// answer for itself, such as with 401 or 429, after it passed the request on. An answer is the
    /// service's own if it has one of the headers `MS-RequestId`, `MS-CorrelationId`, `MS-CV`,
    /// `MS-ServerId` and `Request-Context` (recorded), or a body with the `code` of a fault (docs,
    /// error-codes). A conflict is taken for what it says, whoever sends it.
    ///
    /// The last answer need not be the uncertain one: after that, a refusal says nothing of what was done
    /// before. It is false only if it is certain that the service has not applied the update.
    ///
    /// # Troubleshooting
    /// Read the resource again, and look. A change that may be made again can be given to
    /// [`modify`](crate::Resource::modify) of an [`idempotent`](crate::Resource::idempotent) resource.
    #[must_use]
    pub fn may_have_been_applied(&self) -> bool {
        self.0.may_have_been_applied
    }

    /// What came of the last attempt.
    pub(crate) fn answer(&self) -> Answer {
        match (self.0.outcome, self.0.kind) {
            (Outcome::Unsent, _) => Answer::Unsent,
            (Outcome::Unanswered { .. }, _) => Answer::Lost,
            (Outcome::Answered, ErrorKind::Conflict) => Answer::Refused,
            (Outcome::Answered, ErrorKind::Response) => Answer::NoProfile,
            (Outcome::Answered, _) => {
                Answer::Status { status: self.0.status.unwrap_or_default(), own: self.0.own }
            }
        }
    }

    /// The HTTP status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The code of the service, if it sent one. It has a meaning only together with the status: 3000
    /// is "not found" with 404 and "invalid property" with 400.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.fault.code.as_deref()
    }

    /// What happened, in one line, without what the service said and without the advice and the ids that
    /// `Display` adds.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.what
    }

    /// What the service said, in one line.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.0.fault.description.as_deref()
    }

    /// What the service added: any JSON, most often texts.
    #[must_use]
    pub fn data(&self) -> &[Value] {
        &self.0.fault.data
    }

    /// What to do about it, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// How long the service asked to wait before the next call, `Retry-After` (RFC 9110 section
    /// 10.2.3), counted from when the answer came.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The body of the answer, up to 64 KiB of it, in UTF-8 and without the access token should the
    /// service have repeated it. It may hold personal data.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.0.body
    }

    /// The `MS-RequestId` of the last request, to give to support.
    #[must_use]
    pub fn request_id(&self) -> Option<Uuid> {
        self.0.request_id
    }

    /// The `MS-CorrelationId` that all requests of the operation had, to give to support.
    #[must_use]
    pub fn correlation_id(&self) -> Option<Uuid> {
        self.0.correlation_id
    }

    /// Every limit that what would be written does not keep to; empty for other errors than
    /// [`ErrorKind::Invalid`].
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.0.violations
    }
}

const CHANGED: &str = "the profile was changed by someone else since it was read";

/// What `Retry-After` says (RFC 9110 section 10.2.3): seconds, or a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are longer than anyone waits.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    // The clock that said it is the one to compare with.
    let said = headers.get(header::DATE).and_then(|date| date.to_str().ok());
    let since = said.and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or(now);
    Some(until.duration_since(since).unwrap_or_default())
}

/// The body in UTF-8, without the token, should it be in there, and not too long.
fn without(token: &str, body: Bytes) -> Bytes {
    let mut body = utf8(body);
    if !token.is_empty() && memmem::find(&body, token.as_bytes()).is_some() {
        let mut clean = Vec::with_capacity(body.len());
        let mut rest = 0;
        for at in memmem::find_iter(&body, token.as_bytes()) {
            clean.extend_from_slice(&body[rest..at]);
            clean.extend_from_slice(b"(access token)");
            rest = at + token.len();
        }
        clean.extend_from_slice(&body[rest..]);
        body = clean.into();
    }
    body.truncate(BODY_LIMIT);
    body
}

/// A text as one line that a terminal shows as it is.
pub(crate) fn line(text: &str) -> String {
    let unseen = |c: char| {
        // What changes the direction of a text, or is not seen in it.
        matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
    };
    let words = text.split(|c: char| c.is_whitespace() || c.is_control() || unseen(c));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A body, or the beginning of one that is too large.
async fn bounded(response: ResponseValue<ByteStream>) -> Result<Bytes, reqwest::Error> {
    let mut stream = response.into_inner();
    let mut body = Vec::new();
    while let Some(chunk) = stream.next().await {
        body.extend_from_slice(&chunk?);
        if body.len() >= BODY_LIMIT + TOKEN_LIMIT {
            break;
        }
    }
    Ok(body.into())
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { what, hint, status, fault, request_id, correlation_id, .. } = &*self.0;
        f.write_str(what)?;
        if let Some(status) = status {
            write!(f, " (status {status}")?;
            if let Some(code) = &fault.code {
                write!(f, ", code {code}")?;
            }
            if let Some(description) = &fault.description {
                write!(f, ": {description}")?;
            }
            f.write_str(")")?;
        }
        if self.0.may_have_been_applied {
            f.write_str("; the update may have been applied")?;
        }
        if let Some(hint) = hint {
            write!(f, "; {hint}")?;
        }
        match (request_id, correlation_id) {
            (Some(request), Some(correlation)) => {
                write!(f, " [request {request}, correlation {correlation}]")
            }
            (None, Some(id)) => write!(f, " [correlation {id}]"),
            (Some(id), None) => write!(f, " [request {id}]"),
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("what", &inner.what)
            .field("status", &inner.status)
            .field("code", &inner.fault.code)
            .field("description", &inner.fault.description)
            .field("retry_after", &inner.retry_after)
            .field("request_id", &inner.request_id)
            .field("correlation_id", &inner.correlation_id)
            .field("outcome", &inner.outcome)
            .field("may_have_been_applied", &inner.may_have_been_applied)
            .field("source", &inner.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|cause| &**cause as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, body: &str) -> Error {
        let status = StatusCode::from_u16(status).expect("a status");
        Error::from_response(
            status,
            &HeaderMap::new(),
            Bytes::copy_from_slice(body.as_bytes()),
            SystemTime::now(),
        )
    }

    #[test]
    fn every_documented_conflict_is_one() {
        let conflicts = [
            (400, r#"{"code":2055}"#),
            (400, r#"{"code":"2055","description":"Etag is no longer valid"}"#),
            (409, ""),
            (412, "<html>"),
            (417, r#"{"code":800036}"#),
            (428, ""),
        ];
        for (status, body) in conflicts {
            let error = answered(status, body);
            assert!(error.is_conflict() && !error.is_transient(), "{status} {body}");
        }
        for (status, body) in
            [(400, r#"{"code":27002}"#), (417, ""), (404, r#"{"code":2055}"#), (500, "")]
        {
            assert!(!answered(status, body).is_conflict(), "{status} {body}");
        }
    }

    #[test]
    fn what_may_succeed_later_is_known() {
        for status in [408, 429, 500, 502, 503, 504, 599] {
            assert!(answered(status, "").is_transient(), "{status}");
        }
        for status in [400, 401, 403, 404, 405, 406, 409, 412, 417, 428, 501, 505] {
            assert!(!answered(status, "").is_transient(), "{status}");
        }
    }

    #[test]
    fn what_proves_that_nothing_was_applied_is_known() {
        let fault = r#"{"code":"1","description":"d"}"#;
        let gateway = r#"{ "statusCode": 429, "message": "Rate limit is exceeded." }"#;
        for (status, body, uncertain) in [
            (400, fault, false),
            (401, fault, false),
            (429, fault, false),
            (409, "", false),
            (412, "<html>", false),
            (400, "", true),
            (401, "", true),
            (403, "<html>", true),
            (429, gateway, true),
            (499, "", true),
            (408, fault, true),
            (500, fault, true),
            (501, "", true),
            (302, fault, true),
        ] {
            let answer = answered(status, body).answer();
            assert_eq!(answer.may_have_been_applied(), uncertain, "{status} {body}");
        }
        for name in IDS {
            let mut headers = HeaderMap::new();
            headers.insert(name, "1".parse().expect("a value"));
            let now = SystemTime::now();
            let error = Error::from_response(StatusCode::FORBIDDEN, &headers, Bytes::new(), now);
            assert!(!error.answer().may_have_been_applied(), "{name}");
        }
    }

    #[test]
    fn an_error_is_one_line_with_what_the_service_said_and_the_ids() {
        let body = r#"{"code":2055,"description":"Etag is\nno longer valid"}"#;
        let error = answered(400, body).with_ids(Some(Uuid::nil()), Uuid::max());
        assert_eq!(
            error.to_string(),
            "the profile was changed by someone else since it was read (status 400, code 2055: Etag is \
             no longer valid) [request 00000000-0000-0000-0000-000000000000, correlation \
             ffffffff-ffff-ffff-ffff-ffffffffffff]"
        );
        let gateway = answered(429, r#"{ "statusCode": 429, "message": "Rate limit" }"#);
        assert_eq!(
            gateway.to_string(),
            "the service limits the rate of calls (status 429: Rate limit)"
        );
        assert_eq!(
            answered(502, "<title>Bad Gateway</title>").applied_maybe(true).to_string(),
            "the service failed (status 502: Bad Gateway); the update may have been applied"
        );
    }

    #[test]
    fn refusals_say_what_to_do() {
        let mut challenge = HeaderMap::new();
        challenge
            .insert(WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"".parse().expect("a value"));
        let challenged = Error::from_response(
            StatusCode::UNAUTHORIZED,
            &challenge,
            Bytes::new(),
            SystemTime::now(),
        );
        for (error, hint) in [
            (challenged, "multi-factor"),
            (answered(401, r#"{"code":"900421"}"#), "multi-factor"),
            (answered(401, r#"{"code":"900420"}"#), "/.default"),
            (answered(401, ""), "sign in again"),
            (answered(403, r#"{"code":900329}"#), "`AppUser`"),
            (answered(403, ""), "`AppUser`"),
            (answered(403, r#"{"code":900150}"#), "admin agent"),
            (answered(403, r#"{"code":20002}"#), "relationship"),
            (answered(400, r#"{"code":600051}"#), "phone number"),
        ] {
            assert!(error.hint().is_some_and(|text| text.contains(hint)), "{error:?}");
            assert!(error.to_string().contains(hint), "{error}");
        }
        // The pair is the key.
        assert_eq!(answered(404, r#"{"code":3000}"#).hint(), None);
        assert!(answered(400, r#"{"code":3000}"#).hint().is_some());
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let answered = |text: &str, date: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", text.parse().expect("a value"));
            if let Some(date) = date {
                headers.insert("date", date.parse().expect("a value"));
            }
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
            let status = StatusCode::TOO_MANY_REQUESTS;
            let error = Error::from_response(status, &headers, Bytes::new(), now);
            error.retry_after().map(|wait| wait.as_secs())
        };
        let at = |text: &str| answered(text, None);
        // The clocks differ by an hour.
        let other =
            answered("Sun, 06 Nov 1994 07:49:47 GMT", Some("Sun, 06 Nov 1994 07:49:27 GMT"));
        assert_eq!(other, Some(20));
        assert_eq!(at("57"), Some(57));
        assert_eq!(at("0"), Some(0));
        assert_eq!(at("Sun, 06 Nov 1994 08:49:47 GMT"), Some(10));
        assert_eq!(at("Sun, 06 Nov 1994 08:49:27 GMT"), Some(0));
        assert_eq!(at("99999999999999999999"), Some(u64::MAX));
        for nonsense in ["", "-1", "1.5", "+1", "soon", "1 second"] {
            assert_eq!(at(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn the_body_is_kept_and_not_shown() {
        let error = answered(400, r#"{"code":1,"canary":"canary"}"#);
        assert_eq!(error.body(), br#"{"code":1,"canary":"canary"}"#);
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}
