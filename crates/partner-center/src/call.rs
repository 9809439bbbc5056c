//! One operation of a caller: its requests, the attempts at each, the ids they carry.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use partner_center_api::{ClientInfo, Document};
use reqwest::header;
use serde_json::{Map, Value};
use tokio::sync::SemaphorePermit;
use uuid::Uuid;

use crate::client::Shared;
use crate::clock::utc;
use crate::credential::Bearer;
use crate::error::{Error, ErrorKind, is_fault};
use crate::model::{Answer, Readable};
use crate::retry::Retry;
use crate::trace::{Attempt, Span};
use crate::version::Version;

/// Why an operation waits.
const THROTTLED: &str = "calls are throttled";
const FAILED: &str = "the last attempt failed";
const BOUNDED: &str = "the client has a bound";

/// What is no wait, but the time that it takes to see that there is none.
const NOTICEABLE: Duration = Duration::from_millis(1);

/// One operation: everything it sends has the same `MS-CorrelationId` and shares its time.
pub(crate) struct Operation<'a> {
    name: &'static str,
    shared: &'a Shared,
    pub(crate) retry: &'a Retry,
    correlation_id: Uuid,
    /// When it must be over; `None` if an `Instant` cannot hold that.
    deadline: Option<Instant>,
    /// How long the credential took, which is not counted.
    excused: Mutex<Duration>,
    pub(crate) span: Span,
}

/// A request to a resource.
pub(crate) enum Request<'a, T> {
    Get,
    Put { if_match: &'a str, body: &'a Document<T> },
}

impl<T: Readable> Request<'_, T> {
    fn method(&self) -> &'static str {
        match self {
            Self::Get => T::METHOD,
            Self::Put { .. } => "PUT",
        }
    }
}

impl<'a> Operation<'a> {
    pub(crate) fn start<T: Readable>(
        name: &'static str,
        shared: &'a Shared,
        retry: &'a Retry,
        correlation_id: Option<Uuid>,
    ) -> Self {
        let correlation_id = correlation_id.or(shared.correlation_id).unwrap_or_else(Uuid::new_v4);
        Self {
            name,
            shared,
            retry,
            correlation_id,
            deadline: shared.clock.now().checked_add(retry.total_timeout),
            excused: Mutex::default(),
            span: Span::operation(name, T::TEMPLATE, correlation_id),
        }
    }

    /// Counts how the operation ended, and marks its span if it failed.
    pub(crate) fn ended(&self, error: Option<&Error>) {
        self.shared.meter.ended(self.name, error);
        if let Some(error) = error {
            self.span.failed(error);
        }
    }

    /// Sends a request until it is answered in a way that repeating does not change. Returns the document
    /// and its version; every answer to a PUT has an entity tag that guards the next.
    ///
    /// A request that got no answer is repeated with the same `MS-RequestId`, so that a service that
    /// knows it gives the first answer again; after any answer it is a new one (docs, headers).
    ///
    /// # Errors
    /// Also outside of a tokio runtime and on one without timers, where the HTTP client would panic.
    pub(crate) async fn send<T: Readable>(
        &self,
        address: &T::Address,
        request: Request<'_, T>,
    ) -> Result<(Document<T>, Version), Error> {
        if !has_timers() {
            let what = "this is not running on a tokio runtime with I/O and time, such as one that \
                        `enable_all` made";
            return Err(self.identified(Error::new(ErrorKind::Configuration, what), None));
        }
        let writes = matches!(request, Request::Put { .. });
        let mut request_id = Uuid::new_v4();
        let mut sent = None;
        let mut failed = 0;
        let mut resend_count = 0;
        let mut uncertain = false;
        let mut reauthorized = false;
        loop {
            let ready = self.ready().await;
            let (bearer, in_flight) = ready.map_err(|error| self.last(error, sent, uncertain))?;
            let span = Span::attempt(&Attempt::<T> {
                method: request.method(),
                endpoint: self.shared.api.baseurl(),
                address,
                request_id,
                correlation_id: self.correlation_id,
                resend_count,
            });
            sent = Some(request_id);
            let begun = self.shared.clock.now();
            let sends = self.shared.meter.sends();
            let answer = span.within(self.attempt(address, &request, request_id, &bearer)).await;
            let answered = |error: Option<&Error>| {
                let taken = self.shared.clock.now().saturating_duration_since(begun);
                self.shared.meter.answered::<T>(request.method(), taken, error);
            };
            let error = match answer {
                Ok(response) => {
                    let version = Version::of(&response, response.headers().get(header::ETAG));
                    let document = response.into_inner();
                    match no_profile(&document, &version, writes) {
                        None => {
                            span.succeeded();
                            answered(None);
                            return Ok((document, version));
                        }
                        Some(what) => {
                            Error::no_profile(what, document.json().clone(), bearer.secret())
                        }
                    }
                }
                Err(error) => {
                    let now = utc(&*self.shared.clock);
                    Box::pin(span.within(Error::from_call(error, now, bearer.secret(), T::NOUN)))
                        .await
                }
            };
            span.failed(&error);
            answered(Some(&error));
            drop((sends, in_flight));
            let answer = error.answer();
            uncertain |= writes && answer.may_have_been_applied();
            if error.is_unauthorized() && !reauthorized {
                let asked = self.shared.clock.now();
                let replaced = Box::pin(self.shared.tokens.replace(&bearer)).await;
                self.excuse(asked);
                match replaced {
                    Ok(Some(_)) => reauthorized = true,
                    Ok(None) => return Err(self.last(error, Some(request_id), uncertain)),
                    Err(cause) => {
                        let error = error.caused_by(cause);
                        return Err(self.last(error, Some(request_id), uncertain));
                    }
                }
            } else {
                failed += 1;
                let backoff = self.retry.wait(failed, self.shared.clock.random());
                let wait = error.retry_after().unwrap_or_default().max(backoff);
                if error.is_throttled() {
                    self.shared.throttle.hold(self.shared.clock.now(), wait);
                }
                let last = !error.is_transient() || failed >= self.retry.attempts;
                if last || !self.allows(wait) {
                    return Err(self.last(error, Some(request_id), uncertain));
                }
                let throttled = error.is_throttled();
                self.sleep(wait, if throttled { THROTTLED } else { FAILED }).await;
            }
            if answer.ends_request() {
                request_id = Uuid::new_v4();
            }
            // Not `failed`: it counts whatever the reason was, another token too.
            resend_count += 1;
        }
    }

    async fn attempt<T: Readable>(
        &self,
        address: &T::Address,
        request: &Request<'_, T>,
        request_id: Uuid,
        bearer: &Bearer,
    ) -> Answer<T> {
        let shared = self.shared;
        let left = self.left().map_or(shared.timeout, |left| left.min(shared.timeout));
        let context = shared
            .context
            .clone()
            .authorization(bearer.header().clone())
            .request_id(request_id)
            .correlation_id(self.correlation_id)
            .timeout(left);
        let api = shared.api.with_context(context);
        match request {
            Request::Get => T::get(&api, address).await,
            // Boxed: each future around it would have room for the larger one, and be moved with it.
            Request::Put { if_match, body } => {
                Box::pin(T::put(&api, address, if_match, body)).await
            }
        }
    }

    /// Waits until calls are not held up and the bounds of the client allow one request more, and has the token
    /// to call with. The request is in flight until the permit is dropped.
    async fn ready(&self) -> Result<(Bearer, Option<SemaphorePermit<'a>>), Error> {
        let gate = &self.shared.gate;
        let mut waited_for = None;
        loop {
            self.unthrottled(&mut waited_for).await?;
            // Before someone is asked to sign in.
            if self.left() == Some(Duration::ZERO) {
                return Err(Error::late());
            }
            // Before the line, in which it would be asked for one after the other.
            let bearer = self.bearer().await?;
            if !gate.is_bounded() {
                return Ok((bearer, None));
            }
            let asked = self.shared.clock.now();
            let (in_flight, turn) = (gate.enter().await, gate.turn().await);
            self.bounded(asked);
            let held = self.shared.throttle.held(self.shared.clock.now());
            if held.is_some() && held != waited_for {
                // Whoever waits for that leaves the line: it is time of the operation.
                continue;
            }
            // Another one, if it got old in the line.
            let bearer = self.bearer().await?;
            if let Some(turn) = turn {
                let asked = self.shared.clock.now();
                turn.wait(&*self.shared.clock).await;
                self.bounded(asked);
            }
            return Ok((bearer, in_flight));
        }
    }

    /// The token to call with. What that takes is not counted.
    async fn bearer(&self) -> Result<Bearer, Error> {
        if let Some(bearer) = self.shared.tokens.ready() {
            return Ok(bearer);
        }
        let asked = self.shared.clock.now();
        let bearer = Box::pin(self.shared.tokens.bearer()).await;
        self.excuse(asked);
        bearer
    }

    /// Waits until calls are not held up.
    async fn unthrottled(&self, waited_for: &mut Option<Instant>) -> Result<(), Error> {
        while let Some(until) = self.shared.throttle.held(self.shared.clock.now()) {
            // Once for each hold: a clock that does not move would wait forever.
            if *waited_for == Some(until) {
                break;
            }
            *waited_for = Some(until);
            let held = until.saturating_duration_since(self.shared.clock.now());
            // All that were held up would come at once.
            let wait = held.saturating_add(self.retry.wait(1, self.shared.clock.random()));
            if !self.allows(wait) {
                let what = "an earlier call was told to slow down, and waiting takes longer than this \
                            one may";
                return Err(Error::new(ErrorKind::Throttled, what).retry_in(held));
            }
            self.sleep(wait, THROTTLED).await;
        }
        Ok(())
    }

    /// Leaves the time since then out, in which the bounds of the client allowed no request more.
    fn bounded(&self, since: Instant) {
        let taken = self.excuse(since);
        if taken >= NOTICEABLE {
            self.span.waits(taken, BOUNDED);
            self.shared.meter.waited(taken, BOUNDED);
        }
    }

    /// Leaves the time since then out of what is counted. Returns how long it was.
    fn excuse(&self, since: Instant) -> Duration {
        let taken = self.shared.clock.now().saturating_duration_since(since);
        if !taken.is_zero() {
            let mut excused = self.excused.lock().unwrap_or_else(PoisonError::into_inner);
            *excused = excused.saturating_add(taken);
        }
        taken
    }

    /// Waits before another round of a conflict.
    pub(crate) async fn pause(&self, rounds: u32) -> bool {
        let wait = self.retry.wait(rounds, self.shared.clock.random());
        let allowed = self.allows(wait);
        if allowed {
            self.sleep(wait, "the profile is being changed by others").await;
        }
        allowed
    }

    async fn sleep(&self, wait: Duration, why: &'static str) {
        if !wait.is_zero() {
            self.span.waits(wait, why);
            self.shared.meter.waited(wait, why);
            self.shared.clock.sleep(wait).await;
        }
    }

    /// The time that is left.
    fn left(&self) -> Option<Duration> {
        let excused = *self.excused.lock().unwrap_or_else(PoisonError::into_inner);
        let deadline = self.deadline?.checked_add(excused)?;
        Some(deadline.saturating_duration_since(self.shared.clock.now()))
    }

    /// Whether there is time left after waiting.
    fn allows(&self, wait: Duration) -> bool {
        self.left().is_none_or(|left| wait < left)
    }

    fn last(&self, error: Error, request_id: Option<Uuid>, uncertain: bool) -> Error {
        self.identified(error, request_id).applied_maybe(uncertain)
    }

    /// Puts the ids on an error.
    pub(crate) fn identified(&self, error: Error, request_id: Option<Uuid>) -> Error {
        error.with_ids(request_id, self.correlation_id)
    }
}

/// One operation that reads something that cannot be written.
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

/// Whether this runs on a tokio runtime that has timers. Making one is the only way to find out, and panics
/// where there are none.
fn has_timers() -> bool {
    tokio::runtime::Handle::try_current().is_ok()
        && std::panic::catch_unwind(|| drop(tokio::time::sleep(Duration::ZERO))).is_ok()
}

/// Why an answer of success is none. Every member of a profile may be absent, so a fault that comes with
/// status 200 reads as one; and what was written has a version.
fn no_profile<T: Readable>(
    document: &Document<T>,
    version: &Version,
    writes: bool,
) -> Option<&'static str> {
    if writes && version.tag().is_err() {
        return Some("the service answered the update with something that is no profile");
    }
    let fault = || {
        let members = serde_json::from_slice::<Map<String, Value>>(document.json());
        members.is_ok_and(|members| is_fault(&members))
    };
    (document.attributes().is_none() && fault())
        .then_some("the service answered with success and a fault")
}
