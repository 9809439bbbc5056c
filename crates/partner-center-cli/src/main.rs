//! `partner-center`: billing profiles in Microsoft Partner Center, without losing an update.
//!
//! The command is thin: what keeps updates from being lost is the library.

mod account;
mod address;
mod args;
mod change;
mod check;
mod customers;
mod draft;
mod edit;
mod entry;
mod failure;
mod history;
mod identity;
mod interrupt;
mod json;
mod kept_token;
mod listed;
mod many;
mod member;
mod mistake;
mod output;
mod private;
mod profile;
mod session;
mod settings;
mod sign_in;
mod stored;
mod text;
mod trace;
mod typed;
mod validate;
mod web;
mod yaml;

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use anstream::ColorChoice;
use clap::{CommandFactory, Parser};
use clap_complete::CompleteEnv;
use clap_complete::env::Shells;
use partner_center::models::CustomerBillingProfile;
use partner_center::{Credential, PartnerCenter, Resource};

use crate::args::{
    Cli, Command, Customer, CustomerAction, Edits, Global, Named, PartnerAction, Set,
};
use crate::draft::Of;
use crate::failure::Failure;
use crate::many::apply::Apply;
use crate::many::export::{Export, Service};
use crate::member::Profile;
use crate::output::{Format, Ui};
use crate::session::{Client, Session};
use crate::settings::Settings;

/// What is to be done with a profile.
enum Action<T: Profile> {
    Show,
    Set(Box<Set<T>>),
    Edit(Edits),
}

/// What the completions of a shell set when they ask for some.
const COMPLETE: &str = "PARTNER_CENTER_COMPLETE";

fn main() -> ExitCode {
    if let Some(shell) = std::env::var_os(COMPLETE) {
        // It is set once.
        let _ = listed::SHELL.set(shell.to_string_lossy().into_owned());
        // It ends the process, if a shell asks.
        CompleteEnv::with_factory(Cli::command).var(COMPLETE).complete();
    }
    if std::env::args_os().any(|argument| argument == "--no-color") {
        ColorChoice::Never.write_global();
    }
    // Its code is a third of that of the usual provider. It fails if one is installed, which does as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let Cli { global, command } = Cli::try_parse().unwrap_or_else(|error| refuse(&error));
    match command {
        Command::Emulator(args) => partner_center_emulator::command::run(*args),
        Command::Completions { shell } => without_settings(|ui| completions(shell, ui)),
        Command::Man { dir } => without_settings(|ui| man(dir.as_deref(), ui)),
        Command::Logout => without_settings(account::logout),
        Command::Login(login) => {
            with_settings(&global, async |settings, ui| account::login(login, settings, ui).await)
        }
        Command::Status { check } => {
            with_settings(&global, async |settings, ui| account::status(settings, check, ui).await)
        }
        Command::Customer { what } => with_settings(&global, async |settings, ui| match what {
            Customer::BillingProfile { action } => customer(action, settings, ui).await,
            Customer::List(list) => {
                let session = Session::start(settings, ui).await?;
                let state = &settings.places.state;
                match &session.client {
                    Client::Application(client) => {
                        customers::list(client.customers(), &list, state, ui).await
                    }
                    Client::User(client) => {
                        customers::list(client.customers(), &list, state, ui).await
                    }
                }
            }
            Customer::Show(named) => {
                let session = Session::start(settings, ui).await?;
                match &session.client {
                    Client::Application(client) => {
                        customers::show(client.customers(), &named.customer, ui).await
                    }
                    Client::User(client) => {
                        customers::show(client.customers(), &named.customer, ui).await
                    }
                }
            }
        }),
        Command::Export(export) => with_settings(&global, async |settings, ui| {
            // What cannot be done is said before anyone is asked for anything.
            let export = Export::prepare(export)?;
            let session = Session::start_within(export.bounds(), settings, ui).await?;
            let service: &dyn Service = match &session.client {
                Client::Application(client) => client,
                Client::User(client) => client,
            };
            export.run(service, ui).await
        }),
        Command::Apply(apply) => with_settings(&global, async |settings, ui| {
            let apply = Apply::prepare(apply)?;
            let session = Session::start_within(apply.bounds(), settings, ui).await?;
            match &session.client {
                Client::Application(client) => apply.run(client, &session, ui).await,
                Client::User(client) => apply.run(client, &session, ui).await,
            }
        }),
        Command::Address { what } => with_settings(&global, async |settings, ui| {
            // What cannot be asked is said before anyone is asked for anything.
            let what = address::Asked::read(what)?;
            let session = Session::start(settings, ui).await?;
            match &session.client {
                Client::Application(client) => address::run(client, what, ui).await,
                Client::User(client) => address::run(client, what, ui).await,
            }
        }),
        Command::Web(args) => {
            with_settings(&global, async |settings, ui| web::serve(&args, settings, ui).await)
        }
        Command::BillingProfile { action } => {
            with_settings(&global, async |settings, ui| partner(action, settings, ui).await)
        }
    }
}

/// Ends the process with what the parser has to say, unless it would repeat a secret.
fn refuse(error: &clap::Error) -> ! {
    use clap::error::{ContextKind, ContextValue};
    let login = std::env::args_os().any(|argument| argument == "login");
    let shown = [ContextKind::InvalidArg, ContextKind::InvalidValue, ContextKind::TrailingArg];
    let typed = |kind: &ContextKind| match error.get(*kind) {
        Some(ContextValue::String(text)) => !text.starts_with('-'),
        _ => false,
    };
    if login && shown.iter().any(typed) {
        let failure = Failure::usage("login takes no such argument, which is not repeated here")
            .hint(format!("a refresh token comes by stdin: {}", account::PIPED))
            .hint("`partner-center login --help` has all arguments");
        failure.print(&Ui::new(Format::Table));
        std::process::exit(failure.exit as i32);
    }
    error.exit()
}

fn without_settings(run: impl FnOnce(&Ui) -> Result<(), Failure>) -> ExitCode {
    let ui = Ui::new(Format::Table);
    ended(run(&ui), &ui)
}

/// Says what failed, if anything did.
fn ended(result: Result<(), Failure>, ui: &Ui) -> ExitCode {
    let printed = || {
        ui.finish().map_or(Ok(()), |cause| {
            let what = "the output could not be printed; what was to be done is done";
            Err(Failure::new(what).why(cause))
        })
    };
    match result.and_then(|()| printed()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print(ui);
            failure.exit.into()
        }
    }
}

/// Runs a command that calls the service, or may.
fn with_settings(
    global: &Global,
    run: impl AsyncFnOnce(&mut Settings, &Ui) -> Result<(), Failure>,
) -> ExitCode {
    let settings = Settings::load(global);
    let format = settings.as_ref().map_or(Format::Table, |settings| settings.format.value);
    let ui = Ui::new(format);
    let result = settings.and_then(|mut settings| {
        if global.verbose || std::io::stderr().is_terminal() {
            trace::follow(ui.bar(), global.verbose);
        }
        interrupt::watch(ui.bar());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|cause| Failure::new("cannot start").why(cause))?;
        runtime.block_on(run(&mut settings, &ui))?;
        if let Some(id) = ui.correlation_id.get().filter(|_| global.verbose) {
            ui.say(&format!("correlation {id}"));
        }
        Ok(())
    });
    ended(result, &ui)
}

async fn customer(action: CustomerAction, settings: &mut Settings, ui: &Ui) -> Result<(), Failure> {
    let (customer, action) = match action {
        CustomerAction::Show(customer) => (customer, CustomersAction::Profile(Action::Show)),
        CustomerAction::History { customer, days } => (customer, CustomersAction::History(days)),
        CustomerAction::Set { customer, set } => {
            // What cannot be done is said before anyone is asked for anything.
            set.edits()?;
            (customer, CustomersAction::Profile(Action::Set(set)))
        }
        CustomerAction::Edit { customer, edit } => {
            (customer, CustomersAction::Profile(Action::Edit(edit)))
        }
    };
    let session = Session::start(settings, ui).await?;
    let endpoint = session.endpoint();
    let of = OfCustomer { named: &customer.customer, endpoint, settings, ui };
    match &session.client {
        Client::Application(client) => of.act(client, action).await,
        Client::User(client) => of.act(client, action).await,
    }
}

/// What is to be done with the profile of a customer.
enum CustomersAction {
    Profile(Action<CustomerBillingProfile>),
    /// So many days of it.
    History(Option<u16>),
}

/// A customer whose profile something is done with.
struct OfCustomer<'a> {
    named: &'a Named,
    endpoint: &'a str,
    settings: &'a Settings,
    ui: &'a Ui,
}

impl OfCustomer<'_> {
    async fn act<A: Credential>(
        self,
        client: &PartnerCenter<A>,
        action: CustomersAction,
    ) -> Result<(), Failure> {
        let Self { named, endpoint, settings, ui } = self;
        let id = customers::find(&client.customers(), named, ui).await?;
        let title = format!("Billing profile of customer {id}");
        let resource = client.customer(id).billing_profile();
        match action {
            CustomersAction::Profile(action) => {
                let of = Of { title: &title, slug: &id.to_string(), endpoint };
                On { of, settings, ui }.act(client, resource, action).await
            }
            CustomersAction::History(days) => {
                let mut history = resource.history();
                if let Some(days) = days {
                    history = history.days(days);
                }
                history::show(&history, &title, ui).await
            }
        }
    }
}

async fn partner(action: PartnerAction, settings: &mut Settings, ui: &Ui) -> Result<(), Failure> {
    let action = match action {
        PartnerAction::Show => Action::Show,
        PartnerAction::Set { set } => {
            set.edits()?;
            Action::Set(set)
        }
        PartnerAction::Edit { edit } => Action::Edit(edit),
    };
    let session = Session::start(settings, ui).await?;
    let title = "Billing profile of the partner";
    let of = Of { title, slug: "partner", endpoint: session.endpoint() };
    let go = On { of, settings, ui };
    let client = session.user()?;
    go.act(client, client.billing_profile(), action).await
}

/// A profile that something is done with.
struct On<'a> {
    of: Of<'a>,
    settings: &'a Settings,
    ui: &'a Ui,
}

impl On<'_> {
    async fn act<A: Credential, T: Profile>(
        self,
        client: &PartnerCenter<A>,
        resource: Resource<A, T>,
        action: Action<T>,
    ) -> Result<(), Failure> {
        match action {
            Action::Show => profile::show(&resource, self.of.title, self.ui).await,
            Action::Set(set) => profile::set(client, resource, &set, self.ui).await,
            Action::Edit(edits) => {
                let drafts = self.settings.places.state.join("drafts");
                edit::edit(client, resource, &edits, self.of, &drafts, self.ui).await
            }
        }
    }
}

fn completions(shell: clap_complete::Shell, ui: &Ui) -> Result<(), Failure> {
    let name = "partner-center";
    let mut script = Vec::new();
    let shells = Shells::builtins();
    let found = shells.completer(&shell.to_string());
    let found = found.ok_or_else(|| Failure::usage(format!("there are none for {shell}")))?;
    found
        .write_registration(COMPLETE, name, name, name, &mut script)
        .map_err(|cause| Failure::new("the completions cannot be made").why(cause))?;
    ui.data(&String::from_utf8_lossy(&script));
    Ok(())
}

fn man(dir: Option<&Path>, ui: &Ui) -> Result<(), Failure> {
    if let Some(dir) = dir {
        let written = std::fs::create_dir_all(dir)
            .and_then(|()| clap_mangen::generate_to(Cli::command(), dir));
        return written.map_err(|cause| {
            Failure::new(format!("no pages can be written to {}", dir.display())).why(cause)
        });
    }
    let mut page = Vec::new();
    let made = clap_mangen::Man::new(Cli::command()).render(&mut page);
    made.map_err(|cause| Failure::new("the page cannot be made").why(cause))?;
    ui.data(&String::from_utf8_lossy(&page));
    Ok(())
}
