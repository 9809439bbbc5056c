//! Which variant of a union a value is. The generated code calls these, for each variant in turn.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::scan::binds;
use crate::validation::equal;

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
        let known = |text: &&str| serde_json::from_str(text).ok();
        found.is_some_and(|value| values.iter().filter_map(known).any(|it| equal(&it, value)))
    };
    if !told.iter().all(is) {
        return None;
    }
    T::deserialize(value).or_else(|_| T::deserialize(once(value))).ok()
}

/// The value without the members that are there in camelCase too, of which a model can have one.
fn once(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let twin = |name: &String| {
                // An ASCII letter is one byte.
                let camel = |first: char| format!("{}{}", first.to_ascii_lowercase(), &name[1..]);
                let first = name.chars().next().filter(char::is_ascii_uppercase);
                first.is_some_and(|first| members.contains_key(&camel(first)))
            };
            let members = members.iter().filter(|(name, _)| !twin(name));
            members.map(|(name, value)| (name.clone(), once(value))).collect()
        }
        Value::Array(items) => items.iter().map(once).collect(),
        other => other.clone(),
    }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::types::Address;

    #[test]
    fn a_number_is_told_by_its_value() {
        for (value, told) in [(json!(1), "1.0"), (json!(1.0), "1"), (json!(1e2), "100")] {
            let value = json!({"kind": value});
            assert!(object::<Address>(&value, &[("kind", &[told])]).is_some(), "{value} {told}");
        }
        assert_eq!(object::<Address>(&json!({"kind": "1"}), &[("kind", &["1"])]), None);
    }

    #[test]
    fn of_two_members_that_are_one_the_contracts_name_counts() {
        let value = json!({"City": "Basel", "city": "Bern", "list": [{"A": 1, "a": 2}]});
        let address = object::<Address>(&value, &[]).expect("an address");
        assert_eq!(address.city.as_deref(), Some("Bern"));
    }
}
