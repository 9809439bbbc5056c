//! The rules of countries, and the refusal of what breaks them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use http::StatusCode;
use regress::Regex;
use serde_json::Value;

use crate::reply::{Refusal, Reply, bad_request, not_found};
use crate::service::invalid;

/// As recorded.
const UNITED_STATES: &str =
    include_str!("../../../openapi/examples/get-country-validation-rules.response.json");
/// As far as it was reported.
const PORTUGAL: &str =
    include_str!("../../../openapi/examples/get-country-validation-rules-portugal.response.json");
/// Made up, which each says of itself.
const OTHERS: &str = include_str!("countries.json");

/// The rules by the codes of their countries.
static RULES: LazyLock<BTreeMap<String, Value>> = LazyLock::new(|| {
    // They are compiled in, and a test reads them.
    let read = |text| serde_json::from_str::<Value>(text).unwrap_or_default();
    let mut all = vec![read(UNITED_STATES), read(PORTUGAL)];
    if let Value::Array(others) = read(OTHERS) {
        all.extend(others);
    }
    let code = |rules: &Value| rules["iso2Code"].as_str().unwrap_or_default().to_owned();
    all.into_iter().map(|rules| (code(&rules), rules)).collect()
});

/// The rules of a country.
///
/// # Errors
/// The refusal of what is no code, and of a country that nobody knows here.
pub(crate) fn rules(country: &str) -> Result<&'static Value, Refusal> {
    if country.len() != 2 || !country.bytes().all(|letter| letter.is_ascii_alphabetic()) {
        return Err(Box::new(bad_request("The country is invalid.")));
    }
    RULES.get(&country.to_ascii_uppercase()).ok_or_else(|| Box::new(not_found()))
}

/// The refusal of a profile that breaks the rules of its country, for the first one that it breaks. A country that
/// nobody knows here has none.
pub(crate) fn refusal(profile: &Value) -> Option<Reply> {
    let address = profile.get("defaultAddress").or(profile.get("address"))?;
    let rules = rules(address["country"].as_str()?).ok()?;
    let text = |value: &Value| value.as_str().unwrap_or_default().trim().to_lowercase();
    for (member, name, required, list) in [
        (&address["city"], "City", "isCityRequired", ""),
        (&address["state"], "State", "isStateRequired", "supportedStatesList"),
        (&address["postalCode"], "PostalCode", "isPostalCodeRequired", ""),
        (&profile["culture"], "Culture", "", "supportedCulturesList"),
        (&profile["language"], "Language", "", "supportedLanguagesList"),
    ] {
        let value = text(member);
        let known = rules[list].as_array().filter(|list| !list.is_empty());
        let missing = value.is_empty() && rules[required] == true;
        let unknown =
            |list: &Vec<Value>| !value.is_empty() && !list.iter().any(|one| text(one) == value);
        if missing || known.is_some_and(unknown) {
            return Some(invalid(name));
        }
    }
    for (name, member, pattern) in [
        ("PostalCode", &address["postalCode"], &rules["postalCodeRegex"]),
        ("PhoneNumber", &address["phoneNumber"], &rules["phoneNumberRegex"]),
    ] {
        let regex = pattern.as_str().and_then(|pattern| Regex::new(pattern).ok());
        let value = member.as_str().unwrap_or_default().trim();
        if !value.is_empty() && regex.is_some_and(|regex| regex.find(value).is_none()) {
            return Some(invalid(name));
        }
    }
    let phone = text(&address["phoneNumber"]);
    (phone.is_empty() && rules["customerOrganizationPhoneNumberRequired"] == true).then(|| {
        let data = ["billingProfile.defaultAddress.phoneNumber".to_owned()];
        let what = "The customer phone number is missing.";
        Reply::fault_with(StatusCode::BAD_REQUEST, 600_051, what, &data)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_read_and_what_is_made_up_says_so() {
        let codes: Vec<_> = RULES.keys().map(String::as_str).collect();
        assert_eq!(codes, ["AE", "AU", "DE", "GB", "IN", "MD", "PT", "US"]);
        for (code, rules) in RULES.iter() {
            let known = ["PT", "US"].contains(&code.as_str());
            assert_eq!(rules["attributes"].get("madeUp").is_none(), known, "{code}");
            for pattern in ["postalCodeRegex", "phoneNumberRegex"] {
                let pattern = rules[pattern].as_str();
                assert!(pattern.is_none_or(|pattern| Regex::new(pattern).is_ok()), "{code}");
            }
        }
    }
}
