//! Members of operations and of what they have that no version of OpenAPI up to 3.1 knows: what OpenAPI 3.2
//! adds, and what is misspelt. A difference in them is reported, not judged.

use std::collections::{BTreeSet, HashMap};

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
        let known = match self {
            Self::Document => {
                "$self components info jsonSchemaDialect openapi paths security servers tags webhooks"
            }
            Self::PathItem => "additionalOperations parameters query servers",
            Self::Operation => {
                "callbacks deprecated operationId parameters requestBody responses security servers tags"
            }
            Self::Parameter | Self::Header => {
                "allowEmptyValue allowReserved content deprecated explode in name required schema style"
            }
            Self::Body => "content required",
            Self::Response => "content headers links",
            Self::Media => "deprecated encoding schema",
        };
        // What is for readers alone changes no message, wherever it stands.
        let said = ["description", "example", "examples", "externalDocs", "summary", "title"];
        said.contains(&member)
            // A reference that is still there is not read, which `crate::network` says.
            || member == "$ref"
            || member.starts_with("x-")
            || known.split(' ').any(|known| known == member)
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
                    // The first of a name counts.
                    let mut ours = HashMap::new();
                    for at in b.elements(member).map(|at| work.revision.follow(at)) {
                        ours.entry(name(&at)).or_insert(at);
                    }
                    for old in a.elements(member).map(|at| work.base.follow(at)) {
                        let new = name(&old).and_then(|name| ours.remove(&Some(name)));
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

/// What makes a parameter the same one.
fn name<'a>(at: &Cursor<'a>) -> Option<(&'a str, &'a str)> {
    Some((at.text("name")?, at.text("in")?))
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
