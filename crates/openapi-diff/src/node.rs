//! Values of a document with their pointers, and schemas as what must all hold at once.
//!
//! Nothing here recurses along references: a chain or a circle of any length ends.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::document::{Document, escape};

/// A value and where it is.
#[derive(Debug, Clone)]
pub(crate) struct At<'a> {
    pub(crate) value: &'a Value,
    pub(crate) pointer: String,
}

impl<'a> At<'a> {
    pub(crate) fn get(&self, key: &str) -> Option<At<'a>> {
        let value = self.value.get(key)?;
        Some(At { value, pointer: format!("{}/{}", self.pointer, escape(key)) })
    }

    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        self.value.get(key)?.as_str()
    }

    pub(crate) fn flag(&self, key: &str) -> bool {
        self.value.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The entries of the object under `key`; nothing if it is not one.
    pub(crate) fn entries(&self, key: &str) -> impl Iterator<Item = (&'a str, At<'a>)> + use<'a> {
        self.get(key).into_iter().flat_map(|at| at.members())
    }

    /// The members of this object; nothing if it is not one.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'a str, At<'a>)> + use<'a> {
        let pointer = self.pointer.clone();
        self.value.as_object().into_iter().flatten().map(move |(key, value)| {
            (key.as_str(), At { value, pointer: format!("{pointer}/{}", escape(key)) })
        })
    }

    /// The elements of the list under `key`; nothing if it is not one.
    pub(crate) fn elements(&self, key: &str) -> impl Iterator<Item = At<'a>> + use<'a> {
        let pointer = format!("{}/{}", self.pointer, escape(key));
        self.value
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .enumerate()
            .map(move |(index, value)| At { value, pointer: format!("{pointer}/{index}") })
    }

    /// Two places are the same if they are the same value of the same document.
    pub(crate) fn address(&self) -> usize {
        std::ptr::from_ref(self.value) as usize
    }
}

/// How many references may follow one another.
const HOPS: usize = 1000;

/// Follows `$ref` until something else is found. A reference that leads nowhere, out of the document
/// or in a circle is what it leads to.
pub(crate) fn resolve<'a>(document: &'a Document, mut at: At<'a>) -> At<'a> {
    for _ in 0..HOPS {
        let Some(reference) = at.text("$ref") else { return at };
        let Some(pointer) = reference.strip_prefix('#') else { return at };
        let pointer = percent_decoded(pointer);
        match document.json.pointer(&pointer) {
            Some(value) => at = At { value, pointer },
            None => return at,
        }
    }
    at
}

/// The fragment of a URI may have any byte percent-encoded (RFC 6901 section 6).
fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let decoded = (first == b'%')
            .then(|| tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok()))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(decoded.unwrap_or(first));
        rest = if decoded.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// A schema that must hold, as it is referred to. A bare one counts without its alternatives and its
/// `allOf`: those are looked at apart.
#[derive(Debug, Clone)]
pub(crate) struct Part<'a> {
    pub(crate) at: At<'a>,
    pub(crate) bare: bool,
}

impl<'a> Part<'a> {
    pub(crate) fn whole(at: At<'a>) -> Self {
        Self { at, bare: false }
    }
}

/// Alternatives of which one (or at least one) must hold.
#[derive(Debug, Clone)]
pub(crate) struct Group<'a> {
    /// `oneOf` rather than `anyOf`.
    pub(crate) one: bool,
    pub(crate) at: At<'a>,
    pub(crate) branches: Vec<At<'a>>,
}

/// Parts with their references followed and their `allOf` opened.
#[derive(Debug, Default)]
pub(crate) struct Flat<'a> {
    /// Schemas whose own keywords must hold.
    pub(crate) leaves: Vec<At<'a>>,
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
        let at = resolve(document, part.at);
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
            branches = spread(document, key, branches);
            match branches.len() {
                0 => {}
                1 => opened.append(&mut branches),
                _ => flat.groups.push(Group { one, at: list, branches }),
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
fn spread<'a>(document: &'a Document, key: &str, branches: Vec<At<'a>>) -> Vec<At<'a>> {
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    let mut todo: Vec<_> = branches.into_iter().rev().collect();
    while let Some(branch) = todo.pop() {
        let at = resolve(document, branch.clone());
        let silent =
            |name: &String| name == key || matches!(name.as_str(), "title" | "description");
        let inner = at.value.as_object().is_some_and(|schema| schema.keys().all(silent));
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

/// Whether nothing but `null` is right by a schema.
fn only_null(document: &Document, branch: &At<'_>) -> bool {
    let at = resolve(document, branch.clone());
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
            .map(|part| Part { at: resolve(self.document, part.at), bare: part.bare })
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
