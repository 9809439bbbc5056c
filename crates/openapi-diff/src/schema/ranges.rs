//! How far the values of a schema reach: what an integer format, a bound and a list of values mean together.

use serde_json::Value;

use crate::schema::normalized::NormalizedSchema;
use crate::schema::types::Types;

/// The integers of a format (the OpenAPI format registry).
fn of_format(format: &str) -> Option<(f64, f64)> {
    let bits = |text: &str| text.parse::<i32>().ok().filter(|bits| [8, 16, 32, 64].contains(bits));
    if let Some(bits) = format.strip_prefix("uint").and_then(bits) {
        return Some((0.0, 2_f64.powi(bits) - 1.0));
    }
    let bits = format.strip_prefix("int").and_then(bits)?;
    Some((-(2_f64.powi(bits - 1)), 2_f64.powi(bits - 1) - 1.0))
}

/// Whether a format of the registry of OpenAPI or of JSON Schema says which values are right; of another
/// one, only those who agreed on it know.
pub(crate) fn is_known(format: &str) -> bool {
    const OTHERS: [&str; 24] = [
        "date-time",
        "date",
        "time",
        "duration",
        "email",
        "idn-email",
        "hostname",
        "idn-hostname",
        "ipv4",
        "ipv6",
        "uri",
        "uri-reference",
        "iri",
        "iri-reference",
        "uuid",
        "uri-template",
        "json-pointer",
        "relative-json-pointer",
        "regex",
        "byte",
        "base64url",
        "binary",
        "float",
        "double",
    ];
    of_format(format).is_some() || OTHERS.contains(&format)
}

/// The least and the greatest value that is right, as far as there is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    low: f64,
    high: f64,
}

impl Range {
    /// The integers of the format of a schema, if it is one of integers.
    pub(crate) fn of_format(schema: &NormalizedSchema<'_>) -> Option<Self> {
        let format = schema.format.as_ref().map(|format| format.value)?;
        let (low, high) = of_format(format)?;
        schema.types.within(Types::INTEGER).then_some(Self { low, high })
    }

    /// Those of a schema: of its values if it lists them, or within its bounds and its format.
    pub(crate) fn of(schema: &NormalizedSchema<'_>) -> Self {
        let mut range = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };
        if let Some(values) = &schema.values {
            let numbers: Option<Vec<f64>> =
                values.value.iter().map(|value| value.as_f64()).collect();
            if let Some(numbers) = numbers.filter(|numbers| !numbers.is_empty()) {
                range.low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
                range.high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            }
            return range;
        }
        for limit in [Self::of_format(schema)].into_iter().flatten() {
            (range.low, range.high) = (limit.low, limit.high);
        }
        if let Some(bound) = &schema.minimum {
            range.low = range.low.max(bound.value.value);
        }
        if let Some(bound) = &schema.maximum {
            range.high = range.high.min(bound.value.value);
        }
        range
    }

    /// What is in both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.min(other.high) }
    }

    /// Whole and broken numbers at its ends and inside of it; none if it is empty.
    pub(crate) fn examples(self) -> Vec<f64> {
        let ends = [self.low, self.low + 1.0, self.high, self.high - 1.0];
        let middle = [0.0, 1.0, self.low.midpoint(self.high), self.low + 0.5, 0.5];
        let all = ends.into_iter().chain(middle);
        all.filter(|number| number.is_finite() && self.has(*number)).collect()
    }

    /// Whether no number, or no whole one, is in it.
    pub(crate) fn is_empty(self, whole: bool) -> bool {
        self.low > self.high || whole && self.low.ceil() > self.high.floor()
    }

    pub(crate) fn is_single(self) -> bool {
        self.low.total_cmp(&self.high).is_eq()
    }

    pub(crate) fn has(self, number: f64) -> bool {
        (self.low..=self.high).contains(&number)
    }

    pub(crate) fn within(self, other: Self) -> bool {
        self.low >= other.low && self.high <= other.high
    }

    /// Whether all of them are right by a bound.
    pub(crate) fn fits(self, bound: f64, exclusive: bool, upper: bool) -> bool {
        let room = if upper { bound - self.high } else { self.low - bound };
        room > 0.0 || room == 0.0 && !exclusive
    }
}

/// The type of what texts are written for, if they are not just any: `true` and `1` in a form.
pub(crate) fn of_texts(values: &[&Value]) -> Option<Types> {
    let kind = |value: &&Value| {
        let text = value.as_str()?;
        match serde_json::from_str::<Value>(text).ok()? {
            read @ (Value::Bool(_) | Value::Number(_)) => Some(Types::of(&read)),
            _ => None,
        }
    };
    values.iter().map(kind).collect::<Option<Vec<_>>>()?.into_iter().reduce(Types::or)
}
