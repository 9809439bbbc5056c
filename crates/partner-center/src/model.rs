//! The models that are resources of their own: where each lives, and the calls that read and write it.

use std::fmt;
use std::future::Future;

use bytes::Bytes;
use partner_center_api::types::AddressValidation;
use partner_center_api::validation::Constrained;
use partner_center_api::{ByteStream, Client, Document, ResponseValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::models::{
    Address, AuditRecordCollection, BillingProfile, CountryValidationRules, Customer,
    CustomerBillingProfile, CustomerCollection, CustomerCompanyProfile, ResourceAttributes,
};
use crate::paging::Query;

pub(crate) type Answer<T> =
    Result<ResponseValue<Document<T>>, partner_center_api::Error<ByteStream>>;

/// A model that is a resource of its own. It is sealed: the service has two.
pub trait Model: sealed::Addressed {}

impl Model for CustomerBillingProfile {}
impl Model for BillingProfile {}

pub(crate) use sealed::Readable;

pub(crate) mod sealed {
    use super::{
        Address, AddressValidation, Answer, AuditRecordCollection, BillingProfile, Bytes, Client,
        Constrained, CountryValidationRules, Customer, CustomerBillingProfile, CustomerCollection,
        CustomerCompanyProfile, DeserializeOwned, Document, Future, Query, ResourceAttributes,
        Serialize, Uuid, fmt,
    };

    /// Where something lives that can be read, and the call that reads it.
    pub trait Readable: Constrained + DeserializeOwned + Send + Sync + 'static {
        /// What it takes to find one.
        type Address: Clone
            + PartialEq
            + fmt::Debug
            + Serialize
            + DeserializeOwned
            + Send
            + Sync
            + 'static;

        /// The path of the resource in the contract.
        const TEMPLATE: &'static str;

        /// The method that reads one.
        const METHOD: &'static str = "GET";

        /// The path of one.
        #[cfg(feature = "tracing")]
        fn path(address: &Self::Address) -> String;

        /// What an answer should be, for whoever gets another one.
        const NOUN: &'static str;

        fn attributes(&self) -> Option<&ResourceAttributes>;

        fn get(api: &Client, address: &Self::Address) -> impl Future<Output = Answer<Self>> + Send;

        /// Writes it, if it can be written.
        fn put(
            _: &Client,
            _: &Self::Address,
            _: &str,
            _: &Document<Self>,
        ) -> impl Future<Output = Answer<Self>> + Send {
            let why = "this can only be read".to_owned();
            std::future::ready(Err(partner_center_api::Error::InvalidRequest(why)))
        }
    }

    /// Where a model lives that can be written, too.
    pub trait Addressed: Readable + Serialize + Clone + Default + PartialEq + fmt::Debug {
        /// Where the resource says that it is, `links.self.uri`.
        fn self_uri(&self) -> Option<&str>;

        /// Whether a resource that says that it is at `uri` is the one at `address`. The service writes it
        /// with `/v1` in front, or without (docs, samples).
        fn is_at(uri: &str, address: &Self::Address) -> bool;
    }

    /// The customer whose resource is at `uri`.
    fn customer_of(uri: &str) -> Option<&str> {
        let mut segments = uri.split(['/', '?']);
        segments.find(|segment| segment.eq_ignore_ascii_case("customers"))?;
        segments.next()
    }

    impl Readable for CustomerBillingProfile {
        type Address = Uuid;

        const TEMPLATE: &'static str = "/v1/customers/{customer-tenant-id}/profiles/billing";
        const NOUN: &'static str = "a billing profile";

        #[cfg(feature = "tracing")]
        fn path(customer: &Uuid) -> String {
            Self::TEMPLATE.replace("{customer-tenant-id}", &customer.to_string())
        }

        fn attributes(&self) -> Option<&ResourceAttributes> {
            self.attributes.as_ref()
        }

        async fn get(api: &Client, customer: &Uuid) -> Answer<Self> {
            api.get_customer_billing_profile(customer).await
        }

        async fn put(
            api: &Client,
            customer: &Uuid,
            if_match: &str,
            body: &Document<Self>,
        ) -> Answer<Self> {
            api.update_customer_billing_profile(customer, if_match, body).await
        }
    }

    impl Addressed for CustomerBillingProfile {
        fn self_uri(&self) -> Option<&str> {
            self.links.as_ref()?.self_.as_ref()?.uri.as_deref()
        }

        fn is_at(uri: &str, customer: &Uuid) -> bool {
            customer_of(uri).is_some_and(|id| id.parse() == Ok(*customer))
        }
    }

    impl Readable for BillingProfile {
        type Address = ();

        const TEMPLATE: &'static str = "/v1/profiles/billing";
        const NOUN: &'static str = "a billing profile";

        #[cfg(feature = "tracing")]
        fn path((): &()) -> String {
            Self::TEMPLATE.to_owned()
        }

        fn attributes(&self) -> Option<&ResourceAttributes> {
            self.attributes.as_ref()
        }

        async fn get(api: &Client, (): &()) -> Answer<Self> {
            api.get_partner_billing_profile().await
        }

        async fn put(api: &Client, (): &(), if_match: &str, body: &Document<Self>) -> Answer<Self> {
            api.update_partner_billing_profile(Some(if_match), body).await
        }
    }

    impl Addressed for BillingProfile {
        fn self_uri(&self) -> Option<&str> {
            self.links.as_ref()?.self_.as_ref()?.uri.as_deref()
        }

        fn is_at(uri: &str, (): &()) -> bool {
            customer_of(uri).is_none()
        }
    }

    impl Readable for Customer {
        type Address = Uuid;

        const TEMPLATE: &'static str = "/v1/customers/{customer-tenant-id}";
        const NOUN: &'static str = "a customer";

        #[cfg(feature = "tracing")]
        fn path(customer: &Uuid) -> String {
            Self::TEMPLATE.replace("{customer-tenant-id}", &customer.to_string())
        }

        fn attributes(&self) -> Option<&ResourceAttributes> {
            self.attributes.as_ref()
        }

        async fn get(api: &Client, customer: &Uuid) -> Answer<Self> {
            api.get_customer(customer).await
        }
    }

    impl Readable for CustomerCollection {
        type Address = Query;

        const TEMPLATE: &'static str = "/v1/customers";
        const NOUN: &'static str = "a list of customers";

        /// Without the query, in which a name may be searched for.
        #[cfg(feature = "tracing")]
        fn path(_: &Query) -> String {
            Self::TEMPLATE.to_owned()
        }

        fn attributes(&self) -> Option<&ResourceAttributes> {
            self.attributes.as_ref()
        }

        async fn get(api: &Client, query: &Query) -> Answer<Self> {
            let Query { size, filter, seek, token, .. } = query;
            let (filter, seek, token) = (filter.as_deref(), seek.as_deref(), token.as_deref());
            api.list_customers(filter, seek, *size, token).await
        }
    }

    impl Readable for CustomerCompanyProfile {
        type Address = Uuid;

        const TEMPLATE: &'static str = "/v1/customers/{customer-tenant-id}/profiles/company";
        const NOUN: &'static str = "a company profile";

        #[cfg(feature = "tracing")]
        fn path(customer: &Uuid) -> String {
            Self::TEMPLATE.replace("{customer-tenant-id}", &customer.to_string())
        }

        fn attributes(&self) -> Option<&ResourceAttributes> {
            self.attributes.as_ref()
        }

        async fn get(api: &Client, customer: &Uuid) -> Answer<Self> {
            api.get_customer_company_profile(customer).await
        }
    }

    impl Readable for AuditRecordCollection {
        type Address = Query;

        const TEMPLATE: &'static str = "/v1/auditrecords";
        const NOUN: &'static str = "a list of audit records";

        /// Without the query, in which the customer is.
        #[cfg(feature = "tracing")]
        fn path(_: &Query) -> String {
            Self::TEMPLATE.to_owned()
        }

        fn attributes(&self) -> Option<&ResourceAttributes> {
            self.attributes.as_ref()
        }

        async fn get(api: &Client, query: &Query) -> Answer<Self> {
            let Query { size, filter, seek, token, start, end, continuation } = query;
            let (filter, start, end) = (filter.as_deref(), start.as_deref(), end.as_deref());
            let (seek, token) = (seek.as_deref(), token.as_deref());
            let continuation = continuation.as_deref();
            api.list_audit_records(end, filter, continuation, seek, *size, start, token).await
        }
    }

    impl Readable for AddressValidation {
        type Address = Address;

        const TEMPLATE: &'static str = "/v1/validations/address";
        const NOUN: &'static str = "what is found of an address";
        /// Nothing is changed by it.
        const METHOD: &'static str = "POST";

        #[cfg(feature = "tracing")]
        fn path(_: &Address) -> String {
            Self::TEMPLATE.to_owned()
        }

        fn attributes(&self) -> Option<&ResourceAttributes> {
            self.attributes.as_ref()
        }

        async fn get(api: &Client, address: &Address) -> Answer<Self> {
            use partner_center_api::{Error, ResponseValue};
            let unsent = |error: serde_json::Error| Error::InvalidRequest(error.to_string());
            let body = Document::new(address.clone()).map_err(unsent)?;
            match api.validate_address(&body).await {
                // Before 2021 an address that is good got 200 and no body.
                Err(Error::InvalidResponsePayload(body, error)) if body.trim_ascii().is_empty() => {
                    let nothing = Document::parse(Bytes::from_static(b"{}"));
                    let nothing =
                        nothing.map_err(|_| Error::InvalidResponsePayload(body, error))?;
                    let headers = reqwest::header::HeaderMap::new();
                    Ok(ResponseValue::new(nothing, reqwest::StatusCode::OK, headers))
                }
                answer => answer,
            }
        }
    }

    impl Readable for CountryValidationRules {
        /// The code of the country.
        type Address = String;

        const TEMPLATE: &'static str = "/v1/countryvalidationrules/{iso2}";
        const NOUN: &'static str = "the rules of a country";

        #[cfg(feature = "tracing")]
        fn path(country: &String) -> String {
            Self::TEMPLATE.replace("{iso2}", country)
        }

        fn attributes(&self) -> Option<&ResourceAttributes> {
            self.attributes.as_ref()
        }

        async fn get(api: &Client, country: &String) -> Answer<Self> {
            let invalid = |_| partner_center_api::Error::InvalidRequest("no country".to_owned());
            let country = country.parse().map_err(invalid)?;
            api.get_country_validation_rules(&country).await
        }
    }
}
