//! Backends of gRPC that are none, backends that echo, that take a part, that fall silent, that move, whose certificate runs out.

use crate::support::backend::{Backend, Say};
use crate::support::between::{Between, Fate};
use crate::support::ca::Authority;
use crate::support::collector::{Collector, Setup};
use crate::support::eventually;
use crate::support::grpc;
use crate::support::h2::frame;
use crate::support::sample::{SSN, bodies, log, logs};
use prost::Message as _;
use std::collections::{BTreeMap, HashMap};
use std::net::{SocketAddr, TcpListener, ToSocketAddrs as _};
use std::time::{Duration, Instant, SystemTime};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

const FAST: &str = "timeout: 1s, retry_on_failure: { initial_interval: 50ms, max_interval: 200ms }, sending_queue: { num_consumers: 1 }";
/// How soon what waited is delivered once it can be.
const SOON: Duration = Duration::from_secs(5);

fn post(collector: &Collector, text: &str) {
    assert_eq!(collector.post("/v1/logs", &log(text).encode_to_vec()).status, 200);
}

fn arrived(backend: &Backend) -> Vec<String> {
    backend.taken().iter().flat_map(|request| bodies(&request.body)).collect()
}

/// Fields without Huffman coding and without the table.
fn fields(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            // A length of seven bits, and what is beyond them.
            let mut len = text.len();
            if len < 127 {
                block.push(u8::try_from(len).unwrap());
            } else {
                block.push(127);
                len -= 127;
                while len >= 128 {
                    block.push(u8::try_from(len % 128).unwrap() | 128);
                    len /= 128;
                }
                block.push(u8::try_from(len).unwrap());
            }
            block.extend(text.as_bytes());
        }
    }
    block
}

/// What servers that are no backends say.
fn speeches() -> Vec<(&'static str, Vec<u8>)> {
    let settings = [frame(4, 0, 0, b""), frame(4, 1, 0, b"")].concat();
    let begin = frame(1, 4, 1, &fields(&[(":status", "200"), ("content-type", "application/grpc")]));
    let ends = |last: &[(&str, &str)]| [&settings[..], &begin, &frame(1, 5, 1, &fields(last))].concat();
    let message = |head: &[u8], body: &[u8]| [&settings[..], &begin, &frame(0, 0, 1, &[head, body].concat())].concat();
    let bomb = scrubjay::net::compress(scrubjay::settings::Compression::Gzip, &vec![0; 64 << 20].into()).unwrap();
    let mut endless = [&settings[..], &frame(1, 0, 1, &fields(&[(":status", "200")]))].concat();
    for number in 0..2_000 {
        let name = format!("x-{number}");
        endless.extend(frame(9, 0, 1, &fields(&[(name.as_str(), &"y".repeat(2_000))])));
    }
    let mut data = [&settings[..], &begin].concat();
    data.extend(frame(0, 0, 1, b"").repeat(300_000));
    let details = |value: &'static str| ends(&[("grpc-status", "14"), ("grpc-status-details-bin", value)]);
    vec![
        ("details that are no base64", details("536-22-8147 !")),
        ("details that are base64 of nothing", details("NTM2LTIyLTgxNDc")),
        (
            "details at once that are no base64",
            [
                &settings[..],
                &frame(
                    1,
                    5,
                    1,
                    &fields(&[(":status", "200"), ("grpc-status", "14"), ("grpc-status-details-bin", "%%%")]),
                ),
            ]
            .concat(),
        ),
        ("a status that is none", ends(&[("grpc-status", "536-22-8147")])),
        ("a status that there is not", ends(&[("grpc-status", "99"), ("grpc-message", SSN)])),
        ("a message of invalid letters", ends(&[("grpc-status", "14"), ("grpc-message", "%FF%FE 536-22-8147")])),
        ("no status", ends(&[("x-status", SSN)])),
        ("a long message", ends(&[("grpc-status", "14"), ("grpc-message", &"536-22-8147 ".repeat(5_000))])),
        ("a message that is compressed without a word", message(&[1, 0, 0, 255, 255], &bomb[..60_000])),
        ("half a message", message(&[0, 0, 0, 1, 0], b"536-22-8147")),
        ("endless headers", endless),
        ("endless empty data", data),
        ("goes away", [&settings[..], &frame(7, 0, 0, &[0; 8])].concat()),
        ("resets", [&settings[..], &frame(3, 0, 1, &[0, 0, 0, 2])].concat()),
        ("pushes", [&settings[..], &frame(5, 4, 1, &[0, 0, 0, 2, 0x82])].concat()),
        ("frames that are none", [&settings[..], &[0xFF; 4096]].concat()),
        ("HTTP/1", b"HTTP/1.1 400 Bad\r\ncontent-length: 11\r\n\r\n536-22-8147".to_vec()),
        ("an alert of TLS", [&[21, 3, 3, 0, 2, 2, 40][..], SSN.as_bytes()].concat()),
        ("nothing", Vec::new()),
    ]
}

#[test]
fn whatever_a_server_of_grpc_says_the_batch_goes_to_the_next_that_is_a_backend() {
    let tests: Vec<_> =
        speeches()
            .into_iter()
            .map(|(name, speech)| {
                std::thread::spawn(move || {
                    let backend = Backend::start();
                    let between = Between::start(backend.address, move |number| {
                        if number < 2 { Fate::Say(speech.clone()) } else { Fate::Forward }
                    });
                    let url = format!("http://{}", between.address);
                    let collector = Setup::new("otlp_grpc", &format!("endpoint: '{url}', {FAST}")).start();
                    let before = collector.metric("otelcol_process_memory_rss", &[]);
                    let began = Instant::now();
                    post(&collector, "a record");
                    eventually(name, || (arrived(&backend) == ["a record"]).then_some(()));
                    assert!(began.elapsed() < SOON, "{name}: {:?}", began.elapsed());
                    let after = collector.metric("otelcol_process_memory_rss", &[]);
                    assert!(after - before < 10e6, "{name}: {before} -> {after}");
                    for event in ["dropped", "lost", "panicked", "ticket_dropped"] {
                        assert!(collector.events(event).is_empty(), "{name}: {event}");
                    }
                    let shown = [collector.log(), collector.out(), collector.metrics()].concat();
                    assert!(!shown.contains("536-22"), "{name}");
                    // Who sends goes on.
                    post(&collector, "another");
                    eventually(name, || (arrived(&backend).len() == 2).then_some(()));
                })
            })
            .collect();
    let failed = tests.into_iter().filter_map(|test| test.join().err()).count();
    assert_eq!(failed, 0);
}

/// In every place in which a backend can say something.
#[test]
fn what_a_backend_echoes_is_nowhere() {
    let echo = |code: Code| {
        let mut metadata = tonic::metadata::MetadataMap::new();
        metadata.insert("x-echo", SSN.parse().unwrap());
        metadata.insert_bin("x-echo-bin", tonic::metadata::MetadataValue::from_bytes(SSN.as_bytes()));
        let details = ErrorDetails::with_error_info(SSN, SSN, HashMap::from([(SSN.to_owned(), SSN.to_owned())]));
        let details = bytes::Bytes::copy_from_slice(Status::with_error_details(code, SSN, details).details());
        Status::with_details_and_metadata(code, SSN, details, metadata)
    };
    for code in 1..=16 {
        let code = Code::from(code);
        let (backend, status) = (
            Backend::script({
                let status = echo(code);
                move |number, _| if number < 3 { Say::Grpc(status.clone()) } else { Say::Ok }
            }),
            code as i32,
        );
        let mut setup = Setup::new("otlp_grpc", &format!("endpoint: '{}', {FAST}", backend.url()));
        setup.scrub = "ack: delivered, pseudonym_key: 0123456789abcdef0123456789abcdef".into();
        let collector = setup.start();
        // What the client hears is that it is done, or that a backend refuses it.
        let called = grpc::call(collector.grpc(), grpc::method("logs"), &[], grpc::frame(0, &log("x").encode_to_vec()));
        let heard = format!("{called:?}");
        let shown = [collector.log(), collector.out(), collector.metrics(), collector.health().text(), heard].concat();
        for form in ["536-22", "NTM2LTIy", "3533362d3232"] {
            assert!(!shown.contains(form), "{status}: {form}");
        }
        assert!(collector.events("panicked").is_empty());
    }
}

/// Part of what is sent is refused, another part each time: the sums are right to the record.
#[test]
fn partial_successes_are_counted_to_the_record() {
    for kind in ["otlp_http", "otlp_grpc"] {
        let refuses = |number: usize, of: u64| {
            let scattered = (number as u64 + 7).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
            scattered % (of + 1)
        };
        let backend = Backend::script(move |number, request| {
            let rejected = refuses(number, bodies(&request.body).len() as u64);
            let mut partial = vec![0x08];
            prost::encoding::encode_varint(rejected, &mut partial);
            Say::Partial([&[0x0a, u8::try_from(partial.len()).unwrap()][..], &partial].concat())
        });
        let collector = Setup::new(kind, &format!("endpoint: '{}', {FAST}", backend.url())).start();
        let mut all = 0;
        for number in 0..100usize {
            let texts: Vec<String> = (0..1 + number * 7 % 41).map(|text| format!("{number} {text}")).collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            all += texts.len() as u64;
            assert_eq!(collector.post("/v1/logs", &logs(&texts).encode_to_vec()).status, 200);
        }
        let received = backend.wait(100);
        let rejected: u64 =
            received.iter().enumerate().map(|(number, one)| refuses(number, bodies(&one.body).len() as u64)).sum();
        assert!(rejected > all / 4 && rejected < all);
        eventually("all are counted", || {
            let sent = collector.metric("otelcol_exporter_sent_log_records_total", &[]);
            let refused = collector.metric("scrubjay_exporter_rejected_records_total", &[]);
            (sent == (all - rejected) as f64 && refused == rejected as f64).then_some(())
        });
        assert_eq!(backend.received().len(), 100, "nothing is sent twice");
    }
}

/// A certificate of the backend's runs out while batches go to it, and is replaced.
#[test]
fn a_certificate_that_runs_out_is_waited_for_and_nothing_is_lost() {
    let tests = ["otlp_http", "otlp_grpc"].map(|kind| std::thread::spawn(move || runs_out(kind)));
    let failed = tests.into_iter().filter_map(|test| test.join().err()).count();
    assert_eq!(failed, 0);
}

fn runs_out(kind: &str) {
    let dir = tempfile::tempdir().unwrap();
    let ours = Authority::new(dir.path(), "ours");
    let until = SystemTime::now() + Duration::from_secs(12);
    let shown = ours.vouch_until("backend", 1, &["localhost"], until);
    let backend = Backend::start();
    let mut inner =
        Setup::new("otlp_http", &format!("endpoint: '{}', sending_queue: {{ num_consumers: 1 }}", backend.url()));
    let tls = format!("tls: {{ cert_file: '{}', key_file: '{}' }}", shown.cert, shown.key);
    inner.http = format!("endpoint: '127.0.0.1:0', idle_timeout: 1s, {tls}");
    inner.grpc = inner.http.clone();
    let inner = inner.start();
    let port = if kind == "otlp_http" { inner.http().port() } else { inner.grpc().port() };
    let trust = format!("tls: {{ ca_file: '{}' }}", ours.file);
    let outer = Setup::new(
        kind,
        &format!("endpoint: 'https://localhost:{port}', {trust}, {}", FAST.replace("timeout: 1s", "timeout: 20s")),
    )
    .start();
    post(&outer, "before");
    eventually("while it is good", || (arrived(&backend) == ["before"]).then_some(()));
    let left = until.duration_since(SystemTime::now()).unwrap_or_default();
    // What connections there are, are closed by then: the next one shows what has run out.
    std::thread::sleep(left + Duration::from_secs(2));
    for text in ["first", "second", "third"] {
        post(&outer, text);
    }
    assert_eq!(outer.event("retrying")["reason"], "unreachable", "{kind}");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(arrived(&backend), ["before"], "{kind}: it was believed after its time");
    let next = ours.vouch("next", 2, &["localhost"], (2020, 2090));
    std::fs::copy(&next.key, &shown.key).unwrap();
    std::fs::copy(&next.cert, &shown.cert).unwrap();
    inner.event("certificates_reloaded");
    let began = Instant::now();
    eventually("all arrive", || (arrived(&backend) == ["before", "first", "second", "third"]).then_some(()));
    assert!(began.elapsed() < SOON, "{kind}: {:?}", began.elapsed());
    assert!(outer.events("dropped").is_empty() && outer.events("lost").is_empty());
}

/// A connection that was fine brings nothing any more, and nobody says that it is closed: a cable, a firewall that forgets.
#[test]
fn a_connection_that_falls_silent_is_left_for_another() {
    let dir = tempfile::tempdir().unwrap();
    let ours = Authority::new(dir.path(), "ours");
    let server = ours.vouch("server", 1, &["localhost"], (2020, 2090));
    for (kind, secure) in [("otlp_http", false), ("otlp_grpc", false), ("otlp_http", true), ("otlp_grpc", true)] {
        let backend = Backend::start();
        let mut inner = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url()));
        if secure {
            inner.http =
                format!("endpoint: '127.0.0.1:0', tls: {{ cert_file: '{}', key_file: '{}' }}", server.cert, server.key);
            inner.grpc = inner.http.clone();
        }
        let inner = inner.start();
        let to = if kind == "otlp_http" { inner.http() } else { inner.grpc() };
        let between = Between::start(to, |_| Fate::Forward);
        let (port, scheme) = (between.address.port(), if secure { "https" } else { "http" });
        let trust = if secure { format!(", tls: {{ ca_file: '{}' }}", ours.file) } else { String::new() };
        let outer = Setup::new(kind, &format!("endpoint: '{scheme}://localhost:{port}', {FAST}{trust}")).start();
        post(&outer, "before");
        eventually("while it speaks", || (arrived(&backend) == ["before"]).then_some(()));
        let opened = between.connections();
        between.hold();
        let began = Instant::now();
        post(&outer, "after");
        eventually("over another", || arrived(&backend).contains(&"after".to_owned()).then_some(()));
        assert!(began.elapsed() < SOON, "{kind} {secure}: {:?}", began.elapsed());
        assert!(between.connections() > opened, "{kind} {secure}");
        let mut times = BTreeMap::new();
        for text in arrived(&backend) {
            *times.entry(text).or_insert(0) += 1;
        }
        assert!(times.values().all(|times| *times <= 2), "{times:?}");
    }
}

/// Its name stands for another address than before.
#[test]
fn a_backend_that_moves_is_found_where_its_name_says() {
    let six: SocketAddr = "[::1]:0".parse().unwrap();
    let named = ("localhost", 0).to_socket_addrs().is_ok_and(|all| all.into_iter().any(|one| one.ip() == six.ip()));
    let Some(place) = TcpListener::bind(six).ok().filter(|_| named) else {
        eprintln!("skipped: localhost has one address here");
        return;
    };
    let port = place.local_addr().unwrap().port();
    drop(place);
    for kind in ["otlp_http", "otlp_grpc"] {
        let Ok(four) = TcpListener::bind(("127.0.0.1", port)) else { continue };
        let address = four.local_addr().unwrap();
        drop(four);
        let first = Backend::at(address, |_, _| Say::Ok);
        let collector = Setup::new(kind, &format!("endpoint: 'http://localhost:{port}', {FAST}")).start();
        post(&collector, "before");
        first.wait(1);
        drop(first);
        post(&collector, "between");
        collector.event("retrying");
        let began = Instant::now();
        let second = Backend::at(SocketAddr::new(six.ip(), port), |_, _| Say::Ok);
        eventually("at the other address", || (arrived(&second) == ["between"]).then_some(()));
        assert!(began.elapsed() < SOON, "{kind}: {:?}", began.elapsed());
    }
}
