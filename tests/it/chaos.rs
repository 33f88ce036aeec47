//! Crashes, signals and a backend that does what it likes, under load: nothing acknowledged is lost, nothing planted is seen, memory is
//! bounded.
//!
//! A load generator writes into its journal what it is about to send before it sends it, and what it heard. A backend answers
//! by a script. A supervisor kills and stops the collector and starts it again. Oracles compare: every acknowledged record has
//! arrived or lies in the data folder (of which there is none yet: queues are in memory), no canary is on any surface.
//! `SCRUBJAY_CYCLES` says how many cycles; `make chaos` runs many.

mod load;
mod oracle;

use crate::overload::seconds;
use crate::support::backend::{Backend, Say};
use crate::support::collector::{Collector, FEW_RULES};
use crate::support::eventually;
use crate::support::flapping::Flapping;
use load::{Journal, Load};
use oracle::{duplicates, leaked, lost};
use scrubjay::pipeline::Point;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

fn cycles(otherwise: usize) -> usize {
    std::env::var("SCRUBJAY_CYCLES").map_or(otherwise, |cycles| cycles.parse().unwrap())
}

/// Two ports that are free now: a collector that comes again comes again where its clients look for it.
fn ports() -> [SocketAddr; 2] {
    let held = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|held| held.local_addr().unwrap())
}

fn configuration(backend: &Backend, ports: [SocketAddr; 2], kind: &str) -> String {
    configuration_for(&backend.url(), ports, kind)
}

fn configuration_for(backend: &str, [http, grpc]: [SocketAddr; 2], kind: &str) -> String {
    let scrub = format!("{FEW_RULES} ack: delivered, pseudonym_key: 0123456789abcdef0123456789abcdef");
    format!(
        "receivers: {{ otlp: {{ protocols: {{ http: {{ endpoint: '{http}' }}, grpc: {{ endpoint: '{grpc}' }} }} }} }}\n\
         processors: {{ scrub: {{ {scrub} }} }}\n\
         exporters: {{ {kind}: {{ endpoint: '{backend}', timeout: 1s, retry_on_failure: {{ initial_interval: 20ms, max_interval: 200ms }} }} }}\n\
         extensions: {{ health_check: {{ endpoint: '127.0.0.1:0' }} }}\n\
         service:\n  memory_limit: 1GiB\n  shutdown_timeout: 15s\n\
         \x20 telemetry: {{ metrics: {{ endpoint: '127.0.0.1:0' }}, logs: {{ encoding: json }} }}\n\
         \x20 pipelines: {{ logs: {{ receivers: [otlp], processors: [scrub], exporters: [{kind}] }} }}\n"
    )
}

/// A number that looks like no other, from one that counts.
fn scattered(number: usize) -> u64 {
    let mut state = (number as u64).wrapping_add(0x9E37_79B9_7F4A_7C15);
    state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

/// Mostly willing, now and then busy, slow, silent, or full of words that are none of anybody's business.
fn moody(number: usize) -> Say {
    let echo = || b"you sent 536-22-8147 and I do not like it".to_vec();
    match scattered(number) % 20 {
        0 => Say::Http(503, vec![], echo()),
        1 => Say::Http(429, vec![("retry-after", "0".into())], echo()),
        2 => Say::Late(Duration::from_millis(scattered(number) % 150), Box::new(Say::Ok)),
        3 => Say::Http(502, vec![], vec![b'x'; 100_000]),
        4 if number.is_multiple_of(3) => Say::Hang,
        _ => Say::Ok,
    }
}

/// What all that was shown comes to, after a last look at everything.
fn judge(name: &str, journal: &Journal, backend: &Backend, shown: &str, cycles: usize) {
    let received = backend.received();
    let missing = eventually_none(|| lost(journal, &backend.taken()));
    let twice = duplicates(&backend.taken());
    let (sent, acknowledged, refused, broken) = journal.counts();
    eprintln!(
        "{name}: {cycles} cycles, {sent} sent, {acknowledged} acknowledged, {refused} asked to come again, {broken} without an answer, \
         {} requests at the backend, {twice} records more than once",
        received.len()
    );
    assert!(missing.is_empty(), "{name}: acknowledged and lost: {missing:?}");
    assert!(acknowledged > 0, "there was no load");
    let seen = leaked(journal, &received, shown);
    assert!(seen.is_empty(), "{name}: {seen:?}");
    assert!(journal.unretryable().is_empty(), "{name}: {:?}", journal.unretryable());
}

/// What is under way may still arrive.
fn eventually_none(probe: impl Fn() -> Vec<String>) -> Vec<String> {
    let until = Instant::now() + Duration::from_secs(5);
    loop {
        let left = probe();
        if left.is_empty() || Instant::now() > until {
            return left;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_was_acknowledged_survives_kills() {
    let cycles = cycles(6);
    for kind in ["otlp_http", "otlp_grpc"] {
        // Over gRPC the script's HTTP statuses are what a proxy in front of a backend says.
        let backend = Backend::script(|number, _| moody(number));
        let ports = ports();
        let config = configuration(&backend, ports, kind);
        let load = Load::start(ports, 4);
        let mut shown = String::new();
        let mut ready = Vec::new();
        for cycle in 0..cycles {
            let began = Instant::now();
            let mut collector = Collector::start(&config, &[]);
            ready.push(began.elapsed());
            std::thread::sleep(Duration::from_millis(50 + scattered(cycle) % 1200));
            shown.push_str(&collector.metrics());
            collector.signal("-KILL");
            collector.wait();
            shown.push_str(&[collector.log(), collector.out()].concat());
        }
        let journal = load.stop();
        ready.sort();
        eprintln!(
            "{kind}: ready after {:?} in the middle, {:?} at most",
            ready[ready.len() / 2],
            ready[ready.len() - 1]
        );
        judge(&format!("kills, {kind}"), &journal, &backend, &shown, cycles);
    }
}

/// The process ends at every point that a batch passes, early and late.
#[test]
fn what_was_acknowledged_survives_an_end_at_any_point() {
    let rounds = cycles(2);
    let backend = Backend::script(|number, _| moody(number));
    let ports = ports();
    let config = configuration(&backend, ports, "otlp_http");
    let load = Load::start(ports, 4);
    let mut shown = String::new();
    for round in 0..rounds {
        for point in Point::ALL {
            let fault = format!("kill:{}:{}", point.label(), 1 + scattered(round * 100 + point as usize) % 20);
            let mut collector = Collector::start(&config, &[("SCRUBJAY_FAULT", fault.clone())]);
            let ended = collector.wait();
            assert_eq!(std::os::unix::process::ExitStatusExt::signal(&ended), Some(6), "{fault}");
            shown.push_str(&[collector.log(), collector.out()].concat());
        }
    }
    let _last = Collector::start(&config, &[]);
    let journal = load.stop();
    judge("ends at every point", &journal, &backend, &shown, rounds * Point::ALL.len());
}

/// One batch in fifty fails in the engine, by a panic or an error: it goes nowhere, and its client sends it again.
#[test]
fn an_engine_that_fails_now_and_then_lets_nothing_through() {
    let backend = Backend::start();
    let ports = ports();
    let collector =
        Collector::start(&configuration(&backend, ports, "otlp_http"), &[("SCRUBJAY_FAULT", "engine_flaky".into())]);
    let load = Load::start(ports, 4);
    std::thread::sleep(Duration::from_millis(700) * u32::try_from(cycles(6)).unwrap());
    let journal = load.stop();
    let shown = [collector.log(), collector.out(), collector.metrics()].concat();
    judge("engine faults", &journal, &backend, &shown, 1);
    let failures = collector.metric("phi_engine_failures_total", &[]);
    let (_, _, later, _) = journal.counts();
    assert!(failures >= 3.0 && later as f64 == failures, "{failures} failures, {later} asked to come again");
}

#[test]
fn what_was_acknowledged_survives_terminations() {
    let cycles = cycles(6);
    let backend = Backend::script(|number, _| moody(number));
    let ports = ports();
    let config = configuration(&backend, ports, "otlp_http");
    let load = Load::start(ports, 4);
    let mut shown = String::new();
    for cycle in 0..cycles {
        let mut collector = Collector::start(&config, &[]);
        std::thread::sleep(Duration::from_millis(50 + scattered(cycle) % 800));
        collector.signal("-TERM");
        assert_eq!(collector.wait().code(), Some(0), "{}", collector.log());
        assert!(collector.events("lost").is_empty() && collector.events("ticket_dropped").is_empty());
        shown.push_str(&[collector.log(), collector.out()].concat());
    }
    let journal = load.stop();
    judge("terminations", &journal, &backend, &shown, cycles);
}

#[test]
fn a_backend_that_comes_and_goes_and_a_collector_that_is_held_lose_nothing() {
    let up = Arc::new(AtomicBool::new(true));
    let says = Arc::clone(&up);
    let backend =
        Backend::script(
            move |number, _| if says.load(Ordering::Relaxed) { moody(number) } else { Say::Http(503, vec![], vec![]) },
        );
    let ports = ports();
    let collector = Collector::start(&configuration(&backend, ports, "otlp_http"), &[]);
    let load = Load::start(ports, 4);
    let rounds = cycles(6);
    for round in 0..rounds {
        up.store(round % 2 == 1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(500));
        if round % 3 == 2 {
            // All clocks of the process stand still, and those of its peers do not.
            collector.signal("-STOP");
            std::thread::sleep(Duration::from_millis(1500));
            collector.signal("-CONT");
        }
    }
    up.store(true, Ordering::Relaxed);
    let resident = collector.metric("otelcol_process_memory_rss", &[]);
    let journal = load.stop();
    let shown = [collector.log(), collector.out(), collector.metrics(), collector.health().text()].concat();
    judge("flapping", &journal, &backend, &shown, rounds);
    assert!(resident < 400e6, "{resident}");
    eventually("the queue is empty", || (collector.metric("otelcol_exporter_queue_size", &[]) == 0.0).then_some(()));
}

/// All connections to a backend break every other half second, in the middle of requests and answers. `SCRUBJAY_SECONDS` says how long
/// over both protocols together.
#[test]
fn a_backend_that_breaks_off_every_other_half_second_loses_nothing_and_is_not_pestered() {
    let half = Duration::from_millis(500);
    let rounds = usize::try_from(seconds(6).as_millis() / (4 * half).as_millis()).unwrap();
    for kind in ["otlp_http", "otlp_grpc"] {
        // Slow enough that something is always under way.
        let backend =
            Backend::script(|number, _| Say::Late(Duration::from_millis(2 + scattered(number) % 8), Box::new(Say::Ok)));
        let flapping = Flapping::start(backend.address);
        let ports = ports();
        let collector = Collector::start(&configuration_for(&format!("http://{}", flapping.address), ports, kind), &[]);
        let load = Load::start(ports, 4);
        let tries = || {
            // Of each request five records arrive.
            collector.metric("otelcol_exporter_sent_log_records_total", &[]) / 5.0
                + collector.metric("scrubjay_exporter_retries_total", &[])
        };
        std::thread::sleep(half);
        let before = tries();
        std::thread::sleep(4 * half);
        let (after, began) = (tries(), Instant::now());
        let steady = (after - before) / (4 * half).as_secs_f64();
        for _ in 0..rounds {
            for up in [false, true] {
                flapping.set(up);
                std::thread::sleep(half);
            }
        }
        let flapped = (tries() - after) / began.elapsed().as_secs_f64();
        let journal = load.stop();
        let shown = [collector.log(), collector.out(), collector.metrics()].concat();
        judge(&format!("breaking off, {kind}"), &journal, &backend, &shown, rounds);
        let twice = duplicates(&backend.taken());
        eprintln!("{kind}: {steady:.0} tries a second while it is there, {flapped:.0} while it breaks off");
        assert!(collector.metric("scrubjay_exporter_retries_total", &[]) >= rounds as f64, "nothing broke");
        // What was under way at a break: one batch a client.
        assert!(twice <= rounds * 4, "{twice}");
        assert!(flapped <= 2.0 * steady, "{steady} -> {flapped}");
        assert!(collector.events("dropped").is_empty() && collector.events("lost").is_empty());
    }
}
