//! The files of a git revision. Whatever cannot be read says what the name was taken for, so that a mistyped one is
//! not looked for in the wrong place.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::diagnostic::{Diagnostic, UNREADABLE};
use crate::files::Files;
use crate::source::Source;

/// The files of a repository as a git revision has them: their paths are seen from a folder of it.
#[derive(Debug, Clone)]
pub struct Revision {
    folder: PathBuf,
    commit: String,
    name: String,
}

impl Revision {
    /// The revision of this name in the repository that the folder is in.
    ///
    /// # Errors
    /// There is none, or git cannot be run.
    pub fn new(folder: &Path, name: &str) -> Result<Self, Box<Diagnostic>> {
        let commit = format!("{name}^{{commit}}");
        // A name that begins with `-` is no option.
        let found =
            git(folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])?;
        let commit = match (found.status.code(), String::from_utf8(found.stdout)) {
            (Some(0), Ok(hash)) => hash.trim_end().to_owned(),
            (Some(1), _) => {
                let message = format!("`{name}` is neither a file nor a git revision");
                let help = "name a file with a contract, or a branch, tag or commit (a shallow \
                            clone may lack it: `git fetch`)";
                return Err(unreadable(name, message, help));
            }
            _ => return Err(refused(name, &found.stderr)),
        };
        // Nobody reads forty digits.
        let name = if name.len() == 40 { &commit[..commit.len().min(12)] } else { name };
        Ok(Self { folder: folder.to_owned(), name: name.to_owned(), commit })
    }

    /// The commit at which the current branch left `main`, or else the current commit: on `main` itself that is
    /// what has not been committed yet.
    ///
    /// # Errors
    /// git cannot be run, or there is no commit.
    pub fn branch_point(folder: &Path) -> Result<String, Box<Diagnostic>> {
        for main in ["origin/HEAD", "origin/main", "main"] {
            let found = git(folder, &["merge-base", "HEAD", main])?;
            if let (true, Ok(hash)) = (found.status.success(), String::from_utf8(found.stdout)) {
                return Ok(hash.trim_end().to_owned());
            }
        }
        let head = git(folder, &["rev-parse", "--verify", "--quiet", "HEAD"])?;
        match (head.status.success(), String::from_utf8(head.stdout)) {
            (true, Ok(hash)) => Ok(hash.trim_end().to_owned()),
            _ => Err(refused("HEAD", &head.stderr)),
        }
    }
}

impl Files for Revision {
    fn read(&self, path: &str) -> Result<String, String> {
        if path.starts_with('/') {
            return Err("it is outside of the revision".to_owned());
        }
        // `./`, because the folder need not be the root of the repository.
        let object = format!("{}:./{path}", self.commit);
        let run = |arguments: &[&str]| git(&self.folder, arguments).map_err(|why| why.message);
        let blob = run(&["cat-file", "blob", &object])?;
        if !blob.status.success() {
            let said = String::from_utf8_lossy(&blob.stderr);
            let outside = said.contains("outside repository");
            return Err(match run(&["cat-file", "-e", &object])?.status.success() {
                _ if outside => "it is outside of the repository".to_owned(),
                true => said.trim().to_owned(),
                false => "the revision does not have it".to_owned(),
            });
        }
        String::from_utf8(blob.stdout).map_err(|error| error.utf8_error().to_string())
    }

    fn name(&self, path: &str) -> String {
        format!("{}:{path}", self.name)
    }
}

fn git(folder: &Path, arguments: &[&str]) -> Result<Output, Box<Diagnostic>> {
    // What it says is read, too.
    let git = Command::new("git").env("LC_ALL", "C").arg("-C").arg(folder).args(arguments).output();
    git.map_err(|cause| {
        let message =
            format!("there is no such file, and git cannot be run to ask for a revision: {cause}");
        unreadable("git", message, "install git, or name a file")
    })
}

/// There is no document of this name.
fn unreadable(name: &str, message: String, help: &str) -> Box<Diagnostic> {
    Box::new(Source::nowhere(name).diagnostic(UNREADABLE, "", message, help))
}

fn refused(name: &str, stderr: &[u8]) -> Box<Diagnostic> {
    let said = String::from_utf8_lossy(stderr);
    let message =
        format!("`{name}` is not a file, and git cannot read it as a revision: {}", said.trim());
    unreadable(name, message, "name a file, or fix what git complains of")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    /// A repository with a contract of two files in a folder of its own.
    fn repository(folder: &Path) {
        std::fs::create_dir_all(folder.join("openapi/parts")).expect("a folder");
        let git = |arguments: &[&str]| {
            let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
            let all = [&identity, &["-c", "commit.gpgsign=false"][..], arguments].concat();
            let output = super::git(folder, &all).expect("git");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        let write =
            |path: &str, text: &str| std::fs::write(folder.join(path), text).expect("a file");
        git(&["init", "--quiet", "--initial-branch", "main"]);
        write("openapi/a.yaml", "components: {schemas: {A: {$ref: 'parts/b.yaml'}}}");
        write("openapi/out.yaml", "components: {schemas: {A: {$ref: '../../b.yaml'}}}");
        write("openapi/far.yaml", "components: {schemas: {A: {$ref: 'file:///b.yaml'}}}");
        write("openapi/parts/b.yaml", "title: old");
        git(&["add", "."]);
        git(&["commit", "--quiet", "--message", "contract"]);
        write("openapi/parts/b.yaml", "title: new");
    }

    #[test]
    fn all_files_are_those_of_the_revision() {
        let folder = std::env::temp_dir().join(format!("openapi-revision-{}", std::process::id()));
        repository(&folder);
        let inner = folder.join("openapi");
        let revision = Revision::new(&inner, "main").expect("a revision");
        let title =
            |document: Document| document.json["components"]["schemas"]["A"]["title"].clone();
        let old = Document::load(&revision, "a.yaml").expect("a document");
        assert_eq!(old.source.path, "main:a.yaml");
        let (file, _) = old.source.locate("/components/schemas/A/title");
        assert_eq!(file.path, "main:parts/b.yaml");
        assert_eq!(title(old), "old");
        let files = crate::Folder(inner.clone());
        assert_eq!(title(Document::load(&files, "a.yaml").expect("a document")), "new");

        let wrong = |path: &str| Document::load(&revision, path).expect_err(path).message;
        for (path, why) in [
            ("b.yaml", "main:b.yaml cannot be read: the revision does not have it"),
            ("out.yaml", "`main:../../b.yaml` cannot be read: it is outside of the repository"),
            ("far.yaml", "`main:/b.yaml` cannot be read: it is outside of the revision"),
        ] {
            assert_eq!(wrong(path), why);
        }
        let neither = Revision::new(&inner, "--help").expect_err("no revision").message;
        assert_eq!(neither, "`--help` is neither a file nor a git revision");
        assert_eq!(Revision::branch_point(&inner).expect("a commit").len(), 40);
        std::fs::remove_dir_all(&folder).expect("a folder");
    }
}
