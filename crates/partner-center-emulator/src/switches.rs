//! What nobody knows of the service, each thing as a switch.

use std::fmt;
use std::str::FromStr;

/// How the emulated service behaves where the real one is not documented. Every value is an
/// assumption, the defaults included.
// Each is one switch of its own.
#[allow(clippy::struct_excessive_bools)]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Switches {
    /// What a stale entity tag gets.
    pub stale_etag: StaleEtag,
    /// What a PUT without `If-Match` gets, where the contract requires it.
    pub missing_if_match: MissingIfMatch,
    /// What is compared with the current entity tag.
    pub etag_check: EtagCheck,
    /// Whether responses carry an `ETag` header too.
    pub etag_header: bool,
    /// Whether successful bodies begin with a UTF-8 byte order mark.
    pub bom: bool,
    /// How the members of successful bodies are named.
    pub key_case: KeyCase,
    /// What `If-Match: *` gets.
    pub if_match_star: IfMatchStar,
    /// Whether a repeated `MS-RequestId` on a PUT that was applied gives the first answer again.
    pub replay: bool,
    /// Whether the links of a list have `/v1` in front.
    pub link_prefix: bool,
    /// What an audit record has of a changed profile.
    pub audit_value: AuditValue,
    /// How the next page of audit records is asked for.
    pub audit_paging: AuditPaging,
    /// How an address is answered that is to be validated.
    pub address_answer: AddressAnswer,
    /// Whether a PUT is refused that breaks the rules of its country.
    pub country_rules: bool,
    /// What a user gets who did not pass multi-factor authentication.
    pub mfa: MfaCheck,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            stale_etag: StaleEtag::default(),
            missing_if_match: MissingIfMatch::default(),
            etag_check: EtagCheck::default(),
            etag_header: false,
            bom: true,
            key_case: KeyCase::default(),
            if_match_star: IfMatchStar::default(),
            replay: true,
            link_prefix: false,
            audit_value: AuditValue::default(),
            audit_paging: AuditPaging::default(),
            address_answer: AddressAnswer::default(),
            country_rules: false,
            mfa: MfaCheck::default(),
        }
    }
}

/// A text that is none of the values of a switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSwitch {
    expected: &'static str,
}

impl fmt::Display for InvalidSwitch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}

impl std::error::Error for InvalidSwitch {}

/// An enum whose values have names on the command line.
macro_rules! switch {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum $name { $($(#[$value_doc])* $value,)* }

        impl $name {
            /// Every value, the default first.
            pub const ALL: &'static [Self] = &[$(Self::$value),*];

            /// The value as it is written on the command line.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $text,)* }
            }
        }

        impl FromStr for $name {
            type Err = InvalidSwitch;

            fn from_str(text: &str) -> Result<Self, InvalidSwitch> {
                match text {
                    $($text => Ok(Self::$value),)*
                    _ => Err(InvalidSwitch { expected: concat!("one of", $(" ", $text),*) }),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

switch! {
    /// What a stale entity tag gets.
    StaleEtag {
        /// 400 with code 2055, the one documented code for it.
        #[default]
        BadRequest2055 = "400-2055",
        /// 409.
        Conflict = "409",
        /// 412.
        PreconditionFailed = "412",
        /// 417 with code 800036.
        ExpectationFailed = "417",
    }
}

switch! {
    /// What a PUT without `If-Match` gets, where the contract requires it.
    MissingIfMatch {
        /// It is accepted, as the clients of Microsoft rely on.
        #[default]
        Accept = "accept",
        /// 400.
        BadRequest = "400",
        /// 412.
        PreconditionFailed = "412",
        /// 428.
        PreconditionRequired = "428",
    }
}

switch! {
    /// What is compared with the current entity tag.
    EtagCheck {
        /// Whichever is sent must match.
        #[default]
        Either = "either",
        /// `If-Match` alone.
        Header = "header",
        /// `attributes.etag` alone.
        Body = "body",
        /// `If-Match` and `attributes.etag`, and the latter must be there.
        Both = "both",
        /// Neither: the last writer wins.
        Neither = "neither",
    }
}

switch! {
    /// How the members of successful bodies are named.
    KeyCase {
        /// As in nearly all samples.
        #[default]
        Camel = "camel",
        /// As in the sample of the partner's PUT.
        Pascal = "pascal",
    }
}

switch! {
    /// What `If-Match: *` gets.
    IfMatchStar {
        /// It matches any version, as RFC 9110 section 13.1.1 has it.
        #[default]
        Accept = "accept",
        /// 400.
        BadRequest = "400",
    }
}

switch! {
    /// What an audit record has of a changed profile.
    AuditValue {
        /// The profile as it was, and as it is.
        #[default]
        Profile = "profile",
        /// The customer with the profile in it, as the sample of a new customer has it.
        Customer = "customer",
        /// The profile as it is alone.
        New = "new",
    }
}

switch! {
    /// How the next page of audit records is asked for.
    AuditPaging {
        /// By a link, as that of customers is, and as the SDK does.
        #[default]
        Link = "link",
        /// By `seek`, which takes the `continuationToken` of the page, as the Swagger says.
        Seek = "seek",
    }
}

switch! {
    /// How an address is answered that is to be validated.
    AddressAnswer {
        /// 200 with a status, as since 2021.
        #[default]
        Status = "status",
        /// 200 without a body, or 400 with code 2007, as before.
        Before2021 = "before-2021",
    }
}

switch! {
    /// What a user gets who did not pass multi-factor authentication.
    MfaCheck {
        /// 401 with code 900421, as since 2026.
        #[default]
        Enforced = "enforced",
        /// What was asked for; `isMfaCompliant` is `false`, for a request that asked.
        Reported = "reported",
    }
}
