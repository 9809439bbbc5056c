//! Findings as people read them: those of one rule that say the same are one, with their places; and the notes
//! that a change brings.

use std::collections::BTreeMap;
use std::fmt::Write;

use openapi_document::Diagnostic;

/// How many other places are named of what is no error.
pub(crate) const PLACES: usize = 10;

/// A finding in full, and the other places of the same.
#[derive(Debug)]
pub struct Gathered<'a> {
    /// The finding; of several the first.
    pub first: &'a Diagnostic,
    /// The others of that rule that say the same.
    pub others: Vec<&'a Diagnostic>,
}

impl Gathered<'_> {
    /// The other places as lines that follow the finding, `also at a.yaml:3:5, /paths/…`, as far as they fit, and those of an error all.
    #[must_use]
    pub fn lines(&self) -> String {
        let line = |other: &&Diagnostic| format!("  also at {}\n", place(other));
        let fit = if self.first.is_error() { self.others.len() } else { PLACES };
        let mut text: String = self.others.iter().take(fit).map(line).collect();
        if let more @ 1.. = self.others.len().saturating_sub(fit) {
            let _ = writeln!(text, "  and {more} more");
        }
        text
    }
}

/// `a.yaml:3:5, /paths/…`
pub(crate) fn place(finding: &Diagnostic) -> String {
    format!("{}, {}", finding.location(), finding.pointer)
}

/// The findings in their order, those of one kind gathered at the first of them.
#[must_use]
pub fn gathered<'a>(findings: impl IntoIterator<Item = &'a Diagnostic>) -> Vec<Gathered<'a>> {
    let mut gathered: Vec<Gathered<'_>> = Vec::new();
    let mut kinds = BTreeMap::new();
    for finding in findings {
        let kind = (finding.rule, &finding.message, &finding.help, &finding.waived);
        if let Some(index) = kinds.get(&kind) {
            let group: &mut Gathered<'_> = &mut gathered[*index];
            group.others.push(finding);
            continue;
        }
        kinds.insert(kind, gathered.len());
        gathered.push(Gathered { first: finding, others: Vec::new() });
    }
    gathered
}

/// The notes and the warnings of `revision` that `base` does not have. One that moved within a list is the same.
#[must_use]
pub fn brought(base: &[Diagnostic], revision: &[Diagnostic]) -> Vec<Diagnostic> {
    let mut left: Vec<_> = revision.iter().filter(|finding| is_mild(finding)).collect();
    let mut known: Vec<_> = base.iter().filter(|finding| is_mild(finding)).collect();
    for place in [|at: &Diagnostic| at.pointer.clone(), without_indices] {
        let key = |at: &Diagnostic| (at.rule, at.message.clone(), place(at));
        let mut counts = BTreeMap::new();
        for note in &known {
            *counts.entry(key(note)).or_insert(0_usize) += 1;
        }
        let mut matched = BTreeMap::new();
        left.retain(|note| match counts.get_mut(&key(note)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                *matched.entry(key(note)).or_insert(0_usize) += 1;
                false
            }
            _ => true,
        });
        known.retain(|note| match matched.get_mut(&key(note)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
    }
    left.into_iter().cloned().collect()
}

/// Whether nothing fails on a finding, and nobody has waived it.
fn is_mild(finding: &Diagnostic) -> bool {
    finding.is_note() || finding.is_warning()
}

fn without_indices(finding: &Diagnostic) -> String {
    let tokens = finding.pointer.split('/');
    let index = |token: &str| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
    tokens.map(|token| if index(token) { "*" } else { token }).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use openapi_document::{Rule, Source};

    use super::*;

    const NOTE: Rule = Rule::note("some-note", "a note");

    fn note(pointer: &str) -> Diagnostic {
        Source::nowhere("a.yaml").diagnostic(NOTE, pointer, "it is so", "change it")
    }

    fn pointers(found: &[Diagnostic]) -> Vec<&str> {
        found.iter().map(|finding| finding.pointer.as_str()).collect()
    }

    #[test]
    fn a_note_is_new_though_its_rule_had_some() {
        let base = [note("/servers"), note("/a/0/schema"), note("/a/1/schema")];
        // What stood in front of it was removed, and two were added.
        let revision = [note("/servers"), note("/a/0/schema"), note("/b/servers"), note("/b/200")];
        assert_eq!(pointers(&brought(&base, &revision)), ["/b/servers", "/b/200"]);
        // One was put in front of the others.
        let more = [note("/a/0/schema"), note("/a/1/schema"), note("/a/2/schema")];
        assert_eq!(pointers(&brought(&base, &more)), ["/a/2/schema"]);
        assert_eq!(brought(&base, &base), []);
        assert_eq!(brought(&[note("/a/1/schema")], &[note("/a/2/schema")]), []);
        let waived = Diagnostic { waived: Some("why".into()), ..note("/servers") };
        assert_eq!(pointers(&brought(&[waived], &[note("/servers")])), ["/servers"]);
    }

    #[test]
    fn other_places_are_lines_for_notes_up_to_a_bound() {
        let error = Rule::error("some-error", "an error");
        let error = |pointer: &str, why: &str| {
            Source::nowhere("a.yaml").diagnostic(error, pointer, why, "do")
        };
        let mut findings = vec![note("/0"), error("/1", "no"), error("/2", "not so")];
        findings.push(Diagnostic { message: "it is otherwise".into(), ..note("/30") });
        findings.extend((15..30).map(|index| error(&format!("/{index}"), "no")));
        findings.extend((3..15).map(|index| note(&format!("/{index}"))));
        let gathered = gathered(&findings);
        let firsts: Vec<_> = gathered.iter().map(|group| group.first.pointer.as_str()).collect();
        assert_eq!(firsts, ["/0", "/1", "/2", "/30"]);
        let lines = gathered[0].lines();
        assert!(lines.starts_with("  also at a.yaml, /3\n  also at a.yaml, /4\n"), "{lines}");
        assert!(lines.ends_with("  also at a.yaml, /12\n  and 2 more\n"), "{lines}");
        // An error is to be fixed, wherever it is.
        assert_eq!(gathered[1].lines().lines().count(), 15);
    }
}
