//! The models that are resources of their own: where each lives, and the calls that read and write it.

use std::fmt;
use std::future::Future;

use partner_center_api::limits::Limited;
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
        Answer, BillingProfile, Client, CustomerBillingProfile, DeserializeOwned, Document, Future,
        Limited, ResourceAttributes, Serialize, Uuid, fmt,
    };

    /// Where a model lives, and the calls that read and write it.
    pub trait Addressed:
        Limited
        + Serialize
        + DeserializeOwned
        + Clone
        + PartialEq
        + fmt::Debug
        + Send
        + Sync
        + 'static
    {
        /// What it takes to find one.
        type Address: Clone + PartialEq + fmt::Debug + Send + Sync;

        fn attributes(&self) -> Option<&ResourceAttributes>;

        fn get(api: &Client, address: &Self::Address) -> impl Future<Output = Answer<Self>> + Send;

        fn put(
            api: &Client,
            address: &Self::Address,
            if_match: &str,
            body: &Document<Self>,
        ) -> impl Future<Output = Answer<Self>> + Send;
    }

    impl Addressed for CustomerBillingProfile {
        type Address = Uuid;

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

    impl Addressed for BillingProfile {
        type Address = ();

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
}
