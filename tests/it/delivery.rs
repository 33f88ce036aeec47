//! What becomes of a batch, by what the backend does.

use crate::support::backend::{Backend, Received, Say};
use crate::support::collector::{Collector, Setup};
use crate::support::eventually;
use crate::support::sample::{SSN, bodies, log, logs};
use prost::Message as _;
use std::net::TcpListener;
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

const FAST: &str =
    "retry_on_failure: { initial_interval: 50ms, max_interval: 100ms }, sending_queue: { num_consumers: 1 }";

fn start(kind: &str, backend: &Backend) -> Collector {
    Setup::new(kind, &format!("endpoint: '{}', timeout: 1s, {FAST}", backend.url())).start()
}

fn post(collector: &Collector, text: &str) {
    assert_eq!(collector.post("/v1/logs", &log(text).encode_to_vec()).status, 200);
}

fn http(status: u16) -> Say {
    Say::Http(status, vec![], format!("you sent {SSN}").into_bytes())
}

fn gap(received: &[Received]) -> Duration {
    received[1].at - received[0].at
}

#[test]
fn what_passes_is_retried_until_it_has_passed() {
    let http_says = [429, 502, 503, 504].map(|status| ("otlp_http", "busy", http(status)));
    let grpc_says =
        [Code::Unavailable, Code::Cancelled, Code::DeadlineExceeded, Code::Aborted, Code::OutOfRange, Code::DataLoss]
            .map(|code| ("otlp_grpc", "busy", Say::Grpc(Status::new(code, format!("you sent {SSN}")))));
    // What stands before a backend of gRPC answers in HTTP alone.
    let proxy_says = [429, 502, 503, 504].map(|status| ("otlp_grpc", "busy", http(status)));
    let hangs = [("otlp_http", "timeout", Say::Hang), ("otlp_grpc", "timeout", Say::Hang)];
    for (kind, reason, say) in http_says.into_iter().chain(grpc_says).chain(proxy_says).chain(hangs) {
        let failures = if reason == "timeout" { 1 } else { 4 };
        let said = say.clone();
        let backend = Backend::script(move |number, _| if number < failures { said.clone() } else { Say::Ok });
        let collector = start(kind, &backend);
        post(&collector, "a record");
        let received = backend.wait(failures + 1);
        assert_eq!(bodies(&received[failures].body), ["a record"], "{kind} {say:?}");
        eventually("it is counted as sent", || {
            (collector.metric("otelcol_exporter_sent_log_records_total", &[]) == 1.0).then_some(())
        });
        let reason_label = format!("reason=\"{reason}\"");
        assert_eq!(collector.metric("scrubjay_exporter_retries_total", &[&reason_label]), failures as f64, "{say:?}");
        assert!(!collector.log().contains("536-22"), "a backend's words are not repeated");
    }
}

#[test]
fn a_backend_that_is_not_there_yet_gets_everything_when_it_is() {
    for kind in ["otlp_http", "otlp_grpc"] {
        let place = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = place.local_addr().unwrap();
        drop(place);
        let collector = Setup::new(kind, &format!("endpoint: 'http://{address}', {FAST}")).start();
        for number in 0..5 {
            post(&collector, &format!("record {number}"));
        }
        assert_eq!(collector.event("retrying")["reason"], "unreachable");
        std::thread::sleep(Duration::from_millis(300));
        let backend = Backend::at(address, |_, _| Say::Ok);
        let texts: Vec<String> = backend.wait(5).iter().flat_map(|request| bodies(&request.body)).collect();
        assert_eq!(texts, (0..5).map(|number| format!("record {number}")).collect::<Vec<_>>());
    }
}

#[test]
fn a_hint_is_kept_to_within_bounds() {
    let hinted = |status: u16, hint: &str| Say::Http(status, vec![("retry-after", hint.to_owned())], vec![]);
    let info = |code, wait| Say::Grpc(Status::with_error_details(code, "", ErrorDetails::with_retry_info(Some(wait))));
    let second = Duration::from_secs(1);
    for (kind, say, least, most) in [
        ("otlp_http", hinted(429, "1"), second, second * 2),
        ("otlp_http", hinted(503, "0"), Duration::from_millis(100), second),
        ("otlp_http", hinted(503, "Sun, 06 Nov 1994 08:49:37 GMT"), Duration::from_millis(100), second),
        ("otlp_http", hinted(503, "garbage"), Duration::from_millis(20), second),
        ("otlp_grpc", info(Code::Unavailable, second), second, second * 2),
        ("otlp_grpc", info(Code::ResourceExhausted, second), second, second * 2),
    ] {
        let said = say.clone();
        let backend = Backend::script(move |number, _| if number == 0 { said.clone() } else { Say::Ok });
        let collector = start(kind, &backend);
        post(&collector, "a record");
        let waited = gap(&backend.wait(2));
        assert!(waited >= least && waited < most, "{kind} {say:?}: {waited:?}");
    }
    let backend = Backend::script(move |_, _| hinted(429, "1000000000"));
    let collector = start("otlp_http", &backend);
    post(&collector, "a record");
    let wait = collector.event("retrying")["wait_seconds"].as_f64().unwrap();
    assert!((300.0..=330.0).contains(&wait), "{wait}");
}

#[test]
fn who_refuses_the_exporter_stops_it_and_loses_nothing() {
    let http_says = [301, 307, 308, 401, 403, 404].map(|status| {
        let elsewhere = vec![("location", "http://127.0.0.1:1/v1/logs".to_owned())];
        ("otlp_http", u64::from(status), Say::Http(status, elsewhere, format!("you sent {SSN}").into_bytes()))
    });
    let grpc_says = [Code::Unauthenticated, Code::PermissionDenied, Code::NotFound, Code::Unimplemented]
        .map(|code| ("otlp_grpc", code as u64, Say::Grpc(Status::new(code, SSN))));
    for (kind, status, say) in http_says.into_iter().chain(grpc_says) {
        let said = say.clone();
        let backend = Backend::script(move |number, _| if number < 5 { said.clone() } else { Say::Ok });
        let collector = start(kind, &backend);
        post(&collector, "first");
        post(&collector, "second");
        let paused = collector.event("paused");
        assert_eq!((paused["status"].as_u64(), &paused["level"]), (Some(status), &"ERROR".into()), "{kind}");
        let texts: Vec<String> =
            backend.wait(7).iter().filter(|request| request.taken).flat_map(|request| bodies(&request.body)).collect();
        assert_eq!(texts, ["first", "second"], "{say:?}");
        collector.event("resumed");
        assert_eq!(collector.metric("scrubjay_exporter_paused", &[]), 0.0);
        assert!(collector.events("dropped").is_empty() && !collector.log().contains("536-22"));
    }
}

#[test]
fn what_is_refused_three_times_is_dropped_loudly_and_the_next_goes_on() {
    let http_says = [400, 405, 408, 422, 500, 501].map(|status| ("otlp_http", u64::from(status), http(status)));
    let grpc_says = [Code::InvalidArgument, Code::Internal, Code::Unknown, Code::FailedPrecondition]
        .map(|code| ("otlp_grpc", code as u64, Say::Grpc(Status::new(code, SSN))));
    for (kind, status, say) in http_says.into_iter().chain(grpc_says) {
        let backend = Backend::script(
            move |_, request| {
                if bodies(&request.body) == ["bad", "bad"] { say.clone() } else { Say::Ok }
            },
        );
        let collector = start(kind, &backend);
        assert_eq!(collector.post("/v1/logs", &logs(&["bad", "bad"]).encode_to_vec()).status, 200);
        post(&collector, "good");
        let received = backend.wait(4);
        let texts: Vec<usize> = received.iter().map(|request| bodies(&request.body).len()).collect();
        assert_eq!(texts, [2, 2, 2, 1], "{kind} {status}");
        let dropped = collector.event("dropped");
        assert_eq!(
            (&dropped["reason"], dropped["status"].as_u64(), dropped["records"].as_u64(), dropped["tries"].as_u64()),
            (&"refused".into(), Some(status), Some(2), Some(3))
        );
        assert_eq!(collector.metric("otelcol_exporter_send_failed_log_records_total", &[]), 2.0);
        assert!(!collector.log().contains("536-22"));
    }
}

#[test]
fn what_is_too_large_for_a_backend_is_dropped_loudly() {
    for (kind, say) in [("otlp_http", http(413)), ("otlp_grpc", Say::Grpc(Status::new(Code::ResourceExhausted, SSN)))] {
        let backend = Backend::script(move |number, _| if number == 0 { say.clone() } else { Say::Ok });
        let collector = start(kind, &backend);
        post(&collector, "large");
        post(&collector, "next");
        assert_eq!(bodies(&backend.wait(2)[1].body), ["next"]);
        let dropped = collector.event("dropped");
        assert_eq!((&dropped["reason"], dropped["tries"].as_u64()), (&"too_large".into(), Some(1)));
        assert_eq!(collector.metric("scrubjay_exporter_dropped_records_total", &["reason=\"too_large\""]), 1.0);
    }
}

#[test]
fn what_is_too_large_for_a_backend_is_halved_until_it_is_not() {
    for (kind, say) in [("otlp_http", http(413)), ("otlp_grpc", Say::Grpc(Status::new(Code::ResourceExhausted, SSN)))] {
        // Takes three records at a time, and none that says `never`.
        let backend = Backend::script(move |_, request| {
            let texts = bodies(&request.body);
            if texts.len() > 3 || texts.iter().any(|text| text == "never") { say.clone() } else { Say::Ok }
        });
        let url = backend.url();
        let setup = Setup {
            scrub: "ack: delivered, pseudonym_key: 0123456789abcdef0123456789abcdef".into(),
            ..Setup::new(kind, &format!("endpoint: '{url}', {FAST}"))
        };
        let collector = setup.start();
        let texts = ["a", "b", "c", "d", "never", "e", "f", "g", "h"];
        let answer = collector.post("/v1/logs", &logs(&texts).encode_to_vec());
        assert_eq!(answer.status, 200, "what could be delivered was");
        let taken: Vec<String> = backend.taken().iter().flat_map(|request| bodies(&request.body)).collect();
        assert_eq!(taken, ["a", "b", "c", "d", "e", "f", "g", "h"], "each once, in order");
        assert_eq!(collector.metric("scrubjay_exporter_dropped_records_total", &["reason=\"too_large\""]), 1.0);
        assert_eq!(collector.metric("otelcol_exporter_sent_log_records_total", &[]), 8.0);
        assert!(collector.metric("scrubjay_exporter_splits_total", &[]) >= 4.0);
    }
}

#[test]
fn partial_success_is_counted_and_not_sent_again() {
    for kind in ["otlp_http", "otlp_grpc"] {
        // ExportPartialSuccess { rejected: 2, error_message: ".." }
        let response = [b"\x0a\x0f\x08\x02\x12\x0b".as_slice(), SSN.as_bytes()].concat();
        let backend = Backend::script(move |_, _| Say::Partial(response.clone()));
        let collector = start(kind, &backend);
        assert_eq!(collector.post("/v1/logs", &logs(&["a", "b", "c"]).encode_to_vec()).status, 200);
        let partial = collector.event("partial");
        assert_eq!(partial["rejected"], 2);
        eventually("counted", || {
            (collector.metric("otelcol_exporter_sent_log_records_total", &[]) == 1.0).then_some(())
        });
        assert_eq!(collector.metric("scrubjay_exporter_rejected_records_total", &[]), 2.0);
        assert_eq!(backend.received().len(), 1);
        assert!(!collector.log().contains("536-22"));
    }
}

#[test]
fn a_warning_of_a_backend_is_told_and_its_words_are_not() {
    for kind in ["otlp_http", "otlp_grpc"] {
        // ExportPartialSuccess { rejected: 0, error_message: ".." }
        let response = [b"\x0a\x0d\x12\x0b".as_slice(), SSN.as_bytes()].concat();
        let backend = Backend::script(move |_, _| Say::Partial(response.clone()));
        let collector = start(kind, &backend);
        post(&collector, "a record");
        assert_eq!(collector.event("warned")["signal"], "logs");
        assert_eq!(collector.metric("scrubjay_exporter_warnings_total", &["exporter"]), 1.0);
        assert_eq!(collector.metric("otelcol_exporter_sent_log_records_total", &[]), 1.0);
        assert_eq!((backend.received().len(), collector.log().contains("536-22")), (1, false));
    }
}

#[test]
fn only_who_asks_for_it_has_batches_dropped_for_their_age() {
    let backend = Backend::script(|_, _| http(503));
    let retry = "retry_on_failure: { initial_interval: 50ms, max_interval: 50ms, max_elapsed_time: 300ms }";
    let collector = Setup::new("otlp_http", &format!("endpoint: '{}', {retry}", backend.url())).start();
    post(&collector, "a record");
    let dropped = collector.event("dropped");
    assert_eq!((&dropped["reason"], dropped["records"].as_u64()), (&"max_elapsed_time".into(), Some(1)));
    assert!(dropped["tries"].as_u64() >= Some(3));
}

#[test]
fn with_ack_delivered_the_client_hears_what_the_backend_said() {
    let backend = Backend::script(|_, request| match bodies(&request.body)[0].as_str() {
        "slow" => Say::Late(Duration::from_millis(400), Box::new(Say::Ok)),
        "bad" => http(400),
        "half" => Say::Partial(b"\x0a\x02\x08\x01".to_vec()),
        _ => Say::Ok,
    });
    let mut setup = Setup::new("otlp_http", &format!("endpoint: '{}', {FAST}", backend.url()));
    setup.scrub = "ack: delivered".into();
    let collector = setup.start();
    let began = std::time::Instant::now();
    assert_eq!(collector.post("/v1/logs", &log("slow").encode_to_vec()).status, 200);
    assert!(began.elapsed() >= Duration::from_millis(400));
    let refused = collector.post("/v1/logs", &log("bad").encode_to_vec());
    let status = tonic_types::Status::decode(&refused.body[..]).unwrap();
    assert_eq!((refused.status, status.message.as_str()), (400, "a backend refused the request for good"));
    let partial = collector.post("/v1/logs", &logs(&["half", "half"]).encode_to_vec());
    assert_eq!(partial.status, 200);
    let response =
        opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceResponse::decode(&partial.body[..]);
    assert_eq!(response.unwrap().partial_success.unwrap().rejected_log_records, 1);
}

#[test]
fn an_endless_reply_is_not_read() {
    let backend = Backend::script(|number, _| match number {
        0 => Say::Http(503, vec![], vec![b'x'; 64 << 20]),
        1 => Say::Http(200, vec![], vec![b'x'; 64 << 20]),
        _ => Say::Ok,
    });
    let collector = start("otlp_http", &backend);
    let before = collector.metric("otelcol_process_memory_rss", &[]);
    post(&collector, "a record");
    backend.wait(2);
    post(&collector, "another");
    backend.wait(3);
    let after = collector.metric("otelcol_process_memory_rss", &[]);
    assert!(after - before < 16e6, "{before} -> {after}");
}

#[test]
fn a_batch_that_was_taken_with_too_many_words_is_not_sent_again() {
    for kind in ["otlp_http", "otlp_grpc"] {
        let backend = Backend::script(|_, _| Say::Partial(vec![b'x'; 1 << 20]));
        let collector = start(kind, &backend);
        post(&collector, "a record");
        eventually("it is counted as sent", || {
            (collector.metric("otelcol_exporter_sent_log_records_total", &[]) == 1.0).then_some(())
        });
        assert_eq!((backend.received().len(), collector.events("retrying").len()), (1, 0), "{kind}");
    }
}
