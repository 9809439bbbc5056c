//! Numbers with all their digits: 9007199254740993 is not 9007199254740992, and 1 is 1.0.

use std::borrow::Cow;

use openapi_document::{Decimal, Document};
use serde_json::{Number, Value, json};

/// The name of what stands in the place of a number that a float does not hold. The character is one that no
/// text has a use for.
const EXACT: &str = "\u{E000}number";

/// A document with all its numbers as they are written.
pub(crate) fn exact(document: &Document) -> Cow<'_, Document> {
    let rounded = document.rounded();
    if rounded.is_empty() {
        return Cow::Borrowed(document);
    }
    let mut json = document.json.clone();
    for (pointer, text) in rounded {
        json.pointer_mut(&pointer).into_iter().for_each(|place| *place = json!({ EXACT: text }));
    }
    Cow::Owned(Document { json, ..document.clone() })
}

/// A number, if it is one.
pub(crate) fn of(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => Some(Decimal::from(number)),
        Value::Object(members) if members.len() == 1 => {
            Decimal::parse(members.get(EXACT)?.as_str()?)
        }
        _ => None,
    }
}

/// A number of things: `5`, `5.0`.
pub(crate) fn count(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| of(value)?.count())
}

/// A number as JSON, if that holds it.
pub(crate) fn value(number: &Decimal) -> Option<Value> {
    let read: Number = serde_json::from_str(&number.to_string()).ok()?;
    (Decimal::from(&read) == *number).then(|| Value::Number(read))
}

/// The multiples of a step around a number, and the first ones of all.
pub(crate) fn multiples_near(step: &Decimal, number: &Decimal) -> Vec<Decimal> {
    let steps = number.to_f64() / step.to_f64();
    let counts = [steps.floor(), steps.ceil(), 1.0, -1.0];
    // Those that a float does not hold are near to nothing.
    let counts = counts.into_iter().filter(|count| count.abs() < 9e15);
    #[expect(clippy::cast_possible_truncation, reason = "whole, and less than 2^53")]
    counts.filter_map(|count| step.times(count as i64)).collect()
}

/// A value as JSON.
pub(crate) fn text(value: &Value) -> String {
    let text = value.to_string();
    let start = format!("{{\"{EXACT}\":\"");
    let mut parts = text.split(&start);
    let mut written = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once("\"}").unwrap_or((part, ""));
        written.push_str(number);
        written.push_str(rest);
    }
    written
}
