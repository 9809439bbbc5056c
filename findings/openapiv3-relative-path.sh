#!/usr/bin/env bash
# openapiv3 2.2.0 drops a path that does not begin with `/`, without an error.
#
# The OpenAPI Specification 3.0.3 (section 4.7.8) says that a path must begin with a slash, so a document
# with `pets` instead of `/pets` is wrong. A reader expects to be told. `openapiv3` reads the document with
# success and leaves the path out, with all of its operations: a client that is generated from it lacks
# them, and nothing says so. Names that begin with `x-` are extensions and are kept.
#
# Prints what was read, and fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/src"
cat > "$folder/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
openapiv3 = "=2.2.0"
serde_json = "=1.0.154"

[workspace]
TOML
cat > "$folder/src/main.rs" <<'RUST'
fn main() {
    let document = r#"{
        "openapi": "3.0.3",
        "info": {"title": "Pets", "version": "1"},
        "paths": {
            "/owners": {"get": {"responses": {"200": {"description": "ok"}}}},
            "pets": {"get": {"responses": {"200": {"description": "ok"}}}}
        }
    }"#;
    match serde_json::from_str::<openapiv3::OpenAPI>(document) {
        Ok(read) => println!("read, with the paths {:?}", read.paths.paths.keys().collect::<Vec<_>>()),
        Err(error) => println!("refused: {error}"),
    }
}
RUST
seen=$(cargo run --quiet --manifest-path "$folder/Cargo.toml")
echo "openapiv3 2.2.0: $seen"
[ "$seen" = 'read, with the paths ["/owners"]' ]
