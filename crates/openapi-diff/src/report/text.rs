//! The report for a terminal: words and indentation, no meaning by colour alone.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::words::plural;
use super::{Report, Row};
use crate::change::{Change, Location, OperationRef, Verdict};

/// How many operations are named before the rest is counted.
const NAMES: usize = 8;

pub(super) fn render(report: &Report) -> String {
    let mut text = String::new();
    let (words, rows): (Vec<&Row>, Vec<_>) = report.listed().partition(|row| row.is_words());
    for row in rows {
        change(&mut text, row);
    }
    if !words.is_empty() {
        let _ = writeln!(text, "words only: {}", plural(words.len(), "change"));
        for row in words {
            let _ = writeln!(text, "  {}  {}", place(&row.change), row.change.message);
        }
        text.push('\n');
    }
    if let Some(unlisted) = report.unlisted() {
        let _ = writeln!(text, "not listed: {unlisted}\n");
    }
    for record in &report.stale {
        let _ = writeln!(
            text,
            "stale acceptance of {} at {}: nothing of that kind changes there; remove it from {}\n",
            record.rule, record.place, report.record
        );
    }
    let _ = writeln!(text, "from {} to {}", report.base, report.revision);
    if report.rows.is_empty() {
        text.push_str("nothing changed\n");
    }
    for (aspect, counts) in [
        ("wire", report.counts(|change| change.wire)),
        ("run time", report.counts(|change| change.run_time)),
    ] {
        let [breaking, maybe, compatible] = counts;
        let _ = writeln!(
            text,
            "{aspect:>9}: {breaking} breaking, {maybe} potentially breaking, {compatible} compatible"
        );
    }
    text
}

fn change(text: &mut String, row: &Row) {
    let Row { change, accepted, policy, .. } = row;
    let worst = change.worst();
    let mark = if accepted.is_some() { ", accepted" } else { "" };
    let style = style(worst);
    let _ = writeln!(text, "{style}{worst}{mark}{style:#} [{}] {}", change.rule, change.message);
    let _ = writeln!(text, "  at {}", place(change));
    if !change.operations.is_empty() {
        let way = change.direction.message().map_or(String::new(), |way| format!(" ({way})"));
        let _ = writeln!(text, "  reaches {}{way}", reached(&change.operations));
    }
    let _ = writeln!(text, "  wire {} | run time {}", word(change.wire), word(change.run_time));
    if let Some(note) = &change.run_time_note {
        let _ = writeln!(text, "  run time: {note}");
    }
    if let Some(policy) = policy {
        let _ = writeln!(text, "  policy: {policy}");
    }
    if let Some(reason) = accepted {
        let _ = writeln!(text, "  accepted: {reason}");
    }
    text.push('\n');
}

fn style(verdict: Verdict) -> Style {
    let colour = match verdict {
        Verdict::Compatible => AnsiColor::Green,
        Verdict::PotentiallyBreaking => AnsiColor::Yellow,
        Verdict::Breaking => AnsiColor::Red,
    };
    colour.on_default().bold()
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Compatible => "ok",
        Verdict::PotentiallyBreaking => "maybe",
        Verdict::Breaking => "BREAKS",
    }
}

/// `GET /a, PUT /a and 7 more`
#[must_use]
pub fn reached(operations: &[OperationRef]) -> String {
    let names: Vec<_> = operations.iter().take(NAMES).map(ToString::to_string).collect();
    let rest = operations.len().saturating_sub(NAMES);
    let rest = if rest == 0 { String::new() } else { format!(" and {rest} more") };
    names.join(", ") + &rest
}

/// `a.yaml:3:5 (was line 4) /paths/…`
#[must_use]
pub fn place(change: &Change) -> String {
    let file = |location: &Location| match (location.line, location.column) {
        (Some(line), Some(column)) => format!("{}:{line}:{column}", location.file),
        _ => location.file.clone(),
    };
    match (&change.base, &change.revision) {
        (Some(base), Some(revision)) => {
            let was = base.line.filter(|line| Some(*line) != revision.line);
            let was = was.map_or(String::new(), |line| format!(" (was line {line})"));
            format!("{}{was} {}", file(revision), revision.pointer)
        }
        (None, Some(location)) | (Some(location), None) => {
            format!("{} {}", file(location), location.pointer)
        }
        (None, None) => "the whole document".to_owned(),
    }
}
