//! Access tokens: the endpoint that gives them out, and what each is good for.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::reply::{Refusal, Reply};
use crate::switches::MfaCheck;

/// The bearer token of an application without a user.
pub const APP_ONLY_TOKEN: &str = "emulator-app-only";
/// The bearer token of an application with a signed-in user.
pub const APP_USER_TOKEN: &str = "emulator-app-user";
/// A bearer token whose user did not pass multi-factor authentication.
pub const NO_MFA_TOKEN: &str = "emulator-no-mfa";
/// A bearer token whose user has no agent role.
pub const NO_ROLE_TOKEN: &str = "emulator-no-role";
/// A bearer token for the retired audience `https://graph.windows.net`.
pub const WRONG_AUDIENCE_TOKEN: &str = "emulator-wrong-audience";
/// A bearer token that has expired.
pub const EXPIRED_TOKEN: &str = "emulator-expired";
/// A refresh token that is always good, to begin with.
pub const REFRESH_TOKEN: &str = "emulator-refresh-token";

/// The audience that was retired in 2025.
const RETIRED_AUDIENCE: &str = "graph.windows.net";

/// The audience of every other token.
const AUDIENCE: &str = "https://api.partnercenter.microsoft.com";

/// The tenant in the tokens of one that is named by its domain.
const TENANT: &str = "11111111-2222-3333-4444-555555555555";

/// How many polls of a device code are answered "pending" before the person has signed in.
const PENDING_POLLS: u32 = 1;

/// What a token is good for.
#[derive(Clone, Copy, Debug)]
struct Claims {
    /// Whether a user stands behind it.
    user: bool,
    problem: Option<Problem>,
    expires: Option<Instant>,
}

/// Whom a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Whether a user stands behind it.
    pub(crate) user: bool,
    /// Whether the user passed multi-factor authentication.
    pub(crate) mfa: bool,
}

/// Why a token that is whole and in time is refused all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Problem {
    Audience,
    Mfa,
    Role,
}

const APP_ONLY: Claims = Claims { user: false, problem: None, expires: None };
const APP_USER: Claims = Claims { user: true, problem: None, expires: None };

/// The version of the token endpoint: they differ in names and in how numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

/// The tokens in use.
#[derive(Debug)]
pub(crate) struct Tokens {
    lifetime: Duration,
    issued: HashMap<String, Claims>,
    refresh: HashSet<String>,
    device_codes: HashMap<String, u32>,
    used_codes: HashSet<String>,
    revoked: HashSet<String>,
}

impl Tokens {
    pub(crate) fn new(lifetime: Duration) -> Self {
        Self {
            lifetime,
            issued: HashMap::new(),
            refresh: HashSet::from([REFRESH_TOKEN.to_owned()]),
            device_codes: HashMap::new(),
            used_codes: HashSet::new(),
            revoked: HashSet::new(),
        }
    }

    /// The refusal for this `Authorization` header, or who calls.
    pub(crate) fn check(
        &self,
        header: Option<&str>,
        mfa: MfaCheck,
        now: Instant,
    ) -> Result<Caller, Refusal> {
        let refuse = |reply: Reply| Err(Box::new(reply.with_challenge()));
        let gateway = |message: &str| refuse(Reply::gateway(StatusCode::UNAUTHORIZED, message));
        let bearer = header.and_then(|header| {
            let (scheme, token) = header.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
        });
        let Some(token) = bearer else {
            return gateway(match header {
                None => "Authorization is missing.",
                Some(_) => "Authorization is not a Bearer token.",
            });
        };
        if token == EXPIRED_TOKEN {
            return gateway("The token has expired.");
        }
        let Some(claims) = self.claims(token).filter(|_| !self.revoked.contains(token)) else {
            return gateway("Invalid JWT.");
        };
        if claims.expires.is_some_and(|expires| expires <= now) {
            return gateway("The token has expired.");
        }
        match claims.problem {
            None => Ok(Caller { user: claims.user, mfa: true }),
            Some(Problem::Mfa) if mfa == MfaCheck::Reported => {
                Ok(Caller { user: claims.user, mfa: false })
            }
            Some(Problem::Audience) => {
                let text = "The audience 'https://graph.windows.net' in the token is invalid and is no longer supported.";
                refuse(Reply::string_fault(StatusCode::UNAUTHORIZED, "900420", text))
            }
            Some(Problem::Mfa) => {
                let text = "The token has no claim of multi-factor authentication.";
                refuse(Reply::string_fault(StatusCode::UNAUTHORIZED, "900421", text))
            }
            Some(Problem::Role) => Err(Box::new(Reply::empty(StatusCode::FORBIDDEN))),
        }
    }

    fn claims(&self, token: &str) -> Option<Claims> {
        match token {
            APP_ONLY_TOKEN => Some(APP_ONLY),
            APP_USER_TOKEN => Some(APP_USER),
            NO_MFA_TOKEN => Some(Claims { problem: Some(Problem::Mfa), ..APP_USER }),
            NO_ROLE_TOKEN => Some(Claims { problem: Some(Problem::Role), ..APP_USER }),
            WRONG_AUDIENCE_TOKEN => Some(Claims { problem: Some(Problem::Audience), ..APP_ONLY }),
            _ => self.issued.get(token).copied(),
        }
    }

    /// Makes a token bad from now on, or every token that was given out.
    pub(crate) fn revoke(&mut self, token: Option<&str>) {
        if let Some(token) = token {
            self.refresh.remove(token);
            self.revoked.insert(token.to_owned());
        } else {
            self.issued.clear();
            self.refresh.retain(|token| token == REFRESH_TOKEN);
        }
    }

    /// Starts a sign-in by device code.
    pub(crate) fn device_code(
        &mut self,
        version: Version,
        form: &HashMap<String, String>,
    ) -> Reply {
        if !form.contains_key("client_id") {
            return refusal("invalid_request", 90014, "The required field 'client_id' is missing.");
        }
        let code = Uuid::new_v4().to_string();
        self.device_codes.insert(code.clone(), 0);
        let page = "https://microsoft.com/devicelogin";
        let mut body = json!({
            "user_code": code[..8].to_uppercase(),
            "device_code": code,
            "expires_in": number(version, 900),
            "interval": number(version, 1),
            "message": format!("Open {page} and enter the code. (Emulated: the sign-in succeeds by itself.)"),
        });
        body[if version == Version::V1 { "verification_url" } else { "verification_uri" }] =
            page.into();
        Reply::json(StatusCode::OK, &body)
    }

    /// Gives out a token of a tenant.
    pub(crate) fn grant(
        &mut self,
        version: Version,
        tenant: &str,
        form: &HashMap<String, String>,
        now: Instant,
    ) -> Reply {
        let field =
            |name: &str| form.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let missing = |name: &str| {
            refusal(
                "invalid_request",
                900_144,
                &format!("The request body must contain the parameter '{name}'."),
            )
        };
        let Some(grant) = field("grant_type") else { return missing("grant_type") };
        if field("client_id").is_none() {
            return missing("client_id");
        }
        let audience = field("resource").or(field("scope")).unwrap_or_default();
        let problem = audience.contains(RETIRED_AUDIENCE).then_some(Problem::Audience);
        let claims = match grant {
            "client_credentials" => {
                if field("client_secret").is_none() && field("client_assertion").is_none() {
                    return missing("client_secret");
                }
                if field("resource").is_none() && field("scope").is_none() {
                    return missing(if version == Version::V1 { "resource" } else { "scope" });
                }
                APP_ONLY
            }
            "refresh_token" => {
                let Some(token) = field("refresh_token") else { return missing("refresh_token") };
                // It rotates: what was used once is not good again, but for the one to begin with.
                let known = token == REFRESH_TOKEN && self.refresh.contains(token)
                    || self.refresh.remove(token);
                if !known {
                    return refusal(
                        "invalid_grant",
                        70008,
                        "The refresh token has expired or was used before.",
                    );
                }
                APP_USER
            }
            "authorization_code" => {
                let Some(code) = field("code") else { return missing("code") };
                if !self.used_codes.insert(code.to_owned()) {
                    return refusal(
                        "invalid_grant",
                        54005,
                        "The authorization code was redeemed before.",
                    );
                }
                APP_USER
            }
            "device_code" | "urn:ietf:params:oauth:grant-type:device_code" => {
                let Some(code) = field("device_code").or(field("code")) else {
                    return missing("device_code");
                };
                match self.device_codes.get_mut(code) {
                    None => return refusal("invalid_grant", 70020, "The device code has expired."),
                    Some(polls) if *polls < PENDING_POLLS => {
                        *polls += 1;
                        return refusal(
                            "authorization_pending",
                            70016,
                            "The person has not signed in yet.",
                        );
                    }
                    Some(_) => {
                        self.device_codes.remove(code);
                    }
                }
                APP_USER
            }
            other => {
                let text = format!("The grant type '{other}' is not supported.");
                return refusal("unsupported_grant_type", 70003, &text);
            }
        };
        self.issue(version, tenant, Claims { problem, ..claims }, now)
    }

    fn issue(&mut self, version: Version, tenant: &str, claims: Claims, now: Instant) -> Reply {
        let issued = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let token = jwt(tenant, claims, issued, issued + self.lifetime.as_secs());
        self.issued.insert(token.clone(), Claims { expires: Some(now + self.lifetime), ..claims });
        let seconds = self.lifetime.as_secs();
        let mut body = json!({
            "token_type": "Bearer",
            "expires_in": number(version, seconds),
            "ext_expires_in": number(version, seconds),
            "access_token": token,
        });
        if version == Version::V1 {
            body["not_before"] = issued.to_string().into();
            body["expires_on"] = (issued + seconds).to_string().into();
            body["resource"] = AUDIENCE.into();
        }
        if claims.user {
            let refresh = format!("emulator-refresh-{}", Uuid::new_v4());
            self.refresh.insert(refresh.clone());
            body["refresh_token"] = refresh.into();
            body["scope"] = "user_impersonation".into();
        }
        Reply::json(StatusCode::OK, &body)
    }
}

/// A token that looks like those of the service, for clients that read when it expires. Nobody signed it (RFC 7519
/// section 6): it is good because it was given out.
fn jwt(tenant: &str, claims: Claims, issued: u64, expires: u64) -> String {
    let audience = match claims.problem {
        Some(Problem::Audience) => format!("https://{RETIRED_AUDIENCE}"),
        _ => AUDIENCE.to_owned(),
    };
    let tenant = if Uuid::try_parse(tenant).is_ok() { tenant } else { TENANT };
    let mut body = json!({
        "aud": audience,
        "tid": tenant,
        "iat": issued,
        "nbf": issued,
        "exp": expires,
        "jti": Uuid::new_v4().to_string(),
    });
    if claims.user {
        body["amr"] = json!(["pwd", "mfa"]);
        body["scp"] = "user_impersonation".into();
    }
    let [header, body] = [json!({"typ": "JWT", "alg": "none"}), body]
        .map(|it| URL_SAFE_NO_PAD.encode(it.to_string()));
    format!("{header}.{body}.")
}

/// The first version writes numbers as strings.
fn number(version: Version, value: u64) -> Value {
    match version {
        Version::V1 => value.to_string().into(),
        Version::V2 => value.into(),
    }
}

fn refusal(error: &str, code: u32, text: &str) -> Reply {
    let body = json!({
        "error": error,
        "error_description": format!("AADSTS{code}: {text}"),
        "error_codes": [code],
        "trace_id": Uuid::new_v4().to_string(),
        "correlation_id": Uuid::new_v4().to_string(),
    });
    Reply::json(StatusCode::BAD_REQUEST, &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> HashMap<String, String> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn json(reply: &Reply) -> Value {
        serde_json::from_slice(&reply.body).expect("JSON")
    }

    fn text(value: &Value) -> &str {
        value.as_str().expect("a string")
    }

    const CLIENT: [(&str, &str); 3] =
        [("grant_type", "client_credentials"), ("client_id", "c"), ("client_secret", "s")];

    #[test]
    fn a_token_is_good_until_it_expires_or_is_revoked() {
        let mut tokens = Tokens::new(Duration::from_secs(60));
        let now = Instant::now();
        let fields =
            [&CLIENT[..], &[("resource", "https://api.partnercenter.microsoft.com")]].concat();
        let body = json(&tokens.grant(Version::V1, "contoso", &form(&fields), now));
        assert_eq!((text(&body["expires_in"]), text(&body["token_type"])), ("60", "Bearer"));
        let header = format!("Bearer {}", text(&body["access_token"]));
        assert!(!tokens.check(Some(&header), MfaCheck::Enforced, now).expect("a good token").user);
        let later = now + Duration::from_secs(60);
        assert_eq!(
            tokens
                .check(Some(&header), MfaCheck::Enforced, later)
                .expect_err("an old token")
                .status,
            401
        );
        tokens.revoke(Some(text(&body["access_token"])));
        assert_eq!(
            tokens
                .check(Some(&header), MfaCheck::Enforced, now)
                .expect_err("a revoked token")
                .status,
            401
        );
        tokens.revoke(Some(APP_USER_TOKEN));
        assert!(tokens.check(Some("Bearer emulator-app-user"), MfaCheck::Enforced, now).is_err());
    }

    #[test]
    fn a_token_says_when_it_expires_and_for_what_it_is() {
        let mut tokens = Tokens::new(Duration::from_secs(60));
        let tenant = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
        let fields = [&CLIENT[..], &[("resource", "https://graph.windows.net")]].concat();
        for (tenant, fields, audience, said) in [
            (tenant, [&CLIENT[..], &[("scope", "s")]].concat(), AUDIENCE, tenant),
            ("contoso.example", fields, "https://graph.windows.net", TENANT),
        ] {
            let body = json(&tokens.grant(Version::V2, tenant, &form(&fields), Instant::now()));
            let parts: Vec<_> = text(&body["access_token"]).split('.').collect();
            let [header, claims, ""] = parts[..] else { panic!("{parts:?}") };
            assert_eq!(decoded(header), json!({"typ": "JWT", "alg": "none"}));
            let claims = decoded(claims);
            assert_eq!((text(&claims["aud"]), text(&claims["tid"])), (audience, said));
            assert_eq!(claims["exp"].as_u64(), claims["iat"].as_u64().map(|issued| issued + 60));
        }
    }

    /// The JSON in a part of a token (RFC 7515 section 2).
    fn decoded(part: &str) -> Value {
        let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url without padding");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    #[test]
    fn what_is_no_bearer_token_is_called_so() {
        let tokens = Tokens::new(Duration::from_secs(60));
        for (header, expected) in [
            (None, "Authorization is missing."),
            (Some("Basic YTpi"), "Authorization is not a Bearer token."),
            (Some("emulator-app-only"), "Authorization is not a Bearer token."),
            (Some("Bearer unknown"), "Invalid JWT."),
        ] {
            let refused =
                tokens.check(header, MfaCheck::Enforced, Instant::now()).expect_err("a refusal");
            assert_eq!(text(&json(&refused)["message"]), expected);
        }
    }

    #[test]
    fn refresh_tokens_rotate() {
        let mut tokens = Tokens::new(Duration::from_secs(60));
        let refresh = |token: &str| {
            form(&[("grant_type", "refresh_token"), ("client_id", "c"), ("refresh_token", token)])
        };
        let first =
            json(&tokens.grant(Version::V2, "contoso", &refresh(REFRESH_TOKEN), Instant::now()));
        assert_eq!(first["expires_in"], 60);
        let second = text(&first["refresh_token"]);
        assert_eq!(
            tokens.grant(Version::V2, "contoso", &refresh(second), Instant::now()).status,
            200
        );
        let again = tokens.grant(Version::V2, "contoso", &refresh(second), Instant::now());
        assert_eq!((again.status.as_u16(), text(&json(&again)["error"])), (400, "invalid_grant"));
        let header = format!("bearer {}", text(&first["access_token"]));
        assert!(
            tokens.check(Some(&header), MfaCheck::Enforced, Instant::now()).expect("a user").user
        );
    }

    #[test]
    fn an_authorization_code_is_good_once() {
        let mut tokens = Tokens::new(Duration::from_secs(60));
        let redeem =
            form(&[("grant_type", "authorization_code"), ("client_id", "c"), ("code", "x")]);
        let first = tokens.grant(Version::V1, "contoso", &redeem, Instant::now());
        let header = format!("Bearer {}", text(&json(&first)["access_token"]));
        assert!(
            tokens.check(Some(&header), MfaCheck::Enforced, Instant::now()).expect("a user").user
        );
        assert!(json(&first)["refresh_token"].is_string());
        assert_eq!(tokens.grant(Version::V1, "contoso", &redeem, Instant::now()).status, 400);
    }

    #[test]
    fn a_device_code_is_pending_and_then_good_once() {
        let mut tokens = Tokens::new(Duration::from_secs(60));
        let code = json(&tokens.device_code(Version::V2, &form(&[("client_id", "c")])));
        assert!(code["verification_uri"].is_string() && code["interval"] == 1);
        let poll = form(&[
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("client_id", "c"),
            ("device_code", text(&code["device_code"])),
        ]);
        let mut poll = || {
            let reply = tokens.grant(Version::V2, "contoso", &poll, Instant::now());
            (reply.status.as_u16(), json(&reply)["error"].as_str().unwrap_or_default().to_owned())
        };
        assert_eq!(poll(), (400, "authorization_pending".into()));
        assert_eq!(poll(), (200, String::new()));
        assert_eq!(poll(), (400, "invalid_grant".into()));
    }

    #[test]
    fn requests_that_lack_something_are_refused() {
        let mut tokens = Tokens::new(Duration::from_secs(60));
        let cases: [&[(&str, &str)]; 6] = [
            &[],
            &[("grant_type", "client_credentials")],
            &CLIENT[..2],
            &CLIENT,
            &[("grant_type", "password"), ("client_id", "c")],
            &[("grant_type", "refresh_token"), ("client_id", "c"), ("refresh_token", "stranger")],
        ];
        for fields in cases {
            let reply = tokens.grant(Version::V1, "contoso", &form(fields), Instant::now());
            assert_eq!(reply.status, 400, "{fields:?}");
            assert!(text(&json(&reply)["error_description"]).starts_with("AADSTS"), "{fields:?}");
        }
        let fields = [&CLIENT[..], &[("resource", "https://graph.windows.net")]].concat();
        let token = json(&tokens.grant(Version::V1, "contoso", &form(&fields), Instant::now()));
        let header = format!("Bearer {}", text(&token["access_token"]));
        let refused =
            tokens.check(Some(&header), MfaCheck::Enforced, Instant::now()).expect_err("a refusal");
        assert_eq!(json(&refused)["code"], "900420");
    }
}
