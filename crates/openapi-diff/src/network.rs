//! References that lead to the network, and are not read: whether what they name has changed is not known.
//!
//! If both sides name the same URL in the same place, what is there is taken to be the same.

use std::collections::BTreeSet;

use openapi_document::{Document, Pointer, Unread};

use crate::change::{Direction, OperationRef, Verdict};
use crate::comparison::Comparison;
use crate::finding::{Finding, Side};
use crate::schema::normalized::NormalizedSchema;

/// What is said of a place that is not compared.
fn finding(name: &str, url: &str) -> Finding {
    let text = format!("{name} is at `{url}`, which is not read: it may be another one now");
    let (rule, verdict) = ("comparison-incomplete", Verdict::PotentiallyBreaking);
    Finding::named(rule, Direction::Neither, verdict, text)
}

/// Whether one of two schemas has parts that are not read, and the other one has not.
pub(crate) fn of_schemas(
    (base, a): (&Document, &NormalizedSchema<'_>),
    (revision, b): (&Document, &NormalizedSchema<'_>),
    name: impl FnOnce() -> String,
) -> Option<Finding> {
    let [old, new] = [(base, a), (revision, b)].map(|(document, schema)| {
        // What stands beside a `$ref` that leads somewhere is a part of its own.
        let unread = schema.leaves.iter().filter(|leaf| document.step(leaf).is_none());
        let parts = unread.filter_map(|leaf| leaf.text("$ref"));
        parts.collect::<BTreeSet<_>>()
    });
    let url = new.symmetric_difference(&old).next()?;
    Some(finding(&name(), url).at(Some(&a.pointer), Some(&b.pointer)))
}

/// Records what stands in other places than schemas, and is not compared.
pub(crate) fn compare(work: &mut Comparison<'_>) {
    let (old, new) = (work.base.unread(), work.revision.unread());
    let [was, is] = [&old, &new].map(|all| all.iter().map(place).collect::<BTreeSet<_>>());
    let gone = old.iter().filter(|it| !is.contains(&place(it))).map(|it| (Side::Base, it));
    let come = new.iter().filter(|it| !was.contains(&place(it))).map(|it| (Side::Revision, it));
    for (side, it) in gone.chain(come) {
        // Schemas and links are found where they are compared; examples are not compared.
        let what = match it.section {
            "parameters" => "the parameter",
            "headers" => "the header",
            "requestBodies" => "the request body",
            "responses" => "the response",
            "securitySchemes" => "the security scheme",
            "callbacks" => "the callback",
            "pathItems" => "the path",
            "" => "what is here",
            _ => continue,
        };
        let (document, at) = match side {
            Side::Base => (work.base, (Some(it.pointer.as_str()), None)),
            Side::Revision => (work.revision, (None, Some(it.pointer.as_str()))),
        };
        let finding = finding(what, it.text).at(at.0, at.1);
        work.recorder.visit(None);
        work.recorder.record(&finding);
        for operation in around(document, &it.pointer) {
            work.visit(operation);
            work.recorder.record(&finding);
        }
    }
}

/// The place of a reference, whatever stands before it in a list, and its URL.
fn place<'a>(it: &Unread<'a>) -> (String, &'a str) {
    let number =
        |token: &&str| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
    let tokens = it.pointer.split('/').filter(|token| !number(token));
    (tokens.collect::<Vec<_>>().join("/"), it.text)
}

/// The operations that a place is in.
fn around(document: &Document, pointer: &str) -> Vec<OperationRef> {
    let all = document.operations().filter(|operation| {
        let shared = format!("{}/parameters", operation.item_pointer);
        [&operation.pointer, &shared].iter().any(|at| Pointer(pointer).is_within(at))
    });
    let all = all.map(|operation| OperationRef {
        path: operation.path.to_owned(),
        method: operation.method.to_owned(),
        id: operation.cursor().text("operationId").map(str::to_owned),
    });
    all.collect()
}
