//! Logs that are no OTLP: over HTTP, and from standard input.

use crate::support::backend::Backend;
use crate::support::collector::{Collector, Setup, command, feed};
use crate::support::{eventually, http};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::process::Stdio;

fn configuration(receiver: &str, scrub: &str, exporter: &str) -> String {
    let id = receiver.split(':').next().unwrap();
    format!(
        "receivers: {{ {receiver} }}\nprocessors: {{ scrub: {{ pseudonym_key: 0123456789abcdef0123456789abcdef, {scrub} }} }}\n\
         exporters: {{ {exporter} }}\nextensions: {{ health_check: {{ endpoint: '127.0.0.1:0' }} }}\nservice:\n  \
         extensions: [health_check]\n  telemetry: {{ metrics: {{ endpoint: '127.0.0.1:0' }}, logs: {{ encoding: json }} }}\n  \
         pipelines: {{ logs: {{ receivers: [{id}], processors: [scrub], exporters: [{}] }} }}\n",
        exporter.split(':').next().unwrap()
    )
}

fn address(collector: &Collector, component: &str) -> SocketAddr {
    let lines = collector.events("listening");
    lines.iter().find(|line| line["component"] == component).unwrap()["address"].as_str().unwrap().parse().unwrap()
}

/// Everything that arrived, for a look at its texts.
fn arrived(backend: &Backend) -> Vec<ExportLogsServiceRequest> {
    let decode = |body: &Vec<u8>| ExportLogsServiceRequest::decode(body.as_slice()).unwrap();
    backend.received().iter().map(|request| decode(&request.body)).collect()
}

fn records(requests: &[ExportLogsServiceRequest]) -> usize {
    requests.iter().flat_map(|of| &of.resource_logs).flat_map(|of| &of.scope_logs).map(|of| of.log_records.len()).sum()
}

#[test]
fn http_logs_takes_what_loggers_post() {
    let backend = Backend::start();
    let exporter = format!("otlp_http: {{ endpoint: '{}', compression: none }}", backend.url());
    let receiver = "http_logs: { endpoint: '127.0.0.1:0', path: /logs, max_request_bytes: 4KiB }";
    let collector = Collector::start(&configuration(receiver, "", &exporter), &[]);
    let at = address(&collector, "http_logs");
    let post = |path: &str, headers: &[(&str, &str)], body: &[u8]| http::send(at, "POST", path, headers, body);
    let json = ("content-type", "application/json");

    let lines = b"callback for ssn 536-22-8147\n{\"msg\":\"chart of 441-52-9903\",\"level\":\"warn\",\"patient\":{\"mrn\":47810926}}\n";
    let answer = post("/logs?service=labs&host=db-1&dd-api-key=abcdef", &[], lines);
    assert_eq!((answer.status, answer.text().as_str()), (200, "{}"));
    let array = br#"[{"message":"ssn 612-44-7305","status":"error","@timestamp":"2025-03-02T10:15:00Z"},"mail to y.penrose@clinic.example"]"#;
    assert_eq!(post("/logs", &[json], array).status, 200);
    let gzipped = gzip(b"{\"log\":\"ssn 417-38-2956\"}\n{\"log\":\"done\"}");
    assert_eq!(post("/logs", &[json, ("content-encoding", "gzip")], &gzipped).status, 200);
    assert_eq!(post("/logs", &[json], b"").status, 200);

    let all = eventually("six records", || Some(arrived(&backend)).filter(|all| records(all) == 6));
    let text = format!("{all:?}");
    for planted in ["536-22-8147", "441-52-9903", "47810926", "612-44-7305", "penrose", "417-38-2956", "abcdef"] {
        assert!(!text.contains(planted), "{planted}: {text}");
    }
    for kept in [
        "callback for ssn [REDACTED:ssn]",
        "service.name",
        "labs",
        "host.name",
        "db-1",
        "\"error\"",
        "chart of [REDACTED:ssn]",
    ] {
        assert!(text.contains(kept), "{kept}: {text}");
    }

    for (path, headers, body, status) in [
        ("/", &[json][..], &b"{}"[..], 404),
        ("/logs", &[json][..], &b"{\"ssn\":536-22-8147}"[..], 400),
        ("/logs", &[("content-type", "application/x-protobuf")][..], &b"x"[..], 415),
        ("/logs", &[("content-encoding", "compress")][..], &b"x"[..], 415),
        ("/logs", &[][..], &[b'a'; 5000][..], 413),
        ("/logs", &[("content-encoding", "gzip")][..], &b"no gzip"[..], 400),
        ("/logs", &[("content-encoding", "gzip")][..], &gzip(&[b'a'; 1 << 20])[..], 413),
        ("/logs", &[json][..], &b"[".repeat(4000)[..], 400),
    ] {
        let answer = post(path, headers, body);
        assert_eq!(answer.status, status, "{path} {headers:?}");
        assert!(!answer.text().contains("536-22") && !answer.text().contains("aaa"), "no echo");
    }
    assert_eq!(http::send(at, "GET", "/logs", &[], b"").status, 405);
    assert!(collector.metric("otelcol_receiver_accepted_log_records_total", &["receiver=\"http_logs\""]) >= 6.0);
}

#[test]
fn a_token_is_asked_for_where_one_is_set() {
    let receiver = "http_logs: { endpoint: '127.0.0.1:0', auth: { bearer_token: correct-horse-battery } }";
    let collector = Collector::start(&configuration(receiver, "packs: [secrets]", "debug:"), &[]);
    let at = address(&collector, "http_logs");
    let post = |token: &str| http::send(at, "POST", "/", &[("authorization", token)], b"line").status;
    assert_eq!((post("Bearer wrong-horse-battery"), post("Bearer correct-horse-battery")), (401, 200));
}

#[test]
fn stdin_ends_the_process_when_all_of_it_is_delivered() {
    let backend = Backend::start();
    let exporter = format!("otlp_http: {{ endpoint: '{}', compression: none }}", backend.url());
    let receiver = "stdin: { service_name: batch-job, max_batch_bytes: 4KiB, max_line_bytes: 200B }";
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stdin.yaml");
    std::fs::write(&path, configuration(receiver, "", &exporter)).unwrap();
    let mut input: String = (0..5000).map(|n| format!("line {n} of ssn 536-22-8147\n")).collect();
    input.push_str("{\"level\":\"error\",\"message\":\"lookup of y.penrose@clinic.example\"}\n");
    input.push_str(&"x".repeat(300));
    let output = feed(&mut command(&["run", "--config", path.to_str().unwrap()]), input.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let all = arrived(&backend);
    assert_eq!(records(&all), 5002, "everything is there when the process ends");
    let text = format!("{all:?}");
    assert!(!text.contains("536-22-8147") && !text.contains("penrose") && !text.contains("xxx"));
    for kept in ["line 4999 of ssn [REDACTED:ssn]", "lookup of [REDACTED:email]", "[UNSCANNED]", "batch-job"] {
        assert!(text.contains(kept), "{kept}");
    }
}

#[test]
fn stdin_is_not_read_while_nothing_can_be_delivered() {
    // Nobody listens at this port.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let exporter = format!("otlp_http: {{ endpoint: 'http://{gone}', sending_queue: {{ max_bytes: 64KiB }} }}");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("stdin.yaml");
    let text = configuration("stdin: { max_batch_bytes: 16KiB }", "packs: [secrets]", &exporter);
    std::fs::write(&path, text.replace("service:\n", "service:\n  shutdown_timeout: 200ms\n")).unwrap();
    let mut child = command(&["run", "--config", path.to_str().unwrap()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let written = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&written);
    let writer = std::thread::spawn(move || {
        let block = "a line of text that is long enough to fill a pipe in no time\n".repeat(64);
        while stdin.write_all(block.as_bytes()).is_ok() {
            count.fetch_add(block.len(), std::sync::atomic::Ordering::Relaxed);
        }
    });
    let written = || written.load(std::sync::atomic::Ordering::Relaxed);
    let mut before = usize::MAX;
    let stopped = eventually("it stops reading", || {
        std::thread::sleep(std::time::Duration::from_millis(500));
        let same = written() > 0 && written() == before;
        before = written();
        same.then_some(before)
    });
    assert!(stopped < 1 << 20, "{stopped} bytes");
    assert!(std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("\"event\":\"lost\""), "what is gone is counted");
    writer.join().unwrap();
}

fn gzip(text: &[u8]) -> Vec<u8> {
    scrubjay::net::compress(scrubjay::settings::Compression::Gzip, &bytes::Bytes::copy_from_slice(text))
        .unwrap()
        .to_vec()
}

/// A collector that is told to send its traces to itself: a span for each batch of others, none for its own.
#[test]
fn own_traces_come_to_an_end() {
    let backend = Backend::start();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut setup = Setup::new("otlp_http", &format!("endpoint: '{}', compression: none", backend.url()));
    setup.grpc = format!("endpoint: 127.0.0.1:{port}");
    let config = setup
        .config()
        .replace("telemetry: {", &format!("telemetry: {{ traces: {{ endpoint: 'http://127.0.0.1:{port}' }},"));
    let collector = Collector::start(&config, &[]);
    for _ in 0..3 {
        let span = br#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"of ssn 536-22-8147"}]}]}]}"#;
        let answer = http::send(collector.http(), "POST", "/v1/traces", &[("content-type", "application/json")], span);
        assert_eq!(answer.status, 200);
    }
    assert_eq!(collector.post("/v1/logs", b"no protobuf").status, 400);
    let spans = || {
        let requests = backend.received();
        let decode = |body: &Vec<u8>| ExportTraceServiceRequest::decode(body.as_slice()).unwrap();
        let all = requests.iter().flat_map(|request| decode(&request.body).resource_spans);
        all.flat_map(|of| of.scope_spans)
            .flat_map(|of| of.spans)
            .filter(|span| span.name == "batch")
            .collect::<Vec<_>>()
    };
    eventually("four own spans", || (spans().len() >= 4).then_some(()));
    // Longer than the SDK waits before it sends the next: were there a span of the spans, it would be here.
    std::thread::sleep(std::time::Duration::from_secs(12));
    let spans = spans();
    assert_eq!(spans.len(), 4, "{spans:?}");
    let text = format!("{spans:?}");
    for told in ["otlp", "http", "malformed", "records"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(!text.contains("536-22"), "{text}");
}
