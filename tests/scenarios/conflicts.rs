//! What becomes of two who change the same.

use super::*;

#[tokio::test]
async fn a_choice_that_a_member_cannot_have_is_not_shown() {
    let read =
        |tag: &str, day: u32| format!(r#"{{"billingDay":{day},"attributes":{{"etag":"{tag}"}}}}"#);
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
    let error = conflict.resolve("/billingDay", choice).expect_err("no number");
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
    let _ = resource
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
    assert_eq!(conflict.merge_conflicts(), []);
    // What they changed, without what the service did to its own: the entity tag.
    let theirs = conflict.their_changes().expect("a model");
    let mut pointers: Vec<_> = theirs.iter().map(|change| &*change.pointer).collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/defaultAddress/postalCode", "/loyalty"]);

    let merged = conflict.merge().expect("no merge conflict");
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
        let own = format!(r#""lastName":"{last}","n":7.0,"m":1,"attributes":{{"etag":"{tag}"}}"#);
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
    let merged = conflict.merge().expect("no merge conflict");
    let _ = resource.update(&merged).await.expect("an update");
    let put = recorder.requests().pop().expect("a request");
    let expected = r#"{"lastName":"B","n":1.50,"m":3.5,"attributes":{"etag":"2"},"new":12345678901234567890123}"#;
    assert_eq!(put.rsplit("\r\n\r\n").next(), Some(expected));
}

#[tokio::test]
async fn what_only_digits_tell_apart_is_told_apart() {
    let profile =
        |tag: &str, n: &str| format!(r#"{{"n":{n},"attributes":{{"etag":"{tag}"}}}}"#).into_bytes();
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
            conflict.merge_conflicts().is_empty(),
            merged.is_some(),
            "{read} {mine} {theirs}"
        );
        if merged.is_none() {
            let mut theirs = conflict.clone();
            theirs.resolve("/n", Choice::Theirs).expect("a merge conflict");
            let theirs = theirs.merge().expect("resolved");
            assert!(!theirs.is_dirty().expect("a model"), "{read} {mine} {theirs:?}");
            conflict.resolve("/n", Choice::Mine).expect("a merge conflict");
        }
        let wanted = merged.unwrap_or(mine);
        let profile = conflict.merge().expect("resolved");
        if wanted == theirs {
            assert!(!profile.is_dirty().expect("a model"), "{read} {mine} {theirs}");
            continue;
        }
        let _ = resource.update(&profile).await.expect("an update");
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
async fn merge_conflicts_are_resolved_one_by_one() {
    let emulator = emulator(|_| {}).await;
    let (resource, _) = sample(&emulator);
    let mut mine = resource.get().await.expect("a profile");
    mine.email = Some("ann@example.com".into());
    mine.first_name = Some("Ann".into());
    mine.last_name = None;
    let _ = resource
        .modify(|theirs| {
            theirs.email = Some("bob@example.com".into());
            theirs.first_name = Some("Bob".into());
            theirs.last_name = Some("Builder".into());
        })
        .await
        .expect("an update");
    let refused = resource.update(&mine).await.expect_err("a conflict");
    let mut conflict = refused.into_conflict().expect("both sides");
    let merge_conflicts = conflict.merge().expect_err("merge conflicts");
    assert_eq!(merge_conflicts.len(), 3);
    assert!(merge_conflicts.to_string().contains("/firstName, /lastName"), "{merge_conflicts}");
    assert_eq!(merge_conflicts[2].pointer, "/lastName");
    assert_eq!(merge_conflicts[2].base, Some(json!("LastName")));
    assert_eq!(
        (&merge_conflicts[2].mine, &merge_conflicts[2].theirs),
        (&None, &Some(json!("Builder")))
    );

    conflict.resolve("/lastName", Choice::Mine).expect("a merge conflict");
    conflict.resolve("/firstName", Choice::Theirs).expect("a merge conflict");
    let odd = conflict.resolve("/email", Choice::Value(json!(1))).expect_err("a wrong type");
    assert_eq!(odd.kind(), ErrorKind::Model);
    let gone = conflict.resolve("/lastName", Choice::Theirs).expect_err("no merge conflict");
    assert!(gone.to_string().contains("/lastName"), "{gone}");
    conflict.resolve("/email", Choice::Value(json!("eve@example.com"))).expect("a merge conflict");
    let written = resource.update(&conflict.merge().expect("resolved")).await.expect("an update");
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
        (200, "", second), // what resolves that conflict
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
    let resource = own(recorder.url()).retry(Retry::default().max_conflict_retries(3));
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
        .retry(Retry::default().max_conflict_retries(2))
        .modify(|profile| profile.tax_id = Some("1".into()))
        .await
        .expect_err("a conflict");
    assert_eq!((error.status(), recorder.requests().len()), (Some(409), 8));
    let hint = error.hint().expect("what to do");
    assert!(hint.contains("`If-Match: \"1\"` was refused"), "{hint}");
}

#[tokio::test]
async fn a_name_in_another_case_conflicts_too() {
    let base = version("1", "a");
    let theirs = r#"{"purchaseOrderNumber":"a","taxId":"2","attributes":{"etag":"2"}}"#;
    let script: [Answer<'_>; 3] = [(200, "", &base), (412, "", b""), (200, "", theirs.as_bytes())];
    let recorder = Recorder::script(&script).await.expect("a port");
    let resource = own(recorder.url());
    let mut mine = resource.get().await.expect("a profile");
    mine.extra.insert("TaxId".into(), json!("1"));
    let error = resource.update(&mine).await.expect_err("a conflict");
    let conflict = error.into_conflict().expect("both sides");
    assert_eq!(conflict.merge_conflicts()[0].pointer, "/taxId");
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
async fn a_precheck_finds_a_change_that_the_service_would_let_pass() {
    let emulator = emulator(|switches| switches.etag_check = EtagCheck::Neither).await;
    let (resource, _) = sample(&emulator);
    let mut mine = resource.get().await.expect("a profile");
    mine.email = Some("ann@example.com".into());
    let theirs = resource
        .modify(|theirs| theirs.email = Some("bob@example.com".into()))
        .await
        .expect("an update");
    let before = emulator.journal().len();
    let error = resource.clone().precheck().update(&mine).await.expect_err("a conflict");
    assert_eq!((error.is_conflict(), error.status()), (true, None));
    assert_eq!(emulator.journal().len(), before + 1, "one GET, no PUT");
    let conflict = error.into_conflict().expect("both sides");
    assert_eq!(conflict.theirs().etag(), theirs.etag());
    assert_eq!(conflict.merge_conflicts()[0].pointer, "/email");
    // Without it, the last writer wins on such a service.
    let _ = resource.update(&mine).await.expect("an update");
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

/// Entity tags of two resources, or of two partners, say nothing of each other.
#[test]
fn a_conflict_is_between_two_readings_of_one_resource() {
    let partner = || {
        let builder = builder("http://127.0.0.1:1", AppUser::token("t"));
        builder.build().expect("a client")
    };
    let document = |tag: &str| format!(r#"{{"email":"e","attributes":{{"etag":"{tag}"}}}}"#);
    let read = |partner: &PartnerCenter<AppUser>, customer: u128, tag: &str| {
        let resource = partner.customer(Uuid::from_u128(customer)).billing_profile();
        resource.resume(document(tag), None).expect("a profile")
    };
    let client = partner();
    let mut mine = read(&client, 1, "1");
    mine.last_name = Some("Mine".into());
    for theirs in [read(&client, 2, "2"), read(&partner(), 1, "2")] {
        let error = Conflict::between(mine.clone(), theirs).expect_err("two resources");
        assert_eq!(error.kind(), ErrorKind::OtherResource);
    }
    // What they have not written yet is theirs too.
    let mut theirs = read(&client, 1, "2");
    theirs.email = Some("theirs".into());
    let conflict = Conflict::between(mine, theirs).expect("one resource");
    assert!(conflict.error().is_conflict() && !conflict.may_have_been_applied());
    let merged = conflict.merge().expect("no merge conflict");
    assert_eq!(merged.etag().map(|tag| tag.as_str()), Some("2"));
    let changes = merged.changes().expect("changes");
    let pointers: Vec<_> = changes.iter().map(|change| &*change.pointer).collect();
    assert_eq!(pointers, ["/email", "/lastName"]);
}
