//! A user who signs in on another device.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};

use super::oauth::{DeviceAnswer, Failure, Grant, OAuth};
use super::signed_in::SignedIn;
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::error::{Error, line};
use crate::transport::Transport;

/// A user who signs in with a browser, on this device or another (RFC 8628).
///
/// The first token that is needed asks the person to sign in, and waits for it. The refresh token of
/// the sign-in gives the tokens after that, until it is refused; then the person is asked again.
///
/// # Examples
/// ```
/// # partner_center_emulator::example(async |endpoint| {
/// use std::sync::Arc;
/// use partner_center::{AppUser, Cloud, DeviceCode, PartnerCenter};
///
/// # #[derive(Debug)]
/// # struct Impatient;
/// # impl partner_center::Clock for Impatient {
/// #     fn sleep(&self, _: std::time::Duration) -> partner_center::Sleep {
/// #         Box::pin(std::future::ready(()))
/// #     }
/// # }
/// let cloud = Cloud::custom(endpoint).with_authority(endpoint);
/// let user = DeviceCode::new(&cloud, "contoso.example", "client id", |prompt| {
///     eprintln!("{}", prompt.message());
/// })?;
/// # let user = user.clock(Impatient);
/// let partner =
///     PartnerCenter::builder(AppUser::new(Arc::new(user))).endpoint(cloud.endpoint()).build()?;
/// partner.billing_profile().get().await?;
/// # Ok(()) }).unwrap();
/// ```
#[must_use]
pub struct DeviceCode {
    oauth: OAuth,
    prompt: Box<dyn Fn(&DevicePrompt) + Send + Sync>,
    signed_in: SignedIn,
}

/// What to show to the person who is to sign in.
pub struct DevicePrompt {
    verification_uri: String,
    user_code: String,
    message: String,
    expires_in: Duration,
}

impl DeviceCode {
    /// A user of this tenant, to be signed in to the application with this client id.
    ///
    /// The tenant is a GUID or a domain name: that of the partner, not that of a customer. The
    /// application must be registered as one that allows public client flows, or prove itself with
    /// [`client_secret`](Self::client_secret). `prompt` is called when someone has to sign in, on the task that asked for a token, and should not wait. Nothing is sent
    /// yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): the authority of the cloud is
    /// not an address that can be called, the tenant or the client id cannot be one, or the TLS
    /// library cannot be started.
    pub fn new(
        cloud: &Cloud,
        tenant: &str,
        client_id: &str,
        prompt: impl Fn(&DevicePrompt) + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        Ok(Self {
            oauth: OAuth::new(cloud, tenant, client_id)?,
            prompt: Box::new(prompt),
            signed_in: SignedIn::default(),
        })
    }

    /// The secret of the application, if it is registered as a confidential client.
    pub fn client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.oauth = self.oauth.client_secret(secret.into());
        self
    }

    /// Calls `keep` with every refresh token, the first included, before the access token that came
    /// with it is used.
    ///
    /// A [`RefreshToken`](crate::RefreshToken) can begin with it the next time, without anyone signing in.
    pub fn on_rotation(mut self, keep: impl Fn(&Secret) + Send + Sync + 'static) -> Self {
        self.signed_in.on_rotation(keep);
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

    /// Takes the time from this clock, and waits with it.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.oauth = self.oauth.clock(Arc::new(clock));
        self
    }

    async fn sign_in(&self, scopes: &[&str]) -> Result<Grant, Failure> {
        let device = self.oauth.device_code(scopes).await?;
        (self.prompt)(&DevicePrompt::new(&device));
        self.oauth.signed_in(&device).await
    }
}

#[async_trait::async_trait]
impl TokenCredential for DeviceCode {
    /// Gets a new access token for these scopes, and waits for someone to sign in if it must.
    ///
    /// Callers take turns. If it is dropped before it ends, the next caller asks the person again.
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        self.signed_in.token(&self.oauth, scopes, self.sign_in(scopes)).await
    }
}

impl DevicePrompt {
    fn new(device: &DeviceAnswer) -> Self {
        let verification_uri = line(device.verification_uri().as_str());
        let user_code = line(device.user_code().secret());
        let message = device.extra_fields().message.as_deref().map(line);
        let message = message.filter(|message| !message.is_empty()).unwrap_or_else(|| {
            format!("To sign in, open {verification_uri} and enter the code {user_code}.")
        });
        Self { verification_uri, user_code, message, expires_in: device.expires_in() }
    }

    /// The page to open.
    #[must_use]
    pub fn verification_uri(&self) -> &str {
        &self.verification_uri
    }

    /// The code to enter there.
    #[must_use]
    pub fn user_code(&self) -> &str {
        &self.user_code
    }

    /// One line for the person, with the page and the code, in the words of the sign-in service.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// How long the code is good.
    #[must_use]
    pub fn expires_in(&self) -> Duration {
        self.expires_in
    }
}

impl fmt::Debug for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceCode").field("oauth", &self.oauth).finish_non_exhaustive()
    }
}

impl fmt::Debug for DevicePrompt {
    /// Leaves out the code: whoever reads it in a log while it is good can sign in with it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevicePrompt")
            .field("verification_uri", &self.verification_uri)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}
