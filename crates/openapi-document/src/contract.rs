//! A document that is a contract.

use std::ops::Deref;

use crate::document::Document;

/// A document that is OpenAPI 3.0. Derefs to the document.
#[derive(Debug)]
pub struct Contract {
    document: Document,
}

impl Contract {
    /// Takes a document whose grammar has been checked, or one for rules that do not rely on that. Its references are
    /// percent-decoded.
    #[must_use]
    pub fn new(mut document: Document) -> Self {
        document.decode_references();
        Self { document }
    }
}

impl Deref for Contract {
    type Target = Document;

    fn deref(&self) -> &Document {
        &self.document
    }
}
