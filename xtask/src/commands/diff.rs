//! `cargo xtask diff`

use clap::ValueEnum;
use contract_review::report::accepted;
use contract_review::report::{Aspect, Code, Report, Row};
use contract_review::workspace::Workspace;
use openapi_diff::Verdict;
use openapi_document::Document;
use xtask::revision;

use super::{BREAKING, BROKEN, FRESH, print, refuse};

/// Show what changes from one contract to another: on the wire, in the Rust API, at run time
///
/// BASE and REVISION are files, or git revisions that have the contract. A break that is on record as accepted
/// does not fail.
///
/// Exit codes: 0 nothing that --fail-on asks for, 3 breaking, 100 broken input, or no generated code to judge
/// though --verdicts asks for rust-api.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What is there already: a file, a branch, a tag, a commit
    base: String,
    /// What is to be, named in the same way [default: the contract in the workspace]
    revision: Option<String>,
    /// How it is shown
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    gate: Gate,
    /// Put everything that would fail on record as accepted, with this reason
    #[arg(long, value_name = "REASON", value_parser = reason)]
    record: Option<String>,
}

/// A reason that says something.
fn reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("say why the break is accepted".to_owned()),
        reason => Ok(reason.to_owned()),
    }
}

/// How a comparison is shown.
#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum Format {
    /// For a terminal
    #[default]
    Text,
    /// For a pull request
    Markdown,
    /// For programs: one object
    Json,
    /// Annotations of GitHub's workflows
    Github,
}

/// What a comparison fails on.
#[derive(clap::Args)]
pub(crate) struct Gate {
    /// From which verdict on to end with 3
    #[arg(long, value_enum, default_value_t)]
    fail_on: FailOn,
    /// Which verdicts that looks at, separated by commas [default: wire for `diff`, all for `review`]. `diff`
    /// shows the others too, but generates no code if they are named and rust-api is not among them
    #[arg(long, value_enum, value_delimiter = ',', value_name = "ASPECT")]
    verdicts: Vec<Aspect>,
}

impl Gate {
    /// Whether anyone wants to know what changes in Rust: whoever names other verdicts alone does not.
    fn wants_code(&self) -> bool {
        self.verdicts.is_empty() || self.verdicts.contains(&Aspect::RustApi)
    }

    /// What it was asked to look at and cannot be judged, and why.
    fn unknown(&self, report: &Report) -> Option<String> {
        let asked = self.verdicts.contains(&Aspect::RustApi) && self.fail_on != FailOn::None;
        match &report.code {
            Code::NotCompared { why } if asked => {
                Some(format!("the Rust API, which --verdicts asks for: {why}"))
            }
            Code::Compared { left_out, .. } if asked => {
                let new = left_out.iter().find(|it| it.new)?;
                let (operation, why) = (&new.operation, new.why.line());
                Some(format!("{operation} in the Rust API, which --verdicts asks for: {why}"))
            }
            _ => None,
        }
    }

    /// The changes that it fails on: bad enough, and not accepted.
    pub(crate) fn open<'a>(&self, report: &'a Report, default: &[Aspect]) -> Vec<&'a Row> {
        let aspects = if self.verdicts.is_empty() { default } else { &self.verdicts };
        let fails =
            |row: &&Row| aspects.iter().any(|aspect| self.fail_on.is_met(row.verdict(*aspect)));
        report.rows.iter().filter(|row| row.accepted.is_none()).filter(fails).collect()
    }
}

/// From which verdict on a comparison fails.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// It never does
    None,
    /// What may break
    #[default]
    Potential,
    /// What breaks for certain
    Breaking,
}

impl FailOn {
    fn is_met(self, verdict: Verdict) -> bool {
        match self {
            Self::None => false,
            Self::Potential => verdict >= Verdict::PotentiallyBreaking,
            Self::Breaking => verdict >= Verdict::Breaking,
        }
    }
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> u8 {
    let base = revision::read(workspace, &args.base);
    let new = match &args.revision {
        Some(name) => revision::read(workspace, name),
        None => revision::working_tree(workspace).map(|side| side.document),
    };
    match (base, new) {
        (Ok(base), Ok(new)) => compare(workspace, args, &base, &new),
        (base, new) => {
            let wrong: Vec<_> = [base.err(), new.err()].into_iter().flatten().collect();
            refuse(wrong.iter().map(|wrong| &**wrong))
        }
    }
}

fn compare(workspace: &Workspace, args: &Args, base: &Document, revision: &Document) -> u8 {
    let records = match accepted::read(workspace) {
        Ok(records) => records,
        Err(wrong) => return refuse([&*wrong]),
    };
    let of = if args.gate.wants_code() { Report::new } else { Report::of_contracts };
    let mut report = of(workspace, base, revision, &records);
    if args.revision.is_some() {
        // The records are of what is in the workspace.
        report.stale.clear();
    }
    print(&match args.format {
        Format::Text => report.text(),
        Format::Markdown => report.markdown(),
        Format::Json => format!("{:#}\n", report.json()),
        Format::Github => report.annotations(),
    });
    if let Some(what) = args.gate.unknown(&report) {
        say!("error: nothing is known of {what}");
        return BROKEN;
    }
    let open = args.gate.open(&report, &[Aspect::Wire]);
    if open.is_empty() {
        return FRESH;
    }
    let Some(reason) = &args.record else { return BREAKING };
    let records: Vec<_> = open.into_iter().map(|row| row.record(reason)).collect();
    match accepted::append(workspace, &records) {
        Ok(count) => {
            say!("{:>12} {count} in {}", "Recorded", workspace.accepted);
            FRESH
        }
        Err(error) => {
            say!("error: {} cannot be written: {error}", workspace.accepted);
            BROKEN
        }
    }
}
