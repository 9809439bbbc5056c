//! What becomes of an update whose answer is lost.

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
    assert_eq!(conflict.merge_conflicts()[0].theirs, Some(json!("3")));
}

#[tokio::test]
async fn an_answer_that_cannot_be_understood_is_resolved_too() {
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
    let _ = resource.update(&profile).await.expect("an update");
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
async fn an_update_whose_answer_comes_too_late_is_resolved() {
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
