//! The generated client is what the contract gives, and what it gives is reviewed item by item.

use contract_review::workspace::Workspace;
use partner_center_tests::{orphans, root};
use syn::File;

fn workspace() -> Workspace {
    Workspace::open(root(), None).expect("a configuration")
}

fn generated() -> File {
    let file = root().join(workspace().client.client());
    let text = std::fs::read_to_string(file).expect("a generated file");
    syn::parse_file(&text).expect("Rust")
}

#[test]
fn is_what_the_contract_gives() {
    let report = workspace().check().expect("a contract that can be generated");
    let stale: String = report.stale.iter().map(|file| file.diff.as_str()).collect();
    assert!(
        stale.is_empty(),
        "{stale}\nhelp: run `cargo xtask codegen` and commit what it changes"
    );
}

#[test]
fn is_the_same_from_run_to_run() {
    let contract = workspace().contract().expect("a contract");
    let first = contract_review::generate(&workspace(), &contract).expect("a client");
    for _ in 0..3 {
        assert!(contract_review::generate(&workspace(), &contract).expect("a client") == first);
    }
}

/// One snapshot for every type with what is implemented for it, one for every operation, and one
/// for what is left. Together they are the whole file.
#[test]
fn items_are_reviewed() {
    let items = rust_api_diff::items(&generated());
    let operations = items.keys().filter(|name| name.starts_with("operation.")).count();
    let contract = workspace().contract().expect("a contract");
    assert_eq!(operations, contract.operations().count());
    insta::with_settings!({
        snapshot_path => "snapshots/generated", prepend_module_to_snapshot => false, omit_expression => true
    }, {
        for (name, file) in &items {
            insta::assert_snapshot!(name.as_str(), prettyplease::unparse(file));
        }
    });
    let names: Vec<_> = items.into_keys().collect();
    let orphans = orphans("generated", &names);
    assert!(orphans.is_empty(), "nothing generates these any more, delete them: {orphans:#?}");
}
