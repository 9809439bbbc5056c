//! The command: what it prints, what it refuses, how it stops.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partner-center-emulator"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts the command and returns it with the address that it printed.
fn start(arguments: &[&str]) -> (Child, String) {
    let mut child = command(arguments).spawn().expect("a process");
    let mut line = String::new();
    let stdout = child.stdout.as_mut().expect("a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let address = line.trim_end().strip_prefix("listening on ").expect(&line).to_owned();
    (child, address)
}

#[tokio::test]
async fn every_switch_is_understood() {
    let (mut child, address) = start(&[
        "--listen=127.0.0.1:0",
        "--customers=2",
        "--seed=3",
        "--token-lifetime=9",
        "--strict",
        "--quiet",
        "--stale-etag=412",
        "--missing-if-match=428",
        "--etag-check=both",
        "--etag-header=on",
        "--bom=off",
        "--key-case=pascal",
        "--if-match-star=400",
        "--replay=off",
        "--link-prefix=on",
        "--audit-value=customer",
        "--audit-paging=seek",
        "--address-answer=before-2021",
        "--country-rules=on",
        "--mfa=reported",
        "--fault=fault=latency,ms=1",
        "--fault=fault=throttle,operation=getPartnerBillingProfile",
    ]);
    let get = |path: &str| {
        let request = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client")
            .get(format!("{address}{path}"));
        request.bearer_auth("emulator-app-user").send()
    };
    let customer = "/v1/customers/aaaa0000-bb11-2222-33cc-444444dddddd/profiles/billing";
    let response = get(customer).await.expect("an answer");
    assert!(response.headers().contains_key("etag"));
    assert!(response.text().await.expect("a body").starts_with("{\"Id\":"));
    assert_eq!(get("/v1/profiles/billing").await.expect("an answer").status(), 429);
    child.kill().expect("a process");
    child.wait().expect("a process");
}

#[test]
fn what_cannot_be_is_refused_with_a_reason() {
    for (arguments, code, why) in [
        (["--listen=0.0.0.0:0", "--quiet"], 1, "hint: add --allow-remote"),
        (["--stale-etag=500", "--quiet"], 2, "expected one of 400-2055 409 412 417"),
        (["--bom=yes", "--quiet"], 2, "expected on or off"),
        (["--fault=fault=earthquake", "--quiet"], 2, "unknown variant `earthquake`"),
        (["--state=/", "--quiet"], 1, "error: cannot start"),
    ] {
        let output = command(&arguments).arg("--listen=127.0.0.1:0").output();
        let output = if arguments[0].starts_with("--listen") {
            command(&arguments).output()
        } else {
            output
        };
        let output = output.expect("a process");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(why), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn it_stops_when_it_is_asked_to() {
    for signal in ["-INT", "-TERM"] {
        let (mut child, address) = start(&["--listen=127.0.0.1:0"]);
        reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client")
            .get(format!("{address}/_emulator/state"))
            .send()
            .await
            .expect("an answer");
        let killed = Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(killed.expect("kill").success());
        assert_eq!(child.wait().expect("a process").code(), Some(0), "{signal}");
    }
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let file = std::env::temp_dir().join(format!("emulator-kill-{}.json", std::process::id()));
    let state = format!("--state={}", file.display());
    let (mut child, address) = start(&["--listen=127.0.0.1:0", &state]);
    for number in 0..20 {
        let request = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client")
            .put(format!("{address}/v1/profiles/billing"));
        let body = serde_json::json!({"purchaseOrderNumber": number.to_string()});
        let response =
            request.bearer_auth("emulator-app-user").json(&body).send().await.expect("an answer");
        assert_eq!(response.status(), 200);
    }
    child.kill().expect("a process");
    child.wait().expect("a process");
    let saved = std::fs::read_to_string(&file).expect("a state");
    assert!(saved.contains(r#""purchaseOrderNumber":"19""#), "{saved}");
    std::fs::remove_file(&file).expect("a state");
}
