//! The library against the emulator, from the first read to the last update.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use partner_center::models::{Address, BillingProfile, CustomerBillingProfile, ResourceLinks};
use partner_center::{
    AppOnly, AppUser, Builder, Choice, Credential, Error, ErrorKind, PartnerCenter, Resource,
    Retry, Rule as Limit, Secret, TokenCredential,
};
use partner_center_emulator::{
    APP_ONLY_TOKEN, APP_USER_TOKEN, Emulator, EtagCheck, Exchange, Fault, NO_MFA_TOKEN,
    NO_ROLE_TOKEN, OTHER_CUSTOMER, Rule, SAMPLE_CUSTOMER, STRANGER_CUSTOMER, Switches,
    WRONG_AUDIENCE_TOKEN,
};
use partner_center_tests::{Answer, Hasty, Recorder};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use uuid::Uuid;

const PUT: &str = "updateCustomerBillingProfile";

fn id(text: &str) -> Uuid {
    Uuid::parse_str(text).expect("a GUID")
}

fn builder<A: Credential>(url: &str, credential: A) -> Builder<A> {
    PartnerCenter::builder(credential).endpoint(url)
}

fn app_only(emulator: &Emulator) -> PartnerCenter<AppOnly> {
    builder(&emulator.url(), AppOnly::token(APP_ONLY_TOKEN)).build().expect("a client")
}

/// The billing profile of the sample customer, and the clock that its client waits on.
fn sample(emulator: &Emulator) -> (Resource<AppOnly, CustomerBillingProfile>, Hasty) {
    let clock = Hasty::default();
    let client = builder(&emulator.url(), AppOnly::token(APP_ONLY_TOKEN)).clock(clock.clone());
    (client.build().expect("a client").customer(id(SAMPLE_CUSTOMER)).billing_profile(), clock)
}

fn own(url: &str) -> Resource<AppUser, BillingProfile> {
    let client = builder(url, AppUser::token(APP_USER_TOKEN)).clock(Hasty::default());
    client.build().expect("a client").billing_profile()
}

async fn emulator(switches: impl FnOnce(&mut Switches)) -> Emulator {
    let mut all = Switches::default();
    switches(&mut all);
    Emulator::builder().switches(all).start().await.expect("a port")
}

fn nth(fault: Fault, operation: &str, nth: u64) -> Rule {
    Rule { nth: Some(nth), operation: Some(operation.into()), ..Rule::new(fault) }
}

fn header(exchange: &Exchange, name: &str) -> String {
    exchange.request_headers[name].to_str().expect("ASCII").to_owned()
}

/// The requests of the library that went to a resource, in order: method and what became of it.
fn requests(emulator: &Emulator) -> Vec<(String, Option<u16>)> {
    let journal = emulator.journal();
    journal.iter().map(|exchange| (exchange.method.to_string(), exchange.status)).collect()
}

#[tokio::test]
async fn the_second_of_two_writers_is_refused() {
    let emulator = Emulator::start().await.expect("a port");
    let resource = app_only(&emulator).customer(id(SAMPLE_CUSTOMER)).billing_profile();
    let mut ann = resource.get().await.expect("a profile");
    let mut bob = resource.get().await.expect("a profile");
    assert_eq!(ann.email.as_deref(), Some("email@sample.com"));

    ann.email = Some("ann@example.com".into());
    let written = resource.update(&ann).await.expect("an update");
    assert_ne!(written.etag(), ann.etag());

    bob.last_name = Some("Builder".into());
    let refused = resource.update(&bob).await.expect_err("a conflict");
    assert!(refused.is_conflict(), "{refused}");
    assert_eq!((refused.status(), refused.code()), (Some(400), Some("2055")));

    let mut again = resource.get().await.expect("a profile");
    assert_eq!(again.etag(), written.etag());
    again.last_name = Some("Builder".into());
    let merged = resource.update(&again).await.expect("an update");
    assert_eq!(merged.email.as_deref(), Some("ann@example.com"));
    assert_eq!(merged.last_name.as_deref(), Some("Builder"));
}

#[tokio::test]
async fn nothing_changed_is_nothing_sent() {
    let emulator = Emulator::start().await.expect("a port");
    let resource = app_only(&emulator).customer(id(OTHER_CUSTOMER)).billing_profile();
    let profile = resource.get().await.expect("a profile");
    drop(emulator);
    // There is nobody left who could answer.
    let same = resource.update(&profile).await.expect("no request");
    assert_eq!(same.document(), profile.document());
}

#[tokio::test]
async fn what_the_service_owns_cannot_be_changed_by_accident() {
    let emulator = Emulator::start().await.expect("a port");
    let resource = app_only(&emulator).customer(id(SAMPLE_CUSTOMER)).billing_profile();
    let mut profile = resource.get().await.expect("a profile");
    profile.attributes.as_mut().expect("attributes").etag = Some("1".into());
    let error = resource.update(&profile).await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
    assert!(error.to_string().contains("/attributes"), "{error}");
    // Nor cleared, in part or as a whole, nor set by another name.
    let clear: [fn(&mut CustomerBillingProfile); 5] = [
        |profile| profile.attributes = None,
        |profile| profile.attributes.as_mut().expect("attributes").etag = None,
        |profile| *profile.links.as_mut().expect("links") = ResourceLinks::default(),
        |profile| {
            profile.links.as_mut().and_then(|links| links.self_.as_mut()).expect("one").uri = None;
        },
        |profile| {
            profile.links = None;
            profile.extra.insert("LINKS".into(), json!(1));
        },
    ];
    for clear in clear {
        profile.revert();
        clear(&mut profile);
        let error = resource.update(&profile).await.expect_err("an error");
        assert!(matches!(error.kind(), ErrorKind::ReadOnly | ErrorKind::Model), "{error}");
    }
    assert_eq!(emulator.journal().len(), 1, "nothing but the GET was sent");
}

#[tokio::test]
async fn a_profile_is_written_only_where_it_was_read() {
    let emulator = Emulator::start().await.expect("a port");
    let client = app_only(&emulator);
    let mut profile =
        client.customer(id(SAMPLE_CUSTOMER)).billing_profile().get().await.expect("a profile");
    profile.email = Some("ann@example.com".into());
    let other = client.customer(id(OTHER_CUSTOMER)).billing_profile();
    let error = other.update(&profile).await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::OtherResource);
    assert!(emulator.journal().iter().all(|exchange| !exchange.committed));
}

#[tokio::test]
async fn a_profile_is_written_only_by_the_client_that_read_it() {
    // Two services, or one and two partners: a version of the one says nothing of the other's.
    let (one, other) = (emulator(|_| {}).await, emulator(|_| {}).await);
    let mut profile = own(&one.url()).get().await.expect("a profile");
    profile.company_name = Some("One".into());
    let error = own(&other.url()).update(&profile).await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::OtherResource);
    assert_eq!(other.journal().len(), 0);
}

#[tokio::test]
async fn what_was_kept_can_be_taken_up_again() {
    let emulator = emulator(|_| {}).await;
    let profile = own(&emulator.url()).get().await.expect("a profile");
    let kept = (profile.document().to_vec(), profile.etag().cloned());
    let resource = own(&emulator.url());
    let mut resumed = resource.resume(kept.0.clone(), None).expect("a profile");
    assert_eq!(resumed.etag(), kept.1.as_ref());
    resumed.company_name = Some("Kept".into());
    let written = resource.update(&resumed).await.expect("an update");
    assert_eq!(written.company_name.as_deref(), Some("Kept"));

    let stale = Some("\"1\"".parse().expect("a tag"));
    let mut resumed = resource.resume(kept.0, stale).expect("a profile");
    resumed.company_name = None;
    assert!(resource.update(&resumed).await.expect_err("a conflict").is_conflict());
    assert_eq!(resource.resume("[]", None).expect_err("an error").kind(), ErrorKind::Model);
}

#[test]
fn outside_of_tokio_there_is_an_error_and_no_panic() {
    let resource = own("http://127.0.0.1:9");
    let future = std::pin::pin!(resource.get());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Err(error)) = future.poll(&mut context) else {
        panic!("it waits for what never comes");
    };
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("tokio"), "{error}");
}

#[tokio::test]
async fn links_cannot_be_changed_by_another_name() {
    let emulator = Emulator::start().await.expect("a port");
    let resource = app_only(&emulator).customer(id(SAMPLE_CUSTOMER)).billing_profile();
    let mut profile = resource.get().await.expect("a profile");
    profile.extra.insert("LINKS".into(), serde_json::Value::Null);
    let error = resource.update(&profile).await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Model);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let recorder = Recorder::start(307, b"").await.expect("a port");
    let client = PartnerCenter::builder(AppUser::token("t"))
        .endpoint(recorder.url())
        .build()
        .expect("a client");
    let error = client.billing_profile().get().await.expect_err("an error");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Service, Some(307)));
    assert_eq!(recorder.requests().len(), 1);
    let sent = format!("ms-requestid: {}", error.request_id().expect("an id"));
    assert!(recorder.requests()[0].contains(&sent), "{sent}");
}

#[tokio::test]
async fn an_update_that_succeeds_strangely_is_no_refusal() {
    let recorder = Recorder::start(204, b"").await.expect("a port");
    let client = PartnerCenter::builder(AppUser::token("t"))
        .endpoint(recorder.url())
        .build()
        .expect("a client");
    let error = client.billing_profile().get().await.expect_err("an error");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Response, Some(204)));
}

#[tokio::test]
async fn without_an_entity_tag_nothing_is_written() {
    for tag in ["", "W/\\\"1\\\"", "a b"] {
        let body = format!(r#"{{"taxId":"1","attributes":{{"etag":"{tag}"}}}}"#);
        let recorder = Recorder::start(200, body.as_bytes()).await.expect("a port");
        let client = PartnerCenter::builder(AppUser::token("t"))
            .endpoint(recorder.url())
            .build()
            .expect("a client");
        let mut profile = client.billing_profile().get().await.expect("a profile");
        profile.tax_id = None;
        let error = client.billing_profile().update(&profile).await.expect_err("an error");
        assert_eq!(error.kind(), ErrorKind::NoETag);
        assert_eq!(recorder.requests().len(), 1);
    }
}

#[tokio::test]
async fn the_partners_own_profile_takes_a_user() {
    let emulator = Emulator::start().await.expect("a port");
    let client = |token| {
        PartnerCenter::builder(AppUser::token(token))
            .endpoint(&emulator.url())
            .build()
            .expect("a client")
    };
    let resource = client(APP_USER_TOKEN).billing_profile();
    let mut profile = resource.get().await.expect("a profile");
    profile.purchase_order_number = None;
    let written = resource.update(&profile).await.expect("an update");
    assert_eq!(written.purchase_order_number, None);

    let error = client(APP_ONLY_TOKEN).billing_profile().get().await.expect_err("a refusal");
    assert_eq!((error.status(), error.code()), (Some(403), Some("900329")));
    let error = client("stranger").billing_profile().get().await.expect_err("a refusal");
    assert_eq!(error.status(), Some(401));
}

#[tokio::test]
async fn a_customer_that_is_not_there_is_not_found() {
    let emulator = Emulator::start().await.expect("a port");
    let error = app_only(&emulator)
        .customer(Uuid::nil())
        .billing_profile()
        .get()
        .await
        .expect_err("an error");
    assert!(error.is_not_found());
    assert!(error.request_id().is_some());
}

#[tokio::test]
async fn no_answer_says_so() {
    let client = builder("http://127.0.0.1:9", AppUser::token("canary")).clock(Hasty::default());
    let error =
        client.build().expect("a client").billing_profile().get().await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.is_transient() && !error.may_have_been_applied() && !error.is_timeout());
    assert!(!format!("{error:?}").contains("canary"));
}

mod writing {
    use super::*;

    #[tokio::test]
    async fn only_the_changed_leaves_differ() {
        let emulator = emulator(|_| {}).await;
        let (resource, _) = sample(&emulator);
        let mut first = resource.get().await.expect("a profile");
        first.extra.insert("loyalty".into(), json!({"tier": "gold", "points": 1.5}));
        let mut profile = resource.update(&first).await.expect("an update");
        let read = String::from_utf8(profile.document().to_vec()).expect("UTF-8");
        let address = profile.default_address.as_mut().expect("an address");
        address.city = Some("redmond".into());
        address.phone_number = None;
        resource.update(&profile).await.expect("an update");

        let journal = emulator.journal();
        let sent = String::from_utf8(journal.last().expect("a PUT").request_body.to_vec());
        let expected = read
            .replace(r#""city":"Redmond""#, r#""city":"redmond""#)
            .replace(r#""phoneNumber":"4255555555""#, r#""phoneNumber":null"#);
        assert_eq!(sent.expect("UTF-8"), expected);
        assert!(journal.iter().all(|exchange| exchange.request_violations.is_empty()));
    }

    #[tokio::test]
    async fn a_member_that_nobody_here_knows_outlives_the_replacement_of_what_it_is_in() {
        let emulator = emulator(|_| {}).await;
        let (resource, _) = sample(&emulator);
        let unknown = |address: &Address| address.extra.get("verified").cloned();
        resource
            .modify(|profile| {
                let address = profile.default_address.get_or_insert_default();
                address.extra.insert("verified".into(), json!(true));
            })
            .await
            .expect("an update");
        let moved = resource
            .modify(|profile| {
                profile.default_address = Some(Address::default());
                profile.default_address.get_or_insert_default().city = Some("Thun".to_owned());
            })
            .await
            .expect("an update");
        let address = moved.default_address.as_ref().expect("an address");
        assert_eq!((address.city.as_deref(), address.state.as_deref()), (Some("Thun"), None));
        assert_eq!(unknown(address), Some(json!(true)));
        let cleared = resource
            .modify(|profile| {
                let address = profile.default_address.get_or_insert_default();
                address.extra.insert("verified".into(), Value::Null);
            })
            .await
            .expect("an update");
        let left = cleared.default_address.as_ref().and_then(unknown);
        assert_eq!(left.unwrap_or_default(), Value::Null);
    }

    #[tokio::test]
    async fn every_limit_is_named_at_once_and_can_be_left_to_the_service() {
        let emulator = emulator(|_| {}).await;
        let (resource, _) = sample(&emulator);
        let mut profile = resource.get().await.expect("a profile");
        profile.email = Some("nobody".into());
        let address = profile.default_address.as_mut().expect("an address");
        address.country = Some("USA".into());
        address.address_line1 = Some("x".repeat(201));
        let error = resource.update(&profile).await.expect_err("an error");
        assert_eq!(error.kind(), ErrorKind::Invalid);
        // The same can be known without an attempt.
        let checked = resource.check(&profile).expect_err("an error");
        assert_eq!((checked.kind(), checked.message()), (error.kind(), error.message()));
        assert!(resource.clone().without_limits().check(&profile).is_ok());
        let found: Vec<_> =
            error.violations().iter().map(|found| (found.pointer.as_str(), found.rule)).collect();
        assert_eq!(
            found,
            [
                ("/email", Limit::Email),
                ("/defaultAddress/country", Limit::MaxLength(2)),
                ("/defaultAddress/addressLine1", Limit::MaxLength(200)),
            ]
        );
        let text = error.to_string();
        assert!(text.contains("/defaultAddress/country") && !text.contains("USA"), "{text}");
        assert_eq!(emulator.journal().len(), 1, "nothing but the GET was sent");

        // The service has the last word.
        let error = resource.without_limits().update(&profile).await.expect_err("a refusal");
        assert_eq!(error.status(), Some(400));
        assert_eq!(emulator.journal().len(), 2);
    }

    #[tokio::test]
    async fn what_the_service_had_before_is_not_held_against_an_update() {
        let body = br#"{"email":"nobody","taxId":"1","attributes":{"etag":"1"}}"#;
        let recorder = Recorder::start(200, body).await.expect("a port");
        let profile = own(recorder.url());
        let mut read = profile.get().await.expect("a profile");
        read.tax_id = Some("2".into());
        profile.update(&read).await.expect("an update");
        assert_eq!(recorder.requests().len(), 2);
    }

    #[tokio::test]
    async fn a_member_of_the_model_is_not_set_beside_it() {
        let emulator = emulator(|_| {}).await;
        let (resource, _) = sample(&emulator);
        for name in ["email", "Email"] {
            let mut profile = resource.get().await.expect("a profile");
            profile.extra.insert(name.into(), json!("ann@example.com"));
            let error = resource.update(&profile).await.expect_err("an error");
            assert_eq!(error.kind(), ErrorKind::Model);
        }
    }

    #[tokio::test]
    async fn an_entry_knows_whether_it_is_dirty_and_keeps_what_was_refused() {
        let emulator = emulator(|_| {}).await;
        let (resource, _) = sample(&emulator);
        let mut entry = resource.entry().await.expect("a profile");
        assert!(!entry.is_dirty().expect("a model"));
        entry.commit().await.expect("nothing to do");
        entry.email = Some("EMAIL@sample.com".into());
        assert!(entry.is_dirty().expect("a model"), "a change of case is one");
        entry.revert();
        assert!(!entry.is_dirty().expect("a model"));

        entry.email = Some("ann@example.com".into());
        resource
            .modify(|theirs| theirs.last_name = Some("Builder".into()))
            .await
            .expect("an update");
        let refused = entry.commit().await.expect_err("a conflict");
        assert_eq!(entry.changes().expect("a model")[0].pointer, "/email");
        let conflict = refused.into_conflict().expect("both sides");
        entry.rebase(conflict.merge().expect("no collision"));
        entry.commit().await.expect("an update");
        assert!(!entry.is_dirty().expect("a model"));
        let end = resource.get().await.expect("a profile");
        assert_eq!(end.email.as_deref(), Some("ann@example.com"));
        assert_eq!(end.last_name.as_deref(), Some("Builder"));
    }
}

mod conflicts {
    use super::*;

    #[tokio::test]
    async fn a_choice_that_a_member_cannot_have_is_not_shown() {
        let read = |tag: &str, day: u32| {
            format!(r#"{{"billingDay":{day},"attributes":{{"etag":"{tag}"}}}}"#)
        };
        let (base, theirs) = (read("1", 1), read("2", 2));
        let script: [Answer<'_>; 3] =
            [(200, "", base.as_bytes()), (412, "", b""), (200, "", theirs.as_bytes())];
        let recorder = Recorder::script(&script).await.expect("a port");
        let resource = own(recorder.url());
        let mut mine = resource.get().await.expect("a profile");
        mine.billing_day = Some(3);
        let error = resource.update(&mine).await.expect_err("a conflict");
        let mut conflict = error.into_conflict().expect("both sides");
        let choice = Choice::Value(json!("canary"));
        let error = conflict.settle("/billingDay", choice).expect_err("no number");
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        let shown = format!("{error} {error:?} {cause:?}");
        assert!(shown.contains("/billingDay") && !shown.contains("canary"), "{shown}");
    }

    #[tokio::test]
    async fn changes_of_different_members_are_merged() {
        let emulator = emulator(|_| {}).await;
        let (resource, _) = sample(&emulator);
        let mut mine = resource.get().await.expect("a profile");
        let address = mine.default_address.as_mut().expect("an address");
        address.city = Some("Thun".into());
        mine.first_name = None;
        resource
            .modify(|theirs| {
                let address = theirs.default_address.get_or_insert_default();
                address.postal_code = Some("3600".into());
                theirs.extra.insert("loyalty".into(), json!("gold"));
            })
            .await
            .expect("an update");
        let refused = resource.update(&mine).await.expect_err("a conflict");
        assert!(refused.is_conflict() && !refused.may_have_been_applied());
        assert_eq!((refused.status(), refused.code()), (Some(400), Some("2055")));
        let seen = refused.conflict().expect("both sides");
        assert_eq!(seen.mine().first_name, None);
        let conflict = refused.into_conflict().expect("both sides");
        assert_eq!(conflict.base().first_name.as_deref(), Some("FirstName"));
        assert_eq!(conflict.mine().first_name, None);
        assert_eq!(conflict.theirs().extra["loyalty"], "gold");
        assert_ne!(conflict.theirs().etag(), mine.etag());
        assert_eq!(conflict.collisions(), []);
        // What they changed, without what the service did to its own: the entity tag.
        let theirs = conflict.their_changes().expect("a model");
        let mut pointers: Vec<_> = theirs.iter().map(|change| &*change.pointer).collect();
        pointers.sort_unstable();
        assert_eq!(pointers, ["/defaultAddress/postalCode", "/loyalty"]);

        let merged = conflict.merge().expect("no collision");
        let written = resource.update(&merged).await.expect("an update");
        let address = written.default_address.as_ref().expect("an address");
        assert_eq!(address.city.as_deref(), Some("Thun"));
        assert_eq!(address.postal_code.as_deref(), Some("3600"));
        assert_eq!(written.first_name, None);
        assert_eq!(written.extra["loyalty"], "gold");
    }

    #[tokio::test]
    async fn digits_that_were_typed_survive_a_merge_and_no_other_value() {
        let profile = |tag: &str, last: &str| {
            let own =
                format!(r#""lastName":"{last}","n":7.0,"m":1,"attributes":{{"etag":"{tag}"}}"#);
            format!("{{{own}}}").into_bytes()
        };
        let (first, second) = (profile("1", "A"), profile("2", "B"));
        let script = [(200, "", &*first), (412, "", b""), (200, "", &*second), (200, "", &*second)];
        let recorder = Recorder::script(&script).await.expect("a port");
        let resource = own(recorder.url());
        let mut mine = resource.get().await.expect("a profile");
        for (name, text) in [("n", "1.50"), ("m", "2.50"), ("new", "12345678901234567890123")] {
            let json = RawValue::from_string(text.to_owned()).expect("JSON");
            mine.extra.insert(name.to_owned(), serde_json::from_str(text).expect("JSON"));
            mine.write_exactly(&format!("/{name}"), &json);
        }
        mine.extra["m"] = json!(3.5);
        let refused = resource.update(&mine).await.expect_err("a conflict");
        let conflict = refused.into_conflict().expect("both sides");
        let merged = conflict.merge().expect("no collision");
        resource.update(&merged).await.expect("an update");
        let put = recorder.requests().pop().expect("a request");
        let expected = r#"{"lastName":"B","n":1.50,"m":3.5,"attributes":{"etag":"2"},"new":12345678901234567890123}"#;
        assert_eq!(put.rsplit("\r\n\r\n").next(), Some(expected));
    }

    #[tokio::test]
    async fn what_only_digits_tell_apart_is_told_apart() {
        let profile = |tag: &str, n: &str| {
            format!(r#"{{"n":{n},"attributes":{{"etag":"{tag}"}}}}"#).into_bytes()
        };
        // What was read, what this side writes, what the other side wrote, and the member in the merge.
        for (read, mine, theirs, merged) in [
            ("1.5", "1.50", "1.5", Some("1.50")),
            ("1.5", "1.50", "2", None),
            ("12345678901234567890123", "12345678901234567890124", "12345678901234567890999", None),
            ("12345678901234567890123", "7", "12345678901234567890999", None),
            // The service rounds, or the other side meant the same number.
            ("7", "1.50", "1.5", Some("1.5")),
            ("7", "1.50", "7", Some("1.50")),
            ("7", "1.50", "8", None),
        ] {
            let (first, second) = (profile("1", read), profile("2", theirs));
            let script = [(200, "", &*first), (412, "", b""), (200, "", &*second)];
            let script = [&script[..], &[(200, "", &*second)]].concat();
            let recorder = Recorder::script(&script).await.expect("a port");
            let resource = own(recorder.url());
            let mut profile = resource.get().await.expect("a profile");
            let json = RawValue::from_string(mine.to_owned()).expect("JSON");
            profile.extra.insert("n".to_owned(), serde_json::from_str(mine).expect("JSON"));
            profile.write_exactly("/n", &json);
            let refused = resource.update(&profile).await.expect_err("a conflict");
            let mut conflict = refused.into_conflict().expect("both sides");
            assert_eq!(
                conflict.collisions().is_empty(),
                merged.is_some(),
                "{read} {mine} {theirs}"
            );
            if merged.is_none() {
                let mut theirs = conflict.clone();
                theirs.settle("/n", Choice::Theirs).expect("a collision");
                let theirs = theirs.merge().expect("settled");
                assert!(!theirs.is_dirty().expect("a model"), "{read} {mine} {theirs:?}");
                conflict.settle("/n", Choice::Mine).expect("a collision");
            }
            let wanted = merged.unwrap_or(mine);
            let profile = conflict.merge().expect("settled");
            if wanted == theirs {
                assert!(!profile.is_dirty().expect("a model"), "{read} {mine} {theirs}");
                continue;
            }
            resource.update(&profile).await.expect("an update");
            let put = recorder.requests().pop().expect("a request");
            let expected = format!(r#"{{"n":{wanted},"attributes":{{"etag":"2"}}}}"#);
            assert_eq!(put.rsplit("\r\n\r\n").next(), Some(&*expected), "{read} {mine} {theirs}");
        }
    }

    #[tokio::test]
    async fn a_lost_answer_is_no_success_where_the_digits_differ() {
        let first = br#"{"n":1.5,"attributes":{"etag":"1"}}"#;
        let second = br#"{"n":1.5,"lastName":"B","attributes":{"etag":"2"}}"#;
        let script = [(200, "", &first[..]), (500, "", b""), (412, "", b""), (200, "", second)];
        let recorder = Recorder::script(&script).await.expect("a port");
        let resource = own(recorder.url());
        let mut profile = resource.get().await.expect("a profile");
        profile.write_exactly("/n", &RawValue::from_string("1.50".to_owned()).expect("JSON"));
        let refused = resource.update(&profile).await.expect_err("nobody wrote the digits");
        assert!(refused.is_conflict() && refused.may_have_been_applied());
    }

    #[tokio::test]
    async fn collisions_are_settled_one_by_one() {
        let emulator = emulator(|_| {}).await;
        let (resource, _) = sample(&emulator);
        let mut mine = resource.get().await.expect("a profile");
        mine.email = Some("ann@example.com".into());
        mine.first_name = Some("Ann".into());
        mine.last_name = None;
        resource
            .modify(|theirs| {
                theirs.email = Some("bob@example.com".into());
                theirs.first_name = Some("Bob".into());
                theirs.last_name = Some("Builder".into());
            })
            .await
            .expect("an update");
        let refused = resource.update(&mine).await.expect_err("a conflict");
        let mut conflict = refused.into_conflict().expect("both sides");
        let collisions = conflict.merge().expect_err("collisions");
        assert_eq!(collisions.len(), 3);
        assert!(collisions.to_string().contains("/firstName, /lastName"), "{collisions}");
        assert_eq!(collisions[2].pointer, "/lastName");
        assert_eq!(collisions[2].base, Some(json!("LastName")));
        assert_eq!((&collisions[2].mine, &collisions[2].theirs), (&None, &Some(json!("Builder"))));

        conflict.settle("/lastName", Choice::Mine).expect("a collision");
        conflict.settle("/firstName", Choice::Theirs).expect("a collision");
        let odd = conflict.settle("/email", Choice::Value(json!(1))).expect_err("a wrong type");
        assert_eq!(odd.kind(), ErrorKind::Model);
        let gone = conflict.settle("/lastName", Choice::Theirs).expect_err("no collision");
        assert!(gone.to_string().contains("/lastName"), "{gone}");
        conflict.settle("/email", Choice::Value(json!("eve@example.com"))).expect("a collision");
        let written =
            resource.update(&conflict.merge().expect("settled")).await.expect("an update");
        assert_eq!(written.email.as_deref(), Some("eve@example.com"));
        assert_eq!(written.first_name.as_deref(), Some("Bob"));
        assert_eq!(written.last_name, None);
    }

    /// A profile with this entity tag and purchase order number.
    fn version(tag: &str, number: &str) -> Vec<u8> {
        format!(r#"{{"purchaseOrderNumber":"{number}","attributes":{{"etag":"{tag}"}}}}"#).into()
    }

    #[tokio::test]
    async fn modify_starts_over_on_what_is_there_then() {
        let versions = [version("1", "a"), version("2", "b"), version("3", "c"), version("4", "d")];
        let [first, second, third, last] = &versions;
        let script: [Answer<'_>; 7] = [
            (200, "", first),
            (412, "", b""),
            (200, "", second),
            (409, "", b""),
            (200, "", second), // what settles that conflict
            (200, "", third),  // read again after the wait
            (200, "", last),
        ];
        let recorder = Recorder::script(&script).await.expect("a port");
        let mut seen = Vec::new();
        let written = own(recorder.url())
            .modify(|profile| {
                let number = profile.purchase_order_number.take().unwrap_or_default();
                profile.purchase_order_number = Some(format!("{number}!"));
                seen.push(number);
            })
            .await
            .expect("an update");
        assert_eq!(seen, ["a", "b", "c"]);
        assert_eq!(written.purchase_order_number.as_deref(), Some("d"));
        let puts: Vec<_> =
            recorder.requests().into_iter().filter(|request| request.starts_with("PUT")).collect();
        for (put, (tag, number)) in puts.iter().zip([("1", "a!"), ("2", "b!"), ("3", "c!")]) {
            assert!(put.contains(&format!("if-match: \"{tag}\"")), "{put}");
            assert!(put.contains(&format!("\"{number}\"")), "{put}");
        }
        assert_eq!(puts.len(), 3);
    }

    #[tokio::test]
    async fn modify_ends_with_the_last_conflict() {
        let versions: Vec<_> = (1..8).map(|tag| version(&tag.to_string(), "a")).collect();
        let read = |index: usize| -> Answer<'_> { (200, "", &versions[index]) };
        let refused: Answer<'_> = (412, "", b"");
        // Round by round: what it begins with, what it is refused with, what there is then.
        let script = [
            vec![read(0), refused, read(1)],
            vec![refused, read(2)],
            vec![read(3), refused, read(4)],
            vec![read(5), refused, read(6)],
        ];
        let recorder = Recorder::script(&script.concat()).await.expect("a port");
        let resource = own(recorder.url()).retry(Retry::default().rounds(4));
        let mut runs = 0;
        let error = resource
            .modify(|profile| {
                runs += 1;
                profile.tax_id = Some("1".into());
            })
            .await
            .expect_err("a conflict");
        assert_eq!((runs, recorder.requests().len()), (4, 11));
        let conflict = error.into_conflict().expect("both sides");
        assert_eq!(conflict.mine().tax_id.as_deref(), Some("1"));
    }

    #[tokio::test]
    async fn a_conflict_that_is_none_is_not_repeated_for_ever() {
        // Refused as stale again and again, and still the current version.
        let body = version("1", "a");
        let (read, refused): (Answer<'_>, Answer<'_>) = ((200, "", &body), (409, "", b""));
        let script = [read, refused, read, refused, read, read, refused, read];
        let recorder = Recorder::script(&script).await.expect("a port");
        let error = own(recorder.url())
            .retry(Retry::default().rounds(3))
            .modify(|profile| profile.tax_id = Some("1".into()))
            .await
            .expect_err("a conflict");
        assert_eq!((error.status(), recorder.requests().len()), (Some(409), 8));
        let hint = error.hint().expect("what to do");
        assert!(hint.contains("`If-Match: \"1\"` was refused"), "{hint}");
    }

    #[tokio::test]
    async fn a_name_in_another_case_collides_too() {
        let base = version("1", "a");
        let theirs = r#"{"purchaseOrderNumber":"a","taxId":"2","attributes":{"etag":"2"}}"#;
        let script: [Answer<'_>; 3] =
            [(200, "", &base), (412, "", b""), (200, "", theirs.as_bytes())];
        let recorder = Recorder::script(&script).await.expect("a port");
        let resource = own(recorder.url());
        let mut mine = resource.get().await.expect("a profile");
        mine.extra.insert("TaxId".into(), json!("1"));
        let error = resource.update(&mine).await.expect_err("a conflict");
        let conflict = error.into_conflict().expect("both sides");
        assert_eq!(conflict.collisions()[0].pointer, "/taxId");
    }

    #[tokio::test]
    async fn a_conflict_is_one_also_if_nothing_can_be_read_after_it() {
        let body = version("1", "a");
        let script: [Answer<'_>; 3] = [(200, "", &body), (412, "", b""), (404, "", b"")];
        let recorder = Recorder::script(&script).await.expect("a port");
        let resource = own(recorder.url());
        let mut profile = resource.get().await.expect("a profile");
        profile.tax_id = Some("1".into());
        let error = resource.update(&profile).await.expect_err("a conflict");
        assert_eq!((error.is_conflict(), error.status()), (true, Some(412)));
        let cause = std::error::Error::source(&error).expect("a cause").to_string();
        assert!(cause.contains("status 404"), "{cause}");
        assert!(error.into_conflict().expect_err("no data").is_conflict());
    }

    #[tokio::test]
    async fn rereading_finds_a_change_that_the_service_would_let_pass() {
        let emulator = emulator(|switches| switches.etag_check = EtagCheck::Neither).await;
        let (resource, _) = sample(&emulator);
        let mut mine = resource.get().await.expect("a profile");
        mine.email = Some("ann@example.com".into());
        let theirs = resource
            .modify(|theirs| theirs.email = Some("bob@example.com".into()))
            .await
            .expect("an update");
        let before = emulator.journal().len();
        let error = resource.clone().rereading().update(&mine).await.expect_err("a conflict");
        assert_eq!((error.is_conflict(), error.status()), (true, None));
        assert_eq!(emulator.journal().len(), before + 1, "one GET, no PUT");
        let conflict = error.into_conflict().expect("both sides");
        assert_eq!(conflict.theirs().etag(), theirs.etag());
        assert_eq!(conflict.collisions()[0].pointer, "/email");
        // Without it, the last writer wins on such a service.
        resource.update(&mine).await.expect("an update");
    }

    #[tokio::test]
    async fn the_tag_of_the_body_comes_first() {
        let body = version("body", "a");
        for (header, tag) in [
            ("etag: \"header\"\r\n", "body"),
            ("etag: W/\"header\"\r\n", "body"),
            ("etag: header\r\n", "body"),
            ("", "body"),
        ] {
            let recorder = Recorder::script(&[(200, header, &body)]).await.expect("a port");
            let profile = own(recorder.url()).get().await.expect("a profile");
            assert_eq!(profile.etag().map(|tag| tag.as_str()), Some(tag), "{header}");
        }
    }
}

mod lost_answers {
    use super::*;

    async fn lost(replay: bool) -> (Emulator, Resource<AppOnly, CustomerBillingProfile>) {
        let mut switches = Switches::default();
        switches.replay = replay;
        let rule = nth(Fault::CloseAfterCommit, PUT, 1);
        let emulator =
            Emulator::builder().switches(switches).fault(rule).start().await.expect("a port");
        let (resource, _) = sample(&emulator);
        (emulator, resource)
    }

    #[tokio::test]
    async fn the_same_request_id_gets_the_first_answer_again() {
        let (emulator, resource) = lost(true).await;
        let mut profile = resource.get().await.expect("a profile");
        profile.email = Some("ann@example.com".into());
        let written = resource.update(&profile).await.expect("an update");
        assert!(!written.was_recovered());
        let journal = emulator.journal();
        let puts: Vec<_> = journal.iter().filter(|one| one.operation == Some(PUT)).collect();
        assert_eq!(puts.len(), 2);
        assert_eq!(header(puts[0], "ms-requestid"), header(puts[1], "ms-requestid"));
        assert_eq!(header(puts[0], "ms-correlationid"), header(puts[1], "ms-correlationid"));
        assert_eq!(puts[0].request_body, puts[1].request_body);
    }

    #[tokio::test]
    async fn what_the_service_holds_is_a_success_that_was_recovered() {
        let (emulator, resource) = lost(false).await;
        let mut profile = resource.get().await.expect("a profile");
        profile.email = Some("ann@example.com".into());
        let written = resource.update(&profile).await.expect("an update");
        assert!(written.was_recovered());
        assert_eq!(written.email.as_deref(), Some("ann@example.com"));
        assert_eq!(requests(&emulator).len(), 4, "GET, PUT without answer, PUT refused, GET");
        // It can be gone on with.
        let again = resource.update(&written).await.expect("nothing to do");
        assert_eq!(again.etag(), written.etag());
    }

    #[tokio::test]
    async fn what_it_does_not_hold_may_have_been_applied() {
        // The answer to the PUT is lost; before it is repeated, someone else writes another e-mail.
        let body = |tag: &str, number: &str| {
            format!(r#"{{"purchaseOrderNumber":"{number}","attributes":{{"etag":"{tag}"}}}}"#)
        };
        let (base, theirs) = (body("1", "1"), body("3", "3"));
        let script: [Answer<'_>; 4] = [
            (200, "", base.as_bytes()),
            (504, "", b"<html><title>Gateway Timeout</title></html>"),
            (400, "", br#"{"code":2055,"description":"Etag is no longer valid"}"#),
            (200, "", theirs.as_bytes()),
        ];
        let recorder = Recorder::script(&script).await.expect("a port");
        let mut runs = 0;
        let error = own(recorder.url())
            .modify(|profile| {
                runs += 1;
                profile.purchase_order_number = Some("2".into());
            })
            .await
            .expect_err("a conflict");
        assert_eq!(runs, 1, "a change that may have been made is not made again");
        assert!(error.is_conflict() && error.may_have_been_applied());
        assert!(error.to_string().contains("; the update may have been applied"), "{error}");
        let conflict = error.into_conflict().expect("both sides");
        assert!(conflict.may_have_been_applied());
        assert_eq!(conflict.collisions()[0].theirs, Some(json!("3")));
    }

    #[tokio::test]
    async fn an_answer_that_cannot_be_understood_is_settled_too() {
        let rule = nth(Fault::Garbage, PUT, 1);
        let emulator = Emulator::builder().fault(rule).start().await.expect("a port");
        let (resource, _) = sample(&emulator);
        let mut profile = resource.get().await.expect("a profile");
        profile.email = Some("ann@example.com".into());
        let written = resource.update(&profile).await.expect("an update");
        assert!(written.was_recovered());

        let body = br#"{"attributes":{"etag":"1"}}"#;
        let script: [Answer<'_>; 3] = [(200, "", body), (200, "", b"[]"), (200, "", body)];
        let recorder = Recorder::script(&script).await.expect("a port");
        let error = own(recorder.url())
            .modify(|profile| profile.tax_id = Some("1".into()))
            .await
            .expect_err("an error");
        assert_eq!(error.kind(), ErrorKind::Response);
        assert!(error.may_have_been_applied() && !error.is_conflict());
    }

    #[tokio::test]
    async fn success_with_a_fault_in_it_acknowledges_nothing() {
        let body = br#"{"taxId":"1","attributes":{"etag":"1"}}"#;
        let fault = br#"{"code":400072,"description":"no","source":"PartnerFD"}"#;
        for answer in [&fault[..], b"{}", b"{\"statusCode\":500}"] {
            let script: [Answer<'_>; 3] = [(200, "", body), (200, "", answer), (200, "", body)];
            let recorder = Recorder::script(&script).await.expect("a port");
            let error = own(recorder.url())
                .modify(|profile| profile.tax_id = Some("2".into()))
                .await
                .expect_err("an error");
            assert_eq!(error.kind(), ErrorKind::Response);
            assert!(error.may_have_been_applied(), "{error}");
            assert_eq!((error.body(), error.request_id().is_some()), (answer, true));
            assert_eq!(error.code(), (answer == fault).then_some("400072"));
        }
        let recorder = Recorder::start(200, fault).await.expect("a port");
        let error = own(recorder.url()).get().await.expect_err("an error");
        assert_eq!(error.kind(), ErrorKind::Response);
    }

    #[tokio::test]
    async fn what_is_no_profile_holds_nothing_that_was_cleared() {
        let body = br#"{"taxId":"1","attributes":{"etag":"1"}}"#;
        for there in [&b"{}"[..], br#"{"error":{"code":"x"}}"#] {
            let script: [Answer<'_>; 4] =
                [(200, "", body), (503, "", b""), (412, "", b""), (200, "", there)];
            let recorder = Recorder::script(&script).await.expect("a port");
            let clear = |profile: &mut BillingProfile| profile.tax_id = None;
            let error = own(recorder.url()).modify(clear).await.expect_err("a conflict");
            assert!(error.is_conflict() && error.may_have_been_applied(), "{error}");
        }
    }

    #[tokio::test]
    async fn a_redirect_of_an_update_may_mean_that_it_was_made() {
        let body = br#"{"taxId":"1","attributes":{"etag":"1"}}"#;
        let script: [Answer<'_>; 2] = [(200, "", body), (303, "", b"")];
        let recorder = Recorder::script(&script).await.expect("a port");
        let change = |profile: &mut BillingProfile| profile.tax_id = Some("2".into());
        let error = own(recorder.url()).modify(change).await.expect_err("an error");
        assert!(error.status() == Some(303) && error.may_have_been_applied());
    }

    /// A clock on whose waits the service goes away, and comes back at the same address.
    #[derive(Debug, Clone)]
    struct Restarting {
        service: Arc<tokio::sync::Mutex<Option<Emulator>>>,
        address: std::net::SocketAddr,
        /// The ids that PUTs had before it went away.
        before: Arc<Mutex<Vec<String>>>,
    }

    fn puts(emulator: &Emulator) -> Vec<String> {
        let journal = emulator.journal();
        let puts = journal.iter().filter(|exchange| exchange.operation == Some(PUT));
        puts.map(|exchange| header(exchange, "ms-requestid")).collect()
    }

    impl partner_center::Clock for Restarting {
        fn sleep(&self, _: Duration) -> partner_center::Sleep {
            let this = self.clone();
            Box::pin(async move {
                let mut service = this.service.lock().await;
                *service = match service.take() {
                    Some(running) => {
                        this.before.lock().expect("a lock").extend(puts(&running));
                        running.stop().await;
                        None
                    }
                    None => Emulator::builder().listen(this.address).start().await.ok(),
                };
            })
        }
    }

    #[tokio::test]
    async fn the_request_id_is_the_same_also_if_the_service_was_away_meanwhile() {
        let rule = nth(Fault::CloseAfterCommit, PUT, 1);
        let emulator = Emulator::builder().fault(rule).start().await.expect("a port");
        let url = emulator.url();
        let address = url.trim_start_matches("http://").parse().expect("an address");
        let service = Arc::new(tokio::sync::Mutex::new(None));
        let clock = Restarting { service, address, before: Arc::default() };
        let client = builder(&url, AppOnly::token(APP_ONLY_TOKEN)).clock(clock.clone());
        let customer = client.build().expect("a client").customer(id(SAMPLE_CUSTOMER));
        let resource = customer.billing_profile();
        let mut profile = resource.get().await.expect("a profile");
        profile.email = Some("ann@example.com".into());
        *clock.service.lock().await = Some(emulator);
        resource.update(&profile).await.expect("an update");
        let service = clock.service.lock().await;
        let after = puts(service.as_ref().expect("it is back"));
        assert_eq!((after.len(), &after), (1, &*clock.before.lock().expect("a lock")));
    }

    #[tokio::test]
    async fn after_the_last_attempt_it_is_said_that_nobody_knows() {
        let rule = Rule { operation: Some(PUT.into()), ..Rule::new(Fault::CloseAfterCommit) };
        let mut switches = Switches::default();
        switches.replay = false;
        let emulator =
            Emulator::builder().switches(switches).fault(rule).start().await.expect("a port");
        let (resource, _) = sample(&emulator);
        let resource = resource.retry(Retry::none());
        let error = resource
            .modify(|profile| profile.email = Some("ann@example.com".into()))
            .await
            .expect_err("an error");
        assert_eq!(error.kind(), ErrorKind::Transport);
        assert!(error.may_have_been_applied() && error.is_transient());
        assert_eq!(error.status(), None);
    }

    #[tokio::test]
    async fn an_update_whose_answer_comes_too_late_is_settled() {
        let late = Rule { ms: Some(5000), ..nth(Fault::LateAnswer, PUT, 1) };
        let mut switches = Switches::default();
        switches.replay = false;
        let emulator =
            Emulator::builder().switches(switches).fault(late).start().await.expect("a port");
        let client = builder(&emulator.url(), AppOnly::token(APP_ONLY_TOKEN))
            .timeout(Duration::from_millis(500))
            .clock(Hasty::default());
        let customer = client.build().expect("a client").customer(id(SAMPLE_CUSTOMER));
        let written = customer
            .billing_profile()
            .modify(|profile| profile.email = Some("ann@example.com".into()))
            .await
            .expect("an update");
        assert!(written.was_recovered());
    }

    #[tokio::test]
    async fn an_answer_that_comes_too_late_is_a_timeout() {
        let rule = Rule { ms: Some(2000), ..Rule::new(Fault::LateAnswer) };
        let emulator = Emulator::builder().fault(rule).start().await.expect("a port");
        let client = builder(&emulator.url(), AppOnly::token(APP_ONLY_TOKEN))
            .timeout(Duration::from_millis(500))
            .retry(Retry::default().attempts(2))
            .clock(Hasty::default());
        let customer = client.build().expect("a client").customer(id(SAMPLE_CUSTOMER));
        let error = customer.billing_profile().get().await.expect_err("an error");
        assert!(error.is_timeout() && !error.may_have_been_applied(), "{error:?}");
        let ids: Vec<_> =
            emulator.journal().iter().map(|exchange| header(exchange, "ms-requestid")).collect();
        assert!(ids.len() == 2 && ids[0] == ids[1], "{ids:?}");
    }
}

mod repeating {
    use super::*;

    const PROFILE: &[u8] = br#"{"taxId":"1","attributes":{"etag":"1"}}"#;

    async fn got(answers: &[Answer<'_>]) -> (Result<(), Error>, Recorder) {
        let recorder = Recorder::script(answers).await.expect("a port");
        let outcome = own(recorder.url()).get().await.map(drop);
        (outcome, recorder)
    }

    fn sent(recorder: &Recorder, name: &str) -> Vec<String> {
        let line = |request: &String| {
            let found = request.lines().find_map(|line| line.strip_prefix(name));
            found.expect("the header").trim_start_matches(": ").to_owned()
        };
        recorder.requests().iter().map(line).collect()
    }

    #[tokio::test]
    async fn what_may_pass_is_repeated_with_a_new_request_id_after_each_answer() {
        for status in [408, 429, 500, 502, 503, 504] {
            let failed = (status, "", &b""[..]);
            let (outcome, recorder) = got(&[failed, failed, (200, "", PROFILE)]).await;
            outcome.expect("a profile in the end");
            let ids = sent(&recorder, "ms-requestid");
            assert_eq!(ids.len(), 3);
            assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2], "{ids:?}");
            let operation = sent(&recorder, "ms-correlationid");
            assert!(operation.iter().all(|id| *id == operation[0]), "{operation:?}");
        }
    }

    #[tokio::test]
    async fn what_will_not_pass_is_not_repeated() {
        for status in [301, 400, 403, 404, 405, 406, 409, 412, 417, 428, 501, 505] {
            let (outcome, recorder) = got(&[(status, "", b""), (200, "", PROFILE)]).await;
            let error = outcome.expect_err("an error");
            assert_eq!((error.status(), recorder.requests().len()), (Some(status), 1));
        }
        let (outcome, recorder) = got(&[(503, "", b"")]).await;
        assert_eq!(outcome.expect_err("an error").status(), Some(503));
        assert_eq!(recorder.requests().len(), 4);
    }

    #[tokio::test]
    async fn the_wait_is_the_longer_of_retry_after_and_backoff() {
        let clock = Hasty::default();
        let date = "retry-after: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
        let script: [Answer<'_>; 4] = [
            (503, "retry-after: 7\r\n", b""),
            (503, "retry-after: 0\r\n", b""),
            (503, date, b""),
            (200, "", PROFILE),
        ];
        let recorder = Recorder::script(&script).await.expect("a port");
        let retry = Retry::default().backoff(Duration::from_secs(1), Duration::from_secs(3));
        let client = builder(recorder.url(), AppUser::token("t")).clock(clock.clone()).retry(retry);
        client.build().expect("a client").billing_profile().get().await.expect("a profile");
        assert_eq!(clock.waits(), [7, 2, 3].map(Duration::from_secs));
    }

    #[tokio::test]
    async fn one_429_holds_up_every_call_of_the_client_and_no_other() {
        let rule = Rule { retry_after: Some(57), nth: Some(1), ..Rule::new(Fault::Throttle) };
        let emulator = Emulator::builder().fault(rule).start().await.expect("a port");
        let (resource, clock) = sample(&emulator);
        let (other, other_clock) = sample(&emulator);
        let error = resource.clone().retry(Retry::none()).get().await.expect_err("a refusal");
        assert!(error.is_throttled());
        assert_eq!(error.retry_after(), Some(Duration::from_secs(57)));
        assert!(clock.waits().is_empty());

        other.get().await.expect("a profile");
        assert!(other_clock.waits().is_empty());
        resource.get().await.expect("a profile");
        assert!(clock.waits()[0] > Duration::from_secs(56), "{:?}", clock.waits());
        resource.get().await.expect("a profile");
        assert_eq!(clock.waits().len(), 1);
    }

    #[tokio::test]
    async fn nobody_waits_longer_than_there_is_time() {
        for after in ["180", "99999999999999999999"] {
            let header = format!("retry-after: {after}\r\n");
            let recorder = Recorder::script(&[(429, &header, b"")]).await.expect("a port");
            let clock = Hasty::default();
            let client = builder(recorder.url(), AppUser::token("t")).clock(clock.clone());
            let profile = client.build().expect("a client").billing_profile();
            let error = profile.get().await.expect_err("an error");
            assert!(error.is_throttled() && error.status() == Some(429), "{error}");
            assert_eq!((recorder.requests().len(), clock.waits().len()), (1, 0));
            if after == "180" {
                // The next call knows, and is not even sent.
                let error = profile.get().await.expect_err("an error");
                assert!(error.is_throttled() && error.status().is_none(), "{error}");
                assert!(error.retry_after().is_some_and(|wait| wait > Duration::from_secs(170)));
                assert_eq!(recorder.requests().len(), 1);
            }
        }
    }

    #[tokio::test]
    async fn when_the_time_is_over_nothing_is_sent() {
        let emulator = emulator(|_| {}).await;
        let (resource, _) = sample(&emulator);
        let mut profile = resource.get().await.expect("a profile");
        profile.email = Some("ann@example.com".into());
        let late = resource.retry(Retry::default().within(Duration::ZERO));
        let error = late.update(&profile).await.expect_err("an error");
        assert_eq!(error.kind(), ErrorKind::Transport);
        assert!(!error.may_have_been_applied());
        assert_eq!(emulator.journal().len(), 1);
    }

    /// Someone who takes five minutes to sign in, and whose first token is no good.
    #[derive(Debug)]
    struct Slow(Hasty, Mutex<Option<&'static str>>);

    #[async_trait::async_trait]
    impl TokenCredential for Slow {
        async fn get_token(
            &self,
            _: &[&str],
            _: Option<azure_core::credentials::TokenRequestOptions<'_>>,
        ) -> azure_core::Result<azure_core::credentials::AccessToken> {
            partner_center::Clock::sleep(&self.0, Duration::from_secs(300)).await;
            let expires = azure_core::time::OffsetDateTime::now_utc() + Duration::from_secs(3600);
            let token = self.1.lock().expect("a lock").take().unwrap_or(APP_ONLY_TOKEN);
            Ok(azure_core::credentials::AccessToken::new(token, expires))
        }
    }

    #[tokio::test]
    async fn the_time_to_sign_in_is_not_counted() {
        let emulator = emulator(|_| {}).await;
        let clock = Hasty::default();
        let credential = AppOnly::new(Arc::new(Slow(clock.clone(), Mutex::new(Some("stale")))));
        let client = builder(&emulator.url(), credential).clock(clock).build().expect("a client");
        client.customer(id(SAMPLE_CUSTOMER)).billing_profile().get().await.expect("a profile");
    }

    /// Gives one token after the other.
    #[derive(Debug)]
    struct Rotating(Mutex<Vec<&'static str>>);

    #[async_trait::async_trait]
    impl TokenCredential for Rotating {
        async fn get_token(
            &self,
            scopes: &[&str],
            _: Option<azure_core::credentials::TokenRequestOptions<'_>>,
        ) -> azure_core::Result<azure_core::credentials::AccessToken> {
            assert_eq!(scopes, ["https://api.partnercenter.microsoft.com/.default"]);
            let mut tokens = self.0.lock().expect("a lock");
            let token = if tokens.len() > 1 { tokens.remove(0) } else { tokens[0] };
            let expires = azure_core::time::OffsetDateTime::now_utc() + Duration::from_secs(3600);
            Ok(azure_core::credentials::AccessToken::new(Secret::new(token), expires))
        }
    }

    #[tokio::test]
    async fn a_token_that_is_refused_is_replaced_once() {
        let emulator = emulator(|_| {}).await;
        let statuses = |emulator: &Emulator| -> Vec<_> {
            emulator.journal().iter().map(|exchange| exchange.status.expect("a status")).collect()
        };
        let get = async |tokens: &[&'static str]| {
            let credential = AppOnly::new(Arc::new(Rotating(Mutex::new(tokens.to_vec()))));
            let client = builder(&emulator.url(), credential).build().expect("a client");
            client.customer(id(SAMPLE_CUSTOMER)).billing_profile().get().await
        };
        get(&["stale", APP_ONLY_TOKEN]).await.expect("a profile");
        assert_eq!(statuses(&emulator), [401, 200]);
        let error = get(&["stale", "stale-too", APP_ONLY_TOKEN]).await.expect_err("a refusal");
        assert!(error.is_unauthorized());
        assert_eq!(statuses(&emulator), [401, 200, 401, 401]);
        // The same token again is not worth sending.
        get(&["stale"]).await.expect_err("a refusal");
        assert_eq!(statuses(&emulator), [401, 200, 401, 401, 401]);
    }
}

mod telling {
    use super::*;

    #[tokio::test]
    async fn refusals_of_a_credential_say_what_to_do() {
        let emulator = emulator(|_| {}).await;
        for (token, status, hint) in [
            (NO_MFA_TOKEN, 401, "multi-factor"),
            (WRONG_AUDIENCE_TOKEN, 401, "/.default"),
            (NO_ROLE_TOKEN, 403, "admin agent"),
            (APP_ONLY_TOKEN, 403, "`AppUser`"),
            ("stranger", 401, "sign in again"),
        ] {
            let client = builder(&emulator.url(), AppUser::token(token)).build().expect("a client");
            let error = client.billing_profile().get().await.expect_err("a refusal");
            assert_eq!(error.status(), Some(status), "{token}");
            assert!(error.to_string().contains(hint), "{token}: {error}");
            assert!(!format!("{error} {error:?}").contains(token), "{error:?}");
        }
        let customer = app_only(&emulator).customer(id(STRANGER_CUSTOMER));
        let error = customer.billing_profile().get().await.expect_err("a refusal");
        assert!(error.is_forbidden() && error.to_string().contains("no relationship"), "{error}");
    }

    #[tokio::test]
    async fn ids_and_settings_are_sent_and_told() {
        let emulator = emulator(|_| {}).await;
        let client = builder(&emulator.url(), AppOnly::token(APP_ONLY_TOKEN))
            .application("invoice-run")
            .locale("de-DE");
        let ours = Uuid::from_u128(7);
        let customer = client.build().expect("a client").customer(Uuid::nil());
        let error =
            customer.billing_profile().correlation_id(ours).get().await.expect_err("an error");
        let journal = emulator.journal();
        assert_eq!(error.correlation_id(), Some(ours));
        assert_eq!(header(&journal[0], "ms-correlationid"), ours.to_string());
        let request = error.request_id().expect("an id").to_string();
        assert_eq!(header(&journal[0], "ms-requestid"), request);
        assert_eq!(header(&journal[0], "ms-partnercenter-application"), "invoice-run");
        assert_eq!(header(&journal[0], "x-locale"), "de-DE");
        let text = error.to_string();
        assert!(text.contains(&request) && text.contains(&ours.to_string()), "{text}");
        assert!(!text.contains('\n'), "{text}");
    }

    #[tokio::test]
    async fn a_service_that_repeats_the_token_does_not_have_it_shown() {
        for body in [
            r#"{"code":1,"description":"the token canary is bad","data":["Bearer canary"]}"#,
            "upstream got: authorization: Bearer canary",
            "[\"canary\"]",
        ] {
            for status in [400, 200] {
                let recorder = Recorder::start(status, body.as_bytes()).await.expect("a port");
                let client = builder(recorder.url(), AppUser::token("canary")).build();
                let profile = client.expect("a client").billing_profile();
                let error = profile.get().await.expect_err("an error");
                let kept = String::from_utf8_lossy(error.body()).into_owned();
                let shown = format!("{error} {error:?} {kept} {:?}", error.data());
                assert!(!shown.contains("canary"), "{shown}");
            }
        }
        // In Latin-1, in UTF-16, and cut off in the middle of it.
        let page = "\u{FEFF}upstream got canary";
        let latin = b"\xE9 upstream got: Bearer canary".to_vec();
        let wide: Vec<u8> = page.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut long = vec![b'x'; 64 * 1024 - 3];
        long.extend_from_slice(b"canary");
        for (body, cut) in [(latin, "canary"), (wide, "canary"), (long, "can")] {
            let recorder = Recorder::start(400, &body).await.expect("a port");
            let client = builder(recorder.url(), AppUser::token("canary")).build();
            let profile = client.expect("a client").billing_profile();
            let error = profile.get().await.expect_err("an error");
            let kept = String::from_utf8_lossy(error.body()).into_owned();
            assert!(!format!("{error} {error:?} {kept}").contains(cut), "{error}");
            assert!(!kept.is_empty() && kept.len() <= 64 * 1024);
        }
        // Nor what was read and could not be understood.
        let body = br#"{"address":"canary"}"#;
        let recorder = Recorder::start(200, body).await.expect("a port");
        let error = own(recorder.url()).get().await.expect_err("an error");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("canary") && shown.contains("member /address has"), "{shown}");
        let recorder = Recorder::start(200, br#"{"address":"canary""#).await.expect("a port");
        let error = own(recorder.url()).get().await.expect_err("an error");
        let cause = std::error::Error::source(&error).expect("a cause");
        let shown = format!("{error} {error:?} {cause}");
        assert!(!shown.contains("canary") && shown.contains("line 1 column 19"), "{shown}");
    }

    #[tokio::test]
    async fn answers_are_bounded() {
        let endless = vec![b' '; 5 << 20];
        let recorder = Recorder::start(200, &endless).await.expect("a port");
        let error = own(recorder.url()).get().await.expect_err("an error");
        assert_eq!(error.kind(), ErrorKind::Response);
        assert!(error.to_string().contains("longer than"), "{error}");
        let recorder = Recorder::start(400, &endless).await.expect("a port");
        let error = own(recorder.url()).get().await.expect_err("an error");
        assert_eq!((error.status(), error.body().len()), (Some(400), 64 * 1024));
    }
}
