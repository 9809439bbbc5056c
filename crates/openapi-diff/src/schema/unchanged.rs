//! Schemas that are written the same on both sides, with all that they refer to: there is nothing to compare.

use std::collections::{HashMap, HashSet};

use openapi_document::{Document, unescape};
use serde_json::Value;

use crate::schema::node::Part;

/// Keywords whose meaning depends on what stands elsewhere, so that the same text may not mean the same: what extends
/// a schema with a discriminator, names it, or is in its scope.
const ELSEWHERE: [&str; 7] = [
    "discriminator",
    "$id",
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "$recursiveRef",
    "$schema",
];

const COMPONENTS: &str = "/components/schemas/";

/// The components that are the same, by their names.
#[derive(Debug, Default)]
pub(crate) struct Unchanged(HashSet<String>);

impl Unchanged {
    pub(crate) fn new(base: &Document, revision: &Document) -> Self {
        // Another version of OpenAPI reads another language.
        let language = |document: &Document| {
            let version = document.json["openapi"].as_str().unwrap_or_default();
            let minor = version.split('.').take(2).collect::<Vec<_>>().join(".");
            (minor, document.json["jsonSchemaDialect"].clone())
        };
        if language(base) != language(revision) {
            return Self::default();
        }
        let [old, new] =
            [base, revision].map(|document| document.json.pointer("/components/schemas"));
        let [Some(Value::Object(old)), Some(Value::Object(new))] = [old, new] else {
            return Self::default();
        };
        let mut same = HashMap::new();
        for (name, schema) in old {
            let mut references = Vec::new();
            if new.get(name) == Some(schema) && is_closed(schema, &mut references) {
                same.insert(name.clone(), references);
            }
        }
        let mut users: HashMap<&str, Vec<&str>> = HashMap::new();
        let mut changed: Vec<&str> = Vec::new();
        for (name, references) in &same {
            for reference in references {
                if !same.contains_key(reference) {
                    changed.push(name);
                }
                users.entry(reference).or_default().push(name);
            }
        }
        let mut gone = HashSet::new();
        while let Some(name) = changed.pop() {
            if gone.insert(name) {
                changed.extend(users.get(name).into_iter().flatten());
            }
        }
        let names = same.keys().filter(|name| !gone.contains(name.as_str()));
        Self(names.cloned().collect())
    }

    /// Whether two schemas are the same, and lead to nothing that is not.
    pub(crate) fn has(&self, base: &[Part<'_>], revision: &[Part<'_>]) -> bool {
        let ([old], [new]) = (base, revision) else { return false };
        if self.0.is_empty() || old.bare != new.bare {
            return false;
        }
        let name = |part: &Part<'_>| part.at.pointer.strip_prefix(COMPONENTS).map(unescape);
        if let (Some(old), Some(new)) = (name(old), name(new))
            && old == new
            && self.0.contains(&old)
        {
            return true;
        }
        let mut references = Vec::new();
        old.at.value == new.at.value
            && is_closed(old.at.value, &mut references)
            && references.iter().all(|name| self.0.contains(name))
    }
}

/// Whether a schema refers to nothing but components, whose names are collected, and means the same wherever it is.
fn is_closed(schema: &Value, references: &mut Vec<String>) -> bool {
    match schema {
        Value::Object(members) => {
            members.iter().all(|(name, value)| match (name.as_str(), value) {
                ("$ref", Value::String(reference)) => {
                    let name =
                        reference.strip_prefix('#').and_then(|it| it.strip_prefix(COMPONENTS));
                    let name = name.filter(|name| !name.contains(['/', '%']));
                    references.extend(name.map(unescape));
                    name.is_some()
                }
                (name, _) if ELSEWHERE.contains(&name) => false,
                (_, value) => is_closed(value, references),
            })
        }
        Value::Array(items) => items.iter().all(|item| is_closed(item, references)),
        _ => true,
    }
}
