//! Where a client is generated. What generates it is other people's code, which recurses as deep as a contract
//! does: in a process of its own it may run out of stack, memory or time, and nothing else ends with it.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use openapi_codegen::{Config, client, rules};
use openapi_document::{Contract, Diagnostic, Document};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The subcommand that calls [`serve`].
pub const COMMAND: &str = "generator";

/// How long the process may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many bytes of memory the process may have, in GiB.
const MEMORY: u64 = 4;

/// The stack that a client is generated on in the process.
const STACK: usize = 64 << 20;

/// Where a client is generated.
#[derive(Debug, Clone, Default)]
pub enum Generator {
    /// Here. What overflows the stack ends the program.
    #[default]
    InProcess,
    /// By a program that calls [`serve`] as its subcommand [`COMMAND`].
    Process {
        /// The program.
        program: PathBuf,
        /// How long it may take.
        patience: Duration,
    },
}

/// What is asked for: the client of a document.
#[derive(Serialize, Deserialize)]
struct Request<C, D> {
    config: C,
    document: D,
}

/// What is wrong with a contract; its place is known to whoever has the text.
#[derive(Serialize, Deserialize)]
struct Finding {
    rule: String,
    pointer: String,
    message: String,
    help: String,
}

/// The client, or what keeps it from being generated.
type Answer = Result<String, Vec<Finding>>;

impl Generator {
    /// By a program, which may take a minute.
    #[must_use]
    pub fn process(program: PathBuf) -> Self {
        Self::Process { program, patience: PATIENCE }
    }

    /// Generates the client for a contract. The lint is not called.
    ///
    /// # Errors
    /// What has no name of its own in Rust, what progenitor cannot take, or how the process ended.
    pub fn client(&self, contract: &Contract, config: &Config) -> Result<String, Vec<Diagnostic>> {
        let Self::Process { program, patience } = self else { return client(contract, config) };
        let findings = match ask(program, *patience, contract, config) {
            Ok(Ok(client)) => return Ok(client),
            Ok(Err(findings)) => findings,
            Err(why) => {
                let help = "leave out by `[operations.skip]` what it cannot take; the contract itself was compared";
                let (rule, pointer) = (rules::GENERATOR.id.to_owned(), String::new());
                vec![Finding { rule, pointer, message: why, help: help.to_owned() }]
            }
        };
        let diagnostic = |Finding { rule, pointer, message, help }| {
            let rule = rules::RULES.iter().find(|known| known.id == rule);
            contract.source.diagnostic(*rule.unwrap_or(&rules::GENERATOR), &pointer, message, help)
        };
        Err(findings.into_iter().map(diagnostic).collect())
    }
}

fn ask(
    program: &Path,
    patience: Duration,
    contract: &Contract,
    config: &Config,
) -> Result<Answer, String> {
    let failed = |error: io::Error| format!("the generator cannot be run: {error}");
    let request = serde_json::to_vec(&Request { config, document: &contract.json });
    let request = request.map_err(|error| failed(error.into()))?;
    let mut process = Command::new(program);
    process.arg(COMMAND).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = process.spawn().map_err(failed)?;
    let outcome = talk(&mut child, request, patience);
    if !matches!(outcome, Ok(Some(_))) {
        // Ended or not: nothing waits for it.
        let _ = child.kill();
    }
    let status = child.wait().map_err(failed)?;
    let Some((answer, said)) = outcome.map_err(failed)? else {
        return Err(format!("the generator took longer than {} s", patience.as_secs_f32()));
    };
    if status.success() {
        let answer = serde_json::from_slice(&answer);
        return answer.map_err(|error| failed(error.into()));
    }
    Err(ended(status, &String::from_utf8_lossy(&said)))
}

/// Gives the process what it is asked, and reads all that it writes; nothing if that takes too long.
fn talk(
    child: &mut Child,
    request: Vec<u8>,
    patience: Duration,
) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let (done, outcome) = channel();
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(mut stdin), Some(mut stdout), Some(mut stderr)) = (stdin, stdout, stderr) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    // One that ends before it has read everything has said why.
    thread::Builder::new().spawn(move || stdin.write_all(&request))?;
    let errors = thread::Builder::new().spawn(move || {
        let mut said = Vec::new();
        stderr.read_to_end(&mut said).map(|_| said)
    })?;
    thread::Builder::new().spawn(move || {
        let mut answer = Vec::new();
        let read = stdout.read_to_end(&mut answer).map(|_| answer);
        let said = errors.join().unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into()));
        // Nobody waits any more if that took too long.
        let _ = done.send(read.and_then(|answer| Ok((answer, said?))));
    })?;
    outcome.recv_timeout(patience).ok().transpose()
}

/// How a process ended that has no answer.
fn ended(status: ExitStatus, said: &str) -> String {
    if said.contains("has overflowed its stack") {
        "the generator ran out of stack".to_owned()
    } else if said.contains("memory allocation of") {
        format!("the generator needs more than {MEMORY} GiB of memory")
    } else {
        let last = said.lines().rfind(|line| !line.trim().is_empty() && !line.starts_with("note:"));
        let said = last.map_or(String::new(), |line| format!(": {line}"));
        format!("the generator ended with {status}{said}")
    }
}

/// Generates the client that is asked for on `input`, in the memory that there is for it.
///
/// # Errors
/// Nobody asks, or nobody reads the answer.
pub fn serve(mut input: impl Read, output: impl Write) -> io::Result<()> {
    limit()?;
    let mut request = String::new();
    input.read_to_string(&mut request)?;
    let Request { config, document } =
        serde_json::from_str::<Request<Config, &RawValue>>(&request)?;
    let answer = || answer(&config, document.get());
    let answer = thread::scope(|scope| {
        let generating = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, answer)?;
        generating.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    Ok(serde_json::to_writer(output, &answer)?)
}

fn answer(config: &Config, document: &str) -> io::Result<Answer> {
    let document = Document::parse(&config.contract, document)
        .map_err(|error| io::Error::other(error.to_string()))?;
    let contract = Contract::new(document);
    let finding = |found: Diagnostic| {
        let Diagnostic { rule, pointer, message, help, .. } = found;
        Finding { rule: rule.to_owned(), pointer, message, help }
    };
    let client = client(&contract, config);
    Ok(client.map_err(|findings| findings.into_iter().map(finding).collect()))
}

/// Limits the memory of this process. What it cannot do without it says by ending, which needs no dump.
///
/// Not on macOS: there the library that all processes share counts, and a limit below what is in use is refused (EINVAL,
/// `dosetrlimit` of XNU).
#[cfg(unix)]
fn limit() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let memory = (!cfg!(target_vendor = "apple")).then_some((Resource::As, MEMORY << 30));
    for (resource, most) in memory.into_iter().chain([(Resource::Core, 0)]) {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn limit() -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const CONTRACT: &str = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {}\n";

    /// What is said of a program that does this.
    fn said(script: &str) -> Result<String, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("generator");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("a script");
        let mode = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(&program, mode).expect("a program");
        let contract = openapi_lint::grammar::parse("a.yaml", CONTRACT).expect("a contract");
        let generator = Generator::Process { program, patience: Duration::from_millis(500) };
        let client = generator.client(&contract, &Config::default());
        client.map_err(|found| found[0].line())
    }

    #[test]
    fn however_the_process_ends_it_is_said() {
        for (script, expected) in [
            ("exec sleep 100", "the generator took longer than 0.5 s"),
            (
                "cat > /dev/null; echo \"thread 'main' has overflowed its stack\" >&2; kill -ABRT $$",
                "the generator ran out of stack",
            ),
            (
                "echo 'memory allocation of 1 bytes failed' >&2; exit 1",
                "the generator needs more than 4 GiB of memory",
            ),
            (
                "printf 'thread panicked\\nwhy\\nnote: run with\\n' >&2; exit 101",
                "the generator ended with exit status: 101: why",
            ),
            ("kill -9 $$", "the generator ended with signal: 9 (SIGKILL)"),
            ("echo '{'", "the generator cannot be run: EOF while parsing"),
        ] {
            let found = said(script).expect_err(script);
            assert!(found.contains(expected), "{script}: {found}");
        }
    }

    #[test]
    fn what_is_found_has_its_place_here() {
        let found =
            r#"[{"rule": "type-name", "pointer": "/info/title", "message": "M", "help": "H"}]"#;
        let found =
            said(&format!("cat > /dev/null; echo '{{\"Err\": {found}}}'")).expect_err("one");
        assert_eq!(found, "a.yaml:2:8: error[type-name]: M");
        let client = said(r#"grep -q '"openapi":"3.0.3"' && echo '{"Ok": "the client"}'"#);
        assert_eq!(client.as_deref(), Ok("the client"));
    }
}
