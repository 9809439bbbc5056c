//! What the library and each method of the client put on the wire, byte by byte, and what the client takes
//! from it.

use std::time::{Duration, SystemTime};

use partner_center::{AppOnly, AppUser, Clock, PartnerCenter, SearchBy};
use partner_center_api::types::CustomerBillingProfile;
use partner_center_api::{Client, Context, Document, Error, utf8};
use partner_center_tests::{Recorder, orphans, root};
use uuid::Uuid;

use crate::generated_calls::{OPERATIONS, call};

const CUSTOMER: Uuid = Uuid::from_u128(0xaaaa_0000_bb11_2222_33cc_4444_44dd_dddd);

fn example(name: &str) -> Vec<u8> {
    std::fs::read(root().join("openapi").join(name)).expect(name)
}

/// A profile that the documentation prints with its entity tag, minified as the service sends it, with a member that no
/// contract knows and a number that no parser keeps.
fn customer_body() -> Vec<u8> {
    let sample = example("examples/customer-by-id-billing-profile.response.json");
    let value: serde_json::Value = serde_json::from_slice(&sample).expect("JSON");
    let text = value.to_string();
    let text = text.replacen('{', r#"{"score":1.50,"Unknown":{"b":null,"a":[1e2]},"#, 1);
    [b"\xEF\xBB\xBF", text.as_bytes()].concat()
}

fn partner_body() -> Vec<u8> {
    let text = String::from_utf8(example("examples/get-partner-billing-profile.response.json"))
        .expect("UTF-8");
    let value: serde_json::Value =
        serde_json::from_str(&text.replace("<etag>", "-8799889149591823008")).expect("JSON");
    [b"\xEF\xBB\xBF", value.to_string().as_bytes()].concat()
}

/// One request as it was on the wire, without what differs from run to run.
fn redacted(request: &str) -> String {
    let head = request.split_once("\r\n\r\n").map_or(request, |(head, _)| head);
    let body = request.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let mut lines: Vec<_> = head
        .split("\r\n")
        .map(|line| match line.split_once(": ") {
            Some((name @ ("ms-requestid" | "ms-correlationid"), id)) => {
                Uuid::parse_str(id).expect("a GUID");
                format!("{name}: [guid]")
            }
            Some(("host", _)) => "host: [host]".into(),
            Some(("user-agent", agent)) => {
                assert_eq!(agent, concat!("partner-center/", env!("CARGO_PKG_VERSION")));
                "user-agent: partner-center/[version]".into()
            }
            _ => line.to_owned(),
        })
        .collect();
    // Their order has no meaning (RFC 9110 section 5.3), and only the order of the code decides it.
    lines[1..].sort();
    format!("{}\n\n{body}", lines.join("\n"))
}

/// The requests of the library, in the order in which [`operations_are_reviewed`] makes them.
const BY_THE_LIBRARY: [&str; 14] = [
    "list_customers",
    "list_customers.next",
    "get_customer",
    "get_customer_billing_profile",
    "update_customer_billing_profile",
    "list_audit_records",
    "list_audit_records.next",
    "list_audit_records.earlier",
    "get_customer_company_profile",
    "list_customers.validate_mfa",
    "get_partner_billing_profile",
    "update_partner_billing_profile",
    "validate_address",
    "get_country_validation_rules",
];

/// A clock on which it is the day of the sample.
#[derive(Debug)]
struct Stopped;

impl Clock for Stopped {
    fn utc(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_599_068_052)
    }
}

/// The snapshot of a method of the client.
fn by_the_client(operation: &str) -> String {
    format!("client.{operation}")
}

#[tokio::test]
async fn operations_are_reviewed() {
    let page = example("examples/list-customers.response.json");
    let last = example("examples/search-customers.response.json");
    let answers = [(200, "", &page[..]), (200, "", &last[..])];
    let lists = Recorder::script(&answers).await.expect("a port");
    let client = PartnerCenter::builder(AppOnly::token("token"))
        .endpoint(lists.url())
        .build()
        .expect("a client");
    let found = client.customers().search(SearchBy::CompanyName, "Cönt\"").page_size(2);
    let page = found.page(None).await.expect("a page");
    found.page(page.next.as_ref()).await.expect("the next page");
    client.customer(CUSTOMER).get().await.expect("a customer");

    let customers = Recorder::start(200, &customer_body()).await.expect("a port");
    let client = PartnerCenter::builder(AppOnly::token("token"))
        .endpoint(customers.url())
        .build()
        .expect("a client");
    let resource = client.customer(CUSTOMER).billing_profile();
    let mut profile = resource.get().await.expect("a profile");
    profile.email = Some("ann@example.com".into());
    profile.first_name = None;
    let address = profile.default_address.as_mut().expect("an address");
    address.address_line2 = Some("Door 3".into());
    let _ = resource.update(&profile).await.expect("an update");

    let audit = example("examples/list-audit-records.response.json");
    let next = br#"{"continuationToken": "t=="}"#;
    let company = example("examples/get-customer-company-profile.response.json");
    let answers = [(200, "", &next[..]), (200, "", &audit[..]), (200, "", &audit[..])];
    let audits = Recorder::script(&answers).await.expect("a port");
    let client = PartnerCenter::builder(AppUser::token("token"))
        .endpoint(audits.url())
        .clock(Stopped)
        .build()
        .expect("a client");
    let history = client.customer(CUSTOMER).billing_profile().history().page_size(50);
    let page = history.page(None).await.expect("a page");
    let page = history.page(page.next.as_ref()).await.expect("the next page");
    history.page(page.next.as_ref()).await.expect("a page of earlier days");
    let companies = Recorder::start(200, &company).await.expect("a port");
    let client = PartnerCenter::builder(AppUser::token("token"))
        .endpoint(companies.url())
        .build()
        .expect("a client");
    client.customer(CUSTOMER).company_profile().await.expect("a company");

    let answers = [(200, "isMfaCompliant: True\r\n", &b"{}"[..])];
    let users = Recorder::script(&answers).await.expect("a port");
    let client = PartnerCenter::builder(AppUser::token("token"))
        .endpoint(users.url())
        .build()
        .expect("a client");
    assert_eq!(client.is_mfa_compliant().await.expect("an answer"), Some(true));

    let partners = Recorder::start(200, &partner_body()).await.expect("a port");
    let client = PartnerCenter::builder(AppUser::token("token"))
        .endpoint(partners.url())
        .build()
        .expect("a client");
    let resource = client.billing_profile();
    let mut profile = resource.get().await.expect("a profile");
    profile.purchase_order_number = Some("9999".into());
    let _ = resource.update(&profile).await.expect("an update");

    let found = example("examples/validate-address.response.json");
    let rules = example("examples/get-country-validation-rules.response.json");
    let answers = [(200, "", &found[..]), (200, "", &rules[..])];
    let addresses = Recorder::script(&answers).await.expect("a port");
    let client = PartnerCenter::builder(AppOnly::token("token"))
        .endpoint(addresses.url())
        .build()
        .expect("a client");
    let body = example("examples/customer-by-id-billing-profile.response.json");
    let profile = Document::<CustomerBillingProfile>::parse(body.into()).expect("a profile");
    // Whose address it is, is not sent.
    let address = profile.default_address.as_ref().expect("an address");
    assert!(address.last_name.is_some() && address.phone_number.is_some());
    client.validate_address(address).await.expect("an answer");
    client.country_rules("us").await.expect("rules");

    let all = [lists, customers, audits, companies, users, partners, addresses];
    let requests = all.map(|it| it.requests()).concat();
    assert_eq!(requests.len(), BY_THE_LIBRARY.len());
    insta::with_settings!({
        snapshot_path => "snapshots/wire", prepend_module_to_snapshot => false, omit_expression => true
    }, {
        for (name, request) in BY_THE_LIBRARY.iter().zip(&requests) {
            insta::assert_snapshot!(*name, redacted(request));
        }
    });
}

/// Each operation of the contract, called by the generated client with arguments that the code generation made.
#[tokio::test]
async fn methods_are_reviewed() {
    for operation in OPERATIONS {
        let recorder = Recorder::start(200, b"{}").await.expect("a port");
        let client = api(recorder.url(), Context::new());
        let outcome = Box::pin(call(&client, operation, example)).await;
        let requests = recorder.requests();
        let [request] = requests.as_slice() else {
            panic!("{operation} sent {} requests: {outcome:?}", requests.len());
        };
        insta::with_settings!({
            snapshot_path => "snapshots/wire", prepend_module_to_snapshot => false, omit_expression => true
        }, {
            insta::assert_snapshot!(by_the_client(operation), redacted(request));
        });
    }
    let by_the_client = OPERATIONS.iter().map(|name| by_the_client(name));
    let names: Vec<_> =
        BY_THE_LIBRARY.iter().map(ToString::to_string).chain(by_the_client).collect();
    let orphans = orphans("wire", &names);
    assert!(orphans.is_empty(), "nothing sends these any more, delete them: {orphans:#?}");
}

#[tokio::test]
async fn every_call_has_ids_of_its_own() {
    let recorder = Recorder::start(200, &customer_body()).await.expect("a port");
    let client = PartnerCenter::builder(AppOnly::token("token"))
        .endpoint(recorder.url())
        .build()
        .expect("a client");
    let resource = client.customer(CUSTOMER).billing_profile();
    let _ = resource.get().await.expect("a profile");
    let _ = resource.get().await.expect("a profile");
    let ids = |request: &String| -> Vec<String> {
        request
            .lines()
            .filter(|line| line.starts_with("ms-requestid") || line.starts_with("ms-correlationid"))
            .map(str::to_owned)
            .collect()
    };
    let requests = recorder.requests();
    let (first, second) = (ids(&requests[0]), ids(&requests[1]));
    assert_eq!((first.len(), second.len()), (2, 2));
    assert!(first.iter().all(|id| !second.contains(id)));
}

fn api(url: &str, context: Context) -> Client {
    Client::new_with_client(
        url,
        reqwest::Client::builder().no_proxy().build().expect("a client"),
        context,
    )
}

#[tokio::test]
async fn a_context_is_on_the_request_and_the_api_version_is_not() {
    let recorder = Recorder::start(200, b"{}").await.expect("a port");
    let context = Context::new()
        .bearer("token")
        .and_then(|context| context.locale("de-DE"))
        .and_then(|context| context.application("Contoso"))
        .and_then(|context| context.contract_version("v1"))
        .and_then(|context| context.correlation_vector("xqqtn+OEVE2ridoS.0"))
        .expect("headers");
    let client = api(recorder.url(), context.request_id(Uuid::nil()).correlation_id(Uuid::max()));
    client.get_partner_billing_profile().await.expect("a profile");
    let request = recorder.requests().remove(0);
    for line in [
        "authorization: Bearer token",
        "x-locale: de-DE",
        "ms-partnercenter-application: Contoso",
        "ms-contract-version: v1",
        "ms-cv: xqqtn+OEVE2ridoS.0",
        "ms-requestid: 00000000-0000-0000-0000-000000000000",
        "ms-correlationid: ffffffff-ffff-ffff-ffff-ffffffffffff",
        "accept: application/json",
    ] {
        assert!(request.lines().any(|found| found == line), "no {line} in {request}");
    }
    assert!(!request.contains("api-version"), "{request}");
}

#[tokio::test]
async fn every_encoding_of_a_profile_is_read() {
    let text =
        r#"{"Email":"ä@example.com","DefaultAddress":{"City":"Köln"},"Attributes":{"Etag":"-1"}}"#;
    let utf16 = |bom: &[u8], bytes: fn(u16) -> [u8; 2]| {
        [bom, &text.encode_utf16().flat_map(bytes).collect::<Vec<_>>()].concat()
    };
    let bodies = [
        text.as_bytes().to_vec(),
        [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        utf16(b"\xFF\xFE", u16::to_le_bytes),
        utf16(b"\xFE\xFF", u16::to_be_bytes),
    ];
    for body in bodies {
        let recorder = Recorder::start(200, &body).await.expect("a port");
        let response =
            api(recorder.url(), Context::new()).get_customer_billing_profile(&CUSTOMER).await;
        let response = response.expect("a profile");
        assert_eq!(response.headers()["ms-requestid"], "5f1a2b3c");
        assert_eq!(response.email.as_deref(), Some("ä@example.com"));
        let city = response.default_address.as_ref().and_then(|address| address.city.as_deref());
        assert_eq!(city, Some("Köln"));
        let etag = response.attributes.as_ref().and_then(|attributes| attributes.etag.as_deref());
        assert_eq!(etag, Some("-1"));
        assert_eq!(response.into_inner().json(), text);
    }
}

#[test]
fn broken_encodings_are_errors_and_not_panics() {
    for body in [
        &b""[..],
        b"\xEF\xBB\xBF",
        b"\xFF\xFE",
        b"\xFE\xFF\x00",
        b"\xFF\xFE\x00\xD8",
        b"\xEF\xBB",
        b"{",
        b"\xFF",
    ] {
        assert!(
            Document::<CustomerBillingProfile>::parse(body.to_vec().into()).is_err(),
            "{body:?}"
        );
    }
    assert_eq!(utf8(b"\xFF\xFE\x00\xD8"[..].into()), "\u{FFFD}");
}

#[tokio::test]
async fn values_beyond_the_limits_are_read() {
    let body = serde_json::json!({
        "email": "not an address", "language": "", "id": "not a GUID",
        "defaultAddress": {"country": "Germany", "state": "Nordrhein-Westfalen", "firstName": "", "addressLine1": "x".repeat(300)},
    });
    let recorder = Recorder::start(200, body.to_string().as_bytes()).await.expect("a port");
    let response =
        api(recorder.url(), Context::new()).get_customer_billing_profile(&CUSTOMER).await;
    let profile = response.expect("a profile").into_inner();
    assert_eq!(profile.id.as_deref(), Some("not a GUID"));
    let violations = partner_center_api::validation::violations::<CustomerBillingProfile>(&body);
    let shown: Vec<_> = violations.iter().map(|violation| violation.pointer.as_str()).collect();
    assert_eq!(
        shown,
        [
            "/email",
            "/defaultAddress/country",
            "/defaultAddress/addressLine1",
            "/defaultAddress/firstName",
        ]
    );
}

#[tokio::test]
async fn errors_keep_status_headers_and_bytes() {
    for (status, body) in
        [(400, &br#"{"code":"2055"}"#[..]), (403, b""), (502, b"<html>"), (418, b"\xFF")]
    {
        let recorder = Recorder::start(status, body).await.expect("a port");
        let result =
            api(recorder.url(), Context::new()).get_customer_billing_profile(&CUSTOMER).await;
        let Err(Error::ErrorResponse(response)) = result else { panic!("{status}: {result:?}") };
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers()["ms-requestid"], "5f1a2b3c");
        let mut stream = response.into_inner_stream();
        let mut read = Vec::new();
        while let Some(chunk) =
            std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await
        {
            read.extend_from_slice(&chunk.expect("a chunk"));
        }
        assert_eq!(read, body);
    }
}
