//! What goes wrong, by name, and the fault of the emulated service that it is.

use std::time::Duration;

use partner_center_emulator::{Fault, Rule};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::service::TestService;

/// What goes wrong with a request.
///
/// Give it to [`TestService::next`], which has it happen once, or to
/// [`always`](TestService::always). The client repeats what can be repeated: one
/// [`Unavailable`](Self::Unavailable) is a wait to it, and no error.
///
/// | | hits | if once | if always |
/// |---|---|---|---|
/// | `Conflict`, `ConflictOn` | updates | a conflict; `modify` starts over | a conflict |
/// | `Throttled` | both | a wait | `is_throttled()` |
/// | `Unavailable` | both | a wait | `is_transient()`, an update may have been applied |
/// | `LostAnswer` | updates | the update succeeds | the update may have been applied, and was |
/// | `LostRequest` | updates | the update succeeds | the update may have been applied, and was not |
/// | `BrokenAnswer` | both | a wait | an update may have been applied, and was |
/// | `Unauthorized`, `Forbidden`, `NotFound` | both | an error | an error |
///
/// # Examples
/// ```
/// use partner_center_test::{TestService, Trouble};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let service = TestService::start();
/// service.next(Trouble::Forbidden);
/// let error = service.profile().get().await.unwrap_err();
/// assert!(error.is_forbidden());
/// service.profile().get().await?; // it was once
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Trouble {
    /// Someone else changes the company name just before the update, so that the entity tag is a stale one.
    Conflict,
    /// Someone else changes these members just before the update: a JSON Merge Patch (RFC 7396) with the names
    /// of the contract, such as `json!({"email": "bob@example.com"})`, in which `null` clears a member.
    ConflictOn(Value),
    /// The gateway in front of the service asks to wait, in whole seconds. An update that gives up after that
    /// may have been applied: a gateway proves nothing.
    Throttled {
        /// How long.
        retry_after: Duration,
    },
    /// The update is applied, and the answer never comes.
    LostAnswer,
    /// The update is not applied, and no answer comes.
    LostRequest,
    /// The answer breaks off half way.
    BrokenAnswer,
    /// The service does not accept the access token (401).
    Unauthorized,
    /// The service does not allow that (403).
    Forbidden,
    /// The service knows no such resource (404).
    NotFound,
    /// The service fails, and does nothing (503).
    Unavailable,
    /// A fault of the emulated service, as it is, and where its `operation` says.
    Other(Rule),
}

impl Trouble {
    /// The fault that it is.
    ///
    /// # Panics
    /// Where the members that someone else changes are no JSON object.
    #[track_caller]
    pub(crate) fn rule(self) -> Rule {
        let updates = |fault| on("update", Rule::new(fault));
        let refused =
            |status| on("profile", Rule { status: Some(status), ..Rule::new(Fault::Refuse) });
        match self {
            Self::Conflict => updates(Fault::Overwrite),
            Self::ConflictOn(change) => {
                Rule { change: Some(object(change)), ..updates(Fault::Overwrite) }
            }
            Self::Throttled { retry_after } => {
                let seconds = whole_seconds(retry_after);
                on("profile", Rule { retry_after: Some(seconds), ..Rule::new(Fault::Throttle) })
            }
            Self::LostAnswer => updates(Fault::CloseAfterCommit),
            Self::LostRequest => updates(Fault::CloseBeforeCommit),
            Self::BrokenAnswer => on("profile", Rule::new(Fault::Truncate)),
            Self::Unauthorized => refused(401),
            Self::Forbidden => refused(403),
            Self::NotFound => refused(404),
            Self::Unavailable => {
                on("profile", Rule { status: Some(503), ..Rule::new(Fault::Error) })
            }
            Self::Other(rule) => rule,
        }
    }
}

impl TestService {
    /// Has this go wrong with the next request that it can go wrong with. Several go wrong with one request
    /// each, one after the other.
    ///
    /// # Panics
    /// Where the members of a [`Trouble::ConflictOn`] are no JSON object.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use partner_center_test::{TestService, Trouble};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// service.next(Trouble::Throttled { retry_after: Duration::from_secs(7) });
    /// service.next(Trouble::Unavailable);
    /// service.profile().get().await?;
    /// service.assert_sent(&["GET", "GET", "GET"]);
    /// service.assert_all_went_wrong();
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn next(&self, trouble: Trouble) {
        self.emulator.add_next_fault(trouble.rule());
    }

    /// Has this go wrong with the next update, and not with what is read before.
    ///
    /// # Panics
    /// As [`next`](Self::next).
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::{TestService, Trouble};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// service.next_update(Trouble::Forbidden);
    /// let refused = service.profile().modify(|profile| profile.email = None).await.unwrap_err();
    /// assert!(refused.is_forbidden() && !refused.may_have_been_applied());
    /// service.assert_sent(&["GET", "PUT"]);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn next_update(&self, trouble: Trouble) {
        self.emulator.add_next_fault(on("update", trouble.rule()));
    }

    /// Has this go wrong with the next reading, and with no update.
    ///
    /// # Panics
    /// As [`next`](Self::next).
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::{TestService, Trouble};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// let mut profile = service.profile().get().await?;
    /// profile.email = None;
    /// service.next_update(Trouble::Conflict);
    /// service.next_read(Trouble::NotFound); // when the conflict is looked at
    /// let refused = service.profile().update(&profile).await.unwrap_err();
    /// assert!(refused.is_conflict() && refused.conflict().is_none());
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn next_read(&self, trouble: Trouble) {
        self.emulator.add_next_fault(on("read", trouble.rule()));
    }

    /// Has someone else change the company name just before the next update.
    ///
    /// It is [`next`](Self::next) of [`Trouble::Conflict`].
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::{CUSTOMER, TestService};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// service.conflict_once();
    /// service.profile().modify(|profile| profile.email = None).await?;
    /// assert_eq!(service.stored(CUSTOMER)["companyName"], "Someone Else 1");
    /// # Ok(()) }
    /// ```
    pub fn conflict_once(&self) {
        self.next(Trouble::Conflict);
    }

    /// Has this go wrong every time, until [`calm`](Self::calm).
    ///
    /// # Panics
    /// As [`next`](Self::next).
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::{TestService, Trouble};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// service.always(Trouble::LostAnswer);
    /// let error = service.profile().modify(|profile| profile.email = None).await.unwrap_err();
    /// assert!(error.may_have_been_applied());
    ///
    /// service.calm();
    /// assert_eq!(service.profile().get().await?.email, None); // and it was
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn always(&self, trouble: Trouble) {
        self.emulator.add_fault(trouble.rule());
    }

    /// Has nothing go wrong any more.
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::{TestService, Trouble};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// service.always(Trouble::NotFound);
    /// assert!(service.profile().get().await.unwrap_err().is_not_found());
    /// service.calm();
    /// service.profile().get().await?;
    /// # Ok(()) }
    /// ```
    pub fn calm(&self) {
        self.emulator.clear_faults();
    }

    /// Changes the profile of a customer as someone else would: by a JSON Merge Patch (RFC 7396) with the names
    /// of the contract, in which `null` clears a member. No request is kept of it.
    ///
    /// # Panics
    /// Where there is no such customer, or the change is no JSON object.
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::{CUSTOMER, TestService};
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// let mut mine = service.profile().get().await?;
    /// service.set(CUSTOMER, json!({"email": "bob@example.com", "defaultAddress": {"city": null}}));
    /// mine.email = Some("ann@example.com".into());
    /// let conflict = service.profile().update(&mine).await.unwrap_err().into_conflict()?;
    /// assert_eq!(conflict.merge_conflicts()[0].pointer, "/email");
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn set(&self, customer: Uuid, change: Value) {
        let is_there = self.emulator.overwrite(Some(&customer.to_string()), &object(change));
        assert!(is_there, "the service has no customer {customer}");
    }

    /// Changes the profile of the partner itself, otherwise as [`set`](Self::set).
    ///
    /// # Panics
    /// Where the change is no JSON object.
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::TestService;
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// service.set_own(json!({"taxId": null}));
    /// assert_eq!(service.own_profile().get().await?.tax_id, None);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn set_own(&self, change: Value) {
        // The partner is always there.
        let _ = self.emulator.overwrite(None, &object(change));
    }
}

/// As a header has it, and not less than what was asked for.
pub(crate) fn whole_seconds(time: Duration) -> u64 {
    time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0))
}

/// Where a rule holds.
pub(crate) fn on(operation: &str, rule: Rule) -> Rule {
    Rule { operation: Some(operation.to_owned()), ..rule }
}

/// The members of a change.
#[track_caller]
pub(crate) fn object(change: Value) -> Map<String, Value> {
    match change {
        Value::Object(members) => members,
        other => panic!(
            "a change is a JSON object, such as json!({{\"email\": \"a@b.c\"}}), not {other}"
        ),
    }
}
