//! Why an update failed: a conflict, which has what both sides made of the resource, or any other error.

use std::error::Error as StdError;
use std::fmt;
use std::ops::Deref;

use super::Error;
use crate::conflict::Conflict;
use crate::model::Model;

/// Why an update failed. Derefs to the [`Error`], and becomes it by `?`.
///
/// # Examples
/// ```
/// # partner_center_emulator::example(async |endpoint| {
/// # use partner_center::{AppUser, PartnerCenter};
/// use partner_center::UpdateError;
///
/// # let partner = PartnerCenter::builder(AppUser::token("emulator-app-user")).endpoint(endpoint).build()?;
/// let own = partner.billing_profile();
/// let mut mine = own.get().await?;
/// mine.tax_id = Some("98-7654321".into());
/// let _ = own.modify(|theirs| theirs.company_name = Some("Theirs Ltd.".into())).await?; // someone else
///
/// let written = match own.update(&mine).await {
///     Err(UpdateError::Conflict(conflict)) => own.update(&conflict.merge()?).await?,
///     other => other?,
/// };
/// assert_eq!(written.company_name.as_deref(), Some("Theirs Ltd."));
/// # Ok(()) }).unwrap();
/// ```
#[non_exhaustive]
pub enum UpdateError<T: Model> {
    /// Someone else changed the resource since it was read, and it was read again.
    Conflict(Box<Conflict<T>>),
    /// Any other error. It [is a conflict](Error::is_conflict) too if the resource could not be read again;
    /// `source()` says why.
    Other(Error),
}

/// Names the model of an [`UpdateError`] once more: a type is itself, and nothing else.
///
/// ```compile_fail,E0277
/// # fn f(error: partner_center::UpdateError<partner_center::models::BillingProfile>) {
/// let _ = error.into_conflict::<partner_center::models::CustomerBillingProfile>();
/// # }
/// ```
pub trait Is<T> {}

impl<T> Is<T> for T {}

impl<T: Model> UpdateError<T> {
    /// What happened, without what both sides made of the resource.
    #[must_use]
    pub fn error(&self) -> &Error {
        match self {
            Self::Conflict(conflict) => conflict.error(),
            Self::Other(error) => error,
        }
    }

    pub(crate) fn error_mut(&mut self) -> &mut Error {
        match self {
            Self::Conflict(conflict) => conflict.error_mut(),
            Self::Other(error) => error,
        }
    }

    /// Says that an earlier round of the update may have been applied.
    pub(crate) fn uncertain(mut self) -> Self {
        self.error_mut().set_applied_maybe(true);
        self
    }

    /// What both sides made of the resource, if it is a conflict and the resource could be read again.
    ///
    /// `U` is `T`, and need not be written.
    #[must_use]
    pub fn conflict<U>(&self) -> Option<&Conflict<T>>
    where
        T: Is<U>,
    {
        match self {
            Self::Conflict(conflict) => Some(conflict),
            Self::Other(_) => None,
        }
    }

    /// Takes out what both sides made of the resource. `U` is `T`, and need not be written.
    ///
    /// # Errors
    /// The error, if it is no conflict, or if the resource could not be read again; `source()` says why.
    pub fn into_conflict<U>(self) -> Result<Conflict<T>, Error>
    where
        T: Is<U>,
    {
        match self {
            Self::Conflict(conflict) => Ok(*conflict),
            Self::Other(error) => Err(error),
        }
    }
}

impl<T: Model> Deref for UpdateError<T> {
    type Target = Error;

    fn deref(&self) -> &Error {
        self.error()
    }
}

impl<T: Model> From<Error> for UpdateError<T> {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl<T: Model> From<UpdateError<T>> for Error {
    fn from(error: UpdateError<T>) -> Self {
        match error {
            UpdateError::Conflict(conflict) => conflict.into_error(),
            UpdateError::Other(error) => error,
        }
    }
}

impl<T: Model> fmt::Display for UpdateError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error().fmt(f)
    }
}

impl<T: Model> fmt::Debug for UpdateError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict(conflict) => f.debug_tuple("Conflict").field(conflict).finish(),
            Self::Other(error) => f.debug_tuple("Other").field(error).finish(),
        }
    }
}

impl<T: Model> StdError for UpdateError<T> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error().source()
    }
}
