//! Proxies and certificates: what is trusted, and what a person is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use partner_center_emulator::{APP_USER_TOKEN, Emulator};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair,
};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use crate::home::{CUSTOMER, Home};

const SHOW: [&str; 4] = ["customer", "billing-profile", "show", CUSTOMER];

/// The emulator behind TLS with a certificate of an authority that no platform trusts: its address, the authority, and
/// how often someone connected.
async fn intercepted(emulator: &Emulator) -> (String, String, Arc<AtomicUsize>) {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Contoso Proxies");
    let key = KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(params, key).expect("it is signed");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &authority).expect("it is signed");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth();
    let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    let config = config.with_single_cert(vec![certificate.der().clone()], key);
    let acceptor = TlsAcceptor::from(Arc::new(config.expect("a key that fits")));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("https://localhost:{}", listener.local_addr().expect("an address").port());
    let (count, service) = (Arc::new(AtomicUsize::new(0)), emulator.url().replace("http://", ""));
    let counted = count.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let (acceptor, service) = (acceptor.clone(), service.clone());
            tokio::spawn(async move {
                let mut inner = acceptor.accept(stream).await?;
                let mut outer = TcpStream::connect(&service).await?;
                tokio::io::copy_bidirectional(&mut inner, &mut outer).await
            });
        }
    });
    (url, authority.pem(), count)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_authority_is_named_at_once_and_can_be_trusted() {
    let emulator = Emulator::start().await.expect("an emulator");
    let (url, authority, connections) = intercepted(&emulator).await;
    let home = Home::calling(&url);
    let ran = home.run(&SHOW);
    assert_eq!((ran.code, connections.load(Ordering::SeqCst)), (Some(1), 1), "{}", ran.stderr);
    for expected in ["authority `CN=Contoso Proxies`, which is not trusted here", "--ca-file"] {
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    }
    assert!(!ran.stderr.contains("Transport::"), "{}", ran.stderr);
    // The sign-in goes the same way.
    let user = Home::new().with("AZURE_AUTHORITY_HOST", &url).with("PARTNER_CENTER_ENDPOINT", &url);
    let login = ["login", "--tenant", "t.example", "--client-id", "c", "--refresh-token-stdin"];
    let ran = user.run_with(&login, "canary-token");
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("CN=Contoso Proxies") && ran.stderr.contains("--ca-file"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("Transport::"), "{}", ran.stderr);

    let file = home.write("authority.pem", &format!("\u{FEFF}{authority}")).display().to_string();
    let trusting = [&SHOW[..], &["--ca-file", &file]].concat();
    let ran = home.run(&trusting);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let login = [&login[..], &["--ca-file", &file]].concat();
    let ran = user.run_with(&login, partner_center_emulator::REFRESH_TOKEN);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    home.write(".config/partner-center/config.toml", "ca-file = \"../../authority.pem\"\n");
    let ran = home.run(&SHOW);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let file = home.write("plain.pem", &authority).display().to_string();
    let trusted = Home::calling(&url).with("SSL_CERT_FILE", file);
    assert_eq!(trusted.run(&SHOW).code == Some(0), cfg!(target_os = "linux"));
}

#[test]
fn a_file_without_authorities_is_refused() {
    let home = Home::new().with("PARTNER_CENTER_ACCESS_TOKEN", APP_USER_TOKEN);
    let binary = home.write("der", "0\u{0}canary").display().to_string();
    let empty = home.write("empty", "").display().to_string();
    for (file, why) in [
        (binary.as_str(), "no certificate in it"),
        (&empty, "no certificate in it"),
        ("/no/such/file", "(os error 2)"),
    ] {
        let ran = home.run(&[&SHOW[..], &["--ca-file", file]].concat());
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains(why) && ran.stderr.contains("fix --ca-file"), "{}", ran.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_wants_credentials_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let proxy = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head).await? > 0 {}
            let answer = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(answer.as_bytes()).await?;
        }
        Ok::<(), std::io::Error>(())
    });
    let home = Home::calling("https://service.example").with("HTTPS_PROXY", proxy);
    let ran = home.run(&SHOW);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("the proxy wants credentials"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("http://user:password@host:port, by HTTPS_PROXY"),
        "{}",
        ran.stderr
    );
}
