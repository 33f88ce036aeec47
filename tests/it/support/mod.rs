//! What the tests have in common: a collector process, backends, clients, telemetry with made-up people in it.

pub mod agent;
pub mod backend;
pub mod between;
pub mod ca;
pub mod collector;
pub mod flapping;
pub mod grpc;
pub mod h2;
pub mod http;
pub mod sample;
pub mod stream;

use std::time::{Duration, Instant};

/// Waits until `probe` says something; gives up after a while.
pub fn eventually<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(Instant::now() < until, "this did not happen in time: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Holds a text to a golden file; with `SCRUBJAY_GOLDEN=write` the file is written anew.
pub fn golden(name: &str, found: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden").join(name);
    if std::env::var("SCRUBJAY_GOLDEN").is_ok_and(|how| how == "write") {
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert_eq!(found, expected, "\n{found}");
}
