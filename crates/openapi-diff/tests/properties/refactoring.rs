//! What people do to a contract without meaning another one.

use serde_json::{Value, json};

use crate::contract::Choices;
use crate::sites::{Kind, every, sites};

/// Something that can be done to a document: at a place, or nowhere if there is none for it.
pub(crate) type Refactoring = fn(&mut Choices, &mut Value) -> Option<()>;

/// Those that nobody sees: there is no change of any kind.
pub(crate) const SILENT: [(&str, Refactoring); 12] = [
    ("inline", inline),
    ("extract", extract),
    ("rename", rename),
    ("wrap", wrap),
    ("split", split),
    ("spell out", spell_out),
    ("shuffle", shuffle),
    ("move down", move_down),
    ("move up", move_up),
    ("copy what holds for all", copy_down),
    ("numbers", numbers),
    ("examples", examples),
];

/// Those that are told to readers: a change that does not reach the wire.
pub(crate) const TOLD: [(&str, Refactoring); 3] =
    [("describe", describe), ("reorder", reorder), ("rename path", rename_path)];

/// A place of such kind, and what is there.
fn place(
    choices: &mut Choices,
    document: &Value,
    fits: impl Fn(Kind, &str, &Value) -> bool,
) -> Option<(Kind, String)> {
    let all: Vec<_> = sites(document)
        .into_iter()
        .filter(|(kind, at)| document.pointer(at).is_some_and(|value| fits(*kind, at, value)))
        .collect();
    if all.is_empty() { None } else { Some(choices.pick(&all).clone()) }
}

fn target(document: &Value, value: &Value) -> Option<Value> {
    document.pointer(value.get("$ref")?.as_str()?.strip_prefix('#')?).cloned()
}

/// Alternatives with a discriminator are told apart by the names of their schemas.
fn is_told_apart(document: &Value, at: &str) -> bool {
    let owner = at.rsplit_once("/oneOf/").filter(|(_, index)| !index.contains('/'));
    owner.is_some_and(|(owner, _)| {
        document.pointer(owner).is_some_and(|value| value.get("discriminator").is_some())
    })
}

/// Writes what a reference leads to instead of it.
fn inline(choices: &mut Choices, document: &mut Value) -> Option<()> {
    let fits = |_: Kind, at: &str, value: &Value| {
        value.get("$ref").is_some() && !is_told_apart(document, at)
    };
    let (_, at) = place(choices, document, fits)?;
    let value = target(document, document.pointer(&at)?)?;
    // What refers to itself doubles each time.
    if value.to_string().len() > 500 {
        return None;
    }
    *document.pointer_mut(&at)? = value;
    Some(())
}

/// Makes a component of what stands somewhere.
fn extract(choices: &mut Choices, document: &mut Value) -> Option<()> {
    let fits =
        |kind: Kind, at: &str, _: &Value| kind.section().is_some() && !is_told_apart(document, at);
    let (kind, at) = place(choices, document, fits)?;
    let section = kind.section()?;
    let all = document["components"][section].as_object_mut()?;
    let name = format!("New{}", all.len());
    if all.contains_key(&name) {
        return None;
    }
    let reference = json!({ "$ref": format!("#/components/{section}/{name}") });
    let value = std::mem::replace(document.pointer_mut(&at)?, reference);
    document["components"][section][name] = value;
    Some(())
}

/// Gives a component another name.
fn rename(choices: &mut Choices, document: &mut Value) -> Option<()> {
    let section =
        *choices.pick(&["schemas", "parameters", "headers", "responses", "requestBodies"]);
    let all = document["components"][section].as_object_mut()?;
    let names: Vec<_> = all.keys().cloned().collect();
    if names.is_empty() {
        return None;
    }
    let old = choices.pick(&names).clone();
    let value = all.shift_remove(&old)?;
    let new = format!("{old}x");
    all.insert(new.clone(), value);
    let (old, new) =
        (format!("#/components/{section}/{old}"), format!("#/components/{section}/{new}"));
    every(document, &mut |value| {
        if let Value::String(text) = value {
            if *text == old {
                text.clone_from(&new);
            } else if let Some(rest) = text.strip_prefix(&format!("{old}/")) {
                *text = format!("{new}/{rest}");
            }
        }
    });
    Some(())
}

/// Puts a schema into an `allOf` of its own.
fn wrap(choices: &mut Choices, document: &mut Value) -> Option<()> {
    let fits =
        |kind: Kind, at: &str, _: &Value| kind == Kind::Schema && !is_told_apart(document, at);
    let (_, at) = place(choices, document, fits)?;
    let schema = document.pointer_mut(&at)?;
    *schema = json!({ "allOf": [schema.take()] });
    Some(())
}

/// Says of each property in a part of its own.
fn split(choices: &mut Choices, document: &mut Value) -> Option<()> {
    let fits = |_: Kind, _: &str, value: &Value| {
        value.get("properties").and_then(Value::as_object).is_some_and(|all| all.len() > 1)
            && ["additionalProperties", "allOf"].iter().all(|key| value.get(key).is_none())
    };
    let (_, at) = place(choices, document, fits)?;
    let schema = document.pointer_mut(&at)?.as_object_mut()?;
    let properties = schema.shift_remove("properties")?;
    let nullable = schema.get("nullable").cloned().unwrap_or(json!(false));
    let parts = properties.as_object()?.iter().map(|(name, value)| {
        json!({ "type": "object", "nullable": nullable, "properties": { name: value } })
    });
    let parts = parts.collect();
    schema.insert("allOf".to_owned(), parts);
    Some(())
}

/// Says what holds anyway.
fn spell_out(choices: &mut Choices, document: &mut Value) -> Option<()> {
    let usual = |kind: Kind, value: &Value| -> Vec<(&'static str, Value)> {
        let no = json!(false);
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
        match (kind, text("type")) {
            (Kind::Schema, "object") => {
                vec![
                    ("additionalProperties", json!(true)),
                    ("minProperties", json!(0)),
                    ("nullable", no),
                ]
            }
            (Kind::Schema, "array") => vec![("minItems", json!(0)), ("uniqueItems", no)],
            (Kind::Schema, "string") => vec![("minLength", json!(0)), ("readOnly", no)],
            (Kind::Schema, "integer" | "number") => {
                vec![("exclusiveMinimum", no.clone()), ("exclusiveMaximum", no)]
            }
            (Kind::Schema, _) => {
                vec![("writeOnly", no.clone()), ("deprecated", no.clone()), ("nullable", no)]
            }
            (Kind::Parameter, _) => {
                let style =
                    if text("in") == "header" || text("in") == "path" { "simple" } else { "form" };
                let explode = value.get("style").map_or(style == "form", |style| style == "form");
                let mut all = vec![
                    ("explode", json!(explode)),
                    ("style", json!(style)),
                    ("deprecated", no.clone()),
                ];
                if text("in") != "path" {
                    all.push(("required", no.clone()));
                }
                if text("in") == "query" {
                    all.extend([("allowEmptyValue", no.clone()), ("allowReserved", no)]);
                }
                all
            }
            (Kind::Header, _) => {
                vec![("required", no.clone()), ("explode", no), ("style", json!("simple"))]
            }
            (Kind::RequestBody, _) => vec![("required", no)],
            (Kind::Operation, _) => vec![("deprecated", no)],
            _ => Vec::new(),
        }
    };
    let fits = |kind: Kind, _: &str, value: &Value| {
        value.get("$ref").is_none() && !usual(kind, value).is_empty()
    };
    let (kind, at) = place(choices, document, fits)?;
    let value = document.pointer_mut(&at)?;
    let (key, usual) = choices.pick(&usual(kind, value)).clone();
    value.as_object_mut()?.entry(key).or_insert(usual);
    Some(())
}

/// Changes the order of what has none.
#[expect(clippy::unnecessary_wraps, reason = "it is one of those that find no place at times")]
fn shuffle(choices: &mut Choices, document: &mut Value) -> Option<()> {
    every(document, &mut |value| {
        let Value::Object(members) = value else { return };
        let mut entries: Vec<_> = std::mem::take(members).into_iter().collect();
        choices.shuffle(&mut entries);
        for (key, value) in &mut entries {
            if let (
                "required" | "enum" | "tags" | "parameters" | "security" | "servers",
                Value::Array(list),
            ) = (key.as_str(), value)
            {
                choices.shuffle(list);
            }
        }
        members.extend(entries);
    });
    Some(())
}

/// Says of each operation what its path item says of all.
fn move_down(choices: &mut Choices, document: &mut Value) -> Option<()> {
    let fits = |kind: Kind, _: &str, value: &Value| {
        kind == Kind::PathItem && value.get("parameters").is_some()
    };
    let (_, at) = place(choices, document, fits)?;
    let item = document.pointer_mut(&at)?.as_object_mut()?;
    let shared = item.shift_remove("parameters")?;
    for method in ["get", "put", "post"] {
        let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else { continue };
        let own = operation.entry("parameters").or_insert(json!([]));
        own.as_array_mut()?.extend(shared.as_array()?.iter().cloned());
    }
    Some(())
}

/// Says of all operations of a path what each of them says.
fn move_up(choices: &mut Choices, document: &mut Value) -> Option<()> {
    let (_, at) = place(choices, document, |kind, _, _| kind == Kind::PathItem)?;
    let item = document.pointer_mut(&at)?.as_object_mut()?;
    let operations = ["get", "put", "post"].map(|method| item.get(method).cloned());
    let lists: Vec<_> = operations
        .iter()
        .flatten()
        .map(|operation| {
            operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default()
        })
        .collect();
    let common =
        lists.first()?.iter().find(|one| lists.iter().all(|list| list.contains(one)))?.clone();
    item.entry("parameters").or_insert(json!([])).as_array_mut()?.push(common.clone());
    for method in ["get", "put", "post"] {
        let Some(operation) = item.get_mut(method) else { continue };
        operation["parameters"].as_array_mut()?.retain(|one| *one != common);
    }
    Some(())
}

/// Says of an operation what holds for all.
fn copy_down(choices: &mut Choices, document: &mut Value) -> Option<()> {
    let (_, at) = place(choices, document, |kind, _, _| kind == Kind::Operation)?;
    let item = document.pointer(at.rsplit_once('/')?.0)?;
    let (of_item, of_all) = (item.get("servers").cloned(), document.get("servers").cloned());
    let security = document.get("security").cloned();
    let operation = document.pointer_mut(&at)?.as_object_mut()?;
    if let Some(servers) = of_item.or(of_all) {
        operation.entry("servers").or_insert(servers);
    }
    if let Some(security) = security {
        operation.entry("security").or_insert(security);
    }
    Some(())
}

/// Writes whole numbers with a point.
fn numbers(choices: &mut Choices, document: &mut Value) -> Option<()> {
    let keys = ["minimum", "maximum", "multipleOf", "enum", "default"];
    let fits = |kind: Kind, _: &str, value: &Value| {
        kind == Kind::Schema && keys.iter().any(|key| value.get(key).is_some())
    };
    let (_, at) = place(choices, document, fits)?;
    let schema = document.pointer_mut(&at)?;
    for key in keys {
        if let Some(value) = schema.get_mut(key) {
            every(value, &mut |value| {
                if let Some(number) = value.as_f64() {
                    *value = json!(number);
                }
            });
        }
    }
    Some(())
}

/// Adds what only shows how it is meant.
fn examples(choices: &mut Choices, document: &mut Value) -> Option<()> {
    let (_, at) = place(choices, document, |_, _, value| value.get("$ref").is_none())?;
    let value = document.pointer_mut(&at)?;
    value[*choices.pick(&["example", "x-more", "externalDocs"])] = json!({ "a": choices.below(9) });
    Some(())
}

fn describe(choices: &mut Choices, document: &mut Value) -> Option<()> {
    let (_, at) = place(choices, document, |_, _, value| value.get("$ref").is_none())?;
    let value = document.pointer_mut(&at)?;
    value[*choices.pick(&["description", "summary", "title"])] = json!("in other words");
    Some(())
}

/// Changes the order of alternatives. Two that mean the same may be described in other words, and which
/// of them became which nobody knows.
#[expect(clippy::unnecessary_wraps, reason = "it is one of those that find no place at times")]
fn reorder(choices: &mut Choices, document: &mut Value) -> Option<()> {
    every(document, &mut |value| {
        for key in ["oneOf", "anyOf"] {
            if let Some(Value::Array(list)) = value.get_mut(key) {
                choices.shuffle(list);
            }
        }
    });
    Some(())
}

/// Gives the parameter of a path another name, which is not on the wire.
fn rename_path(choices: &mut Choices, document: &mut Value) -> Option<()> {
    let (_, at) = place(choices, document, |kind, _, _| kind == Kind::PathItem)?;
    let item = document.pointer(&at)?.clone();
    if !item.get("parameters")?.as_array()?.iter().any(|one| one["name"] == "id") {
        return None;
    }
    let path = openapi_diff::unescape(at.rsplit('/').next()?);
    let paths = document["paths"].as_object_mut()?;
    let mut item = paths.shift_remove(&path)?;
    item["parameters"].as_array_mut()?.iter_mut().filter(|one| one["name"] == "id").for_each(
        |one| {
            one["name"] = json!("key");
        },
    );
    paths.insert(path.replace("{id}", "{key}"), item);
    Some(())
}
