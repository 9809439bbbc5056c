//! The two billing profiles, with the same words for both.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use partner_center_api::ClientInfo;
use partner_center_api::Document;
use partner_center_api::validation::violations;
use uuid::Uuid;

use crate::call::{Operation, Request};
use crate::client::{PartnerCenter, Shared};
use crate::conflict::Conflict;
use crate::credential::{AppUser, Credential};
use crate::document::apply;
use crate::error::{Error, ErrorKind, UpdateError};
use crate::etag::StrongETag;
use crate::model::Model;
use crate::models::{BillingProfile, CustomerBillingProfile};
use crate::protocol::{self, Reading, Resolved};
use crate::retry::Retry;
use crate::version::Version;
use crate::versioned::{Versioned, unwritable};

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
    pub fn billing_profile(&self) -> Resource<AppUser, BillingProfile> {
        Resource::new(self, ())
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
    /// The id of the customer's tenant.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    pub(crate) fn client(&self) -> &PartnerCenter<A> {
        &self.client
    }

    /// The billing profile of the customer.
    pub fn billing_profile(&self) -> Resource<A, CustomerBillingProfile> {
        Resource::new(&self.client, self.id)
    }
}

/// A billing profile, the partner's or a customer's, that can be read and updated.
///
/// It is a value with settings for the operations called on it: `resource.precheck().update(profile)`.
///
/// | | reads | writes | on a conflict |
/// |---|---|---|---|
/// | [`get`](Self::get) | once | | |
/// | [`update`](Self::update) | | once | an error, with what both sides made of it |
/// | [`modify`](Self::modify), [`try_modify`](Self::try_modify) | first | once | starts over |
/// | [`entry`](Self::entry) | first | when told | an error, and the edits stay |
///
/// Who changed a customer's before, and what, is its [`history`](Self::history).
///
/// # Examples
/// ```
/// # partner_center_emulator::example(async |endpoint| {
/// use partner_center::{AppOnly, PartnerCenter};
///
/// let partner = PartnerCenter::builder(AppOnly::token("emulator-app-only")).endpoint(endpoint).build()?;
/// let resource = partner.customer("aaaa0000-bb11-2222-33cc-444444dddddd".parse()?).billing_profile();
/// let mut profile = resource.get().await?;
/// profile.email = Some("ann@example.com".into());
/// let profile = resource.update(&profile).await?;
/// assert_eq!(profile.email.as_deref(), Some("ann@example.com"));
/// # Ok(()) }).unwrap();
/// ```
#[must_use]
pub struct Resource<A, T: Model> {
    shared: Arc<Shared>,
    address: T::Address,
    correlation_id: Option<Uuid>,
    retry: Option<Retry>,
    limits: bool,
    precheck: bool,
    pub(crate) idempotent: bool,
    kind: PhantomData<fn() -> A>,
}

impl<A: Credential, T: Model> Resource<A, T> {
    fn new(client: &PartnerCenter<A>, address: T::Address) -> Self {
        Self {
            shared: client.shared.clone(),
            address,
            correlation_id: None,
            retry: None,
            limits: true,
            precheck: false,
            idempotent: false,
            kind: PhantomData,
        }
    }

    /// Sends this `MS-CorrelationId` with every request; if it is not set, each operation has a new one.
    pub fn correlation_id(mut self, id: Uuid) -> Self {
        self.correlation_id = Some(id);
        self
    }

    /// Repeats failed requests like this, not as the client does.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    /// What else is read of the same address, in the same way, is read with.
    pub(crate) fn to_read(&self) -> (Arc<Shared>, T::Address, Option<Uuid>, Option<Retry>) {
        (self.shared.clone(), self.address.clone(), self.correlation_id, self.retry.clone())
    }

    /// Leaves limits to the service, which has the last word: what is written is not checked against
    /// those that the contract documents.
    pub fn without_limits(mut self) -> Self {
        self.limits = false;
        self
    }

    /// Reads once more before an [`update`](Self::update), which is a conflict if the entity tag is
    /// another one by then.
    ///
    /// For a profile that was read long ago, on a service that might not enforce `If-Match`: nobody knows
    /// whether this one does. It makes the gap in which a change can be lost as short as one request,
    /// unless that has to be repeated, which is not read before again; only the service could close it.
    /// [`modify`](Self::modify) reads just before it writes anyway.
    pub fn precheck(mut self) -> Self {
        self.precheck = true;
        self
    }

    /// Reads once more before an update.
    #[deprecated(since = "0.1.0", note = "renamed to `precheck`")]
    pub fn rereading(self) -> Self {
        self.precheck()
    }

    /// Says that a change given to [`modify`](Self::modify) is idempotent: making it twice gives what
    /// making it once gives. It sets values, and does not add to what is there.
    ///
    /// Then `modify` starts over also after an update that may have been applied, up to
    /// [`Retry::max_conflict_retries`] times, where it would stop otherwise. The value that is set is there
    /// in the end even if someone else changed it back meanwhile.
    ///
    /// # Examples
    /// ```
    /// # partner_center_emulator::example(async |endpoint| {
    /// # use partner_center::{AppUser, PartnerCenter};
    /// # let partner = PartnerCenter::builder(AppUser::token("emulator-app-user")).endpoint(endpoint).build()?;
    /// let own = partner.billing_profile().idempotent();
    /// own.modify(|profile| profile.purchase_order_number = Some("9889".into())).await?;
    /// # Ok(()) }).unwrap();
    /// ```
    pub fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// Reads the profile, with its entity tag.
    ///
    /// Sends `GET`. It is repeated as [`Retry`] says, and changes nothing; dropping the future does no
    /// harm.
    ///
    /// # Errors
    /// [`is_not_found`](Error::is_not_found): there is no such customer.
    /// [`is_unauthorized`](Error::is_unauthorized), [`is_forbidden`](Error::is_forbidden),
    /// [`is_throttled`](Error::is_throttled), [`is_transient`](Error::is_transient): as they say.
    /// See [`ErrorKind`] for the others.
    pub async fn get(&self) -> Result<Versioned<T>, Error> {
        let operation = self.operation("get");
        let read = operation.span.within(self.read(&operation)).await;
        operation.ended(read.as_ref().err());
        read
    }

    /// Writes the profile back, if it is still the one that was read.
    ///
    /// Sends one `PUT` with `If-Match`. Its body is the document as it was read, with what was changed in
    /// the model replaced: members that the model does not know stay as they were, a member that was
    /// cleared is sent as `null`, and `attributes.etag` is the one that was read. Nothing is sent when
    /// nothing was changed. A member that the model does not know is cleared by setting it to `null` in
    /// `extra`, not by its absence.
    ///
    /// Returns the profile as the service now keeps it, with its entity tag; it may have written a value in
    /// its own way, such as `en-US` for `EN-US`. What was given stays, for whatever comes of it.
    ///
    /// A request that got no answer is sent again with the same `MS-RequestId`. If that is refused, or
    /// answered with success and without a profile, the profile is read, again and again while it is still
    /// the version that was refused. If it has what was to be written, the update succeeded and is
    /// [marked as recovered](Versioned::was_recovered). Values are compared as the contract says, so
    /// `en-US` is what became of `EN-US`. Else the error says that the update
    /// [may have been applied](Error::may_have_been_applied). So may one whose future is dropped.
    ///
    /// No client can close one hole: where the entity tag is a hash of the content, and someone changes
    /// the profile back between a lost answer and the repeated request, the update is applied again.
    ///
    /// # Errors
    /// [`UpdateError::Conflict`]: someone else changed the profile since it was read; it has what both sides
    /// made of it. All others are [`UpdateError::Other`].
    /// [`may_have_been_applied`](Error::may_have_been_applied): it is not known whether it was changed.
    /// Before anything is sent: [`ErrorKind::Invalid`], [`ErrorKind::ReadOnly`],
    /// [`ErrorKind::NoETag`], [`ErrorKind::OtherResource`], [`ErrorKind::Model`],
    /// [`ErrorKind::Credential`], [`ErrorKind::Throttled`] without a status.
    pub async fn update(&self, profile: &Versioned<T>) -> Result<Versioned<T>, UpdateError<T>> {
        Ok(self.update_if_changed(profile).await?.unwrap_or_else(|| profile.clone()))
    }

    /// Does what `update` does; `None` if there was nothing to write.
    pub(crate) async fn update_if_changed(
        &self,
        profile: &Versioned<T>,
    ) -> Result<Option<Versioned<T>>, UpdateError<T>> {
        let operation = self.operation("update");
        let written = operation.span.within(self.write(&operation, profile, self.precheck)).await;
        operation.ended(written.as_ref().err().map(UpdateError::error));
        written
    }

    /// Does all that [`update`](Self::update) does before it sends anything: finds what was changed, and
    /// holds it against what the contract says.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`], [`ErrorKind::ReadOnly`], [`ErrorKind::NoETag`],
    /// [`ErrorKind::OtherResource`], [`ErrorKind::Model`].
    pub fn check(&self, profile: &Versioned<T>) -> Result<(), Error> {
        self.prepare(profile).map(drop)
    }

    /// Takes up a profile that was read before and kept: its [document](Versioned::document), and its
    /// entity tag if that is not the one in the document.
    ///
    /// Nothing is sent. It is for whoever reads now and writes later, such as after a form was filled in.
    /// Whose document it is, only `links.self.uri` says: keep that with one that has none.
    ///
    /// # Errors
    /// [`ErrorKind::Model`]: the document is not one of such a profile.
    /// [`ErrorKind::OtherResource`]: `links.self.uri` names another resource.
    pub fn resume(
        &self,
        document: impl Into<Vec<u8>>,
        version: Option<StrongETag>,
    ) -> Result<Versioned<T>, Error> {
        let document = Document::<T>::parse(document.into().into()).map_err(|cause| {
            Error::new(ErrorKind::Model, "the document is not one of a profile").caused_by(cause)
        })?;
        if let Some(uri) = document.self_uri()
            && !T::is_at(uri, &self.address)
        {
            let what = "the document is that of another resource: `links.self.uri` names another one \
                        than it would be written to";
            return Err(Error::new(ErrorKind::OtherResource, what)
                .advise("resume it on the resource that it was read from"));
        }
        let version = version.map_or_else(|| Version::of(&document, None), Version::from);
        Ok(self.versioned(document, version))
    }

    /// Reads what became of an update that was sent, maybe, and whose answer nobody saw: what the service has, if
    /// it has what was to be written; `None` if it still has the version that was read. Otherwise it is a conflict
    /// that may have been applied.
    pub(crate) async fn settle(
        &self,
        profile: &Versioned<T>,
    ) -> Result<Option<Versioned<T>>, UpdateError<T>> {
        let operation = self.operation("settle");
        let read = operation.span.within(self.read(&operation)).await;
        operation.ended(read.as_ref().err());
        let theirs = read.map_err(|error| error.applied_maybe(true))?;
        if theirs.etag().is_some() && theirs.etag() == profile.etag() {
            return Ok(None);
        }
        let error = operation.identified(Error::changed().applied_maybe(true), None);
        let conflict = Conflict::new(profile.clone(), theirs, error)
            .map_err(|error| error.applied_maybe(true))?;
        if conflict.theirs().etag().is_some() && conflict.is_applied() {
            return Ok(Some(conflict.into_theirs().recovered()));
        }
        Err(UpdateError::Conflict(conflict.into()))
    }

    pub(crate) fn max_conflict_retries(&self) -> u32 {
        self.retry.as_ref().unwrap_or(&self.shared.retry).max_conflict_retries
    }

    pub(crate) fn operation(&self, name: &'static str) -> Operation<'_> {
        let retry = self.retry.as_ref().unwrap_or(&self.shared.retry);
        Operation::start::<T>(name, &self.shared, retry, self.correlation_id)
    }

    pub(crate) async fn read(&self, operation: &Operation<'_>) -> Result<Versioned<T>, Error> {
        let (document, version) = operation.send(&self.address, Request::<T>::Get).await?;
        Ok(self.versioned(document, version))
    }

    /// One conditional PUT, and what it takes to tell what became of it; `None` if there was nothing to
    /// write.
    pub(crate) async fn write(
        &self,
        operation: &Operation<'_>,
        profile: &Versioned<T>,
        precheck: bool,
    ) -> Result<Option<Versioned<T>>, UpdateError<T>> {
        let Some((json, etag)) =
            self.prepare(profile).map_err(|e| operation.identified(e, None))?
        else {
            return Ok(None);
        };
        if precheck {
            Box::pin(self.unchanged(operation, profile, &etag)).await?;
        }
        let body = Document::to_send(json.into());
        let (mut tag, mut other) = (&etag, profile.version().other());
        loop {
            let request = Request::Put { if_match: &tag.header(), body: &body };
            let mut error = match operation.send(&self.address, request).await {
                Ok((document, version)) => return Ok(Some(self.versioned(document, version))),
                Err(error) => match Box::pin(self.resolve(operation, error, profile)).await {
                    Ok(theirs) => return Ok(Some(theirs)),
                    Err(error) => error,
                },
            };
            let unexplained = error.conflict().is_some_and(|conflict| {
                !conflict.may_have_been_applied()
                    && conflict.theirs().version() == profile.version()
            });
            match other.take() {
                Some(another) if unexplained => tag = another,
                _ => {
                    if unexplained {
                        error.error_mut().set_unexplained(tag);
                    }
                    return Err(error);
                }
            }
        }
    }

    /// Reads again, and fails if it is another version by now.
    async fn unchanged(
        &self,
        operation: &Operation<'_>,
        profile: &Versioned<T>,
        etag: &StrongETag,
    ) -> Result<(), UpdateError<T>> {
        let theirs = self.read(operation).await?;
        if theirs.etag() == Some(etag) {
            return Ok(());
        }
        let error = operation.identified(Error::changed(), None);
        Err(match Conflict::new(profile.clone(), theirs, error.clone()) {
            Ok(conflict) => UpdateError::Conflict(conflict.into()),
            Err(cause) => error.caused_by(cause).into(),
        })
    }

    /// The document to write and the version that it replaces; `None` if nothing was changed.
    fn prepare(&self, profile: &Versioned<T>) -> Result<Option<(String, StrongETag)>, Error> {
        if !profile.is_from(&self.shared, &self.address) {
            let what = "the profile was read from another resource than it would be written to, or by \
                        another client";
            return Err(Error::new(ErrorKind::OtherResource, what));
        }
        let changes = profile.edits()?;
        if changes.is_empty() {
            return Ok(None);
        }
        if let Some(member) = T::READ_ONLY.iter().find(|member| changes.touches(member)) {
            let what = format!("{member} belongs to the service and cannot be changed");
            return Err(Error::new(ErrorKind::ReadOnly, what));
        }
        if self.limits {
            // Only what was changed: what the service had before is its own affair.
            let violations = violations::<T>(&changes.values());
            if !violations.is_empty() {
                return Err(Error::invalid(violations));
            }
        }
        let etag = profile.version().tag().map_err(|why| {
            Error::new(ErrorKind::NoETag, why.to_string()).advise(
                "read it again; if the service is known to compare another tag, give that to `resume`",
            )
        })?;
        let document = str::from_utf8(profile.document()).map_err(unwritable)?;
        Ok(Some((apply(document, &changes), etag.clone())))
    }

    /// Finds out what became of a PUT that was refused as a conflict, or answered in a way that cannot be
    /// understood: the service has what was to be written, or the conflict is made of both sides.
    async fn resolve(
        &self,
        operation: &Operation<'_>,
        error: Error,
        profile: &Versioned<T>,
    ) -> Result<Versioned<T>, UpdateError<T>> {
        let uncertain = error.may_have_been_applied();
        if !error.answer().is_resolved_by_reading(uncertain) {
            return Err(error.into());
        }
        let mut reads = 0;
        loop {
            let theirs = match self.read(operation).await {
                Ok(theirs) => theirs,
                Err(cause) => return Err(error.caused_by(cause).into()),
            };
            reads += 1;
            let unchanged = theirs.etag() == profile.etag();
            let conflict = match Conflict::new(profile.clone(), theirs, error.clone()) {
                Ok(conflict) => conflict,
                Err(cause) => return Err(error.caused_by(cause).into()),
            };
            // What has no version is no profile, and an empty one would hold every member that was cleared.
            let reading = if conflict.theirs().etag().is_some() && conflict.is_applied() {
                Reading::Holds
            } else if unchanged {
                Reading::Unchanged
            } else {
                Reading::Other
            };
            let left = operation.retry.attempts.saturating_sub(reads);
            match protocol::resolve(uncertain, reading, left) {
                Resolved::Applied => return Ok(conflict.into_theirs().recovered()),
                Resolved::ReadAgain if operation.pause(reads).await => {}
                Resolved::ReadAgain | Resolved::Failed => {
                    return Err(if error.is_conflict() {
                        UpdateError::Conflict(conflict.into())
                    } else {
                        error.into()
                    });
                }
            }
        }
    }

    fn versioned(&self, document: Document<T>, version: Version) -> Versioned<T> {
        Versioned::new(self.shared.clone(), self.address.clone(), document, version)
    }
}

impl<A, T: Model> Clone for Resource<A, T> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
            address: self.address.clone(),
            correlation_id: self.correlation_id,
            retry: self.retry.clone(),
            limits: self.limits,
            precheck: self.precheck,
            idempotent: self.idempotent,
            kind: PhantomData,
        }
    }
}

impl<A, T: Model> fmt::Debug for Resource<A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resource")
            .field("endpoint", &self.shared.api.baseurl())
            .field("address", &self.address)
            .field("correlation_id", &self.correlation_id)
            .field("retry", &self.retry)
            .field("limits", &self.limits)
            .field("precheck", &self.precheck)
            .field("idempotent", &self.idempotent)
            .finish_non_exhaustive()
    }
}
