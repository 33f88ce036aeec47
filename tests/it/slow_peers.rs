//! Peers that put things off, and peers that are too many: each is dealt with in its time, and honest ones never wait for them.

use crate::support::backend::Backend;
use crate::support::collector::{Collector, Setup};
use crate::support::eventually;
use crate::support::h2;
use crate::support::http::{send, try_send};
use crate::support::sample::log;
use prost::Message as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

const PROTO: &[(&str, &str)] = &[("content-type", "application/x-protobuf")];

fn start(backend: &Backend, listener: &str) -> Collector {
    let mut setup = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url()));
    setup.http = format!("endpoint: '127.0.0.1:0', {listener}");
    setup.grpc = setup.http.clone();
    setup.start()
}

/// What a peer does, in how many seconds its connection must be over, not sooner than, and what it must have heard.
type Peer = (&'static str, fn(&mut TcpStream), u64, u64, &'static [u8]);

const PEERS: &[Peer] = &[
    ("says nothing", |_| {}, 1, 4, b""),
    ("half a request line", |to| say(to, b"POST /v1/l"), 1, 4, b""),
    ("half a header", |to| say(to, b"POST /v1/logs HTTP/1.1\r\nhost: x\r\nx-slow: "), 1, 4, b""),
    (
        "a header by the byte",
        |to| drip(to, b"POST /v1/logs HTTP/1.1\r\nhost: x\r\nx-slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        1,
        6,
        b"",
    ),
    ("half a preface", |to| say(to, b"PRI * HTTP/2.0\r\n"), 1, 4, b""),
    ("one request and no other", |to| say(to, ONE), 1, 9, b"HTTP/1.1 200 "),
    ("one request and half of another", |to| say(to, &[ONE, b"POST /v1/logs HTT"].concat()), 1, 9, b"HTTP/1.1 200 "),
    ("a body that stops", |to| say(to, BODY), 8, 14, b"HTTP/1.1 503 "),
    (
        "a body by the byte",
        |to| {
            say(to, BODY);
            drip(to, &[b'x'; 60]);
        },
        8,
        18,
        b"HTTP/1.1 503 ",
    ),
    (
        "HTTP/2 and no request",
        |to| say(to, &[h2::PREFACE, &h2::frame(4, 0, 0, b"")].concat()),
        1,
        9,
        // Its settings come first.
        b"\0",
    ),
    (
        "HTTP/2 that lets no answer through",
        |to| {
            let closed_window = h2::frame(4, 0, 0, &[0, 4, 0, 0, 0, 0]);
            let request = h2::frame(1, 5, 1, &h2::request());
            say(to, &[h2::PREFACE, &closed_window, &request].concat());
        },
        1,
        12,
        b"\0",
    ),
    (
        "HTTP/2 with a body that never ends",
        |to| {
            let request = [h2::frame(1, 4, 1, &h2::request()), h2::frame(0, 0, 1, b"begins")].concat();
            say(to, &[h2::PREFACE, &h2::frame(4, 0, 0, b""), &request].concat());
        },
        8,
        24,
        b"\0",
    ),
];

const ONE: &[u8] =
    b"POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
const BODY: &[u8] =
    b"POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 500\r\n\r\nx";

fn say(to: &mut TcpStream, bytes: &[u8]) {
    to.write_all(bytes).unwrap();
}

fn drip(to: &mut TcpStream, bytes: &[u8]) {
    for byte in bytes {
        if to.write_all(&[*byte]).is_err() {
            return;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn every_way_to_put_things_off_has_its_deadline() {
    let backend = Backend::start();
    let collector = start(&backend, "read_header_timeout: 2s, idle_timeout: 2s");
    let to = collector.http();
    let peers: Vec<_> = PEERS
        .iter()
        .map(|(name, does, least, most, hears)| {
            std::thread::spawn(move || {
                let mut stream = TcpStream::connect(to).unwrap();
                stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
                let mut reader = stream.try_clone().unwrap();
                let began = Instant::now();
                let heard = std::thread::spawn(move || {
                    let mut heard = Vec::new();
                    let _reset = reader.read_to_end(&mut heard);
                    (heard, began.elapsed())
                });
                does(&mut stream);
                let (heard, waited) = heard.join().unwrap();
                let in_time = waited >= Duration::from_secs(*least) && waited <= Duration::from_secs(*most);
                (!in_time || !heard.starts_with(hears))
                    .then(|| format!("{name}: {waited:?} {:?}", String::from_utf8_lossy(&heard)))
            })
        })
        .collect();
    let honest = log("honest").encode_to_vec();
    for _ in 0..30 {
        let began = Instant::now();
        assert_eq!(send(to, "POST", "/v1/logs", PROTO, &honest).status, 200);
        assert!(began.elapsed() < Duration::from_millis(1500), "honest peers do not wait");
        std::thread::sleep(Duration::from_millis(100));
    }
    let wrong: Vec<String> = peers.into_iter().filter_map(|peer| peer.join().unwrap()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    eventually("no connection is left", || {
        (collector.metric("scrubjay_connections", &["\"otlp\""]) == 0.0).then_some(())
    });
    for reason in ["silent", "idle"] {
        let reason = format!("reason=\"{reason}\"");
        assert!(collector.metric("scrubjay_connections_closed_total", &[&reason]) >= 1.0, "{reason}");
    }
}

#[test]
fn headers_are_bounded_in_number_and_size() {
    let backend = Backend::start();
    let collector = start(&backend, "");
    let many: String = (0..200).map(|number| format!("x-{number}: y\r\n")).collect();
    let large = format!("x: {}\r\n", "y".repeat(200_000));
    let path = "a".repeat(200_000);
    for (name, request) in [
        ("many", format!("POST /v1/logs HTTP/1.1\r\nhost: x\r\n{many}\r\n")),
        ("large", format!("POST /v1/logs HTTP/1.1\r\nhost: x\r\n{large}\r\n")),
        ("a long path", format!("POST /{path} HTTP/1.1\r\nhost: x\r\n\r\n")),
    ] {
        let mut stream = TcpStream::connect(collector.http()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let _closed = stream.write_all(request.as_bytes());
        let mut heard = Vec::new();
        let _reset = stream.read_to_end(&mut heard);
        let heard = String::from_utf8_lossy(&heard);
        let status = heard.split(' ').nth(1).unwrap_or("none").to_owned();
        assert!(["414", "431", "none"].contains(&status.as_str()), "{name}: {heard}");
    }
    assert_eq!(collector.post("/v1/logs", &log("x").encode_to_vec()).status, 200);
}

/// What two readers could read as different requests: one answer at most, and nothing after it on this connection.
#[test]
fn no_request_is_hidden_in_another() {
    let backend = Backend::start();
    let collector = start(&backend, "read_header_timeout: 2s, idle_timeout: 2s");
    let head = "POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n";
    let hidden =
        "POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
    for (name, rest) in [
        ("two lengths", format!("content-length: 0\r\ncontent-length: {}\r\n\r\n{hidden}", hidden.len())),
        ("a list of lengths", format!("content-length: 0, {}\r\n\r\n{hidden}", hidden.len())),
        ("a signed length", format!("content-length: +{}\r\n\r\n{hidden}", hidden.len())),
        (
            "a length and chunks",
            format!("content-length: {}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{hidden}", hidden.len()),
        ),
        ("chunks that are not last", format!("transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n{hidden}")),
        ("chunks by another name", format!("transfer-encoding: xchunked\r\n\r\n0\r\n\r\n{hidden}")),
        ("a space before the colon", format!("content-length : 0\r\n\r\n{hidden}")),
        ("a chunk of no size", format!("transfer-encoding: chunked\r\n\r\n\r\n{hidden}")),
        ("a chunk of a size too large", format!("transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n{hidden}")),
        ("a folded header", format!("x: y\r\n content-length: 0\r\n\r\n{hidden}")),
        ("a null in a header", format!("x: a\0b\r\ncontent-length: 0\r\n\r\n{hidden}")),
    ] {
        let mut stream = TcpStream::connect(collector.http()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(format!("{head}{rest}").as_bytes()).unwrap();
        let mut heard = Vec::new();
        let _reset = stream.read_to_end(&mut heard);
        let heard = String::from_utf8_lossy(&heard);
        let answers: Vec<&str> = heard.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
        // RFC 9112, 6.3: of both a length and chunks, chunks count, and the connection ends with the answer.
        let chunks = name == "a length and chunks" && answers == ["200"];
        // A body that breaks off is a connection that breaks.
        let broken = name.starts_with("a chunk") && answers == ["503"];
        assert!(chunks || broken || matches!(answers.as_slice(), [] | ["400"] | ["501"]), "{name}: {answers:?}");
    }
}

fn fill(to: SocketAddr, count: usize) -> Vec<TcpStream> {
    (0..count).map(|_| TcpStream::connect(to).unwrap()).collect()
}

#[test]
fn the_connection_too_many_is_told_to_come_later() {
    let backend = Backend::start();
    for (limit, listener) in
        [("all", "max_connections: 3"), ("of one peer", "max_connections: 50, max_connections_per_peer: 3")]
    {
        let collector = start(&backend, listener);
        let body = log("x").encode_to_vec();
        let held = [fill(collector.http(), 3), fill(collector.grpc(), 3)];
        let refused = eventually(limit, || {
            try_send(collector.http(), "POST", "/v1/logs", PROTO, &body).filter(|answer| answer.status == 503)
        });
        let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=5).contains(&wait) && refused.header("connection") == Some("close"));
        // Over HTTP/2: settings, and go away, of which no stream was looked at.
        let mut stream = h2::open(collector.grpc(), b"");
        let mut heard = Vec::new();
        let _reset = stream.read_to_end(&mut heard);
        assert_eq!(heard, [h2::frame(4, 0, 0, b""), h2::frame(7, 0, 0, &[0; 8])].concat(), "{limit}");
        assert!(collector.metric("scrubjay_connections_refused_total", &[]) >= 2.0);
        drop(held);
        eventually("there is room again", || {
            try_send(collector.http(), "POST", "/v1/logs", PROTO, &body).filter(|answer| answer.status == 200)
        });
    }
}

#[test]
fn without_file_descriptors_the_loop_goes_on() {
    let backend = Backend::start();
    let setup = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url()));
    let collector = Collector::start_with_files(48, &setup.config());
    let to = collector.http();
    let held = fill(to, 60);
    let failed = collector.event("accept_failed");
    assert_eq!(failed["component"], "otlp");
    std::thread::sleep(Duration::from_secs(1));
    drop(held);
    let body = log("x").encode_to_vec();
    let began = Instant::now();
    eventually("it takes requests again", || {
        try_send(to, "POST", "/v1/logs", PROTO, &body).filter(|answer| answer.status == 200)
    });
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    // A line each 100 ms would fill a disk.
    assert!(collector.events("accept_failed").len() <= 4, "{}", collector.events("accept_failed").len());
}
