//! `openapi-diff.toml`: what counts as breaking, and which breaks are accepted.

use std::collections::BTreeMap;

use openapi_document::{Diagnostic, Rule, Source};
use serde::Deserialize;
use toml::Spanned;

use crate::accepted::{self, Accepted, Known, Record};
use crate::policy::{Judgement, Policy};

/// What a configuration must be; it is no rule of the lint.
const CONFIG: Rule =
    Rule::required("config", "the configuration names rules and settings that exist");

/// The configuration of a comparison.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// What the file is called.
    pub name: String,
    /// What counts as breaking.
    pub policy: Policy,
    /// What is on record as accepted.
    pub accepted: Vec<Accepted>,
}

/// A configuration as it is read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rules: BTreeMap<Spanned<String>, Judgement>,
    #[serde(default)]
    policy: Settings,
    #[serde(default)]
    accepted: Vec<Record>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Settings {
    response_enum_values: Option<Judgement>,
    removal_after_deprecation: Option<Judgement>,
    sunset_days: Option<u32>,
}

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    /// What is wrong with the text, and how to fix it.
    ///
    /// # Examples
    /// ```
    /// use openapi_diff::config::Config;
    /// use openapi_diff::policy::Judgement;
    ///
    /// let text = "[policy]\nresponse-enum-values = 'compatible'\n";
    /// let config = Config::parse("openapi-diff.toml", text)?;
    /// assert_eq!(config.policy.response_enum_values, Some(Judgement::Compatible));
    ///
    /// let text = "[rules]\nendpoint-add = 'off'\n";
    /// let wrong = Config::parse("openapi-diff.toml", text).unwrap_err();
    /// assert_eq!((wrong.place, &*wrong.help), (Some((2, 1)), "did you mean `endpoint-added`?"));
    /// # Ok::<(), Box<openapi_diff::Diagnostic>>(())
    /// ```
    pub fn parse(name: &str, text: &str) -> Result<Self, Box<Diagnostic>> {
        let source = Source::of(name, text);
        let known = Known {
            ids: crate::rules().map(|rule| rule.id).collect(),
            listed: "`openapi-diff rules` lists all of them",
        };
        let file: File = toml::from_str(text).map_err(|error| {
            let help = "there may be `[rules]`, `[policy]` and `[[accepted]]`; the README shows what is in them";
            accepted::malformed(&source, CONFIG, &error, help)
        })?;
        for rule in file.rules.keys() {
            if let Some(help) = known.unknown(rule.get_ref()) {
                let place = Some(source.place_at(rule.span().start));
                let message = format!("there is no rule `{}`", rule.get_ref());
                return Err(Box::new(source.diagnostic_at(CONFIG, place, message, help)));
            }
        }
        let Settings { response_enum_values, removal_after_deprecation, sunset_days } = file.policy;
        Ok(Self {
            name: name.to_owned(),
            policy: Policy {
                rules: file.rules.into_iter().map(|(rule, to)| (rule.into_inner(), to)).collect(),
                response_enum_values,
                removal_after_deprecation,
                sunset_days,
            },
            accepted: accepted::check(&source, file.accepted, &known)?,
        })
    }
}
