//! Type and limits of a schema in words.

use maud::{Markup, html};
use openapi_document::Cursor;
use serde_json::Value;

use super::is_schema;
use crate::node::Node;
use crate::text::plain;
use crate::view::schema_link;

/// The type of `node`, then every limit.
pub(crate) fn of(node: &Node<'_>) -> Markup {
    let named = node.name.map(schema_link);
    let words: Vec<_> = named.into_iter().chain(kind(node)).chain(limits(node)).collect();
    html! {
        @for (index, word) in words.iter().enumerate() { @if index > 0 { ", " } (word) }
        @if words.is_empty() { "any value" }
    }
}

fn kind(node: &Node<'_>) -> Option<Markup> {
    let mut types: Vec<_> = node.say("type").map(|at| types(at.value)).collect();
    types.dedup();
    if types.is_empty() {
        types.extend(implied(node).map(str::to_owned));
    }
    let mut kind = types.join(" and ");
    let formats: Vec<_> = node.say("format").map(|at| plain(at.value)).collect();
    if !formats.is_empty() {
        kind = format!("{kind} ({})", formats.join(", "));
    }
    // `nullable` means nothing without a type beside it (OpenAPI 3.0.3 section 4.7.24.1).
    let null = |part: &&Cursor<'_>| part.value.get("nullable") == Some(&Value::Bool(true));
    let parts: Vec<_> = node.say_beside("type").collect();
    if !parts.is_empty() && parts.iter().all(null) {
        kind += " or null";
    }
    if kind.is_empty() { None } else { Some(html! { (kind) }) }
}

/// A type, or what OpenAPI 3.1 has for several.
fn types(value: &Value) -> String {
    let names = value.as_array().map(|list| list.iter().map(plain).collect::<Vec<_>>());
    names.map_or_else(|| plain(value), |names| names.join(" or "))
}

fn implied(node: &Node<'_>) -> Option<&'static str> {
    let says = |keyword| node.say(keyword).next().is_some();
    if says("properties") {
        Some("object")
    } else if says("items") {
        Some("array")
    } else {
        None
    }
}

fn limits(node: &Node<'_>) -> Vec<Markup> {
    let mut limits = Vec::new();
    let mut add = |limit: Markup| limits.push(limit);
    for (keyword, word) in [("oneOf", "just one"), ("anyOf", "any")] {
        for at in node.say(keyword) {
            let choices = at.value.as_array().map(Vec::as_slice).unwrap_or_default();
            let simple: Vec<_> = choices.iter().filter_map(simple).collect();
            if simple.len() == choices.len() {
                add(html! { (word) " of: " (simple.join(", ")) });
            } else {
                add(html! { (word) " of " (choices.len()) " below" });
            }
        }
    }
    for at in node.say("enum") {
        let values = at.value.as_array().map(Vec::as_slice).unwrap_or_default();
        add(html! {
            "one of " @for (index, value) in values.iter().enumerate() {
                @if index > 0 { ", " } code { (plain(value)) }
            }
        });
    }
    for at in node.say("const") {
        add(html! { "just " code { (plain(at.value)) } });
    }
    for (unit, least, most) in [
        ("character", "minLength", "maxLength"),
        ("element", "minItems", "maxItems"),
        ("member", "minProperties", "maxProperties"),
    ] {
        let number = |keyword| node.say(keyword).filter_map(|at| at.value.as_u64());
        // All of the parts hold, so that the narrowest counts.
        let (least, most) = (number(least).max(), number(most).min());
        if let Some(words) = counted(least.filter(|least| *least > 0), most, unit) {
            add(html! { (words) });
        }
    }
    for (keyword, exclusive, with, without) in [
        ("minimum", "exclusiveMinimum", "at least", "more than"),
        ("maximum", "exclusiveMaximum", "at most", "less than"),
    ] {
        for part in &node.parts {
            // It is the bound itself in OpenAPI 3.1.
            if let Some(bound) = part.value.get(exclusive).filter(|bound| bound.is_number()) {
                add(html! { (without) " " (plain(bound)) });
            }
            let Some(bound) = part.value.get(keyword) else { continue };
            let strict = part.value.get(exclusive) == Some(&true.into());
            add(html! { (if strict { without } else { with }) " " (plain(bound)) });
        }
    }
    for at in node.say("multipleOf") {
        add(html! { "a multiple of " (plain(at.value)) });
    }
    for at in node.say("pattern") {
        add(html! { "matches " code { (plain(at.value)) } });
    }
    if node.flag("uniqueItems") {
        add(html! { "no element twice" });
    }
    for at in node.say("additionalProperties") {
        match at.value {
            Value::Bool(false) => add(html! { "no other members" }),
            other if is_schema(other) => {}
            _ => add(html! { "any other members" }),
        }
    }
    for at in node.say("discriminator") {
        if let Some(member) = at.value.get("propertyName").and_then(Value::as_str) {
            add(html! { "told apart by " code { (member) } });
        }
    }
    for at in node.say("default") {
        add(html! { "default " code { (plain(at.value)) } });
    }
    for (keyword, word) in [
        ("readOnly", "read-only"),
        ("x-sent-back", "sent back as it was read"),
        ("writeOnly", "write-only"),
        ("deprecated", "deprecated"),
    ] {
        if node.flag(keyword) {
            add(html! { (word) });
        }
    }
    limits
}

/// `2 characters`, `1 to 200 characters`, `at most 1 character`.
fn counted(least: Option<u64>, most: Option<u64>, unit: &str) -> Option<String> {
    let units = |count: u64| if count == 1 { unit.to_owned() } else { format!("{unit}s") };
    match (least, most) {
        (None, None) => None,
        (Some(least), Some(most)) if least == most => Some(format!("{most} {}", units(most))),
        (Some(least), Some(most)) => Some(format!("{least} to {most} {}", units(most))),
        (Some(least), None) => Some(format!("at least {least} {}", units(least))),
        (None, Some(most)) => Some(format!("at most {most} {}", units(most))),
    }
}

/// The words for a schema that has nothing but a type and a format.
pub(super) fn simple(schema: &Value) -> Option<String> {
    let schema = schema.as_object()?;
    let kind = schema.get("type")?.as_str()?;
    if schema.keys().any(|key| key != "type" && key != "format") {
        return None;
    }
    let format = schema.get("format").and_then(Value::as_str);
    Some(format.map_or_else(|| kind.to_owned(), |format| format!("{kind} ({format})")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_read_like_a_sentence() {
        assert_eq!(counted(Some(2), Some(2), "character").as_deref(), Some("2 characters"));
        assert_eq!(
            counted(Some(1), Some(200), "character").as_deref(),
            Some("1 to 200 characters")
        );
        assert_eq!(counted(None, Some(1), "element").as_deref(), Some("at most 1 element"));
        assert_eq!(counted(Some(1), None, "member").as_deref(), Some("at least 1 member"));
        assert_eq!(counted(None, None, "member"), None);
    }
}
