//! What is sent to a collector: heads, protobuf, JSON, compression, calls.

use super::{
    AUTH, Expected, JSON, MALFORMED, NO_ENCODING, NO_KIND, NO_METHOD, NO_PATH, NO_TOKEN, PROTO, Row, Sent, TOO_LARGE,
};
use crate::support::grpc::{frame, method};
use crate::support::sample::{REDACTED, SSN, every, log, trace};
use opentelemetry_proto::tonic::common::v1::AnyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use prost::Message as _;
use scrubjay::net::compress;
use scrubjay::settings::Compression;
use std::io::Write as _;

type Head = (&'static str, &'static str);

fn http(
    what: &str,
    method: &'static str,
    path: &str,
    headers: &[Head],
    body: impl Into<Vec<u8>>,
    expected: Expected,
) -> Row {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Row { what: format!("http: {what}"), sent: Sent::Http(method, path.to_owned(), headers, body.into()), expected }
}

fn call(what: &str, path: &str, headers: &[Head], body: impl Into<Vec<u8>>, expected: Expected) -> Row {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Row { what: format!("grpc: {what}"), sent: Sent::Grpc(path.to_owned(), headers, body.into()), expected }
}

/// The same message over both protocols.
fn both(what: &str, path: &str, signal: &str, message: &[u8], expected: Expected) -> [Row; 2] {
    [
        http(what, "POST", path, &[PROTO, AUTH], message, expected),
        call(what, method(signal), &[AUTH], frame(0, message), expected),
    ]
}

/// Logs over both protocols.
fn logs(what: &str, message: &[u8], expected: Expected) -> [Row; 2] {
    both(what, "/v1/logs", "logs", message, expected)
}

fn good() -> Vec<u8> {
    log(&format!("ssn {SSN}")).encode_to_vec()
}

/// Larger than is taken.
fn large() -> Vec<u8> {
    log(&format!("{SSN} ").repeat(10_000)).encode_to_vec()
}

/// A field with a length.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    prost::encoding::encode_varint(content.len() as u64, &mut out);
    out.extend_from_slice(content);
    out
}

/// A list in a list and so on, the number in the innermost.
fn nested(depth: usize) -> Vec<u8> {
    let mut value = AnyValue { value: Some(Value::StringValue(SSN.into())) }.encode_to_vec();
    for _ in 0..depth {
        value = field(5, &field(1, &value));
    }
    let record = [field(5, &value), field(3, b"kept")].concat();
    field(1, &field(2, &field(2, &record)))
}

pub(super) fn heads() -> Vec<Row> {
    let post = |what: &str, headers: &[Head], expected| http(what, "POST", "/v1/logs", headers, good(), expected);
    let long = "536-22-8147 ".repeat(10_000);
    let mut too_long = post("a header of 120 kB", &[PROTO, AUTH], Expected::Refused(431, -1, ""));
    if let Sent::Http(_, _, headers, _) = &mut too_long.sent {
        headers.push(("x-note", long));
    }
    vec![
        post("another content type", &[("content-type", "text/plain; x=536-22-8147"), AUTH], NO_KIND),
        post("no content type", &[AUTH], NO_KIND),
        post("gRPC at the port of HTTP", &[("content-type", "application/grpc"), AUTH], NO_KIND),
        post("two content types", &[PROTO, ("Content-Type", "application/x-protobuf"), AUTH], NO_KIND),
        post("another encoding", &[JSON, AUTH, ("content-encoding", "compress")], NO_ENCODING),
        post("two encodings", &[PROTO, AUTH, ("content-encoding", "gzip, gzip")], NO_ENCODING),
        post(
            "an encoding twice",
            &[PROTO, AUTH, ("content-encoding", "gzip"), ("Content-Encoding", "gzip")],
            NO_ENCODING,
        ),
        http("a path below", "POST", "/v1/logs/536-22-8147", &[PROTO, AUTH], good(), NO_PATH),
        http("a path of another protocol", "POST", "/v0.4/traces", &[JSON, AUTH], good(), NO_PATH),
        http("a slash too many", "POST", "/v1/logs/", &[PROTO, AUTH], good(), NO_PATH),
        http("a method without a body", "GET", "/v1/logs?ssn=536-22-8147", &[PROTO, AUTH], b"", NO_METHOD),
        http("another method", "PUT", "/v1/logs", &[JSON, AUTH], good(), NO_METHOD),
        post("no token", &[PROTO], NO_TOKEN),
        post("another token", &[JSON, ("authorization", "Bearer sixteen-character5")], NO_TOKEN),
        post("a number for a token", &[PROTO, ("authorization", "Bearer 536-22-8147")], NO_TOKEN),
        post("another scheme", &[PROTO, ("authorization", "Basic c2l4dGVlbg==")], NO_TOKEN),
        post("two tokens", &[PROTO, AUTH, ("Authorization", "Bearer 536-22-8147")], NO_TOKEN),
        http("oversize protobuf", "POST", "/v1/logs", &[PROTO, AUTH], large(), TOO_LARGE),
        http("oversize JSON", "POST", "/v1/logs", &[JSON, AUTH], large(), TOO_LARGE),
        too_long,
    ]
}

pub(super) fn protobuf() -> Vec<Row> {
    let mut rows = Vec::new();
    for (path, signal, message) in every(&format!("ssn {SSN}")) {
        let cut = &message[..message.len() - 1];
        rows.extend(both(&format!("{signal} cut at the end"), path, signal, cut, MALFORMED));
        let text = format!("ssn {SSN}");
        rows.extend(both(&format!("a text for {signal}"), path, signal, text.as_bytes(), MALFORMED));
        // As an unknown field it goes; the rest of the message arrives.
        let with_group = [&message[..], &[0xA3, 0x06], &field(1, SSN.as_bytes()), &[0xA4, 0x06]].concat();
        let marker = if signal == "profiles" { "redacted_ssn_k" } else { REDACTED };
        rows.extend(both(&format!("{signal} and a group"), path, signal, &with_group, Expected::Taken(marker)));
    }
    let record = |fields: &[u8]| field(1, &field(2, &field(2, fields)));
    let body = field(5, &field(1, SSN.as_bytes()));
    let tail = |bytes: &[u8]| [&good()[..], bytes].concat();
    for (what, message) in [
        ("a varint of eleven bytes", tail(&[0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01])),
        ("a varint that does not end", tail(&[0x08, 0xFF])),
        ("a length of 2^63", tail(&[0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F])),
        ("a length beyond the end", tail(&[0x0A, 0x7F, b'5'])),
        ("a field with the number 0", tail(&[0x02, 0x00])),
        ("a wire type that there is not", tail(&[0x0E, 0x00])),
        ("a group without an end", tail(&[0xA3, 0x06, 0x08, 0x01])),
        ("the end of another group", tail(&[0xA3, 0x06, 0xAC, 0x06])),
        ("an end without a group", tail(&[0xA4, 0x06])),
        ("a hundred groups in each other", tail(&[[0xA3, 0x06].repeat(100), [0xA4, 0x06].repeat(100)].concat())),
        ("a number of four bytes cut", tail(&[0x0D, 0x00, 0x00])),
        ("a broken message inside a sound one", record(&[&body[..], &[0x12, 0x7F]].concat())),
        ("a broken value", record(&field(5, &[&field(1, SSN.as_bytes())[..], &[0xFF]].concat()))),
    ] {
        rows.extend(logs(what, &message, MALFORMED));
    }
    let invalid = [b"ssn ".as_slice(), SSN.as_bytes(), b" \xFF\xFE\xC0\xAF end"].concat();
    for (what, message, part) in [
        ("a text that is no UTF-8", record(&field(5, &field(1, &invalid))), REDACTED),
        // What is of another type than its field is no field that anyone knows: it goes.
        ("a body of another wire type", record(&[&[0x28, 0x07][..], &body, &field(3, b"kept")].concat()), "kept"),
        ("a severity of another wire type", record(&[&body[..], &field(2, SSN.as_bytes())].concat()), REDACTED),
        ("a request of another wire type", tail(&[0x08, 0x01]), REDACTED),
        ("fields that nobody knows", record(&[&body[..], &field(15, SSN.as_bytes())].concat()), REDACTED),
        ("a body that stands twice", record(&[&body[..], &body[..]].concat()), REDACTED),
        ("lists nested 200 deep", nested(200), "[UNSCANNED]"),
        ("lists nested 5,000 deep", nested(5000), "[UNSCANNED]"),
        ("a trace id of 11 bytes", record(&[&body[..], &field(9, SSN.as_bytes())].concat()), REDACTED),
    ] {
        rows.extend(logs(what, &message, Expected::Taken(part)));
    }
    rows.extend(logs("oversize", &large(), TOO_LARGE));
    rows
}

/// A log record in JSON.
fn record(fields: &str) -> String {
    format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{{fields}}}]}}]}}]}}"#)
}

pub(super) fn json() -> Vec<Row> {
    let text = |text: &str| format!(r#""body":{{"stringValue":"{text}"}}"#);
    let body = text(SSN);
    let deep = |depth: usize| {
        let (open, close) = (r#"{"arrayValue":{"values":["#.repeat(depth), "]}}".repeat(depth));
        record(&format!(r#""severityText":"kept","body":{open}{{"stringValue":"{SSN}"}}{close}"#))
    };
    let mut rows = Vec::new();
    for (what, document) in [
        ("no JSON", format!("ssn {SSN}")),
        ("cut", format!("{{\"resourceLogs\": [{{\"x\": \"{SSN}\"")),
        ("more behind the end", format!("{} {SSN}", record(&body))),
        ("a comma too many", record(&format!("{body},"))),
        ("a number that is none", record(&format!(r#""severityNumber":536-22-8147,{body}"#))),
        ("a list", format!("[\"{SSN}\"]")),
        ("a text", format!("\"{SSN}\"")),
        ("null", "null".to_owned()),
        ("half a surrogate pair", record(&text(&format!("\\ud800 {SSN}")))),
        ("a raw line break in a text", record(&text(&format!("{SSN}\n")))),
        ("brackets nested 500 deep", format!("{}\"{SSN}\"{}", "[".repeat(500), "]".repeat(500))),
        ("brackets nested 30,000 deep", "[".repeat(30_000)),
        ("values nested 200 deep", deep(200)),
        ("an object for a list", format!(r#"{{"resourceLogs":{{"{SSN}":1}}}}"#)),
        ("a number for an object", r#"{"resourceLogs":[5362281]}"#.to_owned()),
        ("a number for a text", record(r#""body":{"stringValue":5362281}"#)),
        ("a text for a boolean", record(&format!(r#""body":{{"boolValue":"{SSN}"}}"#))),
        ("a text for a number", record(&format!(r#""body":{{"intValue":"{SSN}"}}"#))),
        ("a number out of range", record(&format!(r#""flags":-1,{body}"#))),
        ("half a number", record(&format!(r#""severityNumber":1.5,{body}"#))),
        ("a name for an enumeration", record(&format!(r#""severityNumber":"SEVERITY_NUMBER_INFO",{body}"#))),
        ("an id that is not hexadecimal", record(&format!(r#""traceId":"{SSN}",{body}"#))),
        ("bytes that are not base64", record(r#""body":{"bytesValue":"536-22-8147!"}"#)),
    ] {
        rows.push(http(&format!("JSON: {what}"), "POST", "/v1/logs", &[JSON, AUTH], document, MALFORMED));
    }
    let invalid = [record(&body).as_bytes(), b"\xFF"].concat();
    rows.push(http("JSON: no UTF-8", "POST", "/v1/logs", &[JSON, AUTH], invalid, MALFORMED));
    let traces = trace(SSN).encode_to_vec();
    rows.push(http("JSON: protobuf under its name", "POST", "/v1/traces", &[JSON, AUTH], traces, MALFORMED));
    for (what, document, part) in [
        ("a body twice", record(&format!("{body},{}", text(&format!("ssn {SSN} second")))), "[REDACTED:ssn] second"),
        (
            "a value with two types",
            record(&format!(r#""severityText":"kept","body":{{"stringValue":"{SSN}","intValue":"7"}}"#)),
            "kept",
        ),
        ("names that nobody knows", record(&format!(r#"{body},"note":{{"{SSN}":["{SSN}"]}}"#)), REDACTED),
        ("names in snake case", record(&format!(r#"{body},"severity_text":"{SSN}""#)), REDACTED),
        ("values nested 60 deep", deep(60), "[UNSCANNED]"),
    ] {
        rows.push(http(&format!("JSON: {what}"), "POST", "/v1/logs", &[JSON, AUTH], document, Expected::Taken(part)));
    }
    rows
}

fn pack(encoding: &str, bytes: &[u8]) -> Vec<u8> {
    let compression = if encoding == "gzip" { Compression::Gzip } else { Compression::Zstd };
    compress(compression, &bytes.to_vec().into()).unwrap().to_vec()
}

/// A zstd frame that asks for a window of 128 MiB.
fn huge_window() -> Vec<u8> {
    let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(27).unwrap();
    encoder.include_contentsize(false).unwrap();
    // More than one block, so that the frame is not written as a single segment.
    for _ in 0..64 {
        encoder.write_all(&log(&format!("{SSN} ").repeat(1000)).encode_to_vec()).unwrap();
    }
    encoder.finish().unwrap()
}

pub(super) fn packed() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = |encoding: &'static str, what: &str, body: Vec<u8>, expected| {
        let what = format!("{encoding}: {what}");
        let headers = [PROTO, AUTH, ("content-encoding", encoding)];
        rows.push(http(&what, "POST", "/v1/logs", &headers, body.clone(), expected));
        rows.push(call(&what, method("logs"), &[AUTH, ("grpc-encoding", encoding)], frame(1, &body), expected));
    };
    let bomb = format!("{SSN} ").repeat(1 << 20);
    for encoding in ["gzip", "zstd"] {
        let whole = pack(encoding, &good());
        row(encoding, "not compressed", good(), MALFORMED);
        row(encoding, "cut", whole[..whole.len() - 3].to_vec(), MALFORMED);
        row(encoding, "damaged", [&whole[..whole.len() / 2], &whole[whole.len() / 2 + 1..]].concat(), MALFORMED);
        row(encoding, "garbage behind it", [&whole[..], b"ssn 536-22-8147"].concat(), MALFORMED);
        row(encoding, "too large when inflated", pack(encoding, &large()), TOO_LARGE);
        row(encoding, "a bomb", pack(encoding, bomb.as_bytes()), TOO_LARGE);
        row(
            encoding,
            "a bomb of many parts",
            pack(encoding, &log(&format!("{SSN} ").repeat(400)).encode_to_vec()).repeat(30),
            TOO_LARGE,
        );
        row(encoding, "a text", pack(encoding, format!("ssn {SSN}").as_bytes()), MALFORMED);
        let parts = [pack(encoding, &good()[..9]), pack(encoding, &good()[9..])].concat();
        row(encoding, "two parts, which are one", parts, Expected::Taken(REDACTED));
    }
    row("zstd", "a window of 128 MiB", huge_window(), MALFORMED);
    row("zstd", "gzip under its name", pack("gzip", &good()), MALFORMED);
    row("gzip", "zstd under its name", pack("zstd", &good()), MALFORMED);
    let document = record(&format!(r#""body":{{"stringValue":"{SSN}"#));
    let headers = [JSON, AUTH, ("content-encoding", "gzip")];
    rows.push(http(
        "gzip: JSON that is cut",
        "POST",
        "/v1/logs",
        &headers,
        pack("gzip", document.as_bytes()),
        MALFORMED,
    ));
    let large = record(&format!(r#""body":{{"stringValue":"{}"}}"#, format!("{SSN} ").repeat(10_000)));
    rows.push(http("gzip: JSON too large", "POST", "/v1/logs", &headers, pack("gzip", large.as_bytes()), TOO_LARGE));
    rows
}

pub(super) fn calls() -> Vec<Row> {
    let logs = method("logs");
    let other = "/opentelemetry.proto.collector.logs.v1.LogsService/536-22-8147";
    vec![
        call("no frame", logs, &[AUTH], b"", MALFORMED),
        call("half a frame's head", logs, &[AUTH], b"\0\0\0", MALFORMED),
        call("less than the frame says", logs, &[AUTH], frame(0, &good())[..30].to_vec(), MALFORMED),
        call("more than the frame says", logs, &[AUTH], [&frame(0, &good())[..], b"5"].concat(), MALFORMED),
        call("two messages", logs, &[AUTH], frame(0, &good()).repeat(2), MALFORMED),
        call("compressed without a name for it", logs, &[AUTH], frame(1, &good()), MALFORMED),
        call("a flag that there is not", logs, &[AUTH], frame(2, &good()), MALFORMED),
        call("a frame of 4 GiB", logs, &[AUTH], [&[0, 0xFF, 0xFF, 0xFF, 0xFF], SSN.as_bytes()].concat(), TOO_LARGE),
        call("oversize", logs, &[AUTH], frame(0, &large()), TOO_LARGE),
        call("another encoding", logs, &[AUTH, ("grpc-encoding", "snappy")], frame(1, &good()), NO_ENCODING),
        call("another method", other, &[AUTH], frame(0, &good()), NO_PATH),
        call("a path of HTTP", "/v1/logs", &[AUTH], frame(0, &good()), NO_PATH),
        call("no token", logs, &[], frame(0, &good()), NO_TOKEN),
        call("another token", logs, &[("authorization", "Bearer 536-22-8147")], frame(0, &good()), NO_TOKEN),
    ]
}
