//! What of an answer is kept and shown: no token, not too much, on one line.

use bytes::Bytes;
use memchr::memmem;
use partner_center_api::utf8;

/// How much of the body of an error is kept, in bytes.
pub(super) const BODY_LIMIT: usize = 64 * 1024;

/// How much more of it is read, so that a token that is cut off is behind what is kept.
pub(super) const TOKEN_LIMIT: usize = 16 * 1024;

/// The body in UTF-8, without the token, should it be in there, and not too long.
pub(super) fn without(token: &str, body: Bytes) -> Bytes {
    let mut body = utf8(body);
    if !token.is_empty() && memmem::find(&body, token.as_bytes()).is_some() {
        let mut clean = Vec::with_capacity(body.len());
        let mut rest = 0;
        for at in memmem::find_iter(&body, token.as_bytes()) {
            clean.extend_from_slice(&body[rest..at]);
            clean.extend_from_slice(b"(access token)");
            rest = at + token.len();
        }
        clean.extend_from_slice(&body[rest..]);
        body = clean.into();
    }
    body.truncate(BODY_LIMIT);
    body
}

/// A text as one line that a terminal shows as it is.
pub(crate) fn line(text: &str) -> String {
    let unseen = |c: char| {
        // What changes the direction of a text, or is not seen in it.
        matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
    };
    let words = text.split(|c: char| c.is_whitespace() || c.is_control() || unseen(c));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
