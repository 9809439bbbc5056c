//! Faults on demand: what goes wrong, how often, and with which operation.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One rule: what goes wrong, and when.
///
/// As text, for the command line: `fault=throttle,retryAfter=2,probability=0.1`. As JSON, the same
/// names: `{"fault": "throttle", "retryAfter": 2, "probability": 0.1}`.
///
/// # Examples
/// ```
/// use partner_center_emulator::Rule;
/// let rule: Rule = "fault=close-after-commit,operation=updateCustomerBillingProfile,nth=2".parse()?;
/// assert_eq!(rule.nth, Some(2));
/// assert!("fault=earthquake".parse::<Rule>().is_err());
/// # Ok::<(), partner_center_emulator::InvalidRule>(())
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// What goes wrong.
    pub fault: Fault,
    /// The operation by its id in the contract, or `token`; `read`, `update` or `profile` for those that read a
    /// profile, update one, or either. Every operation if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The one request that is hit, counted from 1 among those of the operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// How likely each request is hit, from 0 to 1; each one if neither this nor `nth` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// How many requests are hit at the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// The latency, in milliseconds; 1000 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// The `Retry-After` of a throttled answer, in seconds; 1 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// The status of `error`, from 500 to 599, 500 if absent; or of `refuse`, from 400 to 499, 403 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The body of `error`; JSON if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<ErrorBody>,
    /// What `overwrite` sets, by its name, and `null` to clear it; another company name if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Map<String, Value>>,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Fault {
    /// The request takes its time, before anything is done.
    Latency,
    /// The answer takes its time, after everything is done.
    LateAnswer,
    /// The gateway answers 429 with `Retry-After`; the request does not reach the service.
    Throttle,
    /// The service fails before it does anything.
    Error,
    /// The service refuses the request, in the words it has for that status, and does nothing.
    Refuse,
    /// Someone else changes the profile just before it is updated. Other requests are left alone.
    Overwrite,
    /// The connection is closed without an answer, before anything is done.
    CloseBeforeCommit,
    /// The connection is closed without an answer, after everything is done.
    CloseAfterCommit,
    /// The body of the answer breaks off half way.
    Truncate,
    /// The body of the answer is not JSON.
    Garbage,
    /// The answer says that it is HTML.
    ContentType,
    /// The body of the answer is UTF-16 with a byte order mark.
    Utf16,
}

/// The body of an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorBody {
    /// A documented fault.
    #[default]
    Json,
    /// A page for people.
    Html,
    /// Nothing.
    Empty,
}

/// A rule that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRule(String);

impl fmt::Display for InvalidRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidRule {}

impl Rule {
    /// A rule that hits every request of every operation.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            operation: None,
            nth: None,
            probability: None,
            times: None,
            ms: None,
            retry_after: None,
            status: None,
            body: None,
            change: None,
        }
    }

    /// Reads a rule from JSON.
    ///
    /// # Errors
    /// A member is unknown, missing or out of range.
    pub fn from_json(json: &[u8]) -> Result<Self, InvalidRule> {
        let rule: Self =
            serde_json::from_slice(json).map_err(|error| InvalidRule(error.to_string()))?;
        rule.checked()
    }

    fn checked(self) -> Result<Self, InvalidRule> {
        let refuse = |why: &str| Err(InvalidRule(why.to_owned()));
        if self.probability.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
            return refuse("`probability` is from 0 to 1");
        }
        if self.probability.is_some() && self.nth.is_some() {
            return refuse("`nth` and `probability` exclude each other");
        }
        if self.nth == Some(0) {
            return refuse("`nth` counts from 1");
        }
        let refuses = self.fault == Fault::Refuse;
        let allowed = if refuses { 400..=499 } else { 500..=599 };
        if self.status.is_some_and(|status| !allowed.contains(&status)) {
            return refuse(if refuses {
                "`status` of `refuse` is from 400 to 499"
            } else {
                "`status` is from 500 to 599"
            });
        }
        Ok(self)
    }

    fn is_for(&self, operation: &str) -> bool {
        let of_profile =
            |verb| operation.starts_with(verb) && operation.ends_with("BillingProfile");
        let (reads, updates) = (of_profile("get"), of_profile("update"));
        match self.operation.as_deref() {
            None => true,
            Some("read") => reads,
            Some("update") => updates,
            Some("profile") => reads || updates,
            Some(only) => only == operation,
        }
    }

    pub(crate) fn latency(&self) -> Duration {
        Duration::from_millis(self.ms.unwrap_or(1000))
    }
}

impl FromStr for Rule {
    type Err = InvalidRule;

    fn from_str(text: &str) -> Result<Self, InvalidRule> {
        let mut members = serde_json::Map::new();
        for pair in text.split(',') {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(InvalidRule(format!("`{pair}` is not name=value")));
            };
            // Numbers are numbers; everything else is a string.
            let number = value.parse::<serde_json::Number>().map(Into::into);
            members.insert(name.trim().to_owned(), number.unwrap_or_else(|_| value.trim().into()));
        }
        Self::from_json(serde_json::Value::Object(members).to_string().as_bytes())
    }
}

/// The rules in force, and what they have done so far.
#[derive(Debug)]
pub(crate) struct Faults {
    rules: Vec<(Rule, Counts)>,
    /// Each hits one request, one after the other.
    next: VecDeque<Rule>,
    random: fastrand::Rng,
}

#[derive(Debug, Default)]
struct Counts {
    seen: u64,
    hit: u64,
}

impl Faults {
    pub(crate) fn new(rules: &[Rule], seed: u64) -> Self {
        let rules = rules.iter().map(|rule| (rule.clone(), Counts::default())).collect();
        Self { rules, next: VecDeque::new(), random: fastrand::Rng::with_seed(seed) }
    }

    pub(crate) fn add(&mut self, rule: Rule) {
        self.rules.push((rule, Counts::default()));
    }

    /// Has `rule` hit the next request of its operation that no earlier one of these hits.
    pub(crate) fn add_next(&mut self, rule: Rule) {
        self.next.push_back(rule);
    }

    /// Those of [`add_next`](Self::add_next) that have hit nothing yet.
    pub(crate) fn waiting(&self) -> Vec<Rule> {
        self.next.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
        self.next.clear();
    }

    /// The rules that hit the next request of `operation`.
    pub(crate) fn next(&mut self, operation: &str) -> Vec<Rule> {
        let mut hits = Vec::new();
        for (rule, counts) in &mut self.rules {
            if !rule.is_for(operation) {
                continue;
            }
            counts.seen += 1;
            let hit = match (rule.nth, rule.probability) {
                (Some(nth), _) => counts.seen == nth,
                (None, Some(probability)) => self.random.f64() < probability,
                (None, None) => true,
            };
            if hit && rule.times.is_none_or(|times| counts.hit < times) {
                counts.hit += 1;
                hits.push(rule.clone());
            }
        }
        let next = self.next.iter().position(|rule| rule.is_for(operation));
        hits.extend(next.and_then(|at| self.next.remove(at)));
        hits
    }
}

/// The names of the faults, for the journal.
pub(crate) fn names(rules: &[Rule]) -> Vec<String> {
    let name = |rule: &Rule| serde_json::to_value(rule.fault).ok()?.as_str().map(str::to_owned);
    rules.iter().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Rule {
        text.parse().expect(text)
    }

    #[test]
    fn text_and_json_are_the_same_rule() {
        let text = rule("fault=error,status=503,body=html,operation=token,probability=0.5");
        let json = br#"{"fault":"error","status":503,"body":"html","operation":"token","probability":0.5}"#;
        assert_eq!(text, Rule::from_json(json).expect("a rule"));
    }

    #[test]
    fn a_rule_that_cannot_be_used_says_why() {
        for (text, why) in [
            ("latency", "`latency` is not name=value"),
            ("fault=earthquake", "unknown variant `earthquake`"),
            ("fault=latency,sm=1", "unknown field `sm`"),
            ("nth=1", "missing field `fault`"),
            ("fault=latency,nth=0", "`nth` counts from 1"),
            ("fault=latency,nth=1,probability=1", "exclude each other"),
            ("fault=latency,probability=2", "from 0 to 1"),
            ("fault=error,status=404", "from 500 to 599"),
            ("fault=refuse,status=500", "from 400 to 499"),
        ] {
            let error = text.parse::<Rule>().expect_err(text).to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn rules_hit_what_they_say() {
        let rules = [rule("fault=latency,nth=2,operation=a"), rule("fault=utf16,times=2")];
        let mut faults = Faults::new(&rules, 1);
        let mut next = |operation| names(&faults.next(operation));
        assert_eq!(next("a"), ["utf16"]);
        assert_eq!(next("b"), ["utf16"]);
        assert_eq!(next("a"), ["latency"]);
        assert!(next("a").is_empty());
    }

    #[test]
    fn of_those_for_the_next_requests_each_hits_one_in_turn() {
        let mut faults = Faults::new(&[], 1);
        for text in
            ["fault=latency,operation=update", "fault=utf16", "fault=garbage,operation=profile"]
        {
            faults.add_next(rule(text));
        }
        let mut next = |operation| names(&faults.next(operation));
        assert_eq!(next("getCustomer"), ["utf16"]);
        assert!(next("getCustomer").is_empty());
        assert!(next("token").is_empty());
        assert_eq!(next("getPartnerBillingProfile"), ["garbage"]);
        assert!(next("getPartnerBillingProfile").is_empty());
        assert_eq!(names(&faults.waiting()), ["latency"]);
        assert_eq!(names(&faults.next("updateCustomerBillingProfile")), ["latency"]);
        assert!(faults.waiting().is_empty());
    }

    #[test]
    fn chance_is_the_same_for_the_same_seed() {
        let run = |seed| {
            let mut faults = Faults::new(&[rule("fault=garbage,probability=0.5")], seed);
            (0..100).map(|_| faults.next("a").len()).collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        let hits: usize = run(1).iter().sum();
        assert!((30..70).contains(&hits), "{hits} of 100");
    }
}
