//! What holds of some values alone: `if`, `dependentRequired` and `dependentSchemas`.

use std::collections::{BTreeSet, HashMap};

use openapi_document::Cursor;

use crate::finding::{Branch, Context, SetRelation, Side};
use crate::schema::modern::Condition;
use crate::schema::node::Part;
use crate::schema::pair::SchemaPair;
use crate::schema::types::Types;
use crate::schema::{Found, Schemas};

/// What changed of the conditions of two schemas, and the pairs of what they lead to.
pub(crate) fn compare<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    found: &mut Found<'a>,
) {
    if pair.shared().has(Types::OBJECT) {
        required(pair, found);
        dependent(schemas, pair, found);
    }
    conditions(schemas, pair, found);
}

/// Members that must be there if another one is.
fn required<'a>(pair: &SchemaPair<'_, 'a>, found: &mut Found<'a>) {
    let (a, b) = (&pair.a.modern.needs, &pair.b.modern.needs);
    for ((name, needed), at) in a {
        // What is always there is there with it, too.
        if !b.contains_key(&(*name, *needed)) && !pair.b.required.contains_key(needed) {
            let text = format!("does not require `{needed}` beside `{name}` any more");
            let what = "dependent-required-removed";
            found.findings.push(pair.finding(what, SetRelation::Wider, Some(at), None, &text));
        }
    }
    for ((name, needed), at) in b {
        if !a.contains_key(&(*name, *needed)) && !pair.a.required.contains_key(needed) {
            let text = format!("requires `{needed}` beside `{name}` now");
            let what = "dependent-required-added";
            found.findings.push(pair.finding(what, SetRelation::Narrower, None, Some(at), &text));
        }
    }
}

/// What must hold if a member is there.
fn dependent<'a>(schemas: &mut Schemas<'a>, pair: &SchemaPair<'_, 'a>, found: &mut Found<'a>) {
    let inside = Context { branch: Branch::Whole, ..pair.context };
    let (a, b) = (&pair.a.modern.dependent, &pair.b.modern.dependent);
    let names: BTreeSet<_> = a.keys().chain(b.keys()).copied().collect();
    for name in names {
        match (a.get(name), b.get(name)) {
            (Some(old), Some(new)) => found.inner.push((old.clone(), new.clone(), inside)),
            (Some(old), None) if !schemas.parts_are_anything(Side::Base, old, inside) => {
                let at = old.first().map(|part| part.at.pointer.as_str());
                let text = format!("is not limited further beside `{name}` any more");
                let what = "dependent-schema-removed";
                found.findings.push(pair.finding(what, SetRelation::Wider, at, None, &text));
            }
            (None, Some(new)) if !schemas.parts_are_anything(Side::Revision, new, inside) => {
                let at = new.first().map(|part| part.at.pointer.as_str());
                let text = format!("is limited further beside `{name}` now");
                let what = "dependent-schema-added";
                found.findings.push(pair.finding(what, SetRelation::Narrower, None, at, &text));
            }
            _ => {}
        }
    }
}

fn conditions<'a>(schemas: &mut Schemas<'a>, pair: &SchemaPair<'_, 'a>, found: &mut Found<'a>) {
    let (a, b) = (&pair.a.modern.conditions, &pair.b.modern.conditions);
    // Those that read the same belong together; the others in their order.
    let mut alike: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, new) in b.iter().enumerate().rev() {
        alike.entry(new.when.value.to_string()).or_default().push(index);
    }
    let mut left = Vec::new();
    let mut pairs = Vec::new();
    let mut taken = vec![false; b.len()];
    for old in a {
        let index = alike.get_mut(&old.when.value.to_string()).and_then(Vec::pop);
        match index {
            Some(index) => {
                taken[index] = true;
                pairs.push((old, &b[index]));
            }
            None => left.push(old),
        }
    }
    let right: Vec<_> =
        b.iter().zip(taken).filter(|(_, taken)| !taken).map(|(new, _)| new).collect();
    pairs.extend(left.iter().copied().zip(right.iter().copied()));
    for (old, new) in pairs {
        stayed(schemas, pair, old, new, found);
    }
    for old in left.iter().skip(right.len()).filter(|old| decides(schemas, Side::Base, old, pair)) {
        let text = "is not limited by a condition (`if`) any more";
        let at = Some(old.when.pointer.as_str());
        found.findings.push(pair.finding("if-removed", SetRelation::Wider, at, None, text));
    }
    for new in
        right.iter().skip(left.len()).filter(|new| decides(schemas, Side::Revision, new, pair))
    {
        let text = "is limited by a condition (`if`) now";
        let at = Some(new.when.pointer.as_str());
        found.findings.push(pair.finding("if-added", SetRelation::Narrower, None, at, text));
    }
}

/// Whether a condition leads to anything.
fn decides<'a>(
    schemas: &mut Schemas<'a>,
    side: Side,
    condition: &Condition<'a>,
    pair: &SchemaPair<'_, 'a>,
) -> bool {
    [&condition.then, &condition.otherwise]
        .into_iter()
        .flatten()
        .any(|at| !schemas.is_anything(side, at.clone(), pair.context))
}

fn stayed<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    old: &Condition<'a>,
    new: &Condition<'a>,
    found: &mut Found<'a>,
) {
    let inside = Context { branch: Branch::Whole, ..pair.context };
    let parts = |at: &Cursor<'a>| vec![Part::whole(at.clone())];
    let relation = schemas.whole_relation(parts(&old.when), parts(&new.when), inside);
    if relation != SetRelation::Same {
        let none =
            |at: &Option<Cursor<'a>>, other: &Option<Cursor<'a>>| at.is_none() && other.is_none();
        // What is right, but for what the condition holds for: the more it holds for, the less is right.
        let relation = if none(&old.otherwise, &new.otherwise) {
            relation.mirrored()
        } else if none(&old.then, &new.then) {
            relation
        } else {
            SetRelation::Other
        };
        let at = (Some(old.when.pointer.as_str()), Some(new.when.pointer.as_str()));
        let text = "is limited under another condition (`if`)";
        found.findings.push(pair.finding("if-changed", relation, at.0, at.1, text));
    }
    for (old, new, word) in
        [(&old.then, &new.then, "then"), (&old.otherwise, &new.otherwise, "else")]
    {
        match (old, new) {
            (Some(old), Some(new)) => found.inner.push((parts(old), parts(new), inside)),
            (Some(old), None) if !schemas.is_anything(Side::Base, old.clone(), inside) => {
                let text = format!("is not limited by `{word}` any more");
                let (at, what) = (Some(old.pointer.as_str()), format!("{word}-removed"));
                found.findings.push(pair.finding(&what, SetRelation::Wider, at, None, &text));
            }
            (None, Some(new)) if !schemas.is_anything(Side::Revision, new.clone(), inside) => {
                let text = format!("is limited by `{word}` now");
                let (at, what) = (Some(new.pointer.as_str()), format!("{word}-added"));
                found.findings.push(pair.finding(&what, SetRelation::Narrower, None, at, &text));
            }
            _ => {}
        }
    }
}
