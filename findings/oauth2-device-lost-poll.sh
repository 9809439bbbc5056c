#!/usr/bin/env bash
# oauth2 5.0.0 (crate): a poll of the device code flow that gets no answer brings the next ones nearer.
#
# RFC 8628 has an interval that a client waits between polls (section 3.2), and asks for fewer polls after a connection
# timeout (section 3.5). Here the service asks for 30 seconds, and the first poll gets no answer. Every poll after it
# comes 10 seconds after the one before: the new interval is twice the old one or 10 seconds, whichever is less.
# `set_max_backoff_interval` raises that bound.
#
# Prints the waits, and fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/src"
cat > "$folder/Cargo.toml" <<'TOML'
[package]
name = "lost-poll"
version = "0.0.0"
edition = "2021"

[dependencies]
http = "=1.3.1"
oauth2 = { version = "=5.0.0", default-features = false }
serde_json = "=1.0.154"
tokio = { version = "=1.48.0", features = ["macros", "rt"] }

[workspace]
TOML
cat > "$folder/src/main.rs" <<'RUST'
use std::cell::{Cell, RefCell};

use oauth2::basic::BasicClient;
use oauth2::{
    ClientId, DeviceAuthorizationUrl, HttpRequest, HttpResponse, StandardDeviceAuthorizationResponse,
    TokenUrl,
};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let client = BasicClient::new(ClientId::new("client".into()))
        .set_token_uri(TokenUrl::new("https://login.example/token".into()).unwrap())
        .set_device_authorization_url(
            DeviceAuthorizationUrl::new("https://login.example/device".into()).unwrap(),
        );
    let device: StandardDeviceAuthorizationResponse = serde_json::from_str(
        r#"{"device_code":"d","user_code":"u","verification_uri":"https://login.example/",
            "expires_in":900,"interval":30}"#,
    )
    .unwrap();
    let polls = Cell::new(0);
    let waits = RefCell::new(Vec::new());
    let answer = |_: HttpRequest| {
        polls.set(polls.get() + 1);
        let poll = polls.get();
        async move {
            let json = match poll {
                1 => return Err(std::io::Error::other("no answer")),
                2 | 3 => r#"{"error":"authorization_pending"}"#,
                _ => r#"{"access_token":"t","token_type":"bearer"}"#,
            };
            let status = if poll < 4 { 400 } else { 200 };
            let answer: HttpResponse = http::Response::builder()
                .status(status)
                .header("content-type", "application/json")
                .body(json.as_bytes().to_vec())
                .unwrap();
            Ok(answer)
        }
    };
    let sleep = |wait: std::time::Duration| {
        waits.borrow_mut().push(wait.as_secs());
        std::future::ready(())
    };
    let token = client.exchange_device_access_token(&device).request_async(&answer, sleep, None).await;
    assert!(token.is_ok(), "{token:?}");
    println!("the service asked for 30 s, and it waited {:?} s", waits.borrow());
}
RUST
seen=$(cargo run --quiet --manifest-path "$folder/Cargo.toml")
echo "$seen"
if [ "$seen" != 'the service asked for 30 s, and it waited [10, 10, 10] s' ]; then
    echo 'it behaves otherwise now' >&2
    exit 1
fi
