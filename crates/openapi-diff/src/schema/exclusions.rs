//! `not`, which turns everything round.

use openapi_document::Cursor;

use crate::finding::SetRelation;
use crate::schema::node::Part;
use crate::schema::pair::SchemaPair;
use crate::schema::{Found, Schemas};

/// What changed of the schemas under `not`.
pub(crate) fn compare<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    found: &mut Found<'a>,
) {
    let parts = |at: &Cursor<'a>| vec![Part::whole(at.clone())];
    let mut left: Vec<_> = pair.a.nots.iter().collect();
    let mut right: Vec<_> = pair.b.nots.iter().collect();
    left.retain(|a| {
        let equal = right
            .iter()
            .position(|b| schemas.relation(parts(a), parts(b), pair.context) == SetRelation::Same);
        if let Some(at) = equal {
            right.remove(at);
        }
        equal.is_none()
    });
    if let ([a], [b]) = (left.as_slice(), right.as_slice()) {
        let relation = schemas.relation(parts(a), parts(b), pair.context).mirrored();
        let text = "excludes other values than before";
        let at = (Some(a.pointer.as_str()), Some(b.pointer.as_str()));
        found.findings.push(pair.finding("not-changed", relation, at.0, at.1, text));
        return;
    }
    for a in left {
        let text = "does not exclude what fits the schema under `not` any more";
        found.findings.push(pair.finding(
            "not-removed",
            SetRelation::Wider,
            Some(&a.pointer),
            None,
            text,
        ));
    }
    for b in right {
        let text = "excludes what fits the schema under `not` now";
        found.findings.push(pair.finding(
            "not-added",
            SetRelation::Narrower,
            None,
            Some(&b.pointer),
            text,
        ));
    }
}
