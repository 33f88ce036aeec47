//! The examples, run as their first lines say.

use crate::sdk::{PYTHON, configuration, installed};
use crate::support::backend::Backend;
use crate::support::collector::Collector;
use crate::support::eventually;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the applications say that nobody should hear.
const PLANTED: [&str; 7] = ["536-22-8147", "penrose", "yelena", "47810926", "555-0142", "clinic.example", "1961"];
/// What of it is needed.
const KEPT: [&str; 8] = [
    "appointments",
    "POST /patients/[REDACTED:ssn]/appointments",
    "http.request.method",
    "SELECT id FROM patients WHERE last_name = '[REDACTED:name]' AND ssn = '[REDACTED:ssn]'",
    "call back at [REDACTED:phone] about ssn [REDACTED:ssn]",
    "no slot for patient [REDACTED:name] (MRN [REDACTED:mrn])",
    "appointments.requested",
    "north",
];

/// Runs an application against a collector and looks at what a backend receives.
fn check(app: &mut Command, over_grpc: bool) {
    let backend = Backend::start();
    let collector = Collector::start(&configuration(&backend), &[]);
    let address = if over_grpc { collector.grpc() } else { collector.http() };
    app.env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{address}")).env("OTEL_SERVICE_NAME", "appointments");
    let output = app.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = eventually("a span, a log record and a metric", || {
        let received = backend.received();
        let all = ["/v1/traces", "/v1/logs", "/v1/metrics"];
        let complete = all.iter().all(|path| received.iter().any(|request| request.path == *path));
        let decoded = received.iter().map(|request| match request.path.as_str() {
            "/v1/traces" => format!("{:?}", ExportTraceServiceRequest::decode(request.body.as_slice()).unwrap()),
            "/v1/logs" => format!("{:?}", ExportLogsServiceRequest::decode(request.body.as_slice()).unwrap()),
            _ => format!("{:?}", ExportMetricsServiceRequest::decode(request.body.as_slice()).unwrap()),
        });
        complete.then(|| decoded.collect::<String>())
    });
    for planted in PLANTED {
        assert!(!text.to_lowercase().contains(planted), "{planted}: {text}");
    }
    for kept in KEPT {
        assert!(text.contains(kept), "{kept}: {text}");
    }
}

/// An example that cargo builds with the tests; where only some tests are built, it is built now.
fn example(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_scrubjay")).with_file_name("examples").join(name);
    if !path.exists() {
        // One package alone would have other features, and with them everything would be built anew.
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--locked", "--workspace", "--example", name]);
        assert!(build.current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap().success());
    }
    path
}

#[test]
fn the_rust_application() {
    check(&mut Command::new(example("rust-app")), true);
}

#[test]
fn the_python_application() {
    let Some(python) = installed(&PYTHON, "python-app") else { return };
    check(python.program().arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/python-app/app.py")), false);
}

#[test]
fn the_embedded_engine() {
    let output = Command::new(example("embed")).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("lookup of [REDACTED:ssn] failed after 30 ms"), "{text}");
    assert!(!text.contains("536-22-8147"), "{text}");
}
