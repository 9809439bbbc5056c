//! The rules of a country, and what in a profile breaks them.
//!
//! What the service sends is data: a pattern of it costs bounded memory and time, and one that cannot be read is
//! reported and not applied.

use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use regex::{Regex, RegexBuilder};
use serde::Serialize;

use crate::call::read;
use crate::client::PartnerCenter;
use crate::credential::Credential;
use crate::error::{Error, ErrorKind};
use crate::models::{Address, CountryValidationRules, CustomerBillingProfile};

/// How long the rules of a country are kept.
const FRESH: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a pattern may be, in bytes. The longest that is recorded has 80.
const PATTERN_LIMIT: usize = 4096;

/// How much memory a compiled pattern may take, in bytes; that of the US for phone numbers takes a tenth.
const COMPILED_LIMIT: usize = 1 << 20;

/// How deep groups in a pattern may be nested.
const NEST_LIMIT: u32 = 50;

/// How long a value may be that is compared with a pattern, in bytes.
const VALUE_LIMIT: usize = 4096;

/// How many values of a list are named in a sentence.
const NAMED: usize = 60;

impl<A: Credential> PartnerCenter<A> {
    /// The rules of a country, by its code of two letters (ISO 3166-1 alpha-2), in either case. `UK` is asked for
    /// as `GB`.
    ///
    /// Sends one `GET /v1/countryvalidationrules/{iso2}`, and keeps the answer for a day: clones of the client
    /// share it. Calls at the same time for a country that is not known yet may each send one. It takes
    /// either kind of credential.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`]: the code has not two letters; nothing was sent. What the service answers for a
    /// country that it does not know is not documented; [`is_not_found`](Error::is_not_found) is likely. See
    /// [`Resource::get`](crate::Resource::get) for the others.
    ///
    /// # Examples
    /// ```
    /// # partner_center_emulator::example(async |endpoint| {
    /// # use partner_center::{AppOnly, PartnerCenter};
    /// # let partner = PartnerCenter::builder(AppOnly::token("emulator-app-only")).endpoint(endpoint).build()?;
    /// let resource = partner.customer("eebd1b55-5360-4438-a11d-5c06918c3014".parse()?).billing_profile();
    /// let mut profile = resource.get().await?;
    /// let address = profile.default_address.get_or_insert_default();
    /// address.state = Some("Washington".into());
    /// address.postal_code = Some("9805".into());
    ///
    /// let rules = partner.country_rules("US").await?;
    /// let found = rules.violations(&profile);
    /// assert_eq!(found.len(), 2);
    /// assert_eq!(found[0].pointer, "/defaultAddress/state");
    /// assert_eq!(found[1].rule, "postalCodeRegex");
    /// # Ok(()) }).unwrap();
    /// ```
    pub async fn country_rules(&self, country: &str) -> Result<CountryRules, Error> {
        let code = country.trim().to_ascii_uppercase();
        if code.len() != 2 || !code.bytes().all(|letter| letter.is_ascii_uppercase()) {
            let what = "a country is a code of two letters of ISO 3166-1, such as US";
            return Err(Error::new(ErrorKind::Invalid, what));
        }
        let code = if code == "UK" { "GB".to_owned() } else { code };
        let shared = &self.shared;
        let country = shared.countries.of(&code);
        // Of those who want the same, one asks.
        let mut known = country.lock().await;
        if let Some(rules) = known.as_ref().and_then(|known| known.fresh(shared.clock.now())) {
            return Ok(rules);
        }
        let rules: CountryValidationRules =
            read(shared, &shared.retry, None, "country_rules", &code).await?;
        let rules = CountryRules::new(&code, rules);
        *known = Some(Known { rules: rules.clone(), read: shared.clock.now() });
        Ok(rules)
    }
}

/// The rules of countries, as they were read. There are at most as many as codes of two letters.
#[derive(Default)]
pub(crate) struct Countries(Mutex<HashMap<String, Country>>);

/// What is known of a country, held by whoever is finding it out.
type Country = Arc<tokio::sync::Mutex<Option<Known>>>;

struct Known {
    rules: CountryRules,
    read: Instant,
}

impl Countries {
    fn of(&self, code: &str) -> Country {
        let mut countries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        countries.entry(code.to_owned()).or_default().clone()
    }
}

impl Known {
    fn fresh(&self, now: Instant) -> Option<CountryRules> {
        (now.saturating_duration_since(self.read) < FRESH).then(|| self.rules.clone())
    }
}

/// The rules of one country, ready to be applied; see [`PartnerCenter::country_rules`]. It derefs to what the
/// service sent. Cloning it is cheap.
#[derive(Clone)]
pub struct CountryRules(Arc<Rules>);

struct Rules {
    code: String,
    sent: CountryValidationRules,
    postal_code: Option<Regex>,
    phone_number: Option<Regex>,
    unreadable: Vec<UnreadablePattern>,
}

/// A pattern of the service that is not applied, because it cannot be read or would take too much.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnreadablePattern {
    /// The member of the rules that has it, such as `postalCodeRegex`.
    pub rule: &'static str,
    /// Why it is not applied.
    pub why: String,
}

impl fmt::Display for UnreadablePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not applied: {}", self.rule, self.why)
    }
}

/// A rule of its country that a profile breaks: where, what, why, and how to fix it. No value of the profile is in
/// the texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RuleViolation {
    /// The member that breaks it, as a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// The member of the rules, such as `supportedStatesList`.
    pub rule: &'static str,
    /// What is wrong.
    pub what: String,
    /// Why that is wrong.
    pub why: String,
    /// How to fix it.
    pub fix: String,
}

impl fmt::Display for RuleViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}; {}", self.pointer, self.what, self.why, self.fix)
    }
}

impl CountryRules {
    /// The rules that the service sent for this code, such as some that were stored.
    #[must_use]
    pub fn new(code: &str, sent: CountryValidationRules) -> Self {
        let mut unreadable = Vec::new();
        let mut pattern = |rule, text: Option<&str>| match compiled(text?) {
            Ok(regex) => Some(regex),
            Err(why) => {
                unreadable.push(UnreadablePattern { rule, why });
                None
            }
        };
        let postal_code = pattern("postalCodeRegex", sent.postal_code_regex.as_deref());
        let phone_number = pattern("phoneNumberRegex", sent.phone_number_regex.as_deref());
        let code = code.to_ascii_uppercase();
        Self(Arc::new(Rules { code, sent, postal_code, phone_number, unreadable }))
    }

    /// The country, ISO 3166-1 alpha-2.
    #[must_use]
    pub fn country(&self) -> &str {
        &self.0.code
    }

    /// The patterns that are not applied. The service applies them, as far as it does.
    #[must_use]
    pub fn unreadable(&self) -> &[UnreadablePattern] {
        &self.0.unreadable
    }

    /// Every rule that the profile breaks, in the order of its members; with pointers such as
    /// `/defaultAddress/state`.
    ///
    /// Language and culture are compared, and all of [`address_violations`](Self::address_violations). Whether
    /// the service refuses an update for them is not documented, nor whether it minds upper and lower case:
    /// here it does not matter.
    #[must_use]
    pub fn violations(&self, profile: &CustomerBillingProfile) -> Vec<RuleViolation> {
        let mut found = Found { rules: &self.0, at: "", violations: Vec::new() };
        if self.is_of(profile.default_address.as_ref()) {
            let sent = &self.0.sent;
            found.listed(
                "/culture",
                "culture",
                profile.culture.as_deref(),
                ("supportedCulturesList", sent.supported_cultures_list.as_deref()),
            );
            found.listed(
                "/language",
                "language",
                profile.language.as_deref(),
                ("supportedLanguagesList", sent.supported_languages_list.as_deref()),
            );
        }
        found.at = "/defaultAddress";
        found.address(profile.default_address.as_ref().unwrap_or(&Address::default()));
        found.violations
    }

    /// Every rule that an address breaks, in the order of its members; with pointers such as `/state`.
    ///
    /// Required members, the list of states, the patterns of postal code and phone number, and `UK`, which is
    /// no country of ISO 3166-1 and was reported to be refused. An address of another country breaks one
    /// rule: it has others.
    #[must_use]
    pub fn address_violations(&self, address: &Address) -> Vec<RuleViolation> {
        let mut found = Found { rules: &self.0, at: "", violations: Vec::new() };
        found.address(address);
        found.violations
    }

    /// Whether the address is in this country, as far as it says.
    fn is_of(&self, address: Option<&Address>) -> bool {
        let country = address.and_then(|address| given(address.country.as_deref()));
        country.is_none_or(|country| self.0.is(country))
    }
}

impl Rules {
    fn is(&self, country: &str) -> bool {
        let uk = self.code == "GB" && country.eq_ignore_ascii_case("UK");
        uk || country.eq_ignore_ascii_case(&self.code)
    }
}

/// What is found in one profile.
struct Found<'a> {
    rules: &'a Rules,
    /// Where the members are.
    at: &'static str,
    violations: Vec<RuleViolation>,
}

impl Found<'_> {
    fn add(
        &mut self,
        member: &str,
        rule: &'static str,
        what: impl Into<String>,
        why: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let pointer = format!("{}{member}", self.at);
        let (what, why, fix) = (what.into(), why.into(), fix.into());
        self.violations.push(RuleViolation { pointer, rule, what, why, fix });
    }

    fn address(&mut self, address: &Address) {
        let Rules { code, sent, postal_code, phone_number, .. } = self.rules;
        match given(address.country.as_deref()) {
            None => {
                let why = "its rules depend on it";
                self.add(
                    "/country",
                    "iso2Code",
                    "the country is missing",
                    why,
                    format!("write {code}"),
                );
            }
            Some(country) if country.eq_ignore_ascii_case("UK") => {
                let why = "the code of the United Kingdom is GB, and UK was reported to be refused";
                self.add("/country", "iso2Code", "UK is no country of ISO 3166-1", why, "write GB");
                if code != "GB" {
                    return;
                }
            }
            Some(country) if !self.rules.is(country) => {
                let (what, why) =
                    ("the country is another one", format!("these are the rules of {code}"));
                self.add("/country", "iso2Code", what, why, "apply the rules of that country");
                return;
            }
            Some(_) => {}
        }
        let required = |rule: &Option<bool>| *rule == Some(true);
        let city = ("isCityRequired", required(&sent.is_city_required));
        self.required("/city", "city", address.city.as_deref(), city);
        let state = address.state.as_deref();
        let rule = ("isStateRequired", required(&sent.is_state_required));
        self.required("/state", "state", state, rule);
        let states = ("supportedStatesList", sent.supported_states_list.as_deref());
        self.listed("/state", "state", state, states);
        let postal = address.postal_code.as_deref();
        let rule = ("isPostalCodeRequired", required(&sent.is_postal_code_required));
        self.required("/postalCode", "postal code", postal, rule);
        self.matched(
            "/postalCode",
            "postal code",
            postal,
            ("postalCodeRegex", postal_code.as_ref()),
        );
        let phone = address.phone_number.as_deref();
        let needed = required(&sent.customer_organization_phone_number_required);
        let rule = ("customerOrganizationPhoneNumberRequired", needed);
        self.required("/phoneNumber", "phone number", phone, rule);
        let pattern = ("phoneNumberRegex", phone_number.as_ref());
        self.matched("/phoneNumber", "phone number", phone, pattern);
    }

    fn required(
        &mut self,
        member: &str,
        name: &str,
        value: Option<&str>,
        (rule, is_required): (&'static str, bool),
    ) {
        if is_required && given(value).is_none() {
            let why = format!("{} requires one", self.rules.code);
            let list = self.rules.sent.supported_states_list.as_deref().unwrap_or_default();
            let fix = match name {
                "state" if !list.is_empty() => one_of(list),
                _ => format!("write the {name}"),
            };
            self.add(member, rule, format!("the {name} is missing"), why, fix);
        }
    }

    fn listed(
        &mut self,
        member: &str,
        name: &str,
        value: Option<&str>,
        (rule, list): (&'static str, Option<&[String]>),
    ) {
        let (Some(value), Some(list @ [_, ..])) = (given(value), list) else { return };
        let same = |one: &String| one.to_lowercase() == value.to_lowercase();
        if !list.iter().any(same) {
            let why = format!("{} has a list, and it is not in it", self.rules.code);
            self.add(member, rule, format!("the {name} is unknown"), why, one_of(list));
        }
    }

    fn matched(
        &mut self,
        member: &str,
        name: &str,
        value: Option<&str>,
        (rule, pattern): (&'static str, Option<&Regex>),
    ) {
        let (Some(value), Some(pattern)) = (given(value), pattern) else { return };
        if value.len() > VALUE_LIMIT || !pattern.is_match(value) {
            let code = &self.rules.code;
            let what = format!("the {name} has another form");
            let why = format!("{code} has the pattern {}", crate::error::line(pattern.as_str()));
            self.add(member, rule, what, why, format!("write it as it is written in {code}"));
        }
    }
}

/// A value that says something: the service keeps empty texts.
fn given(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|text| !text.is_empty())
}

fn one_of(list: &[String]) -> String {
    let named: Vec<_> = list.iter().take(NAMED).map(|value| crate::error::line(value)).collect();
    let more = match list.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" or {more} others"),
    };
    format!("write one of {}{more}", named.join(", "))
}

/// A pattern of .NET as this client reads it: what it has in common with the crate `regex`, which matches in linear
/// time.
fn compiled(pattern: &str) -> Result<Regex, String> {
    if pattern.len() > PATTERN_LIMIT {
        return Err(format!("it is longer than {PATTERN_LIMIT} bytes"));
    }
    let built = RegexBuilder::new(pattern)
        .size_limit(COMPILED_LIMIT)
        .dfa_size_limit(COMPILED_LIMIT)
        .nest_limit(NEST_LIMIT)
        .build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(limit) => format!("it takes more than {limit} bytes"),
        _ => "it is no pattern, or one that looks around or back".to_owned(),
    })
}

impl Deref for CountryRules {
    type Target = CountryValidationRules;

    fn deref(&self) -> &CountryValidationRules {
        &self.0.sent
    }
}

impl fmt::Debug for CountryRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CountryRules")
            .field("country", &self.0.code)
            .field("unreadable", &self.0.unreadable)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const US: &str =
        include_str!("../../../openapi/examples/get-country-validation-rules.response.json");
    const PT: &str = include_str!(
        "../../../openapi/examples/get-country-validation-rules-portugal.response.json"
    );

    fn rules(code: &str, sent: Value) -> CountryRules {
        CountryRules::new(code, serde_json::from_value(sent).expect("rules"))
    }

    fn recorded(code: &str, sent: &str) -> CountryRules {
        rules(code, serde_json::from_str(sent).expect("JSON"))
    }

    fn found(rules: &CountryRules, profile: Value) -> Vec<(String, &'static str)> {
        let profile = serde_json::from_value(profile).expect("a profile");
        let violations = rules.violations(&profile);
        violations.into_iter().map(|it| (it.pointer, it.rule)).collect()
    }

    fn redmond() -> Value {
        json!({
            "culture": "en-us", "language": "EN",
            "defaultAddress": {
                "country": "us", "city": "Redmond", "state": "wa", "postalCode": "98052-8300",
                "phoneNumber": "1 (425) 555-0100",
            },
        })
    }

    #[test]
    fn every_violation_is_found_at_once() {
        let us = recorded("US", US);
        assert!(us.unreadable().is_empty());
        assert_eq!(found(&us, redmond()), []);
        let mut profile = redmond();
        profile["culture"] = "de-DE".into();
        profile["language"] = "de".into();
        profile["defaultAddress"] = json!({
            "country": "US", "city": " ", "state": "Washington", "postalCode": "9805",
            "phoneNumber": "nobody",
        });
        let all = [
            ("/culture", "supportedCulturesList"),
            ("/language", "supportedLanguagesList"),
            ("/defaultAddress/city", "isCityRequired"),
            ("/defaultAddress/state", "supportedStatesList"),
            ("/defaultAddress/postalCode", "postalCodeRegex"),
            ("/defaultAddress/phoneNumber", "phoneNumberRegex"),
        ];
        assert_eq!(found(&us, profile), all.map(|(at, rule)| (at.to_owned(), rule)));
        let none = found(&us, json!({}));
        let none: Vec<_> =
            none.iter().map(|(at, _)| at.rsplit('/').next().expect("a name")).collect();
        assert_eq!(none, ["country", "city", "state", "postalCode"]);
    }

    #[test]
    fn each_violation_says_what_why_and_how_and_no_value() {
        let us = recorded("US", US);
        let address =
            json!({"country": "US", "city": "X", "state": "Secret", "postalCode": "Secret"});
        let address = serde_json::from_value(address).expect("an address");
        let found = us.address_violations(&address);
        assert_eq!(found[0].pointer, "/state");
        assert!(found[0].fix.starts_with("write one of AK, AL, AR"), "{}", found[0]);
        assert!(found[0].fix.ends_with("WI, WV, WY"), "{}", found[0]);
        assert_eq!(
            found[1].to_string(),
            "/postalCode: the postal code has another form: US has the pattern ^\\d{5}(-\\d{4})?$; write it as \
             it is written in US"
        );
        assert!(found.iter().all(|it| !format!("{it} {it:?}").contains("Secret")));
    }

    #[test]
    fn what_a_country_does_not_say_breaks_nothing() {
        let pt = recorded("PT", PT);
        let profile = json!({
            "culture": "pt-PT", "language": "pt-PT",
            "defaultAddress": {"country": "PT", "state": "Lisboa", "postalCode": "1000-001", "phoneNumber": "x"},
        });
        assert_eq!(found(&pt, profile), []);
        let profile = json!({"language": "pt", "defaultAddress": {"country": "PT"}});
        assert_eq!(found(&pt, profile), [("/language".to_owned(), "supportedLanguagesList")]);
        assert_eq!(
            found(&rules("XX", json!({})), json!({"defaultAddress": {"country": "XX"}})),
            []
        );
    }

    #[test]
    fn uk_is_gb_and_another_country_has_other_rules() {
        let gb = rules("GB", json!({"postalCodeRegex": "^[A-Z]"}));
        let uk = json!({"defaultAddress": {"country": "uk", "postalCode": "1"}});
        let pointers = found(&gb, uk.clone());
        assert_eq!(pointers.len(), 2);
        assert_eq!(pointers[0], ("/defaultAddress/country".to_owned(), "iso2Code"));
        let us = recorded("US", US);
        for other in [uk, json!({"language": "de", "defaultAddress": {"country": "DE"}})] {
            assert_eq!(found(&us, other), [("/defaultAddress/country".to_owned(), "iso2Code")]);
        }
    }

    #[test]
    fn no_pattern_hangs_or_panics_and_what_is_not_applied_is_said() {
        let long = "a".repeat(PATTERN_LIMIT + 1);
        let deep = "(".repeat(1000) + &")".repeat(1000);
        for (pattern, why) in [
            ("(?=a)b", "looks around"),
            (r"(a)\1", "looks around or back"),
            ("(", "no pattern"),
            (&*deep, "no pattern"),
            (r"\d{1000}{1000}{1000}", "takes more than 1048576 bytes"),
            (r"(\w{100}){100}", "takes more than 1048576 bytes"),
            (&*long, "longer than 4096 bytes"),
        ] {
            let rules = rules("XX", json!({"postalCodeRegex": pattern, "phoneNumberRegex": "^1$"}));
            let [unreadable] = rules.unreadable() else { panic!("{pattern} is read") };
            assert_eq!(unreadable.rule, "postalCodeRegex");
            assert!(unreadable.to_string().contains(why), "{pattern}: {unreadable}");
            let profile =
                json!({"defaultAddress": {"country": "XX", "postalCode": "x", "phoneNumber": "2"}});
            assert_eq!(
                found(&rules, profile),
                [("/defaultAddress/phoneNumber".to_owned(), "phoneNumberRegex")]
            );
        }
        // What takes for ever where patterns are tried one way after the other.
        let rules = rules("XX", json!({"postalCodeRegex": "^(a+)+$"}));
        let text = "a".repeat(VALUE_LIMIT - 1) + "!";
        let profile = json!({"defaultAddress": {"country": "XX", "postalCode": text}});
        assert_eq!(found(&rules, profile).len(), 1);
    }

    #[test]
    fn rules_are_kept_for_a_day() {
        let read = Instant::now();
        let known = Known { rules: recorded("US", US), read };
        assert!(known.fresh(read + FRESH.saturating_sub(Duration::from_secs(1))).is_some());
        assert!(known.fresh(read + FRESH).is_none());
    }
}
