//! Ctrl-C: a person who interrupts is told what became of what was under way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use indicatif::ProgressBar;

use crate::output::{one_line, say};

/// The exit code of a process that was interrupted, as shells have it.
const INTERRUPTED: i32 = 130;

/// What to say, in the order in which it began.
static NOTES: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// Whether somebody else has the terminal, and Ctrl-C is theirs.
static LENT: AtomicBool = AtomicBool::new(false);

/// Says what is noted when the process is interrupted or asked to stop, and ends it.
pub(crate) fn watch(bar: ProgressBar) {
    // It is done once; where it cannot be, the process ends as others do.
    let _ = ctrlc::set_handler(move || {
        if LENT.load(Ordering::SeqCst) {
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

/// Leaves Ctrl-C to another program on the terminal.
pub(crate) fn lend<T>(run: impl FnOnce() -> T) -> T {
    LENT.store(true, Ordering::SeqCst);
    let result = run();
    LENT.store(false, Ordering::SeqCst);
    result
}
