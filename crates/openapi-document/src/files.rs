//! The files that a document consists of, and where they are read.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use crate::reference::percent_decoded;

/// How many bytes the files of a document may have together.
pub(crate) const BYTES: usize = 100 << 20;

/// How many files a document may consist of.
pub(crate) const COUNT: usize = 10_000;

/// Where the files of a document come from.
pub trait Files {
    /// The text of the file at a path. Nothing is read that is not local.
    ///
    /// # Errors
    /// Why it cannot be read, in a few words.
    fn read(&self, path: &str) -> Result<String, String>;

    /// What the file at a path is called wherever a place is named.
    fn name(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// Files on disk: their paths are seen from this folder, unless they are absolute.
#[derive(Debug, Clone, Default)]
pub struct Folder(pub PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> Result<String, String> {
        let path = self.0.join(path);
        let said = |error: std::io::Error| error.to_string();
        // A pipe or a device may have no end.
        if !std::fs::metadata(&path).map_err(said)?.is_file() {
            return Err("it is no regular file".to_owned());
        }
        let mut text = String::new();
        let limit = BYTES as u64 + 1;
        File::open(&path).map_err(said)?.take(limit).read_to_string(&mut text).map_err(said)?;
        Ok(text)
    }
}

/// A reference taken apart (RFC 3986).
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// It leads out of what is read: to the network, or to a name that is no place.
    Remote,
    /// To the file at this path, or to the same file, and there to what the fragment says.
    Local { path: Option<String>, fragment: String },
}

/// Where a reference leads that stands in the file at `path`.
pub(crate) fn target(path: &str, reference: &str) -> Target {
    let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let fragment = percent_decoded(fragment);
    if file.is_empty() {
        return Target::Local { path: None, fragment };
    }
    let file = match file.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("file") => {
            // RFC 8089: `file:/a`, `file:///a`, `file://localhost/a`.
            let rest = rest.strip_prefix("//").unwrap_or(rest);
            rest.strip_prefix("localhost").unwrap_or(rest)
        }
        Some((scheme, _)) if is_scheme(scheme) => return Target::Remote,
        _ if file.starts_with("//") => return Target::Remote,
        _ => file,
    };
    Target::Local { path: Some(joined(path, &percent_decoded(file))), fragment }
}

/// A letter alone is a drive.
fn is_scheme(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// The path of a file that another one names: as it is seen from there.
fn joined(from: &str, path: &str) -> String {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    if path.starts_with('/') || !from.contains('/') {
        return normal(path);
    }
    normal(&format!("{folder}/{path}"))
}

/// A path without `.`, and without `..` after a name.
pub(crate) fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("{}{}", if path.starts_with('/') { "/" } else { "" }, parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_seen_from_its_file() {
        let local = |path: &str, fragment: &str| Target::Local {
            path: Some(path.to_owned()).filter(|path| !path.is_empty()),
            fragment: fragment.to_owned(),
        };
        for (from, reference, expected) in [
            ("a.yaml", "b.yaml", local("b.yaml", "")),
            ("a.yaml", "#/c", local("", "/c")),
            ("x/a.yaml", "./b.yaml#/c%20d", local("x/b.yaml", "/c d")),
            ("x/a.yaml", "../y/b%20c.yaml#/c", local("y/b c.yaml", "/c")),
            ("x/a.yaml", "../../b.yaml", local("../b.yaml", "")),
            ("../x/a.yaml", "../b.yaml", local("../b.yaml", "")),
            ("/x/a.yaml", "../../b.yaml", local("/../b.yaml", "")),
            ("x/a.yaml", "/b.yaml", local("/b.yaml", "")),
            ("x/a.yaml", "file:///y/b.yaml#/c", local("/y/b.yaml", "/c")),
            ("x/a.yaml", "file://localhost/b.yaml", local("/b.yaml", "")),
            ("x/a.yaml", "file:b.yaml", local("x/b.yaml", "")),
            ("x/a.yaml", "https://example.com/b.yaml#/c", Target::Remote),
            ("x/a.yaml", "//example.com/b.yaml", Target::Remote),
            ("x/a.yaml", "urn:b", Target::Remote),
        ] {
            assert_eq!(target(from, reference), expected, "{reference} in {from}");
        }
    }
}
