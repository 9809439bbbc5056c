//! Whether a value is one that a schema describes.

use std::cell::Cell;

use openapi_document::{Contract, Decimal};
use serde_json::Value;

use crate::pattern::compiled;

/// How many schemas are asked about one value: branches of branches multiply.
const SCHEMAS: u32 = 10_000;

/// Why `value` is none that the schema describes, if it is not. What cannot be told fits.
pub(crate) fn misfit(contract: &Contract, schema: &Value, value: &Value) -> Option<String> {
    Fit { contract, left: Cell::new(SCHEMAS) }.misfit(schema, value, 0)
}

/// Whether a value is of a type, but for null.
pub(crate) fn is_of_type(value: &Value, name: Option<&str>) -> bool {
    match name {
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("number") => value.is_number(),
        Some("integer") => value.as_number().is_some_and(|it| Decimal::from(it).is_whole()),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => true,
    }
}

struct Fit<'a> {
    contract: &'a Contract,
    left: Cell<u32>,
}

impl Fit<'_> {
    fn misfit(&self, schema: &Value, value: &Value, depth: u8) -> Option<String> {
        self.left.set(self.left.get().checked_sub(1)?);
        let schema = self.contract.resolve_value(schema).filter(|_| depth < 100)?;
        let kind = schema["type"].as_str();
        if value.is_null() {
            return (kind.is_some() && schema["nullable"] != true)
                .then(|| "null, and the schema is not `nullable`".to_owned());
        }
        if !is_of_type(value, kind) {
            return kind.map(|kind| format!("not of the type `{kind}`"));
        }
        let values = schema.get("enum").and_then(Value::as_array);
        if values.is_some_and(|values| !values.iter().any(|one| same(one, value))) {
            return Some("none of the values of `enum`".to_owned());
        }
        let own = match value {
            Value::String(text) => string(schema, text),
            Value::Number(number) => number_limit(schema, &number.into()).map(excluded),
            Value::Array(items) => {
                let count = beyond(schema, items.len(), "minItems", "maxItems").map(excluded);
                count.or_else(|| {
                    let each = schema.get("items")?;
                    items
                        .iter()
                        .find_map(|item| self.misfit(each, item, depth + 1))
                        .map(|why| within(&why))
                })
            }
            Value::Object(members) => self.object(schema, members, depth),
            _ => None,
        };
        own.or_else(|| self.branches(schema, value, depth))
    }

    fn object(
        &self,
        schema: &Value,
        members: &serde_json::Map<String, Value>,
        depth: u8,
    ) -> Option<String> {
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        let mut missing =
            required.filter_map(Value::as_str).filter(|it| !members.contains_key(*it));
        if let Some(name) = missing.next() {
            return Some(format!("without `{name}`, which is required"));
        }
        let count = beyond(schema, members.len(), "minProperties", "maxProperties");
        count.map(excluded).or_else(|| {
            members.iter().find_map(|(name, value)| {
                let known = schema.get("properties").and_then(|known| known.get(name));
                match known.or_else(|| schema.get("additionalProperties"))? {
                    Value::Bool(allowed) => {
                        (!allowed).then(|| format!("with `{name}`, which no property is"))
                    }
                    member => self.misfit(member, value, depth + 1).map(|why| within(&why)),
                }
            })
        })
    }

    fn branches(&self, schema: &Value, value: &Value, depth: u8) -> Option<String> {
        let branches = |name: &str| schema.get(name).and_then(Value::as_array);
        let mut all = branches("allOf").into_iter().flatten();
        all.find_map(|branch| self.misfit(branch, value, depth + 1)).or_else(|| {
            let alternatives = ["oneOf", "anyOf"].into_iter().filter_map(branches);
            let mut unfit = alternatives.filter(|branches| {
                branches.iter().all(|branch| self.misfit(branch, value, depth + 1).is_some())
            });
            unfit.next().map(|_| "a value of no branch".to_owned())
        })
    }
}

fn excluded(limit: &str) -> String {
    format!("excluded by `{limit}`")
}

fn within(why: &str) -> String {
    format!("a value with one in it that is {why}")
}

/// The limit that a number of things is beyond.
fn beyond<'a>(schema: &Value, count: usize, least: &'a str, most: &'a str) -> Option<&'a str> {
    let limit = |name: &str| number(schema, name)?.count();
    let count = count as u64;
    if limit(least).is_some_and(|least| count < least) {
        return Some(least);
    }
    limit(most).is_some_and(|most| count > most).then_some(most)
}

/// The limit that a number is beyond.
fn number_limit(schema: &Value, number: &Decimal) -> Option<&'static str> {
    let limit = |name: &str| self::number(schema, name);
    let exclusive = |name: &str| schema[name] == true;
    if limit("minimum")
        .is_some_and(|it| *number < it || *number == it && exclusive("exclusiveMinimum"))
    {
        return Some("minimum");
    }
    if limit("maximum")
        .is_some_and(|it| *number > it || *number == it && exclusive("exclusiveMaximum"))
    {
        return Some("maximum");
    }
    let unit = limit("multipleOf").filter(Decimal::is_positive);
    unit.is_some_and(|unit| !number.is_multiple_of(&unit)).then_some("multipleOf")
}

/// A keyword that is a number.
pub(crate) fn number(schema: &Value, name: &str) -> Option<Decimal> {
    schema.get(name)?.as_number().map(Decimal::from)
}

/// Whether two values are the same to JSON Schema: 1 is 1.0.
fn same(a: &Value, b: &Value) -> bool {
    let number = |value: &Value| value.as_number().map(Decimal::from);
    a == b || number(a).is_some_and(|it| Some(it) == number(b))
}

fn string(schema: &Value, text: &str) -> Option<String> {
    if beyond(schema, text.chars().count(), "minLength", "maxLength").is_some() {
        return Some("of a length that the schema excludes".to_owned());
    }
    let pattern = schema.get("pattern").and_then(Value::as_str);
    let regex = pattern.and_then(|pattern| compiled(pattern).ok());
    if regex.is_some_and(|regex| regex.find(text).is_none()) {
        return Some("not matched by `pattern`".to_owned());
    }
    let format = schema["format"].as_str()?;
    let fits = match format {
        "date" => is_date(text),
        "date-time" => is_date_time(text),
        "uuid" => matches(r"^[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12}$", text),
        _ => true,
    };
    (!fits).then(|| format!("not of the format `{format}`"))
}

fn matches(pattern: &str, text: &str) -> bool {
    compiled(pattern).is_ok_and(|regex| regex.find(text).is_some())
}

/// A `full-date` of RFC 3339 section 5.6.
fn is_date(text: &str) -> bool {
    if !matches(r"^\d{4}-\d\d-\d\d$", text) {
        return false;
    }
    let number = |range| text.get(range).and_then(|it: &str| it.parse::<u32>().ok()).unwrap_or(0);
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// A `date-time` of RFC 3339 section 5.6.
fn is_date_time(text: &str) -> bool {
    let time = r"^[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+\-](?:[01]\d|2[0-3]):[0-5]\d)$";
    text.split_at_checked(10).is_some_and(|(date, rest)| is_date(date) && matches(time, rest))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::grammar;

    #[test]
    fn a_value_fits_what_its_schema_says() {
        let text = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {}\n";
        let contract = grammar::parse("a.yaml", text).expect("a contract");
        let why = |schema: Value, value: Value| misfit(&contract, &schema, &value);
        for (schema, fits, not) in [
            (json!({"format": "date"}), json!("2024-02-29"), json!("2023-02-29")),
            (
                json!({"format": "date-time"}),
                json!("2024-02-29T23:59:60.5+01:00"),
                json!("2024-02-29"),
            ),
            (json!({"format": "uuid"}), json!("01234567-89ab-cdef-0123-456789ABCDEF"), json!("a")),
            (json!({"minimum": 1}), json!(1), json!(0.5)),
            (json!({"maximum": 1, "exclusiveMaximum": true}), json!(0), json!(1)),
            (json!({"multipleOf": 0.1}), json!(0.3), json!(0.35)),
            (
                json!({"minimum": 9_007_199_254_740_993_u64}),
                json!(1e16),
                json!(9_007_199_254_740_992_u64),
            ),
            (
                json!({"multipleOf": 3}),
                json!(9_007_199_254_740_993_u64),
                json!(9_007_199_254_740_992_u64),
            ),
            (json!({"enum": [1, "1"]}), json!(1.0), json!(1.5)),
            (json!({"minLength": 2.0}), json!("ab"), json!("a")),
            (json!({"minItems": 1, "maxItems": 1}), json!([1]), json!([1, 2])),
            (json!({"items": {"type": "string"}}), json!(["a"]), json!([1])),
            (json!({"required": ["a"]}), json!({"a": 1}), json!({})),
            (
                json!({"properties": {"a": {"type": "string"}}}),
                json!({"a": "", "b": 1}),
                json!({"a": 1}),
            ),
            (
                json!({"properties": {"a": {}}, "additionalProperties": false}),
                json!({"a": 1}),
                json!({"b": 1}),
            ),
            (
                json!({"additionalProperties": {"type": "integer"}}),
                json!({"b": 1.0}),
                json!({"b": "1"}),
            ),
        ] {
            assert_eq!(why(schema.clone(), fits), None, "{schema}");
            assert!(why(schema.clone(), not).is_some(), "{schema}");
        }
    }

    /// Two branches at each of forty levels would take days.
    #[test]
    fn branches_do_not_multiply() {
        let link = |at| {
            let next = format!("{{$ref: '#/components/schemas/A{}'}}", at + 1);
            format!("    A{at}: {{anyOf: [{next}, {next}]}}\n")
        };
        let schemas: String = (0..40).map(link).collect();
        let text = format!(
            "openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths: {{}}\ncomponents:\n  schemas:\n{schemas}    A40: {{type: string}}\n"
        );
        let contract = grammar::parse("a.yaml", &text).expect("a contract");
        let schema = &contract.json["components"]["schemas"]["A0"];
        assert_eq!(misfit(&contract, schema, &json!(1)), None);
    }
}
