//! The rows of a table: CSV as RFC 4180 has it, with the separator that its first row has.

use csv::{Reader, ReaderBuilder, StringRecord};
use uuid::Uuid;

use super::Purpose;
use super::cell::{self, Cell};
use super::columns::{self, Column, Named};
use super::findings::Findings;
use super::row::{Draft, Given, Row};
use super::source::Text;

/// The separators that spreadsheets write.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// A table that is being read.
pub(crate) struct Table {
    reader: Reader<Text>,
    /// The row after the last one, which nobody else has written. If it is within a cell, that has no end.
    end: String,
    columns: Vec<Named>,
    record: StringRecord,
    purpose: Purpose,
    ended: bool,
}

/// What a table is read up to.
pub(crate) fn end() -> String {
    format!("\n{}\n", Uuid::new_v4())
}

impl Table {
    /// Reads the names of the columns.
    pub(crate) fn new(
        mut text: Text,
        end: &str,
        purpose: Purpose,
        findings: &mut Findings,
    ) -> Self {
        let separator = separator(text.head());
        let mut builder = ReaderBuilder::new();
        let reader =
            builder.has_headers(false).flexible(true).delimiter(separator).from_reader(text);
        let end = end.trim().to_owned();
        let (columns, record) = (Vec::new(), StringRecord::new());
        let mut table = Self { reader, end, columns, record, purpose, ended: false };
        match table.record(findings) {
            Some(line) => {
                // No member has such names.
                let names = table.record.iter().map(|name| name.trim_start_matches('\u{feff}'));
                table.columns = columns::columns(names, line, purpose, findings);
                // Without the names of the columns nothing can be said of the rows.
                table.ended = !table.columns.iter().any(columns::identifies);
            }
            None if findings.is_empty() => findings.add("the file is empty"),
            None => {}
        }
        table
    }

    /// The next row without a mistake; `None` after the last one.
    pub(crate) fn next(&mut self, findings: &mut Findings) -> Option<Row> {
        while let Some(line) = self.record(findings) {
            if self.record.iter().all(str::is_empty) {
                continue;
            }
            let (cells, columns) = (self.record.len(), self.columns.len());
            if cells != columns {
                let what = if cells < columns { "few" } else { "many" };
                findings.on(
                    line,
                    &format!(
                        "the row has too {what} cells: {cells}, where the first row has {columns}; \
                         a cell with a separator in it stands in quotes"
                    ),
                );
                continue;
            }
            let mut draft = Draft::new(line, self.purpose, findings);
            for (named, text) in self.columns.iter().zip(&self.record) {
                match cell::read(text) {
                    Ok(None) => {}
                    Ok(Some(Cell::Text(text))) => draft.put(named, Given::Text(text)),
                    Ok(Some(Cell::Clear)) => draft.put(named, Given::Clear),
                    Err(_) if is_passed_over(named, self.purpose) => {}
                    Err(why) => draft.wrong(&named.title, why),
                }
            }
            if let Some(row) = draft.finish() {
                return Some(row);
            }
        }
        None
    }

    /// Reads the next record, and says on which line it begins.
    fn record(&mut self, findings: &mut Findings) -> Option<u64> {
        if self.ended {
            return None;
        }
        let read = self.reader.read_record(&mut self.record);
        let end = self.reader.position().byte();
        let text = self.reader.get_mut();
        let broken = text.broken.take();
        let last = text.next_row(end);
        let within = self.record.iter().map(|cell| cell.matches('\n').count() as u64).sum();
        let line = last.saturating_sub(within).max(1);
        match read {
            Ok(true) if self.record.len() == 1 && self.record[0] == *self.end => {}
            Ok(true) if self.record.iter().next_back().is_some_and(|it| it.contains(&self.end)) => {
                // Its last line end is within it.
                findings.on(
                    line + 1,
                    "half a row: a quote at the beginning of a cell has no other at its end",
                );
            }
            Ok(true) => return Some(line),
            Ok(false) => {}
            Err(error) => findings.failed(broken, &error, line),
        }
        self.ended = true;
        None
    }
}

fn is_passed_over(named: &Named, purpose: Purpose) -> bool {
    matches!(named.column, Column::Ignored)
        || (purpose == Purpose::Customers && !columns::identifies(named))
}

/// The separator that the first row has most of.
fn separator(head: &[u8]) -> u8 {
    let mut counts = [0; SEPARATORS.len()];
    let mut inside = false;
    for byte in head.trim_ascii_start() {
        match byte {
            b'"' => inside = !inside,
            b'\n' | b'\r' if !inside => break,
            byte if !inside => {
                for (count, separator) in counts.iter_mut().zip(SEPARATORS) {
                    *count += usize::from(*byte == separator);
                }
            }
            _ => {}
        }
    }
    let most = counts.iter().zip(SEPARATORS).rev().max_by_key(|(count, _)| **count);
    most.map_or(b',', |(_, separator)| separator)
}
