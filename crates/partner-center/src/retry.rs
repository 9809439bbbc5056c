//! When a request is repeated, and how long is waited before.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often and how long a failed request is repeated. A value: make one, change what differs, pass it
/// to [`Builder::retry`](crate::Builder::retry) or [`Resource::retry`](crate::Resource::retry).
///
/// Repeated are 408, 429, 5XX except 501 and 505, and connections that broke. The wait is the longer of
/// what `Retry-After` asks for and a random part of an exponential backoff (full jitter). A 429 holds up
/// every call of the client, not just its own. Nothing else is repeated; a 401 once, with another token.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use partner_center::Retry;
/// let patient = Retry::default().attempts(8).total_timeout(Duration::from_secs(600));
/// assert_ne!(patient, Retry::none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Retry {
    pub(crate) attempts: u32,
    pub(crate) max_conflict_retries: u32,
    pub(crate) total_timeout: Duration,
    first: Duration,
    longest: Duration,
}

impl Default for Retry {
    /// 4 attempts at a request, 9 retries of `modify` after a conflict, 3 minutes in all, a backoff of up to half a second
    /// at first and 30 seconds at most.
    fn default() -> Self {
        Self {
            attempts: 4,
            max_conflict_retries: 9,
            total_timeout: Duration::from_secs(180),
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
        }
    }
}

impl Retry {
    /// One attempt, and no retry after a conflict: nothing is repeated.
    pub fn none() -> Self {
        Self::default().attempts(1).max_conflict_retries(0)
    }

    /// How often one request is sent at the most, the first time included; 0 is taken as 1.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// How often [`modify`](crate::Resource::modify) starts over after a conflict, at the most. The first
    /// time it reads and writes is not counted.
    pub fn max_conflict_retries(mut self, retries: u32) -> Self {
        self.max_conflict_retries = retries;
        self
    }

    /// How often [`modify`](crate::Resource::modify) reads and writes at the most, the first time
    /// included.
    #[deprecated(since = "0.1.0", note = "use `max_conflict_retries`, which is one less")]
    pub fn rounds(self, rounds: u32) -> Self {
        self.max_conflict_retries(rounds.saturating_sub(1))
    }

    /// How long an operation may take in all: every request of it, and every wait. What a credential
    /// takes to give a token is not counted: someone may have to sign in. Nor is the wait for a turn under
    /// [`max_in_flight`](crate::Builder::max_in_flight) and [`max_rate`](crate::Builder::max_rate).
    pub fn total_timeout(mut self, total: Duration) -> Self {
        self.total_timeout = total;
        self
    }

    /// How long an operation may take in all.
    #[deprecated(since = "0.1.0", note = "renamed to `total_timeout`")]
    pub fn within(self, total: Duration) -> Self {
        self.total_timeout(total)
    }

    /// The longest wait after the first attempt, which doubles with each further one, up to `longest`.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.first = first;
        self.longest = longest;
        self
    }

    /// How long to wait after so many failed attempts; `random` is from 0 to 1.
    pub(crate) fn wait(&self, failed: u32, random: f64) -> Duration {
        let doubled = 2_u32.checked_pow(failed.saturating_sub(1)).unwrap_or(u32::MAX);
        let bound = self.first.saturating_mul(doubled).min(self.longest);
        let random = if random.is_nan() { 1.0 } else { random.clamp(0.0, 1.0) };
        // A product that no duration can hold is longer than the bound.
        Duration::try_from_secs_f64(bound.as_secs_f64() * random).unwrap_or(bound).min(bound)
    }
}

/// How long one answer can hold up all calls.
const LONGEST_HOLD: Duration = Duration::from_secs(3600);

/// What one 429 does to all calls of a client: they wait.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<Option<Instant>>);

impl Throttle {
    /// Holds up calls for so long, an hour at the most, if they are not held up longer already: after that,
    /// the next one shows whether the service still means it.
    pub(crate) fn hold(&self, now: Instant, wait: Duration) {
        let Some(until) = now.checked_add(wait.min(LONGEST_HOLD)) else { return };
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Some(held.map_or(until, |held| held.max(until)));
    }

    /// Until when calls are held up, if they are.
    pub(crate) fn held(&self, now: Instant) -> Option<Instant> {
        let held = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.filter(|until| *until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_are_bounded() {
        let retry = Retry::default().backoff(Duration::from_millis(100), Duration::from_secs(1));
        let longest: Vec<_> = (1..7).map(|failed| retry.wait(failed, 1.0).as_millis()).collect();
        assert_eq!(longest, [100, 200, 400, 800, 1000, 1000]);
        assert_eq!(retry.wait(3, 0.5), Duration::from_millis(200));
        assert_eq!(retry.wait(3, 0.0), Duration::ZERO);
        assert_eq!(retry.wait(u32::MAX, 7.0), Duration::from_secs(1));
        assert_eq!(retry.wait(1, f64::NAN), Duration::from_millis(100));
        let forever = retry.backoff(Duration::MAX, Duration::MAX);
        assert_eq!(forever.wait(9, 0.0), Duration::ZERO);
        assert_eq!(forever.wait(9, 1.0), Duration::MAX);
    }

    #[test]
    fn nobody_shortens_the_wait_of_all() {
        let throttle = Throttle::default();
        let now = Instant::now();
        assert_eq!(throttle.held(now), None);
        throttle.hold(now, Duration::from_secs(9));
        throttle.hold(now, Duration::from_secs(1));
        assert_eq!(throttle.held(now), Some(now + Duration::from_secs(9)));
        assert_eq!(throttle.held(now + Duration::from_secs(9)), None);
        throttle.hold(now, Duration::MAX);
        assert_eq!(throttle.held(now), Some(now + LONGEST_HOLD));
    }
}
