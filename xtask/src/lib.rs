//! The build steps of the workspace that need git, as functions: `cargo xtask` calls them, and so do the
//! tests.

#[cfg(feature = "tools")]
pub mod revision;
