//! The operator's pages: who sees them, what is in them, and what a crash leaves.

use crate::support::backend::{Backend, Say};
use crate::support::collector::{Collector, Setup};
use crate::support::eventually;
use crate::support::http::{Answer, send, try_send};
use crate::support::sample::{SSN, log};
use prost::Message as _;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::time::Duration;

const TOKEN: &str = "Bearer the-token-of-the-operator";
/// printf %s the-token-of-the-operator | sha256sum
fn hash() -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest("the-token-of-the-operator").iter().map(|byte| format!("{byte:02x}")).collect()
}

fn start(backend: &Backend, admin: &str) -> Collector {
    let mut setup = Setup::new("otlp_http/main", &format!("endpoint: '{}'", backend.url()));
    setup.service = format!("  admin: {{ {admin} }}\n  memory_limit: 2GiB\n");
    setup.start()
}

fn address(collector: &Collector) -> SocketAddr {
    let lines = collector.events("listening");
    lines.iter().find(|line| line["component"] == "admin").unwrap()["address"].as_str().unwrap().parse().unwrap()
}

fn json(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), Some("application/json"));
    serde_json::from_slice(&answer.body).unwrap()
}

#[test]
fn without_the_token_there_is_nothing_but_a_sign_of_life() {
    let backend = Backend::start();
    let collector = start(&backend, &format!("endpoint: '127.0.0.1:0', token_hash: {}", hash()));
    let at = address(&collector);
    let paths = [
        "/",
        "/livez",
        "/livez/",
        "/livez/../state",
        "/livez/..;/state",
        "//livez",
        "/%6civez",
        "/LIVEZ",
        "/readyz",
        "/metrics",
        "/state",
        "/state?token=x",
        "/state/",
        "/config",
        "/debug/pprof",
        "/v1/logs",
        "/../../etc/passwd",
        "http://127.0.0.1/state",
        "*",
    ];
    let wrong = [
        vec![],
        vec![("authorization", "Bearer ")],
        vec![("authorization", "Bearer the-token-of-the-operatos")],
        vec![("authorization", "Basic dGhlLXRva2VuLW9mLXRoZS1vcGVyYXRvcg==")],
        vec![("authorization", TOKEN), ("authorization", TOKEN)],
        vec![("cookie", "authorization=the-token-of-the-operator")],
        vec![("host", "livez"), ("x-original-url", "/livez")],
    ];
    let hashed = format!("Bearer {}", hash());
    for path in paths {
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PROPFIND"] {
            for headers in wrong.iter().chain([&vec![("authorization", hashed.as_str())]]) {
                let Some(answer) = try_send(at, method, path, headers, b"") else { continue };
                let open = path == "/livez" && [200, 405].contains(&answer.status);
                assert!(open || [400, 401].contains(&answer.status), "{method} {path} {headers:?}: {}", answer.status);
                assert!(answer.text().len() < 64, "{}", answer.text());
            }
        }
    }
    assert_eq!(send(at, "GET", "/livez", &[], b"").text(), r#"{"status":"alive"}"#);
    for (path, status) in [("/readyz", 200), ("/metrics", 200), ("/state", 200), ("/config", 404), ("/", 404)] {
        assert_eq!(send(at, "GET", path, &[("authorization", TOKEN)], b"").status, status, "{path}");
    }
    assert_eq!(send(at, "POST", "/state", &[("authorization", TOKEN)], b"").status, 405);
}

#[test]
fn the_state_is_numbers_names_and_hashes() {
    let backend = Backend::script(|number, _| if number < 3 { Say::Http(401, vec![], vec![]) } else { Say::Ok });
    let collector = start(&backend, &format!("endpoint: '127.0.0.1:0', token_hash: {}", hash()));
    let at = address(&collector);
    assert_eq!(collector.post("/v1/logs", &log(&format!("ssn {SSN}")).encode_to_vec()).status, 200);
    collector.event("paused");
    let answer = send(at, "GET", "/state", &[("authorization", TOKEN)], b"");
    let state = json(&answer);
    assert_eq!((&state["status"], &state["memory"]["pressure"]), (&"serving".into(), &"none".into()));
    assert_eq!(state["memory"]["limit"], 2u64 << 30);
    let exporter = &state["exporters"][0];
    assert_eq!((&exporter["exporter"], &exporter["paused"]), (&"otlp_http/main".into(), &true.into()));
    assert_eq!(
        (exporter["queue"]["batches"].as_u64(), exporter["queue"]["capacity"].as_u64()),
        (Some(1), Some(64 << 20))
    );
    assert!(exporter["queue"]["bytes"].as_u64() > Some(0) && exporter["concurrency"] == 10);
    let rules = &state["rules"][0];
    assert_eq!((&rules["scrub"], rules["hash"].as_str().unwrap().len()), (&"scrub".into(), 64));
    assert!(rules["rules"].as_u64() > Some(3));
    let text = answer.text();
    for secret in ["536-22", "0123456789abcdef0123456789abcdef", "127.0.0.1", "the-token"] {
        assert!(!text.contains(secret), "{text}");
    }
}

fn over_socket(path: &std::path::Path, request: &str) -> String {
    let mut stream = UnixStream::connect(path).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(format!("{request}\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_socket_is_for_its_user_alone_and_goes_with_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("admin.sock");
    let backend = Backend::start();
    for round in 0..2 {
        let mut collector = start(&backend, &format!("socket: '{}'", path.display()));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(over_socket(&path, "GET /state HTTP/1.1").contains("\"status\":\"serving\""));
        assert!(over_socket(&path, "GET /metrics HTTP/1.1").contains("phi_unscanned_total"));
        if round == 0 {
            // What a killed process leaves behind is in nobody's way.
            collector.signal("-KILL");
            collector.wait();
            assert!(path.exists());
        } else {
            collector.signal("-TERM");
            assert_eq!(collector.wait().code(), Some(0));
            assert!(!path.exists());
        }
    }
    let guarded = start(&backend, &format!("socket: '{}', token_hash: {}", path.display(), hash()));
    assert!(over_socket(&path, "GET /state HTTP/1.1").starts_with("HTTP/1.1 401 "));
    assert!(over_socket(&path, &format!("GET /state HTTP/1.1\r\nauthorization: {TOKEN}")).starts_with("HTTP/1.1 200 "));
    drop(guarded);
    // Somebody else's file is not taken away.
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, "a file").unwrap();
    let config =
        Setup { service: format!("  admin: {{ socket: '{}' }}\n", path.display()), ..Setup::new("debug", "") }.config();
    let mut refused = Collector::spawn(&config, &[]);
    assert_eq!(refused.wait().code(), Some(1));
    assert_eq!(std::fs::read(&path).unwrap(), b"a file");
}

#[test]
fn a_crash_leaves_no_image_of_the_memory() {
    let backend = Backend::script(|_, _| Say::Hang);
    let collector = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url())).start();
    assert_eq!(collector.post("/v1/logs", &log(&format!("ssn {SSN}")).encode_to_vec()).status, 200);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", collector.pid())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"]);
    let place = std::fs::read_link(format!("/proc/{}/cwd", collector.pid())).unwrap();
    let mut collector = collector;
    collector.signal("-ABRT");
    let ended = collector.wait();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&ended), Some(6));
    assert!(!std::os::unix::process::ExitStatusExt::core_dumped(&ended));
    let left = std::fs::read_dir(place)
        .unwrap()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("core"));
    assert_eq!(left.count(), 0);
    let shown = [collector.log(), collector.out()].concat();
    assert!(!shown.contains("536-22"));
}

/// Secrets in every place that takes one: none of them is on any page, in any log line, in any message, or on the command line.
#[test]
fn secrets_are_nowhere() {
    let backend = Backend::script(|_, _| Say::Http(401, vec![], vec![]));
    let mut setup =
        Setup::new("otlp_http", &format!("endpoint: '{}', headers: {{ x-key: canary-of-a-header }}", backend.url()));
    setup.scrub = "pseudonym_key: \"${env:CANARY_KEY}\"".into();
    setup.http = "endpoint: '127.0.0.1:0', auth: { bearer_token: canary-of-a-bearer-token }".into();
    setup.service = format!("  admin: {{ endpoint: '127.0.0.1:0', token_hash: {} }}\n", hash());
    setup.env.push(("CANARY_KEY", "canary-of-a-pseudonym-key".into()));
    let collector = setup.start();
    let auth = [("authorization", "Bearer canary-of-a-bearer-token"), ("content-type", "application/x-protobuf")];
    assert_eq!(send(collector.http(), "POST", "/v1/logs", &auth, &log(SSN).encode_to_vec()).status, 200);
    let refused =
        send(collector.http(), "POST", "/v1/logs", &[("authorization", "Bearer canary-of-another-token")], b"");
    assert_eq!(refused.status, 401);
    collector.event("paused");
    let at = address(&collector);
    let page = |path: &str| send(at, "GET", path, &[("authorization", TOKEN)], b"").text();
    let arguments = std::fs::read(format!("/proc/{}/cmdline", collector.pid())).unwrap();
    let all = [
        collector.log(),
        collector.out(),
        collector.metrics(),
        collector.health().text(),
        page("/state"),
        page("/metrics"),
        page("/readyz"),
        refused.text(),
        String::from_utf8_lossy(&arguments).into_owned(),
    ]
    .concat();
    assert!(!all.contains("canary") && !all.contains("536-22") && !all.contains(&hash()), "{all}");
    eventually("it is there to be found", || {
        backend.received().first().map(|request| assert_eq!(request.headers["x-key"], "canary-of-a-header"))
    });
}
