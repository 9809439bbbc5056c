//! Signing in and out, the settings and where they come from.

use std::os::unix::fs::PermissionsExt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use partner_center_emulator::{
    APP_USER_TOKEN, Emulator, MfaCheck, NO_MFA_TOKEN, NO_ROLE_TOKEN, REFRESH_TOKEN, Switches,
};
use partner_center_tests::Recorder;
use serde_json::{Value, json};

use crate::home::{CUSTOMER, Home};
use crate::snapshot;

const WHO: [&str; 4] = ["--tenant", "contoso.example", "--client-id", "an-id"];

/// A person who is not signed in to this service.
fn stranger(url: &str) -> Home {
    Home::new().with("PARTNER_CENTER_ENDPOINT", url).with("AZURE_AUTHORITY_HOST", url)
}

fn login<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["login"], &WHO[..], more].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_with_a_code_and_stays_signed_in() {
    let code = br#"{"user_code":"ABCD","device_code":"canary-device","expires_in":900,"interval":0,
        "verification_uri":"https://microsoft.com/devicelogin","message":"To sign in, open the page."}"#;
    let token = br#"{"token_type":"Bearer","expires_in":60,"access_token":"canary-access","refresh_token":"canary-refresh"}"#;
    let profile = br#"{"email":"a@b","attributes":{"etag":"1"}}"#;
    let rotated = br#"{"token_type":"Bearer","expires_in":60,"access_token":"canary-2","refresh_token":"canary-rotated"}"#;
    let answers = [(200, "", &code[..]), (200, "", token), (200, "", rotated), (200, "", profile)];
    let service = Recorder::script(&answers).await.expect("a service");
    let home = stranger(service.url());
    snapshot!("login-device-code", home.run(&login(&[])));
    let file = home.state().join("sign-in.json");
    let mode = |path| std::fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!((mode(file.clone()), mode(home.state())), (0o600, 0o700));
    snapshot!("status-signed-in", home.run(&["status"]));
    let show = ["customer", "billing-profile", "show", CUSTOMER];
    assert_eq!(home.run(&show).code, Some(0));
    // The refresh token of the sign-in was used, and the new one is kept.
    let asked = service.requests();
    assert!(asked[2].contains("refresh_token=canary-refresh"), "{}", asked[2]);
    assert!(asked[3].contains("Bearer canary-2"), "{}", asked[3]);
    let now = std::fs::read_to_string(&file).expect("a file");
    assert!(now.contains("canary-rotated") && !now.contains("canary-refresh"), "{now}");
    assert_eq!(mode(file.clone()), 0o600);
    assert_eq!(home.run(&["logout"]).stderr, "signed out\n");
    assert!(!file.exists());
    assert_eq!(home.run(&["logout"]).stderr, "nobody was signed in\n");
    snapshot!("not-signed-in", home.run(&show));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_with_the_browser_of_this_machine() {
    use std::io::{Read, Write};
    let emulator = Emulator::start().await.expect("an emulator");
    let home = stranger(&emulator.url());
    // Leaves the address, and opens nothing.
    let browser = home.write(
        "browser",
        "#!/bin/sh\necho \"$1\" > \"$HOME/page.x\"; mv \"$HOME/page.x\" \"$HOME/page\"\n",
    );
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o700)).expect("a mode");
    let home = home.with("BROWSER", browser.display().to_string());
    let page = home.path().join("page");
    let person = std::thread::spawn(move || {
        while !page.exists() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let page = std::fs::read_to_string(page).expect("an address");
        let part = |name: &str| {
            let (_, rest) = page.split_once(&format!("{name}=")).expect(name);
            rest.split(['&', '\n']).next().unwrap_or_default().to_owned()
        };
        let back = part("redirect_uri");
        let back = back.replace("http%3A%2F%2Flocalhost%3A", "127.0.0.1:");
        let mut stream = std::net::TcpStream::connect(back).expect("a port");
        let target = format!("/?code=canary-code&state={}", part("state"));
        write!(stream, "GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    });
    let ran = home.run(&login(&[]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr.starts_with("sign in with the browser; if it does not open, open this on"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("signed in to contoso.example"), "{}", ran.stderr);
    assert!(person.join().expect("no panic").ends_with("You can close this window."));
    assert_eq!(home.run(&["billing-profile", "show"]).code, Some(0));
    // On someone else's screen there is none.
    let code = home.with("SSH_CONNECTION", "1").run(&login(&[]));
    assert!(code.stderr.contains("page: "), "{}", code.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_is_kept_until_it_runs_out_or_is_refused() {
    let grant = |name: &str| {
        format!(
            r#"{{"token_type":"Bearer","expires_in":3600,"access_token":"canary-{name}","refresh_token":"canary-r-{name}"}}"#
        )
    };
    let (first, second) = (grant("1"), grant("2"));
    let profile = br#"{"email":"a@b","attributes":{"etag":"1"}}"#;
    let answers = [
        (200, "", first.as_bytes()),
        (200, "", profile),
        (200, "", profile),
        // Revoked meanwhile.
        (401, "", b""),
        (200, "", second.as_bytes()),
        (200, "", profile),
        (200, "", profile),
    ];
    let service = Recorder::script(&answers).await.expect("a service");
    let home = stranger(service.url());
    let from = login(&["--refresh-token-stdin", "--no-keyring"]);
    assert_eq!(home.run_with(&from, "\u{FEFF}canary-given\r\n").code, Some(0));
    let show = ["customer", "billing-profile", "show", CUSTOMER];
    for _ in 0..4 {
        let ran = home.run(&show);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }
    let asked = service.requests();
    assert!(asked[0].contains("refresh_token=canary-given&"), "{}", asked[0]);
    let bearers: Vec<_> = asked
        .iter()
        .filter_map(|request| {
            let (_, rest) = request.split_once("Bearer canary-")?;
            rest.get(..1)
        })
        .collect();
    assert_eq!((asked.len(), bearers), (7, vec!["1", "1", "1", "2", "2"]));
    let file = home.state().join("access-token.json");
    let kept = std::fs::read_to_string(&file).expect("a file");
    let mode = std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    // Whatever is in it, it is another token or none.
    for expires in ["-377705116800", "9223372036854775807", "\"soon\""] {
        let (begin, rest) = kept.split_once("\"expires_on\":").expect("a time");
        let (_, end) = rest.split_once(',').expect("a token");
        std::fs::write(&file, format!("{begin}\"expires_on\":{expires},{end}")).expect("a file");
        let ran = home.run(&show);
        assert!(ran.stderr.contains("access token"), "{}", ran.stderr);
    }
    assert_eq!(home.run(&["logout"]).stderr, "signed out\n");
    assert!(!file.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_comes_from_stdin() {
    let emulator = Emulator::start().await.expect("an emulator");
    let home = stranger(&emulator.url());
    let from = ["--refresh-token-stdin", "--no-keyring"];
    snapshot!("login-refresh-token", home.run_with(&login(&from), &format!("{REFRESH_TOKEN}\n")));
    assert_eq!(home.run(&["billing-profile", "show"]).code, Some(0));
    // A new one from the one before, each time.
    assert_eq!(home.run(&["billing-profile", "show"]).code, Some(0));
    let before = std::fs::read(home.state().join("sign-in.json")).expect("a file");
    snapshot!("login-refused", home.run_with(&login(&from), "canary-refresh-token"));
    for input in ["", "two canary"] {
        let ran = home.run_with(&login(&from), input);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains("what stdin has is no refresh token"), "{}", ran.stderr);
    }
    // A sign-in that failed leaves the one before.
    assert_eq!(std::fs::read(home.state().join("sign-in.json")).expect("a file"), before);
    emulator.revoke(None);
    snapshot!(
        "sign-in-revoked",
        home.run(&["billing-profile", "show", "--correlation-id", crate::home::CORRELATION])
    );
    // Another tenant is not signed in.
    let other = home.with("AZURE_TENANT_ID", "other.example");
    assert_eq!(other.run(&["billing-profile", "show"]).code, Some(4));
}

#[test]
fn no_secret_is_an_argument() {
    let home = Home::new();
    for flag in ["--client-secret", "--access-token", "--refresh-token", "--token", "--password"] {
        for command in [&["login"][..], &["status"], &["billing-profile", "show"]] {
            let arguments = [command, &[flag, "x"]].concat();
            let ran = home.run(&arguments);
            assert_eq!(ran.code, Some(2), "{arguments:?}");
            assert!(ran.stderr.contains("unexpected argument"), "{}", ran.stderr);
        }
    }
    for typed in
        [&["canary"][..], &["--refresh-token-stdin=canary"], &["--refresh-token-stdin", "canary"]]
    {
        let ran = home.run(&login(typed));
        assert_eq!(ran.code, Some(2), "{typed:?}");
        assert!(ran.stderr.contains("comes by stdin"), "{}", ran.stderr);
    }
    let ran = home.run(&["login", "--emulator"]);
    assert!(ran.stderr.contains("the embedded emulator takes no sign-in"), "{}", ran.stderr);
    for (missing, given) in [("tenant", &["--client-id", "c"]), ("client id", &["--tenant", "t"])] {
        let ran = home.run(&[&["login"], &given[..]].concat());
        assert_eq!(ran.code, Some(2));
        assert!(ran.stderr.contains(&format!("there is no {missing}")), "{}", ran.stderr);
    }
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let home = Home::new();
    home.write("secret", "canary\n");
    let secret = home.path().join("secret");
    let file = format!(
        "cloud = \"us-government\"\ntenant = \"file.example\"\nclient-id = \"file-id\"\n\
         locale = \"de-DE\"\noutput = \"json\"\nclient-secret-file = {:?}\n",
        secret.display().to_string()
    );
    home.write(".config/partner-center/config.toml", &file);
    snapshot!("status-file", home.run(&["status", "--output", "table"]));
    let home = home
        .with("AZURE_TENANT_ID", "environment.example")
        .with("AZURE_CLIENT_SECRET", "canary-2")
        .with("AZURE_AUTHORITY_HOST", "login.example")
        .with("PARTNER_CENTER_CLOUD", "china")
        .with("PARTNER_CENTER_OUTPUT", "table")
        .with("PARTNER_CENTER_LOCALE", " ");
    snapshot!("status-environment", home.run(&["status"]));
    let flags = ["status", "--cloud", "public", "--locale", "fr-FR", "--output", "json"];
    let ran = home.run(&flags);
    let status: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(status["cloud"]["source"], "--cloud");
    assert_eq!(status["endpoint"]["value"], "https://api.partnercenter.microsoft.com");
    assert_eq!(
        (&status["locale"]["value"], &status["output"]["source"]),
        (&"fr-FR".into(), &"--output".into())
    );
    // A cloud that is named is called, and not an address that was set before.
    let home = home.with("PARTNER_CENTER_ENDPOINT", "https://proxy.example");
    let endpoint = |arguments: &[&str]| {
        let status: Value = serde_json::from_str(&home.run(arguments).stdout).expect("JSON");
        status["endpoint"]["value"].clone()
    };
    assert_eq!(endpoint(&["status", "-o", "json"]), "https://proxy.example");
    assert_eq!(endpoint(&flags), "https://api.partnercenter.microsoft.com");
    assert_eq!(
        endpoint(&["status", "-o", "json", "--endpoint", "https://a.example"]),
        "https://a.example"
    );
}

#[test]
fn settings_that_cannot_be_are_named_and_never_shown_with_a_secret() {
    let home = Home::new();
    home.write(".config/partner-center/empty", "\n");
    for (file, why) in [
        ("cloud = \"mars\"", "line 1"),
        ("\n\nclient-secret = \"canary\"\n", "line 3: unknown field `client-secret`"),
        ("tenant = \"canary\n", "line 1"),
        ("tenant = [\"canary\"]", "line 1"),
        ("output = \"canary\"", "line 1"),
        ("cloud = \"a, expected canary\"", "line 1"),
        ("client-secret-file = \"empty\"", "it is empty"),
        ("client-secret-file = \"/no/such\"", "the client secret file /no/such cannot be read"),
    ] {
        home.write(".config/partner-center/config.toml", file);
        let ran = home.run(&["status"]);
        assert_eq!(ran.code, Some(2), "{file}: {}", ran.stderr);
        assert!(ran.stderr.contains(why), "{file}: {}", ran.stderr);
    }
    home.write(".config/partner-center/config.toml", "");
    home.write(".local/state/partner-center/sign-in.json", "{\"refresh_token\":\"canary\"");
    let ran = home.run(&["status"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("run `partner-center logout`"), "{}", ran.stderr);
    // What takes no sign-in goes on without.
    assert_eq!(home.run(&["--emulator", "billing-profile", "show"]).code, Some(0));
    // It cannot be read, and can be forgotten.
    assert_eq!(home.run(&["logout"]).code, Some(0));
    let home = home.with("PARTNER_CENTER_CLOUD", "mars");
    let ran = home.run(&["status"]);
    assert!(ran.stderr.contains("set it to one of public, us-government, china"), "{}", ran.stderr);
    let secret = Home::new().with("PARTNER_CENTER_ENDPOINT", "https://user:canary@h");
    assert!(secret.run(&["status"]).stdout.contains("endpoint        (not shown)"));
}

#[test]
fn the_embedded_emulator_remembers_what_was_written() {
    let home = Home::new();
    let own = |more: &[&str]| home.run(&[&["--emulator", "billing-profile"], more].concat());
    snapshot!("emulator-status", home.run(&["--emulator", "status"]));
    snapshot!("emulator-set", own(&["set", "--purchase-order-number", "9889"]));
    assert!(own(&["show"]).stdout.contains("  purchase-order-number   9889\n"));
    home.write(".local/state/partner-center/emulator.json", "{");
    let ran = own(&["show"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("to start it anew"), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_emulator_runs_until_it_is_stopped() {
    use std::io::{BufRead, BufReader};
    let home = Home::new();
    let mut child =
        home.command(&["emulator", "--listen", "127.0.0.1:0"]).spawn().expect("a process");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    let url = line.trim_end().strip_prefix("listening on ").expect("an address");
    let home = stranger(url).with("PARTNER_CENTER_ACCESS_TOKEN", APP_USER_TOKEN);
    assert_eq!(home.run(&["billing-profile", "show"]).code, Some(0));
    child.kill().expect("a process");
    child.wait().expect("a process");
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_at_the_same_time_do_not_use_a_refresh_token_twice() {
    let emulator = Emulator::start().await.expect("an emulator");
    let home = stranger(&emulator.url());
    let from = login(&["--refresh-token-stdin", "--no-keyring"]);
    assert_eq!(home.run_with(&from, REFRESH_TOKEN).code, Some(0));
    let show = ["billing-profile", "show"];
    let running: Vec<_> = (0..6).map(|_| home.command(&show).spawn().expect("a process")).collect();
    for child in running {
        let output = child.wait_with_output().expect("a process");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_was_ended_does_not_come_back() {
    let grant = |n: u8| {
        format!(
            r#"{{"token_type":"Bearer","expires_in":60,"access_token":"canary-{n}","refresh_token":"canary-r{n}"}}"#
        )
    };
    let (first, second) = (grant(1), grant(2));
    let profile = br#"{"taxId":"a","attributes":{"etag":"1"}}"#;
    // The access token is refused when the edit is written, and another is asked for.
    let answers = [
        (200, "", first.as_bytes()),
        (200, "", second.as_bytes()),
        (200, "", profile),
        (401, "", b""),
    ];
    let service = Recorder::script(&answers).await.expect("a service");
    let home = stranger(service.url())
        .editing(r#"partner-center logout; change 's/^taxId:.*/taxId: x/' "$1""#);
    let from = login(&["--refresh-token-stdin", "--no-keyring"]);
    assert_eq!(home.run_with(&from, REFRESH_TOKEN).code, Some(0));
    let ran = home.run(&["billing-profile", "edit"]);
    assert_eq!((ran.code, service.requests().len()), (Some(4), 4), "{}", ran.stderr);
    assert!(ran.stderr.contains("the sign-in was ended or replaced meanwhile"), "{}", ran.stderr);
    assert!(!home.state().join("sign-in.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_is_not_used_is_said_to_be() {
    let emulator = Emulator::start().await.expect("an emulator");
    let home = stranger(&emulator.url())
        .with("AZURE_TENANT_ID", "other.example")
        .with("PARTNER_CENTER_ACCESS_TOKEN", APP_USER_TOKEN);
    let from = login(&["--refresh-token-stdin", "--no-keyring"]);
    snapshot!("login-not-used", home.run_with(&from, REFRESH_TOKEN));
    let home = home.with("PARTNER_CENTER_ACCESS_TOKEN", "");
    snapshot!("not-signed-in-there", home.run(&["billing-profile", "show"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_of_the_application_goes_with_a_sign_in_that_was_with_it() {
    let grant =
        br#"{"token_type":"Bearer","expires_in":60,"access_token":"t","refresh_token":"r"}"#;
    let profile = br#"{"taxId":"a","attributes":{"etag":"1"}}"#;
    let answers = [(200, "", &grant[..]), (200, "", grant), (200, "", profile)];
    let from = login(&["--refresh-token-stdin", "--no-keyring"]);
    for with_secret in [true, false] {
        let service = Recorder::script(&answers).await.expect("a service");
        let secret = |home: Home| home.with("AZURE_CLIENT_SECRET", "canary-secret");
        let home = stranger(service.url());
        let home = if with_secret { secret(home) } else { home };
        assert_eq!(home.run_with(&from, "canary-refresh").code, Some(0));
        // Set later, it has nothing to do with the sign-in.
        assert_eq!(secret(home).run(&["billing-profile", "show"]).code, Some(0));
        let sent =
            service.requests().iter().filter(|asked| asked.contains("canary-secret")).count();
        assert_eq!(sent, if with_secret { 2 } else { 0 });
    }
}

#[test]
fn a_sign_in_service_that_is_away_is_unavailable() {
    let home = stranger("http://127.0.0.1:1");
    let ran = home.run_with(&login(&["--refresh-token-stdin"]), "canary-token");
    assert_eq!(ran.code, Some(6), "{}", ran.stderr);
    let home = home
        .with("AZURE_TENANT_ID", "contoso.example")
        .with("AZURE_CLIENT_ID", "app")
        .with("AZURE_CLIENT_SECRET", "canary");
    let ran = home.run(&["customer", "billing-profile", "show", CUSTOMER]);
    assert_eq!(ran.code, Some(6), "{}", ran.stderr);
    assert!(ran.stderr.contains("the sign-in service did not answer at all"), "{}", ran.stderr);
}

#[test]
fn the_embedded_emulator_is_for_one_command_at_a_time() {
    let program = env!("CARGO_BIN_EXE_partner-center");
    let script = format!(
        "{program} --emulator billing-profile show 2> \"$HOME/second\" || echo $? >> \"$HOME/second\""
    );
    let home = Home::new().editing(&script);
    let ran = home.run(&["--emulator", "billing-profile", "edit"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let second = std::fs::read_to_string(home.path().join("second")).expect("what it said");
    assert!(second.contains("another command has the embedded emulator"), "{second}");
    assert!(second.ends_with("\n6\n"), "{second}");
}

#[test]
fn a_variable_that_is_no_text_is_not_passed_over() {
    use std::os::unix::ffi::OsStrExt;
    let home = Home::new();
    let value = std::ffi::OsStr::from_bytes(b"https://h\xff");
    let output = home.command(&["status"]).env("PARTNER_CENTER_ENDPOINT", value).output();
    let output = output.expect("a process");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("PARTNER_CENTER_ENDPOINT is not UTF-8")
    );
    let ran = home.with("PARTNER_CENTER_ACCESS_TOKEN", "two canary").run(&["status"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
}

/// A service that tells who did not pass multi-factor authentication.
async fn telling() -> Emulator {
    let mut switches = Switches::default();
    switches.mfa = MfaCheck::Reported;
    Emulator::builder().switches(switches).customers(3).start().await.expect("a port")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_says_what_the_service_makes_of_who_calls() {
    let emulator = telling().await;
    let home = stranger(&emulator.url());
    let token = |token: &str| stranger(&emulator.url()).with("PARTNER_CENTER_ACCESS_TOKEN", token);
    assert_eq!(home.run_with(&login(&["--refresh-token-stdin"]), REFRESH_TOKEN).code, Some(0));
    snapshot!("status-check", home.run(&["status", "--check"]));
    // It called once, for one customer.
    let calls: Vec<_> = emulator
        .journal()
        .iter()
        .filter(|it| it.path.starts_with("/v1/"))
        .map(|it| it.path.clone())
        .collect();
    assert_eq!(calls, ["/v1/customers?size=1"]);
    // Without it nobody is called.
    assert_eq!(home.run(&["status"]).code, Some(0));
    assert_eq!(emulator.journal().iter().filter(|it| it.path.starts_with("/v1/")).count(), 1);

    let ran = home.run(&["status", "--check", "--output", "json"]);
    let checked: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let checked = &checked["checked"];
    assert_eq!(checked["isMfaCompliant"], true);
    assert_eq!(checked["accepted"], true);
    assert_eq!(checked["token"]["amr"], json!(["pwd", "mfa"]));
    assert!(checked["token"]["exp"].is_number(), "{checked}");

    snapshot!("status-check-no-mfa", token(NO_MFA_TOKEN).run(&["status", "--check"]));
    snapshot!("status-check-no-role", token(NO_ROLE_TOKEN).run(&["status", "--check"]));
    let alone = home.with("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential");
    let alone = alone.with("AZURE_CLIENT_SECRET", "canary");
    snapshot!("status-check-alone", alone.run(&["status", "--check"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_says_what_is_wrong_with_a_token() {
    let emulator = telling().await;
    let body = json!({
        "aud": "https://graph.windows.net", "tid": "a-tenant", "exp": 1_000_000_000, "amr": ["pwd"],
        "roles": ["A", "B"], "upn": "canary@contoso.example", "name": "canary",
    });
    let token = format!("e30.{}.canary", BASE64_URL_SAFE_NO_PAD.encode(body.to_string()));
    let home = stranger(&emulator.url()).with("PARTNER_CENTER_ACCESS_TOKEN", &token);
    let ran = home.run(&["status", "--check"]);
    assert!(!ran.stdout.contains(&token) && !ran.stderr.contains(&token));
    snapshot!("status-check-wrong-audience", ran);
    let ran = home.run(&["status", "--check", "--output", "json"]);
    let checked: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let claims = checked["checked"]["token"].as_object().expect("claims");
    assert_eq!(claims.len(), 5, "{claims:?}");
    assert_eq!((ran.code, &checked["checked"]["accepted"]), (Some(4), &json!(false)));
    // What is none of these is no failure of the check itself.
    for token in ["a.b.c", "a", "e30.bm8.x", "e30.W10.x"] {
        let home = stranger(&emulator.url()).with("PARTNER_CENTER_ACCESS_TOKEN", token);
        let ran = home.run(&["status", "--check"]);
        assert!(ran.stdout.contains("(no JSON Web Token)"), "{}", ran.transcript);
        assert_eq!(ran.code, Some(4), "{}", ran.transcript);
    }
    // Nobody is there to be checked.
    let nobody = stranger(&emulator.url()).run(&["status", "--check"]);
    assert_eq!(nobody.code, Some(4));
    assert!(!nobody.stdout.contains("checked"), "{}", nobody.transcript);
}
