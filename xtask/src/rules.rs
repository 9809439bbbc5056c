//! The catalogue of the lint: what each rule asks, and what its findings weigh. `openapi/lint.md` has a
//! section for each.

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is generated until it is mended.
    Error,
    /// The client lacks something that the contract says; it is generated all the same.
    Note,
}

impl Severity {
    /// The word for it: `error` or `note`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Note => "note",
        }
    }
}

/// One rule of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its stable name.
    pub id: &'static str,
    /// What its findings weigh.
    pub severity: Severity,
    /// Whether the contract may make an exception of it.
    pub waivable: bool,
    /// What it asks, in one line.
    pub summary: &'static str,
}

/// What must hold for anything to be read or generated.
const fn grammar(id: &'static str, summary: &'static str) -> Rule {
    Rule { id, severity: Severity::Error, waivable: false, summary }
}

const fn error(id: &'static str, summary: &'static str) -> Rule {
    Rule { id, severity: Severity::Error, waivable: true, summary }
}

const fn note(id: &'static str, summary: &'static str) -> Rule {
    Rule { id, severity: Severity::Note, waivable: true, summary }
}

/// Every rule there is, in the order of `openapi/lint.md`.
#[rustfmt::skip]
pub const RULES: &[Rule] = &[
    grammar("unreadable", "the contract is a UTF-8 file"),
    grammar("yaml", "the contract is one YAML document with unique keys"),
    grammar("openapi-version", "the contract is OpenAPI 3.0"),
    grammar("unknown-member", "an object has no members but those of OpenAPI and extensions"),
    grammar("missing-member", "an object has the members that OpenAPI requires"),
    grammar("type", "a member is of the type that OpenAPI gives it"),
    grammar("status", "responses are listed by status"),
    grammar("unresolved-reference", "a reference leads to what belongs in its place"),
    grammar("reference-sibling", "a reference stands alone"),
    grammar("circular-reference", "no reference leads back to itself or through an `allOf`"),
    grammar("structure", "`openapiv3` can read the document"),
    error("unused-component", "something refers to every component"),
    error("security-requirement", "required schemes and scopes are declared"),
    note("tag", "tags are declared and used"),
    error("path", "a path starts with `/`, is nothing but a path, and is there once"),
    error("method", "the generator can send the method"),
    error("path-parameter", "every `{name}` of a path is a required parameter, and the other way round"),
    error("required-member", "a required member is among the properties"),
    error("pattern", "a pattern is a regular expression of ECMA-262"),
    error("items", "a list says of what"),
    error("operation-id", "operations have names that make different methods"),
    error("rust-name", "schemas, members and parameters have names that make different Rust names"),
    error("header-name", "a header parameter has a name that HTTP allows and OpenAPI heeds"),
    error("ascii-version", "the version is ASCII"),
    error("hidden-character", "texts have no control characters"),
    error("parameter-style", "a parameter is written in the default way"),
    error("parameter-type", "a path or header parameter is one plain value"),
    error("json-only", "requests and successes are JSON with a schema"),
    error("one-success", "an operation has one shape of success"),
    error("default-response", "errors are described as 4XX and 5XX"),
    grammar("named-request", "the schema of a request body has a name"),
    grammar("unchecked-limit", "a limit in a request is one that is checked"),
    grammar("x-any-case", "`x-any-case` is `true` beside a string"),
    grammar("generator", "progenitor can take what is described"),
    note("ignored-header", "response headers become no fields"),
    note("ignored-status", "1xx and 3xx are no results of a method"),
    note("ignored-security", "methods send no credentials"),
    note("ignored-servers", "the client does not know the addresses of the service"),
    note("ignored-callback", "callbacks and links become nothing"),
    note("ignored-bound", "no model checks a bound"),
    note("ignored-discriminator", "a discriminator does not choose the variant"),
    note("ignored-write-only", "what is only written is in the model of a response, too"),
    note("optional-body", "a body is always sent"),
    note("open-path-parameter", "a path parameter may be `..`"),
    error("x-etag", "`x-etag` says where the entity tag is"),
    error("etag-without-if-match", "what changes a resource with an entity tag takes `If-Match`"),
    error("if-match-without-conflict", "what takes `If-Match` says what a stale one gets"),
    error("conflict-without-if-match", "what answers with a conflict takes `If-Match`"),
    error("etag-not-documented", "a GET says where the entity tag is"),
    error("etag-not-returned", "a PUT returns the new entity tag"),
    error("if-match-on-read", "GET, HEAD and POST take no `If-Match`"),
    error("optional-if-match", "`If-Match` is required, or the contract says why not"),
    grammar("waiver", "a waiver names a rule that can be waived, and says why"),
    grammar("stale-waiver", "a waiver is needed"),
];

/// The rule of this name.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

/// Why the rules are as they are.
pub(crate) const PAGE: &str = include_str!("../../openapi/lint.md");

/// What the page of the rules says of this one, if there is one: why it is there, how to mend what
/// it finds.
#[must_use]
pub fn explain(id: &str) -> Option<&'static str> {
    let mut sections = PAGE.split("\n## ").skip(1);
    // A part of the page, such as the one on the grammar, is a heading of the first level.
    let section = sections.find_map(|section| section.strip_prefix(id)?.strip_prefix('\n'))?;
    Some(section.split("\n# ").next().unwrap_or(section).trim())
}
