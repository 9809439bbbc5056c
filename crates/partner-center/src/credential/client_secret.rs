//! An application without a user, by the secret that it was registered with.

use std::fmt;
use std::sync::Arc;

use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};

use super::oauth::OAuth;
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::error::Error;
use crate::transport::Transport;

/// An application that signs in by itself, with its secret (the client credentials grant, RFC 6749
/// section 4.4).
///
/// # Examples
/// ```
/// # partner_center_emulator::example(async |endpoint| {
/// use std::sync::Arc;
/// use partner_center::{AppOnly, ClientSecret, Cloud, PartnerCenter};
///
/// let cloud = Cloud::custom(endpoint).with_authority(endpoint);
/// let application = ClientSecret::new(&cloud, "contoso.example", "client id", "client secret")?;
/// let partner =
///     PartnerCenter::builder(AppOnly::new(Arc::new(application))).endpoint(cloud.endpoint()).build()?;
/// # let customer = "aaaa0000-bb11-2222-33cc-444444dddddd".parse()?;
/// partner.customer(customer).billing_profile().get().await?;
/// # Ok(()) }).unwrap();
/// ```
#[must_use]
pub struct ClientSecret(OAuth);

impl ClientSecret {
    /// The application with this client id, in this tenant.
    ///
    /// The tenant is a GUID or a domain name: that of the partner, not that of a customer. Nothing is
    /// sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): the authority of the cloud is
    /// not an address that can be called, the tenant or the client id cannot be one, or the TLS
    /// library cannot be started.
    pub fn new(
        cloud: &Cloud,
        tenant: &str,
        client_id: &str,
        client_secret: impl Into<Secret>,
    ) -> Result<Self, Error> {
        Ok(Self(OAuth::new(cloud, tenant, client_id)?.client_secret(client_secret.into())))
    }

    /// Makes its connections like this: proxy, certificates.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): the proxy or a certificate cannot be
    /// used.
    pub fn transport(mut self, transport: &Transport) -> Result<Self, Error> {
        self.0 = self.0.transport(transport)?;
        Ok(self)
    }

    /// Takes the time from this clock.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.0 = self.0.clock(Arc::new(clock));
        self
    }
}

#[async_trait::async_trait]
impl TokenCredential for ClientSecret {
    /// Gets a new access token for these scopes.
    ///
    /// Sends one `POST`, which is not repeated.
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        Ok(self.0.client_credentials(scopes).await?.access)
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSecret").field("oauth", &self.0).finish_non_exhaustive()
    }
}
