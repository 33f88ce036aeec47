//! How the collector stops.

use crate::support::backend::{Backend, Say};
use crate::support::collector::Setup;
use crate::support::eventually;
use crate::support::http::try_send;
use crate::support::sample::{bodies, log};
use prost::Message as _;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PROTO: &[(&str, &str)] = &[("content-type", "application/x-protobuf")];

#[test]
fn under_load_no_acknowledged_record_is_lost() {
    for ack in ["delivered", "queued"] {
        // Slow, and now and then unwilling, so that plenty is under way when the signal comes.
        let backend = Backend::script(|number, _| {
            let say = if number % 7 == 3 { Say::Http(503, vec![], vec![]) } else { Say::Ok };
            Say::Late(Duration::from_millis(20), Box::new(say))
        });
        let exporter = format!(
            "endpoint: '{}', retry_on_failure: {{ initial_interval: 20ms, max_interval: 50ms }}, sending_queue: {{ num_consumers: 4 }}",
            backend.url()
        );
        let mut setup = Setup::new("otlp_http", &exporter);
        setup.scrub = format!("ack: {ack}");
        let mut collector = setup.start();
        let stop = Arc::new(AtomicBool::new(false));
        let acknowledged = Arc::new(Mutex::new(Vec::new()));
        let (to, statuses) = (collector.http(), Arc::new(Mutex::new(HashSet::new())));
        let clients: Vec<_> = (0..8)
            .map(|client| {
                let (stop, acknowledged, statuses) =
                    (Arc::clone(&stop), Arc::clone(&acknowledged), Arc::clone(&statuses));
                std::thread::spawn(move || {
                    for number in 0.. {
                        if stop.load(Ordering::Relaxed) {
                            return;
                        }
                        let text = format!("client {client} record {number}");
                        match try_send(to, "POST", "/v1/logs", PROTO, &log(&text).encode_to_vec()) {
                            Some(answer) if answer.status == 200 => acknowledged.lock().unwrap().push(text),
                            Some(answer) => {
                                statuses
                                    .lock()
                                    .unwrap()
                                    .insert((answer.status, answer.header("retry-after").is_some()));
                            }
                            None => std::thread::sleep(Duration::from_millis(5)),
                        }
                    }
                })
            })
            .collect();
        eventually("there is load", || (acknowledged.lock().unwrap().len() > 60).then_some(()));
        collector.signal("-TERM");
        let status = collector.wait();
        stop.store(true, Ordering::Relaxed);
        clients.into_iter().for_each(|client| client.join().unwrap());
        assert_eq!(status.code(), Some(0), "{ack}");
        assert_eq!(collector.events("drained").len(), 1);
        assert!(collector.events("lost").is_empty() && collector.events("ticket_dropped").is_empty());
        let arrived: HashSet<String> = backend.taken().iter().flat_map(|request| bodies(&request.body)).collect();
        let missing: Vec<String> =
            acknowledged.lock().unwrap().iter().filter(|text| !arrived.contains(*text)).cloned().collect();
        assert!(missing.is_empty(), "{ack}: {missing:?}");
        let statuses = statuses.lock().unwrap().clone();
        assert!(statuses.is_subset(&HashSet::from([(503, true)])), "{ack}: only retryable refusals: {statuses:?}");
    }
}

#[test]
fn while_draining_clients_are_asked_to_come_again() {
    let backend =
        Backend::script(
            |number, _| {
                if number == 0 { Say::Late(Duration::from_millis(1500), Box::new(Say::Ok)) } else { Say::Ok }
            },
        );
    let mut collector = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url())).start();
    assert_eq!(collector.post("/v1/logs", &log("one").encode_to_vec()).status, 200);
    backend.wait(1);
    collector.signal("-INT");
    collector.event("draining");
    let refused = collector.post("/v1/logs", &log("two").encode_to_vec());
    assert_eq!((refused.status, refused.header("retry-after").is_some()), (503, true));
    let called = crate::support::grpc::call(
        collector.grpc(),
        crate::support::grpc::method("logs"),
        &[],
        crate::support::grpc::frame(0, b""),
    );
    assert_eq!((called.code, called.message.as_str()), (14, "the collector is about to stop: send the request again"));
    let health = collector.health();
    assert_eq!((health.status, health.text().as_str()), (503, r#"{"status":"draining"}"#));
    assert_eq!(collector.wait().code(), Some(0));
    assert_eq!(backend.taken().len(), 1);
}

#[test]
fn when_the_time_is_over_what_is_left_is_told() {
    for ack in ["queued", "delivered"] {
        let backend = Backend::script(|_, _| Say::Http(503, vec![], vec![]));
        let mut setup =
            Setup::new("otlp_http", &format!("endpoint: '{}', sending_queue: {{ num_consumers: 1 }}", backend.url()));
        setup.scrub = format!("ack: {ack}");
        setup.service = "  shutdown_timeout: 500ms\n".into();
        let mut collector = setup.start();
        let to = collector.http();
        let clients: Vec<_> = (0..3)
            .map(|number| {
                std::thread::spawn(move || {
                    try_send(to, "POST", "/v1/logs", PROTO, &log(&format!("{number}")).encode_to_vec())
                        .map(|answer| answer.status)
                })
            })
            .collect();
        backend.wait(1);
        std::thread::sleep(Duration::from_millis(300));
        let began = Instant::now();
        collector.signal("-TERM");
        assert_eq!(collector.wait().code(), Some(2), "who started it hears that something is left");
        assert!(began.elapsed() < Duration::from_secs(4));
        let answers: Vec<Option<u16>> = clients.into_iter().map(|client| client.join().unwrap()).collect();
        assert_eq!(collector.event("drain_timed_out")["batches"], 3, "{ack}");
        let lost: u64 = collector.events("lost").iter().map(|event| event["records"].as_u64().unwrap()).sum();
        match ack {
            "queued" => assert_eq!((answers, lost), (vec![Some(200); 3], 3)),
            _ => {
                assert_eq!((answers, lost), (vec![Some(503); 3], 0), "who was not acknowledged is asked to send again")
            }
        }
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let backend = Backend::script(|_, _| Say::Hang);
    let mut collector = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url())).start();
    assert_eq!(collector.post("/v1/logs", &log("one").encode_to_vec()).status, 200);
    backend.wait(1);
    collector.signal("-TERM");
    collector.event("draining");
    std::thread::sleep(Duration::from_millis(200));
    assert!(!collector.ended());
    let began = Instant::now();
    collector.signal("-TERM");
    assert_eq!(collector.wait().code(), Some(2));
    assert!(began.elapsed() < Duration::from_secs(2));
    assert_eq!(collector.events("aborting").len(), 1);
}
