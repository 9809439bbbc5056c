//! Names that are alike.

/// The name without case and punctuation: two names that become the same Rust identifier have the same
/// folded form.
///
/// # Examples
/// ```
/// assert_eq!(openapi_document::fold("address_Line-1"), "addressline1");
/// ```
#[must_use]
pub fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The name that `word` was most likely meant to be, if one is near.
///
/// # Examples
/// ```
/// use openapi_document::nearest;
///
/// assert_eq!(nearest("maxLenght", ["minLength", "maxLength"].into_iter()), Some("maxLength"));
/// assert_eq!(nearest("x", ["minLength", "maxLength"].into_iter()), None);
/// ```
#[must_use]
pub fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|name| (strsim::damerau_levenshtein(word, name), name))
        .filter(|(distance, name)| distance * 3 <= name.len())
        .min()
        .map(|(_, name)| name)
}
