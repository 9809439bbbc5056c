//! A service on a thread of its own.

use std::io;
use std::ops::Deref;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use tokio::runtime;
use tokio::sync::oneshot;

use crate::{Builder, Emulator};

/// An [`Emulator`] on a thread of its own: it answers whatever its caller does meanwhile. When it is dropped,
/// the thread is over, and its connections are closed.
///
/// # Examples
/// ```
/// use partner_center_emulator::Emulator;
///
/// # fn main() -> std::io::Result<()> {
/// let emulator = Emulator::builder().start_in_background()?;
/// let address = emulator.url().trim_start_matches("http://").to_owned();
/// let mut connection = std::net::TcpStream::connect(address)?;
/// std::io::Write::write_all(&mut connection, b"GET /v1/profiles/billing HTTP/1.0\r\n\r\n")?;
/// let answer = std::io::read_to_string(connection)?;
/// assert!(answer.starts_with("HTTP/1.0 401"));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct BackgroundEmulator {
    emulator: Emulator,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Builder {
    /// Starts the service on a thread and a tokio runtime of its own.
    ///
    /// # Errors
    /// As those of [`start`](Self::start), or the machine has no thread for it.
    pub fn start_in_background(self) -> io::Result<BackgroundEmulator> {
        let (started, start) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            let runtime = match runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return drop(started.send(Err(error))),
            };
            runtime.block_on(async {
                // Nobody waits for it any more if it cannot be sent.
                let _ = started.send(self.start().await);
                let _ = stopped.await;
            });
        };
        let thread =
            thread::Builder::new().name("partner-center-emulator".to_owned()).spawn(serve)?;
        let emulator = start.recv().map_err(io::Error::other)??;
        Ok(BackgroundEmulator { emulator, stop: Some(stop), thread: Some(thread) })
    }
}

impl Deref for BackgroundEmulator {
    type Target = Emulator;

    fn deref(&self) -> &Emulator {
        &self.emulator
    }
}

impl Drop for BackgroundEmulator {
    fn drop(&mut self) {
        drop(self.stop.take());
        // If the service panicked, it has said so.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
