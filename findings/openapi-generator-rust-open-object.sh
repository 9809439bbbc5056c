#!/usr/bin/env bash
# openapi-generator 7.26.0, Rust with reqwest: a model of an object with `additionalProperties: true` has no place for
# other members than those that are named.
#
# The keyword says that an object may have more members (JSON Schema Wright 00 section 5.18), which is how a service
# leaves itself room for new ones. The Rust model drops them when it reads, without a word, and a PUT of what was read
# removes them on the server. The models of the same generator for Go and Python keep them and write them back.
#
# It takes Java. Prints what is left of an object that is read and written, and which models have a place for the
# rest; fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
pip install --quiet --no-deps --target "$folder" openapi-generator-cli==7.26.0
cat > "$folder/contract.yaml" <<'YAML'
openapi: 3.0.4
info: {title: An open object, version: 1.0.0}
paths:
  /thing:
    get:
      operationId: getThing
      responses:
        '200': {description: Read, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
components:
  schemas:
    Thing:
      type: object
      additionalProperties: true
      properties: {name: {type: string}}
YAML
for language in rust go python; do
    java -jar "$folder/openapi_generator_cli/openapi-generator.jar" generate -i "$folder/contract.yaml" \
        -g $language --additional-properties=packageName=generated -o "$folder/$language" > "$folder/log"
done
mkdir "$folder/src"
cat > "$folder/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
generated = { path = "rust", default-features = false }
serde_json = "=1.0.154"

[workspace]
TOML
cat > "$folder/src/main.rs" <<'RUST'
fn main() {
    let thing: generated::models::Thing = serde_json::from_str(r#"{"name": "a", "size": 1}"#).unwrap();
    println!("{}", serde_json::to_string(&thing).unwrap());
}
RUST
seen=$(cargo run --quiet --manifest-path "$folder/Cargo.toml")
has() { if grep -qi "$2" "$1"; then echo yes; else echo no; fi; }
seen="$seen
Rust: $(has "$folder/rust/src/models/thing.rs" 'flatten\|additional_properties')
Go: $(has "$folder/go/model_thing.go" 'AdditionalProperties map')
Python: $(has "$folder/python/generated/models/thing.py" 'additional_properties: Dict')"
echo "openapi-generator 7.26.0, {\"name\": \"a\", \"size\": 1} read and written, and a place for other members:"
echo "$seen"
[ "$seen" = '{"name":"a"}
Rust: no
Go: yes
Python: yes' ]
