//! What a person asked to be changed, and the profile with that in it.

use partner_center::Versioned;
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::member::{Kind, Profile, SERVICE};

/// A member and the value it is to have; `null` clears it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Edit {
    /// A JSON Pointer (RFC 6901).
    pub(crate) pointer: String,
    pub(crate) value: Value,
}

impl Edit {
    pub(crate) fn clear(pointer: &str) -> Self {
        Self { pointer: pointer.to_owned(), value: Value::Null }
    }

    /// A value as it was typed: text and numbers of members that are known, JSON or else text of others.
    pub(crate) fn parse<T: Profile>(pointer: &str, text: &str) -> Result<Self, String> {
        let value = match T::member(pointer).map(|member| member.kind) {
            Some(Kind::Kept) => return Err(belongs_to_the_service(pointer)),
            None if SERVICE.iter().any(|name| within(pointer, name)) => {
                return Err(belongs_to_the_service(pointer));
            }
            Some(Kind::Integer) => {
                integer(text).map_err(|why| format!("{pointer}: `{text}` is {why}"))?.into()
            }
            Some(Kind::Text) => text.into(),
            None => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        };
        Ok(Self { pointer: pointer.to_owned(), value })
    }
}

fn belongs_to_the_service(pointer: &str) -> String {
    format!("{} belongs to the service and cannot be changed", pointer.trim_start_matches('/'))
}

/// Whether a pointer leads to what is at another, or into it.
pub(crate) fn within(pointer: &str, of: &str) -> bool {
    pointer.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A whole number, as it is typed.
pub(crate) fn integer(text: &str) -> Result<i32, String> {
    text.parse().map_err(|_| "not a whole number of 32 bits".to_owned())
}

/// Makes the edits in the profile.
///
/// # Errors
/// A value that the member cannot have, or a pointer that leads nowhere. Nothing is changed then.
pub(crate) fn apply<T: Profile>(profile: &mut Versioned<T>, edits: &[Edit]) -> Result<(), Failure> {
    let mut tree = tree(profile)?;
    for edit in edits {
        put(&mut tree, &edit.pointer, edit.value.clone()).map_err(Failure::usage)?;
    }
    replace(profile, tree)
}

/// The profile as a tree, with the names that the contract has.
pub(crate) fn tree<T: Profile>(profile: &Versioned<T>) -> Result<Value, Failure> {
    serde_json::to_value(&**profile)
        .map_err(|cause| Failure::new("the profile is no JSON").why(cause))
}

/// Makes the profile one that has what is in the tree.
pub(crate) fn replace<T: Profile>(profile: &mut Versioned<T>, tree: Value) -> Result<(), Failure> {
    **profile = serde_json::from_value(tree)
        .map_err(|cause| Failure::usage("a member cannot have that value").why(cause))?;
    Ok(())
}

/// Puts a value into a tree, and objects where none are on the way to it.
fn put(tree: &mut Value, pointer: &str, value: Value) -> Result<(), String> {
    let mut at = tree;
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/").replace("~0", "~");
        if at.is_null() {
            *at = Value::Object(Map::new());
        }
        at = match at {
            Value::Object(members) => members.entry(name).or_insert(Value::Null),
            Value::Array(items) => {
                let length = items.len();
                name.parse::<usize>().ok().and_then(|index| items.get_mut(index)).ok_or_else(
                    || format!("{pointer}: the list has {length} elements, and no `{name}`"),
                )?
            }
            _ => return Err(format!("{pointer}: there is no `{name}` in a text or a number")),
        };
    }
    *at = value;
    Ok(())
}

#[cfg(test)]
mod tests {
    use partner_center::models::{BillingProfile, CustomerBillingProfile};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_what_the_member_holds() {
        let parse = |pointer: &str, text: &str| {
            Edit::parse::<BillingProfile>(pointer, text).map(|edit| edit.value)
        };
        assert_eq!(parse("/taxId", "12"), Ok(json!("12")));
        assert_eq!(parse("/taxId", "null"), Ok(json!("null")));
        assert_eq!(parse("/unknown", "null"), Ok(json!(null)));
        assert_eq!(parse("/billingDay", "12"), Ok(json!(12)));
        assert!(parse("/billingDay", "soon").expect_err("no number").contains("whole number"));
        assert!(
            parse("/profileType", "x").expect_err("not ours").contains("belongs to the service")
        );
        assert_eq!(parse("/unknown", "12"), Ok(json!(12)));
        assert_eq!(parse("/unknown", "\"12\""), Ok(json!("12")));
        assert_eq!(parse("/unknown", "a b"), Ok(json!("a b")));
        for pointer in ["/id", "/defaultAddress/id", "/attributes/etag", "/links"] {
            assert!(Edit::parse::<CustomerBillingProfile>(pointer, "1").is_err(), "{pointer}");
        }
    }

    #[test]
    fn a_value_goes_where_the_pointer_leads() {
        let mut tree = json!({"a": null, "list": [1, {"b": 2}], "text": "x"});
        put(&mut tree, "/a/b~1c/d~0", json!(1)).expect("a place");
        put(&mut tree, "/list/1/b", json!(3)).expect("a place");
        put(&mut tree, "/new", json!("y")).expect("a place");
        let expected =
            json!({"a": {"b/c": {"d~": 1}}, "list": [1, {"b": 3}], "text": "x", "new": "y"});
        assert_eq!(tree, expected);
        for (pointer, why) in [
            ("/list/2", "the list has 2 elements"),
            ("/list/-", "and no `-`"),
            ("/text/a", "there is no `a` in a text"),
        ] {
            assert!(put(&mut tree, pointer, json!(1)).expect_err(pointer).contains(why));
        }
        assert_eq!(tree, expected);
    }
}
