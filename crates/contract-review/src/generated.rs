//! What can be said of one contract: by the lint and the generator, which know nothing of each other.

use std::panic::resume_unwind;
use std::thread;

use openapi_codegen::{Plan, quietly};
use openapi_document::{Contract, Diagnostic, Document, Pointer};
use openapi_lint::grammar;

use crate::generator::Generator;
use crate::workspace::Workspace;

/// Every finding of the lint, and of the generator as far as it can tell without generating anything.
#[must_use]
pub fn lint(workspace: &Workspace, contract: &Contract) -> Vec<Diagnostic> {
    lint_with(workspace, contract, openapi_codegen::check(contract))
}

fn lint_with(
    workspace: &Workspace,
    contract: &Contract,
    others: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let known = openapi_codegen::rules::RULES;
    let of_hooks = &workspace.client.context_headers;
    let mut findings = openapi_lint::lint(contract, of_hooks, others, known, workspace.waived());
    findings.extend(workspace.stale(contract, &findings));
    findings
}

/// Generates the client for `contract`.
///
/// # Errors
/// What the lint refuses, or what progenitor cannot take.
pub fn generate(workspace: &Workspace, contract: &Contract) -> Result<String, Vec<Diagnostic>> {
    let plan = Plan::new(contract);
    let findings = lint_with(workspace, contract, plan.findings());
    let errors: Vec<_> = findings.into_iter().filter(Diagnostic::is_error).collect();
    match &workspace.generator {
        _ if !errors.is_empty() => Err(errors),
        Generator::InProcess => plan.client(&workspace.client),
        process @ Generator::Process { .. } => process.client(contract, &workspace.client),
    }
}

/// The stack of a thread that generates: that of the main thread, as a rule.
const STACK: usize = 8 << 20;

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
    pub fn of(workspace: &Workspace, document: &Document) -> Self {
        let contract = grammar::contract(&workspace.without_skipped(document));
        let client = match &contract {
            Ok(contract) => workspace.generator.client(contract, &workspace.client),
            Err(findings) => Err(findings.clone()),
        };
        Self { contract, client }
    }

    /// Generates what can be generated of the two sides of a review, side by side.
    #[must_use]
    pub fn both(workspace: &Workspace, [base, revision]: [&Document; 2]) -> [Self; 2] {
        thread::scope(|scope| {
            let base_of = || Self::of(workspace, base);
            let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, base_of);
            let revision = Self::of(workspace, revision);
            // Without a thread it takes longer, and gives the same.
            let base = thread.map_or_else(
                |_| base_of(),
                |thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            );
            [base, revision]
        })
    }

    /// Everything that can be said of the contract, as of [`findings`].
    #[must_use]
    pub fn findings(&self, workspace: &Workspace) -> Vec<Diagnostic> {
        let failed = || self.client.as_ref().err().cloned();
        let found = |contract| all_findings(workspace, contract, failed);
        self.contract.as_ref().map_or_else(Vec::clone, found)
    }
}

/// Everything that can be said of `contract`: what the lint finds, and if that is no error, what
/// progenitor cannot take all the same.
#[must_use]
pub fn findings(workspace: &Workspace, contract: &Contract) -> Vec<Diagnostic> {
    all_findings(workspace, contract, || {
        workspace.generator.client(contract, &workspace.client).err()
    })
}

fn all_findings(
    workspace: &Workspace,
    contract: &Contract,
    failed: impl FnOnce() -> Option<Vec<Diagnostic>>,
) -> Vec<Diagnostic> {
    let mut findings = lint(workspace, contract);
    if !findings.iter().any(Diagnostic::is_error) {
        findings.extend(failed().into_iter().flatten());
    }
    findings
}

/// Everything that can be said of `document`, and whether it is sound: as of [`findings`], or else what is
/// wrong with its grammar, and what the lint finds all the same.
#[must_use]
pub fn problems(workspace: &Workspace, document: &Document) -> (Vec<Diagnostic>, bool) {
    let document = workspace.without_skipped(document);
    match grammar::contract(&document) {
        Ok(contract) => (findings(workspace, &contract), true),
        Err(grammar) => (beside(workspace, &document, grammar), false),
    }
}

/// What is wrong with the grammar of a document, and what the lint finds in places where that is right.
pub(crate) fn beside(
    workspace: &Workspace,
    document: &Document,
    mut grammar: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    // Another language, or references without an end: there is no telling what anything means.
    let lost = ["yaml", "openapi-version", "circular-reference"];
    if grammar.iter().any(|finding| lost.contains(&finding.rule)) {
        return grammar;
    }
    // A rule may rely on the grammar, though none should.
    let mut others =
        quietly(|| lint(workspace, &Contract::unsound(document.clone()))).unwrap_or_default();
    others.retain(|finding| {
        let at = &finding.within;
        // What stands in a wrong place is not used, and nothing of it is known.
        let sure = !["unused-component", "stale-waiver"].contains(&finding.rule);
        let apart = |wrong: &Diagnostic| {
            !Pointer(&wrong.within).is_within(at) && !Pointer(at).is_within(&wrong.within)
        };
        finding.is_error() && sure && grammar.iter().all(apart)
    });
    grammar.extend(others);
    grammar.sort_by(|a, b| (&a.path, a.place).cmp(&(&b.path, b.place)));
    grammar
}
