//! The page holds all of the contract, and nothing that it would have to fetch or run.

mod sound;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use contract_review::workspace::Workspace;

use openapi_docs::{Comparison, Examples, Level, Mark, Methods, Page, STYLE, external_examples};
use openapi_document::Contract;
use proptest::prelude::*;

use sound::{assert_self_contained, assert_sound, attributes};

fn workspace() -> Workspace {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("a workspace");
    Workspace::open(root, None).expect("a configuration")
}

fn ours() -> Contract {
    workspace().contract().expect("a contract")
}

/// The page of a contract without a client and without files.
fn page(contract: &Contract) -> String {
    marked(contract, None)
}

fn marked(contract: &Contract, marks: Option<&[Mark]>) -> String {
    let comparison = marks.map(|marks| Comparison { base: "main", marks });
    let (methods, examples) = (Methods::default(), Examples::new());
    let (examples, context_headers, calls) = (&examples, &[][..], "");
    let (methods, package) = (&methods, "a-client");
    Page { contract, methods: Some(methods), examples, package, context_headers, calls, comparison }
        .html()
}

fn parse(text: &str) -> Contract {
    openapi_lint::grammar::parse("test.yaml", text).expect("a contract")
}

#[test]
fn every_operation_and_schema_of_our_contract_is_there() {
    let (Workspace { root, client: config, docs_calls, .. }, contract) = (workspace(), ours());
    let client = openapi_codegen::client(&contract, &config).expect("a client");
    let names = external_examples(&contract);
    assert_eq!(names.len(), 27);
    let texts = names.into_iter().map(|name| {
        let file = root.join("openapi").join(name);
        (name.to_owned(), std::fs::read_to_string(file).expect(name))
    });
    let (methods, examples) = (Methods::of(&client), texts.collect::<Examples>());
    let calls = std::fs::read_to_string(root.join(docs_calls.expect("calls"))).expect("calls");
    let page = Page {
        contract: &contract,
        methods: Some(&methods),
        examples: &examples,
        package: &config.package,
        context_headers: &config.context_headers,
        calls: &calls,
        comparison: None,
    };
    let html = page.html();
    assert_sound(&html);
    for at in contract.operations() {
        let id = at.value["operationId"].as_str().expect("an id");
        assert!(html.contains(&format!("<h3 id=\"operation-{id}\">")), "{id}");
        assert!(html.contains(&format!("Rust call of {id} by the library")), "{id}");
        assert!(html.contains(&format!("Rust call of {id} by the generated client")), "{id}");
        for status in at.value["responses"].as_object().expect("responses").keys() {
            assert!(html.contains(&format!("id=\"operation-{id}.response-{status}\"")), "{status}");
        }
    }
    for (name, schema) in contract.json["components"]["schemas"].as_object().expect("schemas") {
        assert!(html.contains(&format!("<h3 id=\"schema-{name}\">")), "{name}");
        for member in schema.get("properties").and_then(|p| p.as_object()).into_iter().flatten() {
            assert!(html.contains(&format!("<tr role=\"row\" id=\"schema-{name}.{}\">", member.0)));
        }
    }
    for expected in [
        "PUT /v1/customers/aaaa0000-bb11-2222-33cc-444444dddddd/profiles/billing HTTP/1.1\nHost: api.",
        "\nAuthorization: Bearer &lt;token&gt;\n",
        "\nIf-Match: &quot;-4242348048554929329&quot;\n",
        "client.update_customer_billing_profile(\n    &amp;&quot;aaaa0000-bb11-2222-33cc-444444dddddd&quot;.parse()?,\n",
        "&quot;Id&quot;: &quot;a58ceba5-60ac-48e4-a0bc-2a855811807a&quot;",
        "<code>If-Match</code> is <strong>required</strong>",
        "<code>If-Match</code> is <strong>optional</strong>",
        "<code>attributes.etag</code>",
        "<span class=\"before\">defaultAddress.</span><wbr>country</code>",
        "string or null, at most 2 characters",
        "Link <code>update</code>, to <a href=\"#operation-updateCustomerBillingProfile\">",
        "Parameter <code>header.If-Match</code>: <code>&quot;{$response.body#/attributes/etag}&quot;</code>",
        "sent back as it was read",
    ] {
        assert!(html.contains(expected), "{expected}");
    }
    assert_eq!(html, page.html(), "the same contract gives the same page");
}

/// What an author may write and a page must not run.
const HOSTILE: &str = r#"
openapi: 3.0.3
info: {title: <script>t</script>, version: "<b>1", description: "<script src=x>alert(1)</script> [a](javascript:b)"}
tags: [{name: <i>, description: "<style>@import 'x'</style>"}]
paths:
  /a"><script>/{b}:
    get:
      operationId: <script>
      summary: <img src=x onerror=alert(1)>
      externalDocs: {url: "javascript:alert(1)"}
      parameters:
        - {name: b, in: path, required: true, schema: {type: string, pattern: '"><script>'}, example: '<script>'}
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {type: object, properties: {'"><script>': {type: string, enum: [<script>]}}}, example: {a: <script>}}}
          links: {'<script>': {operationId: '<script>', parameters: {'<script>': '<script>'}, requestBody: '<script>'}}
"#;

#[test]
fn nothing_that_an_author_writes_becomes_markup() {
    let html = page(&parse(HOSTILE));
    // The text is there, as text; of what looks like an attribute only the markup counts.
    let outside_of_texts: String =
        html.split('<').filter_map(|part| Some(format!("<{}>", part.split('>').next()?))).collect();
    assert_self_contained(&outside_of_texts.replace("@import 'x'", ""));
    assert!(html.contains("&lt;script&gt;t&lt;/script&gt;") && !html.contains("href=\"javascript"));
}

const RECURSIVE: &str = "
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a:
    post:
      operationId: postA
      requestBody:
        content:
          application/json: {schema: {$ref: '#/components/schemas/Tree'}}
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Tree'}}}}
components:
  schemas:
    Tree:
      allOf:
        - type: object
          required: [left]
          properties: {left: {$ref: '#/components/schemas/Tree'}}
        - properties: {left: {description: both}, others: {type: object, additionalProperties: {$ref: '#/components/schemas/Tree'}}}
";

#[test]
fn a_schema_that_stands_in_itself_ends_with_a_link() {
    let html = page(&parse(RECURSIVE));
    assert_sound(&html);
    let link = "stands in itself: see <a href=\"#schema-Tree\">Tree</a>";
    assert_eq!(html.matches(link).count(), 6, "two members in three tables");
    assert!(html.contains("others.</span><wbr>*</code>"), "{html}");
}

fn change(pointer: &str, level: Level, message: &str) -> Mark {
    Mark {
        pointer: pointer.to_owned(),
        level,
        verdicts: format!("in requests: {level} on the wire, compatible at run time"),
        rule: "a-rule".into(),
        message: message.to_owned(),
        note: None,
        operations: Vec::new(),
    }
}

#[test]
fn a_mark_is_said_in_words_at_the_nearest_place() {
    let contract = ours();
    let put = "/paths/~1v1~1profiles~1billing/put";
    let marks = [
        change("/components/schemas/Address/properties/city/maxLength", Level::Breaking, "shorter"),
        change("/components/schemas/Address/properties/town", Level::Breaking, "`town` is gone"),
        change(&format!("{put}/parameters/0/required"), Level::PotentiallyBreaking, "asked for"),
        change(&format!("{put}/responses/418"), Level::Compatible, "no teapot"),
        change("/components/headers/RetryAfter", Level::Compatible, "sooner"),
        change("/x-nowhere", Level::Compatible, "somewhere"),
    ];
    let html = marked(&contract, Some(&marks));
    assert_sound(&html);
    assert!(html.contains("What changed since main"));
    assert!(html.contains(
        "6 changes, by the worst that each means: 2 breaking, 1 potentially breaking, 3 compatible."
    ));
    let places: BTreeMap<_, _> = [
        (1, "schema-Address.city"),
        (2, "schema-Address"),
        (4, "operation-updatePartnerBillingProfile"),
        (6, "about"),
    ]
    .into();
    for (number, id) in places {
        let entry = html.split(&format!("<li id=\"change-{number}\"")).nth(1).expect("an entry");
        assert_eq!(attributes(entry, "Shown at <a href=\"#").first(), Some(&id), "{number}");
    }
    let city = html.split("id=\"schema-Address.city\"").nth(1).expect("a row");
    let row = city.split("</tr>").next().expect("a row");
    let words =
        "Changed, in requests: breaking on the wire, compatible at run time.</strong> shorter. ";
    assert!(row.contains(words), "{row}");
    // Wherever a shared schema is expanded, its marks are there too.
    assert!(html.matches(words).count() > 4, "{}", html.matches(words).count());
    assert_eq!(
        html.matches("<code>town</code> is gone").count(),
        html.matches("#change-2\"").count() + 1
    );
    // A place that needs no name of its own gets one for its mark: a parameter, a header.
    assert!(
        html.contains(
            "id=\"place-~2fpaths~2f~7e1v1~7e1profiles~7e1billing~2fput~2fparameters~2f0\""
        )
    );
    assert!(html.contains("id=\"place-~2fcomponents~2fheaders~2fRetryAfter\""));

    assert!(marked(&contract, Some(&[])).contains("Nothing: the two mean the same."));
}

/// The luminance of a colour (WCAG 2.2, relative luminance).
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect(colour)) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

#[test]
fn every_text_can_be_read_on_its_ground() {
    let schemes: Vec<BTreeMap<&str, &str>> = STYLE
        .split(":root {")
        .skip(1)
        .map(|block| {
            let block = block.split('}').next().expect("a block");
            block
                .split(';')
                .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": "))
                .collect()
        })
        .collect();
    assert_eq!(schemes.len(), 3, "light, dark, paper");
    for scheme in schemes {
        let texts = ["text", "quiet", "link"];
        let grounds = ["ground", "code", "head"];
        let mut pairs: Vec<_> = texts
            .iter()
            .flat_map(|text| grounds.map(|ground| (*text, ground.to_owned())))
            .collect();
        for mark in ["breaking", "potentially", "compatible"] {
            pairs.push((mark, format!("{mark}-ground")));
        }
        for (text, ground) in pairs {
            let (a, b) = (luminance(scheme[text]), luminance(scheme[ground.as_str()]));
            let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
            assert!(contrast >= 4.5, "{text} on {ground}: {contrast:.2} in {scheme:?}");
        }
    }
}

/// A contract has little that it must have; whatever else is there is shown, and nothing else is needed.
#[test]
fn a_contract_with_next_to_nothing_has_a_page() {
    let start = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\n";
    for rest in [
        "paths: {}\n",
        "paths: {/a: {}}\n",
        "paths: {/a: {get: {operationId: a, responses: {}}}}\n",
        "paths: {/a: {get: {operationId: a, responses: {default: {description: ''}}}}}\nsecurity: []\n",
        "paths: {/a: {get: {operationId: a, security: [{}], responses: {}}}}\ncomponents: {}\n",
        "paths: {/a: {get: {operationId: a, security: [{b: [c]}, {}], responses: {}}}}\n",
        "paths: {/a: {get: {operationId: a, responses: {}}, put: {operationId: a, responses: {}}}}\n",
        "paths: {/a: {x-etag: {body: /a/b, header: ETag}, put: {operationId: a, responses: {}}}}\n",
        "paths: {/a: {post: {operationId: a, requestBody: {content: {}}, responses: {}}}}\n\
         servers: [{url: '{s}/b', variables: {s: {default: 'http://h:1'}}}]\n",
    ] {
        let html = page(&parse(&format!("{start}{rest}")));
        assert_sound(&html);
    }
    let html = page(&parse(&format!(
        "{start}paths: {{/a: {{x-etag: {{body: /a/b}}, get: {{operationId: a, responses: {{}}}}}}}}\n"
    )));
    assert!(html.contains("In the body, <code>a.b</code>"));
}

/// Schemas of every keyword, nested in one another.
fn schema() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::json!({})),
        Just(serde_json::json!({"$ref": "#/components/schemas/A"})),
        Just(serde_json::json!({"$ref": "#/components/schemas/B"})),
        Just(
            serde_json::json!({"type": "string", "maxLength": 2, "nullable": true, "example": "\u{e4}<"})
        ),
        Just(serde_json::json!({"type": "integer", "minimum": 1, "exclusiveMinimum": true})),
        Just(serde_json::json!({"enum": [1, null, "a"], "default": null, "deprecated": true})),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let some = || prop::collection::vec(inner.clone(), 1..4);
        let named = prop::collection::btree_map("[a-z\"<. ]{1,3}", inner.clone(), 0..4);
        prop_oneof![
            some().prop_map(|all| serde_json::json!({"allOf": all, "description": "# a\n<b>"})),
            some().prop_map(|any| serde_json::json!({"anyOf": any})),
            some().prop_map(|one| serde_json::json!({"oneOf": one, "title": "t"})),
            inner.clone().prop_map(|not| serde_json::json!({"not": not})),
            inner.clone().prop_map(|items| serde_json::json!({"type": "array", "items": items})),
            (named, inner.clone()).prop_map(|(members, other)| serde_json::json!({
                "type": "object", "required": ["a"], "properties": members,
                "additionalProperties": other,
            })),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn whatever_a_schema_says_has_a_page(a in schema(), b in schema(), body in schema()) {
        let content = serde_json::json!({"application/json": {"schema": body}});
        let text = serde_json::json!({
            "openapi": "3.0.3",
            "info": {"title": "T", "version": "1"},
            "paths": {"/a": {"post": {
                "operationId": "postA",
                "requestBody": {"content": content},
                "responses": {"200": {"description": "", "content": content}, "409": {"description": ""}},
            }}},
            "components": {"schemas": {"A": a, "B": b}},
        });
        // A reference that leads back to itself makes no contract.
        let Ok(contract) = openapi_lint::grammar::parse("test.yaml", &text.to_string()) else { return Ok(()) };
        let marks = [
            change("/components/schemas/A/allOf/0", Level::Breaking, "a"),
            change("/paths/~1a/post/requestBody/content/application~1json/schema/not", Level::Breaking, "b"),
        ];
        assert_sound(&marked(&contract, Some(&marks)));
    }
}

/// Many operations whose bodies hold one another do not become a page that nobody can open.
#[test]
fn a_large_contract_has_a_page_of_bounded_size() {
    let mut text = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n".to_owned();
    for number in 0..20 {
        writeln!(
            text,
            "  /a{number}: {{put: {{operationId: put{number}, responses: {{'200': {{description: ok, content: \
             {{application/json: {{schema: {{$ref: '#/components/schemas/S0'}}}}}}}}}}}}}}"
        )
        .expect("a line");
    }
    text += "components:\n  schemas:\n";
    for number in 0..20 {
        write!(text, "    S{number}: {{type: object, properties: {{").expect("a line");
        for member in 0..8 {
            write!(
                text,
                "m{member}: {{$ref: '#/components/schemas/S{}'}}, ",
                (number + member + 1) % 20
            )
            .expect("a line");
        }
        text += "}}\n";
    }
    let html = page(&parse(&text));
    assert_sound(&html);
    assert!(html.len() < 5_000_000, "{} bytes", html.len());
}

/// What holds itself without a name ends as well, though it does so twice.
#[test]
fn a_schema_of_an_operation_that_holds_itself_has_a_page() {
    let itself = "{$ref: '#/paths/~1a/get/responses/200/content/application~1json/schema'}";
    let text = format!(
        "openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths:\n  /a:\n    get:\n      operationId: getA\n      \
         responses: {{'200': {{description: ok, content: {{application/json: {{schema: {{type: object, properties: \
         {{b: {itself}, c: {itself}}}}}}}}}}}}}\n"
    );
    let html = page(&parse(&text));
    assert_sound(&html);
    assert!(html.len() < 1_000_000, "{} bytes", html.len());
}
