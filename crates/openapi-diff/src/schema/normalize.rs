//! What the keywords of a schema mean together: whatever limits nothing is taken away, so that two
//! schemas with the same meaning are the same.

use crate::change::Direction;
use crate::schema::node::flatten;
use crate::schema::normalized::{Bound, Facet, NormalizedSchema};
use crate::schema::types::Types;
use openapi_document::Document;

impl<'a> NormalizedSchema<'a> {
    /// What follows from the keywords together.
    pub(crate) fn normalize(&mut self, document: &'a Document, direction: Direction) {
        self.drop_listed();
        self.join_multiples();

        if let Some(values) = &mut self.values {
            values.value.retain(|value| !value.is_null());
            let types = values.value.iter().map(|value| Types::of(value)).reduce(Types::or);
            // Both booleans are no choice among booleans.
            if types == Some(Types::BOOLEAN) && values.value.len() == 2 {
                self.types = self.types.and(Types::BOOLEAN);
                self.values = None;
            }
        }
        // Greater than 4 is at least 5 among whole numbers.
        if !self.types.has(Types::BROKEN) && self.types.has(Types::INTEGER) {
            for (bound, step) in [(&mut self.minimum, 1.0), (&mut self.maximum, -1.0)] {
                if let Some(Facet { value: Bound { value, exclusive }, .. }) = bound {
                    let inner = if step > 0.0 { value.ceil() } else { value.floor() };
                    let whole = value.fract().abs() < f64::EPSILON;
                    *value = if *exclusive && whole { inner + step } else { inner };
                    *exclusive = false;
                }
            }
        }
        if self.format.as_ref().is_some_and(|format| format.value.is_empty()) {
            self.format = None;
        }
        // What limits nothing is no limit.
        self.patterns.retain(|pattern| {
            !matches!(pattern.value, "" | ".*" | "^.*$" | "^.*" | ".*$" | "^" | "$")
        });
        let hidden = match direction {
            Direction::Request => "readOnly",
            Direction::Response => "writeOnly",
            Direction::Neither => return,
        };
        for (name, property) in &mut self.properties {
            let flat = flatten(document, &property.parts);
            property.mute = flat.leaves.iter().any(|leaf| leaf.flag(hidden));
            if property.mute {
                self.required.remove(name);
            }
        }
    }

    /// Whole divisors are as good as their least common multiple, and every whole number is a
    /// multiple of 1.
    fn join_multiples(&mut self) {
        // What is a multiple of a whole number is one.
        if self.multiples.iter().any(|of| is_multiple(of.value, 1.0)) {
            self.types = self.types.without(Types::BROKEN);
        }
        let whole = !self.types.has(Types::BROKEN);
        self.multiples.retain(|of| !(whole && is_multiple(1.0, of.value)));
        // Whole numbers up to here are exact.
        let exact = |value: f64| value.fract() == 0.0 && value.abs() < 9e15;
        while let [.., one, other] = self.multiples.as_slice()
            && exact(one.value)
            && exact(other.value)
        {
            let joint = one.value / divisor(one.value, other.value) * other.value;
            if !exact(joint) {
                return;
            }
            self.multiples.pop();
            if let Some(last) = self.multiples.last_mut() {
                last.value = joint;
            }
        }
    }
}

/// Whether a number is a multiple of another one, as far as floats can tell.
pub(crate) fn is_multiple(value: f64, of: f64) -> bool {
    let times = value / of;
    times.is_finite() && (times - times.round()).abs() < 1e-9
}

/// The greatest common divisor of two whole numbers.
fn divisor(mut a: f64, mut b: f64) -> f64 {
    while b != 0.0 {
        (a, b) = (b, a % b);
    }
    a
}
