//! The client: where the service is, who calls it, and the connections to it.

use std::fmt;
use std::time::Duration;

use partner_center_api::{Client, Context};
use reqwest::redirect;
use uuid::Uuid;

use crate::credential::Credential;
use crate::error::{Error, ErrorKind};

/// The service of the public cloud and of Microsoft Cloud for US Government.
const PUBLIC: &str = "https://api.partnercenter.microsoft.com";

/// How long one request may take, from connecting to the last byte received.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A client of Partner Center. Cloning it is cheap and shares its connections.
#[derive(Clone, Debug)]
pub struct PartnerCenter<A> {
    credential: A,
    client: Client,
}

/// Settings of a [`PartnerCenter`].
#[derive(Clone)]
#[must_use]
pub struct Builder<A> {
    credential: A,
    endpoint: String,
}

impl<A: Credential> PartnerCenter<A> {
    /// Settings for a client that calls with `credential`, on the public cloud.
    pub fn builder(credential: A) -> Builder<A> {
        Builder { credential, endpoint: PUBLIC.to_owned() }
    }

    /// A client for one call, with fresh ids: a new `MS-RequestId` and a new `MS-CorrelationId`.
    pub(crate) fn call(&self) -> Result<Call, Error> {
        let request_id = Uuid::new_v4();
        let context = Context::new()
            .request_id(request_id)
            .correlation_id(Uuid::new_v4())
            .bearer(self.credential.bearer())
            .map_err(|_| {
                Error::new(ErrorKind::Credential, "the access token cannot be sent in a header")
            })?;
        Ok(Call { client: self.client.with_context(context), request_id })
    }
}

impl<A: Credential> Builder<A> {
    /// Calls the service at this address instead: another cloud, or an emulator.
    ///
    /// It must be https; plain http is allowed on loopback.
    pub fn endpoint(mut self, url: &str) -> Self {
        url.clone_into(&mut self.endpoint);
        self
    }

    /// Makes the client. No connection is opened yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: the endpoint is not an address that can be called, or the TLS
    /// library cannot be started.
    pub fn build(self) -> Result<PartnerCenter<A>, Error> {
        let endpoint = endpoint(&self.endpoint)?;
        let mut http = reqwest::Client::builder()
            // Following a redirect would send If-Match and the body of a PUT to another address.
            .redirect(redirect::Policy::none())
            .timeout(TIMEOUT)
            .user_agent(concat!("partner-center/", env!("CARGO_PKG_VERSION")));
        if endpoint.starts_with("http:") {
            // A proxy would see the token, and loopback is nothing to it.
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| {
            Error::new(ErrorKind::Configuration, "the http client cannot be built").caused_by(error)
        })?;
        let client = Client::new_with_client(&endpoint, http, Context::new());
        Ok(PartnerCenter { credential: self.credential, client })
    }
}

impl<A: fmt::Debug> fmt::Debug for Builder<A> {
    /// Leaves out the endpoint, which may have been given with a secret in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("credential", &self.credential).finish_non_exhaustive()
    }
}

/// The address to put paths behind: https, or http on loopback, without a slash at the end.
fn endpoint(text: &str) -> Result<String, Error> {
    let refuse = |why: &str| {
        Err(Error::new(ErrorKind::Configuration, format!("the endpoint `{text}` {why}")))
    };
    let Ok(url) = reqwest::Url::parse(text) else {
        return refuse("is not a URL, such as https://api.partnercenter.microsoft.com");
    };
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
        // Not shown: it may hold a secret.
        let message =
            "the endpoint has a user name, a password or a query in it; give scheme, host and path";
        return Err(Error::new(ErrorKind::Configuration, message));
    }
    let loopback = match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            let ip = host.trim_start_matches('[').trim_end_matches(']');
            ip.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
        None => false,
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        _ => return refuse("is not https, and plain http is for loopback alone"),
    }
    if url.fragment().is_some() {
        return refuse("has a fragment");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// One call about to be made.
pub(crate) struct Call {
    pub(crate) client: Client,
    pub(crate) request_id: Uuid,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::AppUser;

    #[test]
    fn endpoints_are_https_or_loopback() {
        for good in [
            "https://h",
            "https://h/",
            "http://127.0.0.1:1",
            "http://[::1]:1/",
            "http://localhost/x/",
        ] {
            assert_eq!(endpoint(good).expect(good), good.trim_end_matches('/'));
        }
        for bad in [
            "",
            "h",
            "http://h",
            "http://127.0.0.1.example",
            "ftp://127.0.0.1",
            "https://h/?q",
            "https://h/#f",
        ] {
            let error = endpoint(bad).expect_err(bad);
            assert_eq!(error.kind(), ErrorKind::Configuration, "{bad}");
            assert!(error.to_string().contains(bad) || bad.contains('?'), "{error}");
        }
        for secret in ["https://user:canary@h", "http://user:canary@h", "http://h/?token=canary"] {
            let builder = PartnerCenter::builder(AppUser::token("t")).endpoint(secret);
            assert!(!format!("{builder:?}").contains("canary"));
            let error = builder.build().expect_err(secret);
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
    }

    #[test]
    fn no_debug_shows_the_token() {
        let client = PartnerCenter::builder(AppUser::token("canary")).build().expect("a client");
        let call = client.call().expect("a call");
        let customer = client.customer(Uuid::nil());
        let shown =
            format!("{client:?} {customer:?} {:?} {:?}", customer.billing_profile(), call.client);
        assert!(!shown.contains("canary"), "{shown}");
    }
}
