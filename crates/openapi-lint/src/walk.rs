//! Ways through a document, so that each rule says only what it looks for.

use std::collections::BTreeSet;

use openapi_document::{Contract, Cursor, escape};
use serde_json::Value;

/// Calls `visit` for `value` and everything in it, with its pointer.
pub(crate) fn every<'a>(value: &'a Value, pointer: &str, visit: &mut dyn FnMut(&str, &'a Value)) {
    visit(pointer, value);
    for (name, value) in children(value) {
        every(value, &format!("{pointer}/{name}"), visit);
    }
}

fn children(value: &Value) -> Vec<(String, &Value)> {
    match value {
        Value::Object(map) => map.iter().map(|(name, value)| (escape(name), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
        }
        _ => Vec::new(),
    }
}

/// Members whose keys are names that the author of the contract chose.
const NAMED: [&str; 14] = [
    "paths",
    "schemas",
    "responses",
    "parameters",
    "examples",
    "requestBodies",
    "headers",
    "securitySchemes",
    "links",
    "callbacks",
    "content",
    "properties",
    "encoding",
    "variables",
];

/// Members that hold data and not a part of the description.
const DATA: [&str; 4] = ["example", "default", "enum", "value"];

/// Calls `visit` for every object of the description in `value`, with its pointer. Examples and other
/// data are not part of it, though they may look so.
pub(crate) fn objects<'a>(value: &'a Value, pointer: &str, visit: &mut dyn FnMut(&str, &'a Value)) {
    fn enter<'a>(
        value: &'a Value,
        pointer: &str,
        names: bool,
        visit: &mut dyn FnMut(&str, &'a Value),
    ) {
        if value.is_object() && !names {
            visit(pointer, value);
        }
        for (name, child) in children(value) {
            if names || !DATA.contains(&name.as_str()) {
                let within = format!("{pointer}/{name}");
                let inner = !names && child.is_object() && NAMED.contains(&name.as_str());
                // These have extensions beside the names (sections 4.7.8 and 4.7.16), but for components.
                let extended = ["paths", "responses"].contains(&name.as_str());
                if inner && extended && pointer != "/components" {
                    visit(&within, child);
                }
                enter(child, &within, inner, visit);
            }
        }
    }
    enter(value, pointer, false, visit);
}

/// Calls `visit` for every schema in the document that is not a reference, with its pointer.
pub fn schemas(contract: &Contract, visit: &mut dyn FnMut(&str, &Value)) {
    let mut roots = Vec::new();
    objects(&contract.json, "", &mut |pointer, value| {
        if let Some(schema) = value.get("schema") {
            roots.push((format!("{pointer}/schema"), schema));
        }
    });
    for (name, value) in contract.json["components"]["schemas"].as_object().into_iter().flatten() {
        roots.push((format!("/components/schemas/{}", escape(name)), value));
    }
    for (pointer, value) in roots {
        schema(value, &pointer, visit);
    }
}

/// Calls `visit` for a schema and every schema in it, but for references, with its pointer.
pub(crate) fn schema(value: &Value, pointer: &str, visit: &mut dyn FnMut(&str, &Value)) {
    let Some(map) = value.as_object().filter(|map| !map.contains_key("$ref")) else { return };
    visit(pointer, value);
    for (key, value) in map {
        let at = format!("{pointer}/{}", escape(key));
        match (key.as_str(), value) {
            ("properties", Value::Object(_)) | ("allOf" | "oneOf" | "anyOf", Value::Array(_)) => {
                for (name, inner) in children(value) {
                    schema(inner, &format!("{at}/{name}"), visit);
                }
            }
            ("items" | "not" | "additionalProperties", _) => schema(value, &at, visit),
            _ => {}
        }
    }
}

/// The members of a schema and of what it is composed of by `allOf`, which are the fields of one struct.
#[derive(Default)]
pub(crate) struct Members<'a> {
    /// Their names, and where they are.
    pub(crate) found: Vec<(&'a str, String)>,
    visited: BTreeSet<usize>,
}

impl<'a> Members<'a> {
    pub(crate) fn of(contract: &'a Contract, schema: Cursor<'a>) -> Self {
        let mut members = Self::default();
        members.collect(contract, schema);
        members
    }

    fn collect(&mut self, contract: &'a Contract, at: Cursor<'a>) {
        let Some(at) = contract.resolve(at).filter(|at| self.visited.insert(at.address())) else {
            return;
        };
        self.found.extend(at.entries("properties").map(|(name, at)| (name, at.pointer)));
        for branch in at.elements("allOf") {
            self.collect(contract, branch);
        }
    }
}
