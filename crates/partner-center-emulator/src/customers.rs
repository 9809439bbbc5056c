//! The customers: a page of them, one of them, the company of one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Bound;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::profile::{Profile, without_nulls};
use crate::reply::{Refusal, bad_request};

/// How many customers a page has if nobody says, and at the most.
const PAGE: usize = 500;

/// The header that a page is asked for with.
pub(crate) const CONTINUATION: &str = "MS-ContinuationToken";

/// What a company profile holds, by the id of the customer. Nobody changes one.
pub(crate) type Companies = BTreeMap<Uuid, Map<String, Value>>;

/// What a page is asked for with: the query as it came, and the continuation token.
pub(crate) struct PageRequest<'a> {
    pub(crate) query: &'a str,
    pub(crate) token: Option<&'a str>,
    /// Whether the links of the page have `/v1` in front.
    pub(crate) prefix: bool,
}

/// Which customers are listed.
enum Filter {
    All,
    StartsWith {
        member: &'static str,
        value: String,
    },
    /// Those of an indirect reseller, of which there are none here.
    Nobody,
}

impl Filter {
    fn read(text: &str) -> Result<Self, Refusal> {
        let invalid = || Box::new(bad_request("The filter is invalid."));
        let filter: Value = serde_json::from_str(text).map_err(|_| invalid())?;
        let member = |name: &str| filter[name].as_str().ok_or_else(invalid);
        let (field, value, operator) = (member("Field")?, member("Value")?, member("Operator")?);
        if operator != "starts_with" {
            return Err(invalid());
        }
        let value = value.to_lowercase();
        match field {
            "CompanyName" => Ok(Self::StartsWith { member: "companyName", value }),
            "Domain" => Ok(Self::StartsWith { member: "domain", value }),
            "IndirectReseller" | "IndirectCloudSolutionProvider" => Ok(Self::Nobody),
            _ => Err(invalid()),
        }
    }

    fn has(&self, company: &Map<String, Value>) -> bool {
        match self {
            Self::All => true,
            Self::Nobody => false,
            Self::StartsWith { member, value } => company
                .get(*member)
                .and_then(Value::as_str)
                .is_some_and(|text| text.to_lowercase().starts_with(value)),
        }
    }
}

/// The page that is asked for, in the order of the ids.
///
/// # Errors
/// The refusal of a query or of a token that the service cannot take.
pub(crate) fn page(companies: &Companies, request: &PageRequest<'_>) -> Result<Value, Refusal> {
    let refuse = |text: &str| Err(Box::new(bad_request(text)));
    let (mut size, mut filter, mut seek) = (None, None, None);
    for (name, value) in form_urlencoded::parse(request.query.as_bytes()) {
        match &*name {
            "size" => size = Some(value),
            "filter" => filter = Some(value.into_owned()),
            "seekOperation" => seek = Some(value),
            _ => {}
        }
    }
    let Ok(given) = size.as_deref().unwrap_or("0").parse::<u32>() else {
        return refuse("The size is invalid.");
    };
    let size = usize::try_from(given).unwrap_or(PAGE).min(PAGE);
    let size = if size == 0 { PAGE } else { size };
    let after = match (seek.as_deref(), request.token) {
        (None, None) => None,
        (Some("Next"), Some(token)) => {
            let Some((after, continued)) = read_token::<(Uuid, Option<String>)>(token) else {
                return refuse("The continuation token is invalid.");
            };
            if filter.is_some() && filter != continued {
                return refuse("The continuation token is that of another filter.");
            }
            filter = continued;
            Some(after)
        }
        (Some("Next"), None) => return refuse("MS-ContinuationToken is required."),
        (None, Some(_)) => return refuse("seekOperation is required."),
        (Some(_), _) => return refuse("The seek operation is not supported."),
    };
    let which = filter.as_deref().map_or(Ok(Filter::All), Filter::read)?;
    let from = after.map_or(Bound::Unbounded, Bound::Excluded);
    let mut found =
        companies.range((from, Bound::Unbounded)).filter(|(_, company)| which.has(company));
    let page: Vec<_> = found.by_ref().take(size).collect();
    let prefix = if request.prefix { "/v1" } else { "" };
    let question = if request.query.is_empty() { "" } else { "?" };
    let mut links =
        json!({"self": link(&format!("{prefix}/customers{question}{}", request.query))});
    if let (Some((last, _)), Some(_)) = (page.last(), found.next()) {
        let mut next = link(&format!("{prefix}/customers?size={given}&seekOperation=Next"));
        let token = make_token(&(last, filter.as_deref()));
        next["headers"] = json!([{"key": CONTINUATION, "value": token}]);
        links["next"] = next;
    }
    Ok(json!({
        "totalCount": page.len(),
        "items": page.iter().map(|(id, company)| item(id, company)).collect::<Value>(),
        "links": links,
        "attributes": {"objectType": "Collection"},
    }))
}

/// Where a page ended, and what it is of, as text that no client reads.
pub(crate) fn make_token(place: &impl Serialize) -> String {
    let text = json!(place).to_string();
    text.bytes().fold(String::with_capacity(2 * text.len()), |mut digits, byte| {
        // Writing to a text does not fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

pub(crate) fn read_token<T: DeserializeOwned>(token: &str) -> Option<T> {
    let digits = token.as_bytes().chunks(2).map(|pair| {
        let pair = str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    serde_json::from_slice(&digits.collect::<Option<Vec<_>>>()?).ok()
}

pub(crate) fn link(uri: &str) -> Value {
    json!({"uri": uri, "method": "GET", "headers": []})
}

/// A customer as it is in a list.
fn item(id: &Uuid, company: &Map<String, Value>) -> Value {
    let mut company = company_profile(id, company);
    if let Some(company) = company.as_object_mut() {
        company.retain(|name, _| !["address", "email"].contains(&name.as_str()));
    }
    without_nulls(json!({
        "id": id,
        "companyProfile": company,
        "relationshipToPartner": "reseller",
        "links": {"self": link(&format!("/customers/{id}"))},
        "attributes": {"objectType": "Customer"},
    }))
}

/// A customer by its id.
pub(crate) fn customer(id: &Uuid, company: &Map<String, Value>, billing: &Profile) -> Value {
    json!({
        "id": id,
        // Another one than the tenant's, and the same every time.
        "commerceId": Uuid::from_u128(!id.as_u128()),
        "companyProfile": company_profile(id, company),
        "billingProfile": billing.to_json(),
        "relationshipToPartner": "reseller",
        "allowDelegatedAccess": true,
        "customDomains": company.get("domain").into_iter().collect::<Vec<_>>(),
        "links": {"self": link(&format!("/customers/{id}"))},
        "attributes": {"objectType": "Customer"},
    })
}

/// The company of a customer.
pub(crate) fn company_profile(id: &Uuid, company: &Map<String, Value>) -> Value {
    let mut profile = Map::new();
    profile.insert("tenantId".into(), id.to_string().into());
    profile.extend(company.clone());
    let uri = format!("/customers/{id}/profiles/company");
    profile.insert("links".into(), json!({"self": link(&uri)}));
    profile.insert("attributes".into(), json!({"objectType": "CustomerCompanyProfile"}));
    Value::Object(profile)
}

/// The company that a customer is given whose billing profile is all that is known: its name there, the address
/// with the state where a company has it, and a made-up domain.
pub(crate) fn company_of(id: &Uuid, billing: &Map<String, Value>) -> Map<String, Value> {
    let name = billing.get("companyName").and_then(Value::as_str).unwrap_or("Company");
    let domain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let domain = if domain.is_empty() { id.simple().to_string() } else { domain.to_lowercase() };
    let mut address = billing.get("defaultAddress").cloned().unwrap_or_default();
    if let Some(address) = address.as_object_mut() {
        if let Some(state) = address.remove("state") {
            address.insert("region".into(), state);
        }
        address.retain(|name, _| !["firstName", "lastName"].contains(&name.as_str()));
    }
    let company = without_nulls(json!({
        "domain": format!("{domain}.onmicrosoft.com"),
        "companyName": name,
        "address": address,
        "email": billing.get("email"),
    }));
    match company {
        Value::Object(company) => company,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_made_and_no_text_makes_it_panic() {
        let id = Uuid::from_u128(7);
        for filter in [None, Some("{\"Value\":\"ä\"}")] {
            let token = make_token(&(id, filter));
            assert_eq!(read_token(&token), Some((id, filter.map(str::to_owned))));
        }
        for text in ["", "0", "zz", "+1", "ä", "5b5d"] {
            assert_eq!(read_token::<(Uuid, Option<String>)>(text), None, "{text}");
        }
    }
}
