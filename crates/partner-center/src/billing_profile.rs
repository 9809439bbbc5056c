//! The two billing profiles, with the same words for both.

use std::fmt;

use partner_center_api::Document;
use uuid::Uuid;

use crate::client::PartnerCenter;
use crate::credential::{AppUser, Credential};
use crate::document::{self, Changes};
use crate::error::{Error, ErrorKind};
use crate::etag::ETag;
use crate::model::{Answer, Model};
use crate::models::{BillingProfile, CustomerBillingProfile};
use crate::versioned::Versioned;

impl<A: Credential> PartnerCenter<A> {
    /// The customer whose tenant has this id.
    pub fn customer(&self, id: Uuid) -> Customer<A> {
        Customer { client: self.clone(), id }
    }
}

impl PartnerCenter<AppUser> {
    /// The billing profile of the partner itself. It takes a user:
    ///
    /// ```compile_fail,E0599
    /// use partner_center::{AppOnly, PartnerCenter};
    /// let partner = PartnerCenter::builder(AppOnly::token("t")).build().unwrap();
    /// partner.billing_profile();
    /// ```
    #[must_use]
    pub fn billing_profile(&self) -> Resource<AppUser, BillingProfile> {
        Resource { client: self.clone(), address: () }
    }
}

/// A customer of the partner.
#[derive(Clone, Debug)]
#[must_use]
pub struct Customer<A> {
    client: PartnerCenter<A>,
    id: Uuid,
}

impl<A: Credential> Customer<A> {
    /// The billing profile of the customer.
    #[must_use]
    pub fn billing_profile(&self) -> Resource<A, CustomerBillingProfile> {
        Resource { client: self.client.clone(), address: self.id }
    }
}

/// A billing profile, the partner's or a customer's, that can be read and updated.
///
/// # Examples
/// ```
/// # async fn run(emulator: &partner_center_emulator::Emulator) -> Result<(), Box<dyn std::error::Error>> {
/// use partner_center::{AppOnly, PartnerCenter};
///
/// # let endpoint = emulator.url();
/// let partner = PartnerCenter::builder(AppOnly::token("emulator-app-only")).endpoint(&endpoint).build()?;
/// let resource = partner.customer("aaaa0000-bb11-2222-33cc-444444dddddd".parse()?).billing_profile();
/// let mut profile = resource.get().await?;
/// profile.email = Some("ann@example.com".into());
/// let profile = resource.update(profile).await?;
/// assert_eq!(profile.email.as_deref(), Some("ann@example.com"));
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// #     let emulator = partner_center_emulator::Emulator::start().await.unwrap();
/// #     run(&emulator).await.unwrap();
/// # });
/// ```
#[derive(Clone)]
pub struct Resource<A, T: Model> {
    client: PartnerCenter<A>,
    address: T::Address,
}

impl<A: Credential, T: Model> Resource<A, T> {
    /// Reads the profile, with its entity tag.
    ///
    /// Sends one `GET`. Safe to repeat; nothing is changed by it.
    ///
    /// # Errors
    /// [`is_not_found`](Error::is_not_found): there is no such customer. See [`ErrorKind`] for the
    /// others.
    pub async fn get(&self) -> Result<Versioned<T>, Error> {
        let call = self.client.call()?;
        let response = T::get(&call.client, &self.address).await;
        self.versioned(response, call.request_id).await
    }

    /// Writes the profile back, if it is still the one that was read.
    ///
    /// Sends one `PUT` with `If-Match`. Its body is the document as it was read, with what was
    /// changed in the model replaced: members that the model does not know stay as they were, a
    /// member that was cleared is sent as `null`, and `attributes.etag` is the one that was read.
    /// Nothing is sent when nothing was changed.
    ///
    /// Returns the profile as the service now keeps it, with its entity tag. The request is not
    /// repeated. If it fails without a response or with a 5XX status, or is dropped before it ends, the
    /// update may have been applied.
    ///
    /// # Errors
    /// [`is_conflict`](Error::is_conflict): someone else changed the profile since it was read; read
    /// it again and apply the change to that. [`ErrorKind::ReadOnly`]: `links` or `attributes` were
    /// changed in the model; nothing was sent. [`ErrorKind::NoETag`]: the service sent no entity
    /// tag when the profile was read, or one that cannot be sent back; nothing was sent.
    /// [`ErrorKind::OtherResource`]: the profile was read elsewhere; nothing was sent.
    pub async fn update(&self, profile: Versioned<T>) -> Result<Versioned<T>, Error> {
        if profile.address != self.address {
            let message = "the profile was read from another resource than it would be written to";
            return Err(Error::new(ErrorKind::OtherResource, message));
        }
        let changes = changes(&profile)?;
        if changes.is_empty() {
            return Ok(profile);
        }
        if let Some(member) = T::READ_ONLY.iter().find(|member| changes.touches(member)) {
            let message = format!("{member} belongs to the service and cannot be changed");
            return Err(Error::new(ErrorKind::ReadOnly, message));
        }
        let Some(etag) = profile.etag() else {
            let message =
                "the profile was read without an entity tag, so no update can be guarded by it";
            return Err(Error::new(ErrorKind::NoETag, message));
        };
        let unwritable =
            |error| Error::new(ErrorKind::Model, "the profile cannot be written").caused_by(error);
        let json = document::apply(profile.document(), &changes).map_err(unwritable)?;
        let body = Document::parse(json.into()).map_err(unwritable)?;
        let call = self.client.call()?;
        let response = T::put(&call.client, &self.address, &etag.to_string(), &body).await;
        self.versioned(response, call.request_id).await
    }

    async fn versioned(
        &self,
        response: Answer<T>,
        request_id: Uuid,
    ) -> Result<Versioned<T>, Error> {
        let document = match response {
            Ok(response) => response.into_inner(),
            Err(error) => return Err(Error::from_call(error, request_id).await),
        };
        let tag = document.attributes().and_then(|attributes| attributes.etag.as_deref());
        // One that is empty, weak or otherwise unfit guards no update; it does not keep anyone from reading.
        let etag = tag.filter(|tag| !tag.is_empty()).and_then(|tag| ETag::new(tag).ok());
        Ok(Versioned::new(self.address.clone(), document, etag))
    }
}

/// What was changed in the model since it was read.
fn changes<T: Model>(profile: &Versioned<T>) -> Result<Changes, Error> {
    let tree = |model: &T| {
        serde_json::to_value(model).map_err(|error| {
            Error::new(ErrorKind::Model, "the profile cannot be written").caused_by(error)
        })
    };
    Ok(Changes::between(&tree(&profile.read)?, &tree(&profile.model)?))
}

impl<A: fmt::Debug, T: Model> fmt::Debug for Resource<A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resource")
            .field("client", &self.client)
            .field("address", &self.address)
            .finish()
    }
}
