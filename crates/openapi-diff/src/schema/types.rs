//! Types and values of JSON, as JSON Schema tells them apart: 1 is 1.0, and 1 is an integer.

use std::collections::HashMap;

use serde_json::{Number, Value};

use crate::numbers;

/// A set of the types of JSON; numbers are whole or broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Types(u8);

impl Types {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const BOOLEAN: Self = Self(1);
    pub(crate) const INTEGER: Self = Self(2);
    pub(crate) const NUMBER: Self = Self(2 | 4);
    /// What a number is that no integer is.
    pub(crate) const BROKEN: Self = Self(4);
    pub(crate) const STRING: Self = Self(8);
    pub(crate) const ARRAY: Self = Self(16);
    pub(crate) const OBJECT: Self = Self(32);
    pub(crate) const ANY: Self = Self(63);
    /// What has no parts.
    pub(crate) const SCALAR: Self = Self(1 | 2 | 4 | 8);

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "boolean" => Self::BOOLEAN,
            "integer" => Self::INTEGER,
            "number" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            "null" => Self::NONE,
            _ => return None,
        })
    }

    /// Those that a schema names.
    pub(crate) fn said(schema: &Value) -> Option<Self> {
        match schema.get("type")? {
            Value::String(name) => Self::named(name),
            Value::Array(names) => {
                names.iter().filter_map(|name| Self::named(name.as_str()?)).reduce(Self::or)
            }
            _ => None,
        }
    }

    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::NONE,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(number) if whole(number) => Self::INTEGER,
            Value::Number(_) => Self::NUMBER,
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => match numbers::of(value) {
                Some(number) if number.is_whole() => Self::INTEGER,
                Some(_) => Self::NUMBER,
                None => Self::OBJECT,
            },
        }
    }

    /// `string`, or `string or integer`, or `anything`.
    pub(crate) fn words(self) -> String {
        if self == Self::ANY {
            return "anything".to_owned();
        }
        let names = [
            (Self::BOOLEAN, "boolean"),
            (Self::STRING, "string"),
            (Self::ARRAY, "array"),
            (Self::OBJECT, "object"),
        ];
        let number = if Self::NUMBER.within(self) {
            Some("number")
        } else {
            self.has(Self::INTEGER).then_some("integer")
        };
        let mut words: Vec<_> =
            names.iter().filter(|(bit, _)| self.has(*bit)).map(|(_, name)| *name).collect();
        words.extend(number);
        if words.is_empty() { "nothing".to_owned() } else { words.join(" or ") }
    }
}

/// Whether a number is a whole one: JSON does not tell 1 from 1.0.
fn whole(number: &Number) -> bool {
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
}

/// The type that a schema speaks of, by its keywords or its values, if it does not name one itself.
pub(crate) fn implied(schema: &Value) -> Option<Types> {
    spoken(schema).or_else(|| listed(schema))
}

/// The types of the values that a schema lists.
pub(crate) fn listed(schema: &Value) -> Option<Types> {
    match schema.get("enum").and_then(Value::as_array) {
        Some(values) => values.iter().map(Types::of).reduce(Types::or),
        None => schema.get("const").map(Types::of),
    }
}

/// The type that the keywords of a schema are for.
fn spoken(schema: &Value) -> Option<Types> {
    let has = |keys: &[&str]| keys.iter().any(|key| schema.get(*key).is_some());
    if has(&["properties", "additionalProperties", "minProperties", "maxProperties"])
        || has(&["patternProperties", "propertyNames", "unevaluatedProperties"])
        || has(&["dependentRequired", "dependentSchemas"])
        || schema.get("required").is_some_and(Value::is_array)
    {
        return Some(Types::OBJECT);
    }
    if has(&["items", "minItems", "maxItems", "uniqueItems"])
        || has(&["prefixItems", "contains", "unevaluatedItems"])
    {
        return Some(Types::ARRAY);
    }
    if has(&["pattern", "minLength", "maxLength", "contentEncoding", "contentMediaType"]) {
        return Some(Types::STRING);
    }
    let strict = ["exclusiveMinimum", "exclusiveMaximum"];
    if has(&["minimum", "maximum", "multipleOf"])
        || strict.iter().any(|key| schema.get(*key).and_then(numbers::of).is_some())
    {
        return Some(Types::NUMBER);
    }
    None
}

/// Values to look others up in, each found by what it is and not by going through all of them.
#[derive(Debug, Default)]
pub(crate) struct Known<'a>(HashMap<String, Vec<&'a Value>>);

impl<'a> Known<'a> {
    pub(crate) fn of(values: &[&'a Value]) -> Self {
        let mut known = Self::default();
        for value in values {
            known.insert(value);
        }
        known
    }

    /// Whether one of them is the same as `value`.
    pub(crate) fn has(&self, value: &Value) -> bool {
        let alike = self.0.get(&look(value));
        alike.is_some_and(|alike| alike.iter().any(|known| same(known, value)))
    }

    /// Adds `value`, unless one of them is the same.
    pub(crate) fn insert(&mut self, value: &'a Value) -> bool {
        let alike = self.0.entry(look(value)).or_default();
        let new = !alike.iter().any(|known| same(known, value));
        if new {
            alike.push(value);
        }
        new
    }
}

/// What values that are the same have in common, and others seldom.
fn look(value: &Value) -> String {
    if let Some(number) = numbers::of(value) {
        return number.to_string();
    }
    match value {
        Value::Array(items) => format!("[{}", items.len()),
        Value::Object(members) => format!("{{{}", members.len()),
        other => other.to_string(),
    }
}

/// Whether two values are the same to JSON Schema: 1 is 1.0, and the order of members does not count.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) if x.is_f64() == y.is_f64() => x == y,
        (Value::Array(x), Value::Array(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y))
        }
        (Value::Object(x), Value::Object(y)) if numbers::of(a).is_none() => {
            x.len() == y.len() && x.iter().all(|(key, x)| y.get(key).is_some_and(|y| same(x, y)))
        }
        _ => a == b || numbers::of(a).is_some_and(|number| Some(number) == numbers::of(b)),
    }
}
