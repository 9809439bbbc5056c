//! `cargo xtask review`

use std::time::Instant;

use clap::ValueEnum;
use contract_review::report::Aspect;
use contract_review::report::accepted;
use contract_review::review::Review;
use contract_review::review::Side;
use contract_review::workspace::Workspace;
use openapi_document::Diagnostic;
use xtask::revision;

use super::diff::Gate;
use super::{BREAKING, BROKEN, FRESH, STALE, compile, print, refuse};

/// Show what a change of the contract does, to whom, in one report
///
/// Lint, changes with their three verdicts, generated code and whether it compiles, snapshots, versions.
///
/// Exit codes: 0 it can be merged, 3 breaking and not on record as accepted, 4 what is generated
/// from the contract is not up to date, 100 broken contract or base, or a client that does not
/// compile.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What to compare with: a branch, a tag, a commit, a file [default: where the branch left main]
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// How it is shown
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Where the page of `cargo xtask docs` can be read, to link to it
    #[arg(long, value_name = "URL")]
    page_url: Option<String>,
    #[command(flatten)]
    gate: Gate,
}

/// How a review is shown.
#[derive(Clone, Copy, Default, ValueEnum)]
enum Format {
    /// For a terminal
    #[default]
    Text,
    /// For a pull request
    Markdown,
    /// One object
    Json,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> u8 {
    let start = Instant::now();
    let (base, revision) = match sides(workspace, args.base.as_deref()) {
        Ok(sides) => sides,
        Err(wrong) => return refuse([&*wrong]),
    };
    let records = match accepted::read(workspace) {
        Ok(records) => records,
        Err(wrong) => return refuse([&*wrong]),
    };
    let compile = |client: &str, calls: Option<&str>| compile(workspace, client, calls);
    let mut review = Review::new(workspace, (&base, &revision), &records, compile);
    review.page.clone_from(&args.page_url);
    print(&match args.format {
        Format::Text => review.text(),
        Format::Markdown => review.markdown(),
        Format::Json => format!("{:#}\n", review.json()),
    });
    say!("{:>12} in {:.1} ms", "Reviewed", start.elapsed().as_secs_f64() * 1e3);
    let current = review.stale.as_ref().is_some_and(Vec::is_empty);
    if review.is_broken() {
        BROKEN
    } else if !args.gate.open(&review.report, &Aspect::ALL).is_empty() {
        BREAKING
    } else if !current || review.snapshots.iter().any(|snapshot| !snapshot.updated) {
        STALE
    } else {
        FRESH
    }
}

fn sides(workspace: &Workspace, base: Option<&str>) -> Result<(Side, Side), Box<Diagnostic>> {
    let base = match base {
        Some(name) => name.to_owned(),
        None => revision::branch_point(&workspace.root)?,
    };
    Ok((revision::side(workspace, &base)?, revision::working_tree(workspace)?))
}
