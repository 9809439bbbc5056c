//! Who may call: alternatives, each of schemes that are all needed, each with its scopes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use crate::change::{Direction, Verdict};
use crate::compare::Comparison;
use crate::document::Document;
use crate::event::Event;
use crate::node::{At, resolve};
use crate::operation::Operation;
use crate::words;

/// One alternative: the schemes it needs, with their scopes.
struct Alternative<'a>(BTreeMap<&'a str, BTreeSet<&'a str>>);

impl Alternative<'_> {
    fn scopes(&self) -> usize {
        self.0.values().map(BTreeSet::len).sum()
    }
}

impl fmt::Display for Alternative<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = self.0.iter().map(|(name, scopes)| {
            let scopes: Vec<_> = scopes.iter().map(|scope| format!("`{scope}`")).collect();
            match words::list(&scopes) {
                scopes if scopes.is_empty() => format!("`{name}`"),
                scopes => format!("`{name}` ({scopes})"),
            }
        });
        let named: Vec<_> = named.collect();
        f.write_str(if named.is_empty() { "no credential" } else { "" })?;
        f.write_str(&words::list(&named))
    }
}

/// What is said of who may call, and where.
struct Requirement<'a> {
    alternatives: Vec<Alternative<'a>>,
    at: At<'a>,
}

impl Requirement<'_> {
    /// No alternative at all means that no credential is needed.
    fn is_open(&self) -> bool {
        self.alternatives.is_empty() || self.alternatives.iter().any(|needs| needs.0.is_empty())
    }
}

impl fmt::Display for Requirement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<_> = self.alternatives.iter().map(ToString::to_string).collect();
        f.write_str(&words::either(&all))
    }
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
        Alternative(schemes.collect())
    });
    Some(Requirement { alternatives: alternatives.collect(), at })
}

/// A scheme of a document, if it says what it is.
fn scheme<'a>(document: &'a Document, name: &str) -> Option<At<'a>> {
    let pointer = format!("/components/securitySchemes/{}", crate::escape(name));
    let value = document.json.pointer(&pointer)?;
    Some(resolve(document, At { value, pointer }))
}

/// Whether what `old` brings is what `new` takes: its name is not on the wire.
fn alike(old: &At<'_>, new: &At<'_>) -> bool {
    let same = |key: &str| old.text(key) == new.text(key);
    let lower = |at: &At<'_>, key: &str| at.text(key).map(str::to_ascii_lowercase);
    let flow = |at: &At<'_>, flow: &str| at.get("flows").is_some_and(|all| all.get(flow).is_some());
    same("type")
        && match old.text("type").unwrap_or_default() {
            "apiKey" if old.text("in") == Some("header") => {
                same("in") && lower(old, "name") == lower(new, "name")
            }
            "apiKey" => same("in") && same("name"),
            "http" => lower(old, "scheme") == lower(new, "scheme"),
            "openIdConnect" => same("openIdConnectUrl"),
            // Whoever gets a token by one flow need not know of another.
            _ => old.entries("flows").all(|(name, _)| flow(new, name)),
        }
}

/// Compares who may call an operation.
pub(crate) fn compare<'a>(work: &mut Comparison<'a>, a: &Operation<'a>, b: &Operation<'a>) {
    let (old, new) = (requirement(work.base, a), requirement(work.revision, b));
    let at = |said: &Option<Requirement<'a>>| said.as_ref().map(|said| said.at.pointer.clone());
    let events = match (&old, &new) {
        (None, None) => Vec::new(),
        (None, Some(new)) => declared(new).into_iter().collect(),
        (Some(old), None) if old.is_open() => Vec::new(),
        (Some(old), None) => {
            let text = format!("nothing is said of credentials any more; a call needed {old}");
            vec![event("api-security-removed", Verdict::Compatible, text)]
        }
        (Some(old), Some(new)) if new.is_open() && old.is_open() => Vec::new(),
        (Some(old), Some(new)) if new.is_open() => {
            let text = format!("a call needs no credential any more; it needed {old}");
            vec![event("api-security-removed", Verdict::Compatible, text)]
        }
        (Some(old), Some(new)) if old.is_open() => {
            let text = format!("a call needs {new} now; it needed no credential before");
            vec![event("api-security-added", Verdict::Breaking, text)]
        }
        (Some(old), Some(new)) => changed(work.base, work.revision, old, new),
    };
    for event in events {
        work.say(event.at(at(&old).as_deref(), at(&new).as_deref()));
    }
}

fn event(rule: &'static str, wire: Verdict, text: String) -> Event {
    Event::named(rule, Direction::Neither, wire, text)
}

/// What nothing was said of may have been so all the time.
fn declared(new: &Requirement<'_>) -> Option<Event> {
    if new.alternatives.is_empty() {
        return None;
    }
    let text = format!("a call needs {new}, of which nothing was said before");
    let event = event("api-security-added", Verdict::Compatible, text);
    let note = "whoever calls without the credential is refused";
    Some(if new.is_open() { event } else { event.run_time(Verdict::Breaking, note) })
}

/// What changed between alternatives of which each needs something.
fn changed<'a>(
    base: &'a Document,
    revision: &'a Document,
    old: &Requirement<'a>,
    new: &Requirement<'a>,
) -> Vec<Event> {
    let scheme = |one: &str, other: &str| match (scheme(base, one), scheme(revision, other)) {
        (Some(a), Some(b)) => {
            // A name that is still there is not the new name of another scheme.
            alike(&a, &b) && (one == other || scheme(revision, one).is_none())
        }
        (None, None) => one == other,
        _ => false,
    };
    // What the old alternative brings is enough for the new one.
    let enough = |old: &Alternative<'a>, new: &Alternative<'a>| {
        new.0.iter().all(|(name, scopes)| {
            let mut all = old.0.iter();
            all.any(|(known, brought)| scheme(known, name) && scopes.is_subset(brought))
        })
    };
    let schemes = |old: &Alternative<'a>, new: &Alternative<'a>| {
        let known = |name: &str| old.0.keys().any(|known| scheme(known, name));
        old.0.len() == new.0.len() && new.0.keys().all(|name| known(name))
    };
    let namesake = |old: &Alternative<'a>, new: &Alternative<'a>| old.0.keys().eq(new.0.keys());
    let mut events = Vec::new();
    for before in &old.alternatives {
        let mut all = new.alternatives.iter();
        if new.alternatives.iter().any(|after| enough(before, after)) {
            continue;
        }
        events.push(if let Some(after) = all.find(|after| schemes(before, after)) {
            let text = format!("a call needs {after} now, not {before}");
            event("api-security-scope-added", Verdict::Breaking, text)
        } else if new.alternatives.iter().any(|after| namesake(before, after)) {
            let text = format!("{before} is brought in another way than before");
            event("api-security-component-type-changed", Verdict::Breaking, text)
        } else {
            let text = format!("a call with {before} is refused now");
            event("api-security-removed", Verdict::Breaking, text)
        });
    }
    for after in &new.alternatives {
        let mut all = old.alternatives.iter();
        let related = |before: &Alternative<'a>| {
            enough(before, after) || schemes(before, after) || namesake(before, after)
        };
        if !old.alternatives.iter().any(related) {
            let text = format!("a call with {after} is taken now");
            events.push(event("api-security-added", Verdict::Compatible, text));
        }
        let less = |before: &&Alternative<'a>| {
            schemes(before, after) && enough(before, after) && before.scopes() > after.scopes()
        };
        if let Some(before) = all.find(less) {
            let text = format!("a call needs {after} now, and no longer {before}");
            events.push(event("api-security-scope-removed", Verdict::Compatible, text));
        }
    }
    events
}
