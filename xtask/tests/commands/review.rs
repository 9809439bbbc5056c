//! `cargo xtask review` on a branch: one report, and an exit code that says whether it can be merged.

use std::path::Path;
use std::process::Command;

use crate::workspace::{CONTRACT, Workspace, ours, text};

/// The change of the worked example: what is replaced in the contract, and by what.
const EXAMPLE: [(&str, &str); 3] = [
    // A length that became known: nobody's code changes, some requests are refused.
    (
        "        region:\n          type: string\n          nullable: true\n",
        "        region:\n          type: string\n          maxLength: 50\n          nullable: true\n",
    ),
    // A new member: no message breaks, whoever writes the struct in full does.
    (
        "        region:\n          type: string\n",
        "        county:\n          type: string\n          nullable: true\n          description: The county.\n        region:\n          type: string\n",
    ),
    // A header that is set by a hook: only the service will tell.
    (
        "      name: X-Locale\n      in: header\n",
        "      name: X-Locale\n      in: header\n      required: true\n",
    ),
];

impl Workspace {
    /// With everything that is generated, committed on `main`.
    fn committed(name: &str) -> Self {
        let workspace = Self::new(name);
        assert_eq!(workspace.run(&["codegen"]).status.code(), Some(0));
        let snapshots = Path::new("tests/snapshots");
        for folder in ["contract", "generated"] {
            let (from, to) =
                (ours().join(snapshots).join(folder), workspace.0.join(snapshots).join(folder));
            std::fs::create_dir_all(&to).expect("a folder");
            for file in std::fs::read_dir(from).expect("snapshots") {
                let file = file.expect("a snapshot");
                std::fs::copy(file.path(), to.join(file.file_name())).expect("a copy");
            }
        }
        workspace.git(&["init", "--quiet", "--initial-branch", "main"]);
        workspace.git(&["add", "."]);
        workspace.git(&["commit", "--quiet", "--message", "base"]);
        workspace.git(&["switch", "--quiet", "--create", "change"]);
        workspace
    }

    fn git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.current_dir(&self.0).args(["-c", "user.name=a", "-c", "user.email=a@example.com"]);
        let output =
            git.args(["-c", "commit.gpgsign=false"]).args(arguments).output().expect("git");
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
}

#[test]
fn an_unchanged_contract_can_be_merged() {
    let workspace = Workspace::committed("review-same");
    let output = workspace.run(&["review"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("nothing changed\n") && said.contains("no snapshot changes\n"), "{said}");
}

#[test]
fn a_break_fails_until_it_is_on_record_and_everything_is_up_to_date() {
    let workspace = Workspace::committed("review-break");
    for (from, to) in EXAMPLE {
        workspace.edit(CONTRACT, from, to);
    }
    let review = |arguments: &[&str]| {
        let output = workspace.run(&[&["review"], arguments].concat());
        (output.status.code(), text(&output.stdout).to_owned())
    };
    let (code, said) = review(&[]);
    assert_eq!(code, Some(3), "{said}");
    for expected in [
        "stale: run `cargo xtask codegen`",
        "snapshot changes tests/snapshots/contract/schema.Address.snap  (not updated yet)",
        "snapshot changes tests/snapshots/generated/type.Address.snap  (not updated yet)",
    ] {
        assert!(said.contains(expected), "{said}");
    }
    // The branch is compared with where it left main, not with its own last commit.
    workspace.git(&["commit", "--quiet", "--all", "--message", "change"]);
    assert_eq!(review(&[]).0, Some(3));
    assert_ne!(review(&["--base", "HEAD"]).0, Some(3));

    let record = ["diff", "main", "--verdicts", "wire,rust-api,run-time", "--record", "announced"];
    let recorded = workspace.run(&record);
    assert_eq!(recorded.status.code(), Some(0), "{}", text(&recorded.stderr));
    let (code, said) = review(&[]);
    assert_eq!(code, Some(4), "{said}");
    assert_eq!(workspace.run(&["codegen"]).status.code(), Some(0));
    let (code, said) = review(&[]);
    assert_eq!(code, Some(4), "only the snapshots are left: {said}");
    assert!(said.contains("the generated files are what the contract gives"), "{said}");
}

#[test]
fn a_broken_contract_is_reviewed_as_far_as_it_goes() {
    let workspace = Workspace::committed("review-broken");
    workspace.edit(CONTRACT, "maxLength: 200", "maxLenght: 200");
    let output = workspace.run(&["review", "--format", "markdown"]);
    assert_eq!(output.status.code(), Some(100));
    let said = text(&output.stdout);
    assert!(said.contains("did you mean `maxLength`?"), "{said}");
    assert!(said.contains("max-length-unset") || said.contains("max-length"), "{said}");

    std::fs::write(workspace.0.join(CONTRACT), "openapi: [").expect("a contract");
    let output = workspace.run(&["review"]);
    assert_eq!(output.status.code(), Some(100));
    assert!(
        text(&output.stderr).contains(&format!("--> {CONTRACT}:1:")),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn a_note_that_the_change_brings_is_new_though_its_rule_had_some() {
    let workspace = Workspace::committed("review-note");
    let operation = "    put:\n      operationId: updatePartnerBillingProfile\n";
    let servers = format!("{operation}      servers: [{{url: 'https://upload.example.com'}}]\n");
    workspace.edit(CONTRACT, operation, &servers);
    let output = workspace.run(&["review"]);
    let said = text(&output.stdout);
    assert!(said.contains("new note[ignored-servers]: "), "{said}");
    assert!(said.contains("at /paths/~1v1~1profiles~1billing/put/servers"), "{said}");
    let found = crate::lint::findings(&workspace.lint(&["--format", "json"]));
    let notes = found.iter().filter(|it| it["severity"] == "note" && it["waived"].is_null());
    let expected = format!("lint: 0 errors, {} notes (1 new), 1 waived", notes.count());
    assert!(said.contains(&expected), "{expected}: {said}");
    let output = workspace.run(&["review", "--format", "markdown"]);
    let said = text(&output.stdout);
    let line = said.lines().find(|line| line.contains("**new**")).unwrap_or_default();
    let contract = std::fs::read_to_string(workspace.0.join(CONTRACT)).expect("the contract");
    let at = contract.lines().position(|line| line.contains("servers: [{url")).expect("a line") + 1;
    assert!(line.contains(&format!("yaml:{at}:7` `ignored-servers`")), "{line}\n{said}");
}

/// The report in the documentation is the one that the change gives. With `INSTA_UPDATE=always` it is
/// written anew.
#[test]
fn the_worked_example_is_real() {
    let workspace = Workspace::committed("review-example").with_crate();
    for (from, to) in EXAMPLE {
        workspace.edit(CONTRACT, from, to);
    }
    workspace.git(&["tag", "v1.0.0"]);
    let output = workspace.run(&["review", "--base", "v1.0.0", "--format", "markdown"]);
    let report = text(&output.stdout);
    let file = ours().join("openapi/review-example.md");
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        std::fs::write(&file, report).expect("the example");
    }
    let documented = std::fs::read_to_string(&file).unwrap_or_default();
    let diff = similar::TextDiff::from_lines(documented.as_str(), report);
    assert!(
        documented == report,
        "{}\nhelp: `INSTA_UPDATE=always cargo test -p xtask`, and read what changes",
        diff.unified_diff()
    );
}
