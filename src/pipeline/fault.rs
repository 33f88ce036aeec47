//! Faults on purpose, for tests: debug builds read `SCRUBJAY_FAULT`, release builds have none of this.
//!
//! `engine_panic` and `engine_error` make the engine fail on every batch, `engine_panic:2` on the first two, `engine_flaky` on one
//! in fifty, by either in turns; `engine_slow` makes every batch take 50 ms. `kill:scrubbed:7` ends the process without a word when a batch passes the
//! [`Point`] `scrubbed` for the seventh time.

use super::engine::Fault;

/// A place in the way of a batch, at which a test can end the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// A worker has taken it.
    Admitted,
    /// It is protobuf.
    Converted,
    /// It is scrubbed.
    Scrubbed,
    /// There is room for it in every queue.
    Reserved,
    /// It is in every queue.
    Queued,
    /// An exporter has taken it out.
    Leased,
    /// A backend has it.
    Sent,
    /// What became of it has been said.
    Settled,
    /// Its client has been answered.
    Answered,
}

impl Point {
    /// All of them, in the order in which a batch passes them.
    pub const ALL: [Self; 9] = [
        Self::Admitted,
        Self::Converted,
        Self::Scrubbed,
        Self::Reserved,
        Self::Queued,
        Self::Leased,
        Self::Sent,
        Self::Settled,
        Self::Answered,
    ];

    /// Its name in a fault.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Admitted => "admitted",
            Self::Converted => "converted",
            Self::Scrubbed => "scrubbed",
            Self::Reserved => "reserved",
            Self::Queued => "queued",
            Self::Leased => "leased",
            Self::Sent => "sent",
            Self::Settled => "settled",
            Self::Answered => "answered",
        }
    }
}

/// Ends the process if it is told to.
#[cfg(not(debug_assertions))]
#[inline]
pub fn pass(_point: Point) {}

/// Fails if it is told to.
#[cfg(not(debug_assertions))]
pub(super) fn engine() -> Result<(), Fault> {
    Ok(())
}

/// Ends the process if it is told to.
#[cfg(debug_assertions)]
pub fn pass(point: Point) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    static ASKED: OnceLock<Option<(String, AtomicU32)>> = OnceLock::new();
    let asked = ASKED.get_or_init(|| {
        let asked = std::env::var("SCRUBJAY_FAULT").unwrap_or_default();
        let (label, times) = asked.strip_prefix("kill:")?.split_once(':')?;
        Some((label.to_owned(), AtomicU32::new(times.parse().ok()?)))
    });
    if let Some((label, left)) = asked
        && label == point.label()
        && left.fetch_sub(1, Ordering::Relaxed) == 1
    {
        std::process::abort();
    }
}

/// Fails if it is told to.
#[cfg(debug_assertions)]
#[expect(clippy::panic, reason = "a panic is the fault that is asked for; it is caught like any other")]
pub(super) fn engine() -> Result<(), Fault> {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    static BATCHES: AtomicU32 = AtomicU32::new(0);
    static ASKED: OnceLock<(String, AtomicU32)> = OnceLock::new();
    let (fault, left) = ASKED.get_or_init(|| {
        let asked = std::env::var("SCRUBJAY_FAULT").unwrap_or_default();
        let (fault, times) = asked.split_once(':').unwrap_or((&asked, ""));
        (fault.to_owned(), AtomicU32::new(times.parse().unwrap_or(u32::MAX)))
    });
    if fault.is_empty() {
        return Ok(());
    }
    if fault == "engine_slow" {
        std::thread::sleep(std::time::Duration::from_millis(50));
        return Ok(());
    }
    if fault == "engine_flaky" {
        return match BATCHES.fetch_add(1, Ordering::Relaxed) % 100 {
            49 => panic!("a fault on purpose with 536-22-8147 in its text"),
            99 => Err(Fault::Engine),
            _ => Ok(()),
        };
    }
    let again = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
    match fault.as_str() {
        "engine_panic" if again => panic!("a fault on purpose with 536-22-8147 in its text"),
        "engine_error" if again => Err(Fault::Engine),
        _ => Ok(()),
    }
}
