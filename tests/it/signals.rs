//! Every signal, every format, every encoding, over both transports: what arrives decodes and is redacted.

use crate::support::backend::Backend;
use crate::support::collector::Setup;
use crate::support::http::send;
use crate::support::sample::{REDACTED, SSN, decodes, every, holds, log, trace};
use crate::support::{eventually, grpc};
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_client::LogsServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use prost::Message as _;
use scrubjay::net::compress;
use scrubjay::settings::Compression;
use tonic::codec::CompressionEncoding;

#[test]
fn protobuf_over_http_arrives_redacted() {
    let backend = Backend::start();
    let collector = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url())).start();
    let mut sent = 0;
    for (encoding, compression) in
        [("identity", Compression::None), ("gzip", Compression::Gzip), ("zstd", Compression::Zstd)]
    {
        for (path, signal, body) in every(&format!("patient not found: {SSN}")) {
            let body = compress(compression, &body.into()).unwrap();
            let headers = [("content-type", "application/x-protobuf"), ("content-encoding", encoding)];
            let answer = send(collector.http(), "POST", path, &headers, &body);
            assert_eq!((answer.status, answer.body.len()), (200, 0), "{signal} {encoding}");
            assert_eq!(answer.header("content-type"), Some("application/x-protobuf"));
            sent += 1;
            let received = backend.wait(sent).pop().unwrap();
            assert_eq!(received.path, path);
            assert!(decodes(signal, &received.body), "{signal} {encoding}");
            assert!(!holds(&received.body, SSN), "{signal} {encoding}");
            let marker = if signal == "profiles" { "redacted_ssn_k" } else { REDACTED };
            assert!(holds(&received.body, marker), "{signal} {encoding}");
            assert_eq!(received.headers["content-encoding"], "gzip");
        }
    }
    assert_eq!(collector.metric("otelcol_receiver_accepted_log_records_total", &["transport=\"http\""]), 3.0);
    assert_eq!(collector.metric("phi_findings_total", &["identifier=\"G\""]), 12.0);
    assert!(!collector.log().contains("536-22"));
}

#[test]
fn protobuf_over_grpc_arrives_redacted_at_a_grpc_backend() {
    let backend = Backend::start();
    let exporter = format!("endpoint: '{}', compression: zstd, headers: {{ x-team: care }}", backend.url());
    let collector = Setup::new("otlp_grpc", &exporter).start();
    let mut sent = 0;
    for (encoding, flag, compression) in
        [("identity", 0, Compression::None), ("gzip", 1, Compression::Gzip), ("zstd", 1, Compression::Zstd)]
    {
        for (_, signal, body) in every(&format!("patient not found: {SSN}")) {
            let message = compress(compression, &body.into()).unwrap();
            let called = grpc::call(
                collector.grpc(),
                grpc::method(signal),
                &[("grpc-encoding", encoding)],
                grpc::frame(flag, &message),
            );
            assert_eq!((called.http, called.code), (200, 0), "{signal} {encoding}");
            assert_eq!(called.body, grpc::frame(0, b""));
            sent += 1;
            let received = backend.wait(sent).pop().unwrap();
            assert_eq!(received.path, grpc::method(signal));
            assert!(decodes(signal, &received.body) && !holds(&received.body, SSN), "{signal} {encoding}");
            assert_eq!(received.headers["grpc-encoding"], "zstd");
            assert_eq!(received.headers["x-team"], "care");
        }
    }
    assert_eq!(collector.metric("otelcol_receiver_accepted_spans_total", &["transport=\"grpc\""]), 3.0);
    assert_eq!(collector.metric("otelcol_exporter_sent_spans_total", &["exporter=\"otlp_grpc\""]), 3.0);
}

#[test]
fn a_real_grpc_client_is_content() {
    let backend = Backend::start();
    let collector = Setup::new("otlp_http", &format!("endpoint: '{}', compression: none", backend.url())).start();
    let url = format!("http://{}", collector.grpc());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut logs =
            LogsServiceClient::connect(url.clone()).await.unwrap().send_compressed(CompressionEncoding::Gzip);
        assert_eq!(logs.export(log(SSN)).await.unwrap().into_inner().partial_success, None);
        let mut traces = TraceServiceClient::connect(url).await.unwrap().send_compressed(CompressionEncoding::Zstd);
        assert_eq!(traces.export(trace(SSN)).await.unwrap().into_inner().partial_success, None);
    });
    for received in backend.wait(2) {
        assert!(holds(&received.body, REDACTED) && !holds(&received.body, SSN));
        assert_eq!(received.headers.get("content-encoding"), None);
    }
}

#[test]
fn json_is_taken_and_answered_as_json() {
    let backend = Backend::start();
    let collector = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url())).start();
    let bodies = [
        (
            "/v1/traces",
            "traces",
            r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"07070707070707070707070707070707","spanId":"0707070707070707","name":"fetch SSN"}]}]}]}"#,
        ),
        (
            "/v1/logs",
            "logs",
            r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1","body":{"stringValue":"SSN"}}]}]}]}"#,
        ),
        (
            "/v1/metrics",
            "metrics",
            r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","description":"of SSN","gauge":{"dataPoints":[{"asInt":"3"}]}}]}]}]}"#,
        ),
        (
            "/v1development/profiles",
            "profiles",
            r#"{"resourceProfiles":[{"scopeProfiles":[{"profiles":[{}]}],"no such field":1}],"dictionary":{"stringTable":["","of SSN"]}}"#,
        ),
    ];
    for (number, (path, signal, body)) in bodies.iter().enumerate() {
        let body = compress(Compression::Gzip, &body.replace("SSN", SSN).into()).unwrap();
        let headers = [("content-type", "application/json; charset=utf-8"), ("content-encoding", "gzip")];
        let answer = send(collector.http(), "POST", path, &headers, &body);
        assert_eq!((answer.status, answer.text().as_str()), (200, "{}"), "{signal}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let received = backend.wait(number + 1).pop().unwrap();
        let marker = if *signal == "profiles" { "redacted_ssn_k" } else { REDACTED };
        assert!(decodes(signal, &received.body) && !holds(&received.body, SSN) && holds(&received.body, marker));
        assert_eq!(received.headers["content-type"], "application/x-protobuf");
    }
    assert_eq!(collector.metric("phi_unknown_fields_total", &[]), 1.0);
}

#[test]
fn the_debug_exporter_writes_json_lines() {
    let collector = Setup::new("debug", "").start();
    for (path, _, body) in every(&format!("patient not found: {SSN}")) {
        assert_eq!(collector.post(path, &body).status, 200);
    }
    let out = eventually("four lines on stdout", || {
        let out = collector.out();
        (out.lines().count() == 4).then_some(out)
    });
    for line in out.lines() {
        let value: serde_json::Value = serde_json::from_str(line).expect("a JSON object a line");
        assert!(value.is_object() && !line.contains(SSN));
    }
    assert!(out.contains(REDACTED));
}

#[test]
fn no_header_of_a_request_goes_further_and_empty_requests_succeed() {
    let backend = Backend::start();
    let collector = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url())).start();
    let headers = [
        ("content-type", "application/x-protobuf"),
        ("x-patient", SSN),
        ("authorization", "Bearer 536-22-8147"),
        ("user-agent", "client-of-536-22-8147"),
    ];
    for kind in ["application/x-protobuf", "application/json"] {
        assert_eq!(send(collector.http(), "POST", "/v1/logs", &[("content-type", kind)], b"").status, 200);
    }
    let body = log("nothing to see").encode_to_vec();
    assert_eq!(send(collector.http(), "POST", "/v1/logs", &headers, &body).status, 200);
    let received = backend.wait(1);
    assert_eq!(received[0].body, body, "what holds nothing goes on as it came");
    assert!(!format!("{:?}", received[0].headers).contains("536-22"));
    assert_eq!(backend.received().len(), 1, "empty requests go nowhere");
}
