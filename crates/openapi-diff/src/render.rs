//! What a person calls a place of a document.

use openapi_document::{Cursor, Decimal, Document, unescape};
use serde_json::Value;

use crate::numbers;

/// `Address.city`, `the query parameter limit`, `a.b of the request body`: what stands at `pointer`.
pub(crate) fn subject(document: &Document, pointer: &str) -> String {
    let tokens: Vec<String> = pointer.split('/').skip(1).map(unescape).collect();
    let texts: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let (owner, rest) = match texts.as_slice() {
        ["components", "schemas", name, rest @ ..] => {
            return format!("`{name}{}`", path(rest, true));
        }
        ["components", section @ ("parameters" | "headers"), name, rest @ ..] => {
            (carrier(document, section, name, &texts, 3), rest)
        }
        ["components", "responses", name, rest @ ..] => {
            inside(document, &format!("the response `{name}`"), rest, &texts, 3)
        }
        ["components", "requestBodies", name, rest @ ..] => {
            (format!("the request body `{name}`"), rest)
        }
        // A callback has operations as a path has.
        ["components", "callbacks", name, _, rest @ ..] => {
            let (owner, rest) = of_path(document, rest, &texts, 4);
            (format!("{owner} of the callback `{name}`"), rest)
        }
        ["paths", _, _, "callbacks", name, _, rest @ ..] => {
            let (owner, rest) = of_path(document, rest, &texts, 6);
            (format!("{owner} of the callback `{name}`"), rest)
        }
        ["paths", _, rest @ ..] => of_path(document, rest, &texts, 2),
        ["webhooks" | "x-webhooks", name, rest @ ..] => {
            let (owner, rest) = of_path(document, rest, &texts, 2);
            (format!("{owner} of the webhook `{name}`"), rest)
        }
        ["components", "pathItems", _, rest @ ..] => of_path(document, rest, &texts, 3),
        _ => ("the schema".to_owned(), texts.as_slice()),
    };
    let rest =
        rest.iter().position(|token| *token == "schema").map_or(&[][..], |at| &rest[at + 1..]);
    match path(rest, false) {
        path if path.is_empty() => owner,
        path => format!("`{}` of {owner}", path.trim_start()),
    }
}

/// What stands in a path item, whose pointer has `length` tokens.
fn of_path<'r>(
    document: &Document,
    tokens: &'r [&'r str],
    all: &[&str],
    length: usize,
) -> (String, &'r [&'r str]) {
    match tokens {
        ["additionalOperations", rest @ ..] => of_path(document, rest, all, length + 1),
        ["parameters", index, rest @ ..] => {
            (carrier(document, "parameters", index, all, length + 2), rest)
        }
        [_, "parameters", index, rest @ ..] => {
            (carrier(document, "parameters", index, all, length + 3), rest)
        }
        [_, "requestBody", rest @ ..] => ("the request body".to_owned(), rest),
        [_, "responses", status, rest @ ..] => {
            inside(document, &response(status), rest, all, length + 3)
        }
        _ => ("the schema".to_owned(), tokens),
    }
}

/// `the response 404`, `the default response`
pub(crate) fn response(status: &str) -> String {
    if status.eq_ignore_ascii_case("default") {
        return "the default response".to_owned();
    }
    format!("the response {status}")
}

/// A response, or a header of it.
fn inside<'r>(
    document: &Document,
    owner: &str,
    rest: &'r [&'r str],
    all: &[&str],
    length: usize,
) -> (String, &'r [&'r str]) {
    match rest {
        ["headers", name, rest @ ..] => (carrier(document, "headers", name, all, length + 2), rest),
        _ => (owner.to_owned(), rest),
    }
}

/// What the parameter or header at the first `length` tokens is called.
fn carrier(document: &Document, section: &str, name: &str, all: &[&str], length: usize) -> String {
    if section == "headers" {
        return format!("the response header `{name}`");
    }
    let tokens = all.iter().take(length).flat_map(|token| ["/".to_owned(), crate::escape(token)]);
    let pointer: String = tokens.collect();
    let value = document.json.pointer(&pointer).unwrap_or(&Value::Null);
    let at = document.follow(Cursor { value, pointer });
    parameter(at.text("in").unwrap_or("?"), at.text("name").unwrap_or("?"))
}

/// `the query parameter limit`
pub(crate) fn parameter(place: &str, name: &str) -> String {
    match place {
        "header" => format!("the request header `{name}`"),
        "cookie" => format!("the cookie `{name}`"),
        place => format!("the {place} parameter `{name}`"),
    }
}

/// The members that keywords lead to: `.a.b[]`.
fn path(tokens: &[&str], dotted: bool) -> String {
    let mut text = String::new();
    let mut tokens = tokens.iter();
    while let Some(token) = tokens.next() {
        match *token {
            "properties" => {
                let Some(name) = tokens.next() else { break };
                if dotted || !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
            }
            "items" | "contains" | "unevaluatedItems" | "additionalItems" => text.push_str("[]"),
            "prefixItems" => {
                let Some(index) = tokens.next() else { break };
                text.push('[');
                text.push_str(index);
                text.push(']');
            }
            "patternProperties" => {
                let Some(pattern) = tokens.next() else { break };
                text.push_str(if dotted || !text.is_empty() { "./" } else { "/" });
                text.push_str(pattern);
                text.push('/');
            }
            "propertyNames" => {
                text.push_str(" (name)");
            }
            "$defs" | "definitions" => {
                let Some(name) = tokens.next() else { break };
                text.push('#');
                text.push_str(name);
            }
            "additionalProperties" | "unevaluatedProperties" => {
                text.push_str(if dotted || !text.is_empty() { ".*" } else { "*" });
            }
            "dependentSchemas" => {
                let Some(name) = tokens.next() else { break };
                text.push_str(" (with ");
                text.push_str(name);
                text.push(')');
            }
            "contentSchema" => text.push_str(" (content)"),
            "then" | "else" => {
                text.push_str(" (");
                text.push_str(token);
                text.push(')');
            }
            "allOf" | "oneOf" | "anyOf" => drop(tokens.next()),
            "not" | "if" => {}
            _ => break,
        }
    }
    text
}

/// Whether a pointer is that of a schema with a name.
pub(crate) fn is_component(pointer: &str) -> bool {
    let name = pointer.strip_prefix("/components/schemas/");
    name.is_some_and(|name| !name.contains('/'))
}

/// The component, or the operation of a path, that a schema is written in.
pub(crate) fn owner(pointer: &str) -> &str {
    pointer.match_indices('/').nth(3).map_or(pointer, |(end, _)| &pointer[..end])
}

/// Whether a schema is written where it is used, and another one is in a component of its own.
pub(crate) fn is_deeper(inline: &str, named: &str) -> bool {
    let depth = |pointer: &str| {
        let tokens: Vec<&str> = pointer.split('/').skip(4).collect();
        let text = path(&tokens, true);
        text.matches(['.', '[']).count()
    };
    owner(inline) != owner(named)
        && named.starts_with("/components/schemas/")
        && (!inline.starts_with("/components/") || depth(inline) > depth(named))
}

/// A value as it is written in JSON, shortened if it is long.
pub(crate) fn value(value: &Value) -> String {
    format!("`{}`", shortened(&numbers::text(value)))
}

/// A number without a needless `.0`, shortened if it is long.
pub(crate) fn number(value: &Decimal) -> String {
    shortened(&value.to_string())
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `a`, `a and b`, `a, b and c`
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// `a`, `a or b`, `a, b or c`
pub(crate) fn either(items: &[String]) -> String {
    match items {
        [most @ .., last] if !most.is_empty() => format!("{} or {last}", most.join(", ")),
        _ => items.concat(),
    }
}

/// Whether two texts say the same but for how their lines are broken.
pub(crate) fn same_text(a: &str, b: &str) -> bool {
    a.split_whitespace().eq(b.split_whitespace())
}
