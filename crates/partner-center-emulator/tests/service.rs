//! The service over HTTP: every documented error, every switch, every fault.

#[path = "service/audit.rs"]
mod audit;

use std::time::Duration;

use partner_center_emulator::{
    APP_ONLY_TOKEN, APP_USER_TOKEN, Builder, EXPIRED_TOKEN, Emulator, ErrorBody, EtagCheck, Fault,
    IfMatchStar, KeyCase, MfaCheck, MissingIfMatch, NO_MFA_TOKEN, NO_ROLE_TOKEN, OTHER_CUSTOMER,
    Rule, SAMPLE_CUSTOMER, STRANGER_CUSTOMER, StaleEtag, Switches, WRONG_AUDIENCE_TOKEN,
};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

const BOM: &[u8] = b"\xEF\xBB\xBF";

struct Service {
    emulator: Emulator,
    client: Client,
}

impl Service {
    async fn start(builder: Builder) -> Self {
        let emulator = builder.start().await.expect("a port");
        Self { emulator, client: Client::builder().no_proxy().build().expect("a client") }
    }

    async fn with(change: impl FnOnce(&mut Switches)) -> Self {
        let mut switches = Switches::default();
        change(&mut switches);
        Self::start(Emulator::builder().switches(switches)).await
    }

    fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.emulator.url())).bearer_auth(token)
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path, APP_USER_TOKEN)
    }

    fn put(&self, path: &str, body: &Value) -> RequestBuilder {
        self.request(Method::PUT, path, APP_USER_TOKEN).json(body)
    }

    /// The profile at `path` and its entity tag.
    async fn read(&self, path: &str) -> (Value, String) {
        let body = json(self.get(path).send().await.expect("an answer")).await;
        let tag = body["attributes"]["etag"].as_str().expect("an entity tag").to_owned();
        (body, tag)
    }

    /// Nothing that the service answered by itself is against the contract.
    fn is_within_the_contract(&self) {
        for exchange in self.emulator.journal() {
            assert!(exchange.response_violations.is_empty(), "{:#}", exchange.to_json());
        }
    }
}

fn customer(id: &str) -> String {
    format!("/v1/customers/{id}/profiles/billing")
}

fn company(id: &str) -> String {
    format!("/v1/customers/{id}/profiles/company")
}

const PARTNER: &str = "/v1/profiles/billing";

async fn json(response: Response) -> Value {
    let body = response.bytes().await.expect("a body");
    serde_json::from_slice(body.strip_prefix(BOM).unwrap_or(&body)).expect("JSON")
}

async fn answered(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let body = response.bytes().await.expect("a body");
    (status, serde_json::from_slice(body.strip_prefix(BOM).unwrap_or(&body)).unwrap_or_default())
}

#[tokio::test]
async fn answers_look_like_those_of_the_service() {
    let service = Service::start(Emulator::builder()).await;
    let id = "ff85f13a-eb65-4b8e-9b67-05beb0565410";
    let request = service.get(&customer(OTHER_CUSTOMER)).header("MS-RequestId", id);
    let response = request.send().await.expect("an answer");
    let headers = response.headers().clone();
    assert_eq!(headers["content-type"], "application/json; charset=utf-8");
    assert_eq!(headers["ms-requestid"], id);
    assert_eq!(headers["ms-correlationid"].len(), 36);
    for name in ["ms-cv", "ms-serverid", "request-context", "date"] {
        assert!(headers.contains_key(name), "{name}");
    }
    assert!(!headers.contains_key("etag"));
    let body = response.bytes().await.expect("a body");
    let text = body.strip_prefix(BOM).expect("a byte order mark");
    let value: Value = serde_json::from_slice(text).expect("JSON");
    assert_eq!(value.to_string().as_bytes(), text, "minified");
    assert!(value["attributes"]["etag"].as_str().expect("a tag").parse::<i64>().is_ok());
    assert_eq!(
        value["links"]["self"]["uri"],
        format!("/customers/{OTHER_CUSTOMER}/profiles/billing")
    );
    service.is_within_the_contract();
}

/// The example of this name, as the contract has it.
fn example(name: &str) -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/examples/");
    let text = std::fs::read_to_string(format!("{path}{name}.response.json")).expect(name);
    serde_json::from_str(&text).expect(name)
}

/// The members of `value` by their places, without what they hold.
fn shape(value: &Value, at: &str, found: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                shape(member, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                shape(item, &format!("{at}/*"), found);
            }
        }
        _ => drop(found.insert(at.to_owned())),
    }
}

#[tokio::test]
async fn customers_are_as_in_the_examples_of_the_contract() {
    let service = Service::start(Emulator::builder().customers(2)).await;
    let id = OTHER_CUSTOMER;
    let filter = "%7B%22Field%22%3A%22CompanyName%22%2C%22Value%22%3A%22COMPANY%22%2C%22Operator%22%3A%22starts_with%22%7D";
    let same = ["/id", "/companyProfile/companyName", "/billingProfile", "/customDomains"];
    for (path, name, exact) in [
        (format!("/v1/customers/{id}"), "get-customer", &same[..]),
        (company(id), "get-customer-company-profile", &[]),
        (format!("/v1/customers?size=0&filter={filter}"), "search-customers", &["/attributes"]),
        ("/v1/customers?size=2".to_owned(), "list-customers", &["/links/self", "/totalCount"]),
    ] {
        let answer = json(service.get(&path).send().await.expect("an answer")).await;
        let (mut left, mut right) = Default::default();
        shape(&answer, "", &mut left);
        shape(&example(name), "", &mut right);
        assert_eq!(left, right, "{path}");
        for pointer in exact {
            let mut expected = example(name);
            // The tag of the emulator is another one.
            if let Some(tag) = expected.pointer_mut("/billingProfile/attributes/etag") {
                *tag = answer["billingProfile"]["attributes"]["etag"].clone();
            }
            assert_eq!(answer.pointer(pointer), expected.pointer(pointer), "{path} {pointer}");
        }
    }
    service.is_within_the_contract();
}

/// The ids of all pages, by what `links.next` says, and how many each had.
async fn pages(service: &Service, query: &str) -> (Vec<String>, Vec<usize>) {
    let (mut ids, mut lengths) = (Vec::new(), Vec::new());
    let mut page =
        json(service.get(&format!("/v1/customers{query}")).send().await.expect("one")).await;
    loop {
        let items = page["items"].as_array().expect("items");
        assert_eq!(page["totalCount"], items.len());
        lengths.push(items.len());
        ids.extend(items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()));
        let next = &page["links"]["next"];
        let Some(uri) = next["uri"].as_str() else { break };
        let uri = format!("/v1{}", uri.trim_start_matches("/v1"));
        let header = &next["headers"][0];
        let name = header["key"].as_str().expect("a name");
        let token = header["value"].as_str().expect("a token");
        page = json(service.get(&uri).header(name, token).send().await.expect("one more")).await;
    }
    (ids, lengths)
}

#[tokio::test]
async fn a_list_goes_on_until_every_customer_was_there_once() {
    let service = Service::start(Emulator::builder().customers(1200)).await;
    let (all, lengths) = pages(&service, "").await;
    assert_eq!(lengths, [500, 500, 202]);
    assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), 1202);
    for query in ["?size=0", "?size=500", "?size=5000"] {
        assert_eq!(pages(&service, query).await, (all.clone(), lengths.clone()), "{query}");
    }
    let (found, lengths) = pages(&service, "?size=601").await;
    assert_eq!((found, lengths.len()), (all, 3));
    service.is_within_the_contract();
}

#[tokio::test]
async fn a_search_ignores_case_and_goes_on_with_its_filter() {
    let service = Service::start(Emulator::builder().customers(30)).await;
    let filter = |field: &str, value: &str| {
        let filter = json!({"Field": field, "Value": value, "Operator": "starts_with"});
        format!("?size=4&{}", form_urlencoded(&[("filter", &filter.to_string())]))
    };
    // Company 1, and 10 to 19.
    let (ids, lengths) = pages(&service, &filter("CompanyName", "coMPany 1")).await;
    assert_eq!((ids.len(), lengths), (11, vec![4, 4, 3]));
    let (by_domain, _) = pages(&service, &filter("Domain", "Company1")).await;
    assert_eq!(by_domain, ids);
    for nobody in [filter("CompanyName", "x"), filter("IndirectReseller", "Company")] {
        assert_eq!(pages(&service, &nobody).await, (Vec::new(), vec![0]));
    }
    service.is_within_the_contract();
}

#[tokio::test]
async fn the_links_of_a_list_are_as_the_switch_says() {
    for (on, start) in [(false, "/customers?size=1"), (true, "/v1/customers?size=1")] {
        let service = Service::with(|switches| switches.link_prefix = on).await;
        let page = json(service.get("/v1/customers?size=1").send().await.expect("a page")).await;
        assert_eq!(page["links"]["self"]["uri"], start);
        assert_eq!(page["links"]["next"]["uri"], format!("{start}&seekOperation=Next"));
        assert_eq!(pages(&service, "?size=1").await.1, [1, 1]);
    }
}

#[tokio::test]
async fn the_company_of_a_customer_outlives_its_billing_profile_and_the_service() {
    let file = std::env::temp_dir().join(format!("companies-{}.json", std::process::id()));
    let start = || Service::start(Emulator::builder().state(&file));
    let service = start().await;
    let path = customer(SAMPLE_CUSTOMER);
    let before = json(service.get(&company(SAMPLE_CUSTOMER)).send().await.expect("one")).await;
    let (status, _) = answered(service.put(&path, &json!({"companyName": "Another"}))).await;
    assert_eq!(status, 200);
    service.emulator.stop().await;
    let service = start().await;
    let after = json(service.get(&company(SAMPLE_CUSTOMER)).send().await.expect("one")).await;
    assert_eq!(before, after);
    assert_eq!(service.read(&path).await.0["companyName"], "Another");
    std::fs::remove_file(&file).expect("a file");
}

#[tokio::test]
async fn a_put_replaces_the_whole_resource() {
    let service = Service::start(Emulator::builder()).await;
    let (_, tag) = service.read(PARTNER).await;
    let body = json!({
        "CompanyName": "New", "Address": {"Country": "US", "Region": null, "AddressLine2": ""},
        "Unknown": {"b": 1, "a": [null]}, "id": "mine",
        "attributes": {"etag": tag, "objectType": "Mine"}, "links": null,
    });
    let written = json(service.put(PARTNER, &body).send().await.expect("an answer")).await;
    assert_eq!(written["companyName"], "New");
    assert_eq!(written["address"], json!({"country": "US", "addressLine2": ""}));
    assert_eq!(written["Unknown"], json!({"b": 1, "a": [null]}));
    assert_eq!(written["attributes"]["objectType"], "BillingProfile");
    assert_eq!(written["links"]["self"]["uri"], "/profiles/billing");
    assert!(written.get("purchaseOrderNumber").is_none() && written.get("id").is_none());
    assert_eq!(service.read(PARTNER).await.0, written);
    let (_, same) = service.read(PARTNER).await;
    assert_ne!(same, tag);
    service.is_within_the_contract();
}

#[tokio::test]
async fn every_documented_error_has_its_status_code_and_shape() {
    let service = Service::start(Emulator::builder()).await;
    let sample = customer(SAMPLE_CUSTOMER);
    let as_is = |token: &str, path: &str| service.request(Method::GET, path, token);
    let cases = [
        (as_is(APP_ONLY_TOKEN, &customer("one")), 400, json!(2000)),
        (
            as_is(APP_ONLY_TOKEN, &customer("00000000-0000-0000-0000-000000000000")),
            404,
            json!(1000),
        ),
        (as_is(APP_ONLY_TOKEN, &customer(STRANGER_CUSTOMER)), 403, json!(20002)),
        (as_is(APP_ONLY_TOKEN, PARTNER), 403, json!(900_329)),
        (as_is(NO_MFA_TOKEN, &sample), 401, json!("900421")),
        (as_is(WRONG_AUDIENCE_TOKEN, &sample), 401, json!("900420")),
        (as_is(NO_ROLE_TOKEN, &sample), 403, json!(null)),
        (as_is(EXPIRED_TOKEN, &sample), 401, json!(null)),
        (as_is("stranger", &sample), 401, json!(null)),
        (as_is(APP_ONLY_TOKEN, &sample).header("MS-RequestId", "one"), 400, json!(800_002)),
        (service.put(&sample, &json!({"defaultAddress": {"country": "USA"}})), 400, json!(27002)),
        (service.put(&sample, &json!({"email": 1})), 400, json!(27002)),
        (service.put(&sample, &json!({"defaultAddress": {"country": "UK"}})), 400, json!(27002)),
        (service.put(&sample, &json!([])), 400, json!(27002)),
        (service.put(&sample, &json!({})).header("If-Match", "\"1\""), 400, json!(2055)),
        (service.put(&sample, &json!({})).body("{"), 400, json!(800_002)),
        (service.put(&sample, &json!({})).body(vec![b' '; 2 * 1024 * 1024]), 413, json!(0)),
        (
            service
                .request(Method::PUT, &sample, APP_ONLY_TOKEN)
                .header("Content-Type", "text/plain")
                .body("{}"),
            415,
            json!(0),
        ),
        (service.request(Method::DELETE, &sample, APP_ONLY_TOKEN), 405, json!(0)),
        (service.get("/v1/nothing"), 404, json!(1000)),
        (service.get("/v1/customers/one"), 400, json!(2000)),
        (service.get(&format!("/v1/customers/{STRANGER_CUSTOMER}")), 403, json!(20002)),
        (service.get("/v1/customers/00000000-0000-0000-0000-000000000000"), 404, json!(1000)),
        (as_is(APP_ONLY_TOKEN, &company(SAMPLE_CUSTOMER)), 403, json!(900_329)),
        (service.get(&company("00000000-0000-0000-0000-000000000000")), 404, json!(1000)),
        (service.request(Method::POST, "/v1/customers", APP_USER_TOKEN), 405, json!(0)),
        (service.get("/v1/customers?size=-1"), 400, json!(800_002)),
        (service.get("/v1/customers?filter=%7B%7D"), 400, json!(800_002)),
        (service.get("/v1/customers?seekOperation=Next"), 400, json!(800_002)),
        (service.get("/v1/customers").header("MS-ContinuationToken", "0"), 400, json!(800_002)),
        (
            service.get("/v1/customers?seekOperation=Next").header("MS-ContinuationToken", "x"),
            400,
            json!(800_002),
        ),
    ];
    for (request, status, code) in cases {
        let shown = format!("{request:?}");
        let (answered, body) = answered(request).await;
        assert_eq!((answered, &body["code"]), (status, &code), "{shown}: {body}");
    }
    let (_, fault) = answered(
        service.put(&sample, &json!({"defaultAddress": {"region": "NA", "country": "US"}})),
    )
    .await;
    assert_eq!(fault["data"], json!(["property_name:  StateInvalid - Details", "details:  \n"]));
    let refused = as_is("stranger", &sample).send().await.expect("an answer");
    assert_eq!(refused.headers()["www-authenticate"], "Bearer error=\"invalid_token\"");
    assert_eq!(json(refused).await, json!({"statusCode": 401, "message": "Invalid JWT."}));
    let empty = as_is(NO_ROLE_TOKEN, &sample).send().await.expect("an answer");
    assert!(empty.bytes().await.expect("a body").is_empty());

    service.is_within_the_contract();
}

/// The status and code of a PUT with these two tags, where `None` sends none.
async fn updated(service: &Service, header: Option<&str>, body: Option<&str>) -> (u16, Value) {
    let mut profile = json!({"email": "a@example.com"});
    if let Some(tag) = body {
        profile["attributes"] = json!({"etag": tag});
    }
    let mut request = service.put(&customer(SAMPLE_CUSTOMER), &profile);
    if let Some(tag) = header {
        request = request.header("If-Match", tag);
    }
    let (status, body) = answered(request).await;
    service.emulator.reset();
    (status, body["code"].clone())
}

#[tokio::test]
async fn a_stale_tag_gets_what_the_switch_says() {
    let expected = [(400, 2055), (409, 409), (412, 412), (417, 800_036)];
    for (stale, (status, code)) in StaleEtag::ALL.iter().zip(expected) {
        let service = Service::with(|switches| switches.stale_etag = *stale).await;
        assert_eq!(updated(&service, Some("\"1\""), None).await, (status, json!(code)), "{stale}");
    }
}

#[tokio::test]
async fn a_missing_tag_gets_what_the_switch_says() {
    for (missing, status) in MissingIfMatch::ALL.iter().zip([200, 400, 412, 428]) {
        let service = Service::with(|switches| switches.missing_if_match = *missing).await;
        assert_eq!(updated(&service, None, None).await.0, status, "{missing}");
        // Nothing is documented for the partner's own profile.
        assert_eq!(answered(service.put(PARTNER, &json!({}))).await.0, 200, "{missing}");
    }
}

#[tokio::test]
async fn what_is_compared_is_what_the_switch_says() {
    // What is sent in the header and in the body: the current tag, a stale one, or none; and whether
    // that is accepted when either, the header, the body, both or neither are compared.
    let table = [
        ("current", "current", [true, true, true, true, true]),
        ("current", "stale", [false, true, false, false, true]),
        ("current", "none", [true, true, true, false, true]),
        ("stale", "current", [false, false, true, false, true]),
        ("none", "current", [true, true, true, true, true]),
        ("none", "stale", [false, true, false, false, true]),
        ("none", "none", [true, true, true, false, true]),
    ];
    for (index, check) in EtagCheck::ALL.iter().enumerate() {
        let service = Service::with(|switches| switches.etag_check = *check).await;
        let (_, tag) = service.read(&customer(SAMPLE_CUSTOMER)).await;
        let sent = |what| match what {
            "current" => Some(tag.clone()),
            "stale" => Some("1".to_owned()),
            _ => None,
        };
        for (header, body, accepted) in table {
            let quoted = sent(header).map(|tag| format!("\"{tag}\""));
            let (status, _) = updated(&service, quoted.as_deref(), sent(body).as_deref()).await;
            assert_eq!(
                status == 200,
                accepted[index],
                "{check}: {header} in the header, {body} in the body"
            );
        }
    }
}

#[tokio::test]
async fn only_strong_quoted_tags_match() {
    let service = Service::start(Emulator::builder()).await;
    let (_, tag) = service.read(&customer(SAMPLE_CUSTOMER)).await;
    for (header, status) in [
        (format!("\"{tag}\""), 200),
        (format!("\"1\", \"{tag}\""), 200),
        (format!("W/\"{tag}\""), 400),
        (tag.clone(), 400),
        ("*".to_owned(), 200),
    ] {
        assert_eq!(updated(&service, Some(&header), None).await.0, status, "{header}");
    }
    let service = Service::with(|switches| switches.if_match_star = IfMatchStar::BadRequest).await;
    assert_eq!(updated(&service, Some("*"), None).await.0, 400);
}

#[tokio::test]
async fn bodies_and_headers_are_as_the_switches_say() {
    let path = customer(SAMPLE_CUSTOMER);
    let service = Service::with(|switches| {
        switches.bom = false;
        switches.key_case = KeyCase::Pascal;
        switches.etag_header = true;
    })
    .await;
    let response = service.get(&path).send().await.expect("an answer");
    let header = response.headers()["etag"].to_str().expect("ASCII").to_owned();
    let body = response.bytes().await.expect("a body");
    let value: Value = serde_json::from_slice(&body).expect("JSON without a byte order mark");
    assert_eq!(value["DefaultAddress"]["City"], "Redmond");
    assert_eq!(header, format!("\"{}\"", value["Attributes"]["Etag"].as_str().expect("a tag")));
}

#[tokio::test]
async fn a_repeated_request_id_gives_the_first_answer_again() {
    for replay in [true, false] {
        let service = Service::with(|switches| switches.replay = replay).await;
        let path = customer(SAMPLE_CUSTOMER);
        let (mut profile, tag) = service.read(&path).await;
        profile["email"] = "ann@example.com".into();
        let put = || {
            service
                .put(&path, &profile)
                .header("If-Match", format!("\"{tag}\""))
                .header("MS-RequestId", "11111111-2222-3333-4444-555555555555")
        };
        let (first, body) = answered(put()).await;
        assert_eq!(first, 200);
        let (second, again) = answered(put()).await;
        assert_eq!(second, if replay { 200 } else { 400 });
        assert_eq!(again == body, replay);
        // The same id with something else to write is not the same request.
        let other = service.put(&path, &json!({"attributes": {"etag": tag}}));
        let other = other.header("MS-RequestId", "11111111-2222-3333-4444-555555555555");
        assert_eq!(answered(other).await.0, 400);
        let committed =
            service.emulator.journal().iter().filter(|exchange| exchange.committed).count();
        assert_eq!(committed, 1);
    }
}

#[tokio::test]
async fn of_two_equal_requests_at_once_one_is_applied_and_both_are_answered() {
    let service = Service::start(Emulator::builder()).await;
    let path = customer(SAMPLE_CUSTOMER);
    let (mut profile, _) = service.read(&path).await;
    profile["email"] = "ann@example.com".into();
    let put = || {
        let put = service.put(&path, &profile);
        put.header("MS-RequestId", "11111111-2222-3333-4444-555555555555").send()
    };
    let (first, second) = tokio::join!(put(), put());
    assert_eq!(json(first.expect("an answer")).await, json(second.expect("an answer")).await);
    let committed = service.emulator.journal().iter().filter(|exchange| exchange.committed).count();
    assert_eq!(committed, 1);
}

#[tokio::test]
async fn every_fault_does_what_it_says() {
    let service = Service::start(Emulator::builder()).await;
    let path = customer(SAMPLE_CUSTOMER);
    let only = |rule: Rule| {
        service.emulator.reset();
        service.emulator.add_fault(rule);
    };
    let get = || service.get(&path).send();
    let put = || service.put(&path, &json!({"email": "ann@example.com"})).send();
    let email = || service.emulator.state()["customers"][SAMPLE_CUSTOMER]["email"].clone();

    only(Rule { retry_after: Some(7), ..Rule::new(Fault::Throttle) });
    let throttled = put().await.expect("an answer");
    assert_eq!(
        (throttled.status(), &throttled.headers()["retry-after"]),
        (StatusCode::TOO_MANY_REQUESTS, &"7".parse().expect("a header"))
    );
    assert!(!throttled.headers().contains_key("ms-requestid"));
    assert_eq!(json(throttled).await["message"], "Rate limit is exceeded. Try again in 7 seconds.");
    assert_eq!(email(), "email@sample.com");

    for (status, body, content) in [
        (500, ErrorBody::Json, "{\"code\":900192"),
        (502, ErrorBody::Html, "<html>"),
        (503, ErrorBody::Empty, ""),
    ] {
        only(Rule { status: Some(status), body: Some(body), ..Rule::new(Fault::Error) });
        let failed = put().await.expect("an answer");
        assert_eq!(failed.status().as_u16(), status);
        let text = failed.text().await.expect("a body");
        assert!(text.starts_with(content) && (text.is_empty() == content.is_empty()), "{text}");
        assert_eq!(email(), "email@sample.com");
    }

    for (status, code) in [(401, ""), (403, "900150"), (404, "1000"), (412, "412"), (422, "800002")]
    {
        only(Rule { status: Some(status), ..Rule::new(Fault::Refuse) });
        let refused = put().await.expect("an answer");
        assert_eq!(refused.status().as_u16(), status);
        assert!(refused.headers().contains_key("ms-requestid"));
        assert_eq!(refused.headers().contains_key("www-authenticate"), status == 401);
        assert_eq!(json(refused).await["code"].to_string().replace("null", ""), code);
        assert_eq!(email(), "email@sample.com");
    }

    only(Rule::new(Fault::CloseBeforeCommit));
    put().await.expect_err("no answer");
    assert_eq!(email(), "email@sample.com");
    only(Rule::new(Fault::CloseAfterCommit));
    put().await.expect_err("no answer");
    assert_eq!(email(), "ann@example.com");
    let exchange = service.emulator.journal().remove(0);
    assert_eq!((exchange.status, exchange.committed), (None, true));
    assert_eq!(exchange.faults, ["close-after-commit"]);

    only(Rule { ms: Some(5000), ..Rule::new(Fault::LateAnswer) });
    let late = service.put(&path, &json!({"email": "late@example.com"}));
    let late = late.timeout(Duration::from_secs(1)).send().await.expect_err("no answer in time");
    assert!(late.is_timeout());
    assert_eq!(email(), "late@example.com");

    only(Rule::new(Fault::Truncate));
    get().await.expect("a head").bytes().await.expect_err("half a body");
    only(Rule::new(Fault::Garbage));
    assert!(!get().await.expect("an answer").bytes().await.expect("a body").starts_with(BOM));
    only(Rule::new(Fault::ContentType));
    assert_eq!(get().await.expect("an answer").headers()["content-type"], "text/html");
    only(Rule::new(Fault::Utf16));
    let body = get().await.expect("an answer").bytes().await.expect("a body");
    assert!(body.starts_with(b"\xFF\xFE{\0\"\0i\0d\0"), "{body:?}");

    only(Rule { ms: Some(50), ..Rule::new(Fault::Latency) });
    assert_eq!(get().await.expect("an answer").status(), StatusCode::OK);
    assert_eq!(service.emulator.journal()[0].faults, ["latency"]);

    only(Rule {
        nth: Some(2),
        operation: Some("getPartnerBillingProfile".into()),
        ..Rule::new(Fault::Garbage)
    });
    assert_eq!(service.read(&path).await.0["language"], "en");
    service.read(PARTNER).await;
    assert!(
        serde_json::from_slice::<Value>(
            &service.get(PARTNER).send().await.expect("an answer").bytes().await.expect("a body")
        )
        .is_err()
    );
    service.emulator.clear_faults();
    service.read(PARTNER).await;
}

/// Someone else writes between the reading and the update: what is refused is the real thing.
#[tokio::test]
async fn someone_else_gets_ahead_of_an_update() {
    let service = Service::start(Emulator::builder()).await;
    let rules = [
        json!({"fault": "overwrite"}),
        json!({"fault": "overwrite", "change": {
            "LastName": "Theirs", "culture": null, "defaultAddress": {"city": "Bellevue"},
        }}),
    ];
    for path in [customer(SAMPLE_CUSTOMER), PARTNER.to_owned()] {
        for rule in &rules {
            let (mut mine, _) = service.read(&path).await;
            let rule = Rule::from_json(rule.to_string().as_bytes()).expect("a rule");
            service.emulator.add_next_fault(rule);
            mine["email"] = "mine@example.com".into();
            let refused = service.put(&path, &mine).send().await.expect("an answer");
            assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
            assert_eq!(json(refused).await["code"], 2055);
            let (theirs, _) = service.read(&path).await;
            assert_ne!(theirs["email"], mine["email"]);
            assert!(theirs["companyName"].is_string());
        }
        let (theirs, _) = service.read(&path).await;
        assert_eq!(theirs["lastName"], "Theirs");
        assert_eq!(theirs["culture"], Value::Null);
        assert_eq!(theirs["defaultAddress"]["city"], "Bellevue");
    }
    let company = &service.emulator.state()["customers"][SAMPLE_CUSTOMER]["companyName"];
    assert_eq!(company, "Someone Else 1");
    assert!(service.emulator.next_faults().is_empty());
}

#[tokio::test]
async fn the_journal_keeps_as_many_as_it_is_told() {
    let service = Service::start(Emulator::builder().journal(2)).await;
    for _ in 0..3 {
        service.read(PARTNER).await;
    }
    let kept: Vec<_> = service.emulator.journal().iter().map(|one| one.sequence).collect();
    assert_eq!(kept, [2, 3]);
}

#[tokio::test]
async fn a_test_can_look_in_and_take_a_hand() {
    let service = Service::start(Emulator::builder()).await;
    let at = |method: Method, path: &str| {
        service.client.request(method, format!("{}/_emulator/{path}", service.emulator.url()))
    };
    let status =
        |response: Result<Response, reqwest::Error>| response.expect("an answer").status().as_u16();

    let path = customer(SAMPLE_CUSTOMER);
    let (_, tag) = service.read(&path).await;
    let second = at(Method::PUT, &path["/v1/".len()..])
        .json(&json!({"Email": "second@example.com"}))
        .send()
        .await;
    assert_eq!(status(second), 200);
    let (profile, changed) = service.read(&path).await;
    assert_eq!(profile["email"], "second@example.com");
    assert_ne!(changed, tag);

    assert_eq!(
        status(
            at(Method::POST, "faults").json(&json!({"fault": "error", "status": 503})).send().await
        ),
        204
    );
    assert_eq!(answered(service.get(&path)).await.0, 503);
    assert_eq!(status(at(Method::DELETE, "faults").send().await), 204);
    assert_eq!(answered(service.get(&path)).await.0, 200);
    assert_eq!(
        status(at(Method::POST, "faults").body("{\"fault\":\"earthquake\"}").send().await),
        400
    );

    let journal = json(at(Method::GET, "journal").send().await.expect("an answer")).await;
    let statuses: Vec<_> =
        journal.as_array().expect("a list").iter().map(|e| &e["response"]["status"]).collect();
    assert_eq!(statuses, [200, 200, 503, 200]);
    assert!(!journal.to_string().contains(APP_USER_TOKEN));

    assert_eq!(
        status(at(Method::POST, "revoke").json(&json!({"token": APP_USER_TOKEN})).send().await),
        204
    );
    assert_eq!(answered(service.get(&path)).await.0, 401);
    assert_eq!(status(at(Method::POST, "reset").send().await), 204);
    assert_eq!(service.read(&path).await.0["email"], "email@sample.com");
    assert_eq!(
        json(at(Method::GET, "state").send().await.expect("an answer")).await,
        service.emulator.state()
    );
    assert_eq!(status(at(Method::GET, "nonsense").send().await), 404);
    assert_eq!(
        status(at(Method::PUT, "customers/one/profiles/billing").body("{}").send().await),
        404
    );
}

#[tokio::test]
async fn a_violation_is_in_the_journal_and_in_strict_mode_the_answer() {
    let service = Service::start(Emulator::builder()).await;
    service.put(&customer(SAMPLE_CUSTOMER), &json!({})).send().await.expect("an answer");
    let violation = service.emulator.journal()[0].request_violations[0].clone();
    assert_eq!(
        (violation.at.as_str(), violation.message.as_str()),
        ("If-Match", "the header is required")
    );
    let twice = |service: &Service| service.get(PARTNER).bearer_auth(APP_ONLY_TOKEN);
    assert_eq!(answered(twice(&service)).await.0, 200);
    let violation = &service.emulator.journal()[1].request_violations[0];
    assert_eq!(
        (violation.at.as_str(), violation.message.as_str()),
        ("Authorization", "the header is there 2 times")
    );

    let service = Service::start(Emulator::builder().strict(true)).await;
    let (status, fault) = answered(
        service
            .put(
                &customer(SAMPLE_CUSTOMER),
                &json!({"companyName": "x", "defaultAddress": {"country": "USA"}}),
            )
            .header("If-Match", "*"),
    )
    .await;
    assert_eq!(status, 500);
    assert!(
        fault["description"].as_str().expect("a text").contains("'/defaultAddress/country'"),
        "{fault}"
    );
    assert_eq!(answered(service.get(PARTNER)).await.0, 200);
    assert_eq!(answered(twice(&service)).await.0, 500);
    assert_eq!(answered(service.put(&customer(SAMPLE_CUSTOMER), &json!({}))).await.0, 500);
    assert!(service.emulator.journal().iter().all(|exchange| !exchange.committed));
}

#[tokio::test]
async fn tokens_are_given_out_and_expire() {
    let service = Service::start(Emulator::builder().token_lifetime(Duration::ZERO)).await;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "c"),
        ("client_secret", "canary"),
        ("scope", "https://api.partnercenter.microsoft.com/.default"),
    ];
    let url = format!("{}/contoso/oauth2/v2.0/token", service.emulator.url());
    let body = form_urlencoded(&form);
    let request = service
        .client
        .post(url)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body);
    let token = json(request.send().await.expect("an answer")).await;
    assert_eq!(token["expires_in"], 0);
    let token = token["access_token"].as_str().expect("a token");
    let (status, body) = answered(service.request(Method::GET, PARTNER, token)).await;
    assert_eq!((status, &body["message"]), (401, &json!("The token has expired.")));
    let journal: Vec<_> =
        service.emulator.journal().iter().map(|exchange| exchange.to_json().to_string()).collect();
    assert!(!journal.concat().contains("canary") && !journal.concat().contains(token));
}

fn form_urlencoded(fields: &[(&str, &str)]) -> String {
    fields
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace(':', "%3A").replace('/', "%2F")))
        .collect::<Vec<_>>()
        .join("&")
}

#[tokio::test]
async fn what_was_acknowledged_is_in_the_file() {
    let folder = std::env::temp_dir().join(format!("emulator-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("state.json");
    {
        let service = Service::start(Emulator::builder().state(&file).customers(3).seed(7)).await;
        assert!(!file.exists(), "nothing was changed yet");
        let (status, _) =
            answered(service.put(PARTNER, &json!({"purchaseOrderNumber": "4711"}))).await;
        assert_eq!(status, 200);
        assert!(file.exists());
    }
    let service = Service::start(Emulator::builder().state(&file)).await;
    assert_eq!(service.read(PARTNER).await.0["purchaseOrderNumber"], "4711");
    assert_eq!(service.emulator.state()["customers"].as_object().expect("customers").len(), 5);
    std::fs::write(&file, "{").expect("a file");
    let error = Emulator::builder().state(&file).start().await.expect_err("a broken state");
    assert!(error.to_string().contains("state.json: not JSON"), "{error}");
    std::fs::remove_dir_all(&folder).expect("the folder");
}

#[tokio::test]
async fn an_answer_that_is_given_again_is_saved_first() {
    let folder = std::env::temp_dir().join(format!("emulator-replay-{}", std::process::id()));
    let file = folder.join("state.json");
    let service = Service::start(Emulator::builder().state(&file)).await;
    let put = || {
        let put = service.put(PARTNER, &json!({"purchaseOrderNumber": "4711"}));
        answered(put.header("MS-RequestId", "11111111-2222-3333-4444-555555555555"))
    };
    // There is no such folder: it is done, and not acknowledged.
    assert_eq!(put().await.0, 500);
    assert_eq!(put().await.0, 500);
    std::fs::create_dir_all(&folder).expect("a folder");
    assert_eq!(put().await.0, 200);
    assert!(std::fs::read_to_string(&file).expect("a state").contains("4711"));
    std::fs::remove_dir_all(&folder).expect("the folder");
}

#[tokio::test]
async fn an_address_that_others_can_reach_is_refused() {
    let error =
        Emulator::builder().listen(([0, 0, 0, 0], 0).into()).start().await.expect_err("a refusal");
    assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
}

#[tokio::test]
async fn many_run_at_once_and_stop_when_they_are_dropped() {
    let services: Vec<_> = {
        let mut services = Vec::new();
        for _ in 0..20 {
            services.push(Service::start(Emulator::builder()).await);
        }
        services
    };
    services[0].put(PARTNER, &json!({})).send().await.expect("an answer");
    assert_eq!(services[1].read(PARTNER).await.0["companyName"], "TEST_TEST_BugBash1");
    let url = services[0].emulator.url();
    drop(services);
    let gone = async {
        while Client::builder().no_proxy().build().expect("a client").get(&url).send().await.is_ok()
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), gone).await.expect("it stops");
}

#[tokio::test]
async fn concurrent_writers_lose_nothing_that_was_acknowledged() {
    let service = Service::start(Emulator::builder()).await;
    let mut writers = tokio::task::JoinSet::new();
    let path = customer(SAMPLE_CUSTOMER);
    let (url, client) = (format!("{}{path}", service.emulator.url()), service.client.clone());
    for writer in 0..8 {
        let (url, client) = (url.clone(), client.clone());
        writers.spawn(async move {
            let mut acknowledged = 0;
            while acknowledged < 5 {
                let response =
                    client.get(&url).bearer_auth(APP_ONLY_TOKEN).send().await.expect("an answer");
                let mut profile = json(response).await;
                let tag = format!("\"{}\"", profile["attributes"]["etag"].as_str().expect("a tag"));
                profile[format!("mark{writer}-{acknowledged}")] = json!(true);
                let put = client
                    .put(&url)
                    .bearer_auth(APP_ONLY_TOKEN)
                    .header("If-Match", tag)
                    .json(&profile);
                if put.send().await.expect("an answer").status() == StatusCode::OK {
                    acknowledged += 1;
                }
            }
        });
    }
    while let Some(writer) = writers.join_next().await {
        writer.expect("a writer");
    }
    let (profile, _) = service.read(&path).await;
    let marks = profile
        .as_object()
        .expect("an object")
        .keys()
        .filter(|name| name.starts_with("mark"))
        .count();
    assert_eq!(marks, 40);
}

#[tokio::test]
async fn multi_factor_authentication_is_told_if_it_is_asked_for() {
    let path = "/v1/customers?size=1";
    for (check, token, said) in [
        (MfaCheck::Enforced, APP_USER_TOKEN, Some("true")),
        (MfaCheck::Reported, APP_USER_TOKEN, Some("true")),
        (MfaCheck::Reported, NO_MFA_TOKEN, Some("false")),
        // Those of an application alone are exempt.
        (MfaCheck::Reported, APP_ONLY_TOKEN, None),
    ] {
        let service = Service::with(|switches| switches.mfa = check).await;
        let asking = |value: &'static str| {
            service.request(Method::GET, path, token).header("ValidateMfa", value).send()
        };
        let header = |response: &Response| {
            let value = response.headers().get("isMfaCompliant")?;
            Some(value.to_str().expect("a text").to_owned())
        };
        let asked = asking("true").await.expect("an answer");
        assert_eq!((asked.status(), header(&asked).as_deref()), (StatusCode::OK, said), "{token}");
        let other = asking("false").await.expect("an answer");
        let unasked = service.request(Method::GET, path, token).send().await.expect("an answer");
        assert_eq!((header(&other), header(&unasked)), (None, None));
        let neither = asking("perhaps").await.expect("an answer");
        assert_eq!((neither.status(), header(&neither)), (StatusCode::BAD_REQUEST, None));
        service.is_within_the_contract();
    }
}
