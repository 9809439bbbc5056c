//! What the service answers, before anything happens to it on the way.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};

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
