//! What a validator says of alternatives holds of the comparison: a value that fits two of `oneOf` is
//! refused, and a change that makes one fit two breaks whoever sends it.

use openapi_diff::{Direction, Verdict};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::compared;
use crate::contract::Choices;
use crate::modern::contract;

/// A small schema whose members all have a name.
fn schema(choices: &mut Choices, depth: usize) -> Value {
    match choices.below(if depth == 0 { 7 } else { 12 }) {
        0 => json!({ "type": "integer", "minimum": choices.below(6) }),
        1 => json!({ "type": "integer", "maximum": choices.below(6) }),
        2 => {
            let low = choices.below(5);
            json!({ "type": "number", "minimum": low, "maximum": low + choices.below(4) })
        }
        3 => json!({ "type": "string", "maxLength": choices.below(3) }),
        4 => json!({ "type": "string", "minLength": choices.below(3) }),
        5 => {
            let values = json!(["a", "ab", "b", 1, 2, 3]);
            let from = choices.below(4);
            json!({ "enum": values.as_array().map(|all| &all[from..=from + choices.below(3)]) })
        }
        6 => choices.pick(&[json!({ "type": "boolean" }), json!({ "type": "integer" })]).clone(),
        7 => {
            json!({ "type": "array", "items": schema(choices, depth - 1), "minItems": choices.below(2) })
        }
        8 => union(choices, depth - 1),
        _ => object(choices, depth - 1),
    }
}

fn object(choices: &mut Choices, depth: usize) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for name in ["a", "b"] {
        if choices.one_in(2) {
            properties.insert(name.to_owned(), schema(choices, depth));
            if choices.one_in(2) {
                required.push(name);
            }
        }
    }
    if choices.one_in(3) {
        let tag = *choices.pick(&["x", "y", "z"]);
        properties.insert("k".to_owned(), json!({ "const": tag }));
        required.push("k");
    }
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn union(choices: &mut Choices, depth: usize) -> Value {
    let word = *choices.pick(&["oneOf", "oneOf", "anyOf"]);
    let all: Vec<_> = (0..2 + choices.below(2)).map(|_| schema(choices, depth)).collect();
    json!({ word: all })
}

/// A schema with one thing changed, at any depth.
fn changed(choices: &mut Choices, schema: &Value, depth: usize) -> Value {
    let mut schema = schema.clone();
    let word = ["oneOf", "anyOf"].into_iter().find(|word| schema.get(word).is_some());
    if let Some(word) = word {
        let Some(Value::Array(mut all)) = schema.as_object_mut().and_then(|it| it.remove(word))
        else {
            return schema;
        };
        let index = choices.below(all.len());
        match choices.below(7) {
            0 => all.push(self::schema(choices, depth)),
            1 if all.len() > 2 => drop(all.remove(index)),
            1 => return all.swap_remove(index),
            2 => choices.shuffle(&mut all),
            3 => {
                let other = if word == "oneOf" { "anyOf" } else { "oneOf" };
                return json!({ other: all });
            }
            4 => all.push(changed(choices, &all[index].clone(), depth)),
            _ => all[index] = changed(choices, &all[index], depth),
        }
        return json!({ word: all });
    }
    if choices.one_in(5) {
        return json!({ "oneOf": [schema, self::schema(choices, depth)] });
    }
    let names: Vec<_> =
        schema["properties"].as_object().into_iter().flat_map(Map::keys).cloned().collect();
    if let Some(name) = names.get(choices.below(names.len() + 1)) {
        let member = &mut schema["properties"][name];
        *member = changed(choices, member, depth.saturating_sub(1));
    } else if let Some(items) = schema.get_mut("items") {
        *items = changed(choices, items, depth.saturating_sub(1));
    } else if schema.get("required").is_some() {
        schema["required"] = names.iter().filter(|_| choices.one_in(2)).cloned().collect();
    } else {
        return self::schema(choices, depth);
    }
    schema
}

fn value(choices: &mut Choices, depth: usize) -> Value {
    match choices.below(if depth == 0 { 4 } else { 8 }) {
        0..=3 => {
            let leaves = json!(["", "a", "ab", "b", 0, 1, 2, 3, 4, 5, 1.5, true, "x", "y", "z"]);
            leaves[choices.below(15)].clone()
        }
        4 => (0..choices.below(3)).map(|_| value(choices, depth - 1)).collect(),
        _ => {
            let mut members = Map::new();
            for name in ["a", "b"] {
                if choices.one_in(2) {
                    members.insert(name.to_owned(), value(choices, depth - 1));
                }
            }
            if choices.one_in(3) {
                members.insert("k".to_owned(), json!(*choices.pick(&["x", "y", "z"])));
            }
            Value::Object(members)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..crate::config() })]

    #[test]
    fn what_alternatives_refuse_is_a_break(mut choices in Choices::any(60), mut how in Choices::any(600)) {
        let base = if choices.one_in(3) { schema(&mut choices, 2) } else { union(&mut choices, 2) };
        let revision = changed(&mut how, &base, 2);
        let validator = |schema: &Value| jsonschema::draft202012::new(schema).expect("a schema");
        let (old, new) = (validator(&base), validator(&revision));
        let changes = compared(&contract(&base), &contract(&revision));
        let breaks = |direction| changes.iter().any(|change| {
            change.wire > Verdict::Compatible
                && [direction, Direction::Neither].contains(&change.direction)
        });
        for _ in 0..80 {
            let value = value(&mut how, 2);
            let (was, is) = (old.is_valid(&value), new.is_valid(&value));
            let missed = was && !is && !breaks(Direction::Request)
                || is && !was && !breaks(Direction::Response);
            prop_assert!(!missed, "{value}: {base} → {revision}\n{changes:?}");
        }
    }
}
