//! The two resources over HTTP.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, IF_MATCH, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::profile::{Profile, camel_case};
use crate::{APP_ONLY_TOKEN, APP_USER_TOKEN, OTHER_CUSTOMER, SAMPLE_CUSTOMER};

const SAMPLE: &str =
    include_str!("../../../openapi/examples/get-customer-billing-profile.response.json");
const OTHER: &str =
    include_str!("../../../openapi/examples/customer-by-id-billing-profile.response.json");
const PARTNER: &str =
    include_str!("../../../openapi/examples/get-partner-billing-profile.response.json");

/// The id of the billing profile in the documented sample of PUT; the one of GET has a placeholder.
const SAMPLE_PROFILE_ID: &str = "a58ceba5-60ac-48e4-a0bc-2a855811807a";

const REQUEST_ID: HeaderName = HeaderName::from_static("ms-requestid");
const CORRELATION_ID: HeaderName = HeaderName::from_static("ms-correlationid");
const CORRELATION_VECTOR: HeaderName = HeaderName::from_static("ms-cv");

/// Who may use a resource.
#[derive(Clone, Copy, PartialEq)]
enum Access {
    Anyone,
    UserOnly,
}

struct Store {
    customers: HashMap<Uuid, Profile>,
    partner: Profile,
}

type Shared = Arc<Mutex<Store>>;

/// The routes over a store of their own.
pub(crate) fn router() -> Router {
    let customer = get(get_customer).put(put_customer);
    let partner = get(get_partner).put(put_partner);
    Router::new()
        .route("/v1/customers/{id}/profiles/billing", customer)
        .route("/v1/profiles/billing", partner)
        .with_state(Arc::new(Mutex::new(Store::seeded())))
}

impl Store {
    fn seeded() -> Self {
        let customer = |id: &str, sample: &str| {
            let mut body = object(sample);
            if body.get("id").and_then(Value::as_str).is_none_or(|id| Uuid::parse_str(id).is_err())
            {
                body.insert("id".into(), SAMPLE_PROFILE_ID.into());
            }
            let uri = format!("/customers/{id}/profiles/billing");
            let id = Uuid::parse_str(id).ok()?;
            Some((id, Profile::new("CustomerBillingProfile", uri, body)))
        };
        let seeds = [customer(SAMPLE_CUSTOMER, SAMPLE), customer(OTHER_CUSTOMER, OTHER)];
        Self {
            customers: seeds.into_iter().flatten().collect(),
            partner: Profile::new("BillingProfile", "/profiles/billing".into(), object(PARTNER)),
        }
    }
}

async fn get_customer(
    State(store): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    customer(&store, &id, &headers, |profile| reply(&headers, profile))
}

async fn put_customer(
    State(store): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    customer(&store, &id, &headers, |profile| put(profile, &headers, &body))
}

async fn get_partner(State(store): State<Shared>, headers: HeaderMap) -> Response {
    match authorize(&headers, Access::UserOnly) {
        Some(refusal) => refusal,
        None => reply(&headers, &lock(&store).partner),
    }
}

async fn put_partner(State(store): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    match authorize(&headers, Access::UserOnly) {
        Some(refusal) => refusal,
        None => put(&mut lock(&store).partner, &headers, &body),
    }
}

/// Finds the profile of the customer `id` and answers with what `answer` makes of it.
fn customer(
    store: &Shared,
    id: &str,
    headers: &HeaderMap,
    answer: impl FnOnce(&mut Profile) -> Response,
) -> Response {
    if let Some(refusal) = authorize(headers, Access::Anyone) {
        return refusal;
    }
    let Ok(id) = Uuid::parse_str(id) else {
        return fault(headers, StatusCode::BAD_REQUEST, 2000, "Tenant Id must be a GUID.");
    };
    match lock(store).customers.get_mut(&id) {
        Some(profile) => answer(profile),
        None => fault(headers, StatusCode::NOT_FOUND, 1000, "Not found"),
    }
}

fn put(profile: &mut Profile, headers: &HeaderMap, body: &[u8]) -> Response {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let Ok(Value::Object(body)) = serde_json::from_slice(body).map(camel_case) else {
        return fault(
            headers,
            StatusCode::BAD_REQUEST,
            800_002,
            "The request body is not a JSON object.",
        );
    };
    let sent = body.get("attributes").and_then(|attributes| attributes["etag"].as_str());
    let current = profile.etag();
    if !header_matches(headers, &current) || sent.is_some_and(|sent| sent != current) {
        return fault(headers, StatusCode::BAD_REQUEST, 2055, "Etag is no longer valid");
    }
    profile.replace(body);
    reply(headers, profile)
}

/// Whether every `If-Match` names `current` as a strong tag (RFC 9110 section 13.1.1), or is `*`.
fn header_matches(headers: &HeaderMap, current: &str) -> bool {
    headers.get_all(IF_MATCH).iter().all(|value| {
        let tags = value.to_str().unwrap_or_default().split(',').map(str::trim);
        tags.into_iter()
            .any(|tag| tag == "*" || tag.strip_prefix('"') == Some(&format!("{current}\"")))
    })
}

/// The refusal that a request gets before it is looked at, if its token is not for this resource.
fn authorize(headers: &HeaderMap, access: Access) -> Option<Response> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    match header.and_then(|value| value.strip_prefix("Bearer ")) {
        Some(APP_USER_TOKEN) => None,
        Some(APP_ONLY_TOKEN) if access == Access::Anyone => None,
        Some(APP_ONLY_TOKEN) => {
            let text = "This resource does not support application-only authentication.";
            Some(fault(headers, StatusCode::FORBIDDEN, 900_329, text))
        }
        _ => {
            let body = json!({"statusCode": 401, "message": "Invalid JWT."});
            let mut refusal = respond(headers, StatusCode::UNAUTHORIZED, body.to_string().into());
            let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
            refusal.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            Some(refusal)
        }
    }
}

fn fault(headers: &HeaderMap, status: StatusCode, code: u32, description: &str) -> Response {
    let body = json!({"code": code, "description": description, "data": [], "source": "PartnerFD"});
    respond(headers, status, body.to_string().into())
}

fn reply(headers: &HeaderMap, profile: &Profile) -> Response {
    respond(headers, StatusCode::OK, format!("\u{FEFF}{}", profile.to_json()).into())
}

fn respond(request: &HeaderMap, status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    for name in [REQUEST_ID, CORRELATION_ID] {
        let made = || HeaderValue::try_from(Uuid::new_v4().to_string()).ok();
        if let Some(id) = request.get(&name).cloned().or_else(made) {
            headers.insert(name, id);
        }
    }
    headers.insert(CORRELATION_VECTOR, HeaderValue::from_static("emulator.0"));
    response
}

/// A request that panics holds no half-made change: what it left is whole.
fn lock(store: &Shared) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The documented samples are objects, which a test of the contract holds them to.
fn object(sample: &str) -> Map<String, Value> {
    serde_json::from_str(sample).unwrap_or_default()
}
