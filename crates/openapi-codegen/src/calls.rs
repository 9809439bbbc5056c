//! One call of every operation of the client, as a source file of the tests: what each sends is a snapshot.
//!
//! The arguments are the same in every run: an example of the contract, or else a value of the type that is
//! asked for. What has no literal is read from JSON, so that the file compiles whatever the types are.

use std::collections::BTreeMap;

use openapi_document::{Contract, Operation, fold};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use serde_json::{Map, Value, json};
use syn::{FnArg, ImplItem, ImplItemFn, Item, Pat, Signature, Type, TypePath};

use crate::refine::argument;
use crate::{Config, examples};

/// A text that shows what is escaped.
const TEXT: &str = "a b/c";

/// How deep the schemas of a sample are followed. Required members that hold each other have no end.
const DEPTH: usize = 16;

/// The source of the calls, without the header of a generated file.
pub(crate) fn source(config: &Config, contract: &Contract, client: &str) -> String {
    // It was printed from a syntax tree.
    let items = syn::parse_file(client).map(|file| file.items).unwrap_or_default();
    let methods: Vec<_> = items.iter().flat_map(methods).collect();
    let ids = contract.operations().filter_map(|operation| {
        let id = fold(operation.value["operationId"].as_str()?);
        Some((id, operation))
    });
    let operations: BTreeMap<_, _> = ids.collect();
    let names: Vec<_> = methods.iter().map(|method| method.sig.ident.to_string()).collect();
    let calls = methods.iter().map(|method| {
        let name = &method.sig.ident;
        let operation = operations.get(&fold(&name.to_string()));
        let arguments = arguments(contract, operation, &method.sig);
        quote!(outcome(client.#name(#(#arguments),*).await))
    });
    let library = Ident::new(&config.package.replace('-', "_"), Span::call_site());
    let file = syn::parse_quote! {
        //! One call of every operation of the client, with samples for arguments.

        use #library::{Client, Document};
        use uuid::Uuid;

        /// The operations, by the names of their methods.
        pub(crate) const OPERATIONS: &[&str] = &[#(#names),*];

        const ID: Uuid = Uuid::from_u128(0xaaaa_0000_bb11_2222_33cc_4444_44dd_dddd);
        const UNREAD: &str = "no type of the client reads the sample: give the contract an example";

        /// Calls the operation of this name, and says what went wrong. `example` reads a file beside the
        /// contract.
        pub(crate) async fn call(
            client: &Client,
            operation: &str,
            example: impl Fn(&str) -> Vec<u8>,
        ) -> Option<String> {
            match operation {
                #(#names => #calls,)*
                _ => Some("there is no such operation".to_owned()),
            }
        }

        fn outcome<T, E: ToString>(result: Result<T, E>) -> Option<String> {
            result.err().map(|error| error.to_string())
        }
    };
    prettyplease::unparse(&file)
}

/// The operations of the client, if `item` has them.
fn methods(item: &Item) -> Vec<&ImplItemFn> {
    let Item::Impl(block) = item else { return Vec::new() };
    if block.trait_.is_some() || path_of(&block.self_ty).is_none_or(|it| it.0 != "Client") {
        return Vec::new();
    }
    let methods = block.items.iter().filter_map(|item| match item {
        ImplItem::Fn(method) if method.sig.asyncness.is_some() => Some(method),
        _ => None,
    });
    methods.collect()
}

/// The samples for the arguments of a method.
fn arguments(
    contract: &Contract,
    operation: Option<&Operation<'_>>,
    signature: &Signature,
) -> Vec<TokenStream> {
    let parameters = operation.map(|it| contract.parameters(it)).unwrap_or_default();
    let generic = |ty: &Type| {
        path_of(ty)
            .is_some_and(|(name, _)| signature.generics.type_params().any(|it| it.ident == name))
    };
    let typed = signature.inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    });
    let samples = typed.map(|argument| {
        let Pat::Ident(name) = &*argument.pat else {
            return quote!(::std::default::Default::default());
        };
        let name = name.ident.to_string();
        if generic(&argument.ty) {
            // Bytes of any kind.
            return quote!(#TEXT);
        }
        if name == "body" {
            return body(contract, operation, &argument.ty);
        }
        let same = |given: &str| fold(given) == fold(name.trim_start_matches("r#"));
        let parameter = parameters.iter().find(|parameter| same(parameter.name));
        let value = parameter.map_or(Value::Null, |it| of_parameter(contract, it.value));
        literal(&argument.ty, &value)
    });
    samples.collect()
}

/// The sample for the body of a request: an example in a file, an example in the contract, or the smallest
/// value that its schema allows.
fn body(contract: &Contract, operation: Option<&Operation<'_>>, ty: &Type) -> TokenStream {
    let found = operation.and_then(|it| contract.resolve_value(it.value.get("requestBody")?));
    let content = found.and_then(|body| body["content"].as_object());
    let media = content.and_then(|all| all.get_key_value("application/json").or(all.iter().next()));
    let (name, media) = media.map_or(("", &Value::Null), |(name, media)| (name.as_str(), media));
    let elem = match ty {
        Type::Reference(reference) => &*reference.elem,
        other => other,
    };
    if path_of(elem).is_none_or(|(name, _)| name != "Document") {
        return literal(ty, &of_media(contract, media));
    }
    let text = if let Some(name) = file(contract, media) {
        quote!(example(#name))
    } else {
        of_media(contract, media).to_string().into_token_stream()
    };
    // What is sent as JSON is sent as it is written; its models, and no others, have the limits of a request.
    if name == "application/json" {
        return quote!(&Document::parse(#text.into()).expect(UNREAD));
    }
    quote!(&Document::new(::serde_json::from_slice(#text.as_ref()).expect(UNREAD)).expect(UNREAD))
}

/// The file of the first example, if it is in one beside the contract.
fn file<'a>(contract: &'a Contract, media: &'a Value) -> Option<&'a str> {
    if media.get("example").is_some() {
        return None;
    }
    let (_, first) = media["examples"].as_object()?.iter().next()?;
    let name = contract.resolve_value(first)?["externalValue"].as_str()?;
    examples::is_beside(name).then_some(name)
}

/// The example of a media type, or a value of its schema.
fn of_media(contract: &Contract, media: &Value) -> Value {
    shown(contract, media).unwrap_or_else(|| sample(contract, &media["schema"], 0))
}

/// The example of a parameter, or a value of its schema.
fn of_parameter(contract: &Contract, parameter: &Value) -> Value {
    let media = || parameter["content"].as_object()?.values().next();
    match (shown(contract, parameter), media()) {
        (Some(value), _) => value,
        (None, Some(media)) => of_media(contract, media),
        (None, None) => sample(contract, &parameter["schema"], 0),
    }
}

/// The first example that stands beside a schema.
fn shown(contract: &Contract, holder: &Value) -> Option<Value> {
    let first = || {
        let (_, first) = holder["examples"].as_object()?.iter().next()?;
        contract.resolve_value(first)?.get("value")
    };
    holder.get("example").or_else(first).cloned()
}

/// A value of a schema, as small as it can be: required members alone, and one element where the whole is a
/// list.
fn sample(contract: &Contract, schema: &Value, depth: usize) -> Value {
    let Some(schema) = contract.resolve_value(schema).filter(|_| depth < DEPTH) else {
        return Value::Null;
    };
    let listed = schema["enum"].as_array().and_then(|values| values.first());
    let told = schema.get("example").or(schema.get("default")).or(listed);
    if let Some(value) = told.filter(|value| !value.is_null()) {
        return value.clone();
    }
    let mut members = Map::new();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        match sample(contract, part, depth + 1) {
            Value::Object(more) => members.extend(more),
            other if schema.get("properties").is_none() => return other,
            _ => {}
        }
    }
    let first = |keyword: &str| schema[keyword].as_array().and_then(|all| all.first());
    if let Some(alternative) = first("oneOf").or_else(|| first("anyOf")) {
        match sample(contract, alternative, depth + 1) {
            Value::Object(more) => members.extend(more),
            other => return other,
        }
    }
    match schema["type"].as_str() {
        Some("string") => json!(match schema["format"].as_str() {
            Some("uuid") => "aaaa0000-bb11-2222-33cc-444444dddddd",
            Some("date") => "2000-01-02",
            Some("date-time") => "2000-01-02T03:04:05Z",
            _ => TEXT,
        }),
        Some("integer") => json!(schema["minimum"].as_i64().unwrap_or(1)),
        Some("number") => json!(schema["minimum"].as_f64().unwrap_or(1.5)),
        Some("boolean") => json!(true),
        Some("array") if depth > 0 => json!([]),
        Some("array") => json!([sample(contract, &schema["items"], depth + 1)]),
        None if members.is_empty() && schema.get("properties").is_none() => Value::Null,
        _ => {
            for name in
                schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str)
            {
                let value = sample(contract, &schema["properties"][name], depth + 1);
                members.entry(name).or_insert(value);
            }
            Value::Object(members)
        }
    }
}

/// An expression of the type with that value, or with another if the type cannot have it.
fn literal(ty: &Type, value: &Value) -> TokenStream {
    let text = || match value {
        Value::Null => TEXT.to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if let Type::Reference(reference) = ty {
        return match path_of(&reference.elem).map(|(name, _)| name) {
            Some(name) if name == "str" => text().into_token_stream(),
            Some(name) if name == "Uuid" => quote!(&ID),
            _ => {
                let read = read(value);
                quote!(&#read)
            }
        };
    }
    let Some((name, path)) = path_of(ty) else { return read(value) };
    match name.as_str() {
        "Option" => {
            let inner = path.path.segments.last().and_then(argument);
            let inner = inner.map_or_else(|| read(value), |inner| literal(inner, value));
            quote!(Some(#inner))
        }
        "String" => {
            let text = text();
            quote!(#text.to_owned())
        }
        "Uuid" => quote!(ID),
        "bool" => value.as_bool().unwrap_or(true).into_token_stream(),
        "i64" => {
            proc_macro2::Literal::i64_unsuffixed(value.as_i64().unwrap_or(1)).into_token_stream()
        }
        "f64" => value.as_f64().unwrap_or(1.5).into_token_stream(),
        _ => read(value),
    }
}

/// Reads the value as whatever type is asked for.
fn read(value: &Value) -> TokenStream {
    let json = if value.is_null() { json!(TEXT) } else { value.clone() }.to_string();
    quote!(::serde_json::from_str(#json).expect(UNREAD))
}

/// The last name of a path, and the path.
fn path_of(ty: &Type) -> Option<(String, &TypePath)> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|it| (it.ident.to_string(), path)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTRACT: &str = "
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a/{id}/{name}:
    parameters:
    - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
    put:
      operationId: putA
      parameters:
      - {name: name, in: path, required: true, schema: {type: string}}
      - {name: type, in: query, example: wide, schema: {type: string}}
      - {name: page-size, in: query, schema: {type: integer, minimum: 5}}
      - {name: ids, in: query, schema: {type: array, items: {type: string, enum: [x, y]}}}
      - {name: X-Dry-Run, in: header, schema: {type: boolean}}
      - {name: X-Ratio, in: header, examples: {half: {value: 0.5}}, schema: {type: number}}
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}
      responses: {'204': {description: done}}
  /b:
    post:
      operationId: postB
      requestBody:
        content:
          application/json:
            examples: {first: {$ref: '#/components/examples/B'}}
            schema: {$ref: '#/components/schemas/A'}
      responses: {'204': {description: done}}
components:
  examples:
    B: {externalValue: examples/b.json}
  schemas:
    A:
      type: object
      required: [kind, parts, of, self]
      properties:
        kind: {type: string, enum: [small, large]}
        note: {type: string}
        parts: {type: array, items: {$ref: '#/components/schemas/A'}}
        of: {allOf: [{$ref: '#/components/schemas/C'}]}
        self: {nullable: true, allOf: [{$ref: '#/components/schemas/C'}]}
    C: {type: object, required: [count], properties: {count: {type: integer}}}
";

    /// The calls of a client with these methods, without blanks.
    #[track_caller]
    fn assert_calls(methods: &str, expected: &[&str]) {
        let contract = openapi_lint::grammar::parse("test.yaml", CONTRACT).expect("a contract");
        let config = Config { package: "the-client".into(), ..Config::default() };
        let source = source(&config, &contract, &format!("impl Client {{ {methods} }}"));
        let dense = |text: &str| text.split_whitespace().collect::<String>().replace(",)", ")");
        for call in expected {
            assert!(dense(&source).contains(&dense(call)), "no {call} in {source}");
        }
    }

    #[test]
    fn arguments_are_samples_of_the_contract() {
        assert_calls(
            "async fn put_a<'a>(&'a self, id: &'a ::uuid::Uuid, name: &'a str, type_: Option<&'a str>,
             page_size: Option<i64>, ids: Option<&'a ::std::vec::Vec<String>>, x_dry_run: Option<bool>,
             x_ratio: Option<f64>, body: &'a Document<types::A>) {}",
            &[r#"client.put_a(
                &ID, "a b/c", Some("wide"), Some(5),
                Some(&::serde_json::from_str("[\"x\"]").expect(UNREAD)), Some(true), Some(0.5f64),
                &Document::parse(
                    "{\"kind\":\"small\",\"parts\":[],\"of\":{\"count\":1},\"self\":{\"count\":1}}".into(),
                ).expect(UNREAD)
            ).await"#],
        );
        assert_calls(
            "async fn post_b<'a>(&'a self, body: &'a Document<types::A>) {}",
            &[
                r#"client.post_b(&Document::parse(example("examples/b.json").into()).expect(UNREAD)).await"#,
            ],
        );
    }

    #[test]
    fn other_types_are_read_or_are_bytes() {
        assert_calls(
            "async fn put_a<'a>(&'a self, id: &'a types::Id, x_ratio: ::std::num::NonZeroU32) {}
             async fn post_b<'a, B: Into<reqwest::Body>>(&'a self, body: B) {}
             async fn unknown<'a>(&'a self, body: String, other: &'a str) {}",
            &[
                r#"client.put_a(
                    &::serde_json::from_str("\"aaaa0000-bb11-2222-33cc-444444dddddd\"").expect(UNREAD),
                    ::serde_json::from_str("0.5").expect(UNREAD)
                ).await"#,
                r#"client.post_b("a b/c").await"#,
                r#"client.unknown("a b/c".to_owned(), "a b/c").await"#,
            ],
        );
    }
}
