//! What the contract says of the members of a model, wherever in a composition it says so.

use std::collections::BTreeMap;

use openapi_document::{fold, unescape};
use openapiv3::{OpenAPI, ReferenceOr, Schema, SchemaKind, Type};

/// The named schemas of the contract, by their names as they are folded.
pub(super) fn schemas(spec: &OpenAPI) -> BTreeMap<String, &Schema> {
    let all = spec.components.iter().flat_map(|components| &components.schemas);
    all.filter_map(|(name, schema)| Some((fold(name), schema.as_item()?))).collect()
}

/// Every definition of a member: in the schema itself, then in what `allOf` adds to it. A member that
/// is a mere reference has none of its own.
pub(super) fn definitions<'a>(
    spec: &'a OpenAPI,
    schema: &'a Schema,
    name: &str,
) -> Vec<&'a Schema> {
    let (mut found, mut seen, mut todo) = (Vec::new(), Vec::new(), vec![schema]);
    while let Some(schema) = todo.pop() {
        // What is composed of itself has been seen.
        if seen.iter().any(|other| std::ptr::eq(*other, schema)) {
            continue;
        }
        seen.push(schema);
        let (properties, branches) = match &schema.schema_kind {
            SchemaKind::Type(Type::Object(object)) => (Some(&object.properties), &[][..]),
            SchemaKind::AllOf { all_of } => (None, &all_of[..]),
            SchemaKind::Any(any) => (Some(&any.properties), &any.all_of[..]),
            _ => continue,
        };
        let member = properties.and_then(|properties| properties.get(name));
        found.extend(member.and_then(|member| member.as_item().map(|member| &**member)));
        todo.extend(branches.iter().rev().filter_map(|branch| resolve(spec, branch)));
    }
    found
}

/// The schema itself, or the one that it refers to.
fn resolve<'a>(spec: &'a OpenAPI, schema: &'a ReferenceOr<Schema>) -> Option<&'a Schema> {
    match schema {
        ReferenceOr::Item(schema) => Some(schema),
        ReferenceOr::Reference { reference } => {
            let name = unescape(reference.strip_prefix("#/components/schemas/")?);
            spec.components.as_ref()?.schemas.get(&name)?.as_item()
        }
    }
}
