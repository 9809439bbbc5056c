//! What makes another document of one, for good or bad.

use serde_json::{Value, json};

use crate::contract::{Choices, schema};
use crate::sites::{Kind, sites};

/// Puts something else somewhere: another schema where there is one, so that it stays a contract.
pub(crate) fn mutate(choices: &mut Choices, document: &mut Value) {
    let all: Vec<_> =
        sites(document).into_iter().filter(|(kind, _)| *kind == Kind::Schema).collect();
    let Some((_, at)) = (!all.is_empty()).then(|| choices.pick(&all).clone()) else { return };
    let new = schema(choices, 2);
    if let Some(place) = document.pointer_mut(&at) {
        *place = new;
    }
}

/// Puts anything anywhere.
pub(crate) fn wreck(choices: &mut Choices, document: &mut Value) {
    let mut all = Vec::new();
    pointers(document, String::new(), &mut all);
    let at = choices.pick(&all).clone();
    let other = document.pointer(choices.pick::<String>(&all)).cloned().unwrap_or_default();
    let junk = [
        json!(null),
        json!(true),
        json!(-1),
        json!(0.5),
        json!(1e300),
        json!(u64::MAX),
        json!(""),
        json!([]),
        json!({}),
        json!([[]]),
        json!({ "": {} }),
        json!({ "$ref": "#" }),
        json!({ "$ref": format!("#{at}") }),
        json!({ "$ref": 1 }),
        json!({ "$ref": "#/components/schemas/S0" }),
        json!({ "$ref": "#/none" }),
        json!({ "$ref": "other.yaml#/a" }),
        json!({ "type": ["string", "null"] }),
        other,
    ];
    let mut new = choices.pick(&junk).clone();
    if new.to_string().len() > 1_000 {
        new = json!("large");
    }
    if let Some(place) = document.pointer_mut(&at) {
        *place = new;
    }
}

fn pointers(value: &Value, at: String, all: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, inner) in members {
                pointers(inner, format!("{at}/{}", openapi_diff::escape(key)), all);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                pointers(inner, format!("{at}/{index}"), all);
            }
        }
        _ => {}
    }
    all.push(at);
}
