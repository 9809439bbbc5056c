//! A call of an operation twice, side by side: as it goes over the wire, and as the generated client
//! makes it. Both are made from the examples of the contract; what it has none of is a placeholder.

use std::fmt::Write;

use maud::{Markup, html};
use openapi_document::{Cursor, Operation, fold};
use serde_json::Value;

use crate::credential::{carried, requirement};
use crate::library;
use crate::text::{block, plain};
use crate::view::{View, operation_id};

/// A parameter with the value that the calls have for it.
struct Argument<'a> {
    name: &'a str,
    place: &'a str,
    example: Option<&'a Value>,
}

impl Argument<'_> {
    fn text(&self) -> String {
        self.example.map_or_else(|| format!("<{}>", self.name), plain)
    }
}

fn arguments<'a>(view: &View<'a>, operation: &Operation<'a>) -> Vec<Argument<'a>> {
    let argument = |(at, _): (Cursor<'a>, Vec<String>)| {
        let text = |name: &str| at.value.get(name).and_then(Value::as_str);
        let example = view.examples_of(&at).into_iter().next().and_then(|example| example.value);
        Some(Argument { name: text("name")?, place: text("in")?, example })
    };
    let parameters = view.parameters(operation).into_iter();
    let current = parameters.filter(|(at, _)| at.value.get("deprecated") != Some(&true.into()));
    current.filter_map(argument).collect()
}

/// The two calls, side by side where there is room.
pub(crate) fn calls<'a>(view: &View<'a>, operation: &Operation<'a>) -> Markup {
    let arguments = arguments(view, operation);
    let id = operation_id(operation);
    let method = view.methods.and_then(|methods| methods.get(id));
    let library = library::call(view.calls, id);
    let example = |name: &str| {
        arguments.iter().find(|argument| fold(argument.name) == name)?.example.cloned()
    };
    let by_context: Vec<_> = arguments
        .iter()
        .map(|argument| argument.name)
        .filter(|name| view.context_headers.iter().any(|header| header.eq_ignore_ascii_case(name)))
        .filter(|name| method.is_some_and(|method| !method.takes(name)))
        .collect();
    html! {
        div.calls {
            div {
                h4 { "REST call" }
                (block(&format!("REST call of {id}"), &message(view, operation, &arguments)))
            }
            @if view.methods.is_some() || library.is_some() { div {
                h4 { "Rust call" }
                @if let Some(library) = library {
                    (block(&format!("Rust call of {id} by the library"), &library))
                    p { "or with the generated client, which knows nothing of entity tags and conflicts:" }
                }
                @if let Some(method) = method {
                    (block(&format!("Rust call of {id} by the generated client"), &method.call(&example)))
                    p { "which is this method of " code { (view.package.replace('-', "_")) "::Client" } ":" }
                    (block(&format!("Rust signature of {id}"), &method.signature))
                    p {
                        "The token "
                        @for (index, name) in by_context.iter().enumerate() {
                            (if index == 0 { "and the headers " } else { ", " }) code { (name) }
                        }
                        " go into the " code { "Context" } " of the client."
                    }
                } @else { p { "There is no generated method." } }
            } }
        }
    }
}

/// The request as HTTP/1.1 has it (RFC 9112 section 2.1).
fn message<'a>(view: &View<'a>, operation: &Operation<'a>, arguments: &[Argument<'a>]) -> String {
    let at = Cursor::new(operation.value, operation.pointer.clone());
    let of = |place: &'static str| arguments.iter().filter(move |a| a.place == place);
    let credentials = carried(view, requirement(view, &at).as_ref());
    let carried = |place: &'static str| credentials.iter().filter(move |(at, ..)| at == place);

    let (host, base) = host(view, operation);
    let target = of("path").fold(base + operation.path, |target, argument| {
        target.replace(&format!("{{{}}}", argument.name), &encoded(&argument.text()))
    });
    let query: Vec<_> = of("query")
        .map(|argument| format!("{}={}", argument.name, encoded(&argument.text())))
        .chain(carried("query").map(|(_, name, value)| format!("{name}={value}")))
        .collect();
    let cookies: Vec<_> = of("cookie")
        .map(|argument| format!("{}={}", argument.name, argument.text()))
        .chain(carried("cookie").map(|(_, name, value)| format!("{name}={value}")))
        .collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let method = operation.method.to_uppercase();

    let mut message = format!("{method} {target}{query} HTTP/1.1\nHost: {host}\n");
    let mut header = |name: &str, value: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(message, "{name}: {value}");
    };
    for (_, name, value) in carried("header") {
        header(name, value);
    }
    if let Some(accepted) = accepted(view, &at) {
        header("Accept", &accepted);
    }
    if !cookies.is_empty() {
        header("Cookie", &cookies.join("; "));
    }
    for argument in of("header") {
        header(argument.name, &argument.text());
    }
    let body = at.get("requestBody").map(|body| view.resolve(body).0);
    let content = body.and_then(|body| body.get("content"));
    if let Some((media, at)) = content.and_then(|at| at.children().into_iter().next()) {
        header("Content-Type", &media);
        let example = view.examples_of(&at).into_iter().next();
        let text = example.and_then(|example| view.example_text(&example));
        message.push('\n');
        message += text.as_deref().unwrap_or("<body>");
    }
    message.trim_end().to_owned()
}

/// The media types of the first success.
fn accepted(view: &View<'_>, operation: &Cursor<'_>) -> Option<String> {
    let responses = operation.get("responses")?.children();
    let (_, success) = responses.into_iter().find(|(status, _)| status.starts_with('2'))?;
    let value = view.contract.resolve_value(success.value)?;
    let types: Vec<_> = value.get("content")?.as_object()?.keys().cloned().collect();
    if types.is_empty() { None } else { Some(types.join(", ")) }
}

/// The host of the first server, and the path that it begins with; its variables have their defaults.
fn host(view: &View<'_>, operation: &Operation<'_>) -> (String, String) {
    let first = |value: &Value| Some(value.get("servers")?.get(0)?.clone());
    let server = first(operation.value)
        .or_else(|| first(operation.item))
        .or_else(|| first(&view.contract.json));
    let Some(server) = server else { return ("<host>".to_owned(), String::new()) };
    let mut url = server.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
    let variables = server.get("variables").and_then(Value::as_object);
    for (name, variable) in variables.into_iter().flatten() {
        let default = variable.get("default").and_then(Value::as_str).unwrap_or_default();
        url = url.replace(&format!("{{{name}}}"), default);
    }
    match url.split_once("://") {
        Some((_, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let path = path.trim_end_matches('/');
            let slash = if path.is_empty() { "" } else { "/" };
            (host.to_owned(), format!("{slash}{path}"))
        }
        // An address relative to that of the contract, which has none.
        None => ("<host>".to_owned(), url.trim_end_matches('/').to_owned()),
    }
}

/// A value in a path or a query (RFC 3986 section 2.3); a placeholder stays readable.
fn encoded(text: &str) -> String {
    if text.starts_with('<') && text.ends_with('>') {
        return text.to_owned();
    }
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}
