//! Models are read from what they know: nothing that they do not know keeps them from it.
//!
//! A text that `serde_json` takes as it is, is read as it is. Of another one, as long as it is JSON, a
//! view is made for the model alone, and the text stays what is edited and sent. An error says where, and
//! never repeats a value.

use std::borrow::Cow;

use serde::de::{DeserializeOwned, Error as _, IgnoredAny};
use serde_json::{Error, Value};

use crate::pointer::{push, unescaped};
use crate::scan::{binds, depth, elements, is_list, is_object, members, repaired};
use crate::validation::Constrained;

/// How many lists and objects within each other `serde_json` reads.
const DEPTH_LIMIT: usize = 127;

/// How the text of an error begins that is of a member, and how it goes on.
const MEMBER: &str = "member /";
const TYPE: &str = "has another type than the contract says";
const MISSING: &str = "is missing, and the contract requires it";

/// Reads a model from JSON in UTF-8.
///
/// The model does not have members that it does not know and cannot hold either: numbers beyond 64 bits
/// of floating point, and what is nested too deep. Half a surrogate pair is U+FFFD in it. Of two members
/// that differ in the case of the first letter, it has the one with the name of the contract.
///
/// # Errors
/// The text is not JSON, or a member that the model knows has another type or is missing; see [`misfit`]. No value
/// is in the error.
///
/// # Examples
/// ```
/// use partner_center_api::{read, types::CustomerBillingProfile};
/// # fn main() -> Result<(), serde_json::Error> {
/// let text = br#"{"email":"ann@example.com","score":1e400}"#;
/// assert_eq!(read::<CustomerBillingProfile>(text)?.email.as_deref(), Some("ann@example.com"));
/// # Ok(())
/// # }
/// ```
pub fn read<T: DeserializeOwned + Constrained>(json: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(json).or_else(|_| lenient(json))
}

/// What an error of [`read`] says of a member, if it is one of a member that has another type than the
/// contract says, or is missing: the names of the contract, and no value.
///
/// # Examples
/// ```
/// use partner_center_api::{misfit, read, types::CustomerBillingProfile};
/// let error = read::<CustomerBillingProfile>(br#"{"language":5}"#).unwrap_err();
/// let what = "member /language has another type than the contract says";
/// assert_eq!(misfit(&error).as_deref(), Some(what));
/// ```
#[must_use]
pub fn misfit(error: &Error) -> Option<String> {
    // Those of `serde_json` begin in other ways.
    let of_member = |text: &String| {
        text.starts_with(MEMBER) && (text.ends_with(TYPE) || text.ends_with(MISSING))
    };
    Some(error.to_string()).filter(of_member)
}

fn lenient<T: DeserializeOwned + Constrained>(json: &[u8]) -> Result<T, Error> {
    let text = str::from_utf8(json).map_err(|_| Error::custom("the text is not UTF-8"))?;
    // It looks at the grammar alone, at any depth without a stack, and says a place and no value.
    serde_json::from_str::<IgnoredAny>(text)?;
    let text = text.trim_ascii();
    if !is_object(text) {
        return Err(Error::custom("the text is not a JSON object"));
    }
    let known = Known(T::MEMBERS);
    let mut view = String::with_capacity(text.len());
    known.view(text, &mut String::new(), 1, &mut view);
    serde_json::from_str(&view).map_err(|error| {
        if let Some(member) = missing(&view, &error) {
            return Error::custom(format!("member {member} {MISSING}"));
        }
        let member = Fit::<T>::new(known).object(&view, &mut String::new());
        let member = member.unwrap_or_default();
        Error::custom(if member.is_empty() {
            "the text is not one of such a model".to_owned()
        } else {
            format!("member {member} {TYPE}")
        })
    })
}

/// The member that a model needs and a text does not have, if an error is of one.
fn missing(view: &str, error: &Error) -> Option<String> {
    let name = missing_name(error)?;
    // The error is at the end of the object.
    let lines = view.split_inclusive('\n').take(error.line().checked_sub(1)?);
    let end = lines.map(str::len).sum::<usize>() + error.column();
    let (mut pointer, mut object) = (String::new(), view);
    while let Some((name, value)) = part(object, |part| {
        let start = part.as_ptr().addr() - view.as_ptr().addr();
        start < end && end <= start + part.len()
    }) {
        push(&mut pointer, &name);
        object = value;
    }
    push(&mut pointer, &name);
    Some(pointer)
}

/// The name of the member that an error says is missing.
fn missing_name(error: &Error) -> Option<String> {
    let text = error.to_string();
    Some(text.strip_prefix("missing field `")?.split_once('`')?.0.to_owned())
}

/// The first member or element of a text that is as asked for, and its name or number.
fn part(text: &str, is: impl Fn(&str) -> bool) -> Option<(String, &str)> {
    if is_list(text) {
        let mut all = elements(text).into_iter().enumerate();
        return all.find(|(_, part)| is(part)).map(|(index, part)| (index.to_string(), part));
    }
    members(text).into_iter().find(|(_, part)| is(part)).map(|(name, part)| (name.into(), part))
}

/// The members that a model knows, as JSON Pointers with `*` for every element of a list.
#[derive(Clone, Copy)]
struct Known<'a>(&'a [&'a str]);

/// A member that a model is to be read from.
struct Chosen<'a, 't> {
    /// The member of the contract that it is, if it is one.
    known: Option<&'a str>,
    name: Cow<'t, str>,
    value: &'t str,
}

impl<'a> Known<'a> {
    /// The members of one object: their pointers and names.
    fn names(self, at: &str) -> Vec<(&'a str, Cow<'a, str>)> {
        let direct = self.0.iter().filter_map(|pointer| {
            let name = below(pointer, at)?;
            // One further below has a `/` before its name.
            (!name.contains('/')).then(|| (*pointer, unescaped(name)))
        });
        direct.collect()
    }

    fn is_object(self, pointer: &str) -> bool {
        self.0.iter().any(|other| below(other, pointer).is_some())
    }

    fn is_list(self, pointer: &str) -> bool {
        self.0.iter().any(|other| below(other, pointer).is_some_and(|rest| rest.starts_with("*/")))
    }

    /// The members of an object that a model is to be read from.
    fn chosen<'t>(self, text: &'t str, at: &str) -> Vec<Chosen<'a, 't>> {
        let members = members(text);
        if members.is_empty() {
            return Vec::new();
        }
        let names = self.names(at);
        // By the name of the contract, or by it in PascalCase; and whether it is the very name.
        let bound = |(name, _): &(Cow<'_, str>, _)| {
            let found = names.iter().find(|(_, known)| binds(name, known));
            found.map(|(pointer, known)| (*pointer, name == known))
        };
        let bound: Vec<_> = members.iter().map(bound).collect();
        let mut winners: Vec<(&str, bool, usize)> = Vec::new();
        for (index, bound) in bound.iter().enumerate() {
            let Some((pointer, exact)) = *bound else { continue };
            match winners.iter_mut().find(|(other, ..)| *other == pointer) {
                // As an edit finds its member: the name of the contract first, and the last of a name.
                Some(winner) if exact || !winner.1 => *winner = (pointer, exact, index),
                Some(_) => {}
                None => winners.push((pointer, exact, index)),
            }
        }
        let all = members.into_iter().zip(bound).enumerate();
        let chosen = all.filter_map(|(index, ((name, value), bound))| {
            let known = bound.map(|(pointer, _)| pointer);
            let loses = known.is_some() && !winners.iter().any(|winner| winner.2 == index);
            (!loses).then_some(Chosen { known, name, value })
        });
        chosen.collect()
    }

    /// Writes what a model can be read from. It calls itself for the members of the contract alone, which
    /// are not deep.
    fn view(self, text: &str, at: &mut String, level: usize, out: &mut String) {
        out.push('{');
        let mut separator = "";
        for Chosen { known, name, value } in self.chosen(text, at) {
            if known.is_none() && !can_be_held(value, level) {
                continue;
            }
            out.push_str(std::mem::replace(&mut separator, ","));
            out.push_str(&Value::from(&*name).to_string());
            out.push(':');
            let length = at.len();
            match known {
                Some(pointer) if is_object(value) && self.is_object(pointer) => {
                    at.push_str(&pointer[length..]);
                    self.view(value, at, level + 1, out);
                }
                Some(pointer) if is_list(value) && self.is_list(pointer) => {
                    at.push_str(&pointer[length..]);
                    at.push_str("/*");
                    let mut separator = "[";
                    for element in elements(value) {
                        out.push_str(std::mem::replace(&mut separator, ","));
                        if is_object(element) {
                            self.view(element, at, level + 2, out);
                        } else {
                            out.push_str(&repaired(element));
                        }
                    }
                    out.push_str(if separator == "[" { "[]" } else { "]" });
                }
                _ => out.push_str(&repaired(value)),
            }
            at.truncate(length);
        }
        out.push('}');
    }
}

/// What is left of a pointer behind one that it is below.
fn below<'a>(pointer: &'a str, of: &str) -> Option<&'a str> {
    pointer.strip_prefix(of)?.strip_prefix('/')
}

/// Whether a model can hold a value that is so many levels within.
fn can_be_held(value: &str, level: usize) -> bool {
    depth(value) + level <= DEPTH_LIMIT && serde_json::from_str::<Value>(&repaired(value)).is_ok()
}

/// Looks for the first member that does not fit into the model, each in a document of its own.
struct Fit<'a, T> {
    known: Known<'a>,
    pointer: String,
    open: String,
    close: Vec<char>,
    model: std::marker::PhantomData<fn() -> T>,
}

impl<'a, T: DeserializeOwned> Fit<'a, T> {
    fn new(known: Known<'a>) -> Self {
        let (pointer, open) = (String::new(), "{".to_owned());
        Self { known, pointer, open, close: vec!['}'], model: std::marker::PhantomData }
    }

    fn object(&mut self, text: &str, at: &mut String) -> Option<String> {
        for Chosen { known, name, value } in self.known.chosen(text, at) {
            let Some(known) = known else { continue };
            let (length, opened, there) = (at.len(), self.open.len(), self.pointer.len());
            at.push_str(&known[length..]);
            push(&mut self.pointer, &unescaped(&known[length + 1..]));
            self.open.push_str(&Value::from(&*name).to_string());
            self.open.push(':');
            let found = self.value(value, known, at);
            if found.is_some() {
                return found;
            }
            at.truncate(length);
            self.open.truncate(opened);
            self.pointer.truncate(there);
        }
        None
    }

    fn value(&mut self, value: &str, known: &str, at: &mut String) -> Option<String> {
        if is_object(value) && self.known.is_object(known) && !self.known.is_list(known) {
            return self.within('{', '}', |fit| fit.object(value, at));
        }
        if !is_list(value) || !self.known.is_list(known) {
            let close: String = self.close.iter().rev().collect();
            let alone = format!("{}{value}{close}", self.open);
            return self.misfits(&alone);
        }
        at.push_str("/*");
        for (index, element) in elements(value).into_iter().enumerate() {
            let there = self.pointer.len();
            push(&mut self.pointer, &index.to_string());
            let found = self.within('[', ']', |fit| {
                if is_object(element) {
                    return fit.within('{', '}', |fit| fit.object(element, at));
                }
                let close: String = fit.close.iter().rev().collect();
                let alone = format!("{}{element}{close}", fit.open);
                fit.misfits(&alone)
            });
            if found.is_some() {
                return found;
            }
            self.pointer.truncate(there);
        }
        None
    }

    /// The place, if a document does not fit that has this value alone. It lacks whatever else is required.
    fn misfits(&self, alone: &str) -> Option<String> {
        let error = serde_json::from_str::<T>(alone).err()?;
        missing_name(&error).is_none().then(|| self.pointer.clone())
    }

    fn within(
        &mut self,
        open: char,
        close: char,
        look: impl FnOnce(&mut Self) -> Option<String>,
    ) -> Option<String> {
        self.open.push(open);
        self.close.push(close);
        let found = look(self);
        self.open.pop();
        self.close.pop();
        found
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::types::{BillingProfile, CustomerBillingProfile};

    fn profile(text: &str) -> CustomerBillingProfile {
        read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text:.80}"))
    }

    fn nested(levels: usize) -> String {
        format!("{}{}", "[".repeat(levels), "]".repeat(levels))
    }

    #[test]
    fn what_is_not_known_keeps_nobody_from_what_is() {
        let known = json!({"email": "a@b", "defaultAddress": {"city": "Bern"}, "attributes": {"etag": "1"}});
        let known: CustomerBillingProfile = serde_json::from_value(known).expect("a profile");
        let deep = nested(200);
        let deeper = nested(1 << 20);
        for odd in ["1e400", "-1e999", "[1,1e400]", r#"{"a":{"b":1e400}}"#, &deep, &deeper] {
            let text = format!(
                r#" {{"odd":{odd},"email":"a@b","defaultAddress":{{"odd":{odd},"city":"Bern"}},"attributes":{{"etag":"1","Odd":{odd}}}}}"#
            );
            assert_eq!(profile(&text), known, "{odd:.20}");
        }
    }

    #[test]
    fn as_much_as_can_be_held_is() {
        // What is just not too deep, beside something that takes the other way.
        for level in [120, 125, 126, 127, 128] {
            let deep = nested(level);
            let (alone, odd) =
                (format!(r#"{{"deep":{deep}}}"#), format!(r#"{{"deep":{deep},"odd":1e400}}"#));
            let strict = serde_json::from_str::<CustomerBillingProfile>(&alone);
            let there = profile(&odd).extra.contains_key("deep");
            assert_eq!(there, strict.is_ok(), "{level}");
        }
        let odd = profile(r#"{"odd":1e400,"score":1.50,"Ids":[1,"\ud83d"],"x\ud83d":{"a":null}}"#);
        let extra = json!({"score": 1.5, "Ids": [1, "\u{FFFD}"], "x\u{FFFD}": {"a": null}});
        assert_eq!(Value::Object(odd.extra), extra);
    }

    #[test]
    fn half_a_pair_is_a_replacement_character() {
        let read = profile(r#"{"companyName":"cut \ud83d","firstName":"\ud83d\ude00"}"#);
        assert_eq!(read.company_name.as_deref(), Some("cut \u{FFFD}"));
        assert_eq!(read.first_name.as_deref(), Some("\u{1F600}"));
    }

    #[test]
    fn of_two_names_that_of_the_contract_is_read() {
        for (text, email) in [
            (r#"{"email":"a","Email":"b"}"#, "a"),
            (r#"{"Email":"b","email":"a"}"#, "a"),
            (r#"{"email":"a","email":"b"}"#, "b"),
            (r#"{"Email":"a","Email":"b"}"#, "b"),
            (r#"{"email":"a","Email":5}"#, "a"),
        ] {
            let read = profile(text);
            assert_eq!(read.email.as_deref(), Some(email), "{text}");
            assert!(read.extra.is_empty(), "{text}");
        }
        let read = profile(
            r#"{"DefaultAddress":{"City":"a","city":"b"},"links":{"Self":{"uri":"u"},"self":null}}"#,
        );
        assert_eq!(read.default_address.expect("an address").city.as_deref(), Some("b"));
        assert_eq!(read.links.expect("links").self_, None);
    }

    #[test]
    fn a_member_of_another_type_is_named() {
        for (text, member) in [
            (r#"{"language":5}"#, "/language"),
            (r#"{"Language":5}"#, "/language"),
            (r#"{"score":1e400,"a":1,"a":2,"email":"a","Email":"b","language":[]}"#, "/language"),
            (r#"{"language":1e400}"#, "/language"),
            (r#"{"email":"a","email":{}}"#, "/email"),
            (r#"{"defaultAddress":"x"}"#, "/defaultAddress"),
            (r#"{"defaultAddress":[]}"#, "/defaultAddress"),
            (r#"{"defaultAddress":{"city":"x","state":true}}"#, "/defaultAddress/state"),
            (
                r#"{"links":{"self":{"headers":[{"key":"k"},{"key":1}]}}}"#,
                "/links/self/headers/1/key",
            ),
            (r#"{"links":{"self":{"headers":[1]}}}"#, "/links/self/headers/0"),
            (r#"{"links":{"self":{"headers":{}}}}"#, "/links/self/headers"),
        ] {
            let error = read::<CustomerBillingProfile>(text.as_bytes()).expect_err(text);
            let expected = format!("member {member} has another type than the contract says");
            assert_eq!(misfit(&error), Some(expected), "{text}");
        }
        let deep = format!(r#"{{"language":{}}}"#, nested(1 << 20));
        let error = read::<CustomerBillingProfile>(deep.as_bytes()).expect_err("a list");
        assert!(misfit(&error).is_some_and(|text| text.contains("/language")));
        let error = read::<BillingProfile>(br#"{"billingDay":"canary"}"#).expect_err("a text");
        assert!(misfit(&error).is_some_and(|text| text.contains("/billingDay")));
    }

    #[test]
    fn a_missing_member_is_named_where_it_is_missing() {
        #[derive(Debug, serde::Deserialize)]
        struct Part {
            #[serde(rename = "theId")]
            _id: i64,
            #[serde(rename = "name")]
            _name: Option<String>,
            #[serde(flatten)]
            _extra: serde_json::Map<String, Value>,
        }
        #[derive(Debug, serde::Deserialize)]
        struct Whole {
            #[serde(rename = "part")]
            _part: Option<Part>,
            #[serde(rename = "list", default)]
            _list: Vec<Part>,
            #[serde(flatten)]
            _rest: Part,
        }
        impl Constrained for Whole {
            const CONSTRAINTS: &'static [(&'static str, crate::validation::Constraint)] = &[];
            const READ_ONLY: &'static [&'static str] = &[];
            const MEMBERS: &'static [&'static str] = &[
                "/part",
                "/part/theId",
                "/part/name",
                "/list",
                "/list/*/theId",
                "/list/*/name",
                "/theId",
                "/name",
            ];
            const ANY_CASE: &'static [&'static str] = &[];
        }
        for (text, member) in [
            (r#"{"name":"canary"}"#, "/theId is"),
            (r#"{"theId":1,"part":{"name":"canary"}}"#, "/part/theId is"),
            (
                "{\"theId\":1,\"x\":[\n1],\"list\":[{\"theId\":1},\n{\"x\":{}, \"y\":1}]}",
                "/list/1/theId is",
            ),
            (r#"{"theId":1,"part":{"name":5}}"#, "/part/name has"),
        ] {
            let error = read::<Whole>(text.as_bytes()).expect_err(text);
            let found = misfit(&error).unwrap_or_else(|| panic!("{error}"));
            assert!(found.starts_with(&format!("member {member} ")), "{text}: {found}");
        }
    }

    #[test]
    fn an_error_repeats_nothing() {
        for text in [
            "",
            "null",
            "canary",
            "\"canary\"",
            "[\"canary\"]",
            r#"{"language":"canary"#,
            r#"{"language":{"canary":"canary"}}"#,
            r#"{"language":"canary"}canary"#,
            r#"{"links":"canary","x":1e400}"#,
            "{\"canary\":1e400,}",
            "{\"canary\" 1}",
        ] {
            let error = read::<CustomerBillingProfile>(text.as_bytes()).expect_err(text);
            assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
            assert!(misfit(&error).is_none_or(|member| member.starts_with("member /l")), "{text}");
        }
        assert!(read::<CustomerBillingProfile>(b"{\"a\":\"\xFF\"}").is_err());
    }

    #[test]
    fn time_grows_with_length_alone() {
        let many =
            |member: &str| format!("{{{}\"x\":1e400}}", member.repeat((1 << 18) / member.len()));
        for text in [many("\"a\":1,"), many("\"email\":null,"), many("\"\\ud83d\":\"\\ud83d\",")] {
            profile(&text);
        }
        let headers = format!(
            r#"{{"x":1e400,"links":{{"self":{{"headers":[{}{{}}]}}}}}}"#,
            "{},".repeat(1 << 16)
        );
        profile(&headers);
    }
}
