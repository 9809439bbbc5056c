//! Objects whose members are written apart, as loose parameters are: `?page=1&size=9` in the style `form`,
//! `?filter[page]=1` in the style `deepObject` (OpenAPI 3.0.4 section 4.7.12.3, RFC 6570 section 3.2.8).

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use openapi_document::Cursor;

use crate::change::{Direction, Verdict};
use crate::comparison::Comparison;
use crate::finding::{Carrier, Context, Side};
use crate::operation::parameter::{Key, Parameter, named};
use crate::schema::node::Part;
use crate::schema::normalized::{Additional, NormalizedSchema, Property};
use crate::schema::types::Types;

/// What asks for a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    Never,
    /// The other members of an optional object, which is this one of [`Spread::groups`].
    Beside(usize),
    Always,
}

/// A member of an object, in place of a parameter.
#[derive(Debug, Clone)]
pub(super) struct Member<'a> {
    pub(super) parts: Vec<Part<'a>>,
    pub(super) pointer: String,
    pub(super) need: Need,
}

/// An object that says what members of other names may be.
#[derive(Debug)]
pub(super) struct Open<'a> {
    pub(super) parameter: Parameter<'a>,
    /// Nothing if they may be anything.
    pub(super) parts: Vec<Part<'a>>,
    /// Its members are compared as parameters.
    pub(super) apart: bool,
}

impl Open<'_> {
    pub(super) fn words(&self) -> String {
        self.parameter.words()
    }

    /// Whether a parameter of that name is a member.
    pub(super) fn takes(&self, (place, name): &Key<'_>) -> bool {
        let inside = || {
            let rest = name.strip_prefix(self.parameter.name.as_ref());
            rest.is_some_and(|rest| rest.starts_with('[') && rest.ends_with(']'))
        };
        self.parameter.place == *place && (self.parameter.style() != "deepObject" || inside())
    }
}

/// The members of an optional object of which some are required.
#[derive(Debug, Default)]
struct Group {
    /// How many of them the other side has.
    shared: usize,
    /// How many of those a group of the other side has.
    within: HashMap<usize, usize>,
}

/// The parameters of both sides, with members in place of objects where the other side writes them otherwise.
#[derive(Debug)]
pub(super) struct Spread<'a> {
    pub(super) old: Vec<Parameter<'a>>,
    pub(super) new: Vec<Parameter<'a>>,
    /// By side.
    pub(super) open: [Vec<Open<'a>>; 2],
    groups: [Vec<Group>; 2],
}

impl<'a> Spread<'a> {
    /// Whether `side` asks for a parameter where the other side did not.
    pub(super) fn asks(
        &self,
        side: Side,
        from: Option<&Parameter<'a>>,
        to: &Parameter<'a>,
    ) -> bool {
        match (from.map(Parameter::need), to.need()) {
            (_, Need::Never) | (Some(Need::Always), _) => false,
            (_, Need::Always) => true,
            (from, Need::Beside(group)) => {
                let group = &self.groups[usize::from(side == Side::Revision)][group];
                let known = match from {
                    Some(Need::Beside(other)) => group.within.get(&other).copied().unwrap_or(0),
                    from => usize::from(from.is_some()),
                };
                group.shared > known
            }
        }
    }
}

/// Reads the objects of both sides.
pub(super) fn spread<'a>(
    work: &mut Comparison<'a>,
    old: Vec<Parameter<'a>>,
    new: Vec<Parameter<'a>>,
) -> Spread<'a> {
    let mut read = |side, all: &[Parameter<'a>]| -> Vec<_> {
        all.iter().map(|parameter| Object::read(work, side, parameter)).collect()
    };
    let objects = [read(Side::Base, &old), read(Side::Revision, &new)];
    let apart = apart([(&old, &objects[0]), (&new, &objects[1])]);
    let open = [(&old, &objects[0]), (&new, &objects[1])].map(|(all, objects)| {
        let both = all.iter().zip(objects);
        let open = both.filter_map(|(parameter, object)| {
            Some(Open {
                parameter: parameter.clone(),
                parts: object.as_ref()?.others.clone()?,
                apart: apart.contains(&parameter.key()),
            })
        });
        open.collect()
    });
    let [theirs, ours] = objects;
    let (old, was) = written(old, theirs, &apart);
    let (new, is) = written(new, ours, &apart);
    let groups = [counted(&was, &is, &new), counted(&is, &was, &old)];
    Spread { old, new, open, groups }
}

/// The parameters that write what other ones write on the other side.
fn apart<'a>(sides: [(&Vec<Parameter<'a>>, &Vec<Option<Object<'a>>>); 2]) -> HashSet<Key<'a>> {
    // What writes a name: parameters, and whether it is the name of one of their members.
    let [old, new] = sides.map(|(all, objects)| {
        let mut writers: HashMap<Key<'a>, BTreeSet<(Key<'a>, bool)>> = HashMap::new();
        for (parameter, object) in all.iter().zip(objects) {
            let key = parameter.key();
            match object {
                None => drop(writers.entry(key.clone()).or_default().insert((key, false))),
                Some(object) => {
                    for member in &object.members {
                        let name = written_name(parameter, member.name);
                        writers.entry(name).or_default().insert((key.clone(), true));
                    }
                }
            }
        }
        writers
    });
    let differ = old.iter().filter_map(|(name, before)| Some((before, new.get(name)?)));
    let differ = differ.filter(|(before, after)| before != after);
    let writers = differ.flat_map(|(before, after)| before.iter().chain(after));
    writers.filter(|(_, member)| *member).map(|(key, _)| key.clone()).collect()
}

/// The parameters with members in place of the objects that are `apart`, and the names of each group.
fn written<'a>(
    all: Vec<Parameter<'a>>,
    objects: Vec<Option<Object<'a>>>,
    apart: &HashSet<Key<'a>>,
) -> (Vec<Parameter<'a>>, Vec<Vec<Key<'a>>>) {
    if apart.is_empty() {
        return (all, Vec::new());
    }
    let mut spread: Vec<Parameter<'a>> = Vec::new();
    let (mut known, mut groups) = (HashMap::new(), Vec::new());
    let mut put = |spread: &mut Vec<Parameter<'a>>, parameter: Parameter<'a>| {
        let index = *known.entry(parameter.key()).or_insert(spread.len());
        match spread.get_mut(index) {
            None => spread.push(parameter),
            // One value is written for both.
            Some(first) => first.join(&parameter),
        }
    };
    for (parameter, object) in all.into_iter().zip(objects) {
        let Some(object) = object.filter(|_| apart.contains(&parameter.key())) else {
            // Names in a path are not on the wire.
            if parameter.place == "path" {
                spread.push(parameter);
            } else {
                put(&mut spread, parameter);
            }
            continue;
        };
        let group = groups.len();
        let names = object.members.iter().map(|member| written_name(&parameter, member.name));
        groups.push(names.collect::<Vec<_>>());
        for member in &object.members {
            let need = match (member.required, parameter.required()) {
                (false, _) => Need::Never,
                (true, true) => Need::Always,
                (true, false) => Need::Beside(group),
            };
            let (_, name) = written_name(&parameter, member.name);
            let Property { parts, pointer, .. } = member.property.clone();
            let member = Member { parts, pointer, need };
            put(&mut spread, parameter.of_member(name, member));
        }
    }
    (spread, groups)
}

/// What the other side has of each group.
fn counted<'a>(
    groups: &[Vec<Key<'a>>],
    others: &[Vec<Key<'a>>],
    parameters: &[Parameter<'a>],
) -> Vec<Group> {
    if groups.is_empty() {
        return Vec::new();
    }
    let known: HashSet<_> = parameters.iter().map(Parameter::key).collect();
    let mut holders: HashMap<&Key<'a>, Vec<usize>> = HashMap::new();
    for (index, names) in others.iter().enumerate() {
        for name in names {
            holders.entry(name).or_default().push(index);
        }
    }
    let group = |names: &Vec<Key<'a>>| {
        let mut group = Group::default();
        for name in names.iter().filter(|name| known.contains(name)) {
            group.shared += 1;
            for holder in holders.get(name).into_iter().flatten() {
                *group.within.entry(*holder).or_default() += 1;
            }
        }
        group
    };
    groups.iter().map(group).collect()
}

/// The object of the other side that takes a parameter of any name.
pub(super) fn taken<'s, 'a>(
    work: &mut Comparison<'a>,
    side: Side,
    parameter: &Parameter<'a>,
    open: &'s [Open<'a>],
) -> Option<&'s Open<'a>> {
    let open = open.iter().find(|open| open.takes(&parameter.key()))?;
    let context = Context::new(Carrier::Parameter, Direction::Request);
    let types = work.schemas.read(side, parameter.parts(), context).types;
    (parameter.at.get("content").is_none() && types != Types::OBJECT).then_some(open)
}

/// Compares what members without a name of their own may be with what else may be in their place.
pub(super) fn parts<'a>(work: &mut Comparison<'a>, old: Vec<Part<'a>>, new: Vec<Part<'a>>) {
    let context = Context::new(Carrier::Parameter, Direction::Request);
    let context = Context { callback: work.callback, ..context };
    if !(old.is_empty() && new.is_empty()) {
        let findings = work.schemas.compare_parts(old, new, context);
        work.record_all(findings);
    }
}

/// Compares what objects that are written apart take beside the members that they name.
pub(super) fn others<'a>(
    work: &mut Comparison<'a>,
    spread: &Spread<'a>,
    a: &Cursor<'a>,
    b: &Cursor<'a>,
) {
    let [old, new] = &spread.open;
    let partner = |one: &Open<'a>, all: &'_ [Open<'a>]| {
        let same = all.iter().position(|other| other.parameter.is(&one.parameter));
        let deep = one.parameter.style() == "deepObject";
        same.or_else(|| {
            let wide = |other: &Open<'a>| {
                let place = other.parameter.place == one.parameter.place;
                place && !deep && other.parameter.style() != "deepObject"
            };
            all.iter().position(wide)
        })
    };
    for one in old.iter().filter(|one| one.apart) {
        let Some(other) = partner(one, new) else {
            let text = format!("{}, which took any name, is gone", one.words());
            let finding =
                named(work, "request-parameter-removed", Verdict::PotentiallyBreaking, text);
            work.record(finding.at(Some(&one.parameter.at.pointer), Some(&b.pointer)));
            continue;
        };
        parts(work, one.parts.clone(), new[other].parts.clone());
    }
    for one in new.iter().filter(|one| one.apart && partner(one, old).is_none()) {
        let text = format!("{} takes any name now", one.words());
        let finding = named(work, "new-optional-request-parameter", Verdict::Compatible, text);
        work.record(finding.at(Some(&a.pointer), Some(&one.parameter.at.pointer)));
    }
}

/// An object that is written member by member.
#[derive(Debug)]
struct Object<'a> {
    members: Vec<Named<'a>>,
    /// What its other members are, if that is said.
    others: Option<Vec<Part<'a>>>,
}

#[derive(Debug)]
struct Named<'a> {
    name: &'a str,
    property: Property<'a>,
    required: bool,
}

impl<'a> Object<'a> {
    /// The object that a parameter is, if how that is written is specified: its members have no members.
    fn read(work: &mut Comparison<'a>, side: Side, parameter: &Parameter<'a>) -> Option<Self> {
        let form = parameter.style() == "form" && parameter.explode();
        let apart = match parameter.place {
            "query" => form || parameter.style() == "deepObject",
            "cookie" => form,
            _ => false,
        };
        let schema = parameter.schema().filter(|_| apart)?;
        let context = Context::new(Carrier::Parameter, Direction::Request);
        let whole = work.schemas.read(side, vec![Part::whole(schema)], context);
        if whole.types != Types::OBJECT || !is_plain(&whole) {
            return None;
        }
        let mut members = Vec::new();
        for (name, property) in whole.properties.iter().filter(|(_, property)| !property.mute) {
            let schema = work.schemas.read(side, property.parts.clone(), context);
            let inner = work.schemas.read(side, schema.items.clone(), context);
            let composite = [Types::ARRAY, Types::OBJECT];
            let deep = schema.types == Types::ARRAY && composite.contains(&inner.types);
            if deep || schema.types == Types::OBJECT {
                return None;
            }
            let required = whole.required.contains_key(name);
            members.push(Named { name, property: property.clone(), required });
        }
        let said = whole.leaves.iter().any(|leaf| leaf.get("additionalProperties").is_some());
        let others = match &whole.additional {
            Additional::Nothing(_) => None,
            Additional::Only(parts) => Some(parts.clone()),
            Additional::Anything => said.then(Vec::new),
        };
        Some(Self { members, others })
    }
}

/// The name that a member has in the query.
fn written_name<'a>(parameter: &Parameter<'a>, member: &'a str) -> Key<'a> {
    let name = if parameter.style() == "deepObject" {
        Cow::Owned(format!("{}[{member}]", parameter.name))
    } else {
        Cow::Borrowed(member)
    };
    (parameter.place, name)
}

/// Whether an object says nothing that its members cannot say one by one.
fn is_plain(object: &NormalizedSchema<'_>) -> bool {
    object.groups.is_empty()
        && object.nots.is_empty()
        && object.values.is_none()
        && object.default.is_none()
        && object.counts.iter().all(Option::is_none)
        && object.modern.is_empty()
        && object.required.keys().all(|name| object.properties.contains_key(name))
}
