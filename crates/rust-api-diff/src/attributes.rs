//! What the attributes of an item say to those who compile against it.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Token};

use crate::change::{ItemContext, Recorder, Semver};
use crate::surface::conditional;
use crate::{code, rules};

/// Compares everything but the derives, which count as traits.
pub(super) fn compare(
    recorder: &mut Recorder,
    at: &ItemContext,
    old: &[Attribute],
    new: &[Attribute],
) {
    plain(recorder, at, old, new);
    serde(recorder, at, old, new, false);
}

/// As [`compare`], for a field of another type: typify writes other serde attributes for it, of which
/// only the name on the wire says something new.
pub(super) fn compare_retyped(
    recorder: &mut Recorder,
    at: &ItemContext,
    old: &[Attribute],
    new: &[Attribute],
) {
    plain(recorder, at, old, new);
    serde(recorder, at, old, new, true);
}

fn plain(recorder: &mut Recorder, at: &ItemContext, old: &[Attribute], new: &[Attribute]) {
    let (before, after) = differing(&docs(old), &docs(new));
    if before.is_some() || after.is_some() {
        let what = if old.iter().any(is_doc) { "the text differs" } else { "there is a text now" };
        recorder.record(at, (rules::DOCS_CHANGED, Semver::Patch), (before, after), what);
    }
    let mut named = |names: &[&str], tell: &dyn Fn(bool, bool) -> (Verdict, &'static str)| {
        let (a, b) = (texts(old, names), texts(new, names));
        if a != b {
            let (verdict, message) = tell(a.is_some(), b.is_some());
            recorder.record(at, verdict, (a, b), message);
        }
    };
    named(&["deprecated"], &|was, is| match (was, is) {
        (false, _) => {
            ((rules::DEPRECATED, Semver::Minor), "it is deprecated: whoever uses it is warned")
        }
        (_, false) => ((rules::DEPRECATION_CHANGED, Semver::Patch), "it is no longer deprecated"),
        _ => ((rules::DEPRECATION_CHANGED, Semver::Patch), "the note of its deprecation differs"),
    });
    named(&["non_exhaustive"], &|was, _| {
        if was {
            let message = "it can be written out, and matched without `_`";
            ((rules::NON_EXHAUSTIVE_REMOVED, Semver::Minor), message)
        } else {
            let message = "it can no longer be written out, nor matched without `_`";
            ((rules::NON_EXHAUSTIVE_ADDED, Semver::Major), message)
        }
    });
    named(&["must_use"], &|_, _| {
        ((rules::MUST_USE_CHANGED, Semver::Minor), "whoever ignores it may be warned, or no longer")
    });
    named(&["repr", "cfg"], &|_, _| {
        ((rules::LAYOUT_CHANGED, Semver::Major), "its layout, or where it is there at all, differs")
    });
}

type Verdict = (&'static str, Semver);

/// The attributes of these names, as code.
fn texts(attributes: &[Attribute], names: &[&str]) -> Option<String> {
    let wanted = |attribute: &&Attribute| names.iter().any(|name| attribute.path().is_ident(name));
    let texts: Vec<_> = attributes
        .iter()
        .filter(wanted)
        .map(|attribute| format!("#[{}]", meta(&attribute.meta)))
        .collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}

/// An attribute by its parts, so that it reads as it is written.
fn meta(meta: &Meta) -> String {
    match meta {
        Meta::Path(path) => code::key(path),
        Meta::NameValue(pair) => {
            format!("{} = {}", code::key(&pair.path), pair.value.to_token_stream())
        }
        Meta::List(list) => {
            let parse = Punctuated::<Meta, Token![,]>::parse_terminated;
            let inner = match list.parse_args_with(parse) {
                Ok(metas) => metas.iter().map(self::meta).collect::<Vec<_>>().join(", "),
                Err(_) => list.tokens.to_string(),
            };
            format!("{}({inner})", code::key(&list.path))
        }
    }
}

fn serde(
    recorder: &mut Recorder,
    at: &ItemContext,
    old: &[Attribute],
    new: &[Attribute],
    retyped: bool,
) {
    let (a, b) = (serde_parts(old), serde_parts(new));
    let only = |these: &[String], those: &[String]| {
        let name = |part: &&String| !retyped || part.starts_with("rename ");
        let parts: Vec<_> =
            these.iter().filter(|part| !those.contains(part)).filter(name).cloned().collect();
        (!parts.is_empty()).then(|| format!("#[serde({})]", parts.join(", ")))
    };
    let (before, after) = (only(&a, &b), only(&b, &a));
    if before.is_none() && after.is_none() {
        return;
    }
    let both = [&before, &after].map(|text| text.as_deref().unwrap_or_default()).concat();
    let what = if both.contains("rename ") {
        "it has another name on the wire"
    } else if both.contains("deny_unknown_fields") {
        "what it does not know is refused, or no longer"
    } else if both.contains("untagged") || both.contains("tag =") {
        "it is told apart in another way"
    } else if both.contains("default") {
        "it may be absent from what is read, or no longer, or stands for something else then"
    } else if both.contains("skip_serializing_if") {
        "it is left out of what is written in other cases"
    } else {
        "it is read or written in another way"
    };
    let message = format!("the API is as it was, and the run time differs: {what}");
    recorder.record(at, (rules::SERDE_CHANGED, Semver::Patch), (before, after), message);
}

/// The parts of all serde attributes, sorted: neither their order nor how they are grouped counts.
fn serde_parts(attributes: &[Attribute]) -> Vec<String> {
    let parse = Punctuated::<Meta, Token![,]>::parse_terminated;
    let conditions = attributes.iter().flat_map(conditional).filter(|(_, meta)| is_serde(meta));
    let conditional =
        conditions.map(|(condition, inner)| format!("{} if {condition}", meta(&inner)));
    let mut parts: Vec<_> = attributes
        .iter()
        .filter(|attribute| is_serde(&attribute.meta))
        .flat_map(|attribute| match attribute.parse_args_with(parse) {
            Ok(metas) => metas.iter().map(meta).collect(),
            Err(_) => vec![meta(&attribute.meta)],
        })
        .chain(conditional)
        .collect();
    parts.sort();
    parts
}

/// Whether a field may be absent from what is read.
pub(super) fn has_default(attributes: &[Attribute]) -> bool {
    serde_parts(attributes).iter().any(|part| part == "default" || part.starts_with("default "))
}

fn is_serde(meta: &Meta) -> bool {
    meta.path().is_ident("serde")
}

fn is_doc(attribute: &Attribute) -> bool {
    attribute.path().is_ident("doc")
}

/// The lines of the text of an item.
fn docs(attributes: &[Attribute]) -> Vec<String> {
    let mut lines = Vec::new();
    for attribute in attributes.iter().filter(|attribute| is_doc(attribute)) {
        match &attribute.meta {
            Meta::NameValue(pair) => match &pair.value {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
                    let text = text.value();
                    // `#[doc = ""]` is a line too.
                    let text = if text.is_empty() { "\n" } else { &text };
                    lines.extend(text.lines().map(|line| format!("///{}", line.trim_end())));
                }
                other => lines.push(format!("#[doc = {}]", code::key(other))),
            },
            other => lines.push(format!("#[{}]", meta(other))),
        }
    }
    lines
}

/// The lines from the first to the last that differ.
fn differing(old: &[String], new: &[String]) -> (Option<String>, Option<String>) {
    let shorter = old.len().min(new.len());
    let front = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let back = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let back = back.min(shorter - front);
    let text = |lines: &[String]| {
        let lines = &lines[front..lines.len() - back];
        (!lines.is_empty()).then(|| lines.join("\n"))
    };
    (text(old), text(new))
}

/// The name that serde attributes give on the wire, and whether they spread out what is inside.
pub(crate) fn serde_name(attributes: &[Attribute]) -> (Option<String>, bool) {
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
