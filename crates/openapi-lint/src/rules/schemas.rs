//! Schemas that the generator can end on, and that mean what they say.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::{Contract, Diagnostic, escape};
use serde_json::Value;

use crate::walk;

openapi_document::rules! {
    /// A member in `required` is among the `properties`. Nothing would be generated for it, and a check by the
    /// schema would ask for it: most often it is misspelled.
    ///
    /// **Fix** the name, or describe the member.
    /// **Waive** on the schema if the member may be anything.
    REQUIRED_MEMBER = error("required-member", "a required member is among the properties") {
        bad: [
            ("type: string, pattern: '^a'", "type: object, readOnly: true, required: [b], properties: {c: {type: string}}", 29),
        ],
        good: [
            ("type: string, pattern: '^a'", "type: object, readOnly: true, required: [b], properties: {b: {type: string}}"),
        ],
    }

    /// A `pattern` is a regular expression of ECMA-262 (section 4.7.24.1). It is checked with the engine that
    /// the client checks requests with.
    ///
    /// **Fix** the expression; most often a bracket is not escaped.
    /// **Waive** on the schema.
    PATTERN = error("pattern", "a pattern is a regular expression of ECMA-262") {
        bad: [
            ("'^a'", "'('", 29),
        ],
        good: [
            ("'^a'", "'^[\\p{L}]$'"),
        ],
    }

    /// A list says of what it is (section 4.7.24.1). The generator fails without.
    ///
    /// **Fix** by adding `items`; `items: {}` allows anything.
    /// **Waive** on the schema.
    ITEMS = error("items", "a list says of what") {
        bad: [
            ("type: array, items: {}", "type: array", 30),
        ],
        good: [
            ("items: {}", "items: {type: string}"),
        ],
    }
}

/// The generator follows an `allOf` without end when it leads back to where it is.
pub(super) fn inheritance(contract: &Contract) -> Vec<Diagnostic> {
    let mut edges: BTreeMap<String, Vec<(String, &str)>> = BTreeMap::new();
    for (name, schema) in contract.json["components"]["schemas"].as_object().into_iter().flatten() {
        let mut found = Vec::new();
        walk::objects(
            schema,
            &format!("/components/schemas/{}", escape(name)),
            &mut |pointer, value| {
                if let Some(target) = value.get("$ref").and_then(Value::as_str) {
                    found.push((pointer.to_owned(), target));
                }
            },
        );
        edges.insert(format!("#/components/schemas/{}", escape(name)), found);
    }
    let reaches = |from: &str, to: &str| {
        let (mut todo, mut seen) = (vec![from], BTreeSet::new());
        while let Some(at) = todo.pop() {
            if at == to {
                return true;
            }
            if seen.insert(at) {
                todo.extend(edges.get(at).into_iter().flatten().map(|(_, target)| *target));
            }
        }
        false
    };
    let mut findings = Vec::new();
    for (schema, found) in &edges {
        for (pointer, target) in found.iter().filter(|(pointer, _)| pointer.contains("/allOf/")) {
            if reaches(target, schema) {
                let message = format!("`{target}` leads back here through an `allOf`");
                let help = "write out what is inherited, or take the reference out of the `allOf`";
                findings.push(contract.source.diagnostic(
                    crate::grammar::CIRCULAR_REFERENCE,
                    pointer,
                    message,
                    help,
                ));
            }
        }
    }
    findings
}

/// Patterns are regular expressions, required members exist, lists say what is in them.
pub(super) fn schemas(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    walk::schemas(contract, &mut |pointer, schema| {
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
            && let Err(error) = regress::Regex::new(pattern)
        {
            findings.push(contract.source.diagnostic(
                PATTERN,
                &format!("{pointer}/pattern"),
                format!("`{pattern}` is not a regular expression: {error}"),
                "expected ECMA-262, as OpenAPI has it",
            ));
        }
        // A branch of an `allOf` may require what another one has.
        let required = schema.get("required").filter(|_| !pointer.contains("/allOf/"));
        let required = required.and_then(Value::as_array);
        for (index, name) in required.into_iter().flatten().enumerate() {
            let name = name.as_str().unwrap_or_default();
            if schema.get("properties").is_none_or(|properties| properties.get(name).is_none()) {
                findings.push(contract.source.diagnostic(
                    REQUIRED_MEMBER,
                    &format!("{pointer}/required/{index}"),
                    format!("`{name}` is required, but no property has that name"),
                    "add the property, or remove the name",
                ));
            }
        }
        if schema["type"] == "array" && schema.get("items").is_none() {
            let help = "add `items`; `items: {}` allows anything";
            findings.push(contract.source.diagnostic(
                ITEMS,
                pointer,
                "a list does not say of what",
                help,
            ));
        }
    });
    findings
}
