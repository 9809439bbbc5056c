//! Edits of a JSON text that touch the changed leaves and nothing else.
//!
//! What was changed is found between two texts of the same model; it is made in a third, the document
//! as it was read, by replacing the bytes of just those values. Nothing is parsed into a tree and written
//! anew, so nothing that a tree cannot hold is lost: blanks, the order of members, numbers as written.
//!
//! All three texts were read or written as JSON before; a text that is none gives an error or nonsense,
//! and no panic.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use partner_center_api::pointer::{push, unescaped};
use partner_center_api::scan::{binds, is_list, is_object, members, members_like, repaired};

use crate::list::rebuild;

/// A member that was changed, and how.
///
/// `None` stands for a member that is absent or `null`.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// The member, as a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// The value as it was read.
    pub before: Option<Value>,
    /// The value as it would be written.
    pub after: Option<Value>,
    #[serde(skip)]
    texts: [Option<Box<str>>; 2],
}

impl Change {
    /// The JSON text of `before`: digit for digit where [`Versioned::write_exactly`](crate::Versioned::write_exactly)
    /// was called, and else as the model writes it.
    #[must_use]
    pub fn before_text(&self) -> Option<&str> {
        self.texts[0].as_deref()
    }

    /// The JSON text of `after`, which would be written like that.
    #[must_use]
    pub fn after_text(&self) -> Option<&str> {
        self.texts[1].as_deref()
    }
}

impl fmt::Debug for Change {
    /// Shows where it is, and no value: they are personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change").field("pointer", &self.pointer).finish_non_exhaustive()
    }
}

/// What was changed in an object, member by member.
#[derive(Debug, Default)]
pub(crate) struct Changes(Vec<Member>);

#[derive(Debug)]
struct Member {
    name: String,
    /// Whether the contract knows it, so that the service finds it by its name in any case.
    known: bool,
    /// Whether it is not there any more, and not there as `null` either.
    absent: bool,
    edit: Edit,
}

#[derive(Debug)]
enum Edit {
    /// The member has another value; `null` if there is none.
    Value { before: Option<Box<str>>, after: Option<Box<str>> },
    /// Members of the member were changed.
    Within(Changes),
}

/// A model that would be written with two members of the same name.
#[derive(Debug)]
pub(crate) struct Ambiguous(String);

impl fmt::Display for Ambiguous {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "duplicate member `{}`: it is in the model and in `extra`, in one case or another; set the \
             member, and remove the other from `extra`",
            self.0
        )
    }
}

impl std::error::Error for Ambiguous {}

impl Changes {
    /// What makes `after` of `before`, both JSON objects. Objects are compared member by member,
    /// everything else as a whole.
    ///
    /// A member that is absent is cleared; see [`dropped`](Self::dropped) for one that is none of the `known`
    /// (JSON Pointers).
    pub(crate) fn between(before: &str, after: &str, known: &[&str]) -> Result<Self, Ambiguous> {
        Self::below(before, after, known, &mut String::with_capacity(64))
    }

    fn below(
        before: &str,
        after: &str,
        known: &[&str],
        at: &mut String,
    ) -> Result<Self, Ambiguous> {
        let before = members(before);
        let after = members_like(after, &before);
        let (old_places, new_places) = (Places::new(&before), Places::new(&after));
        let mut edits = Vec::new();
        for (name, old) in &before {
            if *old == "null" || new_places.first(name).is_some() {
                continue;
            }
            let known = is_known(known, at, name);
            if known && after.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
                return Err(Ambiguous(name.to_string()));
            }
            let edit = Edit::Value { before: Some(Box::from(*old)), after: None };
            edits.push(Member { name: name.to_string(), known, absent: true, edit });
        }
        for (index, (name, new)) in after.iter().enumerate() {
            let old = old_places.first(name).map(|place| before[place].1);
            let twin = |(other, _): &(Cow<'_, str>, _)| other.eq_ignore_ascii_case(name);
            if new_places.first(name) != Some(index)
                || (old.is_none() && after.iter().filter(|member| twin(member)).count() > 1)
            {
                return Err(Ambiguous(name.to_string()));
            }
            let edit = match old {
                Some(old) if old == *new => continue,
                Some(old) if is_object(old) && is_object(new) => {
                    let length = at.len();
                    push(at, name);
                    let inner = Self::below(old, new, known, at)?;
                    at.truncate(length);
                    if inner.is_empty() {
                        continue;
                    }
                    Edit::Within(inner)
                }
                None if *new == "null" => continue,
                old => Edit::Value {
                    before: old.filter(|old| *old != "null").map(Box::from),
                    after: (*new != "null").then(|| Box::from(*new)),
                },
            };
            let known = is_known(known, at, name);
            edits.push(Member { name: name.to_string(), known, absent: false, edit });
        }
        Ok(Self(edits))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first member that is absent although nobody knows what it is, as a JSON Pointer. Whoever makes a
    /// model anew leaves it out without a thought; whoever wants it cleared can say so.
    pub(crate) fn dropped(&self) -> Option<String> {
        self.0.iter().find_map(|Member { name, known, absent, edit }| {
            let mut at = String::new();
            push(&mut at, name);
            match edit {
                Edit::Value { .. } => (*absent && !known).then_some(at),
                Edit::Within(inner) => inner.dropped().map(|below| at + &below),
            }
        })
    }

    /// Whether anything at or below the member is changed, named in either case; a JSON Pointer (RFC
    /// 6901) of one or more names.
    pub(crate) fn touches(&self, pointer: &str) -> bool {
        let Some((name, rest)) =
            pointer.strip_prefix('/').map(|path| path.split_once('/').unwrap_or((path, "")))
        else {
            return true;
        };
        let name = unescaped(name);
        let below = |edit: &Edit| match edit {
            Edit::Value { .. } => true,
            Edit::Within(inner) if rest.is_empty() => !inner.is_empty(),
            Edit::Within(inner) => inner.touches(&format!("/{rest}")),
        };
        self.0.iter().any(|one| one.name.eq_ignore_ascii_case(&name) && below(&one.edit))
    }

    /// The changed members with their new values, and no others.
    pub(crate) fn values(&self) -> Value {
        let members = self.0.iter().map(|Member { name, edit, .. }| {
            let value = match edit {
                Edit::Value { after, .. } => value(after.as_deref()).unwrap_or_default(),
                Edit::Within(inner) => inner.values(),
            };
            (name.clone(), value)
        });
        Value::Object(members.collect())
    }

    /// Every changed leaf. An object that came or went is shown by its members.
    pub(crate) fn list(&self) -> Vec<Change> {
        let mut found = Vec::new();
        self.collect(&mut String::new(), &mut found);
        found
    }

    fn collect(&self, at: &mut String, found: &mut Vec<Change>) {
        for Member { name, edit, .. } in &self.0 {
            let length = at.len();
            push(at, name);
            match edit {
                Edit::Within(inner) => inner.collect(at, found),
                Edit::Value { before, after } => {
                    leaves(at, before.as_deref(), after.as_deref(), found);
                }
            }
            at.truncate(length);
        }
    }
}

fn leaves(at: &mut String, before: Option<&str>, after: Option<&str>, found: &mut Vec<Change>) {
    let inside = |one: Option<&'_ str>, other: Option<&str>| match (one, other) {
        (Some(object), None) if is_object(object) => members(object).len(),
        _ => 0,
    };
    if inside(before, after) + inside(after, before) == 0 {
        let texts = [before.map(Box::from), after.map(Box::from)];
        let (before, after) = (value(before), value(after));
        found.push(Change { pointer: at.clone(), before, after, texts });
        return;
    }
    let old = members(before.unwrap_or("{}"));
    let new = members(after.unwrap_or("{}"));
    let old = old.into_iter().map(|(name, value)| (name, Some(value), None));
    let new = new.into_iter().map(|(name, value)| (name, None, Some(value)));
    for (name, before, after) in old.chain(new) {
        let length = at.len();
        push(at, &name);
        leaves(at, before, after, found);
        at.truncate(length);
    }
}

/// The JSON text `document` with `changes` made in it. Every byte of everything else stays.
pub(crate) fn apply(document: &str, changes: &Changes) -> String {
    let mut out = String::with_capacity(document.len() + 64);
    edit(document, changes, &mut out);
    out
}

/// Writes the text of an object with `changes` made in it.
fn edit(text: &str, changes: &Changes, out: &mut String) {
    let members = members(text);
    let bound: Vec<Option<usize>> =
        changes.0.iter().map(|change| place(&members, &change.name)).collect();
    let end = |value: &str| value.as_ptr().addr() - text.as_ptr().addr() + value.len();
    // What is written instead of a member, by the places of the members.
    let mut edits = Vec::with_capacity(changes.0.len());
    for (change, place) in changes.0.iter().zip(&bound) {
        let Some(place) = *place else { continue };
        edits.push((place, place, &change.edit));
        if change.known {
            // Another name of the same member, with which the service might overrule this one.
            let twins = members.iter().enumerate().filter(|(twin, (name, _))| {
                name.eq_ignore_ascii_case(&change.name) && !bound.contains(&Some(*twin))
            });
            edits.extend(twins.map(|(twin, _)| (twin, place, &change.edit)));
        }
    }
    edits.sort_by_key(|(at, ..)| *at);
    let mut written = 0;
    for (at, place, change) in edits {
        let value = members[at].1;
        let start = end(value) - value.len();
        // A text that is no JSON may have one value twice.
        out.push_str(text.get(written..start).unwrap_or_default());
        match change {
            Edit::Within(inner) if is_object(value) => edit(value, inner, out),
            _ => change.write(members[place].1, out),
        }
        written = end(value);
    }
    let new: Vec<_> = changes.0.iter().zip(&bound).filter(|(_, place)| place.is_none()).collect();
    if !new.is_empty() {
        let last = members.last().map(|(_, value)| end(value));
        let at = last.or_else(|| text.find('{').map(|brace| brace + 1)).unwrap_or(written);
        out.push_str(&text[written..at.max(written)]);
        written = at.max(written);
        let mut separate = last.is_some();
        for (Member { name, edit, .. }, _) in new {
            if std::mem::replace(&mut separate, true) {
                out.push(',');
            }
            out.push_str(&Value::from(name.as_str()).to_string());
            out.push(':');
            edit.write("null", out);
        }
    }
    out.push_str(&text[written..]);
}

/// The place of the member that a change is of: by its name, by that in PascalCase, which models are read
/// from too, or else in any other case.
pub(crate) fn place(members: &[(Cow<'_, str>, &str)], name: &str) -> Option<usize> {
    let exact = members.iter().rposition(|(other, _)| other == name);
    let pascal = || members.iter().rposition(|(other, _)| binds(other, name));
    let other = || members.iter().position(|(other, _)| other.eq_ignore_ascii_case(name));
    exact.or_else(pascal).or_else(other)
}

impl Edit {
    /// Writes what becomes of a value.
    fn write(&self, old: &str, out: &mut String) {
        match self {
            Self::Within(inner) => edit(if is_object(old) { old } else { "{}" }, inner, out),
            Self::Value { before: Some(before), after: Some(after) }
                if is_list(before) && is_list(after) && is_written(old, before) =>
            {
                rebuild(old, before, after, out);
            }
            Self::Value { after, .. } => out.push_str(after.as_deref().unwrap_or("null")),
        }
    }
}

/// Whether a value of the document is what a model writes as `text`.
fn is_written(raw: &str, text: &str) -> bool {
    let raw = value(Some(&repaired(raw)));
    raw.is_some() && raw == value(Some(text))
}

fn is_known(known: &[&str], at: &mut String, name: &str) -> bool {
    let length = at.len();
    push(at, name);
    let found = known.contains(&at.as_str());
    at.truncate(length);
    found
}

/// Where the members of an object are, without a search of all of them for each of many.
struct Places<'a> {
    members: &'a [(Cow<'a, str>, &'a str)],
    index: Option<HashMap<&'a str, usize>>,
}

impl<'a> Places<'a> {
    /// How many members are searched faster than looked up.
    const FEW: usize = 32;

    fn new(members: &'a [(Cow<'a, str>, &'a str)]) -> Self {
        let index = (members.len() > Self::FEW).then(|| {
            // Backwards, so that the first of a name stays.
            members.iter().enumerate().rev().map(|(at, (name, _))| (&**name, at)).collect()
        });
        Self { members, index }
    }

    /// The first member of this name.
    fn first(&self, name: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(name).copied(),
            None => self.members.iter().position(|(other, _)| other == name),
        }
    }
}

pub(crate) fn value(raw: Option<&str>) -> Option<Value> {
    raw.and_then(|raw| serde_json::from_str(raw).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, json};

    use super::*;

    const KNOWN: &[&str] = &["/a", "/a/b", "/a/d", "/email", "/address", "/address/city"];

    fn between(before: &Value, after: &Value) -> Changes {
        Changes::between(&before.to_string(), &after.to_string(), KNOWN).expect("two objects")
    }

    fn changed(document: &str, before: &Value, after: &Value) -> String {
        apply(document, &between(before, after))
    }

    #[test]
    fn only_what_changed_is_touched() {
        let document =
            r#" {"zeta":1.50, "a" : {"b":"x","n":1e2,"c":null},"list":[ 1,2 ],"email":"a" } "#;
        let before = json!({"a": {"b": "x"}, "email": "a"});
        assert_eq!(changed(document, &before, &before), document);
        assert_eq!(
            changed(document, &before, &json!({"a": {"b": "y", "d": 1}, "new": true})),
            r#" {"zeta":1.50, "a" : {"b":"y","n":1e2,"c":null,"d":1},"list":[ 1,2 ],"email":null,"new":true } "#
        );
        assert_eq!(changed("{ }", &json!({}), &json!({"a": {"b": 1}})), r#"{"a":{"b":1} }"#);
        assert_eq!(
            changed(r#"{"a":null}"#, &json!({"a": {"b": 1}}), &json!({"a": {"b": 2, "d": 3}})),
            r#"{"a":{"b":2,"d":3}}"#
        );
    }

    #[test]
    fn members_keep_the_case_they_were_read_in() {
        let document = r#"{"Email":"a","email":"b","Address":{"Ci\u0074y":"x"}}"#;
        let before = json!({"email": "b", "address": {"city": "x"}});
        let after = json!({"email": "c", "address": {"city": "y"}});
        assert_eq!(
            changed(document, &before, &after),
            r#"{"Email":"c","email":"c","Address":{"Ci\u0074y":"y"}}"#
        );
        let before = json!({"score": 1, "Score": 2});
        let after = json!({"score": 1, "Score": 3});
        assert_eq!(
            changed(r#"{"score":1,"Score":2}"#, &before, &after),
            r#"{"score":1,"Score":3}"#
        );
    }

    #[test]
    fn no_twin_of_a_member_keeps_the_old_value() {
        let document = r#"{"Email":"b\ud83d","address":{"city":"x","n":1e400},"eMAIL" : 1,"email":"a","Address":{"City":"y","N":1.0},"ADDRESS":null}"#;
        let before = json!({"email": "a", "address": {"city": "x"}, "eMAIL": 1});
        // What is not changed keeps its bytes, twins and all.
        let after = json!({"email": "a", "address": {"city": "x"}, "eMAIL": 1, "new": 1});
        assert_eq!(
            changed(document, &before, &after),
            document.replace(":null}", r#":null,"new":1}"#)
        );
        let after = json!({"email": "c", "address": {"city": "z"}, "eMAIL": 1});
        assert_eq!(
            changed(document, &before, &after),
            r#"{"Email":"c","address":{"city":"z","n":1e400},"eMAIL" : "c","email":"c","Address":{"City":"z","N":1.0},"ADDRESS":{"city":"z","n":1e400}}"#
        );
        // Who changes both has said what they mean.
        let after = json!({"email": "c", "address": {"city": "x"}, "eMAIL": 2});
        assert_eq!(
            changed(document, &before, &after),
            document
                .replace(r#""b\ud83d""#, r#""c""#)
                .replace(r#":"a""#, r#":"c""#)
                .replace(": 1", ": 2")
        );
        let after = json!({"email": null, "address": {"city": "x"}, "eMAIL": 1});
        assert!(!changed(document, &before, &after).contains(r#""a""#));
    }

    #[test]
    fn what_no_model_can_hold_keeps_its_bytes() {
        let deep = "[".repeat(1 << 20) + &"]".repeat(1 << 20);
        let document = format!(r#"{{"x\ud83d":{deep},"n":1e400,"email":"\ud83d"}}"#);
        let before = json!({"email": "\u{FFFD}"});
        assert!(changed(&document, &before, &json!({"email": "\u{FFFD}", "n": null})) == document);
        let expected = document.replace(r#""\ud83d"}"#, r#""a","b":1}"#);
        assert!(changed(&document, &before, &json!({"email": "a", "b": 1})) == expected);
        // One that was left out is written if it is set.
        let expected = document.replace("1e400", "2");
        assert!(changed(&document, &before, &json!({"email": "\u{FFFD}", "n": 2})) == expected);
        let before = json!({"x\u{FFFD}": 1});
        assert_eq!(
            changed(r#"{"x\ud83d":1}"#, &before, &json!({"x\u{FFFD}": 2})),
            r#"{"x\ud83d":2}"#
        );
    }

    #[test]
    fn time_grows_with_length_alone() {
        let many: Map<String, Value> = (0..20_000).map(|n| (format!("n{n}"), json!(n))).collect();
        let mut after = many.clone();
        after.insert("n5000".into(), json!("x"));
        let (before, after) = (Value::Object(many), Value::Object(after));
        let edited = changed(&before.to_string(), &before, &after);
        assert_eq!(edited, after.to_string());
        let list: Vec<Value> = (0..20_000).map(|n| json!({"n": n})).collect();
        let mut other = list.clone();
        other.reverse();
        other[7]["n"] = json!("x");
        let (before, after) = (json!({"l": list}), json!({"l": other}));
        assert_eq!(changed(&before.to_string(), &before, &after), after.to_string());
    }

    #[test]
    fn what_nobody_here_knows_is_cleared_on_purpose_alone() {
        let before = json!({"a": {"b": 1, "theirs": 2}, "theirs": 3, "gone": null});
        let dropped = |after: Value| between(&before, &after).dropped();
        assert_eq!(dropped(json!({"a": {"theirs": 2}, "theirs": 3})), None);
        assert_eq!(dropped(json!({"a": {"b": 1, "theirs": null}, "theirs": null})), None);
        assert_eq!(dropped(json!({"a": {"b": 1}, "theirs": 3})).as_deref(), Some("/a/theirs"));
        assert_eq!(dropped(json!({"a": {"b": 1, "theirs": 2}})).as_deref(), Some("/theirs"));
        assert_eq!(
            changed(&before.to_string(), &before, &json!({"a": {"theirs": null}, "theirs": 3})),
            r#"{"a":{"b":null,"theirs":null},"theirs":3,"gone":null}"#
        );
    }

    #[test]
    fn a_name_that_is_there_twice_is_an_error() {
        for after in [r#"{"email":"a","email":"b"}"#, r#"{"email":"a","Email":"b"}"#] {
            let error = Changes::between(r#"{"email":"a"}"#, after, KNOWN).expect_err("an error");
            assert!(error.to_string().contains("mail`: it is in the model"), "{error}");
        }
        // One that the service sends is not.
        let twice = r#"{"Score":1,"score":2}"#;
        assert!(Changes::between(twice, twice, KNOWN).expect("no change").is_empty());
    }

    #[test]
    fn touching_is_at_or_below() {
        let evil = between(&json!({}), &json!({"LINKS": 1, "x/y": 1}));
        assert!(evil.touches("/links") && evil.touches("/x~1y"));
        let changes =
            between(&json!({"a": {"b": 1, "c": 2}}), &json!({"a": {"b": 2, "c": 2}, "d": 1}));
        assert!(!changes.is_empty());
        for (pointer, touched) in
            [("/a", true), ("/a/b", true), ("/a/c", false), ("/d", true), ("/e", false)]
        {
            assert_eq!(changes.touches(pointer), touched, "{pointer}");
        }
    }

    #[test]
    fn what_is_shown_of_a_change_is_no_value() {
        let changes = between(&json!({"email": "canary"}), &json!({"email": ["canary"]})).list();
        let shown = r#"[Change { pointer: "/email", .. }]"#;
        assert_eq!(format!("{changes:?}"), shown);
    }

    #[test]
    fn changes_are_listed_leaf_by_leaf() {
        let before = json!({"email": "a", "address": {"city": "x"}});
        let after = json!({"email": "A", "a": {"b": 1, "d": [1, null]}});
        let change = |pointer: &str, before: Option<Value>, after: Option<Value>| {
            let text = |value: &Option<Value>| value.as_ref().map(|value| value.to_string().into());
            let texts = [text(&before), text(&after)];
            Change { pointer: pointer.into(), before, after, texts }
        };
        assert_eq!(
            between(&before, &after).list(),
            [
                change("/address/city", Some(json!("x")), None),
                change("/email", Some(json!("a")), Some(json!("A"))),
                change("/a/b", None, Some(json!(1))),
                change("/a/d", None, Some(json!([1, null]))),
            ]
        );
        assert_eq!(between(&before, &after).values()["address"], Value::Null);
    }

    fn object() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i32>().prop_map(|n| json!(n)),
            "\\PC{0,3}".prop_map(Value::String),
            prop::collection::vec(any::<bool>(), 0..3).prop_map(|list| json!(list)),
        ];
        let inner = leaf.prop_recursive(2, 12, 4, |inner| {
            prop::collection::btree_map("[abd~/\"\\\\]", inner, 0..4).prop_map(|map| json!(map))
        });
        prop::collection::btree_map("[abd~/\"\\\\]", inner, 0..4).prop_map(|map| json!(map))
    }

    /// What is to be there: `after`, and `null` for what `before` has besides.
    fn expected(before: &Value, after: &Value, at: &mut String) -> Value {
        let (Value::Object(old), Value::Object(new)) = (before, after) else {
            return after.clone();
        };
        let mut members = new.clone();
        for (name, value) in old {
            let length = at.len();
            push(at, name);
            match new.get(name) {
                Some(other) => drop(members.insert(name.clone(), expected(value, other, at))),
                None => drop(members.insert(name.clone(), Value::Null)),
            }
            at.truncate(length);
        }
        Value::Object(members)
    }

    proptest! {
        #[test]
        fn members_are_found_as_a_reader_of_json_finds_them(object in object()) {
            for text in [object.to_string(), serde_json::to_string_pretty(&object).expect("JSON")] {
                let found = members(&text);
                let read: Map<String, Value> = serde_json::from_str(&text).expect("an object");
                prop_assert_eq!(found.len(), read.len());
                for ((name, value), (expected, of)) in found.iter().zip(&read) {
                    prop_assert_eq!(name.as_ref(), expected);
                    let value: Value = serde_json::from_str(value).expect("JSON");
                    prop_assert_eq!(&value, of);
                }
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "[{}\\[\\],:\"\\\\a1 ä]{0,20}") {
            let empty = Changes::between("{}", r#"{"a":1,"b":{"c":2}}"#, &[]).expect("changes");
            let _ = apply(&text, &empty);
            let _ = Changes::between(&text, "{}", &[]);
            let _ = Changes::between("{}", &text, &[]);
        }

        #[test]
        fn the_edited_document_has_what_was_changed(before in object(), after in object()) {
            for document in [before.to_string(), serde_json::to_string_pretty(&before).expect("JSON")] {
                let edited: Value = serde_json::from_str(&changed(&document, &before, &after))
                    .expect("JSON");
                let expected = expected(&before, &after, &mut String::new());
                // Absent and null are the same.
                prop_assert_eq!(without_nulls(&edited), without_nulls(&expected));
            }
        }
    }

    fn without_nulls(value: &Value) -> Value {
        match value {
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .filter(|(_, member)| !member.is_null())
                    .map(|(name, member)| (name.clone(), without_nulls(member)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }
}
