//! What the service answers: statuses, bodies and links.

use crate::change::{Direction, Verdict};
use crate::comparison::Comparison;
use crate::finding::{Carrier, Context, Finding};
use crate::operation::Operation;
use crate::operation::{body, header, link};
use crate::render;
use openapi_document::{Cursor, Document};

/// Statuses that mean a conflict to whoever sent `If-Match`.
const CONFLICTS: [&str; 3] = ["409", "412", "428"];

/// The status that stands for all that are not named.
const DEFAULT: &str = "DEFAULT";

/// Compares the responses of an operation.
pub(crate) fn compare<'a>(work: &mut Comparison<'a>, a: &Operation<'a>, b: &Operation<'a>) {
    let old = all(work.base, a);
    let new = all(work.revision, b);
    for (status, response) in &old {
        let by = |status: &str| find(&new, status);
        if let Some(other) = by(status) {
            stayed(work, status, response, other);
        } else if let Some(other) = range(status).and_then(|range| by(&range)) {
            // It is described with others now.
            stayed(work, status, response, other);
        } else {
            removed(work, (a, b), (status, response), (&old, &new));
        }
    }
    for (status, response) in &new {
        let by = |status: &str| find(&old, status);
        if by(status).is_some() {
            continue;
        }
        if let Some(other) = range(status).and_then(|range| by(&range)) {
            stayed(work, status, other, response);
            continue;
        }
        if let Some(other) = by(DEFAULT).filter(|_| !succeeds(status, &new) || !has_success(&old)) {
            bodies(work, other, response);
        }
        added(work, (a, b), (status, response), &new);
    }
}

/// A status that is not there any more, not even as one of a range.
fn removed<'a>(
    work: &mut Comparison<'a>,
    (a, b): (&Operation<'a>, &Operation<'a>),
    (status, response): (&str, &Cursor<'a>),
    (old, new): (&Responses<'a>, &Responses<'a>),
) {
    let instead = find(new, DEFAULT);
    // Unless a success is named, `default` is one; and a part of a range is as good as the range.
    let promised = succeeds(status, old) && !new.iter().any(|(narrow, _)| covers(status, narrow));
    let (rule, wire) =
        match (succeeds(status, old), promised && instead.is_some() && !has_success(new)) {
            (true, true) if find(old, DEFAULT).is_none() => {
                ("response-success-status-removed", Verdict::PotentiallyBreaking)
            }
            (true, _) if promised => ("response-success-status-removed", Verdict::Breaking),
            (true, _) => ("response-success-status-removed", Verdict::Compatible),
            (false, _) => ("response-non-success-status-removed", Verdict::Compatible),
        };
    if let Some(other) = instead.filter(|_| wire < Verdict::Breaking) {
        bodies(work, response, other);
    }
    let text = format!("{} does not answer with {} any more", b.reference(), whose(status));
    let finding = Finding::named(rule, Direction::Response, wire, text)
        .at(Some(&response.pointer), Some(&b.at.pointer));
    let guarded = a.at.elements("parameters").chain(a.item.elements("parameters")).any(|at| {
        let name = work.base.follow(at).text("name");
        name.is_some_and(|name| name.eq_ignore_ascii_case("if-match"))
    });
    let finding = match (wire, guarded && CONFLICTS.contains(&status)) {
        // The client answers.
        _ if work.callback => finding,
        (Verdict::Compatible, true) => finding.run_time(
            Verdict::Breaking,
            "the response to a conflict is no longer documented: a client may overlook a lost update",
        ),
        (Verdict::Compatible, false) => finding.run_time(
            Verdict::PotentiallyBreaking,
            "what a client does on this status does not happen any more",
        ),
        _ => finding,
    };
    work.record(finding);
}

/// A status that was not there, not even as one of a range.
fn added<'a>(
    work: &mut Comparison<'a>,
    (a, b): (&Operation<'a>, &Operation<'a>),
    (status, response): (&str, &Cursor<'a>),
    new: &Responses<'a>,
) {
    let text = format!("{} may answer with {} now", b.reference(), whose(status));
    let success = succeeds(status, new);
    let rule =
        if success { "response-success-status-added" } else { "response-non-success-status-added" };
    let finding = Finding::named(rule, Direction::Response, Verdict::Compatible, text)
        .at(Some(&a.at.pointer), Some(&response.pointer));
    let note = "a client that knows the statuses of the base takes it for an unexpected one";
    work.record(if success && !work.callback {
        finding.run_time(Verdict::PotentiallyBreaking, note)
    } else {
        finding
    });
}

fn whose(status: &str) -> String {
    match status {
        DEFAULT => "any other status".to_owned(),
        range if range.ends_with("XX") => format!("any status {range}"),
        status => format!("the status {status}"),
    }
}

type Responses<'a> = [(String, Cursor<'a>)];

fn all<'a>(document: &'a Document, operation: &Operation<'a>) -> Vec<(String, Cursor<'a>)> {
    let statuses = operation.at.entries("responses");
    let statuses = statuses.filter(|(status, _)| !status.starts_with("x-"));
    statuses.map(|(status, at)| (status.to_ascii_uppercase(), document.follow(at))).collect()
}

fn find<'r, 'a>(responses: &'r Responses<'a>, status: &str) -> Option<&'r Cursor<'a>> {
    responses.iter().find(|(known, _)| known == status).map(|(_, at)| at)
}

/// The range that a status is in, `4XX` for `404` (OpenAPI 3.0.3 section 4.7.16).
fn range(status: &str) -> Option<String> {
    let digit = status.get(..1).filter(|digit| digit.starts_with(|c: char| c.is_ascii_digit()))?;
    Some(format!("{digit}XX"))
}

fn has_success(responses: &Responses<'_>) -> bool {
    responses.iter().any(|(status, _)| status.starts_with('2'))
}

/// Whether a status is a success; where none is named, `default` is.
fn succeeds(status: &str, responses: &Responses<'_>) -> bool {
    status.starts_with('2') || status == DEFAULT && !has_success(responses)
}

/// Whether a range of statuses, or `default`, takes in a status.
fn covers(all: &str, status: &str) -> bool {
    all != status && (all == DEFAULT || range(status).is_some_and(|range| range == all))
}

/// What comes with a status that is described elsewhere now: its bodies, if both sides have some.
fn bodies<'a>(work: &mut Comparison<'a>, a: &Cursor<'a>, b: &Cursor<'a>) {
    if a.get("content").is_some() && b.get("content").is_some() {
        body::contents(work, a, b, Context::new(Carrier::Body, Direction::Response));
    }
}

fn stayed<'a>(work: &mut Comparison<'a>, status: &str, a: &Cursor<'a>, b: &Cursor<'a>) {
    work.described(a, b, "description", &render::response(status));
    header::compare(work, status, a, b);
    body::contents(work, a, b, Context::new(Carrier::Body, Direction::Response));
    link::compare(work, a, b);
}
