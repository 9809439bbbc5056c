//! The audit records: what they hold, which of them are listed, and how the list goes on.

use partner_center_emulator::{AuditPaging, AuditValue};
use serde_json::Map;

use super::*;

const RECORDS: &str = "/v1/auditrecords";

async fn page(service: &Service, query: &str) -> Value {
    json(service.get(&format!("{RECORDS}{query}")).send().await.expect("a page")).await
}

/// The value that is JSON in a string.
fn inner(value: &Value) -> Value {
    serde_json::from_str(value.as_str().expect("a string")).expect("JSON")
}

fn of_customer(id: &str) -> String {
    let filter = json!({"Field": "CustomerId", "Value": id, "Operator": "equals"});
    form_urlencoded(&[("filter", &filter.to_string())])
}

async fn update(service: &Service, id: &str, email: &str) {
    let (status, _) = answered(service.put(&customer(id), &json!({"email": email}))).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn an_update_leaves_a_record_that_looks_like_the_example_and_a_refused_one_none() {
    let service = Service::start(Emulator::builder()).await;
    let correlation = "ff1b757d-cfaf-463a-b48b-0f96d05e95d7";
    let profile = service.read(&customer(OTHER_CUSTOMER)).await.0;
    let request = service.put(&customer(OTHER_CUSTOMER), &json!({"email": "ann@example.com"}));
    let (_, written) = answered(request.header("MS-CorrelationId", correlation)).await;
    let stale = service.put(&customer(OTHER_CUSTOMER), &json!({})).header("If-Match", "\"1\"");
    assert_eq!(answered(stale).await.0, 400);

    let found = page(&service, "").await;
    let [record] = found["items"].as_array().expect("items").as_slice() else {
        panic!("{found:#}")
    };
    let expected = &example("update-profile-audit-record")["items"][0];
    let (mut left, mut right) = Default::default();
    shape(record, "", &mut left);
    shape(expected, "", &mut right);
    assert_eq!(left, right);
    for name in ["operationType", "resourceType", "operationStatus"] {
        assert_eq!(record[name], expected[name], "{name}");
    }
    assert_eq!(record["customerId"], OTHER_CUSTOMER);
    assert_eq!(record["originalCorrelationId"], correlation);
    for (name, of) in [("resourceOldValue", &profile), ("resourceNewValue", &written)] {
        let (value, sample) = (inner(&record[name]), inner(&expected[name]));
        let (mut left, mut right) = Default::default();
        shape(&value, "", &mut left);
        shape(&sample, "", &mut right);
        // The update left the address out.
        if name == "resourceOldValue" {
            assert_eq!(left, right, "{name}");
        }
        assert_eq!(value["Email"], of["email"], "{name}");
        assert_eq!(value["Attributes"]["Etag"], of["attributes"]["etag"], "{name}");
        assert!(value.as_object().is_some_and(|value| value.contains_key("FirstName")), "{name}");
    }
    service.is_within_the_contract();
}

#[tokio::test]
async fn a_record_says_who_it_was() {
    let service = Service::start(Emulator::builder()).await;
    let path = customer(SAMPLE_CUSTOMER);
    let by =
        |token: &str| service.request(Method::PUT, &path, token).json(&json!({"firstName": token}));
    for token in [APP_ONLY_TOKEN, APP_USER_TOKEN] {
        assert_eq!(answered(by(token)).await.0, 200);
    }
    let change = Map::from_iter([("firstName".to_owned(), "someone else".into())]);
    assert!(service.emulator.overwrite(Some(SAMPLE_CUSTOMER), &change));
    let test_route = format!("/_emulator/customers/{SAMPLE_CUSTOMER}/profiles/billing");
    let second = service.client.put(format!("{}{test_route}", service.emulator.url()));
    assert_eq!(answered(second.json(&json!({"firstName": "second"}))).await.0, 200);
    // The partner's own has no operation.
    assert_eq!(answered(service.put(PARTNER, &json!({}))).await.0, 200);

    let found = page(&service, "").await;
    let items = found["items"].as_array().expect("items").iter();
    let found: Vec<_> = items
        .map(|item| {
            (
                item["userPrincipalName"].clone(),
                inner(&item["resourceNewValue"])["FirstName"].clone(),
            )
        })
        .collect();
    let (user, other) = (json!("admin@partner.example"), json!("someone.else@partner.example"));
    assert_eq!(
        found,
        [
            (other.clone(), json!("second")),
            (other, json!("someone else")),
            (user, json!(APP_USER_TOKEN)),
            (Value::Null, json!(APP_ONLY_TOKEN)),
        ]
    );
}

#[tokio::test]
async fn pages_go_on_by_either_way_and_are_not_disturbed_by_a_new_record() {
    for (paging, prefix) in
        [(AuditPaging::Link, false), (AuditPaging::Link, true), (AuditPaging::Seek, false)]
    {
        let service = Service::with(|switches| {
            (switches.audit_paging, switches.link_prefix) = (paging, prefix);
        })
        .await;
        for number in 0..5 {
            update(&service, SAMPLE_CUSTOMER, &format!("{number}@example.com")).await;
            update(&service, OTHER_CUSTOMER, "other@example.com").await;
        }
        let mut found = page(&service, &format!("?size=2&{}", of_customer(SAMPLE_CUSTOMER))).await;
        let (mut emails, mut lengths) = (Vec::new(), Vec::new());
        loop {
            let items = found["items"].as_array().expect("items");
            lengths.push(items.len());
            emails
                .extend(items.iter().map(|item| inner(&item["resourceNewValue"])["Email"].clone()));
            update(&service, SAMPLE_CUSTOMER, "late@example.com").await;
            let next = &found["links"]["next"];
            found = if let Some(token) = found["continuationToken"].as_str() {
                assert!((paging, next) == (AuditPaging::Seek, &Value::Null));
                page(&service, &format!("?size=2&seek={token}")).await
            } else if let Some(uri) = next["uri"].as_str() {
                assert_eq!(uri.starts_with("/v1/"), prefix);
                let token = next["headers"][0]["value"].as_str().expect("a token");
                let uri = format!("/v1{}", uri.trim_start_matches("/v1"));
                let request = service.get(&uri).header("MS-ContinuationToken", token);
                json(request.send().await.expect("one more")).await
            } else {
                break;
            };
        }
        let expected: Vec<_> = (0..5).rev().map(|it| json!(format!("{it}@example.com"))).collect();
        assert_eq!((emails, lengths), (expected, vec![2, 2, 1]), "{paging} {prefix}");
        service.is_within_the_contract();
    }
}

#[tokio::test]
async fn the_value_of_a_record_is_as_the_switch_says() {
    for value in AuditValue::ALL {
        let service = Service::with(|switches| switches.audit_value = *value).await;
        update(&service, SAMPLE_CUSTOMER, "ann@example.com").await;
        let found = page(&service, "").await;
        let record = &found["items"][0];
        let new = inner(&record["resourceNewValue"]);
        let profile = match value {
            AuditValue::Customer => {
                assert_eq!(new["Id"], SAMPLE_CUSTOMER);
                &new["BillingProfile"]
            }
            _ => &new,
        };
        assert_eq!(profile["Email"], "ann@example.com", "{value}");
        assert_eq!(record["resourceOldValue"].is_null(), *value == AuditValue::New, "{value}");
        service.is_within_the_contract();
    }
}

/// The records of a state in which there is one on each of these days, some days ago.
async fn with_records_of(days: &[u64], file: &str) -> Service {
    let file = std::env::temp_dir().join(format!("{file}-{}.json", std::process::id()));
    let service = Service::start(Emulator::builder()).await;
    for _ in days {
        update(&service, SAMPLE_CUSTOMER, "ann@example.com").await;
    }
    let mut state = service.emulator.state();
    for (record, days) in
        state["auditRecords"].as_array_mut().expect("records").iter_mut().zip(days)
    {
        record["operationDate"] = format!("{}T12:00:00.0000000Z", days_ago(*days)).into();
    }
    std::fs::write(&file, state.to_string()).expect("a file");
    let service = Service::start(Emulator::builder().state(&file)).await;
    std::fs::remove_file(&file).expect("a file");
    service
}

/// By another way than that of the emulator.
fn days_ago(days: u64) -> String {
    let date =
        time::OffsetDateTime::now_utc() - time::Duration::days(days.try_into().expect("days"));
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

#[tokio::test]
async fn dates_and_filters_say_which_records() {
    let service = with_records_of(&[80, 40, 29, 0], "audit-dates").await;
    let count = async |query: &str| page(&service, query).await["totalCount"].clone();
    let days =
        |start: u64, end: u64| format!("?startDate={}&endDate={}", days_ago(start), days_ago(end));
    assert_eq!(count("").await, 2);
    for (query, expected) in [
        (days(29, 29), 1),
        (days(28, 1), 0),
        (days(40, 29), 2),
        (days(85, 60), 1),
        // As far as 30 days go.
        (format!("?startDate={}", days_ago(45)), 2),
        (format!("{}&{}", days(40, 29), of_customer(SAMPLE_CUSTOMER)), 2),
        (format!("?{}", of_customer(&SAMPLE_CUSTOMER.to_uppercase())), 2),
        (format!("?{}", of_customer(OTHER_CUSTOMER)), 0),
    ] {
        assert_eq!(count(&query).await, expected, "{query}");
    }
    for (field, value, operator, expected) in [
        ("ResourceType", "Customer", "equals", 2),
        ("ResourceType", "Order", "equals", 0),
        ("CompanyName", "NOBODY", "substring", 0),
    ] {
        let filter = json!({"Field": field, "Value": value, "Operator": operator}).to_string();
        let query = format!("?{}", form_urlencoded(&[("filter", &filter)]));
        assert_eq!(count(&query).await, expected, "{filter}");
    }
    for query in [
        format!("?startDate={}", days_ago(92)),
        days(40, 5),
        days(5, 6),
        "?startDate=yesterday".to_owned(),
        "?endDate=2026-02-30".to_owned(),
        "?size=-1".to_owned(),
        "?filter=%7B%7D".to_owned(),
        "?seek=0".to_owned(),
        "?seekOperation=Next".to_owned(),
    ] {
        let (status, body) = answered(service.get(&format!("{RECORDS}{query}"))).await;
        assert_eq!((status, &body["code"]), (400, &json!(800_002)), "{query}");
    }
    let delete = service.request(Method::DELETE, RECORDS, APP_USER_TOKEN);
    assert_eq!(answered(delete).await.0, 405);
    service.is_within_the_contract();
}
