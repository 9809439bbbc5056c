//! Reading, keeping and writing back, where nothing goes wrong on the way or all does.

use super::*;

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
