//! A contract to compare with: in a file, or as a revision in git has it. Whatever cannot be read says
//! which of the two it was taken for, so that a mistyped name is not looked for in the wrong place.

use std::path::Path;

use contract_review::review::Side;
use contract_review::workspace::Workspace;
use openapi_document::{Diagnostic, Document, Files, Folder, Revision, Source, UNREADABLE};

fn parse(files: &dyn Files, path: &str, text: String) -> Result<Side, Box<Diagnostic>> {
    let document = Document::of(files, path, &text)?;
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
    // A pipe is as good as a file.
    if std::fs::metadata(name).is_ok_and(|found| !found.is_dir()) {
        let text = std::fs::read_to_string(name).map_err(|cause| file(name, &cause.to_string()))?;
        return parse(&Folder::default(), name, text);
    }
    let revision = Revision::new(&workspace.root, name)?;
    let contract = &workspace.client.contract;
    let text = revision.read(contract).map_err(|why| file(&revision.name(contract), &why))?;
    parse(&revision, contract, text)
}

/// Reads the contract of the workspace as it stands in the file.
///
/// # Errors
/// It cannot be read, or is no YAML or no OpenAPI.
pub fn working_tree(workspace: &Workspace) -> Result<Side, Box<Diagnostic>> {
    let contract = &workspace.client.contract;
    let text = std::fs::read_to_string(workspace.contract_path());
    let text = text.map_err(|cause| file(contract, &cause.to_string()))?;
    parse(&Folder(workspace.root.clone()), contract, text)
}

/// The commit at which the current branch of the repository at `root` left `main`, or else the current
/// commit: on `main` itself that is what has not been committed yet.
///
/// # Errors
/// git cannot be run, or there is no commit.
pub fn branch_point(root: &Path) -> Result<String, Box<Diagnostic>> {
    Revision::branch_point(root)
}

fn file(name: &str, why: &str) -> Box<Diagnostic> {
    let message = format!("{name} cannot be read: {why}");
    let help = "name a file with a contract, or a revision that has one";
    Box::new(Source::nowhere(name).diagnostic(UNREADABLE, "", message, help))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

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
        let why = "empty:openapi/a.yaml cannot be read: the revision does not have it";
        assert_eq!(empty, why);

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
