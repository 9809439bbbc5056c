//! How far a work on many customers is: on a terminal beside the spinner, in a log a line a minute.

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::output::{Step, Ui, say};

/// How often it is said where nobody watches.
const EVERY: Duration = Duration::from_secs(60);

/// What is done, of which each is one customer.
struct Counts {
    what: String,
    total: Option<u64>,
    done: AtomicU64,
    failed: AtomicU64,
    since: Instant,
}

/// A work that is under way, until this is dropped.
///
/// On a terminal it is the line of the spinner, behind which a wait is shown as long as it takes: whoever waits
/// because calls are throttled sees that, and how much is left. Without one it is said once a minute if the
/// environment has `CI`, and else not at all.
#[must_use]
pub(crate) struct Progress<'a> {
    counts: Arc<Counts>,
    ui: &'a Ui,
    step: Option<Step<'a>>,
    /// The lines of a log.
    log: Option<Log>,
}

impl<'a> Progress<'a> {
    /// Begins a work on so many customers, or on an unknown number.
    pub(crate) fn new(ui: &'a Ui, what: &str, total: Option<u64>) -> Self {
        let (done, failed) = (AtomicU64::new(0), AtomicU64::new(0));
        let counts = Counts { what: what.to_owned(), total, done, failed, since: Instant::now() };
        let mut progress = Self { counts: Arc::new(counts), ui, step: None, log: None };
        if std::io::stderr().is_terminal() {
            progress.step = Some(ui.step(""));
            progress.show();
        } else if std::env::var_os("CI").is_some_and(|value| !value.is_empty()) {
            let bar = ui.bar();
            progress.log =
                Some(Log::every(EVERY, progress.counts.clone(), move |line| say(&bar, line)));
        }
        progress
    }

    /// One more is done.
    pub(crate) fn done(&self) {
        self.counts.done.fetch_add(1, Ordering::Relaxed);
        self.show();
    }

    /// One more failed.
    pub(crate) fn failed(&self) {
        self.counts.failed.fetch_add(1, Ordering::Relaxed);
        self.show();
    }

    /// Ends it.
    pub(crate) fn end(self) {
        drop(self);
    }

    fn show(&self) {
        if self.step.is_some() {
            self.ui.progress(&self.counts.line());
        }
    }
}

impl Counts {
    fn line(&self) -> String {
        let (done, failed) =
            (self.done.load(Ordering::Relaxed), self.failed.load(Ordering::Relaxed));
        line(&self.what, done, failed, self.total, self.since.elapsed())
    }
}

/// Says every so often how far it is, until this is dropped. It has the lock and the bell of a thread.
struct Log(Arc<(Mutex<bool>, Condvar)>);

impl Log {
    fn every(time: Duration, counts: Arc<Counts>, say: impl Fn(&str) + Send + 'static) -> Self {
        let shared = Arc::new((Mutex::new(false), Condvar::new()));
        let log = Self(shared.clone());
        // Without a thread nothing is said, and the work goes on.
        let _ = std::thread::Builder::new().spawn(move || {
            let (ended, bell) = &*shared;
            let mut next = Instant::now() + time;
            let mut ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
            while !*ended {
                let wait = next.saturating_duration_since(Instant::now());
                if wait.is_zero() {
                    say(&counts.line());
                    next += time;
                    continue;
                }
                ended = bell.wait_timeout(ended, wait).unwrap_or_else(PoisonError::into_inner).0;
            }
        });
        log
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let (ended, bell) = &*self.0;
        *ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
        bell.notify_all();
    }
}

/// How far it is, on a line.
fn line(what: &str, done: u64, failed: u64, total: Option<u64>, time: Duration) -> String {
    let ended = done + failed;
    let mut line = format!("{what}: {done} done");
    let left = total.map(|total| total.saturating_sub(ended));
    if let Some(left) = left {
        let _ = write!(line, ", {left} left");
    }
    if failed > 0 {
        let _ = write!(line, ", {failed} failed");
    }
    let seconds = time.as_secs();
    // Of less, nothing can be said.
    if ended > 0 && seconds >= 2 {
        let _ = write!(line, ", {} a minute", ended * 60 / seconds);
        if let Some(left) = left.filter(|left| *left > 0) {
            let left = left.saturating_mul(seconds) / ended;
            let _ = match (left / 3600, left / 60, left) {
                (0, 0, seconds) => write!(line, ", {seconds} s to go"),
                (0, minutes, _) => write!(line, ", {minutes} min to go"),
                (hours, minutes, _) => write!(line, ", {hours} h {} min to go", minutes % 60),
            };
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_is_known() {
        let at = |done, failed, total, seconds| {
            line("reading", done, failed, total, Duration::from_secs(seconds))
        };
        assert_eq!(at(0, 0, None, 100), "reading: 0 done");
        assert_eq!(at(0, 0, Some(5), 0), "reading: 0 done, 5 left");
        assert_eq!(at(80, 0, None, 10), "reading: 80 done, 480 a minute");
        assert_eq!(
            at(80, 20, Some(200), 10),
            "reading: 80 done, 100 left, 20 failed, 600 a minute, 10 s to go"
        );
        assert!(at(10, 0, Some(100), 60).ends_with(", 10 a minute, 9 min to go"));
        assert!(at(10, 0, Some(1000), 60).ends_with(", 1 h 39 min to go"));
        assert!(at(10, 0, Some(10), 60).ends_with(": 10 done, 0 left, 10 a minute"));
        assert_eq!(at(9, 9, Some(1), 1), "reading: 9 done, 0 left, 9 failed");
    }

    #[test]
    fn a_log_is_told_until_it_ends() {
        let counts = Counts {
            what: "reading".to_owned(),
            total: None,
            done: AtomicU64::new(1),
            failed: AtomicU64::new(0),
            since: Instant::now(),
        };
        let (told, lines) = std::sync::mpsc::channel();
        let log = Log::every(Duration::from_millis(1), Arc::new(counts), move |line| {
            let _ = told.send(line.to_owned());
        });
        let first = lines.recv_timeout(Duration::from_secs(20)).expect("a line");
        assert_eq!(first, "reading: 1 done");
        drop(log);
        // It ends, and its end of the channel with it.
        assert!(lines.iter().count() < usize::MAX);
    }
}
