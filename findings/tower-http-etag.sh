#!/usr/bin/env bash
# tower-http 0.6.11 compresses a response and leaves its strong entity tag as it was.
#
# A strong entity tag names one sequence of bytes (RFC 9110 section 8.8.1), and section 8.8.3.3 says that the
# compressed representation needs another one, or a weak one. nginx makes the tag weak when it compresses (its
# changelog, 1.7.3). `CompressionLayer` does neither: with and without gzip the same strong tag comes, for
# different bytes. A client that compares tags cannot tell the two apart; for an update with `If-Match` that is
# harmless, for a range request or a cache it is not. Whoever expects a weak tag behind every compressing layer
# is wrong, and whoever expects a strong one to stay strong is wrong behind nginx.
#
# Prints the headers, and fails if that changes.
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
http = "=1.5.0"
http-body-util = "=0.1.5"
tokio = { version = "=1.54.1", features = ["macros", "rt"] }
tower = { version = "=0.5.3", features = ["util"] }
tower-http = { version = "=0.6.11", features = ["compression-gzip"] }

[workspace]
TOML
cat > "$folder/src/main.rs" <<'RUST'
use std::convert::Infallible;

use http::{Request, Response};
use http_body_util::Full;
use tower::{Layer, ServiceExt, service_fn};
use tower_http::compression::CompressionLayer;

async fn answer(_: Request<()>) -> Result<Response<Full<&'static [u8]>>, Infallible> {
    let response = Response::builder()
        .header("content-type", "application/json")
        .header("etag", "\"v1\"")
        .body(Full::new(&[b' '; 4096][..]));
    Ok(response.unwrap())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for coding in ["identity", "gzip"] {
        let service = CompressionLayer::new().layer(service_fn(answer));
        let request = Request::builder().header("accept-encoding", coding).body(()).unwrap();
        let response = service.oneshot(request).await.unwrap();
        let header = |name| response.headers().get(name).map_or("none", |value| value.to_str().unwrap());
        println!("content-encoding {}, etag {}", header("content-encoding"), header("etag"));
    }
}
RUST
seen=$(cargo run --quiet --manifest-path "$folder/Cargo.toml")
echo "tower-http 0.6.11:"
echo "$seen"
[ "$seen" = 'content-encoding none, etag "v1"
content-encoding gzip, etag "v1"' ]
