//! Bodies by their media types.

use crate::change::{Direction, Verdict};
use crate::compare::Comparison;
use crate::node::{At, resolve};
use crate::operation::Operation;
use crate::schema::{Carrier, Event, Spot};

/// Compares the request bodies of an operation.
pub(crate) fn compare<'a>(work: &mut Comparison<'a>, a: &Operation<'a>, b: &Operation<'a>) {
    let old = a.at.get("requestBody").map(|at| resolve(work.base, at));
    let new = b.at.get("requestBody").map(|at| resolve(work.revision, at));
    let named = |rule: &'static str, wire, text: &str| {
        Event::named(rule, Direction::Request, wire, format!("{}: {text}", b.reference()))
    };
    match (&old, &new) {
        (None, None) => {}
        (None, Some(new)) => {
            let event = if new.flag("required") {
                named(
                    "request-body-added-required",
                    Verdict::Breaking,
                    "a request body is required, which is new",
                )
            } else {
                named(
                    "request-body-added-optional",
                    Verdict::Compatible,
                    "a request body is possible, which is new",
                )
            };
            work.say(event.at(Some(&a.at.pointer), Some(&new.pointer)));
        }
        (Some(old), None) => {
            let text = "the request has no body any more";
            let event = named("request-body-removed", Verdict::Breaking, text);
            work.say(event.at(Some(&old.pointer), Some(&b.at.pointer)));
        }
        (Some(old), Some(new)) => {
            let at = (Some(old.pointer.as_str()), Some(new.pointer.as_str()));
            match (old.flag("required"), new.flag("required")) {
                (false, true) => {
                    let text = "the request body is required now";
                    let event = named("request-body-became-required", Verdict::Breaking, text);
                    work.say(event.at(at.0, at.1));
                }
                (true, false) => {
                    let text = "the request body is optional now";
                    let event = named("request-body-became-optional", Verdict::Compatible, text);
                    work.say(event.at(at.0, at.1));
                }
                _ => {}
            }
            work.described(old, new, "description", "the request body");
            contents(work, old, new, Spot::new(Carrier::Body, Direction::Request));
        }
    }
}

/// A media type without what does not matter: case, blanks, and the character set, which is UTF-8.
fn media_type(name: &str) -> String {
    let parts = name.split(';').map(|part| part.trim().to_ascii_lowercase());
    let kept: Vec<_> =
        parts.filter(|part| !part.is_empty() && !part.starts_with("charset=")).collect();
    kept.join(";")
}

/// Whether a media range takes in a media type.
fn covers(range: &str, name: &str) -> bool {
    let (kind, sub) = range.split_once('/').unwrap_or((range, ""));
    sub == "*" && (kind == "*" || name.split('/').next() == Some(kind))
}

/// Compares what is under `content`.
pub(crate) fn contents<'a>(work: &mut Comparison<'a>, a: &At<'a>, b: &At<'a>, spot: Spot) {
    let spot = Spot { callback: work.callback, ..spot };
    let all = |at: &At<'a>| -> Vec<(String, At<'a>)> {
        at.entries("content").map(|(name, at)| (media_type(name), at)).collect()
    };
    let (old, new) = (all(a), all(b));
    let request = spot.direction == Direction::Request;
    let prefix = if request { "request-body-media-type" } else { "response-media-type" };
    let say = |work: &mut Comparison<'a>,
               what: &str,
               wire,
               at: (Option<&str>, Option<&str>),
               text: String| {
        let event = Event::named(format!("{prefix}-{what}"), spot.direction, wire, text);
        work.say(event.at(at.0, at.1));
    };
    let whose = if request { "a request" } else { "a response" };
    for (name, at) in &old {
        if let Some((_, other)) = new.iter().find(|(known, _)| known == name) {
            media(work, name, at, other, spot);
            continue;
        }
        if let Some((range, other)) = new.iter().find(|(range, _)| covers(range, name)) {
            let wire = if spot.is_request() { Verdict::Compatible } else { Verdict::Breaking };
            let text = format!("{whose} may be any {range} now, not just {name}");
            say(work, "name-generalized", wire, (Some(&at.pointer), Some(&other.pointer)), text);
            media(work, name, at, other, spot);
        } else if let Some((narrow, other)) = new.iter().find(|(narrow, _)| covers(name, narrow)) {
            let wire = if spot.is_request() { Verdict::Breaking } else { Verdict::Compatible };
            let text = format!("{whose} is {narrow} now, not any {name}");
            say(work, "name-specialized", wire, (Some(&at.pointer), Some(&other.pointer)), text);
            media(work, narrow, at, other, spot);
        } else {
            let text = format!("{whose} cannot be {name} any more");
            let at = (Some(at.pointer.as_str()), Some(b.pointer.as_str()));
            say(work, "removed", Verdict::Breaking, at, text);
        }
    }
    for (name, at) in &new {
        let known = |(other, _): &(String, At<'a>)| {
            other == name || covers(other, name) || covers(name, other)
        };
        if !old.iter().any(known) {
            let text = format!("{whose} can be {name} now");
            let at = (Some(a.pointer.as_str()), Some(at.pointer.as_str()));
            say(work, "added", Verdict::Compatible, at, text);
        }
    }
}

fn media<'a>(work: &mut Comparison<'a>, name: &str, a: &At<'a>, b: &At<'a>, spot: Spot) {
    schemas(work, a, b, spot);
    for (member, old) in a.entries("encoding") {
        let new = b.get("encoding").and_then(|encoding| encoding.get(member));
        if new.as_ref().is_none_or(|new| new.value != old.value) {
            let text = format!("`{member}` of {name} is encoded in another way");
            let event = Event::named(
                format!("{}-encoding-changed", spot.prefix()),
                spot.direction,
                Verdict::PotentiallyBreaking,
                text,
            );
            let at = new.as_ref().map_or(b.pointer.as_str(), |new| new.pointer.as_str());
            work.say(event.at(Some(&old.pointer), Some(at)));
        }
    }
}

/// Compares what is under `schema`; without one, everything is right.
pub(crate) fn schemas<'a>(work: &mut Comparison<'a>, a: &At<'a>, b: &At<'a>, spot: Spot) {
    let spot = Spot { callback: work.callback, ..spot };
    match (a.get("schema"), b.get("schema")) {
        (Some(old), Some(new)) => {
            let events = work.schemas.compare(old, new, spot);
            work.say_all(events);
        }
        (None, Some(new))
            if spot.carrier == Carrier::Body
                && !work.schemas.is_anything(true, new.clone(), spot) =>
        {
            let text = format!("{} has a schema now", work.schemas.new_name(&new.pointer));
            let event =
                Event::new(spot, "media-type-schema-added", crate::schema::Effect::Narrower, text);
            work.say(event.at(Some(&a.pointer), Some(&new.pointer)));
        }
        (Some(old), None)
            if spot.carrier == Carrier::Body
                && !work.schemas.is_anything(false, old.clone(), spot) =>
        {
            let text = format!("{} has no schema any more", work.schemas.old_name(&old.pointer));
            let event =
                Event::new(spot, "media-type-schema-removed", crate::schema::Effect::Wider, text);
            work.say(event.at(Some(&old.pointer), Some(&b.pointer)));
        }
        _ => {}
    }
}
