//! Where a document is read: a file, a git revision, the index, stdin. Whatever cannot be read says what the
//! argument was taken for.

use std::io::Read;
use std::path::{Path, PathBuf};

use openapi_diff::{Diagnostic, Document, Source, unfit};
use openapi_document::{Files, Folder, Revision, UNREADABLE};

use crate::git;

/// Reads the document that an argument stands for, with the files that it refers to.
///
/// A file goes before a revision: `./a:b` is always a file.
pub(crate) fn read(argument: &str) -> Result<Document, Box<Diagnostic>> {
    let document = load(argument)?;
    match unfit(&document) {
        Some(why) => Err(Box::new(why)),
        None => Ok(document),
    }
}

fn load(argument: &str) -> Result<Document, Box<Diagnostic>> {
    if argument == "-" {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(|why| unreadable("stdin", &why.to_string(), "pipe a UTF-8 document to it"))?;
        return Document::of(&Folder::default(), "stdin", &text);
    }
    // A pipe is as good as a file.
    if std::fs::metadata(argument).is_ok_and(|found| !found.is_dir()) {
        let text = std::fs::read_to_string(argument);
        let text = text.map_err(|why| {
            unreadable(argument, &why.to_string(), "name a UTF-8 file with a contract")
        })?;
        // A reference is joined to it by `/`, which Windows takes as well.
        let name = argument.replace(std::path::MAIN_SEPARATOR, "/");
        return Document::of(&Folder::default(), &name, &text);
    }
    if argument.contains("://") {
        let help = format!("fetch it: `curl -s {argument} | openapi-diff - …`");
        return Err(unreadable(argument, "nothing is read from the network", &help));
    }
    let Some((name, path)) = argument.split_once(':') else {
        let why =
            if Path::new(argument).is_dir() { "it is a folder" } else { "there is no such file" };
        let help = if [".yaml", ".yml", ".json"].iter().any(|end| argument.ends_with(end)) {
            "name a file with a contract".to_owned()
        } else {
            format!("of a git revision, name the file, too, as in `{argument}:openapi.yaml`")
        };
        return Err(unreadable(argument, why, &help));
    };
    // As for `git show`, a path is seen from the root of the repository unless it begins with a dot.
    let seen_from_here = path.starts_with("./") || path.starts_with("../");
    let folder = if seen_from_here { None } else { git::root() };
    let folder = folder.unwrap_or_else(|| PathBuf::from("."));
    if name.is_empty() {
        return Document::load(&git::Index(folder), path.strip_prefix("0:").unwrap_or(path));
    }
    Document::load(&Revision::new(&folder, name)? as &dyn Files, path)
}

fn unreadable(name: &str, why: &str, help: &str) -> Box<Diagnostic> {
    let message = format!("{name} cannot be read: {why}");
    Box::new(Source::nowhere(name).diagnostic(UNREADABLE, "", message, help))
}
