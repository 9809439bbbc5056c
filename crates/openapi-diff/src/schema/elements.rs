//! The elements of lists: by their position, the others, and some that must be among them.

use crate::finding::SetRelation;
use crate::schema::modern::Contains;
use crate::schema::node::Part;
use crate::schema::normalized::{Facet, NormalizedSchema};
use crate::schema::pair::SchemaPair;
use crate::schema::types::Types;
use crate::schema::{Found, Schemas};

/// What changed of the elements of two lists, and the pairs of those.
pub(crate) fn compare<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    found: &mut Found<'a>,
) {
    if !pair.shared().has(Types::ARRAY) {
        return;
    }
    let (a, b, inside) = (pair.a, pair.b, pair.context.within());
    let most = [a, b].into_iter().filter_map(|schema| schema.counts[3].as_ref());
    let most = most.map(|most| usize::try_from(most.value).unwrap_or(usize::MAX)).min();
    let length = a.modern.first.len().max(b.modern.first.len());
    let element = |schema: &NormalizedSchema<'a>, index: usize| {
        schema.modern.first.get(index).unwrap_or(&schema.items).clone()
    };
    let last = most.map_or(length, |most| most.min(length));
    for index in 0..last {
        let (old, new) = (element(a, index), element(b, index));
        if !(old.is_empty() && new.is_empty()) {
            found.inner.push((old, new, inside));
        }
    }
    let others = most.is_none_or(|most| most > length);
    if others && !(a.items.is_empty() && b.items.is_empty()) {
        found.inner.push((a.items.clone(), b.items.clone(), inside));
    }
    contained(schemas, pair, found);
}

fn contained<'a>(schemas: &mut Schemas<'a>, pair: &SchemaPair<'_, 'a>, found: &mut Found<'a>) {
    let context = pair.context.within();
    let parts = |contains: &Contains<'a>| vec![Part::whole(contains.at.clone())];
    let (a, b) = (&pair.a.modern.contains, &pair.b.modern.contains);
    for (old, new) in a.iter().zip(b) {
        let relation = schemas.whole_relation(parts(old), parts(new), context);
        if relation != SetRelation::Same {
            // With a limit to how many there may be, more that fit may be too many.
            let limited = old.most.is_some() || new.most.is_some();
            let relation = if limited { SetRelation::Other } else { relation };
            let at = (Some(old.at.pointer.as_str()), Some(new.at.pointer.as_str()));
            let text = "has other elements now that `contains` counts";
            found.findings.push(pair.finding("contains-changed", relation, at.0, at.1, text));
        }
        counts(pair, old, new, found);
    }
    for old in a.iter().skip(b.len()) {
        let text = "need not have any element that `contains` describes any more";
        let at = Some(old.at.pointer.as_str());
        found.findings.push(pair.finding("contains-removed", SetRelation::Wider, at, None, text));
    }
    for new in b.iter().skip(a.len()) {
        let text = "must have elements that `contains` describes now";
        let at = Some(new.at.pointer.as_str());
        found.findings.push(pair.finding("contains-added", SetRelation::Narrower, None, at, text));
    }
}

/// How many elements `contains` asks for.
fn counts<'a>(
    pair: &SchemaPair<'_, 'a>,
    old: &Contains<'a>,
    new: &Contains<'a>,
    found: &mut Found<'a>,
) {
    let (was, is) = (&old.least, &new.least);
    if was.value != is.value {
        let (what, relation) = if is.value > was.value {
            ("min-contains-increased", SetRelation::Narrower)
        } else {
            ("min-contains-decreased", SetRelation::Wider)
        };
        let text = format!(
            "has at least {} of what `contains` describes now, not {}",
            is.value, was.value
        );
        let at = (Some(was.pointer.as_str()), Some(is.pointer.as_str()));
        found.findings.push(pair.finding(what, relation, at.0, at.1, &text));
    }
    let number = |most: &Option<Facet<u64>>| most.as_ref().map(|most| most.value);
    let at = |most: &Option<Facet<u64>>| most.as_ref().map(|most| most.pointer.clone());
    let (what, relation, text) = match (number(&old.most), number(&new.most)) {
        (was, is) if was == is => return,
        (_, None) => {
            let text = "may have any number of what `contains` describes now".to_owned();
            ("max-contains-unset", SetRelation::Wider, text)
        }
        (None, Some(is)) => {
            let text = format!("has at most {is} of what `contains` describes now");
            ("max-contains-set", SetRelation::Narrower, text)
        }
        (Some(was), Some(is)) => {
            let text = format!("has at most {is} of what `contains` describes now, not {was}");
            if is < was {
                ("max-contains-decreased", SetRelation::Narrower, text)
            } else {
                ("max-contains-increased", SetRelation::Wider, text)
            }
        }
    };
    let (before, after) = (at(&old.most), at(&new.most));
    found.findings.push(pair.finding(what, relation, before.as_deref(), after.as_deref(), &text));
}
