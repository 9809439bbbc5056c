//! Where a `$ref` leads.

use serde_json::Value;

use crate::cursor::Cursor;
use crate::diagnostic::{CIRCULAR, DANGLING, Diagnostic};
use crate::document::Document;
use crate::files::{Target, target};
use crate::object::Shape;

const LOCAL: &str = "fix the reference, or add what it names";

/// How many references may follow one another. Every use of one follows it anew.
const MAX_HOPS: usize = 200;

/// A reference that leads out of what is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread<'a> {
    /// The URL.
    pub text: &'a str,
    /// Where the reference stands.
    pub pointer: String,
    /// The section of the components that what it names would be in, if there is one.
    pub section: &'static str,
}

impl Document {
    /// The whole document.
    #[must_use]
    pub fn root(&self) -> Cursor<'_> {
        Cursor { value: &self.json, pointer: String::new() }
    }

    /// The value at a JSON Pointer.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Option<Cursor<'_>> {
        Some(Cursor { value: self.json.pointer(pointer)?, pointer: pointer.to_owned() })
    }

    /// What a reference names: the value of a `$ref`, a URI of which the fragment is a JSON Pointer (RFC
    /// 6901 section 6). `None` if it leads nowhere or out of this document.
    #[must_use]
    pub fn target(&self, reference: &str) -> Option<Cursor<'_>> {
        self.at(&percent_decoded(reference.strip_prefix('#')?))
    }

    /// The references that lead nowhere, or to nothing but references, as far as that is known: one that leads out
    /// of what is read is none of them. A reference in an example, a default or an extension is data.
    #[must_use]
    pub fn unresolved(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        self.each_reference(&mut |reference| {
            let text = reference.text;
            let (rule, message, help) = match (self.target(text), target("", text)) {
                (Some(at), _) if self.resolve(at.clone()).is_some() => return,
                (Some(_), _) => {
                    let message = format!("`{text}` leads back to itself");
                    (CIRCULAR, message, "refer to what is meant, not to another reference")
                }
                (None, Target::Remote) => return,
                (None, Target::Local { path: Some(_), .. }) => {
                    (DANGLING, format!("`{text}` is in another file, which was not read"), LOCAL)
                }
                (None, Target::Local { path: None, .. }) => {
                    (DANGLING, format!("`{text}` leads nowhere"), LOCAL)
                }
            };
            found.push(self.source.diagnostic(rule, &reference.way.pointer(), message, help));
        });
        found
    }

    /// The references that lead out of what is read, to the network: what they name may be anything.
    #[must_use]
    pub fn unread(&self) -> Vec<Unread<'_>> {
        let mut found = Vec::new();
        self.each_reference(&mut |reference| {
            if target("", reference.text) == Target::Remote {
                let section = match reference.shape {
                    Shape::One(object) => object.section().unwrap_or_default(),
                    _ => "",
                };
                let pointer = reference.way.pointer();
                found.push(Unread { text: reference.text, pointer, section });
            }
        });
        found
    }

    /// Writes every `$ref` without percent-encoding, for tools that take it as a JSON Pointer.
    pub fn decode_references(&mut self) {
        decode(&mut self.json);
    }

    /// Follows `$ref` as far as it leads: to the first value that has none, or to the first reference that
    /// is unresolved. No chain or circle takes more than 200 steps.
    #[must_use]
    pub fn follow<'a>(&'a self, mut at: Cursor<'a>) -> Cursor<'a> {
        for _ in 0..MAX_HOPS {
            match self.step(&at) {
                Some(target) => at = target,
                None => return at,
            }
        }
        at
    }

    /// Where the `$ref` of a value leads, if it has one that leads anywhere: one step of
    /// [`follow`](Self::follow).
    #[must_use]
    pub fn step(&self, at: &Cursor<'_>) -> Option<Cursor<'_>> {
        self.target(at.text("$ref")?)
    }

    /// Follows `$ref` to the first value that has none; `None` for a reference that is unresolved or
    /// circular.
    #[must_use]
    pub fn resolve<'a>(&'a self, at: Cursor<'a>) -> Option<Cursor<'a>> {
        let end = self.follow(at);
        end.text("$ref").is_none().then_some(end)
    }

    /// What is at a JSON Pointer, [resolved](Self::resolve).
    #[must_use]
    pub fn resolve_at(&self, pointer: &str) -> Option<Cursor<'_>> {
        self.resolve(self.at(pointer)?)
    }

    /// A value of this document, [resolved](Self::resolve).
    #[must_use]
    pub fn resolve_value<'a>(&'a self, value: &'a Value) -> Option<&'a Value> {
        Some(self.resolve(Cursor { value, pointer: String::new() })?.value)
    }
}

/// Percent-decodes every `$ref` that is in `value`.
fn decode(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if name == "$ref" => *text = percent_decoded(text),
                    value => decode(value),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(decode),
        _ => {}
    }
}

/// A fragment may have any byte percent-encoded (RFC 3986 section 2.1).
pub(crate) fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let decoded = (first == b'%')
            .then(|| tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok()))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(decoded.unwrap_or(first));
        rest = if decoded.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        Document::parse("a.yaml", text).expect("a document")
    }

    #[test]
    fn a_chain_is_followed_to_its_end() {
        let document = document("{a: {$ref: '#/b'}, b: {$ref: '#/c'}, c: {type: string}}");
        let end = document.at("/a").and_then(|at| document.resolve(at)).expect("resolved");
        assert_eq!(end.pointer, "/c");
    }

    #[test]
    fn a_fragment_is_percent_decoded() {
        let document = document("{a: {$ref: '#/b%20c/%7E1d'}, 'b c': {/d: 1}}");
        let end = document.at("/a").and_then(|at| document.resolve(at)).expect("resolved");
        assert_eq!(end.pointer, "/b c/~1d");
        assert_eq!(percent_decoded("%zz%2"), "%zz%2");
        let mut document = document;
        document.decode_references();
        assert_eq!(document.json["a"]["$ref"], "#/b c/~1d");
    }

    #[test]
    fn what_is_unresolved_is_found_where_it_stands() {
        let found = |text: &str| {
            let found = document(text).unresolved();
            found.into_iter().map(|it| format!("{} {}", it.pointer, it.message)).collect::<Vec<_>>()
        };
        for (text, expected) in [
            (
                "components: {schemas: {A: {properties: {$ref: {$ref: '#/x'}}}}}",
                "/components/schemas/A/properties/$ref/$ref `#/x` leads nowhere",
            ),
            (
                "components: {schemas: {A: {$ref: '#/components/schemas/A'}}}",
                "/components/schemas/A/$ref `#/components/schemas/A` leads back to itself",
            ),
            (
                "paths: {/a: {$ref: '#/x-a'}}\nx-a: {get: {requestBody: {$ref: b.yaml}}}",
                "/x-a/get/requestBody/$ref `b.yaml` is in another file, which was not read",
            ),
            (
                "components: {schemas: {A: {discriminator: {mapping: {a: '#/b', c: C}}}}}",
                "/components/schemas/A/discriminator/mapping/a `#/b` leads nowhere",
            ),
            (
                "components: {schemas: {A: {items: [{}, {$ref: '#/b'}]}}}",
                "/components/schemas/A/items/1/$ref `#/b` leads nowhere",
            ),
        ] {
            assert_eq!(found(text), [expected], "{text}");
        }
        for text in [
            "components: {schemas: {A: {default: {$ref: '#/x'}, enum: [{$ref: '#/x'}], const: {$ref: '#/x'}, example: {$ref: '#/x'}, examples: [{$ref: '#/x'}], x-a: {$ref: '#/x'}}}}",
            "components: {examples: {A: {value: {$ref: '#/x'}}, B: {$ref: '#/components/examples/A'}}}",
            "components: {parameters: {A: {example: {$ref: '#/x'}}}}\npaths: {x-a: {$ref: '#/x'}}",
            "components: {schemas: {A: {items: {$ref: 'https://example.com/a'}}, $ref: {}}}",
            "components: {schemas: {A: {$ref: '#/paths/~1b/get/responses/200'}}}\npaths: {/b: {get: {responses: {200: {}}}}}",
            "components: {pathItems: {A: {}}, paths: {A: {}}}\npaths: {/a: {$ref: '#/components/pathItems/A'}, /b: {$ref: '#/components/paths/A'}}",
            "components: {parameters: {A: {$ref: '#/components/parameters/B'}, B: {name: b}}}",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_leads_nowhere_or_in_a_circle_is_unresolved() {
        let document = document("{a: {$ref: '#/x'}, b: {$ref: '#/b'}, c: {$ref: 'd.yaml#/c'}}");
        for pointer in ["/a", "/b", "/c"] {
            let at = document.at(pointer).expect("a value");
            assert!(document.resolve(at.clone()).is_none(), "{pointer}");
            assert_eq!(document.follow(at).pointer, pointer);
        }
    }
}
