//! `openapi-corpus`: whether generated models can be trusted.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Parser;
use contract_review::workspace::Workspace;
use openapi_corpus::run::{Plan, run};

/// Generates clients of many schemas, and checks their models with many instances
///
/// Exits with 1 if a model reads, writes or checks anything otherwise than the schema says.
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// How many random schemas to make
    #[arg(long, default_value_t = 200)]
    schemas: usize,
    /// How many instances to make, over all schemas
    #[arg(long, default_value_t = 10_000)]
    instances: usize,
    /// The seed of everything that is random
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A contract whose schemas are taken too; may be given several times
    #[arg(long, value_name = "FILE")]
    contract: Vec<PathBuf>,
    /// A contract to apply patches to; its schemas are taken too
    ///
    /// [default: that of the workspace]
    #[arg(long, value_name = "FILE")]
    base: Option<PathBuf>,
    /// A folder of patches of the base, each of which gives a contract
    #[arg(long, value_name = "DIR")]
    patches: Option<PathBuf>,
    /// The workspace with the client library
    #[arg(long, value_name = "DIR", default_value = ".")]
    workspace: PathBuf,
}

fn main() -> ExitCode {
    match report(&Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn report(cli: &Cli) -> io::Result<bool> {
    let target = cli.workspace.join("target/corpus");
    let mut contracts = Vec::new();
    let base = match &cli.base {
        Some(base) => base.clone(),
        None => Workspace::open(&cli.workspace, None).map_err(io::Error::other)?.contract_path(),
    };
    for path in std::iter::once(&base).chain(&cli.contract) {
        contracts.push((path.display().to_string(), std::fs::read_to_string(path)?));
    }
    if let Some(folder) = &cli.patches {
        let mut patches: Vec<_> = std::fs::read_dir(folder)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "patch"))
            .collect();
        patches.sort();
        for patch in patches {
            contracts.push((
                patch.display().to_string(),
                patched(&base, &patch, &target.join("patched"))?,
            ));
        }
    }
    let count = cli.schemas.max(1);
    let plan = Plan {
        source: cli.workspace.clone(),
        target,
        seed: cli.seed,
        schemas: cli.schemas,
        instances: cli.instances.div_ceil(count),
        contracts,
    };
    let report = run(&plan)?;
    print!("{report}");
    Ok(report.is_clean())
}

/// The base with a patch, which is one of `openapi/partner-center.yaml`.
fn patched(base: &Path, patch: &Path, folder: &Path) -> io::Result<String> {
    let file = folder.join("openapi/partner-center.yaml");
    std::fs::create_dir_all(folder.join("openapi"))?;
    std::fs::copy(base, &file)?;
    // Within a repository, `git apply` would look for the file at its root.
    let output = Command::new("git")
        .arg("apply")
        .arg(patch.canonicalize()?)
        .current_dir(folder)
        .env("GIT_CEILING_DIRECTORIES", folder.canonicalize()?.parent().unwrap_or(folder))
        .output()?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(io::Error::other(format!("{}: {why}", patch.display())));
    }
    std::fs::read_to_string(file)
}
