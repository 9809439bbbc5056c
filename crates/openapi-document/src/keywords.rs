//! Keywords of schemas.

use serde_json::Value;

/// Keywords that limit a value, but for those of strings and of members.
pub const BOUNDS: [&str; 10] = [
    "multipleOf",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// The type whose values a keyword says something of, in any version of OpenAPI: `number` for `maximum`, which
/// limits integers, too. Values of other types are right whatever it says (JSON Schema 2020-12 Validation
/// section 6, Core section 10.3).
#[must_use]
pub fn type_of(keyword: &str) -> Option<&'static str> {
    Some(match keyword {
        "maxLength" | "minLength" | "pattern" | "contentEncoding" | "contentMediaType"
        | "contentSchema" => "string",
        "maximum" | "minimum" | "exclusiveMaximum" | "exclusiveMinimum" | "multipleOf" => "number",
        "maxItems" | "minItems" | "uniqueItems" | "items" | "prefixItems" | "contains"
        | "maxContains" | "minContains" | "unevaluatedItems" => "array",
        "maxProperties"
        | "minProperties"
        | "required"
        | "properties"
        | "additionalProperties"
        | "unevaluatedProperties"
        | "patternProperties"
        | "propertyNames"
        | "dependentRequired"
        | "dependentSchemas" => "object",
        _ => return None,
    })
}

/// Whether a keyword has a value that says something of the values of its type.
#[must_use]
pub fn is_said(keyword: &str, value: &Value) -> bool {
    match value {
        Value::Bool(flag) => match keyword {
            "uniqueItems" | "exclusiveMaximum" | "exclusiveMinimum" => *flag,
            _ => !flag,
        },
        // No count is below zero.
        Value::Number(number) => {
            !(keyword.starts_with("min") && keyword != "minimum" && number.as_f64() == Some(0.0))
        }
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        Value::String(_) | Value::Null => true,
    }
}
