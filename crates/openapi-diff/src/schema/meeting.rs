//! What is right by several schemas at once, and examples of it.
//!
//! Looked for are values that somebody who knows the first of the schemas has reason to write: without
//! members that it does not name. Two objects of which each requires a member of its own have values in
//! common by JSON Schema alone, and nobody means those.

use std::rc::Rc;

use openapi_document::Decimal;
use serde_json::{Map, Value};

use crate::change::Direction;
use crate::finding::Side;
use crate::numbers;
use crate::schema::Schemas;
use crate::schema::instances::{FORMATS, Member, parts_of};
use crate::schema::node::{NodeId, Part};
use crate::schema::normalized::{Additional, NormalizedSchema};
use crate::schema::ranges::Range;
use crate::schema::types::{Known, Types};

/// How deep members and alternatives are looked into.
const DEPTH: usize = 6;
/// How many schemas are put together for one meeting.
const STEPS: usize = 64;
/// How many examples there are.
const EXAMPLES: usize = 12;
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
            (Self::Maybe(mut some), Self::Maybe(more)) => {
                some.extend(more);
                some.truncate(EXAMPLES);
                Self::Maybe(some)
            }
            (Self::Maybe(some), _) | (_, Self::Maybe(some)) => Self::Maybe(some),
            (Self::Unnamed, _) | (_, Self::Unnamed) => Self::Unnamed,
            (Self::Never, Self::Never) => Self::Never,
        }
    }
}

/// Schemas that a value must be right by.
type Met<'m> = &'m [(Side, NodeId)];
type All<'n, 'a> = &'n [Rc<NormalizedSchema<'a>>];

/// A search of bounded length.
struct Search {
    direction: Direction,
    steps: usize,
}

impl Schemas<'_> {
    /// What schemas have in common, of which the first one names the members.
    pub(crate) fn meeting(&mut self, met: Met<'_>, direction: Direction) -> Meeting {
        Search { direction, steps: STEPS }.meet(self, met, DEPTH)
    }
}

impl Search {
    fn meet(&mut self, schemas: &mut Schemas<'_>, met: Met<'_>, depth: usize) -> Meeting {
        if depth == 0 || self.steps == 0 || schemas.tries == 0 {
            return Meeting::Maybe(Vec::new());
        }
        self.steps -= 1;
        schemas.tries -= 1;
        let all: Vec<_> = met
            .iter()
            .map(|&(side, node)| schemas.normalized(side, node, self.direction))
            .collect();
        let types = all.iter().map(|schema| schema.types).fold(Types::ANY, Types::and);
        if types == Types::NONE {
            return Meeting::Never;
        }
        if let Some(index) = all.iter().position(|schema| !schema.groups.is_empty()) {
            return self.each_alternative(schemas, met, (index, &all[index]), depth);
        }
        if let Some(found) = listed(&all) {
            return found;
        }
        let mut found = Meeting::Never;
        if types.has(Types::BOOLEAN) {
            found = found.or(Meeting::Maybe(vec![Value::Bool(true), Value::Bool(false)]));
        }
        if types.has(Types::NUMBER) {
            found = found.or(of_numbers(&all, types));
        }
        if types.has(Types::STRING) {
            found = found.or(texts(&all));
        }
        if types.has(Types::ARRAY) {
            found = found.or(self.lists(schemas, met, &all, depth));
        }
        if types.has(Types::OBJECT) {
            found = found.or(self.objects(schemas, met, &all, depth));
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
        let mut met = met.to_vec();
        let Some(group) = schema.groups.first() else { return found };
        for branch in &group.branches {
            if self.steps == 0 || schemas.tries == 0 {
                return found.or(Meeting::Maybe(Vec::new()));
            }
            let parts = [schema.bare(), vec![Part::whole(branch.clone())]].concat();
            met[index].1 = schemas.nodes_mut(met[index].0).intern(parts);
            found = found.or(self.meet(schemas, &met, depth - 1));
        }
        found
    }

    fn lists<'a>(
        &mut self,
        schemas: &mut Schemas<'a>,
        met: Met<'_>,
        all: All<'_, 'a>,
        depth: usize,
    ) -> Meeting {
        let Some((least, most)) = room(all, 2) else { return Meeting::Never };
        let mut items = Vec::new();
        for index in 0..least.clamp(1, 4).min(most) {
            let index = usize::try_from(index).unwrap_or(usize::MAX);
            let mut inner = Vec::new();
            for ((side, _), schema) in met.iter().zip(all) {
                let parts = schema.modern.first.get(index).unwrap_or(&schema.items);
                inner.push((*side, schemas.nodes_mut(*side).intern(parts.clone())));
            }
            match self.meet(schemas, &inner, depth - 1) {
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
        met: Met<'_>,
        all: All<'_, 'a>,
        depth: usize,
    ) -> Meeting {
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
            match self.member(schemas, met, (all, name), depth) {
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
            if let Meeting::Maybe(examples) = self.member(schemas, met, (all, name), depth) {
                more.extend(examples.into_iter().next().map(|value| (*name, value)));
            }
        }
        Meeting::Maybe(written(&members, &more))
    }

    fn member<'a>(
        &mut self,
        schemas: &mut Schemas<'a>,
        met: Met<'_>,
        (all, name): (All<'_, 'a>, &str),
        depth: usize,
    ) -> Meeting {
        let mut inner = Vec::new();
        for ((side, _), schema) in met.iter().zip(all) {
            match parts_of(schema, name) {
                Member::Forbidden => return Meeting::Never,
                Member::Of(parts) if parts.is_empty() => {}
                Member::Of(parts) => inner.push((*side, schemas.nodes_mut(*side).intern(parts))),
            }
        }
        if inner.is_empty() {
            return Meeting::Maybe(vec![Value::from("")]);
        }
        self.meet(schemas, &inner, depth - 1)
    }
}

/// The members that must be there, with one or the other value, alone and with each of those that may be.
fn written(members: &[(&str, Vec<Value>)], more: &[(&str, Value)]) -> Vec<Value> {
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
    found.extend(more.iter().map(|(name, value)| with(name, value)));
    for (name, examples) in members {
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
fn listed(all: All<'_, '_>) -> Option<Meeting> {
    let mut lists = all.iter().filter_map(|schema| schema.values.as_ref());
    let first = lists.next()?;
    let lists: Vec<_> = lists.map(|list| Known::of(&list.value)).collect();
    let fits = |value: &Value| lists.iter().all(|list| list.has(value)) && holds(all, value);
    let values = first.value.iter().filter(|value| fits(value));
    let values: Vec<_> = values.take(EXAMPLES).map(|value| (*value).clone()).collect();
    Some(if values.is_empty() { Meeting::Never } else { Meeting::Maybe(values) })
}

/// Whether a value is of the types and within the limits of each schema.
fn holds(all: All<'_, '_>, value: &Value) -> bool {
    all.iter().all(|schema| Types::of(value).within(schema.types) && schema.holds(value))
}

fn of_numbers(all: All<'_, '_>, types: Types) -> Meeting {
    let whole = !types.has(Types::BROKEN);
    let range = all.iter().map(|schema| Range::of(schema)).reduce(Range::and);
    let Some(range) = range.filter(|range| !range.is_empty(whole)) else { return Meeting::Never };
    let mut examples = range.examples();
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

fn texts(all: All<'_, '_>) -> Meeting {
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
            let mut texts = vec!["a".repeat(length(least)), "a".repeat(length(most))];
            texts.extend(["b", "1", "ab"].map(str::to_owned));
            Meeting::Maybe(texts.into_iter().map(Value::String).collect())
        }
    }
}
