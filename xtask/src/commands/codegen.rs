//! `cargo xtask codegen`

use std::path::Path;
use std::time::Instant;

use contract_review::compile::Compiles;
use contract_review::words::plural;
use contract_review::workspace::Workspace;
use openapi_codegen::Report;
use openapi_document::Diagnostic;

use super::{BROKEN, FRESH, STALE, compile, print, refuse};

/// Generate the typed client from the contract
///
/// It is compiled before it is written, unless it compiled before or cargo cannot be run.
///
/// Exit codes: 0 fresh, 4 stale (with --check), 100 broken contract, or one that gives code that does not
/// compile.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Change nothing; show what is stale and how to fix it
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> u8 {
    generate(workspace, args.check)
}

/// Writes what is stale, or with `check` only shows it.
fn generate(workspace: &Workspace, check: bool) -> u8 {
    let start = Instant::now();
    let report = match workspace.check() {
        Ok(report) => report,
        Err(findings) => return broken(&findings),
    };
    let Report { operations, client, calls, fresh, stale } = &report;
    say!("{:>12} {} ({operations} operations)", "Checked", workspace.client.contract);
    match compile(workspace, client, calls.as_deref()) {
        Compiles::Yes => say!("{:>12} the client", "Compiled"),
        Compiles::No { errors, package } => return uncompilable(workspace, &errors, &package),
        Compiles::NotChecked { why } => say!("warning: the client was not compiled: {why}"),
    }
    for file in stale {
        let path = file.path.display();
        if check {
            print(&file.diff);
            say!("{:>12} {path}", "Stale");
        } else if let Err(error) = file.write(&workspace.root) {
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

fn broken(findings: &[Diagnostic]) -> u8 {
    refuse(findings);
    let problems = plural(findings.len(), "problem");
    say!("error: the contract has {problems}; nothing was generated");
    BROKEN
}

fn uncompilable(workspace: &Workspace, errors: &[String], package: &Path) -> u8 {
    for error in errors {
        say!("{error}");
    }
    let count = plural(errors.len(), "error");
    say!("error: the contract gives code that does not compile ({count}); nothing was written");
    let contract = &workspace.client.contract;
    say!("help: the files are in {}; simplify the place in {contract} that", package.display());
    say!("      the code comes from, or report that the code generation lacks a pass for it");
    BROKEN
}
