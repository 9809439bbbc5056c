//! Which variant of a union a value is.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use openapi_document::{Contract, Diagnostic};
use serde_json::Value;

use super::{Kind, Member, Model, Models, Object, Rest, Shape, Type, Variant};
use crate::rules;

/// A member whose value tells a variant from the others.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told {
    /// Its name on the wire.
    pub(crate) member: String,
    /// The values that it has in this variant.
    pub(crate) values: Vec<Value>,
}

/// The kind of a union that needs no type: of variants that are one kind, or of which one is anything.
pub(super) fn plain(variants: &mut Vec<Variant>) -> Option<Kind> {
    if variants.iter().any(|variant| variant.ty.kind == Kind::Any) {
        return Some(Kind::Any);
    }
    let mut distinct: Vec<Variant> = Vec::new();
    for variant in std::mem::take(variants) {
        let same = distinct.iter_mut().find(|other| match (&other.ty.kind, &variant.ty.kind) {
            (Kind::List(_), Kind::List(_)) | (Kind::Map(_), Kind::Map(_)) => true,
            (one, other) => one == other || (is_number(one) && is_number(other)),
        });
        match same {
            None => distinct.push(variant),
            Some(other) if other.ty.kind == variant.ty.kind => {
                // It is both: each of the values tells it.
                other.told = either(&other.told, &variant.told);
                other.pointers.extend(variant.pointers);
            }
            Some(other) => {
                match &mut other.ty.kind {
                    Kind::List(inner) | Kind::Map(inner) => **inner = Kind::Any.type_of(),
                    // A whole number is a number, and what holds both signs in 64 bits is none.
                    kind if [&*kind, &variant.ty.kind].contains(&&Kind::Number) => {
                        *kind = Kind::Number;
                    }
                    _ => return Some(Kind::Any),
                }
                other.pointers.extend(variant.pointers);
            }
        }
    }
    for variant in &mut distinct {
        if !matches!(variant.ty.kind, Kind::Named(_)) {
            word(&variant.ty.kind).clone_into(&mut variant.name);
        }
    }
    *variants = distinct;
    match &variants[..] {
        [one] => Some(one.ty.kind.clone()),
        _ => None,
    }
}

fn is_number(kind: &Kind) -> bool {
    matches!(kind, Kind::Integer | Kind::Unsigned | Kind::Number)
}

fn word(kind: &Kind) -> &'static str {
    match kind {
        Kind::Boolean => "Boolean",
        Kind::Integer => "Integer",
        Kind::Unsigned => "Unsigned",
        Kind::Number => "Number",
        Kind::String => "String",
        Kind::List(_) => "List",
        Kind::Map(_) => "Map",
        Kind::Any | Kind::Strict(_) | Kind::Named(_) => "Value",
    }
}

/// Puts the variants of each union in an order in which the first that fits is the right one. A union
/// whose variants cannot be told apart is any JSON.
pub(super) fn settle(contract: &Contract, models: &mut Models, findings: &mut Vec<Diagnostic>) {
    let unions: Vec<_> = models
        .types
        .iter()
        .filter(|(_, model)| matches!(model.shape, Shape::Union { .. }))
        .map(|(name, _)| name.clone())
        .collect();
    let mut settled = BTreeMap::new();
    let mut untold = BTreeSet::new();
    for name in &unions {
        let mut variants = Vec::new();
        flattened(&models.types, name, &mut vec![name.as_str()], &mut variants);
        for variant in &mut variants {
            listed(&models.types, variant);
        }
        match ordered(&models.types, variants) {
            Ok(order) => {
                settled.insert(name.clone(), order);
            }
            Err((one, other, at)) => {
                let list = at.rsplit_once('/').map_or("", |(list, _)| list);
                let message =
                    format!("nothing tells `{one}` from `{other}`: they are read as any JSON");
                let help = "give each variant a required member with an `enum` of one value, or required \
                            members that the others cannot have";
                findings.push(contract.source.diagnostic(
                    rules::AMBIGUOUS_UNION,
                    list,
                    message,
                    help,
                ));
                untold.insert(name.clone());
            }
        }
    }
    for (name, variants) in settled {
        if let Some(Shape::Union { variants: unordered, .. }) =
            models.types.get_mut(&name).map(|model| &mut model.shape)
        {
            *unordered = variants;
        }
    }
    models.types.retain(|name, _| !untold.contains(name));
    let replace = &mut |ty: &mut Type| {
        if matches!(&ty.kind, Kind::Named(name) if untold.contains(name)) {
            ty.kind = Kind::Any;
        }
    };
    for model in models.types.values_mut() {
        model.shape.each_type(replace);
    }
    models.places.values_mut().for_each(|ty| ty.each(replace));
    let mut reached = BTreeSet::new();
    let mut todo: Vec<String> = Vec::new();
    models.places.values_mut().for_each(|ty| ty.each(&mut |ty| todo.extend(ty.name())));
    while let Some(name) = todo.pop() {
        if reached.insert(name.clone())
            && let Some(model) = models.types.get_mut(&name)
        {
            model.shape.each_type(&mut |ty| todo.extend(ty.name()));
        }
    }
    models.types.retain(|name, _| reached.contains(name));
}

impl Type {
    fn name(&self) -> Option<String> {
        match &self.kind {
            Kind::Named(name) => Some(name.clone()),
            _ => None,
        }
    }

    /// Calls `change` for the type and those in it.
    fn each(&mut self, change: &mut dyn FnMut(&mut Type)) {
        if let Kind::List(inner) | Kind::Map(inner) = &mut self.kind {
            inner.each(change);
        }
        change(self);
    }
}

impl Shape {
    fn each_type(&mut self, change: &mut dyn FnMut(&mut Type)) {
        match self {
            Self::Object(object) => {
                object.members.values_mut().for_each(|member| member.ty.each(change));
                if let Rest::Of(ty) = &mut object.rest {
                    ty.each(change);
                }
            }
            Self::Union { variants, .. } => {
                for variant in variants {
                    variant.ty.each(change);
                }
            }
            Self::Newtype(ty) => ty.each(change),
            Self::Strict(_) => {}
        }
    }
}

/// The variants of a union, those of unions in it among them.
fn flattened<'a>(
    types: &'a BTreeMap<String, Model>,
    name: &'a str,
    open: &mut Vec<&'a str>,
    found: &mut Vec<Variant>,
) {
    let Some(Model { shape: Shape::Union { variants, .. }, .. }) = types.get(name) else { return };
    for variant in variants {
        match &variant.ty.kind {
            Kind::Named(inner)
                if matches!(types.get(inner), Some(Model { shape: Shape::Union { .. }, .. })) =>
            {
                if !open.contains(&inner.as_str()) {
                    open.push(inner);
                    let mut within = Vec::new();
                    flattened(types, inner, open, &mut within);
                    open.pop();
                    for mut one in within {
                        // What tells the union tells each of its variants.
                        for told in &variant.told {
                            if one.told.iter().all(|known| known.member != told.member) {
                                one.told.push(told.clone());
                            }
                        }
                        add(one, found);
                    }
                }
            }
            _ => add(variant.clone(), found),
        }
    }
}

/// Adds a variant. What is one type has the limits that all of its places agree on, and is told by what tells it
/// in each of them.
fn add(variant: Variant, found: &mut Vec<Variant>) {
    match found.iter_mut().find(|other| other.ty.kind == variant.ty.kind) {
        Some(other) => {
            other.pointers.extend(variant.pointers);
            other.told = either(&other.told, &variant.told);
        }
        None => found.push(variant),
    }
}

/// What tells a value that two entries of a list are for.
fn either(one: &[Told], other: &[Told]) -> Vec<Told> {
    let both = one.iter().filter_map(|one| {
        let other = other.iter().find(|other| other.member == one.member)?;
        let values = one.values.iter().chain(&other.values).cloned().collect();
        Some(Told { member: one.member.clone(), values })
    });
    both.collect()
}

/// Where a variant lists the values of a discriminator itself, those count.
fn listed(types: &BTreeMap<String, Model>, variant: &mut Variant) {
    let Some(object) = object(types, &variant.ty.kind) else { return };
    for told in &mut variant.told {
        let values = object.members.get(&told.member).and_then(|member| member.values.as_ref());
        if let Some(values) = values {
            told.values.clone_from(values);
        }
    }
}

/// The order in which the first variant that fits is the right one, or two that cannot be told apart.
fn ordered(
    types: &BTreeMap<String, Model>,
    mut left: Vec<Variant>,
) -> Result<Vec<Variant>, (String, String, String)> {
    // A value that another one tells apart is none of these, even if nobody knows what it is.
    let told: Vec<_> = left
        .iter()
        .map(|variant| {
            let mut told = variant.told.clone();
            for other in left.iter().filter(|other| !std::ptr::eq(*other, variant)) {
                if let Some(Proof::Told(one)) = apart(types, variant, other)
                    && !told.iter().any(|known| known.member == one.member)
                {
                    told.push(one);
                }
            }
            told
        })
        .collect();
    for (variant, told) in left.iter_mut().zip(told) {
        variant.told = told;
    }
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        // The first that no value of another one is taken for.
        let first = (0..left.len()).find(|index| {
            let variant = &left[*index];
            let mut others = left.iter().enumerate().filter(|(other, _)| other != index);
            others.all(|(_, other)| apart(types, variant, other).is_some())
        });
        let Some(index) = first else {
            let one = &left[0];
            let other = left[1..].iter().find(|other| apart(types, one, other).is_none());
            let other = other.unwrap_or(one);
            let at = one.pointers.first().cloned().unwrap_or_default();
            return Err((one.name.clone(), other.name.clone(), at));
        };
        order.push(left.remove(index));
    }
    Ok(order)
}

/// Why a value of one variant is not taken for another.
enum Proof {
    /// It does not fit.
    Misfit,
    /// This member of the one that it would be taken for has another value.
    Told(Told),
}

/// Why no value of `value` is taken for one of `variant`, if that is so.
fn apart(types: &BTreeMap<String, Model>, variant: &Variant, value: &Variant) -> Option<Proof> {
    for told in &variant.told {
        let other = value.told.iter().find(|other| other.member == told.member);
        if other.is_some_and(|other| !overlap(&told.values, &other.values)) {
            return Some(Proof::Told(told.clone()));
        }
    }
    let (one, other) = (&variant.ty.kind, &value.ty.kind);
    if !classes(types, one).intersects(classes(types, other)) {
        return Some(Proof::Misfit);
    }
    let (Some(one), other) = (object(types, one), object(types, other)) else { return None };
    let no_members = IndexMap::new();
    let (members, rest) = match (other, &value.ty.kind) {
        (Some(Object { members, rest }), _) => (members, rest.clone()),
        (None, Kind::Map(ty)) => (&no_members, Rest::Of((**ty).clone())),
        (None, _) => return None,
    };
    // A tag first: what has another value there is none of the variant, whatever else it has.
    for (name, member) in one.members.iter().filter(|(_, member)| member.answered) {
        if members.get(name).is_some_and(|other| differ(types, member, other) == Some(false)) {
            let values = member.values.clone().unwrap_or_default();
            return Some(Proof::Told(Told { member: name.clone(), values }));
        }
    }
    for (name, member) in one.members.iter().filter(|(_, member)| member.answered) {
        let is_misfit = match members.get(name) {
            Some(other) => {
                (member.required || other.answered) && differ(types, member, other) == Some(true)
            }
            // Only what must be there keeps a value from being read.
            None => member.required && !may_be(types, &rest, member),
        };
        if is_misfit {
            return Some(Proof::Misfit);
        }
    }
    for (name, member) in members.iter().filter(|(_, member)| member.answered) {
        let misfit = match one.members.get(name) {
            None => one.rest == Rest::Closed,
            Some(other) => differ(types, other, member) == Some(true),
        };
        if misfit {
            return Some(Proof::Misfit);
        }
    }
    None
}

/// Whether an object may have a member among those that it does not name.
fn may_be(types: &BTreeMap<String, Model>, rest: &Rest, member: &Member) -> bool {
    match rest {
        // A value with the members of both is one of both, if it is any.
        Rest::Open | Rest::Closed => false,
        Rest::Of(ty) => read(types, &member.ty.kind).intersects(classes(types, &ty.kind)),
    }
}

/// Whether no value of the other member is read as one: by their types, or by the values that they list.
fn differ(types: &BTreeMap<String, Model>, one: &Member, other: &Member) -> Option<bool> {
    if one.ty.nullable && other.ty.nullable {
        return None;
    }
    if !read(types, &one.ty.kind).intersects(classes(types, &other.ty.kind)) {
        return Some(true);
    }
    match (&one.values, &other.values) {
        (Some(one), Some(other)) if !overlap(one, other) => Some(false),
        _ => None,
    }
}

fn overlap(one: &[Value], other: &[Value]) -> bool {
    one.iter().any(|value| other.contains(value))
}

fn object<'a>(types: &'a BTreeMap<String, Model>, kind: &Kind) -> Option<&'a Object> {
    match kind {
        Kind::Named(name) => match &types.get(name)?.shape {
            Shape::Object(object) => Some(object),
            _ => None,
        },
        _ => None,
    }
}

impl Models {
    /// Whether a value of one variant may be right by another one too: broken limits of the former say nothing then.
    pub(crate) fn may_be_another(&self, one: &Variant, others: &[Variant]) -> bool {
        let mut others = others.iter().filter(|other| !std::ptr::eq(*other, one));
        others.any(|other| apart(&self.types, other, one).is_none())
    }

    /// Whether every value of a type is an object.
    pub(crate) fn is_object(&self, kind: &Kind) -> bool {
        classes(&self.types, kind).0 == OBJECT
    }
}

const OBJECT: u8 = 16;

/// Types of JSON, as bits.
#[derive(Clone, Copy)]
struct Classes(u8);

impl Classes {
    fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// What is read as a type: a union reads anything, if only as `Unknown`.
fn read(types: &BTreeMap<String, Model>, kind: &Kind) -> Classes {
    match kind {
        Kind::Named(name)
            if types.get(name).is_some_and(|it| matches!(it.shape, Shape::Union { .. })) =>
        {
            Classes(u8::MAX)
        }
        kind => classes(types, kind),
    }
}

fn classes(types: &BTreeMap<String, Model>, kind: &Kind) -> Classes {
    let mut open = Vec::new();
    Classes(bits(types, kind, &mut open))
}

fn bits<'a>(types: &'a BTreeMap<String, Model>, kind: &'a Kind, open: &mut Vec<&'a str>) -> u8 {
    match kind {
        Kind::Any | Kind::Strict(_) => u8::MAX,
        Kind::Boolean => 1,
        Kind::Integer | Kind::Unsigned | Kind::Number => 2,
        Kind::String => 4,
        Kind::List(_) => 8,
        Kind::Map(_) => OBJECT,
        Kind::Named(name) => {
            if open.contains(&name.as_str()) {
                return 0;
            }
            open.push(name);
            let found = match types.get(name).map(|model| &model.shape) {
                Some(Shape::Object(_)) => OBJECT,
                Some(Shape::Strict(_)) => 4,
                Some(Shape::Newtype(ty)) => bits(types, &ty.kind, open),
                Some(Shape::Union { variants, .. }) => {
                    variants.iter().fold(0, |all, one| all | bits(types, &one.ty.kind, open))
                }
                None => u8::MAX,
            };
            open.pop();
            found
        }
    }
}
