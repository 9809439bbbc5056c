//! Finding customers.

use partner_center_emulator::{Emulator, OTHER_CUSTOMER, STRANGER_CUSTOMER};
use serde_json::Value;

use crate::home::{CORRELATION, CUSTOMER, Home};
use crate::snapshot;

async fn emulator(customers: usize) -> (Emulator, Home) {
    let builder = Emulator::builder().strict(true).customers(customers);
    let emulator = builder.start().await.expect("an emulator");
    let home = Home::calling(&emulator.url());
    (emulator, home)
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_listed_and_shown_to_people_and_to_programs() {
    let (_emulator, home) = emulator(0).await;
    snapshot!("customers-list", home.run(&["customer", "list"]));
    snapshot!("customers-list-yaml", home.run(&["customer", "list", "-o", "yaml"]));
    snapshot!("customer-show", home.run(&["customer", "show", OTHER_CUSTOMER]));
    let json = home.run(&["customer", "list", "-o", "json"]);
    let listed: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(listed[0]["id"], CUSTOMER);
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
    let json = home.run(&["customer", "show", OTHER_CUSTOMER, "-o", "json"]);
    let shown: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(shown["billingProfile"]["attributes"]["objectType"], "CustomerBillingProfile");
}

#[tokio::test(flavor = "multi_thread")]
async fn few_are_listed_unless_all_are_asked_for() {
    let (emulator, home) = emulator(600).await;
    let few = home.run(&["customer", "list"]);
    assert_eq!(few.stdout.lines().count(), 51);
    assert!(few.stderr.contains("there are more: --all lists them"), "{}", few.stderr);
    let all = home.run(&["customer", "list", "--all", "--correlation-id", CORRELATION]);
    assert_eq!((all.stdout.lines().count(), &*all.stderr), (603, ""));
    let sent = emulator.journal();
    assert_eq!(sent.len(), 3);
    assert_eq!(sent[2].request_headers["ms-correlationid"], CORRELATION);
    let found = home.run(&["customer", "list", "--starts-with", "company 59", "-o", "json"]);
    let found: Value = serde_json::from_str(&found.stdout).expect("JSON");
    assert_eq!(found.as_array().map(Vec::len), Some(11));
    let found = home.run(&["customer", "list", "--domain", "COMPANY600."]);
    assert_eq!(found.stdout.lines().count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_said() {
    let (emulator, home) = emulator(600).await;
    for (format, nothing) in [("json", "[]\n"), ("yaml", "[]\n"), ("table", "")] {
        let nobody = home.run(&["customer", "list", "--starts-with", "nobody", "-o", format]);
        assert_eq!((nobody.code, &*nobody.stdout), (Some(0), nothing), "{format}");
    }
    assert_eq!(home.run(&["customer", "show", STRANGER_CUSTOMER]).code, Some(4));
    let nobody = "00000000-0000-0000-0000-000000000000";
    assert_eq!(home.run(&["customer", "show", nobody]).code, Some(5));
    let both = ["customer", "list", "--starts-with", "a", "--domain", "b"];
    assert_eq!(home.run(&both).code, Some(2));
    // The second page is refused: what was listed is a whole document all the same.
    let sent = emulator.journal().len();
    emulator.add_fault("fault=refuse,operation=listCustomers,nth=2".parse().expect("a fault"));
    let ran = home.run(&["customer", "list", "--all", "-o", "json"]);
    let listed: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!((ran.code, listed.as_array().map(Vec::len)), (Some(4), Some(500)));
    assert!(ran.stderr.contains("500 customers are listed"), "{}", ran.stderr);
    assert_eq!(emulator.journal().len(), sent + 2);
}
