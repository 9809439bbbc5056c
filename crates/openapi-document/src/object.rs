//! Where references stand: the objects of OpenAPI 3.0, 3.1 and 3.2, as far as a reference may be in them.
//!
//! A `$ref` in an example, a default, an enumeration or an extension is data, and a property may be called
//! `$ref`: only whoever knows what each member holds can tell.

use std::collections::HashSet;
use std::fmt::Write as _;

use serde_json::Value;

use crate::document::Document;
use crate::operation::METHODS;
use crate::pointer::{escape, unescape};

/// An object of OpenAPI in which a reference may be, or that may be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Object {
    Document,
    Components,
    PathItem,
    Operation,
    Callback,
    Parameter,
    RequestBody,
    Response,
    Header,
    MediaType,
    Encoding,
    Example,
    Link,
    SecurityScheme,
    Schema,
    Discriminator,
    /// Anything else: the specification lets no reference be in it, and people write some all the same.
    Plain,
}

/// What a member holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Shape {
    One(Object),
    List(Object),
    /// Objects by names of any kind.
    Map(Object),
    /// Objects by their names, extensions among them.
    Patterned(Object),
    /// Names or references of schemas.
    Mapping,
    /// Nothing that is a reference.
    Data,
}

/// The sections of the components, and what is in them.
pub(crate) const SECTIONS: [(&str, Object); 10] = [
    ("schemas", Object::Schema),
    ("responses", Object::Response),
    ("parameters", Object::Parameter),
    ("examples", Object::Example),
    ("requestBodies", Object::RequestBody),
    ("headers", Object::Header),
    ("securitySchemes", Object::SecurityScheme),
    ("links", Object::Link),
    ("callbacks", Object::Callback),
    ("pathItems", Object::PathItem),
];

impl Object {
    /// The section of the components for it. A reference may stand in its place (OpenAPI 3.0.4 section 4.7.23).
    pub(crate) fn section(self) -> Option<&'static str> {
        SECTIONS.iter().find(|(_, object)| *object == self).map(|(name, _)| *name)
    }

    fn member(self, name: &str) -> Shape {
        use Object as O;
        if name.starts_with("x-") {
            return Shape::Data;
        }
        match (self, name) {
            (O::Document, "paths") => Shape::Patterned(O::PathItem),
            (O::Document, "webhooks") => Shape::Map(O::PathItem),
            (O::Document, "components") => Shape::One(O::Components),
            (O::Document, "info" | "externalDocs") | (O::Link, "server") => Shape::One(O::Plain),
            (O::Document | O::PathItem | O::Operation, "servers" | "tags" | "security") => {
                Shape::List(O::Plain)
            }
            (O::Components, name) => SECTIONS
                .iter()
                .find(|(section, _)| *section == name)
                .map_or(Shape::Data, |(_, object)| Shape::Map(*object)),
            (O::PathItem, "query") => Shape::One(O::Operation),
            (O::PathItem, "additionalOperations") => Shape::Map(O::Operation),
            (O::PathItem, name) if METHODS.contains(&name) => Shape::One(O::Operation),
            (O::PathItem | O::Operation, "parameters") => Shape::List(O::Parameter),
            (O::Operation, "requestBody") => Shape::One(O::RequestBody),
            (O::Operation, "responses") => Shape::Patterned(O::Response),
            (O::Operation, "callbacks") => Shape::Map(O::Callback),
            (O::Callback, _) => Shape::One(O::PathItem),
            (O::Parameter | O::Header | O::MediaType, "schema" | "itemSchema") => {
                Shape::One(O::Schema)
            }
            (O::Parameter | O::Header | O::RequestBody | O::Response, "content") => {
                Shape::Map(O::MediaType)
            }
            (O::Parameter | O::Header | O::MediaType, "examples") => Shape::Map(O::Example),
            (O::MediaType, "encoding") => Shape::Map(O::Encoding),
            (O::Response | O::Encoding, "headers") => Shape::Map(O::Header),
            (O::Response, "links") => Shape::Map(O::Link),
            (O::Discriminator, "mapping") => Shape::Mapping,
            (O::Schema, name) => schema(name),
            _ => Shape::Data,
        }
    }
}

/// What a keyword of JSON Schema holds, of any draft that OpenAPI has used.
fn schema(keyword: &str) -> Shape {
    match keyword {
        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => {
            Shape::Map(Object::Schema)
        }
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => Shape::List(Object::Schema),
        "items"
        | "additionalItems"
        | "unevaluatedItems"
        | "contains"
        | "additionalProperties"
        | "unevaluatedProperties"
        | "propertyNames"
        | "contentSchema"
        | "not"
        | "if"
        | "then"
        | "else" => Shape::One(Object::Schema),
        "discriminator" => Shape::One(Object::Discriminator),
        _ => Shape::Data,
    }
}

impl Shape {
    /// What the member or element `name` of it holds.
    pub(crate) fn inner(self, name: &str) -> Self {
        match self {
            Self::One(object) => object.member(name),
            Self::Patterned(_) if name.starts_with("x-") => Self::Data,
            Self::List(object) | Self::Map(object) | Self::Patterned(object) => Self::One(object),
            Self::Mapping | Self::Data => Self::Data,
        }
    }

    /// What an element of it holds. `items` was a list once.
    pub(crate) fn element(self) -> Self {
        match self {
            Self::One(object) | Self::List(object) => Self::One(object),
            _ => Self::Data,
        }
    }

    /// What a document has at a JSON Pointer.
    pub(crate) fn of(pointer: &str) -> Self {
        let root = Self::One(Object::Document);
        pointer.split('/').skip(1).fold(root, |shape, token| shape.inner(&unescape(token)))
    }

    /// Whether the specification lets a reference stand in its place.
    pub(crate) fn may_be_reference(self) -> bool {
        matches!(self, Self::One(object) if object.section().is_some())
    }
}

/// A place in a value, as the way to it.
#[derive(Clone, Copy)]
pub(crate) enum Way<'a> {
    From(&'a str),
    Member(&'a Way<'a>, &'a str),
    Element(&'a Way<'a>, usize),
}

impl Way<'_> {
    pub(crate) fn pointer(&self) -> String {
        match self {
            Self::From(pointer) => (*pointer).to_owned(),
            Self::Member(way, name) => format!("{}/{}", way.pointer(), escape(name)),
            Self::Element(way, index) => {
                let mut pointer = way.pointer();
                // Writing into memory does not fail.
                let _ = write!(pointer, "/{index}");
                pointer
            }
        }
    }
}

/// A reference, and where it stands.
pub(crate) struct Reference<'a, 'w> {
    pub(crate) text: &'a str,
    /// The way to the text.
    pub(crate) way: Way<'w>,
    /// What it stands for.
    pub(crate) shape: Shape,
}

/// Calls `visit` for each reference in a value.
fn references<'a>(
    value: &'a Value,
    shape: Shape,
    way: Way<'_>,
    visit: &mut dyn FnMut(&Reference<'a, '_>),
) {
    match value {
        _ if shape == Shape::Data => {}
        Value::Object(members) => {
            for (name, value) in members {
                let way = Way::Member(&way, name);
                match value {
                    Value::String(text) if shape == Shape::Mapping => {
                        if is_uri(text) {
                            visit(&Reference { text, way, shape: Shape::One(Object::Schema) });
                        }
                    }
                    Value::String(text) if name == "$ref" => visit(&Reference { text, way, shape }),
                    value => references(value, shape.inner(name), way, visit),
                }
            }
        }
        Value::Array(elements) => {
            for (index, value) in elements.iter().enumerate() {
                references(value, shape.element(), Way::Element(&way, index), visit);
            }
        }
        _ => {}
    }
}

/// Whether a mapping of a discriminator is a reference rather than the name of a schema, which has no such
/// characters (OpenAPI 3.0.4 section 4.7.7.1) but for the dot.
pub(crate) fn is_uri(mapping: &str) -> bool {
    mapping.contains(['#', '/', ':'])
        || [".json", ".yaml", ".yml"].iter().any(|end| mapping.ends_with(end))
}

impl Document {
    /// Calls `visit` for each reference in the document, and in what is referred to wherever it is in there.
    pub(crate) fn each_reference<'a>(&'a self, visit: &mut dyn FnMut(&Reference<'a, '_>)) {
        let mut seen = HashSet::new();
        let mut todo = vec![(self.root(), Shape::One(Object::Document))];
        while let Some((at, shape)) = todo.pop() {
            references(at.value, shape, Way::From(&at.pointer), &mut |reference| {
                visit(reference);
                if !reference.text.starts_with('#') {
                    return;
                }
                // Of the rest, whoever looks at the whole document comes by.
                if Shape::of(&reference.text[1..]) == Shape::Data
                    && let Some(target) = self.target(reference.text)
                    && seen.insert((target.address(), reference.shape))
                {
                    todo.push((target, reference.shape));
                }
            });
        }
    }
}
