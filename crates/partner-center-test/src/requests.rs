//! What was sent, to be shown and compared.

use std::fmt;
use std::ops::Deref;

use http::header::IF_MATCH;
use partner_center_emulator::Exchange;

/// How many requests are shown from the beginning, and from the end.
const SHOWN: usize = 20;

/// The requests that a service was sent, the first one first. Derefs to the exchanges.
///
/// `Display` has a line for each of the first and the last 20: the method, the path, `If-Match`, what was answered
/// and what went wrong. The credential is not kept at all, and bodies, which may be personal, are shown [when asked
/// for](Self::with_bodies).
///
/// # Examples
/// ```
/// use partner_center_test::TestService;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let service = TestService::start();
/// service.own_profile().get().await?;
/// let requests = service.requests();
/// assert_eq!(requests.to_string(), "  1. GET /v1/profiles/billing -> 200\n");
/// assert_eq!(requests[0].status, Some(200));
/// assert!(requests[0].request_headers.contains_key("MS-CorrelationId"));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Requests {
    exchanges: Vec<Exchange>,
    bodies: bool,
}

impl Requests {
    pub(crate) fn new(exchanges: Vec<Exchange>) -> Self {
        Self { exchanges, bodies: false }
    }

    /// Shows the bodies too, of requests and answers.
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::TestService;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// service.own_profile().get().await?;
    /// let requests = service.requests();
    /// assert!(!requests.to_string().contains("taxId"));
    /// assert!(requests.with_bodies().to_string().contains("taxId"));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn with_bodies(mut self) -> Self {
        self.bodies = true;
        self
    }

    /// How many there are of this kind: `PUT`, or `PUT /v1/customers/*/profiles/billing`, where `*` is any text.
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::TestService;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// service.profile().get().await?;
    /// service.own_profile().get().await?;
    /// assert_eq!(service.requests().count("GET"), 2);
    /// assert_eq!(service.requests().count("GET /v1/customers/*"), 1);
    /// assert_eq!(service.requests().count("PUT"), 0);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn count(&self, what: &str) -> usize {
        self.iter().filter(|exchange| is(exchange, what)).count()
    }

    /// Whether these were sent, in this order, and nothing else.
    pub(crate) fn are(&self, expected: &[&str]) -> bool {
        self.len() == expected.len() && self.iter().zip(expected).all(|(one, what)| is(one, what))
    }
}

impl Deref for Requests {
    type Target = [Exchange];

    fn deref(&self) -> &[Exchange] {
        &self.exchanges
    }
}

impl fmt::Display for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("  nothing\n");
        }
        let hidden = SHOWN..self.len().saturating_sub(SHOWN);
        for (number, exchange) in (1..).zip(self.iter()) {
            if hidden.contains(&(number - 1)) {
                if number - 1 == hidden.start {
                    writeln!(f, "  … and {} more", hidden.len())?;
                }
                continue;
            }
            write!(f, "{number:>3}. {} {}", exchange.method, exchange.path)?;
            if let Some(tag) = exchange.request_headers.get(IF_MATCH) {
                write!(f, ", If-Match: {}", String::from_utf8_lossy(tag.as_bytes()))?;
            }
            match exchange.status {
                Some(status) => write!(f, " -> {status}")?,
                None => f.write_str(" -> no answer")?,
            }
            if !exchange.faults.is_empty() {
                write!(f, " ({})", exchange.faults.join(", "))?;
            }
            f.write_str("\n")?;
            for body in [&exchange.request_body, &exchange.response_body] {
                if self.bodies && !body.is_empty() {
                    writeln!(
                        f,
                        "     {}",
                        String::from_utf8_lossy(body).trim_start_matches('\u{FEFF}')
                    )?;
                }
            }
        }
        Ok(())
    }
}

/// Whether a request is of this kind: its method, and its path if that is given.
fn is(exchange: &Exchange, what: &str) -> bool {
    let what = what.trim();
    let (method, path) = what.split_once(' ').unwrap_or((what, "*"));
    exchange.method == method && matches(&exchange.path, path.trim())
}

/// Whether a text is like a pattern in which `*` is any text.
fn matches(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text() {
        for (pattern, is) in [
            ("/v1/a/b", true),
            ("/v1/a", false),
            ("/v1/a/b/c", false),
            ("*", true),
            ("/v1/*", true),
            ("*/b", true),
            ("*/a", false),
            ("/v1/*/b", true),
            ("/v1/*a*b", true),
            ("*b*a*", false),
            ("/v1/a/b*", true),
            ("/v1/a/*/b", false),
            ("", false),
        ] {
            assert_eq!(matches("/v1/a/b", pattern), is, "{pattern}");
        }
    }
}
