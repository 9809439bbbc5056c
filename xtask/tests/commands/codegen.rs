//! `cargo xtask codegen` as a person or a script calls it: what it writes, says and exits with.

use crate::workspace::{CLIENT, CONTRACT, JSON, Workspace, text};

#[test]
fn check_says_what_is_stale_and_writes_nothing() {
    let workspace = Workspace::new("check");
    let stale = workspace.run(&["codegen", "--check"]);
    assert_eq!(stale.status.code(), Some(4));
    assert!(!workspace.0.join(CLIENT).exists());
    assert!(
        text(&stale.stderr).contains("help: run `cargo xtask codegen` and commit what it changes")
    );

    assert_eq!(workspace.run(&["codegen"]).status.code(), Some(0));
    let fresh = workspace.run(&["codegen", "--check"]);
    assert_eq!((fresh.status.code(), text(&fresh.stdout)), (Some(0), ""));

    workspace.edit(CLIENT, "/// The first name.", "/// The given name.");
    let edited = workspace.run(&["codegen", "--check"]);
    assert_eq!(edited.status.code(), Some(4));
    assert!(
        text(&edited.stdout)
            .contains("-        /// The given name.\n+        /// The first name.\n")
    );
    assert_eq!(workspace.run(&["codegen"]).status.code(), Some(0));

    // The client does not know of it, and the check does.
    workspace.edit(CONTRACT, "minimum: 0", "minimum: 1");
    let changed = workspace.run(&["codegen", "--check"]);
    assert_eq!(changed.status.code(), Some(4));
    assert!(text(&changed.stderr).contains(&format!("Stale {JSON}")), "{}", text(&changed.stderr));
    assert!(
        text(&changed.stderr).contains(&format!("Fresh {CLIENT}")),
        "{}",
        text(&changed.stderr)
    );
}

#[test]
fn a_broken_contract_leaves_everything_as_it_was() {
    let workspace = Workspace::new("broken");
    assert_eq!(workspace.run(&["codegen"]).status.code(), Some(0));
    let before = std::fs::read(workspace.0.join(CLIENT)).expect("a client");
    workspace.edit(CONTRACT, "maxLength: 200", "maxLenght: 200");
    workspace.edit(CONTRACT, "operationId: getPartnerBillingProfile", "x-id: none");
    let broken = workspace.run(&["codegen"]);
    assert_eq!(broken.status.code(), Some(100));
    let said = text(&broken.stderr);
    assert!(
        said.contains("help: did you mean `maxLength`?") && said.contains("lacks `operationId`"),
        "{said}"
    );
    assert!(
        said.lines().nth(1).is_some_and(|line| line.contains(&format!("--> {CONTRACT}:"))),
        "{said}"
    );
    assert_eq!(std::fs::read(workspace.0.join(CLIENT)).expect("a client"), before);

    std::fs::remove_file(workspace.0.join(CONTRACT)).expect("a contract");
    assert_eq!(workspace.run(&["codegen", "--check"]).status.code(), Some(100));
}

#[test]
fn what_compiled_is_not_compiled_again() {
    let workspace = Workspace::new("compiles").with_crate();
    workspace.edit(CONTRACT, "The first line of the address.", "The first line.");
    let compiled = workspace.run(&["codegen"]);
    let said = text(&compiled.stderr);
    assert_eq!(compiled.status.code(), Some(0), "{said}");
    assert!(said.contains("Compiled the client"), "{said}");

    let mut again = workspace.command(&["codegen", "--check"]);
    let again = again.env("CARGO", "/nowhere/cargo").output().expect("a run");
    let said = text(&again.stderr);
    assert_eq!(again.status.code(), Some(0), "{said}");
    assert!(said.contains("Compiled the client"), "{said}");

    // Another client is another matter. That it is not compiled is said, and is no error.
    workspace.edit(CONTRACT, "The first line.", "Line 1.");
    let mut changed = workspace.command(&["codegen"]);
    let changed = changed.env("CARGO", "/nowhere/cargo").output().expect("a run");
    let said = text(&changed.stderr);
    assert_eq!(changed.status.code(), Some(0), "{said}");
    assert!(said.contains("warning: the client was not compiled: cargo cannot be run"), "{said}");
}

#[test]
fn what_does_not_compile_is_not_written() {
    let workspace = Workspace::new("uncompilable").with_crate();
    let client = std::fs::read(workspace.0.join(CLIENT)).expect("a client");
    workspace.edit(CONTRACT, "The first line of the address.", "The first line.");
    // What the generated code relies on is gone, as if it were of a pass that is not there.
    workspace.edit("crates/partner-center-api/src/document.rs", "fn members(", "fn other_members(");
    let review = ["review", "--base", CONTRACT, "--format"];
    for arguments in [
        vec!["codegen"],
        vec!["codegen", "--check"],
        [&review[..], &["text"]].concat(),
        [&review[..], &["markdown"]].concat(),
        [&review[..], &["json"]].concat(),
    ] {
        let broken = workspace.run(&arguments);
        let said = format!("{}{}", text(&broken.stdout), text(&broken.stderr));
        assert_eq!(broken.status.code(), Some(100), "{said}");
        // On Windows, rustc writes `\` in a path, and JSON two of them.
        let said = said.replace("\\\\", "/").replace('\\', "/");
        for expected in
            ["cannot find function `members` in module `crate::document`", "--> src/generated.rs:"]
        {
            assert!(said.contains(expected), "{arguments:?}: no {expected} in {said}");
        }
        assert_eq!(std::fs::read(workspace.0.join(CLIENT)).expect("a client"), client);
    }
    let broken = workspace.run(&["codegen"]);
    let said = text(&broken.stderr);
    let errors = said.matches("error[E0425]").count();
    let expected = format!("gives code that does not compile ({errors} errors); nothing was");
    assert!(errors > 1 && said.contains(&expected), "{said}");
    assert!(said.contains("client-check"), "{said}");
}
