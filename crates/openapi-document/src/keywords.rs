//! Keywords of schemas.

/// Keywords that limit a value, but for those of strings and of members.
pub const BOUNDS: [&str; 10] = [
    "multipleOf",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];
