//! JSON Pointers (RFC 6901), name by name.

use std::borrow::Cow;

/// Appends a name to a pointer, with its escapes (section 3).
///
/// # Examples
/// ```
/// let mut pointer = "/a".to_owned();
/// partner_center_api::pointer::push(&mut pointer, "b/c~");
/// assert_eq!(pointer, "/a/b~1c~0");
/// ```
pub fn push(pointer: &mut String, name: &str) {
    pointer.push('/');
    if !name.contains(['~', '/']) {
        pointer.push_str(name);
        return;
    }
    for c in name.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            _ => pointer.push(c),
        }
    }
}

/// A name as a pointer has it, without its escapes (section 4).
///
/// # Examples
/// ```
/// assert_eq!(partner_center_api::pointer::unescaped("b~1c~0"), "b/c~");
/// ```
#[must_use]
pub fn unescaped(name: &str) -> Cow<'_, str> {
    if name.contains('~') { name.replace("~1", "/").replace("~0", "~").into() } else { name.into() }
}

/// Whether a pointer leads to what is at another, or into it.
///
/// # Examples
/// ```
/// use partner_center_api::pointer::within;
/// assert!(within("/links", "/links") && within("/links/self", "/links"));
/// assert!(!within("/linksmith", "/links"));
/// ```
#[must_use]
pub fn within(pointer: &str, of: &str) -> bool {
    pointer.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
