//! What a list of all customers costs: the library beside reqwest and serde, which read the same pages.
//!
//! `cargo bench -p partner-center --bench customers` prints the time (median over rounds in which both have their
//! turn) as a ratio, when the first customer is there, and how much memory is taken at the most for lists of
//! different lengths. The service is an emulator on a thread of its own.
//!
//! `-- CUSTOMERS ROUNDS` sets how many there are (100,000) and how many rounds (7).

use std::hint::black_box;
use std::time::{Duration, Instant};

use partner_center::models::CustomerCollection;
use partner_center::{AppOnly, PartnerCenter};
use partner_center_emulator::{APP_ONLY_TOKEN, BackgroundEmulator, Emulator, Switches};
use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

const CONTINUATION: &str = "MS-ContinuationToken";
/// How long an answer may be, in bytes.
const BODY_LIMIT: usize = 4 << 20;

fn main() {
    let numbers: Vec<usize> =
        std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let customers = numbers.first().copied().unwrap_or(100_000).max(1);
    let rounds = numbers.get(1).copied().unwrap_or(7).max(1);
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");

    let emulator = emulator(customers);
    let url = emulator.url();
    let (http, library) = (http(), library(&url));
    let typed = || runtime.block_on(typed(&http, &url));
    let listed = || runtime.block_on(listed(&library));
    let expected = typed();
    assert_eq!(listed(), expected, "not the same customers");
    println!("{expected} customers, {rounds} rounds");
    let (mut ratios, mut times) = (Vec::new(), [Vec::new(), Vec::new()]);
    for round in 0..rounds {
        let mut taken = [Duration::ZERO; 2];
        for turn in 0..2 {
            let who = (round + turn) % 2;
            let start = Instant::now();
            black_box(if who == 0 { typed() } else { listed() });
            taken[who] = start.elapsed();
        }
        ratios.push(taken[1].div_duration_f64(taken[0]));
        times[0].push(taken[0].as_secs_f64());
        times[1].push(taken[1].as_secs_f64());
    }
    println!("{:<28}{:>10}{:>10}", "", "s", "ratio");
    println!("{:<28}{:>10.3}{:>10.2}", "reqwest + serde", median(&mut times[0]), 1.0);
    println!(
        "{:<28}{:>10.3}{:>10.2}",
        "partner-center",
        median(&mut times[1]),
        median(&mut ratios)
    );

    let first = || {
        let start = Instant::now();
        let first = runtime.block_on(async { library.customers().list().try_next().await });
        black_box(first.expect("a page"));
        start.elapsed().as_secs_f64()
    };
    let mut firsts: Vec<f64> = (0..21).map(|_| first()).collect();
    let share = median(&mut firsts) / median(&mut times[1]);
    println!("\nthe first customer is there after {:.2} % of that", share * 100.0);

    println!("\n{:<28}{:>10}{:>16}", "customers", "MiB", "allocations");
    for part in [100, 10, 1] {
        most_memory(&runtime, customers / part);
    }
}

/// The most memory that a list takes at a time, of what it allocates.
fn most_memory(runtime: &Runtime, customers: usize) {
    let emulator = emulator(customers);
    let library = library(&emulator.url());
    let listed = || runtime.block_on(listed(&library));
    listed();
    let cost = allocation_counter::measure(|| {
        black_box(listed());
    });
    #[expect(clippy::cast_precision_loss, reason = "it is shown with two digits")]
    let mib = cost.bytes_max as f64 / f64::from(1 << 20);
    println!("{customers:<28}{mib:>10.2}{:>16}", cost.count_total);
}

fn emulator(customers: usize) -> BackgroundEmulator {
    let mut switches = Switches::default();
    // serde_json reads no byte order mark.
    switches.bom = false;
    let emulator = Emulator::builder().switches(switches).customers(customers);
    emulator.start_in_background().expect("a port and a thread")
}

/// With the limits that every client should have, and the headers that the library sends.
fn http() -> reqwest::Client {
    let headers = [(ACCEPT_ENCODING, HeaderValue::from_static("identity"))];
    let limited = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .default_headers(HeaderMap::from_iter(headers))
        .gzip(true)
        .user_agent("bench/1.0")
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(60));
    limited.build().expect("a client")
}

fn library(url: &str) -> PartnerCenter<AppOnly> {
    let client = PartnerCenter::builder(AppOnly::token(APP_ONLY_TOKEN)).endpoint(url);
    client.build().expect("a client")
}

/// What a careful person writes by hand: page after page, each read into the model.
async fn typed(http: &reqwest::Client, url: &str) -> usize {
    let bearer = format!("Bearer {APP_ONLY_TOKEN}");
    let mut address = format!("{url}/v1/customers?size=0");
    let mut token: Option<String> = None;
    let mut count = 0;
    loop {
        let mut request = http.get(&address).header("authorization", &bearer);
        request = request
            .header("accept", "application/json")
            .header("ms-requestid", Uuid::new_v4().to_string())
            .header("ms-correlationid", Uuid::new_v4().to_string());
        if let Some(token) = &token {
            request = request.header(CONTINUATION, token);
        }
        let mut answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        // Nobody reads a body without end.
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.expect("a body") {
            body.extend_from_slice(&chunk);
            assert!(body.len() <= BODY_LIMIT);
        }
        let page: CustomerCollection = serde_json::from_slice(&body).expect("a page");
        for customer in page.items.unwrap_or_default() {
            count += 1;
            black_box(customer);
        }
        let Some(next) = page.links.and_then(|links| links.next) else { return count };
        let uri = next.uri.expect("a link");
        address = format!("{url}/v1/{}", uri.trim_start_matches("/v1").trim_start_matches('/'));
        token = next.headers.into_iter().flatten().find_map(|header| {
            let named = header.key.is_some_and(|key| key.eq_ignore_ascii_case(CONTINUATION));
            named.then_some(header.value).flatten()
        });
    }
}

async fn listed(library: &PartnerCenter<AppOnly>) -> usize {
    let mut customers = library.customers().list();
    let mut count = 0;
    while let Some(customer) = customers.try_next().await.expect("a page") {
        count += 1;
        black_box(customer);
    }
    count
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
