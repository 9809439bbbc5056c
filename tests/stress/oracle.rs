//! Holds what writers were told to what the service logged. A commit changes what its operation was to
//! change and nothing else; what was acknowledged was committed once; what was reported as not applied
//! was not committed.

use std::collections::HashMap;
use std::fmt;

use serde_json::Value;

use crate::stress::operation::{Member, Outcome, Told};
use crate::stress::service::History;

/// What must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wrong {
    /// A commit took back what another operation had made, or an acknowledged mark was never committed.
    Lost,
    /// A mark was made more than once.
    Twice,
    /// An error said that nothing was applied, and it was.
    FalseNotApplied,
    /// The profile that came with an acknowledgement lacks what was acknowledged.
    Misread,
}

/// One violation, and all that was sent for the operation.
#[derive(Clone, Debug)]
pub struct Violation {
    /// What is wrong.
    pub wrong: Wrong,
    /// What happened.
    pub what: String,
    /// The requests of the operation.
    pub exchanges: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.wrong, self.what)?;
        self.exchanges.iter().try_for_each(|exchange| write!(f, "\n    {exchange}"))
    }
}

/// Finds what is wrong with the history of one profile; `told` are the operations on it.
#[must_use]
pub fn judge(told: &[Told], history: &History) -> Vec<Violation> {
    let operations: HashMap<&str, &Told> =
        told.iter().map(|told| (told.id.as_str(), told)).collect();
    let mut made: HashMap<&str, usize> = HashMap::new();
    let mut wrongs: Vec<(Wrong, &str, String)> = Vec::new();
    for commit in &history.commits {
        let Some(operation) = operations.get(commit.by.as_str()) else {
            wrongs.push((Wrong::Lost, &commit.by, "a commit of nobody".into()));
            continue;
        };
        let mark = &operation.edit.mark;
        for member in taken_back(operation, &commit.before, &commit.sent) {
            wrongs.push((Wrong::Lost, &commit.by, format!("{mark} took back {member}")));
        }
        let more = match operation.edit.member {
            Member::CompanyName => {
                times(&commit.sent, mark).saturating_sub(times(&commit.before, mark))
            }
            Member::LastName => 1,
        };
        *made.entry(&commit.by).or_default() += more;
    }
    for operation in told {
        let (id, mark) = (operation.id.as_str(), &operation.edit.mark);
        let made = made.get(id).copied().unwrap_or_default();
        let mut wrong = |wrong, what: String| wrongs.push((wrong, id, format!("{mark} {what}")));
        if made > 1 && !operation.may_repeat() {
            wrong(Wrong::Twice, format!("was made {made} times, {}", operation.outcome));
        }
        match &operation.outcome {
            Outcome::Acknowledged { company_name, .. } => {
                let adds = operation.edit.member == Member::CompanyName;
                if made == 0 {
                    wrong(Wrong::Lost, "was acknowledged and never committed".into());
                } else if adds && times(&history.end, mark) == 0 {
                    wrong(Wrong::Lost, "was acknowledged and is not there in the end".into());
                }
                if adds && !company_name.split(' ').any(|there| there == mark) {
                    wrong(Wrong::Misread, format!("was acknowledged with {company_name:?}"));
                }
            }
            Outcome::Failed { maybe: false, error } if made > 0 => {
                wrong(Wrong::FalseNotApplied, format!("was made {made} times, and: {error}"));
            }
            Outcome::Failed { .. } => {}
        }
    }
    let violation = |(wrong, id, what): (Wrong, &str, String)| Violation {
        wrong,
        what,
        exchanges: (history.exchanges.iter().filter(|exchange| exchange.by == id))
            .map(|exchange| exchange.what.clone())
            .collect(),
    };
    wrongs.into_iter().map(violation).collect()
}

/// The members and marks that an operation had no business with, and changed.
fn taken_back(operation: &Told, before: &Value, sent: &Value) -> Vec<String> {
    let (Some(old), Some(new)) = (before.as_object(), sent.as_object()) else {
        return vec!["everything".into()];
    };
    let edit = &operation.edit;
    let own = |name: &str| match name {
        "attributes" => true,
        "companyName" => edit.member == Member::CompanyName,
        "lastName" => edit.member == Member::LastName,
        "culture" => edit.untidy,
        _ => false,
    };
    // A member that is `null` is as good as absent.
    let value =
        |of: &serde_json::Map<String, Value>, name: &str| of.get(name).cloned().unwrap_or_default();
    let mut names: Vec<_> =
        old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))).collect();
    names.retain(|name| !own(name) && value(old, name) != value(new, name));
    let mut members: Vec<String> = names.into_iter().cloned().collect();
    if edit.member == Member::CompanyName {
        let lost = marks(before).filter(|mark| times(sent, mark) == 0);
        members.extend(lost.map(|mark| format!("the mark {mark}")));
    }
    members
}

fn marks(document: &Value) -> impl Iterator<Item = &str> {
    document["companyName"].as_str().unwrap_or_default().split(' ').filter(|mark| !mark.is_empty())
}

fn times(document: &Value, mark: &str) -> usize {
    marks(document).filter(|there| *there == mark).count()
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Acknowledged { recovered: false, .. } => f.write_str("reported as done"),
            Self::Acknowledged { recovered: true, .. } => f.write_str("reported as recovered"),
            Self::Failed { maybe: true, error } => write!(f, "reported as uncertain: {error}"),
            Self::Failed { maybe: false, error } => write!(f, "reported as not applied: {error}"),
        }
    }
}

/// A history that is made wrong on purpose, so that one sees that it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// A later commit takes back an acknowledged mark.
    Lost,
    /// A mark is committed once more.
    Twice,
    /// An operation that was done is reported as not applied.
    NotApplied,
}

impl Break {
    /// Every kind, with its name on the command line.
    pub const ALL: [(&str, Self); 3] =
        [("lost", Self::Lost), ("twice", Self::Twice), ("not-applied", Self::NotApplied)];

    /// Makes it wrong. False if there is nothing in it to do that with.
    pub(crate) fn apply(self, told: &mut [Told], history: &mut History) -> bool {
        let acknowledged = |told: &&mut Told| {
            told.edit.member == Member::CompanyName
                && matches!(told.outcome, Outcome::Acknowledged { .. })
        };
        let Some(operation) = told.iter_mut().find(acknowledged) else {
            return false;
        };
        let mark = format!(" {}", operation.edit.mark);
        let without = |document: &mut Value| {
            let there = document["companyName"].as_str().unwrap_or_default();
            document["companyName"] = there.replacen(&mark, "", 1).into();
        };
        match self {
            Self::Lost => {
                let Some(last) = history.commits.last_mut() else { return false };
                if last.by == operation.id {
                    return false;
                }
                without(&mut last.sent);
                without(&mut last.after);
                without(&mut history.end);
            }
            Self::Twice => {
                let made = history.commits.iter().find(|commit| commit.by == operation.id).cloned();
                history.commits.extend(made);
            }
            Self::NotApplied => {
                let error = "a false report".to_owned();
                operation.outcome = Outcome::Failed { maybe: false, error };
            }
        }
        true
    }
}
