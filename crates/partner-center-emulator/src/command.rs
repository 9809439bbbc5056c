//! The command line program, for whoever embeds it.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::ArgAction;

use crate::{
    AddressAnswer, AuditPaging, AuditValue, Emulator, EtagCheck, Exchange, IfMatchStar, KeyCase,
    MfaCheck, MissingIfMatch, RateLimit, Rule, StaleEtag, Switches,
};

/// How the emulator is started: its address, its state, its switches.
// Each flag is one switch of its own.
#[allow(clippy::struct_excessive_bools)]
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The address to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8089")]
    listen: SocketAddr,

    /// Allow an address that other machines can reach; the tokens are no secret
    #[arg(long)]
    allow_remote: bool,

    /// Load the resources from this file, and save them to it before a change is acknowledged
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// How many customers to generate beside the documented ones
    #[arg(long, value_name = "N", default_value_t = 0)]
    customers: usize,

    /// The seed of generated customers and of faults by chance
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// How long a token that was given out is good, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    token_lifetime: u64,

    /// Answer 500 where a request or an answer violates the contract
    #[arg(long)]
    strict: bool,

    /// Do not log the exchanges
    #[arg(long, short)]
    quiet: bool,

    /// Answer 429 to more requests than this, such as `500/60` for 500 a minute
    #[arg(long, value_name = "REQUESTS/SECONDS")]
    rate_limit: Option<RateLimit>,

    /// Add a fault, such as `fault=throttle,retryAfter=2,probability=0.1`; may be repeated
    ///
    /// Faults: latency (ms), throttle (retryAfter), error (status, body=json|html|empty),
    /// close-before-commit, close-after-commit, truncate, garbage, content-type, utf16. When: nth,
    /// probability, times. Where: operation, by its id in the contract, or token.
    #[arg(long, value_name = "RULE", action = ArgAction::Append)]
    fault: Vec<Rule>,

    /// What a stale entity tag gets [one of: 400-2055, 409, 412, 417]
    #[arg(long, value_name = "ANSWER", default_value_t, help_heading = ASSUMPTIONS)]
    stale_etag: StaleEtag,

    /// What a PUT without If-Match gets where the contract requires it [one of: accept, 400, 412, 428]
    #[arg(long, value_name = "ANSWER", default_value_t, help_heading = ASSUMPTIONS)]
    missing_if_match: MissingIfMatch,

    /// What is compared with the current entity tag [one of: either, header, body, both]
    ///
    /// either: whichever is sent must match. header: If-Match alone. body: attributes.etag alone.
    /// both: If-Match and attributes.etag, and the latter must be there.
    #[arg(long, value_name = "WHAT", default_value_t, help_heading = ASSUMPTIONS)]
    etag_check: EtagCheck,

    /// Whether responses carry an ETag header too
    #[arg(long, value_name = "ON|OFF", value_parser = on_off, action = ArgAction::Set, default_value = "off", help_heading = ASSUMPTIONS)]
    etag_header: bool,

    /// Whether successful bodies begin with a UTF-8 byte order mark
    #[arg(long, value_name = "ON|OFF", value_parser = on_off, action = ArgAction::Set, default_value = "on", help_heading = ASSUMPTIONS)]
    bom: bool,

    /// How the members of successful bodies are named [one of: camel, pascal]
    #[arg(long, value_name = "CASE", default_value_t, help_heading = ASSUMPTIONS)]
    key_case: KeyCase,

    /// What If-Match: * gets [one of: accept, 400]
    #[arg(long, value_name = "ANSWER", default_value_t, help_heading = ASSUMPTIONS)]
    if_match_star: IfMatchStar,

    /// Whether a repeated MS-RequestId on a PUT that was applied gives the first answer again
    #[arg(long, value_name = "ON|OFF", value_parser = on_off, action = ArgAction::Set, default_value = "on", help_heading = ASSUMPTIONS)]
    replay: bool,

    /// Whether the links of a list have /v1 in front
    #[arg(long, value_name = "ON|OFF", value_parser = on_off, action = ArgAction::Set, default_value = "off", help_heading = ASSUMPTIONS)]
    link_prefix: bool,

    /// What an audit record has of a changed profile [one of: profile, customer, new]
    ///
    /// profile: the profile as it was, and as it is. customer: the customers with these in them. new: the
    /// profile as it is alone.
    #[arg(long, value_name = "WHAT", default_value_t, help_heading = ASSUMPTIONS)]
    audit_value: AuditValue,

    /// How the next page of audit records is asked for [one of: link, seek]
    #[arg(long, value_name = "HOW", default_value_t, help_heading = ASSUMPTIONS)]
    audit_paging: AuditPaging,
    /// How an address is answered that is to be validated [one of: status, before-2021]
    #[arg(long, value_name = "ANSWER", default_value_t, help_heading = ASSUMPTIONS)]
    address_answer: AddressAnswer,

    /// Whether a PUT is refused that breaks the rules of its country
    #[arg(long, value_name = "ON|OFF", value_parser = on_off, action = ArgAction::Set, default_value = "off", help_heading = ASSUMPTIONS)]
    country_rules: bool,

    /// What a user gets who did not pass multi-factor authentication [one of: enforced, reported]
    #[arg(long, value_name = "CHECK", default_value_t, help_heading = ASSUMPTIONS)]
    mfa: MfaCheck,
}

const ASSUMPTIONS: &str = "Assumptions (nobody knows how the service does it)";

fn on_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("expected on or off".to_owned()),
    }
}

/// Runs the emulator until the process is asked to stop.
///
/// The first line on stdout is its address; everything else goes to stderr.
#[must_use]
pub fn run(args: Args) -> ExitCode {
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(serve(args)),
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(args: Args) -> ExitCode {
    let remote = !args.listen.ip().is_loopback() && !args.allow_remote;
    let listen = args.listen;
    let started = match signal() {
        Ok(stop) => start(args).await.map(|emulator| (emulator, stop)),
        Err(error) => Err(error),
    };
    let (emulator, stop) = match started {
        Ok(started) => started,
        Err(error) => {
            eprintln!("error: cannot start on {listen}: {error}");
            if remote {
                eprintln!("hint: add --allow-remote, if that is what you want");
            }
            return ExitCode::FAILURE;
        }
    };
    // Whoever started this waits for the line; a closed pipe is no error.
    let _ = writeln!(std::io::stdout(), "listening on {}", emulator.url());
    eprintln!("bearer tokens: emulator-app-only, emulator-app-user; Ctrl-C stops");
    stop.await;
    eprintln!("stopping");
    // A connection that does not end in time is cut off with the process.
    let _ = tokio::time::timeout(Duration::from_secs(5), emulator.stop()).await;
    ExitCode::SUCCESS
}

async fn start(args: Args) -> std::io::Result<Emulator> {
    let switches = Switches {
        stale_etag: args.stale_etag,
        missing_if_match: args.missing_if_match,
        etag_check: args.etag_check,
        etag_header: args.etag_header,
        bom: args.bom,
        key_case: args.key_case,
        if_match_star: args.if_match_star,
        replay: args.replay,
        link_prefix: args.link_prefix,
        audit_value: args.audit_value,
        audit_paging: args.audit_paging,
        address_answer: args.address_answer,
        country_rules: args.country_rules,
        mfa: args.mfa,
    };
    let mut builder = Emulator::builder()
        .listen(args.listen)
        .allow_remote(args.allow_remote)
        .customers(args.customers)
        .seed(args.seed)
        .strict(args.strict)
        .token_lifetime(Duration::from_secs(args.token_lifetime))
        .switches(switches);
    if !args.quiet {
        builder = builder.watch(log);
    }
    for rule in args.fault {
        builder = builder.fault(rule);
    }
    if let Some(limit) = args.rate_limit {
        builder = builder.rate_limit(limit);
    }
    if let Some(file) = args.state {
        builder = builder.state(file);
    }
    builder.start().await
}

/// One line for an exchange: what was asked, what was answered, and what happened to it.
fn log(exchange: &Exchange) {
    let status = exchange.status.map_or("closed".to_owned(), |status| status.to_string());
    let mut line = format!("{} {} {status}", exchange.method, exchange.path);
    if exchange.committed {
        line += " committed";
    }
    for fault in &exchange.faults {
        line = format!("{line} fault={fault}");
    }
    for violation in exchange.request_violations.iter().chain(&exchange.response_violations) {
        line = format!("{line} violation='{}: {}'", violation.at, violation.message);
    }
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// What returns when the process is asked to stop. Asking is noticed from now on, not from the first
/// time that it is waited for.
#[cfg(unix)]
fn signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// What returns when the process is asked to stop.
#[cfg(not(unix))]
fn signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            // No signal can be had: run until the process is ended.
            std::future::pending::<()>().await;
        }
    })
}
