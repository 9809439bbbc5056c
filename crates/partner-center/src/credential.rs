//! Who calls: an application alone, or an application with a signed-in user.

mod cache;
#[cfg(feature = "sign-in")]
mod client_secret;
#[cfg(feature = "sign-in")]
mod device_code;
#[cfg(feature = "sign-in")]
mod oauth;
#[cfg(feature = "sign-in")]
mod refresh_token;

use std::fmt;
use std::sync::Arc;

use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::time::{Duration, OffsetDateTime};

pub(crate) use cache::{Bearer, Tokens};
#[cfg(feature = "sign-in")]
pub use client_secret::ClientSecret;
#[cfg(feature = "sign-in")]
pub use device_code::{DeviceCode, DevicePrompt};
#[cfg(feature = "sign-in")]
pub use refresh_token::RefreshToken;

/// A credential of either kind.
///
/// The type of the credential decides what can be called: the partner's own billing profile takes a
/// user, a customer's takes either. It is sealed; the two kinds are those of the service.
pub trait Credential: sealed::Sealed + Clone + Send + Sync + 'static {
    #[doc(hidden)]
    fn source(&self) -> &Arc<dyn TokenCredential>;
}

/// An application without a user (App in the documentation).
///
/// # Examples
/// ```
/// use partner_center::{AppOnly, PartnerCenter};
///
/// let partner = PartnerCenter::builder(AppOnly::token("an access token")).build()?;
/// # Ok::<(), partner_center::Error>(())
/// ```
#[derive(Clone)]
pub struct AppOnly(Arc<dyn TokenCredential>);

/// An application with a signed-in user (App+User in the documentation).
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use partner_center::{AppUser, Cloud, PartnerCenter, RefreshToken};
///
/// let kept = RefreshToken::new(&Cloud::public(), "contoso.example", "client id", "a refresh token")?;
/// let partner = PartnerCenter::builder(AppUser::new(Arc::new(kept))).build()?;
/// # Ok::<(), partner_center::Error>(())
/// ```
#[derive(Clone)]
pub struct AppUser(Arc<dyn TokenCredential>);

impl AppOnly {
    /// Takes access tokens from `credential`, which must be those of an application without a user.
    ///
    /// [`ClientSecret`] is such a credential, and those of the `azure_identity` crate that sign in an
    /// application. Whether there is a user behind a token, the service alone can tell.
    #[must_use]
    pub fn new(credential: Arc<dyn TokenCredential>) -> Self {
        Self(credential)
    }

    /// A fixed access token, which is not refreshed.
    #[must_use]
    pub fn token(token: &str) -> Self {
        Self(Arc::new(Fixed::new(token)))
    }
}

impl AppUser {
    /// Takes access tokens from `credential`, which must be those of a signed-in user.
    ///
    /// [`RefreshToken`] and [`DeviceCode`] are such credentials, and those of the `azure_identity`
    /// crate that sign in a user. Whether there is a user behind a token, the service alone can tell.
    #[must_use]
    pub fn new(credential: Arc<dyn TokenCredential>) -> Self {
        Self(credential)
    }

    /// A fixed access token, which is not refreshed.
    #[must_use]
    pub fn token(token: &str) -> Self {
        Self(Arc::new(Fixed::new(token)))
    }
}

impl Credential for AppOnly {
    fn source(&self) -> &Arc<dyn TokenCredential> {
        &self.0
    }
}

impl Credential for AppUser {
    fn source(&self) -> &Arc<dyn TokenCredential> {
        &self.0
    }
}

// Neither shows what is inside: the `Debug` of somebody else's credential may not be as careful.

impl fmt::Debug for AppOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppOnly(…)")
    }
}

impl fmt::Debug for AppUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppUser(…)")
    }
}

/// An access token that was got elsewhere. It has no end that is known here.
#[derive(Debug)]
struct Fixed(Secret);

impl Fixed {
    fn new(token: &str) -> Self {
        Self(Secret::new(token.to_owned()))
    }
}

#[async_trait::async_trait]
impl TokenCredential for Fixed {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let never = OffsetDateTime::UNIX_EPOCH.saturating_add(Duration::MAX);
        Ok(AccessToken::new(self.0.clone(), never))
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::AppOnly {}
    impl Sealed for super::AppUser {}
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows what it holds, as no credential should.
    #[derive(Debug)]
    struct Careless(#[expect(dead_code, reason = "for its Debug")] &'static str);

    #[async_trait::async_trait]
    impl TokenCredential for Careless {
        async fn get_token(
            &self,
            _: &[&str],
            _: Option<TokenRequestOptions<'_>>,
        ) -> azure_core::Result<AccessToken> {
            Ok(AccessToken::new("t", OffsetDateTime::UNIX_EPOCH))
        }
    }

    #[tokio::test]
    async fn no_debug_shows_what_is_inside() {
        let careless = Arc::new(Careless("canary"));
        let app_only = AppOnly::new(careless.clone());
        let app_user = AppUser::new(careless.clone());
        let token = AppUser::token("canary");
        let answer = token.source().get_token(&[], None).await.expect("a token");
        let shown = format!("{app_only:?} {app_user:?} {token:?} {:?} {answer:?}", token.source());
        assert!(!shown.contains("canary"), "{shown}");
        assert!(format!("{careless:?}").contains("canary"));
    }
}
