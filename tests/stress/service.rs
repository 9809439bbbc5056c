//! The fake itself: connections, requests, and what goes wrong with them. It knows nothing of the
//! emulator and nothing of the client.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use crate::stress::fault::{Fault, When};
use crate::stress::http::{Answer, Head};
use crate::stress::store::{Commit, Exchange, Profile, said};
use crate::stress::switches::Switches;

/// A service on localhost.
#[derive(Debug)]
pub struct Service {
    url: String,
    switches: Switches,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    profiles: HashMap<String, Profile>,
    random: fastrand::Rng,
    requests: u64,
}

/// What happened to one profile.
#[derive(Debug)]
pub struct History {
    /// Every PUT that was accepted, the first one first.
    pub commits: Vec<Commit>,
    /// Every request.
    pub exchanges: Vec<Exchange>,
    /// How many PUTs named another version.
    pub refused: u64,
    /// What is there in the end.
    pub end: Value,
}

impl Service {
    /// Starts one. It is gone with the runtime.
    ///
    /// # Errors
    /// No port can be bound.
    pub async fn start(switches: Switches, seed: u64) -> std::io::Result<Arc<Self>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let state =
            State { profiles: HashMap::new(), random: fastrand::Rng::with_seed(seed), requests: 0 };
        let url = format!("http://{}", listener.local_addr()?);
        let service = Arc::new(Self { url, switches, state: Mutex::new(state) });
        let serving = service.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let service = serving.clone();
                // What a caller does to a connection is no fault of the service.
                tokio::spawn(async move { service.serve(stream).await.ok() });
            }
        });
        Ok(service)
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many requests it had.
    pub fn requests(&self) -> u64 {
        self.state().requests
    }

    /// Lets it have a customer.
    pub fn add(&self, customer: Uuid) {
        let profile = Profile::new(&self.switches, &customer.to_string());
        self.state().profiles.insert(path(customer), profile);
    }

    /// Forgets a customer, when nothing is being done for it any more. Returns what happened.
    pub async fn close(&self, customer: Uuid) -> Option<History> {
        let path = path(customer);
        while self.state().profiles.get(&path)?.pending > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let profile = self.state().profiles.remove(&path)?;
        let end = profile.document().clone();
        let Profile { commits, exchanges, refused, .. } = profile;
        Some(History { commits, exchanges, refused, end })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut bytes = Vec::with_capacity(4096);
        while let Some(head) = Head::read(&mut stream, &mut bytes).await? {
            let fault = self.begin(&head);
            let served = self.one(&mut stream, &mut bytes, &head, fault).await;
            if let Some(profile) = self.state().profiles.get_mut(&head.path) {
                profile.pending -= 1;
            }
            if !served? {
                break;
            }
        }
        Ok(())
    }

    /// Counts a request, and rolls what goes wrong with it.
    fn begin(&self, head: &Head) -> Option<Fault> {
        let state = &mut *self.state();
        state.requests += 1;
        if let Some(profile) = state.profiles.get_mut(&head.path) {
            profile.pending += 1;
        }
        let mut rolled = state.random.f64();
        self.switches.faults.iter().find_map(|(fault, probability)| {
            rolled -= probability;
            (rolled < 0.0).then_some(*fault)
        })
    }

    /// Serves one request; false if the connection is over with it.
    async fn one(
        &self,
        stream: &mut TcpStream,
        bytes: &mut Vec<u8>,
        head: &Head,
        fault: Option<Fault>,
    ) -> std::io::Result<bool> {
        if fault == Some(Fault::CloseUnread) {
            self.log(head, fault, "nothing", false);
            return Ok(false);
        }
        let length = head.length + head.body();
        while bytes.len() < length {
            if stream.read_buf(bytes).await? == 0 {
                return Ok(false);
            }
        }
        let body: Vec<u8> = bytes.drain(..length).skip(head.length).collect();
        let framing = self.switches.framing;
        match fault {
            Some(Fault::Close(When::Before)) => {
                self.log(head, fault, "nothing", false);
                return Ok(false);
            }
            Some(Fault::Gateway(gateway, When::Before)) => {
                let answer = gateway.answer();
                self.log(head, fault, answer.status, false);
                stream.write_all(&answer.bytes(framing)).await?;
                return Ok(true);
            }
            Some(Fault::Late(When::Before)) => tokio::time::sleep(self.switches.late).await,
            // Others come in between.
            _ => tokio::task::yield_now().await,
        }
        let (answer, kept) = self.act(head, &body);
        let answer = match fault {
            Some(Fault::Gateway(gateway, When::After)) => gateway.answer(),
            Some(Fault::Fault500) => {
                let fault = r#"{"code":900192,"description":"Something went wrong. Try again."}"#;
                said(head, Answer::new(500, "application/json", fault))
            }
            _ => answer,
        };
        self.log(head, fault, answer.status, kept);
        let answer = answer.bytes(framing);
        match fault {
            Some(Fault::Close(When::After)) => return Ok(false),
            Some(Fault::Half) => {
                let half = self.state().random.usize(1..answer.len());
                stream.write_all(&answer[..half]).await?;
                return Ok(false);
            }
            Some(Fault::Late(When::After)) => tokio::time::sleep(self.switches.late).await,
            _ => {}
        }
        stream.write_all(&answer).await?;
        Ok(true)
    }

    /// What the service does with a request that reached it; also whether it kept what was sent.
    fn act(&self, head: &Head, body: &[u8]) -> (Answer, bool) {
        match (head.method.as_str(), self.state().profiles.get_mut(&head.path)) {
            ("GET", Some(profile)) => (profile.get(&self.switches, head), false),
            ("PUT", Some(profile)) => profile.put(&self.switches, head, body),
            _ => {
                let fault = r#"{"code":3000,"description":"no such customer"}"#;
                (said(head, Answer::new(404, "application/json", fault)), false)
            }
        }
    }

    fn log(&self, head: &Head, fault: Option<Fault>, answered: impl std::fmt::Display, kept: bool) {
        if let Some(profile) = self.state().profiles.get_mut(&head.path) {
            let fault = fault.map(|fault| format!("{fault:?}, ")).unwrap_or_default();
            let kept = if kept { "kept, " } else { "" };
            let id = head.header("ms-requestid").split('-').next().unwrap_or_default();
            let if_match = head.header("if-match");
            let method = &head.method;
            let what = format!("{method} {if_match} ({id}): {fault}{kept}answered {answered}");
            profile.exchanges.push(Exchange { by: head.header("ms-correlationid").into(), what });
        }
    }
}

fn path(customer: Uuid) -> String {
    format!("/v1/customers/{customer}/profiles/billing")
}
