//! A schema as a flat table: one row for each place of a document, named by its path, so that every
//! row can be read by itself, aloud or on a narrow screen. What recurs ends with a link.

pub(crate) mod words;

use maud::{Markup, PreEscaped, html};
use openapi_document::Cursor;
use serde_json::Value;

use crate::node::Node;
use crate::text::{description, elsewhere, plain, slug};
use crate::view::{View, schema_link};

/// The rows of one table, after which named schemas are links.
const ROWS: usize = 250;
/// How many named schemas may stand in one another.
const DEPTH: usize = 8;

/// How far a schema is expanded.
#[derive(Clone, Copy)]
pub(crate) enum Extent<'i> {
    /// With all that it refers to.
    Whole,
    /// Its own members, which get an `id` that begins like this; other schemas are links.
    Own(&'i str),
}

/// Where a row is in a document: `a.b[].` and `c`.
#[derive(Default)]
struct Path {
    before: String,
    name: String,
    /// The path as the end of an `id`. What is no member has a colon in front, which no slug has.
    id: String,
}

impl Path {
    fn member(&self, name: &str) -> Self {
        self.below(if self.name.is_empty() { "" } else { "." }, name, &slug(name))
    }

    /// The elements of a list, the other members of a map, an alternative.
    fn other(&self, name: &str) -> Self {
        let separator = match name {
            _ if self.name.is_empty() => "",
            "[]" => "",
            "*" => ".",
            _ => " ",
        };
        self.below(separator, name, &format!(":{}", slug(name)))
    }

    fn below(&self, separator: &str, name: &str, id: &str) -> Self {
        Self {
            before: format!("{}{}{separator}", self.before, self.name),
            name: name.to_owned(),
            id: format!("{}.{id}", self.id),
        }
    }
}

/// The rows of a table, written one after the other.
struct Rows<'v, 'a> {
    view: &'v View<'a>,
    extent: Extent<'v>,
    html: String,
    count: usize,
    /// How many rows the place is below.
    depth: usize,
    /// The components that stand around the place where rows are added.
    around: Vec<String>,
}

impl<'a> Rows<'_, 'a> {
    fn below(&mut self, node: &Node<'a>, path: &Path) {
        for (name, schemas) in node.properties() {
            let required = node.requires(&name);
            self.row(&schemas, &path.member(&name), required);
        }
        for (keyword, segment) in [("items", "[]"), ("additionalProperties", "*")] {
            let schemas: Vec<_> = node.say(keyword).filter(|at| is_schema(at.value)).collect();
            if !schemas.is_empty() {
                self.row(&schemas, &path.other(segment), false);
            }
        }
        for (keyword, word) in [("oneOf", "one"), ("anyOf", "any")] {
            for (nth, choice) in (1..).zip(node.say(keyword)) {
                let choices = choice.children();
                let count = choices.len();
                let all_simple = choices.iter().all(|(_, at)| words::simple(at.value).is_some());
                let which = if nth > 1 { format!(", choice {nth}") } else { String::new() };
                for (number, (_, schema)) in (1..).zip(choices).filter(|_| !all_simple) {
                    let segment = format!("({word} {number} of {count}{which})");
                    self.row(&[schema], &path.other(&segment), false);
                }
            }
        }
        for (nth, schema) in (1..).zip(node.say("not")) {
            let segment = if nth > 1 { format!("(not {nth})") } else { "(not)".to_owned() };
            self.row(&[schema], &path.other(&segment), false);
        }
    }

    fn row(&mut self, schemas: &[Cursor<'a>], path: &Path, required: bool) {
        let node = Node::of(self.view.contract, schemas);
        let around = self.around.len();
        let end = self.end(&node);
        self.count += 1;
        self.html += &self.tr(&node, path, required, end).0;
        // What has no name may hold itself as well.
        if end.is_none() && self.depth < 4 * DEPTH && self.count < 4 * ROWS {
            self.around.extend(node.components.iter().cloned());
            self.depth += 1;
            self.below(&node, path);
            self.depth -= 1;
            self.around.truncate(around);
        }
    }

    /// Why nothing is to stand below a row, and where it goes on.
    fn end<'n>(&self, node: &'n Node<'a>) -> Option<(&'static str, &'n str)> {
        if let Some(name) = node.components.iter().find(|name| self.around.contains(name)) {
            return Some(("stands in itself: see ", name));
        }
        if let (Extent::Own(_), Some(name)) = (self.extent, node.name) {
            return Some(("see ", name));
        }
        let full = self.around.len() >= DEPTH || self.count >= ROWS;
        node.components.first().filter(|_| full).map(|name| ("goes on: see ", name.as_str()))
    }

    /// A row; `end` says why nothing stands below it.
    fn tr(
        &self,
        node: &Node<'a>,
        path: &Path,
        required: bool,
        end: Option<(&'static str, &str)>,
    ) -> Markup {
        let places = &self.view.places;
        let place = match self.extent {
            Extent::Own(prefix) => places.named(format!("{prefix}{}", path.id), &node.locations),
            Extent::Whole => places.unnamed(&node.pointers),
        };
        let Path { before, name, .. } = path;
        html! {
            tr role="row" id=[place.id] {
                th role="rowheader" scope="row" {
                    code { @if !before.is_empty() { span.before { (before) } wbr; } (name) }
                    @if required { " " span.required { "required" } }
                }
                td role="cell" {
                    (words::of(node))
                    @if let Some((why, name)) = end {
                        p.end { (why) (schema_link(name)) }
                    }
                }
                td role="cell" {
                    (place.notes)
                    (about(node))
                }
            }
        }
    }
}

/// Whether a member holds a schema that says something: `true`, `false` and `{}` are said in words.
fn is_schema(value: &Value) -> bool {
    value.as_object().is_some_and(|schema| !schema.is_empty())
}

/// The schema `at`: what it is as a whole, then a table of what is in it.
pub(crate) fn schema<'a>(
    view: &View<'a>,
    at: &Cursor<'a>,
    caption: &str,
    extent: Extent<'_>,
) -> Markup {
    let node = Node::of(view.contract, std::slice::from_ref(at));
    let whole = matches!(extent, Extent::Whole);
    let around = node.components.clone();
    let mut rows = Rows { view, extent, html: String::new(), count: 0, depth: 0, around };
    rows.below(&node, &Path::default());
    let place = view.places.unnamed(&node.pointers);
    html! {
        div.whole id=[place.id] {
            @if whole { (place.notes) }
            p.type { (words::of(&node)) }
            (about(&node))
        }
        @if rows.count > 0 {
            (table(caption, ["Member", "Type and limits", "Description"], &PreEscaped(rows.html)))
        }
    }
}

/// What the parts say about themselves: title, description, where to read on, an example.
fn about(node: &Node<'_>) -> Markup {
    html! {
        @for part in &node.parts {
            @if let Some(title) = part.value.get("title").and_then(Value::as_str) {
                p { strong { (title) } }
            }
            (description(part.value))
            (elsewhere(part.value))
            @if let Some(example) = part.value.get("example") {
                p.example { "Example: " code { (plain(example)) } }
            }
        }
    }
}

/// A table that keeps its meaning when a narrow screen shows its rows one below the other.
pub(crate) fn table(caption: &str, columns: [&str; 3], rows: &Markup) -> Markup {
    html! {
        table role="table" {
            caption { (caption) }
            thead role="rowgroup" {
                tr role="row" {
                    @for column in columns {
                        th role="columnheader" scope="col" { (column) }
                    }
                }
            }
            tbody role="rowgroup" { (rows) }
        }
    }
}
