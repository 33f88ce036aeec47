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
