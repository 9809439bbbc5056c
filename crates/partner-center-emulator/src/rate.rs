//! The gateway's limit on the rate of requests.

use std::str::FromStr;
use std::time::{Duration, Instant};

/// How many requests are answered in a time; the others get 429, as those of a real gateway do.
///
/// Its text is `REQUESTS/SECONDS`, such as `500/60`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How many requests.
    pub requests: u32,
    /// The time that begins with the first of them.
    pub per: Duration,
}

impl FromStr for RateLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(requests, seconds)| {
            Some((requests.parse().ok()?, seconds.parse().ok().filter(|seconds| *seconds > 0)?))
        });
        let Some((requests, seconds)) = parts else {
            return Err("expected REQUESTS/SECONDS, such as 500/60".to_owned());
        };
        Ok(Self { requests, per: Duration::from_secs(seconds) })
    }
}

/// The requests of the time that runs.
#[derive(Debug)]
pub(crate) struct Window {
    limit: RateLimit,
    began: Option<Instant>,
    count: u32,
}

impl Window {
    pub(crate) fn new(limit: RateLimit) -> Self {
        Self { limit, began: None, count: 0 }
    }

    /// Counts a request that comes `now`. Returns how many seconds it has to wait if it is one too many.
    pub(crate) fn take(&mut self, now: Instant) -> Option<u64> {
        let passed = self.began.map(|began| now.saturating_duration_since(began));
        let Some(passed) = passed.filter(|passed| *passed < self.limit.per) else {
            (self.began, self.count) = (Some(now), 1);
            return (self.limit.requests == 0).then(|| seconds(self.limit.per));
        };
        if self.count < self.limit.requests {
            self.count += 1;
            return None;
        }
        Some(seconds(self.limit.per.saturating_sub(passed)))
    }
}

/// Whole seconds, as `Retry-After` has them, and at least one.
fn seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_so_many_requests() {
        let begun = Instant::now();
        let at = |millis| begun + Duration::from_millis(millis);
        let mut window = Window::new("2/3".parse().expect("a limit"));
        let taken = [0, 1, 2, 1500, 2999, 3000, 3001, 3002].map(|millis| window.take(at(millis)));
        assert_eq!(taken, [None, None, Some(3), Some(2), Some(1), None, None, Some(3)]);
        let mut none = Window::new(RateLimit { requests: 0, per: Duration::from_millis(1) });
        assert_eq!(none.take(at(0)), Some(1));
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        for text in ["", "5", "5/0", "-1/1", "a/1", "5/1s"] {
            assert!(text.parse::<RateLimit>().is_err(), "{text}");
        }
    }
}
