//! One comparison: what was found so far, and for whom.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::change::{Change, Direction, OperationRef, Site, Verdict};
use crate::event::Event;
use crate::operation;
use crate::schema::Schemas;
use crate::words;
use openapi_document::{Cursor, Document};

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
    /// The operation that is looked at, and its number among [`Self::visited`].
    operation: Option<(usize, OperationRef)>,
    visited: HashMap<OperationRef, usize>,
    known: HashMap<Key, usize>,
    told: HashMap<*const Event, usize>,
    /// Which change reaches which operation, by their numbers.
    reached: HashSet<(usize, usize)>,
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
            visited: HashMap::new(),
            known: HashMap::new(),
            told: HashMap::new(),
            reached: HashSet::new(),
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
        let next = self.visited.len();
        let number = *self.visited.entry(operation.clone()).or_insert(next);
        self.operation = Some((number, operation));
    }

    #[expect(clippy::needless_pass_by_value, reason = "what is said once is not needed any more")]
    pub(crate) fn say(&mut self, event: Event) {
        let index = self.note(&event);
        self.reach(index);
    }

    /// Events of [`Schemas`], which keeps them: the same one is known by where it is.
    pub(crate) fn say_all(&mut self, events: Vec<Rc<Event>>) {
        for event in events {
            let index = if let Some(&index) = self.told.get(&Rc::as_ptr(&event)) {
                index
            } else {
                let index = self.note(&event);
                self.told.insert(Rc::as_ptr(&event), index);
                index
            };
            self.reach(index);
        }
    }

    /// The change that an event is.
    fn note(&mut self, event: &Event) -> usize {
        let key = (
            event.rule.to_string(),
            event.direction,
            event.base.clone(),
            event.revision.clone(),
            event.message.clone(),
        );
        let next = self.changes.len();
        let index = *self.known.entry(key).or_insert(next);
        if index == next {
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

    /// A text that people read and nobody sends.
    pub(crate) fn described(&mut self, a: &Cursor<'a>, b: &Cursor<'a>, key: &str, name: &str) {
        let (old, new) = (a.text(key).unwrap_or(""), b.text(key).unwrap_or(""));
        if words::same_text(old, new) {
            return;
        }
        let at = |at: &Cursor<'_>| match at.get(key) {
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
        let root =
            |document: &'a Document| Cursor { value: &document.json, pointer: String::new() };
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
