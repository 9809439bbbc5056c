//! What a contract must follow so that a client can be generated from it.

openapi_document::rules! {
    /// The schema of a request body is a component with a name: its limits are a constant of that type.
    ///
    /// **Fix** by moving it to `/components/schemas`. Cannot be waived.
    NAMED_REQUEST = required("named-request", "the schema of a request body has a name") {
        bad: [
            ("requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/A'}", "requestBody: {required: true, content: {application/json: {schema: {type: object}", 19),
        ],
        good: [
            ("requestBody: {required: true", "requestBody: {description: All of it., required: true"),
        ],
    }

    /// A limit in a request is one that `Constraint` of partner-center-api can check before it is sent. Models hold
    /// anything, so that no response is unreadable; a limit that no table has would be a promise that nobody
    /// keeps. What the service alone writes (`readOnly`) has no limits in a request.
    ///
    /// **Fix** by giving `Constraint` a variant for it, or by describing it in words. Cannot be waived.
    UNCHECKED_LIMIT = required("unchecked-limit", "a limit in a request is one that is checked") {
        bad: [
            ("items: {}", "maxItems: 3, items: {}", 30),
            ("pattern: '^a'", "enum: [a]", 29),
        ],
        good: [
            ("pattern: '^a'", "maxLength: 3, minLength: 1, format: email"),
            ("items: {}", "readOnly: true, items: {type: string, enum: [a]}"),
        ],
    }

    /// `x-any-case: true`, in the schema of a string in a request, says that the service may write the value in
    /// another case than it was given. The client takes `en-US` for what became of `EN-US` when it finds out whether
    /// an update was applied. On anything but a string it would say nothing.
    ///
    /// **Fix** by writing `true` in a schema of type string, or by removing it. Cannot be waived.
    X_ANY_CASE = required("x-any-case", "`x-any-case` is `true` beside a string") {
        bad: [
            ("pattern: '^a'", "pattern: '^a', x-any-case: 1", 29),
        ],
        good: [
            ("pattern: '^a'", "pattern: '^a', x-any-case: true"),
        ],
    }

    /// Whatever else progenitor cannot take, in the schema or the operation that it cannot take: a `not`, a
    /// default of another type. It says what, but not where; so it is given the parts one by one.
    ///
    /// **Fix** by saying it in a simpler way, or by a pass of the code generation that lowers it.
    /// Cannot be waived.
    GENERATOR = required("generator", "progenitor can take what is described") {
        bad: [
            ("list: {type: array, items: {}}", "list: {not: {type: string}}", 25),
        ],
        good: [
            ("list: {type: array, items: {}}", "list: {anyOf: [{type: string}, {type: integer}]}"),
        ],
    }
}
