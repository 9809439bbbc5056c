//! Whether the service takes a user's sign-in for one with multi-factor authentication.

use partner_center_api::validation::{Constrained, Constraint};
use partner_center_api::{Client, ClientInfo, Document, Error as ApiError, ResponseValue};
use serde::Deserialize;
use serde_json::json;

use crate::call::read;
use crate::client::PartnerCenter;
use crate::credential::AppUser;
use crate::error::Error;
use crate::model::{Answer, Readable};
use crate::models::{CustomerCollection, ResourceAttributes};

/// The header of a response that says it.
const IS_MFA_COMPLIANT: &str = "ismfacompliant";

impl PartnerCenter<AppUser> {
    /// Asks whether the service takes the user behind the token for one who passed multi-factor authentication.
    /// `None`: it does not say.
    ///
    /// Sends `GET` for one customer, with `ValidateMfa: true`; the header `isMfaCompliant` of the answer says it
    /// (docs, partner security requirements). It is repeated as [`Retry`](crate::Retry) says. An application without
    /// a user is exempt.
    ///
    /// # Errors
    /// [`is_unauthorized`](Error::is_unauthorized) with code 900421: multi-factor authentication is enforced, and
    /// was not passed. See [`Resource::get`](crate::Resource::get) for the others.
    ///
    /// # Examples
    /// ```
    /// # partner_center_emulator::example(async |endpoint| {
    /// # use partner_center::{AppUser, PartnerCenter};
    /// # let partner = PartnerCenter::builder(AppUser::token("emulator-app-user")).endpoint(endpoint).build()?;
    /// assert_eq!(partner.is_mfa_compliant().await?, Some(true));
    /// # Ok(()) }).unwrap();
    /// ```
    pub async fn is_mfa_compliant(&self) -> Result<Option<bool>, Error> {
        let shared = &self.shared;
        let mfa: Mfa = read(shared, &shared.retry, None, "is_mfa_compliant", &()).await?;
        Ok(mfa.is_compliant)
    }
}

/// What the headers of an answer say; its body is the customers'.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Mfa {
    is_compliant: Option<bool>,
}

impl Constrained for Mfa {
    const CONSTRAINTS: &'static [(&'static str, Constraint)] = &[];
    const READ_ONLY: &'static [&'static str] = &[];
    const MEMBERS: &'static [&'static str] = &[];
    const ANY_CASE: &'static [&'static str] = &[];
}

impl Readable for Mfa {
    type Address = ();

    const TEMPLATE: &'static str = CustomerCollection::TEMPLATE;
    const NOUN: &'static str = CustomerCollection::NOUN;

    #[cfg(feature = "tracing")]
    fn path((): &()) -> String {
        Self::TEMPLATE.to_owned()
    }

    fn attributes(&self) -> Option<&ResourceAttributes> {
        None
    }

    async fn get(api: &Client, (): &()) -> Answer<Self> {
        let api = api.with_context(api.inner().clone().validate_mfa());
        let answer = api.list_customers(None, None, Some(1), None).await?;
        let said = answer.headers().get(IS_MFA_COMPLIANT).and_then(|value| value.to_str().ok());
        let is_compliant: Option<bool> =
            said.and_then(|said| said.trim().to_ascii_lowercase().parse().ok());
        let mfa = json!({ "isCompliant": is_compliant }).to_string();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mfa = Document::parse(mfa.clone().into())
            .map_err(|error| ApiError::InvalidResponsePayload(mfa.into(), error))?;
        Ok(ResponseValue::new(mfa, status, headers))
    }
}
