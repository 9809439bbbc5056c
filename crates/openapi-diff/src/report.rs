//! A comparison as people and programs read it: its changes as a policy has them, with what is on record.

pub mod annotation;
mod json;
pub mod markdown;
mod sarif;
pub mod text;
pub mod words;

use std::collections::{BTreeSet, HashMap};

use openapi_document::Document;
use time::Date;

use crate::accepted::Accepted;
use crate::change::{Change, Location, Verdict};
use crate::config::Config;

/// One change of the contract.
#[derive(Debug)]
pub struct Row {
    /// What changed, with the verdicts of the policy.
    pub change: Change,
    /// Why the verdicts are not those of the rule.
    pub policy: Option<String>,
    /// What stands there in the base, if that is short.
    pub before: Option<String>,
    /// What stands there in the revision, if that is short.
    pub after: Option<String>,
    /// Where to show it in the revision: there, or at what the gone was in.
    pub shown: Location,
    /// Why it is accepted, if it is on record.
    pub accepted: Option<String>,
}

impl Row {
    /// Whether it changes no message and no behaviour: a text, a version.
    #[must_use]
    pub fn is_words(&self) -> bool {
        self.change.worst() == Verdict::Compatible && self.change.is_about_words()
    }
}

/// A comparison of two contracts.
#[derive(Debug)]
pub struct Report {
    /// What the base is called.
    pub base: String,
    /// What the revision is called.
    pub revision: String,
    /// How many operations there are, on either side.
    pub operations: usize,
    /// Every change, the worst first.
    pub rows: Vec<Row>,
    /// Acceptances that no change needs any more.
    pub stale: Vec<Accepted>,
    /// Where acceptances are on record.
    pub record: String,
    /// From which verdict on a change is listed, the worse of its verdicts; what it all comes to is said of every
    /// change.
    pub level: Verdict,
}

impl Report {
    /// Compares two documents, and judges the changes by the policy of `config` as of a day.
    #[must_use]
    pub fn new(base: &Document, revision: &Document, config: &Config, today: Date) -> Self {
        let mut rows = Vec::new();
        for mut change in crate::diff(base, revision) {
            let policy = match config.policy.judge(&mut change, base, revision, today) {
                Ok(policy) => policy,
                Err(crate::policy::Off) => continue,
            };
            rows.push(Row {
                before: excerpt(base, change.base.as_ref()),
                after: excerpt(revision, change.revision.as_ref()),
                shown: shown(revision, &change),
                accepted: None,
                policy,
                change,
            });
        }
        let stale = accept(&mut rows, &config.accepted);
        rows.sort_by_key(|row| (std::cmp::Reverse(row.change.worst()), row.is_words()));
        let all = [base, revision].into_iter().flat_map(Document::operations);
        let all = all.map(|operation| (operation.path, operation.method));
        Self {
            base: base.source.path.clone(),
            revision: revision.source.path.clone(),
            operations: all.collect::<BTreeSet<_>>().len(),
            rows,
            stale,
            record: config.name.clone(),
            level: Verdict::Compatible,
        }
    }

    /// The changes that nobody accepted.
    pub fn open(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.accepted.is_none())
    }

    /// The changes that are bad enough to be listed.
    fn listed(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.change.worst() >= self.level)
    }

    /// How many are not listed, in words: `4 changes below breaking`.
    fn unlisted(&self) -> Option<String> {
        let count = self.rows.len() - self.listed().count();
        (count > 0).then(|| format!("{} below {}", words::plural(count, "change"), self.level))
    }

    /// How many changes have each verdict, accepted or not.
    fn counts(&self, of: impl Fn(&Change) -> Verdict) -> [usize; 3] {
        [Verdict::Breaking, Verdict::PotentiallyBreaking, Verdict::Compatible]
            .map(|verdict| self.rows.iter().filter(|row| of(&row.change) == verdict).count())
    }

    /// For a terminal, with the ANSI escapes of its colours.
    #[must_use]
    pub fn text(&self) -> String {
        text::render(self)
    }

    /// For a pull request.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::render(self)
    }

    /// For programs: one object, as `report.schema.json` describes it.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        json::render(self)
    }

    /// For the annotations of GitHub's workflows; `path` is the path of a file from the root of the
    /// repository.
    #[must_use]
    pub fn annotations(&self, path: impl Fn(&str) -> String) -> String {
        annotation::render(self, path)
    }

    /// For tools that collect results: SARIF 2.1.0; `path` is the path of a file from the root of the
    /// repository.
    #[must_use]
    pub fn sarif(&self, path: impl Fn(&str) -> String) -> serde_json::Value {
        sarif::render(self, path)
    }
}

/// Marks the changes that are on record, and returns the records that stand for none.
fn accept(rows: &mut [Row], records: &[Accepted]) -> Vec<Accepted> {
    let mut places: HashMap<(String, String), Vec<usize>> = HashMap::new();
    for (index, Row { change, .. }) in rows.iter().enumerate() {
        let place = (change.rule.to_string(), change.pointer().to_owned());
        places.entry(place).or_default().push(index);
    }
    let mut stale = Vec::new();
    for record in records {
        let mut used = false;
        let place = (record.rule.clone(), record.place.clone());
        for index in places.get(&place).into_iter().flatten() {
            let Row { change, accepted, .. } = &mut rows[*index];
            if record.fits(&change.rule, change.pointer(), &change.message) {
                *accepted = Some(record.reason.clone());
                used = true;
            }
        }
        if !used {
            stale.push(record.clone());
        }
    }
    stale
}

/// What stands at `location`, if it fits in a line.
#[must_use]
pub fn excerpt(document: &Document, location: Option<&Location>) -> Option<String> {
    let text = document.json.pointer(&location?.within)?.to_string();
    (text.len() <= 120).then_some(text)
}

/// Where a change is in the revision, or the nearest that is left of where it was.
fn shown(revision: &Document, change: &Change) -> Location {
    if let Some(location) = &change.revision {
        return location.clone();
    }
    let gone = change.base.as_ref().map_or("", |location| &location.within);
    // What is left is what has a place of its own.
    let left = std::iter::successors(Some(gone), |at| at.rfind('/').map(|end| &at[..end]));
    let left = left.into_iter().find(|at| revision.json.pointer(at).is_some()).unwrap_or("");
    crate::recorder::location(revision, left)
}
