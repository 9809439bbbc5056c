//! A row, as it is put together from its cells.

use partner_center::StrongETag;
use partner_center::models::CustomerBillingProfile;
use partner_center::pointer::unescaped;
use partner_center::validation::violations;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::args;
use crate::change::Edit;
use crate::json;
use crate::many::Who;
use crate::output::one_line;

use super::Purpose;
use super::columns::{Column, Named, identifies};
use super::findings::Findings;

/// What a row says of one customer.
#[derive(Debug, PartialEq)]
pub(crate) struct Row {
    /// Where it begins, counted from 1.
    pub(crate) line: u64,
    pub(crate) customer: Who,
    /// The version that the row was made of.
    pub(crate) etag: Option<StrongETag>,
    /// What is to be changed, each member once.
    pub(crate) edits: Vec<Edit>,
    /// Members that cannot be changed, as they were when the row was made: each JSON Pointer (RFC 6901) with its
    /// text. If the profile has another one, the row is about another profile, and must not be written.
    pub(crate) kept: Vec<(&'static str, String)>,
}

/// What a cell, or a member of a line, has.
#[derive(Clone, Copy)]
pub(crate) enum Given<'a> {
    Text(&'a str),
    Clear,
    Json(&'a RawValue),
}

/// A row that is being read.
pub(crate) struct Draft<'a> {
    row: Row,
    purpose: Purpose,
    /// Where members are, for a person.
    titles: Vec<(String, String)>,
    findings: &'a mut Findings,
    mistakes_before: usize,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(line: u64, purpose: Purpose, findings: &'a mut Findings) -> Self {
        let (customer, edits, kept) = (Who::default(), Vec::new(), Vec::new());
        let mistakes_before = findings.count();
        let row = Row { line, customer, etag: None, edits, kept };
        Self { row, purpose, titles: Vec::new(), findings, mistakes_before }
    }

    /// Adds a mistake.
    pub(crate) fn wrong(&mut self, title: &str, why: &str) {
        self.findings.at(self.row.line, title, why);
    }

    /// Whether the version is known.
    pub(crate) fn has_etag(&self) -> bool {
        self.row.etag.is_some()
    }

    /// Adds what stands at a place.
    pub(crate) fn put(&mut self, named: &Named, given: Given<'_>) {
        if let Err(why) = self.try_put(named, given) {
            self.wrong(&named.title, &why);
        }
    }

    fn try_put(&mut self, named: &Named, given: Given<'_>) -> Result<(), String> {
        if self.purpose == Purpose::Customers && !identifies(named) {
            return Ok(());
        }
        match &named.column {
            Column::Ignored => {}
            Column::Unnamed => return Err("the column has no name in the first row".to_owned()),
            Column::Customer => {
                self.row.customer.id = text(given)?.as_deref().map(args::guid).transpose()?;
            }
            Column::Domain => self.row.customer.domain = text(given)?,
            Column::Company => self.row.customer.company = text(given)?,
            Column::Etag => self.row.etag = text(given)?.as_deref().map(args::etag).transpose()?,
            Column::Member(member) => {
                let value = value(given)?;
                if member.is_writable() {
                    self.edit(Edit::to(member.pointer, value), &named.title);
                } else if let Value::String(text) = value {
                    self.row.kept.push((member.pointer, text));
                }
            }
            Column::Pointer(pointer) => {
                let parse = |text: &str| {
                    // It may repeat the value.
                    Edit::parse::<CustomerBillingProfile>(pointer, text).map_err(|_| {
                        "the value is no JSON, or the name is in another case".to_owned()
                    })
                };
                let edit = match given {
                    Given::Clear => Edit::clear(pointer),
                    Given::Text(text) => parse(text)?,
                    Given::Json(json) => match serde_json::from_str(json.get()) {
                        Ok(value @ (Value::Null | Value::String(_))) => Edit::to(pointer, value),
                        _ => parse(&json::compact(json.get()))?,
                    },
                };
                self.edit(edit, &named.title);
            }
        }
        Ok(())
    }

    fn edit(&mut self, edit: Edit, title: &str) {
        self.titles.push((edit.pointer.clone(), title.to_owned()));
        self.row.edits.push(edit);
    }

    /// The row, if nothing is wrong with it.
    pub(crate) fn finish(mut self) -> Option<Row> {
        self.check_limits();
        let line = self.row.line;
        if self.row.customer.is_named() {
            self.findings.customer(&self.row.customer, line);
        } else if self.findings.count() == self.mistakes_before {
            self.findings.on(line, "no customer is named; fill in its id, domain or company");
        }
        (self.findings.count() == self.mistakes_before).then_some(self.row)
    }

    /// What the contract limits, which the library checks again before it sends anything.
    fn check_limits(&mut self) {
        if self.purpose != Purpose::Edits {
            return;
        }
        let mut tree = Value::Object(Map::new());
        for edit in &self.row.edits {
            let Some(value @ Value::String(_)) = edit.value() else { continue };
            let mut at = &mut tree;
            for name in edit.pointer.split('/').skip(1) {
                let Value::Object(members) = at else { break };
                at = members.entry(unescaped(name)).or_insert_with(|| Value::Object(Map::new()));
            }
            *at = value.clone();
        }
        for violation in violations::<CustomerBillingProfile>(&tree) {
            let title = self.titles.iter().find(|(pointer, _)| *pointer == violation.pointer);
            let title = title.map_or(violation.pointer.clone(), |(_, title)| title.clone());
            self.wrong(&title, &format!("it must be {}", violation.constraint));
        }
    }
}

/// A text without blanks around it; `None` if there is nothing in it.
fn text(given: Given<'_>) -> Result<Option<String>, String> {
    let value = value(given)?;
    Ok(value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned))
}

/// The value of a text.
fn value(given: Given<'_>) -> Result<Value, String> {
    let json = match given {
        Given::Text(text) => return Ok(text.into()),
        Given::Clear => return Ok(Value::Null),
        Given::Json(json) => json,
    };
    match serde_json::from_str(json.get()) {
        Ok(value @ (Value::Null | Value::String(_))) => Ok(value),
        // Digit for digit.
        Ok(Value::Number(_)) => Ok(one_line(json.get()).into()),
        _ => Err("it holds a text; write one in quotes, or null to clear it".to_owned()),
    }
}
