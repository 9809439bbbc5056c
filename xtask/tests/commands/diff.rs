//! `cargo xtask diff` as a person or a script calls it: what it shows, and what it ends with.

use crate::workspace::{CONTRACT, RECORD, Workspace, text};
use serde_json::Value;

/// A workspace with a second contract, `new.yaml`, in which `from` is `to`.
fn changed(name: &str, from: &str, to: &str) -> Workspace {
    let workspace = Workspace::new(name);
    std::fs::copy(workspace.0.join(CONTRACT), workspace.0.join("new.yaml")).expect("a copy");
    workspace.edit("new.yaml", from, to);
    workspace
}

/// Ends with its exit code and what it printed.
fn diff(workspace: &Workspace, arguments: &[&str]) -> (Option<i32>, String) {
    let both = ["diff", CONTRACT, "new.yaml"];
    let output = workspace.run(&[&both, arguments].concat());
    (output.status.code(), text(&output.stdout).to_owned())
}

const LOCALE: (&str, &str) =
    ("      name: X-Locale\n", "      name: X-Locale\n      required: true\n");

#[test]
fn nothing_changes_from_a_contract_to_itself() {
    let workspace = Workspace::new("diff-same");
    let output = workspace.run(&["diff", CONTRACT]);
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stdout);
    assert!(said.contains("nothing changed\n"), "{said}");
    assert!(said.contains("recommended: contract none (1.0.0), generated crate none\n"), "{said}");
}

#[test]
fn a_header_that_is_set_by_a_hook_breaks_without_a_word_from_the_compiler() {
    let workspace = changed("diff-header", LOCALE.0, LOCALE.1);
    let (code, said) = diff(&workspace, &[]);
    assert_eq!(code, Some(3));
    for expected in [
        "breaking [request-parameter-became-required] the request header `X-Locale` is required now\n",
        "GET /v1/customers/{customer-tenant-id}/profiles/billing, PUT /v1/customers/",
        "  wire BREAKS | Rust API ok | run time BREAKS\n",
        "generated code identical, contract changed\n",
        "recommended: contract major (2.0.0), generated crate none\n",
    ] {
        assert!(said.contains(expected), "{said}");
    }
    assert_eq!(diff(&workspace, &["--fail-on", "none"]).0, Some(0));
    assert_eq!(diff(&workspace, &["--verdicts", "rust-api"]).0, Some(0));
}

#[test]
fn a_new_optional_member_breaks_nobody() {
    let member = "      properties:\n        county: {type: string, nullable: true, description: The county.}\n        id:\n          type: string\n          nullable: true\n          description: The id of the address";
    let before = member
        .replace("        county: {type: string, nullable: true, description: The county.}\n", "");
    let workspace = changed("diff-member", &before, member);
    let (code, said) = diff(&workspace, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("wire ok | Rust API ok | run time ok\n"), "{said}");
    assert!(said.contains("types::Address::county"), "{said}");
    assert_eq!(diff(&workspace, &["--verdicts", "wire,rust-api"]).0, Some(0));

    let (_, json) = diff(&workspace, &["--format", "json"]);
    let report: Value = serde_json::from_str(&json).expect("JSON");
    let changes = report["changes"].as_array().expect("changes");
    let change = changes
        .iter()
        .find(|change| change["rule"] == "response-optional-property-added")
        .expect("the new member of the response");
    assert_eq!(change["verdicts"]["wire"], "compatible");
    assert_eq!(change["verdicts"]["rustApi"], "compatible");
    assert_eq!(change["operations"].as_array().map(Vec::len), Some(8));
    assert_eq!(change["revision"]["pointer"], "/components/schemas/Address/properties/county");
    assert_eq!(report["recommendedVersions"]["generatedCrate"], "minor");
}

#[test]
fn another_operation_id_breaks_rust_and_no_message() {
    let (old, new) = ("operationId: getPartnerBillingProfile", "operationId: readPartnerProfile");
    let workspace = changed("diff-operation-id", old, new);
    let (code, said) = diff(&workspace, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("wire ok | Rust API BREAKS | run time ok\n"), "{said}");
    assert!(said.contains("Client::get_partner_billing_profile"), "{said}");
    assert_eq!(diff(&workspace, &["--verdicts", "wire,rust-api"]).0, Some(3));
}

#[test]
fn what_may_break_fails_unless_only_breaks_are_asked_for() {
    let workspace = changed(
        "diff-maybe",
        "        region:\n          type: string\n          nullable: true\n",
        "        zone:\n          type: string\n          nullable: true\n",
    );
    let (code, said) = diff(&workspace, &[]);
    assert_eq!(code, Some(3));
    assert!(
        said.contains("potentially breaking [request-property-removed]")
            || said.contains("breaking [request-property-removed]"),
        "{said}"
    );
    assert_eq!(diff(&workspace, &["--fail-on", "breaking"]).0, Some(0));
}

#[test]
fn annotations_stand_at_the_lines_of_the_revision() {
    let workspace = changed("diff-github", LOCALE.0, LOCALE.1);
    let (_, said) = diff(&workspace, &["--format", "github"]);
    let contract = std::fs::read_to_string(workspace.0.join("new.yaml")).expect("a contract");
    let line = contract.lines().position(|line| line.trim() == "Locale:").expect("a parameter") + 1;
    let start = format!(
        "::error file=new.yaml,line={line},col=5,title=request-parameter-became-required::"
    );
    assert!(said.starts_with(&start), "{said}");
}

#[test]
fn an_accepted_break_passes_and_its_record_goes_stale() {
    let workspace = changed("diff-record", LOCALE.0, LOCALE.1);
    let silent = workspace.run(&["diff", CONTRACT, "new.yaml", "--record", " "]);
    assert_eq!(silent.status.code(), Some(2), "{}", text(&silent.stderr));
    assert!(!workspace.0.join(RECORD).exists());

    assert_eq!(diff(&workspace, &["--record", "every client sends it"]).0, Some(0));
    let (code, said) = diff(&workspace, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("breaking, accepted [request-parameter-became-required]"), "{said}");
    assert!(said.contains("accepted: every client sends it"), "{said}");

    // What is on record is not recorded again.
    let records = || std::fs::read(workspace.0.join(RECORD)).expect("records");
    let before = records();
    assert_eq!(diff(&workspace, &["--record", "again"]).0, Some(0));
    assert_eq!(records(), before);

    // Once it is merged, nothing changes there any more.
    let merged = workspace.run(&["diff", CONTRACT]);
    assert_eq!(merged.status.code(), Some(0));
    let said = text(&merged.stdout);
    assert!(said.contains("stale acceptance of request-parameter-became-required"), "{said}");

    std::fs::write(workspace.0.join(RECORD), "[[accepted]]\nrule = 1\n").expect("a file");
    let broken = workspace.run(&["diff", CONTRACT]);
    assert_eq!(broken.status.code(), Some(100));
    let said = text(&broken.stderr);
    assert!(said.starts_with("error[accepted-change]: "), "{said}");
    assert!(said.contains("--> openapi/accepted-changes.toml:2:8\n"), "{said}");
}

#[test]
fn what_was_not_compared_is_not_passed() {
    let workspace = changed(
        "diff-unknown",
        "      name: X-Locale\n      in: header\n",
        "      name: X-Locale\n      in: cookie\n",
    );
    let output = workspace.run(&["diff", CONTRACT, "new.yaml", "--verdicts", "rust-api"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(100), "{said}");
    assert!(said.starts_with("error: nothing is known of the Rust API, "), "{said}");
    assert!(text(&output.stdout).contains(" Rust API: not compared\n"), "{}", text(&output.stdout));
    let all = ["--verdicts", "rust-api", "--fail-on", "none"];
    assert_eq!(diff(&workspace, &all).0, Some(0));
}

#[test]
fn no_code_is_generated_where_nobody_asks_for_it() {
    let workspace = Workspace::new("diff-wire");
    let record =
        "[[accepted]]\nrule = \"method-removed\"\nplace = \"Client::a\"\nreason = \"gone\"\n";
    std::fs::write(workspace.0.join(RECORD), record).expect("a file");
    for (arguments, expected) in [
        (&["--verdicts", "wire,run-time"][..], " Rust API: not compared\n"),
        (&["--verdicts", "rust-api"], "generated code identical\n"),
        (&[], "generated code identical\n"),
    ] {
        let output = workspace.run(&[&["diff", CONTRACT], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let said = text(&output.stdout);
        assert!(said.contains(expected), "{arguments:?}: {said}");
        // What it is of was not looked at.
        let stale = said.contains("stale acceptance of method-removed");
        assert_eq!(stale, expected.starts_with("generated"), "{arguments:?}: {said}");
    }
}

#[test]
fn broken_input_is_named_and_ends_with_100() {
    let workspace = Workspace::new("diff-broken");
    let files = [
        ("list.yaml", "[]", "list.yaml"),
        ("empty.yaml", "", "empty.yaml"),
        ("open.yaml", "a: [", "open.yaml:1"),
        ("two.yaml", "swagger: '2.0'\npaths: {}", "two.yaml"),
        ("pathless.yaml", "openapi: 3.0.3\ninfo: {title: T, version: '1'}", "pathless.yaml"),
    ];
    for (name, contract, expected) in files {
        std::fs::write(workspace.0.join(name), contract).expect("a file");
        for arguments in [["diff", CONTRACT, name], ["diff", name, CONTRACT]] {
            let output = workspace.run(&arguments);
            let said = text(&output.stderr);
            assert_eq!(output.status.code(), Some(100), "{name}: {said}");
            assert!(said.contains(expected), "{name}: {said}");
            assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
        }
    }
    let missing = workspace.run(&["diff", "nothing.yaml", CONTRACT]);
    assert_eq!(missing.status.code(), Some(100));
}
