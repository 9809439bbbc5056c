//! Values that fit two alternatives of `oneOf`, which refuses them (JSON Schema 2020-12 Core section
//! 10.2.1.3).
//!
//! An overlap is worth a word if the other side takes such a value: if the change made it. A discriminator
//! tells which alternative is meant, whatever else fits.

use std::collections::HashMap;

use serde_json::Value;

use crate::change::{Direction, Verdict};
use crate::finding::{Context, Finding, SetRelation, Side, Written};
use crate::render;
use crate::schema::alternatives::{self, tag};
use crate::schema::meeting::Meeting;
use crate::schema::node::{Group, NodeId, Part};
use crate::schema::pair::SchemaPair;
use crate::schema::types::Types;
use crate::schema::{Found, Schemas};

/// How much is tried for one union: this for each alternative, and not more than that in all.
const TRIES: (usize, usize) = (256, 4_096);
/// How much more is tried for values that others of the old alternatives do not take.
const MORE: usize = 1_024;
/// How many alternatives that an old one may overlap are looked at.
const OTHERS: usize = 32;

/// A union with `oneOf`.
pub(crate) struct Union<'u, 'a> {
    pub(crate) side: Side,
    pub(crate) group: &'u Group<'a>,
    /// Which alternatives are not as they were.
    pub(crate) changed: Vec<bool>,
    /// What stands for each of them on the other side, or all that does.
    pub(crate) partners: Vec<Vec<NodeId>>,
    /// The other side refuses what fits two of these as well.
    pub(crate) others: Vec<NodeId>,
}

/// Two alternatives that a value may fit.
struct Overlap {
    first: usize,
    second: usize,
    /// Such a value; without one, it is not known.
    example: Option<Value>,
}

/// The nodes of the alternatives of a union.
pub(crate) fn nodes<'a>(
    schemas: &mut Schemas<'a>,
    side: Side,
    bare: &[Part<'a>],
    group: &Group<'a>,
) -> Vec<NodeId> {
    let nodes = schemas.nodes_mut(side);
    let parts =
        |at: &openapi_document::Cursor<'a>| [bare.to_vec(), vec![Part::whole(at.clone())]].concat();
    group.branches.iter().map(|at| nodes.intern(parts(at))).collect()
}

/// What changed of the overlaps of a union: those of the revision are new, those of the base are gone.
pub(crate) fn compare<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    union: &Union<'_, 'a>,
    at: (Option<&str>, Option<&str>),
    found: &mut Found<'a>,
) {
    for overlap in all(schemas, pair, union) {
        let both = both(schemas, pair, union, &overlap);
        let (what, relation, text) = match (union.side, pair.context.is_request()) {
            (Side::Revision, true) => (
                "one-of-overlap-added",
                SetRelation::Narrower,
                format!("may {both} now, and is refused then"),
            ),
            (Side::Revision, false) => {
                ("one-of-overlap-added", SetRelation::Narrower, format!("cannot {both} any more"))
            }
            (Side::Base, _) => {
                ("one-of-overlap-removed", SetRelation::Wider, format!("can {both} now"))
            }
        };
        let text = match &overlap.example {
            Some(example) => format!("{text}, such as {}", render::value(example)),
            None => text,
        };
        let finding = pair.finding(what, relation, at.0, at.1, &text);
        found.findings.push(weighed(finding, overlap.example.is_some()));
    }
}

/// The finding that `anyOf` became `oneOf`, or the other way round: none if that is the same.
pub(crate) fn word<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    union: &Union<'_, 'a>,
    at: (Option<&str>, Option<&str>),
) -> Option<Finding> {
    let all = all(schemas, pair, union);
    let overlap = all.iter().find(|overlap| overlap.example.is_some()).or(all.first())?;
    let (what, relation, text) = match union.side {
        Side::Revision => (
            "any-of-became-one-of",
            SetRelation::Narrower,
            "may fit only one of its alternatives now",
        ),
        Side::Base => {
            ("one-of-became-any-of", SetRelation::Wider, "may fit several of its alternatives now")
        }
    };
    let text = match &overlap.example {
        Some(example) => {
            let both = both(schemas, pair, union, overlap);
            let verb = if union.side == Side::Revision { "could" } else { "can" };
            format!("{text}, and {verb} {both}, such as {}", render::value(example))
        }
        None => text.to_owned(),
    };
    let finding = pair.finding(what, relation, at.0, at.1, &text);
    Some(weighed(finding, overlap.example.is_some()))
}

/// What clients are sent that fits two alternatives, they may read by either one.
fn weighed(finding: Finding, sure: bool) -> Finding {
    if sure && finding.relation == SetRelation::Narrower {
        return finding;
    }
    let wire = finding.wire.min(Verdict::PotentiallyBreaking);
    finding.wire(wire)
}

fn both<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    union: &Union<'_, 'a>,
    overlap: &Overlap,
) -> String {
    let direction = pair.context.direction;
    let mut name = |index| alternatives::name(schemas, union.side, (union.group, index), direction);
    alternatives::fit_both(&name(overlap.first), &name(overlap.second))
}

/// The overlaps that are not on the other side: one for each alternative that changed.
fn all<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    union: &Union<'_, 'a>,
) -> Vec<Overlap> {
    let (own, other) = match union.side {
        Side::Base => (pair.a, pair.b),
        Side::Revision => (pair.b, pair.a),
    };
    if own.discriminator.is_some() || !union.changed.contains(&true) || schemas.exhausted {
        return Vec::new();
    }
    let other_side = Side::of(union.side == Side::Base);
    let nodes = nodes(schemas, union.side, &own.bare(), union.group);
    let whole = (other_side, schemas.nodes_mut(other_side).intern(other.parts.clone()));
    let mut search = Search { context: pair.context, own: union.side, whole, more: MORE };
    let mut vague = HashMap::new();
    let mut found: Vec<Overlap> = Vec::new();
    schemas.tries = (TRIES.0 * nodes.len()).min(TRIES.1);
    let own = (union.side, pair.context.direction);
    for (first, near) in neighbours(schemas, own, &union.changed, &nodes) {
        let mut here: Option<Overlap> = None;
        for second in near {
            if schemas.tries == 0 {
                // More are too many to tell.
                schemas.tries = TRIES.0;
                let known = union.partners[first]
                    .iter()
                    .any(|node| search.overlapped(schemas, union, *node, &mut vague));
                if !known {
                    found.push(Overlap { first, second, example: None });
                }
                return found;
            }
            let mut senders =
                [union.partners[first].as_slice(), union.partners[second].as_slice()].concat();
            senders.sort_unstable();
            senders.dedup();
            let both = (nodes[first], nodes[second]);
            let example = match search.overlap(schemas, (&senders, &union.others), both) {
                Common::No => continue,
                Common::Sure(example) => Some(example),
                Common::Unknown => {
                    let known = here.is_some();
                    if known || search.was_vague(schemas, union, (first, second), &mut vague) {
                        continue;
                    }
                    None
                }
            };
            let sure = example.is_some();
            here = Some(Overlap { first, second, example });
            if sure {
                break;
            }
        }
        found.extend(here);
    }
    found
}

/// For each alternative that changed, those that it may overlap. Those with another tag it does not.
pub(crate) fn neighbours<'a>(
    schemas: &mut Schemas<'a>,
    (side, direction): (Side, Direction),
    changed: &[bool],
    nodes: &[NodeId],
) -> Vec<(usize, Vec<usize>)> {
    let mut tagged: HashMap<&'a str, HashMap<String, Vec<usize>>> = HashMap::new();
    let mut untagged = Vec::new();
    let mut tags = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        let parts = schemas.nodes(side).parts(*node).to_vec();
        let tag = tag(schemas, side, parts, direction);
        let tag = tag.map(|(name, value)| (name, value.to_string()));
        match &tag {
            Some((name, value)) => {
                let values = tagged.entry(*name).or_default();
                values.entry(value.clone()).or_default().push(index);
            }
            None => untagged.push(index),
        }
        tags.push(tag);
    }
    let mut all = Vec::new();
    for (index, tag) in tags.iter().enumerate().filter(|(index, _)| changed[*index]) {
        let mut near = untagged.clone();
        for (name, values) in &tagged {
            match tag {
                Some((own, value)) if own == name => {
                    near.extend(values.get(value).into_iter().flatten());
                }
                _ => near.extend(values.values().flatten()),
            }
        }
        near.sort_unstable();
        // Two that changed are looked at once.
        near.retain(|other| *other != index && (*other > index || !changed[*other]));
        all.push((index, near));
    }
    all
}

/// What two alternatives have in common that is right on the other side.
enum Common {
    No,
    Unknown,
    Sure(Value),
}

struct Search {
    context: Context,
    own: Side,
    /// All of the other side.
    whole: (Side, NodeId),
    /// How much more may be tried.
    more: usize,
}

impl Search {
    fn overlap(
        &mut self,
        schemas: &mut Schemas<'_>,
        (senders, others): (&[NodeId], &[NodeId]),
        (one, two): (NodeId, NodeId),
    ) -> Common {
        let mut open = false;
        for &sender in senders {
            let met = [(self.whole.0, sender), (self.own, one), (self.own, two)];
            open |= self.is_read_twice(schemas, met);
            let meeting = schemas.meeting(&met, self.context.direction);
            let Meeting::Maybe(examples) = meeting else { continue };
            let mut tried = self.tried(schemas, met, examples);
            if matches!(tried, Common::No) {
                // Others take what was tried, and may leave the rest.
                let others = others.iter().filter(|other| **other != sender).take(OTHERS);
                let beside: Vec<_> = others.map(|other| (self.whole.0, *other)).collect();
                std::mem::swap(&mut schemas.tries, &mut self.more);
                let direction = self.context.direction;
                if let Meeting::Maybe(examples) = schemas.meeting_beside(&met, &beside, direction)
                    && let Common::Sure(example) = self.tried(schemas, met, examples)
                {
                    tried = Common::Sure(example);
                }
                std::mem::swap(&mut schemas.tries, &mut self.more);
            }
            match tried {
                Common::Sure(example) => return Common::Sure(example),
                Common::Unknown => open = true,
                Common::No => {}
            }
        }
        if open { Common::Unknown } else { Common::No }
    }

    /// What is known by examples: nothing is in common if they fitted two alternatives of the other side.
    fn tried(
        &self,
        schemas: &mut Schemas<'_>,
        met: [(Side, NodeId); 3],
        examples: Vec<Value>,
    ) -> Common {
        let mut refused = false;
        for example in examples {
            let mut fits = |of| schemas.fits(of, self.context.direction, &example);
            let both = [fits(met[1]), fits(met[2])];
            if both.contains(&Some(false)) {
                continue;
            }
            match fits(self.whole) {
                Some(true) if both == [Some(true), Some(true)] => return Common::Sure(example),
                Some(false) => refused = true,
                _ => {}
            }
        }
        if refused { Common::No } else { Common::Unknown }
    }

    /// Whether a number or boolean is a text to one of two schemas, where both are written alike.
    fn is_read_twice(&self, schemas: &mut Schemas<'_>, met: [(Side, NodeId); 3]) -> bool {
        if self.context.written == Written::Json {
            return false;
        }
        let [sent, one, two] =
            met.map(|(side, node)| schemas.normalized(side, node, self.context.direction));
        let spelled = Types::SCALAR.without(Types::STRING);
        let types = sent.types.and(spelled);
        one.is_any_text() && two.types.has(types) || two.is_any_text() && one.types.has(types)
    }

    /// Whether it was not known either if what stands for two alternatives has something in common.
    fn was_vague<'a>(
        &self,
        schemas: &mut Schemas<'a>,
        union: &Union<'_, 'a>,
        (one, two): (usize, usize),
        known: &mut HashMap<NodeId, bool>,
    ) -> bool {
        if union.others.is_empty() {
            return false;
        }
        match (union.partners[one].as_slice(), union.partners[two].as_slice()) {
            ([one], [two]) if one != two => self.met(schemas, *one, *two),
            (some, more) => {
                some.iter().chain(more).any(|node| self.overlapped(schemas, union, *node, known))
            }
        }
    }

    /// Whether an alternative of the other side may have something in common with others of it.
    fn overlapped<'a>(
        &self,
        schemas: &mut Schemas<'a>,
        union: &Union<'_, 'a>,
        node: NodeId,
        known: &mut HashMap<NodeId, bool>,
    ) -> bool {
        if let Some(known) = known.get(&node) {
            return *known;
        }
        let mut others = union.others.iter().filter(|other| **other != node).take(OTHERS);
        let overlapped = others.any(|other| self.met(schemas, node, *other));
        known.insert(node, overlapped);
        overlapped
    }

    /// Whether two alternatives of the other side may have something in common, whichever of them names it.
    fn met(&self, schemas: &mut Schemas<'_>, one: NodeId, two: NodeId) -> bool {
        [(one, two), (two, one)].into_iter().any(|(first, second)| {
            let met = [(self.whole.0, first), (self.whole.0, second)];
            matches!(schemas.meeting(&met, self.context.direction), Meeting::Maybe(_))
        })
    }
}
