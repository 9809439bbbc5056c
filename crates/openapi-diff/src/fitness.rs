//! Whether a document can be compared at all.

use openapi_document::{Diagnostic, Document, UNREADABLE, YAML};
use serde_json::Value;

/// Why a document cannot be compared, and how to fix that; `None` if it can.
///
/// A reference that leads nowhere is reason enough, wherever it stands: what it was meant to be cannot be compared,
/// and a component that no operation leads to today may have one tomorrow. So are two keys of which one would be
/// lost.
///
/// [`diff`](crate::diff) takes whatever has no operations for a contract without operations, so that
/// a file that was mistaken for a contract would be one from which everything was removed. Ask here
/// first.
///
/// # Examples
/// ```
/// use openapi_diff::{Document, unfit};
///
/// let list = Document::parse("list.yaml", "- openapi\n")?;
/// let why = unfit(&list).ok_or("a contract")?;
/// assert!(why.message.starts_with("not an OpenAPI document"));
///
/// let contract = Document::parse("contract.yaml", "{openapi: 3.0.3, paths: {}}")?;
/// assert_eq!(unfit(&contract), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn unfit(document: &Document) -> Option<Diagnostic> {
    if let Some((what, fix)) = complaint(&document.json) {
        let message = format!("not an OpenAPI document that can be compared: {what}");
        return Some(document.source.diagnostic(UNREADABLE, "", message, fix));
    }
    if let Some(at) = document.duplicate_keys.first() {
        let message = "duplicate key: only one of the two would be compared";
        return Some(document.source.diagnostic(YAML, at, message, "remove one of them"));
    }
    document.unresolved().into_iter().next()
}

/// What is wrong with a document, and how to fix it.
fn complaint(document: &Value) -> Option<(String, &'static str)> {
    let Some(root) = document.as_object() else {
        return Some((format!("it is {}, not a mapping", kind(document)), BEGIN));
    };
    let version = match root.get("openapi") {
        Some(Value::String(version)) => version.clone(),
        // `openapi: 3.1` without quotes is a number to YAML, and clear to a reader.
        Some(Value::Number(version)) => version.to_string(),
        Some(other) => {
            return Some((format!("its `openapi` is {}, not a version", kind(other)), BEGIN));
        }
        None if root.contains_key("swagger") => {
            return Some(("it is written in Swagger 2.0".to_owned(), "convert it to OpenAPI 3.0"));
        }
        None => return Some(("it has no `openapi`".to_owned(), BEGIN)),
    };
    let minor =
        version.strip_prefix("3.").filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let Some(minor) = minor else {
        return Some((format!("its version is `{version}`"), "convert it to OpenAPI 3.0"));
    };
    // What a later version means by words of this one, nobody knows yet.
    if !["0", "1", "2"].contains(&minor.split('.').next().unwrap_or_default()) {
        let what = format!("its version is `{version}`, and 3.2 is the last that is known");
        return Some((what, "convert it to OpenAPI 3.1"));
    }
    match root.get("paths") {
        Some(Value::Object(_)) => None,
        Some(other) => Some((
            format!("its `paths` is {}, not a mapping", kind(other)),
            "write `paths: {}` if it has none",
        )),
        // From 3.1 on, a document may do without (OpenAPI 3.1.0, definition of an OpenAPI document).
        None if !minor.starts_with('0')
            && ["components", "webhooks"].iter().any(|key| root.contains_key(*key)) =>
        {
            None
        }
        None => Some(("it has no `paths`".to_owned(), "write `paths: {}` if it has none")),
    }
}

const BEGIN: &str = "begin it with a line such as `openapi: 3.0.3`";

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str) -> Option<String> {
        let why = unfit(&Document::parse("a.yaml", text).expect("a document"))?;
        Some(format!("{}; {}", why.message, why.help))
    }

    #[test]
    fn contracts_are_fit() {
        for text in [
            "{openapi: 3.0.3, paths: {}}",
            "{openapi: 3.1.0, info: {}, paths: {/a: {}}}",
            "{openapi: 3.0, paths: {}}",
            "{openapi: 3.1.0, components: {}}",
            "{openapi: 3.1.0, webhooks: {}}",
            "{openapi: 3.2.0, paths: {}}",
        ] {
            assert_eq!(why(text), None, "{text}");
        }
    }

    #[test]
    fn whatever_else_is_told_why_not_and_how_to_fix_it() {
        for (text, part) in [
            ("[]", "it is a list, not a mapping"),
            ("null", "it is empty, not a mapping"),
            ("text", "it is a text, not a mapping"),
            ("{}", "it has no `openapi`"),
            ("{swagger: '2.0', paths: {}}", "Swagger 2.0; convert it"),
            ("{openapi: 2.0.0, paths: {}}", "its version is `2.0.0`"),
            ("{openapi: 3.x, paths: {}}", "its version is `3.x`"),
            ("{openapi: 30.1, paths: {}}", "its version is `30.1`"),
            ("{openapi: 3.3.0, paths: {}}", "3.2 is the last that is known; convert it"),
            ("{openapi: 3.10.0, paths: {}}", "3.2 is the last that is known"),
            ("{openapi: [3], paths: {}}", "its `openapi` is a list"),
            ("{openapi: 3.0.3}", "it has no `paths`; write `paths: {}`"),
            ("{openapi: 3.0.3, components: {}}", "it has no `paths`"),
            ("{openapi: 3.0.3, paths: []}", "its `paths` is a list"),
            ("{openapi: 3.0.3, paths: }", "its `paths` is empty"),
        ] {
            let why = why(text).unwrap_or_default();
            assert!(why.starts_with("not an OpenAPI document"), "{text}: {why}");
            assert!(why.contains(part), "{text}: {why}");
        }
    }

    #[test]
    fn what_would_be_lost_is_named_where_it_stands() {
        let head = "openapi: 3.0.3\npaths:\n  /a:\n";
        for (rest, place, rule) in [
            (
                "    parameters: [{$ref: '#/components/parameters/B'}]\n",
                (4, 19),
                "unresolved-reference",
            ),
            ("    get: {responses: {200: {}, '200': {}}}\n", (4, 32), "yaml"),
        ] {
            let document = Document::parse("a.yaml", &format!("{head}{rest}")).expect("a document");
            let why = unfit(&document).expect("a reason");
            assert_eq!((why.rule, why.place), (rule, Some(place)), "{why}");
        }
    }

    #[test]
    fn comparing_what_is_unfit_finds_nothing_and_does_not_panic() {
        let texts = ["[]", "null", "{}", "text", "{openapi: [], paths: 1, components: []}"];
        for base in texts {
            for revision in texts {
                let parse = |text| Document::parse("a.yaml", text).expect("a document");
                assert_eq!(crate::diff(&parse(base), &parse(revision)), []);
            }
        }
    }
}
