//! `oneOf` and `anyOf`: which alternatives there are, and what is right by them.

use crate::change::Verdict;
use crate::finding::{Branch, Context, Finding, SetRelation, Side};
use crate::render;
use crate::schema::alternatives::{self, Matching, likeness};
use crate::schema::cover::{covers, harmless, sender, taker};
use crate::schema::discriminator;
use crate::schema::exclusions;
use crate::schema::node::{Group, NodeId, Part};
use crate::schema::normalized::NormalizedSchema;
use crate::schema::overlap::{self, Union};
use crate::schema::pair::SchemaPair;
use crate::schema::subtypes;
use crate::schema::types::Types;
use crate::schema::{Found, Schemas};
use openapi_document::Cursor;

/// How many alternatives of one side are held against how many of the other one, multiplied, to see
/// whether they merged or split.
const COVERS: usize = 4_096;
/// How many alternatives without a partner are looked at for what may have become another one.
const FEW: usize = 8;

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
        let names = names(schemas, Side::Base, group, pair.context);
        let text = format!("is not limited to {} any more", render::either(&names));
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
        let names = names(schemas, Side::Revision, group, pair.context);
        let text = format!("must {} now", alternatives::be(&names));
        let finding = pair.finding(
            key(group, "set"),
            SetRelation::Narrower,
            None,
            Some(&group.at.pointer),
            &text,
        );
        found.findings.push(finding);
    }
    exclusions::compare(schemas, pair, found);
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
fn names<'a>(
    schemas: &mut Schemas<'a>,
    side: Side,
    group: &Group<'a>,
    context: Context,
) -> Vec<String> {
    let all = 0..group.branches.len();
    all.map(|index| alternatives::name(schemas, side, (group, index), context.direction)).collect()
}

/// Two lists of alternatives: which became which, which are gone and which are new.
pub(crate) fn groups<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    (old, new): (&Group<'a>, &Group<'a>),
    found: &mut Found<'a>,
) {
    let alternative = pair.context.branched();
    let (sender, direction) = (sender(alternative), pair.context.direction);
    let mut matching = Matching::of(schemas, (old, new), alternative);
    let parts = |group: &Group<'a>| -> Vec<Vec<Part<'a>>> {
        group.branches.iter().map(|at| vec![Part::whole(at.clone())]).collect()
    };
    let (before, after) = (parts(old), parts(new));
    divide(schemas, &mut matching, (&before, &after), alternative, found);
    for (i, j, _) in &matching.pairs {
        found.inner.push((before[*i].clone(), after[*j].clone(), alternative));
    }
    let few = (matching.gone.len() + matching.come.len()) * before.len().max(after.len()) <= COVERS;
    for &i in &matching.gone {
        let name = alternatives::name(schemas, Side::Base, (old, i), direction);
        let taken = sender == Side::Base && few && covers(schemas, &before[i], &after, alternative);
        let text = if taken {
            format!("has no alternative of its own for {name} any more")
        } else {
            format!("cannot be {name} any more")
        };
        let at = (Some(old.branches[i].pointer.as_str()), Some(new.at.pointer.as_str()));
        let finding = pair.finding(key(old, "removed"), SetRelation::Narrower, at.0, at.1, &text);
        found.findings.push(if taken { finding.wire(Verdict::Compatible) } else { finding });
    }
    for &j in &matching.come {
        let name = alternatives::name(schemas, Side::Revision, (new, j), direction);
        let known =
            sender == Side::Revision && few && covers(schemas, &after[j], &before, alternative);
        let text = if known {
            format!("has an alternative of its own for {name} now")
        } else {
            format!("can be {name} now")
        };
        let at = (Some(old.at.pointer.as_str()), Some(new.branches[j].pointer.as_str()));
        let finding = pair.finding(key(new, "added"), SetRelation::Wider, at.0, at.1, &text);
        found.findings.push(if known { finding.wire(Verdict::Compatible) } else { finding });
    }
    overlaps(schemas, pair, (old, new), &matching, found);
}

/// An alternative of the sender that several of the other side share among them became none of those.
fn divide<'a>(
    schemas: &mut Schemas<'a>,
    matching: &mut Matching,
    (before, after): (&[Vec<Part<'a>>], &[Vec<Part<'a>>]),
    context: Context,
    found: &mut Found<'a>,
) {
    let forth = sender(context) == Side::Base;
    let (sent, read) = if forth { (before, after) } else { (after, before) };
    let others = if forth { &matching.come } else { &matching.gone };
    let changed: Vec<_> =
        matching.pairs.iter().filter(|pair| pair.2 != SetRelation::Same).copied().collect();
    if others.is_empty() || changed.len() * (others.len() + 1) > COVERS {
        return;
    }
    let others = others.clone();
    for (i, j, _) in changed {
        let (own, partner) = if forth { (i, j) } else { (j, i) };
        let near = |index: &usize| *index == partner || others.contains(index);
        let near: Vec<_> = (0..read.len()).filter(near).map(|index| read[index].clone()).collect();
        if !covers(schemas, &sent[own], &read[partner..=partner], context)
            && covers(schemas, &sent[own], &near, context)
        {
            matching.pairs.retain(|(old, new, _)| (*old, *new) != (i, j));
            matching.gone.push(i);
            matching.come.push(j);
            let (base, revision) = (before[i].clone(), after[j].clone());
            found.findings.extend(harmless(schemas, base, revision, context));
        }
    }
    matching.gone.sort_unstable();
    matching.come.sort_unstable();
}

/// What changed of the values that fit two alternatives.
fn overlaps<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    (old, new): (&Group<'a>, &Group<'a>),
    matching: &Matching,
    found: &mut Found<'a>,
) {
    if !old.one && !new.one {
        return;
    }
    let (bare, now_bare) = (pair.a.bare(), pair.b.bare());
    let before = overlap::nodes(schemas, Side::Base, &bare, old);
    let after = overlap::nodes(schemas, Side::Revision, &now_bare, new);
    // What stands beside them holds of each of them.
    let beside =
        old.one != new.one || schemas.relation(bare, now_bare, pair.context) != SetRelation::Same;
    let few = |all: &[usize], nodes: &[NodeId]| -> Vec<NodeId> {
        all.iter().take(FEW).map(|index| nodes[*index]).collect()
    };
    let at = (Some(old.at.pointer.as_str()), Some(new.at.pointer.as_str()));
    for (side, group, other) in [(Side::Revision, new, old), (Side::Base, old, new)] {
        if !group.one {
            continue;
        }
        let (lone, nodes) = match side {
            Side::Revision => (few(&matching.gone, &before), &before),
            Side::Base => (few(&matching.come, &after), &after),
        };
        let mut changed = vec![true; group.branches.len()];
        let mut partners = vec![lone; group.branches.len()];
        for (i, j, relation) in &matching.pairs {
            let (own, partner, narrower) = match side {
                Side::Revision => (*j, *i, SetRelation::Narrower),
                Side::Base => (*i, *j, SetRelation::Wider),
            };
            // What takes fewer values than its partner overlaps nothing that that did not.
            changed[own] = beside || ![SetRelation::Same, narrower].contains(relation);
            partners[own] = vec![nodes[partner]];
        }
        let others = if other.one { nodes.clone() } else { Vec::new() };
        let union = Union { side, group, changed, partners, others };
        if other.one {
            overlap::compare(schemas, pair, &union, at, found);
        } else {
            found.findings.extend(overlap::word(schemas, pair, &union, at));
        }
    }
}

/// Alternatives beside the first ones, of a schema that became another one without any, or the other
/// way round.
fn further<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    (many, opening): (&NormalizedSchema<'a>, bool),
    found: &mut Found<'a>,
) {
    for more in many.groups.iter().skip(1) {
        let names = names(schemas, Side::of(opening), more, pair.context);
        let at = Some(more.at.pointer.as_str());
        found.findings.push(if opening {
            let text = format!("must {} now", alternatives::be(&names));
            pair.finding(key(more, "set"), SetRelation::Narrower, None, at, &text)
        } else {
            let text = format!("is not limited to {} any more", render::either(&names));
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

/// The alternative that allows all that a single schema does, by what is from that to each of them: one that is
/// the same, or else the likely one, or else the first.
fn heir(relations: &[SetRelation], likely: Option<usize>) -> Option<usize> {
    let first = |wanted| relations.iter().position(|relation| *relation == wanted);
    let likely = likely.filter(|index| relations.get(*index) == Some(&SetRelation::Wider));
    first(SetRelation::Same).or(likely).or_else(|| first(SetRelation::Wider))
}

/// A schema with alternatives against one without: that is one alternative.
pub(crate) fn one_sided<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    found: &mut Found<'a>,
) {
    let opening = pair.a.groups.is_empty();
    let (plain, many) = if opening { (pair.a, pair.b) } else { (pair.b, pair.a) };
    let mut context = pair.context.branched();
    if plain.default.is_some() || many.default.is_some() {
        // What changed of it is said of the whole.
        context.branch = Branch::Defaulted;
    }
    let single = plain.parts.clone();
    let Some(group) = many.groups.first() else { return };
    further(schemas, pair, (many, opening), found);
    let branch = |at: &Cursor<'a>| [many.bare(), vec![Part::whole(at.clone())]].concat();
    let branches: Vec<Vec<Part<'a>>> = group.branches.iter().map(branch).collect();
    found.findings.extend(pair.nullability());
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
    let names = names(schemas, Side::of(opening), group, pair.context);
    let likely = most_like(schemas, plain, (group, opening), context);
    let heir = heir(&relations, likely);
    let sends_one = opening == (sender(context) == Side::Base);
    let one = OneSided { pair, plain, group, opening, context, single, branches, relations, names };
    if let Some(heir) = heir {
        one.inherited(schemas, (heir, sends_one), found);
    } else if sends_one && covers(schemas, &one.single, &one.branches, context) {
        one.shared(schemas, likely, found);
    } else if one.all_within() {
        one.limited(schemas, &many.bare(), found);
    } else if let Some(likely) = likely {
        one.resembled(schemas, (likely, sends_one), found);
    } else {
        return;
    }
    overlapped(schemas, pair, (group, opening), found);
}

/// A single schema against the alternatives of the other side.
struct OneSided<'u, 'p, 'a> {
    pair: &'u SchemaPair<'p, 'a>,
    plain: &'u NormalizedSchema<'a>,
    group: &'u Group<'a>,
    /// The revision has the alternatives.
    opening: bool,
    context: Context,
    single: Vec<Part<'a>>,
    branches: Vec<Vec<Part<'a>>>,
    /// From the single schema to each alternative, whichever side has them.
    relations: Vec<SetRelation>,
    names: Vec<String>,
}

impl<'a> OneSided<'_, '_, 'a> {
    /// Whether an alternative allows nothing that the single schema does not.
    fn is_within(&self, index: usize) -> bool {
        matches!(self.relations[index], SetRelation::Same | SetRelation::Narrower)
    }

    fn all_within(&self) -> bool {
        (0..self.relations.len()).all(|index| self.is_within(index))
    }

    /// The single schema and a part of the other side, base first.
    fn sides(&self, other: &[Part<'a>]) -> (Vec<Part<'a>>, Vec<Part<'a>>) {
        let (single, other) = (self.single.clone(), other.to_vec());
        if self.opening { (single, other) } else { (other, single) }
    }

    /// Compares the single schema with an alternative.
    fn compare(&self, index: usize, found: &mut Found<'a>) {
        let (base, revision) = self.sides(&self.branches[index]);
        found.inner.push((base, revision, self.context));
    }

    /// What breaks nothing between the single schema and an alternative.
    fn harmless(&self, schemas: &mut Schemas<'a>, index: usize, found: &mut Found<'a>) {
        let (base, revision) = self.sides(&self.branches[index]);
        found.findings.extend(harmless(schemas, base, revision, self.context));
    }

    fn finding(&self, verbs: (&str, &str), relation: SetRelation, text: &str) -> Finding {
        let at = Some(self.group.at.pointer.as_str());
        let (verb, relation, old, new) = if self.opening {
            (verbs.0, relation, None, at)
        } else {
            (verbs.1, relation.mirrored(), at, None)
        };
        self.pair.finding(key(self.group, verb), relation, old, new, text)
    }

    /// Alternatives that the single schema is not; `None` if there are none.
    fn gained(&self, others: impl Iterator<Item = usize>) -> Option<Finding> {
        let others: Vec<_> = others.map(|index| self.names[index].clone()).collect();
        if others.is_empty() {
            return None;
        }
        let others = render::either(&others);
        let text = if self.opening {
            format!("can be {others} now")
        } else {
            format!("cannot be {others} any more")
        };
        Some(self.finding(("added", "removed"), SetRelation::Wider, &text))
    }

    /// One of the alternatives allows all that the single schema does.
    fn inherited(
        &self,
        schemas: &mut Schemas<'a>,
        (heir, sends_one): (usize, bool),
        found: &mut Found<'a>,
    ) {
        // What the heir of a sent schema does not name, another alternative may.
        let alone = !sends_one
            || self.relations[heir] == SetRelation::Same
            || taker(schemas, &self.single, (&self.branches[heir..=heir], None), self.context)
                .is_some();
        if alone {
            self.compare(heir, found);
        } else {
            self.harmless(schemas, heir, found);
        }
        let all_within = self.all_within();
        let object = self.plain.types.has(Types::OBJECT);
        let others = (0..self.names.len()).filter(|&index| match self.relations[index] {
            SetRelation::Same => false,
            SetRelation::Narrower => all_within && object,
            _ => !alone || index != heir,
        });
        if let Some(finding) = self.gained(others) {
            // An object with more members than those that are named was right before.
            let most = if all_within { Verdict::PotentiallyBreaking } else { Verdict::Breaking };
            let wire = finding.wire.min(most);
            found.findings.push(finding.wire(wire));
        }
    }

    /// What was one schema is several, which share its values among them and may take more.
    fn shared(&self, schemas: &mut Schemas<'a>, likely: Option<usize>, found: &mut Found<'a>) {
        let taker = taker(schemas, &self.single, (&self.branches, likely), self.context);
        if let Some(taker) = taker {
            self.compare(taker, found);
        }
        let all_within = self.all_within();
        let others = || (0..self.branches.len()).filter(|index| Some(*index) != taker);
        for index in others().filter(|index| taker.is_none() || self.is_within(*index)) {
            self.harmless(schemas, index, found);
        }
        let beyond = others()
            .filter(|index| if taker.is_some() { !self.is_within(*index) } else { !all_within });
        let gained = self.gained(beyond);
        found.findings.extend(gained.map(|finding| finding.wire(Verdict::Compatible)));
    }

    /// The alternatives limit the single schema. What changed beside them is listed, unless what was there moved
    /// into them.
    fn limited(&self, schemas: &mut Schemas<'a>, beside: &[Part<'a>], found: &mut Found<'a>) {
        let (base, revision) = self.sides(beside);
        let kept = if self.opening { SetRelation::Narrower } else { SetRelation::Wider };
        if schemas.relation(base.clone(), revision.clone(), self.context) == kept {
            found.findings.extend(harmless(schemas, base, revision, self.context));
        }
        let text = if self.opening {
            format!("must {} now", alternatives::be(&self.names))
        } else {
            format!("is not limited to {} any more", render::either(&self.names))
        };
        found.findings.push(self.finding(("set", "unset"), SetRelation::Narrower, &text));
    }

    /// The single schema is the likely one of the alternatives, and none of the others.
    fn resembled(
        &self,
        schemas: &mut Schemas<'a>,
        (likely, sends_one): (usize, bool),
        found: &mut Found<'a>,
    ) {
        self.compare(likely, found);
        let read = std::slice::from_ref(&self.single);
        let few = !sends_one && self.branches.len() <= COVERS;
        let others = (0..self.names.len()).filter(|index| *index != likely);
        let (merged, others): (Vec<_>, Vec<_>) = others
            .partition(|&index| few && covers(schemas, &self.branches[index], read, self.context));
        found.findings.extend(self.gained(others.into_iter()));
        if !merged.is_empty() {
            let merged: Vec<_> = merged.iter().map(|&index| self.names[index].clone()).collect();
            let merged = render::either(&merged);
            let text = if self.opening {
                format!("has an alternative of its own for {merged} now")
            } else {
                format!("has no alternative of its own for {merged} any more")
            };
            let finding = self.finding(("added", "removed"), SetRelation::Wider, &text);
            found.findings.push(finding.wire(Verdict::Compatible));
        }
    }
}

/// What fits two alternatives, of which the other side has one schema.
fn overlapped<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    (group, opening): (&Group<'a>, bool),
    found: &mut Found<'a>,
) {
    if !group.one {
        return;
    }
    let single = if opening { &pair.a.parts } else { &pair.b.parts };
    let single = schemas.nodes_mut(Side::of(!opening)).intern(single.clone());
    let count = group.branches.len();
    let union = Union {
        side: Side::of(opening),
        group,
        changed: vec![true; count],
        partners: vec![vec![single]; count],
        others: Vec::new(),
    };
    let at = Some(group.at.pointer.as_str());
    let at = if opening { (None, at) } else { (at, None) };
    overlap::compare(schemas, pair, &union, at, found);
}
