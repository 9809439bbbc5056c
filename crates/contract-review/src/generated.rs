//! What can be said of one contract: by the lint and the generator, which know nothing of each other.

use openapi_codegen::{client, quietly};
use openapi_document::{Contract, Diagnostic, Document, Pointer};
use openapi_lint::grammar;

/// Every finding of the lint, and of the generator as far as it can tell without generating anything.
#[must_use]
pub fn lint(contract: &Contract) -> Vec<Diagnostic> {
    let others = openapi_codegen::check(contract);
    openapi_lint::lint(contract, others, openapi_codegen::rules::RULES)
}

/// Generates the client for `contract`.
///
/// # Errors
/// What the lint refuses, or what progenitor cannot take.
pub fn generate(contract: &Contract) -> Result<String, Vec<Diagnostic>> {
    let errors: Vec<_> = lint(contract).into_iter().filter(Diagnostic::is_error).collect();
    if errors.is_empty() { client(contract) } else { Err(errors) }
}

/// A contract and the client that is generated from it, as far as a document gives them.
#[derive(Debug)]
pub struct Generated {
    /// The contract, or all that is structurally wrong with it.
    pub contract: Result<Contract, Vec<Diagnostic>>,
    /// The client, whatever the lint says of the contract, or what keeps it from being generated.
    pub client: Result<String, Vec<Diagnostic>>,
}

impl Generated {
    /// Generates what can be generated.
    #[must_use]
    pub fn of(document: &Document) -> Self {
        let contract = grammar::contract(document);
        let client = match &contract {
            Ok(contract) => client(contract),
            Err(findings) => Err(findings.clone()),
        };
        Self { contract, client }
    }

    /// Everything that can be said of the contract, as of [`findings`].
    #[must_use]
    pub fn findings(&self) -> Vec<Diagnostic> {
        let failed = || self.client.as_ref().err().cloned();
        self.contract.as_ref().map_or_else(Vec::clone, |contract| all_findings(contract, failed))
    }
}

/// Everything that can be said of `contract`: what the lint finds, and if that is no error, what
/// progenitor cannot take all the same.
#[must_use]
pub fn findings(contract: &Contract) -> Vec<Diagnostic> {
    all_findings(contract, || client(contract).err())
}

fn all_findings(
    contract: &Contract,
    failed: impl FnOnce() -> Option<Vec<Diagnostic>>,
) -> Vec<Diagnostic> {
    let mut findings = lint(contract);
    if !findings.iter().any(Diagnostic::is_error) {
        findings.extend(failed().into_iter().flatten());
    }
    findings
}

/// Everything that can be said of `document`, and whether it is sound: as of [`findings`], or else what is
/// wrong with its grammar, and what the lint finds all the same.
#[must_use]
pub fn problems(document: &Document) -> (Vec<Diagnostic>, bool) {
    match grammar::contract(document) {
        Ok(contract) => (findings(&contract), true),
        Err(grammar) => (beside(document, grammar), false),
    }
}

/// What is wrong with the grammar of a document, and what the lint finds in places where that is right.
pub(crate) fn beside(document: &Document, mut grammar: Vec<Diagnostic>) -> Vec<Diagnostic> {
    // Another language, or references without an end: there is no telling what anything means.
    let lost = ["yaml", "openapi-version", "circular-reference"];
    if grammar.iter().any(|finding| lost.contains(&finding.rule)) {
        return grammar;
    }
    // A rule may rely on the grammar, though none should.
    let mut others = quietly(|| lint(&Contract::unsound(document.clone()))).unwrap_or_default();
    others.retain(|finding| {
        let at = &finding.pointer;
        // What stands in a wrong place is not used, and nothing of it is known.
        let sure = !["unused-component", "stale-waiver"].contains(&finding.rule);
        let apart = |wrong: &Diagnostic| {
            !Pointer(&wrong.pointer).is_within(at) && !Pointer(at).is_within(&wrong.pointer)
        };
        finding.is_error() && sure && grammar.iter().all(apart)
    });
    grammar.extend(others);
    grammar.sort_by_key(|finding| finding.place);
    grammar
}
