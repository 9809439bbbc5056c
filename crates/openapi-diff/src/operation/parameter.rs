//! What a request carries outside of its body.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::change::{Direction, Verdict};
use crate::comparison::Comparison;
use crate::finding::{Carrier, Context, Finding, SetRelation, Side};
use crate::operation::Operation;
use crate::operation::body;
use crate::operation::exploded::{self, Member, Need, Spread, parts, taken};
use crate::operation::style;
use crate::render;
use crate::schema::node::Part;
use openapi_document::{Cursor, Document};

/// What makes a parameter the same one, unless it is in the path.
pub(super) type Key<'a> = (&'a str, Cow<'a, str>);

/// A parameter of an operation, its own or one of its path item.
#[derive(Debug, Clone)]
pub(super) struct Parameter<'a> {
    pub(super) place: &'a str,
    pub(super) name: Cow<'a, str>,
    pub(super) at: Cursor<'a>,
    /// Where it is in the path, counted among those that are there: a template may name it several times.
    positions: Vec<usize>,
    /// What it is a member of is at `at`.
    pub(super) member: Option<Member<'a>>,
}

impl<'a> Parameter<'a> {
    fn all(document: &'a Document, operation: &Operation<'a>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        let mut seen = HashSet::new();
        let own = operation.at.elements("parameters");
        for at in own.chain(operation.item.elements("parameters")) {
            let at = document.follow(at);
            let (Some(place), Some(name)) = (at.text("in"), at.text("name")) else { continue };
            let holes = operation.path.split('{').skip(1);
            let named = holes.map(|hole| hole.split('}').next() == Some(name)).enumerate();
            let positions =
                named.filter(|(_, is)| *is && place == "path").map(|(at, _)| at).collect();
            let new = Self { place, name: Cow::Borrowed(name), at, positions, member: None };
            // These are described elsewhere, and parameters of these names are ignored (OpenAPI 3.0.4 section
            // 4.7.12.2).
            let ignored = ["accept", "content-type", "authorization"];
            if place == "header" && ignored.iter().any(|it| name.eq_ignore_ascii_case(it)) {
                continue;
            }
            // What an operation says of a parameter replaces what its path item says.
            if seen.insert(new.key()) {
                all.push(new);
            }
        }
        all
    }

    /// Header names have no case (RFC 9110 section 5.1); names in a path are not on the wire.
    pub(super) fn is(&self, other: &Self) -> bool {
        let named = if self.place == "header" {
            self.name.eq_ignore_ascii_case(&other.name)
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

    pub(super) fn key(&self) -> Key<'a> {
        let name = self.name.clone();
        let name = if self.place == "header" { name.to_ascii_lowercase().into() } else { name };
        (self.place, name)
    }

    /// A path has all its parameters.
    pub(super) fn required(&self) -> bool {
        self.place == "path" || self.at.flag("required")
    }

    pub(super) fn need(&self) -> Need {
        let own = if self.required() { Need::Always } else { Need::Never };
        self.member.as_ref().map_or(own, |member| member.need)
    }

    /// What must hold of its values.
    pub(super) fn parts(&self) -> Vec<Part<'a>> {
        match &self.member {
            Some(member) => member.parts.clone(),
            None => self.at.get("schema").into_iter().map(Part::whole).collect(),
        }
    }

    /// Its schema, if that is one.
    pub(super) fn schema(&self) -> Option<Cursor<'a>> {
        match self.parts().as_slice() {
            [one] => Some(one.at.clone()),
            _ => None,
        }
    }

    pub(super) fn pointer(&self) -> &str {
        self.member.as_ref().map_or(&self.at.pointer, |member| &member.pointer)
    }

    /// A member of the object that it is.
    pub(super) fn of_member(&self, name: Cow<'a, str>, member: Member<'a>) -> Self {
        Self { name, member: Some(member), ..self.clone() }
    }

    /// One more of the same name: what holds of either holds.
    pub(super) fn join(&mut self, other: &Self) {
        let parts = [self.parts(), other.parts()].concat();
        let need = self.need().max(other.need());
        self.member = Some(Member { parts, pointer: self.pointer().to_owned(), need });
    }

    /// Where it is described and marked: there, or in its schema.
    fn said<T>(
        &self,
        document: &'a Document,
        what: impl Fn(&Cursor<'a>) -> Option<T>,
    ) -> Option<T> {
        let own = self.member.is_none().then(|| what(&self.at)).flatten();
        own.or_else(|| self.parts().into_iter().find_map(|part| what(&document.follow(part.at))))
    }

    /// A member is written in the style of a loose parameter.
    pub(super) fn style(&self) -> &'a str {
        if self.member.is_some() {
            return "form";
        }
        let usual = if matches!(self.place, "query" | "cookie") { "form" } else { "simple" };
        self.at.text("style").unwrap_or(usual)
    }

    pub(super) fn explode(&self) -> bool {
        if self.member.is_some() {
            return true;
        }
        let usual = self.style() == "form";
        self.at.value.get("explode").and_then(serde_json::Value::as_bool).unwrap_or(usual)
    }

    pub(super) fn words(&self) -> String {
        render::parameter(self.place, &self.name)
    }
}

/// Compares the parameters of an operation.
pub(crate) fn compare<'a>(work: &mut Comparison<'a>, a: &Operation<'a>, b: &Operation<'a>) {
    let (old, new) = (Parameter::all(work.base, a), Parameter::all(work.revision, b));
    let spread = exploded::spread(work, old, new);
    let (old, new) = (&spread.old, &spread.new);
    let keys = |all: &[Parameter<'a>]| -> HashMap<Key<'a>, usize> {
        all.iter().enumerate().rev().map(|(index, one)| (one.key(), index)).collect()
    };
    let (theirs, ours) = (keys(old), keys(new));
    let find = |all: &'_ [Parameter<'a>], keys: &HashMap<Key<'a>, usize>, one: &Parameter<'a>| {
        // Names in a path are not on the wire.
        if one.place == "path" {
            return all.iter().position(|other| other.is(one));
        }
        keys.get(&one.key()).copied()
    };
    let mut gone = Vec::new();
    for parameter in old {
        match find(new, &ours, parameter) {
            Some(other) => stayed(work, &spread, parameter, &new[other]),
            None => gone.push(parameter),
        }
    }
    let mut come: Vec<_> = new.iter().filter(|other| find(old, &theirs, other).is_none()).collect();
    for parameter in gone {
        let moved = come.iter().position(|other| other.name == parameter.name);
        if let Some(index) = moved {
            let other = come.remove(index);
            let text = format!("{} is {} now", parameter.words(), other.words());
            let finding = named(work, "request-parameter-in-changed", Verdict::Breaking, text);
            work.record(finding.at(Some(parameter.pointer()), Some(other.pointer())));
        } else if let Some(open) = taken(work, Side::Base, parameter, &spread.open[1]) {
            let text = format!("{} is gone, and {} takes it", parameter.words(), open.words());
            let finding = named(work, "request-parameter-removed", Verdict::Compatible, text);
            work.record(finding.at(Some(parameter.pointer()), Some(&open.parameter.at.pointer)));
            if !open.parts.is_empty() {
                parts(work, parameter.parts(), open.parts.clone());
            }
        } else {
            removed(work, parameter, &b.at);
        }
    }
    for parameter in come {
        let open = taken(work, Side::Revision, parameter, &spread.open[0]);
        added(work, &spread, parameter, open.map_or(&a.at, |open| &open.parameter.at));
        if let Some(open) = open.filter(|open| !open.parts.is_empty()) {
            parts(work, open.parts.clone(), parameter.parts());
        }
    }
    exploded::others(work, &spread, &a.at, &b.at);
}

/// A change of a request, or of one that a callback brings: there, what is required is promised.
pub(super) fn named(
    work: &Comparison<'_>,
    rule: &'static str,
    wire: Verdict,
    text: String,
) -> Finding {
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
    work.record(finding.at(Some(old.pointer()), Some(&operation.pointer)));
}

fn added<'a>(
    work: &mut Comparison<'a>,
    spread: &Spread<'a>,
    new: &Parameter<'a>,
    operation: &Cursor<'a>,
) {
    let (rule, wire, how) = match (new.place, spread.asks(Side::Revision, None, new)) {
        ("path", _) => ("new-request-path-parameter", Verdict::Breaking, "required"),
        (_, true) => ("new-required-request-parameter", Verdict::Breaking, "required"),
        (_, false) => ("new-optional-request-parameter", Verdict::Compatible, "optional"),
    };
    let finding = named(work, rule, wire, format!("{} is new and {how}", new.words()));
    work.record(finding.at(Some(&operation.pointer), Some(new.pointer())));
}

fn stayed<'a>(
    work: &mut Comparison<'a>,
    spread: &Spread<'a>,
    old: &Parameter<'a>,
    new: &Parameter<'a>,
) {
    let name = new.words();
    let at = (old.pointer().to_owned(), new.pointer().to_owned());
    let record = |work: &mut Comparison<'a>, finding: Finding| {
        work.record(finding.at(Some(&at.0), Some(&at.1)));
    };
    let asked = spread.asks(Side::Revision, Some(old), new);
    match (asked, !asked && spread.asks(Side::Base, Some(new), old)) {
        (true, _) => {
            let text = match new.need() {
                Need::Beside(_) => {
                    let owner = render::parameter(new.place, new.at.text("name").unwrap_or("?"));
                    format!("{name} is required now where another member of {owner} is given")
                }
                _ => format!("{name} is required now"),
            };
            let finding = named(work, "request-parameter-became-required", Verdict::Breaking, text);
            record(work, finding);
        }
        (_, true) if new.is_if_match() => {
            let text =
                format!("{name} is optional now: an update without it may overwrite another one");
            let finding = named(work, "if-match-became-optional", Verdict::Compatible, text);
            let note = "a client that relies on being refused without it is not any more";
            record(work, finding.run_time(Verdict::Breaking, note));
        }
        (_, true) => {
            let text = format!("{name} is optional now");
            let finding =
                named(work, "request-parameter-became-optional", Verdict::Compatible, text);
            record(work, finding);
        }
        _ => {}
    }
    said(work, old, new);
    if old.place != "path" && old.at.flag("allowEmptyValue") != new.at.flag("allowEmptyValue") {
        let mut verdicts = [Verdict::Compatible, Verdict::Breaking];
        if work.callback {
            verdicts.reverse();
        }
        let [wider, narrower] = verdicts;
        let (wire, how) = if new.at.flag("allowEmptyValue") {
            (wider, "may be empty now")
        } else {
            (narrower, "may not be empty any more")
        };
        let text = format!("{name} {how}");
        let finding = named(work, "request-parameter-allow-empty-value-changed", wire, text);
        record(work, finding);
    }
    let context = Context::new(Carrier::Parameter, Direction::Request);
    if old.at.get("content").is_some() != new.at.get("content").is_some() {
        let text = format!("{name} is written by a media type on one side alone");
        let finding =
            named(work, "request-parameter-serialization-changed", Verdict::Breaking, text);
        record(work, finding);
        return;
    }
    style::compare(work, old, new);
    if let Some((a, b, opens)) = style::one_and_several(work, old, new, context) {
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
    if old.member.is_some() || new.member.is_some() {
        let context = Context { callback: work.callback, ..context };
        let mut findings = work.schemas.compare_parts(old.parts(), new.parts(), context);
        // Loose parameters say outside of their schemas what members say in them.
        let said = [
            "description-changed",
            "request-parameter-deprecated",
            "request-parameter-reactivated",
            "sunset-changed",
        ];
        findings.retain(|finding| !said.contains(&finding.rule.as_ref()));
        work.record_all(findings);
        return;
    }
    body::schemas(work, &old.at, &new.at, context);
    body::contents(work, &old.at, &new.at, context);
}

/// What is said of a parameter rather than sent; of a member, in its schema.
fn said<'a>(work: &mut Comparison<'a>, old: &Parameter<'a>, new: &Parameter<'a>) {
    let name = new.words();
    let at = (Some(old.pointer()), Some(new.pointer()));
    let apart = old.member.is_some() || new.member.is_some();
    let deprecated = |document: &'a Document, one: &Parameter<'a>| {
        let marked = |at: &Cursor<'a>| at.flag("deprecated").then_some(());
        if apart { one.said(document, marked).is_some() } else { one.at.flag("deprecated") }
    };
    match (deprecated(work.base, old), deprecated(work.revision, new)) {
        (false, true) => {
            let text = format!("{name} is deprecated now");
            let finding = named(work, "request-parameter-deprecated", Verdict::Compatible, text);
            work.record(finding.at(at.0, at.1));
        }
        (true, false) => {
            let text = format!("{name} is not deprecated any more");
            let finding = named(work, "request-parameter-reactivated", Verdict::Compatible, text);
            work.record(finding.at(at.0, at.1));
        }
        (true, true) => {
            let sunset = |document: &'a Document, one: &Parameter<'a>| {
                let text = |at: &Cursor<'a>| at.text("x-sunset");
                if apart { one.said(document, text) } else { one.at.text("x-sunset") }
            };
            let (was, is) = (sunset(work.base, old), sunset(work.revision, new));
            if let Some(finding) = Finding::sunset(&name, was, is) {
                work.record(finding.at(at.0, at.1));
            }
        }
        (false, false) => {}
    }
    let described = |document: &'a Document, one: &Parameter<'a>| {
        let text = |at: &Cursor<'a>| at.text("description").map(|_| at.clone());
        let at = one.said(document, text).filter(|_| apart);
        let silent = one.schema().filter(|_| one.member.is_some());
        at.or(silent).unwrap_or_else(|| one.at.clone())
    };
    let texts = (described(work.base, old), described(work.revision, new));
    work.described(&texts.0, &texts.1, "description", &name);
}
