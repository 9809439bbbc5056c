//! The commands, one file each: they read, call the library, and print.

/// Prints a line on stderr; whoever does not read it misses it, and nothing else happens.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(anstream::stderr(), $($text)*);
    }};
}

use contract_review::compile::{self, Compiles};
use contract_review::workspace::Workspace;
use openapi_document::Diagnostic;

pub(crate) mod codegen;
pub(crate) mod demo;
pub(crate) mod diff;
pub(crate) mod docs;
pub(crate) mod lint;
pub(crate) mod review;

/// Nothing to do: what was looked at is as it should be.
pub(crate) const FRESH: u8 = 0;
/// Something breaks that nobody accepted.
pub(crate) const BREAKING: u8 = 3;
/// What is committed is not what the contract gives.
pub(crate) const STALE: u8 = 4;
/// The contract cannot be used.
pub(crate) const BROKEN: u8 = 100;

/// Prints on stdout, with colours where that is a terminal that shows them. Whoever stops reading early has
/// seen enough of it.
pub(crate) fn print(text: &str) {
    use std::io::Write;
    let _ = anstream::stdout().write_all(text.as_bytes());
}

/// Compiles a client and the calls of it, and says so where that takes long.
pub(crate) fn compile(workspace: &Workspace, client: &str, calls: Option<&str>) -> Compiles {
    let slow = || say!("{:>12} the client, and its dependencies if they are new", "Compiling");
    compile::check(workspace, client, calls, slow)
}

/// Prints why a command goes no further.
pub(crate) fn refuse<'a>(wrong: impl IntoIterator<Item = &'a Diagnostic>) -> u8 {
    for wrong in wrong {
        say!("{}\n", wrong.styled());
    }
    BROKEN
}
