//! Memory: more is offered than there is room for, and nothing of one request is seen in another.

use crate::support::backend::{Backend, Say};
use crate::support::collector::{Collector, Setup};
use crate::support::eventually;
use crate::support::grpc;
use crate::support::http::{send, try_send};
use crate::support::sample::{bodies, log};
use prost::Message as _;
use scrubjay::net::compress;
use scrubjay::settings::Compression;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn resident(collector: &Collector, what: &str) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", collector.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<usize>().unwrap() * 1024
}

/// More than the backend takes, from more clients than there is room for.
#[test]
fn under_overload_memory_is_bounded_and_all_refusals_may_come_again() {
    // The backend takes 25 requests a second.
    let backend = Backend::script(|_, _| Say::Late(Duration::from_millis(40), Box::new(Say::Ok)));
    let queue = "sending_queue: { num_consumers: 1, max_bytes: 16MiB }, compression: none";
    let mut setup = Setup::new("otlp_http", &format!("endpoint: '{}', {queue}", backend.url()));
    setup.http = "endpoint: '127.0.0.1:0', max_request_bytes: 1MiB".into();
    setup.service = "  memory_limit: 160MiB\n  raw_budget: 16MiB\n".into();
    let collector = setup.start();
    let before = resident(&collector, "VmHWM:");
    let (stop, to) = (Arc::new(AtomicBool::new(false)), collector.http());
    let (taken, refused) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..24)
        .map(|client| {
            let (stop, taken, refused) = (Arc::clone(&stop), Arc::clone(&taken), Arc::clone(&refused));
            std::thread::spawn(move || {
                let filler = "of no account, ".repeat(20_000);
                for number in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let id = format!("client {client} record {number}");
                    let body = log(&format!("{id}: {filler}")).encode_to_vec();
                    let answer = try_send(to, "POST", "/v1/logs", &[("content-type", "application/x-protobuf")], &body);
                    match answer {
                        Some(answer) if answer.status == 200 => taken.lock().unwrap().push(id),
                        Some(answer) => {
                            assert_eq!((answer.status, answer.header("retry-after").is_some()), (503, true));
                            refused.fetch_add(1, Ordering::Relaxed);
                        }
                        None => panic!("a connection broke"),
                    }
                }
            })
        })
        .collect();
    std::thread::sleep(Duration::from_secs(12));
    stop.store(true, Ordering::Relaxed);
    clients.into_iter().for_each(|client| client.join().unwrap());
    let most = resident(&collector, "VmHWM:");
    let (taken, refused) = (taken.lock().unwrap().clone(), refused.load(Ordering::Relaxed));
    eprintln!("taken {}, refused {refused}, resident {before} before and {most} at most", taken.len());
    assert!(refused > taken.len(), "this was no overload");
    assert!(most < 176 << 20, "{most}");
    let queued = Instant::now();
    let arrived = eventually("all that was taken arrives", || {
        let arrived: HashSet<String> = backend
            .taken()
            .iter()
            .flat_map(|request| bodies(&request.body))
            .map(|text| text.split(':').next().unwrap().to_owned())
            .collect();
        taken.iter().all(|id| arrived.contains(id)).then_some(arrived)
    });
    eprintln!("the queue is empty after {:?}", queued.elapsed());
    assert_eq!(arrived.len(), taken.len());
    assert_eq!(send(to, "POST", "/v1/logs", &[("content-type", "application/x-protobuf")], b"").status, 200);
}

/// Compressed requests of two senders in turns, broken ones between them: what arrives is what its sender sent.
#[test]
fn nothing_of_one_request_is_seen_in_another() {
    let backend = Backend::start();
    let collector = Setup::new("otlp_http", &format!("endpoint: '{}', compression: none", backend.url())).start();
    let mut sent = HashSet::new();
    for number in 0..300 {
        for (sender, compression, name) in [("A", Compression::Gzip, "gzip"), ("B", Compression::Zstd, "zstd")] {
            let text = format!("sender{sender} {number} {}", format!("mark{sender}{number} ").repeat(40 + number % 50));
            let whole = compress(compression, &log(&text).encode_to_vec().into()).unwrap();
            let headers = [("content-type", "application/x-protobuf"), ("content-encoding", name)];
            // Cut within the stream, within its end, and with something behind it.
            for broken in [whole.slice(..whole.len() / 2), whole.slice(..whole.len() - 1), [&whole[..], b"x"].concat().into()] {
                let answer = send(collector.http(), "POST", "/v1/logs", &headers, &broken);
                assert_eq!(answer.status, 400);
                assert!(!answer.text().contains("mark"));
            }
            if number % 2 == 0 {
                assert_eq!(send(collector.http(), "POST", "/v1/logs", &headers, &whole).status, 200);
            } else {
                let called = grpc::call(collector.grpc(), grpc::method("logs"), &[("grpc-encoding", name)], grpc::frame(1, &whole));
                assert_eq!(called.code, 0);
            }
            sent.insert(text);
        }
    }
    let received = backend.wait(600);
    let arrived: HashSet<String> = received.iter().flat_map(|request| bodies(&request.body)).collect();
    assert!(arrived == sent, "{} arrived, {} sent", arrived.len(), sent.len());
}

/// Many bombs at once, over both protocols.
#[test]
fn bombs_in_parallel_cost_what_the_budget_allows() {
    let backend = Backend::start();
    let mut setup = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url()));
    setup.http = "endpoint: '127.0.0.1:0', max_request_bytes: 4MiB".into();
    setup.grpc = setup.http.clone();
    setup.service = "  raw_budget: 32MiB\n".into();
    let collector = setup.start();
    let before = resident(&collector, "VmHWM:");
    let zeros = bytes::Bytes::from(vec![0; 512 << 20]);
    let bombs = [("gzip", Compression::Gzip), ("zstd", Compression::Zstd)].map(|(name, compression)| {
        let bomb = compress(compression, &zeros).unwrap();
        (name, bomb.slice(..bomb.len().min(3 << 20)))
    });
    drop(zeros);
    let (http, rpc) = (collector.http(), collector.grpc());
    let clients: Vec<_> = (0..32)
        .map(|client| {
            let (name, bomb) = bombs[client % 2].clone();
            std::thread::spawn(move || {
                for _ in 0..6 {
                    let headers = [("content-type", "application/x-protobuf"), ("content-encoding", name)];
                    let answer = send(http, "POST", "/v1/logs", &headers, &bomb);
                    assert!([413, 503].contains(&answer.status), "{}", answer.status);
                    let called = grpc::call(rpc, grpc::method("logs"), &[("grpc-encoding", name)], grpc::frame(1, &bomb));
                    assert!([8, 14].contains(&called.code), "{}", called.code);
                }
            })
        })
        .collect();
    clients.into_iter().for_each(|client| client.join().unwrap());
    let most = resident(&collector, "VmHWM:");
    eprintln!("384 bombs: resident {before} before, {most} at most");
    assert!(most - before < 80 << 20, "{before} -> {most}");
    eventually("all bytes are given back", || (collector.metric("scrubjay_raw_bytes", &[]) == 0.0).then_some(()));
    assert_eq!(collector.post("/v1/logs", &log("x").encode_to_vec()).status, 200);
}
