//! Who may call: alternatives, each of schemes that are all needed, each with its scopes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::change::{Direction, Verdict};
use crate::compare::Comparison;
use crate::document::Document;
use crate::node::{At, resolve};
use crate::operation::Operation;
use crate::schema::Event;
use crate::words;

/// One alternative: the schemes it needs, with their scopes.
type Alternative<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// What is said of who may call, and where.
struct Requirement<'a> {
    alternatives: Vec<Alternative<'a>>,
    at: At<'a>,
}

fn requirement<'a>(document: &'a Document, operation: &Operation<'a>) -> Option<Requirement<'a>> {
    let root = At { value: &document.json, pointer: String::new() };
    let at = operation.at.get("security").or_else(|| root.get("security"))?;
    let list = at.value.as_array()?;
    let alternatives = list.iter().filter_map(Value::as_object).map(|schemes| {
        let schemes = schemes.iter().map(|(name, scopes)| {
            let scopes = scopes.as_array().into_iter().flatten().filter_map(Value::as_str);
            (name.as_str(), scopes.collect())
        });
        schemes.collect()
    });
    Some(Requirement { alternatives: alternatives.collect(), at })
}

/// What a scheme is on the wire; its name is not.
fn identity(document: &Document, name: &str) -> Value {
    let pointer = format!("/components/securitySchemes/{}", crate::escape(name));
    let Some(value) = document.json.pointer(&pointer) else { return Value::from(name) };
    let at = resolve(document, At { value, pointer });
    let lower = |key: &str| at.text(key).map(str::to_ascii_lowercase);
    let kind = at.text("type").unwrap_or_default();
    let details = match kind {
        "apiKey" => vec![at.text("in").map(str::to_owned), at.text("name").map(str::to_owned)],
        "http" => vec![lower("scheme")],
        "openIdConnect" => vec![at.text("openIdConnectUrl").map(str::to_owned)],
        _ => {
            let mut flows: Vec<_> =
                at.entries("flows").map(|(flow, _)| Some(flow.to_owned())).collect();
            flows.sort();
            flows
        }
    };
    serde_json::json!([kind, details])
}

/// Compares who may call an operation.
pub(crate) fn compare<'a>(work: &mut Comparison<'a>, a: &Operation<'a>, b: &Operation<'a>) {
    let (old, new) = (requirement(work.base, a), requirement(work.revision, b));
    let (base, revision) = (work.base, work.revision);
    let named = |schemes: &Alternative<'a>| {
        let names: Vec<_> = schemes
            .iter()
            .map(|(name, scopes)| {
                let scopes: Vec<_> = scopes.iter().map(|scope| format!("`{scope}`")).collect();
                if scopes.is_empty() {
                    format!("`{name}`")
                } else {
                    format!("`{name}` ({})", words::list(&scopes))
                }
            })
            .collect();
        if names.is_empty() { "no credential".to_owned() } else { words::list(&names) }
    };
    let subject = b.reference();
    let event = |rule: &'static str, wire, text: String| {
        Event::named(rule, Direction::Neither, wire, format!("{subject} {text}")).at(
            Some(old.as_ref().map_or(&a.at.pointer, |r| &r.at.pointer)),
            Some(new.as_ref().map_or(&b.at.pointer, |r| &r.at.pointer)),
        )
    };
    // No alternative at all means that no credential is needed.
    let open = |r: &Requirement<'a>| {
        r.alternatives.is_empty() || r.alternatives.iter().any(BTreeMap::is_empty)
    };
    let mut events = Vec::new();
    match (&old, &new) {
        (None, None) => {}
        (None, Some(new)) => {
            let all: Vec<_> = new.alternatives.iter().map(named).collect();
            if !all.is_empty() {
                let text = format!("takes {}, of which nothing was said before", either(&all));
                let added = event("api-security-added", Verdict::Compatible, text);
                let note = "whoever calls without the credential is refused";
                events.push(if open(new) {
                    added
                } else {
                    added.run_time(Verdict::Breaking, note)
                });
            }
        }
        (Some(old), None) => {
            let all: Vec<_> = old.alternatives.iter().map(named).collect();
            let text = format!("says nothing of credentials any more; it took {}", either(&all));
            events.push(event("api-security-removed", Verdict::Compatible, text));
        }
        (Some(old), Some(new)) => {
            let scheme = |one: &str, other: &str| {
                one == other && identity(base, one) == identity(revision, other)
                    || identity(base, one) == identity(revision, other) && unnamed(revision, one)
            };
            // What the old alternative brings is enough for the new one.
            let enough = |old: &Alternative<'a>, new: &Alternative<'a>| {
                new.iter().all(|(name, scopes)| {
                    old.iter()
                        .any(|(known, brought)| scheme(known, name) && scopes.is_subset(brought))
                })
            };
            let schemes = |old: &Alternative<'a>, new: &Alternative<'a>| {
                old.len() == new.len()
                    && new.keys().all(|name| old.keys().any(|known| scheme(known, name)))
            };
            if open(old) && !open(new) {
                let all: Vec<_> = new.alternatives.iter().map(named).collect();
                let text = format!("takes {} now, and nothing was needed before", either(&all));
                events.push(event("api-security-added", Verdict::Breaking, text));
            } else if !open(new) {
                for before in &old.alternatives {
                    if new.alternatives.iter().any(|after| enough(before, after)) {
                        continue;
                    }
                    if let Some(after) =
                        new.alternatives.iter().find(|after| schemes(before, after))
                    {
                        let text = format!("takes {} now, not {}", named(after), named(before));
                        events.push(event("api-security-scope-added", Verdict::Breaking, text));
                    } else {
                        let text = format!("does not take {} any more", named(before));
                        events.push(event("api-security-removed", Verdict::Breaking, text));
                    }
                }
            }
            for after in &new.alternatives {
                let known = old.alternatives.iter().any(|before| enough(before, after));
                let related = old.alternatives.iter().any(|before| schemes(before, after));
                if !known && !related && !open(old) {
                    events.push(event(
                        "api-security-added",
                        Verdict::Compatible,
                        format!("takes {} too", named(after)),
                    ));
                }
                let fewer = old.alternatives.iter().find(|before| {
                    schemes(before, after)
                        && enough(before, after)
                        && before.values().map(BTreeSet::len).sum::<usize>()
                            > after.values().map(BTreeSet::len).sum::<usize>()
                });
                if let Some(before) = fewer {
                    let text =
                        format!("is content with {} now, not {}", named(after), named(before));
                    events.push(event("api-security-scope-removed", Verdict::Compatible, text));
                }
            }
        }
    }
    for event in events {
        work.say(event);
    }
}

/// Whether a document has no scheme of that name.
fn unnamed(document: &Document, name: &str) -> bool {
    document.json.pointer(&format!("/components/securitySchemes/{}", crate::escape(name))).is_none()
}

fn either(all: &[String]) -> String {
    all.join(" or ")
}
