//! What can be said of one contract: by the lint and the generator, which know nothing of each other.

use std::panic::resume_unwind;
use std::thread;

use openapi_codegen::{Plan, quietly, rules};
use openapi_document::{Contract, Diagnostic, Document, Pointer, Profile, Severity};
use openapi_lint::grammar;

use crate::generator::Generator;
use crate::left_out::{self, LeftOut};
use crate::workspace::Workspace;

/// Every finding of the lint, and of the generator as far as it can tell without generating anything.
#[must_use]
pub fn lint(workspace: &Workspace, contract: &Contract) -> Vec<Diagnostic> {
    lint_of(workspace, workspace.profile, contract, grammar::check(contract))
}

/// What the rules of a profile find, with what was found by the grammar.
fn lint_of(
    workspace: &Workspace,
    profile: Profile,
    contract: &Contract,
    mut others: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    if profile >= Profile::Generator {
        others.extend(openapi_codegen::check(contract));
    }
    lint_with(workspace, profile, contract, others)
}

fn lint_with(
    workspace: &Workspace,
    profile: Profile,
    contract: &Contract,
    others: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let known = openapi_codegen::rules::RULES;
    let of_hooks = &workspace.client.context_headers;
    let mut findings =
        openapi_lint::lint(contract, profile, of_hooks, others, known, workspace.waived());
    findings.extend(workspace.stale(profile, contract, &findings));
    findings
}

/// Generates the client for `contract`.
///
/// # Errors
/// What the lint refuses, or what progenitor cannot take.
pub fn generate(workspace: &Workspace, contract: &Contract) -> Result<String, Vec<Diagnostic>> {
    let plan = Plan::new(contract);
    let others = grammar::check(contract).into_iter().chain(plan.findings()).collect();
    let profile = workspace.profile.max(Profile::Generator);
    let findings = lint_with(workspace, profile, contract, others);
    let errors: Vec<_> = findings.into_iter().filter(Diagnostic::is_error).collect();
    match &workspace.generator {
        _ if !errors.is_empty() => Err(errors),
        Generator::InProcess => plan.client(&workspace.client),
        process @ Generator::Process { .. } => process.client(contract, &workspace.client),
    }
}

/// What keeps the generator from taking a contract, as far as the lint can tell.
fn refused(workspace: &Workspace, contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = lint_of(workspace, Profile::Generator, contract, Vec::new());
    findings.retain(|it| it.is_error() && it.profile == Profile::Generator);
    findings
}

/// What is made of the base and of the revision, side by side.
fn both<T: Send>(of: impl Fn(usize) -> T + Sync) -> [T; 2] {
    thread::scope(|scope| {
        let of = &of;
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || of(0));
        let revision = of(1);
        // Without a thread it takes longer, and gives the same.
        let base = thread.map_or_else(
            |_| of(0),
            |thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
        );
        [base, revision]
    })
}

/// The stack of a thread that generates: that of the main thread, as a rule.
const STACK: usize = 8 << 20;

/// A contract and the client that is generated from it, as far as a document gives them.
#[derive(Debug)]
pub struct Generated {
    /// The contract, or all that is structurally wrong with it.
    pub contract: Result<Contract, Vec<Diagnostic>>,
    /// The client, or what keeps it from being generated.
    pub client: Result<String, Vec<Diagnostic>>,
    /// The operations that the client lacks, because the generator cannot take one of the sides with them.
    pub left_out: Vec<LeftOut>,
}

/// How often operations are left out, and the rest is tried again.
const TRIES: usize = 3;

impl Generated {
    /// Generates what can be generated of the two sides of a review, side by side. An operation that keeps one of
    /// the sides from being generated is left out of both.
    #[must_use]
    pub fn both(workspace: &Workspace, documents: [&Document; 2]) -> [Self; 2] {
        let documents = documents.map(|document| workspace.without_skipped(document));
        let contracts = documents.each_ref().map(grammar::contract);
        let mut blocked = [Vec::new(), Vec::new()];
        if let [Ok(base), Ok(revision)] = &contracts {
            blocked = both(|side| {
                let contract = [base, revision][side];
                left_out::of(contract, refused(workspace, contract))
            });
        }
        let mut left_out = Vec::new();
        let mut tries = TRIES;
        let [old, new] = loop {
            left_out.extend(left_out::merged(blocked));
            tries -= 1;
            let clients = both(|side| {
                let contract = contracts[side].as_ref().map_err(Clone::clone)?;
                let rest = left_out::without(contract, &left_out);
                workspace.generator.client(rest.as_ref().unwrap_or(contract), &workspace.client)
            });
            blocked = [0, 1].map(|side| match (&contracts[side], &clients[side]) {
                (Ok(contract), Err(why)) => left_out::of(contract, why.clone()),
                _ => Vec::new(),
            });
            if tries == 0 || blocked.iter().all(Vec::is_empty) {
                break clients;
            }
        };
        let [base, revision] = contracts;
        [
            Self { contract: base, client: old, left_out: left_out.clone() },
            Self { contract: revision, client: new, left_out },
        ]
    }

    /// Everything that can be said of the contract, as of [`findings`].
    #[must_use]
    pub fn findings(&self, workspace: &Workspace) -> Vec<Diagnostic> {
        let failed = || {
            let left_out = self.left_out.iter().filter(|it| it.why.rule == rules::GENERATOR.id);
            let left_out = left_out.map(|it| it.why.clone());
            Some(
                self.client.as_ref().err().into_iter().flatten().cloned().chain(left_out).collect(),
            )
        };
        let found = |contract: &Contract| {
            let grammar = grammar::check(contract);
            all_findings(workspace, workspace.profile, contract, grammar, failed)
        };
        self.contract.as_ref().map_or_else(Vec::clone, found)
    }
}

/// Everything that can be said of `contract`: what the lint finds, and if that is no error, what
/// progenitor cannot take all the same.
#[must_use]
pub fn findings(workspace: &Workspace, contract: &Contract) -> Vec<Diagnostic> {
    let grammar = grammar::check(contract);
    let failed = || workspace.generator.client(contract, &workspace.client).err();
    all_findings(workspace, workspace.profile, contract, grammar, failed)
}

fn all_findings(
    workspace: &Workspace,
    profile: Profile,
    contract: &Contract,
    grammar: Vec<Diagnostic>,
    failed: impl FnOnce() -> Option<Vec<Diagnostic>>,
) -> Vec<Diagnostic> {
    let mut findings = lint_of(workspace, profile, contract, grammar);
    if profile >= Profile::Generator && !findings.iter().any(Diagnostic::is_error) {
        findings.extend(failed().into_iter().flatten());
    }
    findings
}

/// Everything that can be said of `document`, and whether it is sound: as of [`findings`], or else what is
/// wrong with its grammar, and what the lint finds all the same. Only what the rules of a profile find is said.
#[must_use]
pub fn problems(
    workspace: &Workspace,
    profile: Profile,
    document: Document,
) -> (Vec<Diagnostic>, bool) {
    let contract = Contract::new(workspace.left_by_skipped(document));
    let generates = profile >= Profile::Generator;
    let mut grammar = grammar::check(&contract);
    if generates && !grammar.iter().any(grammar::blocks) {
        grammar.extend(grammar::structure(&contract));
    }
    for finding in grammar.iter_mut().filter(|it| generates && grammar::blocks(it)) {
        finding.severity = Severity::Error;
    }
    if grammar.iter().any(Diagnostic::is_error) {
        return (beside(workspace, profile, &contract, grammar), false);
    }
    let failed = || workspace.generator.client(&contract, &workspace.client).err();
    (all_findings(workspace, profile, &contract, grammar, failed), true)
}

/// What is wrong with the grammar of a document, and what the lint finds in places where that is right.
pub(crate) fn beside(
    workspace: &Workspace,
    profile: Profile,
    contract: &Contract,
    mut grammar: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    openapi_lint::of_profile(profile, &mut grammar);
    // Another language, or references without an end: there is no telling what anything means.
    let lost = ["yaml", "openapi-version", "circular-reference"];
    if grammar.iter().any(|finding| lost.contains(&finding.rule)) {
        return grammar;
    }
    // A rule may rely on the grammar, though none should.
    let mut others =
        quietly(|| lint_of(workspace, profile, contract, Vec::new())).unwrap_or_default();
    others.retain(|finding| {
        let at = &finding.within;
        // What stands in a wrong place is not used, and nothing of it is known.
        let sure = !["unused-component", "stale-waiver"].contains(&finding.rule);
        let apart = |wrong: &Diagnostic| {
            !Pointer(&wrong.within).is_within(at) && !Pointer(at).is_within(&wrong.within)
        };
        (finding.is_error() || finding.is_warning()) && sure && grammar.iter().all(apart)
    });
    grammar.extend(others);
    grammar.sort_by(|a, b| (&a.path, a.place).cmp(&(&b.path, b.place)));
    grammar
}
