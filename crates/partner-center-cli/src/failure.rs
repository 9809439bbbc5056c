//! Why the command failed: what, why, what to do, and the exit code.

use std::error::Error as StdError;
use std::fmt::Display;
use std::process::ExitCode;
use std::sync::OnceLock;

use partner_center::validation::Violation;
use partner_center::{Error, ErrorKind, SignInRefusal};
use uuid::Uuid;

use crate::member::Profile;
use crate::output::{Ui, one_line, shown};

/// Where the access token comes from that is called with, if it was given.
pub(crate) static GIVEN_TOKEN: OnceLock<String> = OnceLock::new();

/// How the command ends, as `--help` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Failed = 1,
    Usage = 2,
    Conflict = 3,
    NotAllowed = 4,
    NotFound = 5,
    Unavailable = 6,
    /// The service looked at an address, or at a country, and there is something to be fixed.
    NotVerified = 7,
    /// A person ended it, as shells have it.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A failure, as it is printed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    what: String,
    why: Vec<String>,
    hints: Vec<String>,
    request_id: Option<Uuid>,
    correlation_id: Option<Uuid>,
    refused: bool,
}

impl Failure {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            exit: Exit::Failed,
            what: what.into(),
            why: Vec::new(),
            hints: Vec::new(),
            request_id: None,
            correlation_id: None,
            refused: false,
        }
    }

    /// Something that was given cannot be used; nothing was written.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(what).exit(Exit::Usage)
    }

    pub(crate) fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    pub(crate) fn why(mut self, why: impl Display) -> Self {
        self.why.push(why.to_string());
        self
    }

    /// Adds the chain of causes, from the outermost; of a refusal of the sign-in service what it says, and what to do.
    pub(crate) fn caused_by(mut self, mut cause: Option<&(dyn StdError + 'static)>) -> Self {
        if let Some(refusal) = cause.and_then(SignInRefusal::in_causes) {
            let (code, said) = (refusal.code(), refusal.description());
            let said = if said.is_empty() { String::new() } else { format!(": {said}") };
            self = self.why(format!("the sign-in was refused: {code}{said}"));
            self.hints.extend(refusal.advice().map(str::to_owned));
            if refusal.needs_sign_in() {
                self = self.hint("run `partner-center login`");
            }
            return self;
        }
        while let Some(error) = cause {
            self = self.why(in_own_words(&error.to_string()));
            cause = error.source();
        }
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Says this and nothing else of what to do.
    pub(crate) fn only_hint(mut self, hint: &str) -> Self {
        self.hints = vec![hint.to_owned()];
        self
    }

    /// Whether it is about one customer alone, and others may be found.
    pub(crate) fn is_about_one(&self) -> bool {
        matches!(self.exit, Exit::NotFound | Exit::Usage | Exit::Failed)
    }

    /// Whether the service looked at what was to be written, and refused it as it is.
    pub(crate) fn was_refused(&self) -> bool {
        self.refused
    }

    pub(crate) fn what(&self) -> &str {
        &self.what
    }

    pub(crate) fn whys(&self) -> impl Iterator<Item = &str> {
        self.why.iter().map(String::as_str)
    }

    pub(crate) fn hints(&self) -> impl Iterator<Item = &str> {
        self.hints.iter().map(String::as_str)
    }

    /// By what the service finds the request again.
    pub(crate) fn ids(&self) -> Option<String> {
        match (self.request_id, self.correlation_id) {
            (Some(request), Some(correlation)) => {
                Some(format!("request {request}, correlation {correlation}"))
            }
            (None, Some(id)) => Some(format!("correlation {id}")),
            (Some(id), None) => Some(format!("request {id}")),
            (None, None) => None,
        }
    }

    /// What is wrong, one line for each.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        let hints = self.hints.iter().map(|hint| format!("hint: {hint}"));
        [&self.what].into_iter().chain(&self.why).cloned().chain(hints).map(|line| one_line(&line))
    }

    pub(crate) fn print(&self, ui: &Ui) {
        ui.error(&self.what);
        for why in &self.why {
            ui.word("why", why);
        }
        for hint in &self.hints {
            ui.word("hint", hint);
        }
        if let Some(ids) = self.ids() {
            ui.word("ids", &ids);
        }
    }
}

/// What the library says, without its names.
fn in_own_words(text: &str) -> String {
    text.replace("by `Transport::root_certificates`", "with `--ca-file`")
        .replace("by `Transport::proxy` or `HTTPS_PROXY`", "by HTTPS_PROXY")
        .replace("`Transport::proxy` or `HTTPS_PROXY`", "HTTPS_PROXY")
}

/// What to do, in terms of this command.
fn hint(error: &Error) -> Option<String> {
    // What the sign-in service says has its own.
    if SignInRefusal::in_causes(error).is_some() {
        return None;
    }
    let hint = error.hint().map(in_own_words);
    Some(match (error.status(), error.code(), error.kind()) {
        (Some(403), Some("900329"), _) => {
            "the partner's own profile takes a signed-in user: run `partner-center login`".into()
        }
        (Some(403), None, _) if error.body().is_empty() => {
            "sign in as an admin agent or sales agent of the partner: run `partner-center login`".into()
        }
        (Some(401), Some("900420"), _) => {
            "the token is for another service: run `partner-center login`, or get one for the \
             resource of the cloud, such as https://api.partnercenter.microsoft.com/.default"
                .into()
        }
        (Some(401), ..) => match hint {
            Some(hint) if hint.contains("multi-factor") => {
                "sign in with multi-factor authentication: run `partner-center login`".into()
            }
            _ => "run `partner-center login`; `partner-center status` says which credential was used"
                .into(),
        },
        (Some(400), Some("600051"), _) => {
            "give --address-phone-number: the country of the address requires one, as AM, AZ, BY, HU, \
             KZ, KG, MD, RU, TJ, UA and UZ are documented to, and more since 2022"
                .into()
        }
        (_, _, ErrorKind::Invalid) => {
            "fix the value, or leave it to the service with --without-limits".into()
        }
        (_, _, ErrorKind::Credential) if error.is_transient() => "try again later".into(),
        (_, _, ErrorKind::Credential) => {
            "run `partner-center login`; `partner-center status` says which credential was used".into()
        }
        (Some(404), ..) => "check the id: it is that of the customer's tenant".into(),
        _ if error.is_throttled() => match error.retry_after() {
            Some(wait) => format!("try again in {} s", wait.as_secs_f64().ceil()),
            None => "try again later".into(),
        },
        (Some(_), ..) if error.is_transient() && !error.may_have_been_applied() => "try again later".into(),
        _ if error.may_have_been_applied() => "look at what is there now with `show`".into(),
        (None, _, ErrorKind::Transport) if hint.is_some() => return hint,
        (None, _, ErrorKind::Transport) => "check the network and the endpoint; \
             `partner-center status` says which it is".into(),
        _ => return hint,
    })
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = match error.kind() {
            ErrorKind::Conflict => Exit::Conflict,
            ErrorKind::Configuration | ErrorKind::Invalid | ErrorKind::ReadOnly => Exit::Usage,
            ErrorKind::Credential if error.is_transient() => Exit::Unavailable,
            ErrorKind::Credential => Exit::NotAllowed,
            _ if error.is_unauthorized() || error.is_forbidden() => Exit::NotAllowed,
            _ if error.is_not_found() => Exit::NotFound,
            _ if error.is_transient() => Exit::Unavailable,
            _ => Exit::Failed,
        };
        let what = match error.kind() {
            ErrorKind::Credential => "no access token can be had",
            _ => error.message(),
        };
        let mut failure = Self::new(what).exit(exit);
        if let Some(status) = error.status() {
            let code = error.code().map(|code| format!(", code {code}")).unwrap_or_default();
            let said = error.description().map(|said| format!(": {said}")).unwrap_or_default();
            failure = failure.why(format!("status {status}{code}{said}"));
        }
        for data in error.data() {
            failure = failure.why(data.as_str().map_or_else(|| data.to_string(), str::to_owned));
        }
        failure = failure.caused_by(error.source());
        if error.may_have_been_applied() {
            failure =
                failure.why("an earlier attempt got no answer: the update may have been applied");
        }
        failure.refused =
            error.status() == Some(400) && !error.is_conflict() && !error.may_have_been_applied();
        failure.hints.extend(hint(&error).map(|hint| match GIVEN_TOKEN.get() {
            // It comes before a sign-in.
            Some(source) => hint.replace(
                "run `partner-center login`",
                &format!("replace the token in {source}, or unset it"),
            ),
            None => hint,
        }));
        failure.request_id = error.request_id();
        failure.correlation_id = error.correlation_id();
        failure
    }
}

/// A refusal of what was to be written, by the library or by the service.
pub(crate) fn refused<T: Profile>(error: Error, written: &T) -> Failure {
    let violations: Vec<_> = error.violations().to_vec();
    let mut failure = Failure::from(error);
    if !violations.is_empty() {
        failure.what = String::from("nothing was written: a value is beyond a documented limit");
    }
    for Violation { pointer, constraint, value, .. } in violations {
        let (name, value) = (T::name(&pointer), shown(Some(&value.into())));
        failure = failure.why(format!("{name} must be {constraint}, not {value}"));
    }
    let country = serde_json::to_value(written).ok().and_then(|tree| {
        let country = ["/defaultAddress/country", "/address/country"];
        country.iter().find_map(|at| tree.pointer(at)?.as_str().map(str::to_ascii_uppercase))
    });
    if failure.refused && country.as_deref() == Some("UK") {
        failure.hints = vec!["UK is no country of ISO 3166-1: the United Kingdom is GB".to_owned()];
    }
    failure
}
