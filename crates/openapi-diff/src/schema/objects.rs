//! The members of objects.

use crate::change::{Direction, Verdict};
use crate::finding::{Finding, SetRelation, Side};
use crate::schema::node::Part;
use crate::schema::normalized::{Additional, Property};
use crate::schema::pair::SchemaPair;
use crate::schema::patterns;
use crate::schema::types::Types;
use crate::schema::{Found, Schemas};

/// What changed of the members of two schemas, and the pairs of those.
pub(crate) fn compare<'p, 'a>(
    schemas: &mut Schemas<'a>,
    pair: &'p SchemaPair<'_, 'a>,
    found: &mut Found<'a>,
) {
    let (a, b) = (pair.a, pair.b);
    if !pair.shared().has(Types::OBJECT) {
        return;
    }
    additional(schemas, pair, found);
    patterns::compare(schemas, pair, found);
    let mut names: Vec<&str> = a.properties.keys().chain(a.required.keys()).copied().collect();
    names.extend(b.properties.keys().chain(b.required.keys()).copied());
    names.sort_unstable();
    names.dedup();
    for name in names {
        let member = Member { pair, name, named: format!("`{name}`") };
        let own = |schemas: &Schemas<'a>, side: Side, property: Option<&'p Property<'a>>| {
            property.filter(|property| !patterns::forbids(schemas, side, &property.parts))
        };
        let (old, new) = (a.properties.get(name), b.properties.get(name));
        let (own_old, own_new) = (own(schemas, Side::Base, old), own(schemas, Side::Revision, new));
        // A member that is forbidden is as one that a closed object does not name.
        let (barred, bars) =
            (old.is_some() && own_old.is_none(), new.is_some() && own_new.is_none());
        match (own_old, own_new) {
            (Some(old), Some(new)) if old.mute && new.mute => {}
            (Some(old), Some(new)) if old.mute != new.mute => {
                found.findings.extend(member.became_mute(old, new));
            }
            (Some(old), Some(new)) => {
                found.findings.extend(member.required(schemas, Some(&new.parts)));
                let inside = schemas.of_member(pair.context, name, &old.parts, &new.parts);
                found.inner.push((old.parts.clone(), new.parts.clone(), inside));
            }
            (Some(old), None) if !old.mute => {
                let matched = if bars { Vec::new() } else { b.modern.of_name(name) };
                if !matched.is_empty() {
                    found.findings.extend(member.required(schemas, Some(&matched)));
                    let inside = schemas.of_member(pair.context, name, &old.parts, &matched);
                    found.inner.push((old.parts.clone(), matched, inside));
                    continue;
                }
                found.findings.extend(member.removed(old, bars || b.is_closed()));
                if let (false, Additional::Only(parts)) = (bars, &b.additional) {
                    let inside = schemas.of_member(pair.context, name, &old.parts, parts);
                    found.inner.push((old.parts.clone(), parts.clone(), inside));
                }
            }
            (None, Some(new)) if !new.mute => {
                let matched = if barred { Vec::new() } else { a.modern.of_name(name) };
                if !matched.is_empty() {
                    found.findings.extend(member.required(schemas, Some(&new.parts)));
                    let inside = schemas.of_member(pair.context, name, &matched, &new.parts);
                    found.inner.push((matched, new.parts.clone(), inside));
                    continue;
                }
                found.findings.extend(member.added(schemas, new, barred || a.is_closed()));
                if let (false, Additional::Only(parts)) = (barred, &a.additional) {
                    let inside = schemas.of_member(pair.context, name, parts, &new.parts);
                    found.inner.push((parts.clone(), new.parts.clone(), inside));
                }
            }
            (Some(_), None) | (None, Some(_)) => {}
            (None, None) => {
                found.findings.extend(member.required(schemas, None));
                found.findings.extend(member.barred(old, new));
            }
        }
    }
}

/// A member of two objects.
struct Member<'p, 's, 'a> {
    pair: &'p SchemaPair<'s, 'a>,
    name: &'a str,
    named: String,
}

impl<'a> Member<'_, '_, 'a> {
    fn finding(
        &self,
        rule: &str,
        relation: SetRelation,
        old: Option<&str>,
        new: Option<&str>,
        text: &str,
    ) -> Finding {
        let finding = self.pair.finding("", relation, old, new, text);
        Finding { rule: rule.to_owned().into(), ..finding }
    }

    /// `request-property`, or what stands for it.
    fn prefix(&self) -> &'static str {
        self.pair.context.within().prefix()
    }

    fn is_required(&self) -> (bool, bool) {
        (self.pair.a.required.contains_key(self.name), self.pair.b.required.contains_key(self.name))
    }

    fn required(&self, schemas: &mut Schemas<'a>, new: Option<&[Part<'a>]>) -> Option<Finding> {
        let (old, now) = (self.pair.a.required.get(self.name), self.pair.b.required.get(self.name));
        let at = (old.map(String::as_str), now.map(String::as_str));
        let (prefix, named) = (self.prefix(), &self.named);
        match (old, now) {
            (None, Some(_)) => {
                let text = if self.pair.context.is_request() {
                    format!("requires {named} now")
                } else {
                    format!("always has {named} now")
                };
                let default = self.pair.context.is_request()
                    && new.is_some_and(|new| schemas.has_default(new, self.pair.context));
                let named = default && self.pair.context.direction == Direction::Request;
                let what = if named { "became-required-with-default" } else { "became-required" };
                let finding = self.finding(
                    &format!("{prefix}-{what}"),
                    SetRelation::Narrower,
                    at.0,
                    at.1,
                    &text,
                );
                Some(if default { with_default(finding) } else { finding })
            }
            (Some(_), None) => {
                let text = if self.pair.context.is_request() {
                    format!("does not require {named} any more")
                } else {
                    format!("may be without {named} now")
                };
                Some(self.finding(
                    &format!("{prefix}-became-optional"),
                    SetRelation::Wider,
                    at.0,
                    at.1,
                    &text,
                ))
            }
            _ => None,
        }
    }

    /// A member that one side forbids, and the other one does not name.
    fn barred(&self, old: Option<&Property<'a>>, new: Option<&Property<'a>>) -> Option<Finding> {
        let (a, b) = (self.pair.a, self.pair.b);
        let at =
            |property: Option<&Property<'a>>| property.map(|property| property.pointer.clone());
        let (what, relation, text) = match (old.is_some(), new.is_some()) {
            (false, true) if !a.is_closed() => {
                ("became-forbidden", SetRelation::Narrower, "may not have {} any more")
            }
            (true, false) if !b.is_closed() => {
                ("became-allowed", SetRelation::Wider, "may have {} now")
            }
            _ => return None,
        };
        let (text, rule) = (text.replace("{}", &self.named), format!("{}-{what}", self.prefix()));
        Some(self.finding(&rule, relation, at(old).as_deref(), at(new).as_deref(), &text))
    }

    /// `closed` if no member may be there that is not named.
    fn removed(&self, old: &Property<'a>, closed: bool) -> Vec<Finding> {
        let (named, context) = (&self.named, self.pair.context);
        let text = format!("has no {named} any more");
        let at = Some(old.pointer.as_str());
        let rule = match (context.direction, self.is_required().0) {
            (Direction::Response, true) => "response-required-property-removed".to_owned(),
            (Direction::Response, false) => "response-optional-property-removed".to_owned(),
            _ => format!("{}-removed", self.prefix()),
        };
        let relation = match (closed, self.is_required().0 && !self.is_required().1) {
            (true, true) => SetRelation::Other,
            (true, false) => SetRelation::Narrower,
            // What else is there is compared apart.
            (false, false) if matches!(self.pair.b.additional, Additional::Only(_)) => {
                SetRelation::Same
            }
            (false, _) => SetRelation::Wider,
        };
        let finding = self.finding(&rule, relation, at, None, &text);
        let sure = if context.is_request() { closed } else { self.is_required().0 };
        vec![finding.wire(if sure { Verdict::Breaking } else { Verdict::PotentiallyBreaking })]
    }

    fn added(
        &self,
        schemas: &mut Schemas<'a>,
        new: &Property<'a>,
        was_closed: bool,
    ) -> Vec<Finding> {
        let (named, context) = (&self.named, self.pair.context);
        let required = self.is_required().1;
        let text = match (required, context.is_request()) {
            (true, true) => format!("requires {named}, which is new"),
            (true, false) => format!("always has {named}, which is new"),
            (false, _) => format!("may have {named}, which is new"),
        };
        let at = Some(new.pointer.as_str());
        let already = self.is_required().0;
        let default = required && schemas.has_default(&new.parts, context);
        let rule = match (context.direction, required) {
            (Direction::Response, true) => "response-required-property-added".to_owned(),
            (Direction::Response, false) => "response-optional-property-added".to_owned(),
            (_, true) if default => format!("new-required-{}-with-default", self.prefix()),
            (_, true) => format!("new-required-{}", self.prefix()),
            (_, false) => format!("new-optional-{}", self.prefix()),
        };
        let relation = match (was_closed, required && !already) {
            (true, true) => SetRelation::Other,
            (true, false) => SetRelation::Wider,
            (false, false) if matches!(self.pair.a.additional, Additional::Only(_)) => {
                SetRelation::Same
            }
            (false, _) => SetRelation::Narrower,
        };
        let finding = self.finding(&rule, relation, None, at, &text).wire(Verdict::Compatible);
        vec![match (context.is_request(), required && !already) {
            (true, true) if default => with_default(finding),
            (true, true) => finding.wire(Verdict::Breaking),
            (false, _) if was_closed => finding.wire(Verdict::PotentiallyBreaking),
            _ => finding,
        }]
    }

    /// A member that takes part in messages of this direction on one side alone.
    fn became_mute(&self, old: &Property<'a>, new: &Property<'a>) -> Vec<Finding> {
        let (named, context) = (&self.named, self.pair.context);
        let at = (Some(old.pointer.as_str()), Some(new.pointer.as_str()));
        let (was, is) = self.is_required();
        let mark = if context.direction == Direction::Request { "read-only" } else { "write-only" };
        let (not, text, relation) = if new.mute {
            ("", format!("has {named} as a {mark} member now"), SetRelation::Wider)
        } else {
            ("not-", format!("has {named}, which is not {mark} any more"), SetRelation::Narrower)
        };
        let finding = self.finding(
            &format!("{}-became-{not}{mark}", self.prefix()),
            relation,
            at.0,
            at.1,
            &text,
        );
        let wire = match (context.direction, new.mute) {
            (Direction::Response, true) if was => Verdict::Breaking,
            (Direction::Response, true) => Verdict::PotentiallyBreaking,
            (Direction::Request, false) if is => Verdict::Breaking,
            // That it was required and never sent was said of it at once.
            (Direction::Response, false) if is => Verdict::PotentiallyBreaking,
            _ => Verdict::Compatible,
        };
        let finding = finding.wire(wire);
        if context.direction == Direction::Request && new.mute {
            let note = "the service does not take what is sent of it any more";
            return vec![finding.run_time(Verdict::PotentiallyBreaking, note)];
        }
        vec![finding]
    }
}

/// What the client leaves out, the service fills in.
fn with_default(finding: Finding) -> Finding {
    let note = "the service takes the default where a client leaves it out";
    finding.wire(Verdict::Compatible).run_time(Verdict::PotentiallyBreaking, note)
}

/// Members without a name of their own.
fn additional<'a>(schemas: &mut Schemas<'a>, pair: &SchemaPair<'_, 'a>, found: &mut Found<'a>) {
    let inside = pair.context.within();
    let anything = |schemas: &mut Schemas<'a>, side: Side, parts: &[Part<'a>]| {
        schemas.parts_are_anything(side, parts, inside)
    };
    let finding = |what: &str, relation, old: Option<&str>, new: Option<&str>, text: &str| {
        pair.finding(&format!("additional-properties-{what}"), relation, old, new, text)
    };
    match (&pair.a.additional, &pair.b.additional) {
        (Additional::Anything, Additional::Anything)
        | (Additional::Nothing(_), Additional::Nothing(_)) => {}
        (Additional::Only(old), Additional::Only(new)) => {
            found.inner.push((old.clone(), new.clone(), inside));
        }
        (_, Additional::Nothing(at)) => {
            let text = "may not have members beside those that it names any more";
            found.findings.push(finding("closed", SetRelation::Narrower, None, Some(at), text));
        }
        (Additional::Nothing(at), _) => {
            let text = "may have members beside those that it names now";
            let opened = finding("opened", SetRelation::Wider, Some(at), None, text);
            // Whoever reads members by their names does not see others.
            let wire = opened.wire.min(Verdict::PotentiallyBreaking);
            found.findings.push(opened.wire(wire));
        }
        (Additional::Anything, Additional::Only(parts)) => {
            if !anything(schemas, Side::Revision, parts) {
                let at = parts.first().map(|part| part.at.pointer.as_str());
                let text = "limits the members beside those that it names now";
                found.findings.push(finding("limited", SetRelation::Narrower, None, at, text));
            }
        }
        (Additional::Only(parts), Additional::Anything) => {
            if !anything(schemas, Side::Base, parts) {
                let at = parts.first().map(|part| part.at.pointer.as_str());
                let text = "may have anything beside the members that it names now";
                found.findings.push(finding("unlimited", SetRelation::Wider, at, None, text));
            }
        }
    }
}
