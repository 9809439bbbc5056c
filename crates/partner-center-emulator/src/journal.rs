//! What was asked and answered, as it was on the wire, so that a test can assert on it.

use std::collections::VecDeque;

use bytes::Bytes;
use http::{HeaderMap, Method, header};
use serde_json::{Map, Value, json};

use crate::contract::Violation;

/// How many exchanges are kept, if nothing else is said.
pub(crate) const LENGTH: usize = 1000;

/// One request and what came of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exchange {
    /// Its place in the order of arrival, from 1.
    pub sequence: u64,
    /// The operation by its id in the contract, `token` or `deviceCode`; `None` if there is none.
    pub operation: Option<&'static str>,
    /// The method of the request.
    pub method: Method,
    /// The path of the request, with its query.
    pub path: String,
    /// The headers of the request. The credential in `Authorization` is not kept.
    pub request_headers: HeaderMap,
    /// The body of the request; that of a token request is not kept.
    pub request_body: Bytes,
    /// The status that was answered; `None` if the connection was closed without an answer.
    pub status: Option<u16>,
    /// The headers of the answer.
    pub response_headers: HeaderMap,
    /// The body of the answer, as much of it as was sent; that of a token is not kept.
    pub response_body: Bytes,
    /// The faults that hit it.
    pub faults: Vec<String>,
    /// Whether it changed a resource.
    pub committed: bool,
    /// What the contract does not allow in the request.
    pub request_violations: Vec<Violation>,
    /// What the contract does not allow in the answer of the service. Faults are not held to it.
    pub response_violations: Vec<Violation>,
}

impl Exchange {
    /// The exchange as `GET /_emulator/journal` shows it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let list = |violations: &[Violation]| -> Value {
            violations.iter().map(|v| json!({"at": v.at, "message": v.message})).collect()
        };
        json!({
            "sequence": self.sequence,
            "operation": self.operation,
            "request": {
                "method": self.method.as_str(),
                "path": self.path,
                "headers": headers(&self.request_headers),
                "body": String::from_utf8_lossy(&self.request_body),
            },
            "response": self.status.map(|status| json!({
                "status": status,
                "headers": headers(&self.response_headers),
                "body": String::from_utf8_lossy(&self.response_body),
            })),
            "faults": self.faults,
            "committed": self.committed,
            "requestViolations": list(&self.request_violations),
            "responseViolations": list(&self.response_violations),
        })
    }
}

fn headers(headers: &HeaderMap) -> Value {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Value::Object(
        headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value).into()))
            .collect::<Map<_, _>>(),
    )
}

/// The last exchanges, oldest first.
#[derive(Debug)]
pub(crate) struct Journal {
    length: usize,
    exchanges: VecDeque<Exchange>,
    count: u64,
}

impl Journal {
    /// Keeps the last `length` exchanges.
    pub(crate) fn new(length: usize) -> Self {
        Self { length, exchanges: VecDeque::new(), count: 0 }
    }

    /// Keeps an exchange, and forgets the oldest one when there are too many.
    pub(crate) fn add(&mut self, mut exchange: Exchange) {
        self.count += 1;
        exchange.sequence = self.count;
        if exchange.request_headers.contains_key(header::AUTHORIZATION) {
            let hidden = header::HeaderValue::from_static("[not kept]");
            exchange.request_headers.insert(header::AUTHORIZATION, hidden);
        }
        if matches!(exchange.operation, Some("token" | "deviceCode")) {
            exchange.request_body = Bytes::from_static(b"[not kept]");
            exchange.response_body = Bytes::from_static(b"[not kept]");
        }
        self.exchanges.push_back(exchange);
        if self.exchanges.len() > self.length {
            self.exchanges.pop_front();
        }
    }

    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.length);
    }
}
