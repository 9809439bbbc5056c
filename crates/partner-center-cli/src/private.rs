//! Files and folders for one pair of eyes.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::failure::Failure;

/// Writes a file that nobody else can read, as a whole or not at all.
pub(crate) fn write(path: &Path, contents: &[u8]) -> Result<(), Failure> {
    write_all(path, [Ok(contents)])
}

/// Writes a file that nobody else can read, part by part, as a whole or not at all.
pub(crate) fn write_all(
    path: &Path,
    parts: impl IntoIterator<Item = Result<impl AsRef<[u8]>, Failure>>,
) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(format!("{} cannot be written", path.display())).why(error)
    };
    let mut file = temporary(path).map_err(failed)?;
    {
        let mut buffered = BufWriter::new(file.as_file_mut());
        for part in parts {
            buffered.write_all(part?.as_ref()).map_err(failed)?;
        }
        buffered.flush().map_err(failed)?;
    }
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map(drop).map_err(|error| failed(error.error))
}

/// A file in the folder of another one, to become that. It is its owner's alone, and stays so when it is renamed.
pub(crate) fn temporary(path: &Path) -> std::io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    make(folder)?;
    NamedTempFile::new_in(folder)
}

/// Opens a file, to be locked, and makes it if it is not there.
pub(crate) fn open(path: &Path) -> std::io::Result<File> {
    make(path.parent().unwrap_or(Path::new(".")))?;
    File::options().create(true).append(true).open(path)
}

/// Makes a folder for its owner alone, if it is not there.
pub(crate) fn make(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}
