//! Large contracts.

use openapi_diff::Document;
use serde_json::{Map, Value, json};

pub(crate) fn read(text: &str) -> Document {
    match Document::parse("large.yaml", text) {
        Ok(document) => document,
        Err(error) => panic!("{error}"),
    }
}

/// What a contract is made with.
pub(crate) struct Maker {
    pub(crate) prefix: &'static str,
    changed: fn(usize) -> bool,
}

impl Maker {
    pub(crate) fn change_if(&mut self, changed: fn(usize) -> bool) {
        self.changed = changed;
    }
}

pub(crate) fn contract(operations: usize, with: impl Fn(&mut Maker)) -> Value {
    let mut maker = Maker { prefix: "/v1", changed: |_| false };
    with(&mut maker);
    let schemas = operations / 4 + 10;
    let mut paths = Map::new();
    for index in 0..operations.div_ceil(2) {
        let item = json!({
            "parameters": [{ "$ref": "#/components/parameters/Tenant" }, {
                "name": "id", "in": "path", "required": true, "schema": { "type": "string" },
            }],
            "get": operation("get", index, schemas),
            "put": operation("put", index, schemas),
        });
        paths.insert(format!("{}/tenants/{{tenant}}/things{index}/{{id}}", maker.prefix), item);
    }
    let mut components: Map<String, Value> = Map::new();
    for index in 0..schemas {
        components.insert(format!("Thing{index}"), thing(index, schemas, (maker.changed)(index)));
    }
    json!({
        "openapi": "3.0.3",
        "info": { "title": "A large contract", "version": "1.0.0" },
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "parameters": { "Tenant": {
                "name": "tenant", "in": "path", "required": true,
                "schema": { "type": "string", "format": "uuid" },
            } },
            "responses": { "Error": {
                "description": "What went wrong.",
                "content": { "application/json": { "schema": {
                    "type": "object",
                    "required": ["code", "message"],
                    "properties": {
                        "code": { "type": "string" },
                        "message": { "type": "string" },
                        "inner": { "$ref": "#/components/responses/Error/content/application~1json/schema" },
                    },
                } } },
            } },
            "schemas": components,
        },
    })
}

fn reference(index: usize, schemas: usize) -> Value {
    json!({ "$ref": format!("#/components/schemas/Thing{}", index % schemas) })
}

fn operation(method: &str, index: usize, schemas: usize) -> Value {
    let mut operation = json!({
        "operationId": format!("{method}Thing{index}"),
        "summary": "Does what such operations do.",
        "description": "A paragraph that says at some length what the operation is good for.",
        "tags": [format!("tag{}", index % 20)],
        "parameters": [
            { "name": "limit", "in": "query", "schema": { "type": "integer", "minimum": 1 } },
            { "name": "If-Match", "in": "header", "required": true, "schema": { "type": "string" } },
        ],
        "responses": {
            "200": {
                "description": "As it is now.",
                "headers": { "ETag": { "required": true, "schema": { "type": "string" } } },
                "content": { "application/json": { "schema": {
                    "type": "object",
                    "required": ["items"],
                    "properties": {
                        "items": { "type": "array", "items": reference(index, schemas) },
                        "next": { "type": "string", "nullable": true },
                    },
                } } },
            },
            "404": { "$ref": "#/components/responses/Error" },
            "default": { "$ref": "#/components/responses/Error" },
        },
    });
    if method != "get" {
        operation["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": reference(index, schemas) } },
        });
    }
    operation
}

/// An object with members of every kind, of which some lead to other things, and to itself in the end.
fn thing(index: usize, schemas: usize, changed: bool) -> Value {
    let mut thing = json!({
        "type": "object",
        "description": "One of many things.",
        "required": ["id", "name"],
        "properties": {
            "id": { "type": "string", "format": "uuid", "readOnly": true },
            "name": { "type": "string", "minLength": 1, "maxLength": 200 },
            "state": { "type": "string", "enum": ["new", "active", "suspended", "gone"] },
            "count": { "type": "integer", "format": "int32", "minimum": 0 },
            "labels": { "type": "object", "additionalProperties": { "type": "string" } },
            "created": { "type": "string", "format": "date-time", "nullable": true },
            "part": { "allOf": [reference(index * 2 + 1, schemas)], "description": "A part." },
            "others": { "type": "array", "items": reference(index * 2 + 2, schemas) },
            "either": { "oneOf": [
                reference(index * 3 + 1, schemas),
                { "type": "object", "properties": { "href": { "type": "string" } } },
            ] },
        },
    });
    if changed {
        thing["properties"]["count"]["minimum"] = json!(1);
        thing["properties"]["name"]["maxLength"] = json!(100);
        thing["properties"]["added"] = json!({ "type": "string" });
    }
    thing
}
