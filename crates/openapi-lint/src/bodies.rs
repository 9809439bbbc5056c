//! Requests and responses, and the media types they come in.

use openapi_document::{Contract, Cursor, Diagnostic};
use serde_json::Value;

use crate::rules;

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
                    rules::DEFAULT_RESPONSE,
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
                    rules::ONE_SUCCESS,
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
                rules::ONE_SUCCESS,
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
    Some(contract.source.diagnostic(rules::JSON_ONLY, pointer, message, help))
}
