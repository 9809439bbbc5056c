//! Puts a document together that consists of several files.
//!
//! What another file has becomes a component of the document where the specification lets a reference stand in
//! its place, and stands in the place of the reference elsewhere: a path item, and whatever people refer to
//! although no specification lets them. Every value keeps the place that it has in its own file.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value};

use crate::diagnostic::{CIRCULAR, DANGLING, Diagnostic, Rule, UNREADABLE, YAML};
use crate::document::{DEPTH, Document};
use crate::files::{BYTES, COUNT, Files, Target, normal, target};
use crate::identifier::type_name;
use crate::object::{Object, SECTIONS, Shape, is_uri};
use crate::pointer::{escape, unescape};
use crate::reference::percent_decoded;
use crate::source::{Source, Spot, origin};

/// How many values may be copied to where they are referred to: this many, and one more for every other byte that
/// was read.
const COPIED: usize = 500_000;

/// How many references may follow one another through files.
const HOPS: usize = 200;

type Refused = Box<Diagnostic>;

impl Document {
    /// Reads the document at a path, with every local file that it refers to, and those that they refer to.
    ///
    /// References are followed relative to the file that they stand in (RFC 3986), as are `file:` URLs and the
    /// mappings of discriminators. Nothing is fetched from the network: such a reference is left as it is.
    ///
    /// # Errors
    /// As of [`parse`](Self::parse), of any of the files; one of them, or what is referred to in it, is not
    /// there; they have more than 100 MiB or are more than 10 000.
    pub fn load(files: &dyn Files, path: &str) -> Result<Self, Refused> {
        let text = files.read(path).map_err(|why| {
            let name = files.name(path);
            let message = format!("{name} cannot be read: {why}");
            let help = "name a UTF-8 file with a contract";
            Box::new(Source::nowhere(&name).diagnostic(UNREADABLE, "", message, help))
        })?;
        Self::of(files, path, &text)
    }

    /// Takes the document with this text for the one at the path, as [`load`](Self::load) does.
    ///
    /// # Errors
    /// As of [`load`](Self::load).
    pub fn of(files: &dyn Files, path: &str, text: &str) -> Result<Self, Refused> {
        let root = Self::parse(&files.name(path), text)?;
        let mut elsewhere = false;
        root.each_reference(&mut |reference| {
            let within = reference.text == "#" || reference.text.starts_with("#/");
            elsewhere |= !(within && reference.shape.may_be_reference());
        });
        if elsewhere { Loader::new(files, path, text, root).load() } else { Ok(root) }
    }
}

/// A file of a document.
struct Part {
    path: String,
    document: Document,
}

struct Loader<'f> {
    files: &'f dyn Files,
    /// Those that were read, as they are; the document itself is the first.
    parts: Vec<Part>,
    by_path: HashMap<String, usize>,
    bytes: usize,
    copied: usize,
    /// The components that values of other files became.
    components: HashMap<(Object, Spot), String>,
    /// Components that are yet to be made.
    missing: Vec<(String, Object, Spot)>,
    /// What is referred to where no reference is looked for otherwise.
    odd: Vec<(String, Shape)>,
    seen: HashSet<(String, Shape)>,
    /// The names of components that are taken, each with the number that the next one of that name gets.
    names: HashMap<(&'static str, String), usize>,
    /// Where what stands at a pointer of the document comes from.
    moved: BTreeMap<String, Spot>,
    /// What is being put in the place of a reference, the innermost last.
    within: Vec<(Shape, Spot)>,
    /// How many references are being followed.
    hops: usize,
    /// What was put in its place has been looked at.
    again: bool,
}

impl<'f> Loader<'f> {
    fn new(files: &'f dyn Files, path: &str, text: &str, root: Document) -> Self {
        let path = normal(path);
        Self {
            files,
            by_path: HashMap::from([(path.clone(), 0)]),
            parts: vec![Part { path, document: root }],
            bytes: text.len(),
            copied: 0,
            components: HashMap::new(),
            missing: Vec::new(),
            odd: Vec::new(),
            seen: HashSet::new(),
            names: HashMap::new(),
            moved: BTreeMap::new(),
            within: Vec::new(),
            hops: 0,
            again: false,
        }
    }

    fn load(mut self) -> Result<Document, Refused> {
        let mut json = self.parts[0].document.json.clone();
        self.unfold(&mut json)?;
        self.claim(&json)?;
        self.link(&mut json, Shape::One(Object::Document), &mut String::new(), 0)?;
        loop {
            if let Some((pointer, object, spot)) = self.missing.pop() {
                self.again = false;
                let mut value = self.copy(&spot)?;
                self.moved.insert(pointer.clone(), spot.clone());
                self.link(&mut value, Shape::One(object), &mut pointer.clone(), spot.0)?;
                insert(&mut json, &pointer, value);
            } else if let Some((mut pointer, shape)) = self.odd.pop() {
                if self.origin(&pointer).0 != 0 {
                    continue;
                }
                let Some(mut value) = json.pointer_mut(&pointer).map(Value::take) else { continue };
                self.again = true;
                self.link(&mut value, shape, &mut pointer, 0)?;
                json.pointer_mut(&pointer).into_iter().for_each(|place| *place = value.take());
            } else {
                break;
            }
        }
        let mut documents = self.parts.into_iter().map(|part| part.document);
        // The document itself is always there.
        let Some(mut root) = documents.next() else { unreachable!() };
        root.json = json;
        root.source.assemble(documents.map(|part| part.source).collect(), self.moved);
        Ok(root)
    }

    /// Components of which there are several in another file are written out first: they have names.
    fn unfold(&mut self, json: &mut Value) -> Result<(), Refused> {
        let sections = SECTIONS
            .iter()
            .map(|(name, object)| (format!("/components/{name}"), Shape::Map(*object)));
        let all = [("/components".to_owned(), Shape::One(Object::Components))];
        for (pointer, shape) in all.into_iter().chain(sections) {
            let Some(value) = json.pointer_mut(&pointer) else { continue };
            while let Some(text) = value.get("$ref").and_then(Value::as_str) {
                let (text, file) = (text.to_owned(), self.origin(&pointer).0);
                if self.reference(value, &text, shape, &pointer, file)?.is_none() {
                    break;
                }
            }
            self.within.clear();
        }
        Ok(())
    }

    /// The components that the document has: one that is but a reference to another file is what that has.
    fn claim(&mut self, json: &Value) -> Result<(), Refused> {
        for (section, object) in SECTIONS {
            let at = format!("/components/{section}");
            let members = json.pointer(&at).and_then(Value::as_object);
            for (name, value) in members.into_iter().flatten() {
                let pointer = format!("{at}/{}", escape(name));
                self.names.insert((section, name.clone()), 2);
                let origin = self.origin(&pointer);
                let spot = match alone(value) {
                    Some(text) => self.spot(text, (origin.0, format!("{}/$ref", origin.1)))?,
                    None => Some(origin),
                };
                if let Some(spot) = spot.filter(|spot| spot.0 != 0) {
                    self.components.entry((object, spot)).or_insert(pointer);
                }
            }
        }
        Ok(())
    }

    /// Makes each reference in a value one of the document. The value stands at `at` in there, and comes from
    /// a file.
    fn link(
        &mut self,
        value: &mut Value,
        shape: Shape,
        at: &mut String,
        mut file: usize,
    ) -> Result<(), Refused> {
        if shape == Shape::Data {
            return Ok(());
        }
        if let Some((moved, _)) = self.moved.get(at.as_str()) {
            if self.again {
                return Ok(());
            }
            file = *moved;
        }
        let (length, within) = (at.len(), self.within.len());
        while let Some(text) = value.get("$ref").and_then(Value::as_str)
            && shape != Shape::Mapping
        {
            let text = text.to_owned();
            match self.reference(value, &text, shape, at, file)? {
                Some(from) => file = from,
                None => break,
            }
        }
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    at.push('/');
                    at.push_str(&escape(name));
                    match value {
                        Value::String(text) if shape == Shape::Mapping && is_uri(text) => {
                            if let Some(spot) = self.spot(text, (file, self.origin(at).1))? {
                                *text = format!("#{}", self.component(Object::Schema, spot));
                            }
                        }
                        value => self.link(value, shape.inner(name), at, file)?,
                    }
                    at.truncate(length);
                }
            }
            Value::Array(elements) => {
                for (index, value) in elements.iter_mut().enumerate() {
                    at.push('/');
                    at.push_str(&index.to_string());
                    self.link(value, shape.element(), at, file)?;
                    at.truncate(length);
                }
            }
            _ => {}
        }
        self.within.truncate(within);
        Ok(())
    }

    /// Makes a reference one of the document, or puts what it leads to in its place: the number of the file that
    /// this is from.
    fn reference(
        &mut self,
        value: &mut Value,
        text: &str,
        shape: Shape,
        at: &str,
        file: usize,
    ) -> Result<Option<usize>, Refused> {
        let stays = shape.may_be_reference();
        let pointer = text.strip_prefix('#').filter(|at| at.is_empty() || at.starts_with('/'));
        if let Some(pointer) = pointer.filter(|_| file == 0 && stays) {
            let pointer = percent_decoded(pointer);
            if Shape::of(&pointer) == Shape::Data && self.seen.insert((pointer.clone(), shape)) {
                self.odd.push((pointer, shape));
            }
            return Ok(None);
        }
        let place = (file, format!("{}/$ref", self.origin(at).1));
        let Some(spot) = self.spot(text, place.clone())? else { return Ok(None) };
        if let Shape::One(object) = shape
            && stays
            && (spot.0 == 0 || object != Object::PathItem)
        {
            let pointer = self.component(object, spot.clone());
            if pointer != at {
                // A fragment is percent-decoded when it is read.
                value["$ref"] = format!("#{}", pointer.replace('%', "%25")).into();
                return Ok(None);
            }
        }
        let step = (shape, spot);
        if self.within.contains(&step) {
            return Err(self.circular(text, &place));
        }
        if at.matches('/').count() > DEPTH {
            let message = format!("references nest values deeper than {DEPTH} levels");
            return Err(self.refused(YAML, &place, message, "refer to components"));
        }
        let mut new = self.copy(&step.1)?;
        if let (Value::Object(new), Value::Object(own)) = (&mut new, &mut *value) {
            own.shift_remove("$ref");
            new.append(own);
        }
        *value = new;
        let from = step.1.0;
        self.moved.insert(at.to_owned(), step.1.clone());
        self.within.push(step);
        Ok(Some(from))
    }

    /// Where a reference leads that stands at a place of a file, past all that are but references; `None` if it
    /// is left as it is.
    fn spot(&mut self, text: &str, mut place: Spot) -> Result<Option<Spot>, Refused> {
        let mut text = text.to_owned();
        let mut last = None;
        self.hops += 1;
        for _ in self.hops..HOPS {
            let (path, fragment) = match target(&self.parts[place.0].path, &text) {
                Target::Remote => {
                    self.hops -= 1;
                    return Ok(last);
                }
                Target::Local { path, fragment } => (path, fragment),
            };
            let file = match &path {
                Some(path) => self.open(path, &place)?,
                None => place.0,
            };
            let pointer = match fragment.as_str() {
                "" => Some(String::new()),
                at if at.starts_with('/') => Some(fragment),
                name => anchor(&self.parts[file].document.json, name),
            };
            let found = match pointer {
                Some(pointer) => self.find(file, &pointer)?,
                None => None,
            };
            let Some(found) = found else {
                self.hops -= 1;
                if place.0 == 0 && path.is_none() {
                    // Whoever asks for what is unresolved finds it.
                    return Ok(None);
                }
                let message = format!("`{text}` leads nowhere");
                let help = match path {
                    Some(_) => "fix the reference, or add what it names to that file",
                    None => "fix the reference, which is one within this file",
                };
                return Err(self.refused(DANGLING, &place, message, help));
            };
            let next = self.value(&found).and_then(alone).filter(|_| found.0 != 0);
            let Some(next) = next.map(str::to_owned) else {
                self.hops -= 1;
                return Ok(Some(found));
            };
            place = (found.0, format!("{}/$ref", found.1));
            text = next;
            last = Some(found);
        }
        Err(self.circular(&text, &place))
    }

    /// What is at a pointer of a file, though a reference be on the way.
    fn find(&mut self, file: usize, pointer: &str) -> Result<Option<Spot>, Refused> {
        let mut spot = (file, pointer.to_owned());
        if self.value(&spot).is_some() {
            return Ok(Some(spot));
        }
        spot.1.clear();
        for token in pointer.split('/').skip(1) {
            loop {
                let inner = (spot.0, format!("{}/{token}", spot.1));
                if self.value(&inner).is_some() {
                    spot = inner;
                    break;
                }
                let next = self.value(&spot).and_then(|value| value.get("$ref")?.as_str());
                let Some(next) = next.map(str::to_owned) else { return Ok(None) };
                let place = (spot.0, format!("{}/$ref", spot.1));
                let Some(found) = self.spot(&next, place)? else { return Ok(None) };
                spot = found;
            }
        }
        Ok(Some(spot))
    }

    fn value(&self, spot: &Spot) -> Option<&Value> {
        self.parts[spot.0].document.json.pointer(&spot.1)
    }

    /// A copy of a value, of which there must not be too many.
    fn copy(&mut self, spot: &Spot) -> Result<Value, Refused> {
        let value = self.value(spot).cloned().unwrap_or_default();
        self.copied += size(&value);
        let limit = COPIED + self.bytes / 2;
        if self.copied > limit {
            let message = format!("references repeat more than {limit} values");
            return Err(self.refused(YAML, spot, message, "refer to components"));
        }
        Ok(value)
    }

    /// The component that a value is or becomes.
    fn component(&mut self, object: Object, spot: Spot) -> String {
        if spot.0 == 0 {
            return spot.1;
        }
        let key = (object, spot);
        if let Some(pointer) = self.components.get(&key) {
            return pointer.clone();
        }
        let section = object.section().unwrap_or_default();
        let name = self.named(object, &key.1);
        let name = match self.names.get(&(section, name.clone())) {
            None => name,
            Some(&first) => {
                let mut number = first;
                while self.names.contains_key(&(section, format!("{name}{number}"))) {
                    number += 1;
                }
                let numbered = format!("{name}{number}");
                self.names.insert((section, name), number + 1);
                numbered
            }
        };
        self.names.insert((section, name.clone()), 2);
        let pointer = format!("/components/{section}/{name}");
        self.missing.push((pointer.clone(), object, key.1.clone()));
        self.components.insert(key, pointer.clone());
        pointer
    }

    /// What people call a value of a file: by the member that it is, or as the file.
    fn named(&self, object: Object, (file, pointer): &Spot) -> String {
        let last = unescape(pointer.rsplit('/').next().unwrap_or_default());
        let path = &self.parts[*file].path;
        let file = path.rsplit('/').next().unwrap_or_default();
        let stem = file.split_once('.').map_or(file, |(stem, _)| stem);
        let unnamed = last.bytes().all(|byte| byte.is_ascii_digit())
            || Shape::One(Object::Schema).inner(&last) != Shape::Data
            || last == "schema";
        let name = match object {
            Object::Schema if unnamed => type_name(stem),
            _ if unnamed => stem.to_owned(),
            _ => last,
        };
        let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let name: String = name.chars().map(|c| if fits(c) { c } else { '_' }).collect();
        if name.is_empty() { "Unnamed".to_owned() } else { name }
    }

    /// The number of the file at a path, which a reference names.
    fn open(&mut self, path: &str, place: &Spot) -> Result<usize, Refused> {
        if let Some(&index) = self.by_path.get(path) {
            return Ok(index);
        }
        let index = self.parts.len();
        if index >= COUNT {
            let message = format!("the document consists of more than {COUNT} files");
            return Err(self.refused(UNREADABLE, place, message, "join some of them"));
        }
        let text = self.files.read(path).map_err(|why| {
            let message = format!("`{}` cannot be read: {why}", self.files.name(path));
            self.refused(UNREADABLE, place, message, "fix the reference, or add the file")
        })?;
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > BYTES {
            let message = format!("the files of the document have more than {} MiB", BYTES >> 20);
            let help = "refer to smaller ones";
            return Err(self.refused(UNREADABLE, place, message, help));
        }
        let document = Document::parse(&self.files.name(path), &text)?;
        if let Some(at) = document.duplicate_keys.first() {
            let found = document.source.diagnostic(YAML, at, "duplicate key", "remove one of them");
            return Err(Box::new(found));
        }
        self.parts.push(Part { path: path.to_owned(), document });
        self.by_path.insert(path.to_owned(), index);
        Ok(index)
    }

    fn origin(&self, at: &str) -> Spot {
        origin(&self.moved, at)
    }

    fn circular(&self, text: &str, place: &Spot) -> Refused {
        let message = format!("`{text}` leads back to itself");
        self.refused(CIRCULAR, place, message, "refer to what is meant")
    }

    fn refused(&self, rule: Rule, place: &Spot, message: String, help: &str) -> Refused {
        let source = &self.parts[place.0].document.source;
        Box::new(source.diagnostic(rule, &place.1, message, help))
    }
}

/// The reference that is all there is of a value.
fn alone(value: &Value) -> Option<&str> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    members.get("$ref")?.as_str()
}

/// The schema with an anchor of this name (JSON Schema 2020-12 core section 8.2.2).
fn anchor(json: &Value, name: &str) -> Option<String> {
    match json {
        Value::Object(members) => {
            if members.get("$anchor").is_some_and(|anchor| anchor == name) {
                return Some(String::new());
            }
            members
                .iter()
                .find_map(|(key, value)| Some(format!("/{}{}", escape(key), anchor(value, name)?)))
        }
        Value::Array(elements) => elements
            .iter()
            .enumerate()
            .find_map(|(index, value)| Some(format!("/{index}{}", anchor(value, name)?))),
        _ => None,
    }
}

/// How many values there are in a value, itself among them.
fn size(value: &Value) -> usize {
    1 + match value {
        Value::Object(members) => members.values().map(size).sum(),
        Value::Array(elements) => elements.iter().map(size).sum(),
        _ => 0,
    }
}

/// Puts a component where it belongs.
fn insert(json: &mut Value, pointer: &str, value: Value) {
    let mut tokens = pointer.split('/').skip(1);
    let (Some(components), Some(section), Some(name)) =
        (tokens.next(), tokens.next(), tokens.next())
    else {
        return;
    };
    let mut at = json;
    for token in [components, section] {
        let Value::Object(members) = at else { return };
        at = members.entry(token).or_insert(Value::Null);
        if at.is_null() {
            *at = Value::Object(Map::new());
        }
    }
    if let Value::Object(members) = at {
        members.insert(unescape(name), value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Files by their paths.
    struct Texts<'a>(&'a [(&'a str, &'a str)]);

    impl Files for Texts<'_> {
        fn read(&self, path: &str) -> Result<String, String> {
            let found = self.0.iter().find(|(name, _)| *name == path);
            found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| "no such file".to_owned())
        }
    }

    fn load(files: &[(&str, &str)]) -> Result<Document, String> {
        Document::load(&Texts(files), files[0].0)
            .map_err(|wrong| format!("{} {}; {}", wrong.line(), wrong.pointer, wrong.help))
    }

    /// The paths and components of the whole document.
    fn loaded(files: &[(&str, &str)]) -> Value {
        load(files).expect("a document").json
    }

    #[test]
    fn what_another_file_has_becomes_a_component() {
        let root = "components: {schemas: {Pet: {$ref: 'pet.yaml'}, A: {items: {$ref: './x/b.json#/B'}}, Own: {$ref: '#/components/schemas/A'}}}";
        let files = [
            ("api.yaml", root),
            (
                "pet.yaml",
                "{type: object, properties: {self: {$ref: '#'}, b: {$ref: 'x/b.json#/B'}, tag: {$ref: '#/properties/b'}}}",
            ),
            (
                "x/b.json",
                "{B: {items: {$ref: '../pet.yaml'}, not: {$ref: '../api.yaml#/components/schemas/A'}, anyOf: [{$ref: '#/A'}]}, A: {title: A}}",
            ),
        ];
        let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let expected = json!({"components": {"schemas": {
            "Pet": {"type": "object", "properties": {"self": to("Pet"), "b": to("B"), "tag": to("B")}},
            "A": {"items": to("B")},
            "Own": to("A"),
            "B": {"items": to("Pet"), "not": to("A"), "anyOf": [to("A2")]},
            "A2": {"title": "A"},
        }}});
        assert_eq!(loaded(&files), expected);

        let document = load(&files).expect("a document");
        for (pointer, path, at) in [
            ("/components/schemas/A/items", "api.yaml", "/components/schemas/A/items"),
            ("/components/schemas/Pet", "pet.yaml", ""),
            ("/components/schemas/Pet/properties/b", "pet.yaml", "/properties/b"),
            ("/components/schemas/A2/title", "x/b.json", "/A/title"),
        ] {
            let (file, found) = document.source.locate(pointer);
            assert_eq!((file.path.as_str(), &*found), (path, at), "{pointer}");
        }
        assert_eq!(document.source.place("/components/schemas/A2/title"), Some((1, 115)));
        assert_eq!(document.source.place("/components/schemas/Pet"), Some((1, 1)));
        let found = document.source.diagnostic(DANGLING, "/components/schemas/A2/title", "m", "h");
        assert_eq!(
            (found.location(), found.pointer.as_str()),
            ("x/b.json:1:115".into(), "/A/title")
        );
    }

    /// A number keeps its digits wherever it goes.
    #[test]
    fn numbers_of_other_files_are_exact() {
        let root = "components: {schemas: {A: {maximum: 18446744073709551616, $ref: 'x/b.json#/B'}, C: {default: 1}}}\npaths: {/a: {$ref: 'c.yaml'}}";
        let files = [
            ("api.yaml", root),
            ("x/b.json", "{\"a\": 1e999, \"B\": {\"enum\": [1, 0.10000000000000001]}}"),
            ("c.yaml", "{get: {parameters: [{schema: {minimum: -1e400, maximum: 0.1}}]}}"),
        ];
        let document = load(&files).expect("a document");
        let mut rounded = document.rounded();
        rounded.sort_unstable();
        let expected = [
            ("/components/schemas/A/maximum", "18446744073709551616"),
            ("/components/schemas/B/enum/1", "0.10000000000000001"),
            ("/paths/~1a/get/parameters/0/schema/minimum", "-1e400"),
        ];
        assert_eq!(rounded, expected.map(|(at, token)| (at.to_owned(), token)));
    }

    #[test]
    fn whatever_is_referred_to_is_there() {
        let get = json!({"get": {"responses": {"200": {"description": "d"}}}});
        let to =
            |section: &str, name: &str| json!({"$ref": format!("#/components/{section}/{name}")});
        let parts = [
            ("i.yaml", "{$ref: 'x/get.yaml#/i'}"),
            ("x/get.yaml", "{i: {get: {$ref: '#/g'}}, g: {responses: {$ref: 'r.yaml'}}}"),
            ("x/r.yaml", "{200: {description: d}}"),
            (
                "p.yaml",
                "{P: {name: p, schema: {$ref: '#/S'}}, S: {title: S}, list: [{$ref: '#/P'}, {name: q}]}",
            ),
            ("maps.yaml", "{A: {$ref: 'p.yaml#/S'}, B: {items: {$ref: '#/A'}}}"),
            ("tree.yaml", "{$anchor: tree, items: {$ref: '#tree'}}"),
            ("all.yaml", "{schemas: {T: {$ref: tree.yaml}}}"),
        ];
        for (root, expected) in [
            // A path item, an operation and a map stand in their place.
            ("paths: {/a: {$ref: i.yaml}}", json!({"paths": {"/a": get}})),
            (
                "paths: {/a: {$ref: i.yaml, summary: s}}",
                json!({"paths": {"/a": {"summary": "s", "get": get["get"]}}}),
            ),
            // So does a list; what is in it is a component.
            (
                "paths: {/a: {parameters: {$ref: 'p.yaml#/list'}}}",
                json!({
                    "paths": {"/a": {"parameters": [to("parameters", "P"), {"name": "q"}]}},
                    "components": {
                        "parameters": {"P": {"name": "p", "schema": to("schemas", "S")}},
                        "schemas": {"S": {"title": "S"}},
                    },
                }),
            ),
            (
                "components: {schemas: {$ref: maps.yaml}}",
                json!({"components": {"schemas": {"A": {"title": "S"}, "B": {"items": to("schemas", "A")}}}}),
            ),
            // What leads through a reference is found; a whole file is called after it.
            (
                "components: {$ref: all.yaml}\npaths: {/a: {get: {requestBody: {content: {a/b: {schema: {$ref: 'all.yaml#/schemas/T/items'}}}}}}}",
                json!({
                    "paths": {"/a": {"get": {"requestBody": {"content": {"a/b": {"schema": to("schemas", "T")}}}}}},
                    "components": {"schemas": {"T": {"$anchor": "tree", "items": to("schemas", "T")}}},
                }),
            ),
            (
                "components: {schemas: {A: {not: {$ref: tree.yaml}}}}",
                json!({"components": {"schemas": {
                    "A": {"not": to("schemas", "Tree")},
                    "Tree": {"$anchor": "tree", "items": to("schemas", "Tree")},
                }}}),
            ),
            // Mappings name schemas, or files.
            (
                "components: {schemas: {A: {discriminator: {mapping: {a: B, b: 'tree.yaml', c: '#/components/schemas/A'}}}}}",
                json!({"components": {"schemas": {
                    "A": {"discriminator": {"mapping": {"a": "B", "b": "#/components/schemas/Tree", "c": "#/components/schemas/A"}}},
                    "Tree": {"$anchor": "tree", "items": to("schemas", "Tree")},
                }}}),
            ),
            // Data is no reference, and nobody looks for what it names.
            (
                "components: {schemas: {A: {example: {$ref: none.yaml}, items: {$ref: 'p.yaml#/S'}}}}",
                json!({"components": {"schemas": {
                    "A": {"example": {"$ref": "none.yaml"}, "items": to("schemas", "S")},
                    "S": {"title": "S"},
                }}}),
            ),
            // The network is not asked.
            (
                "components: {schemas: {A: {$ref: 'https://example.com/a.yaml'}, C: {$ref: 'p.yaml#/S'}}}",
                json!({"components": {"schemas": {"A": {"$ref": "https://example.com/a.yaml"}, "C": {"title": "S"}}}}),
            ),
            // Nor is what an extension has looked at, unless it is referred to.
            (
                "paths: {/a: {$ref: '#/x-items/a'}}\nx-items: {a: {get: {$ref: 'x/get.yaml#/g'}}, b: {$ref: none.yaml}}",
                json!({
                    "paths": {"/a": {"$ref": "#/x-items/a"}},
                    "x-items": {"a": get, "b": {"$ref": "none.yaml"}},
                }),
            ),
        ] {
            let files: Vec<_> = std::iter::once(("api.yaml", root)).chain(parts).collect();
            assert_eq!(loaded(&files), expected, "{root}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_where_it_is_referred_to() {
        let parts = [
            (
                "b.yaml",
                "{B: {$ref: c.yaml}, C: {$ref: '#/D'}, E: {$ref: '#/E'}, P: {get: {callbacks: {c: {e: {$ref: '#/P'}}}}}}",
            ),
            ("twice.yaml", "{200: a, '200': b}"),
            ("broken.yaml", "a: ["),
        ];
        let schema = |target: &str| format!("components: {{schemas: {{A: {{$ref: '{target}'}}}}}}");
        for (root, expected) in [
            (
                schema("none.yaml"),
                "api.yaml:1:28: error[unreadable]: `none.yaml` cannot be read: no such file /components/schemas/A/$ref; fix the reference, or add the file",
            ),
            (
                schema("b.yaml#/B"),
                "b.yaml:1:6: error[unreadable]: `c.yaml` cannot be read: no such file /B/$ref; fix the reference, or add the file",
            ),
            (
                schema("b.yaml#/C"),
                "b.yaml:1:25: error[unresolved-reference]: `#/D` leads nowhere /C/$ref; fix the reference, which is one within this file",
            ),
            (
                schema("b.yaml#/X"),
                "api.yaml:1:28: error[unresolved-reference]: `b.yaml#/X` leads nowhere /components/schemas/A/$ref; fix the reference, or add what it names to that file",
            ),
            (
                schema("b.yaml#/E"),
                "b.yaml:1:43: error[circular-reference]: `#/E` leads back to itself /E/$ref; refer to what is meant",
            ),
            (
                "paths: {/a: {$ref: 'b.yaml#/P'}}".to_owned(),
                "b.yaml:1:87: error[circular-reference]: `#/P` leads back to itself /P/get/callbacks/c/e/$ref; refer to what is meant",
            ),
            (
                schema("twice.yaml"),
                "twice.yaml:1:10: error[yaml]: duplicate key /200; remove one of them",
            ),
        ] {
            let files: Vec<_> = std::iter::once(("api.yaml", root.as_str())).chain(parts).collect();
            assert_eq!(load(&files).expect_err(&root), expected, "{root}");
        }
        let files = [("api.yaml", &*schema("broken.yaml")), parts[2]];
        assert!(load(&files).expect_err("broken").starts_with("broken.yaml:1:"));
    }

    /// References of references of references, each twice: there is an end.
    #[test]
    fn little_text_does_not_make_much_of_itself() {
        let mut root =
            "paths: {/a: {$ref: '#/x-0'}}\nx-0: {get: {$ref: '#/x-1'}, put: {$ref: '#/x-1'}}\n"
                .to_owned();
        let chain = |at: usize| {
            let next = at + 1;
            let lines = [
                format!("x-{at}: {{requestBody: {{content: {{$ref: '#/x-b{at}'}}}}}}"),
                format!("x-b{at}: {{a: {{$ref: '#/x-c{at}'}}, b: {{$ref: '#/x-c{at}'}}}}"),
                format!("x-c{at}: {{encoding: {{$ref: '#/x-d{at}'}}}}"),
                format!("x-d{at}: {{e: {{headers: {{h: {{content: {{$ref: '#/x-b{next}'}}}}}}}}}}"),
            ];
            lines.join("\n")
        };
        root += &(1..40).map(chain).collect::<Vec<_>>().join("\n");
        let wrong = load(&[("api.yaml", &root)]).expect_err("too much");
        assert!(wrong.contains("references nest values deeper than 128 levels"), "{wrong}");
        let wide = |at: usize| {
            let next = format!("{{$ref: '#/x-{}'}}", at + 1);
            let header = |name| format!("h{name}: {{content: {next}}}");
            let headers = (0..40).map(header).collect::<Vec<_>>().join(", ");
            format!("x-{at}: {{a: {{encoding: {{e: {{headers: {{{headers}}}}}}}}}}}")
        };
        let wide = (0..6).map(wide).collect::<Vec<_>>().join("\n");
        let root = format!(
            "paths: {{/a: {{get: {{requestBody: {{content: {{$ref: '#/x-0'}}}}}}}}}}\n{wide}\nx-6: {{a: {{}}}}\n"
        );
        let wrong = load(&[("api.yaml", &root)]).expect_err("too much");
        assert!(wrong.contains("references repeat more than 5"), "{wrong}");
    }
}
