//! What a plain scalar of YAML is: the core schema of YAML 1.2 (section 10.3.2), as redocly and Spectral read it.
//!
//! The parser knows more numbers than that has: `1_000` and `0b11`, which are texts.

use serde_json::{Number, Value};

use crate::decimal::Decimal;

/// The plain scalar that begins a text, which the parser took for a number or a boolean; `None` if something else
/// stands there.
pub(crate) fn plain(text: &str) -> Option<(Value, &str)> {
    let ends = |c: char| c.is_whitespace() || ",]}".contains(c);
    let token = &text[..text.find(ends).unwrap_or(text.len())];
    let begins = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    token.starts_with(begins).then(|| (core(token), token))
}

/// Whether a value is not all of the number that a token is: a float has about 16 digits.
pub(crate) fn is_rounded(value: &Value, token: &str) -> bool {
    let Value::Number(number) = value else { return false };
    number.is_f64() && Decimal::parse(token).is_some_and(|exact| exact != Decimal::from(number))
}

fn core(token: &str) -> Value {
    match token {
        "true" | "True" | "TRUE" => true.into(),
        "false" | "False" | "FALSE" => false.into(),
        _ => number(token).map_or_else(|| token.into(), Value::Number),
    }
}

fn number(token: &str) -> Option<Number> {
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = token.strip_prefix(prefix) {
            // The parser takes what is longer for a text.
            let signed = digits.starts_with(['+', '-']);
            return u64::from_str_radix(digits, radix).ok().filter(|_| !signed).map(Number::from);
        }
    }
    let unsigned = token.strip_prefix(['+', '-']).unwrap_or(token);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let some_digits = |text: &str| !text.is_empty() && digits(text);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_is_one =
        |exponent: &str| some_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    let is_number = digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(exponent_is_one);
    if !is_number {
        return None;
    }
    if exponent.is_none() && !mantissa.contains('.') {
        let whole = token.parse::<u64>().map(Number::from);
        if let Ok(number) = whole.or_else(|_| token.parse::<i64>().map(Number::from)) {
            return Some(number);
        }
    }
    let number: f64 = token.parse().ok()?;
    Number::from_f64(number.clamp(f64::MIN, f64::MAX))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::Document;

    /// As js-yaml 5, `yaml` 2 and @stoplight/yaml 4 read them.
    #[test]
    fn plain_scalars_are_those_of_the_core_schema() {
        for (token, expected) in [
            ("1_000", json!("1_000")),
            ("0b11", json!("0b11")),
            ("0o10", json!(8)),
            ("0o8", json!("0o8")),
            ("01067", json!(1067)),
            ("089", json!(89)),
            ("-01", json!(-1)),
            ("+12", json!(12)),
            ("0x1F", json!(31)),
            ("0X1F", json!("0X1F")),
            ("-0x1F", json!("-0x1F")),
            ("0xFFFFFFFFFFFFFFFF", json!(u64::MAX)),
            (".5", json!(0.5)),
            ("+.5", json!(0.5)),
            ("5.", json!(5.0)),
            ("1e3", json!(1000.0)),
            ("1e400", json!(f64::MAX)),
            ("-1e400", json!(f64::MIN)),
            ("1.e3", json!(1000.0)),
            (".e3", json!(".e3")),
            ("0.1_0", json!("0.1_0")),
            ("-9223372036854775808", json!(i64::MIN)),
            ("18446744073709551615", json!(u64::MAX)),
            ("yes", json!("yes")),
            ("No", json!("No")),
            ("on", json!("on")),
            ("OFF", json!("OFF")),
            ("True", json!(true)),
            ("tRUE", json!("tRUE")),
            ("~", Value::Null),
            ("Null", Value::Null),
            ("2001-12-14", json!("2001-12-14")),
            ("2001-12-14T21:59:43Z", json!("2001-12-14T21:59:43Z")),
            ("190:20:30", json!("190:20:30")),
        ] {
            let read = |text: &str| Document::parse("a.yaml", text).expect(text).json;
            assert_eq!(read(&format!("v: {token}"))["v"], expected, "{token}");
            assert_eq!(read(&format!("- {{v: &a {token}}} # 0b1\n- [1, *a]"))[1][1], expected);
            assert_eq!(read(&format!("v: '{token}'"))["v"], token);
        }
        for token in [".inf", "-.INF", ".nan"] {
            let wrong = Document::parse("a.yaml", &format!("a:\n  b: {token}"));
            assert_eq!(wrong.expect_err(token).location(), "a.yaml:2:6");
        }
        let merged = "a: &x {b: 0o7}\nc: {<<: *x, d: '0o7'}";
        let merged = Document::parse("a.yaml", merged).expect("a document").json;
        assert_eq!(merged["c"], json!({"b": 7, "d": "0o7"}));
    }
}
