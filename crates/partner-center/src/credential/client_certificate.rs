//! An application without a user, by the certificate that it was registered with.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use rustls::SignatureScheme;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SigningKey};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::oauth::{Failure, OAuth};
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::error::{Error, ErrorKind};
use crate::transport::{Transport, cryptography};

/// How long an assertion is good: the time of a request, and clocks that differ.
const LIFETIME: Duration = Duration::from_secs(600);

/// An application that signs in by itself, with its certificate
/// ([documentation](https://learn.microsoft.com/entra/identity-platform/certificate-credentials)).
///
/// It signs an assertion of itself with its RSA key (PS256, RFC 7518 section 3.5), which is sent in place of a secret.
/// It is there with the features `rustls` and `rustls-no-provider`, whose cryptography signs.
///
/// # Examples
/// ```no_run
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use partner_center::{AppOnly, ClientCertificate, Cloud, PartnerCenter};
///
/// let pem = std::fs::read("application.pem")?;
/// let application =
///     ClientCertificate::new(&Cloud::public(), "contoso.example", "client id", &pem)?;
/// let partner = PartnerCenter::builder(AppOnly::new(Arc::new(application))).build()?;
/// # Ok(()) }
/// ```
#[must_use]
pub struct ClientCertificate {
    oauth: OAuth,
    key: Arc<dyn SigningKey>,
    /// The SHA-256 digest of the certificate (RFC 7515 section 4.1.8).
    thumbprint: String,
}

impl ClientCertificate {
    /// The application with this client id, in this tenant, with its certificate and the private key of that in PEM
    /// (PKCS #8 or PKCS #1, not encrypted). Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: the PEM has no certificate or no RSA key, the key is that of another certificate,
    /// the authority of the cloud is not an address that can be called, the tenant or the client id cannot be one, or
    /// the TLS library cannot be started.
    pub fn new(cloud: &Cloud, tenant: &str, client_id: &str, pem: &[u8]) -> Result<Self, Error> {
        // No cause, which might show a part of the key.
        let refused = |why: &str| {
            Error::new(
                ErrorKind::Configuration,
                format!("the certificate of the application {why}"),
            )
        };
        let provider =
            cryptography().ok_or_else(|| refused("cannot be used: TLS has no cryptography"))?;
        let certificate =
            CertificateDer::pem_slice_iter(pem).next().and_then(Result::ok).ok_or_else(|| {
                refused("is not in the PEM: it begins with -----BEGIN CERTIFICATE-----")
            })?;
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| {
            refused("has no private key beside it: one that begins with -----BEGIN PRIVATE KEY-----, not encrypted")
        })?;
        let thumbprint = BASE64URL.encode(Sha256::digest(&certificate));
        let certified =
            CertifiedKey::from_der(vec![certificate], key, &provider).map_err(|why| {
                refused(match why {
                    rustls::Error::InconsistentKeys(_) => "and the private key are not of one pair",
                    _ => "or its private key cannot be read",
                })
            })?;
        if certified.key.choose_scheme(&[SignatureScheme::RSA_PSS_SHA256]).is_none() {
            return Err(refused("has a key that is not RSA, which Entra ID asks for"));
        }
        let oauth = OAuth::new(cloud, tenant, client_id)?;
        Ok(Self { oauth, key: certified.key, thumbprint })
    }

    /// Makes its connections like this: proxy, certificates.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: the proxy or a certificate cannot be used.
    pub fn transport(mut self, transport: &Transport) -> Result<Self, Error> {
        self.oauth = self.oauth.transport(transport)?;
        Ok(self)
    }

    /// Takes the time from this clock.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.oauth = self.oauth.clock(Arc::new(clock));
        self
    }

    /// What the application says of itself, signed (RFC 7523 section 3).
    fn assertion(&self) -> Result<String, Failure> {
        let now = self.oauth.utc().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let head = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        let body = json!({
            "aud": self.oauth.token_url(),
            "iss": self.oauth.client_id(),
            "sub": self.oauth.client_id(),
            "jti": Uuid::new_v4(),
            "iat": now.as_secs(),
            "nbf": now.saturating_sub(LIFETIME / 2).as_secs(),
            "exp": (now + LIFETIME / 2).as_secs(),
        });
        let said = [head, body].map(|part| BASE64URL.encode(part.to_string())).join(".");
        let signer = self.key.choose_scheme(&[SignatureScheme::RSA_PSS_SHA256]);
        let signature = signer.and_then(|signer| signer.sign(said.as_bytes()).ok());
        let signature =
            signature.ok_or_else(|| Failure::plain("the key of the certificate does not sign"))?;
        Ok(format!("{said}.{}", BASE64URL.encode(signature)))
    }
}

#[async_trait::async_trait]
impl TokenCredential for ClientCertificate {
    /// Gets a new access token for these scopes.
    ///
    /// Sends one `POST`, which is not repeated.
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let assertion = self.assertion()?;
        Ok(self.oauth.client_assertion(scopes, &assertion).await?.access)
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificate").field("oauth", &self.oauth).finish_non_exhaustive()
    }
}
