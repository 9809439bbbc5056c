//! How the members of a form are encoded (Encoding Object, OpenAPI 3.0.4 section 4.7.15).

use std::collections::{BTreeMap, BTreeSet};

use openapi_document::Cursor;
use serde_json::Value;

use crate::change::Verdict;
use crate::comparison::Comparison;
use crate::finding::{Context, Finding, Side};
use crate::operation::media_type::{covers, media_type};
use crate::schema::types::Types;

/// How a member is encoded, whether that is spelled out or what OpenAPI takes for usual.
#[derive(Debug, PartialEq)]
struct Encoding<'a> {
    /// The media types it may have.
    types: BTreeSet<String>,
    style: &'a str,
    /// Nothing is exploded that has no parts.
    explode: bool,
    reserved: bool,
    headers: BTreeMap<String, &'a Value>,
}

impl<'a> Encoding<'a> {
    fn new(at: Option<&Cursor<'a>>, kind: (Types, Option<&'a str>)) -> Self {
        let text = |key: &str| at.and_then(|at| at.text(key));
        let types = text("contentType").unwrap_or_else(|| usual(kind));
        let style = text("style").unwrap_or("form");
        let explode = at.and_then(|at| at.value.get("explode")).and_then(Value::as_bool);
        let headers = at.into_iter().flat_map(|at| at.entries("headers"));
        let headers = headers.map(|(name, at)| (name.to_ascii_lowercase(), at.value));
        Self {
            types: types.split(',').map(media_type).collect(),
            style,
            explode: explode.unwrap_or(style == "form") && !kind.0.within(Types::SCALAR),
            reserved: at.is_some_and(|at| at.flag("allowReserved")),
            headers: headers.filter(|(name, _)| name != "content-type").collect(),
        }
    }

    /// Whether whatever is encoded so is right by `other`.
    fn within(&self, other: &Self) -> bool {
        let taken = |one: &String| other.types.iter().any(|all| all == one || covers(all, one));
        self.types.iter().all(taken)
            && (self.style, self.explode, &self.headers)
                == (other.style, other.explode, &other.headers)
            && self.reserved <= other.reserved
    }
}

/// The media type of a member that has none of its own, by what it is, or by what its elements are.
fn usual((types, format): (Types, Option<&str>)) -> &'static str {
    match format {
        Some("binary") => "application/octet-stream",
        _ if types == Types::OBJECT => "application/json",
        _ if types.within(Types::SCALAR) => "text/plain",
        _ => "application/octet-stream",
    }
}

/// Compares how the members of a media type are encoded.
pub(crate) fn compare<'a>(
    work: &mut Comparison<'a>,
    name: &str,
    (a, b): (&Cursor<'a>, &Cursor<'a>),
    context: Context,
) {
    let of = |media: &Cursor<'a>, member: &str| media.get("encoding")?.get(member);
    let members: BTreeSet<_> =
        a.entries("encoding").chain(b.entries("encoding")).map(|(member, _)| member).collect();
    for member in members {
        let (said, says) = (of(a, member), of(b, member));
        let kind = |work: &mut Comparison<'a>, side, media: &Cursor<'a>| {
            let schema = media.get("schema")?;
            work.schemas.part(side, schema, member, context)
        };
        let (was, is) = (kind(work, Side::Base, a), kind(work, Side::Revision, b));
        // Without a schema nothing is usual.
        let raw = |at: &Option<Cursor<'a>>| at.as_ref().map(|at| at.value);
        let (same, within) = match (was, is) {
            (Some(was), Some(is)) => {
                let (old, new) =
                    (Encoding::new(said.as_ref(), was), Encoding::new(says.as_ref(), is));
                let within = if context.is_request() { old.within(&new) } else { new.within(&old) };
                (old == new, within)
            }
            _ => (raw(&said) == raw(&says), false),
        };
        if same {
            continue;
        }
        let wire = if within { Verdict::Compatible } else { Verdict::PotentiallyBreaking };
        let finding = Finding::named(
            format!("{}-encoding-changed", context.prefix()),
            context.direction,
            wire,
            format!("`{member}` of {name} is encoded in another way"),
        );
        let place = |at: &Option<Cursor<'a>>, owner: &Cursor<'a>| {
            at.as_ref().map_or(owner.pointer.clone(), |at| at.pointer.clone())
        };
        work.record(finding.at(Some(&place(&said, a)), Some(&place(&says, b))));
    }
}
