//! No value of a public type shows a secret, whatever was put into it; and no public type is left out.

use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::fmt::{Debug, Display};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use partner_center::merge::merge;
use partner_center::models::{Address, CustomerBillingProfile};
use partner_center::{
    AppOnly, AppUser, Browser, Choice, ClientCertificate, ClientSecret, Clock, Cloud, Conflict,
    CountryRules, DeviceCode, ETag, Error, ErrorKind, Journal, PartnerCenter, RefreshToken,
    Resource, Retry, SearchBy, Secret, SignInRefusal, Sleep, StrongETag, TokenCredential,
    Transport, WorkloadIdentity,
};
use partner_center_emulator::{
    APP_ONLY_TOKEN, APP_USER_TOKEN, Emulator, NO_MFA_TOKEN, NO_ROLE_TOKEN, REFRESH_TOKEN,
    SAMPLE_CUSTOMER, example_blocking,
};
use serde_json::json;

const LIB: &str = include_str!("../src/lib.rs");
const MERGE: &str = include_str!("../src/merge.rs");
const BLOCKING: &str = include_str!("../src/blocking.rs");
const BLOCKING_LISTS: &str = include_str!("../src/blocking/lists.rs");

/// What is public and has no value that could be formatted.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("Clock", "a trait; what implements it is the caller's"),
    ("Credential", "a trait; `AppOnly` and `AppUser` are all that implement it"),
    ("Is", "a trait; a type is itself"),
    ("Model", "a trait; the models are all that implement it"),
    (
        "TokenCredential",
        "a trait of azure_core; `ClientSecret`, `DeviceCode` and `RefreshToken` implement it",
    ),
    ("Sleep", "an alias of a boxed future, which has no `Debug`"),
    ("BoxError", "an alias of any error"),
    ("OffsetDateTime", "a time of azure_core"),
    ("TokenRequestOptions", "options of azure_core, which hold no token"),
    ("Uuid", "an id of uuid"),
    ("async_trait", "a macro"),
    ("merge", "a function"),
    ("pointer", "a module of functions"),
    ("violations", "a function"),
];

const CLIENT_SECRET: &str = "canary-client-secret";
const PASSWORD: &str = "canary-password";
const ADDRESS: &str = "https://user:canary-password@partner.example";
const BAD_TOKEN: &str = "canary-token-that-is-refused";
const UNSENDABLE_TOKEN: &str = "canary-token\nof two lines";
const BAD_REFRESH_TOKEN: &str = "canary-refresh-token-that-is-refused";
const TENANT: &str = "contoso.example";
const SCOPE: &[&str] = &["https://api.partnercenter.microsoft.com/.default"];

/// A clock that waits for nothing.
#[derive(Debug)]
struct Hasty;

impl Clock for Hasty {
    fn sleep(&self, _: Duration) -> Sleep {
        Box::pin(std::future::ready(()))
    }
}

/// A value that may have a `Display`: if it has, the method of that name here comes first.
struct Value<'a, T>(&'a T);

impl<T: Display> Value<'_, T> {
    #[expect(clippy::unnecessary_wraps, reason = "the other of this name may have nothing")]
    fn displayed(&self) -> Option<String> {
        Some(self.0.to_string())
    }
}

trait NotDisplayed {
    fn displayed(&self) -> Option<String> {
        None
    }
}

impl<T> NotDisplayed for Value<'_, T> {}

/// Formats a value in every way it can be.
macro_rules! show {
    ($shown:expr, $($value:expr),+ $(,)?) => {$(
        let value = &$value;
        $shown.add(value, Value(value).displayed());
    )+};
}

/// What was formatted, by the names of the types, and what must not be in it.
#[derive(Default)]
struct Shown {
    texts: Vec<(&'static str, String)>,
    /// The secrets that were given out while the test ran.
    secrets: Arc<Mutex<Vec<String>>>,
}

impl Shown {
    fn add<T: Debug>(&mut self, value: &T, displayed: Option<String>) {
        let name = std::any::type_name::<T>();
        let name =
            name.split('<').next().and_then(|path| path.rsplit("::").next()).expect("a name");
        let displayed = displayed.unwrap_or_default();
        self.texts.push((name, format!("{value:?}\n{value:#?}\n{displayed}")));
    }

    /// An error with everything that it is caused by.
    fn add_error(&mut self, error: &Error, kind: ErrorKind) {
        assert_eq!(error.kind(), kind, "{error}");
        show!(self, *error, error.kind());
        let mut cause = error.source();
        while let Some(error) = cause {
            self.texts.push(("cause of Error", format!("{error:?}\n{error:#?}\n{error}")));
            cause = error.source();
        }
    }

    /// Keeps a secret that came from the emulator; for callbacks.
    fn keep(&self) -> impl Fn(&str) + Send + Sync + 'static {
        let secrets = self.secrets.clone();
        move |secret| secrets.lock().unwrap_or_else(PoisonError::into_inner).push(secret.to_owned())
    }

    fn names(&self) -> BTreeSet<&'static str> {
        self.texts.iter().map(|(name, _)| *name).collect()
    }

    fn check(&self) {
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // A sign-in by device code, three by a refresh token: what was got is among them.
        assert!(secrets.len() >= 8, "{secrets:?}");
        // The parts of a token that is broken by a line end are as bad.
        let ours =
            [CLIENT_SECRET, PASSWORD, BAD_TOKEN, "canary-token", BAD_REFRESH_TOKEN, "canary"];
        secrets.extend(ours.map(str::to_owned));
        let tokens = [APP_ONLY_TOKEN, APP_USER_TOKEN, NO_MFA_TOKEN, NO_ROLE_TOKEN, REFRESH_TOKEN];
        secrets.extend(tokens.map(str::to_owned));
        for (name, text) in &self.texts {
            for secret in &secrets {
                assert!(!text.contains(secret), "a value of `{name}` shows `{secret}`: {text}");
            }
        }
    }
}

#[tokio::test]
async fn nothing_public_shows_a_secret() {
    let mut shown = Shown::default();
    let emulator = Emulator::start().await.expect("an emulator");
    configuration(&mut shown);
    signed_in(&mut shown, &emulator).await;
    profiles(&mut shown, &emulator).await;
    refusals(&mut shown, &emulator).await;
    sign_in_refusals(&mut shown, &emulator).await;
    let names = shown.names();
    shown.texts.append(&mut tokio::task::spawn_blocking(blocking).await.expect("no panic"));
    assert_eq!(shown.names(), names, "the client that blocks has the names of the other one");
    shown.check();

    let public = public_names();
    let (formatted, public): (_, BTreeSet<_>) =
        (shown.names(), public.iter().map(String::as_str).collect());
    let excepted: BTreeSet<_> = EXCEPTIONS.iter().map(|(name, _)| *name).collect();
    let missing: Vec<_> = public.iter().filter(|name| !formatted.contains(*name)).collect();
    let missing: Vec<_> = missing.into_iter().filter(|name| !excepted.contains(*name)).collect();
    assert!(missing.is_empty(), "public, and not formatted in this test: {missing:?}");
    for (name, why) in EXCEPTIONS {
        assert!(public.contains(name), "an exception for what is not public: {name}, {why}");
        assert!(!formatted.contains(name), "an exception for what is formatted: {name}, {why}");
    }
}

#[test]
fn a_display_is_found_where_there_is_one() {
    let error = StrongETag::new(" ").expect_err("no tag");
    assert_eq!(Value(&error).displayed(), Some(error.to_string()));
    assert_eq!(Value(&Retry::none()).displayed(), None);
}

/// Every name that the crate exports, from the text of its sources.
fn public_names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let code: String = LIB.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    for import in code.split("pub use ").skip(1) {
        let (path, _) = import.split_once(';').expect("an end");
        let (_, end) = path.split_once('{').or_else(|| path.rsplit_once("::")).expect("a path");
        let list = end.trim_end_matches('}').split(',').map(str::trim);
        for name in list.filter(|name| !name.is_empty()) {
            let plain = |c: char| c.is_alphanumeric() || c == '_';
            assert!(name.chars().all(plain), "`{name}` is no plain name");
            names.insert(name.to_owned());
        }
    }
    // A module that is public brings everything that is public in it.
    let modules: Vec<_> = code.split("pub mod ").skip(1).map(word).collect();
    let known = ["blocking", "merge", "azure", "validation", "models"];
    assert_eq!(modules, known, "look into the new module here too");
    // What is used from there is public there.
    let blocking = BLOCKING.replace("pub use lists::", "use lists::");
    for line in MERGE.lines().chain(blocking.lines()).chain(BLOCKING_LISTS.lines()) {
        let item = ["struct", "enum", "fn", "trait", "type", "union", "const", "static"]
            .into_iter()
            .find_map(|item| line.strip_prefix("pub ")?.strip_prefix(item)?.strip_prefix(' '));
        assert!(item.is_some() || !line.starts_with("pub ") || line.starts_with("pub(crate)"));
        names.extend(item.map(word).map(str::to_owned));
    }
    // If this reads the sources no more, it must not say that all is well.
    assert!(names.len() > 40, "{names:?}");
    assert!(
        !["pub struct", "pub enum", "pub fn", "pub trait"].iter().any(|item| code.contains(item))
    );
    names
}

fn word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

/// An application with a certificate, whose key is kept as a secret.
fn application(cloud: &Cloud, shown: &Shown) -> ClientCertificate {
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    let key: Pkcs8V1Der<'_> =
        KeyPair::generate(KeySize::Rsa2048).expect("a key").as_der().expect("a key");
    let key = key.as_ref().into();
    let key = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&key, &rcgen::PKCS_RSA_SHA256);
    let key = key.expect("a key");
    let params = rcgen::CertificateParams::new(Vec::new()).expect("no names");
    let certificate = params.self_signed(&key).expect("it is signed").pem();
    let pem = key.serialize_pem();
    shown.keep()(pem.lines().nth(3).expect("a part of the key"));
    ClientCertificate::new(cloud, TENANT, "id", (certificate + &pem).as_bytes()).expect("a pair")
}

/// What is made without asking anyone.
fn configuration(shown: &mut Shown) {
    let cloud = Cloud::custom(ADDRESS)
        .with_authority(ADDRESS)
        .with_resource(ADDRESS)
        .with_endpoint(ADDRESS);
    show!(shown, cloud, Cloud::public(), Retry::default(), Secret::new(CLIENT_SECRET));
    let (app, user) = (AppOnly::token(APP_ONLY_TOKEN), AppUser::token(APP_USER_TOKEN));
    let builder = PartnerCenter::builder(user.clone()).cloud(cloud.clone()).endpoint(ADDRESS);
    show!(shown, app, user, builder);
    for failed in [
        builder.build().map(drop),
        PartnerCenter::builder(app).endpoint(&format!("http://h?{PASSWORD}")).build().map(drop),
        RefreshToken::new(&cloud, TENANT, "id", BAD_REFRESH_TOKEN).map(drop),
        DeviceCode::new(&cloud, TENANT, "id", |_| {}).map(drop),
        Browser::new(&cloud, TENANT, "id", |_| {}).map(drop),
        ClientSecret::new(&cloud, TENANT, "id", CLIENT_SECRET).map(drop),
    ] {
        shown.add_error(&failed.expect_err("an address with a password"), ErrorKind::Configuration);
    }
    let weak = ETag::weak("1").expect("a tag");
    show!(shown, weak, StrongETag::new("1").expect("a tag"));
    show!(shown, StrongETag::try_from(weak).expect_err("weak"));
    let transport = Transport::default()
        .proxy(ADDRESS)
        .root_certificates(PASSWORD)
        .client_certificate(CLIENT_SECRET);
    let builder = PartnerCenter::builder(AppOnly::token("t")).transport(transport.clone());
    let unusable = builder.clone().build().map(drop).expect_err("no certificate");
    shown.add_error(&unusable, ErrorKind::Configuration);
    let client = PartnerCenter::builder(AppOnly::token("t")).build().expect("a client");
    show!(shown, transport, builder, client.counters(), json!(1));
    let merged = merge(&json!({"a": 1}), &json!({"a": 2}), &json!({"a": 3}));
    show!(shown, merged.conflicts[0], merged);
}

fn cloud(emulator: &Emulator) -> Cloud {
    Cloud::custom(emulator.url()).with_authority(emulator.url())
}

/// The credentials after they were used, and the clients that use them.
async fn signed_in(shown: &mut Shown, emulator: &Emulator) {
    let cloud = cloud(emulator);
    let keep = shown.keep();
    let prompts = Arc::new(Mutex::new(Vec::new()));
    let notes = prompts.clone();
    let (code, rotated) = (shown.keep(), shown.keep());
    let device = DeviceCode::new(&cloud, TENANT, "client id", move |prompt| {
        code(prompt.user_code());
        // A prompt cannot be cloned: it is formatted here, and kept as a text.
        let mut shown = Shown::default();
        show!(shown, *prompt);
        notes.lock().unwrap_or_else(PoisonError::into_inner).append(&mut shown.texts);
    });
    let device = device.expect("a user").clock(Hasty).on_rotation(move |new| rotated(new.secret()));
    let rotated = shown.keep();
    show!(shown, WorkloadIdentity::new(&cloud, TENANT, "client id", "token").expect("a workload"));
    show!(shown, application(&cloud, shown));
    let browser = Browser::new(&cloud, TENANT, "client id", |_| {}).expect("a user");
    show!(shown, browser.client_secret(CLIENT_SECRET));
    let refresh = RefreshToken::new(&cloud, TENANT, "client id", REFRESH_TOKEN).expect("a user");
    let refresh =
        refresh.client_secret(CLIENT_SECRET).on_rotation(move |new| rotated(new.secret()));
    let app =
        ClientSecret::new(&cloud, TENANT, "client id", CLIENT_SECRET).expect("an application");
    let (device, refresh, app) = (Arc::new(device), Arc::new(refresh), Arc::new(app));
    // The second time, each has a refresh token of its own.
    for _ in 0..2 {
        for user in [device.clone() as Arc<dyn TokenCredential>, refresh.clone(), app.clone()] {
            let token = user.get_token(SCOPE, None).await.expect("a token");
            keep(token.token.secret());
            show!(shown, token, token.token, AppUser::new(user.clone()), AppOnly::new(user));
        }
    }
    shown.texts.append(&mut prompts.lock().unwrap_or_else(PoisonError::into_inner));
    show!(shown, *device, *refresh, *app);

    let builder = PartnerCenter::builder(AppUser::new(refresh)).endpoint(cloud.endpoint());
    show!(shown, builder);
    let partner = builder.build().expect("a client");
    let entry = partner.billing_profile().entry().await.expect("a profile");
    show!(
        shown,
        partner,
        partner.billing_profile(),
        entry,
        *entry.versioned(),
        **entry.versioned()
    );
    show!(shown, entry.primary_contact.clone().expect("a contact of the sample"));
}

fn customer(emulator: &Emulator, token: &str) -> Resource<AppOnly, CustomerBillingProfile> {
    let partner = PartnerCenter::builder(AppOnly::token(token))
        .endpoint(&emulator.url())
        .clock(Hasty)
        .build()
        .expect("a client");
    partner.customer(SAMPLE_CUSTOMER.parse().expect("a GUID")).billing_profile()
}

/// What is read, changed and merged. It is personal, and no secret: `Debug` shows it.
async fn profiles(shown: &mut Shown, emulator: &Emulator) {
    let partner = PartnerCenter::builder(AppOnly::token(APP_ONLY_TOKEN)).build().expect("a client");
    show!(shown, partner.customer(SAMPLE_CUSTOMER.parse().expect("a GUID")));
    Box::pin(customers(shown, emulator)).await;
    addresses(shown, emulator).await;
    many(shown, emulator).await;
    let resource = customer(emulator, APP_ONLY_TOKEN);
    let mut mine = resource.get().await.expect("a profile");
    let mine_too = mine.clone();
    mine.email = Some("ann@example.com".into());
    show!(shown, mine.changes().expect("changes")[0], mine, *mine, mine_too);
    show!(shown, mine.default_address.clone().expect("an address"));
    show!(shown, mine.attributes.clone().expect("attributes"));
    let links = mine.links.clone().expect("links");
    show!(shown, links, links.self_.clone().expect("a link"));
    show!(shown, partner_center::models::KeyValuePair::default());

    let change =
        |profile: &mut CustomerBillingProfile| profile.email = Some("b@example.com".into());
    let _ = resource.modify(change).await.expect("an update");
    let refused = resource.update(&mine).await.expect_err("a conflict");
    shown.add_error(&refused, ErrorKind::Conflict);
    show!(shown, refused);
    let mut conflict: Conflict<CustomerBillingProfile> =
        refused.into_conflict().expect("both sides");
    show!(shown, conflict, conflict.merge().expect_err("a merge conflict"));
    for choice in [Choice::Mine, Choice::Theirs, Choice::Value(json!("c@example.com"))] {
        show!(shown, choice);
    }
    let wrong = conflict.resolve("/email", Choice::Value(json!(1))).expect_err("no text");
    shown.add_error(&wrong, ErrorKind::Model);
}

/// The customers: here `Debug` shows no company either.
async fn customers(shown: &mut Shown, emulator: &Emulator) {
    let partner = PartnerCenter::builder(AppOnly::token(APP_ONLY_TOKEN))
        .endpoint(&emulator.url())
        .build()
        .expect("a client");
    let some = partner.customers().search(SearchBy::Domain, "").page_size(1);
    let page = some.page(None).await.expect("a page");
    let mut list = some.list();
    let listed = list.try_next().await.expect("an answer").expect("a customer");
    show!(shown, some, SearchBy::Domain, page, page.next.clone().expect("a token"), list, listed);
    show!(shown, listed.company_profile.clone().expect("a company"));
    show!(shown, partner_center::models::CustomerCollection::default());
    let profile = customer(emulator, APP_ONLY_TOKEN);
    let change = |profile: &mut CustomerBillingProfile| profile.first_name = Some("Ann".into());
    let _ = profile.modify(change).await.expect("an update");
    let history = profile.history().page_size(1);
    let page = history.page(None).await.expect("a page");
    let mut list = history.list();
    let change = list.try_next().await.expect("an answer").expect("a change");
    show!(shown, history, page, page.next.clone().expect("a token"), list, change, change.record);
    show!(shown, partner_center::models::AuditRecordCollection::default());
}

/// Many profiles at once, and their journal: `Debug` shows none of them.
async fn many(shown: &mut Shown, emulator: &Emulator) {
    let partner = PartnerCenter::builder(AppOnly::token(APP_ONLY_TOKEN))
        .endpoint(&emulator.url())
        .build()
        .expect("a client");
    let folder = tempfile::tempdir().expect("a folder");
    let journal = Journal::create(&folder.path().join("journal"), "a run").expect("a journal");
    let mut profile = customer(emulator, APP_ONLY_TOKEN).get().await.expect("a profile");
    profile.first_name = Some("Many".into());
    journal.plan(1, "a note", Some(&profile)).await.expect("a row");
    journal.seal().await.expect("a plan");
    let bulk = partner.bulk().concurrency(2);
    let mut outcomes = Box::pin(bulk.apply(&journal, journal.left()));
    let (_, outcome) = outcomes.next().await.expect("an outcome").expect("an outcome");
    let row = journal.rows().next().expect("a row").expect("a row");
    show!(shown, bulk, journal, journal.rows(), row, outcome, outcome.kind(), outcome.record());
    assert!(!format!("{row:?}").contains("Many"));
}

/// Addresses and the rules of countries: `Debug` shows no address.
async fn addresses(shown: &mut Shown, emulator: &Emulator) {
    let partner = PartnerCenter::builder(AppOnly::token(APP_ONLY_TOKEN))
        .endpoint(&emulator.url())
        .build()
        .expect("a client");
    let mut address = Address::default();
    address.country = Some("US".into());
    let found = partner.validate_address(&address).await.expect("an answer");
    show!(shown, found, found.status.clone().expect("a status"));
    let rules = partner.country_rules("US").await.expect("rules");
    let violations = rules.address_violations(&address);
    show!(shown, rules, *rules, violations[0]);
    let mut unreadable = (*rules).clone();
    unreadable.postal_code_regex = Some("(?=a)".into());
    let unreadable = CountryRules::new("US", unreadable);
    show!(shown, unreadable.unreadable()[0]);
    let error = partner.country_rules("USA").await.expect_err("three letters");
    shown.add_error(&error, ErrorKind::Invalid);
}

/// The client that blocks.
fn blocking() -> Vec<(&'static str, String)> {
    let mut shown = Shown::default();
    example_blocking(|endpoint| {
        let builder = PartnerCenter::builder(AppUser::token(APP_USER_TOKEN)).endpoint(endpoint);
        let partner = builder.build_blocking()?;
        let customer = partner.customer(SAMPLE_CUSTOMER.parse()?);
        let own = partner.billing_profile();
        show!(shown, partner, customer, own, own.entry()?);
        let (customers, history) = (partner.customers(), customer.billing_profile().history());
        show!(shown, customers, customers.list(), history, history.list());
        Ok(())
    })
    .expect("no error");
    shown.texts
}

/// What the service refuses, and what is lost on the way.
async fn refusals(shown: &mut Shown, emulator: &Emulator) {
    for (token, kind) in [
        (BAD_TOKEN, ErrorKind::Service),
        (NO_MFA_TOKEN, ErrorKind::Service),
        (NO_ROLE_TOKEN, ErrorKind::Service),
        (UNSENDABLE_TOKEN, ErrorKind::Credential),
    ] {
        let resource = customer(emulator, token);
        show!(shown, resource);
        shown.add_error(&resource.get().await.expect_err(token), kind);
    }
    let resource = customer(emulator, APP_ONLY_TOKEN);
    let profile = resource.get().await.expect("a profile");
    let mut invalid = profile.clone();
    invalid.default_address.get_or_insert_default().country = Some("Utopia".into());
    let error = resource.update(&invalid).await.expect_err("a limit");
    shown.add_error(&error, ErrorKind::Invalid);
    show!(shown, error.violations()[0], error.violations()[0].constraint);
    let mut read_only = profile.clone();
    read_only.links = None;
    let error = resource.update(&read_only).await.expect_err("read-only");
    shown.add_error(&error, ErrorKind::ReadOnly);
    for (fault, kind) in [
        ("fault=throttle", ErrorKind::Throttled),
        ("fault=error,body=html", ErrorKind::Service),
        ("fault=close-before-commit", ErrorKind::Transport),
        ("fault=truncate", ErrorKind::Transport),
        ("fault=garbage", ErrorKind::Response),
    ] {
        emulator.add_fault(fault.parse().expect(fault));
        // Another client: the one before is told to slow down.
        let error = customer(emulator, APP_ONLY_TOKEN).get().await.expect_err(fault);
        shown.add_error(&error, kind);
        emulator.clear_faults();
    }
    let nobody = PartnerCenter::builder(AppUser::token(APP_USER_TOKEN))
        .endpoint("http://127.0.0.1:1")
        .retry(Retry::none());
    let error = nobody.build().expect("a client").billing_profile().get().await;
    shown.add_error(&error.expect_err("no answer"), ErrorKind::Transport);
}

/// What the sign-in refuses.
async fn sign_in_refusals(shown: &mut Shown, emulator: &Emulator) {
    let (here, nowhere) = (cloud(emulator), cloud(emulator).with_authority("http://127.0.0.1:1"));
    for cloud in [here, nowhere] {
        let user = RefreshToken::new(&cloud, TENANT, "client id", BAD_REFRESH_TOKEN);
        let user = Arc::new(user.expect("a user").client_secret(CLIENT_SECRET));
        let refused = user.get_token(SCOPE, None).await.expect_err("no token");
        shown.texts.push(("cause of Error", format!("{refused:?} {refused}")));
        show!(shown, *user);
        let partner = PartnerCenter::builder(AppUser::new(user)).endpoint(cloud.endpoint());
        let error = partner.build().expect("a client").billing_profile().get().await;
        let error = error.expect_err("no token");
        if let Some(refusal) = SignInRefusal::in_causes(&error) {
            show!(shown, *refusal);
        }
        shown.add_error(&error, ErrorKind::Credential);
    }
}
