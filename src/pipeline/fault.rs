//! Faults on purpose, for tests: debug builds read `SCRUBJAY_FAULT`, release builds have none of this.
//!
//! `engine_panic` and `engine_error` make the engine fail on every batch, `engine_panic:2` on the first two,
//! `engine_slow` makes every batch take 50 ms.

use super::engine::Fault;

/// Fails if it is told to.
#[cfg(not(debug_assertions))]
pub(super) fn engine() -> Result<(), Fault> {
    Ok(())
}

/// Fails if it is told to.
#[cfg(debug_assertions)]
#[expect(clippy::panic, reason = "a panic is the fault that is asked for; it is caught like any other")]
pub(super) fn engine() -> Result<(), Fault> {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

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
    let again = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
    match fault.as_str() {
        "engine_panic" if again => panic!("a fault on purpose with 536-22-8147 in its text"),
        "engine_error" if again => Err(Fault::Engine),
        _ => Ok(()),
    }
}
