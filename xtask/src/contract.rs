//! The contract as it stands in its file: every value knows the line and column it came from, so
//! that whatever is wrong with it can be shown where a person will mend it.

use std::path::Path;

use openapi_diff::{Document, Source, escape};
use openapiv3::OpenAPI;
use serde_json::Value;

use crate::source::{Finding, finding};
use crate::structure;

/// The members of a path item that are operations.
pub const METHODS: [&str; 8] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Where the contract lives, relative to the root of the workspace.
pub const PATH: &str = "openapi/partner-center.yaml";

/// A contract that is structurally sound OpenAPI 3.0.
#[derive(Debug)]
pub struct Contract {
    /// The document as JSON, members in the order of the file.
    pub json: Value,
    /// The same document as typed by `openapiv3`.
    pub spec: OpenAPI,
    source: Source,
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
    pub fn of(document: Document) -> Result<Self, Vec<Finding>> {
        let Document { json, source, twice } = document;
        let mut findings: Vec<_> = twice
            .iter()
            .map(|at| finding(&source, "yaml", at, "the key is there twice", "remove one of them"))
            .collect();
        findings.extend(structure::check(&json, &source));
        if !findings.is_empty() {
            return Err(findings);
        }
        match serde_json::from_value(json.clone()) {
            Ok(spec) => Ok(Self { json, spec, source }),
            Err(error) => Err(structure::culprits(&json, &error, &source)),
        }
    }

    /// A document that is not sound, for rules that look at the JSON alone.
    pub(crate) fn unsound(document: Document) -> Self {
        let Document { json, source, .. } = document;
        Self { json, spec: OpenAPI::default(), source }
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

    /// Every operation with its JSON Pointer, path and method, in the order of the file.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        self.operations_named(|_| true)
    }

    /// The operations whose id is one to `keep`; no pointer is made for the others.
    pub(crate) fn operations_named<K: Fn(&str) -> bool>(
        &self,
        keep: K,
    ) -> impl Iterator<Item = Operation<'_>> + use<'_, K> {
        let paths = self.json.get("paths").and_then(Value::as_object).into_iter().flatten();
        let all =
            paths.flat_map(|(path, item)| METHODS.iter().map(move |method| (path, item, method)));
        all.filter_map(move |(path, item, method)| {
            let value = item.get(method)?;
            let id = value.get("operationId").and_then(Value::as_str).unwrap_or_default();
            keep(id).then(|| {
                let item_pointer = format!("/paths/{}", escape(path));
                let pointer = format!("{item_pointer}/{method}");
                Operation { path, method, item, item_pointer, value, pointer }
            })
        })
    }

    /// Follows `$ref` from `value` until something else is found; `None` for a reference that leads
    /// nowhere or in a circle.
    #[must_use]
    pub fn resolve<'a>(&'a self, mut value: &'a Value) -> Option<&'a Value> {
        for _ in 0..32 {
            match value.get("$ref").and_then(Value::as_str) {
                None => return Some(value),
                Some(reference) => value = self.json.pointer(reference.strip_prefix('#')?)?,
            }
        }
        None
    }

    /// What is at `pointer`, behind any `$ref`, and where that is; `None` as of [`Self::resolve`].
    #[must_use]
    pub fn follow(&self, pointer: &str) -> Option<(String, &Value)> {
        let mut at = pointer.to_owned();
        for _ in 0..32 {
            let value = self.json.pointer(&at)?;
            match value.get("$ref").and_then(Value::as_str) {
                None => return Some((at, value)),
                Some(reference) => reference.strip_prefix('#')?.clone_into(&mut at),
            }
        }
        None
    }
}

/// One operation of the contract.
#[derive(Debug, Clone)]
pub struct Operation<'a> {
    /// The path template.
    pub path: &'a str,
    /// The method, in lower case.
    pub method: &'static str,
    /// The path item that holds the operation.
    pub item: &'a Value,
    /// Where the path item is.
    pub item_pointer: String,
    /// The operation object.
    pub value: &'a Value,
    /// Where the operation is.
    pub pointer: String,
}
