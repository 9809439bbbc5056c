//! How the value of a parameter is written: its style, and what of it is written apart.

use openapi_document::{Cursor, Document};

use crate::change::{Direction, Verdict};
use crate::comparison::Comparison;
use crate::finding::{Carrier, Context, Side};
use crate::numbers;
use crate::operation::parameter::{Parameter, named};
use crate::schema::types::Types;

/// The schemas of a single value and of the elements of a list, in the order of the documents, and
/// whether the list came later, where one value is written as a list of one is: exploded, in the style
/// `form` (OpenAPI 3.0.3 section 4.7.12.3).
pub(super) fn one_and_several<'a>(
    work: &mut Comparison<'a>,
    old: &Parameter<'a>,
    new: &Parameter<'a>,
    context: Context,
) -> Option<(Cursor<'a>, Cursor<'a>, bool)> {
    if old.style() != "form" || new.style() != "form" {
        return None;
    }
    let (a, b) = (old.schema()?, new.schema()?);
    let mut single = |side: Side, at: &Cursor<'a>| {
        work.schemas.types(side, at.clone(), context).within(Types::SCALAR)
    };
    match (single(Side::Base, &a), single(Side::Revision, &b)) {
        (true, false) if new.explode() => Some((a, element(work.revision, b)?, true)),
        (false, true) if old.explode() => Some((element(work.base, a)?, b, false)),
        _ => None,
    }
}

/// The schema of the elements of a list that may have one element, and says little else.
fn element<'a>(document: &'a Document, at: Cursor<'a>) -> Option<Cursor<'a>> {
    let list = document.follow(at);
    let plain =
        ["type", "items", "title", "description", "uniqueItems", "minItems", "maxItems", "example"];
    let mut keys = list.value.as_object()?.keys().map(String::as_str);
    let plain = keys.all(|key| plain.contains(&key) || key.starts_with("x-"));
    let some = list.value.get("maxItems").is_none_or(|most| numbers::count(most) > Some(0))
        && list.value.get("minItems").is_none_or(|least| numbers::count(least) <= Some(1));
    (plain && some && list.text("type") == Some("array")).then(|| list.get("items")).flatten()
}

/// How a value is written in the place it has.
pub(super) fn compare<'a>(work: &mut Comparison<'a>, old: &Parameter<'a>, new: &Parameter<'a>) {
    let name = new.words();
    let at = (Some(old.pointer()), Some(new.pointer()));
    let context = Context::new(Carrier::Parameter, Direction::Request);
    let mut may = |side: Side, parameter: &Parameter<'a>, types: Types| {
        let parts = parameter.parts();
        !parts.is_empty() && work.schemas.read(side, parts, context).types.has(types)
    };
    let composite = Types::ARRAY.or(Types::OBJECT);
    let composed = may(Side::Base, old, composite) || may(Side::Revision, new, composite);
    // `a,b` is a list in the style `simple`, exploded or not (OpenAPI 3.0.3 section 4.7.12.3).
    let simple = old.style() == "simple" && new.style() == "simple";
    let parts = if simple { Types::OBJECT } else { composite };
    let exploded = may(Side::Base, old, parts) && may(Side::Revision, new, parts);
    if old.style() != new.style() {
        let text =
            format!("{name} is written in the style {} now, not {}", new.style(), old.style());
        // Outside of a path, a style other than the usual one says nothing of single values
        // (OpenAPI 3.0.3 section 4.7.12.3).
        let sure = composed || old.place == "path";
        let wire = if sure { Verdict::Breaking } else { Verdict::PotentiallyBreaking };
        let finding = named(work, "request-parameter-style-changed", wire, text);
        work.record(finding.at(at.0, at.1));
    } else if old.explode() != new.explode() && exploded {
        let how = if new.explode() { "apart" } else { "in one" };
        let text = format!("the parts of {name} are written {how} now");
        let finding = named(work, "request-parameter-explode-changed", Verdict::Breaking, text);
        work.record(finding.at(at.0, at.1));
    }
    let reserved = (old.at.flag("allowReserved"), new.at.flag("allowReserved"));
    if reserved.0 != reserved.1 && old.place == "query" {
        let how = if reserved.1 {
            "may be written without encoding now"
        } else {
            "must be percent-encoded now"
        };
        // In a callback the client reads them.
        let stays = reserved.1 != work.callback;
        let wire = if stays { Verdict::Compatible } else { Verdict::PotentiallyBreaking };
        let text = format!("reserved characters of {name} {how}");
        let finding = named(work, "request-parameter-allow-reserved-changed", wire, text);
        work.record(finding.at(at.0, at.1));
    }
}
