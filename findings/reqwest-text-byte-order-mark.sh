#!/usr/bin/env bash
# reqwest 0.13.5: `Response::text` drops a byte order mark with the feature `charset`, and keeps it without.
#
# Services of Microsoft write EF BB BF in front of JSON. With the default features the text is decoded by
# encoding_rs, which takes the mark away, and serde_json reads it. With `default-features = false`, which is
# how libraries and generated clients take reqwest, the text begins with U+FEFF, and serde_json says "expected
# value at line 1 column 1" (RFC 8259 section 8.1 allows a reader to ignore the mark, and does not require it).
# Features are united over a build: another crate that takes `charset` makes the same program work.
#
# Prints what each build reads, and fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/src"
cat > "$folder/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[features]
charset = ["reqwest/charset"]

[dependencies]
reqwest = { version = "=0.13.5", default-features = false }
serde_json = "=1.0.154"
tokio = { version = "=1.54.1", features = ["io-util", "macros", "net", "rt"] }

[workspace]
TOML
cat > "$folder/src/main.rs" <<'RUST'
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await.unwrap();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(b"\xEF\xBB\xBF{\"a\": 1}").await.unwrap();
    });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let text = client.get(url).send().await.unwrap().text().await.unwrap();
    let read = serde_json::from_str::<serde_json::Value>(&text);
    let read = read.map_or_else(|error| error.to_string(), |value| value.to_string());
    println!("{} characters: {read}", text.chars().count());
}
RUST
run() { cargo run --quiet --manifest-path "$folder/Cargo.toml" "$@"; }
seen="without charset: $(run)
with charset: $(run --features charset)"
echo "reqwest 0.13.5:"
echo "$seen"
[ "$seen" = 'without charset: 9 characters: expected value at line 1 column 1
with charset: 8 characters: {"a":1}' ]
