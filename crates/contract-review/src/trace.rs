//! From an item of the generated client back to the places of the contract that it is made from.
//!
//! Names are matched as they are folded, without case and punctuation: that is what is left of a name
//! of the contract once it is an identifier. A schema without a name is found by the name that typify
//! makes for it: of what holds it, and what it is in there. Whatever many items ask for is made once.

mod composed;
mod names;

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use openapi_document::{Contract, Cursor, Operation, escape, fold, unescape};
use serde_json::Value;

use openapi_lint::walk;
use rust_api_diff::{ItemChange, Subject, rules};

use composed::Composed;
use names::Names;

/// How deep a composition is followed.
const DEPTH: usize = 64;

/// How many schemas a step of a pointer may lead to.
const ALIKE: usize = 64;

/// Compositions, by the members that hold their branches.
const BRANCHES: [&str; 3] = ["allOf", "oneOf", "anyOf"];

/// A contract by the names that its parts have in Rust.
pub struct Trace<'a> {
    contract: &'a Contract,
    schemas: Names<Cursor<'a>>,
    operations: Names<Operation<'a>>,
    titles: OnceCell<HashMap<String, Vec<Cursor<'a>>>>,
    /// What schemas are composed of, by their addresses.
    composed: RefCell<HashMap<usize, Rc<Composed<'a>>>>,
    /// The schemas of types, by their folded names.
    types: RefCell<HashMap<String, Rc<[Cursor<'a>]>>>,
    /// The members of objects, by their addresses.
    members: RefCell<HashMap<usize, Rc<Names<Cursor<'a>>>>>,
}

impl std::fmt::Debug for Trace<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trace").finish_non_exhaustive()
    }
}

impl<'a> Trace<'a> {
    /// Reads the names of a contract.
    #[must_use]
    pub fn of(contract: &'a Contract) -> Self {
        let schemas = contract.json.pointer("/components/schemas").and_then(Value::as_object);
        let schemas = schemas.into_iter().flatten().map(|(name, value)| {
            let pointer = format!("/components/schemas/{}", escape(name));
            (name.as_str(), Cursor { value, pointer })
        });
        let operations = contract.operations().map(|operation| {
            let id = operation.value.get("operationId").and_then(Value::as_str);
            (id.unwrap_or_default(), operation)
        });
        Self {
            contract,
            schemas: schemas.collect(),
            operations: operations.collect(),
            titles: OnceCell::new(),
            composed: RefCell::default(),
            types: RefCell::default(),
            members: RefCell::default(),
        }
    }

    /// JSON Pointers to what the item of `change` is made from, the deepest that are known; nothing if the
    /// contract does not have it.
    #[must_use]
    pub fn places(&self, change: &ItemChange) -> Vec<String> {
        let mut found = match &change.subject {
            Subject::Nothing => Vec::new(),
            Subject::Contract => {
                let info = self.contract.json.get("info");
                let info = info.map(|value| Cursor { value, pointer: "/info".into() });
                info.into_iter().collect()
            }
            Subject::Type { name } => self.types(name).to_vec(),
            Subject::Field { of, property: Some(property) } => {
                let required =
                    [rules::FIELD_MADE_OPTIONAL, rules::FIELD_MADE_REQUIRED].contains(&change.rule);
                self.properties(&self.types(of), property, required)
            }
            Subject::Field { of, property: None } => self.unnamed(of),
            Subject::Variant { of, name, value } => self.variants(of, name, value),
            Subject::Properties { of, pointers } => self.inside(of, pointers),
            Subject::Operation { method } => {
                self.operations(method).into_iter().map(Operation::cursor).collect()
            }
            Subject::Parameter { method, argument, was } => {
                let named = self.parameters(method, argument);
                match was {
                    Some(was) if named.is_empty() => self.parameters(method, was),
                    _ => named,
                }
            }
            Subject::Answer { method, success } => self.answers(method, *success),
        };
        let mut seen = HashSet::new();
        found.retain(|at| seen.insert(at.pointer.clone()));
        found.into_iter().map(|at| at.pointer).collect()
    }

    /// The schemas that became a type of this name.
    fn types(&self, name: &str) -> Rc<[Cursor<'a>]> {
        let target = fold(name);
        if let Some(known) = self.types.borrow().get(&target) {
            return known.clone();
        }
        let found: Rc<[_]> = self.search(&target).into();
        self.types.borrow_mut().insert(target, found.clone());
        found
    }

    fn search(&self, target: &str) -> Vec<Cursor<'a>> {
        let schemas = self.schemas.before(target);
        if schemas.iter().any(|(_, rest)| rest.is_empty()) {
            let named = schemas.into_iter().filter(|(_, rest)| rest.is_empty());
            return named.map(|(at, _)| at.clone()).collect();
        }
        let mut search = Search { trace: self, seen: HashSet::new(), found: Vec::new() };
        for (at, rest) in schemas {
            search.look(at, rest, 0);
        }
        for (operation, rest) in self.operations.before(target) {
            for (_, parameter) in self.parameters_of(operation) {
                let Some(schema) = parameter.get("schema") else { continue };
                let name = parameter.text("name").unwrap_or_default();
                names::after(rest, name).for_each(|rest| search.look(&schema, rest, 0));
            }
            let bodies =
                [("response", self.responses(operation, true)), ("body", self.body(operation))];
            for (word, bodies) in bodies {
                let Some(rest) = rest.strip_prefix(word) else { continue };
                for schema in bodies.iter().flat_map(schemas_of) {
                    search.look(&schema, rest, 0);
                }
            }
        }
        if !search.found.is_empty() {
            return search.found;
        }
        // A title goes before the name that would be made.
        self.titles().get(target).cloned().unwrap_or_default()
    }

    /// The schemas with titles, by those as they are folded.
    fn titles(&self) -> &HashMap<String, Vec<Cursor<'a>>> {
        self.titles.get_or_init(|| {
            let mut titles: HashMap<_, Vec<_>> = HashMap::new();
            walk::schemas(self.contract, &mut |pointer, schema| {
                let title = schema.get("title").and_then(Value::as_str);
                let at = title.and_then(|_| self.contract.json.pointer(pointer));
                if let (Some(title), Some(value)) = (title, at) {
                    titles.entry(fold(title)).or_default().push(Cursor::new(value, pointer));
                }
            });
            titles
        })
    }

    /// What a schema is composed of.
    fn composed(&self, at: &Cursor<'a>) -> Rc<Composed<'a>> {
        let known = self.composed.borrow().get(&at.address()).cloned();
        known.unwrap_or_else(|| {
            let composed = Rc::new(Composed::of(self.contract, at));
            self.composed.borrow_mut().insert(at.address(), composed.clone());
            composed
        })
    }

    /// The properties of a schema itself.
    fn members(&self, at: &Cursor<'a>) -> Rc<Names<Cursor<'a>>> {
        let known = self.members.borrow().get(&at.address()).cloned();
        known.unwrap_or_else(|| {
            let names: Rc<Names<_>> = Rc::new(at.entries("properties").collect());
            self.members.borrow_mut().insert(at.address(), names.clone());
            names
        })
    }

    /// Every place that defines `property` of what `schemas` describe, and with `required` those that
    /// require it. The name is that of one side; on the other it may be spelled in another way.
    fn properties(
        &self,
        schemas: &[Cursor<'a>],
        property: &str,
        required: bool,
    ) -> Vec<Cursor<'a>> {
        let (mut found, mut spelled, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        for schema in schemas {
            let composed = self.composed(schema);
            let (named, others) = composed.properties(property);
            found.extend(named);
            spelled.extend(others);
            entries.extend(composed.required(property));
        }
        if required && !found.is_empty() {
            found.append(&mut entries);
        }
        // What is required and not defined is a field that holds anything.
        [found, spelled, entries].into_iter().find(|places| !places.is_empty()).unwrap_or_default()
    }

    /// Where a schema says what it holds beside its properties, or else the schema itself.
    fn unnamed(&self, of: &str) -> Vec<Cursor<'a>> {
        let schemas = self.types(of);
        let held = |schema| {
            let composed = self.composed(schema);
            composed
                .parts
                .iter()
                .filter_map(|at| at.get("additionalProperties"))
                .collect::<Vec<_>>()
        };
        let found: Vec<_> = schemas.iter().flat_map(held).collect();
        if found.is_empty() { schemas.to_vec() } else { found }
    }

    /// What pointers into a value of a type lead to.
    fn inside(&self, of: &str, pointers: &[String]) -> Vec<Cursor<'a>> {
        let mut pointers: Vec<_> = pointers.iter().map(String::as_str).collect();
        // What begins alike comes together, and is looked for once.
        pointers.sort_unstable();
        let mut way: Vec<(&str, Rc<[Cursor<'a>]>)> = Vec::new();
        let mut found = Vec::new();
        for pointer in pointers {
            // Which variant it is of is no step.
            let tokens = pointer.split('/').skip(1);
            let tokens =
                tokens.map(|token| token.split_once("~|").map_or(token, |(token, _)| token));
            let alike = way.iter().zip(tokens.clone()).take_while(|(at, token)| at.0 == *token);
            way.truncate(alike.count());
            for token in tokens.skip(way.len()) {
                let at = way.last().map_or_else(|| self.types(of), |(_, at)| at.clone());
                let mut inner: Vec<_> = if token == "*" {
                    let items = |schema| {
                        let composed = self.composed(schema);
                        composed.parts.iter().filter_map(|at| at.get("items")).collect::<Vec<_>>()
                    };
                    at.iter().flat_map(items).collect()
                } else {
                    self.properties(&at, &unescape(token), false)
                };
                // Variants that hold the same would be as many as there are ways to it.
                let mut seen = HashSet::new();
                inner.retain(|at: &Cursor<'_>| seen.insert(at.address()));
                inner.truncate(ALIKE);
                way.push((token, inner.into()));
            }
            let last = way.last().map_or_else(|| self.types(of), |(_, at)| at.clone());
            found.extend(last.iter().cloned());
        }
        found
    }

    fn variants(&self, of: &str, name: &str, value: &str) -> Vec<Cursor<'a>> {
        let (mut found, mut spelled, mut lists) = (Vec::new(), Vec::new(), Vec::new());
        for schema in self.types(of).iter() {
            let composed = self.composed(schema);
            let variants = composed.variants();
            let (named, others) = variants.values(value);
            found.extend(named);
            found.extend(variants.branches(&fold(name)));
            spelled.extend(others);
            lists.extend(variants.lists.iter().cloned());
        }
        [found, spelled, lists].into_iter().find(|places| !places.is_empty()).unwrap_or_default()
    }

    fn operations(&self, method: &str) -> Vec<&Operation<'a>> {
        let target = fold(method);
        let found = self.operations.before(&target).into_iter();
        found.filter(|(_, rest)| rest.is_empty()).map(|(found, _)| found).collect()
    }

    /// The parameters of an operation and of its path item: where each stands, and where it is defined.
    fn parameters_of(&self, operation: &Operation<'a>) -> Vec<(Cursor<'a>, Cursor<'a>)> {
        let own = operation.cursor().elements("parameters");
        let lists = own.chain(operation.item().elements("parameters"));
        lists.map(|at| (at.clone(), self.contract.follow(at))).collect()
    }

    fn parameters(&self, method: &str, argument: &str) -> Vec<Cursor<'a>> {
        let target = fold(argument);
        let mut found = Vec::new();
        for operation in self.operations(method) {
            for (at, defined) in self.parameters_of(operation) {
                let name = defined.text("name").unwrap_or_default();
                if names::after(&target, name).any(str::is_empty) {
                    found.extend([at, defined]);
                }
            }
            if found.is_empty() && argument == "body" {
                found.extend(operation.cursor().get("requestBody"));
                for body in self.body(operation) {
                    found.push(body.clone());
                    found.extend(schemas_of(&body));
                }
            }
        }
        found
    }

    fn body(&self, operation: &Operation<'a>) -> Vec<Cursor<'a>> {
        let body = operation.cursor().get("requestBody");
        body.map(|body| self.contract.follow(body)).into_iter().collect()
    }

    /// The responses of success, or the others.
    fn responses(&self, operation: &Operation<'a>, success: bool) -> Vec<Cursor<'a>> {
        let responses = operation.cursor().entries("responses");
        let wanted = responses.filter(|(status, _)| status.starts_with('2') == success);
        wanted.map(|(_, at)| self.contract.follow(at)).collect()
    }

    fn answers(&self, method: &str, success: bool) -> Vec<Cursor<'a>> {
        let mut found = Vec::new();
        for operation in self.operations(method) {
            for response in self.responses(operation, success) {
                let mut schemas = schemas_of(&response);
                if schemas.is_empty() {
                    schemas.push(response);
                }
                found.append(&mut schemas);
            }
        }
        found
    }
}

/// The schemas of a body, one for each media type.
fn schemas_of<'a>(body: &Cursor<'a>) -> Vec<Cursor<'a>> {
    body.entries("content").filter_map(|(_, media)| media.get("schema")).collect()
}

/// A search for a schema that has no name but the one that is made of where it stands.
struct Search<'p, 'a> {
    trace: &'p Trace<'a>,
    seen: HashSet<(usize, usize)>,
    found: Vec<Cursor<'a>>,
}

impl<'a> Search<'_, 'a> {
    /// Looks for what is called `rest` in the schema at `at`; nothing left to call is the schema.
    fn look(&mut self, at: &Cursor<'a>, rest: &str, depth: usize) {
        if rest.is_empty() {
            return self.found.push(at.clone());
        }
        if depth > DEPTH || !self.seen.insert((at.address(), rest.len())) {
            return;
        }
        for (property, rest) in self.trace.members(at).before(rest) {
            self.inline(property, rest, depth);
        }
        for (key, word) in [("items", "item"), ("additionalProperties", "value")] {
            if let (Some(inner), Some(rest)) = (at.get(key), rest.strip_prefix(word)) {
                self.inline(&inner, rest, depth);
            }
        }
        // A type that allows `null` is an alias, or holds what does not.
        if let Some(rest) = rest.strip_prefix("inner") {
            self.look(at, rest, depth + 1);
        }
        for key in BRANCHES {
            for (index, branch) in at.elements(key).enumerate() {
                for word in [format!("variant{index}"), format!("subtype{index}")] {
                    if let Some(rest) = rest.strip_prefix(&word) {
                        self.inline(&branch, rest, depth);
                    }
                }
                // What is inside of a branch is named after the whole.
                let branch = self.trace.contract.follow(branch);
                self.look(&branch, rest, depth + 1);
            }
        }
    }

    /// Looks into what a schema holds; what it refers to has a name of its own.
    fn inline(&mut self, at: &Cursor<'a>, rest: &str, depth: usize) {
        if at.value.get("$ref").is_none() {
            self.look(at, rest, depth + 1);
        }
    }
}
