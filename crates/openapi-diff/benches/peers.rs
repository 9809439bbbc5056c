//! Real contracts, compared by this crate and by its peers, side by side in one run: time, memory, and where
//! the verdicts differ.
//!
//! ```sh
//! cargo bench -p openapi-diff --bench peers                          # the pairs below
//! cargo bench -p openapi-diff --bench peers -- figma github          # some of them
//! cargo bench -p openapi-diff --bench peers -- --pair OLD NEW [--all]   # a pair of files
//! ```
//!
//! Needs `npm`, which brings the pairs and redocly. oasdiff takes part where it is on the path.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use openapi_diff::{Change, Document, Verdict, diff};
use openapi_document::Folder;
use serde_json::Value;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Name, package, file in it, versions.
const PAIRS: [(&str, &str, &str, [&str; 2]); 6] = [
    ("github", "@octokit/openapi", "generated/api.github.com.json", ["22.0.0", "23.0.2"]),
    ("github-ec", "@octokit/openapi", "generated/ghec.json", ["22.0.0", "23.0.2"]),
    (
        "github-webhooks",
        "@octokit/openapi-webhooks",
        "generated/api.github.com.json",
        ["11.0.0", "12.1.0"],
    ),
    ("figma", "@figma/rest-api-spec", "openapi/openapi.yaml", ["0.40.0", "0.43.0"]),
    ("directus", "@directus/specs", "dist/openapi.json", ["14.0.0", "15.2.0"]),
    ("galaxy", "@scalar/galaxy", "dist/3.1.yaml", ["0.6.4", "0.6.12"]),
];

const REDOCLY: &str = "@redocly/cli@2.77.0";

/// How many places that a peer judges otherwise are shown.
const SHOWN: usize = 20;

/// The first argument of the program that runs a command and says what that took.
const MEASURE: &str = "--measure";

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [MEASURE, program, rest @ ..] => measure(program, rest),
        ["--pair", base, revision, rest @ ..] => {
            let peers = Peers::find()?;
            heading();
            peers.compare(revision, &[base.into(), revision.into()], rest.contains(&"--all"))
        }
        names => {
            let peers = Peers::find()?;
            heading();
            for (name, package, file, versions) in PAIRS {
                if names.is_empty() || names.contains(&name) {
                    let [base, revision] = versions.map(|version| unpacked(package, version));
                    peers.compare(name, &[base?.join(file), revision?.join(file)], false)?;
                }
            }
            Ok(())
        }
    }
}

fn heading() {
    println!("{:<16} {:<13} {:>9} {:>9} {:>6}", "pair", "tool", "seconds", "MB", "exit");
}

/// Runs a program to its end and prints the seconds, the most memory that it had, and its exit code. It runs in
/// a process of its own, because the memory is that of the greatest child of a process so far.
fn measure(program: &str, arguments: &[&str]) -> Outcome<()> {
    let start = Instant::now();
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).status()?;
    let seconds = start.elapsed().as_secs_f64();
    eprintln!("{seconds} {} {}", most_memory()?, status.code().unwrap_or(-1));
    Ok(())
}

/// In MB.
#[cfg(unix)]
fn most_memory() -> Outcome<i64> {
    use nix::sys::resource::{UsageWho, getrusage};
    // macOS counts bytes, others kilobytes.
    let unit = if cfg!(target_vendor = "apple") { 1 << 20 } else { 1 << 10 };
    Ok(getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss() / unit)
}

#[cfg(not(unix))]
fn most_memory() -> Outcome<&'static str> {
    Ok("unknown")
}

/// Where the files of other people are kept.
fn store() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target =
        target.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"));
    target.join("peers")
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> Outcome<Vec<u8>> {
    std::fs::create_dir_all(folder)?;
    let output = Command::new(program).args(arguments).current_dir(folder).output()?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(format!("{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
}

/// The folder of an npm package, fetched once.
fn unpacked(package: &str, version: &str) -> Outcome<PathBuf> {
    let folder = store().join(format!("{}-{version}", package.replace('/', "-")));
    if !folder.join("package").exists() {
        let archive = run("npm", &["pack", "--silent", &format!("{package}@{version}")], &folder)?;
        let archive = String::from_utf8(archive)?;
        run("tar", &["xzf", archive.trim()], &folder)?;
    }
    Ok(folder.join("package"))
}

/// The tools that there are.
struct Peers {
    redocly: PathBuf,
    oasdiff: bool,
}

impl Peers {
    fn find() -> Outcome<Self> {
        let folder = store().join("redocly");
        let redocly = folder.join("node_modules/.bin/redocly");
        if !redocly.exists() {
            run("npm", &["install", "--silent", "--prefix", ".", REDOCLY], &folder)?;
        }
        let oasdiff = Command::new("oasdiff").arg("--version").stdout(Stdio::null()).status();
        Ok(Self { redocly, oasdiff: oasdiff.is_ok() })
    }

    fn compare(&self, name: &str, files: &[PathBuf; 2], all: bool) -> Outcome<()> {
        let [base, revision] = files;
        let texts = [base, revision].map(|path| path.to_string_lossy().into_owned());
        let [old, new] = texts.each_ref().map(String::as_str);
        let redocly = self.redocly.to_string_lossy();
        let mut rows = vec![
            ("openapi-diff", vec![env!("CARGO_BIN_EXE_openapi-diff"), old, new]),
            ("redocly", vec![&*redocly, "diff", old, new, "--format", "json"]),
        ];
        if self.oasdiff {
            rows.push(("oasdiff", vec!["oasdiff", "breaking", "--fail-on", "ERR", old, new]));
        }
        for (tool, command) in rows {
            let exe = std::env::current_exe()?;
            let output = Command::new(exe).arg(MEASURE).args(&command).output()?;
            let said = String::from_utf8(output.stderr)?;
            // What the program itself wrote stands before.
            let mut words = said.lines().last().unwrap_or_default().split(' ');
            let mut word = || words.next().unwrap_or_default();
            let seconds = word().parse::<f64>()?;
            println!("{name:<16} {tool:<13} {seconds:>9.2} {:>9} {:>6}", word(), word());
        }
        let documents = [read(base)?, read(revision)?];
        let ours = diff(&documents[0], &documents[1]);
        let count = |verdict| ours.iter().filter(|change| change.wire == verdict).count();
        println!(
            "{:<16} {} breaking, {} potentially breaking, {} compatible",
            "",
            count(Verdict::Breaking),
            count(Verdict::PotentiallyBreaking),
            count(Verdict::Compatible)
        );
        differences(&documents, &ours, &self.redocly_breaks(old, new)?, all);
        Ok(())
    }

    /// The places that redocly calls a major change, with the rule.
    fn redocly_breaks(&self, old: &str, new: &str) -> Outcome<BTreeMap<String, String>> {
        let mut command = Command::new(&self.redocly);
        let output = command.args(["diff", old, new, "--format", "json"]).output()?;
        let report: Value = serde_json::from_slice(&output.stdout)?;
        let changes = report["changes"].as_array().into_iter().flatten();
        let major = changes.filter(|change| change["impact"] == "major");
        let named = major.filter_map(|change| {
            let place = change["path"].as_str()?.trim_start_matches('#');
            let rule = change["verdicts"][0]["ruleId"].as_str().unwrap_or_default();
            Some((place.to_owned(), rule.to_owned()))
        });
        Ok(named.collect())
    }
}

fn read(path: &Path) -> Outcome<Document> {
    Ok(Document::load(&Folder::default(), &path.to_string_lossy())?)
}

/// The place that a keyword speaks of: a schema, a parameter, a response.
fn owner(pointer: &str) -> &str {
    const KEYWORDS: [&str; 12] = [
        "type",
        "enum",
        "required",
        "oneOf",
        "anyOf",
        "allOf",
        "format",
        "items",
        "schema",
        "content",
        "properties",
        "parameters",
    ];
    let mut place = pointer;
    while let Some((rest, last)) = place.rsplit_once('/') {
        let before = rest.rsplit('/').next().unwrap_or_default();
        let numbered = last.bytes().all(|byte| byte.is_ascii_digit()) && KEYWORDS.contains(&before);
        let bound = last.starts_with("min") || last.starts_with("max") || last == "pattern";
        if !(KEYWORDS.contains(&last) && before != "properties" || numbered || bound) {
            break;
        }
        place = rest;
    }
    place
}

/// Where a pointer leads that goes through references: redocly says how it came to a place.
fn canonical(document: &Document, pointer: &str) -> Option<String> {
    let end = pointer.split('/').skip(1).try_fold(document.root(), |at, token| {
        let at = document.follow(at);
        document.at(&format!("{}/{token}", at.pointer))
    });
    end.map(|at| at.pointer)
}

/// Prints how many places both call a break, and those that one of them does.
fn differences(
    documents: &[Document; 2],
    ours: &[Change],
    theirs: &BTreeMap<String, String>,
    all: bool,
) {
    // The schema itself, and what it refers to.
    let meant = |place: &str| -> Vec<String> {
        let found = documents.iter().filter_map(|document| {
            let here = canonical(document, place)?;
            let there = document.follow(document.at(&here)?).pointer;
            Some([here, there])
        });
        found.flatten().map(|place| owner(&place).to_owned()).collect()
    };
    let places = |change: &Change| -> Vec<String> {
        let at = [&change.base, &change.revision].into_iter().flatten();
        at.map(|location| owner(&location.pointer).to_owned()).collect()
    };
    let mut known: BTreeMap<String, &Change> = BTreeMap::new();
    for change in ours {
        for place in places(change) {
            let worst = known.entry(place).or_insert(change);
            if change.wire > worst.wire {
                *worst = change;
            }
        }
    }
    let (mut both, mut lines, mut judged) = (0, Vec::new(), BTreeSet::new());
    for (place, rule) in theirs {
        let meant = meant(place);
        let changes = meant.iter().filter_map(|place| known.get(place));
        judged.extend(meant.iter().cloned());
        match changes.max_by_key(|change| change.wire) {
            Some(change) if change.wire == Verdict::Breaking => both += 1,
            Some(change) => lines.push(format!("redocly {rule}, here {}: {place}", change.wire)),
            None => lines.push(format!("redocly {rule}, here nothing: {place}")),
        }
    }
    for change in ours.iter().filter(|change| change.wire == Verdict::Breaking) {
        if !places(change).iter().any(|place| judged.contains(place)) {
            let at = change.revision.as_ref().or(change.base.as_ref());
            let at = at.map_or("", |location| location.pointer.as_str());
            lines.push(format!("here alone, {}: {} at {at}", change.rule, change.message));
        }
    }
    println!("{:<16} {both} places break for both, {} for one alone", "", lines.len());
    for line in lines.iter().take(if all { usize::MAX } else { SHOWN }) {
        println!("    {line}");
    }
}
