//! What the comparison of two generated clients says: rule by rule over small pieces of code, and
//! from contract to contract over what is really generated.

use std::collections::BTreeSet;

use contract_review::Trace;
use openapi_document::Contract;
use rust_api_diff::{ItemChange, RULES, Semver, compare, item_diff, items};
use syn::File;

use Semver::{Major, Minor, Patch};

fn parse(code: &str) -> File {
    syn::parse_file(code).unwrap_or_else(|error| panic!("{error}: {code}"))
}

/// What a comparison is expected to find: item, rule, verdict.
type Expected = (&'static str, &'static str, Semver);

/// Code before and after, as it stands in `mod types`.
const TYPES: &[(&str, &str, &[Expected])] = &[
    ("pub struct A;", "pub struct A; pub struct B;", &[("types::B", "item-added", Minor)]),
    ("pub struct A;", "struct A;", &[("types::A", "item-hidden", Major)]),
    ("struct A;", "pub struct A;", &[("types::A", "item-added", Minor)]),
    (
        "pub struct A { pub a: B } impl Default for A {} impl From<A> for String {}",
        "",
        &[("types::A", "item-removed", Major)],
    ),
    ("pub struct A { pub a: B }", "pub struct A(pub B);", &[("types::A", "kind-changed", Major)]),
    ("pub struct A(pub B);", "pub enum A { B }", &[("types::A", "kind-changed", Major)]),
    (
        "pub struct A<T>(pub T);",
        "pub struct A<T: B>(pub T);",
        &[("types::A", "generics-changed", Major)],
    ),
    ("pub type A = B;", "pub type A = C;", &[("types::A", "alias-changed", Major)]),
    ("pub trait A {}", "pub trait A { fn a(); }", &[("types::A", "definition-changed", Major)]),
    // Fields.
    (
        "pub struct A { pub a: B }",
        "pub struct A { pub a: B, pub b: C }",
        &[("types::A::b", "field-added", Major)],
    ),
    (
        "pub struct A { pub a: B }",
        "pub struct A { pub a: B, b: C }",
        &[("types::A::b", "field-added", Major)],
    ),
    (
        "pub struct A { pub a: B, x: X }",
        "pub struct A { pub a: B, pub b: C, x: X, y: Y }",
        &[("types::A::b", "field-added", Minor)],
    ),
    (
        "#[non_exhaustive] pub struct A { pub a: B }",
        "#[non_exhaustive] pub struct A { pub a: B, pub b: C }",
        &[("types::A::b", "field-added", Minor)],
    ),
    (
        "pub struct A { pub a: B, x: X }",
        "pub struct A { }",
        &[("types::A::a", "field-removed", Major)],
    ),
    ("pub struct A(pub B);", "pub struct A(B);", &[("types::A::0", "field-hidden", Major)]),
    ("pub struct A(B);", "pub struct A(pub B);", &[("types::A::0", "field-exposed", Minor)]),
    (
        "pub struct A { pub a: B, pub c: ::std::option::Option<D>, pub e: Vec<F> }",
        "pub struct A { pub a: ::std::option::Option<B>, pub c: D, pub e: Vec<G> }",
        &[
            ("types::A::a", "field-made-optional", Major),
            ("types::A::c", "field-made-required", Major),
            ("types::A::e", "field-type-changed", Major),
        ],
    ),
    ("pub struct A { pub a: B, pub c: D }", "pub struct A { pub c: D, pub a: B, }", &[]),
    ("pub struct A { pub a: Map<B, C> }", "pub struct A { pub a: Map<\nB,\nC,\n>, }", &[]),
    // Variants.
    ("pub enum A { B }", "pub enum A { B, C(D) }", &[("types::A::C", "variant-added", Major)]),
    (
        "#[non_exhaustive] pub enum A { B }",
        "#[non_exhaustive] pub enum A { B, C }",
        &[("types::A::C", "variant-added", Minor)],
    ),
    ("pub enum A { B, C }", "pub enum A { C }", &[("types::A::B", "variant-removed", Major)]),
    ("pub enum A { B(C) }", "pub enum A { B(D) }", &[("types::A::B", "variant-changed", Major)]),
    ("pub enum A { B, C }", "pub enum A { C, B }", &[("types::A", "variants-reordered", Major)]),
    (
        "pub enum A { B(D), C(E) }",
        "pub enum A { C(E), B(D) }",
        &[("types::A", "variants-reordered", Patch)],
    ),
    // Traits.
    (
        "#[derive(Clone)] pub struct A;",
        "#[derive(Clone, Default)] pub struct A;",
        &[("types::A: Default", "trait-added", Minor)],
    ),
    (
        "#[derive(Clone)] pub struct A;",
        "pub struct A;",
        &[("types::A: Clone", "trait-removed", Major)],
    ),
    (
        "#[cfg_attr(feature = \"x\", derive(::y::Z))] pub struct A;",
        "pub struct A; impl ::std::convert::From<A> for ::std::string::String {}",
        &[
            ("String: From<A>", "trait-added", Minor),
            ("types::A: Z if feature = \"x\"", "trait-removed", Major),
        ],
    ),
    (
        "#[derive(::serde::Deserialize)] pub struct A;",
        "pub struct A; impl<'de> ::serde::Deserialize<'de> for A { fn a() {} }",
        &[("types::A: Deserialize<'de>", "behaviour-changed", Patch)],
    ),
    (
        "pub struct A; impl FromStr for A { type Err = B; fn a() { b() } }",
        "pub struct A; impl FromStr for A { type Err = C; fn a() { c() } }",
        &[("types::A: FromStr", "trait-changed", Major)],
    ),
    (
        "pub struct A; impl FromStr for A { type Err = B; fn a() { b(x) } }",
        "pub struct A; impl FromStr for A { type Err = B; fn a() { b(x,) } }",
        &[],
    ),
    (
        "pub struct A; impl FromStr for A { fn a() { 1 } }",
        "pub struct A; impl FromStr for A { fn a() { 2 } }",
        &[("types::A: FromStr", "behaviour-changed", Patch)],
    ),
    // What a trait does with another variant follows from the variant.
    (
        "pub enum A { B } impl Display for A { fn a() { 1 } }",
        "pub enum A { B, C } impl Display for A { fn a() { 2 } }",
        &[("types::A::C", "variant-added", Major)],
    ),
    (
        "pub struct A; impl B for A { const C: &'static [D] = &[E(1), E(2)]; }",
        "pub struct A; impl B for A { const C: &'static [D] = &[E(1), E(3)]; }",
        &[("<types::A as B>::C", "const-value-changed", Patch)],
    ),
    (
        "pub struct A; impl B for A { const C: D = 1; }",
        "pub struct A; impl B for A { const C: E = 1; }",
        &[("<types::A as B>::C", "const-type-changed", Major)],
    ),
    // Attributes.
    (
        "pub struct A { #[serde(rename = \"b\")] pub a: B }",
        "pub struct A { #[serde(rename = \"c\")] pub a: B }",
        &[("types::A::a", "serde-changed", Patch)],
    ),
    (
        "#[serde(untagged)] pub enum A { #[serde(rename = \"b\")] B }",
        "pub enum A { #[serde(alias = \"c\", rename = \"b\")] B }",
        &[("types::A", "serde-changed", Patch), ("types::A::B", "serde-changed", Patch)],
    ),
    (
        "pub struct A { #[serde(skip_serializing_if = \"x\")] pub a: Option<B> }",
        "pub struct A { pub a: B }",
        &[("types::A::a", "field-made-required", Major)],
    ),
    ("#[serde(a)] #[serde(b = \"c\")] pub struct A;", "#[serde(b = \"c\", a)] pub struct A;", &[]),
    (
        "/// a\npub struct A { pub a: B }",
        "pub struct A { /** b */ pub a: B }",
        &[("types::A", "docs-changed", Patch), ("types::A::a", "docs-changed", Patch)],
    ),
    (
        "pub enum A { B }",
        "#[deprecated] pub enum A { #[deprecated] B }",
        &[("types::A", "deprecated", Minor), ("types::A::B", "deprecated", Minor)],
    ),
    ("#[deprecated] pub struct A;", "pub struct A;", &[("types::A", "deprecation-changed", Patch)]),
    (
        "pub enum A { B }",
        "#[non_exhaustive] pub enum A { B }",
        &[("types::A", "non-exhaustive-added", Major)],
    ),
    (
        "#[non_exhaustive] pub enum A { B }",
        "pub enum A { B }",
        &[("types::A", "non-exhaustive-removed", Minor)],
    ),
    ("#[repr(u8)] pub enum A { B }", "pub enum A { B }", &[("types::A", "layout-changed", Major)]),
    ("pub struct A;", "#[must_use] pub struct A;", &[("types::A", "must-use-changed", Minor)]),
    // Nobody sees these.
    ("struct A;", "struct A(B); mod m { pub struct C; } pub(super) fn f() {}", &[]),
];

/// Methods before and after, as they stand in `impl Client`.
const METHODS: &[(&str, &str, &[Expected])] = &[
    ("", "pub fn a() {} fn b() {}", &[("Client::a", "method-added", Minor)]),
    ("pub async fn a(&self) {}", "", &[("Client::a", "method-removed", Major)]),
    ("pub fn a(b: B) {}", "pub fn a(b: B, c: C) {}", &[("Client::a", "argument-added", Major)]),
    ("pub fn a(b: B) {}", "pub fn a() {}", &[("Client::a", "argument-removed", Major)]),
    (
        "pub fn a(b: B, c: B) {}",
        "pub fn a(b: Option<B>, c: B) {}",
        &[("Client::a", "argument-type-changed", Major)],
    ),
    ("pub fn a(b: B) {}", "pub fn a(c: B) { c }", &[("Client::a", "argument-renamed", Patch)]),
    (
        "pub fn a(b: B, c: C) {}",
        "pub fn a(c: C, b: B) {}",
        &[("Client::a", "arguments-reordered", Major)],
    ),
    // They compile, and each is taken for the other.
    (
        "pub fn a(b: B, c: B) {}",
        "pub fn a(c: B, b: B) {}",
        &[("Client::a", "arguments-reordered", Major)],
    ),
    (
        "pub fn a(b: B, c: B) {}",
        "pub fn a(c: B, d: B) {}",
        &[("Client::a", "argument-removed", Major), ("Client::a", "argument-added", Major)],
    ),
    (
        "pub async fn a() -> Result<ResponseValue<A>, Error<B>> {}",
        "pub async fn a() -> Result<ResponseValue<C>, Error<B>> {}",
        &[("Client::a", "return-type-changed", Major)],
    ),
    (
        "pub async fn a() -> Result<ResponseValue<A>, Error<B>> {}",
        "pub async fn a() -> Result<ResponseValue<A>, Error<C>> {}",
        &[("Client::a", "error-type-changed", Major)],
    ),
    (
        "pub async fn a() -> Result<A, Error<B>> {}",
        "pub async fn a() -> Result<\nA,\nError<B,>,\n> {}",
        &[],
    ),
    ("pub fn a() -> A {}", "pub fn a() {}", &[("Client::a", "return-type-changed", Major)]),
    (
        "pub fn a(&self) {}",
        "pub async fn a(&self) {}",
        &[("Client::a", "signature-changed", Major)],
    ),
    ("pub fn a(&self) {}", "pub fn a(&mut self) {}", &[("Client::a", "signature-changed", Major)]),
    (
        "pub fn a<B>() {}",
        "pub fn a<B>() where B: C {}",
        &[("Client::a", "generics-changed", Major)],
    ),
    ("pub fn a() { 1 }", "pub fn a() { 2 }", &[("Client::a", "behaviour-changed", Patch)]),
    (
        "/// a\npub fn a() {}",
        "#[deprecated] pub fn a() {}",
        &[("Client::a", "docs-changed", Patch), ("Client::a", "deprecated", Minor)],
    ),
    ("pub const A: B = 1;", "pub const A: B = 2;", &[("Client::A", "const-value-changed", Patch)]),
];

/// Whole files before and after.
const FILES: &[(&str, &str, &[Expected])] = &[
    (
        "pub use a::{B, C};",
        "pub use a::{C, D as E};",
        &[("B", "item-removed", Major), ("E", "item-added", Minor)],
    ),
    ("pub use a::B;", "pub use c::B;", &[("B", "definition-changed", Major)]),
    (
        "pub mod a { pub struct B; }",
        "mod a { pub struct B; }",
        &[("a", "item-hidden", Major), ("a::B", "item-hidden", Major)],
    ),
    (
        "pub const A: B = 1; const _: () = x;",
        "pub const A: C = 1; const _: () = y;",
        &[("A", "const-type-changed", Major)],
    ),
    ("pub fn a(b: B) {}", "pub fn a() {}", &[("a", "argument-removed", Major)]),
    // A name of its own for a type and for a function.
    (
        "pub struct a; pub fn a() {}",
        "pub struct a; pub fn a() { 1 }",
        &[("a", "behaviour-changed", Patch)],
    ),
    (
        "pub struct Client; pub mod types { pub struct A; } impl B for types::A { fn a() { 1 } }",
        "pub struct Client; pub mod types { pub struct A; } impl C for types::A { fn a() { 1 } }",
        &[("types::A: B", "trait-removed", Major), ("types::A: C", "trait-added", Minor)],
    ),
];

fn cases() -> impl Iterator<Item = (String, String, &'static [Expected])> {
    let types = |code: &str| format!("pub mod types {{ {code} }}");
    let methods = |code: &str| format!("pub struct Client; impl Client {{ {code} }}");
    let types = TYPES.iter().map(move |(a, b, expected)| (types(a), types(b), *expected));
    let methods = METHODS.iter().map(move |(a, b, expected)| (methods(a), methods(b), *expected));
    let files = FILES.iter().map(|(a, b, expected)| ((*a).to_owned(), (*b).to_owned(), *expected));
    types.chain(methods).chain(files)
}

#[test]
fn each_change_has_its_rule_and_its_verdict() {
    for (before, after, expected) in cases() {
        let changes = compare(&parse(&before), &parse(&after));
        let found: Vec<_> = changes.iter().map(|c| (c.item.as_str(), c.rule, c.semver)).collect();
        assert_eq!(found, expected, "\n{before}\n{after}\n{changes:#?}");
        assert!(changes.iter().all(|c| c.before.is_some() || c.after.is_some()), "{changes:#?}");
        for code in [&before, &after] {
            assert_eq!(compare(&parse(code), &parse(code)), []);
        }
    }
}

#[test]
fn every_rule_is_in_the_catalogue_and_every_entry_is_a_rule() {
    let catalogue: BTreeSet<_> = RULES.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(catalogue.len(), RULES.len(), "a rule is there twice");
    let kebab = |rule: &&str| rule.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    assert!(catalogue.iter().all(kebab));
    let changes = cases().flat_map(|(before, after, _)| compare(&parse(&before), &parse(&after)));
    let found: BTreeSet<_> = changes.map(|change| change.rule).collect();
    assert_eq!(found, catalogue);
}

#[test]
fn a_change_shows_its_code() {
    let before = "pub mod types { #[derive(Clone)] pub struct A { pub a: ::std::string::String } }";
    let after = "pub mod types { pub struct A { pub a: ::std::option::Option<::uuid::Uuid> } }";
    let changes = compare(&parse(before), &parse(after));
    let code = |c: &ItemChange| (c.before.clone().unwrap_or_default(), c.after.clone());
    assert_eq!(code(&changes[0]), ("#[derive(Clone)]".to_owned(), None));
    let field = ("pub a: String".to_owned(), Some("pub a: Option<uuid::Uuid>".to_owned()));
    assert_eq!(code(&changes[1]), field);
    let json = serde_json::to_value(&changes[1]).expect("JSON");
    assert_eq!(json["semver"], "major");
    assert_eq!(json["subject"], serde_json::json!({"kind": "field", "of": "A", "property": "a"}));
    assert_eq!(Semver::Major.to_string(), "major");
    assert!(Major > Minor && Minor > Patch);
}

/// What the printer cannot print, and what no generator writes.
#[test]
fn strange_code_is_compared_all_the_same() {
    let strange = [
        "",
        "pub fn f(); pub type T: Send; pub const C: u8;",
        "impl<T> T {} impl A for [B] {} impl dyn C {} impl !Send for D {}",
        "pub struct A<const N: usize>([u8; N]); pub union U { a: B } macro_rules! m { () => {} }",
        "pub mod types { pub struct r#type { pub r#fn: B } impl super::A for self::r#type {} }",
        "pub mod a; pub use b::*; pub use {c::d, e::{self, f}}; extern crate g; pub static H: I = 1;",
        "#[derive] #[derive(1)] #[serde] #[serde(1)] #[doc] #[doc(hidden)] #[cfg_attr] pub enum A {}",
        "pub struct Client; impl Client { pub async fn a((b, c): D, ...) {} type X = Y; m!{} }",
        "pub mod types { pub enum A { B { a: C } = 1, D = f(2) } impl A { pub const Z: A = x; } }",
    ];
    for before in strange {
        for after in strange {
            let (before, after) = (parse(before), parse(after));
            let _ = (compare(&before, &after), item_diff(&before, &after), items(&before));
        }
    }
}

const CONTRACT: &str = "
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /things/{thing-id}:
    parameters:
      - {name: thing-id, in: path, required: true, schema: {type: string}}
    get:
      operationId: getThing
      summary: Get it.
      parameters:
        - {name: status, in: query, schema: {type: string, enum: [open, closed]}}
        - {$ref: '#/components/parameters/Since'}
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
        '404': {description: gone, content: {application/json: {schema: {type: object}}}}
    put:
      operationId: put-thing
      parameters:
        - {name: If-Match, in: header, required: true, schema: {type: string}}
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Draft'}}}
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {type: object, properties: {made: {type: object, properties: {at: {type: string}}}}}
components:
  parameters:
    Since: {name: since, in: query, schema: {type: string}}
  schemas:
    Base:
      type: object
      required: [id]
      properties:
        id: {type: string}
        createdBy: {type: object, properties: {firstName: {type: string}}}
    Middle:
      allOf:
        - $ref: '#/components/schemas/Base'
        - {type: object, properties: {level: {type: integer}}}
    Thing:
      allOf:
        - $ref: '#/components/schemas/Middle'
        - type: object
          properties:
            postalCode: {type: string}
            type: {type: string}
            parts: {type: array, items: {type: object, properties: {size: {type: integer}}}}
            owner: {oneOf: [{$ref: '#/components/schemas/Person'}, {$ref: '#/components/schemas/Firm'}]}
    Person: {type: object, required: [name], properties: {name: {type: string}}}
    Firm: {type: object, required: [firm], properties: {firm: {type: string}}}
    Draft:
      type: object
      properties:
        note: {type: string, maxLength: 9, description: The note.}
        lines: {type: array, items: {$ref: '#/components/schemas/Line'}}
    Line: {type: object, properties: {text: {type: string}}}
";

struct Side {
    contract: Contract,
    file: File,
}

fn side(text: &str) -> Side {
    let contract = openapi_lint::grammar::parse("test.yaml", text)
        .unwrap_or_else(|found| panic!("{found:#?}"));
    let code = openapi_codegen::client(&contract, &openapi_codegen::Config::default())
        .unwrap_or_else(|found| panic!("{found:#?}"));
    Side { contract, file: parse(&code) }
}

/// Compares the contract with itself after the edits, which must all apply.
fn edited(edits: &[(&str, &str)]) -> (Side, Side, Vec<ItemChange>) {
    let mut text = CONTRACT.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let (before, after) = (side(CONTRACT), side(&text));
    let changes = compare(&before.file, &after.file);
    (before, after, changes)
}

/// Each change but those of texts in a line: item, rule, verdict, and the places in the revision and
/// in the base, `=` where they are the same.
fn told(edits: &[(&str, &str)]) -> String {
    let (before, after, changes) = edited(edits);
    let [now, was] = [&after, &before].map(|side| Trace::of(&side.contract));
    let line = |change: &ItemChange| {
        let [now, was] = [&now, &was].map(|trace| trace.places(change).join(" "));
        let was = if was == now { "=" } else { was.as_str() };
        let ItemChange { item, rule, semver, .. } = change;
        format!("{item} {rule} {semver} [{now}] [{was}]\n")
    };
    changes.iter().filter(|change| change.rule != "docs-changed").map(line).collect()
}

/// An edit, and what is told of it.
const STORIES: &[(&[(&str, &str)], &str)] = &[
    (&[], ""),
    (&[("summary: Get it.", "summary: Read it.")], ""),
    (&[("description: The note.", "description: A note.")], ""),
    // Errors come as bytes, whatever the contract says of them.
    (&[("{schema: {type: object}}", "{schema: {type: string}}")], ""),
    // A property that three types have, two of them by way of `allOf`.
    (
        &[("id: {type: string}", "id: {type: integer}")],
        "types::Thing::id field-type-changed major [/components/schemas/Base/properties/id] [=]
types::Thing::new argument-type-changed major [/components/schemas/Base/properties/id] [=]
",
    ),
    (
        &[("{type: object, properties: {level", "{type: object, required: [level], properties: {level")],
        "types::Thing::level field-made-required major [/components/schemas/Middle/allOf/1/properties/level /components/schemas/Middle/allOf/1/required/0] [/components/schemas/Middle/allOf/1/properties/level]
types::Thing::new argument-added major [/components/schemas/Middle/allOf/1/properties/level] [=]
",
    ),
    // Where two branches define a property, it comes from both.
    (
        &[
            ("{level: {type: integer}}", "{level: {type: integer}, postalCode: {type: string}}"),
            ("            postalCode:", "            county: {type: string}\n            postalCode:"),
        ],
        "<types::Thing as Constrained>::MEMBERS const-value-changed patch [/components/schemas/Thing/allOf/1/properties/county] []
types::Thing::county field-added minor [/components/schemas/Thing/allOf/1/properties/county] []
",
    ),
    (
        &[
            ("{level: {type: integer}}", "{level: {type: integer}, postalCode: {type: string}}"),
            ("[id]", "[id, postalCode]"),
        ],
        "types::Thing::new argument-added major [/components/schemas/Middle/allOf/1/properties/postalCode /components/schemas/Thing/allOf/1/properties/postalCode] [/components/schemas/Thing/allOf/1/properties/postalCode]
types::Thing::postal_code field-made-required major [/components/schemas/Middle/allOf/1/properties/postalCode /components/schemas/Thing/allOf/1/properties/postalCode /components/schemas/Base/required/1] [/components/schemas/Thing/allOf/1/properties/postalCode]
",
    ),
    // Types without a name of their own.
    (
        &[("size: {type: integer}", "size: {type: string}")],
        "types::ThingPartsItem::size field-type-changed major [/components/schemas/Thing/allOf/1/properties/parts/items/properties/size] [=]
",
    ),
    (
        &[("at: {type: string}", "on: {type: string}")],
        "<types::PutThingResponse as Constrained>::MEMBERS const-value-changed patch [/paths/~1things~1{thing-id}/put/responses/200/content/application~1json/schema/properties/made/properties/on] [/paths/~1things~1{thing-id}/put/responses/200/content/application~1json/schema/properties/made/properties/at]
types::PutThingResponseMade::at field-removed major [] [/paths/~1things~1{thing-id}/put/responses/200/content/application~1json/schema/properties/made/properties/at]
types::PutThingResponseMade::on field-added minor [/paths/~1things~1{thing-id}/put/responses/200/content/application~1json/schema/properties/made/properties/on] []
",
    ),
    (
        &[("enum: [open, closed]", "enum: [open, half, closed]")],
        "types::GetThingStatus::Half variant-added minor [/paths/~1things~1{thing-id}/get/parameters/0/schema/enum/1] []
",
    ),
    (
        &[("enum: [open, closed]}", "maxLength: 4}")],
        "Client::get_thing argument-type-changed major [/paths/~1things~1{thing-id}/get/parameters/0] [=]
types::GetThingStatus kind-changed major [/paths/~1things~1{thing-id}/get/parameters/0/schema] [=]
",
    ),
    (
        &[("{type: object, properties: {size", "{type: object, title: Piece, properties: {size")],
        "",
    ),
    // Parameters and bodies.
    (
        &[("since, in: query, schema: {type: string}", "since, in: query, schema: {type: string, format: date-time}")],
        "",
    ),
    (
        &[("If-Match, in: header, required: true,", "If-Match, in: header,")],
        "Client::put_thing argument-type-changed major [/paths/~1things~1{thing-id}/put/parameters/0] [=]
",
    ),
    (
        &[("name: since", "name: from")],
        "Client::get_thing argument-renamed patch [/paths/~1things~1{thing-id}/get/parameters/1 /components/parameters/Since] [=]
",
    ),
    (
        &[("      responses:", "        - {name: page, in: query, schema: {type: integer}}\n      responses:")],
        "Client::get_thing argument-added major [/paths/~1things~1{thing-id}/get/parameters/2] []
",
    ),
    (
        &[("thing-id, in: path, required: true, schema: {type: string}", "thing-id, in: path, required: true, schema: {type: integer}")],
        "Client::get_thing argument-type-changed major [/paths/~1things~1{thing-id}/parameters/0] [=]
Client::put_thing argument-type-changed major [/paths/~1things~1{thing-id}/parameters/0] [=]
",
    ),
    (
        &[("schema: {$ref: '#/components/schemas/Draft'}", "schema: {$ref: '#/components/schemas/Line'}")],
        "Client::put_thing argument-type-changed major [/paths/~1things~1{thing-id}/put/requestBody /paths/~1things~1{thing-id}/put/requestBody/content/application~1json/schema] [=]
types::Draft item-removed major [/components/schemas/Draft] [=]
types::Line: Constrained trait-added minor [/components/schemas/Line] [=]
",
    ),
    (
        &[("Thing'}}}\n", "Firm'}}}\n"), ("owner: {oneOf", "x: {oneOf")],
        "Client::get_thing return-type-changed major [/paths/~1things~1{thing-id}/get/responses/200/content/application~1json/schema] [=]
types::Firm: Constrained trait-added minor [/components/schemas/Firm] [=]
types::Person item-removed major [/components/schemas/Person] [=]
types::Thing item-removed major [/components/schemas/Thing] [=]
types::ThingCreatedBy item-removed major [/components/schemas/Base/properties/createdBy] [=]
types::ThingOwner item-removed major [] [/components/schemas/Thing/allOf/1/properties/owner]
types::ThingPartsItem item-removed major [/components/schemas/Thing/allOf/1/properties/parts/items] [=]
",
    ),
    (
        &[("operationId: put-thing", "operationId: writeThing")],
        "Client::put_thing method-removed major [] [/paths/~1things~1{thing-id}/put]
Client::write_thing method-added minor [/paths/~1things~1{thing-id}/put] []
types::PutThingResponse item-removed major [] [/paths/~1things~1{thing-id}/put/responses/200/content/application~1json/schema]
types::PutThingResponseMade item-removed major [] [/paths/~1things~1{thing-id}/put/responses/200/content/application~1json/schema/properties/made]
types::WriteThingResponse item-added minor [/paths/~1things~1{thing-id}/put/responses/200/content/application~1json/schema] []
types::WriteThingResponseMade item-added minor [/paths/~1things~1{thing-id}/put/responses/200/content/application~1json/schema/properties/made] []
",
    ),
    // Limits bind requests; models hold anything.
    (
        &[("maxLength: 9", "maxLength: 8")],
        "<types::Draft as Constrained>::CONSTRAINTS const-value-changed patch [/components/schemas/Draft/properties/note] [=]
",
    ),
    (
        &[("text: {type: string}", "text: {type: string, minLength: 1, format: date-time}")],
        "<types::Draft as Constrained>::CONSTRAINTS const-value-changed patch [/components/schemas/Line/properties/text] [=]
",
    ),
    (
        &[("text: {type: string}", "text: {type: string, default: x}")],
        "",
    ),
    (
        &[("text: {type: string}", "text: {type: string, deprecated: true}")],
        "types::Line::text deprecated minor [/components/schemas/Line/properties/text] [=]
",
    ),
    (
        &[("Line: {type: object,", "Line: {type: object, additionalProperties: false,")],
        "types::Line serde-changed patch [/components/schemas/Line] [=]
types::Line::extra field-removed major [/components/schemas/Line/additionalProperties] [/components/schemas/Line]
",
    ),
    (
        &[("Firm'}]", "Firm'}, {type: string}]")],
        "types::ThingOwner::String variant-added minor [/components/schemas/Thing/allOf/1/properties/owner/oneOf/2] [/components/schemas/Thing/allOf/1/properties/owner/oneOf]
",
    ),
    // The same name in Rust, another one on the wire.
    (
        &[("postalCode: {type: string", "postal_code: {type: string")],
        "<types::Thing as Constrained>::MEMBERS const-value-changed patch [/components/schemas/Thing/allOf/1/properties/postal_code] [/components/schemas/Thing/allOf/1/properties/postalCode]
types::Thing::postal_code serde-changed patch [/components/schemas/Thing/allOf/1/properties/postal_code] [/components/schemas/Thing/allOf/1/properties/postalCode]
",
    ),
    (
        &[("            type: {type: string}", "            type: {type: integer}")],
        "types::Thing::type_ field-type-changed major [/components/schemas/Thing/allOf/1/properties/type] [=]
",
    ),
    (
        &[("version: '1'", "version: '2'")],
        "Client: ClientInfo<crate::Context> behaviour-changed patch [/info] [=]
",
    ),
];

#[test]
fn contracts_are_compared_by_what_is_generated() {
    for (edits, expected) in STORIES {
        assert_eq!(told(edits), *expected, "{edits:#?}");
    }
}

#[test]
fn texts_are_traced_to_what_they_describe() {
    let edits = [("summary: Get it.", "summary: Read it."), ("The note.", "A note.")];
    let (_, after, changes) = edited(&edits);
    let found: Vec<_> = changes
        .iter()
        .map(|c| {
            (
                c.item.as_str(),
                c.after.as_deref().unwrap_or_default(),
                Trace::of(&after.contract).places(c),
            )
        })
        .collect();
    let get = "/paths/~1things~1{thing-id}/get".to_owned();
    let note = "/components/schemas/Draft/properties/note".to_owned();
    assert_eq!(
        found,
        [
            ("Client::get_thing", "/// Read it", vec![get]),
            ("types::Draft::note", "/// A note.", vec![note]),
        ]
    );
}

#[test]
fn only_what_differs_is_shown_and_named_as_it_is_reviewed() {
    let (before, after, _) = edited(&[("text: {type: string}", "text: {type: integer}")]);
    let diffs = item_diff(&before.file, &after.file);
    let names: Vec<_> = diffs.iter().map(|found| found.name.as_str()).collect();
    assert_eq!(names, ["type.Line"]);
    let line = "+    pub text: ::std::option::Option<i64>,\n";
    assert!(diffs[0].diff().contains(line), "{}", diffs[0].diff());

    // A method that is gone is a whole group; what nobody can name is shown too.
    let after = parse("impl Client { async fn a() {} } fn f() {}");
    let names: Vec<_> =
        item_diff(&parse("fn f() { 1 }"), &after).into_iter().map(|d| d.name).collect();
    assert_eq!(names, ["operation.a", "rest"]);
}
