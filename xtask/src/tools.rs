//! The tools behind `cargo xtask`: lint, diff, codegen, review, docs.

mod commands;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use commands::{codegen, demo, diff, docs, lint, refuse, review};
use contract_review::generator::{self, Generator};
use contract_review::workspace::Workspace;
use openapi_document::{Diagnostic, Source, UNREADABLE};

/// Build steps of the workspace: a contract, and the client that is generated from it.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    /// The workspace to work on, if it is not the one that the current directory is in
    #[arg(long, global = true, hide = true)]
    root: Option<PathBuf>,

    /// What is generated from which contract [default: openapi/codegen.toml of the workspace]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,

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
    /// Generate the client that stdin asks for; the other commands call it
    #[command(hide = true, name = contract_review::generator::COMMAND)]
    Generator,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let open = || {
        let root = match &args.root {
            Some(root) => root.clone(),
            None => workspace_root().map_err(|wrong| refuse([&*wrong]))?,
        };
        let mut workspace =
            Workspace::open(&root, args.config.as_deref()).map_err(|wrong| refuse([&*wrong]))?;
        workspace.generator =
            std::env::current_exe().map_or(Generator::InProcess, Generator::process);
        Ok(workspace)
    };
    let with =
        |run: &dyn Fn(&Workspace) -> u8| open().map_or_else(|code| code, |it| run(&it)).into();
    match args.command {
        Command::Lint(args) => lint::run(open, &args).into(),
        Command::Diff(args) => with(&|workspace| diff::run(workspace, &args)),
        Command::Codegen(args) => with(&|workspace| codegen::run(workspace, &args)),
        Command::Review(args) => with(&|workspace| review::run(workspace, &args)),
        Command::Docs(args) => with(&|workspace| docs::run(workspace, &args)),
        Command::Generator => match generator::serve(std::io::stdin(), std::io::stdout()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        },
        Command::Demo(demo::Args {}) => {
            // The program that calls this one has started it.
            eprintln!("error: give `cargo xtask demo` no other options");
            ExitCode::FAILURE
        }
    }
}

/// The root of the workspace that the current directory is in: a program that was built elsewhere, or copied, works on
/// what it is called in.
fn workspace_root() -> Result<PathBuf, Box<Diagnostic>> {
    let wrong = |message: String| {
        let help = "change into the workspace, or into a folder in it";
        Box::new(Source::nowhere("Cargo.toml").diagnostic(UNREADABLE, "", message, help))
    };
    let current = std::env::current_dir();
    let current = current.map_err(|error| wrong(format!("no current directory: {error}")))?;
    let is_root = |folder: &&Path| {
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        manifest.lines().any(|line| line.starts_with("[workspace]"))
    };
    let found = current.ancestors().find(is_root).map(Path::to_owned);
    found.ok_or_else(|| {
        let here = current.display();
        wrong(format!("neither {here} nor a folder above it has one with a `[workspace]`"))
    })
}
