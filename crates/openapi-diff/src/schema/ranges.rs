//! How far the values of a schema reach: what an integer format, a bound and a list of values mean together.

use openapi_document::Decimal;

use crate::numbers;
use crate::schema::formats;
use crate::schema::normalized::{Bound, NormalizedSchema};
use crate::schema::types::Types;

/// The integers of a format (the OpenAPI format registry).
fn of_format(format: &str) -> Option<(i128, i128)> {
    Some(match formats::bits(format)? {
        (false, bits) => (0, (1 << bits) - 1),
        (true, bits) => (-(1 << (bits - 1)), (1 << (bits - 1)) - 1),
    })
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
#[derive(Debug, Clone, Default)]
pub(crate) struct Range {
    low: Option<Decimal>,
    high: Option<Decimal>,
}

impl Range {
    /// The integers of the format of a schema, if it is one of integers.
    pub(crate) fn of_format(schema: &NormalizedSchema<'_>) -> Option<Self> {
        let format = schema.format.as_ref().map(|format| format.value)?;
        let (low, high) = of_format(format)?;
        let range = || Self { low: Some(low.into()), high: Some(high.into()) };
        schema.types.within(Types::INTEGER).then(range)
    }

    /// Those of a schema: of its values if it lists them, or within its bounds and its format.
    pub(crate) fn of(schema: &NormalizedSchema<'_>) -> Self {
        if let Some(values) = &schema.values {
            let numbers: Option<Vec<_>> = values.value.iter().map(|it| numbers::of(it)).collect();
            let numbers = numbers.unwrap_or_default();
            return Self { low: numbers.iter().min().cloned(), high: numbers.into_iter().max() };
        }
        let mut range = Self::of_format(schema).unwrap_or_default();
        if let Some(bound) = &schema.minimum {
            // What is unlimited is less than any limit.
            range.low = range.low.max(Some(bound.value.value.clone()));
        }
        if let Some(Bound { value, .. }) = schema.maximum.as_ref().map(|bound| &bound.value) {
            range.high = range.high.filter(|high| high < value).or_else(|| Some(value.clone()));
        }
        range
    }

    /// What is in both.
    pub(crate) fn and(self, other: Self) -> Self {
        let high = match (self.high, other.high) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Self { low: self.low.max(other.low), high }
    }

    /// Whole and broken numbers at its ends and inside of it; none if it is empty.
    pub(crate) fn examples(&self) -> Vec<Decimal> {
        let end = |end: &Option<Decimal>, low: bool| {
            let whole = end.as_ref().map(|end| end.rounded(low));
            let next = whole.as_ref().and_then(|end| end.next(low));
            [end.clone(), whole, next]
        };
        let (low, high) = (end(&self.low, true), end(&self.high, false));
        let float = |end: &Option<Decimal>| end.as_ref().map(Decimal::to_f64);
        let near = float(&self.low).or(float(&self.high)).unwrap_or(0.0);
        let middle = float(&self.low).zip(float(&self.high)).map(|(low, high)| low.midpoint(high));
        let inside = [0.0, 1.0, 0.5, near + 0.5, near - 0.5].into_iter().chain(middle);
        let inside = inside.map(|number| Decimal::parse(&number.to_string()));
        let all = low.into_iter().chain(high).chain(inside).flatten();
        all.filter(|number| self.has(number)).collect()
    }

    /// Whole and broken numbers at its ends and outside of it.
    pub(crate) fn beyond(&self) -> Vec<Decimal> {
        let end = |end: &Option<Decimal>, up: bool| {
            let whole = end.as_ref().map(|end| end.rounded(up));
            let next = whole.as_ref().and_then(|end| end.next(up));
            let half = if up { 0.5 } else { -0.5 };
            let broken = end.as_ref().map(|end| (end.to_f64() + half).to_string());
            [whole, next, broken.and_then(|broken| Decimal::parse(&broken)), end.clone()]
        };
        [end(&self.low, false), end(&self.high, true)].into_iter().flatten().flatten().collect()
    }

    /// Whether no number, or no whole one, is in it.
    pub(crate) fn is_empty(&self, whole: bool) -> bool {
        let (Some(low), Some(high)) = (&self.low, &self.high) else { return false };
        low > high || whole && low.rounded(true) > high.rounded(false)
    }

    pub(crate) fn is_single(&self) -> bool {
        self.low.is_some() && self.low == self.high
    }

    pub(crate) fn has(&self, number: &Decimal) -> bool {
        self.low.as_ref().is_none_or(|low| low <= number)
            && self.high.as_ref().is_none_or(|high| number <= high)
    }

    pub(crate) fn within(&self, other: &Self) -> bool {
        let below = |one: &Option<Decimal>, other: &Option<Decimal>| match (one, other) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(one), Some(other)) => one <= other,
        };
        self.low >= other.low && below(&self.high, &other.high)
    }

    /// Whether all of them are right by a bound.
    pub(crate) fn fits(&self, bound: &Bound, upper: bool) -> bool {
        let end = if upper { &self.high } else { &self.low };
        end.as_ref().is_some_and(|end| bound.allows(end, upper))
    }
}
