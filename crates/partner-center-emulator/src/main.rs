//! `partner-center-emulator`: the billing profile resources of Partner Center on localhost.

use std::process::ExitCode;

use clap::Parser;
use partner_center_emulator::command::{Args, run};

/// The billing profile resources of Microsoft Partner Center on localhost
///
/// For tests, and for trying things out without an account. Resources are kept in memory, unless
/// --state names a file. The first line on stdout is the address; everything else goes to stderr.
#[derive(Parser)]
#[command(version, after_help = EXAMPLE)]
struct Cli {
    #[command(flatten)]
    args: Args,
}

const EXAMPLE: &str = "\
Example:
  partner-center-emulator --listen 127.0.0.1:8089 --stale-etag 412 &
  curl -H 'Authorization: Bearer emulator-app-only' \\
    http://127.0.0.1:8089/v1/customers/aaaa0000-bb11-2222-33cc-444444dddddd/profiles/billing";

fn main() -> ExitCode {
    run(Cli::parse().args)
}
