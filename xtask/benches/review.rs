//! How long the review of a change takes: `cargo bench -p xtask [-- OPERATIONS]`, 500 if not said.
//!
//! The contract is committed in a workspace with what is generated from it, and then changed: a limit in
//! one schema of ten, a new member in one of fifteen, a text in one of seven. What is printed in the end
//! is how much more than the mere generation of both clients the review takes.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use contract_review::Generated;
use contract_review::compile::check;
use contract_review::report::Report;
use contract_review::review::Review;
use contract_review::workspace::Workspace;
use openapi_codegen::Config;
use serde_json::{Map, Value, json};
use xtask::revision;

fn main() {
    let operations = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let operations: usize = operations.unwrap_or(500);
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let client = Config {
        contract: "contract.json".into(),
        package: "the-client".into(),
        folder: "client".into(),
        calls: Some("calls.rs".into()),
        ..Config::default()
    };
    let workspace = &Workspace { root: root.to_owned(), client, ..Workspace::default() };
    std::fs::create_dir_all(root.join("client/src")).expect("a folder");
    std::fs::write(workspace.contract_path(), contract(operations, false)).expect("a contract");
    for stale in workspace.check().expect("a sound contract").stale {
        stale.write(root).expect("a file");
    }
    for arguments in [&["init", "--quiet"][..], &["add", "."], &["commit", "--quiet", "-m", "base"]]
    {
        git(root, arguments);
    }
    std::fs::write(workspace.contract_path(), contract(operations, true)).expect("a contract");
    println!("{operations} operations");

    let (base, new) = timed("read", || {
        let base = revision::side(workspace, "HEAD").expect("the base");
        (base, revision::working_tree(workspace).expect("the revision"))
    });
    timed("wire diff", || openapi_diff::diff(&base.document, &new.document).len());
    let generate = || Generated::both(workspace, [&base.document, &new.document]);
    let start = Instant::now();
    let clients = timed("generate both", generate).map(|side| side.client.expect("a client"));
    let rounds = f64::from(ROUNDS);
    let generating = start.elapsed().as_secs_f64() / rounds;
    timed("Rust diff", || {
        let (changes, items) = rust_api_diff::between(&clients[0], &clients[1]).expect("Rust");
        changes.len() + items.len()
    });
    let report = timed("report", || Report::new(workspace, &base.document, &new.document, &[]));
    timed("report, Markdown", || report.markdown().len());
    let start = Instant::now();
    let review = timed("review", || {
        let compile = |client: &str, calls: Option<&str>| check(workspace, client, calls, || ());
        Review::new(workspace, (&base, &new), &[], compile)
    });
    let reviewing = start.elapsed().as_secs_f64() / rounds;
    timed("review, Markdown", || review.markdown().len());
    println!("{:>25} changes", review.report.rows.len());
    println!("{:>25.2} × generating both", reviewing / generating);
}

const ROUNDS: u32 = 3;

/// The best of the rounds.
fn timed<T>(what: &str, mut work: impl FnMut() -> T) -> T {
    let mut best = Duration::MAX;
    let mut round = || {
        let start = Instant::now();
        let result = work();
        best = best.min(start.elapsed());
        result
    };
    for _ in 1..ROUNDS {
        round();
    }
    let result = round();
    println!("{what:<16} {:>9.1} ms", best.as_secs_f64() * 1000.0);
    result
}

fn git(root: &Path, arguments: &[&str]) {
    let identity =
        ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
    let run = Command::new("git").arg("-C").arg(root).args(identity).args(arguments).status();
    assert!(run.expect("git").success());
}

/// A contract in which four operations share a schema that refers to two others.
fn contract(operations: usize, changed: bool) -> String {
    let count = operations.div_ceil(4);
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    for index in 0..count {
        let every = |nth: usize| changed && index % nth == 0;
        let field = |number: usize| {
            let limit = if every(10) && number == 3 { 101 } else { 100 };
            json!({"type": "string", "maxLength": limit, "nullable": true, "description": "A field."})
        };
        let fields = (0..8).map(|number| (format!("field{number}"), field(number)));
        let fields: Map<_, _> = fields.collect();
        schemas.insert(
            format!("Part{index}"),
            json!({"type": "object", "description": "A part.", "properties": fields}),
        );
        let part = |index: usize| json!({"$ref": format!("#/components/schemas/Part{index}")});
        let number = json!({"type": "integer", "format": "int64", "description": "A number."});
        let mut members: Map<_, _> =
            (0..8).map(|name| (format!("member{name}"), number.clone())).collect();
        members.insert("part".to_owned(), part(index));
        members.insert("other".to_owned(), part(index * 7 % count));
        if every(15) {
            members.insert("added".to_owned(), json!({"type": "boolean", "description": "New."}));
        }
        let words = if every(7) { "A thing, described anew." } else { "A thing." };
        schemas.insert(
            format!("Thing{index}"),
            json!({"type": "object", "description": words, "properties": members}),
        );
        let thing = json!({"$ref": format!("#/components/schemas/Thing{index}")});
        let content = json!({"application/json": {"schema": thing}});
        let operation = |verb: &str, body: bool| -> Value {
            let mut operation = json!({
                "operationId": format!("{verb}Thing{index}"),
                "summary": "A summary.",
                "responses": {"200": {"description": "ok", "content": content}},
            });
            if body {
                operation["requestBody"] = json!({"required": true, "content": content});
            }
            operation
        };
        paths.insert(
            format!("/things{index}"),
            json!({"get": operation("list", false), "post": operation("create", true)}),
        );
        let id = json!({"name": "id", "in": "path", "required": true, "description": "The id.", "schema": {"type": "string"}});
        paths.insert(
            format!("/things{index}/{{id}}"),
            json!({"parameters": [id], "get": operation("get", false), "put": operation("update", true)}),
        );
    }
    let contract = json!({
        "openapi": "3.0.3",
        "info": {"title": "Large", "version": "1.0.0"},
        "paths": paths,
        "components": {"schemas": schemas},
    });
    format!("{contract:#}")
}
