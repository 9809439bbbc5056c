//! A contract to compare with: in a file, or as a revision in git has it. Whatever cannot be read says
//! which of the two it was taken for, so that a mistyped name is not looked for in the wrong place.

use std::fmt;
use std::path::Path;
use std::process::{Command, Output};

use contract_review::review::Side;
use contract_review::workspace::Workspace;
use openapi_document::{Diagnostic, Document, Source, UNREADABLE};

fn parse(path: &str, text: String) -> Result<Side, Box<Diagnostic>> {
    let document = Document::parse(path, &text)?;
    match openapi_diff::unfit(&document) {
        Some(why) => Err(Box::new(why)),
        None => Ok(Side { document, text }),
    }
}

/// Reads the document that `name` stands for: a file, seen from the current directory, or else the
/// contract of the workspace as that git revision has it.
///
/// A file goes before a revision of the same name; `refs/heads/main` is never taken for a file that
/// is called `main`.
///
/// # Errors
/// Neither is there, the revision has no contract, git cannot be run, or what is there is no YAML or no
/// OpenAPI.
pub fn read(workspace: &Workspace, name: &str) -> Result<Document, Box<Diagnostic>> {
    Ok(side(workspace, name)?.document)
}

/// Reads the document of that name, as [`read`] does, with its text.
///
/// # Errors
/// As of [`read`].
pub fn side(workspace: &Workspace, name: &str) -> Result<Side, Box<Diagnostic>> {
    let (path, text) = text(workspace, name)?;
    parse(&path, text)
}

/// Reads the contract of the workspace as it stands in the file.
///
/// # Errors
/// It cannot be read, or is no YAML or no OpenAPI.
pub fn working_tree(workspace: &Workspace) -> Result<Side, Box<Diagnostic>> {
    let contract = &workspace.client.contract;
    let text = std::fs::read_to_string(workspace.contract_path());
    parse(contract, text.map_err(|cause| file(contract, &cause))?)
}

/// The commit at which the current branch of the repository at `root` left `main`, or else the current
/// commit: on `main` itself that is what has not been committed yet.
///
/// # Errors
/// git cannot be run, or there is no commit.
pub fn branch_point(root: &Path) -> Result<String, Box<Diagnostic>> {
    for main in ["origin/HEAD", "origin/main", "main"] {
        let found = git(root, &["merge-base", "HEAD", main])?;
        if let (true, Ok(hash)) = (found.status.success(), String::from_utf8(found.stdout)) {
            return Ok(hash.trim_end().to_owned());
        }
    }
    let head = git(root, &["rev-parse", "--verify", "--quiet", "HEAD"])?;
    match (head.status.success(), String::from_utf8(head.stdout)) {
        (true, Ok(hash)) => Ok(hash.trim_end().to_owned()),
        _ => Err(refused("HEAD", &head.stderr)),
    }
}

/// What the document of that name is called, and its text.
fn text(workspace: &Workspace, name: &str) -> Result<(String, String), Box<Diagnostic>> {
    let (root, contract) = (&workspace.root, &workspace.client.contract);
    // A pipe is as good as a file.
    if std::fs::metadata(name).is_ok_and(|found| !found.is_dir()) {
        let text = std::fs::read_to_string(name).map_err(|cause| file(name, &cause))?;
        return Ok((name.to_owned(), text));
    }
    let commit = format!("{name}^{{commit}}");
    // A name that begins with `-` is no option.
    let found = git(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])?;
    let commit = match (found.status.code(), String::from_utf8(found.stdout)) {
        (Some(0), Ok(hash)) => hash.trim_end().to_owned(),
        (Some(1), _) => {
            let message = format!("`{name}` is neither a file nor a git revision");
            let help = "name a file with a contract, or a branch, tag or commit (a shallow clone may \
                        lack it: `git fetch`)";
            return Err(unreadable(name, message, help));
        }
        _ => return Err(refused(name, &found.stderr)),
    };
    // `./`, because the workspace need not be the root of the repository.
    let path = format!("{commit}:./{contract}");
    if !git(root, &["cat-file", "-e", &path])?.status.success() {
        let message = format!("the revision `{name}` has no {contract}");
        return Err(unreadable(name, message, "name one that has it, or a file with a contract"));
    }
    let blob = git(root, &["cat-file", "blob", &path])?;
    if !blob.status.success() {
        return Err(refused(name, &blob.stderr));
    }
    // Nobody reads forty digits.
    let short = if name.len() == 40 { &commit[..commit.len().min(12)] } else { name };
    let path = format!("{short}:{contract}");
    let text = String::from_utf8(blob.stdout).map_err(|error| file(&path, &error.utf8_error()))?;
    Ok((path, text))
}

fn git(root: &Path, arguments: &[&str]) -> Result<Output, Box<Diagnostic>> {
    let run = Command::new("git").arg("-C").arg(root).args(arguments).output();
    run.map_err(|cause| {
        let message =
            format!("there is no such file, and git cannot be run to ask for a revision: {cause}");
        unreadable("git", message, "install git, or name a file")
    })
}

/// There is no document of this name.
fn unreadable(name: &str, message: String, help: &str) -> Box<Diagnostic> {
    Box::new(Source::nowhere(name).diagnostic(UNREADABLE, "", message, help))
}

fn file(name: &str, cause: &dyn fmt::Display) -> Box<Diagnostic> {
    unreadable(name, format!("{name} cannot be read: {cause}"), "name a UTF-8 file with a contract")
}

fn refused(name: &str, stderr: &[u8]) -> Box<Diagnostic> {
    let said = String::from_utf8_lossy(stderr);
    let message =
        format!("`{name}` is not a file, and git cannot read it as a revision: {}", said.trim());
    unreadable(name, message, "name a file, or fix what git complains of")
}

#[cfg(test)]
mod tests {
    use openapi_codegen::Config;

    use super::*;

    const CONTRACT: &str = "openapi/a.yaml";

    /// A repository with a workspace in a folder of its own, and two commits: without and with a contract.
    struct Repository(std::path::PathBuf);

    impl Repository {
        fn new(name: &str) -> Self {
            let folder = format!("xtask-revision-{name}-{}", std::process::id());
            let repository = Self(std::env::temp_dir().join(folder));
            let root = repository.root();
            std::fs::create_dir_all(root.join("openapi")).expect("a folder");
            repository.git(&["init", "--quiet", "--initial-branch", "trunk"]);
            repository.git(&["commit", "--quiet", "--allow-empty", "--message", "empty"]);
            repository.git(&["tag", "empty"]);
            std::fs::write(root.join(CONTRACT), "openapi: 3.0.0\npaths: {}\n").expect("a contract");
            repository.git(&["add", "."]);
            repository.git(&["commit", "--quiet", "--message", "contract"]);
            std::fs::write(root.join(CONTRACT), "openapi: 3.0.3\npaths: {}\n").expect("a contract");
            repository
        }

        fn root(&self) -> std::path::PathBuf {
            self.0.join("workspace")
        }

        fn workspace(&self) -> Workspace {
            workspace(self.root())
        }

        fn git(&self, arguments: &[&str]) {
            let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
            let output = Command::new("git")
                .arg("-C")
                .arg(&self.0)
                .args(identity)
                .args(["-c", "commit.gpgsign=false"])
                .args(arguments)
                .output()
                .expect("git");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }

    fn workspace(root: std::path::PathBuf) -> Workspace {
        let client = Config { contract: CONTRACT.to_owned(), ..Config::default() };
        Workspace { root, client, ..Workspace::default() }
    }

    impl Drop for Repository {
        fn drop(&mut self) {
            // What is left over in the temporary folder does no harm.
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_name_is_a_file_or_a_revision() {
        let repository = Repository::new("names");
        let (root, workspace) = (repository.root(), repository.workspace());
        let committed = read(&workspace, "trunk").expect("a revision");
        assert_eq!(committed.json["openapi"], "3.0.0");
        assert_eq!(committed.source.path, "trunk:openapi/a.yaml");
        assert_eq!(read(&workspace, "HEAD").expect("a revision").json["openapi"], "3.0.0");

        let file = root.join(CONTRACT).display().to_string();
        let read = read(&workspace, &file).expect("a file");
        assert_eq!((&read.json["openapi"], read.source.path), (&"3.0.3".into(), file));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let repository = Repository::new("errors");
        let workspace = repository.workspace();
        let says = |name: &str| read(&workspace, name).expect_err(name).message;
        let neither = "is neither a file nor a git revision";
        assert!(says("trnuk").starts_with(&format!("`trnuk` {neither}")), "{}", says("trnuk"));
        assert!(says("").contains(neither), "{}", says(""));
        assert!(says("--help").contains(neither), "{}", says("--help"));
        let empty = says("empty");
        assert!(empty.starts_with("the revision `empty` has no openapi/a.yaml"), "{empty}");

        let broken = repository.0.join("broken.yaml");
        std::fs::write(&broken, "a: [").expect("a file");
        let broken = read(&workspace, &broken.display().to_string()).expect_err("no document");
        assert_eq!((broken.rule, broken.place.is_some()), ("yaml", true), "{broken}");
        std::fs::write(repository.0.join("binary.yaml"), [0xff]).expect("a file");
        let binary = says(&repository.0.join("binary.yaml").display().to_string());
        assert!(binary.contains("binary.yaml cannot be read"), "{binary}");
    }

    #[test]
    fn without_a_repository_git_is_quoted() {
        let nowhere = std::env::temp_dir().join(format!("xtask-no-git-{}", std::process::id()));
        std::fs::create_dir_all(&nowhere).expect("a folder");
        let error =
            read(&workspace(nowhere.clone()), "trunk").expect_err("no repository").to_string();
        assert!(error.contains("`trunk` is not a file") && error.contains("not a git"), "{error}");
        // What is left over in the temporary folder does no harm.
        let _ = std::fs::remove_dir_all(&nowhere);
    }
}
