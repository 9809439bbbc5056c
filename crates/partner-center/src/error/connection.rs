//! Why a connection was refused for good: repeating it does not help.

use std::borrow::Cow;
use std::error::Error as StdError;

#[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
use crate::transport::authority::UnknownAuthority;

/// Why no connection can be made, and what to do about it.
pub(crate) struct Refused {
    pub(crate) what: String,
    pub(crate) hint: Cow<'static, str>,
}

/// The proxy wants credentials (407, RFC 9110 section 15.5.8).
pub(crate) const PROXY: (&str, &str) = (
    "the proxy wants credentials",
    "give them in the address of the proxy, http://user:password@host:port, by `Transport::proxy` or \
     `HTTPS_PROXY`",
);

/// How the TLS libraries say that nobody known has signed a certificate: rustls, OpenSSL, macOS, Windows.
const UNKNOWN_AUTHORITY: [&str; 5] =
    ["unknownissuer", "issuer certificate", "self-signed", "self signed", "not trusted"];

/// Why a connection was refused for good, by what the TLS library and the proxy said. The libraries differ,
/// and none of them is a dependency that can be relied on: their texts tell, which hold no data of a request.
pub(crate) fn refused(error: &reqwest::Error) -> Option<Refused> {
    if !error.is_connect() {
        return None;
    }
    let mut reason = String::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        #[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
        if let Some(authority) = UnknownAuthority::in_error(error) {
            reason = format!(
                "its certificate is of the authority `{authority}`, which is not trusted here"
            );
            break;
        }
        reason = error.to_string();
        cause = error.source();
    }
    let said = reason.to_ascii_lowercase();
    if said.contains("proxy authorization required") {
        return Some(Refused { what: PROXY.0.to_owned(), hint: PROXY.1.into() });
    }
    if !said.contains("certificate") {
        return None;
    }
    let host = host(error.url()?);
    let what = format!("the TLS connection to {host} was refused: {reason}");
    let hint = if UNKNOWN_AUTHORITY.iter().any(|text| said.contains(text)) {
        format!(
            "nobody that is trusted here has signed the certificate of {host}, such as when a proxy opens \
             TLS connections: if that is known to you, add the certificate of its authority to those of the \
             system, or by `Transport::root_certificates`; `openssl s_client -showcerts -connect {host}` shows it"
        )
        .into()
    } else if said.contains("required") {
        "the other side wants a certificate of the client: `Transport::client_certificate`".into()
    } else {
        "check the address, the clock of this machine and the certificate of the other side".into()
    };
    Some(Refused { what, hint })
}

/// Host and port.
fn host(url: &reqwest::Url) -> String {
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{}:{port}", url.host_str().unwrap_or_default())
}

/// What to do where a connection failed that may be made later.
pub(super) fn hint(error: &reqwest::Error) -> Option<&'static str> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.to_string().starts_with("tunnel error") {
            return Some(
                "the proxy does not connect to it: check `Transport::proxy` or `HTTPS_PROXY`",
            );
        }
        cause = error.source();
    }
    None
}
