//! How long `partner-center web` takes: from its start to the first page, and to render 500 customers.
//!
//! Beside each is something that anyone can compare with, measured in the same run:
//! ```text
//! cargo bench -p partner-center-cli --bench web
//! cargo bench -p partner-center-cli --bench web -- 51    # so many rounds
//! ```

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use partner_center_emulator::{APP_USER_TOKEN, Emulator};

/// What is asked of it, in milliseconds.
const START: f64 = 50.0;
const RENDER: f64 = 5.0;

fn main() {
    let rounds = std::env::args().nth(1).and_then(|it| it.parse().ok()).unwrap_or(21);
    let home = tempfile::tempdir().expect("a folder");
    let (mut first_pages, mut lists) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        first_pages.push(first_page(home.path()));
        lists.push(milliseconds(|| {
            let list = command(home.path(), &["--emulator", "customer", "list"]).output();
            assert!(list.expect("a process").status.success());
        }));
    }
    let (first_page, list) = (median(first_pages), median(lists));
    println!(
        "from the start to the first page, with the emulator: {first_page:.1} ms (at most {START} are asked for)"
    );
    println!(
        "  {:.2} x `partner-center --emulator customer list`, {list:.1} ms",
        first_page / list
    );
    let (rendered, answered) = rendered(home.path(), rounds);
    println!("rendering 500 customers: {rendered:.2} ms (at most {RENDER} are asked for)");
    println!(
        "  {:.2} x the whole answer, with the request to the emulator, {answered:.1} ms",
        rendered / answered
    );
}

/// The time until a browser has the page of the customers.
fn first_page(home: &Path) -> f64 {
    let began = Instant::now();
    let mut web = command(home, &["--emulator", "web", "--no-browser"]).spawn().expect("a process");
    let page = enter(web.stdout.as_mut().expect("a pipe"), "/customers").1;
    let took = began.elapsed();
    assert!(page.contains("2 customers."), "{page}");
    web.kill().and_then(|()| web.wait()).expect("an end");
    took.as_secs_f64() * 1000.0
}

/// The medians of the time that a page of 500 customers takes to be rendered, and of the whole answer.
fn rendered(home: &Path, rounds: usize) -> (f64, f64) {
    let emulator = Emulator::builder().customers(500).start_in_background().expect("an emulator");
    let mut web = command(home, &["web", "--no-browser"]);
    let web = web
        .env("PARTNER_CENTER_ENDPOINT", emulator.url())
        .env("PARTNER_CENTER_ACCESS_TOKEN", APP_USER_TOKEN);
    let mut web = web.spawn().expect("a process");
    let (browser, _) = enter(web.stdout.as_mut().expect("a pipe"), "/customers");
    let (mut rendered, mut answered) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let mut answer = String::new();
        answered.push(milliseconds(|| answer = get(&browser, "/customers?size=500")));
        assert!(answer.contains("500 customers"), "{answer:.300}");
        let timing = answer.split("render;dur=").nth(1).and_then(|it| it.split('\r').next());
        rendered.push(timing.and_then(|it| it.parse().ok()).expect("a duration"));
    }
    web.kill().and_then(|()| web.wait()).expect("an end");
    (median(rendered), median(answered))
}

fn command(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partner-center"));
    command.args(arguments).env_clear().env("HOME", home).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// A browser that came in.
struct Browser {
    host: String,
    cookie: String,
}

/// Comes in by the address that is printed, and reads a page.
fn enter(stdout: &mut impl Read, path: &str) -> (Browser, String) {
    let mut address = String::new();
    BufReader::new(stdout).read_line(&mut address).expect("an address");
    let (host, entry) =
        address.trim().trim_start_matches("http://").split_once('/').expect("a path");
    let mut browser = Browser { host: host.to_owned(), cookie: String::new() };
    let entered = get(&browser, &format!("/{entry}"));
    let cookie = entered.split("set-cookie: ").nth(1).and_then(|it| it.split(';').next());
    cookie.expect("a cookie").clone_into(&mut browser.cookie);
    let page = get(&browser, path);
    (browser, page)
}

fn get(browser: &Browser, path: &str) -> String {
    let Browser { host, cookie } = browser;
    let mut stream = TcpStream::connect(host).expect("a connection");
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

fn milliseconds(run: impl FnOnce()) -> f64 {
    let began = Instant::now();
    run();
    began.elapsed().as_secs_f64() * 1000.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
