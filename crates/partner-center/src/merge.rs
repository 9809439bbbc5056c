//! The three-way merge: pure, total, leaf by leaf; a list is one leaf.
//!
//! Absent and `null` are the same to it: whoever clears a member and whoever never had it agree.

use std::fmt;

use partner_center_api::pointer::push;
use serde::Serialize;
use serde_json::{Map, Value};

/// A member that both sides changed, and not to the same value.
///
/// `None` stands for a member that is absent or `null`.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MergeConflict {
    /// The member, as a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// The value that both sides began with.
    pub base: Option<Value>,
    /// The value of this side.
    pub mine: Option<Value>,
    /// The value of the other side.
    pub theirs: Option<Value>,
}

/// What came of two sides that began with the same.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Merged {
    /// Every change of both sides. Where they conflict, it has the value of the other side.
    pub value: Value,
    /// Where they conflict, in the order of the members.
    pub conflicts: Vec<MergeConflict>,
}

impl fmt::Debug for MergeConflict {
    /// Shows where it is, and no value: they are personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MergeConflict").field("pointer", &self.pointer).finish_non_exhaustive()
    }
}

impl fmt::Debug for Merged {
    /// Shows where the sides conflict, and no value: they are personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merged").field("conflicts", &self.conflicts).finish_non_exhaustive()
    }
}

/// Merges what two sides made of the same `base`.
///
/// Objects are merged member by member, everything else is taken as a whole from the side that changed
/// it. Members keep the order of `theirs`; new ones of `mine` follow.
///
/// # Examples
/// ```
/// use partner_center::merge::merge;
/// use serde_json::json;
///
/// let base = json!({"email": "a@b", "address": {"city": "Bern", "state": "BE"}});
/// let mine = json!({"email": "c@d", "address": {"city": "Bern", "state": "ZH"}});
/// let theirs = json!({"email": "a@b", "address": {"city": "Thun", "state": "VD"}});
/// let merged = merge(&base, &mine, &theirs);
/// assert_eq!(merged.value["email"], "c@d");
/// assert_eq!(merged.value["address"]["city"], "Thun");
/// assert_eq!(merged.conflicts[0].pointer, "/address/state");
/// ```
#[must_use]
pub fn merge(base: &Value, mine: &Value, theirs: &Value) -> Merged {
    let mut conflicts = Vec::new();
    let mut at = String::new();
    let value = sides(&mut at, present(base), present(mine), present(theirs), &mut conflicts);
    Merged { value: value.unwrap_or_default(), conflicts }
}

fn sides(
    at: &mut String,
    base: Option<&Value>,
    mine: Option<&Value>,
    theirs: Option<&Value>,
    conflicts: &mut Vec<MergeConflict>,
) -> Option<Value> {
    match (mine, theirs) {
        (Some(Value::Object(mine)), Some(Value::Object(theirs))) => {
            let base = base.and_then(Value::as_object);
            Some(Value::Object(objects(at, base, mine, theirs, conflicts)))
        }
        _ if same(base, mine) || same(mine, theirs) => theirs.cloned(),
        _ if same(base, theirs) => mine.cloned(),
        _ => {
            conflicts.push(MergeConflict {
                pointer: at.clone(),
                base: base.cloned(),
                mine: mine.cloned(),
                theirs: theirs.cloned(),
            });
            theirs.cloned()
        }
    }
}

/// Merges two objects; a `base` that is none had no members.
fn objects(
    at: &mut String,
    base: Option<&Map<String, Value>>,
    mine: &Map<String, Value>,
    theirs: &Map<String, Value>,
    conflicts: &mut Vec<MergeConflict>,
) -> Map<String, Value> {
    let mut members = Map::with_capacity(theirs.len());
    let (mut in_base, mut in_mine) = (base.map(InOrder::new), InOrder::new(mine));
    let mut found = 0;
    for (name, value) in theirs {
        let length = at.len();
        push(at, name);
        let mine = in_mine.get(name);
        found += usize::from(mine.is_some());
        let base = in_base.as_mut().and_then(|base| base.get(name));
        let merged =
            sides(at, base.and_then(present), mine.and_then(present), present(value), conflicts);
        // What was there and is no more is an explicit null.
        members.insert(name.clone(), merged.unwrap_or_default());
        at.truncate(length);
    }
    if found == mine.len() {
        return members;
    }
    for (name, value) in mine.iter().filter(|(name, _)| !theirs.contains_key(*name)) {
        let length = at.len();
        push(at, name);
        let base = base.and_then(|base| base.get(name)).and_then(present);
        if let Some(merged) = sides(at, base, present(value), None, conflicts) {
            members.insert(name.clone(), merged);
        }
        at.truncate(length);
    }
    members
}

/// Looks up members in the order in which they most likely are, without hashing their names.
struct InOrder<'a> {
    members: &'a Map<String, Value>,
    next: serde_json::map::Iter<'a>,
}

impl<'a> InOrder<'a> {
    fn new(members: &'a Map<String, Value>) -> Self {
        Self { members, next: members.iter() }
    }

    fn get(&mut self, name: &str) -> Option<&'a Value> {
        let mut next = self.next.clone();
        match next.next() {
            Some((there, value)) if there == name => {
                self.next = next;
                Some(value)
            }
            _ => self.members.get(name),
        }
    }
}

fn present(value: &Value) -> Option<&Value> {
    (!value.is_null()).then_some(value)
}

/// Whether two members are equal, where absent and `null` are.
fn same(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            one.iter().all(|(name, value)| same(present(value), other.get(name).and_then(present)))
                // What both have was compared above.
                && other.iter().all(|(name, value)| value.is_null() || one.contains_key(name))
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// The leaves of a tree by their pointers: what is no object, and objects that are empty.
    fn leaves(value: &Value) -> BTreeMap<String, Value> {
        fn walk(at: &mut String, value: &Value, found: &mut BTreeMap<String, Value>) {
            match value {
                Value::Null => {}
                Value::Object(members) if members.values().any(|member| !member.is_null()) => {
                    for (name, member) in members {
                        let length = at.len();
                        push(at, name);
                        walk(at, member, found);
                        at.truncate(length);
                    }
                }
                Value::Object(_) => drop(found.insert(at.clone(), json!({}))),
                _ => drop(found.insert(at.clone(), value.clone())),
            }
        }
        let mut found = BTreeMap::new();
        walk(&mut String::new(), value, &mut found);
        found
    }

    /// Objects of few names and few values, so that sides agree and conflict often.
    fn tree() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            (0..3).prop_map(|n| json!(n)),
            "[aA]".prop_map(Value::String),
            prop::collection::vec(0..2, 0..3).prop_map(|list| json!(list)),
        ];
        let object = leaf.prop_recursive(3, 24, 4, |inner| {
            prop::collection::btree_map("[a-d~/]", inner, 0..5).prop_map(|members| json!(members))
        });
        prop::collection::btree_map("[a-d~/]", object, 0..5).prop_map(|members| json!(members))
    }

    fn equal(one: &Value, other: &Value) -> bool {
        same(present(one), present(other))
    }

    /// Whether one of the pointers is the other, or above it.
    fn related(one: &str, other: &str) -> bool {
        let above = |a: &str, b: &str| {
            b.strip_prefix(a).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        above(one, other) || above(other, one)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

        #[test]
        fn a_side_that_did_nothing_changes_nothing(base in tree(), other in tree()) {
            for merged in [merge(&base, &base, &other), merge(&base, &other, &base), merge(&base, &other, &other)] {
                prop_assert!(equal(&merged.value, &other), "{}", merged.value);
                prop_assert_eq!(&merged.conflicts, &[]);
            }
        }

        #[test]
        fn sides_can_be_exchanged(base in tree(), mine in tree(), theirs in tree()) {
            let one = merge(&base, &mine, &theirs);
            let other = merge(&base, &theirs, &mine);
            let pointers = |merged: &Merged| {
                let mut all: Vec<_> = merged.conflicts.iter().map(|c| c.pointer.clone()).collect();
                all.sort();
                all
            };
            prop_assert_eq!(pointers(&one), pointers(&other));
            if one.conflicts.is_empty() {
                prop_assert!(equal(&one.value, &other.value), "{} {}", one.value, other.value);
            }
        }

        #[test]
        fn nothing_is_lost_and_nothing_is_invented(base in tree(), mine in tree(), theirs in tree()) {
            let merged = merge(&base, &mine, &theirs);
            let (value, base, mine, theirs) =
                (leaves(&merged.value), leaves(&base), leaves(&mine), leaves(&theirs));
            let conflicts = |at: &str| merged.conflicts.iter().any(|c| related(&c.pointer, at));
            let pointers: std::collections::BTreeSet<_> =
                [&value, &base, &mine, &theirs].into_iter().flat_map(|side| side.keys()).collect();
            for at in pointers {
                let [v, b, m, t] = [&value, &base, &mine, &theirs].map(|side| side.get(at));
                prop_assert!(v == m || v == t || v == Some(&json!({})) , "invented {}: {:?}", at, v);
                if conflicts(at) {
                    continue;
                }
                let structural = [v, b, m, t].contains(&Some(&json!({})));
                if m != b && !structural {
                    prop_assert_eq!(v, m, "lost my {}", at);
                }
                if t != b && !structural {
                    prop_assert_eq!(v, t, "lost their {}", at);
                }
            }
        }

        #[test]
        fn a_merge_conflict_is_one(base in tree(), mine in tree(), theirs in tree()) {
            let none = Value::Null;
            let at = |side: &Value, pointer: &str| side.pointer(pointer).unwrap_or(&none).clone();
            let merged = merge(&base, &mine, &theirs);
            for MergeConflict { pointer, base: b, mine: m, theirs: t } in &merged.conflicts {
                prop_assert!(!same(m.as_ref(), b.as_ref()) && !same(t.as_ref(), b.as_ref()));
                prop_assert!(!same(m.as_ref(), t.as_ref()));
                for (shown, side) in [(b, &base), (m, &mine), (t, &theirs), (t, &merged.value)] {
                    prop_assert_eq!(shown.clone().unwrap_or_default(), at(side, pointer));
                }
            }
        }
    }

    #[test]
    fn depth_costs_no_more_than_length() {
        let deep = (0..100).fold(json!(1), |inner, _| json!({"n": inner}));
        let base = json!({"x": deep});
        let merged = merge(&base, &base.clone(), &json!({}));
        assert_eq!((merged.value, merged.conflicts), (json!({}), vec![]));
    }

    #[test]
    fn two_who_add_the_same_object_add_its_members() {
        let merged = merge(&json!({}), &json!({"a": {"x": 1}}), &json!({"a": {"y": 2}}));
        assert_eq!(merged.value, json!({"a": {"x": 1, "y": 2}}));
        assert_eq!(merged.conflicts, []);
    }

    #[test]
    fn what_was_cleared_is_an_explicit_null() {
        let base = json!({"a": 1, "b": {"c": 2}});
        let merged = merge(&base, &json!({"b": {}}), &json!({"a": 1, "b": {"c": 2}, "d": 3}));
        assert_eq!(merged.value.to_string(), r#"{"a":null,"b":{"c":null},"d":3}"#);
    }

    #[test]
    fn clearing_an_object_in_which_the_other_changed_something_conflicts() {
        let base = json!({"a": {"x": 1}});
        let merged = merge(&base, &json!({"a": null}), &json!({"a": {"x": 2}}));
        let merge_conflict = MergeConflict {
            pointer: "/a".into(),
            base: Some(json!({"x": 1})),
            mine: None,
            theirs: Some(json!({"x": 2})),
        };
        assert_eq!(merged.conflicts, [merge_conflict]);
        assert_eq!(merged.value["a"]["x"], 2);
    }
}
