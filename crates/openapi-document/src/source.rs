//! The text of a document: its lines, and where in them each value stands.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use crate::cursor::Cursor;
use crate::places::Places;

/// A line and a column, both from 1.
pub type Place = (u64, u64);

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
    pub(crate) places: Places,
    /// The other files of the document.
    parts: Arc<[Source]>,
    /// Where what stands at a pointer comes from.
    moved: Arc<BTreeMap<String, Spot>>,
}

/// A value of a file: the number of the file, from 1 but for the document itself, and a JSON Pointer in it.
pub(crate) type Spot = (usize, String);

/// Where what stands at a JSON Pointer comes from.
pub(crate) fn origin(moved: &BTreeMap<String, Spot>, pointer: &str) -> Spot {
    let mut at = pointer;
    loop {
        if let Some((file, start)) = moved.get(at) {
            return (*file, format!("{start}{}", &pointer[at.len()..]));
        }
        match at.rfind('/') {
            Some(end) => at = &at[..end],
            None => return (0, pointer.to_owned()),
        }
    }
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
        Self { path: path.to_owned(), text: text.into(), lines, ..Self::default() }
    }

    /// Takes in the other files of the document, and where what stands in it comes from.
    pub(crate) fn assemble(&mut self, parts: Vec<Self>, moved: BTreeMap<String, Spot>) {
        (self.parts, self.moved) = (parts.into(), Arc::new(moved));
    }

    /// The file in which the value at `pointer` stands, and its JSON Pointer in there: a document may consist of
    /// several files.
    #[must_use]
    pub fn locate<'a>(&'a self, pointer: &'a str) -> (&'a Self, Cow<'a, str>) {
        if self.moved.is_empty() {
            return (self, pointer.into());
        }
        let found = origin(&self.moved, pointer);
        // A path item stands where its path names it, a component where it is written.
        let own = self.moved.contains_key(pointer) && !pointer.starts_with("/components/");
        let (file, at) = match pointer.rsplit_once('/').filter(|_| own) {
            Some((above, last)) => {
                let (file, above) = origin(&self.moved, above);
                (file, format!("{above}/{last}"))
            }
            None => found,
        };
        let file = file.checked_sub(1).and_then(|index| self.parts.get(index)).unwrap_or(self);
        (file, at.into())
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

    /// The numbers of the document that a float does not hold, as they are written.
    pub(crate) fn rounded(&self, json: &Value) -> Vec<(String, &str)> {
        if self.moved.is_empty() {
            return self.places.exact();
        }
        let files = std::iter::once(self).chain(&*self.parts).enumerate();
        let known = files.flat_map(|(file, source)| {
            source.places.exact().into_iter().map(move |(at, token)| ((file, at), token))
        });
        let known: HashMap<Spot, &str> = known.collect();
        let mut found = Vec::new();
        let mut todo = vec![Cursor::new(json, "")];
        while let Some(at) = todo.pop().filter(|_| !known.is_empty()) {
            if at.value.is_number()
                && let Some(token) = known.get(&origin(&self.moved, &at.pointer))
            {
                found.push((at.pointer, *token));
            } else {
                todo.extend(at.children().into_iter().map(|(_, child)| child));
            }
        }
        found
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
        let (file, pointer) = self.locate(pointer);
        // The whole of another file has no place of its own.
        let whole = || (!std::ptr::eq(file, self)).then_some((1, 1));
        file.places.find(&pointer).or_else(whole)
    }

    /// Where each line begins, in bytes.
    pub(crate) fn lines(&self) -> &[usize] {
        &self.lines
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
