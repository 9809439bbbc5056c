//! Who is served: the one browser that came with the key, from the pages that this command gave it.
//!
//! Other programs on this machine, other users of it, and every page in the same browser can send requests to a port of
//! loopback. None of them knows the cookie; and a request that a foreign page makes the browser send says so.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use uuid::Uuid;

use super::form::Fields;
use super::view;

/// A page that says why there is no other one.
struct Refusal(StatusCode, &'static str, Markup);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, title, body) = self;
        (status, view::bare(title, &body, None)).into_response()
    }
}

/// Where the browser comes in with the key.
pub(super) const ENTRY: &str = "/enter";

/// The name of the form field that has the token.
pub(super) const TOKEN: &str = "csrf";

/// No form of these pages is longer.
const LONGEST_BODY: usize = 1 << 20;

/// What every answer says to the browser. Scripts and styles are those of this server, and nothing is kept.
const HEADERS: [(HeaderName, &str); 8] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Without a referrer, a browser sends `Origin: null` with a form of this very page.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// What is known to the browser that is served, and to nobody else.
pub(super) struct Guard {
    /// The host and port that were printed: a name that leads here too is another one.
    host: String,
    /// It lets one browser in, once.
    key: Mutex<Option<String>>,
    cookie: String,
    /// In every form of these pages.
    token: String,
    /// What to do when somebody comes with a key that was used.
    warn: Box<dyn Fn() + Send + Sync>,
}

impl Guard {
    pub(super) fn new(port: u16, warn: impl Fn() + Send + Sync + 'static) -> Self {
        let (key, cookie, token) = (secret(), secret(), secret());
        let host = format!("127.0.0.1:{port}");
        Self { host, key: Mutex::new(Some(key)), cookie, token, warn: Box::new(warn) }
    }

    /// The address to open, which is good once.
    pub(super) fn address(&self) -> String {
        let key = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        format!("http://{}{ENTRY}?key={}", self.host, key.as_deref().unwrap_or_default())
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Browsers do not tell the ports of a host apart: another command has another name.
    fn cookie_name(&self) -> String {
        format!("partner-center-{}", self.host.rsplit(':').next().unwrap_or_default())
    }

    fn has_cookie(&self, headers: &HeaderMap) -> bool {
        let name = self.cookie_name();
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
        let mut pairs =
            cookies.flat_map(|it| it.split(';')).filter_map(|it| it.trim().split_once('='));
        pairs.any(|(key, value)| key == name && is_same(value, &self.cookie))
    }

    /// Lets the browser in that has the key.
    fn enter(&self, query: &str) -> Result<Response, Refusal> {
        let given = query.strip_prefix("key=").unwrap_or_default();
        let mut key = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        if key.as_deref().is_some_and(|key| is_same(given, key)) {
            *key = None;
            let cookie = format!(
                "{}={}; HttpOnly; SameSite=Strict; Path=/",
                self.cookie_name(),
                self.cookie
            );
            // Not a redirect: who came by a link from elsewhere would be redirected without the cookie.
            let page = view::bare(
                "Billing profiles",
                &html! { p { a href="/customers" { "Go on to the customers" } } },
                Some("/customers"),
            );
            return Ok(([(header::SET_COOKIE, cookie)], page).into_response());
        }
        if key.is_some() {
            let why = html! { p { "Open the whole address that " code { "partner-center web" } " printed." } };
            return Err(Refusal(
                StatusCode::FORBIDDEN,
                "This is not the address that was printed",
                why,
            ));
        }
        drop(key);
        (self.warn)();
        let why = html! {
            p { "It is good once, and for one browser." }
            p { "Go on in the browser that used it, or start " code { "partner-center web" } " again and open the new \
                 address. What you typed is kept." }
        };
        Err(Refusal(StatusCode::FORBIDDEN, "This address was used before", why))
    }

    /// Refuses what a foreign page or a foreign name brought here.
    fn origin(&self, request: &Request) -> Result<(), Refusal> {
        let text = |name: HeaderName| match request.headers().get(name) {
            None => Some(None),
            Some(value) => value.to_str().ok().map(Some),
        };
        let host = text(header::HOST).flatten();
        if host.is_none_or(|host| host != self.host) {
            return Err(Refusal(
                StatusCode::MISDIRECTED_REQUEST,
                "This is another address",
                html! {
                    p { "Open the address that " code { "partner-center web" } " printed. It begins with "
                        code { "http://127.0.0.1:" } "." }
                },
            ));
        }
        let is_form = *request.method() == Method::POST;
        let origin = match text(header::ORIGIN) {
            Some(Some(origin)) => origin.strip_prefix("http://") == Some(&self.host),
            // Every browser sends it with a form.
            Some(None) => !is_form,
            None => false,
        };
        let site = match text(HeaderName::from_static("sec-fetch-site")) {
            Some(Some("same-origin" | "none") | None) => true,
            // A link to the entry may be anywhere; it leads nowhere without the key.
            Some(Some(_)) => request.uri().path() == ENTRY && !is_form,
            None => false,
        };
        if origin && site {
            return Ok(());
        }
        Err(Refusal(
            StatusCode::FORBIDDEN,
            "Another page sent you here",
            html! {
                p { "Nothing was done. Open " a href="/customers" { "the customers" } " yourself." }
            },
        ))
    }
}

/// Answers the request, if it is one of the browser that is served.
pub(super) async fn watch(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    // It is the script that asks, and puts what it gets into the page that is open.
    let is_part = request.method() == Method::POST && request.headers().contains_key("hx-request");
    let mut response = let_in(&guard, request, next).await.unwrap_or_else(Refusal::into_response);
    if is_part && !response.status().is_success() {
        response = (response.status(), view::lost()).into_response();
    }
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn let_in(guard: &Guard, request: Request, next: Next) -> Result<Response, Refusal> {
    guard.origin(&request)?;
    let path = request.uri().path();
    if path == ENTRY && request.method() == Method::GET {
        // A browser that only looks ahead would use up the key.
        if request.headers().contains_key("sec-purpose") {
            let why = html! { p { "This address is good once: it is not opened ahead of time." } };
            return Err(Refusal(StatusCode::SERVICE_UNAVAILABLE, "Not yet", why));
        }
        // Who is in already, and opens the address again, goes on.
        return Ok(if guard.has_cookie(request.headers()) {
            (StatusCode::SEE_OTHER, [(header::LOCATION, "/customers")]).into_response()
        } else {
            guard.enter(request.uri().query().unwrap_or_default())?
        });
    }
    if !view::is_asset(path) && !guard.has_cookie(request.headers()) {
        return Err(Refusal(
            StatusCode::FORBIDDEN,
            "This page is served to another browser",
            html! {
                p { "Open the address that " code { "partner-center web" } " printed, in the browser in which you began." }
                p { "If that browser was closed, start the command again. What you typed is kept." }
            },
        ));
    }
    let request =
        if request.method() == Method::POST { posted(guard, request).await? } else { request };
    Ok(next.run(request).await)
}

/// The request with the fields of its form, if it is one of these pages.
async fn posted(guard: &Guard, request: Request) -> Result<Request, Refusal> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LONGEST_BODY).await.map_err(|_| {
        Refusal(
            StatusCode::PAYLOAD_TOO_LARGE,
            "That is too long",
            html! {
                p { "A form may have 1 MiB. Nothing was done; go back and shorten it." }
            },
        )
    })?;
    let fields = fields(&body);
    if fields.iter().any(|(name, value)| name == TOKEN && is_same(value, &guard.token)) {
        let mut request = Request::from_parts(parts, Body::empty());
        request.extensions_mut().insert(fields);
        return Ok(request);
    }
    Err(Refusal(
        StatusCode::FORBIDDEN,
        "This form is not one of this command",
        html! {
            p { "It may be from before the command was started again. Nothing was done." }
            p { a href="/customers" { "Open the customers" } ": what you typed is kept there." }
        },
    ))
}

/// The names and values of a form or a query.
pub(super) fn fields(encoded: &[u8]) -> Fields {
    form_urlencoded::parse(encoded).into_owned().collect()
}

/// What nobody guesses: 244 random bits.
fn secret() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// Compares in a time that does not depend on where they differ.
fn is_same(given: &str, secret: &str) -> bool {
    let pairs = given.bytes().zip(secret.bytes());
    given.len() == secret.len() && pairs.fold(0, |found, (one, other)| found | (one ^ other)) == 0
}
