//! A user who signs in with the browser of this machine: the answer comes to a port of its own.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use futures_util::future::{Either, select};
use reqwest::Url;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::oauth::{Failure, Grant, OAuth};
use super::signed_in::SignedIn;
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::error::{Error, ErrorKind};
use crate::transport::Transport;

/// How long someone may take to sign in, if nothing else is said.
const PATIENCE: Duration = Duration::from_secs(300);

/// How long a connection may take to say what it wants. Browsers open some that they never use.
const SLOWEST: Duration = Duration::from_secs(10);

/// How long the head of a request may be: a code has some 2 KiB.
const LONGEST: usize = 32 * 1024;

const DONE: &str = "You are signed in. You can close this window.";
const REFUSED: &str = "The sign-in was refused. The program that started it says why.";
const STRANGER: &str = "This is not the answer to the sign-in that is waited for.";

/// A user who signs in with the browser of this machine (RFC 8252), by an authorization code with PKCE (RFC 7636).
///
/// The first token that is needed opens the browser, and waits for the person. The refresh token of the sign-in gives
/// the tokens after that, until it is refused; then the person is asked again. Conditional access that blocks
/// [`DeviceCode`](crate::DeviceCode) lets this one pass.
///
/// The application must have `http://localhost` among its redirect URIs, for mobile and desktop applications:
/// [any port of it](https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions) is taken then.
///
/// # Examples
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use partner_center::{AppUser, Browser, Cloud, PartnerCenter};
///
/// let user = Browser::new(&Cloud::public(), "contoso.example", "client id", |page| {
///     eprintln!("To sign in, open {page}");
/// })?;
/// let partner = PartnerCenter::builder(AppUser::new(Arc::new(user))).build()?;
/// partner.billing_profile().get().await?;
/// # Ok(()) }
/// ```
#[must_use]
pub struct Browser {
    oauth: OAuth,
    open: Box<dyn Fn(&str) + Send + Sync>,
    patience: Duration,
    signed_in: SignedIn,
}

impl Browser {
    /// A user of this tenant, to be signed in to the application with this client id.
    ///
    /// The tenant is a GUID or a domain name: that of the partner, not that of a customer. `open` is called with the
    /// address to open when someone has to sign in, on the task that asked for a token, and should not wait. Nothing
    /// is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: the authority of the cloud is not an address that can be called, the tenant or
    /// the client id cannot be one, or the TLS library cannot be started.
    pub fn new(
        cloud: &Cloud,
        tenant: &str,
        client_id: &str,
        open: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        Ok(Self {
            oauth: OAuth::new(cloud, tenant, client_id)?,
            open: Box::new(open),
            patience: PATIENCE,
            signed_in: SignedIn::default(),
        })
    }

    /// The secret of the application, if it is registered as a confidential client.
    pub fn client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.oauth = self.oauth.client_secret(secret.into());
        self
    }

    /// How long someone may take to sign in; 5 minutes if it is not set.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: it is zero.
    pub fn patience(mut self, patience: Duration) -> Result<Self, Error> {
        if patience.is_zero() {
            return Err(Error::new(ErrorKind::Configuration, "nobody signs in within no time"));
        }
        self.patience = patience;
        Ok(self)
    }

    /// Calls `keep` with every refresh token, the first included, before the access token that came with it is used.
    ///
    /// A [`RefreshToken`](crate::RefreshToken) can begin with it the next time, without anyone signing in.
    pub fn on_rotation(mut self, keep: impl Fn(&Secret) + Send + Sync + 'static) -> Self {
        self.signed_in.on_rotation(keep);
        self
    }

    /// Makes its connections like this: proxy, certificates.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`]: the proxy or a certificate cannot be used.
    pub fn transport(mut self, transport: &Transport) -> Result<Self, Error> {
        self.oauth = self.oauth.transport(transport)?;
        Ok(self)
    }

    /// Takes the time from this clock, and waits with it.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.oauth = self.oauth.clock(Arc::new(clock));
        self
    }

    async fn sign_in(&self, scopes: &[&str]) -> Result<Grant, Failure> {
        let port = Port::open().await?;
        let started = self.oauth.authorize(&port.redirect_uri(), scopes)?;
        (self.open)(&started.page);
        let answer = {
            let answer = std::pin::pin!(port.answer(&started.state));
            match select(answer, self.oauth.sleep(self.patience)).await {
                Either::Left((answer, _)) => Some(answer),
                Either::Right(_) => None,
            }
        };
        match answer {
            Some(Answer::Code(code)) => self.oauth.redeem(started, code).await,
            Some(Answer::Refused { code, description }) => {
                Err(self.oauth.refused(&code, &description))
            }
            None => Err(Failure::plain(format!(
                "nobody signed in within {} s, or the browser was closed: start the sign-in again",
                self.patience.as_secs()
            ))),
        }
    }
}

#[async_trait::async_trait]
impl TokenCredential for Browser {
    /// Gets a new access token for these scopes, and waits for someone to sign in if it must.
    ///
    /// Callers take turns. If it is dropped before it ends, the next caller asks the person again.
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        self.signed_in.token(&self.oauth, scopes, self.sign_in(scopes)).await
    }
}

impl fmt::Debug for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Browser").field("oauth", &self.oauth).finish_non_exhaustive()
    }
}

/// What the browser brings back.
enum Answer {
    Code(String),
    Refused { code: String, description: String },
}

/// The port of this machine that the browser comes back to.
struct Port {
    v4: TcpListener,
    /// Browsers may take `localhost` for either.
    v6: Option<TcpListener>,
    number: u16,
}

impl Port {
    async fn open() -> Result<Self, Failure> {
        let failed = |cause: std::io::Error| {
            Failure::plain(format!(
                "no port of this machine can be opened for the browser: {cause}"
            ))
        };
        let v4 = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let number = v4.local_addr().map_err(failed)?.port();
        let v6 = TcpListener::bind(("::1", number)).await.ok();
        Ok(Self { v4, v6, number })
    }

    /// As it is registered, with a port, which may be any.
    fn redirect_uri(&self) -> String {
        format!("http://localhost:{}", self.number)
    }

    async fn accept(&self) -> std::io::Result<TcpStream> {
        let Some(v6) = &self.v6 else { return self.v4.accept().await.map(|(stream, _)| stream) };
        let (v4, v6) = (std::pin::pin!(self.v4.accept()), std::pin::pin!(v6.accept()));
        let (Either::Left((accepted, _)) | Either::Right((accepted, _))) = select(v4, v6).await;
        accepted.map(|(stream, _)| stream)
    }

    /// The first answer with this state. Whatever else comes is told that it is not waited for.
    async fn answer(&self, state: &str) -> Answer {
        loop {
            // A connection that is gone already is no end of this.
            let Ok(mut stream) = self.accept().await else {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let asked = tokio::time::timeout(SLOWEST, target(&mut stream)).await;
            let Ok(Some(target)) = asked else { continue };
            let answer = read(&target, state);
            let (status, text) = match &answer {
                Some(Answer::Code(_)) => ("200 OK", DONE),
                Some(Answer::Refused { .. }) => ("200 OK", REFUSED),
                None => ("404 Not Found", STRANGER),
            };
            let page = format!(
                "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\
                 Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{text}",
                text.len()
            );
            // It is for the person; the answer is here already.
            let _ = tokio::time::timeout(SLOWEST, stream.write_all(page.as_bytes())).await;
            if let Some(answer) = answer {
                return answer;
            }
        }
    }
}

/// What a GET asks for.
async fn target(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut part = [0; 4096];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let length = stream.read(&mut part).await.ok().filter(|length| *length > 0)?;
        head.extend_from_slice(&part[..length]);
        if head.len() > LONGEST {
            return None;
        }
    }
    let line = str::from_utf8(&head).ok()?.lines().next()?;
    let mut words = line.split(' ');
    (words.next() == Some("GET")).then_some(())?;
    words.next().map(str::to_owned)
}

/// What is in the query (RFC 6749 sections 4.1.2 and 4.1.2.1), if it answers the sign-in with this state.
fn read(target: &str, state: &str) -> Option<Answer> {
    let url = Url::parse("http://localhost").ok()?.join(target).ok()?;
    if url.path() != "/" {
        return None;
    }
    let value = |name: &str| {
        let mut values = url.query_pairs().filter(|(key, _)| key == name);
        let value = values.next().map(|(_, value)| value.into_owned());
        value.filter(|_| values.next().is_none())
    };
    (value("state")? == state).then_some(())?;
    match (value("code"), value("error")) {
        (Some(code), None) => Some(Answer::Code(code)),
        (None, Some(code)) => Some(Answer::Refused {
            code,
            description: value("error_description").unwrap_or_default(),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_that_of_the_sign_in_that_was_started() {
        let code = |target: &str| match read(target, "s") {
            Some(Answer::Code(code)) => Some(code),
            Some(Answer::Refused { code, description }) => Some(format!("{code}: {description}")),
            None => None,
        };
        assert_eq!(code("/?code=a%2Bb&state=s&session_state=x").as_deref(), Some("a+b"));
        let denied = "/?error=access_denied&error_description=no+way&state=s";
        assert_eq!(code(denied).as_deref(), Some("access_denied: no way"));
        for other in [
            "/?code=a&state=t",
            "/?code=a",
            "/?code=a&state=s&state=s",
            "/?code=a&code=b&state=s",
            "/?code=a&error=b&state=s",
            "/?state=s",
            "/favicon.ico?code=a&state=s",
            "//evil.example/?code=a&state=t",
            "http://[",
            "",
        ] {
            assert_eq!(code(other), None, "{other}");
        }
    }
}
