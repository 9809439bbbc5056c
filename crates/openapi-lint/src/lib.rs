//! What a sound OpenAPI document must also be so that a client can be generated from it, and so that
//! the client loses no update.
//!
//! Each rule is a value, of a profile: it is for any contract, for one that a client is generated from, or for one that is
//! written here. It has its rationale, which `openapi/lint.md` is made of, and examples of what
//! breaks it and what does not, which are tested. What it finds can be waived beside the place, unless
//! nothing could be generated then.

mod fit;
pub mod grammar;
mod pattern;
pub mod rules;
pub mod walk;

use std::collections::BTreeSet;

use openapi_document::{Contract, Diagnostic, Profile, Rule, Severity};

/// Every finding with its own place, in the order of the file, those that are waived among them. What is an
/// error is no note as well.
///
/// `of_hooks` are the headers that the hooks of the client set. `others` were found by others, by the rules `known` beside those here. `waived` are rules that the whole contract
/// is excepted from, each with the reason: it may be somebody else's, and no place for waivers.
#[must_use]
pub fn lint<'a>(
    contract: &Contract,
    profile: Profile,
    of_hooks: &[String],
    others: Vec<Diagnostic>,
    known: &[Rule],
    waived: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<Diagnostic> {
    let checks = rules::CHECKS.iter().filter(|(first, _)| *first <= profile);
    let mut findings: Vec<_> = checks.flat_map(|(_, check)| check(contract)).collect();
    if profile >= Profile::Generator {
        findings.extend(rules::names::arguments(contract, of_hooks));
    }
    findings.extend(others);
    of_profile(profile, &mut findings);
    // What is shared is found at every use.
    let mut seen = BTreeSet::new();
    findings.retain(|it| seen.insert((it.rule, it.within.clone(), it.message.clone())));
    rules::waivers::apply(contract, known, &mut findings);
    of_profile(profile, &mut findings);
    for (rule, reason) in waived {
        // What is said at the place itself is closer to the point.
        for finding in findings.iter_mut().filter(|it| it.rule == rule && it.waived.is_none()) {
            finding.waived = Some(reason.to_owned());
        }
    }
    findings.sort_by(|a, b| (&a.path, a.place).cmp(&(&b.path, b.place)));
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    let errors: BTreeSet<_> = errors.map(|finding| finding.within.clone()).collect();
    findings.retain(|finding| !finding.is_note() || !errors.contains(&finding.within));
    findings
}

/// Leaves the findings of a profile, and weighs them as it does.
pub fn of_profile(profile: Profile, findings: &mut Vec<Diagnostic>) {
    findings.retain(|it| it.profile <= profile);
    if profile == Profile::House {
        for finding in findings.iter_mut().filter(|it| it.severity == Severity::Warning) {
            finding.severity = Severity::Error;
        }
    }
}
