//! Pairs of schemas, each compared once, whoever refers to them.
//!
//! A pair holds what changed between its two schemas themselves and the pairs of what is in them. What
//! reaches an operation is found by following those: a circle of schemas is a circle of pairs, and
//! every operation that leads into it gets all of it.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use openapi_document::{Cursor, Document};
use serde_json::Value;

use crate::change::Direction;
use crate::event::{Effect, Event, Spot, Written};
use crate::keywords;
use crate::node::{NodeId, Nodes, Part};
use crate::shape::Shape;
use crate::types::{Known, Types};
use crate::words;

pub(crate) type PairId = usize;

/// What is between two schemas.
#[derive(Debug, Default)]
struct Pair {
    events: Vec<Rc<Event>>,
    inner: Vec<PairId>,
    /// It is still being compared.
    open: bool,
}

/// What [`keywords`] writes into while it compares two shapes.
#[derive(Debug, Default)]
pub(crate) struct Found<'a> {
    pub(crate) events: Vec<Event>,
    /// Pairs of what is inside, with where that stands.
    pub(crate) inner: Vec<(Vec<Part<'a>>, Vec<Part<'a>>, Spot)>,
}

/// How many steps a comparison may take before the rest counts as changed: this many, and as many more
/// for each value of the documents. A step is a pair that is looked at, or a schema that is opened; the
/// contracts that people write take less than one for each value.
const STEPS: (usize, usize) = (100_000, 4);

/// The walk that has been at whatever never has anything to say.
const QUIET: u32 = u32::MAX;

/// How deep alternatives within alternatives are told apart.
const DEPTH: usize = 24;

/// How many values there are in a document.
fn size(json: &Value) -> usize {
    let mut todo = vec![json];
    let mut count = 0;
    while let Some(value) = todo.pop() {
        count += 1;
        match value {
            Value::Array(items) => todo.extend(items),
            Value::Object(members) => todo.extend(members.values()),
            _ => {}
        }
    }
    count
}

/// The comparison of two documents, schema by schema.
#[derive(Debug)]
pub(crate) struct Schemas<'a> {
    pub(crate) base: Nodes<'a>,
    pub(crate) revision: Nodes<'a>,
    shapes: HashMap<(bool, NodeId, Direction), Rc<Shape<'a>>>,
    known: HashMap<(NodeId, NodeId, Spot), PairId>,
    pairs: Vec<Option<Rc<Pair>>>,
    /// What is to be compared, by its pair.
    wanted: Vec<(NodeId, NodeId, Spot)>,
    /// What is known for good of what [`Self::relation`] was asked.
    relations: HashMap<PairId, Effect>,
    /// The pairs that a walk has been at: the number of the walk, by pair.
    walked: Vec<u32>,
    walk: u32,
    depth: usize,
    /// The comparison was too large to be finished.
    pub(crate) exhausted: bool,
    steps: usize,
}

impl<'a> Schemas<'a> {
    pub(crate) fn new(base: &'a Document, revision: &'a Document) -> Self {
        Self {
            base: Nodes::new(base),
            revision: Nodes::new(revision),
            shapes: HashMap::new(),
            known: HashMap::new(),
            pairs: Vec::new(),
            wanted: Vec::new(),
            relations: HashMap::new(),
            walked: Vec::new(),
            walk: 0,
            depth: 0,
            exhausted: false,
            steps: STEPS.0 + STEPS.1 * (size(&base.json) + size(&revision.json)),
        }
    }

    /// Everything that changed between two schemas, and between all that is in them.
    pub(crate) fn compare(
        &mut self,
        base: Cursor<'a>,
        revision: Cursor<'a>,
        spot: Spot,
    ) -> Vec<Rc<Event>> {
        let root = self.pair(vec![Part::whole(base)], vec![Part::whole(revision)], spot);
        self.reach(root)
    }

    /// Whether every value is right by a schema.
    pub(crate) fn is_anything(&mut self, revised: bool, at: Cursor<'a>, spot: Spot) -> bool {
        self.parts_are_anything(revised, &[Part::whole(at)], spot)
    }

    /// The types that a schema allows.
    pub(crate) fn types(&mut self, revised: bool, at: Cursor<'a>, spot: Spot) -> Types {
        let nodes = if revised { &mut self.revision } else { &mut self.base };
        let node = nodes.intern(vec![Part::whole(at)]);
        self.shape(revised, node, spot.direction).types
    }

    /// Whether every value is right by the parts.
    pub(crate) fn parts_are_anything(
        &mut self,
        revised: bool,
        parts: &[Part<'a>],
        spot: Spot,
    ) -> bool {
        let nodes = if revised { &mut self.revision } else { &mut self.base };
        let node = nodes.intern(parts.to_vec());
        let shape = self.shape(revised, node, spot.direction);
        shape.is_anything() || spot.written == Written::Text && shape.is_any_text()
    }

    /// The shapes of two alternatives.
    pub(crate) fn alternatives(
        &mut self,
        a: Cursor<'a>,
        b: Cursor<'a>,
        spot: Spot,
    ) -> (Rc<Shape<'a>>, Rc<Shape<'a>>) {
        self.spend(1);
        let (a, b) =
            (self.base.intern(vec![Part::whole(a)]), self.revision.intern(vec![Part::whole(b)]));
        (self.shape(false, a, spot.direction), self.shape(true, b, spot.direction))
    }

    /// Whether a member that both alternatives need has no value in common: a tag, and another one.
    pub(crate) fn told_apart(&mut self, a: &Shape<'a>, b: &Shape<'a>, spot: Spot) -> bool {
        let both = a.required.keys().filter(|name| b.required.contains_key(*name));
        let members =
            both.filter_map(|name| Some((a.properties.get(name)?, b.properties.get(name)?)));
        members.into_iter().any(|(old, new)| {
            let (old, new) =
                (self.base.intern(old.parts.clone()), self.revision.intern(new.parts.clone()));
            let (old, new) =
                (self.shape(false, old, spot.direction), self.shape(true, new, spot.direction));
            old.values.as_ref().zip(new.values.as_ref()).is_some_and(|(old, new)| {
                let new = Known::of(&new.value);
                !old.value.iter().any(|value| new.has(value))
            })
        })
    }

    /// Whether the parts of the revision have a default.
    pub(crate) fn has_default(&mut self, parts: &[Part<'a>], spot: Spot) -> bool {
        let node = self.revision.intern(parts.to_vec());
        self.shape(true, node, spot.direction).default.is_some()
    }

    /// Everything that changed between parts, and between all that is in them, in the order of the
    /// document.
    fn reach(&mut self, root: PairId) -> Vec<Rc<Event>> {
        let mut events = Vec::new();
        self.walk += 1;
        let mut seen = Vec::new();
        let mut todo = vec![root];
        while let Some(id) = todo.pop() {
            self.walked.resize(self.pairs.len(), 0);
            if self.walked[id] == self.walk || self.walked[id] == QUIET {
                continue;
            }
            self.walked[id] = self.walk;
            seen.push(id);
            let Some(pair) = self.built(id) else { continue };
            events.extend(pair.events.iter().cloned());
            todo.extend(pair.inner.iter().rev());
        }
        if events.is_empty() && !self.exhausted {
            for id in seen {
                self.walked[id] = QUIET;
            }
        }
        events
    }

    /// What the revision does to the values that are right by the base.
    pub(crate) fn relation(
        &mut self,
        base: Vec<Part<'a>>,
        revision: Vec<Part<'a>>,
        spot: Spot,
    ) -> Effect {
        let root = self.pair(base, revision, Spot { branch: true, ..spot });
        if let Some(&effect) = self.relations.get(&root) {
            return effect;
        }
        let mut effect = Effect::Same;
        let mut open = false;
        let mut seen = HashSet::from([root]);
        let mut todo = vec![root];
        while let Some(id) = todo.pop() {
            self.spend(1);
            let Some(pair) = self.built(id) else { return Effect::Other };
            open |= pair.open;
            effect = pair.events.iter().fold(effect, |effect, event| effect.and(event.effect));
            if effect == Effect::Other {
                break;
            }
            todo.extend(pair.inner.iter().copied().filter(|inner| seen.insert(*inner)));
        }
        // What an open pair will hold can make a difference greater, and never less.
        if !open || effect == Effect::Other {
            self.relations.insert(root, effect);
        }
        effect
    }

    fn spend(&mut self, steps: usize) {
        self.exhausted |= self.steps < steps;
        self.steps = self.steps.saturating_sub(steps);
    }

    fn pair(&mut self, base: Vec<Part<'a>>, revision: Vec<Part<'a>>, spot: Spot) -> PairId {
        let key = (self.base.intern(base), self.revision.intern(revision), spot);
        let next = self.pairs.len();
        let id = *self.known.entry(key).or_insert(next);
        if id == next {
            self.pairs.push(None);
            self.wanted.push(key);
        }
        id
    }

    /// A pair, compared. One that is being compared already, further out, has nothing of its own yet:
    /// what there is will be found there.
    ///
    /// `None` if that would go too deep or take too long.
    fn built(&mut self, id: PairId) -> Option<Rc<Pair>> {
        if let Some(pair) = &self.pairs[id] {
            return Some(pair.clone());
        }
        let (base, revision, spot) = self.wanted[id];
        self.spend(1);
        if self.exhausted || self.depth > DEPTH {
            return None;
        }
        self.pairs[id] = Some(Rc::new(Pair { open: true, ..Pair::default() }));
        self.depth += 1;
        let a = self.shape(false, base, spot.direction);
        let b = self.shape(true, revision, spot.direction);
        let found = keywords::compare(self, &a, &b, spot);
        self.depth -= 1;
        let inner = found.inner;
        let inner = inner.into_iter().map(|(a, b, spot)| self.pair(a, b, spot)).collect();
        let events = found.events.into_iter().map(Rc::new).collect();
        let pair = Rc::new(Pair { events, inner, open: false });
        self.pairs[id] = Some(pair.clone());
        Some(pair)
    }

    fn shape(&mut self, revised: bool, node: NodeId, direction: Direction) -> Rc<Shape<'a>> {
        let key = (revised, node, direction);
        if let Some(shape) = self.shapes.get(&key) {
            return shape.clone();
        }
        let nodes = if revised { &self.revision } else { &self.base };
        let shape = Rc::new(Shape::new(nodes.document, nodes.parts(node), direction));
        self.spend(shape.effort);
        self.shapes.insert(key, shape.clone());
        shape
    }

    /// What a person calls two schemas of which one became the other.
    pub(crate) fn name(&self, a: &Shape<'a>, b: &Shape<'a>) -> String {
        if b.pointer.is_empty() {
            return self.old_name(&a.pointer);
        }
        let name = self.new_name(&b.pointer);
        let stands = |document: &Document, pointer: &str| document.json.pointer(pointer).is_some();
        let component = |pointer: &str| {
            let name = pointer.strip_prefix("/components/schemas/");
            name.is_some_and(|name| !name.contains('/'))
        };
        // Whoever renames a schema changes no message: it goes by its new name. If both are there on
        // both sides, it is the reference that changed.
        if a.pointer != b.pointer
            && component(&a.pointer)
            && component(&b.pointer)
            && stands(self.revision.document, &a.pointer)
            && stands(self.base.document, &b.pointer)
        {
            return format!("{name}, in place of {},", self.old_name(&a.pointer));
        }
        name
    }

    /// What a person calls the schema at `pointer` of the base.
    pub(crate) fn old_name(&self, pointer: &str) -> String {
        words::subject(self.base.document, pointer)
    }

    /// What a person calls the schema at `pointer` of the revision.
    pub(crate) fn new_name(&self, pointer: &str) -> String {
        words::subject(self.revision.document, pointer)
    }
}
