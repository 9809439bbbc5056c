//! The HTTP client, the same way for the service and for the sign-in.

use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use reqwest::redirect;

use crate::error::{Error, ErrorKind};

/// A client for the addresses below `base`, which was checked: https, or http on loopback.
pub(crate) fn client(base: &str) -> Result<reqwest::Client, Error> {
    // reqwest panics without one.
    #[cfg(all(feature = "rustls-no-provider", not(feature = "rustls")))]
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        let what = "TLS has no cryptography: call `install_default` of a rustls crypto provider first, or \
                    take the feature `rustls`";
        return Err(Error::new(ErrorKind::Configuration, what));
    }
    let builder = reqwest::Client::builder()
        // Following a redirect would send a token, a secret or the body of a PUT to another address.
        .redirect(redirect::Policy::none())
        // Without `Accept-Encoding`, a gateway may compress in any way (RFC 9110 section 12.5.3); and one
        // that compresses makes the entity tag weak or another one (section 8.8.3.3), which guards no
        // update. So none is asked for, whatever another crate turns on in the HTTP client, and gzip is
        // understood all the same.
        .default_headers(HeaderMap::from_iter([(
            ACCEPT_ENCODING,
            HeaderValue::from_static("identity"),
        )]))
        .gzip(true)
        .no_brotli()
        .no_deflate()
        .no_zstd()
        .user_agent(concat!("partner-center/", env!("CARGO_PKG_VERSION")));
    let builder = if base.starts_with("http:") {
        // A proxy would see the token, and loopback is nothing to it.
        builder.no_proxy()
    } else {
        builder.https_only(true)
    };
    builder.build().map_err(|error| {
        Error::new(ErrorKind::Configuration, "the http client cannot be built").caused_by(error)
    })
}
