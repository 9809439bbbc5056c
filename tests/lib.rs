//! What the tests across crates share: a service that answers what it is told and keeps what it
//! was asked, a clock that waits for nothing, and snapshots in a folder of which every file is accounted for.

pub mod stress;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use partner_center::{Clock, Sleep};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The root of the workspace.
#[must_use]
pub fn root() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests)
}

/// A service that answers what it is told, whatever it is asked, and records every request as it came.
#[derive(Debug)]
pub struct Recorder {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

/// An answer: its status, headers that it has beside the usual ones (each line with its end), its body.
pub type Answer<'a> = (u16, &'a str, &'a [u8]);

impl Recorder {
    /// Answers every request with `status` and `body`, as JSON.
    ///
    /// # Errors
    /// No port can be bound.
    pub async fn start(status: u16, body: &[u8]) -> std::io::Result<Self> {
        Self::script(&[(status, "", body)]).await
    }

    /// Gives these answers, one after the other, and the last one to every request after that.
    ///
    /// # Errors
    /// No port can be bound.
    pub async fn script(answers: &[Answer<'_>]) -> std::io::Result<Self> {
        Self::raw(answers.iter().map(answer).collect()).await
    }

    /// Gives these answers as they are, one after the other, and the last one to every request after
    /// that. The connection is closed after an empty one, and after one that says `connection: close`.
    ///
    /// # Errors
    /// No port can be bound.
    pub async fn raw(answers: Vec<Vec<u8>>) -> std::io::Result<Self> {
        let answers: Arc<[Vec<u8>]> = answers.into();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = requests.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answers.clone(), kept.clone()));
            }
        });
        Ok(Self { url, requests })
    }

    /// The address of the service.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The requests so far: request line, headers and body, as they were on the wire.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn answer((status, headers, body): &Answer<'_>) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 {status} Recorded\r\ncontent-type: application/json; charset=utf-8\r\n\
         ms-requestid: 5f1a2b3c\r\nlocation: /elsewhere\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}

async fn serve(mut stream: TcpStream, answers: Arc<[Vec<u8>]>, kept: Arc<Mutex<Vec<String>>>) {
    let mut bytes = Vec::new();
    while let Ok(read @ 1..) = stream.read_buf(&mut bytes).await {
        debug_assert!(read > 0);
        while let Some(length) = request_length(&bytes) {
            let request = String::from_utf8_lossy(&bytes[..length]).into_owned();
            let index = {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.push(request);
                kept.len() - 1
            };
            bytes.drain(..length);
            let answer = answers.get(index).or(answers.last()).map_or(&b""[..], Vec::as_slice);
            let closes = b"connection: close";
            let last = answer.is_empty() || answer.windows(closes.len()).any(|part| part == closes);
            if stream.write_all(answer).await.is_err() || last {
                return;
            }
        }
    }
}

/// The length of the first request in `bytes`, if it is complete.
fn request_length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    let total = head + length.map_or(0, |length| length.trim().parse().unwrap_or(0));
    (bytes.len() >= total).then_some(total)
}

/// A clock on which every wait is over at once, and the time that was to be waited has passed.
///
/// Clones are the same clock.
#[derive(Clone, Debug, Default)]
pub struct Hasty(Arc<Mutex<Vec<Duration>>>);

impl Hasty {
    /// Every wait so far.
    #[must_use]
    pub fn waits(&self) -> Vec<Duration> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn passed(&self) -> Duration {
        self.waits().iter().sum()
    }
}

impl Clock for Hasty {
    fn now(&self) -> Instant {
        Instant::now() + self.passed()
    }

    fn utc(&self) -> SystemTime {
        SystemTime::now() + self.passed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(duration);
        Box::pin(tokio::task::yield_now())
    }

    /// The longest wait there can be.
    fn random(&self) -> f64 {
        1.0
    }
}

/// The snapshots in `tests/snapshots/{area}` that are not among `names`: left over from something
/// that is gone.
#[must_use]
pub fn orphans(area: &str, names: &[String]) -> Vec<PathBuf> {
    let folder = root().join("tests/snapshots").join(area);
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let known = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        name.and_then(|name| name.strip_suffix(".snap").map(str::to_owned))
            .is_some_and(|name| names.contains(&name))
    };
    let mut orphans: Vec<_> = files.filter(|path| !known(path)).collect();
    orphans.sort();
    orphans
}
