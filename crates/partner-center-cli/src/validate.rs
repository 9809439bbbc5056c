//! What country and service say of a changed profile, before it is written.
//!
//! A program that writes gets no question and no refusal that it did not ask for: without a terminal nothing is
//! checked unless `--validate` says so. A person may always write it as it is.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt::Write as _;

use partner_center::models::Address;
use partner_center::pointer::Pointer;
use partner_center::{
    AddressStatus, AddressValidation, CountryRules, Credential, Error, PartnerCenter,
    RuleViolation, Versioned,
};
use serde_json::json;

use crate::address::{difference, in_a_line};
use crate::args::Write;
use crate::failure::{Exit, Failure};
use crate::member::Profile;
use crate::output::{Ui, ask, one_line};

/// What is wrong with a profile.
struct Doubts {
    violations: Vec<RuleViolation>,
    /// What was found, if the address is not good.
    found: Option<AddressValidation>,
}

/// The profile as it is to be written: as it was given, or with the suggestion that the person took.
///
/// # Errors
/// It is not to be written.
pub(crate) async fn validated<A: Credential, T: Profile>(
    client: &PartnerCenter<A>,
    mut profile: Versioned<T>,
    write: Write,
    ui: &Ui,
) -> Result<Versioned<T>, Failure> {
    let is_asked_for = write.validate || (ui.is_interactive && !write.no_validate);
    if !is_asked_for || !concerns_country::<T>(&profile)? {
        return Ok(profile);
    }
    let rules = match country_of(&*profile) {
        Some(country) => {
            let _step = ui.step("reading the rules of the country");
            said(client.country_rules(&country).await, write, ui)?
        }
        None => None,
    };
    let found = match profile.address() {
        Some(address) if is_changed::<T>(&profile, T::ADDRESS)? => {
            let _step = ui.step("validating the address");
            said(client.validate_address(address).await, write, ui)?
        }
        _ => None,
    };
    for unreadable in rules.iter().flat_map(CountryRules::unreadable) {
        ui.say(&one_line(&format!("note: {unreadable}")));
    }
    let looked_up = |found: &AddressValidation| found.status != Some(AddressStatus::NotValidated);
    if found.as_ref().is_some_and(|found| !looked_up(found)) {
        ui.say("note: the service does not look up this address");
    }
    let mut doubts = Doubts {
        violations: violations(&*profile, rules.as_ref()),
        found: found.filter(|found| !found.is_verified() && looked_up(found)),
    };
    while !doubts.is_empty() {
        if write.validate && (write.yes || write.dry_run || !ui.is_interactive) {
            ui.left(&doubts.report());
            return Err(doubts.refusal::<T>());
        }
        doubts.say::<T>(&*profile, ui);
        if write.yes || write.dry_run {
            break;
        }
        match doubts.asked()? {
            None => break,
            Some(suggestion) => {
                profile.set_address(suggestion);
                // What it is of, it may still lack, such as a phone number.
                doubts = Doubts { violations: violations(&*profile, rules.as_ref()), found: None };
            }
        }
    }
    Ok(profile)
}

/// The answer; `None` if there is none and nobody insists.
fn said<R>(answer: Result<R, Error>, write: Write, ui: &Ui) -> Result<Option<R>, Failure> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if write.validate => {
            let unknown = error.is_not_found();
            let failure = Failure::from(error).why("the check failed, and nothing was written");
            Err(if unknown { failure.only_hint("check the code of the country") } else { failure })
        }
        Err(error) => {
            ui.say(&one_line(&format!("note: it is written without a check: {}", error.message())));
            Ok(None)
        }
    }
}

/// Countries that the service has no rules for.
#[derive(Default)]
pub(crate) struct Unruled(RefCell<HashSet<String>>);

/// The rules of its country that a changed profile breaks, in words.
///
/// # Errors
/// The rules cannot be read. Those of a country that the service has none for are not broken.
pub(crate) async fn broken_rules<A: Credential, T: Profile>(
    client: &PartnerCenter<A>,
    profile: &Versioned<T>,
    unruled: &Unruled,
) -> Result<Vec<String>, Failure> {
    let Some(country) = country_of(&**profile) else { return Ok(Vec::new()) };
    if !concerns_country::<T>(profile)? || unruled.0.borrow().contains(&country) {
        return Ok(Vec::new());
    }
    let rules = match client.country_rules(&country).await {
        Ok(rules) => rules,
        Err(error) if error.is_not_found() => {
            unruled.0.borrow_mut().insert(country);
            return Ok(Vec::new());
        }
        Err(error) => return Err(error.into()),
    };
    let violations = violations(&**profile, Some(&rules));
    Ok(violations.iter().map(broken::<T>).collect())
}

/// A rule that is broken, in words.
fn broken<T: Profile>(violation: &RuleViolation) -> String {
    let RuleViolation { pointer, what, why, fix, .. } = violation;
    format!("{}: {what}: {why}; {fix}", T::name(pointer))
}

/// Whether anything is changed that the rules of a country are about.
pub(crate) fn concerns_country<T: Profile>(profile: &Versioned<T>) -> Result<bool, Failure> {
    for at in [T::ADDRESS, "/culture", "/language"] {
        if is_changed(profile, at)? {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(crate) fn is_changed<T: Profile>(profile: &Versioned<T>, at: &str) -> Result<bool, Failure> {
    Ok(profile.changes()?.iter().any(|change| Pointer(&change.pointer).is_within(at)))
}

/// The country, if it is a code that can be asked for.
pub(crate) fn country_of<T: Profile>(profile: &T) -> Option<String> {
    let country = profile.address()?.country.as_deref()?.trim();
    let is_code = country.len() == 2 && country.bytes().all(|letter| letter.is_ascii_alphabetic());
    is_code.then(|| country.to_owned())
}

pub(crate) fn violations<T: Profile>(
    profile: &T,
    rules: Option<&CountryRules>,
) -> Vec<RuleViolation> {
    rules.map(|rules| profile.violations(rules)).unwrap_or_default()
}

impl Doubts {
    fn is_empty(&self) -> bool {
        self.violations.is_empty() && self.found.is_none()
    }

    /// For programs.
    fn report(&self) -> serde_json::Value {
        let found = self.found.as_ref();
        json!({
            "outcome": "not-verified",
            "violations": self.violations,
            "status": found.and_then(|found| found.status.as_ref()).map(AddressStatus::as_str),
            "message": found.and_then(|found| found.message.as_deref()),
            "suggestions": found.map(|found| found.suggestions.as_slice()).unwrap_or_default(),
        })
    }

    fn lines<T: Profile>(&self) -> Vec<String> {
        let mut lines: Vec<_> = self.violations.iter().map(broken::<T>).collect();
        if let Some(found) = &self.found {
            let mut line = "the address is not verified".to_owned();
            if let Some(status) = &found.status {
                let _ = write!(line, ": its status is {status}");
            }
            lines.push(line);
            lines.extend(found.message.clone());
        }
        lines
    }

    fn refusal<T: Profile>(&self) -> Failure {
        let what = "nothing was written: the profile is not what country and service take";
        let mut failure = Failure::new(what).exit(Exit::NotVerified);
        for line in self.lines::<T>() {
            failure = failure.why(line);
        }
        if let Some(first) = self.found.as_ref().and_then(|found| found.suggestions.first()) {
            failure = failure.hint(format!("the service suggests {}", in_a_line(first)));
        }
        failure.hint("without --validate the service has the only word")
    }

    fn say<T: Profile>(&self, profile: &T, ui: &Ui) {
        for line in self.lines::<T>() {
            ui.word("note", &line);
        }
        let none = Address::default();
        let address = profile.address().unwrap_or(&none);
        let suggestions = self.found.iter().flat_map(|found| &found.suggestions);
        for (index, suggestion) in suggestions.enumerate() {
            let number = index + 1;
            let difference = difference(address, suggestion);
            ui.say(&format!("suggestion {number}:\n{}", difference.trim_end()));
        }
    }

    /// Asks the person: a suggestion, or `None` to write it as it is.
    fn asked(&mut self) -> Result<Option<Address>, Failure> {
        let mut suggestions = self.found.take().map(|found| found.suggestions).unwrap_or_default();
        let question = match suggestions.len() {
            0 => "[w]rite it as it is, or [q]uit?".to_owned(),
            1 => "take suggestion [1], [w]rite it as it is, or [q]uit?".to_owned(),
            many => format!("take suggestion [1] to [{many}], [w]rite it as it is, or [q]uit?"),
        };
        loop {
            match ask(&question).as_deref() {
                Some("w" | "write") => return Ok(None),
                None | Some("q" | "quit") => {
                    return Err(Failure::new("nothing was written").exit(Exit::NotVerified));
                }
                Some(number) => {
                    let index = number.parse::<usize>().ok().and_then(|it| it.checked_sub(1));
                    if let Some(index) = index.filter(|index| *index < suggestions.len()) {
                        return Ok(Some(suggestions.swap_remove(index)));
                    }
                }
            }
        }
    }
}
