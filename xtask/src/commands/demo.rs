//! `cargo xtask demo`

use std::path::Path;
use std::process::ExitCode;

use super::FRESH;
use super::codegen::generate;

/// Show a billing profile read, updated, refused and updated again, on an embedded service
///
/// Ends with 0 only if every step held.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// The demo is a program of its own: this one must build even while the generated client does not.
pub(crate) fn run(root: &Path) -> ExitCode {
    match generate(root, true) {
        FRESH => {}
        code => return code.into(),
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let run = ["run", "--package", "partner-center-tests", "--bin", "demo"];
    match std::process::Command::new(cargo).args(run).current_dir(root).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            say!("error: the demo cannot be started: {error}");
            ExitCode::FAILURE
        }
    }
}
