//! What became of the update of one customer.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::conflict::Conflict;
use crate::error::{Error, ErrorKind, UpdateError};
use crate::models::CustomerBillingProfile;
use crate::versioned::Versioned;

/// What became of the update of one customer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The service has what was to be written: this is what it keeps now.
    Updated(Versioned<CustomerBillingProfile>),
    /// Others changed other members since the profile was read: the service has both now.
    Merged(Versioned<CustomerBillingProfile>),
    /// There was nothing to write, or others wrote the same: nothing was sent.
    Unchanged(Versioned<CustomerBillingProfile>),
    /// Others changed the same members. What they wrote is there.
    Conflict(Box<Conflict<CustomerBillingProfile>>),
    /// It failed.
    Failed(Error),
}

impl Outcome {
    /// Which of them it is.
    #[must_use]
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Self::Updated(_) => OutcomeKind::Updated,
            Self::Merged(_) => OutcomeKind::Merged,
            Self::Unchanged(_) => OutcomeKind::Unchanged,
            Self::Conflict(_) => OutcomeKind::Conflict,
            Self::Failed(_) => OutcomeKind::Failed,
        }
    }

    /// What the service has now, if the outcome is a good one.
    #[must_use]
    pub fn profile(&self) -> Option<&Versioned<CustomerBillingProfile>> {
        match self {
            Self::Updated(profile) | Self::Merged(profile) | Self::Unchanged(profile) => {
                Some(profile)
            }
            Self::Conflict(_) | Self::Failed(_) => None,
        }
    }

    /// Why it is no good one.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Conflict(conflict) => Some(conflict.error()),
            Self::Failed(error) => Some(error),
            Self::Updated(_) | Self::Merged(_) | Self::Unchanged(_) => None,
        }
    }

    /// Whether the service may have what was to be written, although nobody knows.
    #[must_use]
    pub fn may_have_been_applied(&self) -> bool {
        self.error().is_some_and(Error::may_have_been_applied)
    }

    /// Whether another try may have another outcome: nothing was refused as it is, or nobody knows what became of it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let Self::Failed(error) = self else { return false };
        let others = [ErrorKind::Credential, ErrorKind::Throttled, ErrorKind::Transport];
        error.may_have_been_applied()
            || others.contains(&error.kind())
            || error.status().is_some_and(|status| matches!(status, 401 | 407 | 408 | 500..))
    }

    /// What is kept of it.
    #[must_use]
    pub fn record(&self) -> OutcomeRecord {
        let error = self.error();
        let conflicts = match self {
            Self::Conflict(conflict) => conflict.merge_conflicts(),
            _ => &[],
        };
        OutcomeRecord {
            kind: self.kind(),
            message: error.map(|error| error.message().to_owned()),
            status: error.and_then(Error::status),
            code: error.and_then(Error::code).map(str::to_owned),
            description: error.and_then(Error::description).map(str::to_owned),
            may_have_been_applied: self.may_have_been_applied(),
            was_recovered: self.profile().is_some_and(Versioned::was_recovered),
            conflicts: conflicts.iter().map(|conflict| conflict.pointer.clone()).collect(),
            request_id: error.and_then(Error::request_id),
            correlation_id: error.and_then(Error::correlation_id),
        }
    }
}

impl From<UpdateError<CustomerBillingProfile>> for Outcome {
    fn from(error: UpdateError<CustomerBillingProfile>) -> Self {
        match error {
            UpdateError::Conflict(conflict) => Self::Conflict(conflict),
            UpdateError::Other(error) => Self::Failed(error),
        }
    }
}

/// Which [`Outcome`] it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum OutcomeKind {
    /// [`Outcome::Updated`].
    Updated,
    /// [`Outcome::Merged`].
    Merged,
    /// [`Outcome::Unchanged`].
    Unchanged,
    /// [`Outcome::Conflict`].
    Conflict,
    /// [`Outcome::Failed`].
    Failed,
}

impl fmt::Display for OutcomeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Updated => "updated",
            Self::Merged => "merged",
            Self::Unchanged => "unchanged",
            Self::Conflict => "conflict",
            Self::Failed => "failed",
        })
    }
}

/// What is kept of an [`Outcome`], without the profile.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OutcomeRecord {
    /// Which outcome it was.
    pub kind: OutcomeKind,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The status of the last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The service's own code of what went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What the service says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether the service may have what was to be written.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_have_been_applied: bool,
    /// Whether it was found out by reading that the service has it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_recovered: bool,
    /// The members that both sides changed, as JSON Pointers (RFC 6901).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<String>,
    /// The `MS-RequestId` of the last request that failed, for support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Uuid>,
    /// The `MS-CorrelationId` of what failed, for support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<Uuid>,
}
