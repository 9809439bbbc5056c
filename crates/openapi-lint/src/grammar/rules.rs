//! What OpenAPI itself asks. Sections are those of the OpenAPI Specification 3.0.3.

openapi_document::rules! {
    /// The document is OpenAPI 3.0. These rules, and the generator, are for no other: 3.1 has other schemas
    /// (oxidecomputer/progenitor#762). `cargo xtask diff` and `cargo xtask docs` read 3.1 as well.
    ///
    /// **Fix** by writing it as `openapi: 3.0.3`. Cannot be waived.
    OPENAPI_VERSION = required("openapi-version", "the contract is OpenAPI 3.0") {
        bad: [
            ("3.0.3", "3.1.0", 1),
        ],
        good: [
            ("3.0.3", "3.0.0"),
        ],
    }

    /// An object has the members that section 4.7 gives it, and extensions, whose names start with `x-`. Any
    /// other is ignored by whoever reads it: `maxLenght` limits nothing.
    ///
    /// **Fix** the spelling, or make an extension of it.
    /// **Waive** on the object, if a tool reads it that you use.
    UNKNOWN_MEMBER = warning("unknown-member", "an object has no members but those of OpenAPI and extensions") {
        bad: [
            ("tags: [t]", "tag: [t]", 11),
            ("title: T, ", "title: T, contact: {mail: a}, ", 2),
        ],
        good: [
            ("tags: [t]", "tags: [t]\n      x-tag: t"),
        ],
    }

    /// An object has the members that section 4.7 requires; a security scheme and a flow those of their type.
    ///
    /// **Fix** by adding it. Cannot be waived.
    MISSING_MEMBER = required("missing-member", "an object has the members that OpenAPI requires") {
        bad: [
            ("title: T, ", "", 2),
            ("  schemas:", "  securitySchemes: {k: {type: http}}\n  schemas:", 24),
        ],
        good: [
            ("title: T", "title: ''"),
        ],
    }

    /// A member is of the type that section 4.7 gives it, or one of the values: a `style` one that the location of the
    /// parameter has. `openapiv3` calls a wrong one "data did not match any variant", without a place.
    ///
    /// **Fix** the value; a number or a date that is meant as a text needs quotes in YAML. Cannot be waived.
    TYPE = required("type", "a member is of the type that OpenAPI gives it") {
        bad: [
            ("tags: [t]", "tags: t", 11),
            ("      operationId: putA\n", "      operationId: putA\n      parameters:\n        - {name: q, in: query, style: fancy, schema: {type: string}}\n      #", 18),
            ("tags: [t]", "security: [{k: scope}]", 11),
        ],
        good: [
            ("tags: [t]", "tags: []"),
        ],
    }

    /// Responses are listed by a status in quotes, by a class such as `4XX`, or as `default` (section 4.7.16).
    ///
    /// **Fix** the key. Cannot be waived.
    STATUS = required("status", "responses are listed by status") {
        bad: [
            ("4XX", "FAIL", 14),
        ],
        good: [
            ("4XX", "'404'"),
        ],
    }

    /// A `$ref` leads to something, and to what belongs in its place: that of a schema to a schema, wherever it is,
    /// in an operation or in an extension as well as in the components (section 4.7.23). So do the schemas in the
    /// `mapping` of a discriminator, which may be names.
    ///
    /// **Fix** the reference, or add what it names. Cannot be waived.
    UNRESOLVED_REFERENCE = required("unresolved-reference", "a reference leads to what belongs in its place") {
        bad: [
            ("schemas/A'", "schemas/C'", 13),
            ("schemas/A'", "responses/F'", 13),
            ("list: {type: array, items: {}}", "list: {discriminator: {propertyName: b, mapping: {c: C}}, oneOf: [{type: object, required: [b], properties: {b: {type: string}}}]}", 30),
        ],
        good: [
            ("{description: failed}", "{$ref: '#/components/responses/F'}"),
            ("4XX: {description: failed}", "4XX: {description: failed, content: {application/json: {schema: {$ref: '#/paths/~1a~1{id}/put/responses/200/content/application~1json/schema'}}}}"),
            ("{description: failed}", "{$ref: '#/paths/~1a~1{id}/put/responses/412'}"),
            ("paths:\n", "x-items: {b: {get: {operationId: getB, responses: {'204': {description: ok}}}}}\npaths:\n  /b: {$ref: '#/x-items/b'}\n"),
        ],
    }

    /// What a `$ref` leads to is in the same file, or in one that is read with it. Of another document, nothing is
    /// checked, and nothing is generated from it.
    ///
    /// **Fix** by copying what it means into `/components`. Cannot be waived.
    EXTERNAL_REFERENCE = unread("external-reference", "a reference leads to what is read") {
        bad: [
            ("{$ref: '#/components/schemas/A'}", "{$ref: 'https://a.example/b.yaml#/C'}", 13),
        ],
        good: [
            ("description: failed", "description: failed, content: {application/json: {example: {$ref: 'b.yaml'}}}"),
        ],
    }

    /// A `$ref` stands alone. What stands beside it is ignored (section 4.7.23), and looks as if it were not.
    ///
    /// **Fix** by moving it to what is referred to. To say something of one use, wrap it:
    /// `allOf: [{$ref: …}]` with a `description` beside.
    /// **Waive** on the object around.
    REFERENCE_SIBLING = warning("reference-sibling", "a reference stands alone") {
        bad: [
            ("{$ref: '#/components/schemas/A'}", "{$ref: '#/components/schemas/A', title: T}", 13),
        ],
        good: [
            ("        name: {type", "        b: {$ref: '#/components/schemas/B'}\n        name: {type"),
        ],
    }

    /// No reference leads to itself by references alone, or through an `allOf`, a `oneOf` or an `anyOf`: there would
    /// be nothing at the end of it. Neither leads one through more than 200 schemas that way, since whoever reads a
    /// schema follows it to the end. A member may be of the type that has it, and so may an item.
    ///
    /// **Fix** by writing out what is inherited. Cannot be waived.
    CIRCULAR_REFERENCE = required("circular-reference", "no schema is part of itself") {
        bad: [
            ("  schemas:\n", "  schemas:\n    P: {allOf: [{$ref: '#/components/schemas/Q'}]}\n    Q: {$ref: '#/components/schemas/P'}\n", 26),
            ("list: {type: array, items: {}}", "list: {$ref: '#/components/schemas/C'}\n    C: {oneOf: [{$ref: '#/components/schemas/C'}]}", 31),
            ("list: {type: array, items: {}}", "list: {$ref: '#/components/schemas/C'}\n    C: {anyOf: [{type: string}, {$ref: '#/components/schemas/C'}]}", 31),
        ],
        good: [
            ("        name: {type", "        a: {$ref: '#/components/schemas/A'}\n        name: {type"),
            ("        name: {type", "        a: {nullable: true, allOf: [{$ref: '#/components/schemas/A'}]}\n        name: {type"),
            ("list: {type: array, items: {}}", "list: {$ref: '#/components/schemas/C'}\n    C: {allOf: [{$ref: '#/components/schemas/D'}, {type: object, properties: {children: {type: array, items: {$ref: '#/components/schemas/C'}}}}]}\n    D: {type: object, properties: {c: {$ref: '#/components/schemas/C'}}}"),
        ],
    }

    /// `openapiv3`, which the generator reads with, can read the document; this is whatever it refuses besides, in the
    /// innermost object it refuses.
    ///
    /// **Fix** by comparing with the specification. Cannot be waived.
    STRUCTURE = required(Generator, "structure", "`openapiv3` can read the document") {
        bad: [
            ("      operationId: putA\n", "      operationId: putA\n      callbacks: {a: 1}\n", 15),
        ],
        good: [
            ("      operationId: putA\n", "      operationId: putA\n      servers: []\n"),
        ],
    }
}
