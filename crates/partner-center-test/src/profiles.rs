//! Ready-made profiles, without a network: for functions that are given one.
//!
//! What a client reads, that client alone can write. Where a function writes the profile too, have a
//! [`TestService`](crate::TestService) and read it there.

use std::sync::OnceLock;

use partner_center::models::{BillingProfile, CustomerBillingProfile};
use partner_center::{AppUser, Model, PartnerCenter, Versioned};
use serde_json::{Value, json};

use crate::service::CUSTOMER;

/// The documented sample of a customer's profile, as it was read.
///
/// # Examples
/// ```
/// use partner_center::{Versioned, models::CustomerBillingProfile};
/// use partner_center_test::profiles;
///
/// fn greeting(profile: &Versioned<CustomerBillingProfile>) -> String {
///     format!("Dear {},", profile.first_name.as_deref().unwrap_or("customer"))
/// }
///
/// let mut profile = profiles::customer();
/// assert_eq!(greeting(&profile), "Dear FirstName,");
/// profile.first_name = None;
/// assert_eq!(greeting(&profile), "Dear customer,");
/// assert_eq!(profile.changes()?[0].pointer, "/firstName");
/// # Ok::<(), partner_center::Error>(())
/// ```
pub fn customer() -> Versioned<CustomerBillingProfile> {
    read(&json!({
        "id": "a58ceba5-60ac-48e4-a0bc-2a855811807a",
        "firstName": "FirstName",
        "lastName": "LastName",
        "email": "email@sample.com",
        "culture": "en-US",
        "language": "en",
        "companyName": "CompanyName",
        "defaultAddress": {
            "country": "US",
            "city": "Redmond",
            "state": "WA",
            "addressLine1": "1 Microsoft Way",
            "postalCode": "98052",
            "firstName": "FirstName",
            "lastName": "LastName",
            "phoneNumber": "4255555555",
        },
        "links": {"self": {
            "uri": format!("/customers/{CUSTOMER}/profiles/billing"), "method": "GET", "headers": [],
        }},
        "attributes": {"etag": "-982543900649999237", "objectType": "CustomerBillingProfile"},
    }))
}

/// The documented sample of the partner's own profile, as it was read.
///
/// # Examples
/// ```
/// let profile = partner_center_test::profiles::partner();
/// assert_eq!(profile.purchase_order_number.as_deref(), Some("9888"));
/// assert!(profile.etag().is_some());
/// ```
pub fn partner() -> Versioned<BillingProfile> {
    read(&json!({
        "companyName": "TEST_TEST_BugBash1",
        "address": {
            "country": "US",
            "city": "Redmond",
            "state": "WA",
            "addressLine1": "1 Microsoft Way",
            "addressLine2": "",
            "postalCode": "98052",
        },
        "primaryContact": {"firstName": "James", "lastName": "Burk", "phoneNumber": "2066017143"},
        "purchaseOrderNumber": "9888",
        "taxId": "12-345678",
        "billingCurrency": "USD",
        "profileType": "BillingProfile",
        "links": {"self": {"uri": "/profiles/billing", "method": "GET", "headers": []}},
        "attributes": {"etag": "-8304433351168298390", "objectType": "BillingProfile"},
    }))
}

/// A profile as it is read from this document. The profile of a customer is that of
/// [`CUSTOMER`].
///
/// # Panics
/// Where the document is not one of such a profile.
///
/// # Examples
/// ```
/// use partner_center::{Versioned, models::CustomerBillingProfile};
/// use partner_center_test::profiles;
/// use serde_json::json;
///
/// let profile: Versioned<CustomerBillingProfile> = profiles::read(&json!({"email": "ann@example.com"}));
/// assert_eq!(profile.email.as_deref(), Some("ann@example.com"));
/// assert_eq!(profile.etag(), None);
/// ```
#[track_caller]
pub fn read<T: Offline>(document: &Value) -> Versioned<T> {
    match T::resume(document.to_string()) {
        Ok(profile) => profile,
        Err(error) => panic!("{error}"),
    }
}

/// What is read after someone else has changed a ready-made profile like this: the changed document, with
/// another entity tag. What was changed in `profile` itself is not in it.
///
/// # Panics
/// Where the changed profile cannot be written as JSON.
///
/// # Examples
/// ```
/// use partner_center_test::profiles;
///
/// let base = profiles::customer();
/// let theirs = profiles::changed(&base, |profile| profile.email = None);
/// assert_eq!(theirs.email, None);
/// assert_ne!(theirs.etag(), base.etag());
/// assert!(!theirs.is_dirty()?);
/// # Ok::<(), partner_center::Error>(())
/// ```
#[track_caller]
pub fn changed<T: Offline>(profile: &Versioned<T>, change: impl FnOnce(&mut T)) -> Versioned<T> {
    let mut theirs = profile.clone();
    theirs.revert();
    let mut model = theirs.into_model();
    change(&mut model);
    let mut document = match T::to_json(&model) {
        Ok(document) => document,
        Err(error) => panic!("the changed profile cannot be written: {error}"),
    };
    let tag = profile.etag().map_or("", |tag| tag.as_str());
    document["attributes"]["etag"] = format!("{tag}1").into();
    read(&document)
}

/// A model of which there can be profiles without a network: both are.
///
/// # Examples
/// ```
/// use partner_center::models::{BillingProfile, CustomerBillingProfile};
/// use partner_center_test::profiles::{Offline, read};
///
/// /// Whether a profile with nothing in it is one.
/// fn is_one<T: Offline>() -> bool {
///     !read::<T>(&serde_json::json!({})).is_dirty().unwrap()
/// }
///
/// assert!(is_one::<CustomerBillingProfile>() && is_one::<BillingProfile>());
/// ```
pub trait Offline: Model {
    #[doc(hidden)]
    fn resume(document: String) -> Result<Versioned<Self>, partner_center::Error>;

    #[doc(hidden)]
    fn to_json(&self) -> serde_json::Result<Value>;
}

impl Offline for CustomerBillingProfile {
    fn resume(document: String) -> Result<Versioned<Self>, partner_center::Error> {
        client().customer(CUSTOMER).billing_profile().resume(document, None)
    }

    fn to_json(&self) -> serde_json::Result<Value> {
        serde_json::to_value(self)
    }
}

impl Offline for BillingProfile {
    fn resume(document: String) -> Result<Versioned<Self>, partner_center::Error> {
        client().billing_profile().resume(document, None)
    }

    fn to_json(&self) -> serde_json::Result<Value> {
        serde_json::to_value(self)
    }
}

/// The client of all ready-made profiles, which sends nothing: one, so that they can conflict.
pub(crate) fn client() -> &'static PartnerCenter<AppUser> {
    static CLIENT: OnceLock<PartnerCenter<AppUser>> = OnceLock::new();
    CLIENT.get_or_init(|| {
        // Nothing answers on the discard port.
        let builder =
            PartnerCenter::builder(AppUser::token("offline")).endpoint("http://127.0.0.1:9");
        builder.build().expect("a client that is not asked for TLS can be built")
    })
}
