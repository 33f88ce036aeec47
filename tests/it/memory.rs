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

pub fn resident(collector: &Collector, what: &str) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", collector.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<usize>().unwrap() * 1024
}

/// The processor time that a process has used.
pub fn cpu(collector: &Collector) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", collector.pid())).unwrap();
    let ticks = stat.rsplit(')').next().unwrap().split_whitespace().skip(11).take(2);
    // A hundred ticks a second.
    Duration::from_millis(ticks.map(|ticks| ticks.parse::<u64>().unwrap() * 10).sum())
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
            for broken in
                [whole.slice(..whole.len() / 2), whole.slice(..whole.len() - 1), [&whole[..], b"x"].concat().into()]
            {
                let answer = send(collector.http(), "POST", "/v1/logs", &headers, &broken);
                assert_eq!(answer.status, 400);
                assert!(!answer.text().contains("mark"));
            }
            if number % 2 == 0 {
                assert_eq!(send(collector.http(), "POST", "/v1/logs", &headers, &whole).status, 200);
            } else {
                let called = grpc::call(
                    collector.grpc(),
                    grpc::method("logs"),
                    &[("grpc-encoding", name)],
                    grpc::frame(1, &whole),
                );
                assert_eq!(called.code, 0);
            }
            sent.insert(text);
        }
    }
    let received = backend.wait(600);
    let arrived: HashSet<String> = received.iter().flat_map(|request| bodies(&request.body)).collect();
    assert!(arrived == sent, "{} arrived, {} sent", arrived.len(), sent.len());
}

/// A process whose memory is nearly all taken, whoever took it.
#[test]
fn while_memory_is_short_large_requests_are_asked_to_come_again() {
    let backend = Backend::start();
    let start = |limit: &str| {
        let exporter = format!("endpoint: '{}', sending_queue: {{ max_bytes: 2MiB }}", backend.url());
        let mut setup = Setup::new("otlp_http", &exporter);
        setup.service = format!("  raw_budget: 4MiB\n{limit}");
        setup.start()
    };
    let plenty = start("");
    assert_eq!(plenty.post("/v1/logs", &log("x").encode_to_vec()).status, 200);
    let needs = resident(&plenty, "VmRSS:");
    drop(plenty);
    // Nine tenths of it are taken by what is there anyway, once both have done the same.
    let collector = start(&format!("  memory_limit: {}\n", needs / 9 * 10));
    let (small, large) = (log("x").encode_to_vec(), log(&"of no account ".repeat(100_000)).encode_to_vec());
    assert_eq!(collector.post("/v1/logs", &small).status, 200);
    assert_ne!(collector.event("memory_pressure")["pressure"], "none");
    let refused = collector.post("/v1/logs", &large);
    assert_eq!((refused.status, refused.header("retry-after").is_some()), (503, true));
    assert_eq!(collector.post("/v1/logs", &small).status, 200);
    assert!(collector.metric("scrubjay_memory_pressure", &[]) >= 1.0);
    assert!(collector.metric("scrubjay_memory_limit", &[]) > 1e6);
}

/// What lies in a queue takes the room that it was given there, and does not keep the buffers that it was read into.
#[test]
fn small_requests_in_a_queue_take_no_more_than_the_queue_has() {
    for (form, text) in [
        ("plain", "x".to_owned()),
        ("gzip", "x".into()),
        ("JSON", "x".into()),
        ("with a number", crate::support::sample::SSN.into()),
        ("grpc", "x".into()),
    ] {
        let backend = Backend::script(|_, _| Say::Hang);
        let queue = "sending_queue: { num_consumers: 1, max_bytes: 1MiB }";
        let collector = Setup::new("otlp_http", &format!("endpoint: '{}', {queue}", backend.url())).start();
        let plain = log(&text).encode_to_vec();
        let (kind, encoding, body) = match form {
            "gzip" => ("application/x-protobuf", "gzip", compress(Compression::Gzip, &plain.into()).unwrap().to_vec()),
            "JSON" => {
                let record = br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"}}]}]}]}"#;
                ("application/json", "identity", record.to_vec())
            }
            _ => ("application/x-protobuf", "identity", plain),
        };
        let taken = || {
            if form == "grpc" {
                return grpc::call(collector.grpc(), grpc::method("logs"), &[], grpc::frame(0, &body)).code == 0;
            }
            let headers = [("content-type", kind), ("content-encoding", encoding)];
            send(collector.http(), "POST", "/v1/logs", &headers, &body).status == 200
        };
        // What a worker needs is there by then.
        (0..100).for_each(|_| assert!(taken()));
        let before = resident(&collector, "VmRSS:");
        let count = (0..).take_while(|_| taken()).count();
        let after = resident(&collector, "VmRSS:");
        eprintln!("{form}: {count} requests in a queue of 1 MiB, {before} bytes resident before, {after} after");
        assert!(count > 1_000, "{count}");
        assert!(after < before + (6 << 20), "{form}: {before} -> {after}");
    }
}

/// Connections that are open and do nothing, each through its handshake.
#[test]
fn idle_connections_cost_little_and_slow_nobody_down() {
    let idle = std::env::var("SCRUBJAY_IDLE").map_or(800, |count| count.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let ours = crate::support::ca::Authority::new(dir.path(), "ours");
    let server = ours.vouch("server", 1, &["localhost"], (2020, 2090));
    let backend = Backend::start();
    let mut setup = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url()));
    setup.grpc = format!(
        "endpoint: '127.0.0.1:0', max_connections: {}, read_header_timeout: 120s, idle_timeout: 120s, tls: {{ cert_file: '{}', key_file: '{}' }}",
        idle, server.cert, server.key
    );
    let collector = setup.start();
    let busy = |count: usize| {
        let (began, body) = (Instant::now(), log("busy").encode_to_vec());
        for _ in 0..count {
            assert_eq!(collector.post("/v1/logs", &body).status, 200);
        }
        began.elapsed()
    };
    let alone = busy(200);
    let before = resident(&collector, "VmRSS:");
    let mut roots = rustls::RootCertStore::empty();
    roots.add(rustls::pki_types::pem::PemObject::from_pem_file(&ours.file).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
    let open = || {
        let mut stream = std::net::TcpStream::connect(collector.grpc()).unwrap();
        let mut client = rustls::ClientConnection::new(Arc::clone(&config), "localhost".try_into().unwrap()).unwrap();
        let open = client.complete_io(&mut stream).is_ok() && !client.is_handshaking();
        // The preface and settings: an idle client of gRPC.
        std::io::Write::write_all(
            &mut client.writer(),
            &[crate::support::h2::PREFACE, &crate::support::h2::frame(4, 0, 0, b"")].concat(),
        )
        .unwrap();
        (open && client.complete_io(&mut stream).is_ok(), client, stream)
    };
    let held: Vec<_> = (0..idle).map(|_| open()).collect();
    assert!(held.iter().all(|(open, ..)| *open));
    eventually("all are open", || {
        (collector.metric("scrubjay_connections", &["\"otlp\""]) >= idle as f64).then_some(())
    });
    let each = (resident(&collector, "VmRSS:") - before) / idle;
    let beside = busy(200);
    eprintln!(
        "{idle} idle connections: {each} bytes each; 200 requests took {alone:?} alone and {beside:?} beside them"
    );
    assert!(each < 80 << 10, "{each}");
    assert!(beside < alone * 2 + Duration::from_millis(500), "{alone:?} {beside:?}");
    let (refused, ..) = open();
    assert!(!refused, "there was room for one more");
}

/// Many bombs at once, over both protocols.
#[test]
fn bombs_in_parallel_cost_what_the_budget_allows() {
    let backend = Backend::start();
    let mut setup = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url()));
    setup.http = "endpoint: '127.0.0.1:0', max_request_bytes: 4MiB".into();
    setup.grpc = setup.http.clone();
    setup.service = "  raw_budget: 8MiB\n".into();
    let collector = setup.start();
    let (http, rpc) = (collector.http(), collector.grpc());
    // What so many honest clients cost, each on a connection of its own.
    let honest = log(&"of no account ".repeat(15_000)).encode_to_vec();
    let honest: Vec<_> = (0..32)
        .map(|_| {
            let body = honest.clone();
            std::thread::spawn(move || {
                for _ in 0..4 {
                    send(http, "POST", "/v1/logs", &[("content-type", "application/x-protobuf")], &body);
                    grpc::call(rpc, grpc::method("logs"), &[], grpc::frame(0, &body));
                }
            })
        })
        .collect();
    honest.into_iter().for_each(|client| client.join().unwrap());
    let before = resident(&collector, "VmHWM:");
    let began = cpu(&collector);
    let zeros = bytes::Bytes::from(vec![0; 512 << 20]);
    let bombs = [("gzip", Compression::Gzip), ("zstd", Compression::Zstd)].map(|(name, compression)| {
        let bomb = compress(compression, &zeros).unwrap();
        (name, bomb.slice(..bomb.len().min(3 << 20)))
    });
    drop(zeros);
    let clients: Vec<_> = (0..32)
        .map(|client| {
            let (name, bomb) = bombs[client % 2].clone();
            std::thread::spawn(move || {
                for _ in 0..16 {
                    let headers = [("content-type", "application/x-protobuf"), ("content-encoding", name)];
                    let answer = send(http, "POST", "/v1/logs", &headers, &bomb);
                    assert!([413, 503].contains(&answer.status), "{}", answer.status);
                    let called =
                        grpc::call(rpc, grpc::method("logs"), &[("grpc-encoding", name)], grpc::frame(1, &bomb));
                    assert!([8, 14].contains(&called.code), "{}", called.code);
                }
            })
        })
        .collect();
    clients.into_iter().for_each(|client| client.join().unwrap());
    let most = resident(&collector, "VmHWM:");
    let each = (cpu(&collector) - began) / 1024;
    eprintln!("1,024 bombs: resident {before} before, {most} at most, {each:?} of processor time each");
    assert!(most - before < 16 << 20, "{before} -> {most}");
    assert!(each < Duration::from_millis(200), "{each:?}");
    eventually("all bytes are given back", || (collector.metric("scrubjay_raw_bytes", &[]) == 0.0).then_some(()));
    assert_eq!(collector.post("/v1/logs", &log("x").encode_to_vec()).status, 200);
}

/// Whatever senders call themselves, their services and their paths, and wherever they are: own metrics stay as many as they are,
/// and so does what is remembered of senders. `SCRUBJAY_SENDERS` says how many there are.
#[test]
fn names_that_senders_make_up_are_no_series_of_ours() {
    let senders = std::env::var("SCRUBJAY_SENDERS").map_or(1_500, |senders| senders.parse().unwrap());
    let backend = Backend::forgetful(|_, _| Say::Ok);
    // A queue that is full has its own share of memory: here a small one.
    let queue = "sending_queue: { max_bytes: 4MiB }";
    let collector = Setup::new("otlp_http", &format!("endpoint: '{}', {queue}", backend.url())).start();
    let series = || collector.metrics().lines().filter(|line| !line.starts_with('#')).count();
    let (to, denied) = (collector.http(), AtomicUsize::new(0));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ask = |numbers: std::ops::Range<usize>| {
        let some = futures_util::stream::iter(numbers.map(|number| async move { introduce(to, number).await }));
        let all = futures_util::StreamExt::buffer_unordered(some, 16);
        let statuses: Vec<_> = runtime.block_on(futures_util::StreamExt::collect(all));
        for status in statuses {
            // Who comes faster than the backend takes it hears so, which is not what this is about.
            assert!([[200, 404], [503, 404]].contains(&status), "{status:?}");
            denied.fetch_add(usize::from(status[0] == 503), Ordering::Relaxed);
        }
    };
    ask(0..20);
    let few = series();
    ask(20..1_500);
    let early = resident(&collector, "VmRSS:");
    ask(1_500..senders.max(1_500));
    let (many, late) = (series(), resident(&collector, "VmRSS:"));
    eprintln!(
        "{few} series after 20 senders, {many} after {senders}, {} asked to come again; {early} resident after 1,500, {late} in the end",
        denied.into_inner()
    );
    assert!(many <= few + 20 && many < 2_000, "{few} -> {many}");
    assert!(late < early + (32 << 20), "{early} -> {late}");
}

/// Sends a record and asks for something that is not there, by names and from an address that nobody else has.
async fn introduce(to: std::net::SocketAddr, number: usize) -> [u16; 2] {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let tenant = format!("tenant-{number}");
    let mut request = log("x");
    request.resource_logs[0].resource = Some(opentelemetry_proto::tonic::resource::v1::Resource {
        attributes: vec![crate::support::sample::attribute("service.name", &tenant)],
        ..Default::default()
    });
    let body = request.encode_to_vec();
    let head = |path: &str, len: usize, more: &str| {
        format!(
            "POST /v1/{path} HTTP/1.1\r\nhost: {tenant}\r\ncontent-type: application/x-protobuf\r\ncontent-length: {len}\r\n\
             user-agent: agent-{number}/1.{number}\r\nx-scope-orgid: {tenant}\r\nauthorization: {tenant}\r\n{tenant}: 1\r\n{more}\r\n"
        )
    };
    let parts =
        [head("logs", body.len(), "").as_bytes(), &body, head(&tenant, 0, "connection: close\r\n").as_bytes()].concat();
    let [high, middle, low] = [number >> 16, number >> 8, number].map(|part| u8::try_from(part & 255).unwrap());
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    // All of 127.0.0.0/8 is this machine.
    socket.bind(std::net::SocketAddr::from(([127, high.wrapping_add(1), middle, low], 0))).unwrap();
    let mut stream = socket.connect(to).await.unwrap();
    stream.write_all(&parts).await.unwrap();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).await.unwrap();
    let heard = String::from_utf8_lossy(&heard);
    let mut statuses = heard.split("HTTP/1.1 ").skip(1).map(|answer| answer[..3].parse().unwrap());
    let both = [statuses.next().unwrap(), statuses.next().unwrap()];
    assert!(statuses.next().is_none());
    both
}
