//! What the service answers, before anything happens to it on the way.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::switches::{MissingIfMatch, StaleEtag};

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// An answer in place of what was asked for.
pub(crate) type Refusal = Box<Reply>;

impl Reply {
    /// JSON as it is given, without a byte order mark.
    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        Self::new(status, body.to_string().into())
    }

    /// A body of JSON text.
    pub(crate) fn new(status: StatusCode, body: Bytes) -> Self {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        Self { status, headers, body }
    }

    /// No body at all.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::with_capacity(8), body: Bytes::new() }
    }

    /// The documented fault; its code is a number, as in every sample.
    pub(crate) fn fault(status: StatusCode, code: u32, description: &str) -> Self {
        Self::fault_with(status, code, description, &[])
    }

    /// The documented fault with something in `data`.
    pub(crate) fn fault_with(
        status: StatusCode,
        code: u32,
        description: &str,
        data: &[String],
    ) -> Self {
        let fault =
            json!({"code": code, "description": description, "data": data, "source": "PartnerFD"});
        Self::json(status, &fault)
    }

    /// The fault with a code that is a string, as newer answers have it.
    pub(crate) fn string_fault(status: StatusCode, code: &str, description: &str) -> Self {
        let fault =
            json!({"code": code, "description": description, "data": [], "source": "PartnerFD"});
        Self::json(status, &fault)
    }

    /// What the gateway in front of the service answers.
    pub(crate) fn gateway(status: StatusCode, message: &str) -> Self {
        Self::json(status, &json!({"statusCode": status.as_u16(), "message": message}))
    }

    /// The challenge that goes with a refused token.
    pub(crate) fn with_challenge(mut self) -> Self {
        let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
        self.headers.insert(WWW_AUTHENTICATE, challenge);
        self
    }
}

pub(crate) fn stale(switch: StaleEtag) -> Reply {
    match switch {
        StaleEtag::BadRequest2055 => {
            Reply::fault(StatusCode::BAD_REQUEST, 2055, "Etag is no longer valid")
        }
        StaleEtag::Conflict => Reply::fault(StatusCode::CONFLICT, 409, "Conflict"),
        StaleEtag::PreconditionFailed => {
            Reply::fault(StatusCode::PRECONDITION_FAILED, 412, "Precondition failed")
        }
        StaleEtag::ExpectationFailed => {
            Reply::fault(StatusCode::EXPECTATION_FAILED, 800_036, "Pre-condition failed")
        }
    }
}

pub(crate) fn missing(switch: MissingIfMatch) -> Option<Reply> {
    let (status, code) = match switch {
        MissingIfMatch::Accept => return None,
        MissingIfMatch::BadRequest => (StatusCode::BAD_REQUEST, 800_002),
        MissingIfMatch::PreconditionFailed => (StatusCode::PRECONDITION_FAILED, 412),
        MissingIfMatch::PreconditionRequired => (StatusCode::PRECONDITION_REQUIRED, 428),
    };
    Some(Reply::fault(status, code, "If-Match is required."))
}

pub(crate) fn bad_request(text: &str) -> Reply {
    Reply::fault(StatusCode::BAD_REQUEST, 800_002, text)
}

pub(crate) fn not_found() -> Reply {
    Reply::fault(StatusCode::NOT_FOUND, 1000, "Not found")
}

/// What the service says with a status of 4XX, whatever it was asked.
pub(crate) fn refused(status: u16) -> Reply {
    match status {
        401 => Reply::gateway(StatusCode::UNAUTHORIZED, "The token has expired.").with_challenge(),
        403 => {
            Reply::fault(StatusCode::FORBIDDEN, 900_150, "The caller is not allowed to do that.")
        }
        404 => not_found(),
        409 => stale(StaleEtag::Conflict),
        412 => stale(StaleEtag::PreconditionFailed),
        417 => stale(StaleEtag::ExpectationFailed),
        _ => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
            Reply::fault(status, 800_002, "The request is refused.")
        }
    }
}
