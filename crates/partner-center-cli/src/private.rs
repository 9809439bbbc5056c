//! Files and folders for one pair of eyes.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use crate::failure::Failure;

/// Writes a file that nobody else can read, as a whole or not at all.
pub(crate) fn write(path: &Path, contents: &[u8]) -> Result<(), Failure> {
    let write = || {
        let folder = path.parent().unwrap_or(Path::new("."));
        make(folder)?;
        // A temporary file is its owner's alone, and stays so when it is renamed.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(contents)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error: std::io::Error| {
        Failure::new(format!("{} cannot be written", path.display())).why(error)
    })
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
