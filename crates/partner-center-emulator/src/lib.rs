#![doc = include_str!("../README.md")]

mod addresses;
mod audit;
mod background;
#[cfg(feature = "command")]
pub mod command;
mod contract;
mod countries;
mod customers;
mod fault;
mod journal;
mod profile;
mod rate;
mod reply;
mod schema;
mod server;
mod service;
mod store;
mod switches;
mod token;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::fault::Faults;
use crate::journal::Journal;
use crate::rate::Window;
use crate::server::{Saver, Shared};
use crate::service::{Service, lock};
use crate::store::Store;

pub use background::BackgroundEmulator;
pub use contract::Violation;
pub use fault::{ErrorBody, Fault, InvalidRule, Rule};
pub use journal::Exchange;
pub use rate::RateLimit;
pub use store::{OTHER_CUSTOMER, SAMPLE_CUSTOMER, STRANGER_CUSTOMER};
pub use switches::{
    AddressAnswer, AuditPaging, AuditValue, EtagCheck, IfMatchStar, InvalidSwitch, KeyCase,
    MfaCheck, MissingIfMatch, StaleEtag, Switches,
};
pub use token::{
    APP_ONLY_TOKEN, APP_USER_TOKEN, EXPIRED_TOKEN, NO_MFA_TOKEN, NO_ROLE_TOKEN, REFRESH_TOKEN,
    WRONG_AUDIENCE_TOKEN,
};

/// A running service. It stops when it is dropped.
pub struct Emulator {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: tokio::task::JoinHandle<()>,
    stop: watch::Sender<()>,
}

/// Settings of an [`Emulator`].
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    listen: SocketAddr,
    allow_remote: bool,
    switches: Switches,
    customers: usize,
    seed: u64,
    strict: bool,
    rules: Vec<Rule>,
    rate_limit: Option<RateLimit>,
    state: Option<PathBuf>,
    token_lifetime: Duration,
    journal: usize,
    watch: Option<fn(&Exchange)>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            allow_remote: false,
            switches: Switches::default(),
            customers: 0,
            seed: 0,
            strict: false,
            rules: Vec::new(),
            rate_limit: None,
            state: None,
            token_lifetime: Duration::from_secs(3600),
            journal: journal::LENGTH,
            watch: None,
        }
    }
}

impl Builder {
    /// Listens on this address; a free port of the loopback interface if it is not set.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Allows an address that other machines can reach. Its tokens are no secret.
    pub fn allow_remote(mut self, allow: bool) -> Self {
        self.allow_remote = allow;
        self
    }

    /// How the service behaves where nobody knows.
    pub fn switches(mut self, switches: Switches) -> Self {
        self.switches = switches;
        self
    }

    /// How many customers are generated beside the documented ones.
    pub fn customers(mut self, customers: usize) -> Self {
        self.customers = customers;
        self
    }

    /// The seed of generated customers and of faults by chance; 0 if it is not set.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Answers 500 where a request or an answer violates the contract.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Adds a fault.
    pub fn fault(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Limits the rate of requests, all callers together; there is no limit if it is not set.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Some(limit);
        self
    }

    /// Loads the resources from this file, if it is there, and saves them to it whenever one was
    /// changed, before the change is acknowledged.
    pub fn state(mut self, file: impl Into<PathBuf>) -> Self {
        self.state = Some(file.into());
        self
    }

    /// How long a token that was given out is good; an hour if it is not set.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// How many exchanges the journal keeps; 1000 if it is not set.
    pub fn journal(mut self, length: usize) -> Self {
        self.journal = length;
        self
    }

    /// Calls `watch` for every exchange, when its answer is about to be sent.
    pub fn watch(mut self, watch: fn(&Exchange)) -> Self {
        self.watch = Some(watch);
        self
    }

    /// Starts the service on the tokio runtime of the caller.
    ///
    /// # Errors
    /// The address cannot be bound or is not a loopback address, or the state cannot be read.
    ///
    /// # Panics
    /// Outside of a tokio runtime with I/O and time enabled.
    pub async fn start(self) -> std::io::Result<Emulator> {
        if !self.listen.ip().is_loopback() && !self.allow_remote {
            let text =
                format!("{} can be reached by other machines, which is not allowed", self.listen);
            return Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, text));
        }
        let loaded = self.state.as_deref().map(Store::load).transpose()?.flatten();
        let store = loaded.unwrap_or_else(|| Store::seeded(self.customers, self.seed));
        let listener = TcpListener::bind(self.listen).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            service: Service::new(self.switches, self.strict, store, self.token_lifetime),
            strict: self.strict,
            seed: self.seed,
            faults: Mutex::new(Faults::new(&self.rules, self.seed)),
            rules: self.rules,
            window: self.rate_limit.map(|limit| Mutex::new(Window::new(limit))),
            journal: Mutex::new(Journal::new(self.journal)),
            watch: self.watch,
            saver: self.state.map(|path| Saver { path, turn: tokio::sync::Mutex::default() }),
        });
        let (stop, stopped) = watch::channel(());
        let server = tokio::spawn(server::serve(listener, shared.clone(), stopped));
        Ok(Emulator { address, shared, server, stop })
    }
}

impl Emulator {
    /// Settings for a service.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Starts a service with the default settings, on a free port of the loopback interface.
    ///
    /// # Errors
    /// No port can be bound.
    ///
    /// # Panics
    /// Outside of a tokio runtime with I/O and time enabled.
    pub async fn start() -> std::io::Result<Self> {
        Self::builder().start().await
    }

    /// The address of the service, such as `http://127.0.0.1:8089`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The last exchanges, at most [as many as are kept](Builder::journal), oldest first.
    #[must_use]
    pub fn journal(&self) -> Vec<Exchange> {
        lock(&self.shared.journal).exchanges()
    }

    /// Adds a fault.
    pub fn add_fault(&self, rule: Rule) {
        lock(&self.shared.faults).add(rule);
    }

    /// Adds a fault that hits one request: the next one of its operation that no earlier fault of these
    /// hits. Its `nth`, `probability` and `times` are passed over.
    pub fn add_next_fault(&self, rule: Rule) {
        lock(&self.shared.faults).add_next(rule);
    }

    /// The faults of [`add_next_fault`](Self::add_next_fault) that have hit nothing yet.
    #[must_use]
    pub fn next_faults(&self) -> Vec<Rule> {
        lock(&self.shared.faults).waiting()
    }

    /// Sets members of a profile as a second writer would, with no entity tag: by a JSON Merge Patch (RFC
    /// 7396), in which `null` clears a member. The profile is that of the customer with this id, or the
    /// partner's own. Whether there is such a profile.
    ///
    /// It is not saved to the file of [`Builder::state`] before the next update is.
    #[must_use]
    pub fn overwrite(
        &self,
        customer: Option<&str>,
        change: &serde_json::Map<String, serde_json::Value>,
    ) -> bool {
        self.shared.service.patch(customer, change)
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        lock(&self.shared.faults).clear();
    }

    /// Makes an access or refresh token bad from now on, or every one that was given out.
    pub fn revoke(&self, token: Option<&str>) {
        self.shared.service.revoke(token);
    }

    /// The resources as JSON: `customers` and `companies` by the ids of the customers, `partner`, and
    /// `auditRecords`, the oldest first.
    #[must_use]
    pub fn state(&self) -> serde_json::Value {
        self.shared.service.state()
    }

    /// Everything as it was at the start: resources, tokens, faults, journal.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// Stops taking connections, lets the answers under way be sent, and returns.
    pub async fn stop(self) {
        let Self { server, stop, .. } = self;
        drop(stop);
        // It cannot be aborted: the handle is here.
        let _ = server.await;
    }
}

/// Runs the example of a documentation page against a service and on a runtime of its own; it is given the
/// address of the service.
#[doc(hidden)]
pub fn example(
    run: impl AsyncFnOnce(&str) -> Result<(), Box<dyn std::error::Error>>,
) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let emulator = Emulator::start().await?;
        run(&emulator.url()).await
    })
}

/// Runs the example of a documentation page as [`example`] does, on a thread that runs no async code.
#[doc(hidden)]
pub fn example_blocking(
    run: impl FnOnce(&str) -> Result<(), Box<dyn std::error::Error>>,
) -> Result<(), Box<dyn std::error::Error>> {
    run(&Emulator::builder().start_in_background()?.url())
}

impl std::fmt::Debug for Emulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emulator").field("address", &self.address).finish_non_exhaustive()
    }
}
