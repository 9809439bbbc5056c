//! A model, its entity tag and the document it was read from travel together.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use bytes::Bytes;
use partner_center_api::Document;

use crate::client::Shared;
use crate::document::{Change, Changes};
use crate::error::{Error, ErrorKind};
use crate::etag::StrongETag;
use crate::model::Model;
use crate::version::Version;

/// How much longer than the document the text of a model is expected to be, in bytes.
const SLACK: usize = 64;

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
    read: Read<T>,
    model: T,
    touched: bool,
    recovered: bool,
}

/// A resource as it was read.
#[derive(Clone)]
struct Read<T: Model> {
    /// By whom and where it was read, and can be written: entity tags of two services, or of two
    /// partners, say nothing of each other.
    client: Arc<Shared>,
    address: T::Address,
    json: Bytes,
    version: Version,
    /// The model as this crate writes it, from when it was first touched. What was changed is found by
    /// comparing with that: a text is made faster than a copy of the model.
    text: Option<String>,
}

impl<T: Model> Versioned<T> {
    pub(crate) fn new(
        client: Arc<Shared>,
        address: T::Address,
        read: Document<T>,
        version: Version,
    ) -> Self {
        let (json, model) = read.into_parts();
        let read = Read { client, address, json, version, text: None };
        Self { read, model, touched: false, recovered: false }
    }

    pub(crate) fn with_model(mut self, model: T) -> Self {
        *self = model; // by way of `DerefMut`, which keeps what was read
        self
    }

    /// Whether it was read by this client from this resource.
    pub(crate) fn is_from(&self, client: &Arc<Shared>, address: &T::Address) -> bool {
        Arc::ptr_eq(&self.read.client, client) && self.read.address == *address
    }

    pub(crate) fn recovered(mut self) -> Self {
        self.recovered = true;
        self
    }

    /// The model as it was read.
    pub(crate) fn as_read(&self) -> Result<T, Error> {
        if self.touched {
            partner_center_api::read(&self.read.json).map_err(unwritable)
        } else {
            Ok(self.model.clone())
        }
    }

    /// The version that was read, unless the service sent none that can guard an update.
    ///
    /// It is `attributes.etag`, in any case, which is all that this service was ever seen to send, or else
    /// that of the `ETag` header. One that is weak, empty or malformed guards nothing (RFC 9110 section
    /// 13.1.1) and is passed over. Where body and header have different tags, an update that is refused
    /// although nothing has changed is sent again with that of the header.
    #[must_use]
    pub fn etag(&self) -> Option<&StrongETag> {
        self.read.version.tag().ok()
    }

    pub(crate) fn version(&self) -> &Version {
        &self.read.version
    }

    /// The document exactly as it was read, as JSON in UTF-8 without a byte order mark.
    #[must_use]
    pub fn document(&self) -> &[u8] {
        &self.read.json
    }

    /// Whether the answer to the update was lost and its outcome was found out by reading again.
    ///
    /// The service has what was to be written, whoever wrote it: this update, or someone else who meant
    /// the same. This is the resource as it is now, which may hold later changes of others too.
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
        if !self.touched {
            return Ok(Changes::default());
        }
        let length = self.read.json.len() + SLACK;
        let after = text(&self.model, length)?;
        let between =
            |before: &str| Changes::between(before, &after, T::MEMBERS).map_err(unwritable);
        match &self.read.text {
            Some(before) => between(before),
            None => between(&text(&self.as_read()?, length)?),
        }
    }

    /// Takes back what was changed since it was read.
    pub fn revert(&mut self) {
        // The document was read as such a model once, so it can be again.
        if let Ok(model) = self.as_read() {
            self.model = model;
            self.touched = false;
        }
    }

    /// Takes the model out, and leaves its version behind.
    #[must_use]
    pub fn into_model(self) -> T {
        self.model
    }
}

/// The model as this crate writes it, which is about as long as `length`, in bytes.
pub(crate) fn text<T: Model>(model: &T, length: usize) -> Result<String, Error> {
    let mut text = Vec::with_capacity(length);
    serde_json::to_writer(&mut text, model).map_err(unwritable)?;
    String::from_utf8(text).map_err(unwritable)
}

pub(crate) fn unwritable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::Model, "the profile cannot be written").caused_by(cause)
}

impl<T: Model> Deref for Versioned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.model
    }
}

impl<T: Model> DerefMut for Versioned<T> {
    fn deref_mut(&mut self) -> &mut T {
        if !self.touched {
            self.touched = true;
            self.read.text = text(&self.model, self.read.json.len() + SLACK).ok();
        }
        &mut self.model
    }
}

impl<T: Model> fmt::Debug for Versioned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Versioned")
            .field("etag", &self.etag())
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}
