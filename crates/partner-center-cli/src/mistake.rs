//! What is wrong with a text that was edited, said on top of it.

use std::fmt::Write;

use crate::output::one_line;

/// How mistakes begin that were put on top of the text.
const MISTAKE: &str = "#! ";

/// Some editors put it at the beginning of a text.
pub(crate) const MARK: char = '\u{feff}';

/// What is wrong with a text that was edited.
#[derive(Debug, PartialEq)]
pub(crate) struct Mistake {
    /// The line, counted from 1.
    line: Option<usize>,
    pub(crate) what: String,
}

impl Mistake {
    /// A mistake that is nowhere in particular.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { line: None, what: what.into() }
    }

    pub(crate) fn on(line: usize, what: impl Into<String>) -> Self {
        Self { line: Some(line), what: what.into() }
    }

    /// A mistake in a member, on the line that it is on if there is one.
    pub(crate) fn of(pointer: &str, line: Option<usize>, what: &str) -> Self {
        let names: Vec<_> = pointer.split('/').skip(1).collect();
        Self { line, what: format!("{}: {what}", names.join(".")) }
    }

    /// Where a person who reads from the top expects it.
    pub(crate) fn place(&self) -> Option<usize> {
        self.line
    }
}

/// The text with its mistakes on top, in place of those that were there.
pub(crate) fn with_mistakes(text: &str, mistakes: &[Mistake]) -> String {
    let body = without_mistakes(text);
    let before = text.lines().count() - body.lines().count();
    let after = mistakes.len() + 1;
    let mut out =
        format!("{MISTAKE}Nothing was written yet. Fix this, or save an empty file to cancel:\n");
    for mistake in mistakes {
        let line =
            mistake.line.map(|line| format!("line {}: ", line.saturating_sub(before) + after));
        let _ = writeln!(out, "{MISTAKE}  {}{}", line.unwrap_or_default(), one_line(&mistake.what));
    }
    out + body
}

/// The text without the mistakes that were put on top of it.
pub(crate) fn without_mistakes(text: &str) -> &str {
    let text = text.strip_prefix(MARK).unwrap_or(text);
    let top = text.split_inclusive('\n').take_while(|line| line.starts_with(MISTAKE));
    &text[top.map(str::len).sum()..]
}
