//! The versions that a change asks for.

use std::fmt;

use openapi_diff::Verdict;
use openapi_document::Document;
use semver::Version;
use serde::Serialize;
use serde_json::Value;

use super::{Aspect, Code, Row};
use rust_api_diff::Semver;

/// The part of a version that is raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bump {
    /// It stays as it is.
    None,
    /// Nothing that anyone could rely on changed.
    Patch,
    /// There is more than before.
    Minor,
    /// Someone has to change something.
    Major,
}

impl fmt::Display for Bump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        })
    }
}

impl Bump {
    /// The version after `version`. Before 1.0.0 the second number is the one that breaks (Cargo's
    /// reference, SemVer compatibility).
    #[must_use]
    pub fn next(self, version: &Version) -> Version {
        let Version { major, minor, patch, .. } = *version;
        match (self, major) {
            (Self::None, _) => version.clone(),
            (Self::Major, 0) => Version::new(0, minor + 1, 0),
            (Self::Major, _) => Version::new(major + 1, 0, 0),
            (Self::Minor, 1..) => Version::new(major, minor + 1, 0),
            (Self::Minor | Self::Patch, _) => Version::new(major, minor, patch + 1),
        }
    }
}

/// What to raise, and to what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Advice {
    /// For `info.version` of the contract.
    pub contract: Bump,
    /// The version that gives, if the one of the base is a semantic version.
    pub contract_version: Option<Version>,
    /// For the generated crate; `None` if it was not compared, or not all that the base has.
    pub generated_crate: Option<Bump>,
}

impl Advice {
    pub(super) fn new(base: &Document, rows: &[Row], code: &Code) -> Self {
        let contract = rows
            .iter()
            .filter(|row| row.change.is_some())
            .map(of_contract)
            .max()
            .unwrap_or(Bump::None);
        let version = base.json.pointer("/info/version").and_then(Value::as_str);
        let version = version.and_then(|text| Version::parse(text).ok());
        let generated_crate = match code {
            Code::NotCompared { .. } => None,
            Code::Compared { left_out, .. } if left_out.iter().any(|it| it.new) => None,
            Code::Compared { items, .. } => {
                let least = if items.is_empty() { Bump::None } else { Bump::Patch };
                let all = rows.iter().flat_map(|row| &row.rust).map(|item| match item.semver {
                    Semver::Major => Bump::Major,
                    Semver::Minor => Bump::Minor,
                    Semver::Patch => Bump::Patch,
                });
                Some(all.max().unwrap_or(least).max(least))
            }
        };
        Self {
            contract,
            contract_version: version.map(|version| contract.next(&version)),
            generated_crate,
        }
    }
}

fn of_contract(row: &Row) -> Bump {
    let (wire, run_time) = (row.verdict(Aspect::Wire), row.verdict(Aspect::RunTime));
    if wire > Verdict::Compatible || run_time == Verdict::Breaking {
        Bump::Major
    } else if row.rule() == "api-version-changed" {
        Bump::None
    } else if row.is_words() {
        Bump::Patch
    } else {
        Bump::Minor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_one_the_second_number_breaks() {
        let next =
            |bump: Bump, version| bump.next(&Version::parse(version).expect(version)).to_string();
        assert_eq!(next(Bump::Major, "1.2.3"), "2.0.0");
        assert_eq!(next(Bump::Minor, "1.2.3"), "1.3.0");
        assert_eq!(next(Bump::Patch, "1.2.3"), "1.2.4");
        assert_eq!(next(Bump::Major, "0.2.3"), "0.3.0");
        assert_eq!(next(Bump::Minor, "0.2.3"), "0.2.4");
        assert_eq!(next(Bump::None, "0.2.3"), "0.2.3");
    }
}
