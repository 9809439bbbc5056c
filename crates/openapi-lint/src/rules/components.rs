//! What the contract declares is used, and what it uses is declared.

use std::collections::{BTreeSet, HashMap, HashSet};

use openapi_document::{Contract, Cursor, Diagnostic, escape};
use serde_json::Value;

use crate::walk;

openapi_document::rules! {
    /// Something that an operation reaches refers to every component, security scheme included. One that nothing
    /// refers to describes nothing: it was left over, or the reference to it is missing. A schema that is composed of
    /// one with a `discriminator` is an alternative of that (section 4.7.25).
    ///
    /// **Fix** by removing it, or by referring to it where it was meant.
    /// **Waive** on the component if it is for readers of the contract.
    UNUSED_COMPONENT = warning("unused-component", "something refers to every component") {
        bad: [
            ("  schemas:", "  headers: {H: {schema: {type: string}}}\n  schemas:", 24),
            ("  schemas:\n", "  securitySchemes: {k: {type: http, scheme: bearer}}\n  schemas:\n", 24),
            // What refers to itself alone is not referred to.
            ("  schemas:\n", "  schemas:\n    D: {type: object, properties: {b: {$ref: '#/components/schemas/D'}}}\n", 25),
        ],
        good: [
            ("        name: {type", "        b: {$ref: '#/components/schemas/B'}\n        name: {type"),
            ("list: {type: array, items: {}}", "list: {$ref: '#/components/schemas/P'}\n    P: {type: object, properties: {kind: {type: string}}, discriminator: {propertyName: kind}}\n    C: {allOf: [{$ref: '#/components/schemas/P'}]}"),
        ],
    }

    /// A requirement names a scheme in `/components/securitySchemes`, and scopes that a flow of it declares; a
    /// scheme that is not OAuth 2 or OpenID Connect has none (section 4.7.30). A misspelled scope is one that a
    /// client asks for and does not get: elsewhere than in the house that is a warning, since a flow may name less than
    /// there is.
    ///
    /// **Fix** the name, or declare it.
    /// **Waive** on the operation if the scope is known to exist and left out of the flow on purpose.
    SECURITY_REQUIREMENT = error("security-requirement", "required schemes and scopes are declared") {
        bad: [
            ("      tags: [t]", "      security: [{k: []}]\n      tags: [t]", 11),
            ("tags: [{name: t}]", "tags: [{name: t}]\nsecurity: [{basic: [scope]}]", 4),
            ("tags: [{name: t}]", "tags: [{name: t}]\nsecurity: [{login: [b]}]", 4),
        ],
        good: [
            ("tags: [t]", "security: [{}]"),
        ],
    }

    /// A note. A tag of an operation is declared in `/tags`, where it has its description, and a declared one has
    /// operations. Section 4.7.1 allows otherwise; documentation then has a group without a word about it, or an
    /// empty one.
    ///
    /// **Fix** by declaring it, or removing it.
    /// **Waive** on the tag or the operation.
    TAG = note(House, "tag", "tags are declared and used") {
        bad: [
            ("tags: [{name: t}]", "", 11),
            ("tags: [{name: t}]", "tags: [{name: t}, {name: u}]", 3),
        ],
        good: [
            ("tags: [t]", "tags: [t, t]"),
        ],
    }
}

/// A component that nothing refers to describes nothing: it is left over, or a reference to it is
/// missing.
pub(super) fn unused(contract: &Contract) -> Vec<Diagnostic> {
    let Some(components) = contract.json.get("components") else { return Vec::new() };
    let (mut todo, mut used) = (Vec::new(), BTreeSet::new());
    let rest = contract.root().members().filter(|(name, _)| *name != "components");
    for (_, at) in rest {
        references(at.value, &at.pointer, &mut todo);
    }
    // The requirements for all operations.
    requirement(&contract.json, &mut todo);
    for operation in &contract.left_out {
        references(operation, "", &mut todo);
    }
    let children = children(contract);
    while let Some(reference) = todo.pop() {
        if let Some(value) = contract.json.pointer(&reference)
            && used.insert(reference.clone())
        {
            references(value, &reference, &mut todo);
            if value.get("discriminator").is_some() {
                todo.extend(children.get(reference.as_str()).into_iter().flatten().cloned());
            }
        }
    }
    let mut named = Vec::new();
    references(components, "/components", &mut named);
    let named: HashSet<_> = named.into_iter().collect();
    let mut findings = Vec::new();
    for (section, entries) in components.as_object().into_iter().flatten() {
        for (name, _) in entries.as_object().into_iter().flatten() {
            let pointer = format!("/components/{section}/{}", escape(name));
            if !section.starts_with("x-") && !used.contains(&pointer) {
                let message = if named.contains(&pointer) {
                    format!("no operation reaches `{name}`")
                } else {
                    format!("nothing refers to `{name}`")
                };
                let help = "remove it, or refer to it where it is meant";
                findings.push(contract.source.diagnostic(
                    UNUSED_COMPONENT,
                    &pointer,
                    message,
                    help,
                ));
            }
        }
    }
    findings
}

/// The component schemas that are composed of another one, by the pointer of that.
fn children(contract: &Contract) -> HashMap<&str, Vec<String>> {
    let mut children: HashMap<_, Vec<_>> = HashMap::new();
    for (_, at) in contract.root().get("components").iter().flat_map(|at| at.entries("schemas")) {
        for parent in at.elements("allOf") {
            let parent = parent.value.get("$ref").and_then(Value::as_str);
            if let Some(parent) = parent.and_then(|parent| parent.strip_prefix('#')) {
                children.entry(parent).or_default().push(at.pointer.clone());
            }
        }
    }
    children
}

/// The pointers of the components that `value` itself refers to.
fn references(value: &Value, pointer: &str, found: &mut Vec<String>) {
    walk::objects(value, pointer, &mut |_, object| {
        if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
            // What leads into a component uses it.
            let tokens: Vec<_> = reference.trim_start_matches('#').split('/').take(4).collect();
            found.push(tokens.join("/"));
        }
        requirement(object, found);
        // The mapping of a discriminator has names of schemas, or references (section 4.7.25).
        if object.get("propertyName").is_some() {
            let mapping = object.get("mapping").and_then(Value::as_object).into_iter().flatten();
            found.extend(mapping.filter_map(|(_, name)| name.as_str()).map(|name| {
                let named = || format!("/components/schemas/{}", escape(name));
                name.strip_prefix('#').map_or_else(named, str::to_owned)
            }));
        }
    });
}

/// The pointers of the security schemes that an object requires.
fn requirement(object: &Value, found: &mut Vec<String>) {
    for requirement in object.get("security").and_then(Value::as_array).into_iter().flatten() {
        let schemes = requirement.as_object().into_iter().flatten();
        found.extend(
            schemes.map(|(name, _)| format!("/components/securitySchemes/{}", escape(name))),
        );
    }
}

/// A security requirement names schemes, and scopes of them, that are declared (OpenAPI 3.0.3 section
/// 4.7.30).
pub(super) fn security(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (pointer, requirements) in requirements(contract) {
        for (index, requirement) in requirements.iter().enumerate() {
            for (name, scopes) in requirement.as_object().into_iter().flatten() {
                let at = format!("{pointer}/{index}/{}", escape(name));
                let found = |at: &str, message: String, help: &str| {
                    contract.source.diagnostic(SECURITY_REQUIREMENT, at, message, help)
                };
                let scheme = format!("/components/securitySchemes/{}", escape(name));
                let Some(Cursor { value: scheme, .. }) = contract.resolve_at(&scheme) else {
                    let help = "declare it in `/components/securitySchemes`";
                    let message = format!("there is no security scheme `{name}`");
                    findings.push(found(&at, message, help));
                    continue;
                };
                let flows = scheme["flows"].as_object().into_iter().flatten();
                let known: Vec<_> = flows
                    .filter_map(|(_, flow)| flow["scopes"].as_object())
                    .flatten()
                    .map(|(scope, _)| scope.as_str())
                    .collect();
                for (index, scope) in scopes.as_array().into_iter().flatten().enumerate() {
                    let scope = scope.as_str().unwrap_or_default();
                    let at = format!("{at}/{index}");
                    match scheme["type"].as_str() {
                        Some("oauth2") if !known.contains(&scope) => {
                            let message = format!("no flow of `{name}` has the scope `{scope}`");
                            let help = "declare it in the `scopes` of a flow";
                            findings.push(found(&at, message, help).as_warning());
                        }
                        Some("http" | "apiKey") => {
                            let message = format!("`{name}` is of a type that has no scopes");
                            findings.push(found(&at, message, "leave its list empty"));
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    findings
}

/// Every list of security requirements, with its pointer.
pub(super) fn requirements(contract: &Contract) -> Vec<(String, &Vec<Value>)> {
    let mut found = Vec::new();
    walk::objects(&contract.json, "", &mut |pointer, object| {
        if let Some(list) = object.get("security").and_then(Value::as_array) {
            found.push((format!("{pointer}/security"), list));
        }
    });
    found
}

/// A tag is declared, so that it has a description, and used.
pub(super) fn tags(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut note = |pointer: &str, message: String, help: &str| {
        findings.push(contract.source.diagnostic(TAG, pointer, message, help));
    };
    let declared = contract.json["tags"].as_array().into_iter().flatten();
    let declared: Vec<_> = declared.filter_map(|tag| tag["name"].as_str()).collect();
    let left_out = contract.left_out.iter().filter_map(|operation| operation["tags"].as_array());
    let mut used: BTreeSet<_> = left_out.flatten().filter_map(Value::as_str).collect();
    for operation in contract.operations() {
        let tags = operation.value["tags"].as_array().into_iter().flatten();
        for (index, tag) in tags.filter_map(Value::as_str).enumerate() {
            used.insert(tag);
            if !declared.contains(&tag) {
                let pointer = format!("{}/tags/{index}", operation.pointer);
                note(
                    &pointer,
                    format!("the tag `{tag}` is not declared"),
                    "describe it in `/tags`",
                );
            }
        }
    }
    for (index, tag) in declared.iter().enumerate().filter(|(_, tag)| !used.contains(*tag)) {
        let help = "remove it, or give it to an operation";
        note(&format!("/tags/{index}"), format!("no operation has the tag `{tag}`"), help);
    }
    findings
}
