//! What to do about a refusal, where that is known.

use super::connection::PROXY;

/// What to do, by status and code together: docs, error-codes; or by an empty body, which a missing
/// role (403) and a missing multi-factor authentication (401) are known for.
pub(super) fn hint(
    status: u16,
    code: Option<&str>,
    empty: bool,
    challenged: bool,
) -> Option<&'static str> {
    Some(match (status, code) {
        (401, Some("900421")) => "sign in with multi-factor authentication",
        (401, None) if empty && challenged => {
            "sign in again, with multi-factor authentication, which Partner Center requires of users"
        }
        (401, Some("900420")) => {
            "get the token for the resource of the cloud, such as \
             https://api.partnercenter.microsoft.com/.default"
        }
        (401, _) => "sign in again",
        (403, Some("900329")) => "use an application with a signed-in user (`AppUser`)",
        (403, Some("900150")) => {
            "have an admin agent or sales agent of the partner sign in, or an application with consent"
        }
        (403, Some("20002")) => "check the id: the partner has no relationship with that customer",
        (403, Some("600006")) => {
            "this code is not documented: check the role of whoever signed in and the relationship with the customer, \
             or give the ids to Partner Center's support"
        }
        (403, Some("900309")) => "have the tenant's conditional access allow this sign-in",
        (403, None) if empty => {
            "have an admin agent or sales agent of the partner sign in (`AppUser`); an application \
             alone, or another user, is refused like this"
        }
        (407, _) => PROXY.1,
        (400, Some("27002" | "3000")) => "fix the member that the data of the error names",
        (400, Some("600051")) => {
            "set the phone number of the address, which the country of the customer requires"
        }
        (400, Some("20000")) => "check the country: the partner's region may not sell there",
        (400, Some("600002")) => {
            "check the country of the address: the registration number of the customer is that of another one, or \
             is not asked for there"
        }
        (400, Some("2000" | "900118")) => "give the id of the customer's tenant, a GUID",
        _ => return None,
    })
}
