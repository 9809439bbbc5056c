//! Where the values of a document stand, in a form that takes a few bytes for each.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::Value;

use crate::pointer::{escape, unescape};
use crate::scalar;
use crate::source::Place;

/// The name of an element of a list, which is known by its number.
const NUMBERED: u32 = u32::MAX;

/// Every value of a document but the outermost, each before what is in it, in the order of the file.
#[derive(Clone, Default)]
pub(crate) struct Places {
    nodes: Arc<[Node]>,
    names: Arc<HashMap<String, u32>>,
    /// Numbers that a float does not hold, by the number of the value: as they are written.
    exact: Arc<BTreeMap<usize, Box<str>>>,
}

#[derive(Clone, Copy)]
struct Node {
    /// The number of the name of a member, or [`NUMBERED`].
    name: u32,
    /// The number of the next value that is not in this one.
    end: u32,
    line: u32,
    column: u32,
}

impl Places {
    /// The place of the value at `pointer`, or of its nearest ancestor that has one. Of two members of the
    /// same name, the last.
    pub(crate) fn find(&self, pointer: &str) -> Option<Place> {
        let mut found = None;
        let (mut at, mut end) = (0, self.nodes.len());
        for token in pointer.split('/').skip(1) {
            let Some((index, node)) = self.child(at, end, token) else { break };
            found = Some((u64::from(node.line), u64::from(node.column)));
            (at, end) = (index + 1, node.end as usize);
        }
        found
    }

    /// The pointers of numbers that a float does not hold, and how they are written.
    pub(crate) fn exact(&self) -> Vec<(String, &str)> {
        let mut found = Vec::new();
        if self.exact.is_empty() {
            return found;
        }
        let names: HashMap<u32, &str> =
            self.names.iter().map(|(name, number)| (*number, name.as_str())).collect();
        // The values around the one that is looked at: its end, its pointer, and how many are in it so far.
        let mut around = vec![(self.nodes.len(), String::new(), 0)];
        let last = self.exact.last_key_value().map_or(0, |(last, _)| last + 1);
        for (index, node) in self.nodes.iter().enumerate().take(last) {
            while around.len() > 1 && around.last().is_some_and(|(end, ..)| *end <= index) {
                around.pop();
            }
            let Some((_, above, nth)) = around.last_mut() else { break };
            let pointer = match node.name {
                NUMBERED => format!("{above}/{nth}"),
                name => {
                    format!("{above}/{}", escape(names.get(&name).copied().unwrap_or_default()))
                }
            };
            *nth += 1;
            if let Some(token) = self.exact.get(&index) {
                found.push((pointer.clone(), &**token));
            }
            around.push((node.end as usize, pointer, 0));
        }
        found
    }

    /// The child that `token` names, of those from `at` to `end`.
    fn child(&self, at: usize, end: usize, token: &str) -> Option<(usize, &Node)> {
        let named = self.names.get(&unescape(token));
        let number = token.parse::<usize>().ok();
        let mut next = at;
        let children = std::iter::from_fn(|| {
            let index = Some(next).filter(|next| *next < end)?;
            let node = self.nodes.get(index)?;
            next = node.end as usize;
            Some((index, node))
        });
        let mine = children.enumerate().filter(|(nth, (_, node))| match node.name {
            NUMBERED => Some(*nth) == number,
            name => Some(&name) == named,
        });
        mine.last().map(|(_, child)| child)
    }
}

/// Makes the places of a document, value by value.
#[derive(Default)]
pub(crate) struct Placer {
    nodes: Vec<Node>,
    names: HashMap<String, u32>,
    exact: BTreeMap<usize, Box<str>>,
}

impl Placer {
    /// A member or an element begins here; what follows is in it, until it is [closed](Self::close).
    pub(crate) fn open(&mut self, name: Option<&str>, (line, column): Place) -> usize {
        // More names or values than u32 has numbers do not fit into memory.
        let short = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let name = name.map_or(NUMBERED, |name| {
            let next = short(self.names.len() as u64);
            // Most names are known: no text is made to look them up.
            self.names.get(name).copied().unwrap_or_else(|| {
                self.names.insert(name.to_owned(), next);
                next
            })
        });
        self.nodes.push(Node { name, end: 0, line: short(line), column: short(column) });
        self.nodes.len() - 1
    }

    /// The value that was [opened](Self::open) ends.
    pub(crate) fn close(&mut self, opened: usize) {
        let end = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        if let Some(node) = self.nodes.get_mut(opened) {
            node.end = end;
        }
    }

    /// The value that was opened last is this number, and not the float that was read.
    pub(crate) fn exact(&mut self, token: &str) {
        if let Some(last) = self.nodes.len().checked_sub(1) {
            self.exact.insert(last, token.into());
        }
    }

    pub(crate) fn places(self) -> Places {
        let (names, exact) = (Arc::new(self.names), Arc::new(self.exact));
        Places { nodes: self.nodes.into(), names, exact }
    }
}

/// The places of a JSON text, whose lines begin at `lines` and that was read as `json`; `None` if that is not
/// all that it says, because a key is a duplicate.
pub(crate) fn of_json(text: &str, lines: &[usize], json: &Value) -> Option<Places> {
    let mut scanner = Scanner {
        bytes: text.as_bytes(),
        lines,
        at: 0,
        line: 0,
        known: 0,
        column: 1,
        placer: Placer::default(),
    };
    scanner.value(json)?;
    Some(scanner.placer.places())
}

/// Goes through a JSON text of which the values are known.
struct Scanner<'t> {
    bytes: &'t [u8],
    lines: &'t [usize],
    at: usize,
    /// The line and the column of the byte `known`.
    line: usize,
    known: usize,
    column: u64,
    placer: Placer,
}

impl Scanner<'_> {
    fn value(&mut self, json: &Value) -> Option<()> {
        match (json, self.peek()?) {
            (Value::Object(members), b'{') => {
                self.at += 1;
                for (index, (name, inner)) in members.iter().enumerate() {
                    self.comma(index)?;
                    (self.peek()? == b'"').then_some(())?;
                    let place = self.place();
                    self.string()?;
                    (self.peek()? == b':').then(|| self.at += 1)?;
                    self.inner(Some(name), place, inner)?;
                }
                (self.peek()? == b'}').then(|| self.at += 1)
            }
            (Value::Array(elements), b'[') => {
                self.at += 1;
                for (index, inner) in elements.iter().enumerate() {
                    self.comma(index)?;
                    self.peek()?;
                    let place = self.place();
                    self.inner(None, place, inner)?;
                }
                (self.peek()? == b']').then(|| self.at += 1)
            }
            (Value::String(_), b'"') => self.string(),
            (Value::Null | Value::Bool(_) | Value::Number(_), _) => {
                let rest = self.bytes.get(self.at..)?;
                let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}') || blank(*byte);
                let length = rest.iter().position(ends).unwrap_or(rest.len());
                self.at += length;
                let token = std::str::from_utf8(rest.get(..length)?).ok()?;
                if scalar::is_rounded(json, token) {
                    self.placer.exact(token);
                }
                Some(())
            }
            _ => None,
        }
    }

    fn inner(&mut self, name: Option<&str>, place: Place, json: &Value) -> Option<()> {
        let opened = self.placer.open(name, place);
        self.value(json)?;
        self.placer.close(opened);
        Some(())
    }

    /// The next byte that is not blank.
    fn peek(&mut self) -> Option<u8> {
        while blank(*self.bytes.get(self.at)?) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    fn comma(&mut self, index: usize) -> Option<()> {
        let here = index == 0 || self.peek()? == b',';
        self.at += usize::from(index > 0);
        here.then_some(())
    }

    /// Goes behind the string that begins here.
    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.bytes.get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(())
    }

    /// The line and the column of the next byte, counted from the last one that was asked for.
    fn place(&mut self) -> Place {
        while let Some(&start) = self.lines.get(self.line).filter(|start| **start <= self.at) {
            self.line += 1;
            (self.known, self.column) = (start, 1);
        }
        let between = self.bytes.get(self.known..self.at).unwrap_or_default();
        let begins = |byte: &&u8| **byte & 0b1100_0000 != 0b1000_0000;
        self.column += between.iter().filter(begins).count() as u64;
        self.known = self.at;
        (self.line as u64, self.column)
    }
}

fn blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use crate::{Cursor, Document};

    fn pointers(at: &Cursor<'_>) -> Vec<String> {
        let inner = at.children().into_iter().flat_map(|(_, child)| pointers(&child));
        std::iter::once(at.pointer.clone()).chain(inner).collect()
    }

    /// Both ways to read a text that is JSON see the same.
    #[test]
    fn json_has_the_places_that_it_has_as_yaml() {
        for text in [
            "{}",
            "[]",
            "{\"a\": 1}",
            " {\"a\":[1,-2.5e3 ,\"x\",null,true,{\"b/c~d\": {}, \"\": []}],\n\t\"é\": \"ü\", \"z\": 0}\n",
            "{\r\n  \"a\\\"b\\u00e9\": \"{[,:]}\\\\\",\r\n  \"c\": [\n[ [] , [[1],\n\"é\", 2] ]]}",
            "[{\"a\": {\"b\": {\"a\": 1}}}, {\"a\": [[{\"a\": 2}]]}]",
        ] {
            let json = Document::parse("a.json", text).expect("a document");
            // A comment makes it YAML alone.
            let yaml = Document::parse("a.yaml", &format!("{text} # …")).expect("a document");
            assert_eq!(json.json, yaml.json, "{text}");
            for pointer in pointers(&json.root()) {
                let place = yaml.source.place(&pointer);
                assert_eq!(json.source.place(&pointer), place, "{pointer:?} of {text}");
                assert_eq!(place.is_none(), pointer.is_empty(), "{pointer:?} of {text}");
            }
        }
    }

    #[test]
    fn what_has_no_place_is_at_its_nearest_ancestor() {
        let document = Document::parse("a.json", "{\"a\": [\n{\"b\": 1}]}").expect("a document");
        let place = |pointer| document.source.place(pointer);
        assert_eq!(place("/a/0/b/c"), Some((2, 2)));
        assert_eq!(place("/a/0/c"), Some((2, 1)));
        assert_eq!(place("/a/b"), Some((1, 2)));
        assert_eq!(place("/a/1"), Some((1, 2)));
        assert_eq!(place("/b"), None);
        assert_eq!(place(""), None);
    }

    #[test]
    fn json_with_duplicate_keys_is_refused() {
        for text in ["{\"a\": 1, \"a\": 1}", "{\"x\": {\"a\": {}, \"b\": 1, \"a\": {}}}"] {
            let error = Document::parse("a.json", text).expect_err("a duplicate");
            assert!(error.message.contains("duplicate"), "{}", error.message);
        }
    }
}
