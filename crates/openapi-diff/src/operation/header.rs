//! The headers of responses.

use openapi_document::{Cursor, Document};
use serde_json::Value;

use crate::change::{Direction, Verdict};
use crate::comparison::Comparison;
use crate::finding::{Carrier, Context, Finding, Side};
use crate::operation::body;
use crate::render;
use crate::schema::types::Types;

/// Compares the headers of a response.
pub(crate) fn compare<'a>(work: &mut Comparison<'a>, status: &str, a: &Cursor<'a>, b: &Cursor<'a>) {
    // `Content-Type` is said by the media types (OpenAPI 3.0.3 section 4.7.17).
    let all = |document: &'a Document, at: &Cursor<'a>| -> Vec<(&'a str, Cursor<'a>)> {
        let headers = at.entries("headers").map(|(name, at)| (name, document.follow(at)));
        headers.filter(|(name, _)| !name.eq_ignore_ascii_case("content-type")).collect()
    };
    let (old, new) = (all(work.base, a), all(work.revision, b));
    let whose = |name: &str| format!("the header `{name}` of {}", render::response(status));
    let named =
        |rule: &'static str, wire, text| Finding::named(rule, Direction::Response, wire, text);
    // In a callback the client writes the response.
    let (looser, stricter) = if work.callback {
        (Verdict::Compatible, Verdict::Breaking)
    } else {
        (Verdict::Breaking, Verdict::Compatible)
    };
    for (name, header) in &old {
        let Some((_, other)) = new.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))
        else {
            let text = format!("{} is gone", whose(name));
            let finding = if header.flag("required") {
                let wire =
                    if work.callback { Verdict::PotentiallyBreaking } else { Verdict::Breaking };
                named("required-response-header-removed", wire, text)
            } else {
                named("optional-response-header-removed", Verdict::PotentiallyBreaking, text)
            };
            let finding = if name.eq_ignore_ascii_case("etag") && !work.callback {
                finding.run_time(
                    Verdict::Breaking,
                    "a client that reads the entity tag there has none to send as If-Match",
                )
            } else {
                finding
            };
            work.record(finding.at(Some(&header.pointer), Some(&b.pointer)));
            continue;
        };
        let at = (Some(header.pointer.as_str()), Some(other.pointer.as_str()));
        match (header.flag("required"), other.flag("required")) {
            (true, false) => {
                let text = format!("{} is optional now", whose(name));
                let finding = named("response-header-became-optional", looser, text);
                work.record(finding.at(at.0, at.1));
            }
            (false, true) => {
                let text = format!("{} is always there now", whose(name));
                let finding = named("response-header-became-required", stricter, text);
                work.record(finding.at(at.0, at.1));
            }
            _ => {}
        }
        if header.flag("deprecated") != other.flag("deprecated") {
            let (rule, how) = if other.flag("deprecated") {
                ("response-header-deprecated", "is deprecated now")
            } else {
                ("response-header-reactivated", "is not deprecated any more")
            };
            let finding = named(rule, Verdict::Compatible, format!("{} {how}", whose(name)));
            work.record(finding.at(at.0, at.1));
        } else if header.flag("deprecated") {
            let dates = (header.text("x-sunset"), other.text("x-sunset"));
            if let Some(finding) = Finding::sunset(&whose(name), dates.0, dates.1) {
                work.record(finding.at(at.0, at.1));
            }
        }
        work.described(header, other, "description", &whose(name));
        let context = Context::new(Carrier::Header, Direction::Response);
        let written = |at: &Cursor<'_>| at.get("content").is_some();
        if written(header) != written(other) {
            let text = format!("{} is written by a media type on one side alone", whose(name));
            let finding = named("response-header-serialization-changed", Verdict::Breaking, text);
            work.record(finding.at(at.0, at.1));
            continue;
        }
        let explode =
            |at: &Cursor<'_>| at.value.get("explode").and_then(Value::as_bool).unwrap_or(false);
        // In the only style of headers, that matters for objects alone (OpenAPI 3.0.3 section 4.7.21).
        let mut object = |side: Side, at: &Cursor<'a>| {
            let schema = at.get("schema");
            schema.is_some_and(|at| work.schemas.types(side, at, context).has(Types::OBJECT))
        };
        if explode(header) != explode(other)
            && object(Side::Base, header)
            && object(Side::Revision, other)
        {
            let text = format!("the parts of {} are written in another way", whose(name));
            let finding = named("response-header-explode-changed", Verdict::Breaking, text);
            work.record(finding.at(at.0, at.1));
        }
        body::schemas(work, header, other, context);
        body::contents(work, header, other, context);
    }
    for (name, header) in &new {
        if !old.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            let text = format!("{} is new", whose(name));
            let wire = if header.flag("required") { stricter } else { Verdict::Compatible };
            let finding = named("response-header-added", wire, text);
            work.record(finding.at(Some(&a.pointer), Some(&header.pointer)));
        }
    }
}
