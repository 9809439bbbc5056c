//! Entity tags: opaque, and strong, because only a strong one can guard an update.

use std::fmt;

/// A strong entity tag (RFC 9110 section 8.8.3): an opaque text that stands for one version of a
/// resource.
///
/// Two tags are equal if their texts are. Nothing else may be concluded from one: those of billing
/// profiles look like numbers and are not.
///
/// # Examples
/// ```
/// use partner_center::ETag;
/// let tag = ETag::new("-4242348048554929329")?;
/// assert_eq!(tag.as_str(), "-4242348048554929329");
/// assert_eq!(tag.to_string(), r#""-4242348048554929329""#);
/// assert!(ETag::new("two\r\nlines").is_err());
/// # Ok::<(), partner_center::InvalidETag>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ETag(Box<str>);

impl ETag {
    /// Makes a tag from its text, without quotes.
    ///
    /// # Errors
    /// The text has a character that RFC 9110 does not allow in a tag: a quote, a blank, a control
    /// character, or anything that is not ASCII.
    pub fn new(text: &str) -> Result<Self, InvalidETag> {
        // etagc of RFC 9110, without obs-text, which would not survive the way through a header.
        match text.bytes().position(|byte| !matches!(byte, 0x21 | 0x23..=0x7E)) {
            None => Ok(Self(text.into())),
            Some(at) => Err(InvalidETag { at }),
        }
    }

    /// The text of the tag, without quotes, as `attributes.etag` has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ETag {
    /// Writes the tag in quotes, as `If-Match` wants it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// A text that is no entity tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidETag {
    at: usize,
}

impl fmt::Display for InvalidETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {} cannot be in an entity tag (RFC 9110 section 8.8.3)", self.at)
    }
}

impl std::error::Error for InvalidETag {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_texts_that_services_use() {
        for text in ["-4242348048554929329", "eyJpZCI6IjEiLCJ2ZXJzaW9uIjoxfQ==", "!#~", ""] {
            assert_eq!(ETag::new(text).expect(text).as_str(), text);
        }
    }

    #[test]
    fn refuses_what_would_break_out_of_the_header() {
        for (text, at) in [("a\"b", 1), ("a b", 1), ("\r\nX: y", 0), ("ä", 0), ("ab\x7F", 2)] {
            assert_eq!(ETag::new(text), Err(InvalidETag { at }), "{text:?}");
        }
    }
}
