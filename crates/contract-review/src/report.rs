//! What a change of the contract does, to whom: every change with its three verdicts.
//!
//! The wire, the Rust API and the run time are nearly independent of each other, so that each has a
//! verdict of its own, and none is derived from another.

pub mod accepted;
mod annotations;
pub(crate) mod attribution;
mod bump;
mod json;
pub(crate) mod markdown;
mod text;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use openapi_diff::report::excerpt;
use openapi_diff::{Change, OperationRef, Verdict};
use openapi_document::{Contract, Diagnostic, Document};
use serde::Serialize;

use crate::generated::Generated;
use crate::left_out::LeftOut;
use crate::trace::Trace;
use crate::words::plural;
use crate::workspace::Workspace;
use accepted::Accepted;
use attribution::{Attribution, Caused};
pub use bump::{Advice, Bump};
use rust_api_diff::{ItemChange, ItemDiff, Semver};

/// What a change is judged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// What is sent: are the messages of the base right by the revision?
    Wire,
    /// The public items of the generated crate, by Cargo's semver rules
    RustApi,
    /// What a client that compiles gets
    RunTime,
}

impl Aspect {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 3] = [Self::Wire, Self::RustApi, Self::RunTime];
}

impl fmt::Display for Aspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Wire => "wire",
            Self::RustApi => "Rust API",
            Self::RunTime => "run time",
        })
    }
}

/// One change of the contract, of the generated crate, or of both.
#[derive(Debug)]
pub struct Row {
    /// What changed in the contract; `None` if it shows in the generated code alone.
    pub change: Option<Change>,
    /// The operations that it reaches, if `change` does not say; not more than 256.
    pub reached: Vec<OperationRef>,
    /// What that does to the public items of the generated crate. One change of an item may come from several of
    /// the contract; of more than 256, from the first of them.
    pub rust: Vec<Arc<ItemChange>>,
    /// What stands there in the base, if that is short.
    pub before: Option<String>,
    /// What stands there in the revision, if that is short.
    pub after: Option<String>,
    /// Why it is accepted, if it is on record.
    pub accepted: Option<String>,
    /// Nobody looked at what it does in Rust: nothing was generated, or not for an operation that it reaches.
    pub unjudged: bool,
}

impl Row {
    /// What the change means for one of the aspects.
    #[must_use]
    pub fn verdict(&self, aspect: Aspect) -> Verdict {
        let change = self.change.as_ref();
        match aspect {
            Aspect::Wire => change.map_or(Verdict::Compatible, |change| change.wire),
            Aspect::RunTime => change.map_or(Verdict::Compatible, |change| change.run_time),
            Aspect::RustApi => {
                let breaks = self.rust.iter().any(|item| item.semver == Semver::Major);
                if breaks { Verdict::Breaking } else { Verdict::Compatible }
            }
        }
    }

    /// The worst of the verdicts.
    #[must_use]
    pub fn worst(&self) -> Verdict {
        Aspect::ALL.into_iter().map(|aspect| self.verdict(aspect)).max().unwrap_or_default()
    }

    /// The rule that found it.
    #[must_use]
    pub fn rule(&self) -> &str {
        match (&self.change, self.rust.first()) {
            (Some(change), _) => &change.rule,
            (None, Some(item)) => item.rule,
            (None, None) => "",
        }
    }

    /// What changed, in a sentence.
    #[must_use]
    pub fn message(&self) -> &str {
        match (&self.change, self.rust.first()) {
            (Some(change), _) => &change.message,
            (None, Some(item)) => &item.message,
            (None, None) => "",
        }
    }

    /// Every operation that it reaches.
    #[must_use]
    pub fn operations(&self) -> &[OperationRef] {
        self.change.as_ref().map_or(&self.reached, |change| &change.operations)
    }

    /// Where an acceptance of it points: a JSON Pointer, or the path of a Rust item.
    #[must_use]
    pub fn place(&self) -> &str {
        match (&self.change, self.rust.first()) {
            (Some(change), _) => change.pointer(),
            (None, Some(item)) => &item.item,
            (None, None) => "",
        }
    }

    /// Whether it changes no message, no code and no behaviour: a text, a version.
    #[must_use]
    pub fn is_words(&self) -> bool {
        self.worst() == Verdict::Compatible && is_about_words(self)
    }
}

/// Whether a change is one of words, whatever follows from it.
fn is_about_words(row: &Row) -> bool {
    row.change.as_ref().is_some_and(Change::is_about_words)
}

/// What is known of the generated code of the two sides.
#[derive(Debug)]
pub enum Code {
    /// Both sides were generated.
    Compared {
        /// The items whose code differs, public or not.
        items: Vec<ItemDiff>,
        /// The operations that the client of neither side has.
        left_out: Vec<LeftOut>,
    },
    /// One of them could not be.
    NotCompared {
        /// Which, and why.
        why: String,
    },
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
    /// What was generated from them.
    pub code: Code,
    /// Acceptances that no change needs any more.
    pub stale: Vec<Accepted>,
    /// The versions that the change asks for.
    pub advice: Advice,
    /// The record of accepted changes, relative to the root of the workspace.
    pub record: String,
    /// Whether every public item that differs comes from a change of the contract.
    explained: bool,
}

impl Report {
    /// Compares two documents, and what is generated from them.
    #[must_use]
    pub fn new(
        workspace: &Workspace,
        base: &Document,
        revision: &Document,
        accepted: &[Accepted],
    ) -> Self {
        let [old, new] = Generated::both(workspace, [base, revision]);
        Self::of(workspace, (base, &old), (revision, &new), accepted)
    }

    /// Compares two documents, and generates nothing from them.
    #[must_use]
    pub fn of_contracts(
        workspace: &Workspace,
        base: &Document,
        revision: &Document,
        accepted: &[Accepted],
    ) -> Self {
        let why = "no verdict on it was asked for".to_owned();
        let code = (Code::NotCompared { why }, Vec::new());
        Self::with(workspace, [base, revision], code, accepted)
    }

    /// Compares two documents from which the clients have been generated.
    pub(crate) fn of(
        workspace: &Workspace,
        old: (&Document, &Generated),
        new: (&Document, &Generated),
        accepted: &[Accepted],
    ) -> Self {
        Self::with(workspace, [old.0, new.0], compare_code(old, new), accepted)
    }

    fn with(
        workspace: &Workspace,
        [base, revision]: [&Document; 2],
        (code, items): (Code, Vec<Caused>),
        accepted: &[Accepted],
    ) -> Self {
        let changes = openapi_diff::diff(base, revision);
        let mut rows: Vec<Row> = changes
            .into_iter()
            .map(|change| Row {
                before: excerpt(base, change.base.as_ref()),
                after: excerpt(revision, change.revision.as_ref()),
                change: Some(change),
                reached: Vec::new(),
                rust: Vec::new(),
                accepted: None,
                unjudged: false,
            })
            .collect();
        attribute(&mut rows, base, revision, items);
        let left_out = left_out(&code);
        for row in &mut rows {
            let left_out = |it: &OperationRef| left_out.contains(&(&it.path, &it.method));
            row.unjudged = matches!(code, Code::NotCompared { .. })
                || row.rust.is_empty() && row.operations().iter().any(left_out);
            row.rust.sort_by_key(|item| std::cmp::Reverse(item.semver));
        }
        let stale = accept(&mut rows, accepted, &code);
        rows.sort_by_key(|row| (std::cmp::Reverse(row.worst()), row.is_words()));
        let advice = Advice::new(base, &rows, &code);
        let explained = rows.iter().all(|row| row.change.is_some() || row.rust.is_empty());
        Self {
            base: base.source.path.clone(),
            revision: revision.source.path.clone(),
            operations: operations(base, revision),
            rows,
            code,
            stale,
            advice,
            record: workspace.accepted.clone(),
            explained,
        }
    }

    /// What a change means for one of the aspects; `None` if that is not known.
    #[must_use]
    pub fn verdict(&self, row: &Row, aspect: Aspect) -> Option<Verdict> {
        (aspect != Aspect::RustApi || !row.unjudged).then(|| row.verdict(aspect))
    }

    /// Whether the contract changed and the generated code is the same for it: every item that differs
    /// is known to come from another change.
    #[must_use]
    pub fn is_silent(&self, row: &Row) -> bool {
        let Code::Compared { items, .. } = &self.code else { return false };
        // What is private to the generated code is compared as text alone. The groups are sorted by their names.
        let private = items.binary_search_by(|item| item.name.as_str().cmp("rest")).is_ok();
        let same = items.is_empty() || self.explained && !private;
        row.change.is_some() && row.rust.is_empty() && same && !row.unjudged
    }

    /// The worst verdict on the aspects that is not accepted.
    #[must_use]
    pub fn worst(&self, aspects: &[Aspect]) -> Verdict {
        let open = self.rows.iter().filter(|row| row.accepted.is_none());
        let verdicts = open.flat_map(|row| aspects.iter().map(|aspect| row.verdict(*aspect)));
        verdicts.max().unwrap_or_default()
    }

    /// How many rows have this verdict on the aspect, accepted or not.
    #[must_use]
    pub fn count(&self, aspect: Aspect, verdict: Verdict) -> usize {
        self.rows.iter().filter(|row| self.verdict(row, aspect) == Some(verdict)).count()
    }

    /// What the generated code has to say about a changed contract, in a sentence.
    #[must_use]
    pub fn code_sentence(&self) -> String {
        let changed = self.rows.iter().any(|row| row.change.is_some());
        match &self.code {
            Code::NotCompared { why } => format!("the generated code was not compared: {why}"),
            Code::Compared { items, left_out } => {
                let api = self
                    .rows
                    .iter()
                    .any(|row| row.rust.iter().any(|item| item.semver != Semver::Patch));
                let said = match items.len() {
                    0 if changed => "generated code identical, contract changed".to_owned(),
                    0 => "generated code identical".to_owned(),
                    count => {
                        let api = if api {
                            "its public API changed"
                        } else {
                            "its public API is the same"
                        };
                        format!("generated code differs in {}; {api}", plural(count, "item"))
                    }
                };
                match left_out.len() {
                    0 => said,
                    count => format!(
                        "{said}; without {} that the generator cannot take",
                        plural(count, "operation")
                    ),
                }
            }
        }
    }

    /// The operations of which nothing is known in Rust, because the generator cannot take them.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOut] {
        match &self.code {
            Code::Compared { left_out, .. } => left_out,
            Code::NotCompared { .. } => &[],
        }
    }

    /// For a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        text::render(self)
    }

    /// For a pull request.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::render(self)
    }

    /// For the annotations of GitHub's workflows.
    #[must_use]
    pub fn annotations(&self) -> String {
        annotations::render(self)
    }

    /// For programs: one object.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        json::render(self)
    }
}

/// The operations that the clients lack, by path and method.
fn left_out(code: &Code) -> HashSet<(&String, &String)> {
    let Code::Compared { left_out, .. } = code else { return HashSet::new() };
    left_out.iter().map(|it| (&it.operation.path, &it.operation.method)).collect()
}

/// Puts the records on the changes that they stand for; those that are left stand for none.
fn accept(rows: &mut [Row], accepted: &[Accepted], code: &Code) -> Vec<Accepted> {
    let mut fitting: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        let of = (row.rule().to_owned(), row.place().to_owned());
        fitting.entry(of).or_default().push(row);
    }
    let mut stale = Vec::new();
    for record in accepted {
        let alike = fitting.get_mut(&(record.rule.clone(), record.place.clone()));
        let mut used = false;
        for row in alike.into_iter().flatten().filter(|row| row.fits(record)) {
            row.accepted = Some(record.reason.clone());
            used = true;
        }
        // Without code, nothing is known of what a record of it stands for.
        let unknown = matches!(code, Code::NotCompared { .. }) && accepted::is_of_code(record);
        if !used && !unknown {
            stale.push(record.clone());
        }
    }
    stale
}

/// Shows each change of an item at the changes of the contract that cause it, or else alone.
fn attribute(rows: &mut Vec<Row>, base: &Document, revision: &Document, items: Vec<Caused>) {
    if items.is_empty() {
        return;
    }
    let attribution = Attribution::new(base, revision, rows);
    let causes: Vec<_> = items
        .into_iter()
        .map(|caused| {
            let causes = attribution.of(&caused);
            let reached =
                if causes.is_empty() { attribution.operations(&caused) } else { Vec::new() };
            (Arc::new(caused.item), causes, reached)
        })
        .collect();
    for (item, causes, reached) in causes {
        if causes.is_empty() {
            let (before, after) = (item.before.clone(), item.after.clone());
            let rust = vec![item];
            rows.push(Row {
                change: None,
                reached,
                rust,
                before,
                after,
                accepted: None,
                unjudged: false,
            });
            continue;
        }
        for number in causes {
            rows[number].rust.push(item.clone());
        }
    }
}

/// How many operations there are, on either side.
fn operations(base: &Document, revision: &Document) -> usize {
    let all = [base, revision].into_iter().flat_map(Document::operations);
    let all = all.map(|operation| (operation.path, operation.method));
    all.collect::<BTreeSet<_>>().len()
}

/// What is generated from both sides: the items that differ, and what changed in the public ones with
/// the places in the contract where they come from.
fn compare_code(old: (&Document, &Generated), new: (&Document, &Generated)) -> (Code, Vec<Caused>) {
    let not = |why| (Code::NotCompared { why }, Vec::new());
    let left_out = new.1.left_out.clone();
    let ((old, old_code), (new, new_code)) = match (generated(old), generated(new)) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(why), _) | (_, Err(why)) => return not(why),
    };
    if old_code == new_code {
        return (Code::Compared { items: Vec::new(), left_out }, Vec::new());
    }
    let (changes, items) = match rust_api_diff::between(old_code, new_code) {
        Ok(found) => found,
        Err(error) => return not(format!("it is not Rust: {error}")),
    };
    let traces = [old, new].map(Trace::of);
    let changes = changes.into_iter().map(|item| {
        let places = traces.each_ref().map(|trace| trace.places(&item));
        Caused { item, places }
    });
    (Code::Compared { items, left_out }, changes.collect())
}

/// The contract in a document and its client, or why there is none.
fn generated<'a>(
    (document, generated): (&Document, &'a Generated),
) -> Result<(&'a Contract, &'a str), String> {
    match (&generated.contract, &generated.client) {
        (Ok(contract), Ok(client)) => Ok((contract, client)),
        (Err(findings), _) | (_, Err(findings)) => {
            let line = findings.first().map(Diagnostic::line).unwrap_or_default();
            let path = &document.source.path;
            let rest = match findings.len() {
                0 | 1 => String::new(),
                count => format!(" (and {} more)", count - 1),
            };
            Err(format!("nothing can be generated from {path}: {line}{rest}"))
        }
    }
}

/// A word or two for a verdict, for a table.
fn word(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        None => "not compared",
        Some(Verdict::Compatible) => "ok",
        Some(Verdict::PotentiallyBreaking) => "maybe",
        Some(Verdict::Breaking) => "BREAKS",
    }
}
