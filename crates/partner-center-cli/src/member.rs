//! The members of the two profiles: one name for each, wherever a person reads or writes one.
//!
//! The name is that of the flag (`--address-city`), of `--clear` and of the table. Programs read JSON,
//! where a member is its JSON Pointer.

use partner_center::models::{Address, BillingProfile, CustomerBillingProfile};
use partner_center::{CountryRules, Model, RuleViolation};

/// What belongs to the service, beside single members that do.
pub(crate) const SERVICE: [&str; 2] = ["/links", "/attributes"];

/// A member of a profile.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    /// Where it is, as a JSON Pointer (RFC 6901).
    pub(crate) pointer: &'static str,
    pub(crate) kind: Kind,
    pub(crate) help: &'static str,
}

/// What a member holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Integer,
    /// A text that belongs to the service. It is shown, and sent back as it was read.
    Kept,
}

/// Members that are shown under one heading.
#[derive(Debug)]
pub(crate) struct Section {
    /// `None` for the members of the profile itself.
    pub(crate) title: Option<&'static str>,
    /// The object that the members are in, as a JSON Pointer.
    pub(crate) pointer: &'static str,
    pub(crate) members: &'static [Member],
}

/// A profile that the command knows the members of.
pub(crate) trait Profile: Model {
    const SECTIONS: &'static [Section];

    /// The name of its schema in the contract.
    const SCHEMA: &'static str;

    /// Whether a phone number is demanded of it, where the rules of a country say that customers need one.
    const ASKS_FOR_PHONE: bool;

    /// Where the address is.
    const ADDRESS: &'static str;

    fn address(&self) -> Option<&Address>;

    fn set_address(&mut self, address: Address);

    /// The rules of its country that it breaks.
    fn violations(&self, rules: &CountryRules) -> Vec<RuleViolation>;

    /// Every member, in the order in which it is shown.
    fn members() -> impl Iterator<Item = &'static Member> {
        Self::SECTIONS.iter().flat_map(|section| section.members)
    }

    fn member(pointer: &str) -> Option<&'static Member> {
        Self::members().find(|member| member.pointer == pointer)
    }

    /// Where a person expects it among others.
    fn place(pointer: &str) -> usize {
        Self::members().position(|member| member.pointer == pointer).unwrap_or(usize::MAX)
    }

    /// What a person calls what is at the pointer.
    fn name(pointer: &str) -> &str {
        Self::member(pointer).map_or(pointer, |member| member.name)
    }
}

impl Member {
    pub(crate) fn is_writable(&self) -> bool {
        self.kind != Kind::Kept
    }

    /// The name in the document.
    pub(crate) fn key(&self) -> &'static str {
        self.pointer.rsplit_once('/').map_or(self.pointer, |(_, key)| key)
    }
}

const fn text(name: &'static str, pointer: &'static str, help: &'static str) -> Member {
    Member { name, pointer, kind: Kind::Text, help }
}

const fn kept(name: &'static str, pointer: &'static str) -> Member {
    Member { name, pointer, kind: Kind::Kept, help: "" }
}

macro_rules! address {
    ($at:literal) => {
        &[
            kept("address-id", concat!($at, "/id")),
            text(
                "address-country",
                concat!($at, "/country"),
                "Country, two letters of ISO 3166-1, such as US or GB",
            ),
            text("address-region", concat!($at, "/region"), "Region"),
            text("address-city", concat!($at, "/city"), "City"),
            text(
                "address-state",
                concat!($at, "/state"),
                "State or province, as `address rules` lists them",
            ),
            text("address-district", concat!($at, "/district"), "District"),
            text("address-line-1", concat!($at, "/addressLine1"), "First line of the address"),
            text("address-line-2", concat!($at, "/addressLine2"), "Second line of the address"),
            text("address-line-3", concat!($at, "/addressLine3"), "Third line of the address"),
            text("address-postal-code", concat!($at, "/postalCode"), "Postal code"),
            text("address-first-name", concat!($at, "/firstName"), "First name at the address"),
            text("address-last-name", concat!($at, "/lastName"), "Last name at the address"),
            text("address-middle-name", concat!($at, "/middleName"), "Middle name at the address"),
            text("address-email", concat!($at, "/emailAddress"), "E-mail address at the address"),
            text(
                "address-phone-number",
                concat!($at, "/phoneNumber"),
                "Phone number, which some countries require",
            ),
        ]
    };
}

impl Profile for CustomerBillingProfile {
    const SECTIONS: &'static [Section] = &[
        Section {
            title: None,
            pointer: "",
            members: &[
                kept("id", "/id"),
                text("first-name", "/firstName", "First name of the contact"),
                text("last-name", "/lastName", "Last name of the contact"),
                text("email", "/email", "E-mail address of the contact"),
                text("culture", "/culture", "Culture, such as en-US"),
                text("language", "/language", "Language, such as en"),
                text("company-name", "/companyName", "Name of the company"),
            ],
        },
        Section {
            title: Some("Address"),
            pointer: "/defaultAddress",
            members: address!("/defaultAddress"),
        },
    ];

    const SCHEMA: &'static str = "CustomerBillingProfile";

    const ASKS_FOR_PHONE: bool = true;

    const ADDRESS: &'static str = "/defaultAddress";

    fn address(&self) -> Option<&Address> {
        self.default_address.as_ref()
    }

    fn set_address(&mut self, address: Address) {
        self.default_address = Some(address);
    }

    fn violations(&self, rules: &CountryRules) -> Vec<RuleViolation> {
        rules.violations(self)
    }
}

impl Profile for BillingProfile {
    const SECTIONS: &'static [Section] = &[
        Section {
            title: None,
            pointer: "",
            members: &[
                text("company-name", "/companyName", "Name of the company"),
                text("purchase-order-number", "/purchaseOrderNumber", "Purchase order number"),
                text("tax-id", "/taxId", "Tax id"),
                text("billing-currency", "/billingCurrency", "Currency, such as USD"),
                Member {
                    name: "billing-day",
                    pointer: "/billingDay",
                    kind: Kind::Integer,
                    help: "Day of billing",
                },
                kept("profile-type", "/profileType"),
            ],
        },
        Section { title: Some("Address"), pointer: "/address", members: address!("/address") },
        Section {
            title: Some("Primary contact"),
            pointer: "/primaryContact",
            members: &[
                text("contact-first-name", "/primaryContact/firstName", "First name"),
                text("contact-last-name", "/primaryContact/lastName", "Last name"),
                text("contact-middle-name", "/primaryContact/middleName", "Middle name"),
                text("contact-email", "/primaryContact/email", "E-mail address"),
                text("contact-phone-number", "/primaryContact/phoneNumber", "Phone number"),
            ],
        },
    ];

    const SCHEMA: &'static str = "BillingProfile";

    const ASKS_FOR_PHONE: bool = false;

    const ADDRESS: &'static str = "/address";

    fn address(&self) -> Option<&Address> {
        self.address.as_ref()
    }

    fn set_address(&mut self, address: Address) {
        self.address = Some(address);
    }

    /// Those of its address; what a customer alone must have is left out.
    fn violations(&self, rules: &CountryRules) -> Vec<RuleViolation> {
        let found = self.address.as_ref().map(|address| rules.address_violations(address));
        let mut found = found.unwrap_or_default();
        let is_asked_for =
            |rule| Self::ASKS_FOR_PHONE || rule != "customerOrganizationPhoneNumberRequired";
        found.retain(|it| is_asked_for(it.rule));
        for violation in &mut found {
            violation.pointer.insert_str(0, Self::ADDRESS);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use partner_center::pointer::Pointer;

    use super::*;

    /// The members that the contract knows, without those that hold others and what belongs to the service.
    fn known<T: Profile>() -> BTreeSet<&'static str> {
        let is_object =
            |at: &str| T::MEMBERS.iter().any(|it| *it != at && Pointer(it).is_within(at));
        let is_service = |at: &str| SERVICE.iter().any(|name| Pointer(at).is_within(name));
        T::MEMBERS.iter().copied().filter(|at| !is_object(at) && !is_service(at)).collect()
    }

    fn offered<T: Profile>() -> BTreeSet<&'static str> {
        T::members().map(|member| member.pointer).collect()
    }

    #[test]
    fn every_member_of_the_contract_is_offered() {
        assert_eq!(offered::<CustomerBillingProfile>(), known::<CustomerBillingProfile>());
        assert_eq!(offered::<BillingProfile>(), known::<BillingProfile>());
    }
}
