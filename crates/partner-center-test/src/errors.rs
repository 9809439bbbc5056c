//! Ready-made errors, without a network: for functions that are given one.
//!
//! Each is what a call returns after its last attempt. Where it differs, it is the error of an update;
//! [`of_read`] makes it that of a reading.

use std::time::Duration;

use http::Response;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use partner_center::{Conflict, Error, Model, UpdateError, Versioned};

use crate::profiles::{self, client};
use crate::trouble::whole_seconds;

/// Someone else changed the profile since it was read (400 with code 2055).
///
/// It is the bare refusal. [`update_conflict`] is one with what both sides made of the profile.
///
/// # Examples
/// ```
/// let error = partner_center_test::errors::conflict();
/// assert!(error.is_conflict() && !error.may_have_been_applied());
/// assert_eq!((error.status(), error.code()), (Some(400), Some("2055")));
/// ```
#[must_use]
pub fn conflict() -> Error {
    refused(400, 2055, "Etag is no longer valid")
}

/// The service limits the rate of calls, and asks to wait so long, in whole seconds (429). The gateway in
/// front of it answers, so that an update may have been applied.
///
/// # Examples
/// ```
/// use std::time::Duration;
///
/// let error = partner_center_test::errors::throttled(Duration::from_secs(7));
/// assert!(error.is_throttled() && error.is_transient());
/// assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
/// ```
#[must_use]
pub fn throttled(retry_after: Duration) -> Error {
    let seconds = whole_seconds(retry_after);
    let body = format!(
        r#"{{"statusCode":429,"message":"Rate limit is exceeded. Try again in {seconds} seconds."}}"#
    );
    let mut answer = Response::new(body);
    *answer.status_mut() = http::StatusCode::TOO_MANY_REQUESTS;
    answer.headers_mut().insert(RETRY_AFTER, seconds.into());
    answer.into()
}

/// The service knows no such resource (404).
///
/// # Examples
/// ```
/// assert!(partner_center_test::errors::not_found().is_not_found());
/// ```
#[must_use]
pub fn not_found() -> Error {
    refused(404, 1000, "Not found")
}

/// The service does not allow that (403): the caller has no role for it.
///
/// # Examples
/// ```
/// let error = partner_center_test::errors::forbidden();
/// assert!(error.is_forbidden() && error.hint().is_some());
/// ```
#[must_use]
pub fn forbidden() -> Error {
    refused(403, 900_150, "The caller is not allowed to do that.")
}

/// The service does not accept the access token (401).
///
/// # Examples
/// ```
/// let error = partner_center_test::errors::unauthorized();
/// assert!(error.is_unauthorized() && !error.is_transient());
/// ```
#[must_use]
pub fn unauthorized() -> Error {
    let mut answer = answer(401, r#"{"statusCode":401,"message":"The token has expired."}"#.into());
    let challenge = http::HeaderValue::from_static("Bearer error=\"invalid_token\"");
    answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    answer.into()
}

/// The service failed (503). An update may have been applied.
///
/// # Examples
/// ```
/// use partner_center_test::errors;
///
/// let error = errors::unavailable();
/// assert!(error.is_transient() && error.may_have_been_applied());
/// assert!(!errors::of_read(error).may_have_been_applied());
/// ```
#[must_use]
pub fn unavailable() -> Error {
    refused(503, 900_192, "Something went wrong. Try again after some time.")
}

/// Any other refusal of the service, by its status, its code and what it says.
///
/// # Panics
/// Where the status is none of HTTP.
///
/// # Examples
/// ```
/// let error = partner_center_test::errors::refused(400, 27002, "A property has invalid data.");
/// assert_eq!(error.description(), Some("A property has invalid data."));
/// ```
#[must_use]
#[track_caller]
pub fn refused(status: u16, code: u32, description: &str) -> Error {
    let body = serde_json::json!({"code": code, "description": description, "data": [], "source": "PartnerFD"});
    answer(status, body.to_string()).into()
}

/// The update was sent, and no answer came: it may have been applied.
///
/// # Examples
/// ```
/// let error = partner_center_test::errors::lost_answer();
/// assert!(error.may_have_been_applied() && error.is_transient());
/// assert_eq!(error.status(), None);
/// ```
#[must_use]
pub fn lost_answer() -> Error {
    Error::no_answer(true, false)
}

/// The update was sent, and no answer came in time: it may have been applied.
///
/// # Examples
/// ```
/// let error = partner_center_test::errors::timed_out();
/// assert!(error.is_timeout() && error.may_have_been_applied());
/// ```
#[must_use]
pub fn timed_out() -> Error {
    Error::no_answer(true, true)
}

/// The service cannot be reached: nothing was sent, and nothing was applied.
///
/// # Examples
/// ```
/// let error = partner_center_test::errors::unreachable();
/// assert!(error.is_transient() && !error.may_have_been_applied());
/// ```
#[must_use]
pub fn unreachable() -> Error {
    Error::no_answer(false, false)
}

/// What would be written exceeds a limit of the contract: a country of more than two letters. Nothing was
/// sent.
///
/// # Examples
/// ```
/// use partner_center::ErrorKind;
///
/// let error = partner_center_test::errors::invalid();
/// assert_eq!(error.kind(), ErrorKind::Invalid);
/// assert_eq!(error.violations()[0].pointer, "/address/country");
/// ```
///
/// # Panics
/// Never: the contract has that limit.
#[must_use]
pub fn invalid() -> Error {
    let mut profile = profiles::partner();
    profile.address.get_or_insert_default().country = Some("Germany".into());
    client().billing_profile().check(&profile).expect_err("a country has two letters")
}

/// The same error of a reading, which applies nothing.
///
/// # Examples
/// ```
/// use partner_center_test::errors;
///
/// let error = errors::of_read(errors::lost_answer());
/// assert!(error.is_transient() && !error.may_have_been_applied());
/// ```
#[must_use]
pub fn of_read(error: Error) -> Error {
    error.of_a_read()
}

/// An update that someone else got ahead of: what this side made of a profile, and what is there instead.
/// Both are [ready-made](profiles), or read from the same resource by the same client.
///
/// # Panics
/// Where they were read from different resources, or by different clients.
///
/// # Examples
/// ```
/// use partner_center_test::{errors, profiles};
///
/// let mut mine = profiles::customer();
/// let theirs = profiles::changed(&mine, |profile| profile.email = Some("bob@example.com".into()));
/// mine.email = Some("ann@example.com".into());
///
/// let error = errors::update_conflict(mine, theirs);
/// assert!(error.is_conflict());
/// let conflict = error.into_conflict()?;
/// assert_eq!(conflict.merge_conflicts()[0].pointer, "/email");
/// # Ok::<(), partner_center::Error>(())
/// ```
#[must_use]
#[track_caller]
pub fn update_conflict<T: Model>(mine: Versioned<T>, theirs: Versioned<T>) -> UpdateError<T> {
    match Conflict::between(mine, theirs) {
        Ok(conflict) => UpdateError::Conflict(Box::new(conflict)),
        Err(error) => panic!("{error}"),
    }
}

/// An answer of the service itself, which has its headers.
#[track_caller]
fn answer(status: u16, body: String) -> Response<String> {
    let builder = Response::builder()
        .status(status)
        .header("MS-RequestId", "11111111-1111-1111-1111-111111111111")
        .header("MS-CorrelationId", "22222222-2222-2222-2222-222222222222");
    match builder.body(body) {
        Ok(answer) => answer,
        Err(error) => panic!("{status} is no status: {error}"),
    }
}
