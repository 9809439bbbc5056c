//! The lines of an edited text: on each a name, and what stands after it.
//!
//! A value is what stands after `name: ` up to the end of its line, as it is. What cannot be read like that
//! is a mistake with its line. Nothing is passed over but blanks around a value and lines that begin with
//! `#`.

use partner_center::pointer::push;

use crate::json::{escape, is_unseen};
use crate::member::Profile;
use crate::mistake::{MARK, Mistake};
use crate::output::one_line;
use crate::typed::Typed;

/// What is not seen at the end of a line. Any other blank may be meant.
const BLANKS: [char; 2] = [' ', '\t'];

const ONE_LINE: &str = "a value stands on one line; write a line break as \\n within \"...\"";

/// A line with a name.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Counted from 1.
    pub(crate) line: usize,
    /// The name of the section that it is in.
    pub(crate) section: Option<String>,
    pub(crate) name: String,
    /// `None` if there is no value.
    pub(crate) typed: Option<Typed>,
}

impl Entry {
    /// The member, as a JSON Pointer (RFC 6901).
    pub(crate) fn pointer(&self) -> String {
        let mut at = String::new();
        for name in self.section.iter().chain([&self.name]) {
            push(&mut at, name);
        }
        at
    }

    /// What a person calls it who looks at the text.
    pub(crate) fn title(&self) -> String {
        let section = self.section.iter().map(|section| format!("{section}."));
        section.chain([self.name.clone()]).collect()
    }
}

/// The section whose lines follow, and how they are indented.
struct Open<'a> {
    name: String,
    indent: Option<&'a str>,
}

/// The lines that have a name, and what is wrong with the text.
pub(crate) fn read<T: Profile>(text: &str) -> (Vec<Entry>, Vec<Mistake>) {
    let (mut entries, mut wrong) = (Vec::<Entry>::new(), Vec::new());
    let mut open: Option<Open<'_>> = None;
    for (index, line) in text.strip_prefix(MARK).unwrap_or(text).split('\n').enumerate() {
        let number = index + 1;
        let line = line.strip_suffix('\r').unwrap_or(line);
        // Some editors show a new line there.
        if let Some(c) = line.chars().find(|c| breaks(*c)) {
            let mut escaped = String::new();
            escape(c, &mut escaped);
            let why = format!(
                "it holds a control character, or one that ends a line elsewhere; write it as {escaped} within \"...\""
            );
            wrong.push(Mistake::on(number, why));
            continue;
        }
        let content = line.trim_matches(BLANKS);
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let (name, value) = match split(content) {
            Ok(parts) => parts,
            Err(why) => {
                wrong.push(Mistake::on(number, why));
                continue;
            }
        };
        let indent = &line[..line.len() - line.trim_start_matches(BLANKS).len()];
        if indent.is_empty() {
            let is_section = T::SECTIONS.iter().any(|section| {
                section.pointer.strip_prefix('/').is_some_and(|section| section == name)
            });
            open = is_section.then(|| Open { name: name.clone(), indent: None });
            if is_section && !value.is_empty() {
                let why = format!("{name}: its members stand below it, a line for each");
                wrong.push(Mistake::on(number, why));
                continue;
            }
        } else if open.as_mut().is_none_or(|open| *open.indent.get_or_insert(indent) != indent) {
            let why = format!("it is indented otherwise than the members of a section: {ONE_LINE}");
            wrong.push(Mistake::on(number, why));
            continue;
        }
        let section = open.as_ref().filter(|_| !indent.is_empty()).map(|open| open.name.clone());
        let typed = typed(value);
        let entry = Entry { line: number, section, name, typed: None };
        let same = |other: &&Entry| other.section == entry.section && other.name == entry.name;
        let first = entries.iter().find(same).map(|first| first.line);
        match (first, typed) {
            (Some(first), _) => {
                let why = format!("{}: it is in line {first} already; keep one", entry.title());
                wrong.push(Mistake::on(number, why));
            }
            (None, Err(why)) => {
                wrong.push(Mistake::on(number, format!("{}: {why}", entry.title())));
            }
            (None, Ok(typed)) => entries.push(Entry { typed, ..entry }),
        }
    }
    (entries, wrong)
}

/// Whether there is nothing but blanks and comments.
pub(crate) fn is_empty(text: &str) -> bool {
    let mut lines = text.trim_start_matches(MARK).split('\n');
    lines.all(|line| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let content = line.trim_matches(BLANKS);
        // What looks like more than one line may hold more than a comment.
        content.is_empty() || content.starts_with('#') && !content.contains(breaks)
    })
}

/// Whether a value on one line is read as that text, with or without quotes.
pub(crate) fn is_plain(text: &str) -> bool {
    typed(text) == Ok(Some(Typed::Plain(text.to_owned()))) && !text.contains(is_unseen)
}

/// The text in quotes.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            ' '..='~' => quoted.push(c),
            c if c.is_alphanumeric() => quoted.push(c),
            c => escape(c, &mut quoted),
        }
    }
    quoted + "\""
}

/// Whether some program takes the character for the end of a line, or for an order.
fn breaks(c: char) -> bool {
    c.is_control() && c != '\t' || matches!(c, '\u{2028}' | '\u{2029}')
}

/// The name and what stands after it, without blanks around.
fn split(content: &str) -> Result<(String, &str), String> {
    let none = || {
        format!(
            "`{}` is no `name: value`, with a blank after the colon: {ONE_LINE}",
            one_line(content)
        )
    };
    let (name, rest) = if content.starts_with(['"', '\'']) {
        let (name, rest) = unquoted(content)?;
        (name, rest.trim_start_matches(BLANKS).strip_prefix(':').ok_or_else(none)?)
    } else {
        let ends =
            |at: &usize| content[at + 1..].is_empty() || content[at + 1..].starts_with(BLANKS);
        let colon = content.match_indices(':').map(|(at, _)| at).find(ends).ok_or_else(none)?;
        (content[..colon].trim_end_matches(BLANKS).to_owned(), &content[colon + 1..])
    };
    if !rest.is_empty() && !rest.starts_with(BLANKS) {
        return Err(none());
    }
    Ok((name, rest.trim_matches(BLANKS)))
}

/// What a value is.
fn typed(value: &str) -> Result<Option<Typed>, String> {
    if value.is_empty() {
        return Ok(None);
    }
    if !value.starts_with(['"', '\'']) {
        return Ok(Some(Typed::Plain(value.to_owned())));
    }
    let as_text = || format!("if the quotes are a part of it, write {}", quote(value));
    match unquoted(value) {
        Ok((text, "")) => Ok(Some(Typed::Quoted(text))),
        Ok(_) => Err(format!(
            "something stands after the quote that ends the value; {}; a comment takes a line of its own",
            as_text()
        )),
        Err(why) => Err(format!("{why}; {}", as_text())),
    }
}

/// What is in the quotes that the text begins with, and what stands after them.
fn unquoted(text: &str) -> Result<(String, &str), String> {
    let mut chars = text.chars();
    let quote = chars.next();
    let mut out = String::new();
    loop {
        match chars.next() {
            None => {
                return Err("the quote at the beginning has no other at the end of the line".into());
            }
            Some('\'') if quote == Some('\'') && chars.as_str().starts_with('\'') => {
                chars.next();
                out.push('\'');
            }
            c if c == quote => return Ok((out, chars.as_str())),
            Some('\\') if quote == Some('"') => {
                let (c, rest) = unescaped(chars.as_str()).ok_or(
                    "a `\\` within \"...\" begins an escape, and this is none; write `\\\\` for a `\\`",
                )?;
                out.push(c);
                chars = rest.chars();
            }
            Some(c) => out.push(c),
        }
    }
}

/// The character of an escape, which stands after `\`, and the rest.
fn unescaped(text: &str) -> Option<(char, &str)> {
    let mut chars = text.chars();
    let c = match chars.next()? {
        c @ ('"' | '\\' | '/') => c,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let (first, rest) = hex(chars.as_str())?;
            if let Some(c) = char::from_u32(first) {
                return Some((c, rest));
            }
            // Half of a character, beside the other.
            let (second, rest) = hex(rest.strip_prefix("\\u")?)?;
            let pair = [u16::try_from(first).ok()?, u16::try_from(second).ok()?];
            let both = char::decode_utf16(pair).next()?.ok()?;
            return Some((both, rest));
        }
        _ => return None,
    };
    Some((c, chars.as_str()))
}

fn hex(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(digits)?;
    Some((u32::from_str_radix(digits, 16).ok()?, rest))
}
