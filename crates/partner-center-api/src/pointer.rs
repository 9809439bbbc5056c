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

/// A JSON Pointer (RFC 6901).
///
/// # Examples
/// ```
/// use partner_center_api::pointer::Pointer;
///
/// assert!(Pointer("/links").is_within("/links") && Pointer("/links/self").is_within("/links"));
/// assert!(!Pointer("/linksmith").is_within("/links"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointer<'a>(pub &'a str);

impl Pointer<'_> {
    /// Whether it leads to what is at `ancestor`, or into it.
    #[must_use]
    pub fn is_within(self, ancestor: &str) -> bool {
        let rest = self.0.strip_prefix(ancestor);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}
