//! Read, change, write, and start over when someone else wrote in between.

use crate::billing_profile::Resource;
use crate::call::Operation;
use crate::credential::Credential;
use crate::error::{BoxError, Error, UpdateError};
use crate::model::Model;
use crate::protocol;
use crate::versioned::Versioned;

impl<A: Credential, T: Model> Resource<A, T> {
    /// Reads the profile, changes it, and writes it back; if someone else changed it meanwhile, starts
    /// over with what is there then.
    ///
    /// `change` runs each time on what was read last: it should depend on nothing else, and do nothing else.
    /// If it changes nothing, nothing is written. After a conflict it starts over, up to
    /// [`Retry::max_conflict_retries`](crate::Retry::max_conflict_retries) times, from the second on after a
    /// random wait.
    ///
    /// It does not start over after an update that may have been applied: a change that adds to what is there
    /// would be made twice. One that sets values may be made again: call this on
    /// [`idempotent`](Self::idempotent). A change that counts up can meet someone else who came to the same
    /// number while an answer was lost, and both are told that they succeeded: let it write something that is
    /// its own.
    ///
    /// # Errors
    /// As [`update`](Self::update) and [`get`](Self::get). A conflict after the last retry, or when there is
    /// no time for another. [`may_have_been_applied`](Error::may_have_been_applied) speaks of all attempts.
    ///
    /// # Examples
    /// ```
    /// # partner_center_emulator::example(async |endpoint| {
    /// # use partner_center::{AppUser, PartnerCenter};
    /// # let partner = PartnerCenter::builder(AppUser::token("emulator-app-user")).endpoint(endpoint).build()?;
    /// let profile = partner
    ///     .billing_profile()
    ///     .modify(|profile| profile.purchase_order_number = Some("9889".into()))
    ///     .await?;
    /// assert_eq!(profile.purchase_order_number.as_deref(), Some("9889"));
    /// # Ok(()) }).unwrap();
    /// ```
    pub async fn modify(
        &self,
        mut change: impl FnMut(&mut T) + Send,
    ) -> Result<Versioned<T>, UpdateError<T>> {
        self.try_modify(|profile: &mut T| {
            change(profile);
            Ok(())
        })
        .await
    }

    /// Does what [`modify`](Self::modify) does with a change that can fail, and then writes nothing.
    ///
    /// # Errors
    /// As [`modify`](Self::modify), and [`ErrorKind::Change`](crate::ErrorKind::Change) if `change` fails: its `source()` is what
    /// `change` returned. Where it fails after an update that may have been applied, the error of that
    /// update is returned.
    ///
    /// # Examples
    /// ```
    /// # partner_center_emulator::example(async |endpoint| {
    /// # use partner_center::{AppUser, PartnerCenter};
    /// # let partner = PartnerCenter::builder(AppUser::token("emulator-app-user")).endpoint(endpoint).build()?;
    /// let profile = partner
    ///     .billing_profile()
    ///     .try_modify(|profile| {
    ///         let number: u32 = profile.purchase_order_number.as_deref().unwrap_or("0").parse()?;
    ///         profile.purchase_order_number = Some((number + 1).to_string());
    ///         Ok(())
    ///     })
    ///     .await?;
    /// assert_eq!(profile.purchase_order_number.as_deref(), Some("9889"));
    /// # Ok(()) }).unwrap();
    /// ```
    pub async fn try_modify(
        &self,
        mut change: impl FnMut(&mut T) -> Result<(), BoxError> + Send,
    ) -> Result<Versioned<T>, UpdateError<T>> {
        let operation = self.operation("modify");
        let rounds = async {
            let mut round = Round::first(self, &operation).await?;
            loop {
                let changed = change(&mut round.profile);
                if let Some(written) = round.end(changed).await? {
                    return Ok(written);
                }
            }
        };
        let written: Result<_, UpdateError<T>> = operation.span.within(rounds).await;
        operation.ended(written.as_ref().err().map(UpdateError::error));
        written
    }

    /// Does what [`try_modify`](Self::try_modify) does with a change that waits for something, such as the
    /// answer of a database. It takes the model and returns it changed.
    ///
    /// The time it takes is time of the operation ([`Retry::total_timeout`](crate::Retry::total_timeout)), and
    /// time in which someone else may write: then it runs again, on what is there then.
    ///
    /// # Errors
    /// As [`try_modify`](Self::try_modify).
    ///
    /// # Examples
    /// ```
    /// # partner_center_emulator::example(async |endpoint| {
    /// # use partner_center::{AppUser, PartnerCenter};
    /// # async fn next_number() -> Result<u32, std::io::Error> { Ok(9889) }
    /// # let partner = PartnerCenter::builder(AppUser::token("emulator-app-user")).endpoint(endpoint).build()?;
    /// let profile = partner
    ///     .billing_profile()
    ///     .modify_async(async |mut profile| {
    ///         profile.purchase_order_number = Some(next_number().await?.to_string());
    ///         Ok(profile)
    ///     })
    ///     .await?;
    /// assert_eq!(profile.purchase_order_number.as_deref(), Some("9889"));
    /// # Ok(()) }).unwrap();
    /// ```
    // Not `AsyncFnMut(&mut T)`: for a future that borrows its argument, the compiler cannot tell that it can
    // be sent for every lifetime, and nobody could spawn this.
    pub async fn modify_async<F>(
        &self,
        mut change: impl FnMut(T) -> F + Send,
    ) -> Result<Versioned<T>, UpdateError<T>>
    where
        F: Future<Output = Result<T, BoxError>> + Send,
    {
        let operation = self.operation("modify");
        let rounds = async {
            let mut round = Round::first(self, &operation).await?;
            loop {
                let model = std::mem::take(&mut *round.profile);
                let changed = change(model).await.map(|model| *round.profile = model);
                if let Some(written) = round.end(changed).await? {
                    return Ok(written);
                }
            }
        };
        let written: Result<_, UpdateError<T>> = operation.span.within(rounds).await;
        operation.ended(written.as_ref().err().map(UpdateError::error));
        written
    }
}

/// One round: what was read, to be changed and written.
struct Round<'a, A, T: Model> {
    resource: &'a Resource<A, T>,
    operation: &'a Operation<'a>,
    profile: Versioned<T>,
    retries: u32,
    /// The error of a round whose update may have been applied.
    uncertain: Option<UpdateError<T>>,
}

impl<'a, A: Credential, T: Model> Round<'a, A, T> {
    async fn first(
        resource: &'a Resource<A, T>,
        operation: &'a Operation<'a>,
    ) -> Result<Self, UpdateError<T>> {
        let profile = resource.read(operation).await?;
        Ok(Self { resource, operation, profile, retries: 0, uncertain: None })
    }

    /// Writes what was changed. Returns what is there then, or `None` if this is another round by now.
    async fn end(
        &mut self,
        changed: Result<(), BoxError>,
    ) -> Result<Option<Versioned<T>>, UpdateError<T>> {
        let (resource, operation) = (self.resource, self.operation);
        let uncertain = self.uncertain.take();
        if let Err(cause) = changed {
            let failed = || operation.identified(Error::change(cause), None).into();
            return Err(uncertain.unwrap_or_else(failed));
        }
        let mut error = match resource.write(operation, &self.profile, false).await {
            Ok(Some(written)) => return Ok(Some(written)),
            // An earlier round wrote it, or someone else who meant the same.
            Ok(None) if uncertain.is_some() => return Ok(Some(self.profile.clone().recovered())),
            Ok(None) => return Ok(Some(self.profile.clone())),
            Err(error) => error,
        };
        if uncertain.is_some() {
            error = error.uncertain();
        }
        let maybe = error.may_have_been_applied();
        let again = protocol::begins_another_round(error.answer(), maybe, resource.idempotent);
        if !again || self.retries == operation.retry.max_conflict_retries {
            return Err(error);
        }
        // What is there now was read when the first conflict was resolved.
        let known = error.conflict().filter(|_| self.retries == 0);
        self.profile = match known.map(|conflict| conflict.theirs().clone()) {
            Some(theirs) => theirs,
            None if operation.pause(self.retries + 1).await => {
                match resource.read(operation).await {
                    Ok(theirs) => theirs,
                    Err(cause) if maybe => return Err(cause.applied_maybe(true).into()),
                    Err(cause) => return Err(cause.into()),
                }
            }
            None => return Err(error),
        };
        self.uncertain = maybe.then_some(error);
        self.retries += 1;
        Ok(None)
    }
}
