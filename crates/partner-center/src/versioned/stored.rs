//! A profile in a store: with its version, where it is from, and what was changed and not yet written.

use std::borrow::Cow;

use partner_center_api::Document;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Origin, Versioned};
use crate::etag::StrongETag;
use crate::model::Model;
use crate::version::Version;

/// What is stored.
#[derive(Deserialize, Serialize)]
struct Stored<'a, A, M> {
    endpoint: Cow<'a, str>,
    /// The customer, or nothing for the partner's own.
    customer: A,
    etag: Option<Cow<'a, StrongETag>>,
    /// Another tag of the same version.
    #[serde(default)]
    other_etag: Option<Cow<'a, StrongETag>>,
    /// As it was read: a text in a text, so that nobody on the way writes its numbers anew.
    document: Cow<'a, str>,
    /// The model, if it was changed since.
    #[serde(default)]
    changed: Option<M>,
    /// What is written digit for digit.
    #[serde(default)]
    exact: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    #[serde(default)]
    recovered: bool,
}

impl<T: Model> Serialize for Versioned<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let read = &self.read;
        let document = str::from_utf8(&read.json).map_err(S::Error::custom)?;
        let exact = self.exact.iter();
        Stored {
            endpoint: read.origin.endpoint().into(),
            customer: &read.address,
            etag: read.version.tag().ok().map(Cow::Borrowed),
            other_etag: read.version.other().map(Cow::Borrowed),
            document: document.into(),
            changed: self.touched.then_some(&self.model),
            exact: exact.map(|(at, text)| (at.into(), Cow::Borrowed(&**text))).collect(),
            recovered: self.recovered,
        }
        .serialize(serializer)
    }
}

impl<'de, T: Model> Deserialize<'de> for Versioned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not the cause, which quotes values.
        let stored = Stored::<T::Address, T>::deserialize(deserializer).map_err(|_| {
            D::Error::custom(
                "what is stored is no such profile: it is one of another model, or was changed",
            )
        })?;
        let json = stored.document.into_owned().into_bytes();
        let document = Document::<T>::parse(json.into())
            .map_err(|_| D::Error::custom("the stored document is not one of such a profile"))?;
        let version = match stored.etag.map(Cow::into_owned) {
            Some(tag) => Version::of_two(tag, stored.other_etag.map(Cow::into_owned)),
            None => Version::of(&document, None),
        };
        let origin = Origin::Stored { endpoint: stored.endpoint.into_owned() };
        let mut profile = Self::of(origin, stored.customer, document, version);
        if let Some(changed) = stored.changed {
            profile = profile.with_model(changed);
        }
        let exact = stored.exact.into_iter();
        profile.exact = exact.map(|(at, text)| (at.into_owned(), Box::from(&*text))).collect();
        profile.recovered = stored.recovered;
        Ok(profile)
    }
}
