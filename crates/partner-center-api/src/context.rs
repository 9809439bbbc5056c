//! The headers of one call, and the hooks that put them on its request.

use std::time::Duration;

use progenitor_client::{ClientHooks, Error, OperationInfo};
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue, InvalidHeaderValue};
use uuid::Uuid;

use crate::generated::Client;

const REQUEST_ID: HeaderName = HeaderName::from_static("ms-requestid");
const CORRELATION_ID: HeaderName = HeaderName::from_static("ms-correlationid");
const CORRELATION_VECTOR: HeaderName = HeaderName::from_static("ms-cv");
const LOCALE: HeaderName = HeaderName::from_static("x-locale");
const APPLICATION: HeaderName = HeaderName::from_static("ms-partnercenter-application");
const CONTRACT_VERSION: HeaderName = HeaderName::from_static("ms-contract-version");
const VALIDATE_MFA: HeaderName = HeaderName::from_static("validatemfa");

/// What every request of one call carries beside its own arguments.
///
/// A [`Client`] has one context; [`Client::with_context`] gives a client for the next call that
/// shares its connections.
///
/// # Examples
/// ```
/// use partner_center_api::Context;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let context = Context::new().bearer("token")?.locale("en-US")?;
/// assert!(!format!("{context:?}").contains("token"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Context {
    // No map, which would be made for each call.
    authorization: Option<HeaderValue>,
    request_id: Option<HeaderValue>,
    correlation_id: Option<HeaderValue>,
    correlation_vector: Option<HeaderValue>,
    locale: Option<HeaderValue>,
    application: Option<HeaderValue>,
    contract_version: Option<HeaderValue>,
    validate_mfa: Option<HeaderValue>,
    timeout: Option<Duration>,
}

impl Context {
    /// The headers that a context can set, as the contract names them, without `Authorization`.
    pub const HEADERS: [HeaderName; 7] = [
        REQUEST_ID,
        CORRELATION_ID,
        CORRELATION_VECTOR,
        LOCALE,
        APPLICATION,
        CONTRACT_VERSION,
        VALIDATE_MFA,
    ];

    /// A context that sets nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `Authorization: Bearer …`, marked as sensitive: no `Debug` shows it.
    ///
    /// # Errors
    /// The token has characters that no header can carry.
    pub fn bearer(self, token: &str) -> Result<Self, InvalidHeaderValue> {
        Ok(self.authorization(HeaderValue::try_from(format!("Bearer {token}"))?))
    }

    /// Sets `Authorization` to a value that was made before, marked as sensitive.
    #[must_use]
    pub fn authorization(mut self, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.authorization = Some(value);
        self
    }

    /// Sets how long the request may take, from connecting to the last byte of the answer.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets `MS-RequestId`, the idempotency id: repeated when no response came, new after any.
    #[must_use]
    pub fn request_id(mut self, id: Uuid) -> Self {
        self.request_id = value(id);
        self
    }

    /// Sets `MS-CorrelationId`, which ties the calls of one operation together in logs.
    #[must_use]
    pub fn correlation_id(mut self, id: Uuid) -> Self {
        self.correlation_id = value(id);
        self
    }

    /// Sets `ms-cv`, a correlation vector.
    ///
    /// # Errors
    /// The vector has characters that no header can carry.
    pub fn correlation_vector(mut self, vector: &str) -> Result<Self, InvalidHeaderValue> {
        self.correlation_vector = Some(vector.try_into()?);
        Ok(self)
    }

    /// Sets `X-Locale`, the language of texts in the response, such as `en-US`.
    ///
    /// # Errors
    /// The locale has characters that no header can carry.
    pub fn locale(mut self, locale: &str) -> Result<Self, InvalidHeaderValue> {
        self.locale = Some(locale.try_into()?);
        Ok(self)
    }

    /// Sets `MS-PartnerCenter-Application`, the name of the calling application.
    ///
    /// # Errors
    /// The name has characters that no header can carry.
    pub fn application(mut self, name: &str) -> Result<Self, InvalidHeaderValue> {
        self.application = Some(name.try_into()?);
        Ok(self)
    }

    /// Sets `MS-Contract-Version`, such as `v1`.
    ///
    /// # Errors
    /// The version has characters that no header can carry.
    pub fn contract_version(mut self, version: &str) -> Result<Self, InvalidHeaderValue> {
        self.contract_version = Some(version.try_into()?);
        Ok(self)
    }

    /// Sets `ValidateMfa: true`, which asks whether the user behind the token passed multi-factor
    /// authentication: the header `isMfaCompliant` of the response says it.
    #[must_use]
    pub fn validate_mfa(mut self) -> Self {
        self.validate_mfa = Some(HeaderValue::from_static("true"));
        self
    }
}

/// A GUID as a header has it: hexadecimal digits and hyphens, which every header can carry.
fn value(id: Uuid) -> Option<HeaderValue> {
    let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
    HeaderValue::from_str(id.hyphenated().encode_lower(&mut text)).ok()
}

impl Client {
    /// A client for the next call: the same connections and address, another context.
    #[must_use]
    pub fn with_context(&self, context: Context) -> Self {
        Self { baseurl: self.baseurl.clone(), client: self.client.clone(), inner: context }
    }
}

impl ClientHooks<Context> for Client {
    async fn pre<E>(
        &self,
        request: &mut reqwest::Request,
        _: &OperationInfo,
    ) -> Result<(), Error<E>> {
        if self.inner.timeout.is_some() {
            *request.timeout_mut() = self.inner.timeout;
        }
        let headers = request.headers_mut();
        let context = &self.inner;
        for (name, value) in [
            (AUTHORIZATION, &context.authorization),
            (REQUEST_ID, &context.request_id),
            (CORRELATION_ID, &context.correlation_id),
            (CORRELATION_VECTOR, &context.correlation_vector),
            (LOCALE, &context.locale),
            (APPLICATION, &context.application),
            (CONTRACT_VERSION, &context.contract_version),
            (VALIDATE_MFA, &context.validate_mfa),
        ] {
            if let Some(value) = value {
                headers.insert(name, value.clone());
            }
        }
        Ok(())
    }
}
