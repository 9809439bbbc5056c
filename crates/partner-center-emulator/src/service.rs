//! What the service does with a request: the resources, their rules, and their tokens.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, IF_MATCH};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::addresses;
use crate::audit::{Actor, Record};
use crate::contract::{CONTRACT, Violation};
use crate::countries;
use crate::customers::{self, CONTINUATION, PageRequest};
use crate::profile::{BOM, Profile, pascal, renamed, without_nulls};
use crate::reply::{Refusal, Reply, bad_request, missing, not_found, refused, stale};
use crate::store::{STRANGER_CUSTOMER, Store};
use crate::switches::{EtagCheck, IfMatchStar, KeyCase, Switches};
use crate::token::{Caller, Tokens, Version};

const REQUEST_ID: HeaderName = HeaderName::from_static("ms-requestid");
const CORRELATION_ID: HeaderName = HeaderName::from_static("ms-correlationid");
const CORRELATION_VECTOR: HeaderName = HeaderName::from_static("ms-cv");
const VALIDATE_MFA: HeaderName = HeaderName::from_static("validatemfa");
const IS_MFA_COMPLIANT: HeaderName = HeaderName::from_static("ismfacompliant");
const SERVER_ID: HeaderName = HeaderName::from_static("ms-serverid");
const REQUEST_CONTEXT: HeaderName = HeaderName::from_static("request-context");

/// How many first answers are kept for repeated requests.
const REPLAYS: usize = 1000;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation<'a> {
    ListCustomers,
    AuditRecords,
    Customer(&'a str),
    Company(&'a str),
    GetCustomer(&'a str),
    PutCustomer(&'a str),
    GetPartner,
    PutPartner,
    ValidateAddress,
    CountryRules(&'a str),
    Token(Version),
    DeviceCode(Version),
}

impl<'a> Operation<'a> {
    /// Finds what `method` on `path` asks for, or the refusal if nothing does.
    pub(crate) fn find(method: &Method, path: &'a str) -> Result<Self, Refusal> {
        let allow = |allowed: &'static str| {
            let mut refusal =
                Reply::fault(StatusCode::METHOD_NOT_ALLOWED, 0, "The method is not allowed.");
            refusal.headers.insert(http::header::ALLOW, HeaderValue::from_static(allowed));
            Err(Box::new(refusal))
        };
        let segments: Vec<_> = path.trim_start_matches('/').split('/').collect();
        match (segments.as_slice(), method.as_str()) {
            (["v1", "customers"], "GET") => Ok(Self::ListCustomers),
            (["v1", "auditrecords"], "GET") => Ok(Self::AuditRecords),
            (["v1", "customers", id], "GET") => Ok(Self::Customer(id)),
            (["v1", "customers", id, "profiles", "company"], "GET") => Ok(Self::Company(id)),
            (["v1", "customers", id, "profiles", "billing"], "GET") => Ok(Self::GetCustomer(id)),
            (["v1", "customers", id, "profiles", "billing"], "PUT") => Ok(Self::PutCustomer(id)),
            (["v1", "profiles", "billing"], "GET") => Ok(Self::GetPartner),
            (["v1", "profiles", "billing"], "PUT") => Ok(Self::PutPartner),
            (["v1", "validations", "address"], "POST") => Ok(Self::ValidateAddress),
            (["v1", "countryvalidationrules", country], "GET") => Ok(Self::CountryRules(country)),
            ([_, "oauth2", "token"], "POST") => Ok(Self::Token(Version::V1)),
            ([_, "oauth2", "v2.0", "token"], "POST") => Ok(Self::Token(Version::V2)),
            ([_, "oauth2", "devicecode"], "POST") => Ok(Self::DeviceCode(Version::V1)),
            ([_, "oauth2", "v2.0", "devicecode"], "POST") => Ok(Self::DeviceCode(Version::V2)),
            (["v1", "customers", _, "profiles", "billing"] | ["v1", "profiles", "billing"], _) => {
                allow("GET, PUT")
            }
            (
                ["v1", "customers" | "auditrecords"]
                | ["v1", "customers" | "countryvalidationrules", _]
                | ["v1", "customers", _, "profiles", "company"],
                _,
            ) => allow("GET"),
            (
                ["v1", "validations", "address"]
                | [_, "oauth2", "token" | "devicecode"]
                | [_, "oauth2", "v2.0", "token" | "devicecode"],
                _,
            ) => allow("POST"),
            _ => Err(Box::new(not_found())),
        }
    }

    /// Its id, in the contract if it is there.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::ListCustomers => "listCustomers",
            Self::AuditRecords => "listAuditRecords",
            Self::Customer(_) => "getCustomer",
            Self::Company(_) => "getCustomerCompanyProfile",
            Self::GetCustomer(_) => "getCustomerBillingProfile",
            Self::PutCustomer(_) => "updateCustomerBillingProfile",
            Self::GetPartner => "getPartnerBillingProfile",
            Self::PutPartner => "updatePartnerBillingProfile",
            Self::ValidateAddress => "validateAddress",
            Self::CountryRules(_) => "getCountryValidationRules",
            Self::Token(_) => "token",
            Self::DeviceCode(_) => "deviceCode",
        }
    }
}

/// A request, read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) path: String,
    /// Without the question mark, empty if there is none.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What came of a request.
pub(crate) struct Outcome {
    pub(crate) reply: Reply,
    /// Whether a resource was changed.
    pub(crate) committed: bool,
    pub(crate) request_violations: Vec<Violation>,
    pub(crate) response_violations: Vec<Violation>,
}

impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        (*refusal).into()
    }
}

impl From<Reply> for Outcome {
    fn from(reply: Reply) -> Self {
        Self {
            reply,
            committed: false,
            request_violations: Vec::new(),
            response_violations: Vec::new(),
        }
    }
}

/// The service, without the network.
pub(crate) struct Service {
    switches: Switches,
    /// Whether a request that violates the contract is refused, whatever else may be said of it.
    strict: bool,
    seed: Store,
    lifetime: Duration,
    store: Mutex<Store>,
    tokens: Mutex<Tokens>,
    replays: Mutex<Replays>,
    /// How often someone else changed the company name.
    interferences: AtomicU64,
}

/// What makes a PUT the same one again. One with the same `MS-RequestId` and another body is another.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Repeated {
    id: String,
    path: String,
    body: Bytes,
}

/// The first answers to PUTs that were applied.
#[derive(Default)]
struct Replays {
    answers: HashMap<Repeated, Reply>,
    order: VecDeque<Repeated>,
}

impl Service {
    pub(crate) fn new(switches: Switches, strict: bool, seed: Store, lifetime: Duration) -> Self {
        Self {
            switches,
            strict,
            store: Mutex::new(seed.clone()),
            seed,
            lifetime,
            tokens: Mutex::new(Tokens::new(lifetime)),
            replays: Mutex::default(),
            interferences: AtomicU64::new(0),
        }
    }

    /// Everything as it was at the start.
    pub(crate) fn reset(&self) {
        *lock(&self.store) = self.seed.clone();
        *lock(&self.tokens) = Tokens::new(self.lifetime);
        *lock(&self.replays) = Replays::default();
    }

    /// The resources as they are, to be shown or saved.
    pub(crate) fn state(&self) -> Value {
        lock(&self.store).to_json()
    }

    pub(crate) fn revoke(&self, token: Option<&str>) {
        lock(&self.tokens).revoke(token);
    }

    /// Writes a customer's profile as a second writer would, with no entity tag. `None` if there is no
    /// such customer.
    pub(crate) fn overwrite(&self, id: &str, body: Value) -> Option<Reply> {
        let Value::Object(body) = contract_names(body) else { return None };
        let id = Uuid::parse_str(id).ok()?;
        let mut store = lock(&self.store);
        let profile = store.customers.get_mut(&id)?;
        let before = profile.to_json();
        profile.replace(body);
        let (reply, after) = (self.resource(profile), profile.to_json());
        store.audit.push(Record::new(id, Actor::SomeoneElse, None, before, after));
        Some(reply)
    }

    /// Sets members of a profile as a second writer would, with no entity tag. Whether there is such a
    /// profile.
    pub(crate) fn patch(&self, customer: Option<&str>, change: &Map<String, Value>) -> bool {
        let mut store = lock(&self.store);
        let change = contract_names(Value::Object(change.clone()));
        let Some(customer) = customer else {
            store.partner.patch(change);
            return true;
        };
        let Ok(id) = Uuid::parse_str(customer) else { return false };
        let Some(profile) = store.customers.get_mut(&id) else { return false };
        let before = profile.to_json();
        profile.patch(change);
        let after = profile.to_json();
        store.audit.push(Record::new(id, Actor::SomeoneElse, None, before, after));
        true
    }

    /// Changes the profile that `operation` is about to replace, as someone else would.
    pub(crate) fn interfere(&self, operation: Operation<'_>, change: Option<&Map<String, Value>>) {
        let customer = match operation {
            Operation::PutCustomer(id) => Some(id),
            _ => None,
        };
        let another = || {
            let count = self.interferences.fetch_add(1, Ordering::Relaxed) + 1;
            Map::from_iter([("companyName".to_owned(), format!("Someone Else {count}").into())])
        };
        self.patch(customer, &change.cloned().unwrap_or_else(another));
    }

    /// The refusal of `request` with this status, whatever it asks for.
    pub(crate) fn refuse(status: u16, request: &Request) -> Reply {
        let mut reply = refused(status);
        identify(&request.headers, &mut reply.headers);
        reply
    }

    /// Does what `operation` asks for.
    pub(crate) fn answer(
        &self,
        operation: Operation<'_>,
        request: &Request,
        now: Instant,
    ) -> Outcome {
        let mut outcome = match operation {
            Operation::Token(version) => {
                let tenant = request.path.trim_start_matches('/').split('/').next();
                let tenant = tenant.unwrap_or_default();
                lock(&self.tokens).grant(version, tenant, &form(&request.body), now).into()
            }
            Operation::DeviceCode(version) => {
                lock(&self.tokens).device_code(version, &form(&request.body)).into()
            }
            _ => match repeated_authorization(request) {
                Some(violation) if self.strict => Outcome {
                    request_violations: vec![violation],
                    ..bad_request("The request violates the contract.").into()
                },
                violation => {
                    let mut outcome = self.authorized_operation(operation, request, now);
                    outcome.request_violations.extend(violation);
                    outcome
                }
            },
        };
        identify(&request.headers, &mut outcome.reply.headers);
        outcome
    }

    fn authorized_operation(
        &self,
        operation: Operation<'_>,
        request: &Request,
        now: Instant,
    ) -> Outcome {
        let header = request.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Caller { user, mfa } = match lock(&self.tokens).check(header, self.switches.mfa, now) {
            Ok(caller) => caller,
            Err(refusal) => return refusal.into(),
        };
        let asked = request.headers.get(&VALIDATE_MFA).map(HeaderValue::as_bytes);
        let is = |text: &[u8]| asked.is_some_and(|asked| asked.eq_ignore_ascii_case(text));
        if asked.is_some() && !is(b"true") && !is(b"false") {
            return bad_request("ValidateMfa must be true or false.").into();
        }
        let mut outcome = self.resource_operation(operation, request, user);
        if user && is(b"true") && outcome.reply.status.is_success() {
            let said = HeaderValue::from_static(if mfa { "true" } else { "false" });
            outcome.reply.headers.insert(IS_MFA_COMPLIANT, said);
        }
        outcome
    }

    fn resource_operation(
        &self,
        operation: Operation<'_>,
        request: &Request,
        user: bool,
    ) -> Outcome {
        for name in [REQUEST_ID, CORRELATION_ID] {
            if request.headers.get(&name).is_some_and(|id| !is_guid(id)) {
                return bad_request(&format!("{name} must be a GUID.")).into();
            }
        }
        match operation {
            Operation::ListCustomers => {
                let page = self.page_request(request);
                match customers::page(&lock(&self.store).companies, &page) {
                    Ok(page) => self.read_only(page).into(),
                    Err(refusal) => refusal.into(),
                }
            }
            Operation::AuditRecords => {
                let page = self.page_request(request);
                let switches = (self.switches.audit_value, self.switches.audit_paging);
                let store = lock(&self.store);
                match store.audit.page(&store.companies, &page, switches, SystemTime::now()) {
                    Ok(page) => self.read_only(page).into(),
                    Err(refusal) => refusal.into(),
                }
            }
            Operation::Customer(id) => self.of_customer(id, |id, store| {
                let (company, billing) = (store.companies.get(id)?, store.customers.get(id)?);
                Some(self.read_only(customers::customer(id, company, billing)))
            }),
            Operation::GetCustomer(id) => self.of_customer(id, |id, store| {
                store.customers.get(id).map(|profile| self.resource(profile))
            }),
            Operation::PutCustomer(id) => match customer_id(id) {
                Err(refusal) => refusal.into(),
                Ok(id) => {
                    let actor = if user { Actor::User } else { Actor::Application };
                    self.put(operation, request, Some((id, actor)), |store| {
                        store.customers.get_mut(&id)
                    })
                }
            },
            Operation::ValidateAddress => self.validate_address(request),
            Operation::CountryRules(country) => match countries::rules(country) {
                Ok(rules) => self.read_only(rules.clone()).into(),
                Err(refusal) => refusal.into(),
            },
            _ if !user => {
                let text = "This resource does not support application-only authentication.";
                Reply::fault(StatusCode::FORBIDDEN, 900_329, text).into()
            }
            Operation::Company(id) => self.of_customer(id, |id, store| {
                let company = store.companies.get(id)?;
                Some(self.read_only(customers::company_profile(id, company)))
            }),
            Operation::PutPartner => {
                self.put(operation, request, None, |store| Some(&mut store.partner))
            }
            _ => self.resource(&lock(&self.store).partner).into(),
        }
    }

    fn validate_address(&self, request: &Request) -> Outcome {
        let body = match json_body(request) {
            Ok(body) => body,
            Err(refusal) => return refusal.into(),
        };
        let violations = CONTRACT.request(Operation::ValidateAddress.id(), &body);
        let reply = match (&body, violations.first().map(invalid_property)) {
            _ if self.strict && !violations.is_empty() => {
                bad_request("The request violates the contract.")
            }
            (Value::Object(address), None) => {
                match addresses::validate(address, self.switches.address_answer) {
                    Ok(body) => self.read_only(body),
                    Err(reply) => *reply,
                }
            }
            (Value::Object(_), Some(refusal)) => refusal,
            _ => bad_request("The request body is not a JSON object."),
        };
        Outcome { request_violations: violations, ..reply.into() }
    }

    fn put(
        &self,
        operation: Operation<'_>,
        request: &Request,
        audited: Option<(Uuid, Actor)>,
        find: impl FnOnce(&mut Store) -> Option<&mut Profile>,
    ) -> Outcome {
        let key = request.headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
        let key = key.filter(|_| self.switches.replay).map(|id| Repeated {
            id: id.to_ascii_lowercase(),
            path: request.path.clone(),
            body: request.body.clone(),
        });
        let body = match json_body(request) {
            Ok(body) => body,
            Err(refusal) => return refusal.into(),
        };
        let mut violations = CONTRACT.missing_headers(operation.id(), &request.headers);
        let required = CONTRACT.requires(operation.id(), IF_MATCH.as_str());
        let found = CONTRACT.request(operation.id(), &body);
        let by_country =
            || self.switches.country_rules.then(|| countries::refusal(&body)).flatten();
        let invalid = found.first().map(invalid_property).or_else(|| refused_value(&body));
        let invalid = invalid.or_else(by_country);
        violations.extend(found);
        let refuse =
            |reply: Reply, request_violations| Outcome { request_violations, ..reply.into() };
        if self.strict && !violations.is_empty() {
            return refuse(bad_request("The request violates the contract."), violations);
        }
        if let Some(refusal) = invalid {
            return refuse(refusal, violations);
        }
        let Value::Object(body) = body else {
            return refuse(bad_request("The request body is not a JSON object."), violations);
        };
        // Under one lock with the change: of two that arrive at once, the second finds the first.
        let mut store = lock(&self.store);
        if let Some(first) =
            key.as_ref().and_then(|key| lock(&self.replays).answers.get(key).cloned())
        {
            return first.into();
        }
        let Some(profile) = find(&mut store) else { return refuse(not_found(), violations) };
        let tag = body.get("attributes").and_then(|attributes| attributes["etag"].as_str());
        if let Some(refusal) = self.precondition(&request.headers, tag, profile.etag(), required) {
            return refuse(refusal, violations);
        }
        let before = audited.map(|_| profile.to_json());
        profile.replace(body);
        let reply = self.resource(profile);
        if let (Some((id, actor)), Some(before)) = (audited, before) {
            let after = profile.to_json();
            let correlation = request.headers.get(CORRELATION_ID).and_then(|id| id.to_str().ok());
            store.audit.push(Record::new(id, actor, correlation, before, after));
        }
        if let Some(key) = key {
            lock(&self.replays).keep(key, reply.clone());
        }
        Outcome { committed: true, request_violations: violations, ..reply.into() }
    }

    /// The refusal of an update that names another version than `current`.
    fn precondition(
        &self,
        headers: &HeaderMap,
        body: Option<&str>,
        current: &str,
        required: bool,
    ) -> Option<Reply> {
        let Switches { etag_check, missing_if_match, stale_etag, if_match_star, .. } =
            &self.switches;
        // Several lines are one list (RFC 9110 section 5.3).
        let lines =
            headers.get_all(IF_MATCH).iter().map(|value| value.to_str().unwrap_or_default());
        let tags: Vec<_> = lines.flat_map(|line| line.split(',').map(str::trim)).collect();
        let header = match etag_check {
            EtagCheck::Body | EtagCheck::Neither => None,
            _ if tags.is_empty() => missing(*missing_if_match).filter(|_| required),
            _ if tags.contains(&"*") => (*if_match_star == IfMatchStar::BadRequest)
                .then(|| bad_request("If-Match must be an entity tag.")),
            _ => (!tags.iter().any(|tag| strong(tag) == Some(current))).then(|| stale(*stale_etag)),
        };
        if header.is_some() {
            return header;
        }
        let body_matches = match (etag_check, body) {
            (EtagCheck::Both, None) => false,
            (EtagCheck::Header | EtagCheck::Neither, _) | (_, None) => true,
            (_, Some(tag)) => tag == current,
        };
        (!body_matches).then(|| stale(*stale_etag))
    }

    /// What a page of a list is asked for with.
    fn page_request<'a>(&self, request: &'a Request) -> PageRequest<'a> {
        let token = request.headers.get(CONTINUATION).map(|token| token.to_str());
        PageRequest {
            query: &request.query,
            token: token.map(Result::unwrap_or_default),
            prefix: self.switches.link_prefix,
        }
    }

    /// What there is of the customer with this id, or the refusal.
    fn of_customer(&self, id: &str, find: impl FnOnce(&Uuid, &Store) -> Option<Reply>) -> Outcome {
        match customer_id(id) {
            Err(refusal) => refusal.into(),
            Ok(id) => find(&id, &lock(&self.store)).unwrap_or_else(not_found).into(),
        }
    }

    /// The answer that holds something without an entity tag of its own.
    fn read_only(&self, body: Value) -> Reply {
        let body = match self.switches.key_case {
            KeyCase::Camel => body,
            KeyCase::Pascal => renamed(body, &pascal),
        };
        let bom: &[u8] = if self.switches.bom { BOM } else { b"" };
        Reply::new(StatusCode::OK, [bom, body.to_string().as_bytes()].concat().into())
    }

    /// The answer that holds a resource.
    fn resource(&self, profile: &Profile) -> Reply {
        let body = match self.switches.key_case {
            KeyCase::Camel => profile.body(self.switches.bom),
            KeyCase::Pascal => {
                let text = renamed(profile.to_json(), &pascal).to_string();
                let bom: &[u8] = if self.switches.bom { BOM } else { b"" };
                [bom, text.as_bytes()].concat().into()
            }
        };
        let mut reply = Reply::new(StatusCode::OK, body);
        let tag = self.switches.etag_header.then(|| format!("\"{}\"", profile.etag()));
        if let Some(Ok(tag)) = tag.map(HeaderValue::try_from) {
            reply.headers.insert(ETAG, tag);
        }
        reply
    }
}

impl Replays {
    fn keep(&mut self, key: Repeated, reply: Reply) {
        let oldest = (self.order.len() == REPLAYS).then(|| self.order.pop_front()).flatten();
        if let Some(oldest) = oldest {
            self.answers.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.answers.insert(key, reply);
    }
}

/// What is wrong with credentials that are there twice: the field is no list (RFC 9110 section 5.3), and whoever reads
/// the other one sees another caller.
fn repeated_authorization(request: &Request) -> Option<Violation> {
    let count = request.headers.get_all(AUTHORIZATION).iter().count();
    let message = format!("the header is there {count} times");
    (count > 1).then(|| Violation { at: "Authorization".to_owned(), message })
}

/// The id of a customer that the partner may see.
fn customer_id(id: &str) -> Result<Uuid, Refusal> {
    let Ok(guid) = Uuid::try_parse(id) else {
        return Err(Box::new(Reply::fault(
            StatusCode::BAD_REQUEST,
            2000,
            "Tenant Id must be a GUID.",
        )));
    };
    if guid.to_string() == STRANGER_CUSTOMER {
        let text =
            format!("The reseller does not have a reseller relationship with customer {guid}");
        return Err(Box::new(Reply::fault(StatusCode::FORBIDDEN, 20002, &text)));
    }
    Ok(guid)
}

/// The text of a strong entity tag (RFC 9110 section 8.8.3). A weak one never matches (section
/// 13.1.1), nor does one without quotes.
fn strong(tag: &str) -> Option<&str> {
    tag.strip_prefix('"')?.strip_suffix('"')
}

/// The fault for a member with invalid data, in the words of the one that was reported.
fn invalid_property(violation: &Violation) -> Reply {
    let name = violation.at.rsplit('/').next().unwrap_or_default();
    invalid(&pascal(name.to_owned()))
}

pub(crate) fn invalid(name: &str) -> Reply {
    let data = [format!("property_name:  {name}Invalid - Details"), "details:  \n".to_owned()];
    Reply::fault_with(StatusCode::BAD_REQUEST, 27002, "A property has invalid data.", &data)
}

/// Values that the contract allows and that were reported to be refused.
fn refused_value(body: &Value) -> Option<Reply> {
    let address = body.get("defaultAddress").or(body.get("address"))?;
    match (address["country"].as_str(), address["region"].as_str()) {
        (Some("UK"), _) => Some(invalid("Country")),
        (Some("US"), Some("NA")) => Some(invalid("State")),
        _ => None,
    }
}

/// The body of a PUT with the names of the contract, or why there is none.
fn json_body(request: &Request) -> Result<Value, Refusal> {
    let media = request.headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
    // The documented request of the partner's PUT has no content type.
    let media = media
        .map_or("application/json", |value| value.split(';').next().unwrap_or_default().trim());
    if !["application/json", "text/json"].iter().any(|json| media.eq_ignore_ascii_case(json)) {
        let text = "The content type is not supported. Send application/json.";
        return Err(Box::new(Reply::fault(StatusCode::UNSUPPORTED_MEDIA_TYPE, 0, text)));
    }
    let body = request.body.strip_prefix(BOM).unwrap_or(&request.body);
    match serde_json::from_slice(body) {
        // The .NET SDK sends null for every member that is not set: null is absent.
        Ok(body) => Ok(without_nulls(contract_names(body))),
        Err(error) => Err(Box::new(bad_request(&format!("The request body is not JSON: {error}")))),
    }
}

fn contract_names(body: Value) -> Value {
    renamed(body, &|name| CONTRACT.member(name))
}

fn is_guid(value: &HeaderValue) -> bool {
    value.to_str().is_ok_and(|text| Uuid::try_parse(text).is_ok())
}

fn form(body: &[u8]) -> HashMap<String, String> {
    form_urlencoded::parse(body).into_owned().collect()
}

/// Adds what every answer of the service itself carries: the ids of the request, or new ones.
fn identify(request: &HeaderMap, headers: &mut HeaderMap) {
    for name in [REQUEST_ID, CORRELATION_ID] {
        let made = || HeaderValue::try_from(Uuid::new_v4().to_string()).ok();
        if let Some(id) = request.get(&name).filter(|id| is_guid(id)).cloned().or_else(made) {
            headers.insert(name, id);
        }
    }
    headers.insert(CORRELATION_VECTOR, HeaderValue::from_static("Emulator00000000.0"));
    headers.insert(SERVER_ID, HeaderValue::from_static("00000000"));
    headers.insert(
        REQUEST_CONTEXT,
        HeaderValue::from_static("appId=cid-v1:00000000-0000-0000-0000-000000000000"),
    );
}

/// A thread that panicked left no half-made change: every change is one assignment.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
