//! The report for a pull request: whoever has never seen the project can judge the change from it alone.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::sync::Arc;

use openapi_diff::Verdict;
pub(crate) use openapi_diff::report::markdown::{LIMIT, cell, code, code_cell, fence, inline};
use openapi_diff::report::markdown::{at, capital, html, listed, reached, run_time, wire};

use super::accepted::Accepted;
use super::{Aspect, Code, Report, Row};
use crate::left_out::LeftOut;
use crate::words::plural;

/// What each part may take of a comment, in bytes: together less than [`LIMIT`], so that there is room
/// for some of the code that differs.
const TABLE: usize = 15_000;
const DETAILS: usize = 18_000;
const WORDS: usize = 3_000;
const STALE: usize = 2_000;
const RECORDS: usize = 5_000;
const LEFT_OUT: usize = 2_000;
const WHOLES: usize = 3_000;

/// How many names are listed before the rest is counted.
const NAMES: usize = 8;

pub(super) fn render(report: &Report) -> String {
    let mut text = format!(
        "# What changes from {} to {}\n\n{}\n",
        code(&report.base),
        code(&report.revision),
        verdict(report)
    );
    text.push_str(&summary(report));
    text.push_str(&changes(report));
    text.push_str(&acceptance(report));
    text.push_str(&generated(report, LIMIT.saturating_sub(text.len())));
    text
}

/// What it comes to, in a sentence.
pub(crate) fn verdict(report: &Report) -> String {
    let open = |verdict| {
        report.rows.iter().filter(|row| row.worst() == verdict && row.accepted.is_none()).count()
    };
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
    if accepted > 0 {
        let _ = write!(
            text,
            " {} on record as accepted.",
            if accepted == 1 { "1 is".to_owned() } else { format!("{accepted} are") }
        );
    }
    text.push('\n');
    text
}

/// The counts, what they mean, and the versions that they ask for.
pub(crate) fn summary(report: &Report) -> String {
    let mut text =
        String::from("\n| | breaks | may break | ok | what it is about |\n|---|--:|--:|--:|---|\n");
    for aspect in Aspect::ALL {
        let count = |verdict| report.count(aspect, verdict).to_string();
        let counts = match &report.code {
            Code::NotCompared { .. } if aspect == Aspect::RustApi => "? | ? | ?".to_owned(),
            _ => [Verdict::Breaking, Verdict::PotentiallyBreaking, Verdict::Compatible]
                .map(count)
                .join(" | "),
        };
        let about = match aspect {
            Aspect::Wire => {
                "is every request that was right still right, and every response one that was expected? Concerns clients in any language"
            }
            Aspect::RustApi => {
                "does code that compiles against the generated crate still compile? By Cargo's semver rules"
            }
            Aspect::RunTime => "does a program that still compiles still get what it got?",
        };
        let _ = writeln!(text, "| {aspect} | {counts} | {about} |");
    }
    let _ = writeln!(
        text,
        "\nThe three are independent of each other. {}.",
        capital(&inline(&report.code_sentence()))
    );
    text.push_str(&left_out(report));
    let advice = &report.advice;
    let version =
        advice.contract_version.as_ref().map_or(String::new(), |version| format!(", to {version}"));
    let _ = write!(text, "\n**Recommended versions**: contract: {}{version}", advice.contract);
    if let Some(bump) = advice.generated_crate {
        let _ = write!(text, "; generated crate: {bump}");
    }
    text.push_str(".\n");
    text
}

/// The operations that the generator cannot take.
fn left_out(report: &Report) -> String {
    let lines = report.left_out().iter().map(|LeftOut { operation, why, .. }| {
        let place = code(&why.location());
        format!("- {}: {place}: {}\n", code(&operation.to_string()), inline(&why.message))
    });
    let (lines, rest) = fitting(lines, LEFT_OUT, "operation");
    if lines.is_empty() {
        return lines;
    }
    format!(
        "\n<details><summary>Operations that the generator cannot take</summary>\n\n{lines}{rest}\n</details>\n"
    )
}

/// Every change, the worst in full.
pub(crate) fn changes(report: &Report) -> String {
    let mut text = String::new();
    let (words, rows): (Vec<&Row>, Vec<_>) = report.rows.iter().partition(|row| row.is_words());
    if !rows.is_empty() {
        text.push_str("\n## Changes\n\n| # | what | message | whom it reaches | wire | Rust API | run time |\n|--:|---|---|---|---|---|---|\n");
        let lines = rows.iter().enumerate().map(|(index, row)| line(report, index + 1, row));
        let (lines, rest) = fitting(lines, TABLE, "change");
        text.push_str(&lines);
        text.push_str(&rest);
    }
    let mut firsts: HashMap<Vec<_>, usize> = HashMap::new();
    let numbered = rows.iter().enumerate().map(|(index, row)| (index + 1, *row));
    let details = numbered.filter_map(|(number, row)| {
        let items = row.rust.iter().map(Arc::as_ptr).collect();
        let first =
            if row.rust.is_empty() { number } else { *firsts.entry(items).or_insert(number) };
        let like = Some(first).filter(|first| *first < number);
        (row.worst() > Verdict::Compatible).then(|| detail(report, number, row, like))
    });
    let (details, rest) = fitting(details, DETAILS, "change");
    text.push_str(&details);
    text.push_str(&rest);
    if !words.is_empty() {
        let count = plural(words.len(), "change");
        let words = words.iter().map(|row| {
            let place = row.change.as_ref().map(at).unwrap_or_default();
            format!("- {}{place}\n", inline(row.message()))
        });
        let (words, rest) = fitting(words, WORDS, "change");
        let _ = write!(
            text,
            "\n<details><summary>Words only: {count}</summary>\n\n{words}{rest}\n</details>\n"
        );
    }
    if !report.stale.is_empty() {
        let _ = write!(
            text,
            "\n## Acceptances without a change\n\nNothing of their kind changes there any more; remove them from `{}`.\n\n",
            report.record
        );
        let records = report.stale.iter().map(|record| {
            let Accepted { rule, place, reason, .. } = record;
            format!("- {} at {}: {}\n", code(rule), code(place), inline(reason))
        });
        let (records, rest) = fitting(records, STALE, "record");
        text.push_str(&records);
        text.push_str(&rest);
    }
    text
}

/// A change in a line of the table.
fn line(report: &Report, number: usize, row: &Row) -> String {
    let verdicts = Aspect::ALL.map(|aspect| cell_verdict(report, row, aspect)).join(" | ");
    let accepted = if row.accepted.is_some() { " (accepted)" } else { "" };
    format!(
        "| {number} | {}{accepted} | {} | {} | {verdicts} |\n",
        cell(row.message()),
        direction(row).unwrap_or(""),
        everyone(report, row).unwrap_or_else(|| reached(row.operations(), "<br>", code_cell))
    )
}

/// A change in full; what it does to the Rust API may have been said of another one, by its number.
fn detail(report: &Report, number: usize, row: &Row, like: Option<usize>) -> String {
    let mut text = format!("\n### {number}. {}\n\n", capital(&inline(row.message())));
    if !row.operations().is_empty() {
        let _ = writeln!(
            text,
            "- **Reaches** {}{}",
            reached(row.operations(), ", ", code),
            direction(row).map_or(String::new(), |way| format!(", in its {way}"))
        );
    }
    let place = row.change.as_ref().map(at).unwrap_or_default();
    let explained = explanation(row).map_or(String::new(), |text| format!(": {}", inline(&text)));
    let _ = writeln!(text, "- **Rule** {}{explained}", code(row.rule()));
    if !place.is_empty() {
        let _ = writeln!(text, "- **Place**{place}");
    }
    for (name, value) in [("Before", &row.before), ("After", &row.after)] {
        if let Some(value) = value {
            let _ = writeln!(text, "- **{name}** {}", code(value));
        }
    }
    for aspect in Aspect::ALL {
        let why = why(report, row, aspect, like);
        let _ = writeln!(
            text,
            "- **{}: {}.**{}{}",
            capital(&aspect.to_string()),
            cell_verdict(report, row, aspect).trim_matches('*'),
            if why.starts_with('\n') { "" } else { " " },
            capital(&why)
        );
    }
    if let Some(reason) = &row.accepted {
        let _ = writeln!(text, "- **Accepted** {}", inline(reason));
    }
    text
}

/// What the rule of a change means.
fn explanation(row: &Row) -> Option<String> {
    if let Some(change) = &row.change {
        return openapi_diff::rules()
            .find(|rule| rule.id == row.rule())
            .map(|rule| rule.explains(change).to_owned());
    }
    let rule = rust_api_diff::RULES.iter().find(|(rule, _)| *rule == row.rule());
    rule.map(|(_, why)| (*why).to_owned())
}

/// How what breaks is put on record.
pub(crate) fn acceptance(report: &Report) -> String {
    let open = report.rows.iter();
    let open = open.filter(|row| row.worst() > Verdict::Compatible && row.accepted.is_none());
    let mut seen = BTreeSet::new();
    let records = open.map(|row| row.record("…")).filter(|it| seen.insert(it.clone()));
    let stanzas: Vec<_> = records.map(|record| record.stanza()).collect();
    if stanzas.is_empty() {
        return String::new();
    }
    let count = plural(stanzas.len(), "record");
    let stanzas = stanzas.into_iter().enumerate().map(|(index, stanza)| {
        let between = if index == 0 { "" } else { "\n" };
        format!("{between}{stanza}")
    });
    let (stanzas, rest) = fitting(stanzas, RECORDS, "record");
    let fence = fence(&stanzas);
    format!(
        "\n## To accept what breaks\n\nMake it compatible; or, if it is meant, say why in `{}`. \
         `cargo xtask diff {} --verdicts wire,rust-api,run-time --record 'the reason'` writes there:\n\n\
         <details><summary>{count}</summary>\n\n{fence}toml\n{stanzas}{fence}\n{rest}\n</details>\n",
        report.record,
        report.base.split(':').next().unwrap_or_default()
    )
}

/// Why a verdict is what it is.
fn why(report: &Report, row: &Row, aspect: Aspect, like: Option<usize>) -> String {
    let verdict = row.verdict(aspect);
    let change = row.change.as_ref();
    match aspect {
        Aspect::Wire => wire(verdict, change).to_owned(),
        Aspect::RunTime => {
            let note = change.and_then(|change| change.run_time_note.as_deref());
            note.map_or_else(|| run_time(verdict, change).to_owned(), inline)
        }
        Aspect::RustApi => {
            if let Some(number) = like {
                return format!("as of change {number}");
            }
            let mut lines = Vec::new();
            for item in row.rust.iter().take(NAMES) {
                lines.push(format!(
                    "\n  - {}: {} ({})",
                    code(&item.item),
                    inline(&item.message),
                    item.semver
                ));
                for (name, value) in [("before", &item.before), ("after", &item.after)] {
                    if let Some(value) = value.as_deref().filter(|value| !value.contains('\n')) {
                        lines.push(format!("\n    - {name} {}", code(value)));
                    }
                }
            }
            if let Some(rest) = row.rust.len().checked_sub(NAMES).filter(|rest| *rest > 0) {
                lines.push(format!("\n  - and {}", plural(rest, "more item")));
            }
            if !lines.is_empty() {
                return lines.concat();
            }
            let known = match &report.code {
                _ if row.unjudged => "not compared",
                Code::Compared { .. } if report.is_silent(row) => {
                    "generated code identical, contract changed: no compiler will tell anyone"
                }
                _ => "no public item changes: no compiler will tell anyone",
            };
            known.to_owned()
        }
    }
}

/// The diff of the generated code, item by item, in as many bytes as there is room for. What is new or gone as a
/// whole is named alone: its public items are in the changes, and a diff would be all of its code.
pub(crate) fn generated(report: &Report, room: usize) -> String {
    let mut text = String::new();
    let Code::Compared { items, .. } = &report.code else { return text };
    if items.is_empty() {
        return text;
    }
    text.push_str("\n## Generated code\n\n");
    let (mut left, mut wholes) = (Vec::new(), Vec::new());
    // What is left out is said in the end.
    let room = room.saturating_sub(2_000 + WHOLES);
    for item in items {
        let whole = match (&item.before, &item.after) {
            (None, Some(code)) => Some(("new", code)),
            (Some(code), None) => Some(("gone", code)),
            _ => None,
        };
        if let Some((what, text)) = whole {
            let lines = plural(text.lines().count(), "line");
            wholes.push(format!("- {} is {what} ({lines})\n", code(&item.name)));
            continue;
        }
        let diff = item.diff();
        let (fence, diff) = (fence(&diff), diff.trim_end());
        let block = format!(
            "<details><summary>{}</summary>\n\n{fence}diff\n{diff}\n{fence}\n\n</details>\n",
            html(&item.name)
        );
        if text.len() + block.len() > room {
            left.push(code(&item.name));
        } else {
            text.push_str(&block);
        }
    }
    if !wholes.is_empty() {
        let (wholes, rest) = fitting(wholes, WHOLES, "item");
        let _ = write!(text, "\n{wholes}{rest}");
    }
    if !left.is_empty() {
        let _ = writeln!(
            text,
            "\nToo long to be shown here: {}. The diff of the generated file shows it.",
            listed(&left, ", ")
        );
    }
    text
}

fn cell_verdict(report: &Report, row: &Row, aspect: Aspect) -> &'static str {
    match report.verdict(row, aspect) {
        None => "?",
        Some(Verdict::Compatible) => "ok",
        Some(Verdict::PotentiallyBreaking) => "may break",
        Some(Verdict::Breaking) => "**breaks**",
    }
}

/// In a word, if it reaches every operation there is.
fn everyone(report: &Report, row: &Row) -> Option<String> {
    let count = row.operations().len();
    (count > 2 && count == report.operations).then(|| format!("all {count} operations"))
}

/// Which message it is that changes.
pub(super) fn direction(row: &Row) -> Option<&'static str> {
    row.change.as_ref()?.direction.message()
}

/// The first of the pieces that fit into `room` bytes, and what is said of the others.
pub(crate) fn fitting(
    pieces: impl IntoIterator<Item = String>,
    room: usize,
    noun: &str,
) -> (String, String) {
    openapi_diff::report::markdown::fitting(pieces, room, noun, "cargo xtask review")
}
