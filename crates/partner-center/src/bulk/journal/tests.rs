//! A journal on a disk that loses what was not synced, tears what was under way, or is full; and processes that end
//! at any point.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::stream;
use partner_center_emulator::{APP_USER_TOKEN, Emulator, Fault, Rule};
use uuid::Uuid;

use super::*;
use crate::bulk::OutcomeKind;
use crate::{AppUser, PartnerCenter, Retry};

/// How many crashes are tried; more if this variable says so.
const CRASHES: &str = "JOURNAL_CRASHES";

/// What a disk has, and what it was told and has not synced.
#[derive(Debug, Default)]
struct Disk {
    /// What a program reads.
    seen: Vec<u8>,
    /// What is there after the power was cut.
    synced: Vec<u8>,
    unsynced: Vec<Told>,
    /// How many more times it can be told something.
    left: Option<u64>,
    /// The size that it has room for.
    room: Option<u64>,
    told: u64,
}

#[derive(Clone, Debug)]
enum Told {
    Write(u64, Vec<u8>),
    Length(u64),
}

impl Told {
    /// Does it to a disk; of a write, so many bytes of it.
    fn apply(&self, disk: &mut Vec<u8>, bytes: usize) {
        match self {
            Self::Length(length) => disk.resize(index(*length), 0),
            Self::Write(at, data) => {
                let data = &data[..bytes.min(data.len())];
                let end = index(*at) + data.len();
                if disk.len() < end {
                    disk.resize(end, 0);
                }
                disk[index(*at)..end].copy_from_slice(data);
            }
        }
    }
}

fn index(at: u64) -> usize {
    usize::try_from(at).expect("a small disk")
}

impl Disk {
    fn tell(&mut self, told: Told) -> io::Result<()> {
        self.told += 1;
        match &mut self.left {
            Some(0) => return Err(io::Error::other("the power was cut")),
            Some(left) => *left -= 1,
            None => {}
        }
        let end = match &told {
            Told::Length(length) => *length,
            Told::Write(at, data) => at + data.len() as u64,
        };
        if self.room.is_some_and(|room| end > room) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        told.apply(&mut self.seen, usize::MAX);
        self.unsynced.push(told);
        Ok(())
    }

    /// What is there after the power was cut: all that was synced, and any part of the rest.
    fn after_power_cut(&self, random: &mut fastrand::Rng) -> Vec<u8> {
        let mut disk = self.synced.clone();
        for told in &self.unsynced {
            match random.u8(0..4) {
                0 => {}
                1 => told.apply(&mut disk, random.usize(0..4096)),
                _ => told.apply(&mut disk, usize::MAX),
            }
        }
        disk
    }
}

#[derive(Clone, Debug, Default)]
struct Shared(Arc<Mutex<Disk>>);

impl Shared {
    fn of(bytes: Vec<u8>) -> Self {
        let disk = Disk { synced: bytes.clone(), seen: bytes, ..Disk::default() };
        Self(Arc::new(Mutex::new(disk)))
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn database(&self) -> Result<Database, DatabaseError> {
        redb::Builder::new().set_cache_size(CACHE).create_with_backend(self.clone())
    }
}

impl redb::StorageBackend for Shared {
    fn len(&self) -> io::Result<u64> {
        Ok(self.disk().seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let disk = self.disk();
        let at = index(offset);
        let bytes = disk.seen.get(at..at + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk().tell(Told::Length(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut disk = self.disk();
        if disk.left == Some(0) {
            return Err(io::Error::other("the power was cut"));
        }
        for told in std::mem::take(&mut disk.unsynced) {
            told.apply(&mut disk.synced, usize::MAX);
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.disk().tell(Told::Write(offset, data.to_vec()))
    }
}

struct World {
    emulator: Emulator,
    client: PartnerCenter<AppUser>,
    customers: Vec<Uuid>,
}

impl World {
    async fn new(customers: usize) -> Self {
        let emulator = Emulator::builder().customers(customers).start().await.expect("a port");
        let client = PartnerCenter::builder(AppUser::token(APP_USER_TOKEN))
            .endpoint(&emulator.url())
            .retry(Retry::default().attempts(1))
            .build()
            .expect("a client");
        let mut list = client.customers().list();
        let mut ids = Vec::new();
        while let Some(customer) = list.try_next().await.expect("a page") {
            ids.push(customer.id.expect("an id").parse().expect("a GUID"));
        }
        // The one that the partner has no relationship with cannot be read.
        let mut customers = Vec::new();
        for id in ids {
            if client.customer(id).billing_profile().get().await.is_ok() {
                customers.push(id);
            }
        }
        Self { emulator, client, customers }
    }

    /// Plans another last name for every customer.
    async fn plan(&self, journal: &Journal) -> Result<(), Error> {
        let rows = (1..).zip(self.customers.iter().copied());
        let mut read = std::pin::pin!(self.client.bulk().read(stream::iter(rows)));
        while let Some((row, profile)) = read.next().await {
            let mut profile = profile?;
            profile.last_name = Some("planned".to_owned());
            journal.plan(row, "a note", Some(&profile)).await?;
        }
        journal.seal().await
    }

    /// A sealed plan.
    async fn planned(&self) -> Vec<u8> {
        let disk = Shared::default();
        let journal =
            Journal::begin(disk.database().expect("a store"), "a run").expect("a journal");
        self.plan(&journal).await.expect("a plan");
        drop(journal);
        disk.disk().synced.clone()
    }

    /// Works on what is left. Gives the kinds of outcomes that were given, and the error that ended it.
    async fn apply(&self, journal: &Journal) -> (BTreeMap<u64, OutcomeKind>, Option<Error>) {
        let mut given = BTreeMap::new();
        let bulk = self.client.bulk().concurrency(3);
        let mut outcomes = std::pin::pin!(bulk.apply(journal, journal.left()));
        while let Some(outcome) = outcomes.next().await {
            match outcome {
                Ok((row, outcome)) => {
                    given.insert(row, outcome.kind());
                }
                Err(error) => return (given, Some(error)),
            }
        }
        (given, None)
    }

    /// How often the profile of each customer was changed.
    async fn changes(&self) -> BTreeMap<Uuid, usize> {
        let mut changes = BTreeMap::new();
        for customer in &self.customers {
            let history = self.client.customer(*customer).billing_profile().history();
            let mut list = history.list();
            let mut count = 0;
            while list.try_next().await.expect("a page").is_some() {
                count += 1;
            }
            changes.insert(*customer, count);
        }
        changes
    }
}

fn crashes(few: usize) -> usize {
    std::env::var(CRASHES).ok().and_then(|text| text.parse().ok()).unwrap_or(few)
}

#[tokio::test]
async fn whatever_is_lost_when_the_power_is_cut_nothing_is_done_twice_or_forgotten() {
    let mut ends = BTreeSet::new();
    for seed in 0..crashes(60) {
        let mut random = fastrand::Rng::with_seed(seed as u64);
        let world = World::new(6).await;
        let plan = world.planned().await;
        let disk = Shared::of(plan);
        let journal = Journal::opened(disk.database().expect("a store")).expect("a journal");
        // Either the disk goes first, or the process in the middle of something.
        let first = if random.bool() {
            disk.disk().left = Some(random.u64(0..150));
            world.apply(&journal).await
        } else {
            let wait = Duration::from_micros(random.u64(0..30_000));
            let cut = tokio::time::timeout(wait, world.apply(&journal)).await;
            cut.unwrap_or_default()
        };
        ends.insert(first.1.is_some());
        let left = disk.disk().after_power_cut(&mut random);
        drop(journal);

        let disk = Shared::of(left);
        let journal = Journal::opened(disk.database().expect("a store")).expect("a journal");
        assert_eq!(journal.note().expect("a note"), "a run");
        let rows: Vec<_> = journal.rows().map(|row| row.expect("a row")).collect();
        assert_eq!(rows.len(), world.customers.len(), "seed {seed}");
        for row in &rows {
            // What was given is not forgotten.
            if first.0.contains_key(&row.row) {
                assert!(!row.is_left(), "seed {seed}: {row:?}");
            }
        }
        // What was sent by then may arrive later; here it has arrived.
        tokio::time::sleep(Duration::from_millis(2)).await;
        let (given, error) = world.apply(&journal).await;
        assert!(error.is_none(), "seed {seed}: {error:?}");
        assert!(given.values().all(|kind| *kind == OutcomeKind::Updated), "seed {seed}: {given:?}");
        assert_eq!(journal.left().count().await, 0);
        for (customer, changes) in world.changes().await {
            assert_eq!(changes, 1, "seed {seed}: {customer}");
        }
        drop(world.emulator);
    }
    assert_eq!(ends.len(), 2, "both ends are met");
}

#[tokio::test]
async fn nothing_is_sent_that_is_not_on_a_full_disk() {
    let mut full = 0;
    for seed in 0..crashes(40) {
        let mut random = fastrand::Rng::with_seed(seed as u64);
        let world = World::new(6).await;
        let disk = Shared::of(world.planned().await);
        let journal = Journal::opened(disk.database().expect("a store")).expect("a journal");
        // Some of it is written, and then there is no room for what it comes to.
        let left = random.u64(0..120);
        disk.disk().left = Some(left);
        let (_, error) = world.apply(&journal).await;
        if let Some(error) = error {
            full += 1;
            assert_eq!(error.kind(), ErrorKind::Journal);
            assert!(error.hint().is_some_and(|hint| hint.contains("disk")), "{error}");
        }
        drop(journal);
        let changed: usize = world.changes().await.values().sum();
        // All that was changed was on disk before as sent. There is room again.
        let seen = disk.disk().seen.clone();
        let disk = Shared::of(seen);
        let journal = Journal::opened(disk.database().expect("a store")).expect("a journal");
        let known = journal.rows().filter(|row| {
            let row = row.as_ref().expect("a row");
            row.is_uncertain || row.outcome.is_some()
        });
        assert!(known.count() >= changed, "seed {seed}");
        let (_, error) = world.apply(&journal).await;
        assert!(error.is_none(), "seed {seed}: {error:?}");
        assert!(world.changes().await.values().all(|changes| *changes == 1), "seed {seed}");
    }
    assert!(full > 0);
}

#[tokio::test]
async fn a_plan_that_is_not_whole_is_not_applied() {
    for seed in 0..crashes(40) {
        let mut random = fastrand::Rng::with_seed(seed as u64);
        let world = World::new(4).await;
        let disk = Shared::default();
        disk.disk().left = Some(random.u64(0..120));
        let Ok(database) = disk.database() else { continue };
        let Ok(journal) = Journal::begin(database, "a run") else { continue };
        let sealed = world.plan(&journal).await.is_ok();
        let left = disk.disk().after_power_cut(&mut random);
        drop(journal);
        let opened = Shared::of(left).database().map_err(unwritable).and_then(Journal::opened);
        match opened {
            Ok(journal) if journal.is_sealed().expect("a store") => {
                // It may be on disk although nobody was told.
                assert_eq!(journal.left().count().await, world.customers.len());
            }
            Ok(journal) => {
                assert!(!sealed, "seed {seed}");
                let bulk = world.client.bulk();
                let mut outcomes = std::pin::pin!(bulk.apply(&journal, journal.left()));
                if let Some(outcome) = outcomes.next().await {
                    let error = outcome.expect_err("a plan that is not whole");
                    assert!(error.message().contains("not sealed"), "{error}");
                }
            }
            Err(error) => assert_eq!((error.kind(), sealed), (ErrorKind::Journal, false)),
        }
        assert!(world.changes().await.values().all(|changes| *changes == 0), "seed {seed}");
    }
}

#[tokio::test]
async fn a_file_is_open_in_one_place_and_is_not_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal");
    let journal = Journal::create(&path, "a run").expect("a journal");
    let says = |error: Error, text: &str| {
        assert_eq!(error.kind(), ErrorKind::Journal);
        assert!(error.to_string().contains(text), "{error}");
    };
    says(Journal::open(&path).expect_err("it is open"), "open in another process");
    says(Journal::create(&path, "").expect_err("it is there"), "cannot be written");
    drop(journal.clone());
    says(Journal::open(&path).expect_err("it is open"), "open in another process");
    drop(journal);
    assert_eq!(Journal::open(&path).expect("a journal").note().expect("a note"), "a run");
    // A process that was ended before it began one, and a database of something else.
    let other = folder.path().join("database");
    drop(Database::create(&other).expect("a database"));
    let journal = Journal::open(&other).expect("a journal");
    assert!(!journal.is_sealed().expect("a store") && journal.rows().next().is_none());
    drop(journal);
    std::fs::remove_file(&other).expect("a file");
    let database = Database::create(&other).expect("a database");
    let transaction = database.begin_write().expect("a transaction");
    transaction.open_table(ROWS).expect("a table");
    transaction.commit().expect("a commit");
    drop(database);
    says(Journal::open(&other).expect_err("it is none"), "a format that this version does not");
    says(Journal::open(&folder.path().join("none")).expect_err("there is none"), "cannot be read");
    std::fs::write(folder.path().join("other"), "other").expect("a file");
    says(Journal::open(&folder.path().join("other")).expect_err("it is none"), "cannot be read");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn what_becomes_of_rows_is_kept() {
    let world = World::new(8).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal");
    let journal = Journal::create(&path, "").expect("a journal");
    world.plan(&journal).await.expect("a plan");
    journal.plan(99, "nothing to do", None).await.expect("a row");
    journal.seal().await.expect("a plan");
    let customer = |row: usize| world.client.customer(world.customers[row - 1]).billing_profile();
    // Another member, and the same one.
    let change = |profile: &mut CustomerBillingProfile| profile.first_name = Some("Bob".into());
    let _ = customer(1).modify(change).await.expect("an update");
    let change = |profile: &mut CustomerBillingProfile| {
        profile.last_name = Some("theirs".into());
    };
    let _ = customer(2).modify(change).await.expect("an update");
    // The same value as is planned.
    let change = |profile: &mut CustomerBillingProfile| {
        profile.last_name = Some("planned".into());
    };
    let _ = customer(3).modify(change).await.expect("an update");
    let rule =
        Rule { operation: Some("update".to_owned()), times: Some(1), ..Rule::new(Fault::Refuse) };
    world.emulator.add_fault(rule);
    let fourth = journal.left().filter(|row| {
        let is_fourth = row.as_ref().is_ok_and(|row| row.row == 4);
        async move { is_fourth }
    });
    let outcomes: Vec<_> = world.client.bulk().apply(&journal, fourth).collect().await;
    assert_eq!(outcomes.len(), 1);
    assert_eq!(outcomes[0].as_ref().expect("an outcome").1.kind(), OutcomeKind::Failed);
    let (given, error) = world.apply(&journal).await;
    assert!(error.is_none(), "{error:?}");
    let kinds: Vec<_> = (1..4).map(|row| given[&row]).collect();
    assert_eq!(kinds, [OutcomeKind::Merged, OutcomeKind::Conflict, OutcomeKind::Unchanged]);
    assert!(!given.contains_key(&4));
    drop(journal);
    let journal = Journal::open(&path).expect("a journal");
    let rows: Vec<_> = journal.rows().map(|row| row.expect("a row")).collect();
    let ended = |row: usize| rows[row - 1].outcome.clone().expect("an end");
    assert_eq!(ended(2).conflicts, ["/lastName"]);
    assert_eq!((ended(4).status, ended(4).correlation_id.is_some()), (Some(403), true));
    let last = rows.last().expect("a row");
    assert_eq!((last.row, last.is_left(), &*last.note), (99, false, "nothing to do"));
    assert_eq!(journal.left().count().await, 0);
}
