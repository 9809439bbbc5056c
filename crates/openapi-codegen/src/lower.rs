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
            if CONTEXT_HEADERS.iter().any(|name| parameter_data.name.eq_ignore_ascii_case(name)))
    };
    for item in spec.paths.paths.values_mut().filter_map(item_mut) {
        item.parameters.retain(|parameter| !by_hooks(parameter));
    }
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
    for item in spec.paths.paths.values() {
        let json = serde_json::to_value(item).unwrap_or_default();
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
/// request are generated apart, see [`super::constraints`]. *Can go* when limits are checked on request
/// instead of by parsing.
pub fn lenient_models(spec: &mut OpenAPI) {
    for_each_schema(spec, &mut |schema| {
        let kind = match &mut schema.schema_kind {
            SchemaKind::Type(kind) => kind,
            // No `type`, or more than one kind of schema at once: the keywords stand side by side.
            SchemaKind::Any(any) => {
                (any.pattern, any.format) = (None, None);
                (any.min_length, any.max_length, any.min_items, any.max_items) =
                    (None, None, None, None);
                (any.minimum, any.maximum, any.multiple_of) = (None, None, None);
                (any.exclusive_minimum, any.exclusive_maximum) = (None, None);
                (any.min_properties, any.max_properties, any.unique_items) = (None, None, None);
                any.enumeration.clear();
                return;
            }
            _ => return,
        };
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

/// Collects every `$ref` in `json`.
pub(super) fn references(json: &serde_json::Value, found: &mut Vec<String>) {
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
        SchemaKind::Any(any) => {
            any.properties
                .values_mut()
                .filter_map(item_mut)
                .for_each(|member| visit(member, change));
            any.items.iter_mut().filter_map(item_mut).for_each(|item| visit(item, change));
            let branches = [&mut any.all_of, &mut any.one_of, &mut any.any_of];
            branches
                .into_iter()
                .flatten()
                .filter_map(item_mut)
                .for_each(|branch| visit(branch, change));
        }
        SchemaKind::Not { .. } | SchemaKind::Type(_) => {}
    }
    change(schema);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const CONTRACT: &str = "
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /things/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
      - {name: ms-cv, in: header, schema: {$ref: '#/components/schemas/Vector'}}
    put:
      operationId: putThing
      parameters:
        - {name: If-Match, in: header, schema: {type: string}}
        - {name: x-locale, in: header, schema: {type: string}}
        - $ref: '#/components/parameters/RequestId'
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
        '404': {$ref: '#/components/responses/Error'}
        '412': {description: no body}
        4XX: {$ref: '#/components/responses/Error'}
components:
  parameters:
    RequestId: {name: MS-RequestId, in: header, schema: {type: string}}
  responses:
    Error:
      description: failed
      content: {application/json: {schema: {$ref: '#/components/schemas/Fault'}}}
  schemas:
    Thing:
      type: object
      properties:
        id: {type: string, format: uuid}
        mail: {type: string, format: email, maxLength: 9, minLength: 1, pattern: '^a', nullable: true}
        kind: {type: string, enum: [a, b]}
        size: {type: integer, format: int32, minimum: 1, maximum: 9}
        weight: {type: number, format: double, multipleOf: 2}
        mixed: {allOf: [{type: string, maxLength: 3}, {pattern: '^a', enum: [a]}]}
        parts: {type: array, uniqueItems: true, maxItems: 3, items: {$ref: '#/components/schemas/Part'}}
    Part:
      type: object
      additionalProperties: true
      properties:
        closed: {type: object, additionalProperties: false}
        names: {type: object, additionalProperties: {type: string, maxLength: 3}}
    Fault: {type: object}
    Vector: {type: string}
";

    fn lowered(passes: &[fn(&mut OpenAPI)]) -> Value {
        let mut spec =
            openapi_lint::grammar::parse("test.yaml", CONTRACT).expect("a contract").spec;
        for pass in passes {
            pass(&mut spec);
        }
        serde_json::to_value(spec).expect("JSON")
    }

    const PUT: &str = "/paths/~1things~1{id}/put";

    fn at<'a>(spec: &'a Value, pointer: &str) -> &'a Value {
        spec.pointer(pointer).unwrap_or_else(|| panic!("nothing at {pointer} in {spec:#}"))
    }

    #[test]
    fn raw_errors_leaves_two_classes_with_any_content() {
        let spec = lowered(&[raw_errors]);
        let responses = at(&spec, &format!("{PUT}/responses"));
        let raw = json!({"description": "", "content": {"*/*": {}}});
        assert_eq!(responses["4XX"], raw);
        assert_eq!(responses["5XX"], raw);
        let statuses: Vec<_> = responses.as_object().expect("responses").keys().collect();
        assert_eq!(statuses, ["200", "4XX", "5XX"]);
    }

    #[test]
    fn context_headers_leaves_the_headers_of_the_operation() {
        let spec = lowered(&[context_headers]);
        let parameters = at(&spec, &format!("{PUT}/parameters")).as_array().expect("a list");
        let names: Vec<_> = parameters.iter().map(|parameter| &parameter["name"]).collect();
        assert_eq!(names, ["If-Match"]);
        let shared = at(&spec, "/paths/~1things~1{id}/parameters");
        assert_eq!(shared.as_array().map(Vec::len), Some(1));
        assert_eq!(shared[0]["name"], "id");
    }

    #[test]
    fn unreachable_schemas_go_only_when_nothing_reaches_them() {
        let names = |spec: &Value| -> Vec<String> {
            at(spec, "/components/schemas").as_object().expect("schemas").keys().cloned().collect()
        };
        assert_eq!(names(&lowered(&[unreachable_schemas])), ["Thing", "Part", "Fault", "Vector"]);
        assert_eq!(
            names(&lowered(&[raw_errors, unreachable_schemas])),
            ["Thing", "Part", "Vector"]
        );
        assert_eq!(
            names(&lowered(&[raw_errors, context_headers, unreachable_schemas])),
            ["Thing", "Part"]
        );
    }

    #[test]
    fn lenient_models_hold_anything_of_their_type() {
        let spec = lowered(&[lenient_models]);
        let member =
            |name: &str| at(&spec, &format!("/components/schemas/Thing/properties/{name}"));
        assert_eq!(*member("id"), json!({"type": "string"}));
        assert_eq!(*member("mail"), json!({"type": "string", "nullable": true}));
        assert_eq!(*member("kind"), json!({"type": "string"}));
        assert_eq!(*member("size"), json!({"type": "integer", "format": "int64"}));
        assert_eq!(*member("weight"), json!({"type": "number", "format": "double"}));
        assert_eq!(
            *member("parts"),
            json!({"type": "array", "items": {"$ref": "#/components/schemas/Part"}})
        );
        assert_eq!(*member("mixed"), json!({"allOf": [{"type": "string"}, {}]}));
        let names = "/components/schemas/Part/properties/names/additionalProperties";
        assert_eq!(*at(&spec, names), json!({"type": "string"}));
        // A path is the caller's, not the service's: its type stays strict.
        let path = at(&spec, "/paths/~1things~1{id}/parameters/0/schema");
        assert_eq!(*path, json!({"type": "string", "format": "uuid"}));
    }

    #[test]
    fn open_maps_keeps_what_is_closed_or_typed() {
        let spec = lowered(&[open_maps]);
        let extra =
            |schema: &str| at(&spec, &format!("/components/schemas/{schema}/additionalProperties"));
        assert_eq!(*extra("Thing"), json!({}));
        assert_eq!(*extra("Part"), json!({}));
        assert_eq!(*extra("Part/properties/closed"), json!(false));
        assert_eq!(*extra("Part/properties/names"), json!({"type": "string", "maxLength": 3}));
    }
}
