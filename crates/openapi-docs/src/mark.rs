//! What changed, as the page says it: in words, at the nearest place that the page has for it.

use std::fmt;

use maud::{Markup, html};

use crate::text::sentence;

/// The worst that a change means for anyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Compatible.
    Compatible,
    /// It breaks those who relied on it.
    PotentiallyBreaking,
    /// Breaking.
    Breaking,
}

impl Level {
    fn class(self) -> &'static str {
        match self {
            Self::Compatible => "mark compatible",
            Self::PotentiallyBreaking => "mark potentially",
            Self::Breaking => "mark breaking",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Compatible => "compatible",
            Self::PotentiallyBreaking => "potentially breaking",
            Self::Breaking => "breaking",
        })
    }
}

/// A change of the contract, to be shown where it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Where it is: a JSON Pointer into the revision, or into the base for what is gone.
    pub pointer: String,
    /// The worst that it means for anyone.
    pub level: Level,
    /// What it means for whom: `in requests: breaking on the wire, compatible at run time`.
    pub verdicts: String,
    /// The rule that found it, a stable name.
    pub rule: String,
    /// What changed, a sentence.
    pub message: String,
    /// Why a verdict is what it is, where the message does not say so.
    pub note: Option<String>,
    /// The names of the operations that it reaches; empty for the document as a whole.
    pub operations: Vec<String>,
}

/// A mark where the change is. `number` is its place in the list of [`list`].
pub(crate) fn note(number: usize, mark: &Mark) -> Markup {
    html! {
        p class=(mark.level.class()) {
            strong { "Changed, " (mark.verdicts) "." } " " (sentence(&mark.message)) ". "
            a href={ "#change-" (number) } { "Change " (number) }
        }
    }
}

/// Every mark, with a link to the place where it is shown: its `id` and what is there.
pub(crate) fn list(base: &str, marks: &[Mark], places: &[(String, String)]) -> Markup {
    html! {
        section aria-labelledby="changes" {
            h2 id="changes" { "What changed since " (base) }
            @if marks.is_empty() { p { "Nothing: the two mean the same." } }
            @else {
                p { (totals(marks)) }
                ol.changes {
                    @for ((number, mark), (id, name)) in (1..).zip(marks).zip(places) {
                        li id={ "change-" (number) } class=(mark.level.class()) {
                            p { strong { (sentence(&mark.message)) "." } }
                            p {
                                (mark.verdicts)
                                @if let Some(note) = &mark.note { "; " (sentence(note)) }
                                "."
                            }
                            p.where {
                                "Shown at " a href={ "#" (id) } { code { (name) } }
                                @if !mark.operations.is_empty() {
                                    " · reaches " (mark.operations.join(", "))
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
    let count = |level| marks.iter().filter(|mark| mark.level == level).count();
    let words: Vec<_> = [Level::Breaking, Level::PotentiallyBreaking, Level::Compatible]
        .into_iter()
        .map(|level| (count(level), level))
        .filter(|(count, _)| *count > 0)
        .map(|(count, level)| format!("{count} {level}"))
        .collect();
    let plural = if marks.len() == 1 { "" } else { "s" };
    format!("{} change{plural}, by the worst that each means: {}.", marks.len(), words.join(", "))
}
