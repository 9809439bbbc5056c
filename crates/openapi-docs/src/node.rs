//! What is said of one value, wherever in a composition.

use indexmap::IndexMap;
use openapi_document::{Contract, Cursor};
use serde_json::Value;

/// What is said of one value: by a schema, by those it refers to, and by all of its `allOf`.
pub(crate) struct Node<'a> {
    /// The schemas, all of which hold.
    pub(crate) parts: Vec<Cursor<'a>>,
    /// Every place that was passed, references included.
    pub(crate) pointers: Vec<String>,
    /// Those of them that are no component, which has a place of its own.
    pub(crate) locations: Vec<String>,
    /// The component that this is a reference to, as the reference writes it.
    pub(crate) name: Option<&'a str>,
    /// Every component that was passed, by references or by `allOf`.
    pub(crate) components: Vec<String>,
}

impl<'a> Node<'a> {
    pub(crate) fn of(contract: &'a Contract, schemas: &[Cursor<'a>]) -> Self {
        let mut node = Self {
            parts: Vec::new(),
            pointers: Vec::new(),
            locations: Vec::new(),
            name: None,
            components: Vec::new(),
        };
        for schema in schemas {
            node.take(contract, schema.clone(), schemas.len() == 1);
        }
        node
    }

    fn take(&mut self, contract: &'a Contract, at: Cursor<'a>, outermost: bool) {
        // A circle of references says nothing new.
        if self.pointers.contains(&at.pointer) {
            return;
        }
        self.pointers.push(at.pointer.clone());
        match at.pointer.strip_prefix("/components/schemas/") {
            Some(name) if !name.contains('/') => self.components.push(name.to_owned()),
            _ => self.locations.push(at.pointer.clone()),
        }
        if let Some(target) = at.value.get("$ref").and_then(Value::as_str) {
            if outermost && self.name.is_none() {
                let name = target.strip_prefix("#/components/schemas/");
                self.name = name.filter(|name| !name.contains('/'));
            }
            if let Some(target) = contract.target(target) {
                self.take(contract, target, outermost);
            }
            return;
        }
        let all = at.get("allOf").map(|all| all.children()).unwrap_or_default();
        self.parts.push(at);
        for (_, part) in all {
            self.take(contract, part, false);
        }
    }

    /// What the parts say about `keyword`, in their order.
    pub(crate) fn say(&self, keyword: &'static str) -> impl Iterator<Item = Cursor<'a>> {
        self.parts.iter().filter_map(move |part| part.get(keyword))
    }

    /// The parts that have `keyword`.
    pub(crate) fn say_beside(&self, keyword: &'static str) -> impl Iterator<Item = &Cursor<'a>> {
        self.parts.iter().filter(move |part| part.value.get(keyword).is_some())
    }

    pub(crate) fn flag(&self, keyword: &'static str) -> bool {
        self.say(keyword).any(|at| at.value == true)
    }

    pub(crate) fn requires(&self, member: &str) -> bool {
        self.say("required").any(|list| list.children().iter().any(|(_, at)| at.value == member))
    }

    /// The members by name, with every schema for each.
    pub(crate) fn properties(&self) -> IndexMap<String, Vec<Cursor<'a>>> {
        let mut properties: IndexMap<String, Vec<Cursor<'a>>> = IndexMap::new();
        for (name, at) in self.say("properties").flat_map(|at| at.children()) {
            properties.entry(name).or_default().push(at);
        }
        properties
    }

    /// The path of the member that is called like an entity tag.
    pub(crate) fn entity_tag(&self, contract: &'a Contract, depth: usize) -> Option<String> {
        let properties = self.properties();
        if let Some(name) = properties.keys().find(|name| openapi_document::fold(name) == "etag") {
            return Some(name.clone());
        }
        let deeper = |(name, schemas): (&String, &Vec<Cursor<'a>>)| {
            let path = Node::of(contract, schemas).entity_tag(contract, depth - 1)?;
            Some(format!("{name}.{path}"))
        };
        if depth == 0 { None } else { properties.iter().find_map(deeper) }
    }

    /// An example of the whole, if a part has one.
    pub(crate) fn example(&self) -> Option<&'a Value> {
        let first = self.parts.iter().find_map(|part| part.value.get("example"));
        first.or_else(|| self.say("default").next().map(|at| at.value))
    }
}
