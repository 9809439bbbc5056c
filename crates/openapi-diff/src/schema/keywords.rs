//! Two schemas, keyword by keyword.

use std::collections::HashSet;

use openapi_document::Decimal;
use serde_json::Value;

use crate::change::Verdict;
use crate::finding::{Finding, SetRelation};
use crate::render;
use crate::schema::normalized::{Bound, COUNTED, COUNTS, Facet, NormalizedSchema};
use crate::schema::pair::{SchemaPair, pointer};
use crate::schema::ranges::{self, Range};
use crate::schema::spelled::text;
use crate::schema::types::{Known, Types};
use crate::schema::{Found, Schemas};
use crate::schema::{conditions, content, effects, elements, formats, objects, unions};

/// Everything that changed between two schemas, without what is in them.
pub(crate) fn compare<'a>(schemas: &mut Schemas<'a>, pair: &SchemaPair<'_, 'a>) -> Found<'a> {
    let (a, b, direction) = (pair.a, pair.b, pair.context.direction);
    if a.groups.is_empty() && !b.groups.is_empty() && a.has_types() {
        let document = schemas.revision.document;
        if let Some(merged) = b.merged(document, direction) {
            return compare(schemas, &SchemaPair { b: &merged, name: pair.name.clone(), ..*pair });
        }
    }
    if b.groups.is_empty() && !a.groups.is_empty() && b.has_types() {
        let document = schemas.base.document;
        if let Some(merged) = a.merged(document, direction) {
            return compare(schemas, &SchemaPair { a: &merged, name: pair.name.clone(), ..*pair });
        }
    }
    let mut found = Found::default();
    found.findings.extend(pair.annotations());
    found.findings.extend(content::unknown(pair));
    found.findings.extend(effects::compare(schemas, pair));
    if a.groups.is_empty() != b.groups.is_empty() {
        if let (Some(old), Some(new)) = (a.alternatives(), b.alternatives()) {
            found.findings.extend(pair.nullability());
            unions::groups(schemas, pair, (old, new), &mut found);
            return found;
        }
        unions::one_sided(schemas, pair, &mut found);
        return found;
    }
    found.findings.extend(pair.nullability());
    let types = pair.types();
    let relation = types.as_ref().map(|finding| finding.relation);
    found.findings.extend(types.or_else(|| pair.format()));
    if relation.is_some() && !pair.shared().has(Types::ANY) {
        if relation == Some(SetRelation::Same) && pair.lists() {
            found.findings.extend(pair.values());
        }
        return found;
    }
    let mut rest = Found::default();
    rest.findings.extend(pair.values());
    rest.findings.extend(pair.bounds());
    rest.findings.extend(pair.counts());
    rest.findings.extend(pair.texts());
    elements::compare(schemas, pair, &mut rest);
    objects::compare(schemas, pair, &mut rest);
    conditions::compare(schemas, pair, &mut rest);
    content::compare(schemas, pair, &mut rest);
    unions::both(schemas, pair, &mut rest);
    // Who says that anything is a string now need not say that it is a short one.
    if relation.is_some() && !(a.types.within(Types::NUMBER) && b.types.within(Types::NUMBER)) {
        rest.findings.retain(|finding| Some(finding.relation) != relation);
    }
    found.findings.append(&mut rest.findings);
    found.inner.append(&mut rest.inner);
    found
}

impl SchemaPair<'_, '_> {
    /// What changed of the type.
    fn types(&self) -> Option<Finding> {
        if self.a.types == self.b.types {
            // A format says more of what is right, and nothing of what else is to be compared.
            return None;
        }
        // Lists of values say more of what changed than the types that follow from them.
        let unsaid = self.a.type_pointer.is_none() && self.b.type_pointer.is_none();
        if unsaid && self.a.values.is_some() && self.b.values.is_some() {
            return None;
        }
        let (old, new) = (self.worth(self.a), self.worth(self.b));
        let (relation, what) = match (old.within(new), new.within(old)) {
            _ if let Some(relation) = self.spelled() => (relation, "type-changed"),
            (true, true) => (SetRelation::Same, "type-changed"),
            (true, false) => (SetRelation::Wider, "type-generalized"),
            (false, true) if self.b.types.within(self.a.types) => {
                (SetRelation::Narrower, "type-specialized")
            }
            (false, true) => (SetRelation::Narrower, "type-changed"),
            (false, false) => (SetRelation::Other, "type-changed"),
        };
        let word = |schema: &NormalizedSchema<'_>| match &schema.format {
            Some(format) => format!("{} ({})", schema.types.words(), format.value),
            None if schema.types == Types::NONE && schema.null => "null".to_owned(),
            None => schema.types.words(),
        };
        let nothing = |schema: &NormalizedSchema<'_>| schema.types == Types::NONE && !schema.null;
        let (what, text) = if nothing(self.b) {
            ("schema-became-false", "cannot be anything any more".to_owned())
        } else if nothing(self.a) {
            ("schema-became-not-false", format!("can be {} now", word(self.b)))
        } else {
            (what, format!("is {} now, not {}", word(self.b), word(self.a)))
        };
        let (old, new) = (self.a.type_pointer.as_deref(), self.b.type_pointer.as_deref());
        let finding = self.finding(what, relation, old, new, &text);
        // Another type of header is text as before, which a reader may take for something else.
        let retyped = !self.context.is_request()
            && what == "type-changed"
            && relation == SetRelation::Narrower;
        // How the members of a parameter are written is not said so well that each is text for sure.
        let unsure = self.context.member
            && relation == SetRelation::Wider
            && !self.a.types.within(self.b.types);
        Some(if retyped || unsure { finding.wire(Verdict::PotentiallyBreaking) } else { finding })
    }

    fn format(&self) -> Option<Finding> {
        if self.a.types != self.b.types {
            return None;
        }
        let (a, b) = (&self.a.format, &self.b.format);
        let value =
            |facet: &Option<Facet<&str>>| facet.as_ref().map_or("none", |f| f.value).to_owned();
        let formats = (a.as_ref().map(|f| f.value), b.as_ref().map(|f| f.value));
        let what = match formats {
            (a, b) if a == b => return None,
            (None, Some(_)) => "type-specialized",
            (Some(_), None) => "type-generalized",
            _ => "type-changed",
        };
        let listed = |schema: &NormalizedSchema<'_>| schema.values.is_some();
        // `password` says how a text is shown.
        let hidden = |format: &&str| *format == "password";
        let plain = (formats.0.filter(|it| !hidden(it)), formats.1.filter(|it| !hidden(it)));
        let (lost, gained) = match (Range::of_format(self.a), Range::of_format(self.b)) {
            _ if plain == (None, None) => (false, false),
            (old, new)
                if old.is_some() == formats.0.is_some() && new.is_some() == formats.1.is_some() =>
            {
                let beyond = |of, limit: Option<Range>| {
                    limit.as_ref().is_some_and(|limit| !Range::of(of).within(limit))
                };
                (beyond(self.a, new), beyond(self.b, old))
            }
            // Who lists every value says more than a format does.
            _ => match plain {
                (None, _) => (!listed(self.a), false),
                (_, None) => (false, !listed(self.b)),
                (Some(old), Some(new)) if formats::is_within(old, new) => (false, true),
                (Some(old), Some(new)) if formats::is_within(new, old) => (true, false),
                _ => (true, true),
            },
        };
        let relation = match (lost, gained) {
            (false, false) => SetRelation::Same,
            (true, false) => SetRelation::Narrower,
            (false, true) => SetRelation::Wider,
            (true, true) => SetRelation::Other,
        };
        let what = match (relation, what) {
            (SetRelation::Narrower, "type-changed") => "type-specialized",
            (SetRelation::Wider, "type-changed") => "type-generalized",
            (_, what) => what,
        };
        let text = match (a, b) {
            (None, Some(b)) => format!("has the format {} now", b.value),
            (Some(a), None) => format!("does not have the format {} any more", a.value),
            _ => format!("has the format {} now, not {}", value(b), value(a)),
        };
        let finding = self.finding(what, relation, pointer(a.as_ref()), pointer(b.as_ref()), &text);
        let known = [plain.0, plain.1].into_iter().flatten().all(ranges::is_known);
        let most = if known { Verdict::Breaking } else { Verdict::PotentiallyBreaking };
        let wire = finding.wire.min(most);
        Some(finding.wire(wire))
    }

    fn values(&self) -> Vec<Finding> {
        let (a, b) = (&self.a.values, &self.b.values);
        let (old, new) = (pointer(a.as_ref()), pointer(b.as_ref()));
        let list = |values: &[&Value]| {
            render::list(
                &values.iter().take(8).map(|value| render::value(value)).collect::<Vec<_>>(),
            )
        };
        match (a, b) {
            (None, None) => Vec::new(),
            (None, Some(values)) => {
                let text = match values.value.as_slice() {
                    [one] => format!("is always {} now", render::value(one)),
                    several => format!("is one of {} now", list(several)),
                };
                vec![self.finding("became-enum", SetRelation::Narrower, old, new, &text)]
            }
            (Some(values), None) => {
                let text = format!("is not limited to {} any more", list(&values.value));
                vec![self.finding("became-not-enum", SetRelation::Wider, old, new, &text)]
            }
            (Some(a), Some(b)) => {
                let (before, after) = (Known::of(&a.value), Known::of(&b.value));
                let (spelt, spells) = (self.texts_of(&a.value), self.texts_of(&b.value));
                let among = |value: &Value, texts: &HashSet<String>| {
                    !texts.is_empty() && text(value).is_some_and(|text| texts.contains(&text))
                };
                let gone = a.value.iter();
                let gone = gone.filter(|value| !after.has(value) && !among(value, &spells));
                let come = b.value.iter();
                let come = come.filter(|value| !before.has(value) && !among(value, &spelt));
                let gone = gone.map(|value| {
                    let text = format!("cannot be {} any more", render::value(value));
                    self.finding("enum-value-removed", SetRelation::Narrower, old, new, &text)
                });
                let come = come.map(|value| {
                    let text = format!("can be {} now", render::value(value));
                    self.finding("enum-value-added", SetRelation::Wider, old, new, &text)
                });
                gone.chain(come).collect()
            }
        }
    }

    fn bounds(&self) -> Vec<Finding> {
        if !self.shared().has(Types::NUMBER) {
            return Vec::new();
        }
        let (a, b) = (self.a, self.b);
        let mut findings = Vec::new();
        for (old, new, name, upper) in
            [(&a.minimum, &b.minimum, "min", false), (&a.maximum, &b.maximum, "max", true)]
        {
            let phrase = |bound: &Bound| {
                let word = match (upper, bound.exclusive) {
                    (false, false) => "at least",
                    (false, true) => "more than",
                    (true, false) => "at most",
                    (true, true) => "less than",
                };
                format!("{word} {}", render::number(&bound.value))
            };
            let change = match (old.as_ref().map(|f| &f.value), new.as_ref().map(|f| &f.value)) {
                (None, None) => None,
                (None, Some(new)) => Some(("set", true, format!("is {} now", phrase(new)))),
                (Some(old), None) => {
                    Some(("unset", false, format!("need not be {} any more", phrase(old))))
                }
                (Some(old), Some(new)) => {
                    let tighter = if upper { new.value < old.value } else { new.value > old.value };
                    let equal = new.value == old.value;
                    let text = format!("is {} now, not {}", phrase(new), phrase(old));
                    match (equal, new.exclusive, old.exclusive) {
                        (true, a, b) if a == b => None,
                        (true, now, _) => {
                            Some((if now { "exclusive-set" } else { "exclusive-unset" }, now, text))
                        }
                        _ => Some((direction(upper, tighter), tighter, text)),
                    }
                }
            };
            if let Some((verb, tighter, text)) = change {
                // Formats and listed values are limits, too.
                let (bound, whole) = if tighter { (new, a) } else { (old, b) };
                let held =
                    bound.as_ref().is_some_and(|bound| Range::of(whole).fits(&bound.value, upper));
                let relation = if held { SetRelation::Same } else { tightens(tighter) };
                let (old, new) = (pointer(old.as_ref()), pointer(new.as_ref()));
                findings.push(self.finding(&format!("{name}-{verb}"), relation, old, new, &text));
            }
        }
        findings.extend(self.dangling());
        findings.extend(self.multiples());
        findings
    }

    /// A bound that is excluded and that there is none of: nobody can tell what is meant
    /// (`exclusiveMaximum` is about the limit in `maximum`, JSON Schema Validation draft 5 section 5.3).
    fn dangling(&self) -> Vec<Finding> {
        let (a, b) = (self.a, self.b);
        let mut findings = Vec::new();
        for (index, name, word, free) in [
            (0, "min", "Minimum", a.minimum.is_none() && b.minimum.is_none()),
            (1, "max", "Maximum", a.maximum.is_none() && b.maximum.is_none()),
        ] {
            let (old, new) = (a.dangling[index].as_deref(), b.dangling[index].as_deref());
            let keyword = format!("`exclusive{word}`");
            let bound = format!("`{}`", word.to_lowercase());
            let (verb, text) = match (old, new) {
                _ if !free => continue,
                (None, Some(_)) => ("set", format!("has {keyword} without {bound} now")),
                (Some(_), None) => ("unset", format!("has no {keyword} any more, nor {bound}")),
                _ => continue,
            };
            let rule = format!("{name}-exclusive-{verb}");
            let finding = self.finding(&rule, tightens(new.is_some()), old, new, &text);
            let wire = finding.wire.min(Verdict::PotentiallyBreaking);
            findings.push(finding.wire(wire));
        }
        findings
    }

    fn multiples(&self) -> Option<Finding> {
        let (a, b) = (&self.a.multiples, &self.b.multiples);
        let all = |from: &[Facet<Decimal>], to: &[Facet<Decimal>]| {
            to.iter().all(|to| from.iter().any(|from| from.value.is_multiple_of(&to.value)))
        };
        let (relation, what) = match (a.is_empty(), b.is_empty(), all(a, b), all(b, a)) {
            (_, _, true, true) => return None,
            (true, ..) => (SetRelation::Narrower, "multiple-of-set"),
            (_, true, ..) => (SetRelation::Wider, "multiple-of-unset"),
            (_, _, true, false) => (SetRelation::Wider, "multiple-of-changed"),
            (_, _, false, true) => (SetRelation::Narrower, "multiple-of-changed"),
            (..) => (SetRelation::Other, "multiple-of-changed"),
        };
        let list = |facets: &[Facet<Decimal>]| {
            let numbers: Vec<_> = facets.iter().map(|facet| render::number(&facet.value)).collect();
            render::list(&numbers)
        };
        let text = match (a.is_empty(), b.is_empty()) {
            (true, _) => format!("is a multiple of {} now", list(b)),
            (_, true) => format!("need not be a multiple of {} any more", list(a)),
            _ => format!("is a multiple of {} now, not of {}", list(b), list(a)),
        };
        Some(self.finding(what, relation, pointer(a.first()), pointer(b.first()), &text))
    }

    fn counts(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (index, (key, upper)) in COUNTS.into_iter().enumerate() {
            if !self.shared().has(COUNTED[index / 2]) {
                continue;
            }
            let (old, new) = (&self.a.counts[index], &self.b.counts[index]);
            let (name, unit) = match key {
                "minLength" => ("min-length", "character"),
                "maxLength" => ("max-length", "character"),
                "minItems" => ("min-items", "element"),
                "maxItems" => ("max-items", "element"),
                "minProperties" => ("min-properties", "member"),
                _ => ("max-properties", "member"),
            };
            let phrase = |count: u64| {
                let word = if upper { "at most" } else { "at least" };
                format!("{word} {count} {unit}{}", if count == 1 { "" } else { "s" })
            };
            let (verb, tighter, text) =
                match (old.as_ref().map(|f| f.value), new.as_ref().map(|f| f.value)) {
                    (a, b) if a == b => continue,
                    (None, Some(new)) => ("set", true, format!("has {} now", phrase(new))),
                    (Some(old), None) => {
                        ("unset", false, format!("need not have {} any more", phrase(old)))
                    }
                    (Some(old), Some(new)) => {
                        let tighter = (new < old) == upper;
                        let text = format!("has {} now, not {old}", phrase(new));
                        (direction(upper, tighter), tighter, text)
                    }
                    (None, None) => continue,
                };
            let (old, new) = (pointer(old.as_ref()), pointer(new.as_ref()));
            findings.push(self.finding(
                &format!("{name}-{verb}"),
                tightens(tighter),
                old,
                new,
                &text,
            ));
        }
        if self.shared().has(Types::ARRAY) && self.a.unique.is_some() != self.b.unique.is_some() {
            let now = self.b.unique.is_some();
            let (old, new) = (pointer(self.a.unique.as_ref()), pointer(self.b.unique.as_ref()));
            let (what, text) = if now {
                ("unique-items-set", "has unique elements now")
            } else {
                ("unique-items-unset", "may have duplicate elements now")
            };
            findings.push(self.finding(what, tightens(now), old, new, text));
        }
        findings
    }

    fn texts(&self) -> Vec<Finding> {
        if !self.shared().has(Types::STRING) {
            return Vec::new();
        }
        let (a, b) = (&self.a.patterns, &self.b.patterns);
        let missing = |from: &[Facet<&str>], list: &[Facet<&str>]| -> Vec<String> {
            let new = from.iter().filter(|p| !list.iter().any(|known| known.value == p.value));
            new.map(|pattern| format!("`{}`", pattern.value)).collect()
        };
        let (gone, come) = (missing(a, b), missing(b, a));
        let (relation, what, text) = match (gone.is_empty(), come.is_empty()) {
            (true, true) => return Vec::new(),
            (true, false) => (
                SetRelation::Narrower,
                "pattern-added",
                format!("matches {} now", render::list(&come)),
            ),
            (false, true) => {
                let text = format!("need not match {} any more", render::list(&gone));
                (SetRelation::Wider, "pattern-removed", text)
            }
            (false, false) => {
                let text =
                    format!("matches {} now, not {}", render::list(&come), render::list(&gone));
                (SetRelation::Other, "pattern-changed", text)
            }
        };
        let finding = self.finding(what, relation, pointer(a.first()), pointer(b.first()), &text);
        // Readers do not hold what they are sent to a pattern; they take it apart by one.
        if !self.context.is_request() && relation != SetRelation::Narrower {
            let note = "whoever takes the value apart may meet a form that was not there before";
            return vec![
                finding.wire(Verdict::Compatible).run_time(Verdict::PotentiallyBreaking, note),
            ];
        }
        vec![finding]
    }
}

fn tightens(tighter: bool) -> SetRelation {
    if tighter { SetRelation::Narrower } else { SetRelation::Wider }
}

fn direction(upper: bool, tighter: bool) -> &'static str {
    if upper == tighter { "decreased" } else { "increased" }
}
