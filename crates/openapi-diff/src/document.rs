//! A document as it stands in its file: every value knows the line and column it came from, so that
//! whatever is said of it can be shown where a person will read it.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

/// A line and a column, both from 1.
pub type Place = (u64, u64);

/// A YAML or JSON document with the places of what is in it.
#[derive(Debug, Clone)]
pub struct Document {
    /// The document as JSON, members in the order of the file.
    pub json: Value,
    /// Where things stand in it.
    pub source: Source,
    /// JSON Pointers of keys that are there twice once YAML is read as JSON: `200` and `'200'`.
    pub twice: Vec<String>,
}

impl Document {
    /// Parses `text`, which is called `path` wherever a place is named.
    ///
    /// # Errors
    /// The text is not one YAML document with unique keys. JSON is YAML.
    ///
    /// # Examples
    /// ```
    /// let document = openapi_diff::Document::parse("a.yaml", "openapi: 3.0.3\n")?;
    /// assert_eq!(document.json["openapi"], "3.0.3");
    /// assert_eq!(document.source.place("/openapi"), Some((1, 1)));
    /// # Ok::<(), openapi_diff::Malformed>(())
    /// ```
    pub fn parse(path: &str, text: &str) -> Result<Self, Malformed> {
        let mut source = Source { path: path.to_owned(), places: BTreeMap::new() };
        let options = serde_saphyr::options! { strict_booleans: true };
        let tree: Spanned<Tree> =
            serde_saphyr::from_str_with_options(text, options).map_err(|error| {
                // What follows is advice for those who call the parser.
                let message = error.without_snippet().to_string();
                let message = message.split("; use ").next().unwrap_or_default();
                let message = message.split(", set ").next().unwrap_or_default();
                Malformed {
                    path: path.to_owned(),
                    place: error.location().map(|at| (at.line(), at.column())),
                    message: message.to_owned(),
                }
            })?;
        let mut twice = Vec::new();
        let json = located(tree.value, "", &mut source.places, &mut twice);
        Ok(Self { json, source, twice })
    }
}

/// A text that is not a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Malformed {
    /// What the text is called.
    pub path: String,
    /// Where the parser gave up, if it says so.
    pub place: Option<Place>,
    /// Why.
    pub message: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": not one YAML document whose keys are unique: {}", self.message)
    }
}

impl std::error::Error for Malformed {}

/// The places of a document: JSON Pointer to line and column.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// What the document is called.
    pub path: String,
    places: BTreeMap<String, Place>,
}

impl Source {
    /// A document of which nothing is known but its name.
    #[must_use]
    pub fn nowhere(path: &str) -> Self {
        Self { path: path.to_owned(), places: BTreeMap::new() }
    }

    /// The place of the value at `pointer`, or of its nearest ancestor that has one.
    #[must_use]
    pub fn place(&self, pointer: &str) -> Option<Place> {
        let mut at = pointer;
        loop {
            if let Some(&place) = self.places.get(at) {
                return Some(place);
            }
            at = &at[..at.rfind('/')?];
        }
    }
}

/// Escapes one reference token of a JSON Pointer (RFC 6901 section 3).
#[must_use]
pub fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// What [`escape`] made of a token, undone.
#[must_use]
pub fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
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
