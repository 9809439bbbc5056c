//! `cargo xtask lint`

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use contract_review::annotation::{data, property};
use contract_review::notes::gathered;
use contract_review::rules::rules;
use contract_review::words::plural;
use contract_review::workspace::Workspace;
use openapi_document::{Diagnostic, Profile, Rule, Severity};
use serde_json::json;

use super::{BROKEN, FRESH, print};

/// Check a contract: its grammar, whether a client can be generated, whether updates can get lost
///
/// All findings come at once, with their place and a way to fix them. A warning is about what is allowed and most likely
/// not what was meant; a note says what the generated client does not hold; as text, findings that say the same are one,
/// with their places. `--explain` prints the rationale of a rule.
///
/// A contract that is a file by its name is checked by what OpenAPI says (`--profile openapi`), that of the workspace
/// by all rules (`house`), or as its configuration has it; `generator` is for a client from someone else's contract.
///
/// Exit codes: 0 no errors, 100 errors, or the file cannot be read.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The contract to check [default: that of the workspace]
    file: Option<PathBuf>,

    /// How to print what is found
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Whose rules: those of OpenAPI, of the generator too, or of the house too
    /// [default: that of the configuration; of another file, openapi]
    #[arg(
        long,
        value_parser = PossibleValuesParser::new(Profile::ALL.map(Profile::word)).map(|word| profile(&word)),
    )]
    profile: Option<Profile>,

    /// Say why a rule is there, how to fix what it finds and how to waive it; without RULE, list them
    #[arg(
        long,
        value_name = "RULE",
        num_args = 0..=1,
        conflicts_with_all = ["file", "format", "profile"],
        hide_possible_values = true,
        value_parser = PossibleValuesParser::new(rules().map(|rule| rule.id)),
    )]
    #[expect(clippy::option_option, reason = "clap's type of an option with an optional value")]
    explain: Option<Option<String>>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people, what is alike as one
    Text,
    /// One object with all findings, waived ones too
    Json,
    /// Workflow commands, which GitHub shows in a pull request
    Github,
}

/// `workspace` gives the workspace: to explain a rule takes none.
pub(crate) fn run(workspace: impl FnOnce() -> Result<Workspace, u8>, args: &Args) -> u8 {
    match &args.explain {
        None => return workspace().map_or_else(|code| code, |workspace| check(&workspace, args)),
        Some(Some(id)) => {
            for rule in rules().filter(|rule| rule.id == id) {
                print(&format!("{id}\n\n{}\n", rule.explanation()));
            }
        }
        Some(None) => {
            for Rule { id, severity, profile, summary, .. } in rules() {
                let (severity, profile) = (severity.word(), profile.word());
                print(&format!("{id:<26}{severity:<6} {summary} [{profile}]\n"));
            }
        }
    }
    FRESH
}

fn check(workspace: &Workspace, args: &Args) -> u8 {
    let start = Instant::now();
    let own = args.file.as_deref().is_none_or(|file| is_same(file, &workspace.contract_path()));
    let profile = args.profile.unwrap_or(if own { workspace.profile } else { Profile::Openapi });
    // The exceptions of a contract are not those of another.
    let another = !own && profile < Profile::House;
    let workspace =
        if another { Cow::Owned(workspace.for_another()) } else { Cow::Borrowed(workspace) };
    let (document, path) = match &args.file {
        Some(file) => {
            let path = file.display().to_string();
            (openapi_lint::grammar::read(Path::new(""), &path), path)
        }
        None => (workspace.document(), workspace.client.contract.clone()),
    };
    let (findings, sound) = match document {
        Ok(document) => contract_review::problems(&workspace, profile, document),
        Err(findings) => (findings, false),
    };
    match args.format {
        Format::Text => {
            for group in gathered(shown(&findings)) {
                print(&format!("{}\n{}\n", group.first.styled(), group.lines()));
            }
        }
        Format::Json => print(&object(&path, profile, &findings)),
        Format::Github => shown(&findings).for_each(|finding| print(&annotation(finding))),
    }
    let errors = findings.iter().filter(|finding| finding.is_error()).count();
    let waived = findings.iter().filter(|finding| finding.waived.is_some()).count();
    let warnings = findings.iter().filter(|finding| finding.is_warning()).count();
    let notes = findings.len() - errors - warnings - waived;
    let (errors_are, notes_are) = (plural(errors, "error"), plural(notes, "note"));
    let warnings_are = match warnings {
        0 => String::new(),
        _ => format!(" {},", plural(warnings, "warning")),
    };
    say!("{:>12} {path}: {errors_are},{warnings_are} {notes_are}, {waived} waived", "Checked");
    say!("{:>12} in {:.1} ms", "Finished", start.elapsed().as_secs_f64() * 1e3);
    if errors == 0 {
        return FRESH;
    }
    if !sound && !findings.iter().any(|it| ["unreadable", "openapi-version"].contains(&it.rule)) {
        say!("help: what depends on it is checked once this can be read as OpenAPI 3.0");
    }
    say!(
        "help: `cargo xtask lint --explain RULE` says why a rule is there, and how to fix or waive"
    );
    BROKEN
}

/// The profile of that name.
fn profile(word: &str) -> Profile {
    Profile::ALL.into_iter().find(|it| it.word() == word).unwrap_or_default()
}

/// Whether a file is the same as another, however it is named.
pub(crate) fn is_same(file: &Path, other: &Path) -> bool {
    match (file.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// What is not waived.
fn shown(findings: &[Diagnostic]) -> impl Iterator<Item = &Diagnostic> {
    findings.iter().filter(|finding| finding.waived.is_none())
}

fn object(path: &str, profile: Profile, findings: &[Diagnostic]) -> String {
    let findings: Vec<_> = findings
        .iter()
        .map(|finding| {
            let (line, column) = finding.place.unzip();
            json!({
                "rule": finding.rule,
                "profile": finding.profile.word(),
                "severity": finding.severity.word(),
                "file": finding.path,
                "line": line,
                "column": column,
                "pointer": finding.pointer,
                "message": finding.message,
                "help": finding.help,
                "waived": finding.waived,
            })
        })
        .collect();
    format!("{:#}\n", json!({"file": path, "profile": profile.word(), "findings": findings}))
}

fn annotation(finding: &Diagnostic) -> String {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let place = finding.place.map(|(line, column)| format!(",line={line},col={column}"));
    format!(
        "::{level} file={}{},title={}::{}\n",
        property(&finding.path),
        place.unwrap_or_default(),
        property(finding.rule),
        data(&format!("{}\nat {}\nhelp: {}", finding.message, finding.pointer, finding.help)),
    )
}
