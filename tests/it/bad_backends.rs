//! Backends that are no backends: whatever they say, the batch is delivered to the next that is one, and nothing of it is kept.

use crate::support::collector::Setup;
use crate::support::eventually;
use crate::support::sample::{SSN, log};
use prost::Message as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

type Behaviour = fn(&mut TcpStream);

const BEHAVIOURS: &[(&str, Behaviour)] = &[
    ("closes at once", |_| {}),
    ("says nothing", |_| std::thread::sleep(Duration::from_secs(4))),
    ("says no HTTP", |to| say(to, &format!("220 mail.example ready for {SSN}\r\n").repeat(100))),
    ("has endless headers", |to| {
        say(to, "HTTP/1.1 200 OK\r\n");
        for number in 0..200_000 {
            if to.write_all(format!("x-{number}: you sent {SSN}\r\n").as_bytes()).is_err() {
                return;
            }
        }
    }),
    ("has one endless header", |to| {
        say(to, "HTTP/1.1 200 OK\r\nx: ");
        for _ in 0..100_000 {
            if to.write_all(&[b'y'; 1024]).is_err() {
                return;
            }
        }
    }),
    ("says to go on, for ever", |to| {
        for _ in 0..100_000 {
            if to.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").is_err() {
                return;
            }
        }
    }),
    ("has a body by the byte", |to| {
        say(to, "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
        for _ in 0..40 {
            if to.write_all(b"x").is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }),
    ("breaks off in its body", |to| say(to, "HTTP/1.1 503 Busy\r\ncontent-length: 1000\r\n\r\nyou sent 536")),
    ("breaks off in its head", |to| say(to, "HTTP/1.1 200 OK\r\ncontent-le")),
    ("has chunks of no size", |to| say(to, "HTTP/1.1 503 Busy\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n")),
    ("sends elsewhere", |to| {
        say(to, "HTTP/1.1 307 Moved\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n")
    }),
    ("echoes", |to| {
        say(to, &format!("HTTP/1.1 503 {SSN}\r\nretry-after: {SSN}\r\nx: {SSN}\r\ncontent-length: 11\r\n\r\n{SSN}"))
    }),
    ("has another version", |to| say(to, "HTTP/3.0 200 OK\r\n\r\n")),
    ("has a status that is none", |to| say(to, "HTTP/1.1 99999 OK\r\ncontent-length: 0\r\n\r\n")),
];

fn say(to: &mut TcpStream, text: &str) {
    let _closed = to.write_all(text.as_bytes());
}

/// A backend that behaves badly on its first connections and well on the others; how many requests it took.
fn backend(behaviour: Behaviour, bad: usize) -> (SocketAddr, Arc<AtomicUsize>, Arc<Mutex<Vec<Instant>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (taken, tries) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
    let (count, seen) = (Arc::clone(&taken), Arc::clone(&tries));
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let (mut stream, count) = (stream.unwrap(), Arc::clone(&count));
            seen.lock().unwrap().push(Instant::now());
            std::thread::spawn(move || {
                stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
                let mut request = Vec::new();
                let mut part = [0; 4096];
                // The whole request: its head says how long it is.
                while !whole(&request) {
                    match stream.read(&mut part) {
                        Ok(read) if read > 0 => request.extend_from_slice(&part[..read]),
                        _ => return,
                    }
                }
                if number < bad {
                    return behaviour(&mut stream);
                }
                count.fetch_add(1, Ordering::Relaxed);
                say(&mut stream, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            });
        }
    });
    (address, taken, tries)
}

fn whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    request.len() >= end + 4 + length.unwrap_or(0)
}

#[test]
fn whatever_a_backend_says_the_batch_is_delivered_and_nothing_of_it_is_kept() {
    let tests: Vec<_> = BEHAVIOURS
        .iter()
        .map(|(name, behaviour)| {
            std::thread::spawn(move || {
                let (address, taken, tries) = backend(*behaviour, 2);
                let retry = "retry_on_failure: { initial_interval: 50ms, max_interval: 100ms }, sending_queue: { num_consumers: 1 }";
                let collector = Setup::new("otlp_http", &format!("endpoint: 'http://{address}', timeout: 1s, {retry}")).start();
                let before = collector.metric("otelcol_process_memory_rss", &[]);
                let began = Instant::now();
                assert_eq!(collector.post("/v1/logs", &log("a record").encode_to_vec()).status, 200, "{name}");
                eventually(name, || (taken.load(Ordering::Relaxed) == 1).then_some(()));
                let took = began.elapsed();
                // Three tries of a second at most, and the waits between them.
                assert!(took < Duration::from_secs(5), "{name}: {took:?}");
                assert!(tries.lock().unwrap().len() >= 2, "{name}");
                let after = collector.metric("otelcol_process_memory_rss", &[]);
                assert!(after - before < 8e6, "{name}: {before} -> {after}");
                assert!(collector.events("dropped").is_empty() && collector.events("lost").is_empty(), "{name}");
                let shown = [collector.log(), collector.out(), collector.metrics()].concat();
                assert!(!shown.contains("536-22") && !shown.contains("mail.example"), "{name}");
            })
        })
        .collect();
    let failed = tests.into_iter().filter_map(|test| test.join().err()).count();
    assert_eq!(failed, 0);
}
