//! Discriminators, which tell a reader which alternative a value is.

use openapi_document::Cursor;
use serde_json::Value;

use crate::change::Verdict;
use crate::finding::SetRelation;
use crate::render;
use crate::schema::node::Part;
use crate::schema::pair::SchemaPair;
use crate::schema::types::same;
use crate::schema::{Found, Schemas};

/// A discriminator tells a reader which alternative a value is, and never what is right.
pub(crate) fn compare<'a>(
    schemas: &mut Schemas<'a>,
    pair: &SchemaPair<'_, 'a>,
    found: &mut Found<'a>,
) {
    let (a, b) = (&pair.a.discriminator, &pair.b.discriminator);
    let mut record =
        |what: &str, old: Option<&str>, new: Option<&str>, text: &str, verdict, note| {
            let finding =
                pair.finding(&format!("discriminator-{what}"), SetRelation::Same, old, new, text);
            // What clients send has its type elsewhere than where the service looks for it.
            let misread = what == "property-name-changed" && pair.context.is_request();
            let finding =
                if misread { finding.wire(Verdict::PotentiallyBreaking) } else { finding };
            found.findings.push(if verdict == Verdict::Compatible {
                finding
            } else {
                finding.run_time(verdict, note)
            });
        };
    let dispatch =
        "whoever picks the type of a value by the discriminator picks another one, or none";
    match (a, b) {
        (None, None) => {}
        (None, Some(b)) => {
            let text = "has a discriminator now";
            record("added", None, Some(&b.pointer), text, Verdict::Compatible, dispatch);
        }
        (Some(a), None) => {
            let text = "has no discriminator any more";
            record("removed", Some(&a.pointer), None, text, Verdict::PotentiallyBreaking, dispatch);
        }
        (Some(a), Some(b)) => {
            let (old, new) = (Some(a.pointer.as_str()), Some(b.pointer.as_str()));
            let (was, is) = (a.text("propertyName"), b.text("propertyName"));
            if was != is {
                let text = format!(
                    "has the discriminator `{}` now, not `{}`",
                    is.unwrap_or(""),
                    was.unwrap_or("")
                );
                record("property-name-changed", old, new, &text, Verdict::Breaking, dispatch);
            }
            let old_map: Vec<_> = a.entries("mapping").collect();
            let new_map: Vec<_> = b.entries("mapping").collect();
            for (value, at) in &old_map {
                match new_map.iter().find(|(known, _)| known == value) {
                    None => {
                        let text = format!("maps `{value}` to no schema any more");
                        record(
                            "mapping-deleted",
                            Some(&at.pointer),
                            new,
                            &text,
                            Verdict::PotentiallyBreaking,
                            dispatch,
                        );
                    }
                    Some((_, now)) => {
                        let was = target(schemas.base.document, at.value);
                        let is = target(schemas.revision.document, now.value);
                        let moved = match (was, is) {
                            (Some(was), Some(is)) => {
                                let parts = |at| vec![Part::whole(at)];
                                schemas.relation(parts(was), parts(is), pair.context)
                                    == SetRelation::Other
                            }
                            _ => !same(at.value, now.value),
                        };
                        if moved && !same(at.value, now.value) {
                            let text =
                                format!("maps `{value}` to {} now", render::value(now.value));
                            record(
                                "mapping-changed",
                                Some(&at.pointer),
                                Some(&now.pointer),
                                &text,
                                Verdict::Breaking,
                                dispatch,
                            );
                        }
                    }
                }
            }
            for (value, at) in
                new_map.iter().filter(|(value, _)| !old_map.iter().any(|(known, _)| known == value))
            {
                let text = format!("maps `{value}` to a schema now");
                record(
                    "mapping-added",
                    old,
                    Some(&at.pointer),
                    &text,
                    Verdict::Compatible,
                    dispatch,
                );
            }
        }
    }
}

/// The schema that a mapping names, by reference or by name.
pub(crate) fn target<'a>(document: &'a crate::Document, value: &'a Value) -> Option<Cursor<'a>> {
    let text = value.as_str()?;
    let pointer = match text.strip_prefix('#') {
        Some(pointer) => pointer.to_owned(),
        None => format!("/components/schemas/{}", crate::escape(text)),
    };
    let value = document.json.pointer(&pointer)?;
    Some(Cursor { value, pointer })
}
