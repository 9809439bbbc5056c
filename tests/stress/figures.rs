//! What a run counted. Figures of parts add up to those of the whole.

use std::fmt;
use std::ops::AddAssign;
use std::time::Duration;

use crate::stress::operation::{Outcome, Told};
use crate::stress::oracle::{Violation, Wrong};
use crate::stress::service::History;

/// How many violations are kept to be shown.
const SHOWN: usize = 3;

/// The figures of a scenario, or of several.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// How many operations were made.
    pub operations: u64,
    /// How many requests the service had.
    pub requests: u64,
    /// How many PUTs it accepted.
    pub commits: u64,
    /// How many it refused because of the version.
    pub conflicts: u64,
    /// How many operations were reported as done.
    pub acknowledged: u64,
    /// How many of those were found out by reading.
    pub recovered: u64,
    /// How many failed, and may have been applied.
    pub uncertain: u64,
    /// How many failed, and were not applied.
    pub failed: u64,
    /// How many marks were lost.
    pub lost: u64,
    /// How many marks were made more than once.
    pub twice: u64,
    /// How many failed as not applied, and were.
    pub false_not_applied: u64,
    /// How many were acknowledged with a profile that lacks them.
    pub misread: u64,
    /// How long it took.
    pub time: Duration,
    /// Some of the violations.
    pub violations: Vec<Violation>,
}

impl Figures {
    pub(crate) fn count(&mut self, told: &[Told], history: &History, violations: Vec<Violation>) {
        self.operations += told.len() as u64;
        self.commits += history.commits.len() as u64;
        self.conflicts += history.refused;
        for told in told {
            match told.outcome {
                Outcome::Acknowledged { recovered, .. } => {
                    self.acknowledged += 1;
                    self.recovered += u64::from(recovered);
                }
                Outcome::Failed { maybe: true, .. } => self.uncertain += 1,
                Outcome::Failed { maybe: false, .. } => self.failed += 1,
            }
        }
        for violation in violations {
            *match violation.wrong {
                Wrong::Lost => &mut self.lost,
                Wrong::Twice => &mut self.twice,
                Wrong::FalseNotApplied => &mut self.false_not_applied,
                Wrong::Misread => &mut self.misread,
            } += 1;
            self.keep(violation);
        }
    }

    /// Keeps a violation to be shown, unless there are enough of its kind.
    fn keep(&mut self, violation: Violation) {
        if self.violations.iter().filter(|kept| kept.wrong == violation.wrong).count() < SHOWN {
            self.violations.push(violation);
        }
    }

    /// How many violations there are.
    #[must_use]
    pub fn wrong(&self) -> u64 {
        self.lost + self.twice + self.false_not_applied + self.misread
    }

    /// The names of what a line of figures shows.
    #[must_use]
    pub fn heading() -> String {
        let names = [
            "operations",
            "requests",
            "commits",
            "conflicts",
            "ack",
            "recovered",
            "uncertain",
            "failed",
            "LOST",
            "TWICE",
            "FALSE-NOT",
            "MISREAD",
        ];
        names.map(|name| format!("{name:>10}")).concat()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figures = [
            self.operations,
            self.requests,
            self.commits,
            self.conflicts,
            self.acknowledged,
            self.recovered,
            self.uncertain,
            self.failed,
            self.lost,
            self.twice,
            self.false_not_applied,
            self.misread,
        ];
        figures.iter().try_for_each(|figure| write!(f, "{figure:>10}"))
    }
}

impl AddAssign for Figures {
    fn add_assign(&mut self, other: Self) {
        self.operations += other.operations;
        self.requests += other.requests;
        self.commits += other.commits;
        self.conflicts += other.conflicts;
        self.acknowledged += other.acknowledged;
        self.recovered += other.recovered;
        self.uncertain += other.uncertain;
        self.failed += other.failed;
        self.lost += other.lost;
        self.twice += other.twice;
        self.false_not_applied += other.false_not_applied;
        self.misread += other.misread;
        self.time += other.time;
        for violation in other.violations {
            self.keep(violation);
        }
    }
}
