//! Breaks that are accepted, on record with a reason.
//!
//! A record names a rule, a place and what changed there. It stands for one change: once that is merged,
//! nothing differs there any more, and the record is stale.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use openapi_document::{Diagnostic, Rule, Source, nearest};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::change::Change;

/// What a record must be; it is no rule of the lint.
const RECORD: Rule =
    Rule::required("accepted-change", "a record names a rule, a place and a reason");

/// A break that is accepted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Accepted {
    /// The rule of the change.
    pub rule: String,
    /// Its JSON Pointer; where something else than the contract is recorded, what that calls its places.
    pub place: String,
    /// What changed, as the report says it; `None` for whatever the rule finds at the place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Why it is accepted.
    pub reason: String,
}

/// A record as it is read, a `[[accepted]]` of a file: what is wrong with it is shown at its line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    rule: Spanned<String>,
    place: String,
    message: Option<String>,
    reason: String,
}

impl Accepted {
    /// The record that accepts a change.
    #[must_use]
    pub fn of(change: &Change, reason: &str) -> Self {
        Self {
            rule: change.rule.to_string(),
            place: change.pointer().to_owned(),
            message: Some(change.message.clone()),
            reason: reason.to_owned(),
        }
    }

    /// Whether it stands for what `rule` found at `place`.
    #[must_use]
    pub fn fits(&self, rule: &str, place: &str, message: &str) -> bool {
        let said = self.message.as_deref().is_none_or(|said| said == message);
        self.rule == rule && self.place == place && said
    }

    /// As it stands in the file.
    #[must_use]
    pub fn stanza(&self) -> String {
        // A JSON string is a TOML string, but for the one character that only TOML wants escaped.
        let text =
            |text: &str| serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f");
        let Self { rule, place, message, reason } = self;
        let message = message.as_deref().map(|said| format!("message = {}\n", text(said)));
        format!(
            "[[accepted]]\nrule = {}\nplace = {}\n{}reason = {}\n",
            text(rule),
            text(place),
            message.unwrap_or_default(),
            text(reason)
        )
    }

    fn key(&self) -> (String, String, Option<String>) {
        (self.rule.clone(), self.place.clone(), self.message.clone())
    }
}

/// The rules that records may name.
#[derive(Debug, Clone)]
pub struct Known {
    /// Their names.
    pub ids: Vec<String>,
    /// What says which there are.
    pub listed: &'static str,
}

impl Known {
    /// What to do about a rule that is not there.
    #[must_use]
    pub fn unknown(&self, rule: &str) -> Option<String> {
        if self.ids.iter().any(|id| id == rule) {
            return None;
        }
        Some(match nearest(rule, self.ids.iter().map(String::as_str)) {
            Some(id) => format!("did you mean `{id}`?"),
            None => self.listed.to_owned(),
        })
    }
}

/// Reads a file that holds nothing but records.
///
/// # Errors
/// What is wrong with the text, and how to fix it.
pub fn parse(name: &str, text: &str, known: &Known) -> Result<Vec<Accepted>, Box<Diagnostic>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(default)]
        accepted: Vec<Record>,
    }
    let source = Source::of(name, text);
    let file: File = toml::from_str(text).map_err(|error| {
        let help = "each record is `[[accepted]]` with `rule`, `place` and `reason`";
        malformed(&source, RECORD, &error, help)
    })?;
    check(&source, file.accepted, known)
}

/// The records of a file, if each names a rule that there is, and none is there twice.
pub(crate) fn check(
    source: &Source,
    records: Vec<Record>,
    known: &Known,
) -> Result<Vec<Accepted>, Box<Diagnostic>> {
    let mut seen = BTreeSet::new();
    let records = records.into_iter().map(|record| {
        let at = record.rule.span().start;
        let wrong = |message: String, help: &str| {
            Box::new(source.diagnostic_at(RECORD, Some(source.place_at(at)), message, help))
        };
        let Record { rule, place, message, reason } = record;
        let accepted = Accepted { rule: rule.into_inner(), place, message, reason };
        let Accepted { rule, place, reason, .. } = &accepted;
        if let Some(help) = known.unknown(rule) {
            return Err(wrong(format!("there is no rule `{rule}`"), &help));
        }
        if reason.trim().is_empty() {
            let message = format!("the record of `{rule}` at {place} has no reason");
            return Err(wrong(message, "say why the break is accepted"));
        }
        if !seen.insert(accepted.key()) {
            let message = format!("there is a record of `{rule}` at {place} already");
            return Err(wrong(message, "remove one of them"));
        }
        Ok(accepted)
    });
    records.collect()
}

/// What a parser of TOML says of a text.
pub(crate) fn malformed(
    source: &Source,
    rule: Rule,
    error: &toml::de::Error,
    help: &str,
) -> Box<Diagnostic> {
    let place = source.place_at(error.span().map_or(0, |span| span.start));
    Box::new(source.diagnostic_at(rule, Some(place), error.message(), help))
}

/// Appends to a file those of the records that are not in it, and says how many that are. Whatever else
/// is in the file, which `parse` reads, stays as it is; without a file, there will be one.
///
/// # Errors
/// Whatever keeps it from being read or written.
pub fn append(
    path: &Path,
    records: &[Accepted],
    parse: impl Fn(&str) -> Result<Vec<Accepted>, Box<Diagnostic>>,
) -> io::Result<usize> {
    let mut text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let invalid = |why: Box<Diagnostic>| io::Error::new(io::ErrorKind::InvalidData, why);
    let mut seen: BTreeSet<_> = parse(&text).map_err(invalid)?.iter().map(Accepted::key).collect();
    let mut count = 0;
    for record in records.iter().filter(|record| seen.insert(record.key())) {
        if !text.is_empty() {
            text.push_str(if text.ends_with('\n') { "\n" } else { "\n\n" });
        }
        text.push_str(&record.stanza());
        count += 1;
    }
    // What was written in another way than `[[accepted]]` may take no more of these.
    parse(&text).map_err(invalid)?;
    if count > 0 {
        std::fs::write(path, text)?;
    }
    Ok(count)
}
