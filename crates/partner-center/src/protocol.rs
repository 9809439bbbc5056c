//! The update protocol as pure decisions: what an answer to a conditional `PUT` proves, and what follows.
//!
//! The invariant: an outcome is reported as certain only if an answer proves it. The model checker
//! explores these very functions.

/// What came of one attempt at a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Answer {
    /// The request was not sent.
    Unsent,
    /// There was no answer, or not a whole one.
    Lost,
    /// A 2xx response that has no profile with an entity tag.
    NoProfile,
    /// The precondition failed: the version that was named is not the current one.
    Refused,
    /// Any other status that is not a success; `own` if the service itself answered, not a gateway.
    Status { status: u16, own: bool },
}

impl Answer {
    /// Whether the service may have applied an update that was answered like this.
    ///
    /// A refused precondition proves that this attempt was not applied (RFC 9110 section 13.1.1). So does
    /// any other 4xx status but 408, if the service itself answered. A gateway proves nothing: it may
    /// answer for itself after it passed the request on. Nor does a redirect, which may be the answer to
    /// something that was done, or a 5xx status.
    pub(crate) fn may_have_been_applied(self) -> bool {
        match self {
            Self::Unsent | Self::Refused => false,
            Self::Status { status: status @ 400..=499, own } => status == 408 || !own,
            Self::Lost | Self::NoProfile | Self::Status { .. } => true,
        }
    }

    /// Whether another attempt may get another answer.
    pub(crate) fn is_transient(self) -> bool {
        match self {
            Self::Unsent | Self::Lost => true,
            Self::NoProfile | Self::Refused => false,
            Self::Status { status, .. } => {
                matches!(status, 408 | 429 | 500 | 502..=504 | 506..=599)
            }
        }
    }

    /// Whether the next attempt has an `MS-RequestId` of its own: after any response, and not after none
    /// (docs, headers).
    pub(crate) fn ends_request(self) -> bool {
        !matches!(self, Self::Unsent | Self::Lost)
    }

    /// Whether the profile is read to find out what became of an update whose last attempt ended like
    /// this; `uncertain` if any attempt may have been applied.
    ///
    /// A service that fails or cannot be reached is not asked.
    pub(crate) fn is_resolved_by_reading(self, uncertain: bool) -> bool {
        match self {
            Self::Unsent | Self::Lost => false,
            Self::NoProfile | Self::Refused => true,
            Self::Status { status, .. } => uncertain && status < 500,
        }
    }
}

/// What a read shows about an update that was not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reading {
    /// The profile has everything that this update changed.
    Holds,
    /// It is still the version that the update was based on.
    Unchanged,
    /// It is another version, and does not have everything.
    Other,
}

/// What is to be done after a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Resolved {
    /// Report success: the service has what was to be written.
    Applied,
    /// Read again: the version was refused, so reads lag behind writes.
    ReadAgain,
    /// Report the error, with a conflict if it is one.
    Failed,
}

/// Resolves an update by reading; `uncertain` if any attempt may have been applied, `reads` that may still
/// be made.
///
/// Without an uncertain attempt there is nothing to resolve: what the profile has was written by others.
pub(crate) fn resolve(uncertain: bool, reading: Reading, reads: u32) -> Resolved {
    match reading {
        _ if !uncertain => Resolved::Failed,
        Reading::Holds => Resolved::Applied,
        Reading::Unchanged if reads > 0 => Resolved::ReadAgain,
        Reading::Unchanged | Reading::Other => Resolved::Failed,
    }
}

/// Whether `modify` makes its change again, on what is there now, after an attempt ended like this.
///
/// `uncertain` if any attempt of any round may have been applied: a change that adds to what is there
/// would be made twice, one that is `idempotent` is not.
pub(crate) fn begins_another_round(answer: Answer, uncertain: bool, idempotent: bool) -> bool {
    match answer {
        Answer::Refused => idempotent || !uncertain,
        Answer::NoProfile => idempotent,
        Answer::Status { status, .. } => idempotent && uncertain && status < 500,
        Answer::Unsent | Answer::Lost => false,
    }
}

#[cfg(test)]
mod model;
