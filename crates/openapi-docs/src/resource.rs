//! A path: what its operations do about entity tags, then the operations. Only what the contract says
//! is said, in its own words where it has some.

use maud::{Markup, html};
use openapi_document::{Cursor, Operation, escape};
use serde_json::Value;

use crate::node::Node;
use crate::operation::{operation, response_anchor};
use crate::text::description;
use crate::view::{View, resource_anchor};

/// The statuses that mean a conflict wherever they come from: RFC 9110 sections 15.5.10 and 15.5.13,
/// RFC 6585 section 3.
const CONFLICTS: [&str; 3] = ["409", "412", "428"];

/// A path with its operations.
pub(crate) fn resource<'a>(view: &View<'a>, path: &str, operations: &[Operation<'a>]) -> Markup {
    let pointer = format!("/paths/{}", escape(path));
    let anchor = resource_anchor(path);
    let place = view.places.named(anchor.clone(), std::slice::from_ref(&pointer));
    let item = view.at(&pointer).map(|at| view.resolve(at).0);
    html! {
        section.resource aria-labelledby=(anchor) {
            h2 id=(anchor) { code { (path) } }
            (place.notes)
            @if let Some(summary) = item.as_ref().and_then(|at| at.value.get("summary")?.as_str()) {
                p { (summary) }
            }
            @if let Some(item) = &item { (description(item.value)) }
            (concurrency(view, item.as_ref(), operations, &anchor))
            @for at in operations { (operation(view, at)) }
        }
    }
}

fn concurrency<'a>(
    view: &View<'a>,
    item: Option<&Cursor<'a>>,
    operations: &[Operation<'a>],
    anchor: &str,
) -> Markup {
    let id = format!("{anchor}.etag");
    let tags = item.map(|item| stated(item)).filter(|tags| !tags.is_empty());
    let tags = tags.unwrap_or_else(|| found(view, operations));
    let preconditions: Vec<_> = operations.iter().flat_map(|at| preconditions(view, at)).collect();
    let conflicts: Vec<_> = operations
        .iter()
        .map(|at| (at, conflicts(view, at)))
        .filter(|(_, conflicts)| !conflicts.is_empty())
        .collect();
    // Of a contract that has nothing to do with them, nothing is said.
    let silent = view.methods.is_none() && tags.is_empty() && conflicts.is_empty();
    if silent && operations.iter().all(|at| taken(view, at).is_empty()) {
        return Markup::default();
    }
    html! {
        section.etag {
            h3 id=(id) { "ETag and conflicts" }
            dl {
                dt { "Where the ETag is" }
                @for tag in &tags { dd { (tag) } }
                @if tags.is_empty() { dd { "The contract names no entity tag here." } }
                dt { "Preconditions" }
                @for precondition in &preconditions { dd { (precondition) } }
                @if preconditions.is_empty() { dd { "No operation takes one." } }
                dt { "Conflicts" }
                @for (at, conflicts) in &conflicts {
                    dd {
                        (view.operation_link(&at.pointer)) " answers with "
                        @for (index, (status, _)) in conflicts.iter().enumerate() {
                            @if index > 0 { @if index + 1 == conflicts.len() { " or " } @else { ", " } }
                            a href={ "#" (response_anchor(view.operation_anchor(&at.pointer), status)) } {
                                (status)
                            }
                        }
                        "."
                    }
                }
                @if conflicts.is_empty() { dd { "No response is described as one." } }
            }
            (meaning(&conflicts))
        }
    }
}

/// How each conflict is documented, once for all operations that document it alike.
fn meaning(conflicts: &[(&Operation<'_>, Vec<(String, Cursor<'_>)>)]) -> Markup {
    let mut said: Vec<(&str, &Cursor<'_>)> = Vec::new();
    for (status, at) in conflicts.iter().flat_map(|(_, conflicts)| conflicts) {
        if !said.iter().any(|(other, before)| other == status && before.pointer == at.pointer) {
            said.push((status, at));
        }
    }
    html! {
        @if !said.is_empty() {
            h4 { "What a conflict looks like, and what the client does" }
            dl.conflicts {
                @for (status, at) in said {
                    dt { "Response " (status) }
                    dd { (description(at.value)) }
                }
            }
        }
    }
}

/// What the extension `x-etag` of the path says: the place in the body, the header, or both.
fn stated(item: &Cursor<'_>) -> Vec<Markup> {
    let text = |name: &str| item.value.get("x-etag")?.get(name)?.as_str().map(str::to_owned);
    let body = text("body").map(|pointer| {
        let member = pointer.trim_start_matches('/').replace('/', ".");
        html! { "In the body, " code { (member) } }
    });
    let header = text("header").map(|name| html! { "In the header " code { (name) } });
    header.into_iter().chain(body).collect()
}

/// Where the successes of the operations have something that is called an entity tag.
fn found<'a>(view: &View<'a>, operations: &[Operation<'a>]) -> Vec<Markup> {
    let mut tags = Vec::new();
    for at in operations {
        let link = view.operation_link(&at.pointer);
        for (status, at) in view.children(&format!("{}/responses", at.pointer)) {
            let (at, _) = view.resolve(at);
            let headers = at.value.get("headers").and_then(Value::as_object);
            let mut names = headers.into_iter().flatten().map(|(name, _)| name);
            if !status.starts_with('2') {
                continue;
            }
            if let Some(name) = names.find(|name| name.eq_ignore_ascii_case("ETag")) {
                tags.push(html! { "In the header " code { (name) } " of response " (status) " of " (link) });
            }
            let bodies = at.get("content").map(|at| at.children()).unwrap_or_default();
            let body = bodies.into_iter().find_map(|(_, at)| at.get("schema"));
            if let Some(path) =
                body.and_then(|body| Node::of(view.contract, &[body]).entity_tag(view.contract, 4))
            {
                tags.push(html! {
                    "In the body of response " (status) " of " (link) ", " code { (path) }
                });
            }
        }
    }
    tags
}

/// The conditional headers that an operation takes, or that one that writes takes none.
fn preconditions<'a>(view: &View<'a>, operation: &Operation<'a>) -> Vec<Markup> {
    let mut taken = taken(view, operation);
    let writes = ["put", "patch", "delete", "post"].contains(&operation.method);
    if taken.is_empty() && writes {
        taken.push(html! { (view.operation_link(&operation.pointer)) " takes none." });
    }
    taken
}

/// The conditional headers that an operation takes (RFC 9110 section 13.1).
fn taken<'a>(view: &View<'a>, operation: &Operation<'a>) -> Vec<Markup> {
    let link = view.operation_link(&operation.pointer);
    let headers = view.parameters(operation).into_iter().filter(|(at, _)| {
        let name = at.value.get("name").and_then(Value::as_str).unwrap_or_default();
        let conditional = ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"];
        at.value.get("in").is_some_and(|place| place == "header")
            && conditional.iter().any(|header| header.eq_ignore_ascii_case(name))
    });
    headers
        .map(|(at, _)| {
            let required = at.value.get("required") == Some(&true.into());
            let name = at.value.get("name").and_then(Value::as_str).unwrap_or_default();
            let word = if required { "required" } else { "optional" };
            html! { code { (name) } " is " strong { (word) } " for " (link) (description(at.value)) }
        })
        .collect()
}

/// The responses that mean a conflict: by their status, or because they are described as one.
fn conflicts<'a>(view: &View<'a>, operation: &Operation<'a>) -> Vec<(String, Cursor<'a>)> {
    let responses = view.children(&format!("{}/responses", operation.pointer)).into_iter();
    let resolved = responses.map(|(status, at)| (status, view.resolve(at).0));
    let means = |status: &str, at: &Cursor<'_>| {
        let description = at.value.get("description").and_then(Value::as_str).unwrap_or_default();
        let described = description.to_ascii_lowercase().contains("conflict");
        CONFLICTS.contains(&status) || (status.starts_with('4') && described)
    };
    resolved.filter(|(status, at)| means(status, at)).collect()
}

/// The operations of a contract by their paths, paths without operations included.
pub(crate) fn paths<'a>(view: &View<'a>) -> Vec<(String, Vec<Operation<'a>>)> {
    let operations: Vec<_> = view.contract.operations().collect();
    let paths = view.children("/paths").into_iter().filter(|(path, _)| path.starts_with('/'));
    let of = |path: &str| operations.iter().filter(|at| at.path == path).cloned().collect();
    paths.map(|(path, _)| (path.clone(), of(&path))).collect()
}
