//! Names in the contract become names in Rust, and on the wire.

use std::collections::BTreeMap;

use openapi_document::Profile::{Generator, House, Openapi};
use openapi_document::{
    Contract, Cursor, Diagnostic, Operation, Parameter, Profile, argument_name, field_name, fold,
    type_name,
};
use serde_json::Value;

use crate::walk;

openapi_document::rules! {
    /// No two operations have one id (section 4.7.10).
    ///
    /// For the generator, every operation has an id, which becomes the name of a method: it has letters or digits, and is not one that every client has,
    /// such as `new`. The generated code would not compile. It differs from the others by more than case and
    /// punctuation, since some tools find a method without them.
    ///
    /// **Fix** by giving the operation another id.
    /// **Waive** on the operation.
    OPERATION_ID = error("operation-id", "operations have names that make different methods") {
        bad: [
            ("putA", "getA", 16),
            ("putA", "get_a", 16),
            ("operationId: putA", "summary: putA", 15),
            ("putA", "geta", 16),
            ("putA", "'-'", 16),
            ("putA", "new", 16),
            ("putA", "withContext", 16),
            ("paths:\n", "paths:\n  /b/{id}: {$ref: '#/paths/~1a~1{id}'}\n", 11),
        ],
        good: [
            ("putA", "put-a"),
            ("putA", "baseUrl"),
            ("putA", "move"),
        ],
    }

    /// Schemas become types, members become fields, parameters become arguments, the values of an `enum` in a
    /// parameter become variants. Two names that become the same Rust name do not compile; `+1` and `-1` are `plus1`
    /// and `minus1`. None is one that the generated code needs: `body`
    /// among the arguments of an operation that has one.
    ///
    /// In the house, the names of schemas are PascalCase as Rust has it (`Urls`, not `URLS`), and differ by more than
    /// case, since some file systems keep one snapshot for both.
    ///
    /// **Fix** by renaming a schema. The name of a member, a parameter or a value is the service's: it needs a pass
    /// of the code generation.
    /// **Waive** on the schema, the parameter or the operation, once there is such a pass.
    RUST_NAME = error(Generator, "rust-name", "schemas, members, parameters and values have names that make different Rust names") {
        bad: [
            ("        name: {type", "        Na_me: {type: string}\n        na-me: {type: string}\n        name: {type", 30),
            ("        name: {type: string, pattern: '^a'}\n", "        name: {allOf: [{type: object, properties: {a_b: {}}}, {type: object, properties: {aB: {}}}]}\n", 29),
            ("        name: {type", "        '': {type: string}\n        x: {type: string}\n        name: {type", 30),
            ("        - {name: If-Match, in: header, required: true, schema: {type: string}}\n", "        - {name: Body, in: header, schema: {type: string}}\n        - {name: If-Match, in: header, required: true, schema: {type: string}}\n", 18),
            ("        - {name: If-Match, in: header, required: true, schema: {type: string}}\n", "        - {name: ID, in: header, schema: {type: string}}\n        - {name: If-Match, in: header, required: true, schema: {type: string}}\n", 18),
            ("        - {name: If-Match, in: header, required: true, schema: {type: string}}\n", "        - {name: q, in: query, schema: {type: string, enum: [a, A]}}\n        - {name: If-Match, in: header, required: true, schema: {type: string}}\n", 18),
            ("        name: {type", "        b: {$ref: '#/components/schemas/Billing.Profile'}\n        name: {type", 32),
            ("        name: {type", "        b: {$ref: '#/components/schemas/URLS'}\n        name: {type", 32),
        ],
        good: [
            ("schemas/A'", "schemas/A'"),
            ("        name: {type", "        '+1': {type: integer}\n        '-1': {type: integer}\n        name: {type"),
            ("        name: {type", "        na_me: {type: string}\n        type: {type: string}\n        name: {type"),
            ("        name: {type", "        Extra: {type: string}\n        name: {type"),
            ("      tags: [t]\n", "      tags: [t]\n      parameters: [{name: body, in: query, schema: {type: string}}, {name: self, in: query, schema: {type: string}}]\n"),
            ("        - {name: If-Match, in: header, required: true, schema: {type: string}}\n", "        - {name: q, in: query, schema: {type: string, enum: ['+1', '-1']}}\n        - {name: If-Match, in: header, required: true, schema: {type: string}}\n"),
            ("        - {name: If-Match, in: header, required: true, schema: {type: string}}\n", "        - {name: q, in: query, schema: {type: string, enum: [a, 'a=']}}\n        - {name: If-Match, in: header, required: true, schema: {type: string}}\n"),
        ],
    }
}

/// How to fix a name that is on the wire.
const RENAME: &str = "rename it; if the name is the service's, write a pass of the code generation that does, \
                      and waive this";

/// Methods that every client has.
const METHODS_TAKEN: [&str; 11] = [
    "new",
    "new_with_client",
    "with_context",
    "clone",
    "api_version",
    "baseurl",
    "client",
    "inner",
    "pre",
    "post",
    "exec",
];

/// Operation ids become the names of methods.
pub(super) fn operation_ids(contract: &Contract) -> Vec<Diagnostic> {
    let mut seen: BTreeMap<String, (&str, String, Operation<'_>)> = BTreeMap::new();
    let mut findings = Vec::new();
    for operation in contract.operations() {
        let mut report = |profile: Profile, member: &str, message: String, help: &str| {
            let at = format!("{}{member}", operation.pointer);
            let found = contract.source.diagnostic(OPERATION_ID, &at, message, help);
            findings.push(found.of(profile));
        };
        let Some(id) = operation.value["operationId"].as_str() else {
            let message =
                "the operation lacks `operationId`, and the generator cannot name its method";
            report(Generator, "", message.to_owned(), "add an `operationId`");
            continue;
        };
        let method = argument_name(id);
        if fold(id).is_empty() {
            report(
                Generator,
                "/operationId",
                format!("`{id}` cannot name a method"),
                "use letters",
            );
            continue;
        }
        if METHODS_TAKEN.contains(&method.as_str()) {
            let message = format!("`{id}` names a method that every client has");
            report(Generator, "/operationId", message, "use another name");
            continue;
        }
        let here = (id, method.clone(), operation.clone());
        let Some((other, its, at)) = seen.insert(fold(id), here) else { continue };
        let own = "give each operation a name of its own";
        let (profile, message, help) = if at.pointer == operation.pointer {
            let message = format!("`{id}` is on two paths, `{}` and `{}`", at.path, operation.path);
            (Generator, message, "write the path item of one of them out, with names of its own")
        } else if other == id {
            (Openapi, format!("`{id}` is the id of the operation at {}, too", at.pointer), own)
        } else if its == method {
            let message = format!("`{id}` and `{other}` at {} become the same method", at.pointer);
            (Generator, message, own)
        } else {
            let message = format!(
                "`{id}` and `{other}` at {} differ by case and punctuation alone",
                at.pointer
            );
            (Generator, message, own)
        };
        report(profile, "/operationId", message, help);
    }
    findings
}

/// Schemas become types.
pub(super) fn types(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut seen = BTreeMap::new();
    let mut report = |profile: Profile, pointer: &str, message: String, help: &str| {
        findings.push(contract.source.diagnostic(RUST_NAME, pointer, message, help).of(profile));
    };
    for (name, at) in contract.root().get("components").iter().flat_map(|at| at.entries("schemas"))
    {
        let made = type_name(name);
        let pascal = |name: &str| {
            name.starts_with(|first: char| first.is_ascii_uppercase())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if name != made || !pascal(name) {
            let help = if pascal(&made) {
                format!("use PascalCase, as in `{made}`")
            } else {
                "use another name, in PascalCase as in `BillingProfile`".to_owned()
            };
            let message = format!("`{name}` is not the name that a Rust type would have");
            report(House, &at.pointer, message, &help);
        }
        if let Some((other, its, there)) =
            seen.insert(fold(name), (name, made.clone(), at.pointer.clone()))
        {
            let (profile, message) = if its == made {
                (Generator, format!("`{name}` and `{other}` at {there} become the same Rust type"))
            } else {
                (House, format!("`{name}` and `{other}` at {there} differ by case alone"))
            };
            report(profile, &at.pointer, message, "rename one of them");
        }
    }
    findings
}

/// Members become fields, those of an `allOf` in one struct.
pub(super) fn fields(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    walk::schemas(contract, &mut |pointer, schema| {
        let all = walk::Members::of(contract, Cursor::new(schema, pointer));
        let mut seen: BTreeMap<_, (&str, &str)> = BTreeMap::new();
        for (name, at) in &all.found {
            let Some((other, there)) =
                seen.insert(field_name(name), (name, at)).filter(|(other, _)| other != name)
            else {
                continue;
            };
            let message = format!("`{name}` and `{other}` at {there} become the same Rust field");
            findings.push(contract.source.diagnostic(RUST_NAME, at, message, RENAME));
        }
    });
    findings
}

/// Parameters become arguments.
///
/// The hooks of the client set the headers `of_hooks`, which no method takes.
pub(crate) fn arguments(contract: &Contract, of_hooks: &[String]) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for operation in contract.operations() {
        let mut seen = taken(contract, &operation);
        let mut parameters = contract.parameters(&operation);
        parameters.retain(|parameter| !of_hooks.iter().any(|name| parameter.is_header(name)));
        for Parameter { at, name, .. } in parameters {
            let here = format!("`{name}` at {at}");
            if let Some(other) = seen.insert(argument_name(name), here) {
                let message =
                    format!("the parameter `{name}` becomes the same argument as {other}");
                findings.push(contract.source.diagnostic(RUST_NAME, &at, message, RENAME));
            }
        }
    }
    findings
}

/// What a method of an operation has under a name that an argument cannot have.
fn taken(contract: &Contract, operation: &Operation<'_>) -> BTreeMap<String, String> {
    let has_body = operation.value.get("requestBody").is_some();
    let calls = contract.parameters(operation).iter().any(|parameter| parameter.is_in("path"));
    let taken = [
        (true, "header_map", "the headers of the request"),
        (has_body, "body", "the body of the request"),
        (calls, "encode_path", "what writes the path"),
    ];
    let taken = taken.into_iter().filter(|(is_taken, ..)| *is_taken);
    taken.map(|(_, name, what)| (name.to_owned(), what.to_owned())).collect()
}

/// The values of an `enum` in a parameter become variants; other schemas are left without.
pub(super) fn variants(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for operation in contract.operations() {
        for parameter in contract.parameters(&operation) {
            let Some(schema) = parameter.value.get("schema") else { continue };
            walk::schema(schema, &format!("{}/schema", parameter.place), &mut |pointer, schema| {
                let values = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
                let values =
                    values.enumerate().filter_map(|(at, value)| Some((at, value.as_str()?)));
                for (index, value, other) in same_variants(&values.collect::<Vec<_>>()) {
                    let message =
                        format!("`{value}` and `{other}` become the same variant of a Rust enum");
                    findings.push(contract.source.diagnostic(
                        RUST_NAME,
                        &format!("{pointer}/enum/{index}"),
                        message,
                        "leave out the `enum`, and say in words which values there are",
                    ));
                }
            });
        }
    }
    findings
}

/// The values that become the same variant as another: typify tries their plain names, then those with an `X` for
/// every character that is left out.
fn same_variants<'a>(values: &[(usize, &'a str)]) -> Vec<(usize, &'a str, &'a str)> {
    let same = |name: &dyn Fn(&str) -> String| {
        let mut seen = BTreeMap::new();
        let pairs = values.iter().filter_map(|(index, value)| {
            let other = seen.insert(name(value), *value)?;
            Some((*index, *value, other))
        });
        pairs.collect::<Vec<_>>()
    };
    if same(&type_name).is_empty() {
        return Vec::new();
    }
    same(&|value| {
        type_name(&value.replace(|c| c == '_' || !unicode_ident::is_xid_continue(c), "X"))
    })
}
