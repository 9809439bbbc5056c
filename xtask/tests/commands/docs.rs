//! `cargo xtask docs` as a person calls it.

use std::path::Path;
use std::process::{Command, Output};

fn docs(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask-tools"));
    command.arg("docs").args(arguments).output().expect("a run")
}

#[test]
fn the_command_writes_a_page_or_says_what_is_broken() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let folder = std::env::temp_dir().join(format!("xtask-docs-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = |name: &str| folder.join(name).display().to_string();
    let ours = std::fs::read_to_string(root.join(crate::workspace::CONTRACT)).expect("a contract");
    std::fs::write(file("base.yaml"), ours.replace("maxLength: 200", "maxLength: 199"))
        .expect("a file");
    let written = docs(&["--output", &file("a/b.html"), "--base", &file("base.yaml")]);
    let said = String::from_utf8_lossy(&written.stderr);
    assert_eq!(written.status.code(), Some(0), "{said}");
    assert!(said.contains(&format!("Wrote {}", file("a/b.html"))), "{said}");
    let html = std::fs::read_to_string(file("a/b.html")).expect("a page");
    assert!(
        html.contains("base.yaml</h2>") && html.contains("at most 200 characters now, not 199")
    );
    crate::sound::assert_sound(&html);

    // What is wrong in it, and what cannot be generated, is no reason for none.
    let broken = ours.replace("minLength: 2\n", "minLength: two\n");
    let modern = "openapi: 3.1.0
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
components:
  schemas:
    Pet: {type: [object, 'null'], properties: {age: {type: integer, exclusiveMinimum: 3}, kind: {const: cat}}}
";
    for (name, text, shown) in [
        ("broken.yaml", &*broken, "Billing"),
        ("modern.yaml", modern, "object or null"),
        ("modern.yaml", modern, "more than 3"),
    ] {
        std::fs::write(file(name), text).expect("a file");
        let output = docs(&[&file(name), "--output", &file("other.html")]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        let html = std::fs::read_to_string(file("other.html")).expect("a page");
        assert!(html.contains(shown) && !html.contains("Rust call"), "{name}");
        crate::sound::assert_sound(&html);
    }

    let twice = ours.replace("openapi: 3.0.3\n", "openapi: 3.0.3\nx-a: {1: a, '1': b}\n");
    std::fs::write(file("twice.yaml"), twice).expect("a file");
    for arguments in [
        &[&file("twice.yaml"), "--output", &file("c.html")][..],
        &["--base", &file("none.yaml"), "--output", &file("c.html")],
    ] {
        let output = docs(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(100), "{said}");
        assert!(said.contains("the page was not written") && !Path::new(&file("c.html")).exists());
    }
    // What is left over in the temporary folder does no harm.
    let _ = std::fs::remove_dir_all(&folder);
}
