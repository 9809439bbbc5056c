//! `partner-center`: billing profiles in Microsoft Partner Center, without losing an update.
//!
//! The command is thin: what keeps updates from being lost is the library.

mod account;
mod address;
mod args;
mod change;
mod customers;
mod draft;
mod edit;
mod entry;
mod failure;
mod interrupt;
mod json;
mod member;
mod mistake;
mod output;
mod private;
mod profile;
mod session;
mod settings;
mod sign_in;
mod stored;
mod trace;
mod typed;
mod validate;
mod yaml;

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use anstream::ColorChoice;
use clap::{CommandFactory, Parser};
use partner_center::{Credential, PartnerCenter, Resource};

use crate::args::{Cli, Command, Customer, CustomerAction, Edits, Global, PartnerAction, Set};
use crate::draft::Of;
use crate::failure::Failure;
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

fn main() -> ExitCode {
    if std::env::args_os().any(|argument| argument == "--no-color") {
        ColorChoice::Never.write_global();
    }
    // Its code is a third of that of the usual provider. It fails if one is installed, which does as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let Cli { global, command } = Cli::try_parse().unwrap_or_else(|error| refuse(&error));
    match command {
        Command::Emulator(args) => partner_center_emulator::command::run(*args),
        Command::Completions { shell } => without_settings(|ui| {
            completions(shell, ui);
            Ok(())
        }),
        Command::Man { dir } => without_settings(|ui| man(dir.as_deref(), ui)),
        Command::Logout => without_settings(account::logout),
        Command::Login(login) => {
            with_settings(&global, async |settings, ui| account::login(login, settings, ui).await)
        }
        Command::Status => {
            with_settings(&global, async |settings, ui| account::status(settings, ui))
        }
        Command::Customer { what } => with_settings(&global, async |settings, ui| match what {
            Customer::BillingProfile { action } => customer(action, &global, settings, ui).await,
            what => {
                let session = Session::start(settings, ui).await?;
                match &session.client {
                    Client::Application(client) => {
                        customers::run(client.customers(), what, &global, ui).await
                    }
                    Client::User(client) => {
                        customers::run(client.customers(), what, &global, ui).await
                    }
                }
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
        Command::BillingProfile { action } => with_settings(&global, async |settings, ui| {
            partner(action, &global, settings, ui).await
        }),
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
            .hint(
                "a refresh token comes by stdin: partner-center login --refresh-token-stdin < file",
            )
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
        runtime.block_on(run(&mut settings, &ui))
    });
    ended(result, &ui)
}

async fn customer(
    action: CustomerAction,
    global: &Global,
    settings: &mut Settings,
    ui: &Ui,
) -> Result<(), Failure> {
    let (customer, action) = match action {
        CustomerAction::Show(customer) => (customer, Action::Show),
        CustomerAction::Set { customer, set } => {
            // What cannot be done is said before anyone is asked for anything.
            set.edits()?;
            (customer, Action::Set(set))
        }
        CustomerAction::Edit { customer, edit } => (customer, Action::Edit(edit)),
    };
    let id = customer.id;
    let title = format!("Billing profile of customer {id}");
    let session = Session::start(settings, ui).await?;
    let of = Of { title: &title, slug: &id.to_string(), endpoint: session.endpoint() };
    let go = On { of, global, settings, ui };
    match &session.client {
        Client::Application(client) => {
            go.act(client, client.customer(id).billing_profile(), action).await
        }
        Client::User(client) => go.act(client, client.customer(id).billing_profile(), action).await,
    }
}

async fn partner(
    action: PartnerAction,
    global: &Global,
    settings: &mut Settings,
    ui: &Ui,
) -> Result<(), Failure> {
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
    let go = On { of, global, settings, ui };
    let client = session.user()?;
    go.act(client, client.billing_profile(), action).await
}

/// A profile that something is done with.
struct On<'a> {
    of: Of<'a>,
    global: &'a Global,
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
        let resource = match self.global.correlation_id {
            Some(id) => resource.correlation_id(id),
            None => resource,
        };
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

fn completions(shell: clap_complete::Shell, ui: &Ui) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "partner-center", &mut script);
    ui.data(&String::from_utf8_lossy(&script));
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
