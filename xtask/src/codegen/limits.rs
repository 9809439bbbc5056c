//! The limits of what may be written, as constants of the models: from the contract, written once.
//!
//! A model can hold anything (see [`super::lower::lenient_models`]); these tables say what a
//! request should not hold, so that the library can check it before it is sent.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;
use serde_json::Value;
use syn::{File, Item, parse_quote};

use crate::contract::{Contract, Finding, escape};

/// Keywords that limit a value and that no rule checks.
const UNCHECKED: [&str; 12] = [
    "enum",
    "multipleOf",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "required",
];

/// Adds `impl Limited` for the model of every request body.
///
/// *Works around*: progenitor has no check but parsing, which would hit responses too. *Can go*
/// when it checks requests by the contract.
///
/// # Errors
/// A request body that is not a named schema, or one with a limit that no rule checks.
pub fn add(file: &mut File, contract: &Contract) -> Result<(), Vec<Finding>> {
    let mut tables = BTreeMap::new();
    let mut findings = Vec::new();
    for operation in contract.operations() {
        let Some(body) = operation.value.get("requestBody") else { continue };
        let Some(body) = contract.resolve(body) else { continue };
        let schema = &body["content"]["application/json"]["schema"];
        let reference = schema["$ref"].as_str().unwrap_or_default();
        match reference.strip_prefix("#/components/schemas/") {
            None => findings.push(contract.finding(
                "named-request",
                &format!("{}/requestBody", operation.pointer),
                "the schema of the request body has no name",
                "move it to `/components/schemas` and refer to it",
            )),
            Some(name) => {
                let mut table =
                    Table { contract, rules: Vec::new(), read_only: Vec::new(), open: Vec::new() };
                table.schema(schema, "", &mut findings);
                tables.insert(name.to_owned(), (table.rules, table.read_only));
            }
        }
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    if !tables.is_empty() {
        file.items.insert(
            0,
            parse_quote!(
                use crate::limits::{Limit, Limited, Rule};
            ),
        );
    }
    for (name, (rules, read_only)) in tables {
        let model = Ident::new(&name, Span::call_site());
        let item: Item = parse_quote! {
            impl Limited for types::#model {
                const LIMITS: &'static [Limit] = &[#(#rules),*];
                const READ_ONLY: &'static [&'static str] = &[#(#read_only),*];
            }
        };
        file.items.push(item);
    }
    Ok(())
}

struct Table<'a> {
    contract: &'a Contract,
    rules: Vec<TokenStream>,
    read_only: Vec<String>,
    /// The references being followed, so that a schema that holds itself ends.
    open: Vec<&'a str>,
}

impl<'a> Table<'a> {
    fn schema(&mut self, value: &'a Value, at: &str, findings: &mut Vec<Finding>) {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let target = self.contract.resolve(value);
            if let (Some(target), false) = (target, self.open.contains(&reference)) {
                self.open.push(reference);
                self.schema(target, at, findings);
                self.open.pop();
            }
            return;
        }
        if value["readOnly"] == true {
            self.read_only.push(at.to_owned());
            return;
        }
        for keyword in UNCHECKED.iter().filter(|keyword| value.get(**keyword).is_some()) {
            let pointer =
                self.open.last().map_or("", |reference| reference.trim_start_matches('#'));
            findings.push(self.contract.finding(
                "unchecked-limit",
                pointer,
                format!("`{keyword}` of {at} would be checked by nobody"),
                "give `Rule` in partner-center-api a variant for it, or describe it in words",
            ));
        }
        let mut rule = |rule: TokenStream| {
            self.rules.push(quote!(Limit { pointer: #at, rule: Rule::#rule }));
        };
        let count =
            |keyword: &str| value.get(keyword).and_then(Value::as_u64).map(Literal::u64_unsuffixed);
        if let Some(length) = count("minLength") {
            rule(quote!(MinLength(#length)));
        }
        if let Some(length) = count("maxLength") {
            rule(quote!(MaxLength(#length)));
        }
        if let Some(pattern) = value.get("pattern").and_then(Value::as_str) {
            rule(quote!(Pattern(#pattern)));
        }
        if value["format"] == "email" {
            rule(quote!(Email));
        }
        for (name, member) in
            value.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            self.schema(member, &format!("{at}/{}", escape(name)), findings);
        }
        if let Some(items) = value.get("items") {
            self.schema(items, &format!("{at}/*"), findings);
        }
        for branch in value.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.schema(branch, at, findings);
        }
    }
}
