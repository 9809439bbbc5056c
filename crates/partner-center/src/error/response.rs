//! From what came back, or did not, to an error.

use std::borrow::Cow;
use std::time::SystemTime;

use ::http::Response;
use ::http::response::Parts;
use bytes::Bytes;
use futures_util::StreamExt;
use partner_center_api::{ByteStream, ResponseValue, misfit};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

use super::connection::{self, PROXY, refused};
use super::fault::Fault;
use super::hint::hint;
use super::redaction::{BODY_LIMIT, TOKEN_LIMIT, without};
use super::retry_after::retry_after;
use super::{CHANGED, Error, ErrorKind, Outcome};

/// The headers that the service itself puts on an answer, and no gateway does (recorded).
const IDS: [&str; 5] =
    ["ms-requestid", "ms-correlationid", "ms-cv", "ms-serverid", "request-context"];

impl Error {
    /// An answer of success that is none of a profile.
    pub(crate) fn no_profile(what: &str, body: Bytes, token: &str) -> Self {
        let mut error = Self::new(ErrorKind::Response, what).answered(StatusCode::OK);
        error.0.body = without(token, body);
        error.0.fault = Fault::read(&error.0.body);
        error
    }

    /// Makes an error of what a generated operation returned.
    ///
    /// `token` is what was sent: it is taken out of the answer, should the service repeat it. A date in
    /// `Retry-After` is counted from that of the answer, or from `now`. `noun` is what the answer should be.
    pub(crate) async fn from_call(
        error: partner_center_api::Error<ByteStream>,
        now: SystemTime,
        token: &str,
        noun: &str,
    ) -> Self {
        use partner_center_api::Error as Api;
        match error {
            Api::ErrorResponse(response) => {
                let (status, headers) = (response.status(), response.headers().clone());
                match bounded(response).await {
                    Ok(body) => Self::from_response(status, &headers, without(token, body), now),
                    // What a refusal says is known when all of it is there.
                    Err(cause) => Self::cut_off(cause),
                }
            }
            Api::UnexpectedResponse(response) if response.status().is_success() => {
                let status = response.status();
                let what =
                    format!("the service succeeded with a status it is not known for ({status})");
                Self::new(ErrorKind::Response, what).answered(status)
            }
            Api::UnexpectedResponse(response) => {
                Self::from_response(response.status(), response.headers(), Bytes::new(), now)
            }
            Api::InvalidResponsePayload(body, cause) => {
                // Not the cause itself, which repeats a value.
                let place = format!(
                    "{:?} error at line {} column {}",
                    cause.classify(),
                    cause.line(),
                    cause.column()
                );
                let what = format!("the answer is not {noun}");
                match misfit(&cause) {
                    Some(member) => Self::no_profile(&format!("{what}: {member}"), body, token),
                    None => Self::no_profile(&what, body, token).caused_by(place),
                }
            }
            Api::Custom(why) => Self::new(ErrorKind::Response, why).answered(StatusCode::OK),
            Api::CommunicationError(cause) | Api::InvalidUpgrade(cause) => {
                if let Some(refused) = refused(&cause) {
                    let mut error = Self::new(ErrorKind::Transport, refused.what)
                        .caused_by(cause.without_url());
                    error.0.outcome = Outcome::Refused;
                    return error.advise(refused.hint);
                }
                let outcome = if cause.is_builder() || cause.is_connect() {
                    Outcome::Unsent
                } else {
                    Outcome::Unanswered { timeout: cause.is_timeout() }
                };
                let mut error = if cause.is_builder() {
                    Self::new(ErrorKind::Configuration, "the request cannot be made")
                } else {
                    Self::unanswered(outcome)
                };
                error.0.hint = connection::hint(&cause).map(Cow::Borrowed);
                error.caused_by(cause.without_url())
            }
            Api::ResponseBodyError(cause) => Self::cut_off(cause),
            Api::InvalidRequest(why) => Self::new(ErrorKind::Configuration, why),
        }
    }

    fn unanswered(outcome: Outcome) -> Self {
        let what = match outcome {
            Outcome::Unsent => "the service cannot be reached",
            Outcome::Unanswered { timeout: true } => "the service did not answer in time",
            _ => "the connection broke before an answer came",
        };
        let mut error = Self::new(ErrorKind::Transport, what);
        error.0.outcome = outcome;
        error
    }

    /// For `partner-center-test`: an update was not answered, in time or at all, or could not be sent.
    #[doc(hidden)]
    #[must_use]
    pub fn no_answer(sent: bool, timeout: bool) -> Self {
        let outcome = if sent { Outcome::Unanswered { timeout } } else { Outcome::Unsent };
        Self::unanswered(outcome).applied_maybe(sent)
    }

    /// For `partner-center-test`: the same error of a request that changes nothing.
    #[doc(hidden)]
    #[must_use]
    pub fn of_a_read(self) -> Self {
        self.applied_maybe(false)
    }

    /// An answer that is shorter than it promised to be.
    fn cut_off(cause: reqwest::Error) -> Self {
        let timeout = cause.is_timeout();
        let mut error =
            Self::new(ErrorKind::Transport, "the answer broke off").caused_by(cause.without_url());
        error.0.outcome = Outcome::Unanswered { timeout };
        error
    }

    fn from_response(
        status: StatusCode,
        headers: &HeaderMap,
        body: Bytes,
        now: SystemTime,
    ) -> Self {
        let fault = Fault::read(&body);
        let code = fault.code.as_deref();
        let (kind, what) = match (status.as_u16(), code) {
            (409 | 412 | 428, _) | (400, Some("2055")) | (417, Some("800036")) => {
                (ErrorKind::Conflict, CHANGED)
            }
            (429, _) => (ErrorKind::Throttled, "the service limits the rate of calls"),
            (401, _) => (ErrorKind::Service, "the service does not accept the access token"),
            (403, _) => (ErrorKind::Service, "the service does not allow that"),
            (404, _) => (ErrorKind::Service, "the service knows no such resource"),
            (407, _) => (ErrorKind::Service, PROXY.0),
            (500.., _) => (ErrorKind::Service, "the service failed"),
            _ => (ErrorKind::Service, "the service refused the request"),
        };
        let challenged = headers.contains_key(WWW_AUTHENTICATE);
        let hint = hint(status.as_u16(), code, body.is_empty(), challenged);
        let mut error = Self::new(kind, what).answered(status);
        error.0.hint = hint.map(Cow::Borrowed);
        error.0.own = fault.is_own() || IDS.iter().any(|name| headers.contains_key(*name));
        error.0.fault = fault;
        error.0.retry_after = retry_after(headers, now);
        error.0.body = body;
        error
    }

    fn answered(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status.as_u16());
        self.0.outcome = Outcome::Answered;
        self
    }
}

/// The error that this answer of the service is, for tests and for answers that were got elsewhere.
///
/// It is taken for the answer to an update: [`may_have_been_applied`](Error::may_have_been_applied) is what
/// it proves of that. The ids are those of the headers `MS-RequestId` and `MS-CorrelationId`. An answer of
/// success, which is no error to the service, is one that [cannot be understood](ErrorKind::Response).
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use partner_center::Error;
///
/// let answer = http::Response::builder().status(429).header("Retry-After", "7");
/// let error = Error::from(answer.body(r#"{"statusCode": 429, "message": "Rate limit is exceeded."}"#)?);
/// assert!(error.is_throttled());
/// assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
/// # Ok::<(), http::Error>(())
/// ```
impl<B: Into<Bytes>> From<Response<B>> for Error {
    fn from(response: Response<B>) -> Self {
        let (Parts { status, headers, .. }, body) = response.into_parts();
        let body = without("", body.into());
        let mut error = if status.is_success() {
            let mut error = Self::no_profile("the answer is not a billing profile", body, "");
            error.0.status = Some(status.as_u16());
            error
        } else {
            Self::from_response(status, &headers, body, SystemTime::now())
        };
        let id = |name| headers.get(name)?.to_str().ok()?.parse().ok();
        (error.0.request_id, error.0.correlation_id) = (id(IDS[0]), id(IDS[1]));
        let maybe = error.answer().may_have_been_applied();
        error.applied_maybe(maybe)
    }
}

/// A body, or the beginning of one that is too large.
async fn bounded(response: ResponseValue<ByteStream>) -> Result<Bytes, reqwest::Error> {
    let mut stream = response.into_inner();
    let mut body = Vec::new();
    while let Some(chunk) = stream.next().await {
        body.extend_from_slice(&chunk?);
        if body.len() >= BODY_LIMIT + TOKEN_LIMIT {
            break;
        }
    }
    Ok(body.into())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn answered(status: u16, body: &str) -> Error {
        let status = StatusCode::from_u16(status).expect("a status");
        Error::from_response(
            status,
            &HeaderMap::new(),
            Bytes::copy_from_slice(body.as_bytes()),
            SystemTime::now(),
        )
    }

    #[test]
    fn every_documented_conflict_is_one() {
        let conflicts = [
            (400, r#"{"code":2055}"#),
            (400, r#"{"code":"2055","description":"Etag is no longer valid"}"#),
            (409, ""),
            (412, "<html>"),
            (417, r#"{"code":800036}"#),
            (428, ""),
        ];
        for (status, body) in conflicts {
            let error = answered(status, body);
            assert!(error.is_conflict() && !error.is_transient(), "{status} {body}");
        }
        for (status, body) in
            [(400, r#"{"code":27002}"#), (417, ""), (404, r#"{"code":2055}"#), (500, "")]
        {
            assert!(!answered(status, body).is_conflict(), "{status} {body}");
        }
    }

    #[test]
    fn what_may_succeed_later_is_known() {
        for status in [408, 429, 500, 502, 503, 504, 599] {
            assert!(answered(status, "").is_transient(), "{status}");
        }
        for status in [400, 401, 403, 404, 405, 406, 409, 412, 417, 428, 501, 505] {
            assert!(!answered(status, "").is_transient(), "{status}");
        }
    }

    #[test]
    fn what_proves_that_nothing_was_applied_is_known() {
        let fault = r#"{"code":"1","description":"d"}"#;
        let gateway = r#"{ "statusCode": 429, "message": "Rate limit is exceeded." }"#;
        for (status, body, uncertain) in [
            (400, fault, false),
            (401, fault, false),
            (429, fault, false),
            (409, "", false),
            (412, "<html>", false),
            (400, "", true),
            (401, "", true),
            (403, "<html>", true),
            (429, gateway, true),
            (499, "", true),
            (408, fault, true),
            (500, fault, true),
            (501, "", true),
            (302, fault, true),
        ] {
            let answer = answered(status, body).answer();
            assert_eq!(answer.may_have_been_applied(), uncertain, "{status} {body}");
        }
        for name in IDS {
            let mut headers = HeaderMap::new();
            headers.insert(name, "1".parse().expect("a value"));
            let now = SystemTime::now();
            let error = Error::from_response(StatusCode::FORBIDDEN, &headers, Bytes::new(), now);
            assert!(!error.answer().may_have_been_applied(), "{name}");
        }
    }

    #[test]
    fn refusals_say_what_to_do() {
        let mut challenge = HeaderMap::new();
        challenge
            .insert(WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"".parse().expect("a value"));
        let challenged = Error::from_response(
            StatusCode::UNAUTHORIZED,
            &challenge,
            Bytes::new(),
            SystemTime::now(),
        );
        for (error, hint) in [
            (challenged, "multi-factor"),
            (answered(401, r#"{"code":"900421"}"#), "multi-factor"),
            (answered(401, r#"{"code":"900420"}"#), "/.default"),
            (answered(401, ""), "sign in again"),
            (answered(403, r#"{"code":900329}"#), "`AppUser`"),
            (answered(403, ""), "`AppUser`"),
            (answered(403, r#"{"code":900150}"#), "admin agent"),
            (answered(403, r#"{"code":20002}"#), "relationship"),
            (answered(403, r#"{"code":"600006"}"#), "not documented"),
            (answered(400, r#"{"code":600051}"#), "phone number"),
            (answered(400, r#"{"code":20000}"#), "may not sell there"),
            (answered(400, r#"{"code":600002}"#), "registration number"),
        ] {
            assert!(error.hint().is_some_and(|text| text.contains(hint)), "{error:?}");
            assert!(error.to_string().contains(hint), "{error}");
        }
        // The pair is the key.
        assert_eq!(answered(404, r#"{"code":3000}"#).hint(), None);
        assert!(answered(400, r#"{"code":3000}"#).hint().is_some());
    }

    #[test]
    fn an_error_is_one_line_with_what_the_service_said_and_the_ids() {
        let body = r#"{"code":2055,"description":"Etag is\nno longer valid"}"#;
        let error = answered(400, body).with_ids(Some(Uuid::nil()), Uuid::max());
        assert_eq!(
            error.to_string(),
            "the profile was changed by someone else since it was read (status 400, code 2055: Etag is \
             no longer valid) [request 00000000-0000-0000-0000-000000000000, correlation \
             ffffffff-ffff-ffff-ffff-ffffffffffff]"
        );
        let gateway = answered(429, r#"{ "statusCode": 429, "message": "Rate limit" }"#);
        assert_eq!(
            gateway.to_string(),
            "the service limits the rate of calls (status 429: Rate limit)"
        );
        assert_eq!(
            answered(502, "<title>Bad Gateway</title>").applied_maybe(true).to_string(),
            "the service failed (status 502: Bad Gateway); the update may have been applied"
        );
    }

    #[test]
    fn an_answer_is_the_error_that_a_call_would_give() {
        let answer = |status: u16, body: &'static str| {
            let builder =
                Response::builder().status(status).header("MS-RequestId", Uuid::max().to_string());
            builder.header("MS-CorrelationId", "none").body(body).expect("an answer")
        };
        let error = Error::from(answer(400, r#"{"code":2055,"description":"d"}"#));
        assert!(error.is_conflict() && !error.may_have_been_applied());
        assert_eq!((error.status(), error.code()), (Some(400), Some("2055")));
        assert_eq!((error.request_id(), error.correlation_id()), (Some(Uuid::max()), None));
        for (status, uncertain) in
            [(200, true), (204, true), (302, true), (403, false), (503, true)]
        {
            let error = Error::from(answer(status, ""));
            assert_eq!(error.may_have_been_applied(), uncertain, "{status}");
            assert_eq!(error.status(), Some(status));
            assert!(!error.of_a_read().may_have_been_applied());
        }
        // Without the headers of the service it is one of a gateway.
        let gateway = Response::builder().status(403).body("").expect("an answer");
        assert!(Error::from(gateway).may_have_been_applied());
    }

    #[test]
    fn the_body_is_kept_and_not_shown() {
        let error = answered(400, r#"{"code":1,"canary":"canary"}"#);
        assert_eq!(error.body(), br#"{"code":1,"canary":"canary"}"#);
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}
