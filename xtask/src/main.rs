//! `cargo xtask`: the build steps of the workspace.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, Subcommand};
use xtask::codegen::{self, Report};
use xtask::source::Finding;

/// Prints a line on stderr; whoever does not read it misses it, and nothing else happens.
macro_rules! say {
    ($($text:tt)*) => {{ let _ = writeln!(std::io::stderr(), $($text)*); }};
}

/// Nothing to do: what is committed is what the contract gives.
const FRESH: u8 = 0;
/// What is committed is not what the contract gives.
const STALE: u8 = 4;
/// The contract cannot be used.
const BROKEN: u8 = 100;

/// Build steps of the partner-center workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    /// The workspace to work on, if it is not the one that this was built from
    #[arg(long, global = true, hide = true)]
    root: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Generate the typed client from openapi/partner-center.yaml
    ///
    /// Exit codes: 0 fresh, 4 stale (with --check), 100 broken contract.
    Codegen {
        /// Change nothing; show what is stale and how to mend it
        #[arg(long)]
        check: bool,
    },
    /// Show a billing profile read, updated, refused and updated again, on an embedded service
    ///
    /// Ends with 0 only if every step held.
    Demo,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let built_from = || Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned);
    let root = args.root.or_else(built_from).unwrap_or_default();
    match args.command {
        Command::Codegen { check } => generate(&root, check).into(),
        Command::Demo => demo(&root),
    }
}

fn generate(root: &Path, check: bool) -> u8 {
    let start = Instant::now();
    let report = match codegen::check(root) {
        Ok(report) => report,
        Err(findings) => return broken(&findings),
    };
    let Report { operations, fresh, stale } = &report;
    say!("{:>12} {} ({operations} operations)", "Checked", xtask::contract::PATH);
    for file in stale {
        let path = file.path.display();
        if check {
            // Whoever stops reading early has seen enough of it.
            let _ = std::io::stdout().write_all(file.diff.as_bytes());
            say!("{:>12} {path}", "Stale");
        } else if let Err(error) = file.write(root) {
            say!("error: {path} cannot be written: {error}");
            return BROKEN;
        } else {
            say!("{:>12} {path}", "Wrote");
        }
    }
    for path in fresh {
        say!("{:>12} {}", "Fresh", path.display());
    }
    say!("{:>12} in {:.1} ms", "Finished", start.elapsed().as_secs_f64() * 1e3);
    if check && !stale.is_empty() {
        say!("help: run `cargo xtask codegen` and commit what it changes");
        return STALE;
    }
    FRESH
}

fn broken(findings: &[Finding]) -> u8 {
    for finding in findings {
        say!("{finding}\n");
    }
    let plural = if findings.len() == 1 { "" } else { "s" };
    say!("error: the contract has {} problem{plural}; nothing was generated", findings.len());
    BROKEN
}

/// The demo is a program of its own: this one must build even while the generated client does not.
fn demo(root: &Path) -> ExitCode {
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
