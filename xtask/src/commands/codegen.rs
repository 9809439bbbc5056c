//! `cargo xtask codegen`

use std::path::Path;
use std::time::Instant;

use contract_review::words::plural;
use contract_review::workspace::{self, CONTRACT};
use openapi_codegen::Report;
use openapi_document::Diagnostic;

use super::{BROKEN, FRESH, STALE, print, refuse};

/// Generate the typed client from openapi/partner-center.yaml
///
/// Exit codes: 0 fresh, 4 stale (with --check), 100 broken contract.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Change nothing; show what is stale and how to fix it
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(root: &Path, args: &Args) -> u8 {
    generate(root, args.check)
}

/// Writes what is stale, or with `check` only shows it.
fn generate(root: &Path, check: bool) -> u8 {
    let start = Instant::now();
    let report = match workspace::check(root) {
        Ok(report) => report,
        Err(findings) => return broken(&findings),
    };
    let Report { operations, fresh, stale, .. } = &report;
    say!("{:>12} {} ({operations} operations)", "Checked", CONTRACT);
    for file in stale {
        let path = file.path.display();
        if check {
            print(&file.diff);
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

fn broken(findings: &[Diagnostic]) -> u8 {
    refuse(findings);
    let problems = plural(findings.len(), "problem");
    say!("error: the contract has {problems}; nothing was generated");
    BROKEN
}
