//! What types implement, whether it is derived or written out.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Expr, ExprReference, ImplItem, ItemImpl, Lit};

use crate::change::{ItemContext, Recorder, Semver, Subject};
use crate::surface::{By, Implemented, Items, subject};
use crate::{code, constants, rules};

/// Compares the traits of types that are in both files.
pub(super) fn compare(recorder: &mut Recorder, items: &Items<'_, '_>) {
    let (before, after) = (&items.before.traits, &items.after.traits);
    let common = |found: &&Implemented<'_>| items.common.contains(found.owner.as_str());
    for (key, old) in before.iter().filter(|(_, old)| common(old)) {
        if let Some(new) = after.get(key) {
            both(recorder, items, old, new);
            continue;
        }
        let message = match old.name().as_str() {
            "Default" => "there is no default of it any more".to_owned(),
            name => format!("`{name}` is no longer implemented"),
        };
        let texts = (Some(old.code()), None);
        recorder.record(&context(old), (rules::TRAIT_REMOVED, Semver::Major), texts, message);
    }
    for (_, new) in after.iter().filter(|(key, new)| common(new) && !before.contains_key(key)) {
        let message = format!("`{}` is implemented now", new.name());
        recorder.record(
            &context(new),
            (rules::TRAIT_ADDED, Semver::Minor),
            (None, Some(new.code())),
            message,
        );
    }
}

fn context(found: &Implemented<'_>) -> ItemContext {
    ItemContext { item: found.path(), subject: subject(&found.owner) }
}

fn both(
    recorder: &mut Recorder,
    items: &Items<'_, '_>,
    old: &Implemented<'_>,
    new: &Implemented<'_>,
) {
    let remade = items.remade.contains(new.owner.as_str());
    let body = |recorder: &mut Recorder, message: &str| {
        let message = format!("the API is as it was, and the run time differs: {message}");
        let texts = (Some(old.code()), Some(new.code()));
        recorder.record(&context(new), (rules::BEHAVIOUR_CHANGED, Semver::Patch), texts, message);
    };
    match (&old.by, &new.by) {
        (By::Derive(_), By::Derive(_)) => {}
        (By::Block(a, _), By::Block(b, _)) => {
            if code::same(a, b) {
                return;
            }
            let count = recorder.changes.len();
            blocks(recorder, (old, a), (new, b));
            let known =
                recorder.changes[count..].iter().any(|change| change.rule == rules::TRAIT_CHANGED);
            if !known && !remade && !same_bodies(a, b) {
                body(recorder, "it does something else");
            }
        }
        _ if remade => {}
        (By::Derive(_), By::Block(..)) => body(recorder, "it is written out instead of derived"),
        (By::Block(..), By::Derive(_)) => body(recorder, "it is derived instead of written out"),
    }
}

/// The items of an `impl` by name.
fn members(block: &ItemImpl) -> BTreeMap<String, &ImplItem> {
    let name = |item: &ImplItem| match item {
        ImplItem::Fn(method) => Some(method.sig.ident.to_string()),
        ImplItem::Const(constant) => Some(constant.ident.to_string()),
        ImplItem::Type(alias) => Some(alias.ident.to_string()),
        _ => None,
    };
    block.items.iter().filter_map(|item| Some((name(item)?, item))).collect()
}

fn same_bodies(a: &ItemImpl, b: &ItemImpl) -> bool {
    let (a, b) = (members(a), members(b));
    let names: BTreeSet<_> = a.keys().chain(b.keys()).collect();
    names.into_iter().all(|name| match (a.get(name), b.get(name)) {
        (Some(ImplItem::Fn(a)), Some(ImplItem::Fn(b))) => code::same(a, b),
        (Some(ImplItem::Fn(_)), _) | (_, Some(ImplItem::Fn(_))) => false,
        _ => true,
    })
}

fn blocks(
    recorder: &mut Recorder,
    (old, old_block): (&Implemented<'_>, &ItemImpl),
    (new, new_block): (&Implemented<'_>, &ItemImpl),
) {
    let (generics, now) = (&old_block.generics, &new_block.generics);
    if !(code::same(generics, now) && code::same(&generics.where_clause, &now.where_clause)) {
        let texts = (Some(old.code()), Some(new.code()));
        let message = "it is implemented on other conditions";
        recorder.record(&context(new), (rules::TRAIT_CHANGED, Semver::Major), texts, message);
    }
    let (before, after) = (members(old_block), members(new_block));
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let text = |item: Option<&&ImplItem>| match item {
        Some(ImplItem::Type(alias)) => {
            Some(format!("type {} = {};", alias.ident, code::ty(&alias.ty)))
        }
        Some(ImplItem::Const(constant)) => {
            Some(format!("const {}: {};", constant.ident, code::ty(&constant.ty)))
        }
        _ => None,
    };
    for name in names {
        let (a, b) = (before.get(name), after.get(name));
        match (a, b) {
            (Some(ImplItem::Fn(_)), _) | (_, Some(ImplItem::Fn(_))) => {}
            (Some(ImplItem::Const(a)), Some(ImplItem::Const(b))) => {
                let path = format!("<{} as {}>::{name}", new.owner, new.name());
                let at = ItemContext { item: path, subject: subject(&new.owner) };
                if code::same(&a.ty, &b.ty) && !code::same(&a.expr, &b.expr) {
                    value(recorder, &at, name, &a.expr, &b.expr);
                } else {
                    constants::compare(recorder, &at, (&a.ty, &a.expr), (&b.ty, &b.expr));
                }
            }
            (Some(ImplItem::Type(a)), Some(ImplItem::Type(b))) if code::same(&a.ty, &b.ty) => {}
            _ => {
                let message = format!("`{name}` of it is something else");
                let verdict = (rules::TRAIT_CHANGED, Semver::Major);
                recorder.record(&context(new), verdict, (text(a), text(b)), message);
            }
        }
    }
}

/// How many of the elements that differ are shown.
const SHOWN: usize = 16;

/// Says which elements of a list differ, or what another value is.
fn value(recorder: &mut Recorder, at: &ItemContext, name: &str, old: &Expr, new: &Expr) {
    let verdict = (rules::CONST_VALUE_CHANGED, Semver::Patch);
    let what = match name {
        "CONSTRAINTS" => "other constraints are checked before a request is sent",
        "READ_ONLY" => "other members are sent back as they were read",
        "MEMBERS" => "other members are known by name",
        _ => "the constant has another value",
    };
    let message = format!("the API is as it was, and the run time differs: {what}");
    let whole = || (Some(code::expr(old)), Some(code::expr(new)));
    let (Some(a), Some(b)) = (elements(old), elements(new)) else {
        return recorder.record(at, verdict, whole(), message);
    };
    let (gone, fresh) = (only(&a, &b), only(&b, &a));
    if gone.is_empty() && fresh.is_empty() {
        return recorder.record(at, verdict, whole(), message);
    }
    let mut pointers: Vec<_> =
        gone.iter().chain(&fresh).filter_map(|element| first_text(element)).collect();
    pointers.sort();
    pointers.dedup();
    let subject = match &at.subject {
        Subject::Type { name } => Subject::Properties { of: name.clone(), pointers },
        other => other.clone(),
    };
    let text = |list: &[&Expr]| {
        let mut texts: Vec<_> = list.iter().take(SHOWN).map(code::expr).collect();
        let left = list.len().saturating_sub(SHOWN);
        texts.extend((left > 0).then(|| format!("and {left} more")));
        (!texts.is_empty()).then(|| texts.join(", "))
    };
    recorder.record(&at.about(subject), verdict, (text(&gone), text(&fresh)), message);
}

/// The elements that are only in the first of two lists.
fn only<'e>(list: &Elements<'e>, other: &Elements<'_>) -> Vec<&'e Expr> {
    let differ = list.iter().filter(|(key, _)| !other.contains_key(*key));
    differ.map(|(_, element)| *element).collect()
}

type Elements<'e> = BTreeMap<String, &'e Expr>;

/// The elements of a list, by what tells them apart.
fn elements(list: &Expr) -> Option<Elements<'_>> {
    let list = match list {
        Expr::Reference(ExprReference { expr, .. }) => expr,
        other => other,
    };
    match list {
        Expr::Array(array) => {
            Some(array.elems.iter().map(|element| (code::key(element), element)).collect())
        }
        _ => None,
    }
}

/// The text that an element of a table begins with: the member that it is about.
fn first_text(element: &Expr) -> Option<String> {
    match element {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        Expr::Tuple(row) => row.elems.iter().find_map(first_text),
        Expr::Struct(row) => row.fields.iter().find_map(|field| first_text(&field.expr)),
        _ => None,
    }
}
