//! A model together with the JSON it was read from, so that nothing the model does not hold is lost.

use std::fmt;
use std::ops::Deref;

use bytes::{Buf, Bytes, BytesMut};
use progenitor_client::{Error, ResponseValue};
use serde::de::DeserializeOwned;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::lenient::read;
use crate::validation::Constrained;

/// How long a successful answer may be, in bytes. A profile takes about 1500.
const BODY_LIMIT: usize = 4 << 20;

/// A model and the JSON text it was read from. Derefs to the model; is written as the text.
///
/// # Examples
/// ```
/// use partner_center_api::{Document, types::CustomerBillingProfile};
/// # fn main() -> Result<(), serde_json::Error> {
/// let text = r#"{"Email":"ann@example.com","score":1.50}"#;
/// let document = Document::<CustomerBillingProfile>::parse(text.into())?;
/// assert_eq!(document.email.as_deref(), Some("ann@example.com"));
/// assert_eq!(serde_json::to_string(&document)?, text);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq)]
pub struct Document<T> {
    json: Bytes,
    model: T,
}

impl<T> Document<T> {
    /// The JSON as it was read, in UTF-8 without a byte order mark.
    #[must_use]
    pub fn json(&self) -> &Bytes {
        &self.json
    }

    /// The JSON as the body of a request: without the blanks around it, and not copied. The generated operations
    /// call this.
    #[allow(dead_code, reason = "a contract may have no operation that sends one")]
    pub(crate) fn to_body(&self) -> Bytes {
        self.json.slice_ref(self.json.trim_ascii())
    }

    /// Takes the model out.
    #[must_use]
    pub fn into_model(self) -> T {
        self.model
    }

    /// A document to be sent and not to be looked into: the text is what is written, and the model is
    /// empty. Nothing is checked.
    #[must_use]
    pub fn to_send(json: Bytes) -> Self
    where
        T: Default,
    {
        Self { json, model: T::default() }
    }

    /// Takes the JSON and the model apart.
    #[must_use]
    pub fn into_parts(self) -> (Bytes, T) {
        (self.json, self.model)
    }
}

impl<T: DeserializeOwned + Constrained> Document<T> {
    /// Reads a model from JSON in UTF-8, or in UTF-16 with a byte order mark, as [`read`] does: what the
    /// model does not know does not keep it from being read, and stays in the text.
    ///
    /// # Errors
    /// The body is not JSON, or not that of such a model. No value is in the error.
    pub fn parse(body: Bytes) -> Result<Self, serde_json::Error> {
        let json = utf8(body);
        let model = read(&json)?;
        Ok(Self { json, model })
    }

    /// Reads a successful response. The generated operations call this.
    pub(crate) async fn from_response<E>(
        mut response: reqwest::Response,
    ) -> Result<ResponseValue<Self>, Error<E>> {
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let json = utf8(bounded(&mut response).await?);
        match read(&json) {
            Ok(model) => Ok(ResponseValue::new(Self { json, model }, status, headers)),
            Err(error) => Err(Error::InvalidResponsePayload(json, error)),
        }
    }
}

impl<T: Serialize> Document<T> {
    /// A document that was not read from anywhere: the JSON is what the model gives.
    ///
    /// # Errors
    /// The model cannot be written as JSON.
    pub fn new(model: T) -> Result<Self, serde_json::Error> {
        let json = serde_json::to_vec(&model)?.into();
        Ok(Self { json, model })
    }
}

impl<T> Deref for Document<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.model
    }
}

impl<T> Serialize for Document<T> {
    /// Writes the text as it was read. Only `serde_json` can do that.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_slice(&self.json).map_err(S::Error::custom)?;
        raw.serialize(serializer)
    }
}

/// Writes a model as the members that are set, without their values: they are personal data.
#[allow(dead_code, reason = "it is for models that the pass `private-debug` was run on")]
pub(crate) fn members(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    members: &[(&str, bool)],
) -> fmt::Result {
    let set = members.iter().filter(|(_, is_set)| *is_set);
    let mut shown = f.debug_struct(name);
    for (member, _) in set {
        shown.field(member, &format_args!("_"));
    }
    shown.finish_non_exhaustive()
}

impl<T: fmt::Debug> fmt::Debug for Document<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.model.fmt(f)
    }
}

/// The body of a response of at most [`BODY_LIMIT`] bytes.
async fn bounded<E>(response: &mut reqwest::Response) -> Result<Bytes, Error<E>> {
    let first = response.chunk().await.map_err(Error::ResponseBodyError)?.unwrap_or_default();
    // Most answers are one chunk, which is not copied.
    let Some(second) = response.chunk().await.map_err(Error::ResponseBodyError)? else {
        return Ok(first);
    };
    let mut body = BytesMut::from(first);
    let mut next = Some(second);
    while let Some(chunk) = next {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(Error::Custom(format!("the answer is longer than {BODY_LIMIT} bytes")));
        }
        body.extend_from_slice(&chunk);
        next = response.chunk().await.map_err(Error::ResponseBodyError)?;
    }
    Ok(body.freeze())
}

/// `body` in UTF-8 without a byte order mark. Copies it only if it is UTF-16, known by its mark.
///
/// Successful responses of the service begin with `EF BB BF`; UTF-16 is what an old host of it
/// answered when no `Accept` was sent. What is not valid UTF-16 becomes U+FFFD.
///
/// # Examples
/// ```
/// assert_eq!(partner_center_api::utf8(b"\xEF\xBB\xBF{}"[..].into()), "{}");
/// assert_eq!(partner_center_api::utf8(b"\xFF\xFE{\0}\0"[..].into()), "{}");
/// ```
#[must_use]
pub fn utf8(mut body: Bytes) -> Bytes {
    let units = |of: fn([u8; 2]) -> u16| {
        body[2..].chunks(2).map(move |pair| match *pair {
            [a, b] => of([a, b]),
            _ => 0xFFFD,
        })
    };
    match *body {
        [0xEF, 0xBB, 0xBF, ..] => {
            // Not a slice, which shares the bytes and allocates for that.
            body.advance(3);
            body
        }
        [0xFF, 0xFE, ..] => utf16(units(u16::from_le_bytes)),
        [0xFE, 0xFF, ..] => utf16(units(u16::from_be_bytes)),
        _ => body,
    }
}

fn utf16(units: impl Iterator<Item = u16>) -> Bytes {
    let text: String =
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::CustomerBillingProfile;

    #[test]
    fn what_no_model_can_hold_is_written_as_it_was_read() {
        let deep = "[".repeat(1 << 20) + &"]".repeat(1 << 20);
        for text in [r#"{"email":"a","Email":"b\ud83d","n":1e400}"#, &format!("{{\"x\":{deep}}}")] {
            let body = Bytes::copy_from_slice(text.as_bytes());
            let document = Document::<CustomerBillingProfile>::parse(body).expect("a profile");
            assert_eq!(document.json(), text.as_bytes());
            assert!(serde_json::to_string(&document).expect("JSON") == text);
        }
    }

    #[test]
    fn a_body_is_what_serde_writes_and_no_copy() {
        for text in [" {\"email\":\"a\" }\r\n\t", "{}", "\u{feff} {}"] {
            let body = Bytes::copy_from_slice(text.as_bytes());
            let document = Document::<CustomerBillingProfile>::parse(body).expect("a profile");
            let written = serde_json::to_vec(&document).expect("JSON");
            assert_eq!(document.to_body(), written);
            assert!(document.json().as_ptr_range().contains(&document.to_body().as_ptr()));
        }
        assert_eq!(Document::<CustomerBillingProfile>::to_send(Bytes::new()).to_body(), "");
    }

    #[test]
    fn members_are_named_and_not_shown() {
        let text = r#"{"email":"canary","Odd":{"canary":1}}"#;
        let document = Document::<CustomerBillingProfile>::parse(text.into()).expect("a profile");
        assert_eq!(format!("{document:?}"), "CustomerBillingProfile { email: _, extra: _, .. }");
    }
}
