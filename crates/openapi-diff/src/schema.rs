//! Pairs of schemas, each compared once, whoever refers to them.
//!
//! A pair holds what changed between its two schemas themselves and the pairs of what is in them. What
//! reaches an operation is found by following those: a circle of schemas is a circle of pairs, and
//! every operation that leads into it gets all of it.

mod alternatives;
mod annotations;
mod conditions;
mod content;
mod cover;
mod discriminator;
mod effects;
mod elements;
mod exclusions;
mod formats;
mod forms;
mod instances;
mod keywords;
mod meeting;
mod merged;
mod modern;
mod nested;
pub(crate) mod node;
mod normalize;
pub(crate) mod normalized;
mod objects;
mod overlap;
mod pair;
mod patterns;
mod ranges;
mod spelled;
mod subtypes;
pub(crate) mod types;
mod unchanged;
mod unions;
mod values;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use openapi_document::{Cursor, Document};
use serde_json::Value;

use crate::change::Direction;
use crate::finding::{Carrier, Context, Finding, SetRelation, Side, Written};
use crate::network;
use crate::render;
pub(crate) use crate::schema::forms::Form;
use crate::schema::forms::Forms;
use crate::schema::node::{NodeId, Nodes, Part};
use crate::schema::normalized::NormalizedSchema;
use crate::schema::pair::SchemaPair;
use crate::schema::subtypes::Subtypes;
use crate::schema::types::{Known, Types};
use crate::schema::unchanged::Unchanged;

pub(crate) type PairId = usize;

/// What is compared: two schemas, where they stand, and what refers to them, if the reference changed.
type Key = (NodeId, NodeId, Context, Option<String>);

/// What is between two schemas.
#[derive(Debug, Default)]
struct Pair {
    findings: Vec<Rc<Finding>>,
    inner: Vec<PairId>,
    /// It is still being compared.
    open: bool,
}

/// What [`keywords`] writes into while it compares two normalized.
#[derive(Debug, Default)]
pub(crate) struct Found<'a> {
    pub(crate) findings: Vec<Finding>,
    /// Pairs of what is inside, with where that stands.
    pub(crate) inner: Vec<(Vec<Part<'a>>, Vec<Part<'a>>, Context)>,
}

/// How many steps a comparison may take before the rest counts as changed: this many, and as many more
/// for each value of the documents. A step is a pair that is looked at, or a schema that is opened; the
/// contracts that people write take less than one for each value.
const STEPS: (usize, usize) = (100_000, 4);

/// The walk that has been at whatever never has anything to say.
const QUIET: u32 = u32::MAX;

/// How many schemas are kept as they were read. One that is needed again is read again.
const KEPT: usize = 4_096;

/// How deep nested alternatives are compared.
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
    normalized: HashMap<(Side, NodeId, Direction), Rc<NormalizedSchema<'a>>>,
    subtypes: [Subtypes<'a>; 2],
    unchanged: Unchanged,
    pub(crate) forms: Forms,
    known: HashMap<Key, PairId>,
    pairs: Vec<Option<Rc<Pair>>>,
    /// What is to be compared, by its pair.
    wanted: Vec<Key>,
    /// What is known for good of what [`Self::relation`] was asked.
    relations: HashMap<PairId, SetRelation>,
    /// The pairs that a walk has been at: the number of the walk, by pair.
    walked: Vec<u32>,
    walk: u32,
    depth: usize,
    /// How many lists of alternatives within others are being looked into.
    nesting: usize,
    /// The comparison was too large to be finished.
    pub(crate) exhausted: bool,
    steps: usize,
    /// How often values may still be held against schemas: what is looked for sets it.
    tries: usize,
}

impl<'a> Schemas<'a> {
    pub(crate) fn new(base: &'a Document, revision: &'a Document) -> Self {
        Self {
            base: Nodes::new(base),
            revision: Nodes::new(revision),
            normalized: HashMap::new(),
            subtypes: [Subtypes::new(base), Subtypes::new(revision)],
            unchanged: Unchanged::new(base, revision),
            forms: Forms::default(),
            known: HashMap::new(),
            pairs: Vec::new(),
            wanted: Vec::new(),
            relations: HashMap::new(),
            walked: Vec::new(),
            walk: 0,
            depth: 0,
            nesting: 0,
            exhausted: false,
            steps: STEPS.0 + STEPS.1 * (size(&base.json) + size(&revision.json)),
            tries: 0,
        }
    }

    /// Everything that changed between two schemas, and between all that is in them.
    pub(crate) fn compare(
        &mut self,
        base: Cursor<'a>,
        revision: Cursor<'a>,
        context: Context,
    ) -> Vec<Rc<Finding>> {
        self.compare_parts(vec![Part::whole(base)], vec![Part::whole(revision)], context)
    }

    /// The same, of what must hold at once on each side.
    pub(crate) fn compare_parts(
        &mut self,
        base: Vec<Part<'a>>,
        revision: Vec<Part<'a>>,
        context: Context,
    ) -> Vec<Rc<Finding>> {
        let root = self.pair(base, revision, context);
        self.reach(root)
    }

    /// A schema, by what must hold of its values.
    pub(crate) fn read(
        &mut self,
        side: Side,
        parts: Vec<Part<'a>>,
        context: Context,
    ) -> Rc<NormalizedSchema<'a>> {
        let node = self.nodes_mut(side).intern(parts);
        self.normalized(side, node, context.direction)
    }

    /// The types and the format of a member of an object, or of the elements of a member; `None` if
    /// it has no such member.
    pub(crate) fn part(
        &mut self,
        side: Side,
        at: Cursor<'a>,
        member: &str,
        context: Context,
    ) -> Option<(Types, Option<&'a str>)> {
        let whole = self.read(side, vec![Part::whole(at)], context);
        let mut schema = self.read(side, whole.properties.get(member)?.parts.clone(), context);
        if schema.types == Types::ARRAY {
            schema = self.read(side, schema.items.clone(), context);
        }
        Some((schema.types, schema.format.as_ref().map(|format| format.value)))
    }

    /// Whether every value is right by a schema.
    fn nodes(&self, side: Side) -> &Nodes<'a> {
        match side {
            Side::Base => &self.base,
            Side::Revision => &self.revision,
        }
    }

    fn nodes_mut(&mut self, side: Side) -> &mut Nodes<'a> {
        match side {
            Side::Base => &mut self.base,
            Side::Revision => &mut self.revision,
        }
    }

    fn subtypes(&mut self, side: Side) -> &mut Subtypes<'a> {
        &mut self.subtypes[usize::from(side == Side::Revision)]
    }

    pub(crate) fn is_anything(&mut self, side: Side, at: Cursor<'a>, context: Context) -> bool {
        self.parts_are_anything(side, &[Part::whole(at)], context)
    }

    /// Whether a body is right whatever its bytes are.
    pub(crate) fn is_binary(&mut self, side: Side, at: Cursor<'a>, context: Context) -> bool {
        let nodes = self.nodes_mut(side);
        let node = nodes.intern(vec![Part::whole(at)]);
        let schema = self.normalized(side, node, context.direction);
        context.carrier == Carrier::Body && schema.is_binary()
    }

    /// The types that a schema allows.
    pub(crate) fn types(&mut self, side: Side, at: Cursor<'a>, context: Context) -> Types {
        self.read(side, vec![Part::whole(at)], context).types
    }

    /// Whether every value is right by the parts.
    pub(crate) fn parts_are_anything(
        &mut self,
        side: Side,
        parts: &[Part<'a>],
        context: Context,
    ) -> bool {
        let schema = self.read(side, parts.to_vec(), context);
        schema.is_anything() || context.is_text() && schema.is_any_text()
    }

    /// The normalized of two alternatives.
    pub(crate) fn alternatives(
        &mut self,
        a: Cursor<'a>,
        b: Cursor<'a>,
        context: Context,
    ) -> (Rc<NormalizedSchema<'a>>, Rc<NormalizedSchema<'a>>) {
        self.spend(1);
        let (a, b) =
            (self.base.intern(vec![Part::whole(a)]), self.revision.intern(vec![Part::whole(b)]));
        (
            self.normalized(Side::Base, a, context.direction),
            self.normalized(Side::Revision, b, context.direction),
        )
    }

    /// Whether a member that both alternatives need has no value in common: a tag, and another one.
    pub(crate) fn told_apart(
        &mut self,
        a: &NormalizedSchema<'a>,
        b: &NormalizedSchema<'a>,
        context: Context,
    ) -> bool {
        let both = a.required.keys().filter(|name| b.required.contains_key(*name));
        let members =
            both.filter_map(|name| Some((a.properties.get(name)?, b.properties.get(name)?)));
        members.into_iter().any(|(old, new)| {
            let (old, new) =
                (self.base.intern(old.parts.clone()), self.revision.intern(new.parts.clone()));
            let (old, new) = (
                self.normalized(Side::Base, old, context.direction),
                self.normalized(Side::Revision, new, context.direction),
            );
            old.values.as_ref().zip(new.values.as_ref()).is_some_and(|(old, new)| {
                let new = Known::of(&new.value);
                !old.value.iter().any(|value| new.has(value))
            })
        })
    }

    /// Whether the parts of the revision have a default.
    pub(crate) fn has_default(&mut self, parts: &[Part<'a>], context: Context) -> bool {
        let node = self.revision.intern(parts.to_vec());
        self.normalized(Side::Revision, node, context.direction).default.is_some()
    }

    /// Everything that changed between parts, and between all that is in them, in the order of the
    /// document.
    fn reach(&mut self, root: PairId) -> Vec<Rc<Finding>> {
        let mut findings = Vec::new();
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
            findings.extend(pair.findings.iter().cloned());
            todo.extend(pair.inner.iter().rev());
        }
        if findings.is_empty() && !self.exhausted {
            for id in seen {
                self.walked[id] = QUIET;
            }
        }
        findings
    }

    /// What the revision does to the values that are right by the base, but for `null`.
    pub(crate) fn relation(
        &mut self,
        base: Vec<Part<'a>>,
        revision: Vec<Part<'a>>,
        context: Context,
    ) -> SetRelation {
        self.whole_relation(base, revision, context.branched())
    }

    /// What the revision does to the values that are right by the base.
    pub(crate) fn whole_relation(
        &mut self,
        base: Vec<Part<'a>>,
        revision: Vec<Part<'a>>,
        context: Context,
    ) -> SetRelation {
        let root = self.pair(base, revision, context);
        if let Some(&relation) = self.relations.get(&root) {
            return relation;
        }
        let mut relation = SetRelation::Same;
        let mut open = false;
        let mut seen = HashSet::from([root]);
        let mut todo = vec![root];
        while let Some(id) = todo.pop() {
            self.spend(1);
            let Some(pair) = self.built(id) else { return SetRelation::Other };
            open |= pair.open;
            relation = pair
                .findings
                .iter()
                .fold(relation, |relation, finding| relation.and(finding.relation));
            if relation == SetRelation::Other {
                break;
            }
            todo.extend(pair.inner.iter().copied().filter(|inner| seen.insert(*inner)));
        }
        // What an open pair will hold can make a difference greater, and never less.
        if !open || relation == SetRelation::Other {
            self.relations.insert(root, relation);
        }
        relation
    }

    fn spend(&mut self, steps: usize) {
        self.exhausted |= self.steps < steps;
        self.steps = self.steps.saturating_sub(steps);
    }

    fn pair(&mut self, base: Vec<Part<'a>>, revision: Vec<Part<'a>>, context: Context) -> PairId {
        let user = self.user(&base, &revision, context);
        let key = (self.base.intern(base), self.revision.intern(revision), context, user);
        let next = self.pairs.len();
        let id = *self.known.entry(key.clone()).or_insert(next);
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
        let (base, revision, context, user) = self.wanted[id].clone();
        self.spend(1);
        if self.exhausted || self.depth > DEPTH {
            return None;
        }
        // The members of a form may be written in another way.
        let form = matches!(context.written, Written::Form(_));
        if !form && self.unchanged.has(self.base.parts(base), self.revision.parts(revision)) {
            let pair = Rc::new(Pair::default());
            self.pairs[id] = Some(pair.clone());
            return Some(pair);
        }
        self.pairs[id] = Some(Rc::new(Pair { open: true, ..Pair::default() }));
        self.depth += 1;
        let a = self.normalized(Side::Base, base, context.direction);
        let b = self.normalized(Side::Revision, revision, context.direction);
        let name = self.name(&a, &b, context, user.as_deref());
        let (base, revision) = (self.base.document, self.revision.document);
        let found = match network::of_schemas((base, &a), (revision, &b), || name.clone()) {
            Some(finding) => Found { findings: vec![finding], inner: Vec::new() },
            None => keywords::compare(self, &SchemaPair { a: &a, b: &b, context, name }),
        };
        self.depth -= 1;
        let inner = found.inner;
        let inner = inner.into_iter().map(|(a, b, context)| self.pair(a, b, context)).collect();
        let findings = found.findings.into_iter().map(Rc::new).collect();
        let pair = Rc::new(Pair { findings, inner, open: false });
        self.pairs[id] = Some(pair.clone());
        Some(pair)
    }

    fn normalized(
        &mut self,
        side: Side,
        node: NodeId,
        direction: Direction,
    ) -> Rc<NormalizedSchema<'a>> {
        let key = (side, node, direction);
        if let Some(schema) = self.normalized.get(&key) {
            return schema.clone();
        }
        let (document, parts) = (self.nodes(side).document, self.nodes(side).parts(node).to_vec());
        let mut flat = node::flatten(document, &parts);
        self.unnest(side, &mut flat, direction);
        let schema = Rc::new(NormalizedSchema::of(document, &parts, flat, None, direction));
        self.spend(schema.effort);
        if self.normalized.len() >= KEPT {
            self.normalized.clear();
        }
        self.normalized.insert(key, schema.clone());
        schema
    }

    /// What refers to two components of which one takes the place of the other one, which stays: the
    /// member changed, and not the component. Whoever renames a component changes no reference.
    fn user(&self, base: &[Part<'a>], revision: &[Part<'a>], context: Context) -> Option<String> {
        let ([old], [new]) = (base, revision) else { return None };
        let (was, is) = (old.at.text("$ref")?, new.at.text("$ref")?);
        if was == is || context.is_branch() {
            return None;
        }
        let old = node::follow(self.base.document, old.at.clone()).pointer;
        let at = node::follow(self.revision.document, new.at.clone()).pointer;
        let moved = old != at && render::is_component(&old) && render::is_component(&at);
        let stand = self.revision.document.json.pointer(&old).is_some()
            && self.base.document.json.pointer(&at).is_some();
        (moved && stand).then(|| new.at.pointer.clone())
    }

    /// What a person calls two schemas of which one became the other.
    fn name(
        &self,
        a: &NormalizedSchema<'a>,
        b: &NormalizedSchema<'a>,
        context: Context,
        user: Option<&str>,
    ) -> String {
        if b.pointer.is_empty() {
            return self.old_name(&a.pointer);
        }
        let name = self.new_name(&b.pointer);
        if let Some(user) = user {
            let user = self.new_name(user);
            return format!("{user}, {name} in place of {},", self.old_name(&a.pointer));
        }
        // Whoever renames a schema changes no message: it goes by its new name. What was written where
        // it is used goes by that place, which has a reference now.
        let inline = !context.is_branch()
            && !a.pointer.is_empty()
            && self.revision.document.json.pointer(render::owner(&a.pointer)).is_some()
            && render::is_deeper(&a.pointer, &b.pointer);
        if inline { self.old_name(&a.pointer) } else { name }
    }

    /// What a person calls the schema at `pointer` of the base.
    pub(crate) fn old_name(&self, pointer: &str) -> String {
        render::subject(self.base.document, pointer)
    }

    /// What a person calls the schema at `pointer` of the revision.
    pub(crate) fn new_name(&self, pointer: &str) -> String {
        render::subject(self.revision.document, pointer)
    }
}
