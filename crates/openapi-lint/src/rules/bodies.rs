//! Requests and responses, and the media types they come in.

use openapi_document::Profile::{Generator, House};
use openapi_document::{Contract, Cursor, Diagnostic};
use serde_json::Value;

openapi_document::rules! {
    /// A request body and a success have one media type, `application/json`, with a `schema` and without
    /// `encoding`. progenitor panics on two media types in a request, on JSON without a schema and on an
    /// `encoding`, and fails on a request that is none of JSON, a form, `application/octet-stream`, `text/plain` and
    /// `text/x-markdown`. Errors may be anything: they arrive as bytes.
    ///
    /// In the house, there is nothing but JSON, since progenitor
    /// makes an untyped stream of every other response (oxidecomputer/progenitor#594).
    ///
    /// **Fix** by describing the JSON alone, or by a pass of the code generation that leaves it alone.
    /// **Waive** on the body or the response if a stream is what is wanted.
    JSON_ONLY = error(Generator, "json-only", "requests and successes are JSON with a schema") {
        bad: [
            ("components:", "    post: {operationId: postA, responses: {'200': {description: ok, content: {text/plain: {schema: {type: string}}}}}}\ncomponents:", 23),
            ("components:", "    post: {operationId: postA, responses: {'200': {description: ok, content: {application/json: {}}}}}\ncomponents:", 23),
            ("requestBody: {required: true, content: {", "requestBody: {required: true, content: {text/plain: {}, ", 19),
            ("requestBody: {required: true, content: {application/json: {", "requestBody: {required: true, content: {application/json: {encoding: {name: {}}, ", 19),
        ],
        good: [
            ("description: failed", "description: failed, content: {text/plain: {schema: {type: string}}}"),
            ("components:", "    delete:\n      operationId: deleteA\n      parameters: [{name: If-Match, in: header, required: true, schema: {type: string}}]\n      responses: {'204': {description: gone, content: {}}, '412': {description: stale}}\ncomponents:"),
        ],
    }

    /// An operation has one shape of success. A method returns one type: progenitor panics on two, and on a `200`
    /// with a body beside a `204` without (oxidecomputer/progenitor#344).
    ///
    /// In the house, there is one: without any, every 2xx is a stream.
    ///
    /// **Fix** by making them one schema, by making two operations, or by adding the success.
    /// **Waive** on `responses` if a stream is what is wanted; the generator panics on two all the same.
    ONE_SUCCESS = error(Generator, "one-success", "an operation has one shape of success") {
        bad: [
            ("components:", "    post:\n      operationId: postA\n      responses:\n        '204': {description: ok}\n        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}\ncomponents:", 27),
            ("components:", "    post: {operationId: postA, responses: {'404': {description: gone}}}\ncomponents:", 23),
        ],
        good: [
            ("        4XX", "        2XX: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}\n        4XX"),
        ],
    }

    /// Errors are described as `4XX` and `5XX`. `default` is for everything that is not listed, and nobody can tell
    /// what its author had in mind. The client takes nothing from it: an error is raw all the same.
    ///
    /// **Fix** by listing the response under both classes.
    /// **Waive** on the response.
    DEFAULT_RESPONSE = error(House, "default-response", "errors are described as 4XX and 5XX") {
        bad: [
            ("4XX", "default", 14),
        ],
        good: [
            ("4XX", "5XX"),
        ],
    }
}

/// progenitor panics on two media types in a request and drops one without a schema.
pub(super) fn requests(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for operation in contract.operations() {
        let pointer = format!("{}/requestBody", operation.pointer);
        if let Some(body) = contract.resolve_at(&pointer) {
            findings.extend(json_only(contract, &body, takes_request));
        }
    }
    findings
}

/// progenitor panics on two shapes of success, and returns an untyped stream for every media type but JSON.
pub(super) fn responses(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for operation in contract.operations() {
        let mut success: Option<Value> = None;
        for (status, at, response) in contract.responses(&operation) {
            if status == "default" {
                findings.push(contract.source.diagnostic(
                    DEFAULT_RESPONSE,
                    &at,
                    "`default` may be an error or a success, which nobody can tell",
                    "describe errors as 4XX and 5XX",
                ));
            }
            if !status.starts_with('2') {
                continue;
            }
            // One without media types has no body.
            if response["content"].as_object().is_some_and(|content| !content.is_empty()) {
                findings.extend(
                    contract
                        .resolve_at(&at)
                        .and_then(|it| json_only(contract, &it, takes_response)),
                );
            }
            let schema = shape(&response["content"]["application/json"]["schema"]);
            if success.as_ref().is_some_and(|other| *other != schema) {
                findings.push(contract.source.diagnostic(
                    ONE_SUCCESS,
                    &at,
                    "the operation has two successes of different shapes",
                    "a method returns one type: make them one schema, or two operations",
                ));
            }
            success = Some(schema);
        }
        if success.is_none() {
            let pointer = format!("{}/responses", operation.pointer);
            let message = "the operation has no success";
            let found =
                contract.source.diagnostic(ONE_SUCCESS, &pointer, message, "add a 2xx response");
            findings.push(found.of(House));
        }
    }
    findings
}

/// A schema without what it says of itself to readers alone.
fn shape(schema: &Value) -> Value {
    let mut shape = schema.clone();
    if let Some(members) = shape.as_object_mut() {
        members.retain(|name, _| !["description", "example", "title"].contains(&name.as_str()));
    }
    shape
}

/// Whether progenitor takes a media type of a request or a response, JSON or not, with what it says.
fn takes(media: &Value, typed: bool) -> bool {
    media.get("schema").is_some() && !(typed && media.get("encoding").is_some())
}

/// Whether progenitor takes the content of a request.
fn takes_request(content: &Cursor<'_>) -> bool {
    let mut all = content.members();
    let (Some((name, at)), None) = (all.next(), all.next()) else {
        return content.members().next().is_none();
    };
    match name.split(';').next().unwrap_or_default() {
        "application/json" | "application/x-www-form-urlencoded" => takes(at.value, true),
        "application/octet-stream" | "text/plain" | "text/x-markdown" => takes(at.value, false),
        _ => false,
    }
}

/// Whether progenitor takes the content of a response.
fn takes_response(content: &Cursor<'_>) -> bool {
    let is_json = |name: &str| name == "application/json" || name.starts_with("application/json;");
    content.members().find(|(name, _)| is_json(name)).is_none_or(|(_, at)| takes(at.value, true))
}

/// What is wrong with the content of a body or a response, some of which the generator takes.
fn json_only(
    contract: &Contract,
    owner: &Cursor<'_>,
    generator: fn(&Cursor<'_>) -> bool,
) -> Option<Diagnostic> {
    let content = owner.get("content").unwrap_or_else(|| owner.clone());
    let profile = if generator(&content) { House } else { Generator };
    let json = content.get("application/json");
    let others = content.members().find(|(name, _)| *name != "application/json");
    let (at, message, help) = match (json, others) {
        (Some(_), Some((name, other))) => (
            other,
            format!("the generator can type nothing but JSON here, not `{name}`"),
            "leave it out",
        ),
        (None, Some((name, other))) if profile == Generator => {
            let message = format!("the generator cannot send `{name}` as it is described");
            (other, message, "describe JSON, or bytes and text by a schema of type string")
        }
        (None, _) => {
            let message = "the generator can type nothing but JSON here".to_owned();
            (
                content,
                message,
                "describe exactly one media type, `application/json`, with a `schema`",
            )
        }
        (Some(json), None) if json.value.get("schema").is_none() => {
            (json, "the generator takes no JSON without a schema".to_owned(), "add a `schema`")
        }
        (Some(json), None) => {
            let message = "the generator takes no `encoding`".to_owned();
            (json.get("encoding")?, message, "leave it out; it says nothing of JSON")
        }
    };
    Some(contract.source.diagnostic(JSON_ONLY, &at.pointer, message, help).of(profile))
}
