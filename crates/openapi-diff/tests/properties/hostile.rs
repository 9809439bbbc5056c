//! Documents that nobody means well with: reading and comparing them ends, in an error or a result, on
//! the stack that a thread has.

use std::fmt::Write as _;

use openapi_diff::{Change, Diagnostic, Document, diff};
use serde_json::{Map, Value, json};

use crate::support;

/// What a thread has if nobody says otherwise.
const STACK: usize = 2 << 20;

/// Reads both texts and compares what they are, in a thread of its own.
fn compared(base: &str, revision: &str) -> Result<Vec<Change>, Box<Diagnostic>> {
    let (base, revision) = (base.to_owned(), revision.to_owned());
    let work = move || {
        let base = Document::parse("base.yaml", &base)?;
        let revision = Document::parse("revision.yaml", &revision)?;
        Ok(diff(&base, &revision))
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread");
    thread.join().expect("no panic")
}

/// A contract of one operation that sends and answers with the schema `A`.
fn contract(schemas: &Value) -> Value {
    let content = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/A" } } });
    json!({
        "openapi": "3.0.3",
        "info": { "title": "t", "version": "1" },
        "paths": { "/a": { "put": {
            "requestBody": { "content": content },
            "responses": { "200": { "description": "d", "content": content } },
        } } },
        "components": { "schemas": schemas },
    })
}

/// Compares contracts whose schemas these are.
fn schemas(base: Value, revision: Value) -> Vec<Change> {
    let text = |schemas| contract(&schemas).to_string();
    compared(&text(base), &text(revision)).expect("well-formed")
}

fn wraps(open: &str, core: &str, close: &str, depth: usize) -> String {
    open.repeat(depth) + core + &close.repeat(depth)
}

#[test]
fn depth_is_an_error_with_its_place() {
    let texts = [
        wraps("[", "1", "]", 10_000),
        wraps("{a: ", "1", "}", 10_000),
        wraps("{\"a\":", "1", "}", 10_000),
        wraps("[{\"a\":", "1", "}]", 5_000),
        wraps("- ", "1", "", 10_000),
        wraps("? ", "1", "", 10_000),
        wraps("[", "", "", 10_000),
        wraps("{a: ", "", "", 100_000),
        (0..1_000).fold(String::new(), |mut text, depth| {
            writeln!(text, "{}a:", " ".repeat(depth)).expect("a string");
            text
        }),
    ];
    for text in texts {
        let error = compared(&text, "{}").expect_err(&text[..20]);
        assert!(error.place.is_some(), "{error}");
    }
    let error = compared(&wraps("{a: ", "1", "}", 129), "{}").expect_err("too deep");
    assert_eq!(error.place, Some((1, 4 * 128 + 1)));
    assert!(error.message.contains("nested deeper than 128 levels"), "{error}");
}

#[test]
fn what_is_as_deep_as_may_be_is_read_compared_and_dropped() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("{\"properties\":", "}"), ("- ", "")] {
        let (a, b) = (wraps(open, "1", close, 128), wraps(open, "2", close, 128));
        compared(&a, &b).expect("deep, but not too deep");
    }
    let deep = |leaf: &str| {
        let (open, close) = ("{type: object, properties: {a: ", "}}");
        let schema = wraps(open, leaf, close, 58);
        format!(
            "{{openapi: 3.0.3, paths: {{/a: {{put: {{responses: {{'200': {{content: {{a/b: {{schema: {schema}}}}}}}}}}}}}}}}}"
        )
    };
    let changes = compared(&deep("{type: string}"), &deep("{type: integer}")).expect("read");
    assert_eq!(changes.len(), 1);
    let value = |leaf: &str| deep(&format!("{{enum: [{}]}}", wraps("[", leaf, "]", 2)));
    assert_eq!(compared(&value("1"), &value("2")).expect("read").len(), 2);
}

#[test]
fn aliases_make_no_more_of_a_text_than_it_is_worth() {
    let laughs = (1..30).fold("a0: &a0 [l, l, l, l, l, l, l, l, l]\n".to_owned(), |mut text, i| {
        let alias = format!("*a{}", i - 1);
        writeln!(text, "a{i}: &a{i} [{}]", [alias.as_str(); 9].join(", ")).expect("a string");
        text
    });
    let error = compared(&laughs, "{}").expect_err("a bomb");
    assert!(error.message.contains("aliases repeat more than"), "{error}");
    // One long text, a thousand times.
    let long = format!("a: &a {}\nb: [{}]", "l".repeat(100_000), ["*a"; 1_000].join(", "));
    compared(&long, "{}").expect_err("a bomb");
    let merged = (1..40).fold("a0: &a0 {k: v}\n".to_owned(), |mut text, i| {
        let alias = format!("*a{}", i - 1);
        writeln!(text, "a{i}: &a{i} {{<<: [{alias}, {alias}, {alias}], k{i}: v}}").expect("text");
        text
    });
    drop(compared(&merged, "{}"));
    drop(compared("a: &a [*a]", "a: &a {b: *a}"));
    // What people write is read.
    let text = "x: &x {type: string}\na: *x\nb: {<<: *x, format: uuid}\n";
    let document = Document::parse("a.yaml", text).expect("well-formed");
    assert_eq!(document.json["b"], json!({ "type": "string", "format": "uuid" }));
}

#[test]
fn long_names_around_many_values_are_read() {
    let name = "n".repeat(100_000);
    let text = format!("? {name}\n: [{}]", vec!["1"; 100_000].join(","));
    assert_eq!(compared(&text, &text).expect("documents"), []);
    let document = Document::parse("base.yaml", &text).expect("a document");
    assert_eq!(document.source.place(&format!("/{name}/99999")), Some((2, 200_002)));
}

#[test]
fn references_in_circles_and_to_anywhere_end() {
    let anywhere = [
        "#",
        "#/",
        "##",
        "",
        "#/components",
        "#/components/schemas",
        "#/components/schemas/A",
        "#/components/schemas/B",
        "#/paths",
        "#/paths/~1a",
        "#/paths/~1a/put",
        "#/openapi",
        "#/paths/~1a/put/responses/200",
        "#/info/title",
        "#/components/schemas/A/$ref",
        "a.yaml#/b",
        "#/%",
        "#/%zz",
        "#/components/schemas/%41",
        "#/~",
        "#/~2",
        "#/paths/~1a/put/requestBody",
        "\u{fffd}#",
        "https://example.com/a.yaml",
        "#/components/schemas/A/properties/a",
    ];
    for (i, target) in anywhere.iter().enumerate() {
        let to = |target: &str| json!({ "$ref": target });
        let around = |target: &str| {
            json!({
                "A": to(target), "B": to("#/components/schemas/A"),
                "C": { "allOf": [to(target), to("#/components/schemas/C")], "not": to(target) },
                "D": { "properties": { "a": to(target) }, "items": to(target),
                       "oneOf": [to(target), to("#/components/schemas/D")] },
            })
        };
        for name in ["A", "C", "D"] {
            let mut a = contract(&around(target));
            let other = anywhere[(i + 7) % anywhere.len()];
            let mut b = contract(&around(other));
            for (document, target) in [(&mut a, target), (&mut b, &other)] {
                let root = format!("#/components/schemas/{name}");
                let operation = &mut document["paths"]["/a"]["put"];
                operation["requestBody"]["content"]["application/json"]["schema"] = to(&root);
                operation["parameters"] =
                    json!([to(target), { "name": "a", "in": "query", "schema": to(&root) }]);
                operation["responses"]["404"] = to(target);
                operation["responses"]["200"]["headers"] = json!({ "x": to(target) });
                operation["callbacks"] = json!({ "c": to(target), "d": { "/e": to(target) } });
                document["paths"]["/b"] = to(target);
                document["paths"]["/c"] = json!({ "get": to(target), "parameters": to(target) });
            }
            compared(&a.to_string(), &b.to_string()).expect("well-formed");
            let same = compared(&a.to_string(), &a.to_string()).expect("well-formed");
            assert_eq!(same, [], "{target}");
        }
    }
}

/// Schemas `A0` to `An`, of which `make` makes each from what comes next; `A` is the first.
fn tower(height: usize, top: Value, make: impl Fn(usize, Value, Value) -> Value) -> Value {
    let to = |index: usize| json!({ "$ref": format!("#/components/schemas/A{index}") });
    let mut all = Map::from_iter([("A".to_owned(), to(0)), (format!("A{height}"), top)]);
    for index in 0..height {
        all.insert(format!("A{index}"), make(index, to(index + 1), to((index + 2).min(height))));
    }
    Value::Object(all)
}

#[test]
fn chains_and_towers_end() {
    type Make = fn(usize, Value, Value) -> Value;
    let makes: [(&str, Make); 14] = [
        ("ref", |_, next, _| next),
        ("allOf", |_, next, _| json!({ "allOf": [next] })),
        (
            "allOf with more",
            |i, next, _| json!({ "allOf": [next, { "properties": { format!("p{i}"): { "type": "string" } } }] }),
        ),
        ("oneOf", |_, next, _| json!({ "oneOf": [next] })),
        ("oneOf with more", |i, next, _| json!({ "oneOf": [next, { "enum": [i] }] })),
        ("oneOf twice", |_, next, _| json!({ "oneOf": [next, next] })),
        ("anyOf with more", |_, next, _| json!({ "anyOf": [next, { "type": "array" }] })),
        ("not", |_, next, _| json!({ "not": next })),
        ("items", |_, next, _| json!({ "type": "array", "items": next })),
        ("properties", |_, next, _| json!({ "type": "object", "properties": { "p": next } })),
        ("additional", |_, next, _| json!({ "type": "object", "additionalProperties": next })),
        (
            "all properties",
            |i, next, _| json!({ "allOf": [{ "properties": { "p": next } }, { "required": [format!("p{i}")] }] }),
        ),
        (
            "circle",
            |_, next, _| json!({ "properties": { "p": next, "q": { "$ref": "#/components/schemas/A" } } }),
        ),
        (
            "discriminator",
            |_, next, _| json!({ "oneOf": [next], "discriminator": { "propertyName": "a", "mapping": { "a": next["$ref"] } } }),
        ),
    ];
    for (_, make) in makes {
        let (a, b) = (json!({ "type": "string" }), json!({ "type": "integer" }));
        schemas(tower(300, a.clone(), make), tower(300, b, make));
        schemas(tower(300, a.clone(), make), tower(299, a, make));
    }
}

#[test]
fn graphs_with_exponentially_many_ways_end() {
    type Make = fn(usize, Value, Value) -> Value;
    let makes: [(&str, Make); 12] = [
        ("allOf", |_, x, _| json!({ "allOf": [x, x] })),
        ("allOf two", |_, x, y| json!({ "allOf": [x, y] })),
        ("oneOf", |i, x, y| json!({ "oneOf": [x, y, { "enum": [i] }] })),
        (
            "oneOf of allOf",
            |i, x, y| json!({ "oneOf": [{ "allOf": [x, y] }, { "allOf": [y, { "maximum": i }] }] }),
        ),
        (
            "allOf of oneOf",
            |i, x, y| json!({ "allOf": [{ "oneOf": [x, { "minimum": i }] }, { "anyOf": [y, x] }] }),
        ),
        ("not", |_, x, y| json!({ "allOf": [{ "not": x }, { "not": y }] })),
        ("items and not", |_, x, y| json!({ "items": x, "not": y })),
        (
            "members",
            |_, x, y| json!({ "properties": { "x": x, "y": y }, "additionalProperties": { "allOf": [x, y] } }),
        ),
        (
            "members of both",
            |_, x, y| json!({ "properties": { "x": x }, "allOf": [{ "properties": { "x": y } }, { "additionalProperties": x }] }),
        ),
        (
            "oneOf with members",
            |_, x, y| json!({ "properties": { "x": x }, "oneOf": [{ "properties": { "x": y } }, { "properties": { "y": x } }] }),
        ),
        (
            "nullable",
            |_, x, y| json!({ "nullable": true, "allOf": [x, { "oneOf": [x, y] }], "anyOf": [y, { "items": x }] }),
        ),
        ("everything", |i, x, y| {
            json!({
                "oneOf": [x, y, { "type": "object", "properties": { "a": x } }], "anyOf": [y, { "not": x }],
                "items": { "oneOf": [y, x] }, "maxLength": i, "properties": { "a": { "anyOf": [x, y] } },
            })
        }),
    ];
    for (_, make) in makes {
        let (a, b) = (json!({ "type": "string" }), json!({ "type": "integer" }));
        for b in [a.clone(), b] {
            schemas(tower(40, a.clone(), make), tower(40, b.clone(), make));
            schemas(tower(40, a.clone(), make), tower(39, b, make));
        }
    }
}

#[test]
fn many_alternatives_end() {
    type Make = fn(usize) -> Value;
    let makes: [(&str, Make); 7] = [
        ("values", |i| json!({ "type": "string", "enum": [i.to_string()] })),
        (
            "members",
            |i| json!({ "type": "object", "properties": { format!("p{i}"): { "type": "string" } } }),
        ),
        (
            "shared members",
            |i| json!({ "properties": { "kind": { "enum": [i] }, "a": {}, "b": {} } }),
        ),
        ("limits", |i| json!({ "type": "integer", "minimum": i })),
        (
            "titles",
            |i| json!({ "title": i.to_string(), "type": "array", "items": { "maximum": i } }),
        ),
        ("circles", |_| json!({ "properties": { "a": { "$ref": "#/components/schemas/A" } } })),
        ("themselves", |_| json!({ "$ref": "#/components/schemas/A" })),
    ];
    for (_, make) in makes {
        for word in ["oneOf", "anyOf", "allOf"] {
            let many = |start: usize| {
                let all: Vec<_> = (start..start + 200).map(make).collect();
                json!({ "A": { word: all } })
            };
            schemas(many(0), many(200));
            let nested = |start: usize| {
                let all: Vec<_> = (start..start + 200).map(make).collect();
                let half: Vec<_> =
                    (start..start + 200).map(|i| json!({ word: [make(i), make(i + 1)] })).collect();
                json!({ "A": { word: all, "allOf": [{ "oneOf": half }] } })
            };
            schemas(nested(0), nested(1));
        }
    }
    let wide = |leaf: &str| {
        tower(
            8,
            json!({ "type": leaf }),
            |_, next, _| json!({ "oneOf": vec![next.clone(); 200], "allOf": vec![next; 200] }),
        )
    };
    schemas(wide("string"), wide("integer"));
}

/// Sets of schemas that must hold at once, of which there are as many as there are subsets.
#[test]
fn subsets_end() {
    let subsets = |last: &str| {
        let size = 20;
        let to = |index: usize| json!({ "$ref": format!("#/components/schemas/S{index}") });
        let mut all = Map::new();
        for index in 0..size {
            let mut properties = Map::from_iter([("a".to_owned(), to((index + 1) % size))]);
            properties.insert("b".to_owned(), to(if index == 0 { 0 } else { (index + 1) % size }));
            if index == 0 {
                properties.insert("b".to_owned(), json!({ "allOf": [to(0), to(1)] }));
            }
            let leaf = if index == size - 1 { json!({ "enum": [last] }) } else { json!({}) };
            properties.insert(format!("leaf{index}"), leaf);
            all.insert(format!("S{index}"), json!({ "type": "object", "properties": properties }));
        }
        all.insert("A".to_owned(), to(0));
        Value::Object(all)
    };
    schemas(subsets("x"), subsets("y"));
}

#[test]
fn many_of_everything_end() {
    let many = |odd: usize| {
        let n = 300;
        let names: Vec<_> = (0..n).map(|i| format!("n{}", i * 2 + odd)).collect();
        let mut properties = Map::new();
        for name in &names {
            properties.insert(name.clone(), json!({ "type": "string", "description": name }));
        }
        let mut document = contract(&json!({
            "A": { "type": "object", "required": names, "properties": properties, "enum": names },
        }));
        let parameters: Vec<_> = names
            .iter()
            .map(|name| json!({ "name": name, "in": "query", "schema": { "type": "string" } }))
            .collect();
        let operation = &mut document["paths"]["/a"]["put"];
        operation["parameters"] = json!(parameters);
        operation["tags"] = json!(names);
        operation["security"] = names.iter().map(|name| json!({ name: names[..10] })).collect();
        operation["servers"] = names.iter().map(|name| json!({ "url": name })).collect();
        for name in &names {
            operation["responses"][name] = json!({ "description": name });
            operation["responses"]["200"]["headers"][name] =
                json!({ "schema": { "type": "string" } });
            operation["requestBody"]["content"][format!("a/{name}")] = json!({ "schema": {} });
        }
        document
    };
    let (a, b) = (support::block(&many(0)), support::block(&many(1)));
    compared(&a, &a).expect("well-formed");
    compared(&a, &b).expect("well-formed");
}
