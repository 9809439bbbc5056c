//! From what progenitor 0.15.1 generates to what people read and call: syntax tree to syntax tree.
//!
//! Each pass is a pure function that works around one limit. None of them changes what a model
//! looks like on the wire.

mod docs;
mod private;
mod requests;
mod unions;

use openapi_document::fold;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Expr, Field, File, FnArg, Ident, ImplItem, Item, ItemImpl, ItemMod, ItemStruct,
    Meta, Pat,
};
use syn::{GenericArgument, PathArguments, Type, parse_quote};

use crate::models::{Models, Shape};

/// A named pass. It may look at the models that the contract has.
pub type Pass = (&'static str, fn(&mut File, &Models));

/// The passes, in the order they run.
pub const PASSES: [Pass; 18] = [
    ("no-panicking-constructor", no_panicking_constructor),
    ("documents", documents),
    ("documented-headers", requests::documented_headers),
    ("plain-uuids", requests::plain_uuids),
    ("bodies-as-they-are", requests::bodies_as_they_are),
    ("shared-address", requests::shared_address),
    ("unions", unions::unions),
    ("absent-members", absent_members),
    ("unicode-patterns", unicode_patterns),
    ("pascal-case", pascal_case),
    ("defaults", defaults),
    ("non-exhaustive", non_exhaustive),
    ("private-debug", private::private_debug),
    ("json-schema", json_schema),
    ("deprecations", deprecations),
    ("member-docs", docs::member_docs),
    ("argument-docs", docs::argument_docs),
    ("line-docs", docs::line_docs),
];

/// Those that are for services of a certain kind, and run if they are asked for.
pub const OPTIONAL: [&str; 2] = ["pascal-case", "private-debug"];

/// There is no `Client::new`: a client is made with a `reqwest::Client` of the caller's.
///
/// *Works around*: the generated constructor unwraps the result of building a `reqwest::Client` and
/// gives it timeouts and a redirect policy of its own choice. *Can go* when it returns a `Result`.
pub fn no_panicking_constructor(file: &mut File, _: &Models) {
    for block in client_impls(file) {
        block
            .items
            .retain(|item| !matches!(item, ImplItem::Fn(method) if method.sig.ident == "new" && method.sig.asyncness.is_none()));
    }
}

/// What is read and written is a `Document`: the model together with the JSON it was read from.
///
/// *Works around*: progenitor parses a body straight into the model, so that whatever the model
/// does not hold (order, nulls, numbers as written) is gone before anyone sees it; a byte order
/// mark makes it unreadable; and the headers are copied on the way. *Can go* when the generated
/// code hands out the bytes of a body beside the model.
pub fn documents(file: &mut File, _: &Models) {
    struct Wrap {
        /// Whether the method sends a form, which is written from the model.
        form: bool,
    }
    impl VisitMut for Wrap {
        fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
            self.form |= call.method == "form_urlencoded";
            visit_mut::visit_expr_method_call_mut(self, call);
        }

        fn visit_fn_arg_mut(&mut self, argument: &mut FnArg) {
            let FnArg::Typed(argument) = argument else { return };
            if self.form || !matches!(&*argument.pat, Pat::Ident(name) if name.ident == "body") {
                return;
            }
            // What may be null is `Option<&T>`.
            if let Some(Type::Reference(inner)) = argument_of(&argument.ty, "Option") {
                let (lifetime, model) = (&inner.lifetime, &inner.elem);
                let body = parse_quote!(&#lifetime Document<::std::option::Option<#model>>);
                *argument.ty = body;
            } else if let Type::Reference(reference) = &mut *argument.ty {
                let model = &reference.elem;
                *reference.elem = parse_quote!(Document<#model>);
            }
        }

        fn visit_path_segment_mut(&mut self, segment: &mut syn::PathSegment) {
            visit_mut::visit_path_segment_mut(self, segment);
            let PathArguments::AngleBracketed(arguments) = &mut segment.arguments else { return };
            if segment.ident == "ResponseValue"
                && let Some(GenericArgument::Type(ty)) = arguments.args.first_mut()
                && !matches!(ty, Type::Tuple(_))
                && (!is_named(ty, "ByteStream") || model(ty).is_some())
            {
                *ty = parse_quote!(Document<#ty>);
            }
        }

        fn visit_expr_path_mut(&mut self, path: &mut syn::ExprPath) {
            let segments = path.path.segments.iter().map(|segment| &segment.ident);
            if segments.eq(&["ResponseValue", "from_response"]) {
                path.path = parse_quote!(Document::from_response);
            }
        }
    }
    for block in client_impls(file) {
        for item in &mut block.items {
            let ImplItem::Fn(method) = item else { continue };
            let mut wrap = Wrap { form: false };
            wrap.visit_block_mut(&mut method.block);
            wrap.visit_signature_mut(&mut method.sig);
        }
    }
    file.items.insert(
        0,
        parse_quote!(
            use crate::document::Document;
        ),
    );
}

/// The pattern of a parameter is read with the flag `u`, as those of bodies are.
///
/// *Works around*: typify compiles a pattern without flags, so that `\p{L}` means `p{L}`. *Can go* when it sets the flag.
pub fn unicode_patterns(file: &mut File, models: &Models) {
    struct Flag;
    impl VisitMut for Flag {
        fn visit_expr_call_mut(&mut self, call: &mut syn::ExprCall) {
            visit_mut::visit_expr_call_mut(self, call);
            let Expr::Path(function) = &mut *call.func else { return };
            let names: Vec<_> =
                function.path.segments.iter().map(|it| it.ident.to_string()).collect();
            if names == ["regress", "Regex", "new"] {
                function.path = parse_quote!(::regress::Regex::with_flags);
                call.args.push(parse_quote!("u"));
            }
        }
    }
    let strict = |block: &ItemImpl| {
        let name = last_segment(&block.self_ty).map(|last| last.ident.to_string());
        let model = name.and_then(|name| models.types.get(&name));
        model.is_some_and(|model| matches!(model.shape, Shape::Strict(_)))
    };
    for item in types_mut(file) {
        if let Item::Impl(block) = item
            && strict(block)
        {
            Flag.visit_item_impl_mut(block);
        }
    }
}

/// A member that is absent is not written.
///
/// *Works around*: typify puts an optional member that holds its own type in a box with `None`, and writes `null`
/// for it. *Can go* when it puts the box in the option.
pub fn absent_members(file: &mut File, models: &Models) {
    for item in types_mut(file) {
        let Item::Struct(item) = item else { continue };
        let Some(Shape::Object(object)) =
            models.types.get(&item.ident.to_string()).map(|model| &model.shape)
        else {
            continue;
        };
        for field in &mut item.fields {
            let boxed =
                argument_of(&field.ty, "Box").and_then(|inner| argument_of(inner, "Option"));
            if let Some(boxed) = boxed
                && let Some(member) = wire_name(field).and_then(|name| object.members.get(&name))
                && !member.required
            {
                field.ty = parse_quote!(::std::option::Option<::std::boxed::Box<#boxed>>);
                field.attrs.push(parse_quote! {
                    #[serde(skip_serializing_if = "::std::option::Option::is_none")]
                });
            }
        }
    }
}

/// The `T` of a type that is `name<T>`.
pub(crate) fn argument_of<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    argument(last_segment(ty).filter(|segment| segment.ident == name)?)
}

/// The name of the model that a type is: that of `types::Name`.
pub(crate) fn model(ty: &Type) -> Option<&Ident> {
    let Type::Path(path) = ty else { return None };
    let segments = &path.path.segments;
    let [module, name] = [segments.first()?, segments.last()?];
    (segments.len() == 2 && module.ident == "types").then_some(&name.ident)
}

/// The first type that is an argument of a generic one.
pub(crate) fn argument(segment: &syn::PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// A member is read by its PascalCase name as well.
///
/// *Works around*: the service binds names without regard to case, and the documentation shows a
/// response in PascalCase; neither OpenAPI nor serde can say that. *Can go* with serde-rs/serde#586.
pub fn pascal_case(file: &mut File, _: &Models) {
    for field in fields_mut(file) {
        let Some(name) = wire_name(field) else { continue };
        let mut letters = name.chars();
        let Some(first) = letters.next().filter(char::is_ascii_lowercase) else { continue };
        let alias = format!("{}{}", first.to_ascii_uppercase(), letters.as_str());
        field.attrs.push(parse_quote!(#[serde(alias = #alias)]));
    }
}

/// A model whose members are all optional has a `Default`.
///
/// *Works around*: typify writes no `Default` for a type that holds unknown members; it does for one
/// that allows none. *Can go* when it always does.
pub fn defaults(file: &mut File, _: &Models) {
    let present: Vec<_> = types_mut(file).filter_map(|item| default_of(item)).collect();
    for item in types_mut(file) {
        let Item::Struct(model) = item else { continue };
        let whole = model.fields.iter().all(|field| field.ident.is_some() && is_optional(field));
        if whole && !present.contains(&model.ident) && !derives(&model.attrs, "Default") {
            derive(&mut model.attrs, &parse_quote!(Default));
        }
    }
}

/// A model is `#[non_exhaustive]`: a new optional member or a new value is no breaking change for callers.
/// A model without a `Default` has a `new` that takes the required members.
///
/// *Works around*: typify writes structs and enums that anyone may write out and match, so that every
/// addition to the contract is a breaking change. *Can go* when it has a setting for that.
pub fn non_exhaustive(file: &mut File, _: &Models) {
    let with_default: Vec<_> = types_mut(file).filter_map(|item| default_of(item)).collect();
    let mark: Attribute = parse_quote!(#[non_exhaustive]);
    let Some(items) = types_of(file) else { return };
    let mut constructors = Vec::new();
    for item in items.iter_mut() {
        match item {
            Item::Struct(model) if model.fields.iter().all(|field| field.ident.is_some()) => {
                model.attrs.push(mark.clone());
                if !with_default.contains(&model.ident) && !derives(&model.attrs, "Default") {
                    constructors.push(constructor(model));
                }
            }
            Item::Enum(model) => model.attrs.push(mark.clone()),
            _ => {}
        }
    }
    items.extend(constructors);
}

/// `new`, which takes the required members.
fn constructor(model: &ItemStruct) -> Item {
    let name = &model.ident;
    let (optional, required): (Vec<_>, Vec<_>) = model.fields.iter().partition(|f| is_optional(f));
    let arguments = required.iter().map(|field| {
        let (name, ty) = (&field.ident, &field.ty);
        quote!(#name: #ty)
    });
    let (set, empty) = (required.iter().map(|f| &f.ident), optional.iter().map(|f| &f.ident));
    parse_quote! {
        impl #name {
            /// The model with its required members. Set the others by assignment.
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#set,)* #(#empty: ::std::default::Default::default(),)* }
            }
        }
    }
}

/// Whether a model is whole without the member.
fn is_optional(field: &Field) -> bool {
    is_named(&field.ty, "Option") || serde_name(&field.attrs).1
}

/// The type that `item` implements `Default` for.
fn default_of(item: &Item) -> Option<Ident> {
    let Item::Impl(block) = item else { return None };
    let (name, _) = block.trait_.as_ref()?;
    let default = name.segments.last().is_some_and(|segment| segment.ident == "Default");
    last_segment(&block.self_ty).filter(|_| default).map(|segment| segment.ident.clone())
}

/// Whether an item derives a trait of this name.
fn derives(attributes: &[Attribute], name: &str) -> bool {
    let lists = attributes.iter().filter(|attribute| attribute.path().is_ident("derive"));
    let paths = lists.filter_map(|list| {
        list.parse_args_with(Punctuated::<syn::Path, syn::Token![,]>::parse_terminated).ok()
    });
    paths.flatten().any(|path| path.segments.last().is_some_and(|segment| segment.ident == name))
}

/// Takes a trait from the derives of an item.
fn without_derive(attributes: &mut [Attribute], name: &str) {
    for attribute in attributes.iter_mut().filter(|it| it.path().is_ident("derive")) {
        let parse = Punctuated::<syn::Path, syn::Token![,]>::parse_terminated;
        let (Ok(paths), Meta::List(list)) = (attribute.parse_args_with(parse), &mut attribute.meta)
        else {
            continue;
        };
        let is_it = |path: &&syn::Path| path.segments.last().is_some_and(|last| last.ident == name);
        let others = paths.iter().filter(|path| !is_it(path));
        list.tokens = quote!(#(#others),*);
    }
}

/// Adds a trait to the derives of an item.
fn derive(attributes: &mut [Attribute], derived: &syn::Path) {
    let list = attributes.iter_mut().find(|attribute| attribute.path().is_ident("derive"));
    if let Some(Meta::List(list)) = list.map(|attribute| &mut attribute.meta) {
        let present = &list.tokens;
        list.tokens = quote!(#present, #derived);
    }
}

/// Every model has a `schemars::JsonSchema` (1.x) behind the feature `schemars`.
///
/// *Works around*: progenitor derives for every build or not at all, and is tied to schemars 0.8.
/// *Can go* when derives can be made conditional.
pub fn json_schema(file: &mut File, _: &Models) {
    let derived: Attribute =
        parse_quote!(#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]);
    for item in types_mut(file) {
        let attributes = match item {
            Item::Struct(model) => &mut model.attrs,
            Item::Enum(model) => &mut model.attrs,
            _ => continue,
        };
        attributes.push(derived.clone());
    }
}

/// What the contract marks as deprecated is `#[deprecated]`.
///
/// *Works around*: progenitor ignores the mark: a deprecated operation or member gives the same
/// code. *Can go* when it does not.
pub fn deprecations(file: &mut File, models: &Models) {
    let mark: Attribute = parse_quote!(#[deprecated(note = "deprecated by the service")]);
    for block in client_impls(file) {
        for item in &mut block.items {
            if let ImplItem::Fn(method) = item
                && models.deprecated.contains(&fold(&method.sig.ident.to_string()))
            {
                method.attrs.push(mark.clone());
            }
        }
    }
    for item in types_mut(file) {
        let Item::Struct(item) = item else { continue };
        let Some(model) = models.types.get(&item.ident.to_string()) else { continue };
        if model.deprecated {
            item.attrs.push(mark.clone());
        }
        let Shape::Object(object) = &model.shape else { continue };
        if !object.members.values().any(|member| member.deprecated) {
            continue;
        }
        for field in &mut item.fields {
            let member = wire_name(field).and_then(|name| object.members.get(&name));
            if member.is_some_and(|member| member.deprecated) {
                field.attrs.push(mark.clone());
            }
        }
    }
}

/// The inherent `impl Client` blocks.
fn client_impls(file: &mut File) -> impl Iterator<Item = &mut ItemImpl> {
    file.items.iter_mut().filter_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() && is_named(&block.self_ty, "Client") => {
            Some(block)
        }
        _ => None,
    })
}

/// How many operations the client has.
pub(super) fn operations(file: &mut File) -> usize {
    let items = client_impls(file).flat_map(|block| &block.items);
    items
        .filter(|item| matches!(item, ImplItem::Fn(method) if method.sig.asyncness.is_some()))
        .count()
}

/// The unknown members are kept in `extra_members` of a model that has a member `extra`.
///
/// *Works around*: typify keeps them in `extra`, whatever the members are called. *Can go* when it looks.
pub(super) fn unknown_members(file: &mut File) {
    for item in types_mut(file) {
        let Item::Struct(model) = item else { continue };
        let called_extra =
            |field: &&mut Field| field.ident.as_ref().is_some_and(|name| name == "extra");
        let mut fields: Vec<_> = model.fields.iter_mut().filter(called_extra).collect();
        if fields.len() > 1
            && let Some(field) = fields.iter_mut().find(|field| wire_name(field).is_none())
        {
            field.ident = Some(parse_quote!(extra_members));
        }
    }
}

/// Two members of one model that became one field: the model, and their names on the wire. The map of unknown
/// members has none.
pub(super) fn clashes(file: &mut File) -> Vec<(String, Option<String>, Option<String>)> {
    let mut found = Vec::new();
    for item in types_mut(file) {
        let Item::Struct(model) = item else { continue };
        let mut seen: Vec<&Field> = Vec::new();
        for field in &model.fields {
            match seen.iter().find(|other| field.ident.is_some() && other.ident == field.ident) {
                Some(other) => {
                    found.push((model.ident.to_string(), wire_name(field), wire_name(other)));
                }
                None => seen.push(field),
            }
        }
    }
    found
}

/// What is in `mod types`.
fn types_of(file: &mut File) -> Option<&mut Vec<Item>> {
    file.items.iter_mut().find_map(|item| match item {
        Item::Mod(ItemMod { ident, content: Some((_, items)), .. }) if ident == "types" => {
            Some(items)
        }
        _ => None,
    })
}

/// The items of `mod types`.
fn types_mut(file: &mut File) -> impl Iterator<Item = &mut Item> {
    types_of(file).into_iter().flatten()
}

/// The named fields of every struct in `mod types`.
fn fields_mut(file: &mut File) -> impl Iterator<Item = &mut Field> {
    types_mut(file)
        .filter_map(|item| match item {
            Item::Struct(model) => Some(model.fields.iter_mut()),
            _ => None,
        })
        .flatten()
        .filter(|field| field.ident.is_some())
}

/// The name of a member on the wire; `None` for the map of unknown members.
fn wire_name(field: &Field) -> Option<String> {
    let name = field.ident.as_ref()?.to_string();
    let (renamed, flatten) = serde_name(&field.attrs);
    let plain = || name.trim_start_matches("r#").to_owned();
    (!flatten).then(|| renamed.unwrap_or_else(plain))
}

/// The name that serde attributes give, and whether they spread out what is inside.
fn serde_name(attributes: &[Attribute]) -> (Option<String>, bool) {
    let (mut name, mut flatten) = (None, false);
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        // A serde attribute that this cannot read was not written by typify: it has no name for us.
        let _ = attribute.parse_nested_meta(|meta| {
            flatten |= meta.path.is_ident("flatten");
            if meta.path.is_ident("rename") {
                name = Some(meta.value()?.parse::<syn::LitStr>()?.value());
            } else if meta.input.peek(syn::Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            }
            Ok(())
        });
    }
    (name, flatten)
}

fn last_segment(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

fn is_named(ty: &Type, name: &str) -> bool {
    last_segment(ty).is_some_and(|segment| segment.ident == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The models of a contract.
    pub(super) fn models(text: &str) -> Models {
        let contract = openapi_lint::grammar::parse("test.yaml", text).expect("a contract");
        let (models, findings) = crate::models::models(&contract);
        assert_eq!(findings, []);
        models
    }

    /// What `pass` makes of `before`, printed, must be `after`, printed.
    #[track_caller]
    pub(super) fn refines(
        pass: fn(&mut File, &Models),
        models: &Models,
        mut before: File,
        after: &File,
    ) {
        assert_ne!(prettyplease::unparse(&before), prettyplease::unparse(after), "nothing to do");
        pass(&mut before, models);
        assert_eq!(prettyplease::unparse(&before), prettyplease::unparse(after));
    }

    #[test]
    fn a_member_extra_is_beside_the_unknown_ones() {
        refines(
            |file, _| unknown_members(file),
            &Models::default(),
            parse_quote! {
                pub mod types {
                    struct A { extra: String, #[serde(flatten)] extra: Map<String, Value> }
                    struct B { #[serde(flatten)] extra: Map<String, Value> }
                }
            },
            &parse_quote! {
                pub mod types {
                    struct A { extra: String, #[serde(flatten)] extra_members: Map<String, Value> }
                    struct B { #[serde(flatten)] extra: Map<String, Value> }
                }
            },
        );
    }

    #[test]
    fn the_panicking_constructor_goes() {
        refines(
            no_panicking_constructor,
            &Models::default(),
            parse_quote! {
                impl Client { pub fn new() -> Self { x.unwrap() } pub fn new_with_client() -> Self { y } }
                impl Other { pub fn new() -> Self { z } }
            },
            &parse_quote! {
                impl Client { pub fn new_with_client() -> Self { y } }
                impl Other { pub fn new() -> Self { z } }
            },
        );
    }

    #[test]
    fn models_are_read_and_written_as_documents() {
        refines(
            documents,
            &Models::default(),
            parse_quote! {
                impl Client {
                    async fn put<'a>(&'a self, id: &'a Uuid, body: &'a types::A)
                    -> Result<ResponseValue<types::A>, Error<ByteStream>> {
                        match x {
                            1 => ResponseValue::from_response(response).await,
                            _ => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                        }
                    }
                    async fn raw(&self) -> Result<ResponseValue<ByteStream>, Error<()>> {}
                    async fn none(&self) -> Result<ResponseValue<()>, Error<()>> {}
                    async fn named(&self) -> Result<ResponseValue<types::ByteStream>, Error<()>> {}
                    async fn null<'a>(&'a self, body: Option<&'a types::A>) {}
                }
            },
            &parse_quote! {
                use crate::document::Document;
                impl Client {
                    async fn put<'a>(&'a self, id: &'a Uuid, body: &'a Document<types::A>)
                    -> Result<ResponseValue<Document<types::A>>, Error<ByteStream>> {
                        match x {
                            1 => Document::from_response(response).await,
                            _ => Err(Error::ErrorResponse(ResponseValue::stream(response))),
                        }
                    }
                    async fn raw(&self) -> Result<ResponseValue<ByteStream>, Error<()>> {}
                    async fn none(&self) -> Result<ResponseValue<()>, Error<()>> {}
                    async fn named(&self) -> Result<ResponseValue<Document<types::ByteStream>>, Error<()>> {}
                    async fn null<'a>(&'a self, body: &'a Document<::std::option::Option<types::A>>) {}
                }
            },
        );
    }

    #[test]
    fn patterns_have_the_flag_u() {
        let contract = "
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a:
    get:
      operationId: getA
      parameters: [{name: p, in: query, schema: {$ref: '#/components/schemas/Letters'}}]
      responses: {'200': {description: ok}}
components:
  schemas:
    Letters: {type: string, pattern: '^\\p{L}+$'}
";
        refines(
            unicode_patterns,
            &models(contract),
            parse_quote! {
                mod types {
                    impl FromStr for Letters {
                        fn from_str() { LazyLock::new(|| { ::regress::Regex::new("a").unwrap() }) }
                    }
                    impl FromStr for Other { fn from_str() { ::regress::Regex::new("a") } }
                }
            },
            &parse_quote! {
                mod types {
                    impl FromStr for Letters {
                        fn from_str() { LazyLock::new(|| { ::regress::Regex::with_flags("a", "u").unwrap() }) }
                    }
                    impl FromStr for Other { fn from_str() { ::regress::Regex::new("a") } }
                }
            },
        );
    }

    #[test]
    fn an_absent_member_is_not_written() {
        let contract = "
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a:
    get:
      operationId: getA
      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}}
components:
  schemas:
    A:
      type: object
      required: [c]
      properties: {a: {$ref: '#/components/schemas/A'}, b: {type: string}, c: {type: string, nullable: true}}
";
        refines(
            absent_members,
            &models(contract),
            parse_quote! {
                mod types {
                    struct A {
                        #[serde(default)]
                        a: ::std::boxed::Box<::std::option::Option<A>>,
                        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
                        b: Option<String>,
                        c: Option<String>,
                    }
                }
            },
            &parse_quote! {
                mod types {
                    struct A {
                        #[serde(default)]
                        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
                        a: ::std::option::Option<::std::boxed::Box<A>>,
                        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
                        b: Option<String>,
                        c: Option<String>,
                    }
                }
            },
        );
    }

    #[test]
    fn members_have_their_name_in_pascal_case_too() {
        refines(
            pascal_case,
            &Models::default(),
            parse_quote! {
                mod types {
                    struct A {
                        #[serde(rename = "firstName", skip_serializing_if = "Option::is_none")]
                        first_name: Option<String>,
                        #[serde(default)]
                        r#type: Option<String>,
                        #[serde(rename = "@odata")]
                        odata: String,
                        #[serde(flatten)]
                        extra: Map<String, Value>,
                    }
                }
                struct Client { inner: String }
            },
            &parse_quote! {
                mod types {
                    struct A {
                        #[serde(rename = "firstName", skip_serializing_if = "Option::is_none")]
                        #[serde(alias = "FirstName")]
                        first_name: Option<String>,
                        #[serde(default)]
                        #[serde(alias = "Type")]
                        r#type: Option<String>,
                        #[serde(rename = "@odata")]
                        odata: String,
                        #[serde(flatten)]
                        extra: Map<String, Value>,
                    }
                }
                struct Client { inner: String }
            },
        );
    }

    #[test]
    fn only_models_without_required_members_have_a_default() {
        refines(
            defaults,
            &Models::default(),
            parse_quote! {
                mod types {
                    #[derive(Clone)]
                    struct A { a: ::std::option::Option<B>, #[serde(flatten)] extra: Map<String, Value> }
                    #[derive(Clone)]
                    struct B { a: String }
                    #[derive(Clone)]
                    struct F { a: ::std::vec::Vec<B> }
                    #[derive(Clone)]
                    struct C(Option<String>);
                    #[derive(Clone)]
                    struct D { a: Option<B> }
                    impl ::std::default::Default for D { fn default() -> Self { x } }
                    #[derive(Clone, ::std::default::Default)]
                    struct E { a: Option<B> }
                }
            },
            &parse_quote! {
                mod types {
                    #[derive(Clone, Default)]
                    struct A { a: ::std::option::Option<B>, #[serde(flatten)] extra: Map<String, Value> }
                    #[derive(Clone)]
                    struct B { a: String }
                    #[derive(Clone)]
                    struct F { a: ::std::vec::Vec<B> }
                    #[derive(Clone)]
                    struct C(Option<String>);
                    #[derive(Clone)]
                    struct D { a: Option<B> }
                    impl ::std::default::Default for D { fn default() -> Self { x } }
                    #[derive(Clone, ::std::default::Default)]
                    struct E { a: Option<B> }
                }
            },
        );
    }

    #[test]
    fn models_can_gain_members_and_values() {
        refines(
            non_exhaustive,
            &Models::default(),
            parse_quote! {
                mod types {
                    #[derive(Clone, Default)]
                    struct A { a: ::std::option::Option<B> }
                    #[derive(Clone)]
                    struct B { a: ::std::option::Option<B>, id: String, r#type: i64, #[serde(flatten)] extra: Map<String, Value> }
                    struct C { a: i64 }
                    impl ::std::default::Default for C { fn default() -> Self { x } }
                    struct Text(String);
                    enum Color { Red }
                    mod error { struct D { a: i64 } }
                }
                struct Client { inner: String }
            },
            &parse_quote! {
                mod types {
                    #[derive(Clone, Default)]
                    #[non_exhaustive]
                    struct A { a: ::std::option::Option<B> }
                    #[derive(Clone)]
                    #[non_exhaustive]
                    struct B { a: ::std::option::Option<B>, id: String, r#type: i64, #[serde(flatten)] extra: Map<String, Value> }
                    #[non_exhaustive]
                    struct C { a: i64 }
                    impl ::std::default::Default for C { fn default() -> Self { x } }
                    struct Text(String);
                    #[non_exhaustive]
                    enum Color { Red }
                    mod error { struct D { a: i64 } }
                    impl B {
                        /// The model with its required members. Set the others by assignment.
                        pub fn new(id: String, r#type: i64) -> Self {
                            Self {
                                id, r#type,
                                a: ::std::default::Default::default(),
                                extra: ::std::default::Default::default(),
                            }
                        }
                    }
                }
                struct Client { inner: String }
            },
        );
    }

    #[test]
    fn every_model_has_a_json_schema_behind_the_feature() {
        refines(
            json_schema,
            &Models::default(),
            parse_quote! { mod types { struct A; enum B {} mod error { struct C; } } struct Client; },
            &parse_quote! {
                mod types {
                    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
                    struct A;
                    #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
                    enum B {}
                    mod error { struct C; }
                }
                struct Client;
            },
        );
    }

    #[test]
    fn what_is_deprecated_in_the_contract_is_deprecated_in_rust() {
        let contract = "
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a:
    get: {operationId: getOld, deprecated: true, responses: {'200': {$ref: '#/components/responses/All'}}}
    put: {operationId: putNew, responses: {'200': {description: ok}}}
components:
  responses:
    All:
      description: ok
      content:
        application/json:
          schema:
            type: object
            properties:
              a: {$ref: '#/components/schemas/Model'}
              b: {$ref: '#/components/schemas/OldModel'}
              c: {$ref: '#/components/schemas/Whole'}
  schemas:
    Model:
      type: object
      properties: {oldName: {type: string, deprecated: true}, newName: {type: string}}
    OldModel: {type: object, deprecated: true, properties: {a: {type: string}}}
    Whole:
      allOf:
      - $ref: '#/components/schemas/Model'
      - {type: object, properties: {ofBranch: {type: string, deprecated: true}}}
";
        refines(
            deprecations,
            &models(contract),
            parse_quote! {
                mod types {
                    struct Model {
                        #[serde(rename = "oldName")]
                        old_name: Option<String>,
                        #[serde(rename = "newName")]
                        new_name: Option<String>,
                    }
                    struct OldModel {}
                    struct Whole {
                        #[serde(rename = "newName")]
                        new_name: Option<String>,
                        #[serde(rename = "ofBranch")]
                        of_branch: Option<String>,
                        #[serde(rename = "oldName")]
                        old_name: Option<String>,
                    }
                }
                impl Client { async fn get_old() {} async fn put_new() {} }
            },
            &parse_quote! {
                mod types {
                    struct Model {
                        #[serde(rename = "oldName")]
                        #[deprecated(note = "deprecated by the service")]
                        old_name: Option<String>,
                        #[serde(rename = "newName")]
                        new_name: Option<String>,
                    }
                    #[deprecated(note = "deprecated by the service")]
                    struct OldModel {}
                    struct Whole {
                        #[serde(rename = "newName")]
                        new_name: Option<String>,
                        #[serde(rename = "ofBranch")]
                        #[deprecated(note = "deprecated by the service")]
                        of_branch: Option<String>,
                        #[serde(rename = "oldName")]
                        #[deprecated(note = "deprecated by the service")]
                        old_name: Option<String>,
                    }
                }
                impl Client {
                    #[deprecated(note = "deprecated by the service")]
                    async fn get_old() {}
                    async fn put_new() {}
                }
            },
        );
    }
}
