//! Where the service is.

use openapi_document::{Cursor, Document};
use serde_json::Value;

use crate::change::{Direction, Verdict};
use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::operation::Operation;

/// A server that an operation is at: its address, and where that is said.
#[derive(Debug)]
struct Server<'a> {
    url: String,
    at: Cursor<'a>,
}

/// The servers of an operation: its own, those of its path item, or those of the document.
fn servers<'a>(document: &'a Document, operation: &Operation<'a>) -> Vec<Server<'a>> {
    let root = Cursor { value: &document.json, pointer: String::new() };
    let owners = [&operation.at, &operation.item, &root];
    let said = owners.into_iter().find(|at| {
        at.value.get("servers").and_then(Value::as_array).is_some_and(|list| !list.is_empty())
    });
    let all = said.into_iter().flat_map(|owner| owner.elements("servers").collect::<Vec<_>>());
    all.flat_map(|at| addresses(&at).into_iter().map(move |url| Server { url, at: at.clone() }))
        .collect()
}

/// How many addresses the values of variables may make.
const MANY: usize = 64;

/// The addresses of a server, with each value that its variables list, or their defaults; without a
/// slash at their end, and with a host that has no case (RFC 3986 section 6.2.2.1).
fn addresses(server: &Cursor<'_>) -> Vec<String> {
    let mut urls: Vec<String> = server.text("url").map(str::to_owned).into_iter().collect();
    for (name, variable) in server.entries("variables") {
        let mut values: Vec<_> =
            variable.elements("enum").filter_map(|value| value.value.as_str()).collect();
        if values.is_empty() || values.len() * urls.len() > MANY {
            values = variable.text("default").into_iter().collect();
        }
        if !values.is_empty() {
            let hole = format!("{{{name}}}");
            urls = urls
                .iter()
                .flat_map(|url| values.iter().map(|value| url.replace(&hole, value)))
                .collect();
            urls.dedup();
        }
    }
    for url in &mut urls {
        let (host, path) = split(url);
        *url = format!("{}{}", host.to_ascii_lowercase(), path.trim_end_matches('/'));
    }
    urls
}

/// Scheme and host of an address, and its path.
fn split(url: &str) -> (&str, &str) {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find('/').map_or(url.len(), |at| start + at);
    url.split_at(end)
}

/// Compares where an operation is.
pub(crate) fn compare<'a>(work: &mut Comparison<'a>, a: &Operation<'a>, b: &Operation<'a>) {
    let (old, new) = (servers(work.base, a), servers(work.revision, b));
    let mut record = |rule: &'static str, wire, text: String, at: (Option<&str>, Option<&str>)| {
        let finding = Finding::named(rule, Direction::Neither, wire, text);
        work.record(finding.at(at.0, at.1));
    };
    for server in old.iter().filter(|server| !new.iter().any(|other| other.url == server.url)) {
        let at =
            (Some(server.at.pointer.as_str()), new.first().map(|other| other.at.pointer.as_str()));
        let (host, path) = split(&server.url);
        let moved =
            new.iter().any(|other| split(&other.url).0 == host && split(&other.url).1 != path);
        let wire = if moved { Verdict::Breaking } else { Verdict::PotentiallyBreaking };
        record("server-removed", wire, format!("the server {} is gone", shown(&server.url)), at);
    }
    for server in new.iter().filter(|server| !old.iter().any(|other| other.url == server.url)) {
        let at =
            (old.first().map(|other| other.at.pointer.as_str()), Some(server.at.pointer.as_str()));
        record(
            "server-added",
            Verdict::Compatible,
            format!("the server {} is new", shown(&server.url)),
            at,
        );
    }
}

fn shown(url: &str) -> &str {
    if url.is_empty() { "/" } else { url }
}
