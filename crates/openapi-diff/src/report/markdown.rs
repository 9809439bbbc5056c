//! The report for a pull request: whoever has never seen the project can judge the change from it alone.

mod inline;

use std::collections::HashMap;
use std::fmt::Write;

use super::words::plural;
use super::{Report, Row};
use crate::accepted::Accepted;
use crate::change::{Change, Direction, Location, OperationRef, Verdict};
pub use inline::{LIMIT, cell, code, code_cell, fence, fitting, html, inline};

/// What each part may take of a comment, in bytes: together less than [`LIMIT`].
const TABLE: usize = 22_000;
const DETAILS: usize = 28_000;
const WORDS: usize = 5_000;
const STALE: usize = 2_000;
const RECORDS: usize = 6_000;

/// How many names are listed before the rest is counted.
const NAMES: usize = 8;

/// What shows everything.
const WHOLE: &str = "openapi-diff --format text";

pub(super) fn render(report: &Report) -> String {
    let mut text = format!(
        "# What changes from {} to {}\n\n{}\n",
        code(&report.base),
        code(&report.revision),
        verdict(report)
    );
    text.push_str(&summary(report));
    text.push_str(&changes(report));
    text.push_str(&stale(report));
    text.push_str(&acceptance(report));
    text
}

/// What it comes to, in a sentence.
fn verdict(report: &Report) -> String {
    let open = |verdict| report.open().filter(|row| row.change.worst() == verdict).count();
    let accepted = report.rows.iter().filter(|row| row.accepted.is_some()).count();
    let mut text = if report.rows.is_empty() {
        "**Nothing changes** in what the contract means.".to_owned()
    } else {
        match (open(Verdict::Breaking), open(Verdict::PotentiallyBreaking)) {
            (0, 0) if accepted > 0 => "**Breaks only what is accepted.**".to_owned(),
            (0, 0) => "**Breaks nothing.**".to_owned(),
            (0, maybe) => format!("**May break**: {}.", plural(maybe, "change")),
            (breaks, 0) => format!("**Breaks**: {}.", plural(breaks, "change")),
            (breaks, maybe) => {
                format!("**Breaks**: {}; {maybe} more may.", plural(breaks, "change"))
            }
        }
    };
    match accepted {
        0 => {}
        1 => text.push_str(" 1 is on record as accepted."),
        more => {
            let _ = write!(text, " {more} are on record as accepted.");
        }
    }
    text
}

fn summary(report: &Report) -> String {
    let mut text =
        String::from("\n| | breaks | may break | ok | what it is about |\n|---|--:|--:|--:|---|\n");
    for (aspect, counts, about) in [
        (
            "wire",
            report.counts(|change| change.wire),
            "is every request that was right still right, and every response one that was expected?",
        ),
        (
            "run time",
            report.counts(|change| change.run_time),
            "does a client that was built against the base still get what it got?",
        ),
    ] {
        let [breaks, maybe, ok] = counts;
        let _ = writeln!(text, "| {aspect} | {breaks} | {maybe} | {ok} | {about} |");
    }
    text
}

/// Every change, the worst in full.
fn changes(report: &Report) -> String {
    let mut text = String::new();
    let (words, rows): (Vec<&Row>, Vec<_>) = report.listed().partition(|row| row.is_words());
    if !rows.is_empty() {
        text.push_str("\n## Changes\n\n| # | what | message | whom it reaches | wire | run time |\n|--:|---|---|---|---|---|\n");
        let lines = rows.iter().enumerate().map(|(index, row)| line(report, index + 1, row));
        let (lines, rest) = fitting(lines, TABLE, "change", WHOLE);
        text.push_str(&lines);
        text.push_str(&rest);
    }
    let rules: HashMap<_, _> = crate::rules().map(|rule| (rule.id.clone(), rule)).collect();
    let worse = rows.iter().enumerate();
    let worse = worse.filter(|(_, row)| row.change.worst() > Verdict::Compatible);
    let details = worse.map(|(index, row)| {
        let explained = rules.get(&*row.change.rule).map_or("", |rule| rule.explains(&row.change));
        detail(index + 1, row, explained)
    });
    let (details, rest) = fitting(details, DETAILS, "change", WHOLE);
    text.push_str(&details);
    text.push_str(&rest);
    if !words.is_empty() {
        let count = plural(words.len(), "change");
        let words = words
            .iter()
            .map(|row| format!("- {}{}\n", inline(&row.change.message), at(&row.change)));
        let (words, rest) = fitting(words, WORDS, "change", WHOLE);
        let _ = write!(
            text,
            "\n<details><summary>Words only: {count}</summary>\n\n{words}{rest}\n</details>\n"
        );
    }
    if let Some(unlisted) = report.unlisted() {
        let _ = writeln!(text, "\nNot listed: {unlisted}.");
    }
    text
}

/// A change in a line of the table.
fn line(report: &Report, number: usize, row: &Row) -> String {
    let change = &row.change;
    let accepted = if row.accepted.is_some() { " (accepted)" } else { "" };
    let count = change.operations.len();
    let reached = if count > 2 && count == report.operations {
        format!("all {count} operations")
    } else {
        reached(&change.operations, "<br>", code_cell)
    };
    format!(
        "| {number} | {}{accepted} | {} | {reached} | {} | {} |\n",
        cell(&change.message),
        change.direction.message().unwrap_or(""),
        word(change.wire),
        word(change.run_time)
    )
}

/// A change in full.
fn detail(number: usize, row: &Row, explained: &str) -> String {
    let change = &row.change;
    let mut text = format!("\n### {number}. {}\n\n", capital(&inline(&change.message)));
    if !change.operations.is_empty() {
        let way = change.direction.message().map_or(String::new(), |way| format!(", in its {way}"));
        let _ = writeln!(text, "- **Reaches** {}{way}", reached(&change.operations, ", ", code));
    }
    let _ = writeln!(text, "- **Rule** {}: {}", code(&change.rule), inline(explained));
    let place = at(change);
    if !place.is_empty() {
        let _ = writeln!(text, "- **Place**{place}");
    }
    for (name, value) in [("Before", &row.before), ("After", &row.after)] {
        if let Some(value) = value {
            let _ = writeln!(text, "- **{name}** {}", code(value));
        }
    }
    let note = change.run_time_note.as_deref().map(inline);
    for (aspect, verdict, why) in [
        ("Wire", change.wire, wire(change.wire, Some(change))),
        (
            "Run time",
            change.run_time,
            note.as_deref().unwrap_or(run_time(change.run_time, Some(change))),
        ),
    ] {
        let verdict = word(verdict).trim_matches('*');
        let _ = writeln!(text, "- **{aspect}: {verdict}.** {}", capital(why));
    }
    if let Some(policy) = &row.policy {
        let _ = writeln!(text, "- **Policy** {}", inline(policy));
    }
    if let Some(reason) = &row.accepted {
        let _ = writeln!(text, "- **Accepted** {}", inline(reason));
    }
    text
}

fn stale(report: &Report) -> String {
    if report.stale.is_empty() {
        return String::new();
    }
    let records = report.stale.iter().map(|record| {
        let Accepted { rule, place, reason, .. } = record;
        format!("- {} at {}: {}\n", code(rule), code(place), inline(reason))
    });
    let (records, rest) = fitting(records, STALE, "record", WHOLE);
    format!(
        "\n## Acceptances without a change\n\nNothing of their kind changes there any more; remove them from `{}`.\n\n{records}{rest}",
        report.record
    )
}

/// How what breaks is put on record.
fn acceptance(report: &Report) -> String {
    let open = report.listed().filter(|row| row.accepted.is_none());
    let open = open.filter(|row| row.change.worst() > Verdict::Compatible);
    let records: Vec<_> = open.map(|row| Accepted::of(&row.change, "…").stanza()).collect();
    if records.is_empty() {
        return String::new();
    }
    let count = plural(records.len(), "record");
    let records = records.into_iter().enumerate().map(|(index, record)| {
        let between = if index == 0 { "" } else { "\n" };
        format!("{between}{record}")
    });
    let (records, rest) = fitting(records, RECORDS, "record", WHOLE);
    let fence = fence(&records);
    format!(
        "\n## To accept what breaks\n\nMake it compatible; or, if it is meant, say why in `{}`, where \
         `--record 'the reason'` puts it:\n\n\
         <details><summary>{count}</summary>\n\n{fence}toml\n{records}{fence}\n{rest}\n</details>\n",
        report.record
    )
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Compatible => "ok",
        Verdict::PotentiallyBreaking => "may break",
        Verdict::Breaking => "**breaks**",
    }
}

/// Why the verdict of a change on the wire is what it is.
#[must_use]
pub fn wire(verdict: Verdict, change: Option<&Change>) -> &'static str {
    let (read_as, turned) = ways(change);
    match (verdict, read_as, turned) {
        (Verdict::Compatible, ..) => "every message that was right still is",
        (Verdict::PotentiallyBreaking, Direction::Request, _) => {
            "whoever sends this may no longer get what they meant"
        }
        (Verdict::PotentiallyBreaking, Direction::Response, _) => {
            "whoever relies on this may no longer find it"
        }
        (Verdict::PotentiallyBreaking, ..) => "it depends on what a client does with it",
        (_, Direction::Request, false) => "a request that was right is not any more",
        (_, Direction::Request, true) => "a response that was right is not any more",
        (_, Direction::Response, false) => "a response may be one that nobody had to expect",
        (_, Direction::Response, true) => "a request may be one that nobody had to expect",
        _ => "a client of the base cannot do what it did",
    }
}

/// Why the verdict of a change at run time is what it is.
#[must_use]
pub fn run_time(verdict: Verdict, change: Option<&Change>) -> &'static str {
    match (verdict, ways(change).0) {
        (Verdict::Compatible, _) => "a program that compiles gets what it got",
        (Verdict::PotentiallyBreaking, _) => "a program that compiles may get something else",
        (_, Direction::Request) => "a program that compiles may be refused",
        (_, Direction::Response) => "a program that compiles may get what it does not expect",
        _ => "a program that compiles gets something else",
    }
}

/// How the message of a change is read, and whether that is not as it is called.
fn ways(change: Option<&Change>) -> (Direction, bool) {
    change.map_or((Direction::Neither, false), |change| (change.read_as(), change.turned))
}

/// The operations, as `code` shows them.
#[must_use]
pub fn reached(operations: &[OperationRef], separator: &str, code: fn(&str) -> String) -> String {
    let names: Vec<_> = operations.iter().map(|operation| code(&operation.to_string())).collect();
    if names.is_empty() { "the whole contract".to_owned() } else { listed(&names, separator) }
}

/// The names, or the first of them and how many more there are.
#[must_use]
pub fn listed(names: &[String], separator: &str) -> String {
    let text = names.iter().take(NAMES).map(String::as_str).collect::<Vec<_>>().join(separator);
    match names.len().checked_sub(NAMES) {
        None | Some(0) => text,
        Some(rest) => format!("{text}{separator}and {rest} more"),
    }
}

/// Where a change is: ` at …`.
#[must_use]
pub fn at(change: &Change) -> String {
    let line = |location: &Location| {
        let line = location.line.map_or(String::new(), |line| format!(":{line}"));
        code(&format!("{}{line}", location.file))
    };
    match (&change.base, &change.revision) {
        (Some(base), Some(revision)) => {
            format!(" at {} (was {}), {}", line(revision), line(base), code(&revision.pointer))
        }
        (None, Some(location)) => format!(" at {}, {}", line(location), code(&location.pointer)),
        (Some(location), None) => {
            format!(", gone from {}, {}", line(location), code(&location.pointer))
        }
        (None, None) => String::new(),
    }
}

/// With a capital letter in front.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
