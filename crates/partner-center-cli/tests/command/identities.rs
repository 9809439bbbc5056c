//! Who calls where nobody signs in: pipelines, and what Azure's tools have.

use std::os::unix::fs::PermissionsExt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa;
use p12_keystore::{KeyStore, KeyStoreEntry, PrivateKey, PrivateKeyChain};
use partner_center_emulator::{APP_ONLY_TOKEN, APP_USER_TOKEN, Emulator};
use partner_center_tests::Recorder;
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};
use serde_json::Value;

use crate::home::{CUSTOMER, Home, Ran};
use crate::snapshot;

const SHOW: [&str; 4] = ["customer", "billing-profile", "show", CUSTOMER];
const GRANT: &[u8] = br#"{"token_type":"Bearer","expires_in":3600,"access_token":"canary-token"}"#;
const PROFILE: &[u8] = br#"{"email":"a@b","attributes":{"etag":"1"}}"#;

/// A pipeline that calls this service as the application `an-id`.
fn pipeline(url: &str) -> Home {
    Home::new()
        .with("PARTNER_CENTER_ENDPOINT", url)
        .with("AZURE_AUTHORITY_HOST", url)
        .with("AZURE_TENANT_ID", "contoso.example")
        .with("AZURE_CLIENT_ID", "an-id")
}

/// A certificate and its RSA key, in PEM, and as PFX with the password `canary-password`.
fn certificate() -> (String, String, Vec<u8>) {
    let key = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).expect("a key");
    let der: Pkcs8V1Der<'_> = key.as_der().expect("a key");
    let key = KeyPair::from_pkcs8_der_and_sign_algo(&der.as_ref().into(), &PKCS_RSA_SHA256);
    let key = key.expect("a key");
    let params = CertificateParams::new(Vec::new()).expect("no names");
    let certificate = params.self_signed(&key).expect("it is signed");
    let der = p12_keystore::Certificate::from_der(certificate.der()).expect("a certificate");
    let private = PrivateKey::from_der(&key.serialize_der()).expect("a key");
    let mut store = KeyStore::new();
    let chain = PrivateKeyChain::new("1", private, [der]);
    store.add_entry("application", KeyStoreEntry::PrivateKeyChain(chain));
    let pfx = store.writer("canary-password").write().expect("a PFX");
    (certificate.pem(), key.serialize_pem(), pfx)
}

fn says(ran: &Ran, code: i32, expected: &[&str]) {
    assert_eq!(ran.code, Some(code), "{}", ran.stderr);
    for text in expected {
        assert!(ran.stderr.contains(text), "{text}: {}", ran.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_calls_with_its_certificate() {
    let (pem, key, pfx) = certificate();
    let answers = [(200, "", GRANT), (200, "", PROFILE), (200, "", GRANT), (200, "", PROFILE)];
    let service = Recorder::script(&answers).await.expect("a service");
    let home = pipeline(service.url());
    let write = |name: &str, contents: &[u8]| {
        let path = home.path().join(name);
        std::fs::write(&path, contents).expect("a file");
        path.display().to_string()
    };
    let both = write("both.pem", format!("\u{FEFF}{pem}{key}").as_bytes());
    let alone = write("alone.pem", pem.as_bytes());
    let encrypted = write("encrypted.pem", b"-----BEGIN ENCRYPTED PRIVATE KEY-----\ncanary\n");
    let damaged = write("damaged.pfx", b"0canary");
    let archive = write("archive.pfx", &pfx);
    let with =
        |path: &str| pipeline(service.url()).with("AZURE_CLIENT_CERTIFICATE_PATH", path.to_owned());
    says(&with(&both).run(&SHOW), 0, &[]);
    let unlocked = with(&archive).with("AZURE_CLIENT_CERTIFICATE_PASSWORD", "canary-password");
    says(&unlocked.run(&SHOW), 0, &[]);
    let asked = service.requests();
    assert_eq!(asked.len(), 4);
    assert!(asked[0].contains("client_assertion=") && asked[2].contains("client_assertion="));

    let bad = with(&archive).with("AZURE_CLIENT_CERTIFICATE_PASSWORD", "canary-wrong");
    says(
        &bad.run(&SHOW),
        2,
        &["its password is another one", "fix AZURE_CLIENT_CERTIFICATE_PASSWORD"],
    );
    says(&with(&archive).run(&SHOW), 2, &["set AZURE_CLIENT_CERTIFICATE_PASSWORD"]);
    says(
        &with(&alone).run(&SHOW),
        2,
        &["has no private key beside it", "fix AZURE_CLIENT_CERTIFICATE_PATH"],
    );
    says(&with(&encrypted).run(&SHOW), 2, &["its private key is encrypted", "openssl pkey"]);
    says(&with(&damaged).run(&SHOW), 2, &["or it is damaged"]);
    says(
        &with("/no/such.pem").run(&SHOW),
        2,
        &["(os error 2)", "fix AZURE_CLIENT_CERTIFICATE_PATH"],
    );
    assert_eq!(service.requests().len(), 4, "something was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_calls_with_its_own_token() {
    let expired =
        br#"{"error":"invalid_client","error_description":"AADSTS700213: No matching record."}"#;
    let answers = [(200, "", GRANT), (200, "", PROFILE), (401, "", &expired[..])];
    let service = Recorder::script(&answers).await.expect("a service");
    let home = pipeline(service.url());
    let file = home.write("token", "canary.federated.token");
    let home = home.with("AZURE_FEDERATED_TOKEN_FILE", file.display().to_string());
    says(&home.run(&SHOW), 0, &[]);
    assert!(service.requests()[0].contains("client_assertion=canary.federated.token"));
    // `logout` forgets the token that is kept.
    assert_eq!(home.run(&["logout"]).code, Some(0));
    let ran = home.run(&SHOW);
    says(&ran, 4, &["AADSTS700213", "the issuer, the subject and the audience"]);
    assert!(!ran.stderr.contains("login"), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_azure_signs_in_calls_if_it_is_named() {
    let emulator = Emulator::start().await.expect("an emulator");
    let home = pipeline(&emulator.url());
    let answer = format!(
        r#"{{"accessToken":"{APP_USER_TOKEN}","expires_on":4102444800,"tenant":"t","tokenType":"Bearer"}}"#
    );
    let az = home
        .write("bin/az", &format!("#!/bin/sh\necho \"$@\" > \"$HOME/asked\"\necho '{answer}'\n"));
    std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o700)).expect("a mode");
    let path = format!("{}:/usr/bin:/bin", home.path().join("bin").display());
    let home = home.with("PATH", path);
    says(&home.run(&SHOW), 4, &["nobody is signed in"]);
    let home = home.with("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential");
    says(&home.run(&["billing-profile", "show"]), 0, &[]);
    let asked = std::fs::read_to_string(home.path().join("asked")).expect("a call");
    assert!(asked.contains("get-access-token") && asked.contains("contoso.example"), "{asked}");
    snapshot!("status-az", home.run(&["status"]));
    // Not signed in to it.
    home.write(
        "bin/az",
        "#!/bin/sh\necho 'ERROR: Please run az login to setup account.' >&2\nexit 1\n",
    );
    says(&home.run(&SHOW), 4, &["az login"]);
    let ran = home.with("AZURE_TOKEN_CREDENTIALS", "MagicCredential").run(&SHOW);
    says(&ran, 2, &["AZURE_TOKEN_CREDENTIALS is `MagicCredential`", "AzureCliCredential"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_managed_identity_calls_where_there_is_one() {
    let emulator = Emulator::start().await.expect("an emulator");
    let answer = format!(
        r#"{{"access_token":"{APP_ONLY_TOKEN}","expires_on":"4102444800","resource":"r","token_type":"Bearer"}}"#
    );
    let place = Recorder::script(&[(200, "", answer.as_bytes())]).await.expect("a place");
    let home = pipeline(&emulator.url())
        .with("IDENTITY_ENDPOINT", format!("{}/msi/token", place.url()))
        .with("IDENTITY_HEADER", "canary-header")
        // It is not the proxy's.
        .with("HTTP_PROXY", "http://127.0.0.1:1");
    says(&home.run(&SHOW), 0, &[]);
    let asked = place.requests();
    assert!(
        asked[0].contains("client_id=an-id") && asked[0].contains("canary-header"),
        "{asked:?}"
    );
    let ran = home.run(&["status", "--output", "json"]);
    let status: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(status["credential"]["value"], "the managed identity of this machine");
    assert_eq!(status["credential"]["source"], "IDENTITY_ENDPOINT");
}

#[test]
fn what_is_set_and_not_used_is_said() {
    let home = pipeline("https://service.example")
        .with("AZURE_CLIENT_SECRET", "canary-secret")
        .with("AZURE_USERNAME", "ann@example.com")
        .with("AZURE_PASSWORD", "canary-password");
    let ran = home.run(&["status"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stdout.contains("AZURE_PASSWORD is not used: a password without"),
        "{}",
        ran.stdout
    );
    let ran = home.run(&["status", "--output", "json"]);
    let status: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let why = |name: &str| {
        let all = status["notUsed"].as_array().expect("a list");
        let one = all.iter().find(|one| one["credential"] == name);
        one.map(|one| one["why"].as_str().expect("a text").to_owned())
    };
    assert_eq!(why("client secret"), None);
    assert_eq!(why("certificate").as_deref(), Some("AZURE_CLIENT_CERTIFICATE_PATH is not set"));
    let az = "it is asked if AZURE_TOKEN_CREDENTIALS is AzureCliCredential";
    assert_eq!(why("az").as_deref(), Some(az));
}
