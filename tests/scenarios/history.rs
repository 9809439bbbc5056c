//! The history of a profile: every change of it once, the latest first, over pages and pieces of 30 days.

use partner_center::{Change, History, HistoryList, HistoryToken, ProfileChange};
use partner_center_emulator::{AuditPaging, AuditValue, Builder as EmulatorBuilder};

use super::*;

const LIST: &str = "listAuditRecords";

fn customer(url: &str) -> Resource<AppOnly, CustomerBillingProfile> {
    let client = builder(url, AppOnly::token(APP_ONLY_TOKEN)).clock(Hasty::default());
    client.build().expect("a client").customer(id(SAMPLE_CUSTOMER)).billing_profile()
}

fn strict(switches: impl FnOnce(&mut Switches)) -> EmulatorBuilder {
    let mut all = Switches::default();
    switches(&mut all);
    Emulator::builder().switches(all).strict(true)
}

/// Sets the first name to each of these numbers in turn, with another customer's changes in between.
async fn change(emulator: &Emulator, numbers: std::ops::Range<u32>) {
    let resource = customer(&emulator.url());
    let other = app_only(emulator).customer(id(OTHER_CUSTOMER)).billing_profile();
    for number in numbers {
        let _ = resource
            .modify(|profile| profile.first_name = Some(number.to_string()))
            .await
            .expect("an update");
        let _ = other
            .modify(|profile| profile.last_name = Some(number.to_string()))
            .await
            .expect("an update");
    }
}

/// What the first name became, by each change that is left in a list, or the error that ended it.
async fn rest(list: &mut HistoryList<AppOnly>) -> (Vec<String>, Option<Error>) {
    let mut names = Vec::new();
    loop {
        match list.try_next().await {
            Ok(Some(change)) => {
                assert_eq!(change.record.customer_id.as_deref(), Some(SAMPLE_CUSTOMER));
                names.push(change.after.and_then(|profile| profile.first_name).expect("a name"));
            }
            Ok(None) => return (names, None),
            Err(error) => return (names, Some(error)),
        }
    }
}

async fn all(history: &History<AppOnly>) -> Vec<String> {
    let (names, error) = rest(&mut history.list()).await;
    assert!(error.is_none(), "{error:?}");
    names
}

/// The requests for records alone.
fn asked(emulator: &Emulator) -> Vec<String> {
    let exchanges =
        emulator.journal().into_iter().filter(|exchange| exchange.operation == Some(LIST));
    exchanges.map(|exchange| exchange.path).collect()
}

#[tokio::test]
async fn a_change_has_who_and_when_and_each_member() {
    for value in AuditValue::ALL {
        let emulator = strict(|switches| switches.audit_value = *value).start().await;
        let emulator = emulator.expect("a port");
        let correlation = Uuid::new_v4();
        let user = builder(&emulator.url(), AppUser::token(APP_USER_TOKEN)).build().expect("one");
        let resource = user.customer(id(SAMPLE_CUSTOMER)).billing_profile();
        let before = resource.get().await.expect("a profile");
        let after = resource
            .clone()
            .correlation_id(correlation)
            .modify(|profile| {
                profile.email = Some("ann@example.com".into());
                profile.first_name = None;
                profile.default_address.get_or_insert_default().district = Some("Loop".into());
            })
            .await
            .expect("an update");
        let change = resource.history().list().try_next().await.expect("an answer");
        let ProfileChange { record, changes, before: old, after: new, .. } = change.expect("one");
        assert_eq!(record.user_principal_name.as_deref(), Some("admin@partner.example"));
        assert_eq!(record.operation_status.as_deref(), Some("succeeded"));
        assert_eq!(record.original_correlation_id, Some(correlation.to_string()));
        let new = new.expect("a profile");
        assert_eq!((&new.email, &new.attributes), (&after.email, &after.attributes), "{value}");
        if *value == AuditValue::New {
            assert_eq!((old, changes), (None, None));
            continue;
        }
        assert_eq!(old.expect("a profile").first_name, before.first_name, "{value}");
        let changes = changes.expect("changes");
        let mut changes: Vec<_> = changes.iter().map(parts).collect();
        changes.sort_by_key(|change| change.0);
        let (ann, loop_, none) = (json!("ann@example.com"), json!("Loop"), Value::Null);
        let was = |text: &Option<String>| json!(text);
        assert_eq!(
            changes,
            [
                ("/defaultAddress/district", none.clone(), loop_),
                ("/email", was(&before.email), ann),
                ("/firstName", was(&before.first_name), none),
            ],
            "{value}"
        );
    }
}

fn parts(change: &Change) -> (&str, Value, Value) {
    let value = |value: &Option<Value>| value.clone().unwrap_or_default();
    (&change.pointer, value(&change.before), value(&change.after))
}

#[tokio::test]
async fn every_change_is_listed_once_however_pages_go_on() {
    for (paging, prefix) in
        [(AuditPaging::Link, false), (AuditPaging::Link, true), (AuditPaging::Seek, false)]
    {
        let emulator = strict(|switches| {
            (switches.audit_paging, switches.link_prefix) = (paging, prefix);
        });
        let emulator = emulator.start().await.expect("a port");
        change(&emulator, 0..5).await;
        let history = customer(&emulator.url()).history().page_size(2);
        assert_eq!(all(&history).await, ["4", "3", "2", "1", "0"], "{paging} {prefix}");
        // Three pages of the last 30 days, and one of each 30 days before.
        assert_eq!(asked(&emulator).len(), 5, "{:?}", asked(&emulator));
        assert_eq!(all(&history.days(30)).await.len(), 5);
        assert_eq!(asked(&emulator).len(), 8);
        for exchange in emulator.journal() {
            assert_eq!((exchange.status, exchange.request_violations.len()), (Some(200), 0));
        }
    }
}

/// An emulator in which the changes happened so many days ago.
async fn aged(days: &[u64]) -> Emulator {
    let emulator = strict(|_| {}).start().await.expect("a port");
    change(&emulator, 0..days.len().try_into().expect("few")).await;
    let mut state = emulator.state();
    let records = state["auditRecords"].as_array_mut().expect("records");
    // That of the other customer comes after each.
    for (record, days) in records.iter_mut().zip(days.iter().flat_map(|days| [days, days])) {
        record["operationDate"] = format!("{}T23:59:59.0000000Z", days_ago(*days)).into();
    }
    let name = format!("history-{}-{}.json", std::process::id(), Uuid::new_v4());
    let file = std::env::temp_dir().join(name);
    std::fs::write(&file, state.to_string()).expect("a file");
    let emulator = strict(|_| {}).state(&file).start().await.expect("a port");
    std::fs::remove_file(&file).expect("a file");
    emulator
}

/// As HTTP has it, so that it is not computed in the way that is tested.
fn days_ago(days: u64) -> String {
    let now = std::time::SystemTime::now() - Duration::from_secs(days * 86_400);
    let http = httpdate::fmt_http_date(now);
    let months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let month = months.find(&http[8..11]).expect("a month") / 3 + 1;
    format!("{}-{month:02}-{}", &http[12..16], &http[5..7])
}

#[tokio::test]
async fn ninety_days_are_asked_for_in_pieces_that_leave_no_day_out() {
    // The first and the last day of each piece, and the day before all of them.
    let emulator = aged(&[90, 89, 60, 59, 30, 29, 0]).await;
    let history = customer(&emulator.url()).history();
    assert_eq!(all(&history).await, ["6", "5", "4", "3", "2", "1"]);
    let paths = asked(&emulator);
    let day = |text: &str, days| {
        paths.iter().filter(|it| it.contains(&format!("{text}={}", days_ago(days)))).count()
    };
    let found =
        [("startDate", 29), ("endDate", 30), ("startDate", 59), ("endDate", 60), ("startDate", 89)];
    assert_eq!(found.map(|(text, days)| day(text, days)), [1; 5], "{paths:?}");
    assert_eq!(paths.len(), 3);
    assert!(!paths[0].contains("endDate"), "until today by the clock of the service: {paths:?}");
    for (days, expected) in [(0, 1), (1, 1), (30, 2), (31, 3), (60, 4), (61, 5), (90, 6)] {
        assert_eq!(all(&history.clone().days(days)).await.len(), expected, "{days} days");
    }
    let (names, error) = rest(&mut history.days(92).list()).await;
    assert_eq!((names.len(), error.expect("too many").status()), (6, Some(400)));
}

#[tokio::test]
async fn a_history_goes_on_in_another_process_and_misses_no_change() {
    let emulator = aged(&[70, 40, 35, 3, 2, 1, 0]).await;
    let history = customer(&emulator.url()).history().page_size(2).retry(Retry::none());
    let names = all(&history).await;
    assert_eq!(names.len(), 7);
    for given in 0..=7 {
        let mut list = history.list();
        for _ in 0..given {
            list.try_next().await.expect("an answer").expect("a change");
        }
        let place = serde_json::to_string(&list.page_token()).expect("JSON");
        let place: Option<HistoryToken> = serde_json::from_str(&place).expect("a token");
        // It knows the customer and the days: other settings do not matter.
        let other = app_only(&emulator).customer(id(OTHER_CUSTOMER)).billing_profile();
        let elsewhere = if place.is_some() { other.history().days(1) } else { history.clone() };
        let (from, error) = rest(&mut elsewhere.list_from(place.as_ref())).await;
        assert!(
            error.is_none() && names.ends_with(&from) && from.len() >= 7 - given,
            "after {given}: {from:?}"
        );
    }
    emulator.add_fault(format!("fault=error,operation={LIST},nth=3").parse().expect("a fault"));
    let mut list = history.list();
    let (given, error) = rest(&mut list).await;
    assert_eq!((given.len(), error.expect("an error").status()), (4, Some(500)));
    assert_eq!(rest(&mut history.list_from(list.page_token())).await.0, names[4..]);
}

#[tokio::test]
async fn a_page_is_repeated_as_any_read_is_and_read_when_it_is_needed() {
    let emulator = strict(|_| {}).start().await.expect("a port");
    change(&emulator, 0..4).await;
    let history = customer(&emulator.url()).history().days(30).page_size(2);
    for fault in ["fault=throttle", "fault=error", "fault=close-before-commit", "fault=truncate"] {
        let rule = format!("{fault},operation={LIST},nth=2");
        emulator.add_fault(rule.parse().expect("a fault"));
        assert_eq!(all(&history).await.len(), 4, "{fault}");
        emulator.clear_faults();
    }
    let before = asked(&emulator).len();
    let mut list = history.list();
    for (given, requests) in [(1, 1), (2, 1), (3, 2), (4, 2)] {
        assert!(list.try_next().await.expect("an answer").is_some(), "{given}");
        assert_eq!(asked(&emulator).len() - before, requests, "after {given}");
    }
}

#[tokio::test]
async fn other_operations_and_strange_records_are_no_changes_and_no_errors() {
    let link = r#""links":{"self":{"uri":"/auditrecords"}}"#;
    let record = |members: &str| format!(r#"{{"customerId":"{SAMPLE_CUSTOMER}",{members}}}"#);
    let update = |members: &str| {
        record(&format!(r#""OperationType":"Update_Customer_Billing_Profile",{members}"#))
    };
    let items = [
        record(r#""operationType":"add_customer""#),
        record(r#""operationType":null"#),
        update(r#""resourceOldValue":"no JSON","resourceNewValue":"[]""#),
        update(
            r#""resourceOldValue":"{\"Email\":\"a\"}","resourceNewValue":"{\"email\":\"b\",\"Odd\":1,\"Culture\":null}""#,
        ),
        update(r#""operationStatus":"failed","resourceNewValue":null"#),
    ];
    let body = format!(r#"{{"items":[{}],{link}}}"#, items.join(","));
    let recorder = Recorder::start(200, body.as_bytes()).await.expect("a port");
    let history = customer(recorder.url()).history().days(1);
    let page = history.page(None).await.expect("a page");
    let changes: Vec<_> = page
        .changes
        .iter()
        .map(|it| it.changes.as_ref().map(|it| it.iter().map(parts).collect::<Vec<_>>()))
        .collect();
    let email = ("/email", json!("a"), json!("b"));
    assert_eq!(changes, [None, Some(vec![email, ("/Odd", Value::Null, json!(1))]), None]);
    assert!(page.next.is_none());

    let endless = br#"{"items":[],"continuationToken":"t"}"#;
    let recorder = Recorder::start(200, endless).await.expect("a port");
    let error = customer(recorder.url()).history().list().try_next().await.expect_err("no end");
    assert_eq!((error.kind(), recorder.requests().len()), (ErrorKind::Response, 2));
    let recorder = Recorder::start(200, br#"{"items":5}"#).await.expect("a port");
    let history = customer(recorder.url()).history().retry(Retry::none());
    let error = history.list().try_next().await.expect_err("no list");
    assert!(error.to_string().contains("is not a list of audit records"), "{error}");
}

#[tokio::test]
async fn a_company_is_read_by_a_user() {
    let emulator = emulator(|_| {}).await;
    let user = builder(&emulator.url(), AppUser::token(APP_USER_TOKEN)).build().expect("one");
    let company = user.customer(id(OTHER_CUSTOMER)).company_profile().await.expect("a company");
    assert_eq!(company.tenant_id.as_deref(), Some(OTHER_CUSTOMER));
    assert_eq!(company.company_name.as_deref(), Some("1kl as kjk"));
    let nobody = user.customer(Uuid::nil()).company_profile().await.expect_err("nobody");
    assert!(nobody.is_not_found());
}
