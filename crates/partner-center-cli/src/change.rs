//! What a person asked to be changed, and the profile with that in it.

use partner_center::Versioned;
use partner_center::pointer::{Pointer, unescaped};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::json;
use crate::member::{Kind, Profile, SERVICE};
use crate::typed;

/// A member and the value it is to have.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Edit {
    /// A JSON Pointer (RFC 6901).
    pub(crate) pointer: String,
    to: To,
}

#[derive(Clone, Debug, PartialEq)]
enum To {
    /// `null` clears it.
    Value(Value),
    /// What was typed. Which value that is depends on what the member is read as.
    Typed(String),
}

impl Edit {
    pub(crate) fn to(pointer: &str, value: impl Into<Value>) -> Self {
        Self { pointer: pointer.to_owned(), to: To::Value(value.into()) }
    }

    pub(crate) fn clear(pointer: &str) -> Self {
        Self::to(pointer, Value::Null)
    }

    /// The value, unless it depends on what the member is read as.
    pub(crate) fn value(&self) -> Option<&Value> {
        match &self.to {
            To::Value(value) => Some(value),
            To::Typed(_) => None,
        }
    }

    /// A value as it was typed: text and numbers of members that are known, and for others whatever they
    /// are.
    pub(crate) fn parse<T: Profile>(pointer: &str, text: &str) -> Result<Self, String> {
        let known = T::members().map(|member| member.pointer);
        let known = known.chain(T::SECTIONS.iter().map(|section| section.pointer)).chain(SERVICE);
        let mut other_case = known.filter(|known| {
            let begins =
                pointer.get(..known.len()).is_some_and(|at| at.eq_ignore_ascii_case(known));
            !known.is_empty()
                && begins
                && !Pointer(pointer).is_within(known)
                && matches!(pointer.as_bytes().get(known.len()), None | Some(b'/'))
        });
        if let Some(known) = other_case.next() {
            return Err(format!("{pointer} is written {known}{}", &pointer[known.len()..]));
        }
        let to = match T::member(pointer).map(|member| member.kind) {
            Some(Kind::Kept) => return Err(belongs_to_the_service(pointer)),
            None if SERVICE.iter().any(|name| Pointer(pointer).is_within(name)) => {
                return Err(belongs_to_the_service(pointer));
            }
            Some(Kind::Integer) => {
                let number =
                    integer(text).map_err(|why| format!("{pointer}: `{text}` is {why}"))?;
                To::Value(number.into())
            }
            Some(Kind::Text) => To::Value(text.into()),
            None => {
                typed::check_assigned(text).map_err(|why| format!("{pointer}: {why}"))?;
                To::Typed(text.to_owned())
            }
        };
        Ok(Self { pointer: pointer.to_owned(), to })
    }
}

fn belongs_to_the_service(pointer: &str) -> String {
    format!("{} belongs to the service and cannot be changed", pointer.trim_start_matches('/'))
}

/// A whole number, which is written as it is typed.
pub(crate) fn integer(text: &str) -> Result<i32, String> {
    let number = text.parse().ok().filter(|number: &i32| number.to_string() == text);
    number
        .ok_or_else(|| "not a whole number of 32 bits, without a plus or zeros in front".to_owned())
}

/// Makes the edits in the profile.
///
/// # Errors
/// A value that the member cannot have, or a pointer that leads nowhere. Nothing is changed then.
pub(crate) fn apply<T: Profile>(profile: &mut Versioned<T>, edits: &[Edit]) -> Result<(), Failure> {
    let mut tree = tree(profile)?;
    for edit in edits {
        let value = match &edit.to {
            To::Value(value) => value.clone(),
            To::Typed(text) => {
                let before = tree.pointer(&edit.pointer).unwrap_or(&Value::Null);
                let read = json::read(profile, &tree, &edit.pointer);
                typed::assigned(text, before, read)
                    .map_err(|why| Failure::usage(format!("{}: {why}", edit.pointer)))?
            }
        };
        put(&mut tree, &edit.pointer, value).map_err(Failure::usage)?;
    }
    replace(profile, tree)?;
    write_exactly(
        profile,
        edits.iter().filter_map(|edit| match &edit.to {
            To::Typed(text) => Some((&*edit.pointer, &**text)),
            To::Value(_) => None,
        }),
    )
}

/// Has values written digit for digit as they were typed, each with its pointer, but for those that are as
/// they were read.
pub(crate) fn write_exactly<'a, T: Profile>(
    profile: &mut Versioned<T>,
    typed: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<(), Failure> {
    let tree = tree(profile)?;
    for (pointer, text) in typed {
        // What is no JSON is a text, and has no digits.
        let Ok(text) = RawValue::from_string(json::compact(text)) else { continue };
        if json::read(profile, &tree, pointer).map(json::compact).as_deref() != Some(text.get()) {
            profile.write_exactly(pointer, &text);
        }
    }
    Ok(())
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
        let name = unescaped(name).into_owned();
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
    let old = std::mem::replace(at, value);
    clear_gone(&old, at);
    Ok(())
}

/// Clears in the new object what the old one had and it has not, by an explicit null: without one, a member
/// that nobody here knows would stay.
pub(crate) fn clear_gone(old: &Value, new: &mut Value) {
    let (Value::Object(old), Value::Object(new)) = (old, new) else { return };
    for (name, old) in old {
        match new.get_mut(name) {
            Some(new) => clear_gone(old, new),
            None => drop(new.insert(name.clone(), Value::Null)),
        }
    }
}

#[cfg(test)]
mod tests {
    use partner_center::models::{BillingProfile, CustomerBillingProfile};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_what_the_member_holds() {
        let parse = |pointer: &str, text: &str| {
            Edit::parse::<BillingProfile>(pointer, text).map(|edit| edit.to)
        };
        let value = |value: Value| Ok(To::Value(value));
        let typed = |text: &str| Ok(To::Typed(text.to_owned()));
        assert_eq!(parse("/taxId", "12"), value(json!("12")));
        assert_eq!(parse("/taxId", "null"), value(json!("null")));
        assert_eq!(parse("/unknown", "null"), typed("null"));
        assert_eq!(parse("/billingDay", "12"), value(json!(12)));
        // What would be written as other digits is none either.
        for wrong in ["soon", "07", "+7", "-0", "0x1F", "2147483648", ""] {
            assert!(parse("/billingDay", wrong).expect_err(wrong).contains("whole number"));
        }
        assert!(
            parse("/profileType", "x").expect_err("not ours").contains("belongs to the service")
        );
        assert_eq!(parse("/unknown", "01067"), typed("01067"));
        for wrong in ["{\"a\":1", "[1", "\"x"] {
            assert!(parse("/unknown", wrong).expect_err(wrong).contains("no JSON"));
        }
        assert_eq!(parse("/TaxId", "1"), Err("/TaxId is written /taxId".to_owned()));
        let inner = parse("/Address/geo", "1");
        assert_eq!(inner, Err("/Address/geo is written /address/geo".to_owned()));
        assert!(parse("/taxIds", "1").is_ok());
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
        // What is replaced by an object without it is cleared.
        put(&mut tree, "/a", json!({"b/c": {"e": 2}})).expect("a place");
        let expected = json!({"a": {"b/c": {"e": 2, "d~": null}}, "list": [1, {"b": 3}], "text": "x", "new": "y"});
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
