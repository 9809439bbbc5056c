//! Customers: every page, from where it was left, and what goes wrong in between.

use std::collections::BTreeSet;

use partner_center::models::Customer;
use partner_center::{CustomerList, Customers, PageToken, SearchBy};

use super::*;

async fn many(customers: usize, prefix: bool) -> Emulator {
    let mut switches = Switches::default();
    switches.link_prefix = prefix;
    let builder = Emulator::builder().customers(customers).switches(switches).strict(true);
    builder.start().await.expect("a port")
}

fn customers(url: &str) -> Customers<AppOnly> {
    let client = builder(url, AppOnly::token(APP_ONLY_TOKEN)).clock(Hasty::default());
    client.build().expect("a client").customers()
}

fn id_of(customer: &Customer) -> String {
    customer.id.clone().expect("an id")
}

/// The ids that are left in a list, or the error that ended it.
async fn rest<A: Credential>(list: &mut CustomerList<A>) -> (Vec<String>, Option<Error>) {
    let mut ids = Vec::new();
    loop {
        match list.try_next().await {
            Ok(Some(customer)) => ids.push(id_of(&customer)),
            Ok(None) => return (ids, None),
            Err(error) => return (ids, Some(error)),
        }
    }
}

async fn all(customers: &Customers<AppOnly>) -> Vec<String> {
    let (ids, error) = rest(&mut customers.list()).await;
    assert!(error.is_none(), "{error:?}");
    ids
}

#[tokio::test]
async fn every_customer_is_listed_once_whatever_the_links_look_like() {
    for prefix in [false, true] {
        let emulator = many(1200, prefix).await;
        let ids = all(&customers(&emulator.url())).await;
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 1202);
        assert_eq!(ids.len(), 1202);
        let paths: Vec<_> = emulator.journal().into_iter().map(|it| it.path).collect();
        let next = "/v1/customers?seekOperation=Next&size=0";
        assert_eq!(paths, ["/v1/customers?size=0", next, next]);
        for exchange in emulator.journal() {
            assert_eq!((exchange.status, exchange.request_violations.len()), (Some(200), 0));
        }
    }
}

#[tokio::test]
async fn pages_are_read_when_they_are_needed() {
    let emulator = many(4, false).await;
    let mut list = customers(&emulator.url()).page_size(2).list();
    assert_eq!(emulator.journal().len(), 0);
    for (given, requests) in [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (6, 3)] {
        assert!(list.try_next().await.expect("an answer").is_some(), "{given}");
        assert_eq!(emulator.journal().len(), requests, "after {given}");
    }
    for _ in 0..2 {
        assert_eq!(list.try_next().await.expect("the end"), None);
    }
    assert_eq!(emulator.journal().len(), 3);
}

#[tokio::test]
async fn a_search_finds_by_name_and_domain_over_pages() {
    let emulator = many(30, false).await;
    let customers = customers(&emulator.url()).page_size(4);
    // Company 1, and 10 to 19.
    let by_name = all(&customers.clone().search(SearchBy::CompanyName, "cOMPany 1")).await;
    assert_eq!((by_name.len(), emulator.journal().len()), (11, 3));
    assert_eq!(all(&customers.clone().search(SearchBy::Domain, "COMPANY1")).await, by_name);
    // What a text in JSON and in a query has to escape.
    let nobody = customers.clone().search(SearchBy::CompanyName, "a\"\\&+%ä");
    assert_eq!(all(&nobody).await, Vec::<String>::new());
    let path = emulator.journal().pop().expect("a request").path;
    let url = reqwest::Url::parse(&format!("http://localhost{path}")).expect("a URL");
    let (_, filter) = url.query_pairs().find(|(name, _)| name == "filter").expect("a filter");
    let filter: Value = serde_json::from_str(&filter).expect("JSON");
    assert_eq!(filter["Value"], "a\"\\&+%ä");
    assert_eq!(list_of(&nobody).await, (0, None));
}

/// How many there are on the first page, and whether there is a next one.
async fn list_of(customers: &Customers<AppOnly>) -> (usize, Option<PageToken>) {
    let page = customers.page(None).await.expect("a page");
    (page.customers.len(), page.next)
}

#[tokio::test]
async fn a_list_goes_on_in_another_process_and_misses_nobody() {
    let emulator = many(7, true).await;
    let some = customers(&emulator.url()).search(SearchBy::CompanyName, "Company").page_size(3);
    let ids = all(&some).await;
    assert_eq!(ids.len(), 8);
    for given in 0..=8 {
        let mut list = some.list();
        for _ in 0..given {
            list.try_next().await.expect("an answer").expect("a customer");
        }
        let place = serde_json::to_string(&list.page_token()).expect("JSON");
        let place: Option<PageToken> = serde_json::from_str(&place).expect("a token");
        // It knows the search: other settings do not matter.
        let elsewhere = customers(&emulator.url());
        let (from, error) = rest(&mut elsewhere.list_from(place.as_ref())).await;
        // Page by page, and after the end the last page.
        let first = given / 3 * 3;
        if place.is_some() {
            assert_eq!((&from[..], error.is_none()), (&ids[first..], true), "after {given}");
        } else {
            assert!(given < 3, "after {given} from the beginning");
        }
    }
}

#[tokio::test]
async fn an_error_in_the_middle_ends_the_list_and_it_goes_on_there() {
    let emulator = many(4, false).await;
    let some = customers(&emulator.url()).page_size(2).retry(Retry::none());
    let ids = all(&some).await;
    let fault = "fault=error,status=503,operation=listCustomers,nth=2";
    emulator.add_fault(fault.parse().expect("a fault"));
    let mut list = some.list();
    let (given, error) = rest(&mut list).await;
    assert_eq!(given, ids[..2]);
    let error = error.expect("an error");
    assert_eq!((error.status(), error.is_transient()), (Some(503), true));
    assert_eq!(list.try_next().await.expect("the end"), None);
    let (left, error) = rest(&mut some.list_from(list.page_token())).await;
    assert_eq!((&left[..], error.is_none()), (&ids[2..], true));
}

#[tokio::test]
async fn a_page_is_repeated_as_any_read_is() {
    let emulator = many(4, false).await;
    let some = customers(&emulator.url()).page_size(2);
    for fault in ["fault=throttle", "fault=error", "fault=close-before-commit", "fault=truncate"] {
        let ids = all(&some).await;
        let rule = format!("{fault},operation=listCustomers,nth=2");
        emulator.add_fault(rule.parse().expect("a fault"));
        assert_eq!(all(&some).await, ids, "{fault}");
        emulator.clear_faults();
    }
}

#[tokio::test]
async fn dropping_a_future_loses_nobody() {
    let emulator = many(4, false).await;
    let mut list = customers(&emulator.url()).page_size(1).list();
    let mut ids = Vec::new();
    loop {
        // Dropped at its first wait, and asked again.
        let dropped = {
            let mut next = std::pin::pin!(list.try_next());
            std::future::poll_fn(|context| std::task::Poll::Ready(next.as_mut().poll(context)))
                .await
        };
        let next = match dropped {
            std::task::Poll::Ready(next) => next,
            std::task::Poll::Pending => list.try_next().await,
        };
        let Some(customer) = next.expect("an answer") else { break };
        ids.push(id_of(&customer));
    }
    assert_eq!((ids.len(), emulator.journal().len()), (6, 6));
}

#[tokio::test]
async fn refusals_and_strange_answers_are_errors_of_the_list() {
    let emulator = many(0, false).await;
    let refused = builder(&emulator.url(), AppOnly::token(NO_ROLE_TOKEN)).build().expect("one");
    let error = refused.customers().list().try_next().await.expect_err("no role");
    assert!(error.is_forbidden(), "{error}");
    let stranger = app_only(&emulator).customer(id(STRANGER_CUSTOMER)).get().await;
    assert!(stranger.expect_err("a stranger").is_forbidden());
    let nobody = app_only(&emulator).customer(Uuid::nil()).get().await;
    assert!(nobody.expect_err("nobody").is_not_found());

    let endless = br#"{"items":[],"continuationToken":"t"}"#;
    let recorder = Recorder::start(200, endless).await.expect("a port");
    let error = customers(recorder.url()).list().try_next().await.expect_err("no end");
    assert_eq!((error.kind(), recorder.requests().len()), (ErrorKind::Response, 2));
    for (body, what) in [
        (&br#"{"items":5}"#[..], "the answer is not a list of customers: member /items"),
        (b"[]", "the answer is not a list of customers"),
        (br#"{"code":2000,"description":"no"}"#, "the service answered with success and a fault"),
    ] {
        let recorder = Recorder::start(200, body).await.expect("a port");
        let error = customers(recorder.url()).retry(Retry::none()).list().try_next().await;
        let error = error.expect_err(what);
        assert!(error.to_string().contains(what), "{error}");
    }
}

#[tokio::test]
async fn no_debug_shows_a_company() {
    let emulator = many(1, false).await;
    let some = customers(&emulator.url()).search(SearchBy::CompanyName, "comPANY").page_size(1);
    let mut list = some.list();
    let page = some.page(None).await.expect("a page");
    let customer = list.try_next().await.expect("an answer").expect("a customer");
    let shown = format!("{some:?} {list:?} {page:?} {customer:?} {:?}", list.page_token());
    // The last is in hexadecimal digits, as the token of the emulator has it.
    for personal in ["Company 1", "company1", "comPANY", "636f6d50414e59"] {
        assert!(!shown.contains(personal), "{personal}: {shown}");
    }
}

#[tokio::test]
async fn a_customer_has_its_billing_profile_in_it() {
    let emulator = many(0, false).await;
    let handle = app_only(&emulator).customer(id(OTHER_CUSTOMER));
    let customer = handle.get().await.expect("a customer");
    let profile = handle.billing_profile().get().await.expect("a profile");
    assert_eq!(customer.billing_profile.as_ref(), Some(&*profile));
    assert_eq!(customer.company_profile.expect("one").company_name.as_deref(), Some("1kl as kjk"));
}
