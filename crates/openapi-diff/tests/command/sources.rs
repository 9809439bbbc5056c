//! Where documents are read: files, stdin, git.

use super::{BASE, REVISION, both};

fn nothing_changed(out: &str) -> bool {
    out.contains("\nnothing changed\n")
}

#[test]
fn stdin_is_either_side_but_not_both() {
    let folder = both();
    let ran = folder.pipe(&["base.yaml", "-"], BASE);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.starts_with("from base.yaml to stdin\nnothing changed\n"), "{}", ran.out);
    assert_eq!(folder.pipe(&["-", "revision.yaml"], BASE).code, Some(3));
    let twice = folder.pipe(&["-", "-"], BASE);
    assert_eq!((twice.code, &*twice.out), (Some(2), ""), "it was called wrongly: {}", twice.err);
    assert!(twice.err.starts_with("error: stdin can be read once only"), "{}", twice.err);
    assert!(twice.err.contains("\nUsage: openapi-diff "), "{}", twice.err);
}

#[test]
fn a_git_revision_is_read_as_git_show_does() {
    let folder = both();
    folder.write("api/openapi.yaml", BASE);
    folder.git(&["init", "--quiet", "--initial-branch", "main"]);
    folder.git(&["add", "api"]);
    folder.git(&["commit", "--quiet", "--message", "one"]);
    folder.write("api/openapi.yaml", REVISION);
    let same = folder.run(&["main:api/openapi.yaml", "base.yaml"]);
    assert!(nothing_changed(&format!("\n{}", same.out)), "{}{}", same.out, same.err);
    let changed =
        folder.run(&["HEAD:./api/openapi.yaml", "api/openapi.yaml", "--format", "github"]);
    assert_eq!(changed.code, Some(3), "{}", changed.err);
    assert!(changed.out.contains("::error file=api/openapi.yaml,line="), "{}", changed.out);

    // What is to be committed.
    let staged = folder.run(&["HEAD:api/openapi.yaml", ":api/openapi.yaml"]);
    assert_eq!(staged.code, Some(0), "{}", staged.err);
    folder.git(&["add", "api"]);
    assert_eq!(folder.run(&["HEAD:api/openapi.yaml", ":api/openapi.yaml"]).code, Some(3));

    for (argument, said) in [
        ("main:nothing.yaml", "main:nothing.yaml cannot be read: the revision does not have it"),
        ("trunk:api/openapi.yaml", "`trunk` is neither a file nor a git revision"),
        (":nothing.yaml", ":nothing.yaml cannot be read"),
    ] {
        let ran = folder.run(&[argument, "base.yaml"]);
        assert_eq!((ran.code, &*ran.out), (Some(100), ""), "{argument}");
        assert!(ran.err.contains(said), "{}", ran.err);
    }
}

#[test]
fn paths_are_those_of_the_repository() {
    let folder = both();
    folder.write("api/a b.yaml", BASE);
    folder.git(&["init", "--quiet", "--initial-branch", "main"]);
    folder.git(&["add", "api"]);
    folder.git(&["commit", "--quiet", "--message", "one"]);
    folder.write("api/a b.yaml", REVISION);
    let absolute = folder.path().canonicalize().expect("a folder").join("api/a b.yaml");
    let absolute = absolute.to_str().expect("UTF-8");
    let mut revisions = vec!["api/a b.yaml", "api/../api/./a b.yaml"];
    // On Windows, the canonical path is written in another way than git does.
    if !cfg!(windows) {
        revisions.push(absolute);
    }
    for revision in revisions {
        let ran = folder.run(&["main:api/a b.yaml", revision, "--format", "sarif"]);
        let log: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
        for result in log["runs"][0]["results"].as_array().expect("results") {
            let uri = |at: &serde_json::Value| {
                at[0]["physicalLocation"]["artifactLocation"]["uri"].clone()
            };
            assert_eq!(uri(&result["locations"]), "api/a%20b.yaml", "{revision}");
            if let Some(base) = result.get("relatedLocations") {
                assert_eq!(uri(base), "api/a%20b.yaml", "{revision}");
            }
        }
    }
}

#[test]
fn a_document_of_several_files_is_read_whole() {
    let folder = both();
    let whole = "\
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a:
    post:
      requestBody: {content: {application/json: {schema: {$ref: 'parts/a.yaml'}}}}
      responses: {'204': {description: Done.}}
";
    folder.write("old/api.yaml", whole);
    folder.write("new/api.yaml", whole);
    folder.write("old/parts/a.yaml", "type: string\nmaxLength: 9\n");
    folder.write("new/parts/a.yaml", "type: string\nmaxLength: 8\n");
    let ran = folder.run(&["old/api.yaml", "new/api.yaml"]);
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert!(ran.out.contains("  at new/parts/a.yaml:2:1 /maxLength\n"), "{}", ran.out);
    if cfg!(windows) {
        assert_eq!(folder.run(&[r"old\api.yaml", r"new\api.yaml"]), ran);
    }
    let piped = folder.pipe(&["old/api.yaml", "-", "--format", "github"], whole);
    assert_eq!(piped.code, Some(100), "seen from here, there is no such file: {}", piped.out);
}

#[test]
fn what_cannot_be_read_is_said_of_both_sides() {
    let folder = both();
    folder.write("list.yaml", "[]");
    folder.write("open.yaml", "a: [");
    for (argument, said) in [
        ("nothing.yaml", "nothing.yaml cannot be read: there is no such file"),
        ("main", "name the file, too, as in `main:openapi.yaml`"),
        ("https://example.com/a.yaml", "nothing is read from the network"),
        (".", ". cannot be read: it is a folder"),
        ("list.yaml", "not an OpenAPI document"),
        ("open.yaml", "open.yaml:1"),
        ("", "cannot be read"),
    ] {
        let ran = folder.run(&[argument, argument]);
        assert_eq!((ran.code, &*ran.out), (Some(100), ""), "{argument}");
        assert_eq!(ran.err.matches(said).count() % 2, 0, "{argument}: {}", ran.err);
        assert!(ran.err.contains(said), "{argument}: {}", ran.err);
    }
}
