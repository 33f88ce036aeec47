//! Bounded queues, and several exporters.

use crate::support::backend::{Backend, Say};
use crate::support::collector::Setup;
use crate::support::eventually;
use crate::support::sample::{bodies, log};
use prost::Message as _;

const SMALL: &str = "sending_queue: { max_bytes: 8KiB, num_consumers: 1 }, retry_on_failure: { initial_interval: 100ms, max_interval: 200ms }";

#[test]
fn a_full_queue_asks_clients_to_come_again_and_loses_nothing() {
    let backend = Backend::script(|number, _| if number < 30 { Say::Http(503, vec![], vec![]) } else { Say::Ok });
    let collector = Setup::new("otlp_http", &format!("endpoint: '{}', {SMALL}", backend.url())).start();
    let mut sent = Vec::new();
    let refused = eventually("the queue is full", || {
        let text = format!("record {} {}", sent.len(), "x".repeat(1000));
        let answer = collector.post("/v1/logs", &log(&text).encode_to_vec());
        if answer.status == 200 {
            sent.push(text);
            return None;
        }
        Some(answer)
    });
    assert_eq!(refused.status, 503);
    assert!(refused.header("retry-after").is_some());
    assert!((3..=8).contains(&sent.len()), "{}", sent.len());
    assert!(collector.metric("otelcol_exporter_enqueue_failed_log_records_total", &["otlp_http"]) >= 1.0);
    assert!(collector.metric("otelcol_exporter_queue_size", &[]) > 4000.0);
    let arrived = eventually("all that was taken is delivered", || {
        let taken: Vec<String> = backend.taken().iter().flat_map(|request| bodies(&request.body)).collect();
        (taken.len() == sent.len()).then_some(taken)
    });
    assert_eq!(arrived, sent, "in order, with one consumer");
    eventually("the queue is empty", || (collector.metric("otelcol_exporter_queue_size", &[]) == 0.0).then_some(()));
}

#[test]
fn with_several_exporters_all_queues_take_a_batch_or_none() {
    let (open, shut) = (Backend::start(), Backend::script(|_, _| Say::Hang));
    let mut setup = Setup::new("otlp_http/open", &format!("endpoint: '{}'", open.url()));
    setup.exporters.push(("otlp_http/shut".into(), format!("endpoint: '{}', {SMALL}", shut.url())));
    let collector = setup.start();
    let mut taken = 0;
    eventually("one queue is full", || {
        let answer = collector.post("/v1/logs", &log(&format!("{taken} {}", "x".repeat(2000))).encode_to_vec());
        taken += usize::from(answer.status == 200);
        (answer.status == 503).then_some(())
    });
    open.wait(taken);
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert_eq!(open.received().len(), taken, "what one queue refused went to no other");
    assert_eq!(shut.received().len(), 1);
}

#[test]
fn a_batch_larger_than_a_queue_is_refused_for_good() {
    let backend = Backend::start();
    let collector = Setup::new("otlp_http", &format!("endpoint: '{}', {SMALL}", backend.url())).start();
    assert_eq!(collector.post("/v1/logs", &log(&"x".repeat(9000)).encode_to_vec()).status, 413);
    assert_eq!(collector.post("/v1/logs", &log("fits").encode_to_vec()).status, 200);
    backend.wait(1);
}

#[test]
fn with_ack_delivered_and_several_exporters_the_last_one_decides() {
    let slow = Backend::script(|_, _| Say::Late(std::time::Duration::from_millis(300), Box::new(Say::Ok)));
    let strict =
        Backend::script(
            |_, request| {
                if bodies(&request.body) == ["bad"] { Say::Http(400, vec![], vec![]) } else { Say::Ok }
            },
        );
    let retry = "retry_on_failure: { initial_interval: 20ms, max_interval: 20ms }";
    let mut setup = Setup::new("otlp_http/slow", &format!("endpoint: '{}'", slow.url()));
    setup.exporters.push(("otlp_http/strict".into(), format!("endpoint: '{}', {retry}", strict.url())));
    setup.scrub = "ack: delivered".into();
    let collector = setup.start();
    let began = std::time::Instant::now();
    assert_eq!(collector.post("/v1/logs", &log("good").encode_to_vec()).status, 200);
    assert!(began.elapsed() >= std::time::Duration::from_millis(300));
    assert_eq!((slow.taken().len(), strict.taken().len()), (1, 1));
    assert_eq!(collector.post("/v1/logs", &log("bad").encode_to_vec()).status, 400);
    assert_eq!((slow.taken().len(), strict.taken().len(), strict.received().len()), (2, 1, 4));
}
