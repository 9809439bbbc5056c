//! The text of a document: its lines, and where in them each value stands.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

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
        Self { path: path.to_owned(), text: text.into(), lines, places: Places::default() }
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
        self.places.find(pointer)
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
