//! A schema as a flat table: one row for each place of a document, named by its path, so that every
//! row can be read by itself, aloud or on a narrow screen. What recurs ends with a link.

pub(crate) mod words;

use indexmap::IndexMap;
use maud::{Markup, PreEscaped, html};
use openapi_document::Cursor;
use serde_json::Value;

use crate::text::{description, elsewhere, plain, slug};
use crate::view::{View, schema_link};

/// The rows of one table, after which named schemas are links: hundreds of pages help nobody.
const ROWS: usize = 250;
/// How many named schemas may stand in one another.
const DEPTH: usize = 8;

/// What is said of one value: by a schema, by those it refers to, and by all of its `allOf`.
pub(crate) struct Node<'a> {
    /// The schemas, all of which hold.
    parts: Vec<Cursor<'a>>,
    /// Every place that was passed, references included.
    pub(crate) pointers: Vec<String>,
    /// Those of them that are no component, which has a place of its own.
    locations: Vec<String>,
    /// The component that this is a reference to, as the reference writes it.
    pub(crate) name: Option<&'a str>,
    /// Every component that was passed, by references or by `allOf`.
    components: Vec<String>,
}

impl<'a> Node<'a> {
    pub(crate) fn of(view: &View<'a>, schemas: &[Cursor<'a>]) -> Self {
        let mut node = Self {
            parts: Vec::new(),
            pointers: Vec::new(),
            locations: Vec::new(),
            name: None,
            components: Vec::new(),
        };
        for schema in schemas {
            node.take(view, schema.clone(), schemas.len() == 1);
        }
        node
    }

    fn take(&mut self, view: &View<'a>, at: Cursor<'a>, outermost: bool) {
        // A circle of references says nothing new.
        if self.pointers.contains(&at.pointer) {
            return;
        }
        self.pointers.push(at.pointer.clone());
        match at.pointer.strip_prefix("/components/schemas/") {
            Some(name) if !name.contains('/') => self.components.push(name.to_owned()),
            _ => self.locations.push(at.pointer.clone()),
        }
        if let Some(target) = at.value.get("$ref").and_then(Value::as_str) {
            if outermost && self.name.is_none() {
                let name = target.strip_prefix("#/components/schemas/");
                self.name = name.filter(|name| !name.contains('/'));
            }
            if let Some(target) = view.target(target) {
                self.take(view, target, outermost);
            }
            return;
        }
        let all = at.get("allOf").map(|all| all.children()).unwrap_or_default();
        self.parts.push(at);
        for (_, part) in all {
            self.take(view, part, false);
        }
    }

    /// What the parts say about `keyword`, in their order.
    fn say(&self, keyword: &'static str) -> impl Iterator<Item = Cursor<'a>> {
        self.parts.iter().filter_map(move |part| part.get(keyword))
    }

    /// The parts that have `keyword`.
    fn say_beside(&self, keyword: &'static str) -> impl Iterator<Item = &Cursor<'a>> {
        self.parts.iter().filter(move |part| part.value.get(keyword).is_some())
    }

    fn flag(&self, keyword: &'static str) -> bool {
        self.say(keyword).any(|at| at.value == true)
    }

    fn requires(&self, member: &str) -> bool {
        self.say("required").any(|list| list.children().iter().any(|(_, at)| at.value == member))
    }

    /// The members by name, with every schema for each.
    fn properties(&self) -> IndexMap<String, Vec<Cursor<'a>>> {
        let mut properties: IndexMap<String, Vec<Cursor<'a>>> = IndexMap::new();
        for (name, at) in self.say("properties").flat_map(|at| at.children()) {
            properties.entry(name).or_default().push(at);
        }
        properties
    }

    /// The path of the member that is called like an entity tag.
    pub(crate) fn entity_tag(&self, view: &View<'a>, depth: usize) -> Option<String> {
        let properties = self.properties();
        if let Some(name) = properties.keys().find(|name| openapi_document::fold(name) == "etag") {
            return Some(name.clone());
        }
        let deeper = |(name, schemas): (&String, &Vec<Cursor<'a>>)| {
            let path = Node::of(view, schemas).entity_tag(view, depth - 1)?;
            Some(format!("{name}.{path}"))
        };
        if depth == 0 { None } else { properties.iter().find_map(deeper) }
    }

    /// An example of the whole, if a part has one.
    pub(crate) fn example(&self) -> Option<&'a Value> {
        let first = self.parts.iter().find_map(|part| part.value.get("example"));
        first.or_else(|| self.say("default").next().map(|at| at.value))
    }
}

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
        let node = Node::of(self.view, schemas);
        let around = self.around.len();
        let end = self.end(&node);
        self.count += 1;
        self.html += &self.tr(&node, path, required, end).0;
        if end.is_none() {
            self.around.extend(node.components.iter().cloned());
            self.below(&node, path);
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
    let node = Node::of(view, std::slice::from_ref(at));
    let whole = matches!(extent, Extent::Whole);
    let around = node.components.clone();
    let mut rows = Rows { view, extent, html: String::new(), count: 0, around };
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
