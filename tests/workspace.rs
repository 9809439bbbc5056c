//! What the root manifest promises is true.

use std::process::Command;

use partner_center_tests::root;
use serde_json::Value;

/// The numbers of a version such as `1.89` or `1.89.0`.
fn version(text: &str) -> Vec<u32> {
    let mut numbers: Vec<u32> = text.split('.').map(|part| part.parse().expect(text)).collect();
    numbers.resize(3, 0);
    numbers
}

fn metadata(arguments: &[&str]) -> Value {
    let cargo = std::env::var_os("CARGO").expect("run by cargo");
    let output = Command::new(cargo)
        .args(["metadata", "--locked", "--format-version", "1"])
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("cargo metadata");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// No dependency needs a later Rust than the workspace says, and one needs just that.
#[test]
fn the_rust_version_is_what_the_dependencies_declare() {
    let metadata = metadata(&[]);
    let packages = metadata["packages"].as_array().expect("packages");
    let declared = |of_the_workspace: bool| {
        packages
            .iter()
            .filter(|package| package["source"].is_null() == of_the_workspace)
            .filter_map(|package| {
                Some((version(package["rust_version"].as_str()?), &package["name"]))
            })
            .max_by(|(a, _), (b, _)| a.cmp(b))
            .expect("a package with a rust-version")
    };
    let (ours, _) = declared(true);
    let (theirs, name) = declared(false);
    assert_eq!(ours, theirs, "left: rust-version of the workspace; right: that of {name}");
}

/// `ARCHITECTURE.md` says which crate depends on which, and none depends on another.
#[test]
fn the_arrows_between_crates_are_those_of_the_architecture() {
    let metadata = metadata(&["--no-deps"]);
    let packages = metadata["packages"].as_array().expect("packages");
    let mut arrows: Vec<_> = packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().expect("dependencies").iter();
            // What tests need besides is their own affair.
            let ours = dependencies.filter(|one| one["path"].is_string() && one["kind"].is_null());
            let mut names: Vec<_> = ours.filter_map(|one| one["name"].as_str()).collect();
            names.sort_unstable();
            let name = package["name"].as_str().expect("a name");
            format!("{name} -> {}", names.join(" ")).trim_end().to_owned()
        })
        .collect();
    arrows.sort();
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the architecture");
    let drawn: Vec<_> = text.lines().filter(|line| line.contains(" ->")).collect();
    assert_eq!(arrows, drawn, "left: the manifests; right: ARCHITECTURE.md");
}
