//! Which variant of a union a value is. The generated code calls these, for each variant in turn.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::scan::binds;

/// An object as a variant, if it fits: each of these members has one of these values, as JSON texts.
///
/// # Examples
/// ```
/// use partner_center_api::{types::Address, variants::object};
/// let value = serde_json::json!({"kind": "postal", "city": "Bern"});
/// let told = object::<Address>(&value, &[("kind", &["\"postal\""])]);
/// assert_eq!(told.and_then(|address| address.city).as_deref(), Some("Bern"));
/// assert_eq!(object::<Address>(&value, &[("kind", &["\"street\""])]), None);
/// ```
#[must_use]
pub fn object<T: DeserializeOwned>(value: &Value, told: &[(&str, &[&str])]) -> Option<T> {
    let members = value.as_object()?;
    let is = |(name, values): &(&str, &[&str])| {
        let by_name = members.get(*name);
        let found = by_name
            .or_else(|| members.iter().find(|(key, _)| binds(key, name)).map(|(_, value)| value));
        found.is_some_and(|value| values.contains(&value.to_string().as_str()))
    };
    told.iter().all(is).then(|| T::deserialize(value).ok()).flatten()
}

/// Anything but an object as a variant, if it fits.
///
/// # Examples
/// ```
/// use partner_center_api::variants::plain;
/// assert_eq!(plain::<i64>(&serde_json::json!(5)), Some(5));
/// assert_eq!(plain::<i64>(&serde_json::json!("5")), None);
/// ```
#[must_use]
pub fn plain<T: DeserializeOwned>(value: &Value) -> Option<T> {
    (!value.is_object()).then(|| T::deserialize(value).ok()).flatten()
}
