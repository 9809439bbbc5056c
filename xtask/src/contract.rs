//! The contract as it stands in its file: every value knows the line and column it came from, so
//! that whatever is wrong with it can be shown where a person will mend it.

use std::ops::Deref;
use std::path::Path;

use openapi_document::{Document, Source};
use openapiv3::OpenAPI;

use crate::source::{Finding, finding};
use crate::structure;

/// Where the contract lives, relative to the root of the workspace.
pub const PATH: &str = "openapi/partner-center.yaml";

/// A contract that is structurally sound OpenAPI 3.0.
///
/// Derefs to its document.
#[derive(Debug)]
pub struct Contract {
    document: Document,
    /// The same document as typed by `openapiv3`.
    pub spec: OpenAPI,
}

impl Deref for Contract {
    type Target = Document;

    fn deref(&self) -> &Document {
        &self.document
    }
}

impl Contract {
    /// Reads and parses the contract of the workspace at `root`.
    ///
    /// # Errors
    /// Everything that is structurally wrong with it, or that it cannot be read.
    pub fn read(root: &Path) -> Result<Self, Vec<Finding>> {
        Self::open(&root.join(PATH), PATH)
    }

    /// Reads and parses `file`, naming it `path` in what it reports.
    ///
    /// # Errors
    /// Everything that is structurally wrong with it, or that it cannot be read.
    pub fn open(file: &Path, path: &str) -> Result<Self, Vec<Finding>> {
        Self::of(Self::document(file, path)?)
    }

    /// Reads the document in `file`, naming it `path` in what is reported of it.
    ///
    /// # Errors
    /// It cannot be read, or its syntax is wrong.
    pub fn document(file: &Path, path: &str) -> Result<Document, Vec<Finding>> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            vec![finding(
                &Source::nowhere(path),
                "unreadable",
                "",
                format!("cannot be read: {error}"),
                "expected a UTF-8 file here; the contract of this workspace is openapi/partner-center.yaml",
            )]
        })?;
        Self::syntax(path, &text)
    }

    fn syntax(path: &str, text: &str) -> Result<Document, Vec<Finding>> {
        Document::parse(path, text).map_err(|error| {
            let help = "expected one YAML document whose keys are unique";
            let found = finding(&Source::nowhere(path), "yaml", "", error.message, help);
            vec![Finding { place: error.place, ..found }]
        })
    }

    /// Parses `text`, naming it `path` in what it reports.
    ///
    /// # Errors
    /// Everything that is structurally wrong: syntax, unknown, missing and mistyped members,
    /// references that lead nowhere.
    pub fn parse(path: &str, text: &str) -> Result<Self, Vec<Finding>> {
        Self::of(Self::syntax(path, text)?)
    }

    /// Takes a document that has been read.
    ///
    /// # Errors
    /// Everything that is structurally wrong, as of [`Self::parse`] but for the syntax.
    pub fn of(mut document: Document) -> Result<Self, Vec<Finding>> {
        let source = &document.source;
        let mut findings: Vec<_> = document
            .twice
            .iter()
            .map(|at| finding(source, "yaml", at, "the key is there twice", "remove one of them"))
            .collect();
        findings.extend(structure::check(&document));
        if !findings.is_empty() {
            return Err(findings);
        }
        document.decode_references();
        match serde_json::from_value(document.json.clone()) {
            Ok(spec) => Ok(Self { document, spec }),
            Err(error) => Err(structure::culprits(&document, &error)),
        }
    }

    /// A document that is not sound, for rules that look at the JSON alone.
    pub(crate) fn unsound(document: Document) -> Self {
        Self { document, spec: OpenAPI::default() }
    }

    /// A finding about the value at `pointer`.
    #[must_use]
    pub fn finding(
        &self,
        rule: &'static str,
        pointer: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Finding {
        finding(&self.source, rule, pointer, message, help)
    }
}
