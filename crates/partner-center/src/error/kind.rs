//! What kind of error it is.

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client is configured in a way that cannot work. Nothing was sent.
    Configuration,
    /// The credential gives no token that can be used. See `source()` for what the issuer said.
    Credential,
    /// What would be written exceeds limits that the contract documents; see
    /// [`violations`](super::Error::violations). Or what is asked for is no value of its kind, such as a country of
    /// three letters. Nothing was sent.
    Invalid,
    /// A read-only member was changed. Nothing was sent.
    ReadOnly,
    /// There is no entity tag to guard the update with. Nothing was sent.
    NoETag,
    /// The profile was read from another resource, or by another client; see
    /// [`resume`](crate::Resource::resume). Nothing was sent.
    OtherResource,
    /// The model cannot be written as JSON, a document not be read as one, or a conflict not be resolved
    /// that way. Nothing was sent.
    Model,
    /// The change given to [`try_modify`](crate::Resource::try_modify) failed; `source()` is what it
    /// returned. Nothing was sent.
    Change,
    /// The resource was changed by someone else since it was read.
    Conflict,
    /// The service, or this client because of what the service said before, limits the rate of calls.
    Throttled,
    /// The service refused the request or failed.
    Service,
    /// There was no answer, or not a whole one.
    Transport,
    /// The answer cannot be understood.
    Response,
    /// The journal of many updates cannot be read or written, or is that of another process; see `source()`.
    Journal,
}
