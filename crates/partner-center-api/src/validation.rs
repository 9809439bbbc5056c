//! What the contract says that a request should not exceed: lengths, patterns, shapes.
//!
//! The tables are generated from the contract. They bind requests alone: a response may hold
//! whatever the service sends, and the service has the last word on a request too.

use std::fmt;

use serde_json::Value;

use crate::pointer::{push, unescaped};

/// A model that is the body of a request.
pub trait Constrained {
    /// What its members must satisfy, if they are there and not null: each as a JSON Pointer (RFC 6901) in
    /// which `*` stands for every element of a list, with a constraint.
    const CONSTRAINTS: &'static [(&'static str, Constraint)];
    /// The members that a client must not change, as JSON Pointers (RFC 6901). They are sent back
    /// as they were read.
    const READ_ONLY: &'static [&'static str];
    /// Every member that the contract knows, as JSON Pointers (RFC 6901) in which `*` stands for
    /// every element of a list.
    const MEMBERS: &'static [&'static str];
    /// The strings that the service may write in another case than they were given, as JSON Pointers
    /// (RFC 6901).
    const ANY_CASE: &'static [&'static str];
}

/// What a string must satisfy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Constraint {
    /// At least so many characters (Unicode code points, as JSON Schema counts them).
    MinLength(usize),
    /// At most so many characters (Unicode code points, as JSON Schema counts them).
    MaxLength(usize),
    /// A match for this regular expression (ECMA-262, not anchored).
    Pattern(&'static str),
    /// The shape of an e-mail address: something, `@`, something, no blanks.
    Email,
}

impl Constraint {
    fn holds(self, value: &str) -> bool {
        match self {
            Self::MinLength(length) => value.chars().count() >= length,
            Self::MaxLength(length) => value.chars().count() <= length,
            Self::Pattern(pattern) => {
                regress::Regex::new(pattern).is_ok_and(|regex| regex.find(value).is_some())
            }
            Self::Email => value.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty()
                    && !domain.is_empty()
                    && !domain.contains('@')
                    && !value.contains(char::is_whitespace)
            }),
        }
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MinLength(length) => write!(f, "at least {length} characters"),
            Self::MaxLength(length) => write!(f, "at most {length} characters"),
            Self::Pattern(pattern) => write!(f, "a match for {pattern}"),
            Self::Email => f.write_str("an e-mail address"),
        }
    }
}

/// A member that does not satisfy a constraint. Neither `Display` nor `Debug` shows its value.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The member, as a JSON Pointer (RFC 6901), named as it is in the document.
    pub pointer: String,
    /// What it should satisfy.
    pub constraint: Constraint,
    /// The value that it has.
    pub value: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} must be {}", self.pointer, self.constraint)
    }
}

impl fmt::Debug for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Violation")
            .field("pointer", &self.pointer)
            .field("constraint", &self.constraint)
            .finish_non_exhaustive()
    }
}

/// Every constraint of `T` that `document` does not satisfy, in the order of the contract.
///
/// Members are found by their names in either case. A member that is absent or null satisfies
/// everything; one that is not a string is left to the service.
///
/// # Examples
/// ```
/// use partner_center_api::{validation::violations, types::CustomerBillingProfile};
/// let document = serde_json::json!({"defaultAddress": {"country": "USA"}});
/// let found = violations::<CustomerBillingProfile>(&document);
/// assert_eq!(found[0].to_string(), "/defaultAddress/country must be at most 2 characters");
/// assert_eq!(found[0].value, "USA");
/// ```
#[must_use]
pub fn violations<T: Constrained>(document: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut at = String::new();
    for &(path, constraint) in T::CONSTRAINTS {
        visit(document, &mut at, path, &mut |pointer, value| {
            if !constraint.holds(value) {
                let (pointer, value) = (pointer.to_owned(), value.to_owned());
                found.push(Violation { pointer, constraint, value });
            }
        });
    }
    found
}

/// Calls `check` with every string that `path` leads to, and where it is.
fn visit(value: &Value, at: &mut String, path: &str, check: &mut dyn FnMut(&str, &str)) {
    let Some(path) = path.strip_prefix('/') else {
        if let Value::String(text) = value {
            check(at, text);
        }
        return;
    };
    let (name, rest) = path.split_at(path.find('/').unwrap_or(path.len()));
    let length = at.len();
    match value {
        Value::Array(items) if name == "*" => {
            for (index, item) in items.iter().enumerate() {
                at.push('/');
                at.push_str(&index.to_string());
                visit(item, at, rest, check);
                at.truncate(length);
            }
        }
        Value::Object(members) => {
            let name = unescaped(name);
            for (key, member) in members {
                if key.eq_ignore_ascii_case(&name) {
                    push(at, key);
                    visit(member, at, rest, check);
                    at.truncate(length);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Model;

    impl Constrained for Model {
        const CONSTRAINTS: &'static [(&'static str, Constraint)] = &[
            ("/name", Constraint::MaxLength(2)),
            ("/name", Constraint::MinLength(1)),
            ("/a~1b/*/mail", Constraint::Email),
            ("/code", Constraint::Pattern("^[a-z]$")),
        ];
        const READ_ONLY: &'static [&'static str] = &[];
        const MEMBERS: &'static [&'static str] = &["/name", "/a~1b", "/a~1b/*/mail", "/code"];
        const ANY_CASE: &'static [&'static str] = &[];
    }

    fn pointers(document: &Value) -> Vec<String> {
        violations::<Model>(document).into_iter().map(|violation| violation.pointer).collect()
    }

    #[test]
    fn what_satisfies_its_constraints_has_no_violation() {
        let good = json!({"NAME": "äö", "a/b": [{"mail": "a@b"}, {"mail": null}, {}], "code": "x"});
        assert_eq!(violations::<Model>(&good), []);
        assert_eq!(violations::<Model>(&json!({"name": null, "code": 1})), []);
        assert_eq!(violations::<Model>(&json!([])), []);
    }

    #[test]
    fn all_violations_are_named_where_they_are() {
        let mails = ["", "a", "@b", "a@", "a@b@c", "a @b"].map(|mail| json!({"mail": mail}));
        let bad = json!({"Name": "abc", "a/b": mails, "code": "xy"});
        let mut expected = vec!["/Name".to_owned()];
        expected.extend((0..6).map(|index| format!("/a/b/{index}/mail").replace("/a/b", "/a~1b")));
        expected.push("/code".to_owned());
        assert_eq!(pointers(&bad), expected);
        assert_eq!(pointers(&json!({"name": ""})), ["/name"]);
    }
}
