//! Showing and setting, against the emulator and against a service that is told what to answer.

use std::io::Read;
use std::process::Stdio;

use partner_center_emulator::{
    APP_ONLY_TOKEN, EXPIRED_TOKEN, Emulator, NO_MFA_TOKEN, NO_ROLE_TOKEN, STRANGER_CUSTOMER,
    Switches, WRONG_AUDIENCE_TOKEN,
};
use partner_center_tests::Recorder;
use serde_json::{Value, json};

use crate::home::{CORRELATION, CUSTOMER, Home};
use crate::snapshot;

const SHOW: [&str; 4] = ["customer", "billing-profile", "show", CUSTOMER];
const SET: [&str; 4] = ["customer", "billing-profile", "set", CUSTOMER];
const IDS: [&str; 2] = ["--correlation-id", CORRELATION];

async fn emulator() -> (Emulator, Home) {
    let emulator = Emulator::builder().strict(true).start().await.expect("an emulator");
    let home = Home::calling(&emulator.url());
    (emulator, home)
}

/// How many requests of this method the emulator got.
fn count(emulator: &Emulator, method: &str) -> usize {
    emulator.journal().iter().filter(|exchange| exchange.method == method).count()
}

fn arguments<'a>(command: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [command, more].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_shown_to_people_and_to_programs() {
    let (_emulator, home) = emulator().await;
    snapshot!("show-customer", home.run(&SHOW));
    snapshot!("show-customer-yaml", home.run(&arguments(&SHOW, &["--output", "yaml"])));
    snapshot!("show-partner", home.run(&["billing-profile", "show"]));
    let json = home.run(&arguments(&SHOW, &["-o", "json"]));
    // Byte for byte as the service has it.
    let expected = std::fs::read_to_string(
        partner_center_tests::root()
            .join("openapi/examples/get-customer-billing-profile.response.json"),
    );
    let expected: Value = serde_json::from_str(&expected.expect("an example")).expect("JSON");
    let shown: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert!(!json.stdout.trim_end().contains(['\n', '\u{feff}']), "{}", json.stdout);
    assert_eq!(shown["defaultAddress"], expected["defaultAddress"]);
    assert_eq!(shown["attributes"]["etag"].as_str().map(str::len), Some(19));
    assert_eq!(json.stderr, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_etag_that_is_in_no_document_is_said() {
    let body = br#"{"email":"a@b","attributes":{"objectType":"CustomerBillingProfile"}}"#;
    let service = Recorder::script(&[(200, "etag: \"7\"\r\n", body)]).await.expect("a service");
    let home = Home::calling(service.url());
    let ran = home.run(&arguments(&SHOW, &["-o", "json"]));
    assert_eq!(
        (ran.stdout.trim_end(), &*ran.stderr),
        (str::from_utf8(body).expect("UTF-8"), "ETag: \"7\"\n")
    );
    assert!(home.run(&SHOW).stdout.contains("  ETag                    \"7\"\n"));
    // Programs get every byte, people none that a terminal would obey.
    let body = "{\"email\":\"a\u{9b}31m\u{7f}b\",\"attributes\":{\"etag\":\"\u{9b}1\u{202e}\"}}";
    let service = Recorder::start(200, body.as_bytes()).await.expect("a service");
    let home = Home::calling(service.url());
    assert_eq!(home.run(&arguments(&SHOW, &["-o", "json"])).stdout, format!("{body}\n"));
    let shown = home.run(&SHOW).stdout;
    assert!(
        shown.contains("\"\\u{9b}1\\u{202e}\"") && shown.contains("a\\u{9b}31m\\u{7f}b"),
        "{shown}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_shown_and_written_and_nothing_else_is() {
    let (emulator, home) = emulator().await;
    let change = [
        "--email",
        "ann@example.com",
        "--first-name",
        "Ann",
        "--culture",
        "EN-us",
        "--address-line-1",
        "1 Contoso Way",
        "--clear",
        "address-phone-number",
    ];
    let before = emulator.state();
    let dry = arguments(&arguments(&SET, &change), &["--dry-run"]);
    snapshot!("set-dry-run", home.run(&dry));
    assert_eq!((count(&emulator, "PUT"), emulator.state()), (0, before));
    snapshot!("set-written", home.run(&arguments(&SET, &change)));
    let now = &emulator.state()["customers"][CUSTOMER];
    assert_eq!((&now["email"], &now["culture"]), (&json!("ann@example.com"), &json!("en-US")));
    assert_eq!(now["defaultAddress"].get("phoneNumber"), None);
    assert_eq!(now["defaultAddress"]["city"], "Redmond");
    let same = arguments(&SET, &["--email", "ann@example.com"]);
    snapshot!("set-unchanged", home.run(&same));
    assert_eq!(count(&emulator, "PUT"), 1);
    // Case alone is a change.
    let case = home.run(&arguments(&SET, &["--email", "Ann@example.com"]));
    assert_eq!((case.code, count(&emulator, "PUT")), (Some(0), 2), "{}", case.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_get_what_happened_as_json() {
    let (emulator, home) = emulator().await;
    let own = ["billing-profile", "set", "-o", "json", "--correlation-id", CORRELATION];
    let value = |more: &[&str]| -> Value {
        let ran = home.run(&arguments(&own, more));
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        serde_json::from_str(&ran.stdout).expect("JSON")
    };
    let dry = value(&["--purchase-order-number", "9889", "--dry-run"]);
    let changes = json!([{"pointer": "/purchaseOrderNumber", "before": "9888", "after": "9889"}]);
    let expected = json!({"outcome": "dry-run", "changes": changes, "correlationId": CORRELATION});
    assert_eq!(dry, expected);
    let written = value(&["--purchase-order-number", "9889"]);
    assert_eq!((&written["outcome"], &written["changes"]), (&json!("written"), &changes));
    assert_eq!(written["profile"]["purchaseOrderNumber"], "9889");
    let etag = format!("\"{}\"", written["profile"]["attributes"]["etag"].as_str().expect("a tag"));
    assert_eq!(written["etag"], json!(etag));
    let unchanged = value(&["--purchase-order-number", "9889"]);
    assert_eq!((&unchanged["outcome"], &unchanged["changes"]), (&json!("unchanged"), &json!([])));
    // For support, also where nothing failed: the id that the service saw.
    let ran = home.run(&["billing-profile", "show", "--verbose"]);
    let last = ran.stderr.lines().last().unwrap_or_default();
    let id = last.strip_prefix("correlation ").expect("an id");
    let journal = emulator.journal();
    let seen = journal.last().map(|exchange| &exchange.request_headers["ms-correlationid"]);
    assert!(seen.is_some_and(|seen| seen == id), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_flag_is_set_by_its_pointer() {
    let (emulator, home) = emulator().await;
    let set = [
        "billing-profile",
        "set",
        "--set",
        "/address/geo={\"lat\":1.5}",
        "--set",
        "/nick=Con",
        "--set",
        "/taxId=007",
        "--set=/billingDay=3",
    ];
    snapshot!("set-pointer", home.run(&set));
    let now = &emulator.state()["partner"];
    assert_eq!((&now["address"]["geo"], &now["taxId"]), (&json!({"lat": 1.5}), &json!("007")));
    let cleared =
        home.run(&["billing-profile", "set", "--set", "/nick=null", "--clear", "billing-day"]);
    assert_eq!(cleared.code, Some(0), "{}", cleared.stderr);
    assert_eq!(
        (emulator.state()["partner"].get("nick"), emulator.state()["partner"].get("billingDay")),
        (None, None)
    );
    // Whatever has no flag is still there for a person to see.
    assert!(
        home.run(&["billing-profile", "show"])
            .stdout
            .contains("/address/geo            {\"lat\":1.5")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unknown_keeps_its_type_and_its_digits() {
    let profile = br#"{"code":"98052","n":1,"big":12345678901234567890123,"o":{"a":1.50},"l":[1.0, 2],"attributes":{"etag":"1"}}"#;
    let service = Recorder::start(200, profile).await.expect("a service");
    let home = Home::calling(service.url());
    let set = |to: &str| home.run(&["billing-profile", "set", "--set", to]);
    for (to, why) in [
        ("/n=NO", "/n: it is a number, and `NO` is none"),
        ("/new=1e999", "it cannot be sent"),
        ("/o={\"a\":1,\"a\":2}", "duplicate key `a`"),
    ] {
        let ran = set(to);
        assert_eq!((ran.code, &*ran.stdout), (Some(2), ""), "{to}: {}", ran.stderr);
        assert!(ran.stderr.contains(why), "{to}: {}", ran.stderr);
    }
    assert!(service.requests().iter().all(|request| request.starts_with("GET")));
    let whole = String::from_utf8(profile.to_vec()).expect("UTF-8");
    for (to, old, new) in [
        ("/code=01067", r#""code":"98052""#, r#""code":"01067""#),
        ("/code=98053", r#""code":"98052""#, r#""code":"98053""#),
        ("/code=NO", r#""code":"98052""#, r#""code":"NO""#),
        ("/code=1.50", r#""code":"98052""#, r#""code":"1.50""#),
        ("/code=null", r#""code":"98052""#, r#""code":null"#),
        ("/n=\"2\"", r#""n":1"#, r#""n":"2""#),
        ("/n=2", r#""n":1"#, r#""n":2"#),
        ("/n=1.50", r#""n":1"#, r#""n":1.50"#),
        ("/n=1.0", r#""n":1"#, r#""n":1.0"#),
        ("/n=1e3", r#""n":1"#, r#""n":1e3"#),
        ("/n=-0", r#""n":1"#, r#""n":-0"#),
        ("/big=12345678901234567890124", "12345678901234567890123", "12345678901234567890124"),
        ("/o={\"a\": 1.500}", r#"{"a":1.50}"#, r#"{"a":1.500}"#),
        ("/l/1=1.50", "[1.0, 2]", "[1.0,1.50]"),
        (
            "/new=12345678901234567890123",
            r#"{"etag":"1"}}"#,
            r#"{"etag":"1"},"new":12345678901234567890123}"#,
        ),
        ("/new={\"a\":[1.50, 2]}", r#"{"etag":"1"}}"#, r#"{"etag":"1"},"new":{"a":[1.50,2]}}"#),
        ("/o={\"a\":1.50,\"b\":2}", r#"{"a":1.50}"#, r#"{"a":1.50,"b":2}"#),
        ("/new=01067", r#"{"etag":"1"}}"#, r#"{"etag":"1"},"new":"01067"}"#),
        ("/new=98053", r#"{"etag":"1"}}"#, r#"{"etag":"1"},"new":98053}"#),
    ] {
        let ran = set(to);
        assert_eq!(ran.code, Some(0), "{to}: {}", ran.stderr);
        let requests = service.requests();
        let put = requests.last().expect("a request").rsplit("\r\n\r\n").next();
        assert_eq!(put, Some(&*whole.replace(old, new)), "{to}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_writable_member_has_a_flag_that_writes_it() {
    let (emulator, home) = emulator().await;
    let contract = std::fs::read(partner_center_tests::root().join("openapi/partner-center.json"));
    let contract: Value = serde_json::from_slice(&contract.expect("the contract")).expect("JSON");
    let schemas = &contract["components"]["schemas"];
    for (command, schema, kept) in [
        (&SET[..], "CustomerBillingProfile", &["id", "links", "attributes"][..]),
        (&["billing-profile", "set"], "BillingProfile", &["profileType", "links", "attributes"]),
    ] {
        let help = home.run(&arguments(command, &["--help"])).stdout;
        let mut flags: Vec<_> = help
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("--"))
            .filter(|line| line.contains(" <TEXT>") || line.contains(" <NUMBER>"))
            .map(|line| line.split(' ').next().expect("a name").to_owned())
            .collect();
        // The value of each is its own name, cut to the two letters that some may have.
        let value = |flag: &str| match flag.rsplit('-').next().expect("a name") {
            "country" | "state" | "language" => "zz".to_owned(),
            "day" => "7".to_owned(),
            _ if flag.ends_with("email") => format!("{flag}@example.com"),
            _ => flag.to_owned(),
        };
        let given =
            flags.iter().map(|flag| format!("--{flag}={}", value(flag))).collect::<Vec<_>>();
        let ran =
            home.run(&arguments(command, &given.iter().map(|flag| &**flag).collect::<Vec<_>>()));
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let state = emulator.state();
        let now = if command == SET { &state["customers"][CUSTOMER] } else { &state["partner"] };
        let mut leaves = Vec::new();
        for (name, member) in schemas[schema]["properties"].as_object().expect("properties") {
            let target = member["$ref"].as_str().and_then(|target| target.rsplit('/').next());
            match target.filter(|_| !kept.contains(&&**name)) {
                Some(target) => {
                    let inner = schemas[target]["properties"].as_object().expect("properties");
                    let inner = inner.keys().filter(|inner| *inner != "id");
                    leaves.extend(inner.map(|inner| format!("/{name}/{inner}")));
                }
                None if kept.contains(&&**name) => {}
                None => leaves.push(format!("/{name}")),
            }
        }
        assert_eq!(leaves.len(), flags.len(), "{leaves:?} {flags:?}");
        let mut values: Vec<_> = flags.drain(..).map(|flag| value(&flag)).collect();
        for leaf in leaves {
            let is = now.pointer(&leaf).expect(&leaf);
            let is = is.as_str().map_or_else(|| is.to_string(), str::to_owned);
            let at = values.iter().position(|value| *value == is).expect(&leaf);
            values.swap_remove(at);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_said_before_anything_is_sent() {
    let (emulator, home) = emulator().await;
    snapshot!("set-nothing", home.run(&SET));
    snapshot!("set-twice", home.run(&arguments(&SET, &["--email", "a@b", "--clear", "email"])));
    snapshot!("set-kept", home.run(&arguments(&SET, &["--set", "/id=1"])));
    for (more, why) in [
        (&["--set", "/defaultAddress={}", "--address-city", "B"][..], "one is a part of the other"),
        (&["--set", "/attributes/etag=1"], "belongs to the service"),
        (&["--set", "/Email=1"], "/Email is written /email"),
        (&["--set", "/x={"], "the value is no JSON"),
        (&["--email", "a@b", "--if-match", "*"], "give the ETag that `show` prints"),
        (&["--set", "email=1"], "begins with `/`"),
        (&["--set", "/email"], "no `=` in it"),
        (&["--clear", "id"], "invalid value 'id'"),
        (&["--billing-day", "1"], "unexpected argument"),
        (&["--email", "a@b", "--if-match", "W/\"1\""], "weak"),
        (&["--email", "a@b", "--correlation-id", "1"], "not a GUID"),
        (&["--email", "a@b", "--endpoint", "http://192.0.2.1"], "is not https"),
        (&["--email", "a@b", "--endpoint", "https://canary@h"], "has a user name"),
        (&["--email", "a@b", "--emulator", "--cloud", "china"], "cannot be used with"),
        (&["--email", "a@b", "--locale", "\u{1}"], "the locale cannot be sent"),
    ] {
        let ran = home.run(&arguments(&SET, more));
        assert_eq!(ran.code, Some(2), "{more:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(why), "{more:?}: {}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    let ran = home.run(&["customer", "billing-profile", "show", &CUSTOMER[..35]]);
    assert!(ran.stderr.contains("not a GUID, such as"), "{}", ran.stderr);
    assert_eq!(emulator.journal().len(), 0);
    // What nobody sees is pasted along.
    let pasted = format!("\u{feff}\u{200b}{}\u{2060}{}\u{a0}\r\n", &CUSTOMER[..8], &CUSTOMER[8..]);
    assert_eq!(home.run(&["customer", "billing-profile", "show", &pasted]).code, Some(0));
    // These take a look at the profile first.
    let limits = ["--email", "nobody", "--address-country", "USA"];
    snapshot!("set-limits", home.run(&arguments(&SET, &limits)));
    for more in [&["--set", "/email/a=1"][..], &["--set", "/defaultAddress=5"]] {
        let ran = home.run(&arguments(&SET, more));
        assert_eq!(ran.code, Some(2), "{more:?}: {}", ran.stderr);
    }
    assert_eq!(count(&emulator, "PUT"), 0);
    // The service has the last word, and a dry run says what it would say.
    let left = home.run(&arguments(&SET, &arguments(&limits, &["--without-limits", "--dry-run"])));
    assert_eq!(left.code, Some(0), "{}", left.stderr);
    assert_eq!(home.run(&arguments(&SET, &arguments(&limits, &["--dry-run"]))).code, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_what_why_and_what_to_do() {
    let (_emulator, home) = emulator().await;
    let uk = arguments(&SET, &["--address-country", "UK", IDS[0], IDS[1]]);
    snapshot!("set-refused-uk", home.run(&uk));
    let fault = br#"{"code":600051,"description":"Customer phone number is missing.","data":["billingProfile.defaultAddress.phoneNumber"],"source":"PartnerFD"}"#;
    let profile = br#"{"email":"a@b","defaultAddress":{"country":"KZ"},"attributes":{"etag":"1"}}"#;
    let service =
        Recorder::script(&[(200, "", profile), (400, "", fault)]).await.expect("a service");
    let asking = Home::calling(service.url());
    let phone = arguments(&SET, &["--email", "c@d", IDS[0], IDS[1]]);
    snapshot!("set-refused-phone", asking.run(&phone));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_allowed_is_told_what_to_do() {
    let (emulator, home) = emulator().await;
    let show = arguments(&SHOW, &IDS);
    let own = arguments(&["billing-profile", "show"], &IDS);
    let token =
        |token: &str| Home::calling(&emulator.url()).with("PARTNER_CENTER_ACCESS_TOKEN", token);
    snapshot!("not-allowed-role", token(NO_ROLE_TOKEN).run(&show));
    snapshot!("not-allowed-app-only", token(APP_ONLY_TOKEN).run(&own));
    snapshot!("not-allowed-mfa", token(NO_MFA_TOKEN).run(&show));
    snapshot!("not-allowed-expired", token(EXPIRED_TOKEN).run(&show));
    snapshot!("not-allowed-audience", token(WRONG_AUDIENCE_TOKEN).run(&show));
    let stranger = ["customer", "billing-profile", "show", STRANGER_CUSTOMER, IDS[0], IDS[1]];
    snapshot!("not-allowed-stranger", home.run(&stranger));
    let nobody = ["customer", "billing-profile", "show", CORRELATION, IDS[0], IDS[1]];
    snapshot!("not-found", home.run(&nobody));
    // With the secret of an application: told before anything is sent.
    let app = Home::new()
        .with("PARTNER_CENTER_ENDPOINT", emulator.url())
        .with("AZURE_AUTHORITY_HOST", emulator.url())
        .with("AZURE_TENANT_ID", "contoso.example")
        .with("AZURE_CLIENT_ID", "app")
        .with("AZURE_CLIENT_SECRET", "canary");
    let before = emulator.journal().len();
    snapshot!("not-allowed-secret", app.run(&own));
    assert_eq!(emulator.journal().len(), before);
    assert_eq!(app.run(&SHOW).code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn throttled_and_unavailable_are_told_from_failed() {
    // Longer than an operation may take, so that nothing is waited for.
    let later = "retry-after: 600\r\n";
    let throttled =
        br#"{ "statusCode": 429, "message": "Rate limit is exceeded. Try again in 600 seconds." }"#;
    let service = Recorder::script(&[(429, later, throttled)]).await.expect("a service");
    snapshot!("throttled", Home::calling(service.url()).run(&arguments(&SHOW, &IDS)));
    let page = b"<html><title>Service Unavailable</title></html>";
    let service = Recorder::script(&[(503, later, page)]).await.expect("a service");
    snapshot!("unavailable", Home::calling(service.url()).run(&arguments(&SHOW, &IDS)));
    let service = Recorder::start(200, b"<html>").await.expect("a service");
    let ran = Home::calling(service.url()).run(&SHOW);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_was_seen_is_the_one_that_is_written() {
    let (emulator, home) = emulator().await;
    let shown: Value =
        serde_json::from_str(&home.run(&arguments(&SHOW, &["-o", "json"])).stdout).expect("JSON");
    let bare = shown["attributes"]["etag"].as_str().expect("a tag").to_owned();
    assert!(bare.starts_with('-'), "a negative number is one of them");
    let set = |etag: &str, email: &str| {
        home.run(&arguments(&SET, &["--email", email, "--if-match", etag]))
    };
    assert_eq!(set(&bare, "a@example.com").code, Some(0));
    let stale = set(&format!("\"{bare}\""), "b@example.com");
    snapshot!("set-if-match-stale", stale);
    assert_eq!(count(&emulator, "PUT"), 1);
}

/// A profile at three points in time, as a service has it.
const FIRST: &[u8] = br#"{"firstName":"A","email":"a@b","shiny":1,"attributes":{"etag":"1"}}"#;
const SECOND: &[u8] = br#"{"firstName":"B","email":"a@b","shiny":1,"attributes":{"etag":"2"}}"#;
const THIRD: &[u8] = br#"{"firstName":"B","email":"c@d","shiny":1,"attributes":{"etag":"3"}}"#;
const STALE: &[u8] = br#"{"code":2055,"description":"Etag is no longer valid."}"#;

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_different_members_are_merged() {
    let answers = [(200, "", FIRST), (400, "", STALE), (200, "", SECOND), (200, "", THIRD)];
    let service = Recorder::script(&answers).await.expect("a service");
    let set = arguments(&SET, &["--email", "c@d", "--yes"]);
    snapshot!("conflict-merged", Home::calling(service.url()).run(&set));
    let requests = service.requests();
    assert_eq!(requests.len(), 4);
    let last = requests.last().expect("a request");
    assert!(
        last.contains("\"2\"") && last.contains(r#""firstName":"B","email":"c@d","shiny":1"#),
        "{last}"
    );

    // Nobody agreed to it.
    let service = Recorder::script(&answers).await.expect("a service");
    snapshot!("conflict-not-agreed", Home::calling(service.url()).run(&set[..set.len() - 1]));
    assert_eq!(service.requests().len(), 3);
    // It was asked for that very version.
    let service = Recorder::script(&answers).await.expect("a service");
    let only = arguments(&set, &["--if-match", "1"]);
    let ran = Home::calling(service.url()).run(&only);
    assert_eq!((ran.code, service.requests().len()), (Some(3), 3), "{}", ran.stderr);
    assert!(ran.stderr.contains("--if-match merges nothing"), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_the_same_member_are_left() {
    let answers = [(200, "", FIRST), (412, "", &b""[..]), (200, "", THIRD)];
    let service = Recorder::script(&answers).await.expect("a service");
    let set = arguments(&SET, &["--email", "mine@b", "--last-name", "L", "--yes"]);
    snapshot!("conflict-left", Home::calling(service.url()).run(&set));
    assert_eq!(service.requests().len(), 3);
    let service = Recorder::script(&answers).await.expect("a service");
    let yaml = Home::calling(service.url()).run(&arguments(&set, &["-o", "yaml"]));
    assert_eq!(yaml.code, Some(3));
    assert!(yaml.stdout.starts_with("outcome: conflict\ncollisions:\n"), "{}", yaml.stdout);
    // What could not be read again is a conflict all the same.
    let gone = [(200, "", FIRST), (409, "", &b""[..]), (404, "", b"")];
    let service = Recorder::script(&gone).await.expect("a service");
    let ran = Home::calling(service.url()).run(&set);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_been_written_is_written_again_if_that_was_asked_for() {
    let uncertain = [(200, "", FIRST), (500, "", &b""[..]), (412, "", b""), (200, "", SECOND)];
    let answers = [&uncertain[..], &[(200, "", THIRD)]].concat();
    let service = Recorder::script(&answers).await.expect("a service");
    let set = arguments(&SET, &["--email", "c@d", "--yes"]);
    let ran = Home::calling(service.url()).run(&set);
    assert_eq!((ran.code, service.requests().len()), (Some(0), 5), "{}", ran.stderr);
    assert!(ran.stderr.contains("may be among their changes"), "{}", ran.stderr);
    let last = service.requests().pop().expect("a request");
    assert!(last.contains("if-match: \"2\"") && last.contains(r#""email":"c@d""#), "{last}");

    // The changes of someone else are not merged unasked.
    let service = Recorder::script(&uncertain).await.expect("a service");
    let ran = Home::calling(service.url()).run(&set[..set.len() - 1]);
    assert_eq!((ran.code, service.requests().len()), (Some(3), 4), "{}", ran.stderr);
    assert!(ran.stderr.contains("may be among their changes"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("the conflict is left, and nothing more was written"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("--yes writes both"), "{}", ran.stderr);
    let left: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(left["mayHaveBeenApplied"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn others_who_write_all_the_time_end_it() {
    let mut answers = vec![(200, "", FIRST)];
    for _ in 0..10 {
        answers.extend([(409, "", &b""[..]), (200, "", SECOND)]);
    }
    let service = Recorder::script(&answers).await.expect("a service");
    let set = arguments(&SET, &["--email", "c@d", "--yes"]);
    let ran = Home::calling(service.url()).run(&set);
    assert_eq!((ran.code, service.requests().len()), (Some(3), 21), "{}", ran.stderr);
    assert!(ran.stderr.contains("others change the profile all the time"), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_is_found_out() {
    let mut switches = Switches::default();
    switches.replay = false;
    let emulator = Emulator::builder().switches(switches).start().await.expect("an emulator");
    let home = Home::calling(&emulator.url());
    emulator.add_fault(
        "fault=close-after-commit,times=1,operation=updateCustomerBillingProfile"
            .parse()
            .expect("a fault"),
    );
    let ran = home.run(&arguments(&SET, &["--email", "e@f"]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr.starts_with("the answer was lost; the profile was read again"),
        "{}",
        ran.stderr
    );
    assert_eq!(emulator.state()["customers"][CUSTOMER]["email"], "e@f");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_printed_when_they_are_asked_for() {
    let (_emulator, home) = emulator().await;
    let ran = home.run(&arguments(&SET, &["--email", "c@d", "-v"]));
    let lines: Vec<_> =
        ran.stderr.lines().map(|line| line.split(", ").next().expect("a part")).collect();
    let path = format!("/v1/customers/{CUSTOMER}/profiles/billing 200");
    assert!(
        lines[0].starts_with("GET http://127.0.0.1:") && lines[0].ends_with(&path),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with("PUT http://127.0.0.1:") && lines[1].ends_with(&path),
        "{lines:?}"
    );
    assert!(lines[2].starts_with("written; "), "{lines:?}");
    assert!(ran.stderr.contains(", request "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_left_stops_nothing() {
    let (emulator, home) = emulator().await;
    let mut child = home.command(&arguments(&SET, &["--email", "c@d"])).spawn().expect("a process");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("a process").code(), Some(0));
    assert_eq!(emulator.state()["customers"][CUSTOMER]["email"], "c@d");
    let mut said = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("a text");
    assert!(said.starts_with("written; "), "{said}");
    // A disk that is full is another matter, and the update is there all the same.
    if let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") {
        let mut command = home.command(&arguments(&SET, &["--email", "e@f"]));
        let output = command.stdout(Stdio::from(full)).output().expect("a process");
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.contains("error: the output could not be printed; what was to be done is done"),
            "{said}"
        );
        assert_eq!(emulator.state()["customers"][CUSTOMER]["email"], "e@f");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn colours_are_for_terminals() {
    let (_emulator, home) = emulator().await;
    for more in [&[][..], &["--no-color"]] {
        let ran = home.run(&arguments(&arguments(&SET, &["--email", "c@d", "--dry-run"]), more));
        assert!(!ran.transcript.contains('\u{1b}'), "{}", ran.transcript);
    }
}
