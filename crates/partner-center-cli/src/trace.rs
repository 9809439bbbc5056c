//! What the library does, for a person: the spinner says what is waited for, `--verbose` prints it.

use std::fmt::{Debug, Write};
use std::time::Instant;

use indicatif::ProgressBar;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

use crate::output::{one_line, say};

/// How the event of a wait begins.
const WAITING: &str = "waiting";

/// Follows the spans and events of the library from now on.
pub(crate) fn follow(bar: ProgressBar, verbose: bool) {
    // There is one process and one call: nobody else has set another.
    let _ =
        tracing::subscriber::set_global_default(Registry::default().with(Follow { bar, verbose }));
}

struct Follow {
    bar: ProgressBar,
    verbose: bool,
}

/// A request or a wait, as it is described.
#[derive(Default)]
struct Seen {
    method: String,
    url: String,
    request_id: String,
    outcome: String,
    message: String,
    seconds: f64,
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let into = match field.name() {
            "http.request.method" => &mut self.method,
            "url.full" => &mut self.url,
            "partner_center.request_id" => &mut self.request_id,
            // A refusal has both, and both are the status then.
            "http.response.status_code" | "error.type" => &mut self.outcome,
            "message" => &mut self.message,
            _ => return,
        };
        into.clear();
        let _ = write!(into, "{value:?}");
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "seconds" {
            self.seconds = value;
        }
    }
}

impl Follow {
    fn print(&self, line: &str) {
        if self.verbose {
            say(&self.bar, &one_line(line));
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Follow {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target().starts_with("partner_center::")
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut request = Seen::default();
        attributes.record(&mut request);
        if !request.method.is_empty() && self.bar.message().starts_with(WAITING) {
            self.bar.set_message("trying again");
        }
        span.extensions_mut().insert((request, Instant::now()));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some((request, _)) = span.extensions_mut().get_mut::<(Seen, Instant)>() {
            values.record(request);
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut waits = Seen::default();
        event.record(&mut waits);
        let line = format!("{} ({:.1} s)", waits.message, waits.seconds);
        self.bar.set_message(line.clone());
        self.print(&line);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        if let Some((request, since)) = span.extensions().get::<(Seen, Instant)>()
            && !request.method.is_empty()
        {
            let Seen { method, url, outcome, request_id, .. } = request;
            let took = since.elapsed().as_millis();
            self.print(&format!("{method} {url} {outcome}, {took} ms, request {request_id}"));
        }
    }
}
