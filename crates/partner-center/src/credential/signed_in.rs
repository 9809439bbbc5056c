//! A person who signed in: one is asked once, however many callers wait, and not again while the refresh token is good.

use azure_core::credentials::{AccessToken, Secret};
use tokio::sync::Mutex;

use super::oauth::{Failure, Grant, OAuth, OnRotation};

/// The refresh token of the sign-in. Held during one, so that a person is asked once.
#[derive(Default)]
pub(super) struct SignedIn {
    current: Mutex<Option<Secret>>,
    on_rotation: Option<OnRotation>,
}

impl SignedIn {
    /// Calls `keep` with every refresh token.
    pub(super) fn on_rotation(&mut self, keep: impl Fn(&Secret) + Send + Sync + 'static) {
        self.on_rotation = Some(Box::new(keep));
    }

    /// A new access token: by the refresh token, or by `sign_in` where there is none that is good.
    pub(super) async fn token(
        &self,
        oauth: &OAuth,
        scopes: &[&str],
        sign_in: impl Future<Output = Result<Grant, Failure>>,
    ) -> azure_core::Result<AccessToken> {
        let mut current = self.current.lock().await;
        if let Some(refresh) = &*current {
            match oauth.refresh(refresh, scopes).await {
                Ok(grant) => return Ok(self.keep(&mut current, grant)),
                Err(failure) if failure.needs_sign_in() => *current = None,
                Err(failure) => return Err(failure.into()),
            }
        }
        let grant = sign_in.await?;
        Ok(self.keep(&mut current, grant))
    }

    /// Leaves the refresh token for the next time.
    fn keep(&self, current: &mut Option<Secret>, grant: Grant) -> AccessToken {
        if let Some(new) = grant.refresh {
            let new = current.insert(new);
            if let Some(keep) = &self.on_rotation {
                keep(new);
            }
        }
        grant.access
    }
}
