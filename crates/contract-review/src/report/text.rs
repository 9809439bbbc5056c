//! The report for a terminal: words and indentation, no meaning by colour.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use openapi_diff::Verdict;
use openapi_diff::report::text as shared;
use rust_api_diff::ItemChange;

use super::markdown::direction;
use super::{Aspect, Code, Report, Row, word};
use crate::left_out::LeftOut;
use crate::words::plural;

/// How many items are shown at a change though they are at one above.
const AGAIN: usize = 4;

/// How many operations are named that the generator cannot take.
const LEFT_OUT: usize = 8;

pub(super) fn render(report: &Report) -> String {
    let mut text = String::new();
    let words: Vec<_> = report.rows.iter().filter(|row| row.is_words()).collect();
    let mut shown = HashMap::new();
    for row in report.rows.iter().filter(|row| !row.is_words()) {
        change(&mut text, report, row, &mut shown);
    }
    if !words.is_empty() {
        let _ = writeln!(text, "words only: {}", plural(words.len(), "change"));
        for row in words {
            let _ = writeln!(text, "  {}  {}", place(row), row.message());
        }
        text.push('\n');
    }
    for record in &report.stale {
        let _ = writeln!(
            text,
            "stale acceptance of {} at {}: nothing of that kind changes there; remove it from {}\n",
            record.rule, record.place, report.record
        );
    }
    summary(&mut text, report);
    text
}

/// The first change at which an item is shown.
type Shown<'r> = HashMap<*const ItemChange, &'r Row>;

fn change<'r>(text: &mut String, report: &Report, row: &'r Row, shown: &mut Shown<'r>) {
    let accepted = if row.accepted.is_some() { ", accepted" } else { "" };
    let head = row.worst();
    let _ = writeln!(text, "{head}{accepted} [{}] {}", row.rule(), row.message());
    let _ = writeln!(text, "  at {}", place(row));
    let reached = row.operations();
    if !reached.is_empty() {
        let _ = writeln!(
            text,
            "  reaches {}{}",
            shared::reached(reached),
            direction(row).map_or(String::new(), |way| format!(" ({way})"))
        );
    }
    let verdicts: Vec<_> = Aspect::ALL
        .iter()
        .map(|aspect| format!("{aspect} {}", word(report.verdict(row, *aspect))))
        .collect();
    let _ = writeln!(text, "  {}", verdicts.join(" | "));
    if let Some(note) = row.change.as_ref().and_then(|change| change.run_time_note.as_deref()) {
        let _ = writeln!(text, "  run time: {note}");
    }
    if report.is_silent(row) && row.worst() > Verdict::Compatible {
        text.push_str(
            "  generated code identical, contract changed: no compiler will tell anyone\n",
        );
    }
    let told = usize::from(row.change.is_none());
    let (mut again, mut left, mut first) = (0, 0, None);
    for item in row.rust.iter().skip(told) {
        let before = *shown.entry(Arc::as_ptr(item)).or_insert(row);
        again += usize::from(!std::ptr::eq(before, row));
        if again > AGAIN && !std::ptr::eq(before, row) {
            first.get_or_insert(before);
            left += 1;
            continue;
        }
        let _ = writeln!(text, "  Rust, {}: {}: {}", item.semver, item.item, item.message);
    }
    if let Some(first) = first {
        let _ = writeln!(
            text,
            "  Rust: and {left} more, see {} above at {}",
            first.rule(),
            place(first)
        );
    }
    if let Some(reason) = &row.accepted {
        let _ = writeln!(text, "  accepted: {reason}");
    }
    text.push('\n');
}

fn place(row: &Row) -> String {
    row.change.as_ref().map_or_else(|| row.place().to_owned(), shared::place)
}

fn summary(text: &mut String, report: &Report) {
    let _ = writeln!(text, "from {} to {}", report.base, report.revision);
    if report.rows.is_empty() {
        text.push_str("nothing changed\n");
    }
    for aspect in Aspect::ALL {
        if aspect == Aspect::RustApi && matches!(report.code, Code::NotCompared { .. }) {
            let _ = writeln!(text, "{aspect:>9}: not compared");
            continue;
        }
        let count = |verdict| report.count(aspect, verdict);
        let _ = writeln!(
            text,
            "{aspect:>9}: {} breaking, {} potentially breaking, {} compatible",
            count(Verdict::Breaking),
            count(Verdict::PotentiallyBreaking),
            count(Verdict::Compatible)
        );
    }
    let _ = writeln!(text, "{}", report.code_sentence());
    let left_out = report.left_out();
    for LeftOut { operation, why, .. } in left_out.iter().take(LEFT_OUT) {
        let _ = writeln!(text, "  {operation}: {}", why.line());
    }
    if let Some(rest) = left_out.len().checked_sub(LEFT_OUT).filter(|rest| *rest > 0) {
        let _ = writeln!(text, "  and {rest} more, which JSON has");
    }
    let advice = &report.advice;
    let version =
        advice.contract_version.as_ref().map_or(String::new(), |version| format!(" ({version})"));
    let _ = write!(text, "recommended: contract {}{version}", advice.contract);
    if let Some(bump) = advice.generated_crate {
        let _ = write!(text, ", generated crate {bump}");
    }
    text.push('\n');
}
