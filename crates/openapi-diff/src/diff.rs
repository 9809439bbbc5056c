//! The comparison from its beginning to its end.

use openapi_document::Document;

use crate::change::{Change, Direction, Verdict};
use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::{operation, unread};

/// Every change from `base` to `revision`.
pub(crate) fn run(base: &Document, revision: &Document) -> Vec<Change> {
    let mut work = Comparison::new(base, revision);
    info(&mut work);
    operation::compare(&mut work);
    unread::compare(&mut work);
    if work.schemas.exhausted {
        work.recorder.visit(None);
        let text =
            "the schemas refer to each other in so many ways that not all of them were compared";
        work.record(Finding::named(
            "comparison-incomplete",
            Direction::Neither,
            Verdict::PotentiallyBreaking,
            text.to_owned(),
        ));
    }
    work.recorder.into_changes()
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
