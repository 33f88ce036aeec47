//! The collector's own pages.

use crate::support::backend::Backend;
use crate::support::collector::{Collector, FEW, Setup, command};
use crate::support::eventually;
use crate::support::sample::{SSN, log};
use prost::Message as _;

#[test]
fn the_page_of_metrics_has_the_names_that_people_alert_on() {
    let backend = Backend::start();
    let collector = Setup::new("otlp_http/main", &format!("endpoint: '{}'", backend.url())).start();
    assert_eq!(collector.post("/v1/logs", &log(&format!("ssn {SSN}")).encode_to_vec()).status, 200);
    assert_eq!(collector.post("/v1/logs", b"\xff").status, 400);
    let mut unknown = log("x \u{fffd}").encode_to_vec();
    unknown.extend(b"\xba\x3e\x03abc");
    assert_eq!(collector.post("/v1/logs", &unknown).status, 200);
    backend.wait(2);
    eventually("both are counted as sent", || {
        (collector.metric("otelcol_exporter_sent_log_records_total", &["otlp_http/main"]) == 2.0).then_some(())
    });
    let page = collector.metrics();
    for series in [
        r#"otelcol_receiver_accepted_log_records_total{receiver="otlp",transport="http"} 2"#,
        r#"otelcol_receiver_refused_log_records_total{receiver="otlp",transport="http"} 1"#,
        r#"phi_findings_total{identifier="G",place_kind="log_body",action="redact"} 1"#,
        "phi_unknown_fields_total 1",
        r#"otelcol_exporter_queue_capacity{exporter="otlp_http/main"} 67108864"#,
        r#"otelcol_exporter_queue_size{exporter="otlp_http/main"} "#,
        "otelcol_process_uptime ",
        "otelcol_process_cpu_seconds ",
        "otelcol_process_memory_rss ",
        "# HELP phi_findings_total ",
        "# TYPE phi_findings_total counter",
    ] {
        assert!(page.lines().any(|line| line.starts_with(series)), "{series}\n{page}");
    }
    assert!(!page.contains("536-22"));
}

#[test]
fn what_people_alert_on_is_there_before_it_happens() {
    let collector = Setup::new("debug", "").start();
    let page = collector.metrics();
    for (name, labels, series) in [
        ("phi_engine_failures_total", "reason", 2),
        ("phi_unscanned_total", "", 1),
        ("phi_unknown_fields_total", "", 1),
        ("phi_mended_total", "", 1),
        ("scrubjay_quarantined_batches_total", "signal", 4),
        ("scrubjay_lost_records_total", "signal", 4),
        ("scrubjay_unsettled_requests_total", "signal", 4),
        ("scrubjay_exporter_dropped_records_total", "exporter=\"debug\",reason", 4),
        ("scrubjay_exporter_rejected_records_total", "exporter=\"debug\"", 1),
        ("scrubjay_exporter_paused", "exporter=\"debug\"", 1),
    ] {
        let of_name = page.lines().filter(|line| line.split(['{', ' ']).next() == Some(name));
        let zeros = of_name.filter(|line| line.contains(labels) && line.ends_with(" 0")).count();
        assert_eq!(zeros, series, "{name}\n{page}");
    }
}

#[test]
fn a_field_of_another_type_goes_and_is_counted() {
    let backend = Backend::start();
    let collector = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url())).start();
    // A log record whose body is a number on the wire, whose attributes are one as well, and whose severity is a text.
    let fields = [b"\x28\x07\x30\x07\x12\x0b".as_slice(), SSN.as_bytes(), b"\x1a\x04kept"].concat();
    let length = u8::try_from(fields.len()).unwrap();
    let request = [&[0x0A, length + 4, 0x12, length + 2, 0x12, length][..], &fields].concat();
    assert_eq!(collector.post("/v1/logs", &request).status, 200);
    let arrived = backend.wait(1).pop().unwrap().body;
    assert_eq!(arrived, b"\x0a\x0a\x12\x08\x12\x06\x1a\x04kept");
    assert_eq!(collector.metric("phi_unknown_fields_total", &[]), 3.0);
}

#[test]
fn who_finds_no_address_says_which() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    for (component, set) in [
        ("admin/metrics", format!("service::telemetry::metrics::endpoint='{address}'")),
        ("admin/health", format!("extensions::health_check::endpoint='{address}'")),
        ("otlp", format!("receivers::otlp::protocols::http::endpoint='{address}'")),
    ] {
        let mut args = vec!["run", "--set", FEW, "--set", &set];
        for free in [
            "service::telemetry::metrics::endpoint='127.0.0.1:0'",
            "extensions::health_check::endpoint='127.0.0.1:0'",
            "receivers::otlp::protocols::grpc::endpoint='127.0.0.1:0'",
            "receivers::otlp::protocols::http::endpoint='127.0.0.1:0'",
        ] {
            if set.split('=').next() != free.split('=').next() {
                args.extend(["--set", free]);
            }
        }
        let output = command(&args).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(&format!("error: cannot start: {component} cannot listen at {address}: ")), "{said}");
    }
}

/// All packs, which take a moment to compile.
const ALL_RULES: &str = "\
receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:0' } } } }
processors: { scrub: }
exporters: { debug: }
extensions: { health_check: { endpoint: '127.0.0.1:0' } }
service:
  extensions: [health_check]
  telemetry: { metrics: { endpoint: '127.0.0.1:0' }, logs: { encoding: json } }
  pipelines: { logs: { receivers: [otlp], processors: [scrub], exporters: [debug] } }
";

#[test]
fn health_follows_the_phases() {
    let collector = Collector::spawn(ALL_RULES, &[]);
    eventually("the health check listens", || {
        let listening = collector.events("listening");
        listening.iter().any(|line| line["component"] == "admin/health").then_some(())
    });
    let starting = collector.health();
    assert_eq!((starting.status, starting.text().as_str()), (503, r#"{"status":"starting"}"#));
    collector.event("serving");
    let healthy = collector.health();
    assert_eq!((healthy.status, healthy.text().as_str()), (200, r#"{"status":"serving"}"#));
    assert_eq!(healthy.header("content-type"), Some("application/json"));
    assert_eq!(collector.post("/v1/logs", &log(&format!("ssn {SSN}")).encode_to_vec()).status, 200);
    eventually("it is on stdout", || collector.out().contains("[REDACTED:ssn]").then_some(()));
    assert_eq!(collector.events("ephemeral_pseudonym_key").len(), 1);
}

#[test]
fn a_signal_during_the_start_ends_it() {
    let mut collector = Collector::spawn(ALL_RULES, &[]);
    collector.event("starting");
    eventually("it listens", || (!collector.events("listening").is_empty()).then_some(()));
    collector.signal("-TERM");
    assert_eq!(collector.wait().code(), Some(0));
    assert!(collector.events("serving").is_empty());
}
