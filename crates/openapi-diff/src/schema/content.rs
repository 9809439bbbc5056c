//! What a text holds (`contentEncoding`, `contentMediaType`, `contentSchema`), and keywords whose meaning
//! is not known.

use std::collections::BTreeSet;

use openapi_document::Cursor;

use crate::change::{Direction, Verdict};
use crate::finding::{Finding, SetRelation, Side};
use crate::schema::normalized::Facet;
use crate::schema::pair::{SchemaPair, pointer};
use crate::schema::types::{Types, same};
use crate::schema::{Found, Schemas};

/// What changed of the contents of two texts. No validator looks into them, whoever reads them does
/// (JSON Schema 2020-12 Validation section 8): the least that a change is, is potentially breaking.
pub(crate) fn compare<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    found: &mut Found<'a>,
) {
    if !pair.shared().has(Types::STRING) {
        return;
    }
    let (a, b) = (&pair.a.modern, &pair.b.modern);
    for (old, new, what, word) in [
        (&a.encoding, &b.encoding, "content-encoding-changed", "encoding"),
        (&a.media, &b.media, "content-media-type-changed", "media type"),
    ] {
        found.findings.extend(word_changed(pair, (old, new), what, word));
    }
    let inside = pair.context.within();
    match (a.content.is_empty(), b.content.is_empty()) {
        (false, false) => found.inner.push((a.content.clone(), b.content.clone(), inside)),
        (false, true) if !schemas.parts_are_anything(Side::Base, &a.content, inside) => {
            let at = a.content.first().map(|part| part.at.pointer.as_str());
            let text = "may hold anything of its media type now";
            found.findings.push(mild(pair.finding(
                "content-schema-removed",
                SetRelation::Wider,
                at,
                None,
                text,
            )));
        }
        (true, false) if !schemas.parts_are_anything(Side::Revision, &b.content, inside) => {
            let at = b.content.first().map(|part| part.at.pointer.as_str());
            let text = "holds what `contentSchema` describes now";
            found.findings.push(mild(pair.finding(
                "content-schema-added",
                SetRelation::Narrower,
                None,
                at,
                text,
            )));
        }
        _ => {}
    }
}

fn mild(finding: Finding) -> Finding {
    let wire = finding.wire.min(Verdict::PotentiallyBreaking);
    finding.wire(wire)
}

fn word_changed(
    pair: &SchemaPair<'_, '_>,
    (old, new): (&Option<Facet<&str>>, &Option<Facet<&str>>),
    what: &str,
    word: &str,
) -> Option<Finding> {
    let (relation, text) = match (old.as_ref().map(|f| f.value), new.as_ref().map(|f| f.value)) {
        (None, None) => return None,
        (Some(old), Some(new)) if old.eq_ignore_ascii_case(new) => return None,
        (None, Some(new)) => (SetRelation::Narrower, format!("has the content {word} {new} now")),
        (Some(old), None) => {
            (SetRelation::Wider, format!("does not have the content {word} {old} any more"))
        }
        (Some(old), Some(new)) => {
            (SetRelation::Other, format!("has the content {word} {new} now, not {old}"))
        }
    };
    let finding = pair.finding(what, relation, pointer(old.as_ref()), pointer(new.as_ref()), &text);
    Some(if relation == SetRelation::Other { finding } else { mild(finding) })
}

/// Keywords that the comparison does not know, and that differ.
pub(crate) fn unknown(pair: &SchemaPair<'_, '_>) -> Vec<Finding> {
    let (a, b) = (&pair.a.modern.unknown, &pair.b.modern.unknown);
    let names: BTreeSet<_> = a.keys().chain(b.keys()).copied().collect();
    let all = |list: Option<&Vec<Cursor<'_>>>| {
        list.map_or(Vec::new(), |list| list.iter().map(|at| at.value.clone()).collect())
    };
    let differ = names.into_iter().filter(|name| {
        let (old, new): (Vec<_>, Vec<_>) = (all(a.get(name)), all(b.get(name)));
        old.len() != new.len() || !old.iter().zip(&new).all(|(old, new)| same(old, new))
    });
    let finding = |name: &str| {
        let at = |list: Option<&Vec<Cursor<'_>>>| list?.first().map(|at| at.pointer.clone());
        let (old, new) = (at(a.get(name)), at(b.get(name)));
        let text = match (&old, &new) {
            (Some(_), None) => format!("has no `{name}` any more, a keyword that is not compared"),
            (None, _) => format!("has `{name}` now, a keyword that is not compared"),
            _ => format!("has another `{name}`, a keyword that is not compared"),
        };
        let finding = pair.finding("", SetRelation::Other, old.as_deref(), new.as_deref(), &text);
        let rule = "comparison-incomplete".into();
        Finding { rule, direction: Direction::Neither, ..finding }
            .wire(Verdict::PotentiallyBreaking)
    };
    differ.map(finding).collect()
}
