//! JSON Pointers (RFC 6901).

/// Escapes one reference token of a JSON Pointer (RFC 6901 section 3).
///
/// # Examples
/// ```
/// assert_eq!(openapi_document::escape("/v1/~me"), "~1v1~1~0me");
/// ```
#[must_use]
pub fn escape(token: &str) -> String {
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

/// Whether `pointer` is `ancestor` or leads into it.
///
/// # Examples
/// ```
/// use openapi_document::within;
///
/// assert!(within("/paths/~1a/get", "/paths/~1a"));
/// assert!(!within("/paths/~1ab", "/paths/~1a"));
/// ```
#[must_use]
pub fn within(pointer: &str, ancestor: &str) -> bool {
    pointer.strip_prefix(ancestor).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
