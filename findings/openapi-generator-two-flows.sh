#!/usr/bin/env bash
# openapi-generator 7.26.0, Rust with reqwest: where an operation takes one of two OAuth 2.0 schemes, the client
# sends `Authorization` twice.
#
# A list of security requirements is a choice (OpenAPI 3.0.4, Operation Object: only one of them need be
# satisfied). The generated function sets the bearer token once for each of them, and reqwest appends a header
# that is set again, so that two lines with the same token go out. Authorization is no list, so a sender must
# not send it twice (RFC 9110 section 5.3); servers differ in what they make of it.
#
# It takes Java. Prints the header lines that a server gets, and fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
pip install --quiet --no-deps --target "$folder" openapi-generator-cli==7.26.0
cat > "$folder/contract.yaml" <<'YAML'
openapi: 3.0.4
info: {title: Two schemes, version: 1.0.0}
paths:
  /thing:
    get:
      operationId: getThing
      security: [{app: [a]}, {user: [b]}]
      responses: {'204': {description: Nothing}}
components:
  securitySchemes:
    app:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: https://login.example/token, scopes: {a: A}}}
    user:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: https://login.example/token, scopes: {b: B}}}
YAML
java -jar "$folder/openapi_generator_cli/openapi-generator.jar" generate -i "$folder/contract.yaml" -g rust \
    --library reqwest --additional-properties=packageName=generated -o "$folder/generated" > "$folder/log"
mkdir "$folder/src"
cat > "$folder/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
generated = { path = "generated", default-features = false }
tokio = { version = "=1.54.1", features = ["macros", "rt"] }

[workspace]
TOML
cat > "$folder/src/main.rs" <<'RUST'
use std::io::{Read, Write};
use std::net::TcpListener;

use generated::apis::{configuration::Configuration, default_api::get_thing};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let length = stream.read(&mut request).unwrap();
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    let token = Some("token".to_owned());
    let configuration = Configuration { base_path: url, oauth_access_token: token, ..Default::default() };
    get_thing(&configuration).await.ok();
    for line in server.join().unwrap().lines().filter(|line| line.starts_with("authorization")) {
        println!("{line}");
    }
}
RUST
seen=$(cargo run --quiet --manifest-path "$folder/Cargo.toml")
echo "openapi-generator 7.26.0:"
echo "$seen"
[ "$seen" = 'authorization: Bearer token
authorization: Bearer token' ]
