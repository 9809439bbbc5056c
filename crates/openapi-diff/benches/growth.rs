//! Whether the time of a comparison grows with the size of the documents, and no faster: `cargo bench -p
//! openapi-diff --bench growth`.
//!
//! Each row is a size; the last column is how much longer one operation, or one schema, takes than in the smallest
//! document of the kind: about 1 throughout if the time is linear.

mod contract;

use std::time::{Duration, Instant};

use contract::{contract, read};
use openapi_diff::{Document, diff};
use serde_json::{Map, Value, json};

/// Makes a contract of a size, in which some of what is numbered is changed.
type Make = dyn Fn(usize, fn(usize) -> bool) -> Value;

fn main() {
    let operations =
        |size: usize, changed: fn(usize) -> bool| contract(size, |maker| maker.change_if(changed));
    let table: [(&str, &[usize], &Make); 4] = [
        ("operations", &[10, 50, 200, 500, 1000, 2000], &operations),
        ("oneOf of neighbours", &[10, 30, 100, 300, 1000], &|size, changed| {
            unions("oneOf", size, changed)
        }),
        ("anyOf of neighbours", &[10, 30, 100, 300, 1000], &|size, changed| {
            unions("anyOf", size, changed)
        }),
        ("members that are unions", &[10, 30, 100, 300, 1000], &members),
    ];
    for (what, sizes, make) in table {
        println!("{what:<25} {:>9} {:>9} {:>9} {:>7}", "changes", "ms", "µs each", "ratio");
        let mut smallest = None;
        for &size in sizes {
            let base = read(&make(size, |_| false).to_string());
            let revision = read(&make(size, |index| index % 7 == 3).to_string());
            let (changes, time) = timed(&base, &revision);
            let each =
                time.as_secs_f64() * 1e6 / f64::from(u32::try_from(size).unwrap_or(u32::MAX));
            let ratio = each / *smallest.get_or_insert(each);
            println!(
                "{size:>25} {changes:>9} {:>9.1} {each:>9.1} {ratio:>7.2}",
                time.as_secs_f64() * 1e3
            );
        }
    }
}

/// How many changes there are, and the shortest of several times that it took to find them.
fn timed(base: &Document, revision: &Document) -> (usize, Duration) {
    let start = Instant::now();
    let mut best = (0, Duration::MAX);
    for round in 0..100 {
        let begin = Instant::now();
        let changes = diff(base, revision).len();
        best = (changes, best.1.min(begin.elapsed()));
        if round > 1 && start.elapsed() > Duration::from_secs(1) {
            break;
        }
    }
    best
}

fn reference(index: usize, size: usize) -> Value {
    json!({ "$ref": format!("#/components/schemas/Node{}", index % size) })
}

/// An object that is told from others by its tag.
fn leaf(index: usize, changed: bool) -> Value {
    let length = if changed { 10 } else { 20 };
    json!({
        "type": "object",
        "required": ["kind"],
        "properties": {
            "kind": { "type": "string", "enum": [format!("kind{index}")] },
            "name": { "type": "string", "maxLength": length },
        },
    })
}

/// Schemas that are each the one before, the one behind, or an object.
fn unions(word: &str, size: usize, changed: fn(usize) -> bool) -> Value {
    document(size, |index| {
        let branches = json!([
            reference(index + size - 1, size),
            reference(index + 1, size),
            leaf(index, changed(index)),
        ]);
        json!({ word: branches })
    })
}

/// Objects with a member that is one of the neighbours.
fn members(size: usize, changed: fn(usize) -> bool) -> Value {
    document(size, |index| {
        let mut leaf = leaf(index, changed(index));
        let neighbours =
            [index + size - 1, index + 1, index + 2].map(|index| reference(index, size));
        leaf["properties"]["next"] = json!({ "oneOf": neighbours });
        leaf["properties"]["others"] = json!({ "type": "array", "items": { "anyOf": neighbours } });
        leaf
    })
}

/// A contract whose one operation reads and writes the first of many schemas.
fn document(size: usize, schema: impl Fn(usize) -> Value) -> Value {
    let schemas: Map<String, Value> =
        (0..size).map(|index| (format!("Node{index}"), schema(index))).collect();
    let content = json!({ "application/json": { "schema": reference(0, size) } });
    json!({
        "openapi": "3.0.3",
        "info": { "title": "Nodes", "version": "1" },
        "paths": { "/nodes": { "put": {
            "requestBody": { "content": content },
            "responses": { "200": { "description": "As it is now.", "content": content } },
        } } },
        "components": { "schemas": schemas },
    })
}
