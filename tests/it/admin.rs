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
