//! Of every rule an example that breaks it and one that does not, as edits of one contract that has
//! nothing to find.

use std::collections::BTreeSet;
use std::path::Path;

use openapi_codegen::Config;
use openapi_document::{
    Diagnostic, Document, Profile, Severity, argument_name, field_name, type_name,
};
use openapi_lint::grammar;
use openapi_lint::rules::parameters::OPEN_PATH_PARAMETER;

use crate::rules::{PAGE, page, rules};
use crate::workspace::Workspace;
use crate::{findings, generate, lint, problems};

const CONTRACT: &str = "\
openapi: 3.0.3
info: {title: T, version: '1'}
tags: [{name: t}]
paths:
  /a/{id}:
    x-etag: {body: /etag}
    parameters:
      - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
    get:
      operationId: getA
      tags: [t]
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}
        4XX: {description: failed}
    put:
      operationId: putA
      parameters:
        - {name: If-Match, in: header, required: true, schema: {type: string}}
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}
      responses:
        '200': {description: updated, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}
        '412': {description: stale}
components:
  schemas:
    A:
      type: object
      properties:
        etag: {type: string}
        name: {type: string, pattern: '^a'}
        list: {type: array, items: {}}
";

const HEADER: &str =
    "        - {name: If-Match, in: header, required: true, schema: {type: string}}\n";

/// What examples refer to: how they do, and what it is.
const REFERRED: [(&str, &str); 7] = [
    ("schemas/B'", "    B: {type: object}\n"),
    ("schemas/Billing.Profile'", "    Billing.Profile: {type: object}\n"),
    ("schemas/Id'", "    Id: {type: string, format: uuid}\n"),
    ("schemas/URLS'", "    URLS: {type: object}\n"),
    ("responses/F'", "  responses: {F: {description: failed}}\n"),
    ("{basic: ", "  securitySchemes: {basic: {type: http, scheme: basic}}\n"),
    (
        "{login: ",
        "  securitySchemes: {login: {type: oauth2, flows: {password: {tokenUrl: 'https://t', scopes: {a: A}}}}}\n",
    ),
];

/// The contract, with `old` replaced by `new` and with whatever `new` refers to.
#[track_caller]
fn edited(old: &str, new: &str) -> String {
    assert!(CONTRACT.contains(old), "{old} is not in the contract");
    let mut text = CONTRACT.replacen(old, new, 1);
    for (_, component) in REFERRED.iter().filter(|(reference, _)| new.contains(reference)) {
        text.push_str(component);
    }
    text
}

/// Everything that is found in `text`.
fn found(text: &str) -> Vec<Diagnostic> {
    match grammar::parse("test.yaml", text) {
        Ok(contract) => findings(&Workspace::default(), &contract),
        Err(findings) => findings,
    }
}

#[test]
fn a_contract_that_keeps_to_all_rules_has_no_findings() {
    assert_eq!(found(CONTRACT), []);
}

#[test]
fn every_rule_finds_what_it_is_for_and_no_other_refuses_it() {
    let examples = rules().flat_map(|rule| rule.bad.iter().map(|bad| (rule.id, bad)));
    let wrong = examples.filter_map(|(rule, (old, new, line))| {
        let findings = found(&edited(old, new));
        let place = |finding: &Diagnostic| (finding.rule, finding.place.unwrap_or_default().0);
        let hit = findings.iter().any(|finding| place(finding) == (rule, *line));
        let others = findings.iter().any(|finding| finding.is_error() && finding.rule != rule);
        (!hit || others).then(|| format!("{rule}, line {line}: {new}\n{}", listed(&findings)))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn what_keeps_to_a_rule_is_not_found() {
    let examples = rules().flat_map(|rule| rule.good.iter().map(|good| (rule.id, good)));
    let wrong = examples.filter_map(|(rule, (old, new))| {
        let findings = found(&edited(old, new));
        let open = findings.iter().filter(|finding| finding.waived.is_none());
        let mut open = open.filter(|finding| finding.is_error() || finding.rule == rule);
        open.next().map(|_| format!("{rule}: {new}\n{}", listed(&findings)))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn listed(findings: &[Diagnostic]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_file_that_cannot_be_read_is_a_finding() {
    let findings = grammar::open(Path::new("/nowhere"), "a.yaml").expect_err("a finding");
    assert_eq!((findings[0].rule, findings[0].path.as_str()), ("unreadable", "a.yaml"));
}

/// The rules that no text breaks, as far as is known.
const WITHOUT_EXAMPLE: [&str; 2] = ["unreadable", "generator"];

#[test]
fn every_rule_of_the_lint_is_in_the_catalogue() {
    let known: BTreeSet<_> = rules().map(|rule| rule.id).collect();
    let missing: Vec<_> =
        openapi_lint::rules::all().map(|rule| rule.id).filter(|id| !known.contains(id)).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn every_rule_has_both_examples_and_says_how_to_fix_what_it_finds() {
    for rule in rules() {
        let id = rule.id;
        let without_example = WITHOUT_EXAMPLE.contains(&id);
        assert_eq!(rule.bad.is_empty(), without_example, "{id}: an example that breaks it");
        assert_eq!(rule.good.is_empty(), without_example, "{id}: an example that does not");
        let text = rule.explanation();
        assert!(text.contains("**Fix**"), "{id} does not say how to fix it: {text}");
        let how = if rule.waivable { "**Waive**" } else { "Cannot be waived" };
        assert!(text.contains(how), "{id} lacks `{how}`: {text}");
    }
    let ids: BTreeSet<_> = rules().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), rules().count(), "two rules of one name");
}

#[test]
fn every_rule_of_the_house_can_be_waived() {
    let fixed = rules().filter(|rule| rule.profile == Profile::House && !rule.waivable);
    assert_eq!(fixed.map(|rule| rule.id).collect::<Vec<_>>(), [""; 0]);
    let text =
        edited("tags: [t]", "tags: [t]\n      x-lint-waive: {path: why, stale-waiver: it is kept}");
    let findings = found(&text);
    let said: Vec<_> = findings.iter().map(|it| (it.rule, it.waived.as_deref())).collect();
    assert_eq!(said, [("stale-waiver", Some("it is kept"))]);
}

/// What is found by the rules of each profile: severity and rule.
fn by_profile(text: &str) -> [Vec<String>; 3] {
    Profile::ALL.map(|profile| {
        let document = Document::parse("test.yaml", text).expect("a document");
        let (findings, _) = problems(&Workspace::default(), profile, document);
        let said = findings.iter().map(|it| format!("{} {}", it.severity.word(), it.rule));
        said.collect()
    })
}

/// What OpenAPI allows is no error, whatever the generator or the house says of it.
#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_profile_finds_what_is_for_it() {
    let operation = |rest: &str| format!("    post:\n      operationId: postA\n{rest}components:");
    let response =
        |status: &str| operation(&format!("      responses: {{{status}: {{description: ok}}}}\n"));
    let member = "        list: {type: array, items: {}}";
    let mut wrong = Vec::new();
    for (old, new, openapi, generator, house) in [
        ("title: T", "title: T", &[][..], &[][..], &[][..]),
        (
            "title: T",
            "titel: T",
            &["error missing-member", "warning unknown-member"],
            &["error missing-member", "warning unknown-member"],
            &["error missing-member", "error unknown-member"],
        ),
        // The house.
        (
            "'412': {description: stale}",
            "'404': {description: gone}",
            &[],
            &[],
            &["error if-match-without-conflict"],
        ),
        ("tags: [t]", "tags: [u]", &[], &[], &["note tag", "note tag"]),
        ("        4XX", "        default", &[], &[], &["error default-response"]),
        (
            "components:",
            &response("'101'"),
            &[],
            &["note ignored-status"],
            &["error one-success", "note ignored-status"],
        ),
        (
            "components:",
            &response("default"),
            &[],
            &[],
            &["error one-success", "error default-response"],
        ),
        (
            "components:",
            &operation(
                "      requestBody: {required: true, content: {application/octet-stream: {schema: {type: string, format: binary}}}}\n      responses: {'204': {description: ok}}\n",
            ),
            &[],
            &[],
            &["error json-only"],
        ),
        (
            "components:",
            &operation(
                "      responses: {'200': {description: ok, content: {image/png: {schema: {type: string, format: binary}}}}}\n",
            ),
            &[],
            &[],
            &["error json-only"],
        ),
        ("'^a'", "'^a\\-$'", &[], &[], &["error pattern"]),
        (
            "  schemas:\n",
            "  schemas:\n    snake_case: {type: object}\n",
            &["warning unused-component"],
            &["warning unused-component"],
            &["error unused-component", "error rust-name"],
        ),
        ("pattern: '^a'", "x-any-case: 1", &[], &[], &["error x-any-case"]),
        (
            "{description: ok,",
            "{description: ok, links: {up: {}},",
            &["error link"],
            &["error structure"],
            &["error structure"],
        ),
        (
            "tags: [t]",
            "tags: [t]\n      x-lint-waive: {path: why}",
            &[],
            &[],
            &["error stale-waiver"],
        ),
        // The generator.
        (
            "components:",
            &operation(
                "      requestBody: {required: true, content: {multipart/form-data: {schema: {type: object}}}}\n      responses: {'204': {description: ok}}\n",
            ),
            &[],
            &["error json-only"],
            &["error json-only"],
        ),
        (
            "operationId: putA",
            "summary: putA",
            &[],
            &["error operation-id"],
            &["error operation-id"],
        ),
        ("    get:", "    trace:", &[], &["warning method"], &["error method"]),
        ("paths:\n", "paths:\n  /b//c: {}\n", &[], &["error path"], &["error path"]),
        ("version: '1'", "version: ä", &[], &["error ascii-version"], &["error ascii-version"]),
        (
            member,
            "        list: {allOf: [{type: string}, {type: integer}]}",
            &[],
            &["error unsatisfiable"],
            &["error unsatisfiable"],
        ),
        (
            "tags: [{name: t}]",
            "tags: [{name: t}]\nservers: [{url: 'https://a'}]",
            &[],
            &["note ignored-servers"],
            &["note ignored-servers"],
        ),
        (
            member,
            "        list: {$ref: 'https://a.example/b.json'}",
            &["warning external-reference"],
            &["error external-reference"],
            &["error external-reference"],
        ),
        // OpenAPI.
        ("paths:\n", "paths:\n  b: {}\n", &["error path"], &["error path"], &["error path"]),
        (
            "operationId: putA",
            "operationId: getA",
            &["error operation-id"],
            &["error operation-id"],
            &["error operation-id"],
        ),
        (
            "pattern: '^a'",
            "maxItems: 1",
            &["warning no-effect"],
            &["warning no-effect", "note ignored-bound"],
            &["error no-effect"],
        ),
        (
            "pattern: '^a'",
            "default: 1",
            &["warning default-value"],
            &["warning default-value"],
            &["error default-value"],
        ),
        (
            "3.0.3",
            "3.1.0",
            &["error openapi-version"],
            &["error openapi-version"],
            &["error openapi-version"],
        ),
        // It is allowed, and the generator takes it.
        (
            member,
            "        list: {type: object, properties: {b: {type: string}}, oneOf: [{required: [b]}]}",
            &[],
            &["note unchecked-limit"],
            &["note unchecked-limit"],
        ),
        (
            member,
            "        list: {nullable: true, allOf: [{$ref: '#/components/schemas/A'}]}",
            &[],
            &[],
            &[],
        ),
        (
            "{$ref: '#/components/schemas/A'}",
            "{$ref: '#/paths/~1a~1{id}/put/responses/200/content/application~1json/schema'}",
            &[],
            &[],
            &[],
        ),
        (
            "components:\n",
            "  /b: {$ref: '#/components/paths/b'}\ncomponents:\n  paths: {b: {get: {operationId: getB, responses: {'204': {description: ok}}}}}\n",
            &["warning unknown-member"],
            &["warning unknown-member"],
            &["error unknown-member"],
        ),
    ] {
        let found = by_profile(&edited(old, new));
        if found != [openapi, generator, house] {
            wrong.push(format!("{new}\n{found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// With `INSTA_UPDATE=always` it is written anew.
#[test]
fn the_page_is_what_the_rules_say() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PAGE);
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        std::fs::write(&file, page()).expect("the page");
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    let help = "`INSTA_UPDATE=always cargo test -p contract-review`, and read what changes";
    assert!(written == page(), "{PAGE} is not what the rules say\nhelp: {help}");
}

#[test]
fn what_the_lint_refuses_never_reaches_the_generator() {
    for (rule, (old, new, _)) in rules().flat_map(|rule| rule.bad.iter().map(|bad| (rule.id, bad)))
    {
        let Ok(contract) = grammar::parse("test.yaml", &edited(old, new)) else { continue };
        let errors: Vec<_> = findings(&Workspace::default(), &contract);
        let errors: Vec<_> = errors.into_iter().filter(Diagnostic::is_error).collect();
        let generated = generate(&Workspace::default(), &contract);
        assert_eq!(generated.is_ok(), errors.is_empty(), "{rule}: {new}");
        if let Err(refused) = generated {
            assert_eq!(refused, errors, "{rule}: {new}");
        }
    }
}

#[test]
fn a_waiver_covers_what_it_is_beside_and_keeps_its_reason() {
    let waive =
        "x-lint-waive: {etag-without-if-match: nobody else writes it}\n      parameters: []";
    let text = edited(&format!("parameters:\n{}", HEADER.trim_end()), waive);
    let findings = found(&text);
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    assert_eq!(finding.waived.as_deref(), Some("nobody else writes it"));
    assert!(!finding.is_error());

    // Beside the GET, it is of no use to the PUT.
    let beside = text.replace(waive, "parameters: []").replace(
        "      tags: [t]",
        "      tags: [t]\n      x-lint-waive: {etag-without-if-match: nobody else writes it}",
    );
    let rules: Vec<_> = found(&beside).iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["stale-waiver", "etag-without-if-match"]);
}

#[test]
fn every_note_has_its_own_place() {
    let headers =
        "description: failed, headers: {A: {schema: {type: string}}, B: {schema: {type: string}}}";
    let findings = found(&edited("description: failed", headers));
    let notes: Vec<_> = findings.iter().map(|it| (it.severity, it.pointer.as_str())).collect();
    let headers = "/paths/~1a~1{id}/get/responses/4XX/headers";
    let expected = [format!("{headers}/A"), format!("{headers}/B")];
    assert_eq!(notes, expected.each_ref().map(|at| (Severity::Note, at.as_str())));
}

#[test]
fn all_findings_come_at_once_in_the_order_of_the_file() {
    let text = CONTRACT
        .replace("version: '1'", "version: ä")
        .replace("in: header, required: true", "in: header")
        .replace("'^a'", "'('");
    let contract = grammar::parse("test.yaml", &text).expect("a contract");
    let rules: Vec<_> =
        lint(&Workspace::default(), &contract).iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["ascii-version", "optional-if-match", "pattern"]);
}

#[test]
fn a_header_that_the_hooks_set_is_no_argument() {
    let parameters = format!(
        "        - {{name: Page, in: header, schema: {{type: string}}}}\n        - {{name: page, in: query, schema: {{type: string}}}}\n{HEADER}"
    );
    let contract = grammar::parse("test.yaml", &edited(HEADER, &parameters)).expect("a contract");
    let mut workspace = Workspace::default();
    let rules = |workspace: &Workspace| -> Vec<_> {
        findings(workspace, &contract).iter().map(|finding| finding.rule).collect()
    };
    assert_eq!(rules(&workspace), ["rust-name"]);
    workspace.client.context_headers = vec!["PAGE".into()];
    assert_eq!(rules(&workspace), [""; 0]);
}

/// Names that make others of themselves than a reader would guess.
const NAMES: [&str; 22] = [
    "addressLine1",
    "ID",
    "HTTPServer",
    "x-locale",
    "a.b/c",
    "+1",
    "-1",
    "1",
    "9lives",
    "-",
    "",
    "type",
    "self",
    "Self",
    "crate",
    "gen",
    "_",
    "won't",
    "@odata.etag",
    "größe",
    "µ",
    "a__b",
];

#[test]
fn names_become_what_the_generator_makes_of_them() {
    for name in NAMES {
        let quoted = format!("'{}'", name.replace('\'', "''"));
        let member = format!("{quoted}: {{type: string}}\n        name: {{type");
        let parameter = format!(
            "        - {{name: {quoted}, in: query, schema: {{type: string, enum: [{quoted}]}}}}\n{HEADER}"
        );
        let text = edited("name: {type", &member).replacen(HEADER, &parameter, 1);
        let contract = grammar::parse("test.yaml", &text).expect("a contract");
        let client = openapi_codegen::client(&contract, &Config::default()).expect("a client");
        for made in [
            format!("pub {}: ", field_name(name)),
            format!("    {},\n", type_name(name)),
            format!("        {}: ", argument_name(name)),
        ] {
            assert!(client.contains(&made), "`{name}` does not become `{made}` in\n{client}");
        }
    }
    for name in NAMES.into_iter().filter(|name| name.contains(char::is_alphanumeric)) {
        let text = edited("putA", &format!("'{}'", name.replace('\'', "''")));
        let contract = grammar::parse("test.yaml", &text).expect("a contract");
        let client = openapi_codegen::client(&contract, &Config::default()).expect("a client");
        let made = format!("pub async fn {}<", argument_name(name));
        assert!(client.contains(&made), "`{name}` does not become `{made}` in\n{client}");
    }
}

/// The client checks what the lint takes for a check of a path parameter.
#[test]
fn a_closed_path_parameter_has_a_type_of_its_own() {
    let client = |(old, new): (&str, &str)| {
        let contract = grammar::parse("test.yaml", &edited(old, new)).expect("a contract");
        openapi_codegen::client(&contract, &Config::default()).expect("a client")
    };
    for good in OPEN_PATH_PARAMETER.good {
        let client = client(*good);
        let typed = ["id: &'a ::uuid::Uuid", "id: &'a types::GetAId", "id: types::GetAId"];
        assert!(typed.iter().any(|typed| client.contains(typed)), "{good:?}\n{client}");
    }
}

/// The generator would send the version of the contract under that name.
#[test]
fn only_a_documented_api_version_is_sent() {
    let sent = |text: &str| {
        let contract = grammar::parse("test.yaml", text).expect("a contract");
        let client = generate(&Workspace::default(), &contract).expect("a client").to_lowercase();
        client.lines().filter(|line| line.contains("\"api-version\"")).count()
    };
    let parameter =
        format!("        - {{name: Api-Version, in: header, schema: {{type: string}}}}\n{HEADER}");
    assert_eq!(sent(&edited("", "")), 0);
    assert_eq!(sent(&edited(HEADER, &parameter)), 1);
}
