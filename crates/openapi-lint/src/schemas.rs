//! Schemas that the generator can end on, and that mean what they say.

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::{Contract, Diagnostic, escape};
use serde_json::Value;

use crate::rules;
use crate::walk;

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
                    rules::CIRCULAR_REFERENCE,
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
                rules::PATTERN,
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
                    rules::REQUIRED_MEMBER,
                    &format!("{pointer}/required/{index}"),
                    format!("`{name}` is required, but no property has that name"),
                    "add the property, or remove the name",
                ));
            }
        }
        if schema["type"] == "array" && schema.get("items").is_none() {
            let help = "add `items`; `items: {}` allows anything";
            findings.push(contract.source.diagnostic(
                rules::ITEMS,
                pointer,
                "a list does not say of what",
                help,
            ));
        }
    });
    findings
}
