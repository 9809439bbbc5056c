//! Random OpenAPI 3.0 schemas: each a component with those that it refers to, which belong to it alone.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// Names of members: as services write them, and those that are no names of Rust.
const MEMBERS: [&str; 30] = [
    "name",
    "firstName",
    "LastName",
    "snake_name",
    "@odata.type",
    "type",
    "self",
    "+1",
    "-1",
    "id",
    "kebab-name",
    "two words",
    "match",
    "größe",
    "$count",
    "a/b",
    "tilde~x",
    "1st",
    "URL",
    "owner",
    "part",
    "kind",
    "value",
    "items",
    "createdAt",
    "isOpen",
    "total",
    "Tags",
    "x",
    "new",
];

/// What is appended to the name of a component for one that it refers to. Some are names of members: an
/// inline schema of that member would like the same name.
const PARTS: [&str; 8] = ["Owner", "Part", "Node", "Detail", "Value", "Shape", "Kind", "Entry"];

/// Patterns of ECMA-262, each with texts that match it, and texts that do not.
pub const PATTERNS: [(&str, &[&str], &[&str]); 10] = [
    ("^[a-z]+$", &["a", "abc", "zzzzz"], &["", "A", "a1"]),
    ("^[A-Z]{2}$", &["US", "DE"], &["us", "U", "USA", ""]),
    ("^\\d{3}-\\d{4}$", &["123-4567"], &["1234567", "123-456"]),
    ("a.c", &["abc", "xxa-cxx"], &["ac", ""]),
    ("^(?:red|green)$", &["red", "green"], &["blue", "reddish"]),
    ("^[^\\s]+$", &["x", "ä", "no-blank"], &["", "a b"]),
    ("^\\p{L}+$", &["Müller", "abc"], &["a1", "-"]),
    ("^.{1,3}$", &["a", "äö", "xyz"], &["", "long"]),
    ("^(?=.*\\d).+$", &["a1", "7"], &["abc", ""]),
    ("^\\w+@\\w+\\.com$", &["ann@example.com"], &["ann@example", "@"]),
];

/// The components of one schema, and its own name, which begins all of theirs.
#[derive(Clone, Debug)]
pub struct Schema {
    /// The name.
    pub name: String,
    /// The schema itself and what it refers to.
    pub components: Map<String, Value>,
}

/// Makes a schema whose name is made of `number`.
#[must_use]
pub fn schema(number: usize, rng: &mut Rng) -> Schema {
    let name = name(number);
    let mut maker = Maker { rng, root: name.clone(), components: Map::new(), open: Vec::new() };
    maker.components.insert(name.clone(), Value::Null);
    maker.open.push(name.clone());
    // Small ones show what is wrong, large ones find more.
    let depth = maker.choice(&[1, 1, 2, 3]);
    let schema = match maker.rng.u8(..10) {
        0 => maker.union(depth),
        1 => maker.all_of(depth),
        _ => maker.object(depth, false),
    };
    maker.components.insert(name.clone(), schema);
    Schema { name, components: maker.components }
}

/// Names of one length: none begins another, and none is a word.
fn name(number: usize) -> String {
    let letters = (0..4).rev().map(|place| {
        // A digit of base 26.
        char::from(b'a' + u8::try_from(number / 26_usize.pow(place) % 26).unwrap_or_default())
    });
    std::iter::once('Q').chain(letters).collect()
}

struct Maker<'a> {
    rng: &'a mut Rng,
    root: String,
    components: Map<String, Value>,
    /// The components being made, which a member may refer back to.
    open: Vec<String>,
}

impl Maker<'_> {
    /// True once in `one_in` times.
    fn once(&mut self, one_in: u32) -> bool {
        self.rng.u32(..one_in) == 0
    }

    fn choice<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.rng.usize(..of.len())]
    }

    /// Any schema. One that a value cannot do without must not lead back to where it is, or no value of it
    /// would ever end.
    fn any(&mut self, depth: usize, can_end: bool) -> Value {
        if can_end && depth < 3 && !self.open.is_empty() && self.once(12) {
            let at = self.rng.usize(..self.open.len());
            return reference(&self.open[at]);
        }
        if depth > 0 && self.once(5) {
            return self.component(depth);
        }
        let mut schema = match self.rng.u8(..if depth == 0 { 9 } else { 17 }) {
            0..=3 => self.string(),
            4 | 5 => self.integer(),
            6 => self.number(),
            7 => json!({"type": "boolean"}),
            8 if self.once(3) => json!({}),
            8 => json!({"enum": ["a", "B c", "+1"]}),
            9 | 10 => self.array(depth - 1),
            11 => self.map(depth - 1),
            12 | 13 => self.object(depth - 1, true),
            14 | 15 => self.union(depth - 1),
            _ => self.all_of(depth - 1),
        };
        self.dress(&mut schema);
        schema
    }

    /// What may stand beside any keyword.
    fn dress(&mut self, schema: &mut Value) {
        if schema.get("type").is_some() && self.once(5) {
            schema["nullable"] = true.into();
            if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
                values.push(Value::Null);
            }
        }
        if self.once(20) {
            // A type is called by it: one of its own for each root, or one root would break another.
            let title = self.choice(&["Owner", "thing", "Part", "type"]);
            schema["title"] = format!("{} {title}", self.root).into();
        }
        if self.once(10) {
            schema["description"] = "Something.".into();
        }
        if self.once(15) {
            schema["readOnly"] = true.into();
        }
    }

    /// A reference to a new component.
    fn component(&mut self, depth: usize) -> Value {
        let part = self.choice(&PARTS);
        let name = format!("{}{part}", self.root);
        if self.components.contains_key(&name) {
            // One that is being made leads back to itself.
            return if self.components[&name].is_null() {
                json!({"type": "string"})
            } else {
                reference(&name)
            };
        }
        self.components.insert(name.clone(), Value::Null);
        self.open.push(name.clone());
        let schema = match self.rng.u8(..10) {
            0 | 1 => self.string(),
            2 => self.integer(),
            3 => self.array(depth - 1),
            4 => self.map(depth - 1),
            5 => self.union(depth - 1),
            6 => self.all_of(depth - 1),
            _ => self.object(depth - 1, false),
        };
        self.open.pop();
        self.components.insert(name.clone(), schema);
        reference(&name)
    }

    fn string(&mut self) -> Value {
        let mut schema = json!({"type": "string"});
        match self.rng.u8(..8) {
            0 | 1 => {}
            2 => {
                let least = self.rng.u8(..4);
                if self.once(2) {
                    schema["minLength"] = least.into();
                }
                schema["maxLength"] = (least + self.rng.u8(..8)).into();
            }
            3 => schema["minLength"] = self.rng.u8(1..4).into(),
            4 => schema["pattern"] = self.choice(&PATTERNS).0.into(),
            5 | 6 => {
                let formats =
                    ["uuid", "date-time", "date", "byte", "email", "ipv4", "none", "binary"];
                schema["format"] = self.choice(&formats).into();
            }
            _ => {
                let all = ["one", "Two", "three-3", "+1", "-1", "", "größe", "self"];
                let count = self.choice(&[1, 2, 3]);
                let first = self.rng.usize(..all.len() - count);
                schema["enum"] = json!(all[first..first + count]);
            }
        }
        schema
    }

    fn integer(&mut self) -> Value {
        let mut schema = json!({"type": "integer"});
        let format = self.choice(&["", "int32", "int64", "uint32", "uint64"]);
        if !format.is_empty() {
            schema["format"] = format.into();
        }
        self.bounds(&mut schema, format.starts_with('u'));
        if self.once(8) {
            schema["multipleOf"] = self.choice(&[2, 3, 10]).into();
        }
        if self.once(16) {
            schema = json!({"type": "integer", "enum": [1, 2, 30]});
        }
        schema
    }

    fn number(&mut self) -> Value {
        let mut schema = json!({"type": "number"});
        let format = self.choice(&["", "float", "double"]);
        if !format.is_empty() {
            schema["format"] = format.into();
        }
        self.bounds(&mut schema, false);
        schema
    }

    fn bounds(&mut self, schema: &mut Value, unsigned: bool) {
        let least = if unsigned { self.rng.i32(..100).abs() } else { self.rng.i32(-100..100) };
        if self.once(4) {
            schema["minimum"] = least.into();
            if self.once(3) {
                schema["exclusiveMinimum"] = true.into();
            }
        }
        if self.once(4) {
            schema["maximum"] = (i64::from(least) + self.rng.i64(20..1000)).into();
            if self.once(3) {
                schema["exclusiveMaximum"] = true.into();
            }
        }
    }

    fn array(&mut self, depth: usize) -> Value {
        let mut schema = json!({"type": "array", "items": self.any(depth, true)});
        let least = self.rng.u8(..3);
        if self.once(4) {
            schema["minItems"] = least.into();
        }
        if self.once(4) {
            schema["maxItems"] = (least + 1 + self.rng.u8(..3)).into();
        }
        if self.once(6) {
            schema["uniqueItems"] = true.into();
        }
        schema
    }

    fn map(&mut self, depth: usize) -> Value {
        let values = if self.once(4) { true.into() } else { self.any(depth, true) };
        json!({"type": "object", "additionalProperties": values})
    }

    fn object(&mut self, depth: usize, inline: bool) -> Value {
        let mut schema = json!({"type": "object"});
        let count = self.rng.usize(usize::from(inline)..6);
        let (mut members, mut required) = (Map::new(), Vec::new());
        for _ in 0..count {
            let name = if self.once(400) { "extra" } else { self.choice(&MEMBERS) };
            let needed = self.once(3);
            let mut member = self.any(depth, !needed);
            self.default(&mut member);
            if needed && members.get(name).is_none() {
                required.push(name);
            }
            members.entry(name).or_insert(member);
        }
        if count > 0 {
            schema["properties"] = members.into();
        }
        if !required.is_empty() {
            schema["required"] = required.into();
        }
        match self.rng.u8(..12) {
            0 => schema["additionalProperties"] = self.any(depth.min(1), true),
            1 => schema["additionalProperties"] = true.into(),
            2 => schema["additionalProperties"] = false.into(),
            _ => {}
        }
        if count > 0 && self.once(20) {
            schema.as_object_mut().map(|schema| schema.shift_remove("type"));
        }
        schema
    }

    /// A `default` that is a value of the schema.
    fn default(&mut self, schema: &mut Value) {
        if !self.once(10) {
            return;
        }
        let first = schema["enum"].get(0).cloned();
        let limited = ["minLength", "maxLength", "pattern", "format", "minimum", "maximum"];
        if first.is_none() && limited.iter().any(|keyword| schema.get(*keyword).is_some()) {
            return;
        }
        let value = match schema["type"].as_str() {
            Some("string") => "text".into(),
            Some("integer") => 30.into(),
            Some("number") => 1.5.into(),
            Some("boolean") => self.rng.bool().into(),
            _ => return,
        };
        schema["default"] = first.unwrap_or(value);
    }

    /// `oneOf` or `anyOf`: told apart by a tag, by required members, by the JSON type, or not at all.
    fn union(&mut self, depth: usize) -> Value {
        let count = self.rng.usize(2..4);
        let keyword = self.choice(&["oneOf", "anyOf"]);
        let mut schema = json!({});
        let variants: Vec<Value> = match self.rng.u8(..5) {
            0 | 1 => {
                let tag = self.choice(&["kind", "@odata.type", "type"]);
                let named = self.once(2);
                if named && self.once(2) {
                    schema["discriminator"] = json!({"propertyName": tag});
                }
                let variants = (0..count).map(|index| {
                    let mut variant = self.object(depth.min(1), true);
                    let value = ["card", "account", "third"][index];
                    require(&mut variant, tag, json!({"type": "string", "enum": [value]}));
                    if named { self.named(variant, index) } else { variant }
                });
                variants.collect()
            }
            2 => {
                let variants = (0..count).map(|index| {
                    let mut variant = self.object(depth.min(1), true);
                    let member = ["digits", "iban", "mail"][index];
                    require(&mut variant, member, json!({"type": "string"}));
                    if self.once(2) { self.named(variant, index) } else { variant }
                });
                variants.collect()
            }
            3 => {
                let all = [
                    json!({"type": "string"}),
                    json!({"type": "integer"}),
                    json!({"type": "boolean"}),
                    json!({"type": "array", "items": {"type": "string"}}),
                    self.object(depth.min(1), true),
                ];
                let first = self.rng.usize(..all.len());
                (0..count).map(|index| all[(first + index) % all.len()].clone()).collect()
            }
            _ => (0..count).map(|_| self.any(depth.min(1), false)).collect(),
        };
        schema[keyword] = variants.into();
        schema
    }

    /// A variant as a component.
    fn named(&mut self, schema: Value, index: usize) -> Value {
        let mut name = format!("{}{}", self.root, ["Card", "Account", "Third"][index]);
        while self.components.contains_key(&name) {
            name.push('e');
        }
        self.components.insert(name.clone(), schema);
        reference(&name)
    }

    /// `allOf`: references and inline parts, which may name the same member.
    fn all_of(&mut self, depth: usize) -> Value {
        let count = self.rng.usize(1..4);
        let parts = (0..count).map(|index| {
            let part = self.object(depth.min(1), true);
            if self.once(2) { self.named(part, index) } else { part }
        });
        let mut schema = json!({"allOf": parts.collect::<Vec<_>>()});
        if self.once(5) {
            schema["properties"] = json!({"beside": {"type": "string"}});
        }
        schema
    }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// Adds a required member to the schema of an object.
fn require(schema: &mut Value, name: &str, member: Value) {
    schema["properties"][name] = member;
    match schema.get_mut("required").and_then(Value::as_array_mut) {
        Some(required) if required.iter().any(|other| other == name) => {}
        Some(required) => required.push(name.into()),
        None => schema["required"] = json!([name]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_schemas() {
        let made = |seed| {
            let mut rng = Rng::with_seed(seed);
            (0..20).map(|number| schema(number, &mut rng).components).collect::<Vec<_>>()
        };
        assert_eq!(made(1), made(1));
        assert_ne!(made(1), made(2));
    }

    #[test]
    fn every_reference_leads_to_a_component_and_every_keyword_comes() {
        let mut text = String::new();
        for number in 0..500 {
            let made = schema(number, &mut Rng::with_seed(number as u64));
            let json = Value::from(made.components.clone()).to_string();
            for target in json.split("\"#/components/schemas/").skip(1) {
                let target = target.split('"').next().expect("a name");
                assert!(made.components.get(target).is_some_and(Value::is_object), "{target}");
                assert!(target.starts_with(&made.name));
            }
            text.push_str(&json);
        }
        let keywords = [
            "oneOf",
            "anyOf",
            "allOf",
            "discriminator",
            "nullable",
            "readOnly",
            "default",
            "title",
            "minLength",
            "maxLength",
            "pattern",
            "format",
            "enum",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
            "minItems",
            "maxItems",
            "uniqueItems",
            "additionalProperties",
            "required",
            "extra",
            "+1",
        ];
        for keyword in keywords {
            assert!(text.contains(&format!("\"{keyword}\"")), "{keyword}");
        }
    }

    #[test]
    fn texts_of_patterns_match_or_do_not() {
        for (pattern, good, bad) in PATTERNS {
            let regex = regress::Regex::with_flags(pattern, "u").expect(pattern);
            assert!(good.iter().all(|text| regex.find(text).is_some()), "{pattern}");
            assert!(bad.iter().all(|text| regex.find(text).is_none()), "{pattern}");
        }
    }
}
