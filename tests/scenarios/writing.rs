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
    let _ = resource.update(&profile).await.expect("an update");

    let journal = emulator.journal();
    let sent = String::from_utf8(journal.last().expect("a PUT").request_body.to_vec());
    let expected = read
        .replace(r#""city":"Redmond""#, r#""city":"redmond""#)
        .replace(r#""phoneNumber":"4255555555""#, r#""phoneNumber":null"#);
    assert_eq!(sent.expect("UTF-8"), expected);
    assert!(journal.iter().all(|exchange| exchange.request_violations.is_empty()));
}

#[tokio::test]
async fn a_member_that_nobody_here_knows_is_cleared_on_purpose_alone() {
    let emulator = emulator(|_| {}).await;
    let (resource, _) = sample(&emulator);
    let unknown = |address: &Address| address.extra.get("verified").cloned();
    let mut profile = resource
        .modify(|profile| {
            profile.extra.insert("loyalty".into(), json!({"tier": "gold", "points": 1}));
            let address = profile.default_address.get_or_insert_default();
            address.extra.insert("verified".into(), json!(true));
        })
        .await
        .expect("an update");

    // Taken out, or left out of a new value: nobody knows what was meant.
    let refused = |profile: &Versioned<CustomerBillingProfile>, member: &str| {
        let error = resource.check(profile).expect_err("an error");
        assert_eq!(error.kind(), ErrorKind::Model);
        let what = format!("the member `{member}` was read, and is missing from `extra` now");
        assert_eq!(error.message(), what);
        assert!(error.hint().is_some_and(|hint| hint.contains("null")), "{error}");
        assert!(profile.changes().is_err() && profile.is_dirty().is_err());
    };
    let loyalty = profile.extra.remove("loyalty").expect("a member");
    refused(&profile, "/loyalty");
    profile.extra.insert("loyalty".into(), json!({"tier": "silver"}));
    refused(&profile, "/loyalty/points");
    profile.extra.insert("loyalty".into(), loyalty);
    let mut new = Address::default();
    new.city = Some("Thun".to_owned());
    let old = profile.default_address.replace(new).expect("an address");
    refused(&profile, "/defaultAddress/verified");

    // Put back, it stays.
    profile.default_address.get_or_insert_default().extra = old.extra;
    let mut moved = resource.update(&profile).await.expect("an update");
    let address = moved.default_address.as_mut().expect("an address");
    assert_eq!((address.city.as_deref(), address.state.as_deref()), (Some("Thun"), None));
    assert_eq!(unknown(address), Some(json!(true)));
    address.extra.insert("verified".into(), Value::Null);
    let cleared = resource.update(&moved).await.expect("an update");
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
    let _ = profile.update(&read).await.expect("an update");
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
    let _ = resource
        .modify(|theirs| theirs.last_name = Some("Builder".into()))
        .await
        .expect("an update");
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

#[tokio::test]
async fn a_profile_is_stored_with_its_edits_and_written_by_another_process() {
    let emulator = emulator(|switches| switches.etag_header = true).await;
    let (resource, _) = sample(&emulator);
    let mut draft = resource.get().await.expect("a profile");
    draft.email = Some("ann@example.com".into());
    draft.extra.insert("price".into(), json!(1.5));
    draft.write_exactly("/price", &RawValue::from_string("1.50".into()).expect("JSON"));
    let stored = serde_json::to_string(&draft).expect("JSON");
    let load = || serde_json::from_str::<Versioned<CustomerBillingProfile>>(&stored);

    let loaded = load().expect("a profile");
    assert_eq!(loaded.etag(), draft.etag());
    assert_eq!(loaded.document(), draft.document());
    assert_eq!(loaded.changes().expect("changes"), draft.changes().expect("changes"));
    // Another client of the same service writes it, once.
    let (other, _) = sample(&emulator);
    let written = other.update(&loaded).await.expect("an update");
    assert_eq!(written.email.as_deref(), Some("ann@example.com"));
    let sent = emulator.journal().last().expect("a PUT").request_body.clone();
    assert!(String::from_utf8_lossy(&sent).contains(r#""price":1.50"#));
    let error = other.update(&load().expect("a profile")).await.expect_err("a conflict");
    assert_eq!(error.conflict().expect("a conflict").base().email, draft_base(&draft));

    // Not to another customer, and not to another service.
    let another = app_only(&emulator).customer(id(OTHER_CUSTOMER)).billing_profile();
    let elsewhere = builder("http://127.0.0.1:1", AppOnly::token(APP_ONLY_TOKEN));
    let elsewhere = elsewhere.build().expect("a client");
    let elsewhere = elsewhere.customer(id(SAMPLE_CUSTOMER)).billing_profile();
    for resource in [another, elsewhere] {
        let error = resource.check(&load().expect("a profile")).expect_err("an error");
        assert_eq!(error.kind(), ErrorKind::OtherResource);
    }
    // What was not changed has nothing to write.
    let stored = serde_json::to_string(&written).expect("JSON");
    let loaded: Versioned<CustomerBillingProfile> = serde_json::from_str(&stored).expect("JSON");
    assert!(!loaded.is_dirty().expect("changes"));
    let broken = stored.replace(r#"\"email\":\""#, r#"\"email\":[\"canary"#);
    let error = serde_json::from_str::<Versioned<CustomerBillingProfile>>(&broken);
    let error = error.expect_err("an error").to_string();
    assert!(error.starts_with("the stored document") && !error.contains("canary"), "{error}");
    for broken in [
        r#""canary""#.to_owned(),
        stored.replacen(r#""changed":null"#, r#""changed":{"defaultAddress":"canary"}"#, 1),
        stored.replacen(r#""recovered":false"#, r#""recovered":"canary""#, 1),
        stored.replacen(r#""customer":""#, r#""customer":"canary"#, 1),
    ] {
        assert!(broken.contains("canary"), "{broken}");
        let error = serde_json::from_str::<Versioned<CustomerBillingProfile>>(&broken);
        let error = error.expect_err("an error").to_string();
        assert!(error.starts_with("what is stored") && !error.contains("canary"), "{error}");
    }
    let other = serde_json::from_str::<Versioned<BillingProfile>>(&stored).expect_err("an error");
    assert!(!other.to_string().contains(SAMPLE_CUSTOMER), "{other}");
}

fn draft_base(draft: &Versioned<CustomerBillingProfile>) -> Option<String> {
    let mut base = draft.clone();
    base.revert();
    base.email.clone()
}

#[tokio::test]
async fn a_change_may_wait_and_may_fail_on_any_thread() {
    let emulator = emulator(|_| {}).await;
    let (resource, _) = sample(&emulator);
    let other = resource.clone();
    let waits = tokio::spawn(async move {
        let mut rounds = 0;
        let written = resource
            .modify_async(|mut profile| {
                rounds += 1;
                let (round, other) = (rounds, &other);
                async move {
                    let name = tokio::spawn(async { "Ann" }).await?;
                    profile.first_name = Some(format!("{name} {round}"));
                    if round == 1 {
                        let change = |theirs: &mut CustomerBillingProfile| {
                            theirs.last_name = Some("Builder".into());
                        };
                        let _ = other.modify(change).await?;
                    }
                    Ok(profile)
                }
            })
            .await?;
        assert_eq!(rounds, 2, "someone else wrote in between");
        assert_eq!(written.last_name.as_deref(), Some("Builder"));
        let number = written.first_name.as_deref().unwrap_or_default().to_owned();
        resource
            .try_modify(|profile| {
                let number: u32 = number.parse()?;
                profile.first_name = Some(number.to_string());
                Ok(())
            })
            .await
    });
    let error = waits.await.expect("no panic").expect_err("`Ann 2` is no number");
    assert_eq!(error.kind(), ErrorKind::Change);
    assert!(!error.may_have_been_applied() && !error.is_transient());
    let cause = std::error::Error::source(&error).expect("what the change returned");
    assert!(cause.is::<std::num::ParseIntError>());
    assert_eq!(emulator.journal().iter().filter(|exchange| exchange.committed).count(), 2);
}
