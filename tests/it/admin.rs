//! The collector's own pages.

use crate::support::backend::Backend;
use crate::support::collector::Setup;
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
fn health_follows_the_phases() {
    let collector = Setup::new("debug", "").start();
    let healthy = collector.health();
    assert_eq!((healthy.status, healthy.text().as_str()), (200, r#"{"status":"serving"}"#));
    assert_eq!(healthy.header("content-type"), Some("application/json"));
}
