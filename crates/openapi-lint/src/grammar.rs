//! The grammar of OpenAPI 3.0 as a table: which object has which members, and of what type.
//!
//! `openapiv3` ignores a member that it does not know and reports a mistyped one as "did not match
//! any variant", without a place. Walking the document along this table first names every mistake
//! at once, with its place and with what was expected.

mod objects;
mod parts;
mod rules;

use std::collections::HashSet;
use std::path::Path;

use openapi_document::{
    Contract, Cursor, Diagnostic, Document, Folder, Rule, Severity, Source, UNREADABLE, YAML,
    escape, nearest,
};
use serde_json::{Map, Value};

use objects::{Object, PATHS, Shape, TYPES};
use parts::Parts;

use crate::walk;

pub use rules::*;

/// Reads the document in the file at a path, which is seen from a folder, with the files that it refers to.
///
/// # Errors
/// It cannot be read, or its syntax is wrong.
pub fn read(folder: &Path, path: &str) -> Result<Document, Vec<Diagnostic>> {
    let text = std::fs::read_to_string(folder.join(path)).map_err(|error| {
        vec![Source::nowhere(path).diagnostic(
            UNREADABLE,
            "",
            format!("cannot be read: {error}"),
            "expected a UTF-8 file with a contract here",
        )]
    })?;
    Document::of(&Folder(folder.to_owned()), path, &text).map_err(|error| vec![*error])
}

/// Reads and parses the contract in the file at a path, which is seen from a folder.
///
/// # Errors
/// Everything that its grammar does not allow, or that it cannot be read.
pub fn open(folder: &Path, path: &str) -> Result<Contract, Vec<Diagnostic>> {
    contract(&read(folder, path)?)
}

/// Parses the contract `text`, naming it `path` in what is reported of it.
///
/// # Errors
/// Everything that its grammar does not allow: syntax, unknown, missing and mistyped members, references
/// that lead nowhere.
pub fn parse(path: &str, text: &str) -> Result<Contract, Vec<Diagnostic>> {
    contract(&Document::parse(path, text).map_err(|error| vec![*error])?)
}

/// Takes a document that has been read, to generate from it.
///
/// # Errors
/// Everything that its grammar does not allow, as of [`parse`] but for the syntax, or that the generator cannot read.
pub fn contract(document: &Document) -> Result<Contract, Vec<Diagnostic>> {
    let mut findings = check(document);
    findings.retain(blocks);
    for finding in &mut findings {
        finding.severity = Severity::Error;
    }
    if findings.is_empty() {
        findings = structure(document);
    }
    if findings.is_empty() { Ok(Contract::new(document.clone())) } else { Err(findings) }
}

/// Whether nothing can be generated because of what [`check`] finds: an error, or what is in a document that is not read.
#[must_use]
pub fn blocks(finding: &Diagnostic) -> bool {
    finding.is_error() || finding.rule == EXTERNAL_REFERENCE.id
}

/// Everything about `document` that the grammar of OpenAPI 3.0 does not allow, or that is ignored, in its order.
#[must_use]
pub fn check(document: &Document) -> Vec<Diagnostic> {
    let source = &document.source;
    let keys = document.duplicate_keys.iter();
    let mut findings: Vec<_> =
        keys.map(|at| source.diagnostic(YAML, at, "duplicate key", "remove one of them")).collect();
    if let Some(other) = other_version(document) {
        findings.push(other);
        return findings;
    }
    let mut walk = Walk {
        document,
        at: String::new(),
        findings,
        elsewhere: Vec::new(),
        visited: HashSet::new(),
        parts: Parts::default(),
    };
    walk.object(&document.json, Object::Document);
    // What is referred to and is no part of the description otherwise. It may refer to more.
    while let Some((at, object)) = walk.elsewhere.pop() {
        walk.at = at.pointer;
        walk.object(at.value, object);
    }
    walk.findings
}

/// That a document is of another version, of which the table tells nothing.
fn other_version(document: &Document) -> Option<Diagnostic> {
    let text = |name: &str| document.json.get(name).and_then(Value::as_str);
    let (at, message, help) = match (text("openapi"), text("swagger")) {
        (Some(version), _) if version.starts_with("3.0.") => return None,
        (Some(version), _) if version.starts_with("3.1.") => (
            "/openapi",
            format!("this is OpenAPI {version}; the lint and the generator read OpenAPI 3.0"),
            "`cargo xtask diff` and `cargo xtask docs` read it; for a client, write it as `openapi: 3.0.3`",
        ),
        (Some(version), _) => (
            "/openapi",
            format!("`{version}` is not OpenAPI 3.0, which the lint and the generator read"),
            "expected `openapi: 3.0.3`",
        ),
        (None, Some(version)) => (
            "/swagger",
            format!("this is Swagger {version}; the lint and the generator read OpenAPI 3.0"),
            "convert it, and write `openapi: 3.0.3`",
        ),
        (None, None) => return None,
    };
    Some(document.source.diagnostic(OPENAPI_VERSION, at, message, help))
}

/// What `openapiv3`, which the generator reads with, refuses of a document that is sound by the table.
#[must_use]
pub fn structure(document: &Document) -> Vec<Diagnostic> {
    let elsewhere = || {
        let items = document.root().entries("paths").filter(|(_, at)| at.get("$ref").is_some());
        items
            .map(|(_, at)| document.follow(at))
            .find(|at| Object::PathItem.refusal(at.value).is_some())
    };
    match Object::Document.refusal(&document.json) {
        Some(why) => culprits(document, &why),
        None => elsewhere().map(|_| culprits(document, "")).unwrap_or_default(),
    }
}

/// Where `openapiv3` cannot read a document: it says what it cannot read, but not where, so that every object is tried
/// by itself.
fn culprits(document: &Document, error: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    refused(document, document.root(), Object::Document, &mut found);
    if found.is_empty() {
        found.push((String::new(), error.to_owned()));
    }
    found.dedup();
    let help = "compare with https://spec.openapis.org/oas/v3.0.3";
    found
        .into_iter()
        .map(|(pointer, why)| {
            let message = format!("the generator cannot read this: {why}");
            document.source.diagnostic(STRUCTURE, &pointer, message, help)
        })
        .collect()
}

/// The innermost objects that `openapiv3` refuses, and why.
fn refused(document: &Document, at: Cursor<'_>, object: Object, found: &mut Vec<(String, String)>) {
    let at = if object == Object::PathItem { document.follow(at) } else { at };
    let is_reference = object.section().is_some() && at.get("$ref").is_some();
    let why = object.refusal(at.value).filter(|_| !is_reference);
    // It does not read a path item that is elsewhere.
    if why.is_none() && object != Object::Document {
        return;
    }
    let before = found.len();
    let inner: Vec<_> = match object {
        Object::Responses => entries(&at).map(|response| (response, Object::Response)).collect(),
        _ => {
            object.members().iter().flat_map(|(name, shape, _)| parts(&at, name, *shape)).collect()
        }
    };
    for (at, object) in inner {
        refused(document, at, object, found);
    }
    if let Some(why) = why.filter(|_| found.len() == before) {
        found.push((at.pointer, why));
    }
}

/// The objects in the member `name` of an object.
fn parts<'a>(at: &Cursor<'a>, name: &str, shape: Shape) -> Vec<(Cursor<'a>, Object)> {
    let Some(member) = at.get(name) else { return Vec::new() };
    match shape {
        Shape::One(inner) | Shape::FlagOr(inner) if member.value.is_object() => {
            vec![(member, inner)]
        }
        Shape::List(inner) => at.elements(name).map(|item| (item, inner)).collect(),
        Shape::Map(inner) => entries(&member).map(|entry| (entry, inner)).collect(),
        _ => Vec::new(),
    }
}

/// The members of an object that are no extensions.
fn entries<'a>(at: &Cursor<'a>) -> impl Iterator<Item = Cursor<'a>> + use<'a> {
    at.members().filter(|(name, _)| !name.starts_with("x-")).map(|(_, at)| at)
}

struct Walk<'a> {
    document: &'a Document,
    /// The pointer of the value that is looked at.
    at: String,
    findings: Vec<Diagnostic>,
    /// What is referred to where the table has nothing, and is still to be looked at.
    elsewhere: Vec<(Cursor<'a>, Object)>,
    /// What of it has been found.
    visited: HashSet<(usize, Object)>,
    /// The schemas whose parts have been looked at.
    parts: Parts,
}

impl<'a> Walk<'a> {
    fn report(&mut self, rule: Rule, message: impl Into<String>, help: impl Into<String>) {
        self.findings.push(self.document.source.diagnostic(rule, &self.at, message, help));
    }

    /// Looks at what is in the value that is looked at.
    fn within(&mut self, name: &str, look: impl FnOnce(&mut Self)) {
        let length = walk::enter(&mut self.at, name);
        look(self);
        self.at.truncate(length);
    }

    fn object(&mut self, value: &'a Value, object: Object) {
        let Some(map) = value.as_object() else {
            let message = format!("{} is {}", object.name(), kind(value));
            return self.report(TYPE, message, "expected an object");
        };
        if object == Object::Schema && parts::has_parts(value) {
            self.parts.visit(self.document, Cursor::new(value, &*self.at), &mut self.findings);
        }
        if object == Object::Responses {
            return self.responses(map);
        }
        if object.section().is_some()
            && let Some(target) = map.get("$ref")
        {
            self.within("$ref", |walk| walk.reference(target, object));
            // A path item may have members beside it (section 4.7.9).
            if object != Object::PathItem {
                return self.siblings(map);
            }
        }
        let members = object.members();
        for (key, value) in map {
            if let Some((_, shape, _)) = members.iter().find(|(name, ..)| name == key) {
                self.within(key, |walk| walk.member(key, value, *shape));
            } else if !(key.starts_with("x-") || key == "$ref" && object == Object::PathItem) {
                let near = nearest(key, members.iter().map(|(name, ..)| *name));
                let help = near.map_or_else(
                    || "remove it, or start its name with `x-`".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                let message = format!("{} has no member `{key}`", object.name());
                self.within(key, |walk| walk.report(UNKNOWN_MEMBER, message, help));
            }
        }
        for (name, ..) in
            members.iter().filter(|(name, _, needed)| *needed && !map.contains_key(*name))
        {
            self.lacks(object.name(), name);
        }
        match object {
            Object::Discriminator => self.mapping(map),
            Object::Parameter => {
                self.typed(map, object);
                self.style(map);
            }
            Object::Header => self.typed(map, object),
            Object::SecurityScheme => self.scheme(map),
            Object::Flows => self.flows(map),
            _ => {}
        }
    }

    fn lacks(&mut self, what: &str, name: &str) {
        self.report(MISSING_MEMBER, format!("{what} lacks `{name}`"), format!("add `{name}`"));
    }

    /// A parameter or a header says what it is (section 4.7.12).
    fn typed(&mut self, map: &Map<String, Value>, object: Object) {
        if !map.contains_key("schema") && !map.contains_key("content") {
            self.lacks(object.name(), "schema");
        }
    }

    /// A parameter is written in a way that its location has (section 4.7.12.2).
    fn style(&mut self, map: &Map<String, Value>) {
        let Some(style) = map.get("style").and_then(Value::as_str) else { return };
        let styles: &[&str] = match map.get("in").and_then(Value::as_str) {
            Some("path") => &["matrix", "label", "simple"],
            Some("query") => &["form", "spaceDelimited", "pipeDelimited", "deepObject"],
            Some("header") => &["simple"],
            Some("cookie") => &["form"],
            _ => return,
        };
        if !styles.contains(&style) {
            let help = format!("expected one of {}", styles.join(", "));
            self.within("style", |walk| walk.report(TYPE, format!("`style` is `{style}`"), help));
        }
    }

    /// A security scheme has what its type needs (section 4.7.23).
    fn scheme(&mut self, map: &Map<String, Value>) {
        let Some(class) = map.get("type").and_then(Value::as_str) else { return };
        let needed: &[&str] = match class {
            "apiKey" => &["name", "in"],
            "http" => &["scheme"],
            "oauth2" => &["flows"],
            "openIdConnect" => &["openIdConnectUrl"],
            _ => {
                let message = format!("`type` is `{class}`");
                let help = "expected one of apiKey, http, oauth2, openIdConnect";
                return self.within("type", |walk| walk.report(TYPE, message, help));
            }
        };
        for name in needed.iter().filter(|name| !map.contains_key(**name)) {
            self.lacks(&format!("a security scheme of type {class}"), name);
        }
    }

    /// A flow has the addresses that it needs (section 4.7.26).
    fn flows(&mut self, map: &Map<String, Value>) {
        for (name, needed) in [
            ("implicit", &["authorizationUrl"][..]),
            ("password", &["tokenUrl"]),
            ("clientCredentials", &["tokenUrl"]),
            ("authorizationCode", &["authorizationUrl", "tokenUrl"]),
        ] {
            let Some(flow) = map.get(name).and_then(Value::as_object) else { continue };
            for member in needed.iter().filter(|member| !flow.contains_key(**member)) {
                self.within(name, |walk| walk.lacks(&format!("the flow {name}"), member));
            }
        }
    }

    fn reference(&mut self, target: &'a Value, object: Object) {
        let section = object.section().unwrap_or_default();
        let Some(target) = target.as_str() else {
            let help = format!("expected `{}`", expected(section));
            return self.report(TYPE, "a reference is not a string", help);
        };
        if !target.starts_with('#') {
            let message = format!("`{target}` is in another document, which is not read");
            let help = "what it leads to is not checked, and nothing is generated from it";
            return self.report(EXTERNAL_REFERENCE, message, help);
        }
        let document = self.document;
        let Some(found) = document.target(target) else {
            let help = self.meant(target, section);
            return self.report(UNRESOLVED_REFERENCE, format!("`{target}` leads nowhere"), help);
        };
        let is = Object::at(&found.pointer);
        if let Some(other) = is.filter(|is| *is != object) {
            let message =
                format!("`{target}` is {}, and {} belongs here", other.name(), object.name());
            let help = format!("expected `{}`", expected(section));
            return self.report(UNRESOLVED_REFERENCE, message, help);
        }
        // Of a schema, its parts tell.
        if object != Object::Schema && self.is_circular(found.clone()) {
            let message = format!("`{target}` leads back to itself");
            let help = "refer to what is meant, not to another reference";
            return self.report(CIRCULAR_REFERENCE, message, help);
        }
        // The walk comes by all others.
        if is.is_none() && self.visited.insert((found.address(), object)) {
            self.elsewhere.push((found, object));
        }
    }

    fn siblings(&mut self, map: &Map<String, Value>) {
        for key in map.keys().filter(|key| *key != "$ref") {
            let message = format!("`{key}` beside `$ref` is ignored");
            self.within(key, |walk| {
                walk.report(REFERENCE_SIBLING, message, "move it to what is referred to");
            });
        }
    }

    /// The mapping of a discriminator has names of schemas, or references (section 4.7.25).
    fn mapping(&mut self, map: &Map<String, Value>) {
        let mapping = map.get("mapping").and_then(Value::as_object).into_iter().flatten();
        for (key, target) in mapping.filter_map(|(key, target)| Some((key, target.as_str()?))) {
            let named = self.document.at(&format!("/components/schemas/{}", escape(target)));
            // What is no name of a schema may be the URL of a document.
            let is_local = target.starts_with('#') || !target.contains(['/', '.', ':', '#']);
            if is_local && named.or_else(|| self.document.target(target)).is_none() {
                let help = self.meant(target, "schemas");
                let message = format!("`{target}` leads nowhere");
                self.within("mapping", |walk| {
                    walk.within(key, |walk| walk.report(UNRESOLVED_REFERENCE, message, help));
                });
            }
        }
    }

    /// What a reference that leads nowhere was meant to be.
    fn meant(&self, target: &str, section: &str) -> String {
        let known = |at: Option<Cursor<'_>>, name: &str| -> Vec<String> {
            let entries = at.into_iter().flat_map(|at| at.entries(name).collect::<Vec<_>>());
            entries.map(|(_, at)| format!("#{}", at.pointer)).collect()
        };
        let root = self.document.root();
        let known = if section == PATHS {
            known(Some(root), PATHS)
        } else {
            known(root.get("components"), section)
        };
        match nearest(target, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if section == PATHS => "write the path item here".to_owned(),
            None => format!("expected `{}`, in this file", expected(section)),
        }
    }

    /// Whether there are nothing but references from here, which go round.
    fn is_circular(&self, at: Cursor<'_>) -> bool {
        let end = self.document.follow(at).text("$ref");
        end.is_some_and(|reference| self.document.target(reference).is_some())
    }

    fn responses(&mut self, map: &'a Map<String, Value>) {
        for (status, response) in map.iter().filter(|(key, _)| !key.starts_with("x-")) {
            let digits = status.strip_suffix("XX").map_or((status.as_str(), 3), |class| (class, 1));
            let valid = digits.0.len() == digits.1
                && digits.0.starts_with(|first: char| ('1'..='5').contains(&first))
                && digits.0.bytes().all(|digit| digit.is_ascii_digit());
            self.within(status, |walk| {
                if !valid && status != "default" {
                    let message = format!("`{status}` is not a status");
                    walk.report(STATUS, message, "expected one like '200' or 4XX");
                }
                walk.object(response, Object::Response);
            });
        }
    }

    fn member(&mut self, name: &str, value: &'a Value, shape: Shape) {
        let expected = match shape {
            Shape::One(object) => return self.object(value, object),
            Shape::FlagOr(object) if !value.is_boolean() => return self.object(value, object),
            Shape::List(object) => match value.as_array() {
                Some(items) => {
                    for (index, item) in items.iter().enumerate() {
                        self.within(&index.to_string(), |walk| walk.object(item, object));
                    }
                    return;
                }
                None => "a list",
            },
            Shape::Map(object) => match value.as_object() {
                Some(map) => {
                    let extension = |key: &str| object == Object::PathItem && key.starts_with("x-");
                    for (key, entry) in map.iter().filter(|(key, _)| !extension(key)) {
                        self.within(key, |walk| walk.object(entry, object));
                    }
                    return;
                }
                None => "an object",
            },
            Shape::Text if !value.is_string() => "a string",
            Shape::Flag if !value.is_boolean() => "true or false",
            Shape::Count if !is_count(value) => "a whole number, not negative",
            Shape::Number if !value.is_number() => "a number",
            Shape::Values if !value.is_array() => "a list",
            Shape::Named
                if !value.as_object().is_some_and(|map| map.values().all(Value::is_string)) =>
            {
                "an object whose values are strings"
            }
            Shape::Requirements
                if !value.as_array().is_some_and(|list| list.iter().all(requirement)) =>
            {
                "a list of objects, each with lists of strings in it"
            }
            Shape::Texts
                if !value.as_array().is_some_and(|list| list.iter().all(Value::is_string)) =>
            {
                "a list of strings"
            }
            Shape::Type if !value.as_str().is_some_and(|name| TYPES.contains(&name)) => {
                "one of string, number, integer, boolean, object, array"
            }
            Shape::In
                if !matches!(value.as_str(), Some("path" | "query" | "header" | "cookie")) =>
            {
                "one of path, query, header, cookie"
            }
            _ => return,
        };
        let found =
            value.as_str().map_or_else(|| kind(value).to_owned(), |text| format!("`{text}`"));
        self.report(TYPE, format!("`{name}` is {found}"), format!("expected {expected}"));
    }
}

/// What leads to a component of the section, or to a path item.
fn expected(section: &str) -> String {
    if section == PATHS { "#/paths/…".to_owned() } else { format!("#/components/{section}/…") }
}

/// Whether a number is whole and not negative: `3.0` is, in JSON.
fn is_count(value: &Value) -> bool {
    value.is_u64() || value.as_f64().is_some_and(|number| number >= 0.0 && number.fract() == 0.0)
}

/// Whether `value` is a security requirement object: names of schemes, each with its scopes.
fn requirement(value: &Value) -> bool {
    let scopes = |scopes: &Value| {
        scopes.as_array().is_some_and(|scopes| scopes.iter().all(Value::is_string))
    };
    value.as_object().is_some_and(|map| map.values().all(scopes))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use openapi_document::Document;

    use super::{check, contract, parse};

    const CONTRACT: &str = "\
openapi: 3.0.3
info:
  title: T
  version: '1'
paths:
  /a:
    get:
      operationId: getA
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/A'
components:
  schemas:
    A:
      type: object
      properties:
        name:
          type: string
          maxLength: 9
";

    /// What is reported when `old` is replaced by `new`: rule, line, column and text.
    #[track_caller]
    fn reports(old: &str, new: &str, expected: &[(&str, u64, u64, &str)]) {
        assert!(CONTRACT.contains(old), "{old} is not in the contract");
        let text = CONTRACT.replacen(old, new, 1);
        let document = Document::parse("test.yaml", &text).expect("a document");
        let mut findings = check(&document);
        if findings.is_empty() {
            findings = contract(&document).err().unwrap_or_default();
        }
        let found: Vec<_> = findings
            .iter()
            .map(|finding| {
                let (line, column) = finding.place.unwrap_or_default();
                (finding.rule, line, column, format!("{}; {}", finding.message, finding.help))
            })
            .collect();
        let found: Vec<_> =
            found.iter().map(|(r, l, c, text)| (*r, *l, *c, text.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_sound_contract_has_no_findings() {
        parse("test.yaml", CONTRACT).expect("a contract");
    }

    #[test]
    fn a_percent_encoded_reference_is_followed() {
        let encoded = CONTRACT.replacen("#/components/schemas/", "#/components/%73chemas/", 1);
        assert_ne!(encoded, CONTRACT);
        let contract = parse("test.yaml", &encoded).expect("a contract");
        assert_eq!(contract.json, parse("test.yaml", CONTRACT).expect("one").json);
    }

    #[test]
    fn mistakes_are_named_where_they_are() {
        reports(
            "maxLength: 9",
            "maxLenght: 9",
            &[(
                "unknown-member",
                23,
                11,
                "a schema has no member `maxLenght`; did you mean `maxLength`?",
            )],
        );
        reports(
            "maxLength: 9",
            "maxLength: many",
            &[("type", 23, 11, "`maxLength` is `many`; expected a whole number, not negative")],
        );
        reports(
            "type: string",
            "type: text",
            &[(
                "type",
                22,
                11,
                "`type` is `text`; expected one of string, number, integer, boolean, object, array",
            )],
        );
        reports(
            "description: ok\n",
            "x-a: ok\n",
            &[("missing-member", 10, 9, "a response lacks `description`; add `description`")],
        );
        reports(
            "schemas/A'",
            "schemas/B'",
            &[(
                "unresolved-reference",
                15,
                17,
                "`#/components/schemas/B` leads nowhere; did you mean `#/components/schemas/A`?",
            )],
        );
        reports(
            "'200'",
            "OK",
            &[("status", 10, 9, "`OK` is not a status; expected one like '200' or 4XX")],
        );
        reports(
            "3.0.3",
            "3.1.0",
            &[(
                "openapi-version",
                1,
                1,
                "this is OpenAPI 3.1.0; the lint and the generator read OpenAPI 3.0; `cargo xtask diff` and \
                 `cargo xtask docs` read it; for a client, write it as `openapi: 3.0.3`",
            )],
        );
        reports(
            "openapi: 3.0.3",
            "swagger: '2.0'",
            &[(
                "openapi-version",
                1,
                1,
                "this is Swagger 2.0; the lint and the generator read OpenAPI 3.0; convert it, and write \
                 `openapi: 3.0.3`",
            )],
        );
        reports(
            "get:",
            "fetch:",
            &[(
                "unknown-member",
                7,
                5,
                "a path item has no member `fetch`; remove it, or start its name with `x-`",
            )],
        );
        reports(
            "description: ok",
            "description: 1",
            &[("type", 11, 11, "`description` is a number; expected a string")],
        );
    }

    #[test]
    fn what_depends_on_a_location_or_a_type_has_a_place() {
        let style = |place: &str| {
            format!(
                "      parameters: [{{name: q, in: {place}, required: true, style: fancy, schema: {{type: string}}}}]\n      responses:"
            )
        };
        let fancy =
            "`style` is `fancy`; expected one of form, spaceDelimited, pipeDelimited, deepObject";
        reports("      responses:", &style("query"), &[("type", 9, 57, fancy)]);
        let fancy = "`style` is `fancy`; expected one of simple";
        reports("      responses:", &style("header"), &[("type", 9, 58, fancy)]);
        for (scheme, rule, column, said) in [
            (
                "{type: http}",
                "missing-member",
                21,
                "a security scheme of type http lacks `scheme`; add `scheme`",
            ),
            (
                "{type: htp}",
                "type",
                25,
                "`type` is `htp`; expected one of apiKey, http, oauth2, openIdConnect",
            ),
            (
                "{type: oauth2, flows: {password: {scopes: {}}}}",
                "missing-member",
                47,
                "the flow password lacks `tokenUrl`; add `tokenUrl`",
            ),
        ] {
            let schemes = format!("  securitySchemes: {{k: {scheme}}}\n  schemas:");
            reports("  schemas:", &schemes, &[(rule, 17, column, said)]);
        }
    }

    #[test]
    fn what_only_openapiv3_refuses_has_a_place_too() {
        reports(
            "      responses:",
            "      callbacks: {a: 1}\n      responses:",
            &[(
                "structure",
                7,
                5,
                "the generator cannot read this: invalid type: integer `1`, expected a map; \
                 compare with https://spec.openapis.org/oas/v3.0.3",
            )],
        );
    }

    #[test]
    fn a_path_item_may_be_elsewhere_and_is_looked_at() {
        let reference = |target: &str| format!("  /b: {{$ref: '{target}'}}\ncomponents:");
        reports("components:", &reference("#/paths/~1a"), &[]);
        let items = |item: &str| {
            format!(
                "  /b: {{$ref: '#/x-items/b'}}\n  /c: {{$ref: '#/x-items/b'}}\nx-items: {{b: {item}}}\ncomponents:"
            )
        };
        reports("components:", &items("{}"), &[]);
        let unknown = "a path item has no member `fetch`; remove it, or start its name with `x-`";
        reports("components:", &items("{fetch: {}}"), &[("unknown-member", 18, 15, unknown)]);
        reports(
            "components:",
            &items("{get: {operationId: b, responses: {}, callbacks: {a: 1}}}"),
            &[(
                "structure",
                18,
                15,
                "the generator cannot read this: invalid type: integer `1`, expected a map; \
                 compare with https://spec.openapis.org/oas/v3.0.3",
            )],
        );
        // What 3.0 has no place for is looked at as well.
        let paths = "  /b: {$ref: '#/components/paths/b'}\ncomponents:\n  paths: {b: {get: {responses: []}}}";
        reports(
            "components:",
            paths,
            &[
                (
                    "unknown-member",
                    18,
                    3,
                    "components has no member `paths`; remove it, or start its name with `x-`",
                ),
                ("type", 18, 21, "responses is a list; expected an object"),
            ],
        );
        for (target, rule, why) in [
            (
                "#/paths/~1A",
                "unresolved-reference",
                "`#/paths/~1A` leads nowhere; did you mean `#/paths/~1a`?",
            ),
            (
                "b.yaml",
                "external-reference",
                "`b.yaml` is in another document, which is not read; what it leads to is not checked, and nothing is \
                 generated from it",
            ),
            (
                "#/components/schemas/A",
                "unresolved-reference",
                "`#/components/schemas/A` is a schema, and a path item belongs here; expected `#/paths/…`",
            ),
            (
                "#/paths/~1b",
                "circular-reference",
                "`#/paths/~1b` leads back to itself; refer to what is meant, not to another reference",
            ),
        ] {
            reports("components:", &reference(target), &[(rule, 16, 8, why)]);
        }
    }

    #[test]
    fn a_reference_leads_to_whatever_belongs_there() {
        let get = |schema: &str| {
            format!(
                "  /b: {{get: {{operationId: b, responses: {{'200': {{description: ok, content: {{a/b: {{schema: {schema}}}}}}}}}}}}}\ncomponents:"
            )
        };
        for target in [
            "#/paths/~1a/get/responses/200/content/application~1json/schema",
            "#/components/schemas/A/properties/name",
            "#/x-schemas/A",
        ] {
            let text = format!(
                "{}\nx-schemas: {{A: {{}}}}\ncomponents:",
                get(&format!("{{$ref: '{target}'}}")).trim_end_matches("\ncomponents:")
            );
            reports("components:", &text, &[]);
        }
        let wrong = "`#/paths/~1a/get/responses/200` is a response, and a schema belongs here; \
                     expected `#/components/schemas/…`";
        let expected = [("unresolved-reference", 16, 92, wrong)];
        reports("components:", &get("{$ref: '#/paths/~1a/get/responses/200'}"), &expected);
    }

    #[test]
    fn all_mistakes_are_reported_at_once() {
        reports(
            "title: T\n  version: '1'",
            "titel: T",
            &[
                ("unknown-member", 3, 3, "info has no member `titel`; did you mean `title`?"),
                ("missing-member", 2, 1, "info lacks `title`; add `title`"),
                ("missing-member", 2, 1, "info lacks `version`; add `version`"),
            ],
        );
    }

    #[test]
    fn what_is_not_a_document_is_an_error_and_not_a_panic() {
        let deep = "[".repeat(10_000);
        for text in [
            "",
            "a",
            "[]",
            "a: [",
            "a: 1\na: 2",
            "a: 1\n---\nb: 2",
            "\u{0}",
            "&a [*a]",
            deep.as_str(),
        ] {
            let findings = parse("test.yaml", text).err().unwrap_or_default();
            assert!(!findings.is_empty(), "{text:.20}");
            assert!(findings.iter().all(|finding| finding.path == "test.yaml"));
        }
        let twice = parse("test.yaml", "a: 1\na: 2").err().unwrap_or_default();
        assert_eq!((twice[0].rule, twice[0].place), ("yaml", Some((2, 1))));
    }
}
