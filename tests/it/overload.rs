//! More than a backend takes, for as long as it may last: memory stays within its limit, nobody waits for it to be over, and what was
//! taken arrives. `SCRUBJAY_SECONDS` says how long; `make overload` tries ten minutes.

use crate::memory::resident;
use crate::support::backend::{Backend, Say};
use crate::support::collector::{Collector, Setup};
use crate::support::eventually;
use crate::support::http::try_send;
use crate::support::sample::{bodies, log};
use prost::Message as _;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PROTO: &[(&str, &str)] = &[("content-type", "application/x-protobuf")];

pub fn seconds(otherwise: u64) -> Duration {
    Duration::from_secs(std::env::var("SCRUBJAY_SECONDS").map_or(otherwise, |seconds| seconds.parse().unwrap()))
}

/// How often each record has arrived, by what stands before its colon.
type Arrived = Arc<Mutex<HashMap<String, usize>>>;

fn note(arrived: &Arrived, body: &[u8]) {
    for text in bodies(body) {
        let id = text.split(':').next().unwrap().to_owned();
        *arrived.lock().unwrap().entry(id).or_default() += 1;
    }
}

/// Clients that send without a pause longer than `pause`, and what they heard.
struct Clients {
    stop: Arc<AtomicBool>,
    taken: Arc<Mutex<Vec<String>>>,
    refused: Arc<AtomicUsize>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Clients {
    fn start(to: SocketAddr, count: usize, pause: Duration, filler: &str) -> Self {
        let (stop, taken, refused) = (Arc::default(), Arc::default(), Arc::default());
        let mut clients = Self { stop, taken, refused, threads: Vec::new() };
        for client in 0..count {
            let (stop, taken, refused) =
                (Arc::clone(&clients.stop), Arc::clone(&clients.taken), Arc::clone(&clients.refused));
            let filler = filler.to_owned();
            clients.threads.push(std::thread::spawn(move || {
                for number in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let (began, id) = (Instant::now(), format!("client {client} record {number}"));
                    let body = log(&format!("{id}: {filler}")).encode_to_vec();
                    let answer = try_send(to, "POST", "/v1/logs", PROTO, &body).expect("no connection breaks");
                    if answer.status == 200 {
                        taken.lock().unwrap().push(id);
                    } else {
                        assert_eq!((answer.status, answer.header("retry-after").is_some()), (503, true));
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                    std::thread::sleep(pause.saturating_sub(began.elapsed()));
                }
            }));
        }
        clients
    }

    /// Which records were taken, and how many were asked to come again.
    fn stop(self) -> (Vec<String>, usize) {
        self.stop.store(true, Ordering::Relaxed);
        self.threads.into_iter().for_each(|client| client.join().unwrap());
        (self.taken.lock().unwrap().clone(), self.refused.load(Ordering::Relaxed))
    }
}

/// Waits until all that was taken has arrived, and says how many records came more than once.
fn all_arrive(taken: &[String], arrived: &Arrived) -> usize {
    eventually("all that was taken arrives", || {
        let arrived = arrived.lock().unwrap();
        taken.iter().all(|id| arrived.contains_key(id)).then_some(())
    });
    let arrived = arrived.lock().unwrap();
    assert_eq!(arrived.len(), taken.len(), "what was refused does not arrive");
    arrived.values().filter(|times| **times > 1).count()
}

#[test]
fn ten_times_what_a_backend_takes_is_borne_for_as_long_as_it_comes() {
    let time = seconds(5);
    let arrived = Arrived::default();
    let seen = Arc::clone(&arrived);
    // The backend takes 16 requests a second.
    let each = Duration::from_millis(60);
    let backend = Backend::forgetful(move |_, request| {
        note(&seen, &request.body);
        Say::Late(each, Box::new(Say::Ok))
    });
    let queue = "sending_queue: { num_consumers: 1, max_bytes: 32MiB }, compression: none";
    let mut setup = Setup::new("otlp_http", &format!("endpoint: '{}', {queue}", backend.url())).with_shipped_rules();
    setup.service = "  memory_limit: 256MiB\n".into();
    let collector = setup.start();
    let before = resident(&collector, "VmHWM:");
    let filler = (0..8_000).map(|number| format!("line {number} is of no account, ")).collect::<String>();
    let began = Instant::now();
    let clients = Clients::start(collector.http(), 24, Duration::from_millis(50), &filler);
    // The first seconds fill the queue.
    let warm = time / 5;
    std::thread::sleep(warm);
    let (at, early) = (Instant::now(), arrived.lock().unwrap().len());
    std::thread::sleep(time - warm);
    let (while_overloaded, rate_time) = (arrived.lock().unwrap().len() - early, at.elapsed());
    let (taken, refused) = clients.stop();
    let lasted = began.elapsed();
    let ended = Instant::now();
    let small = log("after: it").encode_to_vec();
    eventually("who comes afterwards is served", || {
        try_send(collector.http(), "POST", "/v1/logs", PROTO, &small).filter(|answer| answer.status == 200)
    });
    let recovered = ended.elapsed();
    let mut taken = taken;
    taken.push("after".into());
    let twice = all_arrive(&taken, &arrived);
    let most = resident(&collector, "VmHWM:");
    let capacity = 1.0 / each.as_secs_f64();
    let goodput = while_overloaded as f64 / rate_time.as_secs_f64() / capacity;
    let offered = (taken.len() + refused) as f64 / lasted.as_secs_f64() / capacity;
    eprintln!(
        "{lasted:?} of {offered:.1} times what the backend takes: {} taken, {refused} asked to come again, {:.0} % of its capacity used, \
         {before} bytes resident before, {most} at most, served again after {recovered:?}, {twice} twice",
        taken.len(),
        goodput * 100.0
    );
    assert!(offered >= 5.0, "this was no overload");
    assert!(most < (256 << 20) / 10 * 11, "{most}");
    assert!(goodput >= 0.8, "{goodput}");
    assert!(recovered < Duration::from_secs(5), "{recovered:?}");
    assert_eq!(twice, 0);
    nothing_given_up(&collector);
}

#[test]
fn a_backend_of_one_record_a_second_costs_no_memory_and_loses_nothing() {
    let time = seconds(6);
    let arrived = Arrived::default();
    let (seen, slow) = (Arc::clone(&arrived), Arc::new(AtomicBool::new(true)));
    let says = Arc::clone(&slow);
    let backend = Backend::forgetful(move |_, request| {
        note(&seen, &request.body);
        let late = Duration::from_secs(u64::from(says.load(Ordering::Relaxed)));
        Say::Late(late, Box::new(Say::Ok))
    });
    let queue = "sending_queue: { num_consumers: 1, max_bytes: 256KiB }, compression: none";
    let setup = Setup::new("otlp_http", &format!("endpoint: '{}', {queue}", backend.url())).with_shipped_rules();
    let collector = setup.start();
    let clients = Clients::start(collector.http(), 4, Duration::from_millis(100), &"of no account, ".repeat(300));
    let mut samples = Vec::new();
    let until = Instant::now() + time;
    while Instant::now() < until {
        std::thread::sleep(Duration::from_millis(200));
        samples.push(resident(&collector, "VmRSS:"));
    }
    let so_far = arrived.lock().unwrap().len();
    let (taken, refused) = clients.stop();
    slow.store(false, Ordering::Relaxed);
    let twice = all_arrive(&taken, &arrived);
    let (first, second) = samples.split_at(samples.len() / 2);
    let (first, second) = (first.iter().max().unwrap(), second.iter().max().unwrap());
    eprintln!(
        "{time:?} of a backend that takes a record a second: {so_far} arrived meanwhile, {} taken in all, {refused} asked to come again, \
         {first} bytes resident at most in the first half, {second} in the second, {twice} twice",
        taken.len()
    );
    assert!(refused > taken.len(), "there was room for all");
    assert!(*second < first + (4 << 20), "{first} -> {second}");
    assert_eq!(twice, 0);
    nothing_given_up(&collector);
}

fn nothing_given_up(collector: &Collector) {
    for event in ["dropped", "lost", "ticket_dropped"] {
        assert!(collector.events(event).is_empty(), "{event}");
    }
}
