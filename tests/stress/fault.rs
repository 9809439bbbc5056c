//! What goes wrong with a request: each fault says whether the service acted on the request, and whose
//! answer the caller sees.

use crate::stress::http::Answer;

/// When something goes wrong: before the service acts on a request, or after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are the two sides of the commit")]
pub enum When {
    Before,
    After,
}

/// An answer of something between the caller and the service. None has the headers of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named for its status")]
pub enum Gateway {
    Found302,
    Empty401,
    Html403,
    Empty408,
    Json429,
    Empty499,
    Html502,
    Text503,
}

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is closed when the head of the request was read.
    CloseUnread,
    /// The connection is closed instead of an answer.
    Close(When),
    /// The connection is closed in the middle of the service's answer, be it a refusal.
    Half,
    /// The service acts, or answers, when the caller has given up.
    Late(When),
    /// A gateway answers.
    Gateway(Gateway, When),
    /// The service acted and answers 500 with a fault of its own.
    Fault500,
}

impl Fault {
    /// What happens to connections.
    pub const CONNECTION: [Self; 4] =
        [Self::CloseUnread, Self::Close(When::Before), Self::Close(When::After), Self::Half];

    /// What is too late.
    pub const LATE: [Self; 2] = [Self::Late(When::Before), Self::Late(When::After)];

    /// What gateways say of a request that they did not pass on.
    #[must_use]
    pub fn gateway_before() -> Vec<Self> {
        Gateway::ALL.iter().map(|gateway| Self::Gateway(*gateway, When::Before)).collect()
    }

    /// What is said of a request that the service did act on.
    #[must_use]
    pub fn gateway_after() -> Vec<Self> {
        let gateways = Gateway::ALL.iter().map(|gateway| Self::Gateway(*gateway, When::After));
        gateways.chain([Self::Fault500]).collect()
    }

    /// Every fault.
    #[must_use]
    pub fn all() -> Vec<Self> {
        [&Self::CONNECTION[..], &Self::LATE, &Self::gateway_before(), &Self::gateway_after()]
            .concat()
    }
}

impl Gateway {
    /// Every one of them.
    pub const ALL: [Self; 8] = [
        Self::Found302,
        Self::Empty401,
        Self::Html403,
        Self::Empty408,
        Self::Json429,
        Self::Empty499,
        Self::Html502,
        Self::Text503,
    ];

    /// What it says.
    #[must_use]
    pub fn answer(self) -> Answer {
        let (status, kind, headers, body) = match self {
            Self::Found302 => (302, "text/html", "Location: /error\r\n", ""),
            Self::Empty401 => (401, "application/json", "", ""),
            Self::Html403 => (
                403,
                "text/html",
                "",
                "<html><head><title>403 Forbidden</title></head><body></body></html>",
            ),
            Self::Empty408 => (408, "text/plain", "", ""),
            Self::Json429 => (
                429,
                "application/json",
                "",
                r#"{ "statusCode": 429, "message": "Rate limit is exceeded. Try again in 0 seconds." }"#,
            ),
            Self::Empty499 => (499, "application/json", "", ""),
            Self::Html502 => (
                502,
                "text/html",
                "",
                "<html><head><title>502 Bad Gateway</title></head><body></body></html>",
            ),
            Self::Text503 => (503, "text/plain", "Retry-After: 0\r\n", "busy"),
        };
        Answer::new(status, kind, body).header(headers)
    }
}
