//! Values that are written as texts, as all are in parameters, headers and forms: there `1` is a number, and a
//! text as well.

use std::collections::HashSet;

use serde_json::Value;

use crate::finding::SetRelation;
use crate::numbers;
use crate::schema::formats;
use crate::schema::normalized::NormalizedSchema;
use crate::schema::pair::SchemaPair;
use crate::schema::types::{Types, same};

/// No number that software exchanges is longer: 17 digits, a sign, a point and an exponent (RFC 8259 section 6).
const LONGEST: u64 = 24;

impl SchemaPair<'_, '_> {
    /// The types that a value may have: a string that no number or boolean is too long for may be one of those.
    pub(crate) fn worth(&self, schema: &NormalizedSchema<'_>) -> Types {
        let [least, most, ..] = &schema.counts;
        let short = least.as_ref().is_some_and(|least| least.value > 1);
        let long = most.as_ref().is_some_and(|most| most.value < LONGEST);
        let any = self.context.is_text()
            && schema.types.has(Types::STRING)
            && schema.format.as_ref().is_none_or(|format| format.value == "password")
            && schema.values.is_none()
            && schema.patterns.is_empty()
            && schema.groups.is_empty()
            && schema.nots.is_empty()
            && schema.modern.is_empty();
        if any && !short && !long { schema.types.or(Types::SCALAR) } else { schema.types }
    }

    /// What becomes of the values where texts that spell out booleans or numbers became those, or the other
    /// way round.
    pub(crate) fn spelled(&self) -> Option<SetRelation> {
        let (a, b) = (self.a, self.b);
        if !self.context.is_text() || a.types.has(b.types) {
            return None;
        }
        // What changed is said of each value.
        if self.lists() {
            let scalar = a.types.or(b.types).within(Types::SCALAR);
            return scalar.then_some(SetRelation::Same);
        }
        let every = |schema, other| listed(schema, other).or_else(|| of_format(schema, other));
        every(a, b).or_else(|| every(b, a).map(SetRelation::mirrored))
    }

    /// Whether both list their values.
    pub(crate) fn lists(&self) -> bool {
        self.a.values.is_some() && self.b.values.is_some()
    }

    /// Whether two values are written alike.
    pub(crate) fn is_same(&self, a: &Value, b: &Value) -> bool {
        same(a, b) || self.context.is_text() && text(a).is_some_and(|a| text(b) == Some(a))
    }

    /// How values are written, where a text may be any of them.
    pub(crate) fn texts_of(&self, values: &[&Value]) -> HashSet<String> {
        let values = values.iter().filter(|_| self.context.is_text());
        values.filter_map(|value| text(value)).collect()
    }
}

/// How a value is written that is no list and no object.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => numbers::of(value).map(|number| number.to_string()),
    }
}

/// What a list of texts is to a schema without one that takes what they spell out.
fn listed(texts: &NormalizedSchema<'_>, other: &NormalizedSchema<'_>) -> Option<SetRelation> {
    let values = texts.values.as_ref().filter(|_| texts.types == Types::STRING)?;
    let read = |value: &&Value| match serde_json::from_str::<Value>(value.as_str()?).ok()? {
        read @ (Value::Bool(_) | Value::Number(_)) => Some(read),
        _ => None,
    };
    let read = values.value.iter().map(read).collect::<Option<Vec<_>>>()?;
    let taken = |value: &Value| Types::of(value).within(other.types) && other.holds(value);
    if read.is_empty() || other.values.is_some() || !read.iter().all(taken) {
        return None;
    }
    let all = match other.types {
        Types::BOOLEAN => read.len() == 2,
        Types::INTEGER => is_all(&read, other),
        _ => false,
    };
    Some(if all { SetRelation::Same } else { SetRelation::Wider })
}

/// Whether integers are all that there are within the bounds of a schema.
fn is_all(integers: &[Value], schema: &NormalizedSchema<'_>) -> bool {
    let mut integers: Vec<_> = integers.iter().filter_map(Value::as_i64).collect();
    integers.sort_unstable();
    let (Some(first), Some(last)) = (integers.first(), integers.last()) else { return false };
    let beyond = [first.checked_sub(1), last.checked_add(1)];
    schema.multiples.is_empty()
        && integers.windows(2).all(|pair| pair[0].checked_add(1) == Some(pair[1]))
        && beyond.into_iter().flatten().all(|beyond| !schema.holds(&Value::from(beyond)))
}

/// What a text in the format of numbers is to a schema of numbers.
fn of_format(texts: &NormalizedSchema<'_>, numbers: &NormalizedSchema<'_>) -> Option<SetRelation> {
    let format = texts.format.as_ref().filter(|_| texts.types == Types::STRING)?.value;
    let types = match formats::bits(format) {
        Some(_) => Types::INTEGER,
        None if ["float", "double"].contains(&format) => Types::NUMBER,
        None => return None,
    };
    let plain = texts.patterns.is_empty() && texts.counts.iter().all(Option::is_none);
    if types != numbers.types || !plain || texts.values.is_some() || numbers.values.is_some() {
        return None;
    }
    let relation = match numbers.format.as_ref().map(|format| format.value) {
        None => SetRelation::Wider,
        Some(other) if other == format => SetRelation::Same,
        Some(other) if formats::is_within(format, other) => SetRelation::Wider,
        Some(other) if formats::is_within(other, format) => SetRelation::Narrower,
        Some(_) => SetRelation::Other,
    };
    let bounds = numbers.minimum.is_some() || numbers.maximum.is_some();
    let limited = bounds || !numbers.multiples.is_empty();
    Some(if limited { relation.and(SetRelation::Narrower) } else { relation })
}
