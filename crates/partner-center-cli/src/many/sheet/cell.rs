//! The cells of a table: what is text in them, what is a formula, and how one is written so that no spreadsheet
//! makes the other of it.
//!
//! What [`escaped`] writes, [`read`] reads as the same text, whatever it is. A spreadsheet takes what begins with one
//! of `= + - @`, a tab or the end of a line for a formula (OWASP, CSV Injection): an apostrophe in front makes it a
//! text.

use std::borrow::Cow;

/// What clears a member. The command shows absent members like this.
pub(crate) const NONE: &str = "(none)";

/// What spreadsheets save in the place of a value that they could not calculate.
const ERRORS: [&str; 7] = ["#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#N/A", "#NULL!", "#NUM!"];

/// A cell with something in it.
#[derive(Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    Text(&'a str),
    /// The member is to be cleared.
    Clear,
}

/// What is in a cell; `None` if it is empty.
///
/// # Errors
/// A spreadsheet put it there, and not the person who filled it in.
pub(crate) fn read(cell: &str) -> Result<Option<Cell<'_>>, &'static str> {
    if let Some(text) = cell.strip_prefix('\'').filter(|text| is_special(text)) {
        return Ok(Some(Cell::Text(text)));
    }
    match cell {
        "" => Ok(None),
        _ if is_none(cell) => Ok(Some(Cell::Clear)),
        _ if is_error(cell) => Err("an error value of a spreadsheet is no value; write the value"),
        _ if is_rounded(cell) => Err(
            "a spreadsheet made a rounded number of it; make the column one of text, and write all digits",
        ),
        _ if is_formula(cell) => Err(
            "it begins like a formula; write the value, or an apostrophe in front if it is a text",
        ),
        _ => Ok(Some(Cell::Text(cell))),
    }
}

/// A text as it is written into a cell.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    if is_special(text) { format!("'{text}").into() } else { text.into() }
}

/// Whether a text is something else in a cell, or its apostrophe would be.
fn is_special(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\'', '\t', '\r', '\n'])
        || is_none(text)
        || is_error(text)
        || is_rounded(text)
}

fn is_none(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case(NONE)
}

fn is_error(text: &str) -> bool {
    text.starts_with('#') && ERRORS.iter().any(|error| text.trim().eq_ignore_ascii_case(error))
}

/// Whether it is a number as spreadsheets write long ones, such as `4.91701E+11`.
fn is_rounded(text: &str) -> bool {
    let Some((number, exponent)) = text.trim().split_once(['E', 'e']) else { return false };
    let number = number.strip_prefix(['-', '+']).unwrap_or(number);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // A decimal comma is one in many countries.
    let (whole, part) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    digits(whole) && digits(part) && exponent.strip_prefix(['+', '-']).is_some_and(digits)
}

/// Whether a spreadsheet would calculate it. A phone number and a number are taken for what they are.
fn is_formula(text: &str) -> bool {
    match text.as_bytes().first() {
        Some(b'=' | b'@') => true,
        Some(b'+') => {
            let phone = |letter: char| letter.is_ascii_digit() || " ()./-\u{a0}".contains(letter);
            !text[1..].contains(|letter: char| letter.is_ascii_digit())
                || !text[1..].chars().all(phone)
        }
        Some(b'-') => {
            let number = |letter: char| letter.is_ascii_digit() || ".,".contains(letter);
            !text[1..].starts_with(|letter: char| letter.is_ascii_digit())
                || !text[1..].chars().all(number)
        }
        _ => false,
    }
}

/// A column as spreadsheets name it, from `A`; counted from 0.
pub(crate) fn letters(mut column: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.insert(0, char::from(b'A' + u8::try_from(column % 26).unwrap_or(0)));
        match (column / 26).checked_sub(1) {
            Some(next) => column = next,
            None => return letters.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_no_formula_and_a_formula_no_text() {
        for text in ["=1+1", "@SUM(A1)", "+", "-", "+cmd|' /C calc'!A0", "-x", "-1-2", "+a1"] {
            assert!(read(text).expect_err(text).contains("formula"), "{text}");
        }
        for text in
            ["+49 (170) 12-34.5", "+1/2", "-5", "-1.50", "0049", "tis", "'tis", "a=b", " =x"]
        {
            assert_eq!(read(text), Ok(Some(Cell::Text(text))));
        }
        for text in ["#N/A", "#ref!", "#DIV/0! "] {
            assert!(read(text).expect_err(text).contains("error value"), "{text}");
        }
        for text in ["4.91701E+11", "-4,03463E+18", "1e+5", "12E-3"] {
            assert!(read(text).expect_err(text).contains("rounded"), "{text}");
        }
        for text in ["1E5", "12e", "E+5", "1.E+5", "House 1E+2", "#5", "#N/Ab"] {
            assert_eq!(read(text), Ok(Some(Cell::Text(text))));
        }
        assert_eq!(read("(None)"), Ok(Some(Cell::Clear)));
        assert_eq!(read(""), Ok(None));
    }

    #[test]
    fn what_is_escaped_is_read_as_it_was() {
        for text in [
            "=1+1", "+49 170", "-5", "@a", "'", "'tis", "''", "'=1", "\tx", "\rx", "\nx", "(none)",
            " (NONE) ", "#N/A", "1E+5", "a", "0049", " x ", "''(none)",
        ] {
            assert_eq!(read(&escaped(text)), Ok(Some(Cell::Text(text))), "{text:?}");
        }
        assert_eq!(escaped("a'b"), "a'b");
    }

    #[test]
    fn columns_have_the_letters_of_a_spreadsheet() {
        let named = [0, 25, 26, 51, 52, 701, 702].map(letters);
        assert_eq!(named, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
