//! A profile as YAML that a person edits, and back.
//!
//! Every member that can be changed has a line, empty if it has no value, and what is read-only is a
//! comment. On the way back a member is read as what it holds: the postal code `01067` stays a text.

use std::cell::RefCell;
use std::fmt::{self, Write};
use std::marker::PhantomData;

use partner_center::Versioned;
use partner_center::pointer::push;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::change;
use crate::failure::Failure;
use crate::member::{Kind, Profile, SERVICE, Section};
use crate::output::one_line;

/// How mistakes begin that were put on top of the text.
const MISTAKE: &str = "#! ";

/// The profile as YAML.
pub(crate) fn render<T: Profile>(profile: &Versioned<T>, title: &str) -> Result<String, Failure> {
    let tree = change::tree(profile)?;
    let etag = profile.etag().map_or("none".to_owned(), ToString::to_string);
    let mut out = format!(
        "# {title}, ETag {}\n\
         # Save and close to write what you changed. To clear a member, take away its value and leave\n\
         # its name; one without a line stays as it is. What is a comment is read-only. An unchanged\n\
         # or an empty file cancels.\n\n",
        one_line(&etag)
    );
    for section in T::SECTIONS {
        let members = tree.pointer(section.pointer).and_then(Value::as_object);
        let indent = if section.pointer.is_empty() { "" } else { "  " };
        if !section.pointer.is_empty() {
            let _ = writeln!(out, "\n{}:", &section.pointer[1..]);
        }
        for member in section.members {
            let value = members.and_then(|members| members.get(member.key()));
            line(&mut out, indent, member.key(), value, member.is_writable());
        }
        for (name, value) in members.into_iter().flatten() {
            if !is_known::<T>(section, name) {
                line(&mut out, indent, name, Some(value), true);
            }
        }
    }
    out.push('\n');
    for pointer in SERVICE {
        if let Some(value) = tree.pointer(pointer) {
            line(&mut out, "", &pointer[1..], Some(value), false);
        }
    }
    Ok(out)
}

/// Whether the section has such a member, or it is one that is not the person's, or a section.
fn is_known<T: Profile>(section: &Section, name: &str) -> bool {
    let objects = T::SECTIONS.iter().map(|section| section.pointer).chain(SERVICE);
    section.members.iter().any(|member| member.key() == name)
        || section.pointer.is_empty()
            && objects.into_iter().any(|object| object.strip_prefix('/') == Some(name))
}

fn line(out: &mut String, indent: &str, name: &str, value: Option<&Value>, writable: bool) {
    let value = match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => scalar(text),
        // JSON is YAML.
        Some(other) => other.to_string(),
    };
    let (comment, name) = (if writable { "" } else { "# " }, scalar(name));
    let blank = if value.is_empty() { "" } else { " " };
    let _ = writeln!(out, "{indent}{comment}{name}:{blank}{value}");
}

/// A text on one line: plain where that is read as the same text, else in quotes.
fn scalar(text: &str) -> String {
    let plain = serde_saphyr::to_string(&text).unwrap_or_default();
    let plain = plain.strip_suffix('\n').unwrap_or(&plain);
    let same = || serde_saphyr::from_str::<String>(plain).is_ok_and(|read| read == text);
    if one_line(plain) == plain && same() {
        return plain.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            ' '..='~' => quoted.push(c),
            c if c.is_alphanumeric() => quoted.push(c),
            c => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
        }
    }
    quoted + "\""
}

/// What is wrong with a text that was edited.
#[derive(Debug, PartialEq)]
pub(crate) struct Mistake {
    /// The line, counted from 1.
    line: Option<usize>,
    pub(crate) what: String,
}

impl Mistake {
    /// A mistake that is nowhere in particular.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { line: None, what: what.into() }
    }

    /// A mistake in a member, which is looked for in the text.
    pub(crate) fn at(text: &str, pointer: &str, what: &str) -> Self {
        let names: Vec<_> = pointer.split('/').skip(1).collect();
        let name = names.last().copied().unwrap_or_default();
        let begins = |line: &str, name: &str| {
            let line = line.trim_start().trim_start_matches(['"', '\'']);
            let rest = line.strip_prefix(name);
            rest.is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
        };
        // Members of a section stand below its name.
        let section = names.first().filter(|_| names.len() > 1);
        let skip = section.and_then(|section| {
            text.lines().position(|line| !line.starts_with(' ') && begins(line, section))
        });
        let found = text.lines().enumerate().skip(skip.map_or(0, |at| at + 1));
        let line = found
            .filter(|(_, line)| line.starts_with(' ') == section.is_some() && begins(line, name))
            .map(|(index, _)| index + 1)
            .next();
        Self { line, what: format!("{}: {what}", names.join(".")) }
    }
}

/// The text with its mistakes on top, in place of those that were there.
pub(crate) fn with_mistakes(text: &str, mistakes: &[Mistake]) -> String {
    let body = without_mistakes(text);
    let before = text.lines().count() - body.lines().count();
    let after = mistakes.len() + 1;
    let mut out =
        format!("{MISTAKE}Nothing was written yet. Mend this, or save an empty file to cancel:\n");
    for mistake in mistakes {
        let line =
            mistake.line.map(|line| format!("line {}: ", line.saturating_sub(before) + after));
        let _ = writeln!(out, "{MISTAKE}  {}{}", line.unwrap_or_default(), one_line(&mistake.what));
    }
    out + body
}

/// The text without the mistakes that were put on top of it.
pub(crate) fn without_mistakes(text: &str) -> &str {
    let top = text.split_inclusive('\n').take_while(|line| line.starts_with(MISTAKE));
    &text[top.map(str::len).sum()..]
}

/// Whether there is nothing but blanks and comments.
pub(crate) fn is_empty(text: &str) -> bool {
    text.trim_start_matches('\u{feff}')
        .lines()
        .all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
}

/// The profile with what the text says.
///
/// A member without a value is cleared, one without a line stays as it is, and so does what is read-only.
pub(crate) fn parse<T: Profile>(
    text: &str,
    profile: &Versioned<T>,
) -> Result<Versioned<T>, Vec<Mistake>> {
    let plain = |failure: Failure| failure.lines().map(Mistake::new).collect::<Vec<_>>();
    let before = change::tree(profile).map_err(plain)?;
    let options = serde_saphyr::options! { with_snippet: false };
    let wrong = RefCell::new(Vec::new());
    let seed = Seed::<T> { at: String::new(), before: &before, wrong: &wrong, model: PhantomData };
    let edited = serde_saphyr::with_deserializer_from_str_with_options(text, options, |de| {
        seed.deserialize(de)
    });
    let edited = edited.map_err(|error| {
        let line = error.location().and_then(|location| usize::try_from(location.line()).ok());
        let what = error.without_snippet().to_string();
        // The place is said before it.
        let what = what.split_once(" at line ").map_or(&*what, |(what, _)| what);
        // Nor the advice to whoever writes a program.
        let what = [", set DuplicateKeyPolicy", "; use from_str", " { depth:"]
            .iter()
            .fold(what, |what, advice| what.split_once(advice).map_or(what, |(what, _)| what));
        vec![Mistake { line: line.filter(|line| *line > 0), what: what.to_owned() }]
    })?;
    let wrong = wrong.into_inner();
    if !wrong.is_empty() {
        return Err(wrong.iter().map(|(at, what)| Mistake::at(text, at, what)).collect());
    }
    let mut after = profile.clone();
    change::replace(&mut after, complete::<T>("", &before, edited)).map_err(plain)?;
    Ok(after)
}

/// What was edited, with what has no line, and without objects that neither side has.
fn complete<T: Profile>(at: &str, before: &Value, edited: Value) -> Value {
    // A section, or all, without a line in it.
    let mut edited = if let Value::Object(members) = edited { members } else { Map::new() };
    for (name, old) in before.as_object().into_iter().flatten() {
        match edited.get_mut(name) {
            None => drop(edited.insert(name.clone(), old.clone())),
            // What has a line is what is there, down to the last member.
            Some(new)
                if T::SECTIONS.iter().all(|section| section.pointer != format!("{at}/{name}")) =>
            {
                change::clear_gone(old, new);
            }
            Some(_) => {}
        }
    }
    let sections = T::SECTIONS.iter().filter_map(|section| section.pointer.strip_prefix('/'));
    for name in sections.filter(|_| at.is_empty()) {
        let Some(inner) = edited.remove(name) else { continue };
        let old = before.get(name).unwrap_or(&Value::Null);
        let inner = complete::<T>(&format!("/{name}"), old, inner);
        let nothing = inner.as_object().is_some_and(|inner| inner.values().all(Value::is_null));
        if !(nothing && old.is_null()) {
            edited.insert(name.to_owned(), inner);
        }
    }
    Value::Object(edited)
}

/// Reads what is at a place as what belongs there.
struct Seed<'a, T> {
    at: String,
    before: &'a Value,
    /// Members that cannot be as they are.
    wrong: &'a RefCell<Vec<(String, &'static str)>>,
    model: PhantomData<T>,
}

const SERVICES: &str = "it belongs to the service and cannot be changed";
const UNKNOWN: &str = "there is no such member; `set --set` writes what this command does not know";

impl<T> Seed<'_, T> {
    fn is_wrong(&self, at: String, why: &'static str) {
        self.wrong.borrow_mut().push((at, why));
    }
}

impl<'de, T: Profile> DeserializeSeed<'de> for Seed<'_, T> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let is_section = T::SECTIONS.iter().any(|section| section.pointer == self.at);
        if is_section {
            return deserializer.deserialize_option(self);
        }
        let Some(member) = T::member(&self.at) else { return Value::deserialize(deserializer) };
        let value = match member.kind {
            Kind::Integer => Option::<i32>::deserialize(deserializer)?.map(Value::from),
            Kind::Text | Kind::Kept => {
                Option::<String>::deserialize(deserializer)?.map(Value::from)
            }
        };
        let value = value.unwrap_or_default();
        let before = self.before.pointer(&self.at).unwrap_or(&Value::Null);
        if member.kind == Kind::Kept && value != *before {
            self.is_wrong(self.at.clone(), SERVICES);
        }
        Ok(value)
    }
}

impl<'de, T: Profile> Visitor<'de> for Seed<'_, T> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("members, a line for each: `name: value`")
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let mut at = self.at.clone();
            push(&mut at, &name);
            let section = T::SECTIONS.iter().find(|section| section.pointer == self.at);
            let known = section.is_some_and(|section| is_known::<T>(section, &name));
            let there = || self.before.pointer(&at).is_some();
            if SERVICE.contains(&&*at) {
                self.is_wrong(at.clone(), SERVICES);
            } else if !known && !there() {
                self.is_wrong(at.clone(), UNKNOWN);
            }
            let seed = Seed::<T> { at, ..self };
            members.insert(name, map.next_value_seed(seed)?);
        }
        Ok(Value::Object(members))
    }
}
