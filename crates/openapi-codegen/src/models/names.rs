//! The names that schemas get in Rust.

use openapi_document::{type_name, unescape};

/// The name of the component that is at a JSON Pointer, if one is, as a Rust type.
pub(crate) fn component(pointer: &str) -> Option<String> {
    let name = pointer.strip_prefix("/components/schemas/").filter(|name| !name.contains('/'))?;
    Some(stable(&unescape(name)))
}

/// The name of what has no name of its own: that of what holds it, and what it is in there.
pub(crate) fn part(owner: &str, part: &str) -> String {
    let part = match part {
        "+1" => "Plus1".to_owned(),
        "-1" => "Minus1".to_owned(),
        // The owner is before it.
        other => type_name(&format!("x {other}")).split_off(1),
    };
    stable(&format!("{owner}{}", if part.is_empty() { "X" } else { &part }))
}

/// The name of a type that typify leaves as it is: of letters that stand alone it makes another word.
pub(crate) fn stable(name: &str) -> String {
    let mut name = type_name(name);
    loop {
        let again = type_name(&name);
        if again == name {
            return name;
        }
        name = again;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_identifiers() {
        assert_eq!(component("/components/schemas/a~1b"), Some("Ab".to_owned()));
        assert_eq!(component("/components/schemas/A/properties/b"), None);
        for (member, name) in [
            ("owner", "ProbeOwner"),
            ("URL", "ProbeUrl"),
            ("@odata.type", "ProbeOdataType"),
            ("2", "Probe2"),
            ("self", "ProbeSelf"),
            ("%", "ProbeX"),
            ("+1", "ProbePlus1"),
            ("-1", "ProbeMinus1"),
        ] {
            assert_eq!(part("Probe", member), name, "{member}");
        }
    }
}
