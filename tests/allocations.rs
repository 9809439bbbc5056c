//! What requests cost in allocations, beside what reqwest and serde need for the same.

use std::future::Future;

use partner_center::{AppOnly, PartnerCenter, StrongETag};
use partner_center_api::types::CustomerBillingProfile;
use partner_center_api::{Client, Context};
use partner_center_emulator::{APP_ONLY_TOKEN, BackgroundEmulator, Emulator, SAMPLE_CUSTOMER};
use tokio::runtime::Builder;
use uuid::Uuid;

/// An emulator on a thread of its own, so that its allocations are not counted.
fn emulator() -> BackgroundEmulator {
    Emulator::builder().start_in_background().expect("a port and a thread")
}

/// The fewest allocations that one of ten calls makes on a connection that is kept open.
fn fewest<F: Future>(call: impl Fn() -> F) -> u64 {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(call());
    let count = || allocation_counter::measure(|| drop(runtime.block_on(call()))).count_total;
    (0..10).map(|_| count()).min().expect("ten calls")
}

#[test]
fn a_get_makes_at_most_75() {
    let emulator = emulator();
    let url = emulator.url();
    let customer = Uuid::parse_str(SAMPLE_CUSTOMER).expect("a GUID");

    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let plain = fewest(|| async {
        let path = format!("{url}/v1/customers/{customer}/profiles/billing");
        let request = http.get(path).header("authorization", format!("Bearer {APP_ONLY_TOKEN}"));
        let body = request.send().await.expect("an answer").bytes().await.expect("a body");
        serde_json::from_slice::<CustomerBillingProfile>(&body[3..]).expect("a profile")
    });

    let context = Context::new().bearer(APP_ONLY_TOKEN).expect("a token");
    let context = context.request_id(Uuid::nil()).correlation_id(Uuid::nil());
    let client = Client::new_with_client(
        &url,
        reqwest::Client::builder().no_proxy().build().expect("a client"),
        context,
    );
    let generated = fewest(|| async {
        client.get_customer_billing_profile(&customer).await.expect("a profile")
    });

    println!("reqwest with serde: {plain}; generated client: {generated}");
    assert!(generated <= 75, "{generated} allocations, where reqwest with serde makes {plain}");
}

#[test]
fn the_library_makes_at_most_10_more_for_each_request() {
    let emulator = emulator();
    let url = emulator.url();
    let customer = Uuid::parse_str(SAMPLE_CUSTOMER).expect("a GUID");
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let path = format!("{url}/v1/customers/{customer}/profiles/billing");
    let count = std::cell::Cell::new(0);
    let email = || {
        count.set(count.get() + 1);
        Some(format!("n{}@example.com", count.get()))
    };
    let send = async |request: reqwest::RequestBuilder| {
        let request = request
            .header("authorization", format!("Bearer {APP_ONLY_TOKEN}"))
            .header("ms-requestid", Uuid::new_v4().to_string())
            .header("ms-correlationid", Uuid::new_v4().to_string())
            .header("accept", "application/json");
        let body = request.send().await.expect("an answer").bytes().await.expect("a body");
        serde_json::from_slice::<CustomerBillingProfile>(&body[3..]).expect("a profile")
    };
    let plain_get = fewest(|| send(http.get(&path)));
    let plain_put = fewest(|| async {
        let mut profile = send(http.get(&path)).await;
        profile.email = email();
        let tag = profile.attributes.as_ref().and_then(|known| known.etag.as_deref());
        let tag = format!("\"{}\"", tag.expect("a tag"));
        send(http.put(&path).header("if-match", tag).json(&profile)).await
    });

    let client = PartnerCenter::builder(AppOnly::token(APP_ONLY_TOKEN)).endpoint(&url).build();
    let resource = client.expect("a client").customer(customer).billing_profile();
    let get = fewest(|| async { resource.get().await.expect("a profile") });
    let put = fewest(|| async {
        let mut profile = resource.get().await.expect("a profile");
        profile.email = email();
        resource.update(&profile).await.expect("an update")
    });
    println!("GET: {get} beside {plain_get}; GET and PUT: {put} beside {plain_put}");
    assert!(get <= plain_get + 10 && put <= plain_put + 20, "{get} {plain_get} {put} {plain_put}");
}

#[test]
fn an_entity_tag_of_the_service_is_parsed_without_any() {
    let parse = || drop("\"-4242348048554929329\"".parse::<StrongETag>().expect("a tag"));
    assert_eq!(allocation_counter::measure(parse).count_total, 0);
}
