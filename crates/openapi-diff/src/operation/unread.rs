//! Members of operations and of what they have that no version of OpenAPI up to 3.1 knows: what OpenAPI 3.2
//! adds, and what is misspelt. A difference in them is reported, not judged.

use std::collections::BTreeSet;

use openapi_document::{Cursor, METHODS};

use crate::comparison::Comparison;
use crate::diff::incomplete;
use crate::schema::types::same;

/// What an object of a document is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Document,
    PathItem,
    Operation,
    Parameter,
    Header,
    Body,
    Response,
    Media,
}

impl Kind {
    fn knows(self, member: &str) -> bool {
        let known: &[&str] = match self {
            Self::Document => &[
                "openapi",
                "$self",
                "info",
                "jsonSchemaDialect",
                "servers",
                "paths",
                "webhooks",
                "components",
                "security",
                "tags",
                "externalDocs",
            ],
            Self::PathItem => &[
                "$ref",
                "summary",
                "description",
                "servers",
                "parameters",
                "query",
                "additionalOperations",
            ],
            Self::Operation => &[
                "tags",
                "summary",
                "description",
                "externalDocs",
                "operationId",
                "parameters",
                "requestBody",
                "responses",
                "callbacks",
                "deprecated",
                "security",
                "servers",
            ],
            Self::Parameter | Self::Header => &[
                "name",
                "in",
                "description",
                "required",
                "deprecated",
                "allowEmptyValue",
                "style",
                "explode",
                "allowReserved",
                "schema",
                "example",
                "examples",
                "content",
            ],
            Self::Body => &["description", "content", "required"],
            Self::Response => &["summary", "description", "headers", "content", "links"],
            Self::Media => &["schema", "example", "examples", "encoding"],
        };
        // What is for readers alone changes no message, wherever it stands.
        let for_readers = ["example", "examples", "externalDocs"].contains(&member);
        for_readers
            // A reference that is still there is not read, which `crate::network` says.
            || member == "$ref"
            || member.starts_with("x-")
            || known.contains(&member)
            || matches!(self, Self::PathItem) && METHODS.contains(&member)
    }

    /// What is under a member, and what its values are if that is a map or a list.
    fn inner(self) -> &'static [(&'static str, Self)] {
        match self {
            Self::Operation => &[
                ("parameters", Self::Parameter),
                ("requestBody", Self::Body),
                ("responses", Self::Response),
            ],
            Self::PathItem => &[("parameters", Self::Parameter)],
            Self::Response => &[("headers", Self::Header), ("content", Self::Media)],
            Self::Parameter | Self::Header | Self::Body => &[("content", Self::Media)],
            Self::Document | Self::Media => &[],
        }
    }
}

/// Reports members that differ and that are not compared, of two objects and of all that is in them.
pub(crate) fn compare<'a>(
    work: &mut Comparison<'a>,
    kind: Kind,
    a: &Cursor<'a>,
    b: &Cursor<'a>,
    owner: &str,
) {
    let mut todo = vec![(kind, a.clone(), b.clone())];
    while let Some((kind, a, b)) = todo.pop() {
        let (a, b) = (work.base.follow(a), work.revision.follow(b));
        differing(work, kind, &a, &b, owner);
        for (member, kind) in kind.inner() {
            let (Some(old), Some(new)) = (a.get(member), b.get(member)) else { continue };
            match (kind, old.value.is_array() && new.value.is_array()) {
                (Kind::Body, _) => todo.push((*kind, old, new)),
                (Kind::Parameter, true) => {
                    let (old, new) = (a.elements(member), b.elements(member));
                    let ours: Vec<_> = new.map(|at| work.revision.follow(at)).collect();
                    let name = |at: &Cursor<'a>| (at.text("name"), at.text("in"));
                    let ours: std::collections::HashMap<_, _> =
                        ours.into_iter().map(|at| (name(&at), at)).collect();
                    for old in old.map(|at| work.base.follow(at)) {
                        let new = ours.get(&name(&old)).cloned();
                        todo.extend(new.map(|new| (*kind, old, new)));
                    }
                }
                _ => {
                    let both = old.members().filter_map(|(name, at)| Some((at, new.get(name)?)));
                    todo.extend(both.map(|(old, new)| (*kind, old, new)));
                }
            }
        }
    }
}

/// The members of two objects that differ and that are not compared.
fn differing<'a>(
    work: &mut Comparison<'a>,
    kind: Kind,
    a: &Cursor<'a>,
    b: &Cursor<'a>,
    owner: &str,
) {
    let (old, new) = (a.value.as_object(), b.value.as_object());
    let names: BTreeSet<_> =
        old.into_iter().chain(new).flat_map(|members| members.keys()).collect();
    for name in names.into_iter().filter(|name| !kind.knows(name)) {
        let (old, new) = (a.get(name), b.get(name));
        let (verb, equal) = match (&old, &new) {
            (Some(old), Some(new)) => ("another", same(old.value, new.value)),
            (Some(_), None) => ("no more", false),
            _ => ("a new", false),
        };
        if equal {
            continue;
        }
        let place = |at: Option<Cursor<'a>>, around: &Cursor<'a>| {
            at.map_or_else(|| around.pointer.clone(), |at| at.pointer)
        };
        let (old, new) = (place(old, a), place(new, b));
        let text = format!("{owner} has {verb} `{name}`, a member that is not compared");
        work.record(incomplete(text).at(Some(&old), Some(&new)));
    }
}
