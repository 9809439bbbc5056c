//! A document as it stands in its file: every value knows the line and column it came from, so that
//! whatever is said of it can be shown where a person will read it.
//!
//! A text may be as large as it likes, and takes no more time, memory and stack than its size is worth:
//! what a few bytes could make much of (depth, aliases, long names of what has many parts) has limits.

use std::fmt;
use std::thread;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{Location, MessageFormatter, Spanned, UserMessageFormatter};

use crate::diagnostic::{Diagnostic, YAML};
use crate::places::{self, Placer};
use crate::pointer::escape;
use crate::scalar;
use crate::source::{Place, Source};

/// How deep values may be nested, as `serde_json` has it: whoever walks through one recursively has the
/// stack for that. A contract needs some twenty levels.
pub(crate) const DEPTH: usize = 128;

/// The stack to parse [`DEPTH`] levels on. The parser takes 5 MiB of it in a debug build, and a thread
/// has 2 MiB by default.
const STACK: usize = 16 << 20;

/// What is said of `.inf` and `.nan`.
const ENDLESS: &str = "not a finite number";

/// How many values may come from aliases, counted as the parser does: a list has a beginning and an end.
const ALIASED: usize = 100_000;

/// A YAML or JSON document with the places of what is in it.
#[derive(Debug, Clone)]
pub struct Document {
    /// The document as JSON, members in the order of the file.
    pub json: Value,
    /// Where things stand in it.
    pub source: Source,
    /// JSON Pointers of keys that are duplicates once YAML is read as JSON: `200` and `'200'`.
    pub duplicate_keys: Vec<String>,
    /// Operations that [were taken out](Self::without): nothing is said of them, but that what they use is used.
    pub left_out: Vec<Value>,
}

impl Document {
    /// Parses `text`, which is called `path` wherever a place is named.
    ///
    /// # Errors
    /// The text is not one YAML document with unique keys, or nests values deeper than 128 levels, or
    /// makes more of itself by aliases than a document that people write. JSON is YAML.
    ///
    /// # Examples
    /// ```
    /// use openapi_document::Document;
    ///
    /// let document = Document::parse("a.yaml", "openapi: 3.0.3\ninfo:\n  title: Mine\n")?;
    /// assert_eq!(document.json["info"]["title"], "Mine");
    /// assert_eq!(document.source.place("/info/title"), Some((3, 3)));
    ///
    /// let error = Document::parse("a.yaml", "openapi: 3.0.3\nopenapi: 3.0.4\n").unwrap_err();
    /// assert_eq!(error.place, Some((2, 1)));
    /// # Ok::<(), Box<openapi_document::Diagnostic>>(())
    /// ```
    pub fn parse(path: &str, text: &str) -> Result<Self, Box<Diagnostic>> {
        let source = Source::of(path, text);
        match Self::of_json(source, text) {
            Ok(document) => Ok(document),
            Err(source) => Self::of_yaml(source, text),
        }
    }

    /// Reads a text that is JSON with unique keys; gives the source back for any other one.
    fn of_json(mut source: Source, text: &str) -> Result<Self, Source> {
        if !text.trim_start().starts_with(['{', '[']) {
            return Err(source);
        }
        let Ok(json) = serde_json::from_str(text) else { return Err(source) };
        let Some(places) = places::of_json(text, source.lines(), &json) else { return Err(source) };
        source.places = places;
        Ok(Self { json, source, duplicate_keys: Vec::new(), left_out: Vec::new() })
    }

    /// The numbers that [`json`](Self::json) has not with all their digits, by their JSON Pointers, as they are
    /// written: a float stands in their place.
    ///
    /// # Examples
    /// ```
    /// let text = "{maximum: 18446744073709551616, minimum: [0.10, 1e400]}";
    /// let document = openapi_document::Document::parse("a.yaml", text)?;
    /// let rounded = [("/maximum".to_owned(), "18446744073709551616"), ("/minimum/1".to_owned(), "1e400")];
    /// assert_eq!(document.rounded(), rounded);
    /// # Ok::<(), Box<openapi_document::Diagnostic>>(())
    /// ```
    #[must_use]
    pub fn rounded(&self) -> Vec<(String, &str)> {
        self.source.rounded(&self.json)
    }

    fn of_yaml(mut source: Source, text: &str) -> Result<Self, Box<Diagnostic>> {
        let malformed = |place, message| {
            let help = "expected one YAML document whose keys are unique";
            Box::new(source.diagnostic_at(YAML, place, message, help))
        };
        let read = || {
            Tree::read(text).map_err(|error| {
                let place = error.location().map(|at| (at.line(), at.column()));
                malformed(place, said(&error))
            })
        };
        let tree = thread::scope(|scope| {
            let reader = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, read);
            let reader = reader.map_err(|error| {
                malformed(None, format!("there is no thread to read it in ({error})"))
            })?;
            reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })?;
        let mut reader = Reader { text, ..Reader::default() };
        let json = reader.located(tree);
        if let Some(place) = reader.endless {
            return Err(malformed(Some(place), ENDLESS.to_owned()));
        }
        source.places = reader.placer.places();
        Ok(Self { json, source, duplicate_keys: reader.duplicate_keys, left_out: Vec::new() })
    }
}

/// What the parser says, in words for those who write documents rather than call it.
fn said(error: &serde_saphyr::Error) -> String {
    let mut cause = error;
    while let serde_saphyr::Error::AliasError { error, .. }
    | serde_saphyr::Error::WithSnippet { error, .. } = cause
    {
        cause = error;
    }
    match cause {
        serde_saphyr::Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => {
            format!("values are nested deeper than {DEPTH} levels; move some into components")
        }
        serde_saphyr::Error::AliasReplayLimitExceeded { .. } => {
            format!("aliases repeat more than {ALIASED} values; use `$ref` for some")
        }
        _ => UserMessageFormatter.format_message(cause).into_owned(),
    }
}

/// A YAML value with the places of what is in it.
enum Tree {
    Scalar(Value),
    /// A number or a boolean, as far as the parser can tell, and where it is written.
    Plain(Value, Location),
    Sequence(Vec<Spanned<Tree>>),
    Mapping(Vec<(Spanned<String>, Tree)>),
}

impl Tree {
    /// A value with what is needed to know what it is.
    fn of(value: Spanned<Self>) -> Self {
        match value.value {
            Self::Scalar(it @ (Value::Number(_) | Value::Bool(_))) => {
                Self::Plain(it, value.defined)
            }
            it => it,
        }
    }

    fn read(text: &str) -> Result<Self, serde_saphyr::Error> {
        let options = serde_saphyr::options! {
            strict_booleans: true,
            // A number may be too large for a float.
            non_finite_float_policy: serde_saphyr::options::NonFiniteFloatPolicy::PassThrough,
            // A text has no more values than bytes, but for those that aliases repeat.
            budget: serde_saphyr::budget! {
                max_depth: DEPTH,
                flow_nesting_limit: usize::MAX,
                max_nodes: usize::MAX,
                max_events: usize::MAX,
                max_merge_keys: 1_000,
            },
            alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: ALIASED },
        };
        serde_saphyr::from_str_with_options(text, options)
    }
}

/// Turns a tree into its value and its places.
#[derive(Default)]
struct Reader<'t> {
    text: &'t str,
    placer: Placer,
    /// `200` and `'200'` are one key to JSON.
    duplicate_keys: Vec<String>,
    /// The names of what is around the value that is read.
    trail: Vec<String>,
    /// Where the first number is that JSON does not have.
    endless: Option<Place>,
}

impl Reader<'_> {
    fn located(&mut self, tree: Tree) -> Value {
        match tree {
            Tree::Scalar(value) => value,
            Tree::Plain(value, location) => {
                let offset = location.span().byte_offset().map(usize::try_from);
                let text = offset.and_then(|offset| self.text.get(offset.ok()?..));
                let Some((read, token)) = text.and_then(scalar::plain) else { return value };
                if read.is_string() && value.as_f64().is_some_and(|it| it.abs() >= f64::MAX) {
                    self.endless.get_or_insert(self::place(location));
                }
                if scalar::is_rounded(&read, token) {
                    self.placer.exact(token);
                }
                read
            }
            Tree::Sequence(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    let opened = self.placer.open(None, place(item.referenced));
                    self.trail.push(list.len().to_string());
                    list.push(self.located(Tree::of(item)));
                    self.trail.pop();
                    self.placer.close(opened);
                }
                Value::Array(list)
            }
            Tree::Mapping(entries) => {
                let mut map = Map::with_capacity(entries.len());
                for (key, value) in entries {
                    let opened = self.placer.open(Some(&key.value), place(key.referenced));
                    self.trail.push(key.value);
                    let value = self.located(value);
                    self.placer.close(opened);
                    if self.trail.last().is_some_and(|name| map.contains_key(name)) {
                        let tokens = self.trail.iter().map(|token| format!("/{}", escape(token)));
                        self.duplicate_keys.push(tokens.collect());
                    }
                    map.insert(self.trail.pop().unwrap_or_default(), value);
                }
                Value::Object(map)
            }
        }
    }
}

fn place(location: Location) -> Place {
    (location.line(), location.column())
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
        // What is too large for a float is looked at again, as it is written.
        let number = serde_json::Number::from_f64(value.clamp(f64::MIN, f64::MAX));
        number.map(|n| Tree::Scalar(n.into())).ok_or_else(|| E::custom(ENDLESS))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.into()))
    }

    fn visit_string<E>(self, value: String) -> Result<Tree, E> {
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
        while let Some((key, value)) = access.next_entry()? {
            entries.push((key, Tree::of(value)));
        }
        Ok(Tree::Mapping(entries))
    }
}
