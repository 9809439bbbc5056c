//! `oneOf`, `anyOf` and `not`: which alternative became which.

use crate::change::Verdict;
use crate::discriminator;
use crate::event::{Effect, Spot};
use crate::keywords::Pen;
use crate::node::{Group, Part};
use crate::schema::{Found, Schemas};
use crate::shape::Shape;
use crate::types::Types;
use crate::words;
use openapi_document::Cursor;

/// What changed of the alternatives of two schemas that both have some, or none, and of what stands
/// beside them.
pub(crate) fn both<'a>(schemas: &mut Schemas<'a>, pen: &Pen<'_, 'a>, found: &mut Found<'a>) {
    let (a, b) = (&pen.a.groups, &pen.b.groups);
    for (old, new) in a.iter().zip(b) {
        groups(schemas, pen, (old, new), found);
    }
    for group in a.iter().skip(b.len()) {
        let text = format!("is not limited to {} any more", several(schemas, false, group));
        let event =
            pen.event(key(group, "unset"), Effect::Wider, Some(&group.at.pointer), None, &text);
        found.events.push(event);
    }
    for group in b.iter().skip(a.len()) {
        let text = format!("must be {} now", several(schemas, true, group));
        let event =
            pen.event(key(group, "set"), Effect::Narrower, None, Some(&group.at.pointer), &text);
        found.events.push(event);
    }
    exclusions(schemas, pen, found);
    discriminator::compare(schemas, pen, found);
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
fn several(schemas: &Schemas<'_>, revised: bool, group: &Group<'_>) -> String {
    let names: Vec<_> =
        group.branches.iter().map(|branch| branch_name(schemas, revised, branch)).collect();
    words::either(&names)
}

fn branch_name(schemas: &Schemas<'_>, revised: bool, branch: &Cursor<'_>) -> String {
    let document = if revised { schemas.revision.document } else { schemas.base.document };
    let at = document.follow(branch.clone());
    let name = at.pointer.strip_prefix("/components/schemas/");
    if name.is_some_and(|name| !name.contains('/')) {
        return words::subject(document, &at.pointer);
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
    pen: &Pen<'_, 'a>,
    (old, new): (&Group<'a>, &Group<'a>),
    found: &mut Found<'a>,
) {
    let alternative = Spot { branch: true, ..pen.spot };
    let parts = |at: &Cursor<'a>| vec![Part::whole(at.clone())];
    let mut left: Vec<_> = old.branches.iter().collect();
    let mut right: Vec<_> = new.branches.iter().collect();
    // The same stays the same, wherever it stands.
    left.retain(|a| {
        let equal = right
            .iter()
            .position(|b| schemas.relation(parts(a), parts(b), alternative) == Effect::Same);
        if let Some(at) = equal {
            let b = right.remove(at);
            found.inner.push((parts(a), parts(b), alternative));
        }
        equal.is_none()
    });
    // What is left goes to what it is most like.
    let (mut gone, mut come) = (vec![true; left.len()], vec![true; right.len()]);
    for (i, j) in likely(schemas, &left, &right, pen.spot) {
        if gone[i] && come[j] {
            (gone[i], come[j]) = (false, false);
            found.inner.push((parts(left[i]), parts(right[j]), alternative));
        }
    }
    for a in left.into_iter().zip(gone).filter_map(|(a, gone)| gone.then_some(a)) {
        let text = format!("cannot be {} any more", branch_name(schemas, false, a));
        let at = (Some(a.pointer.as_str()), Some(new.at.pointer.as_str()));
        found.events.push(pen.event(key(old, "removed"), Effect::Narrower, at.0, at.1, &text));
    }
    for b in right.into_iter().zip(come).filter_map(|(b, come)| come.then_some(b)) {
        let text = format!("can be {} now", branch_name(schemas, true, b));
        let at = (Some(old.at.pointer.as_str()), Some(b.pointer.as_str()));
        found.events.push(pen.event(key(new, "added"), Effect::Wider, at.0, at.1, &text));
    }
    if old.one != new.one {
        let (what, effect, text) = if new.one {
            ("any-of-became-one-of", Effect::Narrower, "may fit only one of its alternatives now")
        } else {
            ("one-of-became-any-of", Effect::Wider, "may fit several of its alternatives now")
        };
        let at = (Some(old.at.pointer.as_str()), Some(new.at.pointer.as_str()));
        let event = pen.event(what, effect, at.0, at.1, text);
        // Alternatives that exclude each other are the same to both words.
        let wire = event.wire.min(Verdict::PotentiallyBreaking);
        found.events.push(event.wire(wire));
    }
}

/// The pairs of alternatives that may be the same one, changed: the most likely first.
fn likely<'a>(
    schemas: &mut Schemas<'a>,
    left: &[&Cursor<'a>],
    right: &[&Cursor<'a>],
    spot: Spot,
) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for (i, a) in left.iter().enumerate() {
        for (j, b) in right.iter().enumerate() {
            let score = likeness(schemas, a, b, spot);
            if score > 0 {
                pairs.push((score, i, j));
            }
        }
    }
    pairs.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
    pairs.into_iter().map(|(_, i, j)| (i, j)).collect()
}

/// How much speaks for two alternatives being the same one; nothing if they share nothing.
fn likeness<'a>(schemas: &mut Schemas<'a>, a: &Cursor<'a>, b: &Cursor<'a>, spot: Spot) -> usize {
    let name =
        |at: &Cursor<'a>| at.text("$ref").and_then(|r| r.rsplit('/').next()).map(str::to_owned);
    let (old, new) = (name(a), name(b));
    let named = old.is_some() && old == new;
    let (a, b) = schemas.alternatives(a.clone(), b.clone(), spot);
    let shared = a.properties.keys().filter(|key| b.properties.contains_key(*key)).count();
    let titled =
        a.title.as_ref().is_some_and(|x| b.title.as_ref().is_some_and(|y| x.value == y.value));
    if !a.types.has(b.types) {
        return usize::from(named);
    }
    if !named && !titled && schemas.told_apart(&a, &b, spot) {
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
    pen: &Pen<'_, 'a>,
    (many, opening): (&Shape<'a>, bool),
    found: &mut Found<'a>,
) {
    for more in many.groups.iter().skip(1) {
        let names = several(schemas, opening, more);
        let at = Some(more.at.pointer.as_str());
        found.events.push(if opening {
            let text = format!("must be {names} now");
            pen.event(key(more, "set"), Effect::Narrower, None, at, &text)
        } else {
            let text = format!("is not limited to {names} any more");
            pen.event(key(more, "unset"), Effect::Wider, at, None, &text)
        });
    }
}

/// A schema with alternatives against one without: that is one alternative.
pub(crate) fn one_sided<'a>(schemas: &mut Schemas<'a>, pen: &Pen<'_, 'a>, found: &mut Found<'a>) {
    let opening = pen.a.groups.is_empty();
    let (plain, many) = if opening { (pen.a, pen.b) } else { (pen.b, pen.a) };
    let spot = Spot { branch: true, ..pen.spot };
    let bare = |leaves: &[Cursor<'a>]| -> Vec<Part<'a>> {
        leaves.iter().map(|at| Part { at: at.clone(), bare: true }).collect()
    };
    let single = plain.parts.clone();
    let Some(group) = many.groups.first() else { return };
    further(schemas, pen, (many, opening), found);
    let branches: Vec<Vec<Part<'a>>> = group
        .branches
        .iter()
        .map(|branch| {
            let mut parts = bare(&many.leaves);
            parts.push(Part::whole(branch.clone()));
            parts
        })
        .collect();
    found.events.extend(pen.nullability());
    // From the single schema to each alternative, whichever side has them.
    let relations: Vec<Effect> = branches
        .iter()
        .map(|branch| {
            if opening {
                schemas.relation(single.clone(), branch.clone(), spot)
            } else {
                schemas.relation(branch.clone(), single.clone(), spot).mirrored()
            }
        })
        .collect();
    let holds = |effect: &Effect| matches!(effect, Effect::Same | Effect::Wider);
    let within = |effect: &Effect| matches!(effect, Effect::Same | Effect::Narrower);
    let names: Vec<_> =
        group.branches.iter().map(|branch| branch_name(schemas, opening, branch)).collect();
    let at = group.at.pointer.as_str();
    let (old, new) = if opening { (None, Some(at)) } else { (Some(at), None) };
    let verb = if opening { "added" } else { "removed" };
    let turn = |effect: Effect| if opening { effect } else { effect.mirrored() };
    let all_within = relations.iter().all(within);
    if relations.iter().any(holds) {
        // The alternatives allow all that the single schema does.
        let object = plain.types.has(Types::OBJECT);
        if all_within && (!object || relations.iter().all(|effect| *effect == Effect::Same)) {
            return;
        }
        let beyond = names.iter().zip(&relations).filter(|(_, effect)| {
            if all_within { **effect != Effect::Same } else { !within(effect) }
        });
        let others: Vec<_> = beyond.map(|(name, _)| name.clone()).collect();
        let text = if opening {
            format!("can be {} now", words::either(&others))
        } else {
            format!("cannot be {} any more", words::either(&others))
        };
        // What is right by two alternatives is wrong by `oneOf`.
        let twice = group.one && relations.iter().filter(|effect| holds(effect)).count() > 1;
        let effect = if twice { Effect::Other } else { turn(Effect::Wider) };
        let event = pen.event(key(group, verb), effect, old, new, &text);
        // An object with more members than those that are named was right before.
        let most = if all_within { Verdict::PotentiallyBreaking } else { Verdict::Breaking };
        let wire = event.wire.min(most);
        found.events.push(event.wire(wire));
    } else if all_within {
        let text = if opening {
            format!("must be {} now", words::either(&names))
        } else {
            format!("is not limited to {} any more", words::either(&names))
        };
        let verb = if opening { "set" } else { "unset" };
        found.events.push(pen.event(key(group, verb), turn(Effect::Narrower), old, new, &text));
    } else {
        let likely = (0..branches.len()).max_by_key(|&index| {
            let branch = &group.branches[index];
            let whole = plain.leaves.first().cloned();
            let like = whole.map_or(0, |whole| {
                if opening {
                    likeness(schemas, &whole, branch, spot)
                } else {
                    likeness(schemas, branch, &whole, spot)
                }
            });
            (like, std::cmp::Reverse(index))
        });
        let Some(likely) = likely else { return };
        let branch = branches[likely].clone();
        found.inner.push(if opening { (single, branch, spot) } else { (branch, single, spot) });
        let others: Vec<_> = names
            .iter()
            .enumerate()
            .filter(|(index, _)| *index != likely)
            .map(|(_, name)| name.clone())
            .collect();
        let text = if opening {
            format!("can be {} now", words::either(&others))
        } else {
            format!("cannot be {} any more", words::either(&others))
        };
        found.events.push(pen.event(key(group, verb), turn(Effect::Wider), old, new, &text));
    }
}

/// `not` turns everything round.
fn exclusions<'a>(schemas: &mut Schemas<'a>, pen: &Pen<'_, 'a>, found: &mut Found<'a>) {
    let parts = |at: &Cursor<'a>| vec![Part::whole(at.clone())];
    let mut left: Vec<_> = pen.a.nots.iter().collect();
    let mut right: Vec<_> = pen.b.nots.iter().collect();
    left.retain(|a| {
        let equal = right
            .iter()
            .position(|b| schemas.relation(parts(a), parts(b), pen.spot) == Effect::Same);
        if let Some(at) = equal {
            right.remove(at);
        }
        equal.is_none()
    });
    if let ([a], [b]) = (left.as_slice(), right.as_slice()) {
        let effect = schemas.relation(parts(a), parts(b), pen.spot).mirrored();
        let text = "excludes other values than before";
        let at = (Some(a.pointer.as_str()), Some(b.pointer.as_str()));
        found.events.push(pen.event("not-changed", effect, at.0, at.1, text));
        return;
    }
    for a in left {
        let text = "does not exclude what fits the schema under `not` any more";
        found.events.push(pen.event("not-removed", Effect::Wider, Some(&a.pointer), None, text));
    }
    for b in right {
        let text = "excludes what fits the schema under `not` now";
        found.events.push(pen.event("not-added", Effect::Narrower, None, Some(&b.pointer), text));
    }
}
