//! The contract as it stands in its file: every value knows the line and column it came from, so
//! that whatever is wrong with it can be shown where a person will mend it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use openapiv3::OpenAPI;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

use crate::source::{Finding, Source, escape};
use crate::structure;

/// The members of a path item that are operations.
pub const METHODS: [&str; 8] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Where the contract lives, relative to the root of the workspace.
pub const PATH: &str = "openapi/partner-center.yaml";

/// A contract that is structurally sound OpenAPI 3.0.
#[derive(Debug)]
pub struct Contract {
    /// The document as JSON, members in the order of the file.
    pub json: Value,
    /// The same document as typed by `openapiv3`.
    pub spec: OpenAPI,
    source: Source,
}

impl Contract {
    /// Reads and parses the contract of the workspace at `root`.
    ///
    /// # Errors
    /// Everything that is structurally wrong with it, or that it cannot be read.
    pub fn read(root: &Path) -> Result<Self, Vec<Finding>> {
        let text = std::fs::read_to_string(root.join(PATH)).map_err(|error| {
            let source = Source { path: PATH.to_owned(), places: BTreeMap::new() };
            vec![source.finding(
                "unreadable",
                "",
                format!("cannot be read: {error}"),
                "the contract is a UTF-8 file at this path of the workspace",
            )]
        })?;
        Self::parse(PATH, &text)
    }

    /// Parses `text`, naming it `path` in what it reports.
    ///
    /// # Errors
    /// Everything that is structurally wrong: syntax, unknown, missing and mistyped members,
    /// references that lead nowhere.
    pub fn parse(path: &str, text: &str) -> Result<Self, Vec<Finding>> {
        let mut source = Source { path: path.to_owned(), places: BTreeMap::new() };
        let options = serde_saphyr::options! { strict_booleans: true };
        let tree: Spanned<Tree> =
            serde_saphyr::from_str_with_options(text, options).map_err(|error| {
                let place = error.location().map(|at| (at.line(), at.column()));
                // What follows is advice for those who call the parser.
                let message = error.without_snippet().to_string();
                let message = message.split("; use ").next().unwrap_or_default();
                let message = message.split(", set ").next().unwrap_or_default();
                let help = "expected one YAML document whose keys are unique";
                vec![Finding { place, ..source.finding("yaml", "", message, help) }]
            })?;
        let mut twice = Vec::new();
        let json = located(tree.value, "", &mut source.places, &mut twice);
        let mut findings: Vec<_> = twice
            .iter()
            .map(|at| source.finding("yaml", at, "the key is there twice", "remove one of them"))
            .collect();
        findings.extend(structure::check(&json, &source));
        if !findings.is_empty() {
            return Err(findings);
        }
        match serde_json::from_value(json.clone()) {
            Ok(spec) => Ok(Self { json, spec, source }),
            Err(error) => Err(structure::culprits(&json, &error, &source)),
        }
    }

    /// A finding about the value at `pointer`.
    #[must_use]
    pub fn finding(
        &self,
        rule: &'static str,
        pointer: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Finding {
        self.source.finding(rule, pointer, message, help)
    }

    /// Every operation with its JSON Pointer, path and method, in the order of the file.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        let paths = self.json.get("paths").and_then(Value::as_object);
        paths.into_iter().flatten().flat_map(|(path, item)| {
            METHODS.iter().filter_map(move |method| {
                let value = item.get(method)?;
                let item_pointer = format!("/paths/{}", escape(path));
                let pointer = format!("{item_pointer}/{method}");
                Some(Operation { path, method, item, item_pointer, value, pointer })
            })
        })
    }

    /// Follows `$ref` from `value` until something else is found; `None` for a reference that leads
    /// nowhere or in a circle.
    #[must_use]
    pub fn resolve<'a>(&'a self, mut value: &'a Value) -> Option<&'a Value> {
        for _ in 0..32 {
            match value.get("$ref").and_then(Value::as_str) {
                None => return Some(value),
                Some(reference) => value = self.json.pointer(reference.strip_prefix('#')?)?,
            }
        }
        None
    }
}

/// One operation of the contract.
#[derive(Debug, Clone)]
pub struct Operation<'a> {
    /// The path template.
    pub path: &'a str,
    /// The method, in lower case.
    pub method: &'static str,
    /// The path item that holds the operation.
    pub item: &'a Value,
    /// Where the path item is.
    pub item_pointer: String,
    /// The operation object.
    pub value: &'a Value,
    /// Where the operation is.
    pub pointer: String,
}

/// A YAML value with the places of what is in it.
enum Tree {
    Scalar(Value),
    Sequence(Vec<Spanned<Tree>>),
    Mapping(Vec<(Spanned<String>, Spanned<Tree>)>),
}

/// The value of `tree`, whose places are noted; `200` and `'200'` are one key, noted in `twice`.
fn located(
    tree: Tree,
    pointer: &str,
    places: &mut BTreeMap<String, (u64, u64)>,
    twice: &mut Vec<String>,
) -> Value {
    match tree {
        Tree::Scalar(value) => value,
        Tree::Sequence(items) => {
            let items = items.into_iter().enumerate().map(|(index, item)| {
                let at = format!("{pointer}/{index}");
                places.insert(at.clone(), (item.referenced.line(), item.referenced.column()));
                located(item.value, &at, places, twice)
            });
            Value::Array(items.collect())
        }
        Tree::Mapping(entries) => {
            let mut map = Map::with_capacity(entries.len());
            for (key, value) in entries {
                let at = format!("{pointer}/{}", escape(&key.value));
                places.insert(at.clone(), (key.referenced.line(), key.referenced.column()));
                if map.contains_key(&key.value) {
                    twice.push(at.clone());
                }
                map.insert(key.value, located(value.value, &at, places, twice));
            }
            Value::Object(map)
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Scalar(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Scalar(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        deserializer.deserialize_any(Self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Tree, E> {
        let number = serde_json::Number::from_f64(value);
        number.map(|n| Tree::Scalar(n.into())).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Tree::Sequence(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Tree::Mapping(entries))
    }
}
