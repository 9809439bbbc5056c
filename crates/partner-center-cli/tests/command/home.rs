//! A person's home folder, and the command run in it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use partner_center_emulator::{APP_ONLY_TOKEN, APP_USER_TOKEN, NO_ROLE_TOKEN};

/// What no output may have in it. The tokens that the emulator gives out are found by their shape.
const SECRETS: &[&str] = &["canary", "Bearer", APP_ONLY_TOKEN, APP_USER_TOKEN, NO_ROLE_TOKEN];

pub(crate) const CUSTOMER: &str = partner_center_emulator::SAMPLE_CUSTOMER;
pub(crate) const CORRELATION: &str = "11111111-2222-3333-4444-555555555555";

const CHANGE: &str = r#"change() { sed "$1" "$2" > "$2.x"; cat "$2.x" > "$2"; rm "$2.x"; }"#;

/// A home folder of its own, without a keyring.
pub(crate) struct Home {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

/// What became of a run.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// All of it, without what differs from run to run.
    pub(crate) transcript: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, variables: Vec::new() }
    }

    /// One whose commands call this service, as a user.
    pub(crate) fn calling(url: &str) -> Self {
        Self::new()
            .with("PARTNER_CENTER_ENDPOINT", url)
            .with("AZURE_AUTHORITY_HOST", url)
            .with("PARTNER_CENTER_ACCESS_TOKEN", APP_USER_TOKEN)
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.path().join(".local/state/partner-center")
    }

    /// Writes a file in the home folder.
    pub(crate) fn write(&self, name: &str, contents: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, contents).expect("a file");
        path
    }

    /// An editor that runs this script of the shell, in which `$1` is the file, `change` is `sed` on it, and
    /// `partner-center` the command.
    pub(crate) fn editing(self, script: &str) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let path = self.write("editor", &format!("#!/bin/sh\nset -e\n{CHANGE}\n{script}\n"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).expect("a mode");
        self.with("EDITOR", path.display().to_string())
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_partner-center"));
        let folder = Path::new(env!("CARGO_BIN_EXE_partner-center")).parent().expect("a folder");
        let path = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{path}", folder.display());
        command.args(arguments).env_clear().env("HOME", self.path()).env("PATH", path);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// What a shell is offered for the last of these words.
    pub(crate) fn completions(&self, shell: &str, words: &[&str]) -> String {
        let line = [&["--", "partner-center"], words].concat();
        let mut command = self.command(&line);
        command.env("PARTNER_CENTER_COMPLETE", shell).env("_CLAP_IFS", "\n");
        command.env("_CLAP_COMPLETE_INDEX", words.len().to_string());
        let output = command.output().expect("a process");
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Runs the command, and looks for secrets in what it prints.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "")
    }

    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().expect("a process");
        let mut stdin = child.stdin.take().expect("a pipe");
        // One that reads nothing may be gone by now.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let ran = self.ran(arguments, &child.wait_with_output().expect("a process"));
        ran.holds_no_secret();
        ran
    }

    pub(crate) fn ran(&self, arguments: &[&str], output: &Output) -> Ran {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        let code = output.status.code();
        let mut parts = vec![format!("$ partner-center {}", arguments.join(" "))];
        for (name, text) in [("stdout", &stdout), ("stderr", &stderr)] {
            if !text.is_empty() {
                parts.push(format!("--- {name}\n{}", text.trim_end_matches('\n')));
            }
        }
        let end = code.map_or("by a signal".into(), |code| code.to_string());
        parts.push(format!("--- exit {end}"));
        let transcript = parts.join("\n");
        let home = self.path().display().to_string();
        let transcript = transcript.replace(&home, "[home]");
        Ran { code, stdout, stderr, transcript: steady(&transcript) }
    }
}

impl Ran {
    fn holds_no_secret(&self) {
        for text in [&self.stdout, &self.stderr] {
            for secret in SECRETS {
                assert!(!text.contains(secret), "{secret} is in {text}");
            }
            for (at, _) in text.match_indices("emulator-") {
                let rest = &text[at + "emulator-".len()..];
                let rest = rest.strip_prefix("refresh-").unwrap_or(rest);
                let hex = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
                assert_ne!(hex, 8, "a token is in {text}");
            }
        }
    }
}

/// A transcript without what differs from run to run: ports, request ids, times, names of drafts.
fn steady(text: &str) -> String {
    let text = after(text, "http://127.0.0.1:", char::is_numeric, "[port]");
    let text = after(&text, "request ", |c| c.is_ascii_hexdigit() || c == '-', "[id]");
    let id = |c: char| c.is_ascii_hexdigit() || c == '-';
    let text = after(&text, "correlation ", id, "[id]");
    let text = after(&text, "\"correlationId\": \"", id, "[id]");
    let time = |c: char| c.is_ascii_digit() || "-:.TZ".contains(c);
    let text = after(&text, "exp                ", time, "[time]");
    let text = after(&text, "/drafts/partner-", char::is_alphanumeric, "[draft]");
    let draft = format!("/drafts/{CUSTOMER}-");
    after(&text, &draft, char::is_alphanumeric, "[draft]")
}

/// Puts `new` in place of all characters that are `old` after each `mark`.
fn after(text: &str, mark: &str, old: impl Fn(char) -> bool, new: &str) -> String {
    let mut parts = text.split(mark);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(&old);
        out += mark;
        out += if rest.len() == part.len() { "" } else { new };
        out += rest;
    }
    out
}
