//! A file of whole lines: what was written in part is taken back, by the same process or by the next.

use super::rotation::Rotation;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::PathBuf;

/// How much of a file's end is read at once to find its last whole line, in bytes.
const STEP: u64 = 64 << 10;

/// The file that is written, and where it stands.
#[derive(Debug)]
pub(super) struct Writer {
    path: PathBuf,
    create_directory: bool,
    rotation: Option<Rotation>,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    /// Bytes of whole lines.
    len: u64,
}

impl Writer {
    /// Opens nothing yet: a disk that is not mounted at start is one that is away.
    pub(super) fn new(path: PathBuf, create_directory: bool, rotation: Option<Rotation>) -> Self {
        Self { path, create_directory, rotation, open: None }
    }

    /// Appends one line and waits until it is on disk.
    ///
    /// # Errors
    /// What the system says; the file then ends with the line before, or is opened and mended before the next.
    pub(super) fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let len = u64::try_from(line.len()).unwrap_or(u64::MAX);
        let mut open = match self.open.take() {
            // Whoever rotates files by moving them expects a new one.
            Some(open) if self.path.exists() => open,
            _ => self.open()?,
        };
        if let Some(rotation) = &self.rotation
            && open.len > 0
            && rotation.is_full(open.len, len)
        {
            drop(open);
            rotation.rotate(&self.path)?;
            open = self.open()?;
        }
        let written = open.file.write_all(line).and_then(|()| open.file.sync_data());
        if let Err(error) = written {
            // Best effort: the next opening mends what cannot be cut now.
            let _cut = open.file.set_len(open.len);
            return Err(error);
        }
        open.len += len;
        self.open = Some(open);
        Ok(())
    }

    fn open(&self) -> io::Result<Open> {
        if self.create_directory
            && let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty())
        {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        // Who may plant a link may choose what is written over.
        if fs::symlink_metadata(&self.path).is_ok_and(|found| !found.is_file()) {
            return Err(io::Error::other("no plain file"));
        }
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&self.path)?;
        let len = whole_lines(&mut file)?;
        file.set_len(len)?;
        Ok(Open { file, len })
    }
}

/// How many bytes of a file are whole lines: a process that was killed may have left a part of one.
fn whole_lines(file: &mut File) -> io::Result<u64> {
    let mut end = file.metadata()?.len();
    let mut chunk = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(STEP);
        chunk.clear();
        file.seek(SeekFrom::Start(start))?;
        (&*file).take(end - start).read_to_end(&mut chunk)?;
        if let Some(at) = chunk.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + u64::try_from(at).unwrap_or(0) + 1);
        }
        end = start;
    }
    Ok(0)
}
