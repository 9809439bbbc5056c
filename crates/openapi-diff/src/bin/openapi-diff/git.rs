//! The repository that the command is run in.

use std::path::{Path, PathBuf};
use std::process::Command;

use openapi_document::Files;

/// The output of git, if there is a repository.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim_end_matches(['\r', '\n']).to_owned())
}

/// The folder of the repository.
pub(crate) fn root() -> Option<PathBuf> {
    git(&["rev-parse", "--show-toplevel"]).map(PathBuf::from)
}

/// The files as they are in the index: what is to be committed. Their paths are seen from this folder.
pub(crate) struct Index(pub(crate) PathBuf);

impl Files for Index {
    fn read(&self, path: &str) -> Result<String, String> {
        let output = Command::new("git")
            .arg("-C")
            .arg(&self.0)
            .args(["cat-file", "blob", &format!(":./{path}")])
            .output()
            .map_err(|why| format!("git cannot be run: {why}"))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
        }
        String::from_utf8(output.stdout).map_err(|error| error.utf8_error().to_string())
    }

    fn name(&self, path: &str) -> String {
        format!(":{path}")
    }
}

/// The path of a file from the root of the repository, as GitHub wants it, by what a report calls it. Without a
/// repository it is as it was.
pub(crate) fn paths() -> impl Fn(&str) -> String {
    let (root, prefix) = (root(), git(&["rev-parse", "--show-prefix"]).unwrap_or_default());
    move |name: &str| {
        let file = Path::new(name);
        let name = match name.split_once(':') {
            // A git revision.
            Some((_, path)) if !file.exists() => {
                if !path.starts_with('.') {
                    return path.to_owned();
                }
                path
            }
            _ => name,
        };
        let file = Path::new(name);
        let path = match root.as_deref().and_then(|root| file.strip_prefix(root).ok()) {
            Some(inside) => inside.to_path_buf(),
            None if file.is_absolute() => file.to_path_buf(),
            None => Path::new(&prefix).join(file),
        };
        let path = path.display().to_string().replace('\\', "/");
        normal(&path)
    }
}

/// A path without `.`, and without `..` after a name.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
