//! The `openapi-diff` command as a person or a script calls it: what it shows, and what it ends with.

#[path = "command/config.rs"]
mod config;
#[path = "command/formats.rs"]
mod formats;
#[path = "command/readme.rs"]
mod readme;
#[path = "command/sources.rs"]
mod sources;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const BASE: &str = include_str!("command/base.yaml");
const REVISION: &str = include_str!("command/revision.yaml");

/// A folder with two documents, `base.yaml` and `revision.yaml`.
struct Folder(tempfile::TempDir);

/// What a run ended with and printed.
#[derive(Debug, PartialEq, Eq)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Folder {
    fn new(base: &str, revision: &str) -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        folder.write("base.yaml", base);
        folder.write("revision.yaml", revision);
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).expect("a file")
    }

    /// Runs the command with these arguments, and this on stdin.
    fn pipe(&self, arguments: &[&str], text: &str) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_openapi-diff"));
        command.current_dir(self.path()).args(arguments).env_remove("CLICOLOR_FORCE");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("a process");
        // Whoever does not read it misses it.
        let _ = child.stdin.take().expect("a pipe").write_all(text.as_bytes());
        Ran::of(&child.wait_with_output().expect("an end"))
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.pipe(arguments, "")
    }

    /// Compares the two documents.
    fn diff(&self, arguments: &[&str]) -> Ran {
        self.run(&[&["base.yaml", "revision.yaml", "--today", "2026-06-01"], arguments].concat())
    }

    fn git(&self, arguments: &[&str]) {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        let output = Command::new("git")
            .arg("-C")
            .arg(self.path())
            .args(identity)
            .args(["-c", "commit.gpgsign=false"])
            .args(arguments)
            .output()
            .expect("git");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Ran {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

fn both() -> Folder {
    Folder::new(BASE, REVISION)
}

#[test]
fn the_exit_code_is_what_fail_on_asks_for() {
    let new = BASE.replace("        name: {type: string}\n", "");
    let maybe = Folder::new(BASE, &new);
    for (folder, arguments, code) in [
        (&both(), &[][..], 3),
        (&both(), &["--fail-on", "breaking"], 3),
        (&both(), &["--fail-on", "none"], 0),
        (&maybe, &[], 3),
        (&maybe, &["--fail-on", "breaking"], 0),
        (&Folder::new(BASE, BASE), &["--verdicts", "wire,run-time"], 0),
        (&both(), &["--fail-on", "sometimes"], 2),
        (&both(), &["--record", " "], 2),
        (&both(), &["--today", "tomorrow"], 2),
    ] {
        let ran = folder.diff(arguments);
        assert_eq!(ran.code, Some(code), "{arguments:?}: {}{}", ran.out, ran.err);
    }
}

#[test]
fn a_change_at_run_time_alone_fails_where_it_is_asked_for() {
    let default = BASE.replace("size: {type: integer", "size: {default: 1, type: integer");
    let folder = Folder::new(BASE, &default);
    assert_eq!(folder.diff(&[]).code, Some(0));
    assert_eq!(folder.diff(&["--verdicts", "run-time"]).code, Some(3));
}

#[test]
fn help_says_what_can_be_asked() {
    let help = both().run(&["--help"]);
    assert_eq!((help.code, &*help.err), (Some(0), ""));
    insta::assert_snapshot!("help", help.out);
    let nothing = both().run(&["base.yaml"]);
    assert_eq!(nothing.code, Some(2));
    assert!(nothing.err.contains("<REVISION>"), "{}", nothing.err);
}

#[test]
fn completions_know_the_options() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = both().run(&["completions", shell]);
        assert_eq!((ran.code, &*ran.err), (Some(0), ""), "{shell}");
        for option in ["fail-on", "level"] {
            assert!(ran.out.contains(option), "{shell}: {}", ran.out);
        }
    }
}

#[test]
fn rules_are_listed_with_their_verdicts() {
    let text = both().run(&["rules"]);
    let start = "endpoint-added\n    An operation is new. Nobody calls it yet: compatible.\n";
    assert!(text.out.starts_with(start), "{}", text.out);
    let json = both().run(&["rules", "--format", "json"]);
    let rules: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    let rules = rules.as_array().expect("a list");
    assert_eq!(rules.len(), openapi_diff::rules().count());
    let of = |id: &str| rules.iter().find(|rule| rule["id"] == id).expect(id)["verdicts"].clone();
    assert_eq!(of("request-body-max-length-set"), serde_json::json!(["breaking"]));
    let default = serde_json::json!(["breaking", "potentially-breaking", "compatible"]);
    assert_eq!(of("request-parameter-default-value-changed"), default);
    assert_eq!(of("if-match-became-optional"), serde_json::json!(["compatible"]));
    let required = "A parameter is required now. What clients send may be refused: breaking.";
    let promised = "A parameter is always there now. Clients get what they got: compatible.";
    let whole = format!("    {required} In a webhook or a callback: {promised}\n");
    assert!(text.out.contains(&whole), "{}", text.out);
    let rule = rules.iter().find(|rule| rule["id"] == "request-parameter-became-required");
    assert_eq!(rule.expect("a rule")["turned"], promised);
}

/// Whoever reads the first line and leaves has seen enough.
#[cfg(unix)]
#[test]
fn a_broken_pipe_is_no_error() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_openapi-diff"));
    let mut child = command
        .args(["rules", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process");
    drop(child.stdout.take());
    let ran = Ran::of(&child.wait_with_output().expect("an end"));
    assert_eq!((ran.code, &*ran.err), (Some(0), ""));
}

#[test]
fn colours_are_shown_where_they_are_asked_for() {
    let folder = both();
    assert!(!folder.diff(&[]).out.contains('\u{1b}'));
    let always = folder.diff(&["--color", "always"]).out;
    assert!(always.contains("\u{1b}[1m\u{1b}[31mbreaking\u{1b}[0m ["), "{always}");
    assert!(!folder.diff(&["--color", "never"]).out.contains('\u{1b}'));
}
