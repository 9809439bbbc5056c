//! How many requests a client has in flight, and how many it sends in a time.

use std::time::{Duration, Instant};

use tokio::sync::{Mutex, MutexGuard, Semaphore, SemaphorePermit};

use crate::clock::Clock;

/// How much earlier than planned a request may be sent at the most, to make up for one that was sent late: a
/// timer has steps of a millisecond.
const SLACK: Duration = Duration::from_millis(5);

/// The part of a time that is left unused, in hundredths: what is sent at one moment arrives at another. A
/// half of it may be used up by `SLACK`.
const MARGIN: u32 = 2;

/// What all requests of a client and of its clones go through, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    in_flight: Option<Semaphore>,
    rate: Option<Rate>,
}

#[derive(Debug)]
pub(crate) struct Rate {
    interval: Duration,
    slack: Duration,
    /// When the next request may be sent. Whoever's turn it is holds it, and the others wait for it.
    next: Mutex<Option<Instant>>,
}

impl Gate {
    /// Nothing has no bound.
    pub(crate) fn new(max_in_flight: Option<usize>, rate: Option<Rate>) -> Self {
        let permits = max_in_flight.map(|count| count.clamp(1, Semaphore::MAX_PERMITS));
        Self { in_flight: permits.map(Semaphore::new), rate }
    }

    /// Whether there is any bound.
    pub(crate) fn is_bounded(&self) -> bool {
        self.in_flight.is_some() || self.rate.is_some()
    }

    /// Waits until fewer requests are in flight than may be; the request is, until what is returned is
    /// dropped.
    pub(crate) async fn enter(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.in_flight.as_ref()?.acquire().await.ok()
    }

    /// Waits until it is the caller's turn, if there is a rate: all others come after.
    pub(crate) async fn turn(&self) -> Option<Turn<'_>> {
        let rate = self.rate.as_ref()?;
        Some(Turn { rate, next: rate.next.lock().await })
    }
}

impl Rate {
    /// So many requests in a time; `None` if the time is too short to be a bound.
    pub(crate) fn new(requests: u32, per: Duration) -> Option<Self> {
        let interval = per.saturating_mul(100 + MARGIN) / 100 / requests.max(1);
        let slack = SLACK.min(per / (200 / MARGIN));
        (!interval.is_zero()).then(|| Self { interval, slack, next: Mutex::default() })
    }
}

/// The turn to send one request. Whoever gives it up takes nothing from the rate.
#[must_use]
pub(crate) struct Turn<'a> {
    rate: &'a Rate,
    next: MutexGuard<'a, Option<Instant>>,
}

impl Turn<'_> {
    /// Waits until the rate allows one request more.
    pub(crate) async fn wait(mut self, clock: &dyn Clock) {
        let now = clock.now();
        if let Some(wait) = self.next.and_then(|next| next.checked_duration_since(now)) {
            clock.sleep(wait).await;
        }
        let earliest = now.checked_sub(self.rate.slack).unwrap_or(now);
        let turn = self.next.map_or(now, |next| next.max(earliest));
        *self.next = turn.checked_add(self.rate.interval);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex as Shared;

    use super::*;
    use crate::clock::Sleep;

    /// Time that passes only by waiting, each wait a millisecond too long.
    #[derive(Debug)]
    struct Late(Shared<Instant>);

    impl Clock for Late {
        fn now(&self) -> Instant {
            *self.0.lock().expect("no panic")
        }
        fn sleep(&self, duration: Duration) -> Sleep {
            *self.0.lock().expect("no panic") += duration + Duration::from_millis(1);
            Box::pin(std::future::ready(()))
        }
    }

    #[tokio::test]
    async fn the_rate_is_kept_and_used_up() {
        let clock = Late(Shared::new(Instant::now()));
        let begun = clock.now();
        let gate = Gate::new(None, Rate::new(100, Duration::from_secs(1)));
        let mut sent = Vec::new();
        for _ in 0..1000 {
            gate.turn().await.expect("a rate").wait(&clock).await;
            sent.push(clock.now());
        }
        let taken = clock.now() - begun;
        assert!(taken <= Duration::from_millis(10_300), "{taken:?}");
        for window in sent.windows(101) {
            let span = *window.last().expect("101") - window[0];
            assert!(span >= Duration::from_millis(1010), "one more in a second: {span:?}");
        }
        // A pause is no reserve.
        *clock.0.lock().expect("no panic") += Duration::from_secs(60);
        let begun = clock.now();
        for _ in 0..11 {
            gate.turn().await.expect("a rate").wait(&clock).await;
        }
        assert!(clock.now() - begun >= Duration::from_millis(95));
    }

    #[tokio::test]
    async fn no_more_are_in_flight_than_may_be() {
        let gate = Gate::new(Some(2), None);
        let (one, _two) = (gate.enter().await, gate.enter().await);
        let third = tokio::time::timeout(Duration::from_millis(10), gate.enter()).await;
        assert!(third.is_err());
        drop(one);
        assert!(gate.enter().await.is_some());
        assert!(Gate::default().enter().await.is_none());
    }

    #[tokio::test]
    async fn whoever_gives_up_takes_nothing_from_the_rate() {
        let gate = Gate::new(None, Rate::new(1, Duration::from_secs(60)));
        let clock = crate::clock::System;
        let turn = async || gate.turn().await.expect("a rate");
        turn().await.wait(&clock).await;
        let next = *turn().await.next;
        let given_up = tokio::time::timeout(Duration::from_millis(1), turn().await.wait(&clock));
        assert!(given_up.await.is_err());
        assert_eq!(*turn().await.next, next);
    }

    #[test]
    fn no_rate_divides_by_zero() {
        let interval = |requests, per| Rate::new(requests, per).map(|rate| rate.interval);
        assert_eq!(interval(0, Duration::from_secs(1)), Some(Duration::from_millis(1020)));
        assert_eq!(interval(500, Duration::from_secs(60)), Some(Duration::from_micros(122_400)));
        assert_eq!(interval(5, Duration::ZERO), None);
        assert!(interval(1, Duration::MAX).is_some());
    }
}
