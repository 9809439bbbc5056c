#!/usr/bin/env bash
# Makes the client of openapi-generator from the contract, and a program of it that the benchmark compares
# with: `cargo bench -p partner-center -- --peer "$(crates/partner-center/benches/peer/build.sh)"`.
# It takes Java and pip, and writes below `target` alone.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../../.." && pwd)
work=$root/target/peer
mkdir -p "$work/src"
{
    [ -d "$work/openapi_generator_cli" ] ||
        pip install --quiet --no-deps --target "$work" openapi-generator-cli==7.26.0
    java -jar "$work/openapi_generator_cli/openapi-generator.jar" generate \
        -i "$root/openapi/partner-center.json" -g rust --library reqwest \
        --additional-properties=packageName=generated -o "$work/generated" >"$work/generator.log"
    cp "$here/program.rs" "$work/src/main.rs"
    cat >"$work/Cargo.toml" <<'TOML'
[package]
name = "peer"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
allocation-counter = "0.8"
generated = { path = "generated", default-features = false, features = ["rustls"] }
reqwest = { version = "0.13", default-features = false }
tokio = { version = "1", features = ["rt", "net", "time"] }
uuid = { version = "1", features = ["fast-rng", "v4"] }
TOML
    cargo build --quiet --release --manifest-path "$work/Cargo.toml"
} >&2
echo "$work/target/release/peer"
