//! Edits of a JSON text that touch the changed members and nothing else.

use indexmap::IndexMap;
use serde_json::Value;
use serde_json::value::RawValue;

/// What was changed in an object, member by member.
#[derive(Debug, Default)]
pub(crate) struct Changes(IndexMap<String, Change>);

#[derive(Debug)]
enum Change {
    /// The member has a new value; `null` if it was cleared.
    Set(Value),
    /// Members of the member were changed.
    Within(Changes),
}

impl Changes {
    /// What makes `after` of `before`. Objects are compared member by member, everything else as a
    /// whole.
    pub(crate) fn between(before: &Value, after: &Value) -> Self {
        let (Value::Object(before), Value::Object(after)) = (before, after) else {
            return Self::default();
        };
        let cleared = before.keys().filter(|name| !after.contains_key(*name));
        let mut changes: IndexMap<_, _> =
            cleared.map(|name| (name.clone(), Change::Set(Value::Null))).collect();
        for (name, new) in after {
            let change = match before.get(name) {
                Some(old) if old == new => continue,
                Some(old) if old.is_object() && new.is_object() => {
                    Change::Within(Self::between(old, new))
                }
                _ => Change::Set(new.clone()),
            };
            changes.insert(name.clone(), change);
        }
        Self(changes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether anything at or below the member is changed, named in either case; a JSON Pointer (RFC
    /// 6901) of one or more names.
    pub(crate) fn touches(&self, pointer: &str) -> bool {
        let Some((name, rest)) =
            pointer.strip_prefix('/').map(|path| path.split_once('/').unwrap_or((path, "")))
        else {
            return true;
        };
        let name = name.replace("~1", "/").replace("~0", "~");
        let below = |change: &Change| match change {
            Change::Set(_) => true,
            Change::Within(inner) if rest.is_empty() => !inner.is_empty(),
            Change::Within(inner) => inner.touches(&format!("/{rest}")),
        };
        self.0.iter().any(|(changed, change)| changed.eq_ignore_ascii_case(&name) && below(change))
    }
}

/// The JSON text `document` with `changes` made in it. Everything else stays: unknown members, their
/// order, numbers as they were written. Only blanks between the members of a changed object go.
pub(crate) fn apply(document: &[u8], changes: &Changes) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&edited(serde_json::from_slice(document)?, changes)?)
}

fn edited(
    mut members: IndexMap<String, Box<RawValue>>,
    changes: &Changes,
) -> Result<IndexMap<String, Box<RawValue>>, serde_json::Error> {
    for (name, change) in &changes.0 {
        let name = members
            .keys()
            .find(|key| *key == name)
            .or_else(|| members.keys().find(|key| key.eq_ignore_ascii_case(name)))
            .unwrap_or(name)
            .clone();
        let value = match (change, members.get(&name)) {
            (Change::Within(inner), Some(old)) => {
                serde_json::value::to_raw_value(&edited(serde_json::from_str(old.get())?, inner)?)?
            }
            (Change::Within(inner), None) => {
                serde_json::value::to_raw_value(&edited(IndexMap::new(), inner)?)?
            }
            (Change::Set(value), _) => serde_json::value::to_raw_value(value)?,
        };
        members.insert(name, value);
    }
    Ok(members)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn changed(document: &str, before: &Value, after: &Value) -> String {
        let bytes = apply(document.as_bytes(), &Changes::between(before, after)).expect("JSON");
        String::from_utf8(bytes).expect("UTF-8")
    }

    #[test]
    fn only_what_changed_is_touched() {
        let document = r#"{"zeta":1.50,"a":{"b":"x","n":1e2,"c":null},"list":[ 1,2 ],"email":"a"}"#;
        let before = json!({"a": {"b": "x"}, "email": "a"});
        assert_eq!(changed(document, &before, &before), document);
        assert_eq!(
            changed(document, &before, &json!({"a": {"b": "y", "d": 1}, "new": true})),
            r#"{"zeta":1.50,"a":{"b":"y","n":1e2,"c":null,"d":1},"list":[ 1,2 ],"email":null,"new":true}"#
        );
    }

    #[test]
    fn members_keep_the_case_they_were_read_in() {
        let document = r#"{"Email":"a","email":"b","Address":{"City":"x"}}"#;
        let before = json!({"email": "b", "address": {"city": "x"}});
        let after = json!({"email": "c", "address": {"city": "y"}});
        assert_eq!(
            changed(document, &before, &after),
            r#"{"Email":"a","email":"c","Address":{"City":"y"}}"#
        );
    }

    #[test]
    fn touching_is_at_or_below() {
        let evil = Changes::between(&json!({}), &json!({"LINKS": null, "x/y": 1}));
        assert!(evil.touches("/links") && evil.touches("/x~1y"));
        let changes = Changes::between(
            &json!({"a": {"b": 1, "c": 2}}),
            &json!({"a": {"b": 2, "c": 2}, "d": 1}),
        );
        assert!(!changes.is_empty());
        for (pointer, touched) in
            [("/a", true), ("/a/b", true), ("/a/c", false), ("/d", true), ("/e", false)]
        {
            assert_eq!(changes.touches(pointer), touched, "{pointer}");
        }
    }
}
