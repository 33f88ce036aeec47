//! Sound input of every kind, small.

use crate::support::h2;
use crate::support::sample::{SSN, log, logs, metric, profile, trace};
use prost::Message as _;
use scrubjay::net::compress;
use scrubjay::settings::Compression;

/// What was once found, by target.
pub fn kept(target: &str) -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fuzz/regressions");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let named =
        files.iter().filter(|file| file.file_name().unwrap().to_str().unwrap().starts_with(&format!("{target}-")));
    named.map(|file| std::fs::read(file).unwrap()).collect()
}

fn texts() -> [String; 4] {
    [
        format!("patient ssn {SSN} called"),
        format!("GET /find?ssn=536%2D22%2D8147&q=\"a\" {{\"ssn\": \"{SSN}\", \"list\": [1, 2.5, null, {{\"mrn\": 47810926}}]}}"),
        "dump 73736e203533362d32322d38313437 blob=cGF0aWVudCBzc24gNTM2LTIyLTgxNDcgb2YgcmVjb3Jk".to_owned(),
        "MSH|^~\\&|A|B|C|D|20250101||ADT^A01|1|P|2.3\rPID|1||47810926||VELGORA^BINTU||19610203|F\rinsert into p (ssn) values ('536-22-8147')".to_owned(),
    ]
}

pub fn protobuf(signal: &str) -> Vec<Vec<u8>> {
    let of = |text: &String| match signal {
        "traces" => trace(text).encode_to_vec(),
        "logs" => log(text).encode_to_vec(),
        "metrics" => metric(text).encode_to_vec(),
        _ => profile(text).encode_to_vec(),
    };
    texts().iter().map(of).collect()
}

pub fn compressed(compression: Compression) -> Vec<Vec<u8>> {
    sound().into_iter().map(|body| compress(compression, &body.into()).unwrap().to_vec()).collect()
}

fn sound() -> Vec<Vec<u8>> {
    let long = logs(&["the same again"; 40]).encode_to_vec();
    protobuf("logs").into_iter().chain([long, vec![0; 100_000]]).collect()
}

pub fn deflated() -> Vec<Vec<u8>> {
    sound().iter().map(|body| deflate(body)).collect()
}

/// A zlib stream.
pub fn deflate(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = flate2::bufread::ZlibEncoder::new(body, flate2::Compression::fast());
    std::io::Read::read_to_end(&mut encoder, &mut out).unwrap();
    out
}

pub fn in_brotli() -> Vec<Vec<u8>> {
    sound().iter().zip([16, 18, 22, 24].iter().cycle()).map(|(body, window)| brotli(body, *window)).collect()
}

/// A body as Google's encoder writes it.
pub fn brotli(body: &[u8], window: i32) -> Vec<u8> {
    let params = brotli::enc::BrotliEncoderParams { lgwin: window, quality: 5, ..Default::default() };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &body[..], &mut out, &params).unwrap();
    out
}

pub fn json(signal: &str) -> Vec<Vec<u8>> {
    let [attributes, value] = [
        r#""attributes":[{"key":"patient.ssn","value":{"stringValue":"536-22-8147"}},{"key":"n","value":{"intValue":"7"}},{"key":"l","value":{"arrayValue":{"values":[{"doubleValue":1.5},{"boolValue":true},{"bytesValue":"AQID"},{"kvlistValue":{"values":[]}}]}}}]"#,
        r#"{"stringValue":"ssn 536-22-8147 \u00e9\ud83d\ude00"}"#,
    ];
    let whole = match signal {
        "traces" => format!(
            r#"{{"resourceSpans":[{{"resource":{{{attributes}}},"scopeSpans":[{{"scope":{{"name":"s"}},"spans":[{{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"x","kind":2,"startTimeUnixNano":"1","events":[{{"name":"e",{attributes}}}],"links":[{{"traceState":"a=b"}}],"status":{{"code":2,"message":"m"}}}}]}}]}}]}}"#
        ),
        "logs" => format!(
            r#"{{"resourceLogs":[{{"resource":{{{attributes}}},"scopeLogs":[{{"logRecords":[{{"timeUnixNano":"1","severityNumber":9,"severityText":"INFO","body":{value},{attributes}}}]}}],"schemaUrl":"u"}}]}}"#
        ),
        "metrics" => format!(
            r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{{"name":"m","unit":"1","sum":{{"dataPoints":[{{"asInt":"3",{attributes},"exemplars":[{{"asDouble":1.5}}]}}],"aggregationTemporality":1,"isMonotonic":true}}}},{{"name":"h","histogram":{{"dataPoints":[{{"count":"2","bucketCounts":["1","1"],"explicitBounds":[1.0]}}]}}}}]}}]}}]}}"#
        ),
        _ => r#"{"resourceProfiles":[{"scopeProfiles":[{"profiles":[{"profileId":"00112233445566778899aabbccddeeff","samples":[{"stackIndex":0,"values":["1"]}]}]}]}],"dictionary":{"stringTable":["","ssn 536-22-8147"]}}"#.to_owned(),
    };
    vec![whole.clone().into_bytes(), whole.replace(':', " : ").into_bytes(), b"{}".to_vec()]
}

pub fn records() -> Vec<Vec<u8>> {
    [
        r#"{"message":"ssn 536-22-8147","level":"warn","@timestamp":"2025-03-02T10:15:00Z","patient":{"mrn":47810926,"list":[1,2]}}"#,
        "{\"msg\":\"a\",\"time\":1700000000}\n{\"log\":\"b\",\"severity\":\"ERROR\"}\n",
        r#"[{"message":"one"},"two",{"status":"debug"}]"#,
        "plain line of ssn 536-22-8147\r\n\nanother\n{\"msg\":\"in json\"}\nlast",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

pub fn plain() -> Vec<Vec<u8>> {
    texts().map(String::into_bytes).to_vec()
}

pub fn yaml() -> Vec<Vec<u8>> {
    let config = include_bytes!("../../../config/gateway.yaml").to_vec();
    let pack = b"rules:\n  - id: site.badge\n    identifier: R\n    pattern: 'BDG-\\d{6}'\n    reference: x\n    matches: [ 'a [[BDG-482913]]', b ]\n    ignores: [ a, b ]\n";
    vec![config, pack.to_vec(), b"a: &x [1, {b: *x}]\nc: |\n  text\n  more\n? d\n: >-\n  e\n".to_vec()]
}

pub fn endpoints() -> Vec<Vec<u8>> {
    [
        "https://backend.example:4318/otlp",
        "127.0.0.1:4317",
        "[::1]:1",
        "gzip",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

pub fn http1() -> Vec<Vec<u8>> {
    let body = log(SSN).encode_to_vec();
    let head = |rest: &str| {
        format!("POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n{rest}\r\n").into_bytes()
    };
    let chunked = [format!("{:x}\r\n", body.len()).as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
    vec![
        [head(&format!("content-length: {}\r\n", body.len())), body.clone()].concat(),
        [head("transfer-encoding: chunked\r\n"), chunked].concat(),
        [head(&format!("content-encoding: gzip\r\ncontent-length: {}\r\n", body.len())), body.clone()].concat(),
        b"GET / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n\r\n".to_vec(),
    ]
}

pub fn http2() -> Vec<Vec<u8>> {
    let body = log(SSN).encode_to_vec();
    let settings = h2::frame(4, 0, 0, &[0, 4, 0, 1, 0, 0]);
    let request = [h2::frame(1, 4, 1, &h2::request()), h2::frame(0, 1, 1, &body)].concat();
    let more = [
        h2::frame(6, 0, 0, &[1; 8]),
        h2::frame(8, 0, 0, &[0, 0, 1, 0]),
        h2::frame(3, 0, 1, &[0, 0, 0, 8]),
        h2::frame(2, 0, 1, &[0; 5]),
    ]
    .concat();
    let split = [h2::frame(1, 1, 3, &h2::request()[..4]), h2::frame(9, 4, 3, &h2::request()[4..])].concat();
    [request, more, split].map(|frames| [h2::PREFACE, &settings, &frames].concat()).to_vec()
}

pub fn grpc_frames() -> Vec<Vec<u8>> {
    let body = log(SSN).encode_to_vec();
    let packed = compress(Compression::Gzip, &body.clone().into()).unwrap();
    vec![
        crate::support::grpc::frame(0, &body),
        crate::support::grpc::frame(1, &packed),
        crate::support::grpc::frame(0, b""),
    ]
}

pub fn authorization() -> Vec<Vec<u8>> {
    [
        "Bearer correct-horse-battery",
        "Basic bGFiczpob3JzZQ==",
        "Bearer eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Im9uZSJ9.eyJpc3MiOiJ4IiwiYXVkIjoieSIsImV4cCI6OTk5OTk5OTk5OX0.AAAA",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}
