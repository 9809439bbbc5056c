//! How long a large contract takes: `cargo bench -p openapi-diff [-- OPERATIONS]`, 500 if not said.
//!
//! Each operation has parameters, a body, three responses and headers; what they carry is described by
//! components that refer to each other, as those of a contract that grew do.

mod contract;
#[path = "../tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use contract::{contract, read};
use openapi_diff::diff;

fn main() {
    let operations = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let operations: usize = operations.unwrap_or(500);
    let base = contract(operations, |_| {});
    let few = contract(operations, |name| name.change_if(|index| index % 50 == 7));
    let many = contract(operations, |name| name.change_if(|_| true));
    let moved = contract(operations, |name| name.prefix = "/v2");
    let text = support::block(&base);
    let lines = text.lines().count();
    println!("{operations} operations, {lines} lines, {} KiB", text.len() / 1024);
    let parsed = timed("parse, YAML", || read(&text));
    timed("parse, JSON", || read(&base.to_string()));
    for (what, revision) in [("same", base), ("few", few), ("many", many), ("moved", moved)] {
        let revision = read(&support::block(&revision));
        let changes = timed(&format!("diff, {what}"), || diff(&parsed, &revision).len());
        println!("{changes:>27} changes");
    }
}

/// The best of five.
fn timed<T>(what: &str, mut work: impl FnMut() -> T) -> T {
    let mut best = Duration::MAX;
    loop {
        let mut result = None;
        for _ in 0..5 {
            let start = Instant::now();
            result = Some(work());
            best = best.min(start.elapsed());
        }
        if let Some(result) = result {
            println!("{what:<14} {:>9.1} ms", best.as_secs_f64() * 1000.0);
            return result;
        }
    }
}
