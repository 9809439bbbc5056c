//! Where the service is.

use openapi_document::{Cursor, Document};
use serde_json::Value;

use crate::change::{Direction, Verdict};
use crate::comparison::Comparison;
use crate::finding::Finding;
use crate::operation::Operation;

/// A server that an operation is at: its address, and where that is said, if anywhere.
#[derive(Debug)]
struct Server<'a> {
    url: String,
    at: Option<Cursor<'a>>,
}

impl Server<'_> {
    fn pointer(&self) -> Option<&str> {
        self.at.as_ref().map(|at| at.pointer.as_str())
    }

    fn words(&self) -> String {
        let url = if self.url.is_empty() { "/" } else { &self.url };
        match self.at {
            Some(_) => format!("the server {url}"),
            None => format!("the server {url}, which is meant where no `servers` are listed,"),
        }
    }
}

/// The servers of an operation: its own, those of its path item, or those of the document; without
/// any, `/` (OpenAPI 3.0.4 section 4.7.1.1).
fn servers<'a>(document: &'a Document, operation: &Operation<'a>) -> Vec<Server<'a>> {
    let root = Cursor { value: &document.json, pointer: String::new() };
    let owners = [&operation.at, &operation.item, &root];
    let said = owners.into_iter().find(|at| {
        at.value.get("servers").and_then(Value::as_array).is_some_and(|list| !list.is_empty())
    });
    let Some(owner) = said else { return vec![Server { url: String::new(), at: None }] };
    let all = owner.elements("servers");
    all.flat_map(|at| {
        addresses(&at).into_iter().map(move |url| Server { url, at: Some(at.clone()) })
    })
    .collect()
}

/// How many addresses the values of variables may make.
const MANY: usize = 64;

/// The addresses of a server, with each value that its variables list, or their defaults; without a
/// slash at their end, with a host that has no case and no port that its scheme implies (RFC 3986
/// sections 6.2.2.1 and 6.2.3).
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
        let host = host.to_ascii_lowercase();
        let port = if host.starts_with("https:") { ":443" } else { ":80" };
        let host = host.strip_suffix(port).unwrap_or(&host);
        *url = format!("{host}{}", path.trim_end_matches('/'));
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
    let first = |all: &[Server<'a>]| all.first().and_then(Server::pointer).map(str::to_owned);
    for server in old.iter().filter(|server| !new.iter().any(|other| other.url == server.url)) {
        let (host, path) = split(&server.url);
        let moved =
            new.iter().any(|other| split(&other.url).0 == host && split(&other.url).1 != path);
        let wire = if moved { Verdict::Breaking } else { Verdict::PotentiallyBreaking };
        let at = (server.pointer(), first(&new));
        record(
            "server-removed",
            wire,
            format!("{} is gone", server.words()),
            (at.0, at.1.as_deref()),
        );
    }
    for server in new.iter().filter(|server| !old.iter().any(|other| other.url == server.url)) {
        let at = (first(&old), server.pointer());
        let text = format!("{} is new", server.words());
        record("server-added", Verdict::Compatible, text, (at.0.as_deref(), at.1));
    }
}
