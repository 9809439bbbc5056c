//! What the words of a document mean: which version of OpenAPI and of JSON Schema it is written in, and
//! which schemas its names and relative URIs stand for.

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_uri::{Uri, UriRef};
use openapi_document::{Document, escape};
use serde_json::Value;

/// Whether keywords beside a `$ref` count: from JSON Schema 2019-09 on, and so from OpenAPI 3.1 on
/// (OpenAPI 3.0.4 section 4.7.23 and JSON Schema draft 7 section 8.3 ignore them).
pub(crate) fn has_siblings(document: &Document) -> bool {
    let old = match document.json.get("openapi") {
        Some(Value::String(version)) => version == "3.0" || version.starts_with("3.0."),
        Some(Value::Number(version)) => version.as_f64() == Some(3.0),
        _ => true,
    };
    let dialect = document.json.get("jsonSchemaDialect").and_then(Value::as_str);
    !old && !dialect.is_some_and(|dialect| dialect.starts_with("http://json-schema.org/draft-0"))
}

/// Whether a dialect is one that the comparison reads.
fn is_known(dialect: &str) -> bool {
    let dialect = dialect.strip_suffix('#').unwrap_or(dialect);
    let published = [
        "https://json-schema.org/draft/2020-12/schema",
        "https://json-schema.org/draft/2019-09/schema",
        "http://json-schema.org/draft-07/schema",
        "http://json-schema.org/draft-06/schema",
        "http://json-schema.org/draft-04/schema",
    ];
    // The dialect of OpenAPI is published under the dates of its editions, too.
    let openapi = ["https://spec.openapis.org/oas/3.1/", "https://spec.openapis.org/oas/3.2/"];
    published.contains(&dialect) || openapi.iter().any(|start| dialect.starts_with(start))
}

/// A document with its `$ref`s as JSON Pointers, and what of it cannot be said for sure.
#[derive(Debug)]
pub(crate) struct Resolved<'a> {
    pub(crate) document: Cow<'a, Document>,
    /// Where a meaning is unknown, and why.
    pub(crate) doubts: Vec<(String, String)>,
}

/// Reads `$id`, `$anchor` and `$dynamicAnchor`, and writes what refers to them as pointers.
pub(crate) fn resolved(document: &Document) -> Resolved<'_> {
    if !has_siblings(document) || !has_names(&document.json) {
        return Resolved { document: Cow::Borrowed(document), doubts: Vec::new() };
    }
    // Nobody knows where the document is; its own URIs are relative to where that is.
    let somewhere = "https://document.invalid/";
    let start = scope(somewhere, document.json.get("$self").and_then(Value::as_str));
    let mut names = Names::default();
    names.schemas.insert(start.clone(), String::new());
    names.collect(&document.json, "", &start, false);
    let mut json = document.json.clone();
    names.rewrite(&mut json, "", &document.json, &start, false);
    let document = Document { json, ..document.clone() };
    Resolved { document: Cow::Owned(document), doubts: names.doubts }
}

/// Whether anything has a name, or a dialect of its own.
fn has_names(json: &Value) -> bool {
    let words = ["$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef", "$schema"];
    let mut todo = vec![json];
    while let Some(value) = todo.pop() {
        match value {
            Value::Array(items) => todo.extend(items),
            Value::Object(members) => {
                let named =
                    words.iter().any(|word| members.get(*word).is_some_and(Value::is_string));
                if named || members.contains_key("$vocabulary") {
                    return true;
                }
                todo.extend(members.values());
            }
            _ => {}
        }
    }
    json.get("jsonSchemaDialect").is_some()
}

/// Whether a member holds values of any form, in which nothing refers to anything.
fn is_data(key: &str) -> bool {
    matches!(key, "const" | "default" | "enum" | "example" | "examples")
}

/// Whether the keys of a member are names that people gave.
fn is_map(key: &str) -> bool {
    matches!(
        key,
        "$defs"
            | "definitions"
            | "dependentSchemas"
            | "patternProperties"
            | "properties"
            | "responses"
            | "schemas"
    )
}

/// The schemas of a document by their names.
#[derive(Debug, Default)]
struct Names {
    /// Pointers by URI, with the anchor as the fragment.
    schemas: HashMap<String, String>,
    /// Pointers by dynamic anchor.
    dynamic: HashMap<String, Vec<String>>,
    doubts: Vec<(String, String)>,
}

impl Names {
    /// Notes what is named in `value`; `map` if its keys are names.
    fn collect(&mut self, value: &Value, pointer: &str, base: &str, map: bool) {
        let Value::Object(members) = value else {
            if let Value::Array(items) = value {
                for (index, item) in items.iter().enumerate() {
                    self.collect(item, &format!("{pointer}/{index}"), base, false);
                }
            }
            return;
        };
        let text = |key: &str| members.get(key).and_then(Value::as_str).filter(|_| !map);
        let base = scope(base, text("$id"));
        if text("$id").is_some() {
            self.schemas.entry(base.clone()).or_insert_with(|| pointer.to_owned());
        }
        for key in ["$anchor", "$dynamicAnchor"] {
            let Some(name) = text(key) else { continue };
            let uri = format!("{base}#{name}");
            self.schemas.entry(uri).or_insert_with(|| pointer.to_owned());
            if key == "$dynamicAnchor" {
                self.dynamic.entry(name.to_owned()).or_default().push(pointer.to_owned());
            }
        }
        for key in ["$schema", "jsonSchemaDialect"] {
            if let Some(dialect) = text(key).filter(|dialect| !is_known(dialect)) {
                let text = format!("`{dialect}` is a dialect of JSON Schema that is not known");
                self.doubts.push((format!("{pointer}/{key}"), text));
            }
        }
        if members.contains_key("$vocabulary") && !map {
            let text = "`$vocabulary` changes what keywords mean, which is not looked into";
            self.doubts.push((format!("{pointer}/$vocabulary"), text.to_owned()));
        }
        for (key, inner) in members.iter().filter(|(key, _)| map || !is_data(key)) {
            let at = format!("{pointer}/{}", escape(key));
            self.collect(inner, &at, &base, !map && is_map(key));
        }
    }

    /// Writes every reference in `value` as a pointer.
    fn rewrite(&mut self, value: &mut Value, pointer: &str, root: &Value, base: &str, map: bool) {
        let Value::Object(members) = value else {
            if let Value::Array(items) = value {
                for (index, item) in items.iter_mut().enumerate() {
                    self.rewrite(item, &format!("{pointer}/{index}"), root, base, false);
                }
            }
            return;
        };
        let text = |key: &str| members.get(key).and_then(Value::as_str).filter(|_| !map);
        let base = scope(base, text("$id"));
        let target = text("$ref").and_then(|uri| self.target(root, &base, uri));
        let dynamic = text("$dynamicRef").map(str::to_owned);
        if text("$recursiveRef").is_some() {
            let text = "`$recursiveRef` is not followed";
            self.doubts.push((format!("{pointer}/$recursiveRef"), text.to_owned()));
        }
        if let Some(target) = target {
            members.insert("$ref".to_owned(), target.into());
        }
        if let Some(uri) = dynamic {
            let name = uri.rsplit('#').next().unwrap_or_default();
            let all = self.dynamic.get(name).map_or(&[][..], Vec::as_slice);
            let near = self.target(root, &base, &uri);
            if all.len() > 1 || near.is_none() && all.is_empty() || members.contains_key("$ref") {
                let text = format!(
                    "which of several schemas `$dynamicRef: {uri}` stands for depends on where it is read from"
                );
                self.doubts.push((format!("{pointer}/$dynamicRef"), text));
            }
            if let Some(target) = near.or_else(|| all.first().map(|at| reference(at))) {
                members.shift_remove("$dynamicRef");
                members.entry("$ref").or_insert(target.into());
            }
        }
        for (key, inner) in members.iter_mut().filter(|(key, _)| map || !is_data(key)) {
            let at = format!("{pointer}/{}", escape(key));
            self.rewrite(inner, &at, root, &base, !map && is_map(key));
        }
    }

    /// The pointer that a URI stands for, as a `$ref` has it; `None` if it is one already, or if the
    /// URI is of another document.
    fn target(&self, root: &Value, base: &str, uri: &str) -> Option<String> {
        let (resource, fragment) = join(base, uri)?;
        let schema = self.schemas.get(&resource)?;
        if fragment.is_empty() || fragment.starts_with('/') {
            let pointer = format!("{schema}{fragment}");
            // Within a schema with an `$id`, `#/components/…` is a mistake that every tool forgives.
            return root.pointer(&pointer).map(|_| reference(&pointer));
        }
        Some(reference(self.schemas.get(&format!("{resource}#{fragment}"))?))
    }
}

/// The URI that what is in a schema is relative to.
fn scope(base: &str, id: Option<&str>) -> String {
    id.and_then(|id| join(base, id)).map_or_else(|| base.to_owned(), |(uri, _)| uri)
}

/// What a reference names from a place with the URI `base`: a URI, and a fragment of it.
fn join(base: &str, uri: &str) -> Option<(String, String)> {
    let full = UriRef::parse(uri).ok()?.resolve_against(&Uri::parse(base).ok()?).ok()?;
    let fragment = match full.fragment() {
        Some(fragment) => fragment.decode().to_string().ok()?.into_owned(),
        None => String::new(),
    };
    Some((full.strip_fragment().as_str().to_owned(), fragment))
}

fn reference(pointer: &str) -> String {
    format!("#{}", pointer.replace('%', "%25"))
}
