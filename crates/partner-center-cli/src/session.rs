//! Who calls, and the client that calls: made when it is needed, and not before.

use std::fs::{File, TryLockError};
use std::sync::Arc;
use std::time::Duration;

use partner_center::{AppOnly, AppUser, Credential, PartnerCenter, TokenCredential, Transport};
use partner_center_emulator::{APP_USER_TOKEN, Emulator};

use crate::check::{LastToken, Watched};
use crate::failure::{Exit, Failure, GIVEN_TOKEN};
use crate::identity::{self, Identity};
use crate::kept_token::KeptToken;
use crate::output::Ui;
use crate::private;
use crate::settings::Settings;
use crate::sign_in::SignIn;
use crate::stored::Stored;

/// A client, by who calls.
pub(crate) enum Client {
    Application(PartnerCenter<AppOnly>),
    User(PartnerCenter<AppUser>),
}

/// A client, and the emulator that it calls, if it does.
pub(crate) struct Session {
    pub(crate) client: Client,
    endpoint: String,
    emulator: Option<(Emulator, File)>,
    /// What it called with.
    pub(crate) token: LastToken,
}

/// How much may be called at once, and in a minute.
#[derive(Clone, Copy, Default)]
pub(crate) struct Bounds {
    pub(crate) in_flight: Option<usize>,
    pub(crate) a_minute: Option<u32>,
}

impl Session {
    pub(crate) async fn start(settings: &mut Settings, ui: &Ui) -> Result<Self, Failure> {
        Self::start_within(Bounds::default(), settings, ui).await
    }

    /// Starts with a client that keeps to these bounds.
    pub(crate) async fn start_within(
        bounds: Bounds,
        settings: &mut Settings,
        ui: &Ui,
    ) -> Result<Self, Failure> {
        let others = Identity::of(settings).is_none_or(|identity| !identity.is_user());
        if others && let Some(broken) = settings.broken_sign_in.take() {
            return Err(broken);
        }
        let settings = &*settings;
        ui.correlation_id.set(Some(settings.correlation_id));
        let mut endpoint = settings.endpoint.value.clone();
        let mut emulator = None;
        let identity = Identity::of(settings).ok_or_else(|| {
            nobody(settings)
                .hint("try --emulator, which takes no account")
                .hint("`partner-center --help` lists the variables of the environment")
        })?;
        let transport = settings.transport()?;
        let token = LastToken::default();
        let watched = |credential| Arc::new(Watched { credential, last: token.clone() });
        let user = |credential| -> Result<Client, Failure> {
            let user = AppUser::new(watched(credential));
            Ok(Client::User(client(user, bounds, settings, &transport, &settings.endpoint.value)?))
        };
        let alone = |credential| -> Result<Client, Failure> {
            let (tenant, client_id) = application(settings)?;
            let owner = format!("{} {tenant} {client_id} alone", settings.authority.value);
            let app = AppOnly::new(watched(Arc::new(kept(credential, owner, false, settings))));
            Ok(Client::Application(client(
                app,
                bounds,
                settings,
                &transport,
                &settings.endpoint.value,
            )?))
        };
        let client = match identity {
            Identity::Emulator => {
                let started = emulate(settings).await?;
                endpoint = started.0.url();
                emulator = Some(started);
                ui.say("on the embedded emulator, not on Partner Center");
                Client::User(client(
                    AppUser::token(APP_USER_TOKEN),
                    bounds,
                    settings,
                    &transport,
                    &endpoint,
                )?)
            }
            Identity::AccessToken(given) => {
                token.set(given.value.clone());
                // A command has one session.
                let _ = GIVEN_TOKEN.set(given.source.to_string());
                let user = AppUser::token(given.value.secret());
                Client::User(client(user, bounds, settings, &transport, &endpoint)?)
            }
            Identity::User(sign_in) => {
                let stored = Arc::new(stored(sign_in, settings, transport.clone(), ui));
                let (owner, keyring) = (sign_in.user(), sign_in.is_in_keyring());
                user(Arc::new(kept(stored, owner, keyring, settings)))?
            }
            Identity::Secret(secret) => alone(identity::by_secret(secret, settings, &transport)?)?,
            Identity::Certificate(path) => {
                alone(identity::by_certificate(path, settings, &transport)?)?
            }
            Identity::Federated(path) => {
                alone(identity::by_federated_token(path, settings, &transport)?)?
            }
            Identity::Managed(_) => {
                let app = AppOnly::new(watched(identity::managed(settings)?));
                Client::Application(client(app, bounds, settings, &transport, &endpoint)?)
            }
            Identity::AzureCli => user(identity::azure_cli(settings)?)?,
            Identity::AzureDeveloperCli => user(identity::azure_developer_cli(settings)?)?,
        };
        Ok(Self { client, endpoint, emulator, token })
    }

    /// The address of the service; the embedded emulator has another one each time, and is the same.
    pub(crate) fn endpoint(&self) -> &str {
        if self.emulator.is_some() { "the embedded emulator" } else { &self.endpoint }
    }

    /// Whether it calls the embedded emulator, which has another address each time.
    pub(crate) fn is_embedded(&self) -> bool {
        self.emulator.is_some()
    }

    /// Where it calls.
    pub(crate) fn address(&self) -> &str {
        &self.endpoint
    }

    /// The client, if a user calls: an application alone is not allowed to see the partner's own profile.
    pub(crate) fn user(&self) -> Result<&PartnerCenter<AppUser>, Failure> {
        match &self.client {
            Client::User(client) => Ok(client),
            Client::Application(_) => {
                Err(Failure::new("the partner's own billing profile takes a signed-in user")
                    .exit(Exit::NotAllowed)
                    .why("the credential is that of an application alone; `partner-center status` says which")
                    .hint("run `partner-center login`"))
            }
        }
    }
}

/// Why nobody is signed in, and what to do about it.
pub(crate) fn nobody(settings: &Settings) -> Failure {
    let failure = Failure::new("nobody is signed in").exit(Exit::NotAllowed);
    match &settings.sign_in {
        Some(sign_in) => failure
            .why(identity::is_of_others(sign_in))
            .hint("`partner-center status` says where they came from; change them, or login again"),
        None => failure.hint("run `partner-center login`"),
    }
}

/// The tenant and the application.
pub(crate) fn application(settings: &Settings) -> Result<(&str, &str), Failure> {
    let missing = |what: &str, variable: &str, flag: &str| {
        Failure::usage(format!("there is no {what}"))
            .hint(format!("set {variable}, `{flag}` in the config file, or --{flag} of login"))
    };
    let tenant = settings.tenant.as_ref();
    let tenant = tenant.ok_or_else(|| missing("tenant", "AZURE_TENANT_ID", "tenant"))?;
    let client_id = settings.client_id.as_ref();
    let client_id =
        client_id.ok_or_else(|| missing("client id", "AZURE_CLIENT_ID", "client-id"))?;
    Ok((&tenant.value, &client_id.value))
}

fn client<A: Credential>(
    credential: A,
    bounds: Bounds,
    settings: &Settings,
    transport: &Transport,
    endpoint: &str,
) -> Result<PartnerCenter<A>, Failure> {
    let mut builder = PartnerCenter::builder(credential)
        .cloud(settings.cloud())
        .endpoint(endpoint)
        .transport(transport.clone())
        .correlation_id(settings.correlation_id)
        .application(env!("CARGO_PKG_NAME"));
    if let Some(locale) = &settings.locale {
        builder = builder.locale(&locale.value);
    }
    if let Some(requests) = bounds.in_flight {
        builder = builder.max_in_flight(requests);
    }
    if let Some(requests) = bounds.a_minute {
        builder = builder.max_rate(requests, Duration::from_secs(60));
    }
    Ok(builder.build()?)
}

/// The credential, with its tokens kept for the next command.
fn kept(
    credential: Arc<dyn TokenCredential>,
    owner: String,
    keyring: bool,
    settings: &Settings,
) -> KeptToken {
    KeptToken::new(credential, owner, keyring, settings.places.state.clone())
}

/// The user who signed in.
fn stored(sign_in: &SignIn, settings: &Settings, transport: Transport, ui: &Ui) -> Stored {
    let secret = settings.client_secret.as_ref().filter(|_| sign_in.confidential);
    Stored {
        transport,
        cloud: settings.cloud(),
        client_secret: secret.map(|secret| secret.value.clone()),
        sign_in: sign_in.clone(),
        state: settings.places.state.clone(),
        bar: ui.bar(),
    }
}

/// Starts the emulator with what it kept, which one command has at a time.
async fn emulate(settings: &Settings) -> Result<(Emulator, File), Failure> {
    let path = settings.places.state.join("emulator.json");
    let failed = |cause: std::io::Error| {
        Failure::new("the emulator cannot be started")
            .why(cause)
            .hint(format!("remove {} to start it anew", path.display()))
    };
    let lock = private::open(&path.with_extension("lock")).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(Failure::new("another command has the embedded emulator")
                .exit(Exit::Unavailable)
                .hint("wait for it; `partner-center emulator` starts one for many commands"));
        }
        Err(TryLockError::Error(cause)) => return Err(failed(cause)),
    }
    Ok((Emulator::builder().state(&path).start().await.map_err(failed)?, lock))
}
