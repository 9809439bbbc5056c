//! The members of objects and the elements of lists.

use crate::change::{Direction, Verdict};
use crate::event::{Effect, Event};
use crate::keywords::Pen;
use crate::node::Part;
use crate::schema::{Found, Schemas};
use crate::shape::{Additional, Property};
use crate::types::Types;

/// What changed of the members and elements of two schemas, and the pairs of those.
pub(crate) fn compare<'a>(schemas: &mut Schemas<'a>, pen: &Pen<'_, 'a>, found: &mut Found<'a>) {
    let (a, b, inside) = (pen.a, pen.b, pen.spot.within());
    if pen.shared().has(Types::ARRAY) && !(a.items.is_empty() && b.items.is_empty()) {
        found.inner.push((a.items.clone(), b.items.clone(), inside));
    }
    if !pen.shared().has(Types::OBJECT) {
        return;
    }
    additional(schemas, pen, found);
    let mut names: Vec<&str> = a.properties.keys().chain(a.required.keys()).copied().collect();
    names.extend(b.properties.keys().chain(b.required.keys()).copied());
    names.sort_unstable();
    names.dedup();
    for name in names {
        let member = Member { pen, name, named: format!("`{name}`") };
        match (a.properties.get(name), b.properties.get(name)) {
            (Some(old), Some(new)) if old.mute && new.mute => {}
            (Some(old), Some(new)) if old.mute != new.mute => {
                found.events.extend(member.became_mute(old, new));
            }
            (Some(old), Some(new)) => {
                found.events.extend(member.required(schemas, Some(&new.parts)));
                found.inner.push((old.parts.clone(), new.parts.clone(), inside));
            }
            (Some(old), None) if !old.mute => {
                found.events.extend(member.removed(old));
                if let Additional::Only(parts) = &b.additional {
                    found.inner.push((old.parts.clone(), parts.clone(), inside));
                }
            }
            (None, Some(new)) if !new.mute => {
                found.events.extend(member.added(schemas, new));
                if let Additional::Only(parts) = &a.additional {
                    found.inner.push((parts.clone(), new.parts.clone(), inside));
                }
            }
            (Some(_), None) | (None, Some(_)) => {}
            (None, None) => found.events.extend(member.required(schemas, None)),
        }
    }
}

/// A member of two objects.
struct Member<'p, 's, 'a> {
    pen: &'p Pen<'s, 'a>,
    name: &'a str,
    named: String,
}

impl<'a> Member<'_, '_, 'a> {
    fn event(
        &self,
        rule: &str,
        effect: Effect,
        old: Option<&str>,
        new: Option<&str>,
        text: &str,
    ) -> Event {
        let event = self.pen.event("", effect, old, new, text);
        Event { rule: rule.to_owned().into(), ..event }
    }

    /// `request-property`, or what stands for it.
    fn prefix(&self) -> &'static str {
        self.pen.spot.within().prefix()
    }

    fn is_required(&self) -> (bool, bool) {
        (self.pen.a.required.contains_key(self.name), self.pen.b.required.contains_key(self.name))
    }

    fn required(&self, schemas: &mut Schemas<'a>, new: Option<&[Part<'a>]>) -> Option<Event> {
        let (old, now) = (self.pen.a.required.get(self.name), self.pen.b.required.get(self.name));
        let at = (old.map(String::as_str), now.map(String::as_str));
        let (prefix, named) = (self.prefix(), &self.named);
        match (old, now) {
            (None, Some(_)) => {
                let text = if self.pen.spot.is_request() {
                    format!("requires {named} now")
                } else {
                    format!("always has {named} now")
                };
                let default = self.pen.spot.is_request()
                    && new.is_some_and(|new| schemas.has_default(new, self.pen.spot));
                let what = if default { "became-required-with-default" } else { "became-required" };
                let event =
                    self.event(&format!("{prefix}-{what}"), Effect::Narrower, at.0, at.1, &text);
                Some(if default { with_default(event) } else { event })
            }
            (Some(_), None) => {
                let text = if self.pen.spot.is_request() {
                    format!("does not require {named} any more")
                } else {
                    format!("may be without {named} now")
                };
                Some(self.event(
                    &format!("{prefix}-became-optional"),
                    Effect::Wider,
                    at.0,
                    at.1,
                    &text,
                ))
            }
            _ => None,
        }
    }

    fn removed(&self, old: &Property<'a>) -> Vec<Event> {
        let (named, spot) = (&self.named, self.pen.spot);
        let text = format!("has no {named} any more");
        let at = Some(old.pointer.as_str());
        let rule = match (spot.direction, self.is_required().0) {
            (Direction::Response, true) => "response-required-property-removed".to_owned(),
            (Direction::Response, false) => "response-optional-property-removed".to_owned(),
            _ => format!("{}-removed", self.prefix()),
        };
        let closed = matches!(self.pen.b.additional, Additional::Nothing(_));
        let effect = match (closed, self.is_required().0 && !self.is_required().1) {
            (true, true) => Effect::Other,
            (true, false) => Effect::Narrower,
            // What else is there is compared apart.
            (false, false) if matches!(self.pen.b.additional, Additional::Only(_)) => Effect::Same,
            (false, _) => Effect::Wider,
        };
        let event = self.event(&rule, effect, at, None, &text);
        let sure = if spot.is_request() { closed } else { self.is_required().0 };
        vec![event.wire(if sure { Verdict::Breaking } else { Verdict::PotentiallyBreaking })]
    }

    fn added(&self, schemas: &mut Schemas<'a>, new: &Property<'a>) -> Vec<Event> {
        let (named, spot) = (&self.named, self.pen.spot);
        let required = self.is_required().1;
        let text = match (required, spot.is_request()) {
            (true, true) => format!("requires {named}, which is new"),
            (true, false) => format!("always has {named}, which is new"),
            (false, _) => format!("may have {named}, which is new"),
        };
        let at = Some(new.pointer.as_str());
        let already = self.is_required().0;
        let default = required && schemas.has_default(&new.parts, spot);
        let rule = match (spot.direction, required) {
            (Direction::Response, true) => "response-required-property-added".to_owned(),
            (Direction::Response, false) => "response-optional-property-added".to_owned(),
            (_, true) if default => format!("new-required-{}-with-default", self.prefix()),
            (_, true) => format!("new-required-{}", self.prefix()),
            (_, false) => format!("new-optional-{}", self.prefix()),
        };
        let was_closed = matches!(self.pen.a.additional, Additional::Nothing(_));
        let effect = match (was_closed, required && !already) {
            (true, true) => Effect::Other,
            (true, false) => Effect::Wider,
            (false, false) if matches!(self.pen.a.additional, Additional::Only(_)) => Effect::Same,
            (false, _) => Effect::Narrower,
        };
        let event = self.event(&rule, effect, None, at, &text).wire(Verdict::Compatible);
        vec![match (spot.is_request(), required && !already) {
            (true, true) if default => with_default(event),
            (true, true) => event.wire(Verdict::Breaking),
            (false, _) if was_closed => event.wire(Verdict::PotentiallyBreaking),
            _ => event,
        }]
    }

    /// A member that takes part in messages of this direction on one side alone.
    fn became_mute(&self, old: &Property<'a>, new: &Property<'a>) -> Vec<Event> {
        let (named, spot) = (&self.named, self.pen.spot);
        let at = (Some(old.pointer.as_str()), Some(new.pointer.as_str()));
        let (was, is) = self.is_required();
        let mark = if spot.direction == Direction::Request { "read-only" } else { "write-only" };
        let (not, text, effect) = if new.mute {
            ("", format!("has {named} as a {mark} member now"), Effect::Wider)
        } else {
            ("not-", format!("has {named}, which is not {mark} any more"), Effect::Narrower)
        };
        let event =
            self.event(&format!("{}-became-{not}{mark}", self.prefix()), effect, at.0, at.1, &text);
        let wire = match (spot.direction, new.mute) {
            (Direction::Response, true) if was => Verdict::Breaking,
            (Direction::Response, true) => Verdict::PotentiallyBreaking,
            (Direction::Request, false) if is => Verdict::Breaking,
            // That it was required and never sent was said of it at once.
            (Direction::Response, false) if is => Verdict::PotentiallyBreaking,
            _ => Verdict::Compatible,
        };
        let event = event.wire(wire);
        if spot.direction == Direction::Request && new.mute {
            let note = "the service does not take what is sent of it any more";
            return vec![event.run_time(Verdict::PotentiallyBreaking, note)];
        }
        vec![event]
    }
}

/// What the client leaves out, the service fills in.
fn with_default(event: Event) -> Event {
    let note = "the service takes the default where a client leaves it out";
    event.wire(Verdict::Compatible).run_time(Verdict::PotentiallyBreaking, note)
}

/// Members without a name of their own.
fn additional<'a>(schemas: &mut Schemas<'a>, pen: &Pen<'_, 'a>, found: &mut Found<'a>) {
    let inside = pen.spot.within();
    let anything = |schemas: &mut Schemas<'a>, revised: bool, parts: &[Part<'a>]| {
        schemas.parts_are_anything(revised, parts, inside)
    };
    let event = |what: &str, effect, old: Option<&str>, new: Option<&str>, text: &str| {
        pen.event(&format!("additional-properties-{what}"), effect, old, new, text)
    };
    match (&pen.a.additional, &pen.b.additional) {
        (Additional::Anything, Additional::Anything)
        | (Additional::Nothing(_), Additional::Nothing(_)) => {}
        (Additional::Only(old), Additional::Only(new)) => {
            found.inner.push((old.clone(), new.clone(), inside));
        }
        (_, Additional::Nothing(at)) => {
            let text = "may not have members beside those that it names any more";
            found.events.push(event("closed", Effect::Narrower, None, Some(at), text));
        }
        (Additional::Nothing(at), _) => {
            let text = "may have members beside those that it names now";
            let opened = event("opened", Effect::Wider, Some(at), None, text);
            // Whoever reads members by their names does not see others.
            let wire = opened.wire.min(Verdict::PotentiallyBreaking);
            found.events.push(opened.wire(wire));
        }
        (Additional::Anything, Additional::Only(parts)) => {
            if !anything(schemas, true, parts) {
                let at = parts.first().map(|part| part.at.pointer.as_str());
                let text = "limits the members beside those that it names now";
                found.events.push(event("limited", Effect::Narrower, None, at, text));
            }
        }
        (Additional::Only(parts), Additional::Anything) => {
            if !anything(schemas, false, parts) {
                let at = parts.first().map(|part| part.at.pointer.as_str());
                let text = "may have anything beside the members that it names now";
                found.events.push(event("unlimited", Effect::Wider, at, None, text));
            }
        }
    }
}
