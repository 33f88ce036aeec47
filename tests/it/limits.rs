//! What peers may take: bytes, time, connections.

use crate::support::backend::Backend;
use crate::support::collector::{Collector, Setup};
use crate::support::eventually;
use crate::support::http::send;
use crate::support::sample::log;
use prost::Message as _;
use scrubjay::net::compress;
use scrubjay::settings::Compression;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

fn start(backend: &Backend, http: &str, service: &str) -> Collector {
    let mut setup = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url()));
    setup.http = format!("endpoint: '127.0.0.1:0', {http}");
    setup.service = service.into();
    setup.start()
}

#[test]
fn bombs_are_refused_and_cost_no_memory() {
    let backend = Backend::start();
    let collector = start(&backend, "max_request_bytes: 1MiB", "");
    let before = collector.metric("otelcol_process_memory_rss", &[]);
    let zeros = bytes::Bytes::from(vec![0; 256 << 20]);
    for (name, compression) in [("gzip", Compression::Gzip), ("zstd", Compression::Zstd)] {
        let bomb = compress(compression, &zeros).unwrap();
        let bomb = if bomb.len() > 1 << 20 { bomb.slice(..1 << 20) } else { bomb };
        for _ in 0..8 {
            let headers = [("content-type", "application/x-protobuf"), ("content-encoding", name)];
            assert_eq!(send(collector.http(), "POST", "/v1/logs", &headers, &bomb).status, 413, "{name}");
        }
    }
    let after = collector.metric("otelcol_process_memory_rss", &[]);
    assert!(after - before < 32e6, "{before} -> {after}");
    eventually("all bytes are given back", || (collector.metric("scrubjay_raw_bytes", &[]) == 0.0).then_some(()));
    assert_eq!(collector.metric("otelcol_receiver_refused_log_records_total", &[]), 16.0);
}

#[test]
fn an_oversize_request_is_refused_before_it_is_read() {
    let backend = Backend::start();
    let collector = start(&backend, "max_request_bytes: 64KiB", "");
    let headers = [("content-type", "application/x-protobuf"), ("content-length", "99999999")];
    let began = Instant::now();
    let mut stream = TcpStream::connect(collector.http()).unwrap();
    let head: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    stream.write_all(format!("POST /v1/logs HTTP/1.1\r\nhost: x\r\n{head}\r\n").as_bytes()).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
fn who_sends_too_much_hears_so_and_finds_no_broken_connection() {
    let backend = Backend::start();
    let collector = start(&backend, "max_request_bytes: 8MiB, auth: { bearer_token: sixteen-characters }", "");
    let body = vec![b'x'; 30 << 20];
    let auth = ("authorization", "Bearer sixteen-characters");
    for (headers, status) in [(vec![("content-type", "application/json"), auth], 413), (vec![auth], 415), (vec![], 401)]
    {
        for _ in 0..3 {
            assert_eq!(send(collector.http(), "POST", "/v1/logs", &headers, &body).status, status);
        }
    }
    assert_eq!(send(collector.http(), "POST", "/nothing", &[auth], &body).status, 404);
}

#[test]
fn without_room_for_raw_bytes_requests_are_asked_to_come_again() {
    let backend = Backend::start();
    let collector = start(&backend, "max_request_bytes: 1MiB", "  raw_budget: 100KiB\n");
    let body = log(&"x".repeat(200_000)).encode_to_vec();
    let answer = collector.post("/v1/logs", &body);
    assert_eq!(answer.status, 503);
    let wait: u64 = answer.header("retry-after").expect("a hint").parse().unwrap();
    assert!((1..=5).contains(&wait));
    assert_eq!(collector.post("/v1/logs", &log("small").encode_to_vec()).status, 200);
    assert_eq!(backend.wait(1).len(), 1);
}

#[test]
fn who_does_not_speak_is_hung_up_on() {
    let backend = Backend::start();
    let collector = start(&backend, "max_connections: 64", "");
    let silent = TcpStream::connect(collector.http()).unwrap();
    let mut half_preface = TcpStream::connect(collector.grpc()).unwrap();
    half_preface.write_all(b"PRI * HTTP/2.0\r\n").unwrap();
    let mut half_header = TcpStream::connect(collector.http()).unwrap();
    half_header.write_all(b"POST /v1/logs HTTP/1.1\r\nhost: x\r\nx-slow: ").unwrap();
    let began = Instant::now();
    for mut stream in [silent, half_preface, half_header] {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
    }
    let waited = began.elapsed();
    assert!(waited > Duration::from_secs(5) && waited < Duration::from_secs(16), "{waited:?}");
}
