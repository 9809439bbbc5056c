//! The Rust names that the generator makes of names in a contract, as progenitor 0.15.1 and typify 0.8.0 do.

use heck::{ToSnakeCase, ToUpperCamelCase};
use unicode_ident::{is_xid_continue, is_xid_start};

/// The words that typify does not take for a name: the keywords of Rust, those to come among them.
const KEYWORDS: [&str; 53] = [
    "_", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "return", "Self", "self", "static", "struct", "super", "trait", "true", "try", "type",
    "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The field of a member.
///
/// # Examples
/// ```
/// use openapi_document::field_name;
///
/// assert_eq!(field_name("addressLine1"), "address_line1");
/// assert_eq!((field_name("+1"), field_name("-1")), ("plus1".into(), "minus1".into()));
/// assert_eq!((field_name("type"), field_name("9"), field_name("€")), ("type_".into(), "x9".into(), "x".into()));
/// ```
#[must_use]
pub fn field_name(name: &str) -> String {
    sanitized(name, str::to_snake_case, "x")
}

/// The type of a schema, or the variant of a value.
///
/// # Examples
/// ```
/// assert_eq!(openapi_document::type_name("Billing.profile"), "BillingProfile");
/// ```
#[must_use]
pub fn type_name(name: &str) -> String {
    sanitized(name, str::to_upper_camel_case, "X")
}

/// The argument of a parameter, or the method of an operation id.
///
/// # Examples
/// ```
/// use openapi_document::argument_name;
///
/// assert_eq!((argument_name("If-Match"), argument_name("9")), ("if_match".into(), "_9".into()));
/// ```
#[must_use]
pub fn argument_name(name: &str) -> String {
    sanitized(name, str::to_snake_case, "_")
}

fn sanitized(name: &str, case: fn(&str) -> String, prefix: &str) -> String {
    let mut made = match name {
        "+1" => "plus1".to_owned(),
        "-1" => "minus1".to_owned(),
        _ => case(&name.replace('\'', "").replace(|c| !is_xid_continue(c), "-")),
    };
    match made.chars().next() {
        None => made = case("x"),
        Some(first) if !is_xid_start(first) => made.insert_str(0, prefix),
        Some(_) => {}
    }
    if KEYWORDS.contains(&made.as_str()) {
        made.push('_');
    }
    made
}
