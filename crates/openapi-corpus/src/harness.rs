//! A throw-away workspace with a package for each batch: the hand-written part of the client library with
//! another generated part, and a program that tells what its models make of instances.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use contract_review::workspace;
use openapi_codegen::Config;
use openapi_document::{argument_name, type_name};
use serde_json::Value;
use syn::Item;

use crate::batch::{Batch, Root};
use crate::report::{Failure, Report, plain};

/// How often what does not compile is taken out.
const ROUNDS: usize = 20;

const PROGRAM: &str = include_str!("program.rs");

/// A model that instances are read by.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The component, and the root that it is of.
    pub name: String,
    /// The root whose model it is, or a part of.
    pub root: Root,
    /// Its type in Rust.
    pub ty: String,
    /// Whether it is the body of a request, with limits.
    pub whole: bool,
    /// The variants, if it is a union: their names, and the numbers of the branches that each stands for, if
    /// that can be told.
    pub variants: Vec<(String, Option<Vec<usize>>)>,
}

/// A batch in the throw-away workspace.
pub struct Package {
    /// Its schemas: those that are left.
    pub batch: Batch,
    /// Its models, in the order of their numbers.
    pub entries: Vec<Entry>,
    name: String,
    lines: Vec<String>,
}

/// The throw-away workspace.
pub struct Workspace {
    root: PathBuf,
    source: PathBuf,
    library: Config,
    /// Two runs in one folder would read each other's models.
    _lock: File,
}

impl Workspace {
    /// The workspace at `root`, with the hand-written code of the one at `source`. It waits for whoever works in it.
    ///
    /// # Errors
    /// Whatever keeps it from being written.
    pub fn new(source: &Path, root: &Path) -> io::Result<Self> {
        let workspace = workspace::Workspace::open(source, None);
        let library = workspace.map_err(io::Error::other)?.client;
        let manifest = fs::read_to_string(source.join("Cargo.toml"))?;
        let mut shared = String::new();
        let mut open = false;
        for line in manifest.lines() {
            if line.starts_with('[') {
                open = ["[workspace.package]", "[workspace.dependencies]"].contains(&line);
            }
            if open && !line.contains("path = ") {
                let _ = writeln!(shared, "{line}");
            }
        }
        let text = format!(
            "[workspace]\nresolver = \"3\"\nmembers = [\"corpus-*\"]\n\n{shared}\n\
             [profile.dev]\nopt-level = 0\ndebug = false\nincremental = false\n"
        );
        fs::create_dir_all(root)?;
        let lock = File::create(root.join("lock"))?;
        lock.lock()?;
        // What another run left has other schemas.
        for entry in fs::read_dir(root)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with("corpus-") {
                fs::remove_file(entry.path().join("Cargo.toml")).ok();
            }
        }
        write(&root.join("Cargo.toml"), &text)?;
        fs::copy(source.join("Cargo.lock"), root.join("Cargo.lock"))?;
        Ok(Self { root: root.to_owned(), source: source.to_owned(), library, _lock: lock })
    }

    /// Generates the client of each batch and compiles them all; what cannot be compiled is taken out and
    /// reported.
    ///
    /// # Errors
    /// Whatever keeps a file from being written, or cargo from being started.
    pub fn build(&self, batches: Vec<Batch>, report: &mut Report) -> io::Result<Vec<Package>> {
        let mut packages = Vec::new();
        for (index, batch) in batches.into_iter().enumerate() {
            let (name, entries, lines) = (format!("corpus-{index}"), Vec::new(), Vec::new());
            let mut package = Package { batch, entries, name, lines };
            if self.write(&mut package, report)? {
                packages.push(package);
            }
        }
        for round in 0..=ROUNDS {
            // A package that is gone is no member.
            let folders = fs::read_dir(&self.root)?.filter_map(Result::ok);
            for folder in
                folders.filter(|it| it.file_name().to_string_lossy().starts_with("corpus-"))
            {
                let folder = folder.path();
                if !folder.join("Cargo.toml").exists() {
                    fs::remove_dir_all(folder)?;
                }
            }
            if packages.is_empty() {
                break;
            }
            let errors = self.compile()?;
            if errors.is_empty() {
                break;
            }
            let mut kept = Vec::new();
            for mut package in packages {
                let errors = errors.get(&package.name).map_or(&[][..], Vec::as_slice);
                if round == ROUNDS && !errors.is_empty() {
                    let why = format!("not after {ROUNDS} times either");
                    let (kind, root) = ("does not compile at all", &package.batch.roots[0]);
                    report.fail(Failure::new(kind, why, &package.batch, root, None));
                }
                if errors.is_empty()
                    || (round < ROUNDS
                        && package.blame(errors, report)
                        && self.write(&mut package, report)?)
                {
                    kept.push(package);
                } else {
                    fs::remove_file(self.root.join(&package.name).join("Cargo.toml"))?;
                }
            }
            packages = kept;
        }
        report.generated += packages.iter().map(|package| package.batch.roots.len()).sum::<usize>();
        Ok(packages)
    }

    /// Writes the package of a batch, if anything can be generated of it.
    fn write(&self, package: &mut Package, report: &mut Report) -> io::Result<bool> {
        let Some(client) = package.batch.generate(&self.library, report) else { return Ok(false) };
        let library = self.source.join(&self.library.folder);
        let folder = self.root.join(&package.name);
        let manifest = fs::read_to_string(library.join("Cargo.toml"))?;
        let name = |name: &str| format!("name = \"{name}\"");
        let manifest = manifest.replace(&name(&self.library.package), &name(&package.name));
        let manifest = manifest.replace("default = [\"rustls\"]", "default = []");
        let manifest = manifest.split("[lints]").next().unwrap_or_default();
        write(&folder.join("Cargo.toml"), manifest)?;
        write(&folder.join("README.md"), "")?;
        for file in fs::read_dir(library.join("src"))? {
            let file = file?;
            let to = folder.join("src").join(file.file_name());
            if file.file_name() != "generated.rs" {
                write(&to, &fs::read_to_string(file.path())?)?;
            }
        }
        write(&folder.join("src/generated.rs"), &client)?;
        package.lines = client.lines().map(str::to_owned).collect();
        package.entries = entries(&package.batch, &client);
        write(&folder.join("src/main.rs"), &program(&package.name, &package.entries))?;
        Ok(true)
    }

    /// Compiles all packages; the errors of each.
    fn compile(&self) -> io::Result<BTreeMap<String, Vec<Value>>> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["build", "--offline", "--workspace", "--keep-going", "--message-format=json"])
            .args(["--target-dir", "target"])
            .current_dir(&self.root)
            .env_remove("CARGO_TARGET_DIR")
            .stderr(Stdio::piped())
            .output()?;
        let mut errors: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for line in output.stdout.lines() {
            let Ok(message) = serde_json::from_str::<Value>(&line?) else { continue };
            if message["reason"] == "compiler-message" && message["message"]["level"] == "error" {
                let source = message["target"]["src_path"].as_str().unwrap_or_default();
                let name = source.split(['/', '\\']).find(|part| part.starts_with("corpus-"));
                errors
                    .entry(name.unwrap_or_default().to_owned())
                    .or_default()
                    .push(message["message"].clone());
            }
        }
        if output.status.success() || !errors.is_empty() {
            return Ok(errors);
        }
        Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
    }

    /// Lets a package read instances, each of an entry; a verdict for each, until it ends.
    ///
    /// # Errors
    /// The program cannot be started, or a file not be written.
    pub fn run(&self, package: &Package, instances: &[(usize, &str)]) -> io::Result<Vec<Value>> {
        let file = self.root.join(&package.name).join("instances");
        let mut text = String::new();
        for (entry, instance) in instances {
            let _ = writeln!(text, "{entry}\t{instance}");
        }
        fs::write(&file, text)?;
        let program = self.root.join("target/debug").join(&package.name);
        let mut child = Command::new(program)
            .stdin(File::open(&file)?)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut verdicts = Vec::new();
        if let Some(output) = child.stdout.take() {
            for line in BufReader::new(output).lines() {
                verdicts.push(serde_json::from_str(&line?)?);
            }
        }
        child.wait()?;
        Ok(verdicts)
    }
}

/// Writes a file, unless it is as it should be: cargo looks at the time.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

impl Package {
    /// Reports what does not compile, and takes it out. Whether anything is left.
    fn blame(&mut self, errors: &[Value], report: &mut Report) -> bool {
        let owners = owners(&self.lines);
        let mut guilty = BTreeSet::new();
        let mut blamed = BTreeSet::new();
        for error in errors {
            let spans = error["spans"].as_array().into_iter().flatten();
            let mut words = String::new();
            for span in spans.filter(|span| span["is_primary"] == true) {
                for line in span["text"].as_array().into_iter().flatten() {
                    let _ = write!(words, " {}", line["text"].as_str().unwrap_or_default());
                }
                let line = span["line_start"].as_u64().and_then(|line| usize::try_from(line).ok());
                if span["file_name"].as_str().is_some_and(|name| name.ends_with("generated.rs")) {
                    let owner = line.and_then(|line| owners.get(line.saturating_sub(1)));
                    let _ = write!(words, " {}", owner.map_or("", String::as_str));
                }
            }
            let rendered = error["rendered"].as_str().unwrap_or_default();
            let mut names = self.named(&words);
            if names.is_empty() {
                names = self.named(rendered);
            }
            let Some(root) = names.iter().flat_map(|name| self.batch.roots_of(name)).min() else {
                continue;
            };
            // One mistake makes several errors.
            if blamed.insert(names.clone()) {
                let code = error["code"]["code"].as_str().unwrap_or_default();
                let message = plain(error["message"].as_str().unwrap_or_default());
                let kind = format!("does not compile: {code} {message}");
                let root = &self.batch.roots[root];
                let mut failure = Failure::new(&kind, rendered.to_owned(), &self.batch, root, None);
                failure.schema = self.batch.closure(names.iter().map(String::as_str));
                report.fail(failure);
            }
            guilty.extend(names.iter().flat_map(|name| self.batch.roots_of(name)));
        }
        if guilty.is_empty() {
            let why = errors.iter().filter_map(|error| error["rendered"].as_str()).collect();
            let root = &self.batch.roots[0];
            let kind = "does not compile, and no schema is named";
            report.fail(Failure::new(kind, why, &self.batch, root, None));
            return false;
        }
        self.batch.remove(&guilty);
        !self.batch.roots.is_empty()
    }

    /// The components that words of a text begin with: an inline schema has their name and that of a member.
    fn named(&self, text: &str) -> BTreeSet<String> {
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        let names = words.flat_map(|word| {
            self.batch.components.keys().filter(move |name| word.starts_with(name.as_str()))
        });
        names.cloned().collect()
    }
}

/// The head of the item that each line is of.
fn owners(lines: &[String]) -> Vec<String> {
    let mut owners = vec![String::new(); lines.len()];
    let (mut begin, mut head) = (0, "");
    for (index, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let text = line.trim_start();
        if indent <= 4
            && (text.starts_with("pub struct")
                || text.starts_with("pub enum")
                || text.starts_with("impl"))
        {
            head = line;
        }
        if indent <= 4 && (text == "}" || (text.ends_with(';') && text.starts_with("pub struct"))) {
            for owner in &mut owners[begin..=index] {
                head.clone_into(owner);
            }
            (begin, head) = (index + 1, "");
        }
    }
    owners
}

/// The models to read instances by: those of the roots, and of the unions that they hold.
fn entries(batch: &Batch, client: &str) -> Vec<Entry> {
    let file = syn::parse_file(client).map_or(Vec::new(), |file| file.items);
    let types = file.iter().find_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_ref(),
        _ => None,
    });
    let enums: BTreeMap<_, Vec<_>> = types
        .map_or(&[][..], |(_, items)| items)
        .iter()
        .filter_map(|item| match item {
            Item::Enum(item) => {
                let variants = item.variants.iter().map(|variant| variant.ident.to_string());
                Some((item.ident.to_string(), variants.collect()))
            }
            _ => None,
        })
        .collect();
    let variants = |name: &str| {
        let names: &Vec<String> = enums.get(&type_name(name))?;
        let schema = batch.components.get(name)?;
        let branches = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array())?;
        let words: Vec<_> =
            branches.iter().enumerate().map(|(index, it)| batch.words(it, index)).collect();
        let told = names.iter().map(|name| {
            let stands = |index: &usize| words[*index].contains(name);
            let found: Vec<_> = (0..branches.len()).filter(stands).collect();
            // What is none of them is no variant of an instance; one of a union within is not told.
            let known = name == "Unknown" || !found.is_empty();
            (name.clone(), known.then_some(found))
        });
        Some(told.collect::<Vec<_>>())
    };
    let bodies = bodies(&file);
    let mut entries = Vec::new();
    let mut seen = BTreeSet::new();
    for root in &batch.roots {
        let name = root.body();
        let Some(ty) = bodies.get(&argument_name(&format!("put{name}"))) else { continue };
        entries.push(Entry {
            name: name.clone(),
            root: root.clone(),
            ty: ty.clone(),
            whole: true,
            variants: variants(&name).unwrap_or_default(),
        });
        for part in batch.reached(&name).into_iter().filter(|part| *part != name) {
            if let Some(variants) = variants(&part).filter(|_| seen.insert(part.clone())) {
                let ty = format!("types::{}", type_name(&part));
                entries.push(Entry { name: part, root: root.clone(), ty, whole: false, variants });
            }
        }
    }
    entries
}

/// The types of the bodies of all methods.
fn bodies(file: &[Item]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for item in file {
        let Item::Impl(block) = item else { continue };
        for item in &block.items {
            let syn::ImplItem::Fn(method) = item else { continue };
            for argument in &method.sig.inputs {
                let syn::FnArg::Typed(argument) = argument else { continue };
                let syn::Type::Reference(reference) = &*argument.ty else { continue };
                let syn::Type::Path(path) = &*reference.elem else { continue };
                let Some(last) = path.path.segments.last() else { continue };
                if let ("Document", syn::PathArguments::AngleBracketed(arguments)) =
                    (&*last.ident.to_string(), &last.arguments)
                {
                    let ty = &arguments.args;
                    found.insert(method.sig.ident.to_string(), quote::quote!(#ty).to_string());
                }
            }
        }
    }
    found
}

/// The program of a package.
fn program(package: &str, entries: &[Entry]) -> String {
    let mut arms = String::new();
    for (index, entry) in entries.iter().enumerate() {
        let Entry { ty, whole, variants, .. } = entry;
        let read = if *whole { "whole" } else { "part" };
        let mut variant = String::new();
        for (number, (name, _)) in variants.iter().enumerate() {
            let _ = write!(variant, "{ty}::{name} {{ .. }} => Some({number}), ");
        }
        let variant = format!("|model| match model {{ {variant}_ => None }}");
        let _ = writeln!(arms, "        {index} => {read}::<{ty}>(text, {variant}),");
    }
    PROGRAM
        .replace("PACKAGE", &package.replace('-', "_"))
        .replace("        ARMS => Value::Null,\n", &arms)
}
