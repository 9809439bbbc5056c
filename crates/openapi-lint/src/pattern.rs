//! What a regular expression can match, as far as its text tells.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// How many bytes an expression may have. The engine reads its alternatives recursively, and overflows the stack on
/// some thousands of them; its own limit is for groups.
const LONGEST: usize = 2000;

/// An expression of ECMA-262 with the `u` flag, or why it is none.
pub(crate) fn compiled(pattern: &str) -> Result<regress::Regex, String> {
    if pattern.len() > LONGEST {
        return Err(format!("it has {} bytes, and at most {LONGEST} are read", pattern.len()));
    }
    regress::Regex::with_flags(pattern, "u").map_err(|error| error.to_string())
}

/// Whether an expression is one of ECMA-262 neither with the `u` flag nor without. `false` if it is too long to tell.
pub(crate) fn is_of_no_dialect(pattern: &str) -> bool {
    let reads = |flags| regress::Regex::with_flags(pattern, flags).is_ok();
    pattern.len() <= LONGEST && !["u", ""].into_iter().any(reads)
}

/// Whether a text with this character in it may match `pattern`, an expression of ECMA-262. `true` if it cannot
/// be told.
pub(crate) fn may_match(pattern: &str, character: char) -> bool {
    // Operators of other dialects, which ECMA-262 takes for characters.
    if ["&&", "--", "~~"].iter().any(|operator| pattern.contains(operator)) {
        return true;
    }
    let Ok(hir) = regex_syntax::parse(&without_assertions(pattern)) else { return true };
    let looks = hir.properties();
    let whole = looks.look_set_prefix().contains(Look::Start)
        && looks.look_set_suffix().contains(Look::End);
    !whole || has(&hir, character)
}

/// Whether a part of the expression matches the character.
fn has(hir: &Hir, character: char) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => false,
        HirKind::Literal(literal) => {
            std::str::from_utf8(&literal.0).map_or(true, |text| text.contains(character))
        }
        HirKind::Class(Class::Unicode(class)) => {
            class.iter().any(|range| (range.start()..=range.end()).contains(&character))
        }
        HirKind::Class(Class::Bytes(_)) => true,
        HirKind::Repetition(repetition) => has(&repetition.sub, character),
        HirKind::Capture(capture) => has(&capture.sub, character),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().any(|part| has(part, character))
        }
    }
}

/// The expression without what looks ahead or behind: it matches no less.
fn without_assertions(pattern: &str) -> String {
    let (mut kept, mut rest) = (String::new(), pattern);
    let mut class = false;
    // How many groups are open within the assertion that is left out.
    let mut depth = 0;
    while let Some(first) = rest.chars().next() {
        let begins = |openings: &[&str]| openings.iter().any(|opening| rest.starts_with(opening));
        let mut length = first.len_utf8();
        match first {
            '\\' => length += rest[1..].chars().next().map_or(0, char::len_utf8),
            '[' => class = true,
            ']' => class = false,
            '(' if !class && (depth > 0 || begins(&["(?=", "(?!", "(?<=", "(?<!"])) => depth += 1,
            ')' if !class && depth > 0 => {
                depth -= 1;
                rest = &rest[length..];
                continue;
            }
            _ => {}
        }
        if depth == 0 {
            kept.push_str(&rest[..length]);
        }
        rest = &rest[length..];
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_engine_has_no_stack_for_is_refused() {
        assert!(compiled(&"|".repeat(LONGEST)).is_ok());
        for deep in ["a|".repeat(20_000), "(".repeat(LONGEST), "[".repeat(20_000)] {
            assert!(compiled(&deep).is_err());
        }
    }

    #[test]
    fn a_backslash_is_let_through_by_what_has_or_does_not_exclude_it() {
        for closed in [
            "^[a-z]+$",
            "^(a|b{2})$",
            "^(?:[^/\\\\])*$",
            "^(?!\\.{1,2}$)[^/\\\\]+$",
            "^$",
            "^\\d\\w-\\/$",
            "^a(?=[(\\\\])b$",
            "^a$|^b$",
        ] {
            assert!(!may_match(closed, '\\'), "{closed}");
        }
        for open in [
            "",
            "a",
            "^a",
            "a$",
            "^a$|b",
            "^.$",
            "^[^/]$",
            "^\\\\$",
            "^a|b$",
            "^[[-^]$",
            "^[^\\]]$",
            "^\\S$",
            "^(a)\\1$",
            "^(?!a)[^a]$",
            "^[a&&b\\\\]$",
        ] {
            assert!(may_match(open, '\\'), "{open}");
        }
    }
}
