//! What counts as breaking, where that is not what the rules say.

use std::collections::{BTreeMap, HashSet};

use openapi_document::{Cursor, Document};
use serde::Deserialize;
use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime};

use crate::change::{Change, Direction, Verdict};

/// What a change counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judgement {
    /// It breaks.
    Breaking,
    /// It may break.
    PotentiallyBreaking,
    /// It breaks nobody.
    Compatible,
    /// It is not reported.
    Off,
}

/// The change is not reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Off;

impl Judgement {
    fn verdict(self) -> Result<Verdict, Off> {
        match self {
            Self::Breaking => Ok(Verdict::Breaking),
            Self::PotentiallyBreaking => Ok(Verdict::PotentiallyBreaking),
            Self::Compatible => Ok(Verdict::Compatible),
            Self::Off => Err(Off),
        }
    }
}

/// What counts as breaking. The default is what the rules say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// What the changes that a rule finds count as; this goes before the other settings.
    pub rules: BTreeMap<String, Judgement>,
    /// What a new value of an enum counts as in what the service sends: a response, or the request of a webhook or
    /// a callback.
    pub response_enum_values: Option<Judgement>,
    /// What the removal of an operation, a webhook, a parameter, a header, a media type or a member counts as
    /// that was deprecated in the base. Before the date of its `x-sunset` it breaks.
    pub removal_after_deprecation: Option<Judgement>,
    /// How many days there must be between a deprecation and its `x-sunset`. Without such a date, or with an
    /// earlier one, the deprecation breaks; so does an earlier date later, or none.
    pub sunset_days: Option<u32>,
}

/// Rules about something that is gone, and may have been deprecated. What the others find to be gone is no
/// value that can be deprecated.
pub(crate) const REMOVALS: [&str; 17] = [
    "api-callback-removed",
    "api-path-removed-with-deprecation",
    "api-path-removed-without-deprecation",
    "api-removed-with-deprecation",
    "api-removed-without-deprecation",
    "optional-response-header-removed",
    "request-body-media-type-removed",
    "request-parameter-media-type-removed",
    "request-parameter-property-removed",
    "request-parameter-removed",
    "request-property-removed",
    "required-response-header-removed",
    "response-header-media-type-removed",
    "response-media-type-removed",
    "response-optional-property-removed",
    "response-required-property-removed",
    "webhook-removed",
];

impl Policy {
    /// Gives a change the verdicts of the policy as of a day, and says why, if they are others than those of
    /// its rule.
    ///
    /// # Errors
    /// The change is not to be reported.
    pub fn judge(
        &self,
        change: &mut Change,
        base: &Document,
        revision: &Document,
        today: Date,
    ) -> Result<Option<String>, Off> {
        let Some((judgement, why)) = self.setting(change, base, revision, today) else {
            return Ok(None);
        };
        let verdict = judgement.verdict()?;
        if (change.wire, change.run_time) == (verdict, verdict) {
            return Ok(None);
        }
        let said = format!("{verdict}, not {}: {why}", change.wire);
        (change.wire, change.run_time, change.run_time_note) = (verdict, verdict, None);
        Ok(Some(said))
    }

    /// What the policy says of a change, and where it says that.
    fn setting(
        &self,
        change: &Change,
        base: &Document,
        revision: &Document,
        today: Date,
    ) -> Option<(Judgement, String)> {
        let rule = &*change.rule;
        if let Some(judgement) = self.rules.get(rule) {
            return Some((*judgement, format!("`{rule}` in `[rules]`")));
        }
        if change.read_as() == Direction::Response
            && rule.ends_with("-enum-value-added")
            && !rule.contains("x-extensible")
        {
            return Some((self.response_enum_values?, "`response-enum-values`".to_owned()));
        }
        if REMOVALS.contains(&rule) {
            return self.removal(&base.at(&change.base.as_ref()?.within)?, base, today);
        }
        let at = revision.at(&change.revision.as_ref()?.within)?;
        if rule.ends_with("-deprecated") {
            let why = late(sunset(revision, &at), today, self.sunset_days?)?;
            return Some((Judgement::Breaking, why));
        }
        if rule == "sunset-changed" {
            let old = base.at(&change.base.as_ref()?.within)?;
            let (old, new) = (sunset(base, &old), sunset(revision, &at));
            // What is put off asks for nothing.
            if matches!((&old, &new), (Sunset::On(old), Sunset::On(new)) if new >= old) {
                return None;
            }
            return Some((Judgement::Breaking, late(new, today, self.sunset_days?)?));
        }
        None
    }

    fn removal(
        &self,
        at: &Cursor<'_>,
        base: &Document,
        today: Date,
    ) -> Option<(Judgement, String)> {
        let allowed = self.removal_after_deprecation?;
        let deprecated = sites(base, at).iter().any(|site| site.flag("deprecated"));
        if !deprecated {
            return None;
        }
        Some(match sunset(base, at) {
            Sunset::None => (allowed, "it was deprecated".to_owned()),
            Sunset::On(date) if date <= today => {
                (allowed, format!("it was deprecated, and its sunset was on {date}"))
            }
            Sunset::On(date) => {
                (Judgement::Breaking, format!("it was promised until its sunset, {date}"))
            }
            Sunset::Malformed(text) => {
                (Judgement::Breaking, format!("its `x-sunset` is no date of RFC 3339: {text}"))
            }
        })
    }
}

/// When something goes.
#[derive(Debug, PartialEq, Eq)]
enum Sunset {
    None,
    On(Date),
    Malformed(String),
}

/// Why a sunset is not `days` away.
fn late(sunset: Sunset, today: Date, days: u32) -> Option<String> {
    match sunset {
        Sunset::None => {
            Some(format!("`sunset-days` asks for an `x-sunset` in {days} days or more"))
        }
        Sunset::Malformed(text) => Some(format!("its `x-sunset` is no date of RFC 3339: {text}")),
        Sunset::On(date) => {
            let left = (date - today).whole_days();
            let late = left < i64::from(days);
            late.then(|| {
                format!("its sunset, {date}, is {left} days away, not {days} (`sunset-days`)")
            })
        }
    }
}

/// Where it may say that it is deprecated: there, in its schema, where a reference leads, and in what all must
/// hold (`allOf`).
fn sites<'a>(document: &'a Document, at: &Cursor<'a>) -> Vec<Cursor<'a>> {
    let mut sites = Vec::new();
    let mut seen = HashSet::new();
    let mut todo = vec![at.clone()];
    while let Some(at) = todo.pop() {
        if !seen.insert(at.pointer.clone()) {
            continue;
        }
        todo.extend(at.elements("allOf"));
        todo.extend(at.get("schema"));
        todo.push(document.follow(at.clone()));
        sites.push(at);
    }
    sites
}

fn sunset(document: &Document, at: &Cursor<'_>) -> Sunset {
    let sites = sites(document, at);
    let Some(said) = sites.iter().find_map(|site| site.value.get("x-sunset")) else {
        return Sunset::None;
    };
    match said.as_str().and_then(date) {
        Some(date) => Sunset::On(date),
        None => Sunset::Malformed(said.to_string()),
    }
}

/// A date, or the date of a date and a time, as RFC 3339 writes them.
#[must_use]
pub fn date(text: &str) -> Option<Date> {
    let read = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok().map(OffsetDateTime::date);
    read(text).or_else(|| read(&format!("{text}T00:00:00Z")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_the_policy_are_there() {
        let ids: Vec<_> = crate::rules().map(|rule| rule.id).collect();
        for rule in REMOVALS.into_iter().chain(["sunset-changed", "endpoint-deprecated"]) {
            assert!(ids.iter().any(|id| id == rule), "{rule}");
        }
    }

    #[test]
    fn a_date_is_one_of_rfc_3339() {
        let day = date("2026-12-31").expect("a date");
        assert_eq!(day.to_string(), "2026-12-31");
        assert_eq!(date("2026-12-31T23:59:59+01:00"), Some(day));
        for text in ["", "2026-13-01", "2026-02-30", "31.12.2026", "2026-12-31T", "tomorrow"] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
