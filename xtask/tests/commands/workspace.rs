//! A workspace with nothing but the contract of this one, to run the build steps in.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use contract_review::workspace::CONTRACT;
use openapi_codegen::{CALLS, CLIENT, JSON};

/// The workspace, in a folder that goes with it.
pub(crate) struct Workspace(pub(crate) PathBuf);

impl Workspace {
    pub(crate) fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        for file in [CONTRACT, CLIENT, JSON, CALLS] {
            std::fs::create_dir_all(root.join(file).parent().expect("a folder")).expect("a folder");
        }
        std::fs::copy(ours().join(CONTRACT), root.join(CONTRACT)).expect("a contract");
        Self(root)
    }

    /// Runs a build step in it.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask-tools"));
        command.current_dir(&self.0).arg("--root").arg(&self.0).args(arguments);
        command.output().expect("a run")
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
