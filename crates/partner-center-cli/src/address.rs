//! Addresses: whether the service takes one, and what countries demand.

use std::fmt::Write as _;
use std::io::{IsTerminal, Read};

use partner_center::models::Address;
use partner_center::{AddressValidation, CountryRules, Credential, PartnerCenter};
use serde_json::{Value, json};

use crate::args::{self, ValidateAddress};
use crate::failure::{Exit, Failure};
use crate::output::{BOLD, DIM, Format, Ui, one_line, shown};

/// What is asked for, read to its end.
pub(crate) enum Asked {
    Validate(Box<Address>),
    Rules(String),
}

impl Asked {
    pub(crate) fn read(what: args::Address) -> Result<Self, Failure> {
        match what {
            args::Address::Validate(given) => Ok(Self::Validate(Box::new(address(*given)?))),
            args::Address::Rules { country } => Ok(Self::Rules(country)),
        }
    }
}

pub(crate) async fn run<A: Credential>(
    client: &PartnerCenter<A>,
    asked: Asked,
    ui: &Ui,
) -> Result<(), Failure> {
    match asked {
        Asked::Validate(address) => validate(client, &address, ui).await,
        Asked::Rules(country) => {
            let rules = {
                let _step = ui.step("reading the rules of the country");
                client.country_rules(&country).await
            };
            let unknown = |error: partner_center::Error| {
                let is_unknown = error.is_not_found();
                let failure = Failure::from(error);
                if is_unknown {
                    failure.only_hint("check the code of the country")
                } else {
                    failure
                }
            };
            rules_of(&rules.map_err(unknown)?, ui);
            Ok(())
        }
    }
}

/// The members of a place: the flag, and the name in JSON.
const PLACE: [(&str, &str); 9] = [
    ("country", "country"),
    ("region", "region"),
    ("city", "city"),
    ("state", "state"),
    ("district", "district"),
    ("line-1", "addressLine1"),
    ("line-2", "addressLine2"),
    ("line-3", "addressLine3"),
    ("postal-code", "postalCode"),
];

/// The address that was given, by stdin and by flags.
fn address(given: ValidateAddress) -> Result<Address, Failure> {
    let mut address = if given.stdin { from_stdin()? } else { Address::default() };
    for (to, flag) in [
        (&mut address.country, given.country),
        (&mut address.region, given.region),
        (&mut address.city, given.city),
        (&mut address.state, given.state),
        (&mut address.district, given.district),
        (&mut address.address_line1, given.line_1),
        (&mut address.address_line2, given.line_2),
        (&mut address.address_line3, given.line_3),
        (&mut address.postal_code, given.postal_code),
    ] {
        if flag.is_some() {
            *to = flag;
        }
    }
    let place = json!(address);
    if PLACE.iter().all(|(_, name)| place[name].is_null()) {
        return Err(Failure::usage("there is no address").hint(
            "give its members, such as --country and --line-1, or --stdin; --help lists them",
        ));
    }
    Ok(address)
}

/// The address on stdin: an object by itself, or in a profile.
fn from_stdin() -> Result<Address, Failure> {
    let mut stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(Failure::usage("stdin is a terminal")
            .hint("pipe the address in: partner-center address validate --stdin < address.json"));
    }
    let mut text = String::new();
    let read = stdin.read_to_string(&mut text);
    read.map_err(|cause| Failure::usage("stdin cannot be read").why(cause))?;
    let wrong = |why: &str| Failure::usage("what stdin has is no address").why(why);
    // PowerShell pipes a byte order mark into programs.
    let json: Value = serde_json::from_str(text.trim_start_matches('\u{FEFF}'))
        .map_err(|error| wrong(&format!("it is no JSON: {error}")))?;
    let Value::Object(mut members) = json else { return Err(wrong("it is no JSON object")) };
    let inside = ["defaultAddress", "DefaultAddress", "address", "Address"];
    let inside = inside.iter().find_map(|name| members.remove(*name)).filter(|it| !it.is_null());
    let address = inside.unwrap_or(Value::Object(members));
    // Not the error, which repeats the value.
    serde_json::from_value(address).map_err(|_| wrong("a member of it is no text"))
}

async fn validate<A: Credential>(
    client: &PartnerCenter<A>,
    address: &Address,
    ui: &Ui,
) -> Result<(), Failure> {
    let found = {
        let _step = ui.step("validating the address");
        client.validate_address(address).await?
    };
    if ui.format == Format::Table {
        ui.styled(&table(address, &found));
    } else {
        ui.value(&report(address, &found));
    }
    if found.is_verified() { Ok(()) } else { Err(refused(&found)) }
}

/// What was found, for programs.
fn report(address: &Address, found: &AddressValidation) -> Value {
    json!({
        "outcome": if found.is_verified() { "verified" } else { "not-verified" },
        "status": found.status.as_ref().map(partner_center::AddressStatus::as_str),
        "message": found.message,
        "address": address,
        "suggestions": found.suggestions,
    })
}

/// Why an address is not verified, and what to write instead.
fn refused(found: &AddressValidation) -> Failure {
    let mut failure = Failure::new("the address is not verified").exit(Exit::NotVerified);
    if let Some(status) = &found.status {
        failure = failure.why(format!("its status is {status}"));
    }
    if let Some(message) = &found.message {
        failure = failure.why(message);
    }
    match found.suggestions.as_slice() {
        [] => failure.hint("the service suggests nothing: check it member by member"),
        [first, ..] => failure.hint(format!("the service suggests {}", in_a_line(first))),
    }
}

/// An address as a person writes it.
pub(crate) fn in_a_line(address: &Address) -> String {
    let parts = [
        &address.address_line1,
        &address.address_line2,
        &address.address_line3,
        &address.district,
        &address.city,
        &address.region,
        &address.state,
        &address.postal_code,
        &address.country,
    ];
    let parts = parts.into_iter().filter_map(|part| part.as_deref());
    let parts: Vec<_> = parts.filter(|part| !part.trim().is_empty()).collect();
    one_line(&parts.join(", "))
}

fn table(address: &Address, found: &AddressValidation) -> String {
    let status =
        found.status.as_ref().map_or("(none: the service is of before 2021)", |it| it.as_str());
    let mut out = format!("{BOLD}Address{BOLD:#}\n  {:<22}  {}\n", "status", one_line(status));
    if let Some(message) = &found.message {
        let _ = writeln!(out, "  {:<22}  {}", "message", one_line(message));
    }
    for suggestion in &found.suggestions {
        let _ = writeln!(out, "{BOLD}Suggestion{BOLD:#}");
        out += &difference(address, suggestion);
    }
    out
}

/// What a suggestion changes, a line for each member.
pub(crate) fn difference(address: &Address, suggestion: &Address) -> String {
    let (asked, suggestion) = (json!(address), json!(suggestion));
    let mut out = String::new();
    for (name, member) in PLACE {
        let (before, after) = (asked.get(member), suggestion.get(member));
        if before != after {
            let _ = writeln!(out, "  {name:<22}  {} -> {}", shown(before), shown(after));
        }
    }
    if out.is_empty() {
        let _ = writeln!(out, "  {DIM}as it is{DIM:#}");
    }
    out
}

/// The members that are shown of the rules of a country.
const RULES: [(&str, &str); 11] = [
    ("states", "supportedStatesList"),
    ("state-required", "isStateRequired"),
    ("city-required", "isCityRequired"),
    ("postal-code", "postalCodeRegex"),
    ("postal-code-required", "isPostalCodeRequired"),
    ("phone-number", "phoneNumberRegex"),
    ("phone-number-required", "customerOrganizationPhoneNumberRequired"),
    ("languages", "supportedLanguagesList"),
    ("cultures", "supportedCulturesList"),
    ("calling-codes", "countryCallingCodesList"),
    ("tax-id-sample", "taxIdSample"),
];

fn rules_of(rules: &CountryRules, ui: &Ui) {
    let sent = json!(**rules);
    if ui.format == Format::Table {
        let mut out = format!("{BOLD}Rules of {}{BOLD:#}\n", one_line(rules.country()));
        for (name, member) in RULES {
            let value = match &sent[member] {
                Value::Null => format!("{DIM}(none){DIM:#}"),
                Value::Array(items) if items.is_empty() => format!("{DIM}(any){DIM:#}"),
                Value::Array(items) => {
                    let texts: Vec<_> = items.iter().filter_map(Value::as_str).collect();
                    one_line(&texts.join(", "))
                }
                Value::String(text) => one_line(text),
                other => one_line(&other.to_string()),
            };
            let _ = writeln!(out, "  {name:<22}  {value}");
        }
        ui.styled(&out);
    } else {
        ui.value(&sent);
    }
    for unreadable in rules.unreadable() {
        ui.say(&one_line(&format!("note: {unreadable}")));
    }
}
