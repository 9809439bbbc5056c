//! The page in a real browser without a network: it renders, and holds every operation.
//!
//! Needs Chromium: on the path, or named by `PARTNER_CENTER_BROWSER`. Without one, nothing is tested and
//! the test says so; with `PARTNER_CENTER_BROWSER=required`, it fails.

use std::path::Path;
use std::process::{Command, Stdio};

use contract_review::workspace::Workspace;
use openapi_docs::{Examples, Methods, Page};

mod found;

#[test]
fn a_browser_shows_every_operation_without_a_network() {
    let Some(browser) = found::browser() else { return };
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
