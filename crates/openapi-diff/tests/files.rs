//! Documents of several files.

use openapi_diff::{Document, diff, unfit};
use openapi_document::Files;

/// Files by their paths.
struct Texts<'a>(&'a [(&'a str, &'a str)]);

impl Files for Texts<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        let found = self.0.iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| "no such file".to_owned())
    }
}

fn load(files: &[(&str, &str)]) -> Document {
    let document = Document::load(&Texts(files), "api.yaml").expect("a document");
    assert_eq!(unfit(&document), None);
    document
}

/// What changes, with where that is on either side.
fn changes(base: &[(&str, &str)], revision: &[(&str, &str)]) -> Vec<String> {
    let changes = diff(&load(base), &load(revision));
    let place = |at: &Option<openapi_diff::Location>| {
        at.as_ref().map_or("-".to_owned(), |at| format!("{}#{}", at.file, at.pointer))
    };
    let line = |change: &openapi_diff::Change| {
        let operations: Vec<_> = change.operations.iter().map(ToString::to_string).collect();
        let (old, new) = (place(&change.base), place(&change.revision));
        let operations = operations.join(", ");
        format!("{}: {} ({operations}; {old}, {new})", change.rule, change.message)
    };
    changes.iter().map(line).collect()
}

const HEAD: &str = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\n";

const WHOLE: &str = "paths:
  /a/{id}:
    parameters: [{$ref: '#/components/parameters/Id'}]
    get: {responses: {'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}}}
components:
  parameters: {Id: {name: id, in: path, required: true, schema: {$ref: '#/components/schemas/Id'}}}
  schemas:
    Id: {type: string, maxLength: 9}
    Pet: {type: object, properties: {id: {$ref: '#/components/schemas/Id'}, other: {$ref: '#/components/schemas/Pet'}}}
";

const SPLIT: [(&str, &str); 3] = [
    (
        "paths/a.yaml",
        "parameters: [{$ref: '../common.yaml#/Id'}]\nget: {responses: {'200': {description: d, content: {application/json: {schema: {$ref: '../schemas/pet.json'}}}}}}",
    ),
    (
        "common.yaml",
        "Id: {name: id, in: path, required: true, schema: {$ref: 'api.yaml#/components/schemas/Id'}}",
    ),
    (
        "schemas/pet.json",
        "{\"type\": \"object\", \"properties\": {\"id\": {\"$ref\": \"../api.yaml#/components/schemas/Id\"}, \"other\": {\"$ref\": \"#\"}}}",
    ),
];

const ROOT: &str = "paths: {'/a/{id}': {$ref: 'paths/a.yaml'}}\ncomponents: {schemas: {Id: {type: string, maxLength: 9}}}\n";

#[test]
fn how_a_document_is_split_is_no_change() {
    let (whole, root) = (format!("{HEAD}{WHOLE}"), format!("{HEAD}{ROOT}"));
    let whole = [("api.yaml", whole.as_str())];
    let split = [&[("api.yaml", root.as_str())], &SPLIT[..]].concat();
    assert_eq!(changes(&whole, &split), [""; 0]);
    assert_eq!(changes(&split, &whole), [""; 0]);

    // What changes is told as of one file, with the file that it is in.
    let pet = SPLIT[2].1.replace("\"id\"", "\"key\"");
    let moved = [split[0], split[1], split[2], ("schemas/pet.json", &pet)];
    let expected = [
        "response-optional-property-removed: `Pet` has no `id` any more (GET /a/{id}; schemas/pet.json#/properties/id, schemas/pet.json#)",
        "response-optional-property-added: `Pet` may have `key`, which is new (GET /a/{id}; schemas/pet.json#, schemas/pet.json#/properties/key)",
    ];
    assert_eq!(changes(&split, &moved), expected);
    let path = SPLIT[0].1.replace("{'200'", "{'404': {description: n}, '200'");
    let more = [split[0], ("paths/a.yaml", &path), split[2], split[3]];
    let expected = "response-non-success-status-added: GET /a/{id} may answer with the status 404 now (GET /a/{id}; paths/a.yaml#/get, paths/a.yaml#/get/responses/404)";
    assert_eq!(changes(&split, &more), [expected]);
}

#[test]
fn what_changes_does_not_depend_on_how_a_document_is_split() {
    const PART: &str = "{type: object, properties: {text: {type: string}}}";
    const SPLIT: &str = "{$ref: part.yaml}";

    let parameter = "{name: p, in: query, schema: {type: object, properties: {b: SCHEMA}}}";
    let of_parameter = |schema: &str| {
        let parameter = parameter.replace("SCHEMA", schema);
        format!("{HEAD}paths: {{/a: {{get: {{parameters: [{parameter}], responses: {{}}}}}}}}\n")
    };
    let of_answer = |schema: &str, components: &str| {
        format!(
            "{HEAD}paths: {{/a: {{get: {{responses: {{'200': {{description: d, content: {{application/json: {{schema: {schema}}}}}}}}}}}}}}}
components: {{schemas: {{{components}}}}}
"
        )
    };
    // What changes has the same rules and verdicts, whatever it is called and wherever it stands.
    let told = |base: &str, revision: &str| {
        let [base, revision] =
            [base, revision].map(|text| load(&[("api.yaml", text), ("part.yaml", PART)]));
        let changes = diff(&base, &revision);
        let line = |change: openapi_diff::Change| format!("{} {:?}", change.rule, change.wire);
        changes.into_iter().map(line).collect::<Vec<_>>()
    };
    let number = of_parameter("{type: integer}");
    let expected = ["request-parameter-property-type-generalized PotentiallyBreaking"];
    assert_eq!(told(&number, &of_parameter("{type: string}")), expected);
    assert_eq!(told(&number, &of_parameter("{$ref: 'part.yaml#/properties/text'}")), expected);

    // An alternative that is the same is not taken for another one of its title.
    let kept = |member: &str| format!("{{title: T, type: object, properties: {{a: {member}}}}}");
    let base = format!("{{anyOf: [{{title: T, type: integer}}, {}]}}", kept(PART));
    let revision =
        |member: &str| of_answer(&format!("{{anyOf: [{}, {{type: boolean}}]}}", kept(member)), "");
    let expected =
        ["response-body-any-of-removed Compatible", "response-body-any-of-added Breaking"];
    assert_eq!(told(&of_answer(&base, ""), &revision(PART)), expected);
    assert_eq!(told(&of_answer(&base, ""), &revision(SPLIT)), expected);

    // A component is known by each of its names.
    let schema = |name: &str| format!("{{anyOf: [{{$ref: '{name}'}}, {{type: boolean}}]}}");
    let (local, split) = (schema("#/components/schemas/B"), schema("part.yaml"));
    let base = of_answer(&local, &format!("A: {{$ref: '#/components/schemas/B'}}, B: {PART}"));
    let moved = of_answer(&split, "A: {$ref: part.yaml}, B: {$ref: part.yaml}");
    let revision = of_answer(&local, "A: {type: boolean}, B: {type: integer}");
    let expected = ["response-body-type-changed Breaking"];
    assert_eq!(told(&base, &moved), [""; 0]);
    assert_eq!(told(&base, &revision), expected);
    assert_eq!(told(&moved, &revision), expected);
}

#[test]
fn what_is_gone_or_shared_is_told_where_it_is_written() {
    let shared = |limit: u32, paths: &str| {
        format!(
            "{HEAD}paths:
  /a/{{id}}: {{parameters: [{{$ref: '#/components/parameters/Limit'}}], get: {{responses: {{'200': {{$ref: '#/components/responses/Pet'}}}}}}}}
{paths}components:
  parameters: {{Limit: {{name: limit, in: query, schema: {{type: integer, maximum: {limit}}}}}}}
  responses: {{Pet: {{description: d, content: {{text/plain: {{schema: {{type: string, maxLength: {limit}}}}}}}}}}}
"
        )
    };
    let gone = "  /b: {get: {responses: {}}, put: {deprecated: true, responses: {}}}\n";
    let found = |old: &str, new: &str| changes(&[("api.yaml", old)], &[("api.yaml", new)]);
    let expected = [
        "api-path-removed-without-deprecation: GET /b is gone (GET /b; api.yaml#/paths/~1b/get, -)",
        "api-path-removed-with-deprecation: PUT /b is gone (PUT /b; api.yaml#/paths/~1b/put, -)",
    ];
    assert_eq!(found(&shared(9, gone), &shared(9, "")), expected);
    let expected = [
        "endpoint-added: GET /b is new (GET /b; -, api.yaml#/paths/~1b/get)",
        "endpoint-added: PUT /b is new (PUT /b; -, api.yaml#/paths/~1b/put)",
    ];
    assert_eq!(found(&shared(9, ""), &shared(9, gone)), expected);
    let (query, answer) = (
        "api.yaml#/components/parameters/Limit/schema/maximum",
        "api.yaml#/components/responses/Pet/content/text~1plain/schema/maxLength",
    );
    let expected = [
        format!(
            "request-parameter-max-decreased: the query parameter `limit` is at most 8 now, not at most 9 (GET /a/{{id}}; {query}, {query})"
        ),
        format!(
            "response-body-max-length-decreased: the response `Pet` has at most 8 characters now, not 9 (GET /a/{{id}}; {answer}, {answer})"
        ),
    ];
    assert_eq!(found(&shared(9, ""), &shared(8, "")), expected);
    // In a file of its own, there.
    let root = format!("{HEAD}paths: {{/a: {{$ref: 'paths/a.yaml'}}}}\n");
    let none = format!("{HEAD}paths: {{}}\n");
    let split = [("api.yaml", &*root), ("paths/a.yaml", "get: {responses: {}}")];
    let expected =
        "api-path-removed-without-deprecation: GET /a is gone (GET /a; paths/a.yaml#/get, -)";
    assert_eq!(changes(&split, &[("api.yaml", &none)]), [expected]);
}

#[test]
fn what_is_on_the_network_may_be_another_one() {
    let document = |parameter: &str, schema: &str| {
        format!(
            "{HEAD}paths: {{/a: {{post: {{parameters: [{parameter}], requestBody: {{content: {{application/json: {{schema: {{type: object, properties: {{p: {schema}}}}}}}}}}}, responses: {{'204': {{description: d}}}}}}}}}}\n"
        )
    };
    let found = |base: (&str, &str), revision: (&str, &str)| {
        let (base, revision) = (document(base.0, base.1), document(revision.0, revision.1));
        changes(&[("api.yaml", &base)], &[("api.yaml", &revision)])
    };
    let (a, b) = ("{$ref: 'https://example.com/a.yaml'}", "{$ref: 'https://example.com/b.yaml'}");
    assert_eq!(found((a, a), (a, a)), [""; 0]);
    let at = "/paths/~1a/post/requestBody/content/application~1json/schema/properties/p";
    let schema = format!(
        "comparison-incomplete: `p` of the request body is at `https://example.com/a.yaml`, which is not read: it may be another one now (POST /a; api.yaml#{at}, api.yaml#{at})"
    );
    assert_eq!(found((a, a), (a, b)), [schema.as_str()]);
    assert_eq!(found((a, "{type: string}"), (a, a)), [schema.as_str()]);
    let parameter = |url: &str, old: &str, new: &str| {
        format!(
            "comparison-incomplete: the parameter is at `https://example.com/{url}.yaml`, which is not read: it may be another one now (POST /a; {old}, {new})"
        )
    };
    let at = "api.yaml#/paths/~1a/post/parameters/0/$ref";
    assert_eq!(found((a, a), (b, a)), [parameter("a", at, "-"), parameter("b", "-", at)]);
}
