//! Ways through a document, so that each rule says only what it looks for.

use serde_json::Value;

use crate::contract::{Contract, Operation};
use crate::source::escape;

/// Calls `visit` for `value` and everything in it, with its pointer.
pub(super) fn every<'a>(value: &'a Value, pointer: &str, visit: &mut dyn FnMut(&str, &'a Value)) {
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
pub(super) fn objects<'a>(value: &'a Value, pointer: &str, visit: &mut dyn FnMut(&str, &'a Value)) {
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
                let names = !names && child.is_object() && NAMED.contains(&name.as_str());
                enter(child, &format!("{pointer}/{name}"), names, visit);
            }
        }
    }
    enter(value, pointer, false, visit);
}

/// Calls `visit` for every schema in the document that is not a reference, with its pointer.
pub(crate) fn schemas(contract: &Contract, visit: &mut dyn FnMut(&str, &Value)) {
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

fn schema(value: &Value, pointer: &str, visit: &mut dyn FnMut(&str, &Value)) {
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

/// A parameter as an operation has it.
pub(super) struct Parameter<'a> {
    /// Where the operation or its path item names it.
    pub(super) at: String,
    /// Where it is described: the same place, unless it is a reference.
    pub(super) place: String,
    /// The parameter object.
    pub(super) value: &'a Value,
    /// Its name.
    pub(super) name: &'a str,
}

impl Parameter<'_> {
    pub(super) fn is_in(&self, location: &str) -> bool {
        self.value["in"] == location
    }

    /// Whether it is the header of this name, in whatever case (RFC 9110 section 5.1).
    pub(super) fn is_header(&self, name: &str) -> bool {
        self.is_in("header") && self.name.eq_ignore_ascii_case(name)
    }
}

/// The parameters of a path item and of an operation, which may replace the former by its own of the
/// same name and location (OpenAPI 3.0.3 section 4.7.10).
pub(super) fn parameters<'a>(
    contract: &'a Contract,
    operation: &Operation<'a>,
) -> Vec<Parameter<'a>> {
    let own = of(contract, operation.value, &operation.pointer);
    let mut all = of(contract, operation.item, &operation.item_pointer);
    all.retain(|shared| {
        !own.iter().any(|own| own.name == shared.name && own.value["in"] == shared.value["in"])
    });
    all.extend(own);
    all
}

fn of<'a>(contract: &'a Contract, owner: &Value, pointer: &str) -> Vec<Parameter<'a>> {
    let count = owner.get("parameters").and_then(Value::as_array).map_or(0, Vec::len);
    let found = (0..count).filter_map(|index| {
        let at = format!("{pointer}/parameters/{index}");
        let (place, value) = contract.follow(&at)?;
        Some(Parameter { at, place, value, name: value["name"].as_str()? })
    });
    found.collect()
}

/// The responses of an operation: status, where the operation names it, and what it is.
pub(super) fn responses<'a>(
    contract: &'a Contract,
    operation: &Operation<'a>,
) -> Vec<(&'a str, String, &'a Value)> {
    let map = operation.value.get("responses").and_then(Value::as_object).into_iter().flatten();
    let found =
        map.filter(|(status, _)| !status.starts_with("x-")).filter_map(|(status, value)| {
            let at = format!("{}/responses/{}", operation.pointer, escape(status));
            Some((status.as_str(), at, contract.resolve(value)?))
        });
    found.collect()
}
