//! The grammar of OpenAPI 3.0 as a table: which object has which members, and of what type.
//!
//! `openapiv3` ignores a member that it does not know and reports a mistyped one as "did not match
//! any variant", without a place. Walking the document along this table first names every mistake
//! at once, with its place and with what was expected.

use openapiv3::ReferenceOr;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use openapi_diff::{Source, escape};

use crate::source::{Finding, finding};

/// The types a schema may name.
const TYPES: [&str; 6] = ["string", "number", "integer", "boolean", "object", "array"];

/// What a member holds.
#[derive(Clone, Copy)]
enum Shape {
    Any,
    Text,
    Flag,
    Count,
    Number,
    Type,
    In,
    Texts,
    Values,
    One(Object),
    List(Object),
    Map(Object),
    FlagOr(Object),
}

/// The objects of OpenAPI 3.0.3, section 4.7.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Object {
    Document,
    Info,
    Server,
    Tag,
    ExternalDocs,
    PathItem,
    Operation,
    Parameter,
    RequestBody,
    MediaType,
    Responses,
    Response,
    Header,
    Example,
    Schema,
    Components,
    SecurityScheme,
}

/// One member: its name, what it holds, whether it must be there.
type Member = (&'static str, Shape, bool);

impl Object {
    fn name(self) -> &'static str {
        match self {
            Self::Document => "the document",
            Self::Info => "info",
            Self::Server => "a server",
            Self::Tag => "a tag",
            Self::ExternalDocs => "externalDocs",
            Self::PathItem => "a path item",
            Self::Operation => "an operation",
            Self::Parameter => "a parameter",
            Self::RequestBody => "a request body",
            Self::MediaType => "a media type",
            Self::Responses => "responses",
            Self::Response => "a response",
            Self::Header => "a header",
            Self::Example => "an example",
            Self::Schema => "a schema",
            Self::Components => "components",
            Self::SecurityScheme => "a security scheme",
        }
    }

    /// The section of the components that a `$ref` in its place leads to, if one may stand there.
    fn section(self) -> Option<&'static str> {
        match self {
            Self::Parameter => Some("parameters"),
            Self::RequestBody => Some("requestBodies"),
            Self::Response => Some("responses"),
            Self::Header => Some("headers"),
            Self::Example => Some("examples"),
            Self::Schema => Some("schemas"),
            Self::SecurityScheme => Some("securitySchemes"),
            _ => None,
        }
    }

    #[rustfmt::skip]
    fn members(self) -> &'static [Member] {
        use Object as O;
        use Shape::{Any, Count, Flag, FlagOr, In, List, Map, Number, One, Text, Texts, Type, Values};
        match self {
            O::Document => &[
                ("openapi", Text, true), ("info", One(O::Info), true), ("servers", List(O::Server), false),
                ("paths", Map(O::PathItem), true), ("components", One(O::Components), false),
                ("security", Values, false), ("tags", List(O::Tag), false),
                ("externalDocs", One(O::ExternalDocs), false),
            ],
            O::Info => &[
                ("title", Text, true), ("version", Text, true), ("description", Text, false),
                ("termsOfService", Text, false), ("contact", Any, false), ("license", Any, false),
            ],
            O::Server => &[("url", Text, true), ("description", Text, false), ("variables", Any, false)],
            O::Tag => &[
                ("name", Text, true), ("description", Text, false),
                ("externalDocs", One(O::ExternalDocs), false),
            ],
            O::ExternalDocs => &[("url", Text, true), ("description", Text, false)],
            O::PathItem => &[
                ("summary", Text, false), ("description", Text, false), ("servers", List(O::Server), false),
                ("parameters", List(O::Parameter), false), ("get", One(O::Operation), false),
                ("put", One(O::Operation), false), ("post", One(O::Operation), false),
                ("delete", One(O::Operation), false), ("options", One(O::Operation), false),
                ("head", One(O::Operation), false), ("patch", One(O::Operation), false),
                ("trace", One(O::Operation), false),
            ],
            O::Operation => &[
                ("tags", Texts, false), ("summary", Text, false), ("description", Text, false),
                ("externalDocs", One(O::ExternalDocs), false), ("operationId", Text, true),
                ("parameters", List(O::Parameter), false), ("requestBody", One(O::RequestBody), false),
                ("responses", One(O::Responses), true), ("callbacks", Any, false),
                ("deprecated", Flag, false), ("security", Values, false), ("servers", List(O::Server), false),
            ],
            O::Parameter => &[
                ("name", Text, true), ("in", In, true), ("description", Text, false),
                ("required", Flag, false), ("deprecated", Flag, false), ("allowEmptyValue", Flag, false),
                ("style", Text, false), ("explode", Flag, false), ("allowReserved", Flag, false),
                ("schema", One(O::Schema), false), ("example", Any, false), ("examples", Map(O::Example), false),
                ("content", Map(O::MediaType), false),
            ],
            O::RequestBody => &[
                ("description", Text, false), ("content", Map(O::MediaType), true), ("required", Flag, false),
            ],
            O::MediaType => &[
                ("schema", One(O::Schema), false), ("example", Any, false),
                ("examples", Map(O::Example), false), ("encoding", Any, false),
            ],
            O::Responses => &[],
            O::Response => &[
                ("description", Text, true), ("headers", Map(O::Header), false),
                ("content", Map(O::MediaType), false), ("links", Any, false),
            ],
            O::Header => &[
                ("description", Text, false), ("required", Flag, false), ("deprecated", Flag, false),
                ("allowEmptyValue", Flag, false), ("style", Text, false), ("explode", Flag, false),
                ("allowReserved", Flag, false), ("schema", One(O::Schema), false), ("example", Any, false),
                ("examples", Map(O::Example), false), ("content", Map(O::MediaType), false),
            ],
            O::Example => &[
                ("summary", Text, false), ("description", Text, false), ("value", Any, false),
                ("externalValue", Text, false),
            ],
            O::Schema => &[
                ("title", Text, false), ("multipleOf", Number, false), ("maximum", Number, false),
                ("exclusiveMaximum", Flag, false), ("minimum", Number, false),
                ("exclusiveMinimum", Flag, false), ("maxLength", Count, false), ("minLength", Count, false),
                ("pattern", Text, false), ("maxItems", Count, false), ("minItems", Count, false),
                ("uniqueItems", Flag, false), ("maxProperties", Count, false), ("minProperties", Count, false),
                ("required", Texts, false), ("enum", Values, false), ("type", Type, false),
                ("allOf", List(O::Schema), false), ("oneOf", List(O::Schema), false),
                ("anyOf", List(O::Schema), false), ("not", One(O::Schema), false),
                ("items", One(O::Schema), false), ("properties", Map(O::Schema), false),
                ("additionalProperties", FlagOr(O::Schema), false), ("description", Text, false),
                ("format", Text, false), ("default", Any, false), ("nullable", Flag, false),
                ("discriminator", Any, false), ("readOnly", Flag, false), ("writeOnly", Flag, false),
                ("xml", Any, false), ("externalDocs", One(O::ExternalDocs), false), ("example", Any, false),
                ("deprecated", Flag, false),
            ],
            O::Components => &[
                ("schemas", Map(O::Schema), false), ("responses", Map(O::Response), false),
                ("parameters", Map(O::Parameter), false), ("examples", Map(O::Example), false),
                ("requestBodies", Map(O::RequestBody), false), ("headers", Map(O::Header), false),
                ("securitySchemes", Map(O::SecurityScheme), false), ("links", Any, false),
                ("callbacks", Any, false),
            ],
            O::SecurityScheme => &[
                ("type", Text, true), ("description", Text, false), ("name", Text, false), ("in", In, false),
                ("scheme", Text, false), ("bearerFormat", Text, false), ("flows", Any, false),
                ("openIdConnectUrl", Text, false),
            ],
        }
    }
}

/// Everything about `document` that the grammar of OpenAPI 3.0 does not allow, in its order.
pub(crate) fn check(document: &Value, source: &Source) -> Vec<Finding> {
    let mut walk = Walk { document, source, findings: Vec::new() };
    walk.object(document, "", Object::Document);
    let version = document.get("openapi").and_then(Value::as_str);
    if version.is_some_and(|version| !version.starts_with("3.0.")) {
        walk.report(
            "openapi-version",
            "/openapi",
            "this is not OpenAPI 3.0",
            "expected `openapi: 3.0.3`",
        );
    }
    walk.findings
}

/// Where a document is that is sound by the table and that `openapiv3` still cannot read: it says
/// what it cannot read, but not where, so that every part is tried by itself.
pub(crate) fn culprits(
    document: &Value,
    error: &serde_json::Error,
    source: &Source,
) -> Vec<Finding> {
    fn fails<T: DeserializeOwned>(value: &Value) -> Option<String> {
        serde_json::from_value::<T>(value.clone()).err().map(|error| error.to_string())
    }
    type Probe = fn(&Value) -> Option<String>;
    let probes: [(&str, Probe); 11] = [
        ("/components/schemas", fails::<ReferenceOr<openapiv3::Schema>>),
        ("/components/responses", fails::<ReferenceOr<openapiv3::Response>>),
        ("/components/parameters", fails::<ReferenceOr<openapiv3::Parameter>>),
        ("/components/examples", fails::<ReferenceOr<openapiv3::Example>>),
        ("/components/requestBodies", fails::<ReferenceOr<openapiv3::RequestBody>>),
        ("/components/headers", fails::<ReferenceOr<openapiv3::Header>>),
        ("/components/securitySchemes", fails::<ReferenceOr<openapiv3::SecurityScheme>>),
        ("/components/links", fails::<ReferenceOr<openapiv3::Link>>),
        ("/components/callbacks", fails::<ReferenceOr<openapiv3::Callback>>),
        ("/paths", fails::<ReferenceOr<openapiv3::PathItem>>),
        ("/servers", fails::<openapiv3::Server>),
    ];
    let help = "compare with https://spec.openapis.org/oas/v3.0.3";
    let mut findings = Vec::new();
    for (section, probe) in probes {
        let entries: Vec<(String, &Value)> = match document.pointer(section) {
            Some(Value::Object(map)) => {
                map.iter().map(|(name, value)| (escape(name), value)).collect()
            }
            Some(Value::Array(list)) => {
                list.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
            }
            _ => continue,
        };
        for (name, value) in entries {
            if let Some(why) = probe(value) {
                let message = format!("this is not what OpenAPI 3.0 has here: {why}");
                findings.push(finding(
                    source,
                    "structure",
                    &format!("{section}/{name}"),
                    message,
                    help,
                ));
            }
        }
    }
    if findings.is_empty() {
        let message = format!("not an OpenAPI 3.0 document: {error}");
        findings.push(finding(source, "structure", "", message, help));
    }
    findings
}

struct Walk<'a> {
    document: &'a Value,
    source: &'a Source,
    findings: Vec<Finding>,
}

impl Walk<'_> {
    fn report(
        &mut self,
        rule: &'static str,
        pointer: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.push(finding(self.source, rule, pointer, message, help));
    }

    fn object(&mut self, value: &Value, pointer: &str, object: Object) {
        let Some(map) = value.as_object() else {
            let message = format!("{} is {}", object.name(), kind(value));
            return self.report("type", pointer, message, "expected an object");
        };
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
                self.report("unknown-member", &at, message, help);
            }
        }
        let typed = map.contains_key("schema") || map.contains_key("content");
        if matches!(object, Object::Parameter | Object::Header) && !typed {
            let message = format!("{} lacks `schema`", object.name());
            self.report("missing-member", pointer, message, "add `schema`");
        }
        for (name, ..) in
            members.iter().filter(|(name, _, required)| *required && !map.contains_key(*name))
        {
            let message = format!("{} lacks `{name}`", object.name());
            self.report("missing-member", pointer, message, format!("add `{name}`"));
        }
    }

    fn reference(&mut self, map: &Map<String, Value>, pointer: &str, section: &str) {
        let at = format!("{pointer}/$ref");
        let Some(target) = map["$ref"].as_str() else {
            return self.report(
                "type",
                &at,
                "a reference is not a string",
                "expected `#/components/…`",
            );
        };
        if target.strip_prefix('#').and_then(|target| self.document.pointer(target)).is_none() {
            let names = self.document.get("components").and_then(Value::as_object);
            let known = names.into_iter().flatten().flat_map(|(section, entries)| {
                let entries = entries.as_object().into_iter().flatten();
                entries.map(move |(name, _)| format!("#/components/{section}/{name}"))
            });
            let known = known.filter(|name| name.contains(&format!("/{section}/")));
            let help = nearest(target, known.collect::<Vec<_>>().iter().map(String::as_str))
                .map_or_else(
                    || format!("expected `#/components/{section}/…`, in this file"),
                    |near| format!("did you mean `{near}`?"),
                );
            self.report("unresolved-reference", &at, format!("`{target}` leads nowhere"), help);
        } else if !target.starts_with(&format!("#/components/{section}/")) {
            let message = format!("`{target}` is not among the {section}");
            let help = format!("expected `#/components/{section}/…`");
            self.report("unresolved-reference", &at, message, help);
        } else if self.is_circular(target) {
            let message = format!("`{target}` leads back to itself");
            let help = "refer to what is meant, not to another reference";
            self.report("circular-reference", &at, message, help);
        }
        for key in map.keys().filter(|key| *key != "$ref") {
            let at = format!("{pointer}/{}", escape(key));
            let message = format!("`{key}` beside `$ref` is ignored");
            self.report("reference-sibling", &at, message, "move it to what is referred to");
        }
    }

    /// Whether what `target` names is nothing but references that go round.
    fn is_circular(&self, target: &str) -> bool {
        let mut at = target;
        for _ in 0..64 {
            let value = at.strip_prefix('#').and_then(|at| self.document.pointer(at));
            match value.and_then(|value| value.get("$ref")).and_then(Value::as_str) {
                Some(next) => at = next,
                None => return false,
            }
        }
        true
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
                self.report("status", &at, message, "expected one like '200' or 4XX");
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
        self.report(
            "type",
            pointer,
            format!("`{name}` is {found}"),
            format!("expected {expected}"),
        );
    }
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

/// The name that `word` was most likely meant to be.
fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|name| (strsim::damerau_levenshtein(word, name), name))
        .filter(|(distance, name)| distance * 3 <= name.len())
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use crate::contract::Contract;

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
            Contract::parse("test.yaml", &CONTRACT.replacen(old, new, 1)).err().unwrap_or_default();
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
        Contract::parse("test.yaml", CONTRACT).expect("a contract");
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
        let broken = CONTRACT.replacen("type: object", "type: object\n      discriminator: 5", 1);
        let findings = Contract::parse("test.yaml", &broken).expect_err("a finding");
        let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
        assert_eq!((finding.rule, finding.place), ("structure", Some((18, 5))), "{finding}");
        assert_eq!(finding.pointer, "/components/schemas/A");
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
            let findings = Contract::parse("test.yaml", text).err().unwrap_or_default();
            assert!(!findings.is_empty(), "{text:.20}");
            assert!(findings.iter().all(|finding| finding.to_string().starts_with("test.yaml")));
        }
        let twice = Contract::parse("test.yaml", "a: 1\na: 2").err().unwrap_or_default();
        assert_eq!((twice[0].rule, twice[0].place), ("yaml", Some((2, 1))));
    }
}
