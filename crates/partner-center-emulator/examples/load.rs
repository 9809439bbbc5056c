//! How many GETs the emulator answers in a second, beside a server that does nothing, in one run:
//!
//! `cargo run --profile bench -p partner-center-emulator --example load -- [REQUESTS] [CONNECTIONS]`
//!
//! Server and clients share the machine. The ratio is what carries over to another one.

use std::time::{Duration, Instant};

use partner_center_emulator::{APP_ONLY_TOKEN, Emulator, SAMPLE_CUSTOMER};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let requests: usize = arguments.next().map_or(Ok(200_000), |text| text.parse())?;
    let connections: usize = arguments.next().map_or(Ok(8), |text| text.parse())?;

    let start = Instant::now();
    let emulator = Emulator::builder().customers(10_000).start().await?;
    println!("10,000 customers started in {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    let bare = bare().await?;
    let address = emulator.url().trim_start_matches("http://").to_owned();

    let mut ratios = Vec::new();
    for round in 1..=3 {
        let before = memory();
        let served = rate(&address, requests, connections).await?;
        let nothing = rate(&bare, requests, connections).await?;
        ratios.push(served / nothing);
        println!(
            "round {round}: emulator {served:.0}/s, bare {nothing:.0}/s, ratio {:.2}, memory {} -> {} MiB",
            served / nothing,
            before,
            memory()
        );
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "median ratio {:.2}, {requests} requests a round on {connections} connections",
        ratios[1]
    );
    Ok(())
}

/// Requests answered in a second.
async fn rate(address: &str, requests: usize, connections: usize) -> Result<f64> {
    let start = Instant::now();
    let mut clients = tokio::task::JoinSet::new();
    let each = u32::try_from(requests / connections)?;
    for _ in 0..connections {
        clients.spawn(client(address.to_owned(), each));
    }
    while let Some(client) = clients.join_next().await {
        client??;
    }
    Ok(f64::from(each) * f64::from(u32::try_from(connections)?) / start.elapsed().as_secs_f64())
}

/// Sends the same GET again and again on one connection, each when the last one is answered.
async fn client(address: String, requests: u32) -> Result<()> {
    let mut stream = TcpStream::connect(&address).await?;
    stream.set_nodelay(true)?;
    let request = format!(
        "GET /v1/customers/{SAMPLE_CUSTOMER}/profiles/billing HTTP/1.1\r\nhost: {address}\r\n\
         authorization: Bearer {APP_ONLY_TOKEN}\r\n\r\n"
    );
    let mut buffer = vec![0; 16 * 1024];
    for _ in 0..requests {
        stream.write_all(request.as_bytes()).await?;
        let (mut read, mut wanted) = (0, usize::MAX);
        while read < wanted {
            match tokio::time::timeout(Duration::from_secs(10), stream.read(&mut buffer[read..]))
                .await??
            {
                0 => return Err("the connection was closed".into()),
                more => read += more,
            }
            if wanted == usize::MAX {
                wanted = length(&buffer[..read]).unwrap_or(usize::MAX);
            }
        }
    }
    Ok(())
}

/// The length of the response that begins in `bytes`, once its head is there.
fn length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    Some(head + length.parse::<usize>().ok()?)
}

/// A server that answers as many bytes and looks at nothing.
async fn bare() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let body = "x".repeat(579);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            let body = body.clone();
            let service = hyper::service::service_fn(move |_| {
                let body = http_body_util::Full::new(bytes::Bytes::from(body.clone()));
                async { Ok::<_, std::convert::Infallible>(http::Response::new(body)) }
            });
            let io = hyper_util::rt::TokioIo::new(stream);
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(io, service));
        }
    });
    Ok(address)
}

/// The memory of this process in MiB, where the system tells; 0 elsewhere.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0)
        / 1024
}
