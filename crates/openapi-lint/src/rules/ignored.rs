//! What the contract says and the client does not hold: progenitor 0.15 reads it and drops it, or a
//! pass of the code generation does. Nothing fails, so that each is a note with the way around it.

use openapi_document::{BOUNDS, Contract, Cursor, Diagnostic, escape};
use serde_json::Value;

use super::components;
use crate::walk;

openapi_document::rules! {
    /// A note. A response header becomes no field of a model. It is not lost: a response and an error both keep
    /// their headers.
    ///
    /// **Fix** nothing: read it from `headers()`.
    /// **Waive** on the response, or on the document.
    IGNORED_HEADER = note(Generator, "ignored-header", "response headers become no fields") {
        bad: [
            ("description: failed", "description: failed, headers: {Retry-After: {schema: {type: integer}}}", 14),
        ],
        good: [
            ("description: failed", "description: failed, headers: {}"),
        ],
    }

    /// A note. A response 1xx or 3xx is neither the success nor the error of a method: a 304 arrives as
    /// `Error::UnexpectedResponse`, with status and headers.
    ///
    /// **Fix** by handling that error where the method is called.
    /// **Waive** on the response.
    IGNORED_STATUS = note(Generator, "ignored-status", "1xx and 3xx are no results of a method") {
        bad: [
            ("        4XX", "        '304': {description: not modified}\n        4XX", 14),
        ],
        good: [
            ("4XX", "5XX"),
        ],
    }

    /// A note. Methods send no credentials, whatever `security` says.
    ///
    /// **Fix** by signing requests in the hooks of the client.
    /// **Waive** on the operation or the document, once the hooks do.
    IGNORED_SECURITY = note(Generator, "ignored-security", "methods send no credentials") {
        bad: [
            ("tags: [{name: t}]", "tags: [{name: t}]\nsecurity: [{login: [a]}]", 4),
        ],
        good: [
            ("tags: [t]", "tags: []"),
        ],
    }

    /// A note. The client goes to the one address that it is given; a path or an operation of its own server
    /// goes there too.
    ///
    /// **Fix** by giving the client the address, a client for each server.
    /// **Waive** on the object that has `servers`.
    IGNORED_SERVERS = note(Generator, "ignored-servers", "the client does not know the addresses of the service") {
        bad: [
            ("tags: [{name: t}]", "tags: [{name: t}]\nservers: [{url: 'https://a'}]", 4),
        ],
        good: [
            ("title: T", "title: servers"),
        ],
    }

    /// A note. `callbacks` and `links` become nothing: there is no server that the service could call, and no
    /// method that follows a link.
    ///
    /// **Fix** by writing it by hand.
    /// **Waive** on the object that has them.
    IGNORED_CALLBACK = note(Generator, "ignored-callback", "callbacks and links become nothing") {
        bad: [
            ("      operationId: putA\n", "      operationId: putA\n      callbacks: {}\n", 17),
        ],
        good: [
            ("title: T", "title: callbacks"),
        ],
    }

    /// A note. No model checks a bound of a number, of a list or of the number of members: a response that does
    /// not keep to it is read all the same, which is wanted. progenitor alone makes `NonZeroU64` of a parameter
    /// with `minimum: 1` and drops its `maximum`; the caller checks a parameter. The body of a request is checked
    /// before it is sent, see `unchecked-limit`.
    ///
    /// **Fix** by checking it where the value is used.
    /// **Waive** on the schema.
    IGNORED_BOUND = note(Generator, "ignored-bound", "no model checks a bound") {
        bad: [
            ("description: failed", "description: failed, content: {application/json: {schema: {type: integer, minimum: 1}}}", 14),
        ],
        good: [
            ("{description: failed}", "{description: failed, content: {application/json: {schema: {type: integer}, example: {minimum: 1}}}}"),
        ],
    }

    /// A note. What is `writeOnly` is a field of the model all the same, when it is read too. What is `readOnly`
    /// is not ignored: a request that changes it is found before it is sent.
    ///
    /// **Fix** by describing two schemas, one to read and one to write.
    /// **Waive** on the schema.
    IGNORED_WRITE_ONLY = note(Generator, "ignored-write-only", "what is only written is in the model of a response, too") {
        bad: [
            ("        name: {type", "        secret: {type: string, writeOnly: true}\n        name: {type", 29),
        ],
        good: [
            ("pattern: '^a'", "writeOnly: false"),
        ],
    }

    /// A note. A body that may be left out is always sent (oxidecomputer/progenitor#384).
    ///
    /// **Fix** by `required: true`, if the service always gets one; it is what a PUT needs.
    /// **Waive** on the request body.
    OPTIONAL_BODY = note(Generator, "optional-body", "a body is always sent") {
        bad: [
            ("requestBody: {required: true, ", "requestBody: {", 19),
        ],
        good: [
            ("required: true, content", "required: true, description: All of it., content"),
        ],
    }
}

/// The headers of responses become no fields.
pub(super) fn headers(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for operation in contract.operations() {
        for (_, at, response) in contract.responses(&operation) {
            let place = contract.resolve_at(&at).map_or(at, |found| found.pointer);
            for (name, _) in response["headers"].as_object().into_iter().flatten() {
                findings.push(contract.source.diagnostic(
                    IGNORED_HEADER,
                    &format!("{place}/headers/{}", escape(name)),
                    "no model has this response header",
                    "read it from `headers()` of the response or of the error",
                ));
            }
        }
    }
    findings
}

/// 1xx and 3xx are no responses of their own.
pub(super) fn statuses(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for operation in contract.operations() {
        for (status, at, _) in contract.responses(&operation) {
            if status.starts_with(['1', '3']) {
                let message = format!("{status} is neither a success nor an error of the method");
                let help = "match on the status of `Error::UnexpectedResponse`";
                findings.push(contract.source.diagnostic(IGNORED_STATUS, &at, message, help));
            }
        }
    }
    findings
}

/// The client asks for no credentials.
pub(super) fn security(contract: &Contract) -> Vec<Diagnostic> {
    let found = components::requirements(contract).into_iter().map(|(pointer, _)| {
        let message = "the generated methods send no credentials";
        contract.source.diagnostic(
            IGNORED_SECURITY,
            &pointer,
            message,
            "sign requests in the hooks",
        )
    });
    found.collect()
}

/// The client goes to the one address it is given.
pub(super) fn servers(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    walk::objects(&contract.json, "", &mut |pointer, object| {
        if object.get("servers").is_some_and(Value::is_array) {
            let message = "the client does not know the addresses of its service";
            let help = "give the client its address when it is built";
            let pointer = format!("{pointer}/servers");
            findings.push(contract.source.diagnostic(IGNORED_SERVERS, &pointer, message, help));
        }
    });
    findings
}

/// What the service calls, and where a response leads, become no methods.
pub(super) fn callbacks(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    walk::objects(&contract.json, "", &mut |pointer, object| {
        if pointer == "/components" {
            return;
        }
        for member in ["callbacks", "links"].iter().filter(|name| object.get(**name).is_some()) {
            let message = format!("the generator makes nothing of `{member}`");
            let help = "write by hand what should follow from it";
            let pointer = format!("{pointer}/{member}");
            findings.push(contract.source.diagnostic(IGNORED_CALLBACK, &pointer, message, help));
        }
    });
    findings
}

/// What schemas say and models do not: bounds, discriminators, what is only written.
pub(super) fn schemas(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    walk::schemas(contract, &mut |pointer, schema| {
        let mut note = |rule, member: &str, message: String, help: &str| {
            findings.push(contract.source.diagnostic(
                rule,
                &format!("{pointer}/{member}"),
                message,
                help,
            ));
        };
        for bound in BOUNDS.iter().filter(|name| schema.get(**name).is_some()) {
            let help = if is_of_parameter(pointer) {
                "the caller checks it"
            } else {
                "check it where the value is used; the body of a request is checked by its own table"
            };
            note(IGNORED_BOUND, bound, format!("nothing checks `{bound}`"), help);
        }
        if schema["writeOnly"] == true {
            let message = "the model of a response has the member, too".to_owned();
            let help =
                "split the schema into what is read and what is written, without `writeOnly`";
            note(IGNORED_WRITE_ONLY, "writeOnly", message, help);
        }
    });
    findings
}

/// Whether a schema is in that of a parameter.
fn is_of_parameter(pointer: &str) -> bool {
    let tokens: Vec<_> = pointer.split('/').collect();
    let schema = tokens.iter().position(|token| *token == "schema");
    let schema = schema.filter(|_| !pointer.starts_with("/components/schemas/"));
    schema.and_then(|at| tokens.get(at.checked_sub(2)?)).is_some_and(|it| *it == "parameters")
}

/// A method with a body always sends one.
pub(super) fn optional_bodies(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for operation in contract.operations() {
        let at = format!("{}/requestBody", operation.pointer);
        if let Some(Cursor { value: body, pointer: place }) = contract.resolve_at(&at)
            && body["required"] != true
        {
            let message = "the body may be left out, and the method always sends one";
            let help = "add `required: true`, or make the call without a body an operation";
            findings.push(contract.source.diagnostic(OPTIONAL_BODY, &place, message, help));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::is_of_parameter;

    #[test]
    fn a_schema_of_a_parameter_is_told_by_its_place() {
        for at in [
            "/paths/~1a/parameters/0/schema",
            "/paths/~1a/get/parameters/0/schema/items",
            "/components/parameters/Q/schema",
        ] {
            assert!(is_of_parameter(at), "{at}");
        }
        for at in [
            "/components/schemas/A/properties/parameters/properties/schema",
            "/paths/~1a/get/responses/200/content/application~1json/schema/properties/parameters/items",
            "",
        ] {
            assert!(!is_of_parameter(at), "{at}");
        }
    }
}
