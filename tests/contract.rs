//! The contract says what its examples show, its code generation knows the headers of the hooks, and
//! whatever changes in it shows in a snapshot.

use std::collections::BTreeSet;

use contract_review::snapshots::parts;
use contract_review::workspace::Workspace;
use openapi_document::escape;
use openapi_document::{Contract, Document};
use partner_center_api::Context;
use partner_center_tests::{orphans, root};
use serde_json::{Map, Value, json};

fn workspace() -> Workspace {
    Workspace::open(root(), None).expect("a configuration")
}

fn contract() -> Contract {
    workspace().contract().expect("a contract")
}

#[test]
fn hooks_set_the_headers_that_methods_do_not_take() {
    let headers = workspace().client.context_headers;
    let lowered: BTreeSet<_> = headers.iter().map(|name| name.to_ascii_lowercase()).collect();
    let set: BTreeSet<_> = Context::HEADERS.iter().map(|name| name.as_str().to_owned()).collect();
    assert_eq!(lowered, set);
    let parameters = contract().json["components"]["parameters"].clone();
    let declared =
        parameters.as_object().into_iter().flatten().map(|(_, parameter)| &parameter["name"]);
    let declared: BTreeSet<_> = declared.filter_map(Value::as_str).collect();
    for name in &headers {
        assert!(declared.contains(name.as_str()), "the contract declares no header {name}");
    }
}

/// An example as the contract refers to it: where, the schema it is for, the file.
struct Example {
    at: String,
    schema: Value,
    file: String,
}

fn examples(contract: &Contract) -> Vec<Example> {
    let mut found = Vec::new();
    for operation in contract.operations() {
        let body = operation.value.get("requestBody").into_iter();
        let responses = operation.value["responses"].as_object().into_iter().flatten();
        for holder in body.chain(responses.map(|(_, response)| response)) {
            let holder = contract.resolve_value(holder).expect("a reference that leads somewhere");
            for (_, media) in holder["content"].as_object().into_iter().flatten() {
                for (name, example) in media["examples"].as_object().into_iter().flatten() {
                    let example = contract.resolve_value(example).expect("an example");
                    found.push(Example {
                        at: format!("{} {name}", operation.pointer),
                        schema: media["schema"].clone(),
                        file: example["externalValue"]
                            .as_str()
                            .expect("an externalValue")
                            .to_owned(),
                    });
                }
            }
        }
    }
    found
}

#[test]
fn examples_are_what_their_schemas_say() {
    let contract = contract();
    let examples = examples(&contract);
    assert!(examples.len() > 20, "only {} uses of examples were found", examples.len());
    for Example { at, schema, file } in examples {
        let text = std::fs::read_to_string(root().join("openapi").join(&file)).expect(&file);
        let example = camel_case(serde_json::from_str(&text).expect(&file));
        let problems = problems(&contract, &schema, &example);
        assert!(problems.is_empty(), "{file}, as {at}: {problems:#?}");
    }
}

#[test]
fn an_example_that_is_wrong_is_found() {
    let contract = contract();
    let schema = json!({"$ref": "#/components/schemas/CustomerBillingProfile"});
    let wrong = [
        json!({"email": 1}),
        json!({"email": "no address"}),
        json!({"defaultAddress": {"firstName": ""}}),
        json!({"defaultAddress": {"country": "USA"}}),
        json!({"defaultAddress": {"undocumented": "x"}}),
        json!({"undocumented": "x"}),
        json!([]),
    ];
    for example in wrong {
        assert!(!problems(&contract, &schema, &example).is_empty(), "{example}");
    }
    assert_eq!(problems(&contract, &schema, &json!({"email": null})), Vec::<String>::new());
}

#[test]
fn every_example_is_referred_to() {
    let used: BTreeSet<_> = examples(&contract()).into_iter().map(|example| example.file).collect();
    let folder = std::fs::read_dir(root().join("openapi/examples")).expect("a folder");
    let present: BTreeSet<_> = folder
        .map(|entry| format!("examples/{}", entry.expect("an entry").file_name().to_string_lossy()))
        .collect();
    assert_eq!(
        present, used,
        "left: files in openapi/examples; right: those that the contract refers to"
    );
}

#[test]
fn meaning_is_reviewed() {
    let contract = contract();
    let parts = parts(&contract);
    insta::with_settings!({
        snapshot_path => "snapshots/contract", prepend_module_to_snapshot => false, omit_expression => true
    }, {
        for (name, value) in &parts {
            insta::assert_snapshot!(name.as_str(), serde_json::to_string_pretty(value).expect("JSON"));
        }
    });
    let names: Vec<_> = parts.into_iter().map(|(name, ..)| name).collect();
    let orphans = orphans("contract", &names);
    assert!(
        orphans.is_empty(),
        "the contract has nothing for these any more, delete them: {orphans:#?}"
    );
}

/// Whatever value is changed in the contract, a part of it changes, and so a snapshot.
#[test]
fn no_change_goes_unseen() {
    fn leaves(value: &Value, at: String, found: &mut Vec<String>) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                for (name, value) in map {
                    leaves(value, format!("{at}/{}", escape(name)), found);
                }
            }
            Value::Array(items) if !items.is_empty() => {
                for (index, value) in items.iter().enumerate() {
                    leaves(value, format!("{at}/{index}"), found);
                }
            }
            // A reference that leads elsewhere is a contract with another structure.
            _ if at.ends_with("/$ref") => {}
            _ => found.push(at),
        }
    }
    let mut contract = Document::clone(&contract());
    let before = parts(&contract);
    let mut pointers = Vec::new();
    leaves(&contract.json, String::new(), &mut pointers);
    assert!(pointers.len() > 300, "only {} values were found", pointers.len());
    for pointer in pointers {
        let leaf = contract.json.pointer_mut(&pointer).expect("a value");
        let old = std::mem::replace(leaf, json!("changed"));
        assert_ne!(parts(&contract), before, "a change at {pointer} is in no snapshot");
        *contract.json.pointer_mut(&pointer).expect("a value") = old;
    }
}

/// What is wrong with `example` by `schema`, members that no schema has included.
fn problems(contract: &Contract, schema: &Value, example: &Value) -> Vec<String> {
    let mut root = closed(schema);
    root["components"] = closed(&contract.json["components"]);
    let validator = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft4)
        .should_validate_formats(true)
        .build(&json!({"allOf": [schema], "components": root["components"]}))
        .expect("a JSON Schema");
    let problems = validator.iter_errors(example);
    problems.map(|problem| format!("{} at {}", problem, problem.instance_path())).collect()
}

/// An OpenAPI schema as JSON Schema, with every object closed: `nullable` is the type `null`, and a
/// member that is in no list of properties is an error.
fn closed(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut schema: Map<_, _> = map.iter().map(|(k, v)| (k.clone(), closed(v))).collect();
            if map.get("nullable") == Some(&Value::Bool(true)) {
                schema.insert("type".into(), json!([map["type"], "null"]));
            }
            if map.get("type") == Some(&json!("object"))
                && map.get("additionalProperties").is_none_or(|it| *it == true)
            {
                schema.insert("additionalProperties".into(), json!(false));
            }
            Value::Object(schema)
        }
        Value::Array(items) => items.iter().map(closed).collect(),
        other => other.clone(),
    }
}

/// The service takes names in either case; schemas have them in camelCase.
fn camel_case(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let members = map.into_iter().map(|(name, value)| {
                let (first, rest) = name.split_at(name.len().min(1));
                (first.to_ascii_lowercase() + rest, camel_case(value))
            });
            Value::Object(members.collect())
        }
        Value::Array(items) => items.into_iter().map(camel_case).collect(),
        other => other,
    }
}
