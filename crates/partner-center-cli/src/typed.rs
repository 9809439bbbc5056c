//! What was typed, as the value of a member.
//!
//! A member keeps the JSON type that it was read with, unless the person says otherwise: in quotes it is a
//! text. No digit is written that was not typed.

use serde_json::Value;

use crate::json::{Wrong, parse};
use crate::output::one_line;

/// A value as it stands on its line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Typed {
    Plain(String),
    /// What the quotes hold.
    Quoted(String),
}

impl Typed {
    /// What the member is to have, of which the contract knows nothing.
    ///
    /// `read` is the text that `before` was read as.
    pub(crate) fn value(self, before: &Value, read: Option<&str>) -> Result<Value, String> {
        match self {
            Self::Quoted(text) => Ok(text.into()),
            Self::Plain(text) => plain(text, before, read),
        }
    }

    pub(crate) fn text(self) -> String {
        match self {
            Self::Plain(text) | Self::Quoted(text) => text,
        }
    }
}

/// The value that `set --set` gives: JSON if it says so by how it begins, and else as if it was typed in an
/// edit.
pub(crate) fn assigned(text: &str, before: &Value, read: Option<&str>) -> Result<Value, String> {
    if is_json(text) {
        parse(text, read).map_err(why)
    } else if text == "null" {
        Ok(Value::Null)
    } else {
        plain(text.to_owned(), before, read)
    }
}

/// Refuses what is wrong whatever the member was read as.
pub(crate) fn check_assigned(text: &str) -> Result<(), String> {
    match parse(text, None) {
        Err(wrong @ Wrong::Syntax(_)) if is_json(text) => Err(why(wrong)),
        _ => Ok(()),
    }
}

fn is_json(text: &str) -> bool {
    text.starts_with(['{', '[', '"'])
}

fn plain(text: String, before: &Value, read: Option<&str>) -> Result<Value, String> {
    if before.is_string() {
        return Ok(text.into());
    }
    let value = match parse(&text, read) {
        Ok(value) => value,
        // Nothing was read that it could be like.
        Err(Wrong::Syntax(_)) if before.is_null() && !is_json(&text) => return Ok(text.into()),
        Err(Wrong::Syntax(_)) if matches!(before, Value::Bool(_) | Value::Number(_)) => {
            return Err(another(&text, before));
        }
        Err(wrong) => return Err(why(wrong)),
    };
    if before.is_null() || kind(&value) == kind(before) {
        Ok(value)
    } else {
        Err(another(&text, before))
    }
}

fn another(text: &str, before: &Value) -> String {
    let (kind, text) = (kind(before), one_line(text));
    format!(
        "it is {kind}, and `{text}` is none; write {kind}, or {} for a text; for any other value, clear it \
         first",
        Value::from(text.as_str())
    )
}

fn why(wrong: Wrong) -> String {
    match wrong {
        Wrong::Syntax(error) => {
            // It is one line, and not the first of an edit.
            let error = error.replace(" at line 1 column ", " at column ");
            format!("the value is no JSON: {error}; write it as JSON, or within \"...\" as a text")
        }
        Wrong::Other(why) => why,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_member_keeps_the_type_that_it_was_read_with() {
        let edited = |text: &str, before: &Value| Typed::Plain(text.to_owned()).value(before, None);
        let set = |text: &str, before: &Value| assigned(text, before, None);
        for text in ["01067", "NO", "1_000", "12345678901234567890123", "1.50", "true", "x"] {
            assert_eq!(edited(text, &json!("a")), Ok(json!(text)));
            assert_eq!(set(text, &json!("a")), Ok(json!(text)));
        }
        for text in ["01067", "NO", "1_000", "0x1F", "yes", "true", "[1]", ".5"] {
            let why = edited(text, &json!(1)).expect_err(text);
            assert!(why.starts_with(&format!("it is a number, and `{text}` is none")), "{why}");
            let quoted = Typed::Quoted(text.to_owned()).value(&json!(1), None);
            assert_eq!(quoted, Ok(json!(text)));
        }
        for text in ["12345678901234567890123", "1.50", "1e3"] {
            for before in [json!(1), json!(null)] {
                assert!(edited(text, &before).is_ok_and(|value| value.is_number()));
                assert_eq!(set(text, &before), edited(text, &before));
            }
        }
        assert_eq!(edited("2", &json!(1.5)), Ok(json!(2)));
        assert_eq!(edited("false", &json!(true)), Ok(json!(false)));
        assert!(edited("no", &json!(true)).is_err());
        assert_eq!(edited("null", &json!("a")), Ok(json!("null")));
        assert!(edited("null", &json!(1)).is_err());
        assert!(edited("[a", &json!([1])).expect_err("no JSON").contains("no JSON"));
    }

    #[test]
    fn a_new_member_is_json_or_a_text() {
        let set = |text: &str| assigned(text, &Value::Null, None);
        assert_eq!(set("12"), Ok(json!(12)));
        assert_eq!(set("\"12\""), Ok(json!("12")));
        assert_eq!(set("01067"), Ok(json!("01067")));
        assert_eq!(set("NO"), Ok(json!("NO")));
        assert_eq!(set("a b"), Ok(json!("a b")));
        assert_eq!(set("null"), Ok(json!(null)));
        assert_eq!(set("[1.50]"), Ok(json!([1.5])));
        // How it begins says what it is, whatever was there.
        assert_eq!(assigned("[1]", &json!("a"), None), Ok(json!([1])));
        assert_eq!(assigned("\"1\"", &json!(1), None), Ok(json!("1")));
        for wrong in ["{\"a\":1", "[1", "\"x"] {
            assert!(check_assigned(wrong).expect_err(wrong).contains("no JSON"));
        }
    }
}
