//! Time that passes when someone waits for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use partner_center::{Clock, Sleep};

/// How far the clock goes: an `Instant` and a `SystemTime` can hold it everywhere.
const END: Duration = Duration::from_secs(100 * 366 * 86_400);

/// A clock that stands still until someone waits: then as much time has passed at once.
///
/// It keeps every wait. Clones are the same clock. Chance is switched off: a random wait is the longest one
/// that it can be, so that a test can say which. Where several tasks wait at the same time, each moves the
/// clock, so that more time passes than would on a real one.
///
/// The client of a [`TestService`](crate::TestService) has one. Do not pause the clock of tokio beside it:
/// the time limit of a request is real.
///
/// # Examples
/// ```
/// use std::time::{Duration, Instant};
/// use partner_center::{AppUser, PartnerCenter};
/// use partner_center_test::{TestService, Trouble, VirtualClock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let service = TestService::start();
/// let clock = VirtualClock::new();
/// let partner = service.builder().clock(clock.clone()).build()?;
///
/// service.next(Trouble::Throttled { retry_after: Duration::from_secs(90) });
/// partner.billing_profile().get().await?; // at once
/// assert_eq!(clock.waits(), [Duration::from_secs(90)]);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct VirtualClock {
    start: Instant,
    utc: SystemTime,
    past: Arc<Mutex<Past>>,
}

/// What has passed.
#[derive(Debug, Default)]
struct Past {
    time: Duration,
    waits: Vec<Duration>,
}

impl VirtualClock {
    /// A clock that begins now.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use partner_center::Clock;
    /// use partner_center_test::VirtualClock;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let clock = VirtualClock::new();
    /// clock.sleep(Duration::from_secs(3600)).await; // at once
    /// assert_eq!(clock.waits(), [Duration::from_secs(3600)]);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::starting_at(SystemTime::now())
    }

    /// A clock that begins at this time of day, which a test of dates may want to say.
    ///
    /// # Examples
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use partner_center::Clock;
    /// use partner_center_test::VirtualClock;
    ///
    /// let clock = VirtualClock::starting_at(SystemTime::UNIX_EPOCH);
    /// clock.advance(Duration::from_secs(60));
    /// assert_eq!(clock.utc(), SystemTime::UNIX_EPOCH + Duration::from_secs(60));
    /// ```
    #[must_use]
    pub fn starting_at(utc: SystemTime) -> Self {
        Self { start: Instant::now(), utc, past: Arc::default() }
    }

    /// Lets time pass, as if nobody had waited for it.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use partner_center::Clock;
    /// use partner_center_test::VirtualClock;
    ///
    /// let clock = VirtualClock::new();
    /// let before = clock.now();
    /// clock.advance(Duration::from_secs(3600));
    /// assert_eq!(clock.now() - before, Duration::from_secs(3600));
    /// assert!(clock.waits().is_empty());
    /// ```
    pub fn advance(&self, time: Duration) {
        let mut past = self.past();
        past.time = past.time.saturating_add(time).min(END);
    }

    /// Every wait so far, the first one first.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use partner_center_test::{TestService, Trouble};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// service.next(Trouble::Unavailable);
    /// service.next(Trouble::Unavailable);
    /// service.profile().get().await?;
    /// assert_eq!(service.clock().waits(), [500, 1000].map(Duration::from_millis));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn waits(&self) -> Vec<Duration> {
        self.past().waits.clone()
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        // Each change is one assignment or one push: a thread that panicked left nothing half made.
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for VirtualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        self.start + self.past().time
    }

    fn utc(&self) -> SystemTime {
        self.utc.checked_add(self.past().time).unwrap_or(self.utc)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.past().waits.push(duration);
        self.advance(duration);
        Box::pin(std::future::ready(()))
    }

    fn random(&self) -> f64 {
        1.0
    }
}
