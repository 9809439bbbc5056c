//! The names that schemas get in Rust.

use heck::ToUpperCamelCase;
use openapi_document::unescape;

/// The name of the component that is at a JSON Pointer, if one is.
pub(crate) fn component(pointer: &str) -> Option<&str> {
    pointer.strip_prefix("/components/schemas/").filter(|name| !name.contains('/'))
}

/// The Rust type for a name of the contract: PascalCase, as typify makes it.
pub(crate) fn type_name(name: &str) -> String {
    let letters = pascal_case(&unescape(name));
    match letters.chars().next() {
        Some(first) if first.is_alphabetic() && letters != "Self" => letters,
        Some(first) if first.is_alphabetic() => format!("{letters}_"),
        _ => format!("X{letters}"),
    }
}

/// The name of what has no name of its own: that of what holds it, and what it is in there.
pub(crate) fn part(owner: &str, part: &str) -> String {
    let part = match part {
        "+1" => "Plus1".to_owned(),
        "-1" => "Minus1".to_owned(),
        other => pascal_case(other),
    };
    format!("{owner}{}", if part.is_empty() { "X" } else { &part })
}

fn pascal_case(name: &str) -> String {
    let name = name.replace('\'', "");
    name.replace(|c: char| !c.is_alphanumeric() && c != '_', "-").to_upper_camel_case()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_identifiers() {
        for (name, expected) in [
            ("BillingProfile", "BillingProfile"),
            ("URLS", "Urls"),
            ("billing.profile-2", "BillingProfile2"),
            ("a~1b", "AB"),
            ("self", "Self_"),
            ("2fa", "X2fa"),
            ("%", "X"),
            ("Größe", "Größe"),
        ] {
            assert_eq!(type_name(name), expected);
        }
        assert_eq!(part("Probe", "@odata.type"), "ProbeOdataType");
        assert_eq!(part("ProbeURL", "2"), "ProbeURL2");
        assert_eq!([part("Probe", "+1"), part("Probe", "-1")], ["ProbePlus1", "ProbeMinus1"]);
    }
}
