//! What is counted, and what a recorder of `metrics` is told.

use std::collections::BTreeMap;
use std::time::Duration;

use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use partner_center::{
    AppOnly, Clock, Counters, PartnerCenter, Retry, Sleep, models::CustomerBillingProfile,
};
use partner_center_emulator::{APP_ONLY_TOKEN, Emulator, Fault, Rule, SAMPLE_CUSTOMER};

/// Waits for nothing.
#[derive(Debug)]
struct Hasty;

impl Clock for Hasty {
    fn sleep(&self, _: Duration) -> Sleep {
        Box::pin(std::future::ready(()))
    }

    fn random(&self) -> f64 {
        1.0
    }
}

/// A read that is throttled first, a conflict that starts over, an update whose answers are lost.
async fn work() -> Counters {
    let emulator = Emulator::start().await.expect("a port");
    let retry =
        Retry::default().attempts(2).backoff(Duration::from_secs(1), Duration::from_secs(1));
    let partner = PartnerCenter::builder(AppOnly::token(APP_ONLY_TOKEN))
        .endpoint(&emulator.url())
        .clock(Hasty)
        .retry(retry)
        .build()
        .expect("settings");
    let resource = partner.customer(SAMPLE_CUSTOMER.parse().expect("a GUID")).billing_profile();
    emulator.add_fault(Rule { times: Some(1), retry_after: Some(7), ..Rule::new(Fault::Throttle) });
    let stale = resource.get().await.expect("a profile");
    let name = |profile: &mut CustomerBillingProfile| profile.first_name = Some("Ann".into());
    let mut mine = resource.modify(name).await.expect("an update");
    drop(resource.modify(|profile| profile.last_name = Some("B".into())).await);
    mine.first_name = Some("Bob".into());
    assert!(resource.update(&mine).await.expect_err("stale").is_conflict());
    drop(stale);
    let put = Some("updateCustomerBillingProfile".to_owned());
    emulator.add_fault(Rule { operation: put, ..Rule::new(Fault::CloseAfterCommit) });
    let lost = resource.modify(|profile| profile.first_name = Some("Eve".into())).await;
    assert!(lost.expect_err("an error").may_have_been_applied());
    partner.counters()
}

#[test]
fn what_is_counted_is_told() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let counters = metrics::with_local_recorder(&recorder, || runtime.block_on(work()));
    assert_eq!((counters.succeeded, counters.failed), (3, 2));
    assert_eq!((counters.conflicts, counters.uncertain), (1, 1));
    assert_eq!((counters.throttled, counters.in_flight), (1, 0));
    assert!(counters.waits >= 2 && counters.waited >= Duration::from_secs(8), "{counters:?}");

    let mut told = BTreeMap::new();
    for (key, _, _, value) in snapshotter.snapshot().into_vec() {
        let labels = key
            .key()
            .labels()
            .map(|label| format!("{} = {}", label.key(), label.value()))
            .collect::<Vec<_>>();
        let amount = match value {
            DebugValue::Counter(count) => count.to_string(),
            DebugValue::Gauge(gauge) => gauge.to_string(),
            DebugValue::Histogram(values) => values.len().to_string(),
        };
        let name = key.key().name();
        assert!(told.insert(format!("{name} {}", labels.join(" ")), amount).is_none());
    }
    let of = |text: &str| {
        let found: Vec<_> = told.iter().filter(|(key, _)| key.contains(text)).collect();
        found.iter().map(|(_, amount)| amount.parse::<u64>().expect("a number")).sum::<u64>()
    };
    assert_eq!(of("http.client.request.duration"), counters.attempts);
    assert_eq!(of("http.response.status_code = 429"), 1);
    assert_eq!(of("http.client.active_requests"), 0);
    assert_eq!(of("partner_center.client.wait.duration"), counters.waits);
    for (outcome, count) in [("success", 3), ("conflict", 1), ("uncertain", 1), ("failure", 0)] {
        assert_eq!(of(&format!("outcome = {outcome}")), count, "{told:#?}");
    }
    let shown = format!("{told:?}");
    assert!(!shown.contains(SAMPLE_CUSTOMER) && !shown.contains(APP_ONLY_TOKEN), "{shown}");
}
