//! Schemas that the generator can end on, and that mean what they say.

use openapi_document::{Contract, Cursor, Diagnostic};
use serde_json::Value;

use crate::pattern::compiled;
use crate::walk;

openapi_document::rules! {
    /// A member in `required` is among the `properties`, or those of an `allOf`. Nothing would be generated for it,
    /// and a check by the schema would ask for it: most often it is misspelled.
    ///
    /// **Fix** the name, or describe the member.
    /// **Waive** on the schema if the member may be anything.
    REQUIRED_MEMBER = error("required-member", "a required member is among the properties") {
        bad: [
            ("type: string, pattern: '^a'", "type: object, readOnly: true, required: [b], properties: {c: {type: string}}", 29),
        ],
        good: [
            ("type: string, pattern: '^a'", "type: object, readOnly: true, required: [b], properties: {b: {type: string}}"),
            ("type: string, pattern: '^a'", "readOnly: true, required: [b], allOf: [{type: object, properties: {b: {type: string}}}]"),
        ],
    }

    /// A `pattern` is a regular expression of ECMA-262 (section 4.7.24.1) with the `u` flag, so that `\\p{L}` is a
    /// letter and `.` one character. Client and emulator read it with one engine; what other dialects have, such as
    /// `\\z` and a needless escape, is an error. The engine reads no more than 2000 bytes.
    ///
    /// **Fix** the expression; most often something is not escaped, or needlessly. Many alternatives are an `enum`.
    /// **Waive** on the schema.
    PATTERN = error("pattern", "a pattern is a regular expression of ECMA-262") {
        bad: [
            ("'^a'", "'('", 29),
            ("'^a'", "'^a\\z'", 29),
        ],
        good: [
            ("'^a'", "'^[\\p{L}]$'"),
        ],
    }

    /// A list says of what it is (section 4.7.24.1). The generator fails without.
    ///
    /// **Fix** by adding `items`; `items: {}` allows anything.
    /// **Waive** on the schema.
    ITEMS = error("items", "a list says of what") {
        bad: [
            ("type: array, items: {}", "type: array", 30),
        ],
        good: [
            ("items: {}", "items: {type: string}"),
        ],
    }

    /// A `default` is a value of its schema: of its type, one of its `enum`, within its lengths and its `pattern`
    /// (section 4.7.24.1). The generator would write it into the code; where it cannot, it names no place.
    ///
    /// **Fix** the value, or leave it out.
    /// **Waive** on the schema.
    DEFAULT_VALUE = error("default-value", "a default is a value of its schema") {
        bad: [
            ("type: string, pattern: '^a'", "type: string, default: 5", 29),
            ("type: string, pattern: '^a'", "type: string, default: null", 29),
            ("pattern: '^a'", "pattern: '^a', default: b", 29),
            ("type: string, pattern: '^a'", "readOnly: true, allOf: [{type: string, enum: [a]}], default: b", 29),
        ],
        good: [
            ("pattern: '^a'", "pattern: '^a', default: ab, maxLength: 2"),
            ("list: {type: array, items: {}}", "list: {type: array, items: {}, readOnly: true, nullable: true, default: null}"),
        ],
    }
}

/// Patterns are regular expressions, required members exist, lists say what is in them.
pub(super) fn schemas(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    walk::schemas(contract, &mut |pointer, schema| {
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
            && let Err(error) = compiled(pattern)
        {
            findings.push(contract.source.diagnostic(
                PATTERN,
                &format!("{pointer}/pattern"),
                format!("`{pattern:.200}` is no regular expression of ECMA-262 with the `u` flag: {error}"),
                "escape what it means literally, and nothing else; describe many texts by an `enum`",
            ));
        }
        if let Some(default) = schema.get("default")
            && let Some(why) = misfit(contract, schema, default, 0)
        {
            findings.push(contract.source.diagnostic(
                DEFAULT_VALUE,
                &format!("{pointer}/default"),
                format!("the default is {why}"),
                "fix it, or leave it out",
            ));
        }
        // A branch may require what another one has, or what stands beside it.
        let branch = ["/allOf/", "/oneOf/", "/anyOf/"].iter().any(|it| pointer.contains(it));
        let required = schema.get("required").filter(|_| !branch);
        let required = required.and_then(Value::as_array);
        let members = walk::Members::of(contract, Cursor::new(schema, pointer)).found;
        for (index, name) in required.into_iter().flatten().enumerate() {
            let name = name.as_str().unwrap_or_default();
            if !members.iter().any(|(member, _)| *member == name) {
                findings.push(contract.source.diagnostic(
                    REQUIRED_MEMBER,
                    &format!("{pointer}/required/{index}"),
                    format!("`{name}` is required, but no property has that name"),
                    "add the property, or remove the name",
                ));
            }
        }
        if schema["type"] == "array" && schema.get("items").is_none() {
            let help = "add `items`; `items: {}` allows anything";
            findings.push(contract.source.diagnostic(
                ITEMS,
                pointer,
                "a list does not say of what",
                help,
            ));
        }
    });
    findings
}

/// Why `value` is none that the schema describes, if it is not.
fn misfit(contract: &Contract, schema: &Value, value: &Value, depth: u8) -> Option<String> {
    let schema = contract.resolve_value(schema).filter(|_| depth < 32)?;
    let kind = schema["type"].as_str();
    if value.is_null() {
        return (kind.is_some() && schema["nullable"] != true)
            .then(|| "null, and the schema is not `nullable`".to_owned());
    }
    let fits = match kind {
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("number") => value.is_number(),
        Some("integer") => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => true,
    };
    if !fits {
        return kind.map(|kind| format!("not of the type `{kind}`"));
    }
    if schema.get("enum").and_then(Value::as_array).is_some_and(|values| !values.contains(value)) {
        return Some("none of the values of `enum`".to_owned());
    }
    if let Some(text) = value.as_str() {
        let length = text.chars().count() as u64;
        let limit = |name: &str| schema.get(name).and_then(Value::as_u64);
        if limit("minLength").is_some_and(|least| length < least)
            || limit("maxLength").is_some_and(|most| length > most)
        {
            return Some("of a length that the schema excludes".to_owned());
        }
        let pattern = schema.get("pattern").and_then(Value::as_str);
        let regex = pattern.and_then(|pattern| compiled(pattern).ok());
        if regex.is_some_and(|regex| regex.find(text).is_none()) {
            return Some("not matched by `pattern`".to_owned());
        }
    }
    let branches = |name: &str| schema.get(name).and_then(Value::as_array);
    let mut all = branches("allOf").into_iter().flatten();
    all.find_map(|branch| misfit(contract, branch, value, depth + 1)).or_else(|| {
        let alternatives = ["oneOf", "anyOf"].into_iter().filter_map(branches);
        let mut unfit = alternatives.filter(|branches| {
            branches.iter().all(|branch| misfit(contract, branch, value, depth + 1).is_some())
        });
        unfit.next().map(|_| "a value of no branch".to_owned())
    })
}
