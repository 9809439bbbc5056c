//! What a schema of the contract says of JSON: the part of OpenAPI 3.0.3 that schemas of bodies use there. A keyword
//! beyond it says nothing here; a test sees that the contract has none.

use std::sync::LazyLock;

use regress::Regex;
use serde_json::{Map, Value};

use crate::audit::read_day;
use crate::contract::{Violation, members};

/// What is wrong with `value` under a schema of `document`, in the order of the value.
pub(crate) fn violations(document: &Value, schema: &Value, value: &Value) -> Vec<Violation> {
    let mut check = Check { document, at: Vec::new(), found: Vec::new() };
    check.schema(schema, value);
    check.found
}

struct Check<'a> {
    document: &'a Value,
    at: Vec<Token<'a>>,
    found: Vec<Violation>,
}

/// A step into the value. It becomes text where something is wrong.
enum Token<'a> {
    Member(&'a str),
    Item(usize),
}

impl<'a> Check<'a> {
    fn schema(&mut self, schema: &'a Value, value: &'a Value) {
        let null = value.is_null() && schema["nullable"] == true;
        // Beside a composition, which says the type.
        if null && schema.get("type").is_none() {
            return;
        }
        if let Some(reference) = schema.get("$ref") {
            // One that leads nowhere says nothing.
            if let Some(target) = self.named(reference) {
                self.schema(target, value);
            }
            return;
        }
        for (keyword, limit) in members(schema) {
            match keyword.as_str() {
                "type" if null || is_of(limit, value) => {}
                "type" if schema["nullable"] == true => {
                    self.say(format!("{value} is not of types \"null\", {limit}"));
                }
                "type" => self.say(format!("{value} is not of type {limit}")),
                keyword => self.keyword(keyword, limit, value),
            }
        }
        match value {
            Value::Object(object) => self.object(schema, object),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.within(Token::Item(index), &schema["items"], item);
                }
            }
            _ => {}
        }
    }

    /// The schema that a reference leads to. Its name has nothing to unescape (OpenAPI 3.0.3 section 4.7.7).
    fn named(&self, reference: &Value) -> Option<&'a Value> {
        let name = reference.as_str()?.strip_prefix("#/components/schemas/")?;
        self.document["components"]["schemas"].get(name)
    }

    /// What a keyword says of the value as a whole.
    fn keyword(&mut self, keyword: &str, limit: &'a Value, value: &'a Value) {
        let count = limit.as_u64().unwrap_or_default();
        let list = limit.as_array().map_or(&[][..], Vec::as_slice);
        let accepts = |schema: &&Value| violations(self.document, schema, value).is_empty();
        let length = || value.as_str().map(|text| text.chars().count() as u64);
        let s = if count == 1 { "" } else { "s" };
        let wrong = match keyword {
            "enum" => (!list.contains(value)).then(|| format!("{value} is not one of {limit}")),
            "minLength" => length()
                .is_some_and(|length| length < count)
                .then(|| format!("{value} is shorter than {count} character{s}")),
            "maxLength" => length()
                .is_some_and(|length| length > count)
                .then(|| format!("{value} is longer than {count} character{s}")),
            "pattern" => {
                (!matches(limit, value)).then(|| format!("{value} does not match the pattern"))
            }
            "format" => (!has_format(limit, value)).then(|| format!("{value} is not a {limit}")),
            "required" => {
                for name in list.iter().filter(|name| lacks(value, name)) {
                    self.say(format!("{name} is a required property"));
                }
                None
            }
            "allOf" => {
                for schema in list {
                    self.schema(schema, value);
                }
                None
            }
            "anyOf" | "oneOf" => match list.iter().filter(accepts).count() {
                0 => Some("is not valid under any"),
                1 => None,
                _ => (keyword == "oneOf").then_some("is valid under more than one"),
            }
            .map(|what| format!("{value} {what} of the schemas listed in the '{keyword}' keyword")),
            _ => None,
        };
        if let Some(message) = wrong {
            self.say(message);
        }
    }

    fn object(&mut self, schema: &'a Value, object: &'a Map<String, Value>) {
        let (properties, others) = (&schema["properties"], &schema["additionalProperties"]);
        let mut unexpected = Vec::new();
        for (name, value) in object {
            match (properties.get(name), others) {
                (Some(schema), _) | (None, schema @ Value::Object(_)) => {
                    self.within(Token::Member(name), schema, value);
                }
                (None, Value::Bool(false)) => unexpected.push(format!("'{name}'")),
                (None, _) => {}
            }
        }
        if !unexpected.is_empty() {
            let were = if unexpected.len() == 1 { "was" } else { "were" };
            let names = unexpected.join(", ");
            self.say(format!("Additional properties are not allowed ({names} {were} unexpected)"));
        }
    }

    /// Checks a member or an item.
    fn within(&mut self, token: Token<'a>, schema: &'a Value, value: &'a Value) {
        self.at.push(token);
        self.schema(schema, value);
        self.at.pop();
    }

    /// Finds something wrong at this place, which is told as a JSON Pointer (RFC 6901).
    fn say(&mut self, message: String) {
        let token = |token: &Token<'_>| match token {
            Token::Member(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
            Token::Item(index) => format!("/{index}"),
        };
        let at = self.at.iter().map(token).collect();
        self.found.push(Violation { at, message });
    }
}

fn is_of(class: &Value, value: &Value) -> bool {
    match class.as_str() {
        Some("string") => value.is_string(),
        Some("integer") => is_integer(value),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        _ => true,
    }
}

/// Whether `value` is a number without a fraction, which `1.0` is not in OpenAPI 3.0 (JSON Schema draft 4 section 3.5).
fn is_integer(value: &Value) -> bool {
    // How a larger one was written is no longer known; from here on, none has a fraction.
    let large = |number: f64| number.abs() >= 9_223_372_036_854_775_808.0;
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(large)
}

fn lacks(value: &Value, name: &Value) -> bool {
    let name = name.as_str().unwrap_or_default();
    value.as_object().is_some_and(|object| !object.contains_key(name))
}

/// Whether `value` matches a pattern of ECMA-262, as OpenAPI has them.
fn matches(pattern: &Value, value: &Value) -> bool {
    let (Some(pattern), Some(text)) = (pattern.as_str(), value.as_str()) else { return true };
    Regex::with_flags(pattern, "u").is_ok_and(|regex| regex.find(text).is_some())
}

/// Whether `value` is of a format. What is no string has the formats of its type.
fn has_format(format: &Value, value: &Value) -> bool {
    let Some(text) = value.as_str() else { return true };
    match format.as_str() {
        Some("uuid") => uuid::Uuid::try_parse(text).is_ok() && text.len() == 36,
        Some("date") => is_date(text),
        Some("byte") => is_base64(text),
        Some("email") => is_email(text),
        _ => true,
    }
}

/// A date of RFC 3339 section 5.6.
fn is_date(text: &str) -> bool {
    let shape = text.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    text.len() == 10 && shape && read_day(text).is_ok()
}

/// Base64 of RFC 4648 section 4: groups of four, the last one padded.
fn is_base64(text: &str) -> bool {
    static BASE64: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let group = "[A-Za-z0-9+/]";
        Regex::new(&format!("^({group}{{4}})*({group}{{2}}==|{group}{{3}}=)?$")).ok()
    });
    BASE64.as_ref().is_none_or(|regex| regex.find(text).is_some())
}

/// Something, `@`, something, without blanks: what the service takes is not documented, and RFC 5321 takes less.
fn is_email(text: &str) -> bool {
    let parts: Vec<_> = text.split('@').collect();
    parts.len() == 2
        && parts.iter().all(|part| !part.is_empty() && !part.chars().any(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use jsonschema::{Draft, Validator};
    use serde_json::json;

    use super::*;
    use crate::contract::resolve;

    fn is_valid(schema: &Value, value: &Value) -> bool {
        violations(&Value::Null, schema, value).is_empty()
    }

    #[test]
    fn null_is_allowed_beside_a_type_and_beside_a_composition() {
        let text = json!({"type": "string", "maxLength": 2});
        for schema in [
            json!({"type": "string", "maxLength": 2, "nullable": true}),
            json!({"allOf": [text], "nullable": true}),
        ] {
            assert!(is_valid(&schema, &Value::Null) && is_valid(&schema, &json!("ab")), "{schema}");
            assert!(!is_valid(&schema, &json!("abc")), "{schema}");
        }
    }

    #[test]
    fn patterns_and_formats_are_those_of_the_contract() {
        let table: &[(Value, &[&str], &[&str])] = &[
            (json!({"pattern": r"^\p{L}+$"}), &["Müller"], &["p{L}", "1"]),
            (json!({"pattern": "^.$"}), &["\u{1F600}"], &["ab"]),
            (
                json!({"format": "uuid"}),
                &["f81d4fae-7dec-11d0-a765-00a0c91e6bf6"],
                &["", "f81d4fae7dec11d0a76500a0c91e6bf6"],
            ),
            (
                json!({"format": "date"}),
                &["2024-02-29", "2000-02-29", "0000-12-31"],
                &["2023-02-29", "1900-02-29", "2024-04-31", "2024-13-01", "2024-00-01", "2024-2-1"],
            ),
            (
                json!({"format": "date"}),
                &[],
                &["", "2024-01-00", "2024-01-+1", "6/1/2017 1", "2024-01-0é"],
            ),
            (json!({"format": "byte"}), &["", "YQ==", "YWJj"], &["YQ", "YW-_", "Y==="]),
            (
                json!({"format": "email"}),
                &["a@b", ".a@b", "ä@ö"],
                &["", "a", "a@", "a@b@c", "a @b"],
            ),
        ];
        for (schema, good, bad) in table {
            for (texts, valid) in [(good, true), (bad, false)] {
                for text in *texts {
                    assert_eq!(is_valid(schema, &json!(text)), valid, "{schema} {text}");
                }
            }
        }
    }

    #[test]
    fn violations_are_in_the_order_of_the_value() {
        let text = json!({"type": "string"});
        let schema = json!({"required": ["d"], "properties": {"a": text, "b": text, "c": text}});
        let found = violations(&Value::Null, &schema, &json!({"c": 1, "a": 2, "b": "", "e": 3}));
        let places: Vec<_> = found.iter().map(|violation| violation.at.as_str()).collect();
        assert_eq!(places, ["", "/c", "/a"]);
    }

    /// An OpenAPI schema as JSON Schema (draft 4): `nullable` is the type `null`.
    fn json_schema(value: &Value) -> Value {
        let Value::Object(map) = value else {
            let items = value.as_array().map(|items| items.iter().map(json_schema).collect());
            return items.unwrap_or_else(|| value.clone());
        };
        let mut schema: Map<_, _> =
            map.iter().map(|(name, value)| (name.clone(), json_schema(value))).collect();
        match (map.get("nullable"), map.get("type")) {
            (Some(Value::Bool(true)), Some(class)) => {
                schema.insert("type".into(), json!([class, "null"]));
                schema.into()
            }
            (Some(Value::Bool(true)), None) => json!({"anyOf": [schema, {"type": "null"}]}),
            _ => schema.into(),
        }
    }

    /// What a validator of JSON Schema that was written elsewhere says.
    fn validator(document: &Value, schema: &Value) -> Validator {
        let root = json!({
            "allOf": [json_schema(schema)],
            "components": {"schemas": json_schema(&document["components"]["schemas"])}
        });
        let options = jsonschema::options().with_draft(Draft::Draft4);
        let options = options.should_validate_formats(true).with_format("email", is_email);
        let options = options.with_format("uuid", |text| uuid::Uuid::try_parse(text).is_ok());
        options.build(&root).expect("a schema")
    }

    fn agree(document: &Value, schema: &Value, validator: &Validator, value: &Value) {
        let mut found = violations(document, schema, value);
        let theirs = validator.iter_errors(value).map(|error| Violation {
            at: error.instance_path().to_string(),
            message: error.to_string(),
        });
        let mut theirs: Vec<_> = theirs.collect();
        found.sort_by(|one, two| (&one.at, &one.message).cmp(&(&two.at, &two.message)));
        theirs.sort_by(|one, two| (&one.at, &one.message).cmp(&(&two.at, &two.message)));
        assert_eq!(found, theirs, "{value} under {schema}");
    }

    /// Values of every type, short and long, of each format and of none.
    fn probes() -> Vec<Value> {
        let texts = ["", "a", "ab", "abc", "äö", "a@b", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"];
        let long = [50, 51, 200, 201].map(|length| json!("é".repeat(length)));
        let others =
            json!([null, true, 0, -1, 1.5, 2.0, 9e18, 1e300, u64::MAX, [], [1, "a"], {}, {"a": 1}]);
        let others = others.as_array().cloned().unwrap_or_default();
        texts.iter().map(|text| json!(text)).chain(long).chain(others).collect()
    }

    /// A value of a schema that has every member.
    fn whole(document: &Value, schema: &Value, depth: usize) -> Value {
        let schema = resolve(document, schema);
        match schema["type"].as_str() {
            Some("object") if depth > 0 => members(&schema["properties"])
                .map(|(name, schema)| (name.clone(), whole(document, schema, depth - 1)))
                .collect::<Map<_, _>>()
                .into(),
            Some("array") if depth > 0 => json!([whole(document, &schema["items"], depth - 1)]),
            Some("boolean") => json!(true),
            Some("integer") => json!(1),
            _ => json!("US"),
        }
    }

    /// The value with each of its values replaced by `probe`, one at a time.
    fn replaced(value: &Value, probe: &Value) -> Vec<Value> {
        let mut all = vec![probe.clone()];
        for (name, member) in members(value) {
            for changed in replaced(member, probe) {
                let mut whole = value.clone();
                whole[name] = changed;
                all.push(whole);
            }
        }
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            for changed in replaced(item, probe) {
                let mut whole = value.clone();
                whole[index] = changed;
                all.push(whole);
            }
        }
        all
    }

    #[test]
    fn another_validator_says_the_same_of_every_schema_of_the_contract() {
        let document: Value =
            serde_json::from_str(include_str!("../../../openapi/partner-center.json"))
                .expect("JSON");
        let mut compared = 0;
        for (name, _) in members(&document["components"]["schemas"]) {
            let schema = json!({"$ref": format!("#/components/schemas/{name}")});
            let validator = validator(&document, &schema);
            let value = whole(&document, &schema, 3);
            for probe in probes() {
                for value in replaced(&value, &probe) {
                    agree(&document, &schema, &validator, &value);
                    compared += 1;
                }
            }
        }
        assert!(compared > 5_000, "{compared}");
    }

    #[test]
    fn another_validator_says_the_same_of_every_keyword() {
        let text = json!({"type": "string", "minLength": 1, "maxLength": 2});
        let open =
            json!({"properties": {"a~/b": text, "a": {"type": "integer"}}, "required": ["a", "c"]});
        let other = json!({"$ref": "#/components/schemas/Open"});
        let document = json!({"components": {"schemas": {"Open": open, "Other": other}}});
        let reference = json!({"$ref": "#/components/schemas/Open"});
        let with = |name: &str, value: Value| {
            let mut schema = open.clone();
            schema[name] = value;
            schema
        };
        let schemas = [
            reference.clone(),
            json!({"$ref": "#/components/schemas/Other"}),
            text.clone(),
            with("additionalProperties", json!(false)),
            with("additionalProperties", json!({"type": "string"})),
            json!({"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Open"}}),
            json!({"type": "array", "items": reference, "nullable": true}),
            json!({"allOf": [text, {"maxLength": 1}]}),
            json!({"anyOf": [text, {"type": "integer"}, {"minLength": 2}]}),
            json!({"oneOf": [text, {"type": "number"}, {"type": "integer"}]}),
            json!({"type": "string", "format": "uuid"}),
            json!({"type": "number", "nullable": true}),
            json!({"type": "boolean"}),
            json!({}),
        ];
        let mut values = probes();
        for probe in probes() {
            values.push(json!({"a": 1, "a~/b": probe, "c": probe}));
            values.push(json!({"a": probe, "d": probe}));
            values.push(json!([probe, {"a": probe}]));
        }
        for schema in schemas {
            let validator = validator(&document, &schema);
            for value in &values {
                agree(&document, &schema, &validator, value);
            }
        }
        assert!(!is_valid(&json!({"enum": ["a", null]}), &json!("b")));
        assert!(is_valid(&json!({"enum": ["a", null]}), &Value::Null));
    }

    /// What a keyword that says nothing of a value is for.
    const WORDS: [&str; 9] = [
        "default",
        "deprecated",
        "description",
        "example",
        "nullable",
        "readOnly",
        "title",
        "writeOnly",
        "externalDocs",
    ];

    fn keywords_are_known(document: &Value, schema: &Value) {
        for (keyword, value) in members(schema) {
            match keyword.as_str() {
                "properties" => {
                    members(value).for_each(|(_, schema)| keywords_are_known(document, schema));
                }
                "items" | "additionalProperties" => keywords_are_known(document, value),
                "allOf" | "anyOf" | "oneOf" => {
                    value
                        .as_array()
                        .into_iter()
                        .flatten()
                        .for_each(|schema| keywords_are_known(document, schema));
                }
                "format" => assert!(
                    ["byte", "date", "email", "int32", "int64", "uuid"]
                        .contains(&value.as_str().unwrap_or("")),
                    "{schema}"
                ),
                "pattern" => assert!(
                    Regex::with_flags(value.as_str().unwrap_or(""), "u").is_ok(),
                    "{schema}"
                ),
                "$ref" => assert!(!std::ptr::eq(resolve(document, schema), schema), "{schema}"),
                "enum" | "maxLength" | "minLength" | "required" | "type" => {}
                keyword => {
                    assert!(keyword.starts_with("x-") || WORDS.contains(&keyword), "{schema}");
                }
            }
        }
    }

    #[test]
    fn no_schema_of_a_body_has_a_keyword_that_is_not_checked() {
        let document: Value =
            serde_json::from_str(include_str!("../../../openapi/partner-center.json"))
                .expect("JSON");
        members(&document["components"]["schemas"])
            .for_each(|(_, schema)| keywords_are_known(&document, schema));
        for (id, schema) in bodies(&document) {
            assert!(resolve(&document, schema) != schema, "{id} has a schema of its own");
        }
    }

    /// The schemas of all bodies.
    fn bodies(value: &Value) -> Vec<(&String, &Value)> {
        let mut all = Vec::new();
        for (name, member) in members(value) {
            let schema = &member["application/json"]["schema"];
            if name == "content" && schema.is_object() {
                all.push((name, schema));
            }
            all.extend(bodies(member));
        }
        all
    }
}
