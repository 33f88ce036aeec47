//! Every reason for a refusal: its status, its fixed text, and nothing of the request in it.

use crate::support::backend::Backend;
use crate::support::collector::{Collector, Setup};
use crate::support::grpc::{self, frame};
use crate::support::http::{Answer, send};
use crate::support::sample::{SSN, holds, log};
use prost::Message as _;
use tonic_types::StatusExt as _;

const PROTO: (&str, &str) = ("content-type", "application/x-protobuf");
const JSON: (&str, &str) = ("content-type", "application/json");

fn collector(backend: &Backend) -> Collector {
    let mut setup = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url()));
    setup.grpc = "endpoint: '127.0.0.1:0', max_request_bytes: 4KiB, auth: { bearer_token: sixteen-characters }".into();
    setup.http = setup.grpc.clone();
    setup.start()
}

/// Status, code and text of a `google.rpc.Status` in the format of the answer.
fn status(answer: &Answer) -> (u16, i32, String) {
    match answer.header("content-type") {
        Some("application/json") => {
            let value: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
            let code = i32::try_from(value["code"].as_i64().unwrap()).unwrap();
            (answer.status, code, value["message"].as_str().unwrap().to_owned())
        }
        Some("application/x-protobuf") => {
            let status = tonic_types::Status::decode(&answer.body[..]).expect("google.rpc.Status");
            (answer.status, status.code, status.message)
        }
        other => panic!("content type {other:?}"),
    }
}

#[test]
fn every_refusal_over_http_has_its_status_and_text() {
    let backend = Backend::start();
    let collector = collector(&backend);
    let auth = ("authorization", "Bearer sixteen-characters");
    let good = log(SSN).encode_to_vec();
    let large = log(&format!("{SSN} ").repeat(1000)).encode_to_vec();
    let gzipped = |bytes: &[u8]| {
        scrubjay::net::compress(scrubjay::settings::Compression::Gzip, &bytes.to_vec().into()).unwrap().to_vec()
    };
    let trailing = [&gzipped(&good)[..], b"garbage 536-22-8147"].concat();
    let malformed = "the request is no valid OTLP export request";
    let too_large = "the request is larger than this collector takes";
    let kinds = "the content type is neither application/x-protobuf nor application/json";
    let encodings = "the encoding is none of identity, gzip and zstd";
    let token = "the bearer token is missing or wrong";
    type Row<'r> = (&'r str, &'r str, Vec<(&'r str, &'r str)>, Vec<u8>, (u16, i32, &'r str));
    let rows: Vec<Row<'_>> = vec![
        ("POST", "/v1/logs", vec![PROTO, auth], b"\xff 536-22-8147".to_vec(), (400, 3, malformed)),
        ("POST", "/v1/logs", vec![JSON, auth], format!("{{\"resourceLogs\": {SSN}").into(), (400, 3, malformed)),
        ("POST", "/v1/logs", vec![PROTO, auth, ("content-encoding", "gzip")], good.clone(), (400, 3, malformed)),
        ("POST", "/v1/logs", vec![PROTO, auth, ("content-encoding", "gzip")], trailing, (400, 3, malformed)),
        ("POST", "/v1/logs", vec![PROTO, auth, ("content-encoding", "zstd")], good.clone(), (400, 3, malformed)),
        ("POST", "/v1/logs", vec![PROTO, auth], large.clone(), (413, 8, too_large)),
        ("POST", "/v1/logs", vec![JSON, auth], large.clone(), (413, 8, too_large)),
        ("POST", "/v1/logs", vec![PROTO, auth, ("content-encoding", "gzip")], gzipped(&large), (413, 8, too_large)),
        ("POST", "/v1/logs", vec![auth, ("content-type", "text/plain; x=536-22-8147")], good.clone(), (415, 12, kinds)),
        ("POST", "/v1/logs", vec![auth], good.clone(), (415, 12, kinds)),
        ("POST", "/v1/logs", vec![JSON, auth, ("content-encoding", "br")], good.clone(), (415, 12, encodings)),
        ("POST", "/v1/logs", vec![PROTO, auth, ("content-encoding", "gzip, gzip")], good.clone(), (415, 12, encodings)),
        ("POST", "/v1/logs/536-22-8147", vec![PROTO, auth], good.clone(), (404, 12, "there is nothing at this path")),
        ("POST", "/v0.4/traces", vec![JSON, auth], good.clone(), (404, 12, "there is nothing at this path")),
        ("GET", "/v1/logs?ssn=536-22-8147", vec![PROTO, auth], vec![], (405, 12, "only POST is taken here")),
        ("PUT", "/v1/logs", vec![JSON, auth], good.clone(), (405, 12, "only POST is taken here")),
        ("POST", "/v1/logs", vec![PROTO], good.clone(), (401, 16, token)),
        (
            "POST",
            "/v1/logs",
            vec![JSON, ("authorization", "Bearer sixteen-character5")],
            good.clone(),
            (401, 16, token),
        ),
        ("POST", "/v1/logs", vec![PROTO, ("authorization", "Basic c2l4dGVlbg==")], good.clone(), (401, 16, token)),
    ];
    for (number, (method, path, headers, body, (code, grpc, text))) in rows.into_iter().enumerate() {
        let answer = send(collector.http(), method, path, &headers, &body);
        assert_eq!(status(&answer), (code, grpc, text.to_owned()), "row {number}");
        let json = headers.contains(&JSON);
        assert_eq!(answer.header("content-type") == Some("application/json"), json, "row {number}");
        assert_eq!(answer.header("allow"), (code == 405).then_some("POST"), "row {number}");
        assert_eq!(answer.header("retry-after"), None, "row {number}");
        assert!(!format!("{:?}", answer.headers).contains("536-22") && !holds(&answer.body, "536-22"), "row {number}");
    }
    let answer = send(collector.http(), "POST", "/v1/logs", &[PROTO, auth], &good);
    assert_eq!(answer.status, 200, "the right token and a good request pass");
    assert!(!collector.log().contains("536-22") && !collector.metrics().contains("536-22"));
    assert_eq!(backend.wait(1).len(), 1);
}

#[test]
fn every_refusal_over_grpc_has_its_code_and_text() {
    let backend = Backend::start();
    let collector = collector(&backend);
    let auth = ("authorization", "Bearer sixteen-characters");
    let good = log(SSN).encode_to_vec();
    let large = log(&format!("{SSN} ").repeat(1000)).encode_to_vec();
    let gzipped = scrubjay::net::compress(scrubjay::settings::Compression::Gzip, &large.clone().into()).unwrap();
    let logs = grpc::method("logs");
    let malformed = "the request is no valid OTLP export request";
    let too_large = "the request is larger than this collector takes";
    type Row<'r> = (&'r str, Vec<(&'r str, &'r str)>, Vec<u8>, i32, &'r str);
    let rows: Vec<Row<'_>> = vec![
        (logs, vec![auth], frame(0, b"\xff 536-22-8147"), 3, malformed),
        (logs, vec![auth], b"\0\0\0".to_vec(), 3, malformed),
        (logs, vec![auth], vec![], 3, malformed),
        (logs, vec![auth], [frame(0, &good), frame(0, &good)].concat(), 3, malformed),
        (logs, vec![auth], frame(1, &good), 3, malformed),
        (logs, vec![auth, ("grpc-encoding", "gzip")], frame(1, &good), 3, malformed),
        (logs, vec![auth], frame(0, &large), 8, too_large),
        (logs, vec![auth, ("grpc-encoding", "gzip")], frame(1, &gzipped), 8, too_large),
        (
            logs,
            vec![auth, ("grpc-encoding", "snappy")],
            frame(1, &good),
            12,
            "the encoding is none of identity, gzip and zstd",
        ),
        (
            "/opentelemetry.proto.collector.logs.v1.LogsService/536-22-8147",
            vec![auth],
            frame(0, &good),
            12,
            "there is nothing at this path",
        ),
        (logs, vec![], frame(0, &good), 16, "the bearer token is missing or wrong"),
        (
            logs,
            vec![("authorization", "Bearer 536-22-8147")],
            frame(0, &good),
            16,
            "the bearer token is missing or wrong",
        ),
    ];
    for (number, (path, headers, body, code, text)) in rows.into_iter().enumerate() {
        let called = grpc::call(collector.grpc(), path, &headers, body);
        assert_eq!((called.http, called.code, called.message.as_str()), (200, code, text), "row {number}");
        assert!(called.status.get_details_retry_info().is_none(), "row {number}");
        assert!(!format!("{:?}", called.headers).contains("536-22") && !holds(&called.body, "536-22"), "row {number}");
    }
    let called = grpc::call(collector.grpc(), logs, &[auth, ("content-type", "application/json")], good.clone());
    assert_eq!((called.http, called.code), (415, -1), "what is no gRPC is told so by HTTP");
    assert_eq!(grpc::call(collector.grpc(), logs, &[auth], frame(0, &good)).code, 0);
    assert!(!collector.log().contains("536-22") && !collector.metrics().contains("536-22"));
}

#[test]
fn a_signal_without_a_pipeline_is_refused() {
    let config = "receivers: { otlp: { protocols: { grpc: { endpoint: '127.0.0.1:0' }, http: { endpoint: '127.0.0.1:0' } } } }\n\
                  processors: { scrub: }\nexporters: { debug: }\n\
                  extensions: { health_check: { endpoint: '127.0.0.1:0' } }\n\
                  service:\n  extensions: [health_check]\n  telemetry: { metrics: { endpoint: '127.0.0.1:0' }, logs: { encoding: json } }\n\
                  \x20 pipelines: { traces: { receivers: [otlp], processors: [scrub], exporters: [debug] } }\n";
    let collector = Collector::start(config, &[]);
    let answer = collector.post("/v1/logs", &log("x").encode_to_vec());
    assert_eq!(status(&answer), (404, 12, "no pipeline takes this signal".to_owned()));
    let called = grpc::call(collector.grpc(), grpc::method("logs"), &[], frame(0, b""));
    assert_eq!((called.code, called.message.as_str()), (12, "no pipeline takes this signal"));
}
