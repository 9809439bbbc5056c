//! `cargo xtask docs`

use std::path::{Component, Path, PathBuf};
use std::time::Instant;

use xtask::codegen;
use xtask::contract::{Contract, PATH};
use xtask::page::{Comparison, Examples, Mark, Methods, Page, external_examples};
use xtask::report::Report;
use xtask::revision;

use super::{BROKEN, FRESH};

/// Write the contract as one HTML page that needs no network
///
/// Exit codes: 0 written, 100 broken contract.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract: a file, or a git revision of this one; openapi/partner-center.yaml if left out
    file: Option<String>,

    /// Where to write the page; target/partner-center.html of the workspace if left out
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Mark what changed since this file or git revision
    #[arg(long, value_name = "REV")]
    base: Option<String>,
}

pub(crate) fn run(root: &Path, args: &Args) -> u8 {
    let start = Instant::now();
    let page = match page(root, args) {
        Ok(page) => page,
        Err(problems) => {
            for problem in problems {
                say!("{problem}\n");
            }
            say!("error: the page was not written");
            return BROKEN;
        }
    };
    let output = args.output.clone().unwrap_or_else(|| root.join("target/partner-center.html"));
    if let Err(error) = write(&output, &page) {
        say!("error: {} cannot be written: {error}", output.display());
        return BROKEN;
    }
    say!("{:>12} {} ({} kB)", "Wrote", output.display(), page.len().div_ceil(1000));
    say!("{:>12} in {:.1} ms", "Finished", start.elapsed().as_secs_f64() * 1e3);
    FRESH
}

fn page(root: &Path, args: &Args) -> Result<String, Vec<String>> {
    let default = root.join(PATH).display().to_string();
    let name = args.file.as_ref().unwrap_or(&default);
    let read = |name| revision::read(root, name).map_err(|error| vec![format!("error: {error}")]);
    let document = read(name)?;
    let marks = match &args.base {
        Some(base) => {
            Report::new(&read(base)?, &document, &[]).rows.iter().map(Mark::from).collect()
        }
        None => Vec::new(),
    };
    let sentences = |findings: Vec<_>| findings.iter().map(ToString::to_string).collect::<Vec<_>>();
    let contract = Contract::of(document).map_err(sentences)?;
    let client = codegen::client(&contract).map_err(sentences)?;
    let comparison = args.base.as_ref().map(|base| Comparison { base, marks: &marks });
    let page = Page {
        contract: &contract,
        methods: &Methods::of(&client),
        examples: &examples(&contract, Path::new(name)),
        comparison,
    };
    Ok(page.html())
}

/// The examples that are in files beside the contract, and nowhere else.
fn examples(contract: &Contract, file: &Path) -> Examples {
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut examples = Examples::new();
    for name in external_examples(contract) {
        let beside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        let text = beside.then(|| std::fs::read_to_string(folder.join(name)));
        match text {
            Some(Ok(text)) => {
                examples.insert(name.to_owned(), text);
            }
            Some(Err(error)) => say!("warning: {name} is not in the page: {error}"),
            None => say!("warning: {name} is not in the page: it is not beside the contract"),
        }
    }
    examples
}

fn write(path: &Path, page: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, page)
}
