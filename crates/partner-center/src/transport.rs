//! How connections are made, the same way for the service and for the sign-in.

use std::fmt;
#[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use reqwest::{ClientBuilder, Proxy, Url, redirect};
#[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
use rustls::crypto::CryptoProvider;

use crate::error::{Error, ErrorKind};

#[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
pub(crate) mod authority;

/// How long connecting may take, if nothing else is said.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection without a request is kept at the most: a time that can be added to any other.
const LONGEST_IDLE: Duration = Duration::from_secs(365 * 86_400);

/// The schemes of proxies.
const PROXIES: [&str; 2] = ["http", "https"];

/// How connections are made: proxy, certificates, limits of the pool. A value: make one, change what
/// differs, pass it to [`Builder::transport`](crate::Builder::transport), and to the credentials that sign
/// in by themselves, such as `ClientSecret::transport`.
///
/// Plain http, which is for loopback alone, goes through no proxy.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use partner_center::{AppOnly, PartnerCenter, Transport};
///
/// let transport = Transport::default()
///     .proxy("http://proxy.contoso.example:8080")
///     .connect_timeout(Duration::from_secs(5))
///     .user_agent("invoice-run/2.1");
/// let partner = PartnerCenter::builder(AppOnly::token("…")).transport(transport).build()?;
/// # Ok::<(), partner_center::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Transport {
    proxy: Through,
    roots: Vec<Vec<u8>>,
    client_certificate: Option<Vec<u8>>,
    connect_timeout: Duration,
    max_idle: Option<usize>,
    idle_timeout: Option<Duration>,
    user_agent: String,
}

/// What connections go through.
#[derive(Clone)]
enum Through {
    /// What the environment or the system says.
    System,
    Nothing,
    Proxy(String),
}

impl Default for Transport {
    /// The proxy of the environment or the system, the certificates that the platform trusts, 10 seconds
    /// to connect, and `partner-center/` with the version as `User-Agent`.
    fn default() -> Self {
        Self {
            proxy: Through::System,
            roots: Vec::new(),
            client_certificate: None,
            connect_timeout: CONNECT_TIMEOUT,
            max_idle: None,
            idle_timeout: None,
            user_agent: concat!("partner-center/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

impl Transport {
    /// Goes through this proxy: a URL with the scheme `http` or `https`, and with user name and password if it
    /// wants them.
    ///
    /// If none is set, it is that of `HTTPS_PROXY` or `ALL_PROXY`, except for the hosts of `NO_PROXY`, or
    /// else that of the system on Windows and macOS.
    pub fn proxy(mut self, url: &str) -> Self {
        self.proxy = Through::Proxy(url.to_owned());
        self
    }

    /// Goes through no proxy, whatever the environment and the system say.
    pub fn no_proxy(mut self) -> Self {
        self.proxy = Through::Nothing;
        self
    }

    /// Trusts these certificate authorities (PEM, one or more), in addition to those that the platform
    /// trusts: such as that of a proxy which opens TLS connections. With rustls, the error of a certificate that is not
    /// trusted names its authority.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(without_mark(pem.into()));
        self
    }

    /// Shows this certificate to whoever asks for one: PEM, the certificate with its chain and its
    /// private key (PKCS #8).
    pub fn client_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.client_certificate = Some(without_mark(pem.into()));
        self
    }

    /// How long connecting may take, with the name lookup and TLS; 10 seconds if it is not set, and nine
    /// tenths of what a request may take at the most. A connection that was not made in time has
    /// transferred nothing, so the update was not applied.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How many connections to one host are kept for later at the most; there is no bound if it is not
    /// set.
    pub fn max_idle_connections(mut self, connections: usize) -> Self {
        self.max_idle = Some(connections);
        self
    }

    /// How long a connection without a request is kept; 90 seconds if it is not set.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
        self
    }

    /// What is sent as `User-Agent` (RFC 9110 section 10.1.5).
    pub fn user_agent(mut self, name: &str) -> Self {
        name.clone_into(&mut self.user_agent);
        self
    }

    /// A client for the addresses below `base`, which was checked: https, or http on loopback. `timeout`
    /// is that of a request.
    pub(crate) fn client(&self, base: &str, timeout: Duration) -> Result<reqwest::Client, Error> {
        // TLS without the names of authorities is better than none, should reqwest come to take another rustls.
        #[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
        if !base.starts_with("http:")
            && let Some(tls) = authority::config(&self.roots, self.client_certificate.as_deref())
            && let Ok(client) = self.builder(base, timeout)?.tls_backend_preconfigured(tls).build()
        {
            return Ok(client);
        }
        self.builder(base, timeout)?.build().map_err(|error| {
            let error = refused("the http client cannot be built").caused_by(error.without_url());
            if self.roots.is_empty() && self.client_certificate.is_none() {
                return error;
            }
            error.advise(
                "check the certificates given to `Transport`: each must be whole, and a private key that of its \
                 certificate",
            )
        })
    }

    /// What `client` builds.
    fn builder(&self, base: &str, timeout: Duration) -> Result<ClientBuilder, Error> {
        if timeout.is_zero() || self.connect_timeout.is_zero() {
            return Err(refused("a time-out of zero leaves no time for any request"));
        }
        let agent = HeaderValue::from_str(&self.user_agent)
            .map_err(|_| refused("the User-Agent cannot be sent in a header"))?;
        let builder = reqwest::Client::builder()
            // Following a redirect would send a token, a secret or the body of a PUT to another address.
            .redirect(redirect::Policy::none())
            // Without `Accept-Encoding`, a gateway may compress in any way (RFC 9110 section 12.5.3); and
            // one that compresses makes the entity tag weak or another one (section 8.8.3.3), which guards
            // no update. So none is asked for, whatever another crate turns on in the HTTP client, and
            // gzip is understood all the same.
            .default_headers(HeaderMap::from_iter([(
                ACCEPT_ENCODING,
                HeaderValue::from_static("identity"),
            )]))
            .gzip(true)
            .no_brotli()
            .no_deflate()
            .no_zstd()
            // What is repeated, and when, is for `Retry` alone: that of the HTTP client keeps a copy of each
            // request, and repeats what HTTP/2 has refused, which another crate may turn on.
            .retry(reqwest::retry::never().max_retries_per_request(0))
            .http1_only()
            // A connection that is being made when the time of the request is over would be an answer
            // that may have been lost.
            .connect_timeout(self.connect_timeout.min(timeout / 10 * 9))
            .pool_max_idle_per_host(self.max_idle.unwrap_or(usize::MAX))
            .user_agent(agent);
        let builder = match self.idle_timeout {
            Some(timeout) => builder.pool_idle_timeout(timeout.min(LONGEST_IDLE)),
            None => builder,
        };
        let builder = self.proxied(builder, base)?;
        let builder = if base.starts_with("http:") { builder } else { builder.https_only(true) };
        self.secured(builder, base)
    }

    fn proxied(&self, builder: ClientBuilder, base: &str) -> Result<ClientBuilder, Error> {
        let builder = match &self.proxy {
            Through::System => builder,
            Through::Nothing => builder.no_proxy(),
            Through::Proxy(url) => builder.proxy(proxy(url)?),
        };
        // A proxy would see the token, and loopback is nothing to it.
        Ok(if base.starts_with("http:") { builder.no_proxy() } else { builder })
    }

    #[cfg(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"))]
    fn secured(&self, mut builder: ClientBuilder, _: &str) -> Result<ClientBuilder, Error> {
        // reqwest panics without one.
        #[cfg(all(feature = "rustls-no-provider", not(feature = "rustls")))]
        if CryptoProvider::get_default().is_none() {
            let what = "TLS has no cryptography: call `install_default` of a rustls crypto provider \
                        first, or take the feature `rustls`";
            return Err(refused(what));
        }
        // Whatever another crate turns on in the HTTP client.
        #[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
        {
            builder = builder.tls_backend_rustls();
        }
        for pem in &self.roots {
            let unusable = || refused("the root certificates are no certificates in PEM");
            let roots = reqwest::Certificate::from_pem_bundle(pem)
                .map_err(|error| unusable().caused_by(error))?;
            if roots.is_empty() {
                return Err(unusable());
            }
            builder = builder.tls_certs_merge(roots);
        }
        if let Some(pem) = &self.client_certificate {
            #[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
            let identity = reqwest::Identity::from_pem(pem);
            #[cfg(not(any(feature = "rustls", feature = "rustls-no-provider")))]
            let identity = reqwest::Identity::from_pkcs8_pem(pem, pem);
            // Not the cause, which might show a part of the key.
            let identity = identity.map_err(|_| {
                refused("the client certificate is not a certificate and its private key in PEM")
            })?;
            builder = builder.identity(identity);
        }
        Ok(builder)
    }

    #[cfg(not(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls")))]
    fn secured(&self, builder: ClientBuilder, base: &str) -> Result<ClientBuilder, Error> {
        let wanted = !base.starts_with("http:")
            || !self.roots.is_empty()
            || self.client_certificate.is_some();
        if wanted {
            let what = "https takes TLS, which partner-center was built without: take one of its features \
                        `rustls`, `rustls-no-provider` and `native-tls`";
            return Err(refused(what));
        }
        Ok(builder)
    }
}

/// Without the byte order mark that editors on Windows write.
fn without_mark(pem: Vec<u8>) -> Vec<u8> {
    pem.strip_prefix(b"\xEF\xBB\xBF").map(<[u8]>::to_vec).unwrap_or(pem)
}

/// The cryptography that reqwest would take.
#[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
pub(crate) fn cryptography() -> Option<Arc<CryptoProvider>> {
    let provider = CryptoProvider::get_default().cloned();
    #[cfg(feature = "rustls")]
    let provider =
        provider.or_else(|| Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider())));
    provider
}

fn refused(what: &str) -> Error {
    Error::new(ErrorKind::Configuration, what)
}

/// The proxy at this address. Its errors do not show it: it may hold a password.
fn proxy(url: &str) -> Result<Proxy, Error> {
    let known = Url::parse(url)
        .is_ok_and(|url| PROXIES.contains(&url.scheme()) && url.host_str().is_some());
    let unusable = || {
        refused(
            "the proxy is not a URL that can be used, such as http://proxy.contoso.example:8080",
        )
    };
    if !known {
        return Err(unusable());
    }
    Proxy::all(url).map_err(|_| unusable())
}

impl fmt::Debug for Transport {
    /// Leaves out the address of the proxy, which may have a password, and the certificates.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proxy = match self.proxy {
            Through::System => "system",
            Through::Nothing => "none",
            Through::Proxy(_) => "set",
        };
        f.debug_struct("Transport")
            .field("proxy", &proxy)
            .field("root_certificates", &self.roots.len())
            .field("client_certificate", &self.client_certificate.is_some())
            .field("connect_timeout", &self.connect_timeout)
            .field("max_idle_connections", &self.max_idle)
            .field("idle_timeout", &self.idle_timeout)
            .field("user_agent", &self.user_agent)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "http://127.0.0.1:1";
    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn what_cannot_be_used_is_told_before_anything_is_sent() {
        for (transport, why) in [
            (Transport::default().proxy("canary@"), "the proxy is not a URL"),
            (Transport::default().proxy("ftp://canary.example"), "the proxy is not a URL"),
            (Transport::default().user_agent("a\r\nX: y"), "User-Agent"),
        ] {
            let error = transport.client(BASE, MINUTE).expect_err(why);
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().contains(why), "{error}");
            assert!(!format!("{error} {error:?} {transport:?}").contains("canary"));
        }
    }

    #[cfg(feature = "rustls")]
    #[test]
    fn certificates_are_checked() {
        let key = "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n";
        for (transport, why) in [
            (Transport::default().root_certificates("canary"), "root certificates"),
            (Transport::default().root_certificates(key), "root certificates"),
            (Transport::default().client_certificate("canary"), "client certificate"),
            (Transport::default().client_certificate(key), "client certificate"),
        ] {
            let error = transport.client(BASE, MINUTE).expect_err(why);
            assert!(error.to_string().contains(why), "{error}");
            assert!(!format!("{error} {error:?} {transport:?}").contains("canary"), "{error:?}");
        }
    }

    #[cfg(not(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls")))]
    #[test]
    fn what_takes_tls_is_refused_without_it() {
        let none = Transport::default();
        let unused = Transport::default().root_certificates("canary");
        assert!(none.client(BASE, MINUTE).is_ok());
        for (transport, base) in [(none, "https://service.example"), (unused, BASE)] {
            let error = transport.client(base, MINUTE).expect_err(base);
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().contains("one of its features `rustls`"), "{error}");
        }
    }

    #[test]
    fn every_scheme_of_a_proxy_can_be_used() {
        for scheme in PROXIES {
            let url = format!("{scheme}://user:canary@proxy.example:1");
            let transport = Transport::default().proxy(&url);
            assert!(transport.client(BASE, MINUTE).is_ok(), "{scheme}");
            assert!(!format!("{transport:?}").contains("canary"));
        }
    }
}
