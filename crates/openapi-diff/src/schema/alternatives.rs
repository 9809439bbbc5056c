//! Alternatives of unions: what a person calls them, and which one became which.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt::Write as _;

use openapi_document::{Cursor, Document};
use serde_json::Value;

use crate::change::Direction;
use crate::finding::{Context, SetRelation, Side};
use crate::render;
use crate::schema::Schemas;
use crate::schema::discriminator;
use crate::schema::node::{Group, Part, follow};

/// How many alternatives that have nothing to be known by are compared each with each.
const PAIRS: usize = 10_000;
/// How many values of an alternative are its text.
const VALUES: usize = 512;

/// The member that tells an alternative from others, and its value.
pub(crate) type Tag<'a> = (&'a str, &'a Value);

/// The member that an alternative requires to have one value.
pub(crate) fn tag<'a>(
    schemas: &mut Schemas<'a>,
    side: Side,
    parts: Vec<Part<'a>>,
    direction: Direction,
) -> Option<Tag<'a>> {
    if schemas.exhausted {
        return None;
    }
    let node = schemas.nodes_mut(side).intern(parts);
    let schema = schemas.normalized(side, node, direction);
    schema.required.keys().find_map(|name| {
        let member = schema.properties.get(name)?.parts.clone();
        let node = schemas.nodes_mut(side).intern(member);
        let member = schemas.normalized(side, node, direction);
        let [value] = member.values.as_ref()?.value.as_slice() else { return None };
        (!value.is_object() && !value.is_array()).then_some((*name, *value))
    })
}

/// What a person calls an alternative: its title or component and its tag, or the only member that it
/// requires and no other one does alone, or its number.
pub(crate) fn name<'a>(
    schemas: &mut Schemas<'a>,
    side: Side,
    (group, index): (&Group<'a>, usize),
    direction: Direction,
) -> String {
    let Some(branch) = group.branches.get(index) else { return String::new() };
    let document = schemas.nodes(side).document;
    let at = follow(document, branch.clone());
    let label = match at.text("title") {
        Some(title) => Some(format!("`{title}`")),
        None if render::is_component(&at.pointer) => Some(render::subject(document, &at.pointer)),
        None => None,
    };
    let tag = tag(schemas, side, vec![Part::whole(branch.clone())], direction);
    match (label, tag.map(|(name, value)| format!("`{name}: {value}`"))) {
        (Some(label), Some(tag)) => return format!("{label} ({tag})"),
        (Some(name), None) | (None, Some(name)) => return name,
        (None, None) => {}
    }
    if let Some(only) = only_required(schemas, side, branch, direction) {
        let same = |other: &Cursor<'a>| {
            other.pointer != branch.pointer
                && only_required(schemas, side, other, direction) == Some(only)
        };
        if group.branches.len() <= SIBLINGS && !group.branches.iter().any(same) {
            return format!("{WITH}`{only}`");
        }
    }
    let number = number(&branch.pointer);
    match at.text("type") {
        Some(kind) => format!("alternative {number} (a schema of type {kind})"),
        None => format!("alternative {number}"),
    }
}

/// The only member that an alternative requires.
fn only_required<'a>(
    schemas: &mut Schemas<'a>,
    side: Side,
    branch: &Cursor<'a>,
    direction: Direction,
) -> Option<&'a str> {
    let node = schemas.nodes_mut(side).intern(vec![Part::whole(branch.clone())]);
    let schema = schemas.normalized(side, node, direction);
    let mut required = schema.required.keys();
    let only = required.next()?;
    required.next().is_none().then_some(*only)
}

/// Among how many others an alternative is told by the member that it requires.
const SIBLINGS: usize = 64;
const WITH: &str = "what has ";

/// `be A or B`, `have a or b`
pub(crate) fn be(names: &[String]) -> String {
    let members: Option<Vec<_>> =
        names.iter().map(|name| name.strip_prefix(WITH).map(str::to_owned)).collect();
    match members {
        Some(members) => format!("have {}", render::either(&members)),
        None => format!("be {}", render::either(names)),
    }
}

/// `fit both A and B`, `have both a and b`
pub(crate) fn fit_both(one: &str, two: &str) -> String {
    match (one.strip_prefix(WITH), two.strip_prefix(WITH)) {
        (Some(one), Some(two)) => format!("have both {one} and {two}"),
        _ => format!("fit both {one} and {two}"),
    }
}

/// The index of an alternative as a person counts, from 1.
fn number(pointer: &str) -> usize {
    pointer.rsplit('/').next().and_then(|index| index.parse::<usize>().ok()).map_or(1, |n| n + 1)
}

/// Which alternatives of two unions are the same one, by their indexes.
#[derive(Debug, Default)]
pub(crate) struct Matching {
    /// Base, revision, and what is between them.
    pub(crate) pairs: Vec<(usize, usize, SetRelation)>,
    pub(crate) gone: Vec<usize>,
    pub(crate) come: Vec<usize>,
}

impl Matching {
    /// What is known by its text, its component, its tag or its title is looked up; the rest is compared
    /// each with each.
    pub(crate) fn of<'a>(
        schemas: &mut Schemas<'a>,
        (old, new): (&Group<'a>, &Group<'a>),
        context: Context,
    ) -> Self {
        let (old, new) = (&old.branches, &new.branches);
        let mut matching = Self {
            pairs: Vec::new(),
            gone: (0..old.len()).collect(),
            come: (0..new.len()).collect(),
        };
        let relation = |schemas: &mut Schemas<'a>, i: usize, j: usize| {
            let parts = |at: &Cursor<'a>| vec![Part::whole(at.clone())];
            schemas.relation(parts(&old[i]), parts(&new[j]), context)
        };
        // The same stays the same, wherever it stands.
        for (key, change) in [
            (Key::Written, false),
            (Key::Said, false),
            (Key::Component, true),
            (Key::Tag, true),
            (Key::Title, true),
            (Key::Members, true),
        ] {
            if matching.gone.is_empty() || matching.come.is_empty() {
                return matching;
            }
            if matches!(key, Key::Members) && !matching.is_large() {
                break;
            }
            let mut known: HashMap<String, VecDeque<usize>> = HashMap::new();
            for &j in &matching.come {
                for key in key.of(schemas, Side::Revision, &new[j], context) {
                    known.entry(key).or_default().push_back(j);
                }
            }
            let mut taken = HashSet::new();
            for i in std::mem::take(&mut matching.gone) {
                let keys = key.of(schemas, Side::Base, &old[i], context);
                let likely = keys.iter().filter_map(|key| {
                    let all = known.get_mut(key)?;
                    while all.front().is_some_and(|j| taken.contains(j)) {
                        all.pop_front();
                    }
                    all.front().copied()
                });
                match likely.min().map(|j| (j, relation(schemas, i, j))) {
                    Some((j, relation)) if change || relation == SetRelation::Same => {
                        taken.insert(j);
                        matching.pairs.push((i, j, relation));
                    }
                    _ => matching.gone.push(i),
                }
            }
            matching.come.retain(|j| !taken.contains(j));
        }
        matching.rest(schemas, (old, new), context, relation);
        matching
    }

    /// Whether there is too much to compare each with each.
    fn is_large(&self) -> bool {
        self.gone.len().saturating_mul(self.come.len()) > PAIRS
    }

    /// Each with each: what is the same, and then what is most alike.
    fn rest<'a>(
        &mut self,
        schemas: &mut Schemas<'a>,
        (old, new): (&[Cursor<'a>], &[Cursor<'a>]),
        context: Context,
        relation: impl Fn(&mut Schemas<'a>, usize, usize) -> SetRelation,
    ) {
        let large = self.is_large();
        let (left, right) = (std::mem::take(&mut self.gone), std::mem::take(&mut self.come));
        if large {
            // They are taken in the order that they have.
            let pairs = left.iter().zip(&right);
            self.pairs.extend(pairs.map(|(&i, &j)| (i, j, relation(schemas, i, j))));
            self.gone = left.iter().skip(right.len()).copied().collect();
            self.come = right.iter().skip(left.len()).copied().collect();
            return;
        }
        let mut right = right;
        for i in left {
            match right.iter().position(|&j| relation(schemas, i, j) == SetRelation::Same) {
                Some(at) => self.pairs.push((i, right.remove(at), SetRelation::Same)),
                None => self.gone.push(i),
            }
        }
        let mut likely = Vec::new();
        for &i in &self.gone {
            for &j in &right {
                let score = likeness(schemas, &old[i], &new[j], context);
                likely.push((score, i, j));
            }
        }
        likely.retain(|(score, ..)| *score > 0);
        likely.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
        for (_, i, j) in likely {
            if self.gone.contains(&i) && right.contains(&j) {
                self.gone.retain(|gone| *gone != i);
                right.retain(|come| *come != j);
                self.pairs.push((i, j, relation(schemas, i, j)));
            }
        }
        self.come = right;
    }
}

/// What an alternative is known by. None of it depends on how a document is split into components and files.
#[derive(Debug, Clone, Copy)]
enum Key {
    /// The component that it refers to, or its text.
    Written,
    /// Its text, or that of what it refers to.
    Said,
    Component,
    Tag,
    Title,
    /// The names of its members.
    Members,
}

impl Key {
    /// The keys of this kind: a component may have several names.
    fn of<'a>(
        self,
        schemas: &mut Schemas<'a>,
        side: Side,
        branch: &Cursor<'a>,
        context: Context,
    ) -> Vec<String> {
        let nodes = schemas.nodes(side);
        let target = follow(nodes.document, branch.clone());
        let one = match self {
            Self::Written if target.address() == branch.address() => {
                Some(unfolded(nodes.document, target))
            }
            Self::Written | Self::Component => {
                return nodes.names(branch).into_iter().map(str::to_owned).collect();
            }
            Self::Said => Some(unfolded(nodes.document, target)),
            Self::Tag => {
                let tag = tag(schemas, side, vec![Part::whole(branch.clone())], context.direction);
                tag.map(|(name, value)| format!("{name}: {value}"))
            }
            Self::Title => target.text("title").map(str::to_owned),
            Self::Members => {
                let schema = schemas.read(side, vec![Part::whole(branch.clone())], context);
                let names: Vec<_> = schema.properties.keys().copied().collect();
                (!names.is_empty()).then(|| names.join("\0"))
            }
        };
        one.into_iter().collect()
    }
}

/// The text of a schema, the outermost values first, with what references lead to in their place. What is longer than
/// [`VALUES`], as a circle of references is, is cut off.
fn unfolded<'a>(document: &'a Document, at: Cursor<'a>) -> String {
    let mut text = String::new();
    let mut left = VALUES;
    let mut todo = VecDeque::from([(at, false)]);
    while let Some((at, mapping)) = todo.pop_front() {
        let at = follow(document, at);
        let inner = |value| Cursor { value, pointer: String::new() };
        match at.value {
            Value::Object(_) | Value::Array(_) if left == 0 => {}
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                members.sort_unstable_by_key(|(name, _)| *name);
                members.truncate(left);
                left -= members.len();
                text.push('{');
                for (name, value) in members {
                    let _ = write!(text, "{name:?}");
                    // The name of a component is none of the text.
                    let target = match name.as_str() {
                        "$ref" => document.step(&at),
                        _ if mapping => discriminator::target(document, value),
                        _ => None,
                    };
                    let maps = name == "mapping" && at.value.get("propertyName").is_some();
                    todo.push_back((target.unwrap_or_else(|| inner(value)), maps));
                }
                text.push('}');
            }
            Value::Array(items) => {
                let items = &items[..items.len().min(left)];
                left -= items.len();
                let _ = write!(text, "[{}]", items.len());
                todo.extend(items.iter().map(|value| (inner(value), false)));
            }
            value => drop(write!(text, "{value},")),
        }
    }
    text
}

/// How much speaks for two alternatives being the same one; nothing if they share nothing.
pub(crate) fn likeness<'a>(
    schemas: &mut Schemas<'a>,
    a: &Cursor<'a>,
    b: &Cursor<'a>,
    context: Context,
) -> usize {
    let (old, new) = (schemas.base.names(a), schemas.revision.names(b));
    let named = old.iter().any(|name| new.contains(name));
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
