//! Bodies by their media types.

use crate::change::{Direction, Verdict};
use crate::comparison::Comparison;
use crate::finding::{Carrier, Context, Finding, SetRelation, Side, Written};
use crate::operation::media_type::{covers, is_json, media_type};
use crate::operation::{Operation, encoding};
use crate::render;
use crate::schema::Form;
use openapi_document::Cursor;

/// Compares the request bodies of an operation.
pub(crate) fn compare<'a>(work: &mut Comparison<'a>, a: &Operation<'a>, b: &Operation<'a>) {
    let old = a.at.get("requestBody").map(|at| work.base.follow(at));
    let new = b.at.get("requestBody").map(|at| work.revision.follow(at));
    // In a callback the client reads the body: what is required is promised.
    let callback = work.callback;
    let named = |rule: &'static str, wire, text: &str| {
        Finding::named(rule, Direction::Request, wire, format!("{}: {text}", b.reference()))
    };
    let strict = |promise| if callback { promise } else { Verdict::Breaking };
    let loose = |promise| if callback { Verdict::Breaking } else { promise };
    match (&old, &new) {
        (None, None) => {}
        (None, Some(new)) => {
            let finding = if new.flag("required") {
                named(
                    "request-body-added-required",
                    strict(Verdict::Compatible),
                    "a request body is required, which is new",
                )
            } else {
                named(
                    "request-body-added-optional",
                    Verdict::Compatible,
                    "a request body is possible, which is new",
                )
            };
            work.record(finding.at(Some(&a.at.pointer), Some(&new.pointer)));
        }
        (Some(old), None) => {
            let text = "the request has no body any more";
            let finding = named("request-body-removed", Verdict::Breaking, text);
            work.record(finding.at(Some(&old.pointer), Some(&b.at.pointer)));
        }
        (Some(old), Some(new)) => {
            let at = (Some(old.pointer.as_str()), Some(new.pointer.as_str()));
            let name = render::subject(work.revision, &new.pointer);
            let about = |rule, wire, text| Finding::named(rule, Direction::Request, wire, text);
            match (old.flag("required"), new.flag("required")) {
                (false, true) => {
                    let text = format!("{name} is required now");
                    let wire = strict(Verdict::Compatible);
                    let finding = about("request-body-became-required", wire, text);
                    work.record(finding.at(at.0, at.1));
                }
                (true, false) => {
                    let text = format!("{name} is optional now");
                    let wire = loose(Verdict::Compatible);
                    let finding = about("request-body-became-optional", wire, text);
                    work.record(finding.at(at.0, at.1));
                }
                _ => {}
            }
            work.described(old, new, "description", &name);
            contents(work, old, new, Context::new(Carrier::Body, Direction::Request));
        }
    }
}

/// Compares what is under `content`.
pub(crate) fn contents<'a>(
    work: &mut Comparison<'a>,
    a: &Cursor<'a>,
    b: &Cursor<'a>,
    context: Context,
) {
    let context = Context { callback: work.callback, ..context };
    let all = |at: &Cursor<'a>| -> Vec<(String, Cursor<'a>)> {
        at.entries("content").map(|(name, at)| (media_type(name), at)).collect()
    };
    let (old, new) = (all(a), all(b));
    let prefix = match context.carrier {
        Carrier::Body if context.direction == Direction::Request => "request-body-media-type",
        Carrier::Body => "response-media-type",
        Carrier::Parameter => "request-parameter-media-type",
        Carrier::Header => "response-header-media-type",
    };
    let record = |work: &mut Comparison<'a>,
                  what: &str,
                  wire,
                  at: (Option<&str>, Option<&str>),
                  text: String| {
        let finding = Finding::named(format!("{prefix}-{what}"), context.direction, wire, text);
        work.record(finding.at(at.0, at.1));
    };
    let whose = render::subject(work.revision, &b.pointer);
    for (name, at) in &old {
        if let Some((_, other)) = new.iter().find(|(known, _)| known == name) {
            deprecation(work, prefix, &format!("{name} for {whose}"), at, other, context);
            media(work, name, at, other, context);
            continue;
        }
        if let Some((range, other)) = new.iter().find(|(range, _)| covers(range, name)) {
            let wire = if context.is_request() { Verdict::Compatible } else { Verdict::Breaking };
            let text = format!("{whose} can be any {range} now, not just {name}");
            record(work, "name-generalized", wire, (Some(&at.pointer), Some(&other.pointer)), text);
            media(work, name, at, other, context);
        } else if let Some((narrow, other)) = new.iter().find(|(narrow, _)| covers(name, narrow)) {
            let wire = if context.is_request() { Verdict::Breaking } else { Verdict::Compatible };
            let text = format!("{whose} is {narrow} now, not any {name}");
            record(work, "name-specialized", wire, (Some(&at.pointer), Some(&other.pointer)), text);
            media(work, narrow, at, other, context);
        } else {
            let text = format!("{whose} cannot be {name} any more");
            let at = (Some(at.pointer.as_str()), Some(b.pointer.as_str()));
            record(work, "removed", Verdict::Breaking, at, text);
        }
    }
    for (name, at) in &new {
        let known = |(other, _): &(String, Cursor<'a>)| {
            other == name || covers(other, name) || covers(name, other)
        };
        if !old.iter().any(known) {
            let text = format!("{whose} can be {name} now");
            let at = (Some(a.pointer.as_str()), Some(at.pointer.as_str()));
            record(work, "added", Verdict::Compatible, at, text);
        }
    }
}

/// Whether a media type is to go: OpenAPI has no word for that but the one of other objects.
fn deprecation<'a>(
    work: &mut Comparison<'a>,
    prefix: &str,
    name: &str,
    a: &Cursor<'a>,
    b: &Cursor<'a>,
    context: Context,
) {
    let (what, how) = match (a.flag("deprecated"), b.flag("deprecated")) {
        (false, false) => return,
        (false, true) => ("deprecated", "is deprecated now"),
        (true, false) => ("reactivated", "is not deprecated any more"),
        (true, true) => {
            if let Some(finding) = Finding::sunset(name, a.text("x-sunset"), b.text("x-sunset")) {
                work.record(finding.at(Some(&a.pointer), Some(&b.pointer)));
            }
            return;
        }
    };
    let text = format!("{name} {how}");
    let rule = format!("{prefix}-{what}");
    let finding = Finding::named(rule, context.direction, Verdict::Compatible, text);
    work.record(finding.at(Some(&a.pointer), Some(&b.pointer)));
}

/// Forms do not tell numbers from strings, unless a member is JSON; whatever else is not known is taken to do
/// so.
fn written<'a>(work: &mut Comparison<'a>, name: &str, a: &Cursor<'a>, b: &Cursor<'a>) -> Written {
    let form = match name.split(';').next().unwrap_or_default() {
        "text/plain" => return Written::Text,
        "application/x-www-form-urlencoded" => false,
        name if name.starts_with("multipart/") => true,
        _ => return Written::Json,
    };
    let mut form = Form { multipart: form, ..Form::default() };
    for (side, media) in [a, b].into_iter().enumerate() {
        for (member, at) in media.entries("encoding") {
            if let Some(types) = at.text("contentType") {
                let json = types.split(',').map(media_type).all(|name| is_json(&name));
                form.json.entry(member.to_owned()).or_default()[side] = Some(json);
            }
        }
    }
    Written::Form(work.schemas.forms.intern(form))
}

fn media<'a>(
    work: &mut Comparison<'a>,
    name: &str,
    a: &Cursor<'a>,
    b: &Cursor<'a>,
    context: Context,
) {
    let context = Context { written: written(work, name, a, b), ..context };
    schemas(work, a, b, context);
    encoding::compare(work, name, (a, b), context);
}

/// Compares what is under `schema`; without one, everything is right.
pub(crate) fn schemas<'a>(
    work: &mut Comparison<'a>,
    a: &Cursor<'a>,
    b: &Cursor<'a>,
    context: Context,
) {
    let context = Context { callback: work.callback, ..context };
    let owner = if context.carrier == Carrier::Body { "media-type-schema" } else { "schema" };
    let named = |verb: &str| format!("{owner}-{verb}");
    if a.get("content").is_some() || b.get("content").is_some() {
        return;
    }
    // Any bytes: OpenAPI 3.0 has a format for them, and 3.1 says nothing of them (OpenAPI 3.1.1 section
    // 4.8.14.3).
    let mut binary = |side, media: &Cursor<'a>| {
        media.get("schema").is_some_and(|at| work.schemas.is_binary(side, at, context))
    };
    let raw = (binary(Side::Base, a), binary(Side::Revision, b));
    let mut open = |side, media: &Cursor<'a>| {
        media.get("schema").is_none_or(|at| work.schemas.is_anything(side, at, context))
    };
    if raw.0 && open(Side::Revision, b) || raw.1 && open(Side::Base, a) {
        return;
    }
    match (a.get("schema"), b.get("schema")) {
        (Some(old), Some(new)) => {
            let findings = work.schemas.compare(old, new, context);
            work.record_all(findings);
        }
        (None, Some(new)) if !work.schemas.is_anything(Side::Revision, new.clone(), context) => {
            let text = format!("{} has a schema now", work.schemas.new_name(&new.pointer));
            let finding = Finding::new(context, &named("added"), SetRelation::Narrower, text);
            work.record(finding.at(Some(&a.pointer), Some(&new.pointer)));
        }
        (Some(old), None) if !work.schemas.is_anything(Side::Base, old.clone(), context) => {
            let text = format!("{} has no schema any more", work.schemas.old_name(&old.pointer));
            let finding = Finding::new(context, &named("removed"), SetRelation::Wider, text);
            work.record(finding.at(Some(&old.pointer), Some(&b.pointer)));
        }
        _ => {}
    }
}
