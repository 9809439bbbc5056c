//! The credentials against the emulator, and against a sign-in service that is told what to answer.

use std::error::Error as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD;
use partner_center::{
    AppUser, Browser, ClientSecret, Clock, Cloud, DeviceCode, ErrorKind, PartnerCenter,
    RefreshToken, Secret, SignInRefusal, Sleep, TokenCredential, WorkloadIdentity, azure,
};
use partner_center_emulator::{Emulator, REFRESH_TOKEN};
use sha2::Digest as _;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

const TENANT: &str = "contoso.example";
const SCOPE: &[&str] = &["https://api.partnercenter.microsoft.com/.default"];
const PUBLIC_CLIENT: &str = "public-client";

/// A clock that waits for nothing, and remembers for how long it would have waited.
#[derive(Clone, Debug)]
struct Impatient(Arc<Mutex<Vec<u64>>>, SystemTime);

impl Impatient {
    fn new() -> Self {
        Self(Arc::default(), SystemTime::now())
    }

    fn slept(&self) -> Vec<u64> {
        self.0.lock().expect("no panic").clone()
    }
}

impl Clock for Impatient {
    fn utc(&self) -> SystemTime {
        self.1 + Duration::from_secs(self.slept().iter().sum())
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.0.lock().expect("no panic").push(duration.as_secs());
        Box::pin(std::future::ready(()))
    }
}

/// A list that a callback writes to.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn add(&self, text: &str) {
        self.0.lock().expect("no panic").push(text.to_owned());
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().expect("no panic").clone()
    }
}

/// A sign-in service that gives these answers, one after the other, and keeps what it was asked.
struct Scripted {
    url: String,
    asked: Notes,
}

impl Scripted {
    async fn start<const N: usize>(answers: [(&'static str, String); N]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Notes::default();
        let notes = asked.clone();
        tokio::spawn(async move {
            for (head, body) in answers {
                let (mut stream, _) = listener.accept().await.expect("a connection");
                let mut lines = BufReader::new(&mut stream);
                let (mut first, mut length) = (String::new(), 0);
                lines.read_line(&mut first).await.expect("a request");
                loop {
                    let mut line = String::new();
                    lines.read_line(&mut line).await.expect("a request");
                    let Some((name, value)) = line.split_once(':') else { break };
                    if name.eq_ignore_ascii_case("content-length") {
                        length = value.trim().parse().expect("a number");
                    }
                }
                let mut form = vec![0; length];
                lines.read_exact(&mut form).await.expect("a request");
                notes.add(&format!(
                    "{} {}",
                    first.trim(),
                    String::from_utf8(form).expect("a form")
                ));
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
                );
                // The client may have heard enough.
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { url, asked }
    }

    fn cloud(&self) -> Cloud {
        Cloud::public().with_authority(&self.url)
    }
}

fn json(status: &'static str, body: &str) -> (&'static str, String) {
    (status, body.to_owned())
}

fn emulated(emulator: &Emulator) -> Cloud {
    Cloud::custom(emulator.url()).with_authority(emulator.url())
}

fn user(cloud: &Cloud) -> RefreshToken {
    RefreshToken::new(cloud, TENANT, PUBLIC_CLIENT, REFRESH_TOKEN).expect("a user")
}

#[tokio::test]
async fn a_refresh_token_is_rotated_and_handed_over() {
    let emulator = Emulator::start().await.expect("an emulator");
    let kept = Notes::default();
    let notes = kept.clone();
    let user = user(&emulated(&emulator)).on_rotation(move |new| notes.add(new.secret()));
    let user = Arc::new(user);
    let first = user.get_token(SCOPE, None).await.expect("a token");
    let life = SystemTime::from(first.expires_on).duration_since(SystemTime::now()).expect("later");
    assert!((3590..=3600).contains(&life.as_secs()), "{life:?}");
    // The emulator takes the ones that it gave out a single time, and the first not any more.
    emulator.revoke(Some(REFRESH_TOKEN));
    let (second, third) = tokio::join!(user.get_token(SCOPE, None), user.get_token(SCOPE, None));
    assert_ne!(second.expect("a token").token, third.expect("a token").token);
    assert_eq!(kept.all().len(), 3);
    // What was handed over is what is good now.
    let cloud = emulated(&emulator);
    let next = Secret::new(kept.all().pop().expect("one"));
    let next = RefreshToken::new(&cloud, TENANT, PUBLIC_CLIENT, next).expect("a user");
    let partner = PartnerCenter::builder(AppUser::new(Arc::new(next)))
        .endpoint(cloud.endpoint())
        .build()
        .expect("a client");
    let _ = partner.billing_profile().get().await.expect("a profile");
}

#[tokio::test]
async fn a_revoked_refresh_token_says_to_sign_in_again() {
    let emulator = Emulator::start().await.expect("an emulator");
    emulator.revoke(Some(REFRESH_TOKEN));
    let cloud = emulated(&emulator);
    let partner = PartnerCenter::builder(AppUser::new(Arc::new(user(&cloud))))
        .endpoint(cloud.endpoint())
        .build()
        .expect("a client");
    let error = partner.billing_profile().get().await.expect_err("a failure");
    assert_eq!(error.kind(), ErrorKind::Credential);
    let cause = error.source().expect("a cause").to_string();
    assert!(cause.contains("invalid_grant: AADSTS70008: "), "{cause}");
    assert!(cause.ends_with("sign in again"), "{cause}");
    assert!(!format!("{error} {error:?} {cause}").contains(REFRESH_TOKEN));
}

#[tokio::test]
async fn an_application_signs_in_with_its_secret() {
    let granted = r#"{"token_type":"Bearer","expires_in":60,"access_token":"t"}"#;
    let refusal = r#"{"error":"invalid_client","error_description":"bad 'canary secret'"}"#;
    let service =
        Scripted::start([json("200 OK", granted), json("401 Unauthorized", refusal)]).await;
    let app = ClientSecret::new(&service.cloud(), TENANT, "an id", "canary secret");
    let app = app.expect("an application");
    assert_eq!(app.get_token(SCOPE, None).await.expect("a token").token.secret(), "t");
    // No `offline_access`: there is nobody who could be offline.
    assert_eq!(
        service.asked.all(),
        [concat!(
            "POST /contoso.example/oauth2/v2.0/token HTTP/1.1 ",
            "grant_type=client_credentials",
            "&scope=https%3A%2F%2Fapi.partnercenter.microsoft.com%2F.default",
            "&client_id=an+id&client_secret=canary+secret"
        )]
    );
    let error = app.get_token(SCOPE, None).await.expect_err("a failure");
    assert!(error.to_string().contains("check the client id, the client secret"), "{error}");
    assert!(!format!("{error} {error:?} {app:?}").contains("canary"), "{error:?} {app:?}");
}

#[tokio::test]
async fn a_wrong_secret_says_what_to_check_and_shows_none() {
    let refusal = r#"{"error":"invalid_client","error_codes":[7000215],"error_description":
        "AADSTS7000215: Invalid client secret 'canary secret'.\r\nTrace ID: 0"}"#;
    let service = Scripted::start([json("401 Unauthorized", &refusal.replace('\n', ""))]).await;
    let user =
        RefreshToken::new(&service.cloud(), TENANT, "an id", "canary refresh").expect("a user");
    let user = user.client_secret("canary secret");
    let error = user.get_token(SCOPE, None).await.expect_err("a failure");
    assert!(matches!(error.kind(), azure_core::error::ErrorKind::Credential));
    assert_eq!(
        error.to_string(),
        "the sign-in was refused: invalid_client: AADSTS7000215: Invalid client secret '…'. Trace ID: \
         0; the client secret is not the one of the application: give its value, not its id"
    );
    assert!(!format!("{error:?} {user:?}").contains("canary"), "{error:?} {user:?}");
    assert_eq!(
        service.asked.all(),
        [concat!(
            "POST /contoso.example/oauth2/v2.0/token HTTP/1.1 grant_type=refresh_token",
            "&refresh_token=canary+refresh",
            "&scope=https%3A%2F%2Fapi.partnercenter.microsoft.com%2F.default+offline_access",
            "&client_id=an+id&client_secret=canary+secret"
        )]
    );
}

#[tokio::test]
async fn what_is_no_answer_is_an_error_without_what_it_holds() {
    let big = format!("{{\"access_token\":\"canary{}\"}}", "x".repeat(1 << 20));
    let cases = [
        (json("200 OK", "<html>canary"), "something else than JSON"),
        (json("200 OK", r#"{"access_token":"canary","token_type":7}"#), "something else than JSON"),
        (json("403 Forbidden", ""), "something else than JSON"),
        (("200 OK", big), "too large"),
        (json("503 Service Unavailable", "canary"), "down or busy (status 503"),
        (json("429 Too Many Requests", "{}"), "down or busy (status 429"),
        (json("307 Temporary Redirect\r\nlocation: /x", "canary"), "something else than JSON"),
    ];
    for (answer, expected) in cases {
        let head = answer.0;
        let service = Scripted::start([answer]).await;
        let error = user(&service.cloud()).get_token(SCOPE, None).await.expect_err("a failure");
        assert!(error.to_string().contains(expected), "{head}: {error}");
        assert!(!format!("{error:?} {error}").contains("canary"), "{error:?}");
        assert_eq!(service.asked.all().len(), 1);
    }
    let gone = Cloud::public().with_authority("http://127.0.0.1:1");
    let error = user(&gone).get_token(SCOPE, None).await.expect_err("a failure");
    assert!(error.to_string().contains("did not answer at all; check the network"), "{error}");
    // Nobody refused anything: the same may succeed later, unlike with a token that is refused.
    let transient = async |cloud: &Cloud, token: &str| {
        let token = token.to_owned();
        let user = RefreshToken::new(cloud, TENANT, PUBLIC_CLIENT, token).expect("a user");
        let builder = PartnerCenter::builder(AppUser::new(Arc::new(user)));
        let partner = builder.endpoint("http://127.0.0.1:1").build().expect("a client");
        let error = partner.billing_profile().get().await.expect_err("a failure");
        assert_eq!(error.kind(), ErrorKind::Credential);
        error.is_transient()
    };
    assert!(transient(&gone, REFRESH_TOKEN).await);
    let emulator = Emulator::start().await.expect("an emulator");
    assert!(!transient(&emulated(&emulator), "unknown").await);
}

#[tokio::test]
async fn a_lifetime_may_be_a_string_and_an_old_refresh_token_stays() {
    let answer = r#"{"token_type":"bearer","expires_in":"60","access_token":"t"}"#;
    let service = Scripted::start([json("200 OK", answer), json("200 OK", answer)]).await;
    let clock = Impatient::new();
    let user = user(&service.cloud()).clock(clock.clone()).on_rotation(|_| panic!("no new one"));
    for _ in 0..2 {
        let token = user.get_token(SCOPE, None).await.expect("a token");
        assert_eq!(SystemTime::from(token.expires_on), clock.utc() + Duration::from_secs(60));
    }
    assert!(service.asked.all().iter().all(|asked| asked.contains(REFRESH_TOKEN)));
}

#[tokio::test]
async fn a_person_signs_in_once_for_all_who_wait() {
    let emulator = Emulator::start().await.expect("an emulator");
    let (clock, prompts, kept) = (Impatient::new(), Notes::default(), Notes::default());
    let (prompted, notes) = (prompts.clone(), kept.clone());
    let user = DeviceCode::new(&emulated(&emulator), TENANT, PUBLIC_CLIENT, move |prompt| {
        assert_eq!(prompt.verification_uri(), "https://microsoft.com/devicelogin");
        assert_eq!(prompt.expires_in(), Duration::from_secs(900));
        assert!(prompt.message().contains(prompt.verification_uri()));
        assert!(!format!("{prompt:?}").contains(prompt.user_code()));
        prompted.add(prompt.user_code());
    });
    let user =
        user.expect("a user").clock(clock.clone()).on_rotation(move |new| notes.add(new.secret()));
    let both = tokio::join!(user.get_token(SCOPE, None), user.get_token(SCOPE, None));
    both.0.expect("a token");
    both.1.expect("a token");
    assert_eq!(prompts.all().len(), 1);
    assert_eq!(clock.slept(), [1], "one poll was too early");
    assert_eq!(kept.all().len(), 2, "the second one refreshed");
    for secret in kept.all() {
        assert!(!format!("{user:?}").contains(&secret));
    }

    // Once its refresh token is no good, the person is asked again.
    emulator.revoke(None);
    let user = Arc::new(user);
    user.get_token(SCOPE, None).await.expect("a token");
    assert_eq!(prompts.all().len(), 2);
    let partner = PartnerCenter::builder(AppUser::new(user))
        .endpoint(&emulator.url())
        .build()
        .expect("a client");
    let _ = partner.billing_profile().get().await.expect("a profile");
    assert_eq!(prompts.all().len(), 2);
}

const DEVICE: &str = r#"{"user_code":"canary","device_code":"canary2","expires_in":"60",
    "verification_url":"https://login.example/device","interval":"2"}"#;

fn refusal(error: &str) -> (&'static str, String) {
    refusal_with(error, "AADSTS1: canary2")
}

fn refusal_with(error: &str, said: &str) -> (&'static str, String) {
    ("400 Bad Request", format!(r#"{{"error":"{error}","error_description":"{said}"}}"#))
}

#[tokio::test]
async fn polls_are_as_far_apart_as_the_service_asks() {
    let token = r#"{"token_type":"Bearer","expires_in":"60","access_token":"t"}"#;
    let service = Scripted::start([
        json("200 OK", DEVICE),
        refusal("authorization_pending"),
        refusal("slow_down"),
        json("503 Service Unavailable", ""),
        refusal("authorization_pending"),
        json("200 OK", token),
    ])
    .await;
    let (clock, prompts) = (Impatient::new(), Notes::default());
    let prompted = prompts.clone();
    let user = DeviceCode::new(&service.cloud(), TENANT, PUBLIC_CLIENT, move |prompt| {
        prompted.add(prompt.message());
    });
    let user = user.expect("a user").clock(clock.clone());
    let token = user.get_token(SCOPE, None).await.expect("a token");
    assert_eq!(SystemTime::from(token.expires_on), clock.utc() + Duration::from_secs(60));
    // A poll that is lost makes it twice as long.
    assert_eq!(clock.slept(), [2, 7, 14, 14]);
    let message = "To sign in, open https://login.example/device and enter the code canary.";
    assert_eq!(prompts.all(), [message]);
    let asked = service.asked.all();
    assert!(asked[0].starts_with("POST /contoso.example/oauth2/v2.0/devicecode "), "{asked:?}");
    assert!(asked[0].contains("offline_access"), "{asked:?}");
    assert!(asked[1].contains("device_code=canary2&client_id=public-client"), "{asked:?}");
}

#[tokio::test]
async fn no_lost_poll_brings_the_next_one_nearer() {
    let device = DEVICE.replace("\"60\"", "900").replace("\"2\"", "30");
    let token = r#"{"token_type":"Bearer","expires_in":"60","access_token":"t"}"#;
    let service = Scripted::start([
        json("200 OK", &device),
        refusal("authorization_pending"),
        json("503 Service Unavailable", ""),
        json("429 Too Many Requests\r\nRetry-After: 200", ""),
        refusal("authorization_pending"),
        json("200 OK", token),
    ])
    .await;
    let clock = Impatient::new();
    let user = DeviceCode::new(&service.cloud(), TENANT, PUBLIC_CLIENT, |_| ()).expect("a user");
    user.clock(clock.clone()).get_token(SCOPE, None).await.expect("a token");
    assert_eq!(clock.slept(), [30, 60, 200, 120]);
    // Nobody waits for longer than the code is good.
    let device = DEVICE.replace("\"2\"", "600");
    let pending = refusal("authorization_pending");
    let service = Scripted::start([json("200 OK", &device), pending]).await;
    let clock = Impatient::new();
    let user = DeviceCode::new(&service.cloud(), TENANT, PUBLIC_CLIENT, |_| ()).expect("a user");
    let error = user.clock(clock.clone()).get_token(SCOPE, None).await.expect_err("nobody came");
    assert!(error.to_string().contains("expired_token"), "{error}");
    assert_eq!(clock.slept(), [61]);
}

#[tokio::test]
async fn a_refusal_of_entra_id_has_advice_by_its_number() {
    let cases = [
        ("invalid_grant", 65001, false, "/contoso.example/adminconsent?client_id=an+id"),
        ("invalid_grant", 53003, false, "sign in with the browser on this machine"),
        ("invalid_client", 7_000_218, false, "allow public client flows"),
        ("invalid_client", 7_000_222, false, "the client secret has expired"),
        ("invalid_grant", 50076, true, "a second factor"),
        ("invalid_grant", 50079, true, "register a second factor"),
        ("invalid_request", 90002, false, "there is no such tenant"),
        ("unauthorized_client", 700_016, false, "check the client id, the tenant and the cloud"),
        ("invalid_grant", 70008, true, "expired or revoked"),
        // Not known: the code of OAuth, and what the service says.
        ("invalid_grant", 1, true, "used up, revoked or expired"),
        ("strange", 1, false, "Trace ID: 0"),
    ];
    for (code, number, again, expected) in cases {
        let answer = format!(
            r#"{{"error":"{code}","error_description":"AADSTS{number}: Why.\r\nTrace ID: 0"}}"#
        );
        let service = Scripted::start([json("400 Bad Request", &answer)]).await;
        let user = RefreshToken::new(&service.cloud(), TENANT, "an id", "canary").expect("a user");
        let partner = PartnerCenter::builder(AppUser::new(Arc::new(user)))
            .endpoint(&service.url)
            .build()
            .expect("a client");
        let error = partner.billing_profile().get().await.expect_err("no token");
        let refusal = SignInRefusal::in_causes(&error).expect("a refusal");
        assert_eq!((refusal.code(), refusal.aadsts()), (code, Some(number)));
        assert_eq!(refusal.description(), format!("AADSTS{number}: Why. Trace ID: 0"));
        assert_eq!(refusal.needs_sign_in(), again, "{refusal}");
        assert!(refusal.to_string().contains(expected), "{refusal}");
        let page = refusal.documentation();
        assert_eq!(page.is_some(), number != 1, "{page:?}");
        // What is shown without looking for it.
        let cause = error.source().expect("a cause").to_string();
        assert_eq!(cause, refusal.to_string());
    }
}

#[tokio::test]
async fn a_sign_in_that_does_not_happen_says_why() {
    let cases = [
        ("expired_token", "start the sign-in again"),
        ("authorization_declined", "the sign-in was declined"),
        ("access_denied", "the sign-in was declined"),
        ("invalid_client", "check the client id"),
    ];
    for (code, expected) in cases {
        let service = Scripted::start([json("200 OK", DEVICE), refusal(code)]).await;
        let user =
            DeviceCode::new(&service.cloud(), TENANT, PUBLIC_CLIENT, |_| ()).expect("a user");
        let error =
            user.clock(Impatient::new()).get_token(SCOPE, None).await.expect_err("a failure");
        let start = format!("the sign-in was refused: {code}: AADSTS1: …; ");
        assert!(error.to_string().starts_with(&start), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }

    // Nobody comes: it ends with the code, by the clock that was passed in.
    let pending = || refusal("authorization_pending");
    let device = json("200 OK", &DEVICE.replace("\"60\"", "\"3\""));
    let service = Scripted::start([device, pending(), pending()]).await;
    let clock = Impatient::new();
    let user = DeviceCode::new(&service.cloud(), TENANT, PUBLIC_CLIENT, |_| ()).expect("a user");
    let error = user.clock(clock.clone()).get_token(SCOPE, None).await.expect_err("a failure");
    assert!(error.to_string().contains("expired_token"), "{error}");
    assert_eq!(clock.slept(), [2, 2]);
}

/// A browser that opens these addresses when someone has to sign in: `{back}` stands for where the answer goes,
/// and `{state}` for what belongs to it. And what it was shown.
fn browser(answers: &'static [&'static str]) -> (impl Fn(&str) + Send + Sync, Notes) {
    let shown = Notes::default();
    let notes = shown.clone();
    let open = move |page: &str| {
        notes.add(page);
        let page = reqwest::Url::parse(page).expect("an address");
        let notes = notes.clone();
        tokio::spawn(async move {
            let value = |name: &str| {
                let mut pairs = page.query_pairs();
                pairs.find(|(key, _)| key == name).expect(name).1.into_owned()
            };
            for answer in answers {
                let url = answer
                    .replace("{back}", &value("redirect_uri"))
                    .replace("{state}", &value("state"));
                let answer = reqwest::get(url).await.expect("an answer");
                let status = answer.status().as_u16();
                notes.add(&format!("{status} {}", answer.text().await.expect("a page")));
            }
        });
    };
    (open, shown)
}

#[tokio::test]
async fn a_person_signs_in_with_the_browser() {
    let token = r#"{"token_type":"Bearer","expires_in":60,"access_token":"t","refresh_token":"r"}"#;
    let service = Scripted::start([json("200 OK", token), json("200 OK", token)]).await;
    // Browsers ask for icons, and other pages know no state.
    let (open, shown) = browser(&[
        "{back}/favicon.ico",
        "{back}/?code=canary&state=other",
        "{back}/?code=canary%2Bcode&state={state}&session_state=x",
    ]);
    let user = Browser::new(&service.cloud(), TENANT, PUBLIC_CLIENT, open).expect("a user");
    let kept = Notes::default();
    let notes = kept.clone();
    let user = Arc::new(user.on_rotation(move |new| notes.add(new.secret())));
    // Who waits as well is not asked a second time.
    let (first, second) = tokio::join!(user.get_token(SCOPE, None), user.get_token(SCOPE, None));
    assert_eq!(first.expect("a token").token.secret(), "t");
    second.expect("a token");
    assert_eq!(kept.all(), ["r", "r"]);

    let shown = shown.all();
    let page = reqwest::Url::parse(&shown[0]).expect("an address");
    let query: std::collections::HashMap<_, _> = page.query_pairs().into_owned().collect();
    assert!(
        shown[0].starts_with(&format!("{}/contoso.example/oauth2/v2.0/authorize?", service.url))
    );
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["client_id"], PUBLIC_CLIENT);
    assert_eq!(query["code_challenge_method"], "S256");
    assert!(query["scope"].contains("offline_access"), "{query:?}");
    assert!(query["redirect_uri"].starts_with("http://localhost:"), "{query:?}");
    assert!(shown[1].starts_with("404 ") && shown[2].starts_with("404 "), "{shown:?}");
    assert_eq!(shown[3], "200 You are signed in. You can close this window.");
    let asked = service.asked.all();
    let form: std::collections::HashMap<_, _> = reqwest::Url::parse(&format!(
        "http://h/?{}",
        asked[0].split_once(" HTTP/1.1 ").expect("a form").1
    ))
    .expect("a form")
    .query_pairs()
    .into_owned()
    .collect();
    assert_eq!(form["grant_type"], "authorization_code");
    assert_eq!(form["code"], "canary+code");
    assert_eq!(form["redirect_uri"], query["redirect_uri"]);
    let digest = sha2::Sha256::digest(form["code_verifier"].as_bytes());
    assert_eq!(URL_SAFE_NO_PAD.encode(digest), query["code_challenge"]);
    assert!(asked[1].contains("grant_type=refresh_token"), "{asked:?}");
}

#[tokio::test]
async fn a_browser_that_brings_no_code_says_why() {
    // The person, or a policy, says no.
    let service = Scripted::start([]).await;
    let (open, shown) = browser(&[
        "{back}/?error=access_denied&error_description=AADSTS65004%3A+No.%0D%0ATrace+ID&state={state}",
    ]);
    let user = Browser::new(&service.cloud(), TENANT, PUBLIC_CLIENT, open).expect("a user");
    let error = user.get_token(SCOPE, None).await.expect_err("no token");
    let refusal = SignInRefusal::in_causes(&error).expect("a refusal");
    assert_eq!((refusal.code(), refusal.aadsts()), ("access_denied", Some(65004)));
    assert!(refusal.needs_sign_in() && error.to_string().contains("accept what"), "{error}");
    while shown.all().len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(shown.all()[1].contains("The program that started it says why"), "{:?}", shown.all());

    // A code that is good no more.
    let service =
        Scripted::start([refusal_with("invalid_grant", "AADSTS54005: canary-code")]).await;
    let (open, _) = browser(&["{back}/?code=canary-code&state={state}"]);
    let user = Browser::new(&service.cloud(), TENANT, PUBLIC_CLIENT, open).expect("a user");
    let error = user.get_token(SCOPE, None).await.expect_err("no token");
    assert!(error.to_string().contains("sign in again"), "{error}");
    assert!(!format!("{error} {error:?} {user:?}").contains("canary"), "{error:?}");

    // Nobody comes back.
    let user = Browser::new(&service.cloud(), TENANT, PUBLIC_CLIENT, |_| ()).expect("a user");
    let user = user.patience(Duration::from_secs(90)).expect("a time");
    let clock = Impatient::new();
    let error = user.clock(clock.clone()).get_token(SCOPE, None).await.expect_err("no token");
    assert!(error.to_string().contains("nobody signed in within 90 s"), "{error}");
    assert_eq!(clock.slept(), [90]);
    let none = Browser::new(&service.cloud(), TENANT, PUBLIC_CLIENT, |_| ()).expect("a user");
    assert!(none.patience(Duration::ZERO).is_err());
}

/// What was sent in the form of a request.
fn form(asked: &str) -> std::collections::HashMap<String, String> {
    let (_, form) = asked.split_once(" HTTP/1.1 ").expect("a form");
    let url = reqwest::Url::parse(&format!("http://h/?{form}")).expect("a form");
    url.query_pairs().into_owned().collect()
}

#[tokio::test]
async fn a_workload_signs_in_with_the_token_of_its_place() {
    let granted = r#"{"token_type":"Bearer","expires_in":60,"access_token":"t"}"#;
    let refused = refusal_with("invalid_client", "AADSTS700213: No record for 'canary.b.c'");
    let service = Scripted::start([json("200 OK", granted), refused]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    let app = WorkloadIdentity::new(&service.cloud(), TENANT, "an id", &file).expect("a workload");
    let error = app.get_token(SCOPE, None).await.expect_err("no file");
    assert!(error.to_string().contains("AZURE_FEDERATED_TOKEN_FILE"), "{error}");
    for text in ["", "canary", "canary.b c.d", "canary.b.c.d"] {
        std::fs::write(&file, text).expect("a file");
        let error = app.get_token(SCOPE, None).await.expect_err(text);
        assert!(error.to_string().contains("it is no JSON Web Token"), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
    std::fs::write(&file, vec![b'a'; 1 << 17]).expect("a file");
    let error = app.get_token(SCOPE, None).await.expect_err("a large file");
    assert!(error.to_string().contains("longer than any token"), "{error}");
    // Read each time: it is replaced before it runs out.
    std::fs::write(&file, "\u{FEFF}canary.1.x\r\n").expect("a file");
    assert_eq!(app.get_token(SCOPE, None).await.expect("a token").token.secret(), "t");
    std::fs::write(&file, "canary.b.c").expect("a file");
    let error = app.get_token(SCOPE, None).await.expect_err("refused");
    assert!(error.to_string().contains("the subject and the audience"), "{error}");
    assert!(!format!("{error} {error:?} {app:?}").contains("canary"), "{error:?}");
    let asked = service.asked.all();
    let sent = form(&asked[0]);
    assert_eq!(
        (sent["grant_type"].as_str(), sent["client_id"].as_str()),
        ("client_credentials", "an id")
    );
    assert_eq!(sent["client_assertion"], "canary.1.x");
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    assert_eq!(sent["client_assertion_type"], kind);
    assert!(!sent.contains_key("client_secret"));
    assert_eq!(form(&asked[1])["client_assertion"], "canary.b.c");
}

#[cfg(feature = "rustls")]
#[tokio::test]
async fn an_application_signs_in_with_its_certificate() {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rsa::{KeyPair as Rsa, KeySize};
    use aws_lc_rs::signature::{KeyPair as _, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
    use partner_center::ClientCertificate;
    use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};

    let rsa = Rsa::generate(KeySize::Rsa2048).expect("a key");
    let pkcs8: aws_lc_rs::encoding::Pkcs8V1Der<'_> = rsa.as_der().expect("a key");
    let key = KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8.as_ref().into(), &PKCS_RSA_SHA256)
        .expect("a key");
    let params = CertificateParams::new(Vec::new()).expect("no names");
    let certificate = params.self_signed(&key).expect("it is signed");
    let granted = r#"{"token_type":"Bearer","expires_in":60,"access_token":"t"}"#;
    let refused = refusal_with("invalid_client", "AADSTS700027: Not registered.");
    let service = Scripted::start([json("200 OK", granted), refused]).await;
    // In any order, as files have it.
    let pem = key.serialize_pem() + &certificate.pem();
    let new = |pem: &str| ClientCertificate::new(&service.cloud(), TENANT, "an id", pem.as_bytes());
    let clock = Impatient::new();
    let app = new(&pem).expect("an application").clock(clock.clone());
    assert_eq!(app.get_token(SCOPE, None).await.expect("a token").token.secret(), "t");
    let error = app.get_token(SCOPE, None).await.expect_err("refused");
    assert!(error.to_string().contains("register it, or give that one"), "{error}");

    let sent = form(&service.asked.all()[0]);
    let (said, signature) = sent["client_assertion"].rsplit_once('.').expect("three parts");
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).expect("base64url");
    UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, rsa.public_key().as_ref())
        .verify(said.as_bytes(), &decoded(signature))
        .expect("its signature");
    let (head, body) = said.split_once('.').expect("three parts");
    let value =
        |part| serde_json::from_slice::<partner_center::Value>(&decoded(part)).expect("JSON");
    let (head, body) = (value(head), value(body));
    let thumbprint = URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(certificate.der()));
    assert_eq!(head, serde_json::json!({"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint}));
    assert_eq!(body["aud"], format!("{}/contoso.example/oauth2/v2.0/token", service.url));
    assert_eq!((&body["iss"], &body["sub"]), (&"an id".into(), &"an id".into()));
    let now = clock.utc().duration_since(SystemTime::UNIX_EPOCH).expect("later").as_secs();
    assert!(body["nbf"].as_u64() <= Some(now) && body["exp"].as_u64() > Some(now), "{body}");

    let other = KeyPair::generate().expect("a key");
    let curve = CertificateParams::new(Vec::new()).expect("no names").self_signed(&other);
    let curve = curve.expect("it is signed").pem() + &other.serialize_pem();
    for (pem, why) in [
        (certificate.pem(), "has no private key beside it"),
        (key.serialize_pem(), "is not in the PEM"),
        (certificate.pem() + &other.serialize_pem(), "are not of one pair"),
        (curve, "is not RSA"),
        ("canary".to_owned(), "is not in the PEM"),
        (
            certificate.pem()
                + "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n",
            "cannot be read",
        ),
    ] {
        let error = new(&pem).expect_err(why);
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(why), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
}

/// Fails after a while, and counts how often it is asked.
#[derive(Debug, Default)]
struct Refuses(std::sync::atomic::AtomicUsize);

#[azure::async_trait]
impl TokenCredential for Refuses {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<azure::TokenRequestOptions<'_>>,
    ) -> Result<azure::AccessToken, azure::Error> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(50)).await;
        Err(azure::Error::new(azure::ErrorKind::Credential, "refused"))
    }
}

#[tokio::test]
async fn a_credential_that_fails_is_asked_once_for_all_that_wait_in_line() {
    let credential = Arc::new(Refuses::default());
    let partner = PartnerCenter::builder(AppUser::new(credential.clone()))
        .endpoint("http://127.0.0.1:1")
        .max_in_flight(1)
        .max_rate(1000, Duration::from_secs(1))
        .build()
        .expect("a client");
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..15 {
        let own = partner.billing_profile();
        tasks.spawn(async move { own.get().await.expect_err("no token").kind() });
    }
    assert_eq!(tasks.join_all().await, [ErrorKind::Credential; 15]);
    assert_eq!(credential.0.load(std::sync::atomic::Ordering::SeqCst), 1);
}
