//! Numbers as the decimals that they are written as: no digit is lost, and no exponent is too large.

use std::cmp::Ordering;
use std::fmt;

use serde_json::Number;

/// How far an exponent counts.
const EXPONENT: i64 = 1 << 40;

/// How many zeros are written out.
const ZEROS: i64 = 40;

/// A decimal number of any length: 1, 1.0 and 1e0 are equal.
///
/// # Examples
/// ```
/// use openapi_document::Decimal;
///
/// let number = |text| Decimal::parse(text).ok_or(text);
/// assert!(number("9007199254740993")? > number("9007199254740992")?);
/// assert!(number("0.3")?.is_multiple_of(&number("0.1")?));
/// assert_eq!(number("1.50e400")?.to_string(), "1.5e400");
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal {
    negative: bool,
    /// Neither the first nor the last is zero; zero has none.
    digits: Box<str>,
    /// The power of ten that the last digit counts.
    exponent: i64,
}

impl Decimal {
    /// Reads a number as JSON or YAML writes it, in decimal.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let unsigned = number.strip_prefix(['+', '-']).unwrap_or(number);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let size = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if whole.is_empty() && fraction.is_empty() || size.is_empty() {
            return None;
        }
        if ![whole, fraction, size].into_iter().all(are_digits) {
            return None;
        }
        // All digits: it can only be too large.
        let size = size.parse().unwrap_or(EXPONENT).min(EXPONENT);
        let exponent = if exponent.starts_with('-') { -size } else { size };
        let places = i64::try_from(fraction.len()).unwrap_or(EXPONENT);
        Some(Self::new(number.starts_with('-'), &format!("{whole}{fraction}"), exponent - places))
    }

    fn new(negative: bool, digits: &str, exponent: i64) -> Self {
        let digits = digits.trim_start_matches('0');
        let short = digits.trim_end_matches('0');
        if short.is_empty() {
            return Self { negative: false, digits: "".into(), exponent: 0 };
        }
        let zeros = i64::try_from(digits.len() - short.len()).unwrap_or(EXPONENT);
        Self { negative, digits: short.into(), exponent: exponent + zeros }
    }

    /// Whether it is 0.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Whether it is more than 0.
    #[must_use]
    pub fn is_positive(&self) -> bool {
        !self.negative && !self.is_zero()
    }

    /// Whether it is a whole number.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.exponent >= 0
    }

    /// As a whole number from 0 on; what is too large for the type is its greatest.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        if self.negative || !self.is_whole() {
            return None;
        }
        Some(self.written_out().and_then(|digits| digits.parse().ok()).unwrap_or(match self {
            zero if zero.is_zero() => 0,
            _ => u64::MAX,
        }))
    }

    /// The nearest whole number that is not less, if `up`, or not more.
    #[must_use]
    pub fn rounded(&self, up: bool) -> Self {
        if self.is_whole() {
            return self.clone();
        }
        let length = usize::try_from(self.size()).unwrap_or_default();
        let whole = Self::new(self.negative, &self.digits[..length], 0);
        if self.negative == up {
            return whole;
        }
        whole.next(up).unwrap_or_else(|| self.clone())
    }

    /// The next greater whole number, if `up`, or the next smaller one, of a whole number that is not too long
    /// to be written out.
    #[must_use]
    pub fn next(&self, up: bool) -> Option<Self> {
        if self.is_zero() {
            return Some(Self::new(!up, "1", 0));
        }
        let more = self.negative != up;
        let (last, first) = if more { (b'9', b'0') } else { (b'0', b'9') };
        let mut digits = format!("0{}", self.written_out()?).into_bytes();
        for digit in digits.iter_mut().rev() {
            if *digit != last {
                *digit = if more { *digit + 1 } else { *digit - 1 };
                break;
            }
            *digit = first;
        }
        Some(Self::new(self.negative, std::str::from_utf8(&digits).ok()?, 0))
    }

    /// The digits of a whole number with all its zeros, if those are not too many.
    fn written_out(&self) -> Option<String> {
        let zeros = usize::try_from(self.exponent).ok().filter(|_| self.exponent <= 1_000)?;
        Some(format!("{}{}", self.digits, "0".repeat(zeros)))
    }

    /// How many digits there are before the point.
    fn size(&self) -> i64 {
        i64::try_from(self.digits.len()).unwrap_or(EXPONENT) + self.exponent
    }

    /// Whether it is some whole number of times another one.
    ///
    /// Of another one with more than 37 digits, only it and 0 are known to be multiples.
    #[must_use]
    pub fn is_multiple_of(&self, unit: &Self) -> bool {
        if self.is_zero() || unit.is_zero() {
            return self.is_zero();
        }
        // The last digit is not zero, so that no power of ten divides all of them.
        let zeros = self.exponent - unit.exponent;
        if zeros < 0 {
            return false;
        }
        let Some(divisor) = unit.digits.parse::<u128>().ok().filter(|it| *it <= u128::MAX / 10)
        else {
            return self.digits == unit.digits;
        };
        let digits = self.digits.bytes().map(|digit| u128::from(digit - b'0'));
        let mut rest = digits.fold(0, |rest, digit| (rest * 10 + digit) % divisor);
        // The divisor has fewer twos and fives than bits.
        for _ in 0..zeros.min(128) {
            rest = rest * 10 % divisor;
        }
        rest == 0
    }

    /// The nearest float; the infinite one where it is too large.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        // It is written as Rust reads it.
        self.to_string().parse().unwrap_or_default()
    }

    /// It, a whole number of times, if it is not too long for that.
    #[must_use]
    pub fn times(&self, count: i64) -> Option<Self> {
        let digits = if self.is_zero() { 0 } else { self.digits.parse::<i128>().ok()? };
        let product = digits.checked_mul(i128::from(count))?;
        let negative = self.negative != (count < 0);
        Some(Self::new(negative, &product.unsigned_abs().to_string(), self.exponent))
    }

    /// The least common multiple of two, if it is not too long.
    #[must_use]
    pub fn common_multiple(&self, other: &Self) -> Option<Self> {
        let exponent = self.exponent.min(other.exponent);
        let aligned = |number: &Self| {
            let zeros = u32::try_from(number.exponent - exponent).ok()?;
            10_u128.checked_pow(zeros)?.checked_mul(number.digits.parse().ok()?)
        };
        let (one, other) = (aligned(self)?, aligned(other)?);
        let (mut divisor, mut rest) = (one, other);
        while rest != 0 {
            (divisor, rest) = (rest, divisor % rest);
        }
        let multiple = one.checked_div(divisor)?.checked_mul(other)?;
        Some(Self::new(false, &multiple.to_string(), exponent))
    }
}

impl From<&Number> for Decimal {
    fn from(number: &Number) -> Self {
        // Numbers are written in decimal.
        Self::parse(&number.to_string()).unwrap_or_else(|| Self::new(false, "", 0))
    }
}

impl From<i128> for Decimal {
    fn from(number: i128) -> Self {
        Self::new(number < 0, &number.unsigned_abs().to_string(), 0)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.is_zero(), number.negative) {
            (true, _) => 0,
            (false, negative) => {
                if negative {
                    -1
                } else {
                    1
                }
            }
        };
        let size = || self.size().cmp(&other.size()).then_with(|| self.digits.cmp(&other.digits));
        sign(self)
            .cmp(&sign(other))
            .then_with(|| if self.negative { size().reverse() } else { size() })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    /// `12`, `0.01`, `1.5e400`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return f.write_str("0");
        }
        if self.negative {
            f.write_str("-")?;
        }
        let size = self.size();
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
        // What is before the point, what is behind it, and the power of ten.
        let (whole, fraction, power) = match usize::try_from(size) {
            Ok(_) if self.exponent >= 0 && size <= ZEROS => {
                return write!(f, "{}{}", self.digits, zeros(self.exponent));
            }
            Ok(size) if size > 0 && self.exponent < 0 => {
                (&self.digits[..size], &self.digits[size..], 0)
            }
            _ if size <= 0 && size > -ZEROS => {
                return write!(f, "0.{}{}", zeros(-size), self.digits);
            }
            _ => (&self.digits[..1], &self.digits[1..], size - 1),
        };
        f.write_str(whole)?;
        if !fraction.is_empty() {
            write!(f, ".{fraction}")?;
        }
        if power == 0 { Ok(()) } else { write!(f, "e{power}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::parse(text).expect(text)
    }

    #[test]
    fn the_order_is_exact() {
        let order = [
            "-1e99999999999999999999",
            "-1e300",
            "-9007199254740993",
            "-9007199254740992",
            "-1.5",
            "-1",
            "-0.1",
            "0",
            "1e-99999999999999999999",
            "1e-300",
            "0.1",
            "0.10000000000000001",
            "1",
            "9.5",
            "10",
            "9007199254740992",
            "9007199254740993",
            "18446744073709551615",
            "18446744073709551616",
            "1e20",
            "123456789012345678901234567890123456789012345678901234567890",
            "1e300",
            "1e400",
        ];
        for (i, a) in order.iter().enumerate() {
            for (j, b) in order.iter().enumerate() {
                assert_eq!(number(a).cmp(&number(b)), i.cmp(&j), "{a} {b}");
            }
        }
        for (a, b) in [
            ("1.0", "1"),
            ("1e2", "100"),
            ("-0.0", "0"),
            ("0e9", "0"),
            ("+.50", "0.5"),
            ("5.", "5"),
        ] {
            assert_eq!(number(a), number(b));
        }
        for text in
            ["", ".", "-", "e3", "1e", "1e+", "1.2.3", "0x1", "1_0", " 1", "--1", "NaN", ".inf"]
        {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn multiples_are_exact() {
        for (value, unit, want) in [
            ("0.3", "0.1", true),
            ("0.35", "0.1", false),
            ("1e300", "7", false),
            ("1e300", "8", true),
            ("1e99999999999999999999", "1024", true),
            ("9007199254740993", "3", true),
            ("9007199254740992", "3", false),
            ("0", "3", true),
            ("3", "0", false),
            ("10", "2.5", true),
            ("5", "10", false),
            ("20", "10", true),
            ("1e-300", "1", false),
            ("-6", "3", true),
            ("6e-400", "3e-400", true),
            ("300000000000000000000000000000000000000000000000000000000003", "3", true),
            ("300000000000000000000000000000000000000000000000000000000004", "3", false),
        ] {
            assert_eq!(number(value).is_multiple_of(&number(unit)), want, "{value} of {unit}");
        }
        for (one, other, want) in
            [("4", "6", Some("12")), ("0.1", "0.25", Some("0.5")), ("1e300", "7", None)]
        {
            let common = number(one).common_multiple(&number(other));
            assert_eq!(common, want.map(number), "{one} {other}");
        }
    }

    #[test]
    fn a_number_of_times_has_all_digits() {
        for (value, count, want) in [
            ("0.1", 3, Some("0.3")),
            ("-2.5e400", 4, Some("-1e401")),
            ("7", -2, Some("-14")),
            ("-7", -2, Some("14")),
            ("3", 0, Some("0")),
            ("0", -3, Some("0")),
            ("123456789012345678901234567890123456789012", 2, None),
        ] {
            assert_eq!(number(value).times(count), want.map(number), "{value} {count}");
        }
        assert!(number("0.1").to_f64().total_cmp(&0.1).is_eq());
        assert!(number("-1e400").to_f64().total_cmp(&f64::NEG_INFINITY).is_eq());
    }

    #[test]
    fn whole_numbers_are_beside_others() {
        for (value, floor, ceil) in [
            ("1.5", "1", "2"),
            ("-1.5", "-2", "-1"),
            ("3", "3", "3"),
            ("9.5", "9", "10"),
            ("0.5", "0", "1"),
            ("1e-300", "0", "1"),
            ("-1e-300", "-1", "0"),
        ] {
            assert_eq!(number(value).rounded(false), number(floor), "{value}");
            assert_eq!(number(value).rounded(true), number(ceil), "{value}");
        }
        for (value, below, above) in [
            ("0", "-1", "1"),
            ("1", "0", "2"),
            ("-1", "-2", "0"),
            ("99", "98", "100"),
            ("-100", "-101", "-99"),
            ("18446744073709551615", "18446744073709551614", "18446744073709551616"),
        ] {
            assert_eq!(number(value).next(false), Some(number(below)), "{value}");
            assert_eq!(number(value).next(true), Some(number(above)), "{value}");
        }
        assert_eq!(number("1e2000").next(true), None);
        for (value, count) in [
            ("0", Some(0)),
            ("5.0", Some(5)),
            ("1e3", Some(1000)),
            ("1e400", Some(u64::MAX)),
            ("-1", None),
            ("1.5", None),
        ] {
            assert_eq!(number(value).count(), count, "{value}");
        }
    }

    #[test]
    fn they_are_written_as_people_do() {
        for text in [
            "0",
            "12",
            "-0.01",
            "0.1",
            "-1200",
            "12.5",
            "18446744073709551616",
            "1e300",
            "1.5e-300",
            "-1e-50",
        ] {
            assert_eq!(number(text).to_string(), text);
        }
        assert_eq!(number("1.0").to_string(), "1");
        assert_eq!(number("1e300"), Decimal::from(&Number::from_f64(1e300).expect("finite")));
        assert_eq!(Decimal::from(-12_i128).to_string(), "-12");
    }
}
