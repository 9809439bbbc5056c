//! `cargo xtask codegen` as a person or a script calls it: what it writes, says and exits with.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use xtask::codegen::{CLIENT, JSON};
use xtask::contract::PATH;

/// A workspace with nothing but the contract of this one.
struct Workspace(PathBuf);

impl Workspace {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        for file in [PATH, CLIENT, JSON] {
            std::fs::create_dir_all(root.join(file).parent().expect("a folder")).expect("a folder");
        }
        let ours = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
        std::fs::copy(ours.join(PATH), root.join(PATH)).expect("a contract");
        Self(root)
    }

    fn codegen(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("--root").arg(&self.0).arg("codegen").args(arguments).output().expect("a run")
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.0.join(file)).expect(file);
        assert!(text.contains(from), "{from} is not in {file}");
        std::fs::write(self.0.join(file), text.replacen(from, to, 1)).expect(file);
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        // What is left over in the temporary folder does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn check_says_what_is_stale_and_writes_nothing() {
    let workspace = Workspace::new("check");
    let stale = workspace.codegen(&["--check"]);
    assert_eq!(stale.status.code(), Some(4));
    assert!(!workspace.0.join(CLIENT).exists());
    assert!(
        text(&stale.stderr).contains("help: run `cargo xtask codegen` and commit what it changes")
    );

    assert_eq!(workspace.codegen(&[]).status.code(), Some(0));
    let fresh = workspace.codegen(&["--check"]);
    assert_eq!((fresh.status.code(), text(&fresh.stdout)), (Some(0), ""));

    workspace.edit(CLIENT, "/// The first name.", "/// The given name.");
    let edited = workspace.codegen(&["--check"]);
    assert_eq!(edited.status.code(), Some(4));
    assert!(
        text(&edited.stdout)
            .contains("-        /// The given name.\n+        /// The first name.\n")
    );
    assert_eq!(workspace.codegen(&[]).status.code(), Some(0));

    // The client does not know of it, and the check does.
    workspace.edit(PATH, "minimum: 0", "minimum: 1");
    let changed = workspace.codegen(&["--check"]);
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
    assert_eq!(workspace.codegen(&[]).status.code(), Some(0));
    let before = std::fs::read(workspace.0.join(CLIENT)).expect("a client");
    workspace.edit(PATH, "maxLength: 200", "maxLenght: 200");
    workspace.edit(PATH, "operationId: getPartnerBillingProfile", "x-id: none");
    let broken = workspace.codegen(&[]);
    assert_eq!(broken.status.code(), Some(100));
    let said = text(&broken.stderr);
    assert!(
        said.contains("help: did you mean `maxLength`?") && said.contains("lacks `operationId`"),
        "{said}"
    );
    assert!(
        said.lines().next().is_some_and(|line| line.starts_with(&format!("{PATH}:"))),
        "{said}"
    );
    assert_eq!(std::fs::read(workspace.0.join(CLIENT)).expect("a client"), before);

    std::fs::remove_file(workspace.0.join(PATH)).expect("a contract");
    assert_eq!(workspace.codegen(&["--check"]).status.code(), Some(100));
}
