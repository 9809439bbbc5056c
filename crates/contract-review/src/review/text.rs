//! The review for a terminal.

use std::fmt::Write;

use super::Review;
use crate::compile::Compiles;
use crate::notes::gathered;
use crate::words::plural;

pub(super) fn render(review: &Review) -> String {
    let mut text = String::new();
    for finding in review.findings.iter().filter(|finding| finding.is_error()) {
        let _ = writeln!(text, "{finding}\n");
    }
    for error in review.compile_errors() {
        let _ = writeln!(text, "{error}");
    }
    for group in gathered(&review.brought) {
        let _ = writeln!(text, "new {}\n{}", group.first, group.lines());
    }
    text.push_str(&review.report.text());
    let _ = writeln!(text, "{}, {}", lint(review), drift(review));
    if let Some(compiles) = &review.compiles {
        let _ = writeln!(text, "{}", compiled(compiles));
    }
    if review.snapshots.is_empty() {
        text.push_str("no snapshot changes\n");
    }
    for snapshot in &review.snapshots {
        let updated = if snapshot.updated { "" } else { "  (not updated yet)" };
        let _ = writeln!(text, "snapshot {} {}{updated}", snapshot.fate, snapshot.path.display());
    }
    if let Some(page) = &review.page {
        let _ = writeln!(text, "page: {page}");
    }
    text
}

/// What the lint says, in a few words.
pub(super) fn lint(review: &Review) -> String {
    let errors = review.findings.iter().filter(|finding| finding.is_error()).count();
    let waived = review.findings.iter().filter(|finding| finding.waived.is_some()).count();
    let warnings = review.findings.iter().filter(|finding| finding.is_warning()).count();
    let notes = review.findings.len() - errors - warnings - waived;
    let (errors, notes) = (plural(errors, "error"), plural(notes, "note"));
    let notes = match warnings {
        0 => notes,
        _ => format!("{}, {notes}", plural(warnings, "warning")),
    };
    let new = match review.brought.len() {
        0 => String::new(),
        count => format!(" ({count} new)"),
    };
    format!("lint: {errors}, {notes}{new}, {waived} waived")
}

/// Whether the committed code is what the contract gives, in a few words.
pub(super) fn drift(review: &Review) -> String {
    match &review.stale {
        None => "nothing can be generated from the contract".to_owned(),
        Some(stale) if stale.is_empty() => {
            "the generated files are what the contract gives".to_owned()
        }
        Some(stale) => {
            let files: Vec<_> = stale.iter().map(|path| path.display().to_string()).collect();
            let verb = if files.len() == 1 { "is" } else { "are" };
            format!("{} {verb} stale: run `cargo xtask codegen`", files.join(" and "))
        }
    }
}

/// Whether the client compiles, in a few words.
pub(super) fn compiled(compiles: &Compiles) -> String {
    match compiles {
        Compiles::Yes => "the client compiles".to_owned(),
        Compiles::No { errors, .. } => {
            format!("the client does not compile: {}", plural(errors.len(), "error"))
        }
        Compiles::NotChecked { why } => {
            format!("whether the client compiles was not checked: {}", why.replace('\n', " "))
        }
    }
}
