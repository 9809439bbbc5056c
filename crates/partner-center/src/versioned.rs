//! A model, its entity tag and the document it was read from travel together.

mod stored;

use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use bytes::Bytes;
use partner_center_api::pointer::Pointer;
use partner_center_api::{ClientInfo, Document};
use serde_json::value::RawValue;

use crate::client::Shared;
use crate::document::{Change, Changes};
use crate::error::{Error, ErrorKind};
use crate::etag::StrongETag;
use crate::exact::{Leaf, exactly, exactly_at, leaves};
use crate::model::Model;
use crate::version::Version;

/// How much longer than the document the text of a model is expected to be, in bytes.
const SLACK: usize = 64;

/// A resource as it was read, and what its reader made of it since.
///
/// Derefs to the model. Change the model and give it to [`Resource::update`](crate::Resource::update):
/// what is sent is the document as it was read, with what was changed in the model replaced.
///
/// # Examples
/// ```
/// # partner_center_emulator::example(async |endpoint| {
/// # use partner_center::{AppOnly, PartnerCenter};
/// # let partner = PartnerCenter::builder(AppOnly::token("emulator-app-only")).endpoint(endpoint).build()?;
/// # let customer = "aaaa0000-bb11-2222-33cc-444444dddddd".parse()?;
/// let mut profile = partner.customer(customer).billing_profile().get().await?;
/// profile.email = Some("ann@example.com".into());
///
/// let changes = profile.changes()?;
/// assert_eq!(changes[0].pointer, "/email");
/// profile.revert();
/// assert!(!profile.is_dirty()?);
/// # Ok(()) }).unwrap();
/// ```
///
/// # Stored and loaded
/// With serde it is stored as it is, with what was changed and not yet written, and loaded by another process
/// that writes it: a form is filled in today and sent tomorrow. It can be written where it was read alone:
/// the address of the service and the customer are stored too. Whose the own profile of a partner is, nothing
/// in it says: there the entity tag is the only guard. Keep what is stored as you keep the profile itself: it
/// is personal data, and whoever can change it can change what is written. Any format that names what it
/// stores will do, such as JSON.
///
/// ```
/// # partner_center_emulator::example(async |endpoint| {
/// # use partner_center::{AppUser, PartnerCenter};
/// use partner_center::{Versioned, models::BillingProfile};
///
/// # let partner = PartnerCenter::builder(AppUser::token("emulator-app-user")).endpoint(endpoint).build()?;
/// let own = partner.billing_profile();
/// let mut draft = own.get().await?;
/// draft.purchase_order_number = Some("9889".into());
/// let stored = serde_json::to_string(&draft)?;
///
/// let loaded: Versioned<BillingProfile> = serde_json::from_str(&stored)?;
/// let written = own.update(&loaded).await?; // a conflict if someone else wrote in between
/// assert_eq!(written.purchase_order_number.as_deref(), Some("9889"));
/// # Ok(()) }).unwrap();
/// ```
#[derive(Clone)]
#[must_use = "it has the entity tag that the next update is based on"]
pub struct Versioned<T: Model> {
    read: Read<T>,
    model: T,
    touched: bool,
    recovered: bool,
    /// What is written digit for digit.
    exact: Vec<Leaf>,
}

/// A resource as it was read.
#[derive(Clone)]
struct Read<T: Model> {
    /// By whom and where it was read, and can be written: entity tags of two services, or of two
    /// partners, say nothing of each other.
    origin: Origin,
    address: T::Address,
    json: Bytes,
    version: Version,
    /// The model as this crate writes it, from when it was first touched. What was changed is found by
    /// comparing with that: a text is made faster than a copy of the model.
    text: Option<String>,
}

/// Who read a resource.
#[derive(Clone)]
enum Origin {
    Client(Arc<Shared>),
    /// Another process, of which only the address of the service is known.
    Stored {
        endpoint: String,
    },
}

impl Origin {
    fn endpoint(&self) -> &str {
        match self {
            Self::Client(client) => client.api.baseurl(),
            Self::Stored { endpoint } => endpoint,
        }
    }
}

impl<T: Model> Versioned<T> {
    pub(crate) fn new(
        client: Arc<Shared>,
        address: T::Address,
        read: Document<T>,
        version: Version,
    ) -> Self {
        Self::of(Origin::Client(client), address, read, version)
    }

    fn of(origin: Origin, address: T::Address, read: Document<T>, version: Version) -> Self {
        let (json, model) = read.into_parts();
        let read = Read { origin, address, json, version, text: None };
        Self { read, model, touched: false, recovered: false, exact: Vec::new() }
    }

    pub(crate) fn with_model(mut self, model: T) -> Self {
        *self = model; // by way of `DerefMut`, which keeps what was read
        self
    }

    pub(crate) fn with_exact(mut self, exact: Vec<Leaf>) -> Self {
        self.exact = exact;
        self
    }

    pub(crate) fn exact(&self) -> &[Leaf] {
        &self.exact
    }

    /// Whether it was read by this client from this resource, or stored and loaded with such an address.
    pub(crate) fn is_from(&self, client: &Arc<Shared>, address: &T::Address) -> bool {
        let same = match &self.read.origin {
            Origin::Client(other) => Arc::ptr_eq(other, client),
            Origin::Stored { endpoint } => endpoint == client.api.baseurl(),
        };
        same && self.read.address == *address
    }

    /// Whether it was read by the client that read `other`, from the same resource; of what was stored, the
    /// address of the service counts.
    pub(crate) fn is_from_where(&self, other: &Self) -> bool {
        let same = match (&self.read.origin, &other.read.origin) {
            (Origin::Client(one), Origin::Client(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.endpoint() == other.endpoint(),
        };
        same && self.read.address == other.read.address
    }

    /// Where it was read.
    pub(crate) fn address(&self) -> &T::Address {
        &self.read.address
    }

    /// The address of the service that it was read from.
    #[cfg(feature = "journal")]
    pub(crate) fn endpoint(&self) -> &str {
        self.read.origin.endpoint()
    }

    /// The same, as if this client had read it.
    #[cfg(feature = "journal")]
    pub(crate) fn moved_to(mut self, client: &Arc<Shared>) -> Self {
        self.read.origin = Origin::Client(client.clone());
        self
    }

    pub(crate) fn recovered(mut self) -> Self {
        self.recovered = true;
        self
    }

    /// The model as it was read.
    pub(crate) fn as_read(&self) -> Result<T, Error> {
        if self.touched {
            partner_center_api::read(&self.read.json).map_err(unwritable)
        } else {
            Ok(self.model.clone())
        }
    }

    /// The version that was read, unless the service sent none that can guard an update.
    ///
    /// It is `attributes.etag`, in any case, which is all that this service was ever seen to send, or else
    /// that of the `ETag` header. One that is weak, empty or malformed guards nothing (RFC 9110 section
    /// 13.1.1) and is passed over. Where body and header have different tags, an update that is refused
    /// although nothing has changed is sent again with that of the header.
    #[must_use]
    pub fn etag(&self) -> Option<&StrongETag> {
        self.read.version.tag().ok()
    }

    pub(crate) fn version(&self) -> &Version {
        &self.read.version
    }

    /// The document exactly as it was read, as JSON in UTF-8 without a byte order mark.
    #[must_use]
    pub fn document(&self) -> &[u8] {
        &self.read.json
    }

    /// Whether the answer to the update was lost and its outcome was found out by reading again.
    ///
    /// The service has what was to be written, whoever wrote it: this update, or someone else who meant
    /// the same. This is the resource as it is now, which may hold later changes of others too.
    #[must_use]
    pub fn was_recovered(&self) -> bool {
        self.recovered
    }

    /// Whether an update would send anything.
    ///
    /// # Errors
    /// As [`changes`](Self::changes).
    pub fn is_dirty(&self) -> Result<bool, Error> {
        Ok(!self.edits()?.is_empty())
    }

    /// What was changed since it was read, leaf by leaf. A list is one leaf.
    ///
    /// # Errors
    /// [`ErrorKind::Model`]: `extra` has a member that the model has too, or has lost one that was read: it
    /// is cleared by `null`, not by its absence.
    pub fn changes(&self) -> Result<Vec<Change>, Error> {
        Ok(self.edits()?.list())
    }

    pub(crate) fn edits(&self) -> Result<Changes, Error> {
        if !self.touched {
            return Ok(Changes::default());
        }
        let length = self.read.json.len() + SLACK;
        let mut after = text(&self.model, length)?;
        let mut before = match &self.read.text {
            Some(before) => Cow::Borrowed(before.as_str()),
            None => Cow::Owned(text(&self.as_read()?, length)?),
        };
        if !self.exact.is_empty() {
            // Digits count now: what has the value that was read has its digits too.
            let read = String::from_utf8_lossy(&self.read.json);
            let as_read = |text: &str| {
                let mut out = String::with_capacity(length);
                exactly(text, read.trim(), &mut out);
                out
            };
            (before, after) = (Cow::Owned(as_read(&before)), as_read(&after));
            for (pointer, wanted) in &self.exact {
                let old = std::mem::take(&mut after);
                exactly_at(&old, pointer, wanted, &mut after);
            }
        }
        let changes = Changes::between(&before, &after, T::MEMBERS)
            .map_err(|why| Error::new(ErrorKind::Model, why.to_string()))?;
        if let Some(member) = changes.dropped() {
            let what = format!("the member `{member}` was read, and is missing from `extra` now");
            let hint = "set it to null there to clear it, or put it back to keep it";
            return Err(Error::new(ErrorKind::Model, what).advise(hint));
        }
        Ok(changes)
    }

    /// Has a value written digit for digit.
    ///
    /// A model holds numbers as `f64` where it does not know the member: `1.50` is 1.5 to it, and of 23
    /// digits it has 17. Wherever the model has the value that `json` reads as, at or below the JSON Pointer
    /// (RFC 6901), the text of `json` is written for it (RFC 8259 section 6). This sets nothing: put the
    /// value into the model first. If the model is changed to another value later, that one is written.
    ///
    /// # Examples
    /// ```
    /// # partner_center_emulator::example(async |endpoint| {
    /// # use partner_center::{AppUser, PartnerCenter};
    /// # let partner = PartnerCenter::builder(AppUser::token("emulator-app-user")).endpoint(endpoint).build()?;
    /// use serde_json::value::RawValue;
    ///
    /// let mut profile = partner.billing_profile().get().await?;
    /// let price = RawValue::from_string("12345678901234567890.50".into())?;
    /// profile.extra.insert("price".into(), serde_json::from_str(price.get())?);
    /// profile.write_exactly("/price", &price);
    /// assert_eq!(profile.changes()?[0].after_text(), Some("12345678901234567890.50"));
    /// # Ok(()) }).unwrap();
    /// ```
    pub fn write_exactly(&mut self, pointer: &str, json: &RawValue) {
        let _ = &mut **self; // it may be a change where the model has the same value
        self.exact.retain(|(other, _)| !Pointer(other).is_within(pointer));
        leaves(pointer, json.get(), &mut self.exact);
    }

    /// Takes back what was changed since it was read.
    pub fn revert(&mut self) {
        self.exact.clear();
        // The document was read as such a model once, so it can be again.
        if let Ok(model) = self.as_read() {
            self.model = model;
            self.touched = false;
        }
    }

    /// Takes the model out, and leaves its version behind.
    #[must_use]
    pub fn into_model(self) -> T {
        self.model
    }
}

/// The model as this crate writes it, which is about as long as `length`, in bytes.
pub(crate) fn text<T: Model>(model: &T, length: usize) -> Result<String, Error> {
    let mut text = Vec::with_capacity(length);
    serde_json::to_writer(&mut text, model).map_err(unwritable)?;
    String::from_utf8(text).map_err(unwritable)
}

pub(crate) fn unwritable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::Model, "the profile cannot be written").caused_by(cause)
}

impl<T: Model> Deref for Versioned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.model
    }
}

impl<T: Model> DerefMut for Versioned<T> {
    fn deref_mut(&mut self) -> &mut T {
        if !self.touched {
            self.touched = true;
            self.read.text = text(&self.model, self.read.json.len() + SLACK).ok();
        }
        &mut self.model
    }
}

impl<T: Model> fmt::Debug for Versioned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Versioned")
            .field("etag", &self.etag())
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}
