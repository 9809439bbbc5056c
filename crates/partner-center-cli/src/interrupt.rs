//! Ctrl-C: a person who interrupts is told what became of what was under way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use indicatif::ProgressBar;
use tokio::sync::watch;

use crate::output::{one_line, say};

/// The exit code of a process that was interrupted, as shells have it.
const INTERRUPTED: i32 = 130;

/// What to say, in the order in which it began.
static NOTES: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// Who is asked to stop before the process is ended.
static STOPS: Mutex<Option<watch::Sender<bool>>> = Mutex::new(None);
/// Whether somebody else has the terminal, and Ctrl-C is theirs.
static LENT: AtomicBool = AtomicBool::new(false);

/// Says what is noted when the process is interrupted or asked to stop, and ends it.
pub(crate) fn watch(bar: ProgressBar) {
    // It is done once; where it cannot be, the process ends as others do.
    let _ = ctrlc::set_handler(move || {
        if LENT.load(Ordering::SeqCst) {
            return;
        }
        if let Some(asked) = STOPS.lock().unwrap_or_else(PoisonError::into_inner).take() {
            say(&bar, "what is in flight is finished; Ctrl-C again ends at once");
            // Whoever is asked may have come to the end.
            let _ = asked.send(true);
            return;
        }
        bar.finish_and_clear();
        say(&bar, "interrupted");
        for note in &*NOTES.lock().unwrap_or_else(PoisonError::into_inner) {
            say(&bar, &format!(" hint: {}", one_line(note)));
        }
        std::process::exit(INTERRUPTED);
    });
}

/// Something that is under way, until this is dropped.
#[must_use]
pub(crate) struct Note;

impl Drop for Note {
    fn drop(&mut self) {
        NOTES.lock().unwrap_or_else(PoisonError::into_inner).pop();
    }
}

/// Notes what to say to whoever interrupts.
pub(crate) fn note(what: impl Into<String>) -> Note {
    NOTES.lock().unwrap_or_else(PoisonError::into_inner).push(what.into());
    Note
}

/// Work that stops by itself when it is asked to, until this is dropped: the first Ctrl-C asks, and the second ends the
/// process.
#[must_use]
pub(crate) struct Stop(watch::Receiver<bool>);

/// Begins such work.
pub(crate) fn stop() -> Stop {
    let (asked, is_asked) = watch::channel(false);
    *STOPS.lock().unwrap_or_else(PoisonError::into_inner) = Some(asked);
    Stop(is_asked)
}

impl Stop {
    pub(crate) fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is asked to stop.
    pub(crate) fn asked(&self) -> impl Future<Output = ()> + use<> {
        let mut asked = self.0.clone();
        async move {
            let is_asked = asked.wait_for(|asked| *asked).await.is_ok();
            if !is_asked {
                // Nobody is left to ask.
                std::future::pending::<()>().await;
            }
        }
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        STOPS.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// Leaves Ctrl-C to another program on the terminal.
pub(crate) fn lend<T>(run: impl FnOnce() -> T) -> T {
    LENT.store(true, Ordering::SeqCst);
    let result = run();
    LENT.store(false, Ordering::SeqCst);
    result
}
