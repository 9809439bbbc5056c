//! What a schema says of a value, by a validator that knows nothing of the generated code.

use jsonschema::{Draft, Keyword, ValidationError, Validator};
use serde_json::{Map, Value, json};

/// The keywords that limit a value and do not say of which type it is.
pub const LIMITS: [&str; 16] = [
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "enum",
    RANGE,
];

/// The keyword for the range of the format of an integer. JSON Schema has none.
const RANGE: &str = "format of an integer";

/// The keyword for the range of a number in 64 bits: no model holds another.
const MODEL: &str = "range of a model";

/// Keywords whose value is data, or names and not schemas.
const DATA: [&str; 4] = ["enum", "default", "example", "required"];

/// Whose reading of a schema it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// All of it.
    Whole,
    /// What binds a client: what is `readOnly` the service alone writes.
    Request,
    /// All of it but for limits: which variant of a union a value is does not depend on them.
    Shape,
}

/// Something that a value should not have been.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Error {
    /// Where in the value, as a JSON Pointer.
    pub pointer: String,
    /// The keyword of the schema.
    pub keyword: String,
}

/// The check of one schema.
pub struct Check(Validator);

impl Check {
    /// The check of `schema`, which may refer to `components`.
    ///
    /// # Errors
    /// The schema is none.
    pub fn new(
        schema: &Value,
        components: &Map<String, Value>,
        side: Side,
    ) -> Result<Self, String> {
        let schemas: Map<_, _> =
            components.iter().map(|(name, it)| (name.clone(), json_schema(it, side))).collect();
        let root =
            json!({"allOf": [json_schema(schema, side)], "components": {"schemas": schemas}});
        let validator = jsonschema::options()
            .with_draft(Draft::Draft4)
            .should_validate_formats(true)
            .with_format("uuid", is_uuid)
            .with_format("date", is_date)
            .with_format("byte", is_base64)
            .with_keyword(RANGE, |_, value, _| Ok(Box::new(Range::of(value))))
            .with_keyword(MODEL, |_, value, _| Ok(Box::new(Range::of(value))))
            .build(&root);
        validator.map(Self).map_err(|error| error.to_string())
    }

    /// Whether the value is one of the schema.
    #[must_use]
    pub fn accepts(&self, value: &Value) -> bool {
        self.0.is_valid(value)
    }

    /// Everything that is wrong with a value.
    #[must_use]
    pub fn errors(&self, value: &Value) -> Vec<Error> {
        let errors = self.0.iter_errors(value).map(|error| Error {
            pointer: error.instance_path().to_string(),
            keyword: error.schema_path().to_string().rsplit('/').next().unwrap_or("").to_owned(),
        });
        errors.collect()
    }
}

/// The integers that a format allows.
struct Range(Option<i128>, Option<i128>);

impl Range {
    fn of(value: &Value) -> Self {
        let (least, most) = (value[0].as_i64(), value[1].as_u64());
        Self(least.map(i128::from), most.map(i128::from))
    }
}

impl<'i> Keyword<'i> for Range {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) {
            return Ok(());
        }
        Err(ValidationError::custom("beyond the format"))
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        let whole = instance.as_i64().map(i128::from).or(instance.as_u64().map(i128::from));
        whole.is_none_or(|number| {
            self.0.is_none_or(|least| least <= number) && self.1.is_none_or(|most| number <= most)
        })
    }
}

/// An OpenAPI 3.0 schema as JSON Schema, draft 4.
fn json_schema(schema: &Value, side: Side) -> Value {
    let Some(map) = schema.as_object() else { return schema.clone() };
    if side == Side::Request && map.get("readOnly") == Some(&true.into()) {
        return json!({});
    }
    let mut out = Map::new();
    let limits = |keyword: &str| keyword != "enum" && LIMITS.contains(&keyword);
    for (keyword, value) in map.iter().filter(|(it, _)| side != Side::Shape || !limits(it)) {
        let value = match value {
            _ if DATA.contains(&keyword.as_str()) => value.clone(),
            Value::Object(members) if keyword == "properties" => {
                let members = members.iter();
                members.map(|(name, it)| (name.clone(), json_schema(it, side))).collect()
            }
            Value::Object(_) => json_schema(value, side),
            Value::Array(items) => items.iter().map(|item| json_schema(item, side)).collect(),
            other => other.clone(),
        };
        out.insert(keyword.clone(), value);
    }
    out.remove("discriminator");
    if side == Side::Shape
        && let Some(one) = out.remove("oneOf")
        && let Some(all) = out.entry("allOf").or_insert_with(|| json!([])).as_array_mut()
    {
        // That no other one fits depends on limits, too.
        all.push(json!({"anyOf": one}));
    }
    // What one side alone writes is required of that side alone (OpenAPI 3.0.3 section 4.7.24.2), and documents
    // of both are read.
    if let Some(required) = out.get_mut("required").and_then(Value::as_array_mut) {
        let owned = |flag: &str, name: &Value| {
            name.as_str().is_some_and(|name| schema["properties"][name][flag] == true)
        };
        required.retain(|name| !owned("readOnly", name) && !owned("writeOnly", name));
        if required.is_empty() {
            out.remove("required");
        }
    }
    if let Some(range) = range(schema) {
        let whole = ["int64", "uint64"].map(|format| Some(Value::from(format)));
        let keyword = if whole.contains(&map.get("format").cloned()) { MODEL } else { RANGE };
        out.insert(keyword.into(), json!(range));
    }
    let class = map.get("type").cloned().or_else(|| implied(map).map(Value::from));
    match class {
        Some(class) if map.get("nullable") == Some(&true.into()) => {
            out.insert("type".into(), json!([class, "null"]));
        }
        Some(class) => {
            out.insert("type".into(), class);
        }
        None => {}
    }
    Value::Object(out)
}

/// The type that a schema without one is read as, which is a note (`implied-type`).
fn implied(schema: &Map<String, Value>) -> Option<&'static str> {
    let has = |keywords: &[&str]| keywords.iter().any(|keyword| schema.contains_key(*keyword));
    if has(&["$ref", "allOf", "oneOf", "anyOf"]) {
        None
    } else if has(&["properties", "additionalProperties"]) {
        Some("object")
    } else {
        has(&["items"]).then_some("array")
    }
}

/// The integers of a format.
#[must_use]
pub fn range(schema: &Value) -> Option<(i64, u64)> {
    if schema["type"] != "integer" {
        return None;
    }
    Some(match schema["format"].as_str()? {
        "int32" => (i32::MIN.into(), i32::MAX.unsigned_abs().into()),
        "uint32" => (0, u32::MAX.into()),
        "uint64" => (0, u64::MAX),
        _ => (i64::MIN, i64::MAX.unsigned_abs()),
    })
}

/// RFC 9562 section 4.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// RFC 3339 section 5.6, `full-date`.
fn is_date(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let number = |text: &str, digits| {
        let digits = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| digits)
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2))
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => 31,
    };
    (1..=12).contains(&month) && (1..=days).contains(&day)
}

/// RFC 4648 section 4, with padding.
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(schema: &Value, value: &Value) -> Vec<(String, String)> {
        let check = Check::new(schema, &Map::new(), Side::Whole).expect("a schema");
        let errors = check.errors(value);
        assert_eq!(errors.is_empty(), check.accepts(value));
        errors.into_iter().map(|error| (error.pointer, error.keyword)).collect()
    }

    #[expect(clippy::needless_pass_by_value, reason = "the tables read better")]
    fn is(schema: Value, good: Value, bad: Value, keyword: &str) {
        assert_eq!(errors(&schema, &good), [], "{schema} {good}");
        let found: Vec<_> = errors(&schema, &bad).into_iter().map(|(_, it)| it).collect();
        assert_eq!(found, [keyword], "{schema} {bad}");
    }

    #[test]
    fn what_openapi_says_otherwise_than_json_schema_is_kept() {
        let string = json!({"type": "string", "nullable": true, "maxLength": 1});
        is(string.clone(), Value::Null, 1.into(), "type");
        is(string, "a".into(), "ab".into(), "maxLength");
        let exclusive = json!({"type": "integer", "minimum": 1, "exclusiveMinimum": true});
        is(exclusive, 2.into(), 1.into(), "exclusiveMinimum");
        let object = json!({"properties": {"a": {"type": "string"}}});
        is(object, json!({"a": "b"}), json!([true]), "type");
        // A member may have the name of a keyword.
        let named = json!({"properties": {"readOnly": {"type": "string"}, "enum": {"type": "string", "nullable": true}}});
        is(named, json!({"enum": null}), json!({"readOnly": true}), "type");
    }

    #[test]
    fn formats_are_checked() {
        let format = |name: &str| json!({"type": "string", "format": name});
        is(format("uuid"), "a58ceba5-60ac-48e4-a0bc-2a855811807a".into(), "a".into(), "format");
        is(format("date"), "2024-02-29".into(), "2023-02-29".into(), "format");
        is(format("byte"), "aGk=".into(), "a".into(), "format");
        is(format("date-time"), "2024-02-29T00:00:00Z".into(), "2024".into(), "format");
        is(format("ipv4"), "127.0.0.1".into(), "1".into(), "format");
        is(format("email"), "a@example.com".into(), "a".into(), "format");
        let int = |name: &str| json!({"type": "integer", "format": name});
        is(int("int32"), i32::MAX.into(), (i64::from(i32::MAX) + 1).into(), RANGE);
        is(int("uint64"), u64::MAX.into(), (-1).into(), MODEL);
    }

    #[test]
    fn what_one_side_writes_is_required_of_it_alone() {
        let of = |flag: &str| json!({"required": ["a"], "properties": {"a": {flag: true}}});
        for flag in ["readOnly", "writeOnly"] {
            assert_eq!(errors(&of(flag), &json!({})), []);
        }
        is(of("deprecated"), json!({"a": 1}), json!({}), "required");
    }

    #[test]
    fn what_the_service_owns_binds_no_client() {
        let schema =
            json!({"properties": {"a": {"type": "string", "readOnly": true, "maxLength": 1}}});
        let check = |side| Check::new(&schema, &Map::new(), side).expect("a schema");
        let value = json!({"a": "too long"});
        assert!(!check(Side::Whole).accepts(&value) && check(Side::Request).accepts(&value));
    }
}
