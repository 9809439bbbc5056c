//! What nobody knows of the service, as data: the fake does what its switches say, and nothing else.

use std::time::Duration;

use crate::stress::fault::Fault;

/// What a PUT must name to be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// Nothing: every PUT is accepted.
    Nothing,
    /// `If-Match` must be the current version.
    Header,
    /// `attributes.etag` of what is sent must be the current version.
    Body,
    /// Both must be.
    Both,
}

/// Where an answer has the entity tag, and what the tag is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// In `attributes.etag`.
    Body,
    /// In the `ETag` header, and not in the body.
    Header,
    /// The same in both.
    Both,
    /// Weak in the header, bare in the body.
    WeakHeader,
    /// In the body; the header is that of a gateway, which makes it of the bytes of the body.
    Gateway,
    /// In the body, and another one at each GET, which stands for the same version.
    Unstable,
    /// In the body, and made of the content: equal contents have equal tags.
    Content,
    /// In the body; the answer to a PUT has the tag from before.
    OldInPut,
}

/// How a PUT is refused that names another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named for its status and what tells it apart")]
pub enum Refusal {
    Number2055,
    Text2055,
    Empty409,
    Html412,
    Empty412,
    Code800036,
    Empty428,
}

/// How a PUT is answered that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named for its status and its body")]
pub enum Written {
    Full200,
    Empty200,
    Empty204,
    Full201,
    Object200,
}

/// How the end of a body is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named for what marks the end")]
pub enum Framing {
    Length,
    Chunked,
}

/// Everything that a fake does in its own way.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent switches")]
pub struct Switches {
    /// What it compares.
    pub compare: Compare,
    /// Where the tag is.
    pub tag: Tag,
    /// How it refuses.
    pub refusal: Refusal,
    /// How it answers a PUT.
    pub written: Written,
    /// How far reads lag behind writes.
    pub lag: Duration,
    /// Whether a request with a known `MS-RequestId` gets the first answer again.
    pub replay: bool,
    /// Whether `culture` is written in the service's own case, and texts are trimmed.
    pub normalise: bool,
    /// Whether each version has a `lastModified` of the service.
    pub stamp: bool,
    /// Whether members that it does not know are dropped.
    pub drop_unknown: bool,
    /// Whether bodies begin with a byte order mark.
    pub bom: bool,
    /// How bodies end.
    pub framing: Framing,
    /// What goes wrong, and how likely.
    pub faults: Vec<(Fault, f64)>,
    /// How long a late answer takes; the client does not wait that long.
    pub late: Duration,
}

impl Default for Switches {
    /// A service that does everything right.
    fn default() -> Self {
        Self {
            compare: Compare::Both,
            tag: Tag::Body,
            refusal: Refusal::Number2055,
            written: Written::Full200,
            lag: Duration::ZERO,
            replay: false,
            normalise: false,
            stamp: false,
            drop_unknown: false,
            bom: false,
            framing: Framing::Length,
            faults: Vec::new(),
            late: Duration::from_millis(220),
        }
    }
}

impl Compare {
    /// Every way in which something is compared.
    pub const SOMETHING: [Self; 3] = [Self::Header, Self::Body, Self::Both];
}

impl Tag {
    /// Every place and kind of tag.
    pub const ALL: [Self; 8] = [
        Self::Body,
        Self::Header,
        Self::Both,
        Self::WeakHeader,
        Self::Gateway,
        Self::Unstable,
        Self::Content,
        Self::OldInPut,
    ];
}

impl Refusal {
    /// Every form of refusal.
    pub const ALL: [Self; 7] = [
        Self::Number2055,
        Self::Text2055,
        Self::Empty409,
        Self::Html412,
        Self::Empty412,
        Self::Code800036,
        Self::Empty428,
    ];

    /// Its status, the type of its body, and the body.
    #[must_use]
    pub fn answer(self) -> (u16, &'static str, &'static str) {
        const JSON: &str = "application/json; charset=utf-8";
        match self {
            Self::Number2055 => {
                (400, JSON, r#"{"code":2055,"description":"Etag is no longer valid","data":[]}"#)
            }
            Self::Text2055 => {
                (400, JSON, r#"{"code":"2055","description":"Etag is no longer valid"}"#)
            }
            Self::Empty409 => (409, JSON, ""),
            Self::Html412 => (
                412,
                "text/html",
                "<html><head><title>412 Precondition Failed</title></head><body>no</body></html>",
            ),
            Self::Empty412 => (412, "text/plain", ""),
            Self::Code800036 => {
                (417, JSON, r#"{"code":800036,"description":"Pre-condition failed","data":[]}"#)
            }
            Self::Empty428 => (428, "text/plain", ""),
        }
    }
}

impl Written {
    /// Every form of answer.
    pub const ALL: [Self; 5] =
        [Self::Full200, Self::Empty200, Self::Empty204, Self::Full201, Self::Object200];
}
