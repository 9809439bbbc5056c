//! A profile in the hands of someone who takes their time: edits stay until they are committed.

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::billing_profile::Resource;
use crate::credential::Credential;
use crate::document::Change;
use crate::error::{Error, UpdateError};
use crate::model::Model;
use crate::versioned::Versioned;

impl<A: Credential, T: Model> Resource<A, T> {
    /// Reads the profile, to be changed and written step by step.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn entry(&self) -> Result<Entry<A, T>, Error> {
        Ok(Entry { profile: self.get().await?, resource: self.clone() })
    }
}

/// A profile that was read to be changed and written, in one's own time. Derefs to the model.
///
/// # Examples
/// ```
/// # partner_center_emulator::example(async |endpoint| {
/// # use partner_center::{AppUser, PartnerCenter};
/// # let partner = PartnerCenter::builder(AppUser::token("emulator-app-user")).endpoint(endpoint).build()?;
/// let mut entry = partner.billing_profile().entry().await?;
/// entry.tax_id = Some("98-7654321".into());
/// if entry.is_dirty()? {
///     for change in entry.changes()? {
///         println!("{}: {:?} -> {:?}", change.pointer, change.before, change.after);
///     }
///     entry.commit().await?;
/// }
/// assert!(!entry.is_dirty()?);
/// # Ok(()) }).unwrap();
/// ```
#[must_use]
pub struct Entry<A, T: Model> {
    resource: Resource<A, T>,
    profile: Versioned<T>,
}

impl<A: Credential, T: Model> Entry<A, T> {
    /// Whether there is anything to write.
    ///
    /// # Errors
    /// As [`changes`](Self::changes).
    pub fn is_dirty(&self) -> Result<bool, Error> {
        self.profile.is_dirty()
    }

    /// What was changed since it was read or written, leaf by leaf.
    ///
    /// # Errors
    /// As [`Versioned::changes`].
    pub fn changes(&self) -> Result<Vec<Change>, Error> {
        self.profile.changes()
    }

    /// Takes back what was changed since it was read or written.
    pub fn revert(&mut self) {
        self.profile.revert();
    }

    /// Writes what was changed, as [`Resource::update`] does, and goes on with what the service has then.
    ///
    /// Nothing is sent if nothing was changed. After an error, and when the future is dropped, what was
    /// changed is still here.
    ///
    /// # Errors
    /// As [`Resource::update`]. After a conflict, [`rebase`](Self::rebase) and commit again.
    pub async fn commit(&mut self) -> Result<(), UpdateError<T>> {
        self.profile = self.resource.update(&self.profile).await?;
        Ok(())
    }

    /// Goes on with this instead, such as a [merged conflict](crate::Conflict::merge).
    pub fn rebase(&mut self, profile: Versioned<T>) {
        self.profile = profile;
    }

    /// The profile with its entity tag.
    pub fn versioned(&self) -> &Versioned<T> {
        &self.profile
    }
}

impl<A, T: Model> Deref for Entry<A, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.profile
    }
}

impl<A, T: Model> DerefMut for Entry<A, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.profile
    }
}

impl<A, T: Model> fmt::Debug for Entry<A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("resource", &self.resource)
            .field("profile", &self.profile)
            .finish()
    }
}
