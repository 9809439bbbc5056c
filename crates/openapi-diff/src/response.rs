//! What the service answers: statuses, headers, bodies.

use serde_json::Value;

use crate::body;
use crate::change::{Direction, Verdict};
use crate::compare::Comparison;
use crate::document::Document;
use crate::node::{At, resolve};
use crate::operation::Operation;
use crate::schema::{Carrier, Event, Spot};

/// Statuses that mean a conflict to whoever sent `If-Match`.
const CONFLICTS: [&str; 3] = ["409", "412", "428"];

/// Compares the responses of an operation.
pub(crate) fn compare<'a>(work: &mut Comparison<'a>, a: &Operation<'a>, b: &Operation<'a>) {
    let old = all(work.base, a);
    let new = all(work.revision, b);
    let success = |status: &str, list: &[(String, At<'_>)]| {
        // Where no success is named, `default` is one.
        status.starts_with('2')
            || status == "DEFAULT" && !list.iter().any(|(s, _)| s.starts_with('2'))
    };
    let operation = b.reference();
    let guarded = a.at.elements("parameters").any(|at| {
        resolve(work.base, at)
            .text("name")
            .is_some_and(|name| name.eq_ignore_ascii_case("if-match"))
    });
    let whose = |status: &str| match status {
        "DEFAULT" => "any other status".to_owned(),
        status => format!("the status {status}"),
    };
    for (status, response) in &old {
        if let Some((_, other)) = new.iter().find(|(known, _)| known == status) {
            stayed(work, status, response, other);
        } else if let Some((_, other)) = new.iter().find(|(range, _)| covers(range, status)) {
            // It is described with others now.
            stayed(work, status, response, other);
        } else if new.iter().any(|(narrow, _)| covers(status, narrow)) {
            // It is described in parts now; they are compared below.
        } else {
            let text = format!("{operation} does not answer with {} any more", whose(status));
            let at = (Some(response.pointer.as_str()), Some(b.at.pointer.as_str()));
            let (rule, wire) = if success(status, &old) {
                ("response-success-status-removed", Verdict::Breaking)
            } else {
                ("response-non-success-status-removed", Verdict::Compatible)
            };
            let event = Event::named(rule, Direction::Response, wire, text);
            let event = match (wire, guarded && CONFLICTS.contains(&status.as_str())) {
                (Verdict::Compatible, true) => event.run_time(
                    Verdict::Breaking,
                    "how a conflict is told is not said any more: a client may not see a lost update",
                ),
                (Verdict::Compatible, false) => event.run_time(
                    Verdict::PotentiallyBreaking,
                    "what a client does on this status does not happen any more",
                ),
                _ => event,
            };
            work.say(event.at(at.0, at.1));
        }
    }
    for (status, response) in &new {
        if old.iter().any(|(known, _)| known == status) {
            continue;
        }
        if let Some((_, other)) = old.iter().find(|(range, _)| covers(range, status)) {
            stayed(work, status, other, response);
            continue;
        }
        if old.iter().any(|(narrow, _)| covers(status, narrow)) {
            continue;
        }
        let text = format!("{operation} may answer with {} now", whose(status));
        let succeeds = success(status, &new);
        let rule = if succeeds {
            "response-success-status-added"
        } else {
            "response-non-success-status-added"
        };
        let event = Event::named(rule, Direction::Response, Verdict::Compatible, text);
        let event = if succeeds {
            let note =
                "a client that knows the statuses of the base takes it for an unexpected one";
            event.run_time(Verdict::PotentiallyBreaking, note)
        } else {
            event
        };
        work.say(event.at(Some(&a.at.pointer), Some(&response.pointer)));
    }
}

fn all<'a>(document: &'a Document, operation: &Operation<'a>) -> Vec<(String, At<'a>)> {
    let statuses = operation.at.entries("responses");
    let statuses = statuses.filter(|(status, _)| !status.starts_with("x-"));
    statuses.map(|(status, at)| (status.to_ascii_uppercase(), resolve(document, at))).collect()
}

/// Whether a range of statuses, or `default`, takes in a status.
fn covers(range: &str, status: &str) -> bool {
    if range == status || status == "DEFAULT" {
        return false;
    }
    range == "DEFAULT" || range.ends_with("XX") && status.get(..1) == range.get(..1)
}

fn stayed<'a>(work: &mut Comparison<'a>, status: &str, a: &At<'a>, b: &At<'a>) {
    work.described(a, b, "description", &format!("the response {status}"));
    headers(work, status, a, b);
    body::contents(work, a, b, Spot::new(Carrier::Body, Direction::Response));
    links(work, a, b);
}

fn headers<'a>(work: &mut Comparison<'a>, status: &str, a: &At<'a>, b: &At<'a>) {
    // `Content-Type` is said by the media types (OpenAPI 3.0.3 section 4.7.17).
    let all = |document: &'a Document, at: &At<'a>| -> Vec<(&'a str, At<'a>)> {
        let headers = at.entries("headers").map(|(name, at)| (name, resolve(document, at)));
        headers.filter(|(name, _)| !name.eq_ignore_ascii_case("content-type")).collect()
    };
    let (old, new) = (all(work.base, a), all(work.revision, b));
    let whose = |name: &str| format!("the header `{name}` of the response {status}");
    let named =
        |rule: &'static str, wire, text| Event::named(rule, Direction::Response, wire, text);
    for (name, header) in &old {
        let Some((_, other)) = new.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))
        else {
            let text = format!("{} is gone", whose(name));
            let event = if header.flag("required") {
                named("required-response-header-removed", Verdict::Breaking, text)
            } else {
                named("optional-response-header-removed", Verdict::PotentiallyBreaking, text)
            };
            let event = if name.eq_ignore_ascii_case("etag") {
                event.run_time(
                    Verdict::Breaking,
                    "a client that reads the entity tag there has none to send as If-Match",
                )
            } else {
                event.run_time(
                    Verdict::PotentiallyBreaking,
                    "the header is not promised any more, and nothing fails to compile",
                )
            };
            work.say(event.at(Some(&header.pointer), Some(&b.pointer)));
            continue;
        };
        let at = (Some(header.pointer.as_str()), Some(other.pointer.as_str()));
        match (header.flag("required"), other.flag("required")) {
            (true, false) => {
                let text = format!("{} is optional now", whose(name));
                let event = named("response-header-became-optional", Verdict::Breaking, text);
                work.say(event.at(at.0, at.1));
            }
            (false, true) => {
                let text = format!("{} is always there now", whose(name));
                let event = named("response-header-became-required", Verdict::Compatible, text);
                work.say(event.at(at.0, at.1));
            }
            _ => {}
        }
        if header.flag("deprecated") != other.flag("deprecated") {
            let (rule, word) = if other.flag("deprecated") {
                ("response-header-deprecated", "is deprecated now")
            } else {
                ("response-header-reactivated", "is not deprecated any more")
            };
            let event = named(rule, Verdict::Compatible, format!("{} {word}", whose(name)));
            work.say(event.at(at.0, at.1));
        }
        let explode =
            |at: &At<'_>| at.value.get("explode").and_then(Value::as_bool).unwrap_or(false);
        if explode(header) != explode(other) {
            let text = format!("the parts of {} are written in another way", whose(name));
            let event =
                named("response-header-explode-changed", Verdict::PotentiallyBreaking, text);
            work.say(event.at(at.0, at.1));
        }
        work.described(header, other, "description", &whose(name));
        let spot = Spot::new(Carrier::Header, Direction::Response);
        body::schemas(work, header, other, spot);
        body::contents(work, header, other, spot);
    }
    for (name, header) in &new {
        if !old.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            let text = format!("{} is new", whose(name));
            let event = named("response-header-added", Verdict::Compatible, text);
            work.say(event.at(Some(&a.pointer), Some(&header.pointer)));
        }
    }
}

fn links<'a>(work: &mut Comparison<'a>, a: &At<'a>, b: &At<'a>) {
    let all = |at: &At<'a>| at.entries("links").collect::<Vec<_>>();
    let (old, new) = (all(a), all(b));
    let neutral = |rule: &'static str, text| {
        Event::named(rule, Direction::Response, Verdict::Compatible, text)
    };
    for (name, at) in old.iter().filter(|(name, _)| !new.iter().any(|(known, _)| known == name)) {
        let event = neutral("response-link-removed", format!("the link `{name}` is gone"));
        work.say(event.at(Some(&at.pointer), Some(&b.pointer)));
    }
    for (name, at) in new.iter().filter(|(name, _)| !old.iter().any(|(known, _)| known == name)) {
        let event = neutral("response-link-added", format!("the link `{name}` is new"));
        work.say(event.at(Some(&a.pointer), Some(&at.pointer)));
    }
}
