//! The service that a test runs against.

use std::fmt;
use std::sync::atomic::AtomicU64;

use partner_center::models::{BillingProfile, CustomerBillingProfile};
use partner_center::{AppOnly, AppUser, PartnerCenter, Resource};
use partner_center_emulator::{
    APP_ONLY_TOKEN, APP_USER_TOKEN, BackgroundEmulator, Emulator, SAMPLE_CUSTOMER,
    STRANGER_CUSTOMER, Switches,
};
use uuid::Uuid;

use crate::clock::VirtualClock;

/// The documented sample customer.
///
/// # Examples
/// ```
/// use partner_center_test::{CUSTOMER, OTHER_CUSTOMER, TestService};
///
/// assert_eq!(TestService::start().customers(), [CUSTOMER, OTHER_CUSTOMER]);
/// ```
pub const CUSTOMER: Uuid = id(SAMPLE_CUSTOMER);

/// Another documented customer.
pub const OTHER_CUSTOMER: Uuid = id(partner_center_emulator::OTHER_CUSTOMER);

/// A customer without a relationship to the partner: 403.
///
/// # Examples
/// ```
/// use partner_center_test::{STRANGER, TestService};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let service = TestService::start();
/// let error = service.partner().customer(STRANGER).billing_profile().get().await.unwrap_err();
/// assert!(error.is_forbidden());
/// # Ok(()) }
/// ```
pub const STRANGER: Uuid = id(STRANGER_CUSTOMER);

/// Looked at by the compiler, which refuses to build what is no GUID.
const fn id(text: &str) -> Uuid {
    match Uuid::try_parse(text) {
        Ok(id) => id,
        Err(_) => panic!("a GUID"),
    }
}

/// The service, running for one test. It stops when it is dropped.
///
/// It is `partner-center-emulator` on a thread of its own, so that it answers whatever the test does
/// meanwhile: tests with `#[test]` and with `#[tokio::test]` start it in the same way. Tests that run at the
/// same time have one each.
///
/// # Examples
/// ```
/// use partner_center_test::{TestService, Trouble};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let service = TestService::start();
/// service.conflict_once();
/// let written = service.profile().modify(|profile| profile.email = Some("ann@example.com".into())).await?;
/// assert_eq!(written.email.as_deref(), Some("ann@example.com"));
/// // The second time, someone else was not faster.
/// service.assert_sent(&["GET", "PUT", "GET", "PUT"]);
/// # Ok(()) }
/// ```
pub struct TestService {
    pub(crate) emulator: BackgroundEmulator,
    endpoint: String,
    clock: VirtualClock,
    partner: PartnerCenter<AppUser>,
    app_only: PartnerCenter<AppOnly>,
    customers: Vec<Uuid>,
    /// How many of the exchanges are forgotten.
    pub(crate) forgotten: AtomicU64,
}

/// Settings of a [`TestService`].
///
/// # Examples
/// ```
/// use partner_center_test::TestService;
/// use partner_center_test::emulator::{StaleEtag, Switches};
///
/// let mut switches = Switches::default();
/// switches.stale_etag = StaleEtag::PreconditionFailed;
/// let service = TestService::with().customers(100).switches(switches).start();
/// assert_eq!(service.customers().len(), 102); // two are always there
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    emulator: partner_center_emulator::Builder,
}

impl Builder {
    /// How many customers there are beside the [two documented ones](TestService::customers). They are the
    /// same every time.
    pub fn customers(mut self, customers: usize) -> Self {
        self.emulator = self.emulator.customers(customers);
        self
    }

    /// How the service behaves where nobody knows.
    pub fn switches(mut self, switches: Switches) -> Self {
        self.emulator = self.emulator.switches(switches);
        self
    }

    /// Answers 500 to a request that violates the contract, and says where.
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::TestService;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::with().strict().start();
    /// let profile = service.profile().without_limits();
    /// let country = |country: &str| Some(country.to_owned());
    /// let change = profile.modify(|profile| profile.default_address.get_or_insert_default().country = country("Germany"));
    /// assert_eq!(change.await.unwrap_err().status(), Some(500));
    /// # Ok(()) }
    /// ```
    pub fn strict(mut self) -> Self {
        self.emulator = self.emulator.strict(true);
        self
    }

    /// Starts the service.
    ///
    /// # Panics
    /// Where the machine has no port or no thread for it.
    #[must_use]
    #[track_caller]
    pub fn start(self) -> TestService {
        let emulator =
            self.emulator.start_in_background().expect("the emulated service cannot be started");
        let (endpoint, clock) = (emulator.url(), VirtualClock::new());
        let partner = PartnerCenter::builder(AppUser::token(APP_USER_TOKEN)).endpoint(&endpoint);
        let app_only = PartnerCenter::builder(AppOnly::token(APP_ONLY_TOKEN)).endpoint(&endpoint);
        let cannot = "a client of the emulated service cannot be made";
        TestService {
            customers: customers(&emulator),
            partner: partner.clock(clock.clone()).build().expect(cannot),
            app_only: app_only.clock(clock.clone()).build().expect(cannot),
            endpoint,
            clock,
            emulator,
            forgotten: AtomicU64::new(0),
        }
    }
}

/// The documented customers, and then the others.
fn customers(emulator: &Emulator) -> Vec<Uuid> {
    let state = emulator.state();
    let ids = state["customers"].as_object().into_iter().flat_map(|customers| customers.keys());
    let mut ids: Vec<Uuid> = ids.filter_map(|id| id.parse().ok()).collect();
    ids.sort_by_key(|id| (*id != CUSTOMER, *id != OTHER_CUSTOMER, *id));
    ids
}

impl TestService {
    /// Starts the service, with the documented sample data.
    ///
    /// # Panics
    /// Where the machine has no port or no thread for it.
    ///
    /// # Examples
    /// A test of a program without `async` starts it in the same way:
    ///
    /// ```
    /// use partner_center_test::TestService;
    ///
    /// fn the_program_that_is_tested(endpoint: &str) {
    ///     std::net::TcpStream::connect(endpoint.trim_start_matches("http://")).unwrap();
    /// }
    ///
    /// let service = TestService::start();
    /// the_program_that_is_tested(service.endpoint());
    /// ```
    #[must_use]
    #[track_caller]
    pub fn start() -> Self {
        Self::with().start()
    }

    /// Settings for a service: more customers, other switches.
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::TestService;
    ///
    /// let service = TestService::with().customers(1000).start();
    /// assert_eq!(service.customers().len(), 1002);
    /// ```
    pub fn with() -> Builder {
        Builder { emulator: Emulator::builder().journal(usize::MAX) }
    }

    /// The address of the service, such as `http://127.0.0.1:41234`.
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::TestService;
    ///
    /// assert!(TestService::start().endpoint().starts_with("http://127.0.0.1:"));
    /// ```
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// A token that stands for an application with a user, which may do everything.
    ///
    /// # Examples
    /// ```
    /// use partner_center::{AppUser, PartnerCenter};
    /// use partner_center_test::TestService;
    ///
    /// // What a program does that makes its client itself.
    /// let service = TestService::start();
    /// let token = AppUser::token(service.user_token());
    /// let partner = PartnerCenter::builder(token).endpoint(service.endpoint()).build()?;
    /// # Ok::<(), partner_center::Error>(())
    /// ```
    #[must_use]
    pub fn user_token(&self) -> &'static str {
        APP_USER_TOKEN
    }

    /// A token that stands for an application alone.
    ///
    /// # Examples
    /// ```
    /// use partner_center::{AppOnly, PartnerCenter};
    /// use partner_center_test::TestService;
    ///
    /// let service = TestService::start();
    /// let token = AppOnly::token(service.app_only_token());
    /// let partner = PartnerCenter::builder(token).endpoint(service.endpoint()).build()?;
    /// # Ok::<(), partner_center::Error>(())
    /// ```
    #[must_use]
    pub fn app_only_token(&self) -> &'static str {
        APP_ONLY_TOKEN
    }

    /// A client with a user, which waits on the [clock](Self::clock) of the service. It is the same one at each
    /// call: what one reads, the other may write.
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::{OTHER_CUSTOMER, TestService};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// let profile = service.partner().customer(OTHER_CUSTOMER).billing_profile().get().await?;
    /// assert!(profile.email.is_some());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn partner(&self) -> PartnerCenter<AppUser> {
        self.partner.clone()
    }

    /// A client without a user, otherwise as [`partner`](Self::partner).
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::{CUSTOMER, TestService};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// let profile = service.app_only().customer(CUSTOMER).billing_profile().get().await?;
    /// assert!(profile.email.is_some());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn app_only(&self) -> PartnerCenter<AppOnly> {
        self.app_only.clone()
    }

    /// Settings of a client as [`partner`](Self::partner) is one, to be changed.
    ///
    /// # Examples
    /// ```
    /// use partner_center::Retry;
    /// use partner_center_test::{TestService, Trouble};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// let partner = service.builder().retry(Retry::none()).build()?;
    /// service.next(Trouble::Unavailable);
    /// assert!(partner.billing_profile().get().await.is_err());
    /// # Ok(()) }
    /// ```
    pub fn builder(&self) -> partner_center::Builder<AppUser> {
        PartnerCenter::builder(AppUser::token(APP_USER_TOKEN))
            .endpoint(&self.endpoint)
            .clock(self.clock.clone())
    }

    /// The billing profile of [`CUSTOMER`].
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::TestService;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// assert_eq!(service.profile().get().await?.email.as_deref(), Some("email@sample.com"));
    /// # Ok(()) }
    /// ```
    pub fn profile(&self) -> Resource<AppUser, CustomerBillingProfile> {
        self.partner.customer(CUSTOMER).billing_profile()
    }

    /// The billing profile of the partner itself.
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::TestService;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// assert_eq!(service.own_profile().get().await?.tax_id.as_deref(), Some("12-345678"));
    /// # Ok(()) }
    /// ```
    pub fn own_profile(&self) -> Resource<AppUser, BillingProfile> {
        self.partner.billing_profile()
    }

    /// The customers that there are: [`CUSTOMER`], [`OTHER_CUSTOMER`], and as many as were
    /// [asked for](Builder::customers).
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::{CUSTOMER, TestService};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::with().customers(1).start();
    /// for id in service.customers() {
    ///     service.partner().customer(*id).billing_profile().get().await?;
    /// }
    /// assert_eq!(service.requests().count("GET"), 3);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn customers(&self) -> &[Uuid] {
        &self.customers
    }

    /// The clock that the clients of the service wait on.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use partner_center_test::{TestService, Trouble};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// service.next(Trouble::Throttled { retry_after: Duration::from_secs(7) });
    /// service.profile().get().await?;
    /// assert_eq!(service.clock().waits(), [Duration::from_secs(7)]);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn clock(&self) -> &VirtualClock {
        &self.clock
    }

    /// The service itself, for what is not here.
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::TestService;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// service.emulator().revoke(Some(service.user_token()));
    /// assert!(service.profile().get().await.unwrap_err().is_unauthorized());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn emulator(&self) -> &Emulator {
        &self.emulator
    }
}

impl fmt::Debug for TestService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestService").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}
