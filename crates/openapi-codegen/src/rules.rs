//! What a contract must follow so that a client can be generated from it. `openapi/lint.md` has a section
//! for each rule.

openapi_document::rules! {
    NAMED_REQUEST = required("named-request", "the schema of a request body has a name");
    UNCHECKED_LIMIT = required("unchecked-limit", "a limit in a request is one that is checked");
    X_ANY_CASE = required("x-any-case", "`x-any-case` is `true` beside a string");
    GENERATOR = required("generator", "progenitor can take what is described");
}
