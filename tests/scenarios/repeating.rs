//! What is repeated, when, and for how long.

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
    let _ = client.build().expect("a client").billing_profile().get().await.expect("a profile");
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

    let _ = other.get().await.expect("a profile");
    assert!(other_clock.waits().is_empty());
    let _ = resource.get().await.expect("a profile");
    assert!(clock.waits()[0] > Duration::from_secs(56), "{:?}", clock.waits());
    let _ = resource.get().await.expect("a profile");
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
    let late = resource.retry(Retry::default().total_timeout(Duration::ZERO));
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
    let _ = client.customer(id(SAMPLE_CUSTOMER)).billing_profile().get().await.expect("a profile");
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
    let _ = get(&["stale", APP_ONLY_TOKEN]).await.expect("a profile");
    assert_eq!(statuses(&emulator), [401, 200]);
    let error = get(&["stale", "stale-too", APP_ONLY_TOKEN]).await.expect_err("a refusal");
    assert!(error.is_unauthorized());
    assert_eq!(statuses(&emulator), [401, 200, 401, 401]);
    // The same token again is not worth sending.
    get(&["stale"]).await.expect_err("a refusal");
    assert_eq!(statuses(&emulator), [401, 200, 401, 401, 401]);
}
