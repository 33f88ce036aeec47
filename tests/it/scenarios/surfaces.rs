//! Whatever is sent: it is on no surface, neither at the backend nor in anything the collector says.

use crate::support::backend::Backend;
use crate::support::collector::{Collector, FEW, check, command};
use crate::support::eventually;
use crate::support::grpc;
use crate::support::http::{send, try_send};
use crate::support::sample::{log, logs};
use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use prost::Message as _;
use scrubjay::net::compress;
use scrubjay::settings::Compression;
use std::net::SocketAddr;
use std::time::Duration;

const SSN: &str = "386-71-2904";
const MAIL: &str = "odalys.ferreira@mail.example.org";
/// What must not be seen: whole, and the halves that a cut would leave.
const FORBIDDEN: [&str; 4] = [SSN, MAIL, "90417733", "71-2904"];

const ALL: &str = "packs: [hipaa, clinical, secrets], pseudonym_key: 0123456789abcdef0123456789abcdef";

fn configuration(scrub: &str, backend: &Backend, more: &str) -> String {
    format!(
        "receivers:\n  otlp: {{ protocols: {{ grpc: {{ endpoint: '127.0.0.1:0' }}, http: {{ endpoint: '127.0.0.1:0' }} }} }}\n\
         \x20 http_logs: {{ endpoint: '127.0.0.1:0' }}\n\
         processors: {{ scrub: {{ {scrub} }} }}\n\
         exporters: {{ otlp_http: {{ endpoint: '{}', compression: none }}, debug: }}\n\
         extensions: {{ health_check: {{ endpoint: '127.0.0.1:0' }} }}\n\
         service:\n  telemetry: {{ metrics: {{ endpoint: '127.0.0.1:0' }}, logs: {{ encoding: json }} }}\n{more}\
         \x20 pipelines:\n    logs: {{ receivers: [otlp, http_logs], processors: [scrub], exporters: [otlp_http, debug] }}\n\
         \x20   metrics: {{ receivers: [otlp], processors: [scrub], exporters: [otlp_http] }}\n",
        backend.url()
    )
}

fn address(collector: &Collector, component: &str) -> SocketAddr {
    let lines = collector.events("listening");
    lines.iter().find(|line| line["component"] == component).unwrap()["address"].as_str().unwrap().parse().unwrap()
}

/// A body and how it is to be sent: path, headers, what the answer may be.
type Stimulus = (&'static str, &'static str, Vec<(&'static str, &'static str)>, Vec<u8>, &'static [u16]);

const JSON: (&str, &str) = ("content-type", "application/json");
const PROTO: (&str, &str) = ("content-type", "application/x-protobuf");

/// Logs in JSON: one record with an attribute.
fn attribute(key: &str, value: &str) -> Vec<u8> {
    format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{{"stringValue":"x"}},"attributes":[{{"key":"{key}","value":{value}}}]}}]}}]}}]}}"#)
        .into_bytes()
}

fn to_otlp() -> Vec<Stimulus> {
    let text = |text: String| log(&text).encode_to_vec();
    let json = |body: &str| body.as_bytes().to_vec();
    let gzip = |body: &[u8]| compress(Compression::Gzip, &Bytes::copy_from_slice(body)).unwrap().to_vec();
    let mut broken_gzip = gzip(SSN.as_bytes());
    broken_gzip.truncate(12);
    broken_gzip.extend_from_slice(format!("garbage {SSN}").as_bytes());
    let deep =
        format!("{}{{\"stringValue\":\"{SSN}\"}}{}", "{\"arrayValue\":{\"values\":[".repeat(1000), "]}}".repeat(1000));
    let invalid = log(&format!("ssn {SSN}X end"))
        .encode_to_vec()
        .iter()
        .map(|byte| if *byte == b'X' { 0xff } else { *byte })
        .collect();
    let all: Vec<Stimulus> = vec![
        ("S-05 a type", "/v1/logs", vec![JSON], json(&format!(r#"{{"resourceLogs":"{SSN}"}}"#)), &[400]),
        ("S-05 a number", "/v1/logs", vec![JSON], attribute("n", &format!(r#"{{"intValue":"{MAIL}"}}"#)), &[400]),
        (
            "S-06 the head",
            "/v1/logs?mrn=90417733",
            vec![PROTO, ("x-patient-email", MAIL), ("user-agent", "app (386-71-2904)")],
            text("fine".into()),
            &[200],
        ),
        (
            "S-07 snake case",
            "/v1/logs",
            vec![JSON],
            json(&format!(
                r#"{{"resource_logs":[{{"scope_logs":[{{"log_records":[{{"body":{{"string_value":"ssn {SSN}"}}}}]}}]}}]}}"#
            )),
            &[200, 400],
        ),
        (
            "S-07 twice the same key",
            "/v1/logs",
            vec![JSON],
            json(&format!(
                r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{{"stringValue":"fine"}},"body":{{"stringValue":"ssn {SSN}"}}}},{{"body":{{"stringValue":"ssn {SSN}"}},"body":{{"stringValue":"fine"}}}}]}}]}}]}}"#
            )),
            &[200, 400],
        ),
        (
            "S-07 a mark of order",
            "/v1/logs",
            vec![JSON],
            [b"\xef\xbb\xbf".to_vec(), attribute("a", &format!(r#"{{"stringValue":"ssn {SSN}"}}"#))].concat(),
            &[200, 400],
        ),
        (
            "S-07 no number",
            "/v1/logs",
            vec![JSON],
            attribute("a", &format!(r#"{{"doubleValue":NaN,"stringValue":"ssn {SSN}"}}"#)),
            &[200, 400],
        ),
        ("S-07 a comment", "/v1/logs", vec![JSON], json(&format!("/* {SSN} */ {{}}")), &[400]),
        ("S-10 no UTF-8", "/v1/logs", vec![PROTO], invalid, &[200]),
        ("S-25 damaged", "/v1/logs", vec![PROTO, ("content-encoding", "gzip")], broken_gzip, &[400]),
        ("S-28 another signal", "/v1development/profiles", vec![PROTO], text(SSN.into()), &[404]),
        ("S-28 another path", "/api/v2/spans", vec![PROTO], text(SSN.into()), &[404]),
        ("S-28 another version", "/v0.4/traces", vec![PROTO], text(SSN.into()), &[404]),
        ("S-36 joined", "/v1/logs", vec![PROTO], text(format!("ssn {SSN} {SSN}, a@b.example,{MAIL}")), &[200]),
        ("S-36 a hundred", "/v1/logs", vec![PROTO], text(vec![MAIL; 100].join(";")), &[200]),
        (
            "S-36 in a URL in JSON",
            "/v1/logs",
            vec![PROTO],
            text(format!(r#"{{"url":"https://x.example/p?mail={}"}}"#, MAIL.replace('@', "%40"))),
            &[200],
        ),
        ("S-37 very many", "/v1/logs", vec![PROTO], text(format!("ssn {SSN} ").repeat(20_000)), &[200]),
        ("S-43 a key", "/v1/logs", vec![JSON], attribute(&format!("patient.{SSN}"), r#"{"stringValue":"x"}"#), &[200]),
        ("S-48 deep", "/v1/logs", vec![JSON], attribute("a", &deep), &[200, 400]),
        ("S-49 over two records", "/v1/logs", vec![PROTO], logs(&["ssn 386-", "71-2904"]).encode_to_vec(), &[200]),
    ];
    all
}

/// The same in many forms: encodings, bytes that are no UTF-8, keys.
fn to_otlp_in_numbers() -> Vec<Stimulus> {
    let mut all: Vec<Stimulus> = Vec::new();
    for encoding in ["snappy", "deflate", "br", "gzip, gzip", "zstd, gzip"] {
        all.push((
            "S-29 encodings",
            "/v1/logs",
            vec![PROTO, ("content-encoding", encoding)],
            log(SSN).encode_to_vec(),
            &[415],
        ));
    }
    for byte in 0x80..=0xffu8 {
        let mut body = format!("\u{1}ssn {SSN}\u{1} mail \u{1}{MAIL}\u{1} end").into_bytes();
        body.iter_mut().filter(|at| **at == 1).for_each(|at| *at = byte);
        let mut record = vec![0x2a, 0];
        record.extend([0x0a, u8::try_from(body.len()).unwrap()]);
        record.extend(&body);
        record[1] = u8::try_from(record.len() - 2).unwrap();
        let wrap = |field: u8, inner: &[u8]| [&[field, u8::try_from(inner.len()).unwrap()][..], inner].concat();
        all.push((
            "S-35 beside no UTF-8",
            "/v1/logs",
            vec![PROTO],
            wrap(0x0a, &wrap(0x12, &wrap(0x12, &record))),
            &[200],
        ));
    }
    for number in 0..50 {
        all.push((
            "S-19 keys",
            "/v1/logs",
            vec![JSON],
            attribute(&format!("patient.386-71-29{number:02}"), r#"{"stringValue":"x"}"#),
            &[200],
        ));
    }
    all
}

fn to_http_logs() -> Vec<Stimulus> {
    let mut all: Vec<Stimulus> = vec![
        ("S-01 cut JSON", "/", vec![JSON], format!(r#"{{"ssn":"{SSN}", broken"#).into_bytes(), &[400]),
        (
            "S-26 cut JSON in a line",
            "/",
            vec![],
            format!("{{\"ssn\":\"{SSN}\", broken\nssn={SSN} mail={MAIL} \"open\n").into_bytes(),
            &[200],
        ),
        (
            "S-26 a message",
            "/",
            vec![],
            format!("PID|1||||FERREIRA^ODALYS||19610203|F|||||||||{SSN}\r").into_bytes(),
            &[200],
        ),
        ("S-26 cells", "/", vec![], format!("name,ssn,mail\n\"open,{SSN},{MAIL}\n").into_bytes(), &[200]),
    ];
    for size in [3 << 19, 5 << 20] {
        for at in [0, (1 << 20) - 8, (1 << 20) + 4, size - 20] {
            let mut line = vec![b'x'; size];
            let planted = format!(" ssn {SSN} ");
            line.splice(at..at + planted.len(), planted.bytes());
            all.push(("S-27 a long line", "/", vec![], line, &[200, 413]));
        }
    }
    all
}

#[test]
fn nothing_of_what_is_sent_is_seen_anywhere() {
    let backend = Backend::start();
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let admin = format!("  admin: {{ endpoint: '127.0.0.1:0', token_hash: {hash} }}\n");
    let env = [("RUST_LOG", "trace".to_owned())];
    let collector = Collector::start(&configuration(ALL, &backend, &admin), &env);
    let before = std::fs::read_dir(std::env::temp_dir()).unwrap().count();
    let mut wrong = Vec::new();
    for (to, stimuli) in [
        (collector.http(), to_otlp()),
        (collector.http(), to_otlp_in_numbers()),
        (address(&collector, "http_logs"), to_http_logs()),
    ] {
        for (name, path, headers, body, may) in stimuli {
            let answer = send(to, "POST", path, &headers, &body);
            if !may.contains(&answer.status) {
                wrong.push(format!("{name}: {}", answer.status));
            }
            let said = [format!("{:?}", answer.headers), answer.text()].concat();
            wrong.extend(
                FORBIDDEN.iter().filter(|text| said.contains(**text)).map(|text| format!("{name}: answered {text}")),
            );
        }
    }
    let unknown = grpc::call(
        collector.grpc(),
        "/opentelemetry.proto.collector.logs.v1.LogsService/Expor",
        &[],
        grpc::frame(0, SSN.as_bytes()),
    );
    assert_eq!(unknown.code, 12);
    let quiet = || collector.metric("otelcol_exporter_queue_size", &[]) == 0.0;
    eventually("all is delivered", || quiet().then_some(()));
    std::thread::sleep(Duration::from_millis(200));
    let page =
        |path: &str| send(address(&collector, "admin"), "GET", path, &[("authorization", "Bearer abc")], b"").text();
    let surfaces = [
        ("stderr", collector.log()),
        ("stdout", collector.out()),
        ("metrics", collector.metrics()),
        ("state", page("/state")),
        ("admin", ["/", "/metrics", "/readyz", "/livez", "/config"].map(page).concat()),
        ("a call", format!("{unknown:?}")),
        (
            "the backend",
            backend
                .received()
                .iter()
                .map(|request| {
                    let decoded = ExportLogsServiceRequest::decode(request.body.as_slice());
                    format!("{:?} {decoded:?} {}", request.headers, String::from_utf8_lossy(&request.body))
                })
                .collect(),
        ),
    ];
    for (surface, text) in &surfaces {
        for forbidden in FORBIDDEN.iter().chain(&["386-71-29"]) {
            if let Some(at) = text.find(forbidden) {
                let around: String = text[at.saturating_sub(60)..].chars().take(160).collect();
                wrong.push(format!("{surface} shows {forbidden}: {around}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let (_, metrics) = &surfaces[2];
    assert!(metrics.lines().filter(|line| !line.starts_with('#')).count() < 400, "series grow with what is sent");
    assert!(std::fs::read_dir(std::env::temp_dir()).unwrap().count() <= before + 8, "something was written");
}

#[test]
fn a_panic_shows_nothing_of_the_record() {
    let backend = Backend::start();
    let config = configuration(ALL, &backend, "")
        .replace("packs: [hipaa, clinical, secrets], ", crate::support::collector::FEW_RULES);
    let collector = Collector::start(&config, &[("SCRUBJAY_FAULT", "engine_panic:1".into())]);
    let body = log(&format!("Jos\u{e9} N\u{fa}\u{f1}ez ssn {SSN}")).encode_to_vec();
    let answer = collector.post("/v1/logs", &body);
    assert_eq!(answer.status, 503);
    collector.event("panicked");
    let shown = [collector.log(), collector.out(), answer.text()].concat();
    assert!(!shown.contains(SSN) && !shown.contains("\u{fa}\u{f1}ez"), "{shown}");
    assert!(backend.received().is_empty());
}

#[test]
fn mistakes_in_a_reload_quote_no_value_that_is_a_secret() {
    let secret = "s3cr3t-key-of-the-operator";
    let (code, out, err) = check(
        "receivers: { otlp: { protocols: { http: { auth: { bearer_token: [s3cr3t-key-of-the-operator] } } } } }\n\
         processors: { scrub: { pseudonym_key: { a: s3cr3t-key-of-the-operator }, packs: [secrets] } }\n\
         exporters: { otlp_http: { endpoint: 'ftp://s3cr3t-key-of-the-operator', headers: { x: [s3cr3t-key-of-the-operator] } } }\n\
         service: { pipelines: { logs: { receivers: [otlp], processors: [scrub], exporters: [otlp_http] } } }\n",
        &[],
        &[],
    );
    assert!(code == 1 && err.contains("config.yaml:1:") && !err.contains(secret) && !out.contains(secret), "{err}");
    let dir = tempfile::tempdir().unwrap();
    let pack = dir.path().join("site.yaml");
    std::fs::write(
        &pack,
        format!("rules:\n  - id: [{SSN}]\n    identifier: {SSN}\n    pattern: 7\n    matches: {SSN}\n"),
    )
    .unwrap();
    let output =
        command(&["check", "--set", &format!("processors::scrub::packs=['{}']", pack.display())]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && told.contains("site.yaml:") && !told.contains(SSN), "{told}");
}

#[test]
fn from_the_first_moment_what_leaves_is_scrubbed() {
    let backend = Backend::start();
    let place = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = configuration(ALL, &backend, "").replace(
        "http: { endpoint: '127.0.0.1:0' } } }\n  http_logs",
        &format!("http: {{ endpoint: '{place}' }} }} }}\n  http_logs"),
    );
    let collector = Collector::spawn(&config, &[]);
    let mut taken = 0;
    let until = std::time::Instant::now() + Duration::from_secs(30);
    while taken < 50 && std::time::Instant::now() < until {
        let answer = try_send(place, "POST", "/v1/logs", &[PROTO], &log(&format!("ssn {SSN}")).encode_to_vec());
        taken += usize::from(answer.is_some_and(|answer| answer.status == 200));
    }
    assert_eq!(taken, 50, "{}", collector.log());
    for request in backend.wait(50) {
        assert!(!String::from_utf8_lossy(&request.body).contains(SSN));
    }
}

/// Over chunks of every size, and at every place of a buffer of 64 KiB.
#[test]
fn a_number_at_every_edge_of_a_buffer_is_found() {
    let mut text = String::new();
    let mut planted = 0;
    for before in (0..SSN.len() + 2).chain([64, 100, 1000]) {
        // Lines end and begin around the edge, each time one letter further.
        let line = format!("{} ssn {SSN} ", "x".repeat((64 << 10) - 5 - before));
        text.push_str(&line);
        text.push('\n');
        planted += 1;
    }
    let output = crate::support::collector::feed(&mut command(&["scrub", "--set", FEW]), text.as_bytes());
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!((out.contains(SSN), out.matches("[REDACTED:ssn]").count()), (false, planted));
}

#[test]
fn what_is_allowed_allows_nothing_beside_it() {
    let output = crate::support::collector::feed(
        &mut command(&["scrub", "--allow-weakening", "--set", "processors::scrub::allow::values=['a@example.org']"]),
        format!("a@example.org and ssn {SSN}\n").as_bytes(),
    );
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(out.contains("a@example.org") && !out.contains(SSN), "{out} {}", String::from_utf8_lossy(&output.stderr));
}
