//! The file that rows are written to: whole rows alone, for one pair of eyes, to be gone on with.

use std::collections::HashSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::failure::Failure;

use super::record::{LINE, Layout};
use crate::many::sheet::LONGEST;

/// The longest row that is taken for one that was cut off, in bytes. Nothing else is lost with it.
const TORN: usize = 64 * 1024;

/// A file with whole rows.
pub(crate) struct Target {
    path: PathBuf,
    file: File,
    /// How long it is, in bytes.
    length: u64,
    is_new: bool,
}

/// What nothing was written to is not left behind.
impl Drop for Target {
    fn drop(&mut self) {
        if self.is_new && self.is_empty() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

impl Target {
    /// Makes a file.
    ///
    /// # Errors
    /// It is there, or cannot be made.
    pub(crate) fn create(path: PathBuf) -> Result<Self, Failure> {
        let mut options = OpenOptions::new();
        options.write(true).read(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(file) => Self { path, file, length: 0, is_new: true }.locked(),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let what = format!("{} is there already", path.display());
                Err(Failure::usage(what).hint("name another file, or go on with it by --resume"))
            }
            Err(error) => {
                let what = format!("{} cannot be made", path.display());
                Err(Failure::usage(what).why(error))
            }
        }
    }

    /// Opens a file that was written to before, or makes it. Takes down the customers that are in it, and cuts a row
    /// off that is not whole.
    ///
    /// # Errors
    /// It is something else than the beginning of such a file. Nothing in it was changed then.
    pub(crate) fn resume(
        path: PathBuf,
        layout: &Layout,
        done: &mut HashSet<Uuid>,
    ) -> Result<Self, Failure> {
        let file = match OpenOptions::new().write(true).read(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Self::create(path),
            Err(error) => {
                let what = format!("{} cannot be opened", path.display());
                return Err(Failure::usage(what).why(error));
            }
        };
        let mut target = Self { path, file, length: 0, is_new: false }.locked()?;
        let mut rows = Rows { reader: BufReader::new(&target.file), row: Vec::new() };
        target.length = whole(&mut rows, layout, done).map_err(|other| match other {
            Other::Unreadable(error) => {
                Failure::usage(format!("{} cannot be read", target.path.display())).why(error)
            }
            Other::Else(why) => {
                let what = format!("{} cannot be gone on with", target.path.display());
                Failure::usage(what).why(why).hint("name another file with --file")
            }
        })?;
        let length = target.length;
        let cut = target.file.set_len(length).and_then(|()| target.file.seek(SeekFrom::End(0)));
        match cut {
            Ok(_) => Ok(target),
            Err(error) => Err(target.failed(error)),
        }
    }

    /// Keeps the file for this process.
    fn locked(self) -> Result<Self, Failure> {
        match self.file.try_lock() {
            // Not every file system has locks.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(self),
            Err(TryLockError::WouldBlock) => {
                let what = format!("another export writes to {}", self.path.display());
                Err(Failure::usage(what).hint("wait for it"))
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Writes whole rows, all of them or none.
    pub(crate) fn write(&mut self, rows: &str) -> Result<(), Failure> {
        match self.file.write_all(rows.as_bytes()) {
            Ok(()) => {
                self.length += rows.len() as u64;
                Ok(())
            }
            Err(error) => {
                // What cannot be cut off now is when it is gone on with.
                let _ = self.file.set_len(self.length);
                Err(self.failed(error))
            }
        }
    }

    /// Has the platform keep it.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        self.file.sync_all().map_err(|error| self.failed(error))
    }

    fn failed(&self, error: io::Error) -> Failure {
        let failure = Failure::new(format!("{} cannot be written", self.path.display()));
        let full = matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
        let failure = failure.why(error);
        if full { failure.hint("make room for it") } else { failure }
    }
}

/// Why a file is not gone on with.
enum Other {
    Unreadable(io::Error),
    Else(String),
}

impl From<io::Error> for Other {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// Rows as they were written here: a line end outside of quotes is the end of one.
struct Rows<R> {
    reader: R,
    row: Vec<u8>,
}

impl<R: BufRead> Rows<R> {
    /// Reads a row with its end; whether it has one.
    fn next(&mut self, quotes: bool) -> io::Result<bool> {
        self.row.clear();
        let mut inside = false;
        loop {
            let before = self.row.len();
            if self.reader.read_until(b'\n', &mut self.row)? == 0 {
                return Ok(false);
            }
            if !self.row.ends_with(b"\n") {
                return Ok(false);
            }
            for byte in &self.row[before..] {
                inside ^= quotes && *byte == b'"';
            }
            if self.row.len() > LONGEST {
                // What was written here has its ends: no more is needed to say so.
                return Ok(false);
            }
            if !inside && (!quotes || self.row.ends_with(b"\r\n")) {
                return Ok(true);
            }
        }
    }

    /// How many cells the row has.
    fn width(&self) -> usize {
        let mut inside = false;
        let mut width = 1;
        for byte in &self.row {
            inside ^= *byte == b'"';
            width += usize::from(*byte == b',' && !inside);
        }
        width
    }
}

/// Takes the customers down, and returns how much of the file is whole rows, in bytes.
fn whole<R: BufRead>(
    rows: &mut Rows<R>,
    layout: &Layout,
    done: &mut HashSet<Uuid>,
) -> Result<u64, Other> {
    let header = layout.header();
    let (mut length, mut number) = (0, 0);
    while rows.next(header.is_some())? {
        number += 1;
        match &header {
            Some(header) if number == 1 => {
                if rows.row != header.as_bytes() {
                    return Err(Other::Else(other_header(&rows.row, header)));
                }
            }
            _ => {
                let id = customer(rows, layout);
                done.insert(id.ok_or_else(|| Other::Else(other_row(number, layout)))?);
            }
        }
        length += rows.row.len() as u64;
    }
    // What has no end was cut off where it was written, unless it is something else altogether.
    let header = header.as_deref().unwrap_or(LINE);
    let begin = header.as_bytes();
    let common = begin.len().min(rows.row.len());
    if number == 0 && rows.row[..common] != begin[..common] {
        return Err(Other::Else(other_header(&rows.row, header)));
    }
    if rows.row.len() > TORN {
        return Err(Other::Else(format!(
            "after row {number} stands more than a row that was cut off"
        )));
    }
    Ok(length)
}

/// The customer that a row is about.
fn customer<R: BufRead>(rows: &Rows<R>, layout: &Layout) -> Option<Uuid> {
    let row = str::from_utf8(&rows.row).ok()?;
    let id = match layout {
        Layout::Csv(_) if rows.width() == layout.width() => row.split(',').next()?,
        Layout::Csv(_) => return None,
        Layout::Jsonl => {
            serde_json::from_str::<serde::de::IgnoredAny>(row).ok()?;
            row.strip_prefix(LINE)?.split('"').next()?
        }
    };
    id.parse().ok()
}

fn other_header(row: &[u8], header: &str) -> String {
    let first = row.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let same = first.trim_ascii_end() == header.trim_end().as_bytes();
    let csv = !same && row.starts_with("\u{feff}customer,".as_bytes());
    match (csv, row.starts_with(LINE.as_bytes())) {
        (true, _) => {
            "it is CSV with other columns; give the --columns that it was begun with".to_owned()
        }
        (_, true) => "it is JSON Lines; give --format jsonl".to_owned(),
        _ => "it is not what was exported here, or another program has saved it since".to_owned(),
    }
}

fn other_row(number: u64, layout: &Layout) -> String {
    match layout {
        Layout::Jsonl if number == 1 => {
            "it is no JSON Lines of an export; give --format csv if it is CSV".to_owned()
        }
        _ => format!(
            "row {number} is not what was exported here, or another program has saved it since"
        ),
    }
}
