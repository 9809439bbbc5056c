//! The library against the emulator, from the first read to the last update.

mod addresses;
mod bulk;
mod conflicts;
mod customers;
mod history;
mod lost_answers;
mod lost_updates;
mod multi_factor;
mod outcomes;
mod reading;
mod repeating;
mod telling;
mod writing;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use partner_center::models::{Address, BillingProfile, CustomerBillingProfile, ResourceLinks};
use partner_center::validation::Constraint;
use partner_center::{
    AppOnly, AppUser, Builder, Choice, Conflict, Credential, Error, ErrorKind, PartnerCenter,
    Resource, Retry, Secret, TokenCredential, Versioned,
};
use partner_center_emulator::{
    APP_ONLY_TOKEN, APP_USER_TOKEN, Emulator, EtagCheck, Exchange, Fault, NO_MFA_TOKEN,
    NO_ROLE_TOKEN, OTHER_CUSTOMER, Rule, SAMPLE_CUSTOMER, STRANGER_CUSTOMER, Switches,
    WRONG_AUDIENCE_TOKEN,
};
use partner_center_tests::{Answer, Hasty, Recorder};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use uuid::Uuid;

const PUT: &str = "updateCustomerBillingProfile";

fn id(text: &str) -> Uuid {
    Uuid::parse_str(text).expect("a GUID")
}

fn builder<A: Credential>(url: &str, credential: A) -> Builder<A> {
    PartnerCenter::builder(credential).endpoint(url)
}

fn app_only(emulator: &Emulator) -> PartnerCenter<AppOnly> {
    builder(&emulator.url(), AppOnly::token(APP_ONLY_TOKEN)).build().expect("a client")
}

/// The billing profile of the sample customer, and the clock that its client waits on.
fn sample(emulator: &Emulator) -> (Resource<AppOnly, CustomerBillingProfile>, Hasty) {
    let clock = Hasty::default();
    let client = builder(&emulator.url(), AppOnly::token(APP_ONLY_TOKEN)).clock(clock.clone());
    (client.build().expect("a client").customer(id(SAMPLE_CUSTOMER)).billing_profile(), clock)
}

fn own(url: &str) -> Resource<AppUser, BillingProfile> {
    let client = builder(url, AppUser::token(APP_USER_TOKEN)).clock(Hasty::default());
    client.build().expect("a client").billing_profile()
}

async fn emulator(switches: impl FnOnce(&mut Switches)) -> Emulator {
    let mut all = Switches::default();
    switches(&mut all);
    Emulator::builder().switches(all).start().await.expect("a port")
}

fn nth(fault: Fault, operation: &str, nth: u64) -> Rule {
    Rule { nth: Some(nth), operation: Some(operation.into()), ..Rule::new(fault) }
}

fn header(exchange: &Exchange, name: &str) -> String {
    exchange.request_headers[name].to_str().expect("ASCII").to_owned()
}

/// The requests of the library that went to a resource, in order: method and what became of it.
fn requests(emulator: &Emulator) -> Vec<(String, Option<u16>)> {
    let journal = emulator.journal();
    journal.iter().map(|exchange| (exchange.method.to_string(), exchange.status)).collect()
}
