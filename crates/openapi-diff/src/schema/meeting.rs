//! What is right by several schemas at once, and examples of it.
//!
//! Looked for are values that somebody who knows the first of the schemas has reason to write: without
//! members that it does not name. Two objects of which each requires a member of its own have values in
//! common by JSON Schema alone, and nobody means those.

use std::collections::VecDeque;
use std::rc::Rc;

use openapi_document::Decimal;
use serde_json::{Map, Value};

use crate::change::Direction;
use crate::finding::Side;
use crate::numbers;
use crate::schema::instances::{FORMATS, Member, parts_of};
use crate::schema::node::NodeId;
use crate::schema::normalized::{Additional, NormalizedSchema};
use crate::schema::ranges::Range;
use crate::schema::types::{Known, Types};
use crate::schema::{Schemas, overlap};

/// How deep members and alternatives are looked into.
const DEPTH: usize = 9;
/// How many schemas are put together for one meeting.
const STEPS: usize = 256;
/// How many examples there are, of each kind of value.
const EXAMPLES: usize = 12;
/// How many schemas that a value should not be right by are looked at.
const BESIDE: usize = 32;
/// The longest text and list that is written as an example.
const LONGEST: u64 = 64;

/// What several schemas have in common.
#[derive(Debug, Clone)]
pub(crate) enum Meeting {
    /// Nothing, for sure.
    Never,
    /// Only what has members that the first schema does not name.
    Unnamed,
    /// Something, for all that is known. The examples need not be right: they are to be tried.
    Maybe(Vec<Value>),
}

impl Meeting {
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Maybe(some), Self::Maybe(more)) => Self::Maybe(both(some, more)),
            (Self::Maybe(some), _) | (_, Self::Maybe(some)) => Self::Maybe(some),
            (Self::Unnamed, _) | (_, Self::Unnamed) => Self::Unnamed,
            (Self::Never, Self::Never) => Self::Never,
        }
    }
}

type Nodes<'m> = &'m [(Side, NodeId)];
type All<'n, 'a> = &'n [Rc<NormalizedSchema<'a>>];

/// Schemas that a value must be right by, and others that it should not be right by, if that can be: those make
/// for other examples, and for nothing else.
#[derive(Clone, Copy)]
struct Met<'m> {
    nodes: Nodes<'m>,
    beside: Nodes<'m>,
}

/// The same, read; what should not be has no alternatives any more.
struct Read<'a> {
    all: Vec<Rc<NormalizedSchema<'a>>>,
    beside: Vec<(Side, Rc<NormalizedSchema<'a>>)>,
}

/// A search of bounded length.
struct Search {
    direction: Direction,
    steps: usize,
}

impl Schemas<'_> {
    /// What schemas have in common, of which the first one names the members.
    pub(crate) fn meeting(&mut self, nodes: Nodes<'_>, direction: Direction) -> Meeting {
        self.meeting_beside(nodes, &[], direction)
    }

    /// The same, with examples that are right by none of some other schemas before the rest.
    pub(crate) fn meeting_beside(
        &mut self,
        nodes: Nodes<'_>,
        beside: Nodes<'_>,
        direction: Direction,
    ) -> Meeting {
        Search { direction, steps: STEPS }.meet(self, Met { nodes, beside }, DEPTH)
    }
}

impl Search {
    fn meet(&mut self, schemas: &mut Schemas<'_>, met: Met<'_>, depth: usize) -> Meeting {
        if depth == 0 || self.steps == 0 || schemas.tries == 0 {
            return Meeting::Maybe(Vec::new());
        }
        self.steps -= 1;
        schemas.tries -= 1;
        let nodes = met.nodes.iter();
        let all: Vec<_> =
            nodes.map(|&(side, node)| schemas.normalized(side, node, self.direction)).collect();
        let types = all.iter().map(|schema| schema.types).fold(Types::ANY, Types::and);
        if types == Types::NONE {
            return Meeting::Never;
        }
        if let Some(index) = all.iter().position(|schema| !schema.groups.is_empty()) {
            return self.each_alternative(schemas, met, (index, &all[index]), depth);
        }
        let read = Read { all, beside: self.beside(schemas, met.beside) };
        if let Some(found) = listed(&read) {
            return found;
        }
        let mut found = Meeting::Never;
        if types.has(Types::BOOLEAN) {
            found = found.or(Meeting::Maybe(vec![Value::Bool(true), Value::Bool(false)]));
        }
        if types.has(Types::NUMBER) {
            found = found.or(of_numbers(&read, types));
        }
        if types.has(Types::STRING) {
            found = found.or(texts(&read));
        }
        if types.has(Types::ARRAY) {
            found = found.or(self.lists(schemas, met.nodes, &read, depth));
        }
        if types.has(Types::OBJECT) {
            found = found.or(self.objects(schemas, met.nodes, &read, depth));
        }
        found
    }

    /// What a value should not be right by, each alternative for itself.
    fn beside<'a>(
        &self,
        schemas: &mut Schemas<'a>,
        beside: Nodes<'_>,
    ) -> Vec<(Side, Rc<NormalizedSchema<'a>>)> {
        let mut found = Vec::new();
        let mut todo: VecDeque<_> = beside.iter().copied().collect();
        for _ in 0..BESIDE {
            let Some((side, node)) = todo.pop_front() else { break };
            let schema = schemas.normalized(side, node, self.direction);
            let Some(group) = schema.groups.first() else {
                found.push((side, schema));
                continue;
            };
            let branches = overlap::nodes(schemas, side, &schema.bare(), group);
            todo.extend(branches.into_iter().take(BESIDE).map(|branch| (side, branch)));
        }
        found
    }

    /// The schema at an index has alternatives: each is met in its place.
    fn each_alternative<'a>(
        &mut self,
        schemas: &mut Schemas<'a>,
        met: Met<'_>,
        (index, schema): (usize, &NormalizedSchema<'a>),
        depth: usize,
    ) -> Meeting {
        let mut found = Meeting::Never;
        let mut nodes = met.nodes.to_vec();
        let Some(group) = schema.groups.first() else { return found };
        let side = nodes[index].0;
        let branches = overlap::nodes(schemas, side, &schema.bare(), group);
        for branch in &branches {
            if self.steps == 0 || schemas.tries == 0 {
                return found.or(Meeting::Maybe(Vec::new()));
            }
            nodes[index].1 = *branch;
            // What fits another one as well is refused by `oneOf`.
            let others = branches.iter().filter(|other| group.one && *other != branch).take(BESIDE);
            let beside: Vec<_> =
                met.beside.iter().copied().chain(others.map(|other| (side, *other))).collect();
            let met = Met { nodes: &nodes, beside: &beside };
            found = found.or(self.meet(schemas, met, depth - 1));
        }
        found
    }

    fn lists<'a>(
        &mut self,
        schemas: &mut Schemas<'a>,
        nodes: Nodes<'_>,
        read: &Read<'a>,
        depth: usize,
    ) -> Meeting {
        let Some((least, most)) = room(&read.all, 2) else { return Meeting::Never };
        let mut items = Vec::new();
        for index in 0..least.clamp(1, 4).min(most) {
            let index = usize::try_from(index).unwrap_or(usize::MAX);
            let mut element = |side: Side, schema: &NormalizedSchema<'a>| {
                let parts = schema.modern.first.get(index).unwrap_or(&schema.items);
                (side, schemas.nodes_mut(side).intern(parts.clone()))
            };
            let inner = nodes.iter().zip(&read.all);
            let inner: Vec<_> = inner.map(|((side, _), schema)| element(*side, schema)).collect();
            let beside = read.beside.iter().filter(|(_, schema)| schema.types.has(Types::ARRAY));
            let beside: Vec<_> = beside.map(|(side, schema)| element(*side, schema)).collect();
            match self.meet(schemas, Met { nodes: &inner, beside: &beside }, depth - 1) {
                Meeting::Maybe(examples) => items.push(examples),
                // One element less is all that there can be.
                other if (index as u64) < least => return other,
                _ => break,
            }
        }
        let mut found = Vec::new();
        if least == 0 {
            found.push(Value::Array(Vec::new()));
        }
        if let (true, Some(first)) = (least < 2, items.first()) {
            found.extend(first.iter().map(|item| Value::Array(vec![item.clone()])));
        }
        if least > 1 && least == items.len() as u64 {
            let one = items.iter().map(|examples| examples.first().cloned());
            found.extend(one.collect::<Option<Vec<_>>>().map(Value::Array));
        }
        Meeting::Maybe(found)
    }

    fn objects<'a>(
        &mut self,
        schemas: &mut Schemas<'a>,
        nodes: Nodes<'_>,
        read: &Read<'a>,
        depth: usize,
    ) -> Meeting {
        let all = &read.all;
        let Some((_, most)) = room(all, 4) else { return Meeting::Never };
        let mut names: Vec<&str> =
            all.iter().flat_map(|schema| schema.required.keys().copied()).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() as u64 > most {
            return Meeting::Never;
        }
        let mut unnamed = false;
        let mut members: Vec<(&str, Vec<Value>)> = Vec::new();
        for name in &names {
            match self.member(schemas, nodes, (read, name), depth) {
                Meeting::Never => return Meeting::Never,
                Meeting::Unnamed => unnamed = true,
                Meeting::Maybe(examples) => members.push((name, examples)),
            }
            unnamed |= !is_named(&all[0], name);
        }
        if unnamed {
            return Meeting::Unnamed;
        }
        // One that is not there is none that is wrong; with it, fewer other schemas take the value.
        let others = all[0]
            .properties
            .iter()
            .filter(|(name, property)| !property.mute && names.binary_search(name).is_err());
        let mut more = Vec::new();
        for (name, _) in others.take(EXAMPLES) {
            if let Meeting::Maybe(examples) = self.member(schemas, nodes, (read, name), depth) {
                more.push((*name, examples));
            }
        }
        Meeting::Maybe(written(&members, &more))
    }

    fn member<'a>(
        &mut self,
        schemas: &mut Schemas<'a>,
        nodes: Nodes<'_>,
        (read, name): (&Read<'a>, &str),
        depth: usize,
    ) -> Meeting {
        let mut inner = Vec::new();
        for ((side, _), schema) in nodes.iter().zip(&read.all) {
            match parts_of(schema, name) {
                Member::Forbidden => return Meeting::Never,
                Member::Of(parts) if parts.is_empty() => {}
                Member::Of(parts) => inner.push((*side, schemas.nodes_mut(*side).intern(parts))),
            }
        }
        if inner.is_empty() {
            return Meeting::Maybe(vec![Value::from("")]);
        }
        let mut beside = Vec::new();
        for (side, schema) in read.beside.iter().filter(|(_, one)| one.types.has(Types::OBJECT)) {
            if let Member::Of(parts) = parts_of(schema, name)
                && !parts.is_empty()
            {
                beside.push((*side, schemas.nodes_mut(*side).intern(parts)));
            }
        }
        self.meet(schemas, Met { nodes: &inner, beside: &beside }, depth - 1)
    }
}

/// Examples of both lists, as many of each kind of value: half of them from each list, if it has them.
fn both(mut some: Vec<Value>, mut more: Vec<Value>) -> Vec<Value> {
    more.retain(|example| !some.contains(example));
    let few = |all: &mut Vec<Value>, beside: &[Value]| {
        let mut kept: Vec<Value> = Vec::new();
        for example in all.drain(..) {
            let kind = std::mem::discriminant(&example);
            let count = |all: &[Value]| {
                all.iter().filter(|other| std::mem::discriminant(*other) == kind).count()
            };
            if count(&kept) < EXAMPLES.saturating_sub(count(beside)).max(EXAMPLES / 2) {
                kept.push(example);
            }
        }
        *all = kept;
    };
    few(&mut some, &more);
    few(&mut more, &some);
    some.append(&mut more);
    some
}

/// The members that must be there, with one or the other value, alone and with each of those that may be.
fn written(members: &[(&str, Vec<Value>)], more: &[(&str, Vec<Value>)]) -> Vec<Value> {
    let least: Option<Map<_, _>> = members
        .iter()
        .map(|(name, examples)| Some(((*name).to_owned(), examples.first()?.clone())))
        .collect();
    let Some(least) = least else { return Vec::new() };
    let with = |name: &str, value: &Value| {
        let mut object = least.clone();
        object.insert(name.to_owned(), value.clone());
        Value::Object(object)
    };
    let mut found = vec![Value::Object(least.clone())];
    found.extend(more.iter().filter_map(|(name, examples)| Some(with(name, examples.first()?))));
    for (name, examples) in members.iter().chain(more) {
        found.extend(examples.iter().skip(1).map(|value| with(name, value)));
    }
    found.truncate(EXAMPLES);
    found
}

/// Whether somebody who reads an object has reason to write a member of the name.
fn is_named(schema: &NormalizedSchema<'_>, name: &str) -> bool {
    schema.properties.contains_key(name)
        || schema.required.contains_key(name)
        || matches!(schema.additional, Additional::Only(_))
        || schema.properties.is_empty() && schema.required.is_empty()
}

/// The greatest least count and the smallest greatest one, if there is room between them.
fn room(all: All<'_, '_>, index: usize) -> Option<(u64, u64)> {
    let counts = |index: usize| all.iter().filter_map(move |schema| schema.counts[index].as_ref());
    let least = counts(index).map(|count| count.value).max().unwrap_or(0);
    let most = counts(index + 1).map(|count| count.value).min().unwrap_or(u64::MAX);
    (least <= most).then_some((least, most))
}

/// What is in every list of values; `None` if there is no list.
fn listed(read: &Read<'_>) -> Option<Meeting> {
    let all = &read.all;
    let mut lists = all.iter().filter_map(|schema| schema.values.as_ref());
    let first = lists.next()?;
    let lists: Vec<_> = lists.map(|list| Known::of(&list.value)).collect();
    let fits = |value: &Value| lists.iter().all(|list| list.has(value)) && holds(all, value);
    let mut values: Vec<_> = first.value.iter().filter(|value| fits(value)).collect();
    let beside = read.beside.iter().map(|(_, schema)| {
        let list = schema.values.as_ref().map(|list| Known::of(&list.value));
        (std::slice::from_ref(schema), list)
    });
    let beside: Vec<_> = beside.collect();
    let is_beside = |value: &Value| {
        beside.iter().any(|(schema, list)| {
            holds(schema, value) && list.as_ref().is_none_or(|list| list.has(value))
        })
    };
    values.sort_by_cached_key(|value| is_beside(value));
    values.truncate(EXAMPLES);
    let values: Vec<_> = values.into_iter().map(|value| (*value).clone()).collect();
    Some(if values.is_empty() { Meeting::Never } else { Meeting::Maybe(values) })
}

/// Whether a value is of the types and within the limits of each schema.
fn holds(all: All<'_, '_>, value: &Value) -> bool {
    all.iter().all(|schema| Types::of(value).within(schema.types) && schema.holds(value))
}

fn of_numbers(read: &Read<'_>, types: Types) -> Meeting {
    let all = &read.all;
    let whole = !types.has(Types::BROKEN);
    let range = all.iter().map(|schema| Range::of(schema)).reduce(Range::and);
    let Some(range) = range.filter(|range| !range.is_empty(whole)) else { return Meeting::Never };
    let beside = read.beside.iter().map(|(_, schema)| schema);
    let beside = beside.filter(|schema| schema.types.has(Types::NUMBER)).flat_map(|schema| {
        let listed = schema.values.iter().flat_map(|list| &list.value);
        let listed = listed.filter_map(|value| numbers::of(value)).take(EXAMPLES);
        let near = listed.flat_map(|number| [number.next(false), number.next(true)]).flatten();
        Range::of(schema).beyond().into_iter().chain(near).collect::<Vec<_>>()
    });
    let mut examples: Vec<_> = beside.filter(|number| range.has(number)).collect();
    examples.extend(range.examples());
    let mut steps = all.iter().flat_map(|schema| &schema.multiples).map(|step| step.value.clone());
    if let Some(first) = steps.next() {
        let Some(step) = steps.try_fold(first, |one, other| one.common_multiple(&other)) else {
            return Meeting::Maybe(Vec::new());
        };
        let near = |at: &Decimal| numbers::multiples_near(&step, at);
        examples = examples.iter().flat_map(near).collect();
    }
    let values = examples.iter().filter_map(numbers::value);
    let values: Vec<_> = values.filter(|value| holds(all, value)).collect();
    // At the one number that is left, a bound is none of the values.
    if values.is_empty() && range.is_single() {
        return Meeting::Never;
    }
    Meeting::Maybe(values)
}

fn texts(read: &Read<'_>) -> Meeting {
    let all = &read.all;
    let Some((least, most)) = room(all, 0) else { return Meeting::Never };
    let formats = all.iter().filter_map(|schema| schema.format.as_ref());
    let mut formats: Vec<_> = formats.map(|format| format.value).collect();
    formats.sort_unstable();
    formats.dedup();
    let mut known = FORMATS.iter().filter(|(name, _)| formats.contains(name));
    match (known.next(), known.next()) {
        (Some(_), Some(_)) => Meeting::Never,
        (Some((_, example)), None) => Meeting::Maybe(vec![Value::from(*example)]),
        (None, _) => {
            let length = |length: u64| usize::try_from(length.min(LONGEST)).unwrap_or(0);
            let mut texts = Vec::new();
            for (_, schema) in read.beside.iter().filter(|(_, one)| one.types.has(Types::STRING)) {
                let shorter =
                    schema.counts[0].as_ref().and_then(|count| count.value.checked_sub(1));
                let longer = schema.counts[1].as_ref().and_then(|count| count.value.checked_add(1));
                let near = [shorter, longer].into_iter().flatten();
                let near = near.filter(|count| (least..=most).contains(count) && *count <= LONGEST);
                texts.extend(near.map(|count| "a".repeat(length(count))));
            }
            texts.extend([least, most].map(|count| "a".repeat(length(count))));
            texts.extend(["b", "1", "ab"].map(str::to_owned));
            Meeting::Maybe(texts.into_iter().map(Value::String).collect())
        }
    }
}
