//! Holds the verdicts against those of [cargo-semver-checks] on pairs of crates: every difference is one
//! that is explained here. It needs `cargo install cargo-semver-checks --version 0.51.0 --locked`, takes some
//! minutes, and is no part of the tests.
//!
//! ```sh
//! cargo run -p rust-api-diff --example cross_check
//! ```
//!
//! [cargo-semver-checks]: https://docs.rs/crate/cargo-semver-checks

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};

use rust_api_diff::{Semver, compare};

/// A change: its name, the code before and after in a public `mod types`, and why the two tools differ, if
/// they do.
type Pair = (&'static str, &'static str, &'static str, Option<&'static str>);

/// It has no lint that compares the types of fields, variants, arguments and results.
const TYPES: &str = "cargo-semver-checks does not compare types";

/// A minor change that only adds something needs no lint: the tool looks for what breaks.
const ADDED: &str =
    "cargo-semver-checks does not ask for a minor version where something was added";

const PAIRS: &[Pair] = &[
    ("nothing", "pub struct A { pub a: u8 }", "pub struct A { pub a: u8 }", None),
    ("struct added", "pub struct A;", "pub struct A; pub struct B;", Some(ADDED)),
    ("struct removed", "pub struct A; pub struct B;", "pub struct A;", None),
    ("struct hidden", "pub struct A; pub struct B;", "pub struct A; struct B;", None),
    ("struct becomes an enum", "pub struct A(pub u8);", "pub enum A { B(u8) }", None),
    ("field added", "pub struct A { pub a: u8 }", "pub struct A { pub a: u8, pub b: u8 }", None),
    (
        "private field added",
        "pub struct A { pub a: u8 }",
        "pub struct A { pub a: u8, b: u8 }",
        None,
    ),
    (
        "field added to a non-exhaustive struct",
        "#[non_exhaustive] pub struct A { pub a: u8 }",
        "#[non_exhaustive] pub struct A { pub a: u8, pub b: u8 }",
        Some(ADDED),
    ),
    ("field removed", "pub struct A { pub a: u8, pub b: u8 }", "pub struct A { pub a: u8 }", None),
    (
        "field hidden",
        "pub struct A { pub a: u8, pub b: u8 }",
        "pub struct A { pub a: u8, b: u8 }",
        None,
    ),
    (
        "field made optional",
        "pub struct A { pub a: u8 }",
        "pub struct A { pub a: Option<u8> }",
        Some(TYPES),
    ),
    ("variant added", "pub enum A { B }", "pub enum A { B, C }", None),
    (
        "variant added to a non-exhaustive enum",
        "#[non_exhaustive] pub enum A { B }",
        "#[non_exhaustive] pub enum A { B, C }",
        Some(ADDED),
    ),
    ("variant removed", "pub enum A { B, C }", "pub enum A { B }", None),
    ("variant holds another type", "pub enum A { B(u8) }", "pub enum A { B(u16) }", Some(TYPES)),
    ("variants reordered", "pub enum A { B, C }", "pub enum A { C, B }", None),
    (
        "non-exhaustive added to a struct",
        "pub struct A { pub a: u8 }",
        "#[non_exhaustive] pub struct A { pub a: u8 }",
        None,
    ),
    (
        "non-exhaustive added to an enum",
        "pub enum A { B }",
        "#[non_exhaustive] pub enum A { B }",
        None,
    ),
    (
        "non-exhaustive removed",
        "#[non_exhaustive] pub enum A { B }",
        "pub enum A { B }",
        Some(ADDED),
    ),
    ("trait added", "pub struct A;", "#[derive(Clone)] pub struct A;", Some(ADDED)),
    ("trait removed", "#[derive(Clone)] pub struct A;", "pub struct A;", None),
    ("deprecated", "pub struct A;", "#[deprecated] pub struct A;", None),
    ("must use", "pub struct A;", "#[must_use] pub struct A;", None),
    ("representation removed", "#[repr(u8)] pub enum A { B }", "pub enum A { B }", None),
    ("documentation", "/// a\npub struct A;", "/// b\npub struct A;", None),
    (
        "method added",
        "pub struct A; impl A { pub fn a() {} }",
        "pub struct A; impl A { pub fn a() {} pub fn b() {} }",
        Some(ADDED),
    ),
    ("method removed", "pub struct A; impl A { pub fn a() {} }", "pub struct A; impl A {}", None),
    (
        "argument added",
        "pub struct A; impl A { pub fn a(_b: u8) {} }",
        "pub struct A; impl A { pub fn a(_b: u8, _c: u8) {} }",
        None,
    ),
    (
        "argument of another type",
        "pub struct A; impl A { pub fn a(_b: u8) {} }",
        "pub struct A; impl A { pub fn a(_b: u16) {} }",
        Some(TYPES),
    ),
    (
        "result of another type",
        "pub struct A; impl A { pub fn a() -> u8 { 0 } }",
        "pub struct A; impl A { pub fn a() -> u16 { 0 } }",
        Some(TYPES),
    ),
];

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let root = std::env::temp_dir().join(format!("cross-check-{}", std::process::id()));
    let mut unexplained = 0;
    println!("{:<40}{:<8}{:<22}", "", "here", "cargo-semver-checks");
    for (name, before, after, reason) in PAIRS {
        let [old, new] = [before, after].map(|code| format!("pub mod types {{ {code}\n}}\n"));
        let changes = compare(&syn::parse_file(&old)?, &syn::parse_file(&new)?);
        let ours = changes.iter().map(|change| change.semver).max().unwrap_or(Semver::Patch);
        let theirs = checked(&root, &old, &new)?;
        let remark = match (ours == theirs, reason) {
            (true, None) => "",
            (false, Some(reason)) => reason,
            (true, Some(_)) => "NO LONGER DIFFERENT",
            (false, None) => "NOT EXPLAINED",
        };
        unexplained += usize::from(remark.starts_with("NO"));
        println!(
            "{name:<40}{ours:<8}{theirs:<22}{remark}",
            ours = ours.to_string(),
            theirs = theirs.to_string()
        );
    }
    std::fs::remove_dir_all(&root)?;
    println!("{} pairs, {unexplained} not explained", PAIRS.len());
    Ok(if unexplained == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The least release that cargo-semver-checks lets the change be.
fn checked(root: &Path, old: &str, new: &str) -> Result<Semver, Box<dyn Error>> {
    let [before, after] = [root.join("before"), root.join("after")];
    for (folder, code) in [(&before, old), (&after, new)] {
        std::fs::create_dir_all(folder.join("src"))?;
        let manifest =
            "[package]\nname = \"pair\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[workspace]\n";
        std::fs::write(folder.join("Cargo.toml"), manifest)?;
        std::fs::write(folder.join("src/lib.rs"), code)?;
    }
    for release in [Semver::Patch, Semver::Minor] {
        let output = Command::new("cargo")
            .args(["semver-checks", "--release-type", &release.to_string()])
            .arg("--baseline-root")
            .arg(&before)
            .arg("--manifest-path")
            .arg(after.join("Cargo.toml"))
            .output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => return Ok(release),
            // It found something; anything else is no verdict.
            _ if said.contains("Summary") => {}
            _ => return Err(format!("cargo-semver-checks failed: {said}").into()),
        }
    }
    Ok(Semver::Major)
}
