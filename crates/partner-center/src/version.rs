//! The entity tags that came with a profile, and which of them guards an update: a strong one or none.

use std::fmt;

use partner_center_api::Document;
use reqwest::header::HeaderValue;

use crate::etag::{ETag, StrongETag};
use crate::model::Readable;

/// The version of a profile, by its entity tags.
///
/// `attributes.etag` comes first: it is all that this service was ever seen to send. An `ETag` header may
/// be one that a gateway added. Where they differ, a refusal that nothing explains is answered by trying
/// the other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Version {
    tag: Result<StrongETag, Unguarded>,
    other: Option<StrongETag>,
}

/// Why no tag guards an update.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Unguarded {
    Absent,
    Empty,
    Weak(ETag),
    Malformed,
}

impl Version {
    /// The version of what was read, with the `ETag` header if there was one.
    pub(crate) fn of<T: Readable>(document: &Document<T>, header: Option<&HeaderValue>) -> Self {
        let header = header.map(|value| match str::from_utf8(value.as_bytes()) {
            Ok("\"\"") => Err(Unguarded::Empty),
            Ok(text) => text.parse().map_err(|_| Unguarded::Malformed).and_then(strong),
            Err(_) => Err(Unguarded::Malformed),
        });
        match (in_body(document), header) {
            (Some(Ok(tag)), Some(Ok(other))) if tag != other => Self::of_two(tag, Some(other)),
            (Some(Ok(tag)), _) | (_, Some(Ok(tag))) => Self::from(tag),
            (Some(Err(why)), _) | (None, Some(Err(why))) => Self { tag: Err(why), other: None },
            (None, None) => Self { tag: Err(Unguarded::Absent), other: None },
        }
    }

    /// The version with this tag, and with another one of the same version.
    pub(crate) fn of_two(tag: StrongETag, other: Option<StrongETag>) -> Self {
        Self { tag: Ok(tag), other }
    }

    /// The tag that guards an update.
    pub(crate) fn tag(&self) -> Result<&StrongETag, &Unguarded> {
        self.tag.as_ref()
    }

    /// Another tag of the same version, where body and header differ.
    pub(crate) fn other(&self) -> Option<&StrongETag> {
        self.other.as_ref()
    }
}

impl From<StrongETag> for Version {
    fn from(tag: StrongETag) -> Self {
        Self::of_two(tag, None)
    }
}

/// The tag in `attributes.etag`; the service binds names in any case.
fn in_body<T: Readable>(document: &Document<T>) -> Option<Result<StrongETag, Unguarded>> {
    let attributes = document.attributes()?;
    let any_case = || {
        let mut members = attributes.extra.iter();
        members.find(|(name, _)| name.eq_ignore_ascii_case("etag"))?.1.as_str()
    };
    let text = attributes.etag.as_deref().or_else(any_case)?;
    Some(match text {
        "" | "\"\"" => Err(Unguarded::Empty),
        text => ETag::from_body(text).map_err(|_| Unguarded::Malformed).and_then(strong),
    })
}

fn strong(tag: ETag) -> Result<StrongETag, Unguarded> {
    StrongETag::try_from(tag.clone()).map_err(|_| Unguarded::Weak(tag))
}

impl fmt::Display for Unguarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("the profile was read without an entity tag"),
            Self::Empty => f.write_str("the profile was read with an empty entity tag"),
            Self::Weak(tag) => write!(f, "the profile was read with a weak entity tag, {tag}"),
            Self::Malformed => f.write_str("the profile was read with a malformed entity tag"),
        }?;
        f.write_str(", so no update can be guarded by it (RFC 9110 section 13.1.1)")
    }
}
