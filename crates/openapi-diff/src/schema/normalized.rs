//! What a schema allows, keyword by keyword, once references and `allOf` are opened.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use openapi_document::{Cursor, Decimal, Document};
use serde_json::Value;

use crate::change::Direction;
use crate::numbers;
use crate::schema::modern::Modern;
use crate::schema::node::{Flat, Group, Part, follow, said, takes_all};
use crate::schema::types::{Types, implied, listed};

/// The value of a keyword, and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Facet<T> {
    pub(crate) value: T,
    pub(crate) pointer: String,
}

/// A bound of a number.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    pub(crate) value: Decimal,
    pub(crate) exclusive: bool,
}

impl Bound {
    /// Whether a number is right by a lower bound, or by an upper one.
    pub(crate) fn allows(&self, number: &Decimal, upper: bool) -> bool {
        match number.cmp(&self.value) {
            Ordering::Equal => !self.exclusive,
            order => (order == Ordering::Less) == upper,
        }
    }
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

/// Whose parts they count, two and two.
pub(crate) const COUNTED: [Types; 3] = [Types::STRING, Types::ARRAY, Types::OBJECT];

/// What a schema allows in messages of one direction.
#[derive(Debug)]
pub(crate) struct NormalizedSchema<'a> {
    /// Where the schema is.
    pub(crate) pointer: String,
    pub(crate) types: Types,
    /// Where its type is said, if anywhere.
    pub(crate) type_pointer: Option<String>,
    pub(crate) null: bool,
    /// Its type allows `null`, which its list of values does not have.
    pub(crate) unlisted_null: bool,
    pub(crate) format: Option<Facet<&'a str>>,
    pub(crate) values: Option<Facet<Vec<&'a Value>>>,
    /// Values of a list that may grow (`x-extensible-enum`): they limit nothing.
    pub(crate) known: Option<Facet<Vec<&'a Value>>>,
    pub(crate) minimum: Option<Facet<Bound>>,
    pub(crate) maximum: Option<Facet<Bound>>,
    /// Where a lower and an upper bound are said to be no values themselves, which nobody names.
    pub(crate) dangling: [Option<String>; 2],
    pub(crate) counts: [Option<Facet<u64>>; 6],
    pub(crate) multiples: Vec<Facet<Decimal>>,
    pub(crate) patterns: Vec<Facet<&'a str>>,
    pub(crate) unique: Option<Facet<()>>,
    /// The elements, but for those that have a schema by their position.
    pub(crate) items: Vec<Part<'a>>,
    pub(crate) properties: BTreeMap<&'a str, Property<'a>>,
    pub(crate) required: BTreeMap<&'a str, String>,
    pub(crate) additional: Additional<'a>,
    /// Keywords that OpenAPI 3.0 does not have.
    pub(crate) modern: Modern<'a>,
    pub(crate) groups: Vec<Group<'a>>,
    /// Alternatives that are nothing but lists of values, which [`values`](Self::values) has.
    pub(crate) choices: Vec<Group<'a>>,
    pub(crate) nots: Vec<Cursor<'a>>,
    pub(crate) discriminator: Option<Cursor<'a>>,
    pub(crate) default: Option<Facet<&'a Value>>,
    pub(crate) deprecated: bool,
    /// When it goes, if it is deprecated (`x-sunset`).
    pub(crate) sunset: Option<&'a str>,
    pub(crate) title: Option<Facet<&'a str>>,
    pub(crate) description: Option<Facet<&'a str>>,
    /// The schemas that must hold.
    pub(crate) parts: Vec<Part<'a>>,
    /// The schemas whose keywords these are.
    pub(crate) leaves: Vec<Cursor<'a>>,
    /// How many schemas were looked at for all this.
    pub(crate) effort: usize,
}

impl<'a> NormalizedSchema<'a> {
    /// What opened parts say together; those that are alternatives share their `types` and not more.
    pub(crate) fn of(
        document: &'a Document,
        parts: &[Part<'a>],
        flat: Flat<'a>,
        types: Option<Types>,
        direction: Direction,
    ) -> Self {
        let Flat { leaves, groups, nullable } = flat;
        let mut schema = NormalizedSchema {
            pointer: leaves.first().map(|leaf| leaf.pointer.clone()).unwrap_or_default(),
            types: Types::ANY,
            type_pointer: None,
            null: true,
            unlisted_null: false,
            format: None,
            values: None,
            known: None,
            minimum: None,
            maximum: None,
            dangling: [None, None],
            counts: Default::default(),
            multiples: Vec::new(),
            patterns: Vec::new(),
            unique: None,
            items: Vec::new(),
            properties: BTreeMap::new(),
            required: BTreeMap::new(),
            additional: Additional::Anything,
            modern: Modern::default(),
            groups,
            choices: Vec::new(),
            nots: Vec::new(),
            discriminator: None,
            default: None,
            deprecated: false,
            sunset: None,
            title: None,
            description: None,
            parts: parts.to_vec(),
            leaves: Vec::new(),
            effort: 0,
        };
        schema.choose(document);
        if let Some(types) = types {
            (schema.types, schema.null) = (types, nullable);
        }
        if types.is_none() {
            for leaf in &leaves {
                schema.types(leaf);
            }
            // All that is said of the type comes before what follows from other keywords.
            for leaf in &leaves {
                schema.implied(leaf);
            }
        }
        for leaf in &leaves {
            schema.numbers(leaf);
            schema.texts(leaf);
            schema.members(leaf);
            schema.rest(document, leaf);
            schema.modern.read(leaf);
        }
        schema.combine(document);
        let mut nulls = Nulls { document, known: HashMap::new(), asked: 0 };
        for group in &schema.groups {
            schema.null &= group.branches.iter().any(|branch| nulls.allowed(branch, 8));
        }
        let members = schema.properties.values().map(|property| property.parts.len());
        schema.effort = leaves.len() + members.sum::<usize>() + nulls.asked;
        schema.null |= nullable;
        if schema.values.as_ref().is_some_and(|values| values.value.iter().any(|v| v.is_null())) {
            schema.null = true;
        } else {
            schema.unlisted_null = schema.null && schema.values.is_some();
            // `nullable` is meant whatever the list says; a type among others is not.
            let listed = |leaf: &Cursor<'_>| leaf.value.get("type").is_some_and(Value::is_array);
            schema.null &= !(schema.unlisted_null && leaves.iter().any(listed));
        }
        schema.leaves = leaves;
        schema.normalize(document, direction);
        schema
    }

    /// The alternatives of a schema that says nothing else.
    pub(crate) fn alternatives(&self) -> Option<&Group<'a>> {
        let (([leaf], [group], []) | ([leaf], [], [group])) =
            (self.leaves.as_slice(), self.groups.as_slice(), self.choices.as_slice())
        else {
            return None;
        };
        let silent = ["oneOf", "anyOf", "nullable", "discriminator"];
        said(leaf).all(|name| silent.contains(&name)).then_some(group)
    }

    /// What it says beside its alternatives.
    pub(crate) fn bare(&self) -> Vec<Part<'a>> {
        self.leaves.iter().map(|at| Part { at: at.clone(), bare: true }).collect()
    }

    /// Whether every string is allowed.
    pub(crate) fn is_any_text(&self) -> bool {
        self.types.has(Types::STRING)
            && self.format.is_none()
            && self.patterns.is_empty()
            && self.values.is_none()
            && self.counts.iter().all(Option::is_none)
            && self.groups.is_empty()
            && self.nots.is_empty()
            && self.modern.is_empty()
    }

    /// Whether it is a text of any bytes, which OpenAPI 3.1 has no schema for.
    pub(crate) fn is_binary(&self) -> bool {
        self.types == Types::STRING
            && self.format.as_ref().is_some_and(|format| format.value == "binary")
            && self.patterns.is_empty()
            && self.values.is_none()
            && self.counts.iter().all(Option::is_none)
            && self.groups.is_empty()
            && self.nots.is_empty()
            && self.modern.is_empty()
    }

    /// Whether everything is allowed.
    pub(crate) fn is_anything(&self) -> bool {
        self.types == Types::ANY && self.is_plain()
    }

    /// Whether nothing but the type is limited.
    pub(crate) fn is_plain(&self) -> bool {
        let bounds = self.minimum.is_none() && self.maximum.is_none() && self.multiples.is_empty();
        let counts = self.counts.iter().all(Option::is_none) && self.unique.is_none();
        let texts = self.patterns.is_empty() && self.format.is_none() && self.values.is_none();
        let parts = self.items.is_empty() && self.properties.is_empty() && self.required.is_empty();
        let open = matches!(self.additional, Additional::Anything);
        bounds
            && counts
            && texts
            && parts
            && open
            && self.groups.is_empty()
            && self.nots.is_empty()
            && self.modern.is_empty()
    }

    fn types(&mut self, leaf: &Cursor<'a>) {
        if *leaf.value == Value::Bool(false) {
            (self.types, self.null) = (Types::NONE, false);
            self.type_pointer.get_or_insert(leaf.pointer.clone());
        }
        if let Some(Value::Array(names)) = leaf.value.get("type") {
            self.null &= names.iter().any(|name| name == "null") || leaf.flag("nullable");
        }
        if let Some(types) = Types::said(leaf.value) {
            self.types = self.types.and(types);
            self.type_pointer.get_or_insert(format!("{}/type", leaf.pointer));
            if !leaf.value["type"].is_array() {
                self.null &= leaf.flag("nullable") || leaf.text("type") == Some("null");
            }
        }
    }

    /// A schema that names no type is for the type of its keywords, unless it is said elsewhere that the values
    /// have another one: then these keywords have no effect.
    fn implied(&mut self, leaf: &Cursor<'a>) {
        if Types::said(leaf.value).is_some() {
            return;
        }
        let meant = implied(leaf.value).filter(|types| self.types.has(*types));
        if let Some(types) = meant.or_else(|| listed(leaf.value)) {
            self.types = self.types.and(types);
            let null = leaf.value.get("const").is_some_and(Value::is_null);
            self.null &= leaf.flag("nullable") || null;
        }
    }

    fn numbers(&mut self, leaf: &Cursor<'a>) {
        let number = |key: &str| leaf.value.get(key).and_then(numbers::of);
        let bound = |key: &str, exclusive: &str| {
            let beside = leaf.value.get(exclusive);
            let strict = beside.and_then(numbers::of);
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
            && self.minimum.as_ref().is_none_or(|old| stricter(&new.value, &old.value, false))
        {
            self.minimum = Some(new);
        }
        if let Some(new) = bound("maximum", "exclusiveMaximum")
            && self.maximum.as_ref().is_none_or(|old| stricter(&new.value, &old.value, true))
        {
            self.maximum = Some(new);
        }
        for (slot, key) in self.dangling.iter_mut().zip(["exclusiveMinimum", "exclusiveMaximum"]) {
            if leaf.flag(key) {
                slot.get_or_insert(format!("{}/{key}", leaf.pointer));
            }
        }
        if let Some(value) = number("multipleOf").filter(Decimal::is_positive) {
            self.multiples.push(Facet { value, pointer: format!("{}/multipleOf", leaf.pointer) });
        }
        for (slot, (key, upper)) in self.counts.iter_mut().zip(COUNTS) {
            // At least none is no limit.
            let Some(value) =
                leaf.value.get(key).and_then(numbers::count).filter(|n| upper || *n > 0)
            else {
                continue;
            };
            if slot.as_ref().is_none_or(|old| (value < old.value) == upper && value != old.value) {
                *slot = Some(Facet { value, pointer: format!("{}/{key}", leaf.pointer) });
            }
        }
    }

    fn texts(&mut self, leaf: &Cursor<'a>) {
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
        let list = leaf.value.get("enum").and_then(Value::as_array);
        let values = match (list, leaf.value.get("const")) {
            (Some(list), _) => Some(("enum", list.iter().collect::<Vec<_>>())),
            (None, Some(value)) => Some(("const", vec![value])),
            (None, None) => None,
        };
        if let Some((key, values)) = values {
            self.among(values, format!("{}/{key}", leaf.pointer));
        }
    }

    fn members(&mut self, leaf: &Cursor<'a>) {
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
            self.others(at);
        }
    }

    /// What holds of the members that have no name.
    pub(crate) fn others(&mut self, at: Cursor<'a>) {
        match at.value {
            Value::Bool(false) => self.additional = Additional::Nothing(at.pointer),
            Value::Object(_) => match &mut self.additional {
                Additional::Nothing(_) => {}
                Additional::Only(parts) => parts.push(Part::whole(at)),
                Additional::Anything => {
                    self.additional = Additional::Only(vec![Part::whole(at)]);
                }
            },
            _ => {}
        }
    }

    fn rest(&mut self, document: &'a Document, leaf: &Cursor<'a>) {
        if leaf.flag("uniqueItems") {
            let pointer = format!("{}/uniqueItems", leaf.pointer);
            self.unique.get_or_insert(Facet { value: (), pointer });
        }
        match leaf.get("not") {
            Some(at) if takes_all(document, at.clone()) => {
                (self.types, self.null) = (Types::NONE, false);
                self.type_pointer.get_or_insert(at.pointer);
            }
            at => self.nots.extend(at.filter(|at| *at.value != Value::Bool(false))),
        }
        if let Some(at) = leaf.get("default") {
            self.default.get_or_insert(Facet { value: at.value, pointer: at.pointer });
        }
        if let Some(at) = leaf.get("discriminator") {
            self.discriminator.get_or_insert(at);
        }
        self.deprecated |= leaf.flag("deprecated");
        self.sunset = self.sunset.or(leaf.text("x-sunset"));
        let known = leaf.get("x-extensible-enum");
        if let Some((at, known)) = known.and_then(|at| Some((at.pointer, at.value.as_array()?))) {
            self.known.get_or_insert(Facet { value: known.iter().collect(), pointer: at });
        }
    }
}

/// Whether a lower bound, or an upper one, leaves less than another one.
fn stricter(new: &Bound, old: &Bound, upper: bool) -> bool {
    match new.value.cmp(&old.value) {
        Ordering::Equal => new.exclusive,
        order => (order == Ordering::Less) == upper,
    }
}

/// Where `null` is right. There may be many ways to a schema: it is asked once.
struct Nulls<'a> {
    document: &'a Document,
    known: HashMap<(usize, u8), bool>,
    asked: usize,
}

impl Nulls<'_> {
    /// Whether `null` is right by a schema.
    fn allowed(&mut self, at: &Cursor<'_>, depth: u8) -> bool {
        self.asked += 1;
        let at = follow(self.document, at.clone());
        if at.flag("nullable") {
            return true;
        }
        let null = match at.value.get("type").or_else(|| at.value.get("const")) {
            Some(Value::Array(names)) => names.iter().any(|name| name == "null"),
            Some(name) => name == "null" || name.is_null(),
            None => false,
        };
        let fixed = at.value.get("type").is_some() || implied(at.value).is_some();
        if *at.value == Value::Bool(false) || fixed && !null || depth == 0 {
            return null;
        }
        let key = (at.address(), depth);
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let target = self.document.step(&at).is_none_or(|at| self.allowed(&at, depth - 1));
        let every = target && at.elements("allOf").all(|part| self.allowed(&part, depth - 1));
        let mut some = |key: &str| {
            let mut branches = at.elements(key).peekable();
            branches.peek().is_none() || branches.any(|branch| self.allowed(&branch, depth - 1))
        };
        let allowed = every && some("oneOf") && some("anyOf");
        self.known.insert(key, allowed);
        allowed
    }
}
