//! HTTP/1.1 by hand: what is on the wire is what is written here, and nothing adds to it.

use std::fmt::Write as _;

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::stress::switches::Framing;

/// The head of a request.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    /// How long the head is, in bytes.
    pub(crate) length: usize,
}

impl Head {
    /// Reads one from a connection, to which `bytes` may hold more; `None` at the end.
    pub(crate) async fn read(
        stream: &mut (impl AsyncRead + Unpin),
        bytes: &mut Vec<u8>,
    ) -> std::io::Result<Option<Self>> {
        loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                return Ok(Self::parse(&String::from_utf8_lossy(&bytes[..end]), end + 4));
            }
            if stream.read_buf(bytes).await? == 0 {
                return Ok(None);
            }
        }
    }

    fn parse(text: &str, length: usize) -> Option<Self> {
        let mut lines = text.lines();
        let mut first = lines.next()?.split(' ');
        let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
        let headers = lines.filter_map(|line| line.split_once(':'));
        let headers = headers
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Some(Self { method, path, headers, length })
    }

    /// A header, by its name in lower case; an empty text if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let header = self.headers.iter().find(|(known, _)| known == name);
        header.map_or("", |(_, value)| value)
    }

    /// How long the body is.
    pub(crate) fn body(&self) -> usize {
        self.header("content-length").parse().unwrap_or(0)
    }
}

/// An answer before it is bytes.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(crate) status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    /// An answer with a body of a kind.
    #[must_use]
    pub fn new(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        let head = format!("Content-Type: {kind}\r\n");
        Self { status, head, body: body.into() }
    }

    /// Adds header lines, each with its end.
    #[must_use]
    pub fn header(mut self, lines: &str) -> Self {
        self.head.push_str(lines);
        self
    }

    /// The bytes of it.
    #[must_use]
    pub fn bytes(&self, framing: Framing) -> Vec<u8> {
        let Self { status, head, body } = self;
        let mut text = format!("HTTP/1.1 {status} Said\r\n{head}");
        let mut framed = Vec::with_capacity(body.len() + 64);
        match framing {
            _ if *status == 204 => {}
            Framing::Chunked => {
                text.push_str("Transfer-Encoding: chunked\r\n");
                for chunk in body.chunks(97) {
                    framed.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                    framed.extend_from_slice(chunk);
                    framed.extend_from_slice(b"\r\n");
                }
                framed.extend_from_slice(b"0\r\n\r\n");
            }
            Framing::Length => {
                // A `String` takes everything.
                let _ = write!(text, "Content-Length: {}\r\n", body.len());
                framed.extend_from_slice(body);
            }
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        bytes.append(&mut framed);
        bytes
    }
}
