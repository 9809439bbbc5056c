//! The client: where the service is, who calls it, and what all its calls share.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use partner_center_api::{Client, ClientInfo, Context};
use uuid::Uuid;

use crate::clock::{Clock, System};
use crate::cloud::{Cloud, checked_url, without_version};
use crate::counters::{Counters, Meter};
use crate::countries::Countries;
use crate::credential::{Credential, Tokens};
use crate::error::{Error, ErrorKind};
use crate::gate::{Gate, Rate};
use crate::retry::{Retry, Throttle};
use crate::transport::Transport;

/// How long one request may take, if nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A client of Partner Center. Cloning it is cheap; clones share connections, tokens and throttling.
///
/// `A` is who calls: [`AppOnly`](crate::AppOnly) or [`AppUser`](crate::AppUser).
pub struct PartnerCenter<A> {
    pub(crate) shared: Arc<Shared>,
    pub(crate) kind: PhantomData<fn() -> A>,
}

/// What all calls of a client share.
pub(crate) struct Shared {
    pub(crate) api: Client,
    pub(crate) context: Context,
    pub(crate) tokens: Tokens,
    pub(crate) throttle: Throttle,
    pub(crate) gate: Gate,
    pub(crate) meter: Meter,
    pub(crate) countries: Countries,
    pub(crate) retry: Retry,
    pub(crate) timeout: Duration,
    /// Of every operation that has none of its own.
    pub(crate) correlation_id: Option<Uuid>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Settings of a [`PartnerCenter`].
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use partner_center::{AppOnly, Cloud, PartnerCenter, Retry};
/// let partner = PartnerCenter::builder(AppOnly::token("…"))
///     .cloud(Cloud::china())
///     .application("invoice-run")
///     .locale("de-DE")
///     .timeout(Duration::from_secs(20))
///     .retry(Retry::default().attempts(6))
///     .build()?;
/// # Ok::<(), partner_center::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Builder<A> {
    credential: A,
    cloud: Cloud,
    application: Option<String>,
    locale: Option<String>,
    retry: Retry,
    timeout: Duration,
    max_in_flight: Option<usize>,
    max_rate: Option<(u32, Duration)>,
    transport: Transport,
    correlation_id: Option<Uuid>,
    clock: Arc<dyn Clock>,
}

impl<A: Credential> PartnerCenter<A> {
    /// Settings for a client that calls with `credential`, on the public cloud.
    pub fn builder(credential: A) -> Builder<A> {
        Builder {
            credential,
            cloud: Cloud::public(),
            application: None,
            locale: None,
            retry: Retry::default(),
            timeout: TIMEOUT,
            max_in_flight: None,
            max_rate: None,
            transport: Transport::default(),
            correlation_id: None,
            clock: Arc::new(System),
        }
    }
}

impl<A: Credential> Builder<A> {
    /// Calls the service of this cloud.
    pub fn cloud(mut self, cloud: Cloud) -> Self {
        self.cloud = cloud;
        self
    }

    /// Calls the service at this address instead, such as an emulator; tokens are still asked for the
    /// cloud's resource.
    ///
    /// It must be https; plain http is allowed on loopback.
    pub fn endpoint(mut self, url: &str) -> Self {
        self.cloud = self.cloud.with_endpoint(url);
        self
    }

    /// Names the calling application to the service (`MS-PartnerCenter-Application`).
    pub fn application(mut self, name: &str) -> Self {
        self.application = Some(name.to_owned());
        self
    }

    /// Asks for texts in this language (`X-Locale`), such as `de-DE`; the service's default is `en-US`.
    pub fn locale(mut self, locale: &str) -> Self {
        self.locale = Some(locale.to_owned());
        self
    }

    /// How long one request may take, from connecting to the last byte of the answer; 60 seconds if it is
    /// not set. [`Retry::total_timeout`] bounds all of an operation.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How often and how long failed requests are repeated.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// How many requests are in flight at the most, in all clones of the client together; 0 is taken as 1,
    /// and there is no bound if it is not set. Waiting for another request to end is no attempt, and is not
    /// counted as time of the operation.
    pub fn max_in_flight(mut self, requests: usize) -> Self {
        self.max_in_flight = Some(requests);
        self
    }

    /// How many requests are sent in a time at the most, spread evenly over it and a fiftieth of it more, in
    /// all clones of the client together; 0 is taken as 1, and there is no bound if it is not set. Waiting for that is no attempt,
    /// and is not counted as time of the operation.
    ///
    /// The service may throttle any call (docs, API throttling guidance), and documents 500 requests a minute
    /// and tenant for the customers (docs, customer resources). A program that calls for many customers at
    /// once sets a rate below the limit, and loses no call to it.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use partner_center::{AppOnly, PartnerCenter};
    /// let partner = PartnerCenter::builder(AppOnly::token("…"))
    ///     .max_in_flight(32)
    ///     .max_rate(500, Duration::from_secs(60))
    ///     .build()?;
    /// # Ok::<(), partner_center::Error>(())
    /// ```
    pub fn max_rate(mut self, requests: u32, per: Duration) -> Self {
        self.max_rate = Some((requests, per));
        self
    }

    /// How connections are made: proxy, certificates, limits of the pool.
    pub fn transport(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// Sends this `MS-CorrelationId` with every request that has none of its operation; if it is not set, each
    /// operation has a new one. It is for a program that does one thing and ends: the documentation asks for
    /// a value of its own on each call (docs, headers).
    pub fn correlation_id(mut self, id: Uuid) -> Self {
        self.correlation_id = Some(id);
        self
    }

    /// Takes time and randomness from here, so that a test waits for nothing. The time limit of a request
    /// is real, and credentials have clocks of their own.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Makes the client. No connection is opened and no token asked for yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: the endpoint is not an address that can be called, the locale or the
    /// name of the application cannot be sent in a header, the proxy or a certificate cannot be used, or
    /// there is no TLS library or it cannot be started.
    pub fn build(self) -> Result<PartnerCenter<A>, Error> {
        let endpoint = checked_url("endpoint", self.cloud.endpoint())?;
        let endpoint = without_version(&endpoint);
        let mut context = Context::new();
        let unsendable = |what: &str| {
            Error::new(ErrorKind::Configuration, format!("the {what} cannot be sent in a header"))
        };
        if let Some(name) = &self.application {
            context = context.application(name).map_err(|_| unsendable("application's name"))?;
        }
        if let Some(locale) = &self.locale {
            context = context.locale(locale).map_err(|_| unsendable("locale"))?;
        }
        let source = self.credential.source().clone();
        let rate = self.max_rate.and_then(|(requests, per)| Rate::new(requests, per));
        let shared = Shared {
            api: Client::new_with_client(
                endpoint,
                self.transport.client(endpoint, self.timeout)?,
                Context::new(),
            ),
            context,
            tokens: Tokens::new(source, self.cloud.scope(), self.clock.clone()),
            throttle: Throttle::default(),
            gate: Gate::new(self.max_in_flight, rate),
            meter: Meter::default(),
            countries: Countries::default(),
            retry: self.retry,
            timeout: self.timeout,
            correlation_id: self.correlation_id,
            clock: self.clock,
        };
        Ok(PartnerCenter { shared: Arc::new(shared), kind: PhantomData })
    }
}

impl<A> PartnerCenter<A> {
    /// What this client and its clones have done since it was made. With the feature `metrics`, the same goes
    /// to the recorder of the program.
    ///
    /// # Examples
    /// ```
    /// # partner_center_emulator::example(async |endpoint| {
    /// # use partner_center::{AppUser, PartnerCenter};
    /// # let partner = PartnerCenter::builder(AppUser::token("emulator-app-user")).endpoint(endpoint).build()?;
    /// let profile = partner.billing_profile().get().await?;
    /// let counters = partner.counters();
    /// assert_eq!((counters.attempts, counters.succeeded, counters.waits), (1, 1, 0));
    /// # Ok(()) }).unwrap();
    /// ```
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.shared.meter.read()
    }
}

impl<A> Clone for PartnerCenter<A> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), kind: PhantomData }
    }
}

impl<A> fmt::Debug for PartnerCenter<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartnerCenter")
            .field("endpoint", &self.shared.api.baseurl())
            .field("retry", &self.shared.retry)
            .field("timeout", &self.shared.timeout)
            .finish_non_exhaustive()
    }
}

impl<A> fmt::Debug for Builder<A> {
    /// Leaves out the cloud, whose addresses may have been given with a secret in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("application", &self.application)
            .field("locale", &self.locale)
            .field("retry", &self.retry)
            .field("timeout", &self.timeout)
            .field("transport", &self.transport)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::AppUser;

    #[test]
    fn a_secret_in_an_address_is_not_shown() {
        for secret in ["https://user:canary@h", "http://user:canary@h", "http://h/?token=canary"] {
            let builder = PartnerCenter::builder(AppUser::token("t")).endpoint(secret);
            assert!(!format!("{builder:?}").contains("canary"));
            let error = builder.build().expect_err(secret);
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
    }

    #[test]
    fn what_no_header_can_carry_is_refused_at_once() {
        let builder = || PartnerCenter::builder(AppUser::token("t"));
        for builder in [builder().locale("de\r\nX: y"), builder().application("a\0b")] {
            let error = builder.build().expect_err("an error");
            assert_eq!(error.kind(), ErrorKind::Configuration);
        }
    }
}
