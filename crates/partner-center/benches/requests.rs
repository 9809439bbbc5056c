//! What a request costs: the library beside what it is made of, side by side in one run.
//!
//! `cargo bench -p partner-center` prints, for a GET and for a GET followed by a PUT on a kept-alive
//! loopback connection, the time (median over rounds in which every client has its turn) as a ratio to
//! `reqwest + serde`, and the exact number of allocations; then what parsing an entity tag and merging a
//! profile cost. The service is an emulator on a thread of its own.
//!
//! `--peer PROGRAM`, which `peer/build.sh` makes, adds the client of openapi-generator. That is a process of its own:
//! run all on one core (`taskset -c 0 cargo bench …`), or it is placed otherwise than the others are.
//!
//! `cargo bench -p partner-center -- ROUNDS REQUESTS` sets how many rounds there are (15) and how many
//! requests each client sends in one (400). A name, such as `partner-center`, leaves the others out, for a
//! profiler.

use std::cell::RefCell;
use std::future::Future;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use partner_center::models::CustomerBillingProfile;
use partner_center::{AppOnly, ETag, PartnerCenter, merge::merge};
use partner_center_api::{Client, Context, Document};
use partner_center_emulator::{
    APP_ONLY_TOKEN, BackgroundEmulator, Emulator, EtagCheck, MissingIfMatch, SAMPLE_CUSTOMER,
    Switches,
};
use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

/// What the others are compared with.
const YARDSTICK: &str = "reqwest + serde";
/// How many tasks share a client.
const TASKS: u32 = 64;
/// How long an answer may be, in bytes.
const BODY_LIMIT: usize = 4 << 20;
const NAMES: [&str; 5] = ["hyper", "reqwest", YARDSTICK, "generated client", "partner-center"];
/// What the library does that a careful person does not write by hand each time.
const WHY: &str = "it counts, keeps the document as it was read, finds what was changed in it, and checks the limits";
const REQUEST_ID: &str = "ms-requestid";
const CORRELATION_ID: &str = "ms-correlationid";

/// A client, called through one function that does the whole exchange once.
struct Contender<'a> {
    name: &'static str,
    call: Call<'a>,
}

enum Call<'a> {
    Here(Box<dyn Fn() + 'a>),
    /// In a process of its own, because it is built from what no one commits.
    There(RefCell<Peer>, &'static str),
}

impl Call<'_> {
    /// How long so many exchanges take.
    fn times(&self, count: u32) -> Duration {
        match self {
            Self::Here(call) => {
                let start = Instant::now();
                (0..count).for_each(|_| call());
                start.elapsed()
            }
            Self::There(peer, what) => {
                Duration::from_nanos(peer.borrow_mut().ask(&format!("time {what} {count}")))
            }
        }
    }

    fn allocations(&self) -> u64 {
        match self {
            Self::Here(call) => allocation_counter::measure(&**call).count_total,
            Self::There(peer, what) => peer.borrow_mut().ask(&format!("count {what}")),
        }
    }
}

/// The program of `peer/build.sh`.
struct Peer {
    process: Child,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Peer {
    fn start(program: &str, url: &str) -> Self {
        let mut process = Command::new(program)
            .args([url, SAMPLE_CUSTOMER, APP_ONLY_TOKEN])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program of peer/build.sh");
        let answers = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        Self { process, answers }
    }

    fn ask(&mut self, question: &str) -> u64 {
        let input = self.process.stdin.as_mut().expect("a pipe");
        writeln!(input, "{question}").expect("a reader");
        let answer = self.answers.next().expect("an answer").expect("UTF-8");
        answer.parse().expect("a number")
    }
}

fn main() {
    let numbers: Vec<u32> =
        std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let rounds = numbers.first().copied().unwrap_or(15).max(1);
    let requests = numbers.get(1).copied().unwrap_or(400).max(1);
    let only = std::env::args().skip(1).find(|word| NAMES.contains(&&**word));
    let peer = std::env::args().skip_while(|word| word != "--peer").nth(1);
    let emulator = emulator();
    let url = emulator.url();
    println!("{rounds} rounds of {requests} exchanges each; ratios to `{YARDSTICK}`\n");
    for (what, put) in [("GET", false), ("GET, PUT", true)] {
        let mut all = contenders(&url, put);
        if let Some(program) = &peer {
            let call = RefCell::new(Peer::start(program, &url));
            let call = Call::There(call, if put { "put" } else { "get" });
            all.push(Contender { name: "openapi-generator", call });
        }
        all.retain(|one| only.as_ref().is_none_or(|name| one.name == name));
        table(what, &all, rounds, requests, if put { 1.03 } else { 1.0 });
    }
    at_once(&url, rounds, requests);
    parts();
}

/// An emulator on a thread of its own, so that its allocations are not counted. It accepts every version,
/// because a client that reads nothing cannot name one.
fn emulator() -> BackgroundEmulator {
    let mut switches = Switches::default();
    switches.etag_check = EtagCheck::Neither;
    // The client of openapi-generator reads no body with a byte order mark.
    switches.bom = false;
    switches.missing_if_match = MissingIfMatch::Accept;
    Emulator::builder().switches(switches).start_in_background().expect("a port and a thread")
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// A call that does the exchange of `make` on a runtime of its own.
fn call<'a, F: Future<Output = ()>>(make: impl Fn() -> F + 'a) -> Call<'a> {
    let runtime = runtime();
    Call::Here(Box::new(move || runtime.block_on(make())))
}

fn contenders(url: &str, put: bool) -> Vec<Contender<'static>> {
    let customer = Uuid::parse_str(SAMPLE_CUSTOMER).expect("a GUID");
    let url = url.to_owned();
    let path = format!("/v1/customers/{customer}/profiles/billing");
    let address = format!("{url}{path}");
    let bearer = format!("Bearer {APP_ONLY_TOKEN}");
    // With the limits that every client should have, and the headers that the library sends.
    let http = || {
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
    };
    // One body for the clients that read nothing: the profile as it is.
    let body = runtime().block_on(async {
        let answer = http().get(&address).header("authorization", &bearer).send().await;
        answer.expect("an answer").bytes().await.expect("a body")
    });
    vec![
        Contender {
            name: "hyper",
            call: hyper(&url, path, bearer.clone(), put.then(|| body.clone())),
        },
        Contender {
            name: "reqwest",
            call: plain(http(), address.clone(), bearer.clone(), put.then_some(body)),
        },
        Contender { name: YARDSTICK, call: typed(http(), address, bearer, put) },
        Contender { name: "generated client", call: generated(&url, http(), customer, put) },
        Contender { name: "partner-center", call: library(&url, customer, put) },
    ]
}

fn hyper(url: &str, path: String, bearer: String, put: Option<Bytes>) -> Call<'static> {
    let authority = url.trim_start_matches("http://").to_owned();
    let runtime = runtime();
    let sender = runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(&authority).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        let handshake =
            hyper::client::conn::http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream));
        let (sender, connection) = handshake.await.expect("a handshake");
        tokio::spawn(connection);
        sender
    });
    let sender = tokio::sync::Mutex::new(sender);
    Call::Here(Box::new(move || {
        runtime.block_on(async {
            let mut sender = sender.lock().await;
            let request = |method: &str| {
                hyper::Request::builder()
                    .method(method)
                    .uri(&path)
                    .header("host", &authority)
                    .header("authorization", &bearer)
                    .header("accept", "application/json")
                    .header(REQUEST_ID, Uuid::new_v4().to_string())
                    .header(CORRELATION_ID, Uuid::new_v4().to_string())
            };
            let bodies =
                std::iter::once(("GET", Bytes::new())).chain(put.clone().map(|b| ("PUT", b)));
            for (method, body) in bodies {
                let mut request = request(method);
                if method == "PUT" {
                    request = request.header("content-type", "application/json");
                }
                sender.ready().await.expect("a connection");
                let request = request.body(Full::new(body)).expect("a request");
                let answer = sender.send_request(request).await.expect("an answer");
                assert_eq!(answer.status(), 200);
                black_box(answer.into_body().collect().await.expect("a body").to_bytes());
            }
        });
    }))
}

fn plain(http: reqwest::Client, url: String, bearer: String, put: Option<Bytes>) -> Call<'static> {
    call(move || {
        let get = http.get(&url).header("authorization", &bearer);
        let put = put.clone().map(|body| {
            let put = http.put(&url).header("authorization", &bearer);
            put.header("content-type", "application/json").body(body)
        });
        async move {
            for request in std::iter::once(get).chain(put) {
                let answer = identified(request).send().await.expect("an answer");
                assert_eq!(answer.status(), 200);
                black_box(answer.bytes().await.expect("a body"));
            }
        }
    })
}

/// The headers that every client sends with every request, so that the service does the same for each.
fn identified(request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    request
        .header("accept", "application/json")
        .header(REQUEST_ID, Uuid::new_v4().to_string())
        .header(CORRELATION_ID, Uuid::new_v4().to_string())
}

/// What a careful person writes by hand: the model read, changed, written with its entity tag, the answer
/// read. Members that the model does not have would be lost, but it has a place for them.
fn typed(http: reqwest::Client, url: String, bearer: String, put: bool) -> Call<'static> {
    let count = std::cell::Cell::new(0);
    call(move || {
        count.set(count.get() + 1);
        let (http, url, bearer, count) = (http.clone(), url.clone(), bearer.clone(), count.get());
        async move {
            let read = async |request: reqwest::RequestBuilder| {
                let request = identified(request.header("authorization", &bearer));
                let mut answer = request.send().await.expect("an answer");
                assert_eq!(answer.status(), 200);
                // Nobody reads a body without end.
                let mut body = Vec::new();
                while let Some(chunk) = answer.chunk().await.expect("a body") {
                    body.extend_from_slice(&chunk);
                    assert!(body.len() <= BODY_LIMIT);
                }
                serde_json::from_slice::<CustomerBillingProfile>(&body).expect("a profile")
            };
            let mut profile = read(http.get(&url)).await;
            if put {
                profile.email = Some(format!("n{count}@example.com"));
                let tag = profile.attributes.as_ref().and_then(|known| known.etag.as_deref());
                let tag = format!("\"{}\"", tag.expect("a tag"));
                profile = read(http.put(&url).header("if-match", tag).json(&profile)).await;
            }
            black_box(profile);
        }
    })
}

fn generated(url: &str, http: reqwest::Client, customer: Uuid, put: bool) -> Call<'static> {
    let context = Context::new().bearer(APP_ONLY_TOKEN).expect("a token");
    let shared = std::rc::Rc::new((Client::new_with_client(url, http, Context::new()), context));
    let count = std::cell::Cell::new(0);
    call(move || {
        count.set(count.get() + 1);
        let (shared, count) = (shared.clone(), count.get());
        let client = move || {
            let context = shared.1.clone().request_id(Uuid::new_v4());
            shared.0.with_context(context.correlation_id(Uuid::new_v4()))
        };
        async move {
            let read = client().get_customer_billing_profile(&customer).await.expect("a profile");
            let mut model = read.into_inner().into_model();
            if put {
                model.email = Some(format!("n{count}@example.com"));
                let tag = model.attributes.as_ref().and_then(|known| known.etag.clone());
                let tag = format!("\"{}\"", tag.expect("a tag"));
                let body = Document::new(model).expect("JSON");
                let written =
                    client().update_customer_billing_profile(&customer, &tag, &body).await;
                model = written.expect("an update").into_inner().into_model();
            }
            black_box(model);
        }
    })
}

fn library(url: &str, customer: Uuid, put: bool) -> Call<'static> {
    let client = PartnerCenter::builder(AppOnly::token(APP_ONLY_TOKEN)).endpoint(url).build();
    let resource = client.expect("a client").customer(customer).billing_profile();
    let count = std::cell::Cell::new(0);
    call(move || {
        count.set(count.get() + 1);
        let (resource, count) = (resource.clone(), count.get());
        async move {
            let mut profile = resource.get().await.expect("a profile");
            if put {
                profile.email = Some(format!("n{count}@example.com"));
                profile = resource.update(&profile).await.expect("an update");
            }
            let _ = black_box(profile);
        }
    })
}

/// Prints what each contender takes, and by how much the library misses its aim.
fn table(what: &str, contenders: &[Contender<'_>], rounds: u32, requests: u32, aim: f64) {
    for contender in contenders {
        contender.call.times(requests.min(50));
    }
    let mut times = vec![Vec::new(); contenders.len()];
    for round in 0..rounds {
        // Everyone is first once.
        for turn in 0..contenders.len() {
            let index = (round as usize + turn) % contenders.len();
            times[index].push(contenders[index].call.times(requests));
        }
    }
    let yardstick = contenders.iter().position(|one| one.name == YARDSTICK);
    let yardstick = times[yardstick.unwrap_or_default()].clone();
    let mut missed = None;
    println!("{what:<20}{:>14}{:>10}{:>16}", "µs/exchange", "ratio", "allocations");
    for (contender, times) in contenders.iter().zip(&times) {
        let ratios = times.iter().zip(&yardstick).map(|(one, other)| one.div_duration_f64(*other));
        let allocations = (0..10).map(|_| contender.call.allocations()).min().unwrap_or_default();
        let micros = median(times.iter().map(Duration::as_secs_f64)) * 1e6 / f64::from(requests);
        let ratio = median(ratios);
        println!("{:<20}{micros:>14.1}{ratio:>10.2}{allocations:>16}", contender.name);
        if contender.name == "partner-center" && ratio > aim {
            missed = Some(ratio - aim);
        }
    }
    if let Some(by) = missed {
        println!("partner-center misses its aim of {aim:.2} by {by:.2}: {WHY}");
    }
    println!();
}

fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// How many exchanges 64 tasks make in a time that share one client, beside reqwest and serde.
fn at_once(url: &str, rounds: u32, requests: u32) {
    let customer = Uuid::parse_str(SAMPLE_CUSTOMER).expect("a GUID");
    let address = format!("{url}/v1/customers/{customer}/profiles/billing");
    let bearer = format!("Bearer {APP_ONLY_TOKEN}");
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let client = PartnerCenter::builder(AppOnly::token(APP_ONLY_TOKEN)).endpoint(url).build();
    let resource = client.expect("a client").customer(customer).billing_profile();
    let plain = async || {
        let get = identified(http.get(&address).header("authorization", &bearer));
        let answer = get.send().await.expect("an answer");
        let body = answer.bytes().await.expect("a body");
        black_box(serde_json::from_slice::<CustomerBillingProfile>(&body).expect("a profile"));
    };
    let library = async || drop(black_box(resource.get().await.expect("a profile")));
    let runtime = runtime();
    let each = requests.div_ceil(8);
    let plain = || {
        runtime.block_on(join_all((0..TASKS).map(|_| async {
            for _ in 0..each {
                plain().await;
            }
        })));
    };
    let library = || {
        runtime.block_on(join_all((0..TASKS).map(|_| async {
            for _ in 0..each {
                library().await;
            }
        })));
    };
    let timed = |run: &dyn Fn()| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    timed(&plain);
    timed(&library);
    let (mut ratios, mut rates) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let (plain, library) = if round % 2 == 0 {
            let plain = timed(&plain);
            (plain, timed(&library))
        } else {
            let library = timed(&library);
            (timed(&plain), library)
        };
        ratios.push(plain.div_duration_f64(library));
        rates.push(f64::from(each * TASKS) / library.as_secs_f64());
    }
    println!(
        "{:<44}{:>12}{:>16}",
        format!("{TASKS} tasks on one client"),
        "GET/s",
        "ratio to reqwest"
    );
    println!("{:<44}{:>12.0}{:>16.2}\n", "partner-center", median(rates), median(ratios));
}

/// What the parts cost that have a budget of their own.
fn parts() {
    println!("{:<44}{:>12}{:>16}", "", "ns", "allocations");
    one("parse an entity tag (64 bits)", || {
        black_box(black_box("\"-4242348048554929329\"").parse::<ETag>().expect("a tag"));
    });
    let base = profile();
    let (mut mine, mut theirs) = (base.clone(), base.clone());
    mine["email"] = json!("ann@example.com");
    mine["defaultAddress"]["city"] = json!("Thun");
    theirs["lastName"] = json!("Builder");
    theirs["defaultAddress"]["postalCode"] = json!("3600");
    let size = base.to_string().len();
    one(&format!("merge three profiles of {size} bytes"), || {
        black_box(merge(black_box(&base), black_box(&mine), black_box(&theirs)));
    });
}

fn one(what: &str, run: impl Fn()) {
    const TIMES: u32 = 10_000;
    let allocations = allocation_counter::measure(&run).count_total;
    let start = Instant::now();
    (0..TIMES).for_each(|_| run());
    let nanos = start.elapsed().as_secs_f64() * 1e9 / f64::from(TIMES);
    println!("{what:<44}{nanos:>12.0}{allocations:>16}");
}

/// A profile with every member of the contract, of about 2 kB.
fn profile() -> Value {
    let names = [
        "addressLine1",
        "addressLine2",
        "addressLine3",
        "city",
        "country",
        "district",
        "emailAddress",
        "firstName",
        "id",
        "lastName",
        "middleName",
        "phoneNumber",
        "postalCode",
        "region",
        "state",
    ];
    let member = |name: &str| (name.to_owned(), Value::from(format!("{name} {}", "x".repeat(60))));
    let address: Value = Value::Object(names.into_iter().map(member).collect());
    let top = ["id", "firstName", "lastName", "email", "culture", "language", "companyName"];
    let mut profile = Value::Object(top.into_iter().map(member).collect());
    profile["defaultAddress"] = address;
    profile["attributes"] =
        json!({"etag": "-4242348048554929329", "objectType": "CustomerBillingProfile"});
    profile
}
