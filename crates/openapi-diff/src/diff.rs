//! The comparison from its beginning to its end.

use std::collections::BTreeMap;

use openapi_document::Document;

use crate::change::{Change, Direction, Verdict};
use crate::comparison::Comparison;
use crate::dialect;
use crate::finding::Finding;
use crate::network;
use crate::numbers;
use crate::operation;
use crate::operation::unread::{self, Kind};

/// Every change from `base` to `revision`.
pub(crate) fn run(base: &Document, revision: &Document) -> Vec<Change> {
    let (base, revision) = (numbers::exact(base), numbers::exact(revision));
    let (base, revision) = (dialect::resolved(&base), dialect::resolved(&revision));
    let mut work = Comparison::new(&base.document, &revision.document);
    info(&mut work);
    let (a, b) = (work.base.root(), work.revision.root());
    unread::compare(&mut work, Kind::Document, &a, &b, "the document");
    operation::compare(&mut work);
    network::compare(&mut work);
    work.recorder.visit(None);
    if work.schemas.exhausted {
        let text =
            "the schemas refer to each other in so many ways that not all of them were compared";
        work.record(incomplete(text.to_owned()));
    }
    // What nobody can tell of two documents is the same of the same document.
    if base.document.json != revision.document.json {
        let mut doubts: BTreeMap<String, (Option<String>, Option<String>)> = BTreeMap::new();
        for (at, text) in base.doubts {
            doubts.entry(text).or_default().0.get_or_insert(at);
        }
        for (at, text) in revision.doubts {
            doubts.entry(text).or_default().1.get_or_insert(at);
        }
        for (text, (old, new)) in doubts {
            work.record(incomplete(text).at(old.as_deref(), new.as_deref()));
        }
    }
    work.recorder.into_changes()
}

/// What was not compared.
pub(crate) fn incomplete(text: String) -> Finding {
    let wire = Verdict::PotentiallyBreaking;
    Finding::named("comparison-incomplete", Direction::Neither, wire, text)
}

/// What is said of the document as a whole.
fn info(work: &mut Comparison<'_>) {
    let (Some(a), Some(b)) = (work.base.at("/info"), work.revision.at("/info")) else {
        return;
    };
    let (old, new) = (a.text("version"), b.text("version"));
    if old != new {
        let said = |version: Option<&str>| version.unwrap_or("nothing").to_owned();
        let text = format!("the version of the contract is {} now, not {}", said(new), said(old));
        let finding =
            Finding::named("api-version-changed", Direction::Neither, Verdict::Compatible, text);
        work.record(finding.at(Some("/info/version"), Some("/info/version")));
    }
    for key in ["title", "description"] {
        work.described(&a, &b, key, "the contract");
    }
}
