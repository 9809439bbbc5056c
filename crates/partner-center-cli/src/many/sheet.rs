//! The rows of a file, each about one customer: CSV as spreadsheets save it, or JSON Lines.
//!
//! A file is read twice. The first time finds everything that is wrong with it, and keeps nothing but a hash of
//! each customer; the second time gives one row after the other. A file that changed in between gives an error, and
//! no wrong row.

pub(crate) mod cell;
mod columns;
mod findings;
mod lines;
mod row;
mod source;
mod table;
#[cfg(test)]
mod tests;

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

pub(crate) use columns::{Column, column};
pub(crate) use row::Row;
pub(crate) use source::LONGEST;

use crate::failure::Failure;

use findings::Findings;
use lines::Lines;
use source::Text;
use table::Table;

/// What the rows are read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Which customers they are about. Everything else may be anything.
    Customers,
    /// What is to be changed, within the limits of the contract.
    Edits,
    /// What is to be changed; limits are left to the service.
    EditsWithoutLimits,
}

/// A file whose rows have no mistake.
#[derive(Debug)]
pub(crate) struct Sheet {
    path: PathBuf,
    purpose: Purpose,
    pub(crate) stamp: Stamp,
    /// How many rows it has.
    pub(crate) rows: u64,
}

impl Sheet {
    /// Reads the whole file, and finds every mistake.
    ///
    /// # Errors
    /// The file cannot be read, or has mistakes: up to 50 are named, each with its line, and with its column by name
    /// and letter. No value is repeated.
    pub(crate) fn check(path: &Path, purpose: Purpose) -> Result<Self, Failure> {
        let metadata = std::fs::metadata(path).map_err(|error| unreadable(path, error))?;
        if !metadata.is_file() {
            let what = format!("{} is no file", path.display());
            return Err(Failure::usage(what).hint("it is read twice: save it to a file first"));
        }
        let mut rows = Rows::open(path, purpose)?;
        let mut count = 0;
        while rows.reader.next(&mut rows.findings).is_some() {
            count += 1;
        }
        if count == 0 && rows.findings.is_empty() {
            rows.findings.add("it has no row about a customer");
        }
        match rows.findings.failure() {
            Some(failure) => Err(failure),
            None => {
                Ok(Self { path: path.to_owned(), purpose, stamp: stamp(&metadata), rows: count })
            }
        }
    }

    /// The rows, one after the other.
    ///
    /// # Errors
    /// The file cannot be read, or was changed.
    pub(crate) fn rows(&self) -> Result<Rows, Failure> {
        let metadata =
            std::fs::metadata(&self.path).map_err(|error| unreadable(&self.path, error))?;
        if stamp(&metadata) != self.stamp {
            return Err(changed(&self.path));
        }
        Rows::open(&self.path, self.purpose)
    }
}

/// By which it is seen that a file was changed: how long it is, and when it was written.
pub(crate) type Stamp = (u64, Option<SystemTime>);

pub(crate) fn stamp(metadata: &Metadata) -> Stamp {
    (metadata.len(), metadata.modified().ok())
}

fn unreadable(path: &Path, error: std::io::Error) -> Failure {
    Failure::usage(format!("{} cannot be read", path.display())).why(error)
}

fn changed(path: &Path) -> Failure {
    Failure::usage(format!("{} was changed while it was read", path.display()))
}

enum Reader {
    Table(Box<Table>),
    Lines(Box<Lines>),
}

impl Reader {
    fn next(&mut self, findings: &mut Findings) -> Option<Row> {
        match self {
            Self::Table(table) => table.next(findings),
            Self::Lines(lines) => lines.next(findings),
        }
    }
}

/// The rows of a file. An error is the last one.
pub(crate) struct Rows {
    path: PathBuf,
    reader: Reader,
    findings: Findings,
    ended: bool,
}

impl Rows {
    fn open(path: &Path, purpose: Purpose) -> Result<Self, Failure> {
        let mut findings = Findings::new(path);
        let end = table::end();
        let open = |end: &str| Text::open(path, end).map_err(|error| unreadable(path, error));
        let mut text = open(&end)?;
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        let is_json = extension == "jsonl" || extension == "ndjson";
        let reader = if is_json || text.head().trim_ascii_start().starts_with(b"{") {
            Reader::Lines(Box::new(Lines::new(open("")?, purpose)))
        } else {
            Reader::Table(Box::new(Table::new(text, &end, purpose, &mut findings)))
        };
        Ok(Self { path: path.to_owned(), reader, findings, ended: false })
    }
}

impl Iterator for Rows {
    type Item = Result<Row, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let row = self.reader.next(&mut self.findings);
        self.ended = row.is_none() || !self.findings.is_empty();
        if self.findings.is_empty() { row.map(Ok) } else { Some(Err(changed(&self.path))) }
    }
}
