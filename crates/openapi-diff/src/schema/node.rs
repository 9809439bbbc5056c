//! Schemas as what must all hold at once.
//!
//! Nothing here recurses along references: a chain or a circle of any length ends.

use std::collections::{HashMap, HashSet};

use openapi_document::{Cursor, Document};
use serde_json::Value;

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
        let at = document.follow(part.at);
        if !seen.insert((at.address(), part.bare)) {
            continue;
        }
        if part.bare {
            flat.leaves.push(at);
            continue;
        }
        let mut opened: Vec<_> = at.elements("allOf").collect();
        for (key, one) in [("oneOf", true), ("anyOf", false)] {
            let Some(list) = at.get(key) else { continue };
            let mut branches: Vec<_> = at.elements(key).collect();
            let all = branches.len();
            branches.retain(|branch| !only_null(document, branch));
            flat.nullable |= branches.len() < all;
            match branches.len() {
                0 => {}
                1 => opened.append(&mut branches),
                _ => flat.groups.push(Group {
                    one,
                    at: list,
                    branches: spread(document, key, branches),
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

/// Alternatives without those that are nothing but alternatives of the same kind: these are put in
/// their place. For `oneOf` that is the same as long as the alternatives exclude each other.
fn spread<'a>(document: &'a Document, key: &str, branches: Vec<Cursor<'a>>) -> Vec<Cursor<'a>> {
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    let mut todo: Vec<_> = branches.into_iter().rev().collect();
    while let Some(branch) = todo.pop() {
        let at = unwrapped(document, branch.clone());
        let inner = said(&at).all(|name| name == key);
        let mut inner = if inner { at.elements(key).collect() } else { Vec::new() };
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
    let mut at = document.follow(at);
    while seen.insert(at.address()) {
        let words: Vec<_> = said(&at).collect();
        let [word @ ("allOf" | "oneOf" | "anyOf")] = words.as_slice() else { break };
        let inner: Vec<_> = at.elements(word).collect();
        let [one] = inner.as_slice() else { break };
        at = document.follow(one.clone());
    }
    at
}

/// The keywords of a schema that limit or mark a value. Others are for readers alone.
pub(crate) fn said<'a>(at: &Cursor<'a>) -> impl Iterator<Item = &'a str> + use<'a> {
    let members = at.value.as_object().into_iter().flatten();
    let members = members.filter(|(name, value)| match name.as_str() {
        "nullable" | "deprecated" | "readOnly" | "writeOnly" => **value == Value::Bool(true),
        "title" | "description" | "summary" | "example" | "externalDocs" => false,
        name => name == "x-extensible-enum" || !name.starts_with("x-"),
    });
    members.map(|(name, _)| name.as_str())
}

/// Whether nothing but `null` is right by a schema.
fn only_null(document: &Document, branch: &Cursor<'_>) -> bool {
    let at = document.follow(branch.clone());
    let nulls = |list: &Vec<Value>| !list.is_empty() && list.iter().all(Value::is_null);
    at.text("type") == Some("null")
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
}

impl<'a> Nodes<'a> {
    pub(crate) fn new(document: &'a Document) -> Self {
        Self { document, known: HashMap::new(), parts: Vec::new() }
    }

    pub(crate) fn intern(&mut self, parts: Vec<Part<'a>>) -> NodeId {
        let said: Vec<_> = parts.iter().map(|part| (part.at.address(), part.bare)).collect();
        if let Some(&id) = self.known.get(&said) {
            return id;
        }
        let mut parts: Vec<_> = parts
            .into_iter()
            .map(|part| Part { at: self.document.follow(part.at), bare: part.bare })
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
