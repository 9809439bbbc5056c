//! Formats of which one takes in another one.

/// Whether every value of a format is one of another format too: every URI is a reference and an IRI, every
/// hostname and every address is an internationalized one (JSON Schema 2020-12 Validation sections 7.3.2 to
/// 7.3.5), and integers have more or fewer bits (OpenAPI Format Registry).
pub(crate) fn is_within(narrow: &str, wide: &str) -> bool {
    match (narrow, wide) {
        ("float", "double")
        | ("email", "idn-email")
        | ("hostname", "idn-hostname")
        | ("uri", "uri-reference" | "iri" | "iri-reference")
        | ("uri-reference" | "iri", "iri-reference") => true,
        _ => match (bits(narrow), bits(wide)) {
            (Some((signed, few)), Some((signs, many))) => few < many && (signs || !signed),
            _ => false,
        },
    }
}

/// Whether integers of a format have a sign, and how many bits they have.
pub(crate) fn bits(format: &str) -> Option<(bool, u32)> {
    let (signed, bits) = match format.strip_prefix("uint") {
        Some(bits) => (false, bits),
        None => (true, format.strip_prefix("int")?),
    };
    bits.parse().ok().filter(|bits| [8, 16, 32, 64].contains(bits)).map(|bits| (signed, bits))
}
