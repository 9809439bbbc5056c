//! What stands where in a contract.

use serde_json::Value;

/// What a value of a contract is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Schema,
    Parameter,
    Header,
    Response,
    RequestBody,
    Operation,
    PathItem,
}

impl Kind {
    /// The section of the components where it may be.
    pub(crate) fn section(self) -> Option<&'static str> {
        Some(match self {
            Self::Schema => "schemas",
            Self::Parameter => "parameters",
            Self::Header => "headers",
            Self::Response => "responses",
            Self::RequestBody => "requestBodies",
            Self::Operation | Self::PathItem => return None,
        })
    }
}

/// The pointers of everything that has a kind, what is inside after what it is in.
pub(crate) fn sites(document: &Value) -> Vec<(Kind, String)> {
    let mut all = Vec::new();
    walk(document, "", None, &mut all);
    all
}

fn walk(value: &Value, pointer: &str, kind: Option<Kind>, all: &mut Vec<(Kind, String)>) {
    if let Some(kind) = kind {
        all.push((kind, pointer.to_owned()));
    }
    let Value::Object(members) = value else { return };
    for (key, inner) in members {
        let at = format!("{pointer}/{}", openapi_diff::escape(key));
        let kinds = |kind: Kind, all: &mut Vec<(Kind, String)>| match inner {
            Value::Object(members) => {
                for (key, inner) in members {
                    walk(inner, &format!("{at}/{}", openapi_diff::escape(key)), Some(kind), all);
                }
            }
            Value::Array(items) => {
                for (index, inner) in items.iter().enumerate() {
                    walk(inner, &format!("{at}/{index}"), Some(kind), all);
                }
            }
            _ => {}
        };
        match (kind, key.as_str()) {
            (Some(Kind::Schema), "properties" | "allOf" | "oneOf" | "anyOf") => {
                kinds(Kind::Schema, all);
            }
            (Some(Kind::Schema), "items" | "additionalProperties" | "not") if inner.is_object() => {
                walk(inner, &at, Some(Kind::Schema), all);
            }
            (Some(Kind::Schema), _) => {}
            (Some(Kind::PathItem), "get" | "put" | "post") => {
                walk(inner, &at, Some(Kind::Operation), all);
            }
            (_, "schema") => walk(inner, &at, Some(Kind::Schema), all),
            (_, "paths") => kinds(Kind::PathItem, all),
            (_, "schemas") => kinds(Kind::Schema, all),
            (_, "parameters") => kinds(Kind::Parameter, all),
            (_, "headers") => kinds(Kind::Header, all),
            (_, "responses") => kinds(Kind::Response, all),
            (_, "requestBody") => walk(inner, &at, Some(Kind::RequestBody), all),
            (_, "requestBodies") => kinds(Kind::RequestBody, all),
            (None | Some(_), "components" | "content") => walk(inner, &at, None, all),
            (None, _) if pointer.ends_with("/content") => walk(inner, &at, None, all),
            _ => {}
        }
    }
}

/// Every object and list of a document, by what is done to each.
pub(crate) fn every(value: &mut Value, change: &mut impl FnMut(&mut Value)) {
    change(value);
    match value {
        Value::Object(members) => members.values_mut().for_each(|inner| every(inner, change)),
        Value::Array(items) => items.iter_mut().for_each(|inner| every(inner, change)),
        _ => {}
    }
}
