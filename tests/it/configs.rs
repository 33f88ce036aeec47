//! Every configuration of the repository, started as it is but for addresses, with a log on its way through.

use crate::support::backend::Backend;
use crate::support::collector::{Collector, Setup};
use crate::support::eventually;
use crate::support::sample::{SSN, log};
use http::HeaderMap;
use prost::Message as _;
use scrubjay::net::Client;
use scrubjay::settings::{ClientTls, Endpoint};
use std::path::{Path, PathBuf};
use std::time::Duration;

const TOKEN: &str = "correct-horse-battery-staple";

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(name)
}

/// What goes over every one of them: ports that are free, and logs that a test can read.
const OVER: &str = "receivers: { otlp: { protocols: { grpc: { endpoint: '127.0.0.1:0' }, http: { endpoint: '127.0.0.1:0' } } } }\n\
    extensions: { health_check: { endpoint: '127.0.0.1:0' } }\n\
    service: { telemetry: { metrics: { endpoint: '127.0.0.1:0' }, logs: { encoding: json } } }\n";

/// Starts a configuration, sends a log with an SSN to its HTTP port and returns all that the backend was sent.
fn through(name: &str, over: &str, backend: &Backend, env: &[(&'static str, String)], tls: Option<&str>) -> Vec<u8> {
    let mut env = env.to_vec();
    env.push(("SCRUBJAY_KEY", "0123456789abcdef0123456789abcdef".into()));
    let path = file(name);
    let collector = Collector::start_over(&[path.to_str().unwrap()], &format!("{OVER}{over}"), &env);
    let body = log(&format!("chart of {SSN}")).encode_to_vec();
    let scheme = if tls.is_some() { "https" } else { "http" };
    let endpoint = Endpoint::parse(&format!("{scheme}://localhost:{}", collector.http().port()), scheme).unwrap();
    let trust = ClientTls { ca_file: tls.map(Into::into), insecure: tls.is_none(), ..ClientTls::default() };
    let client = Client::new(&endpoint, &trust, Duration::from_secs(10)).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/x-protobuf".parse().unwrap());
    headers.insert("authorization", format!("Bearer {TOKEN}").parse().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sent = runtime.block_on(client.post(endpoint.join("/v1/logs").unwrap(), headers, body.into()));
    assert_eq!(sent.unwrap().status, 200, "{name}: {}", collector.log());
    eventually("the log", || backend.received().first().map(|request| request.body.clone()))
}

fn is_scrubbed(name: &str, arrived: &[u8]) {
    let text = String::from_utf8_lossy(arrived);
    assert!(text.contains("chart of [REDACTED:ssn]") && !text.contains(SSN), "{name}: {text}");
}

#[test]
fn strict_and_gateway_reach_an_otlp_backend() {
    let backend = Backend::start();
    let env = [("BACKEND_ENDPOINT", backend.url())];
    is_scrubbed("strict", &through("strict.yaml", "", &backend, &env, None));

    let dir = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let backend = Backend::start();
    let env = [
        ("BACKEND_ENDPOINT", backend.url()),
        ("INGEST_TOKEN", TOKEN.to_owned()),
        ("TLS_CERT", path(&cert)),
        ("TLS_KEY", path(&key)),
    ];
    is_scrubbed("gateway", &through("gateway.yaml", "", &backend, &env, Some(&path(&cert))));
}

#[test]
fn agents_reach_what_speaks_grpc_behind_them() {
    // A second collector stands for the gateway, and for the Datadog Agent.
    for (name, variable, scheme) in
        [("agent.yaml", "GATEWAY_ENDPOINT", "http://"), ("datadog-agent.yaml", "AGENT_ENDPOINT", "")]
    {
        let backend = Backend::start();
        let behind = Setup::new("otlp_http", &format!("endpoint: '{}', compression: none", backend.url())).start();
        let env = [(variable, format!("{scheme}127.0.0.1:{}", behind.grpc().port()))];
        is_scrubbed(name, &through(name, "", &backend, &env, None));
    }
}

#[test]
fn datadog_gets_logs() {
    let backend = Backend::start();
    let over = format!("exporters: {{ datadog: {{ logs: {{ endpoint: '{}' }} }} }}\n", backend.url());
    let env = [("DD_API_KEY", "0123456789abcdef0123456789abcdef".to_owned())];
    let arrived = through("datadog.yaml", &over, &backend, &env, None);
    let mut text = String::new();
    if std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(arrived.as_slice()), &mut text).is_err() {
        text = String::from_utf8(arrived).unwrap();
    }
    is_scrubbed("datadog", text.as_bytes());
}

#[test]
fn own_senders_of_datadog_and_sentry_change_nothing_but_an_address() {
    let backend = Backend::start();
    let host = backend.url().replace("http://", "");
    let logs = format!("exporters: {{ datadog_agent: {{ logs: {{ endpoint: '{}' }} }} }}\n", backend.url());
    let trace = b"\x91\x91\x82\xa4name\xa3web\xa8resource\xb8chart of ssn 536-22-8147".as_slice();
    let log = br#"[{"message":"chart of ssn 536-22-8147"}]"#.as_slice();
    let event = br#"{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc","message":"chart of ssn 536-22-8147"}"#.as_slice();
    for (name, over, receiver, path, kind, body) in [
        ("datadog-tracers.yaml", "", "datadog_agent", "/v0.4/traces", "application/msgpack", trace),
        ("datadog-agent-logs.yaml", logs.as_str(), "datadog_agent", "/api/v2/logs", "application/json", log),
        ("sentry.yaml", "", "sentry", "/api/1/store/?sentry_key=k", "application/json", event),
    ] {
        let env = [
            ("SCRUBJAY_KEY", "0123456789abcdef0123456789abcdef".to_owned()),
            ("AGENT_ENDPOINT", backend.url()),
            ("DD_API_KEY", "0123456789abcdef0123456789abcdef".to_owned()),
            ("SENTRY_DSN", format!("http://key@{host}/7")),
        ];
        let before = backend.received().len();
        let over = format!(
            "receivers: {{ {receiver}: {{ endpoint: '127.0.0.1:0' }} }}\n\
             extensions: {{ health_check: {{ endpoint: '127.0.0.1:0' }} }}\n\
             service: {{ telemetry: {{ metrics: {{ endpoint: '127.0.0.1:0' }}, logs: {{ encoding: json }} }} }}\n{over}"
        );
        let path_of = file(name);
        let collector = Collector::start_over(&[path_of.to_str().unwrap()], &over, &env);
        let at = crate::senders::address(&collector, receiver);
        let answer = crate::support::http::send(at, "POST", path, &[("content-type", kind)], body);
        assert!(answer.status < 300, "{name}: {} {}", answer.status, answer.text());
        let arrived = backend.wait(before + 1)[before].body.clone();
        let text = String::from_utf8_lossy(&arrived);
        assert!(text.contains("chart of ssn [REDACTED:ssn]") && !text.contains(SSN), "{name}: {text}");
    }
}

#[test]
fn no_configuration_is_left_out() {
    let mut names: Vec<String> =
        std::fs::read_dir(file("")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(
        names,
        [
            "agent.yaml",
            "datadog-agent-logs.yaml",
            "datadog-agent.yaml",
            "datadog-tracers.yaml",
            "datadog.yaml",
            "default.yaml",
            "gateway.yaml",
            "sentry.yaml",
            "strict.yaml"
        ]
    );
}
