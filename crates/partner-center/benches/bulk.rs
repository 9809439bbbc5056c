//! What many updates cost: the library beside reqwest and serde, which send the same requests; what the journal adds;
//! and how much memory a plan takes, however long it is.
//!
//! `cargo bench -p partner-center --features journal --bench bulk` plans and applies rows of a service that answers the same
//! to everyone, and prints the most memory of the process so far (`VmHWM`, on Linux). Then it prints, of 10,000 customers
//! of an emulator, of which 32 are read and written at once, the throughput and what the journal costs as ratios (medians
//! over rounds in which all have their turn): on a service that takes all of a core, and on one whose requests take
//! 10 ms. The services are processes of their own.
//!
//! `-- CUSTOMERS ROUNDS ROWS` sets how many customers there are (10,000), how many rounds (5), and how many rows at the
//! most (100,000).

use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use partner_center::models::CustomerBillingProfile;
use partner_center::{
    AppOnly, Bulk, Journal, Outcome, OutcomeKind, PartnerCenter, Uuid, Versioned,
};
use partner_center_emulator::{APP_ONLY_TOKEN, Emulator, Fault, Rule, Switches};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How many customers are worked on at once.
const CONCURRENCY: usize = 32;
/// How long requests take in the second comparison, in milliseconds: where they take time, the disk has it.
const LATENCY: u64 = 10;
/// Named by the process that is a service.
const SERVICE: &str = "BULK_BENCH_SERVICE";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if let Ok(service) = std::env::var(SERVICE) {
        return serve(&service).await;
    }
    let numbers: Vec<usize> =
        std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let number = |at: usize, default| numbers.get(at).copied().unwrap_or(default).max(1);
    let (customers, rounds, most) = (number(0, 10_000), number(1, 5), number(2, 100_000));
    let folder = tempfile::tempdir().expect("a folder");

    // First, because it is the most memory that the process has had.
    plans(most, folder.path()).await;
    for latency in [0, LATENCY] {
        compare(customers, rounds, latency, folder.path()).await;
    }
}

/// How long plans of more and more rows take, and how much memory.
async fn plans(most: usize, folder: &Path) {
    println!("{:<36}{:>10}{:>14}{:>8}", "rows, with a journal", "s", "rows/s", "MiB");
    let service = Service::start(0, 0);
    let library = library(&service.url);
    let mut rows = most.min(1000);
    while rows <= most {
        let path = folder.join("rows");
        let start = Instant::now();
        let one = [Uuid::nil()];
        by_journal(&library, one.iter().cycle().take(rows), "anew", &path).await;
        let taken = start.elapsed().as_secs_f64();
        std::fs::remove_file(path).expect("a file");
        #[expect(clippy::cast_precision_loss, reason = "it is shown in whole numbers")]
        let speed = rows as f64 / taken;
        println!("{rows:<36}{taken:>10.1}{speed:>14.0}{:>8}", most_memory().unwrap_or_default());
        rows *= 10;
    }
}

/// What each way to update all customers of an emulator takes, each request of which takes so many milliseconds longer.
async fn compare(customers: usize, rounds: usize, latency: u64, folder: &Path) {
    let service = Service::start(customers, latency);
    let (http, library) = (http(), library(&service.url));
    let ids = readable(&library).await;
    println!(
        "\n{} customers, {CONCURRENCY} at once, requests of {latency} ms, {rounds} rounds",
        ids.len()
    );
    let mut times = [const { Vec::new() }; 4];
    let mut ratios = [Vec::new(), Vec::new()];
    // The first round opens connections.
    for round in 0..=rounds {
        let mut taken = [Duration::ZERO; 4];
        for turn in 0..4 {
            let who = (round + turn) % 4;
            let name = format!("{latency}-{round}-{turn}");
            let start = Instant::now();
            match who {
                0 => by_hand(&http, &service.url, &ids, &name).await,
                1 => by_bulk(&library, &ids, &name).await,
                2 => by_plan(&library, &ids, &name).await,
                _ => by_journal(&library, &ids, &name, &folder.join(&name)).await,
            }
            taken[who] = start.elapsed();
        }
        if round > 0 {
            ratios[0].push(taken[0].div_duration_f64(taken[1]));
            ratios[1].push(taken[3].div_duration_f64(taken[2]));
            times.iter_mut().zip(taken).for_each(|(all, one)| all.push(one.as_secs_f64()));
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "it is shown in whole numbers")]
    let many = ids.len() as f64;
    println!("{:<36}{:>10}{:>14}{:>8}", "", "s", "customers/s", "ratio");
    let mut shown = |name: &str, who: usize, ratio: f64| {
        let time = median(&mut times[who]);
        println!("{name:<36}{time:>10.3}{:>14.0}{ratio:>8.2}", many / time);
    };
    let [throughput, journal] = ratios.each_mut().map(|ratios| median(ratios));
    shown("reqwest + serde", 0, 1.0);
    shown("bulk (throughput, aim 0.95)", 1, throughput);
    shown("all read, then all written", 2, 1.0);
    shown("with a journal (time, aim 1.05)", 3, journal);
}

/// What a careful person writes by hand.
async fn by_hand(http: &reqwest::Client, url: &str, ids: &[Uuid], name: &str) {
    let bearer = format!("Bearer {APP_ONLY_TOKEN}");
    let one = async |id: &Uuid| {
        let address = format!("{url}/v1/customers/{id}/profiles/billing");
        let with = |request: reqwest::RequestBuilder| {
            request
                .header("authorization", &bearer)
                .header("accept", "application/json")
                .header("ms-requestid", Uuid::new_v4().to_string())
                .header("ms-correlationid", Uuid::new_v4().to_string())
        };
        let answer = with(http.get(&address)).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let body = answer.bytes().await.expect("a body");
        let mut profile: CustomerBillingProfile = serde_json::from_slice(&body).expect("a profile");
        let etag = profile.attributes.as_ref().and_then(|it| it.etag.clone()).expect("a tag");
        profile.last_name = Some(name.to_owned());
        let body = serde_json::to_vec(&profile).expect("JSON");
        let request = with(http.put(&address)).header("if-match", format!("\"{etag}\""));
        let request = request.header("content-type", "application/json").body(body);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let body = answer.bytes().await.expect("a body");
        let profile: CustomerBillingProfile = serde_json::from_slice(&body).expect("a profile");
        black_box(profile);
    };
    stream::iter(ids).map(one).buffer_unordered(CONCURRENCY).collect::<()>().await;
}

async fn by_bulk(library: &PartnerCenter<AppOnly>, ids: &[Uuid], name: &str) {
    let bulk = library.bulk().concurrency(CONCURRENCY);
    updated(bulk.update(changed(&bulk, ids, name))).await;
}

/// First the plan, which is held in memory; then it is written.
async fn by_plan(library: &PartnerCenter<AppOnly>, ids: &[Uuid], name: &str) {
    let bulk = library.bulk().concurrency(CONCURRENCY);
    let plan: Vec<_> = changed(&bulk, ids, name).collect().await;
    updated(bulk.update(stream::iter(plan))).await;
}

/// The profiles as they are read, with another name.
fn changed(
    bulk: &Bulk<AppOnly>,
    ids: &[Uuid],
    name: &str,
) -> impl Stream<Item = ((), Versioned<CustomerBillingProfile>)> {
    let read = bulk.read(stream::iter(ids.iter().map(|id| ((), *id))));
    read.map(|((), read)| {
        let mut profile = read.expect("a profile");
        profile.last_name = Some(name.to_owned());
        ((), profile)
    })
}

async fn updated(outcomes: impl Stream<Item = ((), Outcome)>) {
    let mut outcomes = std::pin::pin!(outcomes);
    while let Some(((), outcome)) = outcomes.next().await {
        assert_eq!(outcome.kind(), OutcomeKind::Updated);
        black_box(outcome);
    }
}

async fn by_journal(
    library: &PartnerCenter<AppOnly>,
    ids: impl IntoIterator<Item = &Uuid>,
    name: &str,
    path: &Path,
) {
    let bulk = library.bulk().concurrency(CONCURRENCY);
    let journal = Journal::create(path, "").expect("a journal");
    let rows = (1..).zip(ids.into_iter().copied());
    {
        let mut read = std::pin::pin!(bulk.read(stream::iter(rows)));
        while let Some((row, read)) = read.next().await {
            let mut profile = read.expect("a profile");
            profile.last_name = Some(name.to_owned());
            journal.plan(row, "", Some(&profile)).await.expect("a row");
        }
    }
    journal.seal().await.expect("a plan");
    let mut outcomes = std::pin::pin!(bulk.apply(&journal, journal.left()));
    while let Some(outcome) = outcomes.next().await {
        let (_, outcome) = outcome.expect("an outcome");
        assert_eq!(outcome.kind(), OutcomeKind::Updated);
        black_box(outcome);
    }
}

/// The customers whose profiles can be read.
async fn readable(library: &PartnerCenter<AppOnly>) -> Vec<Uuid> {
    let ids: Vec<_> =
        library.customers().list().map_ok(|it| it.id).try_collect().await.expect("a list");
    let ids = ids.into_iter().flatten().map(|id| id.parse().expect("a GUID"));
    let read = library.bulk().read(stream::iter(ids.map(|id: Uuid| (id, id))));
    read.filter_map(async |(id, read)| read.is_ok().then_some(id)).collect().await
}

fn http() -> reqwest::Client {
    let limited = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent("bench/1.0")
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(60));
    limited.build().expect("a client")
}

fn library(url: &str) -> PartnerCenter<AppOnly> {
    let client = PartnerCenter::builder(AppOnly::token(APP_ONLY_TOKEN)).endpoint(url);
    client.build().expect("a client")
}

/// The most memory that this process has had, in MiB.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? / 1024)
}

/// A process that is a service.
struct Service {
    child: Child,
    url: String,
}

impl Service {
    /// An emulator with so many customers, whose requests take so many milliseconds; with none, a service that says the
    /// same to everyone.
    fn start(customers: usize, latency: u64) -> Self {
        let program = std::env::current_exe().expect("a program");
        let mut command = Command::new(program);
        command
            .env(SERVICE, format!("{customers} {latency}"))
            .stdout(Stdio::piped())
            .stdin(Stdio::piped());
        let mut child = command.spawn().expect("a process");
        let mut url = String::new();
        let mut said = BufReader::new(child.stdout.take().expect("a pipe"));
        said.read_line(&mut url).expect("an address");
        Self { child, url: url.trim().to_owned() }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn serve(service: &str) {
    let (customers, latency) = service.split_once(' ').expect("two numbers");
    let customers: usize = customers.parse().expect("a number");
    if customers > 0 {
        let mut switches = Switches::default();
        // serde_json reads no byte order mark.
        switches.bom = false;
        let mut emulator = Emulator::builder().switches(switches).customers(customers).journal(1);
        let latency: u64 = latency.parse().expect("a number");
        if latency > 0 {
            emulator = emulator.fault(Rule { ms: Some(latency), ..Rule::new(Fault::Latency) });
        }
        let emulator = emulator.start().await.expect("a port");
        println!("{}", emulator.url());
        return std::future::pending().await;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("http://{}", listener.local_addr().expect("an address"));
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        tokio::spawn(same_to_everyone(stream));
    }
}

/// Answers every request on a connection with the same profile.
async fn same_to_everyone(mut stream: TcpStream) {
    let body =
        include_str!("../../../openapi/examples/customer-by-id-billing-profile.response.json");
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut received = Vec::new();
    loop {
        // All of a request: its head, and its body if it has one.
        let end = loop {
            if let Some(head) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                let text = String::from_utf8_lossy(&received[..head]).to_ascii_lowercase();
                let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
                let length: usize = length.map_or(0, |it| it.trim().parse().expect("a length"));
                if received.len() >= head + 4 + length {
                    break head + 4 + length;
                }
            }
            match stream.read_buf(&mut received).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        };
        received.drain(..end);
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
