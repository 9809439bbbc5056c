//! Who calls: an application alone, or an application with a signed-in user.

#[cfg(feature = "sign-in")]
mod browser;
mod cache;
#[cfg(all(feature = "sign-in", any(feature = "rustls", feature = "rustls-no-provider")))]
mod client_certificate;
#[cfg(feature = "sign-in")]
mod client_secret;
#[cfg(feature = "sign-in")]
mod device_code;
#[cfg(feature = "sign-in")]
mod oauth;
#[cfg(feature = "sign-in")]
mod refresh_token;
#[cfg(feature = "sign-in")]
mod refusal;
#[cfg(feature = "sign-in")]
mod signed_in;
#[cfg(feature = "sign-in")]
mod workload_identity;

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "azure-core")]
use azure_core::credentials::TokenCredential;

#[cfg(feature = "sign-in")]
pub use browser::Browser;
#[cfg(feature = "azure-core")]
pub(crate) use cache::is_transient;
pub(crate) use cache::{Bearer, Tokens};
#[cfg(all(feature = "sign-in", any(feature = "rustls", feature = "rustls-no-provider")))]
pub use client_certificate::ClientCertificate;
#[cfg(feature = "sign-in")]
pub use client_secret::ClientSecret;
#[cfg(feature = "sign-in")]
pub use device_code::{DeviceCode, DevicePrompt};
#[cfg(feature = "sign-in")]
pub use refresh_token::RefreshToken;
#[cfg(feature = "sign-in")]
pub use refusal::SignInRefusal;
#[cfg(feature = "sign-in")]
pub use workload_identity::WorkloadIdentity;

/// A credential of either kind.
///
/// The type of the credential decides what can be called: the partner's own billing profile takes a
/// user, a customer's takes either. It is sealed; the two kinds are those of the service.
pub trait Credential: sealed::Sealed + Clone + Send + Sync + 'static {
    #[doc(hidden)]
    fn source(&self) -> &Source;
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
pub struct AppOnly(Source);

/// An application with a signed-in user (App+User in the documentation).
///
/// # Examples
/// ```
/// use partner_center::{AppUser, PartnerCenter};
///
/// let partner = PartnerCenter::builder(AppUser::token("an access token")).build()?;
/// # Ok::<(), partner_center::Error>(())
/// ```
#[derive(Clone)]
pub struct AppUser(Source);

impl AppOnly {
    /// Takes access tokens from `credential`, which must be those of an application without a user.
    ///
    /// [`ClientSecret`], `ClientCertificate` and [`WorkloadIdentity`] are such credentials, and those of the `azure_identity` crate that sign in an
    /// application. Whether there is a user behind a token, the service alone can tell.
    #[cfg(feature = "azure-core")]
    #[must_use]
    pub fn new(credential: Arc<dyn TokenCredential>) -> Self {
        Self(Source::Azure(credential))
    }

    /// A fixed access token, which is not refreshed.
    #[must_use]
    pub fn token(token: &str) -> Self {
        Self(Source::Fixed(token.into()))
    }
}

impl AppUser {
    /// Takes access tokens from `credential`, which must be those of a signed-in user.
    ///
    /// [`Browser`], [`DeviceCode`] and [`RefreshToken`] are such credentials, and those of the `azure_identity`
    /// crate that sign in a user. Whether there is a user behind a token, the service alone can tell.
    #[cfg(feature = "azure-core")]
    #[must_use]
    pub fn new(credential: Arc<dyn TokenCredential>) -> Self {
        Self(Source::Azure(credential))
    }

    /// A fixed access token, which is not refreshed.
    #[must_use]
    pub fn token(token: &str) -> Self {
        Self(Source::Fixed(token.into()))
    }
}

impl Credential for AppOnly {
    fn source(&self) -> &Source {
        &self.0
    }
}

impl Credential for AppUser {
    fn source(&self) -> &Source {
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

/// Where access tokens come from.
#[doc(hidden)]
#[derive(Clone)]
pub enum Source {
    /// A token that was got elsewhere. It has no end that is known here.
    Fixed(Arc<str>),
    #[cfg(feature = "azure-core")]
    Azure(Arc<dyn TokenCredential>),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Source(…)")
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::AppOnly {}
    impl Sealed for super::AppUser {}
}

#[cfg(all(test, feature = "azure-core"))]
mod tests {
    use azure_core::credentials::{AccessToken, TokenRequestOptions};
    use azure_core::time::OffsetDateTime;

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

    #[test]
    fn no_debug_shows_what_is_inside() {
        let careless = Arc::new(Careless("canary"));
        let app_only = AppOnly::new(careless.clone());
        let app_user = AppUser::new(careless.clone());
        let token = AppUser::token("canary");
        let shown = format!("{app_only:?} {app_user:?} {token:?} {:?}", token.source());
        assert!(!shown.contains("canary"), "{shown}");
        assert!(format!("{careless:?}").contains("canary"));
    }
}
