//! Code as text that fits into one line, and code by meaning: how it is laid out counts for neither.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Block, Expr, File, ForeignItem, ImplItem, Item, Lit, Pat, Path, Signature, TraitItem, Type,
    TypeParamBound, Visibility, parse_quote,
};

/// Whether two pieces of code are the same tokens. The comma after the last element of a list means
/// nothing: the printer writes one wherever a list takes more than a line.
pub(super) fn same<T: ToTokens + PartialEq>(a: &T, b: &T) -> bool {
    // Most of what is compared is equal as it was parsed, which takes no tokens to see.
    a == b || same_tokens(a.to_token_stream(), b.to_token_stream())
}

fn same_tokens(a: TokenStream, b: TokenStream) -> bool {
    let (mut a, mut b) = (Meaning::of(a), Meaning::of(b));
    loop {
        let same = match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(TokenTree::Group(a)), Some(TokenTree::Group(b))) => {
                a.delimiter() == b.delimiter() && same_tokens(a.stream(), b.stream())
            }
            (Some(TokenTree::Punct(a)), Some(TokenTree::Punct(b))) => a.as_char() == b.as_char(),
            (Some(TokenTree::Ident(a)), Some(TokenTree::Ident(b))) => a == b,
            (Some(TokenTree::Literal(a)), Some(TokenTree::Literal(b))) => {
                a.to_string() == b.to_string()
            }
            _ => false,
        };
        if !same {
            return false;
        }
    }
}

/// The tokens as a text that is the same for [`same`] code.
pub(super) fn key(code: &impl ToTokens) -> String {
    fn write(tokens: TokenStream, text: &mut String) {
        for token in Meaning::of(tokens) {
            match token {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::None => ("", ""),
                    };
                    text.push_str(open);
                    write(group.stream(), text);
                    text.push_str(close);
                }
                TokenTree::Punct(punct) => text.push(punct.as_char()),
                token => {
                    if text.ends_with(|last: char| last.is_alphanumeric() || last == '_') {
                        text.push(' ');
                    }
                    text.push_str(&token.to_string());
                }
            }
        }
    }
    let mut text = String::new();
    write(code.to_token_stream(), &mut text);
    text
}

/// Tokens without the commas that mean nothing.
struct Meaning {
    tokens: std::iter::Peekable<proc_macro2::token_stream::IntoIter>,
}

impl Meaning {
    fn of(tokens: TokenStream) -> Self {
        Self { tokens: tokens.into_iter().peekable() }
    }
}

impl Iterator for Meaning {
    type Item = TokenTree;

    fn next(&mut self) -> Option<TokenTree> {
        let token = self.tokens.next()?;
        let is =
            |token: &TokenTree, c: char| matches!(token, TokenTree::Punct(p) if p.as_char() == c);
        if is(&token, ',') && self.tokens.peek().is_none_or(|next| is(next, '>')) {
            return self.tokens.next();
        }
        Some(token)
    }
}

/// Whether there are tokens that syn passes through unread.
struct Unread(bool);

impl<'ast> Visit<'ast> for Unread {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        self.0 |= matches!(expr, Expr::Verbatim(_));
        visit::visit_expr(self, expr);
    }

    fn visit_foreign_item(&mut self, item: &'ast ForeignItem) {
        self.0 |= matches!(item, ForeignItem::Verbatim(_));
        visit::visit_foreign_item(self, item);
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        self.0 |= matches!(item, ImplItem::Verbatim(_));
        visit::visit_impl_item(self, item);
    }

    fn visit_item(&mut self, item: &'ast Item) {
        self.0 |= matches!(item, Item::Verbatim(_));
        visit::visit_item(self, item);
    }

    fn visit_lit(&mut self, literal: &'ast Lit) {
        self.0 |= matches!(literal, Lit::Verbatim(_));
    }

    fn visit_pat(&mut self, pattern: &'ast Pat) {
        self.0 |= matches!(pattern, Pat::Verbatim(_));
        visit::visit_pat(self, pattern);
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        self.0 |= matches!(item, TraitItem::Verbatim(_));
        visit::visit_trait_item(self, item);
    }

    fn visit_type(&mut self, ty: &'ast Type) {
        self.0 |= matches!(ty, Type::Verbatim(_));
        visit::visit_type(self, ty);
    }

    fn visit_type_param_bound(&mut self, bound: &'ast TypeParamBound) {
        self.0 |= matches!(bound, TypeParamBound::Verbatim(_));
        visit::visit_type_param_bound(self, bound);
    }
}

/// A file as it is printed.
pub(super) fn unparse(file: &File) -> String {
    let mut unread = Unread(false);
    unread.visit_file(file);
    // The printer panics on tokens that syn passes through unread.
    if unread.0 { file.to_token_stream().to_string() } else { prettyplease::unparse(file) }
}

/// Items in one line; any other code as its tokens.
pub(super) fn item(code: &impl ToTokens) -> String {
    let tokens = code.to_token_stream();
    match syn::parse2::<File>(tokens.clone()) {
        Ok(mut file) => {
            Short.visit_file_mut(&mut file);
            one_line(&unparse(&file))
        }
        Err(_) => tokens.to_string(),
    }
}

/// A type in one line.
pub(super) fn ty(ty: &Type) -> String {
    unwrapped(&item(&quote!(type T = #ty;)), "type T = ", ";")
}

/// A path in one line.
pub(super) fn path(path: &Path) -> String {
    unwrapped(&item(&quote!(type T = #path;)), "type T = ", ";")
}

/// An expression in one line.
pub(super) fn expr(value: &impl ToTokens) -> String {
    unwrapped(&item(&quote!(const T: () = #value;)), "const T: () = ", ";")
}

/// A function without its body, in one line.
pub(super) fn signature(visibility: &Visibility, signature: &Signature) -> String {
    let body: Block = parse_quote!({});
    let text = item(&quote!(impl T { #visibility #signature #body }));
    let text = unwrapped(&text, "impl T {", "}");
    text.strip_suffix("{}").unwrap_or(&text).trim().to_owned()
}

/// A member of a struct in one line, without its attributes.
pub(super) fn field(field: &syn::Field) -> String {
    let syn::Field { vis, ident, ty, .. } = field;
    match ident {
        Some(name) => unwrapped(&item(&quote!(struct T { #vis #name: #ty })), "struct T {", "}")
            .trim_end_matches(',')
            .to_owned(),
        None => unwrapped(&item(&quote!(struct T(#vis #ty);)), "struct T(", ");"),
    }
}

/// A variant of an enum in one line, without its attributes and those of its fields.
pub(super) fn variant(variant: &syn::Variant) -> String {
    let mut variant = variant.clone();
    variant.attrs.clear();
    variant.fields.iter_mut().for_each(|field| field.attrs.clear());
    unwrapped(&item(&quote!(enum T { #variant })), "enum T {", "}").trim_end_matches(',').to_owned()
}

/// What stands between the two parts of a frame.
fn unwrapped(text: &str, before: &str, after: &str) -> String {
    let inner = text.strip_prefix(before).and_then(|text| text.strip_suffix(after));
    inner.unwrap_or(text).trim().to_owned()
}

/// Names that need no path.
const PRELUDE: [&str; 11] = [
    "Option", "String", "Vec", "Result", "From", "Into", "TryFrom", "TryInto", "Clone", "Default",
    "ToString",
];

/// What a name of the standard library is called everywhere, and paths from the root without `::`.
struct Short;

impl VisitMut for Short {
    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        if path.leading_colon.take().is_none() || path.segments.len() < 3 {
            return;
        }
        if path.segments[0].ident == "std"
            && path.segments.len() == 3
            && PRELUDE.iter().any(|name| path.segments[2].ident == name)
            // `fmt::Result` is another one.
            && path.segments[1].ident != "fmt"
        {
            path.segments = path.segments.iter().skip(2).cloned().collect();
        }
    }
}

/// Lines joined as they would stand in one.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for part in text.lines().map(str::trim).filter(|part| !part.is_empty()) {
        if part.starts_with(['>', ')', ']']) {
            if line.ends_with(',') {
                line.pop();
            }
        } else if !line.is_empty() && !line.ends_with(['<', '(', '[']) {
            line.push(' ');
        }
        line.push_str(part);
    }
    line
}

/// What is in an `Option`.
pub(super) fn optional(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == "Option")?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(syn::GenericArgument::Type(inner)) if arguments.args.len() == 1 => Some(inner),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_means_nothing() {
        let a: Type = syn::parse_str("Result<Value<A>, (B, C)>").expect("a type");
        let b: Type = syn::parse_str("Result<\n Value<A,>,\n (B, C,),\n>").expect("a type");
        let c: Type = syn::parse_str("Result<Value<A>, (C, B)>").expect("a type");
        assert!(same(&a, &b));
        assert!(!same(&a, &c));
    }

    #[test]
    fn code_fits_into_a_line() {
        let long = "::std::option::Option<::std::collections::BTreeMap<::std::string::String, \
                    ::std::vec::Vec<SomethingWithAVeryLongNameThatNeedsALineOfItsOwn>>>";
        let parsed: Type = syn::parse_str(long).expect("a type");
        assert_eq!(
            ty(&parsed),
            "Option<std::collections::BTreeMap<String, \
             Vec<SomethingWithAVeryLongNameThatNeedsALineOfItsOwn>>>"
        );
        let method: syn::ImplItemFn = parse_quote! {
            pub async fn update_something_with_a_long_name<'a>(&'a self, first_argument: &'a str,
                body: &'a Document<types::Something>) -> Result<ResponseValue<()>, Error<ByteStream>> {
                Ok(x)
            }
        };
        assert_eq!(
            signature(&method.vis, &method.sig),
            "pub async fn update_something_with_a_long_name<'a>(&'a self, first_argument: &'a str, \
             body: &'a Document<types::Something>) -> Result<ResponseValue<()>, Error<ByteStream>>"
        );
        let member: syn::ItemStruct = parse_quote! { struct A { #[a] pub r#type: B, c: D } };
        let texts: Vec<_> = member.fields.iter().map(field).collect();
        assert_eq!(texts, ["pub r#type: B", "c: D"]);
        let tuple: syn::ItemStruct = parse_quote! { struct A(pub ::std::string::String); };
        assert_eq!(tuple.fields.iter().map(field).collect::<Vec<_>>(), ["pub String"]);
        let model: syn::ItemEnum = parse_quote! { enum A { #[b] B(C), D { #[e] e: F } } };
        let texts: Vec<_> = model.variants.iter().map(variant).collect();
        assert_eq!(texts, ["B(C)", "D { e: F }"]);
    }

    #[test]
    fn what_cannot_be_printed_is_its_tokens() {
        let strange: File = syn::parse_str("pub fn f();").expect("Rust");
        assert!(!unparse(&strange).is_empty());
        assert!(!item(&quote!(1 + )).is_empty());
    }
}
