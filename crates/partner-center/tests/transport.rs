//! Connections through proxies and TLS: what is made, what is refused, and what that says.

use std::error::Error as _;
use std::iter;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use partner_center::{
    AppOnly, ClientSecret, Cloud, Error, ErrorKind, PartnerCenter, Retry, TokenCredential,
    Transport, UpdateError, models::CustomerBillingProfile,
};
use partner_center_emulator::{APP_ONLY_TOKEN, Emulator, SAMPLE_CUSTOMER};
use rcgen::{CertificateParams, CertifiedIssuer, DistinguishedName, DnType, KeyPair};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, crypto::aws_lc_rs};

/// An authority that no platform trusts.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(Self::params("Contoso Root"), key).expect("it is signed"))
    }

    /// One that another has signed.
    fn below(other: &Self) -> Self {
        let key = KeyPair::generate().expect("a key");
        let params = Self::params("Contoso Proxies");
        Self(CertifiedIssuer::signed_by(params, key, &other.0).expect("it is signed"))
    }

    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.distinguished_name.push(DnType::OrganizationName, "Contoso, Ltd\u{7}");
        params
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for this name, and its key.
    fn sign(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new([name.to_owned()]).expect("a name");
        (params.signed_by(&key, &self.0).expect("a certificate"), key)
    }
}

/// An emulator behind TLS, and how often someone connected to it.
struct Secured {
    port: u16,
    connections: Arc<AtomicUsize>,
    _emulator: Emulator,
}

impl Secured {
    /// `clients` signs the certificates that a client must show.
    async fn start(authority: &Authority, clients: Option<&Authority>) -> Self {
        Self::with_chain(authority, &[], clients).await
    }

    /// One that sends these certificates behind its own.
    async fn with_chain(
        authority: &Authority,
        others: &[&Authority],
        clients: Option<&Authority>,
    ) -> Self {
        let emulator = Emulator::start().await.expect("a port");
        let (certificate, key) = authority.sign("localhost");
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .expect("versions");
        let config = match clients {
            Some(clients) => {
                let mut roots = RootCertStore::empty();
                roots.add(clients.0.der().clone()).expect("a certificate");
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                config.with_client_cert_verifier(verifier.build().expect("a verifier"))
            }
            None => config.with_no_client_auth(),
        };
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        let chain = others.iter().map(|other| other.0.der().clone());
        let chain = iter::once(certificate.der().clone()).chain(chain).collect();
        let config = config.with_single_cert(chain, key);
        let acceptor = TlsAcceptor::from(Arc::new(config.expect("a key that fits")));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let connections = Arc::new(AtomicUsize::new(0));
        let (count, service) = (connections.clone(), emulator.url().replace("http://", ""));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (acceptor, service) = (acceptor.clone(), service.clone());
                tokio::spawn(async move {
                    let mut inner = acceptor.accept(stream).await?;
                    let mut outer = TcpStream::connect(&service).await?;
                    tokio::io::copy_bidirectional(&mut inner, &mut outer).await
                });
            }
        });
        Self { port, connections, _emulator: emulator }
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }
}

/// A proxy that answers `refusal` to everything, or makes tunnels if there is none; and what it was asked.
async fn proxy(refusal: Option<&'static str>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let asked = Arc::new(Mutex::new(Vec::new()));
    let notes = asked.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let notes = notes.clone();
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    if stream.read_line(&mut head).await? == 0 {
                        return Ok(());
                    }
                }
                let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
                notes.lock().expect("no panic").push(head);
                if let Some(refusal) = refusal {
                    return stream.write_all(refusal.as_bytes()).await;
                }
                let mut outer = TcpStream::connect(target).await?;
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
                tokio::io::copy_bidirectional(&mut stream, &mut outer).await.map(drop)
            });
        }
    });
    (address.to_string(), asked)
}

async fn get(endpoint: &str, transport: &Transport) -> Result<(), Error> {
    let partner = PartnerCenter::builder(AppOnly::token(APP_ONLY_TOKEN))
        .endpoint(endpoint)
        .transport(transport.clone())
        .retry(Retry::default().backoff(Duration::ZERO, Duration::ZERO))
        .build()?;
    let customer = SAMPLE_CUSTOMER.parse().expect("a GUID");
    partner.customer(customer).billing_profile().get().await.map(drop)
}

#[tokio::test]
async fn an_authority_that_is_not_trusted_is_told_and_can_be_added() {
    let authority = Authority::new();
    let service = Secured::start(&authority, None).await;
    let error = get(&service.url(), &Transport::default()).await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(!error.is_transient() && !error.may_have_been_applied(), "{error}");
    assert_eq!(service.connections(), 1, "it was tried again");
    let host = format!("localhost:{}", service.port);
    let name = r"O=Contoso\, Ltd\07,CN=Contoso Root";
    let expected = format!(
        "the TLS connection to {host} was refused: its certificate is of the authority `{name}`, which is not \
         trusted here"
    );
    assert_eq!(error.message(), expected);
    let hint = error.hint().expect("a hint");
    assert!(hint.contains("Transport::root_certificates") && hint.contains(&host), "{hint}");

    let trusted = Transport::default().root_certificates(authority.pem());
    get(&service.url(), &trusted).await.expect("an answer");
    // Trusted, and for another name.
    let other = format!("https://127.0.0.1:{}", service.port);
    let error = get(&other, &trusted).await.expect_err("an error");
    assert!(!error.is_transient(), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("check the address")), "{error}");
}

#[tokio::test]
async fn the_authority_at_the_end_of_a_chain_is_named() {
    let root = Authority::new();
    let below = Authority::below(&root);
    for others in [&[&below][..], &[&below, &root], &[&root, &below]] {
        let service = Secured::with_chain(&below, others, None).await;
        let error = get(&service.url(), &Transport::default()).await.expect_err("an error");
        assert!(error.message().contains("CN=Contoso Root`"), "{error}");
        get(&service.url(), &Transport::default().root_certificates(root.pem()))
            .await
            .expect("200");
    }
    // Without the certificate between, that one's name is all that is known.
    let service = Secured::with_chain(&below, &[], None).await;
    let error = get(&service.url(), &Transport::default()).await.expect_err("an error");
    assert!(error.message().contains("CN=Contoso Proxies`"), "{error}");
}

#[tokio::test]
async fn a_client_shows_its_certificate() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let service = Secured::start(&authority, Some(&clients)).await;
    let trusted = Transport::default().root_certificates(authority.pem());
    let error = get(&service.url(), &trusted).await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Transport);
    let (certificate, key) = clients.sign("client.example");
    let shown = trusted.client_certificate(certificate.pem() + &key.serialize_pem());
    get(&service.url(), &shown).await.expect("an answer");
}

#[tokio::test]
async fn a_proxy_is_asked_with_its_credentials() {
    let authority = Authority::new();
    let service = Secured::start(&authority, None).await;
    let (address, asked) = proxy(None).await;
    let transport = Transport::default()
        .root_certificates(authority.pem())
        .user_agent("a-job/1.0")
        .proxy(&format!("http://ann:s%20cret@{address}"));
    get(&service.url(), &transport).await.expect("an answer");
    let asked = asked.lock().expect("no panic").join("");
    assert!(asked.starts_with(&format!("CONNECT localhost:{} HTTP/1.1\r\n", service.port)));
    // `ann:s cret`
    assert!(asked.to_ascii_lowercase().contains("proxy-authorization: basic "), "{asked}");
    assert!(asked.contains("YW5uOnMgY3JldA=="), "{asked}");
}

#[tokio::test]
async fn loopback_without_tls_goes_through_no_proxy() {
    let emulator = Emulator::start().await.expect("a port");
    let (address, asked) = proxy(None).await;
    let transport = Transport::default().proxy(&format!("http://{address}"));
    get(&emulator.url(), &transport).await.expect("an answer");
    assert_eq!(asked.lock().expect("no panic").len(), 0, "the proxy has seen the token");
}

#[tokio::test]
async fn a_proxy_that_wants_credentials_is_told() {
    let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\n\
                   Proxy-Authenticate: Basic realm=\"contoso\"\r\nContent-Length: 0\r\n\r\n";
    let (address, asked) = proxy(Some(refusal)).await;
    let transport = Transport::default().proxy(&format!("http://ann:canary@{address}"));
    let error = get("https://service.example", &transport).await.expect_err("an error");
    assert_eq!(error.message(), "the proxy wants credentials");
    assert!(error.hint().is_some_and(|hint| hint.contains("HTTPS_PROXY")), "{error}");
    assert!(!error.is_transient(), "{error}");
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    assert_eq!(asked.lock().expect("no panic").len(), 1);

    // The sign-in says the same.
    let cloud = Cloud::custom("https://service.example").with_authority("https://login.example");
    let secret = ClientSecret::new(&cloud, "contoso.example", "app", "canary").expect("settings");
    let secret = secret.transport(&transport).expect("a proxy");
    let error = secret.get_token(&["scope"], None).await.expect_err("an error").to_string();
    assert!(error.contains("the proxy wants credentials") && !error.contains("canary"), "{error}");
}

#[tokio::test]
async fn a_proxy_that_does_not_connect_is_told() {
    let refusal = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n";
    let (address, _) = proxy(Some(refusal)).await;
    let transport = Transport::default().proxy(&format!("http://{address}"));
    let error = get("https://service.example", &transport).await.expect_err("an error");
    assert!(error.is_transient() && !error.may_have_been_applied(), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("the proxy")), "{error}");
}

#[test]
fn a_certificate_and_the_key_of_another_are_refused() {
    let clients = Authority::new();
    let (certificate, _) = clients.sign("client.example");
    let (_, key) = clients.sign("client.example");
    let pem = certificate.pem() + &key.serialize_pem();
    let builder = PartnerCenter::builder(AppOnly::token("t"));
    let refused = builder.transport(Transport::default().client_certificate(pem)).build();
    let error = refused.expect_err("another key");
    assert!(error.hint().is_some_and(|hint| hint.contains("certificates")), "{error}");
    // What editors on Windows put in front.
    let roots = format!("\u{FEFF}{}", clients.pem());
    let builder = PartnerCenter::builder(AppOnly::token("t"));
    assert!(builder.transport(Transport::default().root_certificates(roots)).build().is_ok());
}

#[tokio::test]
async fn what_was_never_connected_was_not_applied() {
    // It listens, and says nothing: TLS never begins.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = silent.local_addr().expect("an address").port();
    for (connect, request) in [(50, 10_000), (10_000, 200)] {
        let transport = Transport::default().connect_timeout(Duration::from_millis(connect));
        let partner = PartnerCenter::builder(AppOnly::token("t"))
            .endpoint(&format!("https://localhost:{port}"))
            .transport(transport)
            .timeout(Duration::from_millis(request))
            .retry(Retry::none())
            .build()
            .expect("settings");
        let resource = partner.customer(SAMPLE_CUSTOMER.parse().expect("a GUID")).billing_profile();
        let document = r#"{"email":"a","attributes":{"etag":"1"}}"#;
        let mut profile = resource.resume(document, None).expect("a profile");
        profile.email = Some("ann@example.com".into());
        let error: UpdateError<CustomerBillingProfile> =
            resource.update(&profile).await.expect_err("an error");
        assert!(!error.may_have_been_applied(), "{connect} {request}: {error}");
        assert!(error.is_transient() && error.source().is_some(), "{error}");
    }
}

#[tokio::test]
async fn no_time_out_is_too_long_and_zero_is_too_short() {
    let emulator = Emulator::start().await.expect("a port");
    let transport = Transport::default().idle_timeout(Duration::MAX).connect_timeout(Duration::MAX);
    get(&emulator.url(), &transport).await.expect("an answer");
    get(&emulator.url(), &transport).await.expect("an answer");
    let builder = || PartnerCenter::builder(AppOnly::token("t")).endpoint("http://127.0.0.1:1");
    let none = Transport::default().connect_timeout(Duration::ZERO);
    for builder in [builder().timeout(Duration::ZERO), builder().transport(none)] {
        assert_eq!(builder.build().expect_err("no time").kind(), ErrorKind::Configuration);
    }
}

#[test]
fn a_runtime_without_timers_is_an_error() {
    let partner = PartnerCenter::builder(AppOnly::token("t")).endpoint("http://127.0.0.1:1");
    let partner = partner.build().expect("settings");
    let resource = partner.customer(SAMPLE_CUSTOMER.parse().expect("a GUID")).billing_profile();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    let error = runtime.expect("a runtime").block_on(resource.get()).expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("enable_all"), "{error}");
}
