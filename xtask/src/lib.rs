//! The build steps of the workspace that need git, as functions: `cargo xtask` calls them, and so do the
//! tests.

#[cfg(feature = "tools")]
pub mod revision;

/// Syntax trees are many small pieces: with the allocator of the platform, half of the time goes into it.
#[cfg(feature = "tools")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
