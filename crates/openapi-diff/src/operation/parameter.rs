//! What a request carries outside of its body.

use crate::change::{Direction, Verdict};
use crate::comparison::Comparison;
use crate::finding::{Carrier, Context, Finding, SetRelation, Side};
use crate::numbers;
use crate::operation::Operation;
use crate::operation::body;
use crate::render;
use crate::schema::types::Types;
use openapi_document::{Cursor, Document};

/// A parameter of an operation, its own or one of its path item.
#[derive(Debug, Clone)]
struct Parameter<'a> {
    place: &'a str,
    name: &'a str,
    at: Cursor<'a>,
    /// Where it is in the path, counted among those that are there: a template may name it several times.
    positions: Vec<usize>,
}

impl<'a> Parameter<'a> {
    fn all(document: &'a Document, operation: &Operation<'a>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        let own = operation.at.elements("parameters");
        for at in own.chain(operation.item.elements("parameters")) {
            let at = document.follow(at);
            let (Some(place), Some(name)) = (at.text("in"), at.text("name")) else { continue };
            let holes = operation.path.split('{').skip(1);
            let named = holes.map(|hole| hole.split('}').next() == Some(name)).enumerate();
            let positions =
                named.filter(|(_, is)| *is && place == "path").map(|(at, _)| at).collect();
            let new = Self { place, name, at, positions };
            // These are described elsewhere, and parameters of these names are ignored (OpenAPI 3.0.4 section
            // 4.7.12.2).
            let ignored = ["accept", "content-type", "authorization"];
            if place == "header" && ignored.iter().any(|it| name.eq_ignore_ascii_case(it)) {
                continue;
            }
            // What an operation says of a parameter replaces what its path item says.
            if !all.iter().any(|known| known.is(&new)) {
                all.push(new);
            }
        }
        all
    }

    /// Header names have no case (RFC 9110 section 5.1); names in a path are not on the wire.
    fn is(&self, other: &Self) -> bool {
        let named = if self.place == "header" {
            self.name.eq_ignore_ascii_case(other.name)
        } else if !self.positions.is_empty() && !other.positions.is_empty() {
            self.positions.iter().any(|at| other.positions.contains(at))
        } else {
            self.name == other.name
        };
        self.place == other.place && named
    }

    fn is_if_match(&self) -> bool {
        self.place == "header" && self.name.eq_ignore_ascii_case("if-match")
    }

    /// A path has all its parameters.
    fn required(&self) -> bool {
        self.place == "path" || self.at.flag("required")
    }

    fn style(&self) -> &'a str {
        let usual = if matches!(self.place, "query" | "cookie") { "form" } else { "simple" };
        self.at.text("style").unwrap_or(usual)
    }

    fn explode(&self) -> bool {
        let usual = self.style() == "form";
        self.at.value.get("explode").and_then(serde_json::Value::as_bool).unwrap_or(usual)
    }

    fn words(&self) -> String {
        render::parameter(&self.at)
    }
}

/// Compares the parameters of an operation.
pub(crate) fn compare<'a>(work: &mut Comparison<'a>, a: &Operation<'a>, b: &Operation<'a>) {
    let old = Parameter::all(work.base, a);
    let new = Parameter::all(work.revision, b);
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    for parameter in &old {
        match new.iter().find(|other| other.is(parameter)) {
            Some(other) => stayed(work, parameter, other),
            None => gone.push(parameter),
        }
    }
    come.extend(new.iter().filter(|other| !old.iter().any(|parameter| parameter.is(other))));
    for parameter in gone {
        let moved = come.iter().position(|other| other.name == parameter.name);
        if let Some(index) = moved {
            let other = come.remove(index);
            let text = format!("{} is {} now", parameter.words(), other.words());
            let finding = named(work, "request-parameter-in-changed", Verdict::Breaking, text);
            work.record(finding.at(Some(&parameter.at.pointer), Some(&other.at.pointer)));
        } else {
            removed(work, parameter, &b.at);
        }
    }
    for parameter in come {
        added(work, parameter, &a.at);
    }
}

/// A change of a request, or of one that a callback brings: there, what is required is promised.
fn named(work: &Comparison<'_>, rule: &'static str, wire: Verdict, text: String) -> Finding {
    let wire = match rule {
        _ if !work.callback => wire,
        "request-parameter-became-optional" => Verdict::Breaking,
        "new-request-path-parameter"
        | "new-required-request-parameter"
        | "request-parameter-became-required" => Verdict::Compatible,
        _ => wire,
    };
    Finding::named(rule, Direction::Request, wire, text)
}

fn removed<'a>(work: &mut Comparison<'a>, old: &Parameter<'a>, operation: &Cursor<'a>) {
    let text = format!("{} is gone", old.words());
    let rule = if old.is_if_match() { "if-match-removed" } else { "request-parameter-removed" };
    let finding = named(work, rule, Verdict::PotentiallyBreaking, text);
    let finding = if old.is_if_match() {
        let note = "nothing guards an update against overwriting another one any more";
        finding.wire(Verdict::Breaking).run_time(Verdict::Breaking, note)
    } else {
        finding
    };
    work.record(finding.at(Some(&old.at.pointer), Some(&operation.pointer)));
}

fn added<'a>(work: &mut Comparison<'a>, new: &Parameter<'a>, operation: &Cursor<'a>) {
    let (rule, wire, how) = match (new.place, new.required()) {
        ("path", _) => ("new-request-path-parameter", Verdict::Breaking, "required"),
        (_, true) => ("new-required-request-parameter", Verdict::Breaking, "required"),
        (_, false) => ("new-optional-request-parameter", Verdict::Compatible, "optional"),
    };
    let finding = named(work, rule, wire, format!("{} is new and {how}", new.words()));
    work.record(finding.at(Some(&operation.pointer), Some(&new.at.pointer)));
}

fn stayed<'a>(work: &mut Comparison<'a>, old: &Parameter<'a>, new: &Parameter<'a>) {
    let name = new.words();
    let at = (old.at.pointer.clone(), new.at.pointer.clone());
    let record = |work: &mut Comparison<'a>, finding: Finding| {
        work.record(finding.at(Some(&at.0), Some(&at.1)));
    };
    match (old.required(), new.required()) {
        (false, true) => {
            let text = format!("{name} is required now");
            let finding = named(work, "request-parameter-became-required", Verdict::Breaking, text);
            record(work, finding);
        }
        (true, false) if new.is_if_match() => {
            let text =
                format!("{name} is optional now: an update without it may overwrite another one");
            let finding = named(work, "if-match-became-optional", Verdict::Compatible, text);
            let note = "a client that relies on being refused without it is not any more";
            record(work, finding.run_time(Verdict::Breaking, note));
        }
        (true, false) => {
            let text = format!("{name} is optional now");
            let finding =
                named(work, "request-parameter-became-optional", Verdict::Compatible, text);
            record(work, finding);
        }
        _ => {}
    }
    match (old.at.flag("deprecated"), new.at.flag("deprecated")) {
        (false, true) => {
            let text = format!("{name} is deprecated now");
            let finding = named(work, "request-parameter-deprecated", Verdict::Compatible, text);
            record(work, finding);
        }
        (true, false) => {
            let text = format!("{name} is not deprecated any more");
            let finding = named(work, "request-parameter-reactivated", Verdict::Compatible, text);
            record(work, finding);
        }
        _ => {}
    }
    if old.place != "path" && old.at.flag("allowEmptyValue") != new.at.flag("allowEmptyValue") {
        let (wire, how) = if new.at.flag("allowEmptyValue") {
            (Verdict::Compatible, "may be empty now")
        } else {
            (Verdict::Breaking, "may not be empty any more")
        };
        let text = format!("{name} {how}");
        let finding = named(work, "request-parameter-allow-empty-value-changed", wire, text);
        record(work, finding);
    }
    work.described(&old.at, &new.at, "description", &name);
    let context = Context::new(Carrier::Parameter, Direction::Request);
    if old.at.get("content").is_some() != new.at.get("content").is_some() {
        let text = format!("{name} is written by a media type on one side alone");
        let finding =
            named(work, "request-parameter-serialization-changed", Verdict::Breaking, text);
        record(work, finding);
        return;
    }
    serialization(work, old, new);
    if let Some((a, b, opens)) = one_and_several(work, old, new, context) {
        let (what, relation, often) = if opens {
            ("type-generalized", SetRelation::Wider, "several times")
        } else {
            ("type-specialized", SetRelation::Narrower, "once only")
        };
        let context = Context { callback: work.callback, ..context };
        record(
            work,
            Finding::new(context, what, relation, format!("{name} may be given {often} now")),
        );
        let findings = work.schemas.compare(a, b, context);
        work.record_all(findings);
        return;
    }
    body::schemas(work, &old.at, &new.at, context);
    body::contents(work, &old.at, &new.at, context);
}

/// The schemas of a single value and of the elements of a list, in the order of the documents, and
/// whether the list came later, where one value is written as a list of one is: exploded, in the style
/// `form` (OpenAPI 3.0.3 section 4.7.12.3).
fn one_and_several<'a>(
    work: &mut Comparison<'a>,
    old: &Parameter<'a>,
    new: &Parameter<'a>,
    context: Context,
) -> Option<(Cursor<'a>, Cursor<'a>, bool)> {
    if old.style() != "form" || new.style() != "form" {
        return None;
    }
    let (a, b) = (old.at.get("schema")?, new.at.get("schema")?);
    let mut single = |side: Side, at: &Cursor<'a>| {
        work.schemas.types(side, at.clone(), context).within(Types::SCALAR)
    };
    match (single(Side::Base, &a), single(Side::Revision, &b)) {
        (true, false) if new.explode() => Some((a, element(work.revision, b)?, true)),
        (false, true) if old.explode() => Some((element(work.base, a)?, b, false)),
        _ => None,
    }
}

/// The schema of the elements of a list that may have one element, and says little else.
fn element<'a>(document: &'a Document, at: Cursor<'a>) -> Option<Cursor<'a>> {
    let list = document.follow(at);
    let plain =
        ["type", "items", "title", "description", "uniqueItems", "minItems", "maxItems", "example"];
    let mut keys = list.value.as_object()?.keys().map(String::as_str);
    let plain = keys.all(|key| plain.contains(&key) || key.starts_with("x-"));
    let some = list.value.get("maxItems").is_none_or(|most| numbers::count(most) > Some(0))
        && list.value.get("minItems").is_none_or(|least| numbers::count(least) <= Some(1));
    (plain && some && list.text("type") == Some("array")).then(|| list.get("items")).flatten()
}

/// How a value is written in the place it has.
fn serialization<'a>(work: &mut Comparison<'a>, old: &Parameter<'a>, new: &Parameter<'a>) {
    let name = new.words();
    let at = (Some(old.at.pointer.as_str()), Some(new.at.pointer.as_str()));
    let context = Context::new(Carrier::Parameter, Direction::Request);
    let mut may = |side: Side, parameter: &Parameter<'a>, types: Types| {
        let schema = parameter.at.get("schema");
        schema.is_some_and(|at| work.schemas.types(side, at, context).has(types))
    };
    let composite = Types::ARRAY.or(Types::OBJECT);
    let composed = may(Side::Base, old, composite) || may(Side::Revision, new, composite);
    // `a,b` is a list in the style `simple`, exploded or not (OpenAPI 3.0.3 section 4.7.12.3).
    let simple = old.style() == "simple" && new.style() == "simple";
    let parts = if simple { Types::OBJECT } else { composite };
    let exploded = may(Side::Base, old, parts) && may(Side::Revision, new, parts);
    if old.style() != new.style() {
        let text =
            format!("{name} is written in the style {} now, not {}", new.style(), old.style());
        // Outside of a path, a style other than the usual one says nothing of single values
        // (OpenAPI 3.0.3 section 4.7.12.3).
        let sure = composed || old.place == "path";
        let wire = if sure { Verdict::Breaking } else { Verdict::PotentiallyBreaking };
        let finding = named(work, "request-parameter-style-changed", wire, text);
        work.record(finding.at(at.0, at.1));
    } else if old.explode() != new.explode() && exploded {
        let how = if new.explode() { "apart" } else { "in one" };
        let text = format!("the parts of {name} are written {how} now");
        let finding = named(work, "request-parameter-explode-changed", Verdict::Breaking, text);
        work.record(finding.at(at.0, at.1));
    }
    let reserved = (old.at.flag("allowReserved"), new.at.flag("allowReserved"));
    if reserved.0 != reserved.1 && old.place == "query" {
        let (wire, how) = if reserved.1 {
            (Verdict::Compatible, "may be written without encoding now")
        } else {
            (Verdict::PotentiallyBreaking, "must be percent-encoded now")
        };
        let text = format!("reserved characters of {name} {how}");
        let finding = named(work, "request-parameter-allow-reserved-changed", wire, text);
        work.record(finding.at(at.0, at.1));
    }
}
