//! Requests and responses, and the media types they come in.

use openapi_document::{Contract, Cursor, Diagnostic};
use serde_json::Value;

openapi_document::rules! {
    /// A request body and a success have one media type, `application/json`, with a `schema` and without
    /// `encoding`. progenitor panics on two media types in a request, on JSON without a schema and on an
    /// `encoding`, and makes an untyped stream of every other response (oxidecomputer/progenitor#594). Errors may
    /// be anything: they arrive as bytes.
    ///
    /// **Fix** by describing the JSON alone, or by a pass of the code generation that leaves it alone.
    /// **Waive** on the body or the response if a stream is what is wanted.
    JSON_ONLY = error("json-only", "requests and successes are JSON with a schema") {
        bad: [
            ("components:", "    post: {operationId: postA, responses: {'200': {description: ok, content: {text/plain: {schema: {type: string}}}}}}\ncomponents:", 23),
            ("components:", "    post: {operationId: postA, responses: {'200': {description: ok, content: {application/json: {}}}}}\ncomponents:", 23),
            ("requestBody: {required: true, content: {", "requestBody: {required: true, content: {text/plain: {}, ", 19),
            ("requestBody: {required: true, content: {application/json: {", "requestBody: {required: true, content: {application/json: {encoding: {name: {}}, ", 19),
        ],
        good: [
            ("description: failed", "description: failed, content: {text/plain: {schema: {type: string}}}"),
        ],
    }

    /// An operation has one shape of success. A method returns one type: progenitor panics on two, and on a `200`
    /// with a body beside a `204` without (oxidecomputer/progenitor#344). Without any, it takes everything for one.
    ///
    /// **Fix** by making them one schema, by making two operations, or by adding the success.
    /// **Waive** on `responses`; the generator panics on two all the same.
    ONE_SUCCESS = error("one-success", "an operation has one shape of success") {
        bad: [
            ("components:", "    post:\n      operationId: postA\n      responses:\n        '204': {description: ok}\n        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}\ncomponents:", 27),
            ("components:", "    post: {operationId: postA, responses: {'404': {description: gone}}}\ncomponents:", 23),
        ],
        good: [
            ("        4XX", "        2XX: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}\n        4XX"),
        ],
    }

    /// Errors are described as `4XX` and `5XX`. progenitor takes `default` for a success, and panics when it has
    /// another schema than `200`.
    ///
    /// **Fix** by listing the response under both classes.
    /// **Waive** on the response.
    DEFAULT_RESPONSE = error("default-response", "errors are described as 4XX and 5XX") {
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
        if let Some(Cursor { value: body, .. }) = contract.resolve_at(&pointer) {
            findings.extend(json_only(contract, &body["content"], &pointer));
        }
    }
    findings
}

/// progenitor panics on two shapes of success, takes `default` for one of them, and returns an
/// untyped stream for every media type but JSON.
pub(super) fn responses(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for operation in contract.operations() {
        let mut success: Option<&Value> = None;
        for (status, at, response) in contract.responses(&operation) {
            if status == "default" {
                findings.push(contract.source.diagnostic(
                    DEFAULT_RESPONSE,
                    &at,
                    "the generator takes `default` for a success",
                    "describe errors as 4XX and 5XX",
                ));
            }
            if !status.starts_with('2') {
                continue;
            }
            let content = &response["content"];
            if !content.is_null() {
                findings.extend(json_only(contract, content, &at));
            }
            let schema = &content["application/json"]["schema"];
            if success.is_some_and(|other| other != schema) {
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
            findings.push(contract.source.diagnostic(
                ONE_SUCCESS,
                &pointer,
                message,
                "add a 2xx response",
            ));
        }
    }
    findings
}

fn json_only(contract: &Contract, content: &Value, pointer: &str) -> Option<Diagnostic> {
    let json = content.get("application/json").filter(|media| media.get("schema").is_some());
    let alone = content.as_object().is_some_and(|content| content.len() == 1);
    let (message, help) = if json.is_none() || !alone {
        let help = "describe exactly one media type, `application/json`, with a `schema`";
        ("the generator can type nothing here but JSON with a schema", help)
    } else if json.is_some_and(|media| media.get("encoding").is_some()) {
        ("the generator takes no `encoding`", "leave it out; it says nothing of JSON")
    } else {
        return None;
    };
    Some(contract.source.diagnostic(JSON_ONLY, pointer, message, help))
}
