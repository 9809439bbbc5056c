//! Signing in and out, and what the command would call with.

use std::io::{IsTerminal, Read};
use std::sync::{Arc, mpsc};

use clap::ValueEnum;
use partner_center::{Browser, DeviceCode, RefreshToken, Secret, TokenCredential};
use serde_json::{Map, Value, json};

use crate::args::{How, Login};
use crate::check::Check;
use crate::failure::{Exit, Failure};
use crate::identity::Identity;
use crate::kept_token::{self, KeptToken};
use crate::listed;
use crate::output::{Format, Ui, one_line, say};
use crate::session::{application, nobody};
use crate::settings::{Places, Setting, Settings, Source};
use crate::sign_in::{Kept, SignIn};
use crate::text;

pub(crate) async fn login(login: Login, settings: &mut Settings, ui: &Ui) -> Result<(), Failure> {
    if settings.emulator {
        return Err(Failure::usage("the embedded emulator takes no sign-in")
            .hint("leave out --emulator, or leave out login"));
    }
    let mut overruled = Vec::new();
    for (flag, given, setting) in [
        ("--tenant", login.tenant, &mut settings.tenant),
        ("--client-id", login.client_id, &mut settings.client_id),
    ] {
        let Some(value) = given else { continue };
        let before = setting.replace(Setting { value, source: Source::Flag(flag) });
        let other = |before: &Setting<String>| {
            let given = setting.as_ref().map(|setting| &setting.value);
            before.source != Source::SignIn && Some(&before.value) != given
        };
        overruled.extend(before.filter(other).map(|before| (flag, before.source)));
    }
    let (tenant, client_id) = application(settings)?;
    let cloud = settings.cloud();
    let scope = format!("{}/.default", cloud.resource());
    // Every refresh token, the last of which is the one to keep.
    let (sender, given_out) = mpsc::channel();
    let user = user(&login.how, settings, sender, ui)?;
    let access = {
        let _step = ui.step(user.waiting);
        user.credential.get_token(&[&scope], None).await.map_err(|error| refused(&error))?
    };
    let token = given_out.try_iter().last().ok_or_else(|| {
        Failure::new("the sign-in gave no refresh token")
            .hint("the application must be allowed to ask for offline_access")
    })?;
    let authority = &settings.authority.value;
    let mut sign_in = SignIn::new(settings.cloud_name.value, authority, tenant, client_id);
    sign_in.confidential = user.confidential;
    let path = SignIn::path(&settings.places.state);
    let _lock = SignIn::lock(&settings.places.state)?;
    let kept = sign_in.keep(&token, &settings.places.state, !login.no_keyring)?;
    if let Some(before) = settings.sign_in.as_ref().filter(|before| !before.shares_entry(&sign_in))
        && let Err(why) = before.leave_keyring()
    {
        ui.say(&one_line(&format!(
            "warning: the keyring keeps the refresh token of before: {why}"
        )));
    }
    // The token of whoever was signed in before is nobody's any more.
    let before = settings.sign_in.as_ref().is_some_and(SignIn::is_in_keyring);
    kept_token::forget(&settings.places.state, before);
    let (owner, keyring) = (sign_in.user(), sign_in.is_in_keyring());
    KeptToken::new(user.credential, owner, keyring, settings.places.state.clone())
        .keep(&scope, &access);
    let place = match kept {
        Kept::Keyring => "the keyring has the refresh token".to_owned(),
        Kept::File(None) => {
            format!("the refresh token is in {}, which only you can read", path.display())
        }
        Kept::File(Some(why)) => format!(
            "no keyring can be used here ({why}): the refresh token is in {}, which only you can read",
            path.display()
        ),
    };
    ui.say(&one_line(&format!("signed in to {tenant}; {place}")));
    for (flag, source) in overruled {
        ui.say(&format!(
            "warning: {source} says something else than {flag}, and the sign-in is not used while it does"
        ));
    }
    if let Some(token) = &settings.access_token {
        ui.say(&format!("warning: {} is set, and wins over the sign-in", token.source));
    }
    Ok(())
}

/// Someone who is about to sign in.
struct User {
    credential: Arc<dyn TokenCredential>,
    /// Whether the application proves itself with its secret.
    confidential: bool,
    /// What is waited for.
    waiting: &'static str,
}

/// The user who signs in like this; every refresh token is sent to `sender`.
fn user(
    how: &How,
    settings: &Settings,
    sender: mpsc::Sender<Secret>,
    ui: &Ui,
) -> Result<User, Failure> {
    let (tenant, client_id) = application(settings)?;
    let (cloud, transport) = (settings.cloud(), settings.transport()?);
    let secret = settings.client_secret.as_ref().map(|secret| secret.value.clone());
    let confidential = secret.is_some();
    let bar = ui.bar();
    let waiting = "waiting for the sign-in in the browser";
    if how.refresh_token_stdin {
        let given = from_stdin()?;
        let mut user =
            RefreshToken::new(&cloud, tenant, client_id, given.clone())?.transport(&transport)?;
        // It stays the one, if there is no new one.
        let _ = sender.send(given);
        if let Some(secret) = secret {
            user = user.client_secret(secret);
        }
        let user = user.on_rotation(move |new| drop(sender.send(new.clone())));
        return Ok(User { credential: Arc::new(user), confidential, waiting: "signing in" });
    }
    if how.browser || !how.device_code && has_browser() {
        let mut user = Browser::new(&cloud, tenant, client_id, move |page| {
            say(&bar, "sign in with the browser; if it does not open, open this on this machine:");
            say(&bar, page);
            let page = page.to_owned();
            // A browser may run for as long as it is open.
            std::thread::spawn(move || webbrowser::open(&page));
        })?
        .transport(&transport)?;
        if let Some(secret) = secret {
            user = user.client_secret(secret);
        }
        let user = user.on_rotation(move |new| drop(sender.send(new.clone())));
        return Ok(User { credential: Arc::new(user), confidential, waiting });
    }
    let mut user = DeviceCode::new(&cloud, tenant, client_id, move |prompt| {
        let (page, code) = (prompt.verification_uri(), prompt.user_code());
        let minutes = prompt.expires_in().as_secs() / 60;
        say(&bar, prompt.message());
        say(&bar, &format!("page: {page}\ncode: {code} (good for {minutes} minutes)"));
    })?
    .transport(&transport)?;
    if let Some(secret) = secret {
        user = user.client_secret(secret);
    }
    let user = user.on_rotation(move |new| drop(sender.send(new.clone())));
    Ok(User { credential: Arc::new(user), confidential, waiting })
}

/// How a file is piped in.
pub(crate) const PIPED: &str = if cfg!(windows) {
    "Get-Content file | partner-center login --refresh-token-stdin"
} else {
    "partner-center login --refresh-token-stdin < file"
};

/// Whether there is a browser that comes back to this machine.
fn has_browser() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    // Someone else's screen.
    if is_set("SSH_CONNECTION") || is_set("SSH_TTY") {
        return false;
    }
    let shows = ["BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"];
    cfg!(any(windows, target_os = "macos")) || shows.into_iter().any(is_set)
}

fn from_stdin() -> Result<Secret, Failure> {
    let mut stdin = std::io::stdin();
    let usage = Failure::usage;
    if stdin.is_terminal() {
        return Err(usage("stdin is a terminal, which would show the refresh token")
            .hint(format!("pipe it in: {PIPED}")));
    }
    let mut bytes = Vec::new();
    stdin.read_to_end(&mut bytes).map_err(|cause| usage("stdin cannot be read").why(cause))?;
    let text =
        text::decode(&bytes).map_err(|why| usage("what stdin has is no refresh token").why(why))?;
    let text = text.trim();
    if text.is_empty() || text.contains(char::is_whitespace) {
        return Err(usage("what stdin has is no refresh token").why(if text.is_empty() {
            "it is empty"
        } else {
            "there is a blank in it"
        }));
    }
    Ok(Secret::new(text.to_owned()))
}

fn refused(error: &azure_core::Error) -> Failure {
    // Nobody refused anything.
    let unavailable = matches!(error.kind(), azure_core::error::ErrorKind::Io);
    let exit = if unavailable { Exit::Unavailable } else { Exit::NotAllowed };
    Failure::new("the sign-in failed").exit(exit).caused_by(Some(error))
}

/// Forgets the sign-in, also one that cannot be read, and the customers that were listed.
pub(crate) fn logout(ui: &Ui) -> Result<(), Failure> {
    let state = Places::of_the_platform()?.state;
    // Each, also where the other fails.
    let (forgot, customers) = (SignIn::forget(&state), listed::forget(&state));
    let forgot = forgot?;
    customers?;
    ui.say(if forgot { "signed out" } else { "nobody was signed in" });
    Ok(())
}

/// Every setting, what it is and where it came from. Secrets are named, not shown.
pub(crate) async fn status(settings: &mut Settings, check: bool, ui: &Ui) -> Result<(), Failure> {
    let is_nobody = Identity::of(settings).is_none();
    let check = if check && !is_nobody { Some(Check::run(settings, ui).await) } else { None };
    let (check, failed) = match check {
        Some(Ok(check)) => (Some(check), None),
        Some(Err(failure)) => (None, Some(failure)),
        None => (None, None),
    };
    let identity = Identity::of(settings);
    let hidden = || "(not shown)".to_owned();
    let who = identity.map_or_else(|| "nobody".to_owned(), |identity| identity.to_string());
    let source = identity.map(Identity::source).unwrap_or_default();
    let candidates = Identity::candidates(settings).into_iter();
    let mut not_used: Vec<(&str, String)> =
        candidates.filter_map(|(name, identity)| Some((name, identity.err()?))).collect();
    not_used.extend(settings.unused.iter().map(|why| ("other", why.clone())));
    let places = &settings.places;
    let mut rows = vec![("credential", Some(who), source)];
    let mut row = |name, value: Option<String>, source: String| rows.push((name, value, source));
    if settings.emulator {
        let state = places.state.join("emulator.json").display().to_string();
        row("emulator-state", Some(state), Source::Default.to_string());
    } else {
        let cloud = &settings.cloud_name;
        row("cloud", name(&cloud.value), cloud.source.to_string());
        for (name, setting) in
            [("endpoint", &settings.endpoint), ("authority", &settings.authority)]
        {
            row(name, Some(safe(&setting.value)), setting.source.to_string());
        }
        for (name, setting) in [("tenant", &settings.tenant), ("client-id", &settings.client_id)] {
            let source = setting.as_ref().map(|setting| setting.source.to_string());
            row(name, setting.as_ref().map(|s| s.value.clone()), source.unwrap_or_default());
        }
        for (name, secret) in
            [("client-secret", &settings.client_secret), ("access-token", &settings.access_token)]
        {
            let source = secret.as_ref().map(|secret| secret.source.to_string());
            row(name, secret.as_ref().map(|_| hidden()), source.unwrap_or_default());
        }
    }
    row("output", name(&settings.format.value), settings.format.source.to_string());
    let ca_file = settings.ca_file.as_ref();
    let source = ca_file.map(|ca_file| ca_file.source.to_string()).unwrap_or_default();
    row("ca-file", ca_file.map(|ca_file| ca_file.value.display().to_string()), source);
    let locale = settings.locale.as_ref();
    let source = locale.map(|locale| locale.source.to_string()).unwrap_or_default();
    row("locale", locale.map(|locale| locale.value.clone()), source);
    let found = if settings.config_found { "" } else { "not there" };
    row("config", Some(places.config.display().to_string()), found.to_owned());

    if ui.format == Format::Table {
        for (name, value, source) in &rows {
            let value = one_line(value.as_deref().unwrap_or("(none)"));
            let source = if source.is_empty() { String::new() } else { format!("  [{source}]") };
            ui.styled(&format!("{name:<14}  {value}{source}\n"));
        }
        if !not_used.is_empty() {
            ui.styled("\nnot used\n");
        }
        for (name, why) in &not_used {
            ui.styled(&format!("  {name:<17}  {}\n", one_line(why)));
        }
        if let Some(check) = &check {
            ui.styled("\nchecked\n");
            for (name, value, remark) in check.rows() {
                let remark =
                    if remark.is_empty() { String::new() } else { format!("  [{remark}]") };
                ui.styled(&format!("  {name:<17}  {}{remark}\n", one_line(&value)));
            }
        }
    } else {
        let mut all: Map<_, _> = rows
            .iter()
            .map(|(name, value, source)| {
                let source = (!source.is_empty()).then_some(source);
                ((*name).to_owned(), json!({"value": value, "source": source}))
            })
            .collect();
        let why = |(name, why): &(&str, String)| json!({"credential": name, "why": why});
        all.insert("notUsed".to_owned(), not_used.iter().map(why).collect());
        all.extend(check.as_ref().map(|check| ("checked".to_owned(), check.json())));
        ui.value(&Value::Object(all));
    }
    if is_nobody {
        return Err(settings.broken_sign_in.take().unwrap_or_else(|| nobody(settings)));
    }
    failed.or_else(|| check.and_then(Check::failure)).map_or(Ok(()), Err)
}

/// A value as it is typed.
fn name(value: &impl ValueEnum) -> Option<String> {
    value.to_possible_value().map(|value| value.get_name().to_owned())
}

/// An address, unless it may have a secret in it.
fn safe(address: &str) -> String {
    if address.contains(['@', '?', '#']) { "(not shown)".to_owned() } else { address.to_owned() }
}
