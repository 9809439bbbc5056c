//! Entity tags: opaque, compared as RFC 9110 says, and only a strong one can guard an update.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use smol_str::SmolStr;

/// An entity tag (RFC 9110 section 8.8.3): an opaque text that stands for one version of a resource.
///
/// With serde it is a text in the form of the header.
///
/// Nothing may be concluded from the text. Those of billing profiles look like signed numbers, those of
/// orders are base64; both are texts. One of up to 23 bytes is kept without an allocation.
///
/// `==` is identity: the same text and the same strength. A service compares in one of two other ways
/// (section 8.8.3.2):
///
/// | one     | other   | [`strong_eq`](Self::strong_eq) | [`weak_eq`](Self::weak_eq) | `==` |
/// |---------|---------|-----|-----|-----|
/// | `W/"1"` | `W/"1"` | no  | yes | yes |
/// | `W/"1"` | `W/"2"` | no  | no  | no  |
/// | `W/"1"` | `"1"`   | no  | yes | no  |
/// | `"1"`   | `"1"`   | yes | yes | yes |
///
/// # Examples
/// ```
/// use partner_center::{ETag, StrongETag};
/// let tag: ETag = r#"W/"-4242348048554929329""#.parse()?;
/// assert_eq!(tag.as_str(), "-4242348048554929329");
/// assert!(tag.is_weak());
/// assert!(StrongETag::try_from(tag).is_err()); // so it cannot be sent in If-Match
/// assert!(ETag::strong("two\r\nlines").is_err());
/// # Ok::<(), partner_center::InvalidETag>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ETag {
    weak: bool,
    opaque: SmolStr,
}

impl ETag {
    /// Makes a strong tag of its text, without quotes.
    ///
    /// # Errors
    /// The text has a character that RFC 9110 does not allow in a tag: a quote, a blank or a control
    /// character.
    pub fn strong(text: &str) -> Result<Self, InvalidETag> {
        Self::new(false, text, 0)
    }

    /// Makes a weak tag of its text, without `W/` and quotes.
    ///
    /// # Errors
    /// As [`strong`](Self::strong).
    pub fn weak(text: &str) -> Result<Self, InvalidETag> {
        Self::new(true, text, 0)
    }

    fn new(weak: bool, text: &str, offset: usize) -> Result<Self, InvalidETag> {
        // etagc: "!", "#" to "~", and obs-text, which is every byte of what is not ASCII.
        match text.bytes().position(|byte| !matches!(byte, 0x21 | 0x23..=0x7E | 0x80..)) {
            None => Ok(Self { weak, opaque: SmolStr::new(text) }),
            Some(at) => Err(InvalidETag(Reason::Character { at: offset + at })),
        }
    }

    /// Reads the tag that a resource has in its body, `attributes.etag`: the text alone, as billing
    /// profiles have it, or the form of the header, as other resources do.
    pub(crate) fn from_body(text: &str) -> Result<Self, InvalidETag> {
        if text.is_empty() {
            return Err(InvalidETag(Reason::Empty));
        }
        text.parse().or_else(|_| Self::strong(text))
    }

    /// The text of the tag, without quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.opaque
    }

    /// Whether the tag is weak: equal ones stand for versions that are equivalent, not identical.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.weak
    }

    /// Compares as `If-Match` does: both are strong and their texts are equal.
    #[must_use]
    pub fn strong_eq(&self, other: &Self) -> bool {
        !self.weak && !other.weak && self.opaque == other.opaque
    }

    /// Compares as `If-None-Match` does: their texts are equal.
    #[must_use]
    pub fn weak_eq(&self, other: &Self) -> bool {
        self.opaque == other.opaque
    }
}

impl FromStr for ETag {
    type Err = InvalidETag;

    /// Reads the form of the header: `"text"` or `W/"text"`.
    fn from_str(text: &str) -> Result<Self, InvalidETag> {
        let (weak, quoted) = text.strip_prefix("W/").map_or((false, text), |quoted| (true, quoted));
        let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let inner = inner.ok_or(InvalidETag(Reason::Quotes))?;
        Self::new(weak, inner, if weak { 3 } else { 1 })
    }
}

impl fmt::Display for ETag {
    /// Writes the form of the header: `"text"` or `W/"text"`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\"{}\"", if self.weak { "W/" } else { "" }, self.opaque)
    }
}

/// An entity tag that can guard an update: a strong one.
///
/// `If-Match` takes nothing else, because a weak tag never matches there (RFC 9110 section 13.1.1).
/// Derefs to the [`ETag`].
///
/// # Examples
/// ```
/// use partner_center::{ETag, StrongETag};
/// let tag = StrongETag::new("-4242348048554929329")?;
/// assert_eq!(tag.to_string(), r#""-4242348048554929329""#);
/// assert!(StrongETag::try_from(ETag::weak("1")?).is_err());
/// # Ok::<(), partner_center::InvalidETag>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StrongETag(ETag);

impl StrongETag {
    /// Makes a strong tag of its text, without quotes.
    ///
    /// # Errors
    /// As [`ETag::strong`].
    pub fn new(text: &str) -> Result<Self, InvalidETag> {
        ETag::strong(text).map(Self)
    }
}

/// As a text in the form of the header.
macro_rules! as_text {
    ($($tag:ty),*) => {$(
        impl Serialize for $tag {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $tag {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

as_text!(ETag, StrongETag);

impl StrongETag {
    /// The form of the header, in one allocation.
    pub(crate) fn header(&self) -> String {
        let mut text = String::with_capacity(self.as_str().len() + 2);
        text.push('"');
        text.push_str(self.as_str());
        text.push('"');
        text
    }
}

impl TryFrom<ETag> for StrongETag {
    type Error = InvalidETag;

    fn try_from(tag: ETag) -> Result<Self, InvalidETag> {
        if tag.weak { Err(InvalidETag(Reason::Weak)) } else { Ok(Self(tag)) }
    }
}

impl From<StrongETag> for ETag {
    fn from(tag: StrongETag) -> Self {
        tag.0
    }
}

impl FromStr for StrongETag {
    type Err = InvalidETag;

    /// Reads the form of the header, `"text"`.
    fn from_str(text: &str) -> Result<Self, InvalidETag> {
        text.parse::<ETag>()?.try_into()
    }
}

impl Deref for StrongETag {
    type Target = ETag;

    fn deref(&self) -> &ETag {
        &self.0
    }
}

impl fmt::Display for StrongETag {
    /// Writes the tag in quotes, as `If-Match` wants it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A text that is no entity tag, or not one of the kind that is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidETag(Reason);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    Empty,
    Quotes,
    Weak,
    Character { at: usize },
}

impl fmt::Display for InvalidETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Reason::Empty => f.write_str("an empty text stands for no version"),
            Reason::Quotes => f.write_str("an entity tag is written in double quotes, `\"text\"`"),
            Reason::Weak => {
                f.write_str("a weak entity tag cannot guard an update (RFC 9110 section 13.1.1)")
            }
            Reason::Character { at } => {
                write!(f, "byte {at} cannot be in an entity tag (RFC 9110 section 8.8.3)")
            }
        }
    }
}

impl std::error::Error for InvalidETag {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_texts_that_services_use() {
        for text in ["-4242348048554929329", "eyJpZCI6IjEiLCJ2ZXJzaW9uIjoxfQ==", "!#~", "", "ä"] {
            let tag = StrongETag::new(text).expect(text);
            assert_eq!((tag.as_str(), tag.header()), (text, tag.to_string()));
            for tag in [ETag::strong(text).expect(text), ETag::weak(text).expect(text)] {
                assert_eq!(tag.to_string().parse(), Ok(tag), "{text}");
            }
        }
    }

    #[test]
    fn refuses_what_would_break_out_of_the_header() {
        for (text, at) in [("a\"b", 1), ("a b", 1), ("\r\nX: y", 0), ("ab\x7F", 2), ("\0", 0)] {
            assert_eq!(ETag::strong(text), Err(InvalidETag(Reason::Character { at })), "{text:?}");
        }
        let quoted = "\"a\r\nX: y\"".parse::<ETag>();
        assert_eq!(quoted, Err(InvalidETag(Reason::Character { at: 2 })));
        for text in ["", "\"", "W/", "W/\"", "w/\"1\"", "1", "\"1", "1\"", " \"1\"", "*"] {
            assert_eq!(text.parse::<ETag>(), Err(InvalidETag(Reason::Quotes)), "{text:?}");
        }
    }

    #[test]
    fn with_serde_it_is_a_text() {
        let tag = StrongETag::new("-1").expect("a tag");
        let text = serde_json::to_string(&tag).expect("JSON");
        assert_eq!(text, r#""\"-1\"""#);
        assert_eq!(serde_json::from_str::<StrongETag>(&text).expect("a tag"), tag);
        assert!(serde_json::from_str::<ETag>(r#""W/\"1\"""#).expect("a tag").is_weak());
        assert!(serde_json::from_str::<StrongETag>(r#""W/\"1\"""#).is_err());
        assert!(serde_json::from_str::<ETag>("1").is_err());
    }

    #[test]
    fn compares_as_the_table_says() {
        let weak = |text| ETag::weak(text).expect("a tag");
        let strong = |text| ETag::strong(text).expect("a tag");
        for (one, other, strongly, weakly, identical) in [
            (weak("1"), weak("1"), false, true, true),
            (weak("1"), weak("2"), false, false, false),
            (weak("1"), strong("1"), false, true, false),
            (strong("1"), strong("1"), true, true, true),
            (strong("1"), strong("2"), false, false, false),
        ] {
            for (one, other) in [(&one, &other), (&other, &one)] {
                assert_eq!(one.strong_eq(other), strongly, "{one} {other}");
                assert_eq!(one.weak_eq(other), weakly, "{one} {other}");
                assert_eq!(one == other, identical, "{one} {other}");
            }
        }
    }

    #[test]
    fn the_body_has_it_bare_or_quoted() {
        let tag = |text| ETag::from_body(text).map(|tag| tag.to_string());
        assert_eq!(tag("-1").as_deref(), Ok("\"-1\""));
        assert_eq!(tag("\"-1\"").as_deref(), Ok("\"-1\""));
        assert_eq!(tag("W/\"datetime'1'\"").as_deref(), Ok("W/\"datetime'1'\""));
        assert!(tag("").is_err() && tag("a b").is_err() && tag("\"").is_err());
    }
}
