//! The token endpoints of one tenant: what is asked of them, and what their refusals mean.

use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
#[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
use std::time::SystemTime;

use azure_core::credentials::{AccessToken, Secret};
use azure_core::time::OffsetDateTime;
use oauth2::basic::{BasicClient, BasicErrorResponse, BasicTokenResponse, BasicTokenType};
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    DeviceAuthorizationResponse, DeviceAuthorizationUrl, EndpointNotSet, EndpointSet,
    ErrorResponseType, ExtraDeviceAuthorizationFields, HttpRequest, HttpResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    StandardErrorResponse, TokenResponse, TokenUrl,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::refusal::{SignInRefusal, needs_sign_in};
use crate::clock::{Clock, Sleep, System, utc};
use crate::cloud::{Cloud, checked_url};
use crate::error::{Error, ErrorKind, line, refused, retry_after};
use crate::transport::Transport;

/// How long one request may take, from connecting to the last byte received.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How much of an answer is read. Real ones have a few KiB.
const BODY_LIMIT: usize = 1024 * 1024;

/// How much of a description is kept.
const DESCRIPTION_LIMIT: usize = 2000;

/// How long a token is good that comes without a lifetime. The service always sends one.
const UNKNOWN_LIFETIME: Duration = Duration::from_secs(300);

/// A JSON Web Token that says who the client is.
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Without this scope there is no refresh token.
const OFFLINE: &str = "offline_access";

type Endpoints = BasicClient<EndpointSet, EndpointSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// What a device is told to show, with Microsoft's addition to RFC 8628.
pub(super) type DeviceAnswer = DeviceAuthorizationResponse<Extra>;

/// The token endpoints of one tenant, for one client.
pub(super) struct OAuth {
    endpoints: Endpoints,
    /// Taken out of what the service says, should it repeat it.
    client_secret: Option<Secret>,
    /// Where the endpoints are.
    authority: String,
    /// The page on which an administrator of the tenant consents to the application.
    consent: String,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
}

/// A sign-in with a browser that someone has begun.
pub(super) struct Started {
    /// What to open.
    pub(super) page: String,
    /// What comes back with the answer.
    pub(super) state: String,
    verifier: PkceCodeVerifier,
    redirect_uri: RedirectUrl,
}

/// Tokens that were given out.
pub(super) struct Grant {
    pub(super) access: AccessToken,
    pub(super) refresh: Option<Secret>,
}

/// What is called with every new refresh token.
pub(super) type OnRotation = Box<dyn Fn(&Secret) + Send + Sync>;

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Extra {
    pub(super) message: Option<String>,
}

impl ExtraDeviceAuthorizationFields for Extra {}

impl OAuth {
    pub(super) fn new(cloud: &Cloud, tenant: &str, client_id: &str) -> Result<Self, Error> {
        let wrong = |why: &str| Error::new(ErrorKind::Configuration, why);
        let authority = checked_url("authority", cloud.authority())?;
        // It becomes a part of a path, and `..` would be another path.
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        let ends = edge(tenant.bytes().next()) && edge(tenant.bytes().last());
        if !ends || !tenant.bytes().all(known) {
            return Err(wrong(
                "the tenant is neither a GUID nor a domain name, such as contoso.com",
            ));
        }
        if client_id.trim().is_empty() {
            return Err(wrong("the client id is empty; give that of the registered application"));
        }
        let url = |path: &str| format!("{authority}/{tenant}/oauth2/v2.0/{path}");
        let refused = |error| wrong("the authority and the tenant make no URL").caused_by(error);
        let token_url = TokenUrl::new(url("token")).map_err(refused)?;
        let page = AuthUrl::new(url("authorize")).map_err(refused)?;
        let device_url = DeviceAuthorizationUrl::new(url("devicecode")).map_err(refused)?;
        let id: String = form_urlencoded::byte_serialize(client_id.as_bytes()).collect();
        let consent = format!("{authority}/{tenant}/adminconsent?client_id={id}");
        let http = Transport::default().client(&authority, TIMEOUT)?;
        let endpoints = BasicClient::new(ClientId::new(client_id.to_owned()))
            // What Entra ID recommends. A public client has no secret, and sends its id here too.
            .set_auth_type(AuthType::RequestBody)
            .set_auth_uri(page)
            .set_token_uri(token_url)
            .set_device_authorization_url(device_url);
        Ok(Self {
            endpoints,
            client_secret: None,
            authority,
            consent,
            http,
            clock: Arc::new(System),
        })
    }

    pub(super) fn transport(mut self, transport: &Transport) -> Result<Self, Error> {
        self.http = transport.client(&self.authority, TIMEOUT)?;
        Ok(self)
    }

    pub(super) fn client_secret(mut self, secret: Secret) -> Self {
        let text = ClientSecret::new(secret.secret().to_owned());
        self.endpoints = self.endpoints.set_client_secret(text);
        self.client_secret = Some(secret);
        self
    }

    pub(super) fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Asks for tokens with a refresh token.
    pub(super) async fn refresh(&self, token: &Secret, scopes: &[&str]) -> Result<Grant, Failure> {
        let refresh = oauth2::RefreshToken::new(token.secret().to_owned());
        let asked = utc(&*self.clock).into();
        let answer = self
            .endpoints
            .exchange_refresh_token(&refresh)
            .add_scopes(with_offline(scopes))
            .request_async(self)
            .await;
        grant(&answer.map_err(|error| self.failure(error, token.secret()))?, asked)
    }

    /// Asks for a token for the application itself. There is no refresh token with it.
    pub(super) async fn client_credentials(&self, scopes: &[&str]) -> Result<Grant, Failure> {
        let asked = utc(&*self.clock).into();
        let answer = self
            .endpoints
            .exchange_client_credentials()
            .add_scopes(scopes.iter().map(|scope| Scope::new((*scope).to_owned())))
            .request_async(self)
            .await;
        grant(&answer.map_err(|error| self.failure(error, ""))?, asked)
    }

    /// Asks for a token for the application itself, which this asserts to be the one (RFC 7523 section 2.2).
    pub(super) async fn client_assertion(
        &self,
        scopes: &[&str],
        assertion: &str,
    ) -> Result<Grant, Failure> {
        let asked = utc(&*self.clock).into();
        let answer = self
            .endpoints
            .exchange_client_credentials()
            .add_scopes(scopes.iter().map(|scope| Scope::new((*scope).to_owned())))
            .add_extra_param("client_assertion_type", ASSERTION)
            .add_extra_param("client_assertion", assertion)
            .request_async(self)
            .await;
        grant(&answer.map_err(|error| self.failure(error, assertion))?, asked)
    }

    /// A sign-in with a browser that comes back to this address.
    pub(super) fn authorize(
        &self,
        redirect_uri: &str,
        scopes: &[&str],
    ) -> Result<Started, Failure> {
        let redirect_uri = RedirectUrl::new(redirect_uri.to_owned())
            .map_err(|error| Failure::plain(format!("no address to come back to: {error}")))?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (page, state) = self
            .endpoints
            .authorize_url(CsrfToken::new_random)
            .add_scopes(with_offline(scopes))
            .set_pkce_challenge(challenge)
            .set_redirect_uri(Cow::Borrowed(&redirect_uri))
            // Or the browser signs in whoever it signed in the last time, who may be someone else.
            .add_extra_param("prompt", "select_account")
            .url();
        let state = state.into_secret();
        Ok(Started { page: page.into(), state, verifier, redirect_uri })
    }

    /// Asks for tokens with the code that the browser brought back.
    pub(super) async fn redeem(&self, started: Started, code: String) -> Result<Grant, Failure> {
        let asked = utc(&*self.clock).into();
        let answer = self
            .endpoints
            .exchange_code(AuthorizationCode::new(code.clone()))
            .set_pkce_verifier(started.verifier)
            .set_redirect_uri(Cow::Owned(started.redirect_uri))
            .request_async(self)
            .await;
        grant(&answer.map_err(|error| self.failure(error, &code))?, asked)
    }

    /// A refusal that did not come from the token endpoint.
    pub(super) fn refused(&self, code: &str, description: &str) -> Failure {
        Failure::refused(code, description, &[], &self.consent)
    }

    #[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
    pub(super) fn utc(&self) -> SystemTime {
        utc(&*self.clock)
    }

    #[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
    pub(super) fn token_url(&self) -> &str {
        self.endpoints.token_uri()
    }

    #[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
    pub(super) fn client_id(&self) -> &str {
        self.endpoints.client_id()
    }

    pub(super) fn sleep(&self, duration: Duration) -> Sleep {
        self.clock.sleep(duration)
    }

    /// Asks for a code to sign in with on another device.
    pub(super) async fn device_code(&self, scopes: &[&str]) -> Result<DeviceAnswer, Failure> {
        let answer: Result<_, RequestTokenError<_, BasicErrorResponse>> = self
            .endpoints
            .exchange_device_code()
            .add_scopes(with_offline(scopes))
            .request_async(self)
            .await;
        answer.map_err(|error| self.failure(error, ""))
    }

    /// Waits until someone has signed in with the code, or it has expired.
    pub(super) async fn signed_in(&self, device: &DeviceAnswer) -> Result<Grant, Failure> {
        let now = self.clock.clone();
        // A poll that is lost makes the interval twice as long, up to this. No interval can be longer than the code
        // is good, so none gets shorter.
        let longest = device.expires_in();
        let begun = utc(&*self.clock);
        let polls = Polls { oauth: self, retry_after: Mutex::default() };
        let answer = self
            .endpoints
            .exchange_device_access_token(device)
            .set_max_backoff_interval(longest)
            .set_time_fn(move || utc(&*now).into())
            .request_async(
                &polls,
                |interval| {
                    let wait = interval.max(polls.asked_for());
                    // Whoever waits is told in time that the code has expired.
                    let waited = utc(&*self.clock).duration_since(begun).unwrap_or_default();
                    let left = longest.saturating_sub(waited);
                    self.clock.sleep(wait.min(left.saturating_add(Duration::from_secs(1))))
                },
                None,
            )
            .await;
        let secret = device.device_code().secret();
        // The person may have taken minutes: the token is as old as the last answer.
        grant(&answer.map_err(|error| self.failure(error, secret))?, utc(&*self.clock).into())
    }

    /// Why there is no token; `sent` is a secret that was sent, which is not shown should it come back.
    fn failure<T>(
        &self,
        error: RequestTokenError<Failure, StandardErrorResponse<T>>,
        sent: &str,
    ) -> Failure
    where
        T: ErrorResponseType + fmt::Display + 'static,
    {
        match error {
            RequestTokenError::Request(failure) => failure,
            RequestTokenError::ServerResponse(answer) => {
                let description = answer.error_description().map_or("", String::as_str);
                let secrets = [sent, self.client_secret.as_ref().map_or("", Secret::secret)];
                Failure::refused(&answer.error().to_string(), description, &secrets, &self.consent)
            }
            // Neither the cause nor the body: both may hold a token.
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => Failure::plain(
                "the sign-in service answered with something else than JSON of OAuth 2.0; \
                 check the authority, the tenant and any proxy",
            ),
        }
    }

    /// Sends one request. What fails here, a sign-in by device code tries again until its code expires.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Failure> {
        let lost = |error: reqwest::Error| {
            if let Some(refused) = refused(&error) {
                let text = format!("{}; {}", refused.what, refused.hint);
                return Failure::plain(text).caused_by(error.without_url());
            }
            let what = if error.is_timeout() { "in time" } else { "to the end" };
            let what = if error.is_connect() { "at all" } else { what };
            Failure::transient(format!(
                "the sign-in service did not answer {what}; check the network and the authority"
            ))
            .caused_by(error.without_url())
        };
        let mut request = reqwest::Request::try_from(request).map_err(lost)?;
        *request.timeout_mut() = Some(TIMEOUT);
        let mut response = self.http.execute(request).await.map_err(lost)?;
        let status = response.status();
        if status.is_server_error() || status == http::StatusCode::TOO_MANY_REQUESTS {
            let text = format!("the sign-in service is down or busy (status {status}); try later");
            let asked = retry_after(response.headers(), utc(&*self.clock));
            return Err(Failure { retry_after: asked, ..Failure::transient(text) });
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            body.extend_from_slice(&chunk);
            if body.len() > BODY_LIMIT {
                return Err(Failure::plain("the answer of the sign-in service is too large"));
            }
        }
        let mut answer = HttpResponse::new(numbers(body));
        *answer.status_mut() = status;
        let kind = http::header::CONTENT_TYPE;
        if let Some(value) = response.headers().get(&kind) {
            answer.headers_mut().insert(kind, value.clone());
        }
        Ok(answer)
    }
}

// Not a closure: of one, the compiler cannot tell that its future can be sent for every lifetime.
impl<'c> AsyncHttpClient<'c> for OAuth {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Failure>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// The requests of a sign-in by device code, and the last `Retry-After` among their answers.
struct Polls<'a> {
    oauth: &'a OAuth,
    retry_after: Mutex<Duration>,
}

impl Polls<'_> {
    fn asked_for(&self) -> Duration {
        *self.retry_after.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'c> AsyncHttpClient<'c> for Polls<'_> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Failure>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async {
            let answer = self.oauth.send(request).await;
            let asked = answer.as_ref().err().and_then(|failure| failure.retry_after);
            *self.retry_after.lock().unwrap_or_else(PoisonError::into_inner) =
                asked.unwrap_or_default();
            answer
        })
    }
}

impl fmt::Debug for OAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth")
            .field("client_id", self.endpoints.client_id())
            .field("token_url", self.endpoints.token_uri())
            .finish_non_exhaustive()
    }
}

fn with_offline(scopes: &[&str]) -> Vec<Scope> {
    let offline = (!scopes.contains(&OFFLINE)).then_some(OFFLINE);
    let scopes = scopes.iter().copied().chain(offline);
    scopes.map(|scope| Scope::new(scope.to_owned())).collect()
}

/// The body with its numbers as numbers, and within reason: the first version of the endpoints wrote them
/// as strings.
fn numbers(body: Vec<u8>) -> Vec<u8> {
    let Ok(Value::Object(mut answer)) = serde_json::from_slice(&body) else { return body };
    let mut changed = false;
    // A token is good for a day at the most; longer times could not be added to.
    let longest = 366 * 86_400;
    for name in ["expires_in", "interval"] {
        if let Some(value) = answer.get_mut(name) {
            let text = value.as_str().and_then(|text| text.trim().parse::<u64>().ok());
            let number = value.as_u64().or(text).map(|number| number.min(longest));
            if let Some(number) = number.filter(|number| value.as_u64() != Some(*number)) {
                *value = number.into();
                changed = true;
            }
        }
    }
    if changed { Value::Object(answer).to_string().into_bytes() } else { body }
}

fn grant(answer: &BasicTokenResponse, asked: OffsetDateTime) -> Result<Grant, Failure> {
    if *answer.token_type() != BasicTokenType::Bearer {
        return Err(Failure::plain("the sign-in service gave a token that is no bearer token"));
    }
    let lifetime = answer.expires_in().unwrap_or(UNKNOWN_LIFETIME);
    let lifetime = lifetime.try_into().unwrap_or(azure_core::time::Duration::MAX);
    let access = answer.access_token().secret().clone();
    Ok(Grant {
        access: AccessToken::new(access, asked.saturating_add(lifetime)),
        refresh: answer.refresh_token().map(|token| Secret::new(token.secret().clone())),
    })
}

/// Why there is no token.
#[derive(Debug)]
pub(super) struct Failure {
    message: String,
    /// Whether the same request may succeed later: it was not refused.
    transient: bool,
    retry_after: Option<Duration>,
    cause: Option<Reason>,
}

#[derive(Debug)]
enum Reason {
    Refused(Box<SignInRefusal>),
    Lost(reqwest::Error),
}

impl Failure {
    pub(super) fn plain(message: impl Into<String>) -> Self {
        Self { message: message.into(), transient: false, retry_after: None, cause: None }
    }

    fn transient(message: impl Into<String>) -> Self {
        Self { transient: true, ..Self::plain(message) }
    }

    fn caused_by(mut self, cause: reqwest::Error) -> Self {
        self.cause = Some(Reason::Lost(cause));
        self
    }

    /// What the service said, without what was told it in confidence.
    fn refused(code: &str, description: &str, secrets: &[&str], consent: &str) -> Self {
        let clean = |text: &str| {
            let secrets = secrets.iter().filter(|secret| !secret.is_empty());
            let text = secrets.fold(text.to_owned(), |text, secret| {
                // As it is, and as it was in the form that was sent.
                let sent: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
                text.replace(secret, "…").replace(&sent, "…")
            });
            line(&text.chars().take(DESCRIPTION_LIMIT).collect::<String>())
        };
        let refusal = SignInRefusal::new(clean(code), clean(description), consent);
        let message = refusal.to_string();
        Self { cause: Some(Reason::Refused(Box::new(refusal))), ..Self::plain(message) }
    }

    /// Whether a person has to sign in again, as far as the codes of OAuth tell: the numbers of Entra ID change.
    pub(super) fn needs_sign_in(&self) -> bool {
        matches!(&self.cause, Some(Reason::Refused(refusal)) if needs_sign_in(refusal.code()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<Failure> for azure_core::Error {
    fn from(failure: Failure) -> Self {
        use azure_core::error::ErrorKind;
        let kind = if failure.transient { ErrorKind::Io } else { ErrorKind::Credential };
        match failure.cause {
            Some(Reason::Refused(refusal)) => Self::with_error(kind, *refusal, failure.message),
            Some(Reason::Lost(cause)) => Self::with_error(kind, cause, failure.message),
            None => Self::with_message(kind, failure.message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_a_guid_or_a_domain() {
        let new = |tenant: &str| OAuth::new(&Cloud::public(), tenant, "c");
        for good in ["contoso.com", "common", "aaaa0000-bb11-2222-33cc-444444dddddd"] {
            let shown = format!("{:?}", new(good).expect(good));
            let url = format!("https://login.microsoftonline.com/{good}/oauth2/v2.0/token");
            assert!(shown.contains(&url), "{shown}");
        }
        for bad in ["", ".", "..", "a/b", "a?b", "a b", "-a", "a.", "é", "a%2Fb", "a\n"] {
            let error = new(bad).expect_err(bad);
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().contains("tenant"), "{error}");
        }
        let error = OAuth::new(&Cloud::public(), "contoso.com", " ").expect_err("no client id");
        assert!(error.to_string().contains("client id"), "{error}");
        let cloud = Cloud::public().with_authority("http://login.example");
        let error = OAuth::new(&cloud, "contoso.com", "c").expect_err("plain http");
        assert!(error.to_string().contains("the authority `http://login.example`"), "{error}");
    }

    #[test]
    fn scopes_ask_for_a_refresh_token_once() {
        let asked = |scopes: &[&str]| {
            with_offline(scopes).iter().map(|scope| scope.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(asked(&["a"]), ["a", OFFLINE]);
        assert_eq!(asked(&[OFFLINE, "a"]), [OFFLINE, "a"]);
    }

    #[test]
    fn numbers_may_be_strings() {
        let body = br#"{"access_token":"1","expires_in":"3600","interval":" 5 "}"#;
        let body = numbers(body.to_vec());
        assert_eq!(body, br#"{"access_token":"1","expires_in":3600,"interval":5}"#);
        for same in [&br#"{"expires_in": 1}"#[..], br#"{"expires_in":"soon"}"#, b"<html>", b""] {
            assert_eq!(numbers(same.to_vec()), same);
        }
    }

    #[test]
    fn a_refusal_is_one_line_with_advice_and_without_secrets() {
        let text = "AADSTS7000215: Invalid client secret 'canary' of\r\n\u{1b}canary2.";
        let failure = Failure::refused("invalid_client", text, &["", "canary2", "canary"], "");
        assert_eq!(
            failure.to_string(),
            "the sign-in was refused: invalid_client: AADSTS7000215: Invalid client secret '…' of …; \
             the client secret is not the one of the application: give its value, not its id"
        );
        let cases = [
            ("invalid_grant", "sign in again"),
            ("interaction_required", "second factor"),
            ("expired_token", "start the sign-in again"),
            ("authorization_declined", "declined"),
            ("access_denied", "declined"),
        ];
        for (code, advice) in cases {
            let message = Failure::refused(code, "", &[], "").to_string();
            assert!(
                message.starts_with(&format!("the sign-in was refused: {code}; ")),
                "{message}"
            );
            assert!(message.contains(advice), "{message}");
        }
        let other = Failure::refused("other", &"x".repeat(1 << 20), &[], "");
        assert!(other.to_string().len() < 3000 && !other.needs_sign_in());
    }

    #[test]
    fn only_bearer_tokens_are_taken() {
        let parse = |text: &str| serde_json::from_str::<BasicTokenResponse>(text).expect(text);
        let asked = OffsetDateTime::UNIX_EPOCH;
        let mac = parse(r#"{"access_token":"t","token_type":"mac"}"#);
        assert!(grant(&mac, asked).is_err());
        let no_lifetime = parse(r#"{"access_token":"t","token_type":"bearer"}"#);
        let granted = grant(&no_lifetime, asked).expect("a grant");
        assert_eq!(granted.access.expires_on.unix_timestamp(), 300);
        let forever =
            r#"{"access_token":"t","token_type":"Bearer","expires_in":18446744073709551615}"#;
        assert!(grant(&parse(forever), asked).expect("a grant").access.expires_on > asked);
    }
}
