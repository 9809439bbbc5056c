//! Links: where they lead, what they set there, and what they take for it from the messages before.

use std::collections::BTreeMap;

use openapi_document::{Contract, Cursor, Diagnostic, Operation, Rule, nearest, unescape};
use serde_json::Value;

use crate::walk;

openapi_document::rules! {
    /// A link leads to an operation of the document, by its `operationId` or by an `operationRef` (section 4.7.20). It
    /// sets parameters that the operation has, by their names, with the location in front where a name is in two
    /// (`header.If-Match`), and a body if the operation takes one. Its values are constants, runtime expressions
    /// (`$response.body#/id`), or texts with those in braces. Nobody refuses another name: whoever follows the link
    /// passes over it, or over the link, without a word. Names are compared to the letter, those of headers too.
    ///
    /// **Fix** the name, or the expression.
    /// **Waive** on the link, or on the response that has it.
    LINK = error("link", "a link leads to an operation, and sets what that takes") {
        bad: [
            ("{description: ok,", "{description: ok, links: {up: {operationId: PutA}},", 13),
            ("{description: ok,", "{description: ok, links: {up: {operationId: putA, operationRef: '#/paths/~1a~1{id}/put'}},", 13),
            ("{description: ok,", "{description: ok, links: {up: {operationRef: '#/paths/~1a~1{id}/patch'}},", 13),
            ("{description: ok,", "{description: ok, links: {up: {operationRef: '#/paths/~1a~1{id}'}},", 13),
            ("{description: ok,", "{description: ok, links: {up: {operationId: putA, parameters: {if-match: '1'}}},", 13),
            ("{description: ok,", "{description: ok, links: {up: {operationId: putA, parameters: {query.id: '1'}}},", 13),
            ("{description: ok,", "{description: ok, links: {up: {operationId: getA, requestBody: $response.body}},", 13),
            ("{description: ok,", "{description: ok, links: {up: {operationId: putA, requestBody: $response.body.etag}},", 13),
            ("{description: ok,", "{description: ok, links: {up: {operationId: putA, parameters: {id: $respons.body}}},", 13),
            ("{description: ok,", "{description: ok, links: {up: {operationId: putA, parameters: {id: '\"{$response.body#etag}\"'}}},", 13),
            ("{description: ok,", "{description: ok, links: {up: {operationId: putA, parameters: {id: '{$response.body#/etag'}}},", 13),
        ],
        good: [
            ("{description: ok,", "{description: ok, links: {up: {operationId: putA, parameters: {path.id: $request.path.id, If-Match: '\"{$response.body#/etag}\"'}, requestBody: $response.body}},"),
            ("{description: ok,", "{description: ok, links: {up: {operationRef: '#/paths/~1a~1%7Bid%7D/put', parameters: {id: 'a {b} $c'}}, other: {operationRef: 'https://example.com/b.yaml#/paths/~1b/get', parameters: {any: 1}}},"),
        ],
    }

    /// What a runtime expression takes, it takes from something that is described: a parameter or the body of the
    /// request, a header or the body of the response, a member by its JSON Pointer (RFC 6901). Otherwise nothing
    /// says that there is anything, and a misspelt name looks the same.
    ///
    /// **Fix** the name, or describe what is meant.
    /// **Waive** on the link, or on the response that has it.
    LINK_SOURCE = warning("link-source", "what a link takes from a message is described") {
        bad: [
            ("{description: ok,", "{description: ok, links: {up: {operationId: putA, parameters: {id: $request.path.Id}}},", 13),
            ("{description: ok,", "{description: ok, links: {up: {operationId: putA, parameters: {id: $request.query.id}}},", 13),
            ("{description: ok,", "{description: ok, links: {up: {operationId: putA, parameters: {id: $request.header.X-Id}}},", 13),
            ("{description: ok,", "{description: ok, links: {up: {operationId: putA, requestBody: $request.body}},", 13),
            ("{description: ok,", "{description: ok, links: {up: {operationId: putA, parameters: {id: $response.header.X-Id}}},", 13),
            ("{description: ok,", "{description: ok, links: {up: {operationId: putA, parameters: {id: 'a{$response.body#/Etag}'}}},", 13),
            ("{description: ok,", "{description: ok, links: {up: {operationId: putA, parameters: {id: '$response.body#/etag/a'}}},", 13),
            ("{description: failed", "{description: failed, links: {up: {operationId: putA, requestBody: $response.body}}", 14),
        ],
        good: [
            ("{description: ok,", "{description: ok, headers: {X-Id: {schema: {type: string}}}, links: {up: {operationId: putA, parameters: {id: $response.header.x-id, If-Match: '$response.body#/list/0/any'}}},"),
            ("{description: updated,", "{description: updated, links: {again: {operationId: putA, parameters: {id: '{$request.header.if-match}{$method}{$url}', If-Match: '$request.body#/name'}}},"),
        ],
    }
}

/// Headers that are sent and not described as parameters or as headers (sections 4.7.12 and 4.7.17), or by every client.
const UNDESCRIBED: [&str; 6] =
    ["accept", "authorization", "content-length", "content-type", "host", "user-agent"];

/// Every link of every response.
pub(super) fn links(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let operations: Vec<_> = contract.operations().collect();
    for operation in &operations {
        for (_, at, _) in contract.responses(operation) {
            let Some(response) = contract.resolve_at(&at) else { continue };
            for (_, link) in response.entries("links") {
                let Some(link) = contract.resolve(link) else { continue };
                let mut check =
                    Check { contract, operation, response: &response, findings: &mut findings };
                check.link(&operations, &link);
            }
        }
    }
    findings
}

/// One link, as the response of one operation has it.
struct Check<'a, 'f> {
    contract: &'a Contract,
    operation: &'f Operation<'a>,
    response: &'f Cursor<'a>,
    findings: &'f mut Vec<Diagnostic>,
}

impl<'a> Check<'a, '_> {
    fn report(&mut self, rule: Rule, pointer: &str, message: String, help: String) {
        self.findings.push(self.contract.source.diagnostic(rule, pointer, message, help));
    }

    fn link(&mut self, operations: &[Operation<'a>], link: &Cursor<'a>) {
        if let Some(target) = self.target(operations, link) {
            for (key, at) in link.entries("parameters") {
                self.parameter(target, key, &at);
            }
            if let Some(body) = link.get("requestBody")
                && target.value.get("requestBody").is_none()
            {
                let message = format!("{} takes no request body", named(target));
                let help = "remove it, or lead to the operation that takes it".to_owned();
                self.report(LINK, &body.pointer, message, help);
            }
        }
        let parameters = link.entries("parameters").map(|(_, at)| at);
        for at in parameters.chain(link.get("requestBody")) {
            for expression in at.value.as_str().into_iter().flat_map(expressions) {
                self.expression(expression, &at.pointer);
            }
        }
    }

    /// The operation that a link leads to, if it is in this document.
    fn target<'o>(
        &mut self,
        operations: &'o [Operation<'a>],
        link: &Cursor<'a>,
    ) -> Option<&'o Operation<'a>> {
        let (id, reference) = (link.text("operationId"), link.text("operationRef"));
        match (id, reference) {
            (Some(id), None) => {
                let ids = operations.iter().filter_map(|it| it.value["operationId"].as_str());
                let found = operations.iter().find(|it| it.value["operationId"] == id);
                if found.is_none() && !self.is_elsewhere(id) {
                    let message = format!("no operation has the `operationId` `{id}`");
                    let help = meant(id, ids, "name one that is there");
                    self.report(LINK, &format!("{}/operationId", link.pointer), message, help);
                }
                found
            }
            (None, Some(reference)) => {
                // In another document it may be anything.
                let is_here = reference.starts_with('#');
                let at = self.contract.target(reference);
                let found = at.and_then(|at| operations.iter().find(|it| it.pointer == at.pointer));
                if is_here && found.is_none() {
                    let message = format!("`{reference}` leads to no operation");
                    let help = "write `#/paths/`, the path with `~1` for `/`, and the method";
                    let pointer = format!("{}/operationRef", link.pointer);
                    self.report(LINK, &pointer, message, help.to_owned());
                }
                found
            }
            (None, None) | (Some(_), Some(_)) => {
                let message = match id {
                    None => "the link leads nowhere",
                    Some(_) => "the link leads to two places",
                };
                let help = "name the operation by `operationId` or by `operationRef`".to_owned();
                self.report(LINK, &link.pointer, message.to_owned(), help);
                None
            }
        }
    }

    /// Whether an operation of this name is in a callback, or left out of what the generator takes.
    fn is_elsewhere(&self, id: &str) -> bool {
        let mut found = self.contract.left_out.iter().any(|it| it["operationId"] == id);
        walk::objects(&self.contract.json["paths"], "/paths", &mut |_, value| {
            found |= value.get("responses").is_some() && value["operationId"] == id;
        });
        found
    }

    /// A parameter that is set is one of the operation, by its name alone or with its location.
    fn parameter(&mut self, target: &Operation<'a>, key: &str, at: &Cursor<'a>) {
        let parameters = self.contract.parameters(target);
        let location = |it: &Value| it["in"].as_str().unwrap_or_default().to_owned();
        let full = |name: &str, value: &Value| format!("{}.{name}", location(value));
        let same: Vec<_> = parameters.iter().filter(|it| it.name == key).collect();
        if let [one, other, ..] = &same[..] {
            let (one, other) = (location(one.value), location(other.value));
            let message = format!("`{key}` is in the {one} and in the {other}");
            let help = format!("write `{one}.{key}` or `{other}.{key}`");
            self.report(LINK, &at.pointer, message, help);
        }
        if !same.is_empty() || parameters.iter().any(|it| full(it.name, it.value) == key) {
            return;
        }
        let names = parameters.iter().flat_map(|it| [it.name.to_owned(), full(it.name, it.value)]);
        let names: Vec<_> = names.collect();
        let message = format!("{} has no parameter `{key}`", named(target));
        let help = meant(key, names.iter().map(String::as_str), "name one that it has");
        self.report(LINK, &at.pointer, message, help);
    }

    fn expression(&mut self, expression: &str, pointer: &str) {
        let Some(source) = Source::read(expression) else {
            let message = format!("`{expression}` is no runtime expression");
            let help = "expected `$url`, `$method`, `$statusCode`, `$request.` with `path.NAME`, `query.NAME`, \
                        `header.NAME`, `body` or `body#/POINTER`, or `$response.` with one of the last three";
            self.report(LINK, pointer, message, help.to_owned());
            return;
        };
        if let Some((message, help)) = self.undescribed(&source) {
            self.report(LINK_SOURCE, pointer, message, help);
        }
    }

    /// What nothing describes of that which an expression takes, and what to do about it.
    fn undescribed(&self, source: &Source<'_>) -> Option<(String, String)> {
        let describe = "describe it, or take another one";
        match source {
            Source::Any => None,
            Source::Parameter(location, name) => {
                let parameters = self.contract.parameters(self.operation);
                let is_header = *location == "header";
                let is = |known: &str| {
                    if is_header { known.eq_ignore_ascii_case(name) } else { known == *name }
                };
                if is_header && UNDESCRIBED.iter().any(|it| is(it)) {
                    return None;
                }
                let there: Vec<_> = parameters.iter().filter(|it| it.is_in(location)).collect();
                if there.iter().any(|it| is(it.name)) {
                    return None;
                }
                let of = named(self.operation);
                let message = format!("{of} has no parameter `{name}` in the {location}");
                Some((message, meant(name, there.iter().map(|it| it.name), describe)))
            }
            Source::Header(name) => {
                let headers = || self.response.entries("headers").map(|(known, _)| known);
                let is = |known: &str| known.eq_ignore_ascii_case(name);
                if UNDESCRIBED.iter().any(|it| is(it)) || headers().any(is) {
                    return None;
                }
                let message = format!("the response has no header `{name}`");
                Some((message, meant(name, headers(), describe)))
            }
            Source::Body(of_request, pointer) => {
                let (holder, what) = if *of_request {
                    let at = format!("{}/requestBody", self.operation.pointer);
                    (self.contract.resolve_at(&at), "the request")
                } else {
                    (Some(self.response.clone()), "the response")
                };
                let content = holder.and_then(|at| at.get("content"));
                let Some(content) = content.filter(|at| at.members().next().is_some()) else {
                    return Some((format!("{what} has no body"), describe.to_owned()));
                };
                let json = content.members().filter(|(media, _)| media.contains("json"));
                let schemas: Vec<_> = json.filter_map(|(_, at)| at.get("schema")).collect();
                let tokens: Vec<_> = pointer.split('/').skip(1).map(unescape).collect();
                let mut asked = BTreeMap::new();
                let said = schemas.into_iter();
                let said = said.map(|at| has(self.contract, at, &tokens, &mut asked)).max();
                let message = format!("nothing in the body of {what} is described as `{pointer}`");
                (said == Some(Said::No)).then(|| (message, describe.to_owned()))
            }
        }
    }
}

/// `PUT /v1/profiles/billing`
fn named(operation: &Operation<'_>) -> String {
    format!("{} {}", operation.method.to_uppercase(), operation.path)
}

/// The name that was meant, in the case of another or with a letter wrong; or what else to do.
fn meant<'n>(word: &str, names: impl Iterator<Item = &'n str>, otherwise: &str) -> String {
    let names: Vec<_> = names.collect();
    let alike = names.iter().copied().find(|name| name.eq_ignore_ascii_case(word));
    let near = alike.or_else(|| nearest(word, names.iter().copied()));
    near.map_or_else(|| otherwise.to_owned(), |near| format!("did you mean `{near}`?"))
}

/// The runtime expressions in a text: the text itself, or those that stand in braces in it.
fn expressions(text: &str) -> Vec<&str> {
    if text.starts_with('$') {
        return vec![text];
    }
    let parts = text.split('{').skip(1).filter(|part| part.starts_with('$'));
    // Without the brace at its end it is none.
    parts.map(|part| part.split_once('}').map_or(text, |(expression, _)| expression)).collect()
}

/// What a runtime expression takes its value from (section 4.7.20.3).
enum Source<'e> {
    /// The URL, the method, the status.
    Any,
    /// A parameter of the request, in `path`, `query` or `header`.
    Parameter(&'static str, &'e str),
    /// A header of the response.
    Header(&'e str),
    /// The body of the request, or else of the response, and a JSON Pointer into it.
    Body(bool, &'e str),
}

impl<'e> Source<'e> {
    fn read(expression: &'e str) -> Option<Self> {
        if ["$url", "$method", "$statusCode"].contains(&expression) {
            return Some(Self::Any);
        }
        let request = expression.strip_prefix("$request.");
        let rest = request.or_else(|| expression.strip_prefix("$response."))?;
        let of_request = request.is_some();
        if let Some(pointer) = rest.strip_prefix("body") {
            let pointer = match pointer.strip_prefix('#') {
                Some(pointer) => pointer,
                None => Some(pointer).filter(|rest| rest.is_empty())?,
            };
            let escapes = pointer.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
            let is_pointer = escapes && (pointer.is_empty() || pointer.starts_with('/'));
            return is_pointer.then_some(Self::Body(of_request, pointer));
        }
        let (location, name) = rest.split_once('.').filter(|(_, name)| !name.is_empty())?;
        let is_token =
            name.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c));
        match (location, of_request) {
            ("path", true) => Some(Self::Parameter("path", name)),
            ("query", true) => Some(Self::Parameter("query", name)),
            ("header", true) if is_token => Some(Self::Parameter("header", name)),
            ("header", false) if is_token => Some(Self::Header(name)),
            _ => None,
        }
    }
}

/// What schemas say of a member: the more is said, the greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    /// They name no members.
    Nothing,
    /// They name members, and not this one.
    No,
    /// It may be one of those that they leave open.
    Open,
    Yes,
}

/// What a schema, with all that it is composed of, says of what a JSON Pointer leads to. Nothing is asked twice.
fn has(
    contract: &Contract,
    schema: Cursor<'_>,
    tokens: &[String],
    asked: &mut BTreeMap<(usize, usize), Said>,
) -> Said {
    let Some((name, rest)) = tokens.split_first() else { return Said::Yes };
    let Some(schema) = contract.resolve(schema) else { return Said::Open };
    let key = (schema.address(), tokens.len());
    if let Some(said) = asked.get(&key) {
        return *said;
    }
    // What is part of itself says nothing more there.
    asked.insert(key, Said::Nothing);
    let member = schema.get("properties").and_then(|members| members.get(name));
    let other = schema.get("additionalProperties").filter(|at| at.value.is_object());
    let item = schema.get("items").filter(|_| name.bytes().all(|byte| byte.is_ascii_digit()));
    let own = match member.or(other).or(item) {
        Some(at) => match has(contract, at, rest, asked) {
            Said::Nothing => Said::Open,
            said => said,
        },
        None if schema.value.get("properties").is_some() => Said::No,
        None => match schema.text("type") {
            None | Some("object" | "array") if schema.value.get("items").is_none() => Said::Nothing,
            _ => Said::No,
        },
    };
    let branches = ["allOf", "oneOf", "anyOf"].into_iter().flat_map(|list| schema.elements(list));
    let said = branches.fold(own, |said, at| said.max(has(contract, at, tokens, asked)));
    asked.insert(key, said);
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thirty schemas, each composed of the next one twice over.
    #[test]
    fn what_is_composed_in_many_ways_is_asked_once() {
        let schemas = (0..30).map(|index| {
            let next = format!("{{$ref: '#/components/schemas/S{}'}}", index + 1);
            let part = format!("{{allOf: [{next}]}}");
            format!("    S{index}: {{anyOf: [{part}, {part}]}}\n")
        });
        let text = format!(
            "openapi: 3.0.3
info: {{title: T, version: '1'}}
paths:
  /a:
    get:
      operationId: getA
      parameters: [{{name: q, in: query, schema: {{type: string}}}}]
      responses:
        '200':
          description: ok
          content: {{application/json: {{schema: {{$ref: '#/components/schemas/S0'}}}}}}
          links: {{again: {{operationId: getA, parameters: {{q: '$response.body#/b'}}}}}}
components:
  schemas:
{}    S30: {{type: object, properties: {{a: {{type: string}}}}}}
",
            schemas.collect::<String>()
        );
        let contract = crate::grammar::parse("test.yaml", &text).expect("a contract");
        let found: Vec<_> = links(&contract).into_iter().map(|it| (it.rule, it.pointer)).collect();
        let at = "/paths/~1a/get/responses/200/links/again/parameters/q".to_owned();
        assert_eq!(found, [("link-source", at)]);
    }
}
