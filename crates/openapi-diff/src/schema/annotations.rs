//! What a schema says to its readers: nobody validates by it, and a default is what a service takes
//! for what is left out.

use crate::change::{Direction, Verdict};
use crate::finding::{Branch, Finding, SetRelation};
use crate::render;
use crate::schema::normalized::Facet;
use crate::schema::pair::{SchemaPair, pointer};
use crate::schema::types::Known;

impl SchemaPair<'_, '_> {
    /// Changes of annotations, which no validator checks.
    pub(crate) fn annotations(&self) -> Vec<Finding> {
        let (a, b) = (self.a, self.b);
        let mut findings = Vec::new();
        if a.deprecated != b.deprecated {
            let (what, text) = if b.deprecated {
                ("deprecated", "is deprecated now")
            } else {
                ("reactivated", "is not deprecated any more")
            };
            findings.push(self.finding(what, SetRelation::Same, None, None, text));
        } else if a.deprecated {
            let sunset = Finding::sunset(&self.name, a.sunset, b.sunset);
            let pointers = (Some(&*a.pointer), Some(&*b.pointer));
            findings.extend(sunset.map(|finding| Finding {
                relation: SetRelation::Same,
                ..finding.at(pointers.0, pointers.1)
            }));
        }
        let differ = |old: &Option<Facet<&str>>, new: &Option<Facet<&str>>| {
            let text =
                |facet: &Option<Facet<&str>>| facet.as_ref().map_or("", |f| f.value).to_owned();
            !render::same_text(&text(old), &text(new))
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
                let finding =
                    self.finding("", SetRelation::Same, old.as_deref(), new.as_deref(), &text);
                findings.push(Finding {
                    rule: rule.into(),
                    direction: Direction::Neither,
                    ..finding
                });
            }
        }
        findings.extend(self.default());
        findings.extend(self.known());
        findings
    }

    /// What came to a list of known values, or went, that allows others.
    fn known(&self) -> Vec<Finding> {
        let (Some(a), Some(b)) = (&self.a.known, &self.b.known) else { return Vec::new() };
        let at = (Some(a.pointer.as_str()), Some(b.pointer.as_str()));
        let finding =
            |what: &str, text: String| self.finding(what, SetRelation::Same, at.0, at.1, &text);
        let (before, after) = (Known::of(&a.value), Known::of(&b.value));
        let gone = a.value.iter().filter(|value| !after.has(value)).map(|value| {
            let value = render::value(value);
            let text = format!("does not list {value} among its known values any more");
            let finding = finding("x-extensible-enum-value-removed", text);
            let sent = self.context.is_request();
            if sent { finding.wire(Verdict::PotentiallyBreaking) } else { finding }
        });
        let come = b.value.iter().filter(|value| !before.has(value)).map(|value| {
            let text = format!("lists {} among its known values now", render::value(value));
            finding("x-extensible-enum-value-added", text)
        });
        gone.chain(come).collect()
    }

    fn default(&self) -> Option<Finding> {
        if self.context.branch == Branch::Defaulted {
            return None;
        }
        let (a, b) = (&self.a.default, &self.b.default);
        let (what, text) = match (a, b) {
            (Some(a), Some(b)) if self.is_same(a.value, b.value) => return None,
            (Some(a), Some(b)) => (
                "default-value-changed",
                format!(
                    "has the default {}, not {}",
                    render::value(b.value),
                    render::value(a.value)
                ),
            ),
            (Some(a), None) => (
                "default-value-removed",
                format!("has no default any more, which was {}", render::value(a.value)),
            ),
            (None, Some(b)) => {
                ("default-value-added", format!("has the default {} now", render::value(b.value)))
            }
            (None, None) => return None,
        };
        let (old, new) = (pointer(a.as_ref()), pointer(b.as_ref()));
        let finding = self.finding(what, SetRelation::Same, old, new, &text);
        // Whoever leaves a parameter out means its default, and not that of an alternative.
        let finding = match (self.context.prefix(), a, b) {
            _ if self.context.is_branch() || !self.context.is_request() => finding,
            ("request-parameter", Some(_), Some(_)) => finding.wire(Verdict::Breaking),
            ("request-parameter", ..) => finding.wire(Verdict::PotentiallyBreaking),
            _ => finding,
        };
        let left_out = "a request that leaves it out may mean something else than before";
        Some(if self.context.is_request() && finding.wire == Verdict::Compatible {
            finding.run_time(Verdict::PotentiallyBreaking, left_out)
        } else {
            finding
        })
    }
}
