//! GET, change, PUT, and a PUT with a stale tag, with the Rust client of openapi-generator.

use generated::apis::Error;
use generated::apis::configuration::Configuration;
use generated::apis::customer_billing_profile_api::{
    UpdateCustomerBillingProfileError as Refusal, get_customer_billing_profile as get,
    update_customer_billing_profile as put,
};
use generated::models::{CustomerBillingProfile, ErrorBodyCode};
use serde_json::{Value, json};

const CUSTOMER: &str = "aaaa0000-bb11-2222-33cc-444444dddddd";

/// Prints whether something holds.
fn held(what: &str, condition: bool) {
    println!("{} {what}", if condition { "ok:" } else { "NOT:" });
}

/// What must hold, so that the rest makes sense.
fn must<T, E>(what: &str, result: Result<T, Error<E>>) -> T {
    held(what, result.is_ok());
    result.unwrap_or_else(|error| {
        println!("{error}");
        std::process::exit(1)
    })
}

/// Tells the emulator something, past the client, and gives what it answers.
async fn emulator(method: reqwest::Method, place: &str, body: Value) -> Value {
    let url = format!("{}/_emulator/{place}", std::env::var("EMULATOR").unwrap());
    let answer = reqwest::Client::new().request(method, url).body(body.to_string()).send().await;
    answer.unwrap().json().await.unwrap_or_default()
}

fn keeps_unknown(profile: &CustomerBillingProfile) -> bool {
    serde_json::to_value(profile).unwrap()["newMember"] == json!([1])
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let place = format!("customers/{CUSTOMER}/profiles/billing");
    emulator(reqwest::Method::PUT, &place, json!({"companyName": "Before", "newMember": [1]})).await;
    let url = std::env::var("EMULATOR").unwrap();
    let token = Some("emulator-app-user".to_owned());
    let with = Configuration { base_path: url, oauth_access_token: token, ..Default::default() };

    let read = get(&with, CUSTOMER, None, None, None, None, None, None).await;
    let mut profile = must("the profile is read", read);
    held("a member that the contract does not know is read", keeps_unknown(&profile));
    let tag = profile.attributes.as_ref().and_then(|it| it.etag.clone().flatten());
    let tag = format!("\"{}\"", tag.unwrap_or_default());
    profile.company_name = Some(Some("Changed Company".to_owned()));

    let updated = put(&with, CUSTOMER, &tag, profile.clone(), None, None, None, None, None, None).await;
    let updated = must("the update is taken", updated);
    held("a member that the contract does not know is sent back", keeps_unknown(&updated));

    let refused = put(&with, CUSTOMER, &tag, profile, None, None, None, None, None, None).await;
    let fault = match refused {
        Err(Error::ResponseError(it)) => it.entity,
        _ => None,
    };
    let fault = match fault {
        Some(Refusal::Status400(fault)) => fault,
        _ => Default::default(),
    };
    let code = fault.code.as_deref().cloned().map(Some).unwrap_or_default();
    held("a stale tag is refused, and the fault says why", code == Some(ErrorBodyCode::Integer(2055)));
    held("the fault says where it is from", fault.source.is_some());

    let journal = emulator(reqwest::Method::GET, "journal", Value::Null).await;
    let violations = journal[0]["requestViolations"].as_array().map_or(0, Vec::len);
    held("a request is what the contract says", violations == 0);
}
