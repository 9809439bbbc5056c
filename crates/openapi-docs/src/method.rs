//! The methods of the generated client, read from its text: the page shows what is there, not what
//! might have been generated.

use std::collections::BTreeMap;

use openapi_document::fold;
use quote::ToTokens;
use serde_json::Value;
use syn::{FnArg, GenericArgument, ImplItem, Item, Pat, PathArguments, Signature, Type};

/// The methods of a client, by the operation that each calls.
#[derive(Default)]
pub struct Methods(BTreeMap<String, Method>);

/// A method of the generated client.
pub(crate) struct Method {
    name: String,
    arguments: Vec<(String, Type)>,
    /// The signature as rustfmt would have it.
    pub(crate) signature: String,
}

impl Methods {
    /// The methods in the text of a generated client; none if it is no Rust.
    #[must_use]
    pub fn of(client: &str) -> Self {
        let Ok(file) = syn::parse_file(client) else { return Self::default() };
        let blocks = file.items.into_iter().filter_map(|item| match item {
            Item::Impl(block) if block.trait_.is_none() => Some(block),
            _ => None,
        });
        let methods = blocks.flat_map(|block| block.items).filter_map(|item| match item {
            ImplItem::Fn(method) if method.sig.asyncness.is_some() => {
                let name = method.sig.ident.to_string();
                Some((fold(&name), Method::of(name, &method.vis, &method.sig)))
            }
            _ => None,
        });
        Self(methods.collect())
    }

    /// The method that calls the operation of this id.
    pub(crate) fn get(&self, operation_id: &str) -> Option<&Method> {
        self.0.get(&fold(operation_id))
    }
}

impl Method {
    fn of(name: String, visibility: &syn::Visibility, signature: &Signature) -> Self {
        let arguments = signature.inputs.iter().filter_map(|argument| match argument {
            FnArg::Typed(typed) => match &*typed.pat {
                Pat::Ident(name) => Some((name.ident.to_string(), (*typed.ty).clone())),
                _ => None,
            },
            FnArg::Receiver(_) => None,
        });
        let arguments = arguments.collect();
        let text = prettyplease::unparse(&syn::parse_quote!(#visibility #signature {}));
        let signature = text.trim_end().trim_end_matches("{}").trim_end().to_owned();
        Self { name, arguments, signature }
    }

    /// Whether a parameter of this name is an argument.
    pub(crate) fn takes(&self, parameter: &str) -> bool {
        self.arguments.iter().any(|(name, _)| fold(name) == fold(parameter))
    }

    /// A call of it, with the examples of the contract where `example` knows one of the parameter.
    pub(crate) fn call(&self, example: &dyn Fn(&str) -> Option<Value>) -> String {
        let body = self.arguments.iter().find(|(name, _)| name == "body");
        let read = body.map(|(_, ty)| {
            let ty = referent(ty).to_token_stream().to_string().replace(' ', "");
            match ty.strip_prefix("Document<").and_then(|model| model.strip_suffix('>')) {
                Some(model) => format!("let body = Document::<{model}>::parse(json)?;\n"),
                None => String::new(),
            }
        });
        let arguments: Vec<_> = self
            .arguments
            .iter()
            .map(|(name, ty)| argument(name, ty, example(&fold(name)).as_ref()))
            .collect();
        let list = match &arguments[..] {
            [] => String::new(),
            [only] if only.len() < 40 => only.clone(),
            several => several.iter().fold("\n".to_owned(), |list, a| list + "    " + a + ",\n"),
        };
        format!("{}let answer = client.{}({list}).await?;", read.unwrap_or_default(), self.name)
    }
}

/// What is passed for an argument: the example as the type takes it, or a variable of its name.
fn argument(name: &str, ty: &Type, example: Option<&Value>) -> String {
    if let Some(inner) = optional(ty) {
        return format!("Some({})", argument(name, inner, example));
    }
    let text = matches!(referent(ty), Type::Path(path) if path.path.is_ident("str"));
    let reference = matches!(ty, Type::Reference(_)) && !text;
    let value = match example {
        Some(Value::String(example)) if text => format!("{example:?}"),
        Some(Value::String(example)) => format!("{example:?}.parse()?"),
        Some(Value::Number(example)) if !text => example.to_string(),
        Some(Value::Bool(example)) if !text => example.to_string(),
        _ => name.to_owned(),
    };
    if reference { format!("&{value}") } else { value }
}

/// `T` of `&T`, everything else as it is.
fn referent(ty: &Type) -> &Type {
    if let Type::Reference(reference) = ty { &reference.elem } else { ty }
}

/// `T` of `Option<T>`.
fn optional(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: &str = "
impl Client {
    pub async fn put_a<'a>(
        &'a self, id: &'a ::uuid::Uuid, limit: Option<i32>, if_match: &'a str,
        body: &'a Document<types::A>,
    ) -> Result<(), Error> { todo!() }
    pub fn other(&self) {}
}
";

    #[test]
    fn a_call_has_the_arguments_of_the_method() {
        let methods = Methods::of(CLIENT);
        let method = methods.get("putA").expect("a method");
        assert!(method.signature.starts_with("pub async fn put_a<'a>(\n    &'a self,\n"));
        assert!(method.signature.ends_with("-> Result<(), Error>"), "{}", method.signature);
        let call = method.call(&|name| match name {
            "id" => Some("0-1".into()),
            "ifmatch" => Some("\"1\"".into()),
            _ => None,
        });
        assert_eq!(
            call,
            "let body = Document::<types::A>::parse(json)?;\n\
             let answer = client.put_a(\n    &\"0-1\".parse()?,\n    Some(limit),\n    \
             \"\\\"1\\\"\",\n    &body,\n).await?;"
        );
        assert!(methods.get("other").is_none() && Methods::of("}").get("a").is_none());
    }
}
