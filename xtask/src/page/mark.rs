//! What changed, as the page says it: in words, at the nearest place that the page has for it.

use maud::{Markup, html};
use openapi_diff::{Direction, OperationRef, Verdict};

use super::text::sentence;
use crate::report::{Aspect, Row};
use crate::words::plural;

/// A change of the contract, to be shown where it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Where it is: a JSON Pointer into the revision, or into the base for what is gone.
    pub pointer: String,
    /// Which way the message goes that it is about.
    pub direction: Direction,
    /// For whom it means what: `("on the wire", Verdict::Breaking)`.
    pub verdicts: Vec<(&'static str, Verdict)>,
    /// The rule that found it, a stable name.
    pub rule: String,
    /// What changed, a sentence.
    pub message: String,
    /// Why a verdict is what it is, where the message does not say so.
    pub note: Option<String>,
    /// Every operation that it reaches; empty for the document as a whole.
    pub operations: Vec<OperationRef>,
}

impl Mark {
    /// The worst that it means for anyone.
    #[must_use]
    pub fn worst(&self) -> Verdict {
        self.verdicts.iter().map(|(_, verdict)| *verdict).max().unwrap_or_default()
    }

    /// The verdicts in words: `in requests: breaking on the wire, compatible at run time`.
    fn words(&self) -> String {
        let verdicts = self.verdicts.iter().map(|(aspect, verdict)| format!("{verdict} {aspect}"));
        let words = verdicts.collect::<Vec<_>>().join(", ");
        match self.direction {
            Direction::Request => format!("in requests: {words}"),
            Direction::Response => format!("in responses: {words}"),
            Direction::Neither => words,
        }
    }

    fn class(&self) -> &'static str {
        match self.worst() {
            Verdict::Compatible => "mark compatible",
            Verdict::PotentiallyBreaking => "mark potentially",
            Verdict::Breaking => "mark breaking",
        }
    }
}

impl From<&Row> for Mark {
    fn from(row: &Row) -> Self {
        let change = row.change.as_ref();
        let site = change.and_then(|change| change.revision.as_ref().or(change.base.as_ref()));
        let words = |aspect| match aspect {
            Aspect::Wire => "on the wire",
            Aspect::RustApi => "in Rust",
            Aspect::RunTime => "at run time",
        };
        Self {
            pointer: site.map(|site| site.pointer.clone()).unwrap_or_default(),
            direction: change.map_or(Direction::Neither, |change| change.direction),
            verdicts: Aspect::ALL.map(|aspect| (words(aspect), row.verdict(aspect))).to_vec(),
            rule: row.rule().to_owned(),
            message: row.message().to_owned(),
            note: change.and_then(|change| change.run_time_note.as_deref()).map(str::to_owned),
            operations: row.operations().to_vec(),
        }
    }
}

/// A mark where the change is. `number` is its place in the list of [`list`].
pub(super) fn note(number: usize, mark: &Mark) -> Markup {
    html! {
        p class=(mark.class()) {
            strong { "Changed, " (mark.words()) "." } " " (sentence(&mark.message)) ". "
            a href={ "#change-" (number) } { "Change " (number) }
        }
    }
}

/// Every mark, with a link to the place where it is shown: its `id` and what is there.
pub(super) fn list(base: &str, marks: &[Mark], places: &[(String, String)]) -> Markup {
    html! {
        section aria-labelledby="changes" {
            h2 id="changes" { "What changed since " (base) }
            @if marks.is_empty() { p { "Nothing: the two mean the same." } }
            @else {
                p { (totals(marks)) }
                ol.changes {
                    @for ((number, mark), (id, name)) in (1..).zip(marks).zip(places) {
                        li id={ "change-" (number) } class=(mark.class()) {
                            p { strong { (sentence(&mark.message)) "." } }
                            p {
                                (mark.words())
                                @if let Some(note) = &mark.note { "; " (sentence(note)) }
                                "."
                            }
                            p.where {
                                "Shown at " a href={ "#" (id) } { code { (name) } }
                                @if !mark.operations.is_empty() {
                                    " · reaches " (operations(&mark.operations))
                                }
                                " · rule " code { (mark.rule) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn totals(marks: &[Mark]) -> String {
    let count = |verdict| marks.iter().filter(|mark| mark.worst() == verdict).count();
    let all = [Verdict::Breaking, Verdict::PotentiallyBreaking, Verdict::Compatible];
    let words: Vec<_> = all
        .into_iter()
        .map(|verdict| (count(verdict), verdict))
        .filter(|(count, _)| *count > 0)
        .map(|(count, verdict)| format!("{count} {verdict}"))
        .collect();
    let changes = plural(marks.len(), "change");
    format!("{changes}, by the worst that each means: {}.", words.join(", "))
}

fn operations(operations: &[OperationRef]) -> String {
    let names: Vec<_> = operations
        .iter()
        .map(|operation| operation.id.clone().unwrap_or_else(|| operation.to_string()))
        .collect();
    names.join(", ")
}
