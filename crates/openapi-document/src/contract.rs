//! A document that is a contract.

use std::ops::Deref;

use openapiv3::OpenAPI;
use serde_json::Value;

use crate::document::Document;

/// A document that is sound OpenAPI 3.0. Derefs to the document.
#[derive(Debug)]
pub struct Contract {
    document: Document,
    /// The same document as typed by `openapiv3`; a path item that is a reference is what that leads to.
    pub spec: OpenAPI,
}

impl Contract {
    /// Takes a document whose grammar has been checked. Its references are percent-decoded.
    ///
    /// # Errors
    /// `openapiv3` cannot read it, for the reason that it gives. It says what it cannot read, and not
    /// where.
    pub fn new(mut document: Document) -> Result<Self, serde_json::Error> {
        document.decode_references();
        let mut json = document.json.clone();
        for item in json.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten() {
            if let Some(target) = document.resolve_value(item.1).filter(|at| *at != item.1) {
                *item.1 = target.clone();
            }
        }
        let spec = serde_json::from_value(json)?;
        Ok(Self { document, spec })
    }

    /// A document that is not sound, for rules that look at the JSON alone: `spec` is empty.
    #[must_use]
    pub fn unsound(document: Document) -> Self {
        Self { document, spec: OpenAPI::default() }
    }
}

impl Deref for Contract {
    type Target = Document;

    fn deref(&self) -> &Document {
        &self.document
    }
}
