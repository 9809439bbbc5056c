//! What a service was sent, and what became of it.

use std::sync::atomic::Ordering;

use partner_center_emulator::{Exchange, Rule};
use serde_json::Value;
use uuid::Uuid;

use crate::requests::Requests;
use crate::service::TestService;

impl TestService {
    /// The requests so far, since the last [`forget`](Self::forget).
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::TestService;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// service.profile().get().await?;
    /// assert_eq!(service.requests().len(), 1);
    /// println!("{}", service.requests());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn requests(&self) -> Requests {
        let forgotten = self.forgotten.load(Ordering::Relaxed);
        let mut exchanges = self.emulator.journal();
        exchanges.retain(|exchange| exchange.sequence > forgotten);
        Requests::new(exchanges)
    }

    /// Forgets what was sent so far, such as to get ready for what is tested.
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::TestService;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// let mut profile = service.profile().get().await?;
    /// service.forget();
    /// profile.email = None;
    /// service.profile().update(&profile).await?;
    /// service.assert_sent(&["PUT"]);
    /// # Ok(()) }
    /// ```
    pub fn forget(&self) {
        let last = self.emulator.journal().last().map_or(0, |exchange| exchange.sequence);
        self.forgotten.store(last, Ordering::Relaxed);
    }

    /// These requests were sent, in this order, and nothing else: each by its method and, if it matters, its
    /// path, in which `*` is any text.
    ///
    /// # Panics
    /// Where other ones were sent. The message shows them, without a token or a body.
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::TestService;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// service.profile().modify(|profile| profile.email = None).await?;
    /// service.assert_sent(&["GET /v1/customers/*/profiles/billing", "PUT"]);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn assert_sent(&self, expected: &[&str]) {
        let sent = self.requests();
        if !sent.are(expected) {
            let lines = (1..).zip(expected).map(|(number, what)| format!("{number:>3}. {what}\n"));
            let expected: String = lines.collect();
            let expected = if expected.is_empty() { "  nothing\n" } else { &expected };
            panic!("other requests were sent than expected\nexpected:\n{expected}sent:\n{sent}");
        }
    }

    /// Nothing was to be changed: no PUT was sent.
    ///
    /// # Panics
    /// Where one was sent.
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::TestService;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// service.profile().modify(|profile| profile.language = Some("en".into())).await?; // as it is
    /// service.assert_no_put();
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn assert_no_put(&self) {
        let sent = self.requests();
        assert!(sent.count("PUT") == 0, "a PUT was sent\nsent:\n{sent}");
    }

    /// Everything has gone wrong that was to go wrong with a [next](Self::next) request: the test has seen
    /// what it is about.
    ///
    /// # Panics
    /// Where something has not.
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::TestService;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// service.conflict_once();
    /// service.profile().modify(|profile| profile.email = None).await?;
    /// service.assert_all_went_wrong();
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn assert_all_went_wrong(&self) {
        let waiting = self.emulator.next_faults();
        let lines: String = waiting.iter().map(shown).collect();
        let sent = self.requests();
        assert!(waiting.is_empty(), "this did not go wrong yet\n{lines}sent:\n{sent}");
    }

    /// The last PUT, with its headers.
    ///
    /// # Panics
    /// Where none was sent.
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::TestService;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// let profile = service.profile().get().await?;
    /// let tag = profile.etag().unwrap().to_string();
    /// service.profile().modify(|profile| profile.email = None).await?;
    /// assert_eq!(service.last_put().request_headers["If-Match"], tag);
    /// # Ok(()) }
    /// ```
    #[must_use]
    #[track_caller]
    pub fn last_put(&self) -> Exchange {
        let sent = self.requests();
        let Some(last) = sent.iter().rfind(|exchange| exchange.method == "PUT") else {
            panic!("no PUT was sent\nsent:\n{sent}");
        };
        last.clone()
    }

    /// The body of the last PUT.
    ///
    /// # Panics
    /// Where none was sent, or its body is not JSON.
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::TestService;
    /// use serde_json::json;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// service.profile().modify(|profile| profile.email = None).await?;
    /// assert_eq!(service.last_put_body()["email"], json!(null));
    /// # Ok(()) }
    /// ```
    #[must_use]
    #[track_caller]
    pub fn last_put_body(&self) -> Value {
        serde_json::from_slice(&self.last_put().request_body)
            .unwrap_or_else(|error| panic!("the body of the last PUT is not JSON: {error}"))
    }

    /// The profile of a customer as the service has it now, without what the service adds to an answer; `null`
    /// if there is no such customer. No request is kept of it.
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::{CUSTOMER, TestService};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// service.profile().modify(|profile| profile.email = Some("ann@example.com".into())).await?;
    /// assert_eq!(service.stored(CUSTOMER)["email"], "ann@example.com");
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn stored(&self, customer: Uuid) -> Value {
        self.emulator.state()["customers"][customer.to_string()].take()
    }

    /// The profile of the partner itself as the service has it now, otherwise as [`stored`](Self::stored).
    ///
    /// # Examples
    /// ```
    /// use partner_center_test::TestService;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let service = TestService::start();
    /// service.own_profile().modify(|profile| profile.tax_id = None).await?;
    /// assert!(service.stored_own().get("taxId").is_none());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn stored_own(&self) -> Value {
        self.emulator.state()["partner"].take()
    }
}

/// A fault that waits for its request, as a line.
fn shown(rule: &Rule) -> String {
    let name = serde_json::to_value(rule.fault).unwrap_or_default();
    let status = rule.status.map(|status| format!(" with {status}")).unwrap_or_default();
    let operation = rule.operation.as_deref().unwrap_or("request");
    format!("  {}{status}, of the next {operation}\n", name.as_str().unwrap_or("a fault"))
}
