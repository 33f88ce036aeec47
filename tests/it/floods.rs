//! Floods of HTTP/2 frames: the connection ends, the process does not notice, honest clients do not either.

use crate::support::backend::Backend;
use crate::support::collector::Setup;
use crate::support::grpc;
use crate::support::h2::{self, frame};
use crate::support::sample::log;
use prost::Message as _;
use std::time::{Duration, Instant};

fn stream(number: usize) -> u32 {
    u32::try_from(number * 2 + 1).unwrap()
}

type Flood = (&'static str, fn(usize) -> Vec<u8>);

const FLOODS: &[Flood] =
    &[
        ("rapid reset", |number| {
            [frame(1, 4, stream(number), &h2::request()), frame(3, 0, stream(number), &[0, 0, 0, 8])].concat()
        }),
        ("ping", |_| frame(6, 0, 0, &[1; 8]).repeat(16)),
        ("settings", |_| frame(4, 0, 0, b"").repeat(16)),
        ("settings that change", |number| {
            let size = u32::try_from(number % 4096).unwrap().to_be_bytes();
            frame(4, 0, 0, &[0, 1, size[0], size[1], size[2], size[3]])
        }),
        ("priority", |number| frame(2, 0, stream(number), &[0, 0, 0, 0, 1]).repeat(16)),
        ("window updates", |_| frame(8, 0, 0, &[0, 0, 0, 1]).repeat(16)),
        ("unknown frames", |_| frame(250, 0, 0, &[1; 8]).repeat(16)),
        ("continuation", |number| {
            if number == 0 { frame(1, 0, 1, &h2::request()) } else { frame(9, 0, 1, &[0, 1, b'a', 1, b'b']) }
        }),
        ("empty continuation", |number| if number == 0 { frame(1, 0, 1, &h2::request()) } else { frame(9, 0, 1, b"") }),
        ("empty data", |number| if number == 0 { frame(1, 4, 1, &h2::request()) } else { frame(0, 0, 1, b"") }),
        ("data by the byte", |number| if number == 0 { frame(1, 4, 1, &h2::request()) } else { frame(0, 0, 1, b"x") }),
        ("a header list that grows", |number| {
            let mut block = h2::request();
            for _ in 0..200 {
                block.extend([0, 1, b'a', 100]);
                block.extend([b'b'; 100]);
            }
            frame(1, 4, stream(number), &block[..16_000])
        }),
        ("streams beyond all bounds", |number| frame(1, 4, stream(number), &h2::request())),
    ];

#[test]
fn floods_end_their_own_connection_and_nothing_else() {
    let backend = Backend::start();
    let collector = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url())).start();
    let body = grpc::frame(0, &log("honest").encode_to_vec());
    let call = || grpc::call(collector.grpc(), grpc::method("logs"), &[], body.clone()).code;
    assert_eq!(call(), 0);
    let before = collector.metric("otelcol_process_memory_rss", &[]);
    let mut wrong = Vec::new();
    for (name, round) in FLOODS {
        let to = collector.http();
        let floods: Vec<_> = (0..4)
            .map(|_| {
                let stream = h2::open(to, b"");
                std::thread::spawn(move || h2::flood(stream, 200_000, round))
            })
            .collect();
        let began = Instant::now();
        let honest = call();
        if honest != 0 || began.elapsed() > Duration::from_secs(2) {
            wrong.push(format!("{name}: an honest call came to {honest} after {:?}", began.elapsed()));
        }
        for flood in floods {
            match flood.join().unwrap() {
                Some((rounds, took)) if took < Duration::from_secs(8) => {
                    eprintln!("{name}: closed after {rounds} rounds, {took:?}")
                }
                other => wrong.push(format!("{name}: {other:?}")),
            }
        }
    }
    let after = collector.metric("otelcol_process_memory_rss", &[]);
    eprintln!("resident {before} -> {after}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(after - before < 40e6, "{before} -> {after}");
    assert!(collector.metric("scrubjay_connections_closed_total", &["flood"]) >= 8.0);
    assert_eq!(call(), 0);
}
