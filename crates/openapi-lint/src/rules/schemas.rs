//! Schemas that the generator can end on, and that mean what they say.

use std::collections::BTreeSet;

use openapi_document::Profile::{House, Openapi};
use openapi_document::{Contract, Cursor, Diagnostic};
use serde_json::Value;

use crate::fit::{self, is_of_type, misfit};
use crate::pattern::{compiled, is_of_no_dialect};
use crate::walk;

openapi_document::rules! {
    /// A member in `required` is among the `properties`, or those of an `allOf`, a `oneOf` or an `anyOf`. Nothing would
    /// be generated for it, and a check by the schema would ask for it: most often it is misspelled. A schema that only
    /// requires, and one that is composed with others, may mean members of these. So is the `propertyName` of a
    /// discriminator that no variant has (section 4.7.25).
    ///
    /// **Fix** the name, or describe the member.
    /// **Waive** on the schema if the member may be anything.
    REQUIRED_MEMBER = warning("required-member", "a required member is among the properties") {
        bad: [
            ("type: string, pattern: '^a'", "type: object, readOnly: true, required: [b], properties: {c: {type: string}}", 29),
            ("list: {type: array, items: {}}", "list: {readOnly: true, discriminator: {propertyName: b}, oneOf: [{type: object, properties: {a: {type: string}}}]}", 30),
        ],
        good: [
            ("list: {type: array, items: {}}", "list: {readOnly: true, discriminator: {propertyName: b}, oneOf: [{type: object, required: [b], properties: {b: {type: string}}}]}"),
            ("type: string, pattern: '^a'", "type: object, readOnly: true, required: [b], properties: {b: {type: string}}"),
            ("list: {type: array, items: {}}", "list: {type: object, readOnly: true, required: [b], oneOf: [{type: object, properties: {b: {type: string}}}]}"),
            ("list: {type: array, items: {}}", "list: {type: object, readOnly: true, properties: {b: {type: string}}, oneOf: [{required: [b]}], not: {required: [c]}}"),
            ("list: {type: array, items: {}}", "list: {type: object, readOnly: true, required: [b], additionalProperties: {type: string}}"),
            ("type: string, pattern: '^a'", "readOnly: true, required: [b], allOf: [{type: object, properties: {b: {type: string}}}]"),
        ],
    }

    /// A `pattern` is a regular expression of ECMA-262 (section 4.7.24.1).
    ///
    /// In the house, with the `u` flag, so that `\\p{L}` is a
    /// letter and `.` one character. Client and emulator read it with one engine; what other dialects have, such as
    /// `\\z` and a needless escape, is an error. The engine reads no more than 2000 bytes.
    ///
    /// **Fix** the expression; most often something is not escaped, or needlessly. Many alternatives are an `enum`.
    /// **Waive** on the schema.
    PATTERN = warning("pattern", "a pattern is a regular expression of ECMA-262") {
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

    /// A `default` is a value of its schema: of its type and format, one of its `enum`, within its limits and its
    /// `pattern`, with its required members (section 4.7.24.1). The generator would write it into the code; where it
    /// cannot, it names no place.
    ///
    /// **Fix** the value, or leave it out.
    /// **Waive** on the schema.
    DEFAULT_VALUE = warning("default-value", "a default is a value of its schema") {
        bad: [
            ("type: string, pattern: '^a'", "type: string, default: 5", 29),
            ("type: string, pattern: '^a'", "type: string, default: null", 29),
            ("pattern: '^a'", "pattern: '^a', default: b", 29),
            ("type: string, pattern: '^a'", "type: string, format: date, default: today", 29),
            ("type: string, pattern: '^a'", "type: integer, readOnly: true, minimum: 1, default: 0", 29),
            ("items: {}", "items: {}, readOnly: true, maxItems: 1, default: [1, 2]", 30),
            ("type: string, pattern: '^a'", "type: object, readOnly: true, required: [b], properties: {b: {type: string}}, default: {}", 29),
            ("type: string, pattern: '^a'", "readOnly: true, allOf: [{type: string, enum: [a]}], default: b", 29),
        ],
        good: [
            ("pattern: '^a'", "pattern: '^a', default: ab, maxLength: 2"),
            ("list: {type: array, items: {}}", "list: {type: array, items: {}, readOnly: true, nullable: true, default: null}"),
        ],
    }

    /// There are values of a schema: its least limit is not above its most, `multipleOf` is above 0, an `enum` has
    /// values, each of the `type` of the schema (section 4.7.24, JSON Schema Wright-00 section 5). `null` is a
    /// value where the schema is `nullable`.
    ///
    /// **Fix** the limit or the value; most often two are exchanged.
    /// **Waive** on the schema.
    POSSIBLE_VALUE = warning("possible-value", "there are values of a schema") {
        bad: [
            ("type: string, pattern: '^a'", "type: string, readOnly: true, minLength: 2, maxLength: 1", 29),
            ("type: string, pattern: '^a'", "type: integer, readOnly: true, minimum: 2, maximum: 1", 29),
            ("type: string, pattern: '^a'", "type: number, readOnly: true, multipleOf: 0", 29),
            ("items: {}", "items: {}, readOnly: true, minItems: 2, maxItems: 1", 30),
            ("type: string, pattern: '^a'", "type: string, readOnly: true, enum: []", 29),
            ("type: string, pattern: '^a'", "type: string, readOnly: true, enum: [a, 1]", 29),
        ],
        good: [
            ("type: string, pattern: '^a'", "type: string, readOnly: true, nullable: true, enum: [a, null]"),
            ("type: string, pattern: '^a'", "type: string, readOnly: true, minLength: 1, maxLength: 1"),
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
            let anyone = is_of_no_dialect(pattern);
            let flag = if anyone { "" } else { " with the `u` flag" };
            let found = contract.source.diagnostic(
                PATTERN,
                &format!("{pointer}/pattern"),
                format!("`{pattern:.200}` is no regular expression of ECMA-262{flag}: {error}"),
                "escape what it means literally, and nothing else; describe many texts by an `enum`",
            );
            findings.push(found.of(if anyone { Openapi } else { House }));
        }
        if let Some(default) = schema.get("default")
            && let Some(why) = misfit(contract, schema, default)
        {
            findings.push(contract.source.diagnostic(
                DEFAULT_VALUE,
                &format!("{pointer}/default"),
                format!("the default is {why}"),
                "fix it, or leave it out",
            ));
        }
        // A branch may require what another one has, or what stands beside it.
        let branch =
            ["/allOf/", "/oneOf/", "/anyOf/", "/not"].iter().any(|it| pointer.contains(it));
        // So may a schema that others are made of; and what has a schema for all members has these.
        let kind = schema.get("type").and_then(Value::as_str);
        let typed = kind.map_or(schema.get("properties").is_some(), |kind| kind == "object");
        let open = schema.get("additionalProperties").is_some_and(Value::is_object);
        let required = schema.get("required").filter(|_| !branch && typed && !open);
        let required = required.and_then(Value::as_array);
        let members =
            required.map(|_| walk::Members::of_any(contract, Cursor::new(schema, pointer)));
        let members = members.map(|members| members.found).unwrap_or_default();
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
        if let Some((at, name)) = unknown_discriminator(contract, &Cursor::new(schema, pointer)) {
            findings.push(contract.source.diagnostic(
                REQUIRED_MEMBER,
                &at,
                format!("no variant has the member `{name}` of the discriminator"),
                "add the property to each variant, or correct the name",
            ));
        }
        for (member, message, help) in without_values(schema) {
            findings.push(contract.source.diagnostic(
                POSSIBLE_VALUE,
                &format!("{pointer}/{member}"),
                message,
                help,
            ));
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

/// The `propertyName` of a discriminator, if no variant has it, nor what it is in when there are none.
fn unknown_discriminator<'a>(contract: &'a Contract, at: &Cursor<'a>) -> Option<(String, &'a str)> {
    let discriminator = at.get("discriminator")?;
    let name = discriminator.text("propertyName")?;
    let pointer = format!("{}/propertyName", discriminator.pointer);
    let (mut todo, mut seen) = (vec![at.clone()], BTreeSet::new());
    while let Some(at) = todo.pop() {
        let at = contract.resolve(at)?;
        if seen.insert(at.address()) {
            let members = walk::Members::of(contract, at.clone()).found;
            if members.iter().any(|(member, _)| *member == name) {
                return None;
            }
            todo.extend(["oneOf", "anyOf"].into_iter().flat_map(|list| at.elements(list)));
        }
    }
    Some((pointer, name))
}

/// What leaves a schema without values, or a value of its `enum` that is none: a member, why, and what to do.
fn without_values(schema: &Value) -> Vec<(String, String, &'static str)> {
    let mut found = Vec::new();
    let mut report = |member: &str, message: String, help| {
        found.push((member.to_owned(), message, help));
    };
    let correct = "correct it, so that there are values of this schema";
    let number = |name: &str| fit::number(schema, name);
    if number("multipleOf").is_some_and(|number| !number.is_positive()) {
        report("multipleOf", "`multipleOf` is not above 0".to_owned(), correct);
    }
    for (least, most) in [
        ("minLength", "maxLength"),
        ("minimum", "maximum"),
        ("minItems", "maxItems"),
        ("minProperties", "maxProperties"),
    ] {
        if let (Some(low), Some(high)) = (number(least), number(most))
            && low > high
        {
            report(least, format!("`{least}` is above `{most}`"), correct);
        }
    }
    let values = schema.get("enum").and_then(Value::as_array);
    if values.is_some_and(Vec::is_empty) {
        report("enum", "`enum` has no values".to_owned(), correct);
    }
    let kind = schema["type"].as_str();
    for (index, value) in values.into_iter().flatten().enumerate() {
        let null = value.is_null() && (schema["nullable"] == true || kind.is_none());
        if !null && !is_of_type(value, kind) {
            let help = match value {
                Value::Null => "add `nullable: true`, or remove it",
                _ => {
                    "correct the value, or the `type`; a text that looks like a number needs quotes in YAML"
                }
            };
            let message = format!("{value} is not of the type `{}`", kind.unwrap_or_default());
            report(&format!("enum/{index}"), message, help);
        }
    }
    found
}
