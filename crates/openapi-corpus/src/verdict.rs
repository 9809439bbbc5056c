//! What became of an instance, and whether that is what its schema says.

use std::collections::BTreeSet;

use openapi_document::{escape, unescape};
use serde_json::{Map, Value, json};

use crate::batch::Use;
use crate::harness::Entry;
use crate::instances::{Instance, Instances};
use crate::report::{Report, plain};
use crate::validator::{Check, Side};

/// What the verdicts on instances of one model are measured by.
pub(crate) struct Subject<'a> {
    entry: &'a Entry,
    /// The names of members that any schema knows.
    members: BTreeSet<String>,
    /// Each branch of a union.
    branches: Vec<Branch>,
    /// What makes its instances.
    pub(crate) instances: Instances,
}

/// A branch of a union.
struct Branch {
    whole: Check,
    shape: Check,
    /// Members that list their values.
    tags: Vec<(String, Vec<Value>)>,
}

impl Branch {
    fn new(schema: &Value, components: &Map<String, Value>) -> Result<Self, String> {
        let mut listed = Vec::new();
        tags(schema, components, 16, &mut listed);
        Ok(Self {
            whole: Check::new(schema, components, Side::Whole)?,
            shape: Check::new(schema, components, Side::Shape)?,
            tags: listed,
        })
    }
}

/// Collects the members that list their values.
fn tags(
    schema: &Value,
    components: &Map<String, Value>,
    depth: usize,
    found: &mut Vec<(String, Vec<Value>)>,
) {
    let target = schema["$ref"].as_str().and_then(|it| it.strip_prefix("#/components/schemas/"));
    let target = target.and_then(|name| components.get(&unescape(name)));
    for (member, at) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(values) = at["enum"].as_array() {
            found.push((member.clone(), values.clone()));
        }
    }
    let parts = ["allOf", "oneOf", "anyOf"].map(|key| schema[key].as_array());
    for part in parts.into_iter().flatten().flatten().chain(target).filter(|_| depth > 0) {
        tags(part, components, depth - 1, found);
    }
}

impl<'a> Subject<'a> {
    /// `None` if the validator does not take the schema.
    pub(crate) fn new(entry: &'a Entry, components: &Map<String, Value>) -> Option<Self> {
        let schema = components.get(&entry.name)?;
        let branches = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array());
        let branches = branches.into_iter().flatten().filter(|_| !entry.variants.is_empty());
        let branches = branches.map(|branch| Branch::new(branch, components));
        let mut members = BTreeSet::new();
        components.values().for_each(|schema| names(schema, &mut members));
        let branches = branches.collect::<Result<_, _>>().ok()?;
        let schema = json!({"$ref": format!("#/components/schemas/{}", escape(&entry.name))});
        let instances = Instances::new(schema, components).ok()?;
        Some(Self { entry, members, branches, instances })
    }

    /// What is wrong with what became of an instance: the kind, and the rest.
    pub(crate) fn faults(
        &self,
        instance: &Instance,
        verdict: &Value,
        report: &mut Report,
    ) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        let text = |member: &str| verdict[member].as_str();
        if let Some(error) = text("error") {
            let plainly = text("plain").unwrap_or(error);
            let cause = plainly.split(" at line ").next().unwrap_or_default();
            faults.push((format!("unreadable: {}", plain(cause)), format!("{error}; {plainly}")));
            return faults;
        }
        report.parsed += 1;
        if let Some(error) = text("unwritten") {
            faults.push(("cannot be written".to_owned(), error.to_owned()));
        }
        let mut lost = Vec::new();
        if let Some(written) = verdict.get("written") {
            self.differences(&instance.value, written, "", &mut lost);
        }
        report.written += usize::from(lost.is_empty());
        let lost = lost
            .into_iter()
            .map(|(what, at)| (format!("written back: {what}"), format!("at `{at}`")));
        faults.extend(lost);
        if let (true, Some(picked)) = (self.entry.variants.len() > 1, verdict["variant"].as_u64()) {
            report.variants += 1;
            let picked = usize::try_from(picked).unwrap_or_default();
            let (name, branches) = &self.entry.variants[picked];
            // What breaks a limit may fit no variant, and null is none of them where it is allowed.
            if let Some(branches) = branches
                && !instance.broken
                && !instance.value.is_null()
                && let Some(right) = self.mistaken(branches, &instance.value)
            {
                let why = format!("`{name}`, and not one of the branches {right:?}");
                faults.push(("wrong variant".to_owned(), why));
            }
        }
        if !self.entry.whole {
            return faults;
        }
        if verdict["document"] != true {
            faults.push(("the document is not what was read".to_owned(), String::new()));
        }
        report.compared += 1;
        self.violations(instance, verdict, &mut faults);
        faults
    }

    /// The branches that a value is of, if it is none of those that it was taken for. An object with the tag of a
    /// variant is that variant, even if it breaks a limit of it, and fits another one that has no tag.
    fn mistaken(&self, taken: &[usize], value: &Value) -> Option<Vec<usize>> {
        let right: Vec<_> =
            (0..self.branches.len()).filter(|at| self.branches[*at].whole.accepts(value)).collect();
        let told = |at: &usize| {
            let Some(branch) = self.branches.get(*at).filter(|it| it.shape.accepts(value)) else {
                return false;
            };
            let others = right.iter().map(|at| &self.branches[*at].tags);
            branch.tags.iter().any(|(member, values)| {
                values.contains(&value[member])
                    && others.clone().all(|others| others.iter().all(|(other, _)| other != member))
            })
        };
        (!taken.iter().any(|at| right.contains(at) || told(at))).then_some(right)
    }

    /// The violations are where the validator has errors, and nowhere else.
    fn violations(&self, instance: &Instance, verdict: &Value, faults: &mut Vec<(String, String)>) {
        let found: Vec<_> = verdict["violations"].as_array().into_iter().flatten().collect();
        let at = |violation: &Value| violation[0].as_str().unwrap_or_default().to_owned();
        // A member that is null is read as one that is absent.
        let present = |pointer| instance.value.pointer(pointer).is_some_and(|it| !it.is_null());
        for error in instance.errors.iter().filter(|error| present(&error.pointer)) {
            if !found.iter().any(|it| at(it) == error.pointer) {
                let role = match self.entry.root.used {
                    Use::Request => "",
                    Use::Response => " of a response",
                };
                faults.push((
                    format!("violation not found{role}: {}", error.keyword),
                    format!("{} at `{}`", error.keyword, error.pointer),
                ));
            }
        }
        for violation in found {
            let pointer = at(violation);
            if !instance.errors.iter().any(|error| error.pointer == pointer) {
                let text = violation[1].as_str().unwrap_or_default();
                let constraint = text.split(" must be ").nth(1).unwrap_or_default();
                let constraint =
                    constraint.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
                faults.push((
                    format!("violation that is none: {}", plain(&constraint)),
                    text.to_owned(),
                ));
            }
        }
    }

    /// What a model lost or added. A member that the schema knows may be left out instead of null.
    fn differences(
        &self,
        read: &Value,
        written: &Value,
        at: &str,
        found: &mut Vec<(String, String)>,
    ) {
        match (read, written) {
            (Value::Object(read), Value::Object(written)) => {
                for (name, value) in read {
                    let at = format!("{at}/{}", escape(name));
                    let what = match written.get(name) {
                        Some(written) => {
                            self.differences(value, written, &at, found);
                            continue;
                        }
                        None if !self.members.contains(name) => "an unknown member is lost",
                        None if value.is_null() => continue,
                        None if *value == json!([]) => "an empty list is lost",
                        None if *value == json!({}) => "an empty object is lost",
                        None => "a member is lost",
                    };
                    found.push((what.to_owned(), at));
                }
                for (name, value) in written.iter().filter(|(name, _)| !read.contains_key(*name)) {
                    let what = format!("{} is added", kind(value));
                    found.push((what, format!("{at}/{}", escape(name))));
                }
            }
            (Value::Array(read), Value::Array(written)) if read.len() == written.len() => {
                for (index, (read, written)) in read.iter().zip(written).enumerate() {
                    self.differences(read, written, &format!("{at}/{index}"), found);
                }
            }
            (Value::Number(a), Value::Number(b)) if equal(a, b) => {}
            (read, written) if read == written => {}
            (Value::Number(_), Value::Number(_)) => {
                found.push((
                    "a number becomes another".to_owned(),
                    format!("{at}: {read}, {written}"),
                ));
            }
            (read, written) => {
                let what = format!("{} becomes {}", kind(read), kind(written));
                found.push((what, at.to_owned()));
            }
        }
    }
}

/// Whether two numbers have one value.
fn equal(a: &serde_json::Number, b: &serde_json::Number) -> bool {
    match (a.is_f64(), b.is_f64()) {
        (false, false) => a == b,
        _ => a.as_f64() == b.as_f64(),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The names of all members of a schema.
fn names(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            let members = map.get("properties").and_then(Value::as_object);
            found.extend(members.into_iter().flatten().map(|(name, _)| name.clone()));
            map.values().for_each(|value| names(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Root;

    /// What is wrong with a verdict on an instance, by the kinds.
    fn kinds(schema: Value, instance: Value, broken: bool, verdict: &Value) -> Vec<String> {
        let components = Map::from_iter([("A".to_owned(), schema)]);
        let root = Root { name: "A".into(), used: Use::Request };
        let variants = vec![("X".into(), Some(vec![0])), ("Y".into(), Some(vec![1]))];
        let (name, ty) = ("A".to_owned(), "types::A".to_owned());
        let entry = Entry { name, root, ty, whole: true, variants };
        let subject = Subject::new(&entry, &components).expect("a schema");
        let instance = subject.instances.again(instance, broken).expect("such an instance");
        let faults = subject.faults(&instance, verdict, &mut Report::default());
        faults.into_iter().map(|(kind, _)| kind).collect()
    }

    #[test]
    fn what_is_written_back_is_what_was_read() {
        let schema = json!({"type": "object", "properties": {"list": {"type": "array", "items": {}, "nullable": true}, "a": {}}});
        let read = json!({"list": [1.5], "a": {"b": 1}, "c": [1, null]});
        for (written, found) in [
            (json!({"c": [1.0, null], "a": {"b": 1}, "list": [1.5]}), vec![]),
            (
                json!({"list": [1.5], "a": {"b": 1}}),
                vec!["written back: an unknown member is lost"],
            ),
            (json!({"list": [1.5], "c": [1, null]}), vec!["written back: a member is lost"]),
            (
                json!({"list": [1.4], "a": {"b": "1", "d": null}, "c": [1]}),
                vec![
                    "written back: a number becomes another",
                    "written back: a number becomes a string",
                    "written back: null is added",
                    "written back: a list becomes a list",
                ],
            ),
        ] {
            let verdict = json!({"document": true, "violations": [], "written": written});
            assert_eq!(kinds(schema.clone(), read.clone(), false, &verdict), found, "{written}");
        }
        for (value, found) in
            [(Value::Null, vec![]), (json!([]), vec!["written back: an empty list is lost"])]
        {
            let verdict = json!({"document": true, "violations": [], "written": {}});
            assert_eq!(kinds(schema.clone(), json!({"list": value}), false, &verdict), found);
        }
    }

    #[test]
    fn a_model_that_is_not_read_is_told_by_the_cause() {
        let verdict =
            json!({"error": "member /a", "plain": "invalid type: string \"b\" at line 1 column 2"});
        assert_eq!(
            kinds(json!({}), json!({}), false, &verdict),
            ["unreadable: invalid type: string …"]
        );
        let verdict = json!({"document": false, "violations": [], "unwritten": "no"});
        let found = kinds(json!({}), json!({}), false, &verdict);
        assert_eq!(found, ["cannot be written", "the document is not what was read"]);
    }

    #[test]
    fn violations_are_where_the_validator_has_errors() {
        let schema = json!({"properties": {
            "a": {"type": "string", "maxLength": 1},
            "b": {"type": "string", "maxLength": 1, "readOnly": true},
        }});
        let found = |violations: Value| {
            let verdict = json!({"document": true, "violations": violations});
            kinds(schema.clone(), json!({"a": "long", "b": "long"}), true, &verdict)
        };
        assert_eq!(found(json!([["/a", "/a must be at most 1 characters"]])), [] as [&str; 0]);
        assert_eq!(found(json!([])), ["violation not found: maxLength"]);
        let schema = json!({"properties": {"a": {"enum": ["x"]}}});
        let verdict = json!({"document": true, "violations": []});
        assert_eq!(kinds(schema, json!({"a": null}), true, &verdict), [] as [&str; 0]);
        let both = json!([["/a", "/a must be x"], ["/b", "/b must be at most 1 characters"]]);
        assert_eq!(found(both), ["violation that is none: at most …"]);
    }

    #[test]
    fn a_picked_variant_takes_the_value() {
        let tag = |tag: &str| json!({"type": "object", "required": [tag], "properties": {tag: {"type": "string"}}});
        let schema = json!({"oneOf": [tag("x"), tag("y")]});
        let found = |schema: &Value, instance, picked| {
            let verdict = json!({"document": true, "violations": [], "variant": picked});
            kinds(schema.clone(), instance, false, &verdict)
        };
        assert_eq!(found(&schema, json!({"y": "a"}), 1), [] as [&str; 0]);
        assert_eq!(found(&schema, json!({"y": "a"}), 0), ["wrong variant"]);
        let tag = |tag: &str| json!({"properties": {"kind": {"type": "string", "enum": [tag]}}});
        let tags = json!({"oneOf": [tag("x"), tag("y")]});
        assert_eq!(found(&tags, json!({"kind": "y"}), 0), ["wrong variant"]);
        let lengths = json!({"oneOf": [{"type": "string", "maxLength": 1}, {"type": "string", "minLength": 2}]});
        assert_eq!(found(&lengths, json!("ab"), 0), ["wrong variant"]);
        // Its tag says what it is, though it breaks a limit and fits what has no tag.
        let card = json!({"required": ["kind"], "properties": {"kind": {"enum": ["card"]}, "size": {"maximum": 1}}});
        let open = json!({"type": "object", "properties": {"name": {"type": "string"}}});
        let schema = json!({"oneOf": [card, open.clone()]});
        assert_eq!(found(&schema, json!({"kind": "card", "size": 2}), 0), [] as [&str; 0]);
        assert_eq!(found(&schema, json!({"kind": "cash", "size": 2}), 0), ["wrong variant"]);
        assert_eq!(found(&schema, json!({"size": 2}), 0), ["wrong variant"]);
        let size = json!({"oneOf": [{"minimum": 1}, {"maximum": 3}]});
        let card =
            json!({"required": ["kind"], "properties": {"kind": {"enum": ["card"]}, "size": size}});
        let schema = json!({"oneOf": [card, open]});
        assert_eq!(found(&schema, json!({"kind": "card", "size": 2}), 0), [] as [&str; 0]);
    }
}
