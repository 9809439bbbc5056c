//! The rows of a file of JSON Lines: an object on each line, as a person or `export` wrote it.

use std::io::{BufRead, BufReader};

use partner_center::models::CustomerBillingProfile;
use partner_center::pointer::{Pointer, push};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::json::Members;
use crate::member::{Profile, SERVICE};
use crate::output::one_line;

use super::Purpose;
use super::columns::{Column, Named, column, is_same, pointer};
use super::findings::Findings;
use super::row::{Draft, Given, Row};
use super::source::Text;

/// The member that has the whole document.
const PROFILE: &str = "profile";

/// Lines that are being read.
pub(crate) struct Lines {
    text: BufReader<Text>,
    line: u64,
    passed: u64,
    buffer: Vec<u8>,
    purpose: Purpose,
    ended: bool,
}

impl Lines {
    pub(crate) fn new(text: Text, purpose: Purpose) -> Self {
        let text = BufReader::new(text);
        Self { text, line: 0, passed: 0, buffer: Vec::new(), purpose, ended: false }
    }

    /// The next row without a mistake; `None` after the last one.
    pub(crate) fn next(&mut self, findings: &mut Findings) -> Option<Row> {
        while !self.ended {
            self.buffer.clear();
            match self.text.read_until(b'\n', &mut self.buffer) {
                Ok(0) => self.ended = true,
                Ok(length) => {
                    self.passed += length as u64;
                    self.line += 1;
                    self.text.get_mut().next_row(self.passed);
                    // It was decoded.
                    let line = str::from_utf8(&self.buffer).unwrap_or_default().trim();
                    if line.is_empty() {
                        continue;
                    }
                    if let Some(row) = row(line, self.line, self.purpose, findings) {
                        return Some(row);
                    }
                }
                Err(error) => {
                    let broken = self.text.get_mut().broken.take();
                    findings.failed(broken, &error, self.line);
                    self.ended = true;
                }
            }
        }
        None
    }
}

/// The row on a line, if nothing is wrong with it.
fn row(text: &str, line: u64, purpose: Purpose, findings: &mut Findings) -> Option<Row> {
    // This bounds the depth too.
    if let Err(error) = serde_json::from_str::<Value>(text) {
        // It is one line.
        findings.on(line, &format!("it is no JSON: wrong at column {}", error.column()));
        return None;
    }
    let Ok(Members { members }) = serde_json::from_str(text) else {
        findings.on(line, "it is no object; write `{\"customer\":\"…\",\"email\":\"…\"}`");
        return None;
    };
    let mut read = Reading { draft: Draft::new(line, purpose, findings), seen: Vec::new() };
    for (name, value) in &members {
        if name == PROFILE {
            if purpose == Purpose::Edits {
                read.document(&mut String::new(), value);
            }
            continue;
        }
        let title = format!("member {}", one_line(name));
        match column(name, false) {
            Ok(Column::Unnamed | Column::Ignored) => read.draft.wrong(&title, "it has no name"),
            Ok(column) => read.put(Named { column, title }, value),
            Err(_) if purpose == Purpose::Customers => {}
            Err(why) => read.draft.wrong(&title, &why),
        }
    }
    read.draft.finish()
}

/// A line that is being read.
struct Reading<'a> {
    draft: Draft<'a>,
    seen: Vec<Named>,
}

impl Reading<'_> {
    fn put(&mut self, named: Named, value: &RawValue) {
        if let Some(first) = self.seen.iter().find(|it| is_same(&it.column, &named.column)) {
            let why = format!("it is about the same as {}; keep one", first.title);
            return self.draft.wrong(&named.title, &why);
        }
        let given = if value.get() == "null" { Given::Clear } else { Given::Json(value) };
        self.draft.put(&named, given);
        self.seen.push(named);
    }

    /// Takes the members of a document, but for those of the service.
    fn document(&mut self, at: &mut String, value: &RawValue) {
        let title = format!("member {PROFILE}{}", one_line(at));
        if at.eq_ignore_ascii_case("/attributes/etag") {
            if !self.draft.has_etag() {
                self.put(Named { column: Column::Etag, title }, value);
            }
            return;
        }
        let service = SERVICE.iter().find(|it| Pointer(&at.to_ascii_lowercase()).is_within(it));
        let members = serde_json::from_str::<Members<'_>>(value.get()).map(|it| it.members);
        match members {
            Ok(members) if !members.is_empty() => {
                for (name, value) in members {
                    let length = at.len();
                    push(at, &name);
                    self.document(at, value);
                    at.truncate(length);
                }
            }
            _ if service.is_some() => {}
            _ if at.is_empty() => self.draft.wrong(&title, "it is no object, or an empty one"),
            _ => match pointer(&as_known(at)) {
                Ok(column) => self.put(Named { column, title }, value),
                // An address without a member.
                Err(_) if matches!(value.get(), "null" | "{}") => {}
                Err(why) => self.draft.wrong(&title, &why),
            },
        }
    }
}

/// A JSON Pointer with the objects that are known in their own case.
fn as_known(pointer: &str) -> String {
    let sections = CustomerBillingProfile::SECTIONS.iter().map(|section| section.pointer);
    let mut known = sections.filter(|known| {
        let begins = pointer.get(..known.len()).is_some_and(|it| it.eq_ignore_ascii_case(known));
        !known.is_empty() && begins && pointer.as_bytes().get(known.len()) == Some(&b'/')
    });
    known.next().map_or(pointer.to_owned(), |known| format!("{known}{}", &pointer[known.len()..]))
}
