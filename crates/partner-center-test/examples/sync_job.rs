//! A job over many customers, some of them at a time: each gets a language.
//!
//! `cargo run -p partner-center-test --example sync_job`

use futures_util::StreamExt;
use partner_center::{AppOnly, Error, PartnerCenter};
use partner_center_test::TestService;
use uuid::Uuid;

/// How many customers are looked at at the same time.
const AT_ONCE: usize = 8;

/// What came of it.
#[derive(Debug, Default)]
struct Report {
    changed: usize,
    unchanged: usize,
    failed: Vec<(Uuid, Error)>,
}

/// One client for all: when the service asks one call to slow down, all of them do.
async fn sync(partner: &PartnerCenter<AppOnly>, customers: &[Uuid]) -> Report {
    let each = customers.iter().map(|id| async move { (*id, set_language(partner, *id).await) });
    let mut outcomes = futures_util::stream::iter(each).buffer_unordered(AT_ONCE);
    let mut report = Report::default();
    while let Some((id, outcome)) = outcomes.next().await {
        match outcome {
            Ok(true) => report.changed += 1,
            Ok(false) => report.unchanged += 1,
            Err(error) => report.failed.push((id, error)),
        }
    }
    report
}

/// Whether anything was changed. It sets a value, so that it may be done again.
async fn set_language(partner: &PartnerCenter<AppOnly>, id: Uuid) -> Result<bool, Error> {
    let mut changed = false;
    let profile = partner.customer(id).billing_profile().idempotent();
    let language = profile.modify(|profile| {
        let before = profile.language.replace("fr".into());
        changed = before != profile.language;
    });
    let _ = language.await?;
    Ok(changed)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    // To call Partner Center, make a client with a credential, and list your customers.
    let service = TestService::with().customers(1000).start();
    let report = sync(&service.app_only(), service.customers()).await;
    println!("{} changed, {} as they were", report.changed, report.unchanged);
    for (id, error) in report.failed {
        println!("{id}: {error}");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use partner_center_test::Trouble;

    use super::*;

    #[tokio::test]
    async fn a_thousand_customers_are_synchronized_in_spite_of_trouble() {
        let service = TestService::with().customers(1000).start();
        service.next(Trouble::Forbidden);
        for _ in 0..3 {
            service.next(Trouble::Throttled { retry_after: Duration::from_secs(2) });
            service.next(Trouble::Unavailable);
            service.next(Trouble::Conflict);
            service.next(Trouble::LostAnswer);
        }
        let report = sync(&service.app_only(), service.customers()).await;
        service.assert_all_went_wrong();
        assert_eq!((report.changed, report.unchanged, report.failed.len()), (1001, 0, 1));
        assert!(report.failed[0].1.is_forbidden());

        // The next day there is one left.
        service.forget();
        let report = sync(&service.app_only(), service.customers()).await;
        assert_eq!((report.changed, report.unchanged, report.failed.len()), (1, 1001, 0));
        assert_eq!(service.requests().count("PUT"), 1);
    }
}
