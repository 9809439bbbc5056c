//! Unions: enums that are read as the variant that they are.

use proc_macro2::Ident;
use quote::{format_ident, quote};
use syn::visit_mut::VisitMut;
use syn::{ExprPath, File, Item, ItemEnum, ItemImpl, parse_quote};

use super::{is_named, types_of, without_derive};
use crate::models::{Models, Shape, Variant};

/// A union is read as the variant that its value is, and as `Unknown` if it is none of them. `Debug` shows the
/// variant and no value.
///
/// *Works around*: typify reads the first variant that fits, heeds no discriminator, and fails on a variant
/// that the contract does not know, so that a whole response is unreadable. *Can go* when it reads a union by
/// what tells its variants apart.
pub(super) fn unions(file: &mut File, models: &Models) {
    let Some(items) = types_of(file) else { return };
    let mut done = Vec::new();
    let mut read = Vec::new();
    for item in items.iter_mut() {
        let Item::Enum(union) = item else { continue };
        let Some(Shape::Union { variants, .. }) =
            models.types.get(&union.ident.to_string()).map(|model| &model.shape)
        else {
            continue;
        };
        if union.variants.len() != variants.len() {
            continue;
        }
        done.push((union.ident.clone(), rename(union, variants)));
        union.variants.push(parse_quote! {
            /// None of the variants that the contract knows, kept as it was read.
            Unknown(::serde_json::Value)
        });
        without_derive(&mut union.attrs, "Deserialize");
        without_derive(&mut union.attrs, "Debug");
        read.extend(implemented(union, variants, models));
    }
    items.retain_mut(|item| {
        let Item::Impl(block) = item else { return true };
        let union = done.iter().find(|(name, _)| is_named(&block.self_ty, &name.to_string()));
        union.is_none_or(|(_, renamed)| is_from(block, renamed))
    });
    file.items.extend(read);
}

/// The name of the variant for what none of the others is.
const UNKNOWN: &str = "Unknown";

/// Names the variants after what they hold. What they were named, and how they are named now.
fn rename(union: &mut ItemEnum, variants: &[Variant]) -> Vec<(Ident, Ident)> {
    let mut taken = vec![UNKNOWN.to_owned()];
    let mut renamed = Vec::new();
    for (variant, Variant { name, .. }) in union.variants.iter_mut().zip(variants) {
        let mut name = name.clone();
        while taken.contains(&name) {
            name.push('_');
        }
        taken.push(name.clone());
        let new = format_ident!("{name}");
        renamed.push((std::mem::replace(&mut variant.ident, new.clone()), new));
    }
    renamed
}

/// How a union is read and shown.
fn implemented(union: &ItemEnum, variants: &[Variant], models: &Models) -> [Item; 3] {
    let name = &union.ident;
    let known = union.variants.iter().zip(variants).enumerate();
    let tries = known.map(|(index, (variant, Variant { ty, told, .. }))| {
        let variant = &variant.ident;
        let read = if models.is_object(&ty.kind) {
            let told = told.iter().map(|told| {
                let member = &told.member;
                let values = told.values.iter().map(ToString::to_string);
                quote!((#member, &[#(#values),*]))
            });
            quote!(crate::variants::object(value, &[#(#told),*]))
        } else {
            quote!(crate::variants::plain(value))
        };
        quote! {
            if let Some(found) = #read {
                return Some((#index, Self::#variant(found)));
            }
        }
    });
    let read = parse_quote! {
        impl types::#name {
            /// The value as the first variant that it is, with its number.
            fn read(value: &::serde_json::Value) -> Option<(usize, Self)> {
                #(#tries)*
                None
            }
        }
    };
    let deserialize = parse_quote! {
        impl<'de> ::serde::Deserialize<'de> for types::#name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = <::serde_json::Value as ::serde::Deserialize>::deserialize(deserializer)?;
                Ok(match Self::read(&value) {
                    Some((_, found)) => found,
                    None => Self::Unknown(value),
                })
            }
        }
    };
    let shown = union.variants.iter().map(|variant| {
        let variant = &variant.ident;
        let text = format!("{variant}(_)");
        quote!(Self::#variant(_) => #text)
    });
    let debug = parse_quote! {
        impl ::std::fmt::Debug for types::#name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(match self { #(#shown),* })
            }
        }
    };
    [read, deserialize, debug]
}

/// Whether a block makes a union from one of its variants, which it now names as they are named.
fn is_from(block: &mut ItemImpl, renamed: &[(Ident, Ident)]) -> bool {
    struct Rename<'a>(&'a [(Ident, Ident)]);
    impl VisitMut for Rename<'_> {
        fn visit_expr_path_mut(&mut self, path: &mut ExprPath) {
            if path.path.segments.len() != 2 {
                return;
            }
            let Some(last) = path.path.segments.last_mut() else { return };
            if let Some((_, new)) = self.0.iter().find(|(old, _)| *old == last.ident) {
                last.ident = new.clone();
            }
        }
    }
    let is_from = block
        .trait_
        .as_ref()
        .and_then(|(name, _)| name.segments.last())
        .is_some_and(|segment| segment.ident == "From");
    if is_from {
        Rename(renamed).visit_item_impl_mut(block);
    }
    is_from
}
