//! The browser to test with, here and by the tests of the command.

use std::path::PathBuf;

/// The browser, if there is one.
///
/// # Panics
/// One is required, and there is none.
pub(crate) fn browser() -> Option<PathBuf> {
    let chosen = std::env::var_os("PARTNER_CENTER_BROWSER");
    let required = chosen.is_some();
    if let Some(path) = chosen.filter(|name| name != "required") {
        return Some(path.into());
    }
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path);
    let found = folders
        .find_map(|folder| names.iter().map(|name| folder.join(name)).find(|it| it.is_file()));
    assert!(
        found.is_some() || !required,
        "there is no chromium, chromium-browser or google-chrome on the path"
    );
    if found.is_none() {
        eprintln!("left out: there is no chromium on the path; name one by PARTNER_CENTER_BROWSER");
    }
    found
}
