//! What is not in the body, and how it is written.

use openapi_document::Profile::{Generator, Openapi};
use openapi_document::{Contract, Cursor, Diagnostic, Parameter};
use serde_json::Value;

use super::paths::with_dots;
use crate::pattern::{compiled, may_match};

openapi_document::rules! {
    /// A
    /// parameter for `Accept`, `Content-Type` or `Authorization` is ignored by OpenAPI (section 4.7.12.1), a warning
    /// elsewhere than in the house, while
    /// the generated code would send the header twice.
    ///
    /// For the generator, the name of a header is a token (RFC 9110 section 5.1); the generated code would panic on a request. `Host`, `Content-Length` and `Transfer-Encoding` are the HTTP
    /// client's own (RFC 9110 sections 7.2 and 8.6, RFC 9112 section 6.1).
    ///
    /// **Fix** the name, or describe the header by the media types of the bodies, or by `security`.
    /// **Waive** on the parameter.
    HEADER_NAME = error("header-name", "a header parameter has a name that HTTP allows and OpenAPI heeds") {
        bad: [
            ("        - {name: If-Match", "        - {name: X Y, in: header, schema: {type: string}}\n        - {name: If-Match", 18),
            ("        - {name: If-Match", "        - {name: accept, in: header, schema: {type: string}}\n        - {name: If-Match", 18),
            ("        - {name: If-Match", "        - {name: host, in: header, schema: {type: string}}\n        - {name: If-Match", 18),
            ("        - {name: If-Match", "        - {name: Content-Length, in: header, schema: {type: integer}}\n        - {name: If-Match", 18),
        ],
        good: [
            ("        - {name: If-Match", "        - {name: X-Y, in: header, schema: {type: string}}\n        - {name: If-Match"),
        ],
    }

    /// A parameter is written in the default way: `form` in a query, `simple` elsewhere, `explode` as it is by
    /// default, with a `schema`, reserved characters escaped. progenitor fails on cookies, other styles and
    /// `content`; it does not read `explode` and `allowReserved`, and would send something else than the
    /// contract says. Nothing in a path or a header is null.
    ///
    /// **Fix** by making it a string whose description says how it is written; the caller writes it. A cookie is
    /// set in the hooks.
    /// **Waive** on the parameter if what is sent is right all the same.
    PARAMETER_STYLE = error(Generator, "parameter-style", "a parameter is written in the default way") {
        bad: [
            ("format: uuid", "format: uuid, nullable: true", 8),
            ("        - {name: If-Match", "        - {name: c, in: cookie, schema: {type: string}}\n        - {name: If-Match", 18),
            ("        - {name: If-Match", "        - {name: q, in: query, style: pipeDelimited, schema: {type: array, items: {type: string}}}\n        - {name: If-Match", 18),
            ("        - {name: If-Match", "        - {name: q, in: query, explode: false, schema: {type: array, items: {type: string}}}\n        - {name: If-Match", 18),
            ("        - {name: If-Match", "        - {name: q, in: query, explode: false, schema: {allOf: [{type: array, items: {type: string}}]}}\n        - {name: If-Match", 18),
            ("        - {name: If-Match", "        - {name: q, in: query, content: {application/json: {schema: {type: string}}}}\n        - {name: If-Match", 18),
            ("        - {name: If-Match", "        - {name: q, in: query, allowReserved: true, schema: {type: string}}\n        - {name: If-Match", 18),
        ],
        good: [
            ("        - {name: If-Match", "        - {name: q, in: query, style: form, explode: true, schema: {type: array, items: {type: string}}}\n        - {name: If-Match"),
        ],
    }

    /// A parameter in a path or a header is a string, number, integer or boolean. The generated code writes it by
    /// `to_string()`, which a list and an object do not have. In a query, it may be a list of these.
    ///
    /// **Fix** the type; describe a list in words. Cannot be waived.
    PARAMETER_TYPE = required(Generator, "parameter-type", "a parameter is a plain value, or a list of them in a query") {
        bad: [
            ("        - {name: If-Match", "        - {name: X-List, in: header, schema: {allOf: [{type: array, items: {type: string}}]}}\n        - {name: If-Match", 18),
            ("        - {name: If-Match", "        - {name: X-List, in: header, schema: {oneOf: [{type: string}, {type: array, items: {type: string}}]}}\n        - {name: If-Match", 18),
            ("        - {name: If-Match", "        - {name: q, in: query, schema: {type: array, items: {allOf: [{type: array, items: {type: string}}]}}}\n        - {name: If-Match", 18),
            ("        - {name: If-Match", "        - {name: X-List, in: header, schema: {type: array, items: {type: string}}}\n        - {name: If-Match", 18),
        ],
        good: [
            ("        - {name: If-Match", "        - {name: X-Count, in: header, schema: {type: integer}}\n        - {name: If-Match"),
            ("        - {name: If-Match", "        - {name: q, in: query, schema: {type: array, items: {type: integer}}}\n        - {name: If-Match"),
        ],
    }

    /// A note. A string in a path may be `.` or `..`. Such a segment disappears when the URL is parsed, and the
    /// one before it with `..`, percent-encoded or not (WHATWG URL Standard, path state); an empty one leaves
    /// another path as well, unless other text stands beside it in its segment. A `\` is a `/` there, and the
    /// generated code, which encodes `/` and `%`, leaves it. The call goes to another resource.
    ///
    /// **Fix** by `format: uuid`, an `enum`, or a `pattern` from `^` to `$` that matches none of them.
    /// A pattern that excludes dots by a look-ahead, such as `^(?!\.{1,2}$)[^\\/]+$`, is understood.
    /// **Waive** on the parameter if whoever calls the method checks it.
    OPEN_PATH_PARAMETER = note(Generator, "open-path-parameter", "a path parameter may be `..` or have a `\\` in it") {
        bad: [
            (", format: uuid", "", 8),
            ("format: uuid", "pattern: '^[a-z.]+$'", 8),
            // A `\` somewhere.
            ("format: uuid", "minLength: 3", 8),
            ("format: uuid", "pattern: '^a'", 8),
            ("format: uuid", "pattern: '^[^/]{3,}$'", 8),
            ("format: uuid", "pattern: '^a$|b'", 8),
            ("format: uuid", "enum: [a, '..']", 8),
            ("paths:\n", "paths:\n  /{y}.:\n    get:\n      operationId: getY\n      parameters: [{name: y, in: path, required: true, schema: {type: string, enum: [a, .]}}]\n      responses: {'204': {description: ok}}\n", 8),
        ],
        good: [
            ("format: uuid", "pattern: '^[a-z]+$'"),
            ("format: uuid", "pattern: '^[a-z.]+$', minLength: 3"),
            ("format: uuid", "pattern: '^(?!\\.{1,2}$)[^/\\\\]+$'"),
            ("format: uuid", "enum: [a, b]"),
            ("paths:\n", "paths:\n  /{y}:act:\n    get:\n      operationId: getY\n      parameters: [{name: y, in: path, required: true, schema: {type: string, pattern: '^[a-z.]*$'}}]\n      responses: {'204': {description: ok}}\n"),
            ("{type: string, format: uuid}", "{allOf: [{type: string, format: uuid}]}"),
            ("{type: string, format: uuid}", "{$ref: '#/components/schemas/Id'}"),
        ],
    }
}

/// The names of headers are tokens (RFC 9110 section 5.1); the generated code panics on others.
/// OpenAPI ignores three (3.0.3 section 4.7.12.1), which the generated code would send twice.
pub(super) fn header_names(contract: &Contract) -> Vec<Diagnostic> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let mut findings = Vec::new();
    each(contract, &mut |parameter| {
        let name = parameter.name;
        let (profile, message, help) = if !parameter.is_in("header") {
            return;
        } else if name.is_empty() || !name.bytes().all(token) {
            let message = format!("`{name}` is not the name of a header");
            (Generator, message, "use letters, digits and `-`")
        } else if ["Host", "Content-Length", "Transfer-Encoding"]
            .iter()
            .any(|own| name.eq_ignore_ascii_case(own))
        {
            let help = "leave it out; the address and the body of a request say it";
            (Generator, format!("the HTTP client itself sets the header `{name}`"), help)
        } else if ["Accept", "Content-Type", "Authorization"]
            .iter()
            .any(|ignored| name.eq_ignore_ascii_case(ignored))
        {
            let help = "leave it out; say it by the media types of the bodies, or by `security`";
            (Openapi, format!("OpenAPI ignores a parameter for the header `{name}`"), help)
        } else {
            return;
        };
        let pointer = format!("{}/name", parameter.place);
        let found = contract.source.diagnostic(HEADER_NAME, &pointer, message, help).of(profile);
        findings.push(if profile == Openapi { found.as_warning() } else { found });
    });
    findings
}

/// progenitor fails on what is not written in the default way, or writes it in the default way.
pub(super) fn styles(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    each(contract, &mut |parameter| {
        let Parameter { place, value, name, .. } = parameter;
        let mut report = |member: &str, message: String, help: &str| {
            let pointer = format!("{place}{member}");
            findings.push(contract.source.diagnostic(PARAMETER_STYLE, &pointer, message, help));
        };
        let location = value["in"].as_str().unwrap_or_default();
        let default = match location {
            "cookie" => {
                let help = "leave it out; set it in the hooks of the client";
                return report(
                    "/in",
                    format!("the generator cannot send the cookie `{name}`"),
                    help,
                );
            }
            "query" => "form",
            _ => "simple",
        };
        if value.get("content").is_some() {
            let help = "replace it by a `schema`; for JSON in a parameter, one of type string";
            report(
                "/content",
                format!("the generator cannot write `{name}` as a media type"),
                help,
            );
        }
        if value.get("style").and_then(Value::as_str).is_some_and(|style| style != default) {
            let message = format!("the generator writes `{name}` in no style but `{default}`");
            report(
                "/style",
                message,
                "leave it out and make the parameter a string; say in words how to write it",
            );
        }
        let kinds = value.get("schema").map(|schema| kinds(contract, schema, 0));
        let several = |kind: Option<&str>| matches!(kind, Some("array" | "object"));
        if location == "query"
            && kinds.is_some_and(|kinds| kinds.into_iter().any(several))
            && value["explode"] == false
        {
            let message = format!("the generator repeats `{name}` for each of its elements");
            let help = "make it a string, and say in words what separates the elements";
            report("/explode", message, help);
        }
        if value["allowReserved"] == true {
            let message = format!("the generator escapes reserved characters in `{name}`");
            report("/allowReserved", message, "leave it out, if the service can read them escaped");
        }
    });
    findings
}

/// What is in a path or a header is one plain value: the generated code writes it by `to_string`,
/// which a list, an object and an option do not have.
pub(super) fn types(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    each(contract, &mut |parameter| {
        let Parameter { place, value, name, .. } = parameter;
        if parameter.is_in("cookie") {
            return;
        }
        let Some(Cursor { value: schema, pointer }) =
            value.get("schema").and_then(|_| contract.resolve_at(&format!("{place}/schema")))
        else {
            return;
        };
        let is_list = |kind: Option<&str>| kind == Some("array");
        if parameter.is_in("query") {
            // The objects in a list are found where the models are made.
            let items = items(contract, schema);
            if items.into_iter().any(|items| kinds(contract, items, 0).into_iter().any(is_list)) {
                let message = format!("the generator cannot write a list within the list `{name}`");
                let help = "make its elements strings, and say in words how each is written";
                let place = format!("{place}/schema");
                findings.push(contract.source.diagnostic(PARAMETER_TYPE, &place, message, help));
            }
            return;
        }
        let is_plain = |kind: Option<&str>| !matches!(kind, None | Some("array" | "object"));
        let plain = kinds(contract, schema, 0).into_iter().all(is_plain);
        if !plain {
            let help =
                "give it the type string, number, integer or boolean; describe a list in words";
            let message = format!("the generator cannot write `{name}` as one value");
            let place = format!("{place}/schema");
            findings.push(contract.source.diagnostic(PARAMETER_TYPE, &place, message, help));
        } else if schema["nullable"] == true {
            let message = format!("nothing in a path or a header is null, and `{name}` may be");
            let (place, help) = (format!("{pointer}/nullable"), "leave `nullable` out");
            findings.push(contract.source.diagnostic(PARAMETER_STYLE, &place, message, help));
        }
    });
    findings
}

/// A path parameter that may be empty, `.` or `..`, or may have a `\` in it, addresses another resource: URLs
/// drop such segments, escaped or not, and take `\` for `/` (WHATWG URL, path state).
pub(super) fn segments(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for operation in contract.operations() {
        for parameter in contract.parameters(&operation) {
            let Parameter { place, value, name, .. } = &parameter;
            let Some(schema) = value.get("schema").filter(|_| parameter.is_in("path")) else {
                continue;
            };
            let mut open = open_texts(contract, schema);
            if !may_be_a_segment(operation.path, name) {
                open.retain(|open| *open == BACKSLASH);
            }
            if !open.is_empty() {
                let message = format!(
                    "`{name}` may be {}, which addresses another resource",
                    open.join(" or ")
                );
                let help = "give it `format: uuid`, an `enum`, or a `pattern` from `^` to `$` that matches \
                            neither that nor a `\\`";
                let pointer = format!("{place}/schema");
                let finding =
                    contract.source.diagnostic(OPEN_PATH_PARAMETER, &pointer, message, help);
                findings.push(finding);
            }
        }
    }
    findings
}

/// Whether a segment with this parameter may be nothing but dots: nothing else stands beside it.
fn may_be_a_segment(path: &str, name: &str) -> bool {
    let mut segments = path.split('/').filter(|segment| segment.contains(&format!("{{{name}}}")));
    segments.any(|segment| {
        let pieces = segment.split('{').enumerate().map(|(index, piece)| {
            if index == 0 { piece } else { piece.split_once('}').map_or(piece, |(_, rest)| rest) }
        });
        let fixed: String = pieces.collect();
        with_dots(&fixed).chars().all(|it| it == '.')
    })
}

/// What addresses another resource.
const ELSEWHERE: [&str; 4] = [EMPTY, "`.`", "`..`", BACKSLASH];
const EMPTY: &str = "empty";
const BACKSLASH: &str = "a text with a `\\` in it";

/// What of [`ELSEWHERE`] the generated code lets through. It checks the first `enum`, `pattern` and `minLength` of
/// a schema and what that is composed of.
fn open_texts(contract: &Contract, schema: &Value) -> Vec<&'static str> {
    let mut parts = Vec::new();
    composed(contract, schema, &mut parts);
    let says = |key: &str| parts.iter().find_map(|part| part.get(key));
    let is_text = says("type").is_none_or(|class| class == "string");
    if !is_text || says("format").is_some_and(|format| format == "uuid") {
        return Vec::new();
    }
    let mut open = ELSEWHERE.to_vec();
    let text = |open: &str| if open == EMPTY { "" } else { open.trim_matches('`') }.to_owned();
    if let Some(values) = says("enum").and_then(Value::as_array) {
        open.retain(|open| {
            let mut values = values.iter().filter_map(Value::as_str);
            values.any(|it| if *open == BACKSLASH { it.contains('\\') } else { it == text(open) })
        });
    }
    if let Some(pattern) = says("pattern").and_then(Value::as_str)
        && let Ok(regex) = compiled(pattern)
    {
        open.retain(|open| match *open {
            BACKSLASH => may_match(pattern, '\\'),
            open => regex.find(&text(open)).is_some(),
        });
    }
    let least = says("minLength").and_then(Value::as_u64).unwrap_or_default();
    open.retain(|open| *open == BACKSLASH || text(open).len() as u64 >= least);
    open
}

/// Collects the schemas that a schema is composed of by `allOf`, itself first.
fn composed<'a>(contract: &'a Contract, schema: &'a Value, parts: &mut Vec<&'a Value>) {
    let Some(schema) = contract.resolve_value(schema) else { return };
    if parts.iter().any(|part| std::ptr::eq(*part, schema)) {
        return;
    }
    parts.push(schema);
    for branch in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        composed(contract, branch, parts);
    }
}

/// The types that a value of a schema may have; `None` is any.
fn kinds<'a>(contract: &'a Contract, schema: &'a Value, depth: u8) -> Vec<Option<&'a str>> {
    let mut parts = Vec::new();
    composed(contract, schema, &mut parts);
    if let Some(kind) = parts.iter().find_map(|part| part.get("type")?.as_str()) {
        return vec![Some(kind)];
    }
    if parts.iter().any(|part| part.get("enum").is_some()) {
        return vec![Some("string")];
    }
    let lists = parts.iter().flat_map(|part| ["oneOf", "anyOf"].map(|key| part.get(key)));
    let branches = lists.flatten().filter_map(Value::as_array).flatten();
    let kinds: Vec<_> = branches
        .filter(|_| depth < 20)
        .flat_map(|branch| kinds(contract, branch, depth + 1))
        .collect();
    if kinds.is_empty() { vec![None] } else { kinds }
}

/// What the elements of a list are.
fn items<'a>(contract: &'a Contract, schema: &'a Value) -> Vec<&'a Value> {
    let mut parts = Vec::new();
    composed(contract, schema, &mut parts);
    parts.into_iter().filter_map(|part| part.get("items")).collect()
}

fn each(contract: &Contract, visit: &mut dyn FnMut(&Parameter<'_>)) {
    for operation in contract.operations() {
        contract.parameters(&operation).iter().for_each(&mut *visit);
    }
}
