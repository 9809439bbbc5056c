//! Subtypes of a schema with a discriminator: the components that have it in their `allOf`, and what its
//! mapping names (OpenAPI 3.0.4, Discriminator Object). A value of the parent may be any of them.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use openapi_document::{Cursor, Document};

use crate::change::Verdict;
use crate::finding::{SetRelation, Side};
use crate::schema::discriminator::target;
use crate::schema::node::{Part, said};
use crate::schema::pair::SchemaPair;
use crate::schema::{Found, Schemas};

/// What a value of a parent may be.
#[derive(Debug)]
pub(crate) struct Subtype<'a> {
    /// What the discriminator says for it: a key of the mapping, or the name of the component.
    value: String,
    /// Without what the parent says, which is compared there.
    own: Vec<Part<'a>>,
    name: String,
    pointer: String,
}

/// The families of a document.
#[derive(Debug)]
pub(crate) struct Subtypes<'a> {
    document: &'a Document,
    /// The components that have a schema in their `allOf`, by its address.
    children: HashMap<usize, Vec<Cursor<'a>>>,
    known: HashMap<usize, Rc<Vec<Subtype<'a>>>>,
}

impl<'a> Subtypes<'a> {
    pub(crate) fn new(document: &'a Document) -> Self {
        let mut children: HashMap<usize, Vec<_>> = HashMap::new();
        let schemas = document.at("/components/schemas");
        for (_, child) in schemas.iter().flat_map(Cursor::members) {
            for parent in extended(document, &child) {
                children.entry(parent.address()).or_default().push(child.clone());
            }
        }
        Self { document, children, known: HashMap::new() }
    }

    /// The subtypes of the parent that parts are a use of; `None` if they are no use of one.
    fn of(&mut self, parts: &[Part<'a>]) -> Option<Rc<Vec<Subtype<'a>>>> {
        let whole = parts.iter().filter(|part| !part.bare);
        let parent = whole.into_iter().find_map(|part| self.used(part.at.clone()))?;
        let address = parent.address();
        if let Some(known) = self.known.get(&address) {
            return Some(known.clone());
        }
        let all = Rc::new(self.family(&parent));
        self.known.insert(address, all.clone());
        Some(all)
    }

    /// The parent that a schema is, or wraps. A component that extends a parent is a subtype, and no use
    /// of its siblings; an inline schema that does has no name that a discriminator could say.
    fn used(&self, at: Cursor<'a>) -> Option<Cursor<'a>> {
        let mut seen = HashSet::new();
        let mut todo = vec![at];
        while let Some(at) = todo.pop() {
            let at = self.document.follow(at);
            if !seen.insert(at.address()) {
                continue;
            }
            if at.value.get("discriminator").is_some() {
                let union = ["oneOf", "anyOf"].iter().any(|key| at.value.get(key).is_some());
                return (!union).then_some(at);
            }
            let wraps =
                at.flag("nullable") && said(&at).all(|name| matches!(name, "allOf" | "nullable"));
            if component(&at).is_none() || wraps {
                todo.extend(at.elements("allOf"));
            }
        }
        None
    }

    fn family(&self, parent: &Cursor<'a>) -> Vec<Subtype<'a>> {
        let mut descendants = Vec::new();
        let mut kin = HashSet::from([parent.address()]);
        let mut todo = vec![parent.address()];
        while let Some(next) = todo.pop() {
            for child in self.children.get(&next).into_iter().flatten() {
                if kin.insert(child.address()) {
                    todo.push(child.address());
                    descendants.push(child.clone());
                }
            }
        }
        let mapping = parent
            .get("discriminator")
            .into_iter()
            .flat_map(|at| at.entries("mapping").collect::<Vec<_>>());
        let mut all = Vec::new();
        let mut mapped = HashSet::new();
        for (value, at) in mapping {
            let Some(target) = target(self.document, at.value) else { continue };
            let target = self.document.follow(target);
            mapped.insert(target.address());
            if target.address() != parent.address() {
                all.push(self.subtype(value, target, &kin));
            }
        }
        for child in descendants {
            let wraps = child.flag("nullable")
                && said(&child).all(|name| matches!(name, "allOf" | "nullable"));
            if let Some(name) =
                component(&child).filter(|_| !wraps && !mapped.contains(&child.address()))
            {
                let name = crate::unescape(name);
                all.push(self.subtype(&name, child, &kin));
            }
        }
        all
    }

    fn subtype(&self, value: &str, at: Cursor<'a>, kin: &HashSet<usize>) -> Subtype<'a> {
        let name = component(&at).map_or_else(|| value.to_owned(), crate::unescape);
        let pointer = at.pointer.clone();
        let union = ["oneOf", "anyOf"].iter().any(|key| at.value.get(key).is_some());
        let own = if union || !kin.contains(&at.address()) {
            vec![Part::whole(at)]
        } else {
            self.own(at, kin)
        };
        Subtype { value: value.to_owned(), own, name, pointer }
    }

    /// What a subtype says beside what its kin say.
    fn own(&self, at: Cursor<'a>, kin: &HashSet<usize>) -> Vec<Part<'a>> {
        let mut parts = Vec::new();
        let mut todo = vec![at];
        while let Some(at) = todo.pop() {
            let inner: Vec<_> = at.elements("allOf").collect();
            let kept = inner
                .into_iter()
                .rev()
                .filter(|part| !kin.contains(&self.document.follow(part.clone()).address()));
            for part in kept.collect::<Vec<_>>() {
                // What is written inside of it is its own.
                if part.value.get("allOf").is_some() && part.pointer.starts_with(&at.pointer) {
                    todo.push(part);
                } else {
                    parts.push(Part::whole(part));
                }
            }
            parts.push(Part { at, bare: true });
        }
        parts.reverse();
        parts
    }
}

/// The name of a component, if a schema is one.
fn component<'c>(at: &'c Cursor<'_>) -> Option<&'c str> {
    at.pointer.strip_prefix("/components/schemas/").filter(|name| !name.contains('/'))
}

/// The schemas that one has in its `allOf` by reference.
fn extended<'a>(document: &'a Document, at: &Cursor<'a>) -> Vec<Cursor<'a>> {
    let mut parents = Vec::new();
    let mut todo: Vec<_> = at.elements("allOf").collect();
    while let Some(part) = todo.pop() {
        if part.text("$ref").is_some() {
            parents.push(document.follow(part));
        } else {
            todo.extend(part.elements("allOf"));
        }
    }
    parents
}

/// What changed of the subtypes of two parents: those of the same name are pairs.
pub(crate) fn compare<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    found: &mut Found<'a>,
) {
    let old = schemas.subtypes(Side::Base).of(&pair.a.parts);
    let new = schemas.subtypes(Side::Revision).of(&pair.b.parts);
    let (Some(old), Some(new)) = (old, new) else { return };
    schemas.spend(old.len() + new.len());
    let named = |all: &[Subtype<'a>]| -> HashMap<String, usize> {
        all.iter().enumerate().map(|(index, one)| (one.value.clone(), index)).collect()
    };
    let (before, after) = (named(&old), named(&new));
    let at =
        |discriminator: &Option<Cursor<'a>>| discriminator.as_ref().map(|at| at.pointer.clone());
    let (old_at, new_at) = (at(&pair.a.discriminator), at(&pair.b.discriminator));
    let said = |one: &Subtype<'a>, discriminator: &Option<Cursor<'a>>| {
        let tag = discriminator.as_ref().and_then(|at| at.text("propertyName")).unwrap_or("?");
        format!("`{}` (`{tag}: {:?}`)", one.name, one.value)
    };
    let inner = pair.context.branched();
    for one in old.iter() {
        if let Some(&index) = after.get(&one.value) {
            found.inner.push((one.own.clone(), new[index].own.clone(), inner));
            continue;
        }
        let text = format!("cannot be {} any more", said(one, &pair.a.discriminator));
        let at = (Some(one.pointer.as_str()), new_at.as_deref());
        found.findings.push(pair.finding(
            "subtype-removed",
            SetRelation::Narrower,
            at.0,
            at.1,
            &text,
        ));
    }
    for one in new.iter().filter(|one| !before.contains_key(&one.value)) {
        let text = format!("can be {} now", said(one, &pair.b.discriminator));
        let at = (old_at.as_deref(), Some(one.pointer.as_str()));
        let finding = pair.finding("subtype-added", SetRelation::Wider, at.0, at.1, &text);
        // It is a value of the parent all the same.
        let wire = finding.wire.min(Verdict::PotentiallyBreaking);
        found.findings.push(finding.wire(wire));
    }
}
