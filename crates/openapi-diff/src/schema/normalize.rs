//! What the keywords of a schema mean together: whatever limits nothing is taken away, so that two
//! schemas with the same meaning are the same.

use crate::change::Direction;
use crate::schema::node::flatten;
use crate::schema::normalized::{Bound, Facet, NormalizedSchema};
use crate::schema::types::Types;
use openapi_document::{Decimal, Document};

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
            for (bound, up) in [(&mut self.minimum, true), (&mut self.maximum, false)] {
                let Some(Facet { value: Bound { value, exclusive }, .. }) = bound else { continue };
                let within = *exclusive && value.is_whole();
                let inner = if within { value.next(up) } else { Some(value.rounded(up)) };
                // What is too long to count on from stays as it is.
                if let Some(inner) = inner {
                    (*value, *exclusive) = (inner, false);
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

    /// Divisors are as good as their least common multiple, and every whole number is a
    /// multiple of 1.
    fn join_multiples(&mut self) {
        // What is a multiple of a whole number is one.
        if self.multiples.iter().any(|of| of.value.is_whole()) {
            self.types = self.types.without(Types::BROKEN);
        }
        let whole = !self.types.has(Types::BROKEN);
        let one = Decimal::from(1);
        self.multiples.retain(|of| !(whole && one.is_multiple_of(&of.value)));
        while let [.., one, other] = self.multiples.as_slice()
            && let Some(common) = one.value.common_multiple(&other.value)
        {
            self.multiples.pop();
            if let Some(last) = self.multiples.last_mut() {
                last.value = common;
            }
        }
    }
}
