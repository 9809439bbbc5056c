//! Links of a response: where they lead, and what they set there.
//!
//! No message changes with a link. Programs that follow one do something else: testers, generated clients of
//! some generators, and whoever reads the description to know how a call leads to the next.

use openapi_document::{Cursor, Document};
use serde_json::Value;

use super::operations;
use crate::change::{Direction, Verdict};
use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::render;

/// Why a link that changes is not just words.
const FOLLOWED: &str = "a program that follows the link does something else now";

/// Compares the links of a response that stayed.
pub(super) fn compare<'a>(work: &mut Comparison<'a>, a: &Cursor<'a>, b: &Cursor<'a>) {
    let old: Vec<_> = a.entries("links").map(|(name, at)| (name, work.base.follow(at))).collect();
    let new: Vec<_> =
        b.entries("links").map(|(name, at)| (name, work.revision.follow(at))).collect();
    for (name, at) in &old {
        if let Some((_, other)) = new.iter().find(|(known, _)| known == name) {
            stayed(work, name, at, other);
            continue;
        }
        let note = "a program that follows the link has nothing to follow any more";
        let finding = finding("response-link-removed", format!("the link `{name}` is gone"));
        let finding = finding.run_time(Verdict::PotentiallyBreaking, note);
        work.record(finding.at(Some(&at.pointer), Some(&b.pointer)));
    }
    for (name, at) in new.iter().filter(|(name, _)| !old.iter().any(|(known, _)| known == name)) {
        let finding = finding("response-link-added", format!("the link `{name}` is new"));
        work.record(finding.at(Some(&a.pointer), Some(&at.pointer)));
    }
}

fn finding(rule: &'static str, text: String) -> Finding {
    Finding::named(rule, Direction::Response, Verdict::Compatible, text)
}

/// What changes in a link of one name.
fn stayed<'a>(work: &mut Comparison<'a>, name: &str, a: &Cursor<'a>, b: &Cursor<'a>) {
    let (base, revision) = (work.base, work.revision);
    work.described(a, b, "description", &format!("the link `{name}`"));
    let mut changed = |text: String, worse: bool| {
        let finding = finding("response-link-changed", format!("the link `{name}` {text}"));
        let finding =
            if worse { finding.run_time(Verdict::PotentiallyBreaking, FOLLOWED) } else { finding };
        work.record(finding.at(Some(&a.pointer), Some(&b.pointer)));
    };
    if named(a) != named(b) {
        let (old, new) = (target(base, a), target(revision, b));
        if old.key != new.key {
            changed(format!("leads to {} now, not to {}", new.shown, old.shown), true);
        }
    }
    let parameters = |at: &Cursor<'a>| at.entries("parameters").collect::<Vec<_>>();
    let (old, new) = (parameters(a), parameters(b));
    let find = |all: &[(&'a str, Cursor<'a>)], name: &str| {
        all.iter().find(|(known, _)| is_same(known, name)).map(|(_, at)| at.value)
    };
    for (parameter, at) in &old {
        match find(&new, parameter) {
            None => changed(format!("does not set `{parameter}` any more"), true),
            Some(other) if other == at.value => {}
            Some(other) => {
                let (old, new) = (render::value(at.value), render::value(other));
                changed(format!("sets `{parameter}` to {new} now, not to {old}"), true);
            }
        }
    }
    for (parameter, _) in new.iter().filter(|(name, _)| find(&old, name).is_none()) {
        changed(format!("sets `{parameter}`, too"), false);
    }
    match (a.value.get("requestBody"), b.value.get("requestBody")) {
        (Some(old), Some(new)) if old != new => {
            let (old, new) = (render::value(old), render::value(new));
            changed(format!("sends {new} now, not {old}"), true);
        }
        (Some(_), None) => changed("sends no body any more".to_owned(), true),
        (None, Some(new)) => changed(format!("sends {}, too", render::value(new)), false),
        _ => {}
    }
    let server = |at: &Cursor<'a>| at.get("server").map(|at| at.value["url"].clone());
    if server(a) != server(b) {
        changed("leads to another server".to_owned(), true);
    }
}

/// What a link names its operation by.
fn named<'a>(at: &Cursor<'a>) -> [Option<&'a Value>; 3] {
    ["operationId", "operationRef", "$ref"].map(|key| at.value.get(key))
}

/// Where a link leads: to compare, without the names of path parameters, and to show.
struct Target {
    key: String,
    shown: String,
}

fn target(document: &Document, at: &Cursor<'_>) -> Target {
    let place = at.text("operationRef").and_then(|text| document.target(text)).map(|at| at.pointer);
    let all = operations(document);
    let found = all.iter().find(|operation| match (operation.id(), &place) {
        (_, Some(place)) => operation.at.pointer == *place,
        (id, None) => id.is_some() && id == at.text("operationId"),
    });
    if let Some(it) = found {
        let key = format!("{} {}", it.method, it.template());
        return Target { key, shown: it.reference().to_string() };
    }
    let said = named(at).into_iter().flatten().find_map(Value::as_str);
    let shown = said.map_or_else(|| "nothing".to_owned(), |said| format!("`{said}`"));
    Target { key: shown.clone(), shown }
}

/// Whether two names are of one parameter: one of them may have its location in front.
fn is_same(a: &str, b: &str) -> bool {
    let is_of = |full: &str, name: &str| {
        let place = full.strip_suffix(name).and_then(|place| place.strip_suffix('.'));
        place.is_some_and(|place| ["path", "query", "header", "cookie"].contains(&place))
    };
    a == b || is_of(a, b) || is_of(b, a)
}
