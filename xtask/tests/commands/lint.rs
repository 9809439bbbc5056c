//! `cargo xtask lint` as a person or a script calls it, and on documents that nobody would write.

use std::process::{Command, Output};

use crate::workspace::{CONTRACT, JSON, Workspace, ours, text};
use contract_review::workspace::Workspace as Configured;
use openapi_document::{Document, Profile, Source, escape};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

impl Workspace {
    pub(crate) fn lint(&self, arguments: &[&str]) -> Output {
        self.run(&[&["lint"], arguments].concat())
    }
}

pub(crate) fn findings(output: &Output) -> Vec<Value> {
    let printed: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(printed["file"], CONTRACT);
    printed["findings"].as_array().expect("a list").clone()
}

#[test]
fn the_contract_has_no_errors_and_its_exception_has_a_reason() {
    let workspace = Workspace::new("lint-1");
    let output = workspace.lint(&["--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let findings = findings(&output);
    let waived: Vec<_> =
        findings.iter().filter(|finding| finding["waived"] != Value::Null).collect();
    let [waived] = waived.as_slice() else { panic!("{waived:#?}") };
    assert_eq!(waived["rule"], "optional-if-match");
    assert!(waived["waived"].as_str().is_some_and(|why| why.starts_with("No official source")));
    let mut open = findings.iter().filter(|finding| finding["waived"] == Value::Null);
    assert!(open.all(|finding| finding["severity"] == "note"), "{findings:#?}");
    assert!(text(&output.stderr).contains("0 errors"), "{}", text(&output.stderr));
}

#[test]
fn everything_is_found_at_once_and_shown_where_it_is() {
    let workspace = Workspace::new("lint-2");
    workspace.edit(CONTRACT, "version: 1.0.0", "version: ä");
    let operation = "    put:\n      operationId: updatePartnerBillingProfile";
    workspace.edit(CONTRACT, operation, "    put:\n      operationId: new");
    workspace.edit(
        CONTRACT,
        "        '412': {$ref: '#/components/responses/PreconditionFailed'}\n",
        "",
    );
    let output = workspace.lint(&[]);
    assert_eq!(output.status.code(), Some(100));
    let printed = text(&output.stdout);
    assert!(
        printed.contains(&format!(
            "error[ascii-version]: the version has characters that no header can carry\n \
             --> {CONTRACT}:4:3\n  |\n4 |   version: ä\n  |   ^^^^^^^\n  |\n  \
             = note: at /info/version\n  = help: use printable ASCII\n\n"
        )),
        "{printed}"
    );
    assert!(printed.contains("error[operation-id]: `new` names a method"), "{printed}");
    // A link leads to it.
    let nowhere = "error[link]: no operation has the `operationId` `updatePartnerBillingProfile`";
    assert!(printed.contains(nowhere), "{printed}");
    // There is still the 409.
    assert!(!printed.contains("if-match-without-conflict"), "{printed}");
    // What is waived is counted and not shown.
    assert!(!printed.contains("optional-if-match"), "{printed}");
    let said = text(&output.stderr);
    let found = findings(&workspace.lint(&["--format", "json"]));
    let of = |rule: &str| found.iter().filter(|it| it["rule"] == rule).collect::<Vec<_>>();
    let notes = found.iter().filter(|it| it["severity"] == "note" && it["waived"].is_null());
    let expected = format!("3 errors, {} notes, 1 waived", notes.count());
    assert!(said.contains(&expected) && said.contains("--explain RULE"), "{expected}: {said}");
    // Notes that say the same are one, with their places.
    assert_eq!(printed.matches("note[ignored-header]").count(), 1, "{printed}");
    let headers = of("ignored-header");
    let first = format!("  also at {CONTRACT}:{}:13, /paths/", headers[1]["line"]);
    let last = format!("\n  and {} more\n\n", headers.len() - 11);
    assert!(printed.contains(&first) && printed.contains(&last), "{first} {last} {printed}");
}

#[test]
fn a_lost_protection_is_an_error() {
    let workspace = Workspace::new("lint-3");
    workspace.edit(CONTRACT, "    x-etag:\n      body: /attributes/etag\n", "");
    workspace.edit(CONTRACT, "        '409': {$ref: '#/components/responses/Conflict'}\n", "");
    workspace.edit(
        CONTRACT,
        "        '412': {$ref: '#/components/responses/PreconditionFailed'}\n",
        "",
    );
    let output = workspace.lint(&["--format", "json"]);
    assert_eq!(output.status.code(), Some(100));
    let findings = findings(&output);
    let errors = findings.iter().filter(|it| it["severity"] == "error" && it["waived"].is_null());
    let rules: Vec<_> = errors.map(|finding| finding["rule"].as_str().expect("a rule")).collect();
    assert_eq!(rules, ["etag-not-documented", "if-match-without-conflict", "etag-not-returned"]);
}

#[test]
fn broken_grammar_comes_first_and_says_so() {
    let workspace = Workspace::new("lint-4");
    workspace.edit(CONTRACT, "maxLength: 200", "maxLenght: 200");
    workspace.edit(CONTRACT, "required: true", "required: yes");
    let output = workspace.lint(&["--format", "json"]);
    assert_eq!(output.status.code(), Some(100));
    let findings = findings(&output);
    let rules: Vec<_> =
        findings.iter().map(|finding| finding["rule"].as_str().expect("a rule")).collect();
    assert_eq!(rules, ["type", "unknown-member"]);
    assert!(findings.iter().all(|finding| finding["line"].is_u64() && finding["column"].is_u64()));
    assert!(text(&output.stderr).contains("once this can be read as OpenAPI 3.0"));
}

#[test]
fn github_gets_one_command_for_each_finding() {
    let workspace = Workspace::new("lint-5");
    workspace.edit(CONTRACT, "version: 1.0.0", "version: ä");
    let output = workspace.lint(&["--format", "github"]);
    let printed = text(&output.stdout);
    let found = findings(&workspace.lint(&["--format", "json"]));
    let open = found.iter().filter(|it| it["waived"].is_null());
    assert_eq!(printed.lines().count(), open.count(), "{printed}");
    assert!(
        printed
            .lines()
            .all(|line| line.starts_with("::error file=") || line.starts_with("::notice file="))
    );
    let expected = format!(
        "::error file={CONTRACT},line=4,col=3,title=ascii-version::the version has characters that no \
         header can carry%0Aat /info/version%0Ahelp: use printable ASCII\n"
    );
    assert!(printed.starts_with(&expected), "{printed}");
}

#[test]
fn a_note_of_an_edit_has_its_place_though_its_rule_had_some() {
    let workspace = Workspace::new("lint-9");
    let operation = "    put:\n      operationId: updatePartnerBillingProfile\n";
    let servers = format!("{operation}      servers: [{{url: 'https://upload.example.com'}}]\n");
    workspace.edit(CONTRACT, operation, &servers);
    let findings = findings(&workspace.lint(&["--format", "json"]));
    let servers = findings.iter().filter(|it| it["rule"] == "ignored-servers");
    let pointers: Vec<_> = servers.map(|finding| finding["pointer"].clone()).collect();
    assert_eq!(pointers, ["/servers", "/paths/~1v1~1profiles~1billing/put/servers"]);
}

#[test]
fn another_file_can_be_checked_and_a_missing_one_is_a_finding() {
    let workspace = Workspace::new("lint-6");
    std::fs::write(workspace.0.join("a,b.yaml"), "openapi: 3.1.0\n").expect("a file");
    let output = workspace.lint(&["a,b.yaml", "--format", "github"]);
    assert_eq!(output.status.code(), Some(100));
    assert!(
        text(&output.stdout)
            .contains("::error file=a%2Cb.yaml,line=1,col=1,title=openapi-version::")
    );

    for format in ["text", "json", "github"] {
        let output = workspace.lint(&["nowhere.yaml", "--format", format]);
        assert_eq!(output.status.code(), Some(100));
        assert!(text(&output.stdout).contains("unreadable"), "{}", text(&output.stdout));
    }
    std::fs::remove_file(workspace.0.join(CONTRACT)).expect("a contract");
    assert_eq!(workspace.lint(&[]).status.code(), Some(100));
}

/// What is allowed, and neither generated from nor written here.
const ANOTHER: &str = "\
openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      responses:
        default: {description: it, content: {image/png: {schema: {type: string, format: binary}}}}
    put:
      parameters: [{name: If-Match, in: cookie, schema: {type: string}}]
      requestBody: {content: {multipart/form-data: {schema: {$ref: '#/components/schemas/new_pet'}}}}
      responses: {'409': {description: conflict}}
components:
  schemas:
    new_pet: {type: object, properties: {name: {type: string, maximum: 3}}}
";

#[test]
fn the_contract_of_another_is_checked_by_what_openapi_says() {
    let workspace = Workspace::new("lint-10");
    std::fs::write(workspace.0.join("pets.yaml"), ANOTHER).expect("a file");
    let lint = |arguments: &[&str]| {
        let output = workspace.lint(&[&["--format", "json"], arguments].concat());
        let printed: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let findings = printed["findings"].as_array().expect("a list");
        let rules: Vec<_> = findings.iter().map(|it| it["rule"].to_string()).collect();
        (output.status.code(), printed["profile"].clone(), rules.join(" ").replace('"', ""))
    };
    assert_eq!(lint(&["pets.yaml"]), (Some(0), json!("openapi"), "no-effect".to_owned()));
    let (code, profile, rules) = lint(&["pets.yaml", "--profile", "generator"]);
    assert_eq!((code, profile), (Some(100), json!("generator")));
    assert!(rules.contains("operation-id") && rules.contains("parameter-style"), "{rules}");
    assert!(!rules.contains("default-response") && !rules.contains("conflict-"), "{rules}");
    let (code, _, rules) = lint(&["pets.yaml", "--profile", "house"]);
    assert_eq!(code, Some(100));
    assert!(rules.contains("default-response") && rules.contains("conflict-without"), "{rules}");
    // The contract of the workspace is that by any name.
    let (code, profile, _) = lint(&[&format!("./{CONTRACT}")]);
    assert_eq!((code, profile), (Some(0), json!("house")));
    workspace.edit("openapi/codegen.toml", "[docs]", "[lint]\nprofile = 'generator'\n\n[docs]");
    let (code, profile, rules) = lint(&[]);
    assert_eq!((code, profile), (Some(0), json!("generator")), "{rules}");
    let output = workspace.lint(&["pets.yaml"]);
    let said = text(&output.stderr);
    assert!(said.contains("pets.yaml: 0 errors, 1 warning, 0 notes, 0 waived"), "{said}");
    assert!(text(&output.stdout).starts_with("warning[no-effect]: "), "{output:?}");
    assert!(text(&output.stdout).contains("did you mean `maxLength`?"), "{output:?}");
}

#[test]
fn a_document_of_31_has_one_finding() {
    let workspace = Workspace::new("lint-11");
    let text_of =
        ANOTHER.replace("3.0.3", "3.1.0").replace("type: object", "type: [object, 'null']");
    std::fs::write(workspace.0.join("pets.yaml"), text_of).expect("a file");
    let output = workspace.lint(&["pets.yaml"]);
    assert_eq!(output.status.code(), Some(100));
    let printed = text(&output.stdout);
    assert_eq!(printed.matches("error[").count(), 1, "{printed}");
    assert!(printed.contains("the lint and the generator read OpenAPI 3.0"), "{printed}");
    assert!(printed.contains("`cargo xtask diff`"), "{printed}");
    assert!(!text(&output.stderr).contains("once this can be read"), "{output:?}");
}

#[test]
fn rules_are_listed_and_explained() {
    let workspace = Workspace::new("lint-7");
    let listed = workspace.lint(&["--explain"]);
    assert!(text(&listed.stdout).contains(
        "\nif-match-on-read          error  GET, HEAD and POST take no `If-Match` [house]"
    ));
    let explained = workspace.lint(&["--explain", "if-match-on-read"]);
    let printed = text(&explained.stdout);
    assert!(
        printed.contains("RFC 9110 section 13.1.2") && printed.contains("**Fix**"),
        "{printed}"
    );
    let unknown = workspace.lint(&["--explain", "if-match-on-raed"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("if-match-on-read"), "{}", text(&unknown.stderr));
}

/// The JSON Pointers of everything in `value` that is more than words, without the whole.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(name, value)| (escape(name), value)).collect(),
        Value::Array(list) => {
            list.iter().enumerate().map(|(i, value)| (i.to_string(), value)).collect()
        }
        _ => return,
    };
    let words = ["description", "summary", "url", "examples"];
    for (name, value) in children.into_iter().filter(|(name, _)| !words.contains(&name.as_str())) {
        let at = format!("{at}/{name}");
        pointers(value, &at, found);
        found.push(at);
    }
}

/// What is done to one place: it goes, or becomes something else or what is elsewhere.
#[derive(Debug, Clone)]
enum Change {
    Remove,
    Replace(Value),
    Copy(Index),
}

fn change() -> impl Strategy<Value = (Index, Change)> {
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1.5),
        json!(""),
        json!("/"),
        json!("{"),
        json!("ä~1\u{0}"),
        json!([]),
        json!([[]]),
        json!({}),
        json!({"": {}}),
        json!({"$ref": "#/components/schemas/Address"}),
        json!({"allOf": [{"$ref": "#/components/schemas/Link"}]}),
        json!({"type": "object", "properties": {"": {"type": "array", "items": {}}}}),
        json!({"x-lint-waive": {"path": "why"}}),
    ];
    let change = prop_oneof![
        Just(Change::Remove),
        proptest::sample::select(values.to_vec()).prop_map(Change::Replace),
        any::<Index>().prop_map(Change::Copy),
    ];
    (any::<Index>(), change)
}

fn apply(json: &mut Value, place: Index, change: Change) {
    let mut all = Vec::new();
    pointers(json, "", &mut all);
    let pointer: &String = place.get(&all);
    let new = match change {
        Change::Remove => {
            let (parent, name) = pointer.rsplit_once('/').expect("a parent");
            match json.pointer_mut(parent).expect("a parent") {
                Value::Object(map) => drop(map.shift_remove(&openapi_document::unescape(name))),
                Value::Array(list) => drop(list.remove(name.parse().expect("an index"))),
                _ => unreachable!("only objects and lists have something in them"),
            }
            return;
        }
        Change::Replace(value) => value,
        Change::Copy(from) => json.pointer(from.get::<String>(&all)).expect("a value").clone(),
    };
    *json.pointer_mut(pointer).expect("a place") = new;
}

#[test]
fn a_mistake_in_the_grammar_hides_no_other_that_stands_apart() {
    let workspace = Workspace::new("lint-8");
    workspace.edit(CONTRACT, "maxLength: 200", "maxLenght: 200");
    workspace.edit(
        CONTRACT,
        "          required: true\n          description: |\n            The entity tag",
        "          description: |\n            The entity tag",
    );
    let output = workspace.lint(&["--format", "json"]);
    assert_eq!(output.status.code(), Some(100));
    let findings = findings(&output);
    let errors = findings.iter().filter(|it| it["severity"] == "error" && it["waived"].is_null());
    let rules: Vec<_> = errors.map(|found| found["rule"].clone()).collect();
    assert_eq!(rules, ["optional-if-match", "unknown-member"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_document_makes_the_lint_panic(changes in proptest::collection::vec(change(), 1..4)) {
        let text = std::fs::read_to_string(ours().join(JSON)).expect("a contract");
        let mut json: Value = serde_json::from_str(&text).expect("JSON");
        for (place, change) in changes {
            apply(&mut json, place, change);
        }
        let document = Document { json, source: Source::nowhere("test.yaml"), duplicate_keys: Vec::new(), left_out: Vec::new() };
        let (findings, sound) = contract_review::problems(&Configured::default(), Profile::House, document);
        prop_assert!(sound || !findings.is_empty());
    }
}

#[test]
fn the_workspace_is_the_one_around_the_current_directory() {
    let workspace = Workspace::new("lint-10");
    let inside = workspace.0.join("openapi");
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask-tools"));
        command.current_dir(&inside).args(["lint", "--format", "json"]).output().expect("a run")
    };
    let outside = run();
    assert_eq!(outside.status.code(), Some(100));
    let said = text(&outside.stderr);
    // A temporary folder may be a link; on Windows, the canonical path is written in another way.
    let here =
        if cfg!(windows) { inside.clone() } else { inside.canonicalize().expect("a folder") };
    assert!(said.contains(&format!("neither {} nor a folder above", here.display())), "{said}");
    std::fs::write(workspace.0.join("Cargo.toml"), "[workspace]\n").expect("a file");
    workspace.edit(CONTRACT, "version: 1.0.0", "version: ä");
    let found = findings(&run());
    assert!(found.iter().any(|finding| finding["rule"] == "ascii-version"), "{found:#?}");
}
