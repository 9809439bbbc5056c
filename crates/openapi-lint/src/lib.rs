//! What a sound OpenAPI document must also be so that a client can be generated from it, and so that
//! the client loses no update.
//!
//! Each rule is a value that has its rationale, which `openapi/lint.md` is made of, and examples of what
//! breaks it and what does not, which are tested. What it finds can be waived beside the place, unless
//! nothing could be generated then.

mod fit;
pub mod grammar;
mod pattern;
pub mod rules;
pub mod walk;

use std::collections::BTreeSet;

use openapi_document::{Contract, Diagnostic, Rule, Severity};

/// Every finding with its own place, in the order of the file, those that are waived among them. What is an
/// error is no note as well.
///
/// `of_hooks` are the headers that the hooks of the client set. `others` were found by others, by the rules `known` beside those here. `waived` are rules that the whole contract
/// is excepted from, each with the reason: it may be somebody else's, and no place for waivers.
#[must_use]
pub fn lint<'a>(
    contract: &Contract,
    of_hooks: &[String],
    others: Vec<Diagnostic>,
    known: &[Rule],
    waived: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<Diagnostic> {
    let mut findings: Vec<_> = rules::CHECKS.iter().flat_map(|check| check(contract)).collect();
    findings.extend(rules::names::arguments(contract, of_hooks));
    findings.extend(others);
    // What is shared is found at every use.
    let mut seen = BTreeSet::new();
    findings.retain(|it| seen.insert((it.rule, it.within.clone(), it.message.clone())));
    rules::waivers::apply(contract, known, &mut findings);
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
