//! What types implement, whether it is derived or written out.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Expr, ExprReference, ImplItem, ItemImpl, Lit};

use crate::change::{Found, Semver, Spot, Subject};
use crate::surface::{By, Implemented, subject};
use crate::types::{Items, constants};
use crate::{code, rules};

/// Compares the traits of types that are in both files.
pub(super) fn compare(found: &mut Found, items: &Items<'_, '_>) {
    let (before, after) = (&items.before.traits, &items.after.traits);
    let common = |found: &&Implemented<'_>| items.common.contains(found.owner.as_str());
    for (key, old) in before.iter().filter(|(_, old)| common(old)) {
        if let Some(new) = after.get(key) {
            both(found, items, old, new);
            continue;
        }
        let message = match old.name().as_str() {
            "Default" => "there is no default of it any more".to_owned(),
            name => format!("`{name}` is no longer implemented"),
        };
        let texts = (Some(old.code()), None);
        found.say(&spot(old), (rules::TRAIT_REMOVED, Semver::Major), texts, message);
    }
    for (_, new) in after.iter().filter(|(key, new)| common(new) && !before.contains_key(key)) {
        let message = format!("`{}` is implemented now", new.name());
        found.say(
            &spot(new),
            (rules::TRAIT_ADDED, Semver::Minor),
            (None, Some(new.code())),
            message,
        );
    }
}

fn spot(found: &Implemented<'_>) -> Spot {
    Spot { item: found.path(), subject: subject(&found.owner) }
}

fn both(found: &mut Found, items: &Items<'_, '_>, old: &Implemented<'_>, new: &Implemented<'_>) {
    let remade = items.remade.contains(new.owner.as_str());
    let body = |found: &mut Found, message: &str| {
        let message = format!("the API is as it was, and the run time differs: {message}");
        let texts = (Some(old.code()), Some(new.code()));
        found.say(&spot(new), (rules::BEHAVIOUR_CHANGED, Semver::Patch), texts, message);
    };
    match (&old.by, &new.by) {
        (By::Derive(_), By::Derive(_)) => {}
        (By::Block(a, _), By::Block(b, _)) => {
            if code::same(a, b) {
                return;
            }
            let count = found.changes.len();
            blocks(found, (old, a), (new, b));
            let known =
                found.changes[count..].iter().any(|change| change.rule == rules::TRAIT_CHANGED);
            if !known && !remade && !same_bodies(a, b) {
                body(found, "it does something else");
            }
        }
        _ if remade => {}
        (By::Derive(_), By::Block(..)) => body(found, "it is written out instead of derived"),
        (By::Block(..), By::Derive(_)) => body(found, "it is derived instead of written out"),
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
    found: &mut Found,
    (old, old_block): (&Implemented<'_>, &ItemImpl),
    (new, new_block): (&Implemented<'_>, &ItemImpl),
) {
    let (generics, now) = (&old_block.generics, &new_block.generics);
    if !(code::same(generics, now) && code::same(&generics.where_clause, &now.where_clause)) {
        let texts = (Some(old.code()), Some(new.code()));
        let message = "it is implemented on other conditions";
        found.say(&spot(new), (rules::TRAIT_CHANGED, Semver::Major), texts, message);
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
                let at = Spot { item: path, subject: subject(&new.owner) };
                if code::same(&a.ty, &b.ty) && !code::same(&a.expr, &b.expr) {
                    value(found, &at, name, &a.expr, &b.expr);
                } else {
                    constants(found, &at, (&a.ty, &a.expr), (&b.ty, &b.expr));
                }
            }
            (Some(ImplItem::Type(a)), Some(ImplItem::Type(b))) if code::same(&a.ty, &b.ty) => {}
            _ => {
                let message = format!("`{name}` of it is something else");
                let verdict = (rules::TRAIT_CHANGED, Semver::Major);
                found.say(&spot(new), verdict, (text(a), text(b)), message);
            }
        }
    }
}

/// Says which elements of a list differ, or what another value is.
fn value(found: &mut Found, at: &Spot, name: &str, old: &Expr, new: &Expr) {
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
        return found.say(at, verdict, whole(), message);
    };
    let only = |these: &BTreeMap<String, &Expr>, those: &BTreeMap<String, &Expr>| -> Vec<Expr> {
        let differ = these.iter().filter(|(key, _)| !those.contains_key(*key));
        differ.map(|(_, element)| (*element).clone()).collect()
    };
    let (gone, fresh) = (only(&a, &b), only(&b, &a));
    if gone.is_empty() && fresh.is_empty() {
        return found.say(at, verdict, whole(), message);
    }
    let mut pointers: Vec<_> = gone.iter().chain(&fresh).filter_map(first_text).collect();
    pointers.sort();
    pointers.dedup();
    let subject = match &at.subject {
        Subject::Type { name } => Subject::Properties { of: name.clone(), pointers },
        other => other.clone(),
    };
    let text = |list: &[Expr]| {
        let texts: Vec<_> = list.iter().map(code::expr).collect();
        (!texts.is_empty()).then(|| texts.join(", "))
    };
    found.say(&at.about(subject), verdict, (text(&gone), text(&fresh)), message);
}

/// The elements of a list, by what tells them apart.
fn elements(list: &Expr) -> Option<BTreeMap<String, &Expr>> {
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
