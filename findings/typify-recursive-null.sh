#!/usr/bin/env bash
# typify 0.8.0 writes `null` for an absent optional member of the type that holds it, once another type has
# an optional member of that type as well.
#
# A member that is not required becomes an `Option` that is not written when it is `None`. `Node` below holds
# itself and needs a box. Without `List`, the member is an `Option<Box<Node>>`, and `{}` is written back as `{}`.
# With `List`, whose member is an optional `Node` too, it is a `Box<Option<Node>>` with a default and without
# `skip_serializing_if`: `{}` is written back with a `null` that the schema does not allow. So a schema that
# nothing refers to changes what another one writes.
#
# Prints what is written for `{}`, and fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/src"
cat > "$folder/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
serde = { version = "=1.0.229", features = ["derive"] }
serde_json = "=1.0.154"
typify = "=0.8.0"

[workspace]
TOML
cat > "$folder/schema.json" <<'JSON'
{
    "definitions": {
        "Node": {
            "type": "object",
            "properties": {
                "next": {"$ref": "#/definitions/Node"},
                "label": {"$ref": "#/definitions/Label"}
            }
        },
        "List": {"type": "object", "properties": {"first": {"$ref": "#/definitions/Node"}}},
        "Label": {"type": "object", "properties": {"text": {"type": "string"}}}
    }
}
JSON
cat > "$folder/src/main.rs" <<'RUST'
#![allow(dead_code)]
typify::import_types!("schema.json");

fn main() {
    let node: Node = serde_json::from_str("{}").expect("a node");
    println!("{}", serde_json::to_string(&node).expect("JSON"));
}
RUST
seen=$(cargo run --quiet --manifest-path "$folder/Cargo.toml")
echo "typify 0.8.0: {} is written back as $seen"
[ "$seen" = '{"next":null}' ]
