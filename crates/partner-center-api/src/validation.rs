//! What the contract says that a request should not exceed: lengths, patterns, shapes.
//!
//! The tables are generated from the contract. They bind requests alone: a response may hold
//! whatever the service sends, and the service has the last word on a request too.

use std::cmp::Ordering;
use std::fmt;

use serde_json::{Number, Value};

use crate::pointer::{push, unescaped};

/// A model that is the body of a request.
pub trait Constrained {
    /// What its members must satisfy, if they are there and not null: each as a JSON Pointer (RFC 6901) in
    /// which `*` stands for every element of a list, with a constraint. `~*` stands for every member of a map, but
    /// for those after `~!`; what follows `~|` holds for that variant of a union alone.
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
    /// What holds itself: a path as in [`CONSTRAINTS`](Self::CONSTRAINTS), and that of what is there.
    const RECURSIONS: &'static [(&'static str, &'static str)] = &[];
    /// The unions whose variants have constraints of their own, by their paths.
    const VARIANTS: &'static [(&'static str, Variant)] = &[];
}

/// What may be null is null, or has the constraints of what it is.
impl<T: Constrained> Constrained for Option<T> {
    const CONSTRAINTS: &'static [(&'static str, Constraint)] = T::CONSTRAINTS;
    const READ_ONLY: &'static [&'static str] = T::READ_ONLY;
    const MEMBERS: &'static [&'static str] = T::MEMBERS;
    const ANY_CASE: &'static [&'static str] = T::ANY_CASE;
    const RECURSIONS: &'static [(&'static str, &'static str)] = T::RECURSIONS;
    const VARIANTS: &'static [(&'static str, Variant)] = T::VARIANTS;
}

/// The number of the variant that a value is, as its type is read.
pub type Variant = fn(&Value) -> Option<usize>;

/// What a value must satisfy. A value of another type satisfies it: types are the model's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Constraint {
    /// At least so many characters (Unicode code points, as JSON Schema counts them).
    MinLength(usize),
    /// At most so many characters (Unicode code points, as JSON Schema counts them).
    MaxLength(usize),
    /// A match for this regular expression (ECMA-262 with the `u` flag, not anchored).
    Pattern(&'static str),
    /// The shape of an e-mail address: something, `@`, something, no blanks.
    Email,
    /// A UUID in its hyphenated form (RFC 9562 section 4).
    Uuid,
    /// A full date (RFC 3339 section 5.6).
    Date,
    /// A date and time with an offset (RFC 3339 section 5.6).
    DateTime,
    /// Base64 with padding (RFC 4648 section 4).
    Base64,
    /// An IPv4 address in dotted decimal.
    Ipv4,
    /// An IPv6 address (RFC 4291 section 2.2).
    Ipv6,
    /// One of these values, as JSON texts.
    Enum(&'static [&'static str]),
    /// At least this number, as a JSON text.
    Minimum(&'static str),
    /// More than this number, as a JSON text.
    ExclusiveMinimum(&'static str),
    /// At most this number, as a JSON text.
    Maximum(&'static str),
    /// Less than this number, as a JSON text.
    ExclusiveMaximum(&'static str),
    /// A multiple of this number, as a JSON text.
    MultipleOf(&'static str),
    /// At least so many elements.
    MinItems(usize),
    /// At most so many elements.
    MaxItems(usize),
    /// No two equal elements.
    UniqueItems,
    /// At least so many members.
    MinProperties(usize),
    /// At most so many members.
    MaxProperties(usize),
}

impl Constraint {
    fn holds(self, value: &Value) -> bool {
        match value {
            // A value that is not there.
            Value::Null => return true,
            value => {
                if let Self::Enum(values) = self {
                    return values.iter().any(|text| {
                        serde_json::from_str(text).is_ok_and(|known: Value| equal(&known, value))
                    });
                }
            }
        }
        match value {
            Value::String(text) => self.holds_for_text(text),
            Value::Number(number) => self.holds_for_number(number),
            Value::Array(items) => match self {
                Self::MinItems(count) => items.len() >= count,
                Self::MaxItems(count) => items.len() <= count,
                Self::UniqueItems => items
                    .iter()
                    .enumerate()
                    .all(|(index, item)| !items[..index].iter().any(|other| equal(item, other))),
                _ => true,
            },
            Value::Object(members) => match self {
                Self::MinProperties(count) => members.len() >= count,
                Self::MaxProperties(count) => members.len() <= count,
                _ => true,
            },
            Value::Null | Value::Bool(_) => true,
        }
    }

    fn holds_for_text(self, text: &str) -> bool {
        match self {
            Self::MinLength(length) => text.chars().count() >= length,
            Self::MaxLength(length) => text.chars().count() <= length,
            Self::Pattern(pattern) => regress::Regex::with_flags(pattern, "u")
                .is_ok_and(|regex| regex.find(text).is_some()),
            Self::Email => text.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty()
                    && !domain.is_empty()
                    && !domain.contains('@')
                    && !text.contains(char::is_whitespace)
            }),
            Self::Uuid => text.len() == 36 && uuid::Uuid::try_parse(text).is_ok(),
            Self::Date => is_date(text),
            Self::DateTime => is_date_time(text),
            Self::Base64 => is_base64(text),
            Self::Ipv4 => text.parse::<std::net::Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<std::net::Ipv6Addr>().is_ok(),
            _ => true,
        }
    }

    fn holds_for_number(self, number: &Number) -> bool {
        let compared = |bound: &str, holds: fn(Ordering) -> bool| {
            let bound: Option<Number> = serde_json::from_str(bound).ok();
            bound.and_then(|bound| compare(number, &bound)).is_none_or(holds)
        };
        match self {
            Self::Minimum(bound) => compared(bound, Ordering::is_ge),
            Self::ExclusiveMinimum(bound) => compared(bound, Ordering::is_gt),
            Self::Maximum(bound) => compared(bound, Ordering::is_le),
            Self::ExclusiveMaximum(bound) => compared(bound, Ordering::is_lt),
            Self::MultipleOf(step) => {
                let step: Option<Number> = serde_json::from_str(step).ok();
                step.is_none_or(|step| is_multiple(number, &step))
            }
            _ => true,
        }
    }
}

/// The order of two numbers, exact if both are whole.
fn compare(one: &Number, other: &Number) -> Option<Ordering> {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}

/// Whether a number is a multiple of another one, exactly: both are decimals, as JSON writes them.
fn is_multiple(number: &Number, step: &Number) -> bool {
    let (Some((number, mut zeros)), Some((step, places))) = (decimal(number), decimal(step)) else {
        return true;
    };
    zeros -= places;
    // `number` times a power of ten, by `step` times one: of these two powers one is 0.
    let mut step: u128 = step.into_iter().fold(0, |whole, digit| whole * 10 + digit);
    for _ in zeros..0 {
        // Nothing that long ends in so many zeros.
        let Some(longer) = step.checked_mul(10).filter(|it| *it < u128::MAX / 20) else {
            return number.iter().all(|digit| *digit == 0);
        };
        step = longer;
    }
    let zeros = std::iter::repeat_n(0, usize::try_from(zeros).unwrap_or_default());
    step == 0
        || number.into_iter().chain(zeros).fold(0, |rest, digit| (rest * 10 + digit) % step) == 0
}

/// The digits of a number without its sign, at most 20 of them, and the power of ten that they are times.
fn decimal(number: &Number) -> Option<(Vec<u128>, i32)> {
    let text = number.to_string();
    let (digits, power) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
    let places = digits.split_once('.').map_or(0, |(_, places)| places.len());
    let digits: Vec<_> = digits.chars().filter_map(|digit| digit.to_digit(10)).collect();
    let power: i32 = power.parse().ok()?;
    let digits = digits.into_iter().skip_while(|digit| *digit == 0).map(u128::from).collect();
    Some((digits, power.checked_sub(i32::try_from(places).ok()?)?))
}

/// Whether two values are equal as JSON Schema has it: numbers by what they are, not by how they are written.
pub(crate) fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            compare(one, other).is_some_and(Ordering::is_eq)
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, value)| other.get(name).is_some_and(|other| equal(value, other)))
        }
        _ => one == other,
    }
}

/// `full-date` of RFC 3339: four, two and two digits.
fn is_date(text: &str) -> bool {
    let [year, month, day] = &text.split('-').collect::<Vec<_>>()[..] else { return false };
    let (Some(year), Some(month), Some(day)) = (digits(year, 4), digits(month, 2), digits(day, 2))
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// `date-time` of RFC 3339, with a leap second where one can be.
fn is_date_time(text: &str) -> bool {
    let Some((date, rest)) = text.split_once(['T', 't']) else { return false };
    let Some(zone) = rest.find(['Z', 'z', '+', '-']) else { return false };
    let (time, zone) = rest.split_at(zone);
    let (time, fraction) = time.split_once('.').map_or((time, None), |(t, f)| (t, Some(f)));
    let [hour, minute, second] = &time.split(':').collect::<Vec<_>>()[..] else { return false };
    let (Some(hour @ 0..=23), Some(minute @ 0..=59), Some(second @ 0..=60)) =
        (digits(hour, 2), digits(minute, 2), digits(second, 2))
    else {
        return false;
    };
    let fraction = fraction
        .is_none_or(|text| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit()));
    let offset =
        match zone.split_at(1) {
            ("Z" | "z", "") => Some(0),
            (sign @ ("+" | "-"), offset) => offset.split_once(':').and_then(|(hours, minutes)| {
                match (digits(hours, 2), digits(minutes, 2)) {
                    (Some(hours @ 0..=23), Some(minutes @ 0..=59)) => {
                        let offset = i64::from(hours * 60 + minutes);
                        Some(if sign == "-" { -offset } else { offset })
                    }
                    _ => None,
                }
            }),
            _ => None,
        };
    let Some(offset) = offset else { return false };
    // A leap second is the last one of a day in UTC.
    let utc = (i64::from(hour * 60 + minute) - offset).rem_euclid(24 * 60);
    is_date(date) && fraction && (second < 60 || utc == 24 * 60 - 1)
}

/// A number of exactly so many digits.
fn digits(text: &str, count: usize) -> Option<u32> {
    let digits = text.len() == count && text.bytes().all(|digit| digit.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Base64 of RFC 4648 section 4, padded.
fn is_base64(text: &str) -> bool {
    let data = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - data.len() <= 2
        && data.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MinLength(length) => write!(f, "at least {length} characters"),
            Self::MaxLength(length) => write!(f, "at most {length} characters"),
            Self::Pattern(pattern) => write!(f, "a match for {pattern}"),
            Self::Email => f.write_str("an e-mail address"),
            Self::Uuid => f.write_str("a UUID"),
            Self::Date => f.write_str("a date such as 2026-01-31"),
            Self::DateTime => f.write_str("a date and time such as 2026-01-31T23:59:59Z"),
            Self::Base64 => f.write_str("base64"),
            Self::Ipv4 => f.write_str("an IPv4 address"),
            Self::Ipv6 => f.write_str("an IPv6 address"),
            Self::Enum(values) => write!(f, "one of {}", values.join(", ")),
            Self::Minimum(bound) => write!(f, "at least {bound}"),
            Self::ExclusiveMinimum(bound) => write!(f, "more than {bound}"),
            Self::Maximum(bound) => write!(f, "at most {bound}"),
            Self::ExclusiveMaximum(bound) => write!(f, "less than {bound}"),
            Self::MultipleOf(step) => write!(f, "a multiple of {step}"),
            Self::MinItems(count) => write!(f, "at least {count} elements"),
            Self::MaxItems(count) => write!(f, "at most {count} elements"),
            Self::UniqueItems => f.write_str("elements that differ"),
            Self::MinProperties(count) => write!(f, "at least {count} members"),
            Self::MaxProperties(count) => write!(f, "at most {count} members"),
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
    /// The value that it has: a string as it is, anything else as JSON.
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
/// everything; one of another type is left to the service.
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
    check::<T>(document, "", &mut String::new(), &mut found);
    found
}

/// Adds the violations of a value at `at`, by the paths below `base`.
fn check<T: Constrained>(value: &Value, base: &str, at: &mut String, found: &mut Vec<Violation>) {
    for &(path, constraint) in T::CONSTRAINTS {
        let Some(path) = below(path, base) else { continue };
        visit(value, at, path, &mut |at, value| {
            if !constraint.holds(value) {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                found.push(Violation { pointer: at.clone(), constraint, value });
            }
        });
    }
    for &(path, to) in T::RECURSIONS {
        let Some(path) = below(path, base) else { continue };
        visit(value, at, path, &mut |at, value| check::<T>(value, to, at, found));
    }
    for &(path, variant) in T::VARIANTS {
        let Some(below) = below(path, base) else { continue };
        visit(value, at, below, &mut |at, value| {
            if let Some(index) = variant(value) {
                check::<T>(value, &format!("{path}~|{index}"), at, found);
            }
        });
    }
}

/// What is left of a path below another one, if no variant is between them.
fn below<'a>(path: &'a str, base: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(base)?;
    let ends = rest.is_empty() || rest.starts_with('/');
    (ends && !rest.contains("~|")).then_some(rest)
}

/// Calls `check` with every value that `path` leads to, and where it is.
fn visit(value: &Value, at: &mut String, path: &str, check: &mut dyn FnMut(&mut String, &Value)) {
    let Some(path) = path.strip_prefix('/') else {
        return check(at, value);
    };
    let (name, rest) = path.split_at(memchr::memchr(b'/', path.as_bytes()).unwrap_or(path.len()));
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
            let named = name.strip_prefix("~*");
            let known = unescaped(name);
            for (key, member) in members {
                let found = match named {
                    Some(named) => {
                        let mut named = named.split("~!").skip(1);
                        !named.any(|it| unescaped(it).eq_ignore_ascii_case(key))
                    }
                    None => key.eq_ignore_ascii_case(&known),
                };
                if found {
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

    #[test]
    fn each_constraint_holds_for_its_values() {
        use Constraint as C;
        let table: &[(Constraint, &[Value], &[Value])] = &[
            (C::Minimum("3"), &[json!(3), json!(3.5), json!("1")], &[json!(2), json!(2.9)]),
            (C::ExclusiveMinimum("3"), &[json!(4)], &[json!(3), json!(3.0)]),
            (
                C::Maximum("9007199254740993"),
                &[json!(9_007_199_254_740_993_i64)],
                &[json!(9_007_199_254_740_994_i64)],
            ),
            (C::ExclusiveMaximum("0.5"), &[json!(0)], &[json!(0.5)]),
            (C::MultipleOf("0.01"), &[json!(1.13), json!(0), json!(-2)], &[json!(0.005)]),
            (C::MultipleOf("3"), &[json!(-9)], &[json!(10)]),
            (
                C::MultipleOf("0.01"),
                &[json!(5_000_000.25)],
                &[json!(5_000_000.005), json!(123_456_789.005)],
            ),
            (C::MultipleOf("1"), &[json!(1e300)], &[json!(1_000_000_000.5), json!(1e-300)]),
            (C::MultipleOf("2.5e-3"), &[json!(u64::MAX - 15), json!(0.0)], &[json!(0.001)]),
            (
                C::Enum(&["\"a\"", "1"]),
                &[json!("a"), json!(1.0), json!(null)],
                &[json!("A"), json!(2)],
            ),
            (C::MinItems(1), &[json!([1])], &[json!([])]),
            (C::MaxItems(1), &[json!([1]), json!("ab")], &[json!([1, 2])]),
            (C::UniqueItems, &[json!([1, 2, "1"])], &[json!([1, 2, 1.0])]),
            (C::MinProperties(1), &[json!({"a": 1})], &[json!({})]),
            (C::MaxProperties(1), &[json!({})], &[json!({"a": 1, "b": 1})]),
            (
                C::Uuid,
                &[json!("f81d4fae-7dec-11d0-a765-00a0c91e6bf6")],
                &[json!("f81d4fae7dec11d0a76500a0c91e6bf6"), json!("")],
            ),
            (
                C::Date,
                &[json!("2024-02-29")],
                &[json!("2023-02-29"), json!("24-02-01"), json!("2024-13-01")],
            ),
            (
                C::DateTime,
                &[
                    json!("2024-02-29T23:59:60Z"),
                    json!("2024-01-01t00:00:00.5+14:00"),
                    json!("1990-12-31T15:59:60-08:00"),
                ],
                &[
                    json!("2024-02-29T23:59:59"),
                    json!("2024-02-29 23:59:59Z"),
                    json!("2024-02-29T12:00:60Z"),
                    json!("2024-02-29T24:00:00Z"),
                    json!("2024-02-29T00:00:00.Z"),
                    json!("2024-02-29T00:00:00+24:00"),
                ],
            ),
            (
                C::Base64,
                &[json!(""), json!("YQ=="), json!("YWI="), json!("YWJj")],
                &[json!("YQ"), json!("Y==="), json!("YW-_")],
            ),
            (C::Ipv4, &[json!("127.0.0.1")], &[json!("127.0.0.01"), json!("127.1")]),
            (C::Ipv6, &[json!("::1")], &[json!("::g")]),
            // One dialect: ECMA-262 with the `u` flag.
            (C::Pattern(r"^\p{L}+$"), &[json!("Müller")], &[json!("p{L}"), json!("1")]),
            (C::Pattern("^.$"), &[json!("\u{1F600}")], &[json!("ab")]),
        ];
        for (constraint, good, bad) in table {
            let broken = |values: &&[Value]| -> Vec<Value> {
                values.iter().filter(|value| !constraint.holds(value)).cloned().collect()
            };
            assert_eq!(broken(good), Vec::<Value>::new(), "{constraint}");
            assert_eq!(broken(bad), *bad, "{constraint}");
        }
    }

    #[test]
    fn maps_recursions_and_variants_are_followed() {
        struct Tree;
        impl Constrained for Tree {
            const CONSTRAINTS: &'static [(&'static str, Constraint)] = &[
                ("/name", Constraint::MaxLength(1)),
                ("/labels/~*~!any", Constraint::MaxLength(2)),
                ("/pay~|0/n", Constraint::MaxLength(1)),
                ("/pay~|1/n", Constraint::MaxLength(2)),
            ];
            const READ_ONLY: &'static [&'static str] = &[];
            const MEMBERS: &'static [&'static str] = &[];
            const ANY_CASE: &'static [&'static str] = &[];
            const RECURSIONS: &'static [(&'static str, &'static str)] =
                &[("/children/*", ""), ("/pay~|1/tree", "")];
            const VARIANTS: &'static [(&'static str, Variant)] =
                &[("/pay", |value| value["kind"].as_u64().and_then(|kind| kind.try_into().ok()))];
        }
        let found = |document: Value| -> Vec<String> {
            violations::<Tree>(&document).into_iter().map(|violation| violation.pointer).collect()
        };
        assert_eq!(
            found(json!({"labels": {"any": "abc", "": "abc", "b": "abc"}})),
            ["/labels/", "/labels/b"]
        );
        let inner = json!({"name": "ab"});
        let nested = json!({"children": [{"children": [inner]}, {"name": "a"}]});
        assert_eq!(found(nested), ["/children/0/children/0/name"]);
        assert_eq!(found(json!({"pay": {"kind": 0, "n": "ab"}})), ["/pay/n"]);
        assert_eq!(
            found(json!({"pay": {"kind": 1, "n": "ab", "tree": inner}})),
            ["/pay/tree/name"]
        );
        assert_eq!(found(json!({"pay": {"n": "abc", "tree": inner}})), Vec::<String>::new());
    }

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
