//! The tools behind `cargo xtask`: lint, diff, codegen, review, docs.

mod commands;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use commands::{codegen, demo, diff, docs, lint, review};

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
    Lint(lint::Args),
    Diff(diff::Args),
    Codegen(codegen::Args),
    Review(review::Args),
    Docs(docs::Args),
    Demo(demo::Args),
}

fn main() -> ExitCode {
    let args = Args::parse();
    let built_from = || Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned);
    let root = args.root.or_else(built_from).unwrap_or_default();
    match args.command {
        Command::Lint(args) => lint::run(&root, &args).into(),
        Command::Diff(args) => diff::run(&root, &args).into(),
        Command::Codegen(args) => codegen::run(&root, &args).into(),
        Command::Review(args) => review::run(&root, &args).into(),
        Command::Docs(args) => docs::run(&root, &args).into(),
        Command::Demo(demo::Args {}) => {
            // The program that calls this one has started it.
            eprintln!("error: give `cargo xtask demo` no other options");
            ExitCode::FAILURE
        }
    }
}
