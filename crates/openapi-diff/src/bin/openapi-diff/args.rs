//! What is typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use openapi_diff::{Change, Verdict};

/// Compare two OpenAPI documents by meaning: what changed, for which operations, and whom it breaks
///
/// BASE and REVISION are files, `REV:PATH` for a file as a git revision has it (see `git show`), or `-` for
/// stdin. The report goes to stdout, everything else to stderr.
#[derive(Debug, Parser)]
#[command(
    name = "openapi-diff",
    // On Windows it would have `.exe` in what is shown.
    bin_name = "openapi-diff",
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Exit codes: 0 nothing that --fail-on asks for, 2 wrong arguments, 3 something breaks, 100 a document \
                  or the configuration cannot be used.",
    after_long_help = "\
Examples:
  openapi-diff old.yaml new.yaml
  openapi-diff main:api/openapi.yaml api/openapi.yaml --format markdown
  curl -s https://example.com/openapi.json | openapi-diff - openapi.json --fail-on breaking
  openapi-diff main:openapi.yaml openapi.yaml --record 'nobody used it, says the log'

Configuration (openapi-diff.toml):
  [rules]
  response-property-enum-value-added = 'compatible'  # or breaking, potentially-breaking, off
  [policy]
  response-enum-values = 'potentially-breaking'      # one more value of an enum that is sent
  removal-after-deprecation = 'compatible'           # but not before its x-sunset
  sunset-days = 180                                  # a deprecation needs an x-sunset that far away

Exit codes:
  0    nothing that --fail-on asks for, or all of it is on record as accepted
  2    wrong arguments
  3    something breaks
  100  a document or the configuration cannot be used"
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) comparison: Comparison,
    /// When to use colours; `NO_COLOR` and `CLICOLOR_FORCE` are heard, too
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", global = true)]
    pub(crate) color: Color,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List every rule: what it finds, and why that breaks or not
    Rules {
        /// How they are shown
        #[arg(long, value_enum, default_value_t)]
        format: RulesFormat,
    },
    /// Print the JSON Schema of the JSON report
    Schema,
    /// Print the completions for a shell
    #[command(after_help = "Example:
  openapi-diff completions bash > ~/.local/share/bash-completion/completions/openapi-diff")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Comparison {
    /// What is there already
    #[arg(required = true)]
    pub(crate) base: Option<String>,
    /// What is to be
    #[arg(required = true)]
    pub(crate) revision: Option<String>,
    /// How it is shown
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// From which verdict on a change is listed; the summary and the exit code are about all of them
    #[arg(long, value_enum, default_value_t, value_name = "VERDICT")]
    pub(crate) level: Level,
    #[command(flatten)]
    pub(crate) gate: Gate,
    /// What counts as breaking, and what is accepted [default: openapi-diff.toml, if it is there]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Put everything that would fail on record as accepted, with this reason
    #[arg(long, value_name = "REASON", value_parser = reason)]
    pub(crate) record: Option<String>,
    /// The date that sunsets are compared with [default: today, in UTC]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) today: Option<time::Date>,
}

/// A reason that says something.
fn reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("say why the break is accepted".to_owned()),
        reason => Ok(reason.to_owned()),
    }
}

fn day(text: &str) -> Result<time::Date, String> {
    openapi_diff::policy::date(text).ok_or_else(|| "write it like 2026-12-31".to_owned())
}

/// How a comparison is shown.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal
    #[default]
    Text,
    /// For a pull request
    Markdown,
    /// For programs: one object (see `openapi-diff schema`)
    Json,
    /// Annotations of GitHub's workflows
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

/// From which verdict on a change is listed.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum Level {
    /// All of them
    #[default]
    Compatible,
    /// What may break
    Potential,
    /// What breaks for certain
    Breaking,
}

impl Level {
    pub(crate) fn least(self) -> Verdict {
        match self {
            Self::Compatible => Verdict::Compatible,
            Self::Potential => Verdict::PotentiallyBreaking,
            Self::Breaking => Verdict::Breaking,
        }
    }
}

/// How rules are listed.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum RulesFormat {
    /// For a terminal
    #[default]
    Text,
    /// For programs
    Json,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum Color {
    /// Where a terminal shows them
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Color {
    pub(crate) fn apply(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// What a comparison fails on.
#[derive(Debug, clap::Args)]
pub(crate) struct Gate {
    /// From which verdict on to end with 3
    #[arg(long, value_enum, default_value_t, value_name = "VERDICT")]
    fail_on: FailOn,
    /// Which verdicts that looks at, separated by commas
    #[arg(long, value_enum, value_delimiter = ',', value_name = "ASPECT", default_value = "wire")]
    verdicts: Vec<Aspect>,
}

impl Gate {
    /// Whether a change is bad enough.
    pub(crate) fn fails(&self, change: &Change) -> bool {
        let least = match self.fail_on {
            FailOn::None => return false,
            FailOn::Potential => Verdict::PotentiallyBreaking,
            FailOn::Breaking => Verdict::Breaking,
        };
        self.verdicts.iter().any(|aspect| match aspect {
            Aspect::Wire => change.wire >= least,
            Aspect::RunTime => change.run_time >= least,
        })
    }
}

/// What a change is judged for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Aspect {
    /// What is sent: are the messages of the base right by the revision?
    Wire,
    /// What a client gets that was built against the base
    RunTime,
}

/// From which verdict on a comparison fails.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum FailOn {
    /// It never does
    None,
    /// What may break
    #[default]
    Potential,
    /// What breaks for certain
    Breaking,
}
