//! What a contract must follow so that a client can be generated from it.

openapi_document::rules! {
    /// Every schema that becomes a type has a name of its own. One without a name gets that of what holds it and
    /// what it is in there: `owner` of `Probe` is `ProbeOwner`. The generated code would not compile, or take one
    /// schema for the other.
    ///
    /// **Fix** by moving the schema to `/components/schemas`, under another name. Cannot be waived.
    TYPE_NAME = required(Generator, "type-name", "every schema that becomes a type has a name of its own") {
        bad: [
            ("        list: {type", "        oneTwo: {type: object, properties: {x: {type: string}}}\n        one: {type: object, properties: {two: {type: object, properties: {y: {type: string}}}}}\n        list: {type", 31),
        ],
        good: [
            ("        list: {type", "        own: {type: object, properties: {x: {type: string}}}\n        list: {type"),
        ],
    }

    /// The schemas of an `allOf` can hold at once. No value is a string and a number; nothing could be read.
    ///
    /// **Fix** the type of one of them, or take it out of the `allOf`. Cannot be waived.
    UNSATISFIABLE = required(Generator, "unsatisfiable", "the schemas of an `allOf` can hold at once") {
        bad: [
            ("list: {type: array, items: {}}", "list: {allOf: [{type: string}, {type: integer}]}", 30),
        ],
        good: [
            ("list: {type: array, items: {}}", "list: {allOf: [{type: number}, {type: integer}]}"),
        ],
    }

    /// A parameter is one value, or a list of them. The generator cannot write an object.
    ///
    /// **Fix** by making it a string whose description says how it is written. Cannot be waived.
    PARAMETER_OBJECT = required(Generator, "parameter-object", "a parameter is no object") {
        bad: [
            ("        - {name: If-Match", "        - {name: q, in: query, schema: {type: object}}\n        - {name: If-Match", 18),
        ],
        good: [
            ("        - {name: If-Match", "        - {name: q, in: query, schema: {type: array, items: {type: string}}}\n        - {name: If-Match"),
        ],
    }

    /// A note. The variants of a union can be told apart: by a required member with an `enum`, or the value of
    /// the `discriminator`; by the types of JSON; or by required members. Where that is not so, a value may be one
    /// or the other, and the model holds it as any JSON, with nothing lost. A limit tells nothing: an object that
    /// breaks a limit of the variant that its tag names is still read as that.
    ///
    /// **Fix** by giving each variant a required member with an `enum` of one value.
    /// **Waive** beside the union.
    AMBIGUOUS_UNION = note(Generator, "ambiguous-union", "the variants of a union can be told apart") {
        bad: [
            ("list: {type: array, items: {}}", "list: {oneOf: [{type: object, properties: {a: {type: string}}}, {type: object, properties: {b: {type: string}}}]}", 30),
        ],
        good: [
            ("list: {type: array, items: {}}", "list: {oneOf: [{type: string}, {type: array, items: {type: string}}]}"),
        ],
    }

    /// A note. A schema with `properties` and without a `type` allows a number, a text and a list as well
    /// (section 4.7.24). The model reads what was most likely meant.
    ///
    /// **Fix** by adding the `type`.
    /// **Waive** on the schema.
    IMPLIED_TYPE = note(Generator, "implied-type", "a schema of an object or a list says so") {
        bad: [
            ("list: {type: array, items: {}}", "list: {properties: {a: {type: string}}}", 30),
        ],
        good: [
            ("list: {type: array, items: {}}", "list: {}"),
        ],
    }

    /// A note. The limits of a request are checked before it is sent, by tables beside its model: models hold anything,
    /// so that no response is unreadable. No table has what `not` asks for, which of several groups of members must
    /// be there, and what only some of several schemas say that are read as one type. What the service alone writes
    /// (`readOnly`) has no limits in a request.
    ///
    /// **Fix** by describing it in words; the service has the last word.
    /// **Waive** on the schema.
    UNCHECKED_LIMIT = note(Generator, "unchecked-limit", "a limit in a request is checked before it is sent") {
        bad: [
            ("list: {type: array, items: {}}", "list: {anyOf: [{type: string, maxLength: 1}, {type: string}]}", 30),
            ("list: {type: array, items: {}}", "list: {not: {type: string}}", 30),
        ],
        good: [
            ("pattern: '^a'", "maxLength: 3, minLength: 1, format: email, enum: [a]"),
            ("items: {}", "readOnly: true, items: {type: string}"),
        ],
    }

    /// A note. Of a string in a request, these formats are checked before it is sent: `email` (something, `@`,
    /// something, no blanks), `uuid`, `date` and `date-time` (RFC 3339), `byte` (RFC 4648 section 4), `ipv4` and
    /// `ipv6`. Nobody checks another one.
    ///
    /// **Fix** by a `pattern`, if it is known what the service takes.
    /// **Waive** on the schema.
    UNCHECKED_FORMAT = note(Generator, "unchecked-format", "the format of a string in a request is checked before it is sent") {
        bad: [
            ("pattern: '^a'", "format: duration", 29),
        ],
        good: [
            ("pattern: '^a'", "format: date-time"),
            ("pattern: '^a'", "format: password"),
        ],
    }

    /// `x-any-case: true`, in the schema of a string in a request, says that the service may write the value in
    /// another case than it was given. The client takes `en-US` for what became of `EN-US` when it finds out whether
    /// an update was applied. On anything but a string it would say nothing.
    ///
    /// **Fix** by writing `true` in a schema of type string, or by removing it.
    /// **Waive** on the schema.
    X_ANY_CASE = error(House, "x-any-case", "`x-any-case` is `true` beside a string") {
        bad: [
            ("pattern: '^a'", "pattern: '^a', x-any-case: 1", 29),
        ],
        good: [
            ("pattern: '^a'", "pattern: '^a', x-any-case: true"),
        ],
    }

    /// `x-sent-back: true`, in a schema of a request, says that the service alone writes the value, and that an
    /// update sends it back as it was read. `readOnly` says that as well, and that the value SHOULD NOT be sent
    /// (section 4.7.24.2): generated clients leave it out of requests. The client of this project holds both alike:
    /// it refuses to change the value, and takes a change of it by the service for no conflict.
    ///
    /// **Fix** by writing `true` without `readOnly`, or by removing it.
    /// **Waive** on the schema.
    X_SENT_BACK = error(House, "x-sent-back", "`x-sent-back` is `true`, and not beside `readOnly`") {
        bad: [
            ("pattern: '^a'", "x-sent-back: 1", 29),
            ("pattern: '^a'", "x-sent-back: true, readOnly: true", 29),
        ],
        good: [
            ("pattern: '^a'", "x-sent-back: true"),
        ],
    }

    /// Whatever else progenitor cannot take, or makes code of that has one name for two things. It says what, but not
    /// where; so it is given the parts one by one.
    ///
    /// **Fix** by saying it in a simpler way, or by a pass of the code generation that lowers it.
    /// Cannot be waived.
    GENERATOR = required(Generator, "generator", "progenitor can take what is described") {
        bad: [
        ],
        good: [
        ],
    }
}
