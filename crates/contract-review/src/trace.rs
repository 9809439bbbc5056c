//! From an item of the generated client back to the places of the contract that it is made from.
//!
//! Names are matched as they are folded, without case and punctuation: that is what is left of a name
//! of the contract once it is an identifier. A schema without a name is found by the name that typify
//! makes for it: of what holds it, and what it is in there.

use std::collections::HashSet;

use openapi_document::{Contract, Cursor, Operation, escape, fold, unescape};
use serde_json::Value;

use openapi_lint::walk;
use rust_api_diff::{ItemChange, Subject, rules};

/// How deep a composition is followed.
const DEPTH: usize = 64;

/// JSON Pointers to what the item of `change` is made from in `contract`, the deepest that are known;
/// nothing if the contract does not have it.
#[must_use]
pub fn trace_to_contract(contract: &Contract, change: &ItemChange) -> Vec<String> {
    let places = Places { contract };
    let mut found = match &change.subject {
        Subject::Nothing => Vec::new(),
        Subject::Contract => {
            let info =
                contract.json.get("info").map(|value| Cursor { value, pointer: "/info".into() });
            info.into_iter().collect()
        }
        Subject::Type { name } => places.types(name),
        Subject::Field { of, property: Some(property) } => {
            let required =
                [rules::FIELD_MADE_OPTIONAL, rules::FIELD_MADE_REQUIRED].contains(&change.rule);
            places.properties(&places.types(of), property, required)
        }
        Subject::Field { of, property: None } => places.unnamed(of),
        Subject::Variant { of, name, value } => places.variants(of, name, value),
        Subject::Properties { of, pointers } => {
            pointers.iter().flat_map(|pointer| places.inside(of, pointer)).collect()
        }
        Subject::Operation { method } => {
            places.operations(method).iter().map(Operation::cursor).collect()
        }
        Subject::Parameter { method, argument, was } => {
            let named = places.parameters(method, argument);
            match was {
                Some(was) if named.is_empty() => places.parameters(method, was),
                _ => named,
            }
        }
        Subject::Answer { method, success } => places.answers(method, *success),
    };
    let mut seen = HashSet::new();
    found.retain(|at| seen.insert(at.pointer.clone()));
    found.into_iter().map(|at| at.pointer).collect()
}

/// Compositions, by the members that hold their branches.
const BRANCHES: [&str; 3] = ["allOf", "oneOf", "anyOf"];

struct Places<'a> {
    contract: &'a Contract,
}

impl<'a> Places<'a> {
    /// The schemas whose name is how `target` begins, with what is left of it. A contract has many
    /// schemas: only those get a pointer.
    fn schemas<'t>(&self, target: &'t str) -> Vec<(Cursor<'a>, &'t str)> {
        let mut found = Vec::new();
        let schemas = self.contract.json.pointer("/components/schemas").and_then(Value::as_object);
        for (name, value) in schemas.into_iter().flatten() {
            found.extend(after(target, name).map(|rest| {
                (Cursor { value, pointer: format!("/components/schemas/{}", escape(name)) }, rest)
            }));
        }
        found
    }

    /// The schemas that became a type of this name.
    fn types(&self, name: &str) -> Vec<Cursor<'a>> {
        let target = fold(name);
        let schemas = self.schemas(&target);
        if schemas.iter().any(|(_, rest)| rest.is_empty()) {
            let named = schemas.into_iter().filter(|(_, rest)| rest.is_empty());
            return named.map(|(at, _)| at).collect();
        }
        let mut search = Search { places: self, seen: HashSet::new(), found: Vec::new() };
        for (at, rest) in &schemas {
            search.look(at, rest, 0);
        }
        for (operation, rest) in self.operations_before(&target) {
            for (_, parameter) in self.parameters_of(&operation) {
                let Some(schema) = parameter.get("schema") else { continue };
                let name = parameter.text("name").unwrap_or_default();
                after(rest, name).for_each(|rest| search.look(&schema, rest, 0));
            }
            let bodies =
                [("response", self.responses(&operation, true)), ("body", self.body(&operation))];
            for (word, bodies) in bodies {
                let Some(rest) = rest.strip_prefix(word) else { continue };
                for schema in bodies.iter().flat_map(schemas_of) {
                    search.look(&schema, rest, 0);
                }
            }
        }
        let mut found = search.found;
        // A title goes before the name that would be made.
        if found.is_empty() && titled(&self.contract.json, &target) {
            walk::schemas(self.contract, &mut |pointer, schema| {
                let title = schema.get("title").and_then(Value::as_str);
                if title.is_some_and(|title| fold(title) == target)
                    && let Some(value) = self.contract.json.pointer(pointer)
                {
                    found.push(Cursor { value, pointer: pointer.to_owned() });
                }
            });
        }
        found
    }

    /// Calls `visit` for every schema that `at` is composed of, itself first.
    fn composed(&self, at: &Cursor<'a>, visit: &mut dyn FnMut(&Cursor<'a>)) {
        let mut seen = HashSet::new();
        let mut todo = vec![at.clone()];
        while let Some(at) = todo.pop() {
            let at = self.contract.follow(at);
            if !seen.insert(at.pointer.clone()) {
                continue;
            }
            visit(&at);
            let branches: Vec<_> = BRANCHES.iter().flat_map(|key| at.elements(key)).collect();
            todo.extend(branches.into_iter().rev());
        }
    }

    /// Every place that defines `property` of what `schemas` describe, and with `required` those that
    /// require it. The name is that of one side; on the other it may be spelled in another way.
    fn properties(
        &self,
        schemas: &[Cursor<'a>],
        property: &str,
        required: bool,
    ) -> Vec<Cursor<'a>> {
        let target = fold(property);
        let (mut found, mut spelled, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        for schema in schemas {
            self.composed(schema, &mut |at| {
                for (name, member) in at.entries("properties") {
                    if name == property {
                        found.push(member);
                    } else if after(&target, name).any(str::is_empty) {
                        spelled.push(member);
                    }
                }
                entries.extend(at.elements("required").filter(|at| at.value == property));
            });
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
        let mut found = Vec::new();
        for schema in &schemas {
            self.composed(schema, &mut |at| found.extend(at.get("additionalProperties")));
        }
        if found.is_empty() { schemas } else { found }
    }

    /// What a pointer into a value of a type leads to.
    fn inside(&self, of: &str, pointer: &str) -> Vec<Cursor<'a>> {
        let mut at = self.types(of);
        for token in pointer.split('/').skip(1) {
            at = if token == "*" {
                let mut found = Vec::new();
                for schema in &at {
                    self.composed(schema, &mut |at| found.extend(at.get("items")));
                }
                found
            } else {
                self.properties(&at, &unescape(token), false)
            };
        }
        at
    }

    fn variants(&self, of: &str, name: &str, value: &str) -> Vec<Cursor<'a>> {
        let (mut found, mut spelled, mut lists) = (Vec::new(), Vec::new(), Vec::new());
        let target = fold(name);
        for schema in self.types(of) {
            self.composed(&schema, &mut |at| {
                for at in at.elements("enum") {
                    if at.value == value {
                        found.push(at);
                    } else if at.value.as_str().is_some_and(|text| fold(text) == fold(value)) {
                        spelled.push(at);
                    }
                }
                for list in BRANCHES[1..].iter().filter_map(|key| Some((*key, at.get(key)?))) {
                    let branches = at.elements(list.0).enumerate();
                    let named = branches.filter(|(index, branch)| {
                        let reference = branch
                            .text("$ref")
                            .unwrap_or_default()
                            .rsplit('/')
                            .next()
                            .unwrap_or_default();
                        let by_name = [
                            reference,
                            branch.text("title").unwrap_or_default(),
                            branch.text("type").unwrap_or_default(),
                        ];
                        // What the names have in common is left out of each.
                        by_name.iter().any(|by| !by.is_empty() && fold(by).ends_with(&target))
                            || target == format!("variant{index}")
                    });
                    found.extend(named.map(|(_, branch)| branch));
                    lists.push(list.1);
                }
            });
        }
        [found, spelled, lists].into_iter().find(|places| !places.is_empty()).unwrap_or_default()
    }

    fn operations(&self, method: &str) -> Vec<Operation<'a>> {
        let target = fold(method);
        let found = self.operations_before(&target);
        found.into_iter().filter(|(_, rest)| rest.is_empty()).map(|(found, _)| found).collect()
    }

    /// The operations whose id is how `target` begins, with what is left of it.
    fn operations_before<'t>(&self, target: &'t str) -> Vec<(Operation<'a>, &'t str)> {
        let mut found = Vec::new();
        let begins = |id: &str| after(target, id).next().is_some();
        for operation in self.contract.operations_named(begins) {
            let id = operation.value.get("operationId").and_then(Value::as_str).unwrap_or_default();
            found.extend(after(target, id).map(|rest| (operation.clone(), rest)));
        }
        found
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
            for (at, defined) in self.parameters_of(&operation) {
                if after(&target, defined.text("name").unwrap_or_default()).any(str::is_empty) {
                    found.extend([at, defined]);
                }
            }
            if found.is_empty() && argument == "body" {
                found.extend(operation.cursor().get("requestBody"));
                for body in self.body(&operation) {
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
            for response in self.responses(&operation, success) {
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

/// Whether anything in the contract has this title: to see that takes less than to know where.
fn titled(value: &Value, target: &str) -> bool {
    match value {
        Value::Object(map) => {
            let title = map.get("title").and_then(Value::as_str);
            title.is_some_and(|title| after(target, title).any(str::is_empty))
                || map.values().any(|value| titled(value, target))
        }
        Value::Array(list) => list.iter().any(|value| titled(value, target)),
        _ => false,
    }
}

/// The schemas of a body, one for each media type.
fn schemas_of<'a>(body: &Cursor<'a>) -> Vec<Cursor<'a>> {
    body.entries("content").filter_map(|(_, media)| media.get("schema")).collect()
}

/// A search for a schema that has no name but the one that is made of where it stands.
struct Search<'p, 'a> {
    places: &'p Places<'a>,
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
        for (name, property) in at.entries("properties") {
            after(rest, name).for_each(|rest| self.inline(&property, rest, depth));
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
                let branch = self.places.contract.follow(branch);
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

/// What is left of a folded name after that of `name`, which gets an `x` where it begins with what no
/// identifier begins with.
fn after<'t>(target: &'t str, name: &str) -> impl Iterator<Item = &'t str> {
    let strip = |mut rest: &'t str| {
        let mut any = false;
        for letter in name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase) {
            rest = rest.strip_prefix(letter)?;
            any = true;
        }
        any.then_some(rest)
    };
    let odd =
        name.chars().find(|c| c.is_alphanumeric()).is_some_and(|first| !first.is_alphabetic());
    let marked = if odd { target.strip_prefix('x') } else { None };
    [Some(target), marked].into_iter().flatten().filter_map(strip)
}
