//! JSON as it was typed.

use std::collections::HashSet;
use std::fmt::{self, Write};
use std::marker::PhantomData;

use partner_center::Versioned;
use partner_center::pointer::unescaped;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::member::Profile;
use crate::output::one_line;

/// Why a text is no value.
#[derive(Debug, PartialEq)]
pub(crate) enum Wrong {
    /// It is no JSON.
    Syntax(String),
    /// It is JSON, and would be written as something else.
    Other(String),
}

/// The value that a text was typed for.
///
/// What is as in `before`, the text of what was read, is not written at all, and so may be anything.
pub(crate) fn parse(text: &str, before: Option<&str>) -> Result<Value, Wrong> {
    let raw: &RawValue =
        serde_json::from_str(text).map_err(|error| Wrong::Syntax(error.to_string()))?;
    // This bounds the depth too.
    let whole: Value = serde_json::from_str(text).map_err(|error| {
        Wrong::Other(format!("it cannot be sent ({error}); write it in quotes if it is a text"))
    })?;
    if before.is_none_or(|before| compact(before) != compact(text)) {
        unique(raw.get())?;
    }
    Ok(whole)
}

/// Refuses an object that has two members of one name.
fn unique(text: &str) -> Result<(), Wrong> {
    let syntax = |error: serde_json::Error| Wrong::Syntax(error.to_string());
    match text.as_bytes().first() {
        Some(b'{') => {
            let mut names = HashSet::new();
            for (name, value) in serde_json::from_str::<Members<'_>>(text).map_err(syntax)?.members
            {
                unique(value.get())?;
                if let Some(name) = names.replace(name) {
                    return Err(Wrong::Other(format!("duplicate key `{name}`; write it once")));
                }
            }
            Ok(())
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(syntax)?;
            items.into_iter().try_for_each(|item| unique(item.get()))
        }
        _ => Ok(()),
    }
}

/// The text on one line, without blanks between its parts.
pub(crate) fn compact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut inside, mut escaped) = (false, false);
    for c in text.chars() {
        if !inside && c.is_ascii_whitespace() {
            continue;
        }
        if inside && is_unseen(c) {
            escape(c, &mut out);
        } else {
            out.push(c);
        }
        if escaped {
            escaped = false;
        } else if inside && c == '\\' {
            escaped = true;
        } else if c == '"' {
            inside = !inside;
        }
    }
    out
}

/// Whether a person would not see the character, or see something else for it.
pub(crate) fn is_unseen(c: char) -> bool {
    c != '\\' && one_line(c.encode_utf8(&mut [0; 4])).starts_with('\\')
}

/// Writes the character as JSON escapes it.
pub(crate) fn escape(c: char, out: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        let _ = write!(out, "\\u{unit:04x}");
    }
}

/// The text that a member was read as, if it has the value that `tree` has there.
pub(crate) fn read<'a, T: Profile>(
    profile: &'a Versioned<T>,
    tree: &Value,
    pointer: &str,
) -> Option<&'a str> {
    let mut at = std::str::from_utf8(profile.document()).ok()?;
    for name in pointer.split('/').skip(1) {
        let name = unescaped(name);
        at = if at.trim_start().starts_with('[') {
            let items: Vec<&RawValue> = serde_json::from_str(at).ok()?;
            items.get(name.parse::<usize>().ok()?)?.get()
        } else {
            let members = serde_json::from_str::<Members<'_>>(at).ok()?.members;
            let exact = members.iter().rfind(|(other, _)| *other == name);
            // What the contract knows is read in any case.
            let other = || members.iter().find(|(other, _)| other.eq_ignore_ascii_case(&name));
            exact.or_else(other)?.1.get()
        };
    }
    let same = serde_json::from_str::<Value>(at).is_ok_and(|it| Some(&it) == tree.pointer(pointer));
    same.then_some(at)
}

/// The members of an object, each as often as it is there.
pub(crate) struct Members<'a> {
    pub(crate) members: Vec<(String, &'a RawValue)>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object<'a>(PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Object<'a> {
            type Value = Members<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'a>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members { members })
            }
        }
        deserializer.deserialize_map(Object(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_value_or_the_reason_why_it_is_none() {
        for text in ["0", "-1", "1.50", "1e3", "-0", "12345678901234567890123", "[1.50]"] {
            assert_eq!(parse(text, None).ok(), serde_json::from_str(text).ok(), "{text}");
        }
        assert!(matches!(parse("1e999", None), Err(Wrong::Other(_))));
        assert!(matches!(parse(&"[".repeat(200_000), None), Err(Wrong::Syntax(_))));
        let deep = "[".repeat(200_000) + &"]".repeat(200_000);
        assert!(matches!(parse(&deep, None), Err(Wrong::Other(_))));
        for text in ["01067", "NO", "1_000", "", "{\"a\":01}"] {
            assert!(matches!(parse(text, None), Err(Wrong::Syntax(_))), "{text}");
        }
        let twice = "[{\"a\":1,\"a\":2}]";
        let why = Wrong::Other("duplicate key `a`; write it once".to_owned());
        assert_eq!(parse(twice, None), Err(why));
        // What was read is not written.
        assert!(parse(twice, Some(twice)).is_ok());
    }

    #[test]
    fn a_text_is_compact_on_one_line() {
        assert_eq!(
            compact("{ \"a \\\" b\" :\n [1.50, \"x\u{202e}\"]}"),
            "{\"a \\\" b\":[1.50,\"x\\u202e\"]}"
        );
    }
}
