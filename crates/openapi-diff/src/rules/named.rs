//! Rules that are not about schemas.

/// Their names, and what they mean.
pub(super) const NAMED: &[(&str, &str)] = &[
    ("endpoint-added", "An operation is new. Nobody calls it yet: compatible."),
    (
        "api-path-removed-without-deprecation",
        "A path is gone with its operations, which were not deprecated. Calls fail: breaking.",
    ),
    (
        "api-path-removed-with-deprecation",
        "A path is gone with its operations, which were deprecated. Calls fail all the same: breaking.",
    ),
    (
        "api-removed-without-deprecation",
        "An operation is gone that was not deprecated; others of its path stay. Calls fail: breaking.",
    ),
    (
        "api-removed-with-deprecation",
        "An operation is gone that was deprecated; others of its path stay. Calls fail all the same: breaking.",
    ),
    ("endpoint-deprecated", "An operation is deprecated now. It works as before: compatible."),
    (
        "sunset-changed",
        "The date at which something deprecated goes (`x-sunset`) is another one: an operation, a parameter, a header, a media type, a member. It works as before: compatible; a policy may ask for more.",
    ),
    (
        "endpoint-reactivated",
        "An operation is not deprecated any more. It works as before: compatible.",
    ),
    (
        "api-operation-id-added",
        "An operation has a name now. Names are not on the wire: compatible.",
    ),
    (
        "api-operation-id-removed",
        "An operation has another name, or none. Names are not on the wire: compatible, though generated code is called after them.",
    ),
    ("api-tag-added", "An operation has one more tag. Tags are not on the wire: compatible."),
    ("api-tag-removed", "An operation has one tag less. Tags are not on the wire: compatible."),
    ("api-version-changed", "The contract has another version. No message has it: compatible."),
    ("title-changed", "A title is another one. It is for people: compatible."),
    (
        "description-changed",
        "A description or summary is another one. It is for people: compatible; read what it says.",
    ),
    (
        "keyword-without-effect",
        "A keyword is another one that says nothing of values of the type that the schema has, such as `maximum` of a string. Every value is judged as before: compatible; read what was meant.",
    ),
    (
        "comparison-incomplete",
        "Something was not compared: the schemas refer to each other in too many ways, or a keyword, a member or a dialect differs whose meaning is not known. What was not compared may break: potentially breaking.",
    ),
    (
        "etag-location-changed",
        "Where the entity tag of a resource is (`x-etag`) is said differently. The messages stay: compatible, and breaking at run time if it was said before, because whoever reads the tag where it was has none to send.",
    ),
    (
        "api-callback-added",
        "The service makes a call that it did not make. Clients need not listen: compatible.",
    ),
    (
        "api-callback-removed",
        "The service does not make a call any more. Clients that wait for it wait in vain: potentially breaking.",
    ),
    (
        "webhook-added",
        "The service makes a call that it did not make. Clients need not listen: compatible.",
    ),
    (
        "webhook-removed",
        "The service does not make a call any more. Clients that wait for it wait in vain: potentially breaking.",
    ),
    (
        "request-body-added-optional",
        "A request may have a body now. Clients need not send one: compatible.",
    ),
    (
        "request-body-added-required",
        "A request must have a body, and had none. What clients send is refused: breaking.",
    ),
    (
        "request-body-removed",
        "A request may not have a body any more. What clients send is refused: breaking.",
    ),
    (
        "request-body-became-required",
        "A request must have a body, which was optional. What clients send may be refused: breaking.",
    ),
    (
        "request-body-became-optional",
        "A request need not have a body any more. Whatever clients send is taken as before: compatible.",
    ),
    (
        "new-request-path-parameter",
        "A path has a parameter that it did not have. What clients send is refused: breaking.",
    ),
    (
        "new-required-request-parameter",
        "A parameter is new and required. What clients send is refused: breaking.",
    ),
    (
        "new-optional-request-parameter",
        "A parameter is new and optional. Clients need not send it: compatible.",
    ),
    (
        "request-parameter-removed",
        "A parameter is gone, be it a loose one or a member of an object that is written apart. What clients send of it is ignored or refused: potentially breaking; compatible where an object takes any name.",
    ),
    (
        "request-parameter-became-required",
        "A parameter is required now. What clients send may be refused: breaking.",
    ),
    (
        "request-parameter-became-optional",
        "A parameter is optional now. Whatever clients send is taken as before: compatible.",
    ),
    (
        "request-parameter-in-changed",
        "A parameter has moved, such as from the query to a header. Where clients send it, it is not looked for: breaking.",
    ),
    (
        "request-parameter-allow-empty-value-changed",
        "Whether a parameter may be empty has changed. What clients send may be refused if it may not any more: breaking; otherwise compatible.",
    ),
    (
        "request-parameter-allow-reserved-changed",
        "Whether reserved characters may stand unencoded has changed. What clients send may be misread if they may not any more: potentially breaking; otherwise compatible.",
    ),
    (
        "request-parameter-style-changed",
        "A parameter is written in another style. What clients send is misread: breaking, and potentially so for a single value outside of a path, of which most styles say nothing.",
    ),
    (
        "request-parameter-explode-changed",
        "The parts of a parameter are written apart, or not any more. What clients send is misread: breaking.",
    ),
    (
        "request-parameter-serialization-changed",
        "A parameter is written by a media type, or not any more. What clients send is misread: breaking.",
    ),
    (
        "if-match-removed",
        "An update does not take `If-Match` any more. Nothing guards it against overwriting another one: breaking.",
    ),
    (
        "if-match-became-optional",
        "An update may be without `If-Match`. Clients that send it are as safe as before: compatible; those that rely on being refused without it are not: breaking at run time.",
    ),
    (
        "response-success-status-added",
        "A success has one more status. Clients are answered as before where they were: compatible; those that know the statuses by heart take it for an error: potentially breaking at run time.",
    ),
    (
        "response-success-status-removed",
        "A success has one status less. Clients that wait for it wait in vain: breaking; potentially so where `default` stands for it; compatible where part of a range stays.",
    ),
    (
        "response-non-success-status-added",
        "A failure has one more status. Clients take what they do not know by its class: compatible.",
    ),
    (
        "response-non-success-status-removed",
        "A failure has one status less. Nothing new can come: compatible; what clients do on it does not happen: potentially breaking at run time, and breaking where it told a conflict.",
    ),
    (
        "response-header-added",
        "A response header is new. Clients pass over what they do not know: compatible.",
    ),
    (
        "required-response-header-removed",
        "A response header is gone that was always there. Clients that rely on it do not get it: breaking.",
    ),
    (
        "optional-response-header-removed",
        "A response header is gone that could be there. Clients must do without, as they had to before: potentially breaking.",
    ),
    (
        "response-header-became-optional",
        "A response header is not always there any more. Clients that rely on it may not get it: breaking.",
    ),
    (
        "response-header-became-required",
        "A response header is always there now. Clients get what they got: compatible.",
    ),
    (
        "response-header-explode-changed",
        "The parts of a response header are written in another way. Clients misread them: breaking.",
    ),
    (
        "response-header-serialization-changed",
        "A response header is written by a media type, or not any more. Clients misread it: breaking.",
    ),
    ("response-link-added", "A link is new. Nobody follows it yet: compatible."),
    (
        "response-link-removed",
        "A link is gone. No message changes: compatible on the wire. A program that follows it has nothing to follow: potentially breaking at run time.",
    ),
    (
        "response-link-changed",
        "A link leads elsewhere, or sets something else there. No message changes: compatible on the wire. A program that follows it does something else: potentially breaking at run time, unless it sets only more than before.",
    ),
    (
        "response-required-property-added",
        "A member is new and always there in a response. Readers pass over what they do not know: compatible, unless no other members were allowed, which is potentially breaking.",
    ),
    (
        "response-optional-property-added",
        "A member is new and may be there in a response. Readers pass over what they do not know: compatible, unless no other members were allowed, which is potentially breaking.",
    ),
    (
        "response-required-property-removed",
        "A member is gone from a response that was always there. Clients that rely on it do not get it: breaking.",
    ),
    (
        "response-optional-property-removed",
        "A member is gone from a response that could be there. Clients must do without, as they had to before: potentially breaking.",
    ),
    (
        "api-security-added",
        "A call needs a credential, or may be made with one more. Breaking if it was said to need none; compatible, and breaking at run time, if nothing was said; compatible if it is one more to choose.",
    ),
    (
        "api-security-removed",
        "A call needs no credential any more, or may not be made with one. Breaking if clients that bring it are refused; otherwise compatible.",
    ),
    (
        "api-security-scope-added",
        "A credential needs one more scope. The tokens that clients have are refused: breaking.",
    ),
    (
        "api-security-scope-removed",
        "A credential needs one scope less. The tokens that clients have are enough: compatible.",
    ),
    (
        "api-security-component-type-changed",
        "A credential is another one under its old name, or is brought in another way. What clients bring is refused: breaking.",
    ),
    (
        "api-security-component-oauth-url-changed",
        "Tokens come from another address. Clients that go to the one they know fail if it is switched off: potentially breaking; compatible if there was none.",
    ),
    ("server-added", "The service has one more address. The others stay: compatible."),
    (
        "server-removed",
        "The service has one address less. Clients that call it fail if it is switched off: potentially breaking, and breaking if its host stays with another path. Where no servers are listed, the server is `/`.",
    ),
];

/// What those about messages mean in a webhook or a callback, where that is something else.
pub(super) const TURNED: &[(&str, &str)] = &[
    (
        "request-body-added-optional",
        "A request may have a body now. Clients may pass over it: compatible.",
    ),
    (
        "request-body-added-required",
        "A request has a body, and had none. Clients may pass over it: compatible.",
    ),
    (
        "request-body-removed",
        "A request has no body any more. Clients that read it do not get it: breaking.",
    ),
    (
        "request-body-became-required",
        "A request always has its body now, which was optional. Clients get what they got: compatible.",
    ),
    (
        "request-body-became-optional",
        "A request may be without its body now. Clients that rely on it may not get it: breaking.",
    ),
    (
        "new-request-path-parameter",
        "A path has a parameter that it did not have. Clients pass over what they do not know: compatible.",
    ),
    (
        "new-required-request-parameter",
        "A parameter is new and always there. Clients pass over what they do not know: compatible.",
    ),
    (
        "new-optional-request-parameter",
        "A parameter is new and may be there. Clients pass over what they do not know: compatible.",
    ),
    (
        "request-parameter-removed",
        "A parameter is gone, be it a loose one or a member of an object that is written apart. Clients that rely on it do not get it: potentially breaking; compatible where an object takes any name.",
    ),
    (
        "request-parameter-became-required",
        "A parameter is always there now. Clients get what they got: compatible.",
    ),
    (
        "request-parameter-became-optional",
        "A parameter is not always there any more. Clients that rely on it may not get it: breaking.",
    ),
    (
        "request-parameter-in-changed",
        "A parameter has moved, such as from the query to a header. Where clients look for it, it does not come: breaking.",
    ),
    (
        "request-parameter-allow-empty-value-changed",
        "Whether a parameter may be empty has changed. Clients may be sent an empty one that they do not know if it may now: breaking; otherwise compatible.",
    ),
    (
        "request-parameter-allow-reserved-changed",
        "Whether reserved characters may stand unencoded has changed. Clients may misread them if they may now: potentially breaking; otherwise compatible.",
    ),
    (
        "request-parameter-style-changed",
        "A parameter is written in another style. Clients misread it: breaking, and potentially so for a single value outside of a path, of which most styles say nothing.",
    ),
    (
        "request-parameter-explode-changed",
        "The parts of a parameter are written apart, or not any more. Clients misread them: breaking.",
    ),
    (
        "request-parameter-serialization-changed",
        "A parameter is written by a media type, or not any more. Clients misread it: breaking.",
    ),
    (
        "response-success-status-added",
        "A success has one more status. Clients need not answer with it: compatible.",
    ),
    (
        "response-success-status-removed",
        "A success has one status less. Clients that answer with it may not be understood: breaking; potentially so where `default` stands for it; compatible where part of a range stays.",
    ),
    (
        "response-non-success-status-added",
        "A failure has one more status. Clients need not answer with it: compatible.",
    ),
    (
        "response-non-success-status-removed",
        "A failure has one status less. What clients answer is taken by its class: compatible.",
    ),
    (
        "response-header-added",
        "A response header is new. Clients that do not send it are refused if it is required: breaking; otherwise compatible.",
    ),
    (
        "required-response-header-removed",
        "A response header is gone that was always there. What clients send of it is ignored or refused: potentially breaking.",
    ),
    (
        "optional-response-header-removed",
        "A response header is gone that could be there. What clients send of it is ignored or refused: potentially breaking.",
    ),
    (
        "response-header-became-optional",
        "A response header need not be there any more. Whatever clients send is taken as before: compatible.",
    ),
    (
        "response-header-became-required",
        "A response header is required now. What clients send may be refused: breaking.",
    ),
    (
        "response-header-explode-changed",
        "The parts of a response header are written in another way. What clients send is misread: breaking.",
    ),
    (
        "response-header-serialization-changed",
        "A response header is written by a media type, or not any more. What clients send is misread: breaking.",
    ),
    (
        "response-required-property-added",
        "A member is new and required in a response. What clients send may be refused: breaking.",
    ),
    (
        "response-optional-property-added",
        "A member is new and optional in a response. Clients need not send it: compatible.",
    ),
    (
        "response-required-property-removed",
        "A member is gone from a response that was required. What clients send of it is ignored, or refused where no other members are allowed: potentially breaking, or breaking.",
    ),
    (
        "response-optional-property-removed",
        "A member is gone from a response that could be there. What clients send of it is ignored, or refused where no other members are allowed: potentially breaking, or breaking.",
    ),
];
