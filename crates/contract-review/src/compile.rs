//! Whether the client that a contract gives compiles. What is generated is not written before it does.
//!
//! The crate is copied to the target folder with the new code in it, as a package of its own with the
//! workspace's versions of its dependencies, and `cargo check` is run there. So the sources of the workspace
//! stay as they are until there is something that compiles to put in their place: whatever stops the run
//! in between leaves nothing half done.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use openapi_codegen::CLIENT;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::workspace::Workspace;

/// Where the copy is, relative to the target folder. Files beside it are named by the hash of what
/// compiled.
const FOLDER: &str = "client-check";

/// The calls, as a test of the package.
const TEST: &str = "generated_calls";

/// How long it may take before something should be said.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is known of whether a client compiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compiles {
    /// It does.
    Yes,
    /// It does not.
    No {
        /// What the compiler says, one text for each error.
        errors: Vec<String>,
        /// The package that was compiled.
        package: PathBuf,
    },
    /// That was not found out.
    NotChecked {
        /// Why not.
        why: String,
    },
}

/// Compiles a client, and the calls of it, in the crate of the workspace at `root`. What compiled before costs
/// nothing. If it takes long, `slow` is called.
pub fn check(
    workspace: &Workspace,
    client: &str,
    calls: Option<&str>,
    slow: impl FnOnce() + Send,
) -> Compiles {
    let root = &workspace.root;
    let why = |what: &str, error: &dyn std::fmt::Display| Compiles::NotChecked {
        why: format!("{what}: {error}"),
    };
    let files = match package(workspace, client, calls) {
        Ok(files) => files,
        Err(error) => return why("the crate cannot be read", &error),
    };
    let target = match target(root) {
        Ok(target) => target,
        Err(error) => return why("there is no target folder", &error),
    };
    let stamp = target.join(FOLDER).join(hash(&files));
    if stamp.exists() {
        return Compiles::Yes;
    }
    // cargo tells old from new by the time of a file: whoever writes the copy must be the only one to compile it.
    let (package, _lock) = match copy(&target.join(FOLDER), &files) {
        Ok(copied) => copied,
        Err(error) => return why("the crate cannot be copied", &error),
    };
    let outcome = match cargo(root, &package, &target, calls.is_some(), slow) {
        Ok(outcome) => outcome,
        Err(error) => return why("cargo cannot be run", &error),
    };
    if outcome == Compiles::Yes {
        // Without it the next check takes longer, and finds the same.
        let _ = fs::write(stamp, "");
    }
    outcome
}

/// The target folder of the workspace.
fn target(root: &Path) -> io::Result<PathBuf> {
    let told = std::env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty());
    std::path::absolute(told.map_or_else(|| root.join("target"), PathBuf::from))
}

/// The files of the package, by their names: the crate with another client, and the calls as its test.
fn package(
    Workspace { root, client: config, .. }: &Workspace,
    client: &str,
    calls: Option<&str>,
) -> io::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&config.folder).join(&folder))? {
            let entry = entry?;
            let name = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(name);
            } else {
                files.insert(name, fs::read(entry.path())?);
            }
        }
    }
    files.insert(CLIENT.into(), client.into());
    files.extend(calls.map(|calls| (format!("tests/{TEST}.rs").into(), calls.into())));
    files.insert("Cargo.lock".into(), fs::read(root.join("Cargo.lock"))?);
    // The tables of the one begin where those of the other end. It has no other members.
    let workspace = fs::read_to_string(root.join("Cargo.toml"))?;
    let workspace = workspace.lines().filter(|line| !line.starts_with("members ="));
    let manifest = files.entry("Cargo.toml".into()).or_default();
    for line in workspace {
        manifest.extend_from_slice(b"\n");
        manifest.extend_from_slice(line.as_bytes());
    }
    Ok(files)
}

fn hash(files: &BTreeMap<PathBuf, Vec<u8>>) -> String {
    let mut hash = Sha256::new();
    for (name, content) in files {
        let name = name.to_string_lossy();
        for part in [name.as_bytes(), content] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
    }
    hash.finalize().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Writes the package into `folder`, which is ours as long as the file that is returned is open.
fn copy(folder: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) -> io::Result<(PathBuf, File)> {
    fs::create_dir_all(folder)?;
    let lock = File::create(folder.join("lock"))?;
    lock.lock()?;
    let package = folder.join("package");
    if package.exists() {
        fs::remove_dir_all(&package)?;
    }
    for (name, content) in files {
        let path = package.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&package))?;
        fs::write(path, content)?;
    }
    Ok((package, lock))
}

/// Runs `cargo check`. Its dependencies are built where those of the workspace are.
fn cargo(
    root: &Path,
    package: &Path,
    target: &Path,
    calls: bool,
    slow: impl FnOnce() + Send,
) -> io::Result<Compiles> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    // Nothing in the code depends on which library does the TLS.
    command.args(["check", "--lib", "--no-default-features"]);
    if calls {
        command.args(["--test", TEST]);
    }
    command.args(["--message-format", "json"]);
    command.arg("--manifest-path").arg(package.join("Cargo.toml"));
    command.arg("--target-dir").arg(target).current_dir(root);
    let (done, waiting) = channel::<()>();
    let output = thread::scope(|scope| {
        scope.spawn(move || {
            if waiting.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                slow();
            }
        });
        let output = command.output();
        drop(done);
        output
    })?;
    if output.status.success() {
        return Ok(Compiles::Yes);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = errors(&text, package);
    if errors.is_empty() {
        let said = String::from_utf8_lossy(&output.stderr);
        let why = said.lines().skip_while(|line| !line.starts_with("error")).collect::<Vec<_>>();
        return Ok(Compiles::NotChecked { why: format!("cargo failed: {}", why.join("\n")) });
    }
    Ok(Compiles::No { errors, package: package.to_owned() })
}

/// The errors of the package itself in the messages of cargo.
fn errors(messages: &str, package: &Path) -> Vec<String> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let ours = messages.filter(|message| {
        let manifest = message["manifest_path"].as_str().map(Path::new);
        message["reason"] == "compiler-message"
            && message["message"]["level"] == "error"
            && manifest.and_then(Path::parent) == Some(package)
    });
    let rendered =
        ours.filter_map(|message| message["message"]["rendered"].as_str().map(str::to_owned));
    rendered.filter(|error| !error.starts_with("error: aborting")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_compile_is_reported() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        let root = crates.and_then(Path::parent).expect("a workspace");
        let workspace = Workspace::open(root, None).expect("a configuration");
        let (client, calls) = (workspace.client.client(), workspace.client.calls.clone());
        let calls = calls.expect("calls");
        let read = |path: &Path| fs::read_to_string(root.join(path)).expect("a file");
        let broken = |path: &Path| read(path) + "\npub(crate) fn broken() -> u8 { \"\" }\n";
        for (client, calls, place) in [
            (broken(&client), read(&calls), "--> src/generated.rs:"),
            (read(&client), broken(&calls), "--> tests/generated_calls.rs:"),
        ] {
            let compiles = check(&workspace, &client, Some(&calls), || ());
            let Compiles::No { errors, .. } = compiles else { panic!("{compiles:?}") };
            let [error] = errors.as_slice() else { panic!("{errors:#?}") };
            // On Windows, rustc writes it with `\`.
            let error = error.replace('\\', "/");
            assert!(error.contains("mismatched types") && error.contains(place), "{error}");
        }
    }

    #[test]
    fn without_a_crate_nothing_is_checked() {
        let nowhere = Workspace { root: "/nowhere".into(), ..Workspace::default() };
        let compiles = check(&nowhere, "", None, || ());
        let Compiles::NotChecked { why } = compiles else { panic!("{compiles:?}") };
        assert!(why.starts_with("the crate cannot be read: "), "{why}");
    }
}
