//! What the service finds of an address, in the words of today and in those of before 2021.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use partner_center_api::types;
use serde_json::{Map, Value};

use crate::call::read;
use crate::client::PartnerCenter;
use crate::credential::Credential;
use crate::error::{Error, ErrorKind};
use crate::models::Address;

/// The code of a refusal before 2021, with status 400.
const REFUSED: &str = "2007";

impl<A: Credential> PartnerCenter<A> {
    /// Asks the service to look an address up, and what it suggests instead.
    ///
    /// Sends one `POST /v1/validations/address` with the place alone: country, region, city, state, district,
    /// lines and postal code. Whose address it is stays here. Nothing is changed, and the request is
    /// repeated as a read is, as [`Retry`](crate::Retry) says. It takes either kind of credential.
    ///
    /// Since 2021 the service answers every address with a status (docs, validate-an-address). The older
    /// answer is understood too: 200 with no body is an address that it accepts, and 400 with code 2007
    /// one that it refuses, with a reason and a correction.
    ///
    /// # Errors
    /// [`ErrorKind::Response`]: the answer has no status. See [`Resource::get`](crate::Resource::get) for the
    /// others. An address that is not found is no error.
    ///
    /// # Examples
    /// ```
    /// # partner_center_emulator::example(async |endpoint| {
    /// # use partner_center::{AppOnly, PartnerCenter};
    /// use partner_center::AddressStatus;
    /// use partner_center::models::Address;
    ///
    /// # let partner = PartnerCenter::builder(AppOnly::token("emulator-app-only")).endpoint(endpoint).build()?;
    /// let mut address = Address::default();
    /// address.country = Some("US".into());
    /// address.state = Some("WA".into());
    /// address.city = Some("Redmond".into());
    /// address.address_line1 = Some("Microsoft Way".into());
    /// address.postal_code = Some("98052".into());
    /// address.phone_number = Some("4255550100".into());
    ///
    /// let found = partner.validate_address(&address).await?;
    /// assert_eq!(found.status, Some(AddressStatus::StreetPartial));
    /// // It goes into a profile as it is: what the service says nothing of is there still.
    /// let suggestion = found.suggestions.into_iter().next().ok_or("no suggestion")?;
    /// assert_eq!(suggestion.address_line1.as_deref(), Some("1 Microsoft Way"));
    /// assert_eq!(suggestion.phone_number.as_deref(), Some("4255550100"));
    /// # Ok(()) }).unwrap();
    /// ```
    pub async fn validate_address(&self, address: &Address) -> Result<AddressValidation, Error> {
        let retry = &self.shared.retry;
        let asked = place(address);
        match read(&self.shared, retry, None, "validate", &asked).await {
            Ok(answer) => AddressValidation::answered(answer, address),
            Err(error) => AddressValidation::refused(&error, address).ok_or(error),
        }
    }
}

/// What the service finds of an address; see [`PartnerCenter::validate_address`].
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct AddressValidation {
    /// What was found; `None` if the answer is the older one, which has no status.
    pub status: Option<AddressStatus>,
    /// What the service suggests, the best first: the address that was asked for, with the suggestion in it.
    ///
    /// What a suggestion leaves out is kept as it was, also a second line of the address: whether the service
    /// put it into the first one is not documented. The documentation has at most three.
    pub suggestions: Vec<Address>,
    /// What the service says to people, in one line.
    pub message: Option<String>,
    accepted: bool,
}

/// What the service found of an address (docs, validate-an-address). More may come: what this crate does not
/// know is [`Other`](Self::Other), with the text of the service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AddressStatus {
    /// `VerifiedShippable`: verified, and can be shipped to.
    VerifiedShippable,
    /// `Verified`: verified.
    Verified,
    /// `InteractionRequired`: a person has to look at the suggestion, which differs much.
    InteractionRequired,
    /// `StreetPartial`: the street is not complete.
    StreetPartial,
    /// `PremisesPartial`: the number of the house is not complete.
    PremisesPartial,
    /// `Multiple`: several addresses fit.
    Multiple,
    /// `None`: nothing was found.
    None,
    /// `NotValidated`: the address was not looked up.
    NotValidated,
    /// Another one, as the service writes it.
    Other(String),
}

const STATUSES: [(AddressStatus, &str); 8] = [
    (AddressStatus::VerifiedShippable, "VerifiedShippable"),
    (AddressStatus::Verified, "Verified"),
    (AddressStatus::InteractionRequired, "InteractionRequired"),
    (AddressStatus::StreetPartial, "StreetPartial"),
    (AddressStatus::PremisesPartial, "PremisesPartial"),
    (AddressStatus::Multiple, "Multiple"),
    (AddressStatus::None, "None"),
    (AddressStatus::NotValidated, "NotValidated"),
];

impl AddressStatus {
    /// The status as the service writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(text) => text,
            known => STATUSES.iter().find(|(it, _)| it == known).map_or("", |(_, text)| text),
        }
    }

    /// Whether the address is good as it was given: `Verified` or `VerifiedShippable`.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        matches!(self, Self::Verified | Self::VerifiedShippable)
    }
}

/// The documentation prints some with blanks in between: they are read too.
impl FromStr for AddressStatus {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let word: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let known = STATUSES.into_iter().find(|(_, known)| word.eq_ignore_ascii_case(known));
        Ok(known.map_or_else(|| Self::Other(text.to_owned()), |(status, _)| status))
    }
}

impl fmt::Display for AddressStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::error::line(self.as_str()))
    }
}

impl AddressValidation {
    /// Whether the address is good as it was given. It is not if the service did not look it up, and not if
    /// it says something that this crate does not know.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.accepted
    }

    /// What an answer of success says.
    fn answered(answer: types::AddressValidation, asked: &Address) -> Result<Self, Error> {
        let older = answer == types::AddressValidation::default();
        let status = answer.status.as_deref().filter(|text| !text.trim().is_empty());
        let status = status.map(|text| match text.parse() {
            Ok(status) => status,
            Err(never) => match never {},
        });
        if status.is_none() && !older {
            return Err(Error::new(ErrorKind::Response, "the answer has no status of the address"));
        }
        let suggested = answer.suggested_addresses.unwrap_or_default();
        Ok(Self {
            accepted: status.as_ref().map_or(older, AddressStatus::is_verified),
            status,
            suggestions: suggested.into_iter().map(|place| with(asked, place)).collect(),
            message: answer.validation_message.map(|text| crate::error::line(&text)),
        })
    }

    /// What a refusal of before 2021 says: JSON in the description of a fault.
    fn refused(error: &Error, asked: &Address) -> Option<Self> {
        if (error.status(), error.code()) != (Some(400), Some(REFUSED)) {
            return None;
        }
        let fault: Value = serde_json::from_slice(error.body()).ok()?;
        let member = |name: &str| {
            let mut members = fault.as_object()?.iter();
            members.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        };
        let text = member("description")?.as_str()?;
        // In the document, entities stand for quotes too.
        let said: Map<String, Value> = serde_json::from_str(text)
            .or_else(|_| serde_json::from_str(&without_entities(text)))
            .ok()?;
        let corrected = said.get("corrected_address").and_then(Value::as_object);
        let reason = said.get("reason").and_then(Value::as_str);
        Some(Self {
            status: None,
            suggestions: corrected
                .map(|place| with(asked, renamed(place, asked)))
                .into_iter()
                .collect(),
            message: reason.map(|text| crate::error::line(&without_entities(text))),
            accepted: false,
        })
    }
}

/// The members of the place.
fn members(address: &mut Address) -> [&mut Option<String>; 9] {
    [
        &mut address.country,
        &mut address.region,
        &mut address.city,
        &mut address.state,
        &mut address.district,
        &mut address.address_line1,
        &mut address.address_line2,
        &mut address.address_line3,
        &mut address.postal_code,
    ]
}

/// Where the address is, without whose it is.
fn place(address: &Address) -> Address {
    with(&Address::default(), address.clone())
}

/// The address that was asked for, with the place that is suggested.
fn with(asked: &Address, mut suggested: Address) -> Address {
    let mut address = asked.clone();
    for (to, from) in members(&mut address).into_iter().zip(members(&mut suggested)) {
        if from.is_some() {
            *to = from.take();
        }
    }
    address
}

/// The correction of before 2021: names with underscores, and the state in `region`, where a company has it.
fn renamed(place: &Map<String, Value>, asked: &Address) -> Address {
    let text = |name: &str| place.get(name).and_then(Value::as_str).map(without_entities);
    let (mut region, mut state) = (text("region"), text("state"));
    if asked.state.is_some() && asked.region.is_none() && state.is_none() {
        state = region.take();
    }
    let values = [
        text("country"),
        region,
        text("city"),
        state,
        text("district"),
        text("address_line1"),
        text("address_line2"),
        text("address_line3"),
        text("postal_code"),
    ];
    let mut address = Address::default();
    for (to, value) in members(&mut address).into_iter().zip(values) {
        *to = value;
    }
    address
}

/// The text with the characters that HTML entities stand for. The documentation prints `&#39;` where the length
/// that it prints is that of an apostrophe: which of them is sent is open.
fn without_entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        // The longest has eight characters, such as `#x10FFFF`.
        let end = after.bytes().take(9).position(|byte| byte == b';');
        let entity = end.and_then(|end| Some((entity(after.get(..end)?)?, after.get(end + 1..)?)));
        if let Some((c, left)) = entity {
            out.push(c);
            rest = left;
        } else {
            out.push('&');
            rest = after;
        }
    }
    out + rest
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

/// Without the addresses, and without the message, which may repeat one.
impl fmt::Debug for AddressValidation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddressValidation")
            .field("status", &self.status)
            .field("suggestions", &self.suggestions.len())
            .field("verified", &self.accepted)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked() -> Address {
        let address = json!({
            "country": "US", "state": "WA", "city": "Redmond", "addressLine1": "One Microsoft Way",
            "addressLine2": "Room 5", "postalCode": "98052", "firstName": "Ann", "x": 1
        });
        serde_json::from_value(address).expect("an address")
    }

    fn answered(answer: Value) -> Result<AddressValidation, Error> {
        AddressValidation::answered(serde_json::from_value(answer).expect("an answer"), &asked())
    }

    #[test]
    fn every_status_is_read_and_an_unknown_one_is_kept() {
        for (status, text) in STATUSES {
            assert_eq!(text.parse(), Ok(status.clone()));
            assert_eq!((status.as_str(), status.to_string()), (text, text.to_owned()));
            let found = answered(json!({"status": text})).expect("a status");
            assert_eq!(found.is_verified(), text.starts_with("Verified"), "{text}");
        }
        // As the table of the page has it.
        assert_eq!("Verified shippable".parse(), Ok(AddressStatus::VerifiedShippable));
        let found = answered(json!({"status": "Moved to Mars"})).expect("a status");
        assert_eq!(found.status, Some(AddressStatus::Other("Moved to Mars".into())));
        assert!(!found.is_verified());
    }

    #[test]
    fn a_suggestion_is_the_address_with_another_place() {
        let place = json!({"city": "Bellevue", "postalCode": "98007", "firstName": "Nobody"});
        let found = answered(json!({"status": "Multiple", "suggestedAddresses": [place, {}]}));
        let found = found.expect("suggestions").suggestions;
        let mut expected = asked();
        expected.city = Some("Bellevue".into());
        expected.postal_code = Some("98007".into());
        assert_eq!(found, [expected, asked()]);
    }

    #[test]
    fn an_answer_without_a_status_is_the_older_one_or_none() {
        assert!(answered(json!({})).expect("the older one").is_verified());
        for answer in [json!({"suggestedAddresses": []}), json!({"status": " "})] {
            let error = answered(answer.clone()).expect_err("no status");
            assert_eq!(error.kind(), ErrorKind::Response, "{answer}");
        }
    }

    #[test]
    fn entities_are_characters_and_what_is_none_stays() {
        for (text, plain) in [
            ("&#39;City&#39; &amp;lt; &quot;&#x41;&quot;", "'City' &lt; \"A\""),
            (
                "a & b &; &nope; &#xFFFFFFFF; &#55296; &amp",
                "a & b &; &nope; &#xFFFFFFFF; &#55296; &amp",
            ),
            ("&äöüäöüäö;", "&äöüäöüäö;"),
            ("", ""),
        ] {
            assert_eq!(without_entities(text), plain);
        }
    }
}
