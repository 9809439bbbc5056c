//! What the contract says and the client does not hold: progenitor 0.15 reads it and drops it, or a
//! pass of the code generation does. Nothing fails, so that each is a note with the way around it.

use openapi_document::{BOUNDS, Contract, Cursor, Diagnostic, escape};
use serde_json::Value;

use crate::rules;
use crate::{components, walk};

/// The headers of responses become no fields.
pub(super) fn headers(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for operation in contract.operations() {
        for (_, at, response) in contract.responses(&operation) {
            let place = contract.resolve_at(&at).map_or(at, |found| found.pointer);
            for (name, _) in response["headers"].as_object().into_iter().flatten() {
                findings.push(contract.source.diagnostic(
                    rules::IGNORED_HEADER,
                    &format!("{place}/headers/{}", escape(name)),
                    format!("no model has the response header `{name}`"),
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
                findings.push(contract.source.diagnostic(
                    rules::IGNORED_STATUS,
                    &at,
                    message,
                    help,
                ));
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
            rules::IGNORED_SECURITY,
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
            findings.push(contract.source.diagnostic(
                rules::IGNORED_SERVERS,
                &pointer,
                message,
                help,
            ));
        }
    });
    findings
}

/// What the service calls, and where a response leads, become no methods.
pub(super) fn callbacks(contract: &Contract) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    walk::objects(&contract.json["paths"], "/paths", &mut |pointer, object| {
        for member in ["callbacks", "links"].iter().filter(|name| object.get(**name).is_some()) {
            let message = format!("the generator makes nothing of `{member}`");
            let help = "write by hand what should follow from it";
            let pointer = format!("{pointer}/{member}");
            findings.push(contract.source.diagnostic(
                rules::IGNORED_CALLBACK,
                &pointer,
                message,
                help,
            ));
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
            let help = "check it where the value is used; a request is checked by its own table";
            note(rules::IGNORED_BOUND, bound, format!("nothing checks `{bound}`"), help);
        }
        if schema.get("discriminator").is_some() {
            let message = "the generated enum takes the first variant that fits".to_owned();
            let help = "give each variant a required member with an `enum` of one value";
            note(rules::IGNORED_DISCRIMINATOR, "discriminator", message, help);
        }
        if schema["writeOnly"] == true {
            let message = "the model of a response has the member, too".to_owned();
            let help = "split the schema into what is read and what is written";
            note(rules::IGNORED_WRITE_ONLY, "writeOnly", message, help);
        }
    });
    findings
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
            findings.push(contract.source.diagnostic(rules::OPTIONAL_BODY, &place, message, help));
        }
    }
    findings
}
