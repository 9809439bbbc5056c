//! What is to be done, what was sent and what became of it, on disk: whatever ends the process, the work goes on
//! where it was.

use std::collections::VecDeque;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use redb::backends::FileBackend;
use redb::{Database, DatabaseError, ReadableDatabase, TableDefinition, TableError};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot};

use super::{Bulk, Outcome, OutcomeRecord, Update};
use crate::credential::Credential;
use crate::error::{BoxError, Error, ErrorKind};
use crate::models::CustomerBillingProfile;
use crate::versioned::Versioned;

/// What is planned for each row.
const ROWS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("rows");
/// What was sent of it, and what became of that.
const STATES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("states");
/// What is said of the journal as a whole.
const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");

const FORMAT: &str = "format";
const NOTE: &str = "note";
const SEALED: &str = "sealed";
/// The format that this crate writes, and reads alone.
const VERSION: &[u8] = b"1";

/// What the store may hold in memory, in bytes.
const CACHE: usize = 8 << 20;
/// How many writes are committed at once at the most, and may wait for it.
const BATCH: usize = 512;
/// How long others may join a commit.
const GATHERED: Duration = Duration::from_millis(2);
/// How many rows are read at once.
const CHUNK: usize = 64;

/// The plan of many updates, and what became of each.
///
/// First it is planned, row by row, and [sealed](Self::seal); nothing is sent until then. Then
/// [`Bulk::apply`](super::Bulk::apply) works on what is [left](Self::left): before each `PUT` it is on disk that it is
/// sent, and before an outcome is given it is on disk too. So after a crash, a full disk or a machine that was turned
/// off, the same call goes on: what is done is not done again, and what may have been sent is settled by reading.
///
/// It is one file, a [redb](https://docs.rs/redb) database, which one process has open at a time. Many writes share
/// one `fsync`. It holds profiles: keep it as you keep these. On Unix it is made for its owner alone.
///
/// Cloning is cheap. The file is closed with the last clone.
///
/// # Examples
/// ```
/// # partner_center_emulator::example(async |endpoint| {
/// use futures_util::{StreamExt, stream};
/// use partner_center::{AppOnly, Journal, PartnerCenter};
///
/// let partner = PartnerCenter::builder(AppOnly::token("emulator-app-only")).endpoint(endpoint).build()?;
/// # let folder = std::env::temp_dir().join(format!("journal-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("plan");
/// let customers = [(1, "eebd1b55-5360-4438-a11d-5c06918c3014".parse()?)];
/// let journal = Journal::create(&path, "English for everyone")?;
/// let mut profiles = std::pin::pin!(partner.bulk().read(stream::iter(customers)));
/// while let Some((row, read)) = profiles.next().await {
///     let mut profile = read?;
///     profile.language = Some("en".into());
///     journal.plan(row, "a note", Some(&profile)).await?;
/// }
/// journal.seal().await?;
///
/// // So far nothing was written. This may be another process, or the next one after a crash.
/// # drop(journal);
/// let journal = Journal::open(&path)?;
/// let mut outcomes = std::pin::pin!(partner.bulk().apply(&journal, journal.left()));
/// while let Some(outcome) = outcomes.next().await {
///     let (row, outcome) = outcome?;
///     println!("{row}: {}", outcome.kind());
/// }
/// assert_eq!(journal.left().count().await, 0);
/// # drop(outcomes); drop(journal);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Journal(Arc<Inner>);

struct Inner {
    database: Arc<Database>,
    /// `None` when it is being closed.
    writer: Option<(mpsc::Sender<Write>, JoinHandle<()>)>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some((writes, thread)) = self.writer.take() {
            drop(writes);
            // It has no way to panic; were it to, nothing is left to be closed.
            let _ = thread.join();
        }
    }
}

/// Something to be written, by which all that is sent before it is written too.
struct Write {
    what: What,
    /// Whoever waits until it is on disk.
    written: Option<oneshot::Sender<Result<(), Error>>>,
}

enum What {
    Row {
        row: u64,
        planned: Vec<u8>,
    },
    State {
        row: u64,
        state: Vec<u8>,
    },
    /// The row, planned anew, and that it is sent.
    Replanned {
        row: u64,
        planned: Vec<u8>,
        state: Vec<u8>,
    },
    Sealed,
}

#[derive(Serialize)]
struct Planned<'a> {
    note: &'a str,
    profile: Option<&'a Versioned<CustomerBillingProfile>>,
}

#[derive(Deserialize)]
struct Stored {
    note: String,
    profile: Option<Box<RawValue>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
enum State {
    /// It is sent, or was about to be.
    Sent,
    /// It failed in a way that another try may not.
    Open,
    Ended(OutcomeRecord),
}

/// A row of a journal.
#[derive(Clone)]
pub struct JournalRow {
    /// Its number, by which rows are in order.
    pub row: u64,
    /// What the program noted of it.
    pub note: String,
    /// What became of it, if anything did.
    pub outcome: Option<OutcomeRecord>,
    /// Whether it may have been sent, and nobody knows what became of it.
    pub is_uncertain: bool,
    /// Whether it was worked on before, whatever became of it.
    pub was_tried: bool,
    profile: Option<Box<RawValue>>,
}

impl JournalRow {
    /// The profile that is to be written, with what is to be changed in it; `None` if nothing is to be done.
    ///
    /// # Errors
    /// [`ErrorKind::Journal`]: what is stored is no such profile.
    pub fn profile(&self) -> Result<Option<Versioned<CustomerBillingProfile>>, Error> {
        let stored = self.profile.as_ref();
        stored.map(|text| serde_json::from_str(text.get()).map_err(unreadable)).transpose()
    }

    /// Whether there is something to do.
    #[must_use]
    pub fn is_left(&self) -> bool {
        self.outcome.is_none() && self.profile.is_some()
    }
}

impl fmt::Debug for JournalRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JournalRow")
            .field("row", &self.row)
            .field("outcome", &self.outcome)
            .field("is_uncertain", &self.is_uncertain)
            .finish_non_exhaustive()
    }
}

impl Journal {
    /// Makes a new one. `note` is what the program wants to know when it opens it again.
    ///
    /// # Errors
    /// [`ErrorKind::Journal`]: there is a file of that name already, or it cannot be written. Nothing is left of it then.
    pub fn create(path: &Path, note: &str) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(unwritable)?;
        let begin = || {
            let database = FileBackend::new(file).and_then(|file| {
                redb::Builder::new().set_cache_size(CACHE).create_with_backend(file)
            });
            let journal = Self::begin(database.map_err(in_use_or(unwritable))?, note)?;
            sync_folder(path).map_err(unwritable)?;
            Ok(journal)
        };
        // What is half begun would be in the way of the next one.
        begin().inspect_err(|_| drop(std::fs::remove_file(path)))
    }

    fn begin(database: Database, note: &str) -> Result<Self, Error> {
        let begin = || -> Result<(), redb::Error> {
            let transaction = database.begin_write()?;
            {
                let mut meta = transaction.open_table(META)?;
                meta.insert(FORMAT, VERSION)?;
                meta.insert(NOTE, note.as_bytes())?;
                transaction.open_table(ROWS)?;
                transaction.open_table(STATES)?;
            }
            transaction.commit()?;
            Ok(())
        };
        begin().map_err(unwritable)?;
        Self::over(database)
    }

    /// Opens one that is there.
    ///
    /// # Errors
    /// [`ErrorKind::Journal`]: there is none, it is open in another process, or it is none that this version reads.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let database = redb::Builder::new().set_cache_size(CACHE).open(path);
        Self::opened(database.map_err(in_use_or(unreadable))?)
    }

    fn opened(database: Database) -> Result<Self, Error> {
        let is_empty = || -> Result<bool, redb::Error> {
            Ok(database.begin_read()?.list_tables()?.next().is_none())
        };
        // Whoever made it was ended before it was begun: it is one that is not sealed.
        if is_empty().map_err(unreadable)? {
            return Self::begin(database, "");
        }
        let journal = Self::over(database)?;
        if journal.meta(FORMAT)?.as_deref() != Some(VERSION) {
            let what = "the journal has a format that this version does not read";
            return Err(
                Error::new(ErrorKind::Journal, what).advise("go on with the version that wrote it")
            );
        }
        Ok(journal)
    }

    fn over(database: Database) -> Result<Self, Error> {
        let database = Arc::new(database);
        let (writes, to_write) = mpsc::channel(BATCH);
        let store = Arc::clone(&database);
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write_all(&store, to_write))
            .map_err(unwritable)?;
        Ok(Self(Arc::new(Inner { database, writer: Some((writes, thread)) })))
    }

    /// What the program noted when it made the journal.
    ///
    /// # Errors
    /// [`ErrorKind::Journal`]: it cannot be read.
    pub fn note(&self) -> Result<String, Error> {
        let note = self.meta(NOTE)?.unwrap_or_default();
        String::from_utf8(note).map_err(unreadable)
    }

    /// Whether the plan is whole. One that is not is of no use: nothing was sent.
    ///
    /// # Errors
    /// [`ErrorKind::Journal`]: it cannot be read.
    pub fn is_sealed(&self) -> Result<bool, Error> {
        Ok(self.meta(SEALED)?.is_some())
    }

    fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let read = || -> Result<_, redb::Error> {
            match self.0.database.begin_read()?.open_table(META) {
                Ok(meta) => Ok(meta.get(name)?.map(|value| value.value().to_vec())),
                // A database of something else.
                Err(TableError::TableDoesNotExist(_)) => Ok(None),
                Err(cause) => Err(cause.into()),
            }
        };
        read().map_err(unreadable)
    }

    /// Plans a row: the profile as it was read, with what is to be changed in it; or nothing, and a note for whoever
    /// reads the journal alone. A row that was planned before is replaced. It is on disk when the plan is
    /// [sealed](Self::seal).
    ///
    /// # Errors
    /// [`ErrorKind::Journal`]: it cannot be written.
    pub async fn plan(
        &self,
        row: u64,
        note: &str,
        profile: Option<&Versioned<CustomerBillingProfile>>,
    ) -> Result<(), Error> {
        let planned = serde_json::to_vec(&Planned { note, profile }).map_err(unwritable)?;
        self.send(Write { what: What::Row { row, planned }, written: None }).await
    }

    /// Ends the plan. All of it is on disk then.
    ///
    /// # Errors
    /// [`ErrorKind::Journal`]: it cannot be written.
    pub async fn seal(&self) -> Result<(), Error> {
        self.write(What::Sealed).await
    }

    /// All rows in order, each read when it is asked for.
    pub fn rows(&self) -> Rows {
        Rows { journal: self.clone(), next: Some(0), read: VecDeque::new() }
    }

    /// The rows that there is something to do for.
    pub fn left(&self) -> impl Stream<Item = Result<JournalRow, Error>> + Send + use<> {
        let is_left =
            |row: &Result<JournalRow, Error>| row.as_ref().map_or(true, JournalRow::is_left);
        futures_util::stream::iter(self.rows().filter(is_left))
    }

    async fn state(&self, row: u64, state: &State) -> Result<(), Error> {
        let state = serde_json::to_vec(state).map_err(unwritable)?;
        self.write(What::State { row, state }).await
    }

    /// Keeps that a row is sent, planned anew if there is another profile.
    async fn sent(
        &self,
        row: u64,
        note: &str,
        profile: Option<&Versioned<CustomerBillingProfile>>,
    ) -> Result<(), Error> {
        if profile.is_none() {
            return self.state(row, &State::Sent).await;
        }
        let planned = serde_json::to_vec(&Planned { note, profile }).map_err(unwritable)?;
        let state = serde_json::to_vec(&State::Sent).map_err(unwritable)?;
        self.write(What::Replanned { row, planned, state }).await
    }

    async fn write(&self, what: What) -> Result<(), Error> {
        let (written, is_written) = oneshot::channel();
        self.send(Write { what, written: Some(written) }).await?;
        is_written.await.unwrap_or_else(|_| Err(closed()))
    }

    async fn send(&self, write: Write) -> Result<(), Error> {
        let Some((writes, _)) = &self.0.writer else { return Err(closed()) };
        writes.send(write).await.map_err(|_| closed())
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").finish_non_exhaustive()
    }
}

/// The rows of a [`Journal`], in order.
#[must_use]
pub struct Rows {
    journal: Journal,
    next: Option<u64>,
    read: VecDeque<JournalRow>,
}

impl Rows {
    /// Reads the rows that come next. No transaction stays open: that would keep the file from using its pages
    /// again.
    fn fill(&mut self, from: u64) -> Result<(), BoxError> {
        let transaction = self.journal.0.database.begin_read()?;
        let (rows, states) = (transaction.open_table(ROWS)?, transaction.open_table(STATES)?);
        let mut states = states.range(from..)?.peekable();
        let mut last = None;
        for row in rows.range(from..)?.take(CHUNK) {
            let (row, planned) = row?;
            let row = row.value();
            let Stored { note, profile } = serde_json::from_slice(planned.value())?;
            let mut state = None;
            while let Some(one) =
                states.next_if(|one| one.as_ref().map_or(true, |(at, _)| at.value() <= row))
            {
                let (at, text) = one?;
                if at.value() == row {
                    state = Some(serde_json::from_slice(text.value())?);
                }
            }
            let (was_tried, is_uncertain) = (state.is_some(), matches!(state, Some(State::Sent)));
            let outcome = match state {
                Some(State::Ended(outcome)) => Some(outcome),
                _ => None,
            };
            self.read.push_back(JournalRow {
                row,
                note,
                outcome,
                is_uncertain,
                was_tried,
                profile,
            });
            last = Some(row);
        }
        self.next = last.and_then(|last| last.checked_add(1));
        Ok(())
    }
}

impl Iterator for Rows {
    type Item = Result<JournalRow, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if let (true, Some(from)) = (self.read.is_empty(), self.next)
            && let Err(cause) = self.fill(from)
        {
            self.next = None;
            return Some(Err(unreadable(cause)));
        }
        self.read.pop_front().map(Ok)
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("next", &self.next).finish_non_exhaustive()
    }
}

impl<A: Credential> Bulk<A> {
    /// Says that the service was at another address when the journal was written, and is the same: an emulator that
    /// was started again. Otherwise what was read at another address is not written
    /// ([`ErrorKind::OtherResource`]).
    pub fn moved_from(mut self, endpoint: &str) -> Self {
        self.moved_from = Some(endpoint.to_owned());
        self
    }

    /// Writes what is planned, as [`update`](Self::update), with the journal kept: for all that is
    /// [left](Journal::left), or those of it that the program lets through.
    ///
    /// Each outcome is on disk when it is given. One that [is open](Outcome::is_open) leaves its row to be done.
    /// What may have been sent by a process that is gone is settled by reading: it is there
    /// ([`was_recovered`](Versioned::was_recovered)), or the profile is still the version that was read and is
    /// written now, or others changed it since, and that is a conflict which may have been applied.
    ///
    /// To stop, end the stream that comes in, such as by `take_until`: what is in flight is finished.
    ///
    /// # Errors
    /// [`ErrorKind::Journal`], for a plan that is not sealed or a journal that cannot be read or written: nothing
    /// more is sent for its row. The rows that follow have it too.
    pub fn apply<S>(
        &self,
        journal: &Journal,
        rows: S,
    ) -> impl Stream<Item = Result<(u64, Outcome), Error>> + use<A, S>
    where
        S: Stream<Item = Result<JournalRow, Error>>,
    {
        let (bulk, journal) = (self.clone(), journal.clone());
        let room = Arc::new(tokio::sync::Semaphore::new(self.concurrency));
        let sealed =
            journal.is_sealed().and_then(|sealed| if sealed { Ok(()) } else { Err(unsealed()) });
        rows.map(move |row| {
            let (bulk, journal, room) = (bulk.clone(), journal.clone(), Arc::clone(&room));
            let sealed = sealed.clone();
            async move {
                sealed?;
                let row = row?;
                let outcome = bulk.apply_one(&journal, &row, &room).await?;
                let state = match &outcome {
                    outcome if !outcome.is_open() => State::Ended(outcome.record()),
                    outcome if outcome.may_have_been_applied() => State::Sent,
                    _ => State::Open,
                };
                journal.state(row.row, &state).await?;
                Ok((row.row, outcome))
            }
        })
        // Those that wait for the disk are not in flight.
        .buffer_unordered(self.concurrency.saturating_mul(8))
    }

    async fn apply_one(
        &self,
        journal: &Journal,
        row: &JournalRow,
        room: &tokio::sync::Semaphore,
    ) -> Result<Outcome, Error> {
        let Some(mut profile) = row.profile()? else {
            let what = format!("there is nothing to do for row {}", row.row);
            return Err(Error::new(ErrorKind::Journal, what));
        };
        if self.moved_from.as_deref() == Some(profile.endpoint()) {
            profile = profile.moved_to(&self.client.shared);
        }
        let resource = self.resource(*profile.address());
        let update = Update { resource, profile, sent_before: row.is_uncertain };
        let mut permit = None;
        update
            .run(async |profile: Option<&Versioned<_>>| {
                journal.sent(row.row, &row.note, profile).await?;
                if permit.is_none() {
                    permit = room.acquire().await.ok();
                }
                Ok(())
            })
            .await
    }
}

/// Writes what comes, as much as there is at a time with one `fsync`.
fn write_all(database: &Database, mut writes: mpsc::Receiver<Write>) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut failed: Option<Error> = None;
    loop {
        let room = BATCH - batch.len();
        if writes.blocking_recv_many(&mut batch, room) == 0 {
            break;
        }
        // Nobody waits for any of it, and more may come.
        if batch.len() < BATCH && batch.iter().all(|write| write.written.is_none()) {
            continue;
        }
        // A commit takes as long for one as for many.
        std::thread::sleep(GATHERED);
        while batch.len() < BATCH
            && let Ok(write) = writes.try_recv()
        {
            batch.push(write);
        }
        // After a failure nothing is written any more: what came before may not be there.
        if failed.is_none() {
            failed = commit(database, &batch).err().map(unwritable);
        }
        for write in batch.drain(..) {
            if let Some(written) = write.written {
                // Whoever asked may have stopped waiting.
                let _ = written.send(failed.clone().map_or(Ok(()), Err));
            }
        }
    }
}

fn commit(database: &Database, batch: &[Write]) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let mut rows = transaction.open_table(ROWS)?;
        let mut states = transaction.open_table(STATES)?;
        for Write { what, .. } in batch {
            match what {
                What::Row { row, planned } => {
                    rows.insert(row, planned.as_slice())?;
                }
                What::State { row, state } => {
                    states.insert(row, state.as_slice())?;
                }
                What::Replanned { row, planned, state } => {
                    rows.insert(row, planned.as_slice())?;
                    states.insert(row, state.as_slice())?;
                }
                What::Sealed => {
                    transaction.open_table(META)?.insert(SEALED, &[][..])?;
                }
            }
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Makes sure that the name of a new file is on disk too.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

fn in_use_or(other: impl FnOnce(DatabaseError) -> Error) -> impl FnOnce(DatabaseError) -> Error {
    |cause| match cause {
        DatabaseError::DatabaseAlreadyOpen => {
            Error::new(ErrorKind::Journal, "the journal is open in another process")
                .advise("wait for it to end, or end it")
        }
        cause => other(cause),
    }
}

fn unreadable(cause: impl Into<BoxError>) -> Error {
    Error::new(ErrorKind::Journal, "the journal cannot be read").caused_by(cause)
}

fn unwritable(cause: impl Into<BoxError>) -> Error {
    Error::new(ErrorKind::Journal, "the journal cannot be written")
        .caused_by(cause)
        .advise("see that the disk has room and is there; then go on with the same journal")
}

fn unsealed() -> Error {
    let what = "the plan of the journal is not sealed: it may not be whole";
    Error::new(ErrorKind::Journal, what).advise("plan it anew")
}

fn closed() -> Error {
    Error::new(ErrorKind::Journal, "the journal is closed")
}

#[cfg(test)]
mod tests;
