//! Who calls: an application alone, or an application with a signed-in user.

use std::fmt;

/// A credential of either kind.
///
/// The type of the credential decides what can be called: the partner's own billing profile takes a
/// user, a customer's takes either. It is sealed; the two kinds are those of the service.
pub trait Credential: sealed::Sealed + Clone + Send + Sync + 'static {
    #[doc(hidden)]
    fn bearer(&self) -> &str;
}

/// An application without a user (App in the documentation).
#[derive(Clone)]
pub struct AppOnly(Token);

/// An application with a signed-in user (App+User in the documentation).
#[derive(Clone)]
pub struct AppUser(Token);

/// An access token. No `Debug` shows it.
#[derive(Clone)]
struct Token(Box<str>);

impl AppOnly {
    /// A fixed access token, which is not refreshed.
    #[must_use]
    pub fn token(token: &str) -> Self {
        Self(Token(token.into()))
    }
}

impl AppUser {
    /// A fixed access token, which is not refreshed.
    #[must_use]
    pub fn token(token: &str) -> Self {
        Self(Token(token.into()))
    }
}

impl Credential for AppOnly {
    fn bearer(&self) -> &str {
        &self.0.0
    }
}

impl Credential for AppUser {
    fn bearer(&self) -> &str {
        &self.0.0
    }
}

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

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::AppOnly {}
    impl Sealed for super::AppUser {}
}
