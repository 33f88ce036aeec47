//! Tokens that are given out and taken back while the collector runs.

use crate::support::backend::Backend;
use crate::support::collector::{Collector, Setup};
use crate::support::eventually;
use crate::support::grpc;
use crate::support::http::send;
use crate::support::sample::log;
use base64::Engine as _;
use prost::Message as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

const PROTO: (&str, &str) = ("content-type", "application/x-protobuf");

fn sha256(token: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Replaces a file in one step.
fn put(path: &Path, text: &str) {
    let new = path.with_extension("new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(&new, path).unwrap();
}

struct Site {
    collector: Collector,
    backend: Backend,
    /// What `auth` of both listeners is.
    file: PathBuf,
    dir: tempfile::TempDir,
}

fn listeners(auth: &str) -> String {
    format!("receivers: {{ otlp: {{ protocols: {{ grpc: {{ {auth} }}, http: {{ {auth} }} }} }} }}\n")
}

fn start(auth: &str) -> Site {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("auth.yaml");
    put(&file, &listeners(auth));
    let backend = Backend::start();
    let setup = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url()));
    let collector = Collector::start_over(&[file.to_str().unwrap()], &setup.config(), &[]);
    Site { collector, backend, file, dir }
}

impl Site {
    /// The statuses that a request hears which bears this: over HTTP, and over gRPC.
    fn hears(&self, authorization: &str) -> (u16, i32) {
        let body = log("x").encode_to_vec();
        let headers = [PROTO, ("authorization", authorization)];
        let http = send(self.collector.http(), "POST", "/v1/logs", &headers, &body).status;
        let headers = [("authorization", authorization)];
        (http, grpc::call(self.collector.grpc(), grpc::method("logs"), &headers, grpc::frame(0, &body)).code)
    }

    /// Puts another `auth` into the file, asks for it, and waits until this has come of it so many times.
    fn asks(&self, auth: &str, event: &str) {
        let before = self.collector.events(event).len();
        put(&self.file, auth);
        self.collector.signal("-HUP");
        eventually(event, || (self.collector.events(event).len() > before).then_some(()));
    }

    fn shows_nothing(&self) {
        let shown = [self.collector.log(), self.collector.out(), self.collector.metrics()].concat();
        assert!(!shown.contains("-token-"), "{shown}");
    }
}

const TAKEN: (u16, i32) = (200, 0);
const DENIED: (u16, i32) = (401, 16);

#[test]
fn a_token_in_a_file_of_its_own_is_exchanged_without_being_asked_for() {
    let secrets = tempfile::tempdir().unwrap();
    let secret = secrets.path().join("token");
    put(&secret, "the-old-token-of-all\n");
    let site = start(&format!("auth: {{ bearer_token: '${{file:{}}}' }}", secret.display()));
    let (old, new) = ("Bearer the-old-token-of-all", "Bearer the-new-token-of-all");
    assert_eq!((site.hears(old), site.hears(new)), (TAKEN, DENIED));
    // What has been admitted once is asked again, also on a connection that stays.
    let mut stream = TcpStream::connect(site.collector.http()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut ask = || {
        let head = format!(
            "POST /v1/logs HTTP/1.1\r\nhost: x\r\n{}: {}\r\nauthorization: {old}\r\ncontent-length: 0\r\n\r\n",
            PROTO.0, PROTO.1
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut heard = [0; 4096];
        let read = stream.read(&mut heard).unwrap();
        String::from_utf8_lossy(&heard[..read]).split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(ask(), "200");
    put(&secret, "the-new-token-of-all\n");
    site.collector.event("credentials_reloaded");
    assert_eq!((site.hears(old), site.hears(new), ask().as_str()), (DENIED, TAKEN, "401"));
    // Too short, and not there at all: the last one stays.
    put(&secret, "short");
    let told = eventually("it is refused", || site.collector.events("reload_failed").last().cloned());
    assert!(told["mistake"].as_str().unwrap().contains("at least 16 characters"), "{told}");
    std::fs::remove_file(&secret).unwrap();
    eventually("that it is gone is noticed", || {
        let told = site.collector.events("reload_failed");
        told.iter().any(|told| told["mistake"].as_str().unwrap().contains("cannot be read")).then_some(())
    });
    assert_eq!((site.hears(old), site.hears(new)), (DENIED, TAKEN));
    put(&secret, "the-third-token-of-all\n");
    eventually("it is back", || (site.hears("Bearer the-third-token-of-all") == TAKEN).then_some(()));
    assert_eq!(site.hears(new), DENIED);
    site.shows_nothing();
}

#[test]
fn principals_come_and_go_and_what_is_wrong_changes_nothing() {
    let hash = |token: &str| sha256(token);
    let (old, new, ward) = ("the-old-token-of-labs", "the-new-token-of-labs", "the-only-token-of-ward");
    let bearer = |token: &str| format!("Bearer {token}");
    let of = |entries: &str| listeners(&format!("auth: {{ principals: {{ {entries} }} }}"));
    let first = format!("labs: {{ token_hashes: {} }}", hash(old));
    let site = start(&format!("auth: {{ principals: {{ {first} }} }}"));
    assert_eq!((site.hears(&bearer(old)), site.hears(&bearer(new))), (TAKEN, DENIED));
    // Two of one principal, then the new one alone, and somebody else.
    site.asks(&of(&format!("labs: {{ token_hashes: ['{}', '{}'] }}", hash(old), hash(new))), "credentials_reloaded");
    assert_eq!((site.hears(&bearer(old)), site.hears(&bearer(new))), (TAKEN, TAKEN));
    let second = of(&format!(
        "labs: {{ token_hashes: {}, signals: [traces] }}, ward: {{ token_hashes: {} }}",
        hash(new),
        hash(ward)
    ));
    site.asks(&second, "credentials_reloaded");
    assert_eq!(
        [old, new, ward].map(|token| site.hears(&bearer(token))),
        [DENIED, (403, 7), TAKEN],
        "what may be sent is exchanged with it"
    );
    // Whatever is wrong leaves all of it as it was: nobody is admitted by half a file, and nobody because there is no file.
    for (text, why) in [
        (
            of(&format!("labs: {{ token_hashes: [{}] }}, ward: {{ token_hashes: nonsense }}", hash(old))),
            "64 hexadecimal",
        ),
        (of(&format!("labs: {{ token_hashes: {0} }}, ward: {{ token_hashes: {0} }}", hash(old))), "somebody's already"),
        (of(""), "names nobody"),
        (listeners(""), "`auth` comes and goes with a restart"),
        (listeners("auth: {}"), "takes `bearer_token`"),
        ("receivers: {".to_owned(), "auth.yaml"),
    ] {
        let before = site.collector.events("reload_failed").len();
        site.asks(&text, "reload_failed");
        let told: String = site.collector.events("reload_failed")[before..].iter().map(ToString::to_string).collect();
        assert!(told.contains(why), "{why}: {told}");
        assert_eq!([old, new, ward].map(|token| site.hears(&bearer(token))), [DENIED, (403, 7), TAKEN], "{why}");
        let body = log("x").encode_to_vec();
        assert_eq!(send(site.collector.http(), "POST", "/v1/logs", &[PROTO], &body).status, 401, "{why}");
    }
    std::fs::remove_file(&site.file).unwrap();
    site.collector.signal("-HUP");
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!([old, new, ward].map(|token| site.hears(&bearer(token))), [DENIED, (403, 7), TAKEN], "the file is gone");
    // The same again is no change.
    site.asks(&second, "reload_unchanged");
    site.shows_nothing();
    drop(site.dir);
}

/// Rules that would find less keep the tokens from being exchanged as well: a reload is taken whole or not at all.
#[test]
fn a_reload_that_is_refused_exchanges_no_token() {
    let pack = |rules: &str| format!("rules:\n{rules}");
    let rule = |word: &str| {
        format!(
            "  - {{ id: site.{word}, identifier: R, pattern: '{word}-\\d{{4}}', reference: x, matches: [ '[[{word}-1234]]', 'a [[{word}-5678]]' ], ignores: [ a, b ] }}\n"
        )
    };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("site.yaml");
    put(&file, &pack(&[rule("first"), rule("second")].concat()));
    let site = start("auth: { bearer_token: the-old-token-of-all }");
    drop(site.collector);
    let scrub = |token: &str| {
        let auth = listeners(&format!("auth: {{ bearer_token: {token} }}"));
        format!(
            "{auth}processors: {{ scrub: {{ pseudonym_key: 0123456789abcdef0123456789abcdef, packs: ['{}'] }} }}\n",
            file.display()
        )
    };
    let setup = Setup::new("otlp_http", &format!("endpoint: '{}'", site.backend.url()));
    let config = setup.config();
    let without_scrub: String = config
        .lines()
        .filter(|line| !line.starts_with("  scrub:") && *line != "processors:")
        .map(|line| format!("{line}\n"))
        .collect();
    put(&site.file, &scrub("the-old-token-of-all"));
    let collector = Collector::start_over(&[site.file.to_str().unwrap()], &without_scrub, &[]);
    let site = Site { collector, ..site };
    put(&file, &pack(&rule("first")));
    site.asks(&scrub("the-new-token-of-all"), "reload_refused");
    assert_eq!((site.hears("Bearer the-old-token-of-all"), site.hears("Bearer the-new-token-of-all")), (TAKEN, DENIED));
    put(&file, &pack(&[rule("first"), rule("second")].concat()));
    eventually("both are in force", || (site.hears("Bearer the-new-token-of-all") == TAKEN).then_some(()));
    assert_eq!(site.hears("Bearer the-old-token-of-all"), DENIED);
}

/// A password that was right of late is not remembered beyond its exchange.
#[test]
fn a_password_that_is_exchanged_is_forgotten() {
    // argon2 -id -k 64 -t 1 -p 1
    let hashed = |password: &str| {
        use argon2::{Algorithm, Argon2, Params, Version, password_hash::PasswordHasher as _};
        let quick = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        quick.hash_password_with_salt(password.as_bytes(), b"0123456789abcdef").unwrap().to_string()
    };
    let auth =
        |password: &str| format!("auth: {{ principals: {{ ward: {{ password_hash: '{}' }} }} }}", hashed(password));
    let shows = |password: &str| {
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("ward:{password}")))
    };
    let site = start(&auth("staple"));
    for _ in 0..3 {
        assert_eq!((site.hears(&shows("staple")), site.hears(&shows("battery"))), (TAKEN, DENIED));
    }
    site.asks(&listeners(&auth("battery")), "credentials_reloaded");
    assert_eq!((site.hears(&shows("staple")), site.hears(&shows("battery"))), (DENIED, TAKEN));
}

/// Clients that change from one token to the other in their own time, while both are good, hear of nothing.
#[test]
fn under_load_no_request_is_refused() {
    let (old, new) = ("the-old-token-of-labs", "the-new-token-of-labs");
    let auth = |hashes: &[&str]| {
        let hashes: Vec<String> = hashes.iter().map(|token| format!("'{}'", sha256(token))).collect();
        format!("auth: {{ principals: {{ labs: {{ token_hashes: [{}] }} }} }}", hashes.join(", "))
    };
    let site = start(&auth(&[old]));
    let (switch, stop, sent) = (AtomicBool::new(false), AtomicBool::new(false), AtomicUsize::new(0));
    let to: SocketAddr = site.collector.http();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let body = log("x").encode_to_vec();
                while !stop.load(Ordering::Relaxed) {
                    let token = if switch.load(Ordering::Relaxed) { new } else { old };
                    let bearer = format!("Bearer {token}");
                    let answer = send(to, "POST", "/v1/logs", &[PROTO, ("authorization", &bearer)], &body);
                    assert_eq!(answer.status, 200);
                    sent.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let pause = || std::thread::sleep(Duration::from_millis(300));
        pause();
        site.asks(&listeners(&auth(&[old, new])), "credentials_reloaded");
        switch.store(true, Ordering::Relaxed);
        pause();
        site.asks(&listeners(&auth(&[new])), "credentials_reloaded");
        pause();
        stop.store(true, Ordering::Relaxed);
    });
    site.backend.wait(sent.load(Ordering::Relaxed));
    assert_eq!(site.hears(&format!("Bearer {old}")), DENIED);
}

/// The keys of other formats' clients, and the operator's token.
#[test]
fn keys_of_other_formats_and_the_operators_token_are_exchanged_too() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("site.yaml");
    let config = |number: usize| {
        format!(
            "receivers:\n  datadog_agent: {{ endpoint: '127.0.0.1:0', api_key: datadog-{number} }}\n  sentry: {{ endpoint: '127.0.0.1:0', public_key: sentry-{number} }}\n\
             processors: {{ scrub: {{ {} pseudonym_key: 0123456789abcdef0123456789abcdef }} }}\n\
             exporters:\n  datadog_agent: {{ endpoint: 'http://127.0.0.1:1' }}\n  sentry: {{ dsn: 'http://abc@127.0.0.1:1/7' }}\n\
             service:\n  admin: {{ endpoint: '127.0.0.1:0', token_hash: {} }}\n  telemetry: {{ logs: {{ encoding: json }} }}\n  pipelines:\n\
             \x20   logs/dd: {{ receivers: [datadog_agent], processors: [scrub], exporters: [datadog_agent] }}\n\
             \x20   logs/sentry: {{ receivers: [sentry], processors: [scrub], exporters: [sentry] }}\n",
            crate::support::collector::FEW_RULES,
            sha256(&format!("operator-{number}"))
        )
    };
    put(&file, &config(1));
    let collector = Collector::start_over(&[file.to_str().unwrap()], "{}\n", &[]);
    let at = |component: &str| -> SocketAddr {
        let lines = collector.events("listening");
        lines.iter().find(|line| line["component"] == component).unwrap()["address"].as_str().unwrap().parse().unwrap()
    };
    let statuses = |number: usize| {
        let (datadog, sentry) = (format!("datadog-{number}"), format!("Sentry sentry_key=sentry-{number}"));
        let operator = format!("Bearer operator-{number}");
        let json = ("content-type", "application/json");
        [
            send(at("datadog_agent"), "POST", "/api/v2/logs", &[json, ("dd-api-key", &datadog)], b"{}").status,
            send(at("sentry"), "POST", "/api/7/store/", &[json, ("x-sentry-auth", &sentry)], b"{}").status,
            send(at("admin"), "GET", "/state", &[("authorization", &operator)], b"").status,
        ]
    };
    assert_eq!((statuses(1), statuses(2)), ([202, 200, 200], [403, 403, 401]));
    put(&file, &config(2));
    eventually("all three are told", || (collector.events("credentials_reloaded").len() == 3).then_some(()));
    assert_eq!((statuses(1), statuses(2)), ([403, 403, 401], [202, 200, 200]));
    // Without a key is another way to run.
    put(&file, &config(2).replace(", api_key: datadog-2", ""));
    let told = collector.event("reload_failed");
    assert!(told["mistake"].as_str().unwrap().contains("a key comes and goes with a restart"), "{told}");
    assert_eq!((statuses(1), statuses(2)), ([403, 403, 401], [202, 200, 200]));
}
