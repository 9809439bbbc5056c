//! Rust as text: where its items begin and end. What is in strings and comments is no code.

/// The items of a text, each with all that stands before it. `None` if one of them does not end with its line.
pub(super) fn split(text: &str) -> Option<Vec<&str>> {
    let mut scan = Scan { text, at: 0 };
    let (mut items, mut from, mut depth) = (Vec::new(), 0, 0_usize);
    // What the last item ended with, and whether there is anything of another.
    let (mut ended, mut begun) = (None, false);
    while let Some(token) = scan.next()? {
        match token {
            Token::Space(line) => {
                if line && ended.is_some() {
                    items.push(&text[from..scan.at]);
                    (from, ended, begun) = (scan.at, None, false);
                }
                continue;
            }
            _ if ended == Some(';') || ended.is_some() && token != Token::Sign(';') => return None,
            Token::Sign('(' | '[' | '{') => depth += 1,
            Token::Sign(close @ (')' | ']' | '}')) => {
                depth = depth.checked_sub(1)?;
                ended = (close == '}' && depth == 0).then_some(close);
            }
            Token::Sign(';') => ended = (depth == 0).then_some(';'),
            Token::Sign(_) | Token::Other => {}
        }
        begun = true;
    }
    if ended.is_some() {
        items.push(&text[from..]);
    } else if begun {
        return None;
    }
    Some(items)
}

/// Where an item begins, after its attributes and comments.
pub(super) fn attributed(text: &str) -> Option<usize> {
    let mut scan = Scan { text, at: 0 };
    let mut depth = 0_usize;
    let mut attribute = false;
    loop {
        let at = scan.at;
        match scan.next()?? {
            Token::Space(_) => {}
            Token::Sign('#') if depth == 0 => attribute = true,
            Token::Sign('!') if depth == 0 && attribute => {}
            _ if depth == 0 && !attribute => return Some(at),
            Token::Sign('(' | '[' | '{') => depth += 1,
            Token::Sign(')' | ']' | '}') => {
                depth = depth.checked_sub(1)?;
                attribute &= depth > 0;
            }
            Token::Sign(_) | Token::Other => {}
        }
    }
}

/// The identifier that a text begins with.
pub(super) fn identifier(text: &str) -> Option<&str> {
    let raw = if text.starts_with("r#") { 2 } else { 0 };
    let within = |letter: char| letter.is_alphanumeric() || letter == '_';
    let end = text[raw..].find(|letter| !within(letter)).map_or(text.len(), |end| raw + end);
    // A letter of which this does not know that it is one.
    let known = text[end..].bytes().next().is_none_or(|next| next.is_ascii());
    (end > raw && known).then(|| &text[..end])
}

/// How long the list in angle brackets is that a text begins with.
pub(super) fn arguments(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        match letter {
            '<' => depth += 1,
            '>' if before == '-' || before == '=' => {}
            '>' => depth = depth.checked_sub(1)?,
            // What may hold a bracket that is none.
            '"' | '{' | '/' => return None,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
        before = letter;
    }
    None
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    /// White space or a comment, and whether a line ends there.
    Space(bool),
    /// A sign that is no part of anything else.
    Sign(char),
    /// A word, a number, a string, a lifetime.
    Other,
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
}

impl Scan<'_> {
    /// The next part; `None` if it does not end, and in that `None` at the end of the text.
    #[expect(clippy::option_option, reason = "the outer one is for `?`")]
    fn next(&mut self) -> Option<Option<Token>> {
        let bytes = self.text.as_bytes();
        let rest = &bytes[self.at..];
        let Some(&first) = rest.first() else { return Some(None) };
        let (length, token) = match first {
            b'\n' => (1, Token::Space(true)),
            b' ' | b'\t' | b'\r' => {
                let spaces = rest.iter().take_while(|it| matches!(it, b' ' | b'\t' | b'\r'));
                (spaces.count(), Token::Space(false))
            }
            b'/' if rest.starts_with(b"//") => {
                let line = rest.iter().position(|it| *it == b'\n');
                (line.unwrap_or(rest.len()), Token::Space(false))
            }
            b'/' if rest.starts_with(b"/*") => (comment(rest)?, Token::Space(false)),
            b'"' => (string(rest)?, Token::Other),
            b'\'' => (quoted(&self.text[self.at..])?, Token::Other),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | 0x80.. => (word(rest)?, Token::Other),
            other => (1, Token::Sign(other.into())),
        };
        self.at += length;
        Some(Some(token))
    }
}

/// How long the comment is that a text begins with.
fn comment(text: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 0_usize);
    loop {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        if rest.starts_with(b"/*") {
            (at, depth) = (at + 2, depth + 1);
        } else if rest.starts_with(b"*/") {
            (at, depth) = (at + 2, depth - 1);
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += 1;
        }
    }
}

/// How long the string is that a text begins with.
fn string(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match text.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// How long the lifetime or the character is that a text begins with.
fn quoted(text: &str) -> Option<usize> {
    let mut letters = text.char_indices().skip(1);
    let (_, first) = letters.next()?;
    if first == '\\' {
        // The letter after the sign may be a quote.
        letters.next()?;
        return letters.find(|(_, letter)| *letter == '\'').map(|(at, _)| at + 1);
    }
    match letters.next() {
        Some((at, '\'')) => Some(at + 1),
        // The name comes as a word.
        _ => Some(1),
    }
}

/// How long the word is that a text begins with, or the raw string: that has no signs which escape.
fn word(text: &[u8]) -> Option<usize> {
    let within = |it: &u8| it.is_ascii_alphanumeric() || *it == b'_' || !it.is_ascii();
    let length = text.iter().take_while(|it| within(it)).count();
    if !matches!(&text[..length], b"r" | b"br" | b"cr") {
        return Some(length);
    }
    let hashes = text[length..].iter().take_while(|it| **it == b'#').count();
    let from = length + hashes;
    if text.get(from) != Some(&b'"') {
        return Some(length);
    }
    let ends = |at: &usize| {
        let rest = &text[*at..];
        rest[0] == b'"' && rest[1..].iter().take_while(|it| **it == b'#').count() >= hashes
    };
    (from + 1..text.len()).find(ends).map(|at| at + 1 + hashes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_end_where_they_end() {
        let items = [
            "// { a comment\n#[doc = \" \\\" { \"]\nuse a::{b, c};\n",
            "/** a { /* longer */ one\n*/\npub const A: &[&str] = &[\n    r#\"{\"#,\n    \"}\n\",\n];\n",
            "const B: char = '{';\n",
            "const C: char = '\\'';\n",
            "fn a<'a>(r#b: &'a str) -> [u8; { 2 }]\nwhere\n    A: B,\n{\n    b'{'; \"é\\\\\";\n}\n",
            "const D: A = A { b: 1 };",
        ];
        assert_eq!(split(&items.concat()).as_deref(), Some(&items[..]));
        assert_eq!(split("\n// nothing\n"), Some(vec![]));
        for odd in ["a", "a }", "a {", "/* a", "\"a", "a; b;", "a {} .b();\n", "r#\"a\"", "'\\"] {
            assert_eq!(split(odd), None, "{odd}");
        }
    }

    #[test]
    fn an_item_begins_after_its_attributes() {
        for (before, item) in [
            ("", "struct A;"),
            ("// #[a]\n/// b\n", "pub fn a() {}"),
            ("#![a]\n#[b(c = \"]\", d[0])] /* e */ ", "enum A {}"),
        ] {
            assert_eq!(attributed(&format!("{before}{item}")), Some(before.len()));
        }
        assert_eq!(attributed("#[a"), None);
    }

    #[test]
    fn names_and_lists_are_read() {
        let named = ["a_1 b", "r#type:", "é<", "a\u{301}", "1", "<", "r#"].map(identifier);
        let expected = [Some("a_1"), Some("r#type"), Some("é"), None, Some("1"), None, None];
        assert_eq!(named, expected);
        let lists = ["<A<B>, fn() -> C> d", "<A", "<\">\">", "<'a>"].map(arguments);
        assert_eq!(lists, [Some(17), None, None, Some(4)]);
    }
}
