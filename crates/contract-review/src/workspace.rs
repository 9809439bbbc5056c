//! A workspace: its contract, what is generated from that, and the file that says which and where.
//!
//! All that is not the same for every contract is in that file, and nowhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use openapi_codegen::{Config, Report, refine};
use openapi_document::{
    Contract, Diagnostic, Document, Place, Profile, Rule, Source, UNREADABLE, nearest,
};
use openapi_lint::grammar;
use openapi_lint::rules::waivers::STALE_WAIVER;
use serde::Deserialize;
use toml::Spanned;

use crate::generated::generate;
use crate::generator::Generator;
use crate::rules::rules;

/// The file that a workspace has it in, relative to its root, if no other is named.
pub const CONFIG: &str = "openapi/codegen.toml";

/// What the file must be; it is no rule of the lint.
const RULE: Rule =
    Rule::required("configuration", "the configuration names a contract and a crate");

/// A workspace, as its configuration has it. Paths are relative to its root.
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    /// The root.
    pub root: PathBuf,
    /// What is generated, and where.
    pub client: Config,
    /// The record of accepted changes.
    pub accepted: String,
    /// The snapshots of the parts of the contract.
    pub contract_snapshots: Option<PathBuf>,
    /// The snapshots of the items of the client.
    pub client_snapshots: Option<PathBuf>,
    /// Rust functions that are called like the operations, which the page of the contract shows.
    pub docs_calls: Option<PathBuf>,
    /// The rules that the contract is checked by.
    pub profile: Profile,
    /// What the contract is excepted from.
    pub exceptions: Exceptions,
    /// Where the client is generated.
    pub generator: Generator,
}

/// The exceptions of a contract that nothing can be written in: rules that are waived for all of it, operations
/// that are left out.
#[derive(Debug, Clone, Default)]
pub struct Exceptions {
    waived: Vec<Exception>,
    skipped: Vec<Exception>,
    /// The configuration.
    source: Source,
}

/// A rule that is waived for the whole contract, or an operation that is left out, and why.
#[derive(Debug, Clone)]
struct Exception {
    name: String,
    reason: String,
    place: Place,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    contract: String,
    json: Option<PathBuf>,
    accepted_changes: Option<String>,
    #[serde(rename = "crate")]
    package: Crate,
    #[serde(default)]
    tests: Tests,
    #[serde(default)]
    docs: Docs,
    #[serde(default)]
    lint: Lint,
    #[serde(default)]
    operations: Operations,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Crate {
    package: Spanned<String>,
    folder: PathBuf,
    #[serde(default)]
    context_headers: Vec<String>,
    #[serde(default)]
    passes: Vec<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Tests {
    calls: Option<PathBuf>,
    contract_snapshots: Option<PathBuf>,
    client_snapshots: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Docs {
    calls: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lint {
    #[serde(default)]
    profile: Option<Spanned<String>>,
    #[serde(default)]
    waive: Reasons,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Operations {
    #[serde(default)]
    skip: Reasons,
}

type Reasons = BTreeMap<Spanned<String>, String>;

impl Workspace {
    /// The workspace at `root`, as `file` has it, or else its own [`CONFIG`].
    ///
    /// # Errors
    /// What is wrong with the file, and how to fix it.
    pub fn open(root: &Path, file: Option<&Path>) -> Result<Self, Box<Diagnostic>> {
        let (file, name) = match file {
            Some(file) => (file.to_owned(), file.display().to_string()),
            None => (root.join(CONFIG), CONFIG.to_owned()),
        };
        let text = std::fs::read_to_string(file).map_err(|error| {
            let help = format!(
                "`--config FILE` names the configuration; without it that is {CONFIG} of the workspace"
            );
            let message = format!("cannot be read: {error}");
            Box::new(Source::nowhere(&name).diagnostic(UNREADABLE, "", message, help))
        })?;
        Self::parse(root, &name, &text)
    }

    fn parse(root: &Path, name: &str, text: &str) -> Result<Self, Box<Diagnostic>> {
        let source = Source::of(name, text);
        let wrong = |at: usize, message: String, help: &str| {
            Box::new(source.diagnostic_at(RULE, Some(source.place_at(at)), message, help))
        };
        let file: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let help = "`contract`, and `package` and `folder` of the `[crate]`, must be there; the rest has a default";
            wrong(at, error.message().to_owned(), help)
        })?;
        let Crate { package, folder, context_headers, passes } = file.package;
        // It is in the code, as the name of the library.
        if syn::parse_str::<syn::Ident>(&package.get_ref().replace('-', "_")).is_err() {
            let message = format!("`{}` is no name of a package", package.get_ref());
            let help = "expected letters, digits, `-` and `_`, as in the manifest of the crate";
            return Err(wrong(package.span().start, message, help));
        }
        for pass in &passes {
            if !refine::OPTIONAL.contains(&pass.get_ref().as_str()) {
                let message = format!("there is no optional pass `{}`", pass.get_ref());
                let known = refine::OPTIONAL.map(|name| format!("`{name}`")).join(" and ");
                return Err(wrong(pass.span().start, message, &format!("there are {known}")));
            }
        }
        let profile = match &file.lint.profile {
            None => Profile::default(),
            Some(word) => {
                let known = Profile::ALL.into_iter().find(|it| it.word() == word.get_ref());
                known.ok_or_else(|| {
                    let message = format!("there is no profile `{}`", word.get_ref());
                    let known = Profile::ALL.map(|it| format!("`{}`", it.word())).join(", ");
                    wrong(word.span().start, message, &format!("there are {known}"))
                })?
            }
        };
        for rule in file.lint.waive.keys() {
            if let Some((message, help)) = not_waivable(rule.get_ref()) {
                return Err(wrong(rule.span().start, message, &help));
            }
        }
        let exceptions = |reasons: Reasons, help: &str| {
            let each = reasons.into_iter().map(|(name, reason)| {
                if reason.trim().is_empty() {
                    let message = format!("there is no reason for `{}`", name.get_ref());
                    return Err(wrong(name.span().start, message, help));
                }
                let place = source.place_at(name.span().start);
                Ok(Exception { name: name.into_inner(), reason: reason.trim().to_owned(), place })
            });
            each.collect::<Result<Vec<_>, _>>()
        };
        let waived =
            exceptions(file.lint.waive, "say why the rule does not hold for the contract")?;
        let skipped = exceptions(file.operations.skip, "say why the client does without it")?;
        Ok(Self {
            root: root.to_owned(),
            client: Config {
                contract: file.contract,
                package: package.into_inner(),
                folder,
                json: file.json,
                calls: file.tests.calls,
                context_headers,
                passes: passes.into_iter().map(Spanned::into_inner).collect(),
            },
            accepted: file
                .accepted_changes
                .unwrap_or_else(|| "openapi/accepted-changes.toml".to_owned()),
            contract_snapshots: file.tests.contract_snapshots,
            client_snapshots: file.tests.client_snapshots,
            docs_calls: file.docs.calls,
            profile,
            exceptions: Exceptions { waived, skipped, source },
            generator: Generator::default(),
        })
    }

    /// Where the contract is.
    #[must_use]
    pub fn contract_path(&self) -> PathBuf {
        self.root.join(&self.client.contract)
    }

    /// Reads the contract, whole.
    ///
    /// # Errors
    /// It cannot be read, or its syntax is wrong.
    pub fn document(&self) -> Result<Document, Vec<Diagnostic>> {
        grammar::read(&self.root, &self.client.contract).map_err(|mut findings| {
            for finding in findings.iter_mut().filter(|it| it.rule == UNREADABLE.id) {
                finding.help =
                    format!("`contract` in {} names the file", self.exceptions.source.path);
            }
            findings
        })
    }

    /// Reads and parses the contract, without the operations that are left out.
    ///
    /// # Errors
    /// Everything that its grammar does not allow, or that it cannot be read.
    pub fn contract(&self) -> Result<Contract, Vec<Diagnostic>> {
        grammar::contract(&self.without_skipped(&self.document()?))
    }

    /// Compares the generated files with what the contract gives.
    ///
    /// # Errors
    /// Everything that keeps the contract from being generated.
    pub fn check(&self) -> Result<Report, Vec<Diagnostic>> {
        let document = self.document()?;
        let contract = grammar::contract(&self.without_skipped(&document))?;
        let client = generate(self, &contract)?;
        Ok(openapi_codegen::compare(&self.root, &self.client, &document, &contract, client))
    }

    /// The document without the operations that are left out.
    #[must_use]
    pub fn without_skipped(&self, document: &Document) -> Document {
        self.left_by_skipped(document.clone())
    }

    /// The document without the operations that are left out, if there are any.
    pub(crate) fn left_by_skipped(&self, document: Document) -> Document {
        let skipped = &self.exceptions.skipped;
        if skipped.is_empty() {
            return document;
        }
        let skipped: BTreeSet<_> = skipped.iter().map(|it| it.name.as_str()).collect();
        document
            .without(|it| it.value["operationId"].as_str().is_some_and(|id| skipped.contains(id)))
    }

    /// The workspace as it is for a contract that it is not about: without its exceptions, and without its client.
    #[must_use]
    pub fn for_another(&self) -> Self {
        Self { client: Config::default(), exceptions: Exceptions::default(), ..self.clone() }
    }

    /// The rules that are waived for the whole contract, each with the reason.
    pub(crate) fn waived(&self) -> impl Iterator<Item = (&str, &str)> {
        self.exceptions.waived.iter().map(|it| (it.name.as_str(), it.reason.as_str()))
    }

    /// The exceptions that `contract`, of which these are the findings of a profile, does not need. Left over, they would
    /// hide the next one.
    pub(crate) fn stale(
        &self,
        profile: Profile,
        contract: &Contract,
        findings: &[Diagnostic],
    ) -> Vec<Diagnostic> {
        let stale = |rule, it: &Exception, message: String, help: &str| {
            self.exceptions.source.diagnostic_at(rule, Some(it.place), message, help)
        };
        let unneeded = |it: &&Exception| {
            let tells = rules().any(|rule| rule.id == it.name && rule.profile <= profile);
            tells && findings.iter().all(|at| at.rule != it.name)
        };
        let left_over = |it: &Exception| {
            let message = format!("nothing in the contract breaks the rule `{}`", it.name);
            stale(STALE_WAIVER, it, message, "remove the waiver")
        };
        let waived = &self.exceptions.waived;
        let (own, others): (Vec<_>, Vec<_>) =
            waived.iter().filter(unneeded).partition(|it| it.name == STALE_WAIVER.id);
        let mut found: Vec<_> = others.into_iter().map(left_over).collect();
        if found.is_empty() {
            found.extend(own.into_iter().map(left_over));
        } else if let Some(it) = waived.iter().find(|it| it.name == STALE_WAIVER.id) {
            for at in &mut found {
                at.waived = Some(it.reason.clone());
            }
        }
        let left_out = |id: &str| contract.left_out.iter().any(|it| it["operationId"] == id);
        let skipped = self.exceptions.skipped.iter().filter(|it| !left_out(&it.name));
        found.extend(skipped.map(|it| {
            let ids = contract.operations().filter_map(|it| it.value["operationId"].as_str());
            let help = nearest(&it.name, ids)
                .map_or_else(|| "remove it".to_owned(), |id| format!("did you mean `{id}`?"));
            stale(RULE, it, format!("no operation has the id `{}`", it.name), &help)
        }));
        found
    }
}

/// Why a rule cannot be waived, and what to do about it.
fn not_waivable(id: &str) -> Option<(String, String)> {
    match rules().find(|rule| rule.id == id) {
        Some(rule) if rule.waivable => None,
        Some(_) => {
            let help = "leave out the operations that break it by `[operations.skip]`, or fix the contract";
            Some((
                format!("`{id}` cannot be waived: nothing can be generated then"),
                help.to_owned(),
            ))
        }
        None => {
            let help = nearest(id, rules().map(|rule| rule.id)).map_or_else(
                || "`cargo xtask lint --explain` lists them".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            Some((format!("there is no rule `{id}`"), help))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
contract = \"a.yaml\"
[crate]
package = \"a-client\"
folder = \"a\"
";

    fn parse(text: &str) -> Result<Workspace, Box<Diagnostic>> {
        Workspace::parse(Path::new("/nowhere"), "codegen.toml", text)
    }

    #[test]
    fn what_is_not_said_has_a_default_or_is_left_out() {
        let workspace = parse(FILE).expect("a configuration");
        assert_eq!(workspace.client.client(), Path::new("a/src/generated.rs"));
        assert_eq!(workspace.accepted, "openapi/accepted-changes.toml");
        assert_eq!((workspace.client.json, workspace.client.calls), (None, None));
        assert_eq!(workspace.client.passes, [""; 0]);
    }

    #[test]
    fn what_is_wrong_is_shown_at_its_line() {
        for (old, new, expected) in [
            ("contract", "contrat", "1: unknown field `contrat`"),
            ("contract = \"a.yaml\"\n", "", "1: missing field `contract`"),
            ("folder", "folders", "4: unknown field `folders`"),
            ("\"a\"", "1", "4: invalid type: integer"),
            ("a-client", "a client", "3: `a client` is no name of a package; expected letters"),
            ("a-client", "async", "3: `async` is no name of a package"),
            (
                "folder",
                "passes = [\"pascal\"]\nfolder",
                "4: there is no optional pass `pascal`; there are `pascal-case`",
            ),
            (
                "[crate]",
                "[lint.waive]\none-sucess = 'why'\n[crate]",
                "3: there is no rule `one-sucess`; did you mean `one-success`?",
            ),
            (
                "[crate]",
                "[lint.waive]\none-success = ' '\n[crate]",
                "3: there is no reason for `one-success`; say why",
            ),
            ("[crate]", "[lint.waive]\nyaml = 'why'\n[crate]", "3: `yaml` cannot be waived"),
            (
                "[crate]",
                "[lint]\nprofile = 'home'\n[crate]",
                "3: there is no profile `home`; there are `openapi`, `generator`, `house`",
            ),
            (
                "[crate]",
                "[operations.skip]\ngetA = ''\n[crate]",
                "3: there is no reason for `getA`; say why",
            ),
            ("[crate]", "[operations]\nskipped = 1\n[crate]", "3: unknown field `skipped`"),
        ] {
            let found = parse(&FILE.replacen(old, new, 1)).expect_err("no configuration");
            let (line, _) = found.place.expect("a place");
            let shown = format!("{line}: {}; {}", found.message, found.help);
            assert!(shown.starts_with(expected), "{new}: {shown}");
        }
    }

    #[test]
    fn a_missing_file_is_a_finding_that_says_who_names_it() {
        let root = Path::new("/nowhere");
        for (file, name) in [(None, CONFIG), (Some(Path::new("/b.toml")), "/b.toml")] {
            let found = Workspace::open(root, file).expect_err("no file");
            assert_eq!((found.rule, found.path.as_str()), ("unreadable", name));
            assert!(found.help.contains("--config FILE"), "{}", found.help);
        }
        let findings = parse(FILE).expect("a configuration").check().expect_err("no contract");
        assert_eq!((findings[0].rule, findings[0].path.as_str()), ("unreadable", "a.yaml"));
        assert_eq!(findings[0].help, "`contract` in codegen.toml names the file");
    }
}
