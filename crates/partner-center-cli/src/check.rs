//! Whether the service takes who calls: one call, and what its token says of itself.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use azure_core::time::{OffsetDateTime, to_rfc3339};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use partner_center::azure::{self, AccessToken, TokenRequestOptions, async_trait};
use partner_center::{Secret, TokenCredential};
use serde_json::{Map, Value, json};

use crate::failure::{Exit, Failure};
use crate::output::Ui;
use crate::session::{Client, Session};
use crate::settings::Settings;

/// What of a token is shown; the rest may be personal.
const CLAIMS: [&str; 6] = ["aud", "tid", "exp", "amr", "roles", "scp"];

/// The access token that was called with last.
#[derive(Clone, Default)]
pub(crate) struct LastToken(Arc<Mutex<Option<Secret>>>);

impl LastToken {
    pub(crate) fn set(&self, token: Secret) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
    }

    fn get(&self) -> Option<Secret> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A credential whose last token is known.
pub(crate) struct Watched {
    pub(crate) credential: Arc<dyn TokenCredential>,
    pub(crate) last: LastToken,
}

#[async_trait]
impl TokenCredential for Watched {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> Result<AccessToken, azure::Error> {
        let token = self.credential.get_token(scopes, options).await?;
        self.last.set(token.token.clone());
        Ok(token)
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").field("credential", &self.credential).finish_non_exhaustive()
    }
}

/// What was found.
pub(crate) struct Check {
    /// What the token says, if it is one that can be read.
    claims: Option<Map<String, Value>>,
    /// The audience that it should have.
    resource: String,
    /// Whether the service says that the user passed multi-factor authentication.
    is_mfa_compliant: Option<bool>,
    is_user: bool,
    /// Why the service does not take it.
    failure: Option<Failure>,
}

impl Check {
    /// Calls the service.
    pub(crate) async fn run(settings: &mut Settings, ui: &Ui) -> Result<Self, Failure> {
        let session = Session::start(settings, ui).await?;
        let _step = ui.step("calling the service");
        let (is_user, answer) = match &session.client {
            Client::User(client) => (true, client.is_mfa_compliant().await),
            Client::Application(client) => {
                let page = client.customers().page_size(1).page(None).await;
                (false, page.map(|_| None))
            }
        };
        let claims = session.token.get().and_then(|token| claims(token.secret()));
        let resource = settings.cloud().resource().to_owned();
        let check = Self { claims, resource, is_mfa_compliant: None, is_user, failure: None };
        Ok(match answer {
            Ok(is_mfa_compliant) => Self { is_mfa_compliant, ..check },
            Err(error) => Self { failure: Some(error.into()), ..check },
        })
    }

    /// What was found, for a person: a name, a value, a remark.
    pub(crate) fn rows(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut rows = Vec::new();
        match &self.claims {
            Some(claims) => {
                for name in CLAIMS {
                    let value = claims.get(name).unwrap_or(&Value::Null);
                    rows.push((name, words(name, value), self.remark(name, value)));
                }
            }
            None => rows.push(("token", "(no JSON Web Token)".to_owned(), "")),
        }
        let mfa = match self.is_mfa_compliant {
            Some(true) => "true",
            Some(false) => "false",
            None if self.failure.is_some() => "(not known)",
            None if self.is_user => "(the service does not say)",
            None => "(an application alone is exempt)",
        };
        rows.push(("isMfaCompliant", mfa.to_owned(), ""));
        let accepted = match self.is_accepted() {
            Some(true) => "yes",
            Some(false) => "no",
            None => "(not known)",
        };
        rows.push(("accepted", accepted.to_owned(), ""));
        rows
    }

    /// Whether the service takes who calls, if it said so.
    fn is_accepted(&self) -> Option<bool> {
        match &self.failure {
            None => Some(true),
            Some(failure) => (failure.exit == Exit::NotAllowed).then_some(false),
        }
    }

    pub(crate) fn json(&self) -> Value {
        let claims = self.claims.iter().flat_map(|claims| {
            CLAIMS.iter().filter_map(|name| Some(((*name).to_owned(), claims.get(*name)?.clone())))
        });
        json!({
            "token": self.claims.is_some().then(|| claims.collect::<Map<_, _>>()),
            "isMfaCompliant": self.is_mfa_compliant,
            "accepted": self.is_accepted(),
        })
    }

    /// What is wrong with the value of a claim.
    fn remark(&self, name: &str, value: &Value) -> &'static str {
        match (name, value) {
            // Version 2 of the tokens has the id of the service's application, which is no address.
            ("aud", Value::String(audience))
                if audience.contains("://")
                    && !audience
                        .trim_end_matches('/')
                        .eq_ignore_ascii_case(self.resource.trim_end_matches('/')) =>
            {
                "another service"
            }
            ("exp", Value::Number(_))
                if time(value).is_some_and(|end| end <= OffsetDateTime::now_utc()) =>
            {
                "expired"
            }
            ("amr", Value::Array(methods)) if methods.iter().all(|method| method != "mfa") => {
                "no multi-factor authentication"
            }
            _ => "",
        }
    }

    /// Why the command fails.
    pub(crate) fn failure(self) -> Option<Failure> {
        let said = |name| self.claims.as_ref().and_then(|claims| claims.get(name));
        let of_others =
            said("aud").filter(|value| !self.remark("aud", value).is_empty()).map(Value::to_string);
        if let Some(failure) = self.failure {
            return Some(match of_others {
                Some(audience) => failure.why(format!(
                    "the token is for {audience}, and the service is {}",
                    self.resource
                )),
                None => failure,
            });
        }
        (self.is_mfa_compliant == Some(false)).then(|| {
            Failure::new("the user did not pass multi-factor authentication")
                .exit(Exit::NotAllowed)
                .why("the service says isMfaCompliant: false; it refuses such a user where that is enforced")
                .hint("sign in with multi-factor authentication: run `partner-center login`")
        })
    }
}

/// What a JSON Web Token says (RFC 7519 section 3); nobody checks its signature here.
fn claims(token: &str) -> Option<Map<String, Value>> {
    let body = token.split('.').nth(1)?.trim_end_matches('=');
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(body).ok()?).ok()
}

/// A claim in words.
fn words(name: &str, value: &Value) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items =
                items.iter().map(|item| item.as_str().map_or(item.to_string(), str::to_owned));
            items.collect::<Vec<_>>().join(", ")
        }
        Value::Number(_) if name == "exp" => {
            time(value).map_or_else(|| value.to_string(), |end| to_rfc3339(&end))
        }
        other => other.to_string(),
    }
}

/// A time in seconds since 1970.
fn time(value: &Value) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(value.as_i64()?).ok()
}
