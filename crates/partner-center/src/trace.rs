//! Spans of `tracing` for an operation and for each request of it, or nothing without the feature.
//!
//! Names are those of OpenTelemetry's HTTP client spans (semantic conventions, HTTP spans). What they
//! hold are addresses, ids and statuses: no token, no header, no member of a profile.

use uuid::Uuid;

use crate::model::Readable;

#[cfg(feature = "tracing")]
pub(crate) use enabled::Span;

#[cfg(not(feature = "tracing"))]
pub(crate) use disabled::Span;

/// One request, as a span describes it; nothing else reads it.
#[cfg_attr(not(feature = "tracing"), allow(dead_code))]
pub(crate) struct Attempt<'a, T: Readable> {
    pub(crate) method: &'static str,
    pub(crate) endpoint: &'a str,
    pub(crate) address: &'a T::Address,
    pub(crate) request_id: Uuid,
    pub(crate) correlation_id: Uuid,
    pub(crate) resend_count: u32,
}

#[cfg(feature = "tracing")]
mod enabled {
    use std::future::Future;
    use std::time::Duration;

    use tracing::field::Empty;
    use tracing::instrument::Instrumented;
    use tracing::{Instrument, Level};
    use uuid::Uuid;

    use super::Attempt;
    use crate::error::Error;
    use crate::model::Readable;

    /// A span, entered whenever the future in it is polled.
    #[derive(Clone)]
    pub(crate) struct Span(tracing::Span);

    impl Span {
        /// The span of one operation: `get`, `update`, `modify`.
        pub(crate) fn operation(name: &'static str, template: &'static str, id: Uuid) -> Self {
            Self(tracing::span!(
                Level::INFO,
                "partner_center",
                otel.name = format_args!("{name} {template}"),
                otel.kind = "internal",
                otel.status_code = Empty,
                error.type = Empty,
                partner_center.correlation_id = %id,
            ))
        }

        /// The span of one request of an operation.
        pub(crate) fn attempt<T: Readable>(attempt: &Attempt<'_, T>) -> Self {
            let url = reqwest::Url::parse(attempt.endpoint).ok();
            let span = tracing::span!(
                Level::INFO,
                "http_request",
                otel.name = format_args!("{} {}", attempt.method, T::TEMPLATE),
                otel.kind = "client",
                otel.status_code = Empty,
                http.request.method = attempt.method,
                http.request.resend_count = Empty,
                http.response.status_code = Empty,
                error.type = Empty,
                server.address = Empty,
                server.port = Empty,
                url.full = format_args!("{}{}", attempt.endpoint, T::path(attempt.address)),
                url.template = T::TEMPLATE,
                partner_center.request_id = %attempt.request_id,
                partner_center.correlation_id = %attempt.correlation_id,
            );
            if let Some(url) = url {
                // An IPv6 address without its brackets, which belong to the URL.
                let host = url.host_str().map(|host| host.trim_matches(['[', ']']));
                span.record("server.address", host);
                span.record("server.port", url.port_or_known_default());
            }
            if attempt.resend_count > 0 {
                span.record("http.request.resend_count", attempt.resend_count);
            }
            Self(span)
        }

        /// Not an `async fn`, whose future would have room for `future` twice.
        pub(crate) fn within<F: Future>(&self, future: F) -> Instrumented<F> {
            future.instrument(self.0.clone())
        }

        pub(crate) fn succeeded(&self) {
            self.0.record("http.response.status_code", 200);
        }

        /// Marks the span of a request or of an operation, which has no status of its own.
        pub(crate) fn failed(&self, error: &Error) {
            self.0.record("http.response.status_code", error.status());
            self.0.record("error.type", &*error.class());
            self.0.record("otel.status_code", "ERROR");
        }

        pub(crate) fn waits(&self, wait: Duration, why: &'static str) {
            self.0.in_scope(|| tracing::info!(seconds = wait.as_secs_f64(), "waiting: {why}"));
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod disabled {
    use std::future::Future;
    use std::time::Duration;

    use uuid::Uuid;

    use super::Attempt;
    use crate::error::Error;
    use crate::model::Readable;

    /// No span.
    #[derive(Clone)]
    pub(crate) struct Span;

    #[allow(clippy::unused_self)]
    impl Span {
        pub(crate) fn operation(_: &'static str, _: &'static str, _: Uuid) -> Self {
            Self
        }

        pub(crate) fn attempt<T: Readable>(_: &Attempt<'_, T>) -> Self {
            Self
        }

        pub(crate) fn within<F: Future>(&self, future: F) -> F {
            future
        }

        pub(crate) fn succeeded(&self) {}

        pub(crate) fn failed(&self, _: &Error) {}

        pub(crate) fn waits(&self, _: Duration, _: &'static str) {}
    }
}
