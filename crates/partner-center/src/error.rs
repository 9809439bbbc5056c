//! What can go wrong, what it means for the update that was meant, and what to do.

mod connection;
mod fault;
mod hint;
mod kind;
mod redaction;
mod response;
mod retry_after;
mod update;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use partner_center_api::validation::Violation;
use serde_json::Value;
use uuid::Uuid;

#[cfg(feature = "sign-in")]
pub(crate) use self::connection::refused;
use self::fault::Fault;
pub(crate) use self::fault::is_fault;
pub use self::kind::ErrorKind;
pub(crate) use self::redaction::line;
#[cfg(feature = "sign-in")]
pub(crate) use self::retry_after::retry_after;
pub use self::update::{Is, UpdateError};
use crate::etag::StrongETag;
use crate::protocol::Answer;

/// Any error, as `?` makes it.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// An error of this crate.
///
/// `Display` is one line: what happened, what the service said, what to do, and the ids to give to
/// support. Neither it nor `Debug` shows a token or the body of an answer.
///
/// # Examples
/// ```
/// # partner_center_emulator::example(async |endpoint| {
/// # use partner_center::{AppOnly, PartnerCenter};
/// # let partner = PartnerCenter::builder(AppOnly::token("emulator-app-only")).endpoint(endpoint).build()?;
/// let stranger = "11111111-2222-3333-4444-555555555555".parse()?;
/// let error = partner.customer(stranger).billing_profile().get().await.unwrap_err();
/// assert!(error.is_not_found());
/// // The code has a meaning only together with the status.
/// assert_eq!((error.status(), error.code()), (Some(404), Some("1000")));
/// assert!(error.correlation_id().is_some());
/// # Ok(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
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
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// What became of the last request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// It was not sent.
    Unsent,
    /// It was not sent, and cannot be: the same happens again.
    Refused,
    /// It was sent, maybe, and no complete answer came.
    Unanswered { timeout: bool },
    /// It was answered.
    Answered,
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
            source: None,
        }))
    }

    pub(crate) fn caused_by(mut self, cause: impl Into<BoxError>) -> Self {
        self.0.source = Some(Arc::from(cause.into()));
        self
    }

    pub(crate) fn with_ids(mut self, request_id: Option<Uuid>, correlation_id: Uuid) -> Self {
        self.0.request_id = request_id;
        self.0.correlation_id = Some(correlation_id);
        self
    }

    pub(crate) fn applied_maybe(mut self, maybe: bool) -> Self {
        self.set_applied_maybe(maybe);
        self
    }

    pub(crate) fn set_applied_maybe(&mut self, maybe: bool) {
        self.0.may_have_been_applied = maybe;
    }

    /// A version was refused, and a reading gives it still.
    pub(crate) fn set_unexplained(&mut self, tag: &StrongETag) {
        "the service refused a version that it still gives".clone_into(&mut self.0.what);
        let hint = format!(
            "`If-Match: {tag}` was refused: reads may lag behind writes, so try again later; if it stays \
             so, the service compares another tag, which `resume` takes"
        );
        self.0.hint = Some(hint.into());
    }

    /// Says what to do, where nothing else does.
    pub(crate) fn advise(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    pub(crate) fn retry_in(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
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

    /// A change that was to be written failed.
    pub(crate) fn change(cause: BoxError) -> Self {
        Self::new(ErrorKind::Change, "the change to be written failed").caused_by(cause)
    }

    /// A conflict that was found by reading again, without a refusal.
    pub(crate) fn changed() -> Self {
        Self::new(ErrorKind::Conflict, CHANGED)
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the resource was changed by someone else since it was read.
    ///
    /// Sending the update again does not help. [`UpdateError::Conflict`] has what both sides made of it. The
    /// service documents this in several ways that do not agree: 400 with code 2055,
    /// 409, 412 and 417 with code 800036 are all understood, and so is 428 (RFC 6585 section 3), which
    /// it does not document.
    ///
    /// # Troubleshooting
    /// Merge, resolve what conflicts, and write again; or begin anew with
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
    /// the service or of the one that signs in. A certificate that is not trusted and a proxy that wants
    /// credentials stay so.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.0.kind {
            _ if self.0.status.is_some() => self.answer().is_transient(),
            #[cfg(feature = "azure-core")]
            ErrorKind::Credential => self
                .0
                .source
                .as_ref()
                .is_some_and(|cause| crate::credential::is_transient(&**cause)),
            kind => {
                self.0.outcome != Outcome::Refused
                    && matches!(kind, ErrorKind::Transport | ErrorKind::Throttled)
            }
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
            (Outcome::Unsent | Outcome::Refused, _) => Answer::Unsent,
            (Outcome::Unanswered { .. }, _) => Answer::Lost,
            (Outcome::Answered, ErrorKind::Conflict) => Answer::Refused,
            (Outcome::Answered, ErrorKind::Response) => Answer::NoProfile,
            (Outcome::Answered, _) => {
                Answer::Status { status: self.0.status.unwrap_or_default(), own: self.0.own }
            }
        }
    }

    /// One of few words, as `error.type` of OpenTelemetry is to be: the status, unless it is one of success.
    #[cfg(any(feature = "metrics", feature = "tracing"))]
    pub(crate) fn class(&self) -> Cow<'static, str> {
        match (self.status(), self.kind()) {
            (Some(status), _) if !(200..300).contains(&status) => status.to_string().into(),
            _ if self.is_timeout() => "timeout".into(),
            (_, ErrorKind::Transport) => "connection".into(),
            (_, kind) => format!("{kind:?}").to_lowercase().into(),
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
