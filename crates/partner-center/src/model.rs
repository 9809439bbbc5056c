//! The models that are resources of their own: where each lives, and the calls that read and write it.

use std::fmt;
use std::future::Future;

use partner_center_api::validation::Constrained;
use partner_center_api::{ByteStream, Client, Document, ResponseValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::models::{BillingProfile, CustomerBillingProfile, ResourceAttributes};

pub(crate) type Answer<T> =
    Result<ResponseValue<Document<T>>, partner_center_api::Error<ByteStream>>;

/// A model that is a resource of its own. It is sealed: the service has two.
pub trait Model: sealed::Addressed {}

impl Model for CustomerBillingProfile {}
impl Model for BillingProfile {}

pub(crate) mod sealed {
    use super::{
        Answer, BillingProfile, Client, Constrained, CustomerBillingProfile, DeserializeOwned,
        Document, Future, ResourceAttributes, Serialize, Uuid, fmt,
    };

    /// Where a model lives, and the calls that read and write it.
    pub trait Addressed:
        Constrained
        + Serialize
        + DeserializeOwned
        + Clone
        + Default
        + PartialEq
        + fmt::Debug
        + Send
        + Sync
        + 'static
    {
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

        /// The path of one.
        #[cfg(feature = "tracing")]
        fn path(address: &Self::Address) -> String;

        fn attributes(&self) -> Option<&ResourceAttributes>;

        /// Where the resource says that it is, `links.self.uri`.
        fn self_uri(&self) -> Option<&str>;

        /// Whether a resource that says that it is at `uri` is the one at `address`. The service writes it
        /// with `/v1` in front, or without (docs, samples).
        fn is_at(uri: &str, address: &Self::Address) -> bool;

        fn get(api: &Client, address: &Self::Address) -> impl Future<Output = Answer<Self>> + Send;

        fn put(
            api: &Client,
            address: &Self::Address,
            if_match: &str,
            body: &Document<Self>,
        ) -> impl Future<Output = Answer<Self>> + Send;
    }

    /// The customer whose resource is at `uri`.
    fn customer_of(uri: &str) -> Option<&str> {
        let mut segments = uri.split(['/', '?']);
        segments.find(|segment| segment.eq_ignore_ascii_case("customers"))?;
        segments.next()
    }

    impl Addressed for CustomerBillingProfile {
        type Address = Uuid;

        const TEMPLATE: &'static str = "/v1/customers/{customer-tenant-id}/profiles/billing";

        #[cfg(feature = "tracing")]
        fn path(customer: &Uuid) -> String {
            Self::TEMPLATE.replace("{customer-tenant-id}", &customer.to_string())
        }

        fn attributes(&self) -> Option<&ResourceAttributes> {
            self.attributes.as_ref()
        }

        fn self_uri(&self) -> Option<&str> {
            self.links.as_ref()?.self_.as_ref()?.uri.as_deref()
        }

        fn is_at(uri: &str, customer: &Uuid) -> bool {
            customer_of(uri).is_some_and(|id| id.parse() == Ok(*customer))
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

    impl Addressed for BillingProfile {
        type Address = ();

        const TEMPLATE: &'static str = "/v1/profiles/billing";

        #[cfg(feature = "tracing")]
        fn path((): &()) -> String {
            Self::TEMPLATE.to_owned()
        }

        fn attributes(&self) -> Option<&ResourceAttributes> {
            self.attributes.as_ref()
        }

        fn self_uri(&self) -> Option<&str> {
            self.links.as_ref()?.self_.as_ref()?.uri.as_deref()
        }

        fn is_at(uri: &str, (): &()) -> bool {
            customer_of(uri).is_none()
        }

        async fn get(api: &Client, (): &()) -> Answer<Self> {
            api.get_partner_billing_profile().await
        }

        async fn put(api: &Client, (): &(), if_match: &str, body: &Document<Self>) -> Answer<Self> {
            api.update_partner_billing_profile(Some(if_match), body).await
        }
    }
}
