//! A profile as YAML that a person edits, and back.
//!
//! Every member that can be changed has a line, empty if it has no value, and what is read-only is a
//! comment. What is printed is YAML, so that an editor shows it as that. It is read back by a rule that is
//! shorter than YAML, and takes nothing of a value for a comment, a tag or an anchor.

use std::fmt::Write;

use partner_center::Versioned;
use partner_center::pointer::push;
use serde_json::{Map, Value};

use crate::change;
use crate::entry::{self, Entry, is_plain, quote};
use crate::failure::Failure;
use crate::json;
use crate::member::{Kind, Profile, SERVICE, Section};
use crate::mistake::Mistake;
use crate::output::one_line;
use crate::typed::Typed;

/// The profile as YAML.
pub(crate) fn render<T: Profile>(profile: &Versioned<T>, title: &str) -> Result<String, Failure> {
    let tree = change::tree(profile)?;
    let etag = profile.etag().map_or("none".to_owned(), ToString::to_string);
    let mut out = format!(
        "# {title}, ETag {}\n\
         # Save and close to write what you changed. An unchanged or an empty file cancels.\n\
         #\n\
         # What stands after `name: ` up to the end of the line is the value, as it is, without the blanks\n\
         # around it. In quotes, \"...\" or '...', it is the text between them: within \"...\" write \\n for a\n\
         # line break, \\\" for a quote and \\\\ for a backslash; within '...' write '' for a quote. A line that\n\
         # begins with # is a comment, and what is a comment is read-only.\n\
         #\n\
         # To clear a member, take away its value and leave its name; one without a line stays as it is.\n\
         # One that is a number, true, false, [...] or {{...}} stays one, unless you put it in quotes.\n\n",
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
            let comment = if member.is_writable() { "" } else { "# " };
            line(&mut out, &format!("{indent}{comment}"), member.key(), value, None);
        }
        for (name, value) in members.into_iter().flatten() {
            if !is_known::<T>(section, name) {
                let mut at = section.pointer.to_owned();
                push(&mut at, name);
                let read = json::read(profile, &tree, &at);
                line(&mut out, indent, name, Some(value), read);
            }
        }
    }
    out.push('\n');
    for pointer in SERVICE {
        if let Some(value) = tree.pointer(pointer) {
            line(&mut out, "# ", &pointer[1..], Some(value), None);
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

/// Writes the line of a member, whose value was read as `read` if its digits matter.
fn line(out: &mut String, begin: &str, name: &str, value: Option<&Value>, read: Option<&str>) {
    let value = match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => scalar(text),
        // JSON is YAML.
        Some(other) => json::compact(read.unwrap_or(&other.to_string())),
    };
    let blank = if value.is_empty() { "" } else { " " };
    let _ = writeln!(out, "{begin}{}:{blank}{value}", scalar(name));
}

/// A text on one line: plain where that is read as the same text, by YAML too, else in quotes. That YAML reads it so
/// is what a property test says: a reader of YAML would be a thirtieth of the command.
fn scalar(text: &str) -> String {
    let yaml = serde_saphyr::to_string(&text).unwrap_or_default();
    let same = yaml.strip_suffix('\n').unwrap_or(&yaml) == text;
    if same && is_plain(text) { text.to_owned() } else { quote(text) }
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
    let (entries, mut wrong) = entry::read::<T>(text);
    let (mut edited, mut typed) = (Map::new(), Vec::new());
    for entry in entries {
        let (line, title) = (entry.line, entry.title());
        let members = match &entry.section {
            None => &mut edited,
            Some(section) => {
                let members = edited.entry(section.clone()).or_insert_with(|| Map::new().into());
                let Value::Object(members) = members else { continue };
                members
            }
        };
        let name = entry.name.clone();
        if let Some(Typed::Plain(text)) = &entry.typed
            && T::member(&entry.pointer()).is_none()
        {
            typed.push((entry.pointer(), text.clone()));
        }
        match value(entry, profile, &before) {
            Ok(Some(value)) => drop(members.insert(name, value)),
            Ok(None) => {}
            Err(why) => wrong.push(Mistake::on(line, format!("{title}: {why}"))),
        }
    }
    if !wrong.is_empty() {
        wrong.sort_by_key(Mistake::place);
        return Err(wrong);
    }
    let mut after = profile.clone();
    let edited = complete::<T>("", &before, edited.into());
    change::replace(&mut after, edited).map_err(plain)?;
    let typed = typed.iter().map(|(pointer, text)| (&**pointer, &**text));
    change::write_exactly(&mut after, typed).map_err(plain)?;
    Ok(after)
}

const SERVICES: &str = "it belongs to the service and cannot be changed";
const UNKNOWN: &str = "there is no such member; `set --set` writes what this command does not know";

/// What the line gives the member; `None` if it is the line of a section.
fn value<T: Profile>(
    entry: Entry,
    profile: &Versioned<T>,
    before: &Value,
) -> Result<Option<Value>, String> {
    let at = entry.pointer();
    if T::SECTIONS.iter().any(|section| section.pointer == at) {
        return Ok(None);
    }
    if SERVICE.contains(&&*at) {
        return Err(SERVICES.to_owned());
    }
    let old = before.pointer(&at);
    let value = match (T::member(&at).map(|member| member.kind), entry.typed) {
        (None, _) if old.is_none() => return Err(UNKNOWN.to_owned()),
        (Some(Kind::Kept), typed) => {
            let value = typed.map(Typed::text).map_or(Value::Null, Value::from);
            if value != *old.unwrap_or(&Value::Null) {
                return Err(SERVICES.to_owned());
            }
            value
        }
        (_, None) => Value::Null,
        (Some(Kind::Integer), Some(Typed::Plain(text))) => {
            change::integer(&text).map_err(|why| format!("`{}` is {why}", one_line(&text)))?.into()
        }
        (Some(Kind::Integer), Some(Typed::Quoted(_))) => {
            return Err("it is a number; write it without quotes".to_owned());
        }
        (Some(Kind::Text), Some(typed)) => typed.text().into(),
        (None, Some(typed)) => {
            let read = json::read(profile, before, &at);
            typed.value(old.unwrap_or(&Value::Null), read)?
        }
    };
    Ok(Some(value))
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

#[cfg(test)]
mod tests;
