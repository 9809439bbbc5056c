//! Random instances of a schema: at the edges of its limits, with and without its members, with members
//! that it does not know; and those that break one limit.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use crate::schemas::PATTERNS;
use crate::validator::{Check, LIMITS, Side, range};

/// What stands in front of a number that is to be written just so.
const RAW: char = '\u{1}';

/// How deep a value may be before it is made as small as its schema allows.
const DEPTH: usize = 5;

/// How many values one may have in it before the others are made as small as their schemas allow.
const SIZE: usize = 60;

/// How often an instance is made anew until the validator takes it.
const TRIES: usize = 12;

/// A value of a schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// As JSON.
    pub text: String,
    /// As the validator sees it.
    pub value: Value,
    /// Whether it breaks a limit.
    pub broken: bool,
    /// The limits that it breaks and that bind a client.
    pub errors: Vec<crate::validator::Error>,
}

/// Makes instances of one schema.
pub struct Instances {
    schema: Value,
    components: Map<String, Value>,
    whole: Check,
    request: Check,
}

impl Instances {
    /// Of a schema that may refer to `components`.
    ///
    /// # Errors
    /// The validator does not take the schema.
    pub fn new(schema: Value, components: &Map<String, Value>) -> Result<Self, String> {
        let whole = Check::new(&schema, components, Side::Whole)?;
        let request = Check::new(&schema, components, Side::Request)?;
        Ok(Self { schema, components: components.clone(), whole, request })
    }

    /// An instance that the validator takes.
    #[must_use]
    pub fn good(&self, rng: &mut Rng) -> Option<Instance> {
        (0..TRIES).find_map(|_| self.judged(self.make(rng, None).0, false))
    }

    /// An instance that breaks limits, and is right but for them.
    #[must_use]
    pub fn broken(&self, rng: &mut Rng) -> Option<Instance> {
        (0..TRIES).find_map(|_| {
            let seed = rng.u64(..);
            let sites = self.make(&mut Rng::with_seed(seed), None).1;
            let site = (sites > 0).then(|| rng.usize(..sites))?;
            self.judged(self.make(&mut Rng::with_seed(seed), Some(site)).0, true)
        })
    }

    /// A value as an instance: a good one, or a broken one, or `None` if it is not that.
    #[must_use]
    pub fn again(&self, value: Value, broken: bool) -> Option<Instance> {
        self.judged((value.to_string(), value), broken)
    }

    fn judged(&self, (text, value): (String, Value), broken: bool) -> Option<Instance> {
        if !broken {
            let errors = Vec::new();
            return self.whole.accepts(&value).then_some(Instance { text, value, broken, errors });
        }
        let limits = |errors: &[crate::validator::Error]| {
            errors.iter().all(|error| LIMITS.contains(&error.keyword.as_str()))
        };
        let (whole, errors) = (self.whole.errors(&value), self.request.errors(&value));
        let fits = !whole.is_empty() && limits(&whole) && limits(&errors);
        fits.then_some(Instance { text, value, broken, errors })
    }

    /// A value, and how many limits it could have broken.
    fn make(&self, rng: &mut Rng, site: Option<usize>) -> ((String, Value), usize) {
        let mut maker = Maker { components: &self.components, rng, sites: 0, site, size: 0 };
        let value = maker.value(&self.schema, 0);
        let text = written(&value);
        // It was just written, and its numbers are those of JSON.
        let value = serde_json::from_str(&text).unwrap_or_default();
        ((text, value), maker.sites)
    }
}

/// A value as JSON, raw numbers as they are.
fn written(value: &Value) -> String {
    let text = value.to_string();
    let escaped = format!("\"{}", "\\u0001");
    if !text.contains(&escaped) {
        return text;
    }
    let mut parts = text.split(&escaped);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(&part.replacen('"', "", 1));
    }
    out
}

struct Maker<'a> {
    components: &'a Map<String, Value>,
    rng: &'a mut Rng,
    /// How many limits there have been.
    sites: usize,
    /// The one to break.
    site: Option<usize>,
    /// How many values there have been.
    size: usize,
}

impl Maker<'_> {
    fn once(&mut self, one_in: u32) -> bool {
        self.rng.u32(..one_in) == 0
    }

    fn choice<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.rng.usize(..of.len())]
    }

    /// Whether this is the limit to break.
    fn breaks(&mut self) -> bool {
        self.sites += 1;
        self.site == Some(self.sites - 1)
    }

    /// The keywords of a schema with its references, its `allOf`, and a branch of each union.
    fn flat(&mut self, schema: &Value, depth: usize) -> Map<String, Value> {
        let mut flat = Map::new();
        self.merge(schema, &mut flat, depth);
        flat
    }

    fn merge(&mut self, schema: &Value, into: &mut Map<String, Value>, depth: usize) {
        if depth > 2 * DEPTH {
            return;
        }
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap_or_default();
            if let Some(target) = self.components.get(name).cloned() {
                self.merge(&target, into, depth + 1);
            }
            return;
        }
        for (keyword, value) in schema.as_object().into_iter().flatten() {
            let list = value.as_array();
            match (keyword.as_str(), into.get_mut(keyword)) {
                ("allOf", _) => {
                    for part in list.into_iter().flatten() {
                        self.merge(part, into, depth + 1);
                    }
                }
                ("oneOf" | "anyOf", _) => {
                    if let Some(branches) = list.filter(|branches| !branches.is_empty()) {
                        let branch = self.choice(branches).clone();
                        self.merge(&branch, into, depth + 1);
                    }
                }
                ("properties", Some(Value::Object(known))) => {
                    for (name, member) in value.as_object().into_iter().flatten() {
                        let both = match known.get(name) {
                            Some(other) => json!({"allOf": [other, member]}),
                            None => member.clone(),
                        };
                        known.insert(name.clone(), both);
                    }
                }
                ("required", Some(Value::Array(known))) => {
                    known.extend(list.into_iter().flatten().cloned());
                }
                ("enum", Some(Value::Array(known))) => {
                    known.retain(|one| list.is_some_and(|list| list.contains(one)));
                }
                ("minimum" | "minLength" | "minItems", Some(known)) => {
                    if value.as_f64() > known.as_f64() {
                        *known = value.clone();
                    }
                }
                ("maximum" | "maxLength" | "maxItems", Some(known)) => {
                    if value.as_f64() < known.as_f64() {
                        *known = value.clone();
                    }
                }
                ("nullable", Some(_)) | ("additionalProperties", Some(Value::Bool(false))) => {}
                _ => {
                    into.insert(keyword.clone(), value.clone());
                }
            }
        }
    }

    fn value(&mut self, schema: &Value, depth: usize) -> Value {
        self.size += 1;
        let depth = if self.size > SIZE { depth.max(DEPTH + 1) } else { depth };
        let flat = self.flat(schema, 0);
        if flat.get("nullable") == Some(&true.into()) && (depth > DEPTH || self.once(6)) {
            return Value::Null;
        }
        let has = |keywords: &[&str]| keywords.iter().any(|keyword| flat.contains_key(*keyword));
        let kind = match flat.get("type").and_then(Value::as_str) {
            Some(kind) => kind,
            None if flat.contains_key("enum") => "enum",
            None if has(&["properties", "required", "additionalProperties"]) => "object",
            None if has(&["items", "minItems", "maxItems", "uniqueItems"]) => "array",
            None if has(&["minLength", "maxLength", "pattern"]) => "string",
            None if has(&["minimum", "maximum", "multipleOf"]) => "number",
            None => "",
        };
        if let Some(values) =
            flat.get("enum").and_then(Value::as_array).filter(|all| !all.is_empty())
        {
            if self.breaks() {
                return match kind {
                    "integer" => 77.into(),
                    "number" => 77.5.into(),
                    "boolean" => Value::Null,
                    _ => "none of them".into(),
                };
            }
            return self.choice(values).clone();
        }
        match kind {
            "string" => self.string(&flat),
            "integer" => self.integer(&flat),
            "number" => self.number(&flat),
            "boolean" => self.rng.bool().into(),
            "array" => self.array(&flat, depth),
            "object" => self.object(&flat, depth),
            _ => self.unknown(),
        }
    }

    /// A value that no schema is for.
    fn unknown(&mut self) -> Value {
        let raw = |text: &str| Value::from(format!("{RAW}{text}"));
        match self.rng.u8(..9) {
            0 => Value::Null,
            1 => true.into(),
            2 => raw("1.50"),
            3 => raw("1E2"),
            4 => u64::MAX.into(),
            5 => "\u{7f}ä😀\"\\/\n".into(),
            6 => json!([]),
            7 => json!({"a": {"b": [1, null, "c"]}}),
            _ => "text".into(),
        }
    }

    fn string(&mut self, flat: &Map<String, Value>) -> Value {
        let limit = |keyword| {
            let limit = flat.get(keyword).and_then(Value::as_u64);
            limit.and_then(|limit| usize::try_from(limit).ok())
        };
        if let Some(pattern) = flat.get("pattern").and_then(Value::as_str) {
            let known = PATTERNS.iter().find(|(known, ..)| *known == pattern);
            if let Some((_, good, bad)) = known {
                let texts = if self.breaks() { bad } else { good };
                return (*self.choice(texts)).into();
            }
            if self.breaks() {
                return "\u{7f}".into();
            }
            let guesses = ["", "a", "A", "AB", "1", "12", "2024-01-01", "abc", "a@b.c", "+1"];
            return (*self.choice(&guesses)).into();
        }
        if let Some(format) = flat.get("format").and_then(Value::as_str) {
            let good: &[&str] = match format {
                "uuid" => &[
                    "a58ceba5-60ac-48e4-a0bc-2a855811807a",
                    "A58CEBA5-60AC-48E4-A0BC-2A855811807A",
                ],
                "date-time" => &["2024-02-29T23:59:59Z", "2024-01-01T00:00:00.123+01:00"],
                "date" => &["2024-02-29", "1999-12-31"],
                "byte" => &["", "aGk=", "aGkh", "+/+/"],
                "email" => &["ann@example.com", "a.b@c.example.org"],
                "ipv4" => &["127.0.0.1", "255.255.255.255"],
                "ipv6" => &["::1", "2001:db8::ff"],
                "uri" => &["https://example.com/a?b#c"],
                _ => &[],
            };
            if !good.is_empty() {
                return if self.breaks() { "not one!".into() } else { (*self.choice(good)).into() };
            }
        }
        let (least, most) = (limit("minLength").unwrap_or(0), limit("maxLength"));
        let mut length = match self.rng.u8(..3) {
            0 => least,
            1 => most.unwrap_or(least + 20),
            _ => self.rng.usize(least..=most.unwrap_or(least + 8).max(least)),
        };
        if least > 0 && self.breaks() {
            length = least - 1;
        }
        if let Some(most) = most
            && self.breaks()
        {
            length = most + 1;
        }
        let letters = ['a', 'Z', '0', ' ', 'ä', '😀', '"', '\\', '/', '\n', '\u{301}'];
        (0..length).map(|_| *self.choice(&letters)).collect::<String>().into()
    }

    fn integer(&mut self, flat: &Map<String, Value>) -> Value {
        let whole = Value::Object(flat.clone());
        let (least, most) = range(&whole).unwrap_or((i64::MIN, i64::MAX.unsigned_abs()));
        let (least, most) = (i128::from(least), i128::from(most));
        let bound = |keyword: &str, exclusive: &str| {
            // A bound of a whole number beyond 2^53 is none that a schema here has.
            #[expect(clippy::cast_possible_truncation, reason = "as said")]
            let bound = flat.get(keyword)?.as_f64()? as i128;
            Some((bound, flat.get(exclusive) == Some(&true.into())))
        };
        let low = bound("minimum", "exclusiveMinimum");
        let high = bound("maximum", "exclusiveMaximum");
        let mut low = low.map_or(least, |(bound, open)| bound + i128::from(open)).max(least);
        let mut high = high.map_or(most, |(bound, open)| bound - i128::from(open)).min(most);
        if low > high {
            (low, high) = (least, most);
        }
        let unsigned = flat.get("format").is_some_and(|format| format == "uint64");
        let greatest = i128::from(if unsigned { u64::MAX } else { i64::MAX.unsigned_abs() });
        let smallest = i128::from(i64::MIN);
        let near = |number: i128| number.clamp(low, high);
        let mut number = match self.rng.u8(..5) {
            0 => low,
            1 => high,
            2 => near(0),
            3 => near(i128::from(self.rng.i64(-1000..1000))),
            _ => near(low.saturating_add(i128::from(self.rng.u32(..50)))),
        };
        if let Some(step) = flat.get("multipleOf").and_then(Value::as_i64).filter(|step| *step > 0)
        {
            let step = i128::from(step);
            number -= number.rem_euclid(step);
            if number < low {
                number += step;
            }
            if self.breaks() {
                number = if number < high { number + 1 } else { number - 1 };
            }
        }
        if low > smallest && self.breaks() {
            number = low - 1;
        }
        if high < greatest && self.breaks() {
            number = high + 1;
        }
        whole_number(number)
    }

    fn number(&mut self, flat: &Map<String, Value>) -> Value {
        let bound = |keyword: &str| flat.get(keyword).and_then(Value::as_f64);
        let (low, high) = (bound("minimum"), bound("maximum"));
        if let Some(low) = low
            && self.breaks()
        {
            return (low - 0.5).into();
        }
        if let Some(high) = high
            && self.breaks()
        {
            return (high + 0.5).into();
        }
        let least = low.unwrap_or_else(|| high.map_or(-1000.0, |high| high - 100.0));
        let most = high.unwrap_or(least + 100.0);
        match self.rng.u8(..5) {
            0 => least.into(),
            1 => most.into(),
            // Without a fraction, as services write a whole number.
            2 => (f64::midpoint(least, most).round() + 0.0)
                .to_string()
                .parse::<i64>()
                .map_or(Value::Null, Value::from),
            3 => format!("{RAW}{:.2}", f64::midpoint(least, most)).into(),
            _ => (least + self.rng.f64() * (most - least)).into(),
        }
    }

    fn array(&mut self, flat: &Map<String, Value>, depth: usize) -> Value {
        let limit = |keyword| {
            let limit = flat.get(keyword).and_then(Value::as_u64);
            limit.and_then(|limit| usize::try_from(limit).ok())
        };
        let (least, most) = (limit("minItems").unwrap_or(0), limit("maxItems"));
        let mut length = match self.rng.u8(..4) {
            0 => least,
            1 => most.unwrap_or(least + 3),
            _ => least + self.rng.usize(..2),
        };
        if depth > DEPTH {
            length = least;
        }
        length = length.min(most.unwrap_or(length));
        if least > 0 && self.breaks() {
            length = least - 1;
        }
        if let Some(most) = most
            && self.breaks()
        {
            length = most + 1;
        }
        if depth > 2 * DEPTH {
            length = 0;
        }
        let items = flat.get("items").cloned().unwrap_or_default();
        let mut list: Vec<_> = (0..length).map(|_| self.value(&items, depth + 1)).collect();
        if flat.get("uniqueItems") == Some(&true.into())
            && let Some(first) = list.first().cloned()
            && self.breaks()
        {
            list.push(first);
        }
        list.into()
    }

    fn object(&mut self, flat: &Map<String, Value>, depth: usize) -> Value {
        let mut object = Map::new();
        if depth > 2 * DEPTH {
            return object.into();
        }
        let required: Vec<_> =
            flat.get("required").and_then(Value::as_array).into_iter().flatten().collect();
        let members = flat.get("properties").and_then(Value::as_object).into_iter().flatten();
        for (name, member) in members {
            let needed = required.iter().any(|other| **other == name.as_str());
            if needed || (depth <= DEPTH && self.rng.u8(..10) < if depth == 0 { 8 } else { 6 }) {
                object.insert(name.clone(), self.value(member, depth + 1));
            }
        }
        for name in required.into_iter().filter_map(Value::as_str) {
            if !object.contains_key(name) {
                object.insert(name.into(), self.unknown());
            }
        }
        // The client takes a name in another case for the same.
        let known: Vec<_> = flat.get("properties").and_then(Value::as_object).into_iter().collect();
        let known = |name: &str| {
            known.iter().any(|all| all.keys().any(|known| known.eq_ignore_ascii_case(name)))
        };
        let mut names = vec!["unknown", "x-1", "Firstname", "ключ", "a/b~c", ""];
        names.retain(|name| !known(name));
        match flat.get("additionalProperties") {
            Some(Value::Bool(false)) => {}
            Some(values @ Value::Object(_)) if depth <= DEPTH => {
                for _ in 0..self.rng.usize(..3) {
                    let value = self.value(values, depth + 1);
                    let name = *self.choice(&names);
                    object.entry(name).or_insert(value);
                }
            }
            _ if depth <= DEPTH && self.once(3) => {
                let (name, value) = (*self.choice(&names), self.unknown());
                object.entry(name).or_insert(value);
            }
            _ => {}
        }
        object.into()
    }
}

/// A whole number within 64 bits.
fn whole_number(number: i128) -> Value {
    match (i64::try_from(number), u64::try_from(number)) {
        (Ok(number), _) => number.into(),
        (_, Ok(number)) => number.into(),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schemas::{Schema, schema};

    #[test]
    fn most_schemas_have_instances_and_the_validator_takes_them() {
        let (mut made, mut none) = (0, 0);
        for number in 0..80 {
            let mut rng = Rng::with_seed(number as u64);
            let Schema { name, components } = schema(number, &mut rng);
            let instances =
                Instances::new(components[&name].clone(), &components).expect("a schema");
            let check = Check::new(&components[&name], &components, Side::Whole).expect("a schema");
            for _ in 0..20 {
                match instances.good(&mut rng) {
                    Some(instance) => {
                        assert!(
                            check.accepts(&serde_json::from_str(&instance.text).expect("JSON"))
                        );
                        made += 1;
                    }
                    None => none += 1,
                }
                if let Some(broken) = instances.broken(&mut rng) {
                    assert!(!check.accepts(&broken.value), "{}", broken.text);
                }
            }
        }
        assert!(none * 10 < made, "{none} of {made}");
    }

    #[test]
    fn every_limit_gets_broken() {
        let limited = [
            (json!({"type": "string", "minLength": 2}), "minLength"),
            (json!({"type": "string", "maxLength": 2}), "maxLength"),
            (json!({"type": "string", "pattern": "^[a-z]+$"}), "pattern"),
            (json!({"type": "string", "format": "uuid"}), "format"),
            (json!({"type": "string", "enum": ["a"]}), "enum"),
            (json!({"type": "integer", "minimum": 3}), "minimum"),
            (
                json!({"type": "integer", "maximum": 3, "exclusiveMaximum": true}),
                "exclusiveMaximum",
            ),
            (json!({"type": "integer", "multipleOf": 3}), "multipleOf"),
            (json!({"type": "array", "items": {}, "minItems": 1}), "minItems"),
            (json!({"type": "array", "items": {}, "maxItems": 1}), "maxItems"),
            (
                json!({"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": true}),
                "uniqueItems",
            ),
        ];
        for (member, keyword) in limited {
            let schema =
                json!({"type": "object", "required": ["a~/b"], "properties": {"a~/b": member}});
            let components = Map::new();
            let instances = Instances::new(schema, &components).expect("a schema");
            let mut rng = Rng::with_seed(7);
            let keywords: Vec<_> = (0..20)
                .filter_map(|_| instances.broken(&mut rng))
                .flat_map(|broken| broken.errors)
                .inspect(|error| assert_eq!(error.pointer, "/a~0~1b"))
                .map(|error| error.keyword)
                .collect();
            assert!(keywords.iter().any(|found| found == keyword), "{keyword}: {keywords:?}");
        }
    }

    #[test]
    fn raw_numbers_are_written_as_they_are() {
        let value = json!({"a": format!("{RAW}1.50"), "b": ["\"", format!("{RAW}1E2")]});
        assert_eq!(written(&value), r#"{"a":1.50,"b":["\"",1E2]}"#);
    }
}
