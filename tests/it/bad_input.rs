//! Bad input, one table: what is sent, how, and what comes of it. Of every row it is checked that the answer is the
//! right one, that nothing of the row is echoed anywhere, and that nothing is lost: what is sent behind it arrives.
//!
//! Each row has a made-up social security number in it. `wire` holds what is sent to a collector, `files` holds
//! configurations and packs, `commands` what is given to commands.

mod commands;
pub mod files;
mod wire;

use crate::support::backend::Backend;
use crate::support::collector::{Collector, Setup};
use crate::support::eventually;
use crate::support::grpc::{self, frame};
use crate::support::http::{self, Answer};
use crate::support::sample::{SSN, holds, log};
use prost::Message as _;
use tonic_types::StatusExt as _;

/// What no answer, no log line and no metric may hold: the number, or what is telling of it.
const PLANTED: [&str; 2] = ["536-22", "22-8147"];
const AUTH: (&str, &str) = ("authorization", "Bearer sixteen-characters");
const PROTO: (&str, &str) = ("content-type", "application/x-protobuf");
const JSON: (&str, &str) = ("content-type", "application/json");

/// One bad input.
struct Row {
    what: String,
    sent: Sent,
    expected: Expected,
}

/// How it is sent.
enum Sent {
    /// Over HTTP: method, path, headers, body.
    Http(&'static str, String, Vec<(&'static str, String)>, Vec<u8>),
    /// Over gRPC: path, headers, a body with its frame.
    Grpc(String, Vec<(&'static str, String)>, Vec<u8>),
}

/// What comes of it.
#[derive(Clone, Copy)]
enum Expected {
    /// It is refused: the status over HTTP, the code, the text.
    Refused(u16, i32, &'static str),
    /// What is bad about it goes; what is left arrives, and this is a part of it.
    Taken(&'static str),
}

const MALFORMED: Expected = Expected::Refused(400, 3, "the request is no valid OTLP export request");
const TOO_LARGE: Expected = Expected::Refused(413, 8, "the request is larger than this collector takes");
const NO_TOKEN: Expected = Expected::Refused(401, 16, "the credentials are missing or wrong");
const NO_PATH: Expected = Expected::Refused(404, 12, "there is nothing at this path");
const NO_METHOD: Expected = Expected::Refused(405, 12, "only POST is taken here");
const NO_KIND: Expected =
    Expected::Refused(415, 12, "the content type is neither application/x-protobuf nor application/json");
const NO_ENCODING: Expected = Expected::Refused(415, 12, "the encoding is none of identity, gzip and zstd");

fn start(backend: &Backend) -> Collector {
    let mut setup = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url()));
    setup.grpc = "endpoint: '127.0.0.1:0', max_request_bytes: 64KiB, auth: { bearer_token: sixteen-characters }".into();
    setup.http = setup.grpc.clone();
    setup.start()
}

#[test]
fn what_is_sent_over_http_and_as_json() {
    run(wire::heads().into_iter().chain(wire::json()).collect());
}

#[test]
fn what_is_sent_as_protobuf() {
    run(wire::protobuf());
}

#[test]
fn what_is_sent_compressed() {
    run(wire::packed());
}

#[test]
fn what_is_sent_over_grpc() {
    run(wire::calls());
}

/// Sends every row, and something good behind each.
fn run(rows: Vec<Row>) {
    let backend = Backend::start();
    let collector = start(&backend);
    let mut wrong = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let before = backend.taken().len();
        let judged = match &row.sent {
            Sent::Http(method, path, headers, body) => {
                let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
                over_http(row, &http::send(collector.http(), method, path, &headers, body))
            }
            Sent::Grpc(path, headers, body) => {
                let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
                over_grpc(row, &grpc::call(collector.grpc(), path, &headers, body.clone()))
            }
        };
        wrong.extend(judged.err().map(|why| format!("{}: {why}", row.what)));
        if let Expected::Taken(part) = row.expected {
            let arrived = backend.wait(before + 1).pop().unwrap().body;
            if !holds(&arrived, part) || PLANTED.iter().any(|part| holds(&arrived, part)) {
                wrong.push(format!("{}: what arrived is {:?}", row.what, String::from_utf8_lossy(&arrived)));
            }
        }
        let good = format!("good batch {number}.");
        let message = log(&good).encode_to_vec();
        let taken = match &row.sent {
            Sent::Http(..) => http::send(collector.http(), "POST", "/v1/logs", &[PROTO, AUTH], &message).status == 200,
            Sent::Grpc(..) => grpc::call(collector.grpc(), grpc::method("logs"), &[AUTH], frame(0, &message)).code == 0,
        };
        assert!(taken, "{}: a good batch behind it is taken", row.what);
        eventually("the good batch arrives", || {
            backend.taken().iter().any(|request| holds(&request.body, &good)).then_some(())
        });
        let taken = usize::from(matches!(row.expected, Expected::Taken(_)));
        assert_eq!(backend.taken().len(), before + taken + 1, "{}: nothing else arrives", row.what);
    }
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    let shown = [collector.log(), collector.out(), collector.metrics()].concat();
    assert!(shown.contains("otelcol_receiver_accepted_log_records_total"));
    assert!(!PLANTED.iter().any(|part| shown.contains(part)), "the collector shows what it was sent");
}

fn over_http(row: &Row, answer: &Answer) -> Result<(), String> {
    if PLANTED.iter().any(|part| format!("{:?}", answer.headers).contains(part) || holds(&answer.body, part)) {
        return Err("the answer echoes".into());
    }
    let Expected::Refused(http, code, text) = row.expected else {
        return if answer.status == 200 { Ok(()) } else { Err(format!("{} {}", answer.status, answer.text())) };
    };
    let found = status(answer);
    if found != (http, code, text.to_owned()) {
        return Err(format!("{found:?}"));
    }
    let Sent::Http(_, _, headers, _) = &row.sent else { return Err("sent otherwise".into()) };
    let json = headers.iter().any(|(name, value)| (*name, value.as_str()) == JSON);
    if (answer.header("content-type") == Some("application/json")) != json && code >= 0 {
        return Err("the answer is in another format than the request".into());
    }
    let right = answer.header("allow") == (http == 405).then_some("POST")
        && answer.header("www-authenticate") == (http == 401).then_some("Bearer")
        && answer.header("retry-after").is_none();
    if right { Ok(()) } else { Err(format!("headers {:?}", answer.headers)) }
}

fn over_grpc(row: &Row, called: &grpc::Called) -> Result<(), String> {
    let headers = format!("{:?}", (&called.headers, &called.message, &called.status));
    if PLANTED.iter().any(|part| headers.contains(part) || holds(&called.body, part)) {
        return Err("the answer echoes".into());
    }
    let (code, text) = match row.expected {
        Expected::Taken(_) => (0, ""),
        Expected::Refused(_, code, text) => (code, text),
    };
    if (called.http, called.code, called.message.as_str()) != (200, code, text) {
        return Err(format!("{} {} {}", called.http, called.code, called.message));
    }
    if called.status.get_details_retry_info().is_some() { Err("a hint to come again".into()) } else { Ok(()) }
}

/// Status, code and text of a `google.rpc.Status` in the format of the answer; the code -1 where there is no body.
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
        _ => (answer.status, -1, answer.text()),
    }
}

#[test]
fn what_is_no_grpc_is_told_so_by_http() {
    let backend = Backend::start();
    let collector = start(&backend);
    let body = log(SSN).encode_to_vec();
    let called = grpc::call(collector.grpc(), grpc::method("logs"), &[AUTH, JSON], body);
    assert_eq!((called.http, called.code), (415, -1));
    assert!(called.body.is_empty() && !collector.log().contains(SSN));
}

#[test]
fn a_signal_without_a_pipeline_is_refused() {
    let config = "receivers: { otlp: { protocols: { grpc: { endpoint: '127.0.0.1:0' }, http: { endpoint: '127.0.0.1:0' } } } }\n\
                  processors: { scrub: }\nexporters: { debug: }\n\
                  extensions: { health_check: { endpoint: '127.0.0.1:0' } }\n\
                  service:\n  extensions: [health_check]\n  telemetry: { metrics: { endpoint: '127.0.0.1:0' }, logs: { encoding: json } }\n\
                  \x20 pipelines: { traces: { receivers: [otlp], processors: [scrub], exporters: [debug] } }\n";
    let collector = Collector::start(config, &[]);
    let answer = collector.post("/v1/logs", &log(SSN).encode_to_vec());
    assert_eq!(status(&answer), (404, 12, "no pipeline takes this signal".to_owned()));
    let called = grpc::call(collector.grpc(), grpc::method("logs"), &[], frame(0, b""));
    assert_eq!((called.code, called.message.as_str()), (12, "no pipeline takes this signal"));
}
