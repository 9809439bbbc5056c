//! A user who signed in elsewhere and left a refresh token: no refresh token is lost by rotation.

use std::fmt;
use std::sync::Arc;

use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use tokio::sync::Mutex;

use super::oauth::{OAuth, OnRotation};
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::error::Error;
use crate::transport::Transport;

/// A signed-in user by a refresh token that was kept: the secure application model.
///
/// A person signs in and consents once, with a second factor. The refresh token of that sign-in is
/// kept, and gives access tokens from then on without anyone there. It is good for 90 days; every
/// use gives a new one, which [`on_rotation`](Self::on_rotation) is there to keep.
///
/// # Examples
/// ```
/// # partner_center_emulator::example(async |endpoint| {
/// use std::sync::Arc;
/// use partner_center::{AppUser, Cloud, PartnerCenter, RefreshToken};
///
/// let cloud = Cloud::custom(endpoint).with_authority(endpoint);
/// let user = RefreshToken::new(&cloud, "contoso.example", "client id", "emulator-refresh-token")?
///     .client_secret("client secret")
///     .on_rotation(|new| {
///         // Keep `new.secret()` where the old one was read from.
///         assert_ne!(new.secret(), "emulator-refresh-token");
///     });
/// let partner =
///     PartnerCenter::builder(AppUser::new(Arc::new(user))).endpoint(cloud.endpoint()).build()?;
/// partner.billing_profile().get().await?;
/// # Ok(()) }).unwrap();
/// ```
#[must_use]
pub struct RefreshToken {
    oauth: OAuth,
    /// Held while it is used, so that it is used once.
    current: Mutex<Secret>,
    on_rotation: Option<OnRotation>,
}

impl RefreshToken {
    /// A user of this tenant, who signed in to the application with this client id.
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
        refresh_token: impl Into<Secret>,
    ) -> Result<Self, Error> {
        let oauth = OAuth::new(cloud, tenant, client_id)?;
        Ok(Self { oauth, current: Mutex::new(refresh_token.into()), on_rotation: None })
    }

    /// Sets the secret of the application, which a web application has and a native one has not.
    pub fn client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.oauth = self.oauth.client_secret(secret.into());
        self
    }

    /// Calls `keep` with every new refresh token, before the access token that came with it is used.
    ///
    /// It is called on the task that asked for a token, which waits for it. One that is never kept is
    /// lost with the process; the one before it may not be good any more.
    pub fn on_rotation(mut self, keep: impl Fn(&Secret) + Send + Sync + 'static) -> Self {
        self.on_rotation = Some(Box::new(keep));
        self
    }

    /// Makes its connections like this: proxy, certificates.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): the proxy or a certificate cannot be
    /// used.
    pub fn transport(mut self, transport: &Transport) -> Result<Self, Error> {
        self.oauth = self.oauth.transport(transport)?;
        Ok(self)
    }

    /// Takes the time from this clock.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.oauth = self.oauth.clock(Arc::new(clock));
        self
    }
}

#[async_trait::async_trait]
impl TokenCredential for RefreshToken {
    /// Gets a new access token for these scopes, and a new refresh token.
    ///
    /// Sends one `POST`, which is not repeated; callers take turns. If it is dropped before it ends,
    /// a new refresh token may have been given out that is lost, and the old one stays in use.
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let mut current = self.current.lock().await;
        let grant = self.oauth.refresh(&current, scopes).await?;
        if let Some(new) = grant.refresh {
            *current = new;
            if let Some(keep) = &self.on_rotation {
                keep(&current);
            }
        }
        Ok(grant.access)
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshToken").field("oauth", &self.oauth).finish_non_exhaustive()
    }
}
