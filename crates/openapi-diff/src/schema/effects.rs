//! Keywords that say nothing of the types that a schema has: `maximum` beside `type: string`.

use std::collections::BTreeMap;

use openapi_document::{Cursor, is_said, type_of};
use serde_json::Value;

use crate::change::Direction;
use crate::finding::{Context, Finding, SetRelation};
use crate::schema::Schemas;
use crate::schema::node::Part;
use crate::schema::normalized::NormalizedSchema;
use crate::schema::pair::SchemaPair;
use crate::schema::types::{Types, same};

/// What came, went or changed of keywords that have no effect on either side: no value is judged otherwise.
pub(crate) fn compare<'a>(schemas: &mut Schemas<'a>, pair: &SchemaPair<'_, 'a>) -> Vec<Finding> {
    let (a, b) = (pair.a, pair.b);
    let types = a.types.or(b.types);
    if types == Types::ANY || a.types == Types::NONE || b.types == Types::NONE {
        return Vec::new();
    }
    let (old, new) = (idle(a, types), idle(b, types));
    let mut findings = Vec::new();
    for name in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
        let words = |schema: &NormalizedSchema<'_>| schema.types.words();
        let text = match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) if alike(schemas, name, (old, new), pair.context) => continue,
            (Some(_), Some(_)) => {
                format!(
                    "has another `{name}`, which has no effect on values of the type {}",
                    words(b)
                )
            }
            (Some(_), None) => {
                format!(
                    "has no `{name}` any more, which had no effect on values of the type {}",
                    words(a)
                )
            }
            (None, _) => {
                format!("has `{name}` now, which has no effect on values of the type {}", words(b))
            }
        };
        let at = |all: &BTreeMap<&str, Vec<Cursor<'_>>>| {
            all.get(name).and_then(|all| all.first()).map(|at| at.pointer.clone())
        };
        let (old, new) = (at(&old), at(&new));
        let finding = pair.finding("", SetRelation::Same, old.as_deref(), new.as_deref(), &text);
        let rule = "keyword-without-effect".into();
        findings.push(Finding { rule, direction: Direction::Neither, ..finding });
    }
    findings
}

/// The keywords of a schema that say nothing of values of some types, with what they would say.
fn idle<'a>(schema: &NormalizedSchema<'a>, types: Types) -> BTreeMap<&'a str, Vec<Cursor<'a>>> {
    let mut idle: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for leaf in &schema.leaves {
        for (name, value) in leaf.value.as_object().into_iter().flatten() {
            let of = type_of(name).and_then(Types::named);
            if of.is_some_and(|of| !of.has(types)) && is_said(name, value) {
                idle.entry(name.as_str()).or_default().extend(leaf.get(name));
            }
        }
    }
    idle
}

/// Whether a keyword says the same on both sides, of values that there are none of.
fn alike<'a>(
    schemas: &mut Schemas<'a>,
    name: &str,
    (old, new): (&[Cursor<'a>], &[Cursor<'a>]),
    context: Context,
) -> bool {
    let equal = old.len() == new.len() && old.iter().zip(new).all(|(a, b)| same(a.value, b.value));
    if equal {
        return true;
    }
    if name == "required" {
        let names = |all: &[Cursor<'a>]| {
            let mut names: Vec<_> = all
                .iter()
                .filter_map(|at| at.value.as_array())
                .flatten()
                .map(Value::as_str)
                .collect();
            names.sort_unstable();
            names.dedup();
            names
        };
        return names(old) == names(new);
    }
    let (Some(old), Some(new)) = (parts(name, old), parts(name, new)) else { return false };
    old.keys().eq(new.keys())
        && old.into_values().zip(new.into_values()).all(|(old, new)| {
            schemas.whole_relation(old, new, context.within()) == SetRelation::Same
        })
}

/// The schemas that a keyword holds, by their names; `None` if it holds none.
fn parts<'a>(name: &str, all: &[Cursor<'a>]) -> Option<BTreeMap<String, Vec<Part<'a>>>> {
    let map = matches!(name, "properties" | "patternProperties" | "dependentSchemas");
    let one = matches!(name, "items" | "prefixItems" | "unevaluatedItems" | "contains")
        || matches!(name, "propertyNames" | "contentSchema")
        || matches!(name, "additionalProperties" | "unevaluatedProperties");
    let mut parts: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for at in all {
        if map || one && at.value.is_array() {
            for (name, inner) in at.children() {
                parts.entry(name).or_default().push(Part::whole(inner));
            }
        } else if one && (at.value.is_object() || at.value.is_boolean()) {
            parts.entry(String::new()).or_default().push(Part::whole(at.clone()));
        } else {
            return None;
        }
    }
    Some(parts)
}
