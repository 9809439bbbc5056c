//! Addresses and countries over HTTP: every documented status, the answer of before 2021, the rules.

use std::collections::BTreeSet;

use partner_center_emulator::{APP_ONLY_TOKEN, AddressAnswer, Emulator, SAMPLE_CUSTOMER, Switches};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

const BOM: &[u8] = b"\xEF\xBB\xBF";

async fn start(switches: Switches, strict: bool) -> Emulator {
    let builder = Emulator::builder().switches(switches).strict(strict);
    builder.start().await.expect("a port")
}

async fn answered(request: RequestBuilder) -> (u16, Vec<u8>) {
    let response = request.bearer_auth(APP_ONLY_TOKEN).send().await.expect("an answer");
    let status = response.status().as_u16();
    let body = response.bytes().await.expect("a body");
    (status, body.strip_prefix(BOM).unwrap_or(&body).to_vec())
}

fn client() -> Client {
    Client::builder().no_proxy().build().expect("a client")
}

fn example(name: &str) -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/examples/");
    let text = std::fs::read_to_string(format!("{path}{name}.json")).expect(name);
    serde_json::from_str(&text).expect(name)
}

async fn validated(emulator: &Emulator, address: &Value) -> (u16, Value) {
    let url = format!("{}/v1/validations/address", emulator.url());
    let (status, body) = answered(client().post(url).json(address)).await;
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

/// The input of the SDK's sample, with these members.
fn address(change: &Value) -> Value {
    let mut address = json!({
        "AddressLine1": "1 Microsoft Way", "City": "Redmond", "State": "WA", "PostalCode": "98052",
        "Country": "US", "FirstName": "Ann",
    });
    for (name, value) in change.as_object().expect("members") {
        address[name] = value.clone();
    }
    address
}

/// Each documented status, with how many suggestions it has at the most, and the input of the SDK's sample for it.
fn cases() -> [(&'static str, usize, Value); 8] {
    [
        ("VerifiedShippable", 1, json!({})),
        ("Verified", 1, json!({"PostalCode": "98052-8300"})),
        ("InteractionRequired", 1, json!({"City": "Seattle"})),
        ("StreetPartial", 3, json!({"AddressLine1": "Microsoft Way"})),
        ("PremisesPartial", 3, json!({"AddressLine1": "3 Microsoft Way"})),
        (
            "Multiple",
            3,
            json!({
                "AddressLine1": "1 Strada Dacia", "City": "Bulboac", "PostalCode": "6512",
                "Country": "MD", "Region": "Anenii Noi", "State": null,
            }),
        ),
        ("None", 0, json!({"City": "Seattle", "PostalCode": "98055"})),
        ("NotValidated", 0, json!({"Country": ""})),
    ]
}

#[tokio::test]
async fn every_documented_case_has_its_status() {
    let emulator = start(Switches::default(), true).await;
    for (status, most, change) in cases() {
        let (code, found) = validated(&emulator, &address(&change)).await;
        assert_eq!((code, &found["status"]), (200, &json!(status)), "{found}");
        let suggestions = found["suggestedAddresses"].as_array().expect("suggestions");
        assert!(suggestions.len() <= most && suggestions.is_empty() == (most == 0), "{found}");
        assert_eq!(found["originalAddress"]["firstName"], "Ann");
        assert!(suggestions.iter().all(|it| it.get("firstName").is_none()), "{found}");
        assert_eq!(found.get("validationMessage").is_none(), status.starts_with("Verified"));
    }
    for exchange in emulator.journal() {
        assert!(exchange.response_violations.is_empty() && !exchange.committed);
    }
}

#[tokio::test]
async fn the_documented_samples_are_answered_to_the_letter() {
    let emulator = start(Switches::default(), true).await;
    let request = example("validate-address.request");
    let answer = validated(&emulator, &request).await;
    assert_eq!(answer, (200, example("validate-address.response")));
    let mut partial = request;
    partial["AddressLine1"] = "Microsoft Way".into();
    let answer = validated(&emulator, &partial).await;
    assert_eq!(answer, (200, example("validate-address-partial.response")));
}

#[tokio::test]
async fn other_addresses_are_verified_if_they_look_like_one() {
    let emulator = start(Switches::default(), false).await;
    let place = json!({"country": "DE", "city": "Köln", "addressLine1": "Domkloster 4", "postalCode": "50667"});
    let (_, found) = validated(&emulator, &place).await;
    assert_eq!((&found["status"], &found["suggestedAddresses"][0]), (&json!("Verified"), &place));
    let (_, found) = validated(&emulator, &json!({"country": "DE", "city": "Köln"})).await;
    assert_eq!(found["status"], "None");
    for (body, code) in [(json!({"country": "USA"}), 27002), (json!([]), 800_002)] {
        let (status, fault) = validated(&emulator, &body).await;
        assert_eq!((status, &fault["code"]), (400, &json!(code)), "{fault}");
    }
    let url = format!("{}/v1/validations/address", emulator.url());
    assert_eq!(answered(client().get(&url)).await.0, 405);
    assert_eq!(
        answered(client().post(&url).body("{").header("content-type", "application/json")).await.0,
        400
    );
    assert_eq!(
        answered(client().post(url).body("{}").header("content-type", "text/plain")).await.0,
        415
    );
}

#[tokio::test]
async fn before_2021_there_is_no_status() {
    let mut switches = Switches::default();
    switches.address_answer = AddressAnswer::Before2021;
    let emulator = start(switches, true).await;
    let sample = example("fault-address-corrected.response");
    let names = |fault: &Value| {
        let text = fault["description"].as_str().expect("a text");
        let inner: Value = serde_json::from_str(text).expect("JSON in it");
        let of = |value: &Value| -> BTreeSet<String> {
            value.as_object().expect("an object").keys().cloned().collect()
        };
        (of(&inner), of(&inner["corrected_address"]), inner)
    };
    for (status, most, change) in cases() {
        let (code, fault) = validated(&emulator, &address(&change)).await;
        if status.starts_with("Verified") {
            assert_eq!((code, fault), (200, Value::Null), "{status}");
        } else {
            assert_eq!((code, &fault["code"]), (400, &json!(2007)), "{status}: {fault}");
            if most > 0 && status != "Multiple" {
                let (inner, place, text) = names(&fault);
                let (expected_inner, expected_place, _) = names(&sample);
                assert_eq!((inner, place), (expected_inner, expected_place));
                assert!(
                    text["reason"]
                        .as_str()
                        .expect("a text")
                        .contains("is corrected from OldValue: &#39;")
                );
            }
        }
    }
}

async fn rules(emulator: &Emulator, country: &str) -> (u16, Value) {
    let url = format!("{}/v1/countryvalidationrules/{country}", emulator.url());
    let (status, body) = answered(client().get(url)).await;
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

#[tokio::test]
async fn the_rules_of_a_country_are_the_recorded_ones_or_say_that_they_are_not() {
    let emulator = start(Switches::default(), true).await;
    for (country, name) in [("US", ""), ("us", ""), ("PT", "-portugal")] {
        let recorded = example(&format!("get-country-validation-rules{name}.response"));
        assert_eq!(rules(&emulator, country).await, (200, recorded));
    }
    for country in ["AE", "AU", "DE", "GB", "IN", "MD"] {
        let (status, rules) = rules(&emulator, country).await;
        assert_eq!((status, &rules["iso2Code"]), (200, &json!(country)));
        assert_eq!(rules["attributes"]["madeUp"], true);
    }
    for (country, expected) in [("XX", 404), ("USA", 400), ("1", 400), ("..", 404)] {
        assert_eq!(rules(&emulator, country).await.0, expected, "{country}");
    }
    for exchange in emulator.journal() {
        assert!(exchange.response_violations.is_empty(), "{:#}", exchange.to_json());
    }
}

/// Writes a profile, and returns the status, the code, and what the fault says of the member.
async fn put(emulator: &Emulator, profile: &Value) -> (u16, u64, String) {
    let path = format!("/v1/customers/{SAMPLE_CUSTOMER}/profiles/billing");
    let request = client().put(format!("{}{path}", emulator.url())).header("If-Match", "*");
    let (status, body) = answered(request.json(profile)).await;
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    let member = body["data"][0].as_str().unwrap_or_default().to_owned();
    (status, body["code"].as_u64().unwrap_or_default(), member)
}

#[tokio::test]
async fn a_put_that_breaks_the_rules_is_refused_if_the_switch_says_so() {
    let profile = |change: &Value| {
        let mut profile = json!({"culture": "en-us", "language": "en", "defaultAddress": {
            "country": "US", "state": "WA", "city": "Redmond", "postalCode": "98052", "phoneNumber": "4255550100",
        }});
        for (pointer, value) in change.as_object().expect("members") {
            match pointer.split_once('/') {
                Some((at, name)) => profile[at][name] = value.clone(),
                None => profile[pointer] = value.clone(),
            }
        }
        profile
    };
    let mut switches = Switches::default();
    switches.country_rules = true;
    let (strict, lax) = (start(switches, true).await, start(Switches::default(), true).await);
    assert_eq!(put(&strict, &profile(&json!({}))).await.0, 200);
    for (change, member) in [
        (json!({"culture": "de-DE"}), "Culture"),
        (json!({"language": "de"}), "Language"),
        (json!({"defaultAddress/state": "Washington"}), "State"),
        (json!({"defaultAddress/state": null}), "State"),
        (json!({"defaultAddress/city": ""}), "City"),
        (json!({"defaultAddress/postalCode": "9805"}), "PostalCode"),
        (json!({"defaultAddress/phoneNumber": "5"}), "PhoneNumber"),
    ] {
        let expected = format!("property_name:  {member}Invalid - Details");
        assert_eq!(put(&strict, &profile(&change)).await, (400, 27002, expected), "{change}");
        assert_eq!(put(&lax, &profile(&change)).await.0, 200, "{change}");
    }
    let moldova =
        json!({"defaultAddress": {"country": "MD", "city": "Bulboac", "postalCode": "6512"}});
    let missing = "billingProfile.defaultAddress.phoneNumber".to_owned();
    assert_eq!(put(&strict, &moldova).await, (400, 600_051, missing));
    let unknown = json!({"defaultAddress": {"country": "XX"}});
    assert_eq!(put(&strict, &unknown).await.0, 200);
}
