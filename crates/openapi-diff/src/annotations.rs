//! What a schema says to its readers: nobody validates by it, and a default is what a service takes
//! for what is left out.

use crate::change::{Direction, Verdict};
use crate::event::{Effect, Event};
use crate::keywords::{Pen, pointer};
use crate::shape::Facet;
use crate::types::{Known, same};
use crate::words;

impl Pen<'_, '_> {
    /// What nobody validates, and a reader should know.
    pub(crate) fn annotations(&self) -> Vec<Event> {
        let (a, b) = (self.a, self.b);
        let mut events = Vec::new();
        if a.deprecated != b.deprecated {
            let (what, text) = if b.deprecated {
                ("deprecated", "is deprecated now")
            } else {
                ("reactivated", "is not deprecated any more")
            };
            events.push(self.event(what, Effect::Same, None, None, text));
        }
        let differ = |old: &Option<Facet<&str>>, new: &Option<Facet<&str>>| {
            let text =
                |facet: &Option<Facet<&str>>| facet.as_ref().map_or("", |f| f.value).to_owned();
            !words::same_text(&text(old), &text(new))
        };
        for (old, new, rule, word) in [
            (&a.title, &b.title, "title-changed", "title"),
            (&a.description, &b.description, "description-changed", "description"),
        ] {
            if differ(old, new) {
                let text = format!("has another {word}");
                let pointer =
                    |facet: &Option<Facet<&str>>| facet.as_ref().map(|f| f.pointer.clone());
                let (old, new) = (pointer(old), pointer(new));
                let event = self.event("", Effect::Same, old.as_deref(), new.as_deref(), &text);
                events.push(Event { rule: rule.into(), direction: Direction::Neither, ..event });
            }
        }
        events.extend(self.default());
        events.extend(self.known());
        events
    }

    /// What came to a list of known values, or went, that allows others.
    fn known(&self) -> Vec<Event> {
        let (Some(a), Some(b)) = (&self.a.known, &self.b.known) else { return Vec::new() };
        let at = (Some(a.pointer.as_str()), Some(b.pointer.as_str()));
        let event = |what: &str, text: String| self.event(what, Effect::Same, at.0, at.1, &text);
        let (before, after) = (Known::of(&a.value), Known::of(&b.value));
        let gone = a.value.iter().filter(|value| !after.has(value)).map(|value| {
            let value = words::value(value);
            let text = format!("does not list {value} among its known values any more");
            let event = event("x-extensible-enum-value-removed", text);
            let sent = self.spot.is_request();
            if sent { event.wire(Verdict::PotentiallyBreaking) } else { event }
        });
        let come = b.value.iter().filter(|value| !before.has(value)).map(|value| {
            let text = format!("lists {} among its known values now", words::value(value));
            event("x-extensible-enum-value-added", text)
        });
        gone.chain(come).collect()
    }

    fn default(&self) -> Option<Event> {
        let (a, b) = (&self.a.default, &self.b.default);
        let (what, text) = match (a, b) {
            (Some(a), Some(b)) if same(a.value, b.value) => return None,
            (Some(a), Some(b)) => (
                "default-value-changed",
                format!("has the default {}, not {}", words::value(b.value), words::value(a.value)),
            ),
            (Some(a), None) => (
                "default-value-removed",
                format!("has no default any more, which was {}", words::value(a.value)),
            ),
            (None, Some(b)) => {
                ("default-value-added", format!("has the default {} now", words::value(b.value)))
            }
            (None, None) => return None,
        };
        let (old, new) = (pointer(a.as_ref()), pointer(b.as_ref()));
        let event = self.event(what, Effect::Same, old, new, &text);
        // Whoever leaves a parameter out means its default, and not that of an alternative.
        let event = match (self.spot.prefix(), a, b) {
            _ if self.spot.branch => event,
            ("request-parameter", Some(_), Some(_)) => event.wire(Verdict::Breaking),
            ("request-parameter", ..) => event.wire(Verdict::PotentiallyBreaking),
            _ => event,
        };
        let left_out = "a request that leaves it out may mean something else than before";
        Some(if self.spot.is_request() && event.wire == Verdict::Compatible {
            event.run_time(Verdict::PotentiallyBreaking, left_out)
        } else {
            event
        })
    }
}
