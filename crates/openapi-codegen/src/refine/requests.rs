//! What a method does to make its request, without what no service asks for.

use quote::quote;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Expr, ExprMethodCall, Field, FieldValue, File, FnArg, Ident, ImplItem, ImplItemFn, Item,
    ItemStruct, Lit, LitInt, Macro, Pat, Stmt, Token, Type, parse_quote,
};

use super::{client_impls, is_named, model};
use crate::models::Models;

/// What progenitor calls the headers of a request.
const HEADERS: &str = "header_map";

/// A request has the headers that the contract names, and no other.
///
/// *Works around*: progenitor sends the version of the contract as `api-version`, which no service asked for. *Can
/// go* when it can be told not to.
pub(super) fn documented_headers(file: &mut File, _: &Models) {
    let version: Stmt = parse_quote! {
        header_map.append(
            ::reqwest::header::HeaderName::from_static("api-version"),
            ::reqwest::header::HeaderValue::from_static(Self::api_version()),
        );
    };
    for method in methods(file) {
        let statements = &mut method.block.stmts;
        let present = statements.len();
        statements.retain(|statement| *statement != version);
        if statements.len() == present {
            continue;
        }
        let mut uses = Uses(0);
        uses.visit_block_mut(&mut method.block);
        // Where they are made, and where they are given to the request.
        if uses.0 == 2 {
            method.block.stmts.retain(|statement| !makes_headers(statement));
            NoHeaders.visit_block_mut(&mut method.block);
        } else {
            OneLess.visit_block_mut(&mut method.block);
        }
    }
}

/// How often the headers are named.
struct Uses(usize);

impl VisitMut for Uses {
    fn visit_ident_mut(&mut self, name: &mut Ident) {
        self.0 += usize::from(name == HEADERS);
    }
}

/// Whether a statement is `let mut header_map = …`.
fn makes_headers(statement: &Stmt) -> bool {
    let Stmt::Local(local) = statement else { return false };
    matches!(&local.pat, Pat::Ident(name) if name.ident == HEADERS)
}

/// Takes `.headers(header_map)` out of what makes the request.
struct NoHeaders;

impl VisitMut for NoHeaders {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        if let Expr::MethodCall(call) = expression
            && call.method == "headers"
            && matches!(call.args.first(), Some(Expr::Path(path)) if path.path.is_ident(HEADERS))
        {
            *expression = (*call.receiver).clone();
        }
    }
}

/// Makes room for one header less.
struct OneLess;

impl VisitMut for OneLess {
    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        if !matches!(&local.pat, Pat::Ident(name) if name.ident == HEADERS) {
            return;
        }
        if let Some(made) = &mut local.init
            && let Expr::Call(call) = &mut *made.expr
            && let Some(Expr::Lit(room)) = call.args.first_mut()
            && let Lit::Int(number) = &mut room.lit
            && let Ok(count) = number.base10_parse::<usize>()
        {
            let less = format!("{}usize", count.saturating_sub(1));
            *number = LitInt::new(&less, number.span());
        }
    }
}

/// A UUID is written into the path as it is: it holds no character that is reserved there.
///
/// *Works around*: progenitor makes a text of every argument and looks at each character of it. *Can go* when it
/// knows which types need that.
pub(super) fn plain_uuids(file: &mut File, _: &Models) {
    for method in methods(file) {
        let arguments = method.sig.inputs.iter().filter_map(uuid).cloned().collect();
        Paths(arguments).visit_block_mut(&mut method.block);
    }
}

/// The name of an argument that is a reference to a UUID.
fn uuid(argument: &FnArg) -> Option<&Ident> {
    let FnArg::Typed(argument) = argument else { return None };
    let (Pat::Ident(name), Type::Reference(ty)) = (&*argument.pat, &*argument.ty) else {
        return None;
    };
    (is_named(&ty.elem, "Uuid") && model(&ty.elem).is_none()).then_some(&name.ident)
}

/// Writes the arguments of these names without a detour.
struct Paths(Vec<Ident>);

impl VisitMut for Paths {
    fn visit_macro_mut(&mut self, call: &mut Macro) {
        let parse = Punctuated::<Expr, Token![,]>::parse_terminated;
        let Ok(mut arguments) = call.parse_body_with(parse) else { return };
        let mut any = false;
        for argument in &mut arguments {
            for name in &self.0 {
                if *argument == parse_quote!(encode_path(&#name.to_string())) {
                    *argument = parse_quote!(#name);
                    any = true;
                }
            }
        }
        if any {
            call.tokens = quote!(#arguments);
        }
    }
}

/// The JSON of a document is sent as it is.
///
/// *Works around*: progenitor has a body written by serde, which reads the text of a document to see that it is JSON
/// and copies it. *Can go* with the pass `documents`.
pub(super) fn bodies_as_they_are(file: &mut File, _: &Models) {
    struct Bodies;
    impl VisitMut for Bodies {
        fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
            visit_mut::visit_expr_method_call_mut(self, call);
            if call.method == "json" && call.args.first() == Some(&parse_quote!(&body)) {
                let request = &call.receiver;
                *call = parse_quote! {
                    #request
                        .header(
                            ::reqwest::header::CONTENT_TYPE,
                            ::reqwest::header::HeaderValue::from_static("application/json"),
                        )
                        .body(body.to_body())
                };
            }
        }
    }
    for method in methods(file) {
        Bodies.visit_block_mut(&mut method.block);
    }
}

/// The clients for the calls of one client share the text of its address.
///
/// *Works around*: progenitor keeps it as a `String`, which is copied for each call that has a context of its own.
/// *Can go* when a context can be given to a call.
pub(super) fn shared_address(file: &mut File, _: &Models) {
    struct Address;
    impl VisitMut for Address {
        fn visit_item_struct_mut(&mut self, item: &mut ItemStruct) {
            let is_it = |field: &&mut Field| field.ident.as_ref().is_some_and(|it| it == "baseurl");
            for field in item.fields.iter_mut().filter(is_it) {
                field.ty = parse_quote!(::std::sync::Arc<str>);
            }
        }

        fn visit_field_value_mut(&mut self, field: &mut FieldValue) {
            if field.expr == parse_quote!(baseurl.to_string()) {
                field.expr = parse_quote!(baseurl.into());
            }
        }

        fn visit_expr_mut(&mut self, expression: &mut Expr) {
            visit_mut::visit_expr_mut(self, expression);
            if *expression == parse_quote!(self.baseurl.as_str()) {
                *expression = parse_quote!(&self.baseurl);
            }
        }
    }
    let of_client = |item: &&mut Item| match item {
        Item::Struct(item) => item.ident == "Client",
        Item::Impl(block) => is_named(&block.self_ty, "Client"),
        _ => false,
    };
    for item in file.items.iter_mut().filter(of_client) {
        Address.visit_item_mut(item);
    }
}

/// The methods of the client that call operations.
fn methods(file: &mut File) -> impl Iterator<Item = &mut ImplItemFn> {
    client_impls(file).flat_map(|block| &mut block.items).filter_map(|item| match item {
        ImplItem::Fn(method) if method.sig.asyncness.is_some() => Some(method),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::refines;
    use super::*;

    #[test]
    fn only_the_headers_of_the_contract_are_sent() {
        refines(
            documented_headers,
            &Models::default(),
            parse_quote! {
                impl Client {
                    async fn none(&self) {
                        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
                        header_map.append(
                            ::reqwest::header::HeaderName::from_static("api-version"),
                            ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                        );
                        let mut request =
                            self.client.get(url).header(ACCEPT, json).headers(header_map).build()?;
                    }
                    async fn of_the_contract(&self, version: &str, other: Option<&str>) {
                        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(3usize);
                        header_map.append(
                            ::reqwest::header::HeaderName::from_static("api-version"),
                            ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                        );
                        header_map.append("api-version", version.to_string().try_into()?);
                        if let Some(value) = other {
                            header_map.append("other", value.to_string().try_into()?);
                        }
                        let mut request = self.client.get(url).headers(header_map).build()?;
                    }
                    async fn optional(&self, other: Option<&str>) {
                        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
                        header_map.append(
                            ::reqwest::header::HeaderName::from_static("api-version"),
                            ::reqwest::header::HeaderValue::from_static(Self::api_version()),
                        );
                        if let Some(value) = other {
                            header_map.append("other", value.to_string().try_into()?);
                        }
                        let mut request = self.client.get(url).headers(header_map).build()?;
                    }
                }
            },
            &parse_quote! {
                impl Client {
                    async fn none(&self) {
                        let mut request = self.client.get(url).header(ACCEPT, json).build()?;
                    }
                    async fn of_the_contract(&self, version: &str, other: Option<&str>) {
                        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
                        header_map.append("api-version", version.to_string().try_into()?);
                        if let Some(value) = other {
                            header_map.append("other", value.to_string().try_into()?);
                        }
                        let mut request = self.client.get(url).headers(header_map).build()?;
                    }
                    async fn optional(&self, other: Option<&str>) {
                        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(1usize);
                        if let Some(value) = other {
                            header_map.append("other", value.to_string().try_into()?);
                        }
                        let mut request = self.client.get(url).headers(header_map).build()?;
                    }
                }
            },
        );
    }

    #[test]
    fn a_uuid_is_written_into_the_path_as_it_is() {
        refines(
            plain_uuids,
            &Models::default(),
            parse_quote! {
                impl Client {
                    async fn get<'a>(&'a self, id: &'a ::uuid::Uuid, name: &'a str, of: &'a types::Uuids) {
                        let url = format!(
                            "{}/a/{}/{}/{}", self.baseurl, encode_path(&id.to_string()),
                            encode_path(&name.to_string()), encode_path(&of.to_string()),
                        );
                    }
                    async fn named<'a>(&'a self, id: &'a types::Uuid) {
                        let url = format!("{}/a/{}", self.baseurl, encode_path(&id.to_string()),);
                    }
                }
            },
            &parse_quote! {
                impl Client {
                    async fn get<'a>(&'a self, id: &'a ::uuid::Uuid, name: &'a str, of: &'a types::Uuids) {
                        let url = format!(
                            "{}/a/{}/{}/{}", self.baseurl, id,
                            encode_path(&name.to_string()), encode_path(&of.to_string()),
                        );
                    }
                    async fn named<'a>(&'a self, id: &'a types::Uuid) {
                        let url = format!("{}/a/{}", self.baseurl, encode_path(&id.to_string()),);
                    }
                }
            },
        );
    }

    #[test]
    fn the_text_of_a_document_is_the_body() {
        refines(
            bodies_as_they_are,
            &Models::default(),
            parse_quote! {
                impl Client {
                    async fn put<'a>(&'a self, body: &'a Document<types::A>) {
                        let mut request =
                            self.client.put(url).json(&body).headers(header_map).build()?;
                    }
                    async fn form<'a>(&'a self, body: &'a types::A) {
                        let mut request = self.client.put(url).form_urlencoded(&body)?.build()?;
                    }
                    async fn raw(&self, body: B) {
                        let mut request = self.client.put(url).body(body).build()?;
                    }
                }
            },
            &parse_quote! {
                impl Client {
                    async fn put<'a>(&'a self, body: &'a Document<types::A>) {
                        let mut request = self.client.put(url)
                            .header(
                                ::reqwest::header::CONTENT_TYPE,
                                ::reqwest::header::HeaderValue::from_static("application/json"),
                            )
                            .body(body.to_body())
                            .headers(header_map)
                            .build()?;
                    }
                    async fn form<'a>(&'a self, body: &'a types::A) {
                        let mut request = self.client.put(url).form_urlencoded(&body)?.build()?;
                    }
                    async fn raw(&self, body: B) {
                        let mut request = self.client.put(url).body(body).build()?;
                    }
                }
            },
        );
    }

    #[test]
    fn clients_share_their_address() {
        refines(
            shared_address,
            &Models::default(),
            parse_quote! {
                mod types { struct Client { baseurl: String } }
                pub struct Client { pub(crate) baseurl: String, pub(crate) inner: crate::Context }
                impl Client {
                    pub fn new_with_client(baseurl: &str, inner: crate::Context) -> Self {
                        Self { baseurl: baseurl.to_string(), inner }
                    }
                }
                impl ClientInfo<crate::Context> for Client {
                    fn baseurl(&self) -> &str { self.baseurl.as_str() }
                }
            },
            &parse_quote! {
                mod types { struct Client { baseurl: String } }
                pub struct Client { pub(crate) baseurl: ::std::sync::Arc<str>, pub(crate) inner: crate::Context }
                impl Client {
                    pub fn new_with_client(baseurl: &str, inner: crate::Context) -> Self {
                        Self { baseurl: baseurl.into(), inner }
                    }
                }
                impl ClientInfo<crate::Context> for Client {
                    fn baseurl(&self) -> &str { &self.baseurl }
                }
            },
        );
    }
}
