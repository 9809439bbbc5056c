//! The members and the elements of JSON texts as texts, whatever is in them: blanks, the order of members,
//! duplicate names, numbers as written.
//!
//! The texts were read or written as JSON before, so their grammar is not looked at again. One that is no JSON
//! gives nothing or nonsense, and no panic.

use std::borrow::Cow;

/// The members of an object in the order of the text: their names, and the texts of their values.
///
/// # Examples
/// ```
/// let members = partner_center_api::scan::members(r#"{"a": 1.50, "\u0062": [ ]}"#);
/// assert_eq!(members, [("a".into(), "1.50"), ("b".into(), "[ ]")]);
/// ```
#[must_use]
pub fn members(text: &str) -> Vec<(Cow<'_, str>, &str)> {
    members_like(text, &[])
}

/// The [`members`] of an object that has most of those of another one, at the same places: what is the same is
/// compared, which is faster than to look for its end.
///
/// # Examples
/// ```
/// use partner_center_api::scan::{members, members_like};
/// let (one, other) = (r#"{"a": {"b": 1}, "c": 1}"#, r#"{"a": {"b": 1}, "c": 12}"#);
/// assert_eq!(members_like(other, &members(one)), members(other));
/// ```
#[must_use]
pub fn members_like<'a>(
    text: &'a str,
    like: &[(Cow<'_, str>, &str)],
) -> Vec<(Cow<'a, str>, &'a str)> {
    let mut scan = Scan { text, at: 0 };
    if !scan.takes(b'{') {
        return Vec::new();
    }
    let mut members = Vec::with_capacity(16);
    while let Some(name_of) = scan.value().filter(|quoted| quoted.starts_with('"')) {
        scan.takes(b':');
        let like = like.get(members.len()).map(|(_, value)| *value);
        let Some(value) = scan.value_like(like.unwrap_or_default()) else { break };
        members.push((name(name_of), value));
        scan.takes(b',');
    }
    members
}

/// The texts of the elements of a list.
///
/// # Examples
/// ```
/// assert_eq!(partner_center_api::scan::elements("[1.50, {}]"), ["1.50", "{}"]);
/// ```
#[must_use]
pub fn elements(text: &str) -> Vec<&str> {
    let mut scan = Scan { text, at: 0 };
    let mut elements = Vec::new();
    if scan.takes(b'[') {
        while let Some(value) = scan.value() {
            elements.push(value);
            scan.takes(b',');
        }
    }
    elements
}

/// A place in a text, between two values.
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    fn blanks(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    }

    /// Goes behind a character, if it is the next one.
    fn takes(&mut self, character: u8) -> bool {
        self.blanks();
        let is_next = self.text.as_bytes().get(self.at) == Some(&character);
        self.at += usize::from(is_next);
        is_next
    }

    /// Goes behind the next value, which is returned; `None` if there is none.
    fn value(&mut self) -> Option<&'a str> {
        self.blanks();
        let rest = self.text.get(self.at..)?;
        let length = length(rest.as_bytes());
        self.at += length;
        rest.get(..length).filter(|value| !value.is_empty())
    }

    /// The same, where it may be the value `like`.
    fn value_like(&mut self, like: &str) -> Option<&'a str> {
        self.blanks();
        let rest = self.text.get(self.at..)?;
        // Where an object or a list ends, it says itself.
        if !(is_object(like) || is_list(like)) || !rest.starts_with(like) {
            return self.value();
        }
        self.at += like.len();
        rest.get(..like.len())
    }
}

/// How long the value is that a text begins with, in bytes.
fn length(text: &[u8]) -> usize {
    match text.first() {
        Some(b'"') => string(text),
        Some(b'{' | b'[') => {
            let (mut at, mut depth) = (0, 0_usize);
            while let Some(byte) = text.get(at) {
                match byte {
                    b'"' => {
                        at += string(&text[at..]);
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
                at += 1;
                if depth == 0 {
                    break;
                }
            }
            at
        }
        _ => {
            let ends =
                |byte: &u8| matches!(byte, b',' | b':' | b'}' | b']') || byte.is_ascii_whitespace();
            text.iter().position(ends).unwrap_or(text.len())
        }
    }
}

/// How long the string is that a text begins with, in bytes, with its quotes.
fn string(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = text.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found;
        if text[at] == b'"' {
            return at + 1;
        }
        // What is escaped ends no string.
        at += 2;
    }
    text.len()
}

fn name(quoted: &str) -> Cow<'_, str> {
    let inner = quoted.strip_prefix('"').unwrap_or(quoted);
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    if !inner.contains('\\') {
        return inner.into();
    }
    serde_json::from_str::<String>(&repaired(quoted)).map_or(inner.into(), Cow::from)
}

/// The text with U+FFFD for every half of a surrogate pair that is alone in a string, which no string of
/// Rust can hold.
///
/// # Examples
/// ```
/// use partner_center_api::scan::repaired;
/// assert_eq!(repaired(r#"["\ud83d", "\ud83d\ude00"]"#), r#"["\uFFFD", "\ud83d\ude00"]"#);
/// ```
#[must_use]
pub fn repaired(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let (mut at, mut written) = (0, 0);
    while let Some(escape) = text.as_bytes().get(at..).and_then(|rest| memchr::memchr(b'\\', rest))
    {
        at += escape;
        match unit(text, at) {
            Some(0xD800..=0xDBFF) if matches!(unit(text, at + 6), Some(0xDC00..=0xDFFF)) => {
                at += 12;
            }
            Some(0xD800..=0xDFFF) => {
                out.push_str(&text[written..at]);
                out.push_str("\\uFFFD");
                at += 6;
                written = at;
            }
            // Whatever is escaped, it begins no escape.
            _ => at += 2,
        }
    }
    if written == 0 {
        return text.into();
    }
    out.push_str(&text[written..]);
    out.into()
}

/// The unit of UTF-16 that is escaped here.
fn unit(text: &str, at: usize) -> Option<u16> {
    let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
    u16::from_str_radix(digits, 16).ok()
}

/// How many lists and objects are within each other at most.
#[must_use]
pub fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                // What is escaped ends no string.
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => drop(bytes.next()),
                        _ => {}
                    }
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Whether `name` is a member of the contract, `known`, by that name or by it in PascalCase: what a model
/// is read from.
#[must_use]
pub fn binds(name: &str, known: &str) -> bool {
    name.eq_ignore_ascii_case(known) && name.get(1..) == known.get(1..)
}

/// Whether it is the text of an object.
#[must_use]
pub fn is_object(raw: &str) -> bool {
    raw.starts_with('{')
}

/// Whether it is the text of a list.
#[must_use]
pub fn is_list(raw: &str) -> bool {
    raw.starts_with('[')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_pairs_are_found_where_they_are_alone() {
        for (text, expected) in [
            (r#""\ud83d""#, r#""\uFFFD""#),
            (r#""\ude00\ud83d""#, r#""\uFFFD\uFFFD""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\uFFFD\ud83d\ude00""#),
            (r#""\uD83Dx""#, r#""\uFFFDx""#),
            (r#""\\ud83d""#, r#""\\ud83d""#),
            (r#""\ud83d\ude00 \u00e4""#, r#""\ud83d\ude00 \u00e4""#),
            (r"\", r"\"),
            (r"\ud8ä", r"\ud8ä"),
        ] {
            assert_eq!(repaired(text), expected);
        }
        assert_eq!(members(r#"{"\ud83d":1}"#), [("\u{FFFD}".into(), "1")]);
    }

    #[test]
    fn depth_is_that_of_brackets_and_not_of_texts() {
        for (text, expected) in
            [("1", 0), (r#""[[[""#, 0), (r#"[{"a\"[":[]},[]]"#, 3), ("[", 1), ("]", 0), ("\"", 0)]
        {
            assert_eq!(depth(text), expected, "{text}");
        }
        assert_eq!(depth(&"[".repeat(1 << 20)), 1 << 20);
    }

    #[test]
    fn elements_are_found_between_their_commas() {
        assert_eq!(
            elements("[ 1 , \"a,]\" ,[2,3],{\"a\":[4]} ]"),
            ["1", "\"a,]\"", "[2,3]", "{\"a\":[4]}"]
        );
        assert_eq!(elements(" [ ] "), [""; 0]);
        assert_eq!(elements("{}"), [""; 0]);
    }

    #[test]
    fn no_text_makes_it_panic_or_go_on_for_ever() {
        let parts = ["{", "}", "[", "]", "\"", "\\", ":", ",", "1", " ", "ä"];
        let count = parts.len();
        for number in 0..count.pow(5) {
            let text: String =
                (0_u32..5).map(|place| parts[number / count.pow(place) % count]).collect();
            let _ = (members(&text), elements(&text));
            for like in ["[", "{\"", "{ä"] {
                let _ = members_like(&text, &[("ä".into(), like), ("ä".into(), like)]);
            }
        }
    }
}
