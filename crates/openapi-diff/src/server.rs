//! Where the service is.

use serde_json::Value;

use crate::change::{Direction, Verdict};
use crate::compare::Comparison;
use crate::document::Document;
use crate::node::At;
use crate::operation::Operation;
use crate::schema::Event;

/// A server that an operation is at: its address, and where that is said.
#[derive(Debug)]
struct Server<'a> {
    url: String,
    at: At<'a>,
}

/// The servers of an operation: its own, those of its path item, or those of the document.
fn servers<'a>(document: &'a Document, operation: &Operation<'a>) -> Vec<Server<'a>> {
    let root = At { value: &document.json, pointer: String::new() };
    let owners = [&operation.at, &operation.item, &root];
    let said = owners.into_iter().find(|at| {
        at.value.get("servers").and_then(Value::as_array).is_some_and(|list| !list.is_empty())
    });
    let all = said.into_iter().flat_map(|owner| owner.elements("servers").collect::<Vec<_>>());
    all.filter_map(|at| Some(Server { url: address(&at)?, at })).collect()
}

/// The address of a server with the defaults of its variables, without a slash at its end.
fn address(server: &At<'_>) -> Option<String> {
    let mut url = server.text("url")?.to_owned();
    for (name, variable) in server.entries("variables") {
        if let Some(default) = variable.text("default") {
            url = url.replace(&format!("{{{name}}}"), default);
        }
    }
    Some(url.trim_end_matches('/').to_owned())
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
    let mut say = |rule: &'static str, wire, text: String, at: (Option<&str>, Option<&str>)| {
        let event = Event::named(rule, Direction::Neither, wire, text);
        work.say(event.at(at.0, at.1));
    };
    for server in old.iter().filter(|server| !new.iter().any(|other| other.url == server.url)) {
        let at =
            (Some(server.at.pointer.as_str()), new.first().map(|other| other.at.pointer.as_str()));
        let (host, path) = split(&server.url);
        let moved =
            new.iter().any(|other| split(&other.url).0 == host && split(&other.url).1 != path);
        let wire = if moved { Verdict::Breaking } else { Verdict::PotentiallyBreaking };
        say("server-removed", wire, format!("the server {} is gone", shown(&server.url)), at);
    }
    for server in new.iter().filter(|server| !old.iter().any(|other| other.url == server.url)) {
        let at =
            (old.first().map(|other| other.at.pointer.as_str()), Some(server.at.pointer.as_str()));
        say(
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
