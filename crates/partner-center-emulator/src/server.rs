//! The service on the network: connections, faults on the way, the journal, and the routes by which
//! a test looks in.

use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::contract::{CONTRACT, Violation};
use crate::fault::{ErrorBody, Fault, Faults, Rule, names};
use crate::journal::{Exchange, Journal};
use crate::profile::BOM;
use crate::rate::Window;
use crate::reply::{Refusal, Reply};
use crate::service::{Operation, Outcome, Request, Service, lock};
use crate::store::save;

/// How large the body of a request may be.
const BODY_LIMIT: usize = 1024 * 1024;

/// Everything that the connections share.
pub(crate) struct Shared {
    pub(crate) service: Service,
    pub(crate) strict: bool,
    pub(crate) seed: u64,
    pub(crate) rules: Vec<Rule>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) window: Option<Mutex<Window>>,
    pub(crate) journal: Mutex<Journal>,
    pub(crate) saver: Option<Saver>,
    pub(crate) watch: Option<fn(&Exchange)>,
}

/// The file that holds the state.
pub(crate) struct Saver {
    pub(crate) path: PathBuf,
    /// One save at a time; the order of saves is that of the states they hold.
    pub(crate) turn: tokio::sync::Mutex<()>,
}

/// Takes connections until `stop` changes or its sender is gone.
pub(crate) async fn serve(
    listener: TcpListener,
    shared: Arc<Shared>,
    mut stop: watch::Receiver<()>,
) {
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    // Without it an answer waits for the acknowledgement of the one before.
                    let _ = stream.set_nodelay(true);
                    tokio::spawn(connection(stream, shared.clone(), stop.clone()));
                }
            }
        }
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>, mut stop: watch::Receiver<()>) {
    let service = service_fn(move |request| exchange(shared.clone(), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // An error is the client's, or a fault that was asked for.
        _ = connection.as_mut() => {}
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// The reason why a connection is closed without an answer.
#[derive(Debug)]
pub(crate) struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is closed, as a fault asks for")
    }
}

impl std::error::Error for Closed {}

async fn exchange(
    shared: Arc<Shared>,
    request: hyper::Request<Incoming>,
) -> Result<Response<Answer>, Closed> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let body = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(()),
        Err(_) => return Err(Closed),
    };
    if let Some(route) = path.strip_prefix("/_emulator/") {
        return Ok(Answer::whole(
            shared.look_in(&parts.method, route, &body.unwrap_or_default()).await,
        ));
    }
    let operation = match &body {
        Ok(_) => Operation::find(&parts.method, &path),
        Err(()) => Err(Box::new(too_large())),
    };
    let id = operation.as_ref().ok().map(|operation| operation.id());
    let rules = id.map(|id| lock(&shared.faults).next(id)).unwrap_or_default();
    let request = Request {
        path: path.clone(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.unwrap_or_default(),
    };
    let (answer, outcome) = shared.hit(operation, &request, &rules).await;
    let (status, response_headers) = match &answer {
        Ok(answer) => (Some(answer.status().as_u16()), answer.headers().clone()),
        Err(Closed) => (None, HeaderMap::new()),
    };
    let exchange = Exchange {
        sequence: 0,
        operation: id,
        method: parts.method,
        path: parts.uri.path_and_query().map_or(path, ToString::to_string),
        request_headers: request.headers,
        request_body: request.body,
        status,
        response_headers,
        response_body: answer.as_ref().map(|answer| answer.body().sent()).unwrap_or_default(),
        faults: names(&rules),
        committed: outcome.committed,
        request_violations: outcome.request_violations,
        response_violations: outcome.response_violations,
    };
    if let Some(watch) = shared.watch {
        watch(&exchange);
    }
    lock(&shared.journal).add(exchange);
    wait(&rules, Fault::LateAnswer).await;
    answer
}

/// Takes the time that the rules of this fault ask for.
async fn wait(rules: &[Rule], fault: Fault) {
    for rule in rules.iter().filter(|rule| rule.fault == fault) {
        tokio::time::sleep(rule.latency()).await;
    }
}

impl Shared {
    /// Answers a request, with what the rules do to it on the way.
    async fn hit(
        &self,
        operation: Result<Operation<'_>, Refusal>,
        request: &Request,
        rules: &[Rule],
    ) -> (Result<Response<Answer>, Closed>, Outcome) {
        // The gateway of the sign-in is another one.
        let counted = !matches!(operation, Ok(Operation::Token(_) | Operation::DeviceCode(_)));
        let window = self.window.as_ref().filter(|_| counted);
        if let Some(seconds) = window.and_then(|window| lock(window).take(Instant::now())) {
            return (Ok(Answer::whole(throttled(seconds))), nothing());
        }
        wait(rules, Fault::Latency).await;
        for rule in rules {
            let reply = match rule.fault {
                Fault::CloseBeforeCommit => return (Err(Closed), nothing()),
                Fault::Throttle => throttled(rule.retry_after.unwrap_or(1)),
                Fault::Error => failed(rule.status.unwrap_or(500), rule.body.unwrap_or_default()),
                Fault::Refuse => Service::refuse(rule.status.unwrap_or(403), request),
                _ => continue,
            };
            return (Ok(Answer::whole(reply)), nothing());
        }
        let writes = matches!(operation, Ok(Operation::PutCustomer(_) | Operation::PutPartner));
        let interferes = |rule: &&Rule| writes && rule.fault == Fault::Overwrite;
        let interfering: Vec<_> = rules.iter().filter(interferes).collect();
        if let Ok(operation) = operation {
            for rule in &interfering {
                self.service.interfere(operation, rule.change.as_ref());
            }
        }
        let mut outcome = match operation {
            Err(refusal) => refusal.into(),
            Ok(operation) => {
                let outcome = self.service.answer(operation, request, Instant::now());
                self.held(operation, outcome)
            }
        };
        // An answer that is given again acknowledges what it did as much as the first one.
        let acknowledges = writes && outcome.reply.status.is_success();
        if (outcome.committed || acknowledges || !interfering.is_empty())
            && let Err(error) = self.save().await
        {
            // It is in memory, and not acknowledged.
            let text = format!("The state cannot be saved: {error}");
            outcome.reply = Reply::fault(StatusCode::INTERNAL_SERVER_ERROR, 0, &text);
        }
        let mut answer = Answer::whole(outcome.reply.clone());
        for rule in rules {
            let body = outcome.reply.body.clone();
            match rule.fault {
                Fault::CloseAfterCommit => return (Err(Closed), outcome),
                Fault::Truncate => *answer.body_mut() = Answer::cut(&body),
                Fault::Garbage => {
                    *answer.body_mut() = Answer::new(Bytes::from_static(b"\x00\xFFnot JSON{"));
                }
                Fault::Utf16 => *answer.body_mut() = Answer::new(utf16(&body)),
                Fault::ContentType => {
                    answer
                        .headers_mut()
                        .insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
                }
                _ => {}
            }
        }
        (Ok(answer), outcome)
    }

    /// Holds an outcome to the contract; in strict mode a violation becomes the answer.
    fn held(&self, operation: Operation<'_>, mut outcome: Outcome) -> Outcome {
        let Reply { status, body, .. } = &outcome.reply;
        outcome.response_violations = CONTRACT.response(operation.id(), *status, body);
        let first = outcome.request_violations.iter().chain(&outcome.response_violations).next();
        if let (true, Some(Violation { at, message })) = (self.strict, first) {
            let text = format!("The contract is violated at '{at}': {message}");
            outcome.reply = Reply::fault(StatusCode::INTERNAL_SERVER_ERROR, 0, &text);
        }
        outcome
    }

    /// Saves the state, if there is a file for it.
    async fn save(&self) -> std::io::Result<()> {
        let Some(saver) = &self.saver else { return Ok(()) };
        let _turn = saver.turn.lock().await;
        // Taken in turn: whatever was committed before this save began is in it.
        let (state, path) = (self.service.state(), saver.path.clone());
        tokio::task::spawn_blocking(move || save(&path, &state))
            .await
            .map_err(std::io::Error::other)?
    }

    /// The routes below `/_emulator/`, by which a test looks in and takes a hand.
    async fn look_in(&self, method: &Method, route: &str, body: &[u8]) -> Reply {
        let ok = |body: Value| Reply::json(StatusCode::OK, &body);
        let bad = |why: String| Reply::json(StatusCode::BAD_REQUEST, &json!({"error": why}));
        let segments: Vec<_> = route.split('/').collect();
        match (method.as_str(), segments.as_slice()) {
            ("GET", ["state"]) => ok(self.service.state()),
            ("GET", ["journal"]) => {
                let exchanges = lock(&self.journal).exchanges();
                ok(exchanges.iter().map(Exchange::to_json).collect())
            }
            ("POST", ["reset"]) => {
                self.reset();
                match self.save().await {
                    Ok(()) => Reply::empty(StatusCode::NO_CONTENT),
                    Err(error) => bad(format!("the state cannot be saved: {error}")),
                }
            }
            ("POST", ["faults"]) => match Rule::from_json(body) {
                Ok(rule) => {
                    lock(&self.faults).add(rule);
                    Reply::empty(StatusCode::NO_CONTENT)
                }
                Err(error) => bad(error.to_string()),
            },
            ("DELETE", ["faults"]) => {
                lock(&self.faults).clear();
                Reply::empty(StatusCode::NO_CONTENT)
            }
            ("POST", ["revoke"]) => {
                let body: Value = serde_json::from_slice(body).unwrap_or_default();
                self.service.revoke(body["token"].as_str());
                Reply::empty(StatusCode::NO_CONTENT)
            }
            ("PUT", ["customers", id, "profiles", "billing"]) => {
                let body = match serde_json::from_slice::<Value>(body) {
                    Ok(body) if body.is_object() => body,
                    _ => return bad("the body is not a JSON object".to_owned()),
                };
                let Some(reply) = self.service.overwrite(id, body) else {
                    return Reply::json(
                        StatusCode::NOT_FOUND,
                        &json!({"error": "there is no such customer"}),
                    );
                };
                match self.save().await {
                    Ok(()) => reply,
                    Err(error) => bad(format!("the state cannot be saved: {error}")),
                }
            }
            _ => {
                let routes = "GET state, GET journal, POST reset, POST faults, DELETE faults, POST revoke, \
                              PUT customers/{id}/profiles/billing";
                Reply::json(
                    StatusCode::NOT_FOUND,
                    &json!({"error": format!("expected one of {routes}")}),
                )
            }
        }
    }

    /// Everything as it was at the start: resources, tokens, faults, journal.
    pub(crate) fn reset(&self) {
        self.service.reset();
        *lock(&self.faults) = Faults::new(&self.rules, self.seed);
        lock(&self.journal).clear();
    }
}

fn nothing() -> Outcome {
    Reply::empty(StatusCode::OK).into()
}

fn too_large() -> Reply {
    Reply::fault(StatusCode::PAYLOAD_TOO_LARGE, 0, "The request body is larger than 1 MiB.")
}

fn throttled(seconds: u64) -> Reply {
    let text = format!("Rate limit is exceeded. Try again in {seconds} seconds.");
    let mut reply = Reply::gateway(StatusCode::TOO_MANY_REQUESTS, &text);
    reply.headers.insert(RETRY_AFTER, seconds.into());
    reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
}

fn failed(status: u16, body: ErrorBody) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match body {
        ErrorBody::Json => {
            Reply::fault(status, 900_192, "Something went wrong. Try again after some time.")
        }
        ErrorBody::Empty => Reply::empty(status),
        ErrorBody::Html => {
            let mut reply = Reply::new(status, format!("<html><h1>{status}</h1></html>").into());
            reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
            reply
        }
    }
}

/// The same text in UTF-16, little endian, behind a byte order mark.
fn utf16(body: &[u8]) -> Bytes {
    let text = String::from_utf8_lossy(body.strip_prefix(BOM).unwrap_or(body)).into_owned();
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// The body of an answer: whole, or breaking off after a part of it.
pub(crate) struct Answer {
    rest: Option<Bytes>,
    sent: Bytes,
    /// What was promised in `Content-Length`.
    length: u64,
    /// Whether what was sent had time to leave before the connection is closed.
    flushed: bool,
}

impl Answer {
    fn whole(reply: Reply) -> Response<Self> {
        let mut response = Response::new(Self::new(reply.body));
        *response.status_mut() = reply.status;
        *response.headers_mut() = reply.headers;
        response
    }

    fn new(body: Bytes) -> Self {
        Self { length: body.len() as u64, sent: body.clone(), rest: Some(body), flushed: false }
    }

    fn cut(body: &Bytes) -> Self {
        let half = body.slice(..body.len() / 2);
        Self { length: body.len() as u64, sent: half.clone(), rest: Some(half), flushed: false }
    }

    fn sent(&self) -> Bytes {
        self.sent.clone()
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        match self.rest.take() {
            Some(part) => Poll::Ready(Some(Ok(Frame::data(part)))),
            None if self.sent.len() as u64 == self.length => Poll::Ready(None),
            None if self.flushed => Poll::Ready(Some(Err(Closed))),
            None => {
                self.flushed = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.length == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
