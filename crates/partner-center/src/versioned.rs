//! A model, its entity tag and the document it was read from travel together.

use std::fmt;
use std::ops::{Deref, DerefMut};

use partner_center_api::Document;

use crate::etag::ETag;
use crate::model::Model;

/// A resource as it was read, and what its reader made of it since.
///
/// Derefs to the model. Change the model and give it to [`Resource::update`](crate::Resource::update):
/// what is sent is the document as it was read, with what was changed in the model replaced.
#[derive(Clone)]
pub struct Versioned<T: Model> {
    /// Where it was read, and where alone it can be written.
    pub(crate) address: T::Address,
    pub(crate) model: T,
    pub(crate) read: Document<T>,
    etag: Option<ETag>,
}

impl<T: Model> Versioned<T> {
    pub(crate) fn new(address: T::Address, read: Document<T>, etag: Option<ETag>) -> Self {
        Self { address, model: (*read).clone(), read, etag }
    }

    /// The version that was read, unless the service sent none that can be sent back.
    #[must_use]
    pub fn etag(&self) -> Option<&ETag> {
        self.etag.as_ref()
    }

    /// The document exactly as it was read, as JSON in UTF-8 without a byte order mark.
    #[must_use]
    pub fn document(&self) -> &[u8] {
        self.read.json()
    }

    /// Takes the model out, and leaves its version behind.
    #[must_use]
    pub fn into_model(self) -> T {
        self.model
    }
}

impl<T: Model> Deref for Versioned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.model
    }
}

impl<T: Model> DerefMut for Versioned<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.model
    }
}

impl<T: Model> fmt::Debug for Versioned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Versioned")
            .field("etag", &self.etag)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}
