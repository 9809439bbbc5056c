//! What an update sends.

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
        error.violations().iter().map(|found| (found.pointer.as_str(), found.constraint)).collect();
    assert_eq!(
        found,
        [
            ("/email", Constraint::Email),
            ("/defaultAddress/country", Constraint::MaxLength(2)),
            ("/defaultAddress/addressLine1", Constraint::MaxLength(200)),
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
    resource.modify(|theirs| theirs.last_name = Some("Builder".into())).await.expect("an update");
    let refused = entry.commit().await.expect_err("a conflict");
    assert_eq!(entry.changes().expect("a model")[0].pointer, "/email");
    let conflict = refused.into_conflict().expect("both sides");
    entry.rebase(conflict.merge().expect("no merge conflict"));
    entry.commit().await.expect("an update");
    assert!(!entry.is_dirty().expect("a model"));
    let end = resource.get().await.expect("a profile");
    assert_eq!(end.email.as_deref(), Some("ann@example.com"));
    assert_eq!(end.last_name.as_deref(), Some("Builder"));
}
