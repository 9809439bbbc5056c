//! Where the service is and where to sign in to it: three addresses that are set on their own.

use std::fmt;

use crate::error::{Error, ErrorKind};

/// A national cloud: the address of the service, where to sign in, and what a token is for.
///
/// Nothing is checked here. What takes a cloud checks it: addresses must be https, or http on
/// loopback, and have no user name, password, query or fragment. The address of the service may have the `/v1` at its
/// end that every path begins with.
///
/// # Examples
/// ```
/// use partner_center::Cloud;
///
/// let cloud = Cloud::china().with_authority("https://login.partner.microsoftonline.cn");
/// assert_eq!(cloud.endpoint(), "https://partner.partnercenterapi.microsoftonline.cn");
/// assert_eq!(cloud.authority(), "https://login.partner.microsoftonline.cn");
///
/// let emulator = Cloud::custom("http://127.0.0.1:8089").with_authority("http://127.0.0.1:8089");
/// assert_eq!(emulator.resource(), "http://127.0.0.1:8089");
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct Cloud {
    endpoint: String,
    authority: String,
    resource: String,
}

const PUBLIC: &str = "https://api.partnercenter.microsoft.com";
const PUBLIC_AUTHORITY: &str = "https://login.microsoftonline.com";
const CHINA: &str = "https://partner.partnercenterapi.microsoftonline.cn";

impl Cloud {
    fn new(endpoint: &str, authority: &str) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            authority: authority.to_owned(),
            resource: endpoint.to_owned(),
        }
    }

    /// The public cloud.
    pub fn public() -> Self {
        Self::new(PUBLIC, PUBLIC_AUTHORITY)
    }

    /// Microsoft Cloud for US Government: the public service, with another authority.
    pub fn us_government() -> Self {
        Self::new(PUBLIC, "https://login.microsoftonline.us")
    }

    /// Microsoft Azure operated by 21Vianet in China.
    ///
    /// The authority, `https://login.chinacloudapi.cn`, is an assumption: it is what the PowerShell
    /// module of Partner Center uses, while newer tools use `https://login.partner.microsoftonline.cn`.
    /// [`with_authority`](Self::with_authority) sets the other one.
    pub fn china() -> Self {
        Self::new(CHINA, "https://login.chinacloudapi.cn")
    }

    /// A service at another address: a proxy, or an emulator.
    ///
    /// Tokens are for this address too, and come from the authority of the public cloud, unless
    /// [`with_resource`](Self::with_resource) and [`with_authority`](Self::with_authority) say otherwise.
    pub fn custom(endpoint: impl Into<String>) -> Self {
        let endpoint = endpoint.into();
        let resource = without_version(endpoint.trim_end_matches('/')).to_owned();
        Self { endpoint, authority: PUBLIC_AUTHORITY.to_owned(), resource }
    }

    /// Sets the address of the service. The resource stays as it is.
    pub fn with_endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = url.into();
        self
    }

    /// Sets the address to sign in at, without a tenant.
    pub fn with_authority(mut self, url: impl Into<String>) -> Self {
        self.authority = url.into();
        self
    }

    /// Sets what tokens are for, as it is written: a slash at its end counts.
    pub fn with_resource(mut self, resource: impl Into<String>) -> Self {
        self.resource = resource.into();
        self
    }

    /// The address of the service, as it was set.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The address to sign in at, as it was set.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// What tokens are for.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// The scope to ask a token for: all permissions that were granted for the resource.
    pub(crate) fn scope(&self) -> String {
        format!("{}/.default", self.resource)
    }
}

impl Default for Cloud {
    /// The public cloud.
    fn default() -> Self {
        Self::public()
    }
}

impl fmt::Debug for Cloud {
    /// Leaves out what cannot be an address here, which may have been given with a secret in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown =
            |text: &str| checked_url("address", text).unwrap_or_else(|_| "(not shown)".into());
        f.debug_struct("Cloud")
            .field("endpoint", &shown(&self.endpoint))
            .field("authority", &shown(&self.authority))
            .field("resource", &shown(&self.resource))
            .finish()
    }
}

/// The address of the service without the version of its API, which every path begins with. Documentation and other
/// clients have it in the address.
pub(crate) fn without_version(url: &str) -> &str {
    let version =
        url.get(url.len().saturating_sub(3)..).filter(|end| end.eq_ignore_ascii_case("/v1"));
    version.map_or(url, |version| url[..url.len() - version.len()].trim_end_matches('/'))
}

/// The address to put paths behind: https, or http on loopback, without a slash at the end.
///
/// `what` names the setting in the error, such as "endpoint". The error shows no text that may hold
/// a secret.
pub(crate) fn checked_url(what: &str, text: &str) -> Result<String, Error> {
    let refuse = |why: &str| {
        // What is not a URL may be one with a typing error: it is judged by its characters.
        let shown =
            if text.contains(['@', '?', '#']) { String::new() } else { format!(" `{text}`") };
        Err(Error::new(ErrorKind::Configuration, format!("the {what}{shown} {why}")))
    };
    let Ok(url) = reqwest::Url::parse(text) else {
        return refuse("is not a URL, such as https://api.partnercenter.microsoft.com");
    };
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return refuse(
            "has a user name, a password, a query or a fragment in it; give scheme, host and path",
        );
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
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_https_or_loopback() {
        for good in [
            "https://h",
            "https://h/",
            "http://127.0.0.1:1",
            "http://[::1]:1/",
            "http://localhost/x/",
        ] {
            let url = checked_url("endpoint", good).expect(good);
            assert_eq!(url, good.trim_end_matches('/'));
        }
        for bad in ["", "h", "http://h", "http://127.0.0.1.example", "ftp://127.0.0.1"] {
            let error = checked_url("authority", bad).expect_err(bad);
            assert_eq!(error.kind(), ErrorKind::Configuration, "{bad}");
            assert!(error.to_string().starts_with(&format!("the authority `{bad}` is")), "{error}");
        }
    }

    #[test]
    fn the_version_of_the_api_may_be_in_the_address() {
        for (given, expected) in [
            ("https://h/v1", "https://h"),
            ("https://h/V1", "https://h"),
            ("https://h/proxy//v1", "https://h/proxy"),
            ("https://h/v10", "https://h/v10"),
            ("https://hv1", "https://hv1"),
            ("ü1", "ü1"),
            ("v1", "v1"),
        ] {
            assert_eq!(without_version(given), expected);
        }
        assert_eq!(Cloud::custom("https://proxy.example/v1/").resource(), "https://proxy.example");
    }

    #[test]
    fn no_secret_in_an_address_is_shown() {
        for secret in [
            "https://user:canary@h",
            "http://user:canary@h",
            "https://canary@h",
            "https://user:canary@",
            "http://h/?token=canary",
            "https://h/?canary",
            "https://h/#canary",
            "h?canary",
        ] {
            let error = checked_url("endpoint", secret).expect_err(secret);
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
            assert!(error.to_string().starts_with("the endpoint "), "{error}");
            let cloud = Cloud::custom(secret).with_authority(secret);
            assert!(!format!("{cloud:?}").contains("canary"), "{cloud:?}");
        }
        assert!(format!("{:?}", Cloud::china()).contains("https://login.chinacloudapi.cn"));
    }

    #[test]
    fn the_three_addresses_are_set_on_their_own() {
        assert_eq!(Cloud::default(), Cloud::public());
        let cloud = Cloud::us_government();
        assert_eq!((cloud.endpoint(), cloud.resource()), (PUBLIC, PUBLIC));
        assert_eq!(cloud.authority(), "https://login.microsoftonline.us");
        let cloud = Cloud::custom("https://proxy.example/");
        assert_eq!(cloud.authority(), PUBLIC_AUTHORITY);
        assert_eq!(cloud.scope(), "https://proxy.example/.default");
        let cloud = cloud.with_resource(PUBLIC).with_endpoint("https://other.example");
        assert_eq!(cloud.scope(), "https://api.partnercenter.microsoft.com/.default");
        assert_eq!(cloud.endpoint(), "https://other.example");
    }
}
