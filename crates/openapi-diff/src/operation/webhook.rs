//! Calls that the service makes on its own (OpenAPI 3.1.1 section 4.8.1): what it sends there, clients read.

use std::collections::{HashMap, HashSet};

use openapi_document::Document;

use crate::change::{Direction, Verdict};
use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::operation::{Operation, of_item, stayed};

/// Compares the webhooks of two documents.
pub(crate) fn compare(work: &mut Comparison<'_>) {
    let (old, new) = (all(work.base), all(work.revision));
    let theirs: HashMap<_, _> = old.iter().rev().map(|a| ((a.path, a.method), a)).collect();
    let ours: HashSet<_> = new.iter().map(|b| (b.path, b.method)).collect();
    for b in &new {
        let Some(a) = theirs.get(&(b.path, b.method)) else { continue };
        work.visit(b.reference());
        work.callback = true;
        stayed(work, a, b);
        work.callback = false;
    }
    for a in old.iter().filter(|a| !ours.contains(&(a.path, a.method))) {
        work.visit(a.reference());
        let text = format!("{} is not called any more", a.reference());
        let wire = Verdict::PotentiallyBreaking;
        let finding = Finding::named("webhook-removed", Direction::Neither, wire, text);
        work.record(finding.at(Some(&a.at.pointer), None));
    }
    for b in new.iter().filter(|b| !theirs.contains_key(&(b.path, b.method))) {
        work.visit(b.reference());
        let text = format!("{} is called now", b.reference());
        let wire = Verdict::Compatible;
        let finding = Finding::named("webhook-added", Direction::Neither, wire, text);
        work.record(finding.at(None, Some(&b.at.pointer)));
    }
}

/// Those of OpenAPI 3.1, and those that documents of 3.0 have under the name that `ReDoc` reads.
fn all(document: &Document) -> Vec<Operation<'_>> {
    let root = document.root();
    let items: Vec<_> = root.entries("webhooks").chain(root.entries("x-webhooks")).collect();
    let items = items.iter().flat_map(|(name, item)| of_item(document, name, item));
    items.map(|operation| Operation { webhook: true, ..operation }).collect()
}
