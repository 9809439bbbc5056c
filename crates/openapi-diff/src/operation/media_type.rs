//! Names of media types: what of them is another one on the wire.

/// A media type without what does not matter: case, blanks, quotes, the order of its parameters, the
/// boundary of its parts, and the character set UTF-8.
///
/// UTF-8 is what JSON is written in (RFC 8259 section 8.1), and what a media type without a character
/// set is taken to be written in: the documents do not say otherwise.
pub(crate) fn media_type(name: &str) -> String {
    let mut parts = split(name).into_iter();
    let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let mut parameters: Vec<_> = parts.filter_map(|part| parameter(&part)).collect();
    parameters.sort();
    std::iter::once(essence).chain(parameters).collect::<Vec<_>>().join(";")
}

/// `charset=utf-16`; nothing for what does not matter.
fn parameter(part: &str) -> Option<String> {
    let (name, value) = part.split_once('=').unwrap_or((part, ""));
    let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
    let value = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    match name.as_str() {
        "" | "boundary" => None,
        // Character sets have no case (RFC 9110 section 8.3.2).
        "charset" if ["utf-8", "utf8"].iter().any(|usual| value.eq_ignore_ascii_case(usual)) => {
            None
        }
        "charset" => Some(format!("charset={}", value.to_ascii_lowercase())),
        _ if value.is_empty() => Some(name),
        _ => Some(format!("{name}={value}")),
    }
}

/// The parts between semicolons, of which a quoted text is none.
fn split(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for letter in name.chars() {
        quoted ^= letter == '"';
        match parts.last_mut() {
            Some(part) if quoted || letter != ';' => part.push(letter),
            _ => parts.push(String::new()),
        }
    }
    parts
}

/// Whether a media range takes in a media type.
pub(crate) fn covers(range: &str, name: &str) -> bool {
    let (kind, sub) = range.split_once('/').unwrap_or((range, ""));
    sub == "*" && (kind == "*" || name.split('/').next() == Some(kind))
}

/// Whether what has a media type is JSON (RFC 6839 section 3.1).
pub(crate) fn is_json(name: &str) -> bool {
    let essence = name.split(';').next().unwrap_or_default();
    essence == "application/json" || essence.ends_with("+json")
}
