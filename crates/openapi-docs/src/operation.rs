//! An operation with everything it takes and gives, expanded where it stands.

use maud::{Markup, html};
use openapi_document::{Cursor, Operation};
use serde_json::Value;

use crate::call::calls;
use crate::credential::{required, requirement};
use crate::node::Node;
use crate::schema::{Extent, schema, table, words};
use crate::text::{description, elsewhere, plain};
use crate::view::{View, operation_id, schema_link};

/// The operation as an article of its own.
pub(crate) fn operation<'a>(view: &View<'a>, operation: &Operation<'a>) -> Markup {
    let at = Cursor::new(operation.value, operation.pointer.clone());
    let anchor = view.operation_anchor(&operation.pointer);
    let place = view.places.named(anchor.to_owned(), std::slice::from_ref(&operation.pointer));
    let id = operation_id(operation);
    let summary = operation.value.get("summary").and_then(Value::as_str).unwrap_or(id);
    let deprecated = operation.value.get("deprecated") == Some(&true.into());
    html! {
        article.operation aria-labelledby=(anchor) {
            h3 id=(anchor) { (summary) }
            p.request { strong { (operation.method.to_uppercase()) } " " code { (operation.path) } }
            p.id { "Operation " code { (id) } @if deprecated { ", deprecated" } }
            (place.notes)
            (description(operation.value))
            (elsewhere(operation.value))
            (credentials(view, &at, anchor))
            (calls(view, operation))
            (parameters(view, operation, anchor))
            (body(view, operation, anchor))
            (responses(view, operation, anchor))
        }
    }
}

fn credentials<'a>(view: &View<'a>, at: &Cursor<'a>, anchor: &str) -> Markup {
    let security = requirement(view, at);
    let pointer = format!("{}/security", at.pointer);
    let place = view.places.named(format!("{anchor}.credentials"), &[pointer]);
    html! {
        h4 id=[place.id] { "Credentials" }
        (place.notes)
        (required(view, security.as_ref()))
    }
}

fn parameters<'a>(view: &View<'a>, operation: &Operation<'a>, anchor: &str) -> Markup {
    let parameters = view.parameters(operation);
    let pointer = format!("{}/parameters", operation.pointer);
    let place = view.places.named(format!("{anchor}.parameters"), &[pointer]);
    let columns = ["Parameter", "Type and limits", "Description"];
    let caption = format!("Parameters and headers of {}", operation_id(operation));
    html! {
        h4 id=[place.id] { "Parameters and headers" }
        (place.notes)
        @if parameters.is_empty() { p { "None." } }
        @else {
            (table(&caption, columns, &html! {
                @for (at, passed) in &parameters { (parameter(view, at, passed)) }
            }))
        }
    }
}

fn parameter<'a>(view: &View<'a>, at: &Cursor<'a>, passed: &[String]) -> Markup {
    let text = |name: &str| at.value.get(name).and_then(Value::as_str).unwrap_or_default();
    let required = at.value.get("required") == Some(&true.into());
    let (kind, pointers) = carried(view, at, passed);
    let place = view.places.unnamed(&pointers);
    html! {
        tr role="row" id=[place.id] {
            th role="rowheader" scope="row" {
                code { (text("name")) }
                " " span.in { "in " (text("in")) ", " }
                @if required { span.required { "required" } } @else { span.in { "optional" } }
            }
            td role="cell" { (kind) }
            td role="cell" { (place.notes) (description(at.value)) (examples(view, at)) }
        }
    }
}

/// Type and limits of a parameter or a header, and every place that says something of it.
fn carried<'a>(view: &View<'a>, at: &Cursor<'a>, passed: &[String]) -> (Markup, Vec<String>) {
    let mut pointers = passed.to_vec();
    let content = at.get("content").and_then(|at| at.children().into_iter().next());
    let media = content.as_ref().map(|(media, _)| media.clone());
    let schema = at.get("schema").or_else(|| content.and_then(|(_, at)| at.get("schema")));
    let node = schema.map(|schema| Node::of(view.contract, &[schema]));
    let kind = node.as_ref().map(|node| words::of(node));
    pointers.extend(node.into_iter().flat_map(|node| node.pointers));
    let deprecated = at.value.get("deprecated") == Some(&true.into());
    let kind = html! {
        @if let Some(kind) = kind { (kind) } @else { "any value" }
        @if let Some(media) = media { ", as " code { (media) } }
        @if deprecated { ", deprecated" }
    };
    (kind, pointers)
}

/// The examples of a parameter or a header, which are short.
fn examples<'a>(view: &View<'a>, at: &Cursor<'a>) -> Markup {
    html! {
        @for example in view.examples_of(at).into_iter().filter_map(|example| example.value) {
            p.example { "Example: " code { (plain(example)) } }
        }
    }
}

fn body<'a>(view: &View<'a>, operation: &Operation<'a>, anchor: &str) -> Markup {
    let id = operation_id(operation);
    let at = Cursor::new(operation.value, operation.pointer.clone());
    let Some(body) = at.get("requestBody") else { return Markup::default() };
    let (body, passed) = view.resolve(body);
    let place = view.places.named(format!("{anchor}.request"), &passed);
    let required = body.value.get("required") == Some(&true.into());
    html! {
        section.body {
            h4 id=[&place.id] { "Request body, " (if required { "required" } else { "optional" }) }
            (place.notes)
            (description(body.value))
            (content(view, &body, &format!("the request of {id}"), &mut Vec::new()))
        }
    }
}

/// The bodies that have been shown in full for this operation: what they are called, and where.
type Shown = Vec<(String, String)>;

fn responses<'a>(view: &View<'a>, operation: &Operation<'a>, anchor: &str) -> Markup {
    let responses = view.children(&format!("{}/responses", operation.pointer));
    let id = operation_id(operation);
    let mut shown = Shown::new();
    html! {
        @for (status, at) in responses.into_iter().filter(|(status, _)| !status.starts_with("x-")) {
            @let place = response_anchor(anchor, &status);
            @let of = format!("response {status} of {id}");
            (response(view, &status, at, place, &of, &mut shown))
        }
    }
}

fn response<'a>(
    view: &View<'a>,
    status: &str,
    at: Cursor<'a>,
    anchor: String,
    of: &str,
    shown: &mut Shown,
) -> Markup {
    let (at, passed) = view.resolve(at);
    let place = view.places.named(anchor, &passed);
    let heading = match status {
        "default" => "Any other response".to_owned(),
        _ if status.ends_with("XX") => format!("Response {status}, any that is not listed"),
        _ => format!("Response {status}"),
    };
    let headers = at.get("headers").map(|at| at.children()).unwrap_or_default();
    let columns = ["Header", "Type and limits", "Description"];
    html! {
        section.response {
            h4 id=[&place.id] { (heading) }
            (place.notes)
            (description(at.value))
            @if headers.is_empty() { p { "No headers are described." } }
            @else {
                (table(&format!("Headers of {of}"), columns, &html! {
                    @for (name, at) in headers { (header(view, &name, at)) }
                }))
            }
            (content(view, &at, of, shown))
            (links(view, &at))
        }
    }
}

/// Where a response leads: the operation of each link, and what is set there.
fn links<'a>(view: &View<'a>, response: &Cursor<'a>) -> Markup {
    let links = response.get("links").map(|at| at.children()).unwrap_or_default();
    html! {
        @for (name, at) in links {
            @let (at, passed) = view.resolve(at);
            @let place = view.places.unnamed(&passed);
            @let parameters = at.get("parameters").map(|at| at.children()).unwrap_or_default();
            p id=[place.id] { "Link " code { (name) } ", to " (target(view, &at)) }
            (place.notes)
            (description(at.value))
            @let body = at.value.get("requestBody");
            @if !parameters.is_empty() || body.is_some() { ul {
                @for (parameter, at) in parameters {
                    li { "Parameter " code { (parameter) } ": " code { (plain(at.value)) } }
                }
                @if let Some(body) = body {
                    li { "Request body: " code { (plain(body)) } }
                }
            } }
        }
    }
}

/// The operation that a link leads to, or what the link says of it.
fn target<'a>(view: &View<'a>, link: &Cursor<'a>) -> Markup {
    let id = link.text("operationId");
    let by_id = id.and_then(|id| {
        let mut all = view.contract.operations();
        Some(all.find(|it| it.value.get("operationId").is_some_and(|it| it == id))?.pointer)
    });
    let reference = link.text("operationRef");
    let by_reference = || Some(view.target(reference?)?.pointer);
    let leads = by_id.or_else(by_reference).map(|pointer| view.operation_link(&pointer));
    leads.unwrap_or_else(|| html! { code { (id.or(reference).unwrap_or_default()) } })
}

/// Where a response of an operation stands.
pub(crate) fn response_anchor(operation: &str, status: &str) -> String {
    format!("{operation}.response-{}", crate::text::slug(status))
}

fn header<'a>(view: &View<'a>, name: &str, at: Cursor<'a>) -> Markup {
    let (at, passed) = view.resolve(at);
    let (kind, pointers) = carried(view, &at, &passed);
    let required = at.value.get("required") == Some(&true.into());
    let place = view.places.unnamed(&pointers);
    html! {
        tr role="row" id=[place.id] {
            th role="rowheader" scope="row" {
                code { (name) } @if required { " " span.required { "always there" } }
            }
            td role="cell" { (kind) }
            td role="cell" { (place.notes) (description(at.value)) (examples(view, &at)) }
        }
    }
}

/// The body of a message, for each of its media types. What is in `shown` is not shown again.
fn content<'a>(view: &View<'a>, at: &Cursor<'a>, of: &str, shown: &mut Shown) -> Markup {
    let media_types = at.get("content").map(|at| at.children()).unwrap_or_default();
    html! {
        @if media_types.is_empty() { p { "No body is described." } }
        @for (media, at) in media_types {
            p.media { "Body: " code { (media) } }
            @if let Some(body) = at.get("schema") {
                @let name = body.value.get("$ref").and_then(Value::as_str).map(str::to_owned);
                @let before = shown.iter().find(|(other, _)| Some(other) == name.as_ref()).cloned();
                @if let Some((_, of)) = before {
                    p {
                        @if let Some(name) = Node::of(view.contract, std::slice::from_ref(&body)).name {
                            (schema_link(name)) ", "
                        }
                        "as in " (of) " above."
                    }
                } @else {
                    @let caption = format!("Body of {of}");
                    (schema(view, &body, &caption, Extent::Whole))
                    ({ shown.extend(name.map(|name| (name, of.to_owned()))); "" })
                }
            }
            @for example in view.examples_of(&at) { (view.example(&example, of)) }
        }
    }
}
