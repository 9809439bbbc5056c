//! Members of objects by what their names are like: `patternProperties` and `propertyNames`.

use std::collections::BTreeSet;

use crate::finding::{Context, Finding, SetRelation, Side};
use crate::schema::node::{Part, is_nothing};
use crate::schema::normalized::{Additional, NormalizedSchema};
use crate::schema::pair::SchemaPair;
use crate::schema::{Found, Schemas};

/// What changed of members by their names, and the pairs of those.
pub(crate) fn compare<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    found: &mut Found<'a>,
) {
    let inside = pair.context.within();
    let (a, b) = (&pair.a.modern.patterned, &pair.b.modern.patterned);
    let patterns: BTreeSet<_> = a.keys().chain(b.keys()).copied().collect();
    for pattern in patterns {
        match (a.get(pattern), b.get(pattern)) {
            (Some(old), Some(new)) => found.inner.push((old.clone(), new.clone(), inside)),
            (Some(old), None) => {
                if let Additional::Only(parts) = &pair.b.additional {
                    found.inner.push((old.clone(), parts.clone(), inside));
                } else {
                    found.findings.extend(gone(schemas, pair, pattern, old));
                }
            }
            (None, Some(new)) => {
                if let Additional::Only(parts) = &pair.a.additional {
                    found.inner.push((parts.clone(), new.clone(), inside));
                } else {
                    found.findings.extend(come(schemas, pair, pattern, new));
                }
            }
            (None, None) => {}
        }
    }
    names(schemas, pair, found);
}

/// What was said of the members of a pattern, which is said no more.
fn gone<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    pattern: &str,
    parts: &[Part<'a>],
) -> Option<Finding> {
    let forbidden = forbids(schemas, Side::Base, parts);
    let (relation, text) = match (pair.b.is_closed(), forbidden) {
        (true, true) => return None,
        (true, false) => (SetRelation::Narrower, "may not have members named like"),
        (false, _) if schemas.parts_are_anything(Side::Base, parts, pair.context.within()) => {
            return None;
        }
        (false, true) => (SetRelation::Wider, "may have members named like"),
        (false, false) => (SetRelation::Wider, "may have anything in members named like"),
    };
    let text = format!("{text} `{pattern}` now");
    let at = parts.first().map(|part| part.at.pointer.as_str());
    Some(pair.finding("pattern-property-removed", relation, at, None, &text))
}

/// What is said of the members of a pattern, which was not said before.
fn come<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    pattern: &str,
    parts: &[Part<'a>],
) -> Option<Finding> {
    let forbidden = forbids(schemas, Side::Revision, parts);
    let (relation, text) = match (pair.a.is_closed(), forbidden) {
        (true, true) => return None,
        (true, false) => (SetRelation::Wider, "may have members named like"),
        (false, _) if schemas.parts_are_anything(Side::Revision, parts, pair.context.within()) => {
            return None;
        }
        (false, true) => (SetRelation::Narrower, "may not have members named like"),
        (false, false) => (SetRelation::Narrower, "limits members named like"),
    };
    let text = format!("{text} `{pattern}` now");
    let at = parts.first().map(|part| part.at.pointer.as_str());
    Some(pair.finding("pattern-property-added", relation, None, at, &text))
}

/// Whether a member may not be there at all.
pub(crate) fn forbids<'a>(schemas: &Schemas<'a>, side: Side, parts: &[Part<'a>]) -> bool {
    let document = schemas.nodes(side).document;
    parts.iter().any(|part| is_nothing(document, &part.at))
}

/// What the names of members may be.
fn names<'a>(schemas: &mut Schemas<'a>, pair: &SchemaPair<'_, 'a>, found: &mut Found<'a>) {
    // A name is a text, whatever else is said of it.
    let context = pair.context.within().branched();
    let (a, b) = (
        limiting(schemas, Side::Base, pair.a, context),
        limiting(schemas, Side::Revision, pair.b, context),
    );
    match (a, b) {
        (Some(old), Some(new)) => found.inner.push((old.to_vec(), new.to_vec(), context)),
        (Some(old), None) => {
            let at = old.first().map(|part| part.at.pointer.as_str());
            let text = "may have members of any name now";
            let finding =
                pair.finding("property-names-removed", SetRelation::Wider, at, None, text);
            found.findings.push(finding);
        }
        (None, Some(new)) => {
            let at = new.first().map(|part| part.at.pointer.as_str());
            let text = "limits the names of its members now";
            let finding =
                pair.finding("property-names-added", SetRelation::Narrower, None, at, text);
            found.findings.push(finding);
        }
        (None, None) => {}
    }
}

/// What is said of the names of members, if that says anything.
fn limiting<'s, 'a>(
    schemas: &mut Schemas<'a>,
    side: Side,
    schema: &'s NormalizedSchema<'a>,
    context: Context,
) -> Option<&'s [Part<'a>]> {
    let names = schema.modern.names.as_slice();
    let context = Context { written: crate::finding::Written::Text, ..context };
    (!names.is_empty() && !schemas.parts_are_anything(side, names, context)).then_some(names)
}
