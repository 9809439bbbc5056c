//! A model, its entity tag and the document it was read from travel together.

use std::fmt;
use std::ops::{Deref, DerefMut};

use partner_center_api::Document;

use crate::document::{Change, Changes};
use crate::error::{Error, ErrorKind};
use crate::etag::StrongETag;
use crate::model::Model;

/// A resource as it was read, and what its reader made of it since.
///
/// Derefs to the model. Change the model and give it to [`Resource::update`](crate::Resource::update):
/// what is sent is the document as it was read, with what was changed in the model replaced.
///
/// # Examples
/// ```
/// # async fn run(emulator: &partner_center_emulator::Emulator) -> Result<(), Box<dyn std::error::Error>> {
/// # use partner_center::{AppOnly, PartnerCenter};
/// # let endpoint = emulator.url();
/// # let partner = PartnerCenter::builder(AppOnly::token("emulator-app-only")).endpoint(&endpoint).build()?;
/// # let customer = "aaaa0000-bb11-2222-33cc-444444dddddd".parse()?;
/// let mut profile = partner.customer(customer).billing_profile().get().await?;
/// profile.email = Some("ann@example.com".into());
///
/// let changes = profile.changes()?;
/// assert_eq!(changes[0].pointer, "/email");
/// profile.revert();
/// assert!(!profile.is_dirty()?);
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// #     let emulator = partner_center_emulator::Emulator::start().await.unwrap();
/// #     run(&emulator).await.unwrap();
/// # });
/// ```
#[derive(Clone)]
pub struct Versioned<T: Model> {
    /// Where it was read, and where alone it can be written.
    pub(crate) address: T::Address,
    pub(crate) read: Document<T>,
    /// The model as its reader has it now; until it is touched, it is the one that was read.
    model: Option<T>,
    etag: Option<StrongETag>,
    recovered: bool,
}

impl<T: Model> Versioned<T> {
    pub(crate) fn new(address: T::Address, read: Document<T>, etag: Option<StrongETag>) -> Self {
        Self { address, read, model: None, etag, recovered: false }
    }

    pub(crate) fn with_model(mut self, model: T) -> Self {
        self.model = Some(model);
        self
    }

    pub(crate) fn recovered(mut self) -> Self {
        self.recovered = true;
        self
    }

    /// The version that was read, unless the service sent none that can guard an update.
    ///
    /// It is that of the `ETag` header if there is one, because that is what `If-Match` is compared with
    /// (RFC 9110 section 13.1.1), else `attributes.etag`, which is all that this service was ever seen to
    /// send. One that is weak or malformed guards nothing and is passed over.
    #[must_use]
    pub fn etag(&self) -> Option<&StrongETag> {
        self.etag.as_ref()
    }

    /// The document exactly as it was read, as JSON in UTF-8 without a byte order mark.
    #[must_use]
    pub fn document(&self) -> &[u8] {
        self.read.json()
    }

    /// Whether the answer to the update was lost and its outcome was found out by reading again.
    ///
    /// The service has what was to be written. This is the resource as it is now, which may hold later
    /// changes of others too.
    #[must_use]
    pub fn was_recovered(&self) -> bool {
        self.recovered
    }

    /// Whether an update would send anything.
    ///
    /// # Errors
    /// As [`changes`](Self::changes).
    pub fn is_dirty(&self) -> Result<bool, Error> {
        Ok(!self.edits()?.is_empty())
    }

    /// What was changed since it was read, leaf by leaf. A list is one leaf.
    ///
    /// # Errors
    /// [`ErrorKind::Model`]: `extra` has a member that the model has too.
    pub fn changes(&self) -> Result<Vec<Change>, Error> {
        Ok(self.edits()?.list())
    }

    pub(crate) fn edits(&self) -> Result<Changes, Error> {
        let Some(model) = &self.model else { return Ok(Changes::default()) };
        edits(&*self.read, model)
    }

    /// Takes back what was changed since it was read.
    pub fn revert(&mut self) {
        self.model = None;
    }

    /// Takes the model out, and leaves its version behind.
    #[must_use]
    pub fn into_model(self) -> T {
        self.model.unwrap_or_else(|| self.read.into_model())
    }

    /// The resource as it was read, and the model as it is now.
    pub(crate) fn into_parts(mut self) -> (Self, T) {
        let model = self.model.take().unwrap_or_else(|| (*self.read).clone());
        (self, model)
    }
}

/// What makes one model of another.
pub(crate) fn edits<T: Model>(before: &T, after: &T) -> Result<Changes, Error> {
    Changes::between(&text(before)?, &text(after)?, T::MEMBERS).map_err(unwritable)
}

pub(crate) fn text<T: Model>(model: &T) -> Result<String, Error> {
    serde_json::to_string(model).map_err(unwritable)
}

pub(crate) fn unwritable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::Model, "the profile cannot be written").caused_by(cause)
}

impl<T: Model> Deref for Versioned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.model.as_ref().unwrap_or(&self.read)
    }
}

impl<T: Model> DerefMut for Versioned<T> {
    fn deref_mut(&mut self) -> &mut T {
        let read = &self.read;
        self.model.get_or_insert_with(|| (**read).clone())
    }
}

impl<T: Model> fmt::Debug for Versioned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Versioned")
            .field("etag", &self.etag)
            .field("model", &**self)
            .finish_non_exhaustive()
    }
}
