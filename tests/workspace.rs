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

/// No dependency needs a later Rust than the workspace says, and one needs just that.
#[test]
fn the_rust_version_is_what_the_dependencies_declare() {
    let cargo = std::env::var_os("CARGO").expect("run by cargo");
    let output = Command::new(cargo)
        .args(["metadata", "--locked", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo metadata");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
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
