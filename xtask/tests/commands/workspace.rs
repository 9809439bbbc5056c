//! A workspace with nothing but the contract of this one, to run the build steps in.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use contract_review::workspace::CONFIG;

/// Where this workspace has its contract and what is generated from it.
pub(crate) const CONTRACT: &str = "openapi/partner-center.yaml";
pub(crate) const CLIENT: &str = "crates/partner-center-api/src/generated.rs";
pub(crate) const JSON: &str = "openapi/partner-center.json";
pub(crate) const RECORD: &str = "openapi/accepted-changes.toml";
pub(crate) const CALLS: &str = "tests/generated_calls.rs";

/// The workspace, in a folder that goes with it.
pub(crate) struct Workspace(pub(crate) PathBuf);

impl Workspace {
    pub(crate) fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        for file in [CONTRACT, CLIENT, JSON, CALLS] {
            std::fs::create_dir_all(root.join(file).parent().expect("a folder")).expect("a folder");
        }
        for file in [CONTRACT, CONFIG] {
            std::fs::copy(ours().join(file), root.join(file)).expect("a copy");
        }
        Self(root)
    }

    /// With the crate of the client, so that it can be compiled.
    pub(crate) fn with_crate(self) -> Self {
        let mut files = vec![PathBuf::from("Cargo.toml"), PathBuf::from("Cargo.lock")];
        let mut folders = vec![PathBuf::from("crates/partner-center-api")];
        while let Some(folder) = folders.pop() {
            std::fs::create_dir_all(self.0.join(&folder)).expect("a folder");
            for entry in std::fs::read_dir(ours().join(&folder)).expect("a folder") {
                let entry = entry.expect("an entry");
                let is_folder = entry.file_type().expect("a type").is_dir();
                let list = if is_folder { &mut folders } else { &mut files };
                list.push(folder.join(entry.file_name()));
            }
        }
        for file in files {
            std::fs::copy(ours().join(&file), self.0.join(&file)).expect("a copy");
        }
        self
    }

    /// Runs a build step in it.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("a run")
    }

    /// A build step in it. What it compiles is built where we are.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask-tools"));
        command.current_dir(&self.0).arg("--root").arg(&self.0).args(arguments);
        if std::env::var_os("CARGO_TARGET_DIR").is_none() {
            command.env("CARGO_TARGET_DIR", ours().join("target"));
        }
        command
    }

    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
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

/// This workspace.
pub(crate) fn ours() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace")
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}
