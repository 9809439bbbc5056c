//! `oneOf`, `anyOf` and `not`: which alternative became which.

use crate::change::Verdict;
use crate::finding::{Context, SetRelation, Side};
use crate::render;
use crate::schema::discriminator;
use crate::schema::node::{Group, Part, follow};
use crate::schema::normalized::NormalizedSchema;
use crate::schema::pair::SchemaPair;
use crate::schema::subtypes;
use crate::schema::types::Types;
use crate::schema::{Found, Schemas};
use openapi_document::Cursor;

/// What changed of the alternatives of two schemas that both have some, or none, and of what stands
/// beside them.
pub(crate) fn both<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    found: &mut Found<'a>,
) {
    let (a, b) = (&pair.a.groups, &pair.b.groups);
    for (old, new) in a.iter().zip(b) {
        groups(schemas, pair, (old, new), found);
    }
    for group in a.iter().skip(b.len()) {
        let text = format!("is not limited to {} any more", several(schemas, Side::Base, group));
        let finding = pair.finding(
            key(group, "unset"),
            SetRelation::Wider,
            Some(&group.at.pointer),
            None,
            &text,
        );
        found.findings.push(finding);
    }
    for group in b.iter().skip(a.len()) {
        let text = format!("must be {} now", several(schemas, Side::Revision, group));
        let finding = pair.finding(
            key(group, "set"),
            SetRelation::Narrower,
            None,
            Some(&group.at.pointer),
            &text,
        );
        found.findings.push(finding);
    }
    exclusions(schemas, pair, found);
    discriminator::compare(schemas, pair, found);
    subtypes::compare(schemas, pair, found);
}

fn key(group: &Group<'_>, verb: &str) -> &'static str {
    match (group.one, verb) {
        (true, "set") => "one-of-set",
        (true, "unset") => "one-of-unset",
        (true, "added") => "one-of-added",
        (true, _) => "one-of-removed",
        (false, "set") => "any-of-set",
        (false, "unset") => "any-of-unset",
        (false, "added") => "any-of-added",
        (false, _) => "any-of-removed",
    }
}

/// The names of the alternatives of a group.
fn several(schemas: &Schemas<'_>, side: Side, group: &Group<'_>) -> String {
    let names: Vec<_> =
        group.branches.iter().map(|branch| branch_name(schemas, side, branch)).collect();
    render::either(&names)
}

fn branch_name(schemas: &Schemas<'_>, side: Side, branch: &Cursor<'_>) -> String {
    let document = schemas.nodes(side).document;
    let at = follow(document, branch.clone());
    let name = at.pointer.strip_prefix("/components/schemas/");
    if name.is_some_and(|name| !name.contains('/')) {
        return render::subject(document, &at.pointer);
    }
    match (at.text("title"), at.text("type")) {
        (Some(title), _) => format!("`{title}`"),
        (None, Some(kind)) => {
            format!("alternative {} (a schema of type {kind})", last(&branch.pointer))
        }
        (None, None) => format!("alternative {}", last(&branch.pointer)),
    }
}

/// The index of an alternative as a person counts, from 1.
fn last(pointer: &str) -> usize {
    pointer.rsplit('/').next().and_then(|index| index.parse::<usize>().ok()).map_or(1, |n| n + 1)
}

/// Two lists of alternatives: which became which, which are gone and which are new.
pub(crate) fn groups<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    (old, new): (&Group<'a>, &Group<'a>),
    found: &mut Found<'a>,
) {
    let alternative = Context { branch: true, ..pair.context };
    let parts = |at: &Cursor<'a>| vec![Part::whole(at.clone())];
    let mut left: Vec<_> = old.branches.iter().collect();
    let mut right: Vec<_> = new.branches.iter().collect();
    // The same stays the same, wherever it stands.
    left.retain(|a| {
        let equal = right
            .iter()
            .position(|b| schemas.relation(parts(a), parts(b), alternative) == SetRelation::Same);
        if let Some(at) = equal {
            let b = right.remove(at);
            found.inner.push((parts(a), parts(b), alternative));
        }
        equal.is_none()
    });
    // What is left goes to what it is most like.
    let (mut gone, mut come) = (vec![true; left.len()], vec![true; right.len()]);
    for (i, j) in likely(schemas, &left, &right, pair.context) {
        if gone[i] && come[j] {
            (gone[i], come[j]) = (false, false);
            found.inner.push((parts(left[i]), parts(right[j]), alternative));
        }
    }
    for a in left.into_iter().zip(gone).filter_map(|(a, gone)| gone.then_some(a)) {
        let text = format!("cannot be {} any more", branch_name(schemas, Side::Base, a));
        let at = (Some(a.pointer.as_str()), Some(new.at.pointer.as_str()));
        found.findings.push(pair.finding(
            key(old, "removed"),
            SetRelation::Narrower,
            at.0,
            at.1,
            &text,
        ));
    }
    for b in right.into_iter().zip(come).filter_map(|(b, come)| come.then_some(b)) {
        let text = format!("can be {} now", branch_name(schemas, Side::Revision, b));
        let at = (Some(old.at.pointer.as_str()), Some(b.pointer.as_str()));
        found.findings.push(pair.finding(key(new, "added"), SetRelation::Wider, at.0, at.1, &text));
    }
    if old.one != new.one {
        let (what, relation, text) = if new.one {
            (
                "any-of-became-one-of",
                SetRelation::Narrower,
                "may fit only one of its alternatives now",
            )
        } else {
            ("one-of-became-any-of", SetRelation::Wider, "may fit several of its alternatives now")
        };
        let at = (Some(old.at.pointer.as_str()), Some(new.at.pointer.as_str()));
        let finding = pair.finding(what, relation, at.0, at.1, text);
        // Alternatives that exclude each other are the same to both words.
        let wire = finding.wire.min(Verdict::PotentiallyBreaking);
        found.findings.push(finding.wire(wire));
    }
}

/// The pairs of alternatives that may be the same one, changed: the most likely first.
fn likely<'a>(
    schemas: &mut Schemas<'a>,
    left: &[&Cursor<'a>],
    right: &[&Cursor<'a>],
    context: Context,
) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for (i, a) in left.iter().enumerate() {
        for (j, b) in right.iter().enumerate() {
            let score = likeness(schemas, a, b, context);
            if score > 0 {
                pairs.push((score, i, j));
            }
        }
    }
    pairs.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
    pairs.into_iter().map(|(_, i, j)| (i, j)).collect()
}

/// How much speaks for two alternatives being the same one; nothing if they share nothing.
fn likeness<'a>(
    schemas: &mut Schemas<'a>,
    a: &Cursor<'a>,
    b: &Cursor<'a>,
    context: Context,
) -> usize {
    let name =
        |at: &Cursor<'a>| at.text("$ref").and_then(|r| r.rsplit('/').next()).map(str::to_owned);
    let (old, new) = (name(a), name(b));
    let named = old.is_some() && old == new;
    let (a, b) = schemas.alternatives(a.clone(), b.clone(), context);
    let shared = a.properties.keys().filter(|key| b.properties.contains_key(*key)).count();
    let titled =
        a.title.as_ref().is_some_and(|x| b.title.as_ref().is_some_and(|y| x.value == y.value));
    if !a.types.has(b.types) {
        return usize::from(named);
    }
    if !named && !titled && schemas.told_apart(&a, &b, context) {
        return 0;
    }
    let plain = a.properties.is_empty() && b.properties.is_empty();
    let plain = usize::from(plain) + usize::from(plain && a.types == b.types);
    // A name speaks louder than any number of members.
    shared + plain + 1000 * usize::from(named) + 100 * usize::from(titled)
}

/// Alternatives beside the first ones, of a schema that became another one without any, or the other
/// way round.
fn further<'a>(
    schemas: &Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    (many, opening): (&NormalizedSchema<'a>, bool),
    found: &mut Found<'a>,
) {
    for more in many.groups.iter().skip(1) {
        let names = several(schemas, Side::of(opening), more);
        let at = Some(more.at.pointer.as_str());
        found.findings.push(if opening {
            let text = format!("must be {names} now");
            pair.finding(key(more, "set"), SetRelation::Narrower, None, at, &text)
        } else {
            let text = format!("is not limited to {names} any more");
            pair.finding(key(more, "unset"), SetRelation::Wider, at, None, &text)
        });
    }
}

/// The alternative that is most like a single schema, the first of those; `opening` if the revision has the
/// alternatives.
fn most_like<'a>(
    schemas: &mut Schemas<'a>,
    plain: &NormalizedSchema<'a>,
    (group, opening): (&Group<'a>, bool),
    context: Context,
) -> Option<usize> {
    (0..group.branches.len()).max_by_key(|&index| {
        let branch = &group.branches[index];
        let like = plain.leaves.first().map_or(0, |whole| {
            let (base, revision) = if opening { (whole, branch) } else { (branch, whole) };
            likeness(schemas, base, revision, context)
        });
        (like, std::cmp::Reverse(index))
    })
}

/// A schema with alternatives against one without: that is one alternative.
pub(crate) fn one_sided<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    found: &mut Found<'a>,
) {
    let opening = pair.a.groups.is_empty();
    let (plain, many) = if opening { (pair.a, pair.b) } else { (pair.b, pair.a) };
    let context = Context { branch: true, ..pair.context };
    let bare = |leaves: &[Cursor<'a>]| -> Vec<Part<'a>> {
        leaves.iter().map(|at| Part { at: at.clone(), bare: true }).collect()
    };
    let single = plain.parts.clone();
    let Some(group) = many.groups.first() else { return };
    further(schemas, pair, (many, opening), found);
    let branch = |at: &Cursor<'a>| [bare(&many.leaves), vec![Part::whole(at.clone())]].concat();
    let branches: Vec<Vec<Part<'a>>> = group.branches.iter().map(branch).collect();
    found.findings.extend(pair.nullability());
    // From the single schema to each alternative, whichever side has them.
    let relations: Vec<SetRelation> = branches
        .iter()
        .map(|branch| {
            if opening {
                schemas.relation(single.clone(), branch.clone(), context)
            } else {
                schemas.relation(branch.clone(), single.clone(), context).mirrored()
            }
        })
        .collect();
    let holds = |relation: &SetRelation| matches!(relation, SetRelation::Same | SetRelation::Wider);
    let within =
        |relation: &SetRelation| matches!(relation, SetRelation::Same | SetRelation::Narrower);
    let names: Vec<_> = group
        .branches
        .iter()
        .map(|branch| branch_name(schemas, Side::of(opening), branch))
        .collect();
    let at = group.at.pointer.as_str();
    let (old, new) = if opening { (None, Some(at)) } else { (Some(at), None) };
    let verb = if opening { "added" } else { "removed" };
    let turn = |relation: SetRelation| if opening { relation } else { relation.mirrored() };
    let gained = |others: &[String]| {
        let others = render::either(others);
        if opening {
            format!("can be {others} now")
        } else {
            format!("cannot be {others} any more")
        }
    };
    let all_within = relations.iter().all(within);
    if relations.iter().any(holds) {
        // The alternatives allow all that the single schema does.
        let object = plain.types.has(Types::OBJECT);
        if all_within
            && (!object || relations.iter().all(|relation| *relation == SetRelation::Same))
        {
            return;
        }
        let beyond = names.iter().zip(&relations).filter(|(_, relation)| {
            if all_within { **relation != SetRelation::Same } else { !within(relation) }
        });
        let others: Vec<_> = beyond.map(|(name, _)| name.clone()).collect();
        let text = gained(&others);
        // What is right by two alternatives is wrong by `oneOf`.
        let twice = group.one && relations.iter().filter(|relation| holds(relation)).count() > 1;
        let relation = if twice { SetRelation::Other } else { turn(SetRelation::Wider) };
        let finding = pair.finding(key(group, verb), relation, old, new, &text);
        // An object with more members than those that are named was right before.
        let most = if all_within { Verdict::PotentiallyBreaking } else { Verdict::Breaking };
        let wire = finding.wire.min(most);
        found.findings.push(finding.wire(wire));
    } else if all_within {
        let text = if opening {
            format!("must be {} now", render::either(&names))
        } else {
            format!("is not limited to {} any more", render::either(&names))
        };
        let verb = if opening { "set" } else { "unset" };
        found.findings.push(pair.finding(
            key(group, verb),
            turn(SetRelation::Narrower),
            old,
            new,
            &text,
        ));
    } else {
        let likely = most_like(schemas, plain, (group, opening), context);
        let Some(likely) = likely else { return };
        let branch = branches[likely].clone();
        found.inner.push(if opening {
            (single, branch, context)
        } else {
            (branch, single, context)
        });
        let others: Vec<_> = names
            .iter()
            .enumerate()
            .filter(|(index, _)| *index != likely)
            .map(|(_, name)| name.clone())
            .collect();
        let text = gained(&others);
        found.findings.push(pair.finding(
            key(group, verb),
            turn(SetRelation::Wider),
            old,
            new,
            &text,
        ));
    }
}

/// `not` turns everything round.
fn exclusions<'a>(schemas: &mut Schemas<'a>, pair: &SchemaPair<'_, 'a>, found: &mut Found<'a>) {
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
