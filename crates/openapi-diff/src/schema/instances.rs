//! Whether a value is right by a schema, as far as that can be told without a validator: what it says of
//! formats, conditions and contents is left open.

use regex::RegexBuilder;
use serde_json::Value;

use crate::change::Direction;
use crate::finding::Side;
use crate::numbers;
use crate::schema::Schemas;
use crate::schema::node::{NodeId, Part};
use crate::schema::normalized::{Additional, NormalizedSchema};
use crate::schema::ranges::Range;
use crate::schema::types::{Known, Types};

/// How deep a value is looked into.
const DEPTH: usize = 12;

/// Formats of which no text has two, and a text of each.
pub(crate) const FORMATS: [(&str, &str); 7] = [
    ("date", "2000-01-31"),
    ("date-time", "2000-01-31T12:00:00Z"),
    ("time", "12:00:00Z"),
    ("email", "a@example.com"),
    ("ipv4", "192.0.2.1"),
    ("ipv6", "2001:db8::1"),
    ("uuid", "00000000-0000-4000-8000-000000000000"),
];

/// What all must hold: `None` is not known.
fn every(all: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut holds = Some(true);
    for one in all {
        match one {
            Some(true) => {}
            Some(false) => return Some(false),
            None => holds = None,
        }
    }
    holds
}

impl<'a> Schemas<'a> {
    /// Whether a value other than `null` is right by a schema; `None` if that is not known.
    pub(crate) fn fits(
        &mut self,
        (side, node): (Side, NodeId),
        direction: Direction,
        value: &Value,
    ) -> Option<bool> {
        self.fits_within((side, node), direction, value, DEPTH)
    }

    fn fits_within(
        &mut self,
        (side, node): (Side, NodeId),
        direction: Direction,
        value: &Value,
        depth: usize,
    ) -> Option<bool> {
        if depth == 0 || self.tries == 0 {
            return None;
        }
        self.tries -= 1;
        let schema = self.normalized(side, node, direction);
        if !Types::of(value).within(schema.types) || !schema.holds(value) {
            return Some(false);
        }
        if schema.values.as_ref().is_some_and(|list| !Known::of(&list.value).has(value)) {
            return Some(false);
        }
        let open = schema.modern.conditions.is_empty() && schema.modern.unknown.is_empty();
        let of_kind = |number| Range::of_format(&schema).is_none_or(|range| range.has(&number));
        let whole = match value {
            Value::String(text) => is_text(&schema, text),
            Value::Array(items) => self.is_list(side, &schema, direction, items, depth - 1),
            Value::Object(_) if numbers::of(value).is_none() => {
                self.is_object(side, &schema, direction, value, depth - 1)
            }
            // A number that no float holds is an object here.
            _ => Some(numbers::of(value).is_none_or(of_kind)),
        };
        let mut all = vec![whole, open.then_some(true)];
        for not in &schema.nots {
            let node = self.nodes_mut(side).intern(vec![Part::whole(not.clone())]);
            let excluded = self.fits_within((side, node), direction, value, depth - 1);
            all.push(excluded.map(|excluded| !excluded));
        }
        for group in &schema.groups {
            // A discriminator tells which alternative is meant.
            let one = group.one && schema.discriminator.is_none();
            let (mut sure, mut maybe) = (0, 0);
            for branch in &group.branches {
                if self.tries == 0 {
                    return None;
                }
                let node = self.nodes_mut(side).intern(vec![Part::whole(branch.clone())]);
                match self.fits_within((side, node), direction, value, depth - 1) {
                    Some(true) => sure += 1,
                    Some(false) => {}
                    None => maybe += 1,
                }
                if sure > 1 || sure > 0 && !one {
                    break;
                }
            }
            all.push(match (sure, maybe) {
                (0, 0) => Some(false),
                (2.., _) if one => Some(false),
                (1, 0) => Some(true),
                (1.., _) if !one => Some(true),
                _ => None,
            });
        }
        every(all)
    }

    fn is_list(
        &mut self,
        side: Side,
        schema: &NormalizedSchema<'a>,
        direction: Direction,
        items: &[Value],
        depth: usize,
    ) -> Option<bool> {
        let count = items.len() as u64;
        let mut all = vec![
            Some(within(schema, 2, count)),
            schema.modern.contains.is_empty().then_some(true),
            (schema.unique.is_none() || items.len() < 2).then_some(true),
        ];
        for (index, item) in items.iter().enumerate() {
            let parts = schema.modern.first.get(index).unwrap_or(&schema.items).clone();
            let node = self.nodes_mut(side).intern(parts);
            all.push(self.fits_within((side, node), direction, item, depth));
        }
        every(all)
    }

    fn is_object(
        &mut self,
        side: Side,
        schema: &NormalizedSchema<'a>,
        direction: Direction,
        value: &Value,
        depth: usize,
    ) -> Option<bool> {
        let members = value.as_object()?;
        let modern = &schema.modern;
        let plain =
            modern.names.is_empty() && modern.needs.is_empty() && modern.dependent.is_empty();
        let mut all = vec![
            Some(within(schema, 4, members.len() as u64)),
            Some(schema.required.keys().all(|name| members.contains_key(*name))),
            plain.then_some(true),
        ];
        for (name, member) in members {
            all.push(match parts_of(schema, name) {
                Member::Forbidden => Some(false),
                Member::Of(parts) => {
                    let node = self.nodes_mut(side).intern(parts);
                    self.fits_within((side, node), direction, member, depth)
                }
            });
        }
        every(all)
    }
}

/// What a member of an object must be.
pub(crate) enum Member<'a> {
    Forbidden,
    Of(Vec<Part<'a>>),
}

/// What the member of a name must be.
pub(crate) fn parts_of<'a>(schema: &NormalizedSchema<'a>, name: &str) -> Member<'a> {
    match (schema.properties.get(name), &schema.additional) {
        (Some(property), _) => Member::Of(property.parts.clone()),
        (None, additional) => match (schema.modern.of_name(name), additional) {
            (matched, _) if !matched.is_empty() => Member::Of(matched),
            (_, Additional::Nothing(_)) => Member::Forbidden,
            (_, Additional::Only(others)) => Member::Of(others.clone()),
            (_, Additional::Anything) => Member::Of(Vec::new()),
        },
    }
}

/// Whether a number of parts is within the counts at `index` and after it.
fn within(schema: &NormalizedSchema<'_>, index: usize, count: u64) -> bool {
    schema.counts[index].as_ref().is_none_or(|least| count >= least.value)
        && schema.counts[index + 1].as_ref().is_none_or(|most| count <= most.value)
}

fn is_text(schema: &NormalizedSchema<'_>, text: &str) -> Option<bool> {
    let pattern = |pattern: &str| {
        let regex = RegexBuilder::new(pattern).size_limit(1 << 16).build();
        Some(regex.ok()?.is_match(text))
    };
    let format = match schema.format.as_ref().map(|format| format.value) {
        None | Some("password") => Some(true),
        Some(format) => {
            let known = FORMATS.iter().find(|(name, _)| *name == format);
            let other = FORMATS.iter().any(|(_, example)| *example == text);
            match known {
                Some((_, example)) if *example == text => Some(true),
                Some(_) if other => Some(false),
                _ => None,
            }
        }
    };
    let patterns = schema.patterns.iter().map(|facet| pattern(facet.value));
    every(patterns.chain([format]).collect::<Vec<_>>())
}
