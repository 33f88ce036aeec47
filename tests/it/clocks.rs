//! Clocks that jump: what waits goes by a clock that does not, what has a date is decided by the clock that does.
//!
//! The collector runs under libfaketime (Debian: `faketime`), which reads from a file how far the wall clock is off. Its
//! monotonic clock is left alone, as a jump leaves it.

use crate::credentials::{issuer_key, publish, signed};
use crate::support::backend::{Backend, Say};
use crate::support::collector::{Collector, Setup};
use crate::support::eventually;
use crate::support::http::send;
use crate::support::sample::{bodies, log};
use prost::Message as _;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const HOUR: i64 = 3600;
const DECADE: i64 = 10 * 365 * 24 * HOUR;

/// The library that shifts a process's clock.
fn library() -> Option<PathBuf> {
    let found = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"].iter();
    found.map(|dir| Path::new(dir).join("faketime/libfaketimeMT.so.1")).find(|path| path.exists())
}

/// Sets the clock off by so many seconds; written beside and moved, so that it is never read by half.
fn shift(file: &Path, seconds: i64) {
    let beside = file.with_extension("new");
    std::fs::write(&beside, format!("{seconds:+}\n")).unwrap();
    std::fs::rename(&beside, file).unwrap();
}

fn post(collector: &Collector, bearer: &str, text: &str) -> u16 {
    let headers = [("content-type", "application/x-protobuf"), ("authorization", bearer)];
    send(collector.http(), "POST", "/v1/logs", &headers, &log(text).encode_to_vec()).status
}

#[test]
fn a_clock_that_jumps_loses_nothing_hurries_nothing_and_admits_nobody() {
    let Some(library) = library() else {
        eprintln!("skipped: no libfaketime (Debian: apt-get install faketime)");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let (clock, keys) = (dir.path().join("clock"), dir.path().join("jwks.json"));
    shift(&clock, 0);
    let (key, jwk) = issuer_key("one");
    publish(&keys, &[&jwk]);
    // Every third request is asked to come again, some of them at a date by the backend's own clock.
    let backend = Backend::script(|number, _| {
        let later = |after: String| Say::Http(503, vec![("retry-after", after)], vec![]);
        let date = || httpdate::fmt_http_date(std::time::SystemTime::now() + Duration::from_secs(1));
        match number % 6 {
            2 => later("1".to_owned()),
            5 => later(date()),
            _ => Say::Ok,
        }
    });
    let retry = "retry_on_failure: { initial_interval: 100ms, max_interval: 200ms }";
    let queue = "sending_queue: { num_consumers: 1 }, compression: none";
    let mut setup = Setup::new("otlp_http", &format!("endpoint: '{}', {queue}, {retry}", backend.url()));
    setup.http = format!(
        "endpoint: '127.0.0.1:0', auth: {{ jwt: {{ jwks_file: '{}', issuer: 'https://id.example', audience: scrubjay, \
         algorithms: ES256, leeway: 30s }}, principals: {{ labs: {{ subject: svc-labs, signals: logs }} }} }}",
        keys.display()
    );
    setup.env = vec![
        ("LD_PRELOAD", library.display().to_string()),
        ("FAKETIME_TIMESTAMP_FILE", clock.display().to_string()),
        ("FAKETIME_NO_CACHE", "1".into()),
        ("DONT_FAKE_MONOTONIC", "1".into()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
    ];
    let collector = setup.start();
    let began = Instant::now();
    let bearer = |off: i64| {
        let shifted = |claims: &mut serde_json::Value| {
            for claim in ["exp", "nbf"] {
                claims[claim] = json!(claims[claim].as_i64().unwrap() + off);
            }
        };
        signed(&key, Some("one"), shifted)
    };
    let mut sent = Vec::new();
    let mut send_some = |bearer: &str, count: usize| {
        for _ in 0..count {
            let text = format!("record {}", sent.len());
            assert_eq!(post(&collector, bearer, &text), 200, "{text}");
            sent.push(text);
        }
    };
    send_some(&bearer(0), 6);
    for off in [HOUR, -HOUR, DECADE, -DECADE] {
        shift(&clock, off);
        // Who may come is decided by the wall clock: what was good is over, or not yet.
        assert_eq!(post(&collector, &bearer(0), "never"), 401, "{off}");
        send_some(&bearer(off), 6);
    }
    for second in 1..=8 {
        shift(&clock, -DECADE - 2 * second);
        send_some(&bearer(-DECADE - 8), 2);
        std::thread::sleep(Duration::from_millis(250));
    }
    shift(&clock, 0);
    send_some(&bearer(0), 4);
    let arrived = eventually("all arrive", || {
        let arrived: Vec<String> = backend.taken().iter().flat_map(|request| bodies(&request.body)).collect();
        (arrived.len() >= sent.len()).then_some(arrived)
    });
    let (took, tries) = (began.elapsed(), backend.received().len());
    eprintln!("{} records in {took:?}, {tries} requests", sent.len());
    assert_eq!(arrived, sent, "each once, and in order");
    // One in three is refused and comes again after a second by its hint: no more than that, and none of them at once.
    assert!(tries <= sent.len() * 3 / 2 + 3, "{tries} requests for {} records", sent.len());
    let refused = backend.received().into_iter().filter(|request| !request.taken).count();
    assert!(took >= Duration::from_millis(500) * u32::try_from(refused).unwrap(), "{refused} refused, {took:?}");
    for event in ["lost", "dropped", "panic"] {
        assert!(collector.events(event).is_empty(), "{event}");
    }
    assert_eq!(collector.health().status, 200);
}
