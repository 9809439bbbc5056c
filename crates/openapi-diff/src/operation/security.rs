//! Who may call: alternatives, each of schemes that are all needed, each with its scopes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::rc::Rc;

use openapi_document::{Cursor, Document};
use serde_json::Value;

use crate::change::{Direction, Verdict};
use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::operation::Operation;
use crate::render;

/// What a call needs of one scheme.
struct Need<'a> {
    scopes: BTreeSet<&'a str>,
    /// `None` if the document does not say what the scheme is.
    identity: Option<Rc<Identity<'a>>>,
}

/// One alternative: the schemes it needs, by their names.
struct Alternative<'a>(BTreeMap<&'a str, Need<'a>>);

impl Alternative<'_> {
    fn scopes(&self) -> usize {
        self.0.values().map(|need| need.scopes.len()).sum()
    }
}

impl fmt::Display for Alternative<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = self.0.iter().map(|(name, need)| {
            let scopes: Vec<_> = need.scopes.iter().map(|scope| format!("`{scope}`")).collect();
            match render::list(&scopes) {
                scopes if scopes.is_empty() => format!("`{name}`"),
                scopes => format!("`{name}` ({scopes})"),
            }
        });
        let named: Vec<_> = named.collect();
        f.write_str(if named.is_empty() { "no credential" } else { "" })?;
        f.write_str(&render::list(&named))
    }
}

/// What is said of who may call, and where.
struct Requirement<'a> {
    alternatives: Vec<Alternative<'a>>,
    at: Cursor<'a>,
}

impl<'a> Requirement<'a> {
    fn names(&self) -> impl Iterator<Item = &'a str> {
        self.alternatives.iter().flat_map(|needs| needs.0.keys().copied())
    }

    /// No alternative at all means that no credential is needed.
    fn is_open(&self) -> bool {
        self.alternatives.is_empty() || self.alternatives.iter().any(|needs| needs.0.is_empty())
    }
}

impl fmt::Display for Requirement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<_> = self.alternatives.iter().map(ToString::to_string).collect();
        f.write_str(&render::either(&all))
    }
}

fn requirement<'a>(document: &'a Document, operation: &Operation<'a>) -> Option<Requirement<'a>> {
    let root = Cursor { value: &document.json, pointer: String::new() };
    let at = operation.at.get("security").or_else(|| root.get("security"))?;
    let list = at.value.as_array()?;
    // Many alternatives may need the same scheme: it is looked at once.
    let mut known = HashMap::new();
    let alternatives = list.iter().filter_map(Value::as_object).map(|schemes| {
        let schemes = schemes.iter().map(|(name, scopes)| {
            let name = name.as_str();
            let scopes = scopes.as_array().into_iter().flatten().filter_map(Value::as_str);
            let identity = known
                .entry(name)
                .or_insert_with(|| scheme(document, name).map(|at| Rc::new(Identity::new(&at))));
            (name, Need { scopes: scopes.collect(), identity: identity.clone() })
        });
        Alternative(schemes.collect())
    });
    Some(Requirement { alternatives: alternatives.collect(), at })
}

/// What a scheme has a caller bring. Its name is not on the wire.
struct Identity<'a> {
    /// What must be the same for what is brought to be taken.
    brought: (Option<&'a str>, Option<&'a str>, Option<String>),
    /// The ways to a token, each with its addresses: whoever gets one by one flow need not know of
    /// another.
    flows: BTreeMap<&'a str, [Option<&'a str>; 3]>,
}

/// Where a flow leads a client, and what that is to it.
const ADDRESSES: [(&str, &str); 3] = [
    ("authorizationUrl", "users are asked"),
    ("tokenUrl", "tokens are given"),
    ("refreshUrl", "tokens are renewed"),
];

impl<'a> Identity<'a> {
    fn new(at: &Cursor<'a>) -> Self {
        let kind = at.text("type");
        let lower = |key: &str| at.text(key).map(str::to_ascii_lowercase);
        let same = |key: &str| at.text(key).map(str::to_owned);
        let (place, what) = match kind.unwrap_or_default() {
            "apiKey" if at.text("in") == Some("header") => (Some("header"), lower("name")),
            "apiKey" => (at.text("in"), same("name")),
            "http" => (None, lower("scheme")),
            "openIdConnect" => (None, same("openIdConnectUrl")),
            _ => {
                let addresses = |flow: Cursor<'a>| ADDRESSES.map(|(key, _)| flow.text(key));
                let flows = at.entries("flows").map(|(name, flow)| (name, addresses(flow)));
                return Self { brought: (kind, None, None), flows: flows.collect() };
            }
        };
        Self { brought: (kind, place, what), flows: BTreeMap::new() }
    }
}

/// A scheme of a document, if it says what it is.
fn scheme<'a>(document: &'a Document, name: &str) -> Option<Cursor<'a>> {
    let pointer = format!("/components/securitySchemes/{}", crate::escape(name));
    let value = document.json.pointer(&pointer)?;
    Some(document.follow(Cursor { value, pointer }))
}

/// Whether what `old` brings is what `new` takes.
fn alike(old: &Identity<'_>, new: &Identity<'_>) -> bool {
    old.brought == new.brought && old.flows.keys().all(|flow| new.flows.contains_key(flow))
}

/// Compares who may call an operation.
pub(crate) fn compare<'a>(work: &mut Comparison<'a>, a: &Operation<'a>, b: &Operation<'a>) {
    let (old, new) = (requirement(work.base, a), requirement(work.revision, b));
    let at = |said: &Option<Requirement<'a>>| said.as_ref().map(|said| said.at.pointer.clone());
    let findings = match (&old, &new) {
        (None, None) => Vec::new(),
        (None, Some(new)) => declared(new).into_iter().collect(),
        (Some(old), None) if old.is_open() => Vec::new(),
        (Some(old), None) => {
            let text =
                format!("no security requirement is documented any more; a call needed {old}");
            vec![finding("api-security-removed", Verdict::Compatible, text)]
        }
        (Some(old), Some(new)) if new.is_open() && old.is_open() => Vec::new(),
        (Some(old), Some(new)) if new.is_open() => {
            let text = format!("a call needs no credential any more; it needed {old}");
            vec![finding("api-security-removed", Verdict::Compatible, text)]
        }
        (Some(old), Some(new)) if old.is_open() => {
            let text = format!("a call needs {new} now; it needed no credential before");
            vec![finding("api-security-added", Verdict::Breaking, text)]
        }
        (Some(old), Some(new)) => changed(work.revision, old, new),
    };
    for finding in findings {
        work.record(finding.at(at(&old).as_deref(), at(&new).as_deref()));
    }
}

fn finding(rule: &'static str, wire: Verdict, text: String) -> Finding {
    Finding::named(rule, Direction::Neither, wire, text)
}

/// What nothing was said of may have been so all the time.
fn declared(new: &Requirement<'_>) -> Option<Finding> {
    if new.alternatives.is_empty() {
        return None;
    }
    let text = format!("a call needs {new}, which was not documented before");
    let finding = finding("api-security-added", Verdict::Compatible, text);
    let note = "whoever calls without the credential is refused";
    Some(if new.is_open() { finding } else { finding.run_time(Verdict::Breaking, note) })
}

/// The addresses of a scheme that clients know, and that are others now.
fn moved<'a>(old: &Requirement<'a>, new: &Requirement<'a>) -> Vec<Finding> {
    let needs = |said: &Requirement<'a>| -> BTreeMap<&'a str, Rc<Identity<'a>>> {
        let all = said.alternatives.iter().flat_map(|needs| &needs.0);
        all.filter_map(|(name, need)| Some((*name, need.identity.clone()?))).collect()
    };
    let (old, new) = (needs(old), needs(new));
    let mut findings = Vec::new();
    for (name, old) in &old {
        let Some(new) = new.get(name) else { continue };
        for (flow, addresses) in &old.flows {
            let Some(others) = new.flows.get(flow) else { continue };
            for ((was, is), (_, what)) in addresses.iter().zip(others).zip(ADDRESSES) {
                let (wire, text) = match (was, is) {
                    (was, is) if was == is => continue,
                    (None, Some(is)) => {
                        let text = format!("{what} at {is} for `{name}`, which is new");
                        (Verdict::Compatible, text)
                    }
                    (Some(was), Some(is)) => {
                        let text = format!("{what} at {is} for `{name}` now, not at {was}");
                        (Verdict::PotentiallyBreaking, text)
                    }
                    (Some(was), None) => {
                        let text = format!("{what} no more at {was} for `{name}`");
                        (Verdict::PotentiallyBreaking, text)
                    }
                    (None, None) => continue,
                };
                findings.push(finding("api-security-component-oauth-url-changed", wire, text));
            }
        }
    }
    findings
}

/// What changed between alternatives of which each needs something.
fn changed<'a>(
    revision: &'a Document,
    old: &Requirement<'a>,
    new: &Requirement<'a>,
) -> Vec<Finding> {
    // A name that is still there is not the new name of another scheme.
    let stay: HashSet<_> = old.names().filter(|name| scheme(revision, name).is_some()).collect();
    let matches = |(one, a): (&&str, &Need<'a>), (other, b): (&&str, &Need<'a>)| match (
        &a.identity,
        &b.identity,
    ) {
        (Some(a), Some(b)) => alike(a, b) && (one == other || !stay.contains(*one)),
        (None, None) => one == other,
        _ => false,
    };
    // What the old alternative brings is enough for the new one.
    let enough = |old: &Alternative<'a>, new: &Alternative<'a>| {
        new.0.iter().all(|new| {
            let mut all = old.0.iter();
            all.any(|old| matches(old, new) && new.1.scopes.is_subset(&old.1.scopes))
        })
    };
    let schemes = |old: &Alternative<'a>, new: &Alternative<'a>| {
        old.0.len() == new.0.len()
            && new.0.iter().all(|new| old.0.iter().any(|old| matches(old, new)))
    };
    let namesake = |old: &Alternative<'a>, new: &Alternative<'a>| old.0.keys().eq(new.0.keys());
    let mut findings = moved(old, new);
    for before in &old.alternatives {
        let mut all = new.alternatives.iter();
        if new.alternatives.iter().any(|after| enough(before, after)) {
            continue;
        }
        findings.push(if let Some(after) = all.find(|after| schemes(before, after)) {
            let text = format!("a call needs {after} now, not {before}");
            finding("api-security-scope-added", Verdict::Breaking, text)
        } else if new.alternatives.iter().any(|after| namesake(before, after)) {
            let text = format!("{before} is brought in another way than before");
            finding("api-security-component-type-changed", Verdict::Breaking, text)
        } else {
            let text = format!("a call with {before} is refused now");
            finding("api-security-removed", Verdict::Breaking, text)
        });
    }
    for after in &new.alternatives {
        let mut all = old.alternatives.iter();
        let related = |before: &Alternative<'a>| {
            enough(before, after) || schemes(before, after) || namesake(before, after)
        };
        if !old.alternatives.iter().any(related) {
            let text = format!("a call with {after} is taken now");
            findings.push(finding("api-security-added", Verdict::Compatible, text));
        }
        let less = |before: &&Alternative<'a>| {
            schemes(before, after) && enough(before, after) && before.scopes() > after.scopes()
        };
        if let Some(before) = all.find(less) {
            let text = format!("a call needs {after} now, and no longer {before}");
            findings.push(finding("api-security-scope-removed", Verdict::Compatible, text));
        }
    }
    findings
}
