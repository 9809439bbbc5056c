//! Whether several schemas together take all that one does: alternatives that merge, or that split.

use std::collections::HashSet;

use crate::change::Verdict;
use crate::finding::{Context, Finding, Side};
use crate::schema::node::Part;
use crate::schema::normalized::NormalizedSchema;
use crate::schema::types::Types;
use crate::schema::{PairId, Schemas};

/// How deep members are looked into.
const DEPTH: usize = 4;
/// How many members are tried for the one that makes the difference.
const MEMBERS: usize = 16;

/// How many pairs of schemas and of values and schemas are looked at; beyond, nothing is covered.
const STEPS: usize = 1_000;

type Parts<'a> = Vec<Part<'a>>;

/// The side of whoever writes the messages.
pub(crate) fn sender(context: Context) -> Side {
    Side::of(!context.is_request())
}

/// Whether whatever is sent by one schema is right by one of the schemas of the other side.
pub(crate) fn covers<'a>(
    schemas: &mut Schemas<'a>,
    sent: &[Part<'a>],
    read: &[Parts<'a>],
    context: Context,
) -> bool {
    let (context, mut steps) = (context.branched(), STEPS);
    within(schemas, sent, read, (context, DEPTH), &mut steps)
}

/// The schema of the other side that takes whatever is sent by one, with no need of the rest: the likely one, or
/// else the first.
pub(crate) fn taker<'a>(
    schemas: &mut Schemas<'a>,
    sent: &[Part<'a>],
    (read, likely): (&[Parts<'a>], Option<usize>),
    context: Context,
) -> Option<usize> {
    let mut steps = STEPS;
    let all = 0..read.len();
    likely.into_iter().chain(all).find(|&index| {
        let pair = pair(schemas, sent, &read[index], context);
        takes(schemas, pair, None, &mut steps)
    })
}

/// What changed between two schemas that share some of their values, and in what is in them, as far as it breaks
/// no message; nothing if a member tells them apart.
pub(crate) fn harmless<'a>(
    schemas: &mut Schemas<'a>,
    base: Parts<'a>,
    revision: Parts<'a>,
    context: Context,
) -> Vec<Finding> {
    let old = schemas.read(Side::Base, base.clone(), context);
    let new = schemas.read(Side::Revision, revision.clone(), context);
    if schemas.told_apart(&old, &new, context) {
        return Vec::new();
    }
    let root = schemas.pair(base, revision, context);
    let mut findings = Vec::new();
    let mut seen = HashSet::from([root]);
    let mut todo = vec![root];
    while let Some(id) = todo.pop() {
        schemas.spend(1);
        let Some(pair) = schemas.built(id) else { break };
        let harmless = pair.findings.iter().filter(|one| one.wire == Verdict::Compatible);
        findings.extend(harmless.map(|one| Finding::clone(one)));
        todo.extend(pair.inner.iter().rev().copied().filter(|inner| seen.insert(*inner)));
    }
    findings
}

fn within<'a>(
    schemas: &mut Schemas<'a>,
    sent: &[Part<'a>],
    read: &[Parts<'a>],
    (context, depth): (Context, usize),
    steps: &mut usize,
) -> bool {
    if *steps < read.len() {
        return false;
    }
    let pairs: Vec<_> = read.iter().map(|read| pair(schemas, sent, read, context)).collect();
    if pairs.iter().any(|pair| takes(schemas, *pair, None, steps)) {
        return true;
    }
    if depth == 0 {
        return false;
    }
    let side = sender(context);
    let reader = Side::of(side == Side::Base);
    let whole = schemas.read(side, sent.to_vec(), context);
    if let Some(group) = whole.groups.first() {
        return group.branches.iter().all(|branch| {
            let parts = [whole.bare(), vec![Part::whole(branch.clone())]].concat();
            within(schemas, &parts, read, (context, depth - 1), steps)
        });
    }
    if let Some(values) = &whole.values {
        let nodes = schemas.nodes_mut(reader);
        let nodes: Vec<_> = read.iter().map(|read| nodes.intern(read.clone())).collect();
        schemas.tries = *steps;
        return values.value.iter().all(|value| {
            nodes
                .iter()
                .any(|node| schemas.fits((reader, *node), context.direction, value) == Some(true))
        });
    }
    let readers: Vec<_> =
        read.iter().map(|read| schemas.read(reader, read.clone(), context)).collect();
    if whole.is_plain() {
        let plain = readers.iter().filter(|schema| schema.is_plain());
        return whole.types.within(plain.map(|schema| schema.types).fold(Types::NONE, Types::or));
    }
    // The schemas differ in one member.
    let members = whole.properties.iter().filter(|(_, member)| !member.mute).take(MEMBERS);
    for (name, member) in members {
        let inside = context.within();
        let here = schemas.read(side, member.parts.clone(), inside);
        if !is_divisible(&here) {
            continue;
        }
        let mut parts = Vec::new();
        let mut null = false;
        for (schema, id) in readers.iter().zip(&pairs) {
            let Some(other) = schema.properties.get(name).filter(|other| !other.mute) else {
                continue;
            };
            let inner = pair(schemas, &member.parts, &other.parts, inside);
            if takes(schemas, *id, Some(inner), steps) {
                null |= schemas.read(reader, other.parts.clone(), inside).null;
                parts.push(other.parts.clone());
            }
        }
        let fits = null || !here.null;
        let inside = inside.branched();
        if fits
            && !parts.is_empty()
            && within(schemas, &member.parts, &parts, (inside, depth - 1), steps)
        {
            return true;
        }
    }
    false
}

/// Whether some of the values may be right by one schema, and others by another one.
fn is_divisible(schema: &NormalizedSchema<'_>) -> bool {
    !schema.groups.is_empty()
        || schema.values.is_some()
        || schema.has_types()
        || !schema.properties.is_empty()
}

fn pair<'a>(
    schemas: &mut Schemas<'a>,
    sent: &[Part<'a>],
    read: &[Part<'a>],
    context: Context,
) -> PairId {
    match sender(context) {
        Side::Base => schemas.pair(sent.to_vec(), read.to_vec(), context),
        Side::Revision => schemas.pair(read.to_vec(), sent.to_vec(), context),
    }
}

/// Whether nothing that a pair holds breaks a message, but for a pair of members.
fn takes(schemas: &mut Schemas<'_>, root: PairId, but: Option<PairId>, steps: &mut usize) -> bool {
    let mut seen = HashSet::from([root]);
    let mut todo = vec![root];
    while let Some(id) = todo.pop() {
        if *steps == 0 {
            return false;
        }
        *steps -= 1;
        let Some(pair) = schemas.built(id) else { return false };
        if pair.findings.iter().any(|one| one.wire.max(one.run_time) > Verdict::Compatible) {
            return false;
        }
        let but = but.filter(|_| id == root);
        // Two members may have the same schema.
        if but.is_some_and(|but| pair.inner.iter().filter(|inner| **inner == but).count() != 1) {
            return false;
        }
        let inner = pair.inner.iter().copied().filter(|inner| Some(*inner) != but);
        todo.extend(inner.filter(|inner| seen.insert(*inner)));
    }
    true
}
