//! Who uses a schema: the schemas that name it, and the operations that reach it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::view::View;

/// Who uses a component schema.
#[derive(Default)]
pub(crate) struct Users<'a> {
    /// The schemas that refer to it, as references write their names.
    pub(crate) schemas: BTreeSet<&'a str>,
    /// The pointers of the operations that reach it, in the order of the file.
    pub(crate) operations: Vec<String>,
}

/// The users of every component schema, by its reference.
pub(crate) fn users<'a>(view: &View<'a>) -> BTreeMap<&'a str, Users<'a>> {
    let mut users: BTreeMap<&str, Users<'_>> = BTreeMap::new();
    let mut known: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for operation in view.contract.operations() {
        let mut open = references(operation.value);
        open.extend(operation.item.get("parameters").map(references).unwrap_or_default());
        let mut reached = BTreeSet::new();
        while let Some(reference) = open.pop() {
            if reached.insert(reference) {
                let target = || view.target(reference).map(|at| references(at.value));
                open.extend(
                    known.entry(reference).or_insert_with(|| target().unwrap_or_default()).iter(),
                );
            }
        }
        for reference in reached {
            users.entry(reference).or_default().operations.push(operation.pointer.clone());
        }
    }
    let schemas = view.contract.json.pointer("/components/schemas").and_then(Value::as_object);
    for (name, schema) in schemas.into_iter().flatten() {
        for reference in references(schema) {
            users.entry(reference).or_default().schemas.insert(name);
        }
    }
    users
}

/// Every reference in `value`.
fn references(value: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(list) => open.extend(list),
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str));
                open.extend(map.values());
            }
            _ => {}
        }
    }
    found
}
