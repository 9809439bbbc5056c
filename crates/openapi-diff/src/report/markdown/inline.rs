//! Texts of a contract within Markdown: they stay where they are put, call nobody, and fit in.

use crate::report::words::plural;

/// GitHub takes 65,536 characters in a comment, and no text has more of them than bytes.
pub const LIMIT: usize = 65_000;

/// How much is shown of one text; nobody reads more in a summary.
const LONG: usize = 500;

/// A text beside others; code in backticks stays code.
#[must_use]
pub fn inline(text: &str) -> String {
    render(text, false)
}

/// A text that stays in the cell of a table.
#[must_use]
pub fn cell(text: &str) -> String {
    render(text, true)
}

/// A code span, whatever is in it (CommonMark 6.1).
#[must_use]
pub fn code(text: &str) -> String {
    span(text, false)
}

/// A code span in the cell of a table.
#[must_use]
pub fn code_cell(text: &str) -> String {
    span(text, true)
}

fn render(text: &str, table: bool) -> String {
    let text = shortened(text);
    let (mut out, mut rest) = (String::with_capacity(text.len()), text.as_str());
    while let Some(start) = rest.find('`') {
        plain(&rest[..start], &mut out);
        let inside = rest[start..].trim_start_matches('`');
        let ticks = rest.len() - start - inside.len();
        // Backticks that nothing closes are backticks.
        let Some(end) = closing(inside, ticks) else {
            out.push_str(&"\\`".repeat(ticks));
            rest = inside;
            continue;
        };
        let content = &inside[..end];
        let padded = content.strip_prefix(' ').and_then(|content| content.strip_suffix(' '));
        out.push_str(&span(padded.unwrap_or(content), table));
        rest = &inside[end + ticks..];
    }
    plain(rest, &mut out);
    out
}

/// Where a run of as many backticks begins.
fn closing(text: &str, ticks: usize) -> Option<usize> {
    let mut from = 0;
    while let Some(start) = text[from..].find('`').map(|start| from + start) {
        let run = text[start..].bytes().take_while(|byte| *byte == b'`').count();
        if run == ticks {
            return Some(start);
        }
        from = start + run;
    }
    None
}

/// A text without code. What GitHub would make a mention or a link to an issue of is kept apart by a
/// space of no width: it looks for them when entities are characters already.
fn plain(text: &str, out: &mut String) {
    let mut letters = text.chars().peekable();
    let mut before = String::new();
    while let Some(letter) = letters.next() {
        let digit = letters.peek().is_some_and(char::is_ascii_digit);
        match letter {
            '\n' | '\r' => out.push(' '),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' | '[' | ']' | '\\' => out.extend(['\\', letter]),
            '@' => out.push_str("@&#8203;"),
            '#' if digit => out.push_str("#&#8203;"),
            '-' if digit && before.to_ascii_lowercase().ends_with("gh") => {
                out.push_str("-&#8203;");
            }
            letter => out.push(letter),
        }
        before.push(letter);
    }
}

fn span(text: &str, table: bool) -> String {
    let text = shortened(text).replace(['\n', '\r'], " ");
    if text.is_empty() {
        return "the whole document".to_owned();
    }
    if table && text.contains('|') {
        // A table is taken apart before its code is, whatever stands before a `|`.
        let letter = |c: char| match c {
            c if c.is_ascii_punctuation() => format!("&#{};", u32::from(c)),
            c => c.to_string(),
        };
        return format!("<code>{}</code>", text.chars().map(letter).collect::<String>());
    }
    let mut ticks = "`".to_owned();
    while text.contains(&ticks) {
        ticks.push('`');
    }
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONG) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What a block of code begins and ends with.
#[must_use]
pub fn fence(text: &str) -> String {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    fence
}

/// A text in HTML.
#[must_use]
pub fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The first of the pieces that fit into `room` bytes, and what is said of the others: `whole` shows them.
pub fn fitting(
    pieces: impl IntoIterator<Item = String>,
    room: usize,
    noun: &str,
    whole: &str,
) -> (String, String) {
    let (mut text, mut left) = (String::new(), 0);
    for piece in pieces {
        if left > 0 || text.len() + piece.len() > room {
            left += 1;
        } else {
            text.push_str(&piece);
        }
    }
    let (verb, them) = if left == 1 { ("is", "it") } else { ("are", "all of them") };
    let rest = match left {
        0 => String::new(),
        _ => format!(
            "\n{} {verb} left out here, because GitHub limits the length of a comment; \
             `{whole}` shows {them}.\n",
            plural(left, noun).replacen(' ', " more ", 1)
        ),
    };
    (text, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_contract_says_stays_in_its_place() {
        assert_eq!(cell("a | `<b>` <b>\nc"), "a \\| `<b>` &lt;b&gt; c");
        assert_eq!(inline("`a|b` [x](y) \\| &lt;"), "`a|b` \\[x\\](y) \\\\\\| &amp;lt;");
        assert_eq!(cell("`a\\|b`"), "<code>a&#92;&#124;b</code>");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`a`"), "`` `a` ``");
        assert_eq!(code("a|b\nc"), "`a|b c`");
        assert_eq!(code_cell("a|b"), "<code>a&#124;b</code>");
        assert_eq!(fence("```"), "````");
    }

    #[test]
    fn backticks_that_nothing_closes_hide_nothing() {
        assert_eq!(cell("it`s <!-- b"), "it\\`s &lt;!-- b");
        assert_eq!(cell("a `` b` <!--"), "a \\`\\` b\\` &lt;!--");
        assert_eq!(cell("`` a`<!-- `` b"), "``a`<!--`` b");
    }

    #[test]
    fn nobody_is_called_and_nothing_is_closed() {
        assert_eq!(cell("fixes #12, @all"), "fixes #&#8203;12, @&#8203;all");
        assert_eq!(cell("GH-7, a-7, # 1"), "GH-&#8203;7, a-7, # 1");
        assert_eq!(cell("`@all #12`"), "`@all #12`");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let long = "ü".repeat(10_000);
        assert_eq!(cell(&long), format!("{}…", "ü".repeat(LONG)));
        assert_eq!(code(&long).chars().count(), LONG + 3);
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let pieces = || ["a", "bcd", "e"].map(str::to_owned);
        assert_eq!(fitting(pieces(), 5, "change", "all"), ("abcde".to_owned(), String::new()));
        let (text, rest) = fitting(pieces(), 4, "change", "all");
        assert_eq!(text, "abcd");
        assert!(rest.starts_with("\n1 more change is left out here, "), "{rest}");
        let (text, rest) = fitting(pieces(), 2, "change", "all");
        assert_eq!(text, "a");
        assert!(rest.starts_with("\n2 more changes are left out here, "), "{rest}");
        assert!(rest.ends_with("`all` shows all of them.\n"), "{rest}");
    }
}
