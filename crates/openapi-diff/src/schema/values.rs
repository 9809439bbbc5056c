//! The values that a schema lists, by `enum`, by `const` or by alternatives.

use openapi_document::{Cursor, Document};
use serde_json::Value;

use crate::schema::node::{Group, said, unwrapped};
use crate::schema::normalize::is_multiple;
use crate::schema::normalized::{Bound, Facet, NormalizedSchema};
use crate::schema::types::{Known, Types};

impl<'a> NormalizedSchema<'a> {
    /// Alternatives of which each is but a list of values are one list of values.
    pub(crate) fn choose(&mut self, document: &'a Document) {
        let list = |branch: &Cursor<'a>| listed(&unwrapped(document, branch.clone()));
        let all = |group: &Group<'a>| group.branches.iter().map(list).collect::<Option<Vec<_>>>();
        let Some(groups) = self.groups.iter().map(all).collect::<Option<Vec<_>>>() else { return };
        for (group, lists) in std::mem::take(&mut self.groups).into_iter().zip(groups) {
            let known: Vec<_> = lists.iter().map(|list| Known::of(list)).collect();
            let holders = |value: &Value| known.iter().filter(|known| known.has(value)).count();
            // What fits two alternatives is not right by `oneOf`.
            let all = lists.iter().flatten().copied();
            let values: Vec<_> = all.filter(|value| !group.one || holders(value) == 1).collect();
            let types = values.iter().map(|value| Types::of(value)).reduce(Types::or);
            self.types = self.types.and(types.unwrap_or(Types::NONE));
            self.null &= values.iter().any(|value| value.is_null());
            self.among(values, group.at.pointer.clone());
            self.choices.push(group);
        }
    }

    /// The value is one of these, and of those that it was one of already.
    pub(crate) fn among(&mut self, values: Vec<&'a Value>, pointer: String) {
        let allowed = self.values.as_ref().map(|values| Known::of(&values.value));
        let mut seen = Known::default();
        let mut distinct = values;
        distinct.retain(|value| {
            allowed.as_ref().is_none_or(|allowed| allowed.has(value)) && seen.insert(value)
        });
        match &mut self.values {
            Some(known) => known.value = distinct,
            None => self.values = Some(Facet { value: distinct, pointer }),
        }
    }

    /// Where every value is listed, the keywords about single values only choose among them.
    pub(crate) fn drop_listed(&mut self) {
        let Some(mut values) = self.values.take() else { return };
        values.value.retain(|value| value.is_null() || Types::of(value).within(self.types));
        if !values.value.iter().any(|value| value.is_array() || value.is_object()) {
            values.value.retain(|value| self.holds(value));
            (self.minimum, self.maximum) = (None, None);
            (self.counts[0], self.counts[1]) = (None, None);
            self.multiples.clear();
        }
        self.values = Some(values);
    }

    /// Whether a number or text is within its limits.
    pub(crate) fn holds(&self, value: &Value) -> bool {
        let above = |limit: &Facet<Bound>, number: f64, sign: f64| {
            let room = sign * (number - limit.value.value);
            room > 0.0 || room == 0.0 && !limit.value.exclusive
        };
        if let Some(number) = value.as_f64() {
            return self.minimum.as_ref().is_none_or(|limit| above(limit, number, 1.0))
                && self.maximum.as_ref().is_none_or(|limit| above(limit, number, -1.0))
                && self.multiples.iter().all(|of| is_multiple(number, of.value));
        }
        let Some(text) = value.as_str() else { return true };
        let length = text.chars().count() as u64;
        self.counts[0].as_ref().is_none_or(|least| length >= least.value)
            && self.counts[1].as_ref().is_none_or(|most| length <= most.value)
    }
}

/// The values that a schema lists, if it does nothing else.
fn listed<'a>(at: &Cursor<'a>) -> Option<Vec<&'a Value>> {
    let schema = at.value.as_object()?;
    if said(at).any(|name| !["type", "enum", "const", "deprecated"].contains(&name)) {
        return None;
    }
    let mut values: Vec<_> =
        match (schema.get("enum").and_then(Value::as_array), schema.get("const")) {
            (Some(list), _) => list.iter().collect(),
            (None, value) => vec![value?],
        };
    if let Some(kind) = schema.get("type") {
        let types = Types::named(kind.as_str()?)?;
        values.retain(|value| !value.is_null() && Types::of(value).within(types));
    }
    Some(values)
}
