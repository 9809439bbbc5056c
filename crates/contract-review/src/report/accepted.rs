//! Breaks that are accepted, on record with a reason.
//!
//! A record names a rule and a place. It stands for one change: once that is merged, nothing differs
//! there any more, and the record is stale.

use std::collections::BTreeSet;
use std::io;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::Row;
use crate::workspace::Workspace;
use openapi_document::{Diagnostic, Rule, Source, UNREADABLE, nearest};

/// What a record must be; it is no rule of the lint.
const RECORD: Rule =
    Rule::required("accepted-change", "a record names a rule, a place and a reason");

/// A break that is accepted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Accepted {
    /// The rule of the change.
    pub rule: String,
    /// Its JSON Pointer, or the path of the Rust item if only that changed.
    pub place: String,
    /// Why it is accepted.
    pub reason: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    accepted: Vec<Record>,
}

/// A record as it is read: what is wrong with it is shown at its line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    rule: Spanned<String>,
    place: String,
    reason: String,
}

impl Accepted {
    /// Whether it is of a change that shows in the generated code alone.
    pub(super) fn is_of_code(&self) -> bool {
        rust_api_diff::RULES.iter().any(|(rule, _)| *rule == self.rule)
    }

    /// The record that accepts `row`.
    #[must_use]
    pub fn of(row: &Row, reason: &str) -> Self {
        Self {
            rule: row.rule().to_owned(),
            place: row.place().to_owned(),
            reason: reason.to_owned(),
        }
    }

    /// As it stands in the file.
    #[must_use]
    pub fn stanza(&self) -> String {
        // A JSON string is a TOML string, but for the one character that only TOML wants escaped.
        let text =
            |text: &str| serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f");
        let Self { rule, place, reason } = self;
        format!(
            "[[accepted]]\nrule = {}\nplace = {}\nreason = {}\n",
            text(rule),
            text(place),
            text(reason)
        )
    }
}

/// Reads the records of a workspace; without a file there are none.
///
/// # Errors
/// What is wrong with the file, and how to fix it.
pub fn read(workspace: &Workspace) -> Result<Vec<Accepted>, Box<Diagnostic>> {
    let name = &workspace.accepted;
    let text = match std::fs::read_to_string(workspace.root.join(name)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            let source = Source::nowhere(name);
            let message = format!("cannot be read: {error}");
            return Err(Box::new(source.diagnostic(
                UNREADABLE,
                "",
                message,
                "make it a UTF-8 file",
            )));
        }
    };
    parse(name, &text)
}

fn parse(name: &str, text: &str) -> Result<Vec<Accepted>, Box<Diagnostic>> {
    let source = Source::of(name, text);
    let wrong = |at: usize, message: String, help: &str| {
        Box::new(source.diagnostic_at(RECORD, Some(source.place_at(at)), message, help))
    };
    let file: File = toml::from_str(text).map_err(|error| {
        let help = "each record is `[[accepted]]` with `rule`, `place` and `reason`";
        wrong(error.span().map_or(0, |span| span.start), error.message().to_owned(), help)
    })?;
    let mut seen = BTreeSet::new();
    let records = file.accepted.into_iter().map(|record| {
        let at = record.rule.span().start;
        let Record { rule, place, reason } = record;
        let rule = rule.into_inner();
        if let Some(help) = unknown(&rule) {
            return Err(wrong(at, format!("there is no rule `{rule}`"), &help));
        }
        if reason.trim().is_empty() {
            let message = format!("the record of `{rule}` at {place} has no reason");
            return Err(wrong(at, message, "say why the break is accepted"));
        }
        if !seen.insert((rule.clone(), place.clone())) {
            let message = format!("there is a record of `{rule}` at {place} already");
            return Err(wrong(at, message, "remove one of them"));
        }
        Ok(Accepted { rule, place, reason })
    });
    records.collect()
}

/// What to do about a rule that is not there.
fn unknown(rule: &str) -> Option<String> {
    let ours = rust_api_diff::RULES.iter().map(|(id, _)| (*id).to_owned());
    let known: Vec<_> = openapi_diff::rules().map(|rule| rule.id).chain(ours).collect();
    if known.iter().any(|id| id == rule) {
        return None;
    }
    Some(match nearest(rule, known.iter().map(String::as_str)) {
        Some(id) => format!("did you mean `{id}`?"),
        None => "`cargo xtask diff` names the rule of every change".to_owned(),
    })
}

/// Appends to the file of the workspace those of the records that are not in it, and says how
/// many that are. Whatever else is in the file stays as it is.
///
/// # Errors
/// Whatever keeps it from being read or written.
pub fn append(workspace: &Workspace, records: &[Accepted]) -> io::Result<usize> {
    let name = &workspace.accepted;
    let path = workspace.root.join(name);
    let mut text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let invalid = |why: Box<Diagnostic>| io::Error::new(io::ErrorKind::InvalidData, why);
    let present = parse(name, &text).map_err(invalid)?;
    let mut seen: BTreeSet<_> = present.iter().map(|it| (&*it.rule, &*it.place)).collect();
    let mut count = 0;
    for record in records.iter().filter(|it| seen.insert((&*it.rule, &*it.place))) {
        if !text.is_empty() {
            text.push_str(if text.ends_with('\n') { "\n" } else { "\n\n" });
        }
        text.push_str(&record.stanza());
        count += 1;
    }
    // What was written in another way than `[[accepted]]` may take no more of these.
    parse(name, &text).map_err(invalid)?;
    if count > 0 {
        std::fs::write(path, text)?;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "openapi/accepted-changes.toml";
    const RULE: &str = "api-removed-without-deprecation";

    fn parse(text: &str) -> Result<Vec<Accepted>, Box<Diagnostic>> {
        super::parse(PATH, text)
    }

    fn record(place: &str, reason: &str) -> Accepted {
        Accepted { rule: RULE.into(), place: place.into(), reason: reason.into() }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let place = "/paths/~1a\"b\\c'ü\u{1f980}\u{7f}\t\u{0}/get";
        let record = record(place, "nobody called it,\nsays the log");
        assert_eq!(parse(&record.stanza()), Ok(vec![record]));
        assert_eq!(parse("# nothing yet\n"), Ok(Vec::new()));
    }

    #[test]
    fn what_is_wrong_with_a_record_is_shown_at_its_line() {
        let why = |text: &str| {
            let found = parse(text).expect_err("no record");
            let (line, _) = found.place.expect("a place");
            format!("{line}: {}; {}", found.message, found.help)
        };
        let silent = why(&record("/p", " ").stanza());
        assert!(silent.starts_with("2: "), "{silent}");
        assert!(silent.ends_with("has no reason; say why the break is accepted"), "{silent}");
        let misspelled = why(&record("/p", "x").stanza().replace("place", "places"));
        assert!(misspelled.starts_with("3: unknown field `places`"), "{misspelled}");
        let two = [record("/p", "x"), record("/q", "x"), record("/p", "y")].map(|it| it.stanza());
        let twice = why(&two.concat());
        assert_eq!(
            twice,
            format!("10: there is a record of `{RULE}` at /p already; remove one of them")
        );
        let near = why(&record("/p", "x").stanza().replace("deprecation", "depreciation"));
        assert!(near.starts_with("2: there is no rule"), "{near}");
        assert!(near.ends_with(&format!("did you mean `{RULE}`?")), "{near}");
        let far = why("[[accepted]]\nrule = \"r\"\nplace = \"/p\"\nreason = \"x\"\n");
        assert!(far.contains("names the rule of every change"), "{far}");
        let ours = "[[accepted]]\nrule = \"field-added\"\nplace = \"/p\"\nreason = \"x\"\n";
        assert!(parse(ours).is_ok());
    }

    #[test]
    fn what_is_recorded_is_added_once_and_keeps_the_rest() {
        let root = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(root.path().join("openapi")).expect("a folder");
        let workspace = Workspace {
            root: root.path().to_owned(),
            accepted: PATH.to_owned(),
            ..Workspace::default()
        };
        let text = || std::fs::read_to_string(root.path().join(PATH)).expect("a file");
        let (first, second) = (record("/p", "x"), record("/q", "x"));
        let append =
            |records: &[Accepted]| append(&workspace, records).map_err(|it| it.to_string());
        assert_eq!(append(&[first.clone(), record("/p", "y")]), Ok(1));
        let before = format!("# why\n{} # the end", first.stanza().trim_end());
        std::fs::write(root.path().join(PATH), &before).expect("a file");
        assert_eq!(append(std::slice::from_ref(&first)), Ok(0));
        assert_eq!(text(), before);
        assert_eq!(append(&[first.clone(), second.clone()]), Ok(1));
        assert_eq!(text(), format!("{before}\n\n{}", second.stanza()));
        assert_eq!(read(&workspace), Ok(vec![first.clone(), second]));

        std::fs::write(root.path().join(PATH), "accepted = []\n").expect("a file");
        assert!(append(&[first]).is_err_and(|why| why.contains(PATH)));
        assert_eq!(text(), "accepted = []\n");
    }
}
