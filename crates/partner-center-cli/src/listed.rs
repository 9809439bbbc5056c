//! The customers that were listed last, for the completion of a shell: personal data, in a file that only its owner
//! can read, until the sign-in is forgotten.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use clap::builder::StyledStr;
use clap_complete::CompletionCandidate;
use partner_center::models::Customer;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::output::one_line;
use crate::private;
use crate::settings::Places;

/// How many are kept: a shell shows them all.
const KEPT: usize = 1000;

/// A customer, by what it may be named by.
#[derive(Deserialize, Serialize)]
struct Known {
    id: String,
    name: Option<String>,
    domain: Option<String>,
}

/// The first customers of a list.
#[derive(Default)]
pub(crate) struct Listed(Vec<Known>);

impl Listed {
    pub(crate) fn add(&mut self, customer: &Customer) {
        if let Some(id) = customer.id.clone().filter(|_| self.0.len() < KEPT) {
            let company = customer.company_profile.as_ref();
            self.0.push(Known {
                id,
                name: company.and_then(|company| company.company_name.clone()),
                domain: company.and_then(|company| company.domain.clone()),
            });
        }
    }

    /// Keeps them in place of those that were listed before.
    pub(crate) fn keep(&self, state: &Path) -> Result<(), Failure> {
        let json = serde_json::to_vec(&self.0)
            .map_err(|cause| Failure::new("the customers cannot be kept").why(cause))?;
        private::write(&path(state), &json)
    }
}

/// Forgets them.
pub(crate) fn forget(state: &Path) -> Result<(), Failure> {
    match std::fs::remove_file(path(state)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::new("the customers that were listed cannot be removed").why(error))
        }
        _ => Ok(()),
    }
}

fn path(state: &Path) -> PathBuf {
    state.join("listed-customers.json")
}

/// The shell that asks for completions, by the name that it asks with.
pub(crate) static SHELL: OnceLock<String> = OnceLock::new();

/// What a customer may be named by that begins with what is typed: ids, then domains, then names of one customer
/// alone. Nothing, if nothing was listed or it cannot be read: a shell has no place for an error.
pub(crate) fn complete(typed: &OsStr) -> Vec<CompletionCandidate> {
    let known = Places::of_the_platform().ok().and_then(|places| {
        let json = std::fs::read(path(&places.state)).ok()?;
        serde_json::from_slice::<Vec<Known>>(&json).ok()
    });
    let shell = SHELL.get().map_or("", String::as_str);
    candidates(&known.unwrap_or_default(), shell, &typed.to_string_lossy())
}

fn candidates(known: &[Known], shell: &str, typed: &str) -> Vec<CompletionCandidate> {
    let mut counts = HashMap::new();
    for name in known.iter().flat_map(|one| [&one.name, &one.domain]).flatten() {
        *counts.entry(name.to_lowercase()).or_insert(0) += 1;
    }
    let typed = typed.to_lowercase();
    let by = |of: fn(&Known) -> Option<&String>| {
        let (counts, typed) = (&counts, &typed);
        known.iter().filter_map(move |one| {
            let text = of(one)?;
            // What a terminal would obey, or two customers have, is not offered.
            let usable = !text.is_empty() && one_line(text) == *text;
            let alone = counts.get(&text.to_lowercase()).is_none_or(|count| *count == 1);
            let word = word(shell, text);
            let begins = text.to_lowercase().starts_with(typed.as_str())
                || word.to_lowercase().starts_with(typed.as_str());
            (usable && alone && begins).then(|| {
                let others = [of(one), Some(&one.id), one.name.as_ref(), one.domain.as_ref()];
                let others = others[1..].iter().flatten().filter(|other| **other != text);
                let help = others.map(|other| one_line(other)).collect::<Vec<_>>().join(", ");
                CompletionCandidate::new(word).help(Some(StyledStr::from(help)))
            })
        })
    };
    let ids = by(|one| Some(&one.id));
    ids.chain(by(|one| one.domain.as_ref())).chain(by(|one| one.name.as_ref())).collect()
}

/// A text as it is typed in a shell that does not do that by itself.
fn word(shell: &str, text: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-._@+,".contains(letter);
    match shell {
        "bash" => text
            .chars()
            .flat_map(|letter| (!plain(letter)).then_some('\\').into_iter().chain([letter]))
            .collect(),
        "powershell" | "pwsh" if !text.chars().all(plain) => {
            format!("'{}'", text.replace('\'', "''"))
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<Known> {
        let one = |id: &str, name: &str, domain: &str| Known {
            id: id.to_owned(),
            name: Some(name.to_owned()),
            domain: Some(domain.to_owned()),
        };
        vec![
            one("1a", "Contoso & Sons", "contoso.example"),
            one("2b", "Twice", "two.example"),
            one("3c", "TWICE", "three.example"),
            one("4d", "O'Neil\n", "four.example"),
            one("5e", "O'Neil", ""),
        ]
    }

    fn offered(shell: &str, typed: &str) -> Vec<String> {
        let candidates = candidates(&known(), shell, typed);
        candidates.iter().map(|one| one.get_value().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn what_names_one_customer_is_offered_as_it_is_typed() {
        assert_eq!(offered("zsh", "c"), ["contoso.example", "Contoso & Sons"]);
        assert_eq!(offered("bash", "CONTOSO\\ "), ["Contoso\\ \\&\\ Sons"]);
        assert_eq!(offered("powershell", "contoso "), ["'Contoso & Sons'"]);
        assert_eq!(offered("powershell", "'o"), ["'O''Neil'"]);
        assert_eq!(offered("fish", "tw"), ["two.example"]);
        assert_eq!(offered("fish", "").len(), 5 + 4 + 2);
        let help = candidates(&known(), "zsh", "1")[0].get_help().map(ToString::to_string);
        assert_eq!(help.as_deref(), Some("Contoso & Sons, contoso.example"));
    }
}
