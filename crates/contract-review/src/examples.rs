//! Of every rule an example that breaks it and one that does not, as edits of one contract that has
//! nothing to find.

use std::collections::BTreeSet;
use std::path::Path;

use openapi_document::{Diagnostic, Rule, Severity};
use openapi_lint::grammar;

use crate::rules::{self, explain, rules};
use crate::{findings, generate, lint};

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

/// A rule, what is replaced in the contract by what, and the line of what is found then.
type Bad = (&'static str, &'static str, &'static str, u64);

/// A rule, and what is replaced by something that it does not mind.
type Good = (&'static str, &'static str, &'static str);

const PUT: &str = "      operationId: putA\n";
const MEMBER: &str = "        name: {type";
const HEADER: &str =
    "        - {name: If-Match, in: header, required: true, schema: {type: string}}\n";
const STALE: &str = "        '412': {description: stale}\n";
const UPDATED: &str =
    "description: updated, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}";

#[rustfmt::skip]
const BAD: &[Bad] = &[
    ("yaml", "tags: [{name: t}]", "info: {title: T, version: '1'}", 3),
    ("yaml", "        4XX:", "        200: {description: ok}\n        4XX:", 14),
    ("openapi-version", "3.0.3", "3.1.0", 1),
    ("unknown-member", "tags: [t]", "tag: [t]", 11),
    ("unknown-member", "title: T, ", "title: T, contact: {mail: a}, ", 2),
    ("missing-member", "title: T, ", "", 2),
    ("type", "tags: [t]", "tags: t", 11),
    ("type", "tags: [t]", "security: [{k: scope}]", 11),
    ("status", "4XX", "FAIL", 14),
    ("unresolved-reference", "schemas/A'", "schemas/C'", 13),
    ("reference-sibling", "{$ref: '#/components/schemas/A'}", "{$ref: '#/components/schemas/A', title: T}", 13),
    ("circular-reference", "name: {type: string, pattern: '^a'}", "name: {allOf: [{$ref: '#/components/schemas/A'}]}", 29),
    ("structure", PUT, "      operationId: putA\n      parameters:\n        - {name: q, in: query, style: fancy, schema: {type: string}}\n      #", 18),
    ("structure", "  schemas:", "  securitySchemes: {k: {type: http}}\n  schemas:", 24),
    ("unused-component", "  schemas:", "  headers: {H: {schema: {type: string}}}\n  schemas:", 24),
    ("unused-component", "  schemas:\n", "  securitySchemes: {k: {type: http, scheme: bearer}}\n  schemas:\n", 24),
    // What refers to itself alone is not referred to.
    ("unused-component", "  schemas:\n", "  schemas:\n    D: {type: object, properties: {b: {$ref: '#/components/schemas/D'}}}\n", 25),
    ("security-requirement", "      tags: [t]", "      security: [{k: []}]\n      tags: [t]", 11),
    ("security-requirement", "tags: [{name: t}]", "tags: [{name: t}]\nsecurity: [{basic: [scope]}]", 4),
    ("security-requirement", "tags: [{name: t}]", "tags: [{name: t}]\nsecurity: [{login: [b]}]", 4),
    ("tag", "tags: [{name: t}]", "", 11),
    ("tag", "tags: [{name: t}]", "tags: [{name: t}, {name: u}]", 3),
    ("path", "/a/{id}", "a/{id}", 5),
    ("path", "/a/{id}", "/a/{id}?b=1", 5),
    ("path", "/a/{id}", "/a//{id}", 5),
    ("path", "paths:\n", "paths:\n  /a/{key}: {}\n", 6),
    ("method", "    get:", "    trace:", 9),
    ("path-parameter", "name: id", "name: key", 8),
    ("path-parameter", "in: path, required: true", "in: path", 8),
    ("path-parameter", "/a/{id}", "/a/{id}/{", 5),
    ("path-parameter", "/a/{id}", "/a/{id}}", 5),
    ("path-parameter", "/a/{id}", "/a/{id}/{}", 5),
    ("required-member", "type: string, pattern: '^a'", "type: object, readOnly: true, required: [b], properties: {c: {type: string}}", 29),
    ("pattern", "'^a'", "'('", 29),
    ("items", "type: array, items: {}", "type: array", 30),
    ("operation-id", "putA", "get_a", 16),
    ("operation-id", "putA", "'-'", 16),
    ("operation-id", "putA", "new", 16),
    ("rust-name", MEMBER, "        Na_me: {type: string}\n        name: {type", 30),
    ("rust-name", MEMBER, "        Extra: {type: string}\n        name: {type", 29),
    ("rust-name", HEADER, "        - {name: Body, in: header, schema: {type: string}}\n        - {name: If-Match, in: header, required: true, schema: {type: string}}\n", 18),
    ("rust-name", MEMBER, "        b: {$ref: '#/components/schemas/Billing.Profile'}\n        name: {type", 32),
    ("rust-name", MEMBER, "        b: {$ref: '#/components/schemas/URLS'}\n        name: {type", 32),
    ("header-name", "        - {name: If-Match", "        - {name: X Y, in: header, schema: {type: string}}\n        - {name: If-Match", 18),
    ("header-name", "        - {name: If-Match", "        - {name: accept, in: header, schema: {type: string}}\n        - {name: If-Match", 18),
    ("ascii-version", "version: '1'", "version: '1 ä'", 2),
    ("hidden-character", "title: T", "title: \"T\\u202e\"", 2),
    ("parameter-style", "        - {name: If-Match", "        - {name: c, in: cookie, schema: {type: string}}\n        - {name: If-Match", 18),
    ("parameter-style", "        - {name: If-Match", "        - {name: q, in: query, style: pipeDelimited, schema: {type: array, items: {type: string}}}\n        - {name: If-Match", 18),
    ("parameter-style", "        - {name: If-Match", "        - {name: q, in: query, explode: false, schema: {type: array, items: {type: string}}}\n        - {name: If-Match", 18),
    ("parameter-style", "        - {name: If-Match", "        - {name: q, in: query, content: {application/json: {schema: {type: string}}}}\n        - {name: If-Match", 18),
    ("parameter-style", "        - {name: If-Match", "        - {name: q, in: query, allowReserved: true, schema: {type: string}}\n        - {name: If-Match", 18),
    ("parameter-type", "        - {name: If-Match", "        - {name: X-List, in: header, schema: {type: array, items: {type: string}}}\n        - {name: If-Match", 18),
    ("parameter-type", "format: uuid", "format: uuid, nullable: true", 8),
    ("json-only", "components:", "    post: {operationId: postA, responses: {'200': {description: ok, content: {text/plain: {schema: {type: string}}}}}}\ncomponents:", 23),
    ("json-only", "components:", "    post: {operationId: postA, responses: {'200': {description: ok, content: {application/json: {}}}}}\ncomponents:", 23),
    ("json-only", "requestBody: {required: true, content: {", "requestBody: {required: true, content: {text/plain: {}, ", 19),
    ("json-only", "requestBody: {required: true, content: {application/json: {", "requestBody: {required: true, content: {application/json: {encoding: {name: {}}, ", 19),
    ("one-success", "components:", "    post:\n      operationId: postA\n      responses:\n        '204': {description: ok}\n        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}\ncomponents:", 27),
    ("one-success", "components:", "    post: {operationId: postA, responses: {'404': {description: gone}}}\ncomponents:", 23),
    ("default-response", "4XX", "default", 14),
    ("named-request", "requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/A'}", "requestBody: {required: true, content: {application/json: {schema: {type: object}", 19),
    ("unchecked-limit", "items: {}", "maxItems: 3, items: {}", 30),
    ("unchecked-limit", "pattern: '^a'", "enum: [a]", 29),
    ("x-any-case", "pattern: '^a'", "pattern: '^a', x-any-case: 1", 29),
    ("generator", "list: {type: array, items: {}}", "list: {not: {type: string}}", 25),
    ("ignored-header", "description: failed", "description: failed, headers: {Retry-After: {schema: {type: integer}}}", 14),
    ("ignored-status", "        4XX", "        '304': {description: not modified}\n        4XX", 14),
    ("ignored-security", "tags: [{name: t}]", "tags: [{name: t}]\nsecurity: [{login: [a]}]", 4),
    ("ignored-servers", "tags: [{name: t}]", "tags: [{name: t}]\nservers: [{url: 'https://a'}]", 4),
    ("ignored-callback", PUT, "      operationId: putA\n      callbacks: {}\n", 17),
    ("ignored-bound", "description: failed", "description: failed, content: {application/json: {schema: {type: integer, minimum: 1}}}", 14),
    ("ignored-discriminator", "description: failed", "description: failed, content: {application/json: {schema: {type: object, discriminator: {propertyName: a}}}}", 14),
    ("ignored-write-only", MEMBER, "        secret: {type: string, writeOnly: true}\n        name: {type", 29),
    ("optional-body", "requestBody: {required: true, ", "requestBody: {", 19),
    ("open-path-parameter", ", format: uuid", "", 8),
    ("open-path-parameter", "format: uuid", "pattern: '^[a-z.]+$'", 8),
    ("x-etag", "x-etag: {body: /etag}", "x-etag: {body: /tag}", 6),
    ("x-etag", "x-etag: {body: /etag}", "x-etag: {body: /etag, haeder: ETag}", 6),
    ("x-etag", "x-etag: {body: /etag}", "x-etag: {body: /etag, header: 1}", 6),
    ("x-etag", "      tags: [t]", "      tags: [t]\n      x-etag: {body: /etag}", 12),
    ("etag-without-if-match", "parameters:\n        - {name: If-Match, in: header, required: true, schema: {type: string}}", "parameters: []", 15),
    ("etag-without-if-match", "components:", "    delete: {operationId: deleteA, responses: {'204': {description: gone}}}\ncomponents:", 23),
    ("if-match-without-conflict", STALE, "", 15),
    ("conflict-without-if-match", "components:", "    post:\n      operationId: postA\n      responses:\n        '204': {description: ok}\n        '428': {description: condition missing}\ncomponents:", 27),
    ("etag-not-documented", "description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}", "description: ok", 13),
    ("etag-not-returned", UPDATED, "description: updated", 21),
    ("if-match-on-read", "      tags: [t]\n", "      tags: [t]\n      parameters: [{name: if-match, in: header, schema: {type: string}}]\n", 12),
    ("if-match-on-read", "components:", "    post:\n      operationId: postA\n      parameters: [{name: If-Match, in: header, schema: {type: string}}]\n      responses: {'204': {description: ok}}\ncomponents:", 25),
    ("optional-if-match", "in: header, required: true", "in: header", 18),
    ("waiver", "tags: [t]", "x-lint-waive: {path-paramter: why}", 11),
    ("waiver", "tags: [t]", "x-lint-waive: {path: ' '}", 11),
    ("waiver", "tags: [t]", "x-lint-waive: {yaml: why}", 11),
    ("waiver", "tags: [t]", "x-lint-waive: why", 11),
    ("stale-waiver", "tags: [t]", "x-lint-waive: {path: why}", 11),
];

#[rustfmt::skip]
const GOOD: &[Good] = &[
    ("yaml", "title: T", "title: yes"),
    ("openapi-version", "3.0.3", "3.0.0"),
    ("unknown-member", "tags: [t]", "tags: [t]\n      x-tag: t"),
    ("missing-member", "title: T", "title: ''"),
    ("type", "tags: [t]", "tags: []"),
    ("status", "4XX", "'404'"),
    ("unresolved-reference", "{description: failed}", "{$ref: '#/components/responses/F'}"),
    ("reference-sibling", MEMBER, "        b: {$ref: '#/components/schemas/B'}\n        name: {type"),
    ("circular-reference", MEMBER, "        a: {$ref: '#/components/schemas/A'}\n        name: {type"),
    ("structure", PUT, "      operationId: putA\n      servers: []\n"),
    ("unused-component", MEMBER, "        b: {$ref: '#/components/schemas/B'}\n        name: {type"),
    ("security-requirement", "tags: [t]", "security: [{}]"),
    ("tag", "tags: [t]", "tags: [t, t]"),
    ("path", "paths:\n", "paths:\n  x-a: {}\n  /a: {}\n"),
    ("method", "    get:", "    head:"),
    ("path-parameter", "      tags: [t]\n", "      tags: [t]\n      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]\n"),
    ("required-member", "type: string, pattern: '^a'", "type: object, readOnly: true, required: [b], properties: {b: {type: string}}"),
    ("pattern", "'^a'", "'^[\\p{L}]$'"),
    ("items", "items: {}", "items: {type: string}"),
    ("operation-id", "putA", "put-a"),
    ("rust-name", "schemas/A'", "schemas/A'"),
    ("header-name", "        - {name: If-Match", "        - {name: X-Y, in: header, schema: {type: string}}\n        - {name: If-Match"),
    ("ascii-version", "version: '1'", "version: 1.0.0-rc.1"),
    ("hidden-character", "title: T", "title: \"T\\tä\\n\""),
    ("parameter-style", "        - {name: If-Match", "        - {name: q, in: query, style: form, explode: true, schema: {type: array, items: {type: string}}}\n        - {name: If-Match"),
    ("parameter-type", "        - {name: If-Match", "        - {name: X-Count, in: header, schema: {type: integer}}\n        - {name: If-Match"),
    ("json-only", "description: failed", "description: failed, content: {text/plain: {schema: {type: string}}}"),
    ("one-success", "        4XX", "        2XX: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}\n        4XX"),
    ("default-response", "4XX", "5XX"),
    ("named-request", "requestBody: {required: true", "requestBody: {description: All of it., required: true"),
    ("unchecked-limit", "pattern: '^a'", "maxLength: 3, minLength: 1, format: email"),
    ("unchecked-limit", "items: {}", "readOnly: true, items: {type: string, enum: [a]}"),
    ("x-any-case", "pattern: '^a'", "pattern: '^a', x-any-case: true"),
    ("generator", "list: {type: array, items: {}}", "list: {anyOf: [{type: string}, {type: integer}]}"),
    ("ignored-header", "description: failed", "description: failed, headers: {}"),
    ("ignored-status", "4XX", "5XX"),
    ("ignored-security", "tags: [t]", "tags: []"),
    ("ignored-servers", "title: T", "title: servers"),
    ("ignored-callback", "title: T", "title: callbacks"),
    ("ignored-bound", "{description: failed}", "{description: failed, content: {application/json: {schema: {type: integer}, example: {minimum: 1}}}}"),
    ("ignored-discriminator", "name: {type: string, pattern: '^a'}", "name: {oneOf: [{type: string}, {type: integer}]}"),
    ("ignored-write-only", "pattern: '^a'", "writeOnly: false"),
    ("optional-body", "required: true, content", "required: true, description: All of it., content"),
    ("open-path-parameter", "format: uuid", "pattern: '^[a-z]+$'"),
    ("open-path-parameter", "format: uuid", "enum: [a, b]"),
    ("x-etag", "etag: {type: string}", "etag: {allOf: [{type: string}]}"),
    ("etag-without-if-match", "components:", "  /b: {put: {operationId: putB, responses: {'204': {description: ok}}}}\ncomponents:"),
    ("if-match-without-conflict", "'412'", "'409'"),
    ("conflict-without-if-match", "components:", "    post: {operationId: postA, responses: {'204': {description: ok}, '409': {description: there is one}}}\ncomponents:"),
    ("etag-not-documented", "x-etag: {body: /etag}", "x-etag: {body: /etag, header: ETag}"),
    ("etag-not-returned", "components:", "    delete:\n      operationId: deleteA\n      parameters: [{name: If-Match, in: header, required: true, schema: {type: string}}]\n      responses: {'204': {description: gone}, '412': {description: stale}}\ncomponents:"),
    ("if-match-on-read", "      tags: [t]\n", "      tags: [t]\n      parameters: [{name: If-None-Match, in: header, schema: {type: string}}]\n"),
    ("optional-if-match", "in: header, required: true", "in: header, x-lint-waive: {optional-if-match: old clients do not send it}"),
    ("waiver", ", format: uuid}", "}, x-lint-waive: {open-path-parameter: the service makes the ids}"),
    ("stale-waiver", "tags: [{name: t}]", "tags: [{name: t}]\nservers: [{url: 'https://a'}]\nx-lint-waive: {ignored-servers: there is one}"),
];

/// What examples refer to: how they do, and what it is.
const REFERRED: [(&str, &str); 6] = [
    ("schemas/B'", "    B: {type: object}\n"),
    ("schemas/Billing.Profile'", "    Billing.Profile: {type: object}\n"),
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
        Ok(contract) => findings(&contract),
        Err(findings) => findings,
    }
}

#[test]
fn a_contract_that_keeps_to_all_rules_has_no_findings() {
    assert_eq!(found(CONTRACT), []);
}

#[test]
fn every_rule_finds_what_it_is_for_and_no_other_refuses_it() {
    let wrong = BAD.iter().filter_map(|(rule, old, new, line)| {
        let findings = found(&edited(old, new));
        let place = |finding: &Diagnostic| (finding.rule, finding.place.unwrap_or_default().0);
        let hit = findings.iter().any(|finding| place(finding) == (*rule, *line));
        let others = findings.iter().any(|finding| finding.is_error() && finding.rule != *rule);
        (!hit || others).then(|| format!("{rule}, line {line}: {new}\n{}", listed(&findings)))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn what_keeps_to_a_rule_is_not_found() {
    let wrong = GOOD.iter().filter_map(|(rule, old, new)| {
        let findings = found(&edited(old, new));
        let open = findings.iter().filter(|finding| finding.waived.is_none());
        let mut open = open.filter(|finding| finding.is_error() || finding.rule == *rule);
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

/// The rules that no text can break.
const WITHOUT_EXAMPLE: [&str; 1] = ["unreadable"];

#[test]
fn every_rule_has_both_examples() {
    let rules =
        || rules().into_iter().map(|rule| rule.id).filter(|id| !WITHOUT_EXAMPLE.contains(id));
    let bad: BTreeSet<_> = BAD.iter().map(|(rule, ..)| *rule).collect();
    let good: BTreeSet<_> = GOOD.iter().map(|(rule, ..)| *rule).collect();
    assert_eq!(bad, rules().collect(), "left: rules with an example that breaks them");
    assert_eq!(good, rules().collect(), "left: rules with an example that does not");
}

#[test]
fn every_rule_is_explained_and_nothing_else_is() {
    let headings = rules::PAGE.lines().filter_map(|line| line.strip_prefix("## "));
    let all: Vec<_> = rules().iter().map(|rule| rule.id).collect();
    assert_eq!(headings.collect::<Vec<_>>(), all, "left: sections of openapi/lint.md");
    for Rule { id, waivable, .. } in rules() {
        let text = explain(id).unwrap_or_default();
        assert!(text.contains("**Fix**"), "{id} does not say how to fix it: {text}");
        let how = if waivable { "**Waive**" } else { "Cannot be waived" };
        assert!(text.contains(how), "{id} lacks `{how}`: {text}");
    }
    assert_eq!(explain("nothing"), None);
}

#[test]
fn what_the_lint_refuses_never_reaches_the_generator() {
    for (rule, old, new, _) in BAD {
        let Ok(contract) = grammar::parse("test.yaml", &edited(old, new)) else { continue };
        let errors: Vec<_> = findings(&contract);
        let errors: Vec<_> = errors.into_iter().filter(Diagnostic::is_error).collect();
        let generated = generate(&contract);
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
fn notes_of_one_rule_are_one_with_their_number() {
    let headers =
        "description: failed, headers: {A: {schema: {type: string}}, B: {schema: {type: string}}}";
    let findings = found(&edited("description: failed", headers));
    let [finding] = findings.as_slice() else { panic!("{findings:#?}") };
    assert_eq!(finding.severity, Severity::Note);
    assert_eq!(finding.message, "no model has the response header `A` (and one more place)");
}

#[test]
fn all_findings_come_at_once_in_the_order_of_the_file() {
    let text = CONTRACT
        .replace("version: '1'", "version: ä")
        .replace("in: header, required: true", "in: header")
        .replace("'^a'", "'('");
    let contract = grammar::parse("test.yaml", &text).expect("a contract");
    let rules: Vec<_> = lint(&contract).iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["ascii-version", "optional-if-match", "pattern"]);
}
