//! The snapshots that a change of the contract changes: every statement of the contract is in one, and
//! every line of the generated client.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use openapi_document::{Contract, Document, METHODS};
use serde::Serialize;
use serde_json::{Map, Value, json};

use rust_api_diff::ItemDiff;

use crate::workspace::Workspace;

/// The contract in parts that are reviewed one by one: every operation with all that it refers to, every
/// schema, and what is said of the service as a whole, by the names of their snapshots.
#[must_use]
pub fn parts(contract: &Document) -> Vec<(String, Value)> {
    let mut parts = Vec::new();
    for operation in contract.operations() {
        let mut value = operation.value.clone();
        let shared = operation.item.as_object().into_iter().flatten();
        let shared = shared.filter(|(name, _)| !METHODS.contains(&name.as_str()));
        let shared: Map<_, _> = shared.map(|(name, value)| (name.clone(), value.clone())).collect();
        value["ofThePath"] =
            json!({"path": operation.path, "method": operation.method, "shared": shared});
        let id = operation.value["operationId"].as_str().map_or_else(
            || format!("{} {}", operation.method, operation.path.replace('/', " ")),
            str::to_owned,
        );
        parts.push((format!("operation.{id}"), expanded(contract, &value, &mut Vec::new())));
    }
    for (name, schema) in contract.json["components"]["schemas"].as_object().into_iter().flatten() {
        parts.push((format!("schema.{name}"), expanded(contract, schema, &mut Vec::new())));
    }
    let mut service = contract.json.clone();
    if let Some(rest) = service.as_object_mut() {
        rest.remove("paths");
        if let Some(schemes) = rest
            .remove("components")
            .and_then(|mut all| all.get_mut("securitySchemes").map(Value::take))
        {
            rest.insert("securitySchemes".into(), schemes);
        }
    }
    parts.push(("service".into(), service));
    parts
}

/// `value` with what it refers to in place of every reference, except for schemas, which have
/// snapshots of their own, and for what is `open` around it already.
fn expanded<'a>(contract: &'a Document, value: &'a Value, open: &mut Vec<&'a str>) -> Value {
    match value {
        Value::Object(map) => {
            if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                let schema = reference.starts_with("#/components/schemas/");
                let Some(target) = contract.resolve_value(value).filter(|_| !schema) else {
                    return value.clone();
                };
                if open.contains(&reference) {
                    return value.clone();
                }
                open.push(reference);
                let target = expanded(contract, target, open);
                open.pop();
                return target;
            }
            let members = map.iter().map(|(k, v)| (k.clone(), expanded(contract, v, open)));
            Value::Object(members.collect())
        }
        Value::Array(items) => items.iter().map(|item| expanded(contract, item, open)).collect(),
        other => other.clone(),
    }
}

/// What becomes of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It is new.
    Appears,
    /// It says something else.
    Changes,
    /// Nothing gives it any more.
    Goes,
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Appears => "appears",
            Self::Changes => "changes",
            Self::Goes => "goes",
        })
    }
}

/// A snapshot that a change of the contract changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// Its file, relative to the root of the workspace.
    pub path: PathBuf,
    /// What becomes of it.
    pub fate: Fate,
    /// Whether the file says so already.
    pub updated: bool,
}

/// The snapshots of the contract that differ, as they stand in the workspace.
#[must_use]
pub fn of_contract(workspace: &Workspace, base: &Contract, revision: &Contract) -> Vec<Snapshot> {
    let Some(folder) = &workspace.contract_snapshots else { return Vec::new() };
    let mut texts: BTreeMap<String, [Option<String>; 2]> = BTreeMap::new();
    for (side, contract) in [base, revision].into_iter().enumerate() {
        for (name, value) in parts(contract) {
            texts.entry(name).or_default()[side] = Some(format!("{value:#}"));
        }
    }
    texts
        .into_iter()
        .filter_map(|(name, [old, new])| {
            snapshot(&workspace.root, folder, &name, old.as_deref(), new.as_deref())
        })
        .collect()
}

/// The snapshots of the generated items that differ.
#[must_use]
pub fn of_code(workspace: &Workspace, items: &[ItemDiff]) -> Vec<Snapshot> {
    let Some(folder) = &workspace.client_snapshots else { return Vec::new() };
    let items = items.iter();
    items
        .filter_map(|item| {
            let (before, after) = (item.before.as_deref(), item.after.as_deref());
            snapshot(&workspace.root, folder, &item.name, before, after)
        })
        .collect()
}

fn snapshot(
    root: &Path,
    folder: &Path,
    name: &str,
    old: Option<&str>,
    new: Option<&str>,
) -> Option<Snapshot> {
    let fate = match (old, new) {
        (None, None) => return None,
        (Some(old), Some(new)) if old == new => return None,
        (None, _) => Fate::Appears,
        (_, None) => Fate::Goes,
        _ => Fate::Changes,
    };
    // A report is the same on Windows.
    let path = PathBuf::from(format!("{}/{name}.snap", folder.display()));
    let file = std::fs::read_to_string(root.join(&path)).ok();
    let updated = file.as_deref().map(content) == new.map(str::trim);
    Some(Snapshot { path, fate, updated })
}

/// What a snapshot says, without its head.
fn content(file: &str) -> &str {
    let body = file.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    body.map_or(file, |(_, body)| body).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_updated_when_the_file_says_what_the_contract_gives() {
        let root = std::env::temp_dir().join(format!("xtask-snapshots-{}", std::process::id()));
        let folder = root.join("snapshots");
        std::fs::create_dir_all(&folder).expect("a folder");
        for (name, text) in [("type.New", "new\n"), ("type.Old", "old\n"), ("type.Gone", "gone\n")]
        {
            let text = format!("---\nsource: tests/generated.rs\n---\n{text}");
            std::fs::write(folder.join(format!("{name}.snap")), text).expect("a file");
        }
        let item = |name: &str, before: &str, after: &str| {
            let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            ItemDiff { name: name.to_owned(), before: text(before), after: text(after) }
        };
        let items = [
            item("type.Fresh", "", "fresh"),
            item("type.Gone", "gone", ""),
            item("type.New", "before", "new"),
            item("type.Old", "old", "changed"),
            item("type.Same", "same", "same"),
        ];
        let snapshots = Some("snapshots".into());
        let workspace =
            Workspace { root: root.clone(), client_snapshots: snapshots, ..Workspace::default() };
        let found = of_code(&workspace, &items);
        let found: Vec<_> = found
            .iter()
            .map(|snapshot| {
                (
                    snapshot.path.file_stem().and_then(|name| name.to_str()),
                    snapshot.fate,
                    snapshot.updated,
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                (Some("type.Fresh"), Fate::Appears, false),
                (Some("type.Gone"), Fate::Goes, false),
                (Some("type.New"), Fate::Changes, true),
                (Some("type.Old"), Fate::Changes, false),
            ]
        );
        // What is left over in the temporary folder does no harm.
        let _ = std::fs::remove_dir_all(&root);
    }
}
