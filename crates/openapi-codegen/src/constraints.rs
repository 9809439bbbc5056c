//! The constraints of what may be written, as constants of the models: from the contract, written once.
//!
//! A model can hold anything (see [`crate::lower::lenient_models`]); these tables say what a
//! request should not hold, so that the library can check it before it is sent.

use std::collections::BTreeMap;

use openapi_document::{Contract, Cursor, Diagnostic, escape};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;
use serde_json::Value;
use syn::{File, Item, parse_quote};

use crate::rules;

/// The extension of a string that the service may write in another case than it was given.
const ANY_CASE: &str = "x-any-case";

/// How many schemas one request may hold, each counted wherever it stands.
const VISITS: usize = 10_000;

/// Adds `impl Constrained` for the model of every request body. What [`check`] finds is left out.
///
/// *Works around*: progenitor has no check but parsing, which would hit responses too. *Can go*
/// when it checks requests by the contract.
///
/// # Errors
/// A request whose schema has no name in Rust.
pub fn add(file: &mut File, contract: &Contract) -> Result<(), Vec<Diagnostic>> {
    let (tables, _) = tables(contract);
    if !tables.is_empty() {
        file.items.insert(
            0,
            parse_quote!(
                use crate::validation::{Constrained, Constraint};
            ),
        );
    }
    for (name, Table { constraints, read_only, members, any_case, .. }) in tables {
        let model: Ident = syn::parse_str(name).map_err(|_| {
            let pointer = format!("/components/schemas/{}", escape(name));
            let message = format!("`{name}` is not the name of a Rust type");
            vec![contract.source.diagnostic(rules::GENERATOR, &pointer, message, "use PascalCase")]
        })?;
        let item: Item = parse_quote! {
            impl Constrained for types::#model {
                const CONSTRAINTS: &'static [(&'static str, Constraint)] = &[#(#constraints),*];
                const READ_ONLY: &'static [&'static str] = &[#(#read_only),*];
                const MEMBERS: &'static [&'static str] = &[#(#members),*];
                const ANY_CASE: &'static [&'static str] = &[#(#any_case),*];
            }
        };
        file.items.push(item);
    }
    Ok(())
}

/// What is wrong with the limits of requests: a body that is not a named schema, or a limit that no
/// rule checks.
#[must_use]
pub fn check(contract: &Contract) -> Vec<Diagnostic> {
    tables(contract).1
}

/// The table of each schema that is the body of a request, by its name.
fn tables(contract: &Contract) -> (BTreeMap<&str, Table<'_>>, Vec<Diagnostic>) {
    let mut tables = BTreeMap::new();
    let mut findings = Vec::new();
    for operation in contract.operations() {
        let pointer = format!("{}/requestBody", operation.pointer);
        let Some(Cursor { value: body, pointer: place }) = contract.resolve_at(&pointer) else {
            continue;
        };
        let Some(schema) = body["content"]["application/json"].get("schema") else { continue };
        let reference = schema["$ref"].as_str().unwrap_or_default();
        match reference.strip_prefix("#/components/schemas/") {
            None => findings.push(contract.source.diagnostic(
                rules::NAMED_REQUEST,
                &pointer,
                "the schema of the request body has no name",
                "move it to `/components/schemas` and refer to it",
            )),
            Some(name) => {
                let mut table = Table {
                    contract,
                    constraints: Vec::new(),
                    read_only: Vec::new(),
                    members: Vec::new(),
                    any_case: Vec::new(),
                    open: Vec::new(),
                    visits: 0,
                };
                let place = format!("{place}/content/application~1json/schema");
                table.schema(&place, "", false, &mut findings);
                if table.visits > VISITS {
                    findings.push(contract.source.diagnostic(
                        rules::UNCHECKED_LIMIT,
                        &pointer,
                        "the schemas of the request refer to each other in too many ways",
                        "a request with that many limits cannot be checked; untie the schemas",
                    ));
                }
                tables.insert(name, table);
            }
        }
    }
    (tables, findings)
}

struct Table<'a> {
    contract: &'a Contract,
    constraints: Vec<TokenStream>,
    read_only: Vec<String>,
    members: Vec<String>,
    /// What the service may write in another case.
    any_case: Vec<String>,
    /// The references being followed, so that a schema that holds itself ends.
    open: Vec<&'a str>,
    visits: usize,
}

impl Table<'_> {
    /// Walks the schema at `place`, which is for what is at `at` in a request; of what is `owned` by
    /// the service, only the members count.
    fn schema(&mut self, place: &str, at: &str, owned: bool, findings: &mut Vec<Diagnostic>) {
        self.visits += 1;
        let Some(value) = self.contract.json.pointer(place).filter(|_| self.visits <= VISITS)
        else {
            return;
        };
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let target = self.contract.resolve_at(place);
            if let (Some(target), false) = (target, self.open.contains(&reference)) {
                self.open.push(reference);
                self.schema(&target.pointer, at, owned, findings);
                self.open.pop();
            }
            return;
        }
        let read_only = value["readOnly"] == true;
        if read_only && !owned {
            self.read_only.push(at.to_owned());
        }
        let owned = owned || read_only;
        match value.get(ANY_CASE).map(Value::as_bool) {
            Some(Some(true)) if value["type"] == "string" => self.any_case.push(at.to_owned()),
            None | Some(Some(false)) => {}
            _ => findings.push(self.contract.source.diagnostic(
                rules::X_ANY_CASE,
                &format!("{place}/{ANY_CASE}"),
                format!("`{ANY_CASE}` is not `true` beside a string"),
                "write `x-any-case: true` in a schema of type string, or remove it",
            )),
        }
        if !owned {
            self.limits(value, place, at, findings);
        }
        for (name, _) in value.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let name = escape(name);
            let at = format!("{at}/{name}");
            // A branch of `allOf` may name one again.
            if !self.members.contains(&at) {
                self.members.push(at.clone());
            }
            self.schema(&format!("{place}/properties/{name}"), &at, owned, findings);
        }
        if value.get("items").is_some() {
            self.schema(&format!("{place}/items"), &format!("{at}/*"), owned, findings);
        }
        let branches = value.get("allOf").and_then(Value::as_array).map_or(0, Vec::len);
        for index in 0..branches {
            self.schema(&format!("{place}/allOf/{index}"), at, owned, findings);
        }
    }

    fn limits(&mut self, value: &Value, place: &str, at: &str, findings: &mut Vec<Diagnostic>) {
        let of = if at.is_empty() { "the body" } else { at };
        let unchecked = std::iter::once("enum").chain(openapi_document::BOUNDS).chain(["required"]);
        for keyword in unchecked.filter(|keyword| value.get(*keyword).is_some()) {
            findings.push(self.contract.source.diagnostic(
                rules::UNCHECKED_LIMIT,
                &format!("{place}/{keyword}"),
                format!("`{keyword}` of {of} would be checked by nobody"),
                "give `validation::Constraint` in partner-center-api a variant for it, or describe it in words",
            ));
        }
        let mut add = |constraint: TokenStream| {
            self.constraints.push(quote!((#at, Constraint::#constraint)));
        };
        let count =
            |keyword: &str| value.get(keyword).and_then(Value::as_u64).map(Literal::u64_unsuffixed);
        if let Some(length) = count("minLength") {
            add(quote!(MinLength(#length)));
        }
        if let Some(length) = count("maxLength") {
            add(quote!(MaxLength(#length)));
        }
        if let Some(pattern) = value.get("pattern").and_then(Value::as_str) {
            add(quote!(Pattern(#pattern)));
        }
        if value["format"] == "email" {
            add(quote!(Email));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract(member: &str) -> Contract {
        let text = format!(
            "
openapi: 3.0.3
info: {{title: T, version: '1'}}
paths:
  /a:
    put:
      operationId: put
      requestBody:
        content: {{application/json: {{schema: {{$ref: '#/components/schemas/A'}}}}}}
      responses: {{'200': {{description: ok}}}}
components:
  schemas:
    A:
      type: object
      properties:
        member: {member}
        self: {{$ref: '#/components/schemas/A'}}
        owned: {{$ref: '#/components/schemas/Owned'}}
    Owned:
      type: object
      readOnly: true
      properties: {{x: {{type: string, maxLength: 1}}}}
"
        );
        openapi_lint::grammar::parse("test.yaml", &text).expect("a contract")
    }

    fn table(member: &str) -> String {
        let mut file: File = parse_quote! { mod types { struct A; } };
        add(&mut file, &contract(member)).expect("limits that are known");
        prettyplease::unparse(&file)
    }

    #[test]
    fn every_limit_of_a_request_is_in_its_table() {
        let member = "{type: string, minLength: 1, maxLength: 9, pattern: '^a', format: email, x-any-case: true}";
        let expected: File = parse_quote! {
            use crate::validation::{Constrained, Constraint};
            mod types { struct A; }
            impl Constrained for types::A {
                const CONSTRAINTS: &'static [(&'static str, Constraint)] = &[
                    ("/member", Constraint::MinLength(1)),
                    ("/member", Constraint::MaxLength(9)),
                    ("/member", Constraint::Pattern("^a")),
                    ("/member", Constraint::Email)
                ];
                const READ_ONLY: &'static [&'static str] = &["/owned"];
                const MEMBERS: &'static [&'static str] = &["/member", "/self", "/owned", "/owned/x"];
                const ANY_CASE: &'static [&'static str] = &["/member"];
            }
        };
        assert_eq!(table(member), prettyplease::unparse(&expected));
    }

    #[test]
    fn lists_and_compositions_are_followed() {
        let text = table("{type: array, items: {allOf: [{type: string, maxLength: 2}]}}");
        assert!(text.contains(r#"("/member/*", Constraint"#), "{text}");
    }

    #[test]
    fn a_limit_that_nobody_checks_is_an_error() {
        let findings = check(&contract("{type: integer, maximum: 31}"));
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0].rule, "unchecked-limit");
        assert!(findings[0].message.contains("`maximum` of /member"), "{}", findings[0]);
        assert_eq!(check(&contract("{type: string, maxLength: 31}")), Vec::new());
    }

    #[test]
    fn a_case_is_ignored_in_strings_alone() {
        for wrong in ["{type: integer, x-any-case: true}", "{type: string, x-any-case: yes}"] {
            let findings = check(&contract(wrong));
            assert_eq!(findings.len(), 1, "{wrong}");
            assert_eq!(findings[0].rule, "x-any-case");
        }
        assert_eq!(check(&contract("{type: string, x-any-case: false}")), Vec::new());
    }
}
