//! Certificates, keys and authorities that are exchanged under load: nobody who is let in hears of it.

use crate::support::backend::Backend;
use crate::support::ca::{Authority, Identity};
use crate::support::collector::Setup;
use crate::support::eventually;
use crate::support::sample::log;
use http::HeaderMap;
use prost::Message as _;
use scrubjay::net::Client;
use scrubjay::settings::{ClientTls, Endpoint};
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const VALID: (i32, i32) = (2020, 2090);

fn client(port: u16, authorities: &str, identity: &Identity) -> (Client, Endpoint) {
    let endpoint = Endpoint::parse(&format!("https://localhost:{port}"), "https").unwrap();
    let identity = Some((identity.cert.clone().into(), identity.key.clone().into()));
    let tls = ClientTls { ca_file: Some(authorities.into()), identity, ..ClientTls::default() };
    (Client::new(&endpoint, &tls, Duration::from_secs(10)).unwrap(), endpoint)
}

fn post(runtime: &tokio::runtime::Runtime, (client, endpoint): &(Client, Endpoint)) -> Option<u16> {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/x-protobuf".parse().unwrap());
    let body = log("under load").encode_to_vec();
    let reply = runtime.block_on(client.post(endpoint.join("/v1/logs").unwrap(), headers, body.into()));
    reply.ok().map(|reply| reply.status.as_u16())
}

#[test]
fn certificates_change_under_load_and_no_request_fails() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (old, new) = (Authority::new(dir.path(), "old"), Authority::new(dir.path(), "new"));
    let pairs = [old.vouch("first", 1, &["localhost"], VALID), new.vouch("second", 2, &["localhost"], VALID)];
    let (cert, key, clients, both) = (path("server.crt"), path("server.key"), path("clients.pem"), path("both.pem"));
    let [old_text, new_text] = [&old.file, &new.file].map(|file| fs::read_to_string(file).unwrap());
    fs::write(&both, format!("{old_text}{new_text}")).unwrap();
    fs::copy(&pairs[0].cert, &cert).unwrap();
    fs::copy(&pairs[0].key, &key).unwrap();
    fs::write(&clients, &old_text).unwrap();
    let who = old.vouch("client", 3, &["agent.example"], VALID);
    let stranger = new.vouch("stranger", 4, &["agent.example"], VALID);
    let backend = Backend::start();
    let mut setup = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url()));
    setup.http = format!(
        "endpoint: '127.0.0.1:0', tls: {{ cert_file: '{cert}', key_file: '{key}', client_ca_file: '{clients}' }}"
    );
    let collector = setup.start();
    let port = collector.http().port();
    let (stop, sent) = (AtomicBool::new(false), AtomicUsize::new(0));
    let failed = std::thread::scope(|scope| {
        let load = |again: bool| {
            let (stop, sent, both, who) = (&stop, &sent, &both, &who);
            scope.spawn(move || {
                let runtime = tokio::runtime::Runtime::new().unwrap();
                let mut failed = Vec::new();
                let mut kept = client(port, both, who);
                while !stop.load(Ordering::Relaxed) {
                    // Some keep their connection, some shake hands each time.
                    if again {
                        kept = client(port, both, who);
                    }
                    let answer = post(&runtime, &kept);
                    sent.fetch_add(1, Ordering::Relaxed);
                    failed.extend(Some(answer).filter(|answer| *answer != Some(200)));
                    std::thread::sleep(Duration::from_millis(2));
                }
                failed
            })
        };
        let loads = [load(true), load(true), load(false)];
        let reloads = |count: usize| {
            eventually("certificates are read again", || {
                (collector.events("certificates_reloaded").len() >= count).then_some(())
            });
        };
        for (round, pair) in pairs.iter().cycle().skip(1).take(5).enumerate() {
            // First the one file, then the other: between them they do not belong together.
            fs::copy(&pair.key, &key).unwrap();
            if round == 2 {
                collector.event("certificates_refused");
            }
            fs::copy(&pair.cert, &cert).unwrap();
            // Who vouches for clients changes too: never so that theirs is none of them.
            let vouch = if round % 2 == 0 { format!("{old_text}{new_text}") } else { old_text.clone() };
            fs::write(&clients, vouch).unwrap();
            reloads(round + 1);
        }
        stop.store(true, Ordering::Relaxed);
        loads.into_iter().flat_map(|load| load.join().unwrap()).collect::<Vec<_>>()
    });
    let sent = sent.load(Ordering::Relaxed);
    assert!(failed.is_empty(), "{} of {sent}: {failed:?}", failed.len());
    assert!(sent > 100, "{sent} sent");
    eprintln!("{sent} requests, {} exchanges", collector.events("certificates_reloaded").len());
    backend.wait(sent);
    // The last pair is the one that is shown, and the last authorities are those that vouch.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let began = Instant::now();
    assert_eq!(post(&runtime, &client(port, &new.file, &who)), Some(200));
    assert_eq!(post(&runtime, &client(port, &old.file, &who)), None);
    assert_eq!(post(&runtime, &client(port, &new.file, &stranger)), Some(200), "{:?}", began.elapsed());
}

/// What an exporter shows and whom it believes are exchanged while batches go out, first for what is good and then for what is not.
#[test]
fn exporters_change_certificates_under_load_and_send_nothing_with_wrong_ones() {
    let tests = ["otlp_http", "otlp_grpc"].map(|kind| std::thread::spawn(move || exporter(kind)));
    let failed = tests.into_iter().filter_map(|test| test.join().err()).count();
    assert_eq!(failed, 0);
}

fn exporter(kind: &str) {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let [old, new, theirs] = ["old", "new", "theirs"].map(|name| Authority::new(dir.path(), name));
    let shown = [(&old, "first"), (&new, "second")].map(|(by, name)| by.vouch(name, 1, &["localhost"], VALID));
    let clients = [(&old, "third"), (&new, "fourth")].map(|(by, name)| by.vouch(name, 2, &["agent.example"], VALID));
    let texts = [&old, &new, &theirs].map(|authority| fs::read_to_string(&authority.file).unwrap());
    let [ca, cert, key, server_cert, server_key, vouch] =
        ["ca.pem", "client.crt", "client.key", "server.crt", "server.key", "vouch.pem"].map(path);
    let show = |identity: &Identity, cert: &str, key: &str| {
        fs::copy(&identity.key, key).unwrap();
        fs::copy(&identity.cert, cert).unwrap();
    };
    show(&shown[0], &server_cert, &server_key);
    show(&clients[0], &cert, &key);
    fs::write(&ca, &texts[0]).unwrap();
    // The backend believes clients of both.
    fs::write(&vouch, format!("{}{}", texts[0], texts[1])).unwrap();
    let backend = Backend::start();
    let mut inner = Setup::new("otlp_http", &format!("endpoint: '{}', compression: none", backend.url()));
    let tls = format!("tls: {{ cert_file: '{server_cert}', key_file: '{server_key}', client_ca_file: '{vouch}' }}");
    inner.http = format!("endpoint: '127.0.0.1:0', {tls}");
    inner.grpc = inner.http.clone();
    let inner = inner.start();
    let port = if kind == "otlp_http" { inner.http().port() } else { inner.grpc().port() };
    let retry =
        "retry_on_failure: { initial_interval: 50ms, max_interval: 200ms }, sending_queue: { num_consumers: 4 }";
    let tls = format!("tls: {{ ca_file: '{ca}', cert_file: '{cert}', key_file: '{key}' }}");
    let outer = Setup::new(kind, &format!("endpoint: 'https://localhost:{port}', {tls}, {retry}")).start();
    let reloaded = |event: &str, count: usize| {
        eventually(event, || (outer.events(event).len() >= count).then_some(()));
    };
    let sent = AtomicUsize::new(0);
    let post = || {
        let body = log(&format!("record {}", sent.fetch_add(1, Ordering::Relaxed))).encode_to_vec();
        assert_eq!(outer.post("/v1/logs", &body).status, 200);
    };
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    post();
                    std::thread::sleep(Duration::from_millis(2));
                }
            });
        }
        let finished = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            post();
            // First the one file, then the other: between them they do not belong together, and what was good stays.
            fs::copy(&clients[1].key, &key).unwrap();
            assert_eq!(outer.event("certificates_refused")["why"], "`key_file` does not belong to `cert_file`");
            fs::copy(&clients[1].cert, &cert).unwrap();
            reloaded("certificates_reloaded", 1);
            // Both authorities are believed before the backend shows what the other vouches for.
            fs::write(&ca, format!("{}{}", texts[0], texts[1])).unwrap();
            reloaded("certificates_reloaded", 2);
            show(&shown[1], &server_cert, &server_key);
            inner.event("certificates_reloaded");
            fs::write(&ca, &texts[1]).unwrap();
            reloaded("certificates_reloaded", 3);
            std::thread::sleep(Duration::from_millis(300));
        }));
        stop.store(true, Ordering::Relaxed);
        finished.unwrap();
    });
    let under_load = sent.load(Ordering::Relaxed);
    let arrived = || -> usize { backend.taken().len() };
    eventually("all arrive", || (arrived() == under_load).then_some(()));
    eprintln!("{kind}: {under_load} batches, {} exchanges", outer.events("certificates_reloaded").len());
    assert!(under_load > 100, "{under_load}");
    assert_eq!(outer.metric("scrubjay_exporter_retries_total", &[]), 0.0, "{kind}: nothing was sent twice");
    assert_eq!(outer.metric("scrubjay_certificate_expiry_seconds", &["exporter"]), 3_786_912_000.0);
    // What is not good: an authority that does not vouch for the backend, and a certificate that the backend does not believe.
    let stranger = theirs.vouch("stranger", 3, &["agent.example"], VALID);
    let bring_back =
        |number: usize| if number == 0 { fs::write(&ca, &texts[1]).unwrap() } else { show(&clients[1], &cert, &key) };
    for number in 0..2 {
        let exchanges = outer.events("certificates_reloaded").len();
        match number {
            0 => fs::write(&ca, &texts[2]).unwrap(),
            _ => show(&stranger, &cert, &key),
        }
        let before = sent.load(Ordering::Relaxed);
        // Files are looked at twice a second.
        std::thread::sleep(Duration::from_millis(600));
        // Who comes first finds the files changed, and sends nothing before they are read.
        post();
        reloaded("certificates_reloaded", exchanges + 1);
        let retries = outer.metric("scrubjay_exporter_retries_total", &[]);
        (0..5).for_each(|_| post());
        eventually("it is tried", || {
            (outer.metric("scrubjay_exporter_retries_total", &[]) > retries + 4.0).then_some(())
        });
        assert_eq!(arrived(), before, "{kind} {number}: something was sent");
        bring_back(number);
        let began = Instant::now();
        eventually("all arrive", || (arrived() == sent.load(Ordering::Relaxed)).then_some(()));
        assert!(began.elapsed() < Duration::from_secs(5), "{kind} {number}: {:?}", began.elapsed());
    }
    assert!(outer.events("dropped").is_empty() && outer.events("lost").is_empty());
}
