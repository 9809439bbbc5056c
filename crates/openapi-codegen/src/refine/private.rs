//! What a model shows of itself: the members that are set, and no value.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{File, Ident, Item, ItemStruct, parse_quote};

use super::{derives, is_named, types_mut, without_derive};
use crate::models::Models;

/// `Debug` of a model names the members that are set and shows no value: they are personal data.
///
/// *Works around*: typify derives `Debug`, which shows everything, so that one `{:?}` puts a profile into a
/// log. *Can go* when a member can be marked as not to be shown.
pub(super) fn private_debug(file: &mut File, _: &Models) {
    let models: Vec<_> = types_mut(file)
        .filter_map(|item| match item {
            Item::Struct(model) => takes_debug_off(model).then(|| shown(model)),
            _ => None,
        })
        .collect();
    file.items.extend(models);
}

/// Whether the model derived `Debug`, which it does no more.
fn takes_debug_off(model: &mut ItemStruct) -> bool {
    let derived = derives(&model.attrs, "Debug");
    without_derive(&mut model.attrs, "Debug");
    derived
}

/// An `impl Debug` that names the members that are set.
fn shown(model: &ItemStruct) -> Item {
    let name = &model.ident;
    let members = model.fields.iter().filter_map(|field| {
        let member: &Ident = field.ident.as_ref()?;
        let is_set: TokenStream = match () {
            () if is_named(&field.ty, "Option") => quote!(self.#member.is_some()),
            () if is_named(&field.ty, "Vec") || is_named(&field.ty, "Map") => {
                quote!(!self.#member.is_empty())
            }
            () => quote!(true),
        };
        let text = member.to_string();
        let text = text.trim_start_matches("r#");
        Some(quote!((#text, #is_set)))
    });
    let text = name.to_string();
    parse_quote! {
        impl ::std::fmt::Debug for types::#name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                crate::document::members(f, #text, &[#(#members),*])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_names_its_members_and_shows_none() {
        let mut file: File = parse_quote! {
            mod types {
                #[derive(Clone, Debug, PartialEq)]
                struct A { a: ::std::option::Option<B>, list: ::std::vec::Vec<B>, always: i64 }
                #[derive(Clone)]
                struct B;
            }
        };
        private_debug(&mut file, &Models::default());
        let expected: File = parse_quote! {
            mod types {
                #[derive(Clone, PartialEq)]
                struct A { a: ::std::option::Option<B>, list: ::std::vec::Vec<B>, always: i64 }
                #[derive(Clone)]
                struct B;
            }
            impl ::std::fmt::Debug for types::A {
                fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    crate::document::members(
                        f, "A",
                        &[("a", self.a.is_some()), ("list", !self.list.is_empty()), ("always", true)]
                    )
                }
            }
        };
        assert_eq!(prettyplease::unparse(&file), prettyplease::unparse(&expected));
    }
}
