//! Schemas that are part of themselves. Whoever reads what a schema is made of follows it recursively, and relies
//! on there being an end, not far away.

use std::collections::HashMap;

use openapi_document::{Cursor, Diagnostic, Document};
use serde_json::Value;

use super::CIRCULAR_REFERENCE;

/// How many schemas may be part of one another.
const LONGEST: usize = 200;

/// What is known of the schemas that were visited, each once.
#[derive(Default)]
pub(super) struct Parts {
    /// How many schemas there are on the longest way from one to its innermost part, by its address; none while they
    /// are counted.
    lengths: HashMap<usize, Option<usize>>,
}

/// A schema whose parts are visited.
struct Whole<'a> {
    at: Cursor<'a>,
    left: Vec<Cursor<'a>>,
    length: usize,
}

impl Parts {
    /// Visits a schema and what it is made of, unless that has been done. The ways may be long, so that this is no
    /// recursion.
    pub(super) fn visit<'a>(
        &mut self,
        document: &'a Document,
        schema: Cursor<'a>,
        findings: &mut Vec<Diagnostic>,
    ) {
        let mut stack = Vec::new();
        let mut next = Some(schema);
        loop {
            if let Some(at) = next.take() {
                match self.lengths.get(&at.address()) {
                    None => {
                        self.lengths.insert(at.address(), None);
                        stack.push(Whole { left: parts(document, &at), length: 1, at });
                    }
                    Some(Some(length)) => lengthen(&mut stack, *length),
                    Some(None) => findings.extend(circle(document, &stack)),
                }
            }
            let Some(whole) = stack.last_mut() else { return };
            next = whole.left.pop();
            if next.is_none() {
                let (address, length) = (whole.at.address(), whole.length);
                self.lengths.insert(address, Some(length));
                if length == LONGEST + 1 {
                    let message = format!("this leads through more than {LONGEST} schemas");
                    let help = "write out some of what is inherited";
                    let at = &whole.at.pointer;
                    findings.push(document.source.diagnostic(
                        CIRCULAR_REFERENCE,
                        at,
                        message,
                        help,
                    ));
                }
                stack.pop();
                lengthen(&mut stack, length);
            }
        }
    }
}

/// The reference by which a schema is part of itself: there is always one.
fn circle(document: &Document, stack: &[Whole<'_>]) -> Option<Diagnostic> {
    let mut references = stack.iter().rev().filter_map(|it| Some((&it.at, it.at.text("$ref")?)));
    references.next().map(|(at, target)| {
        let help = "write out what is inherited, or refer to what is meant";
        let (pointer, message) =
            (format!("{}/$ref", at.pointer), format!("`{target}` leads back to itself"));
        document.source.diagnostic(CIRCULAR_REFERENCE, &pointer, message, help)
    })
}

/// One schema more than its part.
fn lengthen(stack: &mut [Whole<'_>], part: usize) {
    if let Some(whole) = stack.last_mut() {
        whole.length = whole.length.max(part + 1);
    }
}

/// Whether a schema is made of anything.
pub(super) fn has_parts(schema: &Value) -> bool {
    ["$ref", "allOf", "oneOf", "anyOf"].iter().any(|name| schema.get(name).is_some())
}

/// What a schema is made of, last first: what it refers to, or its branches. Its members and items are other values.
fn parts<'a>(document: &'a Document, at: &Cursor<'a>) -> Vec<Cursor<'a>> {
    if at.get("$ref").is_some() {
        return document.step(at).into_iter().collect();
    }
    let branches = ["allOf", "oneOf", "anyOf"].into_iter().flat_map(|name| at.elements(name));
    let mut parts: Vec<_> = branches.collect();
    parts.reverse();
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar;

    fn findings(schemas: &str) -> Vec<(String, String)> {
        let text = format!(
            "openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths: {{}}\ncomponents:\n  schemas:\n{schemas}"
        );
        let findings = grammar::parse("a.yaml", &text).err().unwrap_or_default();
        findings.into_iter().map(|it| (it.pointer, it.message)).collect()
    }

    /// A chain of schemas, each made of the next.
    fn chain(length: usize) -> String {
        let link = |at| format!("    A{at}: {{$ref: '#/components/schemas/A{}'}}\n", at + 1);
        (1..length).map(link).chain([format!("    A{length}: {{}}\n")]).collect()
    }

    #[test]
    fn a_circle_is_found_once_and_members_make_none() {
        let tree = "    A: {allOf: [{$ref: '#/components/schemas/B'}]}\n    \
                    B: {additionalProperties: {$ref: '#/components/schemas/A'}, not: {$ref: '#/components/schemas/B'}}\n";
        assert_eq!(findings(tree), []);
        let circle = tree.replace(
            "additionalProperties: {$ref: '#/components/schemas/A'}",
            "anyOf: [{$ref: '#/components/schemas/A'}]",
        );
        let found = (
            "/components/schemas/B/anyOf/0/$ref".to_owned(),
            "`#/components/schemas/A` leads back to itself".to_owned(),
        );
        assert_eq!(findings(&circle), [found]);
    }

    /// It would take minutes to follow each from its beginning, and more stack than there is to do so recursively.
    #[test]
    fn a_chain_has_a_limit_and_takes_no_time() {
        assert_eq!(findings(&chain(LONGEST)), []);
        let found = findings(&chain(20_000));
        let at = format!("/components/schemas/A{}", 20_000 - LONGEST);
        assert_eq!(found, [(at, "this leads through more than 200 schemas".to_owned())]);
    }
}
