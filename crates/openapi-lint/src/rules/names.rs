//! Names in the contract become names in Rust, and on the wire.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase;
use openapi_document::{Contract, Diagnostic, Parameter, escape, fold};
use serde_json::Value;

use crate::walk;

openapi_document::rules! {
    /// An operation id becomes the name of a method: it has letters, differs from the others by more than case
    /// and punctuation, and is not one that every client has, such as `new`. The generated code would not
    /// compile.
    ///
    /// **Fix** by giving the operation another id.
    /// **Waive** on the operation.
    OPERATION_ID = error("operation-id", "operations have names that make different methods") {
        bad: [
            ("putA", "get_a", 16),
            ("putA", "'-'", 16),
            ("putA", "new", 16),
        ],
        good: [
            ("putA", "put-a"),
        ],
    }

    /// Schemas become types, members become fields, parameters become arguments. Their names differ by more than
    /// case and punctuation, those of schemas are PascalCase as Rust has it (`Urls`, not `URLS`), and none is one
    /// that the generated code needs: `extra` among members, `body` among arguments. It would not compile.
    ///
    /// **Fix** by renaming a schema. The name of a member or a parameter is the service's: it needs a pass of the
    /// code generation.
    /// **Waive** on the schema or the operation, once there is such a pass.
    RUST_NAME = error("rust-name", "schemas, members and parameters have names that make different Rust names") {
        bad: [
            ("        name: {type", "        Na_me: {type: string}\n        name: {type", 30),
            ("        name: {type", "        Extra: {type: string}\n        name: {type", 29),
            ("        - {name: If-Match, in: header, required: true, schema: {type: string}}\n", "        - {name: Body, in: header, schema: {type: string}}\n        - {name: If-Match, in: header, required: true, schema: {type: string}}\n", 18),
            ("        name: {type", "        b: {$ref: '#/components/schemas/Billing.Profile'}\n        name: {type", 32),
            ("        name: {type", "        b: {$ref: '#/components/schemas/URLS'}\n        name: {type", 32),
        ],
        good: [
            ("schemas/A'", "schemas/A'"),
        ],
    }
}

/// Methods that the generated client has already, folded.
const METHODS_TAKEN: [&str; 10] = [
    "new",
    "newwithclient",
    "withcontext",
    "apiversion",
    "baseurl",
    "client",
    "inner",
    "pre",
    "post",
    "exec",
];

/// Arguments and variables that a generated method has already, folded.
const ARGUMENTS_TAKEN: [&str; 3] = ["body", "headermap", "self"];

/// Operation ids become the names of methods: they must differ by more than case and punctuation.
pub(super) fn operation_ids(contract: &Contract) -> Vec<Diagnostic> {
    let mut seen = BTreeMap::new();
    let mut findings = Vec::new();
    for operation in contract.operations() {
        let id = operation.value["operationId"].as_str().unwrap_or_default();
        let pointer = format!("{}/operationId", operation.pointer);
        if fold(id).is_empty() {
            let message = format!("`{id}` cannot name a method");
            findings.push(contract.source.diagnostic(
                OPERATION_ID,
                &pointer,
                message,
                "use letters",
            ));
        } else if METHODS_TAKEN.contains(&fold(id).as_str()) {
            let message = format!("`{id}` names a method that every client has");
            findings.push(contract.source.diagnostic(
                OPERATION_ID,
                &pointer,
                message,
                "use another name",
            ));
        } else if let Some(other) = seen.insert(fold(id), pointer.clone()) {
            let message = format!("`{id}` names the same method as the operation at {other}");
            let help = "give each operation a name of its own";
            findings.push(contract.source.diagnostic(OPERATION_ID, &pointer, message, help));
        }
    }
    findings
}

/// Schemas become types, and members become fields: their names must differ by more than case.
pub(super) fn names(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut collide = |pointer: &str, map: Option<&Value>, what: &str| {
        let mut seen = BTreeMap::new();
        for name in map.and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name) {
            if let Some(other) = seen.insert(fold(name), name) {
                findings.push(contract.source.diagnostic(
                    RUST_NAME,
                    &format!("{pointer}/{}", escape(name)),
                    format!("`{name}` and `{other}` become the same {what}"),
                    "rename one of them",
                ));
            }
        }
    };
    collide("/components/schemas", contract.json.pointer("/components/schemas"), "Rust type");
    walk::schemas(contract, &mut |pointer, schema| {
        collide(&format!("{pointer}/properties"), schema.get("properties"), "Rust field");
    });
    findings
}

/// Names that are Rust types as they stand, arguments that differ, members that leave room for the
/// unknown ones.
pub(super) fn rust_names(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let schemas = contract.json["components"]["schemas"].as_object().into_iter().flatten();
    for name in schemas.map(|(name, _)| name) {
        let pascal = name.to_upper_camel_case();
        let valid = name.starts_with(|first: char| first.is_ascii_uppercase())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !valid || *name != pascal || name == "Self" {
            let pointer = format!("/components/schemas/{}", escape(name));
            let message = format!("`{name}` is not the name that a Rust type would have");
            let help = format!(
                "use PascalCase, as in `{}`",
                if valid { &pascal } else { "BillingProfile" }
            );
            findings.push(contract.source.diagnostic(RUST_NAME, &pointer, message, help));
        }
    }
    for operation in contract.operations() {
        let mut seen: BTreeMap<_, _> = ARGUMENTS_TAKEN
            .iter()
            .map(|name| ((*name).to_owned(), "what the method has already"))
            .collect();
        for Parameter { at, name, .. } in contract.parameters(&operation) {
            if let Some(other) = seen.insert(fold(name), name) {
                let message =
                    format!("the parameter `{name}` becomes the same argument as {other}");
                findings.push(contract.source.diagnostic(RUST_NAME, &at, message, "rename it"));
            }
        }
    }
    walk::schemas(contract, &mut |pointer, schema| {
        let members = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        for name in members.map(|(name, _)| name).filter(|name| fold(name) == "extra") {
            let pointer = format!("{pointer}/properties/{}", escape(name));
            let message = format!("`{name}` is where the unknown members are kept");
            let help = "it needs a pass of the code generation that renames one of them";
            findings.push(contract.source.diagnostic(RUST_NAME, &pointer, message, help));
        }
    });
    findings
}
