//! The `openapi-diff` command.

mod args;
mod git;
mod read;

use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;
use std::thread;

use args::{Args, Command, Comparison, Format, RulesFormat};
use clap::{CommandFactory, Parser};
use openapi_diff::accepted::{self, Accepted};
use openapi_diff::config::Config;
use openapi_diff::report::Report;
use openapi_diff::{Diagnostic, Source};
use openapi_document::UNREADABLE;

/// Documents are many small pieces: with the allocator of the platform, much of the time goes into it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The configuration of a folder.
const CONFIG: &str = "openapi-diff.toml";

/// Something breaks that nobody accepted.
const BREAKING: u8 = 3;
/// There is nothing to compare.
const BROKEN: u8 = 100;

fn main() -> ExitCode {
    let args = Args::parse();
    args.color.apply();
    let code = match args.command {
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "openapi-diff", &mut script);
            print(&String::from_utf8_lossy(&script));
            0
        }
        Some(Command::Rules { format }) => {
            rules(format);
            0
        }
        Some(Command::Schema) => {
            print(include_str!("../../../report.schema.json"));
            0
        }
        None => compare(&args.comparison).unwrap_or_else(|wrong| refuse(&wrong)),
    };
    code.into()
}

/// Prints on stdout, with colours where that is a terminal that shows them. Whoever stops reading early has
/// seen enough of it.
fn print(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}

/// Prints a line on stderr; whoever does not read it misses it, and nothing else happens.
fn say(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Prints why the command goes no further.
fn refuse(wrong: &[Diagnostic]) -> u8 {
    for wrong in wrong {
        say(&format!("{}\n", wrong.styled()));
    }
    BROKEN
}

fn rules(format: RulesFormat) {
    match format {
        RulesFormat::Text => {
            let mut text = String::new();
            for rule in openapi_diff::rules() {
                let _ = writeln!(text, "{}\n    {}", rule.id, rule.whole());
            }
            print(&text);
        }
        RulesFormat::Json => {
            let rules: Vec<_> = openapi_diff::rules()
                .map(|rule| {
                    let verdicts = rule.verdicts();
                    serde_json::json!({
                        "id": rule.id,
                        "explanation": rule.explanation,
                        "turned": rule.turned,
                        "verdicts": verdicts,
                    })
                })
                .collect();
            print(&format!("{:#}\n", serde_json::Value::from(rules)));
        }
    }
}

fn compare(args: &Comparison) -> Result<u8, Vec<Diagnostic>> {
    // clap has asked for both.
    let [base, revision] = [&args.base, &args.revision].map(|it| it.as_deref().unwrap_or("-"));
    if [base, revision] == ["-", "-"] {
        let message = "stdin can be read once only: name a file or a git revision for one of them";
        Args::command().error(clap::error::ErrorKind::ArgumentConflict, message).exit();
    }
    let both = thread::scope(|scope| {
        let reader = scope.spawn(|| read::read(revision));
        (read::read(base), reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let (base, revision) = match both {
        (Ok(base), Ok(revision)) => (base, revision),
        (base, revision) => {
            return Err([base.err(), revision.err()].into_iter().flatten().map(|it| *it).collect());
        }
    };
    let config = config(args).map_err(|wrong| vec![*wrong])?;
    let today = args.today.unwrap_or_else(|| time::OffsetDateTime::now_utc().date());
    let report =
        Report { level: args.level.least(), ..Report::new(&base, &revision, &config, today) };
    print(&match args.format {
        Format::Text => report.text(),
        Format::Markdown => report.markdown(),
        Format::Json => format!("{:#}\n", report.json()),
        Format::Github => report.annotations(git::paths()),
        Format::Sarif => format!("{:#}\n", report.sarif(git::paths())),
    });
    let open: Vec<_> = report.open().filter(|row| args.gate.fails(&row.change)).collect();
    if open.is_empty() {
        return Ok(0);
    }
    let Some(reason) = &args.record else { return Ok(BREAKING) };
    let records: Vec<_> = open.into_iter().map(|row| Accepted::of(&row.change, reason)).collect();
    let path = args.config.clone().unwrap_or_else(|| CONFIG.into());
    let parse = |text: &str| Config::parse(&config.name, text).map(|config| config.accepted);
    match accepted::append(&path, &records, parse) {
        Ok(count) => {
            say(&format!("recorded {count} in {}", config.name));
            Ok(0)
        }
        Err(error) => {
            say(&format!("error: {} cannot be written: {error}", config.name));
            Ok(BROKEN)
        }
    }
}

/// The configuration that is named, or that of the folder, or none.
fn config(args: &Comparison) -> Result<Config, Box<Diagnostic>> {
    let path = args.config.clone().unwrap_or_else(|| CONFIG.into());
    let name = path.display().to_string();
    let empty = args.config.is_none() || args.record.is_some();
    match std::fs::read_to_string(&path) {
        Ok(text) => Config::parse(&name, &text),
        Err(error) if empty && error.kind() == ErrorKind::NotFound => {
            Ok(Config { name, ..Config::default() })
        }
        Err(error) => {
            let message = format!("the configuration cannot be read: {error}");
            let help = "name a UTF-8 file with `--config`";
            Err(Box::new(Source::nowhere(&name).diagnostic(UNREADABLE, "", message, help)))
        }
    }
}
