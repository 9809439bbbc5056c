//! The operations of two documents, and which is which.

mod body;
mod encoding;
mod exploded;
mod header;
mod link;
mod media_type;
mod parameter;
mod response;
mod security;
mod server;
mod style;
pub(crate) mod unread;
mod webhook;

use std::collections::{HashMap, HashSet};

use crate::change::{Direction, OperationRef, Verdict};
use crate::comparison::Comparison;
use crate::finding::Finding;
use openapi_document::{Cursor, Document, METHODS};
use unread::Kind;

/// An operation with the path item it is in.
#[derive(Debug, Clone)]
pub(crate) struct Operation<'a> {
    pub(crate) path: &'a str,
    pub(crate) method: &'a str,
    pub(crate) item: Cursor<'a>,
    pub(crate) at: Cursor<'a>,
    /// The path is the name of a webhook.
    pub(crate) webhook: bool,
}

impl Operation<'_> {
    pub(crate) fn reference(&self) -> OperationRef {
        OperationRef {
            path: if self.webhook {
                format!("webhook {}", self.path)
            } else {
                self.path.to_owned()
            },
            method: self.method.to_owned(),
            id: self.id().map(str::to_owned),
        }
    }

    fn id(&self) -> Option<&str> {
        self.at.text("operationId")
    }

    /// The path without the names of its parameters, which are not on the wire.
    fn template(&self) -> String {
        template(self.path)
    }
}

fn template(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else { break };
        text.push_str(&rest[..open]);
        text.push_str("{}");
        rest = &rest[open + close + 1..];
    }
    text.push_str(rest);
    text
}

/// Every operation of a document, in its order.
pub(crate) fn operations(document: &Document) -> Vec<Operation<'_>> {
    let root = Cursor { value: &document.json, pointer: String::new() };
    let paths = root.get("paths");
    paths.into_iter().flat_map(|paths| paths.members().collect::<Vec<_>>()).fold(
        Vec::new(),
        |mut all, (path, item)| {
            all.extend(of_item(document, path, &item));
            all
        },
    )
}

/// The operations of one path item.
pub(crate) fn of_item<'a>(
    document: &'a Document,
    path: &'a str,
    item: &Cursor<'a>,
) -> Vec<Operation<'a>> {
    let item = document.follow(item.clone());
    if path.starts_with("x-") {
        return Vec::new();
    }
    // OpenAPI 3.2 has one more method, and any other one by its name.
    let known = METHODS.iter().copied().chain(["query"]);
    let known = known.filter_map(|method| Some((method, item.get(method)?)));
    let all = known.chain(item.entries("additionalOperations"));
    let operation =
        |(method, at)| Operation { path, method, item: item.clone(), at, webhook: false };
    all.filter(|(_, at)| at.value.is_object()).map(operation).collect()
}

/// Operations by their names; of several that share one, the first.
fn by_id<'r>(operations: &[&'r Operation<'_>]) -> HashMap<&'r str, &'r Operation<'r>> {
    operations.iter().rev().filter_map(|one| Some((one.id()?, *one))).collect()
}

/// Compares all operations: those that stayed, went and came.
pub(crate) fn compare(work: &mut Comparison<'_>) {
    let (old, new) = (operations(work.base), operations(work.revision));
    let exact: HashMap<_, _> =
        new.iter().enumerate().rev().map(|(index, b)| ((b.method, b.path), index)).collect();
    let named: HashSet<_> = old.iter().map(|a| (a.method, a.path)).collect();
    let free = new.iter().enumerate().rev().filter(|(_, b)| !named.contains(&(b.method, b.path)));
    let alike: HashMap<_, _> = free.map(|(index, b)| ((b.method, b.template()), index)).collect();
    let templates: HashSet<_> = new.iter().map(Operation::template).collect();
    let mut taken = HashSet::new();
    let mut pairs = Vec::new();
    let mut gone = Vec::new();
    for a in &old {
        let index = exact.get(&(a.method, a.path));
        let index = index.or_else(|| alike.get(&(a.method, a.template())));
        match index.filter(|index| taken.insert(**index)) {
            Some(index) => pairs.push((a, &new[*index])),
            None => gone.push(a),
        }
    }
    for (a, b) in pairs {
        work.visit(b.reference());
        stayed(work, a, b);
    }
    let free = new.iter().enumerate().filter(|(index, _)| !taken.contains(index));
    let come: Vec<_> = free.map(|(_, b)| b).collect();
    let (went_by, come_by) = (by_id(&gone), by_id(&come));
    for a in gone {
        work.visit(a.reference());
        let path_stays = templates.contains(&a.template());
        let deprecated = if a.at.flag("deprecated") { "with" } else { "without" };
        let rule = if path_stays {
            format!("api-removed-{deprecated}-deprecation")
        } else {
            format!("api-path-removed-{deprecated}-deprecation")
        };
        let text = match a.id().and_then(|id| Some((id, come_by.get(id)?))) {
            Some((id, b)) => {
                format!("{} is gone: `{id}` is at {} now", a.reference(), b.reference())
            }
            None => format!("{} is gone", a.reference()),
        };
        let finding = Finding::named(rule, Direction::Neither, Verdict::Breaking, text);
        work.record(finding.at(Some(&a.at.pointer), None));
    }
    for b in come {
        work.visit(b.reference());
        let text = match b.id().and_then(|id| Some((id, went_by.get(id)?))) {
            Some((id, a)) => format!("{} is new: `{id}` was at {}", b.reference(), a.reference()),
            None => format!("{} is new", b.reference()),
        };
        let finding =
            Finding::named("endpoint-added", Direction::Neither, Verdict::Compatible, text);
        work.record(finding.at(None, Some(&b.at.pointer)));
    }
    callbacks(work, &old, &new);
    webhook::compare(work);
}

fn stayed<'a>(work: &mut Comparison<'a>, a: &Operation<'a>, b: &Operation<'a>) {
    about(work, a, b);
    let name = b.reference().to_string();
    unread::compare(work, Kind::PathItem, &a.item, &b.item, &name);
    unread::compare(work, Kind::Operation, &a.at, &b.at, &name);
    parameter::compare(work, a, b);
    body::compare(work, a, b);
    response::compare(work, a, b);
    if !work.callback {
        security::compare(work, a, b);
        server::compare(work, a, b);
    }
}

/// What is said of an operation rather than sent.
fn about<'a>(work: &mut Comparison<'a>, a: &Operation<'a>, b: &Operation<'a>) {
    let neutral = |rule: &'static str, text: String| {
        Finding::named(rule, Direction::Neither, Verdict::Compatible, text)
            .at(Some(&a.at.pointer), Some(&b.at.pointer))
    };
    let name = b.reference();
    let (old, new) = (a.id(), b.id());
    if old != new {
        let text = match (old, new) {
            (Some(old), Some(new)) => {
                format!("{name} has the operationId `{new}` now, not `{old}`")
            }
            (Some(old), None) => format!("{name} has no operationId any more, which was `{old}`"),
            (None, new) => format!("{name} has the operationId `{}` now", new.unwrap_or_default()),
        };
        let rule = match (old, new) {
            (None, _) => "api-operation-id-added",
            _ => "api-operation-id-removed",
        };
        work.record(neutral(rule, text));
    }
    match (a.at.flag("deprecated"), b.at.flag("deprecated")) {
        (false, true) => {
            work.record(neutral("endpoint-deprecated", format!("{name} is deprecated now")));
        }
        (true, false) => {
            work.record(neutral(
                "endpoint-reactivated",
                format!("{name} is not deprecated any more"),
            ));
        }
        (true, true) => {
            let sunset =
                Finding::sunset(&name.to_string(), a.at.text("x-sunset"), b.at.text("x-sunset"));
            if let Some(finding) = sunset {
                work.record(finding.at(Some(&a.at.pointer), Some(&b.at.pointer)));
            }
        }
        (false, false) => {}
    }
    let tags = |operation: &Operation<'a>| -> Vec<&'a str> {
        operation.at.elements("tags").filter_map(|tag| tag.value.as_str()).collect()
    };
    let (old, new) = (tags(a), tags(b));
    for tag in old.iter().filter(|tag| !new.contains(tag)) {
        work.record(neutral("api-tag-removed", format!("{name} has no tag `{tag}` any more")));
    }
    for tag in new.iter().filter(|tag| !old.contains(tag)) {
        work.record(neutral("api-tag-added", format!("{name} has the tag `{tag}` now")));
    }
    for key in ["summary", "description"] {
        work.described(&a.at, &b.at, key, &name.to_string());
    }
    let etag =
        |operation: &Operation<'a>| operation.item.get("x-etag").or(operation.at.get("x-etag"));
    match (etag(a), etag(b)) {
        (Some(old), Some(new)) if old.value == new.value => {}
        (None, None) => {}
        (old, new) => {
            let text = match (&old, &new) {
                (_, None) => format!("{name}: where its entity tag is, is not said any more"),
                (None, _) => format!("{name}: where its entity tag is, is said now"),
                _ => format!("{name}: its entity tag is elsewhere"),
            };
            let lost = old.is_some();
            let finding = Finding::named(
                "etag-location-changed",
                Direction::Neither,
                Verdict::Compatible,
                text,
            )
            .at(
                old.as_ref().map(|at| at.pointer.as_str()),
                new.as_ref().map(|at| at.pointer.as_str()),
            );
            let note = "a client that reads the tag where it was has none to send as If-Match";
            work.record(if lost { finding.run_time(Verdict::Breaking, note) } else { finding });
        }
    }
}

/// Operations that the service calls at the client: everything is the other way round.
fn callbacks<'a>(work: &mut Comparison<'a>, old: &[Operation<'a>], new: &[Operation<'a>]) {
    let known: HashMap<_, _> = old.iter().rev().map(|a| ((a.method, a.template()), a)).collect();
    for b in new {
        let Some(a) = known.get(&(b.method, b.template())) else { continue };
        let all = |document: &'a Document,
                   operation: &Operation<'a>|
         -> Vec<(String, Operation<'a>)> {
            let named = operation.at.entries("callbacks");
            let found = named.flat_map(|(name, at)| {
                let at = document.follow(at);
                let inner = at.members().flat_map(|(url, item)| of_item(document, url, &item));
                inner
                    .map(|inner| {
                        (
                            format!("`{name}` ({} {})", inner.method.to_uppercase(), inner.path),
                            inner,
                        )
                    })
                    .collect::<Vec<_>>()
            });
            found.collect()
        };
        let (theirs, ours) = (all(work.base, a), all(work.revision, b));
        work.visit(b.reference());
        for (key, inner) in &ours {
            if let Some((_, before)) = theirs.iter().find(|(known, _)| known == key) {
                work.callback = true;
                parameter::compare(work, before, inner);
                body::compare(work, before, inner);
                response::compare(work, before, inner);
                work.callback = false;
                continue;
            }
            let text = format!("{} calls back by {key} now", b.reference());
            let finding =
                Finding::named("api-callback-added", Direction::Neither, Verdict::Compatible, text);
            work.record(finding.at(Some(&a.at.pointer), Some(&inner.at.pointer)));
        }
        for (key, before) in
            theirs.iter().filter(|(key, _)| !ours.iter().any(|(known, _)| known == key))
        {
            let text = format!("{} does not call back by {key} any more", b.reference());
            let finding = Finding::named(
                "api-callback-removed",
                Direction::Neither,
                Verdict::PotentiallyBreaking,
                text,
            );
            work.record(finding.at(Some(&before.at.pointer), Some(&b.at.pointer)));
        }
    }
}
