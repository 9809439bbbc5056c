//! Two documents that are compared, with what was found so far.

use std::rc::Rc;

use openapi_document::{Cursor, Document};

use crate::change::{Direction, OperationRef, Verdict};
use crate::finding::Finding;
use crate::recorder::Recorder;
use crate::render;
use crate::schema::Schemas;

/// The comparison of two documents.
#[derive(Debug)]
pub(crate) struct Comparison<'a> {
    pub(crate) base: &'a Document,
    pub(crate) revision: &'a Document,
    pub(crate) schemas: Schemas<'a>,
    /// The messages go the other way round: a callback is looked at.
    pub(crate) callback: bool,
    pub(crate) recorder: Recorder<'a>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(base: &'a Document, revision: &'a Document) -> Self {
        Self {
            base,
            revision,
            schemas: Schemas::new(base, revision),
            callback: false,
            recorder: Recorder::new(base, revision),
        }
    }

    /// What is found from now on is found in this operation.
    pub(crate) fn visit(&mut self, operation: OperationRef) {
        self.recorder.visit(Some(operation));
    }

    pub(crate) fn record(&mut self, finding: Finding) {
        self.recorder.record(&Finding { turned: self.callback, ..finding });
    }

    /// Records findings of [`Schemas`], which keeps them.
    pub(crate) fn record_all(&mut self, findings: Vec<Rc<Finding>>) {
        self.recorder.record_all(findings);
    }

    /// A text for people, which is not part of a message.
    pub(crate) fn described(&mut self, a: &Cursor<'a>, b: &Cursor<'a>, key: &str, name: &str) {
        let (old, new) = (a.text(key).unwrap_or(""), b.text(key).unwrap_or(""));
        if render::same_text(old, new) {
            return;
        }
        let at = |at: &Cursor<'_>| match at.get(key) {
            Some(inner) => inner.pointer,
            None => at.pointer.clone(),
        };
        let text = format!("{name} has another {key}");
        let rule = if key == "title" { "title-changed" } else { "description-changed" };
        let finding = Finding::named(rule, Direction::Neither, Verdict::Compatible, text);
        self.record(finding.at(Some(&at(a)), Some(&at(b))));
    }
}
