//! An engine that fails: nothing it failed on is forwarded, nothing it failed on is shown.

use crate::support::backend::Backend;
use crate::support::collector::{Collector, Setup};
use crate::support::grpc::{self, frame};
use crate::support::http::send;
use crate::support::sample::{REDACTED, SSN, holds, log};
use prost::Message as _;
use tonic_types::StatusExt as _;

fn start(backend: &Backend, fault: &str) -> Collector {
    let mut setup = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url()));
    setup.env.push(("SCRUBJAY_FAULT", fault.into()));
    setup.start()
}

#[test]
fn a_panic_is_held_and_the_retry_goes_through() {
    for fault in ["engine_panic:1", "engine_error:1"] {
        let backend = Backend::start();
        let collector = start(&backend, fault);
        let body = log(&format!("ssn {SSN}")).encode_to_vec();
        let answer = collector.post("/v1/logs", &body);
        assert_eq!(answer.status, 503, "{fault}");
        assert!(answer.header("retry-after").is_some() && !holds(&answer.body, "536-22"));
        assert_eq!(collector.post("/v1/logs", &body).status, 200, "{fault}");
        let received = backend.wait(1);
        assert!(received.len() == 1 && holds(&received[0].body, REDACTED) && !holds(&received[0].body, SSN));
        let reason = if fault.contains("panic") { "reason=\"panic\"" } else { "reason=\"error\"" };
        assert_eq!(collector.metric("phi_engine_failures_total", &[reason]), 1.0);
        let failed = collector.event("engine_failed");
        assert_eq!((&failed["signal"], &failed["failures"]), (&"logs".into(), &1.into()));
        assert!(!collector.log().contains("536-22"), "a panic's text is not shown");
        if fault.contains("panic") {
            assert!(collector.event("panicked")["file"].as_str().unwrap().ends_with("fault.rs"));
        }
    }
}

#[test]
fn a_panic_over_either_protocol_kills_nothing() {
    let backend = Backend::start();
    let mut collector = start(&backend, "engine_panic:2");
    let body = log(&format!("ssn {SSN}")).encode_to_vec();
    let other = log("another").encode_to_vec();
    let call = || grpc::call(collector.grpc(), grpc::method("logs"), &[], frame(0, &body));
    let held = call();
    assert_eq!((held.code, held.message.as_str()), (14, "the request could not be scrubbed: send it again"));
    let wait = held.status.get_details_retry_info().and_then(|info| info.retry_delay).expect("when to come again");
    assert!((1..=5).contains(&wait.as_secs()) && !format!("{held:?}").contains("536-22"));
    assert_eq!(collector.post("/v1/logs", &other).status, 503, "the second batch panics too");
    assert!(backend.received().is_empty(), "nothing that failed is forwarded");
    assert_eq!((call().code, collector.post("/v1/logs", &other).status, collector.health().status), (0, 200, 200));
    let received = backend.wait(2);
    assert!(received.iter().any(|request| holds(&request.body, REDACTED)));
    assert!(received.iter().any(|request| holds(&request.body, "another")));
    assert_eq!(collector.events("panicked").len(), 2);
    let shown = [collector.log(), collector.out(), collector.metrics()].concat();
    assert!(!shown.contains("536-22") && !collector.ended());
}

#[test]
fn the_third_failure_of_one_payload_is_the_last() {
    let backend = Backend::start();
    let collector = start(&backend, "engine_panic");
    let poison = log(&format!("ssn {SSN}")).encode_to_vec();
    let other = log("another").encode_to_vec();
    let statuses: Vec<u16> = [&poison, &poison, &other, &poison, &poison, &other]
        .iter()
        .map(|body| collector.post("/v1/logs", body).status)
        .collect();
    assert_eq!(statuses, [503, 503, 503, 400, 400, 503]);
    let quarantined = collector.event("quarantined");
    assert_eq!((&quarantined["signal"], &quarantined["failures"]), (&"logs".into(), &3.into()));
    assert_eq!(quarantined["bytes"], poison.len());
    let answer = send(collector.http(), "POST", "/v1/logs", &[("content-type", "application/x-protobuf")], &poison);
    let status = tonic_types::Status::decode(&answer.body[..]).unwrap();
    assert_eq!(status.message, "the request could not be scrubbed three times: give it up");
    assert!(backend.received().is_empty() && !collector.log().contains("536-22"));
    assert!(collector.metric("scrubjay_quarantined_batches_total", &["logs"]) >= 2.0);
}

/// One batch in fifty fails, by a panic or an error, and is sent again: `SCRUBJAY_RECORDS` records, two hundred a batch. Each
/// arrives once, scrubbed; nothing of a batch that failed is anywhere.
#[test]
fn of_many_batches_those_that_fail_go_nowhere_and_come_again() {
    let batches = std::env::var("SCRUBJAY_RECORDS").map_or(24_000, |records| records.parse().unwrap()) / 200;
    let backend = Backend::start();
    let mut setup = Setup::new("otlp_http", &format!("endpoint: '{}', compression: none", backend.url()));
    setup.scrub = "ack: delivered, pseudonym_key: 0123456789abcdef0123456789abcdef".into();
    setup.env.push(("SCRUBJAY_FAULT", "engine_flaky".into()));
    let collector = setup.start();
    let mut failed = 0;
    for batch in 0..batches {
        let texts: Vec<String> = (0..200).map(|record| format!("{batch}/{record} ssn {SSN}")).collect();
        let body = crate::support::sample::logs(&texts.iter().map(String::as_str).collect::<Vec<_>>()).encode_to_vec();
        loop {
            let answer = collector.post("/v1/logs", &body);
            if answer.status == 200 {
                break;
            }
            assert_eq!((answer.status, answer.header("retry-after").is_some()), (503, true));
            assert!(!holds(&answer.body, "536-22"));
            failed += 1;
        }
    }
    assert_eq!(collector.metric("phi_engine_failures_total", &[]), f64::from(failed));
    let received = backend.received();
    assert_eq!(received.len(), batches, "each batch once");
    for (batch, request) in received.iter().enumerate() {
        assert!(!holds(&request.body, "536-22"));
        let bodies = crate::support::sample::bodies(&request.body);
        assert_eq!(bodies.len(), 200);
        assert_eq!(bodies[199], format!("{batch}/199 ssn {REDACTED}"));
    }
    eprintln!("{} records, {failed} batches failed and came again", batches * 200);
    assert!(failed as usize >= batches / 60 && !collector.log().contains("536-22"));
}
