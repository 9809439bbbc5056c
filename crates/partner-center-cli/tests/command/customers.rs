//! Finding customers.

use partner_center_emulator::{APP_ONLY_TOKEN, Emulator, OTHER_CUSTOMER, STRANGER_CUSTOMER};
use serde_json::{Value, json};

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

/// A service whose customers have these names and domains, beside the documented two.
pub(crate) async fn named(customers: &[(&str, &str)]) -> (Emulator, Home) {
    let builder = Emulator::builder().customers(customers.len());
    let mut state = builder.start().await.expect("an emulator").state();
    let companies = state["companies"].as_object_mut().expect("companies").iter_mut();
    let generated = companies.filter(|(id, _)| *id != CUSTOMER && *id != OTHER_CUSTOMER);
    for ((_, company), (name, domain)) in generated.zip(customers) {
        (company["companyName"], company["domain"]) = (json!(name), json!(domain));
    }
    let home = Home::new();
    let file = home.write("state.json", &state.to_string());
    let emulator = Emulator::builder().strict(true).state(file).start().await;
    let emulator = emulator.expect("an emulator");
    let home = Home::calling(&emulator.url());
    (emulator, home)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_named_by_id_by_domain_or_by_company() {
    let (emulator, home) = named(&[("Twice", "one.example"), ("twice", "two.example")]).await;
    for name in [
        OTHER_CUSTOMER,
        "1kl as kjk",
        " 1KL AS KJK\u{FEFF}",
        "abcdefgh1234.ccsctp.net",
        "ABCDEFGH1234.CCSCTP.NET\r\n",
    ] {
        let shown = home.run(&["customer", "show", name]);
        assert!(shown.stdout.starts_with(&format!("Customer {OTHER_CUSTOMER}\n")), "{name}");
        let row = format!("customer {OTHER_CUSTOMER}  1kl as kjk ");
        assert_eq!(shown.stderr.starts_with(&row), name != OTHER_CUSTOMER, "{}", shown.stderr);
        let profile = ["customer", "billing-profile"];
        let shown = home.run(&[&profile[..], &["show", name]].concat());
        assert!(shown.stdout.contains(OTHER_CUSTOMER), "{name}: {}", shown.transcript);
        let set = ["set", name, "--first-name", name.trim_end(), "--without-limits"];
        let set = home.run(&[&profile[..], &set].concat());
        assert_eq!(set.code, Some(0), "{}", set.transcript);
        let history = home.run(&[&profile[..], &["history", name]].concat());
        assert!(history.stdout.contains("~ first-name"), "{}", history.transcript);
        let home = Home::calling(&emulator.url())
            .editing("change 's/^last-name: .*/last-name: B/' \"$1\"");
        let edit = home.run(&[&profile[..], &["edit", name]].concat());
        assert_eq!(edit.code, Some(0), "{}", edit.transcript);
    }
    let by_id = home.with("PARTNER_CENTER_ACCESS_TOKEN", APP_ONLY_TOKEN);
    let sent = emulator.journal().len();
    let shown = by_id.run(&["customer", "billing-profile", "show", OTHER_CUSTOMER]);
    assert_eq!(
        (shown.code, emulator.journal().len() - sent),
        (Some(0), 1),
        "an id is not searched"
    );
    let correlated = ["customer", "show", "1kl as kjk", "--correlation-id", CORRELATION];
    assert_eq!(by_id.run(&correlated).code, Some(0));
    let ids = emulator.journal().into_iter().rev().take(2);
    for exchange in ids {
        assert_eq!(exchange.request_headers["ms-correlationid"], CORRELATION, "{}", exchange.path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_names_no_customer_or_several_is_never_a_guess() {
    let customers = [
        ("Twice", "one.example"),
        ("twice", "two.example"),
        ("Contoso", "contoso.example"),
        ("Contoso Ltd.", "contoso2.example"),
        ("contoso.example", "three.example"),
    ];
    let (emulator, home) = named(&customers).await;
    for (name, code) in [
        ("Twice", 2),
        ("contoso.example", 2),
        ("Conto", 5),
        ("contoso.exampl", 5),
        ("nobody", 5),
        ("", 2),
        ("\u{200B}", 2),
        ("aaaa0000-bb11-2222-33cc-444444ddddd", 2),
    ] {
        for command in [&["show"][..], &["billing-profile", "set"], &["billing-profile", "history"]]
        {
            let set: &[&str] = if command.len() == 2 && command[1] == "set" {
                &["--first-name", "A"]
            } else {
                &[]
            };
            let ran = home.run(&[&["customer"], command, &[name], set].concat());
            assert_eq!((ran.code, &*ran.stdout), (Some(code), ""), "{name}: {}", ran.transcript);
        }
    }
    assert!(emulator.journal().iter().all(|exchange| exchange.method == "GET"));
    let several = home.run(&["customer", "show", "contoso.example"]).stderr;
    assert!(
        several.contains("2 customers have the domain or the name `contoso.example`"),
        "{several}"
    );
    for line in [
        "contoso.example                   three.example",
        "Contoso                           contoso.example",
    ] {
        assert!(several.contains(line), "{several}");
    }
    let none = home.run(&["customer", "show", "Contoso L"]).stderr;
    assert!(none.contains("these begin like it") && none.contains("contoso2.example"), "{none}");
    assert_eq!(home.run(&["customer", "show", "Contoso"]).code, Some(0), "others begin like it");

    // The search by domain was reported to fail.
    emulator.add_fault("fault=refuse,operation=listCustomers,nth=2".parse().expect("a fault"));
    let failed = home.run(&["customer", "show", "one.example"]);
    assert_eq!(failed.code, Some(4));
    assert!(failed.stderr.contains("give the customer's id"), "{}", failed.stderr);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn completion_offers_what_was_listed_last_until_logout() {
    use std::os::unix::fs::PermissionsExt;
    let customers =
        [("Fabrikam Ltd.", "fabrikam.example"), ("Same", "a.example"), ("Same", "b.example")];
    let (_emulator, home) = named(&customers).await;
    let offered = |shell: &str, typed: &str| -> Vec<String> {
        let words = ["customer", "billing-profile", "show", typed];
        home.completions(shell, &words).lines().map(str::to_owned).collect()
    };
    let flags = |line: &String| line.starts_with("--");
    assert!(offered("bash", "").iter().all(flags), "nothing was listed");
    assert_eq!(home.run(&["customer", "list"]).code, Some(0));
    let file = home.state().join("listed-customers.json");
    let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(offered("bash", "fab"), ["fabrikam.example", "Fabrikam\\ Ltd."]);
    assert_eq!(offered("fish", "Fab").len(), 2);
    assert_eq!(offered("bash", &CUSTOMER[..4]), [CUSTOMER]);
    assert!(offered("bash", "Same").is_empty(), "it names two");
    for action in ["set", "edit", "history"] {
        let words = ["customer", "billing-profile", action, "fabrikam.e"];
        assert_eq!(home.completions("bash", &words), "fabrikam.example", "{action}");
    }
    let offered_there = home.completions("bash", &["customer", "show", "fabrikam.e"]);
    assert_eq!(offered_there, "fabrikam.example");

    assert_eq!(home.run(&["customer", "list", "--starts-with", "same"]).code, Some(0));
    assert!(offered("bash", "fab").is_empty(), "what was listed last");
    assert_eq!(offered("bash", "a.e"), ["a.example"]);
    std::fs::write(&file, "{").expect("a file");
    assert!(offered("bash", "a").is_empty(), "what cannot be read is no error of the shell");
    assert_eq!(home.run(&["logout"]).code, Some(0));
    assert!(!file.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_a_profile_is_for_people_and_for_programs() {
    let (emulator, home) = emulator(0).await;
    let profile = |words: &[&str]| home.run(&[&["customer", "billing-profile"], words].concat());
    let nothing = profile(&["history", CUSTOMER]);
    assert_eq!((nothing.code, &*nothing.stdout), (Some(0), ""));
    assert!(nothing.stderr.contains("no change is on record"), "{}", nothing.stderr);
    assert_eq!(profile(&["history", CUSTOMER, "-o", "json"]).stdout, "[]\n");

    let set = ["set", CUSTOMER, "--email", "ann@example.com", "--clear", "last-name"];
    assert_eq!(profile(&set).code, Some(0));
    let change = serde_json::Map::from_iter([("firstName".to_owned(), json!("Bob"))]);
    assert!(emulator.overwrite(Some(CUSTOMER), &change));
    let mut shown = profile(&["history", CUSTOMER, "--days", "1"]);
    shown.transcript = without_times(&shown.transcript);
    snapshot!("customer-history", shown);
    let json = profile(&["history", CUSTOMER, "-o", "json", "--correlation-id", CORRELATION]);
    let changes: Value = serde_json::from_str(&json.stdout).expect("JSON");
    let users: Vec<_> = changes.as_array().expect("a list").iter().map(|it| &it["user"]).collect();
    assert_eq!(users, ["someone.else@partner.example", "admin@partner.example"]);
    assert_eq!(changes[0]["changes"][0]["after"], "Bob");
    assert_eq!(changes[0]["etagBefore"], changes[1]["etagAfter"]);
    let last = emulator.journal().pop().expect("a request");
    assert_eq!(last.request_headers["ms-correlationid"], CORRELATION);
    let yaml = profile(&["history", CUSTOMER, "-o", "yaml"]).stdout;
    assert_eq!(yaml.matches("- date:").count(), 2, "{yaml}");

    for (days, code) in [("90", 0), ("0", 2), ("91", 2), ("x", 2)] {
        assert_eq!(profile(&["history", CUSTOMER, "--days", days]).code, Some(code), "{days}");
    }
    // The days before are refused: what was listed is a whole document all the same.
    emulator.add_fault("fault=refuse,operation=listAuditRecords,nth=2".parse().expect("a fault"));
    let ran = profile(&["history", CUSTOMER, "-o", "json"]);
    let listed: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!((ran.code, listed.as_array().map(Vec::len)), (Some(4), Some(2)));
    assert!(ran.stderr.contains("2 changes are listed"), "{}", ran.stderr);
}

/// Without the dates and times that lines begin with.
fn without_times(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once("Z  ") {
        Some((time, rest)) if time.len() == 19 => format!("[time]  {rest}"),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}
