#!/usr/bin/env bash
# azure_identity 1.0.0 (crate): with AZURE_CLIENT_SEND_CERTIFICATE_CHAIN, `x5c` of the client assertion holds PEM.
#
# RFC 7515 section 4.1.6 has the certificates in `x5c` as base64 of their DER. `ClientCertificateCredential` puts the
# base64 of the PEM text there, which is base64 already, with its first and last line. Nothing is sent to Entra ID
# here: the request is caught on its way.
#
# Needs the headers of OpenSSL, as the feature `client_certificate` does. Prints how the first certificate begins, and
# fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/src"
cat > "$folder/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
async-trait = "=0.1.89"
azure_core = { version = "=1.1.0", default-features = false }
azure_identity = { version = "=1.0.0", default-features = false, features = ["client_certificate"] }
base64 = "=0.22.1"
openssl = "=0.10.80"
serde_json = "=1.0.154"
tokio = { version = "=1.54.1", features = ["macros", "rt", "time"] }
url = "=2.5.7"

[workspace]
TOML
cat > "$folder/src/main.rs" <<'RUST'
use std::sync::{Arc, Mutex};

use azure_core::credentials::{SecretBytes, TokenCredential};
use azure_core::http::headers::Headers;
use azure_core::http::request::{Body, Request};
use azure_core::http::{AsyncRawResponse, ClientOptions, HttpClient, StatusCode, Transport};
use azure_identity::{ClientCertificateCredential, ClientCertificateCredentialOptions};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509NameBuilder};

/// Keeps the body of the request, and sends nothing.
#[derive(Debug, Default)]
struct Caught(Mutex<Vec<u8>>);

#[async_trait::async_trait]
impl HttpClient for Caught {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        if let Body::Bytes(bytes) = request.body() {
            *self.0.lock().unwrap() = bytes.to_vec();
        }
        let answer = br#"{"token_type":"Bearer","expires_in":60,"access_token":"t"}"#;
        Ok(AsyncRawResponse::from_bytes(StatusCode::Ok, Headers::new(), answer.to_vec()))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "application").unwrap();
    let name = name.build();
    let mut certificate = X509::builder().unwrap();
    certificate.set_subject_name(&name).unwrap();
    certificate.set_issuer_name(&name).unwrap();
    certificate.set_pubkey(&key).unwrap();
    certificate.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    certificate.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
    certificate.sign(&key, MessageDigest::sha256()).unwrap();
    let certificate = certificate.build();
    let mut archive = Pkcs12::builder();
    archive.pkey(&key).cert(&certificate);
    let archive = archive.build2("").unwrap().to_der().unwrap();

    let caught = Arc::new(Caught::default());
    let options = ClientCertificateCredentialOptions {
        client_options: ClientOptions {
            transport: Some(Transport::new(caught.clone())),
            ..Default::default()
        },
        ..Default::default()
    };
    let credential = ClientCertificateCredential::new(
        "contoso.example".into(),
        "client".into(),
        SecretBytes::new(archive),
        Some(options),
    );
    credential.unwrap().get_token(&["https://service.example/.default"], None).await.unwrap();

    let body = caught.0.lock().unwrap();
    let (_, assertion) = url::form_urlencoded::parse(&body)
        .find(|(name, _)| name == "client_assertion")
        .expect("an assertion");
    let head = assertion.split('.').next().unwrap();
    let head = BASE64_URL_SAFE_NO_PAD.decode(head.trim_end_matches('=')).unwrap();
    let head: serde_json::Value = serde_json::from_slice(&head).unwrap();
    let first = BASE64_STANDARD.decode(head["x5c"][0].as_str().unwrap()).unwrap();
    let begins = String::from_utf8_lossy(&first[..27.min(first.len())]).into_owned();
    println!("the first certificate of x5c begins with {begins:?}, and DER with {:#x}", certificate.to_der().unwrap()[0]);
    assert!(first.starts_with(b"-----BEGIN CERTIFICATE-----"), "it is DER by now");
}
RUST
echo "azure_identity 1.0.0:"
AZURE_CLIENT_SEND_CERTIFICATE_CHAIN=true cargo run --quiet --manifest-path "$folder/Cargo.toml"
