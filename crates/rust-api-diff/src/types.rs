//! The items of two files, and what types are made of.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Attribute, Field, Fields, Item, ItemEnum, ItemStruct, Variant};

use crate::change::{ItemChange, ItemContext, Recorder, Semver, Subject};
use crate::surface::{
    Definition, Entry, Head, Items, Space, Surface, derived, is_public, plain, subject,
};
use crate::{attributes, code, constants, methods, rules};

/// Compares the items, without what is implemented for them.
pub(super) fn compare<'s, 'a>(
    recorder: &mut Recorder,
    before: &'s Surface<'a>,
    after: &'s Surface<'a>,
) -> Items<'s, 'a> {
    let mut items = Items { before, after, common: BTreeSet::new(), remade: BTreeSet::new() };
    for (key, old) in before.items.iter().filter(|(_, old)| old.public) {
        let (space, path) = key;
        let at = ItemContext { item: path.clone(), subject: subject(path) };
        match after.items.get(key) {
            Some(new) if new.public => {
                let count = recorder.changes.len();
                let same_kind = both(recorder, &at, old, new);
                if *space != Space::Types || !same_kind {
                    continue;
                }
                items.common.insert(path);
                let remade = |change: &ItemChange| REMADE.contains(&change.rule);
                if recorder.changes[count..].iter().any(remade) {
                    items.remade.insert(path);
                }
            }
            hidden => {
                let (rule, what) = match hidden {
                    Some(_) => (rules::ITEM_HIDDEN, "is no longer public"),
                    None => (rules::ITEM_REMOVED, "is gone"),
                };
                let message = format!("the {} {what}", kind(old));
                recorder.record(
                    &at,
                    (rule, Semver::Major),
                    (Some(shown(old, path)), None),
                    message,
                );
            }
        }
    }
    for (key, new) in after.items.iter().filter(|(_, new)| new.public) {
        let path = &key.1;
        let message = match before.items.get(key) {
            Some(old) if old.public => continue,
            Some(_) => format!("the {} is public now", kind(new)),
            None => format!("the {} is new", kind(new)),
        };
        let at = ItemContext { item: path.clone(), subject: subject(path) };
        recorder.record(
            &at,
            (rules::ITEM_ADDED, Semver::Minor),
            (None, Some(shown(new, path))),
            message,
        );
    }
    items
}

/// The rules after which a type is made of something else.
const REMADE: [&str; 12] = [
    rules::FIELD_ADDED,
    rules::FIELD_REMOVED,
    rules::FIELD_HIDDEN,
    rules::FIELD_EXPOSED,
    rules::FIELD_MADE_OPTIONAL,
    rules::FIELD_MADE_REQUIRED,
    rules::FIELD_TYPE_CHANGED,
    rules::VARIANT_ADDED,
    rules::VARIANT_REMOVED,
    rules::VARIANT_CHANGED,
    rules::VARIANTS_REORDERED,
    rules::SERDE_CHANGED,
];

fn kind(entry: &Entry<'_>) -> &'static str {
    match entry.definition {
        Definition::Item(item) => Head::of(item).map_or("item", |head| head.kind),
        Definition::Export(_) => "export",
    }
}

/// An item in one line, without what is in it.
fn shown(entry: &Entry<'_>, path: &str) -> String {
    let item = match &entry.definition {
        Definition::Item(item) => *item,
        Definition::Export(from) => {
            let name = path.rsplit("::").next().unwrap_or(path);
            let same = from.rsplit("::").next() == Some(name);
            let renamed = if same { String::new() } else { format!(" as {name}") };
            return format!("pub use {from}{renamed};");
        }
    };
    match item {
        Item::Struct(model) if !matches!(model.fields, Fields::Named(_)) => {
            let mut model = model.clone();
            model.attrs.clear();
            model.fields.iter_mut().for_each(|field| field.attrs.clear());
            code::item(&model)
        }
        Item::Type(alias) => code::item(&syn::ItemType { attrs: Vec::new(), ..alias.clone() }),
        Item::Const(constant) => {
            code::item(&syn::ItemConst { attrs: Vec::new(), ..constant.clone() })
        }
        Item::Fn(function) => code::signature(&function.vis, &function.sig),
        item => match Head::of(item) {
            Some(Head { name, kind, .. }) => {
                let keyword = if kind == "module" { "mod" } else { kind };
                format!("pub {keyword} {name} {{ .. }}")
            }
            None => code::item(item),
        },
    }
}

/// Compares an item of both files; `false` if it is of another kind.
fn both(recorder: &mut Recorder, at: &ItemContext, old: &Entry<'_>, new: &Entry<'_>) -> bool {
    let texts = || (Some(shown(old, &at.item)), Some(shown(new, &at.item)));
    let other = (rules::DEFINITION_CHANGED, Semver::Major);
    let (a, b) = match (&old.definition, &new.definition) {
        (Definition::Item(a), Definition::Item(b)) => (*a, *b),
        (Definition::Export(a), Definition::Export(b)) => {
            if a != b {
                recorder.record(at, other, texts(), "the name stands for something from elsewhere");
            }
            return true;
        }
        _ => return true,
    };
    // A module is compared item by item.
    if !matches!(a, Item::Mod(_)) && code::same(a, b) {
        return true;
    }
    let kinds = |a: &str, b: &str| format!("what was a {a} is a {b}");
    match (a, b) {
        (Item::Struct(a), Item::Struct(b)) => {
            if style(&a.fields) != style(&b.fields) {
                let message = kinds(style(&a.fields), style(&b.fields));
                recorder.record(at, (rules::KIND_CHANGED, Semver::Major), texts(), message);
                return false;
            }
            structs(recorder, at, a, b);
        }
        (Item::Enum(a), Item::Enum(b)) => enums(recorder, at, a, b),
        (Item::Type(a), Item::Type(b)) => {
            if !code::same(&a.ty, &b.ty) {
                let message = "the alias stands for another type";
                recorder.record(at, (rules::ALIAS_CHANGED, Semver::Major), texts(), message);
            }
        }
        (Item::Const(a), Item::Const(b)) => {
            constants::compare(recorder, at, (&a.ty, &a.expr), (&b.ty, &b.expr));
        }
        (Item::Fn(a), Item::Fn(b)) => {
            methods::functions(recorder, at, None, (&a.vis, &a.sig, &a.block), (&b.sig, &b.block));
        }
        (Item::Mod(_), Item::Mod(_)) => {}
        _ => {
            let (a, b) = (kind(old), kind(new));
            if a != b {
                recorder.record(at, (rules::KIND_CHANGED, Semver::Major), texts(), kinds(a, b));
                return false;
            }
            recorder.record(at, other, texts(), format!("the {a} is defined in another way"));
        }
    }
    if let (Some(a), Some(b)) = (Head::of(a), Head::of(b)) {
        if let (Some(a), Some(b)) = (a.generics, b.generics)
            && !(code::same(a, b) && code::same(&a.where_clause, &b.where_clause))
        {
            let message = "it has other generic parameters, or other bounds on them";
            recorder.record(at, (rules::GENERICS_CHANGED, Semver::Major), texts(), message);
        }
        attributes::compare(recorder, at, a.attributes, b.attributes);
    }
    true
}

fn style(fields: &Fields) -> &'static str {
    match fields {
        Fields::Named(_) => "struct with named fields",
        Fields::Unnamed(_) => "tuple struct",
        Fields::Unit => "unit struct",
    }
}

fn non_exhaustive(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("non_exhaustive"))
}

/// The fields with what each is called: its name, or its place.
fn fields(fields: &Fields) -> impl Iterator<Item = (String, &Field)> {
    let name = |(index, field): (usize, &Field)| match &field.ident {
        Some(name) => name.to_string(),
        None => index.to_string(),
    };
    fields.iter().enumerate().map(move |(index, field)| (name((index, field)), field))
}

fn structs(recorder: &mut Recorder, at: &ItemContext, old: &ItemStruct, new: &ItemStruct) {
    // Whoever can name all fields can write the struct out, and take it apart.
    let open = old.fields.iter().all(|field| is_public(&field.vis)) && !non_exhaustive(&old.attrs);
    let before: BTreeMap<_, _> = fields(&old.fields).collect();
    let after: BTreeMap<_, _> = fields(&new.fields).collect();
    let context =
        |name: &str, field: &Field| at.inner(name, field_subject(&at.subject, name, field));
    for (name, field) in fields(&old.fields) {
        match after.get(&name) {
            Some(now) => both_fields(recorder, &context(&name, now), field, now),
            None if is_public(&field.vis) => {
                let texts = (Some(code::field(field)), None);
                let verdict = (rules::FIELD_REMOVED, Semver::Major);
                recorder.record(&context(&name, field), verdict, texts, "the field is gone");
            }
            None => {}
        }
    }
    for (name, field) in fields(&new.fields).filter(|(name, _)| !before.contains_key(name)) {
        let public = is_public(&field.vis);
        let (semver, message) = match (open, public) {
            (true, true) => (
                Semver::Major,
                "the field is new, and every literal and pattern of the struct must name it",
            ),
            (true, false) => (
                Semver::Major,
                "a field is new that is not public: the struct can no longer be written out",
            ),
            (false, true) => (Semver::Minor, "the field is new"),
            (false, false) => continue,
        };
        let texts = (None, Some(code::field(field)));
        recorder.record(&context(&name, field), (rules::FIELD_ADDED, semver), texts, message);
    }
}

fn field_subject(of: &Subject, name: &str, field: &Field) -> Subject {
    match of {
        // The only field of a newtype is what the schema is.
        Subject::Type { .. } if field.ident.is_none() => of.clone(),
        Subject::Type { name: of } => {
            let property = match attributes::serde_name(&field.attrs) {
                (_, true) => None,
                (Some(wire), _) => Some(wire),
                (None, _) => field.ident.as_ref().map_or(Some(name.to_owned()), |i| Some(plain(i))),
            };
            Subject::Field { of: of.clone(), property }
        }
        of => of.clone(),
    }
}

fn both_fields(recorder: &mut Recorder, at: &ItemContext, old: &Field, new: &Field) {
    let texts = || (Some(code::field(old)), Some(code::field(new)));
    match (is_public(&old.vis), is_public(&new.vis)) {
        (false, false) => return,
        (true, false) => {
            let message = "the field is no longer public";
            return recorder.record(at, (rules::FIELD_HIDDEN, Semver::Major), texts(), message);
        }
        (false, true) => {
            let message = "the field is public now";
            return recorder.record(at, (rules::FIELD_EXPOSED, Semver::Minor), texts(), message);
        }
        (true, true) => {}
    }
    if code::same(&old.ty, &new.ty) {
        return attributes::compare(recorder, at, &old.attrs, &new.attrs);
    }
    let (rule, message) = if code::optional(&new.ty).is_some_and(|inner| code::same(inner, &old.ty))
    {
        (rules::FIELD_MADE_OPTIONAL, "the field is optional now: it is read and set as an `Option`")
    } else if code::optional(&old.ty).is_some_and(|inner| code::same(inner, &new.ty)) {
        let message = if attributes::has_default(&new.attrs) {
            "the field is no longer an `Option`: where a message leaves it out, it has its default"
        } else {
            "the field is no longer an `Option`: a message without it cannot be read"
        };
        (rules::FIELD_MADE_REQUIRED, message)
    } else {
        (rules::FIELD_TYPE_CHANGED, "the field is of another type")
    };
    recorder.record(at, (rule, Semver::Major), texts(), message);
    attributes::compare_retyped(recorder, at, &old.attrs, &new.attrs);
}

fn enums(recorder: &mut Recorder, at: &ItemContext, old: &ItemEnum, new: &ItemEnum) {
    let place = |model: &ItemEnum| -> BTreeMap<String, usize> {
        let names = model.variants.iter().enumerate();
        names.map(|(index, variant)| (variant.ident.to_string(), index)).collect()
    };
    let (before, after) = (place(old), place(new));
    let context = |variant: &Variant| {
        let name = plain(&variant.ident);
        let subject = match &at.subject {
            Subject::Type { name: of } => {
                let value =
                    attributes::serde_name(&variant.attrs).0.unwrap_or_else(|| name.clone());
                Subject::Variant { of: of.clone(), name: name.clone(), value }
            }
            other => other.clone(),
        };
        at.inner(&name, subject)
    };
    let mut common = Vec::new();
    for variant in &old.variants {
        let Some(&index) = after.get(&variant.ident.to_string()) else {
            let texts = (Some(code::variant(variant)), None);
            let verdict = (rules::VARIANT_REMOVED, Semver::Major);
            recorder.record(&context(variant), verdict, texts, "the variant is gone");
            continue;
        };
        common.push(index);
        let now = &new.variants[index];
        let (a, b) = (code::variant(variant), code::variant(now));
        if a != b {
            let message = "the variant holds something else";
            recorder.record(
                &context(now),
                (rules::VARIANT_CHANGED, Semver::Major),
                (Some(a), Some(b)),
                message,
            );
        }
        attributes::compare(recorder, &context(now), &variant.attrs, &now.attrs);
    }
    let new_ones = new.variants.iter().filter(|v| !before.contains_key(&v.ident.to_string()));
    for variant in new_ones {
        let (semver, message) = if non_exhaustive(&old.attrs) {
            (Semver::Minor, "the variant is new, which every `match` is ready for")
        } else {
            (Semver::Major, "the variant is new, and every `match` must name it")
        };
        let texts = (None, Some(code::variant(variant)));
        recorder.record(&context(variant), (rules::VARIANT_ADDED, semver), texts, message);
    }
    if !common.is_sorted() {
        let compared = derived(&old.attrs)
            .iter()
            .any(|(path, _)| path.segments.last().is_some_and(|last| last.ident == "PartialOrd"));
        let cast = old.variants.iter().all(|variant| variant.fields.is_empty());
        let (semver, message) = if compared || cast {
            (Semver::Major, "the variants compare, and count, in another order")
        } else {
            let message = "the API is as it was, and the run time differs: the variants are tried \
                           in another order";
            (Semver::Patch, message)
        };
        let names = |model: &ItemEnum| {
            let names: Vec<_> = model.variants.iter().map(|v| v.ident.to_string()).collect();
            Some(names.join(", "))
        };
        recorder.record(at, (rules::VARIANTS_REORDERED, semver), (names(old), names(new)), message);
    }
}
