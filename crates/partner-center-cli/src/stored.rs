//! The user who signed in: commands that run at the same time take turns, and no refresh token is used twice.

use std::fmt;
use std::path::PathBuf;

use azure_core::credentials::{AccessToken, TokenRequestOptions};
use indicatif::ProgressBar;
use partner_center::{Cloud, RefreshToken, Secret, TokenCredential, Transport};

use crate::failure::Failure;
use crate::output::{one_line, say};
use crate::sign_in::{Kept, SignIn};

/// Access tokens by the refresh token that is kept.
pub(crate) struct Stored {
    pub(crate) cloud: Cloud,
    pub(crate) transport: Transport,
    /// The secret of the application, if the sign-in was with it.
    pub(crate) client_secret: Option<Secret>,
    pub(crate) sign_in: SignIn,
    /// Where it is kept.
    pub(crate) state: PathBuf,
    pub(crate) bar: ProgressBar,
}

impl Stored {
    /// The sign-in as it is by now: another command may have a newer refresh token.
    fn current(&self) -> Result<SignIn, Failure> {
        let current = SignIn::load(&self.state)?.filter(|now| now.is_same(&self.sign_in));
        current.ok_or_else(|| Failure::new("the sign-in was ended or replaced meanwhile"))
    }

    /// Keeps a new refresh token where the one before was.
    fn keep(&self, mut sign_in: SignIn, new: &Secret) {
        let keyring = sign_in.is_in_keyring();
        let trouble = match sign_in.keep(new, &self.state, keyring) {
            Ok(Kept::Keyring | Kept::File(None)) => return,
            Ok(Kept::File(Some(why))) => {
                let path = SignIn::path(&self.state);
                format!("no keyring took the refresh token ({why}): it is in {}", path.display())
            }
            Err(failure) => {
                format!(
                    "the new refresh token is lost, the next command may need a login: {}",
                    text(&failure)
                )
            }
        };
        say(&self.bar, &one_line(&format!("warning: {trouble}")));
    }
}

fn text(failure: &Failure) -> String {
    failure.lines().collect::<Vec<_>>().join("; ")
}

#[async_trait::async_trait]
impl TokenCredential for Stored {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let failed = |failure: &Failure| {
            let kind = azure_core::error::ErrorKind::Credential;
            azure_core::Error::with_message(kind, text(failure))
        };
        let _lock = SignIn::lock(&self.state).map_err(|failure| failed(&failure))?;
        let sign_in = self.current().map_err(|failure| failed(&failure))?;
        let token = sign_in.refresh_token().map_err(|failure| failed(&failure))?;
        let user = RefreshToken::new(&self.cloud, &sign_in.tenant, &sign_in.client_id, token);
        let user = user.and_then(|user| user.transport(&self.transport));
        let mut user = user.map_err(|error| failed(&error.into()))?;
        if let Some(secret) = &self.client_secret {
            user = user.client_secret(secret.clone());
        }
        let (sender, receiver) = std::sync::mpsc::channel();
        let user = user.on_rotation(move |new| drop(sender.send(new.clone())));
        let granted = user.get_token(scopes, options).await;
        if let Some(new) = receiver.try_iter().last() {
            self.keep(sign_in, &new);
        }
        granted
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stored").field("sign_in", &self.sign_in).finish_non_exhaustive()
    }
}
