//! Time and chance, passed in: nothing else in this crate asks what time it is, waits, or rolls dice.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant, SystemTime};

/// Where a client takes time and randomness from.
///
/// The default is that of the machine. A test passes in one of its own, and waits for nothing.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use partner_center::Clock;
///
/// /// Does not wait, and always takes the longest wait there is.
/// #[derive(Debug)]
/// struct Impatient;
///
/// impl Clock for Impatient {
///     fn sleep(&self, _: Duration) -> partner_center::Sleep {
///         Box::pin(std::future::ready(()))
///     }
///     fn random(&self) -> f64 {
///         1.0
///     }
/// }
/// ```
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The time that durations are measured with.
    fn now(&self) -> Instant {
        Instant::now()
    }

    /// The time of day, for dates that a service sends.
    fn utc(&self) -> SystemTime {
        SystemTime::now()
    }

    /// Is done when `duration` has passed.
    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }

    /// A number from 0 to 1, each as likely as any other.
    fn random(&self) -> f64 {
        fastrand::f64()
    }
}

/// What [`Clock::sleep`] returns.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The time of day, as far as it can be computed with: from 1970 to 8970.
pub(crate) fn utc(clock: &dyn Clock) -> SystemTime {
    let since = clock.utc().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH + since.min(Duration::from_secs(7000 * 366 * 86_400))
}

/// The clock of the machine.
#[derive(Debug)]
pub(crate) struct System;

impl Clock for System {}
