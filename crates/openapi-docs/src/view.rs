//! What every part of the page looks at: the contract with its references, and what goes with it.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};
use openapi_document::{Contract, Cursor, Operation, unescape};
use serde_json::Value;

use crate::method::Methods;
use crate::node::Node;
use crate::place::Places;
use crate::text::{block, description, link, slug};
use crate::{Examples, Page};

/// What the parts of a page are made from.
pub(crate) struct View<'a> {
    pub(crate) contract: &'a Contract,
    pub(crate) methods: Option<&'a Methods>,
    pub(crate) examples: &'a Examples,
    pub(crate) package: &'a str,
    pub(crate) context_headers: &'a [String],
    pub(crate) calls: &'a str,
    pub(crate) places: Places<'a>,
    /// The `id` and the `operationId` of each operation, by its pointer.
    operations: BTreeMap<String, (String, &'a str)>,
}

impl<'a> View<'a> {
    pub(crate) fn new(page: &Page<'a>, places: Places<'a>) -> Self {
        let mut operations = BTreeMap::new();
        let mut taken = BTreeSet::new();
        for at in page.contract.operations() {
            let mut id = format!("operation-{}", slug(operation_id(&at)));
            if !taken.insert(id.clone()) {
                // The lint refuses two of a name; the page is only not to be misleading.
                id = format!("operation-{}.{}", slug(at.path), at.method);
            }
            let name = operation_id(&at);
            operations.insert(at.pointer, (id, name));
        }
        let Page { contract, methods, examples, package, context_headers, calls, .. } = *page;
        Self { contract, methods, examples, package, context_headers, calls, places, operations }
    }

    /// The value at `pointer`.
    pub(crate) fn at(&self, pointer: &str) -> Option<Cursor<'a>> {
        self.contract.at(pointer)
    }

    /// The members of the object at `pointer`, or the elements of the list.
    pub(crate) fn children(&self, pointer: &str) -> Vec<(String, Cursor<'a>)> {
        self.at(pointer).map(|at| at.children()).unwrap_or_default()
    }

    /// What a reference leads to.
    pub(crate) fn target(&self, reference: &str) -> Option<Cursor<'a>> {
        self.contract.target(reference)
    }

    /// Follows references from `at`: what is there, and every place that was passed. What leads
    /// nowhere is what it is.
    pub(crate) fn resolve(&self, at: Cursor<'a>) -> (Cursor<'a>, Vec<String>) {
        let mut passed = vec![at.pointer.clone()];
        let mut here = at;
        while let Some(target) = self.contract.step(&here)
            && !passed.contains(&target.pointer)
        {
            passed.push(target.pointer.clone());
            here = target;
        }
        (here, passed)
    }

    /// The parameters of an operation: its own, and those of its path that it does not replace.
    pub(crate) fn parameters(&self, operation: &Operation<'a>) -> Vec<(Cursor<'a>, Vec<String>)> {
        let all = self.contract.parameters(operation).into_iter();
        all.filter_map(|parameter| Some(self.resolve(self.at(&parameter.at)?))).collect()
    }

    /// The `id` of the operation at `pointer`.
    pub(crate) fn operation_anchor(&self, pointer: &str) -> &str {
        self.operations.get(pointer).map_or("main", |(anchor, _)| anchor)
    }

    /// A link to the operation at `pointer`.
    pub(crate) fn operation_link(&self, pointer: &str) -> Markup {
        let name = self.operations.get(pointer).map_or(pointer, |(_, name)| name);
        html! { a href={ "#" (self.operation_anchor(pointer)) } { (name) } }
    }

    /// Every example of a media type, a parameter or a header, or else that of its schema.
    pub(crate) fn examples_of(&self, at: &Cursor<'a>) -> Vec<Example<'a>> {
        let mut found = Vec::new();
        if let Some(value) = at.value.get("example") {
            found.push(Example { name: None, at: at.clone(), value: Some(value) });
        }
        for (name, example) in at.get("examples").map(|at| at.children()).unwrap_or_default() {
            let (example, _) = self.resolve(example);
            let value = example.value.get("value");
            found.push(Example { name: Some(name), at: example, value });
        }
        if let (true, Some(schema)) = (found.is_empty(), at.get("schema")) {
            let value = Node::of(self.contract, std::slice::from_ref(&schema)).example();
            found.extend(value.map(|value| Example {
                name: None,
                at: Cursor::new(value, schema.pointer),
                value: Some(value),
            }));
        }
        found
    }

    /// The text of an example as it goes over the wire, if it is at hand.
    pub(crate) fn example_text(&self, example: &Example<'a>) -> Option<String> {
        if let Some(value) = example.value {
            return Some(match value {
                Value::Object(_) | Value::Array(_) => format!("{value:#}"),
                _ => value.to_string(),
            });
        }
        let file = example.at.value.get("externalValue")?.as_str()?;
        let text = self.examples.get(file)?.trim();
        // Minified, as some are sent, nobody could read it.
        let minified = !text.contains('\n') && text.starts_with(['{', '[']);
        let value = if minified { serde_json::from_str::<Value>(text).ok() } else { None };
        Some(value.map_or_else(|| text.to_owned(), |value| format!("{value:#}")))
    }

    /// An example with what is said of it.
    pub(crate) fn example(&self, example: &Example<'a>, of: &str) -> Markup {
        let said = |name: &str| example.at.value.get(name).and_then(Value::as_str);
        let named = example.name.is_some();
        let summary = said("summary").filter(|_| named).or(example.name.as_deref());
        let label =
            format!("Example of {of}{}", summary.map_or(String::new(), |s| format!(": {s}")));
        html! {
            div.example {
                p { strong { "Example" } @if let Some(summary) = summary { ": " (summary) } }
                @if named { (description(example.at.value)) }
                @if let Some(text) = self.example_text(example) { (block(&label, &text)) }
                @else if let Some(file) = said("externalValue") { p { "In " (link(file, file)) } }
            }
        }
    }
}

/// An example, wherever it is.
pub(crate) struct Example<'a> {
    /// Its name among others; the single `example` has none.
    name: Option<String>,
    at: Cursor<'a>,
    /// The value, unless it is in a file of its own.
    pub(crate) value: Option<&'a Value>,
}

/// What an operation is called; the structure of a contract holds that it is called something.
pub(crate) fn operation_id<'a>(operation: &Operation<'a>) -> &'a str {
    operation.value.get("operationId").and_then(Value::as_str).unwrap_or(operation.path)
}

/// A link to a component schema, called as a reference writes it.
pub(crate) fn schema_link(name: &str) -> Markup {
    let name = unescape(name);
    html! { a href={ "#" (schema_anchor(&name)) } { (name) } }
}

/// The `id` of a component schema.
pub(crate) fn schema_anchor(name: &str) -> String {
    format!("schema-{}", slug(name))
}

/// The `id` of a security scheme.
pub(crate) fn credential_anchor(name: &str) -> String {
    format!("credential-{}", slug(name))
}

/// The `id` of a path.
pub(crate) fn resource_anchor(path: &str) -> String {
    format!("resource-{}", slug(path))
}
