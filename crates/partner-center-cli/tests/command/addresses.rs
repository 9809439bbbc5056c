//! Addresses and countries.

use partner_center_emulator::{AddressAnswer, Emulator, OTHER_CUSTOMER, Switches};
use serde_json::{Value, json};

use crate::home::{CORRELATION, CUSTOMER, Home};
use crate::snapshot;

async fn emulator(answer: AddressAnswer) -> (Emulator, Home) {
    let mut switches = Switches::default();
    switches.address_answer = answer;
    let builder = Emulator::builder().strict(true).switches(switches);
    let emulator = builder.start().await.expect("an emulator");
    let home = Home::calling(&emulator.url());
    (emulator, home)
}

const REDMOND: [&str; 10] = [
    "--country",
    "US",
    "--state",
    "WA",
    "--city",
    "Redmond",
    "--postal-code",
    "98052",
    "--line-1",
    "1 Microsoft Way",
];

/// `address validate` with these after the address, of which the last of a member cannot be given twice.
fn validate<'a>(line: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["address", "validate"];
    arguments.extend(&REDMOND[..9]);
    arguments.push(line);
    arguments.extend(more);
    arguments
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_verified_or_refused_with_a_suggestion() {
    let (emulator, home) = emulator(AddressAnswer::Status).await;
    snapshot!("address-verified", home.run(&validate("1 Microsoft Way", &[])));
    snapshot!("address-refused", home.run(&validate("Microsoft Way", &[])));
    let json =
        home.run(&validate("Microsoft Way", &["-o", "json", "--correlation-id", CORRELATION]));
    let found: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!((json.code, &found["status"]), (Some(7), &json!("StreetPartial")));
    assert_eq!(found["outcome"], "not-verified");
    assert_eq!(found["suggestions"][0]["addressLine1"], "1 Microsoft Way");
    let sent = emulator.journal().pop().expect("a request");
    assert_eq!(sent.request_headers["ms-correlationid"], CORRELATION);
    let unknown = home.run(&["address", "validate", "--country", "US", "-o", "yaml"]);
    assert_eq!(unknown.code, Some(7));
    assert!(unknown.stdout.contains("suggestions: []"), "{}", unknown.stdout);
    assert!(unknown.stderr.contains("the service suggests nothing"), "{}", unknown.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_of_before_2021_is_shown_too() {
    let (_emulator, home) = emulator(AddressAnswer::Before2021).await;
    assert_eq!(home.run(&validate("1 Microsoft Way", &[])).code, Some(0));
    snapshot!("address-refused-before-2021", home.run(&validate("Microsoft Way", &[])));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_comes_by_stdin_by_itself_and_in_a_profile_and_a_flag_wins() {
    let (emulator, home) = emulator(AddressAnswer::Status).await;
    let show = ["customer", "billing-profile", "show", OTHER_CUSTOMER, "-o", "json"];
    let profile = home.run(&show).stdout;
    let pascal =
        r#"{"AddressLine1":"1 ms way","City":"redmond","Country":"US","PostalCode":"98052"}"#;
    let arguments = ["address", "validate", "--stdin", "--line-2", "Room 5"];
    for input in
        [&*profile, pascal, &format!("\u{feff}{pascal}\n"), &format!("{{\"address\":{pascal}}}")]
    {
        assert_eq!(home.run_with(&arguments, input).code, Some(0), "{input}");
        let sent = emulator.journal().pop().expect("a request");
        let sent: Value = serde_json::from_slice(&sent.request_body).expect("JSON");
        assert_eq!(
            (&sent["addressLine1"], &sent["addressLine2"]),
            (&json!("1 ms way"), &json!("Room 5"))
        );
    }
    let asked = emulator.journal().len();
    for (input, why) in [
        ("", "it is no JSON"),
        ("[]", "it is no JSON object"),
        (r#"{"city":5}"#, "a member of it is no text"),
    ] {
        let ran = home.run_with(&arguments, input);
        assert_eq!(ran.code, Some(2), "{input}");
        assert!(ran.stderr.contains(why), "{input}: {}", ran.stderr);
    }
    assert_eq!(home.run(&["address", "validate"]).code, Some(2));
    assert_eq!(
        home.run_with(&["address", "validate", "--stdin"], r#"{"firstName":"Ann"}"#).code,
        Some(2)
    );
    assert_eq!(emulator.journal().len(), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_of_a_country_are_shown() {
    let (emulator, home) = emulator(AddressAnswer::Status).await;
    snapshot!("address-rules", home.run(&["address", "rules", "us"]));
    let json = home.run(&["address", "rules", "PT", "-o", "json"]);
    let rules: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(rules["supportedLanguagesList"], json!(["en", "pt-PT"]));
    assert_eq!(home.run(&["address", "rules", "USA"]).code, Some(2));
    let asked = emulator.journal().len();
    snapshot!(
        "address-rules-unknown",
        home.run(&["address", "rules", "XX", "--correlation-id", CORRELATION])
    );
    assert_eq!(emulator.journal().len(), asked + 1);
}

const SET: [&str; 4] = ["customer", "billing-profile", "set", CUSTOMER];

#[tokio::test(flavor = "multi_thread")]
async fn a_script_is_checked_if_it_asks_for_it() {
    let (emulator, home) = emulator(AddressAnswer::Status).await;
    let set = |more: &[&str]| home.run(&[&SET[..], more].concat());
    let partial = ["--address-line-1", "Microsoft Way", "--culture", "de-DE"];
    let committed = || emulator.journal().iter().filter(|it| it.committed).count();
    snapshot!("set-not-verified", set(&[&partial[..], &["--validate", "-o", "json"]].concat()));
    let dry = set(&[&partial[..], &["--validate", "--dry-run"]].concat());
    assert_eq!((dry.code, committed()), (Some(7), 0), "{}", dry.stderr);
    // As before there was a check.
    let asked = emulator.journal().len();
    assert_eq!((set(&partial).code, committed()), (Some(0), 1));
    assert_eq!(emulator.journal().len(), asked + 2);
    // What is good is written.
    let good = ["--address-line-1", "1 Microsoft Way", "--culture", "en-US", "--validate"];
    assert_eq!((set(&good).code, committed()), (Some(0), 2));
    assert_eq!(emulator.journal().len(), asked + 2 + 4);
    // Nobody asks about what is not changed, nor of what a country does not say.
    assert_eq!((set(&["--email", "x@example.com", "--validate"]).code, committed()), (Some(0), 3));
    assert_eq!(emulator.journal().len(), asked + 2 + 4 + 2);
    assert_eq!(set(&["--validate", "--no-validate", "--email", "y@example.com"]).code, Some(2));
    let nowhere = set(&["--address-country", "XX", "--validate"]);
    assert_eq!((nowhere.code, committed()), (Some(5), 3), "{}", nowhere.stderr);
    let own = ["billing-profile", "set", "--address-postal-code", "9", "--validate"];
    let own = home.run(&own);
    assert_eq!((own.code, committed()), (Some(7), 3));
    assert!(
        own.stderr.contains("address-postal-code: the postal code has another form"),
        "{}",
        own.stderr
    );
}
