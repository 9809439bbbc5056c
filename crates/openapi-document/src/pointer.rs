//! JSON Pointers (RFC 6901).

/// Escapes one reference token of a JSON Pointer (RFC 6901 section 3).
///
/// # Examples
/// ```
/// assert_eq!(openapi_document::escape("/v1/~me"), "~1v1~1~0me");
/// ```
#[must_use]
pub fn escape(token: &str) -> String {
    if !token.contains(['~', '/']) {
        return token.to_owned();
    }
    token.replace('~', "~0").replace('/', "~1")
}

/// Undoes [`escape`] (RFC 6901 section 4).
///
/// # Examples
/// ```
/// assert_eq!(openapi_document::unescape("~1v1~1~0me"), "/v1/~me");
/// ```
#[must_use]
pub fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// A JSON Pointer (RFC 6901).
///
/// # Examples
/// ```
/// use openapi_document::Pointer;
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
