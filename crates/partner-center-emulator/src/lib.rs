#![doc = include_str!("../README.md")]

mod profile;
mod service;

use std::net::{Ipv4Addr, SocketAddr};

use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// The documented sample customer: its profile is the one of the documentation of GET.
pub const SAMPLE_CUSTOMER: &str = "aaaa0000-bb11-2222-33cc-444444dddddd";

/// The customer of another documented sample, with an address and a phone number of its own.
pub const OTHER_CUSTOMER: &str = "eebd1b55-5360-4438-a11d-5c06918c3014";

/// The bearer token of an application without a user.
pub const APP_ONLY_TOKEN: &str = "emulator-app-only";

/// The bearer token of an application with a signed-in user.
pub const APP_USER_TOKEN: &str = "emulator-app-user";

/// A running service. It stops when it is dropped.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    _stop: oneshot::Sender<()>,
}

impl Emulator {
    /// Starts a service on a free port of the loopback interface, on the tokio runtime of the caller.
    ///
    /// # Errors
    /// No port can be bound.
    ///
    /// # Panics
    /// Outside of a tokio runtime with I/O enabled.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        // Without it every response waits for the acknowledgement of the one before.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(listener, service::router()).with_graceful_shutdown(async {
            // The sender sends nothing: it is gone when the emulator is.
            let _ = stopped.await;
        });
        tokio::spawn(async move { server.await });
        Ok(Self { address, _stop: stop })
    }

    /// The address of the service, such as `http://127.0.0.1:8089`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}
