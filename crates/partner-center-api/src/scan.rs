//! A way through JSON texts by their quotes and brackets alone, which takes a fifth of the time of
//! reading them, and holds whatever is in them.
//!
//! It is for texts that were read or written as JSON before. One that is none gives nothing or nonsense,
//! and no panic. Nothing here calls itself, so depth costs no stack.

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
    let mut members = Vec::with_capacity(16);
    let mut scan = Scan { text, at: 0 };
    while let Some((quoted, value)) = scan.member() {
        members.push((name(quoted), value));
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
    let mut elements = Vec::new();
    let mut scan = Scan { text, at: 0 };
    while let Some(value) = scan.element() {
        elements.push(value);
    }
    elements
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
    let mut scan = Scan { text, at: 0 };
    let (mut depth, mut deepest) = (0_usize, 0);
    while let Some(byte) = scan.peek() {
        match byte {
            b'"' if scan.string().is_none() => break,
            b'"' => continue,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
        scan.at += 1;
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

/// A way through the text of an object or a list.
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    /// The name, with its quotes, and the value of the next member, if there is one.
    fn member(&mut self) -> Option<(&'a str, &'a str)> {
        self.one_of(b"{,")?;
        let name = self.value()?;
        self.one_of(b":")?;
        Some((name, self.value()?))
    }

    fn element(&mut self) -> Option<&'a str> {
        self.one_of(b"[,")?;
        self.value()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes behind blanks and one of these.
    fn one_of(&mut self, expected: &[u8]) -> Option<()> {
        self.blanks();
        expected.contains(&self.peek()?).then(|| self.at += 1)
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Goes behind blanks and a value, which is returned.
    fn value(&mut self) -> Option<&'a str> {
        self.blanks();
        let start = self.at;
        if self.peek()? == b'"' {
            self.string()?;
            return self.text.get(start..self.at);
        }
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => self.string()?,
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' | b'}' | b']' | b':' if depth == 0 => return None,
                b',' | b':' => self.at += 1,
                byte if byte.is_ascii_whitespace() => self.at += 1,
                _ => {
                    // A number or a word.
                    let ends = |byte: u8| byte.is_ascii_whitespace() || b",:]}".contains(&byte);
                    while self.peek().is_some_and(|byte| !ends(byte)) {
                        self.at += 1;
                    }
                }
            }
            if depth == 0 {
                return self.text.get(start..self.at);
            }
        }
    }

    /// Goes behind a string, at whose quote it is.
    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            self.at += memchr::memchr2(b'"', b'\\', rest)? + 1;
            if self.text.as_bytes()[self.at - 1] == b'"' {
                return Some(());
            }
            // Whatever is escaped, it ends no string.
            self.at += 1;
        }
    }
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
}
