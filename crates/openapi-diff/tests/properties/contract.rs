//! Contracts made of choices: with fewer and smaller choices they are smaller, so that what fails is
//! shown small.

use std::fmt;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Numbers to choose by; zero once they are used up.
#[derive(Clone)]
pub(crate) struct Choices(std::vec::IntoIter<u16>);

impl fmt::Debug for Choices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0.as_slice())
    }
}

impl Choices {
    pub(crate) fn any(length: usize) -> impl Strategy<Value = Self> {
        proptest::collection::vec(any::<u16>(), length / 2..length)
            .prop_map(|list| Self(list.into_iter()))
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::from(self.0.next().unwrap_or(0)) % end.max(1)
    }

    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1
    }

    pub(crate) fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            list.swap(end, end - self.below(end + 1));
        }
    }
}

const SCHEMAS: usize = 5;

/// A contract with something of everything.
pub(crate) fn contract(choices: &mut Choices) -> Value {
    let mut document = json!({
        "openapi": "3.0.3",
        "info": { "title": "t", "version": "1" },
        "paths": {},
        "components": {
            "schemas": {}, "parameters": {}, "responses": {}, "headers": {}, "requestBodies": {},
            "securitySchemes": {
                "key": { "type": "apiKey", "in": "header", "name": "k" },
                "token": { "type": "oauth2", "flows": { "implicit": { "scopes": { "a": "", "b": "" } } } },
            },
        },
    });
    let components = &mut document["components"];
    for index in 0..SCHEMAS {
        components["schemas"][format!("S{index}")] = schema(choices, 3);
    }
    for index in 0..2 {
        components["parameters"][format!("P{index}")] =
            parameter(choices, &format!("shared{index}"));
        components["headers"][format!("H{index}")] = header(choices);
        components["requestBodies"][format!("B{index}")] = body(choices);
    }
    for index in 0..2 {
        components["responses"][format!("R{index}")] = response(choices);
    }
    if choices.one_in(2) {
        document["security"] = security(choices);
    }
    if choices.one_in(2) {
        document["servers"] = servers(choices);
    }
    for index in 0..=choices.below(3) {
        document["paths"][format!("/p{index}/{{id}}")] = item(choices);
    }
    document
}

fn item(choices: &mut Choices) -> Value {
    let mut item = json!({ "parameters": [
        { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
    ] });
    parameters(choices, &mut item, "item");
    if choices.one_in(4) {
        item["servers"] = servers(choices);
    }
    for method in ["get", "put", "post"].iter().take(1 + choices.below(3)) {
        let mut operation = json!({ "responses": {} });
        parameters(choices, &mut operation, "own");
        for status in ["200", "4XX", "default"].iter().take(1 + choices.below(3)) {
            operation["responses"][status] = part(choices, "responses", "R", response);
        }
        if *method != "get" && choices.one_in(2) {
            operation["requestBody"] = part(choices, "requestBodies", "B", body);
        }
        for (key, value) in [
            ("operationId", json!(format!("o{}", choices.below(9)))),
            ("deprecated", json!(true)),
            ("tags", json!(["a", "b", "c"])),
        ] {
            if choices.one_in(3) {
                operation[key] = value;
            }
        }
        if choices.one_in(4) {
            operation["security"] = security(choices);
        }
        if choices.one_in(4) {
            operation["servers"] = servers(choices);
        }
        item[method] = operation;
    }
    item
}

/// One of the components, or one that is made here.
fn part(
    choices: &mut Choices,
    section: &str,
    letter: &str,
    make: fn(&mut Choices) -> Value,
) -> Value {
    if choices.one_in(2) {
        return json!({ "$ref": format!("#/components/{section}/{letter}{}", choices.below(2)) });
    }
    make(choices)
}

fn parameters(choices: &mut Choices, owner: &mut Value, prefix: &str) {
    let mut list = owner["parameters"].as_array().cloned().unwrap_or_default();
    for index in 0..choices.below(3) {
        list.push(parameter(choices, &format!("{prefix}{index}")));
    }
    if choices.one_in(3) {
        list.push(json!({ "$ref": format!("#/components/parameters/P{}", choices.below(2)) }));
    }
    if !list.is_empty() {
        owner["parameters"] = Value::Array(list);
    }
}

fn parameter(choices: &mut Choices, name: &str) -> Value {
    let mut parameter = json!({ "name": name, "in": choices.pick(&["query", "header", "cookie"]) });
    if choices.one_in(5) {
        parameter["content"] = content(choices);
    } else {
        parameter["schema"] = schema(choices, 1);
        some(
            choices,
            &mut parameter,
            &[("style", json!("form")), ("explode", json!(true)), ("explode", json!(false))],
        );
    }
    some(
        choices,
        &mut parameter,
        &[("required", json!(true)), ("deprecated", json!(true)), ("description", json!("d"))],
    );
    if parameter["in"] == "query" {
        some(
            choices,
            &mut parameter,
            &[("allowReserved", json!(true)), ("allowEmptyValue", json!(true))],
        );
    }
    parameter
}

fn header(choices: &mut Choices) -> Value {
    let mut header = json!({ "schema": schema(choices, 1) });
    some(choices, &mut header, &[("required", json!(true)), ("description", json!("d"))]);
    header
}

fn body(choices: &mut Choices) -> Value {
    let mut body = json!({ "content": content(choices) });
    some(choices, &mut body, &[("required", json!(true)), ("description", json!("d"))]);
    body
}

fn response(choices: &mut Choices) -> Value {
    let mut response = json!({ "description": "d" });
    if choices.one_in(2) {
        response["content"] = content(choices);
    }
    for name in ["ETag", "X-Other"].iter().take(choices.below(3)) {
        response["headers"][name] = part(choices, "headers", "H", header);
    }
    response
}

fn content(choices: &mut Choices) -> Value {
    let name = choices.pick(&["application/json", "text/plain; charset=utf-8", "application/*"]);
    json!({ *name: { "schema": schema(choices, 2) } })
}

fn security(choices: &mut Choices) -> Value {
    choices
        .pick(&[
            json!([{ "key": [] }]),
            json!([{ "token": ["a", "b"] }]),
            json!([{ "key": [], "token": ["a"] }, { "token": ["b"] }]),
            json!([]),
            json!([{}, { "key": [] }]),
        ])
        .clone()
}

fn servers(choices: &mut Choices) -> Value {
    choices
        .pick(&[
            json!([{ "url": "/" }]),
            json!([{ "url": "https://a.example/v1" }, { "url": "https://b.example/" }]),
            json!([{ "url": "https://{h}.example", "variables": { "h": { "default": "a" } } }]),
        ])
        .clone()
}

/// Adds some of the members.
fn some(choices: &mut Choices, value: &mut Value, members: &[(&str, Value)]) {
    for (key, member) in members {
        if choices.one_in(4) {
            value[key] = member.clone();
        }
    }
}

/// A schema of any kind, with keywords that belong to it.
pub(crate) fn schema(choices: &mut Choices, depth: usize) -> Value {
    let kind = choices.below(if depth == 0 { 6 } else { 13 });
    let mut schema = match kind {
        0 => json!({ "type": "string" }),
        1 | 2 => {
            let mut schema = json!({ "type": (*choices.pick(&["integer", "number"])) });
            some(
                choices,
                &mut schema,
                &[
                    ("minimum", json!(choices.clone().below(5))),
                    ("exclusiveMinimum", json!(true)),
                    ("maximum", json!(10)),
                    ("exclusiveMaximum", json!(true)),
                    ("multipleOf", json!(2)),
                    ("format", json!("int32")),
                    ("enum", json!([1, 2, 3])),
                    ("default", json!(1)),
                ],
            );
            schema
        }
        3 => {
            let mut schema = json!({ "type": "string" });
            some(
                choices,
                &mut schema,
                &[
                    ("minLength", json!(1)),
                    ("maxLength", json!(9)),
                    ("pattern", json!("^a")),
                    ("format", json!("date")),
                    ("enum", json!(["a", "b"])),
                    ("default", json!("a")),
                ],
            );
            schema
        }
        4 => json!({ "$ref": format!("#/components/schemas/S{}", choices.below(SCHEMAS)) }),
        5 => choices
            .pick(&[json!({}), json!({ "type": "boolean" }), json!({ "enum": ["a", 1, null] })])
            .clone(),
        6 | 7 => {
            let mut schema = json!({ "type": "array", "items": self::schema(choices, depth - 1) });
            some(
                choices,
                &mut schema,
                &[("minItems", json!(1)), ("maxItems", json!(9)), ("uniqueItems", json!(true))],
            );
            schema
        }
        8..=10 => object(choices, depth),
        _ => {
            let word = *choices.pick(&["oneOf", "anyOf", "allOf", "not"]);
            let mut schema = if choices.one_in(2) { object(choices, depth - 1) } else { json!({}) };
            schema[word] = if word == "not" {
                self::schema(choices, depth - 1)
            } else {
                (0..=choices.below(3)).map(|_| self::schema(choices, depth - 1)).collect()
            };
            if word == "oneOf" {
                some(
                    choices,
                    &mut schema,
                    &[(
                        "discriminator",
                        json!({
                            "propertyName": "k", "mapping": { "a": "#/components/schemas/S0" },
                        }),
                    )],
                );
            }
            schema
        }
    };
    if schema.get("$ref").is_none() {
        some(
            choices,
            &mut schema,
            &[
                ("nullable", json!(true)),
                ("description", json!("d")),
                ("deprecated", json!(true)),
                ("title", json!("t")),
                ("readOnly", json!(true)),
            ],
        );
        if schema.get("readOnly").is_none() {
            some(choices, &mut schema, &[("writeOnly", json!(true))]);
        }
    }
    schema
}

fn object(choices: &mut Choices, depth: usize) -> Value {
    let names = ["a", "b", "c", "d"];
    let mut properties = Map::new();
    for name in names.iter().take(choices.below(5)) {
        properties.insert((*name).to_owned(), schema(choices, depth.saturating_sub(1)));
    }
    let mut schema = json!({ "type": "object", "properties": properties });
    let required: Vec<_> = names.iter().filter(|_| choices.one_in(3)).collect();
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if choices.one_in(3) {
        schema["additionalProperties"] = if choices.one_in(2) {
            json!(false)
        } else {
            self::schema(choices, depth.saturating_sub(1))
        };
    }
    some(choices, &mut schema, &[("minProperties", json!(1)), ("maxProperties", json!(5))]);
    schema
}
