//! What a comparison says of small changes: each change of the Rust API stands at the change of the
//! contract that causes it, and nowhere else.

use std::collections::BTreeSet;
use std::fmt::Write;

use contract_review::compile::Compiles;
use contract_review::report::{Aspect, Bump, Code, Report};
use contract_review::review::Review;
use contract_review::snapshots::{Fate, Snapshot};
use contract_review::workspace::Workspace;
use openapi_diff::Verdict;
use openapi_document::Document;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

const BASE: &str = "
openapi: 3.0.3
info: {title: T, version: 1.0.0, description: The service.}
paths:
  /things:
    get:
      operationId: listThings
      description: Lists.
      parameters:
      - {name: kind, in: query, description: The kind., schema: {type: string, enum: [small, large]}}
      - {name: top, in: query, description: How many., schema: {type: integer, format: int32}}
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
    post:
      operationId: createThing
      description: Creates.
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
      responses:
        '201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
  /others:
    get:
      operationId: getOther
      description: Gets.
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Other'}}}}
components:
  schemas:
    Thing:
      type: object
      description: A thing.
      properties:
        name: {type: string, maxLength: 10, description: The name.}
        size: {type: integer, format: int32, description: The size.}
        state: {type: string, enum: [new, old], description: The state.}
        part: {$ref: '#/components/schemas/Part'}
    Part:
      type: object
      description: A part.
      properties:
        code: {type: string, description: The code.}
    Other:
      type: object
      description: Another.
      properties:
        code: {type: string, description: The code.}
";

/// With records where ours are.
fn workspace() -> Workspace {
    Workspace { accepted: "openapi/accepted-changes.toml".to_owned(), ..Workspace::default() }
}

/// The report on what `edits` change in the contract above.
fn report(edits: &[(&str, &str)]) -> Report {
    let mut text = BASE.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let parse = |name, text: &str| Document::parse(name, text).expect("a document");
    Report::new(&workspace(), &parse("a.yaml", BASE), &parse("b.yaml", &text), &[])
}

/// Each change with the changes of the Rust API that are shown there, in the order of the items.
fn told(edits: &[(&str, &str)]) -> Vec<String> {
    let report = report(edits);
    let rows = report.rows.iter().map(|row| {
        let mut items: Vec<_> = row.rust.iter().collect();
        items.sort_by_key(|item| &item.item);
        let items = items.iter().map(|item| format!("{} {}", item.rule, item.item));
        let items = items.collect::<Vec<_>>().join(", ");
        let place =
            row.place().trim_start_matches("/components/schemas").replace("/properties", "");
        if row.change.is_some() { format!("{} {place}: {items}", row.rule()) } else { items }
    });
    rows.collect()
}

#[test]
fn changes_in_one_schema_are_kept_apart() {
    let edits = [
        ("maxLength: 10, description: The name.", "maxLength: 5, description: Its name."),
        ("[new, old]", "[new, old, gone]"),
        (
            "        part: {$ref",
            "        colour: {type: string, description: C.}\n        part: {$ref",
        ),
    ];
    let colour = "const-value-changed <types::Thing as Constrained>::MEMBERS, field-added types::Thing::colour";
    let length = "const-value-changed <types::Thing as Constrained>::CONSTRAINTS";
    assert_eq!(
        told(&edits),
        [
            &format!("response-property-enum-value-added /Thing/state/enum: {length}"),
            &format!("request-property-max-length-decreased /Thing/name/maxLength: {length}"),
            &format!("response-optional-property-added /Thing/colour: {colour}"),
            &format!("response-property-max-length-decreased /Thing/name/maxLength: {length}"),
            &format!("new-optional-request-property /Thing/colour: {colour}"),
            &format!("request-property-enum-value-added /Thing/state/enum: {length}"),
            "description-changed /Thing/name/description: docs-changed types::Thing::name",
        ]
    );
    let closed = (
        "      description: Another.\n",
        "      description: Another.\n      additionalProperties: false\n",
    );
    assert_eq!(
        told(&[closed]),
        [
            "response-body-additional-properties-closed /Other/additionalProperties: serde-changed types::Other, field-removed types::Other::extra"
        ]
    );
}

#[test]
fn another_type_is_another_inside() {
    let edit = (
        "state: {type: string, enum: [new, old], description: The state.}",
        "state: {type: object, description: The state., properties: {a: {type: string, description: A.}}}",
    );
    let items = "const-value-changed <types::Thing as Constrained>::CONSTRAINTS, const-value-changed <types::Thing as Constrained>::MEMBERS, field-type-changed types::Thing::state, item-added types::ThingState";
    let at = "property-type-changed /Thing/state/type";
    assert_eq!(
        told(&[edit]),
        [format!("response-{at}: {items}"), format!("request-{at}: {items}")]
    );
}

#[test]
fn a_parameter_is_kept_apart_from_its_operation() {
    let edits = [
        ("description: Lists.", "description: Lists them."),
        (
            "How many., schema: {type: integer, format: int32}",
            "How many., schema: {type: integer, format: int64}",
        ),
    ];
    assert_eq!(
        told(&edits),
        [
            "request-parameter-type-generalized /paths/~1things/get/parameters/1/schema/format: argument-type-changed Client::list_things",
            "description-changed /paths/~1things/get/description: docs-changed Client::list_things",
        ]
    );
    let edits = [
        ("name: top, in: query,", "name: top, in: query, required: true,"),
        (
            "      responses:\n",
            "      - {name: skip, in: query, description: S., schema: {type: string}}\n      responses:\n",
        ),
    ];
    assert_eq!(
        told(&edits),
        [
            "request-parameter-became-required /paths/~1things/get/parameters/1: argument-type-changed Client::list_things, docs-changed Client::list_things",
            "new-optional-request-parameter /paths/~1things/get/parameters/2: argument-added Client::list_things, docs-changed Client::list_things",
        ]
    );
    assert_eq!(
        told(&[("[small, large]", "[small, large, huge]")]),
        [
            "request-parameter-enum-value-added /paths/~1things/get/parameters/0/schema/enum: variant-added types::ListThingsKind::Huge"
        ]
    );
}

#[test]
fn an_operation_brings_its_types_and_takes_them_along() {
    assert_eq!(
        told(&[("operationId: listThings", "operationId: allThings")]),
        [
            "api-operation-id-removed /paths/~1things/get: method-added Client::all_things, method-removed Client::list_things, item-added types::AllThingsKind, item-removed types::ListThingsKind"
        ]
    );
    let (start, end) = BASE.split_once("  /others:\n").expect("the path");
    let path = end.split("components:\n").next().expect("the components");
    let path = format!("  /others:\n{path}");
    let schema = BASE.split_once("    Other:\n").expect("the schema").1;
    let schema = format!("    Other:\n{schema}");
    assert!(start.contains("/things"));
    assert_eq!(
        told(&[(&path, ""), (&schema, "")]),
        [
            "api-path-removed-without-deprecation /paths/~1others/get: method-removed Client::get_other, item-removed types::Other"
        ]
    );
    let more = |text: &str| text.replace("ther", "more");
    let (new_path, new_schema) = (more(&path) + &path, more(&schema) + &schema);
    assert_eq!(
        told(&[(&schema, &new_schema), (&path, &new_path)]),
        [
            "endpoint-added /paths/~1omores/get: method-added Client::get_omore, item-added types::Omore"
        ]
    );
    let markdown = report(&[(&schema, &new_schema), (&path, &new_path)]).markdown();
    assert!(markdown.contains("\n- `type.Omore` is new ("), "{markdown}");
    assert!(!markdown.contains("+pub struct Omore"), "{markdown}");
    let moved = "behaviour-changed Client::get_other, docs-changed Client::get_other";
    assert_eq!(
        told(&[("  /others:", "  /other-ones:")]),
        [
            format!("api-path-removed-without-deprecation /paths/~1others/get: {moved}"),
            format!("endpoint-added /paths/~1other-ones/get: {moved}"),
        ]
    );
}

#[test]
fn another_reference_is_what_differs_behind_it() {
    let edit = (
        "schema: {$ref: '#/components/schemas/Other'}",
        "schema: {$ref: '#/components/schemas/Thing'}",
    );
    let told = told(&[edit]);
    let items = "return-type-changed Client::get_other, item-removed types::Other";
    let added = ["name", "part", "size", "state"]
        .map(|name| format!("response-optional-property-added /Thing/{name}: {items}"));
    assert_eq!(told[0], format!("response-optional-property-removed /Other/code: {items}"));
    assert_eq!(told[1..5], added);
    assert_eq!(told[5..], ["description-changed /Thing/description: "]);
}

#[test]
fn a_schema_of_many_reaches_them_all() {
    let edit = (
        "      description: A part.\n      properties:\n",
        "      description: A part.\n      properties:\n        more: {type: string, description: M.}\n",
    );
    let report = report(&[edit]);
    let reached: Vec<_> = report
        .rows
        .iter()
        .map(|row| row.operations().iter().map(ToString::to_string).collect::<Vec<_>>())
        .collect();
    assert_eq!(reached, [vec!["GET /things", "POST /things"], vec!["POST /things"]]);
    let items =
        "const-value-changed <types::Thing as Constrained>::MEMBERS, field-added types::Part::more";
    assert_eq!(
        told(&[edit]),
        [
            format!("response-optional-property-added /Part/more: {items}"),
            format!("new-optional-request-property /Part/more: {items}"),
        ]
    );
}

#[test]
fn what_changes_in_the_code_alone_names_the_operations_that_it_reaches() {
    let members =
        "      properties:\n        name: {type: string, maxLength: 10, description: The name.}\n";
    let composed = format!(
        "    Named:\n      type: object\n      description: N.\n{members}    Thing:\n      description: A thing.\n      allOf:\n      - $ref: '#/components/schemas/Named'\n      type: object\n      properties:\n"
    );
    let thing = format!("    Thing:\n      type: object\n      description: A thing.\n{members}");
    // A change beside it is no cause of it.
    let edits =
        [(thing.as_str(), composed.as_str()), ("description: Creates.", "description: Makes.")];
    assert_eq!(
        told(&edits),
        [
            "const-value-changed <types::Thing as Constrained>::CONSTRAINTS",
            "const-value-changed <types::Thing as Constrained>::MEMBERS",
            "description-changed /paths/~1things/post/description: docs-changed Client::create_thing",
        ]
    );
    let renamed = [
        ("'#/components/schemas/Part'", "'#/components/schemas/Piece'"),
        ("    Part:\n", "    Piece:\n"),
    ];
    for row in report(&edits).rows.iter().take(2).chain(&report(&renamed).rows) {
        let reached: Vec<_> = row.operations().iter().map(ToString::to_string).collect();
        assert_eq!(reached, ["GET /things", "POST /things"], "{}", row.message());
    }
}

#[test]
fn a_record_stands_for_one_change() {
    let edits = [
        ("        name: {type: string, maxLength: 10, description: The name.}\n", ""),
        ("        size: {type: integer, format: int32, description: The size.}\n", ""),
    ];
    let open = report(&edits);
    let records: Vec<_> = open.rows.iter().map(|row| row.record("known")).collect();
    let places: BTreeSet<_> = records.iter().map(|record| record.place.as_str()).collect();
    let [name, size] =
        ["/components/schemas/Thing/properties/name", "/components/schemas/Thing/properties/size"];
    assert_eq!(places, BTreeSet::from([name, size]));
    let some: Vec<_> = records.iter().filter(|record| record.place == name).cloned().collect();
    let text = edits.iter().fold(BASE.to_owned(), |text, (from, to)| text.replacen(from, to, 1));
    let parse = |name, text: &str| Document::parse(name, text).expect("a document");
    let report = Report::new(&workspace(), &parse("a.yaml", BASE), &parse("b.yaml", &text), &some);
    for row in &report.rows {
        assert_eq!(row.accepted.is_some(), row.place() == name, "{}", row.message());
    }
    assert_eq!(report.stale, []);
}

#[test]
fn words_stay_with_words() {
    let edits = [
        ("description: A thing.", "description: It."),
        ("description: Gets.", "description: Has."),
        ("description: The code.", "description: Code."),
        ("How many.", "Count."),
    ];
    assert_eq!(
        told(&edits),
        [
            "description-changed /paths/~1things/get/parameters/1/description: docs-changed Client::list_things",
            "description-changed /Thing/description: docs-changed types::Thing",
            "description-changed /Part/code/description: docs-changed types::Part::code",
            "description-changed /paths/~1others/get/description: docs-changed Client::get_other",
        ]
    );
    assert_eq!(
        told(&[("The service.", "Service."), ("version: 1.0.0", "version: 1.1.0")]),
        [
            "api-version-changed /info/version: docs-changed Client, behaviour-changed Client: ClientInfo<crate::Context>",
            "description-changed /info/description: docs-changed Client",
        ]
    );
}

/// The worst verdict on each aspect, and what is said of the code and the two versions.
fn sums(edits: &[(&str, &str)]) -> ([Verdict; 3], String, Bump, Option<Bump>) {
    let report = report(edits);
    let verdicts = Aspect::ALL.map(|aspect| report.worst(&[aspect]));
    let advice = &report.advice;
    (verdicts, report.code_sentence(), advice.contract, advice.generated_crate)
}

#[test]
fn the_verdicts_and_the_versions_are_independent() {
    let (ok, breaks) = (Verdict::Compatible, Verdict::Breaking);
    let code =
        |items: &str, api: &str| format!("generated code differs in {items}; its public API {api}");
    let same = || "generated code identical".to_owned();
    assert_eq!(sums(&[]), ([ok; 3], same(), Bump::None, Some(Bump::None)));
    let value = ("[small, large]", "[small, large, huge]");
    assert_eq!(
        sums(&[value]),
        ([ok; 3], code("1 item", "changed"), Bump::Minor, Some(Bump::Minor))
    );
    let nullable = ("name: {type: string, max", "name: {type: string, nullable: true, max");
    let changed = "generated code identical, contract changed".to_owned();
    let (verdicts, sentence, contract, generated) = sums(&[nullable]);
    assert_eq!((verdicts[0], verdicts[1]), (breaks, ok));
    assert_eq!((sentence, contract, generated), (changed, Bump::Major, Some(Bump::None)));
    let words = ("description: Gets.", "description: Has.");
    assert_eq!(
        sums(&[words]),
        ([ok; 3], code("1 item", "is the same"), Bump::Patch, Some(Bump::Patch))
    );
    let deprecated = ("description: Gets.", "description: Gets.\n      deprecated: true");
    assert_eq!(
        sums(&[deprecated]),
        ([ok; 3], code("1 item", "changed"), Bump::Minor, Some(Bump::Minor))
    );
    let stricter = ("maxLength: 10", "maxLength: 5");
    let (_, sentence, contract, generated) = sums(&[stricter]);
    assert_eq!(sentence, code("1 item", "is the same"));
    assert_eq!((contract, generated), (Bump::Major, Some(Bump::Patch)));
    let renamed = [
        ("'#/components/schemas/Part'", "'#/components/schemas/Piece'"),
        ("    Part:\n", "    Piece:\n"),
    ];
    assert_eq!(
        sums(&renamed),
        ([ok, breaks, ok], code("3 items", "changed"), Bump::None, Some(Bump::Major))
    );
}

#[test]
fn what_cannot_be_generated_is_compared_as_far_as_it_goes() {
    let edits = [("'201': {description: made, ", "'201': {"), ("[new, old]", "[new]")];
    let report = report(&edits);
    let Code::NotCompared { why } = &report.code else { panic!("{:?}", report.code) };
    assert!(why.starts_with("nothing can be generated from b.yaml: b.yaml:"), "{why}");
    assert_eq!(report.advice.generated_crate, None);
    assert_eq!(report.advice.contract, Bump::Major);
    assert_eq!(
        told(&edits),
        [
            "request-property-enum-value-removed /Thing/state/enum: ",
            "response-property-enum-value-removed /Thing/state/enum: ",
            "description-changed /paths/~1things/post/responses/201/description: ",
        ]
    );
    // Nothing is called compatible that nobody looked at.
    let (text, json) = (report.text(), report.json());
    assert!(text.contains("| Rust API not compared |") && !text.contains("Rust API ok"), "{text}");
    assert_eq!(json["changes"][0]["verdicts"]["rustApi"], serde_json::Value::Null);
    assert!(report.annotations().contains("Rust API: not compared"), "{}", report.annotations());
    assert!(report.markdown().contains("**Rust API: ?.** Not compared"), "{}", report.markdown());
}

#[test]
fn what_the_generator_cannot_take_is_left_out_of_both_sides() {
    let names = |report: &Report| -> Vec<String> {
        report.left_out().iter().map(|it| it.operation.to_string()).collect()
    };
    let cookie = ("name: top, in: query,", "name: top, in: cookie,");
    let edits = [
        cookie,
        (
            "        code: {type: string, description: The code.}\n    Other",
            "        code: {type: integer, description: The code.}\n    Other",
        ),
    ];
    let new = report(&edits);
    assert_eq!(names(&new), ["GET /things"]);
    assert!(new.left_out()[0].new);
    let rows: Vec<_> =
        new.rows.iter().map(|row| (row.rule(), new.verdict(row, Aspect::RustApi))).collect();
    // What `POST /things` reaches, too, is seen there.
    assert_eq!(
        rows,
        [
            ("request-parameter-in-changed", None),
            ("response-property-type-changed", Some(Verdict::Breaking)),
            ("request-property-type-changed", Some(Verdict::Breaking)),
        ]
    );
    assert_eq!(new.advice.generated_crate, None);
    let (text, json) = (new.text(), new.json());
    assert!(
        text.contains("; without 1 operation that the generator cannot take\n  GET /things: b.yaml:11:21: error[parameter-style]"),
        "{text}"
    );
    assert_eq!(json["generatedCode"]["leftOut"][0]["operation"]["id"], "listThings");
    assert!(
        new.markdown().contains("- `GET /things`: `b.yaml:11:21`: the generator cannot"),
        "{}",
        new.markdown()
    );

    // A schema that it cannot take keeps out all that use it.
    let edits = [("code: {type: string,", "code: {allOf: [{type: string}, {type: integer}],")];
    let report = report(&edits);
    assert_eq!(names(&report), ["GET /things", "POST /things"]);
    assert_eq!(report.left_out()[1].why.rule, "unsatisfiable");
}

/// What Markdown shows as text, the HTML that is in it, and how many cells each row of a table has.
fn shown(markdown: &str) -> (String, Vec<String>, Vec<usize>) {
    let (mut text, mut html, mut cells) = (String::new(), Vec::new(), Vec::new());
    let mut block = false;
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            // Within code GitHub looks for nothing.
            Event::Start(Tag::CodeBlock(_)) => block = true,
            Event::End(TagEnd::CodeBlock) => block = false,
            Event::Text(_) if block || html.last().is_some_and(|tag| tag == "<code>") => {}
            Event::Text(shown) => text.push_str(&shown),
            Event::Html(tag) | Event::InlineHtml(tag) => html.push(tag.trim().to_owned()),
            Event::Start(Tag::TableHead | Tag::TableRow) => cells.push(0),
            Event::End(TagEnd::TableCell) => {
                if let Some(count) = cells.last_mut() {
                    *count += 1;
                }
            }
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => panic!("{event:?}"),
            _ => {}
        }
    }
    (text, html, cells)
}

#[test]
fn what_a_contract_says_is_no_markdown() {
    let hostile = r"a|b @octocat fixes #12 <!-- ` [x](y) \\| GH-3 \n</details>";
    let long = format!("\"{}\"", hostile.repeat(200));
    let edits = [
        (
            "name: {type: string, max",
            format!(
                "\"{hostile}\": {{type: string, description: {long}}}\n        name: {{type: string, enum: [{long}], max"
            ),
        ),
        ("[small, large]", format!("[small, large, \"{hostile}\"]")),
        ("description: Gets.", format!("description: {long}")),
        ("size: {type: integer", format!("size: {{type: string, pattern: \"{hostile}\"")),
        (", format: int32, description: The size.", ", description: The size.".to_owned()),
        ("name: kind, in: query", format!("name: \"{hostile}\", in: query")),
    ];
    let edits: Vec<_> = edits.iter().map(|(from, to)| (*from, to.as_str())).collect();
    let markdown = report(&edits).markdown();
    let (text, html, cells) = shown(&markdown);
    for forbidden in ["@octocat", "#12", "GH-3"] {
        let at = text.find(forbidden).map(|at| &text[at.saturating_sub(80)..]);
        assert!(at.is_none(), "{forbidden}: {at:?}");
    }
    let known = ["<br>", "<code>", "</code>", "<details>", "</details>", "<summary>", "</summary>"];
    for tag in html {
        let rest = known.iter().fold(tag.clone(), |tag, known| tag.replace(known, ""));
        assert!(!rest.contains('<'), "{tag}");
    }
    let (sums, changes) = cells.split_at(4);
    assert_eq!(sums, [5; 4]);
    assert!(changes.len() > 5 && changes.iter().all(|count| *count == 7), "{changes:?}");
    assert!(markdown.len() < 65_536, "{}", markdown.len());
}

/// A contract of 100 operations whose bodies have 1,000 properties with limits, and a text for each.
fn large(limit: usize, words: &str) -> Document {
    let mut text = String::from("openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n");
    for number in 0..50 {
        let content = format!(
            "content: {{application/json: {{schema: {{$ref: '#/components/schemas/S{number}'}}}}}}"
        );
        let responses = format!("responses: {{'200': {{description: ok, {content}}}}}");
        let _ = writeln!(
            text,
            "  /s{number}:\n    get: {{operationId: getS{number}, {responses}}}\n    put: {{operationId: putS{number}, requestBody: {{required: true, {content}}}, {responses}}}"
        );
    }
    text.push_str("components:\n  schemas:\n");
    for number in 0..50 {
        let _ = writeln!(
            text,
            "    S{number}:\n      type: object\n      description: S.\n      properties:"
        );
        for property in 0..20 {
            let _ = writeln!(
                text,
                "        p{property}: {{type: string, maxLength: {limit}, description: \"{words}\"}}"
            );
        }
    }
    Document::parse("large.yaml", &text).expect("a document")
}

#[test]
fn a_thousand_changes_fit_in_a_comment() {
    let report =
        Report::new(&workspace(), &large(20, "Before."), &large(10, &"after ".repeat(50)), &[]);
    assert!(report.rows.len() > 2_000, "{}", report.rows.len());
    let markdown = report.markdown();
    assert!(markdown.len() < 65_536, "{}", markdown.len());
    let sentences =
        markdown.matches("left out here, because GitHub limits the length of a comment");
    assert_eq!(sentences.count(), 4, "the table, the details, the words and the records");
    assert!(markdown.contains("`cargo xtask review` shows all of them."), "{markdown}");
    assert!(markdown.contains("Too long to be shown here: `"), "{markdown}");
    // Everything that was begun is ended.
    assert_eq!(markdown.matches("<details>").count(), markdown.matches("</details>").count());
    assert_eq!(report.text().matches("request-property-max-length-decreased").count(), 1_000);

    let snapshots = (0..1_000).map(|number| Snapshot {
        path: format!("tests/snapshots/contract/schema.S{number}.snap").into(),
        fate: Fate::Changes,
        updated: false,
    });
    let review = Review {
        findings: Vec::new(),
        brought: Vec::new(),
        report,
        stale: Some(Vec::new()),
        compiles: Some(Compiles::No {
            errors: vec!["error: not Rust\n ```\n".to_owned(); 1_000],
            package: "package".into(),
        }),
        snapshots: snapshots.collect(),
        text: "+ a line\n".repeat(10_000),
        page: None,
    };
    let markdown = review.markdown();
    assert!(markdown.len() < 65_536, "{}", markdown.len());
    assert!(markdown.contains("more snapshots are left out here"), "{markdown}");
    assert!(markdown.contains("the client does not compile: 1000 errors"), "{markdown}");
    // The fence is longer than what is in it.
    assert!(markdown.contains("\n````text\nerror: not Rust\n"), "{markdown}");
    assert!(markdown.contains("more errors are left out here"), "{markdown}");
}

/// A change that the generated code does not show is named as such beside others that it shows.
#[test]
fn a_silent_change_is_named_among_loud_ones() {
    let silent = ("name: {type: string, max", "name: {type: string, nullable: true, max");
    let loud = ("state: {type: string", "fresh: {type: string}\n        state: {type: string");
    let report = report(&[silent, loud]);
    let rules = |is_silent: bool| -> BTreeSet<_> {
        let rows = report.rows.iter().filter(|row| report.is_silent(row) == is_silent);
        rows.map(|row| row.rule().to_owned()).collect()
    };
    let (said, shown) = (rules(true), rules(false));
    assert!(said.contains("response-property-became-nullable"), "{said:?}");
    assert!(shown.contains("response-optional-property-added"), "{shown:?}");
    let sentence = "generated code identical, contract changed: no compiler will tell anyone";
    assert_eq!(report.text().matches(sentence).count(), 1, "{}", report.text());
    assert!(report.markdown().to_lowercase().contains(sentence));
}
