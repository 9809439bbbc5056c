//! Functions: how they are called, and what they give back.

use std::collections::BTreeMap;

use syn::ext::IdentExt;
use syn::{
    Block, Expr, FnArg, GenericArgument, ImplItem, Pat, PathArguments, ReturnType, Signature, Stmt,
    Type, Visibility,
};

use crate::change::{ItemContext, Recorder, Semver, Subject};
use crate::surface::{Items, Member, plain};
use crate::{attributes, code, constants, rules};

/// Compares what types have without a trait.
pub(super) fn compare(recorder: &mut Recorder, items: &Items<'_, '_>) {
    let (before, after) = (&items.before.members, &items.after.members);
    for (path, old) in before.iter().filter(|(_, old)| items.common.contains(old.owner.as_str())) {
        if let Some(new) = after.get(path) {
            both(recorder, path, old, new);
            continue;
        }
        let verdict = (rules::METHOD_REMOVED, Semver::Major);
        let message = format!("the {} is gone", kind(old.item));
        recorder.record(&context(path, old), verdict, (Some(shown(old.item)), None), message);
    }
    for (path, new) in after.iter().filter(|(_, new)| items.common.contains(new.owner.as_str())) {
        if !before.contains_key(path) {
            let verdict = (rules::METHOD_ADDED, Semver::Minor);
            let message = format!("the {} is new", kind(new.item));
            recorder.record(&context(path, new), verdict, (None, Some(shown(new.item))), message);
        }
    }
}

fn context(path: &str, member: &Member<'_>) -> ItemContext {
    let subject = match operation(member) {
        Some(method) => Subject::Operation { method },
        None if member.owner == "Client" => Subject::Nothing,
        None => crate::surface::subject(&member.owner),
    };
    ItemContext { item: path.to_owned(), subject }
}

/// The name of a method that calls the service.
fn operation(member: &Member<'_>) -> Option<String> {
    match member.item {
        ImplItem::Fn(method) if member.owner == "Client" && method.sig.asyncness.is_some() => {
            Some(plain(&method.sig.ident))
        }
        _ => None,
    }
}

fn kind(item: &ImplItem) -> &'static str {
    match item {
        ImplItem::Fn(_) => "method",
        ImplItem::Const(_) => "associated constant",
        _ => "associated type",
    }
}

fn shown(item: &ImplItem) -> String {
    match item {
        ImplItem::Fn(method) => code::signature(&method.vis, &method.sig),
        ImplItem::Const(constant) => {
            let name = &constant.ident;
            format!(
                "pub const {name}: {} = {};",
                code::ty(&constant.ty),
                code::expr(&constant.expr)
            )
        }
        ImplItem::Type(alias) => format!("pub type {} = {};", alias.ident, code::ty(&alias.ty)),
        other => code::item(other),
    }
}

fn both(recorder: &mut Recorder, path: &str, old: &Member<'_>, new: &Member<'_>) {
    let (a, b) = (old.item, new.item);
    if code::same(a, b) {
        return;
    }
    // A method that no longer calls the service is still named after what it called.
    let at = context(path, if operation(new).is_some() { new } else { old });
    match (a, b) {
        (ImplItem::Fn(a), ImplItem::Fn(b)) => {
            let method = operation(new).or_else(|| operation(old));
            let now = (&b.sig, &b.block);
            functions(recorder, &at, method.as_deref(), (&a.vis, &a.sig, &a.block), now);
            attributes::compare(recorder, &at, &a.attrs, &b.attrs);
        }
        (ImplItem::Const(a), ImplItem::Const(b)) => {
            constants::compare(recorder, &at, (&a.ty, &a.expr), (&b.ty, &b.expr));
            attributes::compare(recorder, &at, &a.attrs, &b.attrs);
        }
        _ => {
            let texts = (Some(shown(a)), Some(shown(b)));
            let message = format!("the {} is defined in another way", kind(a));
            recorder.record(&at, (rules::DEFINITION_CHANGED, Semver::Major), texts, message);
        }
    }
}

/// Compares two functions; `operation` is the name of one that calls the service.
pub(super) fn functions(
    recorder: &mut Recorder,
    at: &ItemContext,
    operation: Option<&str>,
    (visibility, old, old_body): (&Visibility, &Signature, &Block),
    (new, new_body): (&Signature, &Block),
) {
    let count = recorder.changes.len();
    let whole = || (Some(code::signature(visibility, old)), Some(code::signature(visibility, new)));
    let receiver = |signature: &Signature| signature.receiver().map(code::key);
    let called = |signature: &Signature| {
        let Signature { constness, asyncness, safety, abi, variadic, .. } = signature;
        [
            code::key(constness),
            code::key(asyncness),
            code::key(safety),
            code::key(abi),
            code::key(variadic),
        ]
    };
    if called(old) != called(new) || receiver(old) != receiver(new) {
        let message = "it is called in another way";
        recorder.record(at, (rules::SIGNATURE_CHANGED, Semver::Major), whole(), message);
    }
    let bounds = |a: &Signature, b: &Signature| {
        code::same(&a.generics, &b.generics)
            && code::same(&a.generics.where_clause, &b.generics.where_clause)
    };
    if !bounds(old, new) {
        let message = "it has other generic parameters, or other bounds on them";
        recorder.record(at, (rules::GENERICS_CHANGED, Semver::Major), whole(), message);
    }
    arguments(recorder, at, operation, old, new);
    output(recorder, at, operation, &old.output, &new.output);
    // What is said of the signature shows in the body too.
    let is_constructor = matches!(at.subject, Subject::Type { .. }) && is_literal(new_body);
    let is_other = !code::same(old_body, new_body) && !is_constructor;
    if recorder.changes.len() == count && is_other {
        let message = "the signature is as it was, and the run time differs: it sends something \
                       else, or reads the answer in another way";
        recorder.record(at, (rules::BEHAVIOUR_CHANGED, Semver::Patch), whole(), message);
    }
}

/// Whether a function writes a struct out: its fields are compared by themselves.
fn is_literal(body: &Block) -> bool {
    matches!(&body.stmts[..], [Stmt::Expr(Expr::Struct(_), None)])
}

/// The arguments after the receiver.
fn typed(signature: &Signature) -> Vec<(String, &Type)> {
    let argument = |argument: &'_ FnArg| match argument {
        FnArg::Typed(argument) => Some(match &*argument.pat {
            Pat::Ident(name) => name.ident.unraw().to_string(),
            pattern => code::key(pattern),
        }),
        FnArg::Receiver(_) => None,
    };
    let types = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(argument) => Some(&*argument.ty),
        FnArg::Receiver(_) => None,
    });
    signature.inputs.iter().filter_map(argument).zip(types).collect()
}

fn arguments(
    recorder: &mut Recorder,
    at: &ItemContext,
    operation: Option<&str>,
    old: &Signature,
    new: &Signature,
) {
    let (old, new) = (typed(old), typed(new));
    let names = |list: &[(String, &Type)]| -> BTreeMap<String, usize> {
        list.iter().enumerate().map(|(place, (name, _))| (name.clone(), place)).collect()
    };
    let (before, after) = (names(&old), names(&new));
    let renamed = |name: &str, was: Option<&str>| match operation {
        Some(method) => {
            let (method, argument) = (method.to_owned(), name.to_owned());
            at.about(Subject::Parameter { method, argument, was: was.map(str::to_owned) })
        }
        // A constructor takes the fields by their names.
        None => match &at.subject {
            Subject::Type { name: of } => {
                at.about(Subject::Field { of: of.clone(), property: Some(name.to_owned()) })
            }
            _ => at.clone(),
        },
    };
    let context = |name: &str| renamed(name, None);
    let text = |(name, ty): &(String, &Type)| Some(format!("{name}: {}", code::ty(ty)));
    let stays = |(name, place): (&String, &usize)| after.get(name).is_none_or(|now| now == place);
    let by_place = old.len() == new.len()
        && old.iter().zip(&new).all(|(a, b)| code::same(a.1, b.1))
        && before.iter().all(stays);
    if by_place {
        for (a, b) in old.iter().zip(&new).filter(|(a, b)| a.0 != b.0) {
            let message = format!(
                "`{}` is called `{}`; calls pass it by its place, and compile as before",
                a.0, b.0
            );
            let verdict = (rules::ARGUMENT_RENAMED, Semver::Patch);
            recorder.record(&renamed(&b.0, Some(&a.0)), verdict, (text(a), text(b)), message);
        }
        return;
    }
    let mut order = Vec::new();
    for argument in &old {
        let name = &argument.0;
        let Some(&place) = after.get(name) else {
            let message = format!("`{name}` is gone: calls pass one argument less");
            let verdict = (rules::ARGUMENT_REMOVED, Semver::Major);
            recorder.record(&context(name), verdict, (text(argument), None), message);
            continue;
        };
        order.push(place);
        let now = &new[place];
        if code::same(argument.1, now.1) {
            continue;
        }
        let message = if code::optional(now.1).is_some_and(|inner| code::same(inner, argument.1)) {
            format!("`{name}` is optional now: calls pass it as `Some`, or pass `None`")
        } else if code::optional(argument.1).is_some_and(|inner| code::same(inner, now.1)) {
            format!("`{name}` is required now: calls must pass it, and not as `Some`")
        } else {
            format!("`{name}` is of another type")
        };
        let verdict = (rules::ARGUMENT_TYPE_CHANGED, Semver::Major);
        recorder.record(&context(name), verdict, (text(argument), text(now)), message);
    }
    for argument in new.iter().filter(|(name, _)| !before.contains_key(name)) {
        let message = format!("`{}` is new: every call must pass it", argument.0);
        let verdict = (rules::ARGUMENT_ADDED, Semver::Major);
        recorder.record(&context(&argument.0), verdict, (None, text(argument)), message);
    }
    if !order.is_sorted() {
        let list = |list: &[(String, &Type)]| {
            Some(list.iter().filter_map(text).collect::<Vec<_>>().join(", "))
        };
        let message = "the arguments are in another order: where their types are the same, calls \
                       compile and pass each for the other";
        recorder.record(
            at,
            (rules::ARGUMENTS_REORDERED, Semver::Major),
            (list(&old), list(&new)),
            message,
        );
    }
}

fn output(
    recorder: &mut Recorder,
    at: &ItemContext,
    operation: Option<&str>,
    old: &ReturnType,
    new: &ReturnType,
) {
    if code::same(old, new) {
        return;
    }
    let text = |output: &ReturnType| match output {
        ReturnType::Default => Some("()".to_owned()),
        ReturnType::Type(_, ty) => Some(code::ty(ty)),
    };
    let context = |success: bool| match operation {
        Some(method) => at.about(Subject::Answer { method: method.to_owned(), success }),
        None => at.clone(),
    };
    let returned = (rules::RETURN_TYPE_CHANGED, Semver::Major);
    let (Some((a, a_error)), Some((b, b_error))) = (result(old), result(new)) else {
        let message = "it returns another type";
        return recorder.record(&context(true), returned, (text(old), text(new)), message);
    };
    if !code::same(a, b) {
        let texts = (Some(code::ty(a)), Some(code::ty(b)));
        recorder.record(&context(true), returned, texts, "it returns another type");
    }
    if !code::same(a_error, b_error) {
        let texts = (Some(code::ty(a_error)), Some(code::ty(b_error)));
        let message = "it fails with another type";
        recorder.record(
            &context(false),
            (rules::ERROR_TYPE_CHANGED, Semver::Major),
            texts,
            message,
        );
    }
}

/// The two types of a `Result`.
fn result(output: &ReturnType) -> Option<(&Type, &Type)> {
    let ReturnType::Type(_, ty) = output else { return None };
    let Type::Path(path) = &**ty else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == "Result")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let mut types = arguments.args.iter();
    match (types.next(), types.next()) {
        (Some(GenericArgument::Type(value)), Some(GenericArgument::Type(error))) => {
            Some((value, error))
        }
        _ => None,
    }
}
