//! The resources: seeded, generated, loaded from a file and saved to it.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::audit::Log;
use crate::customers::{Companies, company_of};
use crate::profile::Profile;

/// The customer of the documented sample of GET.
pub const SAMPLE_CUSTOMER: &str = "aaaa0000-bb11-2222-33cc-444444dddddd";

/// The customer of another documented sample, with an address and a phone number of its own.
pub const OTHER_CUSTOMER: &str = "eebd1b55-5360-4438-a11d-5c06918c3014";

/// A customer that exists and has no relationship with the partner.
pub const STRANGER_CUSTOMER: &str = "bbbb1111-cc22-3333-44dd-555555eeeeee";

const SAMPLE: &str =
    include_str!("../../../openapi/examples/get-customer-billing-profile.response.json");
const OTHER: &str =
    include_str!("../../../openapi/examples/customer-by-id-billing-profile.response.json");
const CUSTOMER: &str = include_str!("../../../openapi/examples/get-customer.response.json");
const PARTNER: &str =
    include_str!("../../../openapi/examples/get-partner-billing-profile.response.json");

/// The id of the billing profile in the documented sample of PUT; the one of GET has a placeholder.
const SAMPLE_PROFILE_ID: &str = "a58ceba5-60ac-48e4-a0bc-2a855811807a";

/// All resources.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(crate) customers: HashMap<Uuid, Profile>,
    /// One for each customer.
    pub(crate) companies: Companies,
    pub(crate) partner: Profile,
    /// What was done to the customers' profiles.
    pub(crate) audit: Log,
}

impl Store {
    /// The documented samples, and `customers` generated ones, the same for the same `seed`.
    pub(crate) fn seeded(customers: usize, seed: u64) -> Self {
        let mut store = Self {
            customers: HashMap::with_capacity(customers + 2),
            companies: Companies::new(),
            partner: partner(object(PARTNER)),
            audit: Log::default(),
        };
        for (id, sample) in [(SAMPLE_CUSTOMER, SAMPLE), (OTHER_CUSTOMER, OTHER)] {
            let body = object(sample);
            let given =
                body.get("id").and_then(Value::as_str).filter(|id| Uuid::parse_str(id).is_ok());
            let profile_id = given.unwrap_or(SAMPLE_PROFILE_ID).to_owned();
            store.insert(id, profile_id, body);
        }
        // The name of the company is another one than that in the billing profile.
        if let (Ok(id), Some(company)) = (Uuid::parse_str(OTHER_CUSTOMER), company(CUSTOMER)) {
            store.companies.insert(id, company);
        }
        let mut random = fastrand::Rng::with_seed(seed);
        let mut guid =
            || uuid::Builder::from_random_bytes(random.u128(..).to_be_bytes()).into_uuid();
        for number in 1..=customers {
            let (id, profile_id) = (guid(), guid().to_string());
            store.insert(&id.to_string(), profile_id, generated(number));
        }
        store
    }

    fn insert(&mut self, id: &str, profile_id: String, body: Map<String, Value>) {
        if let Ok(guid) = Uuid::parse_str(id) {
            self.companies.insert(guid, company_of(&guid, &body));
            self.customers.insert(guid, customer(&guid, profile_id, body));
        }
    }

    /// What [`Store::load`] reads: the members that the clients own, customers in the order of their
    /// ids.
    pub(crate) fn to_json(&self) -> Value {
        let mut customers: Vec<_> = self.customers.iter().collect();
        customers.sort_by_key(|(id, _)| **id);
        let customers = customers.into_iter().map(|(id, profile)| {
            let mut content = Map::new();
            content.insert("id".into(), profile.id().into());
            content.extend(profile.content().clone());
            (id.to_string(), Value::Object(content))
        });
        let companies = self.companies.iter().map(|(id, company)| (id.to_string(), company));
        json!({
            "customers": customers.collect::<Map<_, _>>(),
            "companies": companies.map(|(id, it)| (id, it.clone().into())).collect::<Map<_, _>>(),
            "partner": self.partner.content(),
            "auditRecords": self.audit.to_json(),
        })
    }

    /// Reads a state, as [`Store::to_json`] writes it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn from_json(json: &[u8]) -> Result<Self, String> {
        let state: Value =
            serde_json::from_slice(json).map_err(|error| format!("not JSON: {error}"))?;
        let member = |name: &str| {
            state[name].as_object().ok_or_else(|| format!("`{name}` is not an object"))
        };
        let mut store = Self {
            customers: HashMap::new(),
            companies: Companies::new(),
            partner: partner(member("partner")?.clone()),
            // Whoever wrote the file by hand may have left them out.
            audit: state.get("auditRecords").cloned().map_or(Ok(Log::default()), Log::from_json)?,
        };
        for (id, body) in member("customers")? {
            let guid =
                Uuid::parse_str(id).map_err(|_| format!("the customer id `{id}` is not a GUID"))?;
            let body =
                body.as_object().ok_or_else(|| format!("the profile of {id} is not an object"))?;
            let profile_id =
                body.get("id").and_then(Value::as_str).unwrap_or(SAMPLE_PROFILE_ID).to_owned();
            // This one, too.
            let company = state["companies"][id.as_str()].as_object().cloned();
            let company = company.unwrap_or_else(|| company_of(&guid, body));
            store.companies.insert(guid, company);
            store.customers.insert(guid, customer(&guid, profile_id, body.clone()));
        }
        Ok(store)
    }

    /// Reads the state in `path`; `None` if there is no such file yet.
    pub(crate) fn load(path: &Path) -> std::io::Result<Option<Self>> {
        let json = match std::fs::read(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            json => json?,
        };
        let invalid = |why| {
            std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                format!("{}: {why}", path.display()),
            )
        };
        Self::from_json(&json).map(Some).map_err(invalid)
    }
}

/// Replaces the file at `path` by `state`, as a whole or not at all.
pub(crate) fn save(path: &Path, state: &Value) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    std::fs::write(&new, state.to_string())?;
    std::fs::rename(&new, path)
}

fn customer(id: &Uuid, profile_id: String, body: Map<String, Value>) -> Profile {
    let uri = format!("/customers/{id}/profiles/billing");
    Profile::new("CustomerBillingProfile", uri, Some(profile_id), body)
}

fn partner(body: Map<String, Value>) -> Profile {
    Profile::new("BillingProfile", "/profiles/billing".into(), None, body)
}

fn generated(number: usize) -> Map<String, Value> {
    object(
        &json!({
            "firstName": "Customer",
            "lastName": format!("Number {number}"),
            "email": format!("customer{number}@example.com"),
            "culture": "en-US",
            "language": "en",
            "companyName": format!("Company {number}"),
            "defaultAddress": {
                "country": "US",
                "city": "Redmond",
                "state": "WA",
                "addressLine1": format!("{number} Example Way"),
                "postalCode": "98052",
                "phoneNumber": "4255550100",
            },
        })
        .to_string(),
    )
}

/// What the company of a customer holds, in the documented sample of one.
fn company(sample: &str) -> Option<Map<String, Value>> {
    let mut company = object(sample).get("companyProfile")?.as_object()?.clone();
    company.retain(|name, _| !["tenantId", "links", "attributes"].contains(&name.as_str()));
    Some(company)
}

/// The documented samples are objects, which a test of the contract holds them to.
fn object(sample: &str) -> Map<String, Value> {
    serde_json::from_str(sample).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_customers_are_the_same_for_the_same_seed() {
        let state = |seed| Store::seeded(20, seed).to_json();
        assert_eq!(state(1), state(1));
        assert_ne!(state(1), state(2));
        assert_eq!(state(1)["customers"].as_object().expect("customers").len(), 22);
    }

    #[test]
    fn a_state_is_read_as_it_was_written() {
        let store = Store::seeded(2, 1);
        let read = Store::from_json(store.to_json().to_string().as_bytes()).expect("a state");
        assert_eq!(read.to_json(), store.to_json());
        for (id, profile) in &store.customers {
            assert_eq!(read.customers[id].body(true), profile.body(true));
        }
        assert_eq!(read.partner.body(true), store.partner.body(true));
    }

    #[test]
    fn a_broken_state_says_what_is_wrong() {
        for (json, why) in [
            ("", "not JSON"),
            ("{}", "`partner` is not an object"),
            (r#"{"partner":{},"customers":{"x":{}}}"#, "`x` is not a GUID"),
        ] {
            let error = Store::from_json(json.as_bytes()).expect_err(json);
            assert!(error.contains(why), "{json}: {error}");
        }
    }
}
