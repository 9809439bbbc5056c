//! The access token in use, ready to be sent. No two callers fetch one at the same time.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use reqwest::header::HeaderValue;

use super::Source;
use crate::clock::{Clock, utc};
use crate::error::{Error, ErrorKind};

/// How long before its end a token is replaced, if it lives long enough for that.
const AHEAD: Duration = Duration::from_secs(300);

/// How long no other attempt is made after one failed while the old token was still good.
const PAUSE: Duration = Duration::from_secs(30);

/// The tokens of one credential for one scope.
pub(crate) struct Tokens {
    source: Source,
    scope: String,
    clock: Arc<dyn Clock>,
    cached: RwLock<Option<Entry>>,
    /// Held by the one who fetches. Inside is why the last attempt failed, if it did.
    turn: tokio::sync::Mutex<Option<Cause>>,
    /// How many attempts have ended. It changes only while `turn` is held.
    ended: AtomicU64,
}

/// A token as a header. Cloning it copies nothing.
#[derive(Clone)]
pub(crate) struct Bearer {
    header: HeaderValue,
    /// The number of the attempt that it came from.
    attempt: u64,
}

struct Entry {
    bearer: Bearer,
    /// From when on it is replaced; never if it has no end that is known.
    renew: Option<SystemTime>,
    expires: Option<SystemTime>,
}

/// Why a credential gave no token that can be sent.
#[derive(Clone, Debug)]
enum Cause {
    Unfit,
    #[cfg(feature = "azure-core")]
    Azure(Arc<azure_core::Error>),
}

/// An access token that no header can carry.
#[derive(Debug)]
struct Unfit;

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the access token is empty or has characters that no header can carry; give it as it was \
             issued, without spaces or line ends around it",
        )
    }
}

impl std::error::Error for Unfit {}

impl Tokens {
    pub(crate) fn new(source: Source, scope: String, clock: Arc<dyn Clock>) -> Self {
        Self {
            source,
            scope,
            clock,
            cached: RwLock::new(None),
            turn: tokio::sync::Mutex::new(None),
            ended: AtomicU64::new(0),
        }
    }

    /// The token in use, if it need not be replaced yet.
    pub(crate) fn ready(&self) -> Option<Bearer> {
        self.cached(self.ended.load(Ordering::Acquire))
    }

    /// The token in use, or another if that one is about to expire.
    ///
    /// Can be dropped at any time: whoever waits next takes over.
    pub(crate) async fn bearer(&self) -> Result<Bearer, Error> {
        let seen = self.ended.load(Ordering::Acquire);
        if let Some(bearer) = self.cached(seen) {
            return Ok(bearer);
        }
        let mut turn = self.turn.lock().await;
        if let Some(bearer) = self.cached(seen) {
            return Ok(bearer);
        }
        // Everyone who waited for an attempt that failed fails with it, instead of one after the other.
        if let Some(cause) = turn.as_ref().filter(|_| self.ended(seen)) {
            return Err(failed(cause));
        }
        match self.fetch(&mut turn).await {
            Ok(bearer) => Ok(bearer),
            Err(error) => self.postponed().ok_or(error),
        }
    }

    /// Another token than `refused`, which the service did not accept; `None` if the credential gives
    /// the same again.
    ///
    /// Can be dropped at any time: the refused token is not used again, and whoever waits next takes
    /// over.
    pub(crate) async fn replace(&self, refused: &Bearer) -> Result<Option<Bearer>, Error> {
        let seen = self.ended.load(Ordering::Acquire);
        {
            let mut cached = self.cached.write().unwrap_or_else(PoisonError::into_inner);
            cached.take_if(|entry| entry.bearer.attempt <= refused.attempt);
        }
        let mut turn = self.turn.lock().await;
        let bearer = match self.newer(refused.attempt) {
            Some(bearer) => bearer,
            None => match turn.as_ref().filter(|_| self.ended(seen)) {
                Some(cause) => return Err(failed(cause)),
                None => self.fetch(&mut turn).await?,
            },
        };
        Ok(Some(bearer).filter(|bearer| bearer.header != refused.header))
    }

    /// Whether an attempt ended since `seen` had.
    fn ended(&self, seen: u64) -> bool {
        self.ended.load(Ordering::Acquire) != seen
    }

    fn now(&self) -> SystemTime {
        utc(&*self.clock)
    }

    /// The token in the cache, if it is not to be replaced yet, or came since `seen` attempts had ended.
    fn cached(&self, seen: u64) -> Option<Bearer> {
        let cached = self.cached.read().unwrap_or_else(PoisonError::into_inner);
        let good =
            |entry: &&Entry| entry.bearer.attempt > seen || is_ahead(self.now(), entry.renew);
        cached.as_ref().filter(good).map(|entry| entry.bearer.clone())
    }

    /// The token in the cache, if it came after the attempt with this number.
    fn newer(&self, attempt: u64) -> Option<Bearer> {
        let cached = self.cached.read().unwrap_or_else(PoisonError::into_inner);
        let newer = |entry: &&Entry| entry.bearer.attempt > attempt;
        cached.as_ref().filter(newer).map(|entry| entry.bearer.clone())
    }

    /// The token in the cache after no other could be had, if it has not expired.
    fn postponed(&self) -> Option<Bearer> {
        let now = self.now();
        let mut cached = self.cached.write().unwrap_or_else(PoisonError::into_inner);
        let entry = cached.as_mut().filter(|entry| is_ahead(now, entry.expires))?;
        let pause = now.checked_add(PAUSE);
        entry.renew = [pause, entry.expires].into_iter().flatten().min();
        Some(entry.bearer.clone())
    }

    /// Gets a token, and leaves it in the cache or the failure in `turn`.
    async fn fetch(&self, turn: &mut Option<Cause>) -> Result<Bearer, Error> {
        let answer = self.source.token(&self.scope).await;
        let attempt = self.ended.load(Ordering::Acquire) + 1;
        let entry = answer.map(|(header, expires)| {
            let now = self.now();
            let renew = expires.map(|expires| {
                // A token that lives shorter than what is kept in reserve is not fetched at every call.
                let left = expires.duration_since(now).unwrap_or_default();
                expires.checked_sub(AHEAD.min(left / 2)).unwrap_or(expires)
            });
            let bearer = Bearer { header, attempt };
            Entry { bearer, renew, expires }
        });
        let result = match entry {
            Ok(entry) => {
                *turn = None;
                let bearer = entry.bearer.clone();
                *self.cached.write().unwrap_or_else(PoisonError::into_inner) = Some(entry);
                Ok(bearer)
            }
            Err(cause) => Err(failed(turn.insert(cause))),
        };
        self.ended.store(attempt, Ordering::Release);
        result
    }
}

impl Bearer {
    /// The token itself, to look for it where it should not be.
    pub(crate) fn secret(&self) -> &str {
        let header = self.header.to_str().unwrap_or_default();
        header.strip_prefix("Bearer ").unwrap_or_default()
    }

    /// The value of `Authorization`.
    pub(crate) fn header(&self) -> &HeaderValue {
        &self.header
    }
}

/// Whether it is still before `end`; what has no end is.
fn is_ahead(now: SystemTime, end: Option<SystemTime>) -> bool {
    end.is_none_or(|end| now < end)
}

impl Source {
    /// A token as a header, and when it expires, if that is known.
    #[cfg_attr(
        not(feature = "azure-core"),
        expect(clippy::unused_async, unused_variables, reason = "a credential alone is asked")
    )]
    async fn token(&self, scope: &str) -> Result<(HeaderValue, Option<SystemTime>), Cause> {
        match self {
            Self::Fixed(token) => Ok((header(token)?, None)),
            #[cfg(feature = "azure-core")]
            Self::Azure(credential) => {
                let answer = credential.get_token(&[scope], None).await;
                let token = answer.map_err(|error| Cause::Azure(Arc::new(error)))?;
                Ok((header(token.token.secret())?, Some(system_time(token.expires_on))))
            }
        }
    }
}

/// The same time, from 1970 on.
#[cfg(feature = "azure-core")]
fn system_time(time: azure_core::time::OffsetDateTime) -> SystemTime {
    let seconds = u64::try_from(time.unix_timestamp()).unwrap_or_default();
    let since = Duration::new(seconds, time.nanosecond());
    SystemTime::UNIX_EPOCH.checked_add(since).unwrap_or(SystemTime::UNIX_EPOCH)
}

/// `Bearer …`, which no `Debug` shows.
fn header(token: &str) -> Result<HeaderValue, Cause> {
    let fit = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    let value = fit.then(|| HeaderValue::try_from(format!("Bearer {token}")).ok()).flatten();
    let mut value = value.ok_or(Cause::Unfit)?;
    value.set_sensitive(true);
    Ok(value)
}

fn failed(cause: &Cause) -> Error {
    let message = "the credential gave no access token; its cause says what to do";
    let error = Error::new(ErrorKind::Credential, message);
    match cause {
        Cause::Unfit => error.caused_by(Unfit),
        #[cfg(feature = "azure-core")]
        Cause::Azure(cause) => error.caused_by(cause.clone()),
    }
}

/// Whether a credential that failed like this may give a token later.
#[cfg(feature = "azure-core")]
pub(crate) fn is_transient(cause: &(dyn std::error::Error + 'static)) -> bool {
    let cause = cause.downcast_ref::<Arc<azure_core::Error>>();
    cause.is_some_and(|cause| matches!(cause.kind(), azure_core::error::ErrorKind::Io))
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer(…)")
    }
}

#[cfg(all(test, feature = "azure-core"))]
mod tests {
    use std::collections::VecDeque;
    use std::error::Error as _;
    use std::sync::Mutex;
    use std::time::{Duration as StdDuration, SystemTime};

    use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
    use azure_core::time::{Duration, OffsetDateTime};
    use futures_util::future::join_all;

    use super::*;

    /// A clock that is set by hand.
    #[derive(Debug)]
    struct Hand(Mutex<SystemTime>);

    impl Hand {
        fn pass(&self, seconds: u64) {
            *self.0.lock().expect("no panic") += StdDuration::from_secs(seconds);
        }
    }

    impl Clock for Hand {
        fn utc(&self) -> SystemTime {
            *self.0.lock().expect("no panic")
        }
    }

    /// What a fetch gives: a token that is good for some seconds, or a failure.
    type Answer = Result<(&'static str, i64), &'static str>;

    #[derive(Debug)]
    struct Script {
        clock: Arc<Hand>,
        answers: Mutex<VecDeque<Answer>>,
        scopes: Mutex<Vec<String>>,
    }

    #[async_trait::async_trait]
    impl TokenCredential for Script {
        async fn get_token(
            &self,
            scopes: &[&str],
            _: Option<TokenRequestOptions<'_>>,
        ) -> azure_core::Result<AccessToken> {
            // The others come in the meantime.
            tokio::task::yield_now().await;
            self.scopes.lock().expect("no panic").push(scopes.join(" "));
            match self.answers.lock().expect("no panic").pop_front().expect("one fetch less") {
                Ok((token, seconds)) => {
                    let now = OffsetDateTime::from(self.clock.utc());
                    Ok(AccessToken::new(token, now + Duration::seconds(seconds)))
                }
                Err(why) => Err(azure_core::Error::with_message(
                    azure_core::error::ErrorKind::Credential,
                    why,
                )),
            }
        }
    }

    fn tokens(answers: impl IntoIterator<Item = Answer>) -> (Tokens, Arc<Hand>, Arc<Script>) {
        let clock = Arc::new(Hand(Mutex::new(SystemTime::UNIX_EPOCH)));
        let script = Arc::new(Script {
            clock: clock.clone(),
            answers: Mutex::new(answers.into_iter().collect()),
            scopes: Mutex::default(),
        });
        let tokens = Tokens::new(Source::Azure(script.clone()), "r/.default".into(), clock.clone());
        (tokens, clock, script)
    }

    impl Script {
        fn left(&self) -> usize {
            self.answers.lock().expect("no panic").len()
        }
    }

    fn text(bearer: &Bearer) -> &str {
        bearer.header().to_str().expect("text").strip_prefix("Bearer ").expect("a bearer")
    }

    #[tokio::test]
    async fn many_callers_share_one_fetch() {
        let (tokens, clock, script) = tokens([Ok(("a", 3600)), Ok(("b", 0)), Ok(("c", 3600))]);
        for bearer in join_all((0..50).map(|_| tokens.bearer())).await {
            assert_eq!(text(&bearer.expect("an answer")), "a");
        }
        // Even one that has expired when it comes.
        clock.pass(3600);
        for bearer in join_all((0..50).map(|_| tokens.bearer())).await {
            assert_eq!(text(&bearer.expect("an answer")), "b");
        }
        assert_eq!(text(&tokens.bearer().await.expect("a token")), "c");
        assert_eq!(*script.scopes.lock().expect("no panic"), ["r/.default"; 3]);
    }

    #[tokio::test]
    async fn many_callers_share_one_failure() {
        let (tokens, _, script) = tokens([Err("no"), Ok(("a", 3600))]);
        for bearer in join_all((0..50).map(|_| tokens.bearer())).await {
            let error = bearer.expect_err("a failure");
            assert_eq!(error.kind(), ErrorKind::Credential);
            assert_eq!(error.source().expect("a cause").to_string(), "no");
        }
        assert_eq!(script.left(), 1);
        assert_eq!(text(&tokens.bearer().await.expect("a token")), "a");
    }

    #[tokio::test]
    async fn a_token_is_replaced_ahead_of_its_end() {
        let (tokens, clock, script) = tokens([Ok(("a", 3600)), Ok(("b", 3600))]);
        tokens.bearer().await.expect("a token");
        clock.pass(3600 - 301);
        assert_eq!(text(&tokens.bearer().await.expect("a token")), "a");
        clock.pass(1);
        for bearer in join_all((0..50).map(|_| tokens.bearer())).await {
            assert_eq!(text(&bearer.expect("an answer")), "b");
        }
        assert_eq!(script.left(), 0);
    }

    #[tokio::test]
    async fn a_short_token_is_used_for_half_of_its_life() {
        let (tokens, clock, _) = tokens([Ok(("a", 60)), Ok(("b", 60))]);
        tokens.bearer().await.expect("a token");
        clock.pass(29);
        assert_eq!(text(&tokens.bearer().await.expect("a token")), "a");
        clock.pass(1);
        assert_eq!(text(&tokens.bearer().await.expect("a token")), "b");
    }

    #[tokio::test]
    async fn the_old_token_is_used_while_no_other_can_be_had() {
        let (tokens, clock, script) =
            tokens([Ok(("a", 3600)), Err("down"), Err("still down"), Err("down for good")]);
        tokens.bearer().await.expect("a token");
        clock.pass(3600 - 300);
        for bearer in join_all((0..50).map(|_| tokens.bearer())).await {
            assert_eq!(text(&bearer.expect("an answer")), "a");
        }
        clock.pass(29);
        assert_eq!(text(&tokens.bearer().await.expect("a token")), "a");
        assert_eq!(script.left(), 2, "one attempt in 30 seconds");
        clock.pass(1);
        assert_eq!(text(&tokens.bearer().await.expect("a token")), "a");
        assert_eq!(script.left(), 1);
        clock.pass(270);
        let error = tokens.bearer().await.expect_err("a failure");
        assert_eq!(error.source().expect("a cause").to_string(), "down for good");
    }

    #[tokio::test]
    async fn a_refused_token_is_replaced_once_for_all_who_had_it() {
        let (tokens, _, script) = tokens([Ok(("a", 3600)), Ok(("b", 3600))]);
        let refused = tokens.bearer().await.expect("a token");
        for bearer in join_all((0..50).map(|_| tokens.replace(&refused))).await {
            assert_eq!(text(&bearer.expect("an answer").expect("another")), "b");
        }
        // One whose answer came late.
        let bearer = tokens.replace(&refused).await.expect("an answer").expect("another");
        assert_eq!(text(&bearer), "b");
        assert_eq!((text(&tokens.bearer().await.expect("a token")), script.left()), ("b", 0));
    }

    #[tokio::test]
    async fn the_same_token_again_is_none() {
        let (tokens, _, script) = tokens([Ok(("a", 3600)), Ok(("a", 3600)), Ok(("b", 3600))]);
        let refused = tokens.bearer().await.expect("a token");
        for bearer in join_all((0..50).map(|_| tokens.replace(&refused))).await {
            assert!(bearer.expect("an answer").is_none());
        }
        let refused = tokens.bearer().await.expect("a token");
        assert_eq!((text(&refused), script.left()), ("a", 1));
        assert_eq!(
            text(&tokens.replace(&refused).await.expect("an answer").expect("another")),
            "b"
        );
    }

    #[tokio::test]
    async fn a_refused_token_is_not_used_again_when_no_other_can_be_had() {
        let (tokens, _, script) = tokens([Ok(("a", 3600)), Err("down"), Ok(("b", 3600))]);
        let refused = tokens.bearer().await.expect("a token");
        for bearer in join_all((0..50).map(|_| tokens.replace(&refused))).await {
            assert_eq!(bearer.expect_err("a failure").kind(), ErrorKind::Credential);
        }
        assert_eq!(script.left(), 1);
        assert_eq!(text(&tokens.bearer().await.expect("a token")), "b");
    }

    #[tokio::test]
    async fn a_caller_that_is_dropped_leaves_its_turn_to_the_next() {
        let (tokens, _, script) = tokens([Ok(("a", 3600)), Ok(("b", 3600))]);
        {
            let mut dropped = std::pin::pin!(tokens.bearer());
            assert!(futures_util::poll!(&mut dropped).is_pending());
        }
        let refused = tokens.bearer().await.expect("a token");
        assert_eq!(text(&refused), "a");
        {
            let mut dropped = std::pin::pin!(tokens.replace(&refused));
            assert!(futures_util::poll!(&mut dropped).is_pending());
        }
        assert_eq!((text(&tokens.bearer().await.expect("a token")), script.left()), ("b", 0));
    }

    #[tokio::test]
    async fn no_secret_is_shown() {
        let (tokens, _, _) = tokens([Ok(("canary\n", 1)), Ok(("", 1)), Ok(("canary", 1))]);
        for _ in 0..2 {
            let error = tokens.bearer().await.expect_err("a failure");
            let cause = error.source().expect("a cause").to_string();
            assert!(cause.contains("without spaces"), "{cause}");
            assert!(!format!("{error:?} {error} {cause}").contains("canary"));
        }
        let bearer = tokens.bearer().await.expect("a token");
        let shown = format!("{tokens:?} {bearer:?} {:?}", bearer.header());
        assert!(!shown.contains("canary"), "{shown}");
        assert!(bearer.header().is_sensitive());
    }
}
