//! Conditional requests (RFC 9110 section 13): a resource with an entity tag tells it, takes it back
//! as `If-Match`, and says what a stale one gets. Where any of it is missing, updates get lost.

use std::collections::BTreeMap;

use openapi_document::{Contract, Cursor, Diagnostic, Operation, Parameter, escape};
use serde_json::Value;

openapi_document::rules! {
    /// `x-etag`, beside the methods of a path, says where the entity tag of the resource is, if it is not in the
    /// header `ETag` (RFC 9110 section 8.8.3): `body` is a JSON Pointer (RFC 6901) to a string in every success
    /// that has a body, `header` is the name of another header.
    ///
    /// ```yaml
    /// x-etag:
    ///   body: /attributes/etag
    /// ```
    ///
    /// **Fix** the pointer, or describe the member as a string.
    /// **Waive** on the path item if the member is there and not described.
    X_ETAG = error(House, "x-etag", "`x-etag` says where the entity tag is") {
        bad: [
            ("x-etag: {body: /etag}", "x-etag: {body: /tag}", 6),
            ("x-etag: {body: /etag}", "x-etag: {body: /etag, haeder: ETag}", 6),
            ("x-etag: {body: /etag}", "x-etag: {body: /etag, header: 1}", 6),
            ("      tags: [t]", "      tags: [t]\n      x-etag: {body: /etag}", 12),
        ],
        good: [
            ("etag: {type: string}", "etag: {allOf: [{type: string}]}"),
        ],
    }

    /// PUT, PATCH and DELETE of a resource with an entity tag take `If-Match`. Without it, the last one to write
    /// wins and does not know it (RFC 9110 section 13.1.1).
    ///
    /// **Fix** by adding the header parameter, `required: true`.
    /// **Waive** on the operation if nobody else writes the resource, or if the service does not check it.
    ETAG_WITHOUT_IF_MATCH = error(House, "etag-without-if-match", "what changes a resource with an entity tag takes `If-Match`") {
        bad: [
            ("parameters:\n        - {name: If-Match, in: header, required: true, schema: {type: string}}", "parameters: []", 15),
            ("components:", "    delete: {operationId: deleteA, responses: {'204': {description: gone}}}\ncomponents:", 23),
        ],
        good: [
            ("components:", "  /b: {put: {operationId: putB, responses: {'204': {description: ok}}}}\ncomponents:"),
        ],
    }

    /// An operation that takes `If-Match` documents what a stale one gets: 412 (RFC 9110 section 15.5.13), or 409
    /// (section 15.5.10) from a service that answers so. A client must know it from other errors, since it is the
    /// one to be answered by reading again. A class such as `4XX` does not tell.
    ///
    /// **Fix** by adding the response.
    /// **Waive** on the operation if the service says it in another way.
    IF_MATCH_WITHOUT_CONFLICT = error(House, "if-match-without-conflict", "what takes `If-Match` says what a stale one gets") {
        bad: [
            ("        '412': {description: stale}\n", "", 15),
        ],
        good: [
            ("'412'", "'409'"),
        ],
    }

    /// An operation that documents 412 or 428 takes `If-Match`, or another condition (RFC 9110 section 13.1): the
    /// one is the answer to a condition, the other asks for it (RFC 6585 section 3). So does a PUT or PATCH with
    /// 409. A 409 of other methods is more often about something that exists already.
    ///
    /// **Fix** by adding the header parameter; of a GET or a POST it is `If-None-Match`.
    /// **Waive** on the response, where it is not a reference, or on the operation, and say what conflicts.
    CONFLICT_WITHOUT_IF_MATCH = error(House, "conflict-without-if-match", "what answers with a conflict takes a condition") {
        bad: [
            ("components:", "    post:\n      operationId: postA\n      responses:\n        '204': {description: ok}\n        '428': {description: condition missing}\ncomponents:", 27),
        ],
        good: [
            ("components:", "    post: {operationId: postA, responses: {'204': {description: ok}, '409': {description: there is one}}}\ncomponents:"),
            ("components:", "    post: {operationId: postA, parameters: [{name: If-None-Match, in: header, schema: {type: string}}], responses: {'204': {description: ok}, '412': {description: there is one}}}\ncomponents:"),
        ],
    }

    /// A GET of a resource with an entity tag, or of one whose PUT takes `If-Match`, says where the tag is: by the
    /// header `ETag` of its success, or by `x-etag`. Otherwise there is nothing to send.
    ///
    /// **Fix** by describing the header, or by `x-etag`.
    /// **Waive** on the operation if another resource gives it out.
    ETAG_NOT_DOCUMENTED = error(House, "etag-not-documented", "a GET says where the entity tag is") {
        bad: [
            ("description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}", "description: ok", 13),
        ],
        good: [
            ("x-etag: {body: /etag}", "x-etag: {body: /etag, header: ETag}"),
        ],
    }

    /// A PUT or PATCH of such a resource returns the new tag. Otherwise the next change needs another GET first,
    /// and what somebody else wrote between the two is taken for one's own. RFC 9110 section 9.3.4 lets a PUT return
    /// it in the header only where the service stored exactly what it was sent; in the body it always can.
    ///
    /// **Fix** by describing the header `ETag` of the success, or its body with the tag in it.
    /// **Waive** on the operation if the service does not return it.
    ETAG_NOT_RETURNED = error(House, "etag-not-returned", "a PUT returns the new entity tag") {
        bad: [
            ("description: updated, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}", "description: updated", 21),
        ],
        good: [
            ("components:", "    delete:\n      operationId: deleteA\n      parameters: [{name: If-Match, in: header, required: true, schema: {type: string}}]\n      responses: {'204': {description: gone}, '412': {description: stale}}\ncomponents:"),
        ],
    }

    /// GET, HEAD and POST take no `If-Match`. A reader wants `If-None-Match` (RFC 9110 section 13.1.2), which saves
    /// the transfer. A POST does not replace the resource that the tag is of; to make something only once,
    /// it takes `If-None-Match: *` or an id of its own.
    ///
    /// **Fix** by removing it from the operation; if it is a parameter of the path item, move it to the PUT.
    /// **Waive** on the operation, if its POST changes the very resource.
    IF_MATCH_ON_READ = error(House, "if-match-on-read", "GET, HEAD and POST take no `If-Match`") {
        bad: [
            ("      tags: [t]\n", "      tags: [t]\n      parameters: [{name: if-match, in: header, schema: {type: string}}]\n", 12),
            ("components:", "    post:\n      operationId: postA\n      parameters: [{name: If-Match, in: header, schema: {type: string}}]\n      responses: {'204': {description: ok}}\ncomponents:", 25),
        ],
        good: [
            ("      tags: [t]\n", "      tags: [t]\n      parameters: [{name: If-None-Match, in: header, schema: {type: string}}]\n"),
        ],
    }

    /// `If-Match` is `required: true`. A client that may leave it out will, and its updates get lost. A service
    /// that insists answers 428 (RFC 6585 section 3).
    ///
    /// **Fix** by requiring it.
    /// **Waive** on the parameter, and say why it is optional.
    OPTIONAL_IF_MATCH = error(House, "optional-if-match", "`If-Match` is required, or the contract says why not") {
        bad: [
            ("in: header, required: true", "in: header", 18),
        ],
        good: [
            ("in: header, required: true", "in: header, x-lint-waive: {optional-if-match: old clients do not send it}"),
        ],
    }
}

/// The extension of a path item that says where the entity tag of the resource is.
const EXTENSION: &str = "x-etag";

/// Methods that change the resource they are sent to.
const CHANGES: [&str; 3] = ["put", "patch", "delete"];

/// Statuses that say that the resource is not the one that was read.
const CONFLICTS: [&str; 2] = ["409", "412"];

/// An operation, seen as one on a resource that may have an entity tag.
struct View<'a> {
    operation: Operation<'a>,
    parameters: Vec<Parameter<'a>>,
    responses: Vec<(&'a str, String, &'a Value)>,
}

impl<'a> View<'a> {
    fn of(contract: &'a Contract, operation: Operation<'a>) -> Self {
        let parameters = contract.parameters(&operation);
        let responses = contract.responses(&operation);
        Self { operation, parameters, responses }
    }

    fn header(&self, name: &str) -> Option<&Parameter<'a>> {
        self.parameters.iter().find(|parameter| parameter.is_header(name))
    }

    fn if_match(&self) -> Option<&Parameter<'a>> {
        self.header("If-Match")
    }

    fn changes(&self) -> bool {
        CHANGES.contains(&self.operation.method)
    }

    fn successes(&self) -> impl Iterator<Item = &(&'a str, String, &'a Value)> {
        self.responses.iter().filter(|(status, ..)| status.starts_with('2'))
    }
}

/// The paths with their path items, wherever these are.
fn items(contract: &Contract) -> impl Iterator<Item = (&str, Cursor<'_>)> {
    contract.root().entries("paths").filter_map(|(path, at)| Some((path, contract.resolve(at)?)))
}

/// The operations by their paths.
fn views(contract: &Contract) -> BTreeMap<&str, Vec<View<'_>>> {
    let mut views: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for operation in contract.operations() {
        views.entry(operation.path).or_default().push(View::of(contract, operation));
    }
    views
}

/// All rules of this module, resource by resource.
pub(super) fn requests(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut views = views(contract);
    for (path, item) in items(contract) {
        let views = views.remove(path).unwrap_or_default();
        let location = Location::of(item.value);
        let tagged = item.value.get(EXTENSION).is_some()
            || views.iter().any(|view| {
                view.successes().any(|(.., response)| has_header(response, Location::HEADER))
            });
        // Whoever takes it back has given it out.
        let told = tagged || views.iter().any(|view| view.changes() && view.if_match().is_some());
        for view in &views {
            if told {
                known(contract, view, &location, &mut findings);
            }
            if view.changes() {
                change(contract, view, tagged, &mut findings);
            } else {
                read(contract, view, &mut findings);
            }
            unprotected(contract, view, tagged, &mut findings);
        }
    }
    findings
}

/// An operation that changes the resource takes its tag, and answers a stale one.
fn change(contract: &Contract, view: &View<'_>, tagged: bool, findings: &mut Vec<Diagnostic>) {
    let pointer = &view.operation.pointer;
    let method = view.operation.method.to_uppercase();
    let Some(if_match) = view.if_match() else {
        if tagged {
            let message =
                format!("the resource has an entity tag, and {method} takes no `If-Match`");
            let help = "add the header parameter `If-Match`, `required: true`";
            findings.push(contract.source.diagnostic(
                ETAG_WITHOUT_IF_MATCH,
                pointer,
                message,
                help,
            ));
        }
        return;
    };
    if !view.responses.iter().any(|(status, ..)| CONFLICTS.contains(status)) {
        let message =
            format!("{method} takes `If-Match`, and what a stale one gets is not described");
        let help = "add the response 412 (RFC 9110 section 15.5.13), or 409 if that is what comes";
        findings.push(contract.source.diagnostic(
            IF_MATCH_WITHOUT_CONFLICT,
            pointer,
            message,
            help,
        ));
    }
    if if_match.value["required"] != true {
        let message = "`If-Match` may be left out, and with it goes the protection";
        let help = "add `required: true`, or waive this here and say why it is optional";
        findings.push(contract.source.diagnostic(
            OPTIONAL_IF_MATCH,
            &if_match.place,
            message,
            help,
        ));
    }
}

/// An operation that changes nothing, or not the resource it is sent to, takes no tag of it.
fn read(contract: &Contract, view: &View<'_>, findings: &mut Vec<Diagnostic>) {
    let method = view.operation.method;
    let Some(if_match) = view.if_match().filter(|_| matches!(method, "get" | "head" | "post"))
    else {
        return;
    };
    let help = match method {
        "post" => {
            "remove it; what a POST makes has no tag yet (`If-None-Match: *` guards against two)"
        }
        _ => {
            "remove it; a reader saves the transfer with `If-None-Match` (RFC 9110 section 13.1.2)"
        }
    };
    let message = format!("{} takes `If-Match`", method.to_uppercase());
    findings.push(contract.source.diagnostic(IF_MATCH_ON_READ, &if_match.at, message, help));
}

/// A conflict that only a condition can bring about needs the condition.
fn unprotected(contract: &Contract, view: &View<'_>, tagged: bool, findings: &mut Vec<Diagnostic>) {
    let others =
        ["If-Match", "If-None-Match", "If-Unmodified-Since", "If-Modified-Since", "If-Range"];
    // Without the header that the resource asks for, the missing header is the finding.
    if others.iter().any(|name| view.header(name).is_some()) || tagged && view.changes() {
        return;
    }
    for (status, at, _) in &view.responses {
        let needs = match *status {
            "412" | "428" => true,
            // Of a POST it is more often a duplicate than a stale tag.
            "409" => matches!(view.operation.method, "put" | "patch"),
            _ => false,
        };
        if needs {
            // Of the others none takes `If-Match`.
            let header = if view.changes() { "If-Match" } else { "If-None-Match" };
            let message = format!("{status} is a conflict, and no `{header}` can bring it about");
            let help = format!(
                "add the header parameter `{header}`, or waive this and say what conflicts"
            );
            findings.push(contract.source.diagnostic(CONFLICT_WITHOUT_IF_MATCH, at, message, help));
        }
    }
}

/// A GET, and whatever writes and answers, says where the tag is.
fn known(
    contract: &Contract,
    view: &View<'_>,
    location: &Location<'_>,
    findings: &mut Vec<Diagnostic>,
) {
    let (rule, what) = match view.operation.method {
        "get" => (ETAG_NOT_DOCUMENTED, "where the entity tag is, is not described"),
        "put" | "patch" => (ETAG_NOT_RETURNED, "the new entity tag is not in the response"),
        _ => return,
    };
    for (_, at, response) in view.successes() {
        if !location.is_in(response) {
            let help = format!(
                "describe the response header `{}`, or say where the tag is in the body: \
                 `x-etag: {{body: /pointer}}` beside the methods",
                location.header
            );
            findings.push(contract.source.diagnostic(rule, at, what, help));
        }
    }
}

/// Where the entity tag of a resource is.
struct Location<'a> {
    header: &'a str,
    body: Option<&'a str>,
}

impl<'a> Location<'a> {
    /// The field of RFC 9110 section 8.8.3.
    const HEADER: &'static str = "ETag";

    fn of(item: &'a Value) -> Self {
        let extension = item.get(EXTENSION);
        let member = |name: &str| extension?.get(name)?.as_str();
        Self { header: member("header").unwrap_or(Self::HEADER), body: member("body") }
    }

    /// Whether it says where the tag of this response is. That it is right of the body, [`extension`]
    /// checks.
    fn is_in(&self, response: &Value) -> bool {
        let schema = &response["content"]["application/json"]["schema"];
        has_header(response, self.header) || self.body.is_some() && !schema.is_null()
    }
}

fn has_header(response: &Value, header: &str) -> bool {
    let headers = response.get("headers").and_then(Value::as_object);
    headers.is_some_and(|headers| headers.keys().any(|name| name.eq_ignore_ascii_case(header)))
}

/// Whether `pointer` leads from `schema` to a string, through members and whatever they inherit.
fn is_string(contract: &Contract, schema: &Value, pointer: &str) -> bool {
    fn at(contract: &Contract, schema: &Value, rest: &[String], depth: u8) -> bool {
        let Some(schema) = contract.resolve_value(schema).filter(|_| depth < 32) else {
            return false;
        };
        let own = match rest.split_first() {
            None => schema["type"] == "string",
            Some((name, rest)) => schema
                .get("properties")
                .and_then(|members| members.get(name))
                .is_some_and(|member| at(contract, member, rest, depth + 1)),
        };
        let inherited = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        own || inherited.into_iter().any(|branch| at(contract, branch, rest, depth + 1))
    }
    let Some(tokens) = pointer.strip_prefix('/') else { return false };
    let tokens: Vec<_> = tokens.split('/').map(openapi_document::unescape).collect();
    at(contract, schema, &tokens, 0)
}

/// The extension `x-etag` says something, and something true.
pub(super) fn extension(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut report = |pointer: &str, message: String, help: &str| {
        findings.push(contract.source.diagnostic(X_ETAG, pointer, message, help));
    };
    let mut views = views(contract);
    let form = "expected `x-etag: {body: /pointer/into/the/body}` or `x-etag: {header: ETag}`";
    for (path, item) in items(contract) {
        let Some(Cursor { value: extension, pointer }) = item.get(EXTENSION) else { continue };
        let members = extension.as_object();
        let Some(members) = members.filter(|members| !members.is_empty()) else {
            report(&pointer, "where the entity tag is, is not said".to_owned(), form);
            continue;
        };
        for (name, value) in members {
            let at = format!("{pointer}/{}", escape(name));
            match (name.as_str(), value.as_str()) {
                ("body" | "header", None) => report(&at, format!("`{name}` is not a string"), form),
                ("body", Some(body)) => {
                    for view in views.remove(path).unwrap_or_default() {
                        for (status, .., response) in view.successes() {
                            let schema = &response["content"]["application/json"]["schema"];
                            if !schema.is_null() && !is_string(contract, schema, body) {
                                let method = view.operation.method.to_uppercase();
                                let message = format!(
                                    "`{body}` is no string in the response {status} of {method}"
                                );
                                report(
                                    &at,
                                    message,
                                    "expected a JSON Pointer to a member of type string",
                                );
                            }
                        }
                    }
                }
                ("header", Some(_)) => {}
                _ => report(&at, format!("`{EXTENSION}` has no member `{name}`"), form),
            }
        }
    }
    for operation in contract.operations().filter(|it| it.value.get(EXTENSION).is_some()) {
        let pointer = format!("{}/{EXTENSION}", operation.pointer);
        let help = "move it beside the methods: the tag is of the resource";
        report(&pointer, format!("`{EXTENSION}` of an operation is not read"), help);
    }
    findings
}
