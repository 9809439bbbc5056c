//! What a test is told, and that each trouble is what its name says.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use partner_center::{Clock, Error, Retry};
use partner_center_test::emulator::{Fault, Rule};
use partner_center_test::{CUSTOMER, STRANGER, TestService, Trouble, VirtualClock, errors};
use serde_json::json;

/// The message of an assertion that fails.
fn message(assertion: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(assertion)).expect_err("a failed assertion");
    *panic.downcast::<String>().expect("a message")
}

async fn update(service: &TestService) -> Result<(), Error> {
    let mut profile = service.profile().get().await?;
    profile.last_name = Some("Mine".into());
    let _ = service.profile().update(&profile).await?;
    Ok(())
}

fn last_name(service: &TestService) -> String {
    service.stored(CUSTOMER)["lastName"].as_str().expect("a name").to_owned()
}

#[tokio::test]
async fn a_failed_assertion_shows_the_requests_and_nothing_else() {
    let service = TestService::start();
    service.next_update(Trouble::LostRequest);
    update(&service).await.expect("an update");
    let path = format!("/v1/customers/{CUSTOMER}/profiles/billing");
    let tag = "\"-982543900649999237\"";
    let sent = format!(
        "sent:\n  1. GET {path} -> 200\n  2. PUT {path}, If-Match: {tag} -> no answer \
         (close-before-commit)\n  3. PUT {path}, If-Match: {tag} -> 200\n"
    );
    let shown = message(|| service.assert_sent(&["GET", "PUT /v1/profiles/billing"]));
    let expected = "other requests were sent than expected\nexpected:\n  1. GET\n  2. PUT \
                    /v1/profiles/billing\n";
    assert_eq!(shown, format!("{expected}{sent}"));
    assert_eq!(message(|| service.assert_no_put()), format!("a PUT was sent\n{sent}"));
    service.assert_sent(&["GET", "PUT", &format!("PUT {path}")]);
    for wrong in [&["GET", "PUT"][..], &["GET", "PUT", "GET"], &["GET", "PUT", "PUT", "PUT"], &[]] {
        message(|| service.assert_sent(wrong));
    }

    service.forget();
    service.assert_sent(&[]);
    service.assert_no_put();
    let none = message(|| drop(service.last_put()));
    assert_eq!(none, "no PUT was sent\nsent:\n  nothing\n");

    service.next_read(Trouble::NotFound);
    service.conflict_once();
    let waiting = "  refuse with 404, of the next read\n  overwrite, of the next update\n";
    let shown = message(|| service.assert_all_went_wrong());
    assert_eq!(shown, format!("this did not go wrong yet\n{waiting}sent:\n  nothing\n"));
    service.calm();
    service.assert_all_went_wrong();
    update(&service).await.expect("an update");
}

/// What the README shows is what is shown.
#[tokio::test]
async fn the_message_of_the_readme_is_a_real_one() {
    let service = TestService::start();
    service.next(Trouble::ConflictOn(json!({"lastName": "Theirs"})));
    let resource = service.profile();
    let change = resource.modify(|profile| profile.email = Some("ann@example.com".into()));
    let _ = change.await.expect("an update");
    let shown = message(|| service.assert_sent(&["GET", "PUT"]));
    assert!(include_str!("../README.md").contains(&format!("```text\n{shown}```")), "{shown}");
}

#[tokio::test]
async fn the_last_put_is_the_last_one() {
    let service = TestService::start();
    for email in ["a@example.com", "b@example.com"] {
        let change = service.profile().modify(|profile| profile.email = Some(email.into())).await;
        let _ = change.expect("an update");
    }
    assert_eq!(service.last_put_body()["email"], "b@example.com");
}

#[tokio::test]
async fn all_of_many_requests_are_there_and_some_are_shown() {
    let service = TestService::start();
    for _ in 0..1001 {
        let _ = service.own_profile().get().await.expect("a profile");
    }
    assert_eq!(service.requests().count("GET"), 1001);
    let shown = service.requests().to_string();
    assert_eq!(shown.lines().count(), 41, "{shown}");
    assert!(shown.contains(" 20. GET") && !shown.contains(" 21. GET"), "{shown}");
    assert!(shown.contains("  … and 961 more\n982. GET"), "{shown}");
}

/// What an update comes to: its error, if it is one, with its status and whether the update may have been applied;
/// the name that is there then; and the waits.
type Case = (Trouble, Option<(Option<u16>, bool)>, &'static str, Vec<Duration>);

/// What is in the table of [`Trouble`].
#[tokio::test]
async fn each_trouble_is_what_its_name_says() {
    let second = Duration::from_secs(1);
    let half = second / 2;
    let throttled = Trouble::Throttled { retry_after: half };
    let theirs = json!({"lastName": "Theirs"});
    let once: [Case; 10] = [
        (Trouble::Conflict, Some((Some(400), false)), "LastName", vec![]),
        (Trouble::ConflictOn(theirs.clone()), Some((Some(400), false)), "Theirs", vec![]),
        (throttled.clone(), None, "Mine", vec![second]),
        (Trouble::Unavailable, None, "Mine", vec![half]),
        (Trouble::LostAnswer, None, "Mine", vec![half]),
        (Trouble::LostRequest, None, "Mine", vec![half]),
        (Trouble::BrokenAnswer, None, "Mine", vec![half]),
        (Trouble::Unauthorized, Some((Some(401), false)), "LastName", vec![]),
        (Trouble::Forbidden, Some((Some(403), false)), "LastName", vec![]),
        (Trouble::NotFound, Some((Some(404), false)), "LastName", vec![]),
    ];
    let backoff = vec![half, second, second * 2];
    let always: [Case; 4] = [
        (Trouble::Unavailable, Some((Some(503), true)), "LastName", backoff.clone()),
        (Trouble::LostAnswer, Some((None, true)), "Mine", backoff.clone()),
        (Trouble::LostRequest, Some((None, true)), "LastName", backoff.clone()),
        (Trouble::Conflict, Some((Some(400), false)), "LastName", vec![]),
    ];
    let cases = once.into_iter().map(|case| (true, case));
    for (once, (trouble, error, name, waits)) in cases.chain(always.map(|case| (false, case))) {
        let service = TestService::start();
        let mut profile = service.profile().get().await.expect("a profile");
        profile.last_name = Some("Mine".into());
        if once {
            service.next_update(trouble.clone());
        } else {
            service.always(trouble.clone());
        }
        let outcome = service.profile().update(&profile).await;
        let failed = outcome.err().map(|error| (error.status(), error.may_have_been_applied()));
        assert_eq!(failed, error, "{trouble:?} {once}");
        assert_eq!(last_name(&service), name, "{trouble:?} {once}");
        assert_eq!(service.clock().waits(), waits, "{trouble:?} {once}");
        service.assert_all_went_wrong();
    }
}

#[tokio::test]
async fn what_hits_updates_leaves_readings_alone() {
    let service = TestService::start();
    for trouble in [Trouble::Conflict, Trouble::LostAnswer, Trouble::LostRequest] {
        service.next(trouble);
    }
    let _ = service.profile().get().await.expect("a profile");
    message(|| service.assert_all_went_wrong());
    // A fault of the service itself hits what it says.
    service.calm();
    let partner = Some("getPartnerBillingProfile".to_owned());
    service.next(Trouble::Other(Rule { operation: partner, ..Rule::new(Fault::Garbage) }));
    let _ = service.profile().get().await.expect("a profile");
    service.own_profile().get().await.expect_err("no profile");
}

#[tokio::test]
async fn whoever_is_not_there_cannot_be_changed() {
    let service = TestService::start();
    let shown = message(|| service.set(STRANGER, json!({})));
    assert_eq!(shown, format!("the service has no customer {STRANGER}"));
    assert!(message(|| service.next(Trouble::ConflictOn(json!("a")))).contains("a JSON object"));
    let error = service.partner().customer(STRANGER).billing_profile().get().await;
    assert!(error.expect_err("no relationship").is_forbidden());
}

/// Errors that were made are those that the service makes.
#[tokio::test]
async fn a_ready_made_error_is_like_a_real_one() {
    let seven = Duration::from_secs(7);
    for (trouble, made) in [
        (Trouble::Conflict, errors::conflict()),
        (Trouble::Throttled { retry_after: seven }, errors::throttled(seven)),
        (Trouble::Unauthorized, errors::unauthorized()),
        (Trouble::Forbidden, errors::forbidden()),
        (Trouble::NotFound, errors::not_found()),
        (Trouble::Unavailable, errors::unavailable()),
        (Trouble::LostAnswer, errors::lost_answer()),
    ] {
        let service = TestService::start();
        let partner = service.builder().retry(Retry::none()).build().expect("a client");
        let resource = partner.customer(CUSTOMER).billing_profile();
        let mut profile = resource.get().await.expect("a profile");
        profile.last_name = Some("Mine".into());
        service.next_update(trouble.clone());
        // What became of a request that a gateway answered is looked up.
        service.next_read(Trouble::NotFound);
        let real: Error = resource.update(&profile).await.expect_err("an error").into();
        let facts = |error: &Error| {
            let said = (error.message().to_owned(), error.description().map(str::to_owned));
            let code = (error.status(), error.code().map(str::to_owned), error.retry_after());
            let hint = error.hint().map(str::to_owned);
            let then = (error.is_transient(), error.may_have_been_applied(), error.data().len());
            (error.kind(), said, code, hint, then)
        };
        assert_eq!(facts(&made), facts(&real), "{trouble:?}");
    }
}

/// A program without a runtime of tokio has the service as well, and nothing of it is left behind.
#[test]
fn it_takes_no_runtime_and_stops_when_it_is_dropped() {
    let service = TestService::with().customers(3).start();
    assert_eq!(service.customers().len(), 5);
    let address = service.endpoint().trim_start_matches("http://").to_owned();
    std::net::TcpStream::connect(&address).expect("the service");
    drop(service);
    std::net::TcpStream::connect(&address).expect_err("no service");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_side_by_side_know_nothing_of_each_other() {
    let tasks = (0..8).map(|_| {
        tokio::spawn(async {
            let service = TestService::start();
            update(&service).await.expect("an update");
            service.assert_sent(&["GET", "PUT"]);
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("no panic");
    }
}

#[test]
fn a_clock_has_an_end_and_clones_are_the_same_one() {
    let clock = VirtualClock::default();
    let (start, utc) = (clock.now(), clock.utc());
    let same = clock.clone();
    same.advance(Duration::MAX);
    same.advance(Duration::MAX);
    assert!(clock.now() > start && clock.utc() > utc);
    assert_eq!(clock.utc(), same.utc());
}
