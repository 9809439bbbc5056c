//! The contract as one page that can be read anywhere: without network, script or colours, on a phone,
//! on paper, by keyboard and aloud. What it says is what the contract and the generated client say.
//!
//! The same contract gives the same page, and every `id` in it is made from names of the contract, so
//! that links to it last as long as those.

mod call;
mod credential;
mod library;
mod mark;
mod method;
mod node;
mod operation;
mod place;
mod resource;
mod schema;
mod text;
mod usage;
mod view;

use std::collections::BTreeMap;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use openapi_document::{Contract, Cursor, escape};
use serde_json::Value;

use place::Places;
use schema::Extent;
use text::{description, elsewhere, link, markdown};
use view::{View, resource_anchor, schema_anchor, schema_link};

pub use mark::{Level, Mark};
pub use method::Methods;

/// The style sheet of the page.
pub const STYLE: &str = include_str!("page.css");

/// The texts of the examples that are in files of their own, by their `externalValue`.
pub type Examples = BTreeMap<String, String>;

/// What a page is made from.
#[derive(Clone, Copy)]
pub struct Page<'a> {
    /// The contract.
    pub contract: &'a Contract,
    /// The methods of the client that is generated from it, if one is.
    pub methods: Option<&'a Methods>,
    /// The examples that are in files of their own; what is missing is only named.
    pub examples: &'a Examples,
    /// The name of the package that the client is in.
    pub package: &'a str,
    /// The headers that the client sends on its own, so that no method takes them.
    pub context_headers: &'a [String],
    /// Rust functions that are called like the operations: the body of each is shown as an example of its
    /// call.
    pub calls: &'a str,
    /// What it is compared with, if it is.
    pub comparison: Option<Comparison<'a>>,
}

/// What changed since another contract.
#[derive(Debug, Clone, Copy)]
pub struct Comparison<'a> {
    /// What the other is called.
    pub base: &'a str,
    /// The changes, in the order in which they are numbered.
    pub marks: &'a [Mark],
}

impl Page<'_> {
    /// The page, an HTML document.
    ///
    /// Every mark is shown at the nearest place that the page has for it, and in a list at its top.
    #[must_use]
    pub fn html(&self) -> String {
        let view = View::new(self, Places::default());
        let Some(Comparison { base, marks }) = self.comparison else {
            return document(&view, &Markup::default(), &contents(&view)).into_string();
        };
        // Once to learn what is shown where, once more with the marks.
        let _ = contents(&view);
        let view = View::new(self, Places::marked(&view.places, marks));
        let places: Vec<_> = marks.iter().map(|mark| view.places.nearest(&mark.pointer)).collect();
        document(&view, &mark::list(base, marks, &places), &contents(&view)).into_string()
    }
}

/// The names of the files that hold the examples of `contract`, as it writes them.
#[must_use]
pub fn external_examples(contract: &Contract) -> Vec<&str> {
    let mut found = Vec::new();
    let mut open = vec![&contract.json];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(list) => open.extend(list.iter().rev()),
            Value::Object(map) => {
                found.extend(map.get("externalValue").and_then(Value::as_str));
                open.extend(map.values().rev());
            }
            _ => {}
        }
    }
    found
}

fn document(view: &View<'_>, changes: &Markup, contents: &Markup) -> Markup {
    let title = info(view, "title");
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " " (info(view, "version")) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the contents" }
                div.page {
                    header { h1 { (title) } p.version { "Version " (info(view, "version")) } }
                    (navigation(view, !changes.0.is_empty()))
                    main id="main" tabindex="-1" { (changes) (contents) }
                }
            }
        }
    }
}

fn info<'a>(view: &View<'a>, member: &str) -> &'a str {
    let value = view.contract.json.get("info").and_then(|info| info.get(member));
    value.and_then(Value::as_str).unwrap_or_default()
}

fn navigation(view: &View<'_>, changes: bool) -> Markup {
    let schemas = view.children("/components/schemas");
    html! {
        nav aria-label="Contents" {
            ul {
                @if changes { li { a href="#changes" { "What changed" } } }
                li { a href="#about" { "About" } }
                li { a href="#credentials" { "Credentials" } }
                @for (path, operations) in resource::paths(view) {
                    li {
                        a href={ "#" (resource_anchor(&path)) } { code { (path) } }
                        ul {
                            @for at in &operations {
                                li { (view.operation_link(&at.pointer)) }
                            }
                        }
                    }
                }
                @if !schemas.is_empty() {
                    li {
                        a href="#schemas" { "Schemas" }
                        ul { @for (name, _) in &schemas { li { (schema_link(&escape(name))) } } }
                    }
                }
            }
        }
    }
}

fn contents(view: &View<'_>) -> Markup {
    html! {
        (about(view))
        (credential::section(view))
        @for (path, operations) in resource::paths(view) {
            (resource::resource(view, &path, &operations))
        }
        (schemas(view))
    }
}

fn about(view: &View<'_>) -> Markup {
    let whole = ["", "/info", "/servers", "/tags"].map(str::to_owned);
    let place = view.places.named("about".to_owned(), &whole);
    let info = view.contract.json.get("info").unwrap_or(&Value::Null);
    let text =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let contact = info.get("contact").and_then(|contact| text(contact, "url"));
    let terms = text(info, "termsOfService");
    html! {
        section aria-labelledby="about" {
            h2 id="about" { "About" }
            (place.notes)
            (description(info))
            (elsewhere(&view.contract.json))
            dl {
                @for (_, at) in view.children("/servers") {
                    dt { "Server" }
                    dd { code { (text(at.value, "url").unwrap_or_default()) } (description(at.value)) }
                }
                @for (_, at) in view.children("/tags") {
                    dt { "Tag " (text(at.value, "name").unwrap_or_default()) }
                    dd { (description(at.value)) (elsewhere(at.value)) }
                }
                @if let Some(url) = contact {
                    dt { "Contact" }
                    dd {
                        (link(&url, &text(&info["contact"], "name").unwrap_or_else(|| url.clone())))
                    }
                }
                @if let Some(url) = terms { dt { "Terms" } dd { (link(&url, &url)) } }
                @if let Some(licence) = info.get("license").and_then(|of| text(of, "name")) {
                    dt { "Licence" } dd { (markdown(&licence)) }
                }
            }
        }
    }
}

fn schemas(view: &View<'_>) -> Markup {
    let schemas = view.children("/components/schemas");
    let users = usage::users(view);
    html! {
        @if !schemas.is_empty() {
            section aria-labelledby="schemas" {
                h2 id="schemas" { "Schemas" }
                @for (name, at) in &schemas { (component(view, name, at, &users)) }
            }
        }
    }
}

fn component<'a>(
    view: &View<'a>,
    name: &str,
    at: &Cursor<'a>,
    users: &BTreeMap<&str, usage::Users<'a>>,
) -> Markup {
    let anchor = schema_anchor(name);
    let place = view.places.named(anchor.clone(), std::slice::from_ref(&at.pointer));
    let users = users.get(format!("#{}", at.pointer).as_str());
    html! {
        section.schema {
            h3 id=(anchor) { (name) }
            (place.notes)
            (schema::schema(view, at, &format!("Members of {name}"), Extent::Own(&anchor)))
            p.users {
                "Used by: "
                @if let Some(users) = users {
                    @let schemas = users.schemas.iter().map(|name| schema_link(&escape(name)));
                    @let link = |pointer: &String| view.operation_link(pointer);
                    @for (index, user) in schemas.chain(users.operations.iter().map(link)).enumerate() {
                        @if index > 0 { ", " } (user)
                    }
                } @else { "nothing" }
            }
        }
    }
}
