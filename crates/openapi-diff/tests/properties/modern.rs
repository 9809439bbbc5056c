//! What a validator says of values holds of the comparison: a value that one schema takes and another
//! refuses is a change that may break whoever sends it, and whoever reads it the other way round.

use openapi_diff::{Direction, Verdict};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::compared;
use crate::contract::Choices;

/// A schema with keywords of JSON Schema 2020-12. It names its types, and no members by `properties`:
/// what is read as people mean it rather than as a validator does, the tables show.
fn schema(choices: &mut Choices, depth: usize) -> Value {
    let kind = choices.below(if depth == 0 { 3 } else { 5 });
    let mut schema = match kind {
        0 => json!({ "type": "string" }),
        1 => json!({ "type": "integer" }),
        2 => {
            let fixed = [
                json!(true),
                json!(false),
                json!({ "const": "a" }),
                json!({ "enum": [1, "b"] }),
                json!({ "type": "null" }),
                json!({ "type": ["string", "null"] }),
            ];
            return choices.pick(&fixed).clone();
        }
        3 => json!({ "type": "array" }),
        _ => json!({ "type": "object" }),
    };
    let below = depth.saturating_sub(1);
    for _ in 0..choices.below(3) {
        let count = choices.below(6);
        let (key, value) = match (kind, count) {
            (0, 0..=2) => ("maxLength", json!(count)),
            (0, 3) => ("minLength", json!(1)),
            (0, _) => ("pattern", json!("^a")),
            (1, 0..=1) => ("exclusiveMinimum", json!(count)),
            (1, 2..=3) => ("maximum", json!(count)),
            (1, _) => ("multipleOf", json!(2)),
            (3, 0) => ("items", self::schema(choices, below)),
            (3, 1) => {
                let pair = [self::schema(choices, below), self::schema(choices, below)];
                ("prefixItems", json!(pair))
            }
            (3, 2) => ("contains", self::schema(choices, below)),
            (3, 3) => ("minContains", json!(choices.below(3))),
            (3, 4) => ("maxContains", json!(choices.below(3))),
            (3, _) => ("maxItems", json!(choices.below(4))),
            (_, 0) => ("patternProperties", json!({ "^a": self::schema(choices, below) })),
            (_, 1) => ("propertyNames", json!({ "maxLength": 1 + choices.below(2) })),
            (_, 2) => ("dependentRequired", json!({ "a": ["b"] })),
            (_, 3) => ("dependentSchemas", json!({ "b": self::schema(choices, below) })),
            (_, 4) => ("required", json!(["a"])),
            (..) => ("unevaluatedProperties", self::schema(choices, below)),
        };
        schema[key] = value;
    }
    if depth > 0 && choices.one_in(4) {
        schema["if"] = self::schema(choices, below);
        schema[*choices.pick(&["then", "else"])] = self::schema(choices, below);
    }
    schema
}

/// A schema with one thing changed, at any depth.
fn changed(choices: &mut Choices, schema: &Value, depth: usize) -> Value {
    let below = depth.saturating_sub(1);
    let mut schema = schema.clone();
    let members = schema.as_object_mut().filter(|_| !choices.one_in(4));
    let mut members: Vec<_> = members.into_iter().flatten().collect();
    if members.is_empty() {
        return self::schema(choices, depth);
    }
    let index = choices.below(members.len());
    let (key, value) = &mut members[index];
    match key.as_str() {
        "type" | "required" | "dependentRequired" | "pattern" | "const" | "enum" => {
            return self::schema(choices, depth);
        }
        "prefixItems" => value[0] = changed(choices, &value[0], below),
        "patternProperties" => value["^a"] = changed(choices, &value["^a"], below),
        "dependentSchemas" => value["b"] = changed(choices, &value["b"], below),
        _ if value.is_number() => **value = json!(1 + choices.below(4)),
        _ => **value = changed(choices, value, below),
    }
    schema
}

fn value(choices: &mut Choices, depth: usize) -> Value {
    match choices.below(if depth == 0 { 3 } else { 8 }) {
        0..=2 => {
            let leaves = json!([null, "", "a", "ab", "b", 1, 2, 5, true]);
            leaves[choices.below(9)].clone()
        }
        3..=4 => (0..choices.below(4)).map(|_| value(choices, depth - 1)).collect(),
        _ => {
            let mut members = Map::new();
            for name in ["a", "b", "ac", "bcd"] {
                if choices.one_in(2) {
                    members.insert(name.to_owned(), value(choices, depth - 1));
                }
            }
            Value::Object(members)
        }
    }
}

pub(crate) fn contract(schema: &Value) -> Value {
    let content = json!({ "application/json": { "schema": schema } });
    json!({ "openapi": "3.1.0", "paths": { "/a": { "put": {
        "requestBody": { "content": content },
        "responses": { "200": { "description": "", "content": content } },
    } } } })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..crate::config() })]

    #[test]
    fn what_a_validator_refuses_is_a_break(mut choices in Choices::any(120), mut how in Choices::any(400)) {
        let base = schema(&mut choices, 3);
        let revision = changed(&mut how, &base, 3);
        let validator = |schema: &Value| jsonschema::draft202012::new(schema).expect("a schema");
        let (old, new) = (validator(&base), validator(&revision));
        let changes = compared(&contract(&base), &contract(&revision));
        // Of a pattern in a response the verdict at run time speaks.
        let breaks = |direction| changes.iter().any(|change| {
            change.wire.max(change.run_time) > Verdict::Compatible
                && [direction, Direction::Neither].contains(&change.direction)
        });
        for _ in 0..60 {
            let value = value(&mut how, 3);
            let (was, is) = (old.is_valid(&value), new.is_valid(&value));
            let missed = was && !is && !breaks(Direction::Request)
                || is && !was && !breaks(Direction::Response);
            prop_assert!(!missed, "{value}: {base} → {revision}\n{changes:?}");
        }
    }
}
