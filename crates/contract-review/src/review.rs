//! Everything that whoever reviews a change of the contract must see, in one report.

mod json;
mod markdown;
mod text;

use std::path::PathBuf;

use openapi_document::{Contract, Diagnostic, Document};

use crate::compile::Compiles;
use crate::generated::{self, Generated};
use crate::notes;
use crate::report::accepted::Accepted;
use crate::report::{Code, Report};
use crate::snapshots::{self, Snapshot};
use crate::workspace::Workspace;

/// A document with the text that it was read from.
#[derive(Debug)]
pub struct Side {
    /// What was read.
    pub document: Document,
    /// Its text.
    pub text: String,
}

/// A review of the contract in a workspace against a base.
#[derive(Debug)]
pub struct Review {
    /// What is wrong with the contract, or worth knowing of it.
    pub findings: Vec<Diagnostic>,
    /// The notes among them that the change brings.
    pub brought: Vec<Diagnostic>,
    /// What changes, to whom.
    pub report: Report,
    /// The generated files that are not what the contract gives; `None` if it gives nothing.
    pub stale: Option<Vec<PathBuf>>,
    /// Whether the client that the contract gives compiles; `None` if it gives nothing.
    pub compiles: Option<Compiles>,
    /// The snapshots that the change changes.
    pub snapshots: Vec<Snapshot>,
    /// What changes in the text of the contract, as a unified diff.
    pub text: String,
    /// Where the page of the contract is, if that is known.
    pub page: Option<String>,
}

impl Review {
    /// Reviews the contract `revision` of a workspace. `compile` says whether the client and the
    /// calls of it compile, as [`compile::check`](crate::compile::check) does.
    #[must_use]
    pub fn new(
        workspace: &Workspace,
        (base, revision): (&Side, &Side),
        accepted: &[Accepted],
        compile: impl FnOnce(&str, Option<&str>) -> Compiles,
    ) -> Self {
        let [old, new] = Generated::both(workspace, [&base.document, &revision.document]);
        let report =
            Report::of(workspace, (&base.document, &old), (&revision.document, &new), accepted);
        let findings = match &new.contract {
            Ok(_) => new.findings(workspace),
            Err(grammar) => {
                let contract = Contract::new(workspace.without_skipped(&revision.document));
                generated::beside(workspace, workspace.profile, &contract, grammar.clone())
            }
        };
        let brought = notes::brought(&old.findings(workspace), &findings);
        let mut snapshots = Vec::new();
        if let (Ok(old), Ok(new)) = (&old.contract, &new.contract) {
            snapshots = snapshots::of_contract(workspace, old, new);
        }
        if let Code::Compared { items, .. } = &report.code {
            snapshots.extend(snapshots::of_code(workspace, items));
        }
        let given = match (new.contract, new.client) {
            (Ok(contract), Ok(client)) if !findings.iter().any(Diagnostic::is_error) => {
                let (root, config) = (&workspace.root, &workspace.client);
                Some(openapi_codegen::compare(root, config, &revision.document, &contract, client))
            }
            _ => None,
        };
        let compiles = given.as_ref().map(|given| compile(&given.client, given.calls.as_deref()));
        let stale = given.map(|given| given.stale.into_iter().map(|file| file.path).collect());
        let text = similar::TextDiff::from_lines(&base.text, &revision.text)
            .unified_diff()
            .context_radius(3)
            .header(&report.base, &report.revision)
            .to_string();
        Self { findings, brought, report, stale, compiles, snapshots, text, page: None }
    }

    /// Whether the contract itself cannot be used: it has errors, or its client does not compile.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.findings.iter().any(Diagnostic::is_error) || !self.compile_errors().is_empty()
    }

    /// What the compiler says of the client.
    fn compile_errors(&self) -> &[String] {
        match &self.compiles {
            Some(Compiles::No { errors, .. }) => errors,
            _ => &[],
        }
    }

    /// For a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        text::render(self)
    }

    /// For programs: what the report has, and what must hold before the change can be merged.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        json::render(self)
    }

    /// For a pull request.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::render(self)
    }
}
