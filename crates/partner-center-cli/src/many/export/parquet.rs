//! Customers as a Parquet file, for tools of data analysis: columns of texts, a thousand rows at a time.
//!
//! Its footer makes it a file, and stands at its end: it is there as a whole or not at all.

use std::io::{self, ErrorKind, Write};
use std::mem::take;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use partner_center::Versioned;
use partner_center::models::CustomerBillingProfile;
use serde_json::Value;
use tempfile::NamedTempFile;

use crate::change;
use crate::failure::Failure;
use crate::many::Found;
use crate::member::Member;

use super::record::FIRST;

/// How many rows are kept until they are written as a group.
const GROUP: usize = 1000;

/// A Parquet file that is being written.
pub(super) struct Parquet {
    writer: SerializedFileWriter<Out>,
    members: Vec<&'static Member>,
    /// The cells of each column, of a group that is not whole yet.
    columns: Vec<Vec<Option<String>>>,
    path: Option<PathBuf>,
}

enum Out {
    /// It gets its name when it is whole.
    File(NamedTempFile),
    Stdout(io::Stdout),
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Stdout(stdout) => stdout.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Stdout(stdout) => stdout.flush(),
        }
    }
}

impl Parquet {
    /// Begins a file, or writes to stdout.
    ///
    /// # Errors
    /// It is there already, or cannot be made.
    pub(super) fn create(
        path: Option<PathBuf>,
        members: Vec<&'static Member>,
    ) -> Result<Self, Failure> {
        let out = match &path {
            Some(path) if path.exists() => {
                let what = format!("{} is there already", path.display());
                return Err(Failure::usage(what).hint("name another file"));
            }
            Some(path) => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                let file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")));
                Out::File(file.map_err(|error| {
                    Failure::usage(format!("{} cannot be made", path.display())).why(error)
                })?)
            }
            None => Out::Stdout(io::stdout()),
        };
        let names = FIRST.into_iter().chain(members.iter().map(|member| member.name));
        let columns = names.clone().map(|_| Vec::new()).collect();
        let schema = schema(names).map_err(|error| failed(path.as_deref(), error))?;
        let properties = Arc::new(WriterProperties::builder().build());
        let writer = SerializedFileWriter::new(out, Arc::new(schema), properties);
        let writer = writer.map_err(|error| failed(path.as_deref(), error))?;
        Ok(Self { writer, members, columns, path })
    }

    /// Adds a customer.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn row(
        &mut self,
        found: &Found,
        profile: &Versioned<CustomerBillingProfile>,
    ) -> Result<(), Failure> {
        let etag = profile.etag().map(ToString::to_string);
        let first =
            [Some(found.id.to_string()), found.who.company.clone(), found.who.domain.clone(), etag];
        let tree = change::tree(profile)?;
        let cells = self.members.iter().map(|member| match tree.pointer(member.pointer) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(other) => Some(other.to_string()),
        });
        for (column, cell) in self.columns.iter_mut().zip(first.into_iter().chain(cells)) {
            column.push(cell);
        }
        if self.columns[0].len() < GROUP {
            return Ok(());
        }
        self.group().map_err(|error| failed(self.path.as_deref(), error))
    }

    /// Writes the rows that are kept.
    fn group(&mut self) -> Result<(), ParquetError> {
        if self.columns[0].is_empty() {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        for cells in &mut self.columns {
            let Some(mut column) = group.next_column()? else { break };
            let cells = take(cells);
            let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
            let values: Vec<ByteArray> =
                cells.into_iter().flatten().map(|cell| cell.into_bytes().into()).collect();
            column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)?;
            column.close()?;
        }
        group.close()?;
        Ok(())
    }

    /// Ends it, and gives it its name.
    ///
    /// # Errors
    /// It cannot be written, or there is a file of that name by now.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        let path = self.path.take();
        let of_path = |error| failed(path.as_deref(), error);
        self.group().map_err(of_path)?;
        let out = self.writer.into_inner().map_err(of_path)?;
        match (out, &path) {
            (Out::File(file), Some(path)) => {
                let kept = file.as_file().sync_all();
                let kept = kept.and_then(|()| file.persist_noclobber(path).map_err(|it| it.error));
                kept.map(drop).map_err(|error| of_path(error.into()))
            }
            (mut out, _) => out.flush().map_err(|error| of_path(error.into())),
        }
    }

    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}

/// Columns of texts, each of which may be absent.
fn schema<'a>(names: impl Iterator<Item = &'a str>) -> Result<Type, ParquetError> {
    let columns = names.map(|name| {
        Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
            .with_logical_type(Some(LogicalType::String))
            .with_repetition(Repetition::OPTIONAL)
            .build()
            .map(Arc::new)
    });
    Type::group_type_builder("customers").with_fields(columns.collect::<Result<_, _>>()?).build()
}

fn failed(path: Option<&Path>, error: ParquetError) -> Failure {
    let what = match path {
        Some(path) => format!("{} cannot be written", path.display()),
        None => "the rows cannot be printed".to_owned(),
    };
    let full = matches!(&error, ParquetError::External(cause)
        if cause.downcast_ref::<io::Error>().is_some_and(|it| it.kind() == ErrorKind::StorageFull));
    let failure = Failure::new(what).why(error);
    if full { failure.hint("make room for it") } else { failure }
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;

    use super::*;
    use crate::member::Profile;

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("p.parquet");
        let members: Vec<_> = CustomerBillingProfile::members().collect();
        let mut parquet = Parquet::create(Some(path.clone()), members.clone()).expect("a file");
        // More than a group, and a part of one.
        for row in 0..=GROUP {
            for (index, column) in parquet.columns.iter_mut().enumerate() {
                column.push((index != 2).then(|| format!("{row},\"'=\u{e9}\n{index}")));
            }
            if parquet.columns[0].len() == GROUP {
                parquet.group().expect("a group");
            }
        }
        assert!(!path.exists(), "it is not whole yet");
        parquet.finish().expect("a file");
        let reader = SerializedFileReader::new(std::fs::File::open(&path).expect("a file"));
        let reader = reader.expect("a Parquet file");
        assert_eq!(reader.metadata().num_row_groups(), 2);
        let rows = reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row"));
        let rows: Vec<_> = rows.collect();
        assert_eq!(rows.len(), GROUP + 1);
        assert_eq!(rows[0].len(), FIRST.len() + members.len());
        assert_eq!(rows[GROUP].get_string(3).expect("a text"), "1000,\"'=\u{e9}\n3");
        assert!(rows[7].get_string(2).is_err(), "it is absent");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert!(Parquet::create(Some(path), members).is_err(), "it is there");
    }
}
