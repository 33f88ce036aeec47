//! Many bad peers at once: they are gone soon, and honest ones hardly notice. `SCRUBJAY_PEERS` says how many put things off, and
//! `SCRUBJAY_FLOOD` for how many seconds others reset streams.

use crate::memory::resident;
use crate::support::backend::{Backend, Say};
use crate::support::ca::Authority;
use crate::support::collector::{Collector, Setup};
use crate::support::eventually;
use crate::support::h2::{self, frame};
use crate::support::http::send;
use crate::support::sample::log;
use prost::Message as _;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |number| number.parse().unwrap())
}

/// How long honest requests take, each over a connection of its own: in the middle, and 99 of 100 at most.
fn honest(collector: &Collector, time: Duration) -> (Duration, Duration) {
    let (body, until) = (log("honest").encode_to_vec(), Instant::now() + time);
    let mut took = Vec::new();
    while Instant::now() < until {
        let began = Instant::now();
        let kind = [("content-type", "application/x-protobuf")];
        assert_eq!(send(collector.http(), "POST", "/v1/logs", &kind, &body).status, 200);
        took.push(began.elapsed());
        std::thread::sleep(Duration::from_millis(4));
    }
    took.sort();
    (took[took.len() / 2], took[took.len() * 99 / 100])
}

/// What other work on the machine may add to the slowest of a hundred.
const JITTER: Duration = Duration::from_millis(25);

/// Has the present thread, and those it starts, run only where nobody else wants to: who attacks has machines of its own, and what
/// those work is not what honest peers are to wait for.
fn from_afar() {
    let thread = nix::unistd::gettid().to_string();
    let chosen = Command::new("chrt").args(["--idle", "--pid", "0", &thread]).status().unwrap();
    assert!(chosen.success());
}

/// Streams that begin and are reset, again and again, over ten connections that come again a moment after they were closed.
#[test]
fn resets_without_number_end_their_connections_and_cost_nobody_else_much() {
    let time = Duration::from_secs(number("SCRUBJAY_FLOOD", 3));
    let backend = Backend::forgetful(|_, _| Say::Ok);
    let collector = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url())).start();
    honest(&collector, Duration::from_millis(500));
    let (middle, alone) = honest(&collector, time);
    let before = resident(&collector, "VmRSS:");
    let (stop, streams) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let to = collector.http();
    let floods: Vec<_> = (0..10)
        .map(|_| {
            let (stop, streams) = (Arc::clone(&stop), Arc::clone(&streams));
            std::thread::spawn(move || {
                from_afar();
                let mut closed = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    closed.push(reset_streams(to, &streams));
                    std::thread::sleep(Duration::from_millis(100));
                }
                closed
            })
        })
        .collect();
    let (middle_beside, beside) = honest(&collector, time);
    let most = resident(&collector, "VmRSS:");
    stop.store(true, Ordering::Relaxed);
    let closed: Vec<Closed> = floods.into_iter().flat_map(|flood| flood.join().unwrap()).collect();
    let latest = closed.iter().map(|closed| closed.after).max().unwrap();
    let sending: Duration = closed.iter().map(|closed| closed.after).sum();
    let rate = streams.load(Ordering::Relaxed) as f64 / sending.as_secs_f64();
    let told = closed.iter().filter(|closed| closed.told).count();
    eprintln!(
        "{} connections closed, {told} of them with GOAWAY, {latest:?} after the first reset at the latest; {rate:.0} streams a second on each; \
         {before} bytes resident before, {most} beside; honest {middle:?} ({alone:?}) alone, {middle_beside:?} ({beside:?}) beside",
        closed.len()
    );
    assert!(closed.len() >= 20);
    assert!(latest < Duration::from_secs(1), "{latest:?}");
    assert!(most < before + (20 << 20), "{before} -> {most}");
    assert!(beside <= alone * 2 + JITTER, "{alone:?} -> {beside:?}");
    eventually("no flood is left", || (collector.metric("scrubjay_connections", &["\"otlp\""]) <= 1.0).then_some(()));
}

struct Closed {
    after: Duration,
    /// Whether it was said that it would be.
    told: bool,
}

fn reset_streams(to: SocketAddr, streams: &AtomicUsize) -> Closed {
    const ROUNDS: usize = 100;
    let mut stream = h2::open(to, b"");
    let mut reader = stream.try_clone().unwrap();
    let heard = std::thread::spawn(move || {
        let mut heard = Vec::new();
        let _reset = reader.read_to_end(&mut heard);
        heard
    });
    stream.set_write_timeout(Some(Duration::from_secs(10))).unwrap();
    let began = Instant::now();
    for part in 0.. {
        let round = |number: usize| {
            let id = u32::try_from((part * ROUNDS + number) * 2 + 1).unwrap();
            [frame(1, 4, id, &h2::request()), frame(3, 0, id, &[0, 0, 0, 8])].concat()
        };
        let rounds: Vec<u8> = (0..ROUNDS).flat_map(round).collect();
        if stream.write_all(&rounds).is_err() {
            break;
        }
        streams.fetch_add(ROUNDS, Ordering::Relaxed);
    }
    let after = began.elapsed();
    let _ = stream.shutdown(Shutdown::Both);
    let heard = heard.join().unwrap();
    let (mut rest, mut told) = (&heard[..], false);
    while let [a, b, c, kind, ..] = *rest {
        told |= kind == 7;
        let len = 9 + (usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c));
        rest = rest.get(len..).unwrap_or_default();
    }
    Closed { after, told }
}

/// A way to put things off, where, and what is said at first; with it, what is said a byte at a time.
type Way = (&'static str, bool, fn() -> Vec<u8>, u8);

const WAYS: [Way; 5] = [
    ("says nothing", false, Vec::new, 0),
    ("half a handshake", true, || [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], &[7; 100]].concat(), 0),
    ("a header by the byte", false, || b"POST /v1/logs HTTP/1.1\r\nhost: x\r\nx-slow: ".to_vec(), b'a'),
    (
        "a body by the byte",
        false,
        || {
            let head = "POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 500\r\n\r\n";
            head.into()
        },
        b'x',
    ),
    (
        "lets no answer through",
        false,
        || {
            let settings = frame(4, 0, 0, &[0, 4, 0, 0, 0, 0]);
            [h2::PREFACE, &settings, &frame(1, 5, 1, &h2::request())].concat()
        },
        0,
    ),
];

#[test]
fn a_crowd_that_puts_things_off_is_gone_soon_and_honest_peers_hardly_notice() {
    let peers = usize::try_from(number("SCRUBJAY_PEERS", 100)).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let server = Authority::new(dir.path(), "ours").vouch("server", 1, &["localhost"], (2020, 2090));
    let backend = Backend::forgetful(|_, _| Say::Ok);
    let mut setup = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url()));
    setup.http = format!("endpoint: '127.0.0.1:0', max_connections: {}, idle_timeout: 10s", peers + 100);
    setup.grpc = format!("{}, tls: {{ cert_file: '{}', key_file: '{}' }}", setup.http, server.cert, server.key);
    let collector = setup.start();
    honest(&collector, Duration::from_millis(500));
    let (middle, alone) = honest(&collector, Duration::from_secs(3));
    let before = resident(&collector, "VmRSS:");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .on_thread_start(from_afar)
        .enable_all()
        .build()
        .unwrap();
    let (http, tls) = (collector.http(), collector.grpc());
    let crowd: Vec<_> = (0..peers)
        .map(|peer| {
            let way = WAYS[peer % WAYS.len()];
            // A thousand a second: more at once than the system keeps in line are known to their own side alone.
            let waits = Duration::from_micros(1000 * u64::try_from(peer).unwrap());
            runtime.spawn(async move {
                tokio::time::sleep(waits).await;
                (way.0, put_off(if way.1 { tls } else { http }, way).await)
            })
        })
        .collect();
    let (middle_beside, beside) = honest(&collector, Duration::from_secs(8));
    let most = resident(&collector, "VmRSS:");
    let mut latest = std::collections::BTreeMap::new();
    for peer in crowd {
        let (name, after) = runtime.block_on(peer).unwrap();
        let of_its_kind: &mut Duration = latest.entry(name).or_default();
        *of_its_kind = after.max(*of_its_kind);
    }
    eprintln!(
        "{peers} peers, closed at the latest after {latest:?}; {} bytes resident more; honest {middle:?} ({alone:?}) alone, {middle_beside:?} \
         ({beside:?}) beside",
        most.saturating_sub(before)
    );
    assert_eq!(latest.len(), WAYS.len());
    assert!(latest.values().all(|after| *after <= Duration::from_secs(20)), "{latest:?}");
    assert!(beside <= alone * 2 + JITTER, "{alone:?} -> {beside:?}");
    eventually("no connection is left", || {
        (collector.metric("scrubjay_connections", &["\"otlp\""]) == 0.0).then_some(())
    });
}

/// How long it took until the connection was over.
async fn put_off(to: SocketAddr, (name, _, says, drip): Way) -> Duration {
    let began = Instant::now();
    let mut stream = tokio::net::TcpStream::connect(to).await.unwrap();
    stream.write_all(&says()).await.unwrap();
    let (mut reader, mut writer) = stream.split();
    let mut heard = [0; 1024];
    let mut next =
        tokio::time::interval_at(tokio::time::Instant::now() + Duration::from_secs(5), Duration::from_secs(5));
    loop {
        tokio::select! {
            read = reader.read(&mut heard) => if read.unwrap_or(0) == 0 { return began.elapsed() },
            _ = next.tick(), if drip != 0 => if writer.write_all(&[drip]).await.is_err() { return began.elapsed() },
            () = tokio::time::sleep_until((began + Duration::from_secs(60)).into()) => panic!("{name}: still there"),
        }
    }
}
