//! The page in a real browser without a network: it renders, and holds every operation.
//!
//! Needs Chromium: on the path, or named by `PARTNER_CENTER_BROWSER`. Without one, nothing is tested and
//! the test says so; with `PARTNER_CENTER_BROWSER=required`, it fails.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use contract_review::workspace::Workspace;
use openapi_docs::{Examples, Methods, Page};

/// The browser to test with, if there is one.
fn browser() -> Option<PathBuf> {
    let chosen = std::env::var_os("PARTNER_CENTER_BROWSER").filter(|name| name != "required");
    if let Some(path) = chosen {
        return Some(path.into());
    }
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let folders: Vec<_> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.is_file())
}

#[test]
fn a_browser_shows_every_operation_without_a_network() {
    let Some(browser) = browser() else {
        let required = std::env::var_os("PARTNER_CENTER_BROWSER").is_some();
        assert!(!required, "there is no chromium, chromium-browser or google-chrome on the path");
        eprintln!("left out: there is no chromium on the path; name one by PARTNER_CENTER_BROWSER");
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let workspace = Workspace::open(root, None).expect("a configuration");
    let contract = workspace.contract().expect("a contract");
    let client = openapi_codegen::client(&contract, &workspace.client).expect("a client");
    let (methods, examples) = (Methods::of(&client), Examples::new());
    let page = Page {
        contract: &contract,
        methods: Some(&methods),
        examples: &examples,
        package: &workspace.client.package,
        context_headers: &[],
        calls: "",
        comparison: None,
    };
    let folder = std::env::temp_dir().join(format!("xtask-browser-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("page.html");
    std::fs::write(&file, page.html()).expect("a page");

    let output = Command::new(&browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND"])
        // What the page itself complains of is on stderr then, as a line with CONSOLE in it.
        .args(["--enable-logging=stderr", "--v=0", "--virtual-time-budget=5000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("file://{}", file.display()))
        .stdin(Stdio::null())
        .output()
        .expect("a browser");
    let (dom, said) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}: {said}", browser.display());
    let complaints: Vec<_> = said.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert_eq!(complaints, Vec::<&str>::new());
    for at in contract.operations() {
        let id = at.value["operationId"].as_str().expect("an id");
        assert!(dom.contains(&format!("<h3 id=\"operation-{id}\">")), "{id}");
    }
    for (name, _) in contract.json["components"]["schemas"].as_object().expect("schemas") {
        assert!(dom.contains(&format!("<h3 id=\"schema-{name}\">")), "{name}");
    }
    // What is left over in the temporary folder does no harm.
    let _ = std::fs::remove_dir_all(&folder);
}
