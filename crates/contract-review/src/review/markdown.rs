//! The review for a pull request.

use std::fmt::Write;

use super::{Review, text};
use crate::compile::Compiles;
use crate::notes::{Gathered, PLACES, gathered, place};
use crate::report::markdown::{
    LIMIT, acceptance, changes, code, code_cell, fence, fitting, generated, inline, summary,
    verdict,
};
use crate::words::plural;
use openapi_document::Diagnostic;

/// What each part may take of a comment, in bytes; the text of the contract is in the pull request
/// anyway.
const ERRORS: usize = 4_000;
const NOTES: usize = 3_000;
const SNAPSHOTS: usize = 3_000;
const TEXT: usize = 12_000;

pub(super) fn render(review: &Review) -> String {
    let report = &review.report;
    let mut out = format!("# Review of the contract\n\n{}", verdict(report));
    let _ = writeln!(
        out,
        "\nCompared with {}. The contract, {}, says which requests the service takes and what it answers; \
         the typed Rust client is generated from it, so that a change of it reaches people in up to three ways.",
        code(&report.base),
        code(&report.revision)
    );
    out.push_str(&summary(report));
    out.push_str(&checks(review));
    out.push_str(&changes(report));
    out.push_str(&acceptance(report));
    let snapshots = snapshots(review);
    out.push_str(&generated(report, LIMIT.saturating_sub(out.len() + snapshots.len())));
    out.push_str(&snapshots);
    out.push_str(&contract(review, LIMIT.saturating_sub(out.len())));
    out
}

/// What must hold before the change can be merged.
fn checks(review: &Review) -> String {
    let mut out = String::from("\n## Checks\n\n");
    let _ = writeln!(out, "- {} {}", mark(!review.is_broken()), text::lint(review));
    let errors = review.findings.iter().filter(|finding| finding.is_error());
    let errors = errors.map(|finding| format!("  - {}\n", line(finding)));
    let (errors, rest) = fitting(errors, ERRORS, "error");
    out.push_str(&errors);
    if !rest.is_empty() {
        let _ = writeln!(out, "{rest}");
    }
    out.push_str(&brought(review));
    out.push_str(&others(review));
    let fresh = review.stale.as_ref().is_some_and(Vec::is_empty);
    let _ = writeln!(out, "- {} {}", mark(fresh), text::drift(review));
    out.push_str(&compiles(review));
    let behind = review.snapshots.iter().filter(|snapshot| !snapshot.updated).count();
    let said = match (review.snapshots.len(), behind) {
        (0, _) => "no snapshot changes".to_owned(),
        (count, 0) => format!(
            "{} of the contract and the generated code changed with it",
            plural(count, "snapshot")
        ),
        (_, behind) => format!(
            "{} not updated yet: `INSTA_UPDATE=always cargo test --workspace`",
            plural(behind, "snapshot")
        ),
    };
    let _ = writeln!(out, "- {} {said}", mark(behind == 0));
    if let Some(page) = &review.page {
        let _ =
            writeln!(out, "- [the page of the contract]({page}), with the changed places marked");
    }
    out
}

/// Whether the client compiles, with what the compiler says of it.
fn compiles(review: &Review) -> String {
    let Some(compiles) = &review.compiles else { return String::new() };
    let said = inline(&text::compiled(compiles));
    let errors = match compiles {
        Compiles::Yes => return format!("- {} {said}\n", mark(true)),
        Compiles::NotChecked { .. } => return format!("- {said}\n"),
        Compiles::No { errors, .. } => errors.iter().cloned(),
    };
    let (errors, rest) = fitting(errors, ERRORS, "error");
    let fence = fence(&errors);
    format!("- {} {said}\n\n{fence}text\n{}\n{fence}\n{rest}\n", mark(false), errors.trim_end())
}

/// A finding in a line.
fn line(finding: &Diagnostic) -> String {
    format!(
        "{} {}: {}; {}",
        code(&finding.location()),
        code(finding.rule),
        inline(&finding.message),
        inline(&finding.help)
    )
}

/// The notes that the change brings, with all their places.
fn brought(review: &Review) -> String {
    let lines = gathered(&review.brought).into_iter().flat_map(|group| {
        let places =
            group.others.iter().map(|other| format!("    - also at {}\n", code(&place(other))));
        let first = format!("  - **new** {}\n", line(group.first));
        std::iter::once(first).chain(places).collect::<Vec<_>>()
    });
    let (lines, rest) = fitting(lines, NOTES, "note");
    lines + &rest
}

/// The findings that keep nothing from being merged and that were there before: what the client lacks, what is
/// waived.
fn others(review: &Review) -> String {
    let mut out = String::new();
    let others = review.findings.iter().filter(|finding| !finding.is_error());
    let others = gathered(others.filter(|finding| !review.brought.contains(finding)));
    if others.is_empty() {
        return out;
    }
    out.push_str(
        "  <details><summary>What the client does not hold, and what is waived</summary>\n\n",
    );
    let others = others.into_iter().map(|Gathered { first, others }| {
        let waived = first.waived.as_deref();
        let waived =
            waived.map_or(String::new(), |reason| format!(" **Waived:** {}", inline(reason)));
        format!("  - {}{}{waived}\n", line(first), lines(&others))
    });
    let (others, rest) = fitting(others, NOTES, "note");
    let _ = writeln!(out, "{others}{rest}\n  </details>");
    out
}

/// The lines of the other places of a note.
fn lines(others: &[&Diagnostic]) -> String {
    let lines = others.iter().filter_map(|other| other.place).map(|(line, _)| line.to_string());
    let lines: Vec<_> = lines.collect();
    match lines.len() {
        0 => String::new(),
        1 => format!("; also on line {}", lines[0]),
        count @ ..=PLACES => {
            format!("; also on lines {} and {}", lines[..count - 1].join(", "), lines[count - 1])
        }
        count => {
            format!("; also on lines {} and {} more", lines[..PLACES].join(", "), count - PLACES)
        }
    }
}

fn mark(holds: bool) -> &'static str {
    if holds { "ok:" } else { "**to do:**" }
}

fn snapshots(review: &Review) -> String {
    let mut out = String::new();
    if review.snapshots.is_empty() {
        return out;
    }
    out.push_str("\n## Snapshots\n\n| file | what becomes of it | updated |\n|---|---|---|\n");
    let lines = review.snapshots.iter().map(|snapshot| {
        let updated = if snapshot.updated { "yes" } else { "**not yet**" };
        let path = code_cell(&snapshot.path.display().to_string());
        format!("| {path} | {} | {updated} |\n", snapshot.fate)
    });
    let (lines, rest) = fitting(lines, SNAPSHOTS, "snapshot");
    out + &lines + &rest
}

fn contract(review: &Review, room: usize) -> String {
    if review.text.is_empty() {
        return String::new();
    }
    let fence = fence(&review.text);
    let diff = review.text.trim_end();
    let text = format!(
        "\n<details><summary>The text of the contract</summary>\n\n{fence}diff\n{diff}\n{fence}\n\n</details>\n"
    );
    if text.len() <= room.min(TEXT) {
        return text;
    }
    "\nThe change of the text of the contract is too long to be shown here.\n".to_owned()
}
