//! Addresses and countries: every documented answer, the older one, and how often the service is asked.

use partner_center::models::Address;
use partner_center::{AddressStatus, AddressValidation};
use partner_center_emulator::AddressAnswer;

use super::*;

async fn answering(answer: AddressAnswer) -> Emulator {
    let mut switches = Switches::default();
    switches.address_answer = answer;
    let builder = Emulator::builder().switches(switches).strict(true);
    builder.start().await.expect("a port")
}

fn address(change: impl FnOnce(&mut Address)) -> Address {
    let mut address = Address::default();
    address.country = Some("US".into());
    address.state = Some("WA".into());
    address.city = Some("Redmond".into());
    address.address_line1 = Some("1 Microsoft Way".into());
    address.postal_code = Some("98052".into());
    address.first_name = Some("Ann".into());
    address.phone_number = Some("4255550100".into());
    change(&mut address);
    address
}

/// The inputs of the SDK's sample.
fn cases() -> [(AddressStatus, Address); 8] {
    let line = |line: &str| address(|it| it.address_line1 = Some(line.into()));
    let moldova = |it: &mut Address| {
        it.country = Some("MD".into());
        it.state = None;
        it.region = Some("Anenii Noi".into());
        it.city = Some("Bulboac".into());
        it.address_line1 = Some("1 Strada Dacia".into());
        it.postal_code = Some("6512".into());
    };
    let seattle = |it: &mut Address| it.city = Some("Seattle".into());
    [
        (AddressStatus::VerifiedShippable, address(|_| {})),
        (AddressStatus::Verified, address(|it| it.postal_code = Some("98052-8300".into()))),
        (AddressStatus::InteractionRequired, address(seattle)),
        (AddressStatus::StreetPartial, line("Microsoft Way")),
        (AddressStatus::PremisesPartial, line("3 Microsoft Way")),
        (AddressStatus::Multiple, address(moldova)),
        (
            AddressStatus::None,
            address(|it| {
                seattle(it);
                it.postal_code = Some("98055".into());
            }),
        ),
        (AddressStatus::NotValidated, address(|it| it.country = Some(String::new()))),
    ]
}

/// Every suggestion is the address with another place.
fn assert_whole(found: &AddressValidation) {
    for suggestion in &found.suggestions {
        assert_eq!(suggestion.first_name.as_deref(), Some("Ann"));
        assert_eq!(suggestion.phone_number.as_deref(), Some("4255550100"));
        assert!(suggestion.country.is_some() && suggestion.address_line1.is_some());
    }
}

#[tokio::test]
async fn every_documented_address_has_its_status_and_a_suggestion_is_written_as_it_is() {
    let emulator = answering(AddressAnswer::Status).await;
    let client = app_only(&emulator);
    for (status, address) in cases() {
        let found = client.validate_address(&address).await.expect("an answer");
        assert_eq!(found.is_verified(), status.is_verified());
        assert_eq!(found.message.is_none(), status.is_verified());
        let none = [AddressStatus::None, AddressStatus::NotValidated].contains(&status);
        assert_eq!(found.suggestions.is_empty(), none, "{status}");
        assert_eq!(found.status, Some(status));
        assert_whole(&found);
        let Some(suggestion) = found.suggestions.into_iter().next() else { continue };
        let resource = client.customer(id(SAMPLE_CUSTOMER)).billing_profile();
        let written = resource.modify(|it| it.default_address = Some(suggestion.clone())).await;
        assert_eq!(written.expect("an update").default_address.as_ref(), Some(&suggestion));
    }
    let sent = emulator.journal();
    let sent = sent.iter().filter(|it| it.operation == Some("validateAddress"));
    for exchange in sent {
        assert_eq!((exchange.status, exchange.request_violations.len()), (Some(200), 0));
        let body = str::from_utf8(&exchange.request_body).expect("UTF-8");
        assert!(!body.contains("Ann") && !body.contains("4255550100"), "{body}");
    }
}

#[tokio::test]
async fn the_answer_of_before_2021_is_understood() {
    let emulator = answering(AddressAnswer::Before2021).await;
    let client = app_only(&emulator);
    for (status, address) in cases() {
        let found = client.validate_address(&address).await.expect("an answer");
        assert_eq!((found.is_verified(), &found.status), (status.is_verified(), &None), "{status}");
        assert_eq!(found.message.is_none(), status.is_verified());
        assert!(!found.message.as_deref().unwrap_or_default().contains("&#39;"), "{found:?}");
        let Some(suggestion) = found.suggestions.first() else { continue };
        assert_whole(&found);
        // It comes in `region`, and a billing profile has it in `state`.
        assert_eq!((&suggestion.state, &suggestion.region), (&address.state, &address.region));
    }
    // The recorded one, to the letter.
    let fault = include_bytes!("../../openapi/examples/fault-address-corrected.response.json");
    let recorder = Recorder::start(400, fault).await.expect("a port");
    let client = builder(recorder.url(), AppOnly::token("token")).build().expect("a client");
    let found = client.validate_address(&address(|_| {})).await.expect("an answer");
    let expected = address(|it| {
        it.city = Some("BELLEVUE".into());
        it.address_line1 = Some("One Microsoft Way".into());
        it.postal_code = Some("98007".into());
    });
    assert_eq!(found.suggestions, [expected]);
    assert!(found.message.as_deref().expect("a reason").contains("Field - 'City' is corrected"));
    assert_eq!(recorder.requests().len(), 1);
}

#[tokio::test]
async fn what_is_no_answer_of_an_address_is_an_error() {
    let client = async |status, body: &[u8]| {
        let recorder = Recorder::start(status, body).await.expect("a port");
        let client = builder(recorder.url(), AppOnly::token("token")).retry(Retry::none());
        (client.build().expect("a client"), recorder)
    };
    for (status, body, kind) in [
        (200, &b"[]"[..], ErrorKind::Response),
        (200, b"{\"suggestedAddresses\":[]}", ErrorKind::Response),
        (200, b"{\"status\":5}", ErrorKind::Response),
        (200, b"<html>", ErrorKind::Response),
        (400, b"{\"code\":2007,\"description\":\"no JSON\"}", ErrorKind::Service),
        (400, b"{\"code\":2007}", ErrorKind::Service),
        (400, b"{\"code\":2000,\"description\":\"{}\"}", ErrorKind::Service),
        (403, b"{\"code\":2007,\"description\":\"{}\"}", ErrorKind::Service),
    ] {
        let (client, _recorder) = client(status, body).await;
        let error = client.validate_address(&address(|_| {})).await.expect_err("no answer");
        let shown = String::from_utf8_lossy(body);
        assert_eq!(error.kind(), kind, "{shown}: {error}");
        assert!(!error.may_have_been_applied(), "{shown}");
    }
    let (client, _recorder) = client(200, b"\xEF\xBB\xBF").await;
    assert!(client.validate_address(&address(|_| {})).await.expect("an answer").is_verified());
}

#[tokio::test]
async fn an_address_is_validated_again_as_any_read_is() {
    for fault in ["throttle", "error", "close-before-commit", "close-after-commit", "truncate"] {
        let emulator = answering(AddressAnswer::Status).await;
        let rule = format!("fault={fault},operation=validateAddress,nth=1");
        emulator.add_fault(rule.parse().expect("a fault"));
        let client = builder(&emulator.url(), AppOnly::token(APP_ONLY_TOKEN));
        let client = client.clock(Hasty::default()).build().expect("a client");
        let found = client.validate_address(&address(|_| {})).await.expect(fault);
        assert_eq!((found.is_verified(), emulator.journal().len()), (true, 2), "{fault}");
    }
}

#[tokio::test]
async fn the_rules_of_a_country_are_asked_for_once() {
    let emulator = Emulator::builder().strict(true).start().await.expect("a port");
    let clock = Hasty::default();
    let client = builder(&emulator.url(), AppOnly::token(APP_ONLY_TOKEN)).clock(clock);
    let client = client.build().expect("a client");
    for _ in 0..3 {
        let rules = client.clone().country_rules(" us ").await.expect("rules");
        assert_eq!((rules.country(), rules.iso2_code.as_deref()), ("US", Some("US")));
        assert_eq!(rules.supported_states_list.as_ref().map(Vec::len), Some(51));
    }
    // At once too.
    let (one, two) = tokio::join!(client.country_rules("IN"), client.country_rules("IN"));
    assert_eq!([one, two].map(|rules| rules.expect("rules").country().to_owned()), ["IN", "IN"]);
    assert_eq!(client.country_rules("UK").await.expect("rules").country(), "GB");
    assert_eq!(client.country_rules("GB").await.expect("rules").country(), "GB");
    let paths: Vec<_> = emulator.journal().into_iter().map(|it| it.path).collect();
    assert_eq!(
        paths,
        [
            "/v1/countryvalidationrules/US",
            "/v1/countryvalidationrules/IN",
            "/v1/countryvalidationrules/GB"
        ]
    );
    for code in ["", "U", "USA", "ÄÖ", "ä", "../", "U/"] {
        let error = client.country_rules(code).await.expect_err(code);
        assert_eq!((error.kind(), error.status()), (ErrorKind::Invalid, None), "{code}");
    }
    assert_eq!(emulator.journal().len(), 3);
    // What is not known is asked for again.
    for _ in 0..2 {
        assert!(client.country_rules("XX").await.expect_err("no country").is_not_found());
    }
    assert_eq!(emulator.journal().len(), 5);
}

type Change = fn(&mut Address);

#[tokio::test]
async fn what_the_rules_find_is_what_the_service_refuses() {
    let mut switches = Switches::default();
    switches.country_rules = true;
    let emulator = Emulator::builder().switches(switches).strict(true).start().await.expect("one");
    let client = app_only(&emulator);
    let resource = client.customer(id(OTHER_CUSTOMER)).billing_profile();
    let at = |it: &mut CustomerBillingProfile| it.default_address.take().unwrap_or_default();
    let changes: [(&str, Change); 7] = [
        ("US", |_| {}),
        ("US", |it| it.state = Some("Washington".into())),
        ("US", |it| it.postal_code = Some("9".into())),
        ("US", |it| it.city = None),
        ("US", |it| it.phone_number = Some("x".into())),
        ("AU", |it| it.state = Some("NSW".into())),
        ("IN", |it| it.phone_number = None),
    ];
    for (country, change) in changes {
        let mut profile = resource.get().await.expect("a profile");
        let mut address = at(&mut profile);
        address.country = Some(country.into());
        change(&mut address);
        profile.default_address = Some(address);
        let rules = client.country_rules(country).await.expect("rules");
        let good = rules.violations(&profile).is_empty();
        assert_eq!(resource.update(&profile).await.is_ok(), good, "{country}");
    }
}
