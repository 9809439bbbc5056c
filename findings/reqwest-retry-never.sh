#!/usr/bin/env bash
# reqwest 0.13.5: `retry::never()` repeats nothing, and keeps a copy of each request all the same.
#
# Since 0.13 a client repeats requests that HTTP/2 refused, and for that it copies each one before it is sent:
# its headers and its URL. A client made with `retry(reqwest::retry::never())` makes just as many allocations for
# a request as one with the default. Not before `max_retries_per_request(0)` is set too is there no copy: the
# policy looks at its scope only from the second attempt on, and at the bound before the first.
#
# Prints the allocations of a GET on a connection that is kept open, and fails if that changes.
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
allocation-counter = "=0.8.1"
reqwest = { version = "=0.13.5", default-features = false }
tokio = { version = "=1.54.1", features = ["rt"] }

[workspace]
TOML
cat > "$folder/src/main.rs" <<'RUST'
use std::io::{Read, Write};
use std::net::TcpListener;

use reqwest::{Client, ClientBuilder, retry};

fn allocations(name: &str, set: impl Fn(ClientBuilder) -> ClientBuilder) -> u64 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        while stream.read(&mut [0; 4096]).unwrap() > 0 {
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = set(Client::builder().no_proxy()).build().unwrap();
    let get = || runtime.block_on(async { drop(client.get(&url).send().await.unwrap()) });
    get();
    let count = (0..20).map(|_| allocation_counter::measure(get).count_total).min().unwrap();
    println!("{name}: {count}");
    count
}

fn main() {
    let default = allocations("default", |builder| builder);
    let never = allocations("never", |builder| builder.retry(retry::never()));
    let bound = |builder: ClientBuilder| builder.retry(retry::never().max_retries_per_request(0));
    let none = allocations("never, at most 0 retries", bound);
    assert_eq!(never, default, "`never` copies nothing by now");
    assert!(none < never, "there is nothing left to save");
}
RUST
echo "reqwest 0.13.5, allocations of a GET:"
cargo run --quiet --manifest-path "$folder/Cargo.toml"
