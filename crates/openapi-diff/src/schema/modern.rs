//! The keywords of JSON Schema 2020-12 that OpenAPI 3.0 does not have, as one schema has them once its
//! parts are put together.

use std::collections::BTreeMap;

use openapi_document::{Cursor, Document};
use regex::{Regex, RegexBuilder};
use serde_json::Value;

use crate::numbers;
use crate::schema::node::{Part, is_nothing, is_open, said};
use crate::schema::normalized::{Additional, Facet, NormalizedSchema};
use crate::schema::types::Types;

/// How many names are held against how many patterns, multiplied: beyond that, none is.
const MATCHES: usize = 10_000;

/// The elements of a list by their position, and the others.
#[derive(Debug)]
struct Tuple<'a> {
    first: Vec<Cursor<'a>>,
    rest: Option<Cursor<'a>>,
}

/// Elements of which a list must have some.
#[derive(Debug)]
pub(crate) struct Contains<'a> {
    pub(crate) at: Cursor<'a>,
    pub(crate) least: Facet<u64>,
    pub(crate) most: Option<Facet<u64>>,
}

/// What must hold of a value that is right by another schema, and what of the others.
#[derive(Debug)]
pub(crate) struct Condition<'a> {
    pub(crate) when: Cursor<'a>,
    pub(crate) then: Option<Cursor<'a>>,
    pub(crate) otherwise: Option<Cursor<'a>>,
}

/// What a schema says by keywords that OpenAPI 3.0 does not have.
#[derive(Debug, Default)]
pub(crate) struct Modern<'a> {
    tuples: Vec<Tuple<'a>>,
    unevaluated_items: Vec<Cursor<'a>>,
    unevaluated_properties: Vec<Cursor<'a>>,
    /// Some part says what holds of the members that it does not name.
    evaluated: bool,
    /// The elements that have a schema by their position.
    pub(crate) first: Vec<Vec<Part<'a>>>,
    pub(crate) contains: Vec<Contains<'a>>,
    /// The members by patterns of their names.
    pub(crate) patterned: BTreeMap<&'a str, Vec<Part<'a>>>,
    /// Its patterns, but for those that the `regex` crate does not have: these match nothing.
    compiled: Vec<(Regex, &'a str)>,
    /// The names of members.
    pub(crate) names: Vec<Part<'a>>,
    /// Members that must be there if another one is, and where that is said.
    pub(crate) needs: BTreeMap<(&'a str, &'a str), String>,
    /// What must hold if a member is there.
    pub(crate) dependent: BTreeMap<&'a str, Vec<Part<'a>>>,
    pub(crate) conditions: Vec<Condition<'a>>,
    pub(crate) encoding: Option<Facet<&'a str>>,
    pub(crate) media: Option<Facet<&'a str>>,
    /// What a text is once it is decoded.
    pub(crate) content: Vec<Part<'a>>,
    /// Keywords whose meaning is not known.
    pub(crate) unknown: BTreeMap<&'a str, Vec<Cursor<'a>>>,
}

impl<'a> Modern<'a> {
    /// Whether nothing of it limits a value.
    pub(crate) fn is_empty(&self) -> bool {
        let lists = self.first.is_empty() && self.contains.is_empty() && self.names.is_empty();
        let members = self.patterned.is_empty() && self.needs.is_empty();
        let texts = self.encoding.is_none() && self.media.is_none() && self.content.is_empty();
        let rest = self.dependent.is_empty() && self.conditions.is_empty();
        lists && members && texts && rest && self.unknown.is_empty()
    }

    /// Takes in what one part says.
    pub(crate) fn read(&mut self, leaf: &Cursor<'a>) {
        let Some(members) = leaf.value.as_object() else { return };
        for name in members.keys().filter(|name| !is_known(name)) {
            self.unknown.entry(name.as_str()).or_default().extend(leaf.get(name));
        }
        self.lists(leaf);
        self.objects(leaf);
        if let (Some(when), true) =
            (leaf.get("if"), members.contains_key("then") || members.contains_key("else"))
            && !when.value.is_boolean()
        {
            let (then, otherwise) = (leaf.get("then"), leaf.get("else"));
            self.conditions.push(Condition { when, then, otherwise });
        }
        let text = |key: &str| {
            let value = leaf.text(key)?;
            Some(Facet { value, pointer: format!("{}/{key}", leaf.pointer) })
        };
        if self.encoding.is_none() {
            self.encoding = text("contentEncoding");
        }
        if self.media.is_none() {
            self.media = text("contentMediaType");
        }
        if self.media.is_some() {
            self.content.extend(leaf.get("contentSchema").map(Part::whole));
        }
    }

    fn lists(&mut self, leaf: &Cursor<'a>) {
        // Before 2020-12 a list of schemas under `items` was what `prefixItems` is.
        let (first, rest) = match leaf.value.get("items") {
            Some(Value::Array(_)) => ("items", "additionalItems"),
            _ => ("prefixItems", "items"),
        };
        let (first, rest) = (leaf.elements(first).collect::<Vec<_>>(), leaf.get(rest));
        if !first.is_empty() || rest.is_some() {
            self.tuples.push(Tuple { first, rest });
        }
        self.unevaluated_items.extend(leaf.get("unevaluatedItems"));
        if let Some(at) = leaf.get("contains") {
            let count = |key: &str| {
                let value = numbers::count(leaf.value.get(key)?)?;
                Some(Facet { value, pointer: format!("{}/{key}", leaf.pointer) })
            };
            let (least, most) = (count("minContains"), count("maxContains"));
            let least = least.unwrap_or(Facet { value: 1, pointer: at.pointer.clone() });
            // Of none and any number there is always one.
            if least.value > 0 || most.is_some() {
                self.contains.push(Contains { at, least, most });
            }
        }
    }

    fn objects(&mut self, leaf: &Cursor<'a>) {
        for (pattern, at) in leaf.entries("patternProperties") {
            self.patterned.entry(pattern).or_default().push(Part::whole(at));
        }
        self.names
            .extend(leaf.get("propertyNames").filter(|at| !is_open(at.value)).map(Part::whole));
        for (name, at) in leaf.entries("dependentRequired") {
            for (index, needed) in at.value.as_array().into_iter().flatten().enumerate() {
                let Some(needed) = needed.as_str() else { continue };
                let pointer = format!("{}/{index}", at.pointer);
                self.needs.entry((name, needed)).or_insert(pointer);
            }
        }
        for (name, at) in leaf.entries("dependentSchemas") {
            // Members that are required together are so by either keyword.
            let plain = said(&at).eq(["required"]);
            for needed in at.elements("required").filter(|_| plain) {
                let Some(text) = needed.value.as_str() else { continue };
                self.needs.entry((name, text)).or_insert(needed.pointer);
            }
            if !plain && !is_open(at.value) {
                self.dependent.entry(name).or_default().push(Part::whole(at));
            }
        }
        self.evaluated |= leaf.value.get("additionalProperties").is_some();
        self.unevaluated_properties.extend(leaf.get("unevaluatedProperties"));
    }

    /// The parts that a member must match for its name.
    pub(crate) fn of_name(&self, name: &str) -> Vec<Part<'a>> {
        let matching = self.compiled.iter().filter(|(pattern, _)| pattern.is_match(name));
        let parts = matching.filter_map(|(_, pattern)| self.patterned.get(pattern));
        parts.flatten().cloned().collect()
    }
}

impl<'a> NormalizedSchema<'a> {
    /// What the parts say together of elements, members and contents.
    pub(crate) fn combine(&mut self, document: &'a Document) {
        self.combine_elements(document);
        self.combine_members();
        self.combine_content();
    }

    fn combine_elements(&mut self, document: &'a Document) {
        let tuples = std::mem::take(&mut self.modern.tuples);
        let length = tuples.iter().map(|tuple| tuple.first.len()).max().unwrap_or_default();
        let mut end: Option<Facet<u64>> = None;
        let mut close = |length: usize, at: &Cursor<'a>| {
            let value = length as u64;
            if end.as_ref().is_none_or(|end| value < end.value) {
                end = Some(Facet { value, pointer: at.pointer.clone() });
            }
        };
        for tuple in &tuples {
            match &tuple.rest {
                Some(rest) if is_nothing(document, rest) => close(tuple.first.len(), rest),
                Some(rest) => self.items.push(Part::whole(rest.clone())),
                None => {}
            }
        }
        let unevaluated = std::mem::take(&mut self.modern.unevaluated_items);
        if !unevaluated.is_empty() && !self.modern.contains.is_empty() {
            // Which elements are left depends on the value.
            self.modern.unknown.insert("unevaluatedItems", unevaluated);
        } else if tuples.iter().all(|tuple| tuple.rest.is_none()) {
            for rest in unevaluated {
                if is_nothing(document, &rest) {
                    close(length, &rest);
                } else {
                    self.items.push(Part::whole(rest));
                }
            }
        }
        if let Some(end) = end
            && self.counts[3].as_ref().is_none_or(|most| end.value < most.value)
        {
            self.counts[3] = Some(end);
        }
        for index in 0..length {
            let of = |tuple: &Tuple<'a>| tuple.first.get(index).or(tuple.rest.as_ref()).cloned();
            self.modern.first.push(tuples.iter().filter_map(of).map(Part::whole).collect());
        }
        if let Some(most) = &self.counts[3] {
            let most = usize::try_from(most.value).unwrap_or(usize::MAX);
            self.modern.first.truncate(most);
            if most <= length {
                self.items.clear();
            }
        }
    }

    fn combine_members(&mut self) {
        // What no part evaluates: a part that says something of other members evaluates all.
        let unevaluated = std::mem::take(&mut self.modern.unevaluated_properties);
        if !self.modern.evaluated {
            for at in unevaluated {
                self.others(at);
            }
        }
        let patterns = self.modern.patterned.keys().copied();
        if self.modern.patterned.len().saturating_mul(self.properties.len() + 1) <= MATCHES {
            let compile = |pattern: &'a str| {
                let regex = RegexBuilder::new(pattern).size_limit(1 << 20).build();
                Some((regex.ok()?, pattern))
            };
            self.modern.compiled = patterns.filter_map(compile).collect();
            for (name, property) in &mut self.properties {
                property.parts.extend(self.modern.of_name(name));
            }
        }
        // What is said of every name is said of all members.
        let every =
            |pattern: &str| matches!(pattern, "" | ".*" | "^.*$" | "^.*" | ".*$" | "^" | "$");
        let all: Vec<_> = self.modern.patterned.keys().copied().filter(|at| every(at)).collect();
        if !all.is_empty() {
            self.additional = Additional::Anything;
            let parts: Vec<_> =
                all.iter().filter_map(|at| self.modern.patterned.remove(at)).flatten().collect();
            for part in parts {
                self.others(part.at);
            }
            self.modern.compiled.retain(|(_, pattern)| !every(pattern));
        }
        // A member that is always there always needs others.
        let mut todo: Vec<&'a str> = self.required.keys().copied().collect();
        while let Some(name) = todo.pop() {
            let needs = self.modern.needs.range((name, "")..);
            let needs: Vec<_> = needs.take_while(|((of, _), _)| *of == name).collect();
            for ((_, needed), at) in needs {
                if !self.required.contains_key(needed) {
                    self.required.insert(needed, at.clone());
                    todo.push(needed);
                }
            }
        }
        self.modern.needs.retain(|(_, needed), _| !self.required.contains_key(needed));
    }

    /// OpenAPI 3.0 has formats for two encodings (OpenAPI 3.1.1 section 4.4.1.1): `byte` is Base64, and
    /// `binary` whatever no other word describes.
    fn combine_content(&mut self) {
        if !self.types.has(Types::STRING) {
            return;
        }
        let modern = &mut self.modern;
        let octets = modern
            .media
            .as_ref()
            .is_some_and(|media| media.value.eq_ignore_ascii_case("application/octet-stream"));
        let known = match &modern.encoding {
            Some(encoding) => match encoding.value.to_ascii_lowercase().as_str() {
                "base64" => Some("byte"),
                "base64url" => Some("base64url"),
                "binary" => Some("binary"),
                _ => None,
            },
            None => octets.then_some("binary"),
        };
        if let Some(format) = known
            && self.format.as_ref().is_none_or(|known| known.value == format)
        {
            let said = modern.encoding.take().or_else(|| modern.media.clone());
            if let Some(said) = said {
                self.format.get_or_insert(Facet { value: format, pointer: said.pointer });
            }
        }
        if octets {
            modern.media = None;
        }
        modern.content.retain(|part| !is_open(part.at.value));
    }

    /// Whether members that have no name of their own are refused.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.additional, Additional::Nothing(_))
    }
}

/// Whether a keyword is compared, or says nothing of what is right.
fn is_known(name: &str) -> bool {
    if name.starts_with("x-") {
        return true;
    }
    matches!(
        name,
        "$anchor"
            | "$comment"
            | "$defs"
            | "$dynamicAnchor"
            | "$id"
            | "$ref"
            | "$schema"
            | "additionalItems"
            | "additionalProperties"
            | "allOf"
            | "anyOf"
            | "const"
            | "contains"
            | "contentEncoding"
            | "contentMediaType"
            | "contentSchema"
            | "default"
            | "definitions"
            | "dependentRequired"
            | "dependentSchemas"
            | "deprecated"
            | "description"
            | "discriminator"
            | "else"
            | "enum"
            | "example"
            | "examples"
            | "exclusiveMaximum"
            | "exclusiveMinimum"
            | "externalDocs"
            | "format"
            | "if"
            | "items"
            | "maxContains"
            | "maxItems"
            | "maxLength"
            | "maxProperties"
            | "maximum"
            | "minContains"
            | "minItems"
            | "minLength"
            | "minProperties"
            | "minimum"
            | "multipleOf"
            | "not"
            | "nullable"
            | "oneOf"
            | "pattern"
            | "patternProperties"
            | "prefixItems"
            | "properties"
            | "propertyNames"
            | "readOnly"
            | "required"
            | "summary"
            | "then"
            | "title"
            | "type"
            | "unevaluatedItems"
            | "unevaluatedProperties"
            | "uniqueItems"
            | "writeOnly"
            | "xml"
    )
}
