//! When a file is full, what it is called then, and how long it is kept.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use time::OffsetDateTime;

/// Bytes of a megabyte, as the OpenTelemetry Collector counts.
const MEGABYTE: u64 = 1 << 20;
/// How large a file grows unless the configuration says otherwise, in megabytes.
const MEGABYTES: u64 = 100;
/// How many old files are kept unless the configuration says otherwise.
const BACKUPS: usize = 100;
const DAY: Duration = Duration::from_secs(86_400);

/// When a file is moved aside, and which old ones go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rotation {
    max_bytes: u64,
    /// Zero: for ever.
    max_age: Duration,
    /// Zero: all.
    max_backups: usize,
}

impl Rotation {
    /// With the OpenTelemetry Collector's defaults for what is not said.
    pub(super) fn new(megabytes: Option<u64>, days: Option<u64>, backups: Option<usize>) -> Self {
        Self {
            max_bytes: megabytes.unwrap_or(MEGABYTES).saturating_mul(MEGABYTE),
            max_age: DAY.saturating_mul(u32::try_from(days.unwrap_or(0)).unwrap_or(u32::MAX)),
            max_backups: backups.unwrap_or(BACKUPS),
        }
    }

    /// Whether a file of `len` bytes has no room for `more`.
    pub(super) fn is_full(&self, len: u64, more: u64) -> bool {
        len.saturating_add(more) > self.max_bytes
    }

    /// Moves the file aside, under a name with the time in it, and removes old ones that are too many or too old.
    ///
    /// # Errors
    /// If it cannot be moved. Old files that cannot be removed are left.
    pub(super) fn rotate(&self, path: &Path) -> io::Result<()> {
        fs::rename(path, free_name(path, OffsetDateTime::now_utc()))?;
        let mut old = old_files(path);
        // Names hold times: the newest is the last.
        old.sort();
        let surplus = if self.max_backups == 0 { 0 } else { old.len().saturating_sub(self.max_backups) };
        for (number, file) in old.iter().enumerate() {
            if number < surplus || self.is_too_old(file) {
                let _gone = fs::remove_file(file);
            }
        }
        Ok(())
    }

    fn is_too_old(&self, file: &Path) -> bool {
        let age = fs::metadata(file)
            .and_then(|found| found.modified())
            .ok()
            .and_then(|at| SystemTime::now().duration_since(at).ok());
        self.max_age > Duration::ZERO && age.is_some_and(|age| age > self.max_age)
    }
}

/// `spans-2026-11-24T13-05-09.123.json` for `spans.json`; if that is taken, a later millisecond.
fn free_name(path: &Path, mut now: OffsetDateTime) -> PathBuf {
    loop {
        let (date, clock) = (now.date(), now.time());
        let stamp = format!(
            "{:04}-{:02}-{:02}T{:02}-{:02}-{:02}.{:03}",
            date.year(),
            u8::from(date.month()),
            date.day(),
            clock.hour(),
            clock.minute(),
            clock.second(),
            clock.millisecond()
        );
        let name = path.with_file_name(named(path, &stamp));
        if !name.exists() {
            return name;
        }
        now += time::Duration::MILLISECOND;
    }
}

fn named(path: &Path, stamp: &str) -> OsString {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push("-");
    name.push(stamp);
    if let Some(ending) = path.extension() {
        name.push(".");
        name.push(ending);
    }
    name
}

/// The files that rotation made of this one: same beginning, same ending, a time in between.
fn old_files(path: &Path) -> Vec<PathBuf> {
    const STAMP: usize = "2026-11-24T13-05-09.123".len();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let is_old = |name: &str| {
        let stamp = name.strip_prefix(&stem).and_then(|rest| rest.strip_prefix('-'));
        stamp.is_some_and(|stamp| {
            stamp.len() == STAMP && stamp.bytes().all(|byte| byte.is_ascii_digit() || b"-T.".contains(&byte))
        })
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries
        .filter(|old| {
            let name = old.file_name().unwrap_or_default().to_string_lossy();
            let bare = match path.extension() {
                Some(ending) => match name.strip_suffix(&format!(".{}", ending.to_string_lossy())) {
                    Some(bare) => bare,
                    None => return false,
                },
                None => &name,
            };
            is_old(bare)
        })
        .collect()
}
