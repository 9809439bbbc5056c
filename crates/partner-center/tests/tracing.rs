//! The spans of `tracing`, and what they tell: what OpenTelemetry asks for, and nothing personal.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use azure_core::credentials::{AccessToken, TokenRequestOptions};
use azure_core::time::OffsetDateTime;
use partner_center::{
    AppOnly, AppUser, Clock, ErrorKind, PartnerCenter, Resource, Sleep, TokenCredential,
    models::CustomerBillingProfile,
};
use partner_center_emulator::{
    APP_ONLY_TOKEN, APP_USER_TOKEN, EXPIRED_TOKEN, Emulator, Exchange, SAMPLE_CUSTOMER,
};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use uuid::Uuid;

const TEMPLATE: &str = "/v1/customers/{customer-tenant-id}/profiles/billing";

/// A clock that waits for nothing: whoever sleeps moves it.
#[derive(Clone, Debug, Default)]
struct Hasty(Arc<Mutex<Duration>>);

impl Clock for Hasty {
    fn now(&self) -> Instant {
        Instant::now() + *lock(&self.0)
    }

    fn utc(&self) -> SystemTime {
        SystemTime::now() + *lock(&self.0)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        *lock(&self.0) += duration;
        Box::pin(std::future::ready(()))
    }

    fn random(&self) -> f64 {
        1.0
    }
}

/// A span or an event, with its place among all that were seen.
#[derive(Clone, Debug)]
struct Seen {
    place: usize,
    name: &'static str,
    target: &'static str,
    /// The place of the span around it.
    parent: Option<usize>,
    fields: Fields,
}

#[derive(Clone, Debug, Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Seen {
    fn get(&self, field: &str) -> Option<&str> {
        self.fields.0.get(field).map(String::as_str)
    }

    fn status(&self) -> Option<&str> {
        self.get("http.response.status_code")
    }
}

/// Everything at INFO and above, of whatever crate.
#[derive(Clone, Default)]
struct Capture {
    seen: Arc<Mutex<Vec<Seen>>>,
    /// Which is which: the registry gives the id of a span that was closed to another.
    places: Arc<Mutex<BTreeMap<u64, usize>>>,
}

impl Capture {
    fn add(
        &self,
        metadata: &'static Metadata<'static>,
        parent: Option<Id>,
        fields: Fields,
    ) -> usize {
        let parent = parent.and_then(|id| lock(&self.places).get(&id.into_u64()).copied());
        let mut seen = lock(&self.seen);
        let place = seen.len();
        let (name, target) = (metadata.name(), metadata.target());
        seen.push(Seen { place, name, target, parent, fields });
        place
    }

    fn all(&self) -> Vec<Seen> {
        lock(&self.seen).clone()
    }

    /// The spans of the operations.
    fn operations(&self) -> Vec<Seen> {
        self.all().into_iter().filter(|seen| seen.name == "partner_center").collect()
    }

    /// What is right below a span and has this name.
    fn below(&self, parent: &Seen, name: &str) -> Vec<Seen> {
        let below = |seen: &Seen| seen.parent == Some(parent.place) && seen.name == name;
        self.all().into_iter().filter(below).collect()
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Capture {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        *metadata.level() <= Level::INFO
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let parent = context.span(id).and_then(|span| span.parent()).map(|parent| parent.id());
        let place = self.add(attributes.metadata(), parent, fields);
        lock(&self.places).insert(id.into_u64(), place);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        if let Some(place) = lock(&self.places).get(&id.into_u64()) {
            values.record(&mut lock(&self.seen)[*place].fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.add(event.metadata(), context.event_span(event).map(|span| span.id()), fields);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An emulator, and what this thread traces until the guard is dropped.
async fn start() -> (Emulator, Capture, tracing::subscriber::DefaultGuard) {
    let emulator = Emulator::start().await.expect("an emulator");
    let capture = Capture::default();
    let subscriber = tracing_subscriber::registry().with(capture.clone());
    (emulator, capture, tracing::subscriber::set_default(subscriber))
}

fn customer(url: &str) -> Resource<AppOnly, CustomerBillingProfile> {
    PartnerCenter::builder(AppOnly::token(APP_ONLY_TOKEN))
        .endpoint(url)
        .clock(Hasty::default())
        .build()
        .expect("a client")
        .customer(SAMPLE_CUSTOMER.parse().expect("a GUID"))
        .billing_profile()
}

fn fault(emulator: &Emulator, rule: &str) {
    emulator.add_fault(rule.parse().expect(rule));
}

fn header<'a>(exchange: &'a Exchange, name: &str) -> &'a str {
    exchange.request_headers[name].to_str().expect("a text")
}

/// Holds the spans of an operation's requests to what the emulator was asked and answered.
fn hold(emulator: &Emulator, operation: &Seen, requests: &[Seen], exchanges: &[Exchange]) {
    let correlation = operation.get("partner_center.correlation_id").expect("an id");
    assert_eq!(operation.get("otel.kind"), Some("internal"));
    assert_eq!(requests.len(), exchanges.len());
    let (host, port) =
        emulator.url().trim_start_matches("http://").split_once(':').map(own).expect("a port");
    for (span, exchange) in requests.iter().zip(exchanges) {
        let method = exchange.method.as_str();
        let url = format!("{}{}", emulator.url(), exchange.path);
        let name = format!("{method} {TEMPLATE}");
        for (field, value) in [
            ("otel.kind", "client"),
            ("otel.name", &name),
            ("http.request.method", method),
            ("server.address", &host),
            ("server.port", &port),
            ("url.full", &url),
            ("url.template", TEMPLATE),
            ("partner_center.request_id", header(exchange, "ms-requestid")),
            ("partner_center.correlation_id", header(exchange, "ms-correlationid")),
            ("partner_center.correlation_id", correlation),
        ] {
            assert_eq!(span.get(field), Some(value), "{field}");
        }
        let status = exchange.status.map(|status| status.to_string());
        assert_eq!(span.status(), status.as_deref());
        let failed = span.get("error.type").is_some();
        assert_eq!(span.get("otel.status_code"), failed.then_some("ERROR"));
    }
}

fn own((one, other): (&str, &str)) -> (String, String) {
    (one.to_owned(), other.to_owned())
}

/// A field of every span.
fn each<'a>(spans: &'a [Seen], field: &str) -> Vec<Option<&'a str>> {
    spans.iter().map(|span| span.get(field)).collect()
}

#[tokio::test]
async fn a_read_has_a_span_for_every_attempt() {
    let (emulator, capture, _guard) = start().await;
    fault(&emulator, "fault=throttle,nth=1,retryAfter=7");
    fault(&emulator, "fault=close-before-commit,nth=2");
    fault(&emulator, "fault=error,status=503,nth=3");
    let _ = customer(&emulator.url()).get().await.expect("a profile");

    let [operation] = &*capture.operations() else { panic!("one operation") };
    assert_eq!(operation.get("otel.name"), Some(&*format!("get {TEMPLATE}")));
    assert_eq!((operation.get("error.type"), operation.get("otel.status_code")), (None, None));
    let requests = capture.below(operation, "http_request");
    hold(&emulator, operation, &requests, &emulator.journal());
    let resent = each(&requests, "http.request.resend_count");
    assert_eq!(resent, [None, Some("1"), Some("2"), Some("3")]);
    let types = each(&requests, "error.type");
    assert_eq!(types, [Some("429"), Some("connection"), Some("503"), None]);
    // The one without an answer is sent again as it was.
    let ids = each(&requests, "partner_center.request_id");
    assert_eq!([ids[0] == ids[1], ids[1] == ids[2], ids[2] == ids[3]], [false, true, false]);

    // Why it took so long is told too.
    let ours = |seen: &Seen| seen.parent == Some(operation.place) && seen.get("seconds").is_some();
    let waits: Vec<_> = capture.all().into_iter().filter(ours).collect();
    assert_eq!(each(&waits, "seconds"), [Some("7.0"), Some("1.0"), Some("2.0")]);
    let (throttled, failed) = ("waiting: calls are throttled", "waiting: the last attempt failed");
    assert_eq!(each(&waits, "message"), [Some(throttled), Some(failed), Some(failed)]);
}

#[tokio::test]
async fn every_request_of_an_update_has_the_same_correlation_id() {
    let (emulator, capture, _guard) = start().await;
    let resource = customer(&emulator.url());
    let stale = resource.get().await.expect("a profile");
    fault(&emulator, "fault=throttle,operation=updateCustomerBillingProfile,nth=1");
    let change = |profile: &mut CustomerBillingProfile| profile.last_name = Some("Builder".into());
    let id = Uuid::from_u128(7);
    let _ = resource.clone().correlation_id(id).modify(change).await.expect("an update");
    let mut mine = stale;
    mine.email = Some("ann@example.com".into());
    let error = resource.update(&mine).await.expect_err("a conflict");
    assert!(error.is_conflict());

    let journal = emulator.journal();
    let [get, modify, update] = &*capture.operations() else { panic!("three operations") };
    for (operation, name, place, outcomes) in [
        (get, "get", 0..1, &["GET 200"][..]),
        (modify, "modify", 1..4, &["GET 200", "PUT 429", "PUT 200"]),
        // It is read again to tell both sides apart.
        (update, "update", 4..6, &["PUT 400", "GET 200"]),
    ] {
        assert_eq!(operation.get("otel.name"), Some(&*format!("{name} {TEMPLATE}")));
        let requests = capture.below(operation, "http_request");
        hold(&emulator, operation, &requests, &journal[place]);
        let outcome = |span: &Seen| {
            let field = |name| span.get(name).unwrap_or_default();
            format!("{} {}", field("http.request.method"), field("http.response.status_code"))
        };
        assert_eq!(requests.iter().map(outcome).collect::<Vec<_>>(), outcomes);
    }
    assert_eq!(modify.get("partner_center.correlation_id"), Some(&*id.to_string()));
    assert_eq!(modify.get("error.type"), None);
    let told = error.correlation_id().map(|id| id.to_string());
    assert_eq!(update.get("partner_center.correlation_id"), told.as_deref());
    assert_eq!(update.get("error.type"), Some("400"));
    assert_eq!(update.get("otel.status_code"), Some("ERROR"));
}

#[tokio::test]
async fn what_fails_says_how() {
    let (emulator, capture, _guard) = start().await;
    let resource = customer(&emulator.url());
    fault(&emulator, "fault=garbage,nth=1");
    let error = resource.get().await.expect_err("garbage");
    assert_eq!(error.kind(), ErrorKind::Response);
    let mut profile = resource.get().await.expect("a profile");
    profile.attributes = None;
    let error = resource.update(&profile).await.expect_err("read-only");
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
    // Nobody is there.
    let error = customer("http://[::1]:1").get().await.expect_err("no answer");
    assert_eq!(error.kind(), ErrorKind::Transport);

    let [garbage, _, refused, lost] = &*capture.operations() else { panic!("four operations") };
    let [request] = &*capture.below(garbage, "http_request") else { panic!("one request") };
    // A status of success is not what failed.
    assert_eq!((request.status(), request.get("error.type")), (Some("200"), Some("response")));
    assert_eq!(refused.get("error.type"), Some("readonly"));
    assert!(capture.below(refused, "http_request").is_empty());
    assert_eq!(lost.get("error.type"), Some("connection"));
    for request in capture.below(lost, "http_request") {
        assert_eq!(
            (request.get("server.address"), request.get("server.port")),
            (Some("::1"), Some("1"))
        );
        assert_eq!((request.status(), request.get("error.type")), (None, Some("connection")));
    }
}

/// Gives one token after the other.
#[derive(Debug)]
struct Script(Mutex<VecDeque<&'static str>>);

#[async_trait::async_trait]
impl TokenCredential for Script {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let token = lock(&self.0).pop_front().expect("one fetch less");
        let hour = Duration::from_secs(3600);
        Ok(AccessToken::new(token, OffsetDateTime::from(SystemTime::now() + hour)))
    }
}

#[tokio::test]
async fn another_token_is_another_attempt() {
    let (emulator, capture, _guard) = start().await;
    let user = Script(Mutex::new(VecDeque::from([EXPIRED_TOKEN, APP_USER_TOKEN])));
    let partner = PartnerCenter::builder(AppUser::new(Arc::new(user)))
        .endpoint(&emulator.url())
        .clock(Hasty::default())
        .build()
        .expect("a client");
    let _ = partner.billing_profile().get().await.expect("a profile");
    let [operation] = &*capture.operations() else { panic!("one operation") };
    let requests = capture.below(operation, "http_request");
    assert_eq!(each(&requests, "http.response.status_code"), [Some("401"), Some("200")]);
    assert_eq!(each(&requests, "error.type"), [Some("401"), None]);
    assert_eq!(each(&requests, "url.template"), [Some("/v1/profiles/billing"); 2]);
    // Whatever the reason is.
    assert_eq!(each(&requests, "http.request.resend_count"), [None, Some("1")]);
    let shown = format!("{:?}", capture.all());
    assert!(!shown.contains(EXPIRED_TOKEN) && !shown.contains(APP_USER_TOKEN), "{shown}");
}

#[tokio::test]
async fn neither_the_token_nor_a_member_is_in_a_field() {
    let (emulator, capture, _guard) = start().await;
    let resource = customer(&emulator.url());
    fault(&emulator, "fault=error,status=500,nth=1");
    let mut profile = resource.get().await.expect("a profile");
    let mut members = vec![APP_ONLY_TOKEN.to_owned(), "ann@example.com".to_owned()];
    members.extend(
        [&profile.email, &profile.first_name, &profile.last_name, &profile.company_name]
            .map(|member| member.clone().expect("a member of the sample")),
    );
    let change = |profile: &mut CustomerBillingProfile| profile.first_name = Some("Robert".into());
    let _ = resource.modify(change).await.expect("an update");
    members.push("Robert".to_owned());
    profile.email = Some("ann@example.com".into());
    resource.update(&profile).await.expect_err("a conflict");
    profile.default_address.get_or_insert_default().country = Some("Utopia".into());
    let error = resource.update(&profile).await.expect_err("a limit");
    assert_eq!(error.violations()[0].value, "Utopia");
    members.push("Utopia".to_owned());

    let all = capture.all();
    assert!(all.iter().filter(|seen| seen.target.starts_with("partner_center")).count() > 9);
    for member in &members {
        let shown =
            all.iter().find(|seen| seen.fields.0.values().any(|text| text.contains(member)));
        assert!(shown.is_none(), "{member}: {shown:?}");
    }
}
