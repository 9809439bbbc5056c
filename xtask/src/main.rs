//! `cargo xtask`: the build steps of the workspace.
//!
//! The demo needs none of the tools, and they need none of the client: this program builds what is asked
//! for, and nothing else.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let (package, binary) = if arguments == ["demo"] {
        ("partner-center-tests", "demo")
    } else {
        ("xtask", "xtask-tools")
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(["run", "--package", package, "--bin", binary]);
    if binary == "xtask-tools" {
        command.arg("--").args(arguments);
    }
    match command.status() {
        Ok(status) => {
            let code = status.code().and_then(|code| u8::try_from(code).ok());
            code.map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => {
            eprintln!("error: cargo cannot be started: {error}");
            ExitCode::FAILURE
        }
    }
}
