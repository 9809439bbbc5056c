//! The access token that the last command got, so that the next one need not ask for another.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::time::{Duration, OffsetDateTime};
use serde::{Deserialize, Serialize};

use crate::private;
use crate::sign_in;

/// How long a token must be good that is taken: a command may wait, and go on after that.
const AHEAD: Duration = Duration::minutes(5);

/// The entry of the keyring.
const ENTRY: &str = "access-token";

/// A credential whose access tokens are kept, in the keyring or in a file that only its owner can read.
pub(crate) struct KeptToken {
    pub(crate) credential: Arc<dyn TokenCredential>,
    /// Whose token it is; another one's is not taken.
    pub(crate) owner: String,
    pub(crate) keyring: bool,
    pub(crate) state: PathBuf,
    /// Whether the token was taken: whoever asks again does so because it is not good.
    taken: AtomicBool,
}

#[derive(Deserialize, Serialize)]
struct Kept {
    owner: String,
    scope: String,
    /// In seconds from 1970 on.
    expires_on: i64,
    token: String,
}

impl KeptToken {
    pub(crate) fn new(
        credential: Arc<dyn TokenCredential>,
        owner: String,
        keyring: bool,
        state: PathBuf,
    ) -> Self {
        Self { credential, owner, keyring, state, taken: AtomicBool::new(false) }
    }

    fn path(&self) -> PathBuf {
        self.state.join("access-token.json")
    }

    /// The token that is kept, if it is good for this.
    fn kept(&self, scope: &str) -> Option<AccessToken> {
        let read = || std::fs::read(self.path()).ok();
        let text = if self.keyring {
            let entry = sign_in::keyring(ENTRY, keyring::Entry::get_password).ok();
            entry.map(String::into_bytes).or_else(read)
        } else {
            read()
        };
        let kept: Kept = serde_json::from_slice(&text?).ok()?;
        let expires = OffsetDateTime::from_unix_timestamp(kept.expires_on).ok()?;
        let good = kept.owner == self.owner
            && kept.scope == scope
            && expires > OffsetDateTime::now_utc() + AHEAD;
        good.then(|| AccessToken::new(Secret::new(kept.token), expires))
    }

    /// Keeps a token for the next command, and none of before. It is no failure if that cannot be done: that one asks
    /// again.
    pub(crate) fn keep(&self, scope: &str, token: &AccessToken) {
        forget(&self.state, self.keyring);
        let kept = Kept {
            owner: self.owner.clone(),
            scope: scope.to_owned(),
            expires_on: token.expires_on.unix_timestamp(),
            token: token.token.secret().to_owned(),
        };
        let Ok(json) = serde_json::to_string(&kept) else { return };
        // Some keyrings take no more than a few KiB.
        let in_keyring =
            self.keyring && sign_in::keyring(ENTRY, |entry| entry.set_password(&json)).is_ok();
        if !in_keyring {
            let _ = private::write(&self.path(), json.as_bytes());
        }
    }
}

/// Forgets the token that is kept, wherever it is.
pub(crate) fn forget(state: &Path, keyring: bool) {
    let _ = std::fs::remove_file(state.join("access-token.json"));
    if keyring {
        let _ = sign_in::keyring(ENTRY, keyring::Entry::delete_credential);
    }
}

#[async_trait::async_trait]
impl TokenCredential for KeptToken {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let scope = scopes.join(" ");
        // Of commands that start together, one asks. Without a lock, each does.
        let lock = private::open(&self.state.join("access-token.lock"));
        let _lock = lock.and_then(|file| file.lock().map(|()| file));
        if !self.taken.swap(true, Ordering::Relaxed)
            && let Some(token) = self.kept(&scope)
        {
            return Ok(token);
        }
        let token = self.credential.get_token(scopes, options).await?;
        self.keep(&scope, &token);
        Ok(token)
    }
}

impl fmt::Debug for KeptToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptToken").field("credential", &self.credential).finish_non_exhaustive()
    }
}
