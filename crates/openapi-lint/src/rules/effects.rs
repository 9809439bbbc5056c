//! Keywords that say nothing where they stand.

use openapi_document::{Contract, Diagnostic, is_said, type_of};
use serde_json::Value;

use crate::walk;

openapi_document::rules! {
    /// A keyword limits values of one type, and says nothing of others (JSON Schema Wright-00 section 5): `maximum`
    /// beside `type: string` lets every string pass. So do `exclusiveMaximum` without `maximum` and `exclusiveMinimum`
    /// without `minimum`.
    ///
    /// **Fix** by the keyword for that type: `maxLength` for a string, `maxItems` for a list.
    /// **Waive** on the schema.
    NO_EFFECT = warning("no-effect", "a keyword has an effect on the type that it stands beside") {
        bad: [
            ("pattern: '^a'", "readOnly: true, maximum: 3", 29),
            ("type: string, pattern: '^a'", "type: integer, readOnly: true, minLength: 1", 29),
            ("type: string, pattern: '^a'", "type: object, readOnly: true, items: {type: string}", 29),
            ("type: string, pattern: '^a'", "type: integer, readOnly: true, exclusiveMaximum: true", 29),
            ("pattern: '^a'", "readOnly: true, additionalProperties: false", 29),
            ("pattern: '^a'", "readOnly: true, minimum: 0", 29),
        ],
        good: [
            ("pattern: '^a'", "maxLength: 3"),
            ("pattern: '^a'", "readOnly: true, additionalProperties: true"),
            ("list: {type: array, items: {}}", "list: {type: array, readOnly: true, items: {}, maxItems: 3, minLength: 0}"),
            ("list: {type: array, items: {}}", "list: {type: array, readOnly: true, items: {}, default: [{maximum: 3}]}"),
        ],
    }
}

/// The keywords that say the least and the most of each type.
const BOUNDS: [(&str, &str, &str); 4] = [
    ("string", "minLength", "maxLength"),
    ("number", "minimum", "maximum"),
    ("array", "minItems", "maxItems"),
    ("object", "minProperties", "maxProperties"),
];

/// Every keyword that says nothing beside the type of its schema.
pub(super) fn schemas(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    walk::schemas(contract, &mut |pointer, schema| {
        let Some(class) = schema.get("type").and_then(Value::as_str) else { return };
        let class = if class == "integer" { "number" } else { class };
        let mut report = |keyword: &str, message: String, help: String| {
            let at = format!("{pointer}/{keyword}");
            findings.push(contract.source.diagnostic(NO_EFFECT, &at, message, help));
        };
        for (keyword, value) in schema.as_object().into_iter().flatten() {
            let Some(of) = type_of(keyword).filter(|of| *of != class) else { continue };
            if is_said(keyword, value) {
                let named = schema["type"].as_str().unwrap_or_default();
                let message = format!("`{keyword}` has no effect beside `type: {named}`");
                report(keyword, message, meant(class, of, keyword));
            }
        }
        for (keyword, bound) in [("exclusiveMaximum", "maximum"), ("exclusiveMinimum", "minimum")] {
            if class == "number" && schema[keyword] == true && schema.get(bound).is_none() {
                let message = format!("`{keyword}` has no effect without `{bound}`");
                report(keyword, message, format!("add `{bound}`, or remove it"));
            }
        }
    });
    findings
}

/// What a keyword for values of the type `of` was probably meant to be beside another type.
fn meant(class: &str, of: &str, keyword: &str) -> String {
    let bound = BOUNDS.iter().find(|(type_, ..)| *type_ == class).and_then(|(_, least, most)| {
        let low = keyword.starts_with("min") || keyword == "exclusiveMinimum";
        let high = keyword.starts_with("max") || keyword == "exclusiveMaximum";
        low.then_some(least).or_else(|| high.then_some(most))
    });
    match (bound, keyword) {
        (Some(bound), _) => format!("did you mean `{bound}`?"),
        (None, "items" | "uniqueItems") => "did you mean `type: array`?".to_owned(),
        (None, "properties" | "additionalProperties" | "required") if class == "array" => {
            format!("did you mean `{keyword}` of the `items`?")
        }
        (None, "properties" | "additionalProperties" | "required") => {
            "did you mean `type: object`?".to_owned()
        }
        (None, _) => format!("remove it: it limits values of the type `{of}`"),
    }
}
