//! A document as it stands in its file: every value knows the line and column it came from, so that
//! whatever is said of it can be shown where a person will read it.
//!
//! A text may be as large as it likes, and takes no more time, memory and stack than its size is worth:
//! what a few bytes could make much of (depth, aliases, long names of what has many parts) has limits.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::thread;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{Location, MessageFormatter, Spanned, UserMessageFormatter};

use crate::diagnostic::{Diagnostic, YAML};
use crate::pointer::escape;

/// How deep values may be nested, as `serde_json` has it: whoever walks through one recursively has the
/// stack for that. A contract needs some twenty levels.
const DEPTH: usize = 128;

/// The stack to parse [`DEPTH`] levels on. The parser takes 5 MiB of it in a debug build, and a thread
/// has 2 MiB unless somebody says otherwise.
const STACK: usize = 16 << 20;

/// How many values may come from aliases, counted as the parser does: a list has a beginning and an end.
const ALIASED: usize = 100_000;

/// How many bytes the pointers to all values may take together: this many, and as many more for each
/// byte of the text.
const POINTERS: (usize, usize) = (16 << 20, 64);

/// A line and a column, both from 1.
pub type Place = (u64, u64);

/// A YAML or JSON document with the places of what is in it.
#[derive(Debug, Clone)]
pub struct Document {
    /// The document as JSON, members in the order of the file.
    pub json: Value,
    /// Where things stand in it.
    pub source: Source,
    /// JSON Pointers of keys that are duplicates once YAML is read as JSON: `200` and `'200'`.
    pub duplicate_keys: Vec<String>,
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
        let mut source = Source::of(path, text);
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
        let room = text.len().saturating_mul(POINTERS.1).saturating_add(POINTERS.0);
        let mut reader = Reader { places: BTreeMap::new(), duplicate_keys: Vec::new(), room };
        let json = reader.located(tree, "").map_err(|place| {
            let message =
                "the names of what is around this value are too long for all that is in it";
            malformed(Some(place), message.to_owned())
        })?;
        let Reader { places, duplicate_keys, .. } = reader;
        source.places = places;
        Ok(Self { json, source, duplicate_keys })
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

/// How long a line may be to be shown, in bytes.
const SHOWN: usize = 300;

/// A document as it stands in its file: its lines, and the place of each value.
#[derive(Clone, Default)]
pub struct Source {
    /// What the document is called.
    pub path: String,
    text: Arc<str>,
    /// Where each line begins in the text.
    lines: Arc<[usize]>,
    places: BTreeMap<String, Place>,
}

/// A line of a document, and the part of it that a diagnostic is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The line, without its end.
    pub text: String,
    /// The part, in bytes.
    pub range: Range<usize>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Source {
    /// A document of which nothing is known but its name.
    #[must_use]
    pub fn nowhere(path: &str) -> Self {
        Self { path: path.to_owned(), ..Self::default() }
    }

    /// A text of which nothing is known but its lines.
    #[must_use]
    pub fn of(path: &str, text: &str) -> Self {
        // YAML 1.2.2 section 5.4: a line feed, a carriage return, or both.
        let bytes = text.as_bytes();
        let is_end = |at: usize| match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let starts = (0..bytes.len()).filter(|at| is_end(*at)).map(|at| at + 1);
        let lines = std::iter::once(0).chain(starts).collect();
        Self { path: path.to_owned(), text: text.into(), lines, places: BTreeMap::new() }
    }

    /// The line and the column of what begins at this byte.
    #[must_use]
    pub fn place_at(&self, offset: usize) -> Place {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or_default();
        let before = self.text.get(start..offset).unwrap_or_default();
        (line as u64, before.chars().count() as u64 + 1)
    }

    /// The line at a place, and from there the key or the value.
    pub(crate) fn excerpt(&self, (line, column): Place) -> Option<Excerpt> {
        let [line, column] = [line, column].map(|number| usize::try_from(number).ok());
        let (line, column) = (line?.checked_sub(1)?, column?.checked_sub(1)?);
        let start = *self.lines.get(line)?;
        let end = self.lines.get(line + 1).copied().unwrap_or(self.text.len());
        let text = self.text.get(start..end)?.trim_end_matches(['\r', '\n']);
        let text = text.trim_start_matches('\u{FEFF}');
        if text.len() > SHOWN {
            return None;
        }
        let from = text.char_indices().nth(column).map_or(text.len(), |(at, _)| at);
        let range = from..from + token(&text[from..]);
        Some(Excerpt { text: text.to_owned(), range })
    }

    /// The place of the value at `pointer`, or of its nearest ancestor that has one: of its key where it
    /// is a member of an object.
    ///
    /// # Examples
    /// ```
    /// let text = "paths:\n  /a/b:\n    get: {}\n";
    /// let source = openapi_document::Document::parse("a.yaml", text)?.source;
    /// assert_eq!(source.place("/paths/~1a~1b/get"), Some((3, 5)));
    /// assert_eq!(source.place("/paths/~1a~1b/put"), Some((2, 3)));
    /// assert_eq!(source.place("/components"), None);
    /// # Ok::<(), Box<openapi_document::Diagnostic>>(())
    /// ```
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

/// How long the key or the value is that a text begins with, in bytes.
fn token(text: &str) -> usize {
    let quoted = |quote: char| text[1..].find(quote).map(|end| end + 2);
    let plain = || {
        let ends = [": ", ", ", " #", "]", "}"].iter().filter_map(|end| text.find(end));
        let end = ends.min().unwrap_or(text.len());
        text[..end].trim_end().trim_end_matches(':').len()
    };
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => quoted(quote).unwrap_or_else(plain),
        _ => plain(),
    }
}

/// A YAML value with the places of what is in it.
enum Tree {
    Scalar(Value),
    Sequence(Vec<Spanned<Tree>>),
    Mapping(Vec<(Spanned<String>, Tree)>),
}

impl Tree {
    fn read(text: &str) -> Result<Self, serde_saphyr::Error> {
        let options = serde_saphyr::options! {
            strict_booleans: true,
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
struct Reader {
    places: BTreeMap<String, Place>,
    /// `200` and `'200'` are one key to JSON.
    duplicate_keys: Vec<String>,
    /// How many bytes there are for pointers.
    room: usize,
}

impl Reader {
    /// The value of `tree`, or the place where there is no room any more.
    fn located(&mut self, tree: Tree, pointer: &str) -> Result<Value, Place> {
        Ok(match tree {
            Tree::Scalar(value) => value,
            Tree::Sequence(items) => {
                let items = items.into_iter().enumerate().map(|(index, item)| {
                    let at = format!("{pointer}/{index}");
                    self.note(&at, item.referenced)?;
                    self.located(item.value, &at)
                });
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Tree::Mapping(entries) => {
                let mut map = Map::with_capacity(entries.len());
                for (key, value) in entries {
                    let at = format!("{pointer}/{}", escape(&key.value));
                    self.note(&at, key.referenced)?;
                    let value = self.located(value, &at)?;
                    if map.insert(key.value, value).is_some() {
                        self.duplicate_keys.push(at);
                    }
                }
                Value::Object(map)
            }
        })
    }

    fn note(&mut self, pointer: &str, location: Location) -> Result<(), Place> {
        let place = (location.line(), location.column());
        self.room = self.room.checked_sub(pointer.len()).ok_or(place)?;
        self.places.insert(pointer.to_owned(), place);
        Ok(())
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
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Tree::Mapping(entries))
    }
}
