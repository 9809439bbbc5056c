//! What a schema allows, keyword by keyword, once references and `allOf` are opened.

use std::collections::BTreeMap;

use serde_json::{Number, Value};

use crate::change::Direction;
use crate::document::Document;
use crate::node::{At, Flat, Group, Part, flatten, resolve};

/// A set of the types of JSON; numbers are whole or broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Types(u8);

impl Types {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const BOOLEAN: Self = Self(1);
    pub(crate) const INTEGER: Self = Self(2);
    pub(crate) const NUMBER: Self = Self(2 | 4);
    pub(crate) const STRING: Self = Self(8);
    pub(crate) const ARRAY: Self = Self(16);
    pub(crate) const OBJECT: Self = Self(32);
    pub(crate) const ANY: Self = Self(63);
    /// What has no parts.
    pub(crate) const SCALAR: Self = Self(1 | 2 | 4 | 8);

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "boolean" => Self::BOOLEAN,
            "integer" => Self::INTEGER,
            "number" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            "null" => Self::NONE,
            _ => return None,
        })
    }

    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::NONE,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(number) if whole(number) => Self::INTEGER,
            Value::Number(_) => Self::NUMBER,
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        }
    }

    /// `string`, or `string or integer`, or `anything`.
    pub(crate) fn words(self) -> String {
        if self == Self::ANY {
            return "anything".to_owned();
        }
        let names = [
            (Self::BOOLEAN, "boolean"),
            (Self::STRING, "string"),
            (Self::ARRAY, "array"),
            (Self::OBJECT, "object"),
        ];
        let number = if Self::NUMBER.within(self) {
            Some("number")
        } else {
            self.has(Self::INTEGER).then_some("integer")
        };
        let mut words: Vec<_> =
            names.iter().filter(|(bit, _)| self.has(*bit)).map(|(_, name)| *name).collect();
        words.extend(number);
        if words.is_empty() { "nothing".to_owned() } else { words.join(" or ") }
    }
}

/// Whether a number is a whole one: JSON does not tell 1 from 1.0.
fn whole(number: &Number) -> bool {
    number.is_i64() || number.is_u64() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
}

/// The value of a keyword, and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Facet<T> {
    pub(crate) value: T,
    pub(crate) pointer: String,
}

/// A bound of a number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) value: f64,
    pub(crate) exclusive: bool,
}

/// What may stand beside the properties that have a name.
#[derive(Debug, Clone)]
pub(crate) enum Additional<'a> {
    Anything,
    Nothing(String),
    Only(Vec<Part<'a>>),
}

/// A member of an object.
#[derive(Debug, Clone)]
pub(crate) struct Property<'a> {
    pub(crate) parts: Vec<Part<'a>>,
    pub(crate) pointer: String,
    /// It does not take part in messages of the direction that is looked at.
    pub(crate) mute: bool,
}

/// Keywords that count something, in the order of [`COUNTS`].
pub(crate) const COUNTS: [(&str, bool); 6] = [
    ("minLength", false),
    ("maxLength", true),
    ("minItems", false),
    ("maxItems", true),
    ("minProperties", false),
    ("maxProperties", true),
];

/// What a schema allows in messages of one direction.
#[derive(Debug)]
pub(crate) struct Shape<'a> {
    /// Where the schema is.
    pub(crate) pointer: String,
    pub(crate) types: Types,
    /// Where its type is said, if anywhere.
    pub(crate) type_pointer: Option<String>,
    pub(crate) null: bool,
    pub(crate) format: Option<Facet<&'a str>>,
    pub(crate) values: Option<Facet<Vec<&'a Value>>>,
    pub(crate) minimum: Option<Facet<Bound>>,
    pub(crate) maximum: Option<Facet<Bound>>,
    pub(crate) counts: [Option<Facet<u64>>; 6],
    pub(crate) multiples: Vec<Facet<f64>>,
    pub(crate) patterns: Vec<Facet<&'a str>>,
    pub(crate) unique: Option<Facet<()>>,
    pub(crate) items: Vec<Part<'a>>,
    pub(crate) properties: BTreeMap<&'a str, Property<'a>>,
    pub(crate) required: BTreeMap<&'a str, String>,
    pub(crate) additional: Additional<'a>,
    pub(crate) groups: Vec<Group<'a>>,
    pub(crate) nots: Vec<At<'a>>,
    pub(crate) discriminator: Option<At<'a>>,
    pub(crate) default: Option<Facet<&'a Value>>,
    pub(crate) read_only: bool,
    pub(crate) write_only: bool,
    pub(crate) deprecated: bool,
    pub(crate) title: Option<Facet<&'a str>>,
    pub(crate) description: Option<Facet<&'a str>>,
    /// The schemas whose keywords these are.
    pub(crate) leaves: Vec<At<'a>>,
}

impl<'a> Shape<'a> {
    pub(crate) fn new(document: &'a Document, parts: &[Part<'a>], direction: Direction) -> Self {
        let Flat { leaves, groups, nullable } = flatten(document, parts);
        let mut shape = Shape {
            pointer: leaves.first().map(|leaf| leaf.pointer.clone()).unwrap_or_default(),
            types: Types::ANY,
            type_pointer: None,
            null: true,
            format: None,
            values: None,
            minimum: None,
            maximum: None,
            counts: Default::default(),
            multiples: Vec::new(),
            patterns: Vec::new(),
            unique: None,
            items: Vec::new(),
            properties: BTreeMap::new(),
            required: BTreeMap::new(),
            additional: Additional::Anything,
            groups,
            nots: Vec::new(),
            discriminator: None,
            default: None,
            read_only: false,
            write_only: false,
            deprecated: false,
            title: None,
            description: None,
            leaves: Vec::new(),
        };
        for leaf in &leaves {
            shape.types(leaf);
            shape.numbers(leaf);
            shape.texts(leaf);
            shape.members(leaf);
            shape.rest(leaf);
        }
        for group in &shape.groups {
            let any = group.branches.iter().any(|branch| allows_null(document, branch, 8));
            shape.null &= any;
        }
        shape.null |= nullable;
        if shape.values.as_ref().is_some_and(|values| values.value.iter().any(|v| v.is_null())) {
            shape.null = true;
        }
        shape.leaves = leaves;
        shape.settle(document, direction);
        shape
    }

    /// Whether everything is allowed.
    pub(crate) fn is_anything(&self) -> bool {
        let bounds = self.minimum.is_none() && self.maximum.is_none() && self.multiples.is_empty();
        let counts = self.counts.iter().all(Option::is_none) && self.unique.is_none();
        let texts = self.patterns.is_empty() && self.format.is_none() && self.values.is_none();
        let parts = self.items.is_empty() && self.properties.is_empty() && self.required.is_empty();
        let open = matches!(self.additional, Additional::Anything);
        self.types == Types::ANY
            && bounds
            && counts
            && texts
            && parts
            && open
            && self.groups.is_empty()
            && self.nots.is_empty()
    }

    fn types(&mut self, leaf: &At<'a>) {
        let said = match leaf.value.get("type") {
            Some(Value::String(name)) => Types::named(name),
            // OpenAPI 3.1 has lists here; what they mean is clear.
            Some(Value::Array(names)) => {
                self.null &= names.iter().any(|name| name == "null") || leaf.flag("nullable");
                let names = names.iter().filter_map(|name| Types::named(name.as_str()?));
                names.reduce(Types::or)
            }
            _ => None,
        };
        let listed = leaf.value.get("type").is_some_and(Value::is_array);
        if let Some(types) = said {
            self.types = self.types.and(types);
            self.type_pointer.get_or_insert(format!("{}/type", leaf.pointer));
            if !listed {
                self.null &= leaf.flag("nullable") || leaf.text("type") == Some("null");
            }
        } else if let Some(types) = implied(leaf.value) {
            self.types = self.types.and(types);
            self.null &= leaf.flag("nullable");
        }
    }

    fn numbers(&mut self, leaf: &At<'a>) {
        let number = |key: &str| leaf.value.get(key).and_then(Value::as_f64);
        let bound = |key: &str, exclusive: &str| {
            let beside = leaf.value.get(exclusive);
            let strict = beside.and_then(Value::as_f64);
            let (value, exclusive, key) = match (number(key), strict) {
                (Some(value), None) => (value, beside == Some(&Value::Bool(true)), key),
                (None, Some(value)) => (value, true, exclusive),
                (Some(value), Some(strict))
                    if (exclusive == "exclusiveMinimum") == (value > strict) =>
                {
                    (value, false, key)
                }
                (Some(_), Some(strict)) => (strict, true, exclusive),
                (None, None) => return None,
            };
            Some(Facet {
                value: Bound { value, exclusive },
                pointer: format!("{}/{key}", leaf.pointer),
            })
        };
        if let Some(new) = bound("minimum", "exclusiveMinimum")
            && self.minimum.as_ref().is_none_or(|old| {
                new.value.value > old.value.value
                    || new.value.value == old.value.value && new.value.exclusive
            })
        {
            self.minimum = Some(new);
        }
        if let Some(new) = bound("maximum", "exclusiveMaximum")
            && self.maximum.as_ref().is_none_or(|old| {
                new.value.value < old.value.value
                    || new.value.value == old.value.value && new.value.exclusive
            })
        {
            self.maximum = Some(new);
        }
        if let Some(value) = number("multipleOf").filter(|value| *value > 0.0) {
            self.multiples.push(Facet { value, pointer: format!("{}/multipleOf", leaf.pointer) });
        }
        for (slot, (key, upper)) in self.counts.iter_mut().zip(COUNTS) {
            // At least none is no limit.
            let Some(value) =
                leaf.value.get(key).and_then(Value::as_u64).filter(|n| upper || *n > 0)
            else {
                continue;
            };
            if slot.as_ref().is_none_or(|old| (value < old.value) == upper && value != old.value) {
                *slot = Some(Facet { value, pointer: format!("{}/{key}", leaf.pointer) });
            }
        }
    }

    fn texts(&mut self, leaf: &At<'a>) {
        let text = |key: &str| {
            let value = leaf.text(key)?;
            Some(Facet { value, pointer: format!("{}/{key}", leaf.pointer) })
        };
        if let Some(format) = text("format")
            && self.format.is_none()
        {
            self.format = Some(format);
        }
        if let Some(pattern) = text("pattern")
            && !self.patterns.iter().any(|known| known.value == pattern.value)
        {
            self.patterns.push(pattern);
        }
        if self.title.is_none() {
            self.title = text("title");
        }
        if self.description.is_none() {
            self.description = text("description");
        }
        let values =
            match (leaf.value.get("enum").and_then(Value::as_array), leaf.value.get("const")) {
                (Some(list), _) => Some(("enum", list.iter().collect::<Vec<_>>())),
                (None, Some(value)) => Some(("const", vec![value])),
                (None, None) => None,
            };
        if let Some((key, values)) = values {
            match &mut self.values {
                Some(known) => known.value.retain(|v| values.iter().any(|w| same(v, w))),
                None => {
                    let mut distinct: Vec<&Value> = Vec::new();
                    for value in values {
                        if !distinct.iter().any(|known| same(known, value)) {
                            distinct.push(value);
                        }
                    }
                    let pointer = format!("{}/{key}", leaf.pointer);
                    self.values = Some(Facet { value: distinct, pointer });
                }
            }
        }
    }

    fn members(&mut self, leaf: &At<'a>) {
        for (name, at) in leaf.entries("properties") {
            let pointer = at.pointer.clone();
            let property = self.properties.entry(name).or_insert_with(|| Property {
                parts: Vec::new(),
                pointer,
                mute: false,
            });
            property.parts.push(Part::whole(at));
        }
        for name in leaf.elements("required") {
            if let Some(text) = name.value.as_str() {
                self.required.entry(text).or_insert(name.pointer);
            }
        }
        if let Some(at) = leaf.get("additionalProperties") {
            match at.value {
                Value::Bool(false) => self.additional = Additional::Nothing(at.pointer),
                Value::Object(_) => match &mut self.additional {
                    Additional::Nothing(_) => {}
                    Additional::Only(parts) => parts.push(Part::whole(at)),
                    Additional::Anything => {
                        self.additional = Additional::Only(vec![Part::whole(at)])
                    }
                },
                _ => {}
            }
        }
        if let Some(items) = leaf.get("items") {
            self.items.push(Part::whole(items));
        }
    }

    fn rest(&mut self, leaf: &At<'a>) {
        if leaf.flag("uniqueItems") {
            let pointer = format!("{}/uniqueItems", leaf.pointer);
            self.unique.get_or_insert(Facet { value: (), pointer });
        }
        self.nots.extend(leaf.get("not"));
        if let Some(at) = leaf.get("default") {
            self.default.get_or_insert(Facet { value: at.value, pointer: at.pointer });
        }
        if let Some(at) = leaf.get("discriminator") {
            self.discriminator.get_or_insert(at);
        }
        self.read_only |= leaf.flag("readOnly");
        self.write_only |= leaf.flag("writeOnly");
        self.deprecated |= leaf.flag("deprecated");
    }

    /// What follows from the keywords together.
    fn settle(&mut self, document: &'a Document, direction: Direction) {
        if let Some(values) = &mut self.values {
            values.value.retain(|value| !value.is_null());
            let types = values.value.iter().map(|value| Types::of(value)).reduce(Types::or);
            // Both booleans are no choice among booleans.
            if types == Some(Types::BOOLEAN) && values.value.len() == 2 {
                self.types = self.types.and(Types::BOOLEAN);
                self.values = None;
            }
        }
        // Greater than 4 is at least 5 among whole numbers.
        if !self.types.has(Types(4)) && self.types.has(Types::INTEGER) {
            for (bound, step) in [(&mut self.minimum, 1.0), (&mut self.maximum, -1.0)] {
                if let Some(Facet { value: Bound { value, exclusive }, .. }) = bound {
                    let inner = if step > 0.0 { value.ceil() } else { value.floor() };
                    *value = if *exclusive && inner == *value { inner + step } else { inner };
                    *exclusive = false;
                }
            }
        }
        if self.format.as_ref().is_some_and(|format| format.value.is_empty()) {
            self.format = None;
        }
        // What limits nothing is no limit.
        self.patterns.retain(|pattern| {
            !matches!(pattern.value, "" | ".*" | "^.*$" | "^.*" | ".*$" | "^" | "$")
        });
        let hidden = match direction {
            Direction::Request => "readOnly",
            Direction::Response => "writeOnly",
            Direction::Neither => return,
        };
        for (name, property) in &mut self.properties {
            let flat = flatten(document, &property.parts);
            property.mute = flat.leaves.iter().any(|leaf| leaf.flag(hidden));
            if property.mute {
                self.required.remove(name);
            }
        }
    }
}

/// The type that the keywords of a schema speak of, if it does not name one itself.
fn implied(schema: &Value) -> Option<Types> {
    let has = |keys: &[&str]| keys.iter().any(|key| schema.get(*key).is_some());
    if has(&["properties", "additionalProperties", "minProperties", "maxProperties", "required"]) {
        return Some(Types::OBJECT);
    }
    if has(&["items", "minItems", "maxItems", "uniqueItems"]) {
        return Some(Types::ARRAY);
    }
    if has(&["pattern", "minLength", "maxLength"]) {
        return Some(Types::STRING);
    }
    if has(&["minimum", "maximum", "multipleOf"]) {
        return Some(Types::NUMBER);
    }
    let values = schema.get("enum").and_then(Value::as_array)?;
    values.iter().map(Types::of).reduce(Types::or)
}

/// Whether `null` is right by a schema.
fn allows_null(document: &Document, at: &At<'_>, depth: u8) -> bool {
    let at = resolve(document, at.clone());
    if at.flag("nullable") {
        return true;
    }
    if at.value.get("type").is_some() || implied(at.value).is_some() || depth == 0 {
        return at
            .value
            .get("type")
            .and_then(Value::as_array)
            .is_some_and(|types| types.iter().any(|t| t == "null"));
    }
    let mut all = at.elements("allOf");
    let every = all.all(|part| allows_null(document, &part, depth - 1));
    let some = |key: &str| {
        let mut branches = at.elements(key).peekable();
        branches.peek().is_none()
            || branches.any(|branch| allows_null(document, &branch, depth - 1))
    };
    every && some("oneOf") && some("anyOf")
}

/// Whether two values are the same to JSON Schema: 1 is 1.0, and the order of members does not count.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => {
            x == y
                || whole(x) == whole(y)
                    && x.as_f64() == y.as_f64()
                    && !(x.is_u64() && y.is_u64() || x.is_i64() && y.is_i64())
        }
        (Value::Array(x), Value::Array(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y))
        }
        (Value::Object(x), Value::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(key, x)| y.get(key).is_some_and(|y| same(x, y)))
        }
        _ => a == b,
    }
}
