//! How many batches are sent at once: fewer to a backend that has too much, more again when it has not.

use crate::support::backend::{Backend, Say};
use crate::support::collector::Setup;
use crate::support::eventually;
use crate::support::sample::log;
use prost::Message as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[test]
fn a_backend_that_has_too_much_is_sent_less_at_once() {
    let busy = Arc::new(AtomicBool::new(true));
    let says = Arc::clone(&busy);
    let backend = Backend::script(move |_, _| {
        let say = if says.load(Ordering::Relaxed) { Say::Http(503, vec![], vec![]) } else { Say::Ok };
        Say::Late(Duration::from_millis(5), Box::new(say))
    });
    let queue =
        "sending_queue: { num_consumers: 16 }, retry_on_failure: { initial_interval: 20ms, max_interval: 50ms }";
    let collector = Setup::new("otlp_http", &format!("endpoint: '{}', {queue}", backend.url())).start();
    let concurrency = || collector.metric("scrubjay_exporter_concurrency", &["otlp_http"]);
    assert_eq!(concurrency(), 16.0);
    let mut number = 0;
    let mut load = || {
        for _ in 0..20 {
            number += 1;
            assert_eq!(collector.post("/v1/logs", &log(&format!("record {number}")).encode_to_vec()).status, 200);
        }
    };
    load();
    eventually("one at a time", || (concurrency() == 1.0).then_some(()));
    busy.store(false, Ordering::Relaxed);
    eventually("more again", || {
        load();
        (concurrency() >= 3.0).then_some(())
    });
    eventually("all arrive", || (collector.metric("otelcol_exporter_queue_size", &[]) == 0.0).then_some(()));
    let sent = collector.metric("otelcol_exporter_sent_log_records_total", &[]);
    assert_eq!(sent, f64::from(number));
    assert!(collector.events("lost").is_empty() && collector.events("dropped").is_empty());
}
