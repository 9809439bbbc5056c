//! A refusal of the sign-in service, and what to do about it.

use std::fmt;

/// Why the sign-in service refused to give a token, and what to do about it.
///
/// It is among the causes of an [`Error`](crate::Error) of the kind
/// [`Credential`](crate::ErrorKind::Credential), and of the error of a credential that is asked itself.
///
/// The advice goes by the number of Entra ID, and is for people alone: programs must not depend on the numbers,
/// says the [reference](https://learn.microsoft.com/entra/identity-platform/reference-error-codes).
///
/// # Examples
/// ```
/// # partner_center_emulator::example(async |endpoint| {
/// use std::sync::Arc;
/// use partner_center::{AppUser, Cloud, PartnerCenter, RefreshToken, SignInRefusal};
///
/// let cloud = Cloud::custom(endpoint).with_authority(endpoint);
/// let user = RefreshToken::new(&cloud, "contoso.example", "client id", "one that expired")?;
/// let partner = PartnerCenter::builder(AppUser::new(Arc::new(user))).endpoint(endpoint).build()?;
/// let error = partner.billing_profile().get().await.unwrap_err();
/// let refusal = SignInRefusal::in_causes(&error).ok_or("something else")?;
/// assert_eq!((refusal.code(), refusal.aadsts()), ("invalid_grant", Some(70008)));
/// assert!(refusal.advice().is_some_and(|advice| advice.contains("sign in again")));
/// # Ok(()) }).unwrap();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInRefusal {
    code: String,
    description: String,
    number: Option<u32>,
    advice: Option<String>,
    again: bool,
}

impl SignInRefusal {
    /// A refusal with this `error` and `error_description` (RFC 6749 section 5.2), both clean of secrets; `consent`
    /// is the page on which an administrator consents to the application.
    pub(super) fn new(code: String, description: String, consent: &str) -> Self {
        let number = number(&description);
        let known = number.and_then(advice);
        let again = known.map_or_else(|| needs_sign_in(&code), |advice| advice.again);
        let advice = known.map_or_else(|| by_code(&code), |advice| Some(advice.text));
        let advice = advice.map(|text| text.replace("{consent}", consent));
        Self { code, description, number, advice, again }
    }

    /// The refusal among the causes of an error.
    #[must_use]
    pub fn in_causes<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(refusal) = error.downcast_ref() {
                return Some(refusal);
            }
            cause = error.source();
        }
        None
    }

    /// The code of OAuth 2.0, such as `invalid_grant`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What the service says, in one line, with the ids for its support; without what was sent in confidence.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The number of Entra ID, such as that of `AADSTS50076`.
    #[must_use]
    pub fn aadsts(&self) -> Option<u32> {
        self.number
    }

    /// What to do, if that is known.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// The documentation of the number, if it is known here.
    #[must_use]
    pub fn documentation(&self) -> Option<&'static str> {
        self.number.and_then(advice).map(|advice| advice.source)
    }

    /// Whether a person who signs in again, as the advice says, may get further.
    #[must_use]
    pub fn needs_sign_in(&self) -> bool {
        self.again
    }
}

impl fmt::Display for SignInRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the sign-in was refused: {}", self.code)?;
        if !self.description.is_empty() {
            write!(f, ": {}", self.description.trim_end_matches('.'))?;
        }
        match &self.advice {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for SignInRefusal {}

/// Whether a person has to sign in again, by the code of OAuth 2.0 or OpenID Connect.
pub(super) fn needs_sign_in(code: &str) -> bool {
    matches!(code, "invalid_grant" | "interaction_required" | "login_required" | "consent_required")
}

/// What to do about a number that is not known, by the code that came with it.
fn by_code(code: &str) -> Option<&'static str> {
    Some(match code {
        "invalid_grant" => {
            "the refresh token is used up, revoked or expired, or of another client: sign in again"
        }
        "interaction_required" | "login_required" | "consent_required" => {
            "sign in again with a second factor, and consent to what is asked"
        }
        "invalid_client" | "unauthorized_client" => {
            "check the client id, the client secret and what the application is registered for"
        }
        "expired_token" | "code_expired" => {
            "nobody signed in before the code expired: start the sign-in again"
        }
        "authorization_declined" | "access_denied" => {
            "the sign-in was declined: start it again, and accept"
        }
        "invalid_scope" | "invalid_resource" | "invalid_target" => {
            "check the resource of the cloud, and that the application may call it"
        }
        _ => return None,
    })
}

/// What a number means to whoever signs in.
struct Advice {
    number: u32,
    /// What to do. `{consent}` stands for the page on which an administrator consents.
    text: &'static str,
    /// Whether another sign-in may help.
    again: bool,
    source: &'static str,
}

/// Microsoft Learn, "Microsoft Entra authentication and authorization error codes".
const CODES: &str = "https://learn.microsoft.com/entra/identity-platform/reference-error-codes";
/// Microsoft Learn, "Conditional Access: Authentication flows as a condition in Conditional Access policy".
const FLOWS: &str =
    "https://learn.microsoft.com/entra/identity/conditional-access/concept-authentication-flows";
/// Microsoft Learn, "Workload identity federation".
const FEDERATION: &str =
    "https://learn.microsoft.com/entra/workload-id/workload-identity-federation";
/// Microsoft Learn, "Grant tenant-wide admin consent to an application": the URL for administrators.
const CONSENT: &str =
    "https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent";
/// Microsoft Learn, "Redirect URI (reply URL) best practices and limitations": localhost.
const REDIRECTS: &str = "https://learn.microsoft.com/entra/identity-platform/reply-url";

const fn row(number: u32, again: bool, source: &'static str, text: &'static str) -> Advice {
    Advice { number, text, again, source }
}

const MFA: &str =
    "sign in with a second factor: what was used was got without one, or that was too long ago";
const POLICY: &str = "the conditional access of the tenant blocks this sign-in: its administrator finds in the sign-in log which \
     policy did";
const USED_UP: &str = "the refresh token is expired or revoked: sign in again";
const FEDERATED: &str = "the federated credential of the application must have the issuer, the subject and the audience of the token, \
     in the same case; the message names them";
const OTHER_TENANT: &str = "the account is not one of this tenant: sign in with one of the partner's tenant, or give its tenant";
const NO_APPLICATION: &str = "check the client id, the tenant and the cloud; if the application is one of another tenant, an administrator \
     brings it into this one at {consent}";
const NO_CONSENT: &str =
    "an administrator of the tenant has to consent to the application, at {consent}";

/// By number, ascending.
const TABLE: [Advice; 58] = [
    row(
        50_011,
        false,
        REDIRECTS,
        "register http://localhost as a redirect URI of the application, for mobile and desktop applications",
    ),
    row(50_020, true, CODES, OTHER_TENANT),
    row(50_034, true, CODES, OTHER_TENANT),
    row(
        50_053,
        false,
        CODES,
        "the account is locked after too many attempts, or the address of this machine is blocked: wait, or ask an administrator",
    ),
    row(50_055, true, CODES, "the password has expired: sign in again, and set another"),
    row(50_057, false, CODES, "the account is disabled: an administrator can enable it"),
    row(50_059, false, CODES, "give the partner's tenant, a GUID or a domain name"),
    row(50_072, true, CODES, MFA),
    row(50_074, true, CODES, MFA),
    row(50_076, true, CODES, MFA),
    row(50_078, true, CODES, MFA),
    row(
        50_079,
        true,
        CODES,
        "sign in again and register a second factor, which the tenant requires",
    ),
    row(50_105, false, CODES, "an administrator has to assign the user to the application"),
    row(50_128, false, CODES, "give the partner's tenant, a GUID or a domain name"),
    row(50_131, false, CODES, POLICY),
    row(50_132, true, CODES, USED_UP),
    row(50_133, true, CODES, USED_UP),
    row(50_158, true, CODES, MFA),
    row(50_173, true, CODES, USED_UP),
    row(50_194, false, CODES, "give the tenant of the partner itself, not `common`"),
    row(
        50_196,
        false,
        CODES,
        "too many sign-ins in a short time: use one process, or keep its token",
    ),
    row(
        53_000,
        false,
        CODES,
        "the tenant's conditional access wants a compliant device: sign in on one",
    ),
    row(
        53_001,
        false,
        CODES,
        "the tenant's conditional access wants a device of its domain: sign in on one",
    ),
    row(53_002, false, CODES, POLICY),
    row(
        53_003,
        false,
        FLOWS,
        "the tenant's conditional access blocks this sign-in, as ever more tenants block the one with a device code: sign in with the browser on this machine, or have an administrator allow it; the sign-in log names the policy",
    ),
    row(
        53_004,
        true,
        CODES,
        "sign in again and register a second factor, which the tenant requires",
    ),
    row(54_005, true, CODES, "the answer of that sign-in was used already: sign in again"),
    row(65_001, false, CONSENT, NO_CONSENT),
    row(65_004, true, CODES, "sign in again, and accept what the application asks for"),
    row(
        65_005,
        false,
        CODES,
        "add the permission for Partner Center to the application, and consent at {consent}",
    ),
    row(70_000, true, CODES, USED_UP),
    row(70_001, false, CODES, NO_APPLICATION),
    row(
        70_002,
        false,
        CODES,
        "the client secret is not the one of the application: give its value, not its id",
    ),
    row(70_008, true, CODES, USED_UP),
    row(70_011, false, CODES, "check the cloud: its resource is what is asked for"),
    row(70_018, true, CODES, "the code was not the one that was shown: sign in again"),
    row(70_019, true, CODES, "nobody signed in before the code expired: sign in again"),
    row(70_021, false, FEDERATION, FEDERATED),
    row(70_043, true, CODES, "the tenant wants a sign-in more often than this: sign in again"),
    row(
        90_002,
        false,
        CODES,
        "there is no such tenant: check the tenant, and the cloud that it is in",
    ),
    row(90_008, false, CONSENT, NO_CONSENT),
    row(90_038, false, CODES, "the tenant is in another cloud: choose that cloud"),
    row(90_072, true, CODES, OTHER_TENANT),
    row(90_094, false, CONSENT, NO_CONSENT),
    row(90_095, false, CONSENT, NO_CONSENT),
    row(
        500_011,
        false,
        CODES,
        "the tenant does not know Partner Center's API: check the tenant and the cloud",
    ),
    row(530_032, false, CODES, POLICY),
    row(
        530_035,
        false,
        CODES,
        "the tenant's security defaults block this sign-in: sign in with a second factor, in a browser",
    ),
    row(
        650_056,
        false,
        CODES,
        "add the permission for Partner Center to the application, and consent at {consent}",
    ),
    row(
        650_057,
        false,
        CODES,
        "add the permission for Partner Center to the application, and consent at {consent}",
    ),
    row(700_016, false, CODES, NO_APPLICATION),
    row(
        700_025,
        false,
        CODES,
        "the application is registered as a public client: leave out the client secret and the certificate",
    ),
    row(
        700_027,
        false,
        CODES,
        "the certificate is not one that is registered with the application: register it, or give that one",
    ),
    row(700_082, true, CODES, "the refresh token expired because nobody used it: sign in again"),
    row(700_213, false, FEDERATION, FEDERATED),
    row(
        7_000_215,
        false,
        CODES,
        "the client secret is not the one of the application: give its value, not its id",
    ),
    row(
        7_000_218,
        false,
        CODES,
        "the application is registered as a confidential client: allow public client flows in its registration, or give its client secret",
    ),
    row(
        7_000_222,
        false,
        CODES,
        "the client secret has expired: make another in the registration of the application, or use a certificate",
    ),
];

/// The number in a description, such as that of `AADSTS65001: …`.
fn number(description: &str) -> Option<u32> {
    let (_, rest) = description.split_once("AADSTS")?;
    let digits = rest.find(|char: char| !char.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse().ok()
}

fn advice(number: u32) -> Option<&'static Advice> {
    let at = TABLE.binary_search_by_key(&number, |advice| advice.number).ok()?;
    Some(&TABLE[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_its_advice_and_its_source() {
        assert!(TABLE.windows(2).all(|pair| pair[0].number < pair[1].number), "not ascending");
        for row in &TABLE {
            let found = advice(row.number).expect("a row");
            assert!(!found.text.is_empty() && found.source.starts_with("https://"));
            assert_eq!(
                found.text.contains("sign in again"),
                found.again && found.text.contains("again")
            );
        }
        assert!(advice(1).is_none());
    }

    #[test]
    fn a_number_is_found_in_any_description() {
        for (text, expected) in [
            ("AADSTS7000215: Invalid", Some(7_000_215)),
            ("error: AADSTS50076", Some(50_076)),
            ("AADSTS: none", None),
            ("AADSTS99999999999999", None),
            ("", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}
