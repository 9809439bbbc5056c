//! Ways through a document, so that each rule says only what it looks for.

use std::collections::BTreeSet;

use openapi_document::{Contract, Cursor, escape};
use serde_json::Value;

/// Makes `at` the pointer of a member of what it leads to. Cut to the length that this returns, it is what it was.
pub(crate) fn enter(at: &mut String, name: &str) -> usize {
    let length = at.len();
    at.push('/');
    if name.contains(['~', '/']) {
        at.push_str(&escape(name));
    } else {
        at.push_str(name);
    }
    length
}

/// Calls `visit` for `value` and everything in it, with its pointer.
pub(crate) fn every<'a>(value: &'a Value, pointer: &str, visit: &mut dyn FnMut(&str, &'a Value)) {
    fn walk<'a>(value: &'a Value, at: &mut String, visit: &mut dyn FnMut(&str, &'a Value)) {
        visit(at, value);
        children(value, at, &mut |_, value, at| walk(value, at, visit));
    }
    walk(value, &mut pointer.to_owned(), visit);
}

/// Calls `visit` for what is in `value`, with its name and with `at` at its pointer.
fn children<'a>(
    value: &'a Value,
    at: &mut String,
    visit: &mut dyn FnMut(&str, &'a Value, &mut String),
) {
    let mut child = |name: &str, value| {
        let length = enter(at, name);
        visit(name, value, at);
        at.truncate(length);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| child(name, value)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| child(&index.to_string(), item));
        }
        _ => {}
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
    fn walk<'a>(
        value: &'a Value,
        at: &mut String,
        names: bool,
        visit: &mut dyn FnMut(&str, &'a Value),
    ) {
        if value.is_object() && !names {
            visit(at, value);
        }
        let of_components = at == "/components";
        children(value, at, &mut |name, child, at| {
            if names || !DATA.contains(&name) {
                let inner = !names && child.is_object() && NAMED.contains(&name);
                // These have extensions beside the names (sections 4.7.8 and 4.7.16), but for components.
                if inner && ["paths", "responses"].contains(&name) && !of_components {
                    visit(at, child);
                }
                walk(child, at, inner, visit);
            }
        });
    }
    walk(value, &mut pointer.to_owned(), false, visit);
}

/// Calls `visit` for every schema in the document that is not a reference, with its pointer.
pub fn schemas(contract: &Contract, visit: &mut dyn FnMut(&str, &Value)) {
    objects(&contract.json, "", &mut |pointer, value| {
        if let Some(found) = value.get("schema") {
            schema(found, &format!("{pointer}/schema"), visit);
        }
    });
    for (name, value) in contract.json["components"]["schemas"].as_object().into_iter().flatten() {
        schema(value, &format!("/components/schemas/{}", escape(name)), visit);
    }
}

/// Calls `visit` for a schema and every schema in it, but for references, with its pointer.
pub(crate) fn schema(value: &Value, pointer: &str, visit: &mut dyn FnMut(&str, &Value)) {
    fn walk(value: &Value, at: &mut String, visit: &mut dyn FnMut(&str, &Value)) {
        let Some(map) = value.as_object().filter(|map| !map.contains_key("$ref")) else { return };
        visit(at, value);
        for (key, value) in map {
            let length = enter(at, key);
            match (key.as_str(), value) {
                ("properties", Value::Object(_))
                | ("allOf" | "oneOf" | "anyOf", Value::Array(_)) => {
                    children(value, at, &mut |_, inner, at| walk(inner, at, visit));
                }
                ("items" | "not" | "additionalProperties", _) => walk(value, at, visit),
                _ => {}
            }
            at.truncate(length);
        }
    }
    walk(value, &mut pointer.to_owned(), visit);
}

/// The members of a schema and of what it is composed of: by `allOf`, which are the fields of one struct, or by any list.
#[derive(Default)]
pub(crate) struct Members<'a> {
    /// Their names, and where they are.
    pub(crate) found: Vec<(&'a str, String)>,
    visited: BTreeSet<usize>,
}

impl<'a> Members<'a> {
    pub(crate) fn of(contract: &'a Contract, schema: Cursor<'a>) -> Self {
        let mut members = Self::default();
        members.collect(contract, schema, &["allOf"]);
        members
    }

    pub(crate) fn of_any(contract: &'a Contract, schema: Cursor<'a>) -> Self {
        let mut members = Self::default();
        members.collect(contract, schema, &["allOf", "oneOf", "anyOf"]);
        members
    }

    fn collect(&mut self, contract: &'a Contract, at: Cursor<'a>, lists: &[&str]) {
        let Some(at) = contract.resolve(at).filter(|at| self.visited.insert(at.address())) else {
            return;
        };
        self.found.extend(at.entries("properties").map(|(name, at)| (name, at.pointer)));
        for branch in lists.iter().flat_map(|list| at.elements(list)) {
            self.collect(contract, branch, lists);
        }
    }
}
