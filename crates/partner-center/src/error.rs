//! What can go wrong, and what it means for the update that was meant.

use std::error::Error as StdError;
use std::fmt;

use futures_util::StreamExt;
use partner_center_api::{ByteStream, utf8};
use serde_json::Value;
use uuid::Uuid;

type Cause = Box<dyn StdError + Send + Sync>;

/// How much of the body of an error is read.
const BODY_LIMIT: usize = 64 * 1024;

/// An error of this crate.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    status: Option<u16>,
    code: Option<String>,
    request_id: Option<Uuid>,
    source: Option<Cause>,
}

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client is configured in a way that cannot work. Nothing was sent.
    Configuration,
    /// The credential cannot be used. Nothing was sent.
    Credential,
    /// A read-only member was changed. Nothing was sent.
    ReadOnly,
    /// There is no entity tag to guard the update with. Nothing was sent.
    NoETag,
    /// The profile was read from another resource. Nothing was sent.
    OtherResource,
    /// The model cannot be written as JSON. Nothing was sent.
    Model,
    /// The resource was changed by someone else since it was read. Nothing was changed.
    Conflict,
    /// The service refused the request or failed. After a 5XX status an update may have been applied.
    Service,
    /// There was no answer. An update may have been applied.
    Transport,
    /// The answer cannot be understood. An update may have been applied.
    Response,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            status: None,
            code: None,
            request_id: None,
            source: None,
        }))
    }

    pub(crate) fn caused_by(mut self, cause: impl Into<Cause>) -> Self {
        self.0.source = Some(cause.into());
        self
    }

    pub(crate) fn with_id(mut self, request_id: Uuid) -> Self {
        self.0.request_id = Some(request_id);
        self
    }

    /// Makes an error of what a generated operation returned.
    pub(crate) async fn from_call(
        error: partner_center_api::Error<ByteStream>,
        request_id: Uuid,
    ) -> Self {
        use partner_center_api::Error as Api;
        let error = match error {
            Api::ErrorResponse(response) => {
                let status = response.status().as_u16();
                Self::from_response(status, &bounded(response.into_inner()).await)
            }
            Api::UnexpectedResponse(response) if response.status().is_success() => {
                let status = response.status().as_u16();
                let message =
                    format!("the service succeeded with a status it is not known for ({status})");
                let mut error = Self::new(ErrorKind::Response, message);
                error.0.status = Some(status);
                error
            }
            Api::UnexpectedResponse(response) => {
                Self::from_response(response.status().as_u16(), b"")
            }
            Api::InvalidResponsePayload(_, cause) => {
                Self::new(ErrorKind::Response, "the answer is not a billing profile")
                    .caused_by(cause)
            }
            Api::CommunicationError(cause) | Api::InvalidUpgrade(cause) => {
                Self::new(ErrorKind::Transport, "the service did not answer")
                    .caused_by(cause.without_url())
            }
            Api::ResponseBodyError(cause) => {
                Self::new(ErrorKind::Transport, "the answer broke off")
                    .caused_by(cause.without_url())
            }
            Api::InvalidRequest(why) | Api::Custom(why) => Self::new(ErrorKind::Configuration, why),
        };
        error.with_id(request_id)
    }

    fn from_response(status: u16, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(&utf8(body.to_vec().into())).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        // A number in every recording, a string in the documentation and from newer gateways.
        let code = body.get("code").and_then(|code| match code {
            Value::Number(number) => Some(number.to_string()),
            Value::String(text) => Some(line(text)),
            _ => None,
        });
        let description = text("description").or_else(|| text("message"));
        let conflict = matches!(
            (status, code.as_deref()),
            (409 | 412 | 428, _) | (400, Some("2055")) | (417, Some("800036"))
        );
        let (kind, what) = if conflict {
            (ErrorKind::Conflict, "the profile was changed by someone else since it was read")
        } else {
            (ErrorKind::Service, "the service refused or failed")
        };
        let code_text = code.as_ref().map(|code| format!(", code {code}")).unwrap_or_default();
        let description = description.map(|text| line(&text)).filter(|text| !text.is_empty());
        let description = description.map(|text| format!(": {text}")).unwrap_or_default();
        let message = format!("{what} (status {status}{code_text}{description})");
        let mut error = Self::new(kind, message);
        error.0.status = Some(status);
        error.0.code = code;
        error
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the resource was changed by someone else since it was read.
    ///
    /// The update was not applied, and sending it again does not help: read the resource again, and
    /// apply the change to what is there now. The service documents this in several ways that do not
    /// agree: 400 with code 2055, 409, 412 and 417 with code 800036 are all understood, and so is 428 (RFC
    /// 6585 section 3), which it does not document.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.0.kind == ErrorKind::Conflict
    }

    /// Whether the resource does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.status == Some(404)
    }

    /// The HTTP status, if there was an answer that could be read.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The code of the service, if it sent one. It has a meaning only together with the status.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The `MS-RequestId` of the request, to give to support.
    #[must_use]
    pub fn request_id(&self) -> Option<Uuid> {
        self.0.request_id
    }
}

/// A text as one line that a terminal shows as it is.
fn line(text: &str) -> String {
    let words =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// The beginning of a body: what came before it ended, broke off or grew too large.
async fn bounded(mut stream: ByteStream) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(Ok(chunk)) = stream.next().await {
        body.extend_from_slice(&chunk);
        if body.len() >= BODY_LIMIT {
            break;
        }
    }
    body.truncate(BODY_LIMIT);
    body
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        match self.0.request_id {
            Some(id) => write!(f, " [request {id}]"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, message, status, code, request_id, source } = &*self.0;
        f.debug_struct("Error")
            .field("kind", kind)
            .field("message", message)
            .field("status", status)
            .field("code", code)
            .field("request_id", request_id)
            .field("source", source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|cause| &**cause as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert!(Error::from_response(status, body.as_bytes()).is_conflict(), "{status} {body}");
        }
        for (status, body) in
            [(400, r#"{"code":27002}"#), (417, ""), (404, r#"{"code":2055}"#), (500, "")]
        {
            assert!(
                !Error::from_response(status, body.as_bytes()).is_conflict(),
                "{status} {body}"
            );
        }
    }

    #[test]
    fn an_error_is_one_line_with_what_the_service_said() {
        let body =
            "\u{FEFF}{\"code\":\"\\n2055\",\"description\":\"\\u001bEtag is\\nno longer valid\"}";
        let error = Error::from_response(400, body.as_bytes()).with_id(Uuid::nil());
        assert_eq!(
            error.to_string(),
            "the profile was changed by someone else since it was read (status 400, code 2055: Etag is \
             no longer valid) [request 00000000-0000-0000-0000-000000000000]"
        );
        let gateway =
            Error::from_response(429, br#"{ "statusCode": 429, "message": "Rate limit" }"#);
        assert_eq!(gateway.to_string(), "the service refused or failed (status 429: Rate limit)");
        assert_eq!(
            Error::from_response(403, b"").to_string(),
            "the service refused or failed (status 403)"
        );
    }
}
