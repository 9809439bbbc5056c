//! The catalogue of the lint: what each rule asks, and what its findings weigh. `openapi/lint.md` has a
//! section for each.

openapi_document::rules! {
    OPENAPI_VERSION = required("openapi-version", "the contract is OpenAPI 3.0");
    UNKNOWN_MEMBER = required("unknown-member", "an object has no members but those of OpenAPI and extensions");
    MISSING_MEMBER = required("missing-member", "an object has the members that OpenAPI requires");
    TYPE = required("type", "a member is of the type that OpenAPI gives it");
    STATUS = required("status", "responses are listed by status");
    UNRESOLVED_REFERENCE = required("unresolved-reference", "a reference leads to what belongs in its place");
    REFERENCE_SIBLING = required("reference-sibling", "a reference stands alone");
    CIRCULAR_REFERENCE = required("circular-reference", "no reference leads back to itself or through an `allOf`");
    STRUCTURE = required("structure", "`openapiv3` can read the document");
    UNUSED_COMPONENT = error("unused-component", "something refers to every component");
    SECURITY_REQUIREMENT = error("security-requirement", "required schemes and scopes are declared");
    TAG = note("tag", "tags are declared and used");
    PATH = error("path", "a path starts with `/`, is nothing but a path, and is there once");
    METHOD = error("method", "the generator can send the method");
    PATH_PARAMETER = error("path-parameter", "every `{name}` of a path is a required parameter, and the other way round");
    REQUIRED_MEMBER = error("required-member", "a required member is among the properties");
    PATTERN = error("pattern", "a pattern is a regular expression of ECMA-262");
    ITEMS = error("items", "a list says of what");
    OPERATION_ID = error("operation-id", "operations have names that make different methods");
    RUST_NAME = error("rust-name", "schemas, members and parameters have names that make different Rust names");
    HEADER_NAME = error("header-name", "a header parameter has a name that HTTP allows and OpenAPI heeds");
    ASCII_VERSION = error("ascii-version", "the version is ASCII");
    HIDDEN_CHARACTER = error("hidden-character", "texts have no control characters");
    PARAMETER_STYLE = error("parameter-style", "a parameter is written in the default way");
    PARAMETER_TYPE = error("parameter-type", "a path or header parameter is one plain value");
    JSON_ONLY = error("json-only", "requests and successes are JSON with a schema");
    ONE_SUCCESS = error("one-success", "an operation has one shape of success");
    DEFAULT_RESPONSE = error("default-response", "errors are described as 4XX and 5XX");
    IGNORED_HEADER = note("ignored-header", "response headers become no fields");
    IGNORED_STATUS = note("ignored-status", "1xx and 3xx are no results of a method");
    IGNORED_SECURITY = note("ignored-security", "methods send no credentials");
    IGNORED_SERVERS = note("ignored-servers", "the client does not know the addresses of the service");
    IGNORED_CALLBACK = note("ignored-callback", "callbacks and links become nothing");
    IGNORED_BOUND = note("ignored-bound", "no model checks a bound");
    IGNORED_DISCRIMINATOR = note("ignored-discriminator", "a discriminator does not choose the variant");
    IGNORED_WRITE_ONLY = note("ignored-write-only", "what is only written is in the model of a response, too");
    OPTIONAL_BODY = note("optional-body", "a body is always sent");
    OPEN_PATH_PARAMETER = note("open-path-parameter", "a path parameter may be `..`");
    X_ETAG = error("x-etag", "`x-etag` says where the entity tag is");
    ETAG_WITHOUT_IF_MATCH = error("etag-without-if-match", "what changes a resource with an entity tag takes `If-Match`");
    IF_MATCH_WITHOUT_CONFLICT = error("if-match-without-conflict", "what takes `If-Match` says what a stale one gets");
    CONFLICT_WITHOUT_IF_MATCH = error("conflict-without-if-match", "what answers with a conflict takes `If-Match`");
    ETAG_NOT_DOCUMENTED = error("etag-not-documented", "a GET says where the entity tag is");
    ETAG_NOT_RETURNED = error("etag-not-returned", "a PUT returns the new entity tag");
    IF_MATCH_ON_READ = error("if-match-on-read", "GET, HEAD and POST take no `If-Match`");
    OPTIONAL_IF_MATCH = error("optional-if-match", "`If-Match` is required, or the contract says why not");
    WAIVER = required("waiver", "a waiver names a rule that can be waived, and says why");
    STALE_WAIVER = required("stale-waiver", "a waiver is needed");
}
