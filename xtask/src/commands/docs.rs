//! `cargo xtask docs`

use std::path::{Component, Path, PathBuf};
use std::time::Instant;

use contract_review::report::{Aspect, Report, Row};
use contract_review::words::plural;
use contract_review::workspace::Workspace;
use openapi_diff::{Direction, OperationRef, Verdict};
use openapi_docs::{Comparison, Examples, Level, Mark, Methods, Page, external_examples};
use openapi_document::{Contract, Diagnostic, Source, UNREADABLE};
use xtask::revision;

use super::lint::is_same;
use super::{BROKEN, FRESH, refuse};

/// Write the contract as one HTML page that needs no network
///
/// Any file can be shown, of OpenAPI 3.1 as well. What cannot be generated is left out: the calls in Rust.
///
/// Exit codes: 0 written, 100 broken contract.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract: a file, or a git revision of this one [default: that of the workspace]
    file: Option<String>,

    /// Where to write the page [default: in target of the workspace, called like the contract]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Mark what changed since this file or git revision
    #[arg(long, value_name = "REV")]
    base: Option<String>,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> u8 {
    let start = Instant::now();
    let page = match page(workspace, args) {
        Ok(page) => page,
        Err(wrong) => {
            refuse(&wrong);
            say!("error: the page was not written");
            return BROKEN;
        }
    };
    let default = || {
        let named = args.file.as_ref().filter(|name| std::fs::metadata(name).is_ok());
        let name = Path::new(named.unwrap_or(&workspace.client.contract));
        let name = name.file_name().unwrap_or_default();
        workspace.root.join("target").join(name).with_extension("html")
    };
    let output = args.output.clone().unwrap_or_else(default);
    if let Err(error) = write(&output, &page) {
        say!("error: {} cannot be written: {error}", output.display());
        return BROKEN;
    }
    say!("{:>12} {} ({} kB)", "Wrote", output.display(), page.len().div_ceil(1000));
    say!("{:>12} in {:.1} ms", "Finished", start.elapsed().as_secs_f64() * 1e3);
    FRESH
}

fn page(workspace: &Workspace, args: &Args) -> Result<String, Vec<Diagnostic>> {
    let default = workspace.contract_path().display().to_string();
    let name = args.file.as_ref().unwrap_or(&default);
    let read = |name| revision::read(workspace, name).map_err(|wrong| vec![*wrong]);
    let document = read(name)?;
    let marks = match &args.base {
        Some(base) => {
            let report = Report::new(workspace, &read(base)?, &document, &[]);
            report.rows.iter().map(mark).collect()
        }
        None => Vec::new(),
    };
    let wrong = openapi_lint::grammar::check(&document);
    // Nothing can be told of a key that is there twice, or of a schema that is part of itself.
    let lost = |it: &Diagnostic| ["yaml", "circular-reference"].contains(&it.rule);
    let lost: Vec<_> = wrong.iter().filter(|it| lost(it)).cloned().collect();
    if !lost.is_empty() {
        return Err(lost);
    }
    let errors = wrong.iter().filter(|it| it.is_error() && it.rule != "openapi-version").count();
    if errors > 0 {
        let errors = plural(errors, "error");
        say!(
            "warning: the contract has {errors} (`cargo xtask lint {name}`); the page shows it as it is"
        );
    }
    let contract = Contract::new(document);
    // A file that is not the contract of the workspace has no client in it.
    let own =
        std::fs::metadata(name).is_err() || is_same(Path::new(name), &workspace.contract_path());
    let (methods, calls) = if own {
        (methods(workspace, &contract), calls(workspace)?)
    } else {
        (None, String::new())
    };
    let comparison = args.base.as_ref().map(|base| Comparison { base, marks: &marks });
    let page = Page {
        contract: &contract,
        methods: methods.as_ref(),
        examples: &examples(&contract, Path::new(name)),
        package: &workspace.client.package,
        context_headers: &workspace.client.context_headers,
        calls: &calls,
        comparison,
    };
    Ok(page.html())
}

/// The methods of the client that is generated from the contract, if one can be.
fn methods(workspace: &Workspace, contract: &Contract) -> Option<Methods> {
    let client = openapi_lint::grammar::contract(&workspace.without_skipped(contract))
        .and_then(|contract| openapi_codegen::client(&contract, &workspace.client));
    match client {
        Ok(client) => Some(Methods::of(&client)),
        Err(wrong) => {
            if let Some(wrong) = wrong.first() {
                say!("warning: the page has no Rust calls: {}", wrong.line());
            }
            None
        }
    }
}

/// How the library makes each call.
fn calls(workspace: &Workspace) -> Result<String, Vec<Diagnostic>> {
    let Some(file) = &workspace.docs_calls else { return Ok(String::new()) };
    std::fs::read_to_string(workspace.root.join(file)).map_err(|error| {
        let source = Source::nowhere(&file.display().to_string());
        let message = format!("cannot be read: {error}");
        let help = "`calls` of `[docs]` in the configuration names the file";
        vec![source.diagnostic(UNREADABLE, "", message, help)]
    })
}

/// A change as it is shown in the page.
fn mark(row: &Row) -> Mark {
    let change = row.change.as_ref();
    let location = change.and_then(|change| change.revision.as_ref().or(change.base.as_ref()));
    let verdicts = Aspect::ALL.map(|aspect| {
        let place = match aspect {
            Aspect::Wire => "on the wire",
            Aspect::RustApi => "in Rust",
            Aspect::RunTime => "at run time",
        };
        format!("{} {place}", row.verdict(aspect))
    });
    let direction = match change.map_or(Direction::Neither, |change| change.direction) {
        Direction::Request => "in requests: ",
        Direction::Response => "in responses: ",
        Direction::Neither => "",
    };
    let name =
        |operation: &OperationRef| operation.id.clone().unwrap_or_else(|| operation.to_string());
    Mark {
        pointer: location.map(|location| location.within.clone()).unwrap_or_default(),
        level: match row.worst() {
            Verdict::Compatible => Level::Compatible,
            Verdict::PotentiallyBreaking => Level::PotentiallyBreaking,
            Verdict::Breaking => Level::Breaking,
        },
        verdicts: format!("{direction}{}", verdicts.join(", ")),
        rule: row.rule().to_owned(),
        message: row.message().to_owned(),
        note: change.and_then(|change| change.run_time_note.as_deref()).map(str::to_owned),
        operations: row.operations().iter().map(name).collect(),
    }
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
