//! Many schemas as one contract, so that the whole of the lint and of the generator works on them. What the
//! lint refuses is taken out, and the rest is generated again.

use std::collections::{BTreeMap, BTreeSet};

use contract_review::workspace::Workspace;
use openapi_codegen::{Config, quietly};
use openapi_document::{Diagnostic, type_name, unescape};
use openapi_lint::grammar;
use serde_json::{Map, Value, json};

use crate::report::{Failure, Report, plain};
use crate::schemas::Schema;

/// How a schema is in the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// The body of a request.
    Request,
    /// In an object that the service alone writes, the member `value` of the body.
    Response,
}

/// A schema to generate a model of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Root {
    /// The component.
    pub name: String,
    /// How it is in the contract.
    pub used: Use,
}

impl Root {
    /// The component that is the body.
    #[must_use]
    pub fn body(&self) -> String {
        match self.used {
            Use::Request => self.name.clone(),
            Use::Response => format!("{}Answer", self.name),
        }
    }
}

/// Schemas that become one contract.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// What it is called in the report.
    pub label: String,
    /// All components.
    pub components: Map<String, Value>,
    /// Those that have an operation.
    pub roots: Vec<Root>,
}

impl Batch {
    /// A batch of schemas that have nothing to do with each other.
    #[must_use]
    pub fn of(label: String, schemas: Vec<Schema>) -> Self {
        let mut batch = Self { label, ..Self::default() };
        for Schema { name, components } in schemas {
            batch.components.extend(components);
            batch.add(name, Use::Request);
        }
        batch
    }

    /// A batch of all schemas of a contract.
    ///
    /// # Errors
    /// The text is no YAML.
    pub fn of_contract(label: String, text: &str) -> Result<Self, Box<Diagnostic>> {
        let document = openapi_document::Document::parse(&label, text)?;
        let schemas = document.json["components"]["schemas"].as_object().cloned();
        let mut batch = Self { label, components: schemas.unwrap_or_default(), roots: Vec::new() };
        for name in batch.components.keys().cloned().collect::<Vec<_>>() {
            batch.add(name, Use::Request);
        }
        Ok(batch)
    }

    /// Adds an operation for a schema. What may be no object is in one.
    fn add(&mut self, name: String, used: Use) {
        let used = if self.is_object(&self.components[&name], 0) { used } else { Use::Response };
        let root = Root { name, used };
        if used == Use::Response {
            let item = json!({"$ref": format!("#/components/schemas/{}", root.name)});
            let value = json!({"type": "object", "readOnly": true, "required": ["item"], "properties": {"item": item}});
            let answer = json!({"type": "object", "properties": {"value": value}});
            self.components.insert(root.body(), answer);
        }
        self.roots.push(root);
    }

    fn is_object(&self, schema: &Value, depth: usize) -> bool {
        if depth > 20 || schema["nullable"] == true {
            return false;
        }
        if let Some(name) = schema["$ref"].as_str().and_then(target) {
            return self.components.get(&name).is_some_and(|it| self.is_object(it, depth + 1));
        }
        let branches = |keyword| schema[keyword].as_array().map(|all: &Vec<Value>| all.iter());
        let each = |it: &Value| self.is_object(it, depth + 1);
        schema["type"] == "object"
            || branches("allOf").is_some_and(|mut all| all.any(each))
            || branches("oneOf").is_some_and(|mut all| all.all(each))
            || branches("anyOf").is_some_and(|mut all| all.all(each))
    }

    /// The names that the variant of a branch may have: that of a component, its number, or its type. One that is
    /// a union has those of its own branches.
    #[must_use]
    pub fn words(&self, branch: &Value, index: usize) -> BTreeSet<String> {
        let mut words = BTreeSet::from([format!("Variant{index}")]);
        let (mut todo, mut seen) = (vec![branch], BTreeSet::new());
        while let Some(schema) = todo.pop() {
            if let Some(name) = schema["$ref"].as_str().and_then(target) {
                words.insert(type_name(&name));
                todo.extend(self.components.get(&name).filter(|_| seen.insert(name)));
                continue;
            }
            let classes: &[&str] = match schema["type"].as_str() {
                Some("string") => &["String"],
                // Beside any number it is one.
                Some("integer") => &["Integer", "Unsigned", "Number"],
                Some("number") => &["Number"],
                Some("boolean") => &["Boolean"],
                Some("array") => &["List"],
                Some("object") => &["Map"],
                _ if schema["enum"][0].is_string() => &["String"],
                _ => &[],
            };
            words.extend(classes.iter().map(|&class| class.to_owned()));
            todo.extend(schema["allOf"].as_array().into_iter().flatten());
            for keyword in ["oneOf", "anyOf"] {
                let branches = schema[keyword].as_array().into_iter().flatten();
                todo.extend(branches.clone());
                words.extend((0..branches.count()).map(|index| format!("Variant{index}")));
            }
        }
        words
    }

    /// The components that one reaches, itself among them.
    #[must_use]
    pub fn reached(&self, name: &str) -> BTreeSet<String> {
        let (mut todo, mut seen) = (vec![name.to_owned()], BTreeSet::new());
        while let Some(name) = todo.pop() {
            if let Some(schema) = self.components.get(&name)
                && seen.insert(name)
            {
                references(schema, &mut todo);
            }
        }
        seen
    }

    /// Components with those that they reach.
    #[must_use]
    pub fn closure<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Map<String, Value> {
        let names: BTreeSet<_> = names.into_iter().flat_map(|name| self.reached(name)).collect();
        let all = self.components.iter().filter(|(name, _)| names.contains(*name));
        all.map(|(name, schema)| (name.clone(), schema.clone())).collect()
    }

    /// The contract of the roots.
    #[must_use]
    pub fn contract(&self) -> Value {
        let mut paths = Map::new();
        let mut reached = BTreeSet::new();
        for (index, root) in self.roots.iter().enumerate() {
            let body = json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/{}", root.body())}}});
            let operation = json!({
                "operationId": format!("put{}", root.body()),
                "requestBody": {"required": true, "content": body},
                "responses": {
                    "200": {"description": "ok", "content": body},
                    "4XX": {"description": "failed"},
                    "5XX": {"description": "failed"},
                },
            });
            paths.insert(format!("/s/{index}"), json!({"put": operation}));
            reached.extend(self.reached(&root.body()));
        }
        let all = self.components.iter().filter(|(name, _)| reached.contains(*name));
        let schemas: Map<_, _> = all.map(|(name, it)| (name.clone(), it.clone())).collect();
        json!({
            "openapi": "3.0.3",
            "info": {"title": "Corpus", "version": "1"},
            "paths": paths,
            "components": {"schemas": schemas},
        })
    }

    /// The client of the batch, and the roots that are left in it: none if nothing is.
    pub fn generate(&mut self, config: &Config, report: &mut Report) -> Option<String> {
        while !self.roots.is_empty() {
            let text = self.contract().to_string();
            let made = quietly(|| {
                let contract = grammar::parse("corpus.yaml", &text)?;
                let findings = contract_review::lint(&Workspace::default(), &contract);
                let unchecked =
                    |it: &Diagnostic| ["unchecked-limit", "unchecked-format"].contains(&it.rule);
                let stops = findings.into_iter().filter(|it| it.is_error() || unchecked(it));
                let errors: Vec<_> = stops.collect();
                if errors.is_empty() {
                    openapi_codegen::client(&contract, config)
                } else {
                    Err(errors)
                }
            });
            let (kind, why) = match made {
                Ok(Ok(client)) => return Some(client),
                Ok(Err(errors)) => {
                    let errors: Vec<_> =
                        errors.into_iter().map(|it| (self.roots_at(&it.pointer), it)).collect();
                    if errors.iter().any(|(roots, _)| !roots.is_empty()) {
                        self.refuse(&errors, report);
                        continue;
                    }
                    let first = errors.first().map(|(_, error)| error);
                    let why = first.map_or_else(String::new, |error| {
                        format!("{}: {} (at `{}`)", error.rule, error.message, error.pointer)
                    });
                    ("error without a place", why)
                }
                Err(panic) => ("panic", panic),
            };
            let [root] = &self.roots[..] else {
                // One of them.
                let (all, half) = (self.roots.len(), self.roots.len() / 2);
                let mut other = self.clone();
                other.roots = self.roots.split_off(half);
                self.generate(config, report);
                other.generate(config, report);
                self.roots.append(&mut other.roots);
                if self.roots.len() == all {
                    let root = self.roots[half].clone();
                    let kind = format!("{kind}, of several schemas together");
                    report.fail(Failure::new(&kind, why, self, &root, None));
                    self.roots.truncate(half);
                }
                self.components.append(&mut other.components);
                continue;
            };
            report.fail(Failure::new(kind, why, self, root, None));
            self.roots.clear();
        }
        None
    }

    /// The roots that reach a place of the contract; none if it is of no single one.
    fn roots_at(&self, pointer: &str) -> Vec<usize> {
        let mut names = pointer.split('/').skip(1).map(unescape);
        let parts = [(); 3].map(|()| names.next().unwrap_or_default());
        match [&*parts[0], &*parts[1], &*parts[2]] {
            ["paths", path, _] => {
                path.strip_prefix("/s/").and_then(|at| at.parse().ok()).into_iter().collect()
            }
            ["components", "schemas", name] if !name.is_empty() => self.roots_of(name),
            _ => Vec::new(),
        }
    }

    /// The roots that reach a component.
    pub(crate) fn roots_of(&self, name: &str) -> Vec<usize> {
        let roots = self.roots.iter().enumerate();
        let reach = roots.filter(|(_, root)| self.reached(&root.body()).contains(name));
        reach.map(|(index, _)| index).collect()
    }

    /// Takes out what was refused. What may only not be in a request becomes a response.
    fn refuse(&mut self, errors: &[(Vec<usize>, Diagnostic)], report: &mut Report) {
        let mut rules: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for (roots, error) in errors {
            for root in roots {
                rules.entry(*root).or_default().insert(error.rule);
            }
        }
        let mut again = Vec::new();
        for (index, rules) in &rules {
            let root = &self.roots[*index];
            let request = rules.iter().all(|rule| rule.starts_with("unchecked-"));
            if request && root.used == Use::Request {
                report.only_answers += 1;
                again.push(root.name.clone());
                continue;
            }
            for rule in rules {
                let found =
                    errors.iter().find(|(roots, it)| roots.contains(index) && it.rule == *rule);
                let message = found.map_or("", |(_, error)| error.message.as_str());
                *report.refused.entry(format!("{rule}: {}", plain(message))).or_default() += 1;
            }
        }
        self.remove(&rules.into_keys().collect());
        for name in again {
            self.add(name, Use::Response);
        }
    }

    /// Takes roots out.
    pub(crate) fn remove(&mut self, indexes: &BTreeSet<usize>) {
        let mut index = 0;
        self.roots.retain(|_| {
            index += 1;
            !indexes.contains(&(index - 1))
        });
    }
}

/// The components that a schema refers to.
fn references(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str).and_then(target));
            map.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

fn target(reference: &str) -> Option<String> {
    reference.strip_prefix("#/components/schemas/").map(unescape)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(components: &Value) -> Batch {
        let text = json!({"components": {"schemas": components}}).to_string();
        Batch::of_contract("test".into(), &text).expect("JSON")
    }

    fn names(batch: &Batch) -> Vec<(&str, Use)> {
        batch.roots.iter().map(|root| (root.name.as_str(), root.used)).collect()
    }

    #[test]
    fn what_is_refused_is_taken_out_and_the_rest_is_generated() {
        let mut batch = batch(&json!({
            "Good": {"type": "object", "properties": {"a": {"type": "string"}}},
            "Bad": {"type": "object", "properties": {"pattern": {"type": "string", "pattern": "("}}},
            "Reaches": {"type": "object", "properties": {"bad": {"$ref": "#/components/schemas/Bad"}}},
            "Text": {"type": "string"},
            "Limited": {"type": "object", "properties": {"a": {"type": "string", "enum": ["a"]}}},
        }));
        let mut report = Report::default();
        let client = batch.generate(&Config::default(), &mut report).expect("a client");
        let left = names(&batch);
        assert!(left.contains(&("Good", Use::Request)) && left.contains(&("Text", Use::Response)));
        assert!(!left.iter().any(|(name, _)| ["Bad", "Reaches"].contains(name)), "{left:?}");
        assert!(left.iter().any(|(name, _)| *name == "Limited"), "{left:?}");
        assert!(client.contains("for types::TextAnswer") && !client.contains("Reaches"));
        assert_eq!(report.refused.values().sum::<usize>(), 2, "{:?}", report.refused);
        assert!(report.is_clean());
    }

    #[test]
    fn a_place_belongs_to_the_roots_that_reach_it() {
        let batch = batch(&json!({
            "A": {"type": "object", "properties": {"b": {"$ref": "#/components/schemas/B"}}},
            "B": {"type": "object"},
            "C": {"type": "object"},
        }));
        assert_eq!(batch.roots_at("/components/schemas/B/properties/x"), [0, 1]);
        assert_eq!(batch.roots_at("/paths/~1s~12/put/requestBody"), [2]);
        for nowhere in ["", "/components/schemas", "/info"] {
            assert_eq!(batch.roots_at(nowhere), [] as [usize; 0], "{nowhere}");
        }
    }
}
