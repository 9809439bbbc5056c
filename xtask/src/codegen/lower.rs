//! From the faithful contract to one that progenitor 0.15.1 can take: spec to spec.
//!
//! Each pass is a pure function that works around one limit. The contract itself stays as the
//! service is; what a pass takes away here, a refining pass or the library brings back.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use openapiv3::{
    AdditionalProperties, ArrayType, IntegerType, MediaType, NumberType, ObjectType, OpenAPI,
    Operation, Parameter, ReferenceOr, Response, Schema, SchemaKind, StatusCode, StringType, Type,
    VariantOrUnknownOrEmpty,
};

/// The headers that the hooks of `partner-center-api` set from the context of a call.
pub const CONTEXT_HEADERS: [&str; 6] = [
    "MS-RequestId",
    "MS-CorrelationId",
    "ms-cv",
    "X-Locale",
    "MS-PartnerCenter-Application",
    "MS-Contract-Version",
];

/// A named pass.
pub type Pass = (&'static str, fn(&mut OpenAPI));

/// The passes, in the order they run.
pub const PASSES: [Pass; 5] = [
    ("raw-errors", raw_errors),
    ("context-headers", context_headers),
    ("unreachable-schemas", unreachable_schemas),
    ("lenient-models", lenient_models),
    ("open-maps", open_maps),
];

/// Error bodies arrive as status, headers and bytes: `4XX` and `5XX` with any content, nothing else.
///
/// *Works around*: progenitor asserts that all errors of an operation have one type, parses them
/// before anyone can look at the bytes, and loses status and headers when that fails (an HTML page
/// of a gateway, an empty body). *Can go* when errors of several shapes are generated and a body
/// that does not fit still carries its status (oxidecomputer/progenitor#950).
pub fn raw_errors(spec: &mut OpenAPI) {
    for operation in operations_mut(spec) {
        let responses = &mut operation.responses.responses;
        responses.retain(|status, _| is_success(status));
        for class in [4, 5] {
            let any = MediaType::default();
            let raw = Response {
                content: IndexMap::from([("*/*".to_owned(), any)]),
                ..Response::default()
            };
            responses.insert(StatusCode::Range(class), ReferenceOr::Item(raw));
        }
    }
}

/// Headers that the hooks set are not arguments of every method.
///
/// *Works around*: progenitor makes an argument of every header parameter, so that each method
/// would take six optional strings that are the same for all of them. *Can go* when parameters can
/// be left to the hooks by configuration.
pub fn context_headers(spec: &mut OpenAPI) {
    let components = spec.components.clone().unwrap_or_default();
    let by_hooks = |parameter: &ReferenceOr<Parameter>| {
        let parameter = match parameter {
            ReferenceOr::Item(item) => Some(item),
            ReferenceOr::Reference { reference } => reference
                .strip_prefix("#/components/parameters/")
                .and_then(|name| components.parameters.get(name))
                .and_then(ReferenceOr::as_item),
        };
        matches!(parameter, Some(Parameter::Header { parameter_data, .. })
            if CONTEXT_HEADERS.contains(&parameter_data.name.as_str()))
    };
    for operation in operations_mut(spec) {
        operation.parameters.retain(|parameter| !by_hooks(parameter));
    }
}

/// Only the schemas that a request or a successful response reaches become types.
///
/// *Works around*: progenitor makes a type of every component, and after [`raw_errors`] nothing
/// refers to those of the errors. *Can go* together with it.
pub fn unreachable_schemas(spec: &mut OpenAPI) {
    let mut todo = Vec::new();
    for operation in operations_mut(spec) {
        let json = serde_json::to_value(&*operation).unwrap_or_default();
        references(&json, &mut todo);
    }
    let Some(components) = &mut spec.components else { return };
    let mut reached = BTreeSet::new();
    while let Some(reference) = todo.pop() {
        if !reached.insert(reference.clone()) {
            continue;
        }
        let Some((section, name)) =
            reference.strip_prefix("#/components/").and_then(|rest| rest.split_once('/'))
        else {
            continue;
        };
        let json = match section {
            "schemas" => components.schemas.get(name).map(serde_json::to_value),
            "responses" => components.responses.get(name).map(serde_json::to_value),
            "parameters" => components.parameters.get(name).map(serde_json::to_value),
            "requestBodies" => components.request_bodies.get(name).map(serde_json::to_value),
            _ => None,
        };
        if let Some(Ok(json)) = json {
            references(&json, &mut todo);
        }
    }
    components.schemas.retain(|name, _| reached.contains(&format!("#/components/schemas/{name}")));
}

/// A model can hold whatever the service sends: no length, pattern, format, bound or closed list of
/// values is left on a schema.
///
/// *Works around*: progenitor (through typify) turns each of them into a type that refuses to parse
/// anything else, so that one unexpected value makes a whole response unreadable. The limits of a
/// request are generated apart, see [`super::limits`]. *Can go* when limits are checked on request
/// instead of by parsing.
pub fn lenient_models(spec: &mut OpenAPI) {
    for_each_schema(spec, &mut |schema| {
        let SchemaKind::Type(kind) = &mut schema.schema_kind else { return };
        match kind {
            Type::String(string) => *string = StringType::default(),
            Type::Number(number) => {
                *number = NumberType { format: number.format.clone(), ..NumberType::default() };
            }
            Type::Integer(integer) => {
                // 64 bits hold every number that a narrower one does.
                let format = VariantOrUnknownOrEmpty::Item(openapiv3::IntegerFormat::Int64);
                *integer = IntegerType { format, ..IntegerType::default() };
            }
            Type::Array(array) => {
                *array = ArrayType {
                    items: array.items.take(),
                    min_items: None,
                    max_items: None,
                    unique_items: false,
                };
            }
            Type::Object(object) => {
                *object = ObjectType {
                    min_properties: None,
                    max_properties: None,
                    ..std::mem::take(object)
                };
            }
            Type::Boolean(boolean) => boolean.enumeration.clear(),
        }
    });
}

/// Members that the contract does not know survive reading and writing.
///
/// *Works around*: typify drops them when `additionalProperties` is absent or `true`, though both
/// mean that they are allowed; an empty schema gives a map that holds them. *Can go* with
/// oxidecomputer/typify#773.
pub fn open_maps(spec: &mut OpenAPI) {
    for_each_schema(spec, &mut |schema| {
        if let SchemaKind::Type(Type::Object(object)) = &mut schema.schema_kind
            && matches!(object.additional_properties, None | Some(AdditionalProperties::Any(true)))
        {
            let anything = Schema {
                schema_data: openapiv3::SchemaData::default(),
                schema_kind: SchemaKind::Any(openapiv3::AnySchema::default()),
            };
            object.additional_properties =
                Some(AdditionalProperties::Schema(Box::new(ReferenceOr::Item(anything))));
        }
    });
}

fn is_success(status: &StatusCode) -> bool {
    matches!(status, StatusCode::Code(200..=299) | StatusCode::Range(2))
}

fn operations_mut(spec: &mut OpenAPI) -> impl Iterator<Item = &mut Operation> {
    spec.paths.paths.values_mut().filter_map(item_mut).flat_map(|item| {
        let openapiv3::PathItem { get, put, post, delete, options, head, patch, trace, .. } = item;
        [get, put, post, delete, options, head, patch, trace].into_iter().flatten()
    })
}

fn item_mut<T>(item: &mut ReferenceOr<T>) -> Option<&mut T> {
    match item {
        ReferenceOr::Item(item) => Some(item),
        ReferenceOr::Reference { .. } => None,
    }
}

fn references(json: &serde_json::Value, found: &mut Vec<String>) {
    match json {
        serde_json::Value::Object(map) => {
            if let Some(reference) = map.get("$ref").and_then(serde_json::Value::as_str) {
                found.push(reference.to_owned());
            }
            map.values().for_each(|value| references(value, found));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// Calls `change` for every schema of the components and of the bodies, innermost first.
fn for_each_schema(spec: &mut OpenAPI, change: &mut dyn FnMut(&mut Schema)) {
    if let Some(components) = &mut spec.components {
        components.schemas.values_mut().filter_map(item_mut).for_each(|s| visit(s, change));
        let bodies = components.request_bodies.values_mut().filter_map(item_mut);
        bodies.for_each(|body| visit_content(&mut body.content, change));
        let responses = components.responses.values_mut().filter_map(item_mut);
        responses.for_each(|response| visit_content(&mut response.content, change));
    }
    for operation in operations_mut(spec) {
        if let Some(body) = operation.request_body.as_mut().and_then(item_mut) {
            visit_content(&mut body.content, change);
        }
        let responses = operation.responses.responses.values_mut().filter_map(item_mut);
        responses.for_each(|response| visit_content(&mut response.content, change));
    }
}

fn visit_content(content: &mut IndexMap<String, MediaType>, change: &mut dyn FnMut(&mut Schema)) {
    for media in content.values_mut() {
        if let Some(schema) = media.schema.as_mut().and_then(item_mut) {
            visit(schema, change);
        }
    }
}

fn visit(schema: &mut Schema, change: &mut dyn FnMut(&mut Schema)) {
    match &mut schema.schema_kind {
        SchemaKind::Type(Type::Object(object)) => {
            for property in object.properties.values_mut().filter_map(item_mut) {
                visit(property, change);
            }
            if let Some(AdditionalProperties::Schema(inner)) = &mut object.additional_properties
                && let Some(inner) = item_mut(inner)
            {
                visit(inner, change);
            }
        }
        SchemaKind::Type(Type::Array(array)) => {
            if let Some(items) = array.items.as_mut().and_then(item_mut) {
                visit(items, change);
            }
        }
        SchemaKind::OneOf { one_of: branches }
        | SchemaKind::AllOf { all_of: branches }
        | SchemaKind::AnyOf { any_of: branches } => {
            branches.iter_mut().filter_map(item_mut).for_each(|b| visit(b, change));
        }
        SchemaKind::Not { .. } | SchemaKind::Type(_) | SchemaKind::Any(_) => {}
    }
    change(schema);
}
