//! What can be typed: every command, its flags and its help.

use std::marker::PhantomData;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Args, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::ArgValueCompleter;
use partner_center::StrongETag;
use partner_center::models::{BillingProfile, CustomerBillingProfile};
use partner_center::pointer::Pointer;
use partner_center_emulator::command;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::change::{self, Edit};
use crate::failure::Failure;
use crate::listed;
use crate::many::args::{Apply, Export};
use crate::member::{Kind, Profile};
use crate::output::Format;

/// Read and change billing profiles in Microsoft Partner Center, without losing an update
///
/// Shows what will change, changes just that, and tells what became of it. An update that someone else
/// got ahead of is merged with theirs, or left to you member by member; it never overwrites what it has
/// not seen.
#[derive(Parser)]
#[command(
    name = "partner-center",
    version,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Try it without an account: partner-center --emulator billing-profile show",
    after_long_help = LONG
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const LONG: &str = "\
Example:
  partner-center --emulator billing-profile show      # no account needed

Exit status:
  0  done
  1  failed
  2  not understood: an argument, a setting or a value; nothing was written
  3  a conflict is left: someone else changed the profile
  4  not signed in, or not allowed
  5  there is no such customer, or no such country
  6  throttled or unavailable, after all attempts; or the embedded emulator is in use
  7  an address is not verified, or a profile breaks the rules of its country; nothing was written
  130  interrupted

Environment:
  AZURE_TENANT_ID               the tenant of the partner, a GUID or a domain name
  AZURE_CLIENT_ID               the application that is registered there
  AZURE_CLIENT_SECRET           its secret; without a sign-in, it calls as the application alone
  AZURE_CLIENT_CERTIFICATE_PATH, AZURE_CLIENT_CERTIFICATE_PASSWORD
                                its certificate with the key, PEM or PFX, instead of a secret
  AZURE_FEDERATED_TOKEN_FILE    a token of the pipeline or the cluster, instead of a secret
  AZURE_TOKEN_CREDENTIALS       which of Azure's credentials call, and no other: prod, dev, or a
                                name, such as AzureCliCredential for whoever is signed in to az
  AZURE_AUTHORITY_HOST          where to sign in, if not where the cloud says
  PARTNER_CENTER_ACCESS_TOKEN   an access token, instead of any sign-in
  PARTNER_CENTER_CLOUD, PARTNER_CENTER_ENDPOINT, PARTNER_CENTER_OUTPUT, PARTNER_CENTER_LOCALE,
  PARTNER_CENTER_CA_FILE        as the flags of these names
  HTTPS_PROXY, NO_PROXY         the proxy, and what is called without it; else that of the system
  SSL_CERT_FILE                 the authorities to trust, instead of those of the system (Linux)
  VISUAL, EDITOR                the editor of `edit`
  NO_COLOR                      if set, no colours

Files:
  config.toml, in the folder that `status` names, has the settings by the names of the flags: cloud,
  endpoint, authority, tenant, client-id, client-secret-file, ca-file, output, locale. A flag wins
  over the environment, and that over the file. `status` says where each value came from.";

const GLOBAL: &str = "Global options";

#[derive(Args)]
pub(crate) struct Global {
    /// The cloud whose service is called
    #[arg(long, global = true, value_enum, help_heading = GLOBAL)]
    pub(crate) cloud: Option<CloudName>,

    /// The address of the service, instead of the cloud's; https, or http on loopback
    #[arg(long, global = true, value_name = "URL", help_heading = GLOBAL)]
    pub(crate) endpoint: Option<String>,

    /// Run on an embedded emulator of the service, without an account
    ///
    /// It starts with documented sample data and keeps what is changed in a file, which `status` names.
    #[arg(long, global = true, conflicts_with_all = ["cloud", "endpoint"], help_heading = GLOBAL)]
    pub(crate) emulator: bool,

    /// How data is printed
    #[arg(long, short, global = true, value_enum, help_heading = GLOBAL)]
    pub(crate) output: Option<Format>,

    /// The MS-CorrelationId of all requests, a GUID
    #[arg(long, global = true, value_name = "GUID", value_parser = guid, help_heading = GLOBAL)]
    pub(crate) correlation_id: Option<Uuid>,

    /// The language of the service's texts, such as de-DE
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub(crate) locale: Option<String>,

    /// Trust the certificate authorities in this file too, PEM: such as that of a proxy
    #[arg(long, global = true, value_name = "FILE", help_heading = GLOBAL)]
    pub(crate) ca_file: Option<PathBuf>,

    /// Print each request and each wait
    #[arg(long, short, global = true, help_heading = GLOBAL)]
    pub(crate) verbose: bool,

    /// Print without colours
    // It is looked for before anything is parsed, so that help is without colours too.
    #[arg(long, global = true, help_heading = GLOBAL)]
    no_color: bool,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CloudName {
    /// The public cloud
    Public,
    /// Microsoft Cloud for US Government
    UsGovernment,
    /// Operated by 21Vianet
    China,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Sign in as a user
    ///
    /// Asks for a sign-in with a browser, on this machine or another, and keeps the tokens of it: in the
    /// platform's keyring, or, where there is none, in files that only you can read. For the browser of this
    /// machine, the application has http://localhost among its redirect URIs.
    #[command(after_help = "Example:
  partner-center login --tenant contoso.example --client-id 11112222-bbbb-3333-cccc-4444dddd5555")]
    Login(Login),

    /// Forget the sign-in, and the customers that were listed
    #[command(after_help = "Example:\n  partner-center logout")]
    Logout,

    /// Show every setting and where it came from, and who would call
    ///
    /// It calls nobody, unless it is asked to check: whether the service takes the caller, whether the user passed
    /// multi-factor authentication, and for what and until when the token is. The token itself is never shown.
    #[command(
        after_help = "Exit status: 0 if there is a credential, 4 if there is none, or if the service does not take it; 6 if it gives no answer

Example:
  partner-center status || partner-center login
  partner-center status --check"
    )]
    Status {
        /// Call the service once, and show what it says of the caller
        #[arg(long)]
        check: bool,
    },

    /// The customers of the partner
    #[command(
        arg_required_else_help = true,
        after_help = "Example:
  partner-center --emulator customer list"
    )]
    Customer {
        #[command(subcommand)]
        what: Customer,
    },

    /// Write the billing profiles of all customers to a table
    ///
    /// A row for each customer, as soon as it is read: as CSV, for a spreadsheet, or as JSON Lines, for programs.
    /// To stdout, or to a file that only you can read. A customer whose profile cannot be read is left out and said on
    /// stderr, and the exit status is 1 then.
    ///
    /// CSV has the columns customer (the id), company, domain, etag (the version that was read), and the members by
    /// their names, those that cannot be changed too. What the command has no name for is not in it; JSON Lines have
    /// the whole document, digit for digit: {"customer":"...","company":"...","domain":"...","profile":{...}}.
    ///
    /// It is UTF-8 with a byte order mark, with commas, and CRLF at the end of each row (RFC 4180), which a spreadsheet
    /// opens by its name. An empty cell is a member that is not there. An apostrophe stands in front of a text that a
    /// spreadsheet would calculate or change (one that begins with = + - @ or an apostrophe, and the like); take it
    /// away if another program reads the file.
    #[command(after_help = "Exit status: 1 if the profile of a customer could not be read

Example:
  partner-center --emulator export --file profiles.csv
  partner-center export --columns email,address-country --rate 400 > profiles.csv
  partner-center export --customers Customers.csv --format jsonl --file profiles.jsonl --resume")]
    Export(Export),

    /// Write the rows of a file into the billing profiles of many customers
    ///
    /// The file is CSV with a row of names (such as what export writes, with other values in some cells), or JSON
    /// Lines. A column `customer`, `domain` or `company` says which customer a row is about; the others are members, by
    /// the names that `show` prints or by JSON Pointers. An empty cell leaves a member as it is, and (none) clears it; in
    /// JSON Lines null does.
    /// With a column `etag`, a row counts only if the profile is still the one that was exported.
    ///
    /// First it is a plan: all mistakes of the file at once; then every customer is read, its row is held against the
    /// limits of the contract and the rules of its country, and every change is shown. Nothing is written before you
    /// agree, on a terminal or by --yes. Then that very plan is written: what others changed meanwhile is merged if they
    /// changed other members, and left out and reported if they changed the same.
    ///
    /// The plan and each outcome are in a journal, FILE.journal, which only you can read. Whatever ends the command,
    /// --resume goes on where it was: nothing is written twice. It is removed when nothing is left to do.
    #[command(
        after_help = "Without a terminal and --yes, the plan is shown and kept: --resume --yes writes it.

Exit status: 0 if all is done or a plan is kept; 1 if customers could not be written; else 3 if some are left in conflict

Example:
  partner-center apply profiles.csv
  partner-center apply profiles.csv --yes --rate 400 --report report.csv
  partner-center apply profiles.csv --resume"
    )]
    Apply(Apply),

    /// Addresses, and what countries demand of them
    #[command(
        arg_required_else_help = true,
        after_help = "Example:
  partner-center --emulator address rules US"
    )]
    Address {
        #[command(subcommand)]
        what: Address,
    },

    /// The partner's own billing profile
    ///
    /// It takes a signed-in user: an application alone is not allowed to see it.
    #[command(
        arg_required_else_help = true,
        after_help = "Example:
  partner-center --emulator billing-profile set --purchase-order-number 9888"
    )]
    BillingProfile {
        #[command(subcommand)]
        action: PartnerAction,
    },

    /// Read and change billing profiles in the browser of this machine
    ///
    /// Find a customer, open the account, choose Update, change the profile, look at what changes, and submit it. What
    /// somebody else changed meanwhile is merged, or shown beside yours to choose from. What is typed is kept, on this
    /// machine and for you alone, until the service has acknowledged it.
    ///
    /// The pages are served on 127.0.0.1 to the one browser that opens the printed address, which is good once. No token
    /// of the service is in them. The command ends with Ctrl-C, or when nobody has used it for an hour.
    #[command(after_help = "Example:
  partner-center --emulator web
  partner-center web --no-browser --port 4712")]
    Web(Web),

    /// Run the emulator of the service until it is stopped
    ///
    /// Resources are kept in memory, unless --state names a file. The first line on stdout is the
    /// address; everything else goes to stderr.
    #[command(after_help = "Example:
  partner-center emulator --quiet &
  export PARTNER_CENTER_ENDPOINT=http://127.0.0.1:8089 PARTNER_CENTER_ACCESS_TOKEN=emulator-app-user
  partner-center billing-profile show")]
    Emulator(Box<command::Args>),

    /// Print the completions for a shell
    ///
    /// What it prints asks this command for completions. Where a customer is to be named, those are
    /// offered that `customer list` listed last, the first 1,000. They are kept in a file that only you
    /// can read, until `logout`.
    #[command(after_help = "Example:
  partner-center completions bash > ~/.local/share/bash-completion/completions/partner-center")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },

    /// Print the man page, or write one for every command
    #[command(after_help = "Example:
  partner-center man --dir ~/.local/share/man/man1 && man partner-center-billing-profile-set")]
    Man {
        /// Write a page for every command into this folder
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

#[derive(Args)]
pub(crate) struct Login {
    /// The tenant of the partner, a GUID or a domain name [env: AZURE_TENANT_ID]
    #[arg(long)]
    pub(crate) tenant: Option<String>,

    /// The application to sign in to: one that allows public client flows, or has its secret in AZURE_CLIENT_SECRET
    /// [env: AZURE_CLIENT_ID]
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,

    #[command(flatten)]
    pub(crate) how: How,

    /// Keep the tokens in files, also where there is a keyring
    #[arg(long)]
    pub(crate) no_keyring: bool,
}

/// How someone signs in: one of these.
#[derive(Args)]
#[group(multiple = false)]
pub(crate) struct How {
    /// Sign in with the browser of this machine; the default where there is one
    #[arg(long)]
    pub(crate) browser: bool,

    /// Sign in with a code, in a browser on any device; the default where there is none here
    ///
    /// The conditional access of many tenants blocks it.
    #[arg(long)]
    pub(crate) device_code: bool,

    /// Read a refresh token from stdin, as the secure application model has it
    #[arg(long)]
    pub(crate) refresh_token_stdin: bool,
}

#[derive(Args)]
pub(crate) struct Web {
    /// The port of 127.0.0.1; without one, any that is free
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,

    /// Print the address alone, and open no browser
    #[arg(long)]
    pub(crate) no_browser: bool,

    /// End when nobody has used it for so many minutes
    #[arg(long, value_name = "MINUTES", default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) idle: u16,
}

#[derive(Args)]
pub(crate) struct ListCustomers {
    /// Those alone whose company name begins like this, in either case
    #[arg(long, value_name = "TEXT", conflicts_with = "domain")]
    pub(crate) starts_with: Option<String>,

    /// Those alone whose domain begins like this, in either case
    #[arg(long, value_name = "TEXT")]
    pub(crate) domain: Option<String>,

    /// All of them, not the first 50 alone
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Subcommand)]
pub(crate) enum Customer {
    /// List customers: id, company, domain
    ///
    /// What `--output json` prints of each is what the service sends in a list. What was listed last is
    /// what the completion of a shell offers; see `completions`.
    #[command(after_help = "Example:
  partner-center --emulator customer list --starts-with company --all")]
    List(ListCustomers),

    /// Show a customer
    #[command(after_help = "Example:
  partner-center --emulator customer show abcdefgh1234.ccsctp.net")]
    Show(NamedCustomer),

    /// The customer's billing profile
    #[command(
        arg_required_else_help = true,
        after_help = "Example:
  partner-center --emulator customer billing-profile show aaaa0000-bb11-2222-33cc-444444dddddd"
    )]
    BillingProfile {
        #[command(subcommand)]
        action: CustomerAction,
    },
}

#[derive(Subcommand)]
pub(crate) enum Address {
    /// Ask the service whether an address is right, and for better ones
    ///
    /// Its members come by flags, as JSON from stdin, or both: a flag wins. Whose address it is, is not
    /// sent.
    #[command(after_help = "Exit status: 0 if the address is verified, 7 if it is not

Example:
  partner-center --emulator address validate --country US --state WA --city Redmond \\
    --line-1 'Microsoft Way' --postal-code 98052
  partner-center address validate --stdin --line-1 '1 Microsoft Way' < profile.json")]
    Validate(Box<ValidateAddress>),

    /// Show what a country demands of an address and of a profile
    #[command(after_help = "Example:
  partner-center --emulator address rules US")]
    Rules {
        /// The country, two letters of ISO 3166-1
        #[arg(value_parser = country)]
        country: String,
    },
}

#[derive(Args)]
pub(crate) struct ValidateAddress {
    /// Country, two letters of ISO 3166-1, such as US or GB
    #[arg(long, value_name = "TEXT")]
    pub(crate) country: Option<String>,

    /// Region
    #[arg(long, value_name = "TEXT")]
    pub(crate) region: Option<String>,

    /// City
    #[arg(long, value_name = "TEXT")]
    pub(crate) city: Option<String>,

    /// State or province, as `address rules` lists them
    #[arg(long, value_name = "TEXT")]
    pub(crate) state: Option<String>,

    /// District
    #[arg(long, value_name = "TEXT")]
    pub(crate) district: Option<String>,

    /// First line of the address
    #[arg(long = "line-1", value_name = "TEXT")]
    pub(crate) line_1: Option<String>,

    /// Second line of the address
    #[arg(long = "line-2", value_name = "TEXT")]
    pub(crate) line_2: Option<String>,

    /// Third line of the address
    #[arg(long = "line-3", value_name = "TEXT")]
    pub(crate) line_3: Option<String>,

    /// Postal code
    #[arg(long, value_name = "TEXT")]
    pub(crate) postal_code: Option<String>,

    /// Read the address from stdin: a JSON object, or a profile that has one
    #[arg(long)]
    pub(crate) stdin: bool,
}

#[derive(Subcommand)]
pub(crate) enum CustomerAction {
    /// Show the profile and its ETag
    #[command(after_help = "Example:
  partner-center --emulator customer billing-profile show aaaa0000-bb11-2222-33cc-444444dddddd")]
    Show(NamedCustomer),

    /// Show who changed the profile, when, and from what to what
    ///
    /// Of the last 90 days, the latest first: the service keeps records no longer. How soon after a change
    /// there is one is not documented. Times are in UTC.
    #[command(after_help = "Example:
  partner-center --emulator customer billing-profile history \\
    aaaa0000-bb11-2222-33cc-444444dddddd --days 7")]
    History {
        #[command(flatten)]
        customer: NamedCustomer,

        /// The last days alone, today included, at most 90
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=90))]
        days: Option<u16>,
    },

    /// Change members of the profile, and nothing else
    #[command(override_usage = SET_CUSTOMER, after_help = "Example:
  partner-center --emulator customer billing-profile set aaaa0000-bb11-2222-33cc-444444dddddd \\
    --email ann@example.com --address-line-1 '1 Contoso Way' --clear address-line-2 --dry-run")]
    Set {
        #[command(flatten)]
        customer: NamedCustomer,
        #[command(flatten)]
        set: Box<Set<CustomerBillingProfile>>,
    },

    /// Change the profile in an editor
    #[command(after_help = "Example:
  EDITOR=nano partner-center --emulator customer billing-profile edit \\
    aaaa0000-bb11-2222-33cc-444444dddddd")]
    Edit {
        #[command(flatten)]
        customer: NamedCustomer,
        #[command(flatten)]
        edit: Edits,
    },
}

#[derive(Subcommand)]
pub(crate) enum PartnerAction {
    /// Show the profile and its ETag
    #[command(after_help = "Example:
  partner-center --emulator billing-profile show")]
    Show,

    /// Change members of the profile, and nothing else
    #[command(override_usage = SET_PARTNER, after_help = "Example:
  partner-center --emulator billing-profile set --purchase-order-number 9889 --dry-run")]
    Set {
        #[command(flatten)]
        set: Box<Set<BillingProfile>>,
    },

    /// Change the profile in an editor
    #[command(after_help = "Example:
  EDITOR=nano partner-center --emulator billing-profile edit")]
    Edit {
        #[command(flatten)]
        edit: Edits,
    },
}

// There are too many flags for a line, and the short form names none.
const SET_CUSTOMER: &str =
    "partner-center customer billing-profile set <CUSTOMER> [--MEMBER VALUE]... [OPTIONS]";
const SET_PARTNER: &str = "partner-center billing-profile set [--MEMBER VALUE]... [OPTIONS]";

#[derive(Args)]
pub(crate) struct NamedCustomer {
    /// The customer: its id, a GUID, or its domain or company name
    ///
    /// As `customer list` shows them, in either case. A domain or a name must be of one customer alone.
    #[arg(value_name = "CUSTOMER", value_parser = named, add = ArgValueCompleter::new(listed::complete))]
    pub(crate) customer: Named,
}

/// What a customer was named by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// The id of its tenant.
    Id(Uuid),
    /// Its domain, or the name of its company.
    Text(String),
}

/// What `set` and `edit` have in common.
// Each is one flag of its own.
#[allow(clippy::struct_excessive_bools)]
#[derive(Args, Clone, Copy)]
pub(crate) struct Write {
    /// Show what would change, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Write without asking where the changes of someone else can be merged
    #[arg(long, short)]
    pub(crate) yes: bool,

    /// Leave limits, such as the length of a name, to the service
    #[arg(long)]
    pub(crate) without_limits: bool,

    /// Check a changed address, language or culture, and refuse what is not verified
    ///
    /// By the rules of the country, and by what the service finds of the address. On a terminal it is checked
    /// without this, and you decide: a suggestion, or as it is. With --yes nothing is asked.
    #[arg(long)]
    pub(crate) validate: bool,

    /// Check none of that, also on a terminal
    #[arg(long, conflicts_with = "validate")]
    pub(crate) no_validate: bool,
}

#[derive(Args)]
#[group(skip)]
pub(crate) struct Set<T: Profile> {
    #[command(flatten)]
    members: Members<T>,

    #[command(flatten)]
    pub(crate) write: Write,

    /// Write only if the profile still has this ETag, as `show` prints it; merge nothing
    #[arg(long, value_name = "ETAG", allow_negative_numbers = true, value_parser = etag)]
    pub(crate) if_match: Option<StrongETag>,
}

impl<T: Profile> Set<T> {
    /// What is to be changed, each member once.
    pub(crate) fn edits(&self) -> Result<Vec<Edit>, Failure> {
        let mut edits = self.members.edits.clone();
        for (pointer, text) in &self.members.others {
            edits.push(Edit::parse::<T>(pointer, text).map_err(Failure::usage)?);
        }
        for (index, edit) in edits.iter().enumerate() {
            let twice = |other: &Edit| {
                Pointer(&edit.pointer).is_within(&other.pointer)
                    || Pointer(&other.pointer).is_within(&edit.pointer)
            };
            if let Some(other) = edits[..index].iter().find(|other| twice(other)) {
                let (one, two) = (T::name(&other.pointer), T::name(&edit.pointer));
                let what = if one == two {
                    format!("{one} is given twice")
                } else {
                    format!("{one} and {two} are given, and one is a part of the other")
                };
                return Err(Failure::usage(what).hint("give each member once: a value, or --clear"));
            }
        }
        if edits.is_empty() {
            let hint = "give a member, such as --company-name, or --clear; --help lists them all";
            return Err(Failure::usage("there is nothing to set").hint(hint));
        }
        Ok(edits)
    }
}

#[derive(Args)]
pub(crate) struct Edits {
    #[command(flatten)]
    pub(crate) write: Write,

    /// Take up an edit that was not written, from the file that was named then
    #[arg(long, value_name = "FILE")]
    pub(crate) resume: Option<PathBuf>,
}

/// The flags of all writable members, `--clear` and `--set`.
struct Members<T> {
    edits: Vec<Edit>,
    /// Pointers and texts, which are checked when it is too late for an error of the parser.
    others: Vec<(String, String)>,
    profile: PhantomData<T>,
}

const CLEAR: &str = "clear";
const SET: &str = "set";
const SET_HELP: &str = "Set what has no flag: a JSON Pointer and a value; may be repeated";
const SET_LONG_HELP: &str = "\
Set what has no flag: a JSON Pointer and a value; may be repeated

A member keeps the type that it was read with: a text takes VALUE as it is, and a number stays a number. A \
new one is JSON if VALUE is JSON, and a text if not. What begins with `{`, `[` or `\"` is always JSON, so \
'\"01067\"' is a text. `null` clears the member; after that it takes another type. A number is written \
digit for digit.";

impl<T: Profile> Args for Members<T> {
    fn augment_args(command: clap::Command) -> clap::Command {
        let command = T::SECTIONS.iter().fold(command, |command, section| {
            let heading = section.title.unwrap_or("Members");
            let members = section.members.iter().filter(|member| member.is_writable());
            command.args(members.map(|member| {
                let arg =
                    Arg::new(member.name).long(member.name).help(member.help).help_heading(heading);
                match member.kind {
                    Kind::Integer => arg
                        .value_name("NUMBER")
                        .allow_negative_numbers(true)
                        .value_parser(change::integer),
                    Kind::Text | Kind::Kept => arg.value_name("TEXT"),
                }
            }))
        });
        let names = T::members().filter(|member| member.is_writable()).map(|member| member.name);
        command
            .arg(
                Arg::new(CLEAR)
                    .long(CLEAR)
                    .value_name("MEMBER")
                    .action(ArgAction::Append)
                    .value_parser(PossibleValuesParser::new(names))
                    .hide_possible_values(true)
                    .help("Clear a member, named like its flag; may be repeated")
                    .help_heading("Any member"),
            )
            .arg(
                Arg::new(SET)
                    .long(SET)
                    .value_name("POINTER=VALUE")
                    .action(ArgAction::Append)
                    .value_parser(assignment)
                    .help(SET_HELP)
                    .long_help(SET_LONG_HELP)
                    .help_heading("Any member"),
            )
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl<T: Profile> FromArgMatches for Members<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut edits = Vec::new();
        for member in T::members().filter(|member| member.is_writable()) {
            let value = match member.kind {
                Kind::Integer => matches.get_one::<i32>(member.name).map(|&value| value.into()),
                Kind::Text | Kind::Kept => {
                    matches.get_one::<String>(member.name).map(|value| value.clone().into())
                }
            };
            edits.extend(value.map(|value: Value| Edit::to(member.pointer, value)));
        }
        for name in matches.get_many::<String>(CLEAR).into_iter().flatten() {
            let member = T::members().find(|member| member.name == name);
            edits.extend(member.map(|member| Edit::clear(member.pointer)));
        }
        let others = matches.get_many::<(String, String)>(SET).into_iter().flatten();
        Ok(Self { edits, others: others.cloned().collect(), profile: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// A GUID as people paste it: with what nobody sees around it or in it, such as a byte order mark or the end of a line.
pub(crate) fn guid(text: &str) -> Result<Uuid, String> {
    let text: String = text.chars().filter(|letter| !is_invisible(*letter)).collect();
    text.parse().map_err(|_| "not a GUID, such as aaaa0000-bb11-2222-33cc-444444dddddd".to_owned())
}

/// A customer. A text that can only be meant as an id is no name.
fn named(text: &str) -> Result<Named, String> {
    guid(text).map(Named::Id).or_else(|error| {
        let text = text.trim_matches(is_invisible);
        let id = text.chars().all(|letter| letter.is_ascii_hexdigit() || "-{}".contains(letter));
        match text.len() {
            0 => Err("there is nothing in it".to_owned()),
            30.. if id => Err(error),
            _ => Ok(Named::Text(text.to_owned())),
        }
    })
}

/// A country, in upper case.
fn country(text: &str) -> Result<String, String> {
    let code = text.trim().to_ascii_uppercase();
    if code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Ok(code);
    }
    Err("a country has two letters, such as US".to_owned())
}

/// White space, and characters that format a text (Unicode Standard section 23.2, and its soft hyphen).
fn is_invisible(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(letter, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{FEFF}')
        || matches!(letter, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
}

/// A JSON Pointer and a value.
fn assignment(text: &str) -> Result<(String, String), String> {
    let example = "such as --set /address/district=Loop";
    let (pointer, value) =
        text.split_once('=').ok_or_else(|| format!("there is no `=` in it; write it {example}"))?;
    if !pointer.starts_with('/') || pointer == "/" {
        return Err(format!("a JSON Pointer begins with `/` and has a name; write it {example}"));
    }
    Ok((pointer.to_owned(), value.to_owned()))
}

/// An entity tag as `show` prints it, in quotes or without.
pub(crate) fn etag(text: &str) -> Result<StrongETag, String> {
    if text.is_empty() || text == "*" {
        Err("give the ETag that `show` prints".to_owned())
    } else if text.starts_with('"') || text.starts_with("W/") {
        text.parse::<StrongETag>().map_err(|error| error.to_string())
    } else {
        StrongETag::new(text).map_err(|error| error.to_string())
    }
}
