//! One comparison: what was found so far, and for whom.

use std::collections::HashMap;
use std::rc::Rc;

use crate::change::{Change, Direction, OperationRef, Site, Verdict};
use crate::document::Document;
use crate::event::Event;
use crate::node::At;
use crate::operation;
use crate::schema::Schemas;
use crate::words;

/// What makes two findings the same change, seen from two operations.
type Key = (String, Direction, Option<String>, Option<String>, String);

/// The comparison of two documents.
#[derive(Debug)]
pub(crate) struct Comparison<'a> {
    pub(crate) base: &'a Document,
    pub(crate) revision: &'a Document,
    pub(crate) schemas: Schemas<'a>,
    /// The messages go the other way round: a callback is looked at.
    pub(crate) callback: bool,
    operation: Option<OperationRef>,
    known: HashMap<Key, usize>,
    changes: Vec<Change>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn run(base: &'a Document, revision: &'a Document) -> Vec<Change> {
        let mut work = Self {
            base,
            revision,
            schemas: Schemas::new(base, revision),
            callback: false,
            operation: None,
            known: HashMap::new(),
            changes: Vec::new(),
        };
        work.info();
        operation::compare(&mut work);
        if work.schemas.exhausted {
            work.operation = None;
            let text = "the schemas refer to each other in so many ways that not all of them were compared";
            work.say(Event::named(
                "comparison-incomplete",
                Direction::Neither,
                Verdict::PotentiallyBreaking,
                text.to_owned(),
            ));
        }
        work.changes
    }

    /// What is found from now on is found in this operation.
    pub(crate) fn visit(&mut self, operation: OperationRef) {
        self.operation = Some(operation);
    }

    pub(crate) fn say(&mut self, event: Event) {
        self.say_all(vec![Rc::new(event)]);
    }

    pub(crate) fn say_all(&mut self, events: Vec<Rc<Event>>) {
        for event in events {
            self.note(&event);
        }
    }

    fn note(&mut self, event: &Event) {
        let key = (
            event.rule.to_string(),
            event.direction,
            event.base.clone(),
            event.revision.clone(),
            event.message.clone(),
        );
        let index = *self.known.entry(key).or_insert(self.changes.len());
        if index == self.changes.len() {
            self.changes.push(Change {
                rule: event.rule.clone(),
                direction: event.direction,
                wire: event.wire,
                run_time: event.run_time,
                run_time_note: event.note.clone(),
                operations: Vec::new(),
                base: event.base.as_deref().map(|pointer| site(self.base, pointer)),
                revision: event.revision.as_deref().map(|pointer| site(self.revision, pointer)),
                message: event.message.clone(),
            });
        }
        let change = &mut self.changes[index];
        if let Some(operation) = &self.operation
            && !change.operations.contains(operation)
        {
            change.operations.push(operation.clone());
        }
    }

    /// A text that people read and nobody sends.
    pub(crate) fn described(&mut self, a: &At<'a>, b: &At<'a>, key: &str, name: &str) {
        let (old, new) = (a.text(key).unwrap_or(""), b.text(key).unwrap_or(""));
        if words::same_text(old, new) {
            return;
        }
        let at = |at: &At<'_>| match at.get(key) {
            Some(inner) => inner.pointer,
            None => at.pointer.clone(),
        };
        let text = format!("{name} has another {key}");
        let rule = if key == "title" { "title-changed" } else { "description-changed" };
        let event = Event::named(rule, Direction::Neither, Verdict::Compatible, text);
        self.say(event.at(Some(&at(a)), Some(&at(b))));
    }

    /// What is said of the document as a whole.
    fn info(&mut self) {
        let root = |document: &'a Document| At { value: &document.json, pointer: String::new() };
        let (Some(a), Some(b)) = (root(self.base).get("info"), root(self.revision).get("info"))
        else {
            return;
        };
        let (old, new) = (a.text("version"), b.text("version"));
        if old != new {
            let said = |version: Option<&str>| version.unwrap_or("nothing").to_owned();
            let text =
                format!("the version of the contract is {} now, not {}", said(new), said(old));
            let event =
                Event::named("api-version-changed", Direction::Neither, Verdict::Compatible, text);
            self.say(event.at(Some("/info/version"), Some("/info/version")));
        }
        for key in ["title", "description"] {
            self.described(&a, &b, key, "the contract");
        }
    }
}

fn site(document: &Document, pointer: &str) -> Site {
    let place = document.source.place(pointer);
    Site {
        file: document.source.path.clone(),
        pointer: pointer.to_owned(),
        line: place.map(|(line, _)| line),
        column: place.map(|(_, column)| column),
    }
}
