//! Many calls at once on one client: none is lost, and the bounds hold for all of them together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use partner_center::{AppOnly, PartnerCenter, Retry};
use partner_center_emulator::{APP_ONLY_TOKEN, Emulator, Fault, RateLimit, Rule, SAMPLE_CUSTOMER};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

fn builder(url: &str) -> partner_center::Builder<AppOnly> {
    PartnerCenter::builder(AppOnly::token(APP_ONLY_TOKEN)).endpoint(url)
}

/// Reads a profile so often at once, with a clone of the client each time. Returns how many failed.
async fn read(partner: &PartnerCenter<AppOnly>, times: usize) -> usize {
    let customer = SAMPLE_CUSTOMER.parse().expect("a GUID");
    let mut tasks = JoinSet::new();
    for _ in 0..times {
        let resource = partner.clone().customer(customer).billing_profile();
        tasks.spawn(async move { resource.get().await.is_err() });
    }
    tasks.join_all().await.into_iter().filter(|failed| *failed).count()
}

#[tokio::test]
async fn a_rate_below_that_of_the_service_loses_nothing() {
    let limit = RateLimit { requests: 100, per: Duration::from_millis(250) };
    let emulator = Emulator::builder().rate_limit(limit).start().await.expect("a port");
    // Waiting for the rate is longer than an operation may take, and is not counted.
    let partner = builder(&emulator.url())
        .max_rate(80, Duration::from_millis(250))
        .max_in_flight(50)
        .retry(Retry::none().total_timeout(Duration::from_millis(500)))
        .build()
        .expect("settings");
    assert_eq!(read(&partner, 400).await, 0);
    let statuses = emulator.journal().into_iter().map(|exchange| exchange.status);
    assert_eq!(statuses.filter(|status| *status == Some(200)).count(), 400);
    assert!(emulator.journal().len() == 400, "a request was refused");
}

#[tokio::test]
async fn only_so_many_requests_are_in_flight() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (count, highest) = (now.clone(), most.clone());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (count, highest) = (count.clone(), highest.clone());
            tokio::spawn(async move {
                let mut request = [0; 4096];
                while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                    highest.fetch_max(count.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(2)).await;
                    count.fetch_sub(1, Ordering::SeqCst);
                    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
                    if stream.write_all(answer.as_bytes()).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    let bounded = builder(&url).max_in_flight(3).build().expect("settings");
    assert_eq!(read(&bounded, 60).await, 0);
    assert_eq!(most.load(Ordering::SeqCst), 3);
    // A request that is given up makes room for another one.
    let customer = SAMPLE_CUSTOMER.parse().expect("a GUID");
    for _ in 0..9 {
        let resource = bounded.customer(customer).billing_profile();
        let _ = tokio::time::timeout(Duration::from_micros(500), resource.get()).await;
    }
    assert_eq!(read(&bounded, 9).await, 0);
    let unbounded = builder(&url).build().expect("settings");
    assert_eq!(read(&unbounded, 60).await, 0);
    assert!(most.load(Ordering::SeqCst) > 3, "the service never had more, bound or not");
}

#[tokio::test]
async fn a_hold_counts_as_time_of_the_operation_in_the_line_too() {
    let emulator = Emulator::start().await.expect("a port");
    let partner = builder(&emulator.url())
        .max_rate(1000, Duration::from_secs(1))
        .max_in_flight(4)
        .retry(Retry::none())
        .build()
        .expect("settings");
    let customer = SAMPLE_CUSTOMER.parse().expect("a GUID");
    let resource = partner.customer(customer).billing_profile();
    let throttled = Rule { times: Some(1), retry_after: Some(3600), ..Rule::new(Fault::Throttle) };
    emulator.add_fault(throttled);
    assert!(resource.get().await.expect_err("429").is_throttled());
    // One has all the time in the world, and must not keep the others in the line.
    let patient = Retry::default().total_timeout(Duration::from_secs(7200));
    let waits = resource.clone().retry(patient);
    let waits = tokio::spawn(async move { drop(waits.get().await) });
    tokio::task::yield_now().await;
    let hasty = resource.retry(Retry::default().total_timeout(Duration::from_secs(1)));
    for _ in 0..3 {
        let error = hasty.get().await.expect_err("no time");
        assert!(error.is_throttled() && error.status().is_none(), "{error}");
    }
    waits.abort();
}
