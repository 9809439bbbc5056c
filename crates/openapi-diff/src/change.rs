//! What a comparison found: a change, whom it reaches, and what it means for them.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

/// How bad a change is for those who relied on the base.
///
/// Ordered: the worst is the greatest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Whatever was right by the base is right by the revision.
    #[default]
    Compatible,
    /// It depends on what clients rely on, or what the service does; the documents do not tell.
    PotentiallyBreaking,
    /// Something that was right by the base is wrong by the revision.
    Breaking,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Compatible => "compatible",
            Self::PotentiallyBreaking => "potentially breaking",
            Self::Breaking => "breaking",
        })
    }
}

/// Which way the message goes that a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From the client to the service: stricter breaks.
    Request,
    /// From the service to the client: looser breaks.
    Response,
    /// Both, or neither.
    Neither,
}

impl Direction {
    /// What the message is called: `request`, `response`.
    #[must_use]
    pub fn message(self) -> Option<&'static str> {
        match self {
            Self::Request => Some("request"),
            Self::Response => Some("response"),
            Self::Neither => None,
        }
    }
}

/// An operation, by what it is on the wire and what it is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct OperationRef {
    /// The path template; of a webhook `webhook` and its name.
    pub path: String,
    /// The method, in lower case.
    pub method: String,
    /// The `operationId`, if it has one: of the revision, or of the base where that is gone.
    pub id: Option<String>,
}

impl fmt::Display for OperationRef {
    /// `PUT /v1/profiles/billing`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.to_uppercase(), self.path)
    }
}

/// A place in one of the two documents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Location {
    /// What the file is called: the document, or one that it refers to.
    pub file: String,
    /// The JSON Pointer of the value in that file (RFC 6901).
    pub pointer: String,
    /// The JSON Pointer of the value in [`Document::json`](crate::Document::json): another one if the document
    /// consists of several files.
    #[serde(skip)]
    pub within: String,
    /// From 1; `None` if nothing is known of the place.
    pub line: Option<u64>,
    /// From 1.
    pub column: Option<u64>,
}

/// One change, wherever it is seen from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The rule that found it, a stable name; oasdiff's where that has one.
    pub rule: Cow<'static, str>,
    /// Which way the message goes.
    pub direction: Direction,
    /// What it means for the messages: are those of the base right by the revision?
    pub wire: Verdict,
    /// What it means for a client that compiles: does it get what it got?
    pub run_time: Verdict,
    /// Why `run_time` is what it is, if that is not what `message` says.
    pub run_time_note: Option<Cow<'static, str>>,
    /// Every operation that the change reaches; empty for the document as a whole.
    pub operations: Vec<OperationRef>,
    /// Where it is in the base; `None` if the base has nothing there.
    pub base: Option<Location>,
    /// Where it is in the revision; `None` if the revision has nothing there.
    pub revision: Option<Location>,
    /// What changed, a sentence.
    pub message: String,
    /// Whether the message goes the other way round wherever the change reaches: in a webhook or a callback the service
    /// writes the request, and the client the response.
    #[serde(skip)]
    pub turned: bool,
}

impl Change {
    /// The worse of the verdicts.
    #[must_use]
    pub fn worst(&self) -> Verdict {
        self.wire.max(self.run_time)
    }

    /// Who writes the message that changes: the one whose request it would be if a client called. A webhook has a
    /// request that is read as a response is elsewhere.
    #[must_use]
    pub fn read_as(&self) -> Direction {
        match (self.direction, self.turned) {
            (Direction::Request, true) => Direction::Response,
            (Direction::Response, true) => Direction::Request,
            (direction, _) => direction,
        }
    }

    /// Where a record of it points, in [`Document::json`](crate::Document::json). What is gone is only in the base; in the revision there is but what it
    /// was in, and that may lack more than this.
    #[must_use]
    pub fn pointer(&self) -> &str {
        let locations = [&self.base, &self.revision].into_iter().flatten();
        let deepest = locations.max_by_key(|location| location.within.matches('/').count());
        deepest.map_or("", |location| &location.within)
    }

    /// Whether it is one of words: a text, a version.
    #[must_use]
    pub fn is_about_words(&self) -> bool {
        ["description-changed", "title-changed", "api-version-changed"].contains(&&*self.rule)
    }
}
