//! From the faithful contract to one that progenitor 0.15.1 can take: spec to spec.
//!
//! What is lowered first are the schemas, see [`crate::models`]. Each pass after that is a pure function that
//! works around one limit. The contract itself stays as the service is; what a pass takes away here, a refining
//! pass or the library brings back.

use indexmap::IndexMap;
use openapi_document::{Contract, Parameter as ParameterAt};
use openapiv3::{
    MediaType, OpenAPI, Operation, Parameter, ReferenceOr, Response, Schema, SchemaData,
    SchemaKind, StatusCode, StringFormat, StringType, Type, VariantOrUnknownOrEmpty,
};
use serde_json::{Map, Value, json};

use crate::Config;
use crate::models::{Models, is_empty};

/// A named pass.
pub type Pass = (&'static str, fn(&mut OpenAPI, &Config));

/// The passes, in the order they run.
pub const PASSES: [Pass; 4] = [
    ("raw-bodies", raw_bodies),
    ("raw-errors", raw_errors),
    ("one-success", one_success),
    ("context-headers", context_headers),
];

/// What progenitor knows an operation by whose connection becomes a `WebSocket`.
const WEBSOCKET: &str = "x-dropshot-websocket";

/// The operations of `contract` with its models for schemas. Path items, parameters, bodies and responses
/// stand where they are referred to, and the parameters of a path item in each of its operations.
///
/// *Works around*: progenitor takes no reference to a path item, and has schemas of its own for what
/// [`crate::models`] tells. *Can go* together with them.
///
/// # Errors
/// `openapiv3` cannot read what is left.
pub(crate) fn with_models(contract: &Contract, models: &Models) -> serde_json::Result<OpenAPI> {
    let mut paths = Map::new();
    for operation in contract.operations().filter(is_sent) {
        let mut lowered = Map::new();
        for key in ["operationId", "summary", "description", "deprecated", WEBSOCKET] {
            lowered.extend(operation.value.get(key).map(|value| (key.to_owned(), value.clone())));
        }
        let parameters = contract.parameters(&operation).into_iter();
        let parameters = parameters.map(|ParameterAt { place, value, .. }| {
            let mut value = value.clone();
            if let Some(ty) = models.places.get(&format!("{place}/schema")) {
                value["schema"] = ty.json();
            }
            value
        });
        lowered.insert("parameters".into(), parameters.collect());
        let typed = |pointer: &str| {
            let at = contract.resolve_at(pointer)?;
            let mut value = at.value.clone();
            let content = value.get_mut("content").and_then(Value::as_object_mut);
            for (media, entry) in content.into_iter().flatten() {
                let media = openapi_document::escape(media);
                let place = format!("{}/content/{media}/schema", at.pointer);
                if let Some(ty) = models.places.get(&place) {
                    entry["schema"] = ty.json();
                }
            }
            Some(value)
        };
        let body = typed(&format!("{}/requestBody", operation.pointer));
        lowered.extend(body.map(|body| ("requestBody".to_owned(), body)));
        let responses = contract.responses(&operation).into_iter();
        let responses: Map<_, _> = responses
            .filter_map(|(status, at, _)| {
                let mut response = typed(&at)?;
                if is_empty(operation.method, status) {
                    response.as_object_mut()?.remove("content");
                }
                Some((status.to_owned(), response))
            })
            .collect();
        lowered.insert("responses".into(), responses.into());
        let item = paths.entry(operation.path).or_insert_with(|| json!({}));
        item[operation.method] = lowered.into();
    }
    let schemas: Map<_, _> =
        models.types.iter().map(|(name, model)| (name.clone(), model.json())).collect();
    let mut spec = json!({
        "openapi": contract.json["openapi"],
        "info": contract.json["info"],
        "components": {},
    });
    // The macro copies what it is given.
    spec["paths"] = paths.into();
    spec["components"]["schemas"] = schemas.into();
    serde_json::from_value(spec)
}

/// A request body of bytes, or of plain text, has the one schema that there is for it.
///
/// *Works around*: progenitor takes bytes only as a `format: binary` without limits, and plain text only as a
/// string without any. *Can go* when it looks at the media type alone.
pub fn raw_bodies(spec: &mut OpenAPI, _: &Config) {
    for operation in operations_mut(spec) {
        let body = operation.request_body.as_mut().and_then(item_mut);
        for (media, entry) in body.into_iter().flat_map(|body| &mut body.content) {
            let format = match media.split(';').next().unwrap_or_default() {
                "application/octet-stream" => VariantOrUnknownOrEmpty::Item(StringFormat::Binary),
                "text/plain" | "text/x-markdown" => VariantOrUnknownOrEmpty::Empty,
                _ => continue,
            };
            let string = StringType { format, ..StringType::default() };
            entry.schema = Some(ReferenceOr::Item(Schema {
                schema_data: SchemaData::default(),
                schema_kind: SchemaKind::Type(Type::String(string)),
            }));
        }
    }
}

/// Error bodies arrive as status, headers and bytes: `4XX` and `5XX` with any content, nothing else. A connection
/// that is upgraded is no error: `101` stays where nothing else is a success, or a `WebSocket` is what is asked for.
///
/// *Works around*: progenitor asserts that all errors of an operation have one type, parses them
/// before anyone can look at the bytes, and loses status and headers when that fails (an HTML page
/// of a gateway, an empty body). `default` would be a success and an error. *Can go* when errors of several
/// shapes are generated and a body that does not fit still carries its status (oxidecomputer/progenitor#950).
pub fn raw_errors(spec: &mut OpenAPI, _: &Config) {
    for operation in operations_mut(spec) {
        let default = operation.responses.default.take();
        let upgrades = operation.extensions.contains_key(WEBSOCKET);
        let responses = &mut operation.responses.responses;
        // The first versions of Dropshot described the upgrade as `default`.
        if let Some(default) = default.filter(|_| upgrades) {
            responses.entry(UPGRADE).or_insert(default);
        }
        let others = responses.keys().any(is_success);
        responses.retain(|status, _| {
            if *status == UPGRADE { upgrades || !others } else { is_success(status) && !upgrades }
        });
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

/// Successes of one shape are one success.
///
/// *Works around*: progenitor writes an arm for each status, and one that a range before it covers cannot be
/// reached. *Can go* when it writes one arm for those that are alike (oxidecomputer/progenitor#344).
pub fn one_success(spec: &mut OpenAPI, _: &Config) {
    for operation in operations_mut(spec) {
        let responses = &mut operation.responses.responses;
        let successes: Vec<_> =
            responses.keys().filter(|status| is_success(status)).cloned().collect();
        let [first, _, ..] = &successes[..] else { continue };
        let content = |status: &StatusCode| {
            responses.get(status).and_then(ReferenceOr::as_item).map(|response| &response.content)
        };
        if successes.iter().any(|status| content(status) != content(first)) {
            continue;
        }
        let Some(response) = responses.get(first).cloned() else { continue };
        responses.retain(|status, _| !is_success(status));
        responses.shift_insert(0, StatusCode::Range(2), response);
    }
}

/// Headers that the hooks set are not arguments of every method.
///
/// *Works around*: progenitor makes an argument of every header parameter, so that each method
/// would take six optional strings that are the same for all of them. *Can go* when parameters can
/// be left to the hooks by configuration.
pub fn context_headers(spec: &mut OpenAPI, config: &Config) {
    let by_hooks = |parameter: &ReferenceOr<Parameter>| {
        matches!(parameter.as_item(), Some(Parameter::Header { parameter_data, .. })
            if config.context_headers.iter().any(|name| parameter_data.name.eq_ignore_ascii_case(name)))
    };
    for operation in operations_mut(spec) {
        operation.parameters.retain(|parameter| !by_hooks(parameter));
    }
}

/// Whether there is a way to send an operation: progenitor has none for OPTIONS and TRACE.
pub(crate) fn is_sent(operation: &openapi_document::Operation<'_>) -> bool {
    !matches!(operation.method, "options" | "trace")
}

/// Switching Protocols (RFC 9110 section 15.2.2).
const UPGRADE: StatusCode = StatusCode::Code(101);

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
      requestBody: {$ref: '#/components/requestBodies/Thing'}
      responses:
        '201': {$ref: '#/components/responses/Thing'}
        2XX: {$ref: '#/components/responses/Thing'}
        '404': {$ref: '#/components/responses/Error'}
        '412': {description: no body}
        4XX: {$ref: '#/components/responses/Error'}
components:
  parameters:
    RequestId: {name: MS-RequestId, in: header, schema: {type: string}}
  requestBodies:
    Thing: {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
  responses:
    Thing:
      description: ok
      content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
    Error:
      description: failed
      content: {application/json: {schema: {$ref: '#/components/schemas/Fault'}}}
  schemas:
    Thing: {type: object, properties: {id: {type: string, format: uuid}}}
    Fault: {type: object}
    Vector: {type: string}
";

    fn lowered(contract: &str, passes: &[fn(&mut OpenAPI, &Config)]) -> Value {
        let contract = openapi_lint::grammar::parse("test.yaml", contract).expect("a contract");
        let (models, _) = crate::models::models(&contract);
        let headers = ["MS-RequestId", "ms-cv", "X-Locale"].map(str::to_owned).to_vec();
        let config = Config { context_headers: headers, ..Config::default() };
        let mut spec = with_models(&contract, &models).expect("a specification");
        for pass in passes {
            pass(&mut spec, &config);
        }
        serde_json::to_value(spec).expect("JSON")
    }

    const PUT: &str = "/paths/~1things~1{id}/put";

    fn at<'a>(spec: &'a Value, pointer: &str) -> &'a Value {
        spec.pointer(pointer).unwrap_or_else(|| panic!("nothing at {pointer} in {spec:#}"))
    }

    fn names(spec: &Value) -> Vec<&Value> {
        let parameters = at(spec, &format!("{PUT}/parameters")).as_array().expect("a list");
        parameters.iter().map(|parameter| &parameter["name"]).collect()
    }

    #[test]
    fn what_is_referred_to_stands_in_its_operation() {
        let spec = lowered(CONTRACT, &[]);
        assert_eq!(names(&spec), ["id", "ms-cv", "If-Match", "x-locale", "MS-RequestId"]);
        let thing = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}});
        assert_eq!(at(&spec, PUT)["requestBody"]["content"], thing);
        assert_eq!(at(&spec, PUT)["responses"]["201"]["content"], thing);
        // A path is the caller's, not the service's: its type stays strict.
        let path = at(&spec, &format!("{PUT}/parameters/0/schema"));
        assert_eq!(*path, json!({"type": "string", "format": "uuid"}));
        let schemas = at(&spec, "/components/schemas").as_object().expect("schemas");
        assert_eq!(schemas.keys().collect::<Vec<_>>(), ["Thing"]);
    }

    #[test]
    fn what_has_no_content_is_given_none() {
        let spec = CONTRACT.replace("    put:", "    head:").replace("'201':", "'200':");
        assert!(
            at(&lowered(&spec, &[]), "/paths/~1things~1{id}/head/responses/200")
                .get("content")
                .is_none()
        );
        let spec = CONTRACT.replace("'201':", "'204':");
        let responses = lowered(&spec, &[]);
        let responses = at(&responses, &format!("{PUT}/responses"));
        assert!(
            responses["204"].get("content").is_none() && responses["2XX"].get("content").is_some()
        );
    }

    #[test]
    fn raw_errors_leaves_two_classes_with_any_content() {
        let spec = lowered(CONTRACT, &[raw_errors]);
        let responses = at(&spec, &format!("{PUT}/responses"));
        let raw = json!({"description": "", "content": {"*/*": {}}});
        assert_eq!(responses["4XX"], raw);
        assert_eq!(responses["5XX"], raw);
        let statuses: Vec<_> = responses.as_object().expect("responses").keys().collect();
        assert_eq!(statuses, ["201", "2XX", "4XX", "5XX"]);
    }

    #[test]
    fn successes_that_are_alike_are_one() {
        let spec = lowered(CONTRACT, &[raw_errors, one_success]);
        let responses = at(&spec, &format!("{PUT}/responses"));
        let statuses: Vec<_> = responses.as_object().expect("responses").keys().collect();
        assert_eq!(statuses, ["2XX", "4XX", "5XX"]);
    }

    #[test]
    fn bytes_and_plain_text_have_one_schema() {
        let raw = "schemas:\n    Bytes: {type: string, format: binary, maxLength: 9}";
        let (binary, text) =
            (json!({"type": "string", "format": "binary"}), json!({"type": "string"}));
        for (media, schema, expected) in [
            ("application/octet-stream", "{$ref: '#/components/schemas/Bytes'}", binary.clone()),
            ("application/octet-stream", "{}", binary),
            ("text/plain; charset=utf-8", "{type: string, maxLength: 3}", text),
            ("multipart/form-data", "{type: object}", json!({"type": "object"})),
        ] {
            let body = format!(
                "requestBodies:\n    Thing: {{content: {{'{media}': {{schema: {schema}}}}}}}"
            );
            let given = "requestBodies:\n    Thing: {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}";
            let spec = CONTRACT.replace(given, &body).replace("schemas:", raw);
            let spec = lowered(&spec, &[raw_bodies]);
            let media = openapi_document::escape(media);
            let schema = at(&spec, &format!("{PUT}/requestBody/content/{media}/schema"));
            assert_eq!(*schema, expected, "{media}");
        }
    }

    /// The statuses that stay, of these, and whether the operation is one of a `WebSocket`.
    #[test]
    fn an_upgrade_is_no_error() {
        for (websocket, responses, expected) in [
            (false, &["101", "4XX"][..], vec!["101", "4XX", "5XX"]),
            (false, &["101", "200"], vec!["200", "4XX", "5XX"]),
            (true, &["101", "200"], vec!["101", "4XX", "5XX"]),
            (true, &["default"], vec!["101", "4XX", "5XX"]),
            (true, &["101", "default"], vec!["101", "4XX", "5XX"]),
        ] {
            let all =
                responses.iter().map(|status| format!("        '{status}': {{description: ok}}\n"));
            let extension =
                if websocket { "x-dropshot-websocket: {}" } else { "deprecated: false" };
            let contract = format!(
                "openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths:\n  /a:\n    get:\n      operationId: getA\n      {extension}\n      responses:\n{}",
                all.collect::<String>()
            );
            let spec = lowered(&contract, &[raw_errors]);
            let responses = at(&spec, "/paths/~1a/get/responses").as_object().expect("responses");
            let mut statuses: Vec<_> = responses.keys().collect();
            statuses.sort();
            assert_eq!(statuses, expected, "{websocket} {responses:?}");
        }
    }

    #[test]
    fn raw_errors_leaves_nothing_else() {
        let responses = json!({"302": {"description": "there"}, "default": {"description": "it"}});
        let mut spec: OpenAPI = serde_json::from_value(json!({
            "openapi": "3.0.3",
            "info": {"title": "T", "version": "1"},
            "paths": {"/a": {"get": {"responses": responses}}},
        }))
        .expect("a specification");
        raw_errors(&mut spec, &Config::default());
        let raw = json!({"description": "", "content": {"*/*": {}}});
        let spec = serde_json::to_value(spec).expect("JSON");
        let expected = json!({"4XX": raw, "5XX": raw});
        assert_eq!(*at(&spec, "/paths/~1a/get/responses"), expected);
    }

    #[test]
    fn context_headers_leaves_the_headers_of_the_operation() {
        assert_eq!(names(&lowered(CONTRACT, &[context_headers])), ["id", "If-Match"]);
    }
}
