//! The grammar of OpenAPI 3.0 as a table: which object has which members, and of what type.
//!
//! `openapiv3` ignores a member that it does not know and reports a mistyped one as "did not match
//! any variant", without a place. Walking the document along this table first names every mistake
//! at once, with its place and with what was expected.

mod objects;
mod parts;
mod rules;

use std::collections::BTreeSet;
use std::path::Path;

use openapi_document::{
    Contract, Cursor, Diagnostic, Document, Folder, Rule, Source, UNREADABLE, YAML, escape, nearest,
};
use serde_json::{Map, Value};

use objects::{Object, PATHS, Shape, TYPES};
use parts::Parts;

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

/// Takes a document that has been read.
///
/// # Errors
/// Everything that its grammar does not allow, as of [`parse`] but for the syntax.
pub fn contract(document: &Document) -> Result<Contract, Vec<Diagnostic>> {
    let source = &document.source;
    let mut findings: Vec<_> = document
        .duplicate_keys
        .iter()
        .map(|at| source.diagnostic(YAML, at, "duplicate key", "remove one of them"))
        .collect();
    findings.extend(check(document));
    if !findings.is_empty() {
        return Err(findings);
    }
    Contract::new(document.clone()).map_err(|error| culprits(document, &error))
}

/// Everything about `document` that the grammar of OpenAPI 3.0 does not allow, in its order.
fn check(document: &Document) -> Vec<Diagnostic> {
    let mut walk =
        Walk { document, findings: Vec::new(), items: BTreeSet::new(), parts: Parts::default() };
    walk.object(&document.json, "", Object::Document);
    let version = document.json.get("openapi").and_then(Value::as_str);
    if version.is_some_and(|version| !version.starts_with("3.0.")) {
        walk.report(
            OPENAPI_VERSION,
            "/openapi",
            "this is not OpenAPI 3.0",
            "expected `openapi: 3.0.3`",
        );
    }
    walk.findings
}

/// Where a document is that is sound by the table and that `openapiv3` still cannot read: it says
/// what it cannot read, but not where, so that every object is tried by itself.
fn culprits(document: &Document, error: &serde_json::Error) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    refused(document, document.root(), Object::Document, &mut found);
    if found.is_empty() {
        found.push((String::new(), error.to_string()));
    }
    found.dedup();
    let help = "compare with https://spec.openapis.org/oas/v3.0.3";
    found
        .into_iter()
        .map(|(pointer, why)| {
            let message = format!("this is not what OpenAPI 3.0 has here: {why}");
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
    findings: Vec<Diagnostic>,
    /// The path items in extensions that have been looked at.
    items: BTreeSet<String>,
    /// The schemas whose parts have been looked at.
    parts: Parts,
}

impl Walk<'_> {
    fn report(
        &mut self,
        rule: Rule,
        pointer: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.push(self.document.source.diagnostic(rule, pointer, message, help));
    }

    fn object(&mut self, value: &Value, pointer: &str, object: Object) {
        let Some(map) = value.as_object() else {
            let message = format!("{} is {}", object.name(), kind(value));
            return self.report(TYPE, pointer, message, "expected an object");
        };
        if object == Object::Schema {
            self.parts.visit(self.document, Cursor::new(value, pointer), &mut self.findings);
        }
        if let Some(section) = object.section().filter(|_| map.contains_key("$ref")) {
            return self.reference(map, pointer, section);
        }
        if object == Object::Responses {
            return self.responses(map, pointer);
        }
        let members = object.members();
        for (key, value) in map {
            let at = format!("{pointer}/{}", escape(key));
            if let Some((_, shape, _)) = members.iter().find(|(name, ..)| name == key) {
                self.member(value, &at, *shape);
            } else if !key.starts_with("x-") {
                let near = nearest(key, members.iter().map(|(name, ..)| *name));
                let help = near.map_or_else(
                    || "remove it, or start its name with `x-`".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                let message = format!("{} has no member `{key}`", object.name());
                self.report(UNKNOWN_MEMBER, &at, message, help);
            }
        }
        if object == Object::Discriminator {
            self.mapping(map, pointer);
        }
        let typed = map.contains_key("schema") || map.contains_key("content");
        if matches!(object, Object::Parameter | Object::Header) && !typed {
            let message = format!("{} lacks `schema`", object.name());
            self.report(MISSING_MEMBER, pointer, message, "add `schema`");
        }
        for (name, ..) in
            members.iter().filter(|(name, _, required)| *required && !map.contains_key(*name))
        {
            let message = format!("{} lacks `{name}`", object.name());
            self.report(MISSING_MEMBER, pointer, message, format!("add `{name}`"));
        }
    }

    fn reference(&mut self, map: &Map<String, Value>, pointer: &str, section: &str) {
        let at = format!("{pointer}/$ref");
        let Some(target) = map["$ref"].as_str() else {
            return self.report(
                TYPE,
                &at,
                "a reference is not a string",
                format!("expected `{}`", expected(section)),
            );
        };
        match self.document.target(target) {
            None => {
                let help = self.meant(target, section);
                self.report(UNRESOLVED_REFERENCE, &at, format!("`{target}` leads nowhere"), help);
            }
            Some(found) if !belongs(&found.pointer, section) => {
                let message = format!("`{target}` is not among the {section}");
                let help = format!("expected `{}`", expected(section));
                self.report(UNRESOLVED_REFERENCE, &at, message, help);
            }
            // Of a schema, its parts tell.
            Some(found) if section != "schemas" && self.is_circular(found.clone()) => {
                let message = format!("`{target}` leads back to itself");
                let help = "refer to what is meant, not to another reference";
                self.report(CIRCULAR_REFERENCE, &at, message, help);
            }
            // The walk comes by all others.
            Some(found) => {
                if section == PATHS
                    && !found.pointer.starts_with("/paths/")
                    && self.items.insert(found.pointer.clone())
                {
                    self.object(found.value, &found.pointer, Object::PathItem);
                }
            }
        }
        for key in map.keys().filter(|key| *key != "$ref") {
            let at = format!("{pointer}/{}", escape(key));
            let message = format!("`{key}` beside `$ref` is ignored");
            self.report(REFERENCE_SIBLING, &at, message, "move it to what is referred to");
        }
    }

    /// The mapping of a discriminator has names of schemas, or references (section 4.7.25).
    fn mapping(&mut self, map: &Map<String, Value>, pointer: &str) {
        let mapping = map.get("mapping").and_then(Value::as_object).into_iter().flatten();
        for (key, target) in mapping.filter_map(|(key, target)| Some((key, target.as_str()?))) {
            let named = self.document.at(&format!("/components/schemas/{}", escape(target)));
            if named.or_else(|| self.document.target(target)).is_none() {
                let at = format!("{pointer}/mapping/{}", escape(key));
                let help = self.meant(target, "schemas");
                self.report(UNRESOLVED_REFERENCE, &at, format!("`{target}` leads nowhere"), help);
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
            None if section == PATHS => {
                "write the path item here; no other file is read".to_owned()
            }
            None => format!("expected `{}`, in this file", expected(section)),
        }
    }

    /// Whether there are nothing but references from here, which go round.
    fn is_circular(&self, at: Cursor<'_>) -> bool {
        let end = self.document.follow(at).text("$ref");
        end.is_some_and(|reference| self.document.target(reference).is_some())
    }

    fn responses(&mut self, map: &Map<String, Value>, pointer: &str) {
        for (status, response) in map.iter().filter(|(key, _)| !key.starts_with("x-")) {
            let at = format!("{pointer}/{}", escape(status));
            let digits = status.strip_suffix("XX").map_or((status.as_str(), 3), |class| (class, 1));
            let valid = digits.0.len() == digits.1
                && digits.0.starts_with(|first: char| ('1'..='5').contains(&first))
                && digits.0.bytes().all(|digit| digit.is_ascii_digit());
            if !valid && status != "default" {
                let message = format!("`{status}` is not a status");
                self.report(STATUS, &at, message, "expected one like '200' or 4XX");
            }
            self.object(response, &at, Object::Response);
        }
    }

    fn member(&mut self, value: &Value, pointer: &str, shape: Shape) {
        let expected = match shape {
            Shape::One(object) => return self.object(value, pointer, object),
            Shape::FlagOr(object) if !value.is_boolean() => {
                return self.object(value, pointer, object);
            }
            Shape::List(object) => match value.as_array() {
                Some(items) => {
                    for (index, item) in items.iter().enumerate() {
                        self.object(item, &format!("{pointer}/{index}"), object);
                    }
                    return;
                }
                None => "a list",
            },
            Shape::Map(object) => match value.as_object() {
                Some(map) => {
                    let extension = |key: &str| object == Object::PathItem && key.starts_with("x-");
                    for (key, entry) in map.iter().filter(|(key, _)| !extension(key)) {
                        self.object(entry, &format!("{pointer}/{}", escape(key)), object);
                    }
                    return;
                }
                None => "an object",
            },
            Shape::Text if !value.is_string() => "a string",
            Shape::Flag if !value.is_boolean() => "true or false",
            Shape::Count if !value.is_u64() => "a whole number, not negative",
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
        let name = pointer.rsplit('/').next().unwrap_or_default();
        let found =
            value.as_str().map_or_else(|| kind(value).to_owned(), |text| format!("`{text}`"));
        self.report(TYPE, pointer, format!("`{name}` is {found}"), format!("expected {expected}"));
    }
}

/// What leads to a component of the section, or to a path item.
fn expected(section: &str) -> String {
    if section == PATHS {
        "#/paths/…` or `#/x-…".to_owned()
    } else {
        format!("#/components/{section}/…")
    }
}

/// Whether something of the section is there. Path items are among the paths, or in an extension: there are no
/// components for them.
fn belongs(pointer: &str, section: &str) -> bool {
    let mut tokens = pointer.split('/').skip(1);
    match section {
        PATHS => pointer.contains("/x-") || tokens.next() == Some(PATHS) && tokens.count() == 1,
        _ => pointer.starts_with(&format!("/components/{section}/")),
    }
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
    use super::parse;

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
        let findings =
            parse("test.yaml", &CONTRACT.replacen(old, new, 1)).err().unwrap_or_default();
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
            "operationId: getA",
            "summary: getA",
            &[("missing-member", 7, 5, "an operation lacks `operationId`; add `operationId`")],
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
            &[("openapi-version", 1, 1, "this is not OpenAPI 3.0; expected `openapi: 3.0.3`")],
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
    fn what_only_openapiv3_refuses_has_a_place_too() {
        reports(
            "      responses:",
            "      parameters: [{name: q, in: query, style: fancy, schema: {type: string}}]\n      responses:",
            &[(
                "structure",
                9,
                20,
                "this is not what OpenAPI 3.0 has here: unknown variant `fancy`, expected one of \
                 `form`, `spaceDelimited`, `pipeDelimited`, `deepObject`; \
                 compare with https://spec.openapis.org/oas/v3.0.3",
            )],
        );
        reports(
            "  schemas:",
            "  securitySchemes: {k: {type: http}}\n  schemas:",
            &[(
                "structure",
                17,
                21,
                "this is not what OpenAPI 3.0 has here: missing field `scheme`; \
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
            &items("{parameters: [{name: q, in: query, style: fancy, schema: {}}]}"),
            &[(
                "structure",
                18,
                28,
                "this is not what OpenAPI 3.0 has here: unknown variant `fancy`, expected one of \
                 `form`, `spaceDelimited`, `pipeDelimited`, `deepObject`; \
                 compare with https://spec.openapis.org/oas/v3.0.3",
            )],
        );
        for (target, why) in [
            ("#/paths/~1A", "`#/paths/~1A` leads nowhere; did you mean `#/paths/~1a`?"),
            ("b.yaml", "`b.yaml` leads nowhere; write the path item here; no other file is read"),
            (
                "#/components/schemas/A",
                "`#/components/schemas/A` is not among the paths; expected `#/paths/…` or `#/x-…`",
            ),
        ] {
            let expected = [("unresolved-reference", 16, 8, why)];
            reports("components:", &reference(target), &expected);
        }
        let circular = "`#/paths/~1b` leads back to itself; \
                        refer to what is meant, not to another reference";
        let expected = [("circular-reference", 16, 8, circular)];
        reports("components:", &reference("#/paths/~1b"), &expected);
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
