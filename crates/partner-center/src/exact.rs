//! Values digit for digit: the texts of numbers that a model holds as `f64`.

use std::borrow::Cow;

use partner_center_api::pointer::{push, unescaped};
use partner_center_api::scan::{elements, is_list, is_object, members};

use crate::document::{place, value};

/// The text of a value that is neither an object nor a list, by its JSON Pointer.
pub(crate) type Leaf = (String, Box<str>);

/// Adds the leaves of the value `text` at `pointer`.
pub(crate) fn leaves(pointer: &str, text: &str, found: &mut Vec<Leaf>) {
    let children = children(text);
    if children.is_empty() {
        found.push((pointer.to_owned(), text.into()));
    }
    for (name, value) in children {
        let mut at = pointer.to_owned();
        push(&mut at, &name);
        leaves(&at, value, found);
    }
}

/// The members of an object or the elements of a list, with their names or numbers.
fn children(text: &str) -> Vec<(Cow<'_, str>, &str)> {
    if is_object(text) {
        members(text)
    } else if is_list(text) {
        let numbered = elements(text).into_iter().enumerate();
        numbered.map(|(at, value)| (at.to_string().into(), value)).collect()
    } else {
        Vec::new()
    }
}

/// The text of the value at a JSON Pointer. Members are found in any case.
pub(crate) fn text_at<'a>(text: &'a str, pointer: &str) -> Option<&'a str> {
    pointer.split('/').skip(1).try_fold(text.trim(), |at, name| {
        let children = children(at);
        Some(children[place(&children, &unescaped(name))?].1)
    })
}

/// Whether two texts are the same value to a model.
pub(crate) fn same_value(one: Option<&str>, other: Option<&str>) -> bool {
    value(one) == value(other)
}

/// The text `text` with the leaves of `wanted` where both have the same value.
pub(crate) fn exactly(text: &str, wanted: &str, out: &mut String) {
    let (ours, theirs) = (children(text), children(wanted));
    if ours.is_empty() {
        let same = text != wanted && theirs.is_empty() && same_value(Some(text), Some(wanted));
        return out.push_str(if same { wanted } else { text });
    }
    let shift = is_list(text) && (ours.len() != theirs.len() || !is_list(wanted));
    within(text, &ours, out, |name, value, out| match place(&theirs, name) {
        Some(place) if !shift => exactly(value, theirs[place].1, out),
        _ => out.push_str(value),
    });
}

/// The text `text` with a leaf of it as `wanted`, where both have the same value.
pub(crate) fn exactly_at(text: &str, pointer: &str, wanted: &str, out: &mut String) {
    let Some(path) = pointer.strip_prefix('/') else { return exactly(text, wanted, out) };
    let (name, rest) = path.split_at(path.find('/').unwrap_or(path.len()));
    let name = unescaped(name);
    within(text, &children(text), out, |other, value, out| {
        if other == name { exactly_at(value, rest, wanted, out) } else { out.push_str(value) }
    });
}

/// Writes `text`, the text of an object or a list, with what `write` makes of each of its children.
fn within(
    text: &str,
    children: &[(Cow<'_, str>, &str)],
    out: &mut String,
    mut write: impl FnMut(&str, &str, &mut String),
) {
    let mut written = 0;
    for (name, value) in children {
        let start = value.as_ptr().addr() - text.as_ptr().addr();
        out.push_str(text.get(written..start).unwrap_or_default());
        write(name, value, out);
        written = start + value.len();
    }
    out.push_str(text.get(written..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"n":1.5,"o":{"a":1000.0,"b":2,"l":[1.5,2]},"s":"1.50"}"#;

    #[test]
    fn a_value_is_written_digit_for_digit_where_it_is_the_same_value() {
        let exact = |pointer: &str, wanted: &str| {
            let mut out = String::new();
            exactly_at(TEXT, pointer, wanted, &mut out);
            out
        };
        assert_eq!(exact("/n", "1.50"), TEXT.replace("\"n\":1.5", "\"n\":1.50"));
        assert_eq!(exact("/o/a", "1e3"), TEXT.replace("1000.0", "1e3"));
        assert_eq!(exact("/o/l/0", "1.50"), TEXT.replace("[1.5,2]", "[1.50,2]"));
        let same = [("/n", "1.51"), ("/s", "1.50"), ("/x", "1"), ("/n/a", "1.5"), ("/o/l/2", "2")];
        for (pointer, wanted) in same {
            assert_eq!(exact(pointer, wanted), TEXT, "{pointer}");
        }
    }

    #[test]
    fn a_model_is_given_the_digits_of_the_document() {
        let mut out = String::new();
        exactly(TEXT, r#" {"N":1.50,"o":{"a":1e3,"b":3,"l":[1.50, 2]}} "#.trim(), &mut out);
        let expected = TEXT.replace("\"n\":1.5", "\"n\":1.50").replace("1000.0", "1e3");
        assert_eq!(out, expected.replace("[1.5,2]", "[1.50,2]"));
        let mut out = String::new();
        exactly("[1.5,2]", "[2.0,1.50,3]", &mut out);
        assert_eq!(out, "[1.5,2]", "nobody knows which element became which");
    }

    #[test]
    fn the_leaves_of_a_value_have_pointers() {
        let mut found = Vec::new();
        leaves("/a", r#"{"b/c":[1.50,{}],"d":"x"}"#, &mut found);
        let found: Vec<_> = found.iter().map(|(at, text)| (at.as_str(), &**text)).collect();
        assert_eq!(found, [("/a/b~1c/0", "1.50"), ("/a/b~1c/1", "{}"), ("/a/d", "\"x\"")]);
        assert_eq!(text_at(r#" {"A":[1,{"b":2.0}]}"#, "/a/1/b"), Some("2.0"));
        assert_eq!(text_at(r#"{"a":1}"#, "/a/b"), None);
    }
}
