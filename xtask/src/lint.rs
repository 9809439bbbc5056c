//! What a sound OpenAPI document must also be so that a client can be generated from it.
//!
//! progenitor 0.15 panics on some of these and silently drops others; each rule says which.

mod names;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::contract::{Contract, Operation};
use crate::source::{Finding, escape};

/// Every finding, in the order of the rules.
#[must_use]
pub fn lint(contract: &Contract) -> Vec<Finding> {
    let rules: [fn(&Contract) -> Vec<Finding>; 12] = [
        version,
        texts,
        paths,
        names::operation_ids,
        path_parameters,
        names::header_names,
        request_bodies,
        responses,
        names::names,
        names::rust_names,
        inheritance,
        schemas,
    ];
    rules.iter().flat_map(|rule| rule(contract)).collect()
}

/// `info.version` becomes a header value in the generated code, which panics on anything but ASCII.
fn version(contract: &Contract) -> Vec<Finding> {
    let pointer = "/info/version";
    let version = contract.json.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    if version.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Vec::new();
    }
    let message = "the version has characters that no header can carry";
    vec![contract.finding("ascii-version", pointer, message, "use printable ASCII")]
}

/// A text becomes a doc comment, which the compiler refuses with control characters in it.
fn texts(contract: &Contract) -> Vec<Finding> {
    let hidden = |c: char| {
        let marks_direction = matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        marks_direction || c.is_control() && c != '\n' && c != '\t'
    };
    let mut findings = Vec::new();
    walk(&contract.json, "", &mut |pointer, value| {
        if value.as_str().is_some_and(|text| text.contains(hidden)) {
            let help = "remove it; the compiler would refuse it in a doc comment";
            let message = "the text has a control character in it";
            findings.push(contract.finding("hidden-character", pointer, message, help));
        }
    });
    findings
}

/// `openapiv3` drops a path without a leading slash in silence, and reqwest has no OPTIONS and TRACE.
fn paths(contract: &Contract) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, _) in contract.json["paths"].as_object().into_iter().flatten() {
        if !path.starts_with('/') && !path.starts_with("x-") {
            let pointer = format!("/paths/{}", escape(path));
            let message = format!("`{path}` does not start with `/`");
            findings.push(contract.finding(
                "path",
                &pointer,
                message,
                format!("expected `/{path}`"),
            ));
        }
    }
    for operation in contract.operations() {
        if matches!(operation.method, "options" | "trace") {
            let message = format!("the generator cannot send {}", operation.method.to_uppercase());
            findings.push(contract.finding("method", &operation.pointer, message, "leave it out"));
        }
    }
    findings
}

/// Every `{name}` of a path is declared once, and every declared one is in the path.
fn path_parameters(contract: &Contract) -> Vec<Finding> {
    let mut findings = Vec::new();
    for operation in contract.operations() {
        let declared: Vec<_> = parameters(contract, &operation)
            .filter(|(_, parameter)| parameter["in"] == "path")
            .filter_map(|(pointer, parameter)| {
                Some((pointer, parameter["name"].as_str()?, parameter))
            })
            .collect();
        let mut wanted = Vec::new();
        for segment in operation.path.split('{').skip(1) {
            match segment.split_once('}') {
                Some((name, _)) => wanted.push(name),
                None => findings.push(contract.finding(
                    "path-parameter",
                    &operation.item_pointer,
                    "a `{` in the path is not closed",
                    "expected `{name}`",
                )),
            }
        }
        for name in &wanted {
            if !declared.iter().any(|(_, known, _)| known == name) {
                let message = format!("the path has `{{{name}}}`, which no parameter declares");
                let help = format!("add a parameter `{name}` with `in: path` and `required: true`");
                findings.push(contract.finding(
                    "path-parameter",
                    &operation.pointer,
                    message,
                    help,
                ));
            }
        }
        for (pointer, name, parameter) in &declared {
            if !wanted.contains(name) {
                let message = format!("the path has no `{{{name}}}`");
                let help = "remove the parameter, or name it as the path does";
                findings.push(contract.finding("path-parameter", pointer, message, help));
            }
            if parameter["required"] != true {
                let message = format!("the path parameter `{name}` is not required");
                findings.push(contract.finding(
                    "path-parameter",
                    pointer,
                    message,
                    "add `required: true`",
                ));
            }
        }
    }
    findings
}

/// The parameters of an operation and of its path item, resolved, with the place they stand in.
fn parameters<'a>(
    contract: &'a Contract,
    operation: &Operation<'a>,
) -> impl Iterator<Item = (String, &'a Value)> + use<'a> {
    let lists = [
        (operation.item_pointer.clone(), operation.item),
        (operation.pointer.clone(), operation.value),
    ];
    lists.into_iter().flat_map(move |(pointer, owner)| {
        let list = owner.get("parameters").and_then(Value::as_array);
        list.into_iter().flatten().enumerate().filter_map(move |(index, parameter)| {
            Some((format!("{pointer}/parameters/{index}"), contract.resolve(parameter)?))
        })
    })
}

/// progenitor panics on two media types in a request and drops one without a schema.
fn request_bodies(contract: &Contract) -> Vec<Finding> {
    let mut findings = Vec::new();
    for operation in contract.operations() {
        let Some(body) = operation.value.get("requestBody").and_then(|body| contract.resolve(body))
        else {
            continue;
        };
        let pointer = format!("{}/requestBody", operation.pointer);
        findings.extend(json_only(contract, &body["content"], &pointer));
    }
    findings
}

/// progenitor panics on two shapes of success, takes `default` for one of them, and returns an
/// untyped stream for every media type but JSON.
fn responses(contract: &Contract) -> Vec<Finding> {
    let mut findings = Vec::new();
    for operation in contract.operations() {
        let Some(responses) = operation.value.get("responses").and_then(Value::as_object) else {
            continue;
        };
        let pointer = format!("{}/responses", operation.pointer);
        let mut success: Option<&Value> = None;
        if responses.contains_key("default") {
            findings.push(contract.finding(
                "default-response",
                &format!("{pointer}/default"),
                "the generator takes `default` for a success",
                "describe errors as 4XX and 5XX",
            ));
        }
        for (status, response) in responses.iter().filter(|(status, _)| status.starts_with('2')) {
            let at = format!("{pointer}/{}", escape(status));
            let Some(response) = contract.resolve(response) else { continue };
            let content = &response["content"];
            if !content.is_null() {
                findings.extend(json_only(contract, content, &at));
            }
            let schema = &content["application/json"]["schema"];
            if success.is_some_and(|other| other != schema) {
                findings.push(contract.finding(
                    "one-success",
                    &at,
                    "the operation has two successes of different shapes",
                    "a method returns one type: make them one schema, or two operations",
                ));
            }
            success = Some(schema);
        }
        if success.is_none() {
            let message = "the operation has no success";
            findings.push(contract.finding("one-success", &pointer, message, "add a 2xx response"));
        }
    }
    findings
}

fn json_only(contract: &Contract, content: &Value, pointer: &str) -> Option<Finding> {
    let json = content.as_object().is_some_and(|content| {
        content.len() == 1
            && content.get("application/json").is_some_and(|media| media.get("schema").is_some())
    });
    (!json).then(|| {
        contract.finding(
            "json-only",
            pointer,
            "the generator can type nothing here but JSON with a schema",
            "describe exactly one media type, `application/json`, with a `schema`",
        )
    })
}

/// The generator follows an `allOf` without end when it leads back to where it is.
fn inheritance(contract: &Contract) -> Vec<Finding> {
    let mut edges: BTreeMap<String, Vec<(String, &str)>> = BTreeMap::new();
    for (name, schema) in contract.json["components"]["schemas"].as_object().into_iter().flatten() {
        let mut found = Vec::new();
        walk(schema, &format!("/components/schemas/{}", escape(name)), &mut |pointer, value| {
            if let Some(target) = value.get("$ref").and_then(Value::as_str) {
                found.push((pointer.to_owned(), target));
            }
        });
        edges.insert(format!("#/components/schemas/{}", escape(name)), found);
    }
    let reaches = |from: &str, to: &str| {
        let (mut todo, mut seen) = (vec![from], BTreeSet::new());
        while let Some(at) = todo.pop() {
            if at == to {
                return true;
            }
            if seen.insert(at) {
                todo.extend(edges.get(at).into_iter().flatten().map(|(_, target)| *target));
            }
        }
        false
    };
    let mut findings = Vec::new();
    for (schema, found) in &edges {
        for (pointer, target) in found.iter().filter(|(pointer, _)| pointer.contains("/allOf/")) {
            if reaches(target, schema) {
                let message = format!("`{target}` leads back here through an `allOf`");
                let help = "write out what is inherited, or take the reference out of the `allOf`";
                findings.push(contract.finding("circular-reference", pointer, message, help));
            }
        }
    }
    findings
}

/// Calls `visit` for `value` and everything in it, with its pointer.
fn walk<'a>(value: &'a Value, pointer: &str, visit: &mut dyn FnMut(&str, &'a Value)) {
    visit(pointer, value);
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                walk(value, &format!("{pointer}/{}", escape(name)), visit);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{pointer}/{index}"), visit);
            }
        }
        _ => {}
    }
}

/// Patterns are regular expressions, required members exist, lists say what is in them.
fn schemas(contract: &Contract) -> Vec<Finding> {
    let mut findings = Vec::new();
    walk_schemas(contract, &mut |pointer, schema| {
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
            && let Err(error) = regress::Regex::new(pattern)
        {
            findings.push(contract.finding(
                "pattern",
                &format!("{pointer}/pattern"),
                format!("`{pattern}` is not a regular expression: {error}"),
                "expected ECMA-262, as OpenAPI has it",
            ));
        }
        // A branch of an `allOf` may require what another one has.
        let required = schema.get("required").filter(|_| !pointer.contains("/allOf/"));
        let required = required.and_then(Value::as_array);
        for (index, name) in required.into_iter().flatten().enumerate() {
            let name = name.as_str().unwrap_or_default();
            if schema.get("properties").is_none_or(|properties| properties.get(name).is_none()) {
                findings.push(contract.finding(
                    "required-member",
                    &format!("{pointer}/required/{index}"),
                    format!("`{name}` is required, but no property has that name"),
                    "add the property, or remove the name",
                ));
            }
        }
        if schema["type"] == "array" && schema.get("items").is_none() {
            let help = "add `items`; `items: {}` allows anything";
            findings.push(contract.finding("items", pointer, "a list does not say of what", help));
        }
    });
    findings
}

/// Calls `visit` for every schema in the document that is not a reference, with its pointer.
pub(crate) fn walk_schemas(contract: &Contract, visit: &mut dyn FnMut(&str, &Value)) {
    fn schema(value: &Value, pointer: &str, visit: &mut dyn FnMut(&str, &Value)) {
        let Some(map) = value.as_object() else { return };
        visit(pointer, value);
        for (key, value) in map {
            let at = format!("{pointer}/{}", escape(key));
            match (key.as_str(), value) {
                ("properties", Value::Object(members)) => {
                    for (name, member) in members {
                        schema(member, &format!("{at}/{}", escape(name)), visit);
                    }
                }
                ("items" | "not" | "additionalProperties", _) => schema(value, &at, visit),
                ("allOf" | "oneOf" | "anyOf", Value::Array(branches)) => {
                    for (index, branch) in branches.iter().enumerate() {
                        schema(branch, &format!("{at}/{index}"), visit);
                    }
                }
                _ => {}
            }
        }
    }
    fn search(value: &Value, pointer: &str, visit: &mut dyn FnMut(&str, &Value)) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let at = format!("{pointer}/{}", escape(key));
                    match key.as_str() {
                        "schema" => schema(value, &at, visit),
                        "example" | "examples" => {}
                        "schemas" if pointer == "/components" => {
                            for (name, value) in value.as_object().into_iter().flatten() {
                                schema(value, &format!("{at}/{}", escape(name)), visit);
                            }
                        }
                        _ => search(value, &at, visit),
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    search(item, &format!("{pointer}/{index}"), visit);
                }
            }
            _ => {}
        }
    }
    search(&contract.json, "", visit);
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTRACT: &str = "\
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    get:
      operationId: getA
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}
        4XX: {description: failed}
    put:
      operationId: putA
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}
components:
  schemas:
    A:
      type: object
      properties: {name: {type: string, pattern: '^a'}, list: {type: array, items: {}}}
";

    /// The rules that are broken, and their lines, when `old` is replaced by `new`.
    #[track_caller]
    fn breaks(old: &str, new: &str, expected: &[(&str, u64)]) {
        assert!(CONTRACT.contains(old), "{old} is not in the contract");
        let contract =
            Contract::parse("test.yaml", &CONTRACT.replacen(old, new, 1)).expect("a contract");
        let findings = lint(&contract);
        let found: Vec<_> = findings
            .iter()
            .map(|finding| (finding.rule, finding.place.unwrap_or_default().0))
            .collect();
        assert_eq!(found, expected, "{findings:#?}");
        // What the lint refuses never reaches the generator.
        assert_eq!(crate::codegen::generate(&contract).expect_err("findings"), findings);
    }

    #[test]
    fn a_contract_that_can_be_generated_has_no_findings() {
        let contract = Contract::parse("test.yaml", CONTRACT).expect("a contract");
        assert_eq!(lint(&contract), []);
        crate::codegen::generate(&contract).expect("a client");
    }

    #[test]
    fn each_rule_finds_what_it_is_for() {
        breaks("version: '1'", "version: '1 ä'", &[("ascii-version", 2)]);
        breaks("operationId: putA", "operationId: get_a", &[("operation-id", 13)]);
        breaks("operationId: putA", "operationId: '-'", &[("operation-id", 13)]);
        breaks(
            "name: id",
            "name: key",
            &[
                ("path-parameter", 7),
                ("path-parameter", 6),
                ("path-parameter", 12),
                ("path-parameter", 6),
            ],
        );
        breaks("required: true, ", "", &[("path-parameter", 6), ("path-parameter", 6)]);
        breaks(
            "/a/{id}",
            "/a/{id",
            &[
                ("path-parameter", 4),
                ("path-parameter", 6),
                ("path-parameter", 4),
                ("path-parameter", 6),
            ],
        );
        breaks(
            "requestBody: {content: {application/json: {schema",
            "requestBody: {content: {text/plain: {schema",
            &[("json-only", 14)],
        );
        breaks(
            "requestBody: {content: {",
            "requestBody: {content: {text/plain: {}, ",
            &[("json-only", 14)],
        );
        breaks("4XX", "default", &[("default-response", 11)]);
        breaks("4XX", "'204'", &[("one-success", 11)]);
        breaks("'200'", "'404'", &[("one-success", 9)]);
        breaks("name: {type", "Na_me: {type: string}, name: {type", &[("rust-name", 21)]);
        breaks(
            "    A:\n",
            "    a: {type: object}\n    A:\n",
            &[("rust-name", 20), ("rust-name", 19)],
        );
        breaks("operationId: putA", "operationId: new", &[("operation-id", 13)]);
        breaks("/a/{id}", "a/{id}", &[("path", 4)]);
        breaks("    put:", "    trace:", &[("method", 12)]);
        let text = "4XX: {description: \"fai\\u202eled\"}";
        breaks("4XX: {description: failed}", text, &[("hidden-character", 11)]);
        let parameter = |name: &str| {
            format!(
                "parameters:\n      - {{name: '{name}', in: header, schema: {{type: string}}}}\n"
            )
        };
        breaks("parameters:\n", &parameter("X Y"), &[("header-name", 6), ("header-name", 6)]);
        breaks("parameters:\n", &parameter("Body"), &[("rust-name", 6), ("rust-name", 6)]);
        breaks("parameters:\n", &parameter("ID"), &[("rust-name", 7), ("rust-name", 7)]);
        breaks("    A:\n", "    Billing.Profile: {type: object}\n    A:\n", &[("rust-name", 19)]);
        breaks("name: {type", "Extra: {type: string}, name: {type", &[("rust-name", 21)]);
        let circle = "    B: {allOf: [{type: object, properties: {b: {$ref: '#/components/schemas/B'}}}]}\n    A:\n";
        breaks("    A:\n", circle, &[("circular-reference", 19)]);
        breaks("'^a'", "'('", &[("pattern", 21)]);
        breaks(
            "      properties",
            "      required: [name, nome]\n      properties",
            &[("required-member", 21)],
        );
        breaks("type: array, items: {}", "type: array", &[("items", 21)]);
    }
}
