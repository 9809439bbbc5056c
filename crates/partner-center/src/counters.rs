//! What a client has done so far, counted, and handed on to `metrics`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::error::Error;
use crate::model::Readable;

/// What a client and its clones have done since it was made; see
/// [`PartnerCenter::counters`](crate::PartnerCenter::counters). An operation whose future was dropped has
/// neither succeeded nor failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Requests that were sent, repeated ones too.
    pub attempts: u64,
    /// Requests that wait for their answers now.
    pub in_flight: u64,
    /// Answers that said to slow down (429).
    pub throttled: u64,
    /// Waits: before a repeated request, while calls are throttled, for a turn under the bounds of the client.
    pub waits: u64,
    /// How long these took in all; those of calls at the same time are added up.
    pub waited: Duration,
    /// Operations, such as a `get` or a `modify`, that succeeded.
    pub succeeded: u64,
    /// Operations that failed, the next two included.
    pub failed: u64,
    /// Operations that ended in a conflict.
    pub conflicts: u64,
    /// Operations that failed, and whose update may have been applied.
    pub uncertain: u64,
}

/// The counters of a client.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    attempts: AtomicU64,
    in_flight: AtomicU64,
    throttled: AtomicU64,
    waits: AtomicU64,
    /// In nanoseconds: enough for five hundred years.
    waited: AtomicU64,
    succeeded: AtomicU64,
    failed: AtomicU64,
    conflicts: AtomicU64,
    uncertain: AtomicU64,
}

impl Meter {
    pub(crate) fn read(&self) -> Counters {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counters {
            attempts: of(&self.attempts),
            in_flight: of(&self.in_flight),
            throttled: of(&self.throttled),
            waits: of(&self.waits),
            waited: Duration::from_nanos(of(&self.waited)),
            succeeded: of(&self.succeeded),
            failed: of(&self.failed),
            conflicts: of(&self.conflicts),
            uncertain: of(&self.uncertain),
        }
    }

    /// Counts a request, which is in flight until what is returned is dropped.
    pub(crate) fn sends(&self) -> InFlight<'_> {
        add(&self.attempts);
        add(&self.in_flight);
        forward::in_flight(1.0);
        InFlight(self)
    }

    /// Counts how a request ended, after so much time.
    pub(crate) fn answered<T: Readable>(
        &self,
        method: &'static str,
        taken: Duration,
        error: Option<&Error>,
    ) {
        if error.is_some_and(Error::is_throttled) {
            add(&self.throttled);
        }
        forward::request(method, T::TEMPLATE, taken, error);
    }

    pub(crate) fn waited(&self, wait: Duration, why: &'static str) {
        add(&self.waits);
        let nanos = u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX);
        self.waited.fetch_add(nanos, Ordering::Relaxed);
        forward::wait(wait, why);
    }

    /// Counts how an operation ended.
    pub(crate) fn ended(&self, operation: &'static str, error: Option<&Error>) {
        match error {
            None => add(&self.succeeded),
            Some(error) => {
                add(&self.failed);
                if error.is_conflict() {
                    add(&self.conflicts);
                }
                if error.may_have_been_applied() {
                    add(&self.uncertain);
                }
            }
        }
        forward::operation(operation, error);
    }
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// A request whose answer is not read to its end.
pub(crate) struct InFlight<'a>(&'a Meter);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
        forward::in_flight(-1.0);
    }
}

/// To whatever recorder of `metrics` the program has installed, with the names of OpenTelemetry's semantic
/// conventions for HTTP clients; what they have no name for begins with `partner_center`.
#[cfg(feature = "metrics")]
mod forward {
    use std::time::Duration;

    use crate::error::Error;

    pub(super) fn in_flight(by: f64) {
        metrics::gauge!("http.client.active_requests").increment(by);
    }

    pub(super) fn request(
        method: &'static str,
        template: &'static str,
        taken: Duration,
        error: Option<&Error>,
    ) {
        let mut labels = vec![
            metrics::Label::from_static_parts("http.request.method", method),
            metrics::Label::from_static_parts("url.template", template),
        ];
        let status = error.map_or(Some(200), Error::status);
        if let Some(status) = status {
            labels.push(metrics::Label::new("http.response.status_code", status.to_string()));
        }
        if let Some(error) = error {
            labels.push(metrics::Label::new("error.type", error.class()));
        }
        metrics::histogram!("http.client.request.duration", labels).record(taken.as_secs_f64());
    }

    pub(super) fn wait(wait: Duration, why: &'static str) {
        metrics::histogram!("partner_center.client.wait.duration", "reason" => why)
            .record(wait.as_secs_f64());
    }

    pub(super) fn operation(name: &'static str, error: Option<&Error>) {
        let outcome = match error {
            None => "success",
            Some(error) if error.may_have_been_applied() => "uncertain",
            Some(error) if error.is_conflict() => "conflict",
            Some(_) => "failure",
        };
        metrics::counter!(
            "partner_center.client.operations", "operation" => name, "outcome" => outcome
        )
        .increment(1);
    }
}

#[cfg(not(feature = "metrics"))]
mod forward {
    use std::time::Duration;

    use crate::error::Error;

    pub(super) fn in_flight(_: f64) {}

    pub(super) fn request(_: &'static str, _: &'static str, _: Duration, _: Option<&Error>) {}

    pub(super) fn wait(_: Duration, _: &'static str) {}

    pub(super) fn operation(_: &'static str, _: Option<&Error>) {}
}
