//! What is found of an address: the documented cases, and something made up for every other one.
//!
//! The inputs are those of the sample of the .NET SDK, which has one for each status.

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::profile::pascal;
use crate::reply::{Refusal, Reply};
use crate::switches::AddressAnswer;

/// Where an address is; the rest of it says whose it is, and nobody looks that up.
const PLACE: [&str; 9] = [
    "country",
    "region",
    "city",
    "state",
    "district",
    "addressLine1",
    "addressLine2",
    "addressLine3",
    "postalCode",
];

/// The one message that is documented.
const MESSAGE: &str = "Address field invalid for property: 'Region', 'PostalCode', 'City'";

/// What was found.
struct Found {
    status: &'static str,
    suggestions: Vec<Value>,
}

/// The body of the answer, or the whole answer if it has another form.
pub(crate) fn validate(
    address: &Map<String, Value>,
    answer: AddressAnswer,
) -> Result<Value, Refusal> {
    let Found { status, suggestions } = look_up(address);
    let good = ["VerifiedShippable", "Verified"].contains(&status);
    match answer {
        AddressAnswer::Status => {
            let mut body = json!({
                "originalAddress": address,
                "suggestedAddresses": suggestions,
                "status": status,
            });
            if !good {
                body["validationMessage"] = MESSAGE.into();
            }
            Ok(body)
        }
        AddressAnswer::Before2021 if good => Err(Box::new(Reply::empty(StatusCode::OK))),
        AddressAnswer::Before2021 => Err(Box::new(corrected(address, suggestions.first()))),
    }
}

fn look_up(address: &Map<String, Value>) -> Found {
    let is = |name: &str, text: &str| {
        let value = address.get(name).and_then(Value::as_str).unwrap_or_default();
        value.trim().eq_ignore_ascii_case(text)
    };
    let there = |name: &str| !is(name, "");
    let redmond = |line: &str, code: &str| json!({"country": "US", "city": "Redmond", "state": "WA", "addressLine1": line, "postalCode": code});
    let one = |status, suggestion| Found { status, suggestions: vec![suggestion] };
    let nothing = |status| Found { status, suggestions: Vec::new() };
    let way = "1 Microsoft Way";
    let washington = is("country", "US") && is("state", "WA");
    let (near, far) = (is("city", "Redmond"), is("city", "Seattle"));
    let code = is("postalCode", "98052");
    if !there("country") {
        nothing("NotValidated")
    } else if washington && near && is("addressLine1", way) && code {
        one("VerifiedShippable", redmond(way, "98052-8300"))
    } else if washington && near && is("addressLine1", way) && is("postalCode", "98052-8300") {
        one("Verified", redmond(way, "98052-8300"))
    } else if washington && far && is("addressLine1", way) && code {
        one("InteractionRequired", redmond(way, "98052-8300"))
    } else if washington && near && is("addressLine1", "Microsoft Way") && code {
        one("StreetPartial", redmond(way, "98052-6399"))
    } else if washington && near && is("addressLine1", "3 Microsoft Way") && code {
        one("PremisesPartial", redmond(way, "98052-8300"))
    } else if is("country", "MD") && is("addressLine1", "1 Strada Dacia") {
        let street = |line: String| json!({"country": "MD", "region": "Anenii Noi", "city": "Bulboac", "addressLine1": line, "postalCode": "6512"});
        let houses = ["1", "1A", "1B"].map(|house| street(format!("{house} Strada Dacia")));
        Found { status: "Multiple", suggestions: houses.into() }
    } else if washington && far && is("postalCode", "98055") {
        nothing("None")
    } else if ["addressLine1", "city", "postalCode"].into_iter().all(there) {
        // Nobody knows: what looks like an address is one.
        let place = address.iter().filter(|(name, _)| PLACE.contains(&name.as_str()));
        one("Verified", place.map(|(name, value)| (name.clone(), value.clone())).collect())
    } else {
        nothing("None")
    }
}

/// What a wrong address got before 2021: JSON in the description, in names with underscores, and the state where a
/// company has it.
fn corrected(address: &Map<String, Value>, suggestion: Option<&Value>) -> Reply {
    let mut inner = json!({
        "code": "60071",
        "reason": "AddressInvalid - Details: The address is not found.",
        "object_type": "AddressValidation",
        "resource_status": "Active",
    });
    if let Some(Value::Object(place)) = suggestion {
        let renamed = place.iter().map(|(name, value)| {
            let name = match name.as_str() {
                "state" => "region",
                "addressLine1" => "address_line1",
                "addressLine2" => "address_line2",
                "addressLine3" => "address_line3",
                "postalCode" => "postal_code",
                other => other,
            };
            (name.to_owned(), value.clone())
        });
        inner["corrected_address"] = renamed.collect();
        // The first that differs; apostrophes as the page prints them.
        if let Some((name, new)) =
            place.iter().find(|(name, value)| address.get(*name) != Some(value))
        {
            let text = |value: Option<&Value>| {
                value.and_then(Value::as_str).unwrap_or_default().replace('\'', "&#39;")
            };
            let (old, new) = (text(address.get(name)), text(Some(new)));
            let name = pascal(name.clone());
            let reason = format!(
                "{name}Invalid - Details: Field - &#39;{name}&#39; is corrected from OldValue: \
                 &#39;{old}&#39; to NewValue: &#39;{new}&#39;."
            );
            inner["reason"] = reason.into();
        }
    }
    Reply::fault(StatusCode::BAD_REQUEST, 2007, &inner.to_string())
}
