//! What was found so far, and which operation each finding reaches.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use openapi_document::Document;

use crate::change::{Change, Direction, Location, OperationRef, Verdict};
use crate::finding::Finding;

/// What makes two findings the same change, seen from two operations. A schema that a request and a webhook share
/// is written by the client in one and by the service in the other: what is compatible in one breaks the other.
type Key = (String, Direction, [Option<String>; 2], String, [Verdict; 2]);

/// Accumulates findings as changes.
#[derive(Debug)]
pub(crate) struct Recorder<'a> {
    base: &'a Document,
    revision: &'a Document,
    /// The operation that is looked at, and its number among [`Self::visited`].
    operation: Option<(usize, OperationRef)>,
    visited: HashMap<OperationRef, usize>,
    known: HashMap<Key, usize>,
    recorded: HashMap<*const Finding, usize>,
    /// Which change reaches which operation, by their numbers.
    reached: HashSet<(usize, usize)>,
    changes: Vec<Change>,
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(base: &'a Document, revision: &'a Document) -> Self {
        Self {
            base,
            revision,
            operation: None,
            visited: HashMap::new(),
            known: HashMap::new(),
            recorded: HashMap::new(),
            reached: HashSet::new(),
            changes: Vec::new(),
        }
    }

    /// What is found from now on is found in this operation, or in none.
    pub(crate) fn visit(&mut self, operation: Option<OperationRef>) {
        self.operation = operation.map(|operation| {
            let next = self.visited.len();
            (*self.visited.entry(operation.clone()).or_insert(next), operation)
        });
    }

    pub(crate) fn record(&mut self, finding: &Finding) {
        let index = self.note(finding);
        self.reach(index);
    }

    /// Records findings that are kept elsewhere: the same one is known by where it is.
    pub(crate) fn record_all(&mut self, findings: Vec<Rc<Finding>>) {
        for finding in findings {
            let index = if let Some(&index) = self.recorded.get(&Rc::as_ptr(&finding)) {
                index
            } else {
                let index = self.note(&finding);
                self.recorded.insert(Rc::as_ptr(&finding), index);
                index
            };
            self.reach(index);
        }
    }

    /// Every change, in the order in which it was first found.
    pub(crate) fn into_changes(self) -> Vec<Change> {
        self.changes
    }

    /// The change that a finding is.
    fn note(&mut self, finding: &Finding) -> usize {
        let key = (
            finding.rule.to_string(),
            finding.direction,
            [finding.base.clone(), finding.revision.clone()],
            finding.message.clone(),
            [finding.wire, finding.run_time],
        );
        let next = self.changes.len();
        let index = *self.known.entry(key).or_insert(next);
        if index == next {
            self.changes.push(Change {
                rule: finding.rule.clone(),
                direction: finding.direction,
                wire: finding.wire,
                run_time: finding.run_time,
                run_time_note: finding.note.clone(),
                operations: Vec::new(),
                base: finding.base.as_deref().map(|pointer| location(self.base, pointer)),
                revision: finding
                    .revision
                    .as_deref()
                    .map(|pointer| location(self.revision, pointer)),
                message: finding.message.clone(),
                turned: finding.turned,
            });
        }
        // What is the same for both is told as of what clients call.
        self.changes[index].turned &= finding.turned;
        index
    }

    /// The change reaches the operation that is looked at.
    fn reach(&mut self, index: usize) {
        if let Some((number, operation)) = &self.operation
            && self.reached.insert((index, *number))
        {
            self.changes[index].operations.push(operation.clone());
        }
    }
}

/// The place of the value at a pointer.
pub(crate) fn location(document: &Document, pointer: &str) -> Location {
    let (line, column) = document.source.place(pointer).unzip();
    let (file, at) = document.source.locate(pointer);
    Location {
        file: file.path.clone(),
        pointer: at.into_owned(),
        within: pointer.to_owned(),
        line,
        column,
    }
}
