//! The sign-in that is kept: its refresh token in the platform's keyring, or in a file for one pair of
//! eyes.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use partner_center::Secret;
use serde::{Deserialize, Serialize};

use crate::args::CloudName;
use crate::failure::{Exit, Failure};
use crate::kept_token;
use crate::private;

const SERVICE: &str = "partner-center";

/// Who signed in, where, and where the refresh token is.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct SignIn {
    pub(crate) cloud: CloudName,
    pub(crate) authority: String,
    pub(crate) tenant: String,
    pub(crate) client_id: String,
    /// Whether the application proved itself with its secret, which it has to do each time then.
    #[serde(default)]
    pub(crate) confidential: bool,
    /// `None` if the keyring has it.
    refresh_token: Option<String>,
}

/// Where a refresh token went.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    Keyring,
    /// Why, if not because it was asked for.
    File(Option<String>),
}

impl SignIn {
    pub(crate) fn new(cloud: CloudName, authority: &str, tenant: &str, client_id: &str) -> Self {
        Self {
            cloud,
            authority: authority.to_owned(),
            tenant: tenant.to_owned(),
            client_id: client_id.to_owned(),
            confidential: false,
            refresh_token: None,
        }
    }

    /// Whether both are of one user of one application, as far as that can be told.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.cloud == other.cloud && self.user() == other.user()
    }

    /// Keeps other commands from using or changing the sign-in, until what is returned is dropped.
    pub(crate) fn lock(state: &Path) -> Result<File, Failure> {
        let path = state.join("sign-in.lock");
        let lock = private::open(&path).and_then(|file| file.lock().map(|()| file));
        lock.map_err(|cause| {
            Failure::new(format!("{} cannot be locked", path.display())).why(cause)
        })
    }

    pub(crate) fn path(state: &Path) -> PathBuf {
        state.join("sign-in.json")
    }

    pub(crate) fn load(state: &Path) -> Result<Option<Self>, Failure> {
        let path = Self::path(state);
        let unreadable = |cause: &dyn fmt::Display| {
            Failure::new(format!("{} cannot be read", path.display()))
                .why(cause)
                .hint("run `partner-center logout`, and login again")
        };
        match std::fs::read(&path) {
            // Not the cause, which repeats a value.
            Ok(json) => serde_json::from_slice(&json)
                .map(Some)
                .map_err(|cause| unreadable(&format_args!("line {}: not a sign-in", cause.line()))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(&error)),
        }
    }

    /// Whether the refresh token is in the keyring.
    pub(crate) fn is_in_keyring(&self) -> bool {
        self.refresh_token.is_none()
    }

    pub(crate) fn refresh_token(&self) -> Result<Secret, Failure> {
        if let Some(token) = &self.refresh_token {
            return Ok(Secret::new(token.clone()));
        }
        self.keyring(keyring::Entry::get_password).map(Secret::new).map_err(|cause| {
            Failure::new("the refresh token cannot be had from the keyring")
                .exit(Exit::NotAllowed)
                .why(cause)
                .hint("unlock the keyring, or run `partner-center login` again")
        })
    }

    /// Keeps the sign-in with this refresh token, in place of any other.
    pub(crate) fn keep(
        &mut self,
        token: &Secret,
        state: &Path,
        keyring: bool,
    ) -> Result<Kept, Failure> {
        let kept = if keyring {
            let secret = token.secret();
            match self.keyring(|entry| entry.set_password(secret)) {
                Ok(()) => Kept::Keyring,
                Err(cause) => Kept::File(Some(cause)),
            }
        } else {
            Kept::File(None)
        };
        self.refresh_token = match kept {
            Kept::Keyring => None,
            Kept::File(_) => Some(token.secret().to_owned()),
        };
        let json = serde_json::to_vec_pretty(self)
            .map_err(|cause| Failure::new("the sign-in cannot be kept").why(cause))?;
        private::write(&Self::path(state), &json)?;
        Ok(kept)
    }

    /// Forgets the sign-in and its refresh token; `false` if there was none.
    pub(crate) fn forget(state: &Path) -> Result<bool, Failure> {
        if !Self::path(state).exists() {
            kept_token::forget(state, false);
            return Ok(false);
        }
        let _lock = Self::lock(state)?;
        let sign_in = Self::load(state);
        let in_keyring = matches!(&sign_in, Ok(Some(sign_in)) if sign_in.is_in_keyring());
        kept_token::forget(state, in_keyring);
        // One that cannot be read is forgotten too.
        if let Ok(Some(sign_in)) = sign_in {
            sign_in.leave_keyring().map_err(|cause| {
                Failure::new("the refresh token cannot be removed from the keyring")
                    .why(cause)
                    .hint("unlock the keyring, and try again")
            })?;
        }
        match std::fs::remove_file(Self::path(state)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Failure::new("the sign-in cannot be removed").why(error)),
        }
    }

    /// Takes the refresh token out of the keyring, if that has it.
    pub(crate) fn leave_keyring(&self) -> Result<(), String> {
        if !self.is_in_keyring() {
            return Ok(());
        }
        self.keyring(|entry| match entry.delete_credential() {
            Err(keyring::Error::NoEntry) => Ok(()),
            result => result,
        })
    }

    /// Whether both have the same entry in the keyring.
    pub(crate) fn shares_entry(&self, other: &Self) -> bool {
        self.is_in_keyring() && other.is_in_keyring() && self.is_same(other)
    }

    /// Who signed in where, as far as that can be told.
    pub(crate) fn user(&self) -> String {
        format!("{} {} {}", self.authority, self.tenant, self.client_id)
    }

    fn keyring<T: Send>(
        &self,
        with: impl FnOnce(&keyring::Entry) -> keyring::Result<T> + Send,
    ) -> Result<T, String> {
        keyring(&self.user(), with)
    }
}

/// Uses an entry of the keyring.
///
/// On a thread of its own: the keyring of Linux is another process, and waiting for it is a runtime of
/// its own, which cannot be within another.
pub(crate) fn keyring<T: Send>(
    user: &str,
    with: impl FnOnce(&keyring::Entry) -> keyring::Result<T> + Send,
) -> Result<T, String> {
    let call = || {
        let entry = keyring::Entry::new(SERVICE, user).map_err(|error| match error {
            keyring::Error::NoDefaultStore => "there is none".to_owned(),
            error => error.to_string(),
        })?;
        with(&entry).map_err(|error| error.to_string())
    };
    let result = std::thread::scope(|scope| scope.spawn(call).join());
    result.unwrap_or_else(|_| Err("it failed".to_owned()))
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn")
            .field("cloud", &self.cloud)
            .field("authority", &self.authority)
            .field("tenant", &self.tenant)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
