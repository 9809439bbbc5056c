//! Schemas as what must all hold at once.
//!
//! Nothing here recurses along references: a chain or a circle of any length ends.

use std::collections::{HashMap, HashSet};

use openapi_document::{Cursor, Document};
use serde_json::Value;

use crate::dialect;

/// A schema that must hold, as it is referred to. A bare one counts without its alternatives and its
/// `allOf`: those are looked at apart.
#[derive(Debug, Clone)]
pub(crate) struct Part<'a> {
    pub(crate) at: Cursor<'a>,
    pub(crate) bare: bool,
}

impl<'a> Part<'a> {
    pub(crate) fn whole(at: Cursor<'a>) -> Self {
        Self { at, bare: false }
    }
}

/// Alternatives of which one (or at least one) must hold.
#[derive(Debug, Clone)]
pub(crate) struct Group<'a> {
    /// `oneOf` rather than `anyOf`.
    pub(crate) one: bool,
    pub(crate) at: Cursor<'a>,
    pub(crate) branches: Vec<Cursor<'a>>,
}

/// Parts with their references followed and their `allOf` opened.
#[derive(Debug, Default)]
pub(crate) struct Flat<'a> {
    /// Schemas whose own keywords must hold.
    pub(crate) leaves: Vec<Cursor<'a>>,
    pub(crate) groups: Vec<Group<'a>>,
    /// `null` is allowed whatever the parts say: the intent of `nullable` beside `allOf`.
    pub(crate) nullable: bool,
}

/// Opens what stands for nothing but its parts: references, `allOf`, alternatives of one.
pub(crate) fn flatten<'a>(document: &'a Document, parts: &[Part<'a>]) -> Flat<'a> {
    let mut flat = Flat::default();
    let mut seen = HashSet::new();
    let mut todo: Vec<Part<'a>> = parts.iter().rev().cloned().collect();
    while let Some(part) = todo.pop() {
        let at = follow(document, part.at);
        if !seen.insert((at.address(), part.bare)) {
            continue;
        }
        if part.bare {
            flat.leaves.push(at);
            continue;
        }
        // What a reference leads to holds, and so does what stands beside it.
        let mut opened: Vec<_> = document.step(&at).into_iter().collect();
        opened.extend(at.elements("allOf"));
        // What is decided already is no condition.
        opened.extend(match at.value.get("if") {
            Some(Value::Bool(true)) => at.get("then"),
            Some(Value::Bool(false)) => at.get("else"),
            _ => None,
        });
        for (key, one) in [("oneOf", true), ("anyOf", false)] {
            let Some(list) = at.get(key) else { continue };
            let mut branches: Vec<_> = at.elements(key).collect();
            let all = branches.len();
            branches.retain(|branch| !only_null(document, branch));
            flat.nullable |= branches.len() < all && !forbids_null(&at);
            match branches.len() {
                0 => {}
                1 => opened.append(&mut branches),
                _ => flat.groups.push(Group {
                    one,
                    at: list,
                    branches: if one { branches } else { spread(document, branches) },
                }),
            }
        }
        let wraps = ["allOf", "oneOf", "anyOf"].iter().any(|key| at.value.get(key).is_some())
            && at.value.get("type").is_none();
        flat.nullable |= wraps && at.flag("nullable");
        todo.extend(opened.into_iter().rev().map(Part::whole));
        flat.leaves.push(at);
    }
    flat
}

/// Follows `$ref` to the first schema that has none, or that says more beside it.
pub(crate) fn follow<'a>(document: &'a Document, mut at: Cursor<'a>) -> Cursor<'a> {
    // As many steps as references may follow one another.
    for _ in 0..200 {
        if at.value.as_object().is_some_and(|members| members.len() > 1)
            && dialect::has_siblings(document)
            && (said(&at).any(|name| name != "$ref") || is_described(&at))
        {
            return at;
        }
        match document.step(&at) {
            Some(target) => at = target,
            None => return at,
        }
    }
    at
}

fn is_described(at: &Cursor<'_>) -> bool {
    ["title", "description"].iter().any(|key| at.value.get(key).is_some())
}

/// Whether nothing is right by a schema.
pub(crate) fn is_nothing(document: &Document, at: &Cursor<'_>) -> bool {
    let at = follow(document, at.clone());
    *at.value == Value::Bool(false)
        || at.get("not").is_some_and(|not| takes_all(document, not)) && said(&at).eq(["not"])
}

/// Whether everything is right by a schema, because it says nothing that limits a value.
pub(crate) fn takes_all<'a>(document: &'a Document, at: Cursor<'a>) -> bool {
    let at = unwrapped(document, at);
    is_open(at.value) || at.value.is_object() && said(&at).next().is_none()
}

/// Whether a schema is `true`, or says nothing.
pub(crate) fn is_open(schema: &Value) -> bool {
    *schema == Value::Bool(true) || schema.as_object().is_some_and(serde_json::Map::is_empty)
}

/// Whether the type that a schema names leaves no room for `null`.
fn forbids_null(at: &Cursor<'_>) -> bool {
    let null = |name: &Value| name == "null";
    !at.flag("nullable")
        && match at.value.get("type") {
            Some(Value::Array(names)) => !names.iter().any(null),
            Some(name) => !null(name),
            None => false,
        }
}

/// Alternatives of `anyOf` without those that are nothing but `anyOf`: their alternatives are put in their place.
fn spread<'a>(document: &'a Document, branches: Vec<Cursor<'a>>) -> Vec<Cursor<'a>> {
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    let mut todo: Vec<_> = branches.into_iter().rev().collect();
    while let Some(branch) = todo.pop() {
        let at = unwrapped(document, branch.clone());
        let inner = said(&at).all(|name| name == "anyOf");
        let mut inner = if inner { at.elements("anyOf").collect() } else { Vec::new() };
        if inner.is_empty() || !seen.insert(at.address()) {
            all.push(branch);
        } else {
            inner.reverse();
            todo.append(&mut inner);
        }
    }
    all
}

/// The schema that another one stands for, if all that it says is one part or one alternative.
pub(crate) fn unwrapped<'a>(document: &'a Document, at: Cursor<'a>) -> Cursor<'a> {
    let mut seen = HashSet::new();
    let mut at = follow(document, at);
    while seen.insert(at.address()) {
        let words: Vec<_> = said(&at).collect();
        if let (["$ref"], Some(target)) = (words.as_slice(), document.step(&at)) {
            at = follow(document, target);
            continue;
        }
        let [word @ ("allOf" | "oneOf" | "anyOf")] = words.as_slice() else { break };
        let inner: Vec<_> = at.elements(word).collect();
        let [one] = inner.as_slice() else { break };
        at = follow(document, one.clone());
    }
    at
}

/// The keywords of a schema that limit or mark a value. Others are for readers alone.
pub(crate) fn said<'a>(at: &Cursor<'a>) -> impl Iterator<Item = &'a str> + use<'a> {
    let members = at.value.as_object().into_iter().flatten();
    let members = members.filter(|(name, value)| match name.as_str() {
        "nullable" | "deprecated" | "readOnly" | "writeOnly" => **value == Value::Bool(true),
        "title" | "description" | "summary" | "example" | "examples" | "externalDocs"
        | "$comment" => false,
        name => name == "x-extensible-enum" || !(name.starts_with("x-") || is_name(name)),
    });
    members.map(|(name, _)| name.as_str())
}

/// Whether a keyword names a schema, or holds schemas to be referred to.
fn is_name(keyword: &str) -> bool {
    matches!(keyword, "$anchor" | "$defs" | "$dynamicAnchor" | "$id" | "$schema" | "definitions")
}

/// Whether nothing but `null` is right by a schema.
fn only_null(document: &Document, branch: &Cursor<'_>) -> bool {
    let at = follow(document, branch.clone());
    let nulls = |list: &Vec<Value>| !list.is_empty() && list.iter().all(Value::is_null);
    let listed = at.value.get("type").and_then(Value::as_array);
    at.text("type") == Some("null")
        || listed.is_some_and(|names| !names.is_empty() && names.iter().all(|name| name == "null"))
        || at.value.get("const").is_some_and(Value::is_null)
        || at.value.get("enum").and_then(Value::as_array).is_some_and(nulls)
}

/// A schema, by its parts: equal parts are one node.
pub(crate) type NodeId = u32;

/// The nodes of one document.
#[derive(Debug)]
pub(crate) struct Nodes<'a> {
    pub(crate) document: &'a Document,
    known: HashMap<Vec<(usize, bool)>, NodeId>,
    parts: Vec<Vec<Part<'a>>>,
    /// The components that a schema is, by its address: several if some are nothing but a reference.
    names: HashMap<usize, Vec<&'a str>>,
}

impl<'a> Nodes<'a> {
    pub(crate) fn new(document: &'a Document) -> Self {
        let mut names: HashMap<usize, Vec<_>> = HashMap::new();
        let schemas = document.at("/components/schemas");
        for (name, at) in schemas.iter().flat_map(Cursor::members) {
            names.entry(follow(document, at).address()).or_default().push(name);
        }
        Self { document, known: HashMap::new(), parts: Vec::new(), names }
    }

    /// The names of what a reference leads to: those of the component, or else the end of the reference.
    pub(crate) fn names(&self, at: &Cursor<'a>) -> Vec<&'a str> {
        let Some(reference) = at.text("$ref") else { return Vec::new() };
        let target = self.document.step(at).map(|at| follow(self.document, at));
        let names = target.and_then(|at| self.names.get(&at.address()));
        names.cloned().unwrap_or_else(|| reference.rsplit('/').take(1).collect())
    }

    pub(crate) fn intern(&mut self, parts: Vec<Part<'a>>) -> NodeId {
        let said: Vec<_> = parts.iter().map(|part| (part.at.address(), part.bare)).collect();
        if let Some(&id) = self.known.get(&said) {
            return id;
        }
        let mut parts: Vec<_> = parts
            .into_iter()
            .map(|part| Part { at: follow(self.document, part.at), bare: part.bare })
            .collect();
        let mut seen = HashSet::new();
        parts.retain(|part| seen.insert((part.at.address(), part.bare)));
        let key: Vec<_> = parts.iter().map(|part| (part.at.address(), part.bare)).collect();
        // More nodes than u32 has numbers do not fit into memory.
        let next = NodeId::try_from(self.parts.len()).unwrap_or(NodeId::MAX);
        let id = *self.known.entry(key).or_insert(next);
        if id == next {
            self.parts.push(parts);
        }
        self.known.insert(said, id);
        id
    }

    pub(crate) fn parts(&self, id: NodeId) -> &[Part<'a>] {
        self.parts.get(id as usize).map_or(&[], Vec::as_slice)
    }
}
