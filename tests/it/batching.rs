//! Small requests that wait become large ones, and each record arrives once.

use crate::support::backend::{Backend, Say};
use crate::support::collector::Setup;
use crate::support::eventually;
use crate::support::sample::{bodies, log, trace};
use prost::Message as _;
use std::sync::Arc;

const BATCH: &str = "sending_queue: { num_consumers: 1, batch: { flush_timeout: 400ms, min_size: 64KiB, max_size: 128KiB, sizer: bytes } }";

fn texts(backend: &Backend) -> Vec<String> {
    let logs = backend.taken().into_iter().filter(|request| request.path == "/v1/logs");
    logs.flat_map(|request| bodies(&request.body)).collect()
}

#[test]
fn small_requests_leave_as_few() {
    let backend = Backend::start();
    let mut setup = Setup::new("otlp_http", &format!("endpoint: '{}', compression: none, {BATCH}", backend.url()));
    setup.scrub.push_str(", ack: delivered");
    let collector = Arc::new(setup.start());
    // With `ack: delivered` a client waits for the joined request: forty of them at once.
    let clients: Vec<_> = (0..40)
        .map(|number| {
            let collector = Arc::clone(&collector);
            std::thread::spawn(move || {
                collector.post("/v1/logs", &log(&format!("record {number} of ssn 536-22-8147")).encode_to_vec()).status
            })
        })
        .collect();
    assert_eq!(collector.post("/v1/traces", &trace("between").encode_to_vec()).status, 200);
    for client in clients {
        assert_eq!(client.join().unwrap(), 200);
    }
    let mut arrived = texts(&backend);
    arrived.sort();
    let mut sent: Vec<String> = (0..40).map(|number| format!("record {number} of ssn [REDACTED:ssn]")).collect();
    sent.sort();
    assert_eq!(arrived, sent);
    let requests = backend.taken().len();
    assert!(requests < 20, "{requests} requests for 41");
}

#[test]
fn no_request_grows_beyond_the_limit_and_order_stays() {
    let backend = Backend::start();
    let setup = Setup::new("otlp_http", &format!("endpoint: '{}', compression: none, {BATCH}", backend.url()));
    let collector = setup.start();
    for number in 0..30 {
        let text = format!("{number} {}", "lorem ipsum ".repeat(1_500));
        assert_eq!(collector.post("/v1/logs", &log(&text).encode_to_vec()).status, 200);
    }
    let arrived = eventually("all", || Some(texts(&backend)).filter(|texts| texts.len() == 30));
    let numbers: Vec<&str> = arrived.iter().filter_map(|text| text.split(' ').next()).collect();
    assert_eq!(numbers, (0..30).map(|number| number.to_string()).collect::<Vec<_>>());
    assert!(backend.taken().iter().all(|request| request.body.len() <= 128 << 10));
}

#[test]
fn what_is_too_large_together_is_sent_apart() {
    let backend =
        Backend::script(
            |_, request| if bodies(&request.body).len() > 2 { Say::Http(413, Vec::new(), Vec::new()) } else { Say::Ok },
        );
    let setup = Setup::new("otlp_http", &format!("endpoint: '{}', compression: none, {BATCH}", backend.url()));
    let collector = setup.start();
    for number in 0..8 {
        assert_eq!(collector.post("/v1/logs", &log(&format!("record {number}")).encode_to_vec()).status, 200);
    }
    let arrived = eventually("all", || Some(texts(&backend)).filter(|texts| texts.len() == 8));
    assert_eq!(arrived, (0..8).map(|number| format!("record {number}")).collect::<Vec<_>>());
}
