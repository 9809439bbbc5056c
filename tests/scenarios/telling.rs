//! What is told of a failure.

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
    let error = customer.billing_profile().correlation_id(ours).get().await.expect_err("an error");
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
