//! A web page that shows a profile and saves it. The browser keeps the version between the two requests: it
//! comes as `ETag`, and goes back as `If-Match`.
//!
//! `cargo run -p partner-center-test --example axum_handler`

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing};
use partner_center::models::CustomerBillingProfile;
use partner_center::{AppUser, Error, PartnerCenter, StrongETag, UpdateError, Versioned};
use partner_center_test::{CUSTOMER, TestService};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

type Partner = State<PartnerCenter<AppUser>>;

#[derive(Serialize, Deserialize)]
struct Form {
    email: Option<String>,
}

async fn show(State(partner): Partner, Path(id): Path<Uuid>) -> Result<Response, Refused> {
    Ok(page(StatusCode::OK, &partner.customer(id).billing_profile().get().await?))
}

async fn save(
    State(partner): Partner,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(form): Json<Form>,
) -> Result<Response, Refused> {
    let tag = headers.get(header::IF_MATCH).and_then(|tag| tag.to_str().ok()?.parse().ok());
    let tag: StrongETag = tag.ok_or(Refused(StatusCode::PRECONDITION_REQUIRED))?;
    let resource = partner.customer(id).billing_profile();
    let mut profile = resource.get().await?;
    if profile.etag() != Some(&tag) {
        return Ok(page(StatusCode::PRECONDITION_FAILED, &profile));
    }
    // From here on the library guards it: what is written replaces the version that the browser has.
    profile.email = form.email;
    match resource.update(&profile).await {
        Ok(written) => Ok(page(StatusCode::OK, &written)),
        Err(UpdateError::Conflict(conflict)) => {
            Ok(page(StatusCode::PRECONDITION_FAILED, conflict.theirs()))
        }
        Err(error) => Err(Error::from(error).into()),
    }
}

fn page(status: StatusCode, profile: &Versioned<CustomerBillingProfile>) -> Response {
    let tag = profile.etag().map(ToString::to_string).unwrap_or_default();
    (status, [(header::ETAG, tag)], Json(Form { email: profile.email.clone() })).into_response()
}

struct Refused(StatusCode);

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self(match error {
            error if error.is_not_found() => StatusCode::NOT_FOUND,
            error if error.may_have_been_applied() => StatusCode::GATEWAY_TIMEOUT,
            error if error.is_throttled() => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_GATEWAY,
        })
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

fn routes(partner: PartnerCenter<AppUser>) -> Router {
    Router::new().route("/customers/{id}", routing::get(show).put(save)).with_state(partner)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let service = TestService::start();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/customers/{CUSTOMER}", listener.local_addr()?);
    axum::serve(listener, routes(service.partner())).await
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use partner_center_test::{Trouble, errors};
    use serde_json::json;
    use tower::ServiceExt;

    use super::*;

    /// The status and the entity tag of the answer.
    async fn send(service: &TestService, method: &str, tag: &str) -> (u16, String) {
        let request = Request::builder().method(method).uri(format!("/customers/{CUSTOMER}"));
        let request = request.header("If-Match", tag).header("Content-Type", "application/json");
        let request =
            request.body(r#"{"email": "ann@example.com"}"#.to_owned()).expect("a request");
        let answer = routes(service.partner()).oneshot(request).await.expect("an answer");
        let tag = answer.headers().get("ETag").map(|tag| tag.to_str().expect("a tag"));
        (answer.status().as_u16(), tag.unwrap_or_default().to_owned())
    }

    #[tokio::test]
    async fn what_the_browser_has_seen_is_what_it_replaces() {
        let service = TestService::start();
        let (_, seen) = send(&service, "GET", "").await;
        assert_eq!(send(&service, "PUT", "").await.0, 428);
        let (status, new) = send(&service, "PUT", &seen).await;
        assert_eq!(status, 200);
        service.forget();
        assert_eq!(send(&service, "PUT", &seen).await, (412, new));
        service.assert_no_put();
    }

    #[tokio::test]
    async fn someone_who_is_faster_after_that_is_not_overwritten() {
        let service = TestService::start();
        let (_, seen) = send(&service, "GET", "").await;
        service.next(Trouble::ConflictOn(json!({"email": "bob@example.com"})));
        let (status, theirs) = send(&service, "PUT", &seen).await;
        assert!(status == 412 && theirs != seen);
        assert_eq!(service.stored(CUSTOMER)["email"], "bob@example.com");
    }

    #[test]
    fn a_lost_answer_is_not_told_as_a_failure() {
        let status = |error| Refused::from(error).0;
        assert_eq!(status(errors::lost_answer()), StatusCode::GATEWAY_TIMEOUT);
        assert_eq!(status(errors::unreachable()), StatusCode::BAD_GATEWAY);
    }
}
