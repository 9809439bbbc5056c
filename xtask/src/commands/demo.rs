//! `cargo xtask demo`

/// Show a billing profile read, updated, refused and updated again, on an embedded service
///
/// Ends with 0 only if every step held.
#[derive(clap::Args)]
pub(crate) struct Args {}
